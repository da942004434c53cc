/*
 * Plans with many tenants of unequal size: 60,000 audio files, half of them of one tenant and of one of its users, the
 * others those of 199. A
 * list by id reads no more than its page, whoever asks, also by a generic plan; a range of times bounds the ids; the
 * other orders read no more than the tenant's own rows. The linker gives this file each statement that the library sends
 * (-Wl,--wrap).
 */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"
#include "wire/connection.h"

static teleai_client *db;
static teleai_error error;
static PGconn *side; /* where plans are made, and told by auto_explain */
static char plan[20000];

static void keep_plan(void *unused, const char *message) {
    (void)unused;
    const char *text = strstr(message, "plan:");
    if (text != NULL)
        snprintf(plan, sizeof plan, "%s", text);
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
    if (side != NULL) {
        plan[0] = '\0';
        PQclear(PQprepare(side, "planned", statement->sql, params->count, params->types));
        for (int i = 0; i < 7; i++)
            PQclear(
                PQexecPrepared(side, "planned", params->count, params->values, params->lengths, params->formats, 1));
        PQclear(PQexec(side, "deallocate planned"));
        cr_assert(plan[0] != '\0', "%s: no plan: %s", statement->name, PQerrorMessage(side));
    }
    return __real_teleai__connection_run(connection, statement, params, deadline, out, to);
}

static void run(const char *sql) {
    PGresult *result = PQexec(side, sql);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(side));
    PQclear(result);
}

/* Pages that the plan's topmost node has read. */
static long buffers(void) {
    const char *hit = strstr(plan, "shared hit="), *read = strstr(plan, " read=");
    const char *line = hit == NULL ? NULL : strchr(hit, '\n');
    long count = hit == NULL ? 0 : strtol(hit + 11, NULL, 10);
    return count + (read != NULL && line != NULL && read < line ? strtol(read + 6, NULL, 10) : 0);
}

static void expect_plan(const char *what, bool expected) {
    cr_expect((strstr(plan, what) != NULL) == expected, "%s%s in\n%s", expected ? "no " : "", what, plan);
}

#define DAY_US INT64_C(86400000000)
#define FIRST_US INT64_C(1704067200000000) /* 2024-01-01 */

/* One row a minute, its id of the same time. */
static void add_rows(void) {
    run("insert into tenants (id, name, slug) select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, "
        "'Tenant ' || n, 'tenant-' || n from generate_series(2, 200) n");
    run("insert into users (id, tenant_id, email, password_hash, full_name) select id, id, slug || '@example.org', "
        "'!', "
        "name from tenants");
    run("insert into audio_files (id, tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type, "
        "created_at) "
        "select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) "
        "|| '8' || substr(md5(n::text), 4, 15))::uuid, whose, whose, 'f' || n, '/f', 1, 'audio/wav', at from (select "
        "n, '2024-01-01'::timestamptz + n * interval '1 minute' as at, ('00000000-0000-7000-8000-' || lpad(to_hex(1 + "
        "case when n % 2 = 0 then 1 else n % 199 + 1 end), 12, '0'))::uuid as whose from generate_series(1, 60000) n) "
        "x");
    run("vacuum analyze");
}

static void list_as(int number, const teleai_audio_file_filter *filter, int32_t order, size_t expected) {
    teleai_uuid tenant;
    teleai_tenant_default_id(&tenant);
    tenant.bytes[15] = (uint8_t)number;
    teleai_scope_options of_tenant = {.struct_size = sizeof of_tenant, .tenant_id = &tenant};
    teleai_page page = {.struct_size = sizeof page, .limit = 20, .order = order};
    teleai_client *scope;
    teleai_audio_files *list;
    OK(teleai_scope_open(db, &of_tenant, &scope, &error));
    OK(teleai_audio_file_list(scope, filter, &page, &list, &error));
    cr_assert(list->count == expected, "%zu rows", list->count);
    teleai_audio_files_free(list);
    teleai_close(scope);
}

static void tear_down(void) {
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

Test(tenant_plans, a_tenant_reads_what_is_its_own, .fini = tear_down) {
    if (!harness_has_server())
        cr_skip_test("no PostgreSQL server programs");
    PGconn *raw = harness_connect();
    PGresult *loaded = PQexec(raw, "load 'auto_explain'");
    bool explains = PQresultStatus(loaded) == PGRES_COMMAND_OK;
    PQclear(loaded);
    if (!explains)
        cr_skip_test("the server has no auto_explain");
    db = harness_open();
    side = raw;
    run("set client_min_messages = warning");
    add_rows();
    PQsetNoticeProcessor(raw, keep_plan, NULL);
    run("set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; "
        "set client_min_messages = log");

    /* The large one, a small one, and one with nothing. */
    static const struct {
        int number;
        size_t rows;
    } tenants[] = {{2, 20}, {77, 20}, {250, 0}};
    for (size_t i = 0; i < sizeof tenants / sizeof *tenants; i++) {
        for (int32_t order = TELEAI_ORDER_NEWEST_ID_FIRST; order <= TELEAI_ORDER_OLDEST_ID_FIRST; order++) {
            list_as(tenants[i].number, NULL, order, tenants[i].rows);
            expect_plan("using audio_files_tenant_id_id_key", tenants[i].number != 2); /* half of all: either will do */
            expect_plan("Sort", false);
            cr_expect(buffers() <= 40, "%ld pages read for a page of 20\n%s", buffers(), plan);

            teleai_audio_file_filter days = {.struct_size = sizeof days,
                                             .created_from_us = FIRST_US + 10 * DAY_US,
                                             .created_until_us = FIRST_US + 12 * DAY_US};
            list_as(tenants[i].number, &days, order, tenants[i].number == 77 ? 8 : tenants[i].rows);
            expect_plan("(id >= ", true);
            expect_plan("(id < ", true);
            cr_expect(buffers() <= 60, "%ld pages read for two days\n%s", buffers(), plan);
        }
    }
    /* Newest first: in a tenant as a whole by the same key, for one of its users by his own. */
    list_as(77, NULL, TELEAI_ORDER_NEWEST_FIRST, 20);
    expect_plan("using audio_files_tenant_id_id_key", true);
    cr_expect(buffers() <= 40, "%ld pages read for a page of 20\n%s", buffers(), plan);
    list_as(2, NULL, TELEAI_ORDER_NEWEST_FIRST, 20);
    cr_expect(buffers() <= 40, "%ld pages read for a page of 20\n%s", buffers(), plan);
    teleai_uuid user;
    teleai_tenant_default_id(&user);
    user.bytes[15] = 2;
    teleai_audio_file_filter of_user = {.struct_size = sizeof of_user, .user_id = &user};
    list_as(2, &of_user, TELEAI_ORDER_NEWEST_FIRST, 20);
    cr_expect(buffers() <= 60, "%ld pages read for a page of 20\n%s", buffers(), plan);
    PQfinish(side);
    side = NULL;
}
