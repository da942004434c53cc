/* Clients that are closed, connections that do not come about, and servers that are not as the library needs them. */
#include <unistd.h>

#include "base/text.h"
#include "run/client.h"
#include "pool/pool_internal.h"
#include "nouns.h"

SERVER_SUITE(bad_server);

static teleai_uuid user, file, transcription;

static void make_parents(void) {
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_transcription(db, &user, &file, "words", &transcription);
}

static teleai_client *refused_client(const char *connection, const teleai_options *options, teleai_status expected) {
    teleai_client *client = (teleai_client *)&user;
    FAILS(teleai_open(connection, options, &client, &error), expected, "");
    return client;
}

/* ---- closed clients ---- */

#define CLOSED(call)                                                                        \
    do {                                                                                    \
        teleai_status status_ = (call);                                                     \
        cr_expect(status_ == TELEAI_CLOSED && error.status == status_, "%s: %s: %s", #call, \
                  teleai_status_name(status_), error.message);                              \
    } while (0)

/* Every call of every noun, with input that is right. */
static void all_are_closed(teleai_client *client) {
    int64_t count;
    teleai_user_input u = {
        .struct_size = sizeof u, .email = "x@example.org", .full_name = "X", .password = "correct horse"};
    CLOSED(teleai_user_create(client, &u, NULL, &error));
    CLOSED(teleai_user_create_many(client, &u, 1, NULL, NULL, &error));
    CLOSED(teleai_user_get(client, &user, NULL, &error));
    CLOSED(teleai_user_get_many(client, &user, 1, NULL, &error));
    CLOSED(teleai_user_get_by_email(client, "x@example.org", NULL, &error));
    CLOSED(teleai_user_update(client, &user, &u, TELEAI_USER_FIELD_EMAIL, NULL, NULL, &error));
    CLOSED(teleai_user_update(client, &user, &u, TELEAI_USER_FIELD_PASSWORD, NULL, NULL, &error));
    CLOSED(teleai_user_delete(client, &user, &error));
    CLOSED(teleai_user_list(client, NULL, NULL, NULL, &error));
    CLOSED(teleai_user_count(client, NULL, &count, &error));
    CLOSED(teleai_user_login(client, "x@example.org", "correct horse", NULL, &error));
    teleai_session_input s = {.struct_size = sizeof s, .user_id = &user};
    teleai_session *session;
    teleai_sessions *sessions;
    teleai_identity *identity;
    CLOSED(teleai_session_create(client, &s, &session, &error));
    CLOSED(teleai_session_create_many(client, &s, 1, NULL, &sessions, &error));
    CLOSED(teleai_session_get_many(client, &user, 1, NULL, &error));
    CLOSED(teleai_session_update(client, &user, &s, TELEAI_SESSION_FIELD_EXPIRES_AT, NULL, NULL, &error));
    CLOSED(teleai_session_check(client, "x", &identity, &error));
    CLOSED(teleai_session_get(client, &user, NULL, &error));
    CLOSED(teleai_session_list(client, NULL, NULL, NULL, &error));
    CLOSED(teleai_session_count(client, NULL, &count, &error));
    CLOSED(teleai_session_revoke(client, &user, &error));
    CLOSED(teleai_session_revoke_all(client, &user, NULL, &error));
    CLOSED(teleai_session_purge_expired(client, NULL, &error));
    teleai_audio_file_input f = {.struct_size = sizeof f,
                                 .user_id = &user,
                                 .file_name = "a",
                                 .file_path = "b",
                                 .mime_type = "audio/wav",
                                 .file_size_bytes = 1};
    CLOSED(teleai_audio_file_create(client, &f, NULL, &error));
    CLOSED(teleai_audio_file_create_many(client, &f, 1, NULL, NULL, &error));
    CLOSED(teleai_audio_file_get(client, &file, NULL, &error));
    CLOSED(teleai_audio_file_get_many(client, &file, 1, NULL, &error));
    CLOSED(teleai_audio_file_update(client, &file, &f, 1, NULL, NULL, &error));
    CLOSED(teleai_audio_file_delete(client, &file, &error));
    CLOSED(teleai_audio_file_list(client, NULL, NULL, NULL, &error));
    CLOSED(teleai_audio_file_count(client, NULL, &count, &error));
    CLOSED(teleai_audio_file_start(client, &file, NULL, &error));
    CLOSED(teleai_audio_file_complete(client, &file, NULL, &error));
    CLOSED(teleai_audio_file_fail(client, &file, "x", NULL, &error));
    teleai_transcription_input t = {
        .struct_size = sizeof t, .user_id = &user, .audio_file_id = &file, .language_code = "en", .engine = "x"};
    teleai_transcription_input t_result = {.struct_size = sizeof t_result, .text = "x"};
    CLOSED(teleai_transcription_create(client, &t, NULL, &error));
    CLOSED(teleai_transcription_create_many(client, &t, 1, NULL, NULL, &error));
    CLOSED(teleai_transcription_get(client, &transcription, NULL, &error));
    CLOSED(teleai_transcription_get_many(client, &transcription, 1, NULL, &error));
    CLOSED(
        teleai_transcription_update(client, &transcription, &t, TELEAI_TRANSCRIPTION_FIELD_ENGINE, NULL, NULL, &error));
    CLOSED(teleai_transcription_delete(client, &transcription, &error));
    CLOSED(teleai_transcription_list(client, NULL, NULL, NULL, &error));
    CLOSED(teleai_transcription_count(client, NULL, &count, &error));
    CLOSED(teleai_transcription_start(client, &transcription, NULL, &error));
    CLOSED(teleai_transcription_complete(client, &transcription, &t_result, NULL, &error));
    CLOSED(teleai_transcription_fail(client, &transcription, "x", NULL, &error));
    teleai_analysis_input a = {.struct_size = sizeof a,
                               .user_id = &user,
                               .audio_file_id = &file,
                               .transcription_id = &transcription,
                               .analysis_type = "x",
                               .engine = "y"};
    teleai_analysis_input a_result = {.struct_size = sizeof a_result};
    CLOSED(teleai_analysis_create(client, &a, NULL, &error));
    CLOSED(teleai_analysis_create_many(client, &a, 1, NULL, NULL, &error));
    CLOSED(teleai_analysis_get(client, &transcription, NULL, &error));
    CLOSED(teleai_analysis_get_many(client, &transcription, 1, NULL, &error));
    CLOSED(teleai_analysis_update(client, &transcription, &a, TELEAI_ANALYSIS_FIELD_ENGINE, NULL, NULL, &error));
    CLOSED(teleai_analysis_delete(client, &transcription, &error));
    CLOSED(teleai_analysis_list(client, NULL, NULL, NULL, &error));
    CLOSED(teleai_analysis_count(client, NULL, &count, &error));
    CLOSED(teleai_analysis_start(client, &transcription, NULL, &error));
    CLOSED(teleai_analysis_complete(client, &transcription, &a_result, NULL, &error));
    CLOSED(teleai_analysis_fail(client, &transcription, "x", NULL, &error));
    CLOSED(teleai_ping(client, &error));
}

