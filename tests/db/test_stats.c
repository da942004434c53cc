/* Statistics: the five views against sums and rows that SQL takes table by table; the pool's counters. */
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(stats);

/* Users, each with some files (or none), these with some transcriptions, these with some analyses. */
static void add_random_rows(int users) {
    harness_sql(
        "select setseed(0.5);\n"
        "insert into users (email, password_hash, full_name)\n"
        "select 'user' || n || '@example.org', '!', 'User ' || n from generate_series(1, %d) n;\n"
        "insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, status, "
        "created_at)\n"
        "select u.id, 'file ' || n, '/f', 1 + floor(random() * 1e12)::bigint, case when random() < 0.8 then "
        "round((random() * 10000 + 0.01)::numeric, 2) end, 'audio/wav', "
        "('{uploaded,processing,ready,error}'::audio_file_status[])[1 + floor(random() * 4)::int], "
        "'2020-01-01'::timestamptz + "
        "floor(random() * 40) * interval '6 hours' from users u, generate_series(1, 5) n where random() < 0.6;\n"
        "insert into transcriptions (audio_file_id, user_id, language_code, engine, status, created_at)\n"
        "select f.id, f.user_id, 'en', 'test', ('{pending,processing,completed,failed}'::transcription_status[])[1 + "
        "floor(random() * 4)::int], f.created_at + floor(random() * 3) * interval '1 hour' from audio_files f, "
        "generate_series(1, 4) n "
        "where random() < 0.6;\n"
        "insert into analyses (transcription_id, audio_file_id, user_id, analysis_type, engine, status, created_at)\n"
        "select t.id, t.audio_file_id, t.user_id, 'kind ' || n, 'test', ('{pending,processing,completed,failed}'::"
        "analysis_status[])[1 + floor(random() * 4)::int], t.created_at + floor(random() * 3) * interval '1 hour' from "
        "transcriptions "
        "t, generate_series(1, 3) n where random() < 0.6;",
        users);
}

static long long number(const char *table, const char *what, const char *user) {
    return atoll(harness_sql("select coalesce(%s, 0)::bigint from %s where user_id = '%s'", what, table, user));
}

/* ---- by user ---- */

static void check_user(const teleai_user_stats *stats) {
    char id[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&stats->user_id, id);
    cr_assert(stats->total_files == number("audio_files", "count(*)", id));
    cr_assert(stats->total_transcriptions == number("transcriptions", "count(*)", id));
    cr_assert(stats->total_analyses == number("analyses", "count(*)", id));
    cr_assert(stats->total_storage_bytes == number("audio_files", "sum(file_size_bytes)", id));
    cr_assert(stats->total_duration_ms == number("audio_files", "sum(duration_seconds) * 1000", id));
    cr_assert(stats->has_last_upload_at == (stats->total_files > 0));
    cr_assert(stats->last_upload_at_us == number("audio_files", "extract(epoch from max(created_at)) * 1000000", id));
    SAME_TEXT(stats->email, harness_sql("select email from users where id = '%s'", id));
    SAME_TEXT(stats->full_name, harness_sql("select full_name from users where id = '%s'", id));
}

