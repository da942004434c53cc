/* The client: where operations run. */
#ifndef TELEAI_CLIENT_H
#define TELEAI_CLIENT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A place where operations run: the root client, a scope, a transaction or a batch. */
typedef struct teleai_client teleai_client;

/** What to do at opening about the version of the database's schema. */
enum {
    TELEAI_SCHEMA_CHECK = 0,  /**< fail with SCHEMA_MISMATCH unless it is the one this library needs (default) */
    TELEAI_SCHEMA_IGNORE = 1, /**< do not look: for migration tools */
    TELEAI_SCHEMA_MIGRATE = 2 /**< bring an older or empty database up to date first, as teleai_migrate_up() does */
};

/** What stands between the client and the server. */
enum {
    TELEAI_POOLER_DETECT = 0, /**< find out when connecting (PgBouncer is found; a pooler that passes the server's
                                       process number on is taken for none) */
    TELEAI_POOLER_NONE = 1,   /**< nothing, or one that keeps a session together, such as PgBouncer in session mode */
    TELEAI_POOLER_TRANSACTION = 2 /**< one that hands each transaction to another server connection: statements are not
                                       prepared, and the time limit is sent in front of each, in the same round trip */
};

/**
 * Gives the connection string for the next connection: for passwords that change. Writes it into `out`, at most `bytes`
 * bytes with its NUL, and returns true; false when it has none at present, which fails the attempt to connect. Called
 * for each new connection on the thread that needs it, with no lock held. The buffer is wiped afterwards.
 */
typedef bool (*teleai_connection_hook)(void *data, char *out, size_t bytes);

/** A call that is over, for a hook. More members may follow in later versions. */
typedef struct teleai_call {
    const char *operation; /**< such as "user_get", as errors begin; lives as long as the library is loaded */
    int64_t started_at_us; /**< of the system's clock */
    int64_t duration_us;   /**< from the call to its return; in a batch, to its answer */
    int64_t wait_us;       /**< of this: for a connection, */
    int64_t connect_us;    /**< to make one, */
    int64_t query_us;      /**< for the server and the way there and back, */
    int64_t decode_us;     /**< to make records of the answer */
    int64_t rows;          /**< that came back, or that a write changed */
    int64_t bytes;         /**< of the answer, as it lay in memory */
    int32_t status;        /**< what it returned */
    int32_t attempts;      /**< how often it was sent */
    char sqlstate[8];      /**< "" when it did not come from the server */
} teleai_call;

/**
 * Is told of each call when it is over, on the thread that made it, with no lock held that the call needs; keep it
 * short, and make no call on the same transaction or batch in it.
 */
typedef void (*teleai_call_hook)(void *data, const teleai_call *call);

/**
 * Asks whether a call that waits is to end: for programs whose signals set a flag, and for languages that take care of
 * signals between two of their own instructions. A waiting call asks at least every 50 ms, and at once when a signal
 * interrupts its waiting, on the thread that made the call and with no lock held but that of the transaction or batch
 * that the call is on; keep it short, and make no call on those in it. True ends this call as teleai_cancel() would: the
 * server stops too, and the call returns CANCELLED, unless it was over before the server heard of it. A call that does
 * not wait does not ask, nor does one that computes the hash of a password (some 50 ms; one that computes many asks
 * between them), waits for the system to look up a host's name, or for the server to stop (at most a second).
 */
typedef bool (*teleai_interrupt_hook)(void *data);

