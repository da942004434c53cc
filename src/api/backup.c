/* What a verified backup needs: a shared snapshot, and checksums of tables. */
#include "teleai/backup.h"

#include <stdio.h>
#include <string.h>

#include "base/argument.h"
#include "base/error.h"
#include "table/table.h"

/* ---- snapshots ---- */

#define RECORD teleai_snapshot
static const teleai__column snapshot_columns[] = {TELEAI__COLUMN_TEXT("id", id)};
#undef RECORD
static const teleai__row snapshot_row = {
    .noun = "snapshot", .size = sizeof(teleai_snapshot), .columns = snapshot_columns, .count = 1};

teleai_status teleai_snapshot_export(teleai_client *transaction, teleai_snapshot **out, teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__client_check(transaction, error);
    if (status != TELEAI_OK)
        return status;
    if (!teleai__is_transaction(transaction) || transaction->depth > 0)
        return teleai__fail(error, TELEAI_CONFLICT,
                            "snapshot_export: a snapshot lasts as long as its transaction; call it on one from "
                            "teleai_transaction_begin() on the root client or a scope");
    teleai__params none;
    teleai__params_init(&none);
    teleai__operation operation = {
        .statement = {.name = "snapshot_export", .sql = "select pg_export_snapshot() as id"},
        .params = &none,
        .decode = teleai__decode_one,
        .out = out,
        .row = &snapshot_row,
        .noun = snapshot_row.noun,
    };
    return teleai__run(transaction, &operation, error);
}

void teleai_snapshot_free(teleai_snapshot *snapshot) { teleai__arena_free(snapshot); }

/* ---- checksums ---- */

/* A table, and what sums it up. */
typedef struct summed {
    const char *table, *sql;
    teleai_table_checksum *sum; /* its answer */
} summed;

typedef struct summed_list {
    size_t count;
    summed *const *items;
    const char *next_cursor;
} summed_list;

#define RECORD summed
static const teleai__column table_columns[] = {TELEAI__COLUMN_TEXT("table", table), TELEAI__COLUMN_TEXT("sql", sql)};
#undef RECORD
static const teleai__row table_row = {
    .noun = "table", .size = sizeof(summed), .columns = table_columns, .count = (int)TELEAI__COUNT(table_columns)};

#define RECORD teleai_table_checksum
static const teleai__column sum_columns[] = {TELEAI__COLUMN_COUNT("rows", rows),
                                             TELEAI__COLUMN_TEXT_OR_NULL("checksum", checksum)};
#undef RECORD
static const teleai__row sum_row = {.noun = "table",
                                    .size = sizeof(teleai_table_checksum),
                                    .columns = sum_columns,
                                    .count = (int)TELEAI__COUNT(sum_columns)};

/* Until the end of the (inner) transaction. With row security off the server refuses, rather than leaves out, rows. */
static const char settings_sql[] = "select set_config('bytea_output', 'hex', true),\n"
                                   "       set_config('datestyle', 'ISO, YMD', true),\n"
                                   "       set_config('intervalstyle', 'iso_8601', true),\n"
                                   "       set_config('timezone', 'UTC', true),\n"
                                   "       set_config('extra_float_digits', '1', true),\n"
                                   "       set_config('lc_monetary', 'C', true),\n"
                                   "       set_config('row_security', 'off', true)";

/* Each with the statement that sums it up. What belongs to an extension is made by that, not by a dump. */
static const char tables_sql[] =
    "select c.relname::text as table,\n"
    "       format('select count(*) as rows, md5(concat_ws('':'', count(*), coalesce(sum((''x'' || left(h, "
    "16))::bit(64)::bigint::numeric), 0), '\n"
    "              'coalesce(sum((''x'' || right(h, 16))::bit(64)::bigint::numeric), 0))) as checksum '\n"
    "              'from (select md5((t.*)::text) as h from only %I.%I as t) s', n.nspname, c.relname) as sql\n"
    "  from pg_catalog.pg_class c\n"
    "  join pg_catalog.pg_namespace n on n.oid = c.relnamespace\n"
    " where n.oid = (select relnamespace from pg_catalog.pg_class where oid = to_regclass('schema_migrations'))\n"
    "   and c.relkind = 'r'\n"
    "   and not exists (\n"
    "           select\n"
    "             from pg_catalog.pg_depend d\n"
    "            where d.classid = 'pg_catalog.pg_class'::regclass\n"
    "              and d.objid = c.oid\n"
    "              and d.deptype = 'e'\n"
    "       )\n"
    " order by c.relname";

