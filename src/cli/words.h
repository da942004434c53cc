/*
 * What the library says, said for the terminal: with the values that were typed, with the options and commands that put it
 * right, and without the names of the C interface. The one place where errors of the library are printed.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "teleai/base.h"

struct command;
struct arguments;
struct table;

/* The command line that errors are about from now on. */
void words_about(const struct command *of, const struct arguments *given);

/* Reports an error of the library with what can be done about it, and returns the exit status that goes with it. */
int fail_with(const teleai_error *error);

typedef char said_text[700];
/* What an error is in one sentence, for reports of one's own. Into `out`, which is returned. */
const char *words_of_error(const teleai_error *error, said_text out);
/* The same of other texts of the library: findings, remedies, notes. Not cut. NULL for NULL, or without memory; free it with
 * free(). */
char *words_of_text(const char *text);
/* That, as a cell, and in lines that fit (print_wrapped()). */
void cell_words(struct table *to, const char *text);
void print_words(const char *text, int first, int other);

#endif
