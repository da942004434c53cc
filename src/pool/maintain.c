/* What is done to the pool meanwhile: kept in shape, resized, drained, cancelled, closed, counted. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "pool/pool_internal.h"

static int32_t count_open(const teleai__pool *pool) {
    int32_t open = 0;
    for (int32_t i = 0; i < pool->used; i++)
        open += pool->slots[i].state != SLOT_EMPTY && pool->slots[i].state != SLOT_CLOSING;
    return open;
}

/* Closes the idle connections that `wanted` accepts, those at rest longest first, until none is left; it is told whether
 * there are more than the least number. Mutex held, but not while a connection closes: others may be given back then, so
 * the walk begins again. */
static void close_idle(teleai__pool *pool, bool (*wanted)(const teleai__pool *, const teleai__slot *, bool to_spare)) {
    for (;;) {
        bool to_spare = count_open(pool) > pool->least;
        teleai__slot *slot = NULL;
        for (teleai__slot *each = pool->free[SLOT_IDLE]; each != NULL; each = each->next)
            if (wanted(pool, each, to_spare))
                slot = each;
        if (slot == NULL)
            return;
        teleai__connection *connection = slot->connection;
        pool->stats.retired++;
        teleai__slot_change(pool, slot, SLOT_CLOSING, NULL, NULL, NULL);
        pthread_mutex_unlock(&pool->mutex);
        teleai__connection_close(connection);
        pthread_mutex_lock(&pool->mutex);
        teleai__slot_offer(pool, slot, NULL);
    }
}

static bool is_any(const teleai__pool *pool, const teleai__slot *slot, bool to_spare) {
    (void)pool;
    (void)slot;
    (void)to_spare;
    return true;
}

static bool is_beyond(const teleai__pool *pool, const teleai__slot *slot, bool to_spare) {
    (void)to_spare;
    return slot >= pool->slots + pool->size;
}

static bool is_past(const teleai__pool *pool, const teleai__slot *slot, bool to_spare) {
    int64_t now = teleai__monotonic_coarse_us();
    const teleai__connection *connection = slot->connection;
    if (now >= connection->expires_us || connection->opened_us <= pool->read_only_at_us)
        return true;
    return to_spare && now - connection->last_used_us >= pool->idle_us;
}

