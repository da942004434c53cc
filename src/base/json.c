/*
 * Written by hand, since json-c, even when strict, lets through what PostgreSQL refuses (01, NaN, 'a', control
 * characters, half surrogate pairs), and since it keeps values, not how they were written: 1e300 or a number of 30
 * digits would not survive. It still reads and writes the single strings and numbers: see api/analysis_json.c.
 */
#include "base/json.h"

#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define DEPTH 256
/* numeric holds 131072 digits before the point and 16383 after it (PostgreSQL documentation, table 8.2). */
#define MOST_DIGITS 16000
#define LARGEST_EXPONENT 100000
#define SMALLEST_EXPONENT (-16000 + MOST_DIGITS / 2)

typedef struct checker {
    const char *start, *at;
    bool any_number; /* whether or not numeric could hold it */
    teleai__json_problem *problem;
} checker;

__attribute__((cold, noinline)) static bool fail(checker *it, const char *what) {
    snprintf(it->problem->text, sizeof it->problem->text, "%s at byte %zu", what, (size_t)(it->at - it->start));
    return false;
}

static const char *skip_space(const char *at) {
    while ((unsigned char)*at <= ' ' && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The four digits of an escape \uXXXX; -1 when they are none. */
static long hex4(const char *at) {
    long value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

__attribute__((noinline)) static bool check_escape(checker *it) {
    char c = it->at[1];
    if (c != 'u') {
        if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
            return fail(it, "an escape that does not exist");
        it->at += 2;
        return true;
    }
    long code = hex4(it->at + 2);
    if (code < 0)
        return fail(it, "\\u without four hexadecimal digits");
    if (code == 0)
        return fail(it, "\\u0000, which the database cannot hold,");
    bool high = code >= 0xD800 && code <= 0xDBFF, low = code >= 0xDC00 && code <= 0xDFFF;
    long next = high && it->at[6] == '\\' && it->at[7] == 'u' ? hex4(it->at + 8) : -1;
    if (low || (high && !(next >= 0xDC00 && next <= 0xDFFF)))
        return fail(it, "half a surrogate pair");
    it->at += high ? 12 : 6;
    return true;
}

/* What a run of plain characters ends at: the control characters, of which there are 32, the quote, the backslash. */
static const bool ends_run[256] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,         1,
                                   1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1};

static bool check_string(checker *it) {
    const char *at = it->at + 1;
    for (;;) {
        while (!ends_run[(unsigned char)*at])
            at++;
        it->at = at;
        if (*at == '"') {
            it->at++;
            return true;
        }
        if (*at != '\\')
            return fail(it, *at == '\0' ? "a string that does not end," : "a control character in a string");
        if (!check_escape(it))
            return false;
        at = it->at;
    }
}

static bool check_number(checker *it) {
    const char *start = it->at;
    if (*it->at == '-')
        it->at++;
    if (!is_digit(*it->at))
        return fail(it, "an unexpected character");
    if (*it->at == '0' && is_digit(it->at[1]))
        return fail(it, "a number with a leading 0");
    while (is_digit(*it->at))
        it->at++;
    if (*it->at == '.') {
        it->at++;
        if (!is_digit(*it->at))
            return fail(it, "no digit after the point");
        while (is_digit(*it->at))
            it->at++;
    }
    bool fits = it->at - start <= MOST_DIGITS / 2;
    if (*it->at == 'e' || *it->at == 'E') {
        it->at += it->at[1] == '+' || it->at[1] == '-' ? 2 : 1;
        if (!is_digit(*it->at))
            return fail(it, "no digit in the exponent");
        long exponent = strtol(it->at[-1] == '-' ? it->at - 1 : it->at, NULL, 10);
        fits = fits && exponent <= LARGEST_EXPONENT && exponent >= SMALLEST_EXPONENT;
        while (is_digit(*it->at))
            it->at++;
    }
    return fits || it->any_number || fail(it, "a number too large for the database");
}

static bool check_value(checker *it, int depth);

static bool check_elements(checker *it, int depth) {
    bool is_object = *it->at == '{';
    char end = is_object ? '}' : ']';
    if (depth == DEPTH)
        return fail(it, "nested too deeply");
    it->at = skip_space(it->at + 1);
    if (*it->at == end) {
        it->at++;
        return true;
    }
    for (;;) {
        if (is_object) {
            if (*it->at != '"')
                return fail(it, "no name in double quotes");
            if (!check_string(it))
                return false;
            it->at = skip_space(it->at);
            if (*it->at != ':')
                return fail(it, "no colon after the name");
            it->at = skip_space(it->at + 1);
        }
        if (!check_value(it, depth + 1))
            return false;
        it->at = skip_space(it->at);
        if (*it->at == end) {
            it->at++;
            return true;
        }
        if (*it->at != ',')
            return fail(it, is_object ? "no , or }" : "no , or ]");
        it->at = skip_space(it->at + 1);
    }
}

static bool check_scalar(checker *it) {
    const char first = *it->at;
    if (first == '"')
        return check_string(it);
    const char *word = first == 't' ? "true" : first == 'f' ? "false" : first == 'n' ? "null" : NULL;
    if (word == NULL || strncmp(it->at, word, strlen(word)) != 0)
        return check_number(it);
    it->at += strlen(word);
    return true;
}

static bool check_value(checker *it, int depth) {
    return *it->at == '{' || *it->at == '[' ? check_elements(it, depth) : check_scalar(it);
}

bool teleai__json_check(const char *text, size_t bytes, enum teleai__json_shape shape, teleai__json_problem *problem) {
    checker it = {.start = text, .at = skip_space(text), .problem = problem};
    const char first = *it.at;
    if (!check_value(&it, 0))
        return false;
    it.at = skip_space(it.at);
    if (it.at != text + bytes)
        return fail(&it, "something after the end");
    if ((shape == TELEAI__JSON_OBJECT && first != '{') || (shape == TELEAI__JSON_ARRAY && first != '[')) {
        snprintf(problem->text, sizeof problem->text, "an %s was expected",
                 shape == TELEAI__JSON_OBJECT ? "object {...}" : "array [...]");
        return false;
    }
    return true;
}

/* ---- from a server ---- */

#define SERVERS_DEPTH 65536

static bool take_name(checker *it) {
    it->at = skip_space(it->at);
    if (*it->at != '"' || !check_string(it))
        return false;
    it->at = skip_space(it->at);
    return *it->at++ == ':';
}

/* What is open at present: a bit for each level tells objects from arrays. */
typedef struct levels {
    size_t depth;
    uint64_t objects[SERVERS_DEPTH / 64];
} levels;

static bool in_object(const levels *it) {
    return it->depth > 0 && (it->objects[(it->depth - 1) / 64] >> ((it->depth - 1) % 64) & 1) != 0;
}

static bool enter(levels *it, bool object) {
    if (it->depth == SERVERS_DEPTH)
        return false;
    uint64_t bit = UINT64_C(1) << it->depth % 64, *word = &it->objects[it->depth / 64];
    uint64_t below = it->depth % 64 == 0 ? 0 : *word;
    *word = object ? below | bit : below & ~bit;
    it->depth++;
    return true;
}

/* The end of a string without escapes; NULL: it is none. */
static const char *skip_plain_string(const char *at) {
    if (*at != '"')
        return NULL;
    do
        at++;
    while (!ends_run[(unsigned char)*at]);
    return *at == '"' ? at + 1 : NULL;
}

/* Most of what is stored is one object of a few strings and whole numbers, which the server writes in one way. */
static bool is_small_object(const char *text, size_t bytes) {
    const char *at = text;
    if (*at != '{')
        return false;
    do {
        at = skip_plain_string(at + 1);
        if (at == NULL || at[0] != ':' || at[1] != ' ')
            return false;
        at += 2;
        if (*at == '"') {
            at = skip_plain_string(at);
            if (at == NULL)
                return false;
        } else {
            if (*at < '1' || *at > '9')
                return false;
            while (is_digit(*at))
                at++;
        }
    } while (at[0] == ',' && at[1] == ' ' && *++at == ' ');
    return *at == '}' && at + 1 == text + bytes;
}

/* Not by recursion, since the depth is the server's choice. */
bool teleai__json_is_whole(const char *text, size_t bytes) {
    teleai__json_problem unused;
    checker it = {.start = text, .at = text, .any_number = true, .problem = &unused};
    size_t characters, bad;
    if (!teleai__utf8_check(text, bytes, &characters, &bad))
        return false;
    if (is_small_object(text, bytes))
        return true;
    levels open;
    open.depth = 0;
    bool empty_may_end = false; /* a bracket was opened just now */
    for (;;) {
        it.at = skip_space(it.at);
        if (empty_may_end && *it.at == (in_object(&open) ? '}' : ']')) {
            it.at++;
            open.depth--;
        } else {
            if (in_object(&open) && !take_name(&it))
                return false;
            it.at = skip_space(it.at);
            if (*it.at == '{' || *it.at == '[') {
                if (!enter(&open, *it.at == '{'))
                    return false;
                it.at++;
                empty_may_end = true;
                continue;
            }
            if (!check_scalar(&it))
                return false;
        }
        empty_may_end = false;
        it.at = skip_space(it.at);
        while (open.depth > 0 && *it.at == (in_object(&open) ? '}' : ']')) {
            open.depth--;
            it.at = skip_space(it.at + 1);
        }
        if (open.depth == 0)
            return it.at == text + bytes;
        if (*it.at++ != ',')
            return false;
    }
}

/* ---- walking ---- */

static const char *after_string(const char *at) {
    for (at++; *at != '"' && *at != '\0'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return *at == '\0' ? at : at + 1;
}

static const char *after_value(const char *at) {
    int depth = 0;
    do {
        if (*at == '\0')
            return at;
        if (*at == '"') {
            at = after_string(at);
            continue;
        }
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
    } while (depth > 0);
    if (at[-1] == '}' || at[-1] == ']' || at[-1] == '"')
        return at;
    return at + strcspn(at, " \t\n\r,]}"); /* a number or a word */
}

bool teleai__json_next(const char **at, teleai__json_slice *name, teleai__json_slice *value) {
    const char *place = skip_space(*at);
    if (*place == '[' || *place == '{' || *place == ',')
        place = skip_space(place + 1);
    if (*place == ']' || *place == '}' || *place == '\0')
        return false;
    if (name != NULL) {
        if (*place != '"')
            return false;
        name->start = place;
        place = after_string(place);
        name->length = (size_t)(place - name->start);
        place = skip_space(place);
        if (*place != ':')
            return false;
        place = skip_space(place + 1);
    }
    value->start = place;
    place = after_value(place);
    value->length = (size_t)(place - value->start);
    *at = skip_space(place);
    return value->length > 0; /* none: what was to be walked is no JSON, and would not end */
}
