/*
 * `local:DIR`: PostgreSQL without an administrator. A private cluster in a folder, its server started for the first
 * opener and stopped by the last one. This room runs PostgreSQL's server programs and knows nothing of libpq: what it
 * gives is a connection string. docs/local.md tells users what they get.
 */
#ifndef TELEAI_LOCAL_LOCAL_H
#define TELEAI_LOCAL_LOCAL_H

#include "base/deadline.h"
#include "teleai/base.h"

/* One opener of a folder; a process may have several. Used by one thread at a time. */
typedef struct teleai__local teleai__local;

/*
 * Makes or reopens the private cluster in `folder` (a path, absolute or relative), starts its server if none runs, and
 * counts as one of its openers until closed or until the process ends. A server that was killed is started again.
 * Returns: OK, INVALID_ARGUMENT (field "connection": no such place, or a folder with other things in it),
 *   PERMISSION_DENIED (somebody else's folder), UNSUPPORTED (no server programs, older than 12, or not of the version
 *   that made the cluster), UNAVAILABLE (the server does not start; the message says where its log is),
 *   LIMIT_EXCEEDED (disk full), TIMEOUT, OUT_OF_MEMORY. On failure *out is NULL.
 * Owns: the caller; teleai__local_close() it.
 * Blocks: until the server takes connections; a few seconds when the cluster has to be made.
 */
teleai_status teleai__local_open(const char *folder, teleai__deadline deadline, teleai__local **out,
                                 teleai_error *error);

/* The libpq connection string, quoted as libpq wants it. Lives as long as `local`. Only the folder's owner and root
 * get through with it. */
const char *teleai__local_connection(const teleai__local *local);

/* The same of the folder whose socket lies in `host`; free() it. NULL: out of memory. */
char *teleai__local_describe(const char *host);

/* From now on the last one to close leaves the server running; see teleai/local.h. */
teleai_status teleai__local_keep(const teleai__local *local, teleai_error *error);

/* Ends this opener and frees it; the last one of all processes stops the server, unless it is kept, and waits, at most a minute. Close the
 * connections first: the server ends those that remain. NULL is fine. */
void teleai__local_close(teleai__local *local);

/* For a forked child, which shares the locks of its parent: closes the descriptors and frees the memory, without
 * unlocking or stopping anything. NULL is fine. teleai__local_close() in a child does the same. */
void teleai__local_abandon(teleai__local *local);

#endif
