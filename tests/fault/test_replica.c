/* A primary and a standby that follows it: reads go to the replica while it is near, everything else to the primary, and
 * after a failover to the new one. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "own_server.h"

static char primary[400], standby[400]; /* connection strings */
static char place[200];                 /* where the primary's socket is; the standby's is in "b" there */

/* ---- the standby ---- */

static void start_standby(void) {
    CHECK(server_shell("as_owner \"$bindir/pg_ctl\" -D \"$place/standby\" -l \"$place/standby.log\" -w -t 60 start "
                       ">/dev/null || { tail -n 8 \"$place/standby.log\"; false; }") == 0,
          "start");
}

static void make_standby(void) {
    snprintf(primary, sizeof primary, "%s", harness_database());
    if (sscanf(primary, "host=%199s", place) != 1)
        abort();
    snprintf(standby, sizeof standby, "host=%s/b %s", place, strchr(primary, ' ') + 1);
    CHECK(server_shell("as_owner mkdir \"$place/b\" && as_owner \"$bindir/pg_basebackup\" -h \"$place\" -U teleai -D "
                       "\"$place/standby\" -R -X stream -c fast && echo \"unix_socket_directories = '$place/b'\" "
                       ">>\"$place/standby/postgresql.conf\"") == 0,
          "no copy of the primary");
    start_standby();
}

/* STOP or CONT for all processes of the standby; one of a connection that ends just now may be gone already. */
static void signal_standby(const char *name) {
    CHECK(server_shell("server=$(head -1 \"$place/standby/postmaster.pid\"); kill -%s $server || exit 1; "
                       "for each in $(cat /proc/$server/task/$server/children); do kill -%s $each || true; done",
                       name, name) == 0,
          "no such processes");
}

/* Waits until the standby says yes to this. */
__attribute__((format(printf, 1, 2))) static void await_standby(const char *format, ...) {
    char condition[300], sql[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(condition, sizeof condition, format, arguments);
    va_end(arguments);
    snprintf(sql, sizeof sql, "select %s", condition);
    PGconn *raw = PQconnectdb(standby);
    bool good = false;
    for (int i = 0; i < 1000 && !good; i++) {
        PGresult *result = PQexec(raw, sql);
        good = PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';
        PQclear(result);
        if (!good)
            check_pause_ms(20);
    }
    CHECK(good, "%s: %s", condition, PQerrorMessage(raw));
    PQfinish(raw);
}

static void await_all_replayed(void) {
    await_standby("pg_last_wal_replay_lsn() >= '%s'", harness_sql("select pg_current_wal_lsn()"));
}

static void pause_replay(void) {
    await_all_replayed();
    await_standby("pg_wal_replay_pause() is not null");
    /* Before 14 the standby does not tell when it has paused; it has replayed all that there is. */
    PGconn *raw = PQconnectdb(standby);
    bool tells = PQserverVersion(raw) >= 140000;
    PQfinish(raw);
    await_standby(tells ? "pg_get_wal_replay_pause_state() = 'paused'" : "pg_is_wal_replay_paused()");
}

/* What was written last has come, and waits there. */
static void await_lag(void) {
    await_standby("pg_last_wal_receive_lsn() >= '%s' and pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()",
                  harness_sql("select pg_current_wal_lsn()"));
    check_pause_ms(100);
}

static void resume_replay(void) {
    await_standby("pg_wal_replay_resume() is not null");
    await_all_replayed();
}

/* ---- clients ---- */

static teleai_client *client;
static teleai_uuid user;

static void open_at(const char *connection, const char *replica, int32_t timeout_ms) {
    teleai_options options = {
        .struct_size = sizeof options, .max_connections = 3, .timeout_ms = timeout_ms, .replica_connection = replica};
    teleai_error error;
    if (!GIVES(teleai_open(connection, &options, &client, &error), TELEAI_OK)) {
        server_remove();
        exit(1);
    }
}

static teleai_client *open_scope(int32_t max_lag_ms) {
    teleai_scope_options options = {
        .struct_size = sizeof options, .read_from = TELEAI_READ_FROM_REPLICA, .max_lag_ms = max_lag_ms};
    teleai_client *scope = NULL;
    teleai_error error;
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_OK);
    return scope;
}

