#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"

/* What the system says, as a status. */
static teleai_status status_of(int reason) {
    switch (reason) {
    case EACCES:
    case EPERM:
    case EROFS:
        return TELEAI_PERMISSION_DENIED;
    case EEXIST:
        return TELEAI_ALREADY_EXISTS;
    case ENOENT:
        return TELEAI_NOT_FOUND;
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return TELEAI_INVALID_ARGUMENT;
    case ENOMEM:
        return TELEAI_OUT_OF_MEMORY;
    default:
        return TELEAI_UNAVAILABLE; /* a disk that is full or broken, no more files to be had */
    }
}

/* `what`: "cannot write". */
static teleai_status fail(const teleai__files *folder, teleai_status status, const char *what, const char *file,
                          int reason, teleai_error *error) {
    teleai__fail(error, status, "%s: %s %.200s: %s", folder->name, what, file, strerror(reason));
    if (error != NULL && status == TELEAI_INVALID_ARGUMENT)
        snprintf(error->field, sizeof error->field, "folder");
    return status;
}

static teleai_status fail_folder(const teleai__files *folder, teleai_status status, const char *what, const char *path,
                                 int reason, teleai_error *error) {
    fail(folder, status, what, path, reason, error);
    if (error != NULL)
        snprintf(error->field, sizeof error->field, "folder");
    return status;
}

/* ---- folders ---- */

static teleai_status open_folder(teleai__files *folder, const char *path, teleai_error *error) {
    folder->handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->handle < 0)
        return fail_folder(folder, status_of(errno), "cannot open the folder", path, errno, error);
    folder->path = realpath(path, NULL); /* the program may go elsewhere */
    if (folder->path != NULL)
        return TELEAI_OK;
    teleai_status status = fail_folder(folder, status_of(errno), "cannot open the folder", path, errno, error);
    teleai__files_close(folder);
    return status;
}

teleai_status teleai__files_open(teleai__files *folder, const char *name, const char *path, teleai_error *error) {
    *folder = (teleai__files){.name = name, .handle = -1};
    return open_folder(folder, path, error);
}

teleai_status teleai__files_make(teleai__files *folder, const char *name, const char *path, teleai_error *error) {
    *folder = (teleai__files){.name = name, .handle = -1};
    if (mkdir(path, 0700) != 0) {
        int reason = errno;
        teleai_status status = reason == ENOENT ? TELEAI_INVALID_ARGUMENT : status_of(reason); /* where it is to be */
        return fail_folder(folder, status, "cannot make the folder", path, reason, error);
    }
    teleai_status status = open_folder(folder, path, error);
    if (status != TELEAI_OK)
        rmdir(path);
    return status;
}

