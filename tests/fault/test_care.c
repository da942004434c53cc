/* What a long-running program does with its pool: keeps it warm, resizes it, drains it, changes passwords; and
 * transactions that are run again. */
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "check.h"
#include "harness.h"

static teleai_client *client;

static void open_with(teleai_options options) {
    teleai_error error;
    options.struct_size = sizeof options;
    options.password_memory_kib = 19456;
    GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK);
}

static teleai_pool_stats stats(void) {
    teleai_pool_stats now;
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &now, &error), TELEAI_OK);
    return now;
}

/* ---- maintain, resize ---- */

static void maintaining_warms_and_closes(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 6, .min_connections = 3, .max_lifetime_ms = 300});
    CHECK(stats().open_connections == 1, "%d", stats().open_connections);
    GIVES(teleai_pool_maintain(client, &error), TELEAI_OK);
    CHECK(stats().open_connections == 3 && stats().idle_connections == 3, "%d", stats().open_connections);
    int64_t opened = stats().opened;
    check_pause_ms(400);
    GIVES(teleai_pool_maintain(client, &error), TELEAI_OK);
    CHECK(stats().open_connections == 3 && stats().opened == opened + 3, "%d opened", (int)stats().opened);
    teleai_close(client);
}

static _Atomic bool working;
static _Atomic int64_t done;

static void *work(void *unused) {
    (void)unused;
    while (working) {
        teleai_error error;
        teleai_status status = teleai_ping(client, &error);
        if (status == TELEAI_CLOSED)
            break;
        CHECK(status == TELEAI_OK, "%s", error.message);
        done++;
    }
    return NULL;
}

static void resizing_under_load(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 2});
    pthread_t threads[8];
    working = true;
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    static const int32_t sizes[] = {8, 1, 5, 3, 8, 1, 2};
    for (int i = 0; i < 7; i++) {
        GIVES(teleai_pool_resize(client, 0, sizes[i], &error), TELEAI_OK);
        int64_t before = done;
        check_pause_ms(60);
        while (done == before)
            check_pause_ms(5);
        for (int tries = 0; tries < 2000 && stats().open_connections > sizes[i]; tries++)
            check_pause_ms(5);
        CHECK(stats().open_connections <= sizes[i], "%d of %d", stats().open_connections, (int)sizes[i]);
    }
    working = false;
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    GIVES(teleai_pool_resize(client, 3, 2, &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_pool_resize(client, 0, 0, &error), TELEAI_INVALID_ARGUMENT);
    teleai_close(client);
}

/* ---- drain ---- */

static void *drain(void *status) {
    teleai_error error;
    *(teleai_status *)status = teleai_pool_drain(client, 20000, &error);
    return NULL;
}

static void draining_lets_work_finish(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 4});
    teleai_uuid user;
    harness_user(client, &user);
    teleai_client *transaction;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    GIVES(teleai_pool_drain(client, 200, &error), TELEAI_TIMEOUT);
    CHECK(strstr(error.message, "held by transaction") != NULL, "%s", error.message);
    GIVES(teleai_ping(client, &error), TELEAI_CLOSED);
    pthread_t thread;
    teleai_status status = TELEAI_SERVER_ERROR;
    pthread_create(&thread, NULL, drain, &status);
    check_pause_ms(100);
    GIVES(teleai_user_get(transaction, &user, NULL, &error), TELEAI_OK); /* it goes on */
    GIVES(teleai_user_delete(transaction, &user, &error), TELEAI_OK);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    pthread_join(thread, NULL);
    CHECK(status == TELEAI_OK, "%s", teleai_status_name(status));
    CHECK(stats().open_connections == 0, "%d are open", stats().open_connections);
    CHECK(strcmp(harness_sql("select count(*) from users"), "0") == 0, "it was not committed");
    teleai_close(transaction);
    teleai_close(client);
}

/* The library's PQfinish() passes through here, in whatever thread; the first one acts before its connection closes. */
static void (*_Atomic at_finish)(void);
void __real_PQfinish(PGconn *connection);
void __wrap_PQfinish(PGconn *connection);

void __wrap_PQfinish(PGconn *connection) {
    void (*act)(void) = atomic_exchange(&at_finish, NULL);
    if (act != NULL)
        act();
    __real_PQfinish(connection);
}

static teleai_client *held;

