/* A private server that goes on without an opener, and how it is. A file `kept` in the folder tells the last to close. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "local/cluster.h"
#include "local/local.h"
#include "local/lock.h"
#include "teleai/local.h"

#define DEFAULT_TIMEOUT_MS 60000
#define DEEPEST 32 /* folders in a cluster lie five deep */

/* ---- the mark ---- */

bool teleai__cluster_is_kept(const teleai__folder *folder) {
    return faccessat(folder->descriptor, "kept", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static teleai_status fail_mark(const teleai__folder *folder, const char *what, teleai_error *error) {
    return teleai__fail(error, errno == ENOSPC ? TELEAI_LIMIT_EXCEEDED : TELEAI_UNAVAILABLE,
                        "local: cannot %s the file kept in %s: %s", what, teleai__folder_shown(folder->path),
                        strerror(errno));
}

teleai_status teleai__cluster_keep(const teleai__folder *folder, teleai_error *error) {
    int file = teleai__folder_file(folder, "kept", O_WRONLY | O_CREAT);
    if (file == -1)
        return fail_mark(folder, "make", error);
    close(file);
    return TELEAI_OK;
}

teleai_status teleai__cluster_forget(const teleai__folder *folder, teleai_error *error) {
    if (unlinkat(folder->descriptor, "kept", 0) == 0 || errno == ENOENT)
        return TELEAI_OK;
    return fail_mark(folder, "remove", error);
}

/* ---- arguments ---- */

static teleai_status read_arguments(const char **folder, const teleai_local_options *options, teleai_local_options *out,
                                    teleai_error *error) {
    teleai_status status = teleai__read_options(out, sizeof *out, options, "options", error);
    if (status != TELEAI_OK)
        return status;
    if (out->timeout_ms < 0)
        return teleai__fail_field(error, "timeout_ms", "timeout_ms is %d; 1 or more was expected, or 0 for the default",
                                  (int)out->timeout_ms);
    if (out->timeout_ms == 0)
        out->timeout_ms = DEFAULT_TIMEOUT_MS;
    if (*folder != NULL && strncmp(*folder, "local:", 6) == 0)
        *folder += 6;
    if (*folder == NULL || **folder == '\0')
        return teleai__fail_field(error, "folder", "no folder is named; DIR or local:DIR was expected");
    return TELEAI_OK;
}

/* `interrupt` lives as long as the call. */
static teleai__deadline deadline_of(const teleai_local_options *with, teleai__interrupt *interrupt) {
    *interrupt = (teleai__interrupt){with->interrupt_hook, with->interrupt_hook_data};
    return teleai__deadline_until(interrupt, with->timeout_ms);
}

/* Looked at by name first, so that nothing is made. What else is wrong with it, opening it tells. */
static bool is_missing(const char *name) {
    char *inside = NULL;
    struct stat status;
    if (asprintf(&inside, "%s/cluster/PG_VERSION", name) == -1)
        return false;
    bool missing = stat(inside, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
    free(inside);
    return missing;
}

/* Opens a folder that has a cluster, and keeps others from opening and closing it meanwhile. */
static teleai_status enter(const char *name, teleai__deadline deadline, teleai__folder *folder, int *change,
                           teleai_error *error) {
    *change = -1;
    teleai_status status = teleai__folder_open(name, folder, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__lock_file(folder, "change.lock", LOCK_EX, deadline, change, error);
    if (status == TELEAI_OK)
        status = teleai__folder_find_host(folder, error);
    return status;
}

static void leave(teleai__folder *folder, int change) {
    teleai__unlock_file(change);
    teleai__folder_close(folder);
}

/* Whether programs have it open. Nobody opens it meanwhile: the change lock is held. */
static bool is_in_use(const teleai__folder *folder) {
    int users = teleai__folder_file(folder, "users.lock", O_RDWR | O_CREAT);
    bool in_use = users != -1 && flock(users, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    teleai__unlock_file(users);
    return in_use;
}

/* ---- start, stop ---- */

teleai_status teleai_local_start(const char *folder, const teleai_local_options *options, teleai_error *error) {
    teleai_local_options with;
    teleai_status status = read_arguments(&folder, options, &with, error);
    teleai__local *local = NULL;
    teleai__interrupt interrupt;
    if (status == TELEAI_OK)
        status = teleai__local_open(folder, deadline_of(&with, &interrupt), &local, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__local_keep(local, error);
    teleai__local_close(local);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

teleai_status teleai_local_stop(const char *folder, const teleai_local_options *options, bool *out_running,
                                teleai_error *error) {
    if (out_running != NULL)
        *out_running = false;
    teleai_local_options with;
    teleai_status status = read_arguments(&folder, options, &with, error);
    if (status != TELEAI_OK)
        return status;
    if (is_missing(folder))
        return teleai__fail(error, TELEAI_NOT_FOUND, "local: there is no private server in the folder %s",
                            teleai__folder_shown(folder));
    teleai__interrupt interrupt;
    teleai__deadline deadline = deadline_of(&with, &interrupt);
    teleai__folder at = {.descriptor = -1, .shortcut_descriptor = -1};
    int change;
    status = enter(folder, deadline, &at, &change, error);
    if (status == TELEAI_OK)
        status = teleai__cluster_forget(&at, error);
    bool goes_on = status == TELEAI_OK && is_in_use(&at);
    if (status == TELEAI_OK && (!goes_on || with.stop_in_use)) {
        status = teleai__cluster_stop(&at, deadline, error);
        if (status == TELEAI_OK && !goes_on)
            teleai__folder_forget_shortcut(&at);
        goes_on = false;
    }
    if (out_running != NULL)
        *out_running = goes_on;
    leave(&at, change);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

/* ---- status ---- */

/* Bytes on the disk of what lies in a folder, which takes the descriptor. Files of a running server come and go. */
static int64_t measure(int folder, int depth) {
    DIR *entries = folder == -1 ? NULL : fdopendir(folder);
    if (entries == NULL) {
        if (folder != -1)
            close(folder);
        return 0;
    }
    int64_t bytes = 0;
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            fstatat(dirfd(entries), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        bytes += (int64_t)status.st_blocks * 512;
        if (S_ISDIR(status.st_mode) && depth < DEEPEST)
            bytes += measure(openat(dirfd(entries), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                             depth + 1);
    }
    closedir(entries);
    return bytes;
}

static teleai_status describe(const teleai__folder *at, teleai_local_status *out, teleai_error *error) {
    teleai__arena *arena = teleai__arena_of(out);
    teleai__cluster_state state;
    teleai__cluster_look(at, &state);
    out->exists = true;
    out->running = state.running;
    out->kept = teleai__cluster_is_kept(at);
    out->in_use = is_in_use(at);
    out->major_version = state.major;
    out->process_id = state.process_id;
    out->started_at_us = state.started_at * 1000000;
    out->size_bytes = measure(openat(at->descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), 0);
    size_t length = strlen(at->path);
    char *data = teleai__arena_alloc(arena, length + sizeof "/cluster");
    char *connection = state.running ? teleai__local_describe(at->host) : NULL;
    if (data != NULL)
        sprintf(data, "%s/cluster", at->path);
    out->data_directory = data;
    out->folder = teleai__arena_text(arena, at->path, length);
    if (connection != NULL)
        out->connection = teleai__arena_text(arena, connection, strlen(connection));
    free(connection);
    bool good = data != NULL && out->folder != NULL && (!state.running || out->connection != NULL);
    return good ? TELEAI_OK : teleai__fail_memory(error);
}

teleai_status teleai_local_status_get(const char *folder, const teleai_local_options *options,
                                      teleai_local_status **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("status", error);
    *out = NULL;
    teleai_local_options with;
    teleai_status status = read_arguments(&folder, options, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai_local_status *made = teleai__arena_make(sizeof *made, 512);
    if (made == NULL)
        return teleai__fail_memory(error);
    if (!is_missing(folder)) {
        teleai__folder at = {.descriptor = -1, .shortcut_descriptor = -1};
        int change;
        teleai__interrupt interrupt;
        status = enter(folder, deadline_of(&with, &interrupt), &at, &change, error);
        if (status == TELEAI_OK)
            status = describe(&at, made, error);
        if (status == TELEAI_OK && !made->running && !made->in_use)
            teleai__folder_forget_shortcut(&at); /* which was made for looking */
        leave(&at, change);
    }
    if (status != TELEAI_OK) {
        teleai__arena_free(made);
        return status;
    }
    *out = made;
    return teleai__ok(error);
}

void teleai_local_status_free(teleai_local_status *status) { teleai__arena_free(status); }
