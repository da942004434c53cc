/* The state of a database: what endangers it, what slows it down, and how to put that right. */
#ifndef TELEAI_HEALTH_H
#define TELEAI_HEALTH_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How bad a finding is. */
enum {
    TELEAI_HEALTH_OK = 1,      /**< looked at, nothing to do */
    TELEAI_HEALTH_NOTICE = 2,  /**< worth knowing; also what could not be looked at */
    TELEAI_HEALTH_WARNING = 3, /**< will do harm: see to it */
    TELEAI_HEALTH_CRITICAL = 4 /**< data is in danger, or the library cannot work */
};

/**
 * The name of a severity, such as "warning"; NULL for a number that is not one, so counting up from 1 lists the
 * names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_health_severity_name(int32_t severity);

/** Where the limits are. NULL or all zero gives the defaults named here. */
typedef struct teleai_health_options {
    size_t struct_size;          /**< sizeof(teleai_health_options) */
    int64_t long_transaction_ms; /**< transactions that are open longer are told; default 300000 (5 minutes) */
    int64_t stale_ms;            /**< uploads may be missing from daily usage this long; default 86400000 (a day) */
    int64_t unused_index_ms;     /**< indexes of your own that nobody used for so long; default 30 days */
    int32_t dead_rows_percent;   /**< of a table's rows, from where on it is told; default 20 */
    int32_t connections_percent; /**< of those the server allows; default 80 */
    const char *only;            /**< the name of a check, and no other is made; NULL: all */
} teleai_health_options;

/** One thing that was found, or looked at and found to be well. */
typedef struct teleai_health_finding {
    const char *check;   /**< which check, by a name that stays: "settings", "missing_index" ... */
    const char *subject; /**< what it is about: a table, an index, a setting, a role; "" for the database as a whole */
    const char *message; /**< what was found */
    const char *remedy;  /**< what puts it right: SQL or a command to run as it stands, or advice; NULL where OK */
    int32_t severity;    /**< TELEAI_HEALTH_... */
    uint8_t reserved[4];
} teleai_health_finding;

/** What was found, in the order of the checks. */
typedef struct teleai_health_findings {
    size_t count;
    const teleai_health_finding *const *items;
    int32_t worst; /**< severity of the worst of them */
    uint8_t reserved[4];
} teleai_health_findings;

/**
 * Looks a database over. Each check gives findings that are not OK, or one that is:
 *
 *   server           its version, and whether that still gets corrections
 *   encryption       whether a connection over TCP is encrypted
 *   durability       settings that put what was committed at risk: fsync, full_page_writes, synchronous_commit ...
 *   settings         settings that let tables bloat or transactions hang
 *   role             the role that the client connected as, its rights, and row security
 *   encoding         an encoding that lacks characters, letters that have no case
 *   extensions       those that the schema uses
 *   schema           its version, half-applied migrations
 *   missing_index    indexes of the schema that are gone or invalid
 *   unused_index     indexes of your own on its tables that nobody uses
 *   tables           dead rows, missing statistics
 *   pending_entries  GIN indexes whose list of pending entries has outgrown its limit (asks pgstattuple for it)
 *   connections      how many are left
 *   transactions     those that have been open for long, also prepared ones
 *   wraparound       transaction numbers running out
 *   daily_usage      uploads that the stored statistics do not count yet
 *   sessions         expired ones that nobody purges
 *   emails           e-mail addresses that rules of today would not let in, or that differ in case alone
 *   limits           tenants whose limits are not kept, or whose use is counted wrongly
 *
 * No check reads a large table as a whole. What the role may not look at is a notice of that check and no failure, and in a
 * database without the schema the checks of that are left out: any role will do, on PostgreSQL 12 and newer. A member of
 * pg_monitor who may read the tables sees all. Under row security rows of one tenant are looked at.
 *
 * Returns: OK (whatever was found), INVALID_ARGUMENT, CONFLICT (called on a transaction, which a failing check would
 *   end); usual, when the server cannot be reached.
 * Owns: you; free with teleai_health_findings_free().
 * Blocks: about twenty round trips, each at most timeout_ms.
 */
TELEAI_API teleai_status teleai_health_check(teleai_client *client, const teleai_health_options *options,
                                             teleai_health_findings **out, teleai_error *error);

/**
 * Frees findings; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_health_findings_free(teleai_health_findings *findings);

#ifdef __cplusplus
}
#endif

#endif
