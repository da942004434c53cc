/* Analyses: what was made of a transcription: sentiment, key phrases, entities, topics, a summary, insights. */
#ifndef TELEAI_ANALYSIS_H
#define TELEAI_ANALYSIS_H

#include "client.h"
#include "stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far an analysis is. pending -> processing -> completed, or failed; from failed it may be started again. */
enum {
    TELEAI_ANALYSIS_PENDING = 1, /**< the default of a new one */
    TELEAI_ANALYSIS_PROCESSING = 2,
    TELEAI_ANALYSIS_COMPLETED = 3,
    TELEAI_ANALYSIS_FAILED = 4
};

/**
 * The name of the status of an analysis, such as "completed"; NULL for a number that is not one, so counting up
 * from 1 lists the names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_analysis_status_name(int32_t status);

enum {
    TELEAI_SENTIMENT_POSITIVE = 1,
    TELEAI_SENTIMENT_NEGATIVE = 2,
    TELEAI_SENTIMENT_NEUTRAL = 3,
    TELEAI_SENTIMENT_MIXED = 4
};

/**
 * The name of a sentiment, such as "positive"; NULL for a number that is not one, so counting up from 1 lists the
 * names.
 * Returns: text, or NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_sentiment_name(int32_t sentiment);

/**
 * A person or a thing that the text names; one element of entities_json. The members text, type, confidence, start_ms
 * and end_ms of the JSON object are read when they have the expected type; everything else stays in extra_json, and so
 * does a confidence whose digits would change in writing (1, 0.90). So an element read and written again is the same.
 * An element that is no object with a text is in extra_json whole, with text NULL.
 */
typedef struct teleai_entity {
    const char *text;       /**< as it stands in the transcription, "Elinor Dashwood" */
    const char *type;       /**< such as "person"; may be NULL */
    const char *extra_json; /**< the other members as a JSON object; NULL: none */
    double confidence;      /**< with has_confidence */
    int64_t start_ms;       /**< with has_start: where in the audio */
    int64_t end_ms;         /**< with has_end */
    bool has_confidence;
    bool has_start;
    bool has_end;
    uint8_t reserved[5];
} teleai_entity;

/** What the text is about; one element of topics_json. Members name and score; the rest as in teleai_entity. */
typedef struct teleai_topic {
    const char *name;       /**< NULL: the element is in extra_json whole */
    const char *extra_json; /**< the other members as a JSON object; NULL: none */
    double score;           /**< with has_score */
    bool has_score;
    uint8_t reserved[7];
} teleai_topic;

/** An analysis. Entities, topics and key phrases are there twice: typed, and as JSON text. */
typedef struct teleai_analysis {
    teleai_uuid id;
    teleai_uuid transcription_id;
    teleai_uuid audio_file_id;
    teleai_uuid user_id;
    const char *analysis_type;
    const char *summary; /**< may be NULL */
    const char *engine;
    const char *engine_version;     /**< may be NULL */
    const char *error_message;      /**< NULL unless it failed */
    const char *const *key_phrases; /**< NULL when the column is NULL; an element may be NULL */
    const char *key_phrases_json;   /**< the same as a JSON array of strings, or NULL */
    const teleai_entity *entities;  /**< entity_count of them; none when entities_json is no array */
    const char *entities_json;
    const teleai_topic *topics; /**< topic_count of them; none when topics_json is no array */
    const char *topics_json;
    const char *insights_json;
    const char *metadata_json;
    size_t key_phrase_count;
    size_t entity_count;
    size_t topic_count;
    int64_t processing_started_at_us;
    int64_t processing_completed_at_us;
    int64_t created_at_us;
    int64_t updated_at_us;
    double sentiment_score;  /**< -1 (negative) to 1 (positive), in hundredths */
    int32_t sentiment_label; /**< TELEAI_SENTIMENT_...; 0: none */
    int32_t processing_duration_ms;
    int32_t status; /**< TELEAI_ANALYSIS_... */
    bool has_sentiment_score;
    bool has_processing_started_at;
    bool has_processing_completed_at;
    bool has_processing_duration;
} teleai_analysis;

/** A list of analyses. */
typedef struct teleai_analyses {
    size_t count;
    const teleai_analysis *const *items;
    const char *next_cursor; /**< for the next page; NULL when this is the last one */
} teleai_analyses;

/**
 * What an analysis is made from, changed to or completed with. Key phrases, entities and topics are given typed or as
 * JSON; both at once is INVALID_ARGUMENT.
 */
