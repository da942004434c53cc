/* db/field: what inputs hold, checked and encoded; and db/copy: the same as rows for COPY. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "record/field.h"
#include "wire/copy_in.h"

typedef struct given {
    size_t struct_size;
    const teleai_uuid *id;
    const char *text;
    const char *body;
    size_t body_bytes;
    const char *json;
    const char *address;
    const char *tags;
    int64_t large;
    int64_t at_us;
    int64_t since_us;
    int64_t duration_ms;
    int64_t most;
    int64_t most_ms;
    double share;
    int32_t small;
    int32_t label;
    bool flag, has_flag, has_at, has_duration, has_share, has_small, has_most, has_most_ms;
} given;

static const char *const names[] = {"one", "two"};
static const teleai__labels labels = TELEAI__LABELS("text", names);

#define INPUT given
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"text", "text", TELEAI__FIELD_TEXT(text, TELEAI__REQUIRED), .least = 2, .most = 9,
     .expected = teleai__language_code_expected},
    {"body", "body", .kind = TELEAI__BODY, .offset = TELEAI__IS(INPUT, body, const char *),
     .beside = TELEAI__IS(INPUT, body_bytes, size_t)},
    {"json", "json", TELEAI__FIELD_JSON(json, TELEAI__JSON_OBJECT, 0)},
    {"address", "address", .kind = TELEAI__INET, .offset = TELEAI__IS(INPUT, address, const char *),
     .expected = teleai__ip_address_expected},
    {"tags", "tags", .kind = TELEAI__TEXTS, .offset = TELEAI__IS(INPUT, tags, const char *)},
    {"large", "large", .kind = TELEAI__INT64, .offset = TELEAI__IS(INPUT, large, int64_t), .least = -5, .most = 5},
    {"at_us", "at", TELEAI__FIELD_TIME(at_us, has_at)},
    {"since_us", "since", TELEAI__FIELD_TIME_OR_ZERO(since_us)},
    {"duration_ms", "duration", TELEAI__FIELD_SECONDS(duration_ms, has_duration), .least = 5, .most = 99999999990},
    {"share", "share", TELEAI__FIELD_CENTI(share, has_share), .least = -1, .most = 1},
    {"small", "small", TELEAI__FIELD_INT32(small, has_small), .least = 1, .most = INT32_MAX},
    {"label", "label", TELEAI__FIELD_LABEL(label, labels)},
    {"flag", "flag", TELEAI__FIELD_BOOL(flag, has_flag)},
    {"most", "most", TELEAI__FIELD_INT64(most, has_most), .most = INT64_MAX},
    {"most_ms", "most_seconds", TELEAI__FIELD_SECONDS(most_ms, has_most_ms), .most = 999999999999990},
};
enum {
    ID,
    TEXT,
    BODY,
    JSON,
    ADDRESS,
    TAGS,
    LARGE,
    AT,
    SINCE,
    DURATION,
    SHARE,
    SMALL,
    LABEL,
    FLAG,
    MOST,
    MOST_MS,
    FIELDS
};

static const teleai_uuid id = {{1, 2, 3, [15] = 15}};
static const given full = {.struct_size = sizeof full,
                           .id = &id,
                           .text = "pt-BR",
                           .body = "all of it",
                           .body_bytes = 3,
                           .json = "{\"a\": 1}",
                           .address = "192.0.2.1",
                           .tags = "{a,b}",
                           .large = -5,
                           .at_us = 946684800000001,
                           .has_at = true,
                           .since_us = 946684800000002,
                           .duration_ms = 1500,
                           .has_duration = true,
                           .share = -0.75,
                           .has_share = true,
                           .small = 258,
                           .has_small = true,
                           .label = 2,
                           .flag = false,
                           .has_flag = true,
                           .most = INT64_MAX,
                           .has_most = true,
                           .most_ms = 999999999999990,
                           .has_most_ms = true};

/* What is sent for one field of the input. */
static void is_sent(int f, const given *input, const void *bytes, int length, int binary, Oid type) {
    unsigned char scratch[TELEAI__VALUE_SCRATCH];
    teleai__value value;
    teleai_error error;
    cr_assert(teleai__field_read(&fields[f], input, scratch, &value, &error) == TELEAI_OK, "%s", error.message);
    cr_assert(teleai__field_check(&fields[f], input, &error) == TELEAI_OK);
    cr_assert(value.type == type && value.length == length && value.binary == binary, "%s", fields[f].name);
    cr_assert(bytes == NULL ? value.bytes == NULL : memcmp(value.bytes, bytes, (size_t)length) == 0, "%s",
              fields[f].name);
    cr_assert(teleai__field_is_given(&fields[f], input) == (bytes != NULL), "%s", fields[f].name);
}

