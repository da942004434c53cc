/* Telling the server to stop, over a short-lived connection: libpq's own request for that blocks until the network lets
 * it go (PQcancel before version 17). */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "db/opening.h"

teleai__session teleai__connection_session(const teleai__connection *connection) {
    teleai__session session = {.settings = connection->settings};
    if (connection->behind_pooler)
        return session;
    session.process = PQbackendPID(connection->pg);
    snprintf(session.place.name, sizeof session.place.name, "%s", PQhost(connection->pg));
    snprintf(session.place.port, sizeof session.place.port, "%s", PQport(connection->pg));
    if (session.place.name[0] != '/' && session.place.name[0] != '@') /* a name may stand for several servers */
        snprintf(session.place.address, sizeof session.place.address, "%s", PQhostaddr(connection->pg));
    return session;
}

bool teleai__session_stop(const teleai__session *session, bool whole_session) {
    teleai__deadline soon = teleai__deadline_in(TELEAI__STOP_GRACE_MS);
    teleai__connection *second;
    teleai__settings there = *session->settings;
    there.only = session->place;
    if (session->process == 0 || teleai__open(&there, NULL, soon, &second, NULL) != TELEAI_OK)
        return false;
    char sql[80];
    snprintf(sql, sizeof sql, "select pg_catalog.pg_%s_backend(%d)", whole_session ? "terminate" : "cancel",
             session->process);
    /* Not of the same call: that would try to stop this one as well when it is late. */
    bool told = !second->behind_pooler && PQsendQuery(second->pg, sql) == 1;
    while (told && (PQflush(second->pg) == 1 || PQisBusy(second->pg))) {
        told = teleai__wait_socket(PQsocket(second->pg), POLLIN, soon) == 1 && PQconsumeInput(second->pg) == 1;
    }
    PGresult *result = told ? PQgetResult(second->pg) : NULL;
    told = PQresultStatus(result) == PGRES_TUPLES_OK && PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    teleai__connection_close(second);
    return told;
}

bool teleai__connection_stop(const teleai__connection *connection, bool whole_session) {
    /* A read from a replica has its time limit with it, and what is left of the time is for the primary. */
    bool is_replica = connection->settings->any_host;
    teleai__session session = teleai__connection_session(connection);
    return (!is_replica || whole_session) && teleai__session_stop(&session, whole_session);
}
