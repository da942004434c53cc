/* Analyses: SQL, columns, fields, functions. */
#include "teleai/analysis.h"

#include <string.h>

#include "api/analysis_json.h"
#include "api/labels.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/stream.h"
#include "table/table.h"
#include "table/transition.h"
#include "wire/result.h"

static const char *const sentiments[] = {"positive", "negative", "neutral", "mixed"};
static const teleai__labels sentiment_labels = TELEAI__LABELS("text", sentiments);

#define COLUMN_LIST(COLUMN)                                                                                  \
    COLUMN(UUID, "transcription_id", transcription_id)                                                       \
    COLUMN(UUID, "audio_file_id", audio_file_id)                                                             \
    COLUMN(UUID, "user_id", user_id)                                                                         \
    COLUMN(TEXT, "analysis_type", analysis_type)                                                             \
    COLUMN(CENTI_OR_NULL, "sentiment_score", sentiment_score, has_sentiment_score)                           \
    COLUMN(LABEL_OR_NULL, "sentiment_label", sentiment_label, sentiment_labels)                              \
    COLUMN(PHRASES, "key_phrases", key_phrases, key_phrase_count)                                            \
    COLUMN(JSON, "entities", entities_json)                                                                  \
    COLUMN(JSON, "topics", topics_json)                                                                      \
    COLUMN(TEXT_OR_NULL, "summary", summary)                                                                 \
    COLUMN(JSON, "insights", insights_json)                                                                  \
    COLUMN(LABEL, "status", status, teleai__analysis_statuses)                                               \
    COLUMN(TEXT, "engine", engine)                                                                           \
    COLUMN(TEXT_OR_NULL, "engine_version", engine_version)                                                   \
    COLUMN(TIME_OR_NULL, "processing_started_at", processing_started_at_us, has_processing_started_at)       \
    COLUMN(TIME_OR_NULL, "processing_completed_at", processing_completed_at_us, has_processing_completed_at) \
    COLUMN(INT32_OR_NULL, "processing_duration_ms", processing_duration_ms, has_processing_duration)         \
    COLUMN(TEXT_OR_NULL, "error_message", error_message)                                                     \
    COLUMN(JSON, "metadata", metadata_json)                                                                  \
    COLUMN(TIME, "created_at", created_at_us)                                                                \
    COLUMN(TIME, "updated_at", updated_at_us)
#define COLUMNS TELEAI__COLUMN_NAMES(COLUMN_LIST)

const char *teleai_sentiment_name(int32_t sentiment) { return teleai__label_name(&sentiment_labels, sentiment); }

const char *teleai_analysis_status_name(int32_t status) {
    return teleai__label_name(&teleai__analysis_statuses, status);
}

#define RECORD teleai_analysis
static const teleai__column columns[] = {TELEAI__COLUMNS(COLUMN_LIST)};
#define KEY_PHRASES_COLUMN 7

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_analysis *analysis = record;
    cursor->time_us = analysis->created_at_us;
    cursor->id = analysis->id;
}

/* A text[] in binary: dimensions, whether there are NULLs, element type; length and lower bound of each dimension; then
 * each element's length (-1: NULL) and bytes. An element is followed by the next one's length, never by a NUL: it is
 * copied. More than one dimension is read row by row. */
#define MOST_DIMENSIONS 6 /* of the server's arrays */

/* SCHEMA_MISMATCH: it is no array of texts. */
static teleai_status read_phrases(teleai__arena *arena, teleai_analysis *analysis, const char *bytes, size_t size) {
    static const char *const none[] = {NULL};
    analysis->key_phrases = none;
    int32_t dimensions = size >= 12 ? (int32_t)teleai__take32(bytes) : -1;
    if (dimensions == 0)
        return TELEAI_OK;
    if (dimensions < 0 || dimensions > MOST_DIMENSIONS || size < 12 + 8 * (size_t)dimensions)
        return TELEAI_SCHEMA_MISMATCH;
    uint64_t count = 1;
    for (int32_t i = 0; i < dimensions; i++)
        if (__builtin_mul_overflow(count, (uint64_t)teleai__take32(bytes + 12 + 8 * i), &count))
            return TELEAI_SCHEMA_MISMATCH;
    size_t at = 12 + 8 * (size_t)dimensions;
    if (count > size / 4)
        return TELEAI_SCHEMA_MISMATCH;
    const char **phrases = teleai__arena_alloc(arena, (size_t)count * sizeof *phrases);
    if (phrases == NULL)
        return TELEAI_OUT_OF_MEMORY;
    for (uint64_t i = 0; i < count; i++) {
        if (size - at < 4)
            return TELEAI_SCHEMA_MISMATCH;
        uint32_t length = teleai__take32(bytes + at);
        at += 4;
        if (length == UINT32_MAX)
            continue;
        size_t characters, bad;
        if (length > size - at || !teleai__utf8_check(bytes + at, length, &characters, &bad))
            return TELEAI_SCHEMA_MISMATCH;
        phrases[i] = teleai__arena_text(arena, bytes + at, length);
        if (phrases[i] == NULL)
            return TELEAI_OUT_OF_MEMORY;
        at += length;
    }
    analysis->key_phrases = phrases;
    analysis->key_phrase_count = (size_t)count;
    return at == size ? TELEAI_OK : TELEAI_SCHEMA_MISMATCH;
}

