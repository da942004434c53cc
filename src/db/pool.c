#include "db/pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* A connection that rested longer than this is looked at before it is used. */
#define CHECK_AFTER_US 100000

/* After so many failures to connect in a row new attempts pause, longer each time. */
#define FAILURES_BEFORE_PAUSE 3
#define SHORTEST_PAUSE_US 100000
#define LONGEST_PAUSE_US 5000000

enum slot_state {
    SLOT_EMPTY,   /* no connection */
    SLOT_OPENING, /* a caller is connecting for it */
    SLOT_IDLE,    /* a connection that waits for a caller */
    SLOT_BUSY,    /* a caller has the connection */
    SLOT_CLOSING, /* a caller closes what was its connection */
};

typedef struct slot {
    enum slot_state state;
    teleai__connection *connection; /* in IDLE and BUSY */
    const char *operation;          /* in OPENING and BUSY, and since when */
    int64_t since_us;
} slot;

/* A caller that waits; lives on that caller's stack. */
typedef struct waiter {
    struct waiter *next;
    pthread_cond_t granted;
    slot *slot; /* set by whoever grants it: BUSY with a connection, or OPENING to make one */
    bool closed;
} waiter;

struct teleai__pool {
    pthread_mutex_t mutex;
    const teleai__settings *settings;
    waiter *first, **last;
    bool closed;
    int64_t lost_at_us;      /* when a connection last broke: those used before then may be broken too */
    int64_t read_only_at_us; /* when a server was last found read-only: those opened before then are let go */
    int32_t failures;        /* to connect, in a row */
    int64_t paused_until_us; /* after failures */
    teleai_error failure;    /* the last one */
    teleai_pool_stats stats;
    int32_t size, least, most_waiting;
    int64_t idle_us, lifetime_us; /* INT64_MAX: for ever */
    slot slots[];
};

static int64_t limit_us(int32_t milliseconds) { return milliseconds < 0 ? INT64_MAX : (int64_t)milliseconds * 1000; }

teleai_status teleai__pool_make(const teleai__settings *settings, const teleai_options *options, teleai__pool **out,
                                teleai_error *error) {
    int32_t size = options->max_connections;
    teleai__pool *pool = calloc(1, sizeof *pool + (size_t)size * sizeof *pool->slots);
    if (pool == NULL)
        return teleai__fail_memory(error);
    if (pthread_mutex_init(&pool->mutex, NULL) != 0) {
        free(pool);
        return teleai__fail_memory(error);
    }
    pool->settings = settings;
    pool->last = &pool->first;
    pool->size = size;
    pool->least = options->min_connections;
    pool->most_waiting = options->max_waiting;
    pool->idle_us = limit_us(options->idle_timeout_ms);
    pool->lifetime_us = limit_us(options->max_lifetime_ms);
    pool->stats.max_connections = size;
    *out = pool;
    return TELEAI_OK;
}

/* The one place where a slot changes its state. Mutex held. */
static void change(slot *it, enum slot_state state, teleai__connection *connection, const char *operation) {
    it->state = state;
    it->connection = connection;
    it->operation = operation;
    it->since_us = operation == NULL ? 0 : teleai__monotonic_coarse_us();
}

static slot *find(teleai__pool *pool, enum slot_state state) {
    for (int32_t i = 0; i < pool->size; i++)
        if (pool->slots[i].state == state)
            return &pool->slots[i];
    return NULL;
}

/* Gives a slot that has become free to whoever waits longest. Mutex held. */
static void offer(teleai__pool *pool, slot *free_slot, teleai__connection *connection) {
    waiter *next = pool->first;
    if (next == NULL) {
        change(free_slot, connection == NULL ? SLOT_EMPTY : SLOT_IDLE, connection, NULL);
        return;
    }
    pool->first = next->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    change(free_slot, connection == NULL ? SLOT_OPENING : SLOT_BUSY, connection, "");
    next->slot = free_slot;
    pthread_cond_signal(&next->granted);
}

static void forget(teleai__pool *pool, waiter *gone) {
    waiter **link = &pool->first;
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    if (gone->next == NULL)
        pool->last = link;
}

/* Says why there was no connection. Mutex held. */
static teleai_status fail_waited(teleai__pool *pool, const char *what, int32_t waiting, teleai_error *error) {
    const slot *oldest = NULL;
    for (int32_t i = 0; i < pool->size; i++)
        if (pool->slots[i].operation != NULL && (oldest == NULL || pool->slots[i].since_us < oldest->since_us))
            oldest = &pool->slots[i];
    teleai__fail(
        error, TELEAI_UNAVAILABLE,
        "%s: all %d are in use, %d calls wait; the oldest is held by %s for %.1f s%s%.100s. Close transactions "
        "sooner or raise max_connections",
        what, (int)pool->size, (int)waiting,
        oldest == NULL || *oldest->operation == '\0' ? "a call" : oldest->operation,
        oldest == NULL ? 0.0 : (double)(teleai__monotonic_us() - oldest->since_us) / 1e6,
        pool->failures == 0 ? "" : "; the last attempt to connect failed: ",
        pool->failures == 0 ? "" : pool->failure.message);
    if (error != NULL)
        error->flags = TELEAI_ERROR_RETRYABLE;
    return TELEAI_UNAVAILABLE;
}

