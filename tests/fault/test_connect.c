/* Servers that cannot be had: silent, closing, full, without extensions or rights. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "own_server.h"

static teleai_status open_at(const char *connection, int32_t schema, int32_t timeout_ms, teleai_client **out,
                             teleai_error *error) {
    teleai_options options = {
        .struct_size = sizeof options, .schema = schema, .timeout_ms = timeout_ms, .max_connections = 3};
    teleai_status status = teleai_open(connection, &options, out, error);
    CHECK((*out != NULL) == (status == TELEAI_OK), "a client, and %s", teleai_status_name(status));
    return status;
}

/* ---- no PostgreSQL at all ---- */

/* A socket that listens on some port of 127.0.0.1; connections are made by the kernel. */
static int listen_somewhere(char *connection, size_t size) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0)
        abort();
    snprintf(connection, size, "host=127.0.0.1 port=%d user=x dbname=x password=hidden-word",
             (int)ntohs(address.sin_port));
    return listener;
}

static const char *answer; /* of the server below */

/* Takes connections until the socket is shut down, answers each first message, and closes. */
static void *serve(void *argument) {
    int listener = *(int *)argument, peer;
    while ((peer = accept(listener, NULL, NULL)) >= 0) {
        char message[1000];
        if (recv(peer, message, sizeof message, 0) > 0 && answer[0] != '\0')
            (void)send(peer, answer, strlen(answer), MSG_NOSIGNAL);
        close(peer);
    }
    return NULL;
}

static void a_server_that_never_answers(void) {
    char connection[200];
    int listener = listen_somewhere(connection, sizeof connection);
    teleai_client *client;
    teleai_error error;
    int64_t start = check_now_ms();
    GIVES(open_at(connection, TELEAI_SCHEMA_IGNORE, 400, &client, &error), TELEAI_TIMEOUT);
    int64_t took = check_now_ms() - start;
    CHECK(took >= 350 && took < 10000, "after %d ms", (int)took);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE && strstr(error.message, "hidden-word") == NULL, "flags %u: %s",
          error.flags, error.message);
    close(listener);
    start = check_now_ms();
    GIVES(open_at(connection, TELEAI_SCHEMA_IGNORE, 5000, &client, &error),
          TELEAI_UNAVAILABLE); /* nobody listens any more */
    CHECK(check_now_ms() - start < 4000 && error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
}

static void a_server_that_is_none(void) {
    static const char *const answers[] = {"", "N", "HTTP/1.1 400 Bad Request\r\n\r\n", "E",
                                          "Esomething else entirely\n"};
    char connection[200];
    int listener = listen_somewhere(connection, sizeof connection);
    answer = "";
    pthread_t thread;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        answer = answers[i];
        pthread_create(&thread, NULL, serve, &listener);
        teleai_client *client;
        teleai_error error;
        GIVES(open_at(connection, TELEAI_SCHEMA_CHECK, 2000, &client, &error), TELEAI_UNAVAILABLE);
        CHECK(strstr(error.message, "hidden-word") == NULL, "%s", error.message);
        shutdown(listener, SHUT_RDWR);
        pthread_join(thread, NULL);
        close(listener);
        listener = listen_somewhere(connection, sizeof connection);
    }
    close(listener);
}

/* ---- names and rights ---- */

static void databases_and_roles_that_are_not_there(void) {
    char connection[800];
    teleai_client *client;
    teleai_error error;
    snprintf(connection, sizeof connection, "%s dbname=nowhere", harness_database());
    GIVES(open_at(connection, TELEAI_SCHEMA_CHECK, 5000, &client, &error), TELEAI_UNAVAILABLE);
    CHECK(strstr(error.message, "nowhere") != NULL && strcmp(error.sqlstate, "3D000") == 0, "%s %s", error.sqlstate,
          error.message);
    snprintf(connection, sizeof connection, "%s user=nobody_known", harness_database());
    GIVES(open_at(connection, TELEAI_SCHEMA_CHECK, 5000, &client, &error), TELEAI_UNAUTHENTICATED);
    CHECK(error.flags == 0 && strcmp(error.sqlstate, "28000") == 0, "flags %u, %s", error.flags, error.sqlstate);
}

