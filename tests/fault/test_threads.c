/* Many threads on one client: nothing is lost, the pool keeps its promises. Runs under ThreadSanitizer as well. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "harness.h"

#define THREADS 16
#define POOL 4

static teleai_client *open_pool(int32_t connections, int32_t timeout_ms) {
    teleai_options options = {.struct_size = sizeof options,
                              .max_connections = connections,
                              .timeout_ms = timeout_ms,
                              .password_memory_kib = 19456};
    teleai_client *client = NULL;
    teleai_error error;
    if (!GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK))
        exit(1);
    return client;
}

static teleai_pool_stats stats_of(teleai_client *client) {
    teleai_pool_stats stats;
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
    return stats;
}

static void start_all(pthread_t *threads, int count, void *(*run)(void *), void **arguments) {
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, run, arguments[i]) != 0)
            abort();
}

static void join_all(pthread_t *threads, int count) {
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

/* ---- mixed work ---- */

typedef struct worker {
    teleai_client *client;
    teleai_uuid user;
    unsigned seed;
    int64_t files, transcriptions; /* that must be there in the end */
    _Atomic int64_t calls;         /* that went well */
} worker;

/* A file and two transcriptions of it in a transaction with an inner one; kept or undone by chance. */
static void work_in_transaction(worker *self) {
    teleai_error error;
    teleai_client *outer, *inner;
    teleai_uuid file, transcription;
    bool keep = rand_r(&self->seed) % 2, keep_inner = rand_r(&self->seed) % 2, commit = rand_r(&self->seed) % 2;
    if (!GIVES(teleai_transaction_begin(self->client, NULL, &outer, &error), TELEAI_OK))
        return;
    harness_audio_file(outer, &self->user, &file);
    harness_transcription(outer, &self->user, &file, "heart rate", &transcription);
    GIVES(teleai_transaction_begin(outer, NULL, &inner, &error), TELEAI_OK);
    harness_transcription(inner, &self->user, &file, "pulse", &transcription);
    if (keep_inner)
        GIVES(teleai_transaction_commit(inner, &error), TELEAI_OK);
    teleai_close(inner);
    if (keep)
        GIVES(teleai_transaction_commit(outer, &error), TELEAI_OK);
    else if (commit)
        GIVES(teleai_transaction_rollback(outer, &error), TELEAI_OK);
    teleai_close(outer);
    self->files += keep;
    self->transcriptions += keep ? 1 + keep_inner : 0;
}

static void read_something(worker *self) {
    teleai_error error;
    teleai_audio_file_filter own = {.struct_size = sizeof own, .user_id = &self->user};
    teleai_page page = {.struct_size = sizeof page, .limit = 5};
    teleai_audio_files *files = NULL;
    teleai_search_options mine = {.struct_size = sizeof mine, .user_id = &self->user};
    teleai_search_hits *hits = NULL;
    teleai_user_stats *stats = NULL;
    int64_t count = -1;
    switch (rand_r(&self->seed) % 5) {
    case 0:
        GIVES(teleai_audio_file_count(self->client, &own, &count, &error), TELEAI_OK);
        CHECK(count == self->files, "%lld files, %lld were made", (long long)count, (long long)self->files);
        break;
    case 1:
        GIVES(teleai_audio_file_list(self->client, &own, &page, &files, &error), TELEAI_OK);
        for (size_t i = 0; files != NULL && i < files->count; i++)
            CHECK(teleai_uuid_equal(&files->items[i]->user_id, &self->user), "somebody else's row");
        teleai_audio_files_free(files);
        break;
    case 2:
        GIVES(teleai_search_transcriptions(self->client, "heart", &mine, &hits, &error), TELEAI_OK);
        for (size_t i = 0; hits != NULL && i < hits->count; i++)
            CHECK(teleai_uuid_equal(&hits->items[i]->user_id, &self->user), "somebody else's row");
        teleai_search_hits_free(hits);
        break;
    case 3:
        GIVES(teleai_user_stats_get(self->client, &self->user, &stats, &error), TELEAI_OK);
        CHECK(stats != NULL && stats->total_files == self->files && stats->total_transcriptions == self->transcriptions,
              "totals differ from what was made");
        teleai_user_stats_free(stats);
        break;
    default:
        GIVES(teleai_ping(self->client, &error), TELEAI_OK);
    }
}

static _Atomic bool is_enough;

