/*
 * Whether the work that the server does tells that a row is there in another tenant: the library's own statements, with what
 * is B's and with what is nobody's, asked for in A: the same plan, which reads as many pages. At 12,000 rows a table in 12
 * tenants. The linker gives this file each statement that the library sends (-Wl,--wrap).
 */
#include "criterion_harness.h"

SERVER_SUITE(isolation_plans);

#include "base/secret.h"
#include "wire/connection.h"
#include "wire/pipeline.h"
#include "wire/statement.h"
#include "two_tenants.h"

/* ---- what is sent ---- */

static char sent[20000];

static void keep(const teleai__statement *statement) {
    char room[TELEAI__STATEMENT_BYTES];
    snprintf(sent, sizeof sent, "%s", teleai__statement_text(statement, room));
}

teleai_status __real_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to);
teleai_status __wrap_teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                            const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                            teleai_error *to) {
    keep(statement);
    return __real_teleai__connection_run(connection, statement, params, deadline, out, to);
}

teleai_status __real_teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count,
                                          bool apart, teleai__deadline deadline, teleai_error *to);
teleai_status __wrap_teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count,
                                          bool apart, teleai__deadline deadline, teleai_error *to);
teleai_status __wrap_teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count,
                                          bool apart, teleai__deadline deadline, teleai_error *to) {
    keep(requests[count - 1].statement);
    return __real_teleai__pipeline_run(connection, requests, count, apart, deadline, to);
}

/* ---- rows ---- */

#define TENANTS 12
#define ROWS_EACH 1000

