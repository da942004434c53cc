/* How an operation goes on after an answer: what a repeated write reports when nobody knows about the first one. */
#include <criterion/criterion.h>

#include "run/operation.h"

static enum teleai__next next_of(teleai_status status, bool in_doubt, uint32_t *flags) {
    static const char refused[] = "could not connect: connection to server failed";
    const teleai__operation create = {.statement = {.name = "user_create", .writes = true}, .repeatable = true};
    teleai__attempt attempt = {.again = in_doubt, .in_doubt = in_doubt};
    teleai_error error = {.status = status};
    memcpy(error.message, refused, sizeof refused);
    enum teleai__next next = teleai__operation_next(&create, &attempt, false, false, false, &status, &error);
    *flags = error.flags;
    /* The message says first that the write may have happened, then what kept it from being sent again. */
    bool unknown = (*flags & TELEAI_ERROR_OUTCOME_UNKNOWN) != 0;
    cr_assert(unknown == (strncmp(error.message, "user_create: ", 13) == 0), "%s", error.message);
    cr_assert(strstr(error.message, refused) != NULL && unknown == (strstr(error.message, "look whether") != NULL),
              "%s", error.message);
    return next;
}

Test(operation, in_doubt_only_an_answer_about_the_row_is_certain) {
    static const teleai_status certain[] = {TELEAI_INVALID_ARGUMENT, TELEAI_PARENT_NOT_FOUND, TELEAI_CONFLICT,
                                            TELEAI_NOT_FOUND};
    static const teleai_status unknown[] = {TELEAI_UNAVAILABLE,       TELEAI_TIMEOUT,       TELEAI_CLOSED,
                                            TELEAI_UNAUTHENTICATED,   TELEAI_ABORTED,       TELEAI_CANCELLED,
                                            TELEAI_PERMISSION_DENIED, TELEAI_OUT_OF_MEMORY, TELEAI_SERVER_ERROR};
    uint32_t flags;
    for (size_t i = 0; i < sizeof certain / sizeof *certain; i++) {
        cr_assert(next_of(certain[i], true, &flags) == TELEAI__DONE);
        cr_assert(flags == 0, "%s", teleai_status_name(certain[i]));
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        cr_assert(next_of(unknown[i], true, &flags) == TELEAI__DONE);
        cr_assert(flags == TELEAI_ERROR_OUTCOME_UNKNOWN, "%s", teleai_status_name(unknown[i]));
        cr_assert(next_of(unknown[i], false, &flags) == TELEAI__DONE && flags == 0, "%s",
                  teleai_status_name(unknown[i]));
    }
}
