/* What tenants use, counted anew. The schema's functions count; here are the steps, and patience where a lock is not free. */
#include <string.h>

#include "base/error.h"
#include "table/table.h"
#include "teleai/tenant.h"

#define NAME "tenant_usage_recount"
#define MOST_TRIES 50
#define PAUSE_MS 100

typedef struct step {
    teleai_uuid tenant_id;
    bool changed;
    uint8_t reserved[7];
} step;

#define RECORD step
static const teleai__column columns[] = {
    TELEAI__COLUMN_UUID("tenant_id", tenant_id),
    TELEAI__COLUMN_BOOL("changed", changed),
};
#undef RECORD

static const teleai__row row = {
    .noun = "tenant", .size = sizeof(step), .columns = columns, .count = (int)TELEAI__COUNT(columns)};

/* The triggers as limits want them. */
static const char begin_sql[] = "select teleai_begin_counting() as count";

static const char one_sql[] = "select id as tenant_id, teleai_recount_usage(id) as changed\n"
                              "  from tenants\n"
                              " where id = $1";

static const char next_sql[] = "select tenant_id, teleai_recount_usage(tenant_id) as changed\n"
                               "  from (\n"
                               "        select tenant_id\n"
                               "          from tenant_usage\n"
                               "         where $1::uuid is null or tenant_id > $1\n"
                               "         order by tenant_id\n"
                               "         limit 1\n"
                               "       ) next";

/* A step is a statement, and so a transaction; a lock that is not free is tried for again. */
static teleai_status run(teleai_client *client, const char *sql, const teleai_uuid *id, void *out,
                         teleai_error *error) {
    bool begins = sql == begin_sql;
    for (int tries = 1;; tries++) {
        teleai_error why;
        teleai__params params;
        teleai__params_init(&params);
        if (!begins)
            teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
        teleai__operation operation = {
            .statement = {.key = sql,
                          .variant = begins           ? 0
                                     : sql == one_sql ? 1
                                                      : 2,
                          .name = NAME,
                          .sql = sql,
                          .writes = true},
            .params = &params,
            .repeatable = true,
            .no_batch = true,
            .decode = begins ? teleai__decode_count : teleai__decode_one,
            .out = out,
            .row = &row,
            .noun = row.noun,
        };
        teleai_status status = teleai__run(client, &operation, &why);
        bool locked = status == TELEAI_TIMEOUT && strcmp(why.sqlstate, "55P03") == 0;
        if (!locked || tries == MOST_TRIES) {
            if (error != NULL)
                *error = why;
            return status;
        }
        if (!teleai__deadline_sleep(teleai__client_deadline(client), PAUSE_MS))
            return teleai__fail(error, TELEAI_CANCELLED, NAME ": it was cancelled while it waited for a lock");
    }
}

teleai_status teleai_tenant_usage_recount(teleai_client *client, const teleai_uuid *tenant_id, int64_t *out,
                                          teleai_error *error) {
    int64_t begun = 0, corrected = 0;
    if (out != NULL)
        *out = 0;
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    if (teleai__is_transaction(client) || client->batch != NULL)
        return teleai__fail(error, TELEAI_CONFLICT,
                            NAME ": it works in steps, each a transaction of its own; call it on the client");
    status = run(client, begin_sql, NULL, &begun, error);
    teleai_uuid after;
    const teleai_uuid *of = tenant_id;
    while (status == TELEAI_OK) {
        step *done = NULL;
        status = run(client, tenant_id != NULL ? one_sql : next_sql, of, &done, error);
        if (status == TELEAI_NOT_FOUND && tenant_id == NULL) {
            status = TELEAI_OK;
            break;
        }
        if (status != TELEAI_OK)
            break;
        corrected += done->changed;
        bool goes_on = tenant_id != NULL || of == NULL || memcmp(&done->tenant_id, of, sizeof *of) > 0;
        after = done->tenant_id;
        of = &after;
        teleai__arena_free(done);
        if (!goes_on) /* it would not end */
            status =
                teleai__fail(error, TELEAI_SERVER_ERROR, NAME ": the server went through the tenants out of order");
        if (tenant_id != NULL)
            break;
    }
    if (out != NULL)
        *out = corrected;
    return status == TELEAI_OK ? teleai__ok(error) : status;
}
