/*
 * Taking a tenant in. Nobody need believe what the files say: the server reads them into temporary tables, from where only
 * the rows of this tenant go on, and each piece must go on whole; keys and checks of the schema hold as for all rows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/tenant/manifest.h"
#include "base/argument.h"
#include "base/error.h"
#include "run/copy_out.h"
#include "teleai/transaction.h"

static const char job_name[] = "tenant_import";

/* Columns of one table, as its file has them. */
typedef struct file_columns {
    const char *list; /* for SQL */
    bool are_right;
} file_columns;

typedef struct file_columns_list {
    size_t count;
    const file_columns *const *items;
    const char *next_cursor;
} file_columns_list;

typedef struct import_job {
    teleai_tenant_job job;
    teleai__manifest manifest;
    file_columns_list *columns;
    bool has_limits;
    int table;
    int64_t rows; /* of this table, so far */
    teleai__files folder;
    size_t at, have; /* what of the file's buffer has not been sent */
    bool ended;      /* the file */
    teleai__file file;
} import_job;

/* ---- pieces of a file ---- */

/* So much of it as goes to the server in one step: whole lines. */
typedef struct piece {
    import_job *it;
    int64_t lines, bytes;
    bool ended;
} piece;

static teleai_status next(void *source, bool first, const unsigned char **bytes, size_t *length, teleai_error *error) {
    (void)first; /* in a transaction nothing is sent twice */
    piece *piece_of = source;
    import_job *it = piece_of->it;
    *length = 0;
    if (piece_of->ended)
        return TELEAI_OK;
    if (it->at == it->have) {
        it->at = 0;
        teleai_status status = teleai__file_read(&it->file, &it->have, error);
        it->ended = status == TELEAI_OK && it->have == 0;
        if (status != TELEAI_OK || it->ended)
            return status;
    }
    const unsigned char *start = it->file.buffer + it->at, *end = it->file.buffer + it->have, *stop = start;
    while (!piece_of->ended && stop < end) {
        const unsigned char *line_end = memchr(stop, '\n', (size_t)(end - stop));
        stop = line_end == NULL ? end : line_end + 1;
        piece_of->lines += line_end != NULL;
        piece_of->ended = line_end != NULL && (piece_of->lines == TELEAI__COPY_OUT_ROWS ||
                                               piece_of->bytes + (int64_t)(stop - start) >= TELEAI__COPY_OUT_BYTES);
    }
    *bytes = start;
    *length = (size_t)(stop - start);
    it->at += *length;
    piece_of->bytes += (int64_t)*length;
    return TELEAI_OK;
}

/* ---- errors ---- */

static teleai_status fail_damaged(const import_job *it, const char *what, teleai_error *error) {
    return teleai__fail_field(error, "folder", "%s: %s is damaged: %.200s", it->job.kind->name,
                              teleai__tenant_files[it->table], what);
}

/* What the server does not take is the file's fault. */
static teleai_status blame_file(const import_job *it, teleai_status status, const teleai_error *why,
                                teleai_error *error) {
    if (status != TELEAI_INVALID_ARGUMENT && status != TELEAI_PARENT_NOT_FOUND) {
        if (error != NULL)
            *error = *why;
        return status;
    }
    if (strcmp(why->field, "folder") == 0) {
        if (error != NULL)
            *error = *why;
        return status;
    }
    fail_damaged(it, why->message, error);
    if (error != NULL) {
        memcpy(error->sqlstate, why->sqlstate, sizeof error->sqlstate);
        memcpy(error->constraint, why->constraint, sizeof error->constraint);
    }
    return TELEAI_INVALID_ARGUMENT;
}

/* ---- steps ---- */

/* Runs a statement on the tenant, which is its one parameter, or on nothing. */
static teleai_status run(import_job *it, bool on_tenant, const char *sql, int64_t *rows, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    if (on_tenant)
        teleai__params_add(&params, teleai__value_uuid(&it->job.tenant), TELEAI__OID_UUID);
    return teleai__job_run(&it->job, sql, &params, rows, error);
}

#define TEMPORARY "pg_temp.teleai_import_"

/* With the columns that the file has, in its order. */
static teleai_status begin_table(import_job *it, teleai_error *error) {
    const char *table = teleai__tenant_tables[it->table], *list = it->columns->items[it->table]->list;
    char sql[TELEAI__COPY_SQL_BYTES];
    int64_t size;
    if (snprintf(sql, sizeof sql,
                 "create temporary table teleai_import_%s\n"
                 "    on commit drop\n"
                 "    as select %s from %s\n"
                 "    with no data",
                 table, list, table) >= (int)sizeof sql)
        return teleai__fail(error, TELEAI_UNSUPPORTED, "%s: the table %s has too many columns", it->job.kind->name,
                            table);
    it->rows = 0;
    it->at = it->have = 0;
    it->ended = false;
    teleai_status status = teleai__file_open(&it->file, &it->folder, teleai__tenant_files[it->table], &size, error);
    return status == TELEAI_OK ? run(it, false, sql, NULL, error) : status;
}

