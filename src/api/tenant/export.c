/* Taking a tenant out: its rows as the server writes them for COPY, table by table, and a manifest that tells what is there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/tenant/job.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/files.h"
#include "run/copy_out.h"

#define MANIFEST_BEGUN TELEAI__MANIFEST ".part"

typedef struct export_table {
    int64_t rows, bytes;
    char sha256[TELEAI__SHA256_BYTES];
} export_table;

/* Columns of one table. */
typedef struct table_columns {
    const char *names_json; /* for the manifest */
    const char *list;       /* for SQL */
} table_columns;

typedef struct table_columns_list {
    size_t count;
    const table_columns *const *items;
    const char *next_cursor;
} table_columns_list;

typedef struct export_job {
    teleai_tenant_job job;
    teleai__tenant_sizes *sizes;
    table_columns_list *columns;
    int table;
    export_table tables[TELEAI__TENANT_TABLE_COUNT];
    teleai__copy_out transfer;
    teleai__files folder;
    teleai__file file;
} export_job;

/* ---- columns ---- */

#define RECORD table_columns
static const teleai__column columns[] = {
    TELEAI__COLUMN_TEXT("names", names_json),
    TELEAI__COLUMN_TEXT("list", list),
};
#undef RECORD

static const teleai__row row = {
    .noun = "table", .size = sizeof(table_columns), .columns = columns, .count = (int)TELEAI__COUNT(columns)};

/* Asked for, so that columns which a later version, or the owner of the database, has added come too. What is computed from
 * others does not: it cannot be written. */
static const char columns_sql[] = "select json_agg(a.attname order by a.attnum)::text as names,\n"
                                  "       string_agg(quote_ident(a.attname), ', ' order by a.attnum) as list\n"
                                  "  from unnest(" TELEAI__TENANT_TABLES_SQL ") with ordinality as t (name, position)\n"
                                  "  join pg_catalog.pg_attribute a on a.attrelid = to_regclass(t.name)\n"
                                  " where a.attnum > 0\n"
                                  "   and not a.attisdropped\n"
                                  "   and a.attgenerated = ''\n"
                                  " group by t.position\n"
                                  " order by t.position";

static teleai_status read_columns(export_job *it, const char *name, teleai_error *error) {
    teleai__params none;
    teleai__params_init(&none);
    teleai__operation operation = {
        .statement = {.name = name, .sql = columns_sql},
        .params = &none,
        .decode = teleai__decode_list,
        .out = &it->columns,
        .row = &row,
        .noun = row.noun,
        .limit = TELEAI__TENANT_TABLE_COUNT,
    };
    teleai_status status = teleai__run(it->job.client, &operation, error);
    if (status == TELEAI_OK && it->columns->count != TELEAI__TENANT_TABLE_COUNT)
        status = teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: a table of the schema is missing", name);
    return status;
}

/* ---- manifest ---- */

static teleai_status write_manifest(export_job *it, teleai_error *error) {
    teleai_status status = teleai__file_make(&it->file, &it->folder, MANIFEST_BEGUN, error);
    char text[512];
    int length = snprintf(text, sizeof text,
                          "{\n  \"format\": \"" TELEAI__MANIFEST_FORMAT "\",\n  \"format_version\": %d,\n"
                          "  \"library_version\": \"%s\",\n  \"schema_version\": %" PRId64 ",\n  \"tenant\": ",
                          TELEAI__MANIFEST_VERSION, teleai_version(), it->sizes->schema_version);
    if (status == TELEAI_OK)
        status = teleai__file_write(&it->file, text, (size_t)length, error);
    if (status == TELEAI_OK)
        status = teleai__file_write(&it->file, it->sizes->tenant_json, strlen(it->sizes->tenant_json), error);
    static const char begin[] = ",\n  \"files\": [\n", end[] = "\n  ]\n}\n";
    if (status == TELEAI_OK)
        status = teleai__file_write(&it->file, begin, sizeof begin - 1, error);
    for (int i = 0; status == TELEAI_OK && i < TELEAI__TENANT_TABLE_COUNT; i++) {
        const export_table *table = &it->tables[i];
        const char *names = it->columns->items[i]->names_json;
        length = snprintf(text, sizeof text,
                          "%s    {\"table\": \"%s\", \"file\": \"%s\", \"rows\": %" PRId64 ", \"bytes\": %" PRId64
                          ",\n     \"sha256\": \"%s\",\n     \"columns\": ",
                          i == 0 ? "" : ",\n", teleai__tenant_tables[i], teleai__tenant_files[i], table->rows,
                          table->bytes, table->sha256);
        status = teleai__file_write(&it->file, text, (size_t)length, error);
        if (status == TELEAI_OK)
            status = teleai__file_write(&it->file, names, strlen(names), error);
        if (status == TELEAI_OK)
            status = teleai__file_write(&it->file, "}", 1, error);
    }
    if (status == TELEAI_OK)
        status = teleai__file_write(&it->file, end, sizeof end - 1, error);
    if (status == TELEAI_OK)
        status = teleai__file_finish(&it->file, NULL, error);
    if (status == TELEAI_OK)
        status = teleai__files_rename(&it->folder, MANIFEST_BEGUN, TELEAI__MANIFEST, error);
    return status == TELEAI_OK ? teleai__files_sync(&it->folder, error) : status;
}

/* ---- steps ---- */