teleai_status teleai__pool_maintain(teleai__pool *pool, teleai__deadline deadline, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    pthread_mutex_lock(&pool->mutex);
    close_idle(pool, is_past);
    while (status == TELEAI_OK && !pool->closed && !pool->draining && count_open(pool) < pool->least) {
        teleai__ticket ticket = {.slot = teleai__slot_find_empty(pool), .operation = "pool_maintain"};
        if (ticket.slot == NULL)
            break;
        teleai__slot_change(pool, ticket.slot, SLOT_OPENING, NULL, ticket.operation, NULL);
        pthread_mutex_unlock(&pool->mutex);
        teleai_error why;
        teleai__connection *connection = NULL;
        if (teleai__pool_is_paused(pool, &ticket, error)) {
            status = TELEAI_UNAVAILABLE;
        } else {
            status = teleai__open(pool->settings, NULL, deadline, &connection, &why);
            teleai__pool_opened(pool, &ticket, connection, status, &why);
            if (connection != NULL)
                teleai__pool_release(pool, connection, NULL, 0);
            else if (error != NULL)
                *error = why;
        }
        pthread_mutex_lock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return status;
}

void teleai__pool_resize(teleai__pool *pool, int32_t least, int32_t most) {
    pthread_mutex_lock(&pool->mutex);
    pool->least = least;
    pool->size = most;
    close_idle(pool, is_beyond);
    for (teleai__slot *free_slot; pool->first != NULL && (free_slot = teleai__slot_find_empty(pool)) != NULL;)
        teleai__slot_offer(pool, free_slot, NULL);
    pthread_mutex_unlock(&pool->mutex);
}

/* Slots whose connection a thread opens, uses or closes; `oldest` is one that a call holds. */
static int32_t count_held(const teleai__pool *pool, const teleai__slot **oldest) {
    int32_t held = 0;
    for (int32_t i = 0; i < pool->used; i++) {
        const teleai__slot *slot = &pool->slots[i];
        if (slot->state == SLOT_EMPTY || slot->state == SLOT_IDLE)
            continue;
        held++;
        if (slot->operation != NULL && (*oldest == NULL || slot->since_us < (*oldest)->since_us))
            *oldest = slot;
    }
    return held;
}

teleai_status teleai__pool_drain(teleai__pool *pool, teleai__deadline deadline, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    pthread_mutex_lock(&pool->mutex);
    pool->draining = true;
    for (;;) {
        close_idle(pool, is_any);
        const teleai__slot *oldest = NULL;
        int32_t held = count_held(pool, &oldest);
        if (held == 0 && pool->first == NULL)
            break;
        if (teleai__deadline_left_ms(deadline) == 0) {
            status = teleai__fail(error, TELEAI_TIMEOUT,
                                  "pool_drain: %d connections are still in use, %d calls wait; the oldest is held by "
                                  "%s for %.1f s. New calls are refused all the same",
                                  (int)held, (int)pool->waiting, oldest == NULL ? "a call" : oldest->operation,
                                  oldest == NULL ? 0.0 : (double)(teleai__monotonic_us() - oldest->since_us) / 1e6);
            break;
        }
        struct timespec until = teleai__deadline_timespec(teleai__deadline_next(deadline));
        if (pthread_cond_timedwait(&pool->changed, &pool->mutex, &until) == 0 || deadline.interrupt == NULL)
            continue;
        pthread_mutex_unlock(&pool->mutex); /* somebody else's code must not run under it */
        bool interrupted = teleai__deadline_is_interrupted(deadline);
        pthread_mutex_lock(&pool->mutex);
        if (interrupted) {
            status = teleai__fail(error, TELEAI_CANCELLED,
                                  "pool_drain: it was cancelled; new calls are refused all the same");
            break;
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return status;
}

teleai_status teleai__pool_cancel(teleai__pool *pool, const void *holder, teleai_error *error) {
    bool told = true;
    pthread_mutex_lock(&pool->mutex);
    for (teleai__ticket **link = &pool->first; *link != NULL;) {
        teleai__ticket *ticket = *link;
        if (holder != NULL && ticket->holder != holder) {
            link = &ticket->next;
            continue;
        }
        *link = ticket->next;
        pool->waiting--;
        teleai__ticket_wake(ticket, TELEAI__TICKET_CANCELLED);
    }
    for (pool->last = &pool->first; *pool->last != NULL;)
        pool->last = &(*pool->last)->next;
    for (int32_t i = 0; i < pool->used; i++) {
        teleai__slot *slot = &pool->slots[i];
        if (slot->state != SLOT_BUSY || (holder != NULL && slot->holder != holder))
            continue;
        slot->stopping++; /* it does not change hands meanwhile */
        slot->connection->cancelled = true;
        teleai__session session = teleai__connection_session(slot->connection);
        pthread_mutex_unlock(&pool->mutex);
        told &= teleai__session_stop(&session, false);
        pthread_mutex_lock(&pool->mutex);
        slot->stopping--;
        pthread_cond_broadcast(&pool->changed);
    }
    pthread_mutex_unlock(&pool->mutex);
    return told ? TELEAI_OK
                : teleai__fail(error, TELEAI_UNAVAILABLE,
                               "cancel: the server could not be told to stop; it stops by itself at the time limit");
}

void teleai__pool_close(teleai__pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pool->closed = true;
    for (teleai__ticket *each = pool->first, *next; each != NULL; each = next) {
        next = each->next; /* once woken it may be gone */
        teleai__ticket_wake(each, TELEAI__TICKET_CLOSED);
    }
    pool->first = NULL;
    pool->last = &pool->first;
    pool->waiting = 0;
    close_idle(pool, is_any);
    pthread_mutex_unlock(&pool->mutex);
}

void teleai__pool_free(teleai__pool *pool, bool abandon) {
    if (pool == NULL)
        return;
    for (int32_t i = 0; i < pool->used; i++) {
        if (abandon)
            teleai__connection_abandon(pool->slots[i].connection);
        else
            teleai__connection_close(pool->slots[i].connection);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void teleai__pool_stats(teleai__pool *pool, teleai_pool_stats *out) {
    pthread_mutex_lock(&pool->mutex);
    *out = pool->stats;
    out->behind_pooler = pool->path.behind_pooler;
    out->max_connections = pool->size;
    out->waiting_calls = pool->waiting;
    for (int32_t i = 0; i < pool->used; i++) {
        out->open_connections += pool->slots[i].connection != NULL;
        out->idle_connections += pool->slots[i].state == SLOT_IDLE;
    }
    pthread_mutex_unlock(&pool->mutex);
}
