#include "schema/migration_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "run/operation.h"
#include "schema/migration_lock.h"
#include "wire/result.h"

#define PAUSE_MS 50

/* 0: no such table; 1: golang-migrate's; 2: another tool's */
static const char form_sql[] = "select count(*) * 2 - count(*) filter (where v.atttypid = 'bigint'::regtype and "
                               "d.atttypid = 'boolean'::regtype)\n"
                               "  from pg_catalog.pg_class c\n"
                               "  left join pg_catalog.pg_attribute v on v.attrelid = c.oid and v.attname = 'version' "
                               "and not v.attisdropped\n"
                               "  left join pg_catalog.pg_attribute d on d.attrelid = c.oid and d.attname = 'dirty' "
                               "and not d.attisdropped\n"
                               " where c.oid = to_regclass('schema_migrations')";

static const char version_sql[] =
    "select version,\n"
    "       dirty,\n"
    "       (\n"
    "           select coalesce(max(substring(relname from '[0-9]{3}$')::bigint), 0)\n"
    "             from pg_catalog.pg_class\n"
    "            where relnamespace = (select relnamespace from pg_catalog.pg_class where oid = "
    "to_regclass('schema_migrations'))\n"
    "              and relname ~ '^teleai_begun_[0-9]{3}$'\n"
    "       ) as begun,\n"
    "       schema_migrations.xmin::text::bigint as mark,\n"
    "       current_schema()::text as schema,\n"
    "       current_database()::text as database\n"
    "  from schema_migrations\n"
    " limit 1";

typedef struct read_row {
    int64_t version, begun, mark;
    const char *schema, *database;
    bool dirty;
} read_row;

#define RECORD read_row
static const teleai__column version_columns[] = {
    TELEAI__COLUMN_INT64("version", version),      TELEAI__COLUMN_BOOL("dirty", dirty),
    TELEAI__COLUMN_INT64("begun", begun),          TELEAI__COLUMN_INT64("mark", mark),
    TELEAI__COLUMN_TEXT_OR_NULL("schema", schema), TELEAI__COLUMN_TEXT("database", database),
};
#undef RECORD
static const teleai__row version_row = {.noun = "schema version",
                                        .size = sizeof(read_row),
                                        .columns = version_columns,
                                        .count = (int)TELEAI__COUNT(version_columns)};

static teleai_status decode_version(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    teleai__migration_state *out = operation->out;
    read_row *read = NULL;
    if (teleai__answer_rows(result) == 0) {
        PQclear(result);
        return TELEAI_OK;
    }
    teleai_status status = teleai__row_decode_one(&version_row, result, 0, (void **)&read, error);
    if (status == TELEAI_OK) {
        out->version = read->version < 0 ? 0 : read->version; /* golang-migrate writes -1 for none */
        out->dirty = read->dirty;
        out->begun = read->begun;
        out->mark = read->mark;
        snprintf(out->schema, sizeof out->schema, "%s", read->schema == NULL ? "" : read->schema);
        snprintf(out->database, sizeof out->database, "%s", read->database == NULL ? "" : read->database);
    }
    teleai__arena_free(read);
    return status;
}

static teleai_status ask(teleai_client *client, teleai__connection *held, const char *sql,
                         teleai_status (*decode)(const teleai__operation *, PGresult *, teleai_error *), void *out,
                         teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__operation operation = {
        .statement = {.name = "migrate_status", .sql = sql},
        .params = &params,
        .repeatable = true,
        .no_batch = true,
        .decode = decode,
        .out = out,
    };
    if (held == NULL)
        return teleai__run(client, &operation, error);
    PGresult *result;
    teleai_status status =
        teleai__connection_run(held, &operation.statement, &params, teleai__connection_deadline(held), &result, error);
    return status == TELEAI_OK ? decode(&operation, result, error) : status;
}

static teleai_status read_row_of(teleai_client *client, teleai__connection *held, teleai__migration_state *out,
                                 teleai_error *error) {
    *out = (teleai__migration_state){0};
    int64_t form = 0;
    teleai_status status = ask(client, held, form_sql, teleai__decode_count, &form, error);
    out->is_there = form == 1;
    out->is_foreign = form == 2;
    if (status == TELEAI_OK && out->is_there)
        status = ask(client, held, version_sql, decode_version, out, error);
    return status;
}

teleai_status teleai__migration_state_read(teleai_client *client, teleai__connection *held,
                                           teleai__migration_state *out, teleai_error *error) {
    char sql[1024];
    int64_t holders = 0;
    teleai_status status = read_row_of(client, held, out, error);
    if (status != TELEAI_OK || !out->dirty)
        return status;
    teleai__migration_lock keys = teleai__migration_lock_of(out->schema, out->database);
    teleai__migration_lock_count_sql(&keys, true, sql, sizeof sql);
    status = ask(client, held, sql, teleai__decode_count, &holders, error);
    out->at_work = holders > 0;
    return status;
}

teleai_status teleai__migration_state_settle(teleai_client *client, teleai__deadline deadline,
                                             teleai__migration_state *out, teleai_error *error) {
    for (;;) {
        teleai__migration_state again;
        teleai_status status = teleai__migration_state_read(client, NULL, out, error);
        if (status != TELEAI_OK || !out->dirty)
            return status;
        /* Nobody had the lock after this row was read: if it is still there, whoever wrote it has left it so. */
        if (!out->at_work) {
            status = read_row_of(client, NULL, &again, error);
            if (status != TELEAI_OK || (again.dirty && again.mark == out->mark))
                return status;
        }
        if (teleai__deadline_left_ms(deadline) == 0) {
            teleai__fail(error, TELEAI_TIMEOUT,
                         "waited in vain for golang-migrate, which is at work on this database (version %" PRId64
                         "); try again later, or allow more time",
                         out->version);
            if (error != NULL)
                error->flags = TELEAI_ERROR_RETRYABLE;
            return TELEAI_TIMEOUT;
        }
        if (!teleai__deadline_sleep(deadline, PAUSE_MS))
            return teleai__fail(error, TELEAI_CANCELLED, "it was cancelled while it waited for golang-migrate");
    }
}

teleai_status teleai__migration_state_refuse(const teleai__migration_state *now, teleai_error *error) {
    if (now->is_foreign)
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "the table schema_migrations is another tool's. Where the tables are of earlier TeleAI Pro "
                            "tooling, `teleai migrate adopt` (teleai_migrate_adopt()) takes the database over");
    if (!now->dirty)
        return TELEAI_OK;
    return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                        "the schema is marked dirty at version %" PRId64
                        ": golang-migrate failed half-way, and no migrator is at work now. Put right what it met; then "
                        "write the version that it began from, which is %" PRId64 " if it went up and %" PRId64
                        " if it went down (`teleai migrate force VERSION`, teleai_migrate_force()), and run it again",
                        now->version, now->version > 0 ? now->version - 1 : 0, now->version + 1);
}
