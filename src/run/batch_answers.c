#include "run/batch_answers.h"

#include <stdlib.h>

#include "base/error.h"
#include "wire/statement.h"

/* The end of an operation. `is_cause`: not only because of another one's failure. */
static void complete_for(teleai__batch *it, teleai__batch_item *queued, teleai_status status, bool is_cause,
                         teleai_error *error) {
    if (status == TELEAI_OK)
        teleai__ok(error);
    if (status != TELEAI_OK && is_cause && (!it->failed || queued->item < it->failure.item)) {
        it->failed = true;
        it->failure = *error;
        it->failure.item = queued->item;
        it->failure.flags |= TELEAI_ERROR_HAS_ITEM;
    }
    if (queued->error != NULL)
        *queued->error = *error;
    if (it->metrics != NULL)
        teleai__watch_end(&queued->watch, it->metrics, queued->operation.statement.name, status, error);
    it->pending--;
    it->held_bytes -= queued->bytes;
    teleai__batch_item_free(queued);
}

void teleai__batch_complete(teleai__batch *it, teleai__batch_item *queued, teleai_status status, teleai_error *error) {
    complete_for(it, queued, status, true, error);
}

static void leave(teleai__leftover *rest, teleai__batch_item *queued) {
    queued->next = NULL;
    if (rest->first == NULL)
        rest->first = queued;
    else
        rest->last->next = queued;
    rest->last = queued;
}

/* An answer: completes the operation, or leaves it to be sent again. */
void teleai__batch_answer(teleai__batch *it, teleai__batch_item *queued, teleai_status status, bool lost,
                          teleai_error *error, teleai__leftover *rest) {
    bool refused = it->connection != NULL && it->connection->read_only && status == TELEAI_PERMISSION_DENIED;
    bool in_time = it->transaction == NULL && !it->atomic && teleai__deadline_left_ms(it->deadline) > 0;
    enum teleai__next next = TELEAI__DONE;
    if (status != TELEAI_OK)
        next = teleai__operation_next(&queued->operation, &queued->attempt, lost, refused && in_time, in_time, &status,
                                      error);
    if (next == TELEAI__DONE)
        teleai__batch_complete(it, queued, status, error);
    else
        leave(rest, queued);
    if (next != TELEAI__DONE)
        teleai__metrics_note_retry(it->metrics);
}

static teleai_status decode(const teleai__batch *it, teleai__batch_item *queued, teleai_error *error) {
    const teleai__operation *operation = teleai__batch_item_operation(queued);
    PGresult *result = queued->request.result;
    queued->request.result = NULL;
    teleai__watch_result(&queued->watch, result);
    teleai_status status = operation->decode(operation, result, error);
    if (it->transaction == NULL)
        teleai__note_unread(operation, status, error);
    return status;
}

void teleai__drop_prelude(teleai__request *request) {
    PQclear(request->result);
    free(request); /* the first member of its teleai__prelude */
}

void teleai__drop_answer(teleai__request *request) {
    PQclear(request->result);
    request->result = NULL;
}

/* The one that failed: its own failure, or that of what was set in front of it. */
static void settle_failure(teleai__batch *it, teleai__batch_item *queued, const PGresult *failure,
                           teleai__leftover *rest) {
    const teleai__operation *operation = teleai__batch_item_operation(queued);
    teleai_error error;
    teleai_status status = teleai__fail_answer(it->connection, operation->statement.name, failure, &error);
    if (operation->locate != NULL)
        operation->locate(operation, it->connection, &error);
    bool stale =
        teleai__statement_is_stale(it->connection, queued->request.reused, error.sqlstate) && !it->connection->broken;
    if (stale && it->transaction != NULL)
        status = teleai__fail_stale(operation->statement.name, &error);
    if (stale && it->transaction == NULL && !queued->attempt.again) {
        queued->attempt.again = true;
        leave(rest, queued);
    } else {
        teleai__batch_answer(it, queued, status, false, &error, rest);
    }
}

/* Whether an atomic group failed because of a plan only: as nothing of it was kept, all of it is sent again. */
static bool is_only_stale(const teleai__batch *it, const teleai__request *group) {
    for (; it->atomic && it->transaction == NULL && group != NULL; group = group->next) {
        const teleai__batch_item *queued = group->owner;
        if (group->result == NULL || !teleai__is_failure(group->result))
            continue;
        const char *sqlstate = PQresultErrorField(group->result, PG_DIAG_SQLSTATE);
        return sqlstate != NULL && (queued == NULL || !queued->attempt.again) &&
               teleai__statement_is_stale(it->connection, group->reused, sqlstate) && !it->connection->broken;
    }
    return false;
}

static void send_group_again(teleai__request *group, teleai__leftover *rest) {
    for (teleai__request *each = group, *next; each != NULL; each = next) {
        next = each->next;
        teleai__batch_item *queued = each->owner;
        if (queued == NULL) {
            teleai__drop_prelude(each);
            continue;
        }
        teleai__drop_answer(each);
        queued->attempt.again = true;
        leave(rest, queued);
    }
}

/* A group of which one has failed at the server: nothing of it was kept. Those before the failure, reads all of them, have
 * their answers; those behind it were skipped. */
static void settle_failed(teleai__batch *it, teleai__request *group, teleai__leftover *rest) {
    PGresult *failure = NULL;
    bool behind = false, together = it->atomic || it->transaction != NULL;
    for (teleai__request *each = group, *next; each != NULL; each = next) {
        next = each->next;
        teleai__batch_item *queued = each->owner;
        if (each->result != NULL && teleai__is_failure(each->result)) {
            failure = each->result;
            each->result = NULL;
        }
        if (queued == NULL) {
            teleai__drop_prelude(each);
        } else if (failure != NULL) {
            settle_failure(it, queued, failure, rest);
            PQclear(failure);
            failure = NULL;
            behind = true;
        } else if (together) {
            teleai__drop_answer(each);
            teleai_error error;
            teleai__fail(&error, TELEAI_ABORTED,
                         "%s: nothing of the batch was kept, since another of its operations failed",
                         queued->operation.statement.name);
            complete_for(it, queued, TELEAI_ABORTED, false, &error);
        } else if (behind) {
            leave(rest, queued);
        } else {
            teleai_error error;
            teleai_status status = decode(it, queued, &error);
            teleai__batch_answer(it, queued, status, false, &error, rest);
        }
    }
}

void teleai__batch_answer_group(teleai__batch *it, teleai__request *group, teleai__leftover *rest) {
    bool failed = false;
    for (const teleai__request *each = group; each != NULL; each = each->next)
        failed |= each->result == NULL || teleai__is_failure(each->result);
    if (failed && is_only_stale(it, group)) {
        send_group_again(group, rest);
        return;
    }
    if (failed) {
        settle_failed(it, group, rest);
        return;
    }
    for (teleai__request *each = group, *next; each != NULL; each = next) {
        next = each->next;
        teleai__batch_item *queued = each->owner;
        if (queued == NULL) {
            teleai__drop_prelude(each);
            continue;
        }
        teleai_error error;
        teleai_status status = decode(it, queued, &error);
        teleai__batch_answer(it, queued, status, false, &error, rest);
    }
}
