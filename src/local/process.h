/* Runs one of PostgreSQL's programs to its end, as the right user, untouched by what the host program is up to. */
#ifndef TELEAI_LOCAL_PROCESS_H
#define TELEAI_LOCAL_PROCESS_H

#include <sys/types.h>

#include "base/deadline.h"
#include "teleai/base.h"

/* Who the server runs as. */
typedef struct teleai__server_user {
    uid_t uid;
    gid_t gid;
    bool change; /* we are root: become this user first (PostgreSQL refuses to run as root) */
} teleai__server_user;

/* Where a program finds the folder it was given: see teleai__process.folder. */
#define TELEAI__PROCESS_FOLDER "/proc/self/fd/3"

typedef struct teleai__process {
    const char *const *arguments; /* the first is the program's absolute path; ends with NULL */
    const char *data;             /* PGDATA, or NULL */
    const char *input;            /* what it reads, at most 512 bytes, or NULL for nothing */
    int output;                   /* descriptor for what it prints */
    int folder;                   /* becomes its descriptor 3, or -1 */
    int lock;                     /* becomes its descriptor 4, so that the lock lives as long as the program; or -1 */
    const teleai__server_user *user;
} teleai__process;

/*
 * Runs it with a minimal environment, in a session of its own, holding none of our other descriptors. Gives the exit
 * code (128 and the number for a signal). When the deadline passes it is killed with its children, except those that
 * made themselves a session, as the server does.
 * Returns: OK (whatever the exit code), TIMEOUT, UNAVAILABLE, OUT_OF_MEMORY.
 */
teleai_status teleai__process_run(const teleai__process *process, teleai__deadline deadline, int *exit_code,
                                  teleai_error *error);

/* A pipe that other threads' children do not inherit; false and errno when there is none to be had. */
bool teleai__process_pipe(int ends[2]);

#endif
