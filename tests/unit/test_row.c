/* db/row: results made by hand, decoded into a record with a member of every kind. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record/row.h"
#include "wire/binary.h"
#include "wire/params.h"

typedef struct sample {
    teleai_uuid id;
    const char *text;
    const char *body;
    int64_t body_bytes;
    const char *json;
    int64_t large;
    int64_t most;
    int64_t at_us;
    int64_t duration_ms;
    double exact;
    double share;
    int32_t small;
    int32_t label;
    bool flag, has_at, has_duration, has_share, has_small, has_most;
} sample;

static const char *const names[] = {"one", "two"};
static const teleai__labels labels = TELEAI__LABELS("text", names);

#define RECORD sample
static const teleai__column columns[] = {
    TELEAI__COLUMN_UUID("id", id),
    TELEAI__COLUMN_TEXT_OR_NULL("text", text),
    TELEAI__COLUMN_BODY("body", body, body_bytes),
    TELEAI__COLUMN_JSON("json", json),
    TELEAI__COLUMN_BOOL("flag", flag),
    TELEAI__COLUMN_INT32_OR_NULL("small", small, has_small),
    TELEAI__COLUMN_INT64("large", large),
    TELEAI__COLUMN_DOUBLE("exact", exact),
    TELEAI__COLUMN_CENTI_OR_NULL("share", share, has_share),
    TELEAI__COLUMN_SECONDS_OR_NULL("duration", duration_ms, has_duration),
    TELEAI__COLUMN_TIME_OR_NULL("at", at_us, has_at),
    TELEAI__COLUMN_LABEL("label", label, labels),
    TELEAI__COLUMN_INT64_OR_NULL("most", most, has_most),
};
enum { ID, TEXT, BODY, JSON, FLAG, SMALL, LARGE, EXACT, SHARE, DURATION, AT, LABEL, MOST, COLUMNS };

static const teleai__row shape = {.noun = "sample", .size = sizeof(sample), .columns = columns, .count = COLUMNS};

static PGresult *result; /* who decodes it takes it */

static void make_result(void) {
    static const Oid types[COLUMNS] = {2950, 25, 25, 3802, 16, 23, 20, 701, 1700, 1700, 1184, 25, 20};
    PGresAttDesc attributes[COLUMNS] = {{0}};
    for (int i = 0; i < COLUMNS; i++)
        attributes[i] = (PGresAttDesc){.name = (char *)(uintptr_t)columns[i].name, .format = 1, .typid = types[i]};
    result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    cr_assert(PQsetResultAttrs(result, COLUMNS, attributes));
}

static void set(int row, int column, const void *bytes, int length) {
    char copy[64] = "";
    if (length > 0)
        memcpy(copy, bytes, (size_t)length);
    cr_assert(PQsetvalue(result, row, column, copy, length));
}

static void set_null(int row, int column) { cr_assert(PQsetvalue(result, row, column, NULL, -1)); }

static void set_number(int row, int column, uint64_t value, int length) {
    unsigned char bytes[8];
    teleai__put64(bytes, value);
    set(row, column, bytes + 8 - length, length);
}

/* A row in which everything has a value. */
static void full_row(int row) {
    unsigned char scratch[TELEAI__VALUE_SCRATCH];
    teleai__value share = teleai__value_numeric_centi(-75, scratch);
    teleai_uuid id = {{0, 1, 2, [15] = (uint8_t)row}};
    set(row, ID, &id, 16);
    set(row, TEXT, "täxt", 5);
    set(row, BODY, "body of it", 10);
    set(row, JSON, "\1{\"a\": 1}", 9);
    set(row, FLAG, "\1", 1);
    set_number(row, SMALL, (uint32_t)-5, 4);
    set_number(row, LARGE, (uint64_t)INT64_MIN, 8);
    set_number(row, EXACT, 0x3ff8000000000000, 8);
    set(row, SHARE, share.bytes, share.length);
    share = teleai__value_numeric_centi(9999999999, scratch);
    set(row, DURATION, share.bytes, share.length);
    set_number(row, AT, 5, 8);
    set(row, LABEL, "two", 3);
    set_number(row, MOST, 0, 8);
}

