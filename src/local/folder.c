/*
 * The folder is the guard: mode 0700, so whoever reaches the socket in it is its owner or root, and the server asks no
 * password. Root may be asked to open a folder of a user it does not trust: nothing here follows a link that such a
 * user may have put inside, and the server programs run as that user.
 */
#include "local/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

const char *teleai__folder_shown(const char *path) {
    size_t length = strlen(path), most = 120;
    if (length <= most)
        return path;
    path += length - most;
    while (((unsigned char)*path & 0xC0) == 0x80) /* not in the middle of a character */
        path++;
    return path;
}

teleai_status teleai__folder_fail(teleai_error *error, const char *what, const char *path, int reason) {
    if (reason == ENOMEM)
        return teleai__fail_memory(error);
    teleai_status status = reason == EACCES || reason == EPERM || reason == EROFS ? TELEAI_PERMISSION_DENIED
                           : reason == ENOSPC || reason == EDQUOT                 ? TELEAI_LIMIT_EXCEEDED
                                                                                  : TELEAI_UNAVAILABLE;
    return teleai__fail(error, status, "local: cannot %s %s: %s", what, teleai__folder_shown(path), strerror(reason));
}

/* Makes the folder if need be, one level, and opens it. */
static teleai_status open_or_make(const char *name, teleai__folder *folder, teleai_error *error) {
    bool made = mkdir(name, 0700) == 0;
    int reason = errno;
    if (!made && reason == ENOENT)
        return teleai__fail_field(error, "connection",
                                  "local: cannot make the folder %s: the folder it is to be in does not exist; make "
                                  "that first or correct the path",
                                  teleai__folder_shown(name));
    if (!made && (reason == ENOTDIR || reason == ENAMETOOLONG || reason == ELOOP))
        return teleai__fail_field(error, "connection", "local: %s cannot be a folder: %s; correct the path",
                                  teleai__folder_shown(name), strerror(reason));
    if (!made && reason != EEXIST && reason != EROFS && reason != EACCES && reason != EPERM)
        return teleai__folder_fail(error, "make the folder", name, reason);
    /* What mkdir() made cannot be a link, unless somebody has just put one there. */
    folder->descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (made ? O_NOFOLLOW : 0));
    if (folder->descriptor == -1 && errno == ENOTDIR)
        return teleai__fail_field(error, "connection",
                                  "local: %s is a file; expected a folder, or a path where none is yet",
                                  teleai__folder_shown(name));
    if (folder->descriptor == -1 && errno == ENOENT)
        return teleai__folder_fail(error, "make the folder", name, reason);
    if (folder->descriptor == -1)
        return teleai__folder_fail(error, "open the folder", name, errno);
    return TELEAI_OK;
}

/* Root runs the server as the folder's owner, or as `postgres`, or as `nobody`. */
static teleai_status choose_user(const char *name, teleai__folder *folder, teleai_error *error) {
    struct stat status;
    if (fstat(folder->descriptor, &status) != 0)
        return teleai__folder_fail(error, "look at the folder", name, errno);
    uid_t me = geteuid();
    if (me != 0 && status.st_uid != me)
        return teleai__fail(
            error, TELEAI_PERMISSION_DENIED,
            "local: the folder %s belongs to user %u and this is user %u; only its owner and root may use "
            "it: run as one of these or choose another folder",
            teleai__folder_shown(name), (unsigned)status.st_uid, (unsigned)me);
    if (me != 0) {
        folder->user = (teleai__server_user){me, getegid(), false};
        return TELEAI_OK;
    }
    char buffer[16384];
    struct passwd entry, *found = NULL;
    if (status.st_uid != 0) {
        if (getpwuid_r(status.st_uid, &entry, buffer, sizeof buffer, &found) != 0)
            found = NULL;
        folder->user = (teleai__server_user){status.st_uid, found != NULL ? found->pw_gid : status.st_gid, true};
        return TELEAI_OK;
    }
    static const char *const names[] = {"postgres", "nobody"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (getpwnam_r(names[i], &entry, buffer, sizeof buffer, &found) != 0 || found == NULL || found->pw_uid == 0)
            continue;
        folder->user = (teleai__server_user){found->pw_uid, found->pw_gid, true};
        return TELEAI_OK;
    }
    return teleai__fail(error, TELEAI_UNSUPPORTED,
                        "local: PostgreSQL refuses to run as root, and there is no user postgres or nobody: give the "
                        "folder %s to an ordinary user (chown), who will run the server",
                        teleai__folder_shown(name));
}

static bool is_our_name(const char *name) {
    static const char *const ours[] = {".",
                                       "..",
                                       "lost+found",
                                       "change.lock",
                                       "users.lock",
                                       "cluster",
                                       "cluster.new",
                                       "kept",
                                       "setup.log",
                                       "shortcut",
                                       "shortcut.root",
                                       "server.log",
                                       "server.log.1",
                                       ".s.PGSQL." TELEAI__LOCAL_PORT,
                                       ".s.PGSQL." TELEAI__LOCAL_PORT ".lock"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strcmp(name, ours[i]) == 0)
            return true;
    return false;
}

