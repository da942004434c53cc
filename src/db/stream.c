#include "db/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "db/client.h"

#define AHEAD 2 /* pieces that are asked for at a time */

struct teleai_stream {
    teleai_client *client; /* derived, for its scope and core; in a transaction that itself */
    const teleai__table *table;
    int32_t piece;
    uint8_t cursor_kind;
    bool in_transaction, ended, failed;
    char name[32], fetch_sql[64];
    teleai__statement fetch;
    teleai__params none;
    teleai__connection *connection; /* its own; NULL in a transaction */
    teleai__exchange exchange;
    teleai__request fetches[AHEAD];
    int32_t next_fetch;
};

/* ---- opening ---- */

static teleai_stream *make(teleai_client *client, const teleai__table *table, int32_t piece, uint8_t cursor_kind) {
    static _Atomic uint32_t numbers;
    teleai_stream *it = calloc(1, sizeof *it);
    if (it == NULL)
        return NULL;
    it->in_transaction = teleai__is_transaction(client);
    it->client = it->in_transaction ? client : teleai__client_derive(client);
    if (it->client == NULL) {
        free(it);
        return NULL;
    }
    if (it->in_transaction)
        client->references++;
    it->table = table;
    it->piece = piece;
    it->cursor_kind = cursor_kind;
    snprintf(it->name, sizeof it->name, "teleai_%" PRIu32, ++numbers);
    snprintf(it->fetch_sql, sizeof it->fetch_sql, "fetch %" PRId32 " from %s", piece, it->name);
    it->fetch = (teleai__statement){.name = table->names.list, .sql = it->fetch_sql};
    return it;
}

static teleai_status send_fetch(teleai_stream *it, teleai_error *error) {
    teleai__request *request = &it->fetches[it->next_fetch];
    it->next_fetch = (it->next_fetch + 1) % AHEAD;
    *request = (teleai__request){.statement = &it->fetch, .values = teleai__params_values(&it->none)};
    return teleai__exchange_send(&it->exchange, request, true, error);
}

/* Waits until a group is settled, and gives its last answer; the others only must not have failed. */
static teleai_status receive(teleai_stream *it, teleai__deadline deadline, PGresult **out, teleai_error *error) {
    const char *name = it->fetch.name;
    teleai__request *settled;
    for (;;) {
        if (!teleai__exchange_step(&it->exchange, &settled))
            return teleai__fail_lost(it->connection, name, false, error);
        if (settled != NULL)
            break;
        if (teleai__wait_socket(PQsocket(it->connection->pg), teleai__exchange_events(&it->exchange), deadline) == 0) {
            (void)teleai__connection_stop(it->connection, false);
            return teleai__fail_late(it->connection, name, false, error);
        }
    }
    teleai_status status = TELEAI_OK;
    *out = NULL;
    for (teleai__request *each = settled, *next; each != NULL; each = next) {
        next = each->next;
        if (each->result != NULL && teleai__is_failure(each->result))
            status = teleai__fail_answer(it->connection, name, each->result, error);
        PQclear(*out);
        *out = each->result;
        each->result = NULL;
    }
    if (status == TELEAI_OK && *out == NULL)
        status = teleai__fail(error, TELEAI_SERVER_ERROR, "%s: the server gave no answer", name);
    if (status != TELEAI_OK) {
        PQclear(*out);
        *out = NULL;
    }
    return status;
}

/* One flight: begin, what the scope sets, the cursor. The first pieces fly behind it. */
static teleai_status open_alone(teleai_stream *it, const void *holder, const teleai__statement *declare,
                                const teleai__params *params, teleai_error *error) {
    static const char begin_sql[] = "begin read only";
    static const teleai__statement begin = {.key = begin_sql, .name = "stream_begin", .sql = begin_sql};
    teleai__ticket ticket;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status =
        teleai__pool_acquire(it->client->core->pool, &ticket, it->fetch.name, holder, NULL, deadline, error);
    if (status != TELEAI_OK)
        return status;
    it->connection = ticket.connection;
    if (!teleai__exchange_begin(&it->exchange, it->connection))
        return teleai__fail_lost(it->connection, it->fetch.name, false, error);
    teleai__request first = {.statement = &begin, .values = teleai__params_values(&it->none)};
    teleai__request last = {.statement = declare, .values = teleai__params_values(params)};
    teleai__prelude prelude;
    status = teleai__exchange_send(&it->exchange, &first, false, error);
    if (status == TELEAI_OK && teleai__scope_needs_prelude(&it->client->scope, it->connection)) {
        memset(&prelude.request, 0, sizeof prelude.request);
        teleai__prelude_make(&prelude, &it->client->scope, deadline);
        status = teleai__exchange_send(&it->exchange, &prelude.request, false, error);
    }
    if (status == TELEAI_OK)
        status = teleai__exchange_send(&it->exchange, &last, true, error);
    for (int i = 0; status == TELEAI_OK && i < AHEAD; i++)
        status = send_fetch(it, error);
    PGresult *declared = NULL;
    if (status == TELEAI_OK)
        status = receive(it, deadline, &declared, error);
    PQclear(declared);
    if (status != TELEAI_OK) { /* the requests of this function must be forgotten with it */
        for (teleai__request *each = teleai__exchange_rest(&it->exchange); each != NULL; each = each->next)
            PQclear(each->result);
        it->connection->broken = true;
    }
    return status;
}

