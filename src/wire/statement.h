/*
 * Prepared statements: each is prepared once a connection, in the same flight as its first run, and anew when the schema has
 * changed.
 */
#ifndef TELEAI_WIRE_STATEMENT_H
#define TELEAI_WIRE_STATEMENT_H

#include "wire/connection.h"

/* How a statement goes out. */
typedef struct teleai__sending {
    teleai__prepared *entry; /* NULL: it goes unprepared */
    int before;              /* results in front of its own: of letting go of old statements, of preparing this one */
    bool reused;             /* it had been prepared before */
} teleai__sending;

/* Looks it up. Where `before` is not 0 it must be sent in a pipeline. */
teleai__sending teleai__statement_find(teleai__connection *connection, const teleai__statement *statement);
/* Its text: what it has, or written to `room`. */
const char *teleai__statement_text(const teleai__statement *statement, char *room);
/* Hands it to libpq, with what goes in front. False: libpq could not take it, see teleai__fail_unsent(). */
bool teleai__statement_send(teleai__connection *connection, const teleai__statement *statement,
                            const teleai__values *values, const teleai__sending *sending);
/* The connection is lost, or the values are too large for one message; either way it is broken. */
teleai_status teleai__fail_unsent(teleai__connection *connection, const teleai__statement *statement,
                                  const teleai__values *values, teleai_error *error) __attribute__((cold));
/* Of the statement that was sent last, alone: `results` came before a failure. Where these are too few, it is not prepared. */
void teleai__statement_failed(teleai__connection *connection, const teleai__sending *sending, int results);

/* Whether a statement that had been prepared before failed because its plan is of no use any more. Then it has not run, and all
 * are prepared anew when it is sent again, here or on another connection. */
bool teleai__statement_is_stale(teleai__connection *connection, bool reused, const char *sqlstate);
/* The same where it cannot be sent again, since a transaction ended with it. */
teleai_status teleai__fail_stale(const char *name, teleai_error *error) __attribute__((cold));

#endif
