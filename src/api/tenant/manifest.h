/* What stands beside the files of an export: manifest.json, read and checked before anything is believed. */
#ifndef TELEAI_API_TENANT_MANIFEST_H
#define TELEAI_API_TENANT_MANIFEST_H

#include "api/tenant/job.h"
#include "base/files.h"
#include "base/json.h"

typedef struct teleai__manifest {
    char *text; /* NULL: not read */
    size_t bytes;
    teleai__json_slice tenant; /* its own row, as an object */
    int64_t schema_version;
    struct {
        bool is_there;
        int64_t rows, bytes;
        char sha256[TELEAI__SHA256_BYTES];
    } tables[TELEAI__TENANT_TABLE_COUNT];
} teleai__manifest;

/* Reads it, and looks whether the files are there and as long as it says. `file` is room for reading. */
teleai_status teleai__manifest_read(teleai__manifest *manifest, const teleai__files *folder, teleai__file *file,
                                    teleai_error *error);
void teleai__manifest_free(teleai__manifest *manifest);

#endif
