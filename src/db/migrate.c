/*
 * The migrator. Each file of database/migrations is a transaction of its own that also writes the version, in the table
 * that golang-migrate keeps; this file decides which to run when, and sees to it that nobody is blocked meanwhile.
 */
#include "db/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "db/client.h"
#include "db/operation.h"

/* Below deadlock_timeout (1 s), so that we give way before the server looks for somebody to abort. */
#define LOCK_TIMEOUT "300ms"
#define LONGEST_PAUSE_MS 200
#define FOREVER_MS INT32_MAX

typedef struct state {
    bool has_table;
    int64_t version; /* 0: none */
    bool dirty;
} state;

/* ---- reading the version ---- */

static const char has_table_sql[] = "select count(*)\n"
                                    "  from pg_catalog.pg_class\n"
                                    " where oid = to_regclass('schema_migrations')";

static const char version_sql[] = "select version, dirty\n"
                                  "  from schema_migrations\n"
                                  " limit 1";

#define RECORD state
static const teleai__column version_columns[] = {
    TELEAI__COLUMN_INT64("version", version),
    TELEAI__COLUMN_BOOL("dirty", dirty),
};
static const teleai__row version_row = {
    .noun = "schema version", .size = sizeof(state), .columns = version_columns, .count = 2};

static teleai_status decode_version(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    state *out = operation->out, *read = NULL;
    if (PQntuples(result) == 0) {
        PQclear(result);
        return TELEAI_OK;
    }
    teleai_status status = teleai__row_decode_one(&version_row, result, 0, (void **)&read, error);
    if (status == TELEAI_OK) {
        out->version = read->version < 0 ? 0 : read->version; /* golang-migrate writes -1 for none */
        out->dirty = read->dirty;
    }
    teleai__arena_free(read);
    return status;
}

/* On a connection that is already held, or through the client when there is none. */
static teleai_status ask(teleai_client *client, teleai__connection *held, const char *name, const char *sql,
                         teleai_status (*decode)(const teleai__operation *, PGresult *, teleai_error *), void *out,
                         teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__operation operation = {
        .statement = {.name = name, .sql = sql},
        .params = &params,
        .repeatable = true,
        .no_batch = true,
        .decode = decode,
        .out = out,
    };
    if (held == NULL)
        return teleai__run(client, &operation, error);
    PGresult *result;
    teleai_status status = teleai__connection_run(
        held, &operation.statement, &params, teleai__deadline_in(client->core->settings.timeout_ms), &result, error);
    return status == TELEAI_OK ? decode(&operation, result, error) : status;
}

static teleai_status read_state(teleai_client *client, teleai__connection *held, state *out, teleai_error *error) {
    *out = (state){0};
    int64_t tables = 0;
    teleai_status status = ask(client, held, "migrate_status", has_table_sql, teleai__decode_count, &tables, error);
    if (status != TELEAI_OK || tables == 0)
        return status;
    out->has_table = true;
    return ask(client, held, "migrate_status", version_sql, decode_version, out, error);
}

static teleai_status refuse_dirty(const state *now, teleai_error *error) {
    return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                        "the schema is marked dirty at version %" PRId64
                        ": golang-migrate failed half-way. Look what is "
                        "there, put it right, then set the version with `migrate force`; see database/README.md",
                        now->version);
}

static int64_t newest(void) { return (int64_t)teleai__migration_file_count; }

teleai_status teleai__migrate_check(teleai_client *client, bool fill_empty, teleai_error *error) {
    state now;
    teleai_status status = read_state(client, NULL, &now, error);
    if (status != TELEAI_OK)
        return status;
    if (now.dirty)
        return refuse_dirty(&now, error);
    if (now.version == newest())
        return teleai__ok(error);
    if (now.version == 0 && fill_empty)
        return teleai_migrate_up(client, error);
    if (now.version == 0)
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "the database has no teleai schema (looked for in the search_path); make it with "
                            "teleai_migrate_up() or options.schema = TELEAI_SCHEMA_MIGRATE");
    return teleai__fail(
        error, TELEAI_SCHEMA_MISMATCH,
        "the database's schema is version %" PRId64 ", this library needs %" PRId64 "; %s", now.version, newest(),
        now.version < newest() ? "bring it up to date with teleai_migrate_up()" : "use a newer libteleai");
}

/* ---- one migrator at a time ---- */

