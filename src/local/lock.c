#include "local/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"

teleai_status teleai__lock_file(const teleai__folder *folder, const char *name, int how, teleai__deadline deadline,
                                int *out, teleai_error *error) {
    int file = teleai__folder_file(folder, name, O_RDWR | O_CREAT);
    if (file == -1)
        return teleai__fail(error, errno == ENOSPC ? TELEAI_LIMIT_EXCEEDED : TELEAI_UNAVAILABLE,
                            "local: cannot open %s in the folder %s: %s", name, teleai__folder_shown(folder->path),
                            strerror(errno));
    while (flock(file, how | LOCK_NB) != 0) {
        int reason = errno;
        if (reason == EINTR)
            continue;
        bool waits = reason == EWOULDBLOCK && teleai__deadline_left_ms(deadline) > 0;
        if (waits && teleai__deadline_sleep(deadline, 10))
            continue;
        close(file);
        if (waits)
            return teleai__fail(error, TELEAI_CANCELLED, "local: it was cancelled while it waited for the folder %s",
                                teleai__folder_shown(folder->path));
        if (reason == EWOULDBLOCK)
            return teleai__fail(
                error, TELEAI_TIMEOUT,
                "local: another process was still opening or closing the folder %s when the time was over; "
                "try again, or with a longer timeout_ms",
                teleai__folder_shown(folder->path));
        return teleai__fail(error, TELEAI_UNAVAILABLE,
                            "local: cannot lock %s in the folder %s: %s; use a folder on a file system with locks",
                            name, teleai__folder_shown(folder->path), strerror(reason));
    }
    *out = file;
    return TELEAI_OK;
}

void teleai__unlock_file(int file) {
    if (file == -1)
        return;
    flock(file, LOCK_UN);
    close(file);
}
