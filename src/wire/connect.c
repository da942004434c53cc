#include "wire/connect.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/secret.h"
#include "wire/local_connection.h"
#include "wire/result.h"
#include "wire/sqlstate.h"
#include "wire/wait.h"

#define OLDEST_SERVER 120000
#define FIRST_TO_LOOK 140000
#define MOST_OVERTIME 16
#define ASK_MS 1000 /* for a rested connection to give a sign of life */

enum phase { ASKING, CONNECTING, SETTING_UP };

struct teleai__opening {
    const teleai__settings *settings;
    char *text; /* the connection string */
    bool alone; /* it is of a private server: the environment has no say */
    teleai__hosts hosts;
    int32_t host; /* the present one, and which of its addresses */
    teleai__place places[TELEAI__MOST_ADDRESSES];
    int32_t place_count, place;
    enum phase phase;
    short events;
    int32_t overtime; /* reads since the deadline of the phase: its socket is always ready where data never end */
    teleai__deadline deadline, of_host, of_phase; /* of all, the present host, the present attempt */
    teleai__connection *connection;
    PGresult *answer; /* to what sets the session up */
};

/* ---- failures ---- */

/* The server's refusal, taken out of libpq's message "...: FATAL:  28P01: ..." (it is told to be verbose): libpq gives it
 * nowhere else while connecting, and the words may be in any language. */
static bool take_sqlstate(char *said, char *out) {
    for (char *at = strstr(said, ":  "); at != NULL; at = strstr(at + 1, ":  ")) {
        char *code = at + 3;
        if (strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5 || code[5] != ':' || code[6] != ' ')
            continue;
        memcpy(out, code, 5);
        out[5] = '\0';
        memmove(code, code + 7, strlen(code + 7) + 1);
        return true;
    }
    return false;
}

/* libpq's message without its end of line. It names host, port and user, never a password. */
static teleai_status fail_open(const PGconn *pg, teleai_error *error) {
    char said[300], sqlstate[6] = "";
    snprintf(said, sizeof said, "%s", PQerrorMessage(pg));
    said[strcspn(said, "\n")] = '\0';
    teleai_status status = TELEAI_UNAVAILABLE;
    uint32_t flags = TELEAI_ERROR_RETRYABLE;
    if (take_sqlstate(said, sqlstate)) {
        const teleai__meaning *meaning = teleai__sqlstate_meaning(sqlstate);
        bool fits = meaning->status == TELEAI_UNAVAILABLE || meaning->status == TELEAI_UNAUTHENTICATED ||
                    meaning->status == TELEAI_PERMISSION_DENIED || meaning->status == TELEAI_UNSUPPORTED;
        status =
            fits ? meaning->status : TELEAI_UNAVAILABLE; /* others mean something else when a statement gives them */
        flags = fits ? meaning->flags : TELEAI_ERROR_RETRYABLE;
    } else if (PQconnectionNeedsPassword(pg)) {
        status = TELEAI_UNAUTHENTICATED;
        flags = 0;
    }
    teleai__fail(error, status, "could not connect: %s", said[0] == '\0' ? "no reason given" : said);
    if (error != NULL) {
        error->flags = flags;
        memcpy(error->sqlstate, sqlstate, sizeof sqlstate);
    }
    return status;
}

static teleai_status fail_late(const teleai__opening *it, teleai_error *error) {
    const teleai__place *to = &it->places[it->place];
    const char *name = to->name[0] != '\0' ? to->name : to->address[0] != '\0' ? to->address : "the server";
    teleai__fail(error, TELEAI_TIMEOUT, "could not connect to %.150s in time; is the address right, and reachable?",
                 name);
    if (error != NULL)
        error->flags = TELEAI_ERROR_RETRYABLE;
    return TELEAI_TIMEOUT;
}

/* ---- connecting ---- */

static void discard_notice(void *unused, const PGresult *notice) {
    (void)unused;
    (void)notice; /* libpq would print it */
}

static const char *or_null(const char *text) { return text[0] == '\0' ? NULL : text; }

