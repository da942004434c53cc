/* Lists as columns: looked at as somebody would who knows the Arrow C data interface and nothing of this library. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "record/arrow.h"
#include "teleai.h"

static struct ArrowSchema schema;
static struct ArrowArray array;
static teleai_error error;

static void release_all(void) {
    if (array.release != NULL)
        array.release(&array);
    if (schema.release != NULL)
        schema.release(&schema);
}

/* ---- a reader of the format ---- */

static int64_t child(const char *name) {
    int64_t i = 0;
    while (i < schema.n_children && strcmp(schema.children[i]->name, name) != 0)
        i++;
    cr_assert(i < schema.n_children, "no column %s", name);
    return i;
}

static bool has(const struct ArrowArray *it, int64_t row) {
    const uint8_t *bits = it->buffers[0];
    return bits == NULL || bits[row / 8] >> row % 8 & 1;
}

static const char *text_of(const struct ArrowArray *it, const char *format, int64_t row) {
    static char text[4][200];
    static int turn;
    int64_t from, to;
    if (!has(it, row))
        return NULL;
    if (strcmp(format, "U") == 0) {
        from = ((const int64_t *)it->buffers[1])[row];
        to = ((const int64_t *)it->buffers[1])[row + 1];
    } else {
        cr_assert_str_eq(format, "u");
        from = ((const int32_t *)it->buffers[1])[row];
        to = ((const int32_t *)it->buffers[1])[row + 1];
    }
    char *out = text[turn++ % 4];
    cr_assert(from <= to && to - from < 200);
    memcpy(out, (const char *)it->buffers[2] + from, (size_t)(to - from));
    out[to - from] = '\0';
    return out;
}

static const char *text(const char *column, int64_t row) {
    int64_t i = child(column);
    return text_of(array.children[i], schema.children[i]->format, row);
}

/* What a value of an enumeration is called. */
static const char *label(const char *column, int64_t row) {
    const struct ArrowArray *it = array.children[child(column)];
    cr_assert_str_eq(schema.children[child(column)]->format, "c");
    if (!has(it, row))
        return NULL;
    return text_of(it->dictionary, schema.children[child(column)]->dictionary->format,
                   ((const int8_t *)it->buffers[1])[row]);
}

static const void *value(const char *column, const char *format, size_t size, int64_t row) {
    const struct ArrowArray *it = array.children[child(column)];
    cr_assert_str_eq(schema.children[child(column)]->format, format, "%s has format %s", column,
                     schema.children[child(column)]->format);
    return has(it, row) ? (const char *)it->buffers[1] + (size_t)row * size : NULL;
}

#define INT64(column, row) (*(const int64_t *)value(column, "l", 8, row))
#define INT32(column, row) (*(const int32_t *)value(column, "i", 4, row))
#define TIME(column, row) (*(const int64_t *)value(column, "tsu:UTC", 8, row))
#define DOUBLE(column, row) (*(const double *)value(column, "g", 8, row))
#define IS_NULL(column, row) (!has(array.children[child(column)], row))

static bool boolean(const char *column, int64_t row) {
    cr_assert_str_eq(schema.children[child(column)]->format, "b");
    const uint8_t *bits = array.children[child(column)]->buffers[1];
    return bits[row / 8] >> row % 8 & 1;
}

/* What holds for all columns: their lengths, buffers, alignment, and the number of NULLs. */
static void check_form(const struct ArrowSchema *type, const struct ArrowArray *it) {
    cr_assert(type->release != NULL && it->release != NULL && it->offset == 0);
    cr_assert(type->n_children == it->n_children && (type->dictionary == NULL) == (it->dictionary == NULL));
    int64_t expected = type->format[0] == '+' && type->format[1] == 's'   ? 1
                       : type->format[0] == 'u' || type->format[0] == 'U' ? 3
                                                                          : 2;
    cr_assert(it->n_buffers == expected, "%s (%s) has %d buffers", type->name, type->format, (int)it->n_buffers);
    int64_t nulls = 0;
    for (int64_t i = 0; i < it->length; i++)
        nulls += !has(it, i);
    cr_assert(nulls == it->null_count && (it->buffers[0] != NULL) == (nulls > 0));
    for (int64_t i = 0; i < it->n_buffers; i++)
        cr_assert((uintptr_t)it->buffers[i] % 64 == 0 && (i == 0 || it->buffers[i] != NULL));
    for (int64_t i = 0; i < it->n_children; i++)
        check_form(type->children[i], it->children[i]);
    if (it->dictionary != NULL)
        check_form(type->dictionary, it->dictionary);
}

