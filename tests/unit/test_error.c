/* base/error: the caller's error struct is filled whole, and messages end in whole characters. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

Test(error, has_512_bytes) {
    cr_assert(sizeof(teleai_error) == 512);
    cr_assert(offsetof(teleai_error, message) == 160 && sizeof((teleai_error *)0)->message == 352);
}

static bool rest_is_zero(const char *text, size_t size) {
    for (size_t i = strlen(text); i < size; i++)
        if (text[i] != '\0')
            return false;
    return true;
}

static void is_filled_whole(const teleai_error *error) {
    cr_assert(error->item == 0 && error->flags == 0);
    cr_assert(rest_is_zero(error->sqlstate, sizeof error->sqlstate));
    cr_assert(rest_is_zero(error->constraint, sizeof error->constraint));
    cr_assert(rest_is_zero(error->field, sizeof error->field));
    cr_assert(rest_is_zero(error->message, sizeof error->message), "what was there before shows through");
    static const char zeros[8];
    cr_assert(memcmp(error->reserved, zeros, sizeof zeros) == 0);
}

Test(error, is_filled_whole) {
    teleai_error error;
    memset(&error, 0xAA, sizeof error);
    cr_assert(teleai__fail(&error, TELEAI_NOT_FOUND, "no %s number %d", "row", 7) == TELEAI_NOT_FOUND);
    cr_assert(error.status == TELEAI_NOT_FOUND);
    cr_assert_str_eq(error.message, "no row number 7");
    cr_assert_str_eq(error.field, "");
    is_filled_whole(&error);
    memset(&error, 0xAA, sizeof error);
    cr_assert(teleai__fail_field(&error, "email", "%s is wrong", "email") == TELEAI_INVALID_ARGUMENT);
    cr_assert(error.status == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.message, "email is wrong");
    cr_assert_str_eq(error.field, "email");
    is_filled_whole(&error);
    memset(&error, 0xAA, sizeof error);
    cr_assert(teleai__fail_memory(&error) == TELEAI_OUT_OF_MEMORY && error.status == TELEAI_OUT_OF_MEMORY);
    is_filled_whole(&error);
    memset(&error, 0xAA, sizeof error);
    cr_assert(teleai__ok(&error) == TELEAI_OK);
    static const teleai_error none;
    cr_assert(memcmp(&error, &none, sizeof none) == 0);
}

Test(error, may_be_null) {
    cr_assert(teleai__ok(NULL) == TELEAI_OK);
    cr_assert(teleai__fail(NULL, TELEAI_TIMEOUT, "%s", "x") == TELEAI_TIMEOUT);
    cr_assert(teleai__fail_field(NULL, "x", "y") == TELEAI_INVALID_ARGUMENT);
    cr_assert(teleai__fail_memory(NULL) == TELEAI_OUT_OF_MEMORY);
}

/* Wherever the 351 bytes end: inside a character of two, three or four bytes, or between two. */
Test(error, a_long_message_ends_in_a_whole_character) {
    static const char *const characters[] = {"a", "ü", "€", "\U0001F600"};
    for (size_t c = 0; c < 4; c++) {
        size_t bytes = strlen(characters[c]);
        for (size_t before = 340; before <= 360; before++) {
            char text[600];
            size_t length = before;
            memset(text, 'x', before);
            for (int i = 0; i < 20; i++, length += bytes)
                memcpy(text + length, characters[c], bytes);
            text[length] = '\0';
            teleai_error error;
            teleai__fail(&error, TELEAI_SERVER_ERROR, "%s", text);
            size_t kept = strlen(error.message), count, bad;
            size_t expected = before >= 351 ? 351 : before + (351 - before) / bytes * bytes;
            cr_assert(teleai__utf8_check(error.message, kept, &count, &bad), "half of %s is left", characters[c]);
            cr_assert(strncmp(text, error.message, kept) == 0);
            cr_assert(kept == expected, "%zu bytes of %s after %zu are kept, %zu fit", kept, characters[c], before,
                      expected);
        }
    }
}

Test(error, a_message_that_just_fits_is_kept) {
    char text[352];
    memset(text, 'x', 351);
    memcpy(text + 349, "ü", 2);
    text[351] = '\0';
    teleai_error error;
    teleai__fail(&error, TELEAI_SERVER_ERROR, "%s", text);
    cr_assert_str_eq(error.message, text, "nothing had to be cut off");
}

Test(error, a_long_field_is_cut_off) {
    char name[100];
    memset(name, 'n', 99);
    name[99] = '\0';
    teleai_error error;
    teleai__fail_field(&error, name, "x");
    cr_assert(strlen(error.field) == 63);
    cr_assert_str_eq(error.message, "x");
}

Test(error, names_of_statuses) {
    static const char *const names[] = {"OK",
                                        "INVALID_ARGUMENT",
                                        "NOT_FOUND",
                                        "ALREADY_EXISTS",
                                        "PARENT_NOT_FOUND",
                                        "CONFLICT",
                                        "UNAUTHENTICATED",
                                        "PERMISSION_DENIED",
                                        "UNAVAILABLE",
                                        "TIMEOUT",
                                        "ABORTED",
                                        "SCHEMA_MISMATCH",
                                        "UNSUPPORTED",
                                        "LIMIT_EXCEEDED",
                                        "CLOSED",
                                        "OUT_OF_MEMORY",
                                        "SERVER_ERROR",
                                        "CANCELLED",
                                        "QUEUED"};
    for (int i = 0; i < 19; i++)
        cr_assert_str_eq(teleai_status_name(i), names[i]);
    static const teleai_status unknown[] = {-1, 19, INT32_MAX, INT32_MIN};
    for (int i = 0; i < 4; i++)
        cr_assert_str_eq(teleai_status_name(unknown[i]), "UNKNOWN");
}
