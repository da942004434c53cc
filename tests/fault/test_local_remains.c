/*
 * What crashes, power cuts, full disks and careless copies leave in the folder of a local:DIR: it is opened all the same,
 * with what was committed, or not while a killed server's processes still work there. Needs PostgreSQL's server programs
 * (exit code 77 without them).
 */
#include <dirent.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <teleai.h>

#include "check.h"

static char base[] = "/tmp/teleai-remains.XXXXXX", folder[200], local[220];

static const char *in(const char *name) {
    static char paths[4][400];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...) {
    char command[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    CHECK(system(command) == 0, "%s", command);
}

/* Over what is there, so that the owner stays. */
static void put(const char *name, const char *text, size_t bytes) {
    FILE *file = fopen(in(name), "w");
    if (!CHECK(file != NULL, "%s", name))
        return;
    fwrite(text, 1, bytes, file);
    fclose(file);
    struct stat status;
    stat(folder, &status);
    CHECK(chown(in(name), status.st_uid, status.st_gid) == 0, "%s", name);
}

static long server_pid(void) {
    long pid = 0;
    FILE *file = fopen(in("cluster/postmaster.pid"), "r");
    if (file != NULL && fscanf(file, "%ld", &pid) != 1)
        pid = 0;
    if (file != NULL)
        fclose(file);
    return pid;
}

/* How many processes work in the cluster. */
static int workers(void) {
    struct stat cluster, process;
    int count = 0;
    DIR *all = opendir("/proc");
    stat(in("cluster"), &cluster);
    for (struct dirent *each; (each = readdir(all)) != NULL;) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%s/cwd", each->d_name);
        count += atol(each->d_name) > 0 && stat(path, &process) == 0 && process.st_ino == cluster.st_ino &&
                 process.st_dev == cluster.st_dev;
    }
    closedir(all);
    return count;
}

static void until_workers(int wanted) {
    for (int i = 0; i < 1500 && workers() != wanted; i++)
        check_pause_ms(20);
    CHECK(workers() == wanted, "%d processes", workers());
}

static int rows; /* that were committed */

/* Starts it, writes a row, and kills the server as a power cut would. */
static void cut_power(void) {
    teleai_error error;
    teleai_client *client = NULL;
    if (!CHECK(teleai_local_start(local, NULL, &error) == TELEAI_OK, "%s", error.message))
        return;
    if (CHECK(teleai_open(local, NULL, &client, &error) == TELEAI_OK, "%s", error.message)) {
        char slug[20];
        snprintf(slug, sizeof slug, "left-%d", ++rows);
        teleai_tenant_input input = {.struct_size = sizeof input, .name = "Left", .slug = slug};
        CHECK(teleai_tenant_create(client, &input, NULL, &error) == TELEAI_OK, "%s", error.message);
    }
    teleai_close(client);
    kill((pid_t)server_pid(), SIGKILL);
    until_workers(0);
}

static void opens(const char *after) {
    teleai_error error;
    teleai_client *client = NULL;
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 60000};
    int64_t count = 0;
    if (CHECK(teleai_open(local, &options, &client, &error) == TELEAI_OK, "%s: %s", after, error.message)) {
        CHECK(teleai_tenant_count(client, NULL, &count, &error) == TELEAI_OK, "%s: %s", after, error.message);
        CHECK(count == rows + 1, "%s: %d tenants, the first and %d were expected", after, (int)count, rows);
        teleai_close(client);
    }
    CHECK(teleai_local_stop(local, NULL, NULL, &error) == TELEAI_OK, "%s: %s", after, error.message);
    printf("  %s\n", after);
}

#define PUT(name, text) put(name, text, sizeof text - 1)

static void pid_files(void) {
    static const struct {
        const char *text;
        size_t bytes;
    } each[] = {{"", 0},          {"\n", 1},        {"0\n", 2},
                {"-\n", 2},       {"garbage\n", 8}, {"\0\0\0\0", 4},
                {"12garbage", 9}, {" \n12", 4},     {"99999999999999999999\n", 21}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        char said[60];
        snprintf(said, sizeof said, "postmaster.pid, case %zu", i);
        cut_power();
        put("cluster/postmaster.pid", each[i].text, each[i].bytes);
        if (i % 2 == 1)
            put(".s.PGSQL.5432.lock", each[i].text, each[i].bytes);
        opens(said);
    }
    cut_power();
    PUT(".s.PGSQL.5432.lock", "");
    opens("an empty lock of the socket");
}

/* Numbers that belong to others by now: this program, the system's first process, one that works in the cluster. */
static void numbers_of_others(void) {
    char text[100];
    pid_t sleeper = fork();
    if (sleeper == 0) {
        struct stat status;
        stat(folder, &status);
        if (chdir(in("cluster")) != 0 || (getuid() == 0 && setuid(status.st_uid) != 0))
            _exit(1);
        execlp("sleep", "sleep", "600", (char *)NULL);
        _exit(127);
    }
    const pid_t others[] = {getpid(), 1, sleeper};
    for (int i = 0; i < 3; i++) {
        for (int whole = 0; whole < 2; whole++) {
            teleai_error error;
            CHECK(teleai_local_start(local, NULL, &error) == TELEAI_OK, "%s", error.message);
            kill((pid_t)server_pid(), SIGKILL);
            until_workers(1);
            int length = snprintf(text, sizeof text, whole ? "%d\n/nowhere\n1700000000\n5432\n" : "%d", (int)others[i]);
            put("cluster/postmaster.pid", text, (size_t)length);
            put(".s.PGSQL.5432.lock", text, (size_t)length);
            opens(whole ? "a number of another process" : "the same, cut off");
        }
    }
    kill(sleeper, SIGKILL);
    waitpid(sleeper, NULL, 0);
}

