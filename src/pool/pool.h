/* The pool: who may use which connection when. Never connects, checks or talks to the server under its mutex. */
#ifndef TELEAI_POOL_POOL_H
#define TELEAI_POOL_POOL_H

#include <pthread.h>

#include "wire/connect.h"
#include "wire/connection.h"
#include "teleai/client.h"

typedef struct teleai__pool teleai__pool;
struct teleai__slot;

/* One short statement that may go with somebody else's when no connection is free. */
typedef struct teleai__ride {
    const teleai__statement *statement;
    const teleai__params *params; /* of no use any more once it is sent */
    struct teleai__ticket *ticket;
    _Atomic bool sent;    /* told by who takes it along */
    bool left;            /* its caller has gone, and the answer is dropped. Under the pool's mutex */
    teleai_status status; /* the answer: */
    PGresult *result;
    bool lost;
    teleai_error error;
} teleai__ride;

enum teleai__ticket_state {
    TELEAI__TICKET_NONE,      /* asks for nothing */
    TELEAI__TICKET_WAITING,   /* stands in the line */
    TELEAI__TICKET_GRANTED,   /* has a connection */
    TELEAI__TICKET_TO_OPEN,   /* has the right to open one, or to ask the one that it gets for a sign of life first */
    TELEAI__TICKET_CLOSED,    /* the client was closed meanwhile */
    TELEAI__TICKET_CANCELLED, /* somebody cancelled the call */
    TELEAI__TICKET_RIDING,    /* somebody who has a connection has taken its statement along */
    TELEAI__TICKET_ANSWERED,  /* and here is the answer */
};

/* A caller's wish for a connection; lives with the caller, is the pool's while it waits. */
typedef struct teleai__ticket {
    struct teleai__ticket *next;
    const char *operation; /* what for, and for whom */
    const void *holder;
    enum teleai__ticket_state state;
    struct teleai__slot *slot;
    teleai__connection *connection;
    teleai__connection *rested; /* TO_OPEN: to be asked first, see teleai__ticket_take_rested(), or NULL */
    bool asks;                  /* there was one */
    bool alone;                 /* it was granted at once: nobody waits */
    bool has_wake;              /* it stood in the line, and may still */
    pthread_cond_t woken;       /* for those that block, */
    int wake[2];                /* for those that must not: readable when its turn has come; -1: not used */
    int64_t connect_us;         /* spent on opening one */
    teleai__ride *ride;         /* where not NULL, it may ride */
} teleai__ticket;

/* `options` are checked, with defaults filled in. */
teleai_status teleai__pool_make(const teleai__settings *settings, const teleai_options *options, teleai__pool **out,
                                teleai_error *error);

/* ---- without blocking ---- */

/* Asks for a connection, first come first served: GRANTED, TO_OPEN or WAITING. `may_block` tells how it wants to be
 * woken. */
teleai_status teleai__pool_ask(teleai__pool *pool, teleai__ticket *ticket, const char *operation, const void *holder,
                               bool may_block, teleai_error *error);
/* Looks at a ticket that waits without blocking, and says why when it will have nothing. */
teleai_status teleai__pool_look(teleai__pool *pool, teleai__ticket *ticket, teleai_error *error);
/* Hands over what is to be asked for a sign of life before a connection is opened in its place; NULL: nothing is. */
teleai__connection *teleai__ticket_take_rested(teleai__ticket *ticket);
/* What became of TO_OPEN: a connection, or why not. The ticket is GRANTED or NONE then. */
void teleai__pool_opened(teleai__pool *pool, teleai__ticket *ticket, teleai__connection *connection,
                         teleai_status status, const teleai_error *error);
/* Whether connecting waits for a server that has failed often to recover; then the ticket is NONE. */
bool teleai__pool_is_paused(teleai__pool *pool, teleai__ticket *ticket, teleai_error *error);
/* Gives up whatever it has come to. */
void teleai__pool_withdraw(teleai__pool *pool, teleai__ticket *ticket);
/* What is known of the way to the server. */
typedef struct teleai__path {
    bool behind_pooler;
    int64_t round_trip_us;
} teleai__path;

teleai__path teleai__pool_path(teleai__pool *pool);

/* ---- blocking ---- */

/* Asks, waits, opens if need be. With a ride, the ticket may end as ANSWERED instead of GRANTED. */
teleai_status teleai__pool_acquire(teleai__pool *pool, teleai__ticket *ticket, const char *operation,
                                   const void *holder, teleai__ride *ride, teleai__deadline deadline,
                                   teleai_error *error);
/* Takes those along that wait next and may ride, up to `most`; tell when they are `sent`. */
int32_t teleai__pool_take_riders(teleai__pool *pool, teleai__ride **riders, int32_t most);

/* ---- giving back ---- */

/* Takes a connection back, and lets the riders have their answers. One that is broken, or not idle, is closed. */
void teleai__pool_release(teleai__pool *pool, teleai__connection *connection, teleai__ride **riders,
                          int32_t rider_count);

/* ---- care ---- */

/* Closes what has rested or lived too long, and opens up to the least number. */
teleai_status teleai__pool_maintain(teleai__pool *pool, teleai__deadline deadline, teleai_error *error);
void teleai__pool_resize(teleai__pool *pool, int32_t least, int32_t most);
/* No new calls; waits for those that are at work, and closes every connection. */
teleai_status teleai__pool_drain(teleai__pool *pool, teleai__deadline deadline, teleai_error *error);
/* Has the server stop what runs for a holder, or everything (NULL), and ends the waiting. */
teleai_status teleai__pool_cancel(teleai__pool *pool, const void *holder, teleai_error *error);
/* No more connections from here: idle ones are closed, those in use when they come back. */
void teleai__pool_close(teleai__pool *pool);
/* After all connections came back. In a forked child `abandon` says nothing to the server. */
void teleai__pool_free(teleai__pool *pool, bool abandon);
void teleai__pool_stats(teleai__pool *pool, teleai_pool_stats *out);

#endif
