/* A server that stops, dies, comes back, hangs: every answer is true, and the client works on when it can. */
#include <pthread.h>

#include "own_server.h"

/* Opens so many connections, which then rest. */
static void fill_pool(teleai_client *client, int count) {
    teleai_client *transactions[16];
    teleai_error error;
    for (int i = 0; i < count; i++)
        GIVES(teleai_transaction_begin(client, NULL, &transactions[i], &error), TELEAI_OK);
    for (int i = 0; i < count; i++)
        teleai_close(transactions[i]);
}

static teleai_status count_users(teleai_client *client, teleai_error *error) {
    int64_t count = 0;
    return teleai_user_count(client, NULL, &count, error);
}

static teleai_status add_user(teleai_client *client, teleai_uuid *id, teleai_error *error) {
    static _Atomic int number;
    char email[64];
    snprintf(email, sizeof email, "user%d@example.org", ++number);
    teleai_uuid_make(id);
    teleai_user_input input = {.struct_size = sizeof input, .id = id, .email = email, .full_name = "Somebody"};
    return teleai_user_create(client, &input, NULL, error);
}

static bool is_there(PGconn *raw, const teleai_uuid *id) {
    char text[TELEAI_UUID_TEXT_BYTES], sql[100];
    teleai_uuid_format(id, text);
    snprintf(sql, sizeof sql, "select from users where id = '%s'", text);
    PGresult *result = PQexec(raw, sql);
    bool there = PQntuples(result) == 1;
    PQclear(result);
    return there;
}

/* Writes, remembering what it was told of each. */
typedef struct told {
    int count, fine, unknown, refused;
    teleai_uuid ids[20000];
    teleai_status statuses[20000];
    uint32_t flags[20000];
} told;

static void write_once(teleai_client *client, told *all) {
    teleai_error error;
    int i = all->count++;
    all->statuses[i] = add_user(client, &all->ids[i], &error);
    all->flags[i] = error.flags;
    CHECK(all->statuses[i] == TELEAI_OK || all->statuses[i] == TELEAI_UNAVAILABLE, "%s: %s",
          teleai_status_name(all->statuses[i]), error.message);
    CHECK(error.flags != (TELEAI_ERROR_OUTCOME_UNKNOWN | TELEAI_ERROR_RETRYABLE),
          "to be tried again, but it may have happened");
}

/* What was OK is there; what failed without doubt is not. */
static void check_told(told *all) {
    int64_t rows = 0;
    PGconn *raw = harness_connect();
    for (int i = 0; i < all->count; i++) {
        bool there = is_there(raw, &all->ids[i]), doubt = (all->flags[i] & TELEAI_ERROR_OUTCOME_UNKNOWN) != 0;
        rows += there;
        all->fine += all->statuses[i] == TELEAI_OK;
        all->unknown += doubt;
        all->refused += all->statuses[i] != TELEAI_OK && !doubt;
        if (all->statuses[i] == TELEAI_OK)
            CHECK(there, "write %d was confirmed and is not there", i);
        else if (!doubt)
            CHECK(!there, "write %d was refused and is there", i);
    }
    PQfinish(raw);
    CHECK(rows == atoi(harness_sql("select count(*) from users")), "%d rows", (int)rows);
    printf("  %d writes: %d fine, %d of unknown outcome, %d refused\n", all->count, all->fine, all->unknown,
           all->refused);
}

/* ---- stopped and started ---- */

static void a_restart_between_calls(const char *mode) {
    teleai_client *client = server_open(4, 10000);
    teleai_error error;
    static told all;
    memset(&all, 0, sizeof all);
    harness_sql("delete from users");
    fill_pool(client, 4);
    server_stop(mode);
    for (int i = 0; i < 5; i++) {
        GIVES(count_users(client, &error), TELEAI_UNAVAILABLE);
        CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
        write_once(client, &all);
    }
    teleai_client *none;
    GIVES(teleai_open(harness_database(), NULL, &none, &error), TELEAI_UNAVAILABLE);
    server_start("");
    GIVES(count_users(client, &error), TELEAI_OK);

    fill_pool(client, 4);
    server_stop(mode);
    server_start("");
    for (int i = 0; i < 8; i++) /* four connections rest that the server knows no more */
        GIVES(count_users(client, &error), TELEAI_OK);
    fill_pool(client, 4);
    server_stop(mode);
    server_start("");
    for (int i = 0; i < 8; i++)
        write_once(client, &all);
    check_told(&all);
    CHECK(all.fine >= 8, "%d of 8 writes went well", all.fine);
    teleai_pool_stats stats;
    GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
    CHECK(stats.discarded >= 4 && stats.open_failures >= 3 && stats.open_connections == stats.idle_connections,
          "discarded %lld", (long long)stats.discarded);
    teleai_close(client);
}

