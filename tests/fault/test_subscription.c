/* Subscriptions: what is said is heard, in order and once, and where something may have gone unheard that is told. */
#include <poll.h>
#include <pthread.h>
#include <sys/time.h>

#include "clock.h"
#include "own_server.h"

#include "subscription_hearing.h"

/* ---- saying and hearing ---- */

static void what_is_said_is_heard(void) {
    static const char *const channels[] = {"jobs", "Jobs", "with \"quotes\"; and 'more' --",
                                           "\u00fcn\u00efc\u00f6de \U0001F3A7"};
    static const char odd[] = "it's \"odd\" \\ $1 \u00e4 \U0001F3A7\n\t%s";
    char largest[8000];
    memset(largest, 'x', sizeof largest);
    largest[7999] = '\0';
    teleai_error error;
    GIVES(teleai_subscription_open(client, channels, 4, &subscription, &error), TELEAI_OK);
    HEARS_NOTHING(0);
    for (int i = 0; i < 4; i++)
        say(channels[i], odd);
    for (int i = 0; i < 4; i++)
        HEARS(channels[i], odd);
    say("jobs", NULL);
    HEARS("jobs", "");
    say("jobs", largest);
    HEARS("jobs", largest);
    harness_sql("notify jobs, 'from SQL'");
    HEARS("jobs", "from SQL");
    say("JOBS", "nobody listens there");
    HEARS_NOTHING(100);

    harness_sql("select count(pg_notify('jobs', n::text)) from generate_series(1, 5000) n");
    for (int i = 1; i <= 5000; i++) {
        char number[12];
        snprintf(number, sizeof number, "%d", i);
        HEARS("jobs", number);
    }
    HEARS_NOTHING(100);
    close_subscription();
}

static void a_name_of_63_bytes_is_heard(void) {
    char name[65];
    memset(name, '"', sizeof name);
    name[63] = '\0';
    listen_to(name);
    say(name, "long");
    HEARS(name, "long");
    close_subscription();
}

static void every_subscription_hears_it(void) {
    teleai_subscription *all[3];
    for (int i = 0; i < 3; i++) {
        listen_to("jobs");
        all[i] = subscription;
    }
    say("jobs", "to all");
    for (int i = 0; i < 3; i++) {
        subscription = all[i];
        HEARS("jobs", "to all");
        HEARS_NOTHING(0);
    }
    for (int i = 0; i < 2; i++)
        teleai_subscription_close(all[i]);
    close_subscription();
}

