/* What the three jobs on a tenant share: export, import, deletion. */
#ifndef TELEAI_API_TENANT_JOB_H
#define TELEAI_API_TENANT_JOB_H

#include "schema/tables.h"
#include "table/table.h"
#include "teleai/tenant.h"
#include "teleai/transaction.h"

#define TELEAI__MANIFEST "manifest.json"
#define TELEAI__MANIFEST_FORMAT "teleai tenant"
#define TELEAI__MANIFEST_VERSION 1
#define TELEAI__COPY_SQL_BYTES 8192

typedef struct teleai__job_kind {
    const char *name;    /* of its steps, for errors */
    bool can_be_retried; /* a step that failed may be tried again */
    /* Does some of it; sets progress.done. */
    teleai_status (*step)(teleai_tenant_job *job, teleai_error *error);
    /* Ends it, done or not, and frees what it has, the client too. `abandon`: in another process than the one that made
     * it, which may do nothing but free memory. */
    void (*end)(teleai_tenant_job *job, bool abandon);
} teleai__job_kind;

/* Each kind has a larger struct, which begins with this one. */
struct teleai_tenant_job {
    const teleai__job_kind *kind;
    teleai_client *client; /* that it works with; NULL: it is over */
    bool failed;
    teleai_uuid tenant;
    teleai_tenant_progress progress;
};

/* Checks the arguments that all have, and makes one of so many bytes. */
teleai_status teleai__job_make(teleai_client *client, const teleai__job_kind *kind, const char *name, size_t size,
                               void *out, teleai_error *error);
/* Ends one that could not be begun. */
void teleai__job_drop(teleai_tenant_job *job);
/* Begins the transaction that a job works in, with settings on which the text form of values depends. */
teleai_status teleai__job_begin(teleai_tenant_job *job, teleai_client *client, const char *name,
                                const teleai_transaction_options *options, teleai_error *error);

/* A tenant and how many rows it has. */
typedef struct teleai__tenant_sizes {
    const char *tenant_json; /* its own row */
    int64_t schema_version;
    int64_t rows[TELEAI__TENANT_TABLE_COUNT];
} teleai__tenant_sizes;

/* NOT_FOUND when there is none. Free it with teleai__arena_free(). */
teleai_status teleai__tenant_measure(teleai_client *client, const char *name, const teleai_uuid *id,
                                     teleai__tenant_sizes **out, teleai_error *error);

/* Runs a statement that is not prepared, on the job's client. `out`: how many rows it was about; may be NULL. */
teleai_status teleai__job_run(teleai_tenant_job *job, const char *sql, teleai__params *params, int64_t *out,
                              teleai_error *error);
/* Counts rows of one table as done. */
void teleai__job_count(teleai_tenant_job *job, int table, int64_t rows);

#endif
