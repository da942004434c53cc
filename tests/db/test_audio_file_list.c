/* Audio files on a real server: lists, filters, counts, and moving from one status to another. */
#include "paging.h"

SERVER_SUITE(audio_file_list);

static teleai_uuid user;

static void add_file(teleai_uuid *id) {
    if (teleai_uuid_equal(&user, &(teleai_uuid){{0}})) /* each test runs in a process of its own */
        harness_user(db, &user);
    harness_audio_file(db, &user, id);
}
static void remove_file(const teleai_uuid *id) { OK(teleai_audio_file_delete(db, id, &error)); }
static void free_files(void *list) { teleai_audio_files_free(list); }
static teleai_status list_files(const teleai_page *page, void *out, teleai_error *why) {
    return teleai_audio_file_list(db, NULL, page, out, why);
}

static const paging file_paging = {list_files, free_files, offsetof(teleai_audio_file, created_at_us), add_file,
                                   remove_file};
PAGING_TESTS(audio_file_list, &file_paging)

Test(audio_file_list, a_page_has_fifty_rows_unless_told) {
    teleai_uuid id;
    add_file(&id);
    harness_sql("insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type) "
                "select '%s', 'x', 'x', 1, 'audio/wav' from generate_series(1, 50)",
                id_text(&user));
    teleai_audio_files *list;
    OK(teleai_audio_file_list(db, NULL, NULL, &list, &error));
    cr_assert(list->count == 50 && list->next_cursor != NULL);
    teleai_page page = {.struct_size = sizeof page, .cursor = list->next_cursor};
    teleai_audio_files *rest;
    OK(teleai_audio_file_list(db, NULL, &page, &rest, &error));
    cr_assert(rest->count == 1 && rest->next_cursor == NULL);
    SAME_ID(&rest->items[0]->id, &id); /* newest first */
    teleai_audio_files_free(list);
    teleai_audio_files_free(rest);
    OK(teleai_audio_file_list(db, NULL, NULL, NULL, &error));
}

/* Other writers may store any time that the server has. Pages end, and show each row once. */
Test(audio_file_list, pages_hold_times_at_the_ends_of_the_calendar) {
    static const char *const times[] = {
        "infinity",         "infinity",        "infinity",        "294276-12-31 23:59:59.999999+00", "294276-01-01+00",
        "294250-01-01+00",  "294250-01-01+00", "294246-01-01+00", "1969-12-31 23:59:59.999999+00",   "0001-01-01+00",
        "4713-01-01+00 BC", "-infinity",       "-infinity"};
    enum { COUNT = sizeof times / sizeof *times };
    for (int i = 0; i < COUNT; i++) {
        teleai_uuid id;
        add_file(&id);
        harness_sql("update audio_files set created_at = '%s' where id = '%s'", times[i], id_text(&id));
    }
    for (int32_t order = TELEAI_ORDER_NEWEST_FIRST; order <= TELEAI_ORDER_OLDEST_FIRST; order++) {
        teleai_page page = {.struct_size = sizeof page, .limit = 2, .order = order};
        char cursor[200] = "";
        teleai_uuid seen[COUNT];
        int count = 0;
        for (int pages = 0; pages == 0 || page.cursor != NULL; pages++) {
            teleai_audio_files *list;
            cr_assert(pages < COUNT, "it does not end");
            OK(teleai_audio_file_list(db, NULL, &page, &list, &error));
            for (size_t i = 0; i < list->count && count < COUNT; i++) {
                for (int j = 0; j < count; j++)
                    cr_assert(!teleai_uuid_equal(&seen[j], &list->items[i]->id), "a row comes twice");
                seen[count++] = list->items[i]->id;
            }
            int64_t first = list->items[0]->created_at_us;
            if (pages == 0)
                cr_assert(first == (order == TELEAI_ORDER_NEWEST_FIRST ? INT64_MAX : INT64_MIN), "%lld",
                          (long long)first);
            page.cursor = NULL;
            if (list->next_cursor != NULL)
                page.cursor = strcpy(cursor, list->next_cursor);
            teleai_audio_files_free(list);
        }
        cr_assert(count == COUNT, "%d of %d", count, COUNT);
    }
}

Test(audio_file_list, a_cursor_of_another_list_is_refused) {
    teleai_uuid ids[2];
    add_file(&ids[0]);
    add_file(&ids[1]);
    teleai_page page = {.struct_size = sizeof page, .limit = 1};
    teleai_audio_files *list;
    OK(teleai_audio_file_list(db, NULL, &page, &list, &error));
    page.cursor = list->next_cursor;
    teleai_users *users;
    FAILS(teleai_user_list(db, NULL, &page, &users, &error), TELEAI_INVALID_ARGUMENT, "cursor");
    cr_assert(users == NULL);
    teleai_audio_files_free(list);
}

