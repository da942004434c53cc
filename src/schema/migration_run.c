#include "schema/migration_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/error.h"
#include "schema/migration_steps.h"
#include "wire/result.h"

/* Below deadlock_timeout (1 s), so that we give way before the server looks for somebody to abort. */
#define LOCK_TIMEOUT "300ms"
#define MOST_TRIES 100
#define LONGEST_TRYING_MS 60000
#define CLEARING_AFTER_US 2000000
#define LONG_US 50000 /* of a step: somebody may have waited for it */
#define REST_MS 30
#define FOREVER_MS INT32_MAX

typedef struct run {
    teleai__connection *connection;
    const char *lock_timeout; /* as it is set now */
    char name[160];           /* for errors: which file, which step */
} run;

static teleai__deadline forever(const teleai__connection *connection) {
    return teleai__deadline_until(&connection->settings->interrupt, FOREVER_MS);
}

/* Sends a command and throws its rows away. */
static teleai_status command_by(run *it, const char *sql, teleai__deadline deadline, teleai_error *error) {
    PGresult *result;
    teleai_status status = teleai__connection_command(it->connection, it->name, sql, deadline, &result, error);
    PQclear(result);
    return status;
}

static teleai_status command(run *it, const char *sql, teleai_error *error) {
    return command_by(it, sql, forever(it->connection), error);
}

static void roll_back(run *it) {
    if (!it->connection->broken)
        (void)command_by(it, "rollback", teleai__deadline_in(FOREVER_MS), NULL);
}

static teleai_status set_lock_timeout(run *it, const char *timeout, teleai_error *error) {
    if (it->lock_timeout != NULL && strcmp(it->lock_timeout, timeout) == 0)
        return TELEAI_OK;
    char sql[64];
    snprintf(sql, sizeof sql, "set lock_timeout = '%s'", timeout);
    it->lock_timeout = timeout;
    return command(it, sql, error);
}

/* ---- what is in the way ---- */

/* A build that failed leaves its index, which is of no use and which `if not exists` would take for done. One that
 * somebody else is building now looks the same: so wait for its table's lock, and look once more. */
static teleai_status drop_invalid(run *it, const char *index, teleai_error *error) {
    static const char look[] =
        "select format('begin; lock table %%s in share update exclusive mode; commit', i.indrelid::regclass), "
        "format('drop index concurrently %%s', i.indexrelid::regclass) "
        "from pg_catalog.pg_index i where i.indexrelid = to_regclass('%.100s') and not i.indisvalid";
    char sql[512];
    snprintf(sql, sizeof sql, look, index);
    for (int turn = 0; turn < 2; turn++) {
        PGresult *result;
        teleai_status status =
            teleai__connection_command(it->connection, it->name, sql, forever(it->connection), &result, error);
        const char *next = status == TELEAI_OK ? teleai__answer_text(result, 0, turn) : NULL;
        bool none = status == TELEAI_OK && next == NULL;
        if (next != NULL)
            status = command(it, next, error);
        PQclear(result);
        if (status != TELEAI_OK || none)
            return status;
    }
    return TELEAI_OK;
}

/* An autovacuum makes room for whoever has waited a second, which we never do. This lock keeps no reader or writer out,
 * also while it is waited for; so for this one we can. */
static void clear_autovacuum(run *it, const char *locks) {
    for (const char *at = locks; *at != '\0'; at += strcspn(at, ";"), at += strspn(at, "; ")) {
        char sql[512];
        int length = (int)strcspn(at, " ;");
        snprintf(sql, sizeof sql,
                 "begin; set local lock_timeout = '2s'; do $$ begin if exists (select from pg_catalog.pg_class "
                 "where oid = to_regclass('%.*s') and relkind = 'r') then "
                 "lock table %.*s in share update exclusive mode; end if; end $$; commit",
                 length, at, length, at);
        if (it->connection->broken || command(it, sql, NULL) != TELEAI_OK)
            roll_back(it);
    }
}

/* ---- steps ---- */

static bool is_lock_failure(const teleai_error *error) {
    return strcmp(error->sqlstate, "55P03") == 0 || strcmp(error->sqlstate, "40P01") == 0;
}

static teleai_status try_step(run *it, const teleai__migration_step *step, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    if (step->index != NULL)
        status = drop_invalid(it, step->index, error);
    if (status == TELEAI_OK)
        status = command(it, step->sql, error);
    return status;
}

static teleai_status run_step(run *it, const teleai__migration_step *step, teleai__deadline patience,
                              teleai_error *error) {
    int64_t start_us = teleai__monotonic_us(), cleared_us = start_us;
    /* What stands alone are CONCURRENTLY statements. They wait for old transactions to end and meanwhile hold a lock that
     * keeps no reader or writer out; cut short, they would leave an invalid index and begin anew. */
    teleai_error why;
    teleai_status status = set_lock_timeout(it, step->alone ? "0" : LOCK_TIMEOUT, error);
    if (status != TELEAI_OK)
        return status;
    teleai__backoff backoff = {.shortest_us = 40000, .longest_us = 200000};
    for (int tries = 1;; tries++) {
        status = try_step(it, step, &why);
        if (status == TELEAI_OK) {
            /* Those who waited go on, rather than wait for the next step's locks as well. */
            if (step->locks[0] != '\0' && teleai__monotonic_us() - start_us > LONG_US)
                (void)teleai__deadline_sleep(teleai__deadline_firm(patience), REST_MS);
            return TELEAI_OK;
        }
        roll_back(it);
        if (!is_lock_failure(&why) || it->connection->broken || tries == MOST_TRIES ||
            teleai__deadline_left_ms(patience) == 0)
            break;
        if (teleai__monotonic_us() - cleared_us > CLEARING_AFTER_US) {
            clear_autovacuum(it, step->locks);
            cleared_us = teleai__monotonic_us();
        }
        if (!teleai__backoff_sleep(&backoff, patience))
            return teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled while it waited for a lock", it->name);
    }
    if (status == TELEAI_UNSUPPORTED) {
        size_t said = strlen(why.message);
        snprintf(why.message + said, sizeof why.message - said,
                 ". Extensions come with postgresql-contrib (Debian, Ubuntu: postgresql)");
    }
    if (error != NULL)
        *error = why;
    return status;
}

