#include "db/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "db/sqlstate.h"

#define OLDEST_SERVER 120000
#define LARGE_BYTES (1 << 28) /* of values; libpq's buffer grows by doubling, up to 2 GB */

/* ---- waiting ---- */

/* Waits for the socket. 1: ready, 0: deadline passed, -1: failed. */
static int wait_socket(int socket, short events, teleai__deadline deadline) {
    struct pollfd watched = {.fd = socket, .events = events};
    for (;;) {
        int ready = poll(&watched, 1, teleai__deadline_left_ms(deadline));
        if (ready > 0)
            return 1;
        if (ready == 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

/* ---- opening ---- */

/* A password with / or @ that was not percent-encoded makes a URL read as another one: the rest of it is then taken
 * for a port, a host or a database. */
static bool is_misread(const PQconninfoOption *option, bool is_url) {
    if (option->val == NULL)
        return false;
    if (strcmp(option->keyword, "port") == 0)
        return option->val[strspn(option->val, "0123456789,")] != '\0';
    if (strcmp(option->keyword, "host") == 0)
        return strchr(option->val, '@') != NULL;
    return is_url && strcmp(option->keyword, "dbname") == 0 && strchr(option->val, '@') != NULL;
}

bool teleai__connection_string_is_valid(const char *text) {
    char *said = NULL;
    PQconninfoOption *parsed = PQconninfoParse(text, &said);
    bool is_url = strstr(text, "://") != NULL;
    bool valid =
        parsed != NULL || said == NULL || strstr(said, "out of memory") != NULL; /* which connecting will say */
    for (const PQconninfoOption *each = parsed; valid && each != NULL && each->keyword != NULL; each++)
        valid = !is_misread(each, is_url);
    PQconninfoFree(parsed);
    PQfreemem(said);
    return valid;
}

static void discard_notice(void *unused, const PGresult *notice) {
    (void)unused;
    (void)notice; /* libpq would print it */
}

/* libpq's message without its end of line. It names host, port and user, never a password. */
static teleai_status fail_open(PGconn *pg, teleai_error *error) {
    char said[256];
    snprintf(said, sizeof said, "%s", PQerrorMessage(pg));
    said[strcspn(said, "\n")] = '\0';
    teleai_status status = TELEAI_UNAVAILABLE;
    uint32_t flags = TELEAI_ERROR_RETRYABLE;
    /* Before a result exists libpq gives no SQLSTATE; these texts are the server's own in every locale but translated
     * ones, where the answer is the broader UNAVAILABLE. */
    if (PQconnectionNeedsPassword(pg) || PQconnectionUsedPassword(pg) ||
        strstr(said, "authentication failed") != NULL || strstr(said, "no pg_hba.conf entry") != NULL ||
        (strstr(said, "role \"") != NULL && strstr(said, "does not exist") != NULL)) {
        status = TELEAI_UNAUTHENTICATED;
        flags = 0;
    }
    if (strstr(said, "too many clients") != NULL || strstr(said, "starting up") != NULL ||
        strstr(said, "database \"") != NULL || strstr(said, "Connection refused") != NULL)
        status = TELEAI_UNAVAILABLE;
    teleai__fail(error, status, "could not connect: %s", said[0] == '\0' ? "no reason given" : said);
    if (error != NULL)
        error->flags = flags;
    return status;
}

static teleai_status await_connected(PGconn *pg, teleai__deadline deadline, teleai_error *error) {
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        int ready = wait_socket(PQsocket(pg), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
        if (ready == 0) {
            teleai__fail(error, TELEAI_TIMEOUT,
                         "could not connect in time; is the server's address right, and reachable?");
            if (error != NULL)
                error->flags = TELEAI_ERROR_RETRYABLE;
            return TELEAI_TIMEOUT;
        }
        state = PQconnectPoll(pg);
    }
    return state == PGRES_POLLING_OK ? TELEAI_OK : fail_open(pg, error);
}

static teleai_status set_up_session(teleai__connection *connection, const teleai__settings *settings,
                                    teleai__deadline deadline, teleai_error *error) {
    int version = PQserverVersion(connection->pg);
    if (version < OLDEST_SERVER)
        return teleai__fail(error, TELEAI_UNSUPPORTED, "the server is PostgreSQL %d; teleai needs 12 or newer",
                            version / 10000);
    if (!settings->prepare)
        return TELEAI_OK; /* behind a pooler a SET would stay with somebody else's session */
    char sql[64];
    snprintf(sql, sizeof sql, "set statement_timeout = %" PRId32, settings->timeout_ms);
    PGresult *result = NULL;
    teleai_status status = teleai__connection_command(connection, "open", sql, deadline, &result, error);
    PQclear(result);
    return status;
}

teleai_status teleai__connection_open(const teleai__settings *settings, teleai__deadline deadline,
                                      teleai__connection **out, teleai_error *error) {
    *out = NULL;
    teleai__connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return teleai__fail_memory(error);
    const char *const names[] = {"dbname", "fallback_application_name", "application_name", "client_encoding", NULL};
    const char *const values[] = {settings->connection, "teleai",
                                  settings->application_name[0] == '\0' ? NULL : settings->application_name, "UTF8",
                                  NULL};
    connection->prepare = settings->prepare;
    connection->pg = PQconnectStartParams(names, values, 1);
    teleai_status status;
    if (connection->pg == NULL)
        status = teleai__fail_memory(error);
    else if (PQstatus(connection->pg) == CONNECTION_BAD)
        status = fail_open(connection->pg, error);
    else {
        PQsetNoticeReceiver(connection->pg, discard_notice, NULL);
        status = await_connected(connection->pg, deadline, error);
    }
    if (status == TELEAI_OK && PQsetnonblocking(connection->pg, 1) != 0)
        status = teleai__fail(error, TELEAI_UNAVAILABLE, "could not connect: the socket cannot be made non-blocking");
    if (status == TELEAI_OK)
        status = set_up_session(connection, settings, deadline, error);
    if (status != TELEAI_OK) {
        teleai__connection_close(connection);
        return status;
    }
    connection->opened_us = connection->last_used_us = teleai__monotonic_coarse_us();
    *out = connection;
    return TELEAI_OK;
}

void teleai__connection_close(teleai__connection *connection) {
    if (connection == NULL)
        return;
    PQfinish(connection->pg);
    free(connection);
}

void teleai__connection_abandon(teleai__connection *connection) {
    if (connection == NULL)
        return;
    int socket = PQsocket(connection->pg);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (socket >= 0 && nowhere >= 0)
        dup2(nowhere, socket); /* PQfinish() says goodbye to whatever this is */
    if (nowhere >= 0)
        close(nowhere);
    teleai__connection_close(connection);
}

bool teleai__connection_is_alive(const teleai__connection *connection) {
    if (connection->broken || PQstatus(connection->pg) != CONNECTION_OK)
        return false;
    /* An idle connection has nothing to say: what can be read is the end of it, or a last message before that. */
    struct pollfd watched = {.fd = PQsocket(connection->pg), .events = POLLIN};
    return poll(&watched, 1, 0) == 0;
}

/* ---- running ---- */

static teleai_status fail_lost(teleai__connection *connection, const char *name, bool writes, teleai_error *error) {
    connection->broken = true;
    teleai__fail(error, TELEAI_UNAVAILABLE,
                 writes ? "%s: the connection was lost before the server answered; look whether it happened before "
                          "doing it again"
                        : "%s: the connection was lost before the server answered; try again",
                 name);
    if (error != NULL)
        error->flags = writes ? TELEAI_ERROR_OUTCOME_UNKNOWN : TELEAI_ERROR_RETRYABLE;
    return TELEAI_UNAVAILABLE;
}

static teleai_status fail_late(teleai__connection *connection, const char *name, bool writes, teleai_error *error) {
    connection->broken = true; /* its answer may still come: nobody else must read that */
    teleai__fail(error, TELEAI_TIMEOUT, "%s: the server did not answer within timeout_ms%s", name,
                 writes ? "; look whether it happened before doing it again" : "");
    if (error != NULL)
        error->flags = writes ? TELEAI_ERROR_OUTCOME_UNKNOWN : TELEAI_ERROR_RETRYABLE;
    return TELEAI_TIMEOUT;
}

/* Sends what is buffered, reading meanwhile so that a server that talks back cannot block us. */
static int flush(PGconn *pg, teleai__deadline deadline) {
    int left;
    while ((left = PQflush(pg)) == 1) {
        int ready = wait_socket(PQsocket(pg), POLLIN | POLLOUT, deadline);
        if (ready != 1)
            return ready;
        if (!PQconsumeInput(pg))
            return -1;
    }
    return left == 0 ? 1 : -1;
}

static bool is_failure(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY;
}

/* Without memory for the last result of a pipeline, libpq notes that and waits for a result that has been. */
static bool has_stalled(const PGconn *pg, const PGresult *kept) {
    return PQpipelineStatus(pg) != PQ_PIPELINE_OFF && (kept == NULL || !is_failure(kept)) &&
           *PQerrorMessage(pg) != '\0';
}

/* Sends and reads to the end of the answer: the last result, or the first failure. `answers` is how many results are the
 * least; how many there were before a failure is written there. */
static teleai_status receive(teleai__connection *connection, const char *name, bool writes, int *answers,
                             teleai__deadline deadline, PGresult **out, teleai_error *error) {
    PGconn *pg = connection->pg;
    int state = flush(pg, deadline);
    PGresult *kept = NULL;
    int good = 0;
    while (state == 1) {
        while (PQisBusy(pg)) {
            if (has_stalled(pg, kept)) {
                PQclear(kept);
                return fail_lost(connection, name, writes, error);
            }
            state = wait_socket(PQsocket(pg), POLLIN, deadline);
            if (state == 1 && !PQconsumeInput(pg))
                state = -1;
            if (state != 1)
                break;
        }
        if (state == 0)
            break;
        PGresult *next = PQgetResult(pg); /* also after a lost connection: gives what had been said before */
        ExecStatusType what = PQresultStatus(next);
        if (next == NULL && PQpipelineStatus(pg) != PQ_PIPELINE_OFF && PQstatus(pg) == CONNECTION_OK)
            continue; /* the end of one answer of several */
        if (next == NULL || what == PGRES_PIPELINE_SYNC) {
            PQclear(next);
            break;
        }
        if (what == PGRES_PIPELINE_ABORTED) {
            PQclear(next); /* skipped because of the failure before */
            continue;
        }
        if (kept == NULL || !is_failure(kept)) {
            PQclear(kept);
            kept = next;
            good += !is_failure(kept);
        } else {
            PQclear(next);
        }
        state = 1;
    }
    connection->last_used_us = teleai__monotonic_coarse_us();
    if (state == 0) {
        PQclear(kept);
        return fail_late(connection, name, writes, error);
    }
    if (kept != NULL && !is_failure(kept) && good < *answers) { /* the end of the connection came in between */
        PQclear(kept);
        kept = NULL;
    }
    *answers = good;
    if (PQstatus(pg) != CONNECTION_OK || kept == NULL)
        connection->broken = true;
    if (kept == NULL || (is_failure(kept) && PQresultErrorField(kept, PG_DIAG_SQLSTATE) == NULL)) {
        PQclear(kept);
        return fail_lost(connection, name, writes, error);
    }
    if (!is_failure(kept)) {
        *out = kept;
        return TELEAI_OK;
    }
    teleai_status status = teleai__fail_result(error, name, kept);
    if (status == TELEAI_UNAVAILABLE)
        connection->broken = true;
    /* Outside a transaction nobody asked for read-only: a primary that has become a standby. */
    if (strcmp(PQresultErrorField(kept, PG_DIAG_SQLSTATE), "25006") == 0 && PQtransactionStatus(pg) == PQTRANS_IDLE)
        connection->broken = connection->read_only = true;
    PQclear(kept);
    return status;
}

/* Where in the table a statement is, or would go. */
static teleai__prepared *find_prepared(teleai__connection *connection, const teleai__statement *statement) {
    uint64_t hash = ((uint64_t)(uintptr_t)statement->key >> 4) * UINT64_C(0x9E3779B97F4A7C15) + statement->variant;
    size_t slot = (size_t)((hash ^ hash >> 29) & (TELEAI__PREPARED_SLOTS - 1));
    for (;; slot = (slot + 1) & (TELEAI__PREPARED_SLOTS - 1)) {
        teleai__prepared *entry = &connection->prepared[slot];
        if (entry->key == NULL || (entry->key == statement->key && entry->variant == statement->variant))
            return entry;
    }
}

static void name_statement(const teleai__statement *statement, char *name, size_t room) {
    if (statement->variant == 0)
        snprintf(name, room, "%s", statement->name);
    else
        snprintf(name, room, "%.38s_%" PRIx64, statement->name, statement->variant);
}

/* A plan that a change of the schema made useless (cached plan must not change result type; cache lookup failed, XX000,
 * where a type was made anew), or a statement that somebody deallocated: forgetting all and preparing again heals it.
 * */
static bool is_stale(const teleai__connection *connection, const teleai_error *error) {
    return PQtransactionStatus(connection->pg) == PQTRANS_IDLE &&
           (strcmp(error->sqlstate, "26000") == 0 || strcmp(error->sqlstate, "0A000") == 0 ||
            strcmp(error->sqlstate, "XX000") == 0);
}

static teleai_status forget_prepared(teleai__connection *connection, teleai__deadline deadline, teleai_error *error) {
    memset(connection->prepared, 0, sizeof connection->prepared);
    connection->prepared_count = 0;
    PGresult *result = NULL;
    teleai_status status =
        teleai__connection_command(connection, "prepare", "deallocate all", deadline, &result, error);
    PQclear(result);
    return status;
}

/* What does not fit into libpq's buffer is too large for a message of the protocol, or for memory. */
static teleai_status fail_unsent(const teleai__statement *statement, const teleai__params *params,
                                 teleai_error *error) {
    int64_t bytes = 0;
    for (int i = 0; i < params->count; i++)
        bytes += params->lengths[i];
    if (bytes < LARGE_BYTES)
        return teleai__fail_memory(error);
    return teleai__fail(error, TELEAI_LIMIT_EXCEEDED, "%s: the values are too large to send together (1 GB)",
                        statement->name);
}

static teleai_status run_once(teleai__connection *connection, const teleai__statement *statement,
                              const teleai__params *params, teleai__deadline deadline, PGresult **out,
                              teleai_error *error) {
    teleai__prepared *entry = NULL;
    if (connection->prepare && statement->key != NULL) {
        entry = find_prepared(connection, statement);
        if (entry->key == NULL && connection->prepared_count >= TELEAI__PREPARED_SLOTS * 3 / 4)
            entry = NULL;
    }
    bool prepares = entry != NULL && entry->key == NULL;
    int sent = 1;
    if (prepares) { /* both in one flight */
        connection->statements_prepared++;
        name_statement(statement, entry->name, sizeof entry->name);
        sent = PQenterPipelineMode(connection->pg) &&
               PQsendPrepare(connection->pg, entry->name, statement->sql, params->count, params->types);
    }
    connection->statements_run++;
    if (sent)
        sent = entry != NULL ? PQsendQueryPrepared(connection->pg, entry->name, params->count, params->values,
                                                   params->lengths, params->formats, 1)
                             : PQsendQueryParams(connection->pg, statement->sql, params->count, params->types,
                                                 params->values, params->lengths, params->formats, 1);
    if (sent && prepares)
        sent = PQpipelineSync(connection->pg);
    if (!sent) {
        if (PQstatus(connection->pg) != CONNECTION_OK)
            return fail_lost(connection, statement->name, false, error);
        connection->broken = true; /* libpq could not buffer it */
        return fail_unsent(statement, params, error);
    }
    int answers = prepares ? 2 : 1;
    teleai_status status = receive(connection, statement->name, statement->writes, &answers, deadline, out, error);
    if (!prepares)
        return status;
    if (!connection->broken && !PQexitPipelineMode(connection->pg))
        connection->broken = true;
    if (answers > 0) { /* also when it failed after that */
        entry->key = statement->key;
        entry->variant = statement->variant;
        connection->prepared_count++;
    }
    return status;
}

teleai_status teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                     const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                     teleai_error *error) {
    teleai_error local;
    *out = NULL;
    teleai_status status = run_once(connection, statement, params, deadline, out, &local);
    if (status != TELEAI_OK && connection->prepared_count > 0 && !connection->broken && is_stale(connection, &local)) {
        status = forget_prepared(connection, deadline, &local);
        if (status == TELEAI_OK)
            status = run_once(connection, statement, params, deadline, out, &local);
    }
    if (status != TELEAI_OK && error != NULL)
        *error = local;
    return status;
}

teleai_status teleai__connection_command(teleai__connection *connection, const char *name, const char *sql,
                                         teleai__deadline deadline, PGresult **out, teleai_error *error) {
    *out = NULL;
    connection->statements_run++;
    if (!PQsendQuery(connection->pg, sql))
        return fail_lost(connection, name, false, error);
    int answers = 1;
    return receive(connection, name, true, &answers, deadline, out, error);
}