static teleai_status take(void *sink, const char *line, size_t bytes, teleai_error *error) {
    return teleai__file_write(sink, line, bytes, error);
}

static teleai_status begin_table(export_job *it, teleai_error *error) {
    char sql[TELEAI__COPY_SQL_BYTES], id[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&it->job.tenant, id); /* nothing in it could end a quoted text */
    int length = snprintf(sql, sizeof sql, "copy (select %s from %s where tenant_id = '%s' order by id) to stdout",
                          it->columns->items[it->table]->list, teleai__tenant_tables[it->table], id);
    if (length >= (int)sizeof sql)
        return teleai__fail(error, TELEAI_UNSUPPORTED, "%s: the table %s has too many columns", it->job.kind->name,
                            teleai__tenant_tables[it->table]);
    teleai_status status = teleai__file_make(&it->file, &it->folder, teleai__tenant_files[it->table], error);
    return status == TELEAI_OK ? teleai__copy_out_begin(&it->transfer, sql, error) : status;
}

static teleai_status end_table(export_job *it, teleai_error *error) {
    export_table *table = &it->tables[it->table++];
    table->rows = it->transfer.rows;
    table->bytes = it->file.bytes;
    return teleai__file_finish(&it->file, table->sha256, error);
}

static teleai_status step(teleai_tenant_job *job, teleai_error *error) {
    export_job *it = (export_job *)job;
    int64_t left_rows = TELEAI__COPY_OUT_ROWS, left_bytes = TELEAI__COPY_OUT_BYTES;
    while (it->table < TELEAI__TENANT_TABLE_COUNT && left_rows > 0 && left_bytes > 0) {
        int64_t rows = left_rows, bytes = left_bytes;
        teleai_status status = it->transfer.running ? TELEAI_OK : begin_table(it, error);
        if (status == TELEAI_OK)
            status = teleai__copy_out_next(&it->transfer, &left_rows, &left_bytes, error);
        if (status != TELEAI_OK)
            return status;
        teleai__job_count(job, it->table, rows - left_rows);
        job->progress.bytes_done += bytes - left_bytes;
        if (!it->transfer.running)
            status = end_table(it, error);
        if (status != TELEAI_OK)
            return status;
    }
    if (it->table < TELEAI__TENANT_TABLE_COUNT)
        return TELEAI_OK;
    teleai_status status = write_manifest(it, error);
    job->progress.done = status == TELEAI_OK;
    return status;
}

static void remove_files(const export_job *it) {
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        teleai__files_remove_file(&it->folder, teleai__tenant_files[i]);
    teleai__files_remove_file(&it->folder, MANIFEST_BEGUN);
    teleai__files_remove_file(&it->folder, TELEAI__MANIFEST);
    teleai__files_remove(&it->folder);
}

static void end(teleai_tenant_job *job, bool abandon) {
    export_job *it = (export_job *)job;
    teleai__file_close(&it->file);
    if (it->folder.handle >= 0 && !job->progress.done && !abandon)
        remove_files(it);
    teleai__files_close(&it->folder);
    if (job->client != NULL && !abandon)
        teleai__copy_out_stop(&it->transfer);
    teleai_close(job->client); /* nothing was written: rolled back or committed is the same */
    teleai__arena_free(it->sizes);
    teleai__arena_free(it->columns);
}

static const teleai__job_kind kind = {.name = "tenant_export", .step = step, .end = end};

/* ---- opening ---- */

/* What the database has to say comes first: a folder is made only for a tenant that exists. */
static teleai_status begin(export_job *it, teleai_client *client, const char *name, const char *folder,
                           teleai_error *error) {
    static const teleai_transaction_options options = {
        .struct_size = sizeof options, .isolation = TELEAI_ISOLATION_REPEATABLE_READ, .read_only = true};
    teleai_status status = teleai__job_begin(&it->job, client, name, &options, error);
    if (status == TELEAI_OK)
        status = teleai__tenant_measure(it->job.client, name, &it->job.tenant, &it->sizes, error);
    if (status == TELEAI_OK)
        status = read_columns(it, name, error);
    if (status == TELEAI_OK)
        status = teleai__files_make(&it->folder, name, folder, error);
    if (status != TELEAI_OK)
        return status;
    for (int i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        it->job.progress.rows_total += it->sizes->rows[i];
    it->folder.name = kind.name;
    it->transfer = (teleai__copy_out){.client = it->job.client, .name = kind.name, .take = take, .sink = &it->file};
    return TELEAI_OK;
}

teleai_status teleai_tenant_export_open(teleai_client *client, const teleai_uuid *id, const char *folder,
                                        teleai_tenant_job **out, teleai_error *error) {
    static const char name[] = "tenant_export_open";
    if (out == NULL)
        return teleai__fail_out("job", error);
    *out = NULL;
    teleai_status status = teleai__id_check("id", id, error);
    if (status == TELEAI_OK)
        status = teleai__text_check("folder", folder, 1, 0, error);
    export_job *it = NULL;
    if (status == TELEAI_OK)
        status = teleai__job_make(client, &kind, name, sizeof *it, &it, error);
    if (status != TELEAI_OK)
        return status;
    it->job.tenant = *id;
    it->file.handle = it->folder.handle = -1;
    status = begin(it, client, name, folder, error);
    if (status != TELEAI_OK) {
        teleai__job_drop(&it->job);
        return status;
    }
    *out = &it->job;
    return teleai__ok(error);
}
