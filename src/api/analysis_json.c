#include "api/analysis_json.h"

#include <json-c/json.h>
#include <json-c/printbuf.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#define PLAIN (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define LARGEST_EXACT_WHOLE 9007199254740992.0 /* 2^53: beyond, a double skips whole numbers */

typedef teleai__json_slice slice;

/* ---- reading ---- */

static bool is_named(slice name, const char *wanted) {
    return name.length == strlen(wanted) + 2 && memcmp(name.start + 1, wanted, name.length - 2) == 0;
}

/* A single string or number, by json-c. */
static struct json_object *scalar(slice text) {
    struct json_tokener *tokener = json_tokener_new();
    if (tokener == NULL || text.length >= INT_MAX)
        return NULL;
    struct json_object *value = json_tokener_parse_ex(tokener, text.start, (int)text.length);
    if (value == NULL && json_tokener_get_error(tokener) == json_tokener_continue)
        value = json_tokener_parse_ex(tokener, "", 1); /* a number ends where the text does */
    json_tokener_free(tokener);
    return value;
}

/* False: out of memory. A member that is no string is left alone. */
static bool read_text(slice text, teleai__arena *arena, const char **out) {
    if (*text.start != '"')
        return true;
    struct json_object *value = scalar(text);
    if (value != NULL)
        *out = teleai__arena_text(arena, json_object_get_string(value), (size_t)json_object_get_string_len(value));
    json_object_put(value);
    return *out != NULL;
}

/* A double in the fewest digits that give it again, with a point: 0.9, 1.0. */
static struct json_object *number_of(double value) {
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    char *point = strpbrk(text, ".,"); /* the program's locale may have a comma */
    if (point != NULL)
        *point = '.';
    else if (strpbrk(text, "eE") == NULL)
        memcpy(text + strlen(text), ".0", 3);
    return json_object_new_double_s(value, text);
}

/* Whether writing this number gives these digits again. If not, they are kept in the extra too. */
static bool is_written_so(struct json_object *value, slice text) {
    size_t length = 0;
    const char *written = value == NULL ? NULL : json_object_to_json_string_length(value, PLAIN, &length);
    return written != NULL && length == text.length && memcmp(written, text.start, length) == 0;
}

/* Each takes a number that it can hold, and tells whether the extra need not keep it. */

static bool read_number(slice text, double *out, bool *has) {
    if (*text.start != '-' && !(*text.start >= '0' && *text.start <= '9'))
        return false;
    struct json_object *value = scalar(text);
    double number = json_object_get_double(value);
    bool fits = value != NULL && isfinite(number) &&
                (json_object_is_type(value, json_type_double) || fabs(number) <= LARGEST_EXACT_WHOLE);
    json_object_put(value);
    if (!fits)
        return false;
    *out = number;
    *has = true;
    struct json_object *again = number_of(number);
    bool same = is_written_so(again, text);
    json_object_put(again);
    return same;
}

static bool read_whole(slice text, int64_t *out, bool *has) {
    if (*text.start != '-' && !(*text.start >= '0' && *text.start <= '9'))
        return false;
    struct json_object *value = scalar(text);
    bool same = json_object_is_type(value, json_type_int);
    if (same) {
        *out = json_object_get_int64(value);
        struct json_object *again = json_object_new_int64(*out);
        same = is_written_so(again, text); /* json-c gives the nearest number where it does not fit */
        json_object_put(again);
    }
    *has = same;
    if (!same)
        *out = 0;
    json_object_put(value);
    return same;
}

/* The members that stay: the object anew from their own texts. */
typedef struct leftover {
    struct printbuf *text;
    bool any;
} leftover;

