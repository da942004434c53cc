/*
 * Plans at size: 100,000 audio files, 200,000 transcriptions, 60,000 analyses of 2,000 users. The documented queries
 * and the library's own statements, prepared and run as often as it takes for a generic plan, reach the three tables
 * by an index. The linker gives this file each statement that the library sends (-Wl,--wrap).
 */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"
#include "wire/connection.h"
#include "wire/statement.h"

static teleai_client *db;
static teleai_error error;
static PGconn *side; /* where plans are made, and told by auto_explain */
static char plan[100000];
static int seen;
static bool in_order; /* what is asked comes from its index as it is listed: not even ties are sorted */

static void keep_plan(void *unused, const char *message) {
    (void)unused;
    const char *text = strstr(message, "plan:");
    if (text != NULL)
        snprintf(plan, sizeof plan, "%s", text);
}

/* Whether a line of the plan reads one of the large tables from end to end. */
static bool reads_a_whole_table(void) {
    return strstr(plan, "Seq Scan on audio_files") != NULL || strstr(plan, "Seq Scan on transcriptions") != NULL ||
           strstr(plan, "Seq Scan on analyses") != NULL;
}

/* A sort of all that there is, rather than of a few rows that come in order but for ties (13 and newer). */
static bool sorts(void) {
    for (const char *at = plan; (at = strstr(at, "Sort  (cost")) != NULL; at++)
        if (at - plan < 12 || strncmp(at - 12, "Incremental ", 12) != 0)
            return true;
    return false;
}

/* ---- documented queries ---- */

static void plan_query(const char *name, const char *sql) {
    plan[0] = '\0';
    PQclear(PQexec(side, sql));
    cr_assert(plan[0] != '\0', "%s: no plan: %s", name, PQerrorMessage(side));
    cr_expect(!reads_a_whole_table(), "%s\n%s", name, plan);
}

static void check_uses(const char *name, const char *what) {
    cr_expect(strstr(plan, what) != NULL, "%s: no %s in\n%s", name, what, plan);
}

static void check_documented(const char *user) {
    char sql[500];
    plan_query(
        "search",
        "select * from transcriptions where to_tsvector('english', transcription_text) @@ plainto_tsquery('english', "
        "'tranquility base')");
    check_uses("search", "Bitmap Index Scan on transcriptions_text_search_idx");

    snprintf(sql, sizeof sql, "select * from audio_files where user_id = '%s' order by created_at desc limit 10", user);
    plan_query("newest files", sql);
    check_uses("newest files", "Index Scan Backward using audio_files_user_id_created_at_id_idx");
    cr_expect(!sorts(), "%s", plan);

    snprintf(sql, sizeof sql,
             "select * from file_processing_pipeline where user_id = '%s' and pipeline_status <> 'completed' order by "
             "audio_uploaded_at",
             user);
    plan_query("pipeline", sql);
    check_uses("pipeline", "audio_files_user_id_created_at_id_idx");
    check_uses("pipeline", "transcriptions_audio_file_id_idx");
    check_uses("pipeline", "analyses_transcription_id_idx");

    snprintf(sql, sizeof sql, "select * from user_file_stats where user_id = '%s'", user);
    plan_query("totals", sql);
    check_uses("totals", "users_pkey");
    check_uses("totals", "audio_files_user_id_created_at_id_idx");
    check_uses("totals", "transcriptions_user_id_created_at_id_idx");
    check_uses("totals", "analyses_user_id_created_at_id_idx");

    snprintf(sql, sizeof sql,
             "select * from recent_user_activity where user_id = '%s' order by activity_timestamp desc limit 20", user);
    plan_query("activity of a user", sql);
    check_uses("activity of a user", "Merge Append");
    cr_expect(!sorts(), "%s", plan);
    plan_query("activity of all", "select * from recent_user_activity order by activity_timestamp desc limit 20");
    check_uses("activity of all", "Merge Append");
    cr_expect(!sorts(), "%s", plan);

    plan_query("e-mail",
               "select * from users where lower(email collate \"C\") = lower('User77@example.org' collate \"C\")");
    check_uses("e-mail", "users_email_key");
    plan_query("oldest waiting", "select * from transcriptions where status = 'pending' order by created_at limit 20");
    check_uses("oldest waiting", "transcriptions_status_created_at_id_idx");
    plan_query("newest of all", "select * from audio_files order by created_at desc limit 20");
    check_uses("newest of all", "audio_files_created_at_id_idx");
    plan_query("a range of days",
               "select count(*) from analyses where created_at >= '2024-03-01' and created_at < '2024-03-03'");
    check_uses("a range of days", "analyses_created_at_id_idx");
    plan_query("containment", "select * from audio_files where metadata @> '{\"campaign\": 77}'");
    check_uses("containment", "audio_files_metadata_idx");
    plan_query("path", "select * from analyses where topics @? '$[*] ? (@.name == \"t77\")'");
    check_uses("path", "analyses_topics_idx");
    plan_query("key", "select * from transcriptions where metadata ? 'rare'");
    check_uses("key", "transcriptions_metadata_idx");
}

