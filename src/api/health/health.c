/* Looking a database over: the checks in their order, and what becomes of one that cannot be made. */
#include "teleai/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/health/sql.h"
#include "api/labels.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "table/table.h"
#include "teleai/migrate.h"

#define NAME "health_check"
#define DAY_MS INT64_C(86400000)

/* ---- the checks ---- */

/* Which parameters a statement has. */
enum parameters { NONE, LONG_TRANSACTION, STALE, DEAD_ROWS, CONNECTIONS, UNUSED };

typedef struct check {
    const char *name, *fine; /* what is said when nothing is found */
    const char *sql;
    enum parameters parameters;
    bool needs_schema;
    /* Where not NULL: a count, and what is asked instead where that is 0. */
    const char *only_if, *otherwise;
} check;

static const check checks[] = {
    {"server", "a version that gets corrections", teleai__health_server_sql, NONE, false, NULL, NULL},
    {"encryption", "the connection is encrypted, or stays on the machine", teleai__health_encryption_sql, NONE, false,
     NULL, NULL},
    {"durability", "what is committed stays", teleai__health_durability_sql, NONE, false, NULL, NULL},
    {"settings", "autovacuum works, no transaction can hang for ever", teleai__health_settings_sql, NONE, false, NULL,
     NULL},
    {"role", "the role may do what the library needs", teleai__health_role_sql, NONE, false, NULL, NULL},
    {"encoding", "all characters can be stored, and found whatever their case", teleai__health_encoding_sql, NONE,
     false, NULL, NULL},
    {"extensions", "those that the schema uses are there", teleai__health_extensions_sql, NONE, false, NULL, NULL},
    {"schema", "it is the one this library needs", teleai__health_begun_sql, NONE, false, NULL, NULL},
    {"missing_index", "all indexes of the schema are there and valid", teleai__health_missing_index_sql, NONE, true,
     NULL, NULL},
    {"unused_index", "no index of your own lies idle", teleai__health_unused_index_sql, UNUSED, true, NULL, NULL},
    {"tables", "few dead rows, statistics are there", teleai__health_tables_sql, DEAD_ROWS, true, NULL, NULL},
    {"pending_entries", "no index has many", teleai__health_pending_sql, NONE, true, teleai__health_has_pgstattuple_sql,
     teleai__health_cannot_pending_sql},
    {"connections", "enough are left", teleai__health_connections_sql, CONNECTIONS, false, NULL, NULL},
    {"transactions", "none has been open for long", teleai__health_transactions_sql, LONG_TRANSACTION, false, NULL,
     NULL},
    {"wraparound", "transaction numbers will not run out soon", teleai__health_wraparound_sql, NONE, false, NULL, NULL},
    {"daily_usage", "it counts the uploads", teleai__health_daily_usage_sql, STALE, true, teleai__health_is_filled_sql,
     teleai__health_not_filled_sql},
    {"sessions", "expired ones are purged", teleai__health_sessions_sql, NONE, true, NULL, NULL},
    {"emails", "all have the form of today, and one account each", teleai__health_emails_sql, NONE, true, NULL, NULL},
    {"limits", "what tenants use is counted where they have limits", teleai__health_usage_sql, NONE, true, NULL, NULL},
};

/* ---- what comes back ---- */

#define RECORD teleai_health_finding
static const teleai__column columns[] = {
    TELEAI__COLUMN_TEXT("subject", subject),
    TELEAI__COLUMN_LABEL("severity", severity, teleai__severities),
    TELEAI__COLUMN_TEXT("message", message),
    TELEAI__COLUMN_TEXT_OR_NULL("remedy", remedy),
};
#undef RECORD

static const teleai__row row = {
    .noun = "finding", .size = sizeof(teleai_health_finding), .columns = columns, .count = (int)TELEAI__COUNT(columns)};

/* Findings in the making: an arena of their own, since those of each check come with an answer that is freed. */
typedef struct report {
    teleai_client *client;
    teleai_health_options options;
    teleai_health_findings *made;
    const teleai_health_finding **items;
    size_t room;
} report;

static const char *copy(const report *it, const char *text) {
    return text == NULL ? NULL : teleai__arena_text(teleai__arena_of(it->made), text, strlen(text));
}

static teleai_status add(report *it, const char *name, int32_t severity, const char *subject, const char *message,
                         const char *remedy, teleai_error *error) {
    if (it->made->count == it->room) {
        size_t room = it->room == 0 ? 32 : it->room * 2;
        const teleai_health_finding **items = realloc(it->items, room * sizeof *items);
        if (items == NULL)
            return teleai__fail_memory(error);
        it->items = items;
        it->room = room;
    }
    teleai_health_finding *finding = teleai__arena_alloc(teleai__arena_of(it->made), sizeof *finding);
    if (finding == NULL)
        return teleai__fail_memory(error);
    *finding = (teleai_health_finding){.check = name,
                                       .severity = severity,
                                       .subject = copy(it, subject),
                                       .message = copy(it, message),
                                       .remedy = copy(it, remedy)};
    if (finding->subject == NULL || finding->message == NULL || (finding->remedy == NULL && remedy != NULL))
        return teleai__fail_memory(error);
    it->items[it->made->count++] = finding;
    if (severity > it->made->worst)
        it->made->worst = severity;
    return TELEAI_OK;
}

