/* How far something long is: one line that is rewritten on a terminal, and a line every ten seconds elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdint.h>

typedef struct progress {
    const char *what; /* such as "files" */
    int64_t total;    /* 0: nobody knows */
    int64_t begun_ms, shown_ms, done_before;
} progress;

progress progress_begin(const char *what, int64_t total);
/* Shows it, no more often than eyes can follow. `note` is shown beside it, NULL: nothing. */
void progress_show(progress *of, int64_t done, const char *note);
/* Takes the line away again. */
void progress_clear(void);

#endif