/** How to open a client. NULL or all zero gives the defaults named here. */
typedef struct teleai_options {
    size_t struct_size;           /**< sizeof(teleai_options) */
    const char *application_name; /**< shown in pg_stat_activity; default "teleai" */
    int32_t max_connections;      /**< connections at most, opened as needed; default 8 */
    int32_t min_connections;      /**< this many are not closed for resting; default 0 */
    int32_t max_waiting;          /**< calls that may wait for a connection, more fail at once; default 1000 */
    int32_t idle_timeout_ms;      /**< one that rests longer is closed, or replaced when it is used; default 600000
                                       (10 minutes), -1: never */
    int32_t max_lifetime_ms;      /**< one that is older is replaced; default 1800000 (30 minutes), -1: never; each ends
                                       up to a tenth earlier, so that not all do at once */
    int32_t timeout_ms; /**< longest a call may take, waiting for a connection included; default 30000. Then the
                                       server is told to stop, and has a moment to answer to that: one that does not
                                       costs up to a second more. teleai_open() makes several calls: it connects, and
                                       looks at the schema, and at row security where that is required */
    int32_t schema;     /**< TELEAI_SCHEMA_... */
    int32_t password_memory_kib; /**< memory of the password hash; default 65536, at least 19456 (OWASP's floor) */
    int32_t password_passes;     /**< passes of the password hash; default 2, at least 2 */
    int32_t pooler;              /**< TELEAI_POOLER_... */
    teleai_connection_hook connection_hook; /**< asked for the connection string of each connection; NULL: it stays the
                                                 one given to teleai_open() */
    void *connection_hook_data;             /**< handed to it */
    const char *replica_connection; /**< connection string of a replica, for scopes that read from there; it gets
                                                 as many connections of its own */
    teleai_call_hook call_hook;     /**< is told of each call; NULL: none */
    void *call_hook_data;           /**< handed to it */
    int32_t slow_call_ms;           /**< calls that take longer are kept for teleai_slow_calls_list(); 0: none */
    bool metrics;                   /**< count for teleai_metrics_text() */
    bool require_row_security;      /**< refuse to open unless the server itself keeps this role to one tenant at a
                                         time; see teleai_row_security_enable() */
    uint8_t reserved[2];            /**< zero */
    const teleai_uuid *tenant_id;   /**< whose rows the calls are about, outside of scopes that say otherwise; NULL: the
                                         default tenant's */
    teleai_interrupt_hook interrupt_hook; /**< asked by calls that wait, opening included; NULL: none */
    void *interrupt_hook_data;            /**< handed to it */
} teleai_options;

/**
 * Opens a client and its first connection.
 *
 * `connection` is a libpq connection string ("host=db user=app dbname=teleai" or "postgresql://app@db/teleai"), and
 * libpq's environment variables and ~/.pgpass count as usual; "" takes everything from those. Or it is
 *
 *     local:DIR    a private PostgreSQL in the folder DIR, made on first use (with the schema in it), started when the
 *                  first process opens it and stopped when the last one closes it. No administrator, no TCP, no
 *                  password; only PostgreSQL's server programs must be installed. See docs/local.md.
 *
 * With several hosts in the string each is tried in turn, with an equal share of the time left, and unless it says
 * otherwise (target_session_attrs) only one that takes writes will do: after a failover the next call finds the new
 * primary.
 *
 * libpq answers in whatever way the server asks for a password. "require_auth=scram-sha-256" (libpq 16 and newer) and
 * "channel_binding=require" (with TLS) in the string narrow that down. It computes the rounds that SCRAM asks for without
 * looking at the clock: more than two million are refused (UNAVAILABLE) where the connection is not encrypted.
 *
 * Connections rest, grow old and are replaced in passing, by the calls that use them. One that rested is looked at
 * before it is used, without a round trip; one that rested for over 30 seconds is asked for a sign of life, since a
 * firewall on the way may have forgotten it, and replaced when it gives none. TCP keepalives are sent after 30 seconds
 * (unless the connection string says otherwise: keepalives_idle). A host's addresses are tried one after the other, as
 * several hosts are. After three failures to connect
 * in a row new attempts pause (from a tenth of a second up to five seconds), and calls that would need one fail at once
 * with the cause. When the server refuses a write because it has become read-only, as an old primary does after a
 * failover, every connection to it is let go and the write is sent again on a new one.
 *
 * Returns: OK, INVALID_ARGUMENT, UNAVAILABLE, UNAUTHENTICATED (the server refused user or password), SCHEMA_MISMATCH,
 *   PERMISSION_DENIED (require_row_security, and the role is not held to it), UNSUPPORTED (server older than 12, an
 *   extension missing, a local: folder of another major version), TIMEOUT; usual.
 * Owns: you; teleai_close() it.
 * Blocks: to connect; local: also to make (a few seconds, once) and start a server.
 */
