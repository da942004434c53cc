/*
 * Waiting for the server: the one place where a call blocks on libpq's socket. What gives a number says 1: done; 0: the
 * deadline has passed, or the caller wants the call to end, and then the connection is `interrupted`; -1: the connection is
 * lost.
 */
#ifndef TELEAI_WIRE_WAIT_H
#define TELEAI_WIRE_WAIT_H

#include "wire/connection.h"

/* Waits for a socket that belongs to no call; no hook is asked. */
int teleai__wait_socket(int socket, short events, teleai__deadline deadline);
/* Waits for the connection's socket, as poll(2). */
int teleai__connection_wait(teleai__connection *connection, short events, teleai__deadline deadline);
/* Waits for input, and has libpq read it. */
int teleai__connection_wait_input(teleai__connection *connection, teleai__deadline deadline);
/* Sends all that libpq has buffered. While it waits it reads, so that a server that talks back cannot block it; *read is set when
 * something came. */
int teleai__connection_flush(teleai__connection *connection, teleai__deadline deadline, bool *read);
/* Waits until PQgetResult() does not block. What a server has said before the end of its connection still comes first: 1. */
int teleai__connection_wait_result(teleai__connection *connection, teleai__deadline deadline);

/* Without waiting: sends what the socket takes, and reads what has come. *unsent: there is more to send. False: the connection
 * has ended; what came before that can still be read. */
bool teleai__pump(PGconn *pg, bool *unsent);
/* As poll(2) without waiting. */
bool teleai__socket_is_ready(int socket, short events);
/* Whether the socket of an idle connection is still open and has nothing to say. Costs no round trip. */
bool teleai__connection_is_alive(const teleai__connection *connection);
/* Without memory for the last result of a pipeline, libpq notes that and waits for a result that has been. */
bool teleai__connection_has_stalled(const PGconn *pg, const PGresult *kept);

#endif
