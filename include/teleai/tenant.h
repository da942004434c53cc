/* Tenants: organisations that share one database, and how they are managed. */
#ifndef TELEAI_TENANT_H
#define TELEAI_TENANT_H

#include "client.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every user, session, audio file, transcription and analysis belongs to one tenant. Where nobody says which it is the
 * default tenant, whose id is the same in every database (teleai_tenant_default_id()); a platform with one tenant need
 * not know more. Another one is chosen for a request by teleai_scope_options.tenant_id, or for a whole client by
 * teleai_options.tenant_id: every statement then names it, rows of others are not found, listed, counted or changed, and
 * the database refuses a row that points into another tenant. E-mail addresses are unique in all tenants together.
 *
 * The functions here are for whoever runs the platform: they name the tenant they are about and heed no scope. Under row
 * security they need the role teleai_admin, or the owner; see teleai_row_security_enable().
 */

/** How a tenant stands. */
enum {
    TELEAI_TENANT_ACTIVE = 1,    /**< the state of a new one */
    TELEAI_TENANT_SUSPENDED = 2, /**< its users cannot log in and their sessions are refused; its rows stay */
    TELEAI_TENANT_DELETING = 3   /**< its rows are being deleted; as suspended */
};

/**
 * The name of the status of a tenant, such as "active"; NULL for a number that is not one, so counting up from 1
 * lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_tenant_status_name(int32_t status);

/** A tenant. */
typedef struct teleai_tenant {
    teleai_uuid id;
    const char *name;
    const char *slug;          /**< its short name, as in a host name */
    const char *settings_json; /**< a JSON object */
    int64_t max_users;
    int64_t max_storage_bytes; /**< of its audio files together */
    int64_t max_audio_ms;      /**< of its audio files together */
    int64_t created_at_us;
    int64_t updated_at_us;
    int32_t status; /**< TELEAI_TENANT_... */
    bool has_max_users;
    bool has_max_storage;
    bool has_max_audio;
    uint8_t reserved[1];
} teleai_tenant;