/* ---- the library's own ---- */

teleai_status __real_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);

/* Runs it here first, prepared as the library does, seven times: from the sixth on the server may use a generic plan. */
static void plan_statement(const teleai__statement *statement, const teleai__params *params) {
    plan[0] = '\0';
    char room[TELEAI__STATEMENT_BYTES];
    const char *sql = teleai__statement_text(statement, room);
    PGresult *result = PQprepare(side, "planned", sql, params->count, params->types);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", statement->name, PQerrorMessage(side));
    PQclear(result);
    PQclear(PQexec(side, "begin"));
    for (int i = 0; i < (statement->key == NULL ? 1 : 7); i++)
        PQclear(PQexecPrepared(side, "planned", params->count, params->values, params->lengths, params->formats, 1));
    PQclear(PQexec(side, "rollback"));
    PQclear(PQexec(side, "deallocate planned"));
    cr_assert(plan[0] != '\0', "%s: no plan: %s", statement->name, PQerrorMessage(side));
    cr_expect(!reads_a_whole_table(), "%s\n%s\n%s", statement->name, sql, plan);
    cr_expect(!in_order || strstr(plan, "Sort  (cost") == NULL, "%s\n%s\n%s", statement->name, sql, plan);
    seen++;
}

teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to) {
    if (side != NULL)
        plan_statement(statement, params);
    return __real_teleai__connection_run(connection, statement, params, deadline, out, to);
}

/* The first two pages in both orders. `call` uses `page` and `list`. */
#define PAGES(list_type, free_list, call)                                              \
    for (int32_t order_ = 0; order_ <= 1; order_++) {                                  \
        teleai_page page = {.struct_size = sizeof page, .limit = 20, .order = order_}; \
        list_type *list, *kept;                                                        \
        OK(call);                                                                      \
        kept = list;                                                                   \
        if ((page.cursor = kept->next_cursor) != NULL) {                               \
            OK(call);                                                                  \
            free_list(list);                                                           \
        }                                                                              \
        free_list(kept);                                                               \
    }

