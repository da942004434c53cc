/* Audio files: SQL, columns, fields, functions. */
#include "teleai/audio_file.h"

#include "api/labels.h"
#include "base/json.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/stream.h"
#include "table/table.h"
#include "table/transition.h"

#define COLUMN_LIST(COLUMN)                                                                                  \
    COLUMN(UUID, "user_id", user_id)                                                                         \
    COLUMN(TEXT, "file_name", file_name)                                                                     \
    COLUMN(TEXT, "file_path", file_path)                                                                     \
    COLUMN(COUNT, "file_size_bytes", file_size_bytes)                                                        \
    COLUMN(SECONDS_OR_NULL, "duration_seconds", duration_ms, has_duration)                                   \
    COLUMN(TEXT, "mime_type", mime_type)                                                                     \
    COLUMN(INT32_OR_NULL, "sample_rate", sample_rate_hz, has_sample_rate)                                    \
    COLUMN(INT32_OR_NULL, "channels", channels, has_channels)                                                \
    COLUMN(INT32_OR_NULL, "bit_rate", bit_rate_bps, has_bit_rate)                                            \
    COLUMN(LABEL, "status", status, teleai__audio_file_statuses)                                             \
    COLUMN(TIME_OR_NULL, "upload_completed_at", upload_completed_at_us, has_upload_completed_at)             \
    COLUMN(TIME_OR_NULL, "processing_started_at", processing_started_at_us, has_processing_started_at)       \
    COLUMN(TIME_OR_NULL, "processing_completed_at", processing_completed_at_us, has_processing_completed_at) \
    COLUMN(TEXT_OR_NULL, "error_message", error_message)                                                     \
    COLUMN(JSON, "metadata", metadata_json)                                                                  \
    COLUMN(TIME, "created_at", created_at_us)                                                                \
    COLUMN(TIME, "updated_at", updated_at_us)
#define COLUMNS TELEAI__COLUMN_NAMES(COLUMN_LIST)

#define RECORD teleai_audio_file
static const teleai__column columns[] = {TELEAI__COLUMNS(COLUMN_LIST)};

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_audio_file *file = record;
    cursor->time_us = file->created_at_us;
    cursor->id = file->id;
}

static const teleai__row row = {
    .noun = "audio file",
    .size = sizeof(teleai_audio_file),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
};

/* 2^53 - 1, some 9 PB: what JSON, Arrow's floats and all languages hold to the byte, more than any store keeps in one file,
 * and little enough that a thousand of them can be added up. */
#define MOST_FILE_BYTES ((INT64_C(1) << 53) - 1)

#define INPUT teleai_audio_file_input
#define BIT(name) .bit = TELEAI_AUDIO_FILE_FIELD_##name
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"user_id", "user_id", TELEAI__FIELD_UUID(user_id, TELEAI__REQUIRED)},
    {"file_name", "file_name", TELEAI__FIELD_TEXT(file_name, TELEAI__REQUIRED), .least = 1, .most = 500,
     BIT(FILE_NAME)},
    {"file_path", "file_path", TELEAI__FIELD_TEXT(file_path, TELEAI__REQUIRED), .least = 1, BIT(FILE_PATH)},
    {"file_size_bytes", "file_size_bytes", .kind = TELEAI__INT64, .flags = TELEAI__REQUIRED,
     .offset = TELEAI__IS(INPUT, file_size_bytes, int64_t), .least = 1, .most = MOST_FILE_BYTES, BIT(FILE_SIZE)},
    {"duration_ms", "duration_seconds", TELEAI__FIELD_SECONDS(duration_ms, has_duration), .least = 5,
     .most = 99999999990, BIT(DURATION)},
    {"mime_type", "mime_type", TELEAI__FIELD_TEXT(mime_type, TELEAI__REQUIRED), .least = 1, .most = 100,
     .expected = teleai__mime_type_expected, .canonical = teleai__mime_type, BIT(MIME_TYPE)},
    {"sample_rate_hz", "sample_rate", TELEAI__FIELD_INT32(sample_rate_hz, has_sample_rate), .least = 1,
     .most = INT32_MAX, BIT(SAMPLE_RATE)},
    {"channels", "channels", TELEAI__FIELD_INT32(channels, has_channels), .least = 1, .most = INT32_MAX, BIT(CHANNELS)},
    {"bit_rate_bps", "bit_rate", TELEAI__FIELD_INT32(bit_rate_bps, has_bit_rate), .least = 1, .most = INT32_MAX,
     BIT(BIT_RATE)},
    {"status", "status", TELEAI__FIELD_LABEL(status, teleai__audio_file_statuses), .absent = "'uploaded'"},
    {"upload_completed_at_us", "upload_completed_at",
     TELEAI__FIELD_TIME(upload_completed_at_us, has_upload_completed_at), BIT(UPLOAD_COMPLETED_AT)},
    {"processing_started_at_us", "processing_started_at",
     TELEAI__FIELD_TIME(processing_started_at_us, has_processing_started_at)},
    {"processing_completed_at_us", "processing_completed_at",
     TELEAI__FIELD_TIME(processing_completed_at_us, has_processing_completed_at)},
    {"error_message", "error_message", TELEAI__FIELD_TEXT(error_message, 0)},
    {"metadata_json", "metadata", TELEAI__FIELD_JSON(metadata_json, TELEAI__JSON_OBJECT, 0), BIT(METADATA),
     .absent = "'{}'::jsonb"},
};
#undef BIT
#undef INPUT

