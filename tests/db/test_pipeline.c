/* How far files are: the view's eight statuses, filters and pages. */
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(pipeline);

enum { FILES = 4, STATUSES = 4, ROWS = FILES * (1 + STATUSES * (1 + STATUSES)) };

/* A file for each combination of its status, that of its transcription (0: none) and that of its analysis (0: none); the
 * combination is its name. All were uploaded at four moments. */
static void add_every_combination(void) {
    teleai_uuid id;
    char user[TELEAI_UUID_TEXT_BYTES];
    harness_user(db, &id);
    teleai_uuid_format(&id, user);
    harness_sql(
        "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status, created_at)\n"
        "select '%s', concat(f, t, a), '/f', 1, 'audio/wav', "
        "('{uploaded,processing,ready,error}'::audio_file_status[])[f], "
        "'2020-01-01'::timestamptz + (f + t + a) %% 4 * interval '1 hour'\n"
        "  from generate_series(1, 4) f, generate_series(0, 4) t, generate_series(0, 4) a where t > 0 or a = 0;\n"
        "insert into transcriptions (audio_file_id, user_id, language_code, engine, status)\n"
        "select id, user_id, 'en', 'test', "
        "('{pending,processing,completed,failed}'::transcription_status[])[substr(file_name, 2, "
        "1)::int] from audio_files where substr(file_name, 2, 1) <> '0';\n"
        "insert into analyses (transcription_id, audio_file_id, user_id, analysis_type, engine, status)\n"
        "select t.id, f.id, f.user_id, 'mood', 'test', "
        "('{pending,processing,completed,failed}'::analysis_status[])[substr("
        "file_name, 3, 1)::int] from audio_files f join transcriptions t on t.audio_file_id = f.id where "
        "substr(file_name, 3, 1) "
        "<> '0';",
        user);
}

/* The documented rule: the first that holds. */
static int32_t status_of(int file, int transcription, int analysis) {
    if (file == TELEAI_AUDIO_FILE_ERROR || transcription == TELEAI_TRANSCRIPTION_FAILED ||
        analysis == TELEAI_ANALYSIS_FAILED)
        return TELEAI_PIPELINE_FAILED;
    if (analysis == TELEAI_ANALYSIS_COMPLETED)
        return TELEAI_PIPELINE_COMPLETED;
    if (analysis == TELEAI_ANALYSIS_PROCESSING)
        return TELEAI_PIPELINE_ANALYSIS_IN_PROGRESS;
    if (transcription == TELEAI_TRANSCRIPTION_COMPLETED)
        return TELEAI_PIPELINE_TRANSCRIPTION_COMPLETED;
    if (transcription == TELEAI_TRANSCRIPTION_PROCESSING)
        return TELEAI_PIPELINE_TRANSCRIPTION_IN_PROGRESS;
    if (file == TELEAI_AUDIO_FILE_READY)
        return TELEAI_PIPELINE_AUDIO_READY;
    return file == TELEAI_AUDIO_FILE_PROCESSING ? TELEAI_PIPELINE_AUDIO_PROCESSING : TELEAI_PIPELINE_UPLOADED;
}

/* Reads all pages; checks every row and that it is in order and there once; gives how many. */
static int read_all(const teleai_pipeline_filter *filter, int32_t order, int32_t limit) {
    teleai_page page = {.struct_size = sizeof page, .limit = limit, .order = order};
    char cursor[200];
    int count = 0, seen[500] = {0};
    int64_t last_us = order == TELEAI_ORDER_NEWEST_FIRST ? INT64_MAX : 0;
    for (bool more = true; more;) {
        teleai_pipelines *list;
        OK(teleai_pipeline_list(db, filter, &page, &list, &error));
        for (size_t i = 0; i < list->count; i++, count++) {
            const teleai_pipeline *it = list->items[i];
            int name = atoi(it->file_name), file = name / 100, transcription = name / 10 % 10, analysis = name % 10;
            cr_assert(it->audio_status == file);
            cr_assert(it->has_transcription == (transcription > 0) && it->transcription_status == transcription);
            cr_assert(it->has_analysis == (analysis > 0) && it->analysis_status == analysis);
            cr_assert((it->transcription_created_at_us != 0) == it->has_transcription);
            cr_assert((it->analysis_created_at_us != 0) == it->has_analysis);
            cr_assert((it->analysis_type != NULL) == it->has_analysis);
            cr_assert(it->pipeline_status == status_of(file, transcription, analysis), "%s: %d", it->file_name,
                      (int)it->pipeline_status);
            cr_assert(filter == NULL || filter->pipeline_status == 0 || filter->pipeline_status == it->pipeline_status);
            cr_assert(filter == NULL || !filter->unfinished || it->pipeline_status != TELEAI_PIPELINE_COMPLETED);
            cr_assert(order == TELEAI_ORDER_NEWEST_FIRST ? it->audio_uploaded_at_us <= last_us
                                                         : it->audio_uploaded_at_us >= last_us);
            last_us = it->audio_uploaded_at_us;
            cr_assert(seen[name]++ == 0, "%s twice", it->file_name);
        }
        more = list->next_cursor != NULL;
        snprintf(cursor, sizeof cursor, "%s", more ? list->next_cursor : "");
        page.cursor = cursor;
        teleai_pipelines_free(list);
    }
    return count;
}

