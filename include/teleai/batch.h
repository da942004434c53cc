/* Batches: many operations in one round trip, and the same without ever blocking. */
#ifndef TELEAI_BATCH_H
#define TELEAI_BATCH_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a batch works. NULL or all zero gives what is said here first. */
typedef struct teleai_batch_options {
    size_t struct_size;  /**< sizeof(teleai_batch_options) */
    bool atomic;         /**< all of a flush happens or nothing does; otherwise each operation stands for itself */
    uint8_t reserved[7]; /**< zero */
} teleai_batch_options;

/**
 * Makes a batch: a client that queues operations instead of running them. A call checks its input, copies it, and
 * returns OK with error->status QUEUED and *out still NULL; what it is given for `out` and `error` must live until
 * the operation has been answered, by teleai_batch_flush() or teleai_batch_step(). Then *out and *error are filled as
 * if it had run by itself. A call that fails at once was not queued.
 *
 * Operations run in the order in which they were queued, and see what those before them did. A failure concerns its own
 * operation only, unless the batch is atomic: then nothing is kept, and the others report ABORTED. A lost connection is
 * treated as elsewhere: what may be repeated is sent again, of the rest nobody knows (OUTCOME_UNKNOWN); an atomic
 * batch is never repeated, and neither is one on a transaction.
 *
 * Any number of operations may be queued: past about 1 MB they are sent while more are added, so that memory does not
 * grow with them; then a call that queues may block as a flush does.
 *
 * `client` is the one from teleai_open(), a scope, or a transaction; the batch on a transaction is part of it, and
 * always atomic with it. Logging in, migrations, create_many with keep_good, and further clients cannot go into a
 * batch; they return INVALID_ARGUMENT. A batch is for one thread at a time.
 * Returns: OK; usual.
 * Owns: you; teleai_close() it, which drops what is queued: their errors say CANCELLED.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_batch_open(teleai_client *client, const teleai_batch_options *options,
                                           teleai_client **out, teleai_error *error);

/**
 * Sends what is queued and waits until every operation is answered, in as few round trips as can be: one, if it is not
 * much and nothing fails.
 * `error` is that of the first operation that failed, in the order of queueing, with its number since the last flush in
 * error->item (in an atomic batch: of the one that undid the others); it waits for the others all the same.
 * Returns: OK when every operation was; else what the first failed one returned.
 * Blocks: until the answers are there; gives up when none has come for timeout_ms.
 */
TELEAI_API teleai_status teleai_batch_flush(teleai_client *batch, teleai_error *error);

/**
 * How many operations are queued or under way.
 * Returns: their number; 0 of what is no batch.
 * Blocks: no.
 */
TELEAI_API int64_t teleai_batch_pending(const teleai_client *batch);

/* ---- for event loops: poll(2), libuv, asyncio ------------------------------------------------------------------- */

/** Bits of teleai_batch_events(). */
enum { TELEAI_EVENT_READ = 1, TELEAI_EVENT_WRITE = 2 };

/**
 * Does what can be done without waiting: gets a connection, sends, reads, fills in answers. The first step begins;
 * operations that are queued later join at the next one. Not done yet: wait until the socket is ready for what
 * teleai_batch_events() says, or teleai_batch_timeout_ms() has passed, and step again. The socket may be another one
 * after each step. Done: nothing is pending, and the connection is given back.
 * `error` tells of the first operation that failed since the last time that all was done, as for teleai_batch_flush().
 * Returns: OK while it goes on, and when all is done and every operation was OK; else what the first failed one
 *   returned.
 * Blocks: no, but for looking up a host's name when it connects.
 */
TELEAI_API teleai_status teleai_batch_step(teleai_client *batch, bool *done, teleai_error *error);

/**
 * The socket to wait for.
 * Returns: a file descriptor, to be watched and nothing else; -1 when there is nothing to wait for.
 * Owns: the library.
 * Blocks: no.
 */
TELEAI_API int32_t teleai_batch_socket(const teleai_client *batch);

/**
 * What to wait for there.
 * Returns: TELEAI_EVENT_... bits.
 * Blocks: no.
 */
TELEAI_API int32_t teleai_batch_events(const teleai_client *batch);

/**
 * When to step again even though nothing has happened there, for poll(2).
 * Returns: milliseconds from now; -1 when there is no need.
 * Blocks: no.
 */
TELEAI_API int32_t teleai_batch_timeout_ms(const teleai_client *batch);

#ifdef __cplusplus
}
#endif

#endif