/* What a power cut may leave of a folder that had just been made. */
static bool is_empty(const teleai__folder *folder, const char *name) {
    int inside = openat(folder->descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = inside == -1 ? NULL : fdopendir(inside);
    if (entries == NULL) {
        if (inside != -1)
            close(inside);
        return false;
    }
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0))
        ;
    closedir(entries);
    return entry == NULL;
}

/* Ours is a folder that is empty, holds only what we put there, or has a cluster and our lock beside other things. */
static teleai_status refuse_foreign(const char *name, const teleai__folder *folder, teleai_error *error) {
    /* In this order: another opener may be about to put a whole cluster there. */
    bool has_folder = faccessat(folder->descriptor, "cluster", F_OK, 0) == 0;
    bool has_cluster = faccessat(folder->descriptor, "cluster/PG_VERSION", F_OK, 0) == 0;
    if (has_folder && !has_cluster && !is_empty(folder, "cluster"))
        return teleai__fail_field(
            error, "connection",
            "local: the folder %s has a folder `cluster` in it that is no PostgreSQL cluster; nothing "
            "was touched: name an empty folder or one that does not exist yet",
            teleai__folder_shown(name));
    if (has_cluster && faccessat(folder->descriptor, "change.lock", F_OK, 0) == 0)
        return TELEAI_OK;
    int own = openat(folder->descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = own == -1 ? NULL : fdopendir(own);
    if (entries == NULL) {
        int reason = errno;
        if (own != -1)
            close(own);
        return teleai__folder_fail(error, "read the folder", name, reason);
    }
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL && is_our_name(entry->d_name))
        ;
    teleai_status status = TELEAI_OK;
    if (entry != NULL)
        status = teleai__fail_field(
            error, "connection",
            "local: the folder %s holds other things (such as %.60s) and no database of ours; nothing "
            "was touched: name an empty folder or one that does not exist yet",
            teleai__folder_shown(name), entry->d_name);
    closedir(entries);
    return status;
}

static teleai_status take_over(const char *name, const teleai__folder *folder, teleai_error *error) {
    struct stat status;
    if (fstat(folder->descriptor, &status) != 0)
        return teleai__folder_fail(error, "look at the folder", name, errno);
    if (status.st_uid != folder->user.uid && fchown(folder->descriptor, folder->user.uid, folder->user.gid) != 0)
        return teleai__folder_fail(error, "give to the server's user the folder", name, errno);
    if ((status.st_mode & 07777) != 0700 && fchmod(folder->descriptor, 0700) != 0)
        return teleai__folder_fail(error, "close to other users the folder", name, errno);
    return TELEAI_OK;
}

/*
 * The user who runs the server may be unable to walk to the folder (root's own /root is closed to everybody), so the
 * programs get it as an open descriptor and a name for that. Not as their current directory, /proc/self/cwd: those
 * before 16 leave it for a moment by path and cannot come back.
 */
static char *name_inside(const teleai__folder *folder) {
#ifdef __linux__
    if (access("/proc/self/fd", X_OK) == 0)
        return strdup(TELEAI__PROCESS_FOLDER);
#endif
    return strdup(folder->path);
}

teleai_status teleai__folder_open(const char *name, teleai__folder *folder, teleai_error *error) {
    *folder = (teleai__folder){.descriptor = -1, .shortcut_descriptor = -1};
    if (name == NULL || *name == '\0')
        return teleai__fail_field(error, "connection", "local: no folder is named; expected local:DIR");
    teleai_status status = open_or_make(name, folder, error);
    if (status == TELEAI_OK)
        status = choose_user(name, folder, error);
    if (status == TELEAI_OK)
        status = refuse_foreign(name, folder, error);
    if (status == TELEAI_OK)
        status = take_over(name, folder, error);
    if (status == TELEAI_OK && (folder->path = realpath(name, NULL)) == NULL)
        status = teleai__folder_fail(error, "find the real path of", name, errno);
    if (status == TELEAI_OK && (folder->inside = name_inside(folder)) == NULL)
        status = teleai__fail_memory(error);
    if (status != TELEAI_OK)
        teleai__folder_close(folder);
    return status;
}

int teleai__folder_file(const teleai__folder *folder, const char *name, int flags) {
    int file = openat(folder->descriptor, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (file == -1)
        return -1;
    struct stat status;
    bool good = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
    if (good && status.st_uid != folder->user.uid)
        good = status.st_uid == geteuid() && fchown(file, folder->user.uid, folder->user.gid) == 0;
    if (good)
        return file;
    close(file);
    errno = EPERM;
    return -1;
}

void teleai__folder_close(teleai__folder *folder) {
    if (folder->shortcut_descriptor != -1)
        close(folder->shortcut_descriptor);
    if (folder->descriptor != -1)
        close(folder->descriptor);
    free(folder->path);
    free(folder->inside);
    free(folder->host);
    free(folder->shortcut);
    *folder = (teleai__folder){.descriptor = -1, .shortcut_descriptor = -1};
}
