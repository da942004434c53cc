/* The files by which PostgreSQL keeps two servers apart: postmaster.pid in the cluster, and one beside the socket. */
#ifndef TELEAI_LOCAL_LOCK_FILE_H
#define TELEAI_LOCAL_LOCK_FILE_H

#include <stddef.h>

#include "local/folder.h"

#define TELEAI__PID_FILE "cluster/postmaster.pid"
#define TELEAI__SOCKET_LOCK ".s.PGSQL." TELEAI__LOCAL_PORT ".lock" /* begins with the process number too */

enum { TELEAI__LOCK_FILE_BYTES = 2048 };

/* What is in such a file, at most TELEAI__LOCK_FILE_BYTES with its NUL. */
size_t teleai__lock_file_read(const teleai__folder *folder, const char *name, char *text);

/* A line of postmaster.pid, from 1: PostgreSQL's pidfile.h says what is in which. NULL: not written yet. */
const char *teleai__lock_file_line(const char *text, int number);

/* Takes both files from processes that are no servers of this cluster. */
void teleai__lock_files_disown(const teleai__folder *folder);

/*
 * Both files, where they are empty or say nothing that PostgreSQL can read, as a power cut or a full disk leaves them.
 * Nobody answers at the socket, and the change lock is held. False: processes of a killed server still work in the
 * cluster, so that it must not be started yet.
 */
bool teleai__lock_files_mend(const teleai__folder *folder);

#endif