Test(pipeline, each_status_is_told_and_found) {
    add_every_combination();
    cr_assert(read_all(NULL, 0, 50) == ROWS);
    int expected[9] = {0}, all = 0;
    for (int f = 1; f <= 4; f++)
        for (int t = 0; t <= 4; t++)
            for (int a = 0; a <= (t == 0 ? 0 : 4); a++)
                expected[status_of(f, t, a)]++;
    for (int32_t status = 1; status <= 8; status++) {
        teleai_pipeline_filter filter = {.struct_size = sizeof filter, .pipeline_status = status};
        int found = read_all(&filter, 0, 50);
        cr_assert(found == expected[status] && found > 0, "status %d: %d rows", (int)status, found);
        all += found;
        filter.unfinished = true;
        cr_assert(read_all(&filter, 0, 50) == (status == TELEAI_PIPELINE_COMPLETED ? 0 : found));
    }
    cr_assert(all == ROWS);
    teleai_pipeline_filter unfinished = {.struct_size = sizeof unfinished, .unfinished = true};
    cr_assert(read_all(&unfinished, 1, 50) == ROWS - expected[TELEAI_PIPELINE_COMPLETED]);
}

Test(pipeline, pages_hold_every_row_once_in_both_orders) {
    add_every_combination();
    for (int32_t order = 0; order <= 1; order++)
        for (int32_t limit = 1; limit <= ROWS; limit = limit * 3 + 1)
            cr_assert(read_all(NULL, order, limit) == ROWS);
}

Test(pipeline, a_file_has_a_row_for_each_transcription_and_analysis) {
    teleai_uuid user, other, file, transcription;
    harness_user(db, &user);
    harness_user(db, &other);
    harness_audio_file(db, &other, &file);
    for (int f = 0; f < 3; f++) {
        harness_audio_file(db, &user, &file);
        for (int t = 0; t < f; t++) {
            harness_transcription(db, &user, &file, "text", &transcription);
            teleai_analysis_input input = {.struct_size = sizeof input,
                                           .transcription_id = &transcription,
                                           .audio_file_id = &file,
                                           .user_id = &user,
                                           .analysis_type = "mood",
                                           .engine = "test"};
            for (int a = 0; a < 3 * t; a++)
                OK(teleai_analysis_create(db, &input, NULL, &error));
        }
    }
    harness_sql("update audio_files set created_at = '2020-01-01'"); /* ties everywhere */
    teleai_pipeline_filter filter = {.struct_size = sizeof filter, .user_id = &user};
    for (int32_t limit = 1; limit <= 6; limit++) {
        teleai_page page = {.struct_size = sizeof page, .limit = limit};
        char cursor[200];
        teleai_uuid keys[20];
        size_t count = 0;
        for (bool more = true; more;) {
            teleai_pipelines *list;
            OK(teleai_pipeline_list(db, &filter, &page, &list, &error));
            for (size_t i = 0; i < list->count; i++) {
                const teleai_pipeline *it = list->items[i];
                cr_assert(teleai_uuid_equal(&it->user_id, &user));
                cr_assert(count < 20);
                keys[count++] = it->has_analysis        ? it->analysis_id
                                : it->has_transcription ? it->transcription_id
                                                        : it->audio_file_id;
            }
            more = list->next_cursor != NULL;
            snprintf(cursor, sizeof cursor, "%s", more ? list->next_cursor : "");
            page.cursor = cursor;
            teleai_pipelines_free(list);
        }
        cr_assert(count == 6,
                  "a file alone, one with a transcription, one with two of which one has three analyses: %zu", count);
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; k < i; k++)
                cr_assert(!teleai_uuid_equal(&keys[i], &keys[k]));
    }
}

Test(pipeline, wrong_arguments_are_named) {
    teleai_pipelines *list;
    teleai_pipeline_filter filter = {.struct_size = sizeof filter, .pipeline_status = 9};
    FAILS(teleai_pipeline_list(db, &filter, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "pipeline_status");
    filter = (teleai_pipeline_filter){0};
    FAILS(teleai_pipeline_list(db, &filter, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    teleai_page page = {.struct_size = sizeof page, .limit = 10001};
    FAILS(teleai_pipeline_list(db, NULL, &page, &list, &error), TELEAI_INVALID_ARGUMENT, "limit");
    page = (teleai_page){.struct_size = sizeof page, .cursor = "x"};
    FAILS(teleai_pipeline_list(db, NULL, &page, &list, &error), TELEAI_INVALID_ARGUMENT, "cursor");
}
