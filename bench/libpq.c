/* The measure: the same work through bare libpq, prepared once, binary both ways, every column decoded. */
#include "libpq_copy.h"
#include "subject.h"

#include <endian.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <teleai.h>

const char subject_version[] = "libpq " LIBPQ_VERSION;

#define EPOCH_US 946684800000000

/* What a program that uses libpq by hand would keep of a row. */
typedef struct audio {
    unsigned char id[16], user_id[16];
    const char *file_name, *file_path, *mime_type, *error_message, *metadata;
    int64_t size, duration_ms, uploaded, started, completed, created, updated;
    int32_t sample_rate, channels, bit_rate, status;
    bool has_duration, has_sample_rate, has_channels, has_bit_rate, has_uploaded, has_started, has_completed;
} audio;

typedef struct speech {
    unsigned char id[16], audio_file_id[16], user_id[16];
    const char *text, *language_code, *engine, *engine_version, *error_message, *metadata;
    int64_t text_bytes, started, completed, created, updated;
    double confidence;
    int32_t word_count, duration_ms, status;
    bool has_confidence, has_word_count, has_duration, has_started, has_completed;
} speech;

/* ---- connections: one for most works, and the plainest pool there is for W2 ---- */

static PGconn *connections[POOL_CONNECTIONS], *raw;
static PGconn *idle[POOL_CONNECTIONS];
static size_t idle_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t returned = PTHREAD_COND_INITIALIZER;

static PGconn *take(void) {
    pthread_mutex_lock(&mutex);
    while (idle_count == 0)
        pthread_cond_wait(&returned, &mutex);
    PGconn *connection = idle[--idle_count];
    pthread_mutex_unlock(&mutex);
    return connection;
}

static void give_back(PGconn *connection) {
    pthread_mutex_lock(&mutex);
    idle[idle_count++] = connection;
    pthread_cond_signal(&returned);
    pthread_mutex_unlock(&mutex);
}

static PGconn *open_one(void) {
    static const char *const statements[][2] = {
        {"get", "select " AUDIO_COLUMNS "\n  from audio_files\n where id = $1"},
        {"get_many", "select " AUDIO_COLUMNS "\n  from audio_files\n where id = any($1)"},
        {"list", NEWEST_OF_USER},
        {"create",
         "insert into audio_files (id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, "
         "sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, "
         "processing_completed_at, "
         "error_message, metadata)\nvalues ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11::audio_file_status, "
         "'uploaded'), $12, $13, $14, $15, coalesce($16::jsonb, '{}'))\nreturning " AUDIO_COLUMNS},
    };
    PGconn *connection = PQconnectdb("");
    if (PQstatus(connection) != CONNECTION_OK)
        subject_die("connect", PQerrorMessage(connection));
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        PQclear(
            expect(PQprepare(connection, statements[i][0], statements[i][1], 0, NULL), PGRES_COMMAND_OK, "prepare"));
    return connection;
}

void subject_open(void) {
    for (size_t i = 0; i < POOL_CONNECTIONS; i++)
        give_back(connections[i] = open_one());
    raw = connections[0];
}

void subject_close(void) {
    for (size_t i = 0; i < POOL_CONNECTIONS; i++)
        PQfinish(connections[i]);
}

/* ---- reading ---- */

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
    return *has ? take64(PQgetvalue(result, row, column)) + EPOCH_US : 0;
}

static int32_t int_at(const PGresult *result, int row, int column, bool *has) {
    *has = !PQgetisnull(result, row, column);
    return *has ? take32(PQgetvalue(result, row, column)) : 0;
}