Test(field, every_kind_is_sent) {
    is_sent(ID, &full, id.bytes, 16, 1, TELEAI__OID_UUID);
    is_sent(TEXT, &full, "pt-BR", 5, 1, TELEAI__OID_TEXT);
    is_sent(BODY, &full, "all", 3, 1, TELEAI__OID_TEXT);
    is_sent(JSON, &full, "{\"a\": 1}", 8, 0, TELEAI__OID_TEXT);
    is_sent(ADDRESS, &full, "192.0.2.1", 9, 0, TELEAI__OID_TEXT);
    is_sent(TAGS, &full, "{a,b}", 5, 0, TELEAI__OID_TEXT);
    is_sent(LARGE, &full, "\xff\xff\xff\xff\xff\xff\xff\xfb", 8, 1, TELEAI__OID_INT8);
    is_sent(AT, &full, "\0\0\0\0\0\0\0\1", 8, 1, TELEAI__OID_TIMESTAMPTZ);
    is_sent(SINCE, &full, "\0\0\0\0\0\0\0\2", 8, 1, TELEAI__OID_TIMESTAMPTZ);
    is_sent(DURATION, &full, "\0\2\0\0\0\0\0\2\0\1\x13\x88", 12, 1, TELEAI__OID_NUMERIC);
    is_sent(SHARE, &full, "\0\1\xff\xff\x40\0\0\2\x1d\x4c", 10, 1, TELEAI__OID_NUMERIC);
    is_sent(SMALL, &full, "\0\0\1\2", 4, 1, TELEAI__OID_INT4);
    is_sent(LABEL, &full, "two", 3, 1, TELEAI__OID_TEXT);
    is_sent(FLAG, &full, "\0", 1, 1, TELEAI__OID_BOOL);
    is_sent(MOST, &full, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8, 1, TELEAI__OID_INT8);
    is_sent(MOST_MS, &full, "\0\4\0\2\0\0\0\2\x27\x0f\x27\x0f\x27\x0f\x26\xac", 16, 1, TELEAI__OID_NUMERIC);
}

Test(field, what_is_absent_is_null) {
    static const Oid types[FIELDS] = {2950, 25, 25, 25, 25, 25, 20, 1184, 1184, 1700, 1700, 23, 25, 16, 20, 1700};
    given nothing = {.struct_size = sizeof nothing};
    for (int f = 0; f < FIELDS; f++)
        if (f != TEXT)
            is_sent(f, &nothing, NULL, 0, 1, types[f]);
}

Test(field, a_flag_tells_a_0_from_nothing) {
    given zeros = {.has_at = true, .has_most = true, .has_most_ms = true};
    is_sent(MOST, &zeros, "\0\0\0\0\0\0\0\0", 8, 1, TELEAI__OID_INT8);
    is_sent(MOST_MS, &zeros, "\0\0\0\0\0\0\0\2", 8, 1, TELEAI__OID_NUMERIC);
    is_sent(AT, &zeros, "\xff\xfc\xa2\xfe\xc4\xc8\x20\x00", 8, 1, TELEAI__OID_TIMESTAMPTZ);
}

Test(field, empty_texts_are_sent) {
    given empty = {.body = "", .tags = ""};
    is_sent(BODY, &empty, "", 0, 1, TELEAI__OID_TEXT);
    is_sent(TAGS, &empty, "", 0, 0, TELEAI__OID_TEXT);
}

