/*
 * The migrator. The files of database/migrations write the version, in the table that golang-migrate keeps; this file
 * decides which to run when. How one is run is in migration_run.c.
 *
 * Of the version that is written all is there. Of the one after it a part may be, where a file that goes step by step was
 * interrupted: then there is a table teleai_begun_NNN.
 */
#include "db/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "db/client.h"
#include "db/migration_run.h"
#include "db/migration_steps.h"
#include "db/operation.h"

#define FOREVER_MS INT32_MAX

typedef struct state {
    bool has_table;
    int64_t version; /* 0: none */
    int64_t begun;   /* the one that is half-way; 0: none */
    bool dirty;
} state;

/* ---- reading the version ---- */

static const char has_table_sql[] = "select count(*)\n"
                                    "  from pg_catalog.pg_class\n"
                                    " where oid = to_regclass('schema_migrations')";

static const char version_sql[] =
    "select version,\n"
    "       dirty,\n"
    "       (\n"
    "           select coalesce(max(substring(relname from '[0-9]{3}$')::bigint), 0)\n"
    "             from pg_catalog.pg_class\n"
    "            where relnamespace = (select relnamespace from pg_catalog.pg_class where oid = "
    "to_regclass('schema_migrations'))\n"
    "              and relname ~ '^teleai_begun_[0-9]{3}$'\n"
    "       ) as begun\n"
    "  from schema_migrations\n"
    " limit 1";

#define RECORD state
static const teleai__column version_columns[] = {
    TELEAI__COLUMN_INT64("version", version),
    TELEAI__COLUMN_BOOL("dirty", dirty),
    TELEAI__COLUMN_INT64("begun", begun),
};
static const teleai__row version_row = {
    .noun = "schema version", .size = sizeof(state), .columns = version_columns, .count = 3};

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
        out->begun = read->begun;
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

static const teleai__migration_file *file_of(int64_t version) { return &teleai__migration_files[version - 1]; }

static teleai_status refuse_state(const state *now, teleai_error *error) {
    if (now->dirty)
        return refuse_dirty(now, error);
    if (now->version > newest())
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "the database's schema is version %" PRId64 ", newer than this library's %" PRId64
                            "; use a newer libteleai",
                            now->version, newest());
    return TELEAI_OK;
}

/* The version that what follows starts from. On the way down what is half-made or half-undone comes first. */
static int64_t start_of(const state *now, int64_t wanted) {
    bool begun = now->begun > now->version && now->begun <= newest();
    return begun && wanted <= now->version ? now->begun : now->version;
}

/* Runs what leads from the present version to the wanted one. The lock is held. */
static teleai_status run_files(teleai_client *client, teleai__connection *connection, int64_t wanted, bool one_down,
                               teleai_error *error) {
    state now;
    teleai_status status = read_state(client, connection, &now, error);
    if (status == TELEAI_OK)
        status = refuse_state(&now, error);
    if (status != TELEAI_OK)
        return status;
    if (one_down && now.version == 0)
        return teleai__fail(error, TELEAI_NOT_FOUND, "migrate_down: no migration is applied");
    if (one_down)
        wanted = start_of(&now, 0) - 1;
    int64_t at = start_of(&now, wanted);
    while (at != wanted) {
        bool up = at < wanted;
        const teleai__migration_file *file = file_of(up ? at + 1 : at);
        at += up ? 1 : -1;
        char name[96];
        snprintf(name, sizeof name, "migration %03" PRId64 "_%s.%s", file->version, file->name, up ? "up" : "down");
        status = teleai__migration_run(connection, name, up ? file->up : file->down, client->core->settings.timeout_ms,
                                       error);
        if (status == TELEAI_OK)
            status = read_state(client, connection, &now, error);
        if (status == TELEAI_OK && now.version != at && teleai__migration_is_stepwise(up ? file->up : file->down))
            status = teleai__migration_note(connection, at, error);
        else if (status == TELEAI_OK && now.version != at)
            status =
                teleai__fail(error, TELEAI_SERVER_ERROR, "%s: left the schema at version %" PRId64, name, now.version);
        if (status != TELEAI_OK)
            return status;
    }
    return TELEAI_OK;
}

/* What is to be done while the lock is held: to go to a version, or to run a script. */
typedef struct errand {
    int64_t wanted;
    bool one_down;
    const char *name, *script; /* NULL: none */
} errand;

static teleai_status do_errand(teleai_client *client, teleai__connection *connection, const errand *what,
                               teleai_error *error) {
    if (what->script == NULL)
        return run_files(client, connection, what->wanted, what->one_down, error);
    return teleai__migration_run(connection, what->name, what->script, client->core->settings.timeout_ms, error);
}

