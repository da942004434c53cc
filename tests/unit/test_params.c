/* db/params: values in PostgreSQL's binary form, byte by byte, and arrays of them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/params.h"

static unsigned char scratch[TELEAI__VALUE_SCRATCH];

/* The bytes as hexadecimal digits; overwritten by the next call. */
static const char *hex(const void *bytes, size_t length) {
    static char text[400];
    for (size_t i = 0; i < length; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const unsigned char *)bytes)[i]);
    text[2 * length] = '\0';
    return text;
}

static void is(teleai__value value, const char *expected, Oid type) {
    cr_assert(value.bytes != NULL && value.binary == 1 && value.type == type);
    cr_assert_str_eq(hex(value.bytes, (size_t)value.length), expected);
}

Test(params, numbers) {
    is(teleai__value_bool(true, scratch), "01", 16);
    is(teleai__value_bool(false, scratch), "00", 16);
    is(teleai__value_int4(1, scratch), "00000001", 23);
    is(teleai__value_int4(-2, scratch), "fffffffe", 23);
    is(teleai__value_int4(INT32_MIN, scratch), "80000000", 23);
    is(teleai__value_int8(0x0102030405060708, scratch), "0102030405060708", 20);
    is(teleai__value_int8(INT64_MIN, scratch), "8000000000000000", 20);
    is(teleai__value_float8(1.5, scratch), "3ff8000000000000", 701);
    is(teleai__value_float8(-0.0, scratch), "8000000000000000", 701);
}

Test(params, times_count_from_the_year_2000) {
    is(teleai__value_time(946684800000000, scratch), "0000000000000000", 1184);
    is(teleai__value_time(946684800000001, scratch), "0000000000000001", 1184);
    is(teleai__value_time(0, scratch), "fffca2fec4c82000", 1184);
}

/* Any time at all, since cursors and if_unchanged_since_us are not checked for their range. */
Test(params, times_beyond_the_servers_do_not_overflow) {
    static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        teleai__value value = teleai__value_time(times[i], scratch);
        cr_assert(value.length == 8 && value.type == 1184);
    }
}

