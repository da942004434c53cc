/* Opening a connection step by step: host after host, each with its share of the time left, without ever blocking but for
 * looking up a name. Who may wait does so between the steps. */
#ifndef TELEAI_DB_OPENING_H
#define TELEAI_DB_OPENING_H

#include "db/connection.h"

typedef struct teleai__opening teleai__opening;

/* Whether libpq can read it as a connection string, and as one in which no part of a password stands for something
 * else: libpq would quote that in its messages. */
bool teleai__connection_string_is_valid(const char *text);

teleai_status teleai__opening_start(const teleai__settings *settings, teleai__deadline deadline, teleai__opening **out,
                                    teleai_error *error);
/* Goes on as far as it can without waiting. OK with *out NULL: step again when the socket is ready, or when the deadline
 * of the present host passes. Otherwise it is over: drop it. */
teleai_status teleai__opening_step(teleai__opening *opening, teleai__connection **out, teleai_error *error);
int teleai__opening_socket(const teleai__opening *opening);
short teleai__opening_events(const teleai__opening *opening); /* as for poll(2) */
teleai__deadline teleai__opening_deadline(const teleai__opening *opening);
void teleai__opening_drop(teleai__opening *opening, bool abandon); /* NULL is fine */

/* All of it for callers that may wait. */
teleai_status teleai__open(const teleai__settings *settings, teleai__deadline deadline, teleai__connection **out,
                           teleai_error *error);

#endif
