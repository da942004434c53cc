#include "pool/pool.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "pool/pool_internal.h"
#include "wire/wait.h"

/* A connection that rested longer than this is looked at before it is used, which costs no round trip; after the second,
 * when what lies between may have forgotten it without a word, it is asked. */
#define LOOK_AFTER_US 100000
#define ASK_AFTER_US 30000000

/* After so many failures to connect in a row new attempts pause, longer each time. */
#define FAILURES_BEFORE_PAUSE 3
#define LEAST_TRY_US 1000000 /* a server that did not answer for this long has failed */

static int64_t limit_us(int32_t milliseconds) { return milliseconds < 0 ? INT64_MAX : (int64_t)milliseconds * 1000; }

static bool make_condition(pthread_cond_t *condition) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    bool made = pthread_cond_init(condition, &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    return made;
}

teleai_status teleai__pool_make(const teleai__settings *settings, const teleai_options *options, teleai__pool **out,
                                teleai_error *error) {
    teleai__pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return teleai__fail_memory(error);
    bool made = pthread_mutex_init(&pool->mutex, NULL) == 0;
    if (made && !make_condition(&pool->changed)) {
        pthread_mutex_destroy(&pool->mutex);
        made = false;
    }
    if (!made) {
        free(pool);
        return teleai__fail_memory(error);
    }
    pool->settings = settings;
    pool->last = &pool->first;
    pool->size = options->max_connections;
    pool->least = options->min_connections;
    pool->most_waiting = options->max_waiting;
    pool->backoff = (teleai__backoff){.shortest_us = 100000, .longest_us = 5000000};
    pool->idle_us = limit_us(options->idle_timeout_ms);
    pool->lifetime_us = limit_us(options->max_lifetime_ms);
    *out = pool;
    return TELEAI_OK;
}

/* ---- slots ---- */

/* Which state may follow which. */
#ifndef NDEBUG
static bool is_legal(const teleai__slot *slot, teleai__slot_state to, const teleai__connection *connection) {
    static const bool moves[SLOT_STATES][SLOT_STATES] = {
        [SLOT_EMPTY] = {[SLOT_OPENING] = true},
        [SLOT_IDLE] = {[SLOT_EMPTY] = true, [SLOT_BUSY] = true, [SLOT_CLOSING] = true},
        [SLOT_OPENING] = {[SLOT_EMPTY] = true, [SLOT_OPENING] = true, [SLOT_BUSY] = true},
        [SLOT_BUSY] = {[SLOT_IDLE] = true, [SLOT_OPENING] = true, [SLOT_BUSY] = true, [SLOT_CLOSING] = true},
        [SLOT_CLOSING] = {[SLOT_EMPTY] = true, [SLOT_OPENING] = true},
    };
    return moves[slot->state][to] && (connection != NULL) == (to == SLOT_IDLE || to == SLOT_BUSY);
}
#endif

/* Writes a state down. The lists are left to the callers, which know where the slot stands: every call of the library takes
 * an idle slot and gives it back. */
static inline void set(teleai__pool *pool, teleai__slot *slot, teleai__slot_state state, teleai__connection *connection,
                       const char *operation, const void *holder) {
    assert(is_legal(slot, state, connection));
    slot->state = state;
    slot->connection = connection;
    if (connection != NULL)
        connection->slot = slot;
    slot->operation = operation;
    slot->holder = holder;
    slot->since_us = operation == NULL ? 0 : teleai__monotonic_coarse_us();
    if (slot >= pool->slots + pool->used)
        pool->used = (int32_t)(slot - pool->slots) + 1;
    if (pool->draining)
        pthread_cond_broadcast(&pool->changed);
}

static inline void enter(teleai__slot **list, teleai__slot *slot) {
    slot->next = *list;
    *list = slot;
}

/* Only maintenance takes one that is not at the head. */
static void leave(teleai__slot **list, const teleai__slot *slot) {
    while (*list != NULL && *list != slot)
        list = &(*list)->next;
    if (*list != NULL) /* else it was never used, and is in no list */
        *list = slot->next;
}

void teleai__slot_change(teleai__pool *pool, teleai__slot *slot, teleai__slot_state state,
                         teleai__connection *connection, const char *operation, const void *holder) {
    if (slot->state < SLOT_FREE_STATES)
        leave(&pool->free[slot->state], slot);
    if (state < SLOT_FREE_STATES)
        enter(&pool->free[state], slot);
    set(pool, slot, state, connection, operation, holder);
}