Test(bad_server, a_client_that_is_null_is_closed) {
    all_are_closed(NULL);
    teleai_close(NULL);
}

Test(bad_server, a_transaction_that_is_over_is_closed) {
    make_parents();
    for (int i = 0; i < 2; i++) {
        teleai_client *transaction;
        OK(teleai_transaction_begin(db, NULL, &transaction, &error));
        OK(i == 0 ? teleai_transaction_commit(transaction, &error) : teleai_transaction_rollback(transaction, &error));
        all_are_closed(transaction);
        teleai_close(transaction);
    }
    ROWS("users", 1);
    SAME_TEXT(harness_sql("select status from audio_files"), "uploaded");
    OK(teleai_ping(db, &error));
}

Test(bad_server, a_transaction_of_a_closed_client_is_closed) {
    make_parents();
    teleai_client *root = harness_open(), *transaction;
    OK(teleai_transaction_begin(root, NULL, &transaction, &error));
    OK(teleai_user_delete(transaction, &user, &error));
    teleai_close(root);
    all_are_closed(transaction);
    teleai_close(transaction);
    ROWS("users", 1);
}

Test(bad_server, a_read_only_transaction_refuses_to_write) {
    make_parents();
    teleai_transaction_options options = {.struct_size = sizeof options, .read_only = true};
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, &options, &transaction, &error));
    OK(teleai_user_get(transaction, &user, NULL, &error));
    FAILS(teleai_user_delete(transaction, &user, &error), TELEAI_PERMISSION_DENIED, "");
    teleai_close(transaction);
    ROWS("users", 1);
}

/* ---- opening ---- */

