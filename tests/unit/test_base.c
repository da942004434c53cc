/* base: cursors, structs of another size, arenas. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/options.h"

/* ---- cursors ---- */

static const teleai__cursor samples[] = {
    {.kind = TELEAI__CURSOR_USERS, .time_us = 1700000000123456, .id = {{1, 2, 3, [15] = 4}}},
    {.kind = TELEAI__CURSOR_ANALYSES + 1, .time_us = -1, .id = {{255, [15] = 255}}},
    {.kind = TELEAI__CURSOR_SEARCH_RANKED,
     .time_us = INT64_MIN,
     .rank = 0.1234567890123,
     .as_of_us = INT64_MAX,
     .as_of_id = {{9}}},
    {.kind = TELEAI__CURSOR_SEARCH_NEWEST, .time_us = INT64_MAX},
};

Test(cursor, round_trip) {
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char text[TELEAI__CURSOR_TEXT_BYTES];
        memset(text, '#', sizeof text);
        teleai__cursor_format(&samples[i], text);
        cr_assert(memchr(text, '\0', sizeof text) != NULL, "it ends within its room");
        cr_assert(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(text),
                  "%s can stand in a URL", text);
        teleai__cursor read = {0};
        teleai_error error;
        cr_assert(teleai__cursor_parse(text, samples[i].kind, &read, &error) == TELEAI_OK, "%s", error.message);
        cr_assert(read.kind == samples[i].kind && read.time_us == samples[i].time_us);
        cr_assert(teleai_uuid_equal(&read.id, &samples[i].id));
        cr_assert(read.rank == samples[i].rank && read.as_of_us == samples[i].as_of_us);
        cr_assert(teleai_uuid_equal(&read.as_of_id, &samples[i].as_of_id));
    }
}

static void refused(const char *text, uint8_t kind) {
    teleai__cursor read = {0};
    teleai_error error;
    cr_assert(teleai__cursor_parse(text, kind, &read, &error) == TELEAI_INVALID_ARGUMENT, "%s was let through", text);
    cr_assert_str_eq(error.field, "cursor");
}

Test(cursor, of_another_kind) {
    char text[TELEAI__CURSOR_TEXT_BYTES];
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        teleai__cursor_format(&samples[i], text);
        for (int kind = 0; kind < 256; kind++)
            if (kind != samples[i].kind)
                refused(text, (uint8_t)kind);
    }
}

Test(cursor, tampered_with) {
    static const char *const none[] = {
        "", " ", "x", "02", "cursor", "\xff", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        refused(none[i], TELEAI__CURSOR_USERS);
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        char text[TELEAI__CURSOR_TEXT_BYTES], changed[400];
        teleai__cursor_format(&samples[s], text);
        size_t length = strlen(text);
        for (size_t i = 0; i < length; i++) {
            memcpy(changed, text, length + 1);
            changed[i] = '\0'; /* cut off */
            refused(changed, samples[s].kind);
            changed[i] = '*'; /* no digit */
            refused(changed, samples[s].kind);
        }
        memcpy(changed, text, length + 1);
        memset(changed + length, '0', 200);
        changed[length + 1] = '\0';
        refused(changed, samples[s].kind);
        changed[length + 1] = '0';
        changed[length + 2] = '\0';
        refused(changed, samples[s].kind);
        memset(changed + length, '0', 200);
        changed[length + 200] = '\0';
        refused(changed, samples[s].kind);
    }
}

/* ---- structs of another size ---- */

typedef struct ours {
    size_t struct_size;
    int64_t a, b;
} ours;

typedef struct theirs {
    ours known;
    int64_t newer[3];
} theirs;

static teleai_status read(const void *input, ours *out, teleai_error *error) {
    memset(out, 0xAA, sizeof *out);
    return teleai__read_input(out, sizeof *out, input, "input", error);
}

Test(options, the_same_size) {
    ours in = {sizeof in, 1, 2}, out;
    teleai_error error;
    cr_assert(read(&in, &out, &error) == TELEAI_OK);
    cr_assert(memcmp(&in, &out, sizeof in) == 0);
}

Test(options, a_shorter_struct_is_filled_up_with_zeros) {
    ours in = {16, 1, 2}, out;
    teleai_error error;
    cr_assert(read(&in, &out, &error) == TELEAI_OK);
    cr_assert(out.struct_size == 16 && out.a == 1 && out.b == 0);
    in.struct_size = sizeof(size_t);
    cr_assert(read(&in, &out, &error) == TELEAI_OK);
    cr_assert(out.a == 0 && out.b == 0);
}

