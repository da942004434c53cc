/* The loop around a subject: commands, timing, allocations. */
#include "subject.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

subject_ids subject_users, subject_files;

void subject_die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s: %s\n", subject_version, what, why);
    exit(1);
}

/* ---- allocations: of everything in this process, libpq included ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static _Atomic int64_t allocations;

#define SHOWN __attribute__((visibility("default")))

static void allocated(void) { atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed); }

SHOWN void *malloc(size_t size) {
    allocated();
    return __libc_malloc(size);
}

SHOWN void *calloc(size_t count, size_t size) {
    allocated();
    return __libc_calloc(count, size);
}

SHOWN void *realloc(void *old, size_t size) {
    allocated();
    return __libc_realloc(old, size);
}

/* ---- what is read and written ---- */

static subject_ids read_ids(const char *folder, const char *name) {
    char path[4096], line[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        subject_die(path, "cannot be read");
    subject_ids ids = {0};
    while (fgets(line, sizeof line, file) != NULL) {
        if ((ids.count & (ids.count - 1)) == 0)
            ids.items = realloc(ids.items, (ids.count == 0 ? 1 : 2 * ids.count) * sizeof *ids.items);
        subject_id *id = &ids.items[ids.count++];
        const char *digit = line;
        for (int i = 0; i < 16; i++) {
            digit += *digit == '-';
            if (sscanf(digit, "%2hhx", &id->bytes[i]) != 1)
                subject_die(path, "holds something that is no id");
            digit += 2;
        }
        memcpy(id->text, line, 36);
        id->text[36] = 0;
    }
    fclose(file);
    if (ids.count <= GETS)
        subject_die(path, "has too few ids");
    return ids;
}

const subject_id *subject_user(size_t turn) { return &subject_users.items[turn % subject_users.count]; }

const subject_id *subject_file(size_t turn) { return &subject_files.items[turn * 7919 % subject_files.count]; }

const subject_id *subject_gets(size_t turn) {
    return &subject_files.items[turn * GETS % (subject_files.count - GETS + 1)];
}

const subject_audio *subject_audio_rows(void) {
    static subject_audio *rows;
    if (rows != NULL)
        return rows;
    rows = malloc(AUDIO_ROWS * sizeof *rows);
    for (size_t i = 0; i < AUDIO_ROWS; i++) {
        rows[i].user = subject_user(i);
        rows[i].size = 100000 + (int64_t)i;
        rows[i].duration_ms = 30000 + 10 * (int64_t)i;
        snprintf(rows[i].name, sizeof rows[i].name, "call-%zu.wav", i);
        snprintf(rows[i].path, sizeof rows[i].path, "/calls/2026/call-%zu.wav", i);
    }
    return rows;
}

const subject_speech *subject_speech_rows(size_t turn) {
    static subject_speech rows[SPEECH_ROWS];
    static size_t made_for = SIZE_MAX;
    if (turn == made_for)
        return rows;
    for (size_t i = 0; i < SPEECH_ROWS; i++) {
        size_t number = turn * SPEECH_ROWS + i;
        free(rows[i].text);
        rows[i] = (subject_speech){subject_user(number), subject_file(number), subject_text(number)};
    }
    made_for = turn;
    return rows;
}

/* ---- commands ---- */

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct share {
    const subject_work *work;
    double *latencies;
    size_t first, times;
    pthread_t thread;
} share;

static void *run_share(void *argument) {
    share *it = argument;
    double before = seconds();
    for (size_t i = 0; i < it->times; i++) {
        if (it->work->run(it->first + i) == 0)
            subject_die(it->work->name, "nothing was read or written");
        double now = seconds();
        it->latencies[i] = now - before;
        before = now;
    }
    return NULL;
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void run(const subject_work *work, size_t times) {
    size_t threads = strcmp(work->name, "W2") == 0 ? POOL_THREADS : 1;
    size_t each = (times + threads - 1) / threads;
    double *latencies = malloc(threads * each * sizeof *latencies);
    share shares[POOL_THREADS];
    for (size_t i = 0; i < threads; i++)
        shares[i] = (share){.work = work, .latencies = latencies + i * each, .first = i * each, .times = each};
    int64_t allocated_before = allocations;
    double before = seconds();
    for (size_t i = 1; i < threads; i++)
        if (pthread_create(&shares[i].thread, NULL, run_share, &shares[i]) != 0)
            subject_die(work->name, "no thread");
    run_share(&shares[0]);
    for (size_t i = 1; i < threads; i++)
        pthread_join(shares[i].thread, NULL);
    double took = seconds() - before;
    int64_t allocated_here = allocations - allocated_before;
    qsort(latencies, threads * each, sizeof *latencies, ascending);
    double done = (double)(threads * each); /* of W2 perhaps a few more than asked */
    printf("%.9f %.1f %.2f\n", took * (double)times / done, latencies[threads * each * 99 / 100] * 1e6,
           (double)allocated_here / done);
    free(latencies);
}

int main(int argc, char **argv) {
    if (argc != 2)
        subject_die("usage", "PROGRAM FOLDER_WITH_IDS");
    subject_users = read_ids(argv[1], "users.txt");
    subject_files = read_ids(argv[1], "files.txt");
    subject_open();
    printf("%s\n", subject_version);
    for (const subject_work *work = subject_works; work->name != NULL; work++)
        printf("%s ", work->name);
    printf("\n");
    fflush(stdout);
    char name[32];
    for (size_t times; scanf("%31s %zu", name, &times) == 2; fflush(stdout)) {
        const subject_work *work = subject_works;
        while (work->name != NULL && strcmp(work->name, name) != 0)
            work++;
        if (work->name == NULL || times == 0)
            subject_die(name, "is no work of this program");
        run(work, times);
    }
    subject_close();
    return 0;
}
