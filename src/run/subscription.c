/* Subscriptions: what is said with NOTIFY, heard on a connection of its own, which is made anew when it is lost. Nothing
 * here waits but await(): the rest does what can be done at once, so that an event loop can drive it too. */
#include "teleai/subscription.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/argument.h"
#include "base/backoff.h"
#include "base/error.h"
#include "record/field.h"
#include "run/operation.h"
#include "wire/connect.h"
#include "wire/wait.h"

#define LONGEST_CHANNEL 63 /* bytes: an identifier of the server */
#define LONGEST_PAYLOAD 7999
#define STEADY_US 1000000 /* a connection that lived this long is replaced without a pause */
#define SILENCE_MS 30000  /* then the server is asked for a sign of life, */
#define ANSWER_MS 10000   /* and has this long to give it */
#define LOOK_MS 500       /* how often a waiting call looks whether the client was closed */

enum phase { PAUSING, OPENING, ASKING, LISTENING };

struct teleai_subscription {
    teleai_client *client; /* derived, for its core */
    char *sql;             /* LISTEN for all channels */
    enum phase phase;
    teleai__opening *opening;       /* in OPENING */
    teleai__connection *connection; /* in ASKING and LISTENING */
    bool asked;                     /* an answer has not come yet: to LISTEN, or to the question for a sign of life */
    bool unsent;                    /* a part of the question is not sent yet */
    bool missed;                    /* the connection was lost, and the caller does not know yet */
    PGnotify *heard;                /* the caller does not have it yet */
    teleai__deadline until;         /* of the pause, of the connecting and asking, of the silence or the answer */
    teleai__backoff backoff;        /* before it connects again */
    int64_t asked_us;               /* when the caller was last asked whether to go on */
    teleai_error failure;           /* why there is no connection */
};

/* ---- arguments ---- */

static teleai_status check_text(const char *field, const char *text, int64_t least, size_t most_bytes,
                                teleai_error *error) {
    teleai_status status = teleai__text_check(field, text, least, 0, error);
    if (status == TELEAI_OK && strlen(text) > most_bytes)
        status = teleai__fail_field(error, field, "%s has %zu bytes; at most %zu were expected", field, strlen(text),
                                    most_bytes);
    return status;
}

static teleai_status check_open(const teleai_client *client, const char *const *channels, size_t count,
                                teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK && (teleai__is_transaction(client) || client->batch != NULL))
        status = teleai__fail_field(error, "client",
                                    "subscription_open: the client from teleai_open(), or a scope, was expected");
    if (status == TELEAI_OK)
        status = teleai__count_check("subscription_open", channels, "channels", count, error);
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        status = check_text("channels", channels[i], 1, LONGEST_CHANNEL, error);
        if (status != TELEAI_OK)
            teleai__at_item(error, i);
    }
    return status;
}

/* NULL: out of memory. */
static char *listen_sql(PGconn *pg, const char *const *channels, size_t count) {
    size_t room = 1, length = 0;
    for (size_t i = 0; i < count; i++)
        room += strlen("listen \"\";") + 2 * strlen(channels[i]); /* each quote in it is doubled */
    char *sql = malloc(room);
    for (size_t i = 0; sql != NULL && i < count; i++) {
        char *quoted = PQescapeIdentifier(pg, channels[i], strlen(channels[i]));
        if (quoted == NULL) {
            free(sql);
            return NULL;
        }
        length += (size_t)snprintf(sql + length, room - length, "listen %s;", quoted);
        PQfreemem(quoted);
    }
    return sql;
}

/* ---- the connection ---- */

/* It is of no use, or was not made; `failure` says why. Another one is made after a pause. */
static void lose(teleai_subscription *it) {
    if (it->phase == LISTENING) {
        it->missed = true;
        if (teleai__monotonic_coarse_us() - it->connection->opened_us >= STEADY_US)
            teleai__backoff_reset(&it->backoff, true);
    }
    teleai__opening_drop(it->opening, false);
    teleai__connection_close(it->connection);
    it->opening = NULL;
    it->connection = NULL;
    it->asked = it->unsent = false;
    it->phase = PAUSING;
    it->until = teleai__deadline_in((int32_t)(teleai__backoff_next_us(&it->backoff) / 1000));
}

