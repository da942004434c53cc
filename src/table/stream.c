#include "table/stream.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/error.h"
#include "record/arrow.h"
#include "run/client.h"
#include "wire/result.h"
#include "wire/statement.h"
#include "wire/wait.h"

/* On a connection of its own a stream is one statement whose rows are taken one by one as they come (single-row mode): a
 * cursor of the server would put each piece together in full before it sends it. In a transaction, whose connection
 * others use in between, it is a cursor. */
#define MOST_ENDS 2 /* when a server has said too early that it is ready, libpq goes on to give them */

struct teleai_stream {
    teleai_client *client; /* derived, for its scope and core; in a transaction that itself */
    const teleai__table *table;
    int32_t piece;
    uint8_t cursor_kind;
    bool in_transaction, ended, failed;
    bool single;          /* rows come one by one from here on */
    int ends;             /* of answers: to the settings, and to the statement */
    const PGresult *last; /* where the last row of the present piece stands */
    int last_at;
    int64_t bytes;                  /* of the piece that is read, where somebody wants to know */
    teleai__connection *connection; /* its own; NULL in a transaction */
    char name[32], fetch_sql[64];   /* of the cursor */
    teleai__arrow_source *arrow;    /* who reads it as Arrow's, or did */
};

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
    return it;
}

/* ---- on a connection of its own ---- */

/* One flight, and one transaction of the server: what must be set, and the statement. The server's time limit is for a
 * statement, and this one lasts as long as its reader likes: each piece has our limit. */
static bool send(teleai_stream *it, const char *sql, const teleai__params *params) {
    PGconn *pg = it->connection->pg;
    teleai__prelude prelude; /* never empty: the time limit is in it */
    (void)teleai__prelude_make_for(&prelude, &it->client->scope, it->connection->behind_pooler, 0);
    const teleai__values *settings = &prelude.request.values;
    char room[TELEAI__STATEMENT_BYTES];
    it->connection->statements_run++;
    return PQenterPipelineMode(pg) &&
           PQsendQueryParams(pg, teleai__statement_text(&prelude.statement, room), settings->count, settings->types,
                             settings->values, settings->lengths, settings->formats, 1) &&
           PQsendQueryParams(pg, sql, params->count, params->types, params->values, params->lengths, params->formats,
                             1) &&
           PQpipelineSync(pg);
}

static teleai_status open_alone(teleai_stream *it, const void *holder, const char *sql, const teleai__params *params,
                                teleai_error *error) {
    const char *name = it->table->names.list;
    teleai__ticket ticket;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = teleai__pool_acquire(it->client->core->pool, &ticket, name, holder, NULL, deadline, error);
    if (status != TELEAI_OK)
        return status;
    it->connection = ticket.connection;
    return send(it, sql, params) ? TELEAI_OK : teleai__fail_lost(it->connection, name, false, error);
}

/* The next result. False: it has not come in time, or the connection is lost; then *status says so. */
static bool await_result(teleai_stream *it, teleai__deadline deadline, PGresult **out, teleai_status *status,
                         teleai_error *error) {
    PGconn *pg = it->connection->pg;
    const char *name = it->table->names.list;
    int state = teleai__connection_wait_result(it->connection, deadline);
    if (state == 0) {
        *status = teleai__fail_wait(it->connection, name, false, state, error);
        return false;
    }
    *out = PQgetResult(pg);
    it->connection->last_used_us = teleai__monotonic_coarse_us();
    return true;
}

/* Up to a piece of single rows. The list takes them. */
static teleai_status take_rows(teleai_stream *it, PGresult **rows, int32_t *count, teleai_error *error) {
    const char *name = it->table->names.list;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = TELEAI_OK;
    while (*count < it->piece && !it->ended) {
        PGresult *result;
        if (!await_result(it, deadline, &result, &status, error))
            return status;
        ExecStatusType what = PQresultStatus(result);
        if (what == PGRES_SINGLE_TUPLE) {
            rows[(*count)++] = result;
            if (it->client->core->metrics != NULL)
                it->bytes += (int64_t)PQresultMemorySize(result);
            continue;
        }
        if (result == NULL && PQstatus(it->connection->pg) != CONNECTION_OK)
            return teleai__fail_lost(it->connection, name, false, error);
        if (result == NULL && !it->single && !PQsetSingleRowMode(it->connection->pg)) /* the settings are made */
            return teleai__fail_lost(it->connection, name, false, error);
        if (result == NULL && ++it->ends > MOST_ENDS)
            return teleai__fail_lost(it->connection, name, false, error);
        it->single |= result == NULL;
        it->ended = what == PGRES_PIPELINE_SYNC;
        if (result == NULL || what == PGRES_TUPLES_OK || it->ended) {
            PQclear(result);
            continue;
        }
        status = PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL
                     ? teleai__fail_lost(it->connection, name, false, error)
                     : teleai__fail_answer(it->connection, name, result, error);
        PQclear(result);
        return status;
    }
    return TELEAI_OK;
}