static teleai_status finish(teleai__arena *arena, void *record, const PGresult *result, int at, int first_column,
                            int *wrong) {
    teleai_analysis *analysis = record;
    teleai__cell phrases = teleai__answer_cell(result, at, first_column + KEY_PHRASES_COLUMN);
    if (phrases.bytes != NULL) {
        *wrong = KEY_PHRASES_COLUMN;
        teleai_status status = read_phrases(arena, analysis, phrases.bytes, (size_t)phrases.length);
        if (status != TELEAI_OK)
            return status;
        if (!teleai__phrases_write_json(analysis->key_phrases, analysis->key_phrase_count, arena,
                                        &analysis->key_phrases_json))
            return TELEAI_OUT_OF_MEMORY;
    }
    bool fine = teleai__entities_read(analysis->entities_json, arena, &analysis->entities, &analysis->entity_count) &&
                teleai__topics_read(analysis->topics_json, arena, &analysis->topics, &analysis->topic_count);
    return fine ? TELEAI_OK : TELEAI_OUT_OF_MEMORY;
}

static const teleai__row row = {
    .noun = "analysis",
    .size = sizeof(teleai_analysis),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
    .finish = finish,
};

/* key_phrases_json holds the literal of a text[] once prepare() has been there. */
#define INPUT teleai_analysis_input
#define BIT(name) .bit = TELEAI_ANALYSIS_FIELD_##name
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"transcription_id", "transcription_id", TELEAI__FIELD_UUID(transcription_id, TELEAI__REQUIRED)},
    {"audio_file_id", "audio_file_id", TELEAI__FIELD_UUID(audio_file_id, TELEAI__REQUIRED)},
    {"user_id", "user_id", TELEAI__FIELD_UUID(user_id, TELEAI__REQUIRED)},
    {"analysis_type", "analysis_type", TELEAI__FIELD_TEXT(analysis_type, TELEAI__REQUIRED), .least = 1, .most = 100},
    {"sentiment_score", "sentiment_score", TELEAI__FIELD_CENTI(sentiment_score, has_sentiment_score),
     .flags = TELEAI__RESULT, .least = -1, .most = 1, BIT(SENTIMENT_SCORE)},
    {"sentiment_label", "sentiment_label", TELEAI__FIELD_LABEL(sentiment_label, sentiment_labels),
     .flags = TELEAI__RESULT, BIT(SENTIMENT_LABEL)},
    {"key_phrases_json", "key_phrases", .kind = TELEAI__TEXTS, .flags = TELEAI__RESULT,
     .offset = TELEAI__IS(INPUT, key_phrases_json, const char *), BIT(KEY_PHRASES)},
    {"entities_json", "entities", TELEAI__FIELD_JSON(entities_json, TELEAI__JSON_ARRAY, TELEAI__RESULT), BIT(ENTITIES),
     .absent = "'[]'::jsonb"},
    {"topics_json", "topics", TELEAI__FIELD_JSON(topics_json, TELEAI__JSON_ARRAY, TELEAI__RESULT), BIT(TOPICS),
     .absent = "'[]'::jsonb"},
    {"summary", "summary", TELEAI__FIELD_TEXT(summary, TELEAI__RESULT), BIT(SUMMARY)},
    {"insights_json", "insights", TELEAI__FIELD_JSON(insights_json, TELEAI__JSON_OBJECT, TELEAI__RESULT), BIT(INSIGHTS),
     .absent = "'{}'::jsonb"},
    {"status", "status", TELEAI__FIELD_LABEL(status, teleai__analysis_statuses), .absent = "'pending'"},
    {"engine", "engine", TELEAI__FIELD_TEXT(engine, TELEAI__REQUIRED), .least = 1, .most = 50, BIT(ENGINE)},
    {"engine_version", "engine_version", TELEAI__FIELD_TEXT(engine_version, TELEAI__RESULT), .most = 20,
     BIT(ENGINE_VERSION)},
    {"processing_started_at_us", "processing_started_at",
     TELEAI__FIELD_TIME(processing_started_at_us, has_processing_started_at)},
    {"processing_completed_at_us", "processing_completed_at",
     TELEAI__FIELD_TIME(processing_completed_at_us, has_processing_completed_at)},
    {"processing_duration_ms", "processing_duration_ms",
     TELEAI__FIELD_INT32(processing_duration_ms, has_processing_duration), .flags = TELEAI__RESULT, .least = 1,
     .most = INT32_MAX},
    {"error_message", "error_message", TELEAI__FIELD_TEXT(error_message, 0)},
    {"metadata_json", "metadata", TELEAI__FIELD_JSON(metadata_json, TELEAI__JSON_OBJECT, TELEAI__RESULT), BIT(METADATA),
     .absent = "'{}'::jsonb"},
};
#undef BIT
#undef INPUT