static void finds(const teleai_audio_file_filter *filter, const char *names) {
    teleai_page page = {.struct_size = sizeof page, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_audio_files *list;
    char found[200] = "";
    int64_t count = -1;
    OK(teleai_audio_file_list(db, filter, &page, &list, &error));
    for (size_t i = 0; i < list->count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s", list->items[i]->file_name);
    SAME_TEXT(found, names);
    OK(teleai_audio_file_count(db, filter, &count, &error));
    cr_assert(count == (int64_t)strlen(names), "counted %lld of %s", (long long)count, names);
    teleai_audio_files_free(list);
}

#define FILTER(...) \
    &(teleai_audio_file_filter) { .struct_size = sizeof(teleai_audio_file_filter), __VA_ARGS__ }

Test(audio_file_list, filters) {
    teleai_uuid users[2];
    harness_user(db, &users[0]);
    harness_user(db, &users[1]);
    static const char *const names[] = {"a", "b", "c", "d"};
    static const char *const types[] = {"audio/wav", "audio/mpeg", "audio/wav", "audio/ogg"};
    static const char *const metadata[] = {"{\"k\": 1, \"tags\": [\"x\", \"y\"]}", "{\"k\": 1.0}", "{\"k\": \"1\"}",
                                           NULL};
    int64_t times[4];
    for (int i = 0; i < 4; i++) {
        teleai_audio_file_input input = {.struct_size = sizeof input,
                                         .user_id = &users[i / 2],
                                         .file_name = names[i],
                                         .file_path = "p",
                                         .mime_type = types[i],
                                         .file_size_bytes = 1,
                                         .metadata_json = metadata[i],
                                         .status = i + 1};
        teleai_audio_file *made;
        OK(teleai_audio_file_create(db, &input, &made, &error));
        times[i] = made->created_at_us;
        teleai_audio_file_free(made);
    }
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    finds(NULL, "abcd");
    finds(FILTER(0), "abcd");
    finds(FILTER(.user_id = &users[0]), "ab");
    finds(FILTER(.user_id = &nobody), "");
    finds(FILTER(.mime_type = "audio/wav"), "ac");
    finds(FILTER(.mime_type = "audio/aac"), "");
    finds(FILTER(.metadata_contains_json = "{}"), "abcd");
    finds(FILTER(.metadata_contains_json = "{\"k\": 1}"), "ab");
    finds(FILTER(.metadata_contains_json = "{\"k\": \"1\"}"), "c");
    finds(FILTER(.metadata_contains_json = "{\"tags\": [\"y\"]}"), "a");
    for (int i = 0; i < 4; i++)
        finds(FILTER(.status = i + 1), names[i]);
    finds(FILTER(.created_from_us = times[2]), "cd");
    finds(FILTER(.created_until_us = times[2]), "ab");
    finds(FILTER(.user_id = &users[1], .mime_type = "audio/wav", .metadata_contains_json = "{\"k\": \"1\"}",
                 .created_from_us = times[0], .created_until_us = times[3], .status = TELEAI_AUDIO_FILE_READY),
          "c");
    finds(FILTER(.user_id = &users[1], .mime_type = "audio/mpeg"), "");
}

Test(audio_file_list, wrong_filters_are_refused) {
    static const struct {
        teleai_audio_file_filter filter;
        const char *field;
    } cases[] = {
#define SIZE .struct_size = sizeof(teleai_audio_file_filter)
        {{SIZE, .mime_type = "audio/midi"}, "mime_type"},
        {{SIZE, .metadata_contains_json = "[]"}, "metadata_contains_json"},
        {{SIZE, .metadata_contains_json = "{"}, "metadata_contains_json"},
        {{SIZE, .metadata_contains_json = "{\"a\": \"\\u0000\"}"}, "metadata_contains_json"},
        {{SIZE, .status = 5}, "status"},
        {{SIZE, .status = -1}, "status"},
        {{SIZE, .created_from_us = INT64_MAX}, "created_from_us"},
        {{SIZE, .created_until_us = INT64_MIN}, "created_until_us"},
        {{0}, "struct_size"},
#undef SIZE
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai_audio_files *list = (teleai_audio_files *)&user;
        int64_t count = 7;
        FAILS(teleai_audio_file_list(db, &cases[i].filter, NULL, &list, &error), TELEAI_INVALID_ARGUMENT,
              cases[i].field);
        FAILS(teleai_audio_file_count(db, &cases[i].filter, &count, &error), TELEAI_INVALID_ARGUMENT, cases[i].field);
        cr_assert(list == NULL && count == 0);
    }
}

/* ---- transitions ---- */

enum { START, COMPLETE, FAIL };

static teleai_status move(int action, const teleai_uuid *id, teleai_audio_file **out) {
    return action == START      ? teleai_audio_file_start(db, id, out, &error)
           : action == COMPLETE ? teleai_audio_file_complete(db, id, out, &error)
                                : teleai_audio_file_fail(db, id, "no sound", out, &error);
}

Test(audio_file_list, every_transition_is_done_or_refused) {
    static const char *const statuses[] = {"uploaded", "processing", "ready", "error"};
    static const bool legal[3][4] = {[START] = {true, false, false, true},
                                     [COMPLETE] = {false, true, false, false},
                                     [FAIL] = {true, true, false, false}};
    static const int32_t becomes[] = {
        [START] = TELEAI_AUDIO_FILE_PROCESSING, [COMPLETE] = TELEAI_AUDIO_FILE_READY, [FAIL] = TELEAI_AUDIO_FILE_ERROR};
    for (int action = 0; action < 3; action++) {
        for (int from = 0; from < 4; from++) {
            teleai_uuid id;
            add_file(&id);
            harness_sql("update audio_files set status = '%s', error_message = 'old', processing_started_at = 'epoch', "
                        "processing_completed_at = 'epoch' where id = '%s'",
                        statuses[from], id_text(&id));
            teleai_audio_file *before, *after = NULL, *read;
            OK(teleai_audio_file_get(db, &id, &before, &error));
            int64_t start = now_us();
            if (!legal[action][from]) {
                FAILS(move(action, &id, &after), TELEAI_CONFLICT, "");
                cr_assert(after == NULL && strstr(error.message, statuses[from]) != NULL, "%s", error.message);
                OK(teleai_audio_file_get(db, &id, &read, &error));
                cr_assert(read->updated_at_us == before->updated_at_us && read->status == before->status);
            } else {
                OK(move(action, &id, &after));
                OK(teleai_audio_file_get(db, &id, &read, &error));
                for (int i = 0; i < 2; i++) {
                    const teleai_audio_file *file = i == 0 ? after : read;
                    cr_assert(file->status == becomes[action]);
                    cr_assert(file->has_processing_started_at &&
                              file->has_processing_completed_at == (action != START));
                    if (action == START)
                        JUST_NOW(file->processing_started_at_us, start);
                    else
                        JUST_NOW(file->processing_completed_at_us, start);
                    cr_assert(action == START || file->processing_started_at_us == 0, "the start stays");
                    if (action == START)
                        cr_assert(file->error_message == NULL);
                    if (action == FAIL)
                        SAME_TEXT(file->error_message, "no sound");
                }
                cr_assert(read->updated_at_us > before->updated_at_us);
            }
            teleai_audio_file_free(before);
            teleai_audio_file_free(after);
            teleai_audio_file_free(read);
        }
    }
}

Test(audio_file_list, a_ready_file_has_no_error) {
    teleai_uuid id;
    add_file(&id);
    teleai_audio_file *file;
    OK(teleai_audio_file_fail(db, &id, "first try", NULL, &error));
    OK(teleai_audio_file_start(db, &id, NULL, &error));
    OK(teleai_audio_file_complete(db, &id, &file, &error));
    cr_assert(file->error_message == NULL && file->status == TELEAI_AUDIO_FILE_READY);
    cr_assert(file->processing_completed_at_us >= file->processing_started_at_us);
    teleai_audio_file_free(file);
}

Test(audio_file_list, transitions_refuse) {
    teleai_uuid id, missing;
    add_file(&id);
    teleai_uuid_make(&missing);
    for (int action = 0; action < 3; action++) {
        FAILS(move(action, &missing, NULL), TELEAI_NOT_FOUND, "");
        FAILS(move(action, NULL, NULL), TELEAI_INVALID_ARGUMENT, "id");
    }
    static const char *const messages[] = {NULL, "", "\xc0\x80"};
    for (size_t i = 0; i < 3; i++)
        FAILS(teleai_audio_file_fail(db, &id, messages[i], NULL, &error), TELEAI_INVALID_ARGUMENT, "error_message");
    SAME_TEXT(harness_sql("select status from audio_files"), "uploaded");
}

static teleai_status start(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    return teleai_audio_file_start(client, id, NULL, why);
}

static teleai_status finish(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    return teleai_audio_file_complete(client, id, NULL, why);
}

Test(audio_file_list, of_two_workers_one_gets_the_file) {
    teleai_uuid ids[60];
    for (int i = 0; i < 60; i++)
        add_file(&ids[i]);
    exactly_one_of_two(db, start, ids, 60);
    exactly_one_of_two(db, finish, ids, 60);
    SAME_TEXT(harness_sql("select count(*) from audio_files where status = 'ready'"), "60");
}
