/* UUIDs: version 7 as RFC 9562 has it, in order within a process; reading and writing the text form. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "teleai/base.h"

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t time_of(const teleai_uuid *id) {
    int64_t milliseconds = 0;
    for (int i = 0; i < 6; i++)
        milliseconds = milliseconds << 8 | id->bytes[i];
    return milliseconds;
}

Test(uuid, has_the_layout_of_version_7) {
    uint8_t ones[16] = {0}, zeros[16] = {0};
    for (int i = 0; i < 2000; i++) {
        teleai_uuid id;
        int64_t before = now_ms();
        teleai_uuid_make(&id);
        int64_t after = now_ms();
        cr_assert(id.bytes[6] >> 4 == 7, "version");
        cr_assert(id.bytes[8] >> 6 == 2, "variant");
        cr_assert(time_of(&id) >= before && time_of(&id) <= after + 2, "unix_ts_ms is %lld, the clock %lld",
                  (long long)time_of(&id), (long long)before);
        for (int b = 0; b < 16; b++) {
            ones[b] |= id.bytes[b];
            zeros[b] |= (uint8_t)~id.bytes[b];
        }
    }
    /* rand_b: each of the last 62 bits was 1 once and 0 once. */
    cr_assert((ones[8] & 0x3F) == 0x3F && (zeros[8] & 0x3F) == 0x3F);
    for (int b = 9; b < 16; b++)
        cr_assert(ones[b] == 0xFF && zeros[b] == 0xFF, "byte %d", b);
}

Test(uuid, later_ones_are_larger) {
    teleai_uuid last, next;
    teleai_uuid_make(&last);
    for (int i = 0; i < 1000000; i++) {
        teleai_uuid_make(&next);
        if (memcmp(&last, &next, sizeof last) >= 0)
            cr_assert_fail("call %d", i);
        last = next;
    }
    /* Made faster than the clock ticks they run ahead of it, but not far: 4096 fit into a millisecond. */
    cr_assert(time_of(&last) < now_ms() + 1000);
}

enum { THREADS = 4, EACH = 200000 };
static teleai_uuid made[THREADS][EACH];
static pthread_barrier_t together;

static void *make_many(void *mine) {
    pthread_barrier_wait(&together);
    for (int i = 0; i < EACH; i++)
        teleai_uuid_make((teleai_uuid *)mine + i);
    return NULL;
}

static int compare(const void *a, const void *b) { return memcmp(a, b, 16); }

Test(uuid, threads_make_no_two_alike) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&together, NULL, THREADS);
    for (int t = 0; t < THREADS; t++)
        cr_assert(pthread_create(&threads[t], NULL, make_many, made[t]) == 0);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    pthread_barrier_destroy(&together);
    for (int t = 0; t < THREADS; t++)
        for (int i = 1; i < EACH; i++)
            if (memcmp(&made[t][i - 1], &made[t][i], 16) >= 0)
                cr_assert_fail("thread %d, call %d", t, i);
    qsort(made, THREADS * EACH, sizeof(teleai_uuid), compare);
    const teleai_uuid *all = made[0];
    for (int i = 1; i < THREADS * EACH; i++)
        if (memcmp(&all[i - 1], &all[i], 8) == 0) /* the time and the counter alone differ */
            cr_assert_fail("two have the same time");
}

Test(uuid, text_form) {
    static const uint8_t bytes[16] = {0x01, 0x90, 0x16, 0x3d, 0x86, 0x94, 0x73, 0x9b,
                                      0xae, 0xa5, 0x96, 0x6c, 0x26, 0xf8, 0xad, 0x91};
    static const char *const texts[] = {"0190163d-8694-739b-aea5-966c26f8ad91", "0190163D-8694-739B-AEA5-966C26F8AD91",
                                        "0190163d-8694-739B-aea5-966C26f8ad91"};
    for (size_t i = 0; i < 3; i++) {
        teleai_uuid id;
        teleai_error error;
        memset(&error, 0xAA, sizeof error);
        cr_assert(teleai_uuid_parse(texts[i], &id, &error) == TELEAI_OK);
        cr_assert(error.status == TELEAI_OK && error.message[0] == '\0' && error.field[0] == '\0');
        cr_assert(memcmp(id.bytes, bytes, 16) == 0);
        char text[TELEAI_UUID_TEXT_BYTES + 1] = {0};
        text[TELEAI_UUID_TEXT_BYTES] = '#';
        teleai_uuid_format(&id, text);
        cr_assert_str_eq(text, texts[0]);
        cr_assert(text[TELEAI_UUID_TEXT_BYTES] == '#', "written beyond %d bytes", TELEAI_UUID_TEXT_BYTES);
    }
}

Test(uuid, text_that_is_none) {
    static const char *const texts[] = {NULL,
                                        "",
                                        "0190163d-8694-739b-aea5-966c26f8ad9",
                                        "0190163d-8694-739b-aea5-966c26f8ad911",
                                        "0190163d8694739baea5966c26f8ad91",
                                        "0190163d86947-39b-aea5-966c26f8ad910",
                                        "0190163g-8694-739b-aea5-966c26f8ad91",
                                        "{190163d-8694-739b-aea5-966c26f8ad9}",
                                        " 190163d-8694-739b-aea5-966c26f8ad91",
                                        "0190163d-8694-739b-aea5-966c26f8ad9 ",
                                        "-0190163d-8694-739b-aea5-966c26f8ad9",
                                        "0x90163d-8694-739b-aea5-966c26f8ad91",
                                        "+190163d-8694-739b-aea5-966c26f8ad91"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        teleai_uuid id = {{1, 2, 3}};
        teleai_error error;
        cr_expect(teleai_uuid_parse(texts[i], &id, &error) == TELEAI_INVALID_ARGUMENT, "\"%s\"",
                  texts[i] == NULL ? "NULL" : texts[i]);
        cr_expect(strcmp(error.field, "text") == 0 && error.message[0] != '\0');
        cr_expect(teleai_uuid_equal(&id, &(teleai_uuid){{0}}), "out is zero on failure");
    }
    teleai_error error;
    cr_assert(teleai_uuid_parse("0190163d-8694-739b-aea5-966c26f8ad91", NULL, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.field, "out");
    teleai_uuid id;
    cr_assert(teleai_uuid_parse("x", &id, NULL) == TELEAI_INVALID_ARGUMENT);
}

Test(uuid, equality) {
    teleai_uuid a = {{1}}, b = {{1}}, c = {{0}};
    c.bytes[15] = 1;
    cr_assert(teleai_uuid_equal(&a, &b) && teleai_uuid_equal(&a, &a) && teleai_uuid_equal(NULL, NULL));
    cr_assert(!teleai_uuid_equal(&a, &c) && !teleai_uuid_equal(&a, NULL) && !teleai_uuid_equal(NULL, &a));
    b.bytes[15] = 1;
    cr_assert(!teleai_uuid_equal(&a, &b));
}