Test(stats, totals_of_users_equal_sums_taken_table_by_table) {
    add_random_rows(30);
    cr_assert(atoi(harness_sql("select count(*) from analyses")) > 100);
    for (int32_t order = 0; order <= 1; order++) {
        teleai_page page = {.struct_size = sizeof page, .limit = 7, .order = order};
        char cursor[200];
        size_t seen = 0;
        int without = 0;
        teleai_uuid last;
        for (bool more = true; more;) {
            teleai_users_stats *list;
            OK(teleai_user_stats_list(db, &page, &list, &error));
            for (size_t i = 0; i < list->count; i++, seen++) {
                if (order == TELEAI_ORDER_NEWEST_FIRST)
                    check_user(list->items[i]);
                int way = seen == 0 ? 0 : memcmp(&list->items[i]->user_id, &last, sizeof last);
                cr_assert(seen == 0 || (order == TELEAI_ORDER_NEWEST_FIRST ? way < 0 : way > 0));
                last = list->items[i]->user_id;
                without += list->items[i]->total_files == 0;
            }
            more = list->next_cursor != NULL;
            snprintf(cursor, sizeof cursor, "%s", more ? list->next_cursor : "");
            page.cursor = cursor;
            teleai_users_stats_free(list);
        }
        cr_assert(seen == 30);
        cr_assert(without ==
                  atoi(harness_sql("select count(*) from users where id not in (select user_id from audio_files)")));
    }
    teleai_uuid id;
    OK(teleai_uuid_parse(harness_sql("select user_id from analyses limit 1"), &id, &error));
    teleai_user_stats *stats;
    OK(teleai_user_stats_get(db, &id, &stats, &error));
    cr_assert(teleai_uuid_equal(&stats->user_id, &id));
    check_user(stats);
    teleai_user_stats_free(stats);
    teleai_uuid_make(&id);
    FAILS(teleai_user_stats_get(db, &id, &stats, &error), TELEAI_NOT_FOUND, "");
    cr_assert(stats == NULL);
    FAILS(teleai_user_stats_get(db, NULL, &stats, &error), TELEAI_INVALID_ARGUMENT, "user_id");
}

/* ---- by day ---- */

static void add_file(const char *user, const char *created_at, const char *status, const char *bytes,
                     const char *seconds) {
    harness_sql("insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, "
                "status, created_at) "
                "values ('%s', 'f', '/f', %s, %s, 'audio/wav', '%s', '%s')",
                user, bytes, seconds, status, created_at);
}

static void check_day(const teleai_daily_usage *day, const char *date, int64_t start_us, int64_t users, int64_t files,
                      int64_t bytes, int64_t audio_ms, int64_t mean_ms) {
    SAME_TEXT(day->date, date);
    cr_assert(day->day_us == start_us, "%s begins at %lld", date, (long long)day->day_us);
    cr_assert(day->active_users == users && day->total_uploads == files && day->total_bytes_uploaded == bytes);
    cr_assert(day->total_audio_ms == audio_ms && day->avg_audio_ms == mean_ms, "%s: %lld ms, mean %lld", date,
              (long long)day->total_audio_ms, (long long)day->avg_audio_ms);
}

#define DAY_US INT64_C(86400000000)
#define FIRST_US (INT64_C(18262) * DAY_US) /* 2020-01-01 */

static void add_days(void) {
    teleai_uuid ids[2];
    char users[2][TELEAI_UUID_TEXT_BYTES];
    for (int i = 0; i < 2; i++) {
        harness_user(db, &ids[i]);
        teleai_uuid_format(&ids[i], users[i]);
    }
    add_file(users[0], "2020-01-01 00:00:00+00", "ready", "100", "10.00");
    add_file(users[0], "2020-01-01 23:59:59.999999+00", "ready", "200", "5.01");
    add_file(users[1], "2020-01-01 12:00:00+00", "ready", "300", "null");
    add_file(users[1], "2020-01-01 13:00:00+00", "uploaded", "400", "7.00");
    add_file(users[1], "2020-01-01 13:00:00+00", "processing", "400", "7.00");
    add_file(users[1], "2020-01-01 13:00:00+00", "error", "400", "7.00");
    add_file(users[1], "2020-01-02 00:00:00+00", "ready", "50", "null");
    add_file(users[1], "2020-01-04 01:00:00+13", "ready", "7", "0.01"); /* still the third in UTC */
    add_file(users[0], "2020-01-05 05:00:00+00", "error", "9", "1.00");
}

