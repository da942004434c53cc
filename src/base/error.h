/* Filling a caller's teleai_error. The only place where its fields are written. */
#ifndef TELEAI_BASE_ERROR_H
#define TELEAI_BASE_ERROR_H

#include "teleai/base.h"

/* Each is the status it was given, so that callers can `return teleai__fail(...)`. A NULL error is fine. Macros, so that
 * compilers and analyzers see which status that is. */
teleai_status teleai__ok(teleai_error *error);
void teleai__fill(teleai_error *error, teleai_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold)); /* so that what leads here lies apart from what goes well */
static inline teleai_status teleai__the(teleai_status status) { return status; }
#define teleai__fail(error, status, ...) (teleai__fill(error, status, __VA_ARGS__), teleai__the(status))
/* As teleai__fail(), with INVALID_ARGUMENT and the name of the field or argument at fault. */
void teleai__fill_field(teleai_error *error, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));
#define teleai__fail_field(error, field, ...) \
    (teleai__fill_field(error, field, __VA_ARGS__), teleai__the(TELEAI_INVALID_ARGUMENT))

/* Inline, so that compilers and analyzers see that it is never OK. */
static inline teleai_status teleai__fail_memory(teleai_error *error) {
    teleai__fail(error, TELEAI_OUT_OF_MEMORY, "out of memory");
    return TELEAI_OUT_OF_MEMORY;
}

#endif
