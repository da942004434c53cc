/*
 * Files that a command writes. One appears when it is whole: it is written beside its place and renamed. What is no plain
 * file (a pipe, a device) is written through, links are followed, and "-" is standard output.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct output {
    char path[PATH_MAX]; /* with no link at its end */
    bool is_stdout;
    bool is_stream; /* written through: it cannot be taken back, nor read again */
    bool exists;    /* a plain file is there already */
    char beside[PATH_MAX + 8];
} output;

/* Looks at where a path leads. False when that cannot be told, or is a folder; errno says why. */
bool output_find(output *out, const char *path);
/* Opens a stream that output_find() has found. -1 when it cannot be; errno says why. */
int output_open_stream(const output *to);
/* Opens it, a plain file beside its place. NULL when it cannot be; errno says why. */
FILE *output_open(output *to);
/* Closes it, and has a plain file appear, in the place and with the rights of an older one. False, with nothing left of
 * it, when something could not be written; errno says why. */
bool output_close(output *to, FILE *file);

#endif
