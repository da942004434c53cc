/* Taking a tenant in: the same rows as were taken out, or nothing; and no file is believed that is not what it says. */
#include "tenant_jobs.h"

SERVER_SUITE(tenant_import);

static teleai_uuid tenant;
static teleai_client *there;

/* A tenant with limits and rows, in a folder; and an empty database to take it to. */
static void begin(void) {
    make_place();
    teleai_uuid_make(&tenant);
    teleai_tenant_input input = {.struct_size = sizeof input,
                                 .id = &tenant,
                                 .name = "Acmé \\ \"Söhne\"",
                                 .slug = "acme",
                                 .settings_json = "{\"n\": 1.50, \"t\": \"a\\n\\\\b\"}",
                                 .max_users = 3,
                                 .has_max_users = true,
                                 .max_audio_ms = 12340,
                                 .has_max_audio = true};
    OK(teleai_tenant_create(db, &input, NULL, &error));
    teleai_client *scope = scope_of(db, &tenant);
    fill_tenant(scope, 2, 2);
    teleai_user_input ann = {
        .struct_size = sizeof ann, .email = "ann@example.org", .full_name = "Ann\tÅ", .password = "correct horse"};
    OK(teleai_user_create(scope, &ann, NULL, &error));
    harness_sql("update audio_files set duration_seconds = 1.25, metadata = '{\"n\": 1e30}' where id = (select "
                "min(id::text)::uuid "
                "from audio_files)");
    harness_sql("update tenants set name = name where slug = 'acme'"); /* its updated_at is another than created_at */
    teleai_close(scope);
    export_to(db, &tenant, folder);
    there = open_second();
}

static void end(void) {
    teleai_close(there);
    drop_second();
    remove_place();
}

/* The import fails when it is opened, or later, and leaves nothing. */
static void is_refused(teleai_status expected, const char *field, const char *because) {
    teleai_tenant_job *job = NULL;
    teleai_tenant_progress progress;
    teleai_status status = teleai_tenant_import_open(there, folder, &job, &error);
    cr_assert((status == TELEAI_OK) == (job != NULL));
    while (status == TELEAI_OK) {
        status = teleai_tenant_job_step(job, &progress, &error);
        cr_assert(status != TELEAI_OK || !progress.done, "it was taken, though: %s", because);
    }
    cr_assert(status == expected && error.status == expected, "%s: %s", teleai_status_name(status), error.message);
    SAME_TEXT(error.field, field);
    cr_assert(strstr(error.message, because) != NULL, "\"%s\" was expected: %s", because, error.message);
    if (job != NULL)
        FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_CLOSED, "");
    teleai_tenant_job_close(job);
    second_has_nothing();
}

static void damaged(const char *because) { is_refused(TELEAI_INVALID_ARGUMENT, "folder", because); }

/* The folder as it was. */
static void again(void) {
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert(system(command) == 0);
    export_to(db, &tenant, folder);
}

/* ---- what is taken ---- */

Test(tenant_import, the_same_rows_are_there) {
    begin();
    teleai_tenant_job *job;
    teleai_tenant_progress progress, exported;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    SAME_TEXT(second_sql("select count(*) from tenants"), "1");
    finish_job(job, &progress);
    cr_assert(done_of(&progress, "users") == 3 && done_of(&progress, "sessions") == 2 &&
              done_of(&progress, "audio_files") == 4);
    cr_assert(done_of(&progress, "transcriptions") == 4 && done_of(&progress, "analyses") == 4);
    cr_assert(progress.rows_done == 17 && progress.rows_total == 17);
    same_rows(&tenant);
    /* Out again its files are the same, to the byte. */
    char other[96], command[400];
    snprintf(other, sizeof other, "%s/again", place);
    OK(teleai_tenant_export_open(there, &tenant, other, &job, &error));
    finish_job(job, &exported);
    cr_assert(exported.bytes_done == progress.bytes_done);
    snprintf(command, sizeof command, "diff -r -x manifest.json '%s' '%s'", folder, other);
    cr_assert(system(command) == 0);
    /* It works: its users log in, its limits are kept, its count is right. */
    OK(teleai_user_login(there, "ann@example.org", "correct horse", NULL, &error));
    SAME_TEXT(second_sql("select user_count || ' ' || storage_bytes || ' ' || audio_seconds from tenant_usage"),
              "3 4000 1.25");
    teleai_client *scope = scope_of(there, &tenant);
    teleai_user_input input = {.struct_size = sizeof input, .email = "new@example.org", .full_name = "New"};
    FAILS(teleai_user_create(scope, &input, NULL, &error), TELEAI_LIMIT_EXCEEDED, "max_users");
    teleai_close(scope);
    end();
}

