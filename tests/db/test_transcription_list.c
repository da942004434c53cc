/* Transcriptions on a real server: lists, filters, counts; starting, completing, failing; very long texts. */
#define SUITE_TIMEOUT_S 280 /* the server takes up to a minute for the longest texts */
#include "paging.h"

SERVER_SUITE(transcription_list);

static teleai_uuid user, file;

static void add(const char *status, teleai_uuid *id) {
    if (teleai_uuid_equal(&user, &(teleai_uuid){{0}})) { /* each test runs in a process of its own */
        harness_user(db, &user);
        harness_audio_file(db, &user, &file);
    }
    harness_transcription(db, &user, &file, "old text", id);
    if (status != NULL)
        harness_sql("update transcriptions set status = '%s' where id = '%s'", status, id_text(id));
}

static void add_any(teleai_uuid *id) { add(NULL, id); }
static void remove_one(const teleai_uuid *id) { OK(teleai_transcription_delete(db, id, &error)); }
static void free_list(void *list) { teleai_transcriptions_free(list); }
static teleai_status list_all(const teleai_page *page, void *out, teleai_error *why) {
    return teleai_transcription_list(db, NULL, page, out, why);
}

static const paging transcription_paging = {list_all, free_list, offsetof(teleai_transcription, created_at_us), add_any,
                                            remove_one};
PAGING_TESTS(transcription_list, &transcription_paging)