static teleai_status fail_pooler(teleai_error *error) {
    return teleai__fail(error, TELEAI_UNSUPPORTED,
                        "subscription_open: between client and server stands a transaction pooler, which does not pass "
                        "notifications on; open a client with a connection string that leads to the server itself, or "
                        "to a pooler in session mode");
}

static void ask(teleai_subscription *it, const char *sql) {
    it->asked = it->unsent = true;
    if (PQsendQuery(it->connection->pg, sql))
        return;
    teleai__fail_lost(it->connection, "listen", false, &it->failure);
    lose(it);
}

static void start_opening(teleai_subscription *it) {
    const teleai__settings *settings = &it->client->core->settings;
    it->phase = OPENING;
    it->until = teleai__deadline_in(settings->timeout_ms);
    if (teleai__opening_start(settings, NULL, it->until, &it->opening, &it->failure) != TELEAI_OK)
        lose(it);
}

static void step_opening(teleai_subscription *it) {
    teleai_status status = teleai__opening_step(it->opening, &it->connection, &it->failure);
    if (status == TELEAI_OK && it->connection == NULL)
        return;
    teleai__opening_drop(it->opening, false);
    it->opening = NULL;
    if (status == TELEAI_OK && it->connection->behind_pooler)
        status = fail_pooler(&it->failure);
    if (status != TELEAI_OK) {
        lose(it);
        return;
    }
    it->phase = ASKING;
    ask(it, it->sql);
}

/* Takes a part of the answer to what was asked, NULL is its end. False: it is a failure. */
static bool take_answer(teleai_subscription *it, PGresult *part) {
    bool good = part == NULL || !teleai__is_failure(part);
    it->asked = part != NULL && !teleai__is_copy(part);
    if (!good && PQresultErrorField(part, PG_DIAG_SQLSTATE) != NULL)
        teleai__fail_answer(it->connection, "listen", part, &it->failure);
    else if (!good)
        teleai__fail_lost(it->connection, "listen", false, &it->failure);
    PQclear(part);
    return good;
}

/* Whether there is a notification among what was read. */
static bool has_heard(teleai_subscription *it) {
    if (it->phase == LISTENING)
        it->heard = PQnotifies(it->connection->pg);
    if (it->heard != NULL)
        it->until = teleai__deadline_in(it->asked ? ANSWER_MS : SILENCE_MS);
    return it->heard != NULL;
}

/* The time is over that an answer, or any word at all, may take. */
static void end_silence(teleai_subscription *it) {
    if (!it->asked) {
        it->until = teleai__deadline_in(ANSWER_MS);
        ask(it, "select 1");
        return;
    }
    if (it->phase == ASKING)
        teleai__fail_late(it->connection, "listen", false, &it->failure);
    else
        teleai__fail(&it->failure, TELEAI_UNAVAILABLE, "listen: the server gave no sign of life for %d s",
                     ANSWER_MS / 1000);
    lose(it);
}

/* Reads what has come. What was said before the connection ended is heard before that is noticed. */
static void hear(teleai_subscription *it) {
    if (has_heard(it))
        return;
    PGconn *pg = it->connection->pg;
    bool good = teleai__pump(pg, &it->unsent), open = PQstatus(pg) == CONNECTION_OK, asked = it->asked;
    if (!good)
        teleai__fail(&it->failure, TELEAI_UNAVAILABLE, "listen: the connection was lost");
    while (it->asked && (!open || !PQisBusy(pg)))
        good &= take_answer(it, PQgetResult(pg));
    if (good && asked && !it->asked) {
        it->phase = LISTENING;
        it->until = teleai__deadline_in(SILENCE_MS);
    }
    if (has_heard(it))
        return;
    if (!good)
        lose(it);
    else if (teleai__deadline_left_ms(it->until) == 0)
        end_silence(it);
}

