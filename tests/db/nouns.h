/* What the tests of the nouns share: ids and long texts as C strings, how many rows there are, comparing what may be
 * NULL, and two workers at once. */
#ifndef TELEAI_TESTS_DB_NOUNS_H
#define TELEAI_TESTS_DB_NOUNS_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "criterion_harness.h"

/* Overwritten by the next call but three. */
static inline const char *id_text(const teleai_uuid *id) {
    static char texts[4][TELEAI_UUID_TEXT_BYTES];
    static int next;
    char *text = texts[next++ % 4];
    teleai_uuid_format(id, text);
    return text;
}

/* So many times this character (or piece of text); overwritten by the next call but one. */
static inline const char *repeat(const char *piece, size_t times) {
    static char texts[2][8192];
    static int next;
    char *text = texts[next++ % 2];
    size_t length = strlen(piece);
    cr_assert(length * times < sizeof texts[0]);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * length, piece, length);
    text[length * times] = '\0';
    return text;
}

static inline long long rows(const char *table) { return atoll(harness_sql("select count(*) from %s", table)); }

#define ROWS(table, expected)                                                                                        \
    do {                                                                                                             \
        long long rows_ = rows(table);                                                                               \
        cr_assert(rows_ == (expected), "%s has %lld rows, %lld were expected", table, rows_, (long long)(expected)); \
    } while (0)

#define SAME_ID(actual, expected)                                                                             \
    cr_assert(teleai_uuid_equal((actual), (expected)), "%s is %s, %s was expected", #actual, id_text(actual), \
              id_text(expected))

/* Both NULL, or the same characters. */
static inline bool same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* One member of two records: the same unless an update was to change it, and then another. */
#define CHANGED_ONLY(same, bit, name)                                      \
    do {                                                                   \
        if ((changed & (bit)) != 0)                                        \
            cr_assert(!(same), "%s did not change", name);                 \
        else                                                               \
            cr_assert((same), "%s changed though it was not named", name); \
    } while (0)

static inline int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The server's clock is ours: it runs on this machine. */
#define JUST_NOW(time_us, since_us)                                                                                 \
    cr_assert((time_us) >= (since_us)-1000 && (time_us) <= now_us() + 1000, "%s is %lld, not between %lld and now", \
              #time_us, (long long)(time_us), (long long)(since_us))

/* Runs `call` on each row in two threads at once and asserts that of each pair one got OK and the other CONFLICT. */
typedef teleai_status (*worker_call)(teleai_client *client, const teleai_uuid *id, teleai_error *error);

typedef struct worker {
    teleai_client *client;
    worker_call call;
    const teleai_uuid *ids;
    size_t count;
    pthread_barrier_t *barrier;
    teleai_status results[64];
} worker;

static inline void *work(void *argument) {
    worker *self = argument;
    for (size_t i = 0; i < self->count; i++) {
        teleai_error error;
        pthread_barrier_wait(self->barrier);
        self->results[i] = self->call(self->client, &self->ids[i], &error);
    }
    return NULL;
}

static inline void exactly_one_of_two(teleai_client *client, worker_call call, const teleai_uuid *ids, size_t count) {
    pthread_barrier_t barrier;
    pthread_t threads[2];
    worker workers[2];
    cr_assert(count <= 64);
    pthread_barrier_init(&barrier, NULL, 2);
    for (int i = 0; i < 2; i++) {
        workers[i] = (worker){.client = client, .call = call, .ids = ids, .count = count, .barrier = &barrier};
        cr_assert(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&barrier);
    for (size_t i = 0; i < count; i++) {
        teleai_status a = workers[0].results[i], b = workers[1].results[i];
        cr_assert((a == TELEAI_OK && b == TELEAI_CONFLICT) || (a == TELEAI_CONFLICT && b == TELEAI_OK),
                  "row %zu: %s and %s", i, teleai_status_name(a), teleai_status_name(b));
    }
}

#endif
