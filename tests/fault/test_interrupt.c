/* A caller's interrupt_hook ends whatever waits: for a connection, the server, another call, or before it tries again. */
#include <fcntl.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "check.h"
#include "harness.h"

#define LONG_MS 60000
#define MOST_MS 20000 /* of a call that was ended, on a machine that is busy with other things */
#define WAITING                                                                                                 \
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and " \
    "wait_event_type = 'Lock'"

static teleai_client *client;
static teleai_uuid user;
static PGconn *raw;

#include "interrupt_asking.h"

/* ---- at the server ---- */

static void calls_end(void) {
    open_with(2);
    lock_users();
    teleai_error error;
    int64_t discarded = stats().discarded;
    ENDED(teleai_user_get(client, &user, NULL, &error));
    CHECK(error.flags == 0, "flags %u", error.flags);
    teleai_user_input name = {.struct_size = sizeof name, .full_name = "Changed"};
    ENDED(teleai_user_update(client, &user, &name, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error));
    CHECK(error.flags == 0, "%s: nothing has happened", error.message);
    teleai_client *scope;
    teleai_scope_options options = {.struct_size = sizeof options, .timeout_ms = LONG_MS};
    GIVES(teleai_scope_open(client, &options, &scope, &error), TELEAI_OK);
    ENDED(teleai_user_get(scope, &user, NULL, &error));
    teleai_close(scope);
    all_is_well(discarded);
}

static void copies_end(void) {
    open_with(2);
    lock_users();
    enum { COUNT = 40 };
    teleai_user_input inputs[COUNT];
    char emails[COUNT][40];
    for (int i = 0; i < COUNT; i++) {
        snprintf(emails[i], sizeof emails[i], "copy%d@example.org", i);
        inputs[i] = (teleai_user_input){.struct_size = sizeof inputs[i], .email = emails[i], .full_name = "Copy"};
    }
    teleai_error error;
    ENDED(teleai_user_create_many(client, inputs, COUNT, NULL, NULL, &error));
    all_is_well(stats().discarded);
}

static void batches_end(void) {
    open_with(2);
    lock_users();
    teleai_error error, of_it;
    teleai_client *batch;
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    teleai_user *found = NULL;
    teleai_user_get(batch, &user, &found, &of_it);
    ENDED(teleai_batch_flush(batch, &error));
    CHECK(of_it.status == TELEAI_CANCELLED && found == NULL, "%s", of_it.message);
    teleai_user_get(batch, &user, &found, &of_it); /* the batch goes on */
    let_go();
    GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
    teleai_user_free(found);
    teleai_close(batch);
    all_is_well(stats().discarded);
}

static void transactions_end(void) {
    open_with(2);
    teleai_error error;
    teleai_client *transaction, *inner;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    lock_users();
    GIVES(teleai_transaction_begin(transaction, NULL, &inner, &error), TELEAI_OK);
    ENDED(teleai_user_get(inner, &user, NULL, &error));
    GIVES(teleai_transaction_rollback(inner, &error), TELEAI_OK);
    teleai_close(inner);
    let_go();
    GIVES(teleai_user_get(transaction, &user, NULL, &error), TELEAI_OK);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    /* A hook that goes on saying so does not keep a transaction from being rolled back. */
    int64_t discarded = stats().discarded;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    lock_users();
    begin();
    GIVES(teleai_user_get(transaction, &user, NULL, &error), TELEAI_CANCELLED);
    teleai_close(transaction);
    ended(__LINE__);
    all_is_well(discarded);
}

static void streams_end(void) {
    open_with(2);
    lock_users();
    teleai_error error;
    teleai_stream *stream;
    teleai_users *piece;
    GIVES(teleai_user_stream(client, NULL, NULL, &stream, &error), TELEAI_OK);
    ENDED(teleai_user_stream_next(stream, &piece, &error));
    GIVES(teleai_user_stream_next(stream, &piece, &error), TELEAI_CLOSED);
    teleai_stream_close(stream);
    all_is_well(stats().discarded);
}

static void *migrate_down(void *other) {
    teleai_error error;
    GIVES(teleai_migrate_to(other, 5, &error), TELEAI_OK);
    return NULL;
}

static void migrations_end(void) {
    open_with(2);
    teleai_error error;
    PQclear(PQexec(raw, "begin; lock table schema_migrations"));
    ENDED(teleai_migrate_up(client, &error));
    CHECK(harness_becomes("0", WAITING), "the server works on");
    let_go();
    /* Another migrator has its lock, which ours asks for again and again. */
    teleai_client *other;
    GIVES(teleai_open(harness_database(), NULL, &other, &error), TELEAI_OK);
    PQclear(PQexec(raw, "begin; lock table users"));
    pthread_t migrating;
    pthread_create(&migrating, NULL, migrate_down, other);
    CHECK(harness_becomes("t",
                          "select count(*) > 0 from pg_locks where locktype = 'advisory' and database = (select oid "
                          "from pg_database where datname = current_database())"),
          "nobody migrates");
    ENDED(teleai_migrate_up(client, &error));
    let_go();
    pthread_join(migrating, NULL);
    hook.true_from = 0;
    GIVES(teleai_migrate_up(client, &error), TELEAI_OK);
    teleai_close(other);
    close_client();
}

