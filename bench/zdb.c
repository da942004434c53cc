/* libzdb: text both ways; a connection keeps its statements only while it is out of the pool. */
#include "subject.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zdb.h>

const char subject_version[] = "libzdb " ZDB_VERSION;

typedef struct audio {
    const char *id, *user_id, *file_name, *file_path, *mime_type, *status, *error_message, *metadata;
    long long size;
    double duration;
    time_t uploaded, started, completed, created, updated;
    int sample_rate, channels, bit_rate;
} audio;

typedef struct speech {
    const char *id, *audio_file_id, *user_id, *text, *language_code, *status, *engine, *engine_version, *error_message,
        *metadata;
    double confidence;
    time_t started, completed, created, updated;
    int word_count, duration_ms;
} speech;

static URL_T url;
static ConnectionPool_T pool;
static Connection_T connection;
static PreparedStatement_T get, list, create, copy;

#define GET "select " AUDIO_COLUMNS " from audio_files where id = ?"

void subject_open(void) {
    const char *host = getenv("PGHOST"), *port = getenv("PGPORT");
    int local = host[0] == '/';
    url = URL_create("postgresql://%s:%s/%s?user=%s&password=none%s%s", local ? "localhost" : host,
                     port == NULL ? "5432" : port, getenv("PGDATABASE"), getenv("PGUSER"), local ? "&unix-socket=" : "",
                     local ? host : "");
    pool = ConnectionPool_new(url);
    ConnectionPool_setInitialConnections(pool, POOL_CONNECTIONS + 1);
    ConnectionPool_setMaxConnections(pool, POOL_CONNECTIONS + 1);
    TRY {
        ConnectionPool_start(pool);
        connection = ConnectionPool_getConnection(pool); /* the other POOL_CONNECTIONS are for W2 */
        get = Connection_prepareStatement(connection, GET);
        list = Connection_prepareStatement(connection, "select " AUDIO_COLUMNS " from audio_files where user_id = ? "
                                                       "order by created_at desc, id desc limit ?");
        create = Connection_prepareStatement(
            connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, "
                        "sample_rate, channels) values (?, ?, ?, ?, ?, ?, ?) returning " AUDIO_COLUMNS);
        copy = Connection_prepareStatement(
            connection, "insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, "
                        "mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, metadata) "
                        "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }
    ELSE { subject_die("open", Exception_frame.message); }
    END_TRY;
}

void subject_close(void) {
    Connection_close(connection);
    ConnectionPool_free(&pool);
    URL_free(&url);
}

static time_t time_at(ResultSet_T result, int column) {
    return ResultSet_isnull(result, column) ? 0 : ResultSet_getTimestamp(result, column);
}

static size_t decoded_audio(ResultSet_T result) {
    size_t rows = 0;
    while (ResultSet_next(result)) {
        audio one = {
            .id = ResultSet_getString(result, 1),
            .user_id = ResultSet_getString(result, 2),
            .file_name = ResultSet_getString(result, 3),
            .file_path = ResultSet_getString(result, 4),
            .size = ResultSet_getLLong(result, 5),
            .duration = ResultSet_getDouble(result, 6),
            .mime_type = ResultSet_getString(result, 7),
            .sample_rate = ResultSet_getInt(result, 8),
            .channels = ResultSet_getInt(result, 9),
            .bit_rate = ResultSet_getInt(result, 10),
            .status = ResultSet_getString(result, 11),
            .uploaded = time_at(result, 12),
            .started = time_at(result, 13),
            .completed = time_at(result, 14),
            .error_message = ResultSet_getString(result, 15),
            .metadata = ResultSet_getString(result, 16),
            .created = time_at(result, 17),
            .updated = time_at(result, 18),
        };
        rows += one.file_name != NULL;
    }
    return rows;
}

static size_t run_get(PreparedStatement_T statement, const subject_id *id) {
    PreparedStatement_setString(statement, 1, id->text);
    return decoded_audio(PreparedStatement_executeQuery(statement));
}

static size_t w1(size_t turn) { return run_get(get, subject_file(turn)); }

static size_t w2(size_t turn) {
    Connection_T mine;
    while ((mine = ConnectionPool_getConnection(pool)) == NULL)
        sched_yield(); /* a pool that is empty says so at once */
    size_t rows = run_get(Connection_prepareStatement(mine, GET), subject_file(turn));
    Connection_close(mine);
    return rows;
}

static size_t w3(size_t turn) {
    PreparedStatement_setString(list, 1, subject_user(turn)->text);
    PreparedStatement_setInt(list, 2, NEWEST);
    return decoded_audio(PreparedStatement_executeQuery(list));
}

static size_t w4(size_t turn) {
    PreparedStatement_setString(create, 1, subject_user(turn)->text);
    PreparedStatement_setString(create, 2, "call.wav");
    PreparedStatement_setString(create, 3, "/calls/call.wav");
    PreparedStatement_setLLong(create, 4, 1843200);
    PreparedStatement_setString(create, 5, "audio/wav");
    PreparedStatement_setInt(create, 6, 16000);
    PreparedStatement_setInt(create, 7, 1);
    return decoded_audio(PreparedStatement_executeQuery(create));
}

static size_t w5(size_t turn) {
    (void)turn;
    const subject_audio *rows = subject_audio_rows();
    Connection_beginTransaction(connection);
    for (size_t i = 0; i < AUDIO_ROWS; i++) {
        PreparedStatement_setString(copy, 1, rows[i].user->text);
        PreparedStatement_setString(copy, 2, rows[i].name);
        PreparedStatement_setString(copy, 3, rows[i].path);
        PreparedStatement_setLLong(copy, 4, rows[i].size);
        PreparedStatement_setDouble(copy, 5, (double)rows[i].duration_ms / 1000);
        PreparedStatement_setString(copy, 6, "audio/wav");
        PreparedStatement_setInt(copy, 7, 16000);
        PreparedStatement_setInt(copy, 8, 1);
        PreparedStatement_setInt(copy, 9, 256000);
        PreparedStatement_setString(copy, 10, "ready");
        PreparedStatement_setTimestamp(copy, 11, UPLOADED_AT_US / 1000000);
        PreparedStatement_setString(copy, 12, AUDIO_METADATA);
        PreparedStatement_execute(copy);
    }
    Connection_commit(connection);
    return AUDIO_ROWS;
}

static size_t w6(size_t turn) {
    (void)turn;
    size_t rows = 0;
    ResultSet_T result = Connection_executeQuery(connection, "%s", READ_ALL);
    while (ResultSet_next(result)) {
        speech one = {
            .id = ResultSet_getString(result, 1),
            .audio_file_id = ResultSet_getString(result, 2),
            .user_id = ResultSet_getString(result, 3),
            .text = ResultSet_getString(result, 4),
            .language_code = ResultSet_getString(result, 5),
            .confidence = ResultSet_getDouble(result, 6),
            .word_count = ResultSet_getInt(result, 7),
            .status = ResultSet_getString(result, 8),
            .engine = ResultSet_getString(result, 9),
            .engine_version = ResultSet_getString(result, 10),
            .started = time_at(result, 11),
            .completed = time_at(result, 12),
            .duration_ms = ResultSet_getInt(result, 13),
            .error_message = ResultSet_getString(result, 14),
            .metadata = ResultSet_getString(result, 15),
            .created = time_at(result, 16),
            .updated = time_at(result, 17),
        };
        rows += one.text != NULL;
    }
    return rows;
}

static size_t w7(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    size_t rows = 0;
    for (size_t i = 0; i < GETS; i++)
        rows += run_get(get, &ids[i]);
    return rows;
}

const subject_work subject_works[] = {
    {"W1", w1}, {"W2", w2}, {"W3", w3}, {"W4", w4}, {"W5", w5}, {"W6", w6}, {"W7", w7}, {NULL, NULL},
};
