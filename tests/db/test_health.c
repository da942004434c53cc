/* Health checks: each kind of trouble is made, found, and gone after its remedy was run as it stands. */
#include <unistd.h>

#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"
#include "schema/tables.h"

SERVER_SUITE(health);

static teleai_health_findings *findings;
static const teleai_health_options *with;

static void look(teleai_client *client) {
    teleai_health_findings_free(findings);
    OK(teleai_health_check(client, with, &findings, &error));
    int32_t worst = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const teleai_health_finding *each = findings->items[i];
        cr_assert(each->check != NULL && each->subject != NULL && each->message != NULL && *each->message != '\0');
        cr_assert(each->severity >= TELEAI_HEALTH_OK && each->severity <= TELEAI_HEALTH_CRITICAL);
        cr_assert((each->severity == TELEAI_HEALTH_OK) == (each->remedy == NULL), "%s: %s", each->check, each->message);
        worst = each->severity > worst ? each->severity : worst;
    }
    cr_assert(findings->worst == worst);
}

static const teleai_health_finding *find(const char *check, const char *subject) {
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i]->check, check) == 0 && strcmp(findings->items[i]->subject, subject) == 0)
            return findings->items[i];
    return NULL;
}

/* It is found, as bad as this, and its remedy puts it right. */
static void finds(const char *check, const char *subject, int32_t severity) {
    look(db);
    const teleai_health_finding *found = find(check, subject);
    cr_assert(found != NULL, "%s of %s was not found", check, subject);
    cr_assert(found->severity == severity, "%s of %s: %d: %s", check, subject, found->severity, found->message);
}

static void finds_and_heals(const char *check, const char *subject, int32_t severity) {
    finds(check, subject, severity);
    harness_sql("%s", find(check, subject)->remedy);
    look(db);
    /* Up to 14 the server tells of a vacuum or an analyze half a second later. */
    for (int i = 0; i < 500 && strcmp(check, "tables") == 0 && find(check, subject) != NULL; i++) {
        usleep(20000);
        look(db);
    }
    cr_assert(find(check, subject) == NULL, "%s of %s is still there: %s", check, subject,
              find(check, subject)->message);
}

static bool is_fine(const char *check) {
    const teleai_health_finding *found = find(check, "");
    return found != NULL && found->severity == TELEAI_HEALTH_OK;
}

static void reopen(const char *connection) {
    teleai_close(db);
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    OK(teleai_open(connection, &options, &db, &error));
}

static void done(void) {
    teleai_health_findings_free(findings);
    findings = NULL;
}

Test(health, every_check_says_something) {
    static const char *const names[] = {"server",       "encryption", "durability",      "settings",
                                        "role",         "extensions", "schema",          "missing_index",
                                        "unused_index", "tables",     "pending_entries", "connections",
                                        "transactions", "wraparound", "daily_usage",     "sessions"};
    static const char *const fine[] = {"encryption", "extensions",   "schema",     "missing_index", "unused_index",
                                       "tables",     "transactions", "wraparound", "daily_usage",   "sessions"};
    look(db);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool seen = false;
        for (size_t j = 0; j < findings->count; j++)
            seen |= strcmp(findings->items[j]->check, names[i]) == 0;
        cr_assert(seen, "nothing is said of %s", names[i]);
    }
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        cr_assert(is_fine(fine[i]), "%s", fine[i]);
    done();
}

/* The tests' server is not made to last. */
Test(health, settings_that_endanger_data) {
    finds("durability", "fsync", TELEAI_HEALTH_CRITICAL);
    cr_assert(strcmp(find("durability", "fsync")->remedy, "alter system set fsync = 'on'; select pg_reload_conf();") ==
                  0,
              "%s", find("durability", "fsync")->remedy);
    finds("durability", "full_page_writes", TELEAI_HEALTH_CRITICAL);
    finds("durability", "synchronous_commit", TELEAI_HEALTH_WARNING);
    cr_assert(findings->worst == TELEAI_HEALTH_CRITICAL);
    harness_sql(
        "do $$ begin execute format('alter database %%I set synchronous_commit = off', current_database()); end $$");
    harness_sql(
        "do $$ begin execute format('alter database %%I set zero_damaged_pages = on', current_database()); end $$");
    reopen(harness_database());
    finds("durability", "zero_damaged_pages", TELEAI_HEALTH_CRITICAL);
    harness_sql("%s", find("durability", "zero_damaged_pages")->remedy);
    reopen(harness_database());
    look(db);
    cr_assert(find("durability", "zero_damaged_pages") == NULL);
    done();
}

