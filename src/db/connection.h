/* One connection to the server: opening it by a deadline, running statements, remembering which are prepared. */
#ifndef TELEAI_DB_CONNECTION_H
#define TELEAI_DB_CONNECTION_H

#include <libpq-fe.h>

#include "base/deadline.h"
#include "db/params.h"
#include "teleai/base.h"

/* How connections are made; the same for all of a pool. */
typedef struct teleai__settings {
    char *connection; /* a libpq connection string, in secret memory */
    char application_name[64];
    int32_t timeout_ms;
    bool prepare;
} teleai__settings;

/* A statement as it goes to the server. */
typedef struct teleai__statement {
    const void *key; /* what the text was made from; with `variant` it tells statements apart. NULL: never prepared */
    uint64_t variant;
    const char *name; /* of the operation: "user_get" */
    const char *sql;
    bool writes; /* whether a lost connection leaves the outcome unknown */
} teleai__statement;

typedef struct teleai__prepared {
    const void *key;
    uint64_t variant;
    char name[60]; /* below the 63 bytes of an identifier */
} teleai__prepared;

#define TELEAI__PREPARED_SLOTS 256 /* a power of two; when three quarters are taken, further statements go unprepared */

typedef struct teleai__connection {
    PGconn *pg;
    bool prepare;
    bool broken;    /* must be closed, not used again */
    bool read_only; /* the server refused a write because it is: broken too */
    int32_t prepared_count;
    int64_t opened_us, last_used_us;
    int64_t expires_us;                          /* the pool's: when it is to be replaced */
    int64_t statements_run, statements_prepared; /* since the pool last looked */
    teleai__prepared prepared[TELEAI__PREPARED_SLOTS];
} teleai__connection;

/* Whether libpq can read it as a connection string, and as one in which no part of a password stands for something
 * else: libpq would quote that in its messages. */
bool teleai__connection_string_is_valid(const char *text);

teleai_status teleai__connection_open(const teleai__settings *settings, teleai__deadline deadline,
                                      teleai__connection **out, teleai_error *error);
void teleai__connection_close(teleai__connection *connection);
/* In a forked child: frees without a word to the server, whose session is the parent's. */
void teleai__connection_abandon(teleai__connection *connection);
/* Whether the server has not closed it behind our back. Costs no round trip. */
bool teleai__connection_is_alive(const teleai__connection *connection);

/* Runs one statement with parameters. On success *out is a PGRES_TUPLES_OK or PGRES_COMMAND_OK result to PQclear(). */
teleai_status teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                     const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                     teleai_error *error);
/* Runs SQL text without parameters, several statements if need be; gives the last result, or the first failure. */
teleai_status teleai__connection_command(teleai__connection *connection, const char *name, const char *sql,
                                         teleai__deadline deadline, PGresult **out, teleai_error *error);

#endif