/* ---- asking ---- */

static teleai_status ask(const report *it, const char *sql, enum parameters parameters,
                         teleai_status (*decode)(const teleai__operation *, PGresult *, teleai_error *), void *out,
                         teleai_error *error) {
    const int64_t numbers[] = {[LONG_TRANSACTION] = it->options.long_transaction_ms,
                               [STALE] = it->options.stale_ms,
                               [DEAD_ROWS] = it->options.dead_rows_percent,
                               [CONNECTIONS] = it->options.connections_percent,
                               [UNUSED] = it->options.unused_index_ms};
    teleai__params params;
    teleai__params_init(&params);
    if (parameters != NONE)
        teleai__params_add(&params, teleai__value_int8(numbers[parameters], teleai__params_scratch(&params)),
                           TELEAI__OID_INT8);
    teleai__operation operation = {
        .statement = {.name = NAME, .sql = sql},
        .params = &params,
        .repeatable = true,
        .no_batch = true,
        .decode = decode,
        .out = out,
        .row = &row,
        .noun = row.noun,
        .limit = INT32_MAX,
    };
    return teleai__run(it->client, &operation, error);
}

/* A check that cannot be made is a notice; a client that cannot work at all is a failure. */
static bool is_of_the_check(teleai_status status) {
    return status == TELEAI_PERMISSION_DENIED || status == TELEAI_SCHEMA_MISMATCH || status == TELEAI_UNSUPPORTED ||
           status == TELEAI_SERVER_ERROR || status == TELEAI_CONFLICT || status == TELEAI_TIMEOUT ||
           status == TELEAI_ABORTED || status == TELEAI_LIMIT_EXCEEDED;
}

static teleai_status add_not_looked_at(report *it, const char *name, const teleai_error *why, teleai_error *error) {
    char message[sizeof why->message + 32];
    snprintf(message, sizeof message, "could not be looked at: %s", why->message);
    return add(it, name, TELEAI_HEALTH_NOTICE, "", message,
               why->status == TELEAI_PERMISSION_DENIED
                   ? "run the check as a role that may see this: the owner of the tables, or a member of pg_monitor"
                   : "run the check again; if it stays, look into the server's log",
               error);
}

static teleai_status run_check(report *it, const check *each, teleai_error *error) {
    typedef struct found {
        size_t count;
        const teleai_health_finding *const *items;
        const char *next_cursor;
    } found;
    found *list = NULL;
    teleai_error why;
    int64_t count = 1;
    teleai_status status = TELEAI_OK;
    size_t before = it->made->count;
    if (each->only_if != NULL)
        status = ask(it, each->only_if, NONE, teleai__decode_count, &count, &why);
    if (status == TELEAI_OK)
        status = count > 0 ? ask(it, each->sql, each->parameters, teleai__decode_list, &list, &why)
                           : ask(it, each->otherwise, NONE, teleai__decode_list, &list, &why);
    if (status != TELEAI_OK && is_of_the_check(status))
        return add_not_looked_at(it, each->name, &why, error);
    if (status != TELEAI_OK) {
        if (error != NULL)
            *error = why;
        return status;
    }
    for (size_t i = 0; i < list->count && status == TELEAI_OK; i++)
        status = add(it, each->name, list->items[i]->severity, list->items[i]->subject, list->items[i]->message,
                     list->items[i]->remedy, error);
    teleai__arena_free(list);
    if (status == TELEAI_OK && it->made->count == before)
        status = add(it, each->name, TELEAI_HEALTH_OK, "", each->fine, NULL, error);
    return status;
}

/* The version, by the library's own means. Tells whether there is a schema to look at. */
static teleai_status check_version(report *it, bool *has_schema, teleai_error *error) {
    teleai_migration_status *now;
    teleai_error why;
    char message[160];
    *has_schema = false;
    teleai_status status = teleai_migrate_status(it->client, &now, &why);
    if (status != TELEAI_OK && is_of_the_check(status))
        return add_not_looked_at(it, "schema", &why, error);
    if (status != TELEAI_OK) {
        if (error != NULL)
            *error = why;
        return status;
    }
    *has_schema = now->current_version > 0;
    if (now->at_work) {
        status = add(it, "schema", TELEAI_HEALTH_NOTICE, "schema_migrations", "a migration is at work now",
                     "wait until it is done, and check again", error);
    } else if (now->dirty) {
        snprintf(message, sizeof message, "it is marked dirty at version %" PRId64 ": golang-migrate failed half-way",
                 now->current_version);
        status =
            add(it, "schema", TELEAI_HEALTH_CRITICAL, "schema_migrations", message,
                "put right what it met, then: teleai migrate force VERSION # where it began; `teleai migrate status` "
                "says which",
                error);
    } else if (now->foreign) {
        status = add(it, "schema", TELEAI_HEALTH_CRITICAL, "schema_migrations",
                     "the table is another tool's: there is no teleai schema, or one of earlier tooling",
                     "teleai migrate adopt --dry-run", error);
    } else if (now->current_version == 0) {
        status =
            add(it, "schema", TELEAI_HEALTH_CRITICAL, "",
                "there is no teleai schema in the search_path of this role, or it may not use that",
                "teleai migrate up # or call teleai_migrate_up(); or: grant usage on schema ... to the role", error);
    } else if (now->current_version != now->library_version) {
        snprintf(message, sizeof message, "it has version %" PRId64 ", this library needs %" PRId64,
                 now->current_version, now->library_version);
        status = add(it, "schema", TELEAI_HEALTH_CRITICAL, "schema_migrations", message,
                     now->current_version < now->library_version ? "teleai migrate up # or call teleai_migrate_up()"
                                                                 : "use a newer libteleai",
                     error);
    }
    teleai_migration_status_free(now);
    return status;
}

