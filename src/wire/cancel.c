/* Telling the server to stop. From version 17 on libpq has a request for that which does not block, is encrypted as the
 * connection is, reaches through poolers and into a full server. Before that its request blocks until the network lets it
 * go: there a short-lived second connection asks the server, and only one that answers "full" is sent the request. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "wire/connect.h"
#include "wire/result.h"
#include "wire/wait.h"

#define FULL "53300" /* too_many_connections */

/* ---- libpq's own request, where the libpq that runs has it ---- */

#ifndef LIBPQ_HAS_ASYNC_CANCEL
typedef struct pg_cancel_conn PGcancelConn;
#endif
#define WHERE_PRESENT __attribute__((weak))
extern PGcancelConn *PQcancelCreate(PGconn *pg) WHERE_PRESENT;
extern int PQcancelStart(PGcancelConn *request) WHERE_PRESENT;
extern PostgresPollingStatusType PQcancelPoll(PGcancelConn *request) WHERE_PRESENT;
extern int PQcancelSocket(const PGcancelConn *request) WHERE_PRESENT;
extern void PQcancelFinish(PGcancelConn *request) WHERE_PRESENT;

/* False: it did not arrive in time. The server has acted on it when it closes the connection. */
static bool request_stop(PGcancelConn *request, teleai__deadline deadline) {
    if (!PQcancelStart(request))
        return false;
    for (;;) {
        PostgresPollingStatusType state = PQcancelPoll(request);
        if (state != PGRES_POLLING_READING && state != PGRES_POLLING_WRITING)
            return state == PGRES_POLLING_OK;
        if (teleai__wait_socket(PQcancelSocket(request), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline) !=
            1)
            return false;
    }
}

/* ---- sessions ---- */

teleai__session teleai__connection_session(const teleai__connection *connection) {
    PGconn *pg = connection->pg;
    teleai__session session = {.settings = connection->settings};
    session.request = PQcancelCreate == NULL ? NULL : PQcancelCreate(pg);
    if (connection->behind_pooler)
        return session;
    session.process = PQbackendPID(pg);
    session.plain = PQgetCancel(pg);
    snprintf(session.place.name, sizeof session.place.name, "%s", PQhost(pg));
    snprintf(session.place.port, sizeof session.place.port, "%s", PQport(pg));
    if (session.place.name[0] != '/' && session.place.name[0] != '@') /* a name may stand for several servers */
        snprintf(session.place.address, sizeof session.place.address, "%s", PQhostaddr(pg));
    return session;
}

/* Asks the server over a second connection. *full: it has none left. */
static bool ask_server(const teleai__session *session, bool whole_session, teleai__deadline deadline, bool *full) {
    teleai__connection *second;
    teleai_error error = {0};
    teleai__settings there = *session->settings;
    there.only = session->place;
    if (teleai__open(&there, NULL, deadline, &second, &error) != TELEAI_OK) {
        *full = strcmp(error.sqlstate, FULL) == 0;
        return false;
    }
    char sql[80];
    snprintf(sql, sizeof sql, "select pg_catalog.pg_%s_backend(%d)", whole_session ? "terminate" : "cancel",
             session->process);
    /* Not of the same call: that would try to stop this one as well when it is late. */
    bool told = !second->behind_pooler && PQsendQuery(second->pg, sql) == 1;
    told = told && teleai__connection_wait_result(second, deadline) == 1;
    PGresult *result = told ? PQgetResult(second->pg) : NULL;
    const char *said = PQresultStatus(result) == PGRES_TUPLES_OK ? teleai__answer_text(result, 0, 0) : NULL;
    told = said != NULL && *said == 't';
    PQclear(result);
    teleai__connection_close(second);
    return told;
}

bool teleai__session_stop(teleai__session *session, bool whole_session) {
    teleai__deadline soon = teleai__deadline_in(TELEAI__CANCEL_GRACE_MS);
    bool told = false, full = false;
    if (!whole_session && session->request != NULL)
        told = request_stop(session->request, soon);
    else if (session->process != 0)
        told = ask_server(session, whole_session, soon, &full);
    if (full && session->request != NULL) { /* at least what runs now */
        told = request_stop(session->request, soon);
    } else if (full && session->plain != NULL) { /* it answered a moment ago, so this does not wait for the network */
        char unused[256];
        told = PQcancel(session->plain, unused, sizeof unused) == 1;
    }
    if (session->request != NULL)
        PQcancelFinish(session->request);
    PQfreeCancel(session->plain);
    session->request = NULL;
    session->plain = NULL;
    return told;
}

bool teleai__connection_cancel(const teleai__connection *connection, bool whole_session) {
    /* A read from a replica has its time limit with it, and what is left of the time is for the primary. */
    if (connection->settings->any_host && !whole_session)
        return false;
    teleai__session session = teleai__connection_session(connection);
    return teleai__session_stop(&session, whole_session);
}
