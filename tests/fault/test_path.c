/* What lies between client and server: paths that forget a connection without a word, names with several addresses; and
 * clients that vanish. */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "harness.h"

/* ---- names ---- */

/* The name "several.test" has two addresses: one that takes connections and says nothing, and the path's. */
int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out) {
    if (strcmp(name, "several.test") != 0)
        return __real_getaddrinfo(name, service, hints, out);
    if (__real_getaddrinfo("127.0.0.2", service, hints, out) != 0)
        return EAI_NONAME;
    return __real_getaddrinfo("127.0.0.1", service, hints, &(*out)->ai_next);
}

/* ---- a path: TCP to the server's socket ---- */

#define PAIRS 16

static struct {
    int listener, silent; /* on 127.0.0.1; on 127.0.0.2, the same port, never served */
    int port;
    struct pollfd ends[2 * PAIRS]; /* client, server; fd -1: free */
    bool forgotten[PAIRS];
    _Atomic bool forget, stop; /* forget: what there is from now on goes nowhere */
    struct sockaddr_un server;
    pthread_t thread;
} path;

static int listen_at(const char *text, int port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, text, &address.sin_addr);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, PAIRS) != 0)
        abort();
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    path.port = ntohs(address.sin_port);
    return listener;
}

static void path_accept(void) {
    int client = accept(path.listener, NULL, NULL), server = socket(AF_UNIX, SOCK_STREAM, 0), pair = 0;
    while (pair < PAIRS && path.ends[2 * pair].fd >= 0)
        pair++;
    if (pair == PAIRS || connect(server, (struct sockaddr *)&path.server, sizeof path.server) != 0)
        abort();
    path.forgotten[pair] = false;
    path.ends[2 * pair] = (struct pollfd){.fd = client, .events = POLLIN};
    path.ends[2 * pair + 1] = (struct pollfd){.fd = server, .events = POLLIN};
}

static void path_pass(int end) {
    char bytes[8192];
    int pair = end / 2;
    ssize_t count = recv(path.ends[end].fd, bytes, sizeof bytes, 0);
    if (count > 0 && path.forgotten[pair])
        return;
    if (count > 0 && send(path.ends[end ^ 1].fd, bytes, (size_t)count, MSG_NOSIGNAL) == count)
        return;
    for (int i = 2 * pair; i < 2 * pair + 2; i++) {
        close(path.ends[i].fd);
        path.ends[i].fd = -1;
    }
}

static void *path_run(void *unused) {
    (void)unused;
    while (!path.stop) {
        struct pollfd all[2 * PAIRS + 1];
        memcpy(all, path.ends, sizeof path.ends);
        all[2 * PAIRS] = (struct pollfd){.fd = path.listener, .events = POLLIN};
        if (poll(all, 2 * PAIRS + 1, 20) <= 0 && !path.forget)
            continue;
        if (path.forget)
            memset(path.forgotten, true, sizeof path.forgotten);
        path.forget = false;
        for (int end = 0; end < 2 * PAIRS; end++)
            if (path.ends[end].fd >= 0 && path.ends[end].fd == all[end].fd && all[end].revents != 0)
                path_pass(end);
        if (all[2 * PAIRS].revents != 0)
            path_accept();
    }
    return NULL;
}

static void path_start(void) {
    PGconn *raw = harness_connect();
    path.server.sun_family = AF_UNIX;
    snprintf(path.server.sun_path, sizeof path.server.sun_path, "%.80s/.s.PGSQL.%.10s", PQhost(raw), PQport(raw));
    PQfinish(raw);
    path.listener = listen_at("127.0.0.1", 0);
    path.silent = listen_at("127.0.0.2", path.port);
    for (int end = 0; end < 2 * PAIRS; end++)
        path.ends[end].fd = -1;
    pthread_create(&path.thread, NULL, path_run, NULL);
}

static void forget_all(void) {
    path.forget = true;
    while (path.forget)
        check_pause_ms(5);
}

