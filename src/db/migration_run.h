/* Running one migration file on a connection: when to give way, when to try again, what to say when it fails. */
#ifndef TELEAI_DB_MIGRATION_RUN_H
#define TELEAI_DB_MIGRATION_RUN_H

#include "db/connection.h"
#include "db/migrate.h"

/* Runs a file, or its steps. `patience_ms` is for how long one that is a single transaction is tried again. */
teleai_status teleai__migration_run(teleai__connection *connection, const teleai__migration_file *file, bool up,
                                    int32_t patience_ms, teleai_error *error);
/* Notes the version that a file has left to us. */
teleai_status teleai__migration_note(teleai__connection *connection, int64_t version, teleai_error *error);

#endif
