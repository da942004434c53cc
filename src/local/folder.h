/* The folder of a `local:DIR`: whose it is, that it is ours to use, and how clients and programs name it. */
#ifndef TELEAI_LOCAL_FOLDER_H
#define TELEAI_LOCAL_FOLDER_H

#include "local/process.h"

#define TELEAI__LOCAL_PORT "5432" /* names the socket; nothing listens on TCP */

typedef struct teleai__folder {
    int descriptor;
    char *path;   /* its real path */
    char *inside; /* what the server programs call it */
    char *host;   /* where clients find the socket: path, or `shortcut`/at when that will not do */
    char *shortcut;
    int shortcut_descriptor;
    teleai__server_user user;
} teleai__folder;

/* Finds or makes the folder, refuses one that is not ours, and closes it to everybody but its owner. */
teleai_status teleai__folder_open(const char *name, teleai__folder *folder, teleai_error *error);

/* Fills folder->host. To be called under the change lock, as it may make a shortcut. */
teleai_status teleai__folder_find_host(teleai__folder *folder, teleai_error *error);

/*
 * Opens a file in the folder; flags as for open(2). Safe for root in a folder whose owner may set traps: a link, or
 * anything that is not a plain file of the server's user, is refused with EPERM. A new file is given to that user.
 * -1 and errno when it fails.
 */
int teleai__folder_file(const teleai__folder *folder, const char *name, int flags);

/* Removes the shortcut, if there is one. Under the change lock. */
void teleai__folder_forget_shortcut(teleai__folder *folder);
/* Closes and frees what the folder holds. */
void teleai__folder_close(teleai__folder *folder);

/* Fails with what could not be done to `path`, and the status that goes with an errno. */
teleai_status teleai__folder_fail(teleai_error *error, const char *what, const char *path, int reason);

/* The end of a path that leaves a message room for what it has to say. */
const char *teleai__folder_shown(const char *path);

#endif