/* CRC-32 as in ISO 3309 and zlib. */
static uint32_t crc32(const char *bytes, size_t length) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* golang-migrate's lock: so that the two never work at the same time. */
static uint32_t lock_key(const char *schema, const char *database) {
    char name[256];
    int length = snprintf(name, sizeof name, "%s%c%s%c%s", schema, 0, "schema_migrations", 0, database);
    return crc32(name, (size_t)length) * UINT32_C(1486364155);
}

/* Runs a command and gives the first value of its result as text. */
static teleai_status ask_text(teleai__connection *connection, const char *sql, char *out, size_t size,
                              teleai__deadline deadline, teleai_error *error) {
    PGresult *result;
    teleai_status status = teleai__connection_command(connection, "migrate", sql, deadline, &result, error);
    if (status == TELEAI_OK && out != NULL)
        snprintf(out, size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return status;
}

static teleai_status lock(teleai_client *client, teleai__connection *connection, char *unlock_sql, size_t size,
                          teleai_error *error) {
    teleai__deadline deadline = teleai__deadline_in(client->core->settings.timeout_ms);
    char schema[64], database[64], sql[96], answer[8];
    teleai_status status = ask_text(connection, "select current_schema()", schema, sizeof schema, deadline, error);
    if (status == TELEAI_OK)
        status = ask_text(connection, "select current_database()", database, sizeof database, deadline, error);
    if (status != TELEAI_OK)
        return status;
    if (schema[0] == '\0')
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "there is no schema to put tables into: none of the search_path exists");
    uint32_t key = lock_key(schema, database);
    snprintf(sql, sizeof sql, "select pg_try_advisory_lock(%" PRIu32 ")", key);
    snprintf(unlock_sql, size, "select pg_advisory_unlock(%" PRIu32 ")", key);
    /* Tried again and again rather than waited for: a waiting statement holds a snapshot, for which somebody's CREATE
     * INDEX CONCURRENTLY, holding this lock, would wait for ever. */
    for (;;) {
        status = ask_text(connection, sql, answer, sizeof answer,
                          teleai__deadline_in(client->core->settings.timeout_ms), error);
        if (status != TELEAI_OK || answer[0] == 't')
            return status;
        if (teleai__deadline_left_ms(deadline) == 0) {
            teleai__fail(error, TELEAI_TIMEOUT, "another migration of this database is at work; try again later");
            if (error != NULL)
                error->flags = TELEAI_ERROR_RETRYABLE;
            return TELEAI_TIMEOUT;
        }
        teleai__deadline_sleep(deadline, 50);
    }
}

/* ---- running files ---- */

static teleai_status run_file(teleai_client *client, teleai__connection *connection, const char *name, const char *sql,
                              teleai_error *error) {
    teleai__deadline tries = teleai__deadline_in(client->core->settings.timeout_ms);
    unsigned int seed = (unsigned int)teleai__monotonic_us();
    for (;;) {
        PGresult *result;
        teleai_error why;
        teleai_status status =
            teleai__connection_command(connection, name, sql, teleai__deadline_in(FOREVER_MS), &result, &why);
        PQclear(result);
        if (status == TELEAI_OK)
            return TELEAI_OK;
        bool locked = strcmp(why.sqlstate, "55P03") == 0 || strcmp(why.sqlstate, "40P01") == 0;
        PGresult *rolled_back = NULL;
        if (!connection->broken)
            (void)teleai__connection_command(connection, name, "rollback", teleai__deadline_in(FOREVER_MS),
                                             &rolled_back, NULL);
        PQclear(rolled_back);
        if (!locked || connection->broken || teleai__deadline_left_ms(tries) == 0) {
            if (status == TELEAI_UNSUPPORTED) {
                size_t said = strlen(why.message);
                snprintf(why.message + said, sizeof why.message - said,
                         ". Extensions come with postgresql-contrib (Debian, Ubuntu: postgresql)");
            }
            if (error != NULL)
                *error = why;
            return status;
        }
        teleai__deadline_sleep(tries, 20 + (int)(rand_r(&seed) % LONGEST_PAUSE_MS));
    }
}