/* ---- for a connection ---- */

static void the_line_ends(void) {
    open_with(1);
    teleai_error error, of_it;
    teleai_client *transaction, *second, *batch;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    ENDED(teleai_user_get(client, &user, NULL, &error));
    ENDED(teleai_ping(client, &error)); /* would ride otherwise */
    ENDED(teleai_transaction_begin(client, NULL, &second, &error));
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    teleai_user_get(batch, &user, NULL, &of_it);
    ENDED(teleai_batch_flush(batch, &error));
    teleai_close(batch);
    CHECK(stats().waiting_calls == 0, "%d still wait", (int)stats().waiting_calls);
    begin();
    GIVES(teleai_pool_drain(client, LONG_MS, &error), TELEAI_CANCELLED);
    ended(__LINE__);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    close_client();
}

static void *get_in(void *transaction) {
    teleai_error error;
    GIVES(teleai_user_get(transaction, &user, NULL, &error), TELEAI_OK);
    return NULL;
}

/* Another thread's call on the same transaction is in the way. */
static void waiting_for_the_transaction_ends(void) {
    open_with(2);
    teleai_error error;
    teleai_client *transaction;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    lock_users();
    pthread_t other;
    hook.others = true;
    pthread_create(&other, NULL, get_in, transaction);
    CHECK(harness_becomes("1", WAITING), "%s wait", harness_sql(WAITING));
    ENDED(teleai_user_get(transaction, &user, NULL, &error));
    let_go();
    pthread_join(other, NULL);
    hook.others = false;
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    close_client();
}

/* ---- riding ---- */

static void *get_one(void *unused) {
    (void)unused;
    teleai_error error;
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    return NULL;
}

static void until_waiting(int calls) {
    for (int i = 0; i < 2000 && stats().waiting_calls != calls; i++)
        usleep(10000);
    CHECK(stats().waiting_calls == calls, "%d wait", (int)stats().waiting_calls);
}

/* The only connection is in use, and others wait for it: the first of them will take those behind it along, and their
 * statements wait for a lock. */
static teleai_client *with_a_line(pthread_t *threads, int count) {
    teleai_error error;
    teleai_client *transaction;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    lock_users();
    hook.others = true;
    for (int i = 0; i < count; i++) {
        pthread_create(&threads[i], NULL, get_one, NULL);
        until_waiting(i + 1);
    }
    return transaction;
}

static void *end_when_in_line(void *transaction) {
    until_waiting(3);
    teleai_close(transaction);
    return NULL;
}

/* They ask again, one of them waits at the server, and each has its answer once that lets go. */
static void others_are_answered(pthread_t ender, const pthread_t others[2]) {
    hook.ride_from = 0;
    pthread_join(ender, NULL);
    CHECK(harness_becomes("1", WAITING), "%s wait at the server", harness_sql(WAITING));
    let_go();
    for (int i = 0; i < 2; i++)
        pthread_join(others[i], NULL);
}

/* A rider goes, and those that it rode with go on. */
static void rides_are_left(void) {
    open_with(1);
    teleai_error error;
    pthread_t others[2], ender;
    teleai_client *transaction = with_a_line(others, 2);
    pthread_create(&ender, NULL, end_when_in_line, transaction);
    begin();
    hook.true_from = 0;
    hook.ride_from = 4; /* of the askings while nothing stands in the line */
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_CANCELLED);
    CHECK(error.flags == 0 && hook.ridden >= 4, "asked %d times as a rider", hook.ridden);
    others_are_answered(ender, others);
    CHECK(stats().rode == 1, "%d rode", (int)stats().rode);
    hook.others = false;
    all_is_well(stats().discarded);
}

/* The call that took others along is interrupted: these ask again. */
static void riders_outlive_their_driver(void) {
    open_with(1);
    teleai_error error;
    teleai_client *transaction;
    pthread_t others[2], ender;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    lock_users();
    hook.others = true;
    hook.lets_in = 2;
    hook.let_in = others;
    pthread_create(&ender, NULL, end_when_in_line, transaction);
    begin();
    hook.true_from = 0;
    hook.ride_from = 4;
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_CANCELLED);
    others_are_answered(ender, others);
    hook.others = false;
    CHECK(stats().open_connections == stats().idle_connections, "a connection is not back");
    close_client();
}

static int deaf_port(int *listener) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(*listener, (struct sockaddr *)&address, size) != 0 || listen(*listener, 8) != 0 ||
        getsockname(*listener, (struct sockaddr *)&address, &size) != 0) {
        perror("socket");
        exit(1);
    }
    return ntohs(address.sin_port);
}