Test(options, a_longer_struct_must_be_zero_beyond) {
    theirs in = {.known = {sizeof in, 1, 2}};
    ours out;
    teleai_error error;
    cr_assert(read(&in, &out, &error) == TELEAI_OK);
    cr_assert(out.a == 1 && out.b == 2);
    for (size_t i = sizeof(ours); i < sizeof in; i++) {
        memset(in.newer, 0, sizeof in.newer);
        ((unsigned char *)&in)[i] = 1;
        cr_assert(read(&in, &out, &error) == TELEAI_INVALID_ARGUMENT, "byte %zu was overlooked", i);
        cr_assert_str_eq(error.field, "input");
    }
    in.known.struct_size = sizeof(ours); /* what lies beyond their struct is not ours to look at */
    cr_assert(read(&in, &out, &error) == TELEAI_OK);
}

Test(options, a_size_that_was_never_set) {
    static const size_t sizes[] = {0, 1, sizeof(size_t) - 1, 4097, 1 << 20, SIZE_MAX};
    for (size_t i = 0; i < 6; i++) {
        ours in = {sizes[i], 1, 2}, out;
        teleai_error error;
        cr_assert(read(&in, &out, &error) == TELEAI_INVALID_ARGUMENT, "%zu", sizes[i]);
        cr_assert_str_eq(error.field, "struct_size");
    }
}

Test(options, null_is_nothing_or_refused) {
    ours out;
    teleai_error error;
    memset(&out, 0xAA, sizeof out);
    cr_assert(teleai__read_options(&out, sizeof out, NULL, "options", &error) == TELEAI_OK);
    static const ours zeros;
    cr_assert(memcmp(&out, &zeros, sizeof out) == 0);
    cr_assert(read(NULL, &out, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.field, "input");
    cr_assert(read(NULL, &out, NULL) == TELEAI_INVALID_ARGUMENT);
    ours in = {sizeof in, 3, 4};
    cr_assert(teleai__read_options(&out, sizeof out, &in, "options", &error) == TELEAI_OK && out.a == 3);
}

/* ---- arenas ---- */

static bool is_zero(const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)bytes)[i] != 0)
            return false;
    return true;
}

Test(arena, gives_zeroed_aligned_memory_that_does_not_overlap) {
    enum { MANY = 3000 };
    static unsigned char *places[MANY];
    static size_t sizes[MANY];
    void *root = teleai__arena_make(100, 1000);
    cr_assert(root != NULL && is_zero(root, 100));
    teleai__arena *arena = teleai__arena_of(root);
    memset(root, 0xEE, 100);
    for (int i = 0; i < MANY; i++) {
        sizes[i] = (size_t)(i * 7919) % (i % 100 == 0 ? 20000 : 200);
        places[i] = teleai__arena_alloc(arena, sizes[i]);
        cr_assert(places[i] != NULL && is_zero(places[i], sizes[i]));
        cr_assert((uintptr_t)places[i] % _Alignof(max_align_t) == 0);
        memset(places[i], i & 0xFF, sizes[i]);
    }
    for (int i = 0; i < MANY; i++)
        for (size_t b = 0; b < sizes[i]; b++)
            if (places[i][b] != (i & 0xFF))
                cr_assert_fail("allocation %d was written over", i);
    for (int b = 0; b < 100; b++)
        cr_assert(((unsigned char *)root)[b] == 0xEE);
    teleai__arena_free(root);
}

Test(arena, refuses_what_cannot_be) {
    cr_assert(teleai__arena_make(SIZE_MAX, 0) == NULL);
    cr_assert(teleai__arena_make(SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1) == NULL);
    void *root = teleai__arena_make(8, 0);
    teleai__arena *arena = teleai__arena_of(root);
    cr_assert(teleai__arena_alloc(arena, SIZE_MAX) == NULL);
    cr_assert(teleai__arena_alloc(arena, SIZE_MAX - 31) == NULL);
    cr_assert(teleai__arena_alloc(arena, 8) != NULL, "it still works");
    teleai__arena_free(root);
    teleai__arena_free(NULL);
}

Test(arena, copies_texts) {
    void *root = teleai__arena_make(0, 0);
    teleai__arena *arena = teleai__arena_of(root);
    char *text = teleai__arena_text(arena, "abcdef", 3), *empty = teleai__arena_text(arena, NULL, 0);
    cr_assert_str_eq(text, "abc");
    cr_assert_str_eq(empty, "");
    teleai__arena_free(root);
}

static int released;
static void release(void *resource) { released += *(int *)resource; }

Test(arena, releases_what_it_keeps_once) {
    int resource = 5;
    void *root = teleai__arena_make(8, 0);
    teleai__arena_keep(teleai__arena_of(root), &resource, release);
    cr_assert(teleai__arena_alloc(teleai__arena_of(root), 10000) != NULL);
    cr_assert(released == 0);
    teleai__arena_free(root);
    cr_assert(released == 5);
}
