/* Batches: operations that are queued, and sent together. The flight does the work; flushing is that and poll(2), an event
 * loop brings its own waiting. */
#include "run/batch.h"

#include <poll.h>
#include <stdlib.h>

#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "run/batch_run.h"

#define SEND_FROM_BYTES ((size_t)1 << 20) /* queued: sent without being asked */
#define MOST_HELD_BYTES ((size_t)4 << 20) /* queued and in flight, but for atomic ones */

/* ---- waiting ---- */

static int32_t socket_of(const teleai__batch *it) {
    switch (it->phase) {
    case TELEAI__WAITING:
        return it->ticket.wake[0];
    case TELEAI__OPENING:
        return teleai__opening_socket(it->opening);
    case TELEAI__RUNNING:
        return PQsocket(it->connection->pg);
    default:
        return -1;
    }
}

static short events_of(const teleai__batch *it) {
    switch (it->phase) {
    case TELEAI__WAITING:
        return POLLIN;
    case TELEAI__OPENING:
        return teleai__opening_events(it->opening);
    case TELEAI__RUNNING:
        return (short)(teleai__pipeline_events(&it->pipeline) |
                       (it->first != NULL && !teleai__batch_must_wait(it) ? POLLOUT : 0));
    default:
        return 0;
    }
}

static teleai__deadline next_of(const teleai__batch *it) {
    teleai__deadline next = it->deadline;
    if (it->phase == TELEAI__RESTING && it->not_before_us < next.at_us)
        next.at_us = it->not_before_us;
    if (it->phase == TELEAI__OPENING && teleai__opening_deadline(it->opening).at_us < next.at_us)
        next = teleai__opening_deadline(it->opening);
    return next;
}

/* Waits until something can be done, and does it. */
static void go_on(teleai__batch *it, teleai_client *client, bool to_the_end) {
    teleai__deadline next = next_of(it);
    int ready = teleai__deadline_poll(socket_of(it), events_of(it), next); /* whatever it says */
    if (teleai__deadline_ask(next, ready <= 0, &it->asked_us))
        teleai__batch_stop(it, client, TELEAI_CANCELLED, true, "it was cancelled");
    else
        teleai__batch_advance(it, client, to_the_end, true);
}

/* ---- queueing ---- */

teleai_status teleai__batch_add(teleai_client *client, const teleai__operation *operation, teleai_error *error) {
    teleai__batch *it = client->batch;
    if (operation->no_batch)
        return teleai__fail_field(error, "client",
                                  "%s cannot go into a batch: call it on the client that the batch is from",
                                  operation->statement.name);
    teleai__batch_item *queued = teleai__batch_item_make(operation, error);
    if (queued == NULL)
        return teleai__fail_memory(error);
    pthread_mutex_lock(&it->mutex);
    if (it->pending == 0) {
        it->deadline = teleai__client_deadline(client);
        it->cancels = client->cancels;
        teleai__backoff_reset(&it->backoff, true);
        it->not_before_us = 0;
    }
    if (it->metrics != NULL)
        teleai__watch_start(&queued->watch);
    queued->item = it->next_item++;
    teleai__batch_append(it, queued);
    it->pending++;
    it->held_bytes += queued->bytes;
    if (error != NULL) {
        teleai__ok(error);
        error->status = TELEAI_QUEUED;
    }
    if (it->line_bytes > SEND_FROM_BYTES) {
        teleai__batch_advance(it, client, false, true);
        while (it->pending > 0 &&
               (it->atomic || it->transaction != NULL ? it->line_bytes : it->held_bytes) > MOST_HELD_BYTES)
            go_on(it, client, false);
    }
    pthread_mutex_unlock(&it->mutex);
    return TELEAI_OK;
}

/* ---- public ---- */