static void give_back(void) { teleai_close(held); }

/* A connection that is given back while drain closes another is closed, too. */
static void draining_leaves_none_open(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 2});
    teleai_client *lower;
    GIVES(teleai_transaction_begin(client, NULL, &lower, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(client, NULL, &held, &error), TELEAI_OK);
    teleai_close(lower);
    at_finish = give_back;
    GIVES(teleai_pool_drain(client, 20000, &error), TELEAI_OK);
    CHECK(at_finish == NULL && stats().open_connections == 0, "%d are open", stats().open_connections);
    teleai_close(client);
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool at_gate;

static void wait_at_gate(void) {
    at_gate = true;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}

static void *find_it_broken(void *unused) {
    (void)unused;
    teleai_error error;
    GIVES(teleai_ping(held, &error), TELEAI_UNAVAILABLE);
    give_back();
    return NULL;
}

/* One that another thread is closing is waited for. */
static void draining_waits_for_what_closes(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 2});
    GIVES(teleai_transaction_begin(client, NULL, &held, &error), TELEAI_OK);
    harness_sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and "
                "state = 'idle in transaction'");
    at_gate = false;
    at_finish = wait_at_gate;
    pthread_mutex_lock(&gate);
    pthread_t thread;
    pthread_create(&thread, NULL, find_it_broken, NULL);
    for (int tries = 0; tries < 4000 && !at_gate; tries++)
        check_pause_ms(5);
    CHECK(at_gate, "the broken connection does not close");
    GIVES(teleai_pool_drain(client, 50, &error), TELEAI_TIMEOUT);
    pthread_mutex_unlock(&gate);
    pthread_join(thread, NULL);
    GIVES(teleai_pool_drain(client, 20000, &error), TELEAI_OK);
    teleai_close(client);
}

/* ---- the hook ---- */

static int asked;
static char role[32];
static enum { GIVES_STRING, GIVES_NOTHING, GIVES_GARBAGE } hook_mode;

static bool hook(void *data, char *out, size_t bytes) {
    asked++;
    CHECK(data == (void *)&asked && bytes >= 1000, "%zu bytes", bytes);
    if (hook_mode == GIVES_GARBAGE)
        snprintf(out, bytes, "host='nothing ends this");
    else
        snprintf(out, bytes, "%s application_name=%s", harness_database(), role);
    return hook_mode != GIVES_NOTHING;
}

static void the_hook_is_asked_each_time(void) {
    teleai_error error;
    snprintf(role, sizeof role, "first");
    open_with((teleai_options){.max_connections = 2, .connection_hook = hook, .connection_hook_data = &asked});
    CHECK(asked == 1, "%d", asked);
    teleai_client *one, *two, *three;
    GIVES(teleai_transaction_begin(client, NULL, &one, &error), TELEAI_OK);
    snprintf(role, sizeof role, "second");
    GIVES(teleai_transaction_begin(client, NULL, &two, &error), TELEAI_OK);
    CHECK(asked == 2, "%d", asked);
    CHECK(strcmp(harness_sql("select count(*) from pg_stat_activity where datname = current_database() and "
                             "application_name in ('first', 'second')"),
                 "2") == 0,
          "not what the hook gave");
    GIVES(teleai_pool_resize(client, 0, 4, &error), TELEAI_OK);
    hook_mode = GIVES_NOTHING;
    GIVES(teleai_transaction_begin(client, NULL, &three, &error), TELEAI_UNAVAILABLE);
    CHECK(strstr(error.message, "connection_hook") != NULL, "%s", error.message);
    hook_mode = GIVES_GARBAGE;
    GIVES(teleai_transaction_begin(client, NULL, &three, &error), TELEAI_UNAVAILABLE);
    CHECK(strstr(error.message, "connection_hook") != NULL && strstr(error.message, "nothing ends") == NULL, "%s",
          error.message);
    hook_mode = GIVES_STRING;
    teleai_close(one);
    teleai_close(two);
    teleai_close(client);
}

/* ---- transaction_run ---- */

typedef struct counter {
    teleai_uuid user;
    int runs, fails;    /* how often it fails on purpose, */
    teleai_status with; /* with this */
    PGconn *disturber;  /* changes the row in between, the first time */
} counter;