Test(bad_server, a_connection_string_that_cannot_be_read) {
    static const char *const strings[] = {"host",
                                          "host=a b",
                                          "nonsense=1",
                                          "postgresql://user:s3cr%zzet@host/db",
                                          "host='a",
                                          "password=s3cret nonsense",
                                          "nonsense='s3cret'",
                                          "host=a password=\xff"};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        teleai_client *client = (teleai_client *)&user;
        FAILS(teleai_open(strings[i], NULL, &client, &error), TELEAI_INVALID_ARGUMENT, "connection");
        cr_assert(client == NULL);
        cr_assert(strstr(error.message, "s3cr") == NULL, "%s", error.message);
    }
    teleai_client *client = (teleai_client *)&user;
    FAILS(teleai_open(NULL, NULL, &client, &error), TELEAI_INVALID_ARGUMENT, "connection");
    cr_assert(client == NULL);
    FAILS(teleai_open("", NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
}

/* Characters that a URL must have percent-encoded put a part of the password where the address is read. */
Test(bad_server, a_password_that_is_read_as_an_address_is_not_shown) {
    static const char *const strings[] = {
        "postgresql://app:s3cret/x@127.0.0.1:1/db", "postgresql://app:1/s3cret@127.0.0.1:1/db",
        "postgresql://app:x@s3cret.invalid@127.0.0.1:1/db", "postgresql://app:s3cret?x@127.0.0.1/db"};
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 5000};
    for (size_t i = 0; i < 4; i++) {
        teleai_client *client = (teleai_client *)&user;
        teleai_status status = teleai_open(strings[i], &options, &client, &error);
        cr_expect(status != TELEAI_OK && client == NULL);
        cr_expect(strstr(error.message, "s3cret") == NULL, "%s", error.message);
    }
}

Test(bad_server, options_out_of_range) {
    static const struct {
        teleai_options options;
        const char *field;
    } cases[] = {
#define SIZE .struct_size = sizeof(teleai_options)
        {{0}, "struct_size"},
        {{SIZE, .max_connections = -1}, "max_connections"},
        {{SIZE, .max_connections = 10001}, "max_connections"},
        {{SIZE, .timeout_ms = -1}, "timeout_ms"},
        {{SIZE, .schema = 3}, "schema"},
        {{SIZE, .schema = -1}, "schema"},
        {{SIZE, .password_memory_kib = 19455}, "password_memory_kib"},
        {{SIZE, .password_memory_kib = -1}, "password_memory_kib"},
        {{SIZE, .password_passes = 1}, "password_passes"},
        {{SIZE, .application_name = ""}, "application_name"},
        {{SIZE, .application_name = "\xff"}, "application_name"},
        {{SIZE, .application_name = "0123456789012345678901234567890123456789012345678901234567890123"},
         "application_name"},
#undef SIZE
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai_client *client = (teleai_client *)&user;
        FAILS(teleai_open(harness_database(), &cases[i].options, &client, &error), TELEAI_INVALID_ARGUMENT,
              cases[i].field);
        cr_assert(client == NULL);
    }
}

Test(bad_server, no_server) {
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 5000};
    static const char *const strings[] = {"host=/nonexistent user=x password=s3cret dbname=x",
                                          "host=127.0.0.1 port=1 user=x password=s3cret dbname=x",
                                          "postgresql://x:s3cret@127.0.0.1:1/x"};
    for (size_t i = 0; i < 3; i++) {
        cr_assert(refused_client(strings[i], &options, TELEAI_UNAVAILABLE) == NULL);
        cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) != 0);
        cr_assert(strstr(error.message, "s3cret") == NULL, "%s", error.message);
    }
}

/* The test's connection string with another user, password or database; libpq takes the last of each. */
static const char *with(const char *more) {
    static char text[1024];
    snprintf(text, sizeof text, "%s %s", harness_database(), more);
    return text;
}

Test(bad_server, no_such_database_or_user) {
    cr_assert(refused_client(with("dbname=no_such_database"), NULL, TELEAI_UNAVAILABLE) == NULL);
    cr_assert(refused_client(with("user=no_such_user password=s3cret"), NULL, TELEAI_UNAUTHENTICATED) == NULL);
    cr_assert(strstr(error.message, "s3cret") == NULL, "%s", error.message);
}

/* A role of this test alone: roles are shared by all databases of the server. */
static const char *role(void) {
    static char name[40];
    snprintf(name, sizeof name, "role_%d", (int)getpid());
    return name;
}

static void drop_role(void) { harness_sql("drop owned by %s; drop role %s", role(), role()); }

