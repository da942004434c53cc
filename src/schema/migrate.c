/*
 * The migrator. The files of database/migrations write the version, in the table that golang-migrate keeps; this file
 * decides which to run when. How one is run is in migration_run.c.
 *
 * Of the version that is written all is there. Of the one after it a part may be, where a file that goes step by step was
 * interrupted: then there is a table teleai_begun_NNN.
 */
#include "schema/migrate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/argument.h"
#include "base/error.h"
#include "run/client.h"
#include "schema/migration_run.h"
#include "schema/migration_steps.h"

static int64_t newest(void) { return (int64_t)teleai__migration_file_count; }

static const teleai__migration_file *file_of(int64_t version) { return &teleai__migration_files[version - 1]; }

teleai_status teleai__migrate_refuse(const teleai__migration_state *now, teleai_error *error) {
    teleai_status status = teleai__migration_state_refuse(now, error);
    if (status == TELEAI_OK && now->version > newest())
        status = teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                              "the database's schema is version %" PRId64 ", newer than this library's %" PRId64
                              "; use a newer libteleai",
                              now->version, newest());
    return status;
}

int64_t teleai__migrate_start(const teleai__migration_state *now, int64_t wanted) {
    bool begun = now->begun > now->version && now->begun <= newest();
    return begun && wanted <= now->version ? now->begun : now->version;
}

teleai_status teleai__migrate_check(teleai_client *client, bool fill_empty, teleai_error *error) {
    teleai__migration_state now;
    teleai_status status = teleai__migration_state_settle(client, teleai__client_deadline(client), &now, error);
    if (status == TELEAI_OK)
        status = teleai__migrate_refuse(&now, error);
    if (status != TELEAI_OK)
        return status;
    if (now.version == newest())
        return teleai__ok(error);
    if (now.version == 0 && fill_empty)
        return teleai_migrate_up(client, error);
    if (now.version == 0)
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "the database has no teleai schema (looked for in the search_path); make it with "
                            "`teleai migrate up`, teleai_migrate_up() or options.schema = TELEAI_SCHEMA_MIGRATE");
    return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                        "the database's schema is version %" PRId64 ", this library needs %" PRId64
                        "; bring it up to date with `teleai migrate up` or teleai_migrate_up()",
                        now.version, newest());
}

/* ---- running files ---- */

typedef struct journey {
    teleai_client *client;
    teleai__connection *connection;
    const teleai__migration_lock *lock;
    teleai__migration_state now;
} journey;

static teleai_status look(journey *it, teleai_error *error) {
    teleai_status status = teleai__migration_state_read(it->client, it->connection, &it->now, error);
    return status == TELEAI_OK ? teleai__migrate_refuse(&it->now, error) : status;
}

/* A golang-migrate that waits for our lock would be in the way of what is sent alone. */
static teleai_status make_way(journey *it, const char *text, int64_t wanted, teleai_error *error) {
    bool gave_way = false;
    if (!teleai__migration_is_alone(text))
        return TELEAI_OK;
    int64_t before = it->now.version;
    teleai_status status = teleai__migration_lock_make_way(
        it->connection, it->lock, teleai__connection_deadline(it->connection), &gave_way, error);
    if (status == TELEAI_OK && gave_way)
        status = look(it, error);
    if (status == TELEAI_OK && (wanted > before ? it->now.version > wanted : it->now.version != before))
        status =
            teleai__fail(error, TELEAI_CONFLICT,
                         "migration: golang-migrate has gone to version %" PRId64 " meanwhile; see whether that is "
                         "wanted, and try again",
                         it->now.version);
    return status;
}