teleai_status teleai__migration_run(teleai__connection *connection, const char *name, const char *text,
                                    int32_t patience_ms, teleai_error *error) {
    run it = {.connection = connection};
    int named = snprintf(it.name, sizeof it.name, "%.70s", name);
    bool stepwise = teleai__migration_is_stepwise(text);
    teleai__migration_steps *steps = teleai__migration_split(text);
    if (steps == NULL)
        return teleai__fail_memory(error);
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; i < steps->count && status == TELEAI_OK; i++) {
        if (stepwise)
            snprintf(it.name + named, sizeof it.name - (size_t)named, " (%.80s)", steps->items[i].description);
        int32_t trying_ms = steps->items[i].alone ? FOREVER_MS : stepwise ? LONGEST_TRYING_MS : patience_ms;
        status =
            run_step(&it, &steps->items[i], teleai__deadline_until(&connection->settings->interrupt, trying_ms), error);
    }
    teleai__migration_steps_free(steps);
    return status;
}

bool teleai__migration_is_alone(const char *text) {
    teleai__migration_steps *steps = teleai__migration_split(text);
    bool alone = false;
    for (size_t i = 0; steps != NULL && i < steps->count; i++)
        alone = alone || steps->items[i].index != NULL;
    teleai__migration_steps_free(steps);
    return alone;
}

/* ---- what is invalid ---- */

static teleai_status count_invalid(run *it, const char *which, int64_t *out, teleai_error *error) {
    char sql[512];
    PGresult *result;
    snprintf(sql, sizeof sql,
             "select count(*) from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid "
             "where not i.indisvalid and %s",
             which);
    teleai_status status =
        teleai__connection_command(it->connection, it->name, sql, forever(it->connection), &result, error);
    const char *said = status == TELEAI_OK ? teleai__answer_text(result, 0, 0) : NULL;
    *out = said == NULL ? 0 : strtoll(said, NULL, 10);
    PQclear(result);
    return status;
}

teleai_status teleai__migration_count_invalid(teleai__connection *connection, int64_t *out, teleai_error *error) {
    run it = {.connection = connection, .name = "looking for invalid indexes"};
    return count_invalid(&it, "c.relnamespace = to_regnamespace(quote_ident(current_schema()))", out, error);
}

teleai_status teleai__migration_repair(teleai__connection *connection, const char *name, const char *text,
                                       teleai_error *error) {
    run it = {.connection = connection};
    snprintf(it.name, sizeof it.name, "%.70s", name);
    teleai__migration_steps *steps = teleai__migration_split(text);
    if (steps == NULL)
        return teleai__fail_memory(error);
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; i < steps->count && status == TELEAI_OK; i++) {
        const teleai__migration_step *step = &steps->items[i];
        char which[200];
        int64_t invalid = 0;
        if (step->index == NULL)
            continue;
        snprintf(which, sizeof which, "i.indexrelid = to_regclass('%.100s')", step->index);
        status = count_invalid(&it, which, &invalid, error);
        if (status == TELEAI_OK && invalid > 0)
            status = run_step(&it, step, forever(connection), error);
    }
    teleai__migration_steps_free(steps);
    return status;
}

/* ---- the version ---- */

teleai_status teleai__migration_force(teleai__connection *connection, int64_t version, teleai_error *error) {
    static const char table[] = "create table if not exists schema_migrations (version bigint not null, dirty boolean "
                                "not null, constraint schema_migrations_pkey primary key (version)); ";
    char sql[400];
    if (version == 0)
        snprintf(sql, sizeof sql, "begin; %sdelete from schema_migrations; commit", table);
    else
        snprintf(sql, sizeof sql,
                 "begin; %sdelete from schema_migrations; insert into schema_migrations (version, dirty) values "
                 "(%" PRId64 ", false); commit",
                 table, version);
    run it = {.connection = connection, .name = "migrate_force"};
    teleai_status status = set_lock_timeout(&it, LOCK_TIMEOUT, error);
    if (status == TELEAI_OK)
        status = command(&it, sql, error);
    if (status != TELEAI_OK)
        roll_back(&it);
    return status;
}

teleai_status teleai__migration_note(teleai__connection *connection, int64_t version, teleai_error *error) {
    char sql[200];
    snprintf(sql, sizeof sql,
             "begin; delete from schema_migrations; insert into schema_migrations (version, dirty) values (%" PRId64
             ", false); commit",
             version);
    run it = {.connection = connection, .name = "noting the migration's version"};
    teleai_status status = command(&it, sql, error);
    if (status != TELEAI_OK)
        roll_back(&it);
    return status;
}