static teleai__deadline share(teleai__deadline whole, int32_t of) {
    return of <= 1 ? whole : teleai__deadline_part(whole, teleai__deadline_left_ms(whole) / of);
}

/* Whether it is one certain server that is wanted, whatever it has become. */
static bool is_only(const teleai__settings *settings) {
    return settings->only.name[0] != '\0' || settings->only.address[0] != '\0';
}

/* Begins with the present place. */
static teleai_status start_place(teleai__opening *it, teleai_error *error) {
    const teleai__place *to = &it->places[it->place];
    bool writes_wanted = it->hosts.several && !it->hosts.names_target && !it->settings->any_host;
    /* What comes before dbname stands unless the string in it says otherwise, what comes after overrules it; libpq passes
     * over what is NULL. The system's own signs of life keep a path through firewalls open, and find out that it is
     * not. */
    const char *const names[] = {"keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 "target_session_attrs",
                                 "dbname",
                                 "fallback_application_name",
                                 "application_name",
                                 "client_encoding",
                                 "target_session_attrs",
                                 "host",
                                 "hostaddr",
                                 "port",
                                 NULL};
    const char *const values[] = {"30",
                                  "10",
                                  "3",
                                  writes_wanted ? "read-write" : NULL,
                                  it->text,
                                  "teleai",
                                  or_null(it->settings->application_name),
                                  "UTF8",
                                  is_only(it->settings) ? "any" : NULL,
                                  or_null(to->name),
                                  or_null(to->address),
                                  or_null(to->port),
                                  NULL};
    it->phase = CONNECTING;
    it->overtime = 0;
    it->events = POLLOUT;
    it->of_phase = share(it->of_host, it->place_count - it->place);
    PQclear(it->answer);
    it->answer = NULL;
    PQfinish(it->connection->pg);
    if (it->alone)
        teleai__environment_leave();
    it->connection->pg = PQconnectStartParams(names, values, 1);
    if (it->alone)
        teleai__environment_return();
    if (it->connection->pg == NULL)
        return teleai__fail_memory(error);
    if (PQstatus(it->connection->pg) == CONNECTION_BAD)
        return fail_open(it->connection->pg, error);
    PQsetErrorVerbosity(it->connection->pg, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(it->connection->pg, discard_notice, NULL);
    return TELEAI_OK;
}

/* Begins with the present host. */
static teleai_status start_host(teleai__opening *it, teleai_error *error) {
    static const teleai__place whole = {"", "", ""};
    it->of_host = share(it->deadline, it->hosts.count - it->host);
    it->place = 0;
    it->place_count = teleai__host_resolve(it->hosts.count == 0 ? &whole : &it->hosts.items[it->host], it->places);
    return start_place(it, error);
}

/* Goes on with the next place, if there is one and time for it. A server that refused the user is not passed over. */
static teleai_status next_place(teleai__opening *it, teleai_status status, teleai_error *error) {
    while (status != TELEAI_OK && status != TELEAI_OUT_OF_MEMORY && status != TELEAI_UNAUTHENTICATED &&
           teleai__deadline_left_ms(it->deadline) > 0) {
        if (++it->place < it->place_count)
            status = start_place(it, error);
        else if (++it->host < it->hosts.count)
            status = start_host(it, error);
        else
            break;
    }
    return status;
}

static teleai_status start_connecting(teleai__opening *it, teleai_error *error) {
    const teleai__settings *settings = it->settings;
    bool refreshed = true;
    if (settings->refresh != NULL) {
        char fresh[4096] = "";
        refreshed = settings->refresh(settings->refresh_data, fresh, sizeof fresh);
        fresh[sizeof fresh - 1] = '\0';
        it->text = refreshed ? teleai__secret_copy(fresh) : NULL;
        teleai__secret_wipe(fresh, sizeof fresh);
    } else {
        it->alone = teleai__connection_is_alone(settings->connection);
        it->text = it->alone ? teleai__connection_describe_alone(settings->connection)
                             : teleai__secret_copy(settings->connection);
    }
    if (!refreshed)
        return teleai__fail(error, TELEAI_UNAVAILABLE, "could not connect: connection_hook gave no connection string");
    if (it->text == NULL)
        return teleai__fail_memory(error);
    if (settings->refresh != NULL && !teleai__connection_string_is_valid(it->text))
        return teleai__fail(error, TELEAI_UNAVAILABLE,
                            "could not connect: what connection_hook gave cannot be read as a connection string");
    if (is_only(settings)) {
        it->hosts.count = 1;
        it->hosts.items[0] = settings->only;
    } else {
        teleai__hosts_read(it->text, &it->hosts);
    }
    return next_place(it, start_host(it, error), error);
}

/* With a connection of its own, in place of one that gave no sign of life. */
static teleai_status start_anew(teleai__opening *it, teleai_error *error) {
    teleai__connection_close(it->connection);
    it->connection = calloc(1, sizeof *it->connection);
    return it->connection == NULL ? teleai__fail_memory(error) : start_connecting(it, error);
}

/* An empty statement: the server's shortest answer. */
static bool start_asking(teleai__opening *it, teleai__connection *rested) {
    int32_t third_ms = teleai__deadline_left_ms(it->deadline) / 3;
    it->connection = rested;
    it->phase = ASKING;
    it->events = POLLIN | POLLOUT;
    it->of_phase = teleai__deadline_part(it->deadline, third_ms < ASK_MS ? third_ms : ASK_MS);
    return PQsendQuery(rested->pg, "") == 1;
}

teleai_status teleai__opening_start(const teleai__settings *settings, teleai__connection *rested,
                                    teleai__deadline deadline, teleai__opening **out, teleai_error *error) {
    *out = NULL;
    teleai__opening *it = calloc(1, sizeof *it);
    if (it == NULL) {
        teleai__connection_close(rested);
        return teleai__fail_memory(error);
    }
    it->settings = settings;
    it->deadline = deadline;
    teleai_status status = TELEAI_OK;
    if (rested == NULL || !start_asking(it, rested))
        status = start_anew(it, error);
    if (status != TELEAI_OK) {
        teleai__opening_drop(it, false);
        return status;
    }
    *out = it;
    return TELEAI_OK;
}

/* ---- the session ---- */

/* What is set is for this session, and only where no pooler stands between: its process would not be the one that the
 * server named when we connected, and it may be somebody else's next. */
static teleai_status start_session(teleai__opening *it, teleai_error *error) {
    PGconn *pg = it->connection->pg;
    int version = PQserverVersion(pg);
    if (version < OLDEST_SERVER)
        return teleai__fail(error, TELEAI_UNSUPPORTED, "the server is PostgreSQL %d; teleai needs 12 or newer",
                            version / 10000);
    if (PQsetnonblocking(pg, 1) != 0)
        return teleai__fail(error, TELEAI_UNAVAILABLE, "could not connect: the socket cannot be made non-blocking");
    if (it->settings->pooler == TELEAI_POOLER_TRANSACTION)
        return TELEAI_OK;
    /* The server looks now and then whether we are still there, where it has the means to: nothing works on for a process
     * that is gone (PostgreSQL documentation, client_connection_check_interval). */
    static const char looks[] = ",\n       case when own and pg_catalog.version() like '%linux%'\n"
                                "            then pg_catalog.set_config('client_connection_check_interval', '1000', "
                                "false) end";
    char sql[480];
    snprintf(sql, sizeof sql,
             "select pid,\n"
             "       case when own then pg_catalog.set_config('statement_timeout', '%" PRId32 "', false) end%s\n"
             "  from (select pg_catalog.pg_backend_pid() as pid, %d in (0, pg_catalog.pg_backend_pid()) as own) as it",
             it->settings->timeout_ms, version < FIRST_TO_LOOK ? "" : looks,
             it->settings->pooler == TELEAI_POOLER_NONE ? 0 : PQbackendPID(pg));
    if (!PQsendQuery(pg, sql))
        return fail_open(pg, error);
    it->phase = SETTING_UP;
    it->events = POLLIN | POLLOUT;
    return TELEAI_OK;
}

static int64_t round_trip_us(int socket) {
#ifdef TCP_INFO
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) == 0)
        return info.tcpi_rtt;
