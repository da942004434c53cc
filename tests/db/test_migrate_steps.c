/* Migrations that go step by step: what they tell before, what they lock, and that stopping in the middle does no harm. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "criterion_harness.h"

static teleai_client *db;
static teleai_error error;

static void set_up(void) {
    if (!harness_has_server())
        cr_skip_test("no PostgreSQL server programs");
    harness_empty_database();
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    OK(teleai_open(harness_database(), &options, &db, &error));
}

static void tear_down(void) {
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

TestSuite(migrate_steps, .init = set_up, .fini = tear_down, .timeout = 120);

static void check_version(const char *expected) {
    SAME_TEXT(harness_sql("select version || ' ' || dirty from schema_migrations"), expected);
}

/* All that the schema is made of, in one short text. Whether a constraint has an index of 005 to 009 counts only where
 * references need it: 010 makes it one and, undone, leaves it so. */
static const char *shape(void) {
    return harness_sql(
        "select md5(string_agg(x, e'\\n' order by x)) from ("
        "select format('%%s %%s', relname, relkind) from pg_class where relnamespace = 'public'::regnamespace and "
        "relkind <> 'c' union all "
        "select format('%%s.%%s %%s %%s', attrelid::regclass, attname, atttypid::regtype, attnotnull) from "
        "pg_attribute join pg_class c on c.oid = attrelid where relnamespace = 'public'::regnamespace and attnum > 0 "
        "and not attisdropped union all "
        "select format('%%s %%s %%s %%s', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) from "
        "pg_constraint where connamespace = 'public'::regnamespace and (contype <> 'u' or conname not like "
        "'%%tenant_id_id_key' or exists (select from pg_constraint where conname = 'users_tenant_id_fkey')) union all "
        "select format('%%s %%s', pg_get_indexdef(indexrelid), indisvalid) from pg_index join pg_class c on c.oid = "
        "indexrelid where relnamespace = 'public'::regnamespace union all "
        "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal union all "
        "select pg_get_viewdef(oid) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', "
        "'m') union all "
        "select format('%%s %%s', oid::regprocedure, prosrc) from pg_proc where proname like 'teleai%%') x (x)");
}

/* A user with an audio file, its transcription and an analysis of that. */
static void fill(void) {
    harness_sql("insert into users (email, password_hash, full_name) values ('ann@example.org', 'x', 'Ann');"
                "insert into sessions (user_id, token_hash, expires_at) select id, 'x', now() + interval '1 day' from "
                "users;"
                "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status) select "
                "id, 'a', 'a', 1000, 'audio/wav', 'ready' from users;"
                "insert into transcriptions (audio_file_id, user_id, language_code, engine) select id, user_id, 'en', "
                "'test' from audio_files;"
                "insert into analyses (transcription_id, audio_file_id, user_id, analysis_type, engine) select id, "
                "audio_file_id, user_id, 'mood', 'test' from transcriptions");
}

static const char *row_counts(void) {
    return harness_sql("select concat_ws(' ', (select count(*) from users), (select count(*) from sessions), (select "
                       "count(*) from audio_files), (select count(*) from transcriptions), (select count(*) from "
                       "analyses))");
}

/* ---- the plan ---- */