static bool leftover_add(leftover *it, slice name, slice value) {
    if (it->text == NULL && (it->text = printbuf_new()) == NULL)
        return false;
    bool fine = printbuf_memappend(it->text, it->any ? ", " : "{", it->any ? 2 : 1) >= 0 &&
                printbuf_memappend(it->text, name.start, (int)name.length) >= 0 &&
                printbuf_memappend(it->text, ": ", 2) >= 0 &&
                printbuf_memappend(it->text, value.start, (int)value.length) >= 0;
    it->any = true;
    return fine;
}

static bool leftover_end(leftover *it, bool fine, teleai__arena *arena, const char **out) {
    if (fine && it->any)
        fine = printbuf_memappend(it->text, "}", 1) >= 0 &&
               (*out = teleai__arena_text(arena, it->text->buf, (size_t)it->text->bpos)) != NULL;
    if (it->text != NULL)
        printbuf_free(it->text);
    return fine;
}

/* Whether an element is an object with a string of this name. */
static bool has_text(slice element, const char *name) {
    if (*element.start != '{')
        return false;
    const char *at = element.start;
    slice member, value;
    while (teleai__json_next(&at, &member, &value))
        if (is_named(member, name))
            return *value.start == '"';
    return false;
}

static size_t count_elements(const char *json) {
    size_t count = 0;
    slice element;
    if (json == NULL || json[strspn(json, " \t\n\r")] != '[')
        return 0;
    while (teleai__json_next(&json, NULL, &element))
        count++;
    return count;
}

static bool read_entity(slice element, teleai__arena *arena, teleai_entity *out) {
    if (!has_text(element, "text"))
        return (out->extra_json = teleai__arena_text(arena, element.start, element.length)) != NULL;
    const char *at = element.start;
    slice name, value;
    leftover rest = {0};
    bool fine = true;
    while (fine && teleai__json_next(&at, &name, &value)) {
        bool taken = false;
        if (is_named(name, "text")) {
            fine = taken = read_text(value, arena, &out->text);
        } else if (is_named(name, "type")) {
            fine = read_text(value, arena, &out->type);
            taken = out->type != NULL;
        } else if (is_named(name, "confidence")) {
            taken = read_number(value, &out->confidence, &out->has_confidence);
        } else if (is_named(name, "start_ms")) {
            taken = read_whole(value, &out->start_ms, &out->has_start);
        } else if (is_named(name, "end_ms")) {
            taken = read_whole(value, &out->end_ms, &out->has_end);
        }
        if (fine && !taken)
            fine = leftover_add(&rest, name, value);
    }
    return leftover_end(&rest, fine, arena, &out->extra_json);
}

static bool read_topic(slice element, teleai__arena *arena, teleai_topic *out) {
    if (!has_text(element, "name"))
        return (out->extra_json = teleai__arena_text(arena, element.start, element.length)) != NULL;
    const char *at = element.start;
    slice name, value;
    leftover rest = {0};
    bool fine = true;
    while (fine && teleai__json_next(&at, &name, &value)) {
        bool taken = false;
        if (is_named(name, "name"))
            fine = taken = read_text(value, arena, &out->name);
        else if (is_named(name, "score"))
            taken = read_number(value, &out->score, &out->has_score);
        if (fine && !taken)
            fine = leftover_add(&rest, name, value);
    }
    return leftover_end(&rest, fine, arena, &out->extra_json);
}

bool teleai__entities_read(const char *json, teleai__arena *arena, const teleai_entity **out, size_t *count) {
    size_t length = count_elements(json);
    teleai_entity *entities = length == 0 ? NULL : teleai__arena_alloc(arena, length * sizeof *entities);
    slice element;
    for (size_t i = 0; i < length; i++)
        if (entities == NULL || !teleai__json_next(&json, NULL, &element) || !read_entity(element, arena, &entities[i]))
            return false;
    *out = entities;
    *count = length;
    return true;
}

