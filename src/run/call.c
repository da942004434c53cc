#include "run/operation.h"

#include <stdio.h>
#include <string.h>

#include "base/backoff.h"
#include "base/error.h"
#include "base/text.h"
#include "run/batch.h"
#include "wire/result.h"
#include "wire/sqlstate.h"
#include "wire/statement.h"

/* ---- once, twice ---- */

void teleai__note_unread(const teleai__operation *operation, teleai_status status, teleai_error *error) {
    if (operation->statement.writes && (status == TELEAI_SCHEMA_MISMATCH || status == TELEAI_SERVER_ERROR))
        error->flags |= TELEAI_ERROR_OUTCOME_UNKNOWN;
}

/* Whether an answer to a repeated write also says what became of the first: it is about the row, and not about the way
 * there, the server, or others who were in the way. */
static bool tells_of_the_row(teleai_status status) {
    return status == TELEAI_OK || status == TELEAI_INVALID_ARGUMENT || status == TELEAI_NOT_FOUND ||
           status == TELEAI_ALREADY_EXISTS || status == TELEAI_PARENT_NOT_FOUND || status == TELEAI_CONFLICT;
}

/* Sends again what may be repeated after a lost connection: a read until a new connection is lost or refused too, a
 * write, whose outcome somebody wants to know, until the deadline. */
enum teleai__next teleai__operation_next(const teleai__operation *operation, teleai__attempt *attempt, bool lost,
                                         bool refused, bool in_time, teleai_status *status, teleai_error *error) {
    bool writes = operation->statement.writes;
    if (refused && !attempt->refused) {
        attempt->refused = true; /* nothing has happened: any write may go to the new primary */
        return TELEAI__SEND_AGAIN;
    }
    bool no_answer = lost || (attempt->in_doubt && *status == TELEAI_UNAVAILABLE);
    if (no_answer && operation->repeatable && in_time && (writes || !attempt->again)) {
        attempt->again = true;
        attempt->in_doubt = writes;
        return TELEAI__SEND_AGAIN;
    }
    if (attempt->earlier && *status == TELEAI_NOT_FOUND) { /* another row stands in its way */
        *status = teleai__fail(error, TELEAI_ALREADY_EXISTS, "%s: %s (constraint %s)", operation->statement.name,
                               teleai__sqlstate_meaning("23505")->says, attempt->constraint);
        memcpy(error->sqlstate, "23505", 6);
        memcpy(error->constraint, attempt->constraint, sizeof error->constraint);
        memcpy(error->field, attempt->field, sizeof error->field);
        return TELEAI__DONE;
    }
    if (!attempt->in_doubt)
        return TELEAI__DONE;
    if (*status == TELEAI_NOT_FOUND && operation->deletes)
        *status = TELEAI_OK;
    if (*status == TELEAI_ALREADY_EXISTS && operation->earlier != NULL && !attempt->earlier) {
        attempt->earlier = true;
        memcpy(attempt->constraint, error->constraint, sizeof attempt->constraint);
        memcpy(attempt->field, error->field, sizeof attempt->field);
        return TELEAI__SEND_EARLIER;
    }
    if (!tells_of_the_row(*status)) { /* no answer to the repetition either */
        static const char doubt[] = "look whether it happened before doing it again";
        if (strstr(error->message, doubt) == NULL) { /* what it was comes first, and then why it was not sent again */
            char why[160];
            size_t length = teleai__utf8_cut(error->message, sizeof why - 1);
            memcpy(why, error->message, length);
            why[length] = '\0';
            snprintf(error->message, sizeof error->message,
                     "%.40s: the connection was lost before the server answered; %s. Sending it again failed: %s",
                     operation->statement.name, doubt, why);
        }
        error->flags = TELEAI_ERROR_OUTCOME_UNKNOWN;
    }
    return TELEAI__DONE;
}

/* ---- on a connection ---- */

#define MOST_RIDERS 15

typedef struct answer {
    PGresult *result;
    bool lost, refused;
    teleai__watch *watch; /* NULL: nobody wants to know */
} answer;

static int64_t now_for(const teleai__watch *watch) { return watch == NULL ? 0 : teleai__monotonic_us(); }

static teleai__request request_of(const teleai__statement *statement, const teleai__params *params) {
    return (teleai__request){.statement = statement, .values = teleai__params_values(params)};
}

