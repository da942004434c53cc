/* Every kind of operation, once each: what is called while the server lies, and what must hold of what it gives. */
#ifndef TELEAI_TESTS_HOSTILE_OPERATIONS_H
#define TELEAI_TESTS_HOSTILE_OPERATIONS_H

#include <poll.h>

#include "base/text.h"
#include "check.h"
#include "harness.h"

#define PLACE 128 /* bytes of a text to say what is tried */

static char at_present[PLACE];
static teleai_uuid user, file, transcription, analysis;                                        /* rows that are there */
static teleai_uuid fresh_user, fresh_file, fresh_transcription, fresh_analysis, fresh_session; /* made for each call */
static char fresh_email[64], token[100];

/* ---- what was given ---- */

static void sound_text(const char *text) {
    size_t characters, bad = 0;
    if (text != NULL)
        CHECK(teleai__utf8_check(text, strlen(text), &characters, &bad), "%s: byte %zu of %.60s", at_present, bad,
              text);
}

static void sound_user(const teleai_user *it) {
    sound_text(it->email);
    sound_text(it->full_name);
    CHECK(it->email != NULL && it->full_name != NULL, "%s", at_present);
}

static void sound_session(const teleai_session *it) {
    sound_text(it->ip_address);
    sound_text(it->user_agent);
}

static void sound_audio_file(const teleai_audio_file *it) {
    sound_text(it->file_name);
    sound_text(it->file_path);
    sound_text(it->mime_type);
    sound_text(it->error_message);
    sound_text(it->metadata_json);
    CHECK(it->file_name != NULL && it->file_path != NULL && it->metadata_json != NULL, "%s", at_present);
}

static void sound_transcription(const teleai_transcription *it) {
    sound_text(it->text);
    sound_text(it->language_code);
    sound_text(it->engine);
    sound_text(it->error_message);
    sound_text(it->metadata_json);
    CHECK(it->text == NULL ? it->text_bytes == 0 : it->text_bytes == (int64_t)strlen(it->text), "%s", at_present);
}

static void sound_analysis(const teleai_analysis *it) {
    sound_text(it->summary);
    sound_text(it->key_phrases_json);
    sound_text(it->entities_json);
    sound_text(it->topics_json);
    for (size_t i = 0; i < it->key_phrase_count; i++)
        sound_text(it->key_phrases[i]);
    for (size_t i = 0; i < it->entity_count; i++)
        sound_text(it->entities[i].text);
    for (size_t i = 0; i < it->topic_count; i++)
        sound_text(it->topics[i].name);
}

static void sound_hit(const teleai_search_hit *it) {
    sound_text(it->snippet);
    sound_text(it->snippet_marked);
    CHECK(it->snippet != NULL && it->snippet_marked != NULL, "%s", at_present);
}

static void sound_tenant(const teleai_tenant *it) { sound_text(it->slug); }
static void sound_stats(const teleai_user_stats *it) {
    sound_text(it->email);
    CHECK(it->total_files >= 0 && it->total_storage_bytes >= 0, "%s", at_present);
}
static void sound_usage(const teleai_daily_usage *it) { sound_text(it->date); }
static void sound_activity(const teleai_activity *it) { sound_text(it->resource_name); }
static void sound_queue(const teleai_queue_status *it) { sound_text(it->status_name); }
static void sound_pipeline(const teleai_pipeline *it) { sound_text(it->file_name); }
static void sound_finding(const teleai_health_finding *it) { sound_text(it->message); }

/* After a call that gave, or would have given, a record or a list. */
#define ONE(noun, call)                                                                        \
    do {                                                                                       \
        teleai_##noun *made = (teleai_##noun *)&user;                                          \
        teleai_status status_ = (call);                                                        \
        CHECK((status_ == TELEAI_OK) == (made != NULL), "%s: %s", at_present, error->message); \
        if (made != NULL)                                                                      \
            sound_##noun(made);                                                                \
        teleai_##noun##_free(made);                                                            \
        return status_;                                                                        \
    } while (0)

