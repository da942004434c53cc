/* For test_statements.c: every function of the nouns, in each form that its SQL can have. */
#ifndef TELEAI_TESTS_DB_STATEMENT_CALLS_H
#define TELEAI_TESTS_DB_STATEMENT_CALLS_H

/* ---- calls ---- */

static bool in_batch;
static teleai_client *owner; /* under row security: a client that it does not bind */
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

#endif
