/* Scopes: who acts, for which tenant, by when, reading from where. */
#ifndef TELEAI_SCOPE_H
#define TELEAI_SCOPE_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where the reads of a scope go. */
enum {
    TELEAI_READ_FROM_PRIMARY = 0,
    TELEAI_READ_FROM_REPLICA = 1 /**< the replica, while it is near enough behind; else the primary */
};

/**
 * What holds for every call in a scope. Zero means: as outside of it.
 *
 * The tenant is in every statement: its rows are found, listed, counted and changed, and no others.
 * Actor and trace become settings of the one transaction that a call is (teleai.actor_id, application_name), sent in front
 * of its statement in the same round trip: triggers and pg_stat_activity see them, the next user of the connection never
 * does. So does the tenant (teleai.tenant_id) where something is sent in front anyway, and always under row security.
 */
typedef struct teleai_scope_options {
    size_t struct_size;           /**< sizeof(teleai_scope_options) */
    int32_t timeout_ms;           /**< longest a call in this scope may take */
    int32_t total_ms;             /**< and longest for all of them together, from now on: a request's deadline */
    const teleai_uuid *actor_id;  /**< the user who acts */
    const teleai_uuid *tenant_id; /**< whose rows the calls are about; see tenant.h */
    const char *traceparent; /**< W3C Trace Context, "00-<32 hex>-<16 hex>-<2 hex>"; becomes the application name */
    int32_t read_from;       /**< TELEAI_READ_FROM_...; the replica needs teleai_options.replica_connection */
    int32_t max_lag_ms;      /**< how far the replica may be behind; 0: 1000 */
} teleai_scope_options;

/**
 * Makes a client whose calls run in a scope: with the settings of the client it comes from, and those given here over
 * them. Transactions and batches that are begun on it are in the scope too. It costs no connection and no round trip;
 * make one for each request that you serve.
 * A call that reads from the replica asks it in the same round trip how far it is behind; when that is too far, or the
 * replica cannot be reached, the call goes to the primary. Transactions, batches, streams and writes always go to the
 * primary.
 * The replica cannot know of what has not arrived there: that the primary, or the network, hangs is noticed after its
 * wal_receiver_timeout.
 * Returns: OK, INVALID_ARGUMENT (also: of a transaction or batch, which are in their scope already); usual.
 * Owns: you; teleai_close() it.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_scope_open(teleai_client *client, const teleai_scope_options *options,
                                           teleai_client **out, teleai_error *error);

#ifdef __cplusplus
}
#endif

#endif
