/* Batches: many operations in one flight, and the same without blocking. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(batch);

static teleai_client *batch;
static teleai_uuid user;

static void open_batch(bool atomic) {
    teleai_batch_options options = {.struct_size = sizeof options, .atomic = atomic};
    harness_user(db, &user);
    OK(teleai_batch_open(db, &options, &batch, &error));
}

static teleai_audio_file_input file(const char *name) {
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .user_id = &user,
                                     .file_name = name,
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1000};
}

static int64_t statements(void) {
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    return stats.statements_run;
}

#define QUEUED(call, its_error)                                               \
    do {                                                                      \
        cr_assert((call) == TELEAI_OK, "%s: %s", #call, (its_error).message); \
        cr_assert((its_error).status == TELEAI_QUEUED);                       \
    } while (0)

Test(batch, fills_every_out_and_error) {
    open_batch(false);
    enum { COUNT = 200 };
    teleai_audio_file *made[COUNT];
    teleai_error errors[COUNT];
    char name[32];
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "call%d.wav", i); /* borrowed for the call only */
        teleai_audio_file_input input = file(name);
        QUEUED(teleai_audio_file_create(batch, &input, &made[i], &errors[i]), errors[i]);
        cr_assert(made[i] == NULL);
    }
    cr_assert(teleai_batch_pending(batch) == COUNT);
    SAME_TEXT(harness_sql("select count(*) from audio_files"), "0");
    OK(teleai_batch_flush(batch, &error));
    cr_assert(teleai_batch_pending(batch) == 0);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "call%d.wav", i);
        cr_assert(errors[i].status == TELEAI_OK && errors[i].message[0] == '\0');
        SAME_TEXT(made[i]->file_name, name);
    }
    teleai_audio_file *read[COUNT];
    for (int i = 0; i < COUNT; i++)
        QUEUED(teleai_audio_file_get(batch, &made[i]->id, &read[i], &errors[i]), errors[i]);
    OK(teleai_batch_flush(batch, &error));
    for (int i = 0; i < COUNT; i++) {
        SAME_TEXT(read[i]->file_name, made[i]->file_name);
        teleai_audio_file_free(read[i]);
        teleai_audio_file_free(made[i]);
    }
    teleai_close(batch);
}

Test(batch, failures_stay_apart) {
    open_batch(false);
    teleai_uuid nobody, ids[6];
    teleai_uuid_make(&nobody);
    teleai_error errors[6], bad;
    teleai_audio_file *read[6] = {0};
    for (int i = 0; i < 6; i++) {
        teleai_audio_file_input input = file("call.wav");
        teleai_uuid_make(&ids[i]);
        input.id = &ids[i];
        if (i == 2)
            input.user_id = &nobody;
        if (i == 4)
            input.id = &ids[0];
        QUEUED(teleai_audio_file_create(batch, &input, NULL, &errors[i]), errors[i]);
    }
    teleai_audio_file_input wrong = file("call.wav");
    wrong.mime_type = NULL;
    cr_assert(teleai_audio_file_create(batch, &wrong, NULL, &bad) == TELEAI_INVALID_ARGUMENT);
    for (int i = 0; i < 6; i++)
        QUEUED(teleai_audio_file_get(batch, &ids[i], &read[i], i == 3 ? &bad : &error), i == 3 ? bad : error);
    cr_assert(teleai_batch_flush(batch, &error) == TELEAI_PARENT_NOT_FOUND);
    cr_assert(error.flags == TELEAI_ERROR_HAS_ITEM && error.item == 2, "%llu", (unsigned long long)error.item);
    SAME_TEXT(error.field, "user_id");
    for (int i = 0; i < 6; i++) {
        teleai_status expected = i == 2 ? TELEAI_PARENT_NOT_FOUND : i == 4 ? TELEAI_ALREADY_EXISTS : TELEAI_OK;
        cr_assert(errors[i].status == expected, "%d: %s", i, errors[i].message);
        cr_assert((read[i] != NULL) == (expected == TELEAI_OK), "%d", i);
        teleai_audio_file_free(read[i]);
    }
    teleai_close(batch);
}

