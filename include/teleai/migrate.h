/* Migrations: bringing a database's schema to the version this library needs. The files are inside the library. */
#ifndef TELEAI_MIGRATE_H
#define TELEAI_MIGRATE_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One migration that this library carries. */
typedef struct teleai_migration {
    int64_t version;  /**< 1, 2, ... */
    const char *name; /**< such as "create_initial_tables" */
    bool applied;     /**< whether the database has it */
    uint8_t reserved[7];
} teleai_migration;

/** Where a database stands. */
typedef struct teleai_migration_status {
    int64_t current_version; /**< of the database; 0 when it has no teleai schema */
    int64_t library_version; /**< the newest one this library carries, and the one it needs */
    bool dirty;   /**< golang-migrate's mark: unless `at_work`, it failed half-way; see teleai_migrate_force() */
    bool at_work; /**< it is dirty because a migration is at work now: wait for it */
    bool foreign; /**< there is a table schema_migrations of another tool; see teleai_migrate_adopt() */
    uint8_t reserved[5];
    size_t count;
    const teleai_migration *const *items; /**< those that this library carries, in order */
} teleai_migration_status;

/**
 * Reads which migrations a database has.
 * Returns: OK; usual.
 * Owns: you; free with teleai_migration_status_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_migrate_status(teleai_client *client, teleai_migration_status **out,
                                               teleai_error *error);

/**
 * Applies all migrations that are missing. Safe to call at every start and from many processes at once: one works, the
 * others wait their turn and find it done.
 *
 * Most files are one transaction: a failing one leaves the schema and its version as they were. A file that asks for it
 * ("-- teleai: step by step") is run in steps, each a short transaction of its own, so that a database in use goes on
 * being used; what is done already is passed over, so an interrupted file goes on where it stopped.
 * It never queues behind a long-running query (which would block everyone behind it): it waits for a lock at most
 * 300 ms, pauses 20 to 200 ms and tries again, for each step up to 100 times within a minute. Shares golang-migrate's
 * version table and locks, so the two can be mixed: while that one is at work, this one waits. An index that an earlier
 * failure left invalid is built anew.
 * Needs a connection straight to the server, or through a pooler in session mode: its locks are a session's.
 *
 * Returns: OK, SCHEMA_MISMATCH (database newer than this library, or marked dirty while no migrator is at work),
 *   UNSUPPORTED (an extension is not installed; or there is something to do, and a transaction pooler in between), CONFLICT (called on a transaction; or a file refuses to be applied or taken back, and says why), TIMEOUT
 *   (a lock was never free, or another migrator is at work); usual.
 * Blocks: for as long as the migrations take.
 */
TELEAI_API teleai_status teleai_migrate_up(teleai_client *client, teleai_error *error);

/**
 * Takes back the newest migration. Tables that it made are dropped with all their rows.
 * Returns: OK, NOT_FOUND (nothing is applied); as teleai_migrate_up().
 * Blocks: for as long as it takes.
 */
TELEAI_API teleai_status teleai_migrate_down(teleai_client *client, teleai_error *error);

/**
 * Goes up or down to a version; 0 takes back everything, with all rows.
 * Returns: OK, INVALID_ARGUMENT (no such version); as teleai_migrate_up().
 * Blocks: for as long as the migrations take.
 */
TELEAI_API teleai_status teleai_migrate_to(teleai_client *client, int64_t version, teleai_error *error);

/**
 * Writes which version a database is at, and that it is not dirty; nothing else is changed. 0 is none. To be used after
 * golang-migrate has failed half-way, once what it met is put right: write the version that it began from, then run the
 * same migration again, since files pass over what is done or undo it whole. A wrong version makes later migrations fail,
 * or leaves out what they would have made.
 * Returns: OK, INVALID_ARGUMENT (no such version), UNSUPPORTED (through a transaction pooler), CONFLICT (called on a
 *   transaction), TIMEOUT (another migrator is at work); usual.
 * Blocks: until other migrators are done, at most the time limit; then three round trips.
 */