Test(health, settings_that_hurt) {
    finds("settings", "idle_in_transaction_session_timeout", TELEAI_HEALTH_NOTICE);
    harness_sql("%s", find("settings", "idle_in_transaction_session_timeout")->remedy);
    reopen(harness_database());
    look(db);
    cr_assert(is_fine("settings"));
    harness_sql("alter table users set (autovacuum_enabled = false)");
    finds_and_heals("settings", "users", TELEAI_HEALTH_WARNING);
    done();
}

/* Each index that the migrations make: whatever they add or change has to be told to the check as well. */
Test(health, every_missing_index_is_found_and_made_again) {
    int count = atoi(
        harness_sql("create table indexes as select row_number() over () as n, i.indexrelid::regclass::text as name, "
                    "i.indrelid::regclass::text as relation, pg_get_indexdef(i.indexrelid) as definition, "
                    "i.indisunique, k.conname, pg_get_constraintdef(k.oid) as constraint_definition from pg_index i "
                    "left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u') "
                    "where i.indrelid::regclass::text = any(" TELEAI__TABLES_SQL " || array['daily_usage_stats']);"
                    "select count(*) from indexes"));
    cr_assert(count >= 40, "%d", count);
    for (int i = 1; i <= count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s", harness_sql("select name from indexes where n = %d", i));
        bool unique = *harness_sql("select indisunique from indexes where n = %d", i) == 't';
        if (*harness_sql("select conname from indexes where n = %d", i) != '\0')
            harness_sql("alter table %s drop constraint %s cascade",
                        harness_sql("select relation from indexes where n = %d", i), name);
        else
            harness_sql("drop index %s", name);
        finds_and_heals("missing_index", name, unique ? TELEAI_HEALTH_CRITICAL : TELEAI_HEALTH_WARNING);
        cr_assert(*harness_sql(
                      "select pg_get_indexdef('%s'::regclass) = definition and not exists (select from pg_constraint k "
                      "where k.conname = x.conname and pg_get_constraintdef(k.oid) <> constraint_definition) "
                      "from indexes x where n = %d",
                      name, i) == 't',
                  "%s was made again as %s", name, harness_sql("select pg_get_indexdef('%s'::regclass)", name));
    }
    done();
}

/* Whatever they are called, and where a longer or more general one does what is wanted. */
Test(health, indexes_are_known_by_what_they_index) {
    harness_sql("alter index audio_files_created_at_id_idx rename to idx_audio_files_created_at;"
                "alter index users_email_key rename to anything;"
                "alter table tenants rename constraint tenants_slug_key to slug_once;"
                "create index mine on sessions (user_id, expires_at); drop index sessions_user_id_idx;"
                "create index general on analyses using gin (entities); drop index analyses_entities_idx");
    with = &(teleai_health_options){.struct_size = sizeof *with, .unused_index_ms = 1};
    finds("missing_index", "", TELEAI_HEALTH_OK);
    cr_assert(is_fine("unused_index"));
    harness_sql("drop index mine; create index mine on sessions (user_id) where expires_at is not null;"
                "create index other on sessions (user_id desc)");
    finds("missing_index", "sessions_user_id_idx", TELEAI_HEALTH_WARNING);
    harness_sql("drop index anything; create index anything on users (lower(email))"); /* not unique */
    finds("missing_index", "users_email_key", TELEAI_HEALTH_CRITICAL);
}

Test(health, invalid_indexes) {
    harness_sql("update pg_index set indisvalid = false where indexrelid = 'users_email_key'::regclass");
    finds_and_heals("missing_index", "users_email_key", TELEAI_HEALTH_CRITICAL);
    harness_sql(
        "create index audio_files_created_at_idx_ccnew on audio_files (created_at);"
        "update pg_index set indisvalid = false where indexrelid = 'audio_files_created_at_idx_ccnew'::regclass");
    finds_and_heals("missing_index", "audio_files_created_at_idx_ccnew", TELEAI_HEALTH_WARNING);
    done();
}

Test(health, unused_indexes_of_ones_own) {
    harness_sql("create index mine on users (full_name)");
    finds("unused_index", "", TELEAI_HEALTH_OK); /* not for long enough */
    harness_sql("select pg_stat_reset()");
    cr_assert(harness_becomes(
        "t", "select stats_reset < now() - interval '5 ms' from pg_stat_database where datname = current_database()"));
    with = &(teleai_health_options){.struct_size = sizeof *with, .unused_index_ms = 1};
    finds_and_heals("unused_index", "mine", TELEAI_HEALTH_NOTICE);
    cr_assert(is_fine("unused_index"));
    with = NULL;
    done();
}

