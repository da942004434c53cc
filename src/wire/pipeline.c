#include "wire/pipeline.h"

#include <poll.h>
#include <string.h>

#include "base/error.h"
#include "wire/statement.h"
#include "wire/wait.h"

bool teleai__pipeline_begin(teleai__pipeline *it, teleai__connection *connection) {
    *it = (teleai__pipeline){.connection = connection};
    if (!PQenterPipelineMode(connection->pg)) {
        connection->broken = true;
        return false;
    }
    return true;
}

static void read_next(teleai__pipeline *it, teleai__request *request) {
    it->reading = request;
    it->before = request == NULL ? 0 : request->before;
}

/* ---- sending ---- */

teleai_status teleai__pipeline_send(teleai__pipeline *it, teleai__request *request, bool ends_group,
                                    teleai_error *error) {
    teleai__connection *connection = it->connection;
    const teleai__values *v = &request->values;
    const teleai__statement *statement = request->statement;
    teleai__sending sending = teleai__statement_find(connection, statement); /* what is in flight keeps the old names */
    request->before = sending.before;
    request->reused = sending.reused;
    request->ends_group = ends_group;
    request->result = NULL;
    request->next = NULL;
    if (!teleai__statement_send(connection, statement, v, &sending) || (ends_group && !PQpipelineSync(connection->pg)))
        return teleai__fail_unsent(connection, statement, v, error);
    it->unsent = true;
    if (it->reading == NULL && (it->last == NULL || !it->last->ends_group))
        read_next(it, request);
    if (it->last == NULL)
        it->first = request;
    else
        it->last->next = request;
    it->last = request;
    return TELEAI_OK;
}

/* ---- receiving ---- */

/* The answer to one statement has ended. */
static void next_answer(teleai__pipeline *it) {
    if (it->reading == NULL)
        return;
    if (it->before > 0) {
        it->before--;
        return;
    }
    read_next(it, it->reading->ends_group ? NULL : it->reading->next);
}

/* The last of the group that is answered at present; NULL: it has no end yet. */
static teleai__request *last_of_group(const teleai__pipeline *it) {
    teleai__request *last = it->first;
    while (last != NULL && !last->ends_group)
        last = last->next;
    return last;
}

static teleai__request *end_group(teleai__pipeline *it) {
    teleai__request *group = it->first, *last = last_of_group(it);
    if (last == NULL)
        return NULL;
    it->first = last->next;
    if (it->first == NULL)
        it->last = NULL;
    last->next = NULL;
    read_next(it, it->first);
    return group;
}

/* A failure while the end of a group was awaited is that of the whole: it could not be committed. False: a statement has two
 * answers, or one that was not asked for. */
static bool keep_answer(teleai__pipeline *it, PGresult *result) {
    teleai__request *to = it->reading != NULL ? it->reading : last_of_group(it);
    bool failure = teleai__is_failure(result);
    if (to == NULL || (!failure && (it->reading == NULL || to->result != NULL))) {
        PQclear(result);
        return false;
    }
    if (it->before > 0 && failure) { /* it was not prepared after all, and others are perhaps still there */
        it->connection->forget = true;
        it->connection->deallocate |= to->before > 1;
    }
    if (it->before > 0 && !failure) {
        PQclear(result);
        return true;
    }
    PQclear(to->result);
    to->result = result;
    return true;
}

/* Takes what libpq has read. 1: a group is over, 0: no more, -1: the connection is lost. */
static int take(teleai__pipeline *it, teleai__request **settled) {
    PGconn *pg = it->connection->pg;
    while (!PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        ExecStatusType what = PQresultStatus(result);
        if (result == NULL) {
            if (PQstatus(pg) != CONNECTION_OK)
                return -1;
            if (it->reading == NULL) /* more ends than answers: libpq would go on to give them */
                return last_of_group(it) == NULL ? 0 : -1;
            next_answer(it);
            continue;
        }
        if (what == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            *settled = end_group(it);
            return *settled == NULL ? -1 : 1;
        }
        if (what == PGRES_PIPELINE_ABORTED) {
            it->connection->forget |= it->before > 0;
            it->connection->deallocate |= it->before > 1;
            PQclear(result);
        } else if (teleai__is_failure(result) && PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL) {
            PQclear(result);
            return -1;
        } else if (!keep_answer(it, result)) {
            return -1;
        }
    }
    return teleai__connection_has_stalled(pg, NULL) ? -1 : 0;
}

