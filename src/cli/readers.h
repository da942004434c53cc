/*
 * Processes that read files: what they hold, and what kind of sound that is. In processes of their own, since a file may
 * be made to crash, or keep busy for ever, whatever reads it: then only that process ends, and the file is told of.
 */
#ifndef CLI_READERS_H
#define CLI_READERS_H

#include "cli/audio.h"

enum reading { READ_HASH, READ_SOUND };

/* What was read of a file. */
typedef struct read_result {
    bool good;
    bool busy;                /* not good, since it is being written */
    unsigned char sha256[32]; /* with READ_HASH */
    int64_t bytes, modified_us;
    audio sound;   /* with READ_SOUND */
    char why[200]; /* where it is not good */
} read_result;

typedef struct readers readers;

/* Starts so many; `leave_busy`: what another process has open for writing is not read. NULL, having said why, when that cannot be done. Before other threads and clients are made. */
readers *readers_start(int count, bool leave_busy);
void readers_stop(readers *all);

/* What is to be read, and what came of it. */
typedef struct read_task {
    const char *path;
    int64_t bytes;
    read_result result;
    bool done;
} read_task;

/* Reads them all, several at a time, until done or interrupted: then it waits for none, and can only be called again to do
 * nothing. `tick` is called each time one is done, and now and then. False: no process is left to read. */
bool readers_run(readers *all, enum reading what, read_task *tasks, size_t count,
                 void (*tick)(void *data, const read_task *done), void *data);

#endif