TELEAI_API teleai_status teleai_migrate_force(teleai_client *client, int64_t version, teleai_error *error);

/** One step of what a migration, or an adoption, does. */
typedef struct teleai_migration_step {
    int64_t version;         /**< of the migration */
    const char *migration;   /**< such as "add_tenant_ids" */
    const char *description; /**< what the step does; that of the file where it is one transaction */
    const char *locks;       /**< such as "users access exclusive; tenants share"; "": nothing that is in use */
    const char *sql;         /**< what would be sent */
    bool up;                 /**< false: taking it back */
    uint8_t reserved[7];
} teleai_migration_step;

/** What going to a version would do, in order. */
typedef struct teleai_migration_plan {
    int64_t from_version;
    int64_t to_version;
    size_t count;
    const teleai_migration_step *const *items;
} teleai_migration_plan;

/**
 * Tells what teleai_migrate_to() would do, without doing it: its steps with the strongest lock each takes on tables that
 * are there. -1 is the newest version.
 * Returns: OK, INVALID_ARGUMENT (no such version), SCHEMA_MISMATCH, TIMEOUT (as teleai_migrate_up()); usual.
 * Owns: you; free with teleai_migration_plan_free().
 * Blocks: two round trips; while golang-migrate is at work, until it is done, at most the time limit.
 */
TELEAI_API teleai_status teleai_migrate_plan(teleai_client *client, int64_t version, teleai_migration_plan **out,
                                             teleai_error *error);

/** How a database is to be adopted. */
typedef struct teleai_adopt_options {
    size_t struct_size;
    bool dry_run; /**< tell the steps, and do nothing */
    uint8_t reserved[7];
} teleai_adopt_options;

/** What stays as it is in an adopted database, and should be known. */
typedef struct teleai_adoption_note {
    const char *subject; /**< such as "users.email" */
    const char *message; /**< such as "3 rows do not keep to the rule users_email_check; ..." */
    const char *remedy;  /**< what to do about it */
} teleai_adoption_note;

/** What an adoption did, or would do. */
typedef struct teleai_adoption {
    size_t count; /**< 0: nothing was to be done */
    const teleai_migration_step *const *items;
    size_t note_count;
    const teleai_adoption_note *const *notes;
} teleai_adoption;

/**
 * Takes over a database of earlier TeleAI Pro tooling: makes of it one that is at version 2, from where teleai_migrate_up()
 * goes on. What is there is known by what it is, whatever it is called: what is the same gets the name that later migrations
 * need, what differs (defaults, checks, indexes, triggers, views) is changed, in steps like those of teleai_migrate_up(),
 * beside running programs; rows stay. Rows that break a stricter rule are told in a note, and left. It can be run again: what
 * is done is passed over, and where nothing differs nothing is changed. A later version is left alone.
 * What differs is found by making the schema of versions 1 and 2 in a transaction that is rolled back, which takes the right
 * to create a schema in the database.
 * Returns: OK, SCHEMA_MISMATCH (it cannot be adopted; the message names the table, column or type; nothing was changed),
 *   PERMISSION_DENIED, UNSUPPORTED (through a transaction pooler; or an extension is not installed), CONFLICT (called on a
 *   transaction), TIMEOUT (a lock was never free, or another migrator is at work); usual.
 * Owns: you; free with teleai_adoption_free(). `out` may be NULL.
 * Blocks: for as long as it takes: indexes are built, and tables looked through.
 */
TELEAI_API teleai_status teleai_migrate_adopt(teleai_client *client, const teleai_adopt_options *options,
                                              teleai_adoption **out, teleai_error *error);

/**
 * Frees an adoption; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_adoption_free(teleai_adoption *adoption);

/**
 * Frees a plan; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_migration_plan_free(teleai_migration_plan *plan);

/**
 * Frees a status; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_migration_status_free(teleai_migration_status *status);

#ifdef __cplusplus
}
#endif

#endif
