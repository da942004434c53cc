/* The pool: how long connections live, how many calls may wait, and what happens when the server refuses. */
#include <libpq-fe.h>
#include <pthread.h>

#include "check.h"
#include "harness.h"

static teleai_client *client;

static void open_with(teleai_options options) {
    teleai_error error;
    options.struct_size = sizeof options;
    GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK);
}

static teleai_pool_stats stats(void) {
    teleai_pool_stats now;
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &now, &error), TELEAI_OK);
    return now;
}

static void ping(teleai_status expected) {
    teleai_error error;
    GIVES(teleai_ping(client, &error), expected);
}

static void open_connections(int count) {
    teleai_client *transactions[8];
    teleai_error error;
    for (int i = 0; i < count; i++)
        GIVES(teleai_transaction_begin(client, NULL, &transactions[i], &error), TELEAI_OK);
    for (int i = 0; i < count; i++)
        teleai_close(transactions[i]);
}

static void an_old_connection_is_replaced(void) {
    open_with((teleai_options){.max_lifetime_ms = 200});
    int64_t before = stats().opened;
    ping(TELEAI_OK);
    check_pause_ms(300);
    ping(TELEAI_OK);
    CHECK(stats().opened == before + 1 && stats().open_connections == 1, "%d opened", (int)stats().opened);
    CHECK(stats().retired == 1 && stats().discarded == 0, "%d retired", (int)stats().retired);
    teleai_close(client);
}

static void resting_connections_are_closed_down_to_the_least(void) {
    open_with((teleai_options){.max_connections = 6, .min_connections = 2, .idle_timeout_ms = 100});
    open_connections(6);
    check_pause_ms(200);
    for (int i = 0; i < 10; i++)
        ping(TELEAI_OK);
    CHECK(stats().open_connections == 2, "%d are open", (int)stats().open_connections);
    CHECK(stats().retired == stats().opened - 2 && stats().discarded == 0, "%d retired", (int)stats().retired);
    teleai_close(client);

    open_with((teleai_options){.max_connections = 6, .idle_timeout_ms = -1, .max_lifetime_ms = -1});
    open_connections(6);
    check_pause_ms(200);
    for (int i = 0; i < 10; i++)
        ping(TELEAI_OK);
    CHECK(stats().open_connections == 6, "%d are open", (int)stats().open_connections);
    teleai_close(client);
}

static void *wait_for_a_connection(void *unused) {
    (void)unused;
    ping(TELEAI_OK);
    return NULL;
}

static void too_many_waiting_calls_fail_at_once(void) {
    open_with((teleai_options){.max_connections = 1, .max_waiting = 2});
    teleai_client *transaction;
    teleai_error error;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, wait_for_a_connection, NULL);
    while (stats().waiting_calls < 2)
        check_pause_ms(5);
    int64_t start = check_now_ms();
    GIVES(teleai_ping(client, &error), TELEAI_UNAVAILABLE);
    CHECK(check_now_ms() - start < 10000, "it waited");
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE && strstr(error.message, "2 calls wait") != NULL &&
              strstr(error.message, "held by transaction") != NULL,
          "%s", error.message);
    teleai_close(transaction);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    teleai_close(client);
}

/* ---- a primary that turns read-only, and a new one: here the same server, for sessions that begin later ---- */

static void turn(bool read_only) {
    PGconn *raw = harness_connect();
    char sql[200];
    PQclear(PQexec(raw, "set default_transaction_read_only = off"));
    snprintf(sql, sizeof sql, "alter database %s set default_transaction_read_only = %s", PQdb(raw),
             read_only ? "on" : "off");
    PQclear(PQexec(raw, sql));
    PQfinish(raw);
}

static teleai_status create(teleai_client *on, const char *email, teleai_error *error) {
    teleai_user_input input = {.struct_size = sizeof input, .email = email, .full_name = "Ann"};
    return teleai_user_create(on, &input, NULL, error);
}

/* As a call of its own, in a scope, and in a batch, where other groups are in flight behind it. */
static teleai_status create_in(int way, const char *email, teleai_error *error) {
    teleai_scope_options acts = {.struct_size = sizeof acts, .timeout_ms = 5000};
    teleai_client *on = client;
    teleai_error made, after;
    if (way == 1)
        CHECK(teleai_scope_open(client, &acts, &on, error) == TELEAI_OK, "%s", error->message);
    if (way == 2)
        CHECK(teleai_batch_open(client, NULL, &on, error) == TELEAI_OK, "%s", error->message);
    teleai_status status = create(on, email, way == 2 ? &made : error);
    if (way == 2) {
        for (int i = 0; i < 3; i++)
            teleai_ping(on, &after);
        teleai_batch_flush(on, &after);
        *error = made;
        status = made.status;
    }
    if (way != 0)
        teleai_close(on);
    return status;
}

