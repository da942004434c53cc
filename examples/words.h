/* Splits text into words, the same way for scoring and for analysis. */
#ifndef EXAMPLES_WORDS_H
#define EXAMPLES_WORDS_H

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct words {
    char *buffer;
    char **items;
    size_t count;
} words;

/* Letters, digits, apostrophes, and whatever is not ASCII. */
static inline bool is_word_byte(unsigned char byte) { return isalnum(byte) || byte == '\'' || byte >= 0x80; }

/* The words of a text in lower case, without punctuation. words_free() them. False: out of memory. */
static inline bool words_split(words *out, const char *text) {
    size_t length = strlen(text);
    *out = (words){.buffer = malloc(length + 1), .items = malloc((length / 2 + 1) * sizeof *out->items)};
    if (out->buffer == NULL || out->items == NULL)
        return false;
    bool inside = false;
    for (size_t i = 0; i <= length; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool belongs = is_word_byte(byte);
        if (belongs && !inside)
            out->items[out->count++] = out->buffer + i;
        out->buffer[i] = belongs ? (char)tolower(byte) : '\0';
        inside = belongs;
    }
    return true;
}

static inline void words_free(words *list) {
    free(list->buffer);
    free(list->items);
    *list = (words){0};
}

#endif