typedef struct teleai_analysis_input {
    size_t struct_size;                  /**< sizeof(teleai_analysis_input) */
    const teleai_uuid *id;               /**< NULL: a new UUIDv7; not changed by an update */
    const teleai_uuid *transcription_id; /**< required; not changed by an update */
    const teleai_uuid *audio_file_id;    /**< required; not changed by an update */
    const teleai_uuid *user_id;          /**< required; not changed by an update */
    const char *analysis_type;           /**< required; 1 to 100 characters; not changed by an update */
    const char *summary;
    const char *engine;         /**< required; 1 to 50 characters */
    const char *engine_version; /**< at most 20 characters */
    const char *error_message;
    const char *const *key_phrases; /**< key_phrase_count texts; NULL with key_phrases_json NULL: SQL NULL */
    const char *key_phrases_json;   /**< a JSON array of strings */
    const teleai_entity *entities;  /**< entity_count of them */
    const char *entities_json;      /**< a JSON array; NULL: [] */
    const teleai_topic *topics;     /**< topic_count of them */
    const char *topics_json;        /**< a JSON array; NULL: [] */
    const char *insights_json;      /**< a JSON object; NULL: {} */
    const char *metadata_json;      /**< a JSON object; NULL: {} */
    size_t key_phrase_count;
    size_t entity_count;
    size_t topic_count;
    int64_t processing_started_at_us;
    int64_t processing_completed_at_us;
    double sentiment_score;         /**< with has_sentiment_score; -1 to 1, rounded to hundredths */
    int32_t sentiment_label;        /**< TELEAI_SENTIMENT_...; 0: none */
    int32_t processing_duration_ms; /**< with has_processing_duration; more than 0 */
    int32_t status;                 /**< TELEAI_ANALYSIS_...; 0: pending. At creation only: see start, complete, fail */
    bool has_sentiment_score;
    bool has_processing_started_at;
    bool has_processing_completed_at;
    bool has_processing_duration;
} teleai_analysis_input;

/** Which fields an update sets; one that is named but absent becomes NULL, or its default where it cannot be NULL. */
enum {
    TELEAI_ANALYSIS_FIELD_SUMMARY = 1 << 0,
    TELEAI_ANALYSIS_FIELD_ENGINE = 1 << 1,
    TELEAI_ANALYSIS_FIELD_ENGINE_VERSION = 1 << 2,
    TELEAI_ANALYSIS_FIELD_KEY_PHRASES = 1 << 3,
    TELEAI_ANALYSIS_FIELD_ENTITIES = 1 << 4,
    TELEAI_ANALYSIS_FIELD_TOPICS = 1 << 5,
    TELEAI_ANALYSIS_FIELD_INSIGHTS = 1 << 6,
    TELEAI_ANALYSIS_FIELD_METADATA = 1 << 7,
    TELEAI_ANALYSIS_FIELD_SENTIMENT_SCORE = 1 << 8,
    TELEAI_ANALYSIS_FIELD_SENTIMENT_LABEL = 1 << 9
};

/** Which analyses; absent fields do not restrict. ..._contains_json means PostgreSQL's @>. */
typedef struct teleai_analysis_filter {
    size_t struct_size;                  /**< sizeof(teleai_analysis_filter) */
    const teleai_uuid *user_id;          /**< of this user */
    const teleai_uuid *audio_file_id;    /**< of this audio file */
    const teleai_uuid *transcription_id; /**< of this transcription */
    const char *analysis_type;
    const char *engine;
    const char *metadata_contains_json;
    const char *entities_contains_json; /**< such as [{"type": "person"}] */
    const char *topics_contains_json;
    const char *insights_contains_json;
    int64_t created_from_us;     /**< created at or after; 0: any */
    int64_t created_until_us;    /**< created before; 0: any */
    int32_t status;              /**< TELEAI_ANALYSIS_...; 0: any */
    int32_t sentiment_label;     /**< TELEAI_SENTIMENT_...; 0: any */
    const teleai_uuid *id_from;  /**< with this id or a higher one, compared byte by byte; best in an order by id */
    const teleai_uuid *id_until; /**< with a lower id than this */
} teleai_analysis_filter;

