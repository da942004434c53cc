/* Files that a command writes; see output.h. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"

enum { MOST_LINKS = 40 };

/* The number of a descriptor of ours that a path names, such as /dev/fd/63 or what /dev/stdout leads to; -1: none. */
static int descriptor_of(const char *path) {
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) == 0 && path[length] >= '0' && path[length] <= '9')
            return (int)strtol(path + length, NULL, 10);
    }
    return -1;
}

/* Puts where a link leads in its place; false when it is none. */
static bool follow(char *path) {
    char to[PATH_MAX], joined[2 * PATH_MAX];
    ssize_t length = readlink(path, to, sizeof to - 1);
    if (length < 0)
        return false;
    to[length] = 0;
    const char *slash = strrchr(path, '/');
    int folder = to[0] == '/' || slash == NULL ? 0 : (int)(slash - path + 1);
    if (snprintf(joined, sizeof joined, "%.*s%s", folder, path, to) >= PATH_MAX)
        return false;
    memcpy(path, joined, strlen(joined) + 1);
    return true;
}

bool output_find(output *out, const char *path) {
    struct stat status;
    *out = (output){.is_stdout = strcmp(path, "-") == 0};
    if (snprintf(out->path, sizeof out->path, "%s", path) >= (int)sizeof out->path) {
        errno = ENAMETOOLONG;
        return false;
    }
    out->is_stream = out->is_stdout;
    for (int links = 0; !out->is_stream && descriptor_of(out->path) < 0 && follow(out->path); links++) {
        if (links < MOST_LINKS)
            continue;
        errno = ELOOP;
        return false;
    }
    if (out->is_stream || stat(out->path, &status) != 0)
        return true;
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    out->is_stream = !S_ISREG(status.st_mode) || descriptor_of(out->path) >= 0;
    out->exists = !out->is_stream;
    return true;
}

int output_open_stream(const output *to) {
    int of_ours = to->is_stdout ? STDOUT_FILENO : descriptor_of(to->path), file;
    if (of_ours >= 0) {
        fflush(stdout);
        return fcntl(of_ours, F_DUPFD_CLOEXEC, 3);
    }
    do /* of a pipe: until somebody reads */
        file = open(to->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    while (file < 0 && errno == EINTR && !interrupted());
    return file;
}

FILE *output_open(output *to) {
    if (snprintf(to->beside, sizeof to->beside, "%s.XXXXXX", to->path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int file = to->is_stream ? output_open_stream(to) : mkostemp(to->beside, O_CLOEXEC);
    FILE *made = file < 0 ? NULL : fdopen(file, "w");
    if (file >= 0 && made == NULL)
        close(file);
    return made;
}

static mode_t rights_of(const output *of) {
    struct stat status;
    if (of->exists && stat(of->path, &status) == 0)
        return status.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

bool output_close(output *to, FILE *file) {
    bool written = fflush(file) == 0 && !ferror(file);
    written = written && (to->is_stream || fchmod(fileno(file), rights_of(to)) == 0);
    int why = errno;
    if (fclose(file) != 0 && written) {
        written = false;
        why = errno;
    }
    if (to->is_stream || (written && rename(to->beside, to->path) == 0)) {
        errno = why;
        return written;
    }
    why = written ? errno : why;
    unlink(to->beside);
    errno = why;
    return false;
}
