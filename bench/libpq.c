#include "libpq.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                         \
    "id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, "    \
    "channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, " \
    "error_message, metadata, created_at, updated_at"

/* What a program that uses libpq by hand would keep of a row. */
typedef struct file {
    unsigned char id[16], user_id[16];
    const char *file_name, *file_path, *mime_type, *error_message, *metadata;
    int64_t size, duration_ms, uploaded, started, completed, created, updated;
    int32_t sample_rate, channels, bit_rate, status;
    bool has_duration, has_sample_rate, has_channels, has_bit_rate, has_uploaded, has_started, has_completed;
} file;

static void fail(PGconn *raw, const char *what) {
    fprintf(stderr, "%s: %s", what, PQerrorMessage(raw));
    exit(1);
}

PGconn *raw_open(const char *connection) {
    static const char *const statements[][2] = {
        {"get", "select " COLUMNS "\n  from audio_files\n where id = $1"},
        {"get_many", "select " COLUMNS "\n  from audio_files\n where id = any($1)"},
        {"list",
         "select " COLUMNS "\n  from audio_files\n where user_id = $1\n order by created_at desc, id desc\n limit $2"},
        {"create",
         "insert into audio_files (id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, "
         "sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, "
         "processing_completed_at, "
         "error_message, metadata)\nvalues ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11::audio_file_status, "
         "'uploaded'), $12, $13, $14, $15, coalesce($16::jsonb, '{}'))\nreturning " COLUMNS},
    };
    PGconn *raw = PQconnectdb(connection);
    if (PQstatus(raw) != CONNECTION_OK)
        fail(raw, "connect");
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        PGresult *result = PQprepare(raw, statements[i][0], statements[i][1], 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail(raw, statements[i][0]);
        PQclear(result);
    }
    return raw;
}

static int64_t take64(const char *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
    return (int64_t)be64toh(value);
}

static int32_t take32(const char *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return (int32_t)be32toh(value);
}

static int64_t take16(const char *bytes) {
    uint16_t value;
    memcpy(&value, bytes, 2);
    return (int16_t)be16toh(value);
}

static int64_t time_at(const PGresult *result, int row, int column, bool *has) {
    *has = !PQgetisnull(result, row, column);
    return *has ? take64(PQgetvalue(result, row, column)) + 946684800000000 : 0;
}

static int32_t int_at(const PGresult *result, int row, int column, bool *has) {
    *has = !PQgetisnull(result, row, column);
    return *has ? take32(PQgetvalue(result, row, column)) : 0;
}

static const char *text_at(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

static void decode(const PGresult *result, int row, file *out) {
    static const char *const statuses[] = {"uploaded", "processing", "ready", "error"};
    bool always;
    memcpy(out->id, PQgetvalue(result, row, 0), 16);
    memcpy(out->user_id, PQgetvalue(result, row, 1), 16);
    out->file_name = text_at(result, row, 2);
    out->file_path = text_at(result, row, 3);
    out->size = take64(PQgetvalue(result, row, 4));
    out->has_duration = !PQgetisnull(result, row, 5);
    if (out->has_duration) {
        const char *numeric = PQgetvalue(result, row, 5);
        int64_t value = 0, digits = take16(numeric), weight = take16(numeric + 2);
        for (int64_t i = 0; i < digits; i++) {
            int64_t digit = take16(numeric + 8 + 2 * i);
            for (int64_t power = weight - i; power >= 0; power--)
                digit *= 10000;
            value += digit; /* in 10000ths */
        }
        out->duration_ms = value / 10;
    }
    out->mime_type = text_at(result, row, 6);
    out->sample_rate = int_at(result, row, 7, &out->has_sample_rate);
    out->channels = int_at(result, row, 8, &out->has_channels);
    out->bit_rate = int_at(result, row, 9, &out->has_bit_rate);
    for (int32_t i = 0; i < 4; i++)
        if (strcmp(PQgetvalue(result, row, 10), statuses[i]) == 0)
            out->status = i + 1;
    out->uploaded = time_at(result, row, 11, &out->has_uploaded);
    out->started = time_at(result, row, 12, &out->has_started);
    out->completed = time_at(result, row, 13, &out->has_completed);
    out->error_message = text_at(result, row, 14);
    out->metadata = PQgetvalue(result, row, 15) + 1;
    out->created = time_at(result, row, 16, &always);
    out->updated = time_at(result, row, 17, &always);
}

static size_t run(PGconn *raw, const char *name, int count, const char *const *values, const int *lengths,
                  const int *formats) {
    PGresult *result = PQexecPrepared(raw, name, count, values, lengths, formats, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail(raw, name);
    int rows = PQntuples(result);
    file *files = malloc((size_t)(rows == 0 ? 1 : rows) * sizeof *files);
    for (int i = 0; i < rows; i++)
        decode(result, i, &files[i]);
    size_t decoded = (size_t)rows;
    if (rows > 0 && files[rows - 1].file_name == NULL)
        decoded = 0;
    free(files);
    PQclear(result);
    return decoded;
}

size_t raw_get(PGconn *raw, const teleai_uuid *id) {
    const char *values[] = {(const char *)id->bytes};
    return run(raw, "get", 1, values, (int[]){16}, (int[]){1});
}

size_t raw_list(PGconn *raw, const teleai_uuid *user_id) {
    int64_t limit = (int64_t)htobe64(50);
    const char *values[] = {(const char *)user_id->bytes, (const char *)&limit};
    return run(raw, "list", 2, values, (int[]){16, 8}, (int[]){1, 1});
}

size_t raw_get_many(PGconn *raw, const teleai_uuid *ids, size_t count) {
    size_t length = 20 + 20 * count;
    unsigned char *array = malloc(length);
    uint32_t head[5] = {htobe32(1), 0, htobe32(2950), htobe32((uint32_t)count), htobe32(1)}, sixteen = htobe32(16);
    memcpy(array, head, 20);
    for (size_t i = 0; i < count; i++) {
        memcpy(array + 20 + 20 * i, &sixteen, 4);
        memcpy(array + 24 + 20 * i, ids[i].bytes, 16);
    }
    const char *values[] = {(const char *)array};
    size_t rows = run(raw, "get_many", 1, values, (int[]){(int)length}, (int[]){1});
    free(array);
    return rows;
}

size_t raw_create(PGconn *raw, const teleai_uuid *user_id) {
    teleai_uuid id;
    teleai_uuid_make(&id);
    int64_t size = (int64_t)htobe64(1843200);
    int32_t rate = (int32_t)htobe32(16000), channels = (int32_t)htobe32(1);
    const char *values[16] = {(const char *)id.bytes,
                              (const char *)user_id->bytes,
                              "call.wav",
                              "/calls/call.wav",
                              (const char *)&size,
                              NULL,
                              "audio/wav",
                              (const char *)&rate,
                              (const char *)&channels};
    int lengths[16] = {16, 16, 8, 15, 8, 0, 9, 4, 4}, formats[16];
    for (int i = 0; i < 16; i++)
        formats[i] = 1;
    return run(raw, "create", 16, values, lengths, formats);
}
