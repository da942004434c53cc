#include "local/lock_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* PID_MAX_LIMIT + 1, a number that Linux never gives out. */
#define NO_PROCESS "4194305"

size_t teleai__lock_file_read(const teleai__folder *folder, const char *name, char *text) {
    int file = teleai__folder_file(folder, name, O_RDONLY);
    ssize_t bytes = file == -1 ? 0 : read(file, text, TELEAI__LOCK_FILE_BYTES - 1);
    if (file != -1)
        close(file);
    text[bytes > 0 ? bytes : 0] = '\0';
    return bytes > 0 ? (size_t)bytes : 0;
}

const char *teleai__lock_file_line(const char *text, int number) {
    for (; number > 1 && text != NULL; number--) {
        text = strchr(text, '\n');
        text = text == NULL ? NULL : text + 1;
    }
    return text;
}

/* The number that it begins with, which PostgreSQL writes negative for a server without a postmaster; 0: none. */
static long process_of(const char *text, char **end) {
    if (!isdigit((unsigned char)*text) && !(*text == '-' && isdigit((unsigned char)text[1])))
        return 0;
    long number = strtol(text, end, 10);
    return number < 0 ? -number : number;
}

#ifdef __linux__
/* Whether a process may be a server of this cluster: it works there, which all of them do, and is no other program. */
static bool is_server(const struct stat *cluster, long pid) {
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%ld/comm", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file != -1 && read(file, name, sizeof name - 1) < 0)
        *name = '\0';
    if (file != -1)
        close(file);
    if (*name != '\0' && strncmp(name, "postgres", 8) != 0 && strncmp(name, "postmaster", 10) != 0)
        return false;
    struct stat process;
    snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
    if (stat(path, &process) == 0)
        return process.st_dev == cluster->st_dev && process.st_ino == cluster->st_ino;
    return errno != ENOENT; /* which a dead one gives; else we cannot know */
}
#endif

/*
 * After a crash the number in a lock file may belong to another program by now (in a container it often does, as
 * numbers start low), or to a dead process that nobody has waited for, and PostgreSQL then refuses to start. When the
 * process of that number surely does not work in the cluster, we put a number there that is nobody's. The rest stays,
 * because PostgreSQL still has to see from it whether a killed server left children behind.
 */
static void disown(const teleai__folder *folder, const char *name) {
#ifdef __linux__
    char text[TELEAI__LOCK_FILE_BYTES], again[TELEAI__LOCK_FILE_BYTES + 16], *rest = text;
    struct stat cluster;
    teleai__lock_file_read(folder, name, text);
    long pid = process_of(text, &rest);
    if (pid == 0 || fstatat(folder->descriptor, "cluster", &cluster, 0) != 0 || is_server(&cluster, pid))
        return;
    int file = teleai__folder_file(folder, name, O_WRONLY);
    if (file == -1)
        return;
    rest = strchr(rest, '\n');
    int length =
        snprintf(again, sizeof again, NO_PROCESS "%s", rest == NULL ? "\n" : rest); /* never shorter than it was */
    (void)!pwrite(file, again, (size_t)length, 0);
    close(file);
#else
    (void)folder, (void)name;
#endif
}

void teleai__lock_files_disown(const teleai__folder *folder) {
    disown(folder, TELEAI__PID_FILE);
    disown(folder, TELEAI__SOCKET_LOCK);
}

/* ---- files that say nothing ---- */

/* Whether a server process of any number works in the cluster. */
static bool has_servers(const teleai__folder *folder) {
#ifdef __linux__
    struct stat cluster;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        return false;
    bool found = false;
    const struct dirent *each;
    while (!found && fstatat(folder->descriptor, "cluster", &cluster, 0) == 0 && (each = readdir(processes)) != NULL) {
        char path[64];
        struct stat process;
        long pid = strtol(each->d_name, NULL, 10);
        snprintf(path, sizeof path, "/proc/%ld/cwd", pid);
        found = pid > 0 && stat(path, &process) == 0 && is_server(&cluster, pid); /* those of others are not ours */
    }
    closedir(processes);
    return found;
#else
    (void)folder;
    return false;
#endif
}

static bool is_readable(const teleai__folder *folder, const char *name) {
    char text[TELEAI__LOCK_FILE_BYTES];
    struct stat status;
    if (fstatat(folder->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return true; /* there is none; or something that PostgreSQL has to complain of */
    teleai__lock_file_read(folder, name, text);
    char *end = text;
    long pid = process_of(text, &end);
    return pid > 0 && pid <= INT32_MAX && (*end == '\n' || *end == '\0');
}

static void write_nobody(const teleai__folder *folder, const char *name) {
    int file = teleai__folder_file(folder, name, O_WRONLY);
    if (file == -1)
        return;
    if (pwrite(file, NO_PROCESS "\n", strlen(NO_PROCESS "\n"), 0) > 0)
        (void)!ftruncate(file, (off_t)strlen(NO_PROCESS "\n"));
    close(file);
}

bool teleai__lock_files_mend(const teleai__folder *folder) {
    static const char *const names[] = {TELEAI__PID_FILE, TELEAI__SOCKET_LOCK};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (is_readable(folder, names[i]))
            continue;
        if (has_servers(folder))
            return false;
        write_nobody(folder, names[i]);
    }
    return true;
}