static void connecting_ends(void) {
    int listener;
    char connection[120];
    teleai_error error;
    teleai_client *none;
    teleai_options options = options_with(2);
    snprintf(connection, sizeof connection, "host=127.0.0.1 port=%d user=x dbname=x sslmode=disable",
             deaf_port(&listener));
    ENDED(teleai_open(connection, &options, &none, &error));
    CHECK(none == NULL, "a client");
    close(listener);
}

static bool goes_deaf;
static char deaf[120];

static bool where(void *unused, char *out, size_t bytes) {
    (void)unused;
    snprintf(out, bytes, "%s", goes_deaf ? deaf : harness_database());
    return true;
}

/* When the pool needs another connection. */
static void connecting_for_a_call_ends(void) {
    int listener;
    teleai_error error, of_it;
    teleai_options options = options_with(2);
    snprintf(deaf, sizeof deaf, "host=127.0.0.1 port=%d user=x dbname=x sslmode=disable", deaf_port(&listener));
    options.connection_hook = where;
    hook.caller = pthread_self();
    GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK);
    teleai_client *transaction, *batch;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    goes_deaf = true;
    ENDED(teleai_ping(client, &error));
    CHECK(strstr(error.message, "connect") != NULL, "%s", error.message);
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    teleai_user_get(batch, &user, NULL, &of_it);
    ENDED(teleai_batch_flush(batch, &error));
    teleai_close(batch);
    CHECK(stats().open_failures == 0, "%d failures", (int)stats().open_failures);
    goes_deaf = false;
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    teleai_close(transaction);
    close_client();
    close(listener);
}

static void subscriptions_end(void) {
    open_with(2);
    teleai_error error;
    teleai_subscription *heard;
    teleai_notification *said;
    static const char *const channels[] = {"quiet"};
    GIVES(teleai_subscription_open(client, channels, 1, &heard, &error), TELEAI_OK);
    ENDED(teleai_subscription_next(heard, LONG_MS, &said, &error));
    ENDED(teleai_subscription_next(heard, -1, &said, &error));
    harness_sql("notify quiet, 'still there'");
    GIVES(teleai_subscription_next(heard, LONG_MS, &said, &error), TELEAI_OK);
    teleai_notification_free(said);
    teleai_subscription_close(heard);
    close_client();
}

/* ---- before another try ---- */

static teleai_status give_up(teleai_client *transaction, void *tries, teleai_error *error) {
    (void)transaction;
    ++*(int *)tries;
    error->flags = TELEAI_ERROR_RETRYABLE;
    return TELEAI_ABORTED;
}

static void pauses_end(void) {
    open_with(2);
    teleai_error error;
    int tries = 0;
    ENDED(teleai_transaction_run(client, NULL, give_up, &tries, NULL, &error));
    CHECK(tries > 0, "%d tries", tries);
    close_client();
}

static void a_folder_is_not_waited_for(void) {
    char folder[] = "/tmp/teleai-interrupt-XXXXXX", path[80], connection[80];
    if (mkdtemp(folder) == NULL)
        return;
    snprintf(path, sizeof path, "%s/change.lock", folder);
    snprintf(connection, sizeof connection, "local:%s", folder);
    int lock = open(path, O_RDWR | O_CREAT, 0600);
    CHECK(flock(lock, LOCK_EX) == 0, "no lock");
    teleai_error error;
    teleai_client *none;
    teleai_options options = options_with(2);
    ENDED(teleai_open(connection, &options, &none, &error));
    close(lock);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK(system(command) == 0, "%s", folder);
}

/* ---- signals ---- */

static void note(int signal_number) {
    (void)signal_number;
    hook.signalled = true;
}

static void a_signal_ends_it(void) {
    open_with(2);
    lock_users();
    struct sigaction handler = {.sa_handler = note, .sa_flags = SA_RESTART}, before;
    struct itimerval in = {.it_value = {.tv_usec = 120000}};
    sigaction(SIGALRM, &handler, &before);
    teleai_error error;
    int64_t discarded = stats().discarded;
    begin();
    hook.signalled = false;
    hook.by_signal = true;
    setitimer(ITIMER_REAL, &in, NULL);
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_CANCELLED);
    CHECK(hook.signalled && check_now_ms() - hook.begun_ms < MOST_MS, "%d ms", (int)(check_now_ms() - hook.begun_ms));
    hook.by_signal = false;
    hook.true_from = 0;
    sigaction(SIGALRM, &before, NULL);
    all_is_well(discarded);
}

int main(void) {
    if (!harness_has_server())
        return 77;
    raw = harness_connect();
    calls_end();
    copies_end();
    batches_end();
    transactions_end();
    streams_end();
    the_line_ends();
    waiting_for_the_transaction_ends();
    rides_are_left();
    riders_outlive_their_driver();
    connecting_ends();
    connecting_for_a_call_ends();
    subscriptions_end();
    pauses_end();
    a_folder_is_not_waited_for();
    a_signal_ends_it();
    migrations_end();
    PQfinish(raw);
    harness_drop();
    return check_failures > 0;
}
