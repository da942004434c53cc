/* The files that paths name: folders are walked, in the order of their names. */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct found_file {
    char *path; /* absolute, with no links in it */
    int64_t bytes, modified_us;
    char *why; /* not NULL: it cannot be read, or is no file */
} found_file;

typedef struct found_files {
    found_file *items;
    size_t count, room;
    int64_t bytes; /* of all */
    bool no_memory;
} found_files;

/* Adds what a path names; false when there is no such path, and errno says why. Hidden files and folders in it are passed
 * over, and links to folders are not followed. */
bool walk(found_files *to, const char *path);
/* When a file was changed, from what stat() says of it. */
struct stat;
int64_t modified_us(const struct stat *of);
void found_files_free(found_files *files);

#endif
