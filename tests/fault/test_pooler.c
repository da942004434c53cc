/* Behind PgBouncer in transaction mode, where each transaction may run in another session of the server: everything
 * works, and nothing stays behind there. */
#include <pthread.h>

#include "own_pooler.h"
#include "schema/tables.h"

#define THREADS 8
#define ROUNDS 20
#define CONNECTIONS 6

/* ---- clients ---- */

static teleai_client *open_at(const char *connection, int32_t connections, int32_t timeout_ms) {
    teleai_options options = {.struct_size = sizeof options,
                              .max_connections = connections,
                              .timeout_ms = timeout_ms,
                              .password_memory_kib = 19456};
    teleai_client *client = NULL;
    teleai_error error;
    if (!GIVES(teleai_open(connection, &options, &client, &error), TELEAI_OK))
        exit(1);
    return client;
}

static int prepared(teleai_client *client) {
    teleai_pool_stats stats = {0};
    teleai_error error;
    GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
    return (int)stats.statements_prepared;
}

#include "pooler_nouns.h"

/* ---- transactions, batches ---- */

static teleai_status add_user(teleai_client *db, const char *name, const char *email, teleai_uuid *id,
                              teleai_error *error) {
    teleai_uuid_make(id);
    teleai_user_input input = {.struct_size = sizeof input, .id = id, .email = email, .full_name = name};
    return teleai_user_create(db, &input, NULL, error);
}

