/*
 * A socket's path has about a hundred bytes, and libpq takes a comma for the end of a host. So some folders need a
 * short name elsewhere: a link `at` in a private folder in /tmp, where the sticky bit keeps others from replacing it.
 * The server does not know of it. Its name cannot be guessed, or somebody could be there first; a file in the folder
 * tells it to all openers of one user (root has its own). Not in XDG_RUNTIME_DIR, which is emptied at logout and differs
 * between processes. The shared lock tells systemd-tmpfiles that it is in use.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "local/folder.h"

#define SOCKET_NAME "/.s.PGSQL." TELEAI__LOCAL_PORT
#define TEMPLATE "/tmp/teleai-XXXXXX"

static const char *record_name(const teleai__folder *folder) {
    return geteuid() == folder->user.uid ? "shortcut" : "shortcut.root";
}

/* Opens it when it is ours alone and leads here. */
static bool is_fitting(teleai__folder *folder, const char *name) {
    struct stat status;
    char there[4096];
    int opened = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ours =
        opened != -1 && fstat(opened, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 077) == 0;
    ssize_t length = ours ? readlinkat(opened, "at", there, sizeof there) : -1;
    if (length == (ssize_t)strlen(folder->path) && memcmp(there, folder->path, (size_t)length) == 0) {
        folder->shortcut_descriptor = opened;
        return true;
    }
    if (opened != -1)
        close(opened);
    return false;
}

/* The name that is written down; "" when there is none, or one that is no such name. */
static void read_record(const teleai__folder *folder, char name[sizeof TEMPLATE]) {
    char text[sizeof TEMPLATE + 1] = "";
    int file = teleai__folder_file(folder, record_name(folder), O_RDONLY);
    ssize_t bytes = file == -1 ? -1 : read(file, text, sizeof text - 1);
    if (file != -1)
        close(file);
    const char *const chosen = text + strlen("/tmp/teleai-");
    bool good = bytes == (ssize_t)strlen(TEMPLATE) && strncmp(text, TEMPLATE, strlen("/tmp/teleai-")) == 0 &&
                strspn(chosen, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(chosen);
    memcpy(name, good ? text : "", good ? sizeof TEMPLATE : 1);
}

static bool write_record(const teleai__folder *folder, const char *name) {
    int file = teleai__folder_file(folder, record_name(folder), O_WRONLY | O_CREAT | O_TRUNC);
    bool good = file != -1 && write(file, name, strlen(name)) == (ssize_t)strlen(name);
    int reason = errno;
    if (file != -1)
        close(file);
    errno = reason;
    return good;
}

/* Anew, or under the name that is written down, for those who have the folder open and whose /tmp was tidied up. */
static teleai_status make(teleai__folder *folder, char name[sizeof TEMPLATE], teleai_error *error) {
    bool made = name[0] != '\0' && mkdir(name, 0700) == 0;
    if (!made) {
        memcpy(name, TEMPLATE, sizeof TEMPLATE);
        if (mkdtemp(name) == NULL)
            return teleai__folder_fail(error, "make a short name for the folder in", "/tmp", errno);
    }
    folder->shortcut_descriptor = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->shortcut_descriptor != -1 && symlinkat(folder->path, folder->shortcut_descriptor, "at") == 0 &&
        write_record(folder, name))
        return TELEAI_OK;
    teleai_status status = teleai__folder_fail(error, "make a short name for the folder in", name, errno);
    if (folder->shortcut_descriptor != -1)
        unlinkat(folder->shortcut_descriptor, "at", 0);
    rmdir(name);
    return status;
}

static teleai_status find_shortcut(teleai__folder *folder, teleai_error *error) {
    struct stat above;
    if (stat("/tmp", &above) != 0 || ((above.st_mode & S_IWOTH) != 0 && (above.st_mode & S_ISVTX) == 0))
        return teleai__fail_field(
            error, "connection",
            "local: the folder's path is too long for a socket or has a comma, and /tmp is not safe "
            "for a short name (no sticky bit); use a shorter path");
    char name[sizeof TEMPLATE];
    read_record(folder, name);
    teleai_status status = TELEAI_OK;
    if (name[0] == '\0' || !is_fitting(folder, name))
        status = make(folder, name, error);
    if (status != TELEAI_OK)
        return status;
    flock(folder->shortcut_descriptor, LOCK_SH | LOCK_NB);
    folder->shortcut = strdup(name);
    if (folder->shortcut == NULL || asprintf(&folder->host, "%s/at", name) == -1) {
        folder->host = NULL;
        return teleai__fail_memory(error);
    }
    return TELEAI_OK;
}

teleai_status teleai__folder_find_host(teleai__folder *folder, teleai_error *error) {
    const struct sockaddr_un *address = NULL;
    if (strlen(folder->path) + strlen(SOCKET_NAME) >= sizeof address->sun_path || strchr(folder->path, ',') != NULL)
        return find_shortcut(folder, error);
    folder->host = strdup(folder->path);
    return folder->host == NULL ? teleai__fail_memory(error) : TELEAI_OK;
}

void teleai__folder_forget_shortcut(teleai__folder *folder) {
    if (folder->shortcut_descriptor == -1 || folder->shortcut == NULL)
        return;
    unlinkat(folder->shortcut_descriptor, "at", 0);
    rmdir(folder->shortcut);
    unlinkat(folder->descriptor, record_name(folder), 0);
}
