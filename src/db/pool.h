/* The pool: who may use which connection when. Never connects, checks or talks to the server under its mutex. */
#ifndef TELEAI_DB_POOL_H
#define TELEAI_DB_POOL_H

#include "db/connection.h"
#include "teleai/client.h"

typedef struct teleai__pool teleai__pool;

/* `options` are checked, with defaults filled in. */
teleai_status teleai__pool_make(const teleai__settings *settings, const teleai_options *options, teleai__pool **out,
                                teleai_error *error);
/* Hands out a connection, opening one if need be, first come first served. `operation` is what it is wanted for. */
teleai_status teleai__pool_acquire(teleai__pool *pool, const char *operation, teleai__deadline deadline,
                                   teleai__connection **out, teleai_error *error);
/* Takes it back. A connection that is broken, or not idle, is closed. */
void teleai__pool_release(teleai__pool *pool, teleai__connection *connection);
/* No more connections from here: idle ones are closed, those in use when they come back. */
void teleai__pool_close(teleai__pool *pool);
/* After all connections came back. In a forked child `abandon` says nothing to the server. */
void teleai__pool_free(teleai__pool *pool, bool abandon);
void teleai__pool_stats(teleai__pool *pool, teleai_pool_stats *out);

#endif