static void a_server_that_became_read_only_is_let_go(void) {
    teleai_error error;
    for (int way = 0; way < 3; way++) {
        char emails[5][40];
        for (int i = 0; i < 5; i++)
            snprintf(emails[i], sizeof emails[i], "ann%d_%d@example.org", way, i);
        turn(true);
        open_with((teleai_options){.max_connections = 3});
        open_connections(3);
        GIVES(create_in(way, emails[0], &error), TELEAI_PERMISSION_DENIED);
        CHECK(strcmp(error.sqlstate, "25006") == 0, "%s", error.message);
        open_connections(3);
        turn(false);
        GIVES(create_in(way, emails[0], &error), TELEAI_OK);
        int64_t opened = stats().opened;
        for (int i = 1; i < 5; i++) /* none of the other old ones is left */
            GIVES(create_in(way, emails[i], &error), TELEAI_OK);
        CHECK(stats().opened <= opened + 2, "%d opened", (int)(stats().opened - opened));
        teleai_close(client);
    }
}

/* A server that refuses is asked ever less often, and callers hear why. */
static void a_server_that_refuses_is_not_stormed(void) {
    open_with((teleai_options){.max_connections = 2});
    char database[64], sql[700];
    snprintf(database, sizeof database, "%s", harness_sql("select current_database()"));
    snprintf(sql, sizeof sql, "%s dbname=postgres", harness_database());
    PGconn *raw = PQconnectdb(sql);
    snprintf(sql, sizeof sql, "alter database %s allow_connections false", database);
    PQclear(PQexec(raw, sql));
    snprintf(sql, sizeof sql, "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'", database);
    PQclear(PQexec(raw, sql));
    teleai_error error;
    int64_t start = check_now_ms();
    for (int i = 0; i < 1000; i++)
        CHECK(teleai_ping(client, &error) == TELEAI_UNAVAILABLE, "%s", error.message);
    int64_t took = check_now_ms() - start;
    CHECK(stats().open_failures <= 5 + took / 70, "%d attempts in %d ms", (int)stats().open_failures, (int)took);
    CHECK(strstr(error.message, "not currently accepting connections") != NULL, "%s", error.message);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
    snprintf(sql, sizeof sql, "alter database %s allow_connections true", database);
    PQclear(PQexec(raw, sql));
    PQfinish(raw);
    teleai_status status = TELEAI_UNAVAILABLE;
    for (int i = 0; i < 1000 && status != TELEAI_OK; i++) {
        status = teleai_ping(client, &error);
        check_pause_ms(10);
    }
    CHECK(status == TELEAI_OK, "%s", error.message);
    teleai_close(client);
}

static void wrong_options_are_refused(void) {
    const teleai_options wrong[] = {
        {.struct_size = sizeof *wrong, .max_connections = 2, .min_connections = 3},
        {.struct_size = sizeof *wrong, .max_waiting = -1},
        {.struct_size = sizeof *wrong, .idle_timeout_ms = -2},
        {.struct_size = sizeof *wrong, .max_lifetime_ms = -2},
    };
    const char *const fields[] = {"min_connections", "max_waiting", "idle_timeout_ms", "max_lifetime_ms"};
    for (int i = 0; i < 4; i++) {
        teleai_error error;
        GIVES(teleai_open(harness_database(), &wrong[i], &client, &error), TELEAI_INVALID_ARGUMENT);
        CHECK(strcmp(error.field, fields[i]) == 0, "%s", error.field);
    }
}

int main(void) {
    if (!harness_has_server())
        return 77;
    setvbuf(stdout, NULL, _IOLBF, 0);
    an_old_connection_is_replaced();
    resting_connections_are_closed_down_to_the_least();
    too_many_waiting_calls_fail_at_once();
    a_server_that_became_read_only_is_let_go();
    a_server_that_refuses_is_not_stormed();
    wrong_options_are_refused();
    harness_drop();
    printf("%d failures\n", (int)check_failures);
    return check_failures > 0;
}
