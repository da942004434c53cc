/* Transactions on a real server: what is kept, what is not, and what a transaction refuses. */
#include <unistd.h>

#include "criterion_harness.h"

SERVER_SUITE(transaction);

static teleai_client *begin(teleai_client *in, int32_t isolation, bool read_only) {
    teleai_transaction_options options = {
        .struct_size = sizeof options, .isolation = isolation, .read_only = read_only};
    teleai_client *made;
    OK(teleai_transaction_begin(in, isolation == 0 && !read_only ? NULL : &options, &made, &error));
    return made;
}

static teleai_client *begin_plain(teleai_client *in) { return begin(in, TELEAI_ISOLATION_DEFAULT, false); }

static teleai_status add_user(teleai_client *in, const char *email) {
    teleai_user_input input = {.struct_size = sizeof input, .email = email, .full_name = "Somebody"};
    return teleai_user_create(in, &input, NULL, &error);
}

static int64_t users_in(teleai_client *in) {
    int64_t count = -1;
    OK(teleai_user_count(in, NULL, &count, &error));
    return count;
}

/* As another session sees it. */
static int users(void) { return atoi(harness_sql("select count(*) from users")); }

static void check_all_connections_are_back(void) {
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.open_connections == stats.idle_connections, "%d open, %d idle", (int)stats.open_connections,
              (int)stats.idle_connections);
    cr_assert(harness_becomes("0", "select count(*) from pg_stat_activity where datname = current_database() and state "
                                   "like 'idle in transaction%'"));
}

