/* A PgBouncer of the test's own, in transaction mode, in front of the tests' server. */
#ifndef TELEAI_TESTS_OWN_POOLER_H
#define TELEAI_TESTS_OWN_POOLER_H

#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "harness.h"

#define POOLER_PROGRAM "/usr/sbin/pgbouncer"

static char pooler_folder[] = "/tmp/teleai-pooler.XXXXXX";
static char through[200]; /* connection string through the pooler */
static pid_t pooler;
static const char *pooler_role = "teleai"; /* whom it connects as */
static const char *pooler_mode = "transaction";
static int pooler_sessions = 2; /* of the server that it uses */

static void pooler_configure(void) {
    char path[100], host[300] = "";
    snprintf(pooler_folder, sizeof pooler_folder, "/tmp/teleai-pooler.XXXXXX"); /* a new one each time */
    if (mkdtemp(pooler_folder) == NULL || sscanf(harness_database(), "host=%299s", host) != 1)
        abort();
    snprintf(path, sizeof path, "%s/pgbouncer.ini", pooler_folder);
    FILE *file = fopen(path, "w");
    fprintf(file,
            "[databases]\n* = host=%s user=%s\n[pgbouncer]\nunix_socket_dir = %s\nlisten_port = 6432\n"
            "auth_type = any\npool_mode = %s\ndefault_pool_size = %d\npkt_buf = 512\nlogfile = %s/log\n",
            host, pooler_role, pooler_folder, pooler_mode, pooler_sessions, pooler_folder);
    fclose(file);
    snprintf(through, sizeof through, "host=%s port=6432 user=teleai dbname=%s", pooler_folder,
             strstr(harness_database(), "dbname=") + 7);
}

/* In the child: it refuses to run as root, and is to end with this program. */
static void pooler_become(void) {
    char path[100];
    snprintf(path, sizeof path, "%s/pgbouncer.ini", pooler_folder);
    const struct passwd *user = getpwnam("postgres") != NULL ? getpwnam("postgres") : getpwnam("nobody");
    if (getuid() == 0 && (user == NULL || chown(pooler_folder, user->pw_uid, user->pw_gid) != 0 ||
                          setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execl(POOLER_PROGRAM, POOLER_PROGRAM, "-q", path, (char *)NULL);
    _exit(1);
}

/* For the test's database; exits where that does not work. */
static void pooler_start(void) {
    pooler_configure();
    pooler = fork();
    if (pooler == 0)
        pooler_become();
    for (int i = 0; i < 400; i++) {
        PGconn *raw = PQconnectdb(through);
        bool up = PQstatus(raw) == CONNECTION_OK;
        PQfinish(raw);
        if (up)
            return;
        check_pause_ms(50);
    }
    CHECK(false, "the pooler does not answer; see %s/log", pooler_folder);
    exit(1);
}

static void pooler_stop(void) {
    char path[100];
    kill(pooler, SIGTERM);
    waitpid(pooler, NULL, 0);
    static const char *const files[] = {"pgbouncer.ini", "log", ".s.PGSQL.6432"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", pooler_folder, files[i]);
        unlink(path);
    }
    rmdir(pooler_folder);
}

#endif
