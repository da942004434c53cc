/* Where a database stands: the version that is written, whether a file is half-way, and whether a migrator is at work. */
#ifndef TELEAI_SCHEMA_MIGRATION_STATE_H
#define TELEAI_SCHEMA_MIGRATION_STATE_H

#include "run/client.h"

typedef struct teleai__migration_state {
    bool is_there;   /* the table schema_migrations, in golang-migrate's form */
    bool is_foreign; /* a table of that name in another form */
    bool dirty;
    bool at_work;    /* only looked for where it is dirty: somebody holds the lock of migrators */
    int64_t version; /* 0: none */
    int64_t begun;   /* the one that is half-way; 0: none */
    int64_t mark;    /* another one after each change of the row */
    char schema[64], database[64];
} teleai__migration_state;

/* Reads it, on a connection that is already held, or through the client when there is none. */
teleai_status teleai__migration_state_read(teleai_client *client, teleai__connection *held,
                                           teleai__migration_state *out, teleai_error *error);

/* The same, and waits while it is dirty because another tool is at work. What comes back dirty has failed half-way. */
teleai_status teleai__migration_state_settle(teleai_client *client, teleai__deadline deadline,
                                             teleai__migration_state *out, teleai_error *error);

/* SCHEMA_MISMATCH where no file can go on from there: dirty, or another tool's table. */
teleai_status teleai__migration_state_refuse(const teleai__migration_state *now, teleai_error *error);

#endif