static void *work(void *argument) {
    worker *self = argument;
    while (!is_enough) {
        teleai_uuid file, transcription;
        switch (rand_r(&self->seed) % 4) {
        case 0:
            harness_audio_file(self->client, &self->user, &file);
            self->files++;
            break;
        case 1:
            harness_audio_file(self->client, &self->user, &file);
            harness_transcription(self->client, &self->user, &file, "the heart", &transcription);
            self->files++;
            self->transcriptions++;
            break;
        case 2:
            work_in_transaction(self);
            break;
        default:
            read_something(self);
        }
        self->calls++;
    }
    return NULL;
}

static void count_calls(const worker *workers, int64_t *fewest, int64_t *calls) {
    *fewest = INT64_MAX;
    *calls = 0;
    for (int i = 0; i < THREADS; i++) {
        int64_t count = workers[i].calls;
        *calls += count;
        *fewest = count < *fewest ? count : *fewest;
    }
}

static void sixteen_threads_on_four_connections(void) {
    teleai_client *client = open_pool(POOL, 30000);
    worker workers[THREADS];
    void *arguments[THREADS];
    pthread_t threads[THREADS];
    int64_t start_ms = check_now_ms();
    is_enough = false;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.client = client, .seed = (unsigned)i};
        harness_user(client, &workers[i].user);
        arguments[i] = &workers[i];
    }
    start_all(threads, THREADS, work, arguments);
    int64_t fewest, calls;
    do {
        teleai_pool_stats now = stats_of(client);
        CHECK(now.open_connections <= POOL && now.idle_connections <= now.open_connections && now.waiting_calls >= 0 &&
                  now.waiting_calls <= THREADS,
              "open %d, idle %d, waiting %d", (int)now.open_connections, (int)now.idle_connections,
              (int)now.waiting_calls);
        check_pause_ms(5);
        /* The machine may neglect a thread for a while, the pool may not: given time, each has its share. */
        count_calls(workers, &fewest, &calls);
    } while (check_now_ms() < start_ms + 3000 || (fewest * 4 <= calls / THREADS && check_now_ms() < start_ms + 60000));
    is_enough = true;
    join_all(threads, THREADS);
    int64_t files = 0, transcriptions = 0;
    count_calls(workers, &fewest, &calls);
    for (int i = 0; i < THREADS; i++) {
        files += workers[i].files;
        transcriptions += workers[i].transcriptions;
    }
    CHECK(atoll(harness_sql("select count(*) from audio_files")) == files, "%lld were made", (long long)files);
    CHECK(atoll(harness_sql("select count(*) from transcriptions")) == transcriptions, "%lld were made",
          (long long)transcriptions);
    CHECK(fewest * 4 > calls / THREADS, "a thread starved: %lld of %lld", (long long)fewest, (long long)calls);
    teleai_pool_stats end = stats_of(client);
    CHECK(end.open_connections == end.idle_connections && end.waiting_calls == 0, "something is still in use");
    CHECK(end.opened == end.open_connections && end.opened <= POOL && end.discarded == 0, "opened %lld",
          (long long)end.opened);
    CHECK(end.acquired + end.rode >= calls && end.waited > 0 && end.waited <= end.acquired + end.rode && end.rode > 0 &&
              end.timed_out == 0 && end.wait_total_us > 0,
          "acquired %lld, rode %lld, waited %lld", (long long)end.acquired, (long long)end.rode, (long long)end.waited);
    CHECK(end.statements_run > end.acquired && end.statements_prepared < 40 * POOL, "prepared %lld",
          (long long)end.statements_prepared);
    printf("  %lld rounds of work, %lld waits\n", (long long)calls, (long long)end.waited);
    teleai_close(client);
}

/* ---- first come, first served ---- */

static teleai_client *narrow;
static _Atomic int turn;

typedef struct queued {
    int turn;
} queued;

static void *take_turn(void *argument) {
    queued *self = argument;
    teleai_error error;
    teleai_client *transaction = NULL;
    GIVES(teleai_transaction_begin(narrow, NULL, &transaction, &error), TELEAI_OK);
    self->turn = turn++;
    teleai_close(transaction);
    return NULL;
}

static void wait_for_waiters(teleai_client *client, int count) {
    for (int i = 0; i < 2000 && stats_of(client).waiting_calls != count; i++)
        check_pause_ms(5);
    CHECK(stats_of(client).waiting_calls == count, "%d calls were to wait", count);
}