static void passwords_that_are_refused(void) {
    char connection[800];
    teleai_client *client;
    teleai_error error;
    harness_sql("create role guarded login password 'right-word'");
    harness_sql("grant select on all tables in schema public to guarded");
    CHECK(server_shell("cd \"$place/cluster\" && cp -p pg_hba.conf kept && printf 'local all guarded "
                       "scram-sha-256\\nlocal all all trust\\n' "
                       ">pg_hba.conf && as_owner \"$bindir/pg_ctl\" -D \"$place/cluster\" reload >/dev/null") == 0,
          "pg_hba.conf");
    for (int i = 0; i < 200; i++) { /* until the server has read it */
        snprintf(connection, sizeof connection, "%s user=guarded password=wrong-word", harness_database());
        if (open_at(connection, TELEAI_SCHEMA_CHECK, 5000, &client, &error) != TELEAI_OK)
            break;
        teleai_close(client);
        check_pause_ms(20);
    }
    CHECK(error.status == TELEAI_UNAUTHENTICATED && error.flags == 0, "%s: %s", teleai_status_name(error.status),
          error.message);
    CHECK(strstr(error.message, "wrong-word") == NULL && strcmp(error.sqlstate, "28P01") == 0, "%s %s", error.sqlstate,
          error.message);
    snprintf(connection, sizeof connection, "%s user=guarded", harness_database());
    GIVES(open_at(connection, TELEAI_SCHEMA_CHECK, 5000, &client, &error), TELEAI_UNAUTHENTICATED);
    snprintf(connection, sizeof connection, "%s user=guarded password=right-word", harness_database());
    GIVES(open_at(connection, TELEAI_SCHEMA_CHECK, 5000, &client, &error), TELEAI_OK);
    teleai_user *user;
    teleai_user_input input = {.struct_size = sizeof input, .email = "ann@example.org", .full_name = "Ann"};
    GIVES(teleai_user_create(client, &input, &user, &error), TELEAI_PERMISSION_DENIED);
    CHECK(strcmp(error.sqlstate, "42501") == 0 && user == NULL, "%s", error.sqlstate);
    GIVES(teleai_migrate_down(client, &error), TELEAI_PERMISSION_DENIED);
    teleai_close(client);
    server_shell("cd \"$place/cluster\" && mv kept pg_hba.conf && as_owner \"$bindir/pg_ctl\" -D \"$place/cluster\" "
                 "reload >/dev/null");
}

/* ---- extensions ---- */

