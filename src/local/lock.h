/*
 * The locks of a folder. Two files in it are locked, with flock(2) so that a killed process lets go of them:
 *
 *   change.lock  exclusively, while somebody opens or closes
 *   users.lock   shared, by every opener as long as it is open; who gets it exclusively when closing was the last
 *
 * flock() locks belong to the open file, which fork() shares. So the opener unlocks by name (LOCK_UN), which works
 * whatever a forked child still holds; and a child only closes, which does not take the lock from its parent.
 */
#ifndef TELEAI_LOCAL_LOCK_H
#define TELEAI_LOCAL_LOCK_H

#include "local/folder.h"

/* Opens such a file and locks it, LOCK_SH or LOCK_EX; gives its descriptor. */
teleai_status teleai__lock_file(const teleai__folder *folder, const char *name, int how, teleai__deadline deadline,
                                int *out, teleai_error *error);
/* Unlocks and closes it; -1 is fine. */
void teleai__unlock_file(int file);

#endif
