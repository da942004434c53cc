/* A PostgreSQL of the test's own, which it may stop, kill and start again. The harness works on it. */
#ifndef TELEAI_TESTS_OWN_SERVER_H
#define TELEAI_TESTS_OWN_SERVER_H

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "harness.h"

static char server_folder[200];

/* Runs a shell command in which $folder, $place (of the cluster and the socket) and $bindir are set, and `as_owner` runs what
 * follows as the user the server runs as. Gives its exit code. */
__attribute__((format(printf, 1, 2))) static int server_shell(const char *format, ...) {
    static const char start[] = "folder='%s'; place=$(cat \"$folder/place\"); bindir=$(cat \"$folder/bindir\"); "
                                "owner=$(stat -c %%U \"$place/cluster\");"
                                "as_owner() { if [ \"$(id -u)\" = 0 ]; then setpriv --reuid=\"$owner\" --regid=\"$(id "
                                "-g \"$owner\")\" --clear-groups -- \"$@\"; "
                                "else \"$@\"; fi; }; cd /;\n";
    char command[6000];
    int length = snprintf(command, sizeof command, start, server_folder);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command + length, sizeof command - (size_t)length, format, arguments);
    va_end(arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

__attribute__((unused)) static void server_remove(void) {
    char command[1500];
    snprintf(command, sizeof command, "bash '%s/tests/support/server.sh' stop '%s'; rm -rf '%s'",
             getenv("TELEAI_SOURCE_DIR"), server_folder, server_folder);
    CHECK(system(command) == 0, "the server could not be stopped");
}

static void server_give_up(int signal_number) {
    server_remove();
    signal(signal_number, SIG_DFL);
}

/* Makes and starts it; exits with 77 where there is no PostgreSQL. Commits last: what a killed server had confirmed is there. */
static void server_make(void) {
    const char *source = getenv("TELEAI_SOURCE_DIR");
    snprintf(server_folder, sizeof server_folder, "/tmp/teleai-fault.XXXXXX");
    if (source == NULL || mkdtemp(server_folder) == NULL) {
        printf("TELEAI_SOURCE_DIR is not set, or no temporary folder\n");
        exit(1);
    }
    setenv("TELEAI_TEST_SERVER", server_folder, 1);
    char command[1500];
    snprintf(command, sizeof command, "bash '%s/tests/support/server.sh' start '%s'", source, server_folder);
    int status = system(command);
    if (status != 0) {
        rmdir(server_folder);
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    if (server_shell("printf 'synchronous_commit = on\\nfull_page_writes = on\\n' >>\"$place/cluster/postgresql.conf\";"
                     "as_owner \"$bindir/pg_ctl\" -D \"$place/cluster\" reload >/dev/null") != 0)
        exit(1);
    signal(SIGABRT, server_give_up); /* when the harness gives up */
    if (!harness_has_server())
        exit(1);
}

/* fast or immediate */
__attribute__((unused)) static void server_stop(const char *mode) {
    CHECK(server_shell("as_owner \"$bindir/pg_ctl\" -D \"$place/cluster\" -m %s -w stop >/dev/null", mode) == 0,
          "stop");
}

/* With further options of pg_ctl, such as "-o '-c max_connections=5'". */
__attribute__((unused)) static void server_start(const char *options) {
    CHECK(server_shell("as_owner \"$bindir/pg_ctl\" -D \"$place/cluster\" -l \"$place/server.log\" -w -t 60 %s start "
                       ">/dev/null || { tail -n 8 \"$place/server.log\"; false; }",
                       options) == 0,
          "start");
}

/* Waits until it takes connections, as after a crash. */
__attribute__((unused)) static void server_await(void) {
    for (int i = 0; i < 600; i++) {
        PGconn *raw = PQconnectdb(harness_database());
        bool up = PQstatus(raw) == CONNECTION_OK;
        PQfinish(raw);
        if (up)
            return;
        check_pause_ms(50);
    }
    CHECK(false, "the server did not come back");
}

__attribute__((unused)) static teleai_client *server_open(int32_t connections, int32_t timeout_ms) {
    teleai_options options = {.struct_size = sizeof options, .max_connections = connections, .timeout_ms = timeout_ms};
    teleai_client *client = NULL;
    teleai_error error;
    if (!GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK)) {
        server_remove();
        exit(1);
    }
    return client;
}

/* Waits until so many sessions wait for a lock, and gives one of them, 0 when there are none in time. */
__attribute__((unused)) static pid_t server_await_lock_waiter(void) {
    for (int i = 0; i < 500; i++) {
        int pid = atoi(harness_sql(
            "select coalesce(min(pid), 0) from pg_stat_activity where wait_event_type = 'Lock' and datname = "
            "current_database()"));
        if (pid != 0)
            return pid;
        check_pause_ms(10);
    }
    CHECK(false, "nobody waits for a lock");
    return 0;
}

#endif