bool teleai__topics_read(const char *json, teleai__arena *arena, const teleai_topic **out, size_t *count) {
    size_t length = count_elements(json);
    teleai_topic *topics = length == 0 ? NULL : teleai__arena_alloc(arena, length * sizeof *topics);
    slice element;
    for (size_t i = 0; i < length; i++)
        if (topics == NULL || !teleai__json_next(&json, NULL, &element) || !read_topic(element, arena, &topics[i]))
            return false;
    *out = topics;
    *count = length;
    return true;
}

/* ---- writing ---- */

/* An array as it grows, and the first thing that went wrong with it. */
typedef struct writer {
    struct printbuf *text;
    const char *field; /* for errors: "entities" */
    teleai_status status;
    teleai_error *error;
    bool in_object; /* something stands before in this object */
} writer;

static void put(writer *it, const char *text, size_t length) {
    if (it->status == TELEAI_OK && (length >= INT_MAX || printbuf_memappend(it->text, text, (int)length) < 0))
        it->status = teleai__fail_memory(it->error);
}

static void put_name(writer *it, const char *name) {
    put(it, it->in_object ? ", \"" : "{\"", it->in_object ? 3 : 2);
    put(it, name, strlen(name));
    put(it, "\": ", 3);
    it->in_object = true;
}

/* Takes the value over. */
static void put_scalar(writer *it, const char *name, struct json_object *value) {
    size_t length = 0;
    const char *text = value == NULL ? NULL : json_object_to_json_string_length(value, PLAIN, &length);
    if (text == NULL && it->status == TELEAI_OK)
        it->status = teleai__fail_memory(it->error);
    put_name(it, name);
    if (text != NULL)
        put(it, text, length);
    json_object_put(value);
}

static void put_text(writer *it, const char *name, const char *text) {
    size_t characters, bad;
    if (text == NULL || it->status != TELEAI_OK)
        return;
    if (!teleai__utf8_check(text, strlen(text), &characters, &bad))
        it->status =
            teleai__fail_field(it->error, it->field, "%s: %s is not valid UTF-8 at byte %zu", it->field, name, bad);
    else
        put_scalar(it, name, json_object_new_string(text));
}

/* Where an object has this member; a slice of length 0 when it has none. */
static slice find_member(const char *object, const char *wanted) {
    slice name, value;
    while (object != NULL && teleai__json_next(&object, &name, &value))
        if (is_named(name, wanted))
            return value;
    return (slice){0};
}

/* Whether the extra says this number already, in its own digits: then these are what is written. */
static bool extra_says(writer *it, const char *extra, const char *name, double value) {
    slice said = find_member(extra, name);
    double number;
    bool has = false;
    if (said.length == 0)
        return false;
    (void)read_number(said, &number, &has);
    if (!has || number != value)
        it->status =
            teleai__fail_field(it->error, it->field, "%s: extra_json gives \"%s\" another value", it->field, name);
    return true;
}

/* A number that stands there without its flag would be dropped without a word. */
static void refuse_unflagged(writer *it, size_t index, const char *name, const char *has_name, bool has, bool given) {
    if (it->status == TELEAI_OK && given && !has)
        it->status = teleai__fail_field(it->error, it->field,
                                        "%s: %s of element %zu is given, but %s is false; set %s to true beside it",
                                        it->field, name, index, has_name, has_name);
}

static void put_number(writer *it, const char *extra, const char *name, bool has, double value) {
    if (!has || it->status != TELEAI_OK || extra_says(it, extra, name, value))
        return;
    if (!isfinite(value))
        it->status = teleai__fail_field(it->error, it->field, "%s: %s is not a finite number", it->field, name);
    else
        put_scalar(it, name, number_of(value));
}

static void refuse_twice(writer *it, const char *extra, const char *name) {
    if (it->status == TELEAI_OK && find_member(extra, name).length != 0)
        it->status =
            teleai__fail_field(it->error, it->field, "%s: extra_json says \"%s\" a second time", it->field, name);
}