static void check_batch(size_t rows) {
    cr_assert_str_eq(schema.format, "+s");
    cr_assert(array.length == (int64_t)rows && array.null_count == 0);
    check_form(&schema, &array);
    for (int64_t i = 0; i < array.n_children; i++) {
        cr_assert(array.children[i]->length == (int64_t)rows);
        cr_assert(schema.children[i]->flags & ARROW_FLAG_NULLABLE);
    }
}

/* ---- records ---- */

static const teleai_audio_file file = {
    .id = {{1, 2, [15] = 3}},
    .user_id = {{4, [15] = 5}},
    .file_name = "späte Aufnahme.wav",
    .file_path = "/a",
    .mime_type = "audio/wav",
    .metadata_json = "{\"a\": 1}",
    .file_size_bytes = INT64_C(1) << 40,
    .duration_ms = 1230,
    .created_at_us = 1700000000000001,
    .updated_at_us = -1,
    .upload_completed_at_us = 7,
    .sample_rate_hz = 16000,
    .status = TELEAI_AUDIO_FILE_READY,
    .has_duration = true,
    .has_upload_completed_at = true,
    .has_sample_rate = true,
};
static const teleai_audio_file bare = {.file_name = "", .status = 99};

static void check_file(int64_t row) {
    cr_assert(memcmp(value("id", "w:16", 16, row), &file.id, 16) == 0);
    cr_assert(memcmp(value("user_id", "w:16", 16, row), &file.user_id, 16) == 0);
    cr_assert_str_eq(text("file_name", row), file.file_name);
    cr_assert_str_eq(text("metadata_json", row), "{\"a\": 1}");
    cr_assert(text("error_message", row) == NULL && IS_NULL("channels", row) && IS_NULL("processing_started_at", row));
    cr_assert(INT64("file_size_bytes", row) == INT64_C(1) << 40 && INT64("duration_ms", row) == 1230);
    cr_assert(INT32("sample_rate_hz", row) == 16000);
    cr_assert(TIME("created_at", row) == 1700000000000001 && TIME("updated_at", row) == -1);
    cr_assert(TIME("upload_completed_at", row) == 7);
    cr_assert_str_eq(label("status", row), "ready");
}

Test(arrow, values_and_nulls, .fini = release_all) {
    const teleai_audio_file *items[] = {&file, &bare, NULL, &file};
    const teleai_audio_files list = {.count = 4, .items = items};
    cr_assert(teleai_audio_files_to_arrow(&list, &schema, &array, &error) == TELEAI_OK && error.status == TELEAI_OK);
    check_batch(4);
    check_file(0);
    check_file(3);
    cr_assert_str_eq(text("file_name", 1), "");
    cr_assert(IS_NULL("duration_ms", 1) && text("file_path", 1) == NULL);
    cr_assert(label("status", 1) == NULL, "a code without a name");
    for (int64_t i = 0; i < array.n_children; i++)
        cr_assert(!has(array.children[i], 2), "%s of a row that is not there", schema.children[i]->name);
}