static teleai_status next_alone(teleai_stream *it, teleai__list **list, teleai_error *error) {
    PGresult **rows = malloc((size_t)it->piece * sizeof(PGresult *));
    if (rows == NULL)
        return teleai__fail_memory(error);
    int32_t count = 0;
    teleai_status status = take_rows(it, rows, &count, error);
    if (status == TELEAI_OK && count > 0) {
        it->last = rows[count - 1];
        it->last_at = 0;
        return teleai__row_decode_rows(it->table->row, rows, count, list, error);
    }
    for (int32_t i = 0; i < count; i++)
        PQclear(rows[i]);
    free(rows);
    return status;
}

#define LITTLE_ROWS 1000

/* Stops early: what is left is read if it is little, else the server is told to stop. Then the connection is as before. */
static void close_alone(teleai_stream *it) {
    teleai__connection *connection = it->connection;
    teleai__deadline deadline = teleai__deadline_in(TELEAI__CANCEL_GRACE_MS);
    bool told = false;
    for (int read = 0; !connection->broken && !it->ended; read++) {
        if (teleai__deadline_left_ms(deadline) == 0) { /* rows that have come need no waiting, however many they are */
            connection->broken = true;
            break;
        }
        bool more = read > LITTLE_ROWS ||
                    (PQisBusy(connection->pg) && PQconsumeInput(connection->pg) && PQisBusy(connection->pg));
        if (!told && more) {
            told = true;
            if (!teleai__connection_cancel(connection, false) && !connection->behind_pooler)
                connection->broken = true;
            continue;
        }
        PGresult *unwanted;
        teleai_status status;
        if (!await_result(it, deadline, &unwanted, &status, NULL))
            break;
        it->ended = PQresultStatus(unwanted) == PGRES_PIPELINE_SYNC;
        it->ends += unwanted == NULL;
        connection->broken |=
            it->ends > MOST_ENDS || PQstatus(connection->pg) != CONNECTION_OK || teleai__is_copy(unwanted);
        PQclear(unwanted);
    }
    if (!connection->broken && !PQexitPipelineMode(connection->pg))
        connection->broken = true;
    teleai__pool_release(it->client->core->pool, connection, NULL, 0);
}

/* ---- in a transaction ---- */

/* Runs one statement there; the result may be NULL where nobody wants it. */
static teleai_status run_inside(const teleai_stream *it, const char *sql, const teleai__params *params,
                                PGresult **result, teleai_error *error) {
    teleai__statement statement = {.name = it->table->names.list, .sql = sql};
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    teleai_status status = teleai__client_borrow(it->client, statement.name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__connection_run(connection, &statement, params, deadline, result, error);
    teleai__client_return(it->client, connection);
    return status;
}

static teleai_status open_inside(teleai_stream *it, const char *sql, const teleai__params *params,
                                 teleai_error *error) {
    char text[TELEAI__SQL_BYTES + 64];
    PGresult *result = NULL;
    snprintf(text, sizeof text, "declare %s no scroll cursor for\n%s", it->name, sql);
    teleai_status status = run_inside(it, text, params, &result, error);
    PQclear(result);
    return status;
}

static teleai_status next_inside(teleai_stream *it, teleai__list **list, teleai_error *error) {
    teleai__params none;
    teleai__params_init(&none);
    PGresult *result = NULL;
    teleai_status status = run_inside(it, it->fetch_sql, &none, &result, error);
    if (status != TELEAI_OK)
        return status;
    int rows = teleai__answer_rows(result);
    it->ended = rows < it->piece;
    it->last = result;
    it->last_at = (rows < it->piece ? rows : it->piece) - 1;
    it->bytes += (int64_t)PQresultMemorySize(result);
    if (rows > 0)
        return teleai__row_decode_list(it->table->row, result, it->piece, list, error);
    PQclear(result);
    return TELEAI_OK;
}

static void close_inside(const teleai_stream *it) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(it->client);
    if (it->failed || teleai__client_borrow(it->client, "stream_close", deadline, &connection, NULL) != TELEAI_OK)
        return;
    char sql[48];
    PGresult *result = NULL;
    deadline = teleai__deadline_firm(deadline);
    snprintf(sql, sizeof sql, "close %s", it->name);
    if (PQtransactionStatus(connection->pg) == PQTRANS_INTRANS)
        (void)teleai__connection_command(connection, "stream_close", sql, deadline, &result, NULL);
    PQclear(result);
    teleai__client_return(it->client, connection);
}

