/* Streams: every row once, in order, in pieces, and a connection that can be used afterwards. */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(stream);

static teleai_uuid user;

static void make_files(int count) {
    harness_user(db, &user);
    char text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&user, text);
    harness_sql("insert into audio_files (user_id, file_name, file_path, mime_type, file_size_bytes, created_at) "
                "select '%s', 'call' || i, '/x', 'audio/wav', i, now() + i * interval '1 second' "
                "from generate_series(1, %d) i",
                text, count);
}

static teleai_pool_stats stats(void) {
    teleai_pool_stats now;
    OK(teleai_pool_stats_get(db, &now, &error));
    return now;
}

/* Reads the whole stream; the sizes are in order, 1 after 1. */
static int64_t read_all(teleai_stream *stream, int64_t first, int64_t step, int *pieces) {
    teleai_audio_files *piece;
    int64_t expected = first;
    for (*pieces = 0;; ++*pieces) {
        OK(teleai_audio_file_stream_next(stream, &piece, &error));
        if (piece == NULL)
            break;
        cr_assert(piece->count > 0 && piece->next_cursor != NULL);
        for (size_t i = 0; i < piece->count; i++, expected += step)
            cr_assert(piece->items[i]->file_size_bytes == expected);
        teleai_audio_files_free(piece);
    }
    OK(teleai_audio_file_stream_next(stream, &piece, &error));
    cr_assert(piece == NULL);
    return (expected - first) / step;
}

Test(stream, reads_every_row_once) {
    static const int counts[] = {0, 1, 99, 100, 101, 200, 1234};
    for (size_t i = 0; i < 7; i++) {
        make_files(counts[i]);
        for (int32_t order = 0; order <= 1; order++) {
            teleai_page page = {.struct_size = sizeof page, .limit = 100, .order = order};
            teleai_stream *stream;
            int pieces;
            OK(teleai_audio_file_stream(db, NULL, &page, &stream, &error));
            int64_t rows = order == 0 ? read_all(stream, counts[i], -1, &pieces) : read_all(stream, 1, 1, &pieces);
            cr_assert(rows == counts[i] && pieces == (counts[i] + 99) / 100, "%d: %lld rows in %d pieces", counts[i],
                      (long long)rows, pieces);
            teleai_stream_close(stream);
        }
        harness_sql("delete from users");
    }
    cr_assert(stats().open_connections == 1 && stats().idle_connections == 1 && stats().discarded == 0);
}

Test(stream, stops_early_and_goes_on_with_a_cursor) {
    make_files(1000);
    char *cursor = NULL;
    int64_t rows = 0;
    for (int round = 0; round < 5; round++) {
        teleai_page page = {
            .struct_size = sizeof page, .limit = 100, .order = TELEAI_ORDER_OLDEST_FIRST, .cursor = cursor};
        teleai_stream *stream;
        teleai_audio_files *piece;
        OK(teleai_audio_file_stream(db, NULL, &page, &stream, &error));
        for (int i = 0; i < 2; i++) {
            OK(teleai_audio_file_stream_next(stream, &piece, &error));
            cr_assert(piece->items[0]->file_size_bytes == rows + 1);
            rows += (int64_t)piece->count;
            free(cursor);
            cursor = strdup(piece->next_cursor);
            teleai_audio_files_free(piece);
        }
        teleai_stream_close(stream);
        OK(teleai_ping(db, &error));
    }
    free(cursor);
    cr_assert(rows == 1000);
    cr_assert(stats().opened == 1 && stats().discarded == 0, "the connection was not to be used again");
    SAME_TEXT(harness_sql("select count(*) from pg_stat_activity where datname = current_database() and state like "
                          "'idle in%%'"),
              "0");
}

Test(stream, in_a_transaction_sees_its_rows) {
    make_files(250);
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_user_delete(transaction, &user, &error));
    teleai_stream *stream;
    int pieces;
    OK(teleai_audio_file_stream(transaction, NULL, NULL, &stream, &error));
    cr_assert(read_all(stream, 1, 1, &pieces) == 0);
    teleai_stream_close(stream);
    OK(teleai_transaction_rollback(transaction, &error));
    teleai_close(transaction);

    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    teleai_page page = {.struct_size = sizeof page, .limit = 100, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_audio_files *piece;
    OK(teleai_audio_file_stream(transaction, NULL, &page, &stream, &error));
    OK(teleai_audio_file_stream_next(stream, &piece, &error));
    int64_t count;
    OK(teleai_audio_file_count(transaction, NULL, &count, &error)); /* in between */
    cr_assert(count == 250 && piece->count == 100);
    teleai_audio_files_free(piece);
    cr_assert(read_all(stream, 101, 1, &pieces) == 150 && pieces == 2);
    teleai_stream_close(stream);
    OK(teleai_audio_file_stream(transaction, NULL, &page, &stream, &error));
    OK(teleai_transaction_commit(transaction, &error));
    teleai_close(transaction);
    FAILS(teleai_audio_file_stream_next(stream, &piece, &error), TELEAI_CLOSED, "");
    teleai_stream_close(stream);
    OK(teleai_ping(db, &error));
}