static void who_comes_first_is_served_first(void) {
    narrow = open_pool(1, 30000);
    teleai_error error;
    teleai_client *holder;
    GIVES(teleai_transaction_begin(narrow, NULL, &holder, &error), TELEAI_OK);
    queued all[8];
    pthread_t threads[8];
    turn = 0;
    for (int i = 0; i < 8; i++) {
        pthread_create(&threads[i], NULL, take_turn, &all[i]);
        wait_for_waiters(narrow, i + 1);
    }
    teleai_close(holder);
    join_all(threads, 8);
    for (int i = 0; i < 8; i++)
        CHECK(all[i].turn == i, "caller %d was served as number %d", i, all[i].turn);
    teleai_close(narrow);
}

/* ---- nothing free ---- */

static void the_error_of_a_call_that_waits_in_vain_names_the_holder(void) {
    teleai_client *hasty = open_pool(1, 1000), *transaction;
    teleai_error error;
    GIVES(teleai_transaction_begin(hasty, NULL, &transaction, &error), TELEAI_OK);
    int64_t start = check_now_ms();
    GIVES(teleai_ping(hasty, &error), TELEAI_UNAVAILABLE);
    CHECK(check_now_ms() - start >= 900 && check_now_ms() - start < 10000, "took %d ms", (int)(check_now_ms() - start));
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
    CHECK(strstr(error.message, "all 1 are in use") != NULL &&
              strstr(error.message, "held by transaction for ") != NULL,
          "%s", error.message);
    teleai_close(transaction);
    GIVES(teleai_ping(hasty, &error), TELEAI_OK);
    teleai_close(hasty);
}

/* ---- a transaction that threads share ---- */

static teleai_uuid shared_user;

static void *add_to_shared(void *argument) {
    for (int i = 0; i < 50; i++) {
        teleai_uuid file;
        teleai_error error;
        teleai_uuid_make(&file);
        teleai_audio_file_input input = {.struct_size = sizeof input,
                                         .id = &file,
                                         .user_id = &shared_user,
                                         .file_name = "a",
                                         .file_path = "/a",
                                         .mime_type = "audio/wav",
                                         .file_size_bytes = 1};
        teleai_audio_file *made = NULL;
        if (GIVES(teleai_audio_file_create(argument, &input, &made, &error), TELEAI_OK))
            CHECK(teleai_uuid_equal(&made->id, &file), "another call's answer");
        teleai_audio_file_free(made);
    }
    return NULL;
}

/* With less than a second to wait for one another: a wait counts in milliseconds too. */
static void threads_share_a_transaction_one_call_at_a_time(void) {
    teleai_client *client = open_pool(1, 900), *transaction;
    teleai_error error;
    harness_sql("delete from users");
    harness_user(client, &shared_user);
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    pthread_t threads[8];
    void *arguments[8];
    for (int i = 0; i < 8; i++)
        arguments[i] = transaction;
    start_all(threads, 8, add_to_shared, arguments);
    join_all(threads, 8);
    CHECK(atoi(harness_sql("select count(*) from audio_files")) == 0, "seen before the commit");
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    CHECK(atoi(harness_sql("select count(*) from audio_files")) == 400, "%s rows",
          harness_sql("select count(*) from audio_files"));
    teleai_close(transaction);
    teleai_close(client);
}

/* ---- records, ids, migrations ---- */

static void *read_record(void *argument) {
    const teleai_user *user = argument;
    size_t length = 0;
    for (int i = 0; i < 1000; i++)
        length += strlen(user->email) + strlen(user->full_name);
    CHECK(length > 1000, "an empty record");
    return NULL;
}

static void threads_read_a_record_after_its_client_is_closed(void) {
    teleai_client *client = open_pool(1, 5000);
    teleai_error error;
    teleai_user *user;
    teleai_uuid id;
    harness_user(client, &id);
    GIVES(teleai_user_get(client, &id, &user, &error), TELEAI_OK);
    pthread_t threads[4];
    start_all(threads, 4, read_record, (void *[]){user, user, user, user});
    teleai_close(client);
    join_all(threads, 4);
    teleai_user_free(user);
}

#define IDS 20000

static void *read_arrow(void *argument) {
    struct ArrowArrayStream *arrow = argument;
    struct ArrowArray batch;
    int number = 0;
    int64_t rows = 0;
    while ((number = arrow->get_next(arrow, &batch)) == 0 && batch.release != NULL) {
        rows += batch.length;
        batch.release(&batch);
    }
    if (number == 0)
        CHECK(rows == 60, "%lld rows and an end", (long long)rows);
    else
        CHECK(number == EIO && strcmp(arrow->get_last_error(arrow), "the stream is closed") == 0, "%d: %s", number,
              arrow->get_last_error(arrow));
    arrow->release(arrow);
    return NULL;
}