static teleai_status count_up(teleai_client *transaction, void *data, teleai_error *error) {
    counter *it = data;
    teleai_user *user;
    teleai_status status = teleai_user_get(transaction, &it->user, &user, error);
    if (status != TELEAI_OK)
        return status;
    char name[32];
    snprintf(name, sizeof name, "%d", atoi(user->full_name) + 1);
    teleai_user_free(user);
    if (it->runs++ == 0 && it->disturber != NULL)
        PQclear(PQexec(it->disturber, "update users set full_name = '10'"));
    if (it->runs <= it->fails) {
        snprintf(error->message, sizeof error->message, "on purpose");
        error->status = it->with;
        error->flags = it->with == TELEAI_ABORTED ? TELEAI_ERROR_RETRYABLE : 0;
        return it->with;
    }
    teleai_user_input input = {.struct_size = sizeof input, .full_name = name};
    return teleai_user_update(transaction, &it->user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, error);
}

static void transactions_are_run_again(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 2, .timeout_ms = 20000});
    harness_sql("delete from users");
    counter it = {.disturber = harness_connect()};
    harness_user(client, &it.user);
    harness_sql("update users set full_name = '0'");
    teleai_transaction_options serializable = {.struct_size = sizeof serializable,
                                               .isolation = TELEAI_ISOLATION_SERIALIZABLE};
    int32_t attempts = 0;
    GIVES(teleai_transaction_run(client, &serializable, count_up, &it, &attempts, &error), TELEAI_OK);
    CHECK(attempts == 2 && it.runs == 2, "%d attempts", (int)attempts);
    CHECK(strcmp(harness_sql("select full_name from users"), "11") == 0, "%s",
          harness_sql("select full_name from users"));
    PQfinish(it.disturber);
    it = (counter){.user = it.user, .fails = 3, .with = TELEAI_ABORTED};
    GIVES(teleai_transaction_run(client, NULL, count_up, &it, &attempts, &error), TELEAI_OK);
    CHECK(attempts == 4 && strcmp(harness_sql("select full_name from users"), "12") == 0, "%d", (int)attempts);
    it = (counter){.user = it.user, .fails = 3, .with = TELEAI_NOT_FOUND};
    GIVES(teleai_transaction_run(client, NULL, count_up, &it, &attempts, &error), TELEAI_NOT_FOUND);
    CHECK(attempts == 1 && it.runs == 1, "%d", (int)attempts);
    GIVES(teleai_transaction_run(client, NULL, NULL, NULL, &attempts, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(attempts == 0, "%d", (int)attempts);
    CHECK(stats().idle_connections == stats().open_connections, "a transaction is left open");
    teleai_close(client);
}

/* ---- signals ---- */

static void ignore(int number) { (void)number; }

static void storm(bool on) {
    struct sigaction action = {.sa_handler = ignore}; /* without SA_RESTART: system calls return with EINTR */
    struct itimerval often = {{0, 700}, {0, 700}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, on ? &often : &never, NULL);
}

static void *let_go_soon(void *raw) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* they are for the other thread */
    check_pause_ms(300);
    PQclear(PQexec(raw, "rollback"));
    return NULL;
}

