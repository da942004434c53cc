/* Migrations from inside. cmake/embed_migrations.cmake makes the files of database/migrations part of the library. */
#ifndef TELEAI_SCHEMA_MIGRATE_H
#define TELEAI_SCHEMA_MIGRATE_H

#include "schema/migration_lock.h"
#include "schema/migration_state.h"
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

/* What is done by one migrator at a time, on a connection of its own. */
enum teleai__errand_kind { TELEAI__ERRAND_GO, TELEAI__ERRAND_SCRIPT, TELEAI__ERRAND_FORCE, TELEAI__ERRAND_OTHER };

typedef struct teleai__errand {
    enum teleai__errand_kind kind;
    const char *name;   /* for errors */
    int64_t wanted;     /* to go to, or to write */
    bool one_down;      /* from wherever it is */
    const char *script; /* to run */
    teleai_status (*run)(teleai_client *client, teleai__connection *connection, void *data, teleai_error *error);
    void *data;
} teleai__errand;

/* Does it while the lock is held; refused behind a transaction pooler. */
teleai_status teleai__migrate_errand(teleai_client *client, const teleai__errand *what, teleai_error *error);

/* SCHEMA_MISMATCH where the files of this library cannot go on from there; INVALID_ARGUMENT for no version of them. */
teleai_status teleai__migrate_refuse(const teleai__migration_state *now, teleai_error *error);
teleai_status teleai__migrate_refuse_version(int64_t version, int64_t least, teleai_error *error);
/* The version that what follows starts from. On the way down what is half-made or half-undone comes first. */
int64_t teleai__migrate_start(const teleai__migration_state *now, int64_t wanted);

/* What database/adopt/look.sql holds. Generated. */
extern const char teleai__adopt_look_sql[];

/* Runs a script as a migration is run, in steps where it asks for it, and one at a time. */
teleai_status teleai__migrate_script(teleai_client *client, const char *name, const char *script, teleai_error *error);

/* SCHEMA_MISMATCH unless the database has exactly the newest migration. With `fill_empty` a database that has none gets
 * them all. */
teleai_status teleai__migrate_check(teleai_client *client, bool fill_empty, teleai_error *error);

#endif
