/* fork(): what a child may do with its parent's client is to close it, and that does the parent no harm. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "harness.h"

static teleai_client *client, *transaction, *inner, *batch, *steps;
static teleai_stream *stream;
static teleai_user *queued_user, *stepped_user;
static teleai_uuid user;

/* Runs in a child; gives how many of the child's checks failed. */
static int in_child(void (*run)(void)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        check_failures = 0;
        run();
        fflush(stdout);
        _exit(check_failures > 100 ? 100 : check_failures);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static void call_everything_and_close(void) {
    teleai_error error;
    teleai_client *made = NULL;
    teleai_pool_stats stats;
    teleai_user *found = NULL;
    teleai_migration_status *migrations = NULL;
    teleai_search_hits *hits = NULL;
    teleai_user_input input = {
        .struct_size = sizeof input, .email = "child@example.org", .full_name = "Child", .password = "correct horse"};
    teleai_client *const clients[] = {client, transaction, inner};
    for (int i = 0; i < 3; i++) {
        GIVES(teleai_ping(clients[i], &error), TELEAI_CLOSED);
        GIVES(teleai_user_get(clients[i], &user, &found, &error), TELEAI_CLOSED);
        GIVES(teleai_user_create(clients[i], &input, &found, &error), TELEAI_CLOSED);
        GIVES(teleai_search_transcriptions(clients[i], "heart", NULL, &hits, &error), TELEAI_CLOSED);
        GIVES(teleai_transaction_begin(clients[i], NULL, &made, &error), TELEAI_CLOSED);
        GIVES(teleai_transaction_commit(clients[i], &error), TELEAI_CLOSED);
        GIVES(teleai_transaction_rollback(clients[i], &error), TELEAI_CLOSED);
        GIVES(teleai_pool_stats_get(clients[i], &stats, &error), TELEAI_CLOSED);
        GIVES(teleai_migrate_up(clients[i], &error), TELEAI_CLOSED);
        GIVES(teleai_migrate_status(clients[i], &migrations, &error), TELEAI_CLOSED);
    }
    CHECK(strstr(error.message, "fork") != NULL, "%s", error.message);
    CHECK(made == NULL && found == NULL && hits == NULL && migrations == NULL, "something came back");
    teleai_client *const batches[] = {batch, steps};
    for (int i = 0; i < 2; i++) { /* one has queued only, the other is in flight */
        bool done = false;
        GIVES(teleai_user_get(batches[i], &user, &found, &error), TELEAI_CLOSED);
        GIVES(teleai_batch_flush(batches[i], &error), TELEAI_CLOSED);
        GIVES(teleai_batch_step(batches[i], &done, &error), TELEAI_CLOSED);
        CHECK(done, "it would go on for ever");
        teleai_close(batches[i]);
    }
    teleai_users *piece = NULL;
    GIVES(teleai_user_stream_next(stream, &piece, &error), TELEAI_CLOSED);
    teleai_stream_close(stream);
    teleai_close(inner);
    teleai_close(client);
    teleai_close(transaction);
}

static void close_nothing(void) {}

/* A batch with something queued, another one whose question is under way, and a stream in the middle. */
static void start_batches_and_stream(void) {
    teleai_error error;
    bool done;
    GIVES(teleai_batch_open(client, NULL, &batch, &error), TELEAI_OK);
    CHECK(teleai_user_get(batch, &user, &queued_user, NULL) == TELEAI_OK, "queued");
    GIVES(teleai_batch_open(client, NULL, &steps, &error), TELEAI_OK);
    CHECK(teleai_user_get(steps, &user, &stepped_user, NULL) == TELEAI_OK, "queued");
    GIVES(teleai_batch_step(steps, &done, &error), TELEAI_OK);
    GIVES(teleai_user_stream(client, NULL, NULL, &stream, &error), TELEAI_OK);
}

/* The children did them no harm. */
static void end_batches_and_stream(void) {
    teleai_error error;
    GIVES(teleai_batch_flush(batch, &error), TELEAI_OK);
    GIVES(teleai_batch_flush(steps, &error), TELEAI_OK);
    CHECK(queued_user != NULL && stepped_user != NULL, "an answer is missing");
    teleai_user_free(queued_user);
    teleai_user_free(stepped_user);
    teleai_users *piece = NULL;
    GIVES(teleai_user_stream_next(stream, &piece, &error), TELEAI_OK);
    CHECK(piece != NULL && piece->count == 1, "the stream is empty");
    teleai_users_free(piece);
    teleai_stream_close(stream);
    teleai_close(batch);
    teleai_close(steps);
}

static void work_on_ones_own(void) {
    teleai_error error;
    teleai_client *own;
    int64_t count = 0;
    GIVES(teleai_open(harness_database(), NULL, &own, &error), TELEAI_OK);
    GIVES(teleai_user_count(own, NULL, &count, &error), TELEAI_OK);
    CHECK(count == 1, "%d users", (int)count);
    teleai_close(own);
    teleai_close(client);
}

/* All that the parent has goes on. */
static void check_parent(void) {
    teleai_error error;
    teleai_uuid file;
    int64_t count = 0;
    GIVES(teleai_user_count(client, NULL, &count, &error), TELEAI_OK);
    harness_audio_file(inner, &user, &file);
    GIVES(teleai_audio_file_count(inner, NULL, &count, &error), TELEAI_OK);
}

int main(void) {
    if (!harness_has_server()) {
        printf("no PostgreSQL server programs\n");
        return 77;
    }
    teleai_error error;
    client = harness_open();
    harness_user(client, &user);
    GIVES(teleai_transaction_begin(client, NULL, &transaction, &error), TELEAI_OK);
    GIVES(teleai_transaction_begin(transaction, NULL, &inner, &error), TELEAI_OK);
    check_parent();
    start_batches_and_stream();
    static void (*const children[])(void) = {call_everything_and_close, close_nothing, work_on_ones_own,
                                             call_everything_and_close};
    for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
        CHECK(in_child(children[i]) == 0, "child %zu failed", i);
        check_parent();
    }
    end_batches_and_stream();
    GIVES(teleai_transaction_commit(inner, &error), TELEAI_OK);
    GIVES(teleai_transaction_commit(transaction, &error), TELEAI_OK);
    CHECK(strcmp(harness_sql("select count(*) from audio_files"), "5") == 0, "%s files",
          harness_sql("select count(*) from audio_files"));
    teleai_close(inner);
    teleai_close(transaction);
    teleai_pool_stats stats;
    GIVES(teleai_pool_stats_get(client, &stats, &error), TELEAI_OK);
    CHECK(stats.discarded == 0 && stats.opened <= 4 && stats.idle_connections == stats.opened, "opened %lld",
          (long long)stats.opened);
    teleai_close(client);
    harness_drop();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