/* Runs the file that leads one version on. */
static teleai_status run_file(journey *it, int64_t at, bool up, teleai_error *error) {
    const teleai__migration_file *file = file_of(up ? at + 1 : at);
    const char *text = up ? file->up : file->down;
    int64_t arrival = up ? at + 1 : at - 1;
    char name[96];
    snprintf(name, sizeof name, "migration %03" PRId64 "_%s.%s", file->version, file->name, up ? "up" : "down");
    teleai_status status =
        teleai__migration_run(it->connection, name, text, it->client->core->settings.timeout_ms, error);
    if (status == TELEAI_OK)
        status = teleai__migration_state_read(it->client, it->connection, &it->now, error);
    if (status == TELEAI_OK && it->now.version != arrival && teleai__migration_is_stepwise(text)) {
        status = teleai__migration_note(it->connection, arrival, error);
        it->now.version = arrival;
    } else if (status == TELEAI_OK && it->now.version != arrival) {
        status =
            teleai__fail(error, TELEAI_SERVER_ERROR, "%s: left the schema at version %" PRId64, name, it->now.version);
    }
    return status;
}

/* Builds anew what another tool, or somebody's interruption, has left invalid of versions that are written. The newest
 * file first: an older one may have made another index of that name. */
static teleai_status repair(journey *it, teleai_error *error) {
    int64_t invalid = 0;
    teleai_status status = teleai__migration_count_invalid(it->connection, &invalid, error);
    for (int64_t version = it->now.version; version > 0 && invalid > 0 && status == TELEAI_OK; version--) {
        char name[96];
        snprintf(name, sizeof name, "migration %03" PRId64 "_%s.up", version, file_of(version)->name);
        status = teleai__migration_repair(it->connection, name, file_of(version)->up, error);
    }
    return status;
}

/* Runs what leads from the present version to the wanted one. The lock is held. */
static teleai_status run_files(journey *it, int64_t wanted, bool one_down, teleai_error *error) {
    teleai_status status = look(it, error);
    if (status != TELEAI_OK)
        return status;
    if (one_down && it->now.version == 0)
        return teleai__fail(error, TELEAI_NOT_FOUND, "migrate_down: no migration is applied");
    if (one_down)
        wanted = teleai__migrate_start(&it->now, 0) - 1;
    if (wanted >= it->now.version)
        status = repair(it, error);
    int64_t at = teleai__migrate_start(&it->now, wanted);
    bool up = at < wanted;
    while (at != wanted && status == TELEAI_OK) {
        int64_t written = it->now.version;
        status = make_way(it, up ? file_of(at + 1)->up : file_of(at)->down, wanted, error);
        if (status == TELEAI_OK && it->now.version != written) /* another one has come further */
            at = it->now.version;
        else if (status == TELEAI_OK && (status = run_file(it, at, up, error)) == TELEAI_OK)
            at += up ? 1 : -1;
    }
    return status;
}

/* ---- errands ---- */

static teleai_status run_errand(teleai_client *client, teleai__connection *connection,
                                const teleai__migration_lock *lock, const teleai__errand *what, teleai_error *error) {
    journey it = {.client = client, .connection = connection, .lock = lock};
    switch (what->kind) {
    case TELEAI__ERRAND_SCRIPT:
        return teleai__migration_run(connection, what->name, what->script, client->core->settings.timeout_ms, error);
    case TELEAI__ERRAND_FORCE:
        return teleai__migration_force(connection, what->wanted, error);
    case TELEAI__ERRAND_OTHER:
        return what->run(client, connection, what->data, error);
    case TELEAI__ERRAND_GO:
    default:
        return run_files(&it, what->wanted, what->one_down, error);
    }
}

/* Its locks and settings are a session's, which behind a transaction pooler is whoever's comes next. So there nothing is
 * done, unless there is nothing to do. */
static teleai_status refuse_pooler(teleai_client *client, teleai__connection *connection, const teleai__errand *what,
                                   teleai_error *error) {
    teleai__migration_state now = {0};
    teleai_status status = TELEAI_OK;
    if (what->kind == TELEAI__ERRAND_GO && !what->one_down)
        status = teleai__migration_state_read(client, connection, &now, error);
    bool is_there = what->kind == TELEAI__ERRAND_GO && !what->one_down && now.is_there && !now.dirty &&
                    now.version == what->wanted && now.begun == 0;
    if (status != TELEAI_OK || is_there)
        return status;
    return teleai__fail(
        error, TELEAI_UNSUPPORTED,
        "%s: between client and server stands a transaction pooler, where the lock and the settings that "
        "this takes would stay behind in sessions of others. Give it a connection string straight to "
        "the server, or to a pooler in session mode",
        what->name);
}

