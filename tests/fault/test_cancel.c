/* Calls that are stopped, by their deadline or by somebody: the server stops too, and the connection lives. */
#include <libpq-fe.h>
#include <pthread.h>

#include "check.h"
#include "harness.h"

static teleai_client *client;
static teleai_uuid user;
static PGconn *raw;

#define WAITING                                                                                                 \
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and " \
    "wait_event_type = 'Lock'"

static void open_with(int32_t connections, int32_t timeout_ms) {
    teleai_error error;
    teleai_options options = {.struct_size = sizeof options,
                              .max_connections = connections,
                              .timeout_ms = timeout_ms,
                              .password_memory_kib = 19456};
    GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK);
    harness_sql("delete from users");
    harness_user(client, &user);
    PQclear(PQexec(raw, "begin; lock table users"));
}

static void let_go(void) { PQclear(PQexec(raw, "rollback")); }

static teleai_pool_stats stats(void) {
    teleai_pool_stats now;
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &now, &error), TELEAI_OK);
    return now;
}

/* ---- deadlines ---- */

static void a_late_read_is_stopped_and_keeps_its_connection(void) {
    open_with(2, 400);
    teleai_error error;
    int64_t discarded = stats().discarded;
    for (int i = 0; i < 3; i++) {
        int64_t start = check_now_ms();
        GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_TIMEOUT);
        int64_t took = check_now_ms() - start;
        CHECK(took >= 350 && took < 10400, "%d ms", (int)took);
        CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
        CHECK(strcmp(harness_sql(WAITING), "0") == 0, "a query outlived its caller");
    }
    CHECK(stats().discarded == discarded, "%d discarded", (int)(stats().discarded - discarded));
    let_go();
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    teleai_close(client);
}

/* A scope's deadline is shorter than the session's limit: the server is told all the same. */
static void a_scopes_deadline_is_the_servers_too(void) {
    open_with(2, 30000);
    teleai_error error;
    teleai_client *scope;
    teleai_scope_options options = {.struct_size = sizeof options, .timeout_ms = 300};
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_OK);
    teleai_user_input name = {.struct_size = sizeof name, .full_name = "Changed"};
    GIVES(teleai_user_update(scope, &user, &name, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_TIMEOUT);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "%s: it was stopped, so it has not happened", error.message);
    CHECK(harness_becomes("0", WAITING), "a query outlived its caller");
    options = (teleai_scope_options){.struct_size = sizeof options, .total_ms = 500};
    teleai_close(scope);
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_OK);
    int64_t start = check_now_ms();
    for (int i = 0; i < 5; i++)
        GIVES(teleai_user_get(scope, &user, NULL, &error), TELEAI_TIMEOUT);
    CHECK(check_now_ms() - start >= 400 && check_now_ms() - start < 10500, "%d ms for all",
          (int)(check_now_ms() - start));
    let_go();
    teleai_close(scope);
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    CHECK(strcmp(harness_sql("select full_name from users"), "Changed") != 0, "it happened after all");
    teleai_close(client);
}

/* ---- cancelling ---- */

typedef struct call {
    pthread_t thread;
    teleai_client *on;
    bool flushes;
    teleai_status status;
    teleai_error error, of_it;
    teleai_user *found;
} call;

static void *run(void *given) {
    call *it = given;
    if (it->flushes) {
        teleai_user_get(it->on, &user, &it->found, &it->of_it);
        it->status = teleai_batch_flush(it->on, &it->error);
    } else {
        it->status = teleai_user_get(it->on, &user, &it->found, &it->error);
    }
    return NULL;
}

static void start(call *it, teleai_client *on, bool flushes) {
    *it = (call){.on = on, .flushes = flushes};
    pthread_create(&it->thread, NULL, run, it);
}

static void expect(call *it, teleai_status expected) {
    pthread_join(it->thread, NULL);
    CHECK(it->status == expected, "%s: %s", teleai_status_name(it->status), it->error.message);
    CHECK((it->found != NULL) == (expected == TELEAI_OK), "a record");
    teleai_user_free(it->found);
}

static bool waiting(const char *count) { return harness_becomes(count, WAITING); }

