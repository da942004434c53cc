#include "run/batch_run.h"

#include <stdlib.h>

#include "base/error.h"
#include "run/batch_answers.h"

#define READS_OF_A_GROUP 64

/* ---- the line ---- */

void teleai__batch_append(teleai__batch *it, teleai__batch_item *queued) {
    queued->next = NULL;
    *it->last = queued;
    it->last = &queued->next;
    it->line_bytes += queued->bytes;
}

static teleai__batch_item *take_first(teleai__batch *it) {
    teleai__batch_item *first = it->first;
    it->first = first->next;
    if (it->first == NULL)
        it->last = &it->first;
    it->line_bytes -= first->bytes;
    return first;
}

/* Puts them back before all others. */
static void put_back(teleai__batch *it, const teleai__leftover *rest) {
    if (rest->first == NULL)
        return;
    for (teleai__batch_item *each = rest->first; each != NULL; each = each->next)
        it->line_bytes += each->bytes;
    rest->last->next = it->first;
    if (it->first == NULL)
        it->last = &rest->last->next;
    it->first = rest->first;
}

static void settle(teleai__batch *it, teleai_client *client, teleai__request *group) {
    teleai__leftover rest = {0};
    teleai__batch_answer_group(it, group, &rest);
    put_back(it, &rest);
    teleai__backoff_reset(&it->backoff, true);
    it->deadline = teleai__client_deadline(client); /* it goes on */
}

/* ---- ends that nobody wanted ---- */

static void give_connection_back(teleai__batch *it, teleai_client *client) {
    if (it->connection == NULL)
        return;
    teleai__pipeline_end(&it->pipeline);
    if (it->transaction != NULL)
        teleai__client_return(it->transaction, it->connection);
    else
        teleai__pool_release(client->core->pool, it->connection, NULL, 0);
    it->connection = NULL;
    it->group_is_open = false;
    it->phase = TELEAI__RESTING;
}

/* Whatever connection there is, or will be, is not wanted any more. What was in flight has been taken out. */
static void let_go(teleai__batch *it, teleai_client *client) {
    switch (it->phase) {
    case TELEAI__WAITING:
        teleai__pool_withdraw(client->core->pool, &it->ticket);
        break;
    case TELEAI__OPENING:
        teleai__opening_drop(it->opening, false);
        it->opening = NULL;
        teleai__pool_withdraw(client->core->pool, &it->ticket);
        break;
    case TELEAI__RUNNING:
        give_connection_back(it, client);
        break;
    case TELEAI__RESTING:
        break;
    }
    it->phase = TELEAI__RESTING;
}

/* The connection went. What was confirmed has been answered; of the rest each goes its own way. */
static void lose(teleai__batch *it, teleai_client *client) {
    teleai__leftover rest = {0};
    bool sent_whole = !it->group_is_open; /* without its end nothing of a group is kept */
    teleai__request *flight = teleai__pipeline_rest(&it->pipeline);
    for (teleai__request *each = flight, *next; each != NULL; each = next) {
        next = each->next;
        teleai__batch_item *queued = each->owner;
        if (queued == NULL) {
            teleai__drop_prelude(each);
            continue;
        }
        const char *name = queued->operation.statement.name;
        teleai_error error;
        teleai_status status;
        bool known = each->result != NULL && teleai__is_failure(each->result);
        if (known)
            status = teleai__fail_answer(it->connection, name, each->result, &error);
        else
            status = teleai__fail_lost(it->connection, name, queued->operation.statement.writes && sent_whole, &error);
        teleai__drop_answer(each);
        teleai__batch_answer(it, queued, status, status == TELEAI_UNAVAILABLE, &error, &rest);
    }
    put_back(it, &rest);
    give_connection_back(it, client);
    it->not_before_us = teleai__monotonic_us() + teleai__backoff_next_us(&it->backoff);
}

/* There is no connection: what must not wait fails, what is in doubt asks again. */
static void refuse(teleai__batch *it, teleai_status status, const teleai_error *why) {
    teleai__leftover rest = {0};
    while (it->first != NULL) {
        teleai__batch_item *queued = take_first(it);
        teleai_error error = *why;
        teleai__batch_answer(it, queued, status, false, &error, &rest);
    }
    put_back(it, &rest);
    it->backoff.at_once = false;
    it->not_before_us = teleai__monotonic_us() + teleai__backoff_next_us(&it->backoff);
}