/* Waits for a slot; NULL when there was none, and *status says why. Mutex held, and again on return. */
static slot *wait_turn(teleai__pool *pool, teleai__deadline deadline, teleai_status *status, teleai_error *error) {
    if (pool->stats.waiting_calls >= pool->most_waiting) {
        *status = fail_waited(pool, "too many calls wait for a connection", pool->stats.waiting_calls, error);
        return NULL;
    }
    waiter self = {0};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self.granted, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *pool->last = &self;
    pool->last = &self.next;
    pool->stats.waited++;
    pool->stats.waiting_calls++;
    int64_t start = teleai__monotonic_us();
    struct timespec until = teleai__deadline_timespec(deadline);
    while (self.slot == NULL && !self.closed && teleai__deadline_left_ms(deadline) > 0)
        pthread_cond_timedwait(&self.granted, &pool->mutex, &until);
    pool->stats.wait_total_us += teleai__monotonic_us() - start;
    if (self.slot == NULL && self.closed) {
        *status = teleai__fail(error, TELEAI_CLOSED, "the client was closed while this call waited for a connection");
    } else if (self.slot == NULL) {
        forget(pool, &self);
        pool->stats.timed_out++;
        *status = fail_waited(pool, "no connection became free in time", pool->stats.waiting_calls, error);
    }
    pool->stats.waiting_calls--;
    pthread_cond_destroy(&self.granted);
    return self.slot;
}

/* Whether connecting waits for a server that has failed often to recover; the error tells what failed. Mutex held. */
static bool is_paused(const teleai__pool *pool, teleai_error *error) {
    int64_t left = pool->paused_until_us - teleai__monotonic_us();
    if (pool->failures < FAILURES_BEFORE_PAUSE || left <= 0)
        return false;
    *error = pool->failure;
    snprintf(error->message, sizeof error->message,
             "no connection: %d attempts in a row have failed, the next is in %.1f s. The last one: %.200s",
             (int)pool->failures, (double)left / 1e6, pool->failure.message);
    error->status = TELEAI_UNAVAILABLE;
    error->flags = TELEAI_ERROR_RETRYABLE;
    return true;
}

/* Mutex held. A deadline that passed first tells nothing of the server: it may have been short. */
static void note_failure(teleai__pool *pool, teleai_status status, const teleai_error *error) {
    pool->stats.open_failures++;
    if (status == TELEAI_TIMEOUT || status == TELEAI_OUT_OF_MEMORY)
        return;
    pool->failure = *error;
    if (++pool->failures < FAILURES_BEFORE_PAUSE)
        return;
    int doublings = pool->failures - FAILURES_BEFORE_PAUSE;
    int64_t pause = doublings > 5 ? LONGEST_PAUSE_US : (int64_t)SHORTEST_PAUSE_US << doublings;
    pool->paused_until_us = teleai__monotonic_us() + pause - teleai__random_below(pause / 4);
}

static teleai_status open_into(teleai__pool *pool, slot *mine, const char *operation, teleai__deadline deadline,
                               teleai__connection **out, teleai_error *error) {
    teleai_error local;
    pthread_mutex_lock(&pool->mutex);
    bool paused = is_paused(pool, &local);
    pthread_mutex_unlock(&pool->mutex);
    teleai_status status = TELEAI_UNAVAILABLE;
    if (!paused)
        status = teleai__connection_open(pool->settings, deadline, out, &local);
    pthread_mutex_lock(&pool->mutex);
    if (status == TELEAI_OK) {
        pool->failures = 0;
        pool->stats.opened++;
        pool->stats.acquired++;
        (*out)->expires_us = pool->lifetime_us == INT64_MAX
                                 ? INT64_MAX
                                 : (*out)->opened_us + pool->lifetime_us - teleai__random_below(pool->lifetime_us / 10);
        change(mine, SLOT_BUSY, *out, operation);
    } else {
        if (!paused)
            note_failure(pool, status, &local);
        offer(pool, mine, NULL); /* the next in line tries for itself */
    }
    pthread_mutex_unlock(&pool->mutex);
    if (status != TELEAI_OK && error != NULL)
        *error = local;
    return status;
}

