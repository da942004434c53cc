#include "run/scope.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "run/client.h"
#include "wire/statement.h"

teleai__deadline teleai__scope_deadline(const teleai__scope *scope, const teleai__settings *settings) {
    int32_t timeout_ms = scope->timeout_ms == 0 ? settings->timeout_ms : scope->timeout_ms;
    teleai__deadline deadline = teleai__deadline_until(&settings->interrupt, timeout_ms);
    if (scope->until_us != 0 && scope->until_us < deadline.at_us)
        deadline.at_us = scope->until_us;
    return deadline;
}

/* Names of the settings, in the order of their values. */
static const char *const names[] = {"statement_timeout", "teleai.actor_id", "teleai.tenant_id", "application_name"};

/* Writes the values; tells which are given. A session of our own has the client's time limit from the beginning. */
static unsigned int list_values(const teleai__scope *scope, bool limits_time, int32_t timeout_ms, char texts[4][56]) {
    if (limits_time)
        snprintf(texts[0], sizeof texts[0], "%" PRId32, timeout_ms);
    if (scope->has_actor)
        teleai_uuid_format(&scope->actor_id, texts[1]);
    bool tenant = scope->has_tenant || scope->sends_tenant;
    if (tenant)
        teleai_uuid_format(&scope->tenant_id, texts[2]);
    memcpy(texts[3], scope->traceparent, sizeof texts[3]);
    return (limits_time ? 1U : 0) | (scope->has_actor ? 2U : 0) | (tenant ? 4U : 0) |
           (scope->traceparent[0] != '\0' ? 8U : 0);
}

static int32_t at_least_1(int32_t ms) { return ms < 1 ? 1 : ms; } /* 0 would be none */

static bool limits_time(const teleai__scope *scope, bool behind_pooler) {
    return behind_pooler || scope->timeout_ms != 0 || scope->until_us != 0;
}

/* The text of the statement, which is wanted only where it is prepared. */
static void write_settings(const void *of, char *text) {
    const teleai__prelude *it = of;
    int count = 0;
    size_t at = 0;
    text[0] = '\0';
    for (unsigned int i = 0; i < 4; i++)
        if ((it->statement.variant & 1U << i) != 0) {
            count++;
            at += (size_t)snprintf(text + at, TELEAI__PRELUDE_BYTES - at, "%s pg_catalog.set_config('%s', $%d, true)",
                                   count == 1 ? "select" : ",", names[i], count);
        }
}

static void fill_prelude(teleai__prelude *it, unsigned int given) {
    static const char key[] = "scope";
    int count = 0;
    for (unsigned int i = 0; i < 4; i++) {
        if ((given & 1U << i) == 0)
            continue;
        it->types[count] = TELEAI__OID_TEXT;
        it->values[count] = it->texts[i];
        it->lengths[count] = (int)strlen(it->texts[i]);
        it->formats[count] = 1;
        count++;
    }
    it->statement = (teleai__statement){.key = key, .variant = given, .name = key, .write = write_settings, .of = it};
    it->request = (teleai__request){.statement = &it->statement,
                                    .values = {count, it->types, it->values, it->lengths, it->formats}};
}

void teleai__prelude_make(teleai__prelude *it, const teleai__scope *scope, bool behind_pooler,
                          teleai__deadline deadline) {
    fill_prelude(it, list_values(scope, limits_time(scope, behind_pooler),
                                 at_least_1(teleai__deadline_left_ms(deadline)), it->texts));
}

bool teleai__prelude_make_for(teleai__prelude *it, const teleai__scope *scope, bool behind_pooler, int32_t timeout_ms) {
    if (!scope->is_set && !behind_pooler && timeout_ms > 0)
        return false;
    fill_prelude(it, list_values(scope, timeout_ms == 0 || limits_time(scope, behind_pooler), timeout_ms, it->texts));
    return it->request.values.count > 0;
}

teleai_status teleai__scope_begin(teleai__connection *connection, const teleai__scope *scope, const char *name,
                                  const char *sql, int32_t timeout_ms, teleai__deadline deadline, teleai_error *error) {
    teleai__prelude prelude;
    bool sets = teleai__prelude_make_for(&prelude, scope, connection->behind_pooler, timeout_ms);
    if (!sets) {
        PGresult *result = NULL;
        teleai_status status = teleai__connection_command(connection, name, sql, deadline, &result, error);
        PQclear(result);
        return status;
    }
    for (int tries = 1;; tries++) {
        const teleai__statement begin = {.name = name, .sql = sql};
        teleai__request requests[2] = {{.statement = &begin}, prelude.request};
        teleai_status status = teleai__pipeline_run(connection, requests, 2, false, deadline, error);
        const PGresult *failed = NULL; /* also where the connection ended with it: it says why */
        bool all = true;
        for (int i = 0; i < 2 && failed == NULL; i++) {
            all &= requests[i].result != NULL;
            if (requests[i].result != NULL && teleai__is_failure(requests[i].result))
                failed = requests[i].result;
        }
        if (failed == NULL && status == TELEAI_OK && !all) /* it skipped one for no reason */
            status = teleai__fail_lost(connection, name, false, error);
        teleai_error why = {0};
        if (failed != NULL) {
            status = teleai__fail_answer(connection, name, failed, &why);
            if (error != NULL)
                *error = why;
        }
        for (int i = 0; i < 2; i++)
            PQclear(requests[i].result);
        /* The settings are prepared, and what was prepared the server may have forgotten. */
        bool stale = status != TELEAI_OK && teleai__statement_is_stale(connection, requests[1].reused, why.sqlstate);
        if (status == TELEAI_OK || connection->broken || failed == NULL)
            return status;
        PGresult *result = NULL;
        if (teleai__connection_command(connection, name, "rollback", deadline, &result, NULL) != TELEAI_OK)
            connection->broken = true;
        PQclear(result);
        if (!stale || tries == 2 || connection->broken)
            return status;
    }
}

