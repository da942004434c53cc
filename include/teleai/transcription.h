/* Transcriptions: what a recognizer heard in an audio file. */
#ifndef TELEAI_TRANSCRIPTION_H
#define TELEAI_TRANSCRIPTION_H

#include "client.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far a transcription is. pending -> processing -> completed, or failed; from failed it may be started again. */
enum {
    TELEAI_TRANSCRIPTION_PENDING = 1, /**< the default of a new one */
    TELEAI_TRANSCRIPTION_PROCESSING = 2,
    TELEAI_TRANSCRIPTION_COMPLETED = 3,
    TELEAI_TRANSCRIPTION_FAILED = 4
};

/**
 * The name of the status of a transcription, such as "completed"; NULL for a number that is not one, so counting up
 * from 1 lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_transcription_status_name(int32_t status);

/** A transcription. */
typedef struct teleai_transcription {
    teleai_uuid id;
    teleai_uuid audio_file_id;
    teleai_uuid user_id;
    const char *text; /**< "" until it is completed */
    const char *language_code;
    const char *engine;
    const char *engine_version; /**< may be NULL */
    const char *error_message;  /**< NULL unless it failed */
    const char *metadata_json;
    int64_t text_bytes; /**< length of text, without its NUL */
    int64_t processing_started_at_us;
    int64_t processing_completed_at_us;
    int64_t created_at_us;
    int64_t updated_at_us;
    double confidence; /**< 0 to 1, in hundredths */
    int32_t word_count;
    int32_t processing_duration_ms;
    int32_t status; /**< TELEAI_TRANSCRIPTION_... */
    bool has_confidence;
    bool has_word_count;
    bool has_processing_started_at;
    bool has_processing_completed_at;
    bool has_processing_duration;
    uint8_t reserved[7];
} teleai_transcription;