/* The server reads some of the file. */
static teleai_status read_piece(import_job *it, piece *of, int64_t *rows, teleai_error *error) {
    char sql[128];
    snprintf(sql, sizeof sql, "copy " TEMPORARY "%s from stdin", teleai__tenant_tables[it->table]);
    const teleai__copy copy = {.sql = sql, .next = next, .source = of};
    teleai__params none;
    teleai__params_init(&none);
    teleai__operation operation = {
        .statement = {.name = it->job.kind->name, .sql = sql, .writes = true},
        .params = &none,
        .copy = &copy,
        .decode = teleai__decode_changed,
        .out = rows,
    };
    return teleai__run(it->job.client, &operation, error);
}

/* And what it has read goes to where it belongs. */
static teleai_status move_piece(import_job *it, int64_t *rows, teleai_error *error) {
    const char *table = teleai__tenant_tables[it->table], *list = it->columns->items[it->table]->list;
    char sql[2 * TELEAI__COPY_SQL_BYTES];
    snprintf(sql, sizeof sql,
             "insert into %s (%s)\n"
             "select %s\n"
             "  from " TEMPORARY "%s\n"
             " where tenant_id = $1",
             table, list, list, table); /* there is room: see begin_table() */
    teleai_status status = run(it, true, sql, rows, error);
    snprintf(sql, sizeof sql, "truncate " TEMPORARY "%s", table);
    return status == TELEAI_OK ? run(it, false, sql, NULL, error) : status;
}

static teleai_status take_piece(import_job *it, piece *of, teleai_error *error) {
    int64_t read = 0, moved = 0;
    teleai_status status = read_piece(it, of, &read, error);
    if (status == TELEAI_OK && read != of->lines)
        return fail_damaged(it, "it has lines that are not rows", error);
    if (status == TELEAI_OK && read > 0)
        status = move_piece(it, &moved, error);
    if (status == TELEAI_OK && moved != read)
        return fail_damaged(it, "it has rows of another tenant", error);
    it->rows += moved;
    teleai__job_count(&it->job, it->table, moved);
    it->job.progress.bytes_done += of->bytes;
    return status;
}

static teleai_status end_table(import_job *it, teleai_error *error) {
    char hash[TELEAI__SHA256_BYTES], what[96];
    teleai__sha256_end(&it->file.hash, hash);
    teleai__file_close(&it->file);
    if (strcmp(hash, it->manifest.tables[it->table].sha256) != 0)
        return fail_damaged(it, "its SHA-256 is not the one in " TELEAI__MANIFEST, error);
    snprintf(what, sizeof what, "it has %" PRId64 " rows; %" PRId64 " were written", it->rows,
             it->manifest.tables[it->table].rows);
    if (it->rows != it->manifest.tables[it->table].rows)
        return fail_damaged(it, what, error);
    it->table++;
    return TELEAI_OK;
}

/* Its limits come last, so that a tenant which was beyond them comes in as it was. Setting them counts what it has, for
 * which the writers of two tables wait until the commit, and gives way to those that are there: see teleai_begin_usage()
 * in migration 012. So it is tried several times, each in a savepoint. */
#define MOST_TRIES 20
#define PAUSE_MS 50

static const char limit_sql[] = "update tenants\n"
                                "   set (max_users, max_storage_bytes, max_audio_seconds) = (\n"
                                "           select t.max_users, t.max_storage_bytes, t.max_audio_seconds\n"
                                "             from jsonb_populate_record(null::tenants, $2::text::jsonb) t\n"
                                "       )\n"
                                " where id = $1";

static teleai_status try_limits(import_job *it, teleai_error *error) {
    const teleai__json_slice *tenant = &it->manifest.tenant;
    teleai_client *inner;
    teleai_status status = teleai_transaction_begin(it->job.client, NULL, &inner, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(&it->job.tenant), TELEAI__OID_UUID);
    teleai__params_add(&params, teleai__value_text(tenant->start, tenant->length), TELEAI__OID_TEXT);
    teleai__operation operation = {
        .statement = {.name = job_name, .sql = limit_sql, .writes = true},
        .params = &params,
        .decode = teleai__decode_nothing,
    };
    status = teleai__run(inner, &operation, error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, error);
    teleai_close(inner);
    return status;
}

