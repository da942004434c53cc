/* For test_interrupt.c: a hook that says when a call ends, and a client that has it. */
#ifndef TELEAI_TESTS_FAULT_INTERRUPT_ASKING_H
#define TELEAI_TESTS_FAULT_INTERRUPT_ASKING_H

/* ---- the hook ---- */

static struct {
    int true_from; /* which asking since begin() is answered with true, and all behind it; 0: none */
    int asked;
    int64_t begun_ms;
    _Atomic(pthread_t) caller;
    bool others;           /* other threads may ask, and hear no */
    int ride_from, ridden; /* the same of the askings while the line is empty, which is after it has moved */
    int lets_in;           /* how many threads get in line behind the first that asks */
    pthread_t *let_in;
    _Atomic bool signalled, by_signal;
} hook;

static void *get_one(void *unused);
static void until_waiting(int calls);

static bool asks(void *data) {
    CHECK(data == &hook, "data %p", data);
    if (!pthread_equal(pthread_self(), hook.caller)) {
        CHECK(hook.others, "another thread asks");
        return false;
    }
    teleai_pool_stats now;
    teleai_error error;
    if (client != NULL) /* which takes the pool's lock */
        GIVES(teleai_pool_stats_get(client, &now, &error), TELEAI_OK);
    hook.asked++;
    for (; hook.lets_in > 0; hook.lets_in--) {
        until_waiting(3 - hook.lets_in);
        pthread_create(hook.let_in++, NULL, get_one, NULL);
    }
    if (hook.ride_from > 0)
        return now.waiting_calls == 0 && ++hook.ridden >= hook.ride_from;
    return hook.by_signal ? hook.signalled : hook.true_from > 0 && hook.asked >= hook.true_from;
}

static void begin(void) {
    hook.asked = hook.ridden = 0;
    hook.true_from = 4;
    hook.begun_ms = check_now_ms();
    hook.caller = pthread_self();
}

#define ENDED(call)                      \
    do {                                 \
        begin();                         \
        GIVES((call), TELEAI_CANCELLED); \
        ended(__LINE__);                 \
    } while (0)

static void ended(int line) {
    int64_t took = check_now_ms() - hook.begun_ms;
    CHECK(hook.asked >= 4 && took < MOST_MS, "line %d: asked %d times in %d ms", line, hook.asked, (int)took);
    hook.true_from = 0;
}

static teleai_options options_with(int32_t connections) {
    return (teleai_options){.struct_size = sizeof(teleai_options),
                            .max_connections = connections,
                            .timeout_ms = LONG_MS,
                            .password_memory_kib = 19456,
                            .interrupt_hook = asks,
                            .interrupt_hook_data = &hook};
}

static void open_with(int32_t connections) {
    teleai_error error;
    teleai_options options = options_with(connections);
    hook.true_from = 0;
    hook.caller = pthread_self();
    GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK);
    harness_sql("delete from users");
    harness_user(client, &user);
}

static void close_client(void) {
    teleai_client *it = client;
    client = NULL;
    teleai_close(it);
}

static void lock_users(void) { PQclear(PQexec(raw, "begin; lock table users")); }
static void let_go(void) { PQclear(PQexec(raw, "rollback")); }

static teleai_pool_stats stats(void) {
    teleai_pool_stats now;
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &now, &error), TELEAI_OK);
    return now;
}

/* The server has stopped too, and what was used before works again. */
static void all_is_well(int64_t discarded) {
    teleai_error error;
    CHECK(harness_becomes("0", WAITING), "the server works on");
    CHECK(stats().discarded == discarded, "%d connections were thrown away", (int)(stats().discarded - discarded));
    CHECK(stats().open_connections == stats().idle_connections, "a connection is not back");
    let_go();
    GIVES(teleai_user_get(client, &user, NULL, &error), TELEAI_OK);
    close_client();
}

#endif
