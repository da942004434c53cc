/* Seeing inside: the hook, the text for Prometheus, slow calls. */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(metrics);

static teleai_call calls[100];
static int call_count;

static void note(void *data, const teleai_call *call) {
    cr_assert(data == (void *)&call_count && call_count < 100);
    calls[call_count++] = *call;
}

static void reopen(teleai_options options) {
    teleai_close(db);
    options.struct_size = sizeof options;
    options.password_memory_kib = 19456;
    OK(teleai_open(harness_database(), &options, &db, &error));
    call_count = 0;
}

static const teleai_call *last(void) { return &calls[call_count - 1]; }

Test(metrics, the_hook_hears_of_each_call) {
    reopen((teleai_options){.call_hook = note, .call_hook_data = &call_count});
    teleai_uuid user, nobody;
    harness_user(db, &user);
    cr_assert(call_count == 1);
    SAME_TEXT(last()->operation, "user_create");
    cr_assert(last()->status == TELEAI_OK && last()->rows == 1 && last()->bytes > 0 && last()->attempts == 1);
    cr_assert(last()->duration_us > 0 && last()->query_us > 0 && last()->started_at_us > 1700000000000000);
    cr_assert(last()->duration_us >= last()->wait_us + last()->connect_us + last()->query_us + last()->decode_us);
    teleai_uuid_make(&nobody);
    FAILS(teleai_user_get(db, &nobody, NULL, &error), TELEAI_NOT_FOUND, "");
    cr_assert(last()->status == TELEAI_NOT_FOUND && last()->rows == 0 && last()->sqlstate[0] == '\0');
    teleai_user_input input = {.struct_size = sizeof input, .id = &user, .email = "b@example.org", .full_name = "B"};
    FAILS(teleai_user_create(db, &input, NULL, &error), TELEAI_ALREADY_EXISTS, "id");
    SAME_TEXT(last()->sqlstate, "23505");
    int before = call_count;
    FAILS(teleai_user_get(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id"); /* nothing was sent */
    cr_assert(call_count == before);
    teleai_client *transaction, *batch;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    SAME_TEXT(last()->operation, "transaction_begin");
    OK(teleai_user_get(transaction, &user, NULL, &error));
    SAME_TEXT(last()->operation, "user_get");
    OK(teleai_transaction_commit(transaction, &error));
    SAME_TEXT(last()->operation, "transaction_commit");
    teleai_close(transaction);
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_transaction_rollback(transaction, &error));
    SAME_TEXT(last()->operation, "transaction_rollback");
    teleai_close(transaction);
    for (int inside = 0; inside < 2; inside++) { /* each piece of a stream is a call */
        teleai_stream *stream;
        teleai_users *piece;
        OK(teleai_transaction_begin(db, NULL, &transaction, &error));
        OK(teleai_user_stream(inside ? transaction : db, NULL, NULL, &stream, &error));
        OK(teleai_user_stream_next(stream, &piece, &error));
        SAME_TEXT(last()->operation, "user_list");
        cr_assert(last()->rows == 1 && last()->bytes > 0 && last()->status == TELEAI_OK && last()->query_us > 0);
        teleai_users_free(piece);
        teleai_stream_close(stream);
        teleai_close(transaction);
    }
    OK(teleai_batch_open(db, NULL, &batch, &error));
    before = call_count;
    for (int i = 0; i < 5; i++)
        cr_assert(teleai_user_get(batch, &user, NULL, NULL) == TELEAI_OK);
    cr_assert(call_count == before);
    OK(teleai_batch_flush(batch, &error));
    cr_assert(call_count == before + 5 && last()->rows == 1 && last()->attempts == 1);
    teleai_close(batch);
}

static void says(const char *text, const char *line) { cr_assert(strstr(text, line) != NULL, "%s\n%s", line, text); }

Test(metrics, text_for_prometheus) {
    reopen((teleai_options){.metrics = true});
    teleai_uuid user;
    harness_user(db, &user);
    for (int i = 0; i < 7; i++)
        OK(teleai_user_get(db, &user, NULL, &error));
    char *text;
    OK(teleai_metrics_text(db, &text, &error));
    says(text, "\nteleai_calls_total{operation=\"user_get\",status=\"OK\"} 7\n");
    says(text, "\nteleai_call_duration_seconds_bucket{operation=\"user_get\",le=\"+Inf\"} 7\n");
    says(text, "\nteleai_call_duration_seconds_bucket{operation=\"user_get\",le=\"10.000000\"} 7\n");
    says(text, "\nteleai_call_duration_seconds_count{operation=\"user_get\"} 7\n");
    says(text, "\nteleai_rows_total{operation=\"user_get\"} 7\n");
    says(text, "\nteleai_phase_duration_seconds_count{phase=\"query\"} ");
    says(text, "\nteleai_pool_connections{pool=\"primary\",state=\"idle\"} 1\n");
    says(text, "\nteleai_retries_total 0\n");
    /* Each line is a comment or a name, perhaps labels, and a number; each name has its type before. */
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char name[100], *end;
        if (strncmp(line, "# HELP ", 7) == 0 || strncmp(line, "# TYPE ", 7) == 0)
            continue;
        cr_assert(sscanf(line, "%99[a-z_]", name) == 1, "%s", line);
        const char *value = strrchr(line, ' ');
        cr_assert(value != NULL && strtod(value, &end) >= 0 && *end == '\0' && end > value + 1, "%s", line);
    }
    teleai_text_free(text);
    OK(teleai_metrics_text(db, &text, &error));
    teleai_text_free(text);
    teleai_text_free(NULL);
    FAILS(teleai_metrics_text(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_metrics_text(NULL, &text, &error), TELEAI_CLOSED, "");
}

Test(metrics, counts_what_is_sent_again) {
    reopen((teleai_options){.metrics = true});
    teleai_uuid user;
    harness_user(db, &user);
    harness_sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
                "pg_backend_pid()");
    OK(teleai_user_get(db, &user, NULL, &error));
    char *text;
    OK(teleai_metrics_text(db, &text, &error));
    cr_assert(strstr(text, "\nteleai_retries_total 1\n") != NULL || strstr(text, "\nteleai_retries_total 0\n") != NULL);
    says(text, "\nteleai_pool_discarded_total{pool=\"primary\"} 1\n");
    teleai_text_free(text);
}