/* ---- killed during a call ---- */

static teleai_client *client;
static teleai_uuid user;
static teleai_error call_error;
static teleai_status call_status;

static void *update_user(void *unused) {
    (void)unused;
    teleai_user_input name = {.struct_size = sizeof name, .full_name = "Changed"};
    call_status = teleai_user_update(client, &user, &name, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &call_error);
    return NULL;
}

static void *read_users(void *unused) {
    (void)unused;
    call_status = count_users(client, &call_error);
    return NULL;
}

/* Lets a call of another thread wait for a lock that `lock` takes, then kills the session that it waits in. */
static void kill_in_call(const char *lock, void *(*call)(void *), bool whole_server) {
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, lock));
    pthread_t thread;
    pthread_create(&thread, NULL, call, NULL);
    pid_t waiter = server_await_lock_waiter();
    if (whole_server)
        server_shell("server=$(head -1 \"$place/cluster/postmaster.pid\"); kill -9 \"$server\" $(cat "
                     "/proc/$server/task/$server/children)");
    else if (waiter != 0)
        kill(waiter, SIGKILL);
    pthread_join(thread, NULL);
    /* The server ends all sessions once it has noticed; before, it would still let us in. */
    for (int i = 0; i < 2000 && waiter != 0 && PQstatus(raw) == CONNECTION_OK; i++) {
        PQclear(PQexec(raw, "select 1"));
        check_pause_ms(5);
    }
    PQfinish(raw);
    if (whole_server) {
        check_pause_ms(200);
        /* In containers whose init leaves zombies the dead still seem to hold their locks. */
        server_shell("rm -f \"$place/cluster/postmaster.pid\" \"$place\"/.s.PGSQL.*.lock");
        server_start("");
    }
    server_await();
}

static void a_session_killed_during_a_call(bool whole_server) {
    teleai_error error;
    client = server_open(2, 10000);
    harness_sql("delete from users");
    GIVES(add_user(client, &user, &error), TELEAI_OK);
    kill_in_call("begin; select * from users for update", update_user, whole_server);
    CHECK(call_status == TELEAI_UNAVAILABLE && call_error.flags == TELEAI_ERROR_OUTCOME_UNKNOWN, "%s, flags %u: %s",
          teleai_status_name(call_status), call_error.flags, call_error.message);
    CHECK(strcmp(harness_sql("select full_name from users"), "Somebody") == 0, "it happened");
    GIVES(count_users(client, &error), TELEAI_OK);

    kill_in_call("begin; lock table users", read_users, whole_server);
    CHECK(call_status == TELEAI_OK || (call_status == TELEAI_UNAVAILABLE && call_error.flags == TELEAI_ERROR_RETRYABLE),
          "%s, flags %u: %s", teleai_status_name(call_status), call_error.flags, call_error.message);
    GIVES(count_users(client, &error), TELEAI_OK);
    teleai_close(client);
}

static void a_read_whose_session_is_ended_is_sent_again(void) {
    teleai_error error;
    client = server_open(2, 10000);
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; lock table users"));
    pthread_t thread;
    pthread_create(&thread, NULL, read_users, NULL);
    pid_t waiter = server_await_lock_waiter();
    harness_sql("select pg_terminate_backend(%d)", (int)waiter);
    check_pause_ms(200);
    PQfinish(raw);
    pthread_join(thread, NULL);
    CHECK(call_status == TELEAI_OK, "%s: %s", teleai_status_name(call_status), call_error.message);
    teleai_close(client);
    (void)error;
}

/* ---- writing while sessions die ---- */

static _Atomic bool writing;
static told written;

static void *keep_writing(void *unused) {
    (void)unused;
    while (writing && written.count < 19990) {
        write_once(client, &written);
        if (written.statuses[written.count - 1] != TELEAI_OK)
            check_pause_ms(1);
    }
    return NULL;
}