static teleai_status ask(teleai_client *client, const char *sql,
                         teleai_status (*decode)(const teleai__operation *, PGresult *, teleai_error *),
                         const teleai__row *row, void *out, teleai_error *error) {
    teleai__params none;
    teleai__params_init(&none);
    teleai__operation operation = {
        .statement = {.name = "table_checksum_list", .sql = sql},
        .params = &none,
        .decode = decode,
        .out = out,
        .row = row,
        .noun = row == NULL ? NULL : row->noun,
        .limit = INT32_MAX,
    };
    return teleai__run(client, &operation, error);
}

static teleai_status sum_up(teleai_client *client, summed_list **tables, teleai_error *error) {
    teleai_status status = ask(client, settings_sql, teleai__decode_nothing, NULL, NULL, error);
    if (status == TELEAI_OK)
        status = ask(client, tables_sql, teleai__decode_list, &table_row, tables, error);
    if (status == TELEAI_OK && (*tables)->count == 0)
        status = teleai__fail(error, TELEAI_NOT_FOUND,
                              "table_checksum_list: there is no table schema_migrations in the search_path of this "
                              "role, whose schema would be summed up");
    for (size_t i = 0; status == TELEAI_OK && i < (*tables)->count; i++)
        status = ask(client, (*tables)->items[i]->sql, teleai__decode_one, &sum_row, &(*tables)->items[i]->sum, error);
    return status;
}

static teleai_table_checksums *gather(const summed_list *tables) {
    size_t count = tables->count;
    teleai_table_checksums *made =
        teleai__arena_make(sizeof *made, count * (sizeof(void *) + sizeof(teleai_table_checksum) + 64 + 48));
    if (made == NULL)
        return NULL;
    teleai__arena *arena = teleai__arena_of(made);
    const teleai_table_checksum **items = teleai__arena_alloc(arena, count * sizeof *items);
    teleai_table_checksum *sums = teleai__arena_alloc(arena, count * sizeof *sums);
    bool good = items != NULL && sums != NULL;
    for (size_t i = 0; good && i < count; i++) {
        const summed *from = tables->items[i];
        sums[i].rows = from->sum->rows;
        sums[i].table = teleai__arena_text(arena, from->table, strlen(from->table));
        sums[i].checksum = teleai__arena_text(arena, from->sum->checksum, strlen(from->sum->checksum));
        items[i] = &sums[i];
        good = sums[i].table != NULL && sums[i].checksum != NULL;
    }
    if (!good) {
        teleai__arena_free(made);
        return NULL;
    }
    made->count = count;
    made->items = items;
    return made;
}

teleai_status teleai_table_checksum_list(teleai_client *client, teleai_table_checksums **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("checksums", error);
    *out = NULL;
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", "table_checksum_list: it cannot go into a batch");
    /* An inner one where it is called on a transaction, whose settings come back when it is rolled back. */
    const teleai_transaction_options options = {
        .struct_size = sizeof options, .isolation = TELEAI_ISOLATION_REPEATABLE_READ, .read_only = true};
    teleai_client *transaction = NULL;
    summed_list *tables = NULL;
    status = teleai_transaction_begin(client, teleai__is_transaction(client) ? NULL : &options, &transaction, error);
    if (status == TELEAI_OK)
        status = sum_up(transaction, &tables, error);
    teleai_close(transaction);
    if (status == TELEAI_OK && (*out = gather(tables)) == NULL)
        status = teleai__fail_memory(error);
    for (size_t i = 0; tables != NULL && i < tables->count; i++)
        teleai__arena_free(tables->items[i]->sum);
    teleai__arena_free(tables);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

void teleai_table_checksums_free(teleai_table_checksums *checksums) { teleai__arena_free(checksums); }
