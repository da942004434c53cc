/* For test_local.c: folders of a run, servers in them, and other processes that open them. */
#ifndef TELEAI_TESTS_FAULT_LOCAL_FOLDERS_H
#define TELEAI_TESTS_FAULT_LOCAL_FOLDERS_H

static const char *at(const char *folder, const char *name) {
    static char paths[8][2048];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s%s%s", folder, *name == '\0' ? "" : "/", name);
    return path;
}

/* A folder of this run; the name stays. */
static const char *in(const char *name) {
    static char paths[64][300];
    static unsigned used;
    char *path = paths[used++ % 64];
    snprintf(path, sizeof paths[0], "%s/%s", base, name);
    return path;
}

/* Runs a program to its end; what it prints is the result. */
static const char *run(const char *const *arguments) {
    static char text[65536];
    int ends[2];
    *text = '\0';
    if (pipe(ends) != 0)
        return text;
    pid_t child = fork();
    if (child == 0) {
        signal(SIGCHLD, SIG_DFL);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t bytes;
    while (length < sizeof text - 1 && (bytes = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)bytes;
    text[length] = '\0';
    close(ends[0]);
    waitpid(child, NULL, 0);
    return text;
}

__attribute__((format(printf, 1, 2))) static const char *shell(const char *format, ...) {
    char command[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    return run((const char *const[]){"/bin/sh", "-c", command, NULL});
}

static const char *query(const teleai__local *local, const char *sql) {
    return run((const char *const[]){psql, "-X", "-A", "-t", "-d", teleai__local_connection(local), "-c", sql, NULL});
}

static bool answers(const teleai__local *local) {
    return *psql == '\0' || strcmp(query(local, "select 6 * 7"), "42\n") == 0;
}

static teleai__local *open_in(const char *folder, int timeout_ms, teleai_status *status, teleai_error *error) {
    teleai__local *local = NULL;
    memset(error, 'x', sizeof *error);
    *status = teleai__local_open(folder, teleai__deadline_in(timeout_ms), &local, error);
    CHECK(*status == error->status, "%d %d", *status, error->status);
    CHECK((*status == TELEAI_OK) == (local != NULL), "%d", *status);
    return local;
}

static teleai__local *must_open(const char *folder) {
    teleai_error error;
    teleai_status status;
    teleai__local *local = open_in(folder, 30000, &status, &error);
    if (CHECK(status == TELEAI_OK, "%s", error.message))
        CHECK(answers(local), "%s: %s", teleai__local_connection(local),
              run((const char *const[]){psql, "-X", "-d", teleai__local_connection(local), "-c", "select 1", NULL}));
    return local;
}

static void must_fail(const char *folder, teleai_status wanted, const char *field, const char *said) {
    teleai_error error;
    teleai_status status;
    teleai__local *local = open_in(folder, 30000, &status, &error);
    CHECK(status == wanted, "%s: %s", teleai_status_name(status), error.message);
    CHECK(strcmp(error.field, field) == 0, "%s", error.field);
    CHECK(strstr(error.message, said) != NULL, "%s", error.message);
    printf("    %s\n", error.message);
    teleai__local_close(local);
}

static pid_t server_pid(const char *folder) {
    long pid = 0;
    FILE *file = fopen(at(folder, "cluster/postmaster.pid"), "r");
    if (file != NULL) {
        if (fscanf(file, "%ld", &pid) != 1)
            pid = 0;
        fclose(file);
    }
    return (pid_t)pid;
}

static bool is_alive(pid_t pid) {
    if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
        return false;
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        if (fgets(text, sizeof text, file) == NULL)
            *text = '\0';
        fclose(file);
    }
    return strstr(text, ") Z ") == NULL; /* a zombie that waits to be reaped is not alive */
}

/* The server removes postmaster.pid, which is what pg_ctl waits for, a moment before it ends. */
static bool is_gone(pid_t pid) {
    for (int i = 0; i < 100 && is_alive(pid); i++)
        usleep(20000);
    return !is_alive(pid);
}

/* Closes the last opener and checks that no server remains. */
static void close_last(const char *folder, teleai__local *local) {
    pid_t pid = server_pid(folder);
    CHECK(is_alive(pid), "%d", (int)pid);
    teleai__local_close(local);
    CHECK(is_gone(pid), "%d", (int)pid);
    CHECK(server_pid(folder) == 0, "postmaster.pid is still there");
}

/* Everything in a folder with its modes, owners, sizes and times. */
static char *fingerprint(const char *folder) {
    return strdup(shell("cd '%s' && find . -exec stat -c '%%n %%a %%u %%s %%y' {} + | sort | cksum", folder));
}

/* Another process that opens a folder, says so on its standard output, and closes when its standard input ends. */
struct other {
    pid_t pid;
    int to, from;
};

static int be_other(const char *folder) {
    teleai_error error;
    teleai__local *local;
    if (teleai__local_open(folder, teleai__deadline_in(30000), &local, &error) != TELEAI_OK) {
        fprintf(stderr, "    another process: %s\n", error.message);
        return 1;
    }
    if (write(1, "+", 1) != 1)
        return 1;
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
    teleai__local_close(local);
    return 0;
}

static struct other start_other(const char *folder) {
    int to[2], from[2];
    struct other other = {-1, -1, -1};
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        return other;
    other.pid = fork();
    if (other.pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        execl(program, program, "open", folder, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    other.to = to[1];
    other.from = from[0];
    return other;
}

static bool is_open(const struct other *other) {
    char byte;
    return read(other->from, &byte, 1) == 1;
}

static int end_other(const struct other *other) {
    int status = -1;
    close(other->to);
    close(other->from);
    waitpid(other->pid, &status, 0);
    return status;
}

#endif
