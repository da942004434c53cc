/* Saying what went wrong, on stderr, with the way out; and which exit status that is. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "teleai/base.h"

/* "teleai: message", as printf() has it. Text that is not ours is made safe for a terminal. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A second line that says what to do. */
void hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line on standard output, as printf() has it, in which text that is not ours is made safe, too. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The exit status of an error, without a report; fail_with() of words.h reports it. */
int exit_status(const teleai_error *error);

#endif
