/* Registering files: what is known of each, and what has become of it. */
#ifndef CLI_INGEST_H
#define CLI_INGEST_H

#include "cli/progress.h"
#include "cli/readers.h"
#include "cli/walk.h"
#include "teleai.h"

typedef enum file_state {
    FILE_LEFT,    /* interrupted before */
    FILE_FRESH,   /* changed moments ago: to be looked at again */
    FILE_READ,    /* to be registered */
    FILE_NEW,     /* registered */
    FILE_UPDATED, /* its row has its new content */
    FILE_KNOWN,   /* was registered before */
    FILE_COPY,    /* the same as another one of this run; `why` tells which */
    FILE_BUSY,    /* it is being written; `why` tells more */
    FILE_BAD,     /* `why` tells */
    FILE_STATES
} file_state;

/* A row that has the path of a file, and not its content. */
typedef struct older_row {
    bool is_there;
    teleai_uuid id;
    int64_t updated_at_us;
    char *metadata;
} older_row;

typedef struct ingest_file {
    const found_file *found;
    file_state state;
    char sha256[65];
    int64_t bytes, modified_us;
    audio sound;
    teleai_uuid id; /* of its row */
    older_row older;
    char why[360]; /* of a good one: what is strange about it, or "" */
} ingest_file;

/* The paths of a user's rows. */
typedef struct known_paths known_paths;

typedef struct ingest {
    teleai_client *client;
    const teleai_user *user;
    readers *all;
    bool dry_run;
    bool cannot_read; /* no process to read with is to be had any more */
    ingest_file *files;
    size_t count;
    size_t *seen, seen_room; /* by hash: places of files, from 1 */
    known_paths *paths;      /* NULL: not asked for yet */
    progress shown;
    int64_t looked_at;
} ingest;

/* ---- ingest.c ---- */

/* Reads, looks up and registers so many files from a place on. */
teleai_status ingest_chunk(ingest *it, size_t first, size_t count, teleai_error *error);

/* ---- ingest_paths.c ---- */

/* Marks those as known whose path and size a row has already. */
teleai_status ingest_trust_paths(ingest *it, teleai_error *error);
/* Notes of each file with new content which row has its path; those whose row was worked on since are bad. */
teleai_status ingest_find_older(ingest *it, ingest_file *files, size_t count, teleai_error *error);
void known_paths_free(known_paths *all);

/* ---- ingest_rows.c ---- */

/* Marks those in `state` as known whose content a row has. */
teleai_status ingest_look_up(const ingest *it, teleai_client *client, ingest_file *files, size_t count,
                             file_state state, teleai_error *error);
/* Registers those that are read. */
teleai_status ingest_register(ingest *it, ingest_file *files, size_t count, teleai_error *error);

/* ---- ingest_settle.c ---- */

/* Sets those aside that were changed in the last seconds; tells whether there are any. */
bool ingest_set_aside(ingest *it, int64_t seconds);
/* Waits until these are as old, and has those go on that did not change. */
void ingest_settle(ingest *it, int64_t seconds);

#endif
