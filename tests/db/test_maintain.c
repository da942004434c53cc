/* Upkeep: what is due is done and counted, what the role may not do is said, writers go on, and it can be repeated. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "criterion_harness.h"

static teleai_client *db;
static teleai_error error;

static void set_up(void) {
    if (harness_has_server())
        db = harness_open();
}

static void tear_down(void) {
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

TestSuite(maintain, .init = set_up, .fini = tear_down, .timeout = 120);

#define NEEDS_SERVER()         \
    if (!harness_has_server()) \
    cr_skip_test("no PostgreSQL server programs")

static const teleai_maintenance_task *find(const teleai_maintenance *made, const char *task, const char *subject) {
    for (size_t i = 0; i < made->count; i++)
        if (strcmp(made->items[i]->task, task) == 0 && strcmp(made->items[i]->subject, subject) == 0)
            return made->items[i];
    return NULL;
}

static const teleai_maintenance_task *expect(const teleai_maintenance *made, const char *task, const char *subject,
                                             int32_t outcome) {
    const teleai_maintenance_task *it = find(made, task, subject);
    cr_assert(it != NULL, "no task %s of %s", task, subject);
    cr_assert(it->outcome == outcome, "%s of %s: %d, %s", task, subject, (int)it->outcome, it->message);
    cr_assert(it->message[0] != '\0' && it->duration_us >= 0);
    return it;
}

static void add_rows(int count) {
    harness_sql("alter table users set (autovacuum_enabled = off); alter table sessions set (autovacuum_enabled = off);"
                "alter table audio_files set (autovacuum_enabled = off); alter table transcriptions set "
                "(autovacuum_enabled = off)");
    harness_sql("insert into users (email, password_hash, full_name) values ('ann@example.org', '!', 'Ann')");
    harness_sql("insert into sessions (user_id, token_hash, created_at, expires_at) select id, 'hash ' || n, now() - "
                "interval '2 days', now() + case when n <= 3 then interval '1 day' else interval '-1 day' end from "
                "users, generate_series(1, 10) n");
    harness_sql("insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status) select "
                "id, 'f', '/f', 1, 'audio/wav', 'ready' from users");
    harness_sql(
        "insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine, status) "
        "select id, user_id, 'words of text ' || n, 'en', 'test', 'completed' from audio_files, "
        "generate_series(1, %d) n",
        count);
}

/* What the server counts reaches its statistics a moment later. */
static void wait_for_statistics(int rows) {
    char value[20];
    snprintf(value, sizeof value, "%d", rows);
    cr_assert(harness_becomes(value, "select n_live_tup from pg_stat_user_tables where relname = 'transcriptions'"));
}

static int told;

static void hear(void *data, const teleai_maintenance_task *task) {
    cr_assert(data == &told && task->task != NULL);
    told++;
}

Test(maintain, does_what_is_due_and_no_more) {
    NEEDS_SERVER();
    add_rows(12000);
    wait_for_statistics(12000);
    teleai_maintain_options options = {.struct_size = sizeof options, .hook = hear, .hook_data = &told};
    teleai_maintenance *made;
    OK(teleai_maintain(db, &options, &made, &error));
    cr_assert(made->skipped == 0 && told == (int)made->count);
    cr_assert(expect(made, "sessions", "sessions", TELEAI_TASK_DONE)->count == 7);
    expect(made, "vacuum", "transcriptions", TELEAI_TASK_DONE);
    expect(made, "pending_limit", "transcriptions_text_search_idx", TELEAI_TASK_DONE);
    expect(made, "pending_entries", "transcriptions_text_search_idx", TELEAI_TASK_DONE);
    expect(made, "daily_usage", "daily_usage_stats", TELEAI_TASK_DONE);
    teleai_maintenance_free(made);
    SAME_TEXT(harness_sql("select count(*) from sessions"), "3");
    SAME_TEXT(harness_sql("select reltuples from pg_class where relname = 'transcriptions'"), "12000");
    SAME_TEXT(harness_sql("select reloptions::text from pg_class where relname = 'transcriptions_text_search_idx'"),
              "{gin_pending_list_limit=1024}");
    SAME_TEXT(harness_sql("select total_uploads from daily_usage_stats"), "1");
    cr_assert(harness_becomes("t",
                              "select last_vacuum is not null and last_analyze is not null and n_mod_since_analyze "
                              "= 0 from pg_stat_user_tables where relname = 'transcriptions'"));

    OK(teleai_maintain(db, NULL, &made, &error));
    expect(made, "sessions", "sessions", TELEAI_TASK_NOT_NEEDED);
    expect(made, "statistics", "transcriptions", TELEAI_TASK_NOT_NEEDED);
    expect(made, "pending_limit", "transcriptions_text_search_idx", TELEAI_TASK_NOT_NEEDED);
    teleai_maintenance_free(made);
    options.only_due = true;
    OK(teleai_maintain(db, &options, &made, &error));
    cr_assert(find(made, "daily_usage", "daily_usage_stats") == NULL);
    cr_assert(find(made, "pending_entries", "transcriptions_text_search_idx") == NULL);
    teleai_maintenance_free(made);
    OK(teleai_maintain(db, NULL, NULL, &error));

    harness_sql("delete from transcriptions"); /* a small table again wants a short list */
    cr_assert(harness_becomes("0", "select n_live_tup from pg_stat_user_tables where relname = 'transcriptions'"));
    OK(teleai_maintain(db, NULL, &made, &error));
    expect(made, "vacuum", "transcriptions", TELEAI_TASK_DONE);
    teleai_maintenance_free(made);
    OK(teleai_maintain(db, NULL, &made, &error));
    teleai_maintenance_free(made);
    SAME_TEXT(harness_sql("select reloptions::text from pg_class where relname = 'transcriptions_text_search_idx'"),
              "{gin_pending_list_limit=64}");
}