#define MANY(list, noun, call)                                                                 \
    do {                                                                                       \
        teleai_##list *made = (teleai_##list *)&user;                                          \
        teleai_status status_ = (call);                                                        \
        CHECK((status_ == TELEAI_OK) == (made != NULL), "%s: %s", at_present, error->message); \
        for (size_t i = 0; made != NULL && i < made->count; i++)                               \
            if (made->items[i] != NULL)                                                        \
                sound_##noun(made->items[i]);                                                  \
        teleai_##list##_free(made);                                                            \
        return status_;                                                                        \
    } while (0)

/* ---- operations ---- */

#define CALL(name) static teleai_status name(teleai_client *client, teleai_error *error)

#define IN(type, ...) (&(const teleai_##type##_input){.struct_size = sizeof(teleai_##type##_input), __VA_ARGS__})
#define NEW_USER IN(user, .email = fresh_email, .full_name = "Ann")
#define NEW_SESSION IN(session, .user_id = &user, .ip_address = "10.0.0.1", .user_agent = "agent")
#define NEW_FILE                                                                                            \
    IN(audio_file, .user_id = &user, .file_name = "a.wav", .file_path = "/a.wav", .mime_type = "audio/wav", \
       .file_size_bytes = 5, .duration_ms = 5000, .has_duration = true, .metadata_json = "{\"a\": [1, 2]}")
#define NEW_TRANSCRIPTION                                                                             \
    IN(transcription, .audio_file_id = &file, .user_id = &user, .language_code = "en", .engine = "e", \
       .text = "heart rate", .confidence = 0.5, .has_confidence = true, .status = TELEAI_TRANSCRIPTION_COMPLETED)
#define NEW_ANALYSIS                                                                                                 \
    IN(analysis, .transcription_id = &transcription, .audio_file_id = &file, .user_id = &user, .analysis_type = "t", \
       .engine = "e", .entities_json = "[{\"text\": \"x\"}]", .topics_json = "[{\"name\": \"x\", \"score\": 0.5}]",  \
       .key_phrases_json = "[\"one\", \"two\"]")

static const teleai_page few = {.struct_size = sizeof few, .limit = 3};

CALL(user_create) { ONE(user, teleai_user_create(client, NEW_USER, &made, error)); }
CALL(user_get) { ONE(user, teleai_user_get(client, &user, &made, error)); }
CALL(user_get_many) { MANY(users, user, teleai_user_get_many(client, &user, 1, &made, error)); }
CALL(user_get_by_email) { ONE(user, teleai_user_get_by_email(client, "login@example.org", &made, error)); }
CALL(user_update) {
    ONE(user, teleai_user_update(client, &fresh_user, IN(user, .full_name = "Bob"), TELEAI_USER_FIELD_FULL_NAME, NULL,
                                 &made, error));
}
CALL(user_delete) { return teleai_user_delete(client, &fresh_user, error); }
CALL(user_list) { MANY(users, user, teleai_user_list(client, NULL, &few, &made, error)); }
CALL(user_create_many) { MANY(users, user, teleai_user_create_many(client, NEW_USER, 1, NULL, &made, error)); }
CALL(user_login) { ONE(user, teleai_user_login(client, "login@example.org", "correct horse", &made, error)); }

static teleai_status counted(teleai_status status, int64_t count) {
    CHECK(status != TELEAI_OK || count >= 0, "%s: %lld", at_present, (long long)count);
    return status;
}
CALL(user_count) {
    int64_t count = 0;
    teleai_status status = teleai_user_count(client, NULL, &count, error);
    return counted(status, count);
}

CALL(session_create) { ONE(session, teleai_session_create(client, NEW_SESSION, &made, error)); }
CALL(session_get) { ONE(session, teleai_session_get(client, &fresh_session, &made, error)); }
CALL(session_list) { MANY(sessions, session, teleai_session_list(client, NULL, &few, &made, error)); }
CALL(session_create_many) {
    MANY(sessions, session, teleai_session_create_many(client, NEW_SESSION, 1, NULL, &made, error));
}
CALL(session_check) {
    teleai_identity *made = NULL;
    teleai_status status = teleai_session_check(client, token, &made, error);
    if (made != NULL)
        sound_user(made->user);
    teleai_identity_free(made);
    return status;
}
CALL(session_revoke) { return teleai_session_revoke(client, &fresh_session, error); }
CALL(session_revoke_all) {
    int64_t count = 0;
    teleai_status status = teleai_session_revoke_all(client, &fresh_user, &count, error);
    return counted(status, count);
}
CALL(session_purge) {
    int64_t count = 0;
    teleai_status status = teleai_session_purge_expired(client, &count, error);
    return counted(status, count);
}

