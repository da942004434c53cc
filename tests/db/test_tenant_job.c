/* Taking a tenant out, and away: what is written, that nothing half-done stays, and that others are left alone. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>

#include "api/tenant/job.h"
#include "tenant_jobs.h"

SERVER_SUITE(tenant_job);

static teleai_uuid tenant, other;
static teleai_client *scope;

static void begin(int users, int files_each) {
    make_place();
    add_tenant(db, "acme", &tenant);
    add_tenant(db, "other", &other);
    scope = scope_of(db, &other);
    fill_tenant(scope, 1, 1);
    teleai_close(scope);
    fill_tenant(db, 1, 1);
    scope = scope_of(db, &tenant);
    fill_tenant(scope, users, files_each);
}

static void end(void) {
    teleai_close(scope);
    remove_place();
}

/* What an export forgets is lost, and what a deletion forgets stays: every table with a tenant is one of those they know. */
Test(tenant_job, every_table_of_tenants_is_known) {
    const char *there = harness_sql("select string_agg(c.relname, ' ' order by c.relname) from pg_attribute a "
                                    "join pg_class c on c.oid = a.attrelid where a.attname = 'tenant_id' and not "
                                    "a.attisdropped and c.relkind in ('r', 'p') and c.relname <> 'tenant_usage' "
                                    "and c.relnamespace = 'public'::regnamespace");
    size_t known = 0;
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++) {
        const char *found = strstr(there, teleai__tenant_tables[i]);
        cr_assert(found != NULL, "%s is not in: %s", teleai__tenant_tables[i], there);
        known += strlen(teleai__tenant_tables[i]) + 1;
    }
    cr_assert(known == strlen(there) + 1, "src/schema/tables.h does not name all of: %s", there);
}

/* So many more audio files of one user. */
static void add_files(int count) {
    harness_sql(
        "insert into audio_files (id, tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) "
        "select gen_random_uuid(), tenant_id, id, 'f' || n, '/f', 10, 'audio/wav' from generate_series(1, %d) n, "
        "(select * from users where tenant_id = '%s' limit 1) u",
        count, id_text(&tenant));
}

/* ---- export ---- */

Test(tenant_job, an_export_holds_every_row_and_says_so) {
    begin(3, 2);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    struct stat found;
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    cr_assert(stat(folder, &found) == 0 && (found.st_mode & 07777) == 0700);
    cr_assert(!is_there(path_of("manifest.json")));
    finish_job(job, &progress);
    cr_assert(done_of(&progress, "users") == 3 && done_of(&progress, "sessions") == 3 &&
              done_of(&progress, "audio_files") == 6);
    cr_assert(done_of(&progress, "transcriptions") == 6 && done_of(&progress, "analyses") == 6);
    cr_assert(progress.rows_done == 24 && progress.rows_total == 24);
    size_t length, total = 0;
    char *manifest = read_whole(path_of("manifest.json"), &length), name[40], hash[TELEAI__SHA256_BYTES];
    cr_assert(stat(path_of("manifest.json"), &found) == 0 && (found.st_mode & 07777) == 0600);
    for (size_t i = 0; i < 5; i++) {
        char expected[300];
        size_t bytes;
        snprintf(name, sizeof name, "%s.copy", teleai__tenant_tables[i]);
        hash_of(path_of(name), hash, &bytes);
        total += bytes;
        cr_assert(stat(path_of(name), &found) == 0 && (found.st_mode & 07777) == 0600);
        snprintf(expected, sizeof expected, "%s %s %d %zu %s", teleai__tenant_tables[i], name, i == 0 || i == 1 ? 3 : 6,
                 bytes, hash);
        SAME_TEXT(harness_sql("select concat_ws(' ', f ->> 'table', f ->> 'file', f ->> 'rows', f ->> 'bytes', f ->> "
                              "'sha256') from (select $json$%s$json$::jsonb -> 'files' -> %zu) x (f)",
                              manifest, i),
                  expected);
        /* What PostgreSQL itself makes of the file, with the columns of the manifest. */
        char *text = read_whole(path_of(name), &bytes);
        cr_assert(memmem(text, bytes, id_text(&tenant), 36) != NULL);
        cr_assert(memmem(text, bytes, id_text(&other), 36) == NULL);
        free(text);
    }
    cr_assert((int64_t)total == progress.bytes_done);
    SAME_TEXT(
        harness_sql("select concat_ws(' ', m ->> 'format', m ->> 'format_version', m ->> 'library_version', m -> "
                    "'tenant' ->> 'slug', (m ->> 'schema_version')::int = (select version from schema_migrations)) "
                    "from (select $json$%s$json$::jsonb) x (m)",
                    manifest),
        "teleai tenant 1 0.1.0 acme t");
    SAME_TEXT(harness_sql("select m -> 'files' -> 0 -> 'columns' = (select jsonb_agg(attname order by attnum) from "
                          "pg_attribute where attrelid = 'users'::regclass and attnum > 0) from (select "
                          "$json$%s$json$::jsonb) x (m)",
                          manifest),
              "t");
    free(manifest);
    end();
}

