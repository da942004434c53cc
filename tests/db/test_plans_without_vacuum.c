/*
 * Plans in tables that nobody looks after: rows come one by one and in bulk, autovacuum is off, and neither VACUUM nor
 * ANALYZE runs. The documented queries and the library's searches keep to their indexes all the same, for words that no
 * text has, few have and all have, and for many words at once. The linker gives this file each statement that the library
 * sends (-Wl,--wrap).
 */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"
#include "wire/connection.h"

#define USERS 50
#define MOST_ROWS 30000

static teleai_client *db;
static teleai_error error;
static PGconn *side; /* where plans are made, and told by auto_explain */
static char plan[100000], wanted[100], size_of_it[60];
static teleai_uuid users[USERS];
static int searches;

static void keep_plan(void *unused, const char *message) {
    (void)unused;
    const char *text = strstr(message, "plan:");
    if (text != NULL)
        snprintf(plan, sizeof plan, "%s", text);
}

static void run(const char *sql) {
    PGresult *result = PQexec(side, sql);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s",
              PQerrorMessage(side));
    PQclear(result);
}

static void check_plan(const char *what, const char *index) {
    cr_assert(plan[0] != '\0', "%s: no plan", what);
    cr_assert(strstr(plan, "Seq Scan on audio_files") == NULL && strstr(plan, "Seq Scan on transcriptions") == NULL &&
                  strstr(plan, "Seq Scan on analyses") == NULL,
              "%s, %s\n%s", size_of_it, what, plan);
    cr_assert(strstr(plan, index) != NULL, "%s, %s: no %s\n%s", size_of_it, what, index, plan);
}

/* ---- the documented queries ---- */

static void plan_query(const char *what, const char *index, const char *sql) {
    plan[0] = '\0';
    run(sql);
    check_plan(what, index);
}

static void check_documented(int rows) {
    /* "common" is in each text, "seldom" in each tenth, the others in none. */
    static const char *const words[] = {"zzz", "common", "seldom", "common seldom", "zzz yyy", "common zzz seldom yyy"};
    char sql[400], user[TELEAI_UUID_TEXT_BYTES];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        snprintf(sql, sizeof sql,
                 "select * from transcriptions where to_tsvector('english', transcription_text) @@ "
                 "plainto_tsquery('english', '%s')",
                 words[i]);
        plan_query(words[i], "transcriptions_text_search_idx", sql);
    }
    teleai_uuid_format(&users[3], user);
    snprintf(sql, sizeof sql, "select * from audio_files where user_id = '%s' order by created_at desc limit 10", user);
    /* Tables of a few pages are read without an index, as cheaply, where the server takes its disk for a slow one. */
    run(rows < MOST_ROWS ? "set random_page_cost = 1.1" : "set random_page_cost = 4");
    plan_query("newest files", "audio_files_", sql); /* by user, or by time where the user has many */
    snprintf(sql, sizeof sql,
             "select * from file_processing_pipeline where user_id = '%s' and pipeline_status <> 'completed' order by "
             "audio_uploaded_at",
             user);
    plan_query("pipeline", "audio_files_user_id_created_at_id_idx", sql);
    snprintf(sql, sizeof sql, "select * from user_file_stats where user_id = '%s'", user);
    plan_query("totals", rows < 3000 ? "audio_files_" : "audio_files_user_id_created_at_id_idx", sql);
    run("reset random_page_cost");
}

/* ---- the library's searches ---- */

teleai_status __real_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);

teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to) {
    if (strncmp(statement->name, "search", 6) == 0) {
        plan[0] = '\0';
        PQclear(PQexecParams(side, statement->sql, params->count, params->types, params->values, params->lengths,
                             params->formats, 1));
        check_plan(wanted, "transcriptions_text_search_idx");
        searches++;
    }
    return __real_teleai__connection_run(connection, statement, params, deadline, out, to);
}

