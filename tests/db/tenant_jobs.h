/* What the tests of exports, imports and deletions share: a folder of the test's own, a second database, running a job to
 * its end, and comparing what two databases hold of a tenant. */
#ifndef TELEAI_TESTS_DB_TENANT_JOBS_H
#define TELEAI_TESTS_DB_TENANT_JOBS_H

#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "schema/tables.h"
#include "tenants.h"

/* How many rows of a table are done; -1: it is not one of a tenant. */
static inline int64_t done_of(const teleai_tenant_progress *progress, const char *table) {
    for (size_t i = 0; i < progress->table_count; i++)
        if (strcmp(progress->tables[i].table, table) == 0)
            return progress->tables[i].rows;
    return -1;
}

static char place[64], folder[80];

static inline void make_place(void) {
    snprintf(place, sizeof place, "/tmp/teleai_jobs_XXXXXX");
    cr_assert(mkdtemp(place) != NULL);
    snprintf(folder, sizeof folder, "%s/out", place);
}

static inline void remove_place(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", place);
    cr_assert(system(command) == 0);
}

static inline bool is_there(const char *path) { return access(path, F_OK) == 0; }

/* Steps until it is done, and closes it; gives how many there were. */
static inline int finish_job(teleai_tenant_job *job, teleai_tenant_progress *progress) {
    teleai_error why;
    int64_t before = 0;
    for (int steps = 1;; steps++) {
        cr_assert(teleai_tenant_job_step(job, progress, &why) == TELEAI_OK, "%s", why.message);
        cr_assert(why.status == TELEAI_OK);
        cr_assert(progress->rows_done >= before && steps < 10000);
        int64_t of_tables = 0;
        for (size_t i = 0; i < progress->table_count; i++)
            of_tables += progress->tables[i].rows;
        cr_assert(progress->table_count == TELEAI__TENANT_TABLE_COUNT && progress->rows_done == of_tables);
        before = progress->rows_done;
        if (!progress->done)
            continue;
        /* Once more is the same. */
        teleai_tenant_progress again;
        cr_assert(teleai_tenant_job_step(job, &again, &why) == TELEAI_OK);
        cr_assert(memcmp(&again, progress, sizeof again) == 0);
        teleai_tenant_job_close(job);
        return steps;
    }
}

static inline void export_to(teleai_client *client, const teleai_uuid *tenant, const char *path) {
    teleai_error why;
    teleai_tenant_job *job;
    teleai_tenant_progress progress;
    cr_assert(teleai_tenant_export_open(client, tenant, path, &job, &why) == TELEAI_OK, "%s", why.message);
    finish_job(job, &progress);
}

/* ---- a second database ---- */

static char second[600], second_name[64];

static inline PGconn *connect_second(void) {
    PGconn *raw = PQconnectdb(second);
    cr_assert(PQstatus(raw) == CONNECTION_OK, "%s", PQerrorMessage(raw));
    return raw;
}

static inline teleai_client *open_second(void) {
    const char *first = harness_database(), *name = strstr(first, " dbname=");
    PGconn *raw = harness_connect();
    char sql[160];
    snprintf(second_name, sizeof second_name, "test_%d_second", (int)getpid());
    snprintf(sql, sizeof sql, "create database %s template teleai_template", second_name);
    PGresult *result = PQexec(raw, sql);
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(raw));
    PQclear(result);
    PQfinish(raw);
    snprintf(second, sizeof second, "%.*s dbname=%s", (int)(name - first), first, second_name);
    teleai_options options = {.struct_size = sizeof options, .password_memory_kib = 19456};
    teleai_client *client;
    teleai_error why;
    cr_assert(teleai_open(second, &options, &client, &why) == TELEAI_OK, "%s", why.message);
    return client;
}