static teleai_status run_locked(teleai_client *client, teleai__connection *connection, const teleai__errand *what,
                                teleai_error *error) {
    teleai__migration_lock lock;
    PGresult *result = NULL;
    teleai_status status = teleai__migration_lock_take(connection, teleai__client_deadline(client), &lock, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__connection_command(connection, what->name, "set statement_timeout = 0",
                                        teleai__connection_deadline(connection), &result, error);
    PQclear(result);
    if (status == TELEAI_OK)
        status = run_errand(client, connection, &lock, what, error);
    teleai__migration_lock_release(connection, &lock);
    return status;
}

teleai_status teleai__migrate_errand(teleai_client *client, const teleai__errand *what, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (teleai__is_transaction(client))
        return teleai__fail(error, TELEAI_CONFLICT, "%s: it makes transactions of its own; use the root client",
                            what->name);
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", "%s: it cannot go into a batch: use the root client", what->name);
    teleai__connection *connection;
    status = teleai__client_borrow(client, "migrate", teleai__client_deadline(client), &connection, error);
    if (status != TELEAI_OK)
        return status;
    if (connection->behind_pooler) {
        status = refuse_pooler(client, connection, what, error);
    } else {
        status = run_locked(client, connection, what, error);
        connection->broken = true; /* its settings and prepared statements are of before: start afresh */
    }
    teleai__client_return(client, connection);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

teleai_status teleai__migrate_script(teleai_client *client, const char *name, const char *script, teleai_error *error) {
    const teleai__errand what = {.kind = TELEAI__ERRAND_SCRIPT, .name = name, .script = script};
    return teleai__migrate_errand(client, &what, error);
}

teleai_status teleai__migrate_refuse_version(int64_t version, int64_t least, teleai_error *error) {
    return teleai__fail_field(error, "version", "version is %" PRId64 "; %" PRId64 " to %" PRId64 " was expected",
                              version, least, newest());
}

/* ---- public ---- */

static teleai_status go_to(teleai_client *client, int64_t wanted, bool one_down, teleai_error *error) {
    const teleai__errand what = {
        .kind = TELEAI__ERRAND_GO, .wanted = wanted, .one_down = one_down, .name = "migration"};
    return teleai__migrate_errand(client, &what, error);
}

teleai_status teleai_migrate_up(teleai_client *client, teleai_error *error) {
    return go_to(client, newest(), false, error);
}

teleai_status teleai_migrate_down(teleai_client *client, teleai_error *error) { return go_to(client, 0, true, error); }

teleai_status teleai_migrate_to(teleai_client *client, int64_t version, teleai_error *error) {
    if (version < 0 || version > newest())
        return teleai__migrate_refuse_version(version, 0, error);
    return go_to(client, version, false, error);
}

teleai_status teleai_migrate_force(teleai_client *client, int64_t version, teleai_error *error) {
    if (version < 0 || version > newest())
        return teleai__migrate_refuse_version(version, 0, error);
    const teleai__errand what = {.kind = TELEAI__ERRAND_FORCE, .wanted = version, .name = "migrate_force"};
    return teleai__migrate_errand(client, &what, error);
}

teleai_status teleai_migrate_status(teleai_client *client, teleai_migration_status **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("status", error);
    *out = NULL;
    teleai__migration_state now;
    teleai_status status = teleai__migration_state_read(client, NULL, &now, error);
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
    made->at_work = now.at_work;
    made->foreign = now.is_foreign;
    made->count = count;
    made->items = items;
    *out = made;
    return teleai__ok(error);
}

void teleai_migration_status_free(teleai_migration_status *status) { teleai__arena_free(status); }
