/*
 * Two organisations in one database: what each has is kept apart, counted and limited; one is suspended, taken out into a
 * folder, and deleted.
 *
 *     tenants CONNECTION FOLDER
 *
 * FOLDER is where the export goes; it must not exist yet. The program can be run again: the tenants of an earlier run are
 * deleted first.
 */
#include "common.h"

#include <stdlib.h>

static const char *const names[] = {"Acme Telephony", "Globex Studios"};
static const char *const slugs[] = {"acme", "globex"};

static int fail_job(const char *doing, teleai_tenant_job *job, const teleai_error *error) {
    teleai_tenant_job_close(job); /* an export that is not done removes what it has written */
    return fail(doing, error);
}

/* Does all of it, and shows how far it is on one line. */
static int carry_out(const char *doing, teleai_tenant_job *job) {
    teleai_error error;
    teleai_tenant_progress progress = {0};
    while (!progress.done) {
        if (teleai_tenant_job_step(job, &progress, &error) != TELEAI_OK)
            return fail_job(doing, job, &error);
        int percent = progress.rows_total == 0 ? 100 : (int)(100 * progress.rows_done / progress.rows_total);
        printf("\r%-12s   %3d %%   %lld of %lld rows", doing, percent, (long long)progress.rows_done,
               (long long)progress.rows_total);
        fflush(stdout);
    }
    if (progress.bytes_done > 0)
        printf(", %lld bytes", (long long)progress.bytes_done);
    printf("\n");
    teleai_tenant_job_close(job);
    return 0;
}

static int delete_tenant(teleai_client *client, const teleai_uuid *id) {
    teleai_error error;
    teleai_tenant_job *job = NULL;
    if (teleai_tenant_delete_open(client, id, &job, &error) != TELEAI_OK)
        return fail("deleting", &error);
    return carry_out("deleting", job);
}

static int export_tenant(teleai_client *client, const teleai_uuid *id, const char *folder) {
    teleai_error error;
    teleai_tenant_job *job = NULL;
    if (teleai_tenant_export_open(client, id, folder, &job, &error) != TELEAI_OK)
        return fail("exporting", &error);
    return carry_out("exporting", job);
}

/* Of an earlier run. */
static int forget_earlier(teleai_client *client) {
    for (int i = 0; i < 2; i++) {
        teleai_error error;
        teleai_tenant *tenant = NULL;
        teleai_status status = teleai_tenant_get_by_slug(client, slugs[i], &tenant, &error);
        int result = status == TELEAI_OK          ? delete_tenant(client, &tenant->id)
                     : status == TELEAI_NOT_FOUND ? 0
                                                  : fail("looking for the tenant", &error);
        teleai_tenant_free(tenant);
        if (result != 0)
            return result;
    }
    return 0;
}

/* A tenant that may have two users and 5 MB. */
static int make_tenant(teleai_client *client, int which, teleai_uuid *id) {
    teleai_error error;
    teleai_tenant *made = NULL;
    teleai_tenant_input input = {.struct_size = sizeof input,
                                 .name = names[which],
                                 .slug = slugs[which],
                                 .settings_json = "{\"plan\": \"small\"}",
                                 .max_users = 2,
                                 .has_max_users = true,
                                 .max_storage_bytes = 5000000,
                                 .has_max_storage = true};
    if (teleai_tenant_create(client, &input, &made, &error) != TELEAI_OK)
        return fail("making the tenant", &error);
    *id = made->id;
    printf("%-14s made, for %lld users and %lld bytes\n", made->name, (long long)made->max_users,
           (long long)made->max_storage_bytes);
    teleai_tenant_free(made);
    return 0;
}

static int add_file(teleai_client *scope, const teleai_uuid *user, const char *name, int64_t bytes, teleai_uuid *id) {
    teleai_error error;
    teleai_uuid_make(id);
    teleai_audio_file_input input = {.struct_size = sizeof input,
                                     .id = id,
                                     .user_id = user,
                                     .file_name = name,
                                     .file_path = name,
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = bytes,
                                     .duration_ms = 93500,
                                     .has_duration = true};
    teleai_status status = teleai_audio_file_create(scope, &input, NULL, &error);
    if (status == TELEAI_LIMIT_EXCEEDED) {
        printf("%-14s refused, by %s: %s\n", name, error.field, error.message);
        return 0;
    }
    if (status != TELEAI_OK)
        return fail("adding the recording", &error);
    printf("%-14s recorded\n", name);
    return 0;
}