Test(bad_server, a_wrong_password) {
    harness_sql("create role %s login password 'right one'", role());
    /* The server trusts everybody on its socket; from here on not this role. */
    harness_sql("copy (values ('local all %s scram-sha-256'), ('local all all trust')) to '%s'", role(),
                harness_sql("show hba_file"));
    harness_sql("select pg_reload_conf()");
    char wrong[100], right[100], none[100];
    snprintf(wrong, sizeof wrong, "user=%s password='wrong one'", role());
    snprintf(right, sizeof right, "user=%s password='right one'", role());
    snprintf(none, sizeof none, "user=%s password='' passfile=/nonexistent", role());
    teleai_client *client = NULL;
    for (int i = 0; i < 200; i++) { /* until the server has read it */
        teleai_status status = teleai_open(with(wrong), NULL, &client, &error);
        teleai_close(client);
        if (status == TELEAI_UNAUTHENTICATED)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    cr_assert(refused_client(with(wrong), NULL, TELEAI_UNAUTHENTICATED) == NULL);
    cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) == 0);
    cr_assert(strstr(error.message, "wrong one") == NULL && strstr(error.message, "right one") == NULL, "%s",
              error.message);
    cr_assert(refused_client(with(none), NULL, TELEAI_UNAUTHENTICATED) == NULL);
    cr_assert(refused_client(with(right), NULL, TELEAI_PERMISSION_DENIED) == NULL); /* let in, with no rights */
    drop_role();
}