/** A list of transcriptions. */
typedef struct teleai_transcriptions {
    size_t count;
    const teleai_transcription *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_transcriptions;

/** What a transcription is made from, changed to or completed with. */
typedef struct teleai_transcription_input {
    size_t struct_size;               /**< sizeof(teleai_transcription_input) */
    const teleai_uuid *id;            /**< NULL: a new UUIDv7; not changed by an update */
    const teleai_uuid *audio_file_id; /**< required; not changed by an update */
    const teleai_uuid *user_id;       /**< required; not changed by an update */
    const char *text;                 /**< NULL: "" while it is not completed */
    size_t text_bytes;                /**< length of text; 0: up to its NUL */
    const char *language_code;        /**< required; such as en or pt-BR (BCP 47), at most 10 characters */
    const char *engine;               /**< required; 1 to 50 characters */
    const char *engine_version;       /**< at most 20 characters */
    const char *error_message;
    const char *metadata_json; /**< a JSON object; NULL: {} */
    int64_t processing_started_at_us;
    int64_t processing_completed_at_us;
    double confidence;  /**< with has_confidence; 0 to 1, rounded to hundredths */
    int32_t word_count; /**< with has_word_count; otherwise the words between white space in text are counted */
    int32_t processing_duration_ms; /**< with has_processing_duration; more than 0 */
    int32_t status; /**< TELEAI_TRANSCRIPTION_...; 0: pending. At creation only: see start, complete, fail */
    bool has_confidence;
    bool has_word_count;
    bool has_processing_started_at;
    bool has_processing_completed_at;
    bool has_processing_duration;
    uint8_t reserved[7]; /**< zero */
} teleai_transcription_input;

/** Which fields an update sets; one that is named but absent becomes NULL, or its default where it cannot be NULL. */
enum {
    TELEAI_TRANSCRIPTION_FIELD_TEXT = 1 << 0, /**< and the word count, unless that is named too */
    TELEAI_TRANSCRIPTION_FIELD_LANGUAGE_CODE = 1 << 1,
    TELEAI_TRANSCRIPTION_FIELD_ENGINE = 1 << 2,
    TELEAI_TRANSCRIPTION_FIELD_ENGINE_VERSION = 1 << 3,
    TELEAI_TRANSCRIPTION_FIELD_METADATA = 1 << 4,
    TELEAI_TRANSCRIPTION_FIELD_CONFIDENCE = 1 << 5,
    TELEAI_TRANSCRIPTION_FIELD_WORD_COUNT = 1 << 6
};

/** Which transcriptions; absent fields do not restrict. */
typedef struct teleai_transcription_filter {
    size_t struct_size;               /**< sizeof(teleai_transcription_filter) */
    const teleai_uuid *user_id;       /**< of this user */
    const teleai_uuid *audio_file_id; /**< of this audio file */
    const char *language_code;
    const char *engine;
    const char *metadata_contains_json; /**< metadata that contains this JSON object (PostgreSQL's @>) */
    int64_t created_from_us;            /**< created at or after; 0: any */
    int64_t created_until_us;           /**< created before; 0: any */
    double min_confidence;              /**< with has_min_confidence; 0 to 1 */
    int32_t status;                     /**< TELEAI_TRANSCRIPTION_...; 0: any */
    bool has_min_confidence;
    uint8_t reserved[3];         /**< zero */
    const teleai_uuid *id_from;  /**< with this id or a higher one, compared byte by byte; best in an order by id */
    const teleai_uuid *id_until; /**< with a lower id than this */
} teleai_transcription_filter;

/**
 * Creates a transcription: a pending one to be worked on, or, with status completed, one that is done already.
 * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (audio_file_id, user_id); usual.
 * Owns: you; free *out with teleai_transcription_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_create(teleai_client *client, const teleai_transcription_input *input,
                                                     teleai_transcription **out, teleai_error *error);

/**
 * Creates many transcriptions in one statement: all of them or, when one is refused, none; error.item tells which
 * input was at fault. With options->keep_good the good ones, and options->errors says what became of each. The
 * records come back in the order of the inputs.
 * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (audio_file_id, user_id); usual.
 * Owns: you; free *out with teleai_transcriptions_free().
 * Blocks: one round trip; two for many without `out`, sent as COPY (docs/engine.md); with keep_good several, when
 *   some are bad.
 */
TELEAI_API teleai_status teleai_transcription_create_many(teleai_client *client,
                                                          const teleai_transcription_input *inputs, size_t count,
                                                          const teleai_create_many_options *options,
                                                          teleai_transcriptions **out, teleai_error *error);

/**
 * Reads one transcription.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_transcription_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_get(teleai_client *client, const teleai_uuid *id,
                                                  teleai_transcription **out, teleai_error *error);

/**
 * Reads many transcriptions in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_transcriptions_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                                       teleai_transcriptions **out, teleai_error *error);

/**
 * Changes the fields of a transcription that `fields` names (TELEAI_TRANSCRIPTION_FIELD_... bits), and no others.
 * The status is changed by start, complete and fail. A new text is indexed anew, which costs as much as an insert.
 * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
 * Owns: you; free *out with teleai_transcription_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_update(teleai_client *client, const teleai_uuid *id,
                                                     const teleai_transcription_input *input, uint64_t fields,
                                                     const teleai_update_options *options, teleai_transcription **out,
                                                     teleai_error *error);

/**
 * Deletes a transcription with its analyses.
 * Returns: OK, NOT_FOUND; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error);

/**
 * Lists transcriptions; a NULL filter lists all. With audio_file_id: those of that file.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_transcriptions_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_list(teleai_client *client, const teleai_transcription_filter *filter,
                                                   const teleai_page *page, teleai_transcriptions **out,
                                                   teleai_error *error);

/**
 * Lists transcriptions piece by piece, however many there are: see teleai_stream.
 * Returns: OK; usual.
 * Owns: you; teleai_stream_close() it.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_stream(teleai_client *client, const teleai_transcription_filter *filter,
                                                     const teleai_page *page, teleai_stream **out, teleai_error *error);

/**
 * The next piece; at the end OK with *out NULL.
 * Returns: OK, INVALID_ARGUMENT (the stream is of another noun), CLOSED (it has failed before); usual.
 * Owns: you; free *out with teleai_transcriptions_free().
 * Blocks: until the piece is there; mostly it is.
 */
TELEAI_API teleai_status teleai_transcription_stream_next(teleai_stream *stream, teleai_transcriptions **out,
                                                          teleai_error *error);

/**
 * Counts the transcriptions that a filter lets through; NULL counts all.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_count(teleai_client *client, const teleai_transcription_filter *filter,
                                                    int64_t *out, teleai_error *error);

/**
 * Marks a transcription as being worked on: pending or failed -> processing. Sets processing_started_at, clears the
 * rest of an earlier try. Of several workers that start the same one at once, one gets OK.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_transcription_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_start(teleai_client *client, const teleai_uuid *id,
                                                    teleai_transcription **out, teleai_error *error);

/**
 * Completes a transcription: pending or processing -> completed, in one UPDATE that sets text and all end values
 * together. Takes text (required), confidence, word_count, engine_version, processing_duration_ms and metadata_json;
 * any other field in the input is INVALID_ARGUMENT. Without a duration the time since the start is taken; without
 * engine_version and metadata_json these stay as they are.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_transcription_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_complete(teleai_client *client, const teleai_uuid *id,
                                                       const teleai_transcription_input *result,
                                                       teleai_transcription **out, teleai_error *error);

/**
 * Marks a transcription as failed: pending or processing -> failed. Sets processing_completed_at and the message, which
 * is required.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_transcription_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_transcription_fail(teleai_client *client, const teleai_uuid *id,
                                                   const char *error_message, teleai_transcription **out,
                                                   teleai_error *error);

/**
 * Frees a transcription; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_transcription_free(teleai_transcription *transcription);

/**
 * Frees a list with all its records; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_transcriptions_free(teleai_transcriptions *list);

#ifdef __cplusplus
}
#endif

#endif
