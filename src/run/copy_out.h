/* COPY ... TO STDOUT in pieces: the rows of one statement, taken as they come, with time for the caller between. */
#ifndef TELEAI_RUN_COPY_OUT_H
#define TELEAI_RUN_COPY_OUT_H

#include "run/client.h"

/* How much is taken at once: whichever is reached first. */
#define TELEAI__COPY_OUT_ROWS 5000
#define TELEAI__COPY_OUT_BYTES (1 << 20)

typedef struct teleai__copy_out {
    teleai_client *client; /* a transaction, on whose connection nothing else runs meanwhile */
    const char *name;      /* of the operation */
    /* Takes one row with the end of its line. */
    teleai_status (*take)(void *sink, const char *row, size_t bytes, teleai_error *error);
    void *sink;
    bool running; /* the server has more */
    int64_t rows; /* of this statement, so far */
} teleai__copy_out;

/* Sends the statement, and waits for the server to begin. */
teleai_status teleai__copy_out_begin(teleai__copy_out *transfer, const char *sql, teleai_error *error);
/* Takes the next rows; `running` is false when there were no more. *left_bytes is how many bytes may still be taken. After
 * a failure the transaction is of no use. */
teleai_status teleai__copy_out_next(teleai__copy_out *transfer, int64_t *left_rows, int64_t *left_bytes,
                                    teleai_error *error);
/* Stops early; fine where nothing runs. */
void teleai__copy_out_stop(teleai__copy_out *transfer);

#endif