#define LISTED(noun, plural, ...)                                                                               \
    do {                                                                                                        \
        teleai_##noun##_filter filter = {.struct_size = sizeof filter, __VA_ARGS__};                            \
        PAGES(teleai_##plural, teleai_##plural##_free, teleai_##noun##_list(db, &filter, &page, &list, &error)) \
    } while (0)

#define LISTED_IN_ORDER(noun, plural, ...) \
    do {                                   \
        in_order = true;                   \
        LISTED(noun, plural, __VA_ARGS__); \
        in_order = false;                  \
    } while (0)

#define COUNTED(noun, ...)                                                           \
    do {                                                                             \
        teleai_##noun##_filter filter = {.struct_size = sizeof filter, __VA_ARGS__}; \
        int64_t count;                                                               \
        OK(teleai_##noun##_count(db, &filter, &count, &error));                      \
    } while (0)

#define MARCH_US INT64_C(1709251200000000) /* 2024-03-01 */
#define DAY_US INT64_C(86400000000)

static void check_files(const teleai_uuid *user, const teleai_uuid *file) {
    teleai_audio_files *many;
    LISTED(audio_file, audio_files, .user_id = NULL);
    LISTED_IN_ORDER(audio_file, audio_files, .user_id = user);
    LISTED_IN_ORDER(audio_file, audio_files, .user_id = user, .created_from_us = MARCH_US);
    LISTED(audio_file, audio_files, .status = TELEAI_AUDIO_FILE_ERROR);
    LISTED(audio_file, audio_files, .user_id = user, .status = TELEAI_AUDIO_FILE_ERROR);
    LISTED(audio_file, audio_files, .created_from_us = MARCH_US, .created_until_us = MARCH_US + DAY_US);
    LISTED(audio_file, audio_files, .metadata_contains_json = "{\"campaign\": 77}");
    COUNTED(audio_file, .user_id = user);
    COUNTED(audio_file, .status = TELEAI_AUDIO_FILE_ERROR);
    COUNTED(audio_file, .created_from_us = MARCH_US, .created_until_us = MARCH_US + DAY_US);
    OK(teleai_audio_file_get(db, file, NULL, &error));
    OK(teleai_audio_file_get_many(db, file, 1, &many, &error));
    teleai_audio_files_free(many);
    OK(teleai_audio_file_start(db, file, NULL, &error));
    OK(teleai_audio_file_fail(db, file, "broken", NULL, &error));
}

static void check_transcriptions(const teleai_uuid *user, const teleai_uuid *file) {
    LISTED(transcription, transcriptions, .user_id = NULL);
    LISTED_IN_ORDER(transcription, transcriptions, .user_id = user);
    LISTED(transcription, transcriptions, .audio_file_id = file);
    LISTED(transcription, transcriptions, .status = TELEAI_TRANSCRIPTION_PENDING);
    LISTED(transcription, transcriptions, .language_code = "de");
    LISTED(transcription, transcriptions, .user_id = user, .language_code = "en",
           .status = TELEAI_TRANSCRIPTION_COMPLETED);
    LISTED(transcription, transcriptions, .metadata_contains_json = "{\"rare\": true}");
    COUNTED(transcription, .user_id = user);
    COUNTED(transcription, .status = TELEAI_TRANSCRIPTION_PENDING);
    COUNTED(transcription, .audio_file_id = file);
}

static void check_analyses(const teleai_uuid *user, const teleai_uuid *transcription) {
    LISTED_IN_ORDER(analysis, analyses, .user_id = user);
    LISTED(analysis, analyses, .transcription_id = transcription);
    LISTED(analysis, analyses, .status = TELEAI_ANALYSIS_PENDING);
    LISTED(analysis, analyses, .analysis_type = "rare");
    LISTED(analysis, analyses, .sentiment_label = TELEAI_SENTIMENT_MIXED);
    LISTED(analysis, analyses, .topics_contains_json = "[{\"name\": \"t77\"}]");
    COUNTED(analysis, .user_id = user);
    COUNTED(analysis, .analysis_type = "rare");
}

/* A beginning of an id, as people type it, is a range of ids. */
#define RANGED(noun, plural, index)                                                                               \
    for (int32_t order_ = TELEAI_ORDER_NEWEST_ID_FIRST; order_ <= TELEAI_ORDER_OLDEST_ID_FIRST; order_++) {       \
        const teleai_##noun##_filter filter = {.struct_size = sizeof filter, .id_from = from, .id_until = until}; \
        const teleai_page page = {.struct_size = sizeof page, .limit = 10, .order = order_};                      \
        teleai_##plural *list;                                                                                    \
        OK(teleai_##noun##_list(db, &filter, &page, &list, &error));                                              \
        teleai_##plural##_free(list);                                                                             \
        check_uses("a range of ids", index);                                                                      \
        cr_expect(strstr(plan, "id >= ") != NULL && strstr(plan, "Filter: ((id") == NULL, "%s", plan);            \
    }                                                                                                             \
    COUNTED(noun, .id_from = from, .id_until = until);                                                            \
    cr_expect(strstr(plan, "id >= ") != NULL && strstr(plan, "Seq Scan") == NULL, "%s", plan)

static void check_ranges_of_ids(const teleai_uuid *file) {
    teleai_uuid lowest = {{0}}, highest = {{0}}; /* a range of 65536ths of all */
    memcpy(lowest.bytes, file->bytes, 2);
    memcpy(highest.bytes, file->bytes, 2);
    if (++highest.bytes[1] == 0)
        highest.bytes[0]++;
    const teleai_uuid *from = &lowest, *until = &highest;
    RANGED(user, users, "using users_");
    RANGED(audio_file, audio_files, "using audio_files_");
    RANGED(transcription, transcriptions, "using transcriptions_");
    RANGED(analysis, analyses, "using analyses_");
}

static void check_search(const char *query, const teleai_uuid *user, size_t least) {
    for (int32_t order = 0; order <= 1; order++) {
        teleai_search_options options = {.struct_size = sizeof options, .order = order, .user_id = user};
        teleai_search_hits *hits, *next;
        OK(teleai_search_transcriptions(db, query, &options, &hits, &error));
        cr_assert(hits->count >= least, "%s: %zu hits", query, hits->count);
        if ((options.cursor = hits->next_cursor) != NULL) {
            OK(teleai_search_transcriptions(db, query, &options, &next, &error));
            teleai_search_hits_free(next);
        }
        teleai_search_hits_free(hits);
    }
}

static void check_statistics(const teleai_uuid *user) {
    teleai_user_stats *stats;
    OK(teleai_user_stats_get(db, user, &stats, &error));
    cr_assert(stats->total_files == 50);
    teleai_user_stats_free(stats);
    PAGES(teleai_users_stats, teleai_users_stats_free, teleai_user_stats_list(db, &page, &list, &error))
    PAGES(teleai_activities, teleai_activities_free, teleai_activity_list(db, user, &page, &list, &error))
    check_uses("activity_list of a user", "Merge Append");
    cr_expect(!sorts(), "%s", plan);
    PAGES(teleai_activities, teleai_activities_free, teleai_activity_list(db, NULL, &page, &list, &error))
    for (int unfinished = 0; unfinished <= 1; unfinished++) {
        teleai_pipeline_filter filter = {.struct_size = sizeof filter, .user_id = user, .unfinished = unfinished};
        PAGES(teleai_pipelines, teleai_pipelines_free, teleai_pipeline_list(db, &filter, &page, &list, &error))
    }
}

/* ---- rows ---- */

static void run(const char *sql) {
    PGresult *result = PQexec(side, sql);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(side));
    PQclear(result);
}

/* Words are numbered; `heart` is in each tenth text, `tranquility base` in twenty of all. */
static void add_rows(void) {
    run("insert into users (email, password_hash, full_name) select 'user' || n || '@example.org', '!', 'User ' || n "
        "from "
        "generate_series(1, 2000) n");
    run("insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, status, "
        "metadata, created_at) "
        "select u.id, 'f' || n, '/f', 1000, 10, 'audio/wav', case when n % 200 = 0 then 'error' else 'ready' "
        "end::audio_file_status, "
        "jsonb_build_object('campaign', n % 5000), '2024-01-01'::timestamptz + n * interval '2 minutes' from "
        "generate_series(1, 100000) n join "
        "(select id, row_number() over (order by email) as r from users) u on u.r = 1 + n % 2000");
    run("insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine, status, "
        "metadata, created_at) "
        "select id, user_id, concat_ws(' ', 'w' || n * 7 % 5003, 'w' || n * 11 % 4999, 'w' || n * 13 % 701, 'w' || n % "
        "97, 'w' || n % 31, "
        "'w' || n * 3 % 1009, case when n % 10 = 0 then 'heart' end, case when n % 10000 = 0 then 'tranquility base' "
        "end), "
        "case when n % 100 = 0 then 'de' else 'en' end, 'test', case when n % 100 = 1 then 'pending' else 'completed' "
        "end::transcription_status, "
        "case when n % 20000 = 0 then '{\"rare\": true}' else '{}' end::jsonb, created_at + n % 2 * interval '1 "
        "second' from (select id, user_id, "
        "created_at, row_number() over (order by created_at, k) as n from audio_files, generate_series(0, 1) k) "
        "f");
    run("insert into analyses (transcription_id, audio_file_id, user_id, analysis_type, engine, status, "
        "sentiment_label, topics, created_at) "
        "select id, audio_file_id, user_id, case when n % 1000 = 0 then 'rare' else 'mood' end, 'test', case when n % "
        "100 = 2 then 'pending' "
        "else 'completed' end::analysis_status, case when n % 500 = 0 then 'mixed' else 'neutral' end, "
        "jsonb_build_array(jsonb_build_object("
        "'name', 't' || n % 3000)), created_at from (select *, row_number() over (order by created_at) as n from "
        "transcriptions) t where "
        "n % 10 < 3");
    run("vacuum analyze");
}

static void read_id(teleai_uuid *id, const char *sql) {
    PGresult *result = PQexec(side, sql);
    cr_assert(PQntuples(result) == 1 && teleai_uuid_parse(PQgetvalue(result, 0, 0), id, &error) == TELEAI_OK, "%s",
              sql);
    PQclear(result);
}

static void tear_down(void) {
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

Test(plans, reach_the_large_tables_by_an_index, .fini = tear_down, .timeout = 600) {
    if (!harness_has_server())
        cr_skip_test("no PostgreSQL server programs");
    PGconn *raw = harness_connect();
    PGresult *loaded = PQexec(raw, "load 'auto_explain'");
    bool explains = PQresultStatus(loaded) == PGRES_COMMAND_OK;
    PQclear(loaded);
    if (!explains)
        cr_skip_test("the server has no auto_explain");
    db = harness_open();
    side = raw;
    add_rows();
    side = NULL; /* not for what the library does meanwhile */
    PQsetNoticeProcessor(raw, keep_plan, NULL);
    side = raw;
    run("set auto_explain.log_min_duration = 0; set client_min_messages = log");

    teleai_uuid user, file, transcription;
    char text[TELEAI_UUID_TEXT_BYTES];
    read_id(&user, "select id from users where email = 'user77@example.org'");
    read_id(&file, "select id from audio_files where file_name = 'f5000'");
    read_id(&transcription, "select transcription_id from analyses limit 1");
    teleai_uuid_format(&user, text);
    check_documented(text);
    check_files(&user, &file);
    check_transcriptions(&user, &file);
    check_analyses(&user, &transcription);
    check_ranges_of_ids(&file);
    check_search("tranquility", NULL, 20);
    check_search("\"tranquility base\" -heartless", NULL, 20);
    check_search("w77 w7*", NULL, 1);
    check_search("heart", NULL, 20);
    check_search("heart", &user, 0);
    PAGES(teleai_transcriptions, teleai_transcriptions_free,
          teleai_search_keywords(db, "tranquility base", &page, &list, &error))
    check_statistics(&user);
    cr_assert(seen > 90, "%d statements", seen);
    PQfinish(side);
    side = NULL;
}