/* As harness_sql(), in the second database; overwritten by the next call. */
static inline const char *second_sql(const char *sql) {
    static char value[4096];
    PGconn *raw = connect_second();
    PGresult *result = PQexec(raw, sql);
    cr_assert(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s", sql,
              PQerrorMessage(raw));
    snprintf(value, sizeof value, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(raw);
    return value;
}

static inline void drop_second(void) {
    if (second_name[0] != '\0')
        harness_drop_named(second_name);
    second_name[0] = '\0';
}

/* Both hold the same rows of the tenant, or the second none. */
static inline void same_rows(const teleai_uuid *tenant) {
    for (size_t i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++) {
        char sql[300];
        snprintf(sql, sizeof sql,
                 "select count(*) || ' ' || md5(coalesce(string_agg(t::text, e'\\n' order by id), '')) from %s t where "
                 "tenant_id = '%s'",
                 teleai__tenant_tables[i], id_text(tenant));
        SAME_TEXT(second_sql(sql), harness_sql("%s", sql));
    }
    char sql[200]; /* its limits are set last, which is a change */
    snprintf(sql, sizeof sql, "select to_jsonb(t) - 'updated_at' from tenants t where id = '%s'", id_text(tenant));
    SAME_TEXT(second_sql(sql), harness_sql("%s", sql));
}

static inline void second_has_nothing(void) {
    for (size_t i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "select count(*) from %s", teleai__tenant_tables[i]);
        SAME_TEXT(second_sql(sql), "0");
    }
    SAME_TEXT(second_sql("select count(*) from tenants"), "1");
    SAME_TEXT(second_sql("select count(*) from tenant_usage"), "0");
    SAME_TEXT(second_sql("select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = "
                         "current_database()"),
              "0");
}

/* ---- files ---- */

static inline const char *path_of(const char *file) {
    static char paths[2][160];
    static int next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", folder, file);
    return path;
}

/* The whole of it, to be freed. */
static inline char *read_whole(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s", path);
    fseek(file, 0, SEEK_END);
    *bytes = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*bytes + 1);
    cr_assert(fread(text, 1, *bytes, file) == *bytes);
    text[*bytes] = '\0';
    fclose(file);
    return text;
}

static inline void write_whole(const char *path, const char *text, size_t bytes) {
    FILE *file = fopen(path, "wb");
    cr_assert(file != NULL && fwrite(text, 1, bytes, file) == bytes && fclose(file) == 0);
}

/* Replaces the first of these, which is there. */
static inline void edit(const char *name, const char *from, const char *to) {
    size_t bytes;
    char *text = read_whole(path_of(name), &bytes), *at = memmem(text, bytes, from, strlen(from));
    cr_assert(at != NULL, "\"%s\" is not in %s", from, name);
    char *changed = malloc(bytes + strlen(to) + 1);
    size_t before = (size_t)(at - text), behind = bytes - before - strlen(from);
    memcpy(changed, text, before);
    memcpy(changed + before, to, strlen(to));
    memcpy(changed + before + strlen(to), at + strlen(from), behind);
    write_whole(path_of(name), changed, before + strlen(to) + behind);
    free(changed);
    free(text);
}

static inline void hash_of(const char *path, char *hash, size_t *bytes) {
    teleai__sha256 state;
    char *text = read_whole(path, bytes);
    teleai__sha256_begin(&state);
    teleai__sha256_add(&state, text, *bytes);
    teleai__sha256_end(&state, hash);
    free(text);
}

/* Makes the manifest say of a file what it is now: what somebody would do who wants it to be believed. */
static inline void reseal(const char *table, long long rows) {
    char name[40], start[80], old[400], new[400], hash[TELEAI__SHA256_BYTES];
    size_t bytes, length;
    snprintf(name, sizeof name, "%s.copy", table);
    hash_of(path_of(name), hash, &bytes);
    char *text = read_whole(path_of("manifest.json"), &length);
    snprintf(start, sizeof start, "{\"table\": \"%s\"", table);
    char *at = strstr(text, start), *end = at == NULL ? NULL : strstr(at, "\"columns\"");
    cr_assert(end != NULL);
    snprintf(old, sizeof old, "%.*s", (int)(end - at), at);
    snprintf(new, sizeof new, "%s, \"file\": \"%s\", \"rows\": %lld, \"bytes\": %zu, \"sha256\": \"%s\", ", start, name,
             rows, bytes, hash);
    free(text);
    edit("manifest.json", old, new);
}

#endif