static void writes_while_sessions_and_servers_die(void) {
    client = server_open(3, 10000);
    harness_sql("delete from users");
    writing = true;
    pthread_t thread;
    pthread_create(&thread, NULL, keep_writing, NULL);
    teleai_error error;
    teleai_pool_stats stats = {0};
    for (int i = 0; i < 40 || (i < 4000 && stats.discarded <= 10); i++) {
        GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
        harness_sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'teleai' "
                    "and datname = "
                    "current_database()");
        check_pause_ms(i % 7);
    }
    for (int i = 0; i < 2; i++) {
        server_stop("immediate");
        server_start("");
        check_pause_ms(100);
    }
    writing = false;
    pthread_join(thread, NULL);
    check_told(&written);
    GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
    CHECK(written.fine > 0 && stats.discarded > 10, "nothing was put to the test");
    CHECK(written.unknown == 0, "%d of unknown outcome: a create is to be sent again", written.unknown);
    teleai_close(client);
}

/* ---- too slow ---- */

static void a_call_that_takes_too_long(void) {
    teleai_error error;
    teleai_client *transaction;
    client = server_open(2, 1000);
    harness_sql("delete from users");
    GIVES(add_user(client, &user, &error), TELEAI_OK);
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; select * from users for update"));

    int64_t start = check_now_ms();
    update_user(NULL);
    int64_t took = check_now_ms() - start;
    CHECK(call_status == TELEAI_TIMEOUT && took >= 900 && took < 10000, "%s after %d ms",
          teleai_status_name(call_status), (int)took);
    CHECK(call_error.flags == TELEAI_ERROR_OUTCOME_UNKNOWN || strcmp(call_error.sqlstate, "57014") == 0, "flags %u",
          call_error.flags);
    teleai_user *read;
    GIVES(teleai_user_get(client, &user, &read, &error), TELEAI_OK); /* not the late answer of the update */
    CHECK(read != NULL && strcmp(read->full_name, "Somebody") == 0, "wrong answer");
    teleai_user_free(read);

    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    teleai_user_input name = {.struct_size = sizeof name, .full_name = "Changed"};
    GIVES(teleai_user_update(transaction, &user, &name, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error),
          TELEAI_TIMEOUT);
    GIVES(count_users(transaction, &error), TELEAI_ABORTED);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_ABORTED);
    teleai_close(transaction);
    CHECK(harness_becomes("0", "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"),
          "the server works on");
    PQclear(PQexec(raw, "rollback"));
    CHECK(strcmp(harness_sql("select full_name from users"), "Somebody") == 0, "it happened after all");

    PQclear(PQexec(raw, "begin; lock table users"));
    start = check_now_ms();
    GIVES(count_users(client, &error), TELEAI_TIMEOUT);
    took = check_now_ms() - start;
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE && took < 10000, "flags %u after %d ms", error.flags, (int)took);
    PQfinish(raw);
    GIVES(count_users(client, &error), TELEAI_OK);
    teleai_close(client);
}

/* Its process is stopped: it neither answers nor closes. */
static void a_session_that_hangs(void) {
    teleai_error error;
    client = server_open(1, 1000);
    int pid = atoi(harness_sql(
        "select pid from pg_stat_activity where application_name = 'teleai' and datname = current_database()"));
    CHECK(kill(pid, SIGSTOP) == 0, "no such session");
    int64_t start = check_now_ms();
    GIVES(count_users(client, &error), TELEAI_TIMEOUT);
    CHECK(check_now_ms() - start < 10000, "after %d ms", (int)(check_now_ms() - start));
    GIVES(count_users(client, &error), TELEAI_OK);
    kill(pid, SIGCONT);
    teleai_close(client);
}

int main(void) {
    server_make();
    harness_database();
    setvbuf(stdout, NULL, _IOLBF, 0);
    a_restart_between_calls("fast");
    a_restart_between_calls("immediate");
    a_session_killed_during_a_call(false);
    a_session_killed_during_a_call(true);
    a_read_whose_session_is_ended_is_sent_again();
    writes_while_sessions_and_servers_die();
    a_call_that_takes_too_long();
    a_session_that_hangs();
    server_remove();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