/* Begins an element. True: it has a text, and members are to follow; otherwise it is the extra whole. */
static bool begin(writer *it, size_t index, const char *text, const char *extra) {
    teleai__json_problem problem;
    if (it->status != TELEAI_OK)
        return false;
    size_t characters, bad;
    if (text == NULL && extra == NULL)
        it->status = teleai__fail_field(it->error, it->field, "%s: element %zu has neither a text nor extra_json",
                                        it->field, index);
    else if (extra != NULL && (!teleai__utf8_check(extra, strlen(extra), &characters, &bad) ||
                               !teleai__json_check(extra, strlen(extra),
                                                   text == NULL ? TELEAI__JSON_ANY : TELEAI__JSON_OBJECT, &problem)))
        it->status = teleai__fail_field(it->error, it->field, "%s: extra_json of element %zu is not JSON%s", it->field,
                                        index, text == NULL ? "" : " of an object {...}");
    put(it, index == 0 ? "[" : ", ", index == 0 ? 1 : 2);
    it->in_object = false;
    if (text == NULL && extra != NULL)
        put(it, extra, strlen(extra));
    return it->status == TELEAI_OK && text != NULL;
}

/* Ends an element that has a text: the members of the extra as they are. */
static void finish_element(writer *it, const char *extra) {
    slice name, value;
    while (extra != NULL && teleai__json_next(&extra, &name, &value)) {
        put(it, ", ", 2);
        put(it, name.start, name.length);
        put(it, ": ", 2);
        put(it, value.start, value.length);
    }
    put(it, "}", 1);
}

static teleai_status finish_array(writer *it, size_t count, teleai__arena *arena, const char **out) {
    if (count == 0)
        put(it, "[", 1);
    put(it, "]", 1);
    if (it->status == TELEAI_OK && (*out = teleai__arena_text(arena, it->text->buf, (size_t)it->text->bpos)) == NULL)
        it->status = teleai__fail_memory(it->error);
    printbuf_free(it->text);
    return it->status;
}

teleai_status teleai__entities_write(const teleai_entity *entities, size_t count, teleai__arena *arena,
                                     const char **out, teleai_error *error) {
    writer it = {.text = printbuf_new(), .field = "entities", .error = error};
    if (it.text == NULL)
        return teleai__fail_memory(error);
    for (size_t i = 0; i < count && it.status == TELEAI_OK; i++) {
        const teleai_entity *entity = &entities[i];
        const char *more = entity->extra_json;
        refuse_unflagged(&it, i, "confidence", "has_confidence", entity->has_confidence, entity->confidence != 0);
        refuse_unflagged(&it, i, "start_ms", "has_start", entity->has_start, entity->start_ms != 0);
        refuse_unflagged(&it, i, "end_ms", "has_end", entity->has_end, entity->end_ms != 0);
        if (!begin(&it, i, entity->text, more))
            continue;
        refuse_twice(&it, more, "text");
        put_text(&it, "text", entity->text);
        if (entity->type != NULL)
            refuse_twice(&it, more, "type");
        put_text(&it, "type", entity->type);
        put_number(&it, more, "confidence", entity->has_confidence, entity->confidence);
        if (entity->has_start) {
            refuse_twice(&it, more, "start_ms");
            put_scalar(&it, "start_ms", json_object_new_int64(entity->start_ms));
        }
        if (entity->has_end) {
            refuse_twice(&it, more, "end_ms");
            put_scalar(&it, "end_ms", json_object_new_int64(entity->end_ms));
        }
        finish_element(&it, more);
    }
    return finish_array(&it, count, arena, out);
}

teleai_status teleai__topics_write(const teleai_topic *topics, size_t count, teleai__arena *arena, const char **out,
                                   teleai_error *error) {
    writer it = {.text = printbuf_new(), .field = "topics", .error = error};
    if (it.text == NULL)
        return teleai__fail_memory(error);
    for (size_t i = 0; i < count && it.status == TELEAI_OK; i++) {
        const teleai_topic *topic = &topics[i];
        refuse_unflagged(&it, i, "score", "has_score", topic->has_score, topic->score != 0);
        if (!begin(&it, i, topic->name, topic->extra_json))
            continue;
        refuse_twice(&it, topic->extra_json, "name");
        put_text(&it, "name", topic->name);
        put_number(&it, topic->extra_json, "score", topic->has_score, topic->score);
        finish_element(&it, topic->extra_json);
    }
    return finish_array(&it, count, arena, out);
}

