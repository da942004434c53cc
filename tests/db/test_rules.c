/* Rules that hold for all inputs: numbers and their flags, bounds in order, other names of media types, sizes. */
#include "nouns.h"

SERVER_SUITE(rules);

/* ---- numbers and their has_... ---- */

static teleai_uuid user, file, transcription;

static void make_parents(void) {
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_transcription(db, &user, &file, "some words", &transcription);
}

#define CREATE(noun, ...)                                                                                  \
    static teleai_status create_##noun(const void *input) {                                                \
        const teleai_##noun##_input *inputs = input;                                                       \
        teleai_##noun##_input two[2] = {inputs[0], inputs[0]};                                             \
        teleai_error other;                                                                                \
        cr_expect(teleai_##noun##_create_many(db, two, 2, NULL, NULL, &other) == TELEAI_INVALID_ARGUMENT); \
        return teleai_##noun##_create(db, input, NULL, &error);                                            \
    }                                                                                                      \
    static teleai_##noun##_input good_##noun(void) {                                                       \
        return (teleai_##noun##_input){.struct_size = sizeof(teleai_##noun##_input), __VA_ARGS__};         \
    }
CREATE(user, .email = "good@example.org", .full_name = "Good")
CREATE(audio_file, .user_id = &user, .file_name = "a", .file_path = "b", .mime_type = "audio/wav", .file_size_bytes = 1)
CREATE(transcription, .audio_file_id = &file, .user_id = &user, .language_code = "en", .engine = "x")
CREATE(analysis, .transcription_id = &transcription, .audio_file_id = &file, .user_id = &user, .analysis_type = "x",
       .engine = "y")

static teleai_status create_tenant(const void *input) { return teleai_tenant_create(db, input, NULL, &error); }
static teleai_tenant_input good_tenant(void) {
    return (teleai_tenant_input){.struct_size = sizeof(teleai_tenant_input), .name = "A", .slug = "a"};
}

static teleai_status list_users(const void *filter) {
    teleai_users *list;
    return teleai_user_list(db, filter, NULL, &list, &error);
}
static teleai_status list_transcriptions(const void *filter) {
    teleai_transcriptions *list;
    return teleai_transcription_list(db, filter, NULL, &list, &error);
}
static teleai_status search(const void *options) {
    teleai_search_hits *hits;
    return teleai_search_transcriptions(db, "words", options, &hits, &error);
}
static teleai_user_filter good_user_filter(void) {
    return (teleai_user_filter){.struct_size = sizeof(teleai_user_filter)};
}
static teleai_transcription_filter good_transcription_filter(void) {
    return (teleai_transcription_filter){.struct_size = sizeof(teleai_transcription_filter)};
}
static teleai_search_options good_search(void) {
    return (teleai_search_options){.struct_size = sizeof(teleai_search_options)};
}

/* One member of one struct, set without its flag. */
#define EACH_FLAG(X)                                                                                \
    X(user, create_user, is_active, has_is_active)                                                  \
    X(audio_file, create_audio_file, duration_ms, has_duration)                                     \
    X(audio_file, create_audio_file, sample_rate_hz, has_sample_rate)                               \
    X(audio_file, create_audio_file, channels, has_channels)                                        \
    X(audio_file, create_audio_file, bit_rate_bps, has_bit_rate)                                    \
    X(audio_file, create_audio_file, upload_completed_at_us, has_upload_completed_at)               \
    X(audio_file, create_audio_file, processing_started_at_us, has_processing_started_at)           \
    X(audio_file, create_audio_file, processing_completed_at_us, has_processing_completed_at)       \
    X(transcription, create_transcription, confidence, has_confidence)                              \
    X(transcription, create_transcription, word_count, has_word_count)                              \
    X(transcription, create_transcription, processing_started_at_us, has_processing_started_at)     \
    X(transcription, create_transcription, processing_completed_at_us, has_processing_completed_at) \
    X(transcription, create_transcription, processing_duration_ms, has_processing_duration)         \
    X(analysis, create_analysis, sentiment_score, has_sentiment_score)                              \
    X(analysis, create_analysis, processing_started_at_us, has_processing_started_at)               \
    X(analysis, create_analysis, processing_completed_at_us, has_processing_completed_at)           \
    X(analysis, create_analysis, processing_duration_ms, has_processing_duration)                   \
    X(tenant, create_tenant, max_users, has_max_users)                                              \
    X(tenant, create_tenant, max_storage_bytes, has_max_storage)                                    \
    X(tenant, create_tenant, max_audio_ms, has_max_audio)                                           \
    X(user_filter, list_users, is_active, has_is_active)                                            \
    X(transcription_filter, list_transcriptions, min_confidence, has_min_confidence)                \
    X(search, search, min_confidence, has_min_confidence)

