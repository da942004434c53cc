/* Audio files: what is known of a recording. The sound itself lies where file_path says, outside the database. */
#ifndef TELEAI_AUDIO_FILE_H
#define TELEAI_AUDIO_FILE_H

#include "client.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far an audio file is. uploaded -> processing -> ready, or error; from error it may be started again. */
enum {
    TELEAI_AUDIO_FILE_UPLOADED = 1, /**< the default of a new file */
    TELEAI_AUDIO_FILE_PROCESSING = 2,
    TELEAI_AUDIO_FILE_READY = 3,
    TELEAI_AUDIO_FILE_ERROR = 4
};

/**
 * The name of the status of an audio file, such as "ready"; NULL for a number that is not one, so counting up from
 * 1 lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_audio_file_status_name(int32_t status);

/** An audio file. */
typedef struct teleai_audio_file {
    teleai_uuid id;
    teleai_uuid user_id;
    const char *file_name;
    const char *file_path;
    const char *mime_type;
    const char *error_message; /**< NULL unless it failed */
    const char *metadata_json; /**< as the server writes it; "{}" when empty */
    int64_t file_size_bytes;
    int64_t duration_ms; /**< kept in hundredths of a second */
    int64_t upload_completed_at_us;
    int64_t processing_started_at_us;
    int64_t processing_completed_at_us;
    int64_t created_at_us;
    int64_t updated_at_us;
    int32_t sample_rate_hz;
    int32_t channels;
    int32_t bit_rate_bps;
    int32_t status; /**< TELEAI_AUDIO_FILE_... */
    bool has_duration;
    bool has_upload_completed_at;
    bool has_processing_started_at;
    bool has_processing_completed_at;
    bool has_sample_rate;
    bool has_channels;
    bool has_bit_rate;
    uint8_t reserved[1];
} teleai_audio_file;

