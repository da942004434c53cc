/*
 * Every statement of the library against a real server: each function is called in each form that its SQL can have
 * (every filter alone and all together, first and later pages, both orders, every bit of an update, guarded and not),
 * while statement_check.h looks at what is sent and what comes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "criterion_harness.h"
#include "statement_check.h"

SERVER_SUITE(statements);

/* ---- in a batch ---- */

/* What a call has come to: in a batch, its answer. */
static teleai_status settled(teleai_status status) {
    return status == TELEAI_OK && teleai_batch_pending(db) > 0 ? teleai_batch_flush(db, NULL) : status;
}

#undef OK
#define OK(call)                                                                                          \
    do {                                                                                                  \
        teleai_status status_ = settled(call);                                                            \
        cr_assert(status_ == TELEAI_OK, "%s: %s: %s", #call, teleai_status_name(status_), error.message); \
        cr_assert(error.status == TELEAI_OK && error.message[0] == '\0');                                 \
    } while (0)

#undef FAILS
#define FAILS(call, expected, at_field)                                                                     \
    do {                                                                                                    \
        teleai_status status_ = settled(call);                                                              \
        cr_assert(status_ == (expected), "%s: %s, %s was expected: %s", #call, teleai_status_name(status_), \
                  teleai_status_name(expected), error.message);                                             \
        cr_assert(error.status == status_ && strcmp(error.field, (at_field)) == 0);                         \
    } while (0)

#include "statement_calls.h"

/* ---- search, statistics ---- */

static void search_with(const teleai_search_options *given) {
    for (int32_t order = 0; order <= 1; order++) {
        teleai_search_options options = *given;
        teleai_search_hits *hits, *kept;
        options.order = order;
        options.limit = 1;
        options.status = TELEAI_TRANSCRIPTION_COMPLETED;
        OK(teleai_search_transcriptions(db, "heart or \"no phrase\" no* -never", &options, &kept, &error));
        cr_assert(kept->count == 1 && kept->next_cursor != NULL);
        options.cursor = kept->next_cursor;
        OK(teleai_search_transcriptions(db, "heart or \"no phrase\" no* -never", &options, &hits, &error));
        cr_assert(hits->count == 1);
        teleai_search_hits_free(kept);
        teleai_search_hits_free(hits);
    }
}

#define SEARCHED(...) search_with(&(teleai_search_options){.struct_size = sizeof(teleai_search_options), __VA_ARGS__})

static void call_search(void) {
    teleai_transcription_input second = whole_transcription;
    second.status = TELEAI_TRANSCRIPTION_COMPLETED;
    OK(teleai_transcription_create(db, &second, NULL, &error));
    SEARCHED(.limit = 0);
    SEARCHED(.user_id = &user);
    SEARCHED(.language_code = "en");
    SEARCHED(.engine = "test");
    SEARCHED(.created_from_us = 1);
    SEARCHED(.created_until_us = YEAR_3000);
    SEARCHED(.min_confidence = 0.5, .has_min_confidence = true);
    SEARCHED(.user_id = &user, .language_code = "en", .engine = "test", .created_from_us = 1,
             .created_until_us = YEAR_3000, .min_confidence = 0.5, .has_min_confidence = true);
    harness_sql("delete from transcriptions where id = (select id from transcriptions where status = 'pending')");
    PAGES(teleai_transcriptions, teleai_transcriptions_free, teleai_search_keywords(db, "hearts", &page, &list, &error))
}

static void call_statistics(void) {
    teleai_user_stats *stats;
    teleai_daily_usages *days;
    teleai_queue_statuses *queues;
    OK(teleai_user_stats_get(db, &user, &stats, &error));
    teleai_user_stats_free(stats);
    PAGES(teleai_users_stats, teleai_users_stats_free, teleai_user_stats_list(db, &page, &list, &error))
    if (owner != NULL)
        FAILS(teleai_daily_usage_refresh(db, &error), TELEAI_PERMISSION_DENIED, "");
    OK(teleai_daily_usage_refresh(owner == NULL ? db : owner, &error));
    OK(teleai_daily_usage_list(db, 0, 0, &days, &error));
    cr_assert(days->count == 1);
    teleai_daily_usages_free(days);
    OK(teleai_daily_usage_list(db, 1, YEAR_3000, &days, &error));
    teleai_daily_usages_free(days);
    PAGES(teleai_activities, teleai_activities_free, teleai_activity_list(db, NULL, &page, &list, &error))
    PAGES(teleai_activities, teleai_activities_free, teleai_activity_list(db, &user, &page, &list, &error))
    OK(teleai_queue_status_list(db, &queues, &error));
    teleai_queue_statuses_free(queues);
    harness_sql("update audio_files set status = 'ready'; update analyses set status = 'failed'");
    for (int form = 0; form < 8; form++) {
        teleai_pipeline_filter filter = {.struct_size = sizeof filter,
                                         .user_id = form & 1 ? &user : NULL,
                                         .pipeline_status = form & 2 ? TELEAI_PIPELINE_FAILED : 0,
                                         .unfinished = (form & 4) != 0};
        PAGES(teleai_pipelines, teleai_pipelines_free, teleai_pipeline_list(db, &filter, &page, &list, &error))
    }
}

/* ---- tenants ---- */

static teleai_uuid tenant;

static const teleai_tenant_input whole_tenant = {.struct_size = sizeof whole_tenant,
                                                 .name = "Acme",
                                                 .slug = "acme",
                                                 .settings_json = "{\"a\": 1}",
                                                 .max_users = 10,
                                                 .max_storage_bytes = 10,
                                                 .max_audio_ms = 10,
                                                 .has_max_users = true,
                                                 .has_max_storage = true,
                                                 .has_max_audio = true};

static teleai_status update_tenant(uint64_t fields, const teleai_update_options *options) {
    return teleai_tenant_update(db, &tenant, &whole_tenant, fields, options, NULL, &error);
}

/* To its end; what an import sends goes into tables that only its own connection has. */
static void run_job(teleai_tenant_job *job) {
    for (teleai_tenant_progress progress = {0}; !progress.done;)
        OK(teleai_tenant_job_step(job, &progress, &error));
    teleai_tenant_job_close(job);
}

static void call_tenants(void) {
    teleai_tenant *made;
    teleai_tenant_stats *stats;
    teleai_tenant_job *job;
    OK(teleai_tenant_create(db, &whole_tenant, &made, &error));
    tenant = made->id;
    teleai_tenant_free(made);
    OK(teleai_tenant_get(db, &tenant, NULL, &error));
    OK(teleai_tenant_get_by_slug(db, "acme", NULL, &error));
    call_updates(update_tenant, 6);
    FILTERED(tenant, tenants, .status = 0);
    FILTERED(tenant, tenants, .created_from_us = 1);
    FILTERED(tenant, tenants, .created_until_us = YEAR_3000);
    FILTERED(tenant, tenants, .status = TELEAI_TENANT_ACTIVE);
    FILTERED(tenant, tenants, .created_from_us = 1, .created_until_us = YEAR_3000, .status = TELEAI_TENANT_ACTIVE);
    OK(teleai_tenant_suspend(db, &tenant, NULL, &error));
    OK(teleai_tenant_resume(db, &tenant, NULL, &error));
    OK(teleai_tenant_stats_get(db, &tenant, &stats, &error));
    teleai_tenant_stats_free(stats);
    PAGES(teleai_tenants_stats, teleai_tenants_stats_free, teleai_tenant_stats_list(db, &page, &list, &error))
    if (in_batch) {
        harness_sql("delete from tenants where slug = 'acme'");
        return;
    }
    OK(teleai_tenant_usage_recount(db, NULL, NULL, &error));
    OK(teleai_tenant_usage_recount(db, &tenant, NULL, &error));
    char folder[] = "/tmp/teleai_statements_XXXXXX", command[64];
    snprintf(command, sizeof command, "rm -r %s", mkdtemp(folder));
    cr_assert(rmdir(folder) == 0);
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    run_job(job);
    cr_assert(system(command) == 0);
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    run_job(job);
}

/* Under row security: what sums up all rows may not be used by who is bound to a tenant. */
static void call_care(void) {
    teleai_health_findings *findings;
    teleai_client *transaction;
    OK(teleai_health_check(db, NULL, &findings, &error));
    teleai_health_findings_free(findings);
    OK(teleai_maintain(db, NULL, NULL, &error));
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_snapshot_export(transaction, NULL, &error));
    teleai_close(transaction);
    teleai_table_checksums *sums;
    OK(teleai_table_checksum_list(owner == NULL ? db : owner, &sums, &error));
    teleai_table_checksums_free(sums);
}

