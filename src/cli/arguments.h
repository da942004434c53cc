/* The command line, parsed by what a command says it takes. */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "teleai/base.h"

/* Parses what follows a command's name. Returns NULL, having said what is wrong, when that is not as the command takes
 * it. Free it with arguments_free(). */
arguments *arguments_parse(const command *of, const char *path, int count, char **words);
/* How many words an option takes, of the options of a command; 0, having said what is wrong, when it is none of these. */
int arguments_take(const command *of, int left, char **words);
void arguments_free(arguments *given);

/* Whether an option was given. */
bool is_given(const arguments *given, const char *option);
/* Its value, or NULL. */
const char *value_of(const arguments *given, const char *option);
/* Its value as a number within bounds; `otherwise` when it was not given. False, having said what is wrong, when it is
 * none. */
bool number_of(const arguments *given, const char *option, int64_t least, int64_t most, int64_t otherwise,
               int64_t *out);
/* Its value as a fraction, likewise; *is_there tells whether it was given. */
bool fraction_of(const arguments *given, const char *option, double *out, bool *is_there);
/* Its value as a time: 2026-11-26, 2026-11-26T10:15[:00[.5]][Z, +01, +01:00] or a time ago such as 90m, 12h, 30d; 0 when not
 * given. What names no zone is local time, or UTC. */
bool time_of(const arguments *given, const char *option, bool is_utc, int64_t *out_us);

int operand_count(const arguments *given);
const char *operand(const arguments *given, int place);
/* The operands with blanks between them. Free it with free(). */
char *operands_joined(const arguments *given);

/* How the command was called, for messages: "teleai user add". */
const char *path_of(const arguments *given);

#endif
