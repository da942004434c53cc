/* Managing tenants under row security: teleai_admin may, teleai_app may not. */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(tenant_admin);

static char place[64];

static void run_job(teleai_tenant_job *job, teleai_tenant_progress *progress) {
    do
        OK(teleai_tenant_job_step(job, progress, &error));
    while (!progress->done);
    teleai_tenant_job_close(job);
}

static teleai_client *open_as(const char *role) {
    teleai_client *client;
    teleai_options options = {.struct_size = sizeof options, .password_memory_kib = 19456};
    OK(teleai_open(harness_database_as(role), &options, &client, &error));
    return client;
}

/* A tenant with limits, a user and a file; its id. */
static void make_tenant(teleai_client *admin, teleai_uuid *id) {
    teleai_tenant *made;
    teleai_tenant_input input = {.struct_size = sizeof input,
                                 .name = "Acme",
                                 .slug = "acme",
                                 .max_users = 2,
                                 .has_max_users = true,
                                 .max_storage_bytes = 5000,
                                 .has_max_storage = true};
    OK(teleai_tenant_create(admin, &input, &made, &error));
    *id = made->id;
    teleai_tenant_free(made);
    teleai_scope_options of = {.struct_size = sizeof of, .tenant_id = id};
    teleai_client *scope;
    teleai_uuid user, file;
    OK(teleai_scope_open(admin, &of, &scope, &error));
    harness_user(scope, &user);
    harness_audio_file(scope, &user, &file);
    teleai_close(scope);
}

Test(tenant_admin, the_admin_makes_counts_takes_out_deletes_and_takes_in) {
    OK(teleai_row_security_enable(db, &error));
    teleai_client *admin = open_as("teleai_admin");
    teleai_uuid id;
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    teleai_tenant_stats *stats;
    make_tenant(admin, &id);
    OK(teleai_daily_usage_refresh(admin, &error));
    OK(teleai_tenant_stats_get(admin, &id, &stats, &error));
    cr_assert(stats->total_users == 1 && stats->total_files == 1);
    teleai_tenant_stats_free(stats);

    char folder[96], command[128];
    snprintf(place, sizeof place, "/tmp/teleai_admin_XXXXXX");
    cr_assert(mkdtemp(place) != NULL);
    snprintf(folder, sizeof folder, "%s/acme", place);
    OK(teleai_tenant_export_open(admin, &id, folder, &job, &error));
    run_job(job, &progress);
    cr_assert(progress.rows_done == 2);
    OK(teleai_tenant_delete_open(admin, &id, &job, &error));
    run_job(job, &progress);
    cr_assert(progress.rows_done == 2);
    FAILS(teleai_tenant_get(admin, &id, NULL, &error), TELEAI_NOT_FOUND, "");
    OK(teleai_tenant_import_open(admin, folder, &job, &error));
    run_job(job, &progress);
    cr_assert(progress.rows_done == 2);
    SAME_TEXT(harness_sql("select user_count from tenant_usage"), "1");
    SAME_TEXT(harness_sql("select count(*) from audio_files"), "1");
    snprintf(command, sizeof command, "rm -r %s", place);
    cr_assert(system(command) == 0);
    teleai_close(admin);
}

Test(tenant_admin, a_program_may_not_manage_but_its_limits_are_kept) {
    OK(teleai_row_security_enable(db, &error));
    teleai_client *admin = open_as("teleai_admin"), *app = open_as("teleai_app"), *scope;
    teleai_uuid id, user;
    make_tenant(admin, &id);
    teleai_tenant_input input = {.struct_size = sizeof input, .name = "Mine", .slug = "mine"};
    teleai_tenant_job *job;
    FAILS(teleai_tenant_create(app, &input, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    FAILS(teleai_tenant_suspend(app, &id, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    FAILS(teleai_tenant_delete_open(app, &id, &job, &error), TELEAI_PERMISSION_DENIED, "");
    cr_assert(job == NULL);
    teleai_scope_options of = {.struct_size = sizeof of, .tenant_id = &id};
    OK(teleai_scope_open(app, &of, &scope, &error));
    harness_user(scope, &user);
    teleai_user_input third = {.struct_size = sizeof third, .email = "third@example.org", .full_name = "T"};
    FAILS(teleai_user_create(scope, &third, NULL, &error), TELEAI_LIMIT_EXCEEDED, "max_users");
    SAME_TEXT(harness_sql("select status from tenants where slug = 'acme'"), "active");
    teleai_close(scope);
    teleai_close(app);
    teleai_close(admin);
}
