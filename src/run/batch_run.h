/* The flight of a batch: gets a connection, sends the line of operations, reads and fills in answers, and never waits. */
#ifndef TELEAI_RUN_BATCH_RUN_H
#define TELEAI_RUN_BATCH_RUN_H

#include "base/backoff.h"
#include "run/batch_item.h"
#include "run/client.h"

enum teleai__phase { TELEAI__RESTING, TELEAI__WAITING, TELEAI__OPENING, TELEAI__RUNNING };

typedef struct teleai__batch {
    pthread_mutex_t mutex;
    teleai_client *transaction; /* that it is on; NULL: connections come from the pool */
    teleai__metrics *metrics;   /* the core's */
    bool atomic;
    teleai__batch_item *first, **last; /* not in flight */
    int64_t pending;
    size_t line_bytes, held_bytes;
    uint64_t next_item;
    enum teleai__phase phase;
    teleai__ticket ticket;
    teleai__opening *opening;
    teleai__connection *connection;
    teleai__pipeline pipeline;
    bool group_is_open;      /* atomic: something was sent whose group has no end yet */
    int32_t cancels;         /* seen */
    teleai__backoff backoff; /* before it is sent again */
    int64_t not_before_us;
    teleai__deadline deadline; /* of the next answer */
    int64_t asked_us;          /* when the caller was last asked whether to go on */
    bool failed;
    teleai_error failure; /* of the first that failed */
} teleai__batch;

/* Puts an operation at the end of the line. */
void teleai__batch_append(teleai__batch *batch, teleai__batch_item *queued);
/* Does what can be done without waiting. `to_the_end`: nothing more will come before the answers are wanted. `may_wait`:
 * what has to be stopped may take a moment. */
void teleai__batch_advance(teleai__batch *batch, teleai_client *client, bool to_the_end, bool may_wait);
/* Ends everything with this status: late, cancelled, or closed. `tell` has the server end the session, which takes a
 * moment. */
void teleai__batch_stop(teleai__batch *batch, teleai_client *client, teleai_status status, bool tell, const char *why);
/* In a forked child: frees what is not the connection's. */
void teleai__batch_abandon(teleai__batch *batch);
/* Whether the line waits until what is in flight is answered. */
bool teleai__batch_must_wait(const teleai__batch *batch);

#endif