/* The idle slot whose connection was used last, for a caller; NULL: none. */
static inline teleai__slot *take_idle(teleai__pool *pool, const char *operation, const void *holder) {
    teleai__slot *slot = pool->free[SLOT_IDLE];
    if (slot != NULL) {
        pool->free[SLOT_IDLE] = slot->next;
        set(pool, slot, SLOT_BUSY, slot->connection, operation, holder);
    }
    return slot;
}

teleai__slot *teleai__slot_find_empty(teleai__pool *pool) {
    for (teleai__slot *slot = pool->free[SLOT_EMPTY]; slot != NULL; slot = slot->next)
        if (slot < pool->slots + pool->size) /* the others are left from before the pool was made smaller */
            return slot;
    return pool->used < pool->size ? &pool->slots[pool->used] : NULL;
}

void teleai__ticket_wake(teleai__ticket *ticket, enum teleai__ticket_state state) {
    ticket->state = state;
    if (ticket->wake[1] < 0)
        pthread_cond_signal(&ticket->woken);
    else
        (void)!write(ticket->wake[1], "", 1); /* it is empty, so it takes one byte */
}

/* Takes the first out of the line. */
teleai__ticket *teleai__line_take_first(teleai__pool *pool) {
    teleai__ticket *first = pool->first;
    pool->first = first->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    pool->waiting--;
    return first;
}

void teleai__slot_offer(teleai__pool *pool, teleai__slot *slot, teleai__connection *connection) {
    if (pool->first == NULL || (connection == NULL && slot >= pool->slots + pool->size)) {
        teleai__slot_state state = connection == NULL ? SLOT_EMPTY : SLOT_IDLE;
        enter(&pool->free[state], slot);
        set(pool, slot, state, connection, NULL, NULL);
        return;
    }
    teleai__ticket *next = teleai__line_take_first(pool);
    teleai__slot_change(pool, slot, connection == NULL ? SLOT_OPENING : SLOT_BUSY, connection, next->operation,
                        next->holder); /* resizing offers slots that are in the list of the empty ones */
    next->slot = slot;
    next->connection = connection;
    teleai__ticket_wake(next, connection == NULL ? TELEAI__TICKET_TO_OPEN : TELEAI__TICKET_GRANTED);
}

bool teleai__pool_is_old(const teleai__pool *pool, const teleai__connection *connection, int64_t now_us) {
    return connection->opened_us <= pool->read_only_at_us || now_us >= connection->expires_us ||
           now_us - connection->last_used_us >= pool->idle_us;
}

/* ---- asking ---- */

void teleai__line_leave(teleai__pool *pool, teleai__ticket *gone) {
    teleai__ticket **link = &pool->first;
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    if (gone->next == NULL)
        pool->last = link;
    pool->waiting--;
}

/* Says why there was no connection. Mutex held. */
teleai_status teleai__fail_waited(teleai__pool *pool, const char *what, teleai_error *error) {
    const teleai__slot *oldest = NULL;
    for (int32_t i = 0; i < pool->used; i++)
        if (pool->slots[i].operation != NULL && (oldest == NULL || pool->slots[i].since_us < oldest->since_us))
            oldest = &pool->slots[i];
    teleai__fail(
        error, TELEAI_UNAVAILABLE,
        "%s: all %d are in use, %d calls wait; the oldest is held by %s for %.1f s%s%.100s. Close transactions "
        "sooner or raise max_connections",
        what, (int)pool->size, (int)pool->waiting, oldest == NULL ? "a call" : oldest->operation,
        oldest == NULL ? 0.0 : (double)(teleai__monotonic_us() - oldest->since_us) / 1e6,
        pool->failures == 0 ? "" : "; the last attempt to connect failed: ",
        pool->failures == 0 ? "" : pool->failure.message);
    if (error != NULL) {
        error->flags = TELEAI_ERROR_RETRYABLE;
        if (pool->failures > 0)
            memcpy(error->sqlstate, pool->failure.sqlstate, sizeof error->sqlstate);
    }
    return TELEAI_UNAVAILABLE;
}

teleai_status teleai__fail_unbegun(const teleai__ticket *ticket, teleai_error *error) {
    return teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled before it began", ticket->operation);
}

