/*
 * local:DIR with real servers: made, shared, killed, refused. Needs PostgreSQL's server programs (exit code 77 without
 * them) and uses psql where there is one. Runs as root and as an ordinary user; some checks need one or the other.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "local/local.h"

static char base[256], psql[1024];
static const char *program;
static int failures;

#define CHECK(condition, ...) check((condition), #condition, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 4, 5))) static bool check(bool good, const char *condition, int line, const char *format,
                                                        ...) {
    if (good)
        return true;
    va_list arguments;
    va_start(arguments, format);
    printf("  FAILED line %d: %s: ", line, condition);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    failures++;
    return false;
}

#include "local_folders.h"

/* ---- the checks ------------------------------------------------------------------------------------------------- */

static void test_first(const char *folder) {
    int ends[2]; /* inherited by careless programs, so by none of ours */
    CHECK(pipe(ends) == 0, "pipe");
    teleai__local *first = must_open(folder);
    if (first == NULL)
        return;
    close(ends[1]);
    struct pollfd ended = {.fd = ends[0], .events = POLLIN};
    CHECK(poll(&ended, 1, 0) == 1 && (ended.revents & POLLHUP) != 0, "the server holds a descriptor of ours");
    close(ends[0]);
    pid_t pid = server_pid(folder);
    CHECK(getsid(pid) != getsid(0), "the server is in our session");
    CHECK(*shell("find '%s' ! -type l -perm /077", folder) == '\0', "open to others: %s",
          shell("find '%s' -perm /077", folder));
    CHECK(strstr(teleai__local_connection(first), " user=teleai dbname=teleai") != NULL, "%s",
          teleai__local_connection(first));
    if (*psql != '\0') {
        const char *settings =
            query(first, "select string_agg(setting, ' ' order by name) from pg_settings where name in "
                         "('data_checksums', 'fsync', 'full_page_writes', 'lc_collate', 'listen_addresses', "
                         "'server_encoding', 'synchronous_commit')");
        CHECK(strstr(settings, "on on on") != NULL && strstr(settings, "UTF8 on") != NULL, "%s", settings);
        CHECK(strcmp(query(first, "show listen_addresses"), "\n") == 0, "it listens on TCP");
        CHECK(strcmp(query(first,
                           "select current_user || pg_encoding_to_char(encoding) || datcollate from pg_database where "
                           "datname = current_database()"),
                     "teleaiUTF8C\n") == 0,
              "user, encoding or collation");
        CHECK(strcmp(query(first, "select lower('ÉЖ')"), "éж\n") == 0, "no lower case beyond English");
        query(first, "create table kept as select 1 as n");
    }
    teleai__local *second = must_open(folder);
    CHECK(server_pid(folder) == pid, "a second server");
    teleai__local_close(first);
    CHECK(is_alive(pid) && answers(second), "stopped with an opener left");
    close_last(folder, second);
    CHECK(*shell("find '%s' ! -type l -perm /077", folder) == '\0', "open to others");

    teleai__local *again = must_open(folder);
    if (*psql != '\0')
        CHECK(strcmp(query(again, "select n from kept"), "1\n") == 0, "the data is lost");
    close_last(folder, again);
    teleai__local_close(NULL);
    teleai__local_abandon(NULL);
}

static void test_other_process(const char *folder) {
    struct other other = start_other(folder);
    CHECK(is_open(&other), "not opened");
    teleai__local *local = must_open(folder);
    pid_t pid = server_pid(folder);
    CHECK(end_other(&other) == 0, "it failed");
    CHECK(is_alive(pid) && answers(local), "stopped under us");
    other = start_other(folder);
    CHECK(is_open(&other), "not opened");
    teleai__local_close(local);
    CHECK(is_alive(pid), "stopped under another process");
    CHECK(end_other(&other) == 0, "it failed");
    CHECK(is_gone(pid), "not stopped by another process");
}

static void test_concurrently_fresh(const char *folder) {
    struct other others[3];
    for (int i = 0; i < 3; i++)
        others[i] = start_other(folder);
    for (int i = 0; i < 3; i++)
        CHECK(is_open(&others[i]), "number %d", i);
    pid_t pid = server_pid(folder);
    for (int i = 0; i < 3; i++)
        CHECK(end_other(&others[i]) == 0, "number %d", i);
    CHECK(pid > 0 && is_gone(pid), "not stopped");
}

