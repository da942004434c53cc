/*
 * A folder of files that are written once, from beginning to end, and read the same way; each hashed as it goes. Only its
 * owner may read them. Errors name the file, and begin with the name of the operation, which `name` is.
 */
#ifndef TELEAI_BASE_FILES_H
#define TELEAI_BASE_FILES_H

#include "base/hash.h"
#include "teleai/base.h"

#define TELEAI__FILE_PIECE 65536

typedef struct teleai__files {
    const char *name;
    char *path; /* absolute */
    int handle; /* -1: none is open */
} teleai__files;

typedef struct teleai__file {
    const teleai__files *folder;
    const char *name; /* within the folder */
    int handle;       /* -1: none is open */
    int64_t bytes;    /* written or read so far */
    teleai__sha256 hash;
    size_t used; /* of the buffer, not yet written */
    unsigned char buffer[TELEAI__FILE_PIECE];
} teleai__file;

/* Makes a folder that must not be there yet (ALREADY_EXISTS), or opens one (NOT_FOUND). */
teleai_status teleai__files_make(teleai__files *folder, const char *name, const char *path, teleai_error *error);
teleai_status teleai__files_open(teleai__files *folder, const char *name, const char *path, teleai_error *error);
/* Everything in it, and that it is there itself, is on the disk. */
teleai_status teleai__files_sync(const teleai__files *folder, teleai_error *error);
void teleai__files_close(teleai__files *folder);
/* Removes the folder that was made; what else somebody has put there stays, and then so does the folder. */
void teleai__files_remove(const teleai__files *folder);
void teleai__files_remove_file(const teleai__files *folder, const char *file);

/* Begins a file, which must not be there yet. */
teleai_status teleai__file_make(teleai__file *file, const teleai__files *folder, const char *name, teleai_error *error);
teleai_status teleai__file_write(teleai__file *file, const void *bytes, size_t count, teleai_error *error);
/* Writes what is left, to the disk, and closes it; the hash goes to `hash` unless that is NULL. */
teleai_status teleai__file_finish(teleai__file *file, char *hash, teleai_error *error);
/* Renames one that is finished. */
teleai_status teleai__files_rename(const teleai__files *folder, const char *from, const char *to, teleai_error *error);

/* Opens a file to be read: NOT_FOUND when it is not there, INVALID_ARGUMENT when it is no plain file; gives its size. */
teleai_status teleai__file_open(teleai__file *file, const teleai__files *folder, const char *name, int64_t *size,
                                teleai_error *error);
/* Reads the next piece into its buffer; 0 bytes: that was all. */
teleai_status teleai__file_read(teleai__file *file, size_t *count, teleai_error *error);
void teleai__file_close(teleai__file *file);

#endif
