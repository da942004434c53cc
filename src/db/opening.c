#include "db/opening.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/secret.h"
#include "db/sqlstate.h"

#define OLDEST_SERVER 120000
#define MOST_HOSTS 16

enum phase { CONNECTING, SETTING_UP };

typedef struct host {
    char name[256], address[64], port[8]; /* "" where the string gives none */
} host;

struct teleai__opening {
    const teleai__settings *settings;
    char *text; /* the connection string */
    host hosts[MOST_HOSTS];
    int32_t count, at; /* count 0: libpq sees to the hosts */
    bool default_attrs;
    enum phase phase;
    short events;
    teleai__deadline deadline, of_host;
    teleai__connection *connection;
    PGresult *answer; /* to what sets the session up */
};

/* ---- the connection string ---- */

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

static const char *given(const PQconninfoOption *options, const char *keyword) {
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val;
    return NULL;
}

/* One of a list with commas. False when it is empty or too long. */
static bool part(const char *list, int32_t number, char *out, size_t room) {
    for (; number > 0; number--) {
        list = strchr(list, ',');
        if (list == NULL)
            return false;
        list++;
    }
    size_t length = strcspn(list, ",");
    if (length == 0 || length >= room)
        return false;
    memcpy(out, list, length);
    out[length] = '\0';
    return true;
}

static int32_t parts(const char *list) {
    int32_t count = list != NULL;
    for (; list != NULL && *list != '\0'; list++)
        count += *list == ',';
    return count;
}

/* Several hosts are tried by us, one by one: libpq would spend all the time on the first that does not answer. It keeps
 * those lists whose order means more than that. */
static void read_hosts(teleai__opening *it) {
    if (it->settings->host[0] != '\0') {
        memcpy(it->hosts[0].name, it->settings->host, sizeof it->hosts[0].name);
        memcpy(it->hosts[0].port, it->settings->port, sizeof it->hosts[0].port);
        it->count = 1;
        return;
    }
    PQconninfoOption *options = PQconninfoParse(it->text, NULL);
    if (options == NULL)
        return; /* connecting says what is wrong */
    const char *names = given(options, "host"), *addresses = given(options, "hostaddr");
    const char *ports = given(options, "port"), *attrs = given(options, "target_session_attrs");
    const char *balance = given(options, "load_balance_hosts");
    int32_t count = parts(addresses != NULL ? addresses : names);
    bool ours = count > 1 && count <= MOST_HOSTS && (attrs == NULL || strcmp(attrs, "prefer-standby") != 0) &&
                (balance == NULL || strcmp(balance, "disable") == 0);
    for (int32_t i = 0; ours && i < count; i++) {
        host *to = &it->hosts[i];
        ours = (names == NULL || part(names, i, to->name, sizeof to->name)) &&
               (addresses == NULL || part(addresses, i, to->address, sizeof to->address)) &&
               (ports == NULL || part(ports, parts(ports) == 1 ? 0 : i, to->port, sizeof to->port));
    }
    it->count = ours ? count : 0;
    it->default_attrs = count > 1 && attrs == NULL && !it->settings->any_host && getenv("PGTARGETSESSIONATTRS") == NULL;
    PQconninfoFree(options);
}

/* ---- failures ---- */