/** A list of audio files. */
typedef struct teleai_audio_files {
    size_t count;
    const teleai_audio_file *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_audio_files;

/** What an audio file is made from or changed to. */
typedef struct teleai_audio_file_input {
    size_t struct_size;         /**< sizeof(teleai_audio_file_input) */
    const teleai_uuid *id;      /**< NULL: a new UUIDv7; not changed by an update */
    const teleai_uuid *user_id; /**< required; not changed by an update */
    const char *file_name;      /**< required; 1 to 500 characters */
    const char *file_path;      /**< required; path or URL */
    const char *
        mime_type; /**< required; audio/mpeg, audio/wav, audio/ogg, audio/webm, audio/aac or audio/flac; the usual other
                                     names, such as audio/x-wav, are stored as these, without parameters */
    const char *error_message;
    const char *metadata_json; /**< a JSON object; NULL: {} */
    int64_t file_size_bytes;   /**< required; 1 to 2^53 - 1, which JSON and all languages hold to the byte */
    int64_t duration_ms;       /**< with has_duration; 5 to 99999999990, rounded to hundredths of a second */
    int64_t upload_completed_at_us;
    int64_t processing_started_at_us;
    int64_t processing_completed_at_us;
    int32_t sample_rate_hz; /**< with has_sample_rate; more than 0 */
    int32_t channels;       /**< with has_channels; more than 0 */
    int32_t bit_rate_bps;   /**< with has_bit_rate; more than 0 */
    int32_t status;         /**< TELEAI_AUDIO_FILE_...; 0: uploaded. At creation only: see start, complete, fail */
    bool has_duration;
    bool has_upload_completed_at;
    bool has_processing_started_at;
    bool has_processing_completed_at;
    bool has_sample_rate;
    bool has_channels;
    bool has_bit_rate;
    uint8_t reserved[1]; /**< zero */
} teleai_audio_file_input;

/** Which fields an update sets; one that is named but absent becomes NULL, or its default where it cannot be NULL. */
enum {
    TELEAI_AUDIO_FILE_FIELD_FILE_NAME = 1 << 0,
    TELEAI_AUDIO_FILE_FIELD_FILE_PATH = 1 << 1,
    TELEAI_AUDIO_FILE_FIELD_MIME_TYPE = 1 << 2,
    TELEAI_AUDIO_FILE_FIELD_METADATA = 1 << 3,
    TELEAI_AUDIO_FILE_FIELD_FILE_SIZE = 1 << 4,
    TELEAI_AUDIO_FILE_FIELD_DURATION = 1 << 5,
    TELEAI_AUDIO_FILE_FIELD_SAMPLE_RATE = 1 << 6,
    TELEAI_AUDIO_FILE_FIELD_CHANNELS = 1 << 7,
    TELEAI_AUDIO_FILE_FIELD_BIT_RATE = 1 << 8,
    TELEAI_AUDIO_FILE_FIELD_UPLOAD_COMPLETED_AT = 1 << 9
};

/** Which audio files; absent fields do not restrict. */
typedef struct teleai_audio_file_filter {
    size_t struct_size;         /**< sizeof(teleai_audio_file_filter) */
    const teleai_uuid *user_id; /**< of this user */
    const char *mime_type;
    const char *metadata_contains_json; /**< metadata that contains this JSON object (PostgreSQL's @>) */
    int64_t created_from_us;            /**< created at or after; 0: any */
    int64_t created_until_us;           /**< created before; 0: any */
    int32_t status;                     /**< TELEAI_AUDIO_FILE_...; 0: any */
    uint8_t reserved[4];                /**< zero */
    const teleai_uuid *id_from;  /**< with this id or a higher one, compared byte by byte; best in an order by id */
    const teleai_uuid *id_until; /**< with a lower id than this */
    const char *file_name; /**< with this name, whatever its case; without user_id all rows of the tenant are read */
    const char *file_path; /**< with this path, letter by letter; likewise */
} teleai_audio_file_filter;

/**
 * Registers an audio file.
 * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (user_id); usual.
 * Owns: you; free *out with teleai_audio_file_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_create(teleai_client *client, const teleai_audio_file_input *input,
                                                  teleai_audio_file **out, teleai_error *error);

/**
 * Creates many audio files in one statement: all of them or, when one is refused, none; error.item tells which input
 * was at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come
 * back in the order of the inputs.
 * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (user_id); usual.
 * Owns: you; free *out with teleai_audio_files_free().
 * Blocks: one round trip; two for many without `out`, sent as COPY (docs/engine.md); with keep_good several, when
 *   some are bad.
 */
TELEAI_API teleai_status teleai_audio_file_create_many(teleai_client *client, const teleai_audio_file_input *inputs,
                                                       size_t count, const teleai_create_many_options *options,
                                                       teleai_audio_files **out, teleai_error *error);

/**
 * Reads one audio file.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_audio_file_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_get(teleai_client *client, const teleai_uuid *id, teleai_audio_file **out,
                                               teleai_error *error);

/**
 * Reads many audio files in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_audio_files_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                                    teleai_audio_files **out, teleai_error *error);

/**
 * Changes the fields of an audio file that `fields` names (TELEAI_AUDIO_FILE_FIELD_... bits), and no others.
 * The status is changed by start, complete and fail.
 * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
 * Owns: you; free *out with teleai_audio_file_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_update(teleai_client *client, const teleai_uuid *id,
                                                  const teleai_audio_file_input *input, uint64_t fields,
                                                  const teleai_update_options *options, teleai_audio_file **out,
                                                  teleai_error *error);

/**
 * Deletes an audio file with its transcriptions and analyses. The file at file_path is yours to remove.
 * Returns: OK, NOT_FOUND; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error);

/**
 * Lists audio files; a NULL filter lists all. With user_id: the files of that user.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_audio_files_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_list(teleai_client *client, const teleai_audio_file_filter *filter,
                                                const teleai_page *page, teleai_audio_files **out, teleai_error *error);

/**
 * Lists audio files piece by piece, however many there are: see teleai_stream.
 * Returns: OK; usual.
 * Owns: you; teleai_stream_close() it.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_stream(teleai_client *client, const teleai_audio_file_filter *filter,
                                                  const teleai_page *page, teleai_stream **out, teleai_error *error);

/**
 * The next piece; at the end OK with *out NULL.
 * Returns: OK, INVALID_ARGUMENT (the stream is of another noun), CLOSED (it has failed before); usual.
 * Owns: you; free *out with teleai_audio_files_free().
 * Blocks: until the piece is there; mostly it is.
 */
TELEAI_API teleai_status teleai_audio_file_stream_next(teleai_stream *stream, teleai_audio_files **out,
                                                       teleai_error *error);

/**
 * Counts the audio files that a filter lets through; NULL counts all.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_count(teleai_client *client, const teleai_audio_file_filter *filter,
                                                 int64_t *out, teleai_error *error);

/**
 * Marks an audio file as being worked on: uploaded or error -> processing. Sets processing_started_at, clears the rest
 * of an earlier try. Of several workers that start the same one at once, one gets OK.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_audio_file_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_start(teleai_client *client, const teleai_uuid *id, teleai_audio_file **out,
                                                 teleai_error *error);

/**
 * Marks an audio file as ready to use: processing -> ready. Sets processing_completed_at.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_audio_file_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_complete(teleai_client *client, const teleai_uuid *id,
                                                    teleai_audio_file **out, teleai_error *error);

/**
 * Marks an audio file as failed: uploaded or processing -> error. Sets processing_completed_at and the message, which
 * is required.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_audio_file_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_audio_file_fail(teleai_client *client, const teleai_uuid *id, const char *error_message,
                                                teleai_audio_file **out, teleai_error *error);

/**
 * Frees an audio file; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_audio_file_free(teleai_audio_file *file);

/**
 * Frees a list with all its records; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_audio_files_free(teleai_audio_files *list);

#ifdef __cplusplus
}
#endif

#endif
