/* The migrator: up, down and to, alone and among others, and what stays as it was when something goes wrong. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "criterion_harness.h"
#include "schema/tables.h"

static teleai_client *db;
static teleai_error error;

static teleai_status open_as(int32_t schema, int32_t timeout_ms, teleai_client **out) {
    teleai_options options = {.struct_size = sizeof options, .schema = schema, .timeout_ms = timeout_ms};
    return teleai_open(harness_database(), &options, out, &error);
}

static void set_up(void) {
    if (!harness_has_server())
        cr_skip_test("no PostgreSQL server programs");
    harness_empty_database();
    OK(open_as(TELEAI_SCHEMA_IGNORE, 10000, &db));
}

static void tear_down(void) {
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

TestSuite(migrate, .init = set_up, .fini = tear_down, .timeout = 120);

#define NEWEST harness_newest_version()

static void check_status(int64_t version, bool dirty) {
    teleai_migration_status *status;
    OK(teleai_migrate_status(db, &status, &error));
    cr_assert(status->current_version == version && status->dirty == dirty, "version %d", (int)status->current_version);
    cr_assert(status->library_version == NEWEST && (int64_t)status->count == NEWEST);
    SAME_TEXT(status->items[0]->name, "create_initial_tables");
    SAME_TEXT(status->items[1]->name, "create_views");
    SAME_TEXT(status->items[11]->name, "count_tenant_usage");
    for (size_t i = 0; (int64_t)i < NEWEST; i++)
        cr_assert(status->items[i]->version == (int64_t)i + 1 && status->items[i]->applied == (version > (int64_t)i));
    teleai_migration_status_free(status);
}

#include "database_content.h"

/* ---- one after the other ---- */

Test(migrate, up_down_and_to_go_step_by_step_and_twice_is_once) {
    char before[64];
    snprintf(before, sizeof before, "%s", catalogue());
    check_status(0, false);
    FAILS(teleai_migrate_down(db, &error), TELEAI_NOT_FOUND, "");
    OK(teleai_migrate_to(db, 0, &error));
    SAME_TEXT(catalogue(), before);
    OK(teleai_migrate_up(db, &error));
    check_status(NEWEST, false);
    char full[64];
    snprintf(full, sizeof full, "%s", catalogue());
    OK(teleai_migrate_up(db, &error));
    OK(teleai_migrate_to(db, NEWEST, &error));
    SAME_TEXT(catalogue(), full);
    teleai_uuid user;
    harness_user(db, &user); /* the client that migrated works */
    for (int64_t version = NEWEST - 1; version > 0; version--) {
        OK(teleai_migrate_down(db, &error));
        check_status(version, false);
        SAME_TEXT(harness_sql("select count(*) from users"), "1");
        SAME_TEXT(harness_sql("select count(*) from pg_class where relname like 'teleai%%'"), "0");
    }
    OK(teleai_migrate_to(db, 1, &error));
    OK(teleai_migrate_down(db, &error));
    check_status(0, false);
    FAILS(teleai_migrate_down(db, &error), TELEAI_NOT_FOUND, "");
    SAME_TEXT(catalogue(), before);
    for (int64_t version = 1; version <= NEWEST; version++) {
        OK(teleai_migrate_to(db, version, &error));
        check_status(version, false);
    }
    OK(teleai_migrate_to(db, 0, &error));
    SAME_TEXT(catalogue(), before);
}

Test(migrate, down_leaves_extensions_that_were_there_before) {
    harness_sql("create extension pgcrypto");
    char before[64];
    snprintf(before, sizeof before, "%s", catalogue());
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select count(*) from pg_extension where extname in ('pgcrypto', 'uuid-ossp')"), "2");
    OK(teleai_migrate_to(db, 0, &error));
    SAME_TEXT(catalogue(), before);
}

static bool apply_file(const char *name);