/* A failing read among reads that go together. */
Test(batch, a_failed_read_does_not_harm_its_neighbours) {
    open_batch(false);
    harness_sql("alter table transcriptions rename column engine to engine_");
    teleai_error errors[5];
    teleai_user *users[5] = {0};
    teleai_transcription *none = NULL;
    for (int i = 0; i < 5; i++)
        if (i == 2)
            QUEUED(teleai_transcription_get(batch, &user, &none, &errors[i]), errors[i]);
        else
            QUEUED(teleai_user_get(batch, &user, &users[i], &errors[i]), errors[i]);
    cr_assert(teleai_batch_flush(batch, &error) == TELEAI_SCHEMA_MISMATCH && error.item == 2, "%s", error.message);
    for (int i = 0; i < 5; i++) {
        cr_assert(errors[i].status == (i == 2 ? TELEAI_SCHEMA_MISMATCH : TELEAI_OK), "%d: %s", i, errors[i].message);
        cr_assert((users[i] != NULL) == (i != 2));
        teleai_user_free(users[i]);
    }
    teleai_close(batch);
}

Test(batch, atomic_is_all_or_nothing) {
    open_batch(true);
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    teleai_error errors[5];
    teleai_audio_file *made[5];
    for (int fails = 1; fails >= 0; fails--) {
        for (int i = 0; i < 5; i++) {
            teleai_audio_file_input input = file("call.wav");
            if (i == 3 && fails)
                input.user_id = &nobody;
            QUEUED(teleai_audio_file_create(batch, &input, &made[i], &errors[i]), errors[i]);
        }
        teleai_status status = teleai_batch_flush(batch, &error);
        cr_assert(status == (fails ? TELEAI_PARENT_NOT_FOUND : TELEAI_OK), "%s", error.message);
        cr_assert(!fails || error.item == 3);
        for (int i = 0; i < 5; i++) {
            teleai_status expected = !fails ? TELEAI_OK : i == 3 ? TELEAI_PARENT_NOT_FOUND : TELEAI_ABORTED;
            cr_assert(errors[i].status == expected, "%d: %s", i, errors[i].message);
            cr_assert((made[i] != NULL) == !fails);
            teleai_audio_file_free(made[i]);
        }
        SAME_TEXT(harness_sql("select count(*) from audio_files"), fails ? "0" : "5");
    }
    SAME_TEXT(harness_sql("select count(distinct xmin::text) from audio_files"), "1");
    teleai_close(batch);
}

Test(batch, on_a_transaction_is_part_of_it) {
    harness_user(db, &user);
    teleai_client *transaction;
    for (int keep = 0; keep <= 1; keep++) {
        OK(teleai_transaction_begin(db, NULL, &transaction, &error));
        OK(teleai_batch_open(transaction, NULL, &batch, &error));
        teleai_audio_file_input input = file("call.wav");
        int64_t count = -1, more = -1;
        teleai_error errors[3];
        QUEUED(teleai_audio_file_create(batch, &input, NULL, &errors[0]), errors[0]);
        QUEUED(teleai_audio_file_count(batch, NULL, &count, &errors[1]), errors[1]);
        OK(teleai_batch_flush(batch, &error));
        cr_assert(count == 1 && errors[1].status == TELEAI_OK);
        OK(teleai_audio_file_count(transaction, NULL, &more, &error));
        cr_assert(more == 1);
        if (keep)
            OK(teleai_transaction_commit(transaction, &error));
        teleai_close(transaction);
        QUEUED(teleai_audio_file_count(batch, NULL, &count, &errors[2]), errors[2]);
        cr_assert(teleai_batch_flush(batch, &error) == TELEAI_CLOSED && errors[2].status == TELEAI_CLOSED);
        teleai_close(batch);
        SAME_TEXT(harness_sql("select count(*) from audio_files"), keep ? "1" : "0");
    }
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_batch_open(transaction, NULL, &batch, &error));
    teleai_audio_file_input input = file("call.wav");
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    teleai_error errors[2];
    input.user_id = &nobody;
    QUEUED(teleai_audio_file_create(batch, &input, NULL, &errors[0]), errors[0]);
    input.user_id = &user;
    QUEUED(teleai_audio_file_create(batch, &input, NULL, &errors[1]), errors[1]);
    cr_assert(teleai_batch_flush(batch, &error) == TELEAI_PARENT_NOT_FOUND);
    cr_assert(errors[1].status == TELEAI_ABORTED);
    FAILS(teleai_transaction_commit(transaction, &error), TELEAI_ABORTED, "");
    teleai_close(transaction);
    teleai_close(batch);
}

