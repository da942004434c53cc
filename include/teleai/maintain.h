/* Upkeep: what a database wants done now and then, and what PostgreSQL does not do by itself or not in time. */
#ifndef TELEAI_MAINTAIN_H
#define TELEAI_MAINTAIN_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What became of a task. */
enum {
    TELEAI_TASK_DONE = 1,       /**< the task was carried out */
    TELEAI_TASK_NOT_NEEDED = 2, /**< nothing was to be done */
    TELEAI_TASK_SKIPPED = 3     /**< the task could not be carried out; the message says why, and who can */
};

/**
 * The name of an outcome, such as "not_needed"; NULL for a number that is not one, so counting up from 1 lists the
 * names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_task_outcome_name(int32_t outcome);

/** One task of upkeep. */
typedef struct teleai_maintenance_task {
    const char *task;    /**< which, by a name that stays: "sessions", "vacuum", "statistics" ... */
    const char *subject; /**< the table, index or view */
    const char *message; /**< what was done and why, or why not */
    int64_t count;       /**< sessions deleted, pages of pending entries moved, counts put right; else 0 */
    int64_t duration_us; /**< how long the task took */
    int32_t outcome;     /**< TELEAI_TASK_... */
    uint8_t reserved[4];
} teleai_maintenance_task;

/** All tasks, in the order in which they ran. */
typedef struct teleai_maintenance {
    size_t count;
    const teleai_maintenance_task *const *items;
    size_t skipped; /**< how many were skipped */
} teleai_maintenance;

/** A caller's function that hears of each task when it is over, on the thread that made the call. */
typedef void (*teleai_maintain_hook)(void *data, const teleai_maintenance_task *task);

/** How to maintain. NULL or all zero gives the defaults named here. */
typedef struct teleai_maintain_options {
    size_t struct_size;        /**< sizeof(teleai_maintain_options) */
    teleai_maintain_hook hook; /**< hears of each task; NULL: none */
    void *hook_data;           /**< handed to the hook */
    bool only_due;             /**< leave out what can wait: the daily usage, and the counts of tenants */
    uint8_t reserved[7];
} teleai_maintain_options;

/**
 * Does the upkeep of a database:
 *
 *   sessions         deletes sessions that have expired
 *   vacuum           vacuums and analyzes tables with many dead or new rows
 *   statistics       analyzes tables of which the planner knows nothing, or knows what was
 *   pending_limit    fits the pending list of the text index to the table: 64 kB in a small table, whose searches would
 *                    otherwise leave the index; 1 MB from 10,000 rows on, where loading rows is faster with it
 *   pending_entries  moves the pending entries of GIN indexes to where searches find them at once
 *   daily_usage      brings daily_usage_stats up to date
 *   tenant_usage     counts anew what tenants with limits use, where teleai_health_check() finds a count wrong
 *
 * Run it every few minutes to once a day, as the owner of the tables; a task that the role may not carry out is skipped,
 * and so is one that does not end within the client's timeout_ms: give the client a long one. Readers and writers go on
 * meanwhile, and several calls at once do no harm. Under row security only sessions of the client's tenant are deleted.
 * A `local:` database is maintained by itself, when a client closes and a task is due.
 *
 * Returns: OK (whatever became of the tasks), INVALID_ARGUMENT, CONFLICT (called on a transaction), SCHEMA_MISMATCH (the
 *   database has no schema); usual, when the server cannot be reached.
 * Owns: you; free with teleai_maintenance_free().
 * Blocks: five round trips and one a task, each at most timeout_ms.
 */
TELEAI_API teleai_status teleai_maintain(teleai_client *client, const teleai_maintain_options *options,
                                         teleai_maintenance **out, teleai_error *error);

/**
 * Frees the tasks; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_maintenance_free(teleai_maintenance *maintenance);

#ifdef __cplusplus
}
#endif

#endif
