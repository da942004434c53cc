#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

_Static_assert(sizeof(teleai_error) == 512, "teleai_error is 512 bytes for ever");

__attribute__((format(printf, 4, 0))) static void fill(teleai_error *error, teleai_status status, const char *field,
                                                       const char *format, va_list arguments) {
    if (error == NULL)
        return;
    memset(error, 0, sizeof *error);
    error->status = status;
    if (field != NULL)
        snprintf(error->field, sizeof error->field, "%s", field);
    if (format == NULL)
        return;
    char message[sizeof error->message + 4]; /* a character more, to see whether one would be cut in two */
    vsnprintf(message, sizeof message, format, arguments);
    memcpy(error->message, message, teleai__utf8_cut(message, sizeof error->message - 1));
    teleai__text_clean(error->message); /* a server's words may be anything */
}

/* Volatile, so that memset() is called, of which the C library has one for each processor: every call that goes well ends
 * here, and what compilers write out instead takes three times as long. */
static const volatile size_t error_bytes = sizeof(teleai_error);

teleai_status teleai__ok(teleai_error *error) {
    if (error != NULL)
        memset(error, 0, error_bytes);
    return TELEAI_OK;
}

void teleai__fill(teleai_error *error, teleai_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, NULL, format, arguments);
    va_end(arguments);
}

void teleai__fill_field(teleai_error *error, const char *field, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fill(error, TELEAI_INVALID_ARGUMENT, field, format, arguments);
    va_end(arguments);
}

const char *teleai_status_name(teleai_status status) {
    static const char *const names[] = {
        "OK",
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
        "QUEUED",
    };
    if (status < 0 || (size_t)status >= sizeof names / sizeof *names)
        return "UNKNOWN";
    return names[status];
}