static void live_in_transaction(teleai_client *client, const char *name, bool keep) {
    teleai_error error;
    teleai_client *outer, *inner;
    teleai_uuid kept, undone;
    char email[64];
    if (!GIVES(teleai_transaction_begin(client, NULL, &outer, &error), TELEAI_OK))
        return;
    name_somebody(email, sizeof email);
    GIVES(add_user(outer, name, email, &kept, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(outer, NULL, &inner, &error), TELEAI_OK);
    GIVES(add_user(inner, name, email, &undone, &error), TELEAI_ALREADY_EXISTS);
    GIVES(teleai_transaction_rollback(inner, &error), TELEAI_OK);
    teleai_close(inner);
    live(outer, name, NULL);
    GIVES(keep ? teleai_transaction_commit(outer, &error) : teleai_transaction_rollback(outer, &error), TELEAI_OK);
    teleai_close(outer);
    GIVES(teleai_user_get(client, &kept, NULL, &error), keep ? TELEAI_OK : TELEAI_NOT_FOUND);
    GIVES(teleai_user_get(client, &undone, NULL, &error), TELEAI_NOT_FOUND);
}

#define IN_BATCH 24

/* Users are made and read, the middle one twice. */
static void live_in_batch(teleai_client *client, const char *name, bool atomic) {
    teleai_error error, errors[2 * IN_BATCH];
    teleai_batch_options options = {.struct_size = sizeof options, .atomic = atomic};
    teleai_client *batch;
    teleai_uuid ids[IN_BATCH];
    teleai_user *read[IN_BATCH];
    char email[IN_BATCH][64];
    if (!GIVES(teleai_batch_open(client, &options, &batch, &error), TELEAI_OK))
        return;
    for (int i = 0; i < IN_BATCH; i++) {
        name_somebody(email[i], sizeof email[i]);
        (void)add_user(batch, name, email[i == IN_BATCH / 2 ? 0 : i], &ids[i], &errors[2 * i]);
        (void)teleai_user_get(batch, &ids[i], &read[i], &errors[2 * i + 1]);
    }
    GIVES(teleai_batch_flush(batch, &error), TELEAI_ALREADY_EXISTS);
    CHECK((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == IN_BATCH, "operation %d", (int)error.item);
    for (int i = 0; i < IN_BATCH; i++) {
        bool good = !atomic && i != IN_BATCH / 2;
        teleai_status wanted = good ? TELEAI_OK : i == IN_BATCH / 2 ? TELEAI_ALREADY_EXISTS : TELEAI_ABORTED;
        CHECK(errors[2 * i].status == wanted, "%d: %s: %s", i, teleai_status_name(errors[2 * i].status),
              errors[2 * i].message);
        wanted = good ? TELEAI_OK : atomic ? TELEAI_ABORTED : TELEAI_NOT_FOUND;
        CHECK(errors[2 * i + 1].status == wanted, "%d: %s: %s", i, teleai_status_name(errors[2 * i + 1].status),
              errors[2 * i + 1].message);
        CHECK((read[i] != NULL) == good && (!good || teleai_uuid_equal(&read[i]->id, &ids[i])), "somebody else");
        teleai_user_free(read[i]);
    }
    teleai_close(batch);
    for (int i = 0; i < IN_BATCH; i += IN_BATCH - 1)
        GIVES(teleai_user_get(client, &ids[i], NULL, &error), atomic ? TELEAI_NOT_FOUND : TELEAI_OK);
}

/* As many as COPY is for, where there is no pooler. Once more, and it fails at the first one. */
static void live_in_bulk(teleai_client *client, const char *name, size_t count) {
    teleai_error error;
    teleai_user_input *inputs = calloc(count, sizeof *inputs);
    char(*email)[64] = calloc(count, sizeof *email);
    for (size_t i = 0; i < count; i++) {
        name_somebody(email[i], sizeof email[i]);
        inputs[i] = (teleai_user_input){.struct_size = sizeof inputs[i], .email = email[i], .full_name = name};
    }
    GIVES(teleai_user_create_many(client, inputs, count < 1000 ? count : 1, NULL, NULL, &error), TELEAI_OK);
    GIVES(teleai_user_create_many(client, inputs, count, NULL, NULL, &error), TELEAI_ALREADY_EXISTS);
    free(inputs);
    free(email);
}

/* ---- many threads ---- */

static teleai_client *shared;
static int rounds, only; /* what is done; -1: everything */

static void *work(void *argument) {
    int number = *(const int *)argument;
    for (int round = number; round < number + rounds; round++) {
        teleai_client *scope = NULL, *db = shared;
        teleai_error error;
        static _Atomic uint32_t numbers;
        uint32_t one = 2 + numbers++ % TENANTS;
        teleai_uuid tenant;
        char name[TELEAI_UUID_TEXT_BYTES] = "plain";
        teleai_tenant_default_id(&tenant);
        tenant.bytes[14] = (uint8_t)(one >> 8);
        tenant.bytes[15] = (uint8_t)one;
        teleai_scope_options options = {.struct_size = sizeof options,
                                        .timeout_ms = 77000,
                                        .actor_id = &tenant,
                                        .tenant_id = &tenant,
                                        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
        if (round % 2 == 0 && GIVES(teleai_scope_open(shared, &options, &scope, &error), TELEAI_OK)) {
            teleai_uuid_format(&tenant, name);
            db = scope;
        }
        switch (only >= 0 ? only : round / 2 % 5) {
        case 0:
            live_in_transaction(db, name, round % 3 == 0);
            break;
        case 1:
            live_in_batch(db, name, false);
            break;
        case 2:
            live_in_batch(db, name, true);
            break;
        case 3:
            live_in_bulk(db, name, only >= 0 ? 4000 : 250);
            break;
        default:
            live(db, name, round % 3 == 0 ? "correct horse" : NULL);
        }
        teleai_close(scope);
    }
    return NULL;
}

static void run_threads(int what, int how_often) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    only = what;
    rounds = how_often;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* Connections that break mean that the pooler has mixed sessions up. It does so when it gets more while it is answered,
 * which is why batches and many rows at once have a turn of their own. */
static void everything_works_for_many_threads(void) {
    shared = open_at(through, CONNECTIONS, 30000);
    run_threads(-1, ROUNDS);
    run_threads(1, 20);
    run_threads(3, 2);
    CHECK(prepared(shared) == 0, "%d statements were prepared", prepared(shared));
    teleai_pool_stats stats = {0};
    teleai_error error;
    GIVES(teleai_pool_stats_get(shared, &stats, &error), TELEAI_OK);
    CHECK(stats.opened <= CONNECTIONS && stats.discarded == 0, "%d opened", (int)stats.opened);
    teleai_close(shared);
}

/* ---- what stays behind ---- */

static void check_session(PGconn *raw) {
    PGresult *result = PQexec(raw, "select current_setting('statement_timeout'), "
                                   "coalesce(current_setting('teleai.tenant_id', true), ''), "
                                   "coalesce(current_setting('teleai.actor_id', true), ''), "
                                   "current_setting('application_name'), "
                                   "(select count(*) from pg_prepared_statements where name like 'teleai%'), "
                                   "coalesce(current_setting('client_connection_check_interval', true), '0')");
    static const char *const wanted[] = {"0", "", "", "raw", "0", "0"};
    CHECK(PQntuples(result) == 1, "%s", PQerrorMessage(raw));
    for (int i = 0; i < 6 && PQntuples(result) == 1; i++)
        CHECK(strcmp(PQgetvalue(result, 0, i), wanted[i]) == 0, "%d: %s", i, PQgetvalue(result, 0, i));
    PQclear(result);
}

/* In both sessions that the pooler has. */
static void nothing_stays_behind(void) {
    char connection[300];
    snprintf(connection, sizeof connection, "%s application_name=raw", through);
    CHECK(strcmp(harness_sql("select count(*) from pg_stat_activity where datname = current_database() and "
                             "application_name like '00-%%'"),
                 "0") == 0,
          "a trace stayed");
    PGconn *raw[2] = {PQconnectdb(connection), PQconnectdb(connection)};
    for (int i = 0; i < 100; i++) {
        for (int j = 0; j < 2; j++)
            PQclear(PQexec(raw[j], "begin"));
        for (int j = 0; j < 2; j++)
            check_session(raw[j]);
        for (int j = 0; j < 2; j++)
            PQclear(PQexec(raw[j], "commit"));
        check_session(raw[i % 2]);
    }
    for (int j = 0; j < 2; j++)
        PQfinish(raw[j]);
}

/* ---- found, or not ---- */

static void a_pooler_is_found_when_there_is_one(void) {
    teleai_client *client = open_at(through, 2, 30000);
    for (int i = 0; i < 5; i++)
        live(client, "plain", NULL);
    CHECK(prepared(client) == 0, "%d statements were prepared", prepared(client));
    teleai_close(client);
    client = open_at(harness_database(), 2, 30000);
    for (int i = 0; i < 5; i++)
        live(client, "plain", NULL);
    CHECK(prepared(client) > 20, "%d statements were prepared", prepared(client));
    teleai_close(client);
}

/* ---- too slow ---- */

static const char busy[] = "select count(*) from pg_stat_activity where datname = current_database() and "
                           "pid <> pg_backend_pid() and wait_event_type = 'Lock'";

/* Whatever the libpq that runs can tell a pooler: the server has the time limit from the call. Without one these would wait
 * for longer than harness_becomes() does. */
static void what_takes_too_long_ends_at_the_server(void) {
    teleai_client *root = open_at(through, 4, 60000), *scope, *transaction;
    teleai_error error;
    teleai_uuid user;
    harness_sql("alter table users disable trigger checked");
    harness_user(root, &user);
    teleai_scope_options brief = {.struct_size = sizeof brief, .timeout_ms = 500};
    GIVES(teleai_scope_open(root, &brief, &scope, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(scope, NULL, &transaction, &error), TELEAI_OK);
    teleai_user_input input = {.struct_size = sizeof input, .full_name = "Changed"};
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; select * from users for update"));

    int64_t start = check_now_ms();
    GIVES(teleai_user_update(scope, &user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_TIMEOUT);
    int64_t took = check_now_ms() - start;
    CHECK(took >= 400 && took < 15000, "after %d ms", (int)took);
    CHECK(error.flags == TELEAI_ERROR_OUTCOME_UNKNOWN || strcmp(error.sqlstate, "57014") == 0, "flags %u", error.flags);
    CHECK(harness_becomes("0", busy), "the server works on");
    GIVES(teleai_user_update(transaction, &user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error),
          TELEAI_TIMEOUT);
    CHECK(harness_becomes("0", busy), "the server works on");
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_ABORTED);
    teleai_close(transaction);
    PQclear(PQexec(raw, "rollback; begin; lock table users"));
    GIVES(teleai_user_get(scope, &user, NULL, &error), TELEAI_TIMEOUT);
    CHECK(error.flags == TELEAI_ERROR_RETRYABLE, "flags %u", error.flags);
    CHECK(harness_becomes("0", busy), "the server works on");
    PQfinish(raw);

    teleai_user *read = NULL;
    GIVES(teleai_user_get(scope, &user, &read, &error), TELEAI_OK);
    CHECK(read != NULL && strcmp(read->full_name, "Test User") == 0, "it happened after all");
    teleai_user_free(read);
    harness_sql("alter table users enable trigger checked");
    teleai_close(scope);
    teleai_close(root);
}

typedef struct slow_call {
    teleai_client *on;
    teleai_uuid user;
    teleai_status status;
    teleai_error error;
} slow_call;

static void *read_slowly(void *argument) {
    slow_call *it = argument;
    it->status = teleai_user_get(it->on, &it->user, NULL, &it->error);
    return NULL;
}

/* From version 17 on libpq has a request to stop that does not block, and PgBouncer passes it on. */
static void cancelling_goes_through_with_a_newer_libpq(void) {
    slow_call it = {.on = open_at(through, 2, 30000)};
    teleai_error error;
    GIVES(add_user(it.on, "plain", "slow@example.org", &it.user, &error), TELEAI_OK);
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; lock table users"));
    pthread_t thread;
    pthread_create(&thread, NULL, read_slowly, &it);
    CHECK(harness_becomes("1", busy), "it does not wait");
    bool newer = PQlibVersion() >= 170000;
    GIVES(teleai_cancel(it.on, &error), newer ? TELEAI_OK : TELEAI_UNAVAILABLE);
    if (newer)
        CHECK(harness_becomes("0", busy), "the server works on");
    PQclear(PQexec(raw, "rollback"));
    PQfinish(raw);
    pthread_join(thread, NULL);
    CHECK(it.status == (newer ? TELEAI_CANCELLED : TELEAI_OK), "%s", it.error.message);
    teleai_close(it.on);
}

/* The trigger wants a limit of half a minute at most. */
static void a_transaction_ends_with_its_scope(void) {
    teleai_client *root = open_at(through, 1, 60000), *scope, *transaction;
    teleai_error error;
    teleai_uuid user;
    teleai_scope_options options = {.struct_size = sizeof options, .total_ms = 25000};
    GIVES(teleai_scope_open(root, &options, &scope, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(scope, NULL, &transaction, &error), TELEAI_OK);
    GIVES(add_user(transaction, "plain", "total@example.org", &user, &error), TELEAI_OK);
    teleai_close(transaction);
    teleai_close(scope);
    teleai_close(root);
}

/* ---- the pooler's connections break ---- */

static void killed_server_connections_are_not_noticed(void) {
    teleai_client *client = open_at(through, 3, 30000);
    teleai_error error;
    for (int i = 0; i < 15; i++) {
        char email[64];
        int64_t count = 0;
        teleai_uuid id;
        name_somebody(email, sizeof email);
        GIVES(add_user(client, "plain", email, &id, &error), TELEAI_OK);
        CHECK(atoi(harness_sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> "
                               "pg_backend_pid() and datname = current_database()")) > 0,
              "there was nobody");
        check_pause_ms(i % 3 * 2);
        if (i % 2 == 0)
            GIVES(teleai_user_count(client, NULL, &count, &error), TELEAI_OK);
    }
    teleai_close(client);
}

/* What the pooler says against it is in the error: its code alone (08P01) tells nothing. */
static void statement_mode_says_why_it_refuses(void) {
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 5000};
    teleai_client *client = NULL, *transaction = NULL;
    teleai_error error;
    teleai_status status = teleai_open(through, &options, &client, &error);
    if (status == TELEAI_OK)
        status = teleai_transaction_begin(client, NULL, &transaction, &error);
    CHECK(status != TELEAI_OK && strstr(error.message, "transaction blocks not allowed") != NULL, "%s",
          status == TELEAI_OK ? "OK" : error.message);
    teleai_close(transaction);
    teleai_close(client);
}

int main(void) {
    if (!harness_has_server() || access(POOLER_PROGRAM, X_OK) != 0) {
        printf("no PostgreSQL server programs, or no " POOLER_PROGRAM "\n");
        return harness_has_server() ? check_skip() : 77;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    harness_database();
    pooler_start();
    watch_writes();
    a_pooler_is_found_when_there_is_one();
    everything_works_for_many_threads();
    nothing_stays_behind();
    what_takes_too_long_ends_at_the_server();
    cancelling_goes_through_with_a_newer_libpq();
    a_transaction_ends_with_its_scope();
    killed_server_connections_are_not_noticed();
    pooler_stop();
    pooler_mode = "statement";
    pooler_start();
    statement_mode_says_why_it_refuses();
    pooler_stop();
    harness_drop();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
