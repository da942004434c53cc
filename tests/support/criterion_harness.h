/* For Criterion tests against a server: a client on a database of the test's own, before each test of the suite. */
#ifndef TELEAI_TESTS_CRITERION_HARNESS_H
#define TELEAI_TESTS_CRITERION_HARNESS_H

#include <criterion/criterion.h>
#include <string.h>

#include "harness.h"

#ifndef SUITE_TIMEOUT_S /* of a test; define it before including this, for Criterion leaks where a test has its own */
#define SUITE_TIMEOUT_S 120
#endif

/* SERVER_SUITE(user) makes `db`, `error` and a suite whose tests begin with `db` open. */
#define SERVER_SUITE(name)                                 \
    static teleai_client *db;                              \
    static teleai_error error;                             \
    static void set_up(void) {                             \
        if (!harness_has_server())                         \
            cr_skip_test("no PostgreSQL server programs"); \
        db = harness_open();                               \
    }                                                      \
    static void tear_down(void) {                          \
        teleai_close(db);                                  \
        if (harness_has_server())                          \
            harness_drop();                                \
    }                                                      \
    TestSuite(name, .init = set_up, .fini = tear_down, .timeout = SUITE_TIMEOUT_S)

/* The call succeeds; the library's own message otherwise. */
#define OK(call)                                                                                          \
    do {                                                                                                  \
        teleai_status status_ = (call);                                                                   \
        cr_assert(status_ == TELEAI_OK, "%s: %s: %s", #call, teleai_status_name(status_), error.message); \
        cr_assert(error.status == TELEAI_OK && error.message[0] == '\0');                                 \
    } while (0)

/* The call fails with this status and names this field; error.status agrees. */
#define FAILS(call, expected, at_field)                                                                        \
    do {                                                                                                       \
        teleai_status status_ = (call);                                                                        \
        cr_assert(status_ == (expected), "%s: %s, %s was expected: %s", #call, teleai_status_name(status_),    \
                  teleai_status_name(expected), error.message);                                                \
        cr_assert(error.status == status_);                                                                    \
        cr_assert(error.message[0] != '\0');                                                                   \
        cr_assert(strcmp(error.field, (at_field)) == 0, "%s: field is \"%s\", \"%s\" was expected: %s", #call, \
                  error.field, (at_field), error.message);                                                     \
    } while (0)

#define SAME_TEXT(actual, expected)                                                                                 \
    do {                                                                                                            \
        const char *actual_ = (actual), *expected_ = (expected);                                                    \
        cr_assert(actual_ != NULL && strcmp(actual_, expected_) == 0, "%s is \"%s\", \"%s\" was expected", #actual, \
                  actual_ == NULL ? "NULL" : actual_, expected_);                                                   \
    } while (0)

#endif
