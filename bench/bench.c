/*
 * The same work through teleai and through bare libpq, in interleaved rounds.
 *   bench CONNECTION load                        fills the database
 *   bench CONNECTION time                        times all workloads, prints ratios
 *   bench CONNECTION count WORK SUBJECT TIMES    does it so often and prints allocations (for counting instructions)
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libpq.h"

#define ROUNDS 8 /* the first is not counted */

/* ---- allocations: of everything in this process, libpq included ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static _Atomic int64_t allocations;

#define SHOWN __attribute__((visibility("default")))

SHOWN void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}

SHOWN void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}

SHOWN void *realloc(void *old, size_t size) {
    allocations++;
    return __libc_realloc(old, size);
}

/* ---- subjects and workloads ---- */

typedef struct bench {
    const char *connection;
    teleai_client *client;
    PGconn *raw;
    teleai_uuid *users, *files;
    size_t user_count, file_count;
    size_t next;
} bench;

static void must(teleai_status status, const teleai_error *error) {
    if (status == TELEAI_OK)
        return;
    fprintf(stderr, "%s: %s\n", teleai_status_name(status), error->message);
    exit(1);
}

static size_t teleai_w1(bench *it) {
    teleai_error error;
    teleai_audio_file *file;
    must(teleai_audio_file_get(it->client, &it->files[it->next++ * 7919 % it->file_count], &file, &error), &error);
    size_t rows = file->file_name != NULL;
    teleai_audio_file_free(file);
    return rows;
}

static size_t libpq_w1(bench *it) { return raw_get(it->raw, &it->files[it->next++ * 7919 % it->file_count]); }

static size_t teleai_w3(bench *it) {
    teleai_error error;
    teleai_audio_files *list;
    teleai_audio_file_filter filter = {.struct_size = sizeof filter,
                                       .user_id = &it->users[it->next++ % it->user_count]};
    must(teleai_audio_file_list(it->client, &filter, NULL, &list, &error), &error);
    size_t rows = list->count;
    teleai_audio_files_free(list);
    return rows;
}

static size_t libpq_w3(bench *it) { return raw_list(it->raw, &it->users[it->next++ % it->user_count]); }

static size_t teleai_w4(bench *it) {
    teleai_error error;
    teleai_audio_file *file;
    teleai_audio_file_input input = {.struct_size = sizeof input,
                                     .user_id = &it->users[it->next++ % it->user_count],
                                     .file_name = "call.wav",
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1843200,
                                     .sample_rate_hz = 16000,
                                     .has_sample_rate = true,
                                     .channels = 1,
                                     .has_channels = true};
    must(teleai_audio_file_create(it->client, &input, &file, &error), &error);
    teleai_audio_file_free(file);
    return 1;
}

static size_t libpq_w4(bench *it) { return raw_create(it->raw, &it->users[it->next++ % it->user_count]); }

#define MANY 64

static size_t teleai_w7(bench *it) {
    teleai_error error;
    teleai_audio_files *list;
    must(teleai_audio_file_get_many(it->client, &it->files[it->next++ * 64 % (it->file_count - MANY)], MANY, &list,
                                    &error),
         &error);
    size_t rows = list->count;
    teleai_audio_files_free(list);
    return rows;
}

static size_t libpq_w7(bench *it) {
    return raw_get_many(it->raw, &it->files[it->next++ * 64 % (it->file_count - MANY)], MANY);
}

static size_t libpq_w7_single(bench *it) {
    const teleai_uuid *ids = &it->files[it->next++ * 64 % (it->file_count - MANY)];
    size_t rows = 0;
    for (size_t i = 0; i < MANY; i++)
        rows += raw_get(it->raw, &ids[i]);
    return rows;
}

static const struct workload {
    const char *name, *what;
    int times; /* a round */
    size_t (*teleai)(bench *);
    size_t (*libpq)(bench *);
} workloads[] = {
    {"W1", "get one by id", 20000, teleai_w1, libpq_w1},
    {"W3", "newest 50 of a user", 3000, teleai_w3, libpq_w3},
    {"W4", "create one", 4000, teleai_w4, libpq_w4},
    {"W7", "get 64 in one call (libpq: = any)", 1500, teleai_w7, libpq_w7},
    {"W7s", "the same against 64 single gets", 300, teleai_w7, libpq_w7_single},
};
#define WORKLOADS (sizeof workloads / sizeof *workloads)

/* ---- set-up ---- */

