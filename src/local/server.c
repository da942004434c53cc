/* Starting and stopping the server of a cluster, and telling whether it runs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "local/cluster.h"
#include "local/lock_file.h"
#include "local/log.h"
#include "local/programs.h"

enum { LOG_BYTES_BEFORE_ROTATION = 1 << 20 };

typedef enum server_state { SERVER_STOPPED, SERVER_STARTING, SERVER_READY, SERVER_STOPPING } server_state;

/*
 * Whether anybody answers at the socket. Not whether the process in postmaster.pid exists: after a crash or in a
 * container the number may be another program's, and a server in another container has none here.
 */
static bool is_listening(const teleai__folder *folder) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL." TELEAI__LOCAL_PORT, folder->host);
#ifdef SOCK_CLOEXEC
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
#else
    int probe = socket(AF_UNIX, SOCK_STREAM, 0);
#endif
    if (probe == -1)
        return false;
    fcntl(probe, F_SETFL, O_NONBLOCK);
    bool listening = connect(probe, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN ||
                     errno == EINPROGRESS;
    close(probe);
    return listening;
}

static server_state look(const teleai__folder *folder) {
    if (!is_listening(folder))
        return SERVER_STOPPED;
    char text[TELEAI__LOCK_FILE_BYTES];
    teleai__lock_file_read(folder, TELEAI__PID_FILE, text);
    const char *line = teleai__lock_file_line(text, 8);
    if (line == NULL)
        return SERVER_STARTING;
    if (strncmp(line, "ready", 5) == 0 || strncmp(line, "standby", 7) == 0)
        return SERVER_READY;
    return strncmp(line, "stopping", 8) == 0 ? SERVER_STOPPING : SERVER_STARTING;
}

static int cluster_major(const teleai__folder *folder) {
    int file = teleai__folder_file(folder, "cluster/PG_VERSION", O_RDONLY);
    char text[16] = "";
    if (file != -1) {
        if (read(file, text, sizeof text - 1) < 0)
            *text = '\0';
        close(file);
    }
    return (int)strtol(text, NULL, 10);
}

static teleai_status find_programs(const teleai__folder *folder, teleai__deadline deadline, teleai__programs *out,
                                   teleai_error *error) {
    int major = cluster_major(folder);
    if (major <= 0)
        return teleai__fail(
            error, TELEAI_UNAVAILABLE,
            "local: cluster/PG_VERSION in %s cannot be read as the server's user, or says nothing; restore the "
            "folder from a backup, with its owner",
            teleai__folder_shown(folder->path));
    return teleai__programs_find(major, &folder->user, deadline, out, error);
}

enum wish { START, TELL_TO_STOP, STOP };

/* Runs pg_ctl, which waits unless it only tells; its own patience is a little longer than ours. */
static teleai_status run_pg_ctl(const teleai__folder *folder, const teleai__programs *programs, enum wish wish,
                                teleai__deadline deadline, int *exit_code, teleai_error *error) {
    char seconds[16], data[TELEAI__PATH_BYTES];
    snprintf(seconds, sizeof seconds, "%d", teleai__deadline_left_ms(deadline) / 1000 + 2);
    snprintf(data, sizeof data, "%s/cluster", folder->inside);
    const char *const starting[] = {programs->pg_ctl, "start", "--silent", "--wait", "--timeout", seconds, NULL};
    const char *const stopping[] = {programs->pg_ctl, "stop",  "--silent",    "--wait",
                                    "--timeout",      seconds, "--mode=fast", NULL};
    const char *const telling[] = {programs->pg_ctl, "stop", "--silent", "--no-wait", "--mode=fast", NULL};
    int output =
        teleai__folder_file(folder, "server.log", O_WRONLY | O_APPEND | O_CREAT); /* the server goes on with it */
    if (output == -1)
        return teleai__fail(error, errno == ENOSPC ? TELEAI_LIMIT_EXCEEDED : TELEAI_UNAVAILABLE,
                            "local: cannot write server.log in %s: %s", teleai__folder_shown(folder->path),
                            strerror(errno));
    teleai__process process = {
        .arguments = wish == START  ? starting
                     : wish == STOP ? stopping
                                    : telling,
        .data = data,
        .output = output,
        .folder = folder->descriptor,
        .lock = -1, /* the server must not inherit one */
        .user = &folder->user,
    };
    teleai_status status = teleai__process_run(&process, deadline, exit_code, error);
    close(output);
    return status;
}