static teleai_client *open_through(const char *host, int32_t timeout_ms) {
    teleai_client *client = NULL;
    teleai_error error;
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = timeout_ms, .max_connections = 2};
    char connection[700];
    snprintf(connection, sizeof connection, "%s host=%s port=%d", harness_database(), host, path.port);
    GIVES(teleai_open(connection, &options, &client, &error), TELEAI_OK);
    return client;
}

static teleai_pool_stats stats_of(teleai_client *client) {
    teleai_pool_stats now;
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &now, &error), TELEAI_OK);
    return now;
}

/* ---- rest ---- */

static void a_connection_that_rested_and_lives_is_kept(void) {
    teleai_error error;
    teleai_client *client = open_through("127.0.0.1", 20000);
    for (int i = 0; i < 3; i++) {
        ahead_s += 40;
        GIVES(teleai_ping(client, &error), TELEAI_OK);
    }
    CHECK(stats_of(client).opened == 1 && stats_of(client).discarded == 0, "%d opened", (int)stats_of(client).opened);
    teleai_close(client);
}

static void a_path_that_forgot_costs_a_moment_only(void) {
    teleai_error error;
    teleai_client *client = open_through("127.0.0.1", 20000), *batch;
    teleai_user *user = NULL;
    teleai_user_input input = {.struct_size = sizeof input, .email = "ann@example.org", .full_name = "Ann"};
    forget_all();
    ahead_s += 40;
    int64_t start = check_now_ms();
    GIVES(teleai_user_create(client, &input, &user, &error), TELEAI_OK);
    CHECK(check_now_ms() - start < 15000, "%d ms", (int)(check_now_ms() - start));
    CHECK(stats_of(client).opened == 2 && stats_of(client).discarded == 1, "%d opened", (int)stats_of(client).opened);

    forget_all(); /* and without blocking */
    ahead_s += 40;
    teleai_user *read = NULL;
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    CHECK(teleai_user_get(batch, &user->id, &read, NULL) == TELEAI_OK, "queued");
    int64_t longest = 0;
    for (bool done = false; !done;) {
        start = check_now_ms();
        GIVES(teleai_batch_step(batch, &done, &error), TELEAI_OK);
        int64_t took = check_now_ms() - start;
        longest = took > longest ? took : longest;
        struct pollfd watched = {.fd = teleai_batch_socket(batch)};
        watched.events = (short)((teleai_batch_events(batch) & TELEAI_EVENT_READ ? POLLIN : 0) |
                                 (teleai_batch_events(batch) & TELEAI_EVENT_WRITE ? POLLOUT : 0));
        if (!done)
            poll(&watched, 1, teleai_batch_timeout_ms(batch));
    }
    CHECK(read != NULL && longest < 800, "a step took %d ms", (int)longest);
    CHECK(stats_of(client).opened == 3 && stats_of(client).discarded == 2, "%d opened", (int)stats_of(client).opened);
    teleai_user_free(read);
    teleai_user_free(user);
    teleai_close(batch);
    teleai_close(client);
}

/* A call whose time is short leaves enough of it for another connection. */
static void a_short_deadline_is_shared(void) {
    teleai_error error;
    teleai_client *client = open_through("127.0.0.1", 1500);
    forget_all();
    ahead_s += 40;
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    teleai_close(client);
}

/* ---- addresses ---- */

static void an_address_that_is_silent_is_passed_over(void) {
    teleai_error error;
    int64_t start = check_now_ms();
    teleai_client *client = open_through("several.test", 4000);
    int64_t took = check_now_ms() - start;
    CHECK(took >= 1900 && took < 3900, "%d ms", (int)took);
    if (client == NULL)
        return;
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    teleai_close(client);
}