Test(migrate, extensions_in_a_schema_of_their_own_are_found_there) {
    harness_sql("create schema \"Their Own\"; create extension \"uuid-ossp\" schema \"Their Own\"; "
                "create extension pgcrypto schema \"Their Own\"");
    OK(teleai_migrate_up(db, &error));
    check_status(NEWEST, false);
    teleai_uuid user;
    harness_user(db, &user);
    /* Defaults keep the function itself: an INSERT needs no search_path for it. */
    harness_sql("insert into users (email, password_hash, full_name) values ('a@example.org', 'x', 'A')");
    teleai_health_findings *findings;
    OK(teleai_health_check(db, NULL, &findings, &error));
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i]->check, "extensions") == 0)
            cr_assert_eq(findings->items[i]->severity, TELEAI_HEALTH_OK, "%s", findings->items[i]->message);
    teleai_health_findings_free(findings);
    harness_sql("delete from users");
    OK(teleai_migrate_to(db, 0, &error));
    SAME_TEXT(harness_sql("select count(*) from pg_extension where extname in ('pgcrypto', 'uuid-ossp')"), "2");
    cr_assert(apply_file("001_create_initial_tables.up.sql"));
    cr_assert(apply_file("002_create_views.up.sql"));
    cr_assert(apply_file("003_create_tenants.up.sql"));
    check_status(3, false);
}