static void check_searches(void) {
    static const char *const queries[] = {"zzz",
                                          "common",
                                          "seldom",
                                          "common seldom",
                                          "\"common seldom\"",
                                          "common or seldom or zzz",
                                          "zz*",
                                          "common*",
                                          "common -zz",
                                          "seldom -\"zzz\"",
                                          "b c d e f g h k l m n o p q r u v w x y z common seldom"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        snprintf(wanted, sizeof wanted, "%s", queries[i]);
        for (int32_t order = 0; order <= 1; order++) {
            teleai_search_options options = {.struct_size = sizeof options, .order = order};
            teleai_search_hits *hits;
            OK(teleai_search_transcriptions(db, queries[i], &options, &hits, &error));
            teleai_search_hits_free(hits);
            options.user_id = &users[3];
            OK(teleai_search_transcriptions(db, queries[i], &options, &hits, &error));
            teleai_search_hits_free(hits);
        }
        teleai_transcriptions *list;
        OK(teleai_search_keywords(db, queries[i], NULL, &list, &error));
        teleai_transcriptions_free(list);
    }
}

/* What a search that finds nothing reads: no more than the index's pages on the way to a word, and its pending list. */
static void check_buffers(void) {
    run("set auto_explain.log_analyze = on; set auto_explain.log_buffers = on");
    plan_query("nothing found", "transcriptions_text_search_idx",
               "select * from transcriptions where to_tsvector('english', transcription_text) @@ "
               "plainto_tsquery('english', 'zzz')");
    const char *buffers = strstr(plan, "Buffers: shared hit=");
    cr_assert(buffers != NULL && strtol(buffers + 20, NULL, 10) < 30, "%s\n%s", size_of_it, plan);
    run("set auto_explain.log_analyze = off");
}

/* ---- rows ---- */

static const char *text_of(int n) {
    static char text[2000];
    size_t at = (size_t)snprintf(text, sizeof text, "common%s", n % 10 == 0 ? " seldom" : "");
    for (int i = 0; i < 60; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, " w%d", n * 7 % 1009 * 31 + i * i * n % 4001);
    return text;
}

static void add_one_by_one(int from, int until) {
    for (int n = from; n < until; n++) {
        teleai_uuid file, transcription;
        harness_audio_file(db, &users[n % USERS], &file);
        harness_transcription(db, &users[n % USERS], &file, text_of(n), &transcription);
        teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                          .transcription_id = &transcription,
                                          .audio_file_id = &file,
                                          .user_id = &users[n % USERS],
                                          .analysis_type = "mood",
                                          .engine = "test"};
        OK(teleai_analysis_create(db, &analysis, NULL, &error));
    }
}

static void add_in_bulk(int from, int until) {
    enum { PIECE = 500 };
    static teleai_uuid ids[PIECE];
    static teleai_audio_file_input files[PIECE];
    static teleai_transcription_input texts[PIECE];
    static teleai_analysis_input analyses[PIECE];
    static teleai_uuid text_ids[PIECE];
    static char said[PIECE][2000];
    for (int n = from; n < until; n += PIECE) {
        size_t count = (size_t)(until - n < PIECE ? until - n : PIECE);
        for (size_t i = 0; i < count; i++) {
            const teleai_uuid *user = &users[(n + (int)i) % USERS];
            teleai_uuid_make(&ids[i]);
            teleai_uuid_make(&text_ids[i]);
            snprintf(said[i], sizeof said[i], "%s", text_of(n + (int)i));
            files[i] = (teleai_audio_file_input){.struct_size = sizeof files[i],
                                                 .id = &ids[i],
                                                 .user_id = user,
                                                 .file_name = "call.wav",
                                                 .file_path = "/calls/call.wav",
                                                 .mime_type = "audio/wav",
                                                 .file_size_bytes = 1000};
            texts[i] = (teleai_transcription_input){.struct_size = sizeof texts[i],
                                                    .id = &text_ids[i],
                                                    .audio_file_id = &ids[i],
                                                    .user_id = user,
                                                    .text = said[i],
                                                    .language_code = "en",
                                                    .engine = "test",
                                                    .status = TELEAI_TRANSCRIPTION_COMPLETED};
            analyses[i] = (teleai_analysis_input){.struct_size = sizeof analyses[i],
                                                  .transcription_id = &text_ids[i],
                                                  .audio_file_id = &ids[i],
                                                  .user_id = user,
                                                  .analysis_type = "mood",
                                                  .engine = "test"};
        }
        OK(teleai_audio_file_create_many(db, files, count, NULL, NULL, &error));
        OK(teleai_transcription_create_many(db, texts, count, NULL, NULL, &error));
        OK(teleai_analysis_create_many(db, analyses, count, NULL, NULL, &error));
    }
}

