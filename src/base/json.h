/* JSON: is it valid and of the expected shape; and walking through it without losing how it was written. */
#ifndef TELEAI_BASE_JSON_H
#define TELEAI_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum teleai__json_shape { TELEAI__JSON_OBJECT, TELEAI__JSON_ARRAY, TELEAI__JSON_ANY };

/* Room for what was wrong with a JSON text. */
typedef struct teleai__json_problem {
    char text[128];
} teleai__json_problem;

/* Checks a JSON text (RFC 8259) that goes to the server as jsonb, and what PostgreSQL asks for beyond: no U+0000, whole
 * surrogate pairs, numbers that numeric can hold. False: problem says what was wrong, and at which byte. */
bool teleai__json_check(const char *text, size_t bytes, enum teleai__json_shape shape, teleai__json_problem *problem);

/* Whether what a server sent is one whole JSON text, in UTF-8 and without NUL. Numbers of any size are right, and nesting as
 * deep as the server's own (65536 and less: its stack ends long before). */
bool teleai__json_is_whole(const char *text, size_t bytes);

/* A part of a JSON text, as it stands there. */
typedef struct teleai__json_slice {
    const char *start;
    size_t length;
} teleai__json_slice;

/*
 * Goes through the elements of an array (name NULL) or the members of an object: *at begins at its opening bracket.
 * False at its end, and where the text is no JSON. It reads no further than to the text's NUL, whatever stands there; only
 * texts that were checked are walked through as a whole.
 */
bool teleai__json_next(const char **at, teleai__json_slice *name, teleai__json_slice *value);

#endif