Test(migrate, wrong_arguments_are_named) {
    teleai_migration_status *status;
    FAILS(teleai_migrate_to(db, -1, &error), TELEAI_INVALID_ARGUMENT, "version");
    FAILS(teleai_migrate_to(db, NEWEST + 1, &error), TELEAI_INVALID_ARGUMENT, "version");
    teleai_migration_plan *plan;
    FAILS(teleai_migrate_plan(db, -2, &plan, &error), TELEAI_INVALID_ARGUMENT, "version");
    FAILS(teleai_migrate_plan(db, NEWEST + 1, &plan, &error), TELEAI_INVALID_ARGUMENT, "version");
    FAILS(teleai_migrate_plan(db, 1, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_migrate_plan(NULL, 1, &plan, &error), TELEAI_CLOSED, "");
    cr_assert(plan == NULL);
    teleai_migration_plan_free(NULL);
    FAILS(teleai_migrate_status(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_migrate_status(NULL, &status, &error), TELEAI_CLOSED, "");
    FAILS(teleai_migrate_up(NULL, &error), TELEAI_CLOSED, "");
    cr_assert(status == NULL);
    check_status(0, false);
}

Test(migrate, tables_go_to_the_first_schema_of_the_search_path) {
    harness_sql("create schema apart");
    char connection[700];
    snprintf(connection, sizeof connection, "%s options='-c search_path=apart,public'", harness_database());
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_MIGRATE};
    teleai_client *client;
    OK(teleai_open(connection, &options, &client, &error));
    SAME_TEXT(harness_sql("select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = "
                          "'apart'::regnamespace and "
                          "relkind = 'r'"),
              harness_sql("select string_agg(name, ' ' order by name) from unnest(" TELEAI__TABLES_SQL
                          " || array['schema_migrations']) as t (name)"));
    teleai_uuid user;
    harness_user(client, &user);
    SAME_TEXT(harness_sql("select count(*) from apart.users"), "1");
    check_status(0, false); /* in public there is still none */
    OK(teleai_migrate_to(client, 0, &error));
    teleai_close(client);
}

Test(migrate, up_down_up_dumps_the_same_to_the_byte) {
    char probe[1000];
    snprintf(probe, sizeof probe,
             "PATH=\"$(cat \"$TELEAI_TEST_SERVER/bindir\" 2>/dev/null):$PATH\" pg_dump -s -d \"%s\" >/dev/null 2>&1",
             harness_database());
    if (system(probe) != 0)
        cr_skip_test("no pg_dump as new as the server");
    char *empty = dump();
    OK(teleai_migrate_up(db, &error));
    set_times();
    char *first = dump();
    cr_assert(strstr(first, "CREATE TABLE public.analyses") != NULL);
    OK(teleai_migrate_to(db, 2, &error));
    OK(teleai_migrate_up(db, &error));
    set_times();
    char *second = dump();
    OK(teleai_migrate_to(db, 0, &error));
    char *emptied = dump();
    OK(teleai_migrate_up(db, &error));
    set_times();
    char *third = dump();
    cr_assert(strcmp(first, second) == 0);
    cr_assert(strcmp(first, third) == 0);
    cr_assert(strcmp(empty, emptied) == 0);
    free(empty), free(first), free(second), free(emptied), free(third);
}

/* ---- other tools ---- */

/* Has psql apply a file of database/migrations; false when it stopped at an error. */
static bool apply_file(const char *name) {
    char command[2000];
    snprintf(
        command, sizeof command,
        "PATH=\"$(cat \"$TELEAI_TEST_SERVER/bindir\" 2>/dev/null):$PATH\" psql -Xq -v ON_ERROR_STOP=1 -d \"%s\" -f "
        "\"$TELEAI_SOURCE_DIR/database/migrations/%s\" >/dev/null 2>&1",
        harness_database(), name);
    return system(command) == 0;
}

#define APPLIED(name) cr_assert(apply_file(name), "%s", name)

Test(migrate, files_applied_by_psql_are_seen_and_the_other_way_round) {
    APPLIED("001_create_initial_tables.up.sql");
    check_status(1, false);
    OK(teleai_migrate_to(db, 2, &error));
    cr_assert(!apply_file("001_create_initial_tables.up.sql")); /* not in the state it needs */
    cr_assert(!apply_file("001_create_initial_tables.down.sql"));
    check_status(2, false);
    APPLIED("002_create_views.down.sql");
    check_status(1, false);
    OK(teleai_migrate_down(db, &error));
    APPLIED("001_create_initial_tables.up.sql");
    APPLIED("002_create_views.up.sql");
    check_status(2, false);
    APPLIED("003_create_tenants.up.sql");
    APPLIED("004_add_tenant_ids.up.sql");
    APPLIED("005_index_tenants_of_users.up.sql");
    APPLIED("006_index_tenants_of_sessions.up.sql");
    check_status(4, false); /* those note no version: the library does */
    OK(teleai_migrate_to(db, 6, &error));
    check_status(6, false);
    OK(teleai_migrate_up(db, &error));
    check_status(NEWEST, false);
    teleai_client *client;
    OK(open_as(TELEAI_SCHEMA_CHECK, 0, &client));
    teleai_close(client);
    OK(teleai_migrate_to(db, 12, &error));
    APPLIED("012_count_tenant_usage.down.sql");
    APPLIED("011_add_tenants_to_views.down.sql");
    cr_assert(!apply_file("009_index_tenants_of_analyses.down.sql")); /* a constraint has it */
    APPLIED("010_add_tenant_keys.down.sql");
    check_status(9, false);
    APPLIED("009_index_tenants_of_analyses.down.sql");
    APPLIED("008_index_tenants_of_transcriptions.down.sql");
    check_status(7, false);
    OK(teleai_migrate_up(db, &error));
    check_status(NEWEST, false);
    OK(teleai_migrate_to(db, 10, &error));
    APPLIED("010_add_tenant_keys.down.sql");
    APPLIED("004_add_tenant_ids.down.sql");
    check_status(3, false);
    OK(teleai_migrate_up(db, &error));
    check_status(NEWEST, false);
}

static void check_open(int32_t schema, teleai_status expected, const char *says) {
    teleai_client *client = db;
    teleai_status status = open_as(schema, 2000, &client);
    cr_assert(status == expected, "%s: %s", teleai_status_name(status), error.message);
    cr_assert(strstr(error.message, says) != NULL, "%s", error.message);
    cr_assert((client != NULL) == (expected == TELEAI_OK));
    teleai_close(client);
}

Test(migrate, opening_looks_at_the_version) {
    check_open(TELEAI_SCHEMA_CHECK, TELEAI_SCHEMA_MISMATCH, "no teleai schema");
    check_open(TELEAI_SCHEMA_IGNORE, TELEAI_OK, "");
    check_status(0, false);
    OK(teleai_migrate_to(db, 1, &error));
    check_open(TELEAI_SCHEMA_CHECK, TELEAI_SCHEMA_MISMATCH, "version 1");
    check_open(TELEAI_SCHEMA_IGNORE, TELEAI_OK, "");
    check_status(1, false);
    check_open(TELEAI_SCHEMA_MIGRATE, TELEAI_OK, "");
    check_status(NEWEST, false);
    check_open(TELEAI_SCHEMA_CHECK, TELEAI_OK, "");
    check_open(3, TELEAI_INVALID_ARGUMENT, "schema");

    harness_sql("update schema_migrations set version = version + 1"); /* of a newer library */
    check_open(TELEAI_SCHEMA_CHECK, TELEAI_SCHEMA_MISMATCH, "newer libteleai");
    check_open(TELEAI_SCHEMA_MIGRATE, TELEAI_SCHEMA_MISMATCH, "newer libteleai");
    check_open(TELEAI_SCHEMA_IGNORE, TELEAI_OK, "");
    FAILS(teleai_migrate_up(db, &error), TELEAI_SCHEMA_MISMATCH, "");
    FAILS(teleai_migrate_down(db, &error), TELEAI_SCHEMA_MISMATCH, "");
    FAILS(teleai_migrate_to(db, 0, &error), TELEAI_SCHEMA_MISMATCH, "");
    teleai_migration_plan *plan;
    FAILS(teleai_migrate_plan(db, -1, &plan, &error), TELEAI_SCHEMA_MISMATCH, "");
    check_status(NEWEST + 1, false);
}

Test(migrate, a_version_marked_dirty_is_refused) {
    OK(teleai_migrate_up(db, &error));
    harness_sql("update schema_migrations set dirty = true");
    check_status(NEWEST, true);
    char dirty[40];
    snprintf(dirty, sizeof dirty, "dirty at version %d", (int)NEWEST);
    check_open(TELEAI_SCHEMA_CHECK, TELEAI_SCHEMA_MISMATCH, dirty);
    check_open(TELEAI_SCHEMA_MIGRATE, TELEAI_SCHEMA_MISMATCH, dirty);
    check_open(TELEAI_SCHEMA_IGNORE, TELEAI_OK, "");
    FAILS(teleai_migrate_up(db, &error), TELEAI_SCHEMA_MISMATCH, "");
    FAILS(teleai_migrate_down(db, &error), TELEAI_SCHEMA_MISMATCH, "");
    check_status(NEWEST, true);
    harness_sql("update schema_migrations set dirty = false");
    OK(teleai_migrate_down(db, &error));
}

/* ---- failing ---- */

Test(migrate, a_file_that_fails_leaves_everything_as_it_was) {
    harness_sql("create table analyses (mine integer)"); /* in the way of 001, near its end */
    char before[64];
    snprintf(before, sizeof before, "%s", catalogue());
    FAILS(teleai_migrate_up(db, &error), TELEAI_SERVER_ERROR, "");
    SAME_TEXT(error.sqlstate, "42P07");
    cr_assert(strstr(error.message, "001_create_initial_tables.up") != NULL, "%s", error.message);
    SAME_TEXT(catalogue(), before);
    check_status(0, false);
    harness_sql("drop table analyses");
    OK(teleai_migrate_to(db, 1, &error));

    harness_sql("create view processing_queue_status as select 1 as mine");
    snprintf(before, sizeof before, "%s", catalogue());
    FAILS(teleai_migrate_up(db, &error), TELEAI_SERVER_ERROR, "");
    SAME_TEXT(catalogue(), before);
    check_status(1, false);
    harness_sql("drop view processing_queue_status");
    OK(teleai_migrate_to(db, 2, &error));

    harness_sql("create view mine as select * from user_file_stats"); /* in the way down */
    snprintf(before, sizeof before, "%s", catalogue());
    FAILS(teleai_migrate_to(db, 0, &error), TELEAI_SERVER_ERROR, "");
    SAME_TEXT(catalogue(), before);
    check_status(2, false);
    harness_sql("insert into users (email, password_hash, full_name) values ('ann@example.org', '!', 'Ann')");
}

/* ---- at the same time ---- */

Test(migrate, processes_that_start_together_make_one_schema) {
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            teleai_client *client = NULL;
            teleai_status status = open_as(TELEAI_SCHEMA_MIGRATE, 20000, &client);
            teleai_close(client);
            _exit(status);
        }
    }
    for (int i = 0; i < 4; i++) {
        int how;
        cr_assert(waitpid(children[i], &how, 0) == children[i]);
        cr_assert(WIFEXITED(how) && WEXITSTATUS(how) == 0, "child %d: %s", i, teleai_status_name(WEXITSTATUS(how)));
    }
    check_status(NEWEST, false);
    cr_assert(harness_becomes("0",
                              "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid "
                              "from pg_database where datname = current_database())"));
}