Test(tenant_job, an_export_of_nobody_is_one_too) {
    begin(1, 0);
    harness_sql("delete from users where tenant_id = '%s'", id_text(&tenant));
    export_to(db, &tenant, folder);
    cr_assert(is_there(path_of("users.copy")) && is_there(path_of("manifest.json")));
    end();
}

Test(tenant_job, the_rows_are_those_of_one_moment) {
    begin(1, 1);
    add_files(6000);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    cr_assert(teleai_tenant_job_step(job, &progress, &error) == TELEAI_OK && !progress.done);
    cr_assert(progress.rows_done > 1000 && progress.rows_done <= 5000 && progress.rows_total == 6005);
    cr_assert(progress.bytes_done > 100000 && progress.bytes_done < 2 << 20);
    fill_tenant(scope, 2, 2);
    harness_sql("delete from analyses");
    finish_job(job, &progress);
    cr_assert(progress.rows_done == 6005 && done_of(&progress, "users") == 1 && done_of(&progress, "analyses") == 1);
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.open_connections == stats.idle_connections && stats.opened <= 2, "its connection is back");
    end();
}

Test(tenant_job, a_step_is_about_a_megabyte) {
    begin(1, 0);
    add_files(40);
    harness_sql("insert into transcriptions (id, tenant_id, audio_file_id, user_id, transcription_text, language_code, "
                "engine) select gen_random_uuid(), "
                "tenant_id, id, user_id, repeat('word ', 50000), 'en', 'test' from audio_files where tenant_id = '%s'",
                id_text(&tenant));
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    int steps = finish_job(job, &progress);
    cr_assert(progress.bytes_done > 10000000 && steps >= 9, "%d steps", steps);
    end();
}

Test(tenant_job, an_export_that_is_closed_early_leaves_nothing) {
    begin(1, 1);
    add_files(20000);
    for (int steps = 0; steps < 3; steps++) {
        teleai_tenant_job *job;
        OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
        for (int i = 0; i < steps; i++)
            OK(teleai_tenant_job_step(job, NULL, &error));
        cr_assert(is_there(folder) && is_there(path_of("users.copy")) == (steps > 0));
        teleai_tenant_job_close(job);
        cr_assert(!is_there(folder));
    }
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.open_connections == stats.idle_connections && stats.opened <= 2, "its connection serves on: %lld",
              (long long)stats.opened);
    OK(teleai_tenant_get(db, &tenant, NULL, &error));
    end();
}

Test(tenant_job, an_export_that_fails_leaves_nothing_and_is_over) {
    begin(1, 1);
    add_files(20000);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    OK(teleai_tenant_job_step(job, &progress, &error));
    /* As a full disk, which tells the same way. */
    struct rlimit small = {100000, 100000};
    signal(SIGXFSZ, SIG_IGN);
    cr_assert(setrlimit(RLIMIT_FSIZE, &small) == 0);
    FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_UNAVAILABLE, "");
    cr_assert(strstr(error.message, "audio_files.copy") != NULL, "%s", error.message);
    cr_assert(progress.rows_done == 0 && !is_there(folder));
    FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_CLOSED, "");
    teleai_tenant_job_close(job);
    /* The server ends the session. */
    char connections[] =
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and "
        "pid <> pg_backend_pid()";
    small.rlim_cur = small.rlim_max;
    OK(teleai_tenant_export_open(db, &tenant, folder, &job, &error));
    harness_sql("%s", connections);
    FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_UNAVAILABLE, "");
    cr_assert((error.flags & TELEAI_ERROR_OUTCOME_UNKNOWN) == 0 && !is_there(folder), "%s", error.message);
    teleai_tenant_job_close(job);
    end();
}

