/* Saying what went wrong, on stderr, with the way out; and which exit status that is. */
#include "cli/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

__attribute__((format(printf, 3, 0))) static void put(FILE *to, const char *before, const char *format,
                                                      va_list values) {
    char *text = NULL;
    if (vasprintf(&text, format, values) < 0)
        return;
    fflush(stdout);
    progress_clear();
    fputs(before, to);
    print_safe(to, text, false);
    fputc('\n', to);
    free(text);
}

void report(const char *format, ...) {
    va_list values;
    va_start(values, format);
    put(stderr, "teleai: ", format, values);
    va_end(values);
}

void hint(const char *format, ...) {
    va_list values;
    va_start(values, format);
    put(stderr, "        ", format, values);
    va_end(values);
}

void say(const char *format, ...) {
    va_list values;
    va_start(values, format);
    put(stdout, "", format, values);
    va_end(values);
}

int exit_status(const teleai_error *error) {
    if (interrupted())
        return EXIT_INTERRUPTED;
    switch (error->status) {
    case TELEAI_OK:
        return EXIT_OK;
    case TELEAI_INVALID_ARGUMENT:
        return EXIT_USAGE;
    case TELEAI_NOT_FOUND:
        return EXIT_NOTHING;
    case TELEAI_UNAVAILABLE:
    case TELEAI_UNAUTHENTICATED:
        return EXIT_UNREACHABLE;
    default:
        return EXIT_FAILED;
    }
}