/* Far more than sockets and buffers hold, both ways: it is sent while it is filled. */
static void fill_with_much(bool atomic) {
    open_batch(atomic);
    enum { COUNT = 300 };
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    text[0] = '"';
    text[sizeof text - 2] = '"';
    char *metadata = malloc(sizeof text + 20);
    sprintf(metadata, "{\"a\": %s}", text);
    teleai_audio_file **made = calloc(COUNT, sizeof *made);
    int64_t most = 0;
    for (int i = 0; i < COUNT; i++) {
        teleai_audio_file_input input = file("call.wav");
        input.metadata_json = metadata;
        cr_assert(teleai_audio_file_create(batch, &input, &made[i], NULL) == TELEAI_OK);
        most = teleai_batch_pending(batch) > most ? teleai_batch_pending(batch) : most;
    }
    cr_assert(atomic || most < 100, "%lld were held", (long long)most);
    OK(teleai_batch_flush(batch, &error));
    for (int i = 0; i < COUNT; i++) {
        SAME_TEXT(made[i]->metadata_json, metadata);
        teleai_audio_file_free(made[i]);
    }
    free(made);
    free(metadata);
    teleai_close(batch);
}

Test(batch, any_size) { fill_with_much(false); }
Test(batch, any_size_at_once) { fill_with_much(true); }

Test(batch, one_round_trip) {
    open_batch(false);
    teleai_user *users[64];
    for (int i = 0; i < 64; i++)
        cr_assert(teleai_user_get(batch, &user, &users[i], NULL) == TELEAI_OK);
    int64_t before = statements();
    OK(teleai_batch_flush(batch, &error));
    cr_assert(statements() == before + 64);
    for (int i = 0; i < 64; i++)
        teleai_user_free(users[i]);
    teleai_close(batch);
}