static teleai_status migrate(teleai_client *client, const errand *what, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (teleai__is_transaction(client))
        return teleai__fail(error, TELEAI_CONFLICT, "%s: it makes transactions of its own; use the root client",
                            what->name);
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", "%s: it cannot go into a batch: use the root client", what->name);
    teleai__connection *connection;
    status = teleai__client_borrow(client, "migrate", teleai__deadline_in(client->core->settings.timeout_ms),
                                   &connection, error);
    if (status != TELEAI_OK)
        return status;
    char unlock_sql[64] = "";
    status = lock(client, connection, unlock_sql, sizeof unlock_sql, error);
    if (status == TELEAI_OK) {
        teleai__deadline soon = teleai__deadline_in(client->core->settings.timeout_ms);
        status = ask_text(connection, "set statement_timeout = 0", NULL, 0, soon, error);
        if (status == TELEAI_OK)
            status = do_errand(client, connection, what, error);
        if (!connection->broken)
            (void)ask_text(connection, unlock_sql, NULL, 0, teleai__deadline_in(FOREVER_MS), NULL);
    }
    connection->broken = true; /* its settings and prepared statements are of before: start afresh */
    teleai__client_return(client, connection);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

teleai_status teleai__migrate_script(teleai_client *client, const char *name, const char *script, teleai_error *error) {
    const errand what = {.name = name, .script = script};
    return migrate(client, &what, error);
}

static teleai_status refuse_version(int64_t version, int64_t least, teleai_error *error) {
    return teleai__fail_field(error, "version", "version is %" PRId64 "; %" PRId64 " to %" PRId64 " was expected",
                              version, least, newest());
}

/* ---- public ---- */

static teleai_status go_to(teleai_client *client, int64_t wanted, bool one_down, teleai_error *error) {
    const errand what = {.wanted = wanted, .one_down = one_down, .name = "migration"};
    return migrate(client, &what, error);
}

teleai_status teleai_migrate_up(teleai_client *client, teleai_error *error) {
    return go_to(client, newest(), false, error);
}

teleai_status teleai_migrate_down(teleai_client *client, teleai_error *error) { return go_to(client, 0, true, error); }

teleai_status teleai_migrate_to(teleai_client *client, int64_t version, teleai_error *error) {
    if (version < 0 || version > newest())
        return refuse_version(version, 0, error);
    return go_to(client, version, false, error);
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

/* ---- the plan ---- */

typedef struct counted {
    size_t steps;
    teleai_migration_step *out; /* NULL: only count */
    teleai__arena *arena;
} counted;

static const char *copy(teleai__arena *arena, const char *text) {
    return teleai__arena_text(arena, text, strlen(text));
}

/* Adds the steps of a file. */
static teleai_status plan_file(counted *plan, const teleai__migration_file *file, bool up, teleai_error *error) {
    teleai__migration_steps *steps = teleai__migration_split(up ? file->up : file->down);
    if (steps == NULL)
        return teleai__fail_memory(error);
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; i < steps->count && status == TELEAI_OK; i++, plan->steps++) {
        if (plan->out == NULL)
            continue;
        teleai_migration_step *step = &plan->out[plan->steps];
        *step = (teleai_migration_step){
            .version = file->version,
            .migration = file->name,
            .description = copy(plan->arena, steps->items[i].description),
            .locks = copy(plan->arena, steps->items[i].locks),
            .sql = copy(plan->arena, steps->items[i].sql),
            .up = up,
        };
        if (step->description == NULL || step->locks == NULL || step->sql == NULL)
            status = teleai__fail_memory(error);
    }
    teleai__migration_steps_free(steps);
    return status;
}

static teleai_status plan_files(counted *plan, int64_t from, int64_t wanted, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    for (int64_t at = from; at < wanted && status == TELEAI_OK; at++)
        status = plan_file(plan, file_of(at + 1), true, error);
    for (int64_t at = from; at > wanted && status == TELEAI_OK; at--)
        status = plan_file(plan, file_of(at), false, error);
    return status;
}

teleai_status teleai_migrate_plan(teleai_client *client, int64_t version, teleai_migration_plan **out,
                                  teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the plan was expected");
    *out = NULL;
    if (version < -1 || version > newest())
        return refuse_version(version, -1, error);
    int64_t wanted = version == -1 ? newest() : version;
    state now;
    teleai_status status = read_state(client, NULL, &now, error);
    if (status == TELEAI_OK)
        status = refuse_state(&now, error);
    int64_t from = status == TELEAI_OK ? start_of(&now, wanted) : 0;
    counted plan = {0};
    if (status == TELEAI_OK)
        status = plan_files(&plan, from, wanted, error);
    if (status != TELEAI_OK)
        return status;
    size_t count = plan.steps;
    teleai_migration_plan *made =
        teleai__arena_make(sizeof *made, count * (sizeof(teleai_migration_step) + sizeof(void *) + 1024));
    if (made == NULL)
        return teleai__fail_memory(error);
    plan = (counted){.arena = teleai__arena_of(made)};
    const teleai_migration_step **items = teleai__arena_alloc(plan.arena, count * sizeof *items);
    plan.out = teleai__arena_alloc(plan.arena, count * sizeof *plan.out);
    if (items == NULL || plan.out == NULL)
        status = teleai__fail_memory(error);
    else
        status = plan_files(&plan, from, wanted, error);
    if (status != TELEAI_OK) {
        teleai__arena_free(made);
        return status;
    }
    for (size_t i = 0; i < count; i++)
        items[i] = &plan.out[i];
    *made = (teleai_migration_plan){.from_version = now.version, .to_version = wanted, .count = count, .items = items};
    *out = made;
    return teleai__ok(error);
}

void teleai_migration_plan_free(teleai_migration_plan *plan) { teleai__arena_free(plan); }