Test(tenant_job, where_an_export_cannot_go) {
    begin(1, 0);
    teleai_tenant_job *job = (teleai_tenant_job *)&tenant;
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_tenant_export_open(db, &tenant, place, &job, &error), TELEAI_ALREADY_EXISTS, "folder");
    cr_assert(job == NULL && is_there(place) && strstr(error.message, place) != NULL, "%s", error.message);
    FAILS(teleai_tenant_export_open(db, &missing, folder, &job, &error), TELEAI_NOT_FOUND, "");
    cr_assert(!is_there(folder));
    FAILS(teleai_tenant_export_open(db, &tenant, path_of("deep"), &job, &error), TELEAI_INVALID_ARGUMENT, "folder");
    FAILS(teleai_tenant_export_open(db, &tenant, "", &job, &error), TELEAI_INVALID_ARGUMENT, "folder");
    FAILS(teleai_tenant_export_open(db, &tenant, NULL, &job, &error), TELEAI_INVALID_ARGUMENT, "folder");
    if (geteuid() != 0) {
        cr_assert(chmod(place, 0500) == 0);
        FAILS(teleai_tenant_export_open(db, &tenant, folder, &job, &error), TELEAI_PERMISSION_DENIED, "folder");
        cr_assert(chmod(place, 0700) == 0);
    }
    /* Where the program is now, wherever it goes afterwards. */
    cr_assert(chdir(place) == 0);
    OK(teleai_tenant_export_open(db, &tenant, "here", &job, &error));
    cr_assert(is_there("here") && chdir("/") == 0);
    teleai_tenant_job_close(job);
    cr_assert(chdir(place) == 0 && !is_there("here") && chdir("/") == 0);
    end();
}

/* ---- deletion ---- */

static int64_t rows_of(const teleai_uuid *id) {
    return atoll(
        harness_sql("select (select count(*) from users where tenant_id = t) + (select count(*) from sessions "
                    "where tenant_id = t) + (select count(*) from audio_files where tenant_id = t) + (select "
                    "count(*) from transcriptions where tenant_id = t) + (select count(*) from analyses where "
                    "tenant_id = t) + (select count(*) from tenants where id = t) from (values ('%s'::uuid)) x "
                    "(t)",
                    id_text(id)));
}

Test(tenant_job, a_deletion_takes_everything_and_nothing_else) {
    begin(3, 2);
    add_files(2500);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    teleai_uuid standard;
    teleai_tenant_default_id(&standard);
    int64_t others = rows_of(&other) + rows_of(&standard);
    cr_assert(others == 12);
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    SAME_TEXT(harness_sql("select status from tenants where slug = 'acme'"), "deleting");
    int steps = finish_job(job, &progress);
    cr_assert(steps >= 7, "%d", steps); /* three of files, and one of each of the others and the tenant */
    cr_assert(progress.rows_done == 2524 && progress.rows_total == 2524 && progress.bytes_done == 0);
    cr_assert(done_of(&progress, "users") == 3 && done_of(&progress, "sessions") == 3 &&
              done_of(&progress, "audio_files") == 2506);
    cr_assert(done_of(&progress, "transcriptions") == 6 && done_of(&progress, "analyses") == 6);
    cr_assert(rows_of(&tenant) == 0 && rows_of(&other) + rows_of(&standard) == others);
    FAILS(teleai_tenant_get(db, &tenant, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_tenant_delete_open(db, &tenant, &job, &error), TELEAI_NOT_FOUND, "");
    end();
}

Test(tenant_job, a_deletion_goes_on_where_it_was_left) {
    begin(1, 1);
    add_files(3000);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    for (int i = 0; i < 4; i++)
        OK(teleai_tenant_job_step(job, &progress, &error));
    cr_assert(progress.rows_done == 2002 && done_of(&progress, "audio_files") == 2000 && !progress.done);
    teleai_tenant_job_close(job);
    SAME_TEXT(harness_sql("select status from tenants where slug = 'acme'"), "deleting");
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    /* What comes meanwhile goes too, though its turn was over. */
    OK(teleai_tenant_job_step(job, &progress, &error));
    cr_assert(progress.rows_total == 1003 && progress.rows_done == 1000);
    fill_tenant(scope, 1, 1);
    finish_job(job, &progress);
    cr_assert(progress.rows_done >= 1003 + 3 && rows_of(&tenant) == 0);
    end();
}

Test(tenant_job, rows_that_come_last_of_all_go_too) {
    begin(1, 1);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    for (int i = 0; i < 5; i++)
        OK(teleai_tenant_job_step(job, &progress, &error));
    cr_assert(progress.rows_done == 5 && !progress.done);
    /* Nobody waits for the step: a user comes between its last look and its last statement. */
    harness_sql(
        "create function late() returns trigger language plpgsql as $$ begin insert into users (tenant_id, email, "
        "full_name, password_hash) values (old.id, 'late@example.org', 'Late', '!'); return old; end $$;"
        "create trigger late before delete on tenants for each row execute function late()");
    OK(teleai_tenant_job_step(job, &progress, &error));
    cr_assert(!progress.done && rows_of(&tenant) == 1);
    harness_sql("drop trigger late on tenants; insert into users (tenant_id, email, full_name, password_hash) values "
                "('%s', 'late@example.org', 'Late', '!')",
                id_text(&tenant));
    finish_job(job, &progress);
    cr_assert(progress.rows_done == 6 && progress.rows_total == 5 && rows_of(&tenant) == 0);
    end();
}

Test(tenant_job, a_deletion_can_be_called_off) {
    begin(1, 1);
    add_files(2000);
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    for (int i = 0; i < 3; i++)
        OK(teleai_tenant_job_step(job, &progress, &error));
    OK(teleai_tenant_resume(db, &tenant, NULL, &error));
    int64_t left = rows_of(&tenant);
    cr_assert(left > 1000);
    FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_CONFLICT, "");
    cr_assert(rows_of(&tenant) == left);
    teleai_tenant_job_close(job);
    OK(teleai_tenant_delete_open(db, &tenant, &job, &error));
    finish_job(job, &progress);
    cr_assert(progress.rows_done == left - 1);
    end();
}