/* libpq's message without its end of line. It names host, port and user, never a password. */
static teleai_status fail_open(const PGconn *pg, teleai_error *error) {
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

static teleai_status fail_late(teleai_error *error) {
    teleai__fail(error, TELEAI_TIMEOUT, "could not connect in time; is the server's address right, and reachable?");
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

/* Begins with the present host. */
static teleai_status start_host(teleai__opening *it, teleai_error *error) {
    static const host whole = {"", "", ""};
    const host *to = it->count == 0 ? &whole : &it->hosts[it->at];
    /* What comes after dbname overrules what the string in it says; libpq passes over what is NULL. */
    const char *const names[] = {"target_session_attrs",
                                 "dbname",
                                 "fallback_application_name",
                                 "application_name",
                                 "client_encoding",
                                 "host",
                                 "hostaddr",
                                 "port",
                                 NULL};
    const char *const values[] = {it->default_attrs ? "read-write" : NULL,
                                  it->text,
                                  "teleai",
                                  or_null(it->settings->application_name),
                                  "UTF8",
                                  or_null(to->name),
                                  or_null(to->address),
                                  or_null(to->port),
                                  NULL};
    it->phase = CONNECTING;
    it->events = POLLOUT;
    it->of_host = it->deadline;
    if (it->count > 1)
        it->of_host = teleai__deadline_in(teleai__deadline_left_ms(it->deadline) / (it->count - it->at));
    PQclear(it->answer);
    it->answer = NULL;
    PQfinish(it->connection->pg);
    it->connection->pg = PQconnectStartParams(names, values, 1);
    if (it->connection->pg == NULL)
        return teleai__fail_memory(error);
    if (PQstatus(it->connection->pg) == CONNECTION_BAD)
        return fail_open(it->connection->pg, error);
    PQsetNoticeReceiver(it->connection->pg, discard_notice, NULL);
    return TELEAI_OK;
}

/* Goes on with the next host, if there is one and time for it. */
static teleai_status next_host(teleai__opening *it, teleai_status status, teleai_error *error) {
    while (status != TELEAI_OK && status != TELEAI_OUT_OF_MEMORY && ++it->at < it->count &&
           teleai__deadline_left_ms(it->deadline) > 0)
        status = start_host(it, error);
    return status;
}

teleai_status teleai__opening_start(const teleai__settings *settings, teleai__deadline deadline, teleai__opening **out,
                                    teleai_error *error) {
    *out = NULL;
    teleai__opening *it = calloc(1, sizeof *it);
    teleai__connection *connection = calloc(1, sizeof *connection);
    char *text = NULL;
    bool refreshed = true;
    if (settings->refresh != NULL) {
        char fresh[4096] = "";
        refreshed = settings->refresh(settings->refresh_data, fresh, sizeof fresh);
        fresh[sizeof fresh - 1] = '\0';
        text = refreshed ? teleai__secret_copy(fresh) : NULL;
        teleai__secret_wipe(fresh, sizeof fresh);
    } else {
        text = teleai__secret_copy(settings->connection);
    }
    teleai_status status = it != NULL && connection != NULL && text != NULL ? TELEAI_OK : TELEAI_OUT_OF_MEMORY;
    if (!refreshed)
        status =
            teleai__fail(error, TELEAI_UNAVAILABLE, "could not connect: connection_hook gave no connection string");
    else if (status == TELEAI_OK && settings->refresh != NULL && !teleai__connection_string_is_valid(text))
        status = teleai__fail(error, TELEAI_UNAVAILABLE,
                              "could not connect: what connection_hook gave cannot be read as a connection string");
    else if (status != TELEAI_OK)
        teleai__fail_memory(error);
    if (status != TELEAI_OK) {
        teleai__secret_free(text);
        free(connection);
        free(it);
        return status;
    }
    *it = (teleai__opening){.settings = settings, .text = text, .deadline = deadline, .connection = connection};
    read_hosts(it);
    status = next_host(it, start_host(it, error), error);
    if (status != TELEAI_OK) {
        teleai__opening_drop(it, false);
        return status;
    }
    *out = it;
    return TELEAI_OK;
}

/* ---- the session ---- */

/* The setting is for this session only where no pooler stands between: its process would not be the one that the server
 * named when we connected, and it may be somebody else's next. */
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
    char sql[224];
    snprintf(sql, sizeof sql,
             "select pg_catalog.pg_backend_pid(),\n"
             "       case when %d in (0, pg_catalog.pg_backend_pid())\n"
             "            then pg_catalog.set_config('statement_timeout', '%" PRId32 "', false) end",
             it->settings->pooler == TELEAI_POOLER_NONE ? 0 : PQbackendPID(pg), it->settings->timeout_ms);
    if (!PQsendQuery(pg, sql))
        return fail_open(pg, error);
    it->phase = SETTING_UP;
    it->events = POLLIN | POLLOUT;
    return TELEAI_OK;
}

static teleai_status finish(teleai__opening *it, bool behind_pooler, teleai__connection **out) {
    teleai__connection *connection = it->connection;
    it->connection = NULL;
    connection->settings = it->settings;
    connection->behind_pooler = behind_pooler;
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
    return finish(it, PQgetisnull(it->answer, 0, 1), out);
}

static teleai_status step_session(teleai__opening *it, teleai__connection **out, teleai_error *error) {
    PGconn *pg = it->connection->pg;
    int left = PQflush(pg);
    if (left < 0 || !PQconsumeInput(pg))
        return fail_open(pg, error);
    it->events = left == 1 ? POLLIN | POLLOUT : POLLIN;
    while (!PQisBusy(pg)) {
        PGresult *next = PQgetResult(pg);
        if (next == NULL)
            return read_session(it, out, error);
        PQclear(it->answer);
        it->answer = next;
    }
    return TELEAI_OK;
}

teleai_status teleai__opening_step(teleai__opening *it, teleai__connection **out, teleai_error *error) {
    *out = NULL;
    struct pollfd watched = {.fd = PQsocket(it->connection->pg), .events = it->events};
    if (poll(&watched, 1, 0) <= 0) {
        if (teleai__deadline_left_ms(it->of_host) > 0)
            return TELEAI_OK;
        return next_host(it, fail_late(error), error);
    }
    if (it->phase == SETTING_UP)
        return step_session(it, out, error);
    switch (PQconnectPoll(it->connection->pg)) {
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
        return next_host(it, status, error);
    }
    default:
        return next_host(it, fail_open(it->connection->pg, error), error);
    }
}

int teleai__opening_socket(const teleai__opening *it) { return PQsocket(it->connection->pg); }
short teleai__opening_events(const teleai__opening *it) { return it->events; }
teleai__deadline teleai__opening_deadline(const teleai__opening *it) { return it->of_host; }

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

teleai_status teleai__open(const teleai__settings *settings, teleai__deadline deadline, teleai__connection **out,
                           teleai_error *error) {
    *out = NULL;
    teleai__opening *opening;
    teleai_status status = teleai__opening_start(settings, deadline, &opening, error);
    while (status == TELEAI_OK && *out == NULL) {
        struct pollfd watched = {.fd = teleai__opening_socket(opening), .events = teleai__opening_events(opening)};
        poll(&watched, 1, teleai__deadline_left_ms(teleai__opening_deadline(opening))); /* whatever it says: step */
        status = teleai__opening_step(opening, out, error);
    }
    teleai__opening_drop(opening, false);
    return status;
}