/* ---- public ---- */

/* "00-", 32, 16 and 2 hexadecimal digits in lower case, with hyphens (W3C Trace Context, section 3.2). */
static bool is_traceparent(const char *text) {
    if (strlen(text) != 55)
        return false;
    for (int i = 0; i < 55; i++) {
        bool hyphen = i == 2 || i == 35 || i == 52;
        if (hyphen ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return true;
}

static teleai_status check(const teleai_scope_options *given, const teleai_client *client, teleai_error *error) {
    if (given->timeout_ms < 0)
        return teleai__fail_field(error, "timeout_ms", "timeout_ms is negative; milliseconds were expected");
    if (given->total_ms < 0)
        return teleai__fail_field(error, "total_ms", "total_ms is negative; milliseconds were expected");
    if (given->max_lag_ms < 0)
        return teleai__fail_field(error, "max_lag_ms", "max_lag_ms is negative; milliseconds were expected");
    if (given->read_from < TELEAI_READ_FROM_PRIMARY || given->read_from > TELEAI_READ_FROM_REPLICA)
        return teleai__fail_field(error, "read_from", "read_from is %d; 0 (primary) or 1 (replica) was expected",
                                  (int)given->read_from);
    if (given->read_from == TELEAI_READ_FROM_REPLICA && client->core->replica == NULL)
        return teleai__fail_field(error, "read_from",
                                  "there is no replica: give replica_connection in the options of teleai_open()");
    if (given->traceparent != NULL && !is_traceparent(given->traceparent))
        return teleai__fail_field(error, "traceparent",
                                  "traceparent was expected as 00-<32 hex>-<16 hex>-<2 hex>, in lower case");
    return TELEAI_OK;
}

static void apply(const teleai_scope_options *given, teleai__scope *scope) {
    /* A tenant and a place to read from need not be told to the server: statements name the one and go to the other. */
    scope->is_set |=
        given->timeout_ms > 0 || given->total_ms > 0 || given->actor_id != NULL || given->traceparent != NULL;
    if (given->timeout_ms > 0)
        scope->timeout_ms = given->timeout_ms;
    if (given->total_ms > 0) {
        int64_t until_us = teleai__deadline_in(given->total_ms).at_us;
        if (scope->until_us == 0 || until_us < scope->until_us)
            scope->until_us = until_us;
    }
    if (given->actor_id != NULL) {
        scope->has_actor = true;
        scope->actor_id = *given->actor_id;
    }
    if (given->tenant_id != NULL) {
        scope->has_tenant = true;
        scope->tenant_id = *given->tenant_id;
    }
    if (given->traceparent != NULL)
        memcpy(scope->traceparent, given->traceparent, sizeof scope->traceparent);
    if (given->read_from != TELEAI_READ_FROM_PRIMARY) {
        scope->read_from = given->read_from;
        scope->max_lag_ms = given->max_lag_ms == 0 ? 1000 : given->max_lag_ms;
    }
}

teleai_status teleai_scope_open(teleai_client *client, const teleai_scope_options *options, teleai_client **out,
                                teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("scope", error);
    *out = NULL;
    teleai_scope_options given;
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&given, sizeof given, options, "options", error);
    if (status == TELEAI_OK && (teleai__is_transaction(client) || client->batch != NULL))
        status = teleai__fail_field(error, "client",
                                    "scope_open: a transaction or batch is in its scope already; open the scope first");
    if (status == TELEAI_OK)
        status = check(&given, client, error);
    if (status != TELEAI_OK)
        return status;
    teleai_client *made = teleai__client_derive(client);
    if (made == NULL)
        return teleai__fail_memory(error);
    made->is_scope = true;
    apply(&given, &made->scope);
    *out = made;
    return teleai__ok(error);
}

/* In a transaction of its own where there is something to set; else one message is one transaction. */
teleai_status teleai__scope_copy(teleai__connection *connection, const char *name, const teleai__copy *copy,
                                 const teleai__scope *scope, teleai__deadline deadline, PGresult **out,
                                 teleai_error *error) {
    if (scope == NULL || !teleai__scope_needs_prelude(scope, connection))
        return teleai__copy_run(connection, name, copy, deadline, out, error);
    *out = NULL;
    int32_t left_ms = teleai__deadline_left_ms(deadline);
    teleai_status status =
        teleai__scope_begin(connection, scope, name, "begin", left_ms < 1 ? 1 : left_ms, deadline, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__copy_run(connection, name, copy, deadline, out, error);
    PGresult *ended = NULL;
    if (status == TELEAI_OK) {
        status = teleai__connection_command(connection, name, "commit", deadline, &ended, error);
        if (status != TELEAI_OK && connection->broken && error != NULL)
            error->flags = (error->flags & ~(uint32_t)TELEAI_ERROR_RETRYABLE) | TELEAI_ERROR_OUTCOME_UNKNOWN;
    } else if (!connection->broken &&
               teleai__connection_command(connection, name, "rollback", deadline, &ended, NULL) != TELEAI_OK) {
        connection->broken = true;
    }
    PQclear(ended);
    if (status != TELEAI_OK) {
        PQclear(*out);
        *out = NULL;
    }
    return status;
}