Test(batch, what_cannot_be_in_one) {
    open_batch(false);
    teleai_user *found;
    teleai_client *inner;
    FAILS(teleai_user_login(batch, "ann@example.org", "correct horse", &found, &error), TELEAI_INVALID_ARGUMENT,
          "client");
    FAILS(teleai_migrate_up(batch, &error), TELEAI_INVALID_ARGUMENT, "client");
    FAILS(teleai_transaction_begin(batch, NULL, &inner, &error), TELEAI_INVALID_ARGUMENT, "client");
    FAILS(teleai_scope_open(batch, NULL, &inner, &error), TELEAI_INVALID_ARGUMENT, "client");
    FAILS(teleai_batch_open(batch, NULL, &inner, &error), TELEAI_INVALID_ARGUMENT, "client");
    FAILS(teleai_batch_open(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_batch_flush(db, &error), TELEAI_INVALID_ARGUMENT, "batch");
    FAILS(teleai_batch_flush(NULL, &error), TELEAI_CLOSED, "");
    FAILS(teleai_batch_step(batch, NULL, &error), TELEAI_INVALID_ARGUMENT, "done");
    cr_assert(teleai_batch_pending(db) == 0 && teleai_batch_socket(NULL) == -1 && teleai_batch_events(db) == 0 &&
              teleai_batch_timeout_ms(batch) == -1);
    OK(teleai_batch_flush(batch, &error));
    teleai_close(batch);
}

Test(batch, closing_drops_what_is_queued) {
    open_batch(false);
    teleai_error of_it;
    teleai_audio_file_input input = file("call.wav");
    teleai_audio_file *made;
    QUEUED(teleai_audio_file_create(batch, &input, &made, &of_it), of_it);
    teleai_close(batch);
    cr_assert(of_it.status == TELEAI_CANCELLED && made == NULL, "%s", of_it.message);
    SAME_TEXT(harness_sql("select count(*) from audio_files"), "0");
}

/* ---- event loop ---- */

static int steps, waits;

static teleai_status loop_until_done(void) {
    bool done = false;
    teleai_status status = teleai_batch_step(batch, &done, &error);
    for (steps = 1; !done; steps++) {
        int32_t events = teleai_batch_events(batch);
        struct pollfd watched = {.fd = teleai_batch_socket(batch),
                                 .events = (short)(((events & TELEAI_EVENT_READ) ? POLLIN : 0) |
                                                   ((events & TELEAI_EVENT_WRITE) ? POLLOUT : 0))};
        cr_assert(watched.fd < 0 || watched.events != 0, "it waits for nothing");
        waits += poll(&watched, 1, teleai_batch_timeout_ms(batch)) >= 0;
        status = teleai_batch_step(batch, &done, &error);
    }
    return status;
}

Test(batch, on_an_event_loop) {
    teleai_options options = {.struct_size = sizeof options, .max_connections = 1, .password_memory_kib = 19456};
    teleai_close(db);
    OK(teleai_open(harness_database(), &options, &db, &error));
    open_batch(false);
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error)); /* holds the only connection */
    teleai_user *users[10];
    for (int i = 0; i < 10; i++)
        cr_assert(teleai_user_get(batch, &user, &users[i], NULL) == TELEAI_OK);
    bool done;
    for (int i = 0; i < 3; i++) {
        OK(teleai_batch_step(batch, &done, &error));
        cr_assert(!done && teleai_batch_socket(batch) >= 0 && teleai_batch_events(batch) == TELEAI_EVENT_READ);
        cr_assert(teleai_batch_timeout_ms(batch) > 0);
    }
    teleai_close(transaction);
    cr_assert(loop_until_done() == TELEAI_OK, "%s", error.message);
    for (int i = 0; i < 10; i++) {
        cr_assert(users[i] != NULL);
        teleai_user_free(users[i]);
    }
    teleai_close(batch);
}

Test(batch, an_event_loop_connects_without_blocking) {
    open_batch(false);
    harness_sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                "pg_backend_pid()");
    cr_assert(harness_becomes("1", "select count(*) from pg_stat_activity where datname = current_database()"));
    teleai_user *one;
    teleai_error of_it;
    QUEUED(teleai_user_get(batch, &user, &one, &of_it), of_it);
    cr_assert(loop_until_done() == TELEAI_OK, "%s", error.message);
    cr_assert(one != NULL && steps > 2, "%d steps", steps);
    teleai_user_free(one);
    teleai_close(batch);
}

Test(batch, joins_the_next_flight) {
    open_batch(false);
    teleai_user *first, *second = NULL;
    teleai_error errors[2];
    QUEUED(teleai_user_get(batch, &user, &first, &errors[0]), errors[0]);
    bool done;
    OK(teleai_batch_step(batch, &done, &error));
    QUEUED(teleai_user_get(batch, &user, &second, &errors[1]), errors[1]);
    cr_assert(loop_until_done() == TELEAI_OK);
    cr_assert(first != NULL && second != NULL && errors[0].status == TELEAI_OK && errors[1].status == TELEAI_OK);
    teleai_user_free(first);
    teleai_user_free(second);
    teleai_close(batch);
}

