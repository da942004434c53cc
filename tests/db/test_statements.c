/*
 * Every statement of the library against a real server: each function is called in each form that its SQL can have
 * (every filter alone and all together, first and later pages, both orders, every bit of an update, guarded and not),
 * while statement_check.h looks at what is sent and what comes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "criterion_harness.h"
#include "statement_check.h"

SERVER_SUITE(statements);

/* ---- in a batch ---- */

/* What a call has come to: in a batch, its answer. */
static teleai_status settled(teleai_status status) {
    return status == TELEAI_OK && teleai_batch_pending(db) > 0 ? teleai_batch_flush(db, NULL) : status;
}

#undef OK
#define OK(call)                                                                                          \
    do {                                                                                                  \
        teleai_status status_ = settled(call);                                                            \
        cr_assert(status_ == TELEAI_OK, "%s: %s: %s", #call, teleai_status_name(status_), error.message); \
        cr_assert(error.status == TELEAI_OK && error.message[0] == '\0');                                 \
    } while (0)

#undef FAILS
#define FAILS(call, expected, at_field)                                                                     \
    do {                                                                                                    \
        teleai_status status_ = settled(call);                                                              \
        cr_assert(status_ == (expected), "%s: %s, %s was expected: %s", #call, teleai_status_name(status_), \
                  teleai_status_name(expected), error.message);                                             \
        cr_assert(error.status == status_ && strcmp(error.field, (at_field)) == 0);                         \
    } while (0)

/* ---- calls ---- */

static bool in_batch;
static teleai_client *owner; /* under row security: somebody it does not bind */
static teleai_uuid user, file, transcription, analysis;

/* Pages of one of something of which there are two: the first and the next, in all orders up to one. `call` uses `page` and `list`. */
#define PAGES_IN(last_order, list_type, free_list, call)                              \
    for (int32_t order_ = 0; order_ <= (last_order); order_++) {                      \
        teleai_page page = {.struct_size = sizeof page, .limit = 1, .order = order_}; \
        list_type *list, *kept;                                                       \
        OK(call);                                                                     \
        cr_assert(list->count == 1 && list->next_cursor != NULL, "%s", #call);        \
        kept = list;                                                                  \
        page.cursor = kept->next_cursor;                                              \
        OK(call);                                                                     \
        cr_assert(list->count == 1, "%s", #call);                                     \
        free_list(list);                                                              \
        free_list(kept);                                                              \
    }
#define PAGES(list_type, free_list, call) PAGES_IN(TELEAI_ORDER_OLDEST_FIRST, list_type, free_list, call)

#define FILTERED(noun, plural, ...)                                                     \
    do {                                                                                \
        teleai_##noun##_filter filter = {.struct_size = sizeof filter, __VA_ARGS__};    \
        int64_t count;                                                                  \
        OK(teleai_##noun##_count(db, &filter, &count, &error));                         \
        cr_assert(count == 2, "%s", #__VA_ARGS__);                                      \
        PAGES_IN(TELEAI_ORDER_OLDEST_ID_FIRST, teleai_##plural, teleai_##plural##_free, \
                 teleai_##noun##_list(db, &filter, &page, &list, &error))               \
    } while (0)

static const teleai_uuid first_id = {{0}}, last_id = {{255, 255}};

#define YEAR_3000 INT64_C(32503680000000000)

static void call_updates(teleai_status (*update)(uint64_t fields, const teleai_update_options *options), int bits) {
    const teleai_update_options guarded = {.struct_size = sizeof guarded, .if_unchanged_since_us = 1};
    for (int bit = 0; bit <= bits; bit++) {
        uint64_t fields = bit < bits ? UINT64_C(1) << bit : (UINT64_C(1) << bits) - 1;
        OK(update(fields, NULL));
        FAILS(update(fields, &guarded), TELEAI_CONFLICT, "");
    }
}

static teleai_status update_user(uint64_t fields, const teleai_update_options *options) {
    static const teleai_user_input input = {.struct_size = sizeof input,
                                            .email = "new@example.org",
                                            .full_name = "New",
                                            .password = "correct horse",
                                            .role = TELEAI_ROLE_USER,
                                            .is_active = true,
                                            .has_is_active = true};
    return teleai_user_update(db, &user, &input, fields, options, NULL, &error);
}

static void call_users(void) {
    teleai_user_input inputs[2] = {{.struct_size = sizeof inputs[0],
                                    .email = "a@example.org",
                                    .full_name = "A",
                                    .password = "correct horse",
                                    .role = TELEAI_ROLE_USER,
                                    .is_active = true,
                                    .has_is_active = true},
                                   {.struct_size = sizeof inputs[0], .email = "b@example.org", .full_name = "B"}};
    teleai_user *made;
    teleai_users *list;
    OK(teleai_user_create(db, &inputs[0], &made, &error));
    user = made->id;
    teleai_user_free(made);
    OK(teleai_user_create_many(db, &inputs[1], 1, NULL, &list, &error));
    teleai_users_free(list);
    OK(teleai_user_get(db, &user, NULL, &error));
    OK(teleai_user_get_many(db, &user, 1, &list, &error));
    teleai_users_free(list);
    OK(teleai_user_get_by_email(db, "A@example.org", NULL, &error));
    if (in_batch)
        FAILS(teleai_user_login(db, "a@example.org", "correct horse", NULL, &error), TELEAI_INVALID_ARGUMENT, "client");
    else
        OK(teleai_user_login(db, "a@example.org", "correct horse", NULL, &error));
    call_updates(update_user, 5);
    FILTERED(user, users, .role = 0);
    FILTERED(user, users, .created_from_us = 1);
    FILTERED(user, users, .created_until_us = YEAR_3000);
    FILTERED(user, users, .id_from = &first_id, .id_until = &last_id);
    FILTERED(user, users, .role = TELEAI_ROLE_USER);
    FILTERED(user, users, .is_active = true, .has_is_active = true);
    FILTERED(user, users, .created_from_us = 1, .created_until_us = YEAR_3000, .role = TELEAI_ROLE_USER,
             .is_active = true, .has_is_active = true);
}

static teleai_uuid session;

static teleai_status update_session(uint64_t fields, const teleai_update_options *options) {
    static const teleai_session_input input = {
        .struct_size = sizeof input, .ip_address = "192.0.2.1", .user_agent = "new", .expires_at_us = YEAR_3000};
    return teleai_session_update(db, &session, &input, fields, options, NULL, &error);
}

static void call_sessions(void) {
    teleai_session_input input = {
        .struct_size = sizeof input, .user_id = &user, .ip_address = "192.0.2.1", .user_agent = "test"};
    teleai_session *first, *second;
    teleai_identity *identity;
    OK(teleai_session_create(db, &input, &first, &error));
    OK(teleai_session_create(db, &input, &second, &error));
    OK(teleai_session_check(db, first->token, &identity, &error));
    teleai_identity_free(identity);
    OK(teleai_session_get(db, &first->id, NULL, &error));
    session = first->id;
    call_updates(update_session, 3);
    teleai_sessions *list;
    OK(teleai_session_get_many(db, &first->id, 1, &list, &error));
    teleai_sessions_free(list);
    FILTERED(session, sessions, .user_id = NULL);
    FILTERED(session, sessions, .include_expired = true);
    FILTERED(session, sessions, .user_id = &user);
    FILTERED(session, sessions, .created_from_us = 1);
    FILTERED(session, sessions, .created_until_us = YEAR_3000);
    FILTERED(session, sessions, .id_from = &first_id, .id_until = &last_id);
    FILTERED(session, sessions, .user_id = &user, .created_from_us = 1, .created_until_us = YEAR_3000);
    OK(teleai_session_revoke(db, &first->id, &error));
    OK(teleai_session_create_many(db, &input, 1, NULL, &list, &error));
    teleai_sessions_free(list);
    OK(teleai_session_revoke_all(db, &user, NULL, &error));
    OK(teleai_session_purge_expired(db, NULL, &error));
    teleai_session_free(first);
    teleai_session_free(second);
}

static const teleai_audio_file_input whole_file = {.struct_size = sizeof whole_file,
                                                   .user_id = &user,
                                                   .file_name = "a.wav",
                                                   .file_path = "/a",
                                                   .mime_type = "audio/wav",
                                                   .error_message = "none",
                                                   .metadata_json = "{\"a\": 1}",
                                                   .file_size_bytes = 1,
                                                   .duration_ms = 10,
                                                   .has_duration = true,
                                                   .upload_completed_at_us = 1,
                                                   .has_upload_completed_at = true,
                                                   .processing_started_at_us = 1,
                                                   .has_processing_started_at = true,
                                                   .processing_completed_at_us = 1,
                                                   .has_processing_completed_at = true,
                                                   .sample_rate_hz = 1,
                                                   .has_sample_rate = true,
                                                   .channels = 1,
                                                   .has_channels = true,
                                                   .bit_rate_bps = 1,
                                                   .has_bit_rate = true,
                                                   .status = TELEAI_AUDIO_FILE_UPLOADED};

static teleai_status update_file(uint64_t fields, const teleai_update_options *options) {
    return teleai_audio_file_update(db, &file, &whole_file, fields, options, NULL, &error);
}

static void call_files(void) {
    teleai_audio_file *made;
    teleai_audio_files *list;
    OK(teleai_audio_file_create(db, &whole_file, &made, &error));
    file = made->id;
    teleai_audio_file_free(made);
    OK(teleai_audio_file_create_many(db, &whole_file, 1, NULL, NULL, &error));
    OK(teleai_audio_file_get(db, &file, NULL, &error));
    OK(teleai_audio_file_get_many(db, &file, 1, &list, &error));
    teleai_audio_files_free(list);
    call_updates(update_file, 10);
    FILTERED(audio_file, audio_files, .status = 0);
    FILTERED(audio_file, audio_files, .user_id = &user);
    FILTERED(audio_file, audio_files, .mime_type = "audio/wav");
    FILTERED(audio_file, audio_files, .metadata_contains_json = "{\"a\": 1}");
    FILTERED(audio_file, audio_files, .created_from_us = 1);
    FILTERED(audio_file, audio_files, .created_until_us = YEAR_3000);
    FILTERED(audio_file, audio_files, .id_from = &first_id, .id_until = &last_id);
    FILTERED(audio_file, audio_files, .file_name = "a.wav");
    FILTERED(audio_file, audio_files, .file_path = "/a");
    FILTERED(audio_file, audio_files, .status = TELEAI_AUDIO_FILE_UPLOADED);
    FILTERED(audio_file, audio_files, .user_id = &user, .mime_type = "audio/wav",
             .metadata_contains_json = "{\"a\": 1}", .created_from_us = 1, .created_until_us = YEAR_3000,
             .status = TELEAI_AUDIO_FILE_UPLOADED);
    OK(teleai_audio_file_start(db, &file, NULL, &error));
    OK(teleai_audio_file_fail(db, &file, "broken", NULL, &error));
    OK(teleai_audio_file_start(db, &file, NULL, &error));
    OK(teleai_audio_file_complete(db, &file, NULL, &error));
}

static const teleai_transcription_input whole_transcription = {.struct_size = sizeof whole_transcription,
                                                               .audio_file_id = &file,
                                                               .user_id = &user,
                                                               .text = "the heart",
                                                               .language_code = "en",
                                                               .engine = "test",
                                                               .engine_version = "1",
                                                               .error_message = "none",
                                                               .metadata_json = "{\"a\": 1}",
                                                               .processing_started_at_us = 1,
                                                               .has_processing_started_at = true,
                                                               .processing_completed_at_us = 1,
                                                               .has_processing_completed_at = true,
                                                               .confidence = 0.5,
                                                               .has_confidence = true,
                                                               .word_count = 2,
                                                               .has_word_count = true,
                                                               .processing_duration_ms = 1,
                                                               .has_processing_duration = true,
                                                               .status = TELEAI_TRANSCRIPTION_PENDING};

static teleai_status update_transcription(uint64_t fields, const teleai_update_options *options) {
    return teleai_transcription_update(db, &transcription, &whole_transcription, fields, options, NULL, &error);
}

static void call_transcriptions(void) {
    teleai_transcription *made;
    teleai_transcriptions *list;
    OK(teleai_transcription_create(db, &whole_transcription, &made, &error));
    transcription = made->id;
    teleai_transcription_free(made);
    OK(teleai_transcription_create_many(db, &whole_transcription, 1, NULL, NULL, &error));
    OK(teleai_transcription_get(db, &transcription, NULL, &error));
    OK(teleai_transcription_get_many(db, &transcription, 1, &list, &error));
    teleai_transcriptions_free(list);
    call_updates(update_transcription, 7);
    FILTERED(transcription, transcriptions, .status = 0);
    FILTERED(transcription, transcriptions, .user_id = &user);
    FILTERED(transcription, transcriptions, .audio_file_id = &file);
    FILTERED(transcription, transcriptions, .language_code = "en");
    FILTERED(transcription, transcriptions, .engine = "test");
    FILTERED(transcription, transcriptions, .metadata_contains_json = "{\"a\": 1}");
    FILTERED(transcription, transcriptions, .created_from_us = 1);
    FILTERED(transcription, transcriptions, .created_until_us = YEAR_3000);
    FILTERED(transcription, transcriptions, .id_from = &first_id, .id_until = &last_id);
    FILTERED(transcription, transcriptions, .min_confidence = 0.5, .has_min_confidence = true);
    FILTERED(transcription, transcriptions, .status = TELEAI_TRANSCRIPTION_PENDING);
    FILTERED(transcription, transcriptions, .user_id = &user, .audio_file_id = &file, .language_code = "en",
             .engine = "test", .metadata_contains_json = "{\"a\": 1}", .created_from_us = 1,
             .created_until_us = YEAR_3000, .min_confidence = 0.5, .has_min_confidence = true,
             .status = TELEAI_TRANSCRIPTION_PENDING);
    teleai_transcription_input result = {.struct_size = sizeof result,
                                         .text = "the heart rate",
                                         .confidence = 0.5,
                                         .has_confidence = true,
                                         .engine_version = "2",
                                         .processing_duration_ms = 1,
                                         .has_processing_duration = true,
                                         .metadata_json = "{\"a\": 1}"};
    OK(teleai_transcription_start(db, &transcription, NULL, &error));
    OK(teleai_transcription_fail(db, &transcription, "broken", NULL, &error));
    OK(teleai_transcription_start(db, &transcription, NULL, &error));
    OK(teleai_transcription_complete(db, &transcription, &result, NULL, &error));
}

static const char *const phrases[] = {"heart", NULL};
static const teleai_analysis_input whole_analysis = {.struct_size = sizeof whole_analysis,
                                                     .transcription_id = &transcription,
                                                     .audio_file_id = &file,
                                                     .user_id = &user,
                                                     .analysis_type = "mood",
                                                     .summary = "fine",
                                                     .engine = "test",
                                                     .engine_version = "1",
                                                     .error_message = "none",
                                                     .key_phrases = phrases,
                                                     .key_phrase_count = 2,
                                                     .entities_json = "[{\"a\": 1}]",
                                                     .topics_json = "[{\"a\": 1}]",
                                                     .insights_json = "{\"a\": 1}",
                                                     .metadata_json = "{\"a\": 1}",
                                                     .processing_started_at_us = 1,
                                                     .has_processing_started_at = true,
                                                     .processing_completed_at_us = 1,
                                                     .has_processing_completed_at = true,
                                                     .sentiment_score = 0.5,
                                                     .has_sentiment_score = true,
                                                     .sentiment_label = TELEAI_SENTIMENT_MIXED,
                                                     .processing_duration_ms = 1,
                                                     .has_processing_duration = true,
                                                     .status = TELEAI_ANALYSIS_PENDING};

static teleai_status update_analysis(uint64_t fields, const teleai_update_options *options) {
    return teleai_analysis_update(db, &analysis, &whole_analysis, fields, options, NULL, &error);
}

static void call_analyses(void) {
    teleai_analysis *made;
    teleai_analyses *list;
    OK(teleai_analysis_create(db, &whole_analysis, &made, &error));
    analysis = made->id;
    teleai_analysis_free(made);
    OK(teleai_analysis_create_many(db, &whole_analysis, 1, NULL, NULL, &error));
    OK(teleai_analysis_get(db, &analysis, NULL, &error));
    OK(teleai_analysis_get_many(db, &analysis, 1, &list, &error));
    teleai_analyses_free(list);
    call_updates(update_analysis, 10);
    FILTERED(analysis, analyses, .status = 0);
    FILTERED(analysis, analyses, .user_id = &user);
    FILTERED(analysis, analyses, .audio_file_id = &file);
    FILTERED(analysis, analyses, .transcription_id = &transcription);
    FILTERED(analysis, analyses, .analysis_type = "mood");
    FILTERED(analysis, analyses, .engine = "test");
    FILTERED(analysis, analyses, .metadata_contains_json = "{\"a\": 1}");
    FILTERED(analysis, analyses, .entities_contains_json = "[{\"a\": 1}]");
    FILTERED(analysis, analyses, .topics_contains_json = "[{\"a\": 1}]");
    FILTERED(analysis, analyses, .insights_contains_json = "{\"a\": 1}");
    FILTERED(analysis, analyses, .created_from_us = 1);
    FILTERED(analysis, analyses, .created_until_us = YEAR_3000);
    FILTERED(analysis, analyses, .id_from = &first_id, .id_until = &last_id);
    FILTERED(analysis, analyses, .status = TELEAI_ANALYSIS_PENDING);
    FILTERED(analysis, analyses, .sentiment_label = TELEAI_SENTIMENT_MIXED);
    FILTERED(analysis, analyses, .user_id = &user, .audio_file_id = &file, .transcription_id = &transcription,
             .analysis_type = "mood", .engine = "test", .metadata_contains_json = "{\"a\": 1}",
             .entities_contains_json = "[{\"a\": 1}]", .topics_contains_json = "[{\"a\": 1}]",
             .insights_contains_json = "{\"a\": 1}", .created_from_us = 1, .created_until_us = YEAR_3000,
             .status = TELEAI_ANALYSIS_PENDING, .sentiment_label = TELEAI_SENTIMENT_MIXED);
    teleai_analysis_input result = whole_analysis;
    result.transcription_id = result.audio_file_id = result.user_id = NULL;
    result.analysis_type = result.engine = result.error_message = NULL;
    result.has_processing_started_at = result.has_processing_completed_at = false;
    result.status = 0;
    OK(teleai_analysis_start(db, &analysis, NULL, &error));
    OK(teleai_analysis_fail(db, &analysis, "broken", NULL, &error));
    OK(teleai_analysis_start(db, &analysis, NULL, &error));
    OK(teleai_analysis_complete(db, &analysis, &result, NULL, &error));
}

/* ---- search, statistics ---- */

static void search_with(const teleai_search_options *given) {
    for (int32_t order = 0; order <= 1; order++) {
        teleai_search_options options = *given;
        teleai_search_hits *hits, *kept;
        options.order = order;
        options.limit = 1;
        options.status = TELEAI_TRANSCRIPTION_COMPLETED;
        OK(teleai_search_transcriptions(db, "heart or \"no phrase\" no* -never", &options, &kept, &error));
        cr_assert(kept->count == 1 && kept->next_cursor != NULL);
        options.cursor = kept->next_cursor;
        OK(teleai_search_transcriptions(db, "heart or \"no phrase\" no* -never", &options, &hits, &error));
        cr_assert(hits->count == 1);
        teleai_search_hits_free(kept);
        teleai_search_hits_free(hits);
    }
}

#define SEARCHED(...) search_with(&(teleai_search_options){.struct_size = sizeof(teleai_search_options), __VA_ARGS__})

static void call_search(void) {
    teleai_transcription_input second = whole_transcription;
    second.status = TELEAI_TRANSCRIPTION_COMPLETED;
    OK(teleai_transcription_create(db, &second, NULL, &error));
    SEARCHED(.limit = 0);
    SEARCHED(.user_id = &user);
    SEARCHED(.language_code = "en");
    SEARCHED(.engine = "test");
    SEARCHED(.created_from_us = 1);
    SEARCHED(.created_until_us = YEAR_3000);
    SEARCHED(.min_confidence = 0.5, .has_min_confidence = true);
    SEARCHED(.user_id = &user, .language_code = "en", .engine = "test", .created_from_us = 1,
             .created_until_us = YEAR_3000, .min_confidence = 0.5, .has_min_confidence = true);
    harness_sql("delete from transcriptions where id = (select id from transcriptions where status = 'pending')");
    PAGES(teleai_transcriptions, teleai_transcriptions_free, teleai_search_keywords(db, "hearts", &page, &list, &error))
}

static void call_statistics(void) {
    teleai_user_stats *stats;
    teleai_daily_usages *days;
    teleai_queue_statuses *queues;
    OK(teleai_user_stats_get(db, &user, &stats, &error));
    teleai_user_stats_free(stats);
    PAGES(teleai_users_stats, teleai_users_stats_free, teleai_user_stats_list(db, &page, &list, &error))
    if (owner != NULL)
        FAILS(teleai_daily_usage_refresh(db, &error), TELEAI_PERMISSION_DENIED, "");
    OK(teleai_daily_usage_refresh(owner == NULL ? db : owner, &error));
    OK(teleai_daily_usage_list(db, 0, 0, &days, &error));
    cr_assert(days->count == 1);
    teleai_daily_usages_free(days);
    OK(teleai_daily_usage_list(db, 1, YEAR_3000, &days, &error));
    teleai_daily_usages_free(days);
    PAGES(teleai_activities, teleai_activities_free, teleai_activity_list(db, NULL, &page, &list, &error))
    PAGES(teleai_activities, teleai_activities_free, teleai_activity_list(db, &user, &page, &list, &error))
    OK(teleai_queue_status_list(db, &queues, &error));
    teleai_queue_statuses_free(queues);
    harness_sql("update audio_files set status = 'ready'; update analyses set status = 'failed'");
    for (int form = 0; form < 8; form++) {
        teleai_pipeline_filter filter = {.struct_size = sizeof filter,
                                         .user_id = form & 1 ? &user : NULL,
                                         .pipeline_status = form & 2 ? TELEAI_PIPELINE_FAILED : 0,
                                         .unfinished = (form & 4) != 0};
        PAGES(teleai_pipelines, teleai_pipelines_free, teleai_pipeline_list(db, &filter, &page, &list, &error))
    }
}

/* ---- tenants ---- */

static teleai_uuid tenant;

static const teleai_tenant_input whole_tenant = {.struct_size = sizeof whole_tenant,
                                                 .name = "Acme",
                                                 .slug = "acme",
                                                 .settings_json = "{\"a\": 1}",
                                                 .max_users = 10,
                                                 .max_storage_bytes = 10,
                                                 .max_audio_ms = 10,
                                                 .has_max_users = true,
                                                 .has_max_storage = true,
                                                 .has_max_audio = true};

static teleai_status update_tenant(uint64_t fields, const teleai_update_options *options) {
    return teleai_tenant_update(db, &tenant, &whole_tenant, fields, options, NULL, &error);
}

/* To its end; what an import sends goes into tables that only its own connection has. */
static void run_job(teleai_tenant_job *job) {
    for (teleai_tenant_progress progress = {0}; !progress.done;)
        OK(teleai_tenant_job_step(job, &progress, &error));
    teleai_tenant_job_close(job);
}

static void call_tenants(void) {
    teleai_tenant *made;
    teleai_tenant_stats *stats;
    teleai_tenant_job *job;
    OK(teleai_tenant_create(db, &whole_tenant, &made, &error));
    tenant = made->id;
    teleai_tenant_free(made);
    OK(teleai_tenant_get(db, &tenant, NULL, &error));
    OK(teleai_tenant_get_by_slug(db, "acme", NULL, &error));
    call_updates(update_tenant, 6);
    FILTERED(tenant, tenants, .status = 0);
    FILTERED(tenant, tenants, .created_from_us = 1);
    FILTERED(tenant, tenants, .created_until_us = YEAR_3000);
    FILTERED(tenant, tenants, .status = TELEAI_TENANT_ACTIVE);
    FILTERED(tenant, tenants, .created_from_us = 1, .created_until_us = YEAR_3000, .status = TELEAI_TENANT_ACTIVE);
    OK(teleai_tenant_suspend(db, &tenant, NULL, &error));
    OK(teleai_tenant_resume(db, &tenant, NULL, &error));
    OK(teleai_tenant_stats_get(db, &tenant, &stats, &error));
    teleai_tenant_stats_free(stats);
    PAGES(teleai_tenants_stats, teleai_tenants_stats_free, teleai_tenant_stats_list(db, &page, &list, &error))
    if (in_batch) {
        harness_sql("delete from tenants where slug = 'acme'");
        return;
    }
    OK(teleai_tenant_usage_recount(db, NULL, NULL, &error));
    OK(teleai_tenant_usage_recount(db, &tenant, NULL, &error));
    char folder[] = "/tmp/teleai_statements_XXXXXX", command[64];
    snprintf(command, sizeof command, "rm -r %s", mkdtemp(folder));
    cr_assert(rmdir(folder) == 0);
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    run_job(job);
    cr_assert(system(command) == 0);
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    run_job(job);
}

/* Under row security: what sums up all rows may not be used by who is bound to a tenant. */
static void call_care(void) {
    teleai_health_findings *findings;
    teleai_client *transaction;
    OK(teleai_health_check(db, NULL, &findings, &error));
    teleai_health_findings_free(findings);
    OK(teleai_maintain(db, NULL, NULL, &error));
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_snapshot_export(transaction, NULL, &error));
    teleai_close(transaction);
    teleai_table_checksums *sums;
    OK(teleai_table_checksum_list(owner == NULL ? db : owner, &sums, &error));
    teleai_table_checksums_free(sums);
}

static void call_deletes_and_the_rest(void) {
    teleai_migration_status *status;
    OK(teleai_ping(db, &error));
    OK(teleai_notify(db, "jobs", "a", &error));
    if (in_batch)
        FAILS(teleai_migrate_status(db, &status, &error), TELEAI_INVALID_ARGUMENT, "client");
    else
        OK(teleai_migrate_status(db, &status, &error));
    teleai_migration_status_free(status);
    if (!in_batch)
        call_care();
    OK(teleai_analysis_delete(db, &analysis, &error));
    OK(teleai_transcription_delete(db, &transcription, &error));
    OK(teleai_audio_file_delete(db, &file, &error));
    OK(teleai_user_delete(db, &user, &error));
}

/* ---- nothing forgotten ---- */

static bool is_seen(const char *name) {
    for (size_t i = 0; i < name_count; i++)
        if (strcmp(names_seen[i], name) == 0)
            return true;
    return false;
}

/* Each function of the header that takes a client has a statement of its name, but for those that send none of this kind. */
static void check_that_every_function_was_called(void) {
    static const char *const others[] = {
        "transaction_begin",    "transaction_commit", "transaction_rollback", "transaction_run", "pool_stats_get",
        "pool_maintain",        "pool_resize",        "pool_drain",           "cancel",          "scope_open",
        "batch_open",           "batch_flush",        "batch_step",           "user_stream",     "session_stream",
        "audio_file_stream",    "analysis_stream",    "metrics_text",         "slow_calls_list", "transcription_stream",
        "subscription_open",    "migrate_up",         "migrate_down",         "migrate_to",      "row_security_enable",
        "row_security_disable", "migrate_plan",       "metrics_text_as",      "migrate_force",   "migrate_adopt",
    };
    static const char *const not_in_batches[] = {"user_login",         "migrate_status",  "health_check",
                                                 "maintain",           "snapshot_export", "tenant_usage_recount",
                                                 "table_checksum_list"};
    char command[1000], name[100];
    snprintf(command, sizeof command,
             "sed -nE 's/^TELEAI_API teleai_status teleai_([a-z_]+)\\(teleai_client .*/\\1/p' '%s'/include/teleai/*.h",
             getenv("TELEAI_SOURCE_DIR"));
    FILE *pipe = popen(command, "r");
    int functions = 0;
    while (fgets(name, sizeof name, pipe) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        bool other = false;
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            other |= strcmp(name, others[i]) == 0;
        other |=
            strcmp(name, "tenant_import_open") == 0 || (in_batch && strstr(name, "tenant_") && strstr(name, "_open"));
        other |= expected_tenant != NULL && strncmp(name, "tenant_", 7) == 0;
        for (size_t i = 0; in_batch && i < sizeof not_in_batches / sizeof *not_in_batches; i++)
            other |= strcmp(name, not_in_batches[i]) == 0;
        cr_assert(other || is_seen(name), "teleai_%s() is not called by this test, or its statement has another name",
                  name);
        functions++;
    }
    pclose(pipe);
    cr_assert(functions > 55, "%d functions", functions);
}

static void call_everything(void) {
    side = harness_connect();
    call_users();
    call_sessions();
    call_files();
    call_transcriptions();
    call_analyses();
    call_search();
    call_statistics();
    if (expected_tenant == NULL)
        call_tenants(); /* they heed no scope */
    call_deletes_and_the_rest();
    check_that_every_function_was_called();
    cr_assert(statement_count > 400 && column_count > 3000 && (in_batch || field_count > 500),
              "%zu statements, %zu columns, %zu fields", statement_count, column_count, field_count);
    PQfinish(side);
    side = NULL;
}

Test(statements, the_server_takes_every_one_with_the_types_that_are_sent_and_read) {
    call_everything();
    compare_texts("tests/db/statements.sql");
}

Test(statements, they_are_the_same_unprepared) {
    teleai_close(db);
    teleai_options options = {
        .struct_size = sizeof options, .pooler = TELEAI_POOLER_TRANSACTION, .password_memory_kib = 19456};
    OK(teleai_open(harness_database(), &options, &db, &error));
    call_everything();
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.statements_prepared == 0);
}

Test(statements, one_connection_runs_them_all_prepared) {
    call_everything();
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.opened == 1 && stats.statements_prepared > 150 && stats.statements_prepared <= 192,
              "%lld were prepared", (long long)stats.statements_prepared);
}

static const char *tenant_text(const teleai_uuid *tenant) {
    static char text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(tenant, text);
    return text;
}

/* That of another tenant, which every statement then names. */
Test(statements, they_are_the_same_in_a_scope) {
    teleai_uuid actor, tenant;
    teleai_uuid_make(&actor);
    teleai_uuid_make(&tenant);
    harness_sql("insert into tenants (id, name, slug) values ('%s', 'Acme', 'acme')", tenant_text(&tenant));
    expected_tenant = &tenant;
    teleai_scope_options options = {.struct_size = sizeof options,
                                    .timeout_ms = 20000,
                                    .actor_id = &actor,
                                    .tenant_id = &tenant,
                                    .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
    teleai_client *root = db;
    OK(teleai_scope_open(root, &options, &db, &error));
    call_everything();
    teleai_close(db);
    db = root;
}

/* As the role that the server keeps to one tenant. */
Test(statements, they_are_the_same_under_row_security) {
    teleai_uuid tenant;
    teleai_uuid_make(&tenant);
    harness_sql("insert into tenants (id, name, slug) values ('%s', 'Acme', 'acme')", tenant_text(&tenant));
    OK(teleai_row_security_enable(db, &error));
    owner = db;
    expected_tenant = &tenant;
    teleai_options options = {.struct_size = sizeof options,
                              .password_memory_kib = 19456,
                              .tenant_id = &tenant,
                              .require_row_security = true};
    OK(teleai_open(harness_database_as("teleai_app"), &options, &db, &error));
    call_everything();
    FAILS(teleai_tenant_create(db, &whole_tenant, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    teleai_close(db);
    db = owner;
    OK(teleai_row_security_disable(db, &error));
}

Test(statements, they_are_the_same_in_a_batch) {
    teleai_client *root = db;
    OK(teleai_batch_open(root, NULL, &db, &error));
    in_batch = true;
    call_everything();
    teleai_close(db);
    db = root;
}