static void check_days_in(const char *zone) {
    harness_sql("do $$ begin execute format('alter database %%I set timezone = %%L', current_database(), '%s'); end $$",
                zone);
    teleai_client *client = harness_open();
    OK(teleai_daily_usage_refresh(client, &error));
    teleai_daily_usages *days;
    OK(teleai_daily_usage_list(client, 0, 0, &days, &error));
    cr_assert(days->count == 3, "in %s: %zu days", zone, days->count);
    check_day(days->items[0], "2020-01-01", FIRST_US, 2, 3, 600, 15010, 7510); /* 7.505 rounded */
    check_day(days->items[1], "2020-01-02", FIRST_US + DAY_US, 1, 1, 50, 0, 0);
    check_day(days->items[2], "2020-01-03", FIRST_US + 2 * DAY_US, 1, 1, 7, 10, 10);
    teleai_daily_usages_free(days);
    OK(teleai_daily_usage_list(client, FIRST_US + DAY_US + 5, FIRST_US + 3 * DAY_US - 1, &days, &error));
    cr_assert(days->count == 1, "both ends go down to the start of their UTC day");
    SAME_TEXT(days->items[0]->date, "2020-01-02");
    teleai_daily_usages_free(days);
    OK(teleai_daily_usage_list(client, FIRST_US + 2 * DAY_US - 1, FIRST_US + 3 * DAY_US, &days, &error));
    cr_assert(days->count == 2);
    teleai_daily_usages_free(days);
    OK(teleai_daily_usage_list(client, 0, FIRST_US + DAY_US - 1, &days, &error));
    cr_assert(days->count == 0);
    teleai_daily_usages_free(days);
    teleai_close(client);
}

Test(stats, days_are_utc_wherever_the_session_is_and_only_ready_files_count) {
    add_days();
    check_days_in("UTC");
    check_days_in("Pacific/Kiritimati"); /* 14 hours ahead */
    check_days_in("Pacific/Pago_Pago");  /* 11 hours behind */
    teleai_daily_usages *days;
    FAILS(teleai_daily_usage_list(db, 2, 1, &days, &error), TELEAI_INVALID_ARGUMENT, "until_us");
}

Test(stats, days_are_as_of_the_last_refresh) {
    teleai_daily_usages *days;
    add_days();
    OK(teleai_daily_usage_list(db, 0, 0, &days, &error));
    cr_assert(days->count == 0);
    teleai_daily_usages_free(days);
}

