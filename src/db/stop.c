/* Telling the server to stop, over a short-lived connection: libpq's own request for that blocks until the network lets
 * it go (PQcancel before version 17). */
#include <poll.h>
#include <stdio.h>

#include "db/opening.h"

bool teleai__session_stop(const teleai__settings *settings, int process, bool whole_session) {
    teleai__deadline soon = teleai__deadline_in(TELEAI__STOP_GRACE_MS);
    teleai__connection *second;
    if (process == 0 || teleai__open(settings, soon, &second, NULL) != TELEAI_OK)
        return false;
    char sql[80];
    snprintf(sql, sizeof sql, "select pg_catalog.pg_%s_backend(%d)", whole_session ? "terminate" : "cancel", process);
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
    return !connection->behind_pooler && (!is_replica || whole_session) &&
           teleai__session_stop(connection->settings, PQbackendPID(connection->pg), whole_session);
}
