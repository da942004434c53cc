/* Waiting for a connection, for callers that may block, and riding on another call's connection instead.
 *
 * The call that takes a statement along reads its values until it is sent, and writes its answer when that has come. A caller that
 * may be interrupted must be able to go before that: its ride lies on the heap, and is its own no more once it has left. */
#include <stdlib.h>

#include "base/error.h"
#include "pool/pool_internal.h"

#define SENDING_MS 1 /* takes far less */

/* A ride that its caller may leave: what is needed of it until the answer has come. */
typedef struct leavable {
    teleai__ride ride; /* first */
    teleai__statement statement;
} leavable;

static teleai__ride *make_leavable(const teleai__ride *from, teleai__ticket *ticket) {
    leavable *made = malloc(sizeof *made);
    if (made == NULL)
        return NULL;
    made->statement = *from->statement;
    made->ride.statement = &made->statement;
    made->ride.params = from->params;
    made->ride.ticket = ticket;
    made->ride.status = TELEAI_OK;
    made->ride.result = NULL;
    made->ride.lost = made->ride.left = false;
    atomic_init(&made->ride.sent, false);
    return &made->ride;
}

static void take_answer(teleai__ride *to, const teleai__ride *from) {
    to->status = from->status;
    to->result = from->result;
    to->lost = from->lost;
    if (from->status != TELEAI_OK)
        to->error = from->error;
}

/* Asks whether the call is to end. The mutex is held, but not while the hook runs: code of the caller's must not run under it. */
static bool ask(teleai__pool *pool, teleai__deadline deadline) {
    pthread_mutex_unlock(&pool->mutex);
    bool ends = teleai__deadline_is_interrupted(deadline);
    pthread_mutex_lock(&pool->mutex);
    return ends;
}

/* Waits until the call that has the connection answers, by its deadline. False: this caller leaves before. `ends`: it
 * wants to. */
static bool ride_along(teleai__pool *pool, teleai__ticket *ticket, teleai__deadline deadline, bool ends) {
    while (ticket->state == TELEAI__TICKET_RIDING) {
        if (deadline.interrupt == NULL) {
            pthread_cond_wait(&ticket->woken, &pool->mutex);
            continue;
        }
        if (ends && ticket->ride->sent) {
            ticket->ride->left = true;
            ticket->state = TELEAI__TICKET_NONE;
            return false;
        }
        struct timespec until = teleai__deadline_timespec(teleai__deadline_in(ends ? SENDING_MS : TELEAI__ASK_MS));
        if (pthread_cond_timedwait(&ticket->woken, &pool->mutex, &until) != 0 && !ends)
            ends = ask(pool, deadline);
    }
    return true;
}

/* Waits in the line, or takes a ride. Mutex held. */
static teleai_status wait_turn(teleai__pool *pool, teleai__ticket *ticket, teleai__deadline deadline,
                               teleai_error *error) {
    int64_t start = teleai__monotonic_us();
    bool ends = false;
    while (ticket->state == TELEAI__TICKET_WAITING && !ends && teleai__deadline_left_ms(deadline) > 0) {
        struct timespec until = teleai__deadline_timespec(teleai__deadline_next(deadline));
        if (pthread_cond_timedwait(&ticket->woken, &pool->mutex, &until) != 0 && deadline.interrupt != NULL)
            ends = ask(pool, deadline);
    }
    bool left = !ride_along(pool, ticket, deadline, ends);
    pool->stats.wait_total_us += teleai__monotonic_us() - start;
    teleai_status status = TELEAI_OK;
    if (left) {
        status = teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled", ticket->operation);
    } else if (ticket->state == TELEAI__TICKET_WAITING) {
        pool->stats.timed_out += !ends;
        status = ends ? teleai__fail_unbegun(ticket, error)
                      : teleai__fail_waited(pool, "no connection became free in time", error);
        teleai__line_leave(pool, ticket);
        ticket->state = TELEAI__TICKET_NONE;
    }
    return status;
}

/* The same, with a ride that can be left where there is a hook that may ask for that. */
static teleai_status wait_with(teleai__pool *pool, teleai__ticket *ticket, teleai__ride *ride,
                               teleai__deadline deadline, teleai_error *error) {
    teleai__ride *own = ride != NULL && deadline.interrupt != NULL ? make_leavable(ride, ticket) : NULL;
    pthread_mutex_lock(&pool->mutex);
    if (own != NULL)
        ticket->ride = own;
    teleai_status status = wait_turn(pool, ticket, deadline, error);
    bool left = own != NULL && own->left; /* then it is gone as soon as the mutex is free */
    pthread_mutex_unlock(&pool->mutex);
    if (own != NULL && !left && ticket->state == TELEAI__TICKET_ANSWERED)
        take_answer(ride, own);
    if (!left)
        free(own);
    if (status == TELEAI_OK)
        return teleai__pool_look(pool, ticket, error);
    teleai__ticket_drop_wake(ticket);
    return status;
}

teleai_status teleai__pool_acquire(teleai__pool *pool, teleai__ticket *ticket, const char *operation,
                                   const void *holder, teleai__ride *ride, teleai__deadline deadline,
                                   teleai_error *error) {
    ticket->ride = deadline.interrupt == NULL ? ride : NULL;
    if (ride != NULL) {
        ride->ticket = ticket;
        ride->left = false;
        atomic_init(&ride->sent, false);
    }
    teleai_status status = teleai__pool_ask(pool, ticket, operation, holder, true, error);
    if (status == TELEAI_OK && ticket->has_wake)
        status = wait_with(pool, ticket, ride, deadline, error);
    if (status != TELEAI_OK || ticket->state != TELEAI__TICKET_TO_OPEN)
        return status;
    if (teleai__pool_is_paused(pool, ticket, error))
        return TELEAI_UNAVAILABLE;
    teleai_error why;
    teleai__connection *connection;
    ticket->connect_us = teleai__monotonic_us();
    status = teleai__open(pool->settings, teleai__ticket_take_rested(ticket), deadline, &connection, &why);
    ticket->connect_us = teleai__monotonic_us() - ticket->connect_us;
    teleai__pool_opened(pool, ticket, connection, status, &why);
    if (status != TELEAI_OK && error != NULL)
        *error = why;
    return status;
}

/* ---- riders ---- */

int32_t teleai__pool_take_riders(teleai__pool *pool, teleai__ride **riders, int32_t most) {
    if (pool->waiting == 0)
        return 0;
    int32_t count = 0;
    pthread_mutex_lock(&pool->mutex);
    while (count < most && pool->first != NULL && pool->first->ride != NULL) {
        riders[count] = pool->first->ride;
        teleai__line_take_first(pool)->state = TELEAI__TICKET_RIDING;
        count++;
    }
    pthread_mutex_unlock(&pool->mutex);
    return count;
}

int32_t teleai__rides_end(teleai__pool *pool, teleai__ride **riders, int32_t count) {
    int32_t gone = 0;
    for (int32_t i = 0; i < count; i++) {
        if (riders[i]->left)
            riders[gone++] = riders[i];
        else
            teleai__ticket_wake(riders[i]->ticket, TELEAI__TICKET_ANSWERED);
    }
    pool->stats.rode += count - gone;
    return gone;
}

void teleai__rides_drop(teleai__ride **gone, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        PQclear(gone[i]->result);
        free(gone[i]);
    }
}