/* Ends everything: late, cancelled, or closed. `tell` has the server end the session, which takes a moment. */
void teleai__batch_stop(teleai__batch *it, teleai_client *client, teleai_status status, bool tell, const char *why) {
    teleai__request *flight = NULL;
    if (it->phase == TELEAI__RUNNING) {
        flight = teleai__pipeline_rest(&it->pipeline);
        if (flight != NULL && tell)
            (void)teleai__connection_cancel(it->connection, true);
        it->connection->broken |= flight != NULL;
    }
    let_go(it, client);
    while (flight != NULL || it->first != NULL) {
        teleai__request *next = flight == NULL ? NULL : flight->next;
        teleai__batch_item *queued = flight == NULL ? take_first(it) : flight->owner;
        bool was_sent = flight != NULL;
        if (queued == NULL) {
            teleai__drop_prelude(flight);
            flight = next;
            continue;
        }
        flight = next;
        bool unknown = queued->operation.statement.writes && (was_sent || queued->attempt.in_doubt);
        teleai_error error;
        teleai__fail(&error, status, "%s: %s%s", queued->operation.statement.name, why,
                     unknown ? "; look whether it happened before doing it again" : "");
        error.flags = unknown ? TELEAI_ERROR_OUTCOME_UNKNOWN : status == TELEAI_TIMEOUT ? TELEAI_ERROR_RETRYABLE : 0;
        teleai__batch_complete(it, queued, status, &error);
    }
}

/* ---- sending ---- */

static bool send_prelude(teleai__batch *it, teleai_client *client, teleai_error *error) {
    if (it->transaction != NULL || !teleai__scope_needs_prelude(&client->scope, it->connection))
        return true;
    teleai__prelude *prelude = calloc(1, sizeof *prelude);
    if (prelude == NULL) {
        teleai__fail_memory(error);
        return false;
    }
    teleai__prelude_make(prelude, &client->scope, it->connection->behind_pooler, it->deadline);
    if (teleai__pipeline_send(&it->pipeline, &prelude->request, false, error) == TELEAI_OK)
        return true;
    free(prelude);
    return false;
}

static bool is_read(const teleai__batch_item *queued) { return !queued->operation.statement.writes; }

/* Sends the first of the line; several reads make a group. False: the connection is lost, or will be. */
static bool send_first(teleai__batch *it, teleai_client *client, int32_t *in_group, bool to_the_end) {
    teleai_error error;
    if (!it->group_is_open && !send_prelude(it, client, &error))
        return false;
    teleai__batch_item *queued = it->first;
    bool one_group = it->atomic || it->transaction != NULL;
    bool ends = queued->next == NULL || !is_read(queued) || !is_read(queued->next) || *in_group + 1 >= READS_OF_A_GROUP;
    if (one_group)
        ends = queued->next == NULL && to_the_end;
    const teleai__operation *operation = teleai__batch_item_operation(queued);
    queued->request.statement = &operation->statement;
    queued->request.values = operation->values;
    teleai_status status = teleai__pipeline_send(&it->pipeline, &queued->request, ends, &error);
    (void)take_first(it);
    queued->watch.attempts++;
    if (status != TELEAI_OK) {
        teleai__leftover rest = {0};
        teleai__batch_answer(it, queued, status, status == TELEAI_UNAVAILABLE, &error, &rest);
        put_back(it, &rest);
        return false;
    }
    *in_group = ends ? 0 : *in_group + 1;
    it->group_is_open = !ends;
    return true;
}

/* PgBouncer takes the answer to one group for the end of all, and hands its session to somebody else with half of the next
 * group in it (its issue 759): behind a pooler one group goes at a time. */
bool teleai__batch_must_wait(const teleai__batch *it) {
    return it->connection->behind_pooler && it->transaction == NULL && !it->group_is_open && it->pipeline.first != NULL;
}

/* Sends while the socket takes it. `to_the_end`: nothing more will come before the answers are wanted. */
static bool send_line(teleai__batch *it, teleai_client *client, bool to_the_end) {
    int32_t in_group = 0, since_flush = 0;
    while (it->first != NULL && !it->connection->broken && !teleai__batch_must_wait(it) &&
           (!it->pipeline.unsent || since_flush < READS_OF_A_GROUP)) {
        if (!send_first(it, client, &in_group, to_the_end))
            return false;
        if (++since_flush < READS_OF_A_GROUP && it->first != NULL)
            continue;
        teleai__pipeline_flush(&it->pipeline);
        if (it->pipeline.unsent && !it->group_is_open)
            break;
        if (it->pipeline.unsent && (it->atomic || it->transaction != NULL))
            break;
        since_flush = 0;
    }
    return true;
}

/* ---- advancing ---- */