/* The answer of one request of a flight, which takes its result. */
static teleai_status answer_of(teleai__connection *connection, teleai__request *request, teleai_status flown,
                               const teleai_error *why, PGresult **result, bool *lost, teleai_error *error) {
    const char *name = request->statement->name;
    *lost = false;
    if (request->result == NULL && flown != TELEAI_OK) {
        *lost = flown == TELEAI_UNAVAILABLE;
        *error = *why;
        return flown;
    }
    if (request->result == NULL || teleai__is_failure(request->result)) {
        teleai_status status = request->result == NULL
                                   ? teleai__fail(error, TELEAI_SERVER_ERROR, "%s: the server gave no answer", name)
                                   : teleai__fail_answer(connection, name, request->result, error);
        PQclear(request->result);
        request->result = NULL;
        *lost = status == TELEAI_UNAVAILABLE; /* the server has said good-bye */
        return status;
    }
    *result = request->result;
    request->result = NULL;
    return TELEAI_OK;
}

/* A plan that is of no use any more is to be made anew: its statement has not run, and is sent again. */
static bool note_stale(teleai__connection *connection, const teleai__request *request, teleai_status status,
                       const teleai_error *error) {
    return status != TELEAI_OK && teleai__statement_is_stale(connection, request->reused, error->sqlstate);
}

/* Takes those along that wait: each behind its own end of a group, so that failures stay apart. All of them are reads. */
static teleai_status run_with_riders(teleai__connection *connection, const teleai__operation *operation,
                                     teleai__ride **riders, int32_t count, teleai__deadline deadline, answer *out,
                                     teleai_error *error) {
    teleai__pipeline pipeline;
    teleai__request requests[1 + MOST_RIDERS];
    requests[0] = request_of(&operation->statement, operation->params);
    for (int32_t i = 0; i < count; i++)
        requests[1 + i] = request_of(riders[i]->statement, riders[i]->params);
    teleai_error why;
    teleai_status flown = teleai__pipeline_start(&pipeline, connection, requests, 1 + (size_t)count, true, &why);
    for (int32_t i = 0; i < count; i++)
        riders[i]->sent = true; /* or never will be */
    if (flown == TELEAI_OK)
        flown = teleai__pipeline_finish(&pipeline, requests, 1 + (size_t)count, deadline, &why);
    teleai_error late;
    if (flown == TELEAI_TIMEOUT || flown == TELEAI_CANCELLED) /* ours, not theirs: they ask again */
        teleai__fail_lost(connection, "ride", false, &late);
    for (int32_t i = 0; i < count; i++) {
        teleai__ride *ride = riders[i];
        ride->status = answer_of(connection, &requests[1 + i], flown == TELEAI_OK ? flown : TELEAI_UNAVAILABLE,
                                 flown == TELEAI_TIMEOUT || flown == TELEAI_CANCELLED ? &late : &why, &ride->result,
                                 &ride->lost, &ride->error);
        ride->lost |= note_stale(connection, &requests[1 + i], ride->status, &ride->error);
        bool stopped = ride->status == TELEAI_CANCELLED || ride->status == TELEAI_TIMEOUT; /* not on their account */
        ride->lost |= stopped && (connection->interrupted || teleai__deadline_left_ms(deadline) == 0);
    }
    teleai_status status = answer_of(connection, &requests[0], flown, &why, &out->result, &out->lost, error);
    out->lost |= note_stale(connection, &requests[0], status, error);
    connection->broken |= pipeline.ended;
    return status;
}

/* With what the scope sets in front, in the same flight; and before a read from a replica the question how far that is
 * behind, whose answer goes to *is_near. *stale: it failed only because a plan was. */
static teleai_status run_in_scope(teleai__connection *connection, const teleai__scope *scope,
                                  const teleai__operation *operation, bool *is_near, teleai__deadline deadline,
                                  answer *out, bool *stale, teleai_error *error) {
    static const char near_sql[] =
        "select not pg_catalog.pg_is_in_recovery()\n"
        "       or (pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()\n"
        "           and exists (select 1 from pg_catalog.pg_stat_wal_receiver))\n"
        "       or pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()\n"
        "          <= $1 * interval '1 millisecond' is true";
    static const teleai__statement near = {.key = near_sql, .name = "replica_lag", .sql = near_sql};
    teleai__request requests[3];
    teleai__prelude prelude;
    teleai__params lag;
    size_t count = 0, asked = 0;
    if (teleai__scope_needs_prelude(scope, connection)) {
        teleai__prelude_make(&prelude, scope, connection->behind_pooler, deadline);
        requests[count++] = prelude.request;
    }
    if (is_near != NULL) {
        teleai__params_init(&lag);
        teleai__params_add(&lag, teleai__value_int4(scope->max_lag_ms, teleai__params_scratch(&lag)), TELEAI__OID_INT4);
        asked = count;
        requests[count++] = request_of(&near, &lag);
    }
    requests[count++] = request_of(&operation->statement, operation->params);
    teleai_status flown = teleai__pipeline_run(connection, requests, count, false, deadline, error);
    teleai_error why = {0};
    if (flown != TELEAI_OK)
        why = *error;
    if (is_near != NULL) {
        const PGresult *said = requests[asked].result;
        *is_near = false;
        (void)teleai__answer_bool(said, 0, 0, is_near);
    }
    teleai__request *answered = &requests[count - 1], *failed = answered;
    for (size_t i = 0; i + 1 < count; i++) {
        if (requests[i].result != NULL && teleai__is_failure(requests[i].result) && answered->result == NULL) {
            answered->result = requests[i].result; /* it failed for all of them */
            failed = &requests[i];
            requests[i].result = NULL;
        }
        PQclear(requests[i].result);
    }
    teleai_status status = answer_of(connection, answered, flown, &why, &out->result, &out->lost, error);
    *stale = note_stale(connection, failed, status, error) && !connection->broken;
    return status;
}

