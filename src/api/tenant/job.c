#include "api/tenant/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

_Static_assert(TELEAI__TENANT_TABLE_COUNT <= TELEAI__COUNT(((teleai_tenant_progress *)0)->tables),
               "each table has its place in the progress");

/* ---- beginning ---- */

teleai_status teleai__job_make(teleai_client *client, const teleai__job_kind *kind, const char *name, size_t size,
                               void *out, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", "%s: a batch cannot hold a job; open it on the client", name);
    if (teleai__is_transaction(client))
        return teleai__fail(error, TELEAI_CONFLICT,
                            "%s: it was called on a transaction; a job makes its own, so open it on the client", name);
    teleai_tenant_job *job = calloc(1, size);
    if (job == NULL)
        return teleai__fail_memory(error);
    job->kind = kind;
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        job->progress.tables[i].table = teleai__tenant_tables[i];
    job->progress.table_count = TELEAI__TENANT_TABLE_COUNT;
    memcpy(out, &job, sizeof job);
    return TELEAI_OK;
}

static void end(teleai_tenant_job *job) {
    job->kind->end(job, job->client != NULL && !teleai__fork_mark_is_mine(&job->client->core->process));
    job->client = NULL;
}

void teleai__job_drop(teleai_tenant_job *job) {
    end(job);
    free(job);
}

/* Times, numbers and intervals as text mean the same in every database then; and a COPY lasts as long as its reader likes,
 * each step having the client's time limit. */
static const char settings_sql[] = "select set_config('datestyle', 'ISO, YMD', true),\n"
                                   "       set_config('intervalstyle', 'iso_8601', true),\n"
                                   "       set_config('timezone', 'UTC', true),\n"
                                   "       set_config('extra_float_digits', '1', true),\n"
                                   "       set_config('bytea_output', 'hex', true),\n"
                                   "       set_config('statement_timeout', '0', true)";

teleai_status teleai__job_begin(teleai_tenant_job *job, teleai_client *client, const char *name,
                                const teleai_transaction_options *options, teleai_error *error) {
    teleai_status status = teleai_transaction_begin(client, options, &job->client, error);
    teleai__params none;
    teleai__params_init(&none);
    teleai__operation operation = {
        .statement = {.name = name, .sql = settings_sql},
        .params = &none,
        .decode = teleai__decode_nothing,
    };
    return status == TELEAI_OK ? teleai__run(job->client, &operation, error) : status;
}

/* ---- what there is ---- */

#define RECORD teleai__tenant_sizes
#define ROWS_COLUMN(name) TELEAI__COLUMN_COUNT(#name, rows[TELEAI__TABLE_##name]),
static const teleai__column columns[] = {
    TELEAI__COLUMN_TEXT("tenant", tenant_json),
    TELEAI__TENANT_TABLES(ROWS_COLUMN) TELEAI__COLUMN_INT64("schema_version", schema_version),
};
#undef ROWS_COLUMN
#undef RECORD

static const teleai__row row = {
    .noun = "tenant", .size = sizeof(teleai__tenant_sizes), .columns = columns, .count = (int)TELEAI__COUNT(columns)};

#define COUNT_ROWS(name) "       (select count(*) from " #name " where tenant_id = $1) as " #name ",\n"
static const char measure_sql[] = "select to_jsonb(t)::text as tenant,\n" TELEAI__TENANT_TABLES(
    COUNT_ROWS) "       (select version from schema_migrations limit 1) as schema_version\n"
                "  from tenants t\n"
                " where id = $1";

teleai_status teleai__tenant_measure(teleai_client *client, const char *name, const teleai_uuid *id,
                                     teleai__tenant_sizes **out, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
    teleai__operation operation = {
        .statement = {.name = name, .sql = measure_sql},
        .params = &params,
        .repeatable = true,
        .decode = teleai__decode_one,
        .out = out,
        .row = &row,
        .noun = row.noun,
    };
    return teleai__run(client, &operation, error);
}

/* ---- steps ---- */

teleai_status teleai__job_run(teleai_tenant_job *job, const char *sql, teleai__params *params, int64_t *out,
                              teleai_error *error) {
    teleai__operation operation = {
        .statement = {.name = job->kind->name, .sql = sql, .writes = true},
        .params = params,
        .decode = out == NULL ? teleai__decode_nothing : teleai__decode_changed,
        .out = out,
    };
    return teleai__run(job->client, &operation, error);
}

void teleai__job_count(teleai_tenant_job *job, int table, int64_t rows) {
    job->progress.tables[table].rows += rows;
    job->progress.rows_done += rows;
}

teleai_status teleai_tenant_job_step(teleai_tenant_job *job, teleai_tenant_progress *progress, teleai_error *error) {
    if (progress != NULL)
        memset(progress, 0, sizeof *progress);
    if (job == NULL)
        return teleai__fail_field(error, "job", "job is NULL; one that was opened was expected");
    if (job->failed)
        return teleai__fail(error, TELEAI_CLOSED, "%s: it has failed before; close it, and begin another one",
                            job->kind->name);
    teleai_status status = TELEAI_OK;
    if (!job->progress.done) {
        status = teleai__client_check(job->client, error);
        if (status != TELEAI_OK)
            return status;
        status = job->kind->step(job, error);
    }
    job->failed = status != TELEAI_OK && !job->kind->can_be_retried;
    if ((job->failed || job->progress.done) && job->client != NULL)
        end(job); /* what it holds, a connection, others may have */
    if (status != TELEAI_OK)
        return status;
    if (progress != NULL)
        *progress = job->progress;
    return teleai__ok(error);
}

void teleai_tenant_job_close(teleai_tenant_job *job) {
    if (job == NULL)
        return;
    if (job->client != NULL)
        end(job);
    free(job);
}
