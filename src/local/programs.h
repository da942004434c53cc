/* Finding PostgreSQL's server programs. */
#ifndef TELEAI_LOCAL_PROGRAMS_H
#define TELEAI_LOCAL_PROGRAMS_H

#include "local/process.h"

#define TELEAI__PATH_BYTES 1024 /* PostgreSQL's own limit, MAXPGPATH */

typedef struct teleai__programs {
    int major; /* 12 or more */
    char initdb[TELEAI__PATH_BYTES];
    char postgres[TELEAI__PATH_BYTES];
    char pg_ctl[TELEAI__PATH_BYTES];
} teleai__programs;

/*
 * Finds the programs of one major version, or with `major` 0 the newest of the first place that has any: the folder in
 * TELEAI_PG_BINDIR and no other if that is set; else where packages put them, then PATH.
 * Returns: OK, UNSUPPORTED (none, too old, or none of that version), TIMEOUT, UNAVAILABLE, OUT_OF_MEMORY.
 */
teleai_status teleai__programs_find(int major, const teleai__server_user *user, teleai__deadline deadline,
                                    teleai__programs *out, teleai_error *error);

#endif