Test(tenant_import, one_that_is_beyond_its_limits_is_taken_as_it_is) {
    begin();
    harness_sql("update tenants set max_users = 1 where slug = 'acme'");
    again();
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    finish_job(job, &progress);
    same_rows(&tenant);
    SAME_TEXT(second_sql("select user_count from tenant_usage"), "3");
    end();
}

Test(tenant_import, one_without_limits_is_not_counted_and_one_half_deleted_is_suspended) {
    begin();
    harness_sql(
        "update tenants set max_users = null, max_audio_seconds = null, status = 'deleting' where slug = 'acme'");
    again();
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    finish_job(job, &progress);
    SAME_TEXT(second_sql("select count(*) from tenant_usage"), "0");
    SAME_TEXT(second_sql("select status from tenants where slug = 'acme'"), "suspended");
    end();
}

Test(tenant_import, many_rows_take_many_steps) {
    begin();
    harness_sql(
        "insert into audio_files (id, tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) "
        "select gen_random_uuid(), tenant_id, id, 'f' || n, '/f', 10, 'audio/wav' from generate_series(1, 12000) n, "
        "(select * from users where tenant_id = '%s' limit 1) u",
        id_text(&tenant));
    harness_sql("update transcriptions set transcription_text = repeat(e'\\\\ \\t word\\n', 300000) where id = (select "
                "min(id::text)::uuid from transcriptions)");
    again();
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    int steps = finish_job(job, &progress);
    cr_assert(steps >= 4 && done_of(&progress, "audio_files") == 12004, "%d steps", steps);
    same_rows(&tenant);
    /* And away. */
    OK(teleai_tenant_delete_open(there, &tenant, &job, &error));
    finish_job(job, &progress);
    cr_assert(progress.rows_done == 12017);
    second_has_nothing();
    end();
}

Test(tenant_import, settings_of_the_server_do_not_matter) {
    begin();
    harness_sql("alter database %s set datestyle = 'SQL, DMY'", second_name);
    harness_sql("alter database %s set timezone = 'Asia/Kolkata'", second_name);
    teleai_close(there);
    OK(teleai_open(second, NULL, &there, &error));
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    char other[96], command[400];
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    finish_job(job, &progress);
    snprintf(other, sizeof other, "%s/again", place);
    export_to(there, &tenant, other);
    snprintf(command, sizeof command, "diff -r -x manifest.json '%s' '%s'", folder, other);
    cr_assert(system(command) == 0);
    end();
}

Test(tenant_import, columns_of_somebody_else_come_too) {
    begin();
    harness_sql(
        "alter table users add column \"a \"\"b\" text default 'own'; alter table users add column twice int generated "
        "always as (length(full_name) * 2) stored");
    again();
    damaged("the columns in manifest.json");
    second_sql("alter table users add column twice int generated always as (length(full_name) * 2) stored; alter table "
               "users add column \"a \"\"b\" text");
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    finish_job(job, &progress);
    SAME_TEXT(second_sql("select count(*) || ' ' || min(\"a \"\"b\") from users where \"a \"\"b\" = 'own'"), "3 own");
    end();
}

Test(tenant_import, one_that_is_closed_early_leaves_nothing) {
    begin();
    teleai_tenant_job *job;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    teleai_tenant_job_close(job);
    second_has_nothing();
    harness_sql(
        "insert into audio_files (id, tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) "
        "select gen_random_uuid(), tenant_id, id, 'f' || n, '/f', 10, 'audio/wav' from generate_series(1, 12000) n, "
        "(select * from users where tenant_id = '%s' limit 1) u",
        id_text(&tenant));
    again();
    for (int steps = 1; steps < 3; steps++) {
        teleai_tenant_progress progress;
        OK(teleai_tenant_import_open(there, folder, &job, &error));
        for (int i = 0; i < steps; i++)
            OK(teleai_tenant_job_step(job, &progress, &error));
        cr_assert(!progress.done && progress.rows_done > 0);
        teleai_tenant_job_close(job);
        second_has_nothing();
    }
    end();
}

/* ---- what is in the way ---- */