/* ---- both ---- */

teleai_status teleai__stream_open(teleai_client *client, const teleai__table *table, const char *sql,
                                  const teleai__params *params, int32_t piece, uint8_t cursor_kind, teleai_stream **out,
                                  teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK && client->batch != NULL)
        status = teleai__fail_field(error, "client", "%s: a batch has no streams", table->names.list);
    if (status != TELEAI_OK)
        return status;
    teleai_stream *it = make(client, table, piece, cursor_kind);
    if (it == NULL)
        return teleai__fail_memory(error);
    status = it->in_transaction ? open_inside(it, sql, params, error)
                                : open_alone(it, teleai__client_holder(client), sql, params, error);
    if (status != TELEAI_OK) {
        it->failed = true;
        teleai_stream_close(it);
        return status;
    }
    *out = it;
    return teleai__ok(error);
}

/* The next piece, as a call of its own for those who count; *list stays NULL at the end. */
static teleai_status next(teleai_stream *it, teleai__list **list, teleai_error *error) {
    teleai__metrics *metrics = it->client->core->metrics;
    teleai__watch watch;
    if (metrics != NULL)
        teleai__watch_start(&watch);
    it->bytes = 0;
    teleai_status status = it->in_transaction ? next_inside(it, list, error) : next_alone(it, list, error);
    if (metrics == NULL)
        return status;
    watch.rows = *list == NULL ? 0 : (int64_t)(*list)->count;
    watch.bytes = it->bytes;
    watch.query_us = teleai__monotonic_us() - watch.start_us;
    watch.attempts = 1;
    teleai__watch_end(&watch, metrics, it->table->names.list, status, error);
    return status;
}

teleai_status teleai__stream_next(teleai_stream *it, const teleai__table *table, void *out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("next piece", error);
    teleai__forget_out(out);
    if (it == NULL || it->table != table)
        return teleai__fail_field(error, "stream", "stream is %s; one of %ss was expected",
                                  it == NULL ? "NULL" : "of another noun", table->noun);
    teleai_status status = teleai__client_check(it->client, error);
    if (status != TELEAI_OK)
        return status;
    if (it->failed)
        return teleai__fail(error, TELEAI_CLOSED, "%s: the stream has failed before; open another one with next_cursor",
                            table->names.list);
    if (it->ended)
        return teleai__ok(error);
    teleai__list *list = NULL;
    status = next(it, &list, error);
    it->failed = status != TELEAI_OK;
    if (it->failed || list == NULL)
        return it->failed ? status : teleai__ok(error);
    if (!teleai__list_add_cursor(list, table->row, it->cursor_kind, it->last, it->last_at)) {
        teleai__arena_free(list);
        it->failed = true;
        return teleai__fail_memory(error);
    }
    memcpy(out, &list, sizeof list);
    return teleai__ok(error);
}

teleai_status teleai__stream_next_array(teleai_stream *it, struct ArrowArray *out, teleai_error *error) {
    teleai__list *list;
    out->release = NULL;
    teleai_status status = teleai__stream_next(it, it->table, &list, error);
    if (status != TELEAI_OK || list == NULL)
        return status;
    status = teleai__piece_to_arrow(it->table->row, list, TELEAI__ARROW_MOST_BYTES, out, error);
    it->failed |= status != TELEAI_OK; /* its rows are lost: those behind them are not to follow */
    teleai__arena_free(list);
    return status;
}

const teleai__row *teleai__stream_row(const teleai_stream *it) { return it->table->row; }

teleai__arrow_source **teleai__stream_arrow(teleai_stream *it) { return &it->arrow; }

void teleai_stream_close(teleai_stream *it) {
    if (it != NULL && (it->arrow == NULL || teleai__arrow_source_leave(it->arrow)))
        teleai__stream_end(it);
}

void teleai__stream_end(teleai_stream *it) {
    bool mine = teleai__fork_mark_is_mine(&it->client->core->process); /* or the connection is the parent's */
    if (mine && it->connection != NULL)
        close_alone(it);
    else if (mine && it->in_transaction)
        close_inside(it);
    teleai__client_drop(it->client);
    free(it);
}