Test(health, dead_rows_and_missing_statistics) {
    harness_sql("alter table users set (autovacuum_enabled = false)");
    harness_sql("insert into users (email, full_name, password_hash) select n || '@example.org', 'n', '$argon2id$none' "
                "from generate_series(1, 3000) n");
    cr_assert(harness_becomes("t", "select n_live_tup = 3000 from pg_stat_user_tables where relname = 'users'"));
    finds_and_heals("tables", "users", TELEAI_HEALTH_NOTICE);
    harness_sql("delete from users where email like '1%%'");
    cr_assert(harness_becomes("t", "select n_dead_tup > 1000 from pg_stat_user_tables where relname = 'users'"));
    finds_and_heals("tables", "users", TELEAI_HEALTH_NOTICE);
    harness_sql("delete from users where email like '2%%'");
    cr_assert(harness_becomes("t", "select n_dead_tup > 1000 from pg_stat_user_tables where relname = 'users'"));
    finds_and_heals("tables", "users", TELEAI_HEALTH_WARNING);
    done();
}

Test(health, pending_entries) {
    finds_and_heals("pending_entries", "pgstattuple", TELEAI_HEALTH_NOTICE);
    cr_assert(is_fine("pending_entries"));
    teleai_uuid user, file;
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_sql("alter index audio_files_metadata_idx set (gin_pending_list_limit = 16384)");
    harness_sql(
        "update audio_files set metadata = (select jsonb_object_agg('key ' || n, n) from generate_series(1, 20000) n)");
    look(db);
    cr_assert(is_fine("pending_entries"));
    harness_sql("alter index audio_files_metadata_idx set (gin_pending_list_limit = 64)");
    finds_and_heals("pending_entries", "audio_files_metadata_idx", TELEAI_HEALTH_NOTICE);
    done();
}

Test(health, extensions_and_defaults) {
    harness_sql("drop extension pgcrypto");
    finds_and_heals("extensions", "pgcrypto", TELEAI_HEALTH_CRITICAL);
    harness_sql("drop extension \"uuid-ossp\" cascade"); /* takes the defaults along */
    finds_and_heals("extensions", "uuid-ossp", TELEAI_HEALTH_CRITICAL);
    finds_and_heals("extensions", "users", TELEAI_HEALTH_NOTICE);
    finds_and_heals("extensions", "tenants", TELEAI_HEALTH_NOTICE);
    done();
}

Test(health, the_schema) {
    harness_sql("create table teleai_begun_013 ()");
    finds("schema", "teleai_begun_013", TELEAI_HEALTH_WARNING);
    harness_sql("drop table teleai_begun_013; update schema_migrations set version = version - 1");
    finds("schema", "schema_migrations", TELEAI_HEALTH_CRITICAL);
    cr_assert(strstr(find("schema", "schema_migrations")->remedy, "teleai_migrate_up()") != NULL);
    harness_sql("update schema_migrations set version = version + 2");
    finds("schema", "schema_migrations", TELEAI_HEALTH_CRITICAL);
    harness_sql("update schema_migrations set version = version - 1, dirty = true");
    finds("schema", "schema_migrations", TELEAI_HEALTH_CRITICAL);
    cr_assert(strstr(find("schema", "schema_migrations")->message, "dirty") != NULL);
    done();
}

Test(health, a_database_without_the_schema) {
    reopen(harness_empty_database());
    finds("schema", "", TELEAI_HEALTH_CRITICAL);
    cr_assert(find("missing_index", "") == NULL && is_fine("extensions") && is_fine("encryption"));
    done();
}

Test(health, transactions) {
    PGconn *other = harness_connect();
    PQclear(PQexec(other, "begin; select 1"));
    char subject[64];
    snprintf(subject, sizeof subject, "process %d", PQbackendPID(other));
    finds("transactions", "", TELEAI_HEALTH_OK); /* not for long enough */
    with = &(teleai_health_options){.struct_size = sizeof *with, .long_transaction_ms = 1};
    finds("transactions", subject, TELEAI_HEALTH_WARNING);
    harness_sql("%s", find("transactions", subject)->remedy);
    PQfinish(other);
    cr_assert(harness_becomes(
        "0",
        "select count(*) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()"));
    look(db);
    cr_assert(find("transactions", subject) == NULL);
    with = NULL;
    done();
}

