/* Subscriptions: what is said is heard, and a lost connection is said too. */
#include <libpq-fe.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "harness.h"

static teleai_client *client;
static teleai_subscription *ears;

static void open_on(const char *const *channels, size_t count) {
    teleai_error error;
    teleai_options options = {.struct_size = sizeof options, .max_connections = 2};
    GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK);
    GIVES(teleai_subscription_open(client, channels, count, &ears, &error), TELEAI_OK);
}

static void close_all(void) {
    teleai_subscription_close(ears);
    teleai_close(client);
}

static void hears(const char *channel, const char *payload) {
    teleai_error error;
    teleai_notification *said;
    GIVES(teleai_subscription_next(ears, 20000, &said, &error), TELEAI_OK);
    if (said == NULL)
        return;
    CHECK(said->channel != NULL && strcmp(said->channel, channel) == 0 && strcmp(said->payload, payload) == 0 &&
              !said->may_have_missed,
          "%s: %s", said->channel, said->payload);
    teleai_notification_free(said);
}

static void hears_nothing(int32_t timeout_ms) {
    teleai_error error;
    teleai_notification *said;
    int64_t start = check_now_ms();
    GIVES(teleai_subscription_next(ears, timeout_ms, &said, &error), TELEAI_TIMEOUT);
    int64_t took = check_now_ms() - start;
    CHECK(took >= timeout_ms - 5 && took < timeout_ms + 10000, "%d ms", (int)took);
    teleai_notification_free(said);
}

static void says(teleai_client *by, const char *channel, const char *payload) {
    teleai_error error;
    GIVES(teleai_notify(by, channel, payload, &error), TELEAI_OK);
}

static void what_is_said_is_heard(void) {
    static const char *const channels[] = {"jobs", "with \"quotes\" und \xC3\xBC"};
    open_on(channels, 2);
    teleai_error error;
    hears_nothing(100);
    hears_nothing(0);
    says(client, "jobs", "a'b\"c \xE2\x82\xAC");
    hears("jobs", "a'b\"c \xE2\x82\xAC");
    says(client, channels[1], NULL);
    hears(channels[1], "");
    says(client, "Jobs", "another channel");
    hears_nothing(50);
    harness_sql("select pg_notify('jobs', 'raw')");
    hears("jobs", "raw");

    teleai_client *transaction, *batch;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    says(transaction, "jobs", "kept");
    hears_nothing(50);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    teleai_close(transaction);
    hears("jobs", "kept");
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    says(transaction, "jobs", "undone");
    teleai_close(transaction);
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    for (int i = 0; i < 3; i++)
        GIVES(teleai_notify(batch, "jobs", "123" + i, NULL), TELEAI_OK);
    GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
    teleai_close(batch);
    hears("jobs", "123");
    hears("jobs", "23");
    hears("jobs", "3");
    struct pollfd watched = {.fd = teleai_subscription_socket(ears), .events = POLLIN};
    CHECK(poll(&watched, 1, 50) == 0, "there is nothing to hear");
    says(client, "jobs", "for the loop");
    CHECK(poll(&watched, 1, 20000) == 1, "nothing to read");
    hears("jobs", "for the loop");
    hears_nothing(0);
    close_all();
}

#define LISTENERS "select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'listen%%'"

static void a_lost_connection_is_said(void) {
    static const char *const channels[] = {"jobs"};
    open_on(channels, 1);
    for (int i = 0; i < 3; i++) {
        says(client, "jobs", "before");
        CHECK(strcmp(harness_sql(LISTENERS), "1") == 0, "no listener");
        hears("jobs", "before"); /* it had come */
        teleai_error error;
        teleai_notification *said;
        GIVES(teleai_subscription_next(ears, 20000, &said, &error), TELEAI_OK);
        CHECK(said != NULL && said->may_have_missed && said->channel == NULL && said->payload == NULL, "no gap");
        teleai_notification_free(said);
        says(client, "jobs", "after");
        hears("jobs", "after");
        hears_nothing(50);
    }
    close_all();
}

static void who_may_not(void) {
    static const char *const channels[] = {"jobs", ""};
    open_on(channels, 1);
    teleai_error error;
    teleai_subscription *none;
    teleai_client *transaction;
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    GIVES(teleai_subscription_open(transaction, channels, 1, &none, &error), TELEAI_INVALID_ARGUMENT);
    teleai_close(transaction);
    GIVES(teleai_subscription_open(client, channels, 2, &none, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(strcmp(error.field, "channels") == 0 && error.item == 1, "%s", error.message);
    GIVES(teleai_subscription_open(client, NULL, 1, &none, &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_notify(client, NULL, "a", &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_notify(client, "a", "\xFF", &error), TELEAI_INVALID_ARGUMENT);
    char long_payload[8001];
    memset(long_payload, 'x', 8000);
    long_payload[8000] = '\0';
    GIVES(teleai_notify(client, "a", long_payload, &error), TELEAI_INVALID_ARGUMENT);
    long_payload[7999] = '\0';
    says(client, "jobs", long_payload);
    hears("jobs", long_payload);
    teleai_notification *said;
    pid_t child = fork();
    if (child == 0) {
        teleai_status status = teleai_subscription_next(ears, 0, &said, NULL);
        teleai_subscription_close(ears);
        teleai_close(client);
        _exit(status == TELEAI_CLOSED ? 0 : 1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0, "in the child: %d", status);
    says(client, "jobs", "still");
    hears("jobs", "still");
    teleai_close(client);
    GIVES(teleai_subscription_next(ears, 1000, &said, &error), TELEAI_CLOSED);
    teleai_subscription_close(ears);
    teleai_subscription_close(NULL);
    GIVES(teleai_subscription_next(NULL, 0, &said, &error), TELEAI_CLOSED);
}

int main(void) {
    if (!harness_has_server())
        return 77;
    what_is_said_is_heard();
    a_lost_connection_is_said();
    who_may_not();
    harness_drop();
    return check_failures > 0;
}