/* Twice, when a plan was stale and nothing else is at stake. */
static teleai_status run_in_scope_twice(teleai__connection *connection, const teleai__scope *scope,
                                        const teleai__operation *operation, bool *is_near, teleai__deadline deadline,
                                        answer *out, teleai_error *error) {
    bool stale;
    teleai_status status = run_in_scope(connection, scope, operation, is_near, deadline, out, &stale, error);
    if (stale) {
        out->lost = false;
        status = run_in_scope(connection, scope, operation, is_near, deadline, out, &stale, error);
    }
    return status;
}

static teleai_status run_alone(teleai__connection *connection, const teleai__operation *operation,
                               const teleai__scope *scope, teleai__deadline deadline, answer *out,
                               teleai_error *error) {
    if (operation->copy != NULL)
        return teleai__scope_copy(connection, operation->statement.name, operation->copy, scope, deadline, &out->result,
                                  error);
    return teleai__connection_run(connection, &operation->statement, operation->params, deadline, &out->result, error);
}

static void locate(const teleai__operation *operation, const teleai__connection *connection, teleai_status status,
                   teleai_error *error) {
    if (status != TELEAI_OK && operation->locate != NULL && (error->flags & TELEAI_ERROR_HAS_ITEM) == 0)
        operation->locate(operation, connection, error);
}

static teleai_status send_in_transaction(teleai_client *client, const teleai__operation *operation,
                                         teleai__deadline deadline, answer *out, teleai_error *error) {
    teleai__connection *connection;
    int64_t asked_us = now_for(out->watch);
    teleai_status status = teleai__client_borrow(client, operation->statement.name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    int64_t granted_us = now_for(out->watch);
    status = run_alone(connection, operation, NULL, deadline, out, error);
    if (out->watch != NULL) {
        out->watch->wait_us += granted_us - asked_us;
        out->watch->query_us += teleai__monotonic_us() - granted_us;
    }
    out->lost = status == TELEAI_UNAVAILABLE && connection->broken;
    locate(operation, connection, status, error);
    teleai__client_return(client, connection);
    return status;
}

/* On a connection of a pool. `is_near` where it is the replicas'. */
static teleai_status send_in(teleai__pool *pool, teleai_client *client, const teleai__operation *operation,
                             bool *is_near, teleai__deadline deadline, answer *out, teleai_error *error) {
    teleai__ticket ticket;
    teleai__ride *riders[MOST_RIDERS];
    bool brief = operation->brief && !client->scope.is_set && is_near == NULL;
    int64_t asked_us = now_for(out->watch);
    teleai__ride ride; /* with room for an error: not to be cleared for nothing */
    ride.statement = &operation->statement;
    ride.params = operation->params;
    ride.result = NULL;
    ride.lost = false;
    ride.status = TELEAI_OK;
    teleai_status status =
        teleai__pool_acquire(pool, &ticket, operation->statement.name, client, brief ? &ride : NULL, deadline, error);
    if (status != TELEAI_OK)
        return status;
    int64_t granted_us = now_for(out->watch);
    if (out->watch != NULL) {
        out->watch->connect_us += ticket.connect_us;
        out->watch->wait_us += granted_us - asked_us - ticket.connect_us;
    }
    if (ticket.state == TELEAI__TICKET_ANSWERED) {
        out->result = ride.result;
        out->lost = ride.lost;
        if (ride.status != TELEAI_OK)
            *error = ride.error;
        return ride.status;
    }
    teleai__connection *connection = ticket.connection;
    int32_t count = 0;
    if (brief && !ticket.alone && !connection->behind_pooler)
        count = teleai__pool_take_riders(pool, riders, MOST_RIDERS);
    bool plain = is_near == NULL && !teleai__scope_needs_prelude(&client->scope, connection);
    if (plain && count > 0)
        status = run_with_riders(connection, operation, riders, count, deadline, out, error);
    else if (plain || operation->copy != NULL)
        status = run_alone(connection, operation, &client->scope, deadline, out, error);
    else
        status = run_in_scope_twice(connection, &client->scope, operation, is_near, deadline, out, error);
    if (out->watch != NULL)
        out->watch->query_us += teleai__monotonic_us() - granted_us;
    locate(operation, connection, status, error);
    out->lost |= status == TELEAI_UNAVAILABLE && connection->broken;
    out->refused = connection->read_only;
    teleai__pool_release(pool, connection, riders, count);
    return status;
}

/* From the replica if that is wished and possible, which takes half of the time left at most. */
static teleai_status send_once(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                               answer *out, teleai_error *error) {
    if (out->watch != NULL)
        out->watch->attempts++;
    if (teleai__is_transaction(client))
        return send_in_transaction(client, operation, deadline, out, error);
    teleai__core *core = client->core;
    if (client->scope.read_from == TELEAI_READ_FROM_REPLICA && core->replica != NULL && !operation->statement.writes) {
        bool is_near = false;
        teleai__deadline sooner = teleai__deadline_part(deadline, teleai__deadline_left_ms(deadline) / 2);
        teleai_status status = send_in(core->replica, client, operation, &is_near, sooner, out, error);
        if ((status == TELEAI_OK && is_near) || status == TELEAI_CANCELLED)
            return status;
        PQclear(out->result);
        *out = (answer){.watch = out->watch};
    }
    return send_in(core->pool, client, operation, NULL, deadline, out, error);
}

/* Reads an answer, and what is to be known of it. */
static teleai_status read_answer(const teleai__operation *operation, const answer *got, teleai_error *error) {
    if (got->watch == NULL)
        return operation->decode(operation, got->result, error);
    teleai__watch_result(got->watch, got->result);
    int64_t start_us = teleai__monotonic_us();
    teleai_status status = operation->decode(operation, got->result, error);
    got->watch->decode_us += teleai__monotonic_us() - start_us;
    return status;
}

/* Sends it once, and reads the answer. */
static teleai_status try_once(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                              answer *got, teleai_error *error) {
    teleai_status status = send_once(client, operation, deadline, got, error);
    if (status != TELEAI_OK)
        return status;
    status = read_answer(operation, got, error);
    if (!teleai__is_transaction(client))
        teleai__note_unread(operation, status, error);
    return status;
}

/* Its caller ends it while it rests between two sendings. */
static teleai_status fail_interrupted(const teleai__operation *operation, const teleai__attempt *attempt,
                                      teleai_error *error) {
    teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled%s", operation->statement.name,
                 attempt->in_doubt ? "; look whether it happened before doing it again" : "");
    error->flags = attempt->in_doubt ? TELEAI_ERROR_OUTCOME_UNKNOWN : 0;
    return TELEAI_CANCELLED;
}