static void is_refused(int f, const given *input, const char *because) {
    unsigned char scratch[TELEAI__VALUE_SCRATCH];
    teleai__value value;
    teleai_error error, again;
    cr_assert(teleai__field_read(&fields[f], input, scratch, &value, &error) == TELEAI_INVALID_ARGUMENT, "%s",
              fields[f].name);
    cr_assert(teleai__fields_check(fields, FIELDS, input, &again) == TELEAI_INVALID_ARGUMENT);
    cr_assert(memcmp(&error, &again, sizeof error) == 0);
    cr_assert_str_eq(error.field, fields[f].name);
    cr_assert(strstr(error.message, because) != NULL, "%s", error.message);
    teleai__params params;
    teleai__params_init(&params);
    cr_assert(teleai__params_read_fields(&params, fields, FIELDS, input, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert(params.count == f && memcmp(&error, &again, sizeof error) == 0);
}

#define REFUSED(f, because, ...)     \
    do {                             \
        given it = full;             \
        __VA_ARGS__;                 \
        is_refused(f, &it, because); \
    } while (0)

Test(field, a_number_without_its_flag_is_refused) {
    static const struct {
        int field;
        given input;
        const char *because;
    } cases[] = {
        {AT, {.at_us = INT64_MAX}, "set has_at to true"},
        {AT, {.at_us = -1}, "set has_at to true"},
        {SMALL, {.small = -5}, "set has_small to true"},
        {DURATION, {.duration_ms = 5000}, "set has_duration to true"},
        {SHARE, {.share = 0.01}, "set has_share to true"},
        {FLAG, {.flag = true}, "set has_flag to true"},
        {MOST, {.most = INT64_C(1) << 32}, "set has_most to true"},
        {MOST_MS, {.most_ms = -1}, "set has_most_ms to true"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        given input = cases[i].input;
        input.text = "en";
        is_refused(cases[i].field, &input, cases[i].because);
    }
}

Test(field, what_is_wrong_is_refused) {
    REFUSED(TEXT, "text is missing; it is required", it.text = NULL);
    REFUSED(TEXT, "text has 1 characters; 2 to 9 were expected", it.text = "e");
    REFUSED(TEXT, "text has 10 characters", it.text = "pt-BR-abcd");
    REFUSED(TEXT, "not valid UTF-8 at byte 1", it.text = "e\x80");
    REFUSED(TEXT, "a language code", it.text = "english");
    REFUSED(BODY, "has a NUL at byte 2", it.body = "ab\0c", it.body_bytes = 4);
    REFUSED(BODY, "not valid UTF-8 at byte 3", it.body = "abc\xff", it.body_bytes = 0);
    REFUSED(JSON, "no colon", it.json = "{\"a\"}");
    REFUSED(JSON, "not valid UTF-8 at byte 7", it.json = "{\"a\": \"\xc3\"}");
    REFUSED(JSON, "object", it.json = "[]");
    REFUSED(ADDRESS, "an IPv4", it.address = "192.0.2");
    REFUSED(LARGE, "large is -6; -5 to 5 was expected", it.large = -6);
    REFUSED(LARGE, "large is 6;", it.large = 6);
    REFUSED(AT, "the years 1 to 9999", it.at_us = INT64_MAX);
    REFUSED(SINCE, "the years 1 to 9999", it.since_us = INT64_MIN);
    REFUSED(DURATION, "duration_ms is 4;", it.duration_ms = 4);
    REFUSED(DURATION, "duration_ms is 9223372036854775807;", it.duration_ms = INT64_MAX);
    REFUSED(SHARE, "share is 1.01;", it.share = 1.01);
    REFUSED(SHARE, "share is nan;", it.share = (double)NAN);
    REFUSED(SMALL, "small is 0;", it.small = 0);
    REFUSED(LABEL, "label is 3; 1 to 2, or 0, was expected", it.label = 3);
    REFUSED(LABEL, "label is -1;", it.label = -1);
    REFUSED(LABEL, "label is 2147483647;", it.label = INT32_MAX);
    REFUSED(MOST, "most is -1; 0 to 9223372036854775807 was expected", it.most = -1);
    REFUSED(MOST_MS, "most_ms is 999999999999991; 0 to", it.most_ms = 999999999999991);
}

/* ---- rows for COPY ---- */

/* A row of a number, NULL, a text, and a JSON text. */
static void add_row(teleai__rows *rows, int32_t number, const char *text, int length) {
    unsigned char *place = teleai__rows_begin_row(rows, 4);
    teleai__value value = teleai__value_int4(number, teleai__rows_scratch(place)), null = teleai__value_null(25);
    place = teleai__rows_add(place, &value);
    place = teleai__rows_add(place, &null);
    value = teleai__value_text(text, (size_t)length);
    place = teleai__rows_copy(rows, place, &value, 0, 1);
    value = teleai__value_text("{}", 2);
    place = teleai__rows_copy(rows, place, &value, 1, 0);
    teleai__rows_end_row(rows, place);
}

Test(rows, are_as_copy_takes_them) {
    static const unsigned char expected[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
                                            "\0\4\0\0\0\4\0\0\1\2\377\377\377\377\0\0\0\3abc\0\0\0\3\1{}"
                                            "\377\377";
    teleai__rows rows = {0};
    teleai__rows_begin(&rows);
    (void)teleai__rows_begin_row(&rows, 4); /* one that is not ended */
    add_row(&rows, 258, "abc", 3);
    teleai__rows_end(&rows);
    cr_assert(!rows.failed && rows.length == sizeof expected - 1);
    cr_assert(memcmp(rows.bytes, expected, rows.length) == 0);
    teleai__rows_free(&rows);
}

Test(rows, grow_and_are_read_again) {
    static char text[3000];
    memset(text, 'x', sizeof text);
    teleai__rows rows = {0};
    teleai__rows_begin(&rows);
    for (int i = 0; i < 3000; i++)
        add_row(&rows, i, text, i);
    teleai__rows_end(&rows);
    cr_assert(!rows.failed);
    const unsigned char *bytes;
    int32_t length;
    size_t at[3] = {0};
    for (int i = 0; i < 3000; i++) {
        cr_assert(teleai__rows_next(&rows, 0, &at[0], &bytes, &length) && length == 4 &&
                  teleai__take32(bytes) == (uint32_t)i);
        cr_assert(teleai__rows_next(&rows, 2, &at[1], &bytes, &length) && length == i &&
                  memcmp(bytes, text, (size_t)i) == 0);
        cr_assert(teleai__rows_next(&rows, 1, &at[2], &bytes, &length) && length == -1);
    }
    cr_assert(!teleai__rows_next(&rows, 0, &at[0], &bytes, &length));
    teleai__rows_free(&rows);
}
