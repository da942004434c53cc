/* Every function of the headers, called in tenant A with what somebody knows of another tenant: of B, or of one that is not. */
#ifndef TELEAI_TESTS_DB_HOSTILE_CALLS_H
#define TELEAI_TESTS_DB_HOSTILE_CALLS_H

#include "base/cursor.h"
#include "hostile_record.h"

#define MANY 64 /* enough for COPY */

static const belongings *x; /* whose ids, addresses, tokens and words are used */

static const char *in_json(const char *pattern) {
    static char texts[4][200];
    static int next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], pattern, x->word);
    return text;
}

/* ---- what all nouns have ---- */

/* Reading, changing and deleting by id. `mask` has all bits of an update. */
#define TRY_ROW(noun, plural, delete_function, x_id, own_id, since_us, input, mask)                           \
    do {                                                                                                      \
        teleai_##noun *one = NULL;                                                                            \
        teleai_##plural *some = NULL;                                                                         \
        const teleai_uuid mixed[] = {own_id, x_id, x_id};                                                     \
        TRY(teleai_##noun##_get(at, &(x_id), &one, &error));                                                  \
        tell("%d", one != NULL);                                                                              \
        teleai_##noun##_free(one);                                                                            \
        if (TRY(teleai_##noun##_get_many(at, mixed, 3, &some, &error)) == TELEAI_OK)                          \
            tell("%d %d %d", some->items[0] != NULL, some->items[1] != NULL, some->items[2] != NULL);         \
        cr_assert(some != NULL && some->items[0] != NULL);                                                    \
        teleai_##plural##_free(some);                                                                         \
        const teleai_update_options guard = {.struct_size = sizeof guard, .if_unchanged_since_us = since_us}, \
                                    late = {.struct_size = sizeof late, .if_unchanged_since_us = 1},          \
                                    again = {.struct_size = sizeof again, .repeat_if_lost = true};            \
        const teleai_update_options *const options[] = {NULL, &guard, &late, &again};                         \
        for (size_t o = 0; o < 4; o++)                                                                        \
            for (uint64_t bit = 1; bit <= (mask) + 1; bit <<= 1) {                                            \
                uint64_t fields = bit <= (mask) ? bit : (mask);                                               \
                one = NULL;                                                                                   \
                TRY(teleai_##noun##_update(at, &(x_id), &(input), fields, options[o], &one, &error));         \
                tell("%d", one != NULL);                                                                      \
                teleai_##noun##_free(one);                                                                    \
            }                                                                                                 \
        TRY(delete_function(at, &(x_id), &error));                                                            \
    } while (0)

/* A list by filter in all orders, from the start and behind a row of the other tenant; counted and streamed. */
#define TRY_LIST(noun, plural, cursor_kind, behind_id, ...)                                                           \
    do {                                                                                                              \
        teleai_##noun##_filter filter = {.struct_size = sizeof filter, __VA_ARGS__};                                  \
        for (int32_t form = 0; form < 8; form++) {                                                                    \
            char cursor[TELEAI__CURSOR_TEXT_BYTES];                                                                   \
            teleai__cursor behind = {.kind =                                                                          \
                                         (uint8_t)((cursor_kind) + form % 2 + (form & 2 ? TELEAI__CURSOR_BY_ID : 0)), \
                                     .time_us = x->created_at_us,                                                     \
                                     .id = behind_id};                                                                \
            teleai__cursor_format(&behind, cursor);                                                                   \
            teleai_page page = {                                                                                      \
                .struct_size = sizeof page, .order = form % 4, .cursor = form < 4 ? NULL : cursor, .limit = 100};     \
            teleai_##plural *list = NULL;                                                                             \
            if (TRY(teleai_##noun##_list(at, &filter, &page, &list, &error)) == TELEAI_OK)                            \
                for (size_t i = 0; i < list->count; i++)                                                              \
                    tell_id(&list->items[i]->id);                                                                     \
            teleai_##plural##_free(list);                                                                             \
            in_one = true;                                                                                            \
            teleai_stream *stream = NULL;                                                                             \
            list = NULL;                                                                                              \
            if (TRY(teleai_##noun##_stream(at, &filter, &page, &stream, &error)) == TELEAI_OK &&                      \
                TRY(teleai_##noun##_stream_next(stream, &list, &error)) == TELEAI_OK)                                 \
                for (size_t i = 0; list != NULL && i < list->count; i++)                                              \
                    tell_id(&list->items[i]->id);                                                                     \
            teleai_##plural##_free(list);                                                                             \
            teleai_stream_close(stream);                                                                              \
            in_one = false;                                                                                           \
        }                                                                                                             \
        int64_t count = 0;                                                                                            \
        if (TRY(teleai_##noun##_count(at, &filter, &count, &error)) == TELEAI_OK)                                     \
            tell("%d", (int)count);                                                                                   \
    } while (0)

/* An input that names somebody else's parents: alone, among many, as COPY, and with the good ones kept. */
#define TRY_CREATE(noun, plural, input)                                                                            \
    do {                                                                                                           \
        teleai_##noun *one = NULL;                                                                                 \
        teleai_##plural *some = NULL;                                                                              \
        static teleai_##noun##_input inputs[MANY];                                                                 \
        teleai_error errors[2];                                                                                    \
        memset(errors, 0, sizeof errors);                                                                          \
        for (size_t i = 0; i < MANY; i++)                                                                          \
            inputs[i] = (input);                                                                                   \
        inputs[0].user_id = &a.user; /* the first is good where this is what was wrong */                          \
        TRY(teleai_##noun##_create(at, &(input), &one, &error));                                                   \
        tell("%d", one != NULL);                                                                                   \
        teleai_##noun##_free(one);                                                                                 \
        TRY(teleai_##noun##_create_many(at, inputs, 3, NULL, &some, &error));                                      \
        tell("%d", some != NULL);                                                                                  \
        teleai_##plural##_free(some);                                                                              \
        TRY(teleai_##noun##_create_many(at, inputs, MANY, NULL, NULL, &error));                                    \
        const teleai_create_many_options keep = {.struct_size = sizeof keep, .errors = errors, .keep_good = true}; \
        some = NULL;                                                                                               \
        TRY(teleai_##noun##_create_many(at, inputs + 1, 2, &keep, &some, &error));                                 \
        tell("%d %s %s %s %s", some != NULL, errors[0].message, errors[0].constraint, errors[1].field,             \
             errors[1].sqlstate);                                                                                  \
        teleai_##plural##_free(some);                                                                              \
    } while (0)

/* ---- nouns ---- */

static void try_users(void) {
    const teleai_user_input input = {.struct_size = sizeof input,
                                     .email = "new@example.org",
                                     .full_name = "New",
                                     .password = "battery staple",
                                     .role = TELEAI_ROLE_VIEWER,
                                     .has_is_active = true};
    teleai_user *user = NULL;
    TRY_ROW(user, users, teleai_user_delete, x->user, a.user, x->user_at_us, input, 31);
    TRY(teleai_user_get_by_email(at, x->email, &user, &error));
    tell("%d", user != NULL);
    TRY(teleai_user_login(at, x->email, PASSWORD, &user, &error));
    TRY(teleai_user_login(at, x->email, "wrong horse", &user, &error));
    tell("%d", user != NULL);
    TRY_LIST(user, users, TELEAI__CURSOR_USERS, x->user, .role = 0);
    TRY_LIST(user, users, TELEAI__CURSOR_USERS, x->user, .role = TELEAI_ROLE_ADMIN, .is_active = true,
             .has_is_active = true, .created_from_us = x->user_at_us);
}

static void try_token(const char *token) {
    teleai_identity *identity = NULL;
    TRY(teleai_session_check(at, token, &identity, &error));
    tell("%d", identity != NULL);
    teleai_identity_free(identity);
}

static void try_sessions(void) {
    char token[80];
    int64_t count = 0;
    const teleai_session_input changed = {.struct_size = sizeof changed, .user_agent = "new"},
                               input = {.struct_size = sizeof input, .user_id = &x->user};
    TRY_ROW(session, sessions, teleai_session_revoke, x->session, a.session, x->session_at_us, changed, 7);
    try_token(x->token);
    snprintf(token, sizeof token, "%.23s%s", a.token, x->token + 23); /* the secret behind the other tenant's name */
    try_token(token);
    try_token(x->token + 23);
    TRY(teleai_session_revoke_all(at, &x->user, &count, &error));
    tell("%d", (int)count);
    TRY(teleai_session_purge_expired(at, &count, &error));
    tell("%d", (int)count);
    TRY_LIST(session, sessions, TELEAI__CURSOR_SESSIONS, x->session, .include_expired = true);
    TRY_LIST(session, sessions, TELEAI__CURSOR_SESSIONS, x->session, .include_expired = true, .user_id = &x->user);
    teleai_session *one = NULL;
    teleai_sessions *some = NULL;
    const teleai_session_input two[] = {{.struct_size = sizeof two[0], .user_id = &a.user}, input};
    TRY(teleai_session_create(at, &input, &one, &error));
    tell("%d", one != NULL);
    TRY(teleai_session_create_many(at, two, 2, NULL, &some, &error));
    tell("%d", some != NULL);
}

static void try_files(void) {
    const teleai_audio_file_input input = {.struct_size = sizeof input,
                                           .user_id = &x->user,
                                           .file_name = "new.wav",
                                           .file_path = "/new",
                                           .mime_type = "audio/wav",
                                           .metadata_json = "{}",
                                           .file_size_bytes = 1};
    const char *json = in_json("{\"mark\": \"%s\"}");
    TRY_LIST(audio_file, audio_files, TELEAI__CURSOR_AUDIO_FILES, x->file, .status = 0);
    TRY_LIST(audio_file, audio_files, TELEAI__CURSOR_AUDIO_FILES, x->file, .user_id = &x->user);
    TRY_LIST(audio_file, audio_files, TELEAI__CURSOR_AUDIO_FILES, x->file, .metadata_contains_json = json);
    TRY_LIST(audio_file, audio_files, TELEAI__CURSOR_AUDIO_FILES, x->file, .created_from_us = x->file_at_us,
             .created_until_us = x->file_at_us + 1, .mime_type = "audio/wav", .status = TELEAI_AUDIO_FILE_UPLOADED);
    TRY_CREATE(audio_file, audio_files, input);
    TRY(teleai_audio_file_start(at, &x->file, NULL, &error));
    TRY(teleai_audio_file_complete(at, &x->file, NULL, &error));
    TRY(teleai_audio_file_fail(at, &x->file, "broken", NULL, &error));
    TRY_ROW(audio_file, audio_files, teleai_audio_file_delete, x->file, a.file, x->file_at_us, input, 1023);
}

static void try_transcriptions(void) {
    teleai_transcription_input input = {.struct_size = sizeof input,
                                        .text = "new",
                                        .language_code = "en",
                                        .engine = "new",
                                        .metadata_json = "{}"},
                               result = {.struct_size = sizeof result, .text = "new"};
    const char *json = in_json("{\"mark\": \"%s\"}");
    TRY_LIST(transcription, transcriptions, TELEAI__CURSOR_TRANSCRIPTIONS, x->transcription, .status = 0);
    TRY_LIST(transcription, transcriptions, TELEAI__CURSOR_TRANSCRIPTIONS, x->transcription, .user_id = &x->user);
    TRY_LIST(transcription, transcriptions, TELEAI__CURSOR_TRANSCRIPTIONS, x->transcription, .audio_file_id = &x->file);
    TRY_LIST(transcription, transcriptions, TELEAI__CURSOR_TRANSCRIPTIONS, x->transcription,
             .metadata_contains_json = json);
    TRY_LIST(transcription, transcriptions, TELEAI__CURSOR_TRANSCRIPTIONS, x->transcription, .engine = x->word,
             .language_code = "en");
    for (unsigned int whose = 1; whose < 4; whose++) {
        input.audio_file_id = whose & 1 ? &x->file : &a.file;
        input.user_id = whose & 2 ? &x->user : &a.user;
        TRY_CREATE(transcription, transcriptions, input);
    }
    TRY(teleai_transcription_start(at, &x->transcription, NULL, &error));
    TRY(teleai_transcription_complete(at, &x->transcription, &result, NULL, &error));
    TRY(teleai_transcription_fail(at, &x->transcription, "broken", NULL, &error));
    TRY_ROW(transcription, transcriptions, teleai_transcription_delete, x->transcription, a.transcription,
            x->transcription_at_us, input, 127);
}

static void try_analyses(void) {
    teleai_analysis_input input = {.struct_size = sizeof input, .analysis_type = "new", .engine = "new"},
                          result = {.struct_size = sizeof result, .summary = "new"};
    const char *object = in_json("{\"mark\": \"%s\"}"), *list = in_json("[{\"text\": \"%s\"}]"),
               *topics = in_json("[{\"name\": \"%s\"}]");
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .status = 0);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .user_id = &x->user);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .audio_file_id = &x->file);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .transcription_id = &x->transcription);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .analysis_type = x->word);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .metadata_contains_json = object);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .entities_contains_json = list);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .topics_contains_json = topics);
    TRY_LIST(analysis, analyses, TELEAI__CURSOR_ANALYSES, x->analysis, .insights_contains_json = object);
    for (unsigned int whose = 1; whose < 8; whose++) {
        input.transcription_id = whose & 1 ? &x->transcription : &a.transcription;
        input.audio_file_id = whose & 2 ? &x->file : &a.file;
        input.user_id = whose & 4 ? &x->user : &a.user;
        TRY_CREATE(analysis, analyses, input);
    }
    TRY(teleai_analysis_start(at, &x->analysis, NULL, &error));
    TRY(teleai_analysis_complete(at, &x->analysis, &result, NULL, &error));
    TRY(teleai_analysis_fail(at, &x->analysis, "broken", NULL, &error));
    TRY_ROW(analysis, analyses, teleai_analysis_delete, x->analysis, a.analysis, x->analysis_at_us, input, 1023);
}

/* ---- search ---- */

static void try_search_for(const char *query, const teleai_uuid *user) {
    for (int32_t form = 0; form < 4; form++) {
        char cursor[TELEAI__CURSOR_TEXT_BYTES];
        teleai__cursor behind = {
            .kind = form % 2 == 0 ? TELEAI__CURSOR_SEARCH_RANKED : TELEAI__CURSOR_SEARCH_NEWEST,
            .time_us = x->created_at_us,
            .id = x->transcription,
            .rank = 1,
            .as_of_us = x->created_at_us,
            .as_of_id = x->transcription,
        };
        teleai__cursor_format(&behind, cursor);
        teleai_search_options options = {
            .struct_size = sizeof options, .user_id = user, .order = form % 2, .cursor = form < 2 ? NULL : cursor};
        teleai_search_hits *hits = NULL;
        if (TRY(teleai_search_transcriptions(at, query, &options, &hits, &error)) == TELEAI_OK) {
            tell("%d %d ", (int)hits->total, hits->total_is_exact);
            tell_masked(hits->parsed_query);
            for (size_t i = 0; i < hits->count; i++) {
                tell_id(&hits->items[i]->transcription_id);
                tell("%s %s %s ", hits->items[i]->snippet, hits->items[i]->file_name, hits->items[i]->engine);
            }
        }
        teleai_search_hits_free(hits);
    }
}

static void try_search(void) {
    teleai_transcriptions *found = NULL;
    try_search_for(x->word, NULL);
    try_search_for(in_json("%.5s*"), NULL);
    try_search_for(in_json("heart %s"), NULL);
    try_search_for("heart rate", &x->user);
    try_search_for("heart rate", NULL);
    try_search_for(in_json("heart -%s"), NULL);
    for (int i = 0; i < 2; i++) {
        if (TRY(teleai_search_keywords(at, i == 0 ? x->word : "heart", NULL, &found, &error)) == TELEAI_OK)
            for (size_t j = 0; j < found->count; j++)
                tell("%s ", found->items[j]->text);
        teleai_transcriptions_free(found);
    }
}

/* ---- statistics ---- */

/* Figures show no words: they are held against A's rows. */
static void check_figures(const teleai_queue_statuses *queues, const teleai_daily_usages *days) {
    int64_t waiting = 0, uploads = 0;
    for (size_t i = 0; i < queues->count; i++)
        waiting += queues->items[i]->count;
    for (size_t i = 0; i < days->count; i++)
        uploads += days->items[i]->total_uploads;
    const char *tenant = uuid_text(&a.tenant);
    cr_expect(waiting ==
                  atoll(harness_sql("select (select count(*) from audio_files where tenant_id = '%s') + (select "
                                    "count(*) from transcriptions where tenant_id = '%s') + (select count(*) from "
                                    "analyses where tenant_id = '%s')",
                                    tenant, tenant, tenant)),
              "%d wait", (int)waiting);
    cr_expect(uploads == atoll(harness_sql(
                             "select count(*) from audio_files where tenant_id = '%s' and status = 'ready'", tenant)),
              "%d uploads", (int)uploads);
}

static void try_statistics(void) {
    teleai_user_stats *stats = NULL;
    teleai_users_stats *all = NULL;
    teleai_activities *feed = NULL;
    teleai_queue_statuses *queues = NULL;
    teleai_daily_usages *days = NULL;
    TRY(teleai_user_stats_get(at, &x->user, &stats, &error));
    tell("%d", stats != NULL);
    if (TRY(teleai_user_stats_list(at, NULL, &all, &error)) == TELEAI_OK)
        for (size_t i = 0; i < all->count; i++)
            tell("%s %d %d ", all->items[i]->email, (int)all->items[i]->total_files,
                 (int)all->items[i]->total_storage_bytes);
    for (int i = 0; i < 2; i++) {
        if (TRY(teleai_activity_list(at, i == 0 ? &x->user : NULL, NULL, &feed, &error)) == TELEAI_OK)
            for (size_t j = 0; j < feed->count; j++)
                tell("%s %s ", feed->items[j]->email, feed->items[j]->resource_name);
        teleai_activities_free(feed);
    }
    if (TRY(teleai_queue_status_list(at, &queues, &error)) == TELEAI_OK)
        for (size_t i = 0; i < queues->count; i++)
            tell("%s %d ", queues->items[i]->status_name, (int)queues->items[i]->count);
    TRY(teleai_daily_usage_refresh(at, &error));
    if (TRY(teleai_daily_usage_list(at, 0, 0, &days, &error)) == TELEAI_OK)
        for (size_t i = 0; i < days->count; i++)
            tell("%d %d %d ", (int)days->items[i]->active_users, (int)days->items[i]->total_uploads,
                 (int)days->items[i]->total_bytes_uploaded);
    check_figures(queues, days);
    for (int i = 0; i < 4; i++) {
        teleai_pipeline_filter filter = {
            .struct_size = sizeof filter, .user_id = i & 1 ? &x->user : NULL, .unfinished = (i & 2) != 0};
        teleai_pipelines *list = NULL;
        if (TRY(teleai_pipeline_list(at, &filter, NULL, &list, &error)) == TELEAI_OK)
            for (size_t j = 0; j < list->count; j++) {
                tell("%s ", list->items[j]->file_name);
                tell_id(&list->items[j]->analysis_id);
            }
        teleai_pipelines_free(list);
    }
    teleai_user_stats_free(stats);
    teleai_users_stats_free(all);
    teleai_queue_statuses_free(queues);
    teleai_daily_usages_free(days);
}

static void try_everything(const belongings *whose, record *into) {
    x = whose;
    recording = into;
    hidden = whose->word;
    try_users();
    try_sessions();
    try_files();
    try_transcriptions();
    try_analyses();
    try_search();
    try_statistics();
}

#endif