/* Their ids in no order, so that those of all tenants lie side by side in every index. */
static void fill(void) {
    furnish_two(db);
    harness_sql("insert into tenants (id, name, slug) select md5('tenant' || i)::uuid, 'T', 't' || i from "
                "generate_series(3, %d) i",
                TENANTS);
    harness_sql("create table seeds as select i, md5('id' || i)::uuid as id, case i %% %d when 0 then '%s' when 1 then "
                "'%s' else "
                "md5('tenant' || i %% %d + 1) end::uuid as tenant_id from generate_series(1, %d) i",
                TENANTS, uuid_text(&a.tenant), uuid_text(&b.tenant), TENANTS, TENANTS * ROWS_EACH);
    harness_sql("insert into users (id, tenant_id, email, password_hash, full_name) select id, tenant_id, 'u' || i || "
                "'@example.org', '!', 'U' from seeds order by i");
    harness_sql("insert into sessions (id, tenant_id, user_id, token_hash, expires_at) select id, tenant_id, id, "
                "encode(sha256(id::text::bytea), 'hex'), now() + '1 day' from seeds order by i");
    harness_sql(
        "insert into audio_files (id, tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) select id, "
        "tenant_id, id, 'f', 'f', 1, 'audio/wav' from seeds order by i");
    harness_sql("insert into transcriptions (id, tenant_id, user_id, audio_file_id, language_code, engine) select id, "
                "tenant_id, id, id, 'en', 'e' from seeds order by i");
    harness_sql("insert into analyses (id, tenant_id, user_id, audio_file_id, transcription_id, analysis_type, engine) "
                "select id, tenant_id, id, id, id, 't', 'e' from seeds order by i");
    for (size_t i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        harness_sql("vacuum analyze %s", teleai__tenant_tables[i]);
}

/* ---- what it costs ---- */

typedef struct cost {
    long pages;
    char plan[6000]; /* without figures */
} cost;

static PGconn *side;

static long number_behind(const char *line, const char *word) {
    const char *at = strstr(line, word);
    return at == NULL ? 0 : atol(at + strlen(word));
}

/* The plan of the prepared statement, and the pages it read; these are what its first line of buffers says. */
static void explain(const char *tenant, const char *what, cost *out) {
    char sql[1000];
    bool counted = false;
    snprintf(sql, sizeof sql, "explain (analyze, buffers, costs off, timing off, summary off) execute q('%s', '%s')",
             tenant, what);
    PGresult *result = PQexec(side, sql);
    cr_assert(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(side));
    *out = (cost){0};
    for (int i = 0; i < PQntuples(result); i++) {
        const char *line = PQgetvalue(result, i, 0);
        if (strncmp(line, "Planning", 8) == 0)
            break;
        if (strstr(line, "Buffers:") != NULL) {
            if (!counted)
                out->pages = number_behind(line, "hit=") + number_behind(line, "read=");
            counted = true;
        } else if (strstr(line, "->") != NULL || strstr(line, "Scan") != NULL || strstr(line, "Index Cond") != NULL) {
            size_t length = strlen(out->plan);
            const char *figures = strstr(line, " (actual");
            snprintf(out->plan + length, sizeof out->plan - length, "%.*s\n",
                     figures == NULL ? (int)strcspn(line, "'") : (int)(figures - line), line);
        }
    }
    PQclear(result);
}

/* What is at place i in the table: of B; and what is not. Each as statement's second parameter. */
typedef void (*names)(int i, bool of_b, char *out, size_t room);

static void name_id(int i, bool of_b, char *out, size_t room) {
    char sql[80];
    snprintf(sql, sizeof sql, "select md5('%s' || %d)", of_b ? "id" : "none", i * TENANTS + 1);
    PGresult *result = PQexec(side, sql);
    snprintf(out, room, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
}

static void name_ids(int i, bool of_b, char *out, size_t room) {
    char id[40];
    name_id(i, of_b, id, sizeof id);
    snprintf(out, room, "{%s}", id);
}

static void name_email(int i, bool of_b, char *out, size_t room) {
    snprintf(out, room, of_b ? "u%d@example.org" : "n%d@example.org", i * TENANTS + 1);
}

/* session_check() looks for the empty hash instead of that of another tenant's token. */
static void name_hash(int i, bool of_b, char *out, size_t room) { snprintf(out, room, of_b ? "" : "%064d", i); }

/* `most`: how many pages more what is B's may take. */
static void compare(const char *name, const char *types, names give, long most) {
    static const char *const modes[] = {"force_custom_plan", "force_generic_plan"};
    for (int m = 0; m < 2; m++) {
        static cost of_b, of_none;
        long pages[2] = {0}, worst = 0;
        char sql[21000], what[200];
        snprintf(sql, sizeof sql, "set plan_cache_mode = %s; deallocate all; prepare q(%s) as %s", modes[m], types,
                 sent);
        PGresult *result = PQexec(side, sql);
        cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", name, PQerrorMessage(side));
        PQclear(result);
        for (int i = 0; i < 25; i++) {
            for (int warm = 0; warm < 2; warm++) {
                give(i, true, what, sizeof what);
                explain(uuid_text(&a.tenant), what, &of_b);
                give(i, false, what, sizeof what);
                explain(uuid_text(&a.tenant), what, &of_none);
            }
            cr_expect(strcmp(of_b.plan, of_none.plan) == 0, "%s: %s\n%s", name, of_b.plan, of_none.plan);
            long more = of_b.pages - of_none.pages;
            worst = labs(more) > labs(worst) ? more : worst;
            pages[0] += of_b.pages;
            pages[1] += of_none.pages;
            cr_expect(of_none.pages > 0, "%s: nothing is read", name);
        }
        printf("  %s, %s: %ld pages for 25 of B, %ld for 25 of none\n", name, modes[m], pages[0], pages[1]);
        cr_expect(labs(worst) <= most, "%s (%s): %ld pages more for what is B's\n%s", name, modes[m], worst, of_b.plan);
    }
}

static void compare_all(const char *role) {
    teleai_options options = {
        .struct_size = sizeof options, .tenant_id = &a.tenant, .require_row_security = role != NULL};
    const char *connection = role == NULL ? harness_database() : harness_database_as(role);
    teleai_client *client;
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    OK(teleai_open(connection, &options, &client, &error));
    side = PQconnectdb(connection);
    PGresult *result = PQexecParams(side, "select set_config('teleai.tenant_id', $1, false)", 1, NULL,
                                    (const char *const[]){uuid_text(&a.tenant)}, NULL, NULL, 0);
    PQclear(result);
    FAILS(teleai_user_get(client, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    compare("user_get", "uuid, uuid", name_id, 0);
    FAILS(teleai_session_get(client, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    compare("session_get", "uuid, uuid", name_id, 0);
    FAILS(teleai_audio_file_get(client, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    compare("audio_file_get", "uuid, uuid", name_id, 0);
    FAILS(teleai_transcription_get(client, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    compare("transcription_get", "uuid, uuid", name_id, 0);
    FAILS(teleai_analysis_get(client, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    compare("analysis_get", "uuid, uuid", name_id, 0);
    teleai_users *list;
    OK(teleai_user_get_many(client, &nobody, 1, &list, &error));
    teleai_users_free(list);
    compare("user_get_many", "uuid, uuid[]", name_ids, 0);
    FAILS(teleai_user_delete(client, &nobody, &error), TELEAI_NOT_FOUND, "");
    compare("user_delete", "uuid, uuid", name_id, 0);
    FAILS(teleai_transcription_start(client, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    compare("transcription_start", "uuid, uuid", name_id, 0);
    FAILS(teleai_session_check(client, b.token, NULL, &error), TELEAI_UNAUTHENTICATED, "");
    compare("session_check", "uuid, text", name_hash, 0);
    FAILS(teleai_user_get_by_email(client, "nobody@example.org", NULL, &error), TELEAI_NOT_FOUND, "");
    /* Addresses are unique in all tenants, and so is their index: the row of the other tenant is looked at, and left. */
    compare("user_get_by_email", "uuid, text", name_email, 1);
    PQfinish(side);
    teleai_close(client);
}

Test(isolation_plans, what_is_there_in_another_tenant_costs_no_more_than_what_is_not) {
    fill();
    compare_all(NULL);
    OK(teleai_row_security_enable(db, &error));
    compare_all("teleai_app");
}
