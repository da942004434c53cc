/*
 * Openers and locks. Two files in the folder are locked, with flock(2) so that a killed process lets go of them:
 *
 *   change.lock  exclusively, while somebody opens or closes
 *   users.lock   shared, by every opener as long as it is open; who gets it exclusively when closing was the last
 *
 * flock() locks belong to the open file, which fork() shares. So the opener unlocks by name (LOCK_UN), which works
 * whatever a forked child still holds; and a child only closes, which does not take the lock from its parent.
 */
#include "local/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "local/cluster.h"

enum { CLOSE_MS = 60000 };

struct teleai__local {
    teleai__folder folder;
    int users; /* users.lock */
    pid_t owner;
    char *connection;
};

static teleai_status lock_file(const teleai__folder *folder, const char *name, int how, teleai__deadline deadline,
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
        if (reason == EWOULDBLOCK && teleai__deadline_left_ms(deadline) > 0) {
            teleai__deadline_sleep(deadline, 10);
            continue;
        }
        close(file);
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

static void unlock_file(int file) {
    if (file == -1)
        return;
    flock(file, LOCK_UN);
    close(file);
}

/* Quoted as libpq reads it. hostaddr is set so that a PGHOSTADDR in the environment does not send us elsewhere. */
static char *make_connection(const char *host) {
    static const char rest[] = "' hostaddr='' port=" TELEAI__LOCAL_PORT " user=teleai dbname=teleai";
    char *connection = malloc(strlen("host='") + 2 * strlen(host) + sizeof rest);
    if (connection == NULL)
        return NULL;
    char *to = connection + sprintf(connection, "host='");
    for (; *host != '\0'; host++) {
        if (*host == '\'' || *host == '\\')
            *to++ = '\\';
        *to++ = *host;
    }
    memcpy(to, rest, sizeof rest);
    return connection;
}

/* What is done under the change lock. `settled` is false when programs that make the cluster may still be dying. */
static teleai_status open_locked(teleai__local *local, int change, teleai__deadline deadline, bool *settled,
                                 teleai_error *error) {
    teleai_status status = teleai__folder_find_host(&local->folder, error);
    if (status != TELEAI_OK)
        return status;
    local->connection = make_connection(local->folder.host);
    if (local->connection == NULL)
        return teleai__fail_memory(error);
    status = lock_file(&local->folder, "users.lock", LOCK_SH, deadline, &local->users, error);
    if (status == TELEAI_OK && !teleai__cluster_exists(&local->folder)) {
        status = teleai__cluster_make(&local->folder, change, deadline, error);
        *settled = status == TELEAI_OK;
    }
    if (status == TELEAI_OK)
        status = teleai__cluster_start(&local->folder, deadline, error);
    return status;
}

teleai_status teleai__local_open(const char *folder, teleai__deadline deadline, teleai__local **out,
                                 teleai_error *error) {
    *out = NULL;
    teleai__local *local = calloc(1, sizeof *local);
    if (local == NULL)
        return teleai__fail_memory(error);
    local->users = -1;
    local->owner = getpid();
    teleai_status status = teleai__folder_open(folder, &local->folder, error);
    int change = -1;
    bool settled = true;
    if (status == TELEAI_OK)
        status = lock_file(&local->folder, "change.lock", LOCK_EX, deadline, &change, error);
    if (status == TELEAI_OK)
        status = open_locked(local, change, deadline, &settled, error);
    if (status != TELEAI_OK)
        unlock_file(local->users);
    if (settled)
        unlock_file(change);
    else
        close(change); /* stays locked until the last of them is gone */
    if (status != TELEAI_OK) {
        local->users = -1;
        teleai__local_abandon(local);
        return status;
    }
    *out = local;
    return teleai__ok(error);
}

const char *teleai__local_connection(const teleai__local *local) { return local->connection; }

void teleai__local_close(teleai__local *local) {
    if (local == NULL)
        return;
    if (local->owner != getpid()) {
        teleai__local_abandon(local);
        return;
    }
    teleai__deadline deadline = teleai__deadline_in(CLOSE_MS);
    int change = -1;
    bool last = false;
    /* Without the change lock somebody else has been at it for a minute; whoever opens next closes for us too. */
    if (lock_file(&local->folder, "change.lock", LOCK_EX, deadline, &change, NULL) == TELEAI_OK)
        last = flock(local->users, LOCK_EX | LOCK_NB) == 0;
    if (last)
        teleai__cluster_stop(&local->folder, deadline);
    unlock_file(local->users);
    local->users = -1;
    if (last)
        teleai__folder_forget_shortcut(&local->folder);
    unlock_file(change);
    teleai__local_abandon(local);
}

void teleai__local_abandon(teleai__local *local) {
    if (local == NULL)
        return;
    if (local->users != -1)
        close(local->users);
    teleai__folder_close(&local->folder);
    free(local->connection);
    free(local);
}
