/* Opening a connection step by step: host after host and address after address, each with its share of the time left,
 * without ever blocking but for looking up a name. Who may wait does so between the steps. */
#ifndef TELEAI_WIRE_CONNECT_H
#define TELEAI_WIRE_CONNECT_H

#include "wire/connection.h"

typedef struct teleai__opening teleai__opening;

/* `rested` is one that nobody has used for long, or NULL: it is asked for a sign of life first, and becomes *out when it
 * gives one. It is the opening's from here on, whatever happens. */
teleai_status teleai__opening_start(const teleai__settings *settings, teleai__connection *rested,
                                    teleai__deadline deadline, teleai__opening **out, teleai_error *error);
/* Goes on as far as it can without waiting. OK with *out NULL: step again when the socket is ready, or when
 * teleai__opening_deadline() has passed. Otherwise it is over: drop it. */
teleai_status teleai__opening_step(teleai__opening *opening, teleai__connection **out, teleai_error *error);
int teleai__opening_socket(const teleai__opening *opening);
short teleai__opening_events(const teleai__opening *opening); /* as for poll(2) */
teleai__deadline teleai__opening_deadline(const teleai__opening *opening);
void teleai__opening_drop(teleai__opening *opening, bool abandon); /* NULL is fine */

/* All of it for callers that may wait. */
teleai_status teleai__open(const teleai__settings *settings, teleai__connection *rested, teleai__deadline deadline,
                           teleai__connection **out, teleai_error *error);

#endif