CALL(audio_file_create) { ONE(audio_file, teleai_audio_file_create(client, NEW_FILE, &made, error)); }
CALL(audio_file_get) { ONE(audio_file, teleai_audio_file_get(client, &file, &made, error)); }
CALL(audio_file_list) { MANY(audio_files, audio_file, teleai_audio_file_list(client, NULL, &few, &made, error)); }
CALL(audio_file_update) {
    ONE(audio_file, teleai_audio_file_update(client, &fresh_file, IN(audio_file, .file_name = "b.wav"),
                                             TELEAI_AUDIO_FILE_FIELD_FILE_NAME, NULL, &made, error));
}
CALL(audio_file_start) { ONE(audio_file, teleai_audio_file_start(client, &fresh_file, &made, error)); }
CALL(audio_file_delete) { return teleai_audio_file_delete(client, &fresh_file, error); }
CALL(audio_file_create_many) {
    MANY(audio_files, audio_file, teleai_audio_file_create_many(client, NEW_FILE, 1, NULL, &made, error));
}
CALL(audio_file_stream) {
    teleai_stream *stream = NULL;
    teleai_audio_files *piece = NULL;
    teleai_status status = teleai_audio_file_stream(client, NULL, &few, &stream, error);
    for (int i = 0; status == TELEAI_OK && i < 3; i++) {
        status = teleai_audio_file_stream_next(stream, &piece, error);
        for (size_t k = 0; piece != NULL && k < piece->count; k++)
            sound_audio_file(piece->items[k]);
        teleai_audio_files_free(piece);
        if (piece == NULL)
            break;
        piece = NULL;
    }
    teleai_stream_close(stream);
    return status;
}
CALL(bulk) {
    teleai_audio_file_input inputs[600];
    for (int i = 0; i < 600; i++)
        inputs[i] = *NEW_FILE;
    MANY(audio_files, audio_file, teleai_audio_file_create_many(client, inputs, 600, NULL, &made, error));
}

/* Without the records: as COPY. */
CALL(bulk_copy) {
    teleai_audio_file_input inputs[600];
    for (int i = 0; i < 600; i++)
        inputs[i] = *NEW_FILE;
    return teleai_audio_file_create_many(client, inputs, 600, NULL, NULL, error);
}

CALL(transcription_create) { ONE(transcription, teleai_transcription_create(client, NEW_TRANSCRIPTION, &made, error)); }
CALL(transcription_get) { ONE(transcription, teleai_transcription_get(client, &transcription, &made, error)); }
CALL(transcription_list) {
    MANY(transcriptions, transcription, teleai_transcription_list(client, NULL, &few, &made, error));
}
CALL(transcription_complete) {
    ONE(transcription,
        teleai_transcription_complete(client, &fresh_transcription, IN(transcription, .text = "x"), &made, error));
}
CALL(transcription_delete) { return teleai_transcription_delete(client, &fresh_transcription, error); }
CALL(search_keywords) {
    MANY(transcriptions, transcription, teleai_search_keywords(client, "heart", &few, &made, error));
}
CALL(search) {
    const teleai_search_options options = {.struct_size = sizeof options, .limit = 2};
    MANY(search_hits, hit, teleai_search_transcriptions(client, "heart", &options, &made, error));
}

CALL(analysis_create) { ONE(analysis, teleai_analysis_create(client, NEW_ANALYSIS, &made, error)); }
CALL(analysis_get) { ONE(analysis, teleai_analysis_get(client, &analysis, &made, error)); }
CALL(analysis_list) { MANY(analyses, analysis, teleai_analysis_list(client, NULL, &few, &made, error)); }
CALL(analysis_fail) { ONE(analysis, teleai_analysis_fail(client, &fresh_analysis, "words", &made, error)); }
CALL(analysis_arrow) {
    teleai_analyses *list = NULL;
    teleai_status status = teleai_analysis_list(client, NULL, &few, &list, error);
    struct ArrowSchema schema;
    struct ArrowArray array;
    if (status == TELEAI_OK)
        status = teleai_analyses_to_arrow(list, &schema, &array, error);
    if (status == TELEAI_OK) {
        schema.release(&schema);
        array.release(&array);
    }
    teleai_analyses_free(list);
    return status;
}