/* How it goes on after a first try that failed. */
static teleai_status go_on(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                           int32_t cancels, answer *got, teleai_status status, teleai_error *error) {
    teleai__attempt attempt = {0};
    teleai__backoff backoff = TELEAI__RESEND_BACKOFF;
    while (status != TELEAI_OK) {
        bool in_time =
            !teleai__is_transaction(client) && teleai__deadline_left_ms(deadline) > 0 && client->cancels == cancels;
        enum teleai__next next =
            teleai__operation_next(operation, &attempt, got->lost, got->refused, in_time, &status, error);
        if (next == TELEAI__DONE && got->lost && client->cancels != cancels && !operation->statement.writes)
            status = teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled", operation->statement.name);
        if (next == TELEAI__DONE)
            break;
        if (next == TELEAI__SEND_AGAIN)
            teleai__metrics_note_retry(client->core->metrics);
        if (next == TELEAI__SEND_AGAIN && attempt.again) {
            if (!teleai__backoff_sleep(&backoff, deadline))
                return fail_interrupted(operation, &attempt, error);
        }
        *got = (answer){.watch = got->watch};
        status = try_once(client, attempt.earlier ? operation->earlier : operation, deadline, got, error);
    }
    return status;
}

static teleai_status run_by(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                            teleai__watch *watch, teleai_error *error) {
    answer got = {.watch = watch};
    int32_t cancels = client->cancels;
    teleai_status status = try_once(client, operation, deadline, &got, error);
    return status == TELEAI_OK ? status : go_on(client, operation, deadline, cancels, &got, status, error);
}

teleai_status teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error) {
    teleai_error local;
    if (error == NULL)
        error = &local; /* how it goes on depends on it */
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (client->batch != NULL)
        return teleai__batch_add(client, operation, error == &local ? NULL : error);
    teleai__watch watch;
    teleai__metrics *metrics = client->core->metrics;
    if (metrics != NULL)
        teleai__watch_start(&watch);
    status = run_by(client, operation, teleai__client_deadline(client), metrics == NULL ? NULL : &watch, error);
    if (metrics != NULL)
        teleai__watch_end(&watch, metrics, operation->statement.name, status, error);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}