Test(arrow, ids_are_of_the_extension_type, .fini = release_all) {
    const teleai_audio_files list = {0};
    cr_assert(teleai_audio_files_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    const char *metadata = schema.children[child("user_id")]->metadata;
    static const char *const pairs[] = {"ARROW:extension:name", "arrow.uuid", "ARROW:extension:metadata", ""};
    int32_t number;
    memcpy(&number, metadata, 4);
    cr_assert(number == 2);
    metadata += 4;
    for (int i = 0; i < 4; i++) {
        memcpy(&number, metadata, 4);
        cr_assert(number == (int32_t)strlen(pairs[i]) && memcmp(metadata + 4, pairs[i], (size_t)number) == 0);
        metadata += 4 + number;
    }
    cr_assert(schema.children[child("file_name")]->metadata == NULL);
}

/* More rows than a byte of bits has. */
Test(arrow, bits, .fini = release_all) {
    teleai_user users[21];
    const teleai_user *items[21];
    for (int i = 0; i < 21; i++) {
        users[i] = (teleai_user){.email = "a@b.c",
                                 .full_name = "",
                                 .is_active = i % 3 == 0,
                                 .has_last_login_at = i % 5 == 0,
                                 .last_login_at_us = i,
                                 .role = 1 + i % 3};
        items[i] = &users[i];
    }
    const teleai_users list = {.count = 21, .items = items};
    cr_assert(teleai_users_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    check_batch(21);
    static const char *const roles[] = {"admin", "user", "viewer"};
    for (int i = 0; i < 21; i++) {
        cr_assert(boolean("is_active", i) == (i % 3 == 0) && IS_NULL("last_login_at", i) == (i % 5 != 0));
        cr_assert(i % 5 != 0 || TIME("last_login_at", i) == i);
        cr_assert_str_eq(label("role", i), roles[i % 3]);
    }
    cr_assert(array.children[child("is_active")]->buffers[0] == NULL, "nothing is NULL");
}

Test(arrow, lists_in_a_column, .fini = release_all) {
    static const char *const phrases[] = {"heart", NULL, "Größe"};
    const teleai_analysis full = {.key_phrases = phrases,
                                  .key_phrase_count = 3,
                                  .entities_json = "[{\"text\": \"x\"}]",
                                  .topics_json = "[]",
                                  .sentiment_score = -0.25,
                                  .has_sentiment_score = true};
    const teleai_analysis empty = {.key_phrases = phrases}, none = {.summary = "s"};
    const teleai_analysis *items[] = {&full, &empty, &none, &full, NULL};
    const teleai_analyses list = {.count = 5, .items = items};
    cr_assert(teleai_analyses_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    check_batch(5);
    const struct ArrowSchema *type = schema.children[child("key_phrases")];
    const struct ArrowArray *lists = array.children[child("key_phrases")];
    static const int32_t offsets[] = {0, 3, 3, 3, 6, 6};
    cr_assert_str_eq(type->format, "+l");
    cr_assert(memcmp(lists->buffers[1], offsets, sizeof offsets) == 0);
    cr_assert(has(lists, 1) && !has(lists, 2) && !has(lists, 4));
    for (int i = 0; i < 6; i++) {
        const char *phrase = text_of(lists->children[0], type->children[0]->format, i);
        cr_assert(phrases[i % 3] == NULL ? phrase == NULL : strcmp(phrase, phrases[i % 3]) == 0);
    }
    cr_assert(DOUBLE("sentiment_score", 0) == -0.25 && IS_NULL("sentiment_score", 1));
    cr_assert_str_eq(text("entities_json", 3), "[{\"text\": \"x\"}]");
}

Test(arrow, marks, .fini = release_all) {
    static const teleai_search_mark marks[] = {{2, 5}, {7, 9}};
    const teleai_search_hit two = {
        .snippet = "a heart", .snippet_marked = "a [heart]", .marks = marks, .mark_count = 2};
    const teleai_search_hit none = {.snippet = "", .snippet_marked = "", .marks = marks};
    const teleai_search_hit *items[] = {&none, &two};
    const teleai_search_hits list = {.count = 2, .items = items};
    cr_assert(teleai_search_hits_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    check_batch(2);
    cr_assert_str_eq(text("snippet", 1), "a heart");
    cr_assert_str_eq(text("snippet_marked", 1), "a [heart]");
    const struct ArrowArray *lists = array.children[child("marks")], *pair = lists->children[0];
    static const int32_t offsets[] = {0, 0, 2}, starts[] = {2, 7}, ends[] = {5, 9};
    cr_assert(memcmp(lists->buffers[1], offsets, sizeof offsets) == 0 && pair->length == 2);
    cr_assert(memcmp(pair->children[0]->buffers[1], starts, sizeof starts) == 0);
    cr_assert(memcmp(pair->children[1]->buffers[1], ends, sizeof ends) == 0);
    cr_assert_str_eq(schema.children[child("marks")]->children[0]->children[1]->name, "end");
}

/* ---- who owns what ---- */

Test(arrow, outlives_the_list, .fini = release_all) {
    teleai_audio_file *copy = malloc(sizeof *copy);
    char *name = strdup(file.file_name);
    *copy = file;
    copy->file_name = name;
    const teleai_audio_file *items[] = {copy};
    const teleai_audio_files list = {.count = 1, .items = items};
    cr_assert(teleai_audio_files_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    memset(name, 'x', strlen(name));
    free(name);
    free(copy);
    check_file(0);
}

/* What was moved out lives on, and is released on its own; the sanitizers see what is freed twice or never. */
Test(arrow, parts_are_moved_out) {
    const teleai_audio_file *items[] = {&file};
    const teleai_audio_files list = {.count = 1, .items = items};
    cr_assert(teleai_audio_files_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    int64_t at = child("file_name"), status = child("status");
    struct ArrowArray name = *array.children[at], labels = *array.children[status]->dictionary, whole = array;
    struct ArrowSchema type = *schema.children[at];
    array.children[at]->release = NULL;
    array.children[status]->dictionary->release = NULL;
    schema.children[at]->release = NULL;
    array.release = NULL;
    whole.release(&whole);
    schema.release(&schema);
    cr_assert(whole.release == NULL && schema.release == NULL);
    cr_assert_str_eq(type.name, "file_name");
    cr_assert_str_eq(text_of(&name, type.format, 0), file.file_name);
    cr_assert_str_eq(text_of(&labels, "u", 2), "ready");
    name.release(&name);
    labels.release(&labels);
    type.release(&type);
    cr_assert(name.release == NULL && labels.release == NULL && type.release == NULL);
}

Test(arrow, one_of_both, .fini = release_all) {
    const teleai_audio_file *items[] = {&file};
    const teleai_audio_files list = {.count = 1, .items = items};
    cr_assert(teleai_audio_files_to_arrow(&list, &schema, NULL, &error) == TELEAI_OK && schema.n_children > 1);
    cr_assert(teleai_audio_files_to_arrow(&list, NULL, &array, NULL) == TELEAI_OK);
    check_file(0);
}

Test(arrow, without_a_list) {
    memset(&schema, 0xff, sizeof schema);
    memset(&array, 0xff, sizeof array);
    cr_assert(teleai_users_to_arrow(NULL, &schema, &array, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert(schema.release == NULL && array.release == NULL);
    cr_assert_str_eq(error.field, "list");
}

/* ---- sizes ---- */

/* The same texts just below the limit, and above it. */
Test(arrow, long_texts_have_long_offsets) {
    typedef struct sample {
        const char *text;
        const char *json;
    } sample;
#define RECORD sample
    static const teleai__column columns[] = {TELEAI__COLUMN_TEXT("text", text), TELEAI__COLUMN_JSON("json", json)};
#undef RECORD
    static const teleai__row shape = {.noun = "sample", .size = sizeof(sample), .columns = columns, .count = 2};
    const sample a = {"0123456789", "{}"}, b = {NULL, "[]"};
    const void *items[] = {&a, &b, &a};
    const teleai__list list = {.count = 3, .items = items};
    for (int64_t most = 20; most >= 19; most--) {
        cr_assert(teleai__list_to_arrow(&shape, &list, most, &schema, &array, &error) == TELEAI_OK);
        check_batch(3);
        cr_assert_str_eq(schema.children[0]->format, most == 20 ? "u" : "U");
        cr_assert_str_eq(schema.children[1]->format, "u");
        cr_assert_str_eq(text("text", 2), "0123456789");
        cr_assert(text("text", 1) == NULL);
        release_all();
        /* As a batch of a stream it has the columns that all have, or is none. */
        teleai_status status = teleai__piece_to_arrow(&shape, &list, most, &array, &error);
        cr_assert(status == (most == 20 ? TELEAI_OK : TELEAI_LIMIT_EXCEEDED) && error.status == status);
        cr_assert((array.release != NULL) == (most == 20));
        cr_assert(most == 20 || strstr(error.message, "texts of text ") != NULL, "%s", error.message);
        release_all();
    }
}

Test(arrow, long_texts_in_lists_have_long_offsets) {
#define RECORD teleai_analysis
    static const teleai__column columns[] = {TELEAI__COLUMN_PHRASES("key_phrases", key_phrases, key_phrase_count)};
#undef RECORD
    static const teleai__row shape = {
        .noun = "sample", .size = sizeof(teleai_analysis), .columns = columns, .count = 1};
    const char *const phrases[] = {"0123456789", "0123456789"};
    const teleai_analysis analysis = {.key_phrases = phrases, .key_phrase_count = 2};
    const void *items[] = {&analysis};
    const teleai__list list = {.count = 1, .items = items};
    cr_assert(teleai__piece_to_arrow(&shape, &list, 20, &array, &error) == TELEAI_OK);
    release_all();
    cr_assert(teleai__piece_to_arrow(&shape, &list, 19, &array, &error) == TELEAI_LIMIT_EXCEEDED);
    cr_assert(array.release == NULL && strstr(error.message, "key_phrases") != NULL);
}

/* ---- a stream of one batch ---- */

static void check_same(const struct ArrowSchema *one, const struct ArrowSchema *other) {
    cr_assert_str_eq(one->format, other->format);
    cr_assert_str_eq(one->name, other->name);
    cr_assert(one->flags == other->flags && one->n_children == other->n_children);
    cr_assert((one->dictionary == NULL) == (other->dictionary == NULL));
    cr_assert((one->metadata == NULL) == (other->metadata == NULL));
    cr_assert(one->metadata == NULL || memcmp(one->metadata, other->metadata, 4 + 4 + 20 + 4 + 10 + 4 + 24 + 4) == 0);
    for (int64_t i = 0; i < one->n_children; i++)
        check_same(one->children[i], other->children[i]);
    if (one->dictionary != NULL)
        check_same(one->dictionary, other->dictionary);
}

Test(arrow, one_batch_as_a_stream, .fini = release_all) {
    const teleai_audio_file *items[] = {&file};
    const teleai_audio_files list = {.count = 1, .items = items};
    struct ArrowArrayStream stream;
    struct ArrowSchema first, second;
    for (int taken = 0; taken < 2; taken++) {
        cr_assert(teleai_audio_files_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
        cr_assert(teleai_arrow_batch_to_stream(&schema, &array, &stream, &error) == TELEAI_OK);
        cr_assert(schema.release == NULL && array.release == NULL);
        cr_assert(stream.get_schema(&stream, &first) == 0 && stream.get_schema(&stream, &second) == 0);
        check_same(&first, &second);
        first.release(&first);
        if (taken > 0) {
            cr_assert(stream.get_next(&stream, &array) == 0);
            struct ArrowArray end;
            cr_assert(stream.get_next(&stream, &end) == 0 && end.release == NULL);
            cr_assert(stream.get_next(&stream, &end) == 0 && end.release == NULL);
        }
        cr_assert(stream.get_last_error(&stream) == NULL);
        stream.release(&stream);
        cr_assert(stream.release == NULL);
        schema = second;
        if (taken > 0)
            check_file(0);
        release_all();
    }
}

Test(arrow, no_batch_is_no_stream, .fini = release_all) {
    const teleai_users list = {0};
    struct ArrowArrayStream stream;
    cr_assert(teleai_users_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);
    memset(&stream, 0xff, sizeof stream);
    cr_assert(teleai_arrow_batch_to_stream(NULL, &array, &stream, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert(stream.release == NULL);
    cr_assert_str_eq(error.field, "schema");
    cr_assert(teleai_arrow_batch_to_stream(&schema, NULL, &stream, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.field, "array");
    cr_assert(teleai_arrow_batch_to_stream(&schema, &array, NULL, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.field, "out");
    cr_assert(schema.release != NULL && array.release != NULL);
    teleai_arrow_array_release(&array);
    cr_assert(teleai_arrow_batch_to_stream(&schema, &array, &stream, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.field, "array");
    teleai_arrow_schema_release(&schema);
    teleai_arrow_schema_release(&schema);
    teleai_arrow_schema_release(NULL);
    teleai_arrow_array_release(NULL);
}

/* ---- every list ---- */

/* Empty, with its columns, in order. */
#define COLUMNS(list_type, expected)                                                                        \
    do {                                                                                                    \
        const list_type list = {0};                                                                         \
        char names[1000] = "";                                                                              \
        cr_assert(list_type##_to_arrow(&list, &schema, &array, &error) == TELEAI_OK);                       \
        check_batch(0);                                                                                     \
        for (int64_t i = 0; i < schema.n_children; i++)                                                     \
            snprintf(names + strlen(names), sizeof names - strlen(names), " %s", schema.children[i]->name); \
        cr_expect_str_eq(names, " " expected);                                                              \
        release_all();                                                                                      \
    } while (0)

Test(arrow, every_list_has_its_columns) {
    COLUMNS(teleai_users, "id email full_name role is_active last_login_at created_at updated_at tenant_id");
    COLUMNS(teleai_sessions, "id user_id ip_address user_agent expires_at created_at updated_at");
    COLUMNS(teleai_audio_files,
            "id user_id file_name file_path file_size_bytes duration_ms mime_type sample_rate_hz channels bit_rate_bps "
            "status upload_completed_at processing_started_at processing_completed_at error_message metadata_json "
            "created_at updated_at");
    COLUMNS(teleai_transcriptions,
            "id audio_file_id user_id text language_code confidence word_count status engine engine_version "
            "processing_started_at processing_completed_at processing_duration_ms error_message metadata_json "
            "created_at updated_at");
    COLUMNS(teleai_analyses,
            "id transcription_id audio_file_id user_id analysis_type sentiment_score sentiment_label key_phrases "
            "entities_json topics_json summary insights_json status engine engine_version processing_started_at "
            "processing_completed_at processing_duration_ms error_message metadata_json created_at updated_at");
    COLUMNS(teleai_tenants, "id name slug status settings_json max_users max_storage_bytes max_audio_ms created_at "
                            "updated_at");
    COLUMNS(teleai_tenants_stats,
            "tenant_id name slug status total_users open_sessions total_files total_transcriptions total_analyses "
            "total_storage_bytes total_duration_ms last_upload_at");
    COLUMNS(teleai_users_stats, "user_id email full_name total_files total_transcriptions total_analyses "
                                "total_storage_bytes total_duration_ms last_upload_at");
    COLUMNS(teleai_daily_usages, "date day active_users total_uploads total_bytes_uploaded total_audio_ms "
                                 "avg_audio_ms");
    COLUMNS(teleai_activities, "user_id email full_name activity_type resource_id resource_name activity_at");
    COLUMNS(teleai_queue_statuses, "queue_type status_name count oldest_item newest_item");
    COLUMNS(teleai_pipelines,
            "audio_file_id user_id file_name audio_status audio_uploaded_at transcription_id transcription_status "
            "transcription_created_at analysis_id analysis_status analysis_type analysis_created_at pipeline_status");
    COLUMNS(teleai_search_hits, "transcription_id audio_file_id user_id file_name language_code engine status "
                                "confidence created_at rank snippet_marked snippet marks");
}