Test(stream, with_a_filter_in_a_scope) {
    make_files(300);
    teleai_uuid other;
    harness_user(db, &other);
    teleai_scope_options options = {.struct_size = sizeof options, .actor_id = &user, .timeout_ms = 10000};
    teleai_client *scope;
    OK(teleai_scope_open(db, &options, &scope, &error));
    teleai_audio_file_filter filter = {.struct_size = sizeof filter, .user_id = &user};
    teleai_page page = {.struct_size = sizeof page, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_stream *stream;
    int pieces;
    OK(teleai_audio_file_stream(scope, &filter, &page, &stream, &error));
    cr_assert(read_all(stream, 1, 1, &pieces) == 300 && pieces == 10);
    teleai_stream_close(stream);
    filter.user_id = &other;
    OK(teleai_audio_file_stream(scope, &filter, &page, &stream, &error));
    cr_assert(read_all(stream, 1, 1, &pieces) == 0);
    teleai_close(scope);
    teleai_stream_close(stream); /* in any order */
}

Test(stream, of_every_noun) {
    teleai_uuid file, transcription, id;
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_transcription(db, &user, &file, "hello", &transcription);
    teleai_session_input session = {.struct_size = sizeof session, .user_id = &user};
    teleai_session *made;
    OK(teleai_session_create(db, &session, &made, &error));
    teleai_session_free(made);
    teleai_uuid_make(&id);
    teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                      .id = &id,
                                      .transcription_id = &transcription,
                                      .audio_file_id = &file,
                                      .user_id = &user,
                                      .analysis_type = "sentiment",
                                      .engine = "words"};
    OK(teleai_analysis_create(db, &analysis, NULL, &error));
    teleai_stream *stream;
#define ONE_OF(noun, plural)                                         \
    do {                                                             \
        teleai_##plural *piece;                                      \
        OK(teleai_##noun##_stream(db, NULL, NULL, &stream, &error)); \
        OK(teleai_##noun##_stream_next(stream, &piece, &error));     \
        cr_assert(piece->count == 1, #noun);                         \
        teleai_##plural##_free(piece);                               \
        OK(teleai_##noun##_stream_next(stream, &piece, &error));     \
        cr_assert(piece == NULL);                                    \
        teleai_stream_close(stream);                                 \
    } while (0)
    ONE_OF(user, users);
    ONE_OF(session, sessions);
    ONE_OF(audio_file, audio_files);
    ONE_OF(transcription, transcriptions);
    ONE_OF(analysis, analyses);
    teleai_users *wrong;
    OK(teleai_session_stream(db, NULL, NULL, &stream, &error));
    FAILS(teleai_user_stream_next(stream, &wrong, &error), TELEAI_INVALID_ARGUMENT, "stream");
    FAILS(teleai_session_stream_next(stream, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    teleai_stream_close(stream);
    teleai_stream_close(NULL);
    FAILS(teleai_user_stream(db, NULL, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    teleai_client *batch;
    OK(teleai_batch_open(db, NULL, &batch, &error));
    FAILS(teleai_user_stream(batch, NULL, NULL, &stream, &error), TELEAI_INVALID_ARGUMENT, "client");
    teleai_close(batch);
}

Test(stream, says_when_its_connection_is_lost) {
    make_files(50000); /* more than sockets hold */
    teleai_page page = {.struct_size = sizeof page, .limit = 10};
    teleai_stream *stream;
    teleai_audio_files *piece;
    OK(teleai_audio_file_stream(db, NULL, &page, &stream, &error));
    OK(teleai_audio_file_stream_next(stream, &piece, &error));
    teleai_audio_files_free(piece);
    harness_sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                "pg_backend_pid()");
    teleai_status status = TELEAI_OK;
    for (int i = 0; i < 4990 && status == TELEAI_OK; i++) {
        status = teleai_audio_file_stream_next(stream, &piece, &error);
        teleai_audio_files_free(piece);
    }
    cr_assert(status == TELEAI_UNAVAILABLE && error.flags == TELEAI_ERROR_RETRYABLE, "%s", error.message);
    FAILS(teleai_audio_file_stream_next(stream, &piece, &error), TELEAI_CLOSED, "");
    teleai_stream_close(stream);
    OK(teleai_ping(db, &error));
}

Test(stream, outlives_its_client) {
    make_files(5000);
    teleai_page page = {.struct_size = sizeof page, .limit = 10};
    teleai_stream *stream;
    teleai_audio_files *piece;
    OK(teleai_audio_file_stream(db, NULL, &page, &stream, &error));
    teleai_close(db);
    FAILS(teleai_audio_file_stream_next(stream, &piece, &error), TELEAI_CLOSED, "");
    teleai_stream_close(stream);
    db = NULL;
}

/* An operator's limit, or a deadline of our own: the stream ends, and so does the server's work. */
Test(stream, gives_up_in_time) {
    make_files(10);
    teleai_scope_options options = {.struct_size = sizeof options, .timeout_ms = 300};
    teleai_client *scope;
    OK(teleai_scope_open(db, &options, &scope, &error));
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; lock table audio_files"));
    teleai_stream *stream;
    teleai_audio_files *none;
    OK(teleai_audio_file_stream(scope, NULL, NULL, &stream, &error));
    FAILS(teleai_audio_file_stream_next(stream, &none, &error), TELEAI_TIMEOUT, "");
    teleai_stream_close(stream);
    cr_assert(harness_becomes("0", "select count(*) from pg_stat_activity where datname = current_database() and "
                                   "wait_event_type = 'Lock'"));
    PQclear(PQexec(raw, "rollback"));
    PQfinish(raw);
    teleai_close(scope);
}