Test(bad_server, a_role_without_rights) {
    make_parents();
    harness_sql("create role %s login", role());
    char as_role[80];
    snprintf(as_role, sizeof as_role, "user=%s", role());
    cr_assert(refused_client(with(as_role), NULL, TELEAI_PERMISSION_DENIED) == NULL);
    SAME_TEXT(error.sqlstate, "42501");
    harness_sql("grant select on schema_migrations, users to %s", role());
    teleai_client *client;
    OK(teleai_open(with(as_role), NULL, &client, &error));
    OK(teleai_user_get(client, &user, NULL, &error));
    FAILS(teleai_user_delete(client, &user, &error), TELEAI_PERMISSION_DENIED, "");
    teleai_user_input input = {.struct_size = sizeof input, .email = "x@example.org", .full_name = "X"};
    FAILS(teleai_user_create(client, &input, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    FAILS(teleai_audio_file_get(client, &file, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    FAILS(teleai_audio_file_start(client, &file, NULL, &error), TELEAI_PERMISSION_DENIED, "");
    OK(teleai_user_get(client, &user, NULL, &error));
    teleai_close(client);
    drop_role();
    ROWS("users", 1);
}

/* ---- schemas ---- */

Test(bad_server, schemas_of_another_version) {
    static const char *const states[] = {"update schema_migrations set version = 99",
                                         "update schema_migrations set version = 1",
                                         "update schema_migrations set version = 2, dirty = true",
                                         "delete from schema_migrations", "drop table schema_migrations"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        harness_sql("%s", states[i]);
        cr_assert(refused_client(harness_database(), NULL, TELEAI_SCHEMA_MISMATCH) == NULL);
    }
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    teleai_client *client;
    OK(teleai_open(harness_database(), &options, &client, &error));
    teleai_close(client);
    options.schema = TELEAI_SCHEMA_MIGRATE;
    harness_sql("create table schema_migrations (version bigint primary key, dirty boolean not null); "
                "insert into schema_migrations values (99, false)");
    cr_assert(refused_client(harness_database(), &options, TELEAI_SCHEMA_MISMATCH) == NULL);
}

Test(bad_server, a_database_without_the_schema) {
    teleai_close(db);
    db = NULL;
    harness_drop();
    const char *connection = harness_empty_database();
    cr_assert(refused_client(connection, NULL, TELEAI_SCHEMA_MISMATCH) == NULL);
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    teleai_client *client;
    OK(teleai_open(connection, &options, &client, &error));
    FAILS(teleai_user_get(client, &user, NULL, &error), TELEAI_SCHEMA_MISMATCH, "");
    int64_t count = 7;
    FAILS(teleai_audio_file_count(client, NULL, &count, &error), TELEAI_SCHEMA_MISMATCH, "");
    cr_assert(count == 0);
    OK(teleai_ping(client, &error));
    teleai_close(client);
}

Test(bad_server, columns_that_are_gone_or_of_another_type) {
    make_parents();
    OK(teleai_audio_file_get(db, &file, NULL, &error));
    harness_sql("alter table audio_files alter column channels type bigint");
    harness_sql("update audio_files set channels = 2");
    teleai_audio_file *read = (teleai_audio_file *)&user;
    FAILS(teleai_audio_file_get(db, &file, &read, &error), TELEAI_SCHEMA_MISMATCH, "");
    cr_assert(read == NULL && strstr(error.message, "channels") != NULL, "%s", error.message);
    harness_sql("alter table audio_files drop column channels");
    FAILS(teleai_audio_file_get(db, &file, &read, &error), TELEAI_SCHEMA_MISMATCH, "");
    OK(teleai_user_get(db, &user, NULL, &error));
}

/* How many statements the session of a client's only connection has prepared. */
static int prepared_by(teleai_client *client) {
    const teleai__connection *connection = client->core->pool->slots[0].connection;
    PGresult *result = PQexec(connection->pg, "select count(*) from pg_prepared_statements");
    int count = PQntuples(result) == 1 ? atoi(PQgetvalue(result, 0, 0)) : -1;
    PQclear(result);
    return count;
}

/* Each change makes every plan stale: what was prepared is let go at the server as well, by single calls and by batches. */
Test(bad_server, statements_that_a_change_of_the_schema_makes_stale_are_let_go) {
    make_parents();
    for (int in_batch = 0; in_batch < 2; in_batch++) {
        teleai_options options = {.struct_size = sizeof options, .max_connections = 1};
        teleai_client *client, *batch = NULL;
        OK(teleai_open(harness_database(), &options, &client, &error));
        if (in_batch)
            OK(teleai_batch_open(client, NULL, &batch, &error));
        for (int i = 0; i < 50; i++) {
            teleai_error errors[3];
            teleai_client *on = in_batch ? batch : client;
            harness_sql("alter table audio_files alter column mime_type type varchar(%d)", 300 + i + 50 * in_batch);
            (void)teleai_audio_file_get(on, &file, NULL, &errors[0]);
            (void)teleai_audio_file_list(on, NULL, NULL, NULL, &errors[1]);
            (void)teleai_audio_file_get_many(on, &file, 1, NULL, &errors[2]);
            if (in_batch)
                (void)teleai_batch_flush(batch, &error);
            cr_assert(errors[0].status == TELEAI_OK && errors[1].status == TELEAI_OK && errors[2].status == TELEAI_OK,
                      "%d: %s %s %s", i, errors[0].message, errors[1].message, errors[2].message);
            int prepared = prepared_by(client);
            cr_assert(prepared > 0 && prepared <= 6, "%d: %d statements", i, prepared);
        }
        teleai_close(batch);
        teleai_close(client);
    }
}

/* What the server says is cut off to fit: in its language, but never in the middle of a character. */
Test(bad_server, a_long_message_of_the_server_ends_in_a_whole_character) {
    make_parents();
    for (int before = 0; before < 3; before++) {
        harness_sql("create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception "
                    "using errcode = '42501', message = '%s%s'; end $$",
                    repeat("x", (size_t)before), repeat("€", 200));
        harness_sql("drop trigger if exists refuse on users");
        harness_sql("create trigger refuse before delete on users for each row execute function refuse()");
        FAILS(teleai_user_delete(db, &user, &error), TELEAI_PERMISSION_DENIED, "");
        size_t characters, bad = 0;
        cr_expect(teleai__utf8_check(error.message, strlen(error.message), &characters, &bad), "byte %zu: %s", bad,
                  error.message);
        cr_assert(strstr(error.message, "€€€") != NULL, "%s", error.message);
    }
}

/* Values that a newer server knows: 0 coming out. */
Test(bad_server, enumeration_values_of_a_newer_server) {
    make_parents();
    teleai_analysis_input input = {.struct_size = sizeof input,
                                   .user_id = &user,
                                   .audio_file_id = &file,
                                   .transcription_id = &transcription,
                                   .analysis_type = "x",
                                   .engine = "y"};
    OK(teleai_analysis_create(db, &input, NULL, &error));
    static const char *const types[] = {"user_role", "audio_file_status", "transcription_status", "analysis_status"};
    for (int i = 0; i < 4; i++)
        harness_sql("alter type %s add value 'new one'", types[i]);
    harness_sql("alter table analyses drop constraint analyses_sentiment_label_check");
    harness_sql("update users set role = 'new one'; update audio_files set status = 'new one'; update transcriptions "
                "set status = "
                "'new one'; update analyses set status = 'new one', sentiment_label = 'gloomy'");
    teleai_user *a;
    teleai_audio_files *b;
    teleai_transcription *c;
    teleai_analyses *d;
    OK(teleai_user_get(db, &user, &a, &error));
    OK(teleai_audio_file_list(db, NULL, NULL, &b, &error));
    OK(teleai_transcription_get(db, &transcription, &c, &error));
    OK(teleai_analysis_list(db, NULL, NULL, &d, &error));
    cr_assert(a->role == 0 && a->is_active);
    cr_assert(b->count == 1 && b->items[0]->status == 0 && b->items[0]->file_size_bytes == 1000);
    cr_assert(c->status == 0);
    cr_assert(d->count == 1 && d->items[0]->status == 0 && d->items[0]->sentiment_label == 0);
    FAILS(teleai_user_check_permission(a, TELEAI_ACTION_READ, &user, &error), TELEAI_PERMISSION_DENIED, "");
    FAILS(teleai_audio_file_start(db, &file, NULL, &error), TELEAI_CONFLICT, "");
    teleai_user_free(a);
    teleai_audio_files_free(b);
    teleai_transcription_free(c);
    teleai_analyses_free(d);
}

/* ---- values at their extremes ---- */

static bool is_there(const struct ArrowArray *array, int64_t row) {
    const uint8_t *bits = array->buffers[0];
    return bits == NULL || (bits[row / 8] >> row % 8 & 1) != 0;
}

/* Of other writers, who know no checks: what a record cannot hold is as NULL, in Arrow too, and the rest is as it was. */
Test(bad_server, values_at_their_extremes_through_lists_and_arrow) {
    make_parents();
    harness_sql("alter table audio_files drop constraint audio_files_duration_seconds_check, drop constraint "
                "audio_files_file_size_bytes_check; alter table transcriptions drop constraint "
                "transcriptions_confidence_score_check");
    harness_sql("update audio_files set duration_seconds = 'NaN', file_size_bytes = 9223372036854775807, sample_rate = "
                "2147483647, created_at = 'infinity', upload_completed_at = '-infinity'");
    harness_sql("update transcriptions set confidence_score = 'NaN', word_count = 2147483647, created_at = "
                "'294276-12-31 23:59:59.999999+00', processing_started_at = '4713-01-01 00:00:00+00 BC'");
    teleai_audio_files *files;
    teleai_transcriptions *texts;
    struct ArrowSchema schema;
    struct ArrowArray array;
    OK(teleai_audio_file_list(db, NULL, NULL, &files, &error));
    const teleai_audio_file *one = files->items[0];
    cr_assert(files->count == 1 && !one->has_duration && one->duration_ms == 0);
    cr_assert(one->file_size_bytes == INT64_MAX && one->sample_rate_hz == INT32_MAX);
    cr_assert(one->created_at_us == INT64_MAX && one->upload_completed_at_us == INT64_MIN);
    OK(teleai_audio_files_to_arrow(files, &schema, &array, &error));
    for (int64_t i = 0; i < schema.n_children; i++) {
        const char *name = schema.children[i]->name;
        const struct ArrowArray *column = array.children[i];
        if (strncmp(name, "duration", 8) == 0)
            cr_assert(!is_there(column, 0) && column->null_count == 1, "%s", name);
        if (strcmp(name, "file_size_bytes") == 0)
            cr_assert(((const int64_t *)column->buffers[1])[0] == INT64_MAX);
    }
    schema.release(&schema);
    array.release(&array);
    teleai_audio_files_free(files);
    OK(teleai_transcription_list(db, NULL, NULL, &texts, &error));
    cr_assert(texts->count == 1 && !texts->items[0]->has_confidence && texts->items[0]->word_count == INT32_MAX);
    cr_assert(texts->items[0]->created_at_us > 0 && texts->items[0]->processing_started_at_us < 0);
    OK(teleai_transcriptions_to_arrow(texts, &schema, &array, &error));
    cr_assert(array.length == 1);
    schema.release(&schema);
    array.release(&array);
    teleai_transcriptions_free(texts);
    harness_sql("alter table audio_files alter column file_size_bytes drop not null; update audio_files set "
                "file_size_bytes = null");
    FAILS(teleai_audio_file_list(db, NULL, NULL, &files, &error), TELEAI_SCHEMA_MISMATCH, "");
    cr_assert(strstr(error.message, "file_size_bytes") != NULL && files == NULL, "%s", error.message);
}