static void is_full(const sample *it, int row) {
    cr_assert(it->id.bytes[2] == 2 && it->id.bytes[15] == row);
    cr_assert_str_eq(it->text, "täxt");
    cr_assert_str_eq(it->body, "body of it");
    cr_assert(it->body_bytes == 10);
    cr_assert_str_eq(it->json, "{\"a\": 1}");
    cr_assert(it->flag && it->has_small && it->small == -5 && it->large == INT64_MIN && it->exact == 1.5);
    cr_assert(it->has_share && it->share == -0.75);
    cr_assert(it->has_duration && it->duration_ms == 99999999990);
    cr_assert(it->has_at && it->at_us == 946684800000005);
    cr_assert(it->label == 2);
    cr_assert(it->has_most && it->most == 0);
}

static bool is_same_text(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : a != b && strcmp(a, b) == 0;
}

/* Whether two records, of two results, say the same. */
static bool is_same(const sample *a, const sample *b) {
    sample left = *a, right = *b;
    left.text = left.body = left.json = right.text = right.body = right.json = NULL;
    return memcmp(&left, &right, sizeof left) == 0 && is_same_text(a->text, b->text) &&
           is_same_text(a->body, b->body) && is_same_text(a->json, b->json);
}

/* One record, which is decoded in another way than a list of it. */
static sample *decoded(void) {
    PGresult *again = PQcopyResult(result, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
    void *out = NULL;
    teleai__list *list = NULL;
    teleai_error error;
    cr_assert(teleai__row_decode_one(&shape, result, 0, &out, &error) == TELEAI_OK, "%s", error.message);
    cr_assert(teleai__row_decode_list(&shape, again, 1, &list, &error) == TELEAI_OK, "%s", error.message);
    cr_assert(is_same(out, list->items[0]));
    teleai__arena_free(list);
    return out;
}

Test(row, every_kind_is_decoded) {
    make_result();
    full_row(0);
    sample *it = decoded();
    is_full(it, 0);
    teleai__arena_free(it);
}

static void is_mismatch(teleai_status status, int column, int length, const teleai_error *error) {
    cr_assert(status == TELEAI_SCHEMA_MISMATCH, "%s with %d bytes: %s", columns[column].name, length,
              teleai_status_name(status));
    cr_assert(strstr(error->message, columns[column].name) != NULL && strstr(error->message, "sample") != NULL, "%s",
              error->message);
}

Test(row, nulls_leave_zeros) {
    make_result();
    full_row(0);
    static const int nullable[] = {TEXT, SMALL, SHARE, DURATION, AT, MOST};
    for (size_t i = 0; i < sizeof nullable / sizeof *nullable; i++)
        set_null(0, nullable[i]);
    sample *it = decoded();
    cr_assert(it->text == NULL && it->small == 0 && it->share == 0 && it->duration_ms == 0 && it->at_us == 0);
    cr_assert(!it->has_small && !it->has_share && !it->has_duration && !it->has_at && !it->has_most && it->most == 0);
    teleai__arena_free(it);
}

Test(row, null_where_there_is_none_is_a_schema_mismatch) {
    static const int never[] = {ID, BODY, JSON, FLAG, LARGE, EXACT, LABEL};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        make_result();
        full_row(0);
        set_null(0, never[i]);
        void *out = NULL;
        teleai_error error;
        is_mismatch(teleai__row_decode_one(&shape, result, 0, &out, &error), never[i], -1, &error);
        cr_assert(out == NULL);
    }
}

Test(row, empty_texts_are_not_null) {
    make_result();
    full_row(0);
    set(0, TEXT, "", 0);
    set(0, BODY, "", 0);
    set(0, LABEL, "", 0);
    sample *it = decoded();
    cr_assert(it->text != NULL && it->text[0] == '\0');
    cr_assert(it->body != NULL && it->body[0] == '\0' && it->body_bytes == 0);
    cr_assert(it->label == 0);
    teleai__arena_free(it);
}

Test(row, an_unknown_label_is_0) {
    static const char *const others[] = {"three", "ONE", "on", "ones", "two "};
    for (size_t i = 0; i < 5; i++) {
        make_result();
        full_row(0);
        set(0, LABEL, others[i], (int)strlen(others[i]));
        sample *it = decoded();
        cr_assert(it->label == 0, "%s is %d", others[i], (int)it->label);
        teleai__arena_free(it);
    }
}

/* ---- the wrong form ---- */