/* ---- key phrases ---- */

static const char *keep(teleai__arena *arena, struct json_object *value) {
    size_t length;
    const char *text = json_object_to_json_string_length(value, PLAIN, &length);
    return text == NULL ? NULL : teleai__arena_text(arena, text, length);
}

bool teleai__phrases_write_json(const char *const *phrases, size_t count, teleai__arena *arena, const char **out) {
    struct json_object *array = json_object_new_array();
    bool fine = array != NULL;
    for (size_t i = 0; fine && i < count; i++) {
        struct json_object *phrase = phrases[i] == NULL ? NULL : json_object_new_string(phrases[i]);
        fine = (phrases[i] == NULL || phrase != NULL) && json_object_array_add(array, phrase) == 0;
        if (!fine)
            json_object_put(phrase);
    }
    *out = fine ? keep(arena, array) : NULL;
    json_object_put(array);
    return *out != NULL;
}

/* {"one","t\"wo",NULL}: PostgreSQL documentation, 8.15.6. */
teleai_status teleai__phrases_write_literal(const char *const *phrases, size_t count, teleai__arena *arena,
                                            const char **out, teleai_error *error) {
    size_t room = 3;
    for (size_t i = 0; i < count; i++) {
        size_t characters, bad;
        if (phrases[i] != NULL && !teleai__utf8_check(phrases[i], strlen(phrases[i]), &characters, &bad))
            return teleai__fail_field(error, "key_phrases", "key_phrases: element %zu is not valid UTF-8 at byte %zu",
                                      i, bad);
        room += phrases[i] == NULL ? 5 : 2 * strlen(phrases[i]) + 3;
    }
    char *literal = teleai__arena_alloc(arena, room), *end = literal;
    if (literal == NULL)
        return teleai__fail_memory(error);
    *end++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *end++ = ',';
        if (phrases[i] == NULL) {
            memcpy(end, "NULL", 4);
            end += 4;
            continue;
        }
        *end++ = '"';
        for (const char *c = phrases[i]; *c != '\0'; c++) {
            if (*c == '"' || *c == '\\')
                *end++ = '\\';
            *end++ = *c;
        }
        *end++ = '"';
    }
    *end = '}';
    *out = literal;
    return TELEAI_OK;
}

teleai_status teleai__phrases_read_json(const char *json, teleai__arena *arena, const char **literal,
                                        teleai_error *error) {
    static const char field[] = "key_phrases_json";
    teleai__json_problem problem;
    size_t characters, bad;
    if (!teleai__utf8_check(json, strlen(json), &characters, &bad))
        return teleai__fail_field(error, field, "%s is not valid UTF-8 at byte %zu", field, bad);
    if (!teleai__json_check(json, strlen(json), TELEAI__JSON_ARRAY, &problem))
        return teleai__fail_field(error, field, "%s is not the JSON that was expected: %s", field, problem.text);
    size_t count = count_elements(json);
    const char **phrases = teleai__arena_alloc(arena, count * sizeof *phrases);
    slice phrase;
    if (phrases == NULL)
        return teleai__fail_memory(error);
    for (size_t i = 0; i < count && teleai__json_next(&json, NULL, &phrase); i++) {
        if (*phrase.start != '"' && *phrase.start != 'n')
            return teleai__fail_field(error, field, "%s: element %zu is no string", field, i);
        if (!read_text(phrase, arena, &phrases[i]))
            return teleai__fail_memory(error);
    }
    return teleai__phrases_write_literal(phrases, count, arena, literal, error);
}
