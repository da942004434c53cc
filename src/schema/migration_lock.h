/*
 * One migrator of a database at a time: golang-migrate's locks, so that it counts as one. Its command, and each program
 * that gives it a URL, hash the URL's path, "/name"; a program that gives it an open database ("WithInstance") hashes
 * "name". So there are two keys, and we take both.
 */
#ifndef TELEAI_SCHEMA_MIGRATION_LOCK_H
#define TELEAI_SCHEMA_MIGRATION_LOCK_H

#include "wire/connection.h"

typedef struct teleai__migration_lock {
    uint32_t keys[2];
} teleai__migration_lock;

/* The keys for tables in a schema of a database. */
teleai__migration_lock teleai__migration_lock_of(const char *schema, const char *database);

/* Waits for both until the deadline; TIMEOUT says who has them. */
teleai_status teleai__migration_lock_take(teleai__connection *connection, teleai__deadline deadline,
                                          teleai__migration_lock *out, teleai_error *error);
void teleai__migration_lock_release(teleai__connection *connection, const teleai__migration_lock *it);

/* A golang-migrate that waits for us holds a snapshot, which a CREATE INDEX CONCURRENTLY of ours would wait for. To be
 * called between two files, before such a one: a single waiter gets the lock, does the work, and we take the lock again
 * (*gave_way: read the version anew). Several would do the same to each other, so their waiting is cancelled: they fail
 * without having begun. */
teleai_status teleai__migration_lock_make_way(teleai__connection *connection, const teleai__migration_lock *it,
                                              teleai__deadline deadline, bool *gave_way, teleai_error *error);

/* A count of the sessions of others that have a key, or wait for one. */
void teleai__migration_lock_count_sql(const teleai__migration_lock *it, bool granted, char *out, size_t room);

#endif