/* ---- public ---- */

static teleai_status set_default(const char *name, int64_t *value, int64_t most, int64_t fallback,
                                 teleai_error *error) {
    if (*value < 0 || *value > most)
        return teleai__fail_field(error, name, "%s is %" PRId64 "; 1 to %" PRId64 " was expected, or 0 for the default",
                                  name, *value, most);
    if (*value == 0)
        *value = fallback;
    return TELEAI_OK;
}

static teleai_status read_options(const teleai_health_options *options, teleai_health_options *out,
                                  teleai_error *error) {
    teleai_status status = teleai__read_options(out, sizeof *out, options, "options", error);
    int64_t dead = out->dead_rows_percent, taken = out->connections_percent, most_ms = 36500 * DAY_MS;
    if (status == TELEAI_OK)
        status = set_default("long_transaction_ms", &out->long_transaction_ms, most_ms, 300000, error);
    if (status == TELEAI_OK)
        status = set_default("stale_ms", &out->stale_ms, most_ms, DAY_MS, error);
    if (status == TELEAI_OK)
        status = set_default("unused_index_ms", &out->unused_index_ms, most_ms, 30 * DAY_MS, error);
    if (status == TELEAI_OK)
        status = set_default("dead_rows_percent", &dead, 100, 20, error);
    if (status == TELEAI_OK)
        status = set_default("connections_percent", &taken, 100, 80, error);
    out->dead_rows_percent = (int32_t)dead;
    out->connections_percent = (int32_t)taken;
    return status;
}

/* Whether this is to be made; the version is always looked at first where the check needs a schema. */
static bool is_wanted(const report *it, const check *each) {
    return it->options.only == NULL || strcmp(it->options.only, each->name) == 0;
}

static teleai_status check_only(const report *it, teleai_error *error) {
    for (size_t i = 0; i < TELEAI__COUNT(checks); i++)
        if (is_wanted(it, &checks[i]))
            return TELEAI_OK;
    return teleai__fail_field(error, "only", "only is no check; the name of one was expected, such as \"settings\"");
}

static teleai_status run_all(report *it, teleai_error *error) {
    bool has_schema = it->options.only != NULL;
    for (size_t i = 0; i < TELEAI__COUNT(checks); i++) {
        const check *each = &checks[i];
        if (!is_wanted(it, each))
            continue;
        teleai_status status = TELEAI_OK;
        size_t before = it->made->count;
        if (each->sql == teleai__health_begun_sql)
            status = check_version(it, &has_schema, error);
        if (status == TELEAI_OK && it->made->count == before && (has_schema || !each->needs_schema))
            status = run_check(it, each, error);
        if (status != TELEAI_OK)
            return status;
    }
    return TELEAI_OK;
}

teleai_status teleai_health_check(teleai_client *client, const teleai_health_options *options,
                                  teleai_health_findings **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("findings", error);
    *out = NULL;
    report it = {.client = client};
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = read_options(options, &it.options, error);
    if (status == TELEAI_OK)
        status = check_only(&it, error);
    if (status != TELEAI_OK)
        return status;
    if (teleai__is_transaction(client))
        return teleai__fail(error, TELEAI_CONFLICT,
                            NAME ": a check that may not be made would end the transaction; use the root client");
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", NAME ": it cannot go into a batch: use the root client");
    it.made = teleai__arena_make(sizeof *it.made, 8192);
    if (it.made == NULL)
        return teleai__fail_memory(error);
    status = run_all(&it, error);
    if (status == TELEAI_OK) {
        const teleai_health_finding **items =
            teleai__arena_alloc(teleai__arena_of(it.made), it.made->count * sizeof *items);
        if (items != NULL)
            memcpy(items, it.items, it.made->count * sizeof *items);
        else
            status = teleai__fail_memory(error);
        it.made->items = items;
    }
    free(it.items);
    if (status != TELEAI_OK) {
        teleai__arena_free(it.made);
        return status;
    }
    *out = it.made;
    return teleai__ok(error);
}

void teleai_health_findings_free(teleai_health_findings *findings) { teleai__arena_free(findings); }
