/* COPY ... FROM STDIN: many rows in one statement, in the server's own binary form. */
#ifndef TELEAI_WIRE_COPY_IN_H
#define TELEAI_WIRE_COPY_IN_H

#include "wire/binary.h"
#include "wire/connection.h"

/* What is to be copied: the statement, and where the rows come from, piece by piece, so that the server works on some while
 * the next are made. */
typedef struct teleai__copy {
    const char *sql;
    /* Gives the next piece; *length 0: that was all. `first` begins anew. When it fails, nothing is written. */
    teleai_status (*next)(void *source, bool first, const unsigned char **bytes, size_t *length, teleai_error *error);
    void *source;
} teleai__copy;

/* Runs it, otherwise as teleai__connection_run(). */
teleai_status teleai__copy_run(teleai__connection *connection, const char *name, const teleai__copy *copy,
                               teleai__deadline deadline, PGresult **out, teleai_error *error);
/* ---- rows ---- */

/* Rows in the form that COPY takes (PostgreSQL documentation, COPY, Binary Format), grown row by row. */
typedef struct teleai__rows {
    unsigned char *bytes;
    size_t length, room;
    bool failed; /* out of memory */
} teleai__rows;

void teleai__rows_begin(teleai__rows *rows);
/* Forgets what was added, and keeps the memory. */
static inline void teleai__rows_clear(teleai__rows *rows) { rows->length = 0; }
/* Begins a row: gives the place of its first value, with room for the scratch of all. NULL: out of memory. */
unsigned char *teleai__rows_begin_row(teleai__rows *rows, size_t columns);
/* Where the encoder of the value that is to stand there has its scratch: behind its length. */
static inline unsigned char *teleai__rows_scratch(unsigned char *place) { return place + 4; }
/* Adds a value that was encoded there, or is NULL; gives the place of the next. */
static inline unsigned char *teleai__rows_add(unsigned char *place, const teleai__value *value) {
    teleai__put32(place, value->bytes == NULL ? UINT32_MAX : (uint32_t)value->length);
    return place + 4 + value->length; /* of NULL 0 */
}
/* Adds a value that lies elsewhere, before `left` others of its row. `version` stands in front of it where its type has one
 * (jsonb); 0: none. Gives the place of the next; NULL: out of memory. */
unsigned char *teleai__rows_copy(teleai__rows *rows, unsigned char *place, const teleai__value *value,
                                 unsigned char version, size_t left);
static inline void teleai__rows_end_row(teleai__rows *rows, const unsigned char *place) {
    rows->length = (size_t)(place - rows->bytes);
}
void teleai__rows_end(teleai__rows *rows);
void teleai__rows_free(teleai__rows *rows);
/* The values of one column, one after the other; begin with *at 0. False: no more. NULL has length -1. */
bool teleai__rows_next(const teleai__rows *rows, size_t column, size_t *at, const unsigned char **bytes,
                       int32_t *length);

#endif