static void open_all(bench *it) {
    teleai_error error;
    must(teleai_open(it->connection, NULL, &it->client, &error), &error);
    it->raw = raw_open(it->connection);
    PGresult *result = PQexecParams(it->raw, "select id from users order by id", 0, NULL, NULL, NULL, NULL, 1);
    it->user_count = (size_t)PQntuples(result);
    it->users = malloc((it->user_count + 1) * sizeof *it->users);
    for (size_t i = 0; i < it->user_count; i++)
        memcpy(it->users[i].bytes, PQgetvalue(result, (int)i, 0), 16);
    PQclear(result);
    result = PQexecParams(it->raw, "select id from audio_files order by id limit 10000", 0, NULL, NULL, NULL, NULL, 1);
    it->file_count = (size_t)PQntuples(result);
    it->files = malloc((it->file_count + 1) * sizeof *it->files);
    for (size_t i = 0; i < it->file_count; i++)
        memcpy(it->files[i].bytes, PQgetvalue(result, (int)i, 0), 16);
    PQclear(result);
}

static void load(bench *it) {
    static const char sql[] =
        "insert into users (email, full_name, password_hash)"
        " select 'user' || n || '@example.org', 'User ' || n, '!' from generate_series(1, 100) n;"
        "insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type,"
        " sample_rate, channels, bit_rate, status, upload_completed_at, metadata, created_at)"
        " select u.id, 'recording-' || n || '.wav', '/media/2026/recording-' || n || '.wav', 100000 + n, 30 + n % 600,"
        " 'audio/wav', 16000, 1, 256000, 'ready', now(), '{\"campaign\": \"spring\", \"agent\": 17}',"
        " now() - n * interval '1 minute'"
        " from users u, generate_series(1, 100) n;"
        "analyze;";
    PGresult *result = PQexec(it->raw, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fprintf(stderr, "%s", PQerrorMessage(it->raw)), exit(1);
    PQclear(result);
}

/* ---- timing ---- */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double per_call_us(bench *it, size_t (*work)(bench *), int times) {
    double start = seconds();
    size_t rows = 0;
    for (int i = 0; i < times; i++)
        rows += work(it);
    if (rows == 0)
        fprintf(stderr, "nothing was read\n"), exit(1);
    return (seconds() - start) / times * 1e6;
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void time_all(bench *it) {
    printf("| workload | libpq us | teleai us | ratio (higher is better) | lowest | highest "
           "|\n|---|---|---|---|---|---|\n");
    for (size_t w = 0; w < WORKLOADS; w++) {
        double ratios[ROUNDS], ours[ROUNDS], theirs[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            theirs[round] = per_call_us(it, workloads[w].libpq, workloads[w].times);
            ours[round] = per_call_us(it, workloads[w].teleai, workloads[w].times);
            ratios[round] = theirs[round] / ours[round];
        }
        int counted = ROUNDS - 1;
        qsort(ratios + 1, (size_t)counted, sizeof *ratios, ascending);
        qsort(ours + 1, (size_t)counted, sizeof *ours, ascending);
        qsort(theirs + 1, (size_t)counted, sizeof *theirs, ascending);
        printf("| %s %s | %.1f | %.1f | %.3f | %.3f | %.3f |\n", workloads[w].name, workloads[w].what,
               theirs[1 + counted / 2], ours[1 + counted / 2], ratios[1 + counted / 2], ratios[1], ratios[counted]);
        fflush(stdout);
    }
}

static int count(bench *it, const char *work, const char *subject, int times) {
    for (size_t w = 0; w < WORKLOADS; w++) {
        if (strcmp(workloads[w].name, work) != 0)
            continue;
        size_t (*run)(bench *) = strcmp(subject, "teleai") == 0 ? workloads[w].teleai : workloads[w].libpq;
        for (int i = 0; i < 10; i++)
            run(it); /* prepare and warm up */
        int64_t before = allocations;
        for (int i = 0; i < times; i++)
            run(it);
        printf("%.1f\n", (double)(allocations - before) / times);
        return 0;
    }
    return 2;
}

int main(int argc, char **argv) {
    bench it = {.connection = argc > 1 ? argv[1] : ""};
    if (argc < 3)
        return 2;
    open_all(&it);
    int status = 0;
    if (strcmp(argv[2], "load") == 0)
        load(&it);
    else if (strcmp(argv[2], "time") == 0)
        time_all(&it);
    else if (strcmp(argv[2], "count") == 0 && argc == 6)
        status = count(&it, argv[3], argv[4], atoi(argv[5]));
    else
        status = 2;
    teleai_close(it.client);
    PQfinish(it.raw);
    free(it.users);
    free(it.files);
    return status;
}