static void a_root_cancels_everything(void) {
    open_with(2, 30000);
    teleai_error error;
    call calls[4];
    for (int i = 0; i < 4; i++) /* two run; two stand in the line, or ride */
        start(&calls[i], client, false);
    CHECK(waiting("2"), "%s wait", harness_sql(WAITING));
    check_pause_ms(200);
    GIVES(teleai_cancel(client, &error), TELEAI_OK);
    for (int i = 0; i < 4; i++)
        expect(&calls[i], TELEAI_CANCELLED);
    CHECK(waiting("0"), "the server works on");
    let_go();
    PQclear(PQexec(raw, "begin; lock table users"));
    call two[2];
    for (int i = 0; i < 2; i++)
        start(&two[i], client, false);
    CHECK(waiting("2"), "%s wait", harness_sql(WAITING));
    int64_t discarded = stats().discarded;
    GIVES(teleai_cancel(client, &error), TELEAI_OK);
    for (int i = 0; i < 2; i++)
        expect(&two[i], TELEAI_CANCELLED);
    CHECK(stats().discarded == discarded, "a connection was thrown away");
    let_go();
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    GIVES(teleai_cancel(client, &error), TELEAI_OK); /* nothing to do */
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    teleai_close(client);
}

static void others_cancel_their_own(void) {
    open_with(5, 30000);
    teleai_error error;
    teleai_client *scope, *other, *transaction, *batch;
    teleai_scope_options options = {.struct_size = sizeof options, .timeout_ms = 30000};
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_OK);
    GIVES(teleai_scope_open(client, &options, &other, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    call calls[4];
    start(&calls[0], scope, false);
    start(&calls[1], other, false);
    start(&calls[2], transaction, false);
    start(&calls[3], batch, true);
    CHECK(waiting("4"), "%s wait", harness_sql(WAITING));
    GIVES(teleai_cancel(scope, &error), TELEAI_OK);
    expect(&calls[0], TELEAI_CANCELLED);
    CHECK(waiting("3"), "%s wait", harness_sql(WAITING));
    GIVES(teleai_cancel(transaction, &error), TELEAI_OK);
    expect(&calls[2], TELEAI_CANCELLED);
    CHECK(waiting("2"), "%s wait", harness_sql(WAITING));
    GIVES(teleai_user_get(transaction, &user, NULL, &error), TELEAI_ABORTED);
    GIVES(teleai_transaction_rollback(transaction, &error), TELEAI_OK);
    GIVES(teleai_cancel(batch, &error), TELEAI_OK);
    expect(&calls[3], TELEAI_CANCELLED);
    CHECK(calls[3].of_it.status == TELEAI_CANCELLED, "%s", calls[3].of_it.message);
    CHECK(waiting("1"), "%s wait", harness_sql(WAITING));
    let_go();
    expect(&calls[1], TELEAI_OK);
    teleai_close(transaction);
    teleai_close(batch);
    teleai_close(scope);
    teleai_close(other);
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    teleai_close(client);
}

/* Again and again, while others work: nobody else is hit, nothing hangs. */
static _Atomic bool working;

static void *work(void *unused) {
    (void)unused;
    while (working) {
        teleai_error error;
        GIVES(teleai_ping(client, &error), TELEAI_OK);
    }
    return NULL;
}

static void nobody_else_is_hit(void) {
    open_with(4, 30000);
    let_go();
    teleai_error error;
    teleai_client *scope;
    GIVES(teleai_scope_open(client, NULL, &scope, &error), TELEAI_OK);
    pthread_t workers[3];
    working = true;
    for (int i = 0; i < 3; i++)
        pthread_create(&workers[i], NULL, work, NULL);
    for (int i = 0; i < 40; i++) {
        call one;
        start(&one, scope, false);
        GIVES(teleai_cancel(scope, &error), TELEAI_OK);
        pthread_join(one.thread, NULL);
        CHECK(one.status == TELEAI_OK || one.status == TELEAI_CANCELLED, "%s", one.error.message);
        teleai_user_free(one.found);
    }
    working = false;
    for (int i = 0; i < 3; i++)
        pthread_join(workers[i], NULL);
    teleai_close(scope);
    teleai_close(client);
}

int main(void) {
    if (!harness_has_server())
        return 77;
    raw = harness_connect();
    a_late_read_is_stopped_and_keeps_its_connection();
    a_scopes_deadline_is_the_servers_too();
    a_root_cancels_everything();
    others_cancel_their_own();
    nobody_else_is_hit();
    PQfinish(raw);
    harness_drop();
    return check_failures > 0;
}