/* In a scope of the tenant: the same calls as everywhere, and nothing of others to be seen. */
static int fill(teleai_client *scope, int which, teleai_uuid *file) {
    static const char *const emails[] = {"ann@acme.example", "bob@globex.example"};
    teleai_error error;
    teleai_user *user = NULL;
    teleai_user_input input = {.struct_size = sizeof input,
                               .email = emails[which],
                               .full_name = which == 0 ? "Ann" : "Bob",
                               .password = "correct horse"};
    if (teleai_user_create(scope, &input, &user, &error) != TELEAI_OK)
        return fail("adding the user", &error);
    printf("%-14s is of %s\n", user->email, names[which]);
    teleai_uuid refused;
    int result = add_file(scope, &user->id, which == 0 ? "acme.wav" : "globex.wav", 1650000, file);
    if (result == 0)
        result = add_file(scope, &user->id, "too-large.wav", 4000000, &refused);
    teleai_user_free(user);
    return result;
}

static int show_who_sees(teleai_client *scope, int which, const teleai_uuid *files) {
    for (int i = 0; i < 2; i++) {
        teleai_error error;
        teleai_status status = teleai_audio_file_get(scope, &files[i], NULL, &error);
        if (status != TELEAI_OK && status != TELEAI_NOT_FOUND)
            return fail("looking for the recording", &error);
        printf("%-14s %s the recording of %s\n", names[which], status == TELEAI_OK ? "sees" : "does not find",
               names[i]);
    }
    return 0;
}

static int show_statistics(teleai_client *client) {
    teleai_error error;
    teleai_tenants_stats *all = NULL;
    if (teleai_tenant_stats_list(client, NULL, &all, &error) != TELEAI_OK)
        return fail("counting", &error);
    printf("\n%-16s %-10s %6s %6s %12s %9s\n", "tenant", "status", "users", "files", "bytes", "audio");
    static const char *const statuses[] = {"?", "active", "suspended", "deleting"};
    for (size_t i = 0; i < all->count; i++) {
        const teleai_tenant_stats *it = all->items[i];
        printf("%-16s %-10s %6lld %6lld %12lld %7.1f s\n", it->name,
               statuses[it->status >= 1 && it->status <= 3 ? it->status : 0], (long long)it->total_users,
               (long long)it->total_files, (long long)it->total_storage_bytes, (double)it->total_duration_ms / 1000);
    }
    printf("\n");
    teleai_tenants_stats_free(all);
    return 0;
}

static int show_logins(teleai_client *client) {
    static const char *const emails[] = {"ann@acme.example", "bob@globex.example"};
    for (int i = 0; i < 2; i++) {
        teleai_error error;
        teleai_status status = teleai_user_login(client, emails[i], "correct horse", NULL, &error);
        printf("%-18s %s\n", emails[i], status == TELEAI_OK ? "is let in" : teleai_status_name(status));
    }
    return 0;
}

static int run(teleai_client *client, const char *folder) {
    teleai_error error;
    teleai_uuid ids[2], files[2];
    teleai_client *scopes[2] = {NULL, NULL};
    int result = forget_earlier(client);
    for (int i = 0; i < 2 && result == 0; i++) {
        result = make_tenant(client, i, &ids[i]);
        teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = &ids[i]};
        if (result == 0 && teleai_scope_open(client, &options, &scopes[i], &error) != TELEAI_OK)
            result = fail("opening the scope", &error);
        if (result == 0)
            result = fill(scopes[i], i, &files[i]);
    }
    for (int i = 0; i < 2 && result == 0; i++)
        result = show_who_sees(scopes[i], i, files);
    if (result == 0 && teleai_tenant_suspend(client, &ids[1], NULL, &error) != TELEAI_OK)
        result = fail("suspending", &error);
    if (result == 0)
        result = show_statistics(client);
    if (result == 0)
        result = show_logins(client);
    if (result == 0)
        result = export_tenant(client, &ids[1], folder);
    if (result == 0)
        result = delete_tenant(client, &ids[1]);
    if (result == 0)
        result = show_statistics(client);
    for (int i = 0; i < 2; i++)
        teleai_close(scopes[i]);
    return result;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: %s CONNECTION FOLDER\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    teleai_options options = {
        .struct_size = sizeof options, .application_name = "tenants", .schema = TELEAI_SCHEMA_MIGRATE};
    if (teleai_open(argv[1], &options, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);
    int result = run(client, argv[2]);
    teleai_close(client);
    return result;
}