Test(tenant_job, two_deletions_at_once_are_one) {
    begin(2, 2);
    teleai_tenant_job *jobs[2];
    teleai_tenant_progress progress[2] = {{0}};
    for (int i = 0; i < 2; i++)
        OK(teleai_tenant_delete_open(db, &tenant, &jobs[i], &error));
    for (int i = 0; !progress[0].done || !progress[1].done; i++) {
        cr_assert(i < 100);
        OK(teleai_tenant_job_step(jobs[i % 2], &progress[i % 2], &error));
    }
    cr_assert(progress[0].rows_done + progress[1].rows_done == 16 && rows_of(&tenant) == 0);
    teleai_tenant_job_close(jobs[0]);
    teleai_tenant_job_close(jobs[1]);
    end();
}

Test(tenant_job, a_step_of_a_deletion_can_be_tried_again) {
    begin(2, 2);
    teleai_client *hasty;
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 300};
    OK(teleai_open(harness_database(), &options, &hasty, &error));
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; select from transcriptions for update"));
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    OK(teleai_tenant_delete_open(hasty, &tenant, &job, &error));
    OK(teleai_tenant_job_step(job, &progress, &error));
    for (int i = 0; i < 2; i++)
        FAILS(teleai_tenant_job_step(job, &progress, &error), TELEAI_TIMEOUT, "");
    PQfinish(raw);
    finish_job(job, &progress);
    cr_assert(progress.rows_done == 16 && rows_of(&tenant) == 0, "%lld", (long long)progress.rows_done);
    teleai_close(hasty);
    end();
}

/* ---- arguments, clients, processes ---- */

Test(tenant_job, the_default_tenant_stays) {
    make_place();
    teleai_uuid standard;
    teleai_tenant_default_id(&standard);
    teleai_tenant_job *job = (teleai_tenant_job *)&tenant;
    FAILS(teleai_tenant_delete_open(db, &standard, &job, &error), TELEAI_INVALID_ARGUMENT, "id");
    cr_assert(job == NULL && strstr(error.message, "default") != NULL);
    SAME_TEXT(harness_sql("select status from tenants"), "active");
    fill_tenant(db, 1, 1);
    export_to(db, &standard, folder);
    remove_place();
}

typedef enum kind { EXPORT, IMPORT, DELETE, KINDS } kind;

static const char *second_folder(void) {
    static char path[80];
    snprintf(path, sizeof path, "%s/new", place);
    return path;
}