static void *open_and_close(void *folder) {
    for (int i = 0; i < 3; i++) {
        teleai_error error;
        teleai__local *local;
        if (teleai__local_open(folder, teleai__deadline_in(30000), &local, &error) != TELEAI_OK)
            return strdup(error.message);
        teleai__local_close(local);
    }
    return NULL;
}

static void test_threads(const char *folder) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, open_and_close, (void *)(uintptr_t)folder) == 0, "pthread_create");
    for (int i = 0; i < 4; i++) {
        void *message = NULL;
        pthread_join(threads[i], &message);
        CHECK(message == NULL, "%s", (char *)message);
        free(message);
    }
    CHECK(server_pid(folder) == 0, "not stopped");
}

static void test_killed_opener(const char *folder) {
    struct other other = start_other(folder);
    CHECK(is_open(&other), "not opened");
    kill(other.pid, SIGKILL);
    end_other(&other);
    pid_t pid = server_pid(folder);
    CHECK(is_alive(pid), "the server died with its opener");
    teleai__local *local = must_open(folder);
    CHECK(server_pid(folder) == pid, "another server");
    close_last(folder, local);
}

static void test_killed_while_making(const char *folder) {
    struct other other = start_other(folder);
    struct stat status;
    for (int i = 0; i < 1000 && stat(at(folder, "cluster.new/base"), &status) != 0; i++)
        usleep(5000);
    kill(other.pid, SIGKILL);
    end_other(&other);
    CHECK(stat(at(folder, "cluster.new"), &status) == 0, "killed too late to try this");
    close_last(folder, must_open(folder));
    CHECK(stat(at(folder, "cluster.new"), &status) != 0, "cluster.new is still there");
}

static void test_left_over(const char *folder) {
    shell(
        "mkdir '%s' && cd '%s' && mkdir -p cluster.new/base/1 && echo 15 > cluster.new/PG_VERSION && chmod -R go= . && "
        "chown -R $(stat -c %%u '%s') .",
        folder, folder, in("main"));
    close_last(folder, must_open(folder));
    struct stat status;
    CHECK(stat(at(folder, "cluster.new"), &status) != 0, "cluster.new is still there");
}

static void test_killed_server(const char *folder) {
    teleai__local *first = must_open(folder);
    pid_t pid = server_pid(folder);
    kill(pid, SIGKILL);
    CHECK(is_gone(pid), "it survived");
    teleai__local *second = must_open(folder);
    CHECK(server_pid(folder) != pid, "the same server");
    CHECK(answers(first), "the first opener's connection string");
    teleai__local_close(first);
    close_last(folder, second);
}

/* After a crash the number in postmaster.pid may be another program's. */
static void test_reused_pid(const char *folder) {
    teleai__local *first = must_open(folder);
    pid_t pid = server_pid(folder);
    kill(pid, SIGKILL);
    CHECK(is_gone(pid), "it survived");
    struct stat status;
    CHECK(stat(at(folder, "cluster"), &status) == 0, "stat");
    pid_t stranger = fork();
    if (stranger == 0) {
        if (geteuid() == 0 && setuid(status.st_uid) != 0)
            _exit(1);
        for (;;)
            pause();
    }
    shell("cd '%s/cluster' && sed -i '1s/.*/%d/' postmaster.pid && chown %u postmaster.pid", folder, (int)stranger,
          (unsigned)status.st_uid);
    CHECK(server_pid(folder) == stranger, "postmaster.pid was not changed");
    teleai__local *second = must_open(folder);
    CHECK(is_alive(stranger), "the stranger was killed");
    teleai__local_close(first);
    close_last(folder, second);
    CHECK(is_alive(stranger), "the stranger was killed");
    kill(stranger, SIGKILL);
    waitpid(stranger, NULL, 0);
}