static void extensions_that_may_not_be_made(void) {
    char connection[800];
    teleai_client *client;
    teleai_error error;
    harness_drop();
    harness_empty_database();
    harness_sql("create role maker login");
    harness_sql("grant create on schema public to maker"); /* but not in the database */
    snprintf(connection, sizeof connection, "%s user=maker", harness_database());
    GIVES(open_at(connection, TELEAI_SCHEMA_MIGRATE, 5000, &client, &error), TELEAI_PERMISSION_DENIED);
    CHECK(strcmp(error.sqlstate, "42501") == 0 && strstr(error.message, "uuid-ossp") != NULL, "%s", error.message);
    CHECK(strcmp(harness_sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0") == 0,
          "something stayed");
    harness_sql("create extension \"uuid-ossp\"; create extension pgcrypto");
    GIVES(open_at(connection, TELEAI_SCHEMA_MIGRATE, 5000, &client, &error), TELEAI_OK);
    GIVES(teleai_migrate_to(client, 0, &error), TELEAI_OK);
    teleai_close(client);
    CHECK(strcmp(harness_sql("select count(*) from pg_extension where extname in ('uuid-ossp', 'pgcrypto')"), "2") == 0,
          "not ours to drop");
}

/* The server's programs copied into a tree without uuid-ossp: PostgreSQL finds its files from where its program lies. */
static void extensions_that_are_not_installed(void) {
    int made = server_shell(
        "version=${bindir%%/bin}; version=${version##*/}; share=/usr/share/postgresql/$version; away=$place/away\n"
        "[ \"$bindir\" = \"/usr/lib/postgresql/$version/bin\" ] && [ -d \"$share/extension\" ] || exit 77\n"
        "mkdir -p \"$away/lib/postgresql/$version/bin\" \"$away/share/postgresql/$version/extension\" &&\n"
        "cp \"$bindir/postgres\" \"$away/lib/postgresql/$version/bin\" && ln -s \"/usr/lib/postgresql/$version/lib\" "
        "\"$away/lib/postgresql/$version/lib\" &&\n"
        "for each in \"$share\"/*; do [ -d \"$away/share/postgresql/$version/${each##*/}\" ] || ln -s \"$each\" "
        "\"$away/share/postgresql/$version\"; "
        "done &&\n"
        "for each in \"$share\"/extension/*; do case $each in *uuid-ossp*) ;; *) ln -s \"$each\" "
        "\"$away/share/postgresql/$version/extension\" ;; "
        "esac; done && chmod -R a+rX \"$away\"");
    if (made == 77) {
        printf("  (not tried: a server without uuid-ossp; it takes Debian's folders)\n");
        return;
    }
    CHECK(made == 0, "no tree without uuid-ossp");
    harness_drop();
    harness_empty_database();
    server_stop("fast");
    server_start("-p \"$place\"/away/lib/postgresql/*/bin/postgres");
    teleai_client *client;
    teleai_error error;
    GIVES(open_at(harness_database(), TELEAI_SCHEMA_MIGRATE, 5000, &client, &error), TELEAI_UNSUPPORTED);
    CHECK(strstr(error.message, "uuid-ossp") != NULL, "%s", error.message);
    CHECK(strcmp(harness_sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0") == 0,
          "something stayed");
    GIVES(open_at(harness_database(), TELEAI_SCHEMA_IGNORE, 5000, &client, &error), TELEAI_OK);
    GIVES(teleai_migrate_up(client, &error), TELEAI_UNSUPPORTED);
    server_stop("fast");
    server_start("");
    GIVES(teleai_migrate_up(client, &error), TELEAI_OK);
    teleai_close(client);
}

/* ---- a full server ---- */

typedef struct waiting_call {
    teleai_client *on;
    teleai_status status;
    teleai_error error;
} waiting_call;

static void *wait_for_users(void *argument) {
    waiting_call *it = argument;
    int64_t count;
    it->status = teleai_user_count(it->on, NULL, &count, &it->error);
    return NULL;
}

/* To tell a full server to stop takes no connection of it. */
static void a_full_server_can_be_told_to_stop(teleai_client *client, PGconn *raw) {
    teleai_error error;
    waiting_call it = {.on = client};
    pthread_t thread;
    PQclear(PQexec(raw, "begin; lock table users"));
    pthread_create(&thread, NULL, wait_for_users, &it);
    bool waits = false;
    for (int i = 0; i < 400 && !waits; i++) {
        PGresult *result = PQexec(raw, "select 1 from pg_stat_activity where datname = current_database() and "
                                       "wait_event_type = 'Lock'");
        waits = PQntuples(result) == 1;
        PQclear(result);
        check_pause_ms(10);
    }
    CHECK(waits, "it does not wait");
    GIVES(teleai_cancel(client, &error), TELEAI_OK);
    pthread_join(thread, NULL);
    CHECK(it.status == TELEAI_CANCELLED, "%s", it.error.message);
    PQclear(PQexec(raw, "rollback"));
}

static void a_server_that_has_no_connection_left(void) {
    teleai_client *client, *none, *first, *second;
    teleai_error error;
    PGconn *raw[10];
    int taken = 0;
    harness_drop();
    harness_database();
    server_stop("fast");
    server_start("-o '-c max_connections=6 -c superuser_reserved_connections=0 -c max_wal_senders=0'");
    GIVES(open_at(harness_database(), TELEAI_SCHEMA_CHECK, 5000, &client, &error), TELEAI_OK);
    while (taken < 10 && PQstatus(raw[taken] = PQconnectdb(harness_database())) == CONNECTION_OK)
        taken++;
    PQfinish(raw[taken]);
    CHECK(taken == 5, "%d connections taken", taken);

    GIVES(open_at(harness_database(), TELEAI_SCHEMA_CHECK, 5000, &none, &error), TELEAI_UNAVAILABLE);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE && strstr(error.message, "too many clients") != NULL &&
              strcmp(error.sqlstate, "53300") == 0,
          "flags %u: %s", error.flags, error.message);
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    a_full_server_can_be_told_to_stop(client, raw[0]);
    GIVES(teleai_transaction_begin(client, NULL, &first, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(client, NULL, &second, &error), TELEAI_UNAVAILABLE);
    GIVES(teleai_ping(client, &error), TELEAI_UNAVAILABLE);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
    GIVES(teleai_ping(first, &error), TELEAI_OK);
    PQfinish(raw[--taken]);
    check_pause_ms(200);
    GIVES(teleai_transaction_begin(client, NULL, &second, &error), TELEAI_OK);
    teleai_close(second);
    GIVES(teleai_transaction_commit(first, &error), TELEAI_OK);
    teleai_close(first);
    teleai_pool_stats stats;
    GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
    CHECK(stats.open_failures == 2 && stats.open_connections == 2 && stats.idle_connections == 2, "%lld failures",
          (long long)stats.open_failures);
    teleai_close(client);
    while (taken > 0)
        PQfinish(raw[--taken]);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    server_make();
    harness_database();
    a_server_that_never_answers();
    a_server_that_is_none();
    databases_and_roles_that_are_not_there();
    passwords_that_are_refused();
    extensions_that_may_not_be_made();
    extensions_that_are_not_installed();
    a_server_that_has_no_connection_left();
    server_remove();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
