/*
 * An operation is a value: what to send, with which parameters, and how to read the answer. Every function of the
 * library that talks to the server makes one and has it run; where it runs is the client's affair.
 */
#ifndef TELEAI_DB_OPERATION_H
#define TELEAI_DB_OPERATION_H

#include "db/client.h"
#include "db/params.h"
#include "db/row.h"

typedef struct teleai__operation teleai__operation;

struct teleai__operation {
    teleai__statement statement;
    teleai__params *params;
    bool repeatable; /* a lost connection may be answered by sending it again: once or twice makes no difference */
    /* For what is both repeatable and a write. A create that meets the row of its earlier sending (ALREADY_EXISTS) is
     * answered by this operation, which reads that row. A delete that finds its row gone is done. */
    const teleai__operation *earlier;
    bool deletes;
    /* Reads the answer into *out; takes the result. */
    teleai_status (*decode)(const teleai__operation *operation, PGresult *result, teleai_error *error);
    void *out;              /* where decode() puts it, of a type that it knows; may be NULL */
    const teleai__row *row; /* of what comes back */
    const char *noun;       /* for NOT_FOUND: "audio file" */
    int limit;              /* lists: rows of a page */
    uint8_t cursor_kind;    /* lists: see base/cursor.h; 0: no next page */
    const void *more;       /* whatever else decode() needs */
    size_t more_count;
};

/* Runs it and reads the answer. Clears the error on success. */
teleai_status teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error);

/* Readers. */
teleai_status teleai__decode_one(const teleai__operation *operation, PGresult *result, teleai_error *error);
teleai_status teleai__decode_list(const teleai__operation *operation, PGresult *result, teleai_error *error);
teleai_status teleai__decode_count(const teleai__operation *operation, PGresult *result, teleai_error *error);
teleai_status teleai__decode_nothing(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* A list in the order of the `more_count` ids at `more`, NULL where one is missing. */
teleai_status teleai__decode_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* The same, and none may be missing. */
teleai_status teleai__decode_all_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* For deletes: NOT_FOUND when no row was there. */
teleai_status teleai__decode_affected(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* For guarded updates: the first column tells the state before, the record follows; no record means CONFLICT. `more` is
 * the text for the error: "cannot be completed". */
teleai_status teleai__decode_guarded(const teleai__operation *operation, PGresult *result, teleai_error *error);

#endif
