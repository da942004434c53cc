/*
 * An operation is a value: what to send, with which parameters, and how to read the answer. Every function of the
 * library that talks to the server makes one and has it run; where it runs is the client's affair.
 */
#ifndef TELEAI_RUN_OPERATION_H
#define TELEAI_RUN_OPERATION_H

#include "record/row.h"
#include "run/client.h"
#include "wire/copy_in.h"
#include "wire/params.h"

typedef struct teleai__operation teleai__operation;

struct teleai__operation {
    teleai__statement statement;
    teleai__params *params; /* in a batch NULL: `values` has them */
    teleai__values values;
    bool repeatable; /* a lost connection may be answered by sending it again: once or twice makes no difference */
    bool brief;      /* the server is done with it at once: it may ride with another call, or take one along */
    bool no_batch;   /* more than one statement, or on a connection of its own: a batch refuses it */
    const teleai__copy *copy; /* where not NULL, this is run, and the statement only names it; never in a batch */
    /* Finds out which input of many a failure is about, from what the server says. NULL: there is one. `origin` and
     * `origin_data` are for it; the data is the caller's, and NULL in a batch. */
    void (*locate)(const teleai__operation *operation, const teleai__connection *connection, teleai_error *error);
    const void *origin, *origin_data;
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
    /* Whatever else decode() needs; a batch keeps a copy of the bytes, so they hold no pointers to what the call borrows.
     * more_bytes 0: it stays where it is. */
    const void *more;
    size_t more_bytes;
    /* Completes a record, or a list, that was read. False: out of memory. NULL: nothing to do. `secret` is for it. */
    bool (*finish)(const teleai__operation *operation, void *made);
    void (*drop)(void *made); /* frees what finish() could not complete */
    const char *secret;       /* wiped by whoever makes the operation, and by a batch in its copy */
    size_t secret_bytes;
};

/* Begins the parameters of a statement: the first is the tenant, which every statement names. */
static inline void teleai__params_begin(teleai__params *params, const teleai_client *client) {
    teleai__params_init(params);
    teleai__params_add(params, teleai__value_uuid(teleai__client_tenant(client)), TELEAI__OID_UUID);
}

/* Runs it and reads the answer, or queues it where the client is a batch. Clears the error on success. */
teleai_status teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error);

/* ---- for whoever runs it ---- */

/* What has become of it so far. */
typedef struct teleai__attempt {
    bool again;                     /* it was sent before, and the answer lost */
    bool in_doubt;                  /* so its earlier sending may have happened */
    bool refused;                   /* a server that only reads has refused it once */
    bool earlier;                   /* `earlier` runs in its place */
    char constraint[64], field[64]; /* since it has met these */
} teleai__attempt;

enum teleai__next { TELEAI__DONE, TELEAI__SEND_AGAIN, TELEAI__SEND_EARLIER };

/* Decides how it goes on after an answer: `status` with `error` is that of sending or decoding; `lost`: the connection went
 * before the answer came; `refused`: the server only reads. `in_time`: it could be sent again. When it is DONE,
 * *status and *error are the operation's. */
enum teleai__next teleai__operation_next(const teleai__operation *operation, teleai__attempt *attempt, bool lost,
                                         bool refused, bool in_time, teleai_status *status, teleai_error *error);

/* After decode(), outside of a transaction: a write whose answer cannot be read may have happened. */
void teleai__note_unread(const teleai__operation *operation, teleai_status status, teleai_error *error);

/* Readers. */
teleai_status teleai__decode_one(const teleai__operation *operation, PGresult *result, teleai_error *error);
teleai_status teleai__decode_list(const teleai__operation *operation, PGresult *result, teleai_error *error);
teleai_status teleai__decode_count(const teleai__operation *operation, PGresult *result, teleai_error *error);
teleai_status teleai__decode_nothing(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* The list of a create of many, which is of `limit` rows and no others. */
teleai_status teleai__decode_made(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* A list in the order of the ids at `more`, NULL where one is missing. */
teleai_status teleai__decode_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* The same, and none may be missing. */
teleai_status teleai__decode_all_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* For deletes: NOT_FOUND when no row was there. */
teleai_status teleai__decode_affected(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* How many rows a write, or a COPY, was about: an int64_t. */
teleai_status teleai__decode_changed(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* For guarded updates: the first column tells the state before, the record follows; no record means CONFLICT. `more` is
 * the text for the error: "cannot be completed". */
teleai_status teleai__decode_guarded(const teleai__operation *operation, PGresult *result, teleai_error *error);
/* Gives a list that is not empty the cursor to go on with behind it; its last row is that one of the result. False: out of
 * memory. */
bool teleai__list_add_cursor(teleai__list *list, const teleai__row *row, uint8_t kind, const PGresult *last, int at);

#endif
