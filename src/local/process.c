/*
 * We are a guest in the program that called us: it may have many threads, SIGCHLD ignored or handled, signals blocked,
 * descriptors open without O_CLOEXEC. So a program is not our child but our grandchild: the process between waits for
 * it and tells us by a pipe how it ended, which no signal disposition of the host can disturb. After fork() nothing is
 * called that POSIX does not allow there: another thread may have held any lock.
 */
#include "local/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "base/error.h"

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#define fork_quietly _Fork /* for the second fork: the host's pthread_atfork() handlers have had their turn */
#endif
#endif
#ifndef fork_quietly
#define fork_quietly fork
#endif

/*
 * The system calls themselves, where there are such: the C library's functions want every thread of the process to
 * change with them, and look for those that the host had before fork().
 */
#if defined(SYS_setgroups32)
#define change_groups(count, list) syscall(SYS_setgroups32, count, list)
#define change_group(gid) syscall(SYS_setgid32, gid)
#define change_user(uid) syscall(SYS_setuid32, uid)
#elif defined(SYS_setgroups)
#define change_groups(count, list) syscall(SYS_setgroups, count, list)
#define change_group(gid) syscall(SYS_setgid, gid)
#define change_user(uid) syscall(SYS_setuid, uid)
#else
#define change_groups setgroups
#define change_group setgid
#define change_user setuid
#endif

/* What the process between and the program, before it is one, tell us. */
enum step { STEP_EXITED, STEP_SIGNALED, STEP_DESCRIPTORS, STEP_FORK, STEP_GROUP, STEP_USER, STEP_EXECUTE };
struct report {
    int step;
    int value; /* exit code, signal, or errno */
};

enum { FIRST_FREE = 6, REPORT = 5 }; /* 0 to 2 as ever, 3 the folder, 4 the lock */

static _Noreturn void report_and_exit(enum step step, int value) {
    struct report report = {(int)step, value};
    ssize_t written;
    do
        written = write(REPORT, &report, sizeof report);
    while (written == -1 && errno == EINTR);
    _exit(step == STEP_EXITED ? 0 : 127);
}

static void close_from(int first, int end) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0)
        return;
#endif
    for (int descriptor = first; descriptor < end; descriptor++)
        close(descriptor);
}

/* Puts sources[i] at descriptor i. All are first moved out of the way of the numbers that are to be filled. */
static bool place_descriptors(int *sources, int count) {
    for (int i = 0; i < count; i++) {
        if (sources[i] == -1)
            continue;
        sources[i] = fcntl(sources[i], F_DUPFD, count);
        if (sources[i] == -1)
            return false;
    }
    for (int i = 0; i < count; i++) {
        if (sources[i] == -1)
            close(i);
        else if (dup2(sources[i], i) == -1)
            return false;
    }
    return true;
}

static void reset_signals(void) {
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &standard, NULL); /* those that cannot be changed need not be */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_program(const teleai__process *process, char *const *environment) {
    fcntl(REPORT, F_SETFD, FD_CLOEXEC);
    umask(077);
    if (process->user->change) {
        if (change_groups(0, NULL) != 0 || change_group(process->user->gid) != 0)
            report_and_exit(STEP_GROUP, errno);
        if (change_user(process->user->uid) != 0)
            report_and_exit(STEP_USER, errno);
    }
    execve(process->arguments[0], (char *const *)(uintptr_t)process->arguments, environment);
    report_and_exit(STEP_EXECUTE, errno);
}

/* The process between. */
static _Noreturn void supervise(const teleai__process *process, int input, int reports, char *const *environment,
                                int end) {
    reset_signals();
    setsid(); /* Ctrl-C in the host's terminal is not for the server; and one kill(2) reaches the whole group */
    int sources[FIRST_FREE] = {input, process->output, process->output, process->folder, process->lock, reports};
    if (!place_descriptors(sources, FIRST_FREE))
        _exit(127);
    close_from(FIRST_FREE, end);
    if (chdir("/") != 0) /* programs before 16 insist on returning to where they were, which may be closed to them */
        report_and_exit(STEP_DESCRIPTORS, errno);
    pid_t program = fork_quietly();
    if (program == -1)
        report_and_exit(STEP_FORK, errno);
    if (program == 0)
        become_program(process, environment);
    int status;
    while (waitpid(program, &status, 0) == -1)
        if (errno != EINTR)
            report_and_exit(STEP_FORK, errno);
    if (WIFSIGNALED(status))
        report_and_exit(STEP_SIGNALED, WTERMSIG(status));
    report_and_exit(STEP_EXITED, WEXITSTATUS(status));
}

bool teleai__process_pipe(int ends[2]) {
#ifdef __linux__
    return pipe2(ends, O_CLOEXEC) == 0;
#else
    if (pipe(ends) != 0)
        return false;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    return true;
#endif
}

