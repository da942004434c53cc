/* Registering files: what is known of each, and what has become of it. */
#ifndef CLI_INGEST_H
#define CLI_INGEST_H

#include "cli/progress.h"
#include "cli/readers.h"
#include "cli/walk.h"
#include "teleai.h"

typedef enum file_state {
    FILE_LEFT,  /* interrupted before */
    FILE_NEW,   /* registered */
    FILE_KNOWN, /* was registered before */
    FILE_COPY,  /* the same as another one of this run */
    FILE_BAD,   /* `why` tells */
} file_state;

typedef struct ingest_file {
    const found_file *found;
    file_state state;
    char sha256[65];
    int64_t modified_us;
    audio sound;
    teleai_uuid id; /* of its row */
    char why[360];
} ingest_file;

typedef struct ingest {
    teleai_client *client;
    const teleai_user *user;
    readers *all;
    bool dry_run;
    bool cannot_read; /* no process to read with is to be had any more */
    ingest_file *files;
    size_t count;
    size_t *seen, seen_room; /* by hash: places of files, from 1 */
    progress shown;
    int64_t looked_at;
} ingest;

/* Marks those as known whose path and size a row has already. */
teleai_status ingest_trust_paths(ingest *it, teleai_error *error);
/* Reads, looks up and registers so many files from a place on. */
teleai_status ingest_chunk(ingest *it, size_t first, size_t count, teleai_error *error);

#endif
