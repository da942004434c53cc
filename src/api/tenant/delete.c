/* Deleting a tenant: its rows in small transactions, those first that nothing refers to, its own row last. */
#include <string.h>

#include "api/tenant/job.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/tenant.h"

#define ROWS_OF_A_STEP "1000"

typedef struct deletion {
    teleai_tenant_job job;
    int table;                                 /* whose rows go now; below 0: the tenant's own row */
    bool in_doubt;                             /* the answer to the last step was lost */
    int64_t there[TELEAI__TENANT_TABLE_COUNT]; /* as counted at the beginning */
    int64_t gone[TELEAI__TENANT_TABLE_COUNT];
} deletion;

/* Somebody may end the deletion, see teleai_tenant_resume(): they and a step wait for each other. */
#define DELETE_FROM(table)                                                         \
    "with deleting as materialized (\n"                                            \
    "    select id from tenants where id = $1 and status = 'deleting' for share\n" \
    ")\n"                                                                          \
    "delete from " #table "\n"                                                     \
    " where tenant_id = (select id from deleting)\n"                               \
    "   and id in (select id from " #table " where tenant_id = $1 order by id limit " ROWS_OF_A_STEP ")",

static const char *const delete_sql[TELEAI__TENANT_TABLE_COUNT] = {TELEAI__TENANT_TABLES(DELETE_FROM)};

static const char begin_sql[] = "update tenants\n"
                                "   set status = 'deleting'\n"
                                " where id = $1";

static const char end_sql[] = "delete from tenants\n"
                              " where id = $1\n"
                              "   and status = 'deleting'";

static const char is_there_sql[] = "select count(*)\n"
                                   "  from tenants\n"
                                   " where id = $1";

static teleai_status run_on(deletion *it, const char *sql, int64_t *rows, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(&it->job.tenant), TELEAI__OID_UUID);
    return teleai__job_run(&it->job, sql, &params, rows, error);
}

/* A step whose answer was lost has deleted its rows or not: the rows that are left tell. */
static teleai_status settle(deletion *it, teleai_error *error) {
    teleai__tenant_sizes *now = NULL;
    teleai_status status = teleai__tenant_measure(it->job.client, it->job.kind->name, &it->job.tenant, &now, error);
    if (status != TELEAI_OK && status != TELEAI_NOT_FOUND)
        return status;
    for (int i = 0; now != NULL && i < TELEAI__TENANT_TABLE_COUNT; i++) {
        int64_t unseen = it->there[i] - it->gone[i] - now->rows[i];
        if (unseen > 0) {
            teleai__job_count(&it->job, i, unseen);
            it->gone[i] += unseen;
        }
    }
    teleai__arena_free(now);
    it->in_doubt = false;
    return TELEAI_OK;
}

/* The tenant's own row. It stays when rows have come meanwhile, which refer to it. */
static teleai_status delete_tenant(deletion *it, teleai_error *error) {
    int64_t rows = 0;
    teleai_error why;
    teleai_status status = run_on(it, end_sql, &rows, &why);
    if (status == TELEAI_PARENT_NOT_FOUND) {
        it->table = TELEAI__TENANT_TABLE_COUNT - 1;
        return TELEAI_OK;
    }
    if (status != TELEAI_OK) {
        if (error != NULL)
            *error = why;
        return status;
    }
    if (rows == 0) {
        teleai__params params;
        teleai__params_init(&params);
        teleai__params_add(&params, teleai__value_uuid(&it->job.tenant), TELEAI__OID_UUID);
        teleai__operation operation = {
            .statement = {.name = it->job.kind->name, .sql = is_there_sql},
            .params = &params,
            .repeatable = true,
            .decode = teleai__decode_count,
            .out = &rows,
        };
        status = teleai__run(it->job.client, &operation, error);
        if (status != TELEAI_OK)
            return status;
        if (rows > 0)
            return teleai__fail(error, TELEAI_CONFLICT,
                                "%s: the tenant is not being deleted any more: somebody has resumed it",
                                it->job.kind->name);
    }
    it->job.progress.done = true;
    return TELEAI_OK;
}

static teleai_status step(teleai_tenant_job *job, teleai_error *error) {
    deletion *it = (deletion *)job;
    teleai_error why = {0};
    teleai_status status = it->in_doubt ? settle(it, &why) : TELEAI_OK;
    for (int64_t rows = 0; status == TELEAI_OK && rows == 0 && it->table >= 0;) {
        status = run_on(it, delete_sql[it->table], &rows, &why);
        if (status != TELEAI_OK)
            break;
        teleai__job_count(job, it->table, rows);
        it->gone[it->table] += rows;
        if (rows > 0)
            return TELEAI_OK;
        it->table--;
    }
    if (status == TELEAI_OK)
        status = delete_tenant(it, &why);
    it->in_doubt |= (why.flags & TELEAI_ERROR_OUTCOME_UNKNOWN) != 0;
    if (status != TELEAI_OK && error != NULL)
        *error = why;
    return status;
}

static void end(teleai_tenant_job *job, bool abandon) {
    (void)abandon;
    if (job->client != NULL)
        teleai__client_drop(job->client);
}

static const teleai__job_kind kind = {.name = "tenant_delete", .can_be_retried = true, .step = step, .end = end};

/* From now on nobody of it can log in. */
static teleai_status begin(deletion *it, const char *name, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(&it->job.tenant), TELEAI__OID_UUID);
    teleai__operation operation = {
        .statement = {.name = name, .sql = begin_sql, .writes = true},
        .params = &params,
        .repeatable = true,
        .decode = teleai__decode_affected,
        .noun = "tenant",
    };
    teleai_status status = teleai__run(it->job.client, &operation, error);
    teleai__tenant_sizes *sizes = NULL;
    if (status == TELEAI_OK)
        status = teleai__tenant_measure(it->job.client, name, &it->job.tenant, &sizes, error);
    if (status != TELEAI_OK)
        return status;
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++) {
        it->there[i] = sizes->rows[i];
        it->job.progress.rows_total += sizes->rows[i];
    }
    teleai__arena_free(sizes);
    return TELEAI_OK;
}

teleai_status teleai_tenant_delete_open(teleai_client *client, const teleai_uuid *id, teleai_tenant_job **out,
                                        teleai_error *error) {
    static const char name[] = "tenant_delete_open";
    if (out == NULL)
        return teleai__fail_out("job", error);
    *out = NULL;
    teleai_status status = teleai__id_check("id", id, error);
    if (status != TELEAI_OK)
        return status;
    if (teleai_uuid_equal(id, &teleai__default_tenant))
        return teleai__fail_field(error, "id", "%s: the default tenant cannot be deleted", name);
    deletion *it = NULL;
    status = teleai__job_make(client, &kind, name, sizeof *it, &it, error);
    if (status != TELEAI_OK)
        return status;
    it->job.tenant = *id;
    it->table = TELEAI__TENANT_TABLE_COUNT - 1;
    it->job.client = teleai__client_derive(client);
    if (it->job.client == NULL) {
        status = teleai__fail_memory(error);
    } else {
        it->job.client->is_scope = true;
        status = begin(it, name, error);
    }
    if (status != TELEAI_OK) {
        teleai__job_drop(&it->job);
        return status;
    }
    *out = &it->job;
    return teleai__ok(error);
}