Test(transaction, commit_keeps_everything_and_shows_it_to_others_only_then) {
    teleai_client *transaction = begin_plain(db);
    OK(add_user(transaction, "ann@example.org"));
    OK(add_user(transaction, "bob@example.org"));
    cr_assert(users_in(transaction) == 2);
    cr_assert(users() == 0);
    OK(teleai_transaction_commit(transaction, &error));
    cr_assert(users() == 2);
    FAILS(add_user(transaction, "cid@example.org"), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_commit(transaction, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_rollback(transaction, &error), TELEAI_CLOSED, "");
    check_all_connections_are_back();
    teleai_close(transaction);
    cr_assert(users() == 2);
}

Test(transaction, rollback_and_close_keep_nothing) {
    teleai_client *transaction = begin_plain(db);
    OK(add_user(transaction, "ann@example.org"));
    OK(teleai_transaction_rollback(transaction, &error));
    OK(teleai_transaction_rollback(transaction, &error));
    FAILS(teleai_transaction_commit(transaction, &error), TELEAI_CLOSED, "");
    FAILS(add_user(transaction, "bob@example.org"), TELEAI_CLOSED, "");
    teleai_close(transaction);

    transaction = begin_plain(db);
    OK(add_user(transaction, "bob@example.org"));
    teleai_close(transaction);
    cr_assert(users() == 0);
    check_all_connections_are_back();
}

Test(transaction, inner_ones_are_kept_or_undone_alone) {
    teleai_client *outer = begin_plain(db);
    OK(add_user(outer, "outer@example.org"));
    teleai_client *inner = begin_plain(outer);
    OK(add_user(inner, "undone@example.org"));
    OK(teleai_transaction_rollback(inner, &error));
    FAILS(add_user(inner, "late@example.org"), TELEAI_CLOSED, "");
    teleai_close(inner);
    inner = begin_plain(outer);
    OK(add_user(inner, "kept@example.org"));
    OK(teleai_transaction_commit(inner, &error));
    teleai_close(inner);
    inner = begin_plain(outer);
    OK(add_user(inner, "closed@example.org"));
    teleai_close(inner);
    OK(teleai_transaction_commit(outer, &error));
    teleai_close(outer);
    SAME_TEXT(harness_sql("select string_agg(email, ' ' order by email) from users"),
              "kept@example.org outer@example.org");
}

Test(transaction, a_kept_inner_one_goes_with_its_outer_one) {
    teleai_client *outer = begin_plain(db), *inner = begin_plain(outer);
    OK(add_user(inner, "ann@example.org"));
    OK(teleai_transaction_commit(inner, &error));
    OK(teleai_transaction_rollback(outer, &error));
    teleai_close(inner);
    teleai_close(outer);
    cr_assert(users() == 0);
}

Test(transaction, the_outer_one_is_refused_while_an_inner_one_is_open) {
    teleai_client *outer = begin_plain(db), *middle = begin_plain(outer), *inner = begin_plain(middle), *other = NULL;
    FAILS(add_user(outer, "ann@example.org"), TELEAI_CONFLICT, "");
    FAILS(add_user(middle, "ann@example.org"), TELEAI_CONFLICT, "");
    FAILS(teleai_transaction_begin(outer, NULL, &other, &error), TELEAI_CONFLICT, "");
    FAILS(teleai_transaction_commit(outer, &error), TELEAI_CONFLICT, "");
    FAILS(teleai_transaction_commit(middle, &error), TELEAI_CONFLICT, "");
    cr_assert(other == NULL);
    OK(add_user(inner, "ann@example.org"));
    OK(teleai_transaction_commit(inner, &error));
    OK(add_user(middle, "bob@example.org"));
    OK(teleai_transaction_commit(middle, &error));
    OK(teleai_transaction_commit(outer, &error));
    teleai_close(outer);
    teleai_close(middle);
    teleai_close(inner);
    cr_assert(users() == 2);
}

Test(transaction, rolling_back_takes_the_inner_ones_along) {
    teleai_client *outer = begin_plain(db), *middle = begin_plain(outer), *inner = begin_plain(middle);
    OK(add_user(inner, "inner@example.org"));
    OK(teleai_transaction_rollback(middle, &error));
    FAILS(add_user(inner, "late@example.org"), TELEAI_CLOSED, "");
    FAILS(add_user(middle, "late@example.org"), TELEAI_CLOSED, "");
    OK(add_user(outer, "outer@example.org"));
    teleai_close(inner);
    teleai_client *again = begin_plain(outer);
    OK(teleai_transaction_rollback(outer, &error));
    FAILS(add_user(again, "late@example.org"), TELEAI_CLOSED, "");
    teleai_close(outer);
    teleai_close(middle);
    teleai_close(again);
    cr_assert(users() == 0);
    check_all_connections_are_back();
}

Test(transaction, after_a_failed_statement_nothing_works_and_nothing_is_kept) {
    teleai_client *transaction = begin_plain(db), *inner = NULL;
    OK(add_user(transaction, "ann@example.org"));
    FAILS(add_user(transaction, "ANN@example.org"), TELEAI_ALREADY_EXISTS, "email");
    FAILS(add_user(transaction, "bob@example.org"), TELEAI_ABORTED, "");
    FAILS(teleai_transaction_begin(transaction, NULL, &inner, &error), TELEAI_ABORTED, "");
    FAILS(teleai_transaction_commit(transaction, &error), TELEAI_ABORTED, "");
    FAILS(add_user(transaction, "bob@example.org"), TELEAI_CLOSED, "");
    OK(teleai_transaction_rollback(transaction, &error));
    teleai_close(transaction);
    cr_assert(users() == 0);
    check_all_connections_are_back();
}

Test(transaction, what_is_refused_before_it_is_sent_or_finds_nothing_does_no_harm) {
    teleai_client *transaction = begin_plain(db);
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    teleai_user *user;
    FAILS(add_user(transaction, "no address"), TELEAI_INVALID_ARGUMENT, "email");
    FAILS(teleai_user_get(transaction, &nobody, &user, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_user_delete(transaction, &nobody, &error), TELEAI_NOT_FOUND, "");
    OK(add_user(transaction, "ann@example.org"));
    OK(teleai_transaction_commit(transaction, &error));
    teleai_close(transaction);
    cr_assert(users() == 1);
}

Test(transaction, a_failure_in_an_inner_one_spares_the_outer_one) {
    teleai_client *outer = begin_plain(db);
    OK(add_user(outer, "ann@example.org"));
    teleai_client *inner = begin_plain(outer);
    FAILS(add_user(inner, "ann@example.org"), TELEAI_ALREADY_EXISTS, "email");
    FAILS(teleai_transaction_commit(inner, &error), TELEAI_ABORTED, "");
    FAILS(add_user(outer, "bob@example.org"), TELEAI_CONFLICT, "");
    OK(teleai_transaction_rollback(inner, &error));
    OK(add_user(outer, "bob@example.org"));
    OK(teleai_transaction_commit(outer, &error));
    teleai_close(inner);
    teleai_close(outer);
    cr_assert(users() == 2);
}

/* ---- isolation ---- */

static void check_second_read(int32_t isolation, int64_t expected) {
    harness_sql("delete from users");
    teleai_client *transaction = begin(db, isolation, false);
    cr_assert(users_in(transaction) == 0);
    OK(add_user(db, "ann@example.org"));
    int64_t seen = users_in(transaction);
    cr_assert(seen == expected, "isolation %d: %d users seen", (int)isolation, (int)seen);
    teleai_close(transaction);
}

Test(transaction, isolation_decides_what_is_seen_of_others) {
    check_second_read(TELEAI_ISOLATION_DEFAULT, 1);
    check_second_read(TELEAI_ISOLATION_READ_COMMITTED, 1);
    check_second_read(TELEAI_ISOLATION_REPEATABLE_READ, 0);
    check_second_read(TELEAI_ISOLATION_SERIALIZABLE, 0);
}

/* Each counts, then adds: in no order one after the other would both have counted 0. */
static teleai_status add_after_counting(int32_t isolation) {
    harness_sql("delete from users");
    teleai_client *first = begin(db, isolation, false), *second = begin(db, isolation, false);
    cr_assert(users_in(first) == 0);
    cr_assert(users_in(second) == 0);
    OK(add_user(first, "ann@example.org"));
    teleai_status status = add_user(second, "bob@example.org");
    OK(teleai_transaction_commit(first, &error));
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(second, &error);
    teleai_error failed = error;
    teleai_close(first);
    teleai_close(second);
    error = failed;
    return status;
}

Test(transaction, serializable_refuses_what_no_order_could_give) {
    OK(add_after_counting(TELEAI_ISOLATION_REPEATABLE_READ));
    cr_assert(users() == 2);
    FAILS(add_after_counting(TELEAI_ISOLATION_SERIALIZABLE), TELEAI_ABORTED, "");
    SAME_TEXT(error.sqlstate, "40001");
    cr_assert(error.flags == TELEAI_ERROR_RETRYABLE);
    cr_assert(users() == 1);
    check_all_connections_are_back();
}

Test(transaction, repeatable_read_refuses_to_change_what_others_changed) {
    teleai_uuid id;
    harness_user(db, &id);
    teleai_user_input name = {.struct_size = sizeof name, .full_name = "Another Name"};
    teleai_client *transaction = begin(db, TELEAI_ISOLATION_REPEATABLE_READ, false);
    cr_assert(users_in(transaction) == 1);
    OK(teleai_user_update(db, &id, &name, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error));
    FAILS(teleai_user_update(transaction, &id, &name, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_ABORTED,
          "");
    cr_assert(error.flags == TELEAI_ERROR_RETRYABLE);
    teleai_close(transaction);
}

Test(transaction, read_only_reads_and_nothing_else) {
    teleai_uuid id;
    harness_user(db, &id);
    teleai_client *transaction = begin(db, TELEAI_ISOLATION_DEFAULT, true);
    cr_assert(users_in(transaction) == 1);
    FAILS(add_user(transaction, "ann@example.org"), TELEAI_PERMISSION_DENIED, "");
    SAME_TEXT(error.sqlstate, "25006");
    teleai_close(transaction);
    OK(add_user(db, "ann@example.org")); /* the connection is as before */
    cr_assert(users() == 2);
}

/* ---- misuse ---- */

Test(transaction, wrong_arguments_are_named) {
    teleai_client *made = db;
    teleai_transaction_options options = {.struct_size = sizeof options, .isolation = 4};
    FAILS(teleai_transaction_begin(db, &options, &made, &error), TELEAI_INVALID_ARGUMENT, "isolation");
    cr_assert(made == NULL);
    options = (teleai_transaction_options){.struct_size = sizeof options, .isolation = -1};
    FAILS(teleai_transaction_begin(db, &options, &made, &error), TELEAI_INVALID_ARGUMENT, "isolation");
    options = (teleai_transaction_options){0};
    FAILS(teleai_transaction_begin(db, &options, &made, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    FAILS(teleai_transaction_begin(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_transaction_begin(NULL, NULL, &made, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_commit(NULL, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_rollback(NULL, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_commit(db, &error), TELEAI_INVALID_ARGUMENT, "transaction");
    FAILS(teleai_transaction_rollback(db, &error), TELEAI_INVALID_ARGUMENT, "transaction");
    made = begin_plain(db);
    options = (teleai_transaction_options){.struct_size = sizeof options, .isolation = TELEAI_ISOLATION_SERIALIZABLE};
    teleai_client *inner;
    FAILS(teleai_transaction_begin(made, &options, &inner, &error), TELEAI_INVALID_ARGUMENT, "options");
    FAILS(teleai_migrate_up(made, &error), TELEAI_CONFLICT, "");
    OK(add_user(made, "ann@example.org"));
    teleai_close(made);
}

Test(transaction, closing_the_root_rolls_back_and_leaves_handles_to_close) {
    teleai_client *outer = begin_plain(db), *inner = begin_plain(outer), *other = begin_plain(db);
    OK(add_user(inner, "ann@example.org"));
    OK(add_user(other, "bob@example.org"));
    teleai_user *kept;
    OK(teleai_user_get_by_email(other, "bob@example.org", &kept, &error));
    teleai_close(db);
    db = NULL;
    cr_assert(users() == 0);
    cr_assert(harness_becomes("0", "select count(*) from pg_stat_activity where datname = current_database() and "
                                   "application_name = 'teleai'"));
    teleai_pool_stats stats;
    teleai_client *made;
    int64_t count;
    FAILS(add_user(inner, "cid@example.org"), TELEAI_CLOSED, "");
    FAILS(teleai_user_count(outer, NULL, &count, &error), TELEAI_CLOSED, "");
    FAILS(teleai_ping(other, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_begin(other, NULL, &made, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_commit(other, &error), TELEAI_CLOSED, "");
    FAILS(teleai_transaction_rollback(other, &error), TELEAI_CLOSED, "");
    FAILS(teleai_pool_stats_get(other, &stats, &error), TELEAI_CLOSED, "");
    teleai_close(outer);
    teleai_close(other);
    teleai_close(inner);
    SAME_TEXT(kept->email, "bob@example.org");
    teleai_user_free(kept);
}

/* ---- lost connections ---- */

static void end_the_transactions_session(void) {
    harness_sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = "
                "'idle in transaction'");
    cr_assert(harness_becomes("0", "select count(*) from pg_stat_activity where datname = current_database() and state "
                                   "= 'idle in transaction'"));
}

Test(transaction, a_lost_connection_loses_the_transaction_and_nothing_else) {
    teleai_client *outer = begin_plain(db), *inner = begin_plain(outer);
    OK(add_user(inner, "ann@example.org"));
    end_the_transactions_session();
    FAILS(add_user(inner, "bob@example.org"), TELEAI_UNAVAILABLE, "");
    cr_assert((error.flags & (TELEAI_ERROR_RETRYABLE | TELEAI_ERROR_OUTCOME_UNKNOWN)) != 0);
    FAILS(add_user(inner, "bob@example.org"), TELEAI_ABORTED, "");
    int64_t count;
    FAILS(teleai_user_count(outer, NULL, &count, &error), TELEAI_ABORTED, "");
    FAILS(teleai_transaction_commit(inner, &error), TELEAI_ABORTED, "");
    FAILS(teleai_transaction_commit(outer, &error), TELEAI_ABORTED, "");
    OK(teleai_transaction_rollback(inner, &error));
    OK(teleai_transaction_rollback(outer, &error));
    check_all_connections_are_back();
    OK(add_user(db, "cid@example.org"));
    teleai_close(inner);
    teleai_close(outer);
    SAME_TEXT(harness_sql("select string_agg(email, ' ') from users"), "cid@example.org");
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.discarded == 1);
}

Test(transaction, a_connection_lost_before_commit_or_rollback_keeps_nothing) {
    teleai_client *transaction = begin_plain(db);
    OK(add_user(transaction, "ann@example.org"));
    end_the_transactions_session();
    FAILS(teleai_transaction_commit(transaction, &error), TELEAI_UNAVAILABLE, "");
    FAILS(teleai_transaction_commit(transaction, &error), TELEAI_ABORTED, "");
    teleai_close(transaction);
    transaction = begin_plain(db);
    OK(add_user(transaction, "bob@example.org"));
    end_the_transactions_session();
    OK(teleai_transaction_rollback(transaction, &error));
    teleai_close(transaction);
    cr_assert(users() == 0);
    check_all_connections_are_back();
}

#include "transaction_uses.h"

Test(transaction, every_kind_of_operation_runs_in_it_on_its_connection) {
    teleai_client *transaction = begin_plain(db), *inner = begin_plain(transaction);
    teleai_uuid user;
    use_users(inner, &user);
    use_the_rest(inner, &user);
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(inner, &stats, &error));
    cr_assert(stats.open_connections == 1 && stats.opened == 1, "one connection did it all");
    cr_assert(users() == 0);
    OK(teleai_transaction_commit(inner, &error));
    OK(teleai_transaction_commit(transaction, &error));
    teleai_close(inner);
    teleai_close(transaction);
    cr_assert(users() == 2);
    SAME_TEXT(harness_sql("select (select count(*) from analyses) || ' ' || (select count(*) from daily_usage_stats)"),
              "1 1");
}

/* ---- many at once, again ---- */

/* As an array, or without the records as COPY. */
static teleai_status add_many(teleai_client *in, void *data, teleai_error *to) {
    enum { COUNT = 600 };
    teleai_audio_file_input inputs[COUNT];
    teleai_audio_files *made = NULL;
    const teleai_uuid *user = data;
    for (size_t i = 0; i < COUNT; i++)
        inputs[i] = (teleai_audio_file_input){.struct_size = sizeof inputs[i],
                                              .user_id = user,
                                              .file_name = "a.wav",
                                              .file_path = "/a.wav",
                                              .mime_type = "audio/wav",
                                              .file_size_bytes = 1};
    bool wants_records = atoi(harness_sql("select count(*) from users")) == 1;
    teleai_status status = teleai_audio_file_create_many(in, inputs, COUNT, NULL, wants_records ? &made : NULL, to);
    cr_assert(status != TELEAI_OK || (made != NULL) == wants_records);
    teleai_audio_files_free(made);
    return status;
}

Test(transaction, run_repeats_an_aborted_create_many) {
    teleai_uuid user, other;
    harness_user(db, &user);
    harness_sql(
        "create sequence tries; create function fail_once() returns trigger language plpgsql as $$ begin if "
        "nextval('tries') = 5 then raise exception using errcode = '40001', message = 'once'; end if; return new; "
        "end $$; create trigger fail_once before insert on audio_files for each row execute function "
        "fail_once()");
    for (int copied = 0; copied < 2; copied++) {
        int32_t attempts = 0;
        harness_sql("alter sequence tries restart");
        OK(teleai_transaction_run(db, NULL, add_many, &user, &attempts, &error));
        cr_assert(attempts == 2, "%d attempts", (int)attempts);
        cr_assert_str_eq(harness_sql("select count(*) from audio_files"), copied ? "1200" : "600");
        if (!copied)
            harness_user(db, &other);
    }
    check_all_connections_are_back();
}
