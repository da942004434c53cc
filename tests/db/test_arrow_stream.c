/* Streams as Arrow's: whole or with an error, whether the close or the release comes first, and on any thread. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "criterion_harness.h"

SERVER_SUITE(arrow_stream);

static teleai_uuid user;
static teleai_stream *stream;
static struct ArrowArrayStream arrow;

static void make_files(int count) {
    harness_user(db, &user);
    char text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&user, text);
    harness_sql("insert into audio_files (user_id, file_name, file_path, mime_type, file_size_bytes, created_at) "
                "select '%s', 'call' || i, '/x', 'audio/wav', i, now() + i * interval '1 second' "
                "from generate_series(1, %d) i",
                text, count);
}

static void open_stream(int32_t limit) {
    teleai_page page = {.struct_size = sizeof page, .limit = limit, .order = TELEAI_ORDER_OLDEST_FIRST};
    OK(teleai_audio_file_stream(db, NULL, &page, &stream, &error));
    OK(teleai_stream_to_arrow(stream, &arrow, &error));
}

static teleai_pool_stats stats(void) {
    teleai_pool_stats now;
    OK(teleai_pool_stats_get(db, &now, &error));
    return now;
}

/* The sizes of a batch are in order, 1 after 1. */
static void check_batch(const struct ArrowArray *batch, int64_t *expected) {
    struct ArrowSchema schema;
    cr_assert(arrow.get_schema(&arrow, &schema) == 0);
    cr_assert(schema.n_children == batch->n_children);
    for (int64_t i = 0; i < schema.n_children; i++)
        if (strcmp(schema.children[i]->name, "file_size_bytes") == 0)
            for (int64_t row = 0; row < batch->length; row++)
                cr_assert(((const int64_t *)batch->children[i]->buffers[1])[row] == ++*expected);
    schema.release(&schema);
}

/* Reads to the end, or the error, whose errno it returns. */
static int read_all(int64_t *rows, int *batches) {
    struct ArrowArray batch;
    for (*batches = 0;; ++*batches) {
        int number = arrow.get_next(&arrow, &batch);
        if (number != 0 || batch.release == NULL)
            return number;
        check_batch(&batch, rows);
        batch.release(&batch);
    }
}

Test(arrow_stream, has_every_row_once) {
    static const int counts[] = {0, 1, 99, 100, 101, 1234};
    for (size_t i = 0; i < 6; i++) {
        make_files(counts[i]);
        int64_t rows = 0;
        int batches;
        open_stream(100);
        cr_assert(read_all(&rows, &batches) == 0 && arrow.get_last_error(&arrow) == NULL);
        cr_assert(rows == counts[i] && batches == (counts[i] + 99) / 100);
        cr_assert(read_all(&rows, &batches) == 0 && batches == 0, "the end is the end");
        arrow.release(&arrow);
        cr_assert(arrow.release == NULL);
        teleai_stream_close(stream);
        harness_sql("delete from users");
    }
    cr_assert(stats().open_connections == 1 && stats().idle_connections == 1 && stats().discarded == 0);
}