Test(tenant_import, what_is_there_already) {
    begin();
    teleai_tenant_job *job;
    FAILS(teleai_tenant_import_open(db, folder, &job, &error), TELEAI_ALREADY_EXISTS, "id");
    cr_assert(job == NULL);
    edit("manifest.json", id_text(&tenant), "01890000-0000-7000-8000-000000000001");
    FAILS(teleai_tenant_import_open(db, folder, &job, &error), TELEAI_ALREADY_EXISTS, "slug");
    again();
    /* An address that somebody of another tenant there has. */
    teleai_user_input ann = {.struct_size = sizeof ann, .email = "ANN@example.org", .full_name = "Another Ann"};
    teleai_user *made;
    OK(teleai_user_create(there, &ann, &made, &error));
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    FAILS(teleai_tenant_job_step(job, NULL, &error), TELEAI_ALREADY_EXISTS, "email");
    FAILS(teleai_tenant_job_step(job, NULL, &error), TELEAI_CLOSED, "");
    teleai_tenant_job_close(job);
    SAME_TEXT(second_sql("select count(*) from tenants"), "1");
    OK(teleai_user_delete(there, &made->id, &error));
    teleai_user_free(made);
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    teleai_tenant_progress progress;
    finish_job(job, &progress);
    end();
}

/* ---- what is not believed ---- */

Test(tenant_import, damaged_files) {
    begin();
    edit("users.copy", "ann@example.org", "eve@example.org");
    damaged("users.copy is damaged: its SHA-256");
    edit("users.copy", "eve@example.org", "eve@example.or");
    damaged("users.copy is damaged: it has");
    again();
    edit("users.copy", "ann@example.org", "ann@example!org");
    damaged("users.copy is damaged");
    again();
    edit("analyses.copy", "mood", "mo\tod");
    reseal("analyses", 4);
    damaged("analyses.copy is damaged");
    again();
    edit("transcriptions.copy", "\n", "\n\xff\n");
    reseal("transcriptions", 5);
    damaged("transcriptions.copy is damaged");
    again();
    cr_assert(unlink(path_of("sessions.copy")) == 0);
    damaged("sessions.copy is missing");
    cr_assert(symlink("users.copy", path_of("sessions.copy")) == 0);
    damaged("sessions.copy");
    cr_assert(unlink(path_of("sessions.copy")) == 0 && mkdir(path_of("sessions.copy"), 0700) == 0);
    damaged("sessions.copy is not a plain file");
    end();
}

Test(tenant_import, fewer_rows_or_more_than_were_written) {
    begin();
    size_t bytes;
    char *text = read_whole(path_of("analyses.copy"), &bytes);
    char *last = memrchr(text, '\n', bytes - 1);
    write_whole(path_of("analyses.copy"), text, (size_t)(last + 1 - text));
    free(text);
    reseal("analyses", 4);
    damaged("analyses.copy is damaged: it has 3 rows; 4 were written");
    again();
    reseal("analyses", 3);
    damaged("analyses.copy is damaged: it has 4 rows; 3 were written");
    end();
}

Test(tenant_import, rows_that_belong_to_somebody_else) {
    begin();
    /* Into the tenant that everybody is in, which nothing but a look at each row would refuse. */
    edit("users.copy", id_text(&tenant), "00000000-0000-7000-8000-000000000001");
    reseal("users", 3);
    damaged("users.copy is damaged: it has rows of another tenant");
    again();
    edit("users.copy", id_text(&tenant), "\\N");
    reseal("users", 3);
    damaged("users.copy is damaged: it has rows of another tenant");
    end();
}

Test(tenant_import, rows_that_refer_to_somebody_else) {
    begin();
    teleai_uuid eve;
    harness_user(there, &eve);
    char of[64];
    snprintf(of, sizeof of, "%s", harness_sql("select user_id from sessions order by id limit 1"));
    edit("sessions.copy", of, id_text(&eve));
    reseal("sessions", 2);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_import_open(there, folder, &job, &error));
    FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_INVALID_ARGUMENT, "folder");
    cr_assert(strstr(error.message, "sessions.copy is damaged") != NULL, "%s", error.message);
    SAME_TEXT(error.sqlstate, "23503");
    teleai_tenant_job_close(job);
    SAME_TEXT(second_sql("select (select count(*) from tenants) || ' ' || (select count(*) from users)"), "1 1");
    end();
}