#define INPUT teleai_audio_file_filter
static const teleai__field filters[] = {
    {"user_id", "user_id = $?", TELEAI__FIELD_UUID(user_id, TELEAI__OWNER)},
    {"mime_type", "mime_type = $?", TELEAI__FIELD_TEXT(mime_type, 0), .expected = teleai__mime_type_expected,
     .canonical = teleai__mime_type},
    {"metadata_contains_json", "metadata @> $?", TELEAI__FIELD_JSON(metadata_contains_json, TELEAI__JSON_OBJECT, 0)},
    {"created_from_us", "created_at >= $?", .flags = TELEAI__FROM, TELEAI__FIELD_TIME_OR_ZERO(created_from_us)},
    {"created_until_us", "created_at < $?", .flags = TELEAI__UNTIL, TELEAI__FIELD_TIME_OR_ZERO(created_until_us)},
    {"status", "status = $?", TELEAI__FIELD_LABEL(status, teleai__audio_file_statuses)},
    {"id_from", "id >= $?", TELEAI__FIELD_UUID(id_from, 0)},
    {"id_until", "id < $?", TELEAI__FIELD_UUID(id_until, 0)},
    {"file_name", "lower(file_name) = lower($?)", TELEAI__FIELD_TEXT(file_name, 0)},
    {"file_path", "file_path = $?", TELEAI__FIELD_TEXT(file_path, 0)},
};
#undef INPUT

static const char start_sql[] = TELEAI__GUARDED_SQL(
    "audio_files",
    "status = 'processing', processing_started_at = clock_timestamp(), processing_completed_at = null, "
    "error_message = null",
    "was in ('uploaded', 'error')", COLUMNS);

static const char complete_sql[] = TELEAI__GUARDED_SQL(
    "audio_files", "status = 'ready', processing_completed_at = clock_timestamp()", "was = 'processing'", COLUMNS);

static const char fail_sql[] = TELEAI__GUARDED_SQL(
    "audio_files", "status = 'error', processing_completed_at = clock_timestamp(), error_message = $3",
    "was in ('uploaded', 'processing')", COLUMNS);

static const teleai__table table = {
    .noun = "audio file",
    TELEAI__TABLE_OF_TENANTS("audio_file", "audio_files", COLUMNS, "delete"),
    .row = &row,
    .fields = fields,
    .field_count = TELEAI__COUNT(fields),
    .input_size = sizeof(teleai_audio_file_input),
    .filters = filters,
    .filter_count = TELEAI__COUNT(filters),
    .filter_size = sizeof(teleai_audio_file_filter),
    .cursor_kind = TELEAI__CURSOR_AUDIO_FILES,
};

teleai_status teleai_audio_file_create(teleai_client *client, const teleai_audio_file_input *input,
                                       teleai_audio_file **out, teleai_error *error) {
    return teleai__create(client, &table, input, NULL, out, error);
}

teleai_status teleai_audio_file_create_many(teleai_client *client, const teleai_audio_file_input *inputs, size_t count,
                                            const teleai_create_many_options *options, teleai_audio_files **out,
                                            teleai_error *error) {
    return teleai__create_many(client, &table, inputs, count, options, NULL, out, error);
}

teleai_status teleai_audio_file_get(teleai_client *client, const teleai_uuid *id, teleai_audio_file **out,
                                    teleai_error *error) {
    return teleai__get(client, &table, id, out, error);
}

teleai_status teleai_audio_file_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                         teleai_audio_files **out, teleai_error *error) {
    return teleai__get_many(client, &table, ids, count, out, error);
}

teleai_status teleai_audio_file_update(teleai_client *client, const teleai_uuid *id,
                                       const teleai_audio_file_input *input, uint64_t fields_set,
                                       const teleai_update_options *options, teleai_audio_file **out,
                                       teleai_error *error) {
    return teleai__update(client, &table, id, input, fields_set, options, out, error);
}

teleai_status teleai_audio_file_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error) {
    return teleai__delete(client, &table, id, error);
}

teleai_status teleai_audio_file_list(teleai_client *client, const teleai_audio_file_filter *filter,
                                     const teleai_page *page, teleai_audio_files **out, teleai_error *error) {
    return teleai__list_page(client, &table, filter, page, out, error);
}

teleai_status teleai_audio_file_stream(teleai_client *client, const teleai_audio_file_filter *filter,
                                       const teleai_page *page, teleai_stream **out, teleai_error *error) {
    return teleai__list_stream(client, &table, filter, page, out, error);
}

teleai_status teleai_audio_file_stream_next(teleai_stream *stream, teleai_audio_files **out, teleai_error *error) {
    return teleai__stream_next(stream, &table, out, error);
}

teleai_status teleai_audio_file_count(teleai_client *client, const teleai_audio_file_filter *filter, int64_t *out,
                                      teleai_error *error) {
    return teleai__count(client, &table, filter, out, error);
}

teleai_status teleai_audio_file_start(teleai_client *client, const teleai_uuid *id, teleai_audio_file **out,
                                      teleai_error *error) {
    return teleai__transition(client, &table, "audio_file_start", start_sql, id, "cannot be started", out, error);
}

teleai_status teleai_audio_file_complete(teleai_client *client, const teleai_uuid *id, teleai_audio_file **out,
                                         teleai_error *error) {
    return teleai__transition(client, &table, "audio_file_complete", complete_sql, id, "cannot be completed", out,
                              error);
}

teleai_status teleai_audio_file_fail(teleai_client *client, const teleai_uuid *id, const char *error_message,
                                     teleai_audio_file **out, teleai_error *error) {
    return teleai__transition_fail(client, &table, "audio_file_fail", fail_sql, id, error_message, out, error);
}

void teleai_audio_file_free(teleai_audio_file *file) { teleai__arena_free(file); }

teleai_status teleai_audio_files_to_arrow(const teleai_audio_files *list, struct ArrowSchema *schema,
                                          struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_audio_files_free(teleai_audio_files *list) { teleai__arena_free(list); }