/* Alone, and in the first and the last row of three. */
static void mismatch(int column, const char *bytes, int length) {
    for (int wrong = 0; wrong < 3; wrong++) {
        make_result();
        for (int i = 0; i < 3; i++)
            full_row(i);
        set(wrong, column, bytes, length);
        teleai__list *list = (teleai__list *)&result;
        teleai_error error;
        is_mismatch(teleai__row_decode_list(&shape, result, 3, &list, &error), column, length, &error);
        cr_assert(list == (teleai__list *)&result, "no list is handed out");
    }
    make_result();
    full_row(0);
    set(0, column, bytes, length);
    void *out = &result;
    teleai_error error;
    is_mismatch(teleai__row_decode_one(&shape, result, 0, &out, &error), column, length, &error);
    cr_assert(out == &result, "no record is handed out");
}

Test(row, wrong_lengths_are_a_schema_mismatch) {
    static const char bytes[32] = {0};
    static const struct { int column, right; } fixed[] = {{FLAG, 1}, {SMALL, 4}, {LARGE, 8}, {EXACT, 8}, {AT, 8}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        for (int length = 0; length <= 20; length++)
            if (length != fixed[i].right)
                mismatch(fixed[i].column, bytes, length);
}

Test(row, what_is_no_jsonb_is_a_schema_mismatch) {
    static const char *const wrong[] = {"",       "{}",           "\2{}",        "\1",         "\1{",
                                        "\1[1,]", "\1[1 2]",      "\1{\"a\"}",   "\1{\"a\":}", "\1[\"\\q\"]",
                                        "\1[}",   "\1{\"a\": 1]", "\1[] []",     "\1\"x",      "\1nul",
                                        "\1-",    "\1[\xff]",     "\1[\"\xc3\"]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        mismatch(JSON, wrong[i], (int)strlen(wrong[i]));
    mismatch(JSON, "\1\"a\0b\"", 6);
}

Test(row, what_is_no_text_is_a_schema_mismatch) {
    static const int texts[] = {TEXT, BODY, LABEL};
    for (int i = 0; i < 3; i++) {
        mismatch(texts[i], "a\0b", 3);
        mismatch(texts[i], "\0", 1);
        mismatch(texts[i], "a\xc3(", 3);
        mismatch(texts[i], "abcdefgh\xff", 9);
        mismatch(texts[i], "\xed\xa0\x80", 3);
        mismatch(texts[i], "\xc3", 1);
    }
}

/* What a column is said to be decides before its values are looked at, and also where there are none. */
Test(row, columns_of_another_type_or_form_are_a_schema_mismatch) {
    for (int form = 0; form < 2; form++)
        for (int column = 0; column < COLUMNS; column++)
            for (int with_row = 0; with_row < 2; with_row++) {
                make_result();
                PGresAttDesc attributes[COLUMNS] = {{0}};
                for (int i = 0; i < COLUMNS; i++)
                    attributes[i] =
                        (PGresAttDesc){.name = PQfname(result, i), .format = 1, .typid = PQftype(result, i)};
                if (form == 0)
                    attributes[column].format = 0;
                else
                    attributes[column].typid = 17; /* bytea */
                PGresult *first = result;
                result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
                cr_assert(PQsetResultAttrs(result, COLUMNS, attributes));
                PQclear(first);
                if (with_row)
                    full_row(0);
                teleai__list *list = NULL;
                teleai_error error;
                is_mismatch(teleai__row_decode_list(&shape, result, 3, &list, &error), column, form, &error);
                cr_assert(list == NULL);
            }
}

Test(row, what_is_no_numeric_is_a_schema_mismatch) {
    static const int both[] = {SHARE, DURATION};
    for (int i = 0; i < 2; i++) {
        mismatch(both[i], "\0\0\0\0\0\0\0", 7);            /* cut off */
        mismatch(both[i], "\0\1\0\0\0\0\0\2", 8);          /* a digit is missing */
        mismatch(both[i], "\0\0\0\0\0\0\0\2\0\1", 10);     /* one too many */
        mismatch(both[i], "\xff\xff\0\0\0\0\0\2", 8);      /* -1 digits */
        mismatch(both[i], "\0\1\0\5\0\0\0\0\x27\x0f", 10); /* 9999e20 */
        mismatch(both[i], "\0\1\x7f\xff\0\0\0\0\0\1", 10); /* 1e131068 */
        mismatch(both[i], "\0\1\0\0\0\0\0\0\x27\x10", 10); /* a digit of 10000 */
    }
    mismatch(DURATION, "\0\1\0\4\0\0\0\0\0\x5c", 10); /* fits in hundredths, not in milliseconds */
}

Test(row, what_is_not_a_number_is_read_as_null) {
    static const char *const values[] = {"\0\0\0\0\xc0\0\0\0", "\0\0\0\0\xd0\0\0\0", "\0\0\0\0\xf0\0\0\0"};
    for (size_t i = 0; i < 3; i++) { /* NaN, infinity, -infinity */
        make_result();
        full_row(0);
        set(0, DURATION, values[i], 8);
        sample *it = decoded();
        cr_assert(!it->has_duration && it->duration_ms == 0);
        teleai__arena_free(it);
    }
}

Test(row, a_uuid_of_another_length_is_a_schema_mismatch) {
    PGresAttDesc attribute = {.name = (char *)(uintptr_t) "id", .format = 1, .typid = 2950};
    PGresult *text = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    cr_assert(PQsetResultAttrs(text, 1, &attribute));
    cr_assert(PQsetvalue(text, 0, 0, (char[16]){"0123456789abcde"}, 15));
    static const teleai__row one = {.noun = "sample", .size = sizeof(sample), .columns = columns, .count = 1};
    void *out = NULL;
    teleai__list *list = NULL;
    teleai_error error;
    PGresult *again = PQcopyResult(text, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES);
    cr_assert(teleai__row_decode_one(&one, text, 0, &out, &error) == TELEAI_SCHEMA_MISMATCH && out == NULL);
    cr_assert(teleai__row_decode_list(&one, again, 1, &list, &error) == TELEAI_SCHEMA_MISMATCH && list == NULL);
}

Test(row, missing_columns_are_a_schema_mismatch) {
    make_result();
    full_row(0);
    static const teleai__row wider = {
        .noun = "sample", .size = sizeof(sample), .columns = columns, .count = COLUMNS + 1};
    void *out = NULL;
    teleai_error error;
    cr_assert(teleai__row_decode_one(&wider, PQcopyResult(result, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES), 0, &out,
                                     &error) == TELEAI_SCHEMA_MISMATCH);
    teleai__list *list = NULL;
    cr_assert(teleai__row_decode_list(&wider, PQcopyResult(result, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES), 5, &list,
                                      &error) == TELEAI_SCHEMA_MISMATCH);
    cr_assert(teleai__row_decode_one(&shape, result, 1, &out, &error) == TELEAI_SCHEMA_MISMATCH);
    cr_assert(out == NULL && list == NULL);
}

/* ---- numbers ---- */

Test(row, numerics_are_rounded_to_hundredths) {
    static const struct {
        const char *bytes;
        int length;
        double value;
    } cases[] = {
        {"\0\0\0\0\0\0\0\0", 8, 0},
        {"\0\1\0\0\0\0\0\0\0\7", 10, 7},
        {"\0\1\0\0\x40\0\0\0\0\7", 10, -7},
        {"\0\1\xff\xff\0\0\0\2\x13\x88", 10, 0.5},
        {"\0\1\xff\xff\0\0\0\4\0\x31", 10, 0},    /* 0.0049 */
        {"\0\1\xff\xff\0\0\0\4\0\x32", 10, 0.01}, /* 0.0050 */
        {"\0\1\xff\xff\x40\0\0\4\0\x32", 10, -0.01},
        {"\0\1\xff\xfe\0\0\0\x8\x27\x0f", 10, 0}, /* 0.00009999 */
        {"\0\2\0\0\0\0\0\4\0\1\x27\x0f", 12, 2},  /* 1.9999 */
        {"\0\1\0\2\0\0\0\0\0\1", 10, 1e8},        /* trailing zeros are not sent */
        {"\0\3\0\1\0\0\0\4\0\1\0\0\x13\x88", 14, 10000.5},
        {"\0\3\0\0\0\0\0\x8\0\1\0\x31\x27\x0f", 14, 1}, /* 1.00499999 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        make_result();
        full_row(0);
        set(0, SHARE, cases[i].bytes, cases[i].length);
        set(0, DURATION, cases[i].bytes, cases[i].length);
        sample *it = decoded();
        cr_assert(it->share == cases[i].value, "case %zu is %g, %g was expected", i, it->share, cases[i].value);
        cr_assert(it->duration_ms == llround(cases[i].value * 1000), "case %zu is %lld ms", i,
                  (long long)it->duration_ms);
        teleai__arena_free(it);
    }
}

Test(row, what_params_encode_is_decoded_again) {
    for (int64_t step = 1; step < INT64_MAX / 1000; step *= 3) {
        for (int sign = -1; sign <= 1; sign += 2) {
            unsigned char scratch[TELEAI__VALUE_SCRATCH];
            teleai__value value = teleai__value_numeric_centi(sign * step, scratch);
            make_result();
            full_row(0);
            set(0, DURATION, value.bytes, value.length);
            sample *it = decoded();
            cr_assert(it->duration_ms == sign * step * 10, "%lld", (long long)step);
            teleai__arena_free(it);
        }
    }
}

Test(row, times_at_the_ends_do_not_overflow) {
    static const int64_t sent_read[][2] = {
        {0, 946684800000000},   {-946684800000000, 0},          {INT64_MAX, INT64_MAX},
        {INT64_MIN, INT64_MIN}, {INT64_MAX - 1, INT64_MAX - 1}, {INT64_MIN + 1, INT64_MIN + 1 + 946684800000000}};
    for (size_t i = 0; i < sizeof sent_read / sizeof *sent_read; i++) {
        make_result();
        full_row(0);
        set_number(0, AT, (uint64_t)sent_read[i][0], 8);
        sample *it = decoded();
        cr_assert(it->has_at && it->at_us == sent_read[i][1], "%lld is read as %lld", (long long)sent_read[i][0],
                  (long long)it->at_us);
        teleai__arena_free(it);
    }
}

/* What was read is written back the same: cursors and filters depend on it. */
Test(row, times_are_written_as_they_were_read) {
    static const int64_t sent[] = {INT64_MIN, INT64_MAX, 0, 1, -1, -211813488000000000, 9222425352054775806};
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        cr_assert(teleai__time_write(teleai__time_read(sent[i])) == sent[i], "%lld", (long long)sent[i]);
    cr_assert(teleai__time_write(INT64_MIN + 5) == INT64_MIN + 1, "it wraps around");
}

/* ---- lists ---- */

Test(row, lists_of_many_rows) {
    make_result();
    for (int i = 0; i < 200; i++) {
        full_row(i);
        if (i % 3 == 1)
            for (int c = TEXT; c < COLUMNS; c++)
                if ((columns[c].flags & TELEAI__OR_NULL) != 0)
                    set_null(i, c);
    }
    teleai__list *list = NULL;
    teleai_error error;
    cr_assert(teleai__row_decode_list(&shape, result, 1000, &list, &error) == TELEAI_OK, "%s", error.message);
    cr_assert(list->count == 200 && list->next_cursor == NULL);
    for (int i = 0; i < 200; i++) {
        const sample *it = list->items[i];
        if (i % 3 != 1) {
            is_full(it, i);
            continue;
        }
        cr_assert(it->id.bytes[15] == i && it->text == NULL && it->label == 2 && it->large == INT64_MIN, "row %d", i);
        cr_assert(!it->has_small && !it->has_share && !it->has_duration && !it->has_at && !it->has_most, "row %d", i);
    }
    teleai__arena_free(list);
}

Test(row, lists_stop_at_their_limit) {
    make_result();
    for (int i = 0; i < 5; i++)
        full_row(i);
    for (int limit = 0; limit <= 6; limit++) {
        teleai__list *list = NULL;
        teleai_error error;
        cr_assert(teleai__row_decode_list(&shape, PQcopyResult(result, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES), limit,
                                          &list, &error) == TELEAI_OK);
        cr_assert(list->count == (size_t)(limit < 5 ? limit : 5));
        teleai__arena_free(list);
    }
    PQclear(result);
}

Test(row, a_list_with_one_wrong_row_is_none) {
    make_result();
    for (int i = 0; i < 100; i++)
        full_row(i);
    set(99, SMALL, "\0\0", 2);
    teleai__list *list = NULL;
    teleai_error error;
    cr_assert(teleai__row_decode_list(&shape, result, 100, &list, &error) == TELEAI_SCHEMA_MISMATCH);
    cr_assert(list == NULL && strstr(error.message, "small") != NULL);
}

Test(row, columns_may_begin_further_right) {
    make_result();
    full_row(0);
    static const teleai__row last = {.noun = "sample", .size = sizeof(sample), .columns = columns + AT, .count = 2};
    void *out = NULL;
    teleai_error error;
    cr_assert(teleai__row_decode_one(&last, result, AT, &out, &error) == TELEAI_OK);
    const sample *it = out;
    cr_assert(it->has_at && it->at_us == 946684800000005 && it->label == 2 && it->text == NULL && it->large == 0);
    teleai__arena_free(out);
}