static teleai_status open_inside(teleai_stream *it, const teleai__statement *declare, const teleai__params *params,
                                 teleai_error *error) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = teleai__client_borrow(it->client, it->fetch.name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    PGresult *result = NULL;
    status = teleai__connection_run(connection, declare, params, deadline, &result, error);
    PQclear(result);
    teleai__client_return(it->client, connection);
    return status;
}

teleai_status teleai__stream_open(teleai_client *client, const teleai__table *table, const char *sql,
                                  const teleai__params *params, int32_t piece, uint8_t cursor_kind, teleai_stream **out,
                                  teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK && client->batch != NULL)
        status = teleai__fail_field(error, "client", "%s: a batch has no streams", table->names.list);
    if (status != TELEAI_OK)
        return status;
    teleai_stream *it = make(client, table, piece, cursor_kind);
    char text[TELEAI__SQL_BYTES + 64];
    if (it == NULL)
        return teleai__fail_memory(error);
    snprintf(text, sizeof text, "declare %s no scroll cursor for\n%s", it->name, sql);
    teleai__statement declare = {.name = table->names.list, .sql = text};
    status = it->in_transaction ? open_inside(it, &declare, params, error)
                                : open_alone(it, teleai__client_holder(client), &declare, params, error);
    if (status != TELEAI_OK) {
        it->failed = true;
        teleai_stream_close(it);
        return status;
    }
    *out = it;
    return teleai__ok(error);
}

/* ---- reading ---- */

static teleai_status fetch_inside(teleai_stream *it, PGresult **result, teleai_error *error) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = teleai__client_borrow(it->client, it->fetch.name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__connection_run(connection, &it->fetch, &it->none, deadline, result, error);
    teleai__client_return(it->client, connection);
    return status;
}

/* The next piece is asked for before this one is looked at. */
static teleai_status fetch_alone(teleai_stream *it, PGresult **result, teleai_error *error) {
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = receive(it, deadline, result, error);
    if (status == TELEAI_OK && PQntuples(*result) == it->piece) {
        status = send_fetch(it, error);
        teleai__exchange_flush(&it->exchange);
        if (status != TELEAI_OK)
            PQclear(*result);
    }
    return status;
}

teleai_status teleai__stream_next(teleai_stream *it, const teleai__table *table, void *out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the next piece was expected");
    teleai__forget_out(out);
    if (it == NULL || it->table != table)
        return teleai__fail_field(error, "stream", "stream is %s; one of %ss was expected",
                                  it == NULL ? "NULL" : "of another noun", table->noun);
    teleai_status status = teleai__client_check(it->client, error);
    if (status != TELEAI_OK)
        return status;
    if (it->failed)
        return teleai__fail(error, TELEAI_CLOSED, "%s: the stream has failed before; open another one with next_cursor",
                            it->fetch.name);
    if (it->ended)
        return teleai__ok(error);
    PGresult *result = NULL;
    status = it->in_transaction ? fetch_inside(it, &result, error) : fetch_alone(it, &result, error);
    if (status != TELEAI_OK) {
        it->failed = true;
        return status;
    }
    it->ended = PQntuples(result) < it->piece;
    if (PQntuples(result) == 0) {
        PQclear(result);
        return teleai__ok(error);
    }
    teleai__list *list;
    status = teleai__row_decode_list(table->row, result, it->piece, &list, error);
    if (status != TELEAI_OK)
        return status;
    if (!teleai__list_add_cursor(list, table->row, it->cursor_kind)) {
        teleai__arena_free(list);
        return teleai__fail_memory(error);
    }
    memcpy(out, &list, sizeof list);
    return teleai__ok(error);
}

/* ---- closing ---- */

/* Reads what is under way, so that the connection is as it was; a few pieces at most. */
static void close_alone(teleai_stream *it) {
    teleai__connection *connection = it->connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    while (!connection->broken && it->exchange.first != NULL) {
        PGresult *unwanted = NULL;
        (void)receive(it, deadline, &unwanted, NULL);
        PQclear(unwanted);
    }
    for (teleai__request *each = teleai__exchange_rest(&it->exchange); each != NULL; each = each->next)
        PQclear(each->result);
    teleai__exchange_end(&it->exchange);
    PGresult *result = NULL;
    if (!connection->broken)
        (void)teleai__connection_command(connection, "stream_close", "rollback", deadline, &result, NULL);
    PQclear(result);
    teleai__pool_release(it->client->core->pool, connection, NULL, 0);
}

static void close_inside(const teleai_stream *it) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    if (it->failed || teleai__client_borrow(it->client, "stream_close", deadline, &connection, NULL) != TELEAI_OK)
        return;
    char sql[48];
    PGresult *result = NULL;
    snprintf(sql, sizeof sql, "close %s", it->name);
    if (PQtransactionStatus(connection->pg) == PQTRANS_INTRANS)
        (void)teleai__connection_command(connection, "stream_close", sql, deadline, &result, NULL);
    PQclear(result);
    teleai__client_return(it->client, connection);
}

void teleai_stream_close(teleai_stream *it) {
    if (it == NULL)
        return;
    bool mine = teleai__fork_mark_is_mine(&it->client->core->process); /* or the connection is the parent's */
    if (mine && it->connection != NULL)
        close_alone(it);
    else if (mine && it->in_transaction)
        close_inside(it);
    teleai__client_drop(it->client);
    free(it);
}
