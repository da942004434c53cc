/* Statistics: the five views, as typed records. */
#ifndef TELEAI_STATS_H
#define TELEAI_STATS_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- by user (user_file_stats) ---------------------------------------------------------------------------------- */

/** What a user has stored. */
typedef struct teleai_user_stats {
    teleai_uuid user_id;
    const char *email;
    const char *full_name;
    int64_t total_files;
    int64_t total_transcriptions;
    int64_t total_analyses;
    int64_t total_storage_bytes;
    int64_t total_duration_ms;
    int64_t last_upload_at_us;
    bool has_last_upload_at;
    uint8_t reserved[7];
} teleai_user_stats;

/** A list of users' statistics. */
typedef struct teleai_users_stats {
    size_t count;
    const teleai_user_stats *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_users_stats;

/**
 * Reads the totals of one user.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_user_stats_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_stats_get(teleai_client *client, const teleai_uuid *user_id,
                                               teleai_user_stats **out, teleai_error *error);

/**
 * Lists the totals of all users, by id (page.order: newest first counts as descending).
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_users_stats_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_user_stats_list(teleai_client *client, const teleai_page *page,
                                                teleai_users_stats **out, teleai_error *error);

/**
 * Frees a user's statistics; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_user_stats_free(teleai_user_stats *stats);

/**
 * Frees a list with all its records; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_users_stats_free(teleai_users_stats *list);

/* ---- by day (daily_usage_stats) --------------------------------------------------------------------------------- */

/** What was uploaded in a day and became ready; days are UTC, by the time of creation. */
typedef struct teleai_daily_usage {
    const char *date; /**< such as "2026-11-23" */
    int64_t day_us;   /**< its first moment, 00:00 UTC */
    int64_t active_users;
    int64_t total_uploads;
    int64_t total_bytes_uploaded;
    int64_t total_audio_ms;
    int64_t avg_audio_ms; /**< mean duration of the files whose duration is known; 0 when none is */
} teleai_daily_usage;

/** Days, earliest first. Days without uploads are not listed. */
typedef struct teleai_daily_usages {
    size_t count;
    const teleai_daily_usage *const *items;
} teleai_daily_usages;

/**
 * Reads the days from `from_us` (0: the first) up to, not including, `until_us` (0: no end), as of the last refresh.
 * Both are taken down to the start of their UTC day.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_daily_usages_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_daily_usage_list(teleai_client *client, int64_t from_us, int64_t until_us,
                                                 teleai_daily_usages **out, teleai_error *error);

/**
 * Computes the days anew, while others go on reading the old figures. Needs to own the materialized view.
 * Returns: OK, PERMISSION_DENIED; usual.
 * Blocks: while the server reads all audio files, at most timeout_ms.
 */
TELEAI_API teleai_status teleai_daily_usage_refresh(teleai_client *client, teleai_error *error);

/**
 * Frees the days; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_daily_usages_free(teleai_daily_usages *list);

/* ---- what users did (recent_user_activity) ---------------------------------------------------------------------- */

enum { TELEAI_ACTIVITY_AUDIO_UPLOAD = 1, TELEAI_ACTIVITY_TRANSCRIPTION = 2, TELEAI_ACTIVITY_ANALYSIS = 3 };

/**
 * The name of a type of activity, such as "audio_upload"; NULL for a number that is not one, so counting up from 1
 * lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_activity_type_name(int32_t type);

/** One thing a user did. */
typedef struct teleai_activity {
    teleai_uuid user_id;
    teleai_uuid resource_id; /**< of the audio file, transcription or analysis */
    const char *email;
    const char *full_name;
    const char *resource_name; /**< file name, or type of the analysis */
    int64_t activity_at_us;
    int32_t activity_type; /**< TELEAI_ACTIVITY_... */
    uint8_t reserved[4];
} teleai_activity;

/** A feed of activities, latest first. */
typedef struct teleai_activities {
    size_t count;
    const teleai_activity *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_activities;

/**
 * Lists what a user (NULL: everybody) did.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_activities_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_activity_list(teleai_client *client, const teleai_uuid *user_id,
                                              const teleai_page *page, teleai_activities **out, teleai_error *error);

/**
 * Frees a feed; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_activities_free(teleai_activities *list);

/* ---- what waits (processing_queue_status) ----------------------------------------------------------------------- */

enum { TELEAI_QUEUE_AUDIO_FILES = 1, TELEAI_QUEUE_TRANSCRIPTIONS = 2, TELEAI_QUEUE_ANALYSES = 3 };

/**
 * The name of a queue, such as "audio_files"; NULL for a number that is not one, so counting up from 1 lists the
 * names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_queue_type_name(int32_t type);

/** How many rows of a kind are in a status. */
typedef struct teleai_queue_status {
    const char *status_name; /**< such as "pending" */
    int64_t count;
    int64_t oldest_item_us;
    int64_t newest_item_us;
    int32_t queue_type; /**< TELEAI_QUEUE_... */
    int32_t status;     /**< TELEAI_AUDIO_FILE_..., TELEAI_TRANSCRIPTION_... or TELEAI_ANALYSIS_... of that kind */
} teleai_queue_status;

/** All kinds and statuses that have rows. */
typedef struct teleai_queue_statuses {
    size_t count;
    const teleai_queue_status *const *items;
} teleai_queue_statuses;

/**
 * Reads the queues. Looks at every row: for dashboards, not for workers (these list by status).
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_queue_statuses_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_queue_status_list(teleai_client *client, teleai_queue_statuses **out,
                                                  teleai_error *error);

/**
 * Frees the queues; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_queue_statuses_free(teleai_queue_statuses *list);

/* ---- how far each file is (file_processing_pipeline) ------------------------------------------------------------ */

/** How far a file is with one of its transcriptions and one of that one's analyses, the first that holds. */
enum {
    TELEAI_PIPELINE_FAILED = 1, /**< the file is in error, or the transcription or analysis failed */
    TELEAI_PIPELINE_COMPLETED = 2,
    TELEAI_PIPELINE_ANALYSIS_IN_PROGRESS = 3,
    TELEAI_PIPELINE_TRANSCRIPTION_COMPLETED = 4,
    TELEAI_PIPELINE_TRANSCRIPTION_IN_PROGRESS = 5,
    TELEAI_PIPELINE_AUDIO_READY = 6,
    TELEAI_PIPELINE_AUDIO_PROCESSING = 7,
    TELEAI_PIPELINE_UPLOADED = 8
};

/**
 * The name of a status of the pipeline, such as "audio_ready"; NULL for a number that is not one, so counting up
 * from 1 lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_pipeline_status_name(int32_t status);

/** An audio file with one transcription and one analysis of it, where there are any. */
typedef struct teleai_pipeline {
    teleai_uuid audio_file_id;
    teleai_uuid user_id;
    teleai_uuid transcription_id; /**< with has_transcription */
    teleai_uuid analysis_id;      /**< with has_analysis */
    const char *file_name;
    const char *analysis_type; /**< NULL without an analysis */
    int64_t audio_uploaded_at_us;
    int64_t transcription_created_at_us;
    int64_t analysis_created_at_us;
    int32_t audio_status;         /**< TELEAI_AUDIO_FILE_... */
    int32_t transcription_status; /**< TELEAI_TRANSCRIPTION_... */
    int32_t analysis_status;      /**< TELEAI_ANALYSIS_... */
    int32_t pipeline_status;      /**< TELEAI_PIPELINE_... */
    bool has_transcription;
    bool has_analysis;
    uint8_t reserved[6];
} teleai_pipeline;

/** A list of these, by the time of the upload. */
typedef struct teleai_pipelines {
    size_t count;
    const teleai_pipeline *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_pipelines;

/** Which; absent fields do not restrict. */
typedef struct teleai_pipeline_filter {
    size_t struct_size;         /**< sizeof(teleai_pipeline_filter) */
    const teleai_uuid *user_id; /**< files of this user */
    int32_t pipeline_status;    /**< TELEAI_PIPELINE_...; 0: any */
    bool unfinished;            /**< only those that are not completed */
    uint8_t reserved[3];        /**< zero */
} teleai_pipeline_filter;

/**
 * Lists how far files are.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_pipelines_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_pipeline_list(teleai_client *client, const teleai_pipeline_filter *filter,
                                              const teleai_page *page, teleai_pipelines **out, teleai_error *error);

/**
 * Frees the list; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_pipelines_free(teleai_pipelines *list);

#ifdef __cplusplus
}
#endif

#endif