static void call_deletes_and_the_rest(void) {
    teleai_migration_status *status;
    OK(teleai_ping(db, &error));
    OK(teleai_notify(db, "jobs", "a", &error));
    if (in_batch)
        FAILS(teleai_migrate_status(db, &status, &error), TELEAI_INVALID_ARGUMENT, "client");
    else
        OK(teleai_migrate_status(db, &status, &error));
    teleai_migration_status_free(status);
    if (!in_batch)
        call_care();
    OK(teleai_analysis_delete(db, &analysis, &error));
    OK(teleai_transcription_delete(db, &transcription, &error));
    OK(teleai_audio_file_delete(db, &file, &error));
    OK(teleai_user_delete(db, &user, &error));
}

/* ---- nothing forgotten ---- */

static bool is_seen(const char *name) {
    for (size_t i = 0; i < name_count; i++)
        if (strcmp(names_seen[i], name) == 0)
            return true;
    return false;
}

/* Each function of the header that takes a client has a statement of its name, but for those that send none of this kind. */
static void check_that_every_function_was_called(void) {
    static const char *const others[] = {
        "transaction_begin",    "transaction_commit", "transaction_rollback", "transaction_run", "pool_stats_get",
        "pool_maintain",        "pool_resize",        "pool_drain",           "cancel",          "scope_open",
        "batch_open",           "batch_flush",        "batch_step",           "user_stream",     "session_stream",
        "audio_file_stream",    "analysis_stream",    "metrics_text",         "slow_calls_list", "transcription_stream",
        "subscription_open",    "migrate_up",         "migrate_down",         "migrate_to",      "row_security_enable",
        "row_security_disable", "migrate_plan",       "metrics_text_as",      "migrate_force",   "migrate_adopt",
    };
    static const char *const not_in_batches[] = {"user_login",         "migrate_status",  "health_check",
                                                 "maintain",           "snapshot_export", "tenant_usage_recount",
                                                 "table_checksum_list"};
    char command[1000], name[100];
    snprintf(command, sizeof command,
             "sed -nE 's/^TELEAI_API teleai_status teleai_([a-z_]+)\\(teleai_client .*/\\1/p' '%s'/include/teleai/*.h",
             getenv("TELEAI_SOURCE_DIR"));
    FILE *pipe = popen(command, "r");
    int functions = 0;
    while (fgets(name, sizeof name, pipe) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        bool other = false;
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            other |= strcmp(name, others[i]) == 0;
        other |=
            strcmp(name, "tenant_import_open") == 0 || (in_batch && strstr(name, "tenant_") && strstr(name, "_open"));
        other |= expected_tenant != NULL && strncmp(name, "tenant_", 7) == 0;
        for (size_t i = 0; in_batch && i < sizeof not_in_batches / sizeof *not_in_batches; i++)
            other |= strcmp(name, not_in_batches[i]) == 0;
        cr_assert(other || is_seen(name), "teleai_%s() is not called by this test, or its statement has another name",
                  name);
        functions++;
    }
    pclose(pipe);
    cr_assert(functions > 55, "%d functions", functions);
}