static teleai_status finish(import_job *it, teleai_error *error) {
    teleai_error why = {0};
    teleai_status status = TELEAI_OK;
    for (int tries = 0; it->has_limits && tries < MOST_TRIES; tries++) {
        status = try_limits(it, &why);
        if (status == TELEAI_OK || strcmp(why.sqlstate, "55P03") != 0)
            break;
        if (!teleai__deadline_sleep(teleai__client_deadline(it->job.client), PAUSE_MS))
            return teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled", job_name);
    }
    if (status != TELEAI_OK) {
        if (error != NULL)
            *error = why;
        return status;
    }
    status = teleai_transaction_commit(it->job.client, error);
    it->job.progress.done = status == TELEAI_OK;
    return status;
}

static teleai_status step(teleai_tenant_job *job, teleai_error *error) {
    import_job *it = (import_job *)job;
    piece of = {.it = it};
    while (it->table < TELEAI__TENANT_TABLE_COUNT && of.lines < TELEAI__COPY_OUT_ROWS &&
           of.bytes < TELEAI__COPY_OUT_BYTES) {
        teleai_error why = {0};
        teleai_status status = it->file.handle < 0 ? begin_table(it, &why) : TELEAI_OK;
        piece some = {.it = it};
        if (status == TELEAI_OK)
            status = take_piece(it, &some, &why);
        if (status == TELEAI_OK && it->ended)
            status = end_table(it, &why);
        if (status != TELEAI_OK)
            return blame_file(it, status, &why, error);
        of.lines += some.lines;
        of.bytes += some.bytes;
    }
    return it->table == TELEAI__TENANT_TABLE_COUNT ? finish(it, error) : TELEAI_OK;
}

static void end(teleai_tenant_job *job, bool abandon) {
    (void)abandon;
    import_job *it = (import_job *)job;
    teleai__file_close(&it->file);
    teleai__files_close(&it->folder);
    teleai__manifest_free(&it->manifest);
    teleai__arena_free(it->columns);
    teleai_close(job->client);
}

static const teleai__job_kind kind = {.name = job_name, .step = step, .end = end};

/* ---- opening ---- */

static const char version_sql[] = "select version\n"
                                  "  from schema_migrations\n"
                                  " limit 1";

static teleai_status check_version(import_job *it, const char *name, teleai_error *error) {
    int64_t version = 0;
    teleai__params none;
    teleai__params_init(&none);
    teleai__operation operation = {
        .statement = {.name = name, .sql = version_sql},
        .params = &none,
        .decode = teleai__decode_count,
        .out = &version,
    };
    teleai_status status = teleai__run(it->job.client, &operation, error);
    if (status == TELEAI_OK && version != it->manifest.schema_version)
        status = teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                              "%s: it comes from a database with schema version %" PRId64 ", this one has %" PRId64
                              "; bring the older one up to date with teleai_migrate_up(), and take it out or in again",
                              name, it->manifest.schema_version, version);
    return status;
}

typedef struct made_tenant {
    teleai_uuid id;
    bool has_limits;
} made_tenant;

#define RECORD made_tenant
static const teleai__column made_columns[] = {
    TELEAI__COLUMN_UUID("id", id),
    TELEAI__COLUMN_BOOL_OR_NULL("has_limits", has_limits),
};
#undef RECORD

static const teleai__row made_row = {
    .noun = "tenant", .size = sizeof(made_tenant), .columns = made_columns, .count = (int)TELEAI__COUNT(made_columns)};

/* One whose deletion had begun comes back suspended: nothing here is to be deleted. No limits yet. */
static const char create_sql[] =
    "with given as (\n"
    "    select (jsonb_populate_record(null::tenants, $1::text::jsonb)).*\n"
    "), made as (\n"
    "    insert into tenants\n"
    "    select t.*\n"
    "      from jsonb_populate_record(null::tenants,\n"
    "               $1::text::jsonb || '{\"max_users\": null, \"max_storage_bytes\": null, \"max_audio_seconds\": "
    "null}' "
    "||\n"
    "               case when $1::text::jsonb ->> 'status' = 'deleting' then '{\"status\": \"suspended\"}'::jsonb\n"
    "                    else '{}'::jsonb end) t\n"
    "    returning id\n"
    ")\n"
    "select made.id,\n"
    "       max_users is not null or max_storage_bytes is not null or max_audio_seconds is not null as has_limits\n"
    "  from made, given";

