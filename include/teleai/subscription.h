/* Subscriptions: being told at once, with the server's LISTEN and NOTIFY, that there is something to look at. */
#ifndef TELEAI_SUBSCRIPTION_H
#define TELEAI_SUBSCRIPTION_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Says something on a channel, to every subscription that listens there, in whatever process. In a transaction it is
 * said when that commits, and never when it rolls back; the same thing said twice in one transaction is heard once.
 * Nothing keeps it for those who do not listen: put into a table what must not be lost, and notify to have it looked
 * at. The channel's name has 1 to 63 bytes, and upper and lower case differ; the payload at most 7999 bytes, NULL is
 * "".
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_notify(teleai_client *client, const char *channel, const char *payload,
                                       teleai_error *error);

/** Ears on some channels, for one thread at a time. */
typedef struct teleai_subscription teleai_subscription;

/** What a subscription has heard. */
typedef struct teleai_notification {
    const char *channel;  /**< where it was said; NULL in the record that only tells may_have_missed */
    const char *payload;  /**< what was said, "" where nothing was; NULL where the channel is */
    bool may_have_missed; /**< the connection was lost and is there again: anything may have been said in between, so
                                look at the tables */
    uint8_t reserved[7];  /**< zero */
} teleai_notification;

/**
 * Listens on `count` channels from now on. `client` is the one from teleai_open() or a scope.
 *
 * A subscription has a connection of its own, beside those of the pool: max_connections does not count it, and
 * teleai_pool_drain() does not wait for it. A transaction pooler in between cannot pass notifications on (UNSUPPORTED).
 * The server keeps what was not fetched yet, for all subscriptions of all its databases together: fetch often, and
 * close what is not needed.
 * Returns: OK, UNAUTHENTICATED, UNSUPPORTED, INVALID_ARGUMENT (of a channel: with HAS_ITEM); usual.
 * Owns: you; teleai_subscription_close() it, before or after the client.
 * Blocks: to connect, and one round trip.
 */
TELEAI_API teleai_status teleai_subscription_open(teleai_client *client, const char *const *channels, size_t count,
                                                  teleai_subscription **out, teleai_error *error);

/**
 * Waits for the next notification, in the order in which the transactions that said them were committed.
 *
 * A lost connection is made anew in passing, by this call and those that follow. Then a record comes first whose
 * may_have_missed is set: what was said meanwhile went unheard. A connection that is dead without a word is found out
 * by asking the server for a sign of life after 30 s of silence, and waiting 10 s for it.
 * Returns: OK, TIMEOUT (it listens, and nothing was said), UNAVAILABLE (it cannot listen at present, the message says
 *   why; call again), CLOSED (also: the client from teleai_open() is closed, which ends a waiting call within half a
 *   second), INVALID_ARGUMENT, OUT_OF_MEMORY.
 * Owns: you; free *out with teleai_notification_free().
 * Blocks: for timeout_ms; 0: not, but for looking up a host's name when it connects, -1: for ever.
 */
TELEAI_API teleai_status teleai_subscription_next(teleai_subscription *subscription, int32_t timeout_ms,
                                                  teleai_notification **out, teleai_error *error);

/**
 * The socket to watch for reading, in an event loop. When it is ready, and every few seconds in any case, call
 * teleai_subscription_next() with timeout_ms 0 for as long as that returns OK; it may be another socket then. While
 * there is none to watch, call again soon, such as after a tenth of a second.
 * Returns: a file descriptor, to be watched and nothing else; -1 while there is none.
 * Owns: the library.
 * Blocks: no.
 */
TELEAI_API int32_t teleai_subscription_socket(const teleai_subscription *subscription);

/**
 * Stops listening and frees the subscription; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_subscription_close(teleai_subscription *subscription);

/**
 * Frees a notification; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_notification_free(teleai_notification *notification);

#ifdef __cplusplus
}
#endif

#endif