#define INPUT teleai_analysis_filter
static const teleai__field filters[] = {
    {"user_id", "user_id = $?", TELEAI__FIELD_UUID(user_id, TELEAI__OWNER)},
    {"audio_file_id", "audio_file_id = $?", TELEAI__FIELD_UUID(audio_file_id, 0)},
    {"transcription_id", "transcription_id = $?", TELEAI__FIELD_UUID(transcription_id, 0)},
    {"analysis_type", "analysis_type = $?", TELEAI__FIELD_TEXT(analysis_type, 0)},
    {"engine", "engine = $?", TELEAI__FIELD_TEXT(engine, 0)},
    {"metadata_contains_json", "metadata @> $?", TELEAI__FIELD_JSON(metadata_contains_json, TELEAI__JSON_OBJECT, 0)},
    {"entities_contains_json", "entities @> $?", TELEAI__FIELD_JSON(entities_contains_json, TELEAI__JSON_ARRAY, 0)},
    {"topics_contains_json", "topics @> $?", TELEAI__FIELD_JSON(topics_contains_json, TELEAI__JSON_ARRAY, 0)},
    {"insights_contains_json", "insights @> $?", TELEAI__FIELD_JSON(insights_contains_json, TELEAI__JSON_OBJECT, 0)},
    {"created_from_us", "created_at >= $?", .flags = TELEAI__FROM, TELEAI__FIELD_TIME_OR_ZERO(created_from_us)},
    {"created_until_us", "created_at < $?", .flags = TELEAI__UNTIL, TELEAI__FIELD_TIME_OR_ZERO(created_until_us)},
    {"status", "status = $?", TELEAI__FIELD_LABEL(status, teleai__analysis_statuses)},
    {"sentiment_label", "sentiment_label = $?", TELEAI__FIELD_LABEL(sentiment_label, sentiment_labels)},
    {"id_from", "id >= $?", TELEAI__FIELD_UUID(id_from, 0)},
    {"id_until", "id < $?", TELEAI__FIELD_UUID(id_until, 0)},
};
#undef INPUT

static const char start_sql[] = TELEAI__GUARDED_SQL(
    "analyses",
    "status = 'processing', processing_started_at = clock_timestamp(), processing_completed_at = null, "
    "processing_duration_ms = null, error_message = null",
    "was in ('pending', 'failed')", COLUMNS);

static const char complete_sql[] = TELEAI__GUARDED_SQL(
    "analyses",
    "status = 'completed', sentiment_score = $3, sentiment_label = $4, key_phrases = $5, "
    "entities = coalesce($6::jsonb, '[]'), topics = coalesce($7::jsonb, '[]'), summary = $8, "
    "insights = coalesce($9::jsonb, '{}'), engine_version = coalesce($10, engine_version), "
    "processing_completed_at = clock_timestamp(), processing_duration_ms = coalesce($11, " TELEAI__ELAPSED_MS "), "
    "metadata = coalesce($12::jsonb, metadata), error_message = null",
    "was in ('pending', 'processing')", COLUMNS);

static const char fail_sql[] =
    TELEAI__GUARDED_SQL("analyses",
                        "status = 'failed', processing_completed_at = clock_timestamp(), error_message = $3, "
                        "processing_duration_ms = " TELEAI__ELAPSED_MS,
                        "was in ('pending', 'processing')", COLUMNS);

static teleai_status check_once(const char *field, bool typed, const char *json, size_t count, teleai_error *error) {
    if (typed && json != NULL)
        return teleai__fail_field(error, field, "%s is given typed and as JSON; one of the two was expected", field);
    if (!typed && count != 0)
        return teleai__fail_field(error, field, "%s is NULL but its count is %zu", field, count);
    return TELEAI_OK;
}

