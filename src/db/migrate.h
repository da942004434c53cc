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

/* What database/row_security holds. Generated. */
extern const char teleai__row_security_enable_sql[], teleai__row_security_disable_sql[];

/* Runs a script as a migration is run, in steps where it asks for it, and one at a time. */
teleai_status teleai__migrate_script(teleai_client *client, const char *name, const char *script, teleai_error *error);

/* SCHEMA_MISMATCH unless the database has exactly the newest migration. With `fill_empty` a database that has none gets
 * them all. */
teleai_status teleai__migrate_check(teleai_client *client, bool fill_empty, teleai_error *error);

#endif