CALL(tenant_list) { MANY(tenants, tenant, teleai_tenant_list(client, NULL, &few, &made, error)); }
CALL(user_stats) { MANY(users_stats, stats, teleai_user_stats_list(client, &few, &made, error)); }
CALL(daily_usage) {
    MANY(daily_usages, usage, teleai_daily_usage_list(client, 0, INT64_C(4000000000000000), &made, error));
}
CALL(activity) { MANY(activities, activity, teleai_activity_list(client, NULL, &few, &made, error)); }
CALL(queue_status) { MANY(queue_statuses, queue, teleai_queue_status_list(client, &made, error)); }
CALL(pipeline) { MANY(pipelines, pipeline, teleai_pipeline_list(client, NULL, &few, &made, error)); }
CALL(health) { MANY(health_findings, finding, teleai_health_check(client, NULL, &made, error)); }
CALL(ping) { return teleai_ping(client, error); }
CALL(notify) { return teleai_notify(client, "channel", "words", error); }
CALL(migrate_status) {
    teleai_migration_status *made = NULL;
    teleai_status status = teleai_migrate_status(client, &made, error);
    teleai_migration_status_free(made);
    return status;
}
CALL(migrate_up) { return teleai_migrate_up(client, error); }

CALL(transaction) {
    teleai_client *inner = NULL;
    teleai_user *made = NULL;
    teleai_status status = teleai_transaction_begin(client, NULL, &inner, error);
    if (status == TELEAI_OK)
        status = teleai_user_create(inner, NEW_USER, &made, error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, error);
    if (made != NULL)
        sound_user(made);
    teleai_user_free(made);
    teleai_close(inner);
    return status;
}

CALL(stream_inside) {
    teleai_client *inner = NULL;
    teleai_status status = teleai_transaction_begin(client, NULL, &inner, error);
    if (status == TELEAI_OK)
        status = audio_file_stream(inner, error);
    teleai_close(inner);
    return status;
}

CALL(in_scope) {
    const teleai_scope_options options = {.struct_size = sizeof options, .timeout_ms = 300};
    teleai_client *scope = NULL;
    teleai_status status = teleai_scope_open(client, &options, &scope, error);
    if (status == TELEAI_OK)
        status = audio_file_get(scope, error);
    teleai_close(scope);
    return status;
}

static teleai_status in_batch(teleai_client *client, bool steps, teleai_error *error) {
    teleai_client *batch = NULL;
    teleai_user *made = NULL, *read = NULL;
    teleai_analyses *list = NULL;
    teleai_error errors[3] = {{0}};
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status != TELEAI_OK)
        return status;
    teleai_user_create(batch, NEW_USER, &made, &errors[0]);
    teleai_user_get(batch, &user, &read, &errors[1]);
    teleai_analysis_list(batch, NULL, &few, &list, &errors[2]);
    for (bool done = !steps; steps && !done;) {
        status = teleai_batch_step(batch, &done, error);
        struct pollfd watched = {.fd = teleai_batch_socket(batch), .events = 0};
        int events = teleai_batch_events(batch);
        watched.events =
            (short)((events & TELEAI_EVENT_READ ? POLLIN : 0) | (events & TELEAI_EVENT_WRITE ? POLLOUT : 0));
        if (!done)
            poll(&watched, watched.fd < 0 ? 0 : 1, teleai_batch_timeout_ms(batch));
    }
    if (!steps)
        status = teleai_batch_flush(batch, error);
    CHECK(teleai_batch_pending(batch) == 0, "%s", at_present);
    for (int i = 0; i < 3; i++)
        CHECK(errors[i].status != TELEAI_QUEUED, "%s: %d", at_present, i);
    if (made != NULL)
        sound_user(made);
    if (read != NULL)
        sound_user(read);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        sound_analysis(list->items[i]);
    teleai_user_free(made);
    teleai_user_free(read);
    teleai_analyses_free(list);
    teleai_close(batch);
    return status;
}
CALL(batch_flush) { return in_batch(client, false, error); }
CALL(batch_step) { return in_batch(client, true, error); }

