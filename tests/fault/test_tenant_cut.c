/* Jobs on a tenant whose connection is cut after every so many bytes: a deletion is tried again until it is done and has
 * counted every row once; an export or import leaves nothing, or is whole. */
#include <libpq-fe.h>
#include <unistd.h>

#include "cutting_proxy.h"
#include "harness.h"

static teleai_client *client;
static PGconn *raw; /* not through the proxy */
static teleai_uuid tenant;
static char id[TELEAI_UUID_TEXT_BYTES], place[64], out[96], kept[96];

static int number(const char *sql) {
    PGresult *result = PQexec(raw, sql);
    int value = PQntuples(result) == 1 ? atoi(PQgetvalue(result, 0, 0)) : -1;
    CHECK(value >= 0, "%s: %s", sql, PQerrorMessage(raw));
    PQclear(result);
    return value;
}

static int rows(void) {
    char sql[300];
    snprintf(sql, sizeof sql,
             "select (select count(*) from users where tenant_id = '%s') + (select count(*) from audio_files where "
             "tenant_id = '%s') + (select count(*) from tenants where id = '%s')",
             id, id, id);
    return number(sql);
}

/* A tenant with a user and a few files, made anew. */
#define ROWS 6

static void make(void) {
    char sql[600];
    snprintf(
        sql, sizeof sql,
        "insert into tenants (id, name, slug) values ('%s', 'Acme', 'acme');"
        "insert into users (id, tenant_id, email, full_name, password_hash) values ('%s', '%s', 'a@example.org', 'A', "
        "'!');"
        "insert into audio_files (id, tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) select "
        "gen_random_uuid(), '%s', '%s', 'f', '/f', 1, 'audio/wav' from generate_series(1, %d)",
        id, id, id, id, id, ROWS - 1);
    PQclear(PQexec(raw, sql));
    CHECK(rows() == ROWS + 1, "%d rows", rows());
}

static void unmake(void) {
    char sql[300];
    snprintf(sql, sizeof sql, "delete from users where tenant_id = '%s'; delete from tenants where id = '%s'", id, id);
    PQclear(PQexec(raw, sql));
}

/* All of a job; what fails is tried again where it can be. */
static teleai_status carry_out(teleai_tenant_job *job, teleai_tenant_progress *progress, int tries,
                               teleai_error *error) {
    teleai_status status = TELEAI_OK;
    memset(progress, 0, sizeof *progress);
    for (int failed = 0; !progress->done && failed < tries;) {
        status = teleai_tenant_job_step(job, progress, error);
        failed += status != TELEAI_OK;
    }
    teleai_tenant_job_close(job);
    return status;
}

static teleai_status delete_it(teleai_error *error) {
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    teleai_status status = teleai_tenant_delete_open(client, &tenant, &job, error);
    if (!CHECK(status == TELEAI_OK, "%s", error->message)) /* both of its statements may be sent twice */
        return status;
    status = carry_out(job, &progress, 3, error);
    CHECK(status == TELEAI_OK && progress.done, "%s", error->message);
    CHECK(progress.rows_done == ROWS, "%lld rows were counted", (long long)progress.rows_done);
    CHECK(rows() == 0, "%d rows are left", rows());
    return status;
}

static teleai_status export_it(teleai_error *error) {
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    teleai_status status = teleai_tenant_export_open(client, &tenant, out, &job, error);
    if (status == TELEAI_OK)
        status = carry_out(job, &progress, 1, error);
    CHECK((access(out, F_OK) == 0) == (status == TELEAI_OK), "%s", error->message);
    CHECK((error->flags & TELEAI_ERROR_OUTCOME_UNKNOWN) == 0, "%s", error->message);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", out);
    CHECK(system(command) == 0, "%s", command);
    return status;
}

static teleai_status import_it(teleai_error *error) {
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    teleai_status status = teleai_tenant_import_open(client, kept, &job, error);
    if (status == TELEAI_OK)
        status = carry_out(job, &progress, 1, error);
    /* The end of a session whose client is gone may take the server a moment. */
    for (int i = 0;
         i < 200 && number("select count(*) from pg_stat_activity where state like 'idle in transaction%' and "
                           "datname = current_database()") > 0;
         i++)
        check_pause_ms(5);
    int there = rows();
    if (status == TELEAI_OK)
        CHECK(there == ROWS + 1, "%d rows", there);
    else if ((error->flags & TELEAI_ERROR_OUTCOME_UNKNOWN) == 0)
        CHECK(there == 0, "%s, and %d rows", error->message, there);
    else
        CHECK(there == 0 || there == ROWS + 1, "%d rows", there);
    return status;
}

static void cut_everywhere(const char *name, teleai_status (*do_it)(teleai_error *), bool has_tenant, int pieces) {
    teleai_error error;
    int cases = 0, fine = 0, cuts = proxy.cuts;
    for (int direction = PROXY_UP; direction <= PROXY_DOWN; direction++) {
        long total = -1;
        for (long bytes = -1; bytes <= total; bytes += total / pieces + 1, cases++) { /* the first one measures */
            unmake();
            if (has_tenant)
                make();
            GIVES(teleai_ping(client, &error), TELEAI_OK);
            proxy_cut_after(direction, bytes);
            int before = check_failures;
            fine += do_it(&error) == TELEAI_OK;
            if (total < 0)
                total = proxy.passed[direction];
            proxy.limit[PROXY_UP] = proxy.limit[PROXY_DOWN] = -1;
            CHECK(check_failures == before, "%s cut after %ld bytes %s", name, bytes,
                  direction == PROXY_UP ? "up" : "down");
        }
    }
    cuts = proxy.cuts - cuts;
    printf("  %s: cut %d times in %d calls, %d answered OK\n", name, cuts, cases, fine);
    CHECK(cuts * 10 > cases * 7, "nothing was put to the test");
}

int main(void) {
    if (!harness_has_server())
        return 77;
    setvbuf(stdout, NULL, _IOLBF, 0);
    raw = harness_connect();
    proxy_start(PQhost(raw), PQport(raw));
    snprintf(place, sizeof place, "/tmp/teleai-cut-XXXXXX");
    if (mkdtemp(place) == NULL)
        return 1;
    snprintf(out, sizeof out, "%s/out", place);
    snprintf(kept, sizeof kept, "%s/kept", place);
    char connection[800];
    snprintf(connection, sizeof connection, "%s host=%s", harness_database(), proxy.folder);
    teleai_options options = {.struct_size = sizeof options, .max_connections = 1, .timeout_ms = 20000};
    teleai_error error;
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    if (!GIVES(teleai_open(connection, &options, &client, &error), TELEAI_OK))
        return 1;
    teleai_uuid_make(&tenant);
    teleai_uuid_format(&tenant, id);
    make();
    if (GIVES(teleai_tenant_export_open(client, &tenant, kept, &job, &error), TELEAI_OK))
        CHECK(carry_out(job, &progress, 1, &error) == TELEAI_OK && progress.rows_done == ROWS, "%s", error.message);
    cut_everywhere("delete", delete_it, true, 250);
    cut_everywhere("export", export_it, true, 150);
    cut_everywhere("import", import_it, false, 250);
    teleai_close(client);
    proxy_stop();
    PQfinish(raw);
    harness_drop();
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", place);
    CHECK(system(command) == 0, "%s", command);
    printf("%d checks failed\n", (int)check_failures);
    return check_failures == 0 ? 0 : 1;
}