/**
 * Creates an analysis: a pending one to be worked on, or, with status completed, one that is done already.
 * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (transcription_id, audio_file_id, user_id); usual.
 * Owns: you; free *out with teleai_analysis_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_create(teleai_client *client, const teleai_analysis_input *input,
                                                teleai_analysis **out, teleai_error *error);

/**
 * Creates many analyses in one statement: all of them or, when one is refused, none; error.item tells which input was
 * at fault. With options->keep_good the good ones, and options->errors says what became of each. The records come
 * back in the order of the inputs.
 * Returns: OK, ALREADY_EXISTS (id), PARENT_NOT_FOUND (transcription_id, audio_file_id, user_id); usual.
 * Owns: you; free *out with teleai_analyses_free().
 * Blocks: one round trip; keep_good: several, when some are bad.
 */
TELEAI_API teleai_status teleai_analysis_create_many(teleai_client *client, const teleai_analysis_input *inputs,
                                                     size_t count, const teleai_create_many_options *options,
                                                     teleai_analyses **out, teleai_error *error);

/**
 * Reads one analysis.
 * Returns: OK, NOT_FOUND; usual.
 * Owns: you; free *out with teleai_analysis_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_get(teleai_client *client, const teleai_uuid *id, teleai_analysis **out,
                                             teleai_error *error);

/**
 * Reads many analyses in one statement. items[i] belongs to ids[i] and is NULL where there is no such row.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_analyses_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                                  teleai_analyses **out, teleai_error *error);

/**
 * Changes the fields of an analysis that `fields` names (TELEAI_ANALYSIS_FIELD_... bits), and no others.
 * The status is changed by start, complete and fail.
 * Returns: OK, NOT_FOUND, CONFLICT (changed since); usual.
 * Owns: you; free *out with teleai_analysis_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_update(teleai_client *client, const teleai_uuid *id,
                                                const teleai_analysis_input *input, uint64_t fields,
                                                const teleai_update_options *options, teleai_analysis **out,
                                                teleai_error *error);

/**
 * Deletes an analysis.
 * Returns: OK, NOT_FOUND; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error);

/**
 * Lists analyses; a NULL filter lists all. With transcription_id: those of that transcription.
 * Returns: OK; usual.
 * Owns: you; free *out with teleai_analyses_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_list(teleai_client *client, const teleai_analysis_filter *filter,
                                              const teleai_page *page, teleai_analyses **out, teleai_error *error);

/**
 * Lists analyses piece by piece, however many there are: see teleai_stream.
 * Returns: OK; usual.
 * Owns: you; teleai_stream_close() it.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_stream(teleai_client *client, const teleai_analysis_filter *filter,
                                                const teleai_page *page, teleai_stream **out, teleai_error *error);

/**
 * The next piece; at the end OK with *out NULL.
 * Returns: OK, INVALID_ARGUMENT (the stream is of another noun), CLOSED (it has failed before); usual.
 * Owns: you; free *out with teleai_analyses_free().
 * Blocks: until the piece is there; mostly it is.
 */
TELEAI_API teleai_status teleai_analysis_stream_next(teleai_stream *stream, teleai_analyses **out, teleai_error *error);

/**
 * Counts the analyses that a filter lets through; NULL counts all.
 * Returns: OK; usual.
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_count(teleai_client *client, const teleai_analysis_filter *filter,
                                               int64_t *out, teleai_error *error);

/**
 * Marks an analysis as being worked on: pending or failed -> processing. Sets processing_started_at, clears the rest of
 * an earlier try. Of several workers that start the same one at once, one gets OK.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_analysis_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_start(teleai_client *client, const teleai_uuid *id, teleai_analysis **out,
                                               teleai_error *error);

/**
 * Completes an analysis: pending or processing -> completed, in one UPDATE. Takes sentiment, key phrases, entities,
 * topics, summary, insights, engine_version, processing_duration_ms and metadata_json; any other field in the input is
 * INVALID_ARGUMENT. Without a duration the time since the start is taken; without engine_version and metadata_json
 * these stay as they are.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_analysis_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_complete(teleai_client *client, const teleai_uuid *id,
                                                  const teleai_analysis_input *result, teleai_analysis **out,
                                                  teleai_error *error);

/**
 * Marks an analysis as failed: pending or processing -> failed. Sets processing_completed_at and the message, which is
 * required.
 * Returns: OK, NOT_FOUND, CONFLICT (is in another status); usual.
 * Owns: you; free *out with teleai_analysis_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_analysis_fail(teleai_client *client, const teleai_uuid *id, const char *error_message,
                                              teleai_analysis **out, teleai_error *error);

/**
 * Frees an analysis; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_analysis_free(teleai_analysis *analysis);

/**
 * Frees a list with all its records; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_analyses_free(teleai_analyses *list);

#ifdef __cplusplus
}
#endif

#endif