static void step(teleai_subscription *it) {
    if (it->phase == PAUSING && teleai__deadline_left_ms(it->until) == 0)
        start_opening(it);
    if (it->phase == OPENING)
        step_opening(it);
    if (it->phase == ASKING || it->phase == LISTENING)
        hear(it);
}

/* Until there is something to do, or it is time to look. False: the caller wants the call to end. */
static bool await(teleai_subscription *it, teleai__deadline deadline) {
    teleai__deadline soon = teleai__deadline_in(LOOK_MS);
    teleai__deadline other = it->phase == OPENING ? teleai__opening_deadline(it->opening) : it->until;
    int socket = -1; /* poll(2) passes over it */
    short events = 0;
    if (it->phase == OPENING) {
        socket = teleai__opening_socket(it->opening);
        events = teleai__opening_events(it->opening);
    } else if (it->phase != PAUSING) {
        socket = PQsocket(it->connection->pg);
        events = it->unsent ? POLLIN | POLLOUT : POLLIN;
    }
    if (other.at_us < deadline.at_us)
        deadline.at_us = other.at_us;
    if (soon.at_us < deadline.at_us)
        deadline.at_us = soon.at_us;
    int ready = teleai__deadline_poll(socket, events, deadline); /* whatever it says */
    return !teleai__deadline_ask(deadline, ready <= 0, &it->asked_us);
}

/* ---- subscriptions ---- */

static teleai_status listen_first(teleai_subscription *it, const char *const *channels, size_t count,
                                  teleai_error *error) {
    teleai__deadline deadline = teleai__client_deadline(it->client);
    it->until = teleai__deadline_firm(deadline);
    teleai_status status = teleai__open(&it->client->core->settings, NULL, deadline, &it->connection, error);
    if (status == TELEAI_OK && it->connection->behind_pooler)
        status = fail_pooler(error);
    if (status != TELEAI_OK)
        return status;
    it->sql = listen_sql(it->connection->pg, channels, count);
    if (it->sql == NULL)
        return teleai__fail_memory(error);
    it->phase = ASKING;
    ask(it, it->sql);
    while (it->phase == ASKING) {
        if (!await(it, deadline))
            return teleai__fail(error, TELEAI_CANCELLED, "subscription_open: it was cancelled");
        hear(it);
    }
    if (it->phase == LISTENING)
        return teleai__ok(error);
    if (error != NULL)
        *error = it->failure;
    return it->failure.status;
}

teleai_status teleai_subscription_open(teleai_client *client, const char *const *channels, size_t count,
                                       teleai_subscription **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("subscription", error);
    *out = NULL;
    teleai_status status = check_open(client, channels, count, error);
    if (status != TELEAI_OK)
        return status;
    teleai_subscription *it = calloc(1, sizeof *it);
    if (it == NULL)
        return teleai__fail_memory(error);
    it->backoff = TELEAI__RESEND_BACKOFF;
    it->client = teleai__client_derive(client);
    if (it->client == NULL) {
        free(it);
        return teleai__fail_memory(error);
    }
    status = listen_first(it, channels, count, error);
    if (status != TELEAI_OK) {
        teleai_subscription_close(it);
        return status;
    }
    *out = it;
    return TELEAI_OK;
}

/* Makes the record, of the gap before that of what was heard behind it. */
static teleai_status give(teleai_subscription *it, teleai_notification **out, teleai_error *error) {
    teleai_notification *made = teleai__arena_make(sizeof *made, 0);
    if (made == NULL)
        return teleai__fail_memory(error);
    if (it->missed) {
        made->may_have_missed = true;
        it->missed = false;
    } else {
        made->channel = it->heard->relname;
        made->payload = it->heard->extra;
        teleai__arena_keep(teleai__arena_of(made), it->heard, PQfreemem);
        it->heard = NULL;
    }
    *out = made;
    return teleai__ok(error);
}