#include "golang_migrate_lock.h"

Test(migrate, the_locks_are_golang_migrates) {
    cr_assert(ieee_crc("123456789", 9) == 0xCBF43926);
    cr_assert(ieee_crc("database_name", 13) * UINT32_C(1486364155) ==
              1764327054); /* a case of golang-migrate's own test */
    wait_for_lock("/");
    wait_for_lock("");
}

Test(migrate, what_is_dirty_while_its_lock_is_held_is_waited_for) {
    OK(teleai_migrate_to(db, 3, &error));
    char path[100];
    snprintf(path, sizeof path, "/%s", harness_sql("select current_database()"));
    PGconn *raw = harness_connect();
    char sql[200];
    snprintf(sql, sizeof sql, "select pg_advisory_lock(%lu); update schema_migrations set version = 4, dirty = true",
             (unsigned long)lock_number("public", "schema_migrations", path));
    PQclear(PQexec(raw, sql));
    teleai_migration_status *status;
    OK(teleai_migrate_status(db, &status, &error));
    cr_assert(status->dirty && status->at_work);
    teleai_migration_status_free(status);
    teleai_client *hasty, *none = NULL;
    OK(open_as(TELEAI_SCHEMA_IGNORE, 300, &hasty));
    teleai_migration_plan *plan;
    FAILS(teleai_migrate_plan(hasty, -1, &plan, &error), TELEAI_TIMEOUT, "");
    FAILS(open_as(TELEAI_SCHEMA_CHECK, 300, &none), TELEAI_TIMEOUT, "");
    teleai_close(hasty);
    PQfinish(raw); /* it has failed */
    cr_assert(harness_becomes("0",
                              "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid "
                              "from pg_database where datname = current_database())"));
    OK(teleai_migrate_status(db, &status, &error));
    cr_assert(status->dirty && !status->at_work);
    teleai_migration_status_free(status);
    FAILS(teleai_migrate_plan(db, -1, &plan, &error), TELEAI_SCHEMA_MISMATCH, "");
    cr_assert(strstr(error.message, "migrate force") != NULL && strstr(error.message, "migrate up`") == NULL, "%s",
              error.message);
    OK(teleai_migrate_force(db, 3, &error));
    OK(teleai_migrate_up(db, &error));
    check_status(NEWEST, false);
}