static teleai_status create_tenant(import_job *it, const char *name, teleai_error *error) {
    const teleai__json_slice *tenant = &it->manifest.tenant;
    made_tenant *made = NULL;
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_text(tenant->start, tenant->length), TELEAI__OID_TEXT);
    teleai__operation operation = {
        .statement = {.name = name, .sql = create_sql, .writes = true},
        .params = &params,
        .decode = teleai__decode_one,
        .out = &made,
        .row = &made_row,
        .noun = made_row.noun,
    };
    teleai_status status = teleai__run(it->job.client, &operation, error);
    if (status != TELEAI_OK)
        return status;
    it->job.tenant = made->id;
    it->has_limits = made->has_limits;
    teleai__arena_free(made);
    return TELEAI_OK;
}

#define RECORD file_columns
static const teleai__column column_columns[] = {
    TELEAI__COLUMN_TEXT_OR_NULL("list", list),
    TELEAI__COLUMN_BOOL_OR_NULL("are_right", are_right),
};
#undef RECORD

static const teleai__row columns_row = {.noun = "table",
                                        .size = sizeof(file_columns),
                                        .columns = column_columns,
                                        .count = (int)TELEAI__COUNT(column_columns)};

/* All that the table has here, and no others, whatever their order. */
static const char columns_sql[] =
    "select string_agg(quote_ident(c.name), ', ' order by c.position) as list,\n"
    "       array_agg(c.name collate \"C\" order by c.name collate \"C\") =\n"
    "       (select array_agg(a.attname::text collate \"C\" order by a.attname::text collate \"C\")\n"
    "          from pg_catalog.pg_attribute a\n"
    "         where a.attrelid = to_regclass(t.name)\n"
    "           and a.attnum > 0\n"
    "           and not a.attisdropped\n"
    "           and a.attgenerated = '') as are_right\n"
    "  from unnest(" TELEAI__TENANT_TABLES_SQL ") with ordinality as t (name, position)\n"
    "  join jsonb_array_elements($1::text::jsonb -> 'files') as f (file) on f.file ->> 'table' = t.name\n"
    " cross join lateral jsonb_array_elements_text(f.file -> 'columns') with ordinality as c (name, position)\n"
    " group by t.name, t.position\n"
    " order by t.position";

static teleai_status read_columns(import_job *it, const char *name, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_text(it->manifest.text, it->manifest.bytes), TELEAI__OID_TEXT);
    teleai__operation operation = {
        .statement = {.name = name, .sql = columns_sql},
        .params = &params,
        .decode = teleai__decode_list,
        .out = &it->columns,
        .row = &columns_row,
        .noun = columns_row.noun,
        .limit = TELEAI__TENANT_TABLE_COUNT,
    };
    teleai_status status = teleai__run(it->job.client, &operation, error);
    bool are_right = status == TELEAI_OK && it->columns->count == TELEAI__TENANT_TABLE_COUNT;
    for (size_t i = 0; are_right && i < it->columns->count; i++)
        are_right = it->columns->items[i]->are_right;
    if (status == TELEAI_OK && !are_right)
        status = teleai__fail_field(error, "folder",
                                    "%s: the columns in " TELEAI__MANIFEST " are not those of the tables here", name);
    return status;
}

static teleai_status begin(import_job *it, teleai_client *client, const char *name, const char *folder,
                           teleai_error *error) {
    teleai_status status = teleai__files_open(&it->folder, name, folder, error);
    if (status == TELEAI_OK)
        status = teleai__manifest_read(&it->manifest, &it->folder, &it->file, error);
    if (status != TELEAI_OK)
        return status;
    static const teleai_transaction_options options = {.struct_size = sizeof options,
                                                       .isolation = TELEAI_ISOLATION_READ_COMMITTED};
    status = teleai__job_begin(&it->job, client, name, &options, error);
    if (status == TELEAI_OK)
        status = check_version(it, name, error);
    if (status == TELEAI_OK)
        status = read_columns(it, name, error);
    if (status == TELEAI_OK)
        status = create_tenant(it, name, error);
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        it->job.progress.rows_total += it->manifest.tables[i].rows;
    it->folder.name = job_name;
    return status;
}

teleai_status teleai_tenant_import_open(teleai_client *client, const char *folder, teleai_tenant_job **out,
                                        teleai_error *error) {
    static const char name[] = "tenant_import_open";
    if (out == NULL)
        return teleai__fail_out("job", error);
    *out = NULL;
    teleai_status status = teleai__text_check("folder", folder, 1, 0, error);
    import_job *it = NULL;
    if (status == TELEAI_OK)
        status = teleai__job_make(client, &kind, name, sizeof *it, &it, error);
    if (status != TELEAI_OK)
        return status;
    it->file.handle = it->folder.handle = -1;
    status = begin(it, client, name, folder, error);
    if (status != TELEAI_OK) {
        teleai__job_drop(&it->job);
        return status;
    }
    *out = &it->job;
    return teleai__ok(error);
}