static bool make_wake(teleai__ticket *ticket, bool may_block) {
    ticket->wake[0] = ticket->wake[1] = -1;
    ticket->has_wake = may_block ? make_condition(&ticket->woken) : pipe(ticket->wake) == 0;
    if (may_block || !ticket->has_wake)
        return ticket->has_wake;
    for (int i = 0; i < 2; i++) {
        fcntl(ticket->wake[i], F_SETFD, FD_CLOEXEC);
        fcntl(ticket->wake[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

void teleai__ticket_drop_wake(teleai__ticket *ticket) {
    if (!ticket->has_wake)
        return;
    ticket->has_wake = false;
    if (ticket->wake[1] < 0) {
        pthread_cond_destroy(&ticket->woken);
    } else {
        close(ticket->wake[0]);
        close(ticket->wake[1]);
    }
}

/* Gets in line. Mutex held. */
static teleai_status line_up(teleai__pool *pool, teleai__ticket *ticket, bool may_block, teleai_error *error) {
    if (pool->waiting >= pool->most_waiting)
        return teleai__fail_waited(pool, "too many calls wait for a connection", error);
    if (!make_wake(ticket, may_block))
        return teleai__fail_memory(error);
    ticket->state = TELEAI__TICKET_WAITING;
    ticket->next = NULL;
    *pool->last = ticket;
    pool->last = &ticket->next;
    pool->stats.waited++;
    pool->waiting++;
    return TELEAI_OK;
}

teleai_status teleai__pool_ask(teleai__pool *pool, teleai__ticket *ticket, const char *operation, const void *holder,
                               bool may_block, teleai_error *error) {
    ticket->operation = operation;
    ticket->holder = holder;
    ticket->connection = ticket->rested = NULL;
    ticket->connect_us = 0;
    ticket->has_wake = ticket->asks = ticket->alone = false;
    teleai_status status = TELEAI_OK;
    pthread_mutex_lock(&pool->mutex);
    teleai__slot *mine = NULL;
    if (pool->closed || pool->draining) {
        status = teleai__fail(error, TELEAI_CLOSED, "%s: the client is %s", operation,
                              pool->closed ? "closed" : "being drained and takes no more calls");
    } else if (pool->first == NULL && (mine = take_idle(pool, operation, holder)) != NULL) {
        ticket->state = TELEAI__TICKET_GRANTED;
        ticket->connection = mine->connection;
        int64_t used = mine->connection->last_used_us;
        if (mine->since_us - used <= LOOK_AFTER_US && used > pool->lost_at_us &&
            !teleai__pool_is_old(pool, mine->connection, mine->since_us)) {
            pool->stats.acquired++;
            pthread_mutex_unlock(&pool->mutex);
            ticket->slot = mine;
            ticket->alone = true;
            return TELEAI_OK;
        }
    } else if (pool->first == NULL && (mine = teleai__slot_find_empty(pool)) != NULL) {
        ticket->state = TELEAI__TICKET_TO_OPEN;
        teleai__slot_change(pool, mine, SLOT_OPENING, NULL, operation, holder);
    } else {
        status = line_up(pool, ticket, may_block, error);
        pthread_mutex_unlock(&pool->mutex);
        return status; /* it may have been granted by now */
    }
    bool old =
        mine != NULL && ticket->connection != NULL && teleai__pool_is_old(pool, mine->connection, mine->since_us);
    pthread_mutex_unlock(&pool->mutex);
    ticket->slot = mine;
    if (ticket->connection == NULL || status != TELEAI_OK)
        return status;
    teleai__connection *dead = NULL;
    if (old || !teleai__connection_is_alive(ticket->connection))
        dead = ticket->connection;
    else if (mine->since_us - ticket->connection->last_used_us > ASK_AFTER_US)
        ticket->rested = ticket->connection;
    pthread_mutex_lock(&pool->mutex);
    if (dead == NULL && ticket->rested == NULL) {
        pool->stats.acquired++;
    } else {
        pool->stats.retired += dead != NULL && old;
        pool->stats.discarded += dead != NULL && !old;
        ticket->asks = ticket->rested != NULL;
        ticket->state = TELEAI__TICKET_TO_OPEN;
        ticket->connection = NULL;
        teleai__slot_change(pool, mine, SLOT_OPENING, NULL, operation, holder);
    }
    pthread_mutex_unlock(&pool->mutex);
    teleai__connection_close(dead);
    return TELEAI_OK;
}

teleai_status teleai__pool_look(teleai__pool *pool, teleai__ticket *ticket, teleai_error *error) {
    pthread_mutex_lock(&pool->mutex);
    enum teleai__ticket_state state = ticket->state;
    pool->stats.acquired += state == TELEAI__TICKET_GRANTED;
    pthread_mutex_unlock(&pool->mutex);
    if (state == TELEAI__TICKET_WAITING)
        return TELEAI_OK;
    teleai__ticket_drop_wake(ticket);
    if (state == TELEAI__TICKET_CLOSED)
        return teleai__fail(error, TELEAI_CLOSED, "%s: the client was closed while this call waited for a connection",
                            ticket->operation);
    if (state == TELEAI__TICKET_CANCELLED)
        return teleai__fail_unbegun(ticket, error);
    return TELEAI_OK;
}

void teleai__pool_withdraw(teleai__pool *pool, teleai__ticket *ticket) {
    pthread_mutex_lock(&pool->mutex);
    teleai__connection *granted = ticket->state == TELEAI__TICKET_GRANTED ? ticket->connection : NULL;
    teleai__connection *rested = ticket->state == TELEAI__TICKET_TO_OPEN ? ticket->rested : NULL;
    if (ticket->state == TELEAI__TICKET_WAITING)
        teleai__line_leave(pool, ticket);
    else if (ticket->state == TELEAI__TICKET_TO_OPEN)
        teleai__slot_offer(pool, ticket->slot, NULL);
    ticket->state = TELEAI__TICKET_NONE;
    pthread_mutex_unlock(&pool->mutex);
    teleai__ticket_drop_wake(ticket);
    teleai__connection_close(rested);
    if (granted != NULL)
        teleai__pool_release(pool, granted, NULL, 0);
}

/* ---- opening ---- */

teleai__connection *teleai__ticket_take_rested(teleai__ticket *ticket) {
    teleai__connection *rested = ticket->rested;
    ticket->rested = NULL;
    return rested;
}

bool teleai__pool_is_paused(teleai__pool *pool, teleai__ticket *ticket, teleai_error *error) {
    if (ticket->rested != NULL)
        return false;
    pthread_mutex_lock(&pool->mutex);
    int64_t left = pool->paused_until_us - teleai__monotonic_us();
    bool paused = pool->failures >= FAILURES_BEFORE_PAUSE && left > 0;
    if (paused && error != NULL) {
        *error = pool->failure;
        snprintf(error->message, sizeof error->message,
                 "no connection: %d attempts in a row have failed, the next is in %.1f s. The last one: %.200s",
                 (int)pool->failures, (double)left / 1e6, pool->failure.message);
        teleai__text_clean(error->message); /* its end may be half a character */
        error->status = TELEAI_UNAVAILABLE;
        error->flags = TELEAI_ERROR_RETRYABLE;
    }
    if (paused) {
        teleai__slot_offer(pool, ticket->slot, NULL); /* the next in line hears the same */
        ticket->state = TELEAI__TICKET_NONE;
    }
    pthread_mutex_unlock(&pool->mutex);
    return paused;
}

/* Mutex held. A deadline that passed soon tells nothing of the server. */
static void note_failure(teleai__pool *pool, const teleai__slot *slot, teleai_status status,
                         const teleai_error *error) {
    if (status == TELEAI_CANCELLED)
        return;
    pool->stats.open_failures++;
    bool soon = teleai__monotonic_us() - slot->since_us < LEAST_TRY_US;
    if ((status == TELEAI_TIMEOUT && soon) || status == TELEAI_OUT_OF_MEMORY)
        return;
    pool->failure = *error;
    if (++pool->failures < FAILURES_BEFORE_PAUSE)
        return;
    pool->paused_until_us = teleai__monotonic_us() + teleai__backoff_next_us(&pool->backoff);
}

void teleai__pool_opened(teleai__pool *pool, teleai__ticket *ticket, teleai__connection *connection,
                         teleai_status status, const teleai_error *error) {
    pthread_mutex_lock(&pool->mutex);
    bool is_new = connection != NULL && connection->expires_us == 0;
    pool->stats.discarded += ticket->asks && (connection == NULL || is_new);
    if (is_new) {
        pool->stats.opened++;
        connection->expires_us = pool->lifetime_us == INT64_MAX ? INT64_MAX
                                                                : connection->opened_us + pool->lifetime_us -
                                                                      teleai__random_below(pool->lifetime_us / 10);
    }
    if (connection != NULL) {
        pool->failures = 0;
        teleai__backoff_reset(&pool->backoff, false);
        pool->path = (teleai__path){connection->behind_pooler, connection->round_trip_us};
        pool->stats.acquired++;
        teleai__slot_change(pool, ticket->slot, SLOT_BUSY, connection, ticket->operation, ticket->holder);
    } else {
        note_failure(pool, ticket->slot, status, error);
        teleai__slot_offer(pool, ticket->slot, NULL); /* the next in line tries for itself */
    }
    ticket->connection = connection;
    ticket->state = connection == NULL ? TELEAI__TICKET_NONE : TELEAI__TICKET_GRANTED;
    pthread_mutex_unlock(&pool->mutex);
}

teleai__path teleai__pool_path(teleai__pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    teleai__path path = pool->path;
    pthread_mutex_unlock(&pool->mutex);
    return path;
}

/* ---- giving back ---- */

/* Takes one connection out that has rested for too long. What was used last is used first, so the end of the list rests.
 * Mutex held. */
static teleai__connection *take_rested(teleai__pool *pool, int64_t now_us) {
    if (now_us < pool->look_at_rest_us || pool->idle_us == INT64_MAX)
        return NULL;
    int32_t open = 0;
    for (int32_t i = 0; i < pool->used; i++)
        open += pool->slots[i].state != SLOT_EMPTY;
    teleai__slot *last = NULL;
    for (teleai__slot *slot = pool->free[SLOT_IDLE]; slot != NULL; slot = slot->next)
        if (now_us - slot->connection->last_used_us >= pool->idle_us)
            last = slot;
    if (last == NULL || open <= pool->least) { /* there will be none for a while */
        pool->look_at_rest_us = now_us + (pool->idle_us / 8 < LOOK_AFTER_US ? pool->idle_us / 8 : LOOK_AFTER_US);
        return NULL;
    }
    teleai__connection *connection = last->connection;
    pool->stats.retired++;
    teleai__slot_change(pool, last, SLOT_EMPTY, NULL, NULL, NULL);
    return connection;
}

void teleai__pool_release(teleai__pool *pool, teleai__connection *connection, teleai__ride **riders,
                          int32_t rider_count) {
    for (PGnotify *said; (said = PQnotifies(connection->pg)) != NULL;)
        PQfreemem(said); /* nobody listens here; behind a pooler an earlier client of the session may have */
    bool sound = !connection->broken && PQtransactionStatus(connection->pg) == PQTRANS_IDLE;
    pthread_mutex_lock(&pool->mutex);
    int32_t gone = teleai__rides_end(pool, riders, rider_count);
    teleai__slot *mine = connection->slot;
    while (mine->stopping > 0) /* or it would stop the next holder's */
        pthread_cond_wait(&pool->changed, &pool->mutex);
    connection->cancelled = connection->interrupted = false;
    pool->stats.statements_run += connection->statements_run;
    pool->stats.statements_prepared += connection->statements_prepared;
    connection->statements_run = connection->statements_prepared = 0;
    if (!sound) {
        pool->stats.discarded++;
        pool->lost_at_us = teleai__monotonic_coarse_us();
        if (connection->read_only)
            pool->read_only_at_us = pool->lost_at_us;
    }
    bool old = connection->last_used_us >= connection->expires_us || connection->opened_us <= pool->read_only_at_us;
    if (!sound || old || pool->closed || mine >= pool->slots + pool->size) {
        /* Closed first: the server may have no connection to spare for the next one. */
        pool->stats.retired += sound;
        teleai__slot_change(pool, mine, SLOT_CLOSING, NULL, NULL, NULL);
        pthread_mutex_unlock(&pool->mutex);
        teleai__connection_close(connection);
        connection = NULL;
        pthread_mutex_lock(&pool->mutex);
    }
    teleai__slot_offer(pool, mine, connection);
    teleai__connection *rested = connection == NULL ? NULL : take_rested(pool, connection->last_used_us);
    pthread_mutex_unlock(&pool->mutex);
    teleai__connection_close(rested);
    teleai__rides_drop(riders, gone);
}