/* How many has_... the structs that callers fill have, by the headers. */
static int flags_of_inputs(void) {
    char command[1000];
    snprintf(
        command, sizeof command,
        "sed -n '/^typedef struct teleai_[a-z_]*\\(input\\|filter\\|options\\) {/,/^}/p' '%s'/include/teleai/*.h | "
        "grep -c 'bool has_'",
        getenv("TELEAI_SOURCE_DIR"));
    FILE *pipe = popen(command, "r");
    int count = 0;
    cr_assert(pipe != NULL && fscanf(pipe, "%d", &count) == 1);
    pclose(pipe);
    return count;
}

Test(rules, no_number_is_dropped_for_want_of_its_flag) {
    make_parents();
    int tried = 0;
#define TRY(noun, call, member, has)                                                        \
    {                                                                                       \
        __auto_type input = good_##noun();                                                  \
        input.member = 1;                                                                   \
        teleai_status status = call(&input);                                                \
        cr_expect(status == TELEAI_INVALID_ARGUMENT && strcmp(error.field, #member) == 0 && \
                      strstr(error.message, "set " #has " to true") != NULL,                \
                  #noun "." #member ": %s, %s", teleai_status_name(status), error.message); \
        tried++;                                                                            \
    }
    EACH_FLAG(TRY)
    cr_assert(tried == flags_of_inputs(), "%d fields were tried, the headers have %d", tried, flags_of_inputs());
    ROWS("users", 1);
    ROWS("audio_files", 1);
    ROWS("transcriptions", 1);
    ROWS("analyses", 0);
    /* Updates and results go the same way; what the mask does not name is not looked at. */
    teleai_audio_file_input change = {.struct_size = sizeof change, .duration_ms = 5000};
    FAILS(teleai_audio_file_update(db, &file, &change, TELEAI_AUDIO_FILE_FIELD_DURATION, NULL, NULL, &error),
          TELEAI_INVALID_ARGUMENT, "duration_ms");
    change.file_name = "new";
    OK(teleai_audio_file_update(db, &file, &change, TELEAI_AUDIO_FILE_FIELD_FILE_NAME, NULL, NULL, &error));
    change.has_duration = true;
    OK(teleai_audio_file_update(db, &file, &change, TELEAI_AUDIO_FILE_FIELD_DURATION, NULL, NULL, &error));
    SAME_TEXT(harness_sql("select duration_seconds from audio_files"), "5.00");
}

Test(rules, nor_one_of_an_entity_or_topic) {
    make_parents();
    const teleai_entity entities[] = {
        {.text = "a", .confidence = 0.5}, {.text = "a", .start_ms = 1}, {.text = "a", .end_ms = 1}};
    static const char *const flags[] = {"has_confidence", "has_start", "has_end"};
    for (size_t i = 0; i < 3; i++) {
        teleai_analysis_input input = good_analysis();
        input.entities = &entities[i];
        input.entity_count = 1;
        FAILS(teleai_analysis_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "entities");
        cr_assert(strstr(error.message, flags[i]) != NULL, "%s", error.message);
    }
    const teleai_topic topic = {.name = "a", .score = 0.5};
    teleai_analysis_input input = good_analysis();
    input.topics = &topic;
    input.topic_count = 1;
    FAILS(teleai_analysis_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "topics");
    cr_assert(strstr(error.message, "has_score") != NULL, "%s", error.message);
}

/* ---- bounds ---- */

#define BOUNDS(type, call)                                                                               \
    {                                                                                                    \
        type with = {.struct_size = sizeof with, .created_from_us = 2, .created_until_us = 1};           \
        FAILS(call, TELEAI_INVALID_ARGUMENT, "created_until_us");                                        \
        cr_assert(strstr(error.message, "created_from_us is later than created_until_us") != NULL, "%s", \
                  error.message);                                                                        \
        with.created_until_us = 2;                                                                       \
        OK(call);                                                                                        \
    }
#define LISTED(noun, nouns)                                                                  \
    {                                                                                        \
        teleai_##nouns *list = NULL;                                                         \
        BOUNDS(teleai_##noun##_filter, teleai_##noun##_list(db, &with, NULL, &list, &error)) \
        teleai_##nouns##_free(list);                                                         \
        int64_t count;                                                                       \
        BOUNDS(teleai_##noun##_filter, teleai_##noun##_count(db, &with, &count, &error))     \
    }
#define STREAMED(noun)                                                                           \
    {                                                                                            \
        teleai_stream *stream = NULL;                                                            \
        BOUNDS(teleai_##noun##_filter, teleai_##noun##_stream(db, &with, NULL, &stream, &error)) \
        teleai_stream_close(stream);                                                             \
    }

Test(rules, bounds_the_wrong_way_round_are_named) {
    LISTED(user, users)
    LISTED(session, sessions)
    LISTED(audio_file, audio_files)
    LISTED(transcription, transcriptions)
    LISTED(analysis, analyses)
    LISTED(tenant, tenants)
    STREAMED(user)
    STREAMED(session)
    STREAMED(audio_file)
    STREAMED(transcription)
    STREAMED(analysis)
    teleai_search_hits *hits = NULL;
    BOUNDS(teleai_search_options, teleai_search_transcriptions(db, "words", &with, &hits, &error))
    teleai_search_hits_free(hits);
    teleai_daily_usages *days;
    FAILS(teleai_daily_usage_list(db, 2, 1, &days, &error), TELEAI_INVALID_ARGUMENT, "until_us");
    cr_assert(strstr(error.message, "from_us is later than until_us") != NULL, "%s", error.message);
}

/* ---- media types ---- */

Test(rules, media_types_are_stored_by_one_name) {
    make_parents();
    static const char *const given[][2] = {{"audio/X-WAV", "audio/wav"},
                                           {"audio/ogg; codecs=opus", "audio/ogg"},
                                           {"audio/mp4", "audio/aac"},
                                           {"audio/mp3", "audio/mpeg"},
                                           {"audio/x-flac", "audio/flac"}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        teleai_audio_file_input input = good_audio_file();
        input.mime_type = given[i][0];
        teleai_audio_file *made;
        OK(teleai_audio_file_create(db, &input, &made, &error));
        SAME_TEXT(made->mime_type, given[i][1]);
        OK(teleai_audio_file_create_many(db, &input, 1, NULL, NULL, &error));
        harness_sql("update audio_files set mime_type = 'audio/webm' where id = '%s'", id_text(&made->id));
        OK(teleai_audio_file_update(db, &made->id, &input, TELEAI_AUDIO_FILE_FIELD_MIME_TYPE, NULL, NULL, &error));
        teleai_audio_file_free(made);
        teleai_audio_file_filter filter = {.struct_size = sizeof filter, .mime_type = given[i][0]};
        int64_t count;
        OK(teleai_audio_file_count(db, &filter, &count, &error));
        cr_assert(count == (i == 0 ? 3 : 2), "%s: %d", given[i][0], (int)count); /* one of the parents is a WAV */
    }
    teleai_audio_file_input input = good_audio_file();
    input.mime_type = "video/mp4";
    FAILS(teleai_audio_file_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "mime_type");
    cr_assert(strstr(error.message, "audio/mpeg, audio/wav, audio/ogg, audio/webm, audio/aac, audio/flac") != NULL,
              "%s", error.message);
}

/* ---- sizes and sums ---- */

static void store(const teleai_uuid *of, const char *size, const char *seconds) {
    harness_sql("insert into audio_files (user_id, tenant_id, file_name, file_path, file_size_bytes, duration_seconds, "
                "mime_type, "
                "status) select id, tenant_id, 'a', 'a', %s, %s, 'audio/wav', 'ready' from users where id = '%s'",
                size, seconds, id_text(of));
}

Test(rules, a_size_ends_where_sums_still_hold) {
    make_parents();
    teleai_audio_file_input input = good_audio_file();
    input.file_size_bytes = (INT64_C(1) << 53) - 1;
    OK(teleai_audio_file_create(db, &input, NULL, &error));
    input.file_size_bytes++;
    FAILS(teleai_audio_file_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "file_size_bytes");
    cr_assert(strstr(error.message, "9007199254740991") != NULL, "%s", error.message);
}

Test(rules, sums_stay_within_their_columns_and_fail_nobody_else) {
    teleai_uuid big, other;
    harness_user(db, &big);
    harness_sql("insert into tenants (id, name, slug) values ('00000000-0000-7000-8000-000000000002', 'B', 'b')");
    harness_sql("update users set tenant_id = '00000000-0000-7000-8000-000000000002'");
    harness_user(db, &other);
    for (int i = 0; i < 3; i++)
        store(&big, "9223372036854775807", i == 0 ? "'NaN'" : "99999999.99");
    store(&other, "1000", "2.5");
    store(&other, "1000", "'NaN'");
    harness_sql(
        "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status, created_at) "
        "select user_id, 'a', 'a', 1, 'audio/wav', 'ready', t::timestamptz from audio_files, (values ('infinity'), "
        "('-infinity')) v (t) where duration_seconds = 2.5");
    OK(teleai_daily_usage_refresh(db, &error));
    teleai_daily_usages *days;
    OK(teleai_daily_usage_list(db, 0, 0, &days, &error));
    cr_assert(days->count == 1 && days->items[0]->total_uploads == 2 && days->items[0]->total_bytes_uploaded == 2000 &&
              days->items[0]->total_audio_ms == 2500 && days->items[0]->avg_audio_ms == 2500);
    teleai_daily_usages_free(days);
    teleai_user_stats *mine;
    OK(teleai_user_stats_get(db, &other, &mine, &error));
    cr_assert(mine->total_files == 4 && mine->total_storage_bytes == 2002 && mine->total_duration_ms == 2500);
    teleai_user_stats_free(mine);
    teleai_uuid tenant;
    OK(teleai_uuid_parse("00000000-0000-7000-8000-000000000002", &tenant, &error));
    teleai_scope_options of = {.struct_size = sizeof of, .tenant_id = &tenant};
    teleai_client *there;
    OK(teleai_scope_open(db, &of, &there, &error));
    teleai_users_stats *all;
    OK(teleai_user_stats_list(there, NULL, &all, &error));
    cr_assert(all->count == 1 && all->items[0]->total_storage_bytes == INT64_MAX &&
              all->items[0]->total_duration_ms == 199999999980);
    teleai_users_stats_free(all);
    OK(teleai_daily_usage_list(there, 0, 0, &days, &error));
    cr_assert(days->count == 1 && days->items[0]->total_bytes_uploaded == INT64_MAX &&
              days->items[0]->total_audio_ms == 199999999980 && days->items[0]->avg_audio_ms == 99999999990);
    teleai_daily_usages_free(days);
    teleai_close(there);
    teleai_tenant_stats *stats;
    OK(teleai_tenant_stats_get(db, &tenant, &stats, &error));
    cr_assert(stats->total_storage_bytes == INT64_MAX && stats->total_duration_ms == 199999999980);
    teleai_tenant_stats_free(stats);
    /* The count of a limit holds more, and passes over what is no number too. */
    harness_sql("update tenants set max_users = 5");
    SAME_TEXT(harness_sql("select storage_bytes || ' ' || audio_seconds from tenant_usage order by storage_bytes desc"),
              "27670116110564327421 199999999.98");
    store(&big, "9223372036854775807", "'NaN'");
    harness_sql(
        "update audio_files set duration_seconds = 1 where duration_seconds = 'NaN' and file_size_bytes > 1000");
    harness_sql("update audio_files set duration_seconds = 'NaN' where file_size_bytes > 1000");
    harness_sql("delete from audio_files where file_size_bytes > 1000");
    SAME_TEXT(harness_sql("select string_agg(storage_bytes || ' ' || audio_seconds, ', ' order by storage_bytes) from "
                          "tenant_usage"),
              "0 0.00, 2002 2.50");
}

Test(rules, a_view_that_was_never_filled_is_filled) {
    make_parents();
    harness_sql("update audio_files set status = 'ready'");
    harness_sql("refresh materialized view daily_usage_stats with no data");
    OK(teleai_daily_usage_refresh(db, &error));
    SAME_TEXT(harness_sql("select total_uploads from daily_usage_stats"), "1");
    OK(teleai_daily_usage_refresh(db, &error));
    teleai_client *batch;
    harness_sql("refresh materialized view daily_usage_stats with no data");
    OK(teleai_batch_open(db, NULL, &batch, &error));
    teleai_error queued;
    cr_assert(teleai_daily_usage_refresh(batch, &queued) == TELEAI_OK);
    OK(teleai_batch_flush(batch, &error));
    cr_assert(queued.status == TELEAI_OK, "%s", queued.message);
    teleai_close(batch);
    SAME_TEXT(harness_sql("select total_uploads from daily_usage_stats"), "1");
}
