/* What a cluster may lack before its server starts; see teleai__cluster_complete(). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "local/cluster.h"
#include "local/log.h"
#include "local/programs.h"

/* ---- folders ---- */

/* Those that PostgreSQL wants to be there and fills only while it runs, or not at all here; parents first. */
static const char *const folders[] = {
    "pg_commit_ts", "pg_dynshmem", "pg_logical", "pg_logical/mappings", "pg_logical/snapshots",
    "pg_notify",    "pg_replslot", "pg_serial",  "pg_snapshots",        "pg_stat",
    "pg_stat_tmp",  "pg_subtrans", "pg_tblspc",  "pg_twophase",         "pg_wal/archive_status",
};
enum { FOLDERS = sizeof folders / sizeof *folders };

static bool is_missing(const teleai__folder *folder, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "cluster/%s", name);
    return faccessat(folder->descriptor, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

/* As the server's user: root makes nothing by name in a folder of somebody else. */
static teleai_status make_folders(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error) {
    char paths[FOLDERS][TELEAI__PATH_BYTES];
    const char *arguments[FOLDERS + 5] = {"/bin/mkdir", "-m", "0700", "--"};
    int count = 4;
    bool has_log = !is_missing(folder, "pg_wal"); /* without which there is nothing to start */
    for (int i = 0; has_log && i < FOLDERS; i++) {
        if (!is_missing(folder, folders[i]))
            continue;
        snprintf(paths[i], sizeof paths[i], "%s/cluster/%s", folder->inside, folders[i]);
        arguments[count++] = paths[i];
    }
    if (count == 4)
        return TELEAI_OK;
    int output = teleai__folder_file(folder, "server.log", O_WRONLY | O_APPEND | O_CREAT), exit_code = 0;
    teleai__process process = {
        .arguments = arguments,
        .output = output,
        .folder = folder->descriptor,
        .lock = -1,
        .user = &folder->user,
    };
    teleai_status status = output == -1 ? TELEAI_OK : teleai__process_run(&process, deadline, &exit_code, error);
    if (output != -1)
        close(output);
    return status; /* when they could not be made, starting the server says so */
}

/* ---- settings ---- */

/* Whether an own line of the file sets it, or brings in other files, which may. */
static bool is_set(const char *text, const char *name) {
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\n \t");
        if (strncasecmp(line, name, strlen(name)) == 0 || strncasecmp(line, "include", strlen("include")) == 0)
            return true;
    }
    return false;
}

/* Clusters that an earlier version made do without it; so nothing is said when it cannot be added. */
static void add_setting(const teleai__folder *folder) {
    static const char added[] =
        "\n# Added by teleai: random reads cost little on a solid-state disk. Set another value "
        "here as you like.\nrandom_page_cost = 1.1\n";
    int file = teleai__folder_file(folder, "cluster/postgresql.conf", O_RDWR | O_APPEND);
    struct stat status;
    if (file == -1)
        return;
    char *text = NULL;
    if (fstat(file, &status) == 0 && status.st_size > 0 && status.st_size < 1 << 20)
        text = calloc(1, (size_t)status.st_size + 1);
    if (text != NULL && read(file, text, (size_t)status.st_size) == (ssize_t)status.st_size &&
        !is_set(text, "random_page_cost") && write(file, added, sizeof added - 1) == (ssize_t)sizeof added - 1)
        fsync(file);
    free(text);
    close(file);
}

teleai_status teleai__cluster_complete(const teleai__folder *folder, teleai__deadline deadline, teleai_error *error) {
    add_setting(folder);
    return make_folders(folder, deadline, error);
}
