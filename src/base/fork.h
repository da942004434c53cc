/* Telling a forked child from the process that made something, without a system call each time. */
#ifndef TELEAI_BASE_FORK_H
#define TELEAI_BASE_FORK_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct teleai__fork_mark {
    pid_t maker;
    volatile char *page; /* not 0 in the maker's process; NULL where the system cannot clear it in a child */
} teleai__fork_mark;

void teleai__fork_mark_make(teleai__fork_mark *mark);
void teleai__fork_mark_free(teleai__fork_mark *mark);
/* Whether this process is the one that made the mark. */
bool teleai__fork_mark_is_mine(const teleai__fork_mark *mark);

#endif