static teleai_status fail_slow(const teleai__folder *folder, teleai_error *error) {
    return teleai__fail(
        error, TELEAI_TIMEOUT,
        "local: the server in %s did not get ready in time; it may be recovering from a crash: try again, or "
        "with a longer timeout_ms (see server.log there)",
        teleai__folder_shown(folder->path));
}

static teleai_status fail_cancelled(const teleai__folder *folder, teleai_error *error) {
    return teleai__fail(error, TELEAI_CANCELLED, "local: it was cancelled while it waited for the server in %s",
                        teleai__folder_shown(folder->path));
}

/* One attempt. OK also when it is worth another look: then the server runs, or something passing was in the way. */
static teleai_status try_start(const teleai__folder *folder, const teleai__programs *programs,
                               teleai__deadline deadline, teleai_error *error) {
    off_t from = teleai__log_size(folder, "server.log");
    if (from > LOG_BYTES_BEFORE_ROTATION &&
        renameat(folder->descriptor, "server.log", folder->descriptor, "server.log.1") == 0)
        from = 0;
    if (!teleai__lock_files_mend(folder)) {
        /* Those that a killed server left end soon. */
        return teleai__deadline_sleep(deadline, 100) ? TELEAI_OK : fail_cancelled(folder, error);
    }
    int exit_code = 0;
    teleai_status status = teleai__cluster_complete(folder, deadline, error);
    if (status == TELEAI_OK)
        status = run_pg_ctl(folder, programs, START, deadline, &exit_code, error);
    if (status == TELEAI_TIMEOUT)
        return fail_slow(folder, error); /* it is left to finish: a recovery that is stopped each time never ends */
    if (status != TELEAI_OK || exit_code == 0 || look(folder) != SERVER_STOPPED)
        return status;
    teleai__log_line line;
    teleai__log_last(folder, "server.log", from, &line);
    bool is_owned = strstr(line.text, "lock file \"") != NULL && strstr(line.text, "\" already exists") != NULL;
    bool has_children =
        strstr(line.text, "pre-existing shared memory block") != NULL; /* of a killed server: they end soon */
    if (is_owned)
        teleai__lock_files_disown(folder);
    if (is_owned || has_children) {
        return teleai__deadline_sleep(deadline, 100) ? TELEAI_OK : fail_cancelled(folder, error);
    }
    return teleai__log_fail(folder, "server.log", &line, "the server does not start", error);
}

teleai_status teleai__cluster_start(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error) {
    teleai__programs programs = {.major = 0};
    for (;;) {
        server_state state = look(folder);
        if (state == SERVER_READY)
            return TELEAI_OK;
        if (teleai__deadline_left_ms(deadline) == 0)
            return fail_slow(folder, error);
        if (state != SERVER_STOPPED) {
            if (!teleai__deadline_sleep(deadline, 20))
                return fail_cancelled(folder, error);
            continue;
        }
        teleai_status status = programs.major == 0 ? find_programs(folder, deadline, &programs, error) : TELEAI_OK;
        if (status == TELEAI_OK)
            status = try_start(folder, &programs, deadline, error);
        if (status != TELEAI_OK)
            return status;
    }
}

teleai_status teleai__cluster_stop(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error) {
    if (look(folder) == SERVER_STOPPED)
        return TELEAI_OK;
    teleai__programs programs;
    int exit_code = 0;
    teleai_status status = find_programs(folder, teleai__deadline_firm(deadline), &programs, error);
    if (status == TELEAI_OK && deadline.interrupt != NULL) /* whose caller may not wait for it, and yet it is to stop */
        status = run_pg_ctl(folder, &programs, TELL_TO_STOP, teleai__deadline_firm(deadline), &exit_code, error);
    if (status == TELEAI_OK)
        status = run_pg_ctl(folder, &programs, STOP, deadline, &exit_code, error);
    if (status == TELEAI_OK && exit_code != 0 && look(folder) != SERVER_STOPPED)
        status =
            teleai__fail(error, TELEAI_TIMEOUT,
                         "local: the server in %s has not stopped yet: try again, or with a longer timeout_ms (see "
                         "server.log there)",
                         teleai__folder_shown(folder->path));
    return status;
}

void teleai__cluster_look(const teleai__folder *folder, teleai__cluster_state *out) {
    *out = (teleai__cluster_state){.major = cluster_major(folder), .running = look(folder) == SERVER_READY};
    if (!out->running)
        return;
    char text[TELEAI__LOCK_FILE_BYTES];
    teleai__lock_file_read(folder, TELEAI__PID_FILE, text);
    const char *started = teleai__lock_file_line(text, 3);
    out->process_id = strtol(text, NULL, 10);
    out->started_at = started == NULL ? 0 : strtoll(started, NULL, 10);
}
