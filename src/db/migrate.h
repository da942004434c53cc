/* Migrations from inside. cmake/embed_migrations.cmake makes the files of database/migrations part of the library. */
#ifndef TELEAI_DB_MIGRATE_H
#define TELEAI_DB_MIGRATE_H

#include "teleai/migrate.h"

typedef struct teleai__migration_file {
    int64_t version;
    const char *name;
    const char *up, *down;
} teleai__migration_file;

/* In order of version, which counts from 1 without a gap. Generated. */
extern const teleai__migration_file teleai__migration_files[];
extern const size_t teleai__migration_file_count;

/* SCHEMA_MISMATCH unless the database has exactly the newest migration. With `fill_empty` a database that has none gets
 * them all. */
teleai_status teleai__migrate_check(teleai_client *client, bool fill_empty, teleai_error *error);

#endif