/* Runs what leads from the present version to the wanted one. The lock is held. */
static teleai_status run_files(teleai_client *client, teleai__connection *connection, int64_t wanted, bool one_down,
                               teleai_error *error) {
    state now;
    teleai_status status = read_state(client, connection, &now, error);
    if (status != TELEAI_OK)
        return status;
    if (now.dirty)
        return refuse_dirty(&now, error);
    if (now.version > newest())
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "the database's schema is version %" PRId64 ", newer than this library's %" PRId64
                            "; use a newer libteleai",
                            now.version, newest());
    if (one_down && now.version == 0)
        return teleai__fail(error, TELEAI_NOT_FOUND, "migrate_down: no migration is applied");
    if (one_down)
        wanted = now.version - 1;
    while (now.version != wanted) {
        bool up = now.version < wanted;
        const teleai__migration_file *file = &teleai__migration_files[up ? now.version : now.version - 1];
        char name[96];
        snprintf(name, sizeof name, "migration %03" PRId64 "_%s.%s", file->version, file->name, up ? "up" : "down");
        int64_t expected = now.version + (up ? 1 : -1);
        status = run_file(client, connection, name, up ? file->up : file->down, error);
        if (status == TELEAI_OK)
            status = read_state(client, connection, &now, error);
        if (status != TELEAI_OK)
            return status;
        if (now.version != expected)
            return teleai__fail(error, TELEAI_SERVER_ERROR, "%s: left the schema at version %" PRId64, name,
                                now.version);
    }
    return TELEAI_OK;
}

static teleai_status migrate(teleai_client *client, int64_t wanted, bool one_down, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (teleai__is_transaction(client))
        return teleai__fail(error, TELEAI_CONFLICT, "migrations are transactions themselves: use the root client");
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", "migrations cannot go into a batch: use the root client");
    teleai__connection *connection;
    status = teleai__client_borrow(client, "migrate", teleai__deadline_in(client->core->settings.timeout_ms),
                                   &connection, error);
    if (status != TELEAI_OK)
        return status;
    char unlock_sql[64] = "";
    status = lock(client, connection, unlock_sql, sizeof unlock_sql, error);
    if (status == TELEAI_OK) {
        teleai__deadline soon = teleai__deadline_in(client->core->settings.timeout_ms);
        status = ask_text(connection, "set lock_timeout = '" LOCK_TIMEOUT "'; set statement_timeout = 0", NULL, 0, soon,
                          error);
        if (status == TELEAI_OK)
            status = run_files(client, connection, wanted, one_down, error);
        if (!connection->broken)
            (void)ask_text(connection, unlock_sql, NULL, 0, teleai__deadline_in(FOREVER_MS), NULL);
    }
    connection->broken = true; /* its settings and prepared statements are of before: start afresh */
    teleai__client_return(client, connection);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

/* ---- public ---- */

teleai_status teleai_migrate_up(teleai_client *client, teleai_error *error) {
    return migrate(client, newest(), false, error);
}

teleai_status teleai_migrate_down(teleai_client *client, teleai_error *error) {
    return migrate(client, 0, true, error);
}

teleai_status teleai_migrate_to(teleai_client *client, int64_t version, teleai_error *error) {
    if (version < 0 || version > newest())
        return teleai__fail_field(error, "version", "version is %" PRId64 "; 0 to %" PRId64 " was expected", version,
                                  newest());
    return migrate(client, version, false, error);
}

teleai_status teleai_migrate_status(teleai_client *client, teleai_migration_status **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the status was expected");
    *out = NULL;
    state now;
    teleai_status status = read_state(client, NULL, &now, error);
    if (status != TELEAI_OK)
        return status;
    size_t count = teleai__migration_file_count;
    teleai_migration_status *made = teleai__arena_make(sizeof *made, count * (sizeof(teleai_migration) + 32));
    if (made == NULL)
        return teleai__fail_memory(error);
    teleai__arena *arena = teleai__arena_of(made);
    const teleai_migration **items = teleai__arena_alloc(arena, count * sizeof *items);
    teleai_migration *migrations = teleai__arena_alloc(arena, count * sizeof *migrations);
    if (items == NULL || migrations == NULL) {
        teleai__arena_free(made);
        return teleai__fail_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        migrations[i].version = teleai__migration_files[i].version;
        migrations[i].name = teleai__migration_files[i].name;
        migrations[i].applied = migrations[i].version <= now.version;
        items[i] = &migrations[i];
    }
    made->current_version = now.version;
    made->library_version = newest();
    made->dirty = now.dirty;
    made->count = count;
    made->items = items;
    *out = made;
    return teleai__ok(error);
}

void teleai_migration_status_free(teleai_migration_status *status) { teleai__arena_free(status); }