Test(arrow_stream, has_the_columns_of_the_list) {
    harness_user(db, &user);
    teleai_uuid file;
    harness_audio_file(db, &user, &file);
#define SAME_COLUMNS(noun, plural)                                                 \
    do {                                                                           \
        struct ArrowSchema of_list, of_stream;                                     \
        teleai_##plural *list;                                                     \
        OK(teleai_##noun##_list(db, NULL, NULL, &list, &error));                   \
        OK(teleai_##plural##_to_arrow(list, &of_list, NULL, &error));              \
        teleai_##plural##_free(list);                                              \
        OK(teleai_##noun##_stream(db, NULL, NULL, &stream, &error));               \
        OK(teleai_stream_to_arrow(stream, &arrow, &error));                        \
        cr_assert(arrow.get_schema(&arrow, &of_stream) == 0);                      \
        cr_assert(of_list.n_children == of_stream.n_children);                     \
        for (int64_t i = 0; i < of_list.n_children; i++) {                         \
            SAME_TEXT(of_stream.children[i]->name, of_list.children[i]->name);     \
            SAME_TEXT(of_stream.children[i]->format, of_list.children[i]->format); \
            cr_assert(strcmp(of_stream.children[i]->name, "token") != 0);          \
        }                                                                          \
        of_list.release(&of_list);                                                 \
        of_stream.release(&of_stream);                                             \
        arrow.release(&arrow);                                                     \
        teleai_stream_close(stream);                                               \
    } while (0)
    SAME_COLUMNS(user, users);
    SAME_COLUMNS(session, sessions);
    SAME_COLUMNS(audio_file, audio_files);
    SAME_COLUMNS(transcription, transcriptions);
    SAME_COLUMNS(analysis, analyses);
}

Test(arrow_stream, in_a_transaction) {
    make_files(250);
    teleai_client *outer = db;
    OK(teleai_transaction_begin(outer, NULL, &db, &error));
    open_stream(100);
    int64_t count, rows = 0;
    struct ArrowArray batch;
    cr_assert(arrow.get_next(&arrow, &batch) == 0);
    check_batch(&batch, &rows);
    batch.release(&batch);
    OK(teleai_audio_file_count(db, NULL, &count, &error)); /* in between */
    int batches;
    cr_assert(read_all(&rows, &batches) == 0 && rows == 250 && count == 250 && batches == 2);
    teleai_stream_close(stream);
    arrow.release(&arrow);
    teleai_close(db);
    db = outer;
    OK(teleai_ping(db, &error));
}

Test(arrow_stream, ends_with_an_error_when_its_connection_is_lost) {
    make_files(50000); /* more than sockets hold */
    open_stream(10);
    int64_t rows = 0;
    int batches;
    struct ArrowArray batch;
    cr_assert(arrow.get_next(&arrow, &batch) == 0);
    check_batch(&batch, &rows);
    batch.release(&batch);
    harness_sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                "pg_backend_pid()");
    cr_assert(read_all(&rows, &batches) == EIO && rows < 50000);
    const char *message = arrow.get_last_error(&arrow);
    cr_assert(message != NULL && strstr(message, "audio_file_list") != NULL, "%s", message);
    for (int i = 0; i < 3; i++) {
        cr_assert(read_all(&rows, &batches) == EIO && batches == 0, "no end after an error");
        cr_assert(strstr(arrow.get_last_error(&arrow), "failed before") != NULL);
    }
    arrow.release(&arrow);
    teleai_stream_close(stream);
    OK(teleai_ping(db, &error));
}

Test(arrow_stream, is_closed_before_it_is_released) {
    make_files(50);
    open_stream(10);
    struct ArrowArray batch;
    struct ArrowSchema schema;
    int64_t rows = 0;
    cr_assert(arrow.get_next(&arrow, &batch) == 0);
    teleai_stream_close(stream);
    cr_assert(stats().open_connections == 1 && stats().idle_connections == 1);
    check_batch(&batch, &rows); /* what was given stays; the columns are known still */
    batch.release(&batch);
    for (int i = 0; i < 2; i++) {
        cr_assert(arrow.get_next(&arrow, &batch) == EIO && batch.release == NULL);
        SAME_TEXT(arrow.get_last_error(&arrow), "the stream is closed");
        cr_assert(arrow.get_schema(&arrow, &schema) == 0 && arrow.get_last_error(&arrow) == NULL);
        schema.release(&schema);
    }
    teleai_close(db);
    cr_assert(arrow.get_next(&arrow, &batch) == EIO);
    arrow.release(&arrow);
    db = NULL;
}

Test(arrow_stream, goes_on_after_a_release) {
    make_files(50);
    open_stream(10);
    struct ArrowArrayStream second;
    FAILS(teleai_stream_to_arrow(stream, &second, &error), TELEAI_INVALID_ARGUMENT, "stream");
    cr_assert(second.release == NULL);
    struct ArrowArray batch;
    int64_t rows = 0;
    cr_assert(arrow.get_next(&arrow, &batch) == 0);
    check_batch(&batch, &rows);
    batch.release(&batch);
    arrow.release(&arrow);
    teleai_audio_files *piece;
    OK(teleai_audio_file_stream_next(stream, &piece, &error));
    rows += (int64_t)piece->count;
    teleai_audio_files_free(piece);
    OK(teleai_stream_to_arrow(stream, &arrow, &error));
    int batches;
    cr_assert(read_all(&rows, &batches) == 0 && rows == 50 && batches == 3);
    teleai_arrow_stream_release(&arrow);
    cr_assert(arrow.release == NULL);
    teleai_arrow_stream_release(&arrow);
    teleai_arrow_stream_release(NULL);
    OK(teleai_stream_to_arrow(stream, &arrow, &error));
    arrow.release(&arrow);
    teleai_stream_close(stream);
    FAILS(teleai_stream_to_arrow(NULL, &arrow, &error), TELEAI_INVALID_ARGUMENT, "stream");
    cr_assert(arrow.release == NULL);
    FAILS(teleai_stream_to_arrow(stream, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
}

Test(arrow_stream, outlives_its_client) {
    make_files(50);
    open_stream(10);
    struct ArrowArray batch;
    teleai_close(db);
    cr_assert(arrow.get_next(&arrow, &batch) == EIO && arrow.get_last_error(&arrow) != NULL);
    arrow.release(&arrow);
    teleai_stream_close(stream);
    db = NULL;
}

/* ---- while it is read ---- */

static atomic_int asked;        /* how often the hook was */
static void (*on_asking)(void); /* what it does the first time */
static bool interrupts;         /* what it answers */

static bool hook(void *data) {
    (void)data;
    if (atomic_fetch_add(&asked, 1) == 0 && on_asking != NULL)
        on_asking();
    return interrupts;
}

/* A stream on a client with that hook, whose rows do not come before release_rows(). */
static PGconn *raw;

static void open_held_stream(void) {
    make_files(50);
    teleai_close(db);
    teleai_options options = {.struct_size = sizeof options, .interrupt_hook = hook};
    OK(teleai_open(harness_database(), &options, &db, &error));
    open_stream(10);
    int64_t rows = 0;
    int batches; /* one connection is there, and will not have to be made */
    cr_assert(read_all(&rows, &batches) == 0 && rows == 50);
    arrow.release(&arrow);
    teleai_stream_close(stream);
    raw = harness_connect();
    PQclear(PQexec(raw, "begin; lock table audio_files"));
    open_stream(10);
    atomic_store(&asked, 0);
}

static void release_rows(void) {
    PQclear(PQexec(raw, "rollback"));
    PQfinish(raw);
}

static void check_closed(void) {
    struct ArrowArray batch;
    cr_assert(stats().open_connections == 1 && stats().idle_connections == 1);
    cr_assert(arrow.get_next(&arrow, &batch) == EIO && batch.release == NULL);
    SAME_TEXT(arrow.get_last_error(&arrow), "the stream is closed");
    arrow.release(&arrow);
}

static void *read_one(void *number) {
    struct ArrowArray batch;
    *(int *)number = arrow.get_next(&arrow, &batch);
    teleai_arrow_array_release(&batch);
    return NULL;
}

/* On another thread: the reader has what it was reading, then gives the connection back. */
Test(arrow_stream, is_closed_while_it_is_read) {
    open_held_stream();
    pthread_t reader;
    int number = -1;
    cr_assert(pthread_create(&reader, NULL, read_one, &number) == 0);
    while (atomic_load(&asked) == 0)
        sched_yield();
    struct ArrowArray batch;
    cr_assert(arrow.get_next(&arrow, &batch) == EBUSY && batch.release == NULL);
    teleai_stream_close(stream);
    cr_assert(stats().open_connections == 1 && stats().idle_connections == 0);
    release_rows();
    cr_assert(pthread_join(reader, NULL) == 0 && number == 0);
    check_closed();
}

static void close_stream(void) {
    teleai_stream_close(stream);
    release_rows();
}

/* By the hook that the reader itself asks. */
Test(arrow_stream, is_closed_by_its_reader) {
    on_asking = close_stream;
    open_held_stream();
    int number = -1;
    read_one(&number);
    cr_assert(number == 0);
    check_closed();
}

Test(arrow_stream, is_interrupted) {
    open_held_stream();
    interrupts = true;
    int number = -1;
    read_one(&number);
    cr_assert(number == ECANCELED && arrow.get_last_error(&arrow) != NULL);
    interrupts = false;
    read_one(&number);
    cr_assert(number == EIO, "no end after an interrupt");
    release_rows();
    arrow.release(&arrow);
    teleai_stream_close(stream);
    OK(teleai_ping(db, &error));
}