/* What is given typed becomes what the server takes. */
static teleai_status prepare(void *copy, uint64_t *set, teleai__arena *arena, teleai_error *error) {
    (void)set;
    teleai_analysis_input *input = copy;
    teleai_status status =
        check_once("key_phrases", input->key_phrases != NULL, input->key_phrases_json, input->key_phrase_count, error);
    if (status == TELEAI_OK)
        status = check_once("entities", input->entities != NULL, input->entities_json, input->entity_count, error);
    if (status == TELEAI_OK)
        status = check_once("topics", input->topics != NULL, input->topics_json, input->topic_count, error);
    if (status == TELEAI_OK && input->key_phrases != NULL)
        status = teleai__phrases_write_literal(input->key_phrases, input->key_phrase_count, arena,
                                               &input->key_phrases_json, error);
    else if (status == TELEAI_OK && input->key_phrases_json != NULL)
        status = teleai__phrases_read_json(input->key_phrases_json, arena, &input->key_phrases_json, error);
    if (status == TELEAI_OK && input->entities != NULL)
        status = teleai__entities_write(input->entities, input->entity_count, arena, &input->entities_json, error);
    if (status == TELEAI_OK && input->topics != NULL)
        status = teleai__topics_write(input->topics, input->topic_count, arena, &input->topics_json, error);
    return status;
}

static const teleai__table table = {
    .noun = "analysis",
    TELEAI__TABLE_OF_TENANTS("analysis", "analyses", COLUMNS, "delete"),
    .row = &row,
    .fields = fields,
    .field_count = TELEAI__COUNT(fields),
    .input_size = sizeof(teleai_analysis_input),
    .filters = filters,
    .filter_count = TELEAI__COUNT(filters),
    .filter_size = sizeof(teleai_analysis_filter),
    .cursor_kind = TELEAI__CURSOR_ANALYSES,
    .prepare = prepare,
};

teleai_status teleai_analysis_create(teleai_client *client, const teleai_analysis_input *input, teleai_analysis **out,
                                     teleai_error *error) {
    return teleai__create(client, &table, input, NULL, out, error);
}

teleai_status teleai_analysis_create_many(teleai_client *client, const teleai_analysis_input *inputs, size_t count,
                                          const teleai_create_many_options *options, teleai_analyses **out,
                                          teleai_error *error) {
    return teleai__create_many(client, &table, inputs, count, options, NULL, out, error);
}

teleai_status teleai_analysis_get(teleai_client *client, const teleai_uuid *id, teleai_analysis **out,
                                  teleai_error *error) {
    return teleai__get(client, &table, id, out, error);
}

teleai_status teleai_analysis_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                       teleai_analyses **out, teleai_error *error) {
    return teleai__get_many(client, &table, ids, count, out, error);
}

teleai_status teleai_analysis_update(teleai_client *client, const teleai_uuid *id, const teleai_analysis_input *input,
                                     uint64_t fields_set, const teleai_update_options *options, teleai_analysis **out,
                                     teleai_error *error) {
    return teleai__update(client, &table, id, input, fields_set, options, out, error);
}

teleai_status teleai_analysis_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error) {
    return teleai__delete(client, &table, id, error);
}

teleai_status teleai_analysis_list(teleai_client *client, const teleai_analysis_filter *filter, const teleai_page *page,
                                   teleai_analyses **out, teleai_error *error) {
    return teleai__list_page(client, &table, filter, page, out, error);
}

teleai_status teleai_analysis_stream(teleai_client *client, const teleai_analysis_filter *filter,
                                     const teleai_page *page, teleai_stream **out, teleai_error *error) {
    return teleai__list_stream(client, &table, filter, page, out, error);
}

teleai_status teleai_analysis_stream_next(teleai_stream *stream, teleai_analyses **out, teleai_error *error) {
    return teleai__stream_next(stream, &table, out, error);
}

teleai_status teleai_analysis_count(teleai_client *client, const teleai_analysis_filter *filter, int64_t *out,
                                    teleai_error *error) {
    return teleai__count(client, &table, filter, out, error);
}

teleai_status teleai_analysis_start(teleai_client *client, const teleai_uuid *id, teleai_analysis **out,
                                    teleai_error *error) {
    return teleai__transition(client, &table, "analysis_start", start_sql, id, "cannot be started", out, error);
}

teleai_status teleai_analysis_complete(teleai_client *client, const teleai_uuid *id,
                                       const teleai_analysis_input *result, teleai_analysis **out,
                                       teleai_error *error) {
    return teleai__complete(client, &table, "analysis_complete", complete_sql, id, result, out, error);
}

teleai_status teleai_analysis_fail(teleai_client *client, const teleai_uuid *id, const char *error_message,
                                   teleai_analysis **out, teleai_error *error) {
    return teleai__transition_fail(client, &table, "analysis_fail", fail_sql, id, error_message, out, error);
}

void teleai_analysis_free(teleai_analysis *analysis) { teleai__arena_free(analysis); }

teleai_status teleai_analyses_to_arrow(const teleai_analyses *list, struct ArrowSchema *schema,
                                       struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_analyses_free(teleai_analyses *list) { teleai__arena_free(list); }