/* Count of digits, weight, sign, decimals to show; then digits to base 10000. */
Test(params, numerics_with_two_decimals) {
    static const struct {
        int64_t hundredths;
        const char *bytes;
    } cases[] = {
        {0, "0000000000000002"},
        {1, "0001ffff000000020064"},                  /* 0.01 */
        {-1, "0001ffff400000020064"},                 /* -0.01 */
        {10, "0001ffff0000000203e8"},                 /* 0.10 */
        {99, "0001ffff0000000226ac"},                 /* 0.99 */
        {100, "00010000000000020001"},                /* 1 */
        {-100, "00010000400000020001"},               /* -1 */
        {9999, "0002000000000002006326ac"},           /* 99.99 */
        {10000, "00010000000000020064"},              /* 100 */
        {999999, "0002000000000002270f26ac"},         /* 9999.99 */
        {1000000, "000200010000000200010000"},        /* 10000 */
        {1000001, "0003000100000002000100000064"},    /* 10000.01 */
        {9999999999, "0003000100000002270f270f26ac"}, /* 99999999.99 */
        {-9999999999, "0003000140000002270f270f26ac"},
        {10000000000, "0003000200000002000100000000"},           /* 100000000 */
        {INT64_MAX, "0006000400000002000908b91c231ac61e4e02bc"}, /* 92233720368547758.07 */
        {INT64_MIN, "0006000440000002000908b91c231ac61e4e0320"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai__value value = teleai__value_numeric_centi(cases[i].hundredths, scratch);
        cr_assert(value.length <= TELEAI__VALUE_SCRATCH);
        is(value, cases[i].bytes, 1700);
    }
}

Test(params, texts_ids_and_nulls) {
    teleai_uuid id = {{1, 2, 3, [15] = 255}};
    is(teleai__value_uuid(&id), "010203000000000000000000000000ff", 2950);
    teleai__value text = teleai__value_text("a\0b", 3);
    is(text, "610062", 25);
    teleai__value empty = teleai__value_text("", 0);
    cr_assert(empty.bytes != NULL && empty.length == 0, "an empty text is not NULL");
    cr_assert(teleai__value_text(NULL, 5).bytes == NULL && teleai__value_text(NULL, 5).type == 25);
    cr_assert(teleai__value_uuid(NULL).bytes == NULL && teleai__value_uuid(NULL).type == 2950);
    cr_assert(teleai__value_null(1700).bytes == NULL && teleai__value_null(1700).type == 1700);
}

Test(params, are_numbered_from_1) {
    static teleai__params params;
    teleai__params_init(&params);
    unsigned char *first = teleai__params_scratch(&params);
    cr_assert(teleai__params_add(&params, teleai__value_int4(7, first), TELEAI__OID_INT4) == 1);
    unsigned char *second = teleai__params_scratch(&params);
    cr_assert(second != first);
    cr_assert(teleai__params_add(&params, teleai__value_null(25), TELEAI__OID_INFER) == 2);
    cr_assert(teleai__params_add(&params, teleai__value_text("abc", 3), TELEAI__OID_TEXT) == 3);
    cr_assert(params.count == 3);
    cr_assert(params.types[0] == 23 && params.types[1] == 0 && params.types[2] == 25);
    cr_assert(params.lengths[0] == 4 && params.lengths[2] == 3);
    cr_assert(params.values[1] == NULL && memcmp(params.values[2], "abc", 3) == 0);
    cr_assert(params.formats[0] == 1 && params.formats[2] == 1);
}

/* ---- arrays: dimensions, whether there are NULLs, element type, length, lower bound; then each length and value ---- */

Test(params, arrays) {
    teleai__array array = {0};
    teleai__array_add(&array, teleai__value_int4(5, scratch));
    teleai__array_add(&array, teleai__value_int4(-1, scratch));
    is(teleai__array_value(&array),
       "00000001"
       "00000000"
       "00000017"
       "00000002"
       "00000001"
       "00000004"
       "00000005"
       "00000004"
       "ffffffff",
       0);
    teleai__array_free(&array);
}

Test(params, arrays_with_nulls_and_empty_texts) {
    teleai__array array = {0};
    teleai__array_add(&array, teleai__value_null(25));
    teleai__array_add(&array, teleai__value_text("", 0));
    teleai__array_add(&array, teleai__value_text("NULL", 4));
    is(teleai__array_value(&array),
       "00000001"
       "00000001"
       "00000019"
       "00000003"
       "00000001"
       "ffffffff"
       "00000000"
       "00000004"
       "4e554c4c",
       0);
    teleai__array_free(&array);
}

Test(params, arrays_of_nulls_alone_keep_their_type) {
    teleai__array array = {0};
    teleai__array_add(&array, teleai__value_null(2950));
    is(teleai__array_value(&array),
       "00000001"
       "00000001"
       "00000b86"
       "00000001"
       "00000001"
       "ffffffff",
       0);
    teleai__array_free(&array);
}

Test(params, arrays_grow) {
    teleai__array array = {0};
    for (int32_t i = 0; i < 10000; i++)
        teleai__array_add(&array, teleai__value_int4(i, scratch));
    teleai__value value = teleai__array_value(&array);
    cr_assert(!array.failed && array.count == 10000 && value.length == 20 + 10000 * 8);
    const unsigned char *bytes = value.bytes;
    for (int i = 0; i < 10000; i++)
        if (memcmp(bytes + 20 + 8 * i, "\0\0\0\4", 4) != 0 || bytes[20 + 8 * i + 6] != i >> 8 ||
            bytes[20 + 8 * i + 7] != (i & 255))
            cr_assert_fail("element %d", i);
    teleai__array_free(&array);
}

Test(params, arrays_end_below_one_gigabyte) {
    enum { PIECE = 100 << 20 };
    char *text = calloc(1, PIECE);
    cr_assert(text != NULL);
    teleai__array array = {0};
    for (int i = 0; i < 9; i++)
        teleai__array_add(&array, teleai__value_text(text, PIECE));
    cr_assert(!array.failed && array.count == 9);
    for (int i = 0; i < 3; i++)
        teleai__array_add(&array, teleai__value_text(text, PIECE));
    cr_assert(array.failed && array.too_large);
    teleai__array_free(&array);
    free(text);
}
