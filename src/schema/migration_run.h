/* Running one migration file on a connection: when to give way, when to try again, what to say when it fails. */
#ifndef TELEAI_SCHEMA_MIGRATION_RUN_H
#define TELEAI_SCHEMA_MIGRATION_RUN_H

#include "schema/migrate.h"
#include "wire/connection.h"

/* Runs the text of a file, or its steps; errors call it by the name. `patience_ms` is for how long one that is a single
 * transaction is tried again. */
teleai_status teleai__migration_run(teleai__connection *connection, const char *name, const char *text,
                                    int32_t patience_ms, teleai_error *error);
/* Whether one of its steps is a CREATE INDEX CONCURRENTLY, which waits for the snapshots of others. */
bool teleai__migration_is_alone(const char *text);

/* How many indexes of the schema are invalid. */
teleai_status teleai__migration_count_invalid(teleai__connection *connection, int64_t *out, teleai_error *error);
/* Builds those that this file makes, and that are there but invalid, anew. */
teleai_status teleai__migration_repair(teleai__connection *connection, const char *name, const char *text,
                                       teleai_error *error);

/* Writes a version, whatever was written; 0: none. */
teleai_status teleai__migration_force(teleai__connection *connection, int64_t version, teleai_error *error);
/* Notes the version that a file has left to us. */
teleai_status teleai__migration_note(teleai__connection *connection, int64_t version, teleai_error *error);

#endif
