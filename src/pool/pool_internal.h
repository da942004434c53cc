/* The pool from inside, for the files that are it: pool.c, who gets what, turn.c, how it is waited for, and care.c, what is
 * done beside that. */
#ifndef TELEAI_POOL_POOL_INTERNAL_H
#define TELEAI_POOL_POOL_INTERNAL_H

#include "base/backoff.h"
#include "pool/pool.h"

#define TELEAI__MOST_CONNECTIONS 10000

typedef enum teleai__slot_state {
    SLOT_EMPTY,   /* no connection */
    SLOT_IDLE,    /* a connection that waits for a caller */
    SLOT_OPENING, /* a caller is connecting for it */
    SLOT_BUSY,    /* a caller has the connection */
    SLOT_CLOSING, /* a caller closes what was its connection */
    SLOT_STATES,
} teleai__slot_state;

#define SLOT_FREE_STATES (SLOT_IDLE + 1) /* the states before are free for the next caller, and have lists */

typedef struct teleai__slot {
    struct teleai__slot *next; /* in EMPTY and IDLE: of the list of that state */
    teleai__slot_state state;
    int32_t stopping;               /* callers that tell the server to stop what runs here */
    teleai__connection *connection; /* in IDLE and BUSY */
    const char *operation;          /* in OPENING and BUSY, for whom, and since when */
    const void *holder;
    int64_t since_us;
} teleai__slot;

struct teleai__pool {
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* something ended that care.c waits for */
    const teleai__settings *settings;
    teleai__ticket *first, **last;
    _Atomic int32_t waiting;
    bool closed, draining;
    teleai__path path;       /* of the last connection, when it was opened */
    int64_t lost_at_us;      /* when a connection last broke: those used before then may be broken too */
    int64_t read_only_at_us; /* when a server was last found read-only: those opened before then are let go */
    int32_t failures;        /* to connect, in a row */
    teleai__backoff backoff; /* of the pauses after failures */
    int64_t paused_until_us;
    teleai_error failure; /* the last one */
    teleai_pool_stats stats;
    int32_t size, least, most_waiting;
    int32_t used;                                 /* slots that were ever in use: all beyond are EMPTY, in no list */
    teleai__slot *free[SLOT_FREE_STATES];         /* the lists of EMPTY and IDLE slots, the last that came first */
    int64_t idle_us, lifetime_us;                 /* INT64_MAX: for ever */
    int64_t look_at_rest_us;                      /* when to look next for those that have rested too long */
    teleai__slot slots[TELEAI__MOST_CONNECTIONS]; /* from the system, page by page as they are touched */
};

/* Changes a slot's state, and the list in which it stands. All of these with the mutex held. */
void teleai__slot_change(teleai__pool *pool, teleai__slot *slot, teleai__slot_state state,
                         teleai__connection *connection, const char *operation, const void *holder);
/* An empty slot within the pool's size; NULL: none. */
teleai__slot *teleai__slot_find_empty(teleai__pool *pool);
/* Gives a slot that has become free, with or without a connection, to whoever waits longest. */
void teleai__slot_offer(teleai__pool *pool, teleai__slot *slot, teleai__connection *connection);
/* Takes the first out of the line, or a certain one. */
teleai__ticket *teleai__line_take_first(teleai__pool *pool);
void teleai__line_leave(teleai__pool *pool, teleai__ticket *gone);
/* Says why there was no connection. */
teleai_status teleai__fail_waited(teleai__pool *pool, const char *what, teleai_error *error);
/* Lets the riders have their answers. How many had left by then: these are the first of the array now. */
int32_t teleai__rides_end(teleai__pool *pool, teleai__ride **riders, int32_t count);
/* Ends the waiting of a ticket that stands in no line any more. */
void teleai__ticket_wake(teleai__ticket *ticket, enum teleai__ticket_state state);

/* Without the mutex: drops the answers of riders that have left; what a ticket was woken by; says that it was cancelled. */
void teleai__rides_drop(teleai__ride **gone, int32_t count);
void teleai__ticket_drop_wake(teleai__ticket *ticket);
teleai_status teleai__fail_unbegun(const teleai__ticket *ticket, teleai_error *error);
/* Whether a resting connection has rested or lived too long. */
bool teleai__pool_is_old(const teleai__pool *pool, const teleai__connection *connection, int64_t now_us);

#endif
