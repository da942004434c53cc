/* A database to try a backup in: on the same server, or in a private one; and its comparison with what was backed up. */
#ifndef CLI_SCRATCH_H
#define CLI_SCRATCH_H

#include "cli/arguments.h"
#include "cli/program.h"
#include "teleai.h"

/* Restores a dump there, sums it up, and takes the scratch database away again, also when interrupted. `where` is server,
 * local or NULL: the server if the role may make databases there. NULL, having said why, when that cannot be done. */
teleai_table_checksums *scratch_restore(const place *server, const char *where, const char *dump);

/* Prints table by table what is the same; true when all is. */
bool scratch_compare(const arguments *given, const teleai_table_checksums *there,
                     const teleai_table_checksums *restored, const char *file, int64_t bytes);

/* Runs pg_restore with these arguments, showing how far it is. False, having said why. */
bool restore_run(const char *const *words, const place *at, const char *dump);

#endif
