/*
 * A migration file, taken apart. A file with a line "-- teleai: step by step" is sent in pieces, each a transaction of
 * its own: what lies between begin and commit, or one statement alone. Comments before a piece describe it:
 *
 *     -- Step: users belong to a tenant.
 *     -- Locks: users access exclusive; tenants share (a remark).
 *
 * Text only: this knows no database. Of SQL it knows what can hide a semicolon: quotes, dollar quotes, comments; not the
 * bodies of functions that begin with "begin atomic".
 */
#ifndef TELEAI_SCHEMA_MIGRATION_STEPS_H
#define TELEAI_SCHEMA_MIGRATION_STEPS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct teleai__migration_step {
    const char *description; /* "" where nothing is said; without the full stop */
    const char *locks;       /* such as "users access exclusive; tenants share"; "" for none */
    const char *sql;
    const char *index; /* the one it makes with create index concurrently, as it is written; or NULL */
    bool alone;        /* one statement, outside of begin and commit */
} teleai__migration_step;

typedef struct teleai__migration_steps {
    size_t count;
    teleai__migration_step *items;
} teleai__migration_steps;

/* Takes a file apart. One without the header is one step, described by the comment in its first line. NULL: out of memory.
 * Free it with teleai__migration_steps_free(). */
teleai__migration_steps *teleai__migration_split(const char *file);
void teleai__migration_steps_free(teleai__migration_steps *steps);

/* Whether a file asks to be run step by step. */
bool teleai__migration_is_stepwise(const char *file);

#endif
