/*
 * Files that may still be written. Who writes is told by the kernel for local files of one's own (readers.c); besides, a
 * file that was changed in the last seconds is looked at again when it is older, and taken when it has not changed.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/ingest.h"
#include "cli/interrupt.h"

static int64_t now_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool ingest_set_aside(ingest *it, int64_t seconds) {
    int64_t since = now_us(CLOCK_REALTIME) - seconds * 1000000;
    bool any = false;
    for (size_t i = 0; i < it->count && seconds > 0; i++) {
        if (it->files[i].state != FILE_LEFT || it->files[i].found->modified_us < since)
            continue;
        it->files[i].state = FILE_FRESH;
        any = true;
    }
    return any;
}

/* How long until the youngest one is old enough; clocks of other machines may be ahead. */
static int64_t wait_us(const ingest *it, int64_t seconds) {
    int64_t now = now_us(CLOCK_REALTIME), longest = 0;
    for (size_t i = 0; i < it->count; i++) {
        int64_t left = it->files[i].found->modified_us + seconds * 1000000 - now;
        if (it->files[i].state == FILE_FRESH && left > longest)
            longest = left;
    }
    return longest < seconds * 1000000 ? longest : seconds * 1000000;
}

void ingest_settle(ingest *it, int64_t seconds) {
    int64_t until = now_us(CLOCK_MONOTONIC) + wait_us(it, seconds);
    while (now_us(CLOCK_MONOTONIC) < until && !interrupted()) {
        progress_show(&it->shown, it->looked_at, "waiting for files that were changed just now");
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    for (size_t i = 0; i < it->count; i++) {
        ingest_file *file = &it->files[i];
        struct stat now;
        if (file->state != FILE_FRESH)
            continue;
        if (interrupted() || (stat(file->found->path, &now) == 0 && (int64_t)now.st_size == file->found->bytes &&
                              modified_us(&now) == file->found->modified_us)) {
            file->state = FILE_LEFT;
            continue;
        }
        file->state = FILE_BUSY;
        snprintf(file->why, sizeof file->why, "it changed while it was looked at");
    }
}