/** A list of tenants. */
typedef struct teleai_tenants {
    size_t count;
    const teleai_tenant *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_tenants;

/**
 * What a tenant is made from or changed to.
 *
 * A limit is kept from the moment it is set: a create that goes beyond it is refused with LIMIT_EXCEEDED, error.field
 * names its column ("max_users", "max_storage_bytes", "max_audio_seconds"), whoever creates the row and however many
 * come at once. Changes and deletions count and are
 * never refused. Give limits when the tenant is made; the first limit of one that has many rows holds up all writers of
 * users and audio files while they are counted (about 0.1 s for 200,000).
 */
typedef struct teleai_tenant_input {
    size_t struct_size;        /**< sizeof(teleai_tenant_input) */
    const teleai_uuid *id;     /**< NULL: a new UUIDv7; not changed by an update */
    const char *name;          /**< required; 1 to 255 characters */
    const char *slug;          /**< required; 1 to 63 of a-z, 0-9 and -, not at either end; unique */
    const char *settings_json; /**< a JSON object; NULL: {} */
    int64_t max_users;         /**< 0 or more; with has_max_users, else no limit */
    int64_t max_storage_bytes; /**< 0 or more; with has_max_storage, else no limit */
    int64_t max_audio_ms;      /**< 0 or more, rounded to 10 ms; with has_max_audio, else no limit */
    bool has_max_users;
    bool has_max_storage;
    bool has_max_audio;
    uint8_t reserved[5]; /**< zero */
} teleai_tenant_input;

/** Which fields an update sets; a limit that is named but absent is taken away. */
enum {
    TELEAI_TENANT_FIELD_NAME = 1 << 0,
    TELEAI_TENANT_FIELD_SLUG = 1 << 1,
    TELEAI_TENANT_FIELD_SETTINGS = 1 << 2,
    TELEAI_TENANT_FIELD_MAX_USERS = 1 << 3,
    TELEAI_TENANT_FIELD_MAX_STORAGE = 1 << 4,
    TELEAI_TENANT_FIELD_MAX_AUDIO = 1 << 5
};

/** Which tenants; absent fields do not restrict. */
typedef struct teleai_tenant_filter {
    size_t struct_size;       /**< sizeof(teleai_tenant_filter) */
    int64_t created_from_us;  /**< created at or after; 0: any */
    int64_t created_until_us; /**< created before; 0: any */
    int32_t status;           /**< TELEAI_TENANT_...; 0: any */
    uint8_t reserved[4];      /**< zero */
} teleai_tenant_filter;

/**
 * The id of the default tenant, 00000000-0000-7000-8000-000000000001.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_tenant_default_id(teleai_uuid *out);

/**
 * Creates a tenant.
 * Returns: OK, ALREADY_EXISTS (id or slug); usual.
 * Owns: you; free *out with teleai_tenant_free(). out may be NULL.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_create(teleai_client *client, const teleai_tenant_input *input,
                                              teleai_tenant **out, teleai_error *error);

/**
 * Gets a tenant by its id.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free with teleai_tenant_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_get(teleai_client *client, const teleai_uuid *id, teleai_tenant **out,
                                           teleai_error *error);

/**
 * Gets a tenant by its slug, as from the host name of a request.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free with teleai_tenant_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_get_by_slug(teleai_client *client, const char *slug, teleai_tenant **out,
                                                   teleai_error *error);

/**
 * Changes a tenant: renames it, sets or takes away limits.
 * Returns: OK, NOT_FOUND, ALREADY_EXISTS (slug), CONFLICT (if_unchanged_since_us), TIMEOUT (retryable: the first limit,
 *   while a writer would not let it count); usual.
 * Owns: you; free *out with teleai_tenant_free(). out may be NULL.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_update(teleai_client *client, const teleai_uuid *id,
                                              const teleai_tenant_input *input, uint64_t fields,
                                              const teleai_update_options *options, teleai_tenant **out,
                                              teleai_error *error);

/**
 * Suspends a tenant: nobody of it can log in, and its sessions are refused from now on. Its rows stay, and programs that
 * work for it in a scope go on.
 * Returns: OK, NOT_FOUND, CONFLICT (it is not active); usual.
 * Owns: you; free *out with teleai_tenant_free(). out may be NULL.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_suspend(teleai_client *client, const teleai_uuid *id, teleai_tenant **out,
                                               teleai_error *error);

/**
 * Ends a suspension, or a deletion that has not been finished (what is gone is gone).
 * Returns: OK, NOT_FOUND, CONFLICT (it is active); usual.
 * Owns: you; free *out with teleai_tenant_free(). out may be NULL.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_resume(teleai_client *client, const teleai_uuid *id, teleai_tenant **out,
                                              teleai_error *error);

/**
 * Lists tenants.
 * Returns: OK (also with none); usual.
 * Owns: you; free with teleai_tenants_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_list(teleai_client *client, const teleai_tenant_filter *filter,
                                            const teleai_page *page, teleai_tenants **out, teleai_error *error);

/**
 * Counts tenants.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_tenant_count(teleai_client *client, const teleai_tenant_filter *filter, int64_t *out,
                                             teleai_error *error);

/**
 * Frees a tenant; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_tenant_free(teleai_tenant *tenant);

/**
 * Frees a list; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_tenants_free(teleai_tenants *list);

/* ---- statistics --------------------------------------------------------------------------------------------------- */

/** What a tenant holds. Its days of use are teleai_daily_usage_list() in a scope of the tenant. */
typedef struct teleai_tenant_stats {
    teleai_uuid tenant_id;
    const char *name;
    const char *slug;
    int64_t total_users;
    int64_t open_sessions; /**< that have not expired */
    int64_t total_files;
    int64_t total_transcriptions;
    int64_t total_analyses;
    int64_t total_storage_bytes;
    int64_t total_duration_ms; /**< of its audio files; those not measured count 0 */
    int64_t last_upload_at_us;
    int32_t status; /**< TELEAI_TENANT_... */
    bool has_last_upload_at;
    uint8_t reserved[3];
} teleai_tenant_stats;

/** Statistics of several tenants. */
typedef struct teleai_tenants_stats {
    size_t count;
    const teleai_tenant_stats *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_tenants_stats;

/**
 * Counts what a tenant holds, now.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free with teleai_tenant_stats_free().
 * Blocks: one round trip, for as long as counting its rows takes.
 */
TELEAI_API teleai_status teleai_tenant_stats_get(teleai_client *client, const teleai_uuid *id,
                                                 teleai_tenant_stats **out, teleai_error *error);

/**
 * The same of all tenants, in pages by their ids (highest first, or lowest).
 * Returns: OK (also with none); usual.
 * Owns: you; free with teleai_tenants_stats_free().
 * Blocks: one round trip, for as long as counting the rows of those tenants takes.
 */
TELEAI_API teleai_status teleai_tenant_stats_list(teleai_client *client, const teleai_page *page,
                                                  teleai_tenants_stats **out, teleai_error *error);

/**
 * Frees statistics; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_tenant_stats_free(teleai_tenant_stats *stats);

/**
 * Frees a list; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_tenants_stats_free(teleai_tenants_stats *list);

/**
 * Counts anew what tenants use that have limits, where counts can be off: rows came by replication, by a restore of data
 * alone, or while triggers were disabled. Turns the counting on where it is off. `tenant_id` NULL: of all tenants.
 *
 * Each tenant is a step of its own, beside running programs: who writes for that tenant waits while its rows are counted,
 * and what is written in that time is counted too. `out`, which may be NULL, gets how many counts were wrong.
 * teleai_health_check() tells where this is needed.
 * Returns: OK, NOT_FOUND, CONFLICT (called on a transaction or batch), PERMISSION_DENIED (under row security it is for the
 *   owner and teleai_admin), TIMEOUT (a lock was never free); usual.
 * Blocks: a round trip a tenant, for as long as counting its rows takes.
 */
TELEAI_API teleai_status teleai_tenant_usage_recount(teleai_client *client, const teleai_uuid *tenant_id, int64_t *out,
                                                     teleai_error *error);

/* ---- taking a tenant out, in, and away ---------------------------------------------------------------------------- */

/** Work on all rows of a tenant, done in steps so that you can show how far it is and stop it. For one thread. */
typedef struct teleai_tenant_job teleai_tenant_job;

/** How many rows of a table are done. */
typedef struct teleai_table_progress {
    const char *table; /**< its name in the database, as "audio_files"; never freed */
    int64_t rows;
} teleai_table_progress;

/** How far it is. */
typedef struct teleai_tenant_progress {
    int64_t rows_done;                /**< of all tables; when it is done, the final count */
    int64_t rows_total;               /**< as counted at the beginning */
    int64_t bytes_done;               /**< written or read; 0 of a deletion */
    size_t table_count;               /**< how many tables there are */
    teleai_table_progress tables[32]; /**< each table after those that it refers to */
    bool done;
    uint8_t reserved[63]; /**< room for more */
} teleai_tenant_progress;

/**
 * Begins to write all rows of a tenant into a folder, which is made and must not exist yet: one file a table in
 * PostgreSQL's COPY text format, ordered by id, and manifest.json with the tenant, the schema's version, and of each
 * file its columns, rows, bytes and SHA-256. The rows are those of one moment, however long it takes. Only you may read
 * the files (mode 0600): they hold the hashes of passwords and sessions.
 * Returns: OK, NOT_FOUND, CONFLICT (called on a transaction), ALREADY_EXISTS (the folder is there), PERMISSION_DENIED and
 *   UNAVAILABLE also of the file system; usual.
 * Owns: you; teleai_tenant_job_close() it. Closed before it is done it removes what it has written.
 * Blocks: to count the rows.
 */
TELEAI_API teleai_status teleai_tenant_export_open(teleai_client *client, const teleai_uuid *id, const char *folder,
                                                   teleai_tenant_job **out, teleai_error *error);

/**
 * Begins to read such a folder into this database: the tenant with its id, name, slug, limits and all rows with their
 * ids. One transaction: it is all there when it is done, else nothing. Files that are not as the manifest says are
 * refused, and so is a schema of another version.
 * Returns: OK, NOT_FOUND (no manifest there), INVALID_ARGUMENT (not such a folder, or damaged), SCHEMA_MISMATCH, CONFLICT
 *   (called on a transaction), ALREADY_EXISTS (the tenant's id or slug); usual.
 * Owns: you; teleai_tenant_job_close() it.
 * Blocks: to read the manifest, and a few round trips.
 */
TELEAI_API teleai_status teleai_tenant_import_open(teleai_client *client, const char *folder, teleai_tenant_job **out,
                                                   teleai_error *error);

/**
 * Begins to delete a tenant with all its rows, for ever: it is DELETING from now on, so that nobody can log in. Each step
 * deletes up to 1,000 rows in a transaction of its own; the tenant's own row goes last. Closed before it is done, or
 * interrupted, it can be begun again. The default tenant cannot be deleted.
 * Returns: OK, NOT_FOUND, INVALID_ARGUMENT (the default tenant), CONFLICT (called on a transaction); usual.
 * Owns: you; teleai_tenant_job_close() it.
 * Blocks: to count the rows.
 */
TELEAI_API teleai_status teleai_tenant_delete_open(teleai_client *client, const teleai_uuid *id,
                                                   teleai_tenant_job **out, teleai_error *error);

/**
 * Does some of it (a second's work at most, as a rule) and tells how far it is. Call it until progress->done.
 * Returns: OK; CLOSED (it failed before); of an import ALREADY_EXISTS (a row's id, an e-mail address, a token),
 *   INVALID_ARGUMENT (a damaged file); usual. A deletion's step may be tried again, the others are over when one fails.
 * Blocks: for that long.
 */
TELEAI_API teleai_status teleai_tenant_job_step(teleai_tenant_job *job, teleai_tenant_progress *progress,
                                                teleai_error *error);

/**
 * Ends it and frees it; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: briefly.
 */
TELEAI_API void teleai_tenant_job_close(teleai_tenant_job *job);

#ifdef __cplusplus
}
#endif

#endif