/* Connecting, waiting for the server, for a connection, for a transaction; copying; batches; streams. */
static void signals_do_not_disturb(void) {
    enum { MANY = 20000 };
    static teleai_audio_file_input files[MANY];
    teleai_error error;
    PGconn *raw = harness_connect();
    teleai_uuid id;
    storm(true);
    for (int round = 0; round < 3; round++) {
        open_with((teleai_options){.max_connections = 1});
        harness_sql("delete from users");
        harness_user(client, &id);
        teleai_user_input input = {.struct_size = sizeof input, .full_name = "Changed"};
        pthread_t thread;
        PQclear(PQexec(raw, "begin; select * from users for update"));
        pthread_create(&thread, NULL, let_go_soon, raw);
        GIVES(teleai_user_update(client, &id, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_OK);
        pthread_join(thread, NULL);
        for (int i = 0; i < MANY; i++)
            files[i] = (teleai_audio_file_input){.struct_size = sizeof *files,
                                                 .user_id = &id,
                                                 .file_name = "call.wav",
                                                 .file_path = "/calls/call.wav",
                                                 .mime_type = "audio/wav",
                                                 .file_size_bytes = 1};
        GIVES(teleai_audio_file_create_many(client, files, MANY, NULL, NULL, &error), TELEAI_OK);
        teleai_client *batch;
        teleai_user *read[500];
        GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
        for (int i = 0; i < 500; i++)
            CHECK(teleai_user_get(batch, &id, &read[i], NULL) == TELEAI_OK, "queued");
        GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
        for (int i = 0; i < 500; i++)
            teleai_user_free(read[i]);
        teleai_close(batch);
        teleai_stream *stream;
        size_t count = 0;
        GIVES(teleai_audio_file_stream(client, NULL, NULL, &stream, &error), TELEAI_OK);
        for (teleai_audio_files *piece = NULL;; teleai_audio_files_free(piece)) {
            GIVES(teleai_audio_file_stream_next(stream, &piece, &error), TELEAI_OK);
            if (piece == NULL)
                break;
            count += piece->count;
        }
        CHECK(count == MANY, "%zu files", count);
        teleai_stream_close(stream);
        CHECK(stats().opened == 1, "%d opened", (int)stats().opened);
        teleai_close(client);
    }
    storm(false);
    PQfinish(raw);
}

/* ---- what a scope sets ---- */

static void settings_are_the_statements_own(void) {
    teleai_error error;
    open_with((teleai_options){.max_connections = 1});
    harness_sql(
        "delete from users; create table seen (actor text, tenant text, trace text, timeout text);"
        "create function see() returns trigger language plpgsql as $$ begin "
        "insert into seen values (current_setting('teleai.actor_id', true), current_setting('teleai.tenant_id', "
        "true), current_setting('application_name'), current_setting('statement_timeout')); return new; end $$;"
        "create trigger see after insert on users for each row execute function see()");
    teleai_uuid ids[2];
    char actor[TELEAI_UUID_TEXT_BYTES];
    for (int i = 0; i < 2; i++)
        teleai_uuid_make(&ids[i]);
    teleai_uuid_format(&ids[1], actor);
    harness_sql("insert into tenants (id, name, slug) values ('%s', 'Acme', 'acme')", actor);
    teleai_uuid_format(&ids[0], actor);
    static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    teleai_scope_options options = {.struct_size = sizeof options,
                                    .actor_id = &ids[0],
                                    .tenant_id = &ids[1],
                                    .traceparent = trace,
                                    .timeout_ms = 9000};
    teleai_client *scope, *transaction, *batch;
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_OK);
    teleai_uuid made;
    harness_user(scope, &made);
    GIVES(teleai_transaction_begin(scope, NULL, &transaction, &error), TELEAI_OK);
    harness_user(transaction, &made);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    GIVES(teleai_batch_open(scope, NULL, &batch, &error), TELEAI_OK);
    teleai_user_input input = {.struct_size = sizeof input, .email = "batch@example.org", .full_name = "B"};
    GIVES(teleai_user_create(batch, &input, NULL, NULL), TELEAI_OK);
    GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
    teleai_close(batch);
    teleai_close(scope);
    char sql[300];
    snprintf(
        sql, sizeof sql,
        "select count(*) from seen where actor = '%s' and tenant is not null and trace = '%s' and timeout <> '30s'",
        actor, trace);
    CHECK(strcmp(harness_sql("%s", sql), "3") == 0, "%s of 3", harness_sql("%s", sql));
    harness_sql("delete from seen");
    harness_user(client, &made); /* on the same connection */
    CHECK(strcmp(harness_sql("select count(*) from seen where coalesce(actor, '') = '' and coalesce(tenant, '') = '' "
                             "and trace = 'teleai' and timeout = '30s'"),
                 "1") == 0,
          "a setting has leaked");
    options.traceparent = "00-4BF9";
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(strcmp(error.field, "traceparent") == 0, "%s", error.field);
    options = (teleai_scope_options){.struct_size = sizeof options, .read_from = TELEAI_READ_FROM_REPLICA};
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(strcmp(error.field, "read_from") == 0, "%s", error.field);
    teleai_close(client);
}

int main(void) {
    if (!harness_has_server())
        return 77;
    maintaining_warms_and_closes();
    resizing_under_load();
    draining_lets_work_finish();
    draining_leaves_none_open();
    draining_waits_for_what_closes();
    the_hook_is_asked_each_time();
    transactions_are_run_again();
    signals_do_not_disturb();
    settings_are_the_statements_own();
    harness_drop();
    return check_failures > 0;
}