static bool take_off(teleai__batch *it, teleai__connection *connection) {
    it->connection = connection;
    it->phase = TELEAI__RUNNING;
    it->group_is_open = false;
    return teleai__pipeline_begin(&it->pipeline, connection);
}

/* Gets a connection, or goes on getting one. False: nothing more to do now. */
static bool get_connection(teleai__batch *it, teleai_client *client) {
    teleai__pool *pool = client->core->pool;
    const char *name = it->first->operation.statement.name;
    teleai_error why;
    teleai_status status = TELEAI_OK;
    teleai__connection *connection = NULL;
    if (it->transaction != NULL) {
        status = teleai__client_borrow(it->transaction, name, it->deadline, &connection, &why);
        if (status == TELEAI_OK)
            return take_off(it, connection) || (lose(it, client), true);
        refuse(it, status, &why);
        return true;
    }
    if (it->phase == TELEAI__RESTING) {
        it->ticket.ride = NULL;
        status = teleai__pool_ask(pool, &it->ticket, name, client, false, &why);
        if (status == TELEAI_OK)
            it->phase = TELEAI__WAITING;
        else
            refuse(it, status, &why);
        if (it->phase == TELEAI__RESTING || it->ticket.has_wake)
            return it->phase == TELEAI__RESTING;
    } else if (it->phase == TELEAI__WAITING) {
        status = teleai__pool_look(pool, &it->ticket, &why);
        if (status != TELEAI_OK) {
            it->phase = TELEAI__RESTING;
            refuse(it, status, &why);
            return true;
        }
        if (it->ticket.has_wake)
            return false;
    }
    if (it->phase == TELEAI__WAITING && it->ticket.state == TELEAI__TICKET_GRANTED)
        return take_off(it, it->ticket.connection) || (lose(it, client), true);
    if (it->phase == TELEAI__WAITING) { /* to open one */
        it->phase = TELEAI__RESTING;
        if (teleai__pool_is_paused(pool, &it->ticket, &why)) {
            refuse(it, TELEAI_UNAVAILABLE, &why);
            return true;
        }
        status = teleai__opening_start(&client->core->settings, teleai__ticket_take_rested(&it->ticket), it->deadline,
                                       &it->opening, &why);
        it->phase = TELEAI__OPENING;
    } else {
        status = teleai__opening_step(it->opening, &connection, &why);
    }
    if (status == TELEAI_OK && connection == NULL)
        return false;
    teleai__opening_drop(it->opening, false);
    it->opening = NULL;
    it->phase = TELEAI__RESTING;
    teleai__pool_opened(pool, &it->ticket, connection, status, &why);
    if (status != TELEAI_OK)
        refuse(it, status, &why);
    else if (!take_off(it, connection))
        lose(it, client);
    return true;
}

/* Does what can be done without waiting. */
void teleai__batch_advance(teleai__batch *it, teleai_client *client, bool to_the_end, bool may_wait) {
    while (it->pending > 0) {
        if (client->cancels != it->cancels) {
            it->cancels = client->cancels;
            teleai__batch_stop(it, client, TELEAI_CANCELLED, may_wait, "it was cancelled");
            break;
        }
        if (teleai__deadline_left_ms(it->deadline) == 0) {
            teleai__batch_stop(it, client, TELEAI_TIMEOUT, may_wait, "no answer came within timeout_ms");
            break;
        }
        if (it->phase != TELEAI__RUNNING) {
            if (it->phase == TELEAI__RESTING && it->not_before_us > teleai__monotonic_us())
                return;
            if (!get_connection(it, client))
                return;
            continue;
        }
        teleai__request *settled = NULL;
        if (!send_line(it, client, to_the_end) || !teleai__pipeline_step(&it->pipeline, &settled)) {
            lose(it, client);
            continue;
        }
        if (settled != NULL)
            settle(it, client, settled);
        else if (it->first == NULL || it->pipeline.unsent || teleai__batch_must_wait(it))
            return;
    }
    if (it->phase != TELEAI__RESTING)
        let_go(it, client);
}

void teleai__batch_abandon(teleai__batch *it) {
    teleai__opening_drop(it->opening, true);
    while (it->first != NULL)
        teleai__batch_item_free(take_first(it));
    for (teleai__request *each = it->phase == TELEAI__RUNNING ? teleai__pipeline_rest(&it->pipeline) : NULL, *next;
         each != NULL; each = next) {
        next = each->next;
        if (each->owner == NULL)
            teleai__drop_prelude(each);
        else
            teleai__batch_item_free(each->owner);
    }
}