#endif
    (void)socket;
    return 0;
}

static teleai_status finish(teleai__opening *it, bool behind_pooler, teleai__connection **out) {
    teleai__connection *connection = it->connection;
    it->connection = NULL;
    connection->settings = it->settings;
    connection->behind_pooler = behind_pooler;
    connection->round_trip_us = round_trip_us(PQsocket(connection->pg));
    connection->prepare = !behind_pooler;
    connection->opened_us = connection->last_used_us = teleai__monotonic_coarse_us();
    *out = connection;
    return TELEAI_OK;
}

static teleai_status read_session(teleai__opening *it, teleai__connection **out, teleai_error *error) {
    if (it->answer == NULL || PQstatus(it->connection->pg) != CONNECTION_OK)
        return fail_open(it->connection->pg, error);
    if (PQresultErrorField(it->answer, PG_DIAG_SQLSTATE) == NULL && PQresultStatus(it->answer) != PGRES_TUPLES_OK)
        return fail_open(it->connection->pg, error);
    if (PQresultStatus(it->answer) != PGRES_TUPLES_OK)
        return teleai__fail_result(error, "open", it->answer);
    return finish(it, teleai__answer_is_null(it->answer, 0, 1), out);
}

/* Reads the whole answer, of which *answer becomes the last part. 1: it has ended, 0: not yet, -1: the connection is
 * lost. */