Test(batch, gives_up_when_no_answer_comes) {
    harness_user(db, &user);
    teleai_scope_options options = {.struct_size = sizeof options, .timeout_ms = 300};
    teleai_client *scope;
    OK(teleai_scope_open(db, &options, &scope, &error));
    PGconn *raw = harness_connect();
    PQclear(PQexec(raw, "begin; lock table users"));
    for (int blocking = 0; blocking <= 1; blocking++) {
        OK(teleai_batch_open(scope, NULL, &batch, &error));
        teleai_user *none;
        teleai_error of_it[2];
        QUEUED(teleai_user_get(batch, &user, &none, &of_it[0]), of_it[0]);
        teleai_user_input input = {.struct_size = sizeof input, .full_name = "Changed"};
        QUEUED(teleai_user_update(batch, &user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &of_it[1]), of_it[1]);
        teleai_status status = blocking ? teleai_batch_flush(batch, &error) : loop_until_done();
        cr_assert(status == TELEAI_TIMEOUT && none == NULL, "%s", error.message);
        cr_assert(of_it[0].status == TELEAI_TIMEOUT && of_it[0].flags == TELEAI_ERROR_RETRYABLE, "%s",
                  of_it[0].message);
        cr_assert(of_it[1].status == TELEAI_TIMEOUT, "%s", of_it[1].message);
        teleai_close(batch);
        cr_assert(harness_becomes("0", "select count(*) from pg_stat_activity where datname = current_database() and "
                                       "wait_event_type = 'Lock'"));
    }
    PQclear(PQexec(raw, "rollback"));
    PQfinish(raw);
    SAME_TEXT(harness_sql("select count(*) from users where full_name = 'Changed'"), "0");
    teleai_close(scope);
}

/* A plan that a migration made stale is made anew, for reads and writes, also where all of the batch is one. */
static void heals(bool atomic) {
    open_batch(atomic);
    teleai_uuid id;
    for (int round = 0; round < 3; round++) {
        teleai_audio_file *made, *read[8];
        teleai_uuid_make(&id);
        teleai_audio_file_input input = file("call.wav");
        input.id = &id;
        cr_assert(teleai_audio_file_create(batch, &input, &made, NULL) == TELEAI_OK);
        for (int i = 0; i < 8; i++)
            cr_assert(teleai_audio_file_get(batch, &id, &read[i], NULL) == TELEAI_OK);
        teleai_status status = teleai_batch_flush(batch, &error);
        cr_assert(status == TELEAI_OK, "%s", error.message);
        for (int i = 0; i < 8; i++) {
            cr_assert(read[i] != NULL);
            teleai_audio_file_free(read[i]);
        }
        cr_assert(made != NULL);
        teleai_audio_file_free(made);
        harness_sql("alter table audio_files alter column mime_type type varchar(%d)", 99 - round);
    }
    teleai_close(batch);
}

Test(batch, a_stale_plan_heals) { heals(false); }

Test(batch, a_stale_plan_heals_an_atomic_batch) { heals(true); }

/* In a transaction other things are at stake: it says that it is to be run again, and then works. */
Test(batch, a_stale_plan_ends_a_transaction_that_can_be_run_again) {
    teleai_audio_file *first;
    teleai_uuid id;
    harness_user(db, &user);
    harness_audio_file(db, &user, &id);
    OK(teleai_audio_file_get(db, &id, &first, &error)); /* makes the plan */
    teleai_audio_file_free(first);
    for (int round = 0; round < 2; round++) {
        teleai_client *transaction;
        teleai_audio_file *read = NULL;
        harness_sql("alter table audio_files alter column mime_type type varchar(%d)", 99 - round);
        OK(teleai_transaction_begin(db, NULL, &transaction, &error)); /* on the connection that has the plan */
        if (round == 0) {
            FAILS(teleai_audio_file_get(transaction, &id, &read, &error), TELEAI_ABORTED, "");
        } else {
            OK(teleai_batch_open(transaction, NULL, &batch, &error));
            cr_assert(teleai_audio_file_get(batch, &id, &read, NULL) == TELEAI_OK);
            cr_assert(teleai_batch_flush(batch, &error) == TELEAI_ABORTED, "%s", error.message);
            teleai_close(batch);
        }
        cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) != 0 && strcmp(error.sqlstate, "0A000") == 0, "%s",
                  error.message);
        teleai_close(transaction);
        OK(teleai_transaction_begin(db, NULL, &transaction, &error));
        OK(teleai_audio_file_get(transaction, &id, &read, &error));
        teleai_close(transaction);
        teleai_audio_file_free(read);
    }
}