Test(migrate, force_writes_a_version_and_nothing_else) {
    FAILS(teleai_migrate_force(db, -1, &error), TELEAI_INVALID_ARGUMENT, "version");
    FAILS(teleai_migrate_force(db, NEWEST + 1, &error), TELEAI_INVALID_ARGUMENT, "version");
    OK(teleai_migrate_force(db, 2, &error));
    check_status(2, false);
    OK(teleai_migrate_force(db, 0, &error));
    check_status(0, false);
    OK(teleai_migrate_up(db, &error));
}

Test(migrate, an_index_left_invalid_is_built_anew_on_the_way_up) {
    OK(teleai_migrate_to(db, 6, &error));
    harness_sql("update pg_index set indisvalid = false where indexrelid in ('users_tenant_id_id_key'::regclass, "
                "'sessions_tenant_id_id_key'::regclass)");
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select count(*) from pg_index where not indisvalid"), "0");
    check_status(NEWEST, false);
}

/* ---- locks ---- */

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static teleai_status down_status;
static teleai_error down_error;

static void *run_down(void *unused) {
    (void)unused;
    down_status = teleai_migrate_down(db, &down_error);
    return NULL;
}

Test(migrate, it_does_not_block_others_while_it_waits_for_a_lock) {
    OK(teleai_migrate_to(db, 1, &error));
    PGconn *holder = harness_connect(), *other = harness_connect();
    PQclear(PQexec(holder, "begin"));
    PQclear(PQexec(holder, "select count(*) from users"));
    int64_t start = now_ms(), longest = 0;
    int asked = 0, waited = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, run_down, NULL);
    while (now_ms() - start < 2000) {
        int64_t asked_at = now_ms();
        PGresult *result = PQexec(other, ++asked % 2 ? "select count(*) from users" : "select count(*) from analyses");
        cr_assert(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(other));
        PQclear(result);
        int64_t took = now_ms() - asked_at;
        longest = took > longest ? took : longest;
        waited += took > 30;
        usleep(10000);
    }
    PQclear(PQexec(holder, "commit"));
    pthread_join(thread, NULL);
    cr_assert(down_status == TELEAI_OK, "%s", down_error.message);
    cr_assert(waited > 0, "the migration never stood in the way: this tests nothing");
    cr_assert(longest < 800, "a query waited %d ms", (int)longest);
    PQfinish(holder);
    PQfinish(other);
    check_status(0, false);
}