static teleai_status add_user(teleai_client *db, teleai_uuid *id, teleai_error *error) {
    static int number;
    char email[64];
    snprintf(email, sizeof email, "person%d@example.org", ++number);
    teleai_uuid_make(id);
    teleai_user_input input = {.struct_size = sizeof input, .id = id, .email = email, .full_name = "first"};
    return teleai_user_create(db, &input, NULL, error);
}

static void rename_user(teleai_client *db, const char *name) {
    teleai_error error;
    teleai_user_input input = {.struct_size = sizeof input, .full_name = name};
    GIVES(teleai_user_update(db, &user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_OK);
}

static void check_name(teleai_client *db, const char *name, int line) {
    teleai_error error;
    teleai_user *read = NULL;
    check_status(teleai_user_get(db, &user, &read, &error), TELEAI_OK, &error, name, line);
    check_condition(read != NULL && strcmp(read->full_name, name) == 0, name, line, "%s",
                    read == NULL ? "nothing" : read->full_name);
    teleai_user_free(read);
}

#define NAME_IS(db, name) check_name((db), (name), __LINE__)

/* Whether a read went past the primary, whose pool alone is counted. */
static bool reads_elsewhere(teleai_client *db) {
    teleai_error error;
    teleai_pool_stats before = {0}, after = {0};
    GIVES(teleai_pool_stats_get(client, &before, &error), TELEAI_OK);
    GIVES(teleai_user_get(db, &user, NULL, &error), TELEAI_OK);
    GIVES(teleai_pool_stats_get(client, &after, &error), TELEAI_OK);
    return before.statements_run == after.statements_run;
}

static void await_reads_elsewhere(teleai_client *db) {
    bool good = false;
    for (int i = 0; i < 1000 && !(good = reads_elsewhere(db)); i++)
        check_pause_ms(20);
    CHECK(good, "reads stay at the primary");
}

/* ---- reading ---- */

/* While replay pauses, the standby has the old name and the primary the new one. */
static void reads_are_of_the_replica_while_it_is_near(void) {
    teleai_error error;
    open_at(primary, standby, 20000);
    teleai_client *anyhow = open_scope(3600000), *near = open_scope(20), *usual = open_scope(0), *inner, *batch;
    GIVES(add_user(anyhow, &user, &error), TELEAI_OK);
    pause_replay();
    rename_user(anyhow, "second");
    await_lag();
    int64_t count = 0;
    teleai_user *read = NULL;
    teleai_users *list = NULL;
    teleai_uuid newer;
    GIVES(add_user(anyhow, &newer, &error), TELEAI_OK);
    for (int i = 0; i < 3; i++) {
        NAME_IS(anyhow, "first");
        CHECK(reads_elsewhere(anyhow), "not at the standby");
        GIVES(teleai_user_get(anyhow, &newer, NULL, &error), TELEAI_NOT_FOUND);
        GIVES(teleai_user_count(anyhow, NULL, &count, &error), TELEAI_OK);
        CHECK(count == 1, "%d users", (int)count);
        GIVES(teleai_user_list(anyhow, NULL, NULL, &list, &error), TELEAI_OK);
        CHECK(list != NULL && list->count == 1, "another list");
        teleai_users_free(list);

        NAME_IS(near, "second");
        GIVES(teleai_user_get(near, &newer, NULL, &error), TELEAI_OK);
        GIVES(teleai_user_count(near, NULL, &count, &error), TELEAI_OK);
        CHECK(count == 2, "%d users", (int)count);
        NAME_IS(client, "second");
    }
    GIVES(teleai_transaction_begin(anyhow, NULL, &inner, &error), TELEAI_OK);
    NAME_IS(inner, "second");
    rename_user(inner, "third");
    NAME_IS(inner, "third");
    GIVES(teleai_transaction_commit(inner, &error), TELEAI_OK);
    teleai_close(inner);
    GIVES(teleai_batch_open(anyhow, NULL, &batch, &error), TELEAI_OK);
    teleai_error own;
    (void)teleai_user_get(batch, &user, &read, &own);
    GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
    CHECK(read != NULL && strcmp(read->full_name, "third") == 0, "the batch reads elsewhere");
    teleai_user_free(read);
    teleai_close(batch);

    resume_replay();
    NAME_IS(anyhow, "third");
    CHECK(reads_elsewhere(anyhow) && reads_elsewhere(near) && reads_elsewhere(usual), "not at the standby");
    teleai_close(anyhow);
    teleai_close(near);
    teleai_close(usual);
    teleai_close(client);
}

static void a_dead_replica_is_not_noticed(const char *mode) {
    open_at(primary, standby, 10000);
    teleai_client *scope = open_scope(0);
    await_reads_elsewhere(scope);
    CHECK(server_shell("as_owner \"$bindir/pg_ctl\" -D \"$place/standby\" -m %s -w stop >/dev/null", mode) == 0,
          "stop");
    for (int i = 0; i < 6; i++) {
        char name[32];
        snprintf(name, sizeof name, "dead %d", i);
        rename_user(scope, name);
        NAME_IS(scope, name);
    }
    start_standby();
    await_reads_elsewhere(scope);
    teleai_close(scope);
    teleai_close(client);
}

/* It neither answers nor closes: half of the time is spent there at most. */
static void a_replica_that_hangs_is_given_up_in_time(void) {
    open_at(primary, standby, 3000);
    teleai_client *scope = open_scope(0);
    await_reads_elsewhere(scope);
    signal_standby("STOP");
    for (int i = 0; i < 3; i++) /* on the connection that rests, then on new ones */
        NAME_IS(scope, "dead 5");
    signal_standby("CONT");
    await_reads_elsewhere(scope);
    teleai_close(scope);
    teleai_close(client);
}

/* No time is spent on telling it to stop. A busy machine may be late, but not always. */
static void a_short_call_does_not_linger_at_a_replica_that_hangs(void) {
    open_at(primary, standby, 20000);
    teleai_error error;
    teleai_scope_options options = {
        .struct_size = sizeof options, .read_from = TELEAI_READ_FROM_REPLICA, .timeout_ms = 200};
    teleai_client *scope = open_scope(0), *brief;
    GIVES(teleai_scope_open(client, &options, &brief, &error), TELEAI_OK);
    int64_t fastest = 10000;
    for (int i = 0; i < 8 && fastest > 450; i++) {
        await_reads_elsewhere(scope);
        signal_standby("STOP");
        int64_t start = check_now_ms();
        teleai_status status = teleai_user_get(brief, &user, NULL, &error);
        int64_t took = check_now_ms() - start;
        fastest = took < fastest ? took : fastest;
        CHECK(took >= 90 && (status == TELEAI_OK || status == TELEAI_TIMEOUT), "%s after %d ms: %s",
              teleai_status_name(status), (int)took, error.message);
        signal_standby("CONT");
    }
    CHECK(fastest <= 450, "%d ms at best", (int)fastest);
    teleai_close(brief);
    teleai_close(scope);
    teleai_close(client);
}

/* ---- several hosts ---- */

static void the_primary_is_found_among_hosts(void) {
    teleai_error error;
    char hosts[800];
    for (int order = 0; order < 2; order++) {
        snprintf(hosts, sizeof hosts, order == 0 ? "host=%s/b,%s %s" : "host=%s,%s/b %s", place, place,
                 strchr(primary, ' ') + 1);
        open_at(hosts, NULL, 20000);
        teleai_uuid id;
        GIVES(add_user(client, &id, &error), TELEAI_OK);
        teleai_close(client);
    }
}

/* A socket that listens on 127.0.0.1. Full: the kernel makes no more connections. Otherwise it does, and nobody answers. */
static int listen_in_silence(bool full, int fillers[3], int *port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, full ? 0 : 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        abort();
    for (int i = 0; i < 3; i++) {
        fillers[i] = full ? socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) : -1;
        if (full)
            (void)connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    *port = ntohs(address.sin_port);
    return listener;
}

static void a_silent_host_leaves_time_for_the_next(bool full) {
    teleai_error error;
    char hosts[800];
    int fillers[3], port;
    int listener = listen_in_silence(full, fillers, &port);
    snprintf(hosts, sizeof hosts, "host=127.0.0.1,%s port=%d,5432 %s", place, port, strchr(primary, ' ') + 1);
    int64_t start = check_now_ms();
    open_at(hosts, NULL, 3000);
    int64_t took = check_now_ms() - start;
    CHECK(took >= 1400 && took < 10000, "after %d ms", (int)took);
    teleai_uuid id;
    GIVES(add_user(client, &id, &error), TELEAI_OK);
    teleai_close(client);
    close(listener);
    for (int i = 0; i < 3 && full; i++)
        close(fillers[i]);
}

/* ---- failover ---- */

static _Atomic bool failed_over;

static void *fail_over(void *unused) {
    (void)unused;
    check_pause_ms(300);
    server_stop("fast"); /* the standby gets everything before that ends */
    check_pause_ms(300);
    CHECK(server_shell("as_owner \"$bindir/pg_ctl\" -D \"$place/standby\" -w -t 60 promote >/dev/null") == 0,
          "promote");
    failed_over = true;
    return NULL;
}

static bool is_at_new_primary(PGconn *raw, const teleai_uuid *id) {
    char text[TELEAI_UUID_TEXT_BYTES], sql[100];
    teleai_uuid_format(id, text);
    snprintf(sql, sizeof sql, "select from users where id = '%s'", text);
    PGresult *result = PQexec(raw, sql);
    bool there = PQntuples(result) == 1;
    PQclear(result);
    return there;
}

static void writing_goes_on_at_the_new_primary(void) {
    enum { MOST = 30000 };
    static teleai_uuid ids[MOST];
    static bool good[MOST];
    teleai_error error;
    char hosts[800];
    snprintf(hosts, sizeof hosts, "host=%s,%s/b %s", place, place, strchr(primary, ' ') + 1);
    open_at(hosts, NULL, 10000);
    await_all_replayed();
    pthread_t thread;
    pthread_create(&thread, NULL, fail_over, NULL);
    int count = 0, failed = 0, after = 0;
    int64_t until_ms = check_now_ms() + 60000;
    while (count < MOST && after < 20 && check_now_ms() < until_ms) {
        teleai_status status = add_user(client, &ids[count], &error);
        good[count] = status == TELEAI_OK;
        CHECK(status == TELEAI_OK || error.flags == TELEAI_ERROR_RETRYABLE ||
                  error.flags == TELEAI_ERROR_OUTCOME_UNKNOWN,
              "%s, flags %u: %s", teleai_status_name(status), error.flags, error.message);
        failed += !good[count];
        after = failed_over && good[count] ? after + 1 : 0;
        check_pause_ms(good[count++] ? 1 : 10);
    }
    pthread_join(thread, NULL);
    CHECK(after == 20, "%d writes failed", failed);
    int64_t users = 0;
    GIVES(teleai_user_count(client, NULL, &users, &error), TELEAI_OK);
    PGconn *raw = PQconnectdb(standby);
    for (int i = 0; i < count; i++)
        CHECK(!good[i] || is_at_new_primary(raw, &ids[i]), "write %d was confirmed and is not there", i);
    PQfinish(raw);
    printf("  %d writes, %d failed\n", count, failed);
    teleai_close(client);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    server_make();
    make_standby();
    reads_are_of_the_replica_while_it_is_near();
    a_dead_replica_is_not_noticed("fast");
    a_dead_replica_is_not_noticed("immediate");
    a_replica_that_hangs_is_given_up_in_time();
    a_short_call_does_not_linger_at_a_replica_that_hangs();
    the_primary_is_found_among_hosts();
    a_silent_host_leaves_time_for_the_next(false);
    a_silent_host_leaves_time_for_the_next(true);
    writing_goes_on_at_the_new_primary();
    server_remove();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