static void transactions_and_batches_say_it_when_they_are_done(void) {
    teleai_error error, first, second;
    teleai_client *transaction, *batch, *scope;
    listen_to("jobs");
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    GIVES(teleai_notify(transaction, "jobs", "rolled back", &error), TELEAI_OK);
    GIVES(teleai_transaction_rollback(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    GIVES(teleai_notify(transaction, "jobs", "committed", &error), TELEAI_OK);
    HEARS_NOTHING(100);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    HEARS("jobs", "committed");
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    CHECK(teleai_notify(batch, "jobs", "first", &first) == TELEAI_OK && first.status == TELEAI_QUEUED, "%s",
          first.message);
    CHECK(teleai_notify(batch, "jobs", NULL, &second) == TELEAI_OK && second.status == TELEAI_QUEUED, "%s",
          second.message);
    GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
    CHECK(first.status == TELEAI_OK && second.status == TELEAI_OK, "%s%s", first.message, second.message);
    HEARS("jobs", "first");
    HEARS("jobs", "");
    teleai_close(batch);
    GIVES(teleai_scope_open(client, NULL, &scope, &error), TELEAI_OK);
    GIVES(teleai_notify(scope, "jobs", "in a scope", &error), TELEAI_OK);
    HEARS("jobs", "in a scope");
    close_subscription();
    const char *channel = "jobs";
    GIVES(teleai_subscription_open(scope, &channel, 1, &subscription, &error), TELEAI_OK);
    teleai_close(scope);
    say("jobs", "to a scope");
    HEARS("jobs", "to a scope");
    close_subscription();
}

/* ---- waiting ---- */

static void *say_soon(void *unused) {
    (void)unused;
    check_pause_ms(700);
    say("jobs", "soon");
    return NULL;
}

static void a_waiting_call_hears_at_once(void) {
    teleai_error error;
    teleai_notification *heard = NULL;
    pthread_t thread;
    listen_to("jobs");
    int64_t start = check_now_ms();
    pthread_create(&thread, NULL, say_soon, NULL);
    GIVES(teleai_subscription_next(subscription, -1, &heard, &error), TELEAI_OK);
    int64_t took = check_now_ms() - start;
    CHECK(heard != NULL && took >= 700 && took < 10700, "%d ms", (int)took);
    teleai_notification_free(heard);
    pthread_join(thread, NULL);
    close_subscription();
}

static void ignore(int number) { (void)number; }

static void signals_do_not_disturb(void) {
    struct sigaction action = {.sa_handler = ignore};
    struct itimerval often = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
    listen_to("jobs");
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    HEARS_NOTHING(400);
    setitimer(ITIMER_REAL, &never, NULL);
    close_subscription();
}

/* As an event loop does. False: nothing came within 20 s. */
static bool hear_by_socket(teleai_notification **out) {
    teleai_error error;
    for (int64_t start = check_now_ms(); check_now_ms() - start < 20000;) {
        if (teleai_subscription_next(subscription, 0, out, &error) == TELEAI_OK)
            return true;
        struct pollfd watched = {.fd = teleai_subscription_socket(subscription), .events = POLLIN};
        poll(&watched, 1, watched.fd == -1 ? 10 : 1000);
    }
    return false;
}

static void an_event_loop_hears_too(void) {
    teleai_notification *heard;
    listen_to("jobs");
    struct pollfd watched = {.fd = teleai_subscription_socket(subscription), .events = POLLIN};
    CHECK(watched.fd >= 0 && poll(&watched, 1, 0) == 0, "it is ready already");
    say("jobs", "one");
    CHECK(poll(&watched, 1, 20000) == 1, "it is not ready");
    HEARS("jobs", "one");
    HEARS_NOTHING(0);
    harness_sql("select pg_terminate_backend(%d)", (int)listener());
    if (CHECK(hear_by_socket(&heard), "no gap"))
        CHECK(heard->may_have_missed, "%s", heard->payload);
    teleai_notification_free(heard);
    say("jobs", "two");
    if (CHECK(hear_by_socket(&heard), "nothing"))
        CHECK(is_same(heard->payload, "two"), "%s", heard->payload);
    teleai_notification_free(heard);
    close_subscription();
}

/* ---- lost connections ---- */

static void an_ended_session_leaves_one_gap(void) {
    listen_to("jobs");
    for (int round = 0; round < 3; round++) {
        say("jobs", "before");
        say("jobs", "before, too");
        HEARS("jobs", "before");
        pid_t ended = listener();
        CHECK(ended > 0, "nobody listens");
        harness_sql("select pg_terminate_backend(%d)", (int)ended);
        CHECK(harness_becomes("0", "select count(*) from pg_stat_activity where query like 'listen %'"), "it lives");
        say("jobs", "unheard");
        HEARS("jobs", "before, too");
        HEARS_OF_A_GAP();
        say("jobs", "after");
        HEARS("jobs", "after");
        HEARS_NOTHING(50);
    }
    close_subscription();
}

static void a_restarted_server_leaves_one_gap(const char *mode) {
    listen_to("jobs");
    server_stop(mode);
    IS_DEAF(1500);
    IS_DEAF(0);
    CHECK(teleai_subscription_socket(subscription) == -1, "a socket to no server");
    server_start("");
    HEARS_OF_A_GAP();
    teleai_error error;
    while (teleai_ping(client, &error) != TELEAI_OK) /* the pool pauses after failures */
        check_pause_ms(20);
    say("jobs", "after");
    HEARS("jobs", "after");
    HEARS_NOTHING(100);

    server_stop(mode);
    server_start("");
    HEARS_OF_A_GAP();
    say("jobs", "again");
    HEARS("jobs", "again");
    HEARS_NOTHING(100);
    close_subscription();
}

static void the_reason_is_told(void) {
    teleai_error error;
    teleai_notification *heard;
    teleai_subscription *none;
    const char *channel = "jobs";
    listen_to("jobs");
    server_stop("fast");
    GIVES(teleai_subscription_next(subscription, 200, &heard, &error), TELEAI_UNAVAILABLE);
    CHECK(strstr(error.message, "could not connect") != NULL, "%s", error.message);
    GIVES(teleai_subscription_open(client, &channel, 1, &none, &error), TELEAI_UNAVAILABLE);
    CHECK(none == NULL, "it was opened");
    server_start("");
    close_subscription();
}

/* Time passes without a word: the server is asked, and when it does not answer either, the connection counts as lost. */
static void a_connection_that_fell_silent_is_replaced(void) {
    listen_to("jobs");
    pid_t silent = listener();
    for (int i = 0; i < 3; i++) {
        ahead_s += 31;
        HEARS_NOTHING(300); /* asked and answered */
        char sql[120];
        snprintf(sql, sizeof sql, "select query from pg_stat_activity where pid = %d", (int)silent);
        CHECK(harness_becomes("select 1", sql), "it was not asked");
    }
    ahead_s += 31;
    HEARS_NOTHING(0); /* asked */
    check_pause_ms(300);
    ahead_s += 11;
    HEARS_NOTHING(100); /* the answer has long been there, though nobody looked in time */

    kill(silent, SIGSTOP);
    ahead_s += 31;
    HEARS_NOTHING(100);
    ahead_s += 11;
    HEARS_OF_A_GAP();
    CHECK(listener() != 0 && listener() != silent, "the same connection");
    kill(silent, SIGCONT);
    say("jobs", "after");
    HEARS("jobs", "after");
    HEARS_NOTHING(50);
    close_subscription();
}

/* ---- the end ---- */

static void *wait_for_ever(void *unused) {
    (void)unused;
    teleai_error error;
    teleai_notification *heard = NULL;
    GIVES(teleai_subscription_next(subscription, -1, &heard, &error), TELEAI_CLOSED);
    CHECK(heard == NULL, "something was heard");
    return NULL;
}

static void closing_the_client_ends_it(void) {
    teleai_error error;
    teleai_notification *heard;
    pthread_t thread;
    listen_to("jobs");
    say("jobs", "not fetched");
    teleai_close(client);
    GIVES(teleai_subscription_next(subscription, 0, &heard, &error), TELEAI_CLOSED);
    GIVES(teleai_subscription_next(subscription, -1, &heard, &error), TELEAI_CLOSED);
    CHECK(teleai_subscription_socket(subscription) == -1, "a socket");
    close_subscription();

    client = server_open(4, 10000);
    listen_to("jobs");
    pthread_create(&thread, NULL, wait_for_ever, NULL);
    check_pause_ms(100);
    int64_t start = check_now_ms();
    teleai_close(client);
    pthread_join(thread, NULL);
    CHECK(check_now_ms() - start < 10500, "it waited on");
    close_subscription();
    client = server_open(4, 10000);
}

static void a_notification_outlives_it_all(void) {
    teleai_error error;
    teleai_notification *heard = NULL;
    teleai_client *own = server_open(1, 10000);
    teleai_subscription *short_lived;
    const char *channel = "jobs";
    GIVES(teleai_subscription_open(own, &channel, 1, &short_lived, &error), TELEAI_OK);
    say("jobs", "kept");
    say("jobs", "not fetched");
    GIVES(teleai_subscription_next(short_lived, 20000, &heard, &error), TELEAI_OK);
    teleai_subscription_close(short_lived);
    teleai_close(own);
    CHECK(heard != NULL && is_same(heard->payload, "kept"), "another one");
    teleai_notification_free(heard);
}

static void a_child_can_only_close_it(void) {
    listen_to("jobs");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        check_failures = 0;
        teleai_error error;
        teleai_notification *heard;
        GIVES(teleai_subscription_next(subscription, 0, &heard, &error), TELEAI_CLOSED);
        CHECK(strstr(error.message, "fork") != NULL, "%s", error.message);
        GIVES(teleai_notify(client, "jobs", "from the child", &error), TELEAI_CLOSED);
        CHECK(teleai_subscription_socket(subscription) == -1, "a socket");
        teleai_subscription_close(subscription);
        teleai_close(client);
        fflush(stdout);
        _exit(check_failures);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
    pid_t process = listener();
    say("jobs", "from the parent");
    HEARS("jobs", "from the parent"); /* without a gap */
    CHECK(listener() == process, "another connection");
    close_subscription();
}

/* ---- arguments ---- */

static void open_is_refused(teleai_client *with, const char *const *channels, size_t count, const char *field,
                            int item) {
    teleai_error error;
    teleai_subscription *none = (teleai_subscription *)&error;
    GIVES(teleai_subscription_open(with, channels, count, &none, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(none == NULL && is_same(error.field, field), "%s: %s", error.field, error.message);
    CHECK((error.flags == TELEAI_ERROR_HAS_ITEM) == (item >= 0), "flags %u", error.flags);
    CHECK(item < 0 || error.item == (uint64_t)item, "item %d", (int)error.item);
}

static void notify_is_refused(const char *channel, const char *payload, const char *field) {
    teleai_error error;
    GIVES(teleai_notify(client, channel, payload, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(is_same(error.field, field), "%s: %s", error.field, error.message);
}

static void wrong_arguments_are_refused(void) {
    char largest[8001], name[65], wide[65] = "";
    memset(largest, 'x', sizeof largest);
    largest[8000] = '\0';
    memset(name, 'x', sizeof name);
    name[64] = '\0';
    for (int i = 0; i < 32; i++)
        strcat(wide, "\u00e4"); /* 32 characters */
    const char *const bad[] = {NULL, "", "\xff", name, wide};
    teleai_error error;
    teleai_client *transaction, *batch;
    teleai_notification *heard;
    for (int i = 0; i < 5; i++) {
        const char *const channels[] = {"jobs", bad[i]};
        open_is_refused(client, channels, 2, "channels", 1);
        notify_is_refused(bad[i], "", "channel");
    }
    notify_is_refused("jobs", "\xff", "payload");
    notify_is_refused("jobs", largest, "payload");
    const char *channel = "jobs";
    open_is_refused(client, NULL, 1, "channels", -1);
    open_is_refused(client, &channel, 0, "count", -1);
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    open_is_refused(transaction, &channel, 1, "client", -1);
    teleai_close(transaction);
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    open_is_refused(batch, &channel, 1, "client", -1);
    teleai_close(batch);
    GIVES(teleai_subscription_open(client, &channel, 1, NULL, &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_subscription_open(NULL, &channel, 1, &subscription, &error), TELEAI_CLOSED);
    GIVES(teleai_notify(NULL, "jobs", "", &error), TELEAI_CLOSED);
    GIVES(teleai_subscription_next(NULL, 0, &heard, &error), TELEAI_CLOSED);
    listen_to("jobs");
    GIVES(teleai_subscription_next(subscription, 0, NULL, &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_subscription_next(subscription, -2, &heard, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(is_same(error.field, "timeout_ms"), "%s", error.field);
    CHECK(teleai_subscription_next(subscription, 0, &heard, NULL) == TELEAI_TIMEOUT, "not without an error");
    close_subscription();
    CHECK(teleai_subscription_socket(NULL) == -1, "a socket");
    teleai_subscription_close(NULL);
    teleai_notification_free(NULL);
}

static void a_pooler_is_refused(void) {
    teleai_options options = {.struct_size = sizeof options, .pooler = TELEAI_POOLER_TRANSACTION};
    teleai_error error;
    teleai_client *pooled;
    const char *channel = "jobs";
    GIVES(teleai_open(harness_database(), &options, &pooled, &error), TELEAI_OK);
    GIVES(teleai_subscription_open(pooled, &channel, 1, &subscription, &error), TELEAI_UNSUPPORTED);
    CHECK(strstr(error.message, "session mode") != NULL, "%s", error.message);
    listen_to("jobs");
    GIVES(teleai_notify(pooled, "jobs", "through a pooler", &error), TELEAI_OK);
    HEARS("jobs", "through a pooler");
    teleai_close(pooled);
    close_subscription();
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    server_make();
    client = server_open(4, 10000);
    what_is_said_is_heard();
    a_name_of_63_bytes_is_heard();
    every_subscription_hears_it();
    transactions_and_batches_say_it_when_they_are_done();
    a_waiting_call_hears_at_once();
    signals_do_not_disturb();
    an_event_loop_hears_too();
    an_ended_session_leaves_one_gap();
    a_restarted_server_leaves_one_gap("fast");
    a_restarted_server_leaves_one_gap("immediate");
    the_reason_is_told();
    a_connection_that_fell_silent_is_replaced();
    closing_the_client_ends_it();
    a_notification_outlives_it_all();
    a_child_can_only_close_it();
    wrong_arguments_are_refused();
    a_pooler_is_refused();
    teleai_close(client);
    harness_drop();
    server_remove();
    printf("%d failures\n", (int)check_failures);
    return check_failures > 0;
}