void teleai__pipeline_flush(teleai__pipeline *it) {
    if (!it->unsent)
        return;
    int left = PQflush(it->connection->pg);
    it->unsent = left == 1;
    if (left < 0)
        it->connection->broken = true; /* but what the server has said before can still be read */
}

bool teleai__pipeline_step(teleai__pipeline *it, teleai__request **settled) {
    PGconn *pg = it->connection->pg;
    *settled = NULL;
    teleai__pipeline_flush(it);
    int taken = it->first == NULL ? 0 : take(it, settled);
    if (taken == 0 && it->first != NULL) {
        bool more = PQconsumeInput(pg);
        taken = take(it, settled);
        if (taken == 0 && !more)
            taken = -1;
    }
    it->connection->last_used_us = teleai__monotonic_coarse_us();
    if (taken < 0)
        it->connection->broken = true;
    return taken > 0 || !it->connection->broken;
}

short teleai__pipeline_events(const teleai__pipeline *it) {
    return (short)((it->unsent ? POLLOUT : 0) | (it->first != NULL ? POLLIN : 0));
}

teleai__request *teleai__pipeline_rest(teleai__pipeline *it) {
    teleai__request *rest = it->first;
    it->first = it->last = it->reading = NULL;
    return rest;
}

void teleai__pipeline_end(teleai__pipeline *it) {
    if (!it->connection->broken && !PQexitPipelineMode(it->connection->pg))
        it->connection->broken = true;
}

/* ---- one group ---- */

/* What was not confirmed is no answer; a failure is one. */
static void drop_answers(teleai__request *rest) {
    for (; rest != NULL; rest = rest->next) {
        if (rest->result == NULL || teleai__is_failure(rest->result))
            continue;
        PQclear(rest->result);
        rest->result = NULL;
    }
}

static bool group_writes(const teleai__request *requests, size_t count) {
    bool writes = false;
    for (size_t i = 0; i < count; i++)
        writes |= requests[i].statement->writes;
    return writes;
}

teleai_status teleai__pipeline_start(teleai__pipeline *it, teleai__connection *connection, teleai__request *requests,
                                     size_t count, bool apart, teleai_error *error) {
    if (!teleai__pipeline_begin(it, connection))
        return teleai__fail_lost(connection, requests[count - 1].statement->name, false, error);
    for (size_t i = 0; i < count; i++) {
        teleai_status status = teleai__pipeline_send(it, &requests[i], apart || i + 1 == count, error);
        if (status != TELEAI_OK)
            return status;
    }
    return TELEAI_OK;
}

teleai_status teleai__pipeline_finish(teleai__pipeline *it, const teleai__request *requests, size_t count,
                                      teleai__deadline deadline, teleai_error *error) {
    teleai__connection *connection = it->connection;
    const char *name = requests[count - 1].statement->name;
    bool writes = group_writes(requests, count), stopped = false;
    for (;;) {
        teleai__request *settled;
        if (!teleai__pipeline_step(it, &settled)) {
            drop_answers(teleai__pipeline_rest(it));
            return teleai__fail_lost(connection, name, writes, error);
        }
        if (settled != NULL && it->first == NULL)
            break;
        if (settled != NULL) {
            if (teleai__connection_is_cancelled(connection) &&
                !it->ended) { /* one of several: the others would begin now */
                (void)teleai__connection_cancel(connection, true);
                it->ended = true;
            }
            continue;
        }
        int ready = teleai__connection_wait(connection, teleai__pipeline_events(it), deadline);
        if (ready == 0 && !stopped && teleai__connection_cancel(connection, false)) {
            stopped = true;
            deadline = teleai__deadline_in(TELEAI__CANCEL_GRACE_MS);
        } else if (ready == 0) {
            drop_answers(teleai__pipeline_rest(it));
            return teleai__fail_late(connection, name, writes, error);
        }
    }
    teleai__pipeline_end(it);
    return TELEAI_OK;
}

teleai_status teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count, bool apart,
                                   teleai__deadline deadline, teleai_error *error) {
    teleai__pipeline it;
    teleai_status status = teleai__pipeline_start(&it, connection, requests, count, apart, error);
    return status == TELEAI_OK ? teleai__pipeline_finish(&it, requests, count, deadline, error) : status;
}