static teleai_status open_job(kind which, teleai_client *client, teleai_tenant_job **job) {
    return which == EXPORT   ? teleai_tenant_export_open(client, &tenant, second_folder(), job, &error)
           : which == IMPORT ? teleai_tenant_import_open(client, folder, job, &error)
                             : teleai_tenant_delete_open(client, &tenant, job, &error);
}

Test(tenant_job, wrong_arguments_and_clients) {
    begin(1, 1);
    export_to(db, &tenant, folder);
    teleai_tenant_job *job;
    teleai_client *transaction, *batch;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_batch_open(db, NULL, &batch, &error));
    for (kind which = EXPORT; which < KINDS; which++) {
        job = (teleai_tenant_job *)&tenant;
        FAILS(open_job(which, NULL, &job), TELEAI_CLOSED, "");
        cr_assert(job == NULL);
        FAILS(open_job(which, transaction, &job), TELEAI_CONFLICT, "");
        FAILS(open_job(which, batch, &job), TELEAI_INVALID_ARGUMENT, "client");
        FAILS(open_job(which, db, NULL), TELEAI_INVALID_ARGUMENT, "out");
    }
    teleai_close(batch);
    teleai_close(transaction);
    FAILS(teleai_tenant_export_open(db, NULL, folder, &job, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_tenant_delete_open(db, NULL, &job, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_tenant_import_open(db, NULL, &job, &error), TELEAI_INVALID_ARGUMENT, "folder");
    teleai_tenant_progress progress = {.rows_done = 7};
    FAILS(teleai_tenant_job_step(NULL, &progress, &error), TELEAI_INVALID_ARGUMENT, "job");
    cr_assert(progress.rows_done == 0);
    teleai_tenant_job_close(NULL);
    SAME_TEXT(harness_sql("select status from tenants where slug = 'acme'"), "active");
    end();
}

/* A tenant of its own for each kind, so that all can be begun. */
Test(tenant_job, what_becomes_of_them_when_the_client_is_closed) {
    begin(1, 1);
    export_to(db, &tenant, folder);
    for (kind which = EXPORT; which < KINDS; which++) {
        teleai_client *client;
        teleai_tenant_job *job;
        OK(teleai_open(harness_database(), NULL, &client, &error));
        if (which == IMPORT) /* another tenant, and without rows that are there */
            edit("manifest.json", id_text(&tenant), "01890000-0000-7000-8000-000000000001");
        if (which == IMPORT)
            edit("manifest.json", "\"slug\": \"acme\"", "\"slug\": \"copy\"");
        OK(open_job(which, client, &job));
        teleai_close(client);
        FAILS(teleai_tenant_job_step(job, NULL, &error), TELEAI_CLOSED, "");
        teleai_tenant_job_close(job);
        if (which == IMPORT)
            ROWS("tenants", 3);
    }
    cr_assert(!is_there(second_folder()));
    end();
}

Test(tenant_job, a_forked_child_can_close_it_and_nothing_else) {
    begin(1, 1);
    for (kind which = EXPORT; which < KINDS; which += 2) {
        teleai_tenant_job *job;
        teleai_tenant_progress progress;
        OK(open_job(which, db, &job));
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            bool right = teleai_tenant_job_step(job, &progress, &error) == TELEAI_CLOSED;
            teleai_tenant_job_close(job);
            _exit(right ? 0 : 1);
        }
        int status = 1;
        cr_assert(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
        finish_job(job, &progress);
        cr_assert(progress.rows_done == 5);
        cr_assert(is_there(second_folder()), "the child did not remove what its parent has written");
    }
    end();
}

Test(tenant_job, a_role_that_may_not) {
    begin(1, 1);
    export_to(db, &tenant, folder);
    edit("manifest.json", id_text(&tenant), "01890000-0000-7000-8000-000000000001");
    char role[40], connection[700];
    snprintf(role, sizeof role, "reader_%d", (int)getpid());
    harness_sql("create role %s; grant select on tenants, schema_migrations, users, sessions to %s", role, role);
    snprintf(connection, sizeof connection, "%s options='-c role=%s'", harness_database(), role);
    teleai_client *client;
    teleai_tenant_job *job;
    OK(teleai_open(connection, NULL, &client, &error));
    for (kind which = EXPORT; which < KINDS; which++)
        FAILS(open_job(which, client, &job), TELEAI_PERMISSION_DENIED, "");
    cr_assert(!is_there(second_folder()));
    teleai_close(client);
    harness_sql("drop owned by %s; drop role %s", role, role);
    end();
}