teleai_status teleai_batch_open(teleai_client *client, const teleai_batch_options *options, teleai_client **out,
                                teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("batch", error);
    *out = NULL;
    teleai_batch_options with;
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&with, sizeof with, options, "options", error);
    if (status == TELEAI_OK && client->batch != NULL)
        status = teleai__fail_field(error, "client", "batch_open: the client is a batch already");
    if (status != TELEAI_OK)
        return status;
    teleai_client *made = teleai__client_derive(client);
    teleai__batch *it = calloc(1, sizeof *it);
    if (made == NULL || it == NULL || pthread_mutex_init(&it->mutex, NULL) != 0) {
        free(it);
        if (made != NULL)
            teleai__client_drop(made);
        return teleai__fail_memory(error);
    }
    it->last = &it->first;
    it->atomic = with.atomic;
    it->backoff = TELEAI__RESEND_BACKOFF;
    it->metrics = client->core->metrics;
    if (teleai__is_transaction(client)) {
        it->transaction = client;
        client->references++;
    }
    made->batch = it;
    *out = made;
    return teleai__ok(error);
}

static teleai_status require_batch(const teleai_client *client, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK && client->batch == NULL)
        return teleai__fail_field(error, "batch", "this is no batch; a client from teleai_batch_open() was expected");
    return status;
}

/* All is done: what came of it, and a new count. */
static teleai_status conclude(teleai__batch *it, teleai_error *error) {
    bool failed = it->failed;
    teleai_status status = failed ? (teleai_status)it->failure.status : TELEAI_OK;
    if (failed && error != NULL)
        *error = it->failure;
    it->failed = false;
    it->next_item = 0;
    return failed ? status : teleai__ok(error);
}

teleai_status teleai_batch_flush(teleai_client *client, teleai_error *error) {
    teleai_status status = require_batch(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__batch *it = client->batch;
    pthread_mutex_lock(&it->mutex);
    it->deadline = teleai__client_deadline(client);
    teleai__batch_advance(it, client, true, true);
    while (it->pending > 0)
        go_on(it, client, true);
    status = conclude(it, error);
    pthread_mutex_unlock(&it->mutex);
    return status;
}

int64_t teleai_batch_pending(const teleai_client *client) {
    if (client == NULL || client->batch == NULL)
        return 0;
    pthread_mutex_lock(&client->batch->mutex);
    int64_t pending = client->batch->pending;
    pthread_mutex_unlock(&client->batch->mutex);
    return pending;
}

teleai_status teleai_batch_step(teleai_client *client, bool *done, teleai_error *error) {
    if (done == NULL)
        return teleai__fail_field(error, "done", "done is NULL; a place for the answer was expected");
    *done = true; /* what fails here will not go on */
    teleai_status status = require_batch(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__batch *it = client->batch;
    pthread_mutex_lock(&it->mutex);
    teleai__batch_advance(it, client, true, false);
    *done = it->pending == 0;
    status = *done ? conclude(it, error) : teleai__ok(error);
    pthread_mutex_unlock(&it->mutex);
    return status;
}

int32_t teleai_batch_socket(const teleai_client *client) {
    return client == NULL || client->batch == NULL ? -1 : socket_of(client->batch);
}

int32_t teleai_batch_events(const teleai_client *client) {
    short events = client == NULL || client->batch == NULL ? 0 : events_of(client->batch);
    return ((events & POLLIN) ? TELEAI_EVENT_READ : 0) | ((events & POLLOUT) ? TELEAI_EVENT_WRITE : 0);
}

int32_t teleai_batch_timeout_ms(const teleai_client *client) {
    if (client == NULL || client->batch == NULL || client->batch->pending == 0)
        return -1;
    return teleai__deadline_left_ms(next_of(client->batch));
}

void teleai__batch_close(teleai_client *client) {
    teleai__batch *it = client->batch;
    if (teleai__fork_mark_is_mine(&client->core->process)) {
        pthread_mutex_lock(&it->mutex);
        teleai__batch_stop(it, client, TELEAI_CANCELLED, false, "its batch was closed before it was answered");
        pthread_mutex_unlock(&it->mutex);
    } else { /* the connection is the parent's; the core frees it without a word */
        teleai__batch_abandon(it);
    }
    if (it->transaction != NULL)
        teleai__client_drop(it->transaction);
    pthread_mutex_destroy(&it->mutex);
    free(it);
    client->batch = NULL;
    teleai__client_drop(client);
}