teleai_status teleai__files_sync(const teleai__files *folder, teleai_error *error) {
    int above = openat(folder->handle, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int reason = fsync(folder->handle) != 0 ? errno : 0;
    /* A file system, or its owner, may not let us: then that the folder is there is not known to be on the disk yet. */
    if (above >= 0) {
        (void)fsync(above);
        close(above);
    }
    if (reason == 0 || reason == EINVAL)
        return TELEAI_OK;
    return fail_folder(folder, status_of(reason), "cannot write the folder", folder->path, reason, error);
}

void teleai__files_close(teleai__files *folder) {
    if (folder->handle >= 0)
        close(folder->handle);
    free(folder->path);
    folder->handle = -1;
    folder->path = NULL;
}

void teleai__files_remove(const teleai__files *folder) {
    if (folder->path != NULL)
        rmdir(folder->path);
}

void teleai__files_remove_file(const teleai__files *folder, const char *file) {
    if (folder->handle >= 0)
        unlinkat(folder->handle, file, 0);
}

teleai_status teleai__files_rename(const teleai__files *folder, const char *from, const char *to, teleai_error *error) {
    if (renameat(folder->handle, from, folder->handle, to) == 0)
        return TELEAI_OK;
    return fail(folder, status_of(errno), "cannot write", to, errno, error);
}

/* ---- writing ---- */

static void begin(teleai__file *file, const teleai__files *folder, const char *name) {
    file->folder = folder;
    file->name = name;
    file->bytes = 0;
    file->used = 0;
    teleai__sha256_begin(&file->hash);
}

teleai_status teleai__file_make(teleai__file *file, const teleai__files *folder, const char *name,
                                teleai_error *error) {
    begin(file, folder, name);
    file->handle = openat(folder->handle, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file->handle < 0)
        return fail(folder, status_of(errno), "cannot make", name, errno, error);
    return TELEAI_OK;
}

static teleai_status flush(teleai__file *file, teleai_error *error) {
    for (size_t done = 0; done < file->used;) {
        ssize_t written = write(file->handle, file->buffer + done, file->used - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(file->folder, status_of(errno), "cannot write", file->name, errno, error);
        done += (size_t)written;
    }
    teleai__sha256_add(&file->hash, file->buffer, file->used);
    file->used = 0;
    return TELEAI_OK;
}

teleai_status teleai__file_write(teleai__file *file, const void *bytes, size_t count, teleai_error *error) {
    for (const unsigned char *at = bytes, *end = at + count; at < end;) {
        size_t some = sizeof file->buffer - file->used;
        if (some > (size_t)(end - at))
            some = (size_t)(end - at);
        memcpy(file->buffer + file->used, at, some);
        file->used += some;
        at += some;
        teleai_status status = file->used == sizeof file->buffer ? flush(file, error) : TELEAI_OK;
        if (status != TELEAI_OK)
            return status;
    }
    file->bytes += (int64_t)count;
    return TELEAI_OK;
}

teleai_status teleai__file_finish(teleai__file *file, char *hash, teleai_error *error) {
    teleai_status status = flush(file, error);
    if (status == TELEAI_OK && fsync(file->handle) != 0 && errno != EINVAL)
        status = fail(file->folder, status_of(errno), "cannot write", file->name, errno, error);
    int handle = file->handle;
    file->handle = -1;
    teleai__secret_wipe(file->buffer, sizeof file->buffer); /* there are hashes of passwords in it */
    if (close(handle) != 0 && errno != EINTR && status == TELEAI_OK)
        status = fail(file->folder, status_of(errno), "cannot write", file->name, errno, error);
    if (hash != NULL)
        teleai__sha256_end(&file->hash, hash);
    return status;
}

/* ---- reading ---- */

teleai_status teleai__file_open(teleai__file *file, const teleai__files *folder, const char *name, int64_t *size,
                                teleai_error *error) {
    struct stat found;
    begin(file, folder, name);
    /* Not waiting for somebody to write into a pipe. */
    file->handle = openat(folder->handle, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file->handle < 0 || fstat(file->handle, &found) != 0) {
        teleai_status status = fail(folder, status_of(errno), "cannot read", name, errno, error);
        teleai__file_close(file);
        return status;
    }
    if (!S_ISREG(found.st_mode)) {
        teleai__file_close(file);
        return teleai__fail_field(error, "folder", "%s: %s is not a plain file", folder->name, name);
    }
    *size = (int64_t)found.st_size;
    return TELEAI_OK;
}

teleai_status teleai__file_read(teleai__file *file, size_t *count, teleai_error *error) {
    ssize_t got;
    do
        got = read(file->handle, file->buffer, sizeof file->buffer);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return fail(file->folder, status_of(errno), "cannot read", file->name, errno, error);
    *count = (size_t)got;
    file->bytes += got;
    teleai__sha256_add(&file->hash, file->buffer, (size_t)got);
    return TELEAI_OK;
}

void teleai__file_close(teleai__file *file) {
    if (file->handle >= 0) {
        close(file->handle);
        teleai__secret_wipe(file->buffer, sizeof file->buffer);
    }
    file->handle = -1;
}