Test(migrate_steps, a_plan_tells_the_steps_and_changes_nothing) {
    teleai_migration_plan *plan;
    OK(teleai_migrate_plan(db, -1, &plan, &error));
    cr_assert(plan->from_version == 0 && plan->to_version == harness_newest_version() && plan->count > 40, "%zu",
              plan->count);
    int64_t last = 1;
    for (size_t i = 0; i < plan->count; i++) {
        const teleai_migration_step *step = plan->items[i];
        cr_assert(step->up && (step->version == last || step->version == last + 1));
        cr_assert(step->description[0] != '\0' && step->sql[0] != '\0');
        last = step->version;
    }
    cr_assert(last == harness_newest_version());
    SAME_TEXT(plan->items[0]->migration, "create_initial_tables");
    SAME_TEXT(plan->items[0]->description, "the five tables, their enumerations, indexes and storage settings");
    SAME_TEXT(plan->items[0]->locks, "");
    SAME_TEXT(plan->items[4]->description, "users belong to a tenant");
    SAME_TEXT(plan->items[4]->locks, "users access exclusive");
    cr_assert(strstr(plan->items[4]->sql, "alter table users add column") != NULL);
    teleai_migration_plan_free(plan);
    SAME_TEXT(harness_sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0");

    OK(teleai_migrate_to(db, 4, &error));
    OK(teleai_migrate_plan(db, 4, &plan, &error));
    cr_assert(plan->from_version == 4 && plan->to_version == 4 && plan->count == 0);
    teleai_migration_plan_free(plan);
    OK(teleai_migrate_plan(db, 2, &plan, &error));
    cr_assert(plan->from_version == 4 && plan->to_version == 2 && plan->count == 8, "%zu", plan->count);
    cr_assert(!plan->items[0]->up && plan->items[0]->version == 4 && plan->items[7]->version == 3);
    SAME_TEXT(plan->items[2]->locks, "transcriptions access exclusive; tenants share");
    SAME_TEXT(plan->items[7]->description, "no tenants. Refused while there are others than the default one");
    teleai_migration_plan_free(plan);
    check_version("4 false");
}

/* ---- what is locked ---- */

static const char *ask(PGconn *raw, const char *sql) {
    static char value[8000];
    PGresult *result = PQexec(raw, sql);
    ExecStatusType status = PQresultStatus(result);
    cr_assert(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(raw));
    snprintf(value, sizeof value, "%s", PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return value;
}

/* What a step says that it locks, and what it does: each must be in the other, but for locks that no writer notices. */
static void compare_locks(const teleai_migration_step *step, PGresult *held) {
    char said[400], entry[200];
    snprintf(said, sizeof said, "; %s;", step->locks);
    int found = 0;
    for (int i = 0; i < PQntuples(held); i++) {
        snprintf(entry, sizeof entry, "; %s %s;", PQgetvalue(held, i, 0), PQgetvalue(held, i, 1));
        bool is_said = strstr(said, entry) != NULL;
        cr_assert(is_said || PQgetvalue(held, i, 2)[0] == 'f', "%03d %s (%s): locks%s not only \"%s\"",
                  (int)step->version, step->up ? "up" : "down", step->description, entry, step->locks);
        found += is_said;
    }
    int entries = step->locks[0] == '\0' ? 0 : 1;
    for (const char *at = step->locks; (at = strchr(at, ';')) != NULL; at++)
        entries++;
    cr_assert(found == entries, "%03d %s (%s): does not lock all of \"%s\"", (int)step->version,
              step->up ? "up" : "down", step->description, step->locks);
}

/* Runs a step up to its commit, looks, undoes it, and runs it to the end. */
static int run_and_compare(PGconn *raw, const teleai_migration_step *step) {
    size_t length = strlen(step->sql);
    int compared = 0;
    if (strncmp(step->sql, "begin;", 6) == 0) {
        char sql[20000], names[6000];
        snprintf(names, sizeof names, "%s",
                 ask(raw, "select string_agg(format('(%s, %L)', oid, relname), ', ') from pg_class where relnamespace "
                          "= 'public'::regnamespace and relkind in ('r', 'v', 'm') and relname !~ '^teleai_begun_'"));
        cr_assert(length < sizeof sql && strcmp(step->sql + length - 7, "commit;") == 0);
        memcpy(sql, step->sql, length - 7);
        sql[length - 7] = '\0';
        ask(raw, sql);
        snprintf(sql, sizeof sql,
                 "select name, trim(lower(regexp_replace(regexp_replace(max(mode), '^[0-9]|Lock$', '', 'g'), "
                 "'([A-Z])', ' \\1', 'g'))), max(mode) > '4' from (select name, "
                 "array_position(array['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', "
                 "'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', "
                 "'AccessExclusiveLock'], mode) || mode as mode from pg_locks join (values %s) there (oid, name) on "
                 "oid = relation where pid = pg_backend_pid() and locktype = 'relation') held group by name",
                 names);
        PGresult *held = PQexec(raw, sql);
        cr_assert(PQresultStatus(held) == PGRES_TUPLES_OK, "%s", PQerrorMessage(raw));
        compare_locks(step, held);
        PQclear(held);
        ask(raw, "rollback");
        compared = step->locks[0] != '\0';
    }
    ask(raw, step->sql);
    return compared;
}

static int run_plan_and_compare(PGconn *raw, int64_t version) {
    teleai_migration_plan *plan;
    OK(teleai_migrate_plan(db, version, &plan, &error));
    int compared = 0;
    for (size_t i = 0; i < plan->count; i++)
        compared += run_and_compare(raw, plan->items[i]);
    teleai_migration_plan_free(plan);
    return compared;
}

Test(migrate_steps, each_step_locks_what_it_says_and_no_more) {
    OK(teleai_migrate_to(db, 2, &error));
    fill();
    char before[64];
    snprintf(before, sizeof before, "%s", shape());
    PGconn *raw = harness_connect();
    int up = run_plan_and_compare(raw, 11);
    check_version("11 false");
    harness_sql("update tenants set max_users = 5"); /* one that has a limit already */
    up += run_plan_and_compare(raw, 12);
    check_version("12 false");
    SAME_TEXT(harness_sql("select users || ' ' || storage_bytes from tenant_usage"), "1 1000");
    up += run_plan_and_compare(raw, -1);
    SAME_TEXT(harness_sql("select user_count || ' ' || storage_bytes from tenant_usage"), "1 1000");
    int down = run_plan_and_compare(raw, 2);
    check_version("2 false");
    cr_assert(up >= 49 && down >= 46, "%d up, %d down", up, down);
    SAME_TEXT(shape(), before);
    PQfinish(raw);
}

/* ---- stopping in the middle ---- */

/* Runs so many steps of the plan and begins the next one, then another session ends the one that does it. */
static void interrupt(int64_t version, size_t steps) {
    teleai_migration_plan *plan;
    OK(teleai_migrate_plan(db, version, &plan, &error));
    cr_assert(plan->count > steps && strncmp(plan->items[steps]->sql, "begin;", 6) == 0);
    PGconn *raw = harness_connect();
    for (size_t i = 0; i < steps; i++)
        ask(raw, plan->items[i]->sql);
    char sql[20000];
    snprintf(sql, sizeof sql, "%.*s", (int)strlen(plan->items[steps]->sql) - 7, plan->items[steps]->sql);
    ask(raw, sql);
    SAME_TEXT(harness_sql("select pg_terminate_backend(%d)", PQbackendPID(raw)), "t");
    PGresult *result = PQexec(raw, "commit");
    cr_assert(PQresultStatus(result) == PGRES_FATAL_ERROR);
    PQclear(result);
    PQfinish(raw);
    teleai_migration_plan_free(plan);
}

/* Through the shapes of all versions by library alone: what the interrupted ways must lead to. */
static char shapes[100][64];

static void make_shapes(void) {
    OK(teleai_migrate_to(db, 2, &error));
    fill();
    for (int64_t version = 2; version <= harness_newest_version(); version++) {
        OK(teleai_migrate_to(db, version, &error));
        snprintf(shapes[version], sizeof shapes[version], "%s", shape());
    }
}

Test(migrate_steps, an_interrupted_file_goes_on_where_it_stopped) {
    make_shapes();
    static const struct {
        int64_t from, to;
        size_t steps;
    } cases[] = {{3, 4, 3},   {9, 10, 9},  {9, 10, 16}, {9, 10, 31}, {10, 11, 3}, {10, 11, 6}, {11, 12, 4},
                 {4, 3, 3},   {10, 9, 6},  {10, 9, 20}, {10, 9, 24}, {11, 10, 3}, {12, 11, 2}, {12, 11, 4},
                 {13, 14, 3}, {14, 15, 2}, {15, 16, 2}, {15, 16, 3}, {16, 17, 2}, {18, 19, 2}, {19, 18, 2},
                 {17, 16, 1}, {16, 15, 2}, {16, 15, 3}, {15, 14, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        OK(teleai_migrate_to(db, cases[i].from, &error));
        SAME_TEXT(shape(), shapes[cases[i].from]);
        interrupt(cases[i].to, cases[i].steps);
        cr_assert(strcmp(shape(), shapes[cases[i].from]) != 0, "%zu: nothing was done", i);
        OK(teleai_migrate_to(db, cases[i].to, &error));
        cr_assert(strcmp(shape(), shapes[cases[i].to]) == 0, "%zu: not as it should be", i);
    }
    SAME_TEXT(row_counts(), "1 1 1 1 1");
}

Test(migrate_steps, turning_round_in_the_middle_leaves_nothing_out) {
    make_shapes();
    static const struct {
        int64_t from, to, end;
        size_t steps;
    } cases[] = {{4, 3, 12, 3},   {10, 9, 12, 6},  {10, 9, 10, 25}, {11, 10, 12, 3}, {12, 11, 12, 1}, {12, 11, 12, 4},
                 {3, 4, 2, 3},    {9, 10, 2, 9},   {9, 10, 9, 20},  {10, 11, 10, 4}, {10, 11, 2, 6},  {11, 12, 11, 5},
                 {11, 12, 2, 5},  {10, 9, 10, 24}, {12, 11, 2, 3},  {14, 13, 14, 5}, {13, 14, 12, 2}, {13, 14, 12, 6},
                 {14, 15, 14, 2}, {15, 14, 20, 1}, {15, 16, 15, 3}, {16, 15, 16, 2}, {16, 17, 16, 2}, {17, 16, 20, 3},
                 {18, 19, 17, 2}, {19, 18, 19, 2}, {19, 20, 19, 0}, {21, 22, 21, 0}, {21, 20, 26, 0}, {23, 22, 20, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        OK(teleai_migrate_to(db, cases[i].from, &error));
        interrupt(cases[i].to, cases[i].steps);
        OK(teleai_migrate_to(db, cases[i].end, &error));
        cr_assert(strcmp(shape(), shapes[cases[i].end]) == 0, "%zu: not as it should be", i);
    }
    SAME_TEXT(row_counts(), "1 1 1 1 1");
}

Test(migrate_steps, one_down_takes_back_what_is_half_made_and_goes_on_with_what_is_half_undone) {
    make_shapes();
    OK(teleai_migrate_to(db, 12, &error));
    interrupt(11, 3);
    check_version("11 false");
    OK(teleai_migrate_down(db, &error));
    check_version("11 false");
    SAME_TEXT(shape(), shapes[11]);
    OK(teleai_migrate_down(db, &error));
    check_version("10 false");
    OK(teleai_migrate_to(db, 9, &error));
    interrupt(10, 12);
    check_version("9 false");
    OK(teleai_migrate_down(db, &error));
    check_version("9 false");
    SAME_TEXT(shape(), shapes[9]);
}

static teleai_status up_status;
static teleai_error up_error;

static void *run_up(void *unused) {
    (void)unused;
    up_status = teleai_migrate_up(db, &up_error);
    return NULL;
}

Test(migrate_steps, a_migrator_whose_session_is_ended_says_so_and_the_next_goes_on) {
    make_shapes();
    OK(teleai_migrate_to(db, 4, &error));
    OK(teleai_migrate_to(db, 9, &error));
    PGconn *holder = harness_connect();
    ask(holder, "begin");
    ask(holder, "select count(*) from analyses"); /* the file cannot get past that */
    pthread_t thread;
    pthread_create(&thread, NULL, run_up, NULL);
    cr_assert(harness_becomes("1", "select count(*) from pg_constraint where conname = "
                                   "'transcriptions_tenant_id_id_key'"));
    cr_assert(harness_becomes("t", "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = "
                                   "'Lock' and query like '%analyses%' and pid <> pg_backend_pid() and datname = "
                                   "current_database()"));
    pthread_join(thread, NULL);
    cr_assert(up_status == TELEAI_UNAVAILABLE, "%s", teleai_status_name(up_status));
    cr_assert(strstr(up_error.message, "migration 010_add_tenant_keys.up (the index on analyses becomes a key)") !=
                  NULL,
              "%s", up_error.message);
    check_version("9 false");
    PQfinish(holder);
    OK(teleai_migrate_to(db, 12, &error));
    SAME_TEXT(shape(), shapes[12]);
}

/* ---- an index that is of no use ---- */

Test(migrate_steps, an_index_that_a_failed_build_left_is_made_anew) {
    make_shapes();
    OK(teleai_migrate_to(db, 6, &error));
    PGconn *raw = harness_connect(), *holder = harness_connect();
    ask(holder, "begin");
    ask(holder, "update audio_files set file_name = 'b'"); /* a build waits for that to end */
    ask(raw, "set lock_timeout = '100ms'");
    PGresult *result = PQexec(raw, "create unique index concurrently audio_files_tenant_id_id_key on audio_files "
                                   "(tenant_id, id)");
    cr_assert(PQresultStatus(result) == PGRES_FATAL_ERROR);
    PQclear(result);
    PQfinish(raw);
    PQfinish(holder);
    static const char valid[] =
        "select indisvalid from pg_index where indexrelid = 'audio_files_tenant_id_id_key'::regclass";
    SAME_TEXT(harness_sql(valid), "f");
    OK(teleai_migrate_to(db, 7, &error));
    SAME_TEXT(harness_sql(valid), "t");
    SAME_TEXT(shape(), shapes[7]);
    OK(teleai_migrate_to(db, 12, &error));
    SAME_TEXT(shape(), shapes[12]);
}

/* ---- what a file refuses ---- */

Test(migrate_steps, down_is_refused_while_there_are_other_tenants_and_loses_nothing) {
    make_shapes();
    static const int64_t versions[] = {12, 11, 10, 4, 3};
    for (size_t i = 0; i < 5; i++) {
        OK(teleai_migrate_to(db, versions[i], &error));
        harness_sql("insert into tenants (id, name, slug) values ('00000000-0000-7000-8000-000000000002', 'Other', "
                    "'other')");
        if (versions[i] > 3)
            harness_sql("insert into users (tenant_id, email, password_hash, full_name) values "
                        "('00000000-0000-7000-8000-000000000002', 'bob@example.org', 'x', 'Bob')");
        for (int way = 0; way < 2; way++) {
            FAILS(way ? teleai_migrate_to(db, 2, &error) : teleai_migrate_down(db, &error), TELEAI_CONFLICT, "");
            SAME_TEXT(error.sqlstate, "55000");
            cr_assert(strstr(error.message, "there are other tenants than the default one") != NULL &&
                          strstr(error.message, "Export and delete them first: without tenants their rows would be "
                                                "everybody's.") != NULL,
                      "%s", error.message);
            SAME_TEXT(harness_sql("select version || ' ' || dirty from schema_migrations"),
                      harness_sql("select '%d false'", (int)versions[i]));
            SAME_TEXT(shape(), shapes[versions[i]]);
            SAME_TEXT(row_counts(), versions[i] > 3 ? "2 1 1 1 1" : "1 1 1 1 1");
            SAME_TEXT(harness_sql("select count(*) from tenants"), "2");
        }
        harness_sql("delete from users where email = 'bob@example.org'; delete from tenants where slug = 'other'");
    }
    OK(teleai_migrate_to(db, 2, &error));
    SAME_TEXT(shape(), shapes[2]);
}

Test(migrate_steps, limits_that_were_there_before_they_are_kept_are_counted) {
    make_shapes();
    OK(teleai_migrate_to(db, 11, &error));
    harness_sql("update tenants set max_users = 2");
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select user_count || ' ' || storage_bytes from tenant_usage"), "1 1000");
    OK(teleai_migrate_to(db, 12, &error));
    interrupt(11, 4); /* the count ends */
    harness_sql("insert into users (email, password_hash, full_name) values ('bob@example.org', 'x', 'Bob')");
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select user_count || ' ' || storage_bytes from tenant_usage"), "2 1000");
}

Test(migrate_steps, down_is_refused_while_row_security_is_enabled) {
    make_shapes();
    OK(teleai_row_security_enable(db, &error));
    FAILS(teleai_migrate_to(db, 11, &error), TELEAI_CONFLICT, "");
    cr_assert(strstr(error.message, "row security is enabled") != NULL &&
                  strstr(error.message, "teleai_row_security_disable()") != NULL,
              "%s", error.message);
    SAME_TEXT(harness_sql("select version >= 12 and not dirty from schema_migrations"), "t");
    OK(teleai_row_security_disable(db, &error));
    OK(teleai_migrate_to(db, 2, &error));
    OK(teleai_migrate_up(db, &error));
}
