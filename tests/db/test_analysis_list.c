/* Analyses on a real server: lists, filters, counts; starting, completing, failing. */
#include "analyses.h"

SERVER_SUITE(analysis_list);

static void add(const char *status, teleai_uuid *id) {
    teleai_analysis_input input = minimal_analysis(db);
    teleai_uuid_make(id);
    input.id = id;
    input.summary = "old";
    OK(teleai_analysis_create(db, &input, NULL, &error));
    if (status != NULL)
        harness_sql("update analyses set status = '%s' where id = '%s'", status, id_text(id));
}

static void add_any(teleai_uuid *id) {
    make_parents(db);
    add(NULL, id);
}
static void remove_one(const teleai_uuid *id) { OK(teleai_analysis_delete(db, id, &error)); }
static void free_list(void *list) { teleai_analyses_free(list); }
static teleai_status list_all(const teleai_page *page, void *out, teleai_error *why) {
    return teleai_analysis_list(db, NULL, page, out, why);
}

static const paging analysis_paging = {list_all, free_list, offsetof(teleai_analysis, created_at_us), add_any,
                                       remove_one};
PAGING_TESTS(analysis_list, &analysis_paging)

static void finds(const teleai_analysis_filter *filter, const char *summaries) {
    teleai_page page = {.struct_size = sizeof page, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_analyses *list;
    char found[200] = "";
    int64_t count = -1;
    OK(teleai_analysis_list(db, filter, &page, &list, &error));
    for (size_t i = 0; i < list->count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s", list->items[i]->summary);
    SAME_TEXT(found, summaries);
    OK(teleai_analysis_count(db, filter, &count, &error));
    cr_assert(count == (int64_t)strlen(summaries), "counted %lld of %s", (long long)count, summaries);
    teleai_analyses_free(list);
}

#define FILTER(...) \
    &(teleai_analysis_filter) { .struct_size = sizeof(teleai_analysis_filter), __VA_ARGS__ }

Test(analysis_list, filters) {
    teleai_uuid users[2], files[2], transcriptions[2];
    for (int i = 0; i < 2; i++) {
        harness_user(db, &users[i]);
        harness_audio_file(db, &users[i], &files[i]);
        harness_transcription(db, &users[i], &files[i], "words", &transcriptions[i]);
    }
    static const char *const names[] = {"a", "b", "c", "d"};
    int64_t times[4];
    for (int i = 0; i < 4; i++) {
        teleai_analysis_input input = {
            .struct_size = sizeof input,
            .user_id = &users[i / 2],
            .audio_file_id = &files[i % 2],
            .transcription_id = &transcriptions[i == 3],
            .analysis_type = i == 1 ? "sentiment" : "topics",
            .engine = i == 0 ? "one" : "two",
            .summary = names[i],
            .status = i + 1,
            .sentiment_label = i + 1,
            .metadata_json = i == 1 ? "{\"k\": true}" : NULL,
            .entities_json =
                i == 2 ? "[{\"text\": \"Ann\", \"type\": \"person\"}, {\"text\": \"Rome\", \"type\": \"place\"}]"
                       : NULL,
            .topics_json = i == 3 ? "[{\"name\": \"sale\", \"score\": 0.5}]" : NULL,
            .insights_json = i == 0 ? "{\"list\": [1, 2, {\"x\": null}]}" : NULL};
        teleai_analysis *made;
        OK(teleai_analysis_create(db, &input, &made, &error));
        times[i] = made->created_at_us;
        teleai_analysis_free(made);
    }
    finds(NULL, "abcd");
    finds(FILTER(.user_id = &users[0]), "ab");
    finds(FILTER(.audio_file_id = &files[1]), "bd");
    finds(FILTER(.transcription_id = &transcriptions[0]), "abc");
    finds(FILTER(.analysis_type = "topics"), "acd");
    finds(FILTER(.engine = "one"), "a");
    finds(FILTER(.metadata_contains_json = "{\"k\": true}"), "b");
    finds(FILTER(.metadata_contains_json = "{\"k\": false}"), "");
    finds(FILTER(.entities_contains_json = "[{\"type\": \"person\"}]"), "c");
    finds(FILTER(.entities_contains_json = "[{\"type\": \"place\"}, {\"text\": \"Ann\"}]"), "c");
    finds(FILTER(.entities_contains_json = "[{\"type\": \"person\", \"text\": \"Rome\"}]"), "");
    finds(FILTER(.entities_contains_json = "[]"), "abcd");
    finds(FILTER(.topics_contains_json = "[{\"score\": 0.50}]"), "d");
    finds(FILTER(.insights_contains_json = "{\"list\": [{\"x\": null}]}"), "a");
    finds(FILTER(.created_from_us = times[1], .created_until_us = times[3]), "bc");
    for (int i = 0; i < 4; i++) {
        finds(FILTER(.status = i + 1), names[i]);
        finds(FILTER(.sentiment_label = i + 1), names[i]);
    }
    finds(FILTER(.user_id = &users[1], .audio_file_id = &files[0], .transcription_id = &transcriptions[0],
                 .analysis_type = "topics", .engine = "two", .metadata_contains_json = "{}",
                 .entities_contains_json = "[{\"text\": \"Rome\"}]", .topics_contains_json = "[]",
                 .insights_contains_json = "{}", .created_from_us = times[0], .created_until_us = times[3],
                 .status = TELEAI_ANALYSIS_COMPLETED, .sentiment_label = TELEAI_SENTIMENT_NEUTRAL),
          "c");
    int64_t count;
    FAILS(teleai_analysis_count(db, FILTER(.entities_contains_json = "{}"), &count, &error), TELEAI_INVALID_ARGUMENT,
          "entities_contains_json");
    FAILS(teleai_analysis_count(db, FILTER(.insights_contains_json = "[]"), &count, &error), TELEAI_INVALID_ARGUMENT,
          "insights_contains_json");
    FAILS(teleai_analysis_count(db, FILTER(.sentiment_label = 5), &count, &error), TELEAI_INVALID_ARGUMENT,
          "sentiment_label");
}

/* ---- transitions ---- */

enum { START, COMPLETE, FAIL };
static const char *const statuses[] = {"pending", "processing", "completed", "failed"};

static teleai_analysis_input result_of(const char *summary) {
    return (teleai_analysis_input){.struct_size = sizeof(teleai_analysis_input), .summary = summary};
}

static teleai_status move(int action, const teleai_uuid *id, teleai_analysis **out) {
    teleai_analysis_input result = result_of("new");
    return action == START      ? teleai_analysis_start(db, id, out, &error)
           : action == COMPLETE ? teleai_analysis_complete(db, id, &result, out, &error)
                                : teleai_analysis_fail(db, id, "no words", out, &error);
}

Test(analysis_list, every_transition_is_done_or_refused) {
    static const bool legal[3][4] = {[START] = {true, false, false, true},
                                     [COMPLETE] = {true, true, false, false},
                                     [FAIL] = {true, true, false, false}};
    static const int32_t becomes[] = {
        [START] = TELEAI_ANALYSIS_PROCESSING, [COMPLETE] = TELEAI_ANALYSIS_COMPLETED, [FAIL] = TELEAI_ANALYSIS_FAILED};
    for (int action = 0; action < 3; action++) {
        for (int from = 0; from < 4; from++) {
            teleai_uuid id;
            add(statuses[from], &id);
            harness_sql(
                "update analyses set error_message = 'old', processing_duration_ms = 5, processing_completed_at = "
                "'epoch', processing_started_at = now() - interval '10 s' where id = '%s'",
                id_text(&id));
            teleai_analysis *before, *after = NULL, *read;
            OK(teleai_analysis_get(db, &id, &before, &error));
            int64_t start = now_us();
            if (!legal[action][from]) {
                FAILS(move(action, &id, &after), TELEAI_CONFLICT, "");
                cr_assert(after == NULL && strstr(error.message, statuses[from]) != NULL, "%s", error.message);
                OK(teleai_analysis_get(db, &id, &read, &error));
                cr_assert(read->updated_at_us == before->updated_at_us && read->status == before->status);
            } else {
                OK(move(action, &id, &after));
                OK(teleai_analysis_get(db, &id, &read, &error));
                for (int i = 0; i < 2; i++) {
                    const teleai_analysis *it = i == 0 ? after : read;
                    cr_assert(it->status == becomes[action]);
                    SAME_TEXT(it->summary, action == COMPLETE ? "new" : "old");
                    cr_assert(it->has_processing_started_at && it->has_processing_completed_at == (action != START));
                    cr_assert(it->has_processing_duration == (action != START));
                    if (action == START) {
                        JUST_NOW(it->processing_started_at_us, start);
                    } else {
                        JUST_NOW(it->processing_completed_at_us, start);
                        cr_assert(it->processing_started_at_us == before->processing_started_at_us);
                        cr_assert(it->processing_duration_ms >= 10000 && it->processing_duration_ms < 60000);
                    }
                    if (action == FAIL)
                        SAME_TEXT(it->error_message, "no words");
                    else
                        cr_assert(it->error_message == NULL);
                }
            }
            teleai_analysis_free(before);
            teleai_analysis_free(after);
            teleai_analysis_free(read);
        }
    }
}

Test(analysis_list, complete_takes_every_result_field) {
    teleai_uuid ids[2];
    for (int i = 0; i < 2; i++) {
        add("processing", &ids[i]);
        harness_sql(
            "update analyses set metadata = '{\"kept\": 1}', engine_version = 'v0', topics = '[1]' where id = '%s'",
            id_text(&ids[i]));
    }
    static const char *const phrases[] = {"key"};
    static const teleai_entity entities[] = {{.text = "Ann"}};
    teleai_analysis_input result = result_of("new");
    result.sentiment_score = 0.5;
    result.has_sentiment_score = true;
    result.sentiment_label = TELEAI_SENTIMENT_POSITIVE;
    result.key_phrases = phrases;
    result.key_phrase_count = 1;
    result.entities = entities;
    result.entity_count = 1;
    result.topics_json = "[{\"name\": \"t\"}]";
    result.insights_json = "{\"i\": 1}";
    result.engine_version = "v1";
    result.processing_duration_ms = 1234;
    result.has_processing_duration = true;
    result.metadata_json = "{\"new\": 2}";
    teleai_analysis *it;
    OK(teleai_analysis_complete(db, &ids[0], &result, &it, &error));
    SAME_TEXT(it->summary, "new");
    cr_assert(it->has_sentiment_score && it->sentiment_score == 0.5 &&
              it->sentiment_label == TELEAI_SENTIMENT_POSITIVE);
    SAME_TEXT(it->key_phrases_json, "[\"key\"]");
    SAME_TEXT(it->entities_json, "[{\"text\": \"Ann\"}]");
    SAME_TEXT(it->topics_json, "[{\"name\": \"t\"}]");
    SAME_TEXT(it->insights_json, "{\"i\": 1}");
    SAME_TEXT(it->engine_version, "v1");
    cr_assert(it->has_processing_duration && it->processing_duration_ms == 1234);
    SAME_TEXT(it->metadata_json, "{\"new\": 2}");
    teleai_analysis_free(it);
    result = result_of(NULL);
    OK(teleai_analysis_complete(db, &ids[1], &result, &it, &error));
    cr_assert(it->summary == NULL && !it->has_sentiment_score && it->sentiment_label == 0 && it->key_phrases == NULL);
    SAME_TEXT(it->topics_json, "[]");
    SAME_TEXT(it->engine_version, "v0");
    SAME_TEXT(it->metadata_json, "{\"kept\": 1}");
    cr_assert(!it->has_processing_duration && it->has_processing_completed_at);
    teleai_analysis_free(it);
}

Test(analysis_list, complete_refuses) {
    teleai_uuid id, missing;
    add("processing", &id);
    teleai_uuid_make(&missing);
    teleai_analysis_input result;
    teleai_analysis *out = (teleai_analysis *)&id;
    FAILS(teleai_analysis_complete(db, &id, NULL, &out, &error), TELEAI_INVALID_ARGUMENT, "result");
#define REFUSED(member, value, name) \
    result = result_of("text");      \
    result.member = value;           \
    FAILS(teleai_analysis_complete(db, &id, &result, &out, &error), TELEAI_INVALID_ARGUMENT, name)
    REFUSED(id, &missing, "id");
    REFUSED(transcription_id, &missing, "transcription_id");
    REFUSED(audio_file_id, &missing, "audio_file_id");
    REFUSED(user_id, &missing, "user_id");
    REFUSED(analysis_type, "x", "analysis_type");
    REFUSED(engine, "x", "engine");
    REFUSED(status, TELEAI_ANALYSIS_COMPLETED, "status");
    REFUSED(error_message, "x", "error_message");
    REFUSED(has_processing_started_at, true, "processing_started_at_us");
    REFUSED(has_processing_completed_at, true, "processing_completed_at_us");
    cr_assert(out == NULL);
    result = result_of("x");
    FAILS(teleai_analysis_complete(db, &missing, &result, &out, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_analysis_start(db, &missing, &out, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_analysis_fail(db, &missing, "why", &out, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_analysis_fail(db, &id, "", &out, &error), TELEAI_INVALID_ARGUMENT, "error_message");
    SAME_TEXT(harness_sql("select status || summary from analyses"), "processingold");
}

static teleai_status start(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    return teleai_analysis_start(client, id, NULL, why);
}

static teleai_status finish(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    teleai_analysis_input result = result_of("done");
    return teleai_analysis_complete(client, id, &result, NULL, why);
}

Test(analysis_list, of_two_workers_one_gets_it) {
    teleai_uuid ids[20];
    for (int i = 0; i < 20; i++)
        add("pending", &ids[i]);
    exactly_one_of_two(db, start, ids, 20);
    exactly_one_of_two(db, finish, ids, 20);
    SAME_TEXT(harness_sql("select count(*) from analyses where status = 'completed'"), "20");
}
