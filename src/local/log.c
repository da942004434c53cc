#include "local/log.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { TAIL_BYTES = 4096 };

/* Where the message starts in a line that tells of an error (the server writes time and process before it), or NULL. */
static const char *find_error(const char *line) {
    static const char *const marks[] = {"FATAL:  ", "PANIC:  ", "ERROR:  ", "error: ", "error while "};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *found = strstr(line, marks[i]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

void teleai__log_last(const teleai__folder *folder, const char *log, off_t from, teleai__log_line *line) {
    *line->text = '\0';
    int file = teleai__folder_file(folder, log, O_RDONLY);
    if (file == -1)
        return;
    char tail[TAIL_BYTES + 1];
    off_t size = lseek(file, 0, SEEK_END);
    if (size - from > TAIL_BYTES)
        from = size - TAIL_BYTES;
    ssize_t bytes = pread(file, tail, TAIL_BYTES, from);
    close(file);
    tail[bytes > 0 ? bytes : 0] = '\0';
    bool has_error = false;
    char *rest = tail, *next;
    while ((next = strtok_r(rest, "\n", &rest)) != NULL) {
        const char *error = find_error(next);
        if (error != NULL || !has_error)
            snprintf(line->text, sizeof line->text, "%s", error != NULL ? error : next);
        has_error = has_error || error != NULL;
    }
}

off_t teleai__log_size(const teleai__folder *folder, const char *log) {
    struct stat status;
    return fstatat(folder->descriptor, log, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_size : 0;
}

teleai_status teleai__log_fail(const teleai__folder *folder, const char *log, const teleai__log_line *line,
                               const char *what, teleai_error *error) {
    bool full = strstr(line->text, "No space left on device") != NULL;
    return teleai__fail(error, full ? TELEAI_LIMIT_EXCEEDED : TELEAI_UNAVAILABLE, "local: %s: %s (see %s in %s)", what,
                        *line->text != '\0' ? line->text : "no reason was given", log,
                        teleai__folder_shown(folder->path));
}