CALL(subscription) {
    static const char *const channels[] = {"one", "two"};
    teleai_subscription *made = NULL;
    teleai_notification *heard = NULL;
    teleai_status status = teleai_subscription_open(client, channels, 2, &made, error);
    if (status == TELEAI_OK)
        status = teleai_subscription_next(made, 0, &heard, error);
    teleai_notification_free(heard);
    teleai_subscription_close(made);
    if (status != TELEAI_TIMEOUT)
        return status;
    memset(error, 0, sizeof *error); /* nothing was said */
    return TELEAI_OK;
}

typedef struct hostile_operation {
    const char *name;
    teleai_status (*call)(teleai_client *client, teleai_error *error);
    int answers; /* how many of its answers are lied about, one after the other */
    int every;   /* it meets each how-manieth trick: those that share their way with others need not meet all */
    bool fresh;  /* it changes rows, which are made for it */
} hostile_operation;

static const hostile_operation operations[] = {
    {"user_create", user_create, 1, 4, false},
    {"user_get", user_get, 1, 1, false},
    {"user_get_many", user_get_many, 1, 4, false},
    {"user_get_by_email", user_get_by_email, 1, 8, false},
    {"user_update", user_update, 1, 4, true},
    {"user_delete", user_delete, 1, 2, true},
    {"user_list", user_list, 1, 8, false},
    {"user_count", user_count, 1, 2, false},
    {"user_create_many", user_create_many, 1, 4, false},
    {"user_login", user_login, 2, 20, false},
    {"session_create", session_create, 1, 4, false},
    {"session_get", session_get, 1, 8, true},
    {"session_list", session_list, 1, 8, false},
    {"session_create_many", session_create_many, 1, 8, false},
    {"session_check", session_check, 1, 4, false},
    {"session_revoke", session_revoke, 1, 8, true},
    {"session_revoke_all", session_revoke_all, 1, 4, true},
    {"session_purge_expired", session_purge, 1, 8, false},
    {"audio_file_create", audio_file_create, 1, 2, false},
    {"audio_file_get", audio_file_get, 1, 4, false},
    {"audio_file_list", audio_file_list, 1, 2, false},
    {"audio_file_update", audio_file_update, 1, 8, true},
    {"audio_file_start", audio_file_start, 1, 2, true},
    {"audio_file_delete", audio_file_delete, 1, 8, true},
    {"audio_file_create_many", audio_file_create_many, 1, 8, false},
    {"audio_file_stream", audio_file_stream, 1, 1, false},
    {"audio_file_create_many of 600", bulk, 2, 8, false},
    {"the same without the records", bulk_copy, 2, 8, false},
    {"transcription_create", transcription_create, 1, 8, false},
    {"transcription_get", transcription_get, 1, 2, false},
    {"transcription_list", transcription_list, 1, 8, false},
    {"transcription_complete", transcription_complete, 1, 8, true},
    {"transcription_delete", transcription_delete, 1, 12, true},
    {"search_keywords", search_keywords, 1, 8, false},
    {"search_transcriptions", search, 1, 1, false},
    {"analysis_create", analysis_create, 1, 8, false},
    {"analysis_get", analysis_get, 1, 4, false},
    {"analysis_list", analysis_list, 1, 1, false},
    {"analysis_fail", analysis_fail, 1, 4, true},
    {"analyses_to_arrow", analysis_arrow, 1, 4, false},
    {"tenant_list", tenant_list, 1, 8, false},
    {"user_stats_list", user_stats, 1, 4, false},
    {"daily_usage_list", daily_usage, 1, 4, false},
    {"activity_list", activity, 1, 8, false},
    {"queue_status_list", queue_status, 1, 4, false},
    {"pipeline_list", pipeline, 1, 4, false},
    {"health_check", health, 3, 40, false},
    {"ping", ping, 1, 4, false},
    {"notify", notify, 1, 4, false},
    {"migrate_status", migrate_status, 1, 4, false},
    {"migrate_up", migrate_up, 2, 8, false},
    {"a transaction", transaction, 3, 2, false},
    {"in a scope", in_scope, 1, 2, false},
    {"a batch", batch_flush, 1, 2, false},
    {"a batch, its second answer", batch_flush, 2, 12, false},
    {"a batch in steps", batch_step, 2, 2, false},
    {"a stream in a transaction", stream_inside, 3, 4, false},
    {"a subscription", subscription, 2, 4, false},
};

#endif