Test(maintain, deletes_any_number_of_sessions_in_pieces) {
    NEEDS_SERVER();
    add_rows(1);
    harness_sql("insert into sessions (user_id, token_hash, created_at, expires_at) select id, 'more ' || n, now() - "
                "interval '2 days', now() - interval '1 day' from users, generate_series(1, 20003) n");
    teleai_maintenance *made;
    OK(teleai_maintain(db, NULL, &made, &error));
    cr_assert(expect(made, "sessions", "sessions", TELEAI_TASK_DONE)->count == 20010);
    teleai_maintenance_free(made);
    SAME_TEXT(harness_sql("select count(*) from sessions"), "3");
}

Test(maintain, says_what_the_role_may_not_do) {
    NEEDS_SERVER();
    add_rows(1200);
    wait_for_statistics(1200);
    harness_sql("create role maintain_reader login; grant select on all tables in schema public to maintain_reader");
    teleai_options options = {.struct_size = sizeof options};
    teleai_client *reader;
    OK(teleai_open(harness_database_as("maintain_reader"), &options, &reader, &error));
    teleai_maintenance *made;
    OK(teleai_maintain(reader, NULL, &made, &error));
    const char *why = expect(made, "vacuum", "transcriptions", TELEAI_TASK_SKIPPED)->message;
    cr_assert(strstr(why, "only teleai, who owns it") != NULL, "%s", why);
    why = expect(made, "sessions", "sessions", TELEAI_TASK_SKIPPED)->message;
    cr_assert(strstr(why, "may not delete sessions") != NULL, "%s", why);
    expect(made, "pending_entries", "transcriptions_text_search_idx", TELEAI_TASK_SKIPPED);
    expect(made, "daily_usage", "daily_usage_stats", TELEAI_TASK_SKIPPED);
    cr_assert(made->skipped >= 5);
    teleai_maintenance_free(made);
    teleai_close(reader);
    harness_sql("drop owned by maintain_reader; drop role maintain_reader");
}

Test(maintain, a_busy_table_is_skipped_and_the_rest_is_done) {
    NEEDS_SERVER();
    add_rows(12000);
    wait_for_statistics(12000);
    PGconn *holder = harness_connect();
    PQclear(PQexec(holder, "begin"));
    PQclear(PQexec(holder, "select count(*) from transcriptions where to_tsvector('english', transcription_text) @@ "
                           "plainto_tsquery('english', 'words')"));
    teleai_maintenance *made;
    OK(teleai_maintain(db, NULL, &made, &error));
    expect(made, "vacuum", "transcriptions", TELEAI_TASK_DONE);
    const char *why = expect(made, "pending_limit", "transcriptions_text_search_idx", TELEAI_TASK_SKIPPED)->message;
    cr_assert(strstr(why, "lock") != NULL, "%s", why);
    expect(made, "daily_usage", "daily_usage_stats", TELEAI_TASK_DONE);
    teleai_maintenance_free(made);
    PQfinish(holder);
}

Test(maintain, refuses_what_it_cannot_run_on) {
    NEEDS_SERVER();
    teleai_client *transaction, *batch;
    teleai_maintenance *made = (teleai_maintenance *)&error;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    FAILS(teleai_maintain(transaction, NULL, &made, &error), TELEAI_CONFLICT, "");
    cr_assert(made == NULL);
    teleai_close(transaction);
    OK(teleai_batch_open(db, NULL, &batch, &error));
    FAILS(teleai_maintain(batch, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "client");
    teleai_close(batch);
    teleai_maintain_options options = {.struct_size = 3};
    FAILS(teleai_maintain(db, &options, &made, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    teleai_maintenance_free(NULL);
}

static void *maintain_often(void *out) {
    teleai_error why;
    *(teleai_status *)out = TELEAI_OK;
    for (int i = 0; i < 5 && *(teleai_status *)out == TELEAI_OK; i++)
        *(teleai_status *)out = teleai_maintain(db, NULL, NULL, &why);
    return NULL;
}

Test(maintain, several_at_once_and_beside_writers) {
    NEEDS_SERVER();
    add_rows(2000);
    pthread_t threads[3];
    teleai_status statuses[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, maintain_often, &statuses[i]);
    teleai_uuid user, file, text;
    harness_user(db, &user);
    for (int i = 0; i < 100; i++) {
        harness_audio_file(db, &user, &file);
        harness_transcription(db, &user, &file, "more words", &text);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        cr_assert(statuses[i] == TELEAI_OK, "%s", teleai_status_name(statuses[i]));
    }
    SAME_TEXT(harness_sql("select count(*) from transcriptions"), "2100");
}
