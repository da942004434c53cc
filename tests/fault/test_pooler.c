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

/* ---- what every write is held against ---- */

/* A user made in a scope bears the tenant's id as name, any other one the name "plain": so triggers can tell which
 * settings they have to find: a scope's time limit is above, others are below half a minute. */
#define TENANTS 1000

static void watch_writes(void) {
    harness_sql("insert into tenants (id, name, slug) select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))"
                "::uuid, 'T', 't' || n from generate_series(2, %d) n",
                TENANTS + 1);
    harness_sql(
        "create function check_settings() returns trigger language plpgsql as $$\n"
        "declare\n"
        "    tenant text := coalesce(nullif(current_setting('teleai.tenant_id', true), ''), 'plain');\n"
        "    actor text := coalesce(nullif(current_setting('teleai.actor_id', true), ''), 'plain');\n"
        "    owner text := coalesce(to_jsonb(new) ->> 'full_name', (select full_name from users\n"
        "                           where id = (to_jsonb(new) ->> 'user_id')::uuid));\n"
        "    application text := case owner when 'plain' then 'teleai' else '00-%%' end;\n"
        "    most interval := current_setting('statement_timeout');\n"
        "begin\n"
        "    if owner <> tenant or owner <> actor or most = '0' or (most > '30 s') <> (owner <> 'plain') or\n"
        "       current_setting('application_name') not like application then\n"
        "        raise exception 'owner %%, tenant %%, actor %%, application %%, limit %%', owner, tenant, actor,\n"
        "            current_setting('application_name'), most;\n"
        "    end if;\n"
        "    return new;\n"
        "end $$");
    for (size_t i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        harness_sql("create trigger checked before insert or update on %s for each row execute function "
                    "check_settings()",
                    teleai__tenant_tables[i]);
}

/* ---- every noun ---- */

static void name_somebody(char *email, size_t size) {
    static _Atomic int number;
    snprintf(email, size, "person%d@example.org", ++number);
}

/* Two of a noun: made, read, listed, counted and changed. The first one's id is left in `id`. */
#define CALL_NOUN(noun, plural, input, filter, fields)                                                     \
    do {                                                                                                   \
        teleai_##noun *made_ = NULL, *read_ = NULL;                                                        \
        teleai_##plural *several_ = NULL;                                                                  \
        int64_t count_ = 0;                                                                                \
        teleai_uuid_make(&id);                                                                             \
        (input).id = &id;                                                                                  \
        GIVES(teleai_##noun##_create(db, &(input), &made_, &error), TELEAI_OK);                            \
        CHECK(made_ != NULL && teleai_uuid_equal(&made_->id, &id), "another " #noun);                      \
        teleai_##noun##_free(made_);                                                                       \
        (input).id = NULL;                                                                                 \
        GIVES(teleai_##noun##_create_many(db, &(input), 1, NULL, &several_, &error), TELEAI_OK);           \
        teleai_##plural##_free(several_);                                                                  \
        GIVES(teleai_##noun##_update(db, &id, &(input), (fields), NULL, NULL, &error), TELEAI_OK);         \
        GIVES(teleai_##noun##_get(db, &id, &read_, &error), TELEAI_OK);                                    \
        CHECK(read_ != NULL && teleai_uuid_equal(&read_->id, &id), "another " #noun);                      \
        teleai_##noun##_free(read_);                                                                       \
        GIVES(teleai_##noun##_get_many(db, &id, 1, &several_, &error), TELEAI_OK);                         \
        CHECK(several_ != NULL && several_->count == 1 && teleai_uuid_equal(&several_->items[0]->id, &id), \
              "another " #noun);                                                                           \
        teleai_##plural##_free(several_);                                                                  \
        GIVES(teleai_##noun##_list(db, &(filter), NULL, &several_, &error), TELEAI_OK);                    \
        CHECK(several_ != NULL && several_->count == 2, "not two " #plural);                               \
        teleai_##plural##_free(several_);                                                                  \
        GIVES(teleai_##noun##_count(db, &(filter), &count_, &error), TELEAI_OK);                           \
        CHECK(count_ == 2, "%d " #plural, (int)count_);                                                    \
    } while (0)

static void call_sessions(teleai_client *db, const teleai_uuid *user) {
    teleai_error error;
    teleai_uuid id;
    teleai_session_input input = {.struct_size = sizeof input, .user_id = user, .user_agent = "test"};
    teleai_session_filter of_user = {.struct_size = sizeof of_user, .user_id = user};
    CALL_NOUN(session, sessions, input, of_user, TELEAI_SESSION_FIELD_USER_AGENT);
    teleai_session *session = NULL;
    teleai_identity *identity = NULL;
    if (GIVES(teleai_session_create(db, &input, &session, &error), TELEAI_OK)) {
        GIVES(teleai_session_check(db, session->token, &identity, &error), TELEAI_OK);
        CHECK(identity != NULL && teleai_uuid_equal(&identity->user->id, user), "somebody else's session");
        GIVES(teleai_session_revoke(db, &session->id, &error), TELEAI_OK);
        GIVES(teleai_session_check(db, session->token, NULL, &error), TELEAI_UNAUTHENTICATED);
    }
    teleai_identity_free(identity);
    teleai_session_free(session);
}

static void call_files(teleai_client *db, const teleai_uuid *user) {
    teleai_error error;
    teleai_uuid id, file, transcription;
    teleai_search_hits *hits = NULL;
    teleai_search_options mine = {.struct_size = sizeof mine, .user_id = user};
    teleai_audio_file_input a_file = {.struct_size = sizeof a_file,
                                      .user_id = user,
                                      .file_name = "call.wav",
                                      .file_path = "/calls/call.wav",
                                      .mime_type = "audio/wav",
                                      .file_size_bytes = 1000};
    teleai_audio_file_filter of_user = {.struct_size = sizeof of_user, .user_id = user};
    CALL_NOUN(audio_file, audio_files, a_file, of_user, TELEAI_AUDIO_FILE_FIELD_FILE_NAME);
    file = id;
    teleai_transcription_input a_text = {.struct_size = sizeof a_text,
                                         .audio_file_id = &file,
                                         .user_id = user,
                                         .text = "the heart",
                                         .language_code = "en",
                                         .engine = "test",
                                         .status = TELEAI_TRANSCRIPTION_COMPLETED};
    teleai_transcription_filter of_file = {.struct_size = sizeof of_file, .audio_file_id = &file};
    CALL_NOUN(transcription, transcriptions, a_text, of_file, TELEAI_TRANSCRIPTION_FIELD_LANGUAGE_CODE);
    transcription = id;
    teleai_analysis_input mood = {.struct_size = sizeof mood,
                                  .transcription_id = &transcription,
                                  .audio_file_id = &file,
                                  .user_id = user,
                                  .analysis_type = "mood",
                                  .engine = "test",
                                  .summary = "fine"};
    teleai_analysis_filter of_text = {.struct_size = sizeof of_text, .transcription_id = &transcription};
    CALL_NOUN(analysis, analyses, mood, of_text, TELEAI_ANALYSIS_FIELD_SUMMARY);
    GIVES(teleai_search_transcriptions(db, "heart", &mine, &hits, &error), TELEAI_OK);
    CHECK(hits != NULL && hits->count == 2, "not two hits");
    teleai_search_hits_free(hits);
    GIVES(teleai_analysis_delete(db, &id, &error), TELEAI_OK);
    GIVES(teleai_transcription_delete(db, &transcription, &error), TELEAI_OK);
    GIVES(teleai_audio_file_delete(db, &file, &error), TELEAI_OK);
    GIVES(teleai_audio_file_get(db, &file, NULL, &error), TELEAI_NOT_FOUND);
}

/* A user's whole life. `password`: NULL, hashing takes long. */
static void live(teleai_client *db, const char *name, const char *password) {
    teleai_error error;
    teleai_uuid id;
    char email[64], other[64];
    name_somebody(email, sizeof email);
    name_somebody(other, sizeof other);
    teleai_uuid_make(&id);
    teleai_user_input input = {
        .struct_size = sizeof input, .id = &id, .email = email, .full_name = name, .password = password};
    teleai_user *user = NULL;
    teleai_users *users = NULL;
    int64_t count = 0;
    GIVES(teleai_user_create(db, &input, &user, &error), TELEAI_OK);
    teleai_user_free(user);
    GIVES(teleai_user_update(db, &id, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, &user, &error), TELEAI_OK);
    CHECK(user != NULL && strcmp(user->full_name, name) == 0, "somebody else");
    teleai_user_free(user);
    GIVES(teleai_user_get_by_email(db, email, &user, &error), TELEAI_OK);
    CHECK(user != NULL && teleai_uuid_equal(&user->id, &id), "somebody else");
    teleai_user_free(user);
    if (password != NULL)
        GIVES(teleai_user_login(db, email, password, NULL, &error), TELEAI_OK);
    input = (teleai_user_input){.struct_size = sizeof input, .email = other, .full_name = name};
    GIVES(teleai_user_create_many(db, &input, 1, NULL, &users, &error), TELEAI_OK);
    teleai_users_free(users);
    GIVES(teleai_user_get_many(db, &id, 1, &users, &error), TELEAI_OK);
    CHECK(users != NULL && users->count == 1, "not one user");
    teleai_users_free(users);
    GIVES(teleai_user_list(db, NULL, NULL, &users, &error), TELEAI_OK);
    teleai_users_free(users);
    GIVES(teleai_user_count(db, NULL, &count, &error), TELEAI_OK);
    CHECK(count >= 2, "%d users", (int)count);
    call_sessions(db, &id);
    call_files(db, &id);
    GIVES(teleai_user_delete(db, &id, &error), TELEAI_OK);
    GIVES(teleai_user_get(db, &id, NULL, &error), TELEAI_NOT_FOUND);
}

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
