/* What the programs left in their log, for an error message. */
#ifndef TELEAI_LOCAL_LOG_H
#define TELEAI_LOCAL_LOG_H

#include <stddef.h>
#include <sys/types.h>

#include "local/folder.h"

typedef struct teleai__log_line {
    char text[160];
} teleai__log_line;

/* The last line after byte `from` that tells of an error, or else the last that tells anything; "" when none does. */
void teleai__log_last(const teleai__folder *folder, const char *log, off_t from, teleai__log_line *line);
off_t teleai__log_size(const teleai__folder *folder, const char *log);

/* Fails with what that line says and where the whole log is. `what` is what did not work. */
teleai_status teleai__log_fail(const teleai__folder *folder, const char *log, const teleai__log_line *line,
                               const char *what, teleai_error *error);

#endif