Test(metrics, keeps_the_slow_calls) {
    reopen((teleai_options){.slow_call_ms = 50});
    teleai_uuid user;
    harness_user(db, &user);
    harness_sql(
        "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.2); return new; end "
        "$$; create trigger slow before update on users for each row execute function slow()");
    teleai_user_input input = {.struct_size = sizeof input, .full_name = "Changed"};
    OK(teleai_user_update(db, &user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error));
    teleai_slow_calls *slow;
    OK(teleai_slow_calls_list(db, &slow, &error));
    cr_assert(slow->count >= 1);
    SAME_TEXT(slow->items[0]->operation, "user_update");
    cr_assert(slow->items[0]->duration_us >= 190000 && slow->items[0]->query_us >= 190000);
    teleai_slow_calls_free(slow);
    teleai_slow_calls_free(NULL);
    FAILS(teleai_slow_calls_list(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
}

Test(metrics, nothing_is_kept_unless_asked_for) {
    teleai_uuid user;
    harness_user(db, &user);
    char *text;
    OK(teleai_metrics_text(db, &text, &error));
    cr_assert(strstr(text, "teleai_calls_total") == NULL);
    says(text, "\nteleai_pool_acquired_total{pool=\"primary\"} ");
    teleai_text_free(text);
    teleai_slow_calls *slow;
    OK(teleai_slow_calls_list(db, &slow, &error));
    cr_assert(slow->count == 0);
    teleai_slow_calls_free(slow);
}