Test(tenant_import, an_end_in_the_middle) {
    begin();
    edit("users.copy", "\n", "\n\\.\n");
    reseal("users", 4);
    damaged("users.copy is damaged");
    again();
    edit("users.copy", "\n", "\n\\.\n");
    reseal("users", 1);
    damaged("users.copy is damaged");
    end();
}

Test(tenant_import, manifests_that_are_none) {
    static const struct {
        const char *from, *to, *because;
    } cases[] = {
        {"teleai tenant", "tar", "\"format\""},
        {"\"format_version\": 1", "\"format_version\": 2", "\"format_version\""},
        {"\"schema_version\": ", "\"schema\": ", "\"schema_version\""},
        {"\"tenant\": {", "\"landlord\": {", "\"tenant\" is missing"},
        {"\"files\": [", "\"folders\": [", "\"files\" is missing"},
        {"\"table\": \"users\"", "\"table\": \"tenants\"", "no place"},
        {"\"table\": \"users\", \"file\": \"users.copy\"", "\"table\": \"sessions\", \"file\": \"sessions.copy\"",
         "twice"},
        {"\"file\": \"users.copy\"", "\"file\": \"../users.copy\"", "another name"},
        {"\"file\": \"users.copy\"", "\"file\": \"/etc/passwd\"", "another name"},
        {"\"rows\": 3", "\"rows\": -3", "number of rows"},
        {"\"rows\": 3", "\"rows\": 1e9", "number of rows"},
        {"\"bytes\": ", "\"bytes\": 9", "users.copy is damaged: it has"},
        {"\"sha256\": \"", "\"sha256\": \"z", "SHA-256"},
        {"\"format\"", "format\"", "byte"},
        {"}", "", "manifest.json"},
        {"\"columns\": [\"id\"", "\"columns\": [\"ids\"", "columns"},
        {"\"columns\": [\"id\"", "\"columns\": [\"id\", \"id\"", "columns"},
        {", \"tenant_id\"]", "]", "columns"},
        {"\"columns\": [", "\"columns\": [\"id); drop table users; --\", ", "columns"},
        {"\"columns\": [", "\"pillars\": [", "columns"},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        edit("manifest.json", cases[i].from, cases[i].to);
        damaged(cases[i].because);
        again();
    }
    write_whole(path_of("manifest.json"), "", 0);
    damaged("manifest.json");
    write_whole(path_of("manifest.json"), "[]", 2);
    damaged("manifest.json");
    write_whole(path_of("manifest.json"), "{}\0{}", 5);
    damaged("manifest.json");
    end();
}

Test(tenant_import, tenants_that_are_none) {
    begin();
    edit("manifest.json", "\"slug\": \"acme\"", "\"slug\": \"A\"");
    is_refused(TELEAI_INVALID_ARGUMENT, "slug", "tenants_slug_check");
    again();
    edit("manifest.json", "\"slug\": \"acme\", ", "");
    is_refused(TELEAI_INVALID_ARGUMENT, "slug", "missing");
    again();
    edit("manifest.json", "\"status\": \"active\"", "\"status\": \"king\"");
    is_refused(TELEAI_INVALID_ARGUMENT, "", "tenant_import_open");
    again();
    /* Another tenant than its rows belong to. */
    edit("manifest.json", id_text(&tenant), "01890000-0000-7000-8000-000000000001");
    damaged("users.copy is damaged: it has rows of another tenant");
    end();
}

Test(tenant_import, another_schema_or_no_folder) {
    begin();
    char version[40];
    snprintf(version, sizeof version, "\"schema_version\": %s", harness_sql("select version from schema_migrations"));
    edit("manifest.json", version, "\"schema_version\": 11");
    is_refused(TELEAI_SCHEMA_MISMATCH, "", "version 11");
    cr_assert(unlink(path_of("manifest.json")) == 0);
    is_refused(TELEAI_NOT_FOUND, "", "manifest.json");
    teleai_tenant_job *job;
    FAILS(teleai_tenant_import_open(there, path_of("none"), &job, &error), TELEAI_NOT_FOUND, "folder");
    FAILS(teleai_tenant_import_open(there, path_of("users.copy"), &job, &error), TELEAI_INVALID_ARGUMENT, "folder");
    FAILS(teleai_tenant_import_open(there, "", &job, &error), TELEAI_INVALID_ARGUMENT, "folder");
    end();
}