static void finds(const teleai_transcription_filter *filter, const char *texts) {
    teleai_page page = {.struct_size = sizeof page, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_transcriptions *list;
    char found[200] = "";
    int64_t count = -1;
    OK(teleai_transcription_list(db, filter, &page, &list, &error));
    for (size_t i = 0; i < list->count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s", list->items[i]->text);
    SAME_TEXT(found, texts);
    OK(teleai_transcription_count(db, filter, &count, &error));
    cr_assert(count == (int64_t)strlen(texts), "counted %lld of %s", (long long)count, texts);
    teleai_transcriptions_free(list);
}

#define FILTER(...) \
    &(teleai_transcription_filter) { .struct_size = sizeof(teleai_transcription_filter), __VA_ARGS__ }

Test(transcription_list, filters) {
    teleai_uuid users[2], files[2];
    for (int i = 0; i < 2; i++) {
        harness_user(db, &users[i]);
        harness_audio_file(db, &users[i], &files[i]);
    }
    static const char *const texts[] = {"a", "b", "c", "d"};
    static const char *const languages[] = {"en", "en-GB", "de", "en"};
    int64_t times[4];
    for (int i = 0; i < 4; i++) {
        teleai_transcription_input input = {.struct_size = sizeof input,
                                            .user_id = &users[i / 2],
                                            .audio_file_id = &files[i % 2],
                                            .text = texts[i],
                                            .language_code = languages[i],
                                            .engine = i == 2 ? "whisper" : "sphinx",
                                            .status = i + 1,
                                            .metadata_json = i == 3 ? "{\"k\": {\"l\": [1, 2]}}" : NULL,
                                            .confidence = 0.25 * i,
                                            .has_confidence = i > 0};
        teleai_transcription *made;
        OK(teleai_transcription_create(db, &input, &made, &error));
        times[i] = made->created_at_us;
        teleai_transcription_free(made);
    }
    finds(NULL, "abcd");
    finds(FILTER(.user_id = &users[1]), "cd");
    finds(FILTER(.audio_file_id = &files[1]), "bd");
    finds(FILTER(.language_code = "en"), "ad");
    finds(FILTER(.language_code = "fr"), "");
    finds(FILTER(.engine = "whisper"), "c");
    finds(FILTER(.engine = "Whisper"), "");
    finds(FILTER(.metadata_contains_json = "{\"k\": {\"l\": [2]}}"), "d");
    finds(FILTER(.metadata_contains_json = "{\"k\": {\"l\": [3]}}"), "");
    finds(FILTER(.created_from_us = times[1], .created_until_us = times[3]), "bc");
    finds(FILTER(.has_min_confidence = true), "bcd"); /* 0: all that have one */
    finds(FILTER(.min_confidence = 0.5, .has_min_confidence = true), "cd");
    finds(FILTER(.min_confidence = 0.51, .has_min_confidence = true), "d");
    finds(FILTER(.min_confidence = 1, .has_min_confidence = true), "");
    for (int i = 0; i < 4; i++)
        finds(FILTER(.status = i + 1), texts[i]);
    finds(FILTER(.user_id = &users[1], .audio_file_id = &files[1], .language_code = "en", .engine = "sphinx",
                 .metadata_contains_json = "{}", .created_from_us = times[0], .created_until_us = times[3] + 1,
                 .min_confidence = 0.75, .has_min_confidence = true, .status = TELEAI_TRANSCRIPTION_FAILED),
          "d");
    int64_t count;
    FAILS(teleai_transcription_count(db, FILTER(.min_confidence = 1.01, .has_min_confidence = true), &count, &error),
          TELEAI_INVALID_ARGUMENT, "min_confidence");
    FAILS(teleai_transcription_count(db, FILTER(.language_code = "english"), &count, &error), TELEAI_INVALID_ARGUMENT,
          "language_code");
}

/* ---- transitions ---- */

enum { START, COMPLETE, FAIL };
static const char *const statuses[] = {"pending", "processing", "completed", "failed"};

static teleai_transcription_input result_of(const char *text) {
    return (teleai_transcription_input){.struct_size = sizeof(teleai_transcription_input), .text = text};
}

static teleai_status move(int action, const teleai_uuid *id, teleai_transcription **out) {
    teleai_transcription_input result = result_of("new text here");
    return action == START      ? teleai_transcription_start(db, id, out, &error)
           : action == COMPLETE ? teleai_transcription_complete(db, id, &result, out, &error)
                                : teleai_transcription_fail(db, id, "no sound", out, &error);
}

Test(transcription_list, every_transition_is_done_or_refused) {
    static const bool legal[3][4] = {[START] = {true, false, false, true},
                                     [COMPLETE] = {true, true, false, false},
                                     [FAIL] = {true, true, false, false}};
    static const int32_t becomes[] = {[START] = TELEAI_TRANSCRIPTION_PROCESSING,
                                      [COMPLETE] = TELEAI_TRANSCRIPTION_COMPLETED,
                                      [FAIL] = TELEAI_TRANSCRIPTION_FAILED};
    for (int action = 0; action < 3; action++) {
        for (int from = 0; from < 4; from++) {
            teleai_uuid id;
            add(statuses[from], &id);
            harness_sql("update transcriptions set error_message = 'old', processing_duration_ms = 5, "
                        "processing_completed_at = "
                        "'epoch', processing_started_at = now() - interval '10 s' where id = '%s'",
                        id_text(&id));
            teleai_transcription *before, *after = NULL, *read;
            OK(teleai_transcription_get(db, &id, &before, &error));
            int64_t start = now_us();
            if (!legal[action][from]) {
                FAILS(move(action, &id, &after), TELEAI_CONFLICT, "");
                cr_assert(after == NULL && strstr(error.message, statuses[from]) != NULL, "%s", error.message);
                OK(teleai_transcription_get(db, &id, &read, &error));
                cr_assert(read->updated_at_us == before->updated_at_us && read->status == before->status);
                SAME_TEXT(read->text, "old text");
            } else {
                OK(move(action, &id, &after));
                OK(teleai_transcription_get(db, &id, &read, &error));
                for (int i = 0; i < 2; i++) {
                    const teleai_transcription *it = i == 0 ? after : read;
                    cr_assert(it->status == becomes[action]);
                    SAME_TEXT(it->text, action == COMPLETE ? "new text here" : "old text");
                    cr_assert(it->word_count == (action == COMPLETE ? 3 : 2));
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
                        SAME_TEXT(it->error_message, "no sound");
                    else
                        cr_assert(it->error_message == NULL);
                }
            }
            teleai_transcription_free(before);
            teleai_transcription_free(after);
            teleai_transcription_free(read);
        }
    }
}

Test(transcription_list, complete_takes_every_result_field) {
    teleai_uuid ids[2];
    for (int i = 0; i < 2; i++) {
        add("processing", &ids[i]);
        harness_sql("update transcriptions set metadata = '{\"kept\": 1}', engine_version = 'v0' where id = '%s'",
                    id_text(&ids[i]));
    }
    teleai_transcription_input result = result_of("five words and then some");
    result.text_bytes = 10;
    result.confidence = 0.915;
    result.has_confidence = true;
    result.word_count = 40;
    result.has_word_count = true;
    result.engine_version = "v1";
    result.processing_duration_ms = 1234;
    result.has_processing_duration = true;
    result.metadata_json = "{\"new\": 2}";
    teleai_transcription *it;
    OK(teleai_transcription_complete(db, &ids[0], &result, &it, &error));
    SAME_TEXT(it->text, "five words");
    cr_assert(it->has_confidence && it->confidence == 0.92);
    cr_assert(it->has_word_count && it->word_count == 40);
    SAME_TEXT(it->engine_version, "v1");
    cr_assert(it->has_processing_duration && it->processing_duration_ms == 1234);
    SAME_TEXT(it->metadata_json, "{\"new\": 2}");
    teleai_transcription_free(it);
    /* What is not given: words are counted, the rest stays; nobody knows when it started. */
    result = result_of("two words");
    OK(teleai_transcription_complete(db, &ids[1], &result, &it, &error));
    cr_assert(!it->has_confidence && it->word_count == 2 && !it->has_processing_duration &&
              it->has_processing_completed_at);
    SAME_TEXT(it->engine_version, "v0");
    SAME_TEXT(it->metadata_json, "{\"kept\": 1}");
    teleai_transcription_free(it);
}

Test(transcription_list, complete_refuses) {
    teleai_uuid id, missing;
    add("processing", &id);
    teleai_uuid_make(&missing);
    teleai_transcription_input result = result_of(NULL);
    teleai_transcription *out = (teleai_transcription *)&id;
    FAILS(teleai_transcription_complete(db, &id, &result, &out, &error), TELEAI_INVALID_ARGUMENT, "text");
    cr_assert(out == NULL);
    FAILS(teleai_transcription_complete(db, &id, NULL, &out, &error), TELEAI_INVALID_ARGUMENT, "result");
#define REFUSED(member, value, name) \
    result = result_of("text");      \
    result.member = value;           \
    FAILS(teleai_transcription_complete(db, &id, &result, &out, &error), TELEAI_INVALID_ARGUMENT, name)
    REFUSED(id, &missing, "id");
    REFUSED(audio_file_id, &missing, "audio_file_id");
    REFUSED(user_id, &missing, "user_id");
    REFUSED(language_code, "en", "language_code");
    REFUSED(engine, "x", "engine");
    REFUSED(status, TELEAI_TRANSCRIPTION_COMPLETED, "status");
    REFUSED(error_message, "x", "error_message");
    REFUSED(has_processing_started_at, true, "processing_started_at_us");
    REFUSED(has_processing_completed_at, true, "processing_completed_at_us");
    result = result_of("text");
    FAILS(teleai_transcription_complete(db, &missing, &result, &out, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_transcription_complete(db, NULL, &result, &out, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_transcription_start(db, &missing, &out, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_transcription_fail(db, &missing, "why", &out, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_transcription_fail(db, &id, NULL, &out, &error), TELEAI_INVALID_ARGUMENT, "error_message");
    SAME_TEXT(harness_sql("select status || transcription_text from transcriptions"), "processingold text");
}

static teleai_status start(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    return teleai_transcription_start(client, id, NULL, why);
}

static teleai_status finish(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    teleai_transcription_input result = result_of("done");
    return teleai_transcription_complete(client, id, &result, NULL, why);
}

Test(transcription_list, of_two_workers_one_gets_it) {
    teleai_uuid ids[20];
    for (int i = 0; i < 20; i++)
        add("pending", &ids[i]);
    exactly_one_of_two(db, start, ids, 20);
    exactly_one_of_two(db, finish, ids, 20);
    SAME_TEXT(harness_sql("select count(*) from transcriptions where status = 'completed'"), "20");
}

/* ---- very long texts ---- */

#define HUNDRED_MB ((size_t)100 * 1000 * 1000)

/* So many bytes of words of `letters` letters: all the same, or every one another. */
static char *long_text(size_t bytes, size_t letters, bool different) {
    char *text = malloc(bytes + 1);
    cr_assert(text != NULL);
    memset(text, 'b', bytes); /* no stop word, however short */
    for (size_t at = 0, word = 0; at < bytes; at += letters + 1, word++) {
        for (size_t i = 0, rest = word; different && i < letters && at + i < bytes; i++, rest /= 26)
            text[at + i] = (char)('a' + rest % 26);
        if (at + letters < bytes)
            text[at + letters] = ' ';
    }
    text[bytes] = '\0';
    return text;
}

static void still_works(const teleai_uuid *id, const char *text) {
    teleai_transcription *read;
    OK(teleai_transcription_get(db, id, &read, &error));
    SAME_TEXT(read->text, text);
    teleai_transcription_free(read);
}

/* The index of words holds at most 1 MB of different words a text. */
Test(transcription_list, too_many_different_words_exceed_a_limit) {
    teleai_uuid id;
    add("processing", &id);
    char *text = long_text(3000000, 12, true);
    teleai_transcription_input result = result_of(text);
    FAILS(teleai_transcription_complete(db, &id, &result, NULL, &error), TELEAI_LIMIT_EXCEEDED, "text");
    SAME_TEXT(error.sqlstate, "54000");
    SAME_TEXT(harness_sql("select status from transcriptions"), "processing");
    still_works(&id, "old text");
    free(text);
}

/* The server takes up to a minute for these, and more on a busy machine. */
static teleai_client *open_patient(void) {
    teleai_client *patient;
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 270000};
    OK(teleai_open(harness_database(), &options, &patient, &error));
    return patient;
}

Test(transcription_list, a_hundred_megabytes_are_stored) {
    teleai_uuid id;
    add("processing", &id);
    teleai_client *patient = open_patient();
    char *text = long_text(HUNDRED_MB, 5000, false); /* words this long are not indexed */
    teleai_transcription_input result = result_of(text);
    teleai_transcription *made, *read;
    OK(teleai_transcription_complete(patient, &id, &result, &made, &error));
    cr_assert(made->text_bytes == (int64_t)HUNDRED_MB && made->word_count == (int32_t)((HUNDRED_MB + 5000) / 5001));
    OK(teleai_transcription_get(patient, &id, &read, &error));
    teleai_close(patient);
    cr_assert(read->text_bytes == (int64_t)HUNDRED_MB && memcmp(read->text, text, HUNDRED_MB + 1) == 0);
    teleai_transcription_free(made);
    teleai_transcription_free(read);
    free(text);
}

/* Fifty million words are more than the server can take apart at once. */
Test(transcription_list, a_hundred_megabytes_of_words_exceed_a_limit) {
    teleai_uuid id;
    add("processing", &id);
    char *text = long_text(HUNDRED_MB, 1, false);
    teleai_transcription_input result = result_of(text);
    teleai_error why;
    teleai_client *patient = open_patient();
    teleai_status status = teleai_transcription_complete(patient, &id, &result, NULL, &why);
    teleai_close(patient);
    still_works(&id, "old text");
    free(text);
    cr_assert(status == TELEAI_LIMIT_EXCEEDED, "%s: %s (%s)", teleai_status_name(status), why.message, why.sqlstate);
}