static int read_answer(teleai__opening *it) {
    PGconn *pg = it->connection->pg;
    bool unsent;
    if (!teleai__pump(pg, &unsent))
        return -1;
    it->events = unsent ? POLLIN | POLLOUT : POLLIN;
    while (!PQisBusy(pg)) {
        PGresult *next = PQgetResult(pg);
        if (next == NULL)
            return 1;
        PQclear(it->answer);
        it->answer = next;
        if (teleai__is_copy(next))
            return -1;
    }
    return 0;
}

static teleai_status step_session(teleai__opening *it, teleai__connection **out, teleai_error *error) {
    int state = read_answer(it);
    if (state == 0)
        return TELEAI_OK;
    return state == 1 ? read_session(it, out, error) : fail_open(it->connection->pg, error);
}

/* It lives: what there is of it stays as it was. Otherwise another one is made. */
static teleai_status step_asking(teleai__opening *it, teleai__connection **out, teleai_error *error) {
    int state = read_answer(it);
    if (state == 0)
        return TELEAI_OK;
    if (state < 0 || PQresultStatus(it->answer) != PGRES_EMPTY_QUERY)
        return start_anew(it, error);
    *out = it->connection;
    it->connection = NULL;
    return TELEAI_OK;
}

/* libpq computes as many rounds of SCRAM as a server asks for, at some three million a second, and reads no clock in between.
 * PostgreSQL asks for 4096 unless told otherwise. Where nothing is encrypted the question can be seen before libpq reads
 * it; what comes later than this look cannot, nor what TLS hides: there the certificate tells who asks. */
#define MOST_ROUNDS 2000000

static long rounds_asked_for(const teleai__opening *it) {
    enum { SASL_CONTINUE = 11 };
    unsigned char bytes[4096];
    PGconn *pg = it->connection->pg;
    ssize_t count = PQsslInUse(pg) ? 0 : recv(PQsocket(pg), bytes, sizeof bytes - 1, MSG_PEEK | MSG_DONTWAIT);
    size_t length = 0;
    for (size_t at = 0; count > 0 && (size_t)count - at >= 9; at += 1 + length) {
        length = teleai__take32((const char *)bytes + at + 1);
        size_t here = (size_t)count - at - 1;
        if (length < 4)
            break;
        if (bytes[at] == 'R' && length > 8 && teleai__take32((const char *)bytes + at + 5) == SASL_CONTINUE) {
            bytes[at + 1 + (length < here ? length : here)] = '\0';
            const char *rounds = strstr((const char *)bytes + at + 9, ",i=");
            return rounds == NULL ? 0 : strtol(rounds + 3, NULL, 10);
        }
        if (length > here)
            break;
    }
    return 0;
}

