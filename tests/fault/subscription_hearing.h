/* For test_subscription.c: a subscription, and what it hears. */
#ifndef TELEAI_TESTS_FAULT_SUBSCRIPTION_HEARING_H
#define TELEAI_TESTS_FAULT_SUBSCRIPTION_HEARING_H

/* ---- helpers ---- */

static teleai_client *client;
static teleai_subscription *subscription;

static void listen_to(const char *channel) {
    teleai_error error;
    GIVES(teleai_subscription_open(client, &channel, 1, &subscription, &error), TELEAI_OK);
}

static void say(const char *channel, const char *payload) {
    teleai_error error;
    GIVES(teleai_notify(client, channel, payload, &error), TELEAI_OK);
}

#define HEARS(channel, payload) hears((channel), (payload), __LINE__)
#define HEARS_OF_A_GAP() hears(NULL, NULL, __LINE__)

static bool is_same(const char *a, const char *b) { return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0; }

/* The next thing to be heard, within 20 s, is this one; UNAVAILABLE is fine before a gap. */
static void hears(const char *channel, const char *payload, int line) {
    teleai_error error;
    teleai_notification *heard = NULL;
    teleai_status status = teleai_subscription_next(subscription, 20000, &heard, &error);
    if (!check_condition(status == TELEAI_OK && error.status == TELEAI_OK && heard != NULL, "next", line, "%s: %s",
                         teleai_status_name(status), error.message))
        return;
    check_condition(is_same(heard->channel, channel) && is_same(heard->payload, payload) &&
                        heard->may_have_missed == (channel == NULL),
                    "what is heard", line, "%.100s on %s%s", heard->payload == NULL ? "nothing" : heard->payload,
                    heard->channel == NULL ? "no channel" : heard->channel,
                    heard->may_have_missed ? ", something may be missing" : "");
    teleai_notification_free(heard);
}

#define HEARS_NOTHING(timeout_ms) gives_none((timeout_ms), TELEAI_TIMEOUT, __LINE__)
#define IS_DEAF(timeout_ms) gives_none((timeout_ms), TELEAI_UNAVAILABLE, __LINE__)

static void gives_none(int32_t timeout_ms, teleai_status expected, int line) {
    teleai_error error;
    teleai_notification *heard = (teleai_notification *)&error;
    int64_t start = check_now_ms();
    teleai_status status = teleai_subscription_next(subscription, timeout_ms, &heard, &error);
    int64_t took = check_now_ms() - start;
    check_status(status, expected, &error, "next", line);
    check_condition(heard == NULL && error.flags == TELEAI_ERROR_RETRYABLE, "nothing is heard", line, "flags %u",
                    error.flags);
    check_condition(took >= timeout_ms && took < timeout_ms + 10000, "it takes its time", line, "%d ms", (int)took);
    teleai_notification_free(heard);
}

/* The server's process behind the subscription, while LISTEN is the last thing that it was asked. */
static pid_t listener(void) {
    return atoi(harness_sql("select coalesce(min(pid), 0) from pg_stat_activity where query like 'listen %%'"));
}

static void close_subscription(void) {
    teleai_subscription_close(subscription);
    subscription = NULL;
    CHECK(harness_becomes("0", "select count(*) from pg_stat_activity where query like 'listen %'"), "it listens on");
}

#endif