Test(migrate, a_lock_that_is_never_free_gives_a_timeout_and_changes_nothing) {
    OK(teleai_migrate_to(db, 1, &error));
    PGconn *holder = harness_connect();
    PQclear(PQexec(holder, "begin"));
    PQclear(PQexec(holder, "select count(*) from users"));
    teleai_client *hasty;
    OK(open_as(TELEAI_SCHEMA_IGNORE, 500, &hasty));
    int64_t start = now_ms();
    FAILS(teleai_migrate_down(hasty, &error), TELEAI_TIMEOUT, "");
    cr_assert(now_ms() - start < 3000);
    SAME_TEXT(error.sqlstate, "55P03");
    cr_assert(error.flags == TELEAI_ERROR_RETRYABLE);
    check_status(1, false);
    PQfinish(holder);
    OK(teleai_migrate_down(hasty, &error));
    teleai_close(hasty);
}

Test(migrate, clients_that_were_open_find_their_way_in_the_schema_made_anew) {
    OK(teleai_migrate_up(db, &error));
    teleai_client *other;
    OK(open_as(TELEAI_SCHEMA_CHECK, 0, &other));
    teleai_uuid user;
    harness_user(other, &user);
    teleai_users *list;
    OK(teleai_user_list(other, NULL, NULL, &list, &error));
    teleai_users_free(list);
    OK(teleai_migrate_to(db, 0, &error));
    FAILS(teleai_user_list(other, NULL, NULL, &list, &error), TELEAI_SCHEMA_MISMATCH, "");
    OK(teleai_migrate_up(db, &error));
    harness_user(other, &user);
    OK(teleai_user_list(other, NULL, NULL, &list, &error));
    cr_assert(list->count == 1);
    teleai_users_free(list);
    teleai_close(other);
}