/* The server that runs a call is told to stop, not another of the same name. */
static void cancelling_reaches_the_address_that_runs_it(void) {
    teleai_error error;
    teleai_client *client = open_through("several.test", 3000);
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; update users set full_name = 'held'"));
    teleai_user_input input = {.struct_size = sizeof input, .full_name = "Changed"};
    teleai_uuid id;
    CHECK(teleai_uuid_parse(harness_sql("select id from users limit 1"), &id, NULL) == TELEAI_OK, "id");
    GIVES(teleai_user_update(client, &id, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_TIMEOUT);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u: %s", error.flags, error.message); /* nothing has happened */
    CHECK(stats_of(client).discarded == 0, "the connection is kept");
    PQclear(PQexec(raw, "rollback"));
    PQfinish(raw);
    teleai_close(client);
}

/* ---- clients that vanish ---- */

static const char waits[] = "select count(*) from pg_stat_activity where datname = current_database() and "
                            "wait_event_type = 'Lock'";

/* An update that waits: one of its rows is held. */
static void hold(PGconn *raw, teleai_uuid *id) {
    PQclear(PQexec(raw, "begin; update users set full_name = 'held'"));
    CHECK(teleai_uuid_parse(harness_sql("select id from users limit 1"), id, NULL) == TELEAI_OK, "id");
}

static void ends_at_the_server(PGconn *raw) {
    int64_t start = check_now_ms();
    CHECK(harness_becomes("0", waits), "it is still there");
    CHECK(check_now_ms() - start < 15000, "%d ms", (int)(check_now_ms() - start)); /* far less than its 30 s */
    PQclear(PQexec(raw, "rollback"));
    CHECK(strcmp(harness_sql("select count(*) from users where full_name = 'Changed'"), "0") == 0, "it was written");
}

static const teleai_user_input changed = {.struct_size = sizeof changed, .full_name = "Changed"};

static void nothing_works_on_for_a_client_that_was_killed(PGconn *raw) {
    teleai_uuid id;
    hold(raw, &id);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        teleai_client *own = NULL;
        if (teleai_open(harness_database(), NULL, &own, NULL) == TELEAI_OK)
            teleai_user_update(own, &id, &changed, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, NULL);
        _exit(1);
    }
    CHECK(harness_becomes("1", waits), "the child's call does not wait");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ends_at_the_server(raw);
}

static void nothing_works_on_for_a_batch_that_was_closed(PGconn *raw) {
    teleai_client *client = NULL, *batch = NULL;
    teleai_error error, of_it;
    teleai_uuid id;
    bool done = false;
    hold(raw, &id);
    GIVES(teleai_open(harness_database(), NULL, &client, &error), TELEAI_OK);
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    CHECK(teleai_user_update(batch, &id, &changed, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &of_it) == TELEAI_OK, "%s",
          of_it.message);
    for (int i = 0; i < 200 && strcmp(harness_sql(waits), "1") != 0; i++) {
        GIVES(teleai_batch_step(batch, &done, &error), TELEAI_OK);
        check_pause_ms(10);
    }
    CHECK(harness_becomes("1", waits), "it does not wait");
    teleai_close(batch); /* which tells nobody, so as not to wait */
    CHECK(of_it.status == TELEAI_CANCELLED && of_it.flags == TELEAI_ERROR_OUTCOME_UNKNOWN, "%s", of_it.message);
    ends_at_the_server(raw);
    teleai_close(client);
}

int main(void) {
    if (!harness_has_server())
        return 77;
    setvbuf(stdout, NULL, _IOLBF, 0);
    path_start();
    a_connection_that_rested_and_lives_is_kept();
    a_path_that_forgot_costs_a_moment_only();
    a_short_deadline_is_shared();
    an_address_that_is_silent_is_passed_over();
    cancelling_reaches_the_address_that_runs_it();
    PGconn *raw = harness_connect();
    if (PQserverVersion(raw) >= 140000) { /* before that the time limit ends it */
        nothing_works_on_for_a_client_that_was_killed(raw);
        nothing_works_on_for_a_batch_that_was_closed(raw);
    }
    PQfinish(raw);
    path.stop = true;
    pthread_join(path.thread, NULL);
    for (int end = 0; end < 2 * PAIRS; end++)
        if (path.ends[end].fd >= 0)
            close(path.ends[end].fd);
    close(path.listener);
    close(path.silent);
    harness_drop();
    printf("%d failures\n", (int)check_failures);
    return check_failures > 0;
}