/* Whenever that is, the reader hears of it or has all rows, and every connection is back. */
static void streams_are_closed_while_others_read_them_as_arrow(void) {
    enum { ROUNDS = 100 };
    teleai_client *client = open_pool(1, 20000);
    teleai_uuid user, file;
    harness_user(client, &user);
    for (int i = 0; i < 60; i++)
        harness_audio_file(client, &user, &file);
    teleai_page page = {.struct_size = sizeof page, .limit = 1};
    teleai_audio_file_filter filter = {.struct_size = sizeof filter, .user_id = &user};
    for (int round = 0; round < ROUNDS; round++) {
        teleai_error error;
        teleai_client *transaction = NULL;
        teleai_stream *stream = NULL;
        struct ArrowArrayStream arrow;
        pthread_t reader;
        void *argument = &arrow;
        if (round % 4 == 0)
            GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
        GIVES(teleai_audio_file_stream(transaction != NULL ? transaction : client, &filter, &page, &stream, &error),
              TELEAI_OK);
        GIVES(teleai_stream_to_arrow(stream, &arrow, &error), TELEAI_OK);
        start_all(&reader, 1, read_arrow, &argument);
        for (int i = 0; i < round * 2; i++)
            sched_yield();
        teleai_stream_close(stream);
        join_all(&reader, 1);
        teleai_close(transaction);
        GIVES(teleai_ping(client, &error), TELEAI_OK);
    }
    CHECK(stats_of(client).idle_connections == 1, "%d idle", stats_of(client).idle_connections);
    teleai_close(client);
}

static void *make_ids(void *argument) {
    teleai_uuid *ids = argument;
    for (int i = 0; i < IDS; i++)
        teleai_uuid_make(&ids[i]);
    return NULL;
}

static int compare_ids(const void *a, const void *b) { return memcmp(a, b, sizeof(teleai_uuid)); }

static void ids_made_at_once_differ_and_rise(void) {
    teleai_uuid *ids = calloc(4 * IDS, sizeof *ids);
    pthread_t threads[4];
    start_all(threads, 4, make_ids, (void *[]){ids, ids + IDS, ids + 2 * IDS, ids + 3 * IDS});
    join_all(threads, 4);
    for (int t = 0; t < 4; t++)
        for (int i = 1; i < IDS; i++)
            if (!CHECK(compare_ids(&ids[t * IDS + i - 1], &ids[t * IDS + i]) < 0, "id %d of thread %d", i, t))
                break;
    qsort(ids, 4 * IDS, sizeof *ids, compare_ids);
    for (int i = 1; i < 4 * IDS; i++)
        if (!CHECK(compare_ids(&ids[i - 1], &ids[i]) != 0, "twice"))
            break;
    free(ids);
}

static void *migrate_up(void *argument) {
    teleai_error error;
    GIVES(teleai_migrate_up(argument, &error), TELEAI_OK);
    return NULL;
}

static void threads_that_migrate_together_make_one_schema(void) {
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    teleai_client *clients[4];
    teleai_error error;
    harness_empty_database();
    for (int i = 0; i < 2; i++) {
        GIVES(teleai_open(harness_database(), &options, &clients[2 * i], &error), TELEAI_OK);
        clients[2 * i + 1] = clients[2 * i];
    }
    pthread_t threads[4];
    start_all(threads, 4, migrate_up, (void **)clients);
    join_all(threads, 4);
    char newest[40];
    snprintf(newest, sizeof newest, "%d false", (int)harness_newest_version());
    CHECK(strcmp(harness_sql("select version || ' ' || dirty from schema_migrations"), newest) == 0,
          "not at the newest version");
    teleai_close(clients[0]);
    teleai_close(clients[2]);
}

int main(void) {
    if (!harness_has_server()) {
        printf("no PostgreSQL server programs\n");
        return 77;
    }
    harness_database();
    static void (*const tests[])(void) = {
        sixteen_threads_on_four_connections,
        who_comes_first_is_served_first,
        the_error_of_a_call_that_waits_in_vain_names_the_holder,
        threads_share_a_transaction_one_call_at_a_time,
        threads_read_a_record_after_its_client_is_closed,
        streams_are_closed_while_others_read_them_as_arrow,
        ids_made_at_once_differ_and_rise,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        int64_t start = check_now_ms();
        tests[i]();
        printf("%zu: %d ms\n", i + 1, (int)(check_now_ms() - start));
    }
    harness_drop();
    threads_that_migrate_together_make_one_schema();
    harness_drop();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