Test(health, connections) {
    PGconn *others[3];
    for (int i = 0; i < 3; i++)
        others[i] = harness_connect();
    with = &(teleai_health_options){.struct_size = sizeof *with, .connections_percent = 1};
    look(db);
    const teleai_health_finding *found = find("connections", "");
    cr_assert(found->severity == TELEAI_HEALTH_WARNING, "%s", found->message);
    for (int i = 0; i < 3; i++)
        PQfinish(others[i]);
    with = NULL;
    done();
}

Test(health, daily_usage) {
    teleai_uuid user, file;
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_sql("update audio_files set status = 'ready', created_at = now() - interval '3 hours'");
    look(db);
    cr_assert(is_fine("daily_usage"));
    harness_sql("update audio_files set created_at = now() - interval '3 days'");
    finds_and_heals("daily_usage", "daily_usage_stats", TELEAI_HEALTH_WARNING);
    harness_sql("refresh materialized view daily_usage_stats with no data");
    finds_and_heals("daily_usage", "daily_usage_stats", TELEAI_HEALTH_WARNING);
    cr_assert(is_fine("daily_usage"));
    done();
}

Test(health, expired_sessions) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session_input input = {.struct_size = sizeof input, .user_id = &user};
    teleai_session *session;
    OK(teleai_session_create(db, &input, &session, &error));
    teleai_session_free(session);
    look(db);
    cr_assert(is_fine("sessions"));
    harness_sql("update sessions set created_at = now() - interval '9 days', expires_at = now() - interval '2 days'");
    finds_and_heals("sessions", "sessions", TELEAI_HEALTH_NOTICE);
    done();
}

Test(health, row_security_that_is_not_whole) {
    harness_sql("alter table users enable row level security");
    finds("role", "row security", TELEAI_HEALTH_WARNING);
    OK(teleai_row_security_enable(db, &error));
    look(db);
    cr_assert(find("role", "row security") == NULL);
    reopen(harness_database_as("teleai_app"));
    look(db);
    cr_assert(find("daily_usage", "")->severity == TELEAI_HEALTH_NOTICE); /* it may not read all days */
    cr_assert(find("role", "users") == NULL && find("role", "") != NULL);
    done();
}

/* What it may not look at, it says; and what it lacks, so that it can be granted. */
Test(health, a_role_with_few_rights) {
    harness_sql("do $$ begin create role teleai_test_weak login; exception when duplicate_object or unique_violation "
                "then null; end $$");
    reopen(harness_database_as("teleai_test_weak"));
    look(db);
    cr_assert(find("schema", "")->severity == TELEAI_HEALTH_NOTICE, "%s", find("schema", "")->message);
    harness_sql("grant select on schema_migrations to teleai_test_weak");
    finds("role", "users", TELEAI_HEALTH_WARNING);
    cr_assert(find("daily_usage", "")->severity == TELEAI_HEALTH_NOTICE);
    cr_assert(find("transactions", "teleai_test_weak")->severity == TELEAI_HEALTH_NOTICE);
    cr_assert(is_fine("missing_index") && find("sessions", "")->severity == TELEAI_HEALTH_NOTICE);
    harness_sql("grant select on all tables in schema public to teleai_test_weak");
    finds("role", "users", TELEAI_HEALTH_NOTICE); /* it can read now */
    for (size_t i = 0; i < findings->count; i++)
        if (strcmp(findings->items[i]->check, "role") == 0)
            harness_sql("%s", findings->items[i]->remedy);
    look(db);
    cr_assert(is_fine("role"));
    cr_assert(is_fine("sessions") && is_fine("daily_usage"));
    done();
}

Test(health, where_it_cannot_be_called) {
    teleai_client *transaction, *batch;
    teleai_health_findings *none = (void *)1;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    FAILS(teleai_health_check(transaction, NULL, &none, &error), TELEAI_CONFLICT, "");
    cr_assert(none == NULL);
    teleai_close(transaction);
    OK(teleai_batch_open(db, NULL, &batch, &error));
    FAILS(teleai_health_check(batch, NULL, &none, &error), TELEAI_INVALID_ARGUMENT, "client");
    teleai_close(batch);
    FAILS(teleai_health_check(NULL, NULL, &none, &error), TELEAI_CLOSED, "");
    FAILS(teleai_health_check(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    teleai_health_options bad = {.struct_size = sizeof bad, .dead_rows_percent = 101};
    FAILS(teleai_health_check(db, &bad, &none, &error), TELEAI_INVALID_ARGUMENT, "dead_rows_percent");
    bad = (teleai_health_options){.struct_size = sizeof bad, .stale_ms = -1};
    FAILS(teleai_health_check(db, &bad, &none, &error), TELEAI_INVALID_ARGUMENT, "stale_ms");
    teleai_health_findings_free(NULL);
}