static void call_everything(void) {
    side = harness_connect();
    call_users();
    call_sessions();
    call_files();
    call_transcriptions();
    call_analyses();
    call_search();
    call_statistics();
    if (expected_tenant == NULL)
        call_tenants(); /* they heed no scope */
    call_deletes_and_the_rest();
    check_that_every_function_was_called();
    cr_assert(statement_count > 400 && column_count > 3000 && (in_batch || field_count > 500),
              "%zu statements, %zu columns, %zu fields", statement_count, column_count, field_count);
    PQfinish(side);
    side = NULL;
}

Test(statements, the_server_takes_every_one_with_the_types_that_are_sent_and_read) {
    call_everything();
    compare_texts("tests/db/statements.sql");
}

Test(statements, they_are_the_same_unprepared) {
    teleai_close(db);
    teleai_options options = {
        .struct_size = sizeof options, .pooler = TELEAI_POOLER_TRANSACTION, .password_memory_kib = 19456};
    OK(teleai_open(harness_database(), &options, &db, &error));
    call_everything();
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.statements_prepared == 0);
}

Test(statements, one_connection_runs_them_all_prepared) {
    call_everything();
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.opened == 1 && stats.statements_prepared > 150 && stats.statements_prepared <= 192,
              "%lld were prepared", (long long)stats.statements_prepared);
}

static const char *tenant_text(const teleai_uuid *tenant) {
    static char text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(tenant, text);
    return text;
}

/* That of another tenant, which every statement then names. */
Test(statements, they_are_the_same_in_a_scope) {
    teleai_uuid actor, tenant;
    teleai_uuid_make(&actor);
    teleai_uuid_make(&tenant);
    harness_sql("insert into tenants (id, name, slug) values ('%s', 'Acme', 'acme')", tenant_text(&tenant));
    expected_tenant = &tenant;
    teleai_scope_options options = {.struct_size = sizeof options,
                                    .timeout_ms = 20000,
                                    .actor_id = &actor,
                                    .tenant_id = &tenant,
                                    .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
    teleai_client *root = db;
    OK(teleai_scope_open(root, &options, &db, &error));
    call_everything();
    teleai_close(db);
    db = root;
}

/* As the role that the server keeps to one tenant. */
Test(statements, they_are_the_same_under_row_security) {
    teleai_uuid tenant;
    teleai_uuid_make(&tenant);
    harness_sql("insert into tenants (id, name, slug) values ('%s', 'Acme', 'acme')", tenant_text(&tenant));
    OK(teleai_row_security_enable(db, &error));
    owner = db;
    expected_tenant = &tenant;
    teleai_options options = {.struct_size = sizeof options,
                              .password_memory_kib = 19456,
                              .tenant_id = &tenant,
                              .require_row_security = true};
    OK(teleai_open(harness_database_as("teleai_app"), &options, &db, &error));
    call_everything();
    FAILS(teleai_tenant_create(db, &whole_tenant, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    teleai_close(db);
    db = owner;
    OK(teleai_row_security_disable(db, &error));
}

Test(statements, they_are_the_same_in_a_batch) {
    teleai_client *root = db;
    OK(teleai_batch_open(root, NULL, &db, &error));
    in_batch = true;
    call_everything();
    teleai_close(db);
    db = root;
}
