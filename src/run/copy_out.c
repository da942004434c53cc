#include "run/copy_out.h"

#include "base/error.h"
#include "wire/wait.h"

/* Reads to the end of an answer; gives what waiting gives. */
static int drain(teleai__connection *connection, teleai__deadline deadline) {
    PGconn *pg = connection->pg;
    for (;;) {
        int state = teleai__connection_wait_result(connection, deadline);
        if (state != 1)
            return state;
        PGresult *result = PQgetResult(pg);
        if (result == NULL)
            return 1;
        bool copying = PQresultStatus(result) == PGRES_COPY_OUT, stuck = !copying && teleai__is_copy(result);
        PQclear(result);
        if (stuck)
            return -1;
        for (char *row = NULL; copying;) {
            int bytes = PQgetCopyData(pg, &row, 1);
            if (bytes > 0)
                PQfreemem(row);
            else if (bytes < 0)
                break;
            else if ((state = teleai__connection_wait_input(connection, deadline)) != 1)
                return state;
        }
    }
}

/* The failure that this result is; takes it. */
static teleai_status fail_result(teleai__connection *connection, const char *name, PGresult *result,
                                 teleai__deadline deadline, teleai_error *error) {
    bool said = result != NULL && PQresultErrorField(result, PG_DIAG_SQLSTATE) != NULL;
    teleai_status status =
        said ? teleai__fail_answer(connection, name, result, error) : teleai__fail_lost(connection, name, false, error);
    PQclear(result);
    if (!connection->broken && drain(connection, deadline) != 1)
        connection->broken = true;
    return status;
}

teleai_status teleai__copy_out_begin(teleai__copy_out *it, const char *sql, teleai_error *error) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = teleai__client_borrow(it->client, it->name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    it->running = false;
    it->rows = 0;
    connection->statements_run++;
    int state = PQsendQuery(connection->pg, sql) ? teleai__connection_wait_result(connection, deadline) : -1;
    if (state != 1) {
        status = teleai__fail_wait(connection, it->name, false, state, error);
    } else {
        PGresult *result = PQgetResult(connection->pg);
        it->running = PQresultStatus(result) == PGRES_COPY_OUT;
        if (it->running)
            PQclear(result);
        else
            status = fail_result(connection, it->name, result, deadline, error);
    }
    teleai__client_return(it->client, connection);
    return status;
}

/* What comes behind the last row: the answer to the statement. */
static teleai_status take_end(teleai__copy_out *it, teleai__connection *connection, teleai__deadline deadline,
                              teleai_error *error) {
    int state = teleai__connection_wait_result(connection, deadline);
    if (state != 1)
        return teleai__fail_wait(connection, it->name, false, state, error);
    PGresult *result = PQgetResult(connection->pg);
    it->running = false;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return fail_result(connection, it->name, result, deadline, error);
    PQclear(result);
    state = drain(connection, deadline);
    return state == 1 ? TELEAI_OK : teleai__fail_wait(connection, it->name, false, state, error);
}

static teleai_status take_rows(teleai__copy_out *it, teleai__connection *connection, int64_t *left_rows,
                               int64_t *left_bytes, teleai_error *error) {
    PGconn *pg = connection->pg;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    while (*left_rows > 0 && *left_bytes > 0) {
        char *row = NULL;
        int bytes = PQgetCopyData(pg, &row, 1);
        if (bytes > 0) {
            teleai_status status = it->take(it->sink, row, (size_t)bytes, error);
            PQfreemem(row);
            if (status != TELEAI_OK)
                return status;
            it->rows++;
            --*left_rows;
            *left_bytes -= bytes;
            continue;
        }
        if (bytes == -1)
            return take_end(it, connection, deadline, error);
        int state = bytes == 0 ? teleai__connection_wait_input(connection, deadline) : -1;
        if (state != 1)
            return teleai__fail_wait(connection, it->name, false, state, error);
    }
    return TELEAI_OK;
}

teleai_status teleai__copy_out_next(teleai__copy_out *it, int64_t *left_rows, int64_t *left_bytes,
                                    teleai_error *error) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = teleai__client_borrow(it->client, it->name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    teleai__metrics *metrics = it->client->core->metrics;
    teleai__watch watch = {0};
    if (metrics != NULL)
        teleai__watch_start(&watch);
    int64_t rows = it->rows, bytes = *left_bytes;
    status = take_rows(it, connection, left_rows, left_bytes, error);
    connection->last_used_us = teleai__monotonic_coarse_us();
    if (metrics != NULL) {
        watch.rows = it->rows - rows;
        watch.bytes = bytes - *left_bytes;
        watch.query_us = teleai__monotonic_us() - watch.start_us;
        watch.attempts = 1;
        teleai__watch_end(&watch, metrics, it->name, status, error);
    }
    teleai__client_return(it->client, connection);
    return status;
}

/* What the server has sent by now is read, and it is told to stop: then the connection is as before. */
void teleai__copy_out_stop(teleai__copy_out *it) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__deadline_in(TELEAI__CANCEL_GRACE_MS);
    if (!it->running || teleai__client_borrow(it->client, it->name, deadline, &connection, NULL) != TELEAI_OK)
        return;
    it->running = false;
    if (!connection->broken) {
        (void)teleai__connection_cancel(connection, false);
        if (drain(connection, deadline) != 1)
            connection->broken = true;
    }
    teleai__client_return(it->client, connection);
}
