/* For plain test programs: a check that names its line and goes on, and the exit code in the end. */
#ifndef TELEAI_TESTS_CHECK_H
#define TELEAI_TESTS_CHECK_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <teleai.h>

static _Atomic int check_failures;

/* The exit code of a test that lacks something: skipped, but failed in CI. CI set to nothing counts as not set. */
__attribute__((unused)) static int check_skip(void) {
    const char *ci = getenv("CI");
    return ci != NULL && *ci != '\0' ? 1 : 77;
}

/* CHECK(condition, "what there was: %d", value): true when it holds. */
#define CHECK(condition, ...) check_condition((condition), #condition, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 4, 5), unused)) static bool check_condition(bool good, const char *condition, int line,
                                                                          const char *format, ...) {
    if (good)
        return true;
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("  FAILED line %d: %s: %s\n", line, condition, text);
    fflush(stdout);
    check_failures++;
    return false;
}

/* The call gives this status; `error` is the teleai_error that it took. */
#define GIVES(call, expected) check_status((call), (expected), &error, #call, __LINE__)

__attribute__((unused)) static bool check_status(teleai_status actual, teleai_status expected,
                                                 const teleai_error *error, const char *call, int line) {
    bool told = error->status == actual && (error->message[0] == '\0') == (actual == TELEAI_OK);
    return check_condition(actual == expected && told, call, line, "%s, %s was expected: %s",
                           teleai_status_name(actual), teleai_status_name(expected), error->message);
}

__attribute__((unused)) static int64_t check_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((unused)) static void check_pause_ms(int milliseconds) {
    struct timespec pause = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

#endif
