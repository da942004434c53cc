/* Making the cluster. Its files are written by the server programs, as the user they run as. */
#include "local/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "local/log.h"
#include "local/programs.h"

static const char settings[] =
    "\n"
    "# ---- a private server, made by teleai: these come last, so they count ----\n"
    "\n"
    "# Nothing but the socket in the folder above, which only its owner can enter. Leave these four as they are.\n"
    "listen_addresses = ''\n"
    "unix_socket_directories = '..'\n"
    "unix_socket_permissions = 0700\n"
    "port = " TELEAI__LOCAL_PORT "\n"
    "\n"
    "# What is committed stays, through a crash and a power cut.\n"
    "fsync = on\n"
    "full_page_writes = on\n"
    "synchronous_commit = on\n"
    "\n"
    "# One machine, a few programs: no replication, less disk, no compiler loaded for a query. Change as you like.\n"
    "wal_level = minimal\n"
    "max_wal_senders = 0\n"
    "max_logical_replication_workers = 0\n"
    "min_wal_size = 32MB\n"
    "max_wal_size = 512MB\n"
    "jit = off\n"
    "random_page_cost = 1.1\n"
    "log_checkpoints = off\n"
    "cluster_name = 'teleai'\n";

bool teleai__cluster_exists(const teleai__folder *folder) {
    return faccessat(folder->descriptor, "cluster/PG_VERSION", F_OK, 0) == 0;
}

/*
 * Text is compared byte by byte (collation C), which no update of the system's libraries can change under an index. But
 * what is a letter, and its lower case, must hold for every language, or full-text search knows only English: with
 * character type C it takes "Élan" and "élan" for two words and a quotation mark for a letter.
 */
static const char *character_type(void) {
    static const char *const names[] = {"C.UTF-8", "en_US.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        locale_t found = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
        if (found != (locale_t)0) {
            freelocale(found);
            return names[i];
        }
    }
    return "C";
}

struct maker {
    const teleai__folder *folder;
    int change_lock;
    int log;
    char data[TELEAI__PATH_BYTES]; /* cluster.new as the programs name it */
    teleai__deadline deadline;
    teleai_error *error;
};

static teleai_status run(struct maker *maker, const char *const *arguments, const char *input, const char *what) {
    teleai__process process = {
        .arguments = arguments,
        .data = maker->data,
        .input = input,
        .output = maker->log,
        .folder = maker->folder->descriptor,
        .lock = maker->change_lock,
        .user = &maker->folder->user,
    };
    int exit_code = 0;
    teleai_status status = teleai__process_run(&process, maker->deadline, &exit_code, maker->error);
    if (status != TELEAI_OK || exit_code == 0)
        return status;
    teleai__log_line line;
    teleai__log_last(maker->folder, "setup.log", 0, &line);
    return teleai__log_fail(maker->folder, "setup.log", &line, what, maker->error);
}

/* What an opener that was killed half-way left. As the user it belongs to: root removes nothing by name here. */
static teleai_status remove_left_over(struct maker *maker) {
    struct stat status;
    if (fstatat(maker->folder->descriptor, "cluster.new", &status, AT_SYMLINK_NOFOLLOW) != 0)
        return TELEAI_OK;
    const char *const arguments[] = {"/bin/rm", "-rf", "--", maker->data, NULL};
    return run(maker, arguments, NULL, "cannot remove cluster.new, left by an interrupted start");
}

static teleai_status run_initdb(struct maker *maker, const teleai__programs *programs) {
    char type[64];
    snprintf(type, sizeof type, "--lc-ctype=%s", character_type());
    const char *const arguments[] = {
        programs->initdb,
        "--username=teleai",
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        type,
        "--data-checksums",
        NULL,
    };
    return run(maker, arguments, NULL, "initdb cannot make the database");
}

static teleai_status add_settings(struct maker *maker) {
    int file = teleai__folder_file(maker->folder, "cluster.new/postgresql.conf", O_WRONLY | O_APPEND);
    ssize_t wanted = (ssize_t)strlen(settings);
    bool good = file != -1 && write(file, settings, (size_t)wanted) == wanted && fsync(file) == 0;
    int reason = errno;
    if (file != -1)
        close(file);
    if (good)
        return TELEAI_OK;
    return teleai__fail(maker->error, reason == ENOSPC ? TELEAI_LIMIT_EXCEEDED : TELEAI_UNAVAILABLE,
                        "local: cannot write cluster.new/postgresql.conf in %s: %s",
                        teleai__folder_shown(maker->folder->path), strerror(reason));
}

/* No connection is needed for this, so no libpq. */
static teleai_status create_database(struct maker *maker, const teleai__programs *programs) {
    const char *const arguments[] = {programs->postgres, "--single", "-c", "exit_on_error=on", "template1", NULL};
    return run(maker, arguments, "create database teleai\n", "cannot create the database teleai");
}

/* From here on it is there, whole, even if the power fails. */
static teleai_status put_in_place(struct maker *maker) {
    int folder = maker->folder->descriptor;
    int made = openat(folder, "cluster.new", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good =
        made != -1 && fsync(made) == 0 && renameat(folder, "cluster.new", folder, "cluster") == 0 && fsync(folder) == 0;
    int reason = errno;
    if (made != -1)
        close(made);
    if (good)
        return TELEAI_OK;
    return teleai__fail(maker->error, reason == ENOSPC ? TELEAI_LIMIT_EXCEEDED : TELEAI_UNAVAILABLE,
                        "local: cannot rename cluster.new to cluster in %s: %s",
                        teleai__folder_shown(maker->folder->path), strerror(reason));
}

teleai_status teleai__cluster_make(const teleai__folder *folder, int change_lock, teleai__deadline deadline,
                                   teleai_error *error) {
    struct maker maker = {.folder = folder, .change_lock = change_lock, .deadline = deadline, .error = error};
    int length = snprintf(maker.data, sizeof maker.data, "%s/cluster.new", folder->inside);
    if (length < 0 || (size_t)length >= sizeof maker.data)
        return teleai__fail_field(error, "connection",
                                  "local: the folder's path is too long for PostgreSQL; use a shorter one");
    teleai__programs programs;
    teleai_status status = teleai__programs_find(0, &folder->user, deadline, &programs, error);
    if (status != TELEAI_OK)
        return status;
    maker.log = teleai__folder_file(folder, "setup.log", O_RDWR | O_CREAT | O_APPEND);
    if (maker.log == -1 || ftruncate(maker.log, 0) != 0) {
        status = teleai__fail(error, TELEAI_UNAVAILABLE, "local: cannot write setup.log in %s: %s",
                              teleai__folder_shown(folder->path), strerror(errno));
        if (maker.log != -1)
            close(maker.log);
        return status;
    }
    status = remove_left_over(&maker);
    if (status == TELEAI_OK)
        status = run_initdb(&maker, &programs);
    if (status == TELEAI_OK)
        status = add_settings(&maker);
    if (status == TELEAI_OK)
        status = create_database(&maker, &programs);
    if (status == TELEAI_OK)
        status = put_in_place(&maker);
    close(maker.log);
    return status;
}