static const char *text_at(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

/* In 10000ths. */
static int64_t numeric_at(const PGresult *result, int row, int column, bool *has) {
    *has = !PQgetisnull(result, row, column);
    if (!*has)
        return 0;
    const char *numeric = PQgetvalue(result, row, column);
    int64_t value = 0, digits = take16(numeric), weight = take16(numeric + 2);
    for (int64_t i = 0; i < digits; i++) {
        int64_t digit = take16(numeric + 8 + 2 * i);
        for (int64_t power = weight - i; power >= 0; power--)
            digit *= 10000;
        value += digit;
    }
    return value;
}

static int32_t label_at(const PGresult *result, int row, int column, const char *const labels[4]) {
    for (int32_t i = 0; i < 4; i++)
        if (strcmp(PQgetvalue(result, row, column), labels[i]) == 0)
            return i + 1;
    return 0;
}

static void decode_audio(const PGresult *result, int row, audio *out) {
    static const char *const statuses[] = {"uploaded", "processing", "ready", "error"};
    bool always;
    memcpy(out->id, PQgetvalue(result, row, 0), 16);
    memcpy(out->user_id, PQgetvalue(result, row, 1), 16);
    out->file_name = text_at(result, row, 2);
    out->file_path = text_at(result, row, 3);
    out->size = take64(PQgetvalue(result, row, 4));
    out->duration_ms = numeric_at(result, row, 5, &out->has_duration) / 10;
    out->mime_type = text_at(result, row, 6);
    out->sample_rate = int_at(result, row, 7, &out->has_sample_rate);
    out->channels = int_at(result, row, 8, &out->has_channels);
    out->bit_rate = int_at(result, row, 9, &out->has_bit_rate);
    out->status = label_at(result, row, 10, statuses);
    out->uploaded = time_at(result, row, 11, &out->has_uploaded);
    out->started = time_at(result, row, 12, &out->has_started);
    out->completed = time_at(result, row, 13, &out->has_completed);
    out->error_message = text_at(result, row, 14);
    out->metadata = PQgetvalue(result, row, 15) + 1;
    out->created = time_at(result, row, 16, &always);
    out->updated = time_at(result, row, 17, &always);
}

static void decode_speech(const PGresult *result, int row, speech *out) {
    static const char *const statuses[] = {"pending", "processing", "completed", "failed"};
    bool always;
    memcpy(out->id, PQgetvalue(result, row, 0), 16);
    memcpy(out->audio_file_id, PQgetvalue(result, row, 1), 16);
    memcpy(out->user_id, PQgetvalue(result, row, 2), 16);
    out->text = text_at(result, row, 3);
    out->text_bytes = PQgetlength(result, row, 3);
    out->language_code = text_at(result, row, 4);
    out->confidence = (double)numeric_at(result, row, 5, &out->has_confidence) / 10000;
    out->word_count = int_at(result, row, 6, &out->has_word_count);
    out->status = label_at(result, row, 7, statuses);
    out->engine = text_at(result, row, 8);
    out->engine_version = text_at(result, row, 9);
    out->started = time_at(result, row, 10, &out->has_started);
    out->completed = time_at(result, row, 11, &out->has_completed);
    out->duration_ms = int_at(result, row, 12, &out->has_duration);
    out->error_message = text_at(result, row, 13);
    out->metadata = PQgetvalue(result, row, 14) + 1;
    out->created = time_at(result, row, 15, &always);
    out->updated = time_at(result, row, 16, &always);
}

/* Decodes all rows into an array of structs, as a program would that goes on to use them. */
static size_t decoded_audio(PGresult *result) {
    int rows = PQntuples(expect(result, PGRES_TUPLES_OK, "read"));
    audio *all = malloc((size_t)(rows + 1) * sizeof *all);
    for (int i = 0; i < rows; i++)
        decode_audio(result, i, &all[i]);
    size_t decoded = rows > 0 && all[rows - 1].file_name != NULL ? (size_t)rows : 0;
    free(all);
    PQclear(result);
    return decoded;
}

static size_t decoded_speech(PGresult *result) {
    int rows = PQntuples(expect(result, PGRES_TUPLES_OK, "read"));
    speech *all = malloc((size_t)(rows + 1) * sizeof *all);
    for (int i = 0; i < rows; i++)
        decode_speech(result, i, &all[i]);
    size_t decoded = rows > 0 && all[rows - 1].text != NULL ? (size_t)rows : 0;
    free(all);
    PQclear(result);
    return decoded;
}

static size_t get(PGconn *connection, const subject_id *id) {
    const char *values[] = {(const char *)id->bytes};
    return decoded_audio(PQexecPrepared(connection, "get", 1, values, (int[]){16}, (int[]){1}, 1));
}

static size_t w1(size_t turn) { return get(raw, subject_file(turn)); }

/* The same for a program that does not wait for ever. */
static size_t w1_deadline(size_t turn) {
    const char *values[] = {(const char *)subject_file(turn)->bytes};
    if (!PQsendQueryPrepared(raw, "get", 1, values, (int[]){16}, (int[]){1}, 1))
        subject_die("read", PQerrorMessage(raw));
    struct pollfd watched = {.fd = PQsocket(raw), .events = POLLIN};
    while (PQisBusy(raw))
        if (poll(&watched, 1, 30000) != 1 || !PQconsumeInput(raw))
            subject_die("read", "no answer in time");
    size_t rows = decoded_audio(PQgetResult(raw));
    PQclear(PQgetResult(raw)); /* NULL: the end */
    return rows;
}

static size_t w2(size_t turn) {
    PGconn *connection = take();
    size_t rows = get(connection, subject_file(turn));
    give_back(connection);
    return rows;
}

static size_t w3(size_t turn) {
    int64_t limit = (int64_t)htobe64(NEWEST);
    const char *values[] = {(const char *)subject_user(turn)->bytes, (const char *)&limit};
    return decoded_audio(PQexecPrepared(raw, "list", 2, values, (int[]){16, 8}, (int[]){1, 1}, 1));
}

static size_t w6(size_t turn) {
    (void)turn;
    return decoded_speech(PQexecParams(raw, READ_ALL, 0, NULL, NULL, NULL, NULL, 1));
}

static size_t w6_single(size_t turn) {
    (void)turn;
    size_t rows = 0;
    speech one;
    if (!PQsendQueryParams(raw, READ_ALL, 0, NULL, NULL, NULL, NULL, 1) || !PQsetSingleRowMode(raw))
        subject_die("read", PQerrorMessage(raw));
    for (PGresult *result; (result = PQgetResult(raw)) != NULL; PQclear(result)) {
        if (PQresultStatus(result) != PGRES_SINGLE_TUPLE) {
            expect(result, PGRES_TUPLES_OK, "read");
            continue;
        }
        decode_speech(result, 0, &one);
        rows += one.text != NULL;
    }
    return rows;
}

static size_t w7(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    size_t rows = 0;
    for (size_t i = 0; i < GETS; i++)
        rows += get(raw, &ids[i]);
    return rows;
}

static size_t w7_pipeline(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    size_t rows = 0;
    bool good = PQenterPipelineMode(raw);
    for (size_t i = 0; i < GETS; i++) {
        const char *values[] = {(const char *)ids[i].bytes};
        good = good && PQsendQueryPrepared(raw, "get", 1, values, (int[]){16}, (int[]){1}, 1);
    }
    if (!good || !PQpipelineSync(raw))
        subject_die("pipeline", PQerrorMessage(raw));
    for (size_t i = 0; i < GETS; i++) {
        rows += decoded_audio(PQgetResult(raw));
        PQclear(PQgetResult(raw)); /* NULL: the end of this one */
    }
    PQclear(expect(PQgetResult(raw), PGRES_PIPELINE_SYNC, "pipeline"));
    PQexitPipelineMode(raw);
    return rows;
}

static size_t w7_any(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    unsigned char array[20 + 20 * GETS];
    uint32_t head[5] = {htobe32(1), 0, htobe32(2950), htobe32(GETS), htobe32(1)}, sixteen = htobe32(16);
    memcpy(array, head, 20);
    for (size_t i = 0; i < GETS; i++) {
        memcpy(array + 20 + 20 * i, &sixteen, 4);
        memcpy(array + 24 + 20 * i, ids[i].bytes, 16);
    }
    const char *values[] = {(const char *)array};
    return decoded_audio(PQexecPrepared(raw, "get_many", 1, values, (int[]){sizeof array}, (int[]){1}, 1));
}

/* The documented query, ranked: over all matches, each text taken apart anew. */
static size_t search(size_t turn) {
    (void)turn;
    const char *values[] = {SEARCHED_WORD};
    return decoded_speech(
        PQexecParams(raw,
                     "select " SPEECH_COLUMNS ", ts_rank(to_tsvector('english', transcription_text), query) as rank\n"
                     "  from transcriptions, plainto_tsquery('english', $1) as query\n"
                     " where to_tsvector('english', transcription_text) @@ query\n order by rank desc\n limit 20",
                     1, NULL, values, NULL, NULL, 1));
}

/* ---- writing ---- */

static size_t w4(size_t turn) {
    teleai_uuid id;
    teleai_uuid_make(&id);
    int64_t size = (int64_t)htobe64(1843200);
    int32_t rate = (int32_t)htobe32(16000), channels = (int32_t)htobe32(1);
    const char *values[16] = {(const char *)id.bytes,
                              (const char *)subject_user(turn)->bytes,
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
    return decoded_audio(PQexecPrepared(raw, "create", 16, values, lengths, formats, 1));
}

static size_t w5(size_t turn) {
    (void)turn;
    static copy it;
    copy_begin(&it, raw,
               "copy audio_files (id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, "
               "sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, "
               "processing_completed_at, error_message, metadata) from stdin binary");
    const subject_audio *rows = subject_audio_rows();
    for (size_t i = 0; i < AUDIO_ROWS; i++) {
        teleai_uuid id;
        teleai_uuid_make(&id);
        put16(&it, 16);
        put_bytes(&it, id.bytes, 16);
        put_bytes(&it, rows[i].user->bytes, 16);
        put_text(&it, rows[i].name);
        put_text(&it, rows[i].path);
        put_long(&it, rows[i].size);
        put_numeric(&it, rows[i].duration_ms / 10);
        put_text(&it, "audio/wav");
        put_int(&it, 16000);
        put_int(&it, 1);
        put_int(&it, 256000);
        put_text(&it, "ready");
        put_long(&it, UPLOADED_AT_US - EPOCH_US);
        put_nulls(&it, 3);
        put_json(&it, AUDIO_METADATA);
        if (it.at > it.bytes + sizeof it.bytes - 4096)
            copy_send(&it);
    }
    return copy_end(&it);
}

static size_t load_transcriptions(size_t turn) {
    (void)turn;
    static copy it;
    copy_begin(&it, raw,
               "copy transcriptions (id, audio_file_id, user_id, transcription_text, language_code, "
               "confidence_score, word_count, status, engine) from stdin binary");
    const subject_speech *rows = subject_speech_rows(0);
    for (size_t i = 0; i < SPEECH_ROWS; i++) {
        teleai_uuid id;
        teleai_uuid_make(&id);
        put16(&it, 9);
        put_bytes(&it, id.bytes, 16);
        put_bytes(&it, rows[i].file->bytes, 16);
        put_bytes(&it, rows[i].user->bytes, 16);
        put_text(&it, rows[i].text);
        put_text(&it, "en");
        put_numeric(&it, 93);
        put_int(&it, 300);
        put_text(&it, "completed");
        put_text(&it, "bench");
        if (it.at > it.bytes + sizeof it.bytes - 8192)
            copy_send(&it);
    }
    return copy_end(&it);
}

const subject_work subject_works[] = {
    {"W1", w1},
    {"W1_deadline", w1_deadline},
    {"W2", w2},
    {"W3", w3},
    {"W4", w4},
    {"W5", w5},
    {"W6", w6},
    {"W6_single", w6_single},
    {"W7", w7},
    {"W7_pipeline", w7_pipeline},
    {"W7_get_many", w7_any},
    {"search_ranked_common", search},
    {"load_audio_files", w5},
    {"load_transcriptions", load_transcriptions},
    {NULL, NULL},
};
