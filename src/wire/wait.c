#include "wire/wait.h"

#include <errno.h>
#include <poll.h>

int teleai__wait_socket(int socket, short events, teleai__deadline deadline) {
    struct pollfd watched = {.fd = socket, .events = events};
    for (;;) {
        int left_ms = teleai__deadline_left_ms(deadline);
        int ready = left_ms == 0 ? 0 : poll(&watched, 1, left_ms);
        if (ready > 0)
            return 1;
        if (ready == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* What had come by the deadline may still be read, but not all that a server may send: the socket of one that sends
 * without end is always ready. */
#define MOST_OVERTIME 16

int teleai__connection_wait(teleai__connection *connection, short events, teleai__deadline deadline) {
    struct pollfd watched = {.fd = PQsocket(connection->pg), .events = events};
    for (;;) {
        int left_ms = teleai__deadline_left_ms(deadline);
        connection->overtime = left_ms > 0 ? 0 : connection->overtime + 1;
        if (connection->overtime > MOST_OVERTIME)
            return 0;
        bool in_slices = deadline.interrupt != NULL && left_ms > TELEAI__ASK_MS;
        int ready = poll(&watched, 1, in_slices ? TELEAI__ASK_MS : left_ms);
        int reason = errno;
        if (teleai__deadline_ask(deadline, ready <= 0, &connection->asked_us)) {
            connection->interrupted = true;
            return 0;
        }
        if (ready > 0)
            return 1;
        if (ready == 0 && !in_slices)
            return 0;
        if (ready < 0 && reason != EINTR)
            return -1;
    }
}

int teleai__connection_wait_input(teleai__connection *connection, teleai__deadline deadline) {
    int ready = teleai__connection_wait(connection, POLLIN, deadline);
    return ready != 1 || PQconsumeInput(connection->pg) ? ready : -1;
}

int teleai__connection_flush(teleai__connection *connection, teleai__deadline deadline, bool *read) {
    PGconn *pg = connection->pg;
    int left;
    while ((left = PQflush(pg)) == 1) {
        int ready = teleai__connection_wait(connection, POLLIN | POLLOUT, deadline);
        if (ready != 1)
            return ready;
        if (!PQconsumeInput(pg))
            return -1;
        *read = true;
    }
    return left == 0 ? 1 : -1;
}

int teleai__connection_wait_result(teleai__connection *connection, teleai__deadline deadline) {
    PGconn *pg = connection->pg;
    while (PQisBusy(pg)) {
        bool read = false;
        int state = teleai__connection_flush(connection, deadline, &read);
        if (state == 1 && !read)
            state = teleai__connection_wait_input(connection, deadline);
        if (state != 1)
            return state < 0 && !PQisBusy(pg) ? 1 : state;
    }
    return 1;
}

bool teleai__pump(PGconn *pg, bool *unsent) {
    int left = PQflush(pg);
    *unsent = left == 1;
    return PQconsumeInput(pg) == 1 && left >= 0;
}

bool teleai__socket_is_ready(int socket, short events) {
    struct pollfd watched = {.fd = socket, .events = events};
    return poll(&watched, 1, 0) > 0;
}

bool teleai__connection_is_alive(const teleai__connection *connection) {
    if (connection->broken || PQstatus(connection->pg) != CONNECTION_OK)
        return false;
    /* An idle connection has nothing to say: what can be read is the end of it, or a last message before that. */
    struct pollfd watched = {.fd = PQsocket(connection->pg), .events = POLLIN};
    return poll(&watched, 1, 0) == 0;
}

bool teleai__connection_has_stalled(const PGconn *pg, const PGresult *kept) {
    return PQpipelineStatus(pg) != PQ_PIPELINE_OFF && (kept == NULL || !teleai__is_failure(kept)) &&
           *PQerrorMessage(pg) != '\0';
}
