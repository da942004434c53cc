/* Transcriptions: SQL, columns, fields, functions. */
#include "teleai/transcription.h"

#include <string.h>

#include "api/labels.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/stream.h"
#include "table/table.h"
#include "table/transition.h"
#include "teleai/search.h"

#define COLUMN_LIST(COLUMN)                                                                                  \
    COLUMN(UUID, "audio_file_id", audio_file_id)                                                             \
    COLUMN(UUID, "user_id", user_id)                                                                         \
    COLUMN(BODY, "transcription_text", text, text_bytes)                                                     \
    COLUMN(TEXT, "language_code", language_code)                                                             \
    COLUMN(CENTI_OR_NULL, "confidence_score", confidence, has_confidence)                                    \
    COLUMN(INT32_OR_NULL, "word_count", word_count, has_word_count)                                          \
    COLUMN(LABEL, "status", status, teleai__transcription_statuses)                                          \
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

#define RECORD teleai_transcription
static const teleai__column columns[] = {TELEAI__COLUMNS(COLUMN_LIST)};

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_transcription *transcription = record;
    cursor->time_us = transcription->created_at_us;
    cursor->id = transcription->id;
}

static const teleai__row row = {
    .noun = "transcription",
    .size = sizeof(teleai_transcription),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
};

#define INPUT teleai_transcription_input
#define BIT(name) .bit = TELEAI_TRANSCRIPTION_FIELD_##name
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"audio_file_id", "audio_file_id", TELEAI__FIELD_UUID(audio_file_id, TELEAI__REQUIRED)},
    {"user_id", "user_id", TELEAI__FIELD_UUID(user_id, TELEAI__REQUIRED)},
    {"text", "transcription_text", .kind = TELEAI__BODY, .flags = TELEAI__RESULT,
     .offset = TELEAI__IS(INPUT, text, const char *), .beside = TELEAI__IS(INPUT, text_bytes, size_t), BIT(TEXT),
     .absent = "''"},
    {"language_code", "language_code", TELEAI__FIELD_TEXT(language_code, TELEAI__REQUIRED), .least = 2, .most = 10,
     .expected = teleai__language_code_expected, BIT(LANGUAGE_CODE)},
    {"confidence", "confidence_score", TELEAI__FIELD_CENTI(confidence, has_confidence), .flags = TELEAI__RESULT,
     .least = 0, .most = 1, BIT(CONFIDENCE)},
    {"word_count", "word_count", TELEAI__FIELD_INT32(word_count, has_word_count), .flags = TELEAI__RESULT, .least = 0,
     .most = INT32_MAX, BIT(WORD_COUNT)},
    {"status", "status", TELEAI__FIELD_LABEL(status, teleai__transcription_statuses), .absent = "'pending'"},
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

#define INPUT teleai_transcription_filter
static const teleai__field filters[] = {
    {"user_id", "user_id = $?", TELEAI__FIELD_UUID(user_id, TELEAI__OWNER)},
    {"audio_file_id", "audio_file_id = $?", TELEAI__FIELD_UUID(audio_file_id, 0)},
    {"language_code", "language_code = $?", TELEAI__FIELD_TEXT(language_code, 0),
     .expected = teleai__language_code_expected},
    {"engine", "engine = $?", TELEAI__FIELD_TEXT(engine, 0)},
    {"metadata_contains_json", "metadata @> $?", TELEAI__FIELD_JSON(metadata_contains_json, TELEAI__JSON_OBJECT, 0)},
    {"created_from_us", "created_at >= $?", .flags = TELEAI__FROM, TELEAI__FIELD_TIME_OR_ZERO(created_from_us)},
    {"created_until_us", "created_at < $?", .flags = TELEAI__UNTIL, TELEAI__FIELD_TIME_OR_ZERO(created_until_us)},
    {"min_confidence", "confidence_score >= $?", TELEAI__FIELD_CENTI(min_confidence, has_min_confidence), .least = 0,
     .most = 1},
    {"status", "status = $?", TELEAI__FIELD_LABEL(status, teleai__transcription_statuses)},
    {"id_from", "id >= $?", TELEAI__FIELD_UUID(id_from, 0)},
    {"id_until", "id < $?", TELEAI__FIELD_UUID(id_until, 0)},
};
#undef INPUT

static const char start_sql[] = TELEAI__GUARDED_SQL(
    "transcriptions",
    "status = 'processing', processing_started_at = clock_timestamp(), processing_completed_at = null, "
    "processing_duration_ms = null, error_message = null",
    "was in ('pending', 'failed')", COLUMNS);