static teleai_status fail_rounds(long rounds, teleai_error *error) {
    return teleai__fail(error, TELEAI_UNAVAILABLE,
                        "could not connect: the server asks for %ld rounds of SCRAM, more than the %d that are "
                        "computed; is it the right one?",
                        rounds, MOST_ROUNDS);
}

static PostgresPollingStatusType poll_connecting(const teleai__opening *it) {
    if (!it->alone)
        return PQconnectPoll(it->connection->pg);
    teleai__environment_leave();
    PostgresPollingStatusType gave = PQconnectPoll(it->connection->pg);
    teleai__environment_return();
    return gave;
}

teleai_status teleai__opening_step(teleai__opening *it, teleai__connection **out, teleai_error *error) {
    *out = NULL;
    bool ready = teleai__socket_is_ready(PQsocket(it->connection->pg), it->events),
         late = teleai__deadline_left_ms(it->of_phase) == 0;
    if (!ready || (late && ++it->overtime > MOST_OVERTIME)) {
        if (!late)
            return TELEAI_OK;
        return it->phase == ASKING ? start_anew(it, error) : next_place(it, fail_late(it, error), error);
    }
    if (it->phase == ASKING)
        return step_asking(it, out, error);
    if (it->phase == SETTING_UP)
        return next_place(it, step_session(it, out, error), error);
    long rounds = it->events == POLLIN ? rounds_asked_for(it) : 0;
    if (rounds > MOST_ROUNDS)
        return next_place(it, fail_rounds(rounds, error), error);
    switch (poll_connecting(it)) {
    case PGRES_POLLING_READING:
        it->events = POLLIN;
        return TELEAI_OK;
    case PGRES_POLLING_WRITING:
        it->events = POLLOUT;
        return TELEAI_OK;
    case PGRES_POLLING_OK: {
        teleai_status status = start_session(it, error);
        if (status == TELEAI_OK && it->phase == CONNECTING)
            return finish(it, true, out);
        return next_place(it, status, error);
    }
    default:
        return next_place(it, fail_open(it->connection->pg, error), error);
    }
}

int teleai__opening_socket(const teleai__opening *it) { return PQsocket(it->connection->pg); }
short teleai__opening_events(const teleai__opening *it) { return it->events; }
teleai__deadline teleai__opening_deadline(const teleai__opening *it) { return it->of_phase; }

void teleai__opening_drop(teleai__opening *it, bool abandon) {
    if (it == NULL)
        return;
    if (abandon)
        teleai__connection_abandon(it->connection);
    else
        teleai__connection_close(it->connection);
    PQclear(it->answer);
    teleai__secret_free(it->text);
    free(it);
}

teleai_status teleai__open(const teleai__settings *settings, teleai__connection *rested, teleai__deadline deadline,
                           teleai__connection **out, teleai_error *error) {
    *out = NULL;
    int64_t asked_us = 0;
    teleai__opening *opening;
    teleai_status status = teleai__opening_start(settings, rested, deadline, &opening, error);
    while (status == TELEAI_OK && *out == NULL) {
        teleai__deadline next = teleai__opening_deadline(opening);
        int ready = teleai__deadline_poll(teleai__opening_socket(opening), teleai__opening_events(opening), next);
        if (teleai__deadline_ask(deadline, ready <= 0, &asked_us))
            status = teleai__fail(error, TELEAI_CANCELLED, "could not connect: it was cancelled");
        else /* whatever it says */
            status = teleai__opening_step(opening, out, error);
    }
    teleai__opening_drop(opening, false);
    return status;
}
