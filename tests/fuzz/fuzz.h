/* What the fuzzers share: taking values off the bytes that they are given, and saying what must hold. */
#ifndef TELEAI_TESTS_FUZZ_H
#define TELEAI_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                             \
    do {                                                            \
        if (!(condition)) {                                         \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            abort();                                                \
        }                                                           \
    } while (0)

typedef struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
} fuzz_bytes;

/* 0 at the end. */
__attribute__((unused)) static uint8_t fuzz_take(fuzz_bytes *from) {
    if (from->left == 0)
        return 0;
    from->left--;
    return *from->at++;
}

/* Up to `most` bytes; *count is how many there were. */
__attribute__((unused)) static const uint8_t *fuzz_take_some(fuzz_bytes *from, size_t most, size_t *count) {
    const uint8_t *start = from->at;
    *count = from->left < most ? from->left : most;
    from->at += *count;
    from->left -= *count;
    return start;
}

__attribute__((unused)) static bool fuzz_is_text(const char *text) {
    size_t characters, bad;
    return teleai__utf8_check(text, strlen(text), &characters, &bad);
}

/* The rest as a C string: free() it. */
__attribute__((unused)) static char *fuzz_text(fuzz_bytes *from) {
    char *text = malloc(from->left + 1);
    MUST(text != NULL);
    if (from->left > 0)
        memcpy(text, from->at, from->left);
    text[from->left] = '\0';
    return text;
}

#endif