/* One UPDATE: every further one of a row with text would index the text again. */
static const char complete_sql[] = TELEAI__GUARDED_SQL(
    "transcriptions",
    "status = 'completed', transcription_text = $3, confidence_score = $4, word_count = $5, "
    "engine_version = coalesce($6, engine_version), processing_completed_at = clock_timestamp(), "
    "processing_duration_ms = coalesce($7, " TELEAI__ELAPSED_MS "), metadata = coalesce($8::jsonb, metadata), "
    "error_message = null",
    "was in ('pending', 'processing')", COLUMNS);

static const char fail_sql[] =
    TELEAI__GUARDED_SQL("transcriptions",
                        "status = 'failed', processing_completed_at = clock_timestamp(), error_message = $3, "
                        "processing_duration_ms = " TELEAI__ELAPSED_MS,
                        "was in ('pending', 'processing')", COLUMNS);

/* A text comes with its number of words. */
static void count_words(teleai_transcription_input *input) {
    if (input->text == NULL || input->has_word_count)
        return;
    size_t bytes = input->text_bytes != 0 ? input->text_bytes : strlen(input->text);
    size_t words = teleai__word_count(input->text, bytes);
    input->word_count = words > INT32_MAX ? INT32_MAX : (int32_t)words;
    input->has_word_count = true;
}

static teleai_status prepare(void *copy, uint64_t *set, teleai__arena *arena, teleai_error *error) {
    (void)arena;
    teleai_transcription_input *input = copy;
    bool completes = *set == TELEAI__FIELDS_RESULT ||
                     (*set == TELEAI__FIELDS_NEW && input->status == TELEAI_TRANSCRIPTION_COMPLETED);
    if (input->text == NULL && input->text_bytes != 0)
        return teleai__fail_field(error, "text_bytes", "text_bytes is %zu but text is NULL", input->text_bytes);
    if (input->text == NULL && completes)
        return teleai__fail_field(error, "text", "text is missing; a completed transcription has one");
    if ((*set & TELEAI_TRANSCRIPTION_FIELD_TEXT) == 0)
        return TELEAI_OK;
    if ((*set & TELEAI_TRANSCRIPTION_FIELD_WORD_COUNT) == 0)
        input->has_word_count = false; /* counted anew with the text */
    count_words(input);
    *set |= TELEAI_TRANSCRIPTION_FIELD_WORD_COUNT;
    return TELEAI_OK;
}

static const teleai__table table = {
    .noun = "transcription",
    TELEAI__TABLE_OF_TENANTS("transcription", "transcriptions", COLUMNS, "delete"),
    .row = &row,
    .fields = fields,
    .field_count = TELEAI__COUNT(fields),
    .input_size = sizeof(teleai_transcription_input),
    .filters = filters,
    .filter_count = TELEAI__COUNT(filters),
    .filter_size = sizeof(teleai_transcription_filter),
    .cursor_kind = TELEAI__CURSOR_TRANSCRIPTIONS,
    .prepare = prepare,
};

/* Of a transcription only the text can be too large for the server: for one value, or for the index. */
static teleai_status blame_text(teleai_status status, teleai_error *error) {
    if (status == TELEAI_LIMIT_EXCEEDED && error != NULL && strcmp(error->sqlstate, "53100") != 0)
        memcpy(error->field, "text", sizeof "text");
    return status;
}

teleai_status teleai_transcription_create(teleai_client *client, const teleai_transcription_input *input,
                                          teleai_transcription **out, teleai_error *error) {
    return blame_text(teleai__create(client, &table, input, NULL, out, error), error);
}

teleai_status teleai_transcription_create_many(teleai_client *client, const teleai_transcription_input *inputs,
                                               size_t count, const teleai_create_many_options *options,
                                               teleai_transcriptions **out, teleai_error *error) {
    return blame_text(teleai__create_many(client, &table, inputs, count, options, NULL, out, error), error);
}

teleai_status teleai_transcription_get(teleai_client *client, const teleai_uuid *id, teleai_transcription **out,
                                       teleai_error *error) {
    return teleai__get(client, &table, id, out, error);
}

teleai_status teleai_transcription_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                            teleai_transcriptions **out, teleai_error *error) {
    return teleai__get_many(client, &table, ids, count, out, error);
}