/* A server process that still works in the cluster, and a file that does not tell. */
static void a_killed_servers_child(void) {
    teleai_error error;
    char text[300];
    CHECK(teleai_local_start(local, NULL, &error) == TELEAI_OK, "%s", error.message);
    snprintf(text, sizeof text, "host=%s user=teleai dbname=teleai", folder);
    PGconn *raw = PQconnectdb(text);
    pid_t child = PQbackendPID(raw), server = (pid_t)server_pid();
    CHECK(child > 0, "%s", PQerrorMessage(raw));
    kill(child, SIGSTOP);
    kill(server, SIGKILL);
    until_workers(1);
    PUT("cluster/postmaster.pid", "");
    teleai_client *client = NULL;
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 1500};
    CHECK(teleai_open(local, &options, &client, &error) == TELEAI_TIMEOUT, "%s", error.message);
    teleai_close(client);
    CHECK(workers() == 1, "%d processes", workers());
    kill(child, SIGCONT);
    until_workers(0);
    PQfinish(raw);
    opens("a killed server's child");
}

static void folders_that_are_missing(void) {
    cut_power();
    shell("cd '%s/cluster' && rm -r pg_notify pg_replslot pg_tblspc pg_twophase pg_stat pg_stat_tmp pg_snapshots "
          "pg_serial "
          "pg_dynshmem pg_commit_ts pg_logical pg_subtrans pg_wal/archive_status postmaster.pid",
          folder);
    opens("missing folders");
}

static char *ask(const char *sql) {
    static char value[100];
    teleai_error error;
    char text[300];
    CHECK(teleai_local_start(local, NULL, &error) == TELEAI_OK, "%s", error.message);
    snprintf(text, sizeof text, "host=%s user=teleai dbname=teleai", folder);
    PGconn *raw = PQconnectdb(text);
    PGresult *result = PQexec(raw, sql);
    snprintf(value, sizeof value, "%s", PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : PQerrorMessage(raw));
    PQclear(result);
    PQfinish(raw);
    CHECK(teleai_local_stop(local, NULL, NULL, &error) == TELEAI_OK, "%s", error.message);
    return value;
}

/* New clusters have it, those of before get it, and a value of one's own stays. */
static void settings(void) {
    const char *conf = in("cluster/postgresql.conf");
    CHECK(strcmp(ask("show random_page_cost"), "1.1") == 0, "a new cluster");
    shell("sed -i '/^random_page_cost/d' '%s'", conf);
    CHECK(strcmp(ask("show random_page_cost"), "1.1") == 0, "one of before");
    CHECK(strcmp(ask("show random_page_cost"), "1.1") == 0, "again");
    shell("test $(grep -c '^random_page_cost' '%s') = 1", conf);
    shell("sed -i 's/^random_page_cost.*/Random_Page_Cost = 3/' '%s'", conf);
    CHECK(strcmp(ask("show random_page_cost"), "3") == 0, "an own value");
    printf("  settings\n");
}

/* Made half, or hardly begun. */
static void half_made(void) {
    teleai_error error;
    teleai_client *client = NULL;
    snprintf(folder, sizeof folder, "%s/half", base);
    snprintf(local, sizeof local, "local:%s", folder);
    shell("mkdir -p '%s/cluster' '%s/cluster.new/base' && touch '%s/change.lock' '%s/setup.log'", folder, folder,
          folder, folder);
    if (getuid() == 0)
        shell("chown -R nobody '%s'", folder);
    CHECK(teleai_open(local, NULL, &client, &error) == TELEAI_OK, "%s", error.message);
    teleai_close(client);
    CHECK(access(in("cluster.new"), F_OK) != 0, "cluster.new is left");
    printf("  half made\n");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (mkdtemp(base) == NULL || chmod(base, 0755) != 0)
        return 1;
    snprintf(folder, sizeof folder, "%s/data", base);
    snprintf(local, sizeof local, "local:%s", folder);
    teleai_client *client = NULL;
    teleai_error error;
    teleai_status status = teleai_open(local, NULL, &client, &error);
    teleai_close(client);
    if (status == TELEAI_UNSUPPORTED) {
        printf("skipped: %s\n", error.message);
        rmdir(folder);
        rmdir(base);
        return check_skip();
    }
    CHECK(status == TELEAI_OK, "%s", error.message);
    settings();
    pid_files();
    numbers_of_others();
    a_killed_servers_child();
    folders_that_are_missing();
    half_made();
    shell("rm -rf '%s'", base);
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
