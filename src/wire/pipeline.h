/*
 * Many statements in one flight: libpq's pipeline mode, without waiting. Statements go in groups; each group is one
 * transaction of the server, and what comes back is a whole group, when the server has said that it is over.
 */
#ifndef TELEAI_WIRE_PIPELINE_H
#define TELEAI_WIRE_PIPELINE_H

#include "wire/connection.h"

/* One statement of a flight. Its owner keeps it, and what it points to until it is sent; the text and values no longer
 * than that. */
typedef struct teleai__request {
    struct teleai__request *next; /* the pipeline's */
    const teleai__statement *statement;
    teleai__values values;
    void *owner;
    PGresult *result; /* the answer, also a failure; NULL: skipped since another of its group failed. PQclear() it */
    int before;       /* answers in front of its own: that it is prepared in this flight, that others are forgotten */
    bool reused;      /* it had been prepared before */
    bool ends_group;
} teleai__request;

typedef struct teleai__pipeline {
    teleai__connection *connection;
    teleai__request *first, *last; /* sent, and not yet given back */
    teleai__request *reading;      /* whose answer is next; NULL: that to the end of a group, or nothing */
    int before;                    /* and of that, how many come in front of its own */
    bool unsent;                   /* libpq has more to send than the socket takes */
    bool ended;                    /* the server was told to end the session, and may not have done so yet */
} teleai__pipeline;

/* On a connection that is doing nothing else. False when libpq refuses; the connection is broken then. */
bool teleai__pipeline_begin(teleai__pipeline *pipeline, teleai__connection *connection);
/* Puts a statement into the flight. `ends_group` makes it the last of its group. */
teleai_status teleai__pipeline_send(teleai__pipeline *pipeline, teleai__request *request, bool ends_group,
                                    teleai_error *error);
/* Lets the socket take what it takes now. */
void teleai__pipeline_flush(teleai__pipeline *pipeline);
/* Sends and reads what can be sent and read without waiting. *settled is a whole group, linked by `next`, or NULL: nothing
 * yet. False: the connection is lost; take what is in flight from teleai__pipeline_rest(). */
bool teleai__pipeline_step(teleai__pipeline *pipeline, teleai__request **settled);
short teleai__pipeline_events(const teleai__pipeline *pipeline); /* as for poll(2) */
/* Everything that was sent and not given back: after a loss. */
teleai__request *teleai__pipeline_rest(teleai__pipeline *pipeline);
/* When all is given back: the connection is as before. */
void teleai__pipeline_end(teleai__pipeline *pipeline);

/* Begins with them, and sends as much as goes without waiting; apart from `requests` itself nothing of them is needed any
 * more. Then the answers, by a deadline. */
teleai_status teleai__pipeline_start(teleai__pipeline *pipeline, teleai__connection *connection,
                                     teleai__request *requests, size_t count, bool apart, teleai_error *error);
teleai_status teleai__pipeline_finish(teleai__pipeline *pipeline, const teleai__request *requests, size_t count,
                                      teleai__deadline deadline, teleai_error *error);
/* All of it by a deadline, for callers that may wait: as one group, or as one each (`apart`). Fails only when the connection
 * is lost or late; what has a result then was confirmed before. */
teleai_status teleai__pipeline_run(teleai__connection *connection, teleai__request *requests, size_t count, bool apart,
                                   teleai__deadline deadline, teleai_error *error);

#endif