teleai_status teleai__pool_acquire(teleai__pool *pool, const char *operation, teleai__deadline deadline,
                                   teleai__connection **out, teleai_error *error) {
    *out = NULL;
    slot *mine = NULL;
    pthread_mutex_lock(&pool->mutex);
    if (pool->closed) {
        pthread_mutex_unlock(&pool->mutex);
        return teleai__fail(error, TELEAI_CLOSED, "the client is closed");
    }
    if (pool->first == NULL && (mine = find(pool, SLOT_IDLE)) != NULL)
        change(mine, SLOT_BUSY, mine->connection, operation);
    else if (pool->first == NULL && (mine = find(pool, SLOT_EMPTY)) != NULL)
        change(mine, SLOT_OPENING, NULL, operation);
    else {
        teleai_status status = TELEAI_UNAVAILABLE;
        mine = wait_turn(pool, deadline, &status, error);
        if (mine == NULL) {
            pthread_mutex_unlock(&pool->mutex);
            return status;
        }
        change(mine, mine->state, mine->connection, operation);
    }
    teleai__connection *connection = mine->connection;
    bool rested = connection != NULL && (mine->since_us - connection->last_used_us > CHECK_AFTER_US ||
                                         connection->last_used_us <= pool->lost_at_us);
    bool may_live = connection != NULL && connection->opened_us > pool->read_only_at_us &&
                    mine->since_us - connection->last_used_us < pool->idle_us &&
                    mine->since_us < connection->expires_us;
    rested |= connection != NULL && !may_live;
    if (connection != NULL && !rested)
        pool->stats.acquired++;
    pthread_mutex_unlock(&pool->mutex);

    if (connection == NULL)
        return open_into(pool, mine, operation, deadline, out, error);
    if (!rested) {
        *out = connection;
        return TELEAI_OK;
    }
    bool alive = may_live && teleai__connection_is_alive(connection);
    pthread_mutex_lock(&pool->mutex);
    if (alive) {
        pool->stats.acquired++;
    } else {
        pool->stats.discarded++;
        change(mine, SLOT_OPENING, NULL, operation);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (alive) {
        *out = connection;
        return TELEAI_OK;
    }
    teleai__connection_close(connection);
    return open_into(pool, mine, operation, deadline, out, error);
}

/* Takes one connection out that has rested for too long. The lowest slots are used first, so the highest rest. Mutex
 * held. */
static teleai__connection *take_rested(teleai__pool *pool, int64_t now_us) {
    if (pool->idle_us == INT64_MAX)
        return NULL;
    int32_t last = pool->size - 1, open = 0;
    for (int32_t i = 0; i < pool->size; i++)
        open += pool->slots[i].state != SLOT_EMPTY;
    while (last >= 0 && (pool->slots[last].state != SLOT_IDLE ||
                         now_us - pool->slots[last].connection->last_used_us < pool->idle_us))
        last--;
    if (last < 0 || open <= pool->least)
        return NULL;
    teleai__connection *connection = pool->slots[last].connection;
    change(&pool->slots[last], SLOT_EMPTY, NULL, NULL);
    return connection;
}

void teleai__pool_release(teleai__pool *pool, teleai__connection *connection) {
    bool sound = !connection->broken && PQtransactionStatus(connection->pg) == PQTRANS_IDLE;
    pthread_mutex_lock(&pool->mutex);
    slot *mine = pool->slots;
    while (mine->connection != connection)
        mine++;
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
    if (!sound || old || pool->closed) { /* closed first: the server may have no connection to spare for the next one */
        change(mine, SLOT_CLOSING, NULL, NULL);
        pthread_mutex_unlock(&pool->mutex);
        teleai__connection_close(connection);
        connection = NULL;
        pthread_mutex_lock(&pool->mutex);
    }
    offer(pool, mine, connection);
    teleai__connection *rested = connection == NULL ? NULL : take_rested(pool, connection->last_used_us);
    pthread_mutex_unlock(&pool->mutex);
    teleai__connection_close(rested);
}

void teleai__pool_close(teleai__pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pool->closed = true;
    for (waiter *each = pool->first; each != NULL; each = each->next) {
        each->closed = true;
        pthread_cond_signal(&each->granted);
    }
    pool->first = NULL;
    pool->last = &pool->first;
    for (slot *idle; (idle = find(pool, SLOT_IDLE)) != NULL;) {
        teleai__connection *connection = idle->connection;
        change(idle, SLOT_EMPTY, NULL, NULL);
        pthread_mutex_unlock(&pool->mutex);
        teleai__connection_close(connection);
        pthread_mutex_lock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
}

void teleai__pool_free(teleai__pool *pool, bool abandon) {
    if (pool == NULL)
        return;
    for (int32_t i = 0; i < pool->size; i++) {
        if (abandon)
            teleai__connection_abandon(pool->slots[i].connection);
        else
            teleai__connection_close(pool->slots[i].connection);
    }
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void teleai__pool_stats(teleai__pool *pool, teleai_pool_stats *out) {
    pthread_mutex_lock(&pool->mutex);
    *out = pool->stats;
    for (int32_t i = 0; i < pool->size; i++) {
        out->open_connections += pool->slots[i].connection != NULL;
        out->idle_connections += pool->slots[i].state == SLOT_IDLE;
    }
    pthread_mutex_unlock(&pool->mutex);
}
