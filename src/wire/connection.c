#include "wire/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "wire/sqlstate.h"

#define LARGE_BYTES (1 << 28) /* of values; libpq's buffer grows by doubling, up to 2 GB */

/* ---- waiting ---- */

int teleai__wait_socket(int socket, short events, teleai__deadline deadline) {
    struct pollfd watched = {.fd = socket, .events = events};
    for (;;) {
        int left_ms = teleai__deadline_left_ms(deadline);
        int ready = left_ms == 0 ? 0 : poll(&watched, 1, left_ms);
        if (ready > 0)
            return 1;
        if (ready == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* What had come by the deadline may still be read, but not all that a server may send: the socket of one that sends
 * without end is always ready. */
#define MOST_OVERTIME 16

int teleai__connection_wait(teleai__connection *connection, short events, teleai__deadline deadline) {
    struct pollfd watched = {.fd = PQsocket(connection->pg), .events = events};
    for (;;) {
        int left_ms = teleai__deadline_left_ms(deadline);
        connection->overtime = left_ms > 0 ? 0 : connection->overtime + 1;
        if (connection->overtime > MOST_OVERTIME)
            return 0;
        bool in_slices = deadline.interrupt != NULL && left_ms > TELEAI__ASK_MS;
        int ready = poll(&watched, 1, in_slices ? TELEAI__ASK_MS : left_ms);
        int reason = errno;
        if (teleai__deadline_ask(deadline, ready <= 0, &connection->asked_us)) {
            connection->interrupted = true;
            return 0;
        }
        if (ready > 0)
            return 1;
        if (ready == 0 && !in_slices)
            return 0;
        if (ready < 0 && reason != EINTR)
            return -1;
    }
}

/* ---- closing ---- */

void teleai__connection_close(teleai__connection *connection) {
    if (connection == NULL)
        return;
    PQfinish(connection->pg);
    free(connection);
}

void teleai__connection_abandon(teleai__connection *connection) {
    if (connection == NULL)
        return;
    int socket = PQsocket(connection->pg);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (socket >= 0 && nowhere >= 0)
        dup2(nowhere, socket); /* PQfinish() says goodbye to whatever this is */
    if (nowhere >= 0)
        close(nowhere);
    teleai__connection_close(connection);
}

bool teleai__connection_is_alive(const teleai__connection *connection) {
    if (connection->broken || PQstatus(connection->pg) != CONNECTION_OK)
        return false;
    /* An idle connection has nothing to say: what can be read is the end of it, or a last message before that. */
    struct pollfd watched = {.fd = PQsocket(connection->pg), .events = POLLIN};
    return poll(&watched, 1, 0) == 0;
}

/* ---- running ---- */

teleai_status teleai__fail_lost(teleai__connection *connection, const char *name, bool writes, teleai_error *error) {
    connection->broken = true;
    teleai__fail(error, TELEAI_UNAVAILABLE,
                 writes ? "%s: the connection was lost before the server answered; look whether it happened before "
                          "doing it again"
                        : "%s: the connection was lost before the server answered; try again",
                 name);
    if (error != NULL)
        error->flags = writes ? TELEAI_ERROR_OUTCOME_UNKNOWN : TELEAI_ERROR_RETRYABLE;
    return TELEAI_UNAVAILABLE;
}

teleai_status teleai__fail_late(teleai__connection *connection, const char *name, bool writes, teleai_error *error) {
    bool stopped = teleai__connection_is_stopped(connection);
    teleai_status status = stopped ? TELEAI_CANCELLED : TELEAI_TIMEOUT;
    connection->broken = true; /* its answer may still come: nobody else must read that */
    teleai__fail(error, status, "%s: %s%s", name,
                 stopped ? "it was cancelled" : "the server did not answer within timeout_ms",
                 writes ? "; look whether it happened before doing it again" : "");
    if (error != NULL)
        error->flags = writes ? TELEAI_ERROR_OUTCOME_UNKNOWN : stopped ? 0 : TELEAI_ERROR_RETRYABLE;
    return status;
}

/* Sends what is buffered, reading meanwhile so that a server that talks back cannot block us; *read: something came. */
static int flush(teleai__connection *connection, teleai__deadline deadline, bool *read) {
    PGconn *pg = connection->pg;
    int left;
    while ((left = PQflush(pg)) == 1) {
        int ready = teleai__connection_wait(connection, POLLIN | POLLOUT, deadline);
        if (ready != 1)
            return ready;
        if (!PQconsumeInput(pg))
            return -1;
        *read = true;
    }
    return left == 0 ? 1 : -1;
}

/* What does not fit into libpq's buffer is too large for a message of the protocol, or for memory. */
teleai_status teleai__fail_unsent(const char *name, const teleai__values *values, teleai_error *error) {
    int64_t bytes = 0;
    for (int i = 0; i < values->count; i++)
        bytes += values->lengths[i];
    if (bytes < LARGE_BYTES)
        return teleai__fail_memory(error);
    return teleai__fail(error, TELEAI_LIMIT_EXCEEDED, "%s: the values are too large to send together (1 GB)", name);
}

teleai_status teleai__fail_answer(teleai__connection *connection, const char *name, const PGresult *result,
                                  teleai_error *error) {
    teleai_status status = teleai__fail_result(error, name, result);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    snprintf(connection->detail, sizeof connection->detail, "%s", detail == NULL ? "" : detail);
    snprintf(connection->context, sizeof connection->context, "%s", context == NULL ? "" : context);
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (status == TELEAI_UNAVAILABLE)
        connection->broken = true;
    if (sqlstate == NULL)
        return status;
    /* Outside a transaction nobody asked for read-only: a primary that has become a standby. */
    if (strcmp(sqlstate, "25006") == 0 && !connection->in_transaction)
        connection->broken = connection->read_only = true;
    if (strcmp(sqlstate, "57014") != 0 || !teleai__connection_is_stopped(connection))
        return status;
    teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled, and nothing has happened", name);
    return TELEAI_CANCELLED;
}

bool teleai__is_failure(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY;
}

bool teleai__connection_has_stalled(const PGconn *pg, const PGresult *kept) {
    return PQpipelineStatus(pg) != PQ_PIPELINE_OFF && (kept == NULL || !teleai__is_failure(kept)) &&
           *PQerrorMessage(pg) != '\0';
}

/* The one answer to be kept of several results: the last, or the first failure. */
typedef struct answer {
    PGresult *kept;
    bool failed;
    int good; /* results before a failure */
} answer;

static void keep(answer *it, PGresult *next) {
    if (it->failed) {
        PQclear(next);
        return;
    }
    PQclear(it->kept);
    it->kept = next;
    it->failed = teleai__is_failure(next);
    it->good += !it->failed;
}

static void drop(answer *it) {
    PQclear(it->kept);
    it->kept = NULL;
}

/* Of answers in one pipeline here: to letting go of old statements, to preparing a new one, and to running it. libpq goes on
 * to give ends when a server has said too early that it is ready. */
#define MOST_ENDS 3

/* Sends what is buffered, and reads results to the end of the answer. 1: it came, 0: the deadline passed, -1: the
 * connection is lost. `read`: a part of it may have been read already. */
static int read_answer(teleai__connection *connection, bool read, teleai__deadline deadline, answer *it) {
    PGconn *pg = connection->pg;
    int state = flush(connection, deadline, &read), ends = 0;
    if (state != 1)
        return state;
    for (;; read = true) {
        for (; !read || PQisBusy(pg); read = true) {
            if (read && teleai__connection_has_stalled(pg, it->kept))
                return -1;
            int ready = teleai__connection_wait(connection, POLLIN, deadline);
            if (ready == 0)
                return 0;
            if (ready < 0 || !PQconsumeInput(pg))
                break; /* what had been said before the end can still be read */
        }
        PGresult *next = PQgetResult(pg);
        if (next == NULL && PQpipelineStatus(pg) != PQ_PIPELINE_OFF && PQstatus(pg) == CONNECTION_OK) {
            if (++ends > MOST_ENDS)
                return -1;
            continue; /* the end of one answer of several */
        }
        ExecStatusType what = PQresultStatus(next);
        if (next == NULL || what == PGRES_PIPELINE_SYNC) {
            PQclear(next);
            return 1;
        }
        bool copies = teleai__is_copy(next);
        if (what == PGRES_PIPELINE_ABORTED)
            PQclear(next); /* skipped because of the failure before */
        else
            keep(it, next);
        if (copies) {
            connection->broken = true;
            return -1;
        }
    }
}

/* Sends and reads to the end of the answer: the last result, or the first failure. `answers` is how many results are the
 * least; how many there were before a failure is written there. `read`: a part of them may have been read already. At
 * the deadline the server is told to stop: when it answers to that, the connection lives. */
static teleai_status receive(teleai__connection *connection, const char *name, bool writes, bool read, int *answers,
                             teleai__deadline deadline, PGresult **out, teleai_error *error) {
    PGconn *pg = connection->pg;
    answer it = {0};
    int state = read_answer(connection, read, deadline, &it);
    if (state == 0 && teleai__connection_stop(connection, false))
        state = read_answer(connection, true, teleai__deadline_in(TELEAI__STOP_GRACE_MS), &it);
    connection->last_used_us = teleai__monotonic_coarse_us();
    if (state == 0) {
        drop(&it);
        return teleai__fail_late(connection, name, writes, error);
    }
    if (!it.failed && it.good < *answers) /* the end of the connection came in between */
        drop(&it);
    *answers = it.good;
    if (PQstatus(pg) != CONNECTION_OK || it.kept == NULL)
        connection->broken = true;
    if (it.kept != NULL && !it.failed) {
        *out = it.kept;
        return TELEAI_OK;
    }
    teleai_status status = it.kept == NULL || PQresultErrorField(it.kept, PG_DIAG_SQLSTATE) == NULL
                               ? teleai__fail_lost(connection, name, writes, error)
                               : teleai__fail_answer(connection, name, it.kept, error);
    drop(&it);
    return status;
}

/* ---- prepared statements ---- */

teleai__prepared *teleai__connection_find_prepared(teleai__connection *connection, const teleai__statement *statement) {
    if (!connection->prepare || statement->key == NULL)
        return NULL;
    uint64_t hash = ((uint64_t)(uintptr_t)statement->key + statement->variant) * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(hash >> 32) & (TELEAI__PREPARED_SLOTS - 1);
    teleai__prepared *entry;
    for (;; slot = (slot + 1) & (TELEAI__PREPARED_SLOTS - 1)) {
        entry = &connection->prepared[slot];
        if (entry->key == statement->key && entry->variant == statement->variant)
            return entry;
        if (entry->key == NULL)
            break;
    }
    if (connection->prepared_count >= TELEAI__PREPARED_SLOTS * 3 / 4)
        return NULL;
    int length = snprintf(entry->name, sizeof entry->name, "%.34s", statement->name);
    if (statement->variant != 0)
        length += snprintf(entry->name + length, sizeof entry->name - (size_t)length, "_%" PRIx64, statement->variant);
    if (connection->forgotten != 0)
        snprintf(entry->name + length, sizeof entry->name - (size_t)length, "_%d", (int)connection->forgotten);
    return entry;
}

void teleai__connection_take_prepared(teleai__connection *connection, teleai__prepared *entry,
                                      const teleai__statement *statement) {
    entry->key = statement->key;
    entry->variant = statement->variant;
    connection->prepared_count++;
}

/* The old ones go with the next flight that prepares something: no round trip for them. Until then, and in what is in flight,
 * they keep their names. */
void teleai__connection_forget_prepared(teleai__connection *connection) {
    connection->deallocate |= connection->prepared_count > 0;
    memset(connection->prepared, 0, sizeof connection->prepared);
    connection->prepared_count = 0;
    connection->forgotten++;
    connection->forget = false;
}

bool teleai__connection_send_deallocate(teleai__connection *connection) {
    return PQsendQueryParams(connection->pg, "deallocate all", 0, NULL, NULL, NULL, NULL, 1) == 1;
}

/* Codes of what a change of the schema does to a plan (cached plan must not change result type; cache lookup failed,
 * XX000, where a type was made anew), and of a statement that somebody deallocated: forgetting all and preparing again
 * heals it. */
bool teleai__is_stale(const char *sqlstate) {
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0 || strcmp(sqlstate, "XX000") == 0;
}

bool teleai__connection_is_stale(const teleai__connection *connection, const char *sqlstate) {
    return !connection->broken && teleai__is_stale(sqlstate);
}

teleai_status teleai__fail_stale(teleai__connection *connection, const char *name, teleai_error *error) {
    connection->forget = true;
    char sqlstate[sizeof error->sqlstate];
    memcpy(sqlstate, error->sqlstate, sizeof sqlstate);
    teleai__fail(error, TELEAI_ABORTED,
                 "%s: the schema has changed since this connection prepared the statement; roll back and run the "
                 "transaction again",
                 name);
    error->flags = TELEAI_ERROR_RETRYABLE;
    memcpy(error->sqlstate, sqlstate, sizeof sqlstate);
    return TELEAI_ABORTED;
}

/* ---- one statement ---- */

/* *reused: it had been prepared before. */
static teleai_status run_once(teleai__connection *connection, const teleai__statement *statement,
                              const teleai__params *params, teleai__deadline deadline, PGresult **out, bool *reused,
                              teleai_error *error) {
    teleai__prepared *entry = teleai__connection_find_prepared(connection, statement);
    bool prepares = entry != NULL && entry->key == NULL;
    *reused = entry != NULL && !prepares;
    int sent = 1, before = prepares && connection->deallocate;
    if (prepares) { /* all in one flight */
        connection->statements_prepared++;
        sent = PQenterPipelineMode(connection->pg) && (before == 0 || teleai__connection_send_deallocate(connection)) &&
               PQsendPrepare(connection->pg, entry->name, statement->sql, params->count, params->types);
    }
    connection->statements_run++;
    if (sent)
        sent = entry != NULL ? PQsendQueryPrepared(connection->pg, entry->name, params->count, params->values,
                                                   params->lengths, params->formats, 1)
                             : PQsendQueryParams(connection->pg, statement->sql, params->count, params->types,
                                                 params->values, params->lengths, params->formats, 1);
    if (sent && prepares)
        sent = PQpipelineSync(connection->pg);
    if (!sent) {
        if (PQstatus(connection->pg) != CONNECTION_OK)
            return teleai__fail_lost(connection, statement->name, false, error);
        connection->broken = true; /* libpq could not buffer it */
        teleai__values values = teleai__params_values(params);
        return teleai__fail_unsent(statement->name, &values, error);
    }
    int wanted = before + (prepares ? 2 : 1), answers = wanted;
    teleai_status status =
        receive(connection, statement->name, statement->writes, false, &answers, deadline, out, error);
    if (status == TELEAI_OK && answers > wanted) { /* one statement has one */
        PQclear(*out);
        *out = NULL;
        return teleai__fail_lost(connection, statement->name, statement->writes, error);
    }
    if (!prepares)
        return status;
    if (!connection->broken && !PQexitPipelineMode(connection->pg))
        connection->broken = true;
    if (before > 0 && answers > 0)
        connection->deallocate = false;
    if (answers > before) /* also when it failed after that */
        teleai__connection_take_prepared(connection, entry, statement);
    return status;
}

teleai_status teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                     const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                     teleai_error *error) {
    teleai_error local;
    *out = NULL;
    if (connection->forget)
        teleai__connection_forget_prepared(connection);
    bool reused;
    teleai_status status = run_once(connection, statement, params, deadline, out, &reused, &local);
    if (status != TELEAI_OK && reused && teleai__connection_is_stale(connection, local.sqlstate)) {
        if (!connection->in_transaction) {
            teleai__connection_forget_prepared(connection);
            status = run_once(connection, statement, params, deadline, out, &reused, &local);
        } else {
            status = teleai__fail_stale(connection, statement->name, &local);
        }
    }
    if (status != TELEAI_OK && error != NULL)
        *error = local;
    return status;
}

teleai_status teleai__connection_command(teleai__connection *connection, const char *name, const char *sql,
                                         teleai__deadline deadline, PGresult **out, teleai_error *error) {
    *out = NULL;
    connection->statements_run++;
    if (!PQsendQuery(connection->pg, sql))
        return teleai__fail_lost(connection, name, false, error);
    int answers = 1;
    return receive(connection, name, true, false, &answers, deadline, out, error);
}

teleai_status teleai__connection_receive(teleai__connection *connection, const char *name, teleai__deadline deadline,
                                         PGresult **out, teleai_error *error) {
    int answers = 1;
    return receive(connection, name, true, true, &answers, deadline, out, error);
}
