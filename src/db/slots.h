/* The pool from inside, for the two files that are it: pool.c, who gets what, and care.c, what is done meanwhile. */
#ifndef TELEAI_DB_SLOTS_H
#define TELEAI_DB_SLOTS_H

#include "db/pool.h"

#define TELEAI__MOST_CONNECTIONS 10000

typedef enum teleai__slot_state {
    SLOT_EMPTY,   /* no connection */
    SLOT_OPENING, /* a caller is connecting for it */
    SLOT_IDLE,    /* a connection that waits for a caller */
    SLOT_BUSY,    /* a caller has the connection */
    SLOT_CLOSING, /* a caller closes what was its connection */
} teleai__slot_state;

typedef struct teleai__slot {
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
    int64_t paused_until_us; /* after failures */
    teleai_error failure;    /* the last one */
    teleai_pool_stats stats;
    int32_t size, least, most_waiting;
    int32_t used;                                 /* slots that were ever in use: all beyond are EMPTY */
    int64_t idle_us, lifetime_us;                 /* INT64_MAX: for ever */
    int64_t look_at_rest_us;                      /* when to look next for those that have rested too long */
    teleai__slot slots[TELEAI__MOST_CONNECTIONS]; /* from the system, page by page as they are touched */
};

/* The one function that changes a slot's state. All of these with the mutex held. */
void teleai__slot_change(teleai__pool *pool, teleai__slot *slot, teleai__slot_state state,
                         teleai__connection *connection, const char *operation, const void *holder);
/* The lowest slot in this state; NULL: none. */
teleai__slot *teleai__slot_find(teleai__pool *pool, teleai__slot_state state);
/* Gives a slot that has become free, with or without a connection, to whoever waits longest. */
void teleai__slot_offer(teleai__pool *pool, teleai__slot *slot, teleai__connection *connection);
/* Ends the waiting of a ticket that stands in no line any more. */
void teleai__ticket_wake(teleai__ticket *ticket, enum teleai__ticket_state state);
/* Whether a resting connection has rested or lived too long. */
bool teleai__pool_is_old(const teleai__pool *pool, const teleai__connection *connection, int64_t now_us);

#endif
