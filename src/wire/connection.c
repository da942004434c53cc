#include "wire/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "wire/sqlstate.h"
#include "wire/statement.h"
#include "wire/wait.h"

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
    bool stopped = teleai__connection_is_cancelled(connection);
    teleai_status status = stopped ? TELEAI_CANCELLED : TELEAI_TIMEOUT;
    connection->broken = true; /* its answer may still come, and no other call must read that */
    teleai__fail(error, status, "%s: %s%s", name,
                 stopped ? "it was cancelled" : "the server did not answer within timeout_ms",
                 writes ? "; look whether it happened before doing it again" : "");
    if (error != NULL)
        error->flags = writes ? TELEAI_ERROR_OUTCOME_UNKNOWN : stopped ? 0 : TELEAI_ERROR_RETRYABLE;
    return status;
}

teleai_status teleai__fail_wait(teleai__connection *connection, const char *name, bool writes, int state,
                                teleai_error *error) {
    if (state < 0)
        return teleai__fail_lost(connection, name, writes, error);
    (void)teleai__connection_cancel(connection, false);
    return teleai__fail_late(connection, name, writes, error);
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
    /* Outside a transaction no caller asked for read-only: this is a primary that has become a standby. */
    if (strcmp(sqlstate, "25006") == 0 && !connection->in_transaction)
        connection->broken = connection->read_only = true;
    if (strcmp(sqlstate, "57014") != 0 || !teleai__connection_is_cancelled(connection))
        return status;
    teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled, and nothing has happened", name);
    return TELEAI_CANCELLED;
}

bool teleai__is_failure(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY;
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
    int state = teleai__connection_flush(connection, deadline, &read), ends = 0;
    if (state != 1)
        return state;
    for (;; read = true) {
        for (; !read || PQisBusy(pg); read = true) {
            if (read && teleai__connection_has_stalled(pg, it->kept))
                return -1;
            int came = teleai__connection_wait_input(connection, deadline);
            if (came == 0)
                return 0;
            if (came < 0)
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
    if (state == 0 && teleai__connection_cancel(connection, false))
        state = read_answer(connection, true, teleai__deadline_in(TELEAI__CANCEL_GRACE_MS), &it);
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

static teleai_status run_once(teleai__connection *connection, const teleai__statement *statement,
                              const teleai__values *values, teleai__deadline deadline, PGresult **out, bool *reused,
                              teleai_error *error) {
    teleai__sending sending = teleai__statement_find(connection, statement);
    bool in_pipeline = sending.before > 0; /* all in one flight */
    *reused = sending.reused;
    if ((in_pipeline && !PQenterPipelineMode(connection->pg)) ||
        !teleai__statement_send(connection, statement, values, &sending) ||
        (in_pipeline && !PQpipelineSync(connection->pg)))
        return teleai__fail_unsent(connection, statement, values, error);
    int wanted = sending.before + 1, answers = wanted;
    teleai_status status =
        receive(connection, statement->name, statement->writes, false, &answers, deadline, out, error);
    if (status == TELEAI_OK && answers > wanted) { /* one statement has one */
        PQclear(*out);
        *out = NULL;
        return teleai__fail_lost(connection, statement->name, statement->writes, error);
    }
    if (!in_pipeline)
        return status;
    if (!connection->broken && !PQexitPipelineMode(connection->pg))
        connection->broken = true;
    teleai__statement_failed(connection, &sending, answers);
    return status;
}

teleai_status teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                     const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                     teleai_error *error) {
    teleai_error local;
    teleai__values values = teleai__params_values(params);
    *out = NULL;
    bool reused;
    teleai_status status = run_once(connection, statement, &values, deadline, out, &reused, &local);
    if (status != TELEAI_OK && teleai__statement_is_stale(connection, reused, local.sqlstate) && !connection->broken)
        status = connection->in_transaction ? teleai__fail_stale(statement->name, &local)
                                            : run_once(connection, statement, &values, deadline, out, &reused, &local);
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
