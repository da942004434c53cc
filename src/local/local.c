/* Openers: who has a folder open, the first of whom starts its server, the last of whom stops it. */
#include "local/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "local/cluster.h"
#include "local/lock.h"

enum { CLOSE_MS = 60000 };

struct teleai__local {
    teleai__folder folder;
    int users; /* users.lock */
    pid_t owner;
    teleai__interrupt interrupt; /* who is asked while it opens and closes */
    char *connection;
};

/* Quoted as libpq reads it. That hostaddr is said to be nothing tells wire/local_connection.h that the environment has no say. */
char *teleai__local_describe(const char *host) {
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
    local->connection = teleai__local_describe(local->folder.host);
    if (local->connection == NULL)
        return teleai__fail_memory(error);
    status = teleai__lock_file(&local->folder, "users.lock", LOCK_SH, deadline, &local->users, error);
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
    if (deadline.interrupt != NULL)
        local->interrupt = *deadline.interrupt;
    teleai_status status = teleai__folder_open(folder, &local->folder, error);
    int change = -1;
    bool settled = true;
    if (status == TELEAI_OK)
        status = teleai__lock_file(&local->folder, "change.lock", LOCK_EX, deadline, &change, error);
    if (status == TELEAI_OK)
        status = open_locked(local, change, deadline, &settled, error);
    if (status != TELEAI_OK)
        teleai__unlock_file(local->users);
    if (settled)
        teleai__unlock_file(change);
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

teleai_status teleai__local_keep(const teleai__local *local, teleai_error *error) {
    return teleai__cluster_keep(&local->folder, error);
}

void teleai__local_close(teleai__local *local) {
    if (local == NULL)
        return;
    if (local->owner != getpid()) {
        teleai__local_abandon(local);
        return;
    }
    teleai__deadline deadline = teleai__deadline_until(&local->interrupt, CLOSE_MS);
    int change = -1;
    bool last = false;
    /* Without the change lock another process has been at work on the folder for a minute, or this call may not wait; the
     * next process that opens the folder closes for this one too. */
    if (teleai__lock_file(&local->folder, "change.lock", LOCK_EX, deadline, &change, NULL) == TELEAI_OK)
        last = flock(local->users, LOCK_EX | LOCK_NB) == 0;
    last = last && !teleai__cluster_is_kept(&local->folder);
    if (last)
        teleai__cluster_stop(&local->folder, deadline, NULL);
    teleai__unlock_file(local->users);
    local->users = -1;
    if (last)
        teleai__folder_forget_shortcut(&local->folder);
    teleai__unlock_file(change);
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
