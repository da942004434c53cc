/* Transactions: several operations that happen together or not at all. */
#ifndef TELEAI_TRANSACTION_H
#define TELEAI_TRANSACTION_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far a transaction is kept apart from others (PostgreSQL, SET TRANSACTION). */
enum {
    TELEAI_ISOLATION_DEFAULT = 0, /**< the server's default, normally read committed */
    TELEAI_ISOLATION_READ_COMMITTED = 1,
    TELEAI_ISOLATION_REPEATABLE_READ = 2,
    TELEAI_ISOLATION_SERIALIZABLE = 3
};

/** How to begin a transaction. NULL or all zero gives the server's defaults. */
typedef struct teleai_transaction_options {
    size_t struct_size;  /**< sizeof(teleai_transaction_options) */
    int32_t isolation;   /**< TELEAI_ISOLATION_... */
    bool read_only;      /**< writes fail; lets the server skip some work */
    uint8_t reserved[3]; /**< zero */
} teleai_transaction_options;

/**
 * Begins a transaction: a client whose operations happen together, on one connection that it keeps until it ends.
 * On a transaction it begins an inner one (a savepoint), which can be rolled back alone; then options must be NULL, and
 * until the inner one ends the outer one refuses other operations with CONFLICT.
 * After an operation failed at the server, only rolling back works (ABORTED): put what may fail in an inner
 * transaction.
 * Returns: OK; usual.
 * Owns: you; teleai_close() it, also after commit or rollback.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transaction_begin(teleai_client *client, const teleai_transaction_options *options,
                                                  teleai_client **out, teleai_error *error);

/**
 * Makes everything done in the transaction permanent (of an inner one: part of the outer one).
 * ABORTED means nothing was kept. When the connection is lost during the commit, the error carries OUTCOME_UNKNOWN.
 * Returns: OK, CONFLICT (an inner transaction is open; nothing happened); usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transaction_commit(teleai_client *transaction, teleai_error *error);

/**
 * Undoes everything done in the transaction, inner ones included.
 * When the connection is lost, the server rolls back by itself, and this returns OK.
 * Returns: OK, INVALID_ARGUMENT, CLOSED.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transaction_rollback(teleai_client *transaction, teleai_error *error);

/**
 * The work of a transaction, for teleai_transaction_run(): calls on `transaction`, returning the first status that is
 * not OK (with its error), or TELEAI_OK for "commit". It may run several times, each time from the beginning.
 */
typedef teleai_status (*teleai_transaction_body)(teleai_client *transaction, void *data, teleai_error *error);

/**
 * Runs work in a transaction and commits it, and does so again after a failure that another try can heal: a
 * serialization failure, a deadlock, a connection lost before the commit was sent. Pauses between the tries, longer
 * each time, until timeout_ms has passed since it began. Each call in it, those of the body, begin and commit, has a
 * timeout_ms of its own, as elsewhere: the last try may go on beyond, and for how long is up to the body. A commit whose
 * outcome is unknown is never repeated. When the body fails for good, all is rolled back and its status and error are
 * returned.
 * `attempts` may be NULL; it gets how often the body ran.
 * Returns: OK, whatever the body returns; usual.
 * Blocks: as long as the body does, and two round trips each time.
 */
TELEAI_API teleai_status teleai_transaction_run(teleai_client *client, const teleai_transaction_options *options,
                                                teleai_transaction_body body, void *data, int32_t *attempts,
                                                teleai_error *error);

#ifdef __cplusplus
}
#endif

#endif