TELEAI_API teleai_status teleai_open(const char *connection, const teleai_options *options, teleai_client **out,
                                     teleai_error *error);

/**
 * Closes a client of any kind and frees it; NULL is fine.
 * A transaction that was not committed is rolled back. A root client closes its connections and rolls back the
 * transactions that are still open; these stay valid to pass to teleai_close(), anything else on them returns CLOSED.
 * No other thread may be inside a call on the root client or start one.
 * Returns: nothing; cannot fail.
 * Blocks: briefly; a local: database is maintained first where a task of teleai_maintain() is due, and its last user waits
 *   until the server has stopped; with an interrupt_hook that wants it to end, the server stops by itself.
 */
TELEAI_API void teleai_close(teleai_client *client);

/**
 * Asks the server for a sign of life through a pooled connection, as a health check would.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_ping(teleai_client *client, teleai_error *error);

/**
 * Stops what a client's calls are doing, from another thread: those that run at the server end there with CANCELLED,
 * and those that wait for a connection end at once. On a root client this means every call of it and of all clients
 * derived from it; on a scope, transaction or batch its own. Calls that begin later are not concerned.
 * Returns: OK, UNAVAILABLE (the server could not be told: it did not answer in time, or there is a pooler in between and
 *   the libpq that runs is older than 17, whose request to stop a pooler passes on); usual.
 * Blocks: at most half a second for each running call, to tell the server.
 */
TELEAI_API teleai_status teleai_cancel(teleai_client *client, teleai_error *error);

/**
 * Keeps the pool in shape: closes connections that have rested or lived too long, and opens new ones up to
 * min_connections. The library has no threads of its own; call this now and then from one of yours, and once after
 * opening where the first calls should find warm connections.
 * Returns: OK; usual.
 * Blocks: to connect.
 */
TELEAI_API teleai_status teleai_pool_maintain(teleai_client *client, teleai_error *error);

/**
 * Changes how many connections there may be. More than the new limit are closed when they are given back.
 * Returns: OK, INVALID_ARGUMENT; usual.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_pool_resize(teleai_client *client, int32_t min_connections, int32_t max_connections,
                                            teleai_error *error);

/**
 * Ends a client's work in good order, before teleai_close(): refuses new calls (CLOSED), lets those that run or wait
 * and the open transactions finish, and closes every connection. TIMEOUT tells who still holds one; the client keeps
 * refusing new calls then.
 * Returns: OK, TIMEOUT; usual.
 * Blocks: at most timeout_ms.
 */
TELEAI_API teleai_status teleai_pool_drain(teleai_client *client, int32_t timeout_ms, teleai_error *error);

/** Counters of a client's connection pool; all since opening except where it says now. */
typedef struct teleai_pool_stats {
    int32_t max_connections;     /**< the limit */
    int32_t open_connections;    /**< now, in use or idle */
    int32_t idle_connections;    /**< now */
    int32_t waiting_calls;       /**< now, for a connection */
    int64_t acquired;            /**< connections handed to a call */
    int64_t waited;              /**< of these, how often the call had to wait */
    int64_t wait_total_us;       /**< time all calls waited together */
    int64_t timed_out;           /**< calls that gave up waiting */
    int64_t opened;              /**< connections opened */
    int64_t open_failures;       /**< attempts to connect that failed */
    int64_t discarded;           /**< connections closed because they broke */
    int64_t statements_run;      /**< statements sent to the server for calls */
    int64_t statements_prepared; /**< of these, how many had to be prepared first */
    int64_t rode;                /**< calls that waited and were answered together with another, on its connection */
    int64_t retired;             /**< sound connections closed: rested or lived too long, too many after a resize */
    bool behind_pooler;          /**< a transaction pooler was found in between, or options.pooler says so: the session
                                      that a call has at the server is another one's next */
    uint8_t reserved[39];        /**< zero */
} teleai_pool_stats;

/**
 * Copies the counters of the pool behind a client.
 * Returns: OK, INVALID_ARGUMENT, CLOSED.
 * Owns: you; `out` is your struct, nothing to free.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_pool_stats_get(teleai_client *client, teleai_pool_stats *out, teleai_error *error);

#ifdef __cplusplus
}
#endif

#endif