/* One text of many megabytes, of a word that only it has. */
static void add_a_long_one(void) {
    enum { BYTES = 4000000 };
    char *text = malloc(BYTES + 1);
    cr_assert(text != NULL);
    for (size_t i = 0; i < BYTES; i++)
        text[i] = i % 8 == 7 ? ' ' : "endless"[i % 8];
    text[BYTES] = '\0';
    teleai_uuid file, transcription;
    harness_audio_file(db, &users[0], &file);
    harness_transcription(db, &users[0], &file, text, &transcription);
    free(text);
}

static void check_all(const char *how, int rows) {
    snprintf(size_of_it, sizeof size_of_it, "%d rows, %s", rows, how);
    check_documented(rows);
    check_searches();
    check_buffers();
}

static void tear_down(void) {
    PQfinish(side);
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

/* False: the server cannot tell its plans. */
static bool begin(void) {
    if (!harness_has_server())
        cr_skip_test("no PostgreSQL server programs");
    db = harness_open();
    side = harness_connect();
    PGresult *loaded = PQexec(side, "load 'auto_explain'");
    bool explains = PQresultStatus(loaded) == PGRES_COMMAND_OK;
    PQclear(loaded);
    if (!explains)
        return false;
    PQsetNoticeProcessor(side, keep_plan, NULL);
    run("alter table users set (autovacuum_enabled = off); alter table audio_files set (autovacuum_enabled = off);"
        "alter table transcriptions set (autovacuum_enabled = off); alter table analyses set (autovacuum_enabled = "
        "off)");
    run("set auto_explain.log_min_duration = 0; set client_min_messages = log");
    for (int i = 0; i < USERS; i++) {
        char email[40];
        snprintf(email, sizeof email, "user%d@example.org", i);
        teleai_user *user;
        teleai_user_input person = {.struct_size = sizeof person, .email = email, .full_name = "A User"};
        OK(teleai_user_create(db, &person, &user, &error));
        users[i] = user->id;
        teleai_user_free(user);
    }
    return true;
}

Test(plans_without_vacuum, rows_come_one_by_one, .fini = tear_down, .timeout = 300) {
    if (!begin())
        cr_skip_test("the server has no auto_explain");
    add_one_by_one(0, 300);
    check_all("one by one", 300);
    add_one_by_one(300, 803);
    add_a_long_one();
    check_all("one by one, a long text among them", 804);
    add_one_by_one(803, 3000);
    check_all("one by one", 3001);
    run("analyze");
    check_all("one by one, then analyzed", 3001);
    add_one_by_one(3001, 3400);
    check_all("analyzed, then more one by one", 3400);
    cr_assert(searches >= 5 * 11 * 5, "%d searches", searches);
}

Test(plans_without_vacuum, rows_come_in_bulk, .fini = tear_down, .timeout = 300) {
    if (!begin())
        cr_skip_test("the server has no auto_explain");
    add_in_bulk(0, 300);
    check_all("in bulk", 300);
    run("analyze");
    check_all("in bulk, then analyzed", 300);
    add_in_bulk(300, 3000);
    check_all("in bulk", 3000);
    add_in_bulk(3000, MOST_ROWS);
    check_all("in bulk", MOST_ROWS);
    run("analyze");
    check_all("in bulk, then analyzed", MOST_ROWS);
    cr_assert(searches >= 5 * 11 * 5, "%d searches", searches);
}