static void test_fork(const char *folder) {
    teleai__local *local = must_open(folder);
    pid_t pid = server_pid(folder);
    for (int abandons = 0; abandons < 2; abandons++) {
        pid_t child = fork();
        if (child == 0) {
            if (abandons)
                teleai__local_abandon(local);
            else
                teleai__local_close(local);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        CHECK(is_alive(pid), "a child stopped the server");
    }
    struct other other = start_other(folder);
    CHECK(is_open(&other) && end_other(&other) == 0, "another process");
    CHECK(is_alive(pid), "a child took the lock from its parent");
    pid_t idle = fork();
    if (idle == 0)
        for (;;)
            pause();
    close_last(folder, local); /* although the child still holds the descriptors */
    kill(idle, SIGKILL);
    waitpid(idle, NULL, 0);
}

static volatile sig_atomic_t handled;
static void reap_all(int number) {
    (void)number;
    int before = errno;
    handled++;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = before;
}

static void test_signals(const char *folder) {
    signal(SIGCHLD, SIG_IGN);
    close_last(folder, must_open(folder));
    signal(SIGCHLD, reap_all);
    close_last(folder, must_open(folder));
    CHECK(handled > 0, "the handler was not called");
    signal(SIGCHLD, SIG_DFL);
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    close_last(folder, must_open(folder));
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void test_foreign(const char *folder) {
    shell("mkdir -m 755 '%s' && echo hello > '%s/letter.txt'", folder, folder);
    char *before = fingerprint(folder);
    must_fail(folder, TELEAI_INVALID_ARGUMENT, "connection", "letter.txt");
    char *after = fingerprint(folder);
    CHECK(strcmp(before, after) == 0, "touched");
    free(before);
    free(after);
    must_fail(at(folder, "letter.txt"), TELEAI_INVALID_ARGUMENT, "connection", "is a file");
    must_fail(at(folder, "letter.txt/x"), TELEAI_INVALID_ARGUMENT, "connection", "correct the path");
    must_fail(at(folder, "no/such"), TELEAI_INVALID_ARGUMENT, "connection", "does not exist");
    must_fail("", TELEAI_INVALID_ARGUMENT, "connection", "no folder");
    shell("mkdir -p '%s/project/cluster' && echo x > '%s/project/cluster/y'", base, base);
    must_fail(in("project"), TELEAI_INVALID_ARGUMENT, "connection", "no PostgreSQL cluster");
}

static void test_wrong_version(const char *folder) {
    shell("cd '%s' && cp PG_VERSION ../saved && echo 9999 > PG_VERSION", at(folder, "cluster"));
    char *before = fingerprint(folder);
    must_fail(folder, TELEAI_UNSUPPORTED, "", "PostgreSQL 9999");
    char *after = fingerprint(folder);
    CHECK(strcmp(before, after) == 0, "touched");
    free(before);
    free(after);
    shell("cd '%s' && cat ../saved > PG_VERSION && rm ../saved", at(folder, "cluster"));
    close_last(folder, must_open(folder));
}

static void test_programs(const char *folder) {
    const char *set = getenv("TELEAI_PG_BINDIR");
    char *saved = set == NULL ? NULL : strdup(set);
    setenv("TELEAI_PG_BINDIR", "/no/such/folder", 1);
    must_fail(folder, TELEAI_UNSUPPORTED, "", "TELEAI_PG_BINDIR");
    shell("mkdir '%s/empty' '%s/old' && cd '%s/old' && echo 'echo \"pg_ctl (PostgreSQL) 11.2\"' > pg_ctl && cp pg_ctl "
          "initdb && "
          "cp pg_ctl postgres && sed -i '1i #!/bin/sh' * && chmod 755 *",
          base, base, base);
    setenv("TELEAI_PG_BINDIR", in("empty"), 1);
    must_fail(folder, TELEAI_UNSUPPORTED, "", "TELEAI_PG_BINDIR");
    setenv("TELEAI_PG_BINDIR", in("old"), 1);
    must_fail(folder, TELEAI_UNSUPPORTED, "", "PostgreSQL 11");
    if (saved == NULL)
        unsetenv("TELEAI_PG_BINDIR");
    else
        setenv("TELEAI_PG_BINDIR", saved, 1);
    free(saved);
    teleai_error error;
    teleai_status status;
    open_in(folder, 200, &status, &error);
    CHECK(status == TELEAI_TIMEOUT, "%s: %s", teleai_status_name(status), error.message);
    printf("    %s\n", error.message);
    close_last(folder, must_open(folder));
}

static void test_broken(const char *folder) {
    shell("cd '%s/cluster' && cp -p postgresql.conf saved && echo 'nonsense = 1' >> postgresql.conf", folder);
    must_fail(folder, TELEAI_UNAVAILABLE, "", "FATAL");
    shell("cd '%s/cluster' && mv saved postgresql.conf", folder);
    close_last(folder, must_open(folder));
}

static void test_names(void) {
    shell("mkdir \"%s/o'ne \\\\ \\\"two\\\"\"", base);
    close_last(in("o'ne \\ \"two\"/ü 'x' \\"), must_open(in("o'ne \\ \"two\"/ü 'x' \\")));

    char folder[1024];
    snprintf(folder, sizeof folder, "%s/long/%0100d/%0100d", base, 1, 2);
    shell("mkdir -p '%s'", folder);
    strcat(folder, "/a,b");
    teleai__local *local = must_open(folder);
    if (local == NULL)
        return;
    char host[512] = "";
    CHECK(sscanf(teleai__local_connection(local), "host='%511[^']'", host) == 1, "%s", teleai__local_connection(local));
    CHECK(strncmp(host, "/tmp/teleai-", 12) == 0 && strlen(host) < 80, "%s", host);
    teleai__local *second = must_open(folder);
    teleai__local_close(local);
    CHECK(answers(second), "the short name went with the first opener");
    close_last(folder, second);
    *strrchr(host, '/') = '\0';
    struct stat status;
    CHECK(stat(host, &status) != 0, "%s was left", host);
    /* Another user who takes the name gains nothing: it was random, and the next one is, too. */
    CHECK(symlink("/", host) == 0, "symlink");
    local = must_open(folder);
    CHECK(local == NULL || strstr(teleai__local_connection(local), host) == NULL, "%s is used again", host);
    close_last(folder, local);
    unlink(host);
    CHECK(mkdir(host, 0777) == 0 && chmod(host, 0777) == 0, "mkdir");
    local = must_open(folder);
    CHECK(local == NULL || strstr(teleai__local_connection(local), host) == NULL, "%s is used again", host);
    close_last(folder, local);
    rmdir(host);
}

static void test_relative(void) {
    char before[4096];
    CHECK(getcwd(before, sizeof before) != NULL && chdir(base) == 0, "chdir");
    teleai__local *local = must_open("./relative");
    CHECK(chdir("/") == 0, "chdir");
    CHECK(answers(local), "after chdir");
    close_last(in("relative"), local);
    CHECK(chdir(before) == 0, "chdir");
}

static void test_root(void) {
    if (geteuid() != 0) {
        printf("  (not root: skipped)\n");
        return;
    }
    shell("mkdir -m 700 '%s/closed'", base);
    const char *folder = in("closed/db");
    teleai__local *local = must_open(folder);
    struct stat status;
    CHECK(stat(folder, &status) == 0 && status.st_uid != 0, "the folder is root's");
    CHECK(*shell("find '%s' ! -user %u", folder, (unsigned)status.st_uid) == '\0', "some files are not the server's");
    close_last(folder, local);

    const struct passwd *nobody = getpwnam("nobody");
    if (nobody == NULL)
        return;
    folder = in("nobody");
    CHECK(mkdir(folder, 0700) == 0 && chown(folder, nobody->pw_uid, nobody->pw_gid) == 0, "chown");
    char trap[1024];
    snprintf(trap, sizeof trap, "%s/trap", base);
    CHECK(symlink(trap, at(folder, "change.lock")) == 0, "symlink");
    must_fail(folder, TELEAI_UNAVAILABLE, "", "change.lock");
    CHECK(stat(trap, &status) != 0, "followed a link of the folder's owner");
    unlink(at(folder, "change.lock"));
    local = must_open(folder);
    CHECK(stat(at(folder, "cluster/postmaster.pid"), &status) == 0 && status.st_uid == nobody->pw_uid, "owner");
    close_last(folder, local);

    pid_t child = fork();
    if (child == 0) {
        /* "/" since the present folder may be closed to that user, which psql would mention. */
        if (setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0 || chdir("/") != 0)
            _exit(2);
        failures = 0;
        must_fail(in("main"), TELEAI_PERMISSION_DENIED, "", "Permission denied");
        close_last(folder, must_open(folder)); /* its owner opens what root has opened before */
        fflush(stdout);
        _exit(failures == 0 ? 0 : 1);
    }
    int code = -1;
    waitpid(child, &code, 0);
    CHECK(code == 0, "as an ordinary user");
}

static int count_descriptors(void) {
    int count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) != -1;
    return count;
}

static void find_psql(void) {
    const char *folder = getenv("TELEAI_PG_BINDIR");
    glob_t found = {0};
    if (folder != NULL && access(at(folder, "psql"), X_OK) == 0)
        snprintf(psql, sizeof psql, "%s", at(folder, "psql"));
    else if (glob("/usr/lib/postgresql/*/bin/psql", 0, NULL, &found) == 0)
        snprintf(psql, sizeof psql, "%s", found.gl_pathv[found.gl_pathc - 1]);
    else
        snprintf(psql, sizeof psql, "%s", shell("command -v psql"));
    globfree(&found);
    psql[strcspn(psql, "\n")] = '\0';
}

int main(int count, char **arguments) {
    if (count == 3 && strcmp(arguments[1], "open") == 0)
        return be_other(arguments[2]);
    program = realpath(arguments[0], NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    setenv("PGHOSTADDR", "192.0.2.1", 1); /* must not matter */
    find_psql();
    printf("psql: %s\n", *psql == '\0' ? "none, so connections are not tried" : psql);
    const char *temporary = getenv("TMPDIR");
    snprintf(base, sizeof base, "%s/teleai-local-XXXXXX", temporary != NULL && *temporary == '/' ? temporary : "/tmp");
    if (program == NULL || mkdtemp(base) == NULL || chmod(base, 0755) != 0)
        return 1;

    int descriptors = count_descriptors();
    const char *main_folder = in("main");
    teleai_error error;
    teleai_status status;
    teleai__local *local = open_in(main_folder, 30000, &status, &error);
    if (status == TELEAI_UNSUPPORTED) {
        printf("skipped: %s\n", error.message);
        shell("rm -rf '%s'", base);
        return 77;
    }
    teleai__local_close(local);
    shell("rm -rf '%s'", main_folder);

#define RUN(name, call) (printf("%s\n", name), (void)(call))
    RUN("first opener makes and starts, last one stops", test_first(main_folder));
    RUN("two processes", test_other_process(main_folder));
    RUN("three processes at once in a fresh folder", test_concurrently_fresh(in("fresh")));
    RUN("four threads", test_threads(main_folder));
    RUN("an opener is killed", test_killed_opener(main_folder));
    RUN("an opener is killed while it makes the cluster", test_killed_while_making(in("killed")));
    RUN("what an interrupted start left", test_left_over(in("left")));
    RUN("the server is killed", test_killed_server(main_folder));
    RUN("its process number is used again", test_reused_pid(main_folder));
    RUN("forked children", test_fork(main_folder));
    RUN("SIGCHLD ignored, handled, all signals blocked", test_signals(in("signals")));
    RUN("folders that are not ours", test_foreign(in("foreign")));
    RUN("a cluster of another major version", test_wrong_version(main_folder));
    RUN("no server programs, old ones, no time", test_programs(in("programs")));
    RUN("a server that does not start", test_broken(main_folder));
    RUN("names with spaces, quotes, backslashes, commas, and long ones", test_names());
    RUN("a relative path", test_relative());
    RUN("as root", test_root());

    CHECK(count_descriptors() == descriptors, "%d instead of %d descriptors are open", count_descriptors(),
          descriptors);
    if (failures > 0)
        shell("for f in $(find '%s' -name postmaster.pid); do kill -QUIT $(head -1 $f); done", base);
    shell("rm -rf '%s'", base);
    printf(failures == 0 ? "all good\n" : "%d failed\n", failures);
    return failures == 0 ? 0 : 1;
}