teleai_status teleai_transcription_update(teleai_client *client, const teleai_uuid *id,
                                          const teleai_transcription_input *input, uint64_t fields_set,
                                          const teleai_update_options *options, teleai_transcription **out,
                                          teleai_error *error) {
    return blame_text(teleai__update(client, &table, id, input, fields_set, options, out, error), error);
}

teleai_status teleai_transcription_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error) {
    return teleai__delete(client, &table, id, error);
}

teleai_status teleai_transcription_list(teleai_client *client, const teleai_transcription_filter *filter,
                                        const teleai_page *page, teleai_transcriptions **out, teleai_error *error) {
    return teleai__list_page(client, &table, filter, page, out, error);
}

teleai_status teleai_transcription_stream(teleai_client *client, const teleai_transcription_filter *filter,
                                          const teleai_page *page, teleai_stream **out, teleai_error *error) {
    return teleai__list_stream(client, &table, filter, page, out, error);
}

teleai_status teleai_transcription_stream_next(teleai_stream *stream, teleai_transcriptions **out,
                                               teleai_error *error) {
    return teleai__stream_next(stream, &table, out, error);
}

teleai_status teleai_transcription_count(teleai_client *client, const teleai_transcription_filter *filter, int64_t *out,
                                         teleai_error *error) {
    return teleai__count(client, &table, filter, out, error);
}

teleai_status teleai_transcription_start(teleai_client *client, const teleai_uuid *id, teleai_transcription **out,
                                         teleai_error *error) {
    return teleai__transition(client, &table, "transcription_start", start_sql, id, "cannot be started", out, error);
}

teleai_status teleai_transcription_complete(teleai_client *client, const teleai_uuid *id,
                                            const teleai_transcription_input *result, teleai_transcription **out,
                                            teleai_error *error) {
    return blame_text(teleai__complete(client, &table, "transcription_complete", complete_sql, id, result, out, error),
                      error);
}

teleai_status teleai_transcription_fail(teleai_client *client, const teleai_uuid *id, const char *error_message,
                                        teleai_transcription **out, teleai_error *error) {
    return teleai__transition_fail(client, &table, "transcription_fail", fail_sql, id, error_message, out, error);
}

void teleai_transcription_free(teleai_transcription *transcription) { teleai__arena_free(transcription); }

teleai_status teleai_transcriptions_to_arrow(const teleai_transcriptions *list, struct ArrowSchema *schema,
                                             struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_transcriptions_free(teleai_transcriptions *list) { teleai__arena_free(list); }

teleai_status teleai_search_keywords(teleai_client *client, const char *words, const teleai_page *page,
                                     teleai_transcriptions **out, teleai_error *error) {
    teleai__forget_out(out);
    teleai__page with;
    teleai_status status = teleai__text_check("words", words, 1, 0, error);
    if (status == TELEAI_OK && strlen(words) > 4096)
        status = teleai__fail_field(error, "words", "words has %zu bytes; at most 4096 were expected", strlen(words));
    if (status == TELEAI_OK)
        status = teleai__page_read_by_time(page, TELEAI__CURSOR_KEYWORDS, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    teleai__params_add(&params, teleai__value_text(words, strlen(words)), TELEAI__OID_TEXT);
    int limit = teleai__params_add(&params, teleai__value_int8(with.limit + 1, teleai__params_scratch(&params)),
                                   TELEAI__OID_INT8);
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__sql_init(&sql, text, sizeof text);
    teleai__sql_add(&sql, "select " COLUMNS "\n"
                          "  from transcriptions\n"
                          " where (tenant_id = $1) is true\n" /* see search.c */
                          "   and ");
    teleai__sql_add(
        &sql, teleai__client_is_secured(client)
                  ? "id in (select m.id from teleai_search(plainto_tsquery('english', $2)) m where m.tenant_id = $1)"
                  : "to_tsvector('english', transcription_text) @@ plainto_tsquery('english', $2)\n"
                    "   and teleai_by_index(id) is not null");
    sql.has_condition = true;
    teleai__page_add(&with, &sql, &params, "created_at", "id", limit);
    /* Planned each time: without seeing the words the planner cannot tell a rare one from a common one. */
    teleai__operation operation = teleai__operation_of(&table, "search_keywords", sql.text, &params);
    operation.statement.key = NULL;
    operation.repeatable = true;
    operation.decode = teleai__decode_list;
    operation.limit = with.limit;
    operation.cursor_kind = with.cursor_kind;
    operation.out = out;
    return teleai__run(client, &operation, error);
}