/* The second value of a count that a session takes of the days, while it holds on. */
static const char *read_days(PGconn *raw, const char *sql) {
    static char value[20];
    PGresult *result = PQexec(raw, sql);
    cr_assert(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(raw));
    snprintf(value, sizeof value, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return value;
}

Test(stats, refreshing_neither_waits_for_readers_nor_makes_them_wait) {
    add_days();
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin isolation level repeatable read"));
    SAME_TEXT(read_days(raw, "select count(*) from daily_usage_stats"), "0");
    OK(teleai_daily_usage_refresh(db, &error));
    SAME_TEXT(harness_sql("select count(*) from daily_usage_stats"), "3");
    SAME_TEXT(read_days(raw, "select count(*) from daily_usage_stats"), "0");
    PQclear(PQexec(raw, "commit"));
    SAME_TEXT(read_days(raw, "select count(*) from daily_usage_stats"), "3");

    /* In the middle of a reading that is held up after its first row. */
    harness_sql("delete from audio_files where created_at >= '2020-01-02'");
    PGconn *holder = harness_connect();
    PQclear(PQexec(holder, "select pg_advisory_lock(7)"));
    cr_assert(PQsendQuery(
        raw, "select count(*) from (select date, pg_advisory_lock(7) from daily_usage_stats limit 2) slowly"));
    const char *waiting = "select count(*) from pg_stat_activity where wait_event = 'advisory' and datname = "
                          "current_database()";
    cr_assert(harness_becomes("1", waiting));
    OK(teleai_daily_usage_refresh(db, &error));
    SAME_TEXT(harness_sql("%s", waiting), "1");
    PQfinish(holder);
    PGresult *result = PQgetResult(raw);
    SAME_TEXT(PQgetvalue(result, 0, 0), "2");
    PQclear(result);
    PQfinish(raw);
    SAME_TEXT(harness_sql("select count(*) from daily_usage_stats"), "1");
}

Test(stats, only_the_owner_of_the_days_refreshes_them) {
    harness_sql("do $$ begin create role stats_reader login; exception when duplicate_object then null; end $$;"
                "grant select on all tables in schema public to stats_reader");
    char connection[700];
    snprintf(connection, sizeof connection, "%s user=stats_reader", harness_database());
    teleai_client *reader;
    teleai_daily_usages *days;
    OK(teleai_open(connection, NULL, &reader, &error));
    OK(teleai_daily_usage_list(reader, 0, 0, &days, &error));
    teleai_daily_usages_free(days);
    FAILS(teleai_daily_usage_refresh(reader, &error), TELEAI_PERMISSION_DENIED, "");
    SAME_TEXT(error.sqlstate, "42501");
    teleai_close(reader);
}

/* ---- what users did ---- */

/* Reads the whole feed in pages and gives the ids in one text, as the SQL below. */
static char *feed(const teleai_uuid *user, int32_t order, int32_t limit) {
    size_t used = 0, room = 1 << 16;
    char *text = calloc(1, room), cursor[200];
    teleai_page page = {.struct_size = sizeof page, .limit = limit, .order = order};
    for (bool more = true; more;) {
        teleai_activities *list;
        OK(teleai_activity_list(db, user, &page, &list, &error));
        for (size_t i = 0; i < list->count; i++) {
            const teleai_activity *it = list->items[i];
            cr_assert(used + 200 < room);
            teleai_uuid_format(&it->resource_id, text + used);
            used += 36;
            used += (size_t)sprintf(text + used, " %d %s %s\n", (int)it->activity_type, it->email, it->resource_name);
        }
        more = list->next_cursor != NULL;
        cr_assert(list->count == (size_t)limit || !more);
        snprintf(cursor, sizeof cursor, "%s", more ? list->next_cursor : "");
        page.cursor = cursor;
        teleai_activities_free(list);
    }
    return text;
}

static void check_feed(const char *where, const teleai_uuid *user, int32_t order, int32_t limit) {
    char sql[2000];
    snprintf(sql, sizeof sql,
             "select string_agg(x.id || ' ' || kind || ' ' || email || ' ' || name || e'\\n', '' order by x.created_at "
             "%s, x.id %s) from ("
             "select id, user_id, created_at, 1 as kind, file_name as name from audio_files union all select t.id, "
             "t.user_id, "
             "t.created_at, 2, f.file_name from transcriptions t join audio_files f on f.id = t.audio_file_id union "
             "all select id, user_id, "
             "created_at, 3, analysis_type from analyses) x join users u on u.id = x.user_id %s",
             order == TELEAI_ORDER_OLDEST_FIRST ? "" : "desc", order == TELEAI_ORDER_OLDEST_FIRST ? "" : "desc", where);
    PGconn *raw = harness_connect();
    PGresult *expected = PQexec(raw, sql);
    cr_assert(PQresultStatus(expected) == PGRES_TUPLES_OK, "%s", PQerrorMessage(raw));
    char *actual = feed(user, order, limit);
    cr_assert(strlen(actual) > 500 && strcmp(actual, PQgetvalue(expected, 0, 0)) == 0, "pages of %d", (int)limit);
    free(actual);
    PQclear(expected);
    PQfinish(raw);
}

Test(stats, the_feed_has_every_activity_once_in_order) {
    add_random_rows(10);
    teleai_uuid id;
    char where[100];
    const char *busiest = harness_sql("select user_id from analyses group by 1 order by count(*) desc limit 1");
    snprintf(where, sizeof where, "where u.id = '%s'", busiest);
    OK(teleai_uuid_parse(busiest, &id, &error));
    for (int32_t order = 0; order <= 1; order++) {
        check_feed("", NULL, order, 7);
        check_feed("", NULL, order, 10000);
        check_feed(where, &id, order, 1);
        check_feed(where, &id, order, 5);
    }
    teleai_activities *none;
    teleai_uuid_make(&id);
    OK(teleai_activity_list(db, &id, NULL, &none, &error));
    cr_assert(none->count == 0 && none->next_cursor == NULL);
    teleai_activities_free(none);
}

/* ---- what waits ---- */

Test(stats, queues_count_each_table_by_status) {
    add_random_rows(20);
    static const char *const tables[] = {"", "audio_files", "transcriptions", "analyses"};
    static const char *const names[][5] = {{""},
                                           {"", "uploaded", "processing", "ready", "error"},
                                           {"", "pending", "processing", "completed", "failed"},
                                           {"", "pending", "processing", "completed", "failed"}};
    teleai_queue_statuses *list;
    OK(teleai_queue_status_list(db, &list, &error));
    cr_assert(list->count == 12);
    int seen[4][5] = {{0}};
    for (size_t i = 0; i < list->count; i++) {
        const teleai_queue_status *it = list->items[i];
        cr_assert(it->queue_type >= 1 && it->queue_type <= 3 && it->status >= 1 && it->status <= 4);
        const char *name = names[it->queue_type][it->status], *table = tables[it->queue_type];
        SAME_TEXT(it->status_name, name);
        seen[it->queue_type][it->status]++;
        cr_assert(it->count == atoll(harness_sql("select count(*) from %s where status = '%s'", table, name)));
        cr_assert(it->oldest_item_us ==
                  atoll(harness_sql("select (extract(epoch from min(created_at)) * 1000000)::bigint from %s "
                                    "where status = '%s'",
                                    table, name)));
        cr_assert(it->newest_item_us ==
                  atoll(harness_sql("select (extract(epoch from max(created_at)) * 1000000)::bigint from %s "
                                    "where status = '%s'",
                                    table, name)));
    }
    for (int type = 1; type <= 3; type++)
        for (int status = 1; status <= 4; status++)
            cr_assert(seen[type][status] == 1);
    teleai_queue_statuses_free(list);
    harness_sql("delete from users");
    OK(teleai_queue_status_list(db, &list, &error));
    cr_assert(list->count == 0);
    teleai_queue_statuses_free(list);
}

/* ---- the pool ---- */

Test(stats, the_pool_counts_what_it_does) {
    teleai_options options = {.struct_size = sizeof options, .max_connections = 2, .timeout_ms = 200};
    teleai_client *client, *first, *second;
    teleai_pool_stats before, after;
    OK(teleai_open(harness_database(), &options, &client, &error));
    OK(teleai_pool_stats_get(client, &before, &error));
    cr_assert(before.max_connections == 2 && before.open_connections == 1 && before.idle_connections == 1 &&
              before.opened == 1);
    int64_t count;
    for (int i = 0; i < 3; i++)
        OK(teleai_user_count(client, NULL, &count, &error));
    OK(teleai_pool_stats_get(client, &after, &error));
    cr_assert(after.acquired == before.acquired + 3 && after.statements_run == before.statements_run + 3);
    cr_assert(after.statements_prepared == before.statements_prepared + 1, "prepared once");

    OK(teleai_transaction_begin(client, NULL, &first, &error));
    OK(teleai_transaction_begin(client, NULL, &second, &error));
    FAILS(teleai_ping(client, &error), TELEAI_UNAVAILABLE, "");
    cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) != 0 && strstr(error.message, "held by transaction") != NULL, "%s",
              error.message);
    OK(teleai_pool_stats_get(client, &after, &error));
    cr_assert(after.open_connections == 2 && after.idle_connections == 0 && after.waiting_calls == 0 &&
              after.opened == 2);
    cr_assert(after.waited == 1 && after.timed_out == 1 && after.wait_total_us >= 190000 &&
              after.wait_total_us < 5000000);
    teleai_close(first);
    teleai_close(second);
    OK(teleai_pool_stats_get(client, &after, &error));
    cr_assert(after.open_connections == 2 && after.idle_connections == 2 && after.discarded == 0 &&
              after.open_failures == 0);
    FAILS(teleai_pool_stats_get(client, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_pool_stats_get(NULL, &after, &error), TELEAI_CLOSED, "");
    teleai_close(client);
}