/* A pipe that already holds the program's input, or /dev/null. Nobody can raise SIGPIPE: we hold the reading end. */
static int open_input(const char *text) {
    if (text == NULL)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int ends[2];
    if (!teleai__process_pipe(ends))
        return -1;
    size_t bytes = strlen(text);
    ssize_t written = write(ends[1], text, bytes);
    close(ends[1]);
    if (written == (ssize_t)bytes)
        return ends[0];
    close(ends[0]);
    return -1;
}

static pid_t start(const teleai__process *process, int input, int reports, char *const *environment) {
    long end = sysconf(_SC_OPEN_MAX);
    if (end < 0 || end > 65536)
        end = 65536;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* so that no handler of the host runs in the child */
    pid_t child = fork();
    if (child == 0)
        supervise(process, input, reports, environment, (int)end);
    int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return child;
}

/* OK when a report came or the process between is gone without one; TIMEOUT or CANCELLED when it is not waited for. */
static teleai_status await_report(int reports, teleai__deadline deadline, struct report *report, bool *came) {
    for (;;) {
        int ready = teleai__deadline_poll(reports, POLLIN, deadline);
        if (ready <= 0 && teleai__deadline_is_interrupted(deadline))
            return TELEAI_CANCELLED;
        if (ready <= 0 && teleai__deadline_left_ms(deadline) == 0)
            return TELEAI_TIMEOUT;
        if (ready <= 0)
            continue;
        ssize_t bytes = read(reports, report, sizeof *report);
        if (bytes == -1 && errno == EINTR)
            continue;
        *came = bytes == (ssize_t)sizeof *report;
        return TELEAI_OK;
    }
}

static void reap(pid_t child) {
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
        ; /* ECHILD: the host ignores SIGCHLD, or its handler was faster */
}

static teleai_status judge(const teleai__process *process, const struct report *report, int *exit_code,
                           teleai_error *error) {
    const char *program = process->arguments[0];
    unsigned user = (unsigned)process->user->uid;
    switch ((enum step)report->step) {
    case STEP_EXITED:
        *exit_code = report->value;
        return TELEAI_OK;
    case STEP_SIGNALED:
        *exit_code = 128 + report->value;
        return TELEAI_OK;
    case STEP_GROUP:
    case STEP_USER:
        return teleai__fail(error, TELEAI_UNAVAILABLE,
                            "local: as root, cannot become user %u to run PostgreSQL, which refuses root: %s; run the "
                            "program as an ordinary user, or with the capabilities SETUID and SETGID",
                            user, strerror(report->value));
    case STEP_EXECUTE:
        return teleai__fail(error, TELEAI_UNAVAILABLE, "local: cannot run %.160s as user %u: %s", program, user,
                            strerror(report->value));
    case STEP_DESCRIPTORS:
    case STEP_FORK:
        break;
    }
    return teleai__fail(error, TELEAI_UNAVAILABLE, "local: cannot start a process for %.160s: %s", program,
                        strerror(report->value));
}

teleai_status teleai__process_run(const teleai__process *process, teleai__deadline deadline, int *exit_code,
                                  teleai_error *error) {
    char *data = NULL;
    if (process->data != NULL && asprintf(&data, "PGDATA=%s", process->data) == -1)
        return teleai__fail_memory(error);
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", language[] = "LC_ALL=C";
    char *environment[] = {path, language, data, NULL};

    int input = open_input(process->input);
    int reports[2] = {-1, -1};
    pid_t child = -1;
    if (input != -1 && teleai__process_pipe(reports))
        child = start(process, input, reports[1], environment);
    int reason = errno;
    free(data);
    if (input != -1)
        close(input);
    if (reports[1] != -1)
        close(reports[1]);

    teleai_status status;
    if (child == -1) {
        status = teleai__fail(error, TELEAI_UNAVAILABLE, "local: cannot start a process for %.160s: %s",
                              process->arguments[0], strerror(reason));
    } else {
        struct report report;
        bool came = false;
        status = await_report(reports[0], deadline, &report, &came);
        if (status != TELEAI_OK) {
            kill(child, SIGKILL); /* first, so that it starts nothing more; then its group */
            kill(-child, SIGKILL);
            teleai__fail(error, status, "local: %.160s %s", process->arguments[0],
                         status == TELEAI_TIMEOUT ? "did not end in time and was stopped" : "was cancelled");
        } else if (came) {
            status = judge(process, &report, exit_code, error);
        } else {
            status = teleai__fail(error, TELEAI_UNAVAILABLE, "local: the process for %.160s was killed",
                                  process->arguments[0]);
        }
        reap(child);
    }
    if (reports[0] != -1)
        close(reports[0]);
    return status;
}