static teleai_status fail_nothing(const teleai_subscription *it, teleai_error *error) {
    teleai_status status = TELEAI_TIMEOUT;
    if (it->phase == LISTENING) {
        teleai__fail(error, status, "subscription_next: nothing was said within timeout_ms");
    } else {
        status = it->failure.status == TELEAI_OUT_OF_MEMORY ? TELEAI_OUT_OF_MEMORY : TELEAI_UNAVAILABLE;
        teleai__fail(error, status, "subscription_next: no connection at present, call again (%s)",
                     it->failure.message);
    }
    if (error == NULL)
        return status;
    error->flags = TELEAI_ERROR_RETRYABLE;
    if (it->phase != LISTENING)
        memcpy(error->sqlstate, it->failure.sqlstate, sizeof error->sqlstate);
    return status;
}

teleai_status teleai_subscription_next(teleai_subscription *it, int32_t timeout_ms, teleai_notification **out,
                                       teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("notification", error);
    *out = NULL;
    if (it == NULL)
        return teleai__fail(error, TELEAI_CLOSED,
                            "the subscription is NULL: it was never opened, or is closed already");
    if (timeout_ms < -1)
        return teleai__fail_field(error, "timeout_ms", "timeout_ms is %" PRId32 "; -1 or more was expected",
                                  timeout_ms);
    teleai__deadline deadline = teleai__deadline_until(&it->client->core->settings.interrupt, timeout_ms);
    if (timeout_ms < 0)
        deadline.at_us = INT64_MAX;
    for (;;) {
        teleai_status status = teleai__client_check(it->client, error);
        if (status != TELEAI_OK)
            return status;
        if (it->heard == NULL)
            step(it);
        if (it->heard != NULL || (it->missed && it->phase == LISTENING))
            return give(it, out, error);
        if (teleai__deadline_left_ms(deadline) == 0)
            return fail_nothing(it, error);
        if (!await(it, deadline))
            return teleai__fail(error, TELEAI_CANCELLED, "subscription_next: it was cancelled; call again to go on");
    }
}

int32_t teleai_subscription_socket(const teleai_subscription *it) {
    if (it == NULL || it->phase == PAUSING || teleai__client_check(it->client, NULL) != TELEAI_OK)
        return -1;
    if (it->phase != OPENING)
        return PQsocket(it->connection->pg);
    return teleai__opening_events(it->opening) & POLLIN ? teleai__opening_socket(it->opening) : -1;
}

void teleai_subscription_close(teleai_subscription *it) {
    if (it == NULL)
        return;
    bool abandon = !teleai__fork_mark_is_mine(&it->client->core->process);
    teleai__opening_drop(it->opening, abandon);
    if (abandon)
        teleai__connection_abandon(it->connection);
    else
        teleai__connection_close(it->connection);
    PQfreemem(it->heard);
    free(it->sql);
    teleai__client_drop(it->client);
    free(it);
}

void teleai_notification_free(teleai_notification *notification) { teleai__arena_free(notification); }

/* ---- saying something ---- */

teleai_status teleai_notify(teleai_client *client, const char *channel, const char *payload, teleai_error *error) {
    static const char sql[] = "select pg_catalog.pg_notify($1, $2)";
    if (payload == NULL)
        payload = "";
    teleai_status status = check_text("channel", channel, 1, LONGEST_CHANNEL, error);
    if (status == TELEAI_OK)
        status = check_text("payload", payload, 0, LONGEST_PAYLOAD, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_text(channel, strlen(channel)), TELEAI__OID_TEXT);
    teleai__params_add(&params, teleai__value_text(payload, strlen(payload)), TELEAI__OID_TEXT);
    teleai__operation operation = {
        .statement = {.key = sql, .name = "notify", .sql = sql, .writes = true},
        .params = &params,
        .decode = teleai__decode_nothing,
    };
    return teleai__run(client, &operation, error);
}
