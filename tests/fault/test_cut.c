/* Writes whose connection is cut after every so many bytes, on the way there and on the way back: none is lost after
 * OK, none happens twice, and what is reported as not done was not done. */
#include <libpq-fe.h>

#include "cutting_proxy.h"
#include "harness.h"

static teleai_client *client;
static PGconn *raw; /* not through the proxy */
static teleai_uuid user;
static int number; /* of the case: tells the rows apart */

static int rows(const char *sql) {
    PGresult *result = PQexec(raw, sql);
    int count = PQntuples(result) == 1 ? atoi(PQgetvalue(result, 0, 0)) : -1;
    PQclear(result);
    return count;
}

static int files_named(const char *name) {
    char sql[120];
    snprintf(sql, sizeof sql, "select count(*) from audio_files where file_name = '%s'", name);
    return rows(sql);
}

static teleai_audio_file_input file(const char *name) {
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .user_id = &user,
                                     .file_name = name,
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1000};
}

static const char *name_of_case(void) {
    static char name[32];
    snprintf(name, sizeof name, "call%d.wav", number);
    return name;
}

/* A write to be cut. before() makes what it needs, outside the measured bytes; do_it() is the call; check() compares
 * what the call said with what the database holds. */
typedef struct write_kind {
    const char *name;
    bool certain; /* is sent again until it is done: never fails */
    int step;     /* bytes between two cuts */
    void (*before)(void);
    teleai_status (*do_it)(teleai_error *error);
    void (*check)(teleai_status status, const teleai_error *error);
} write_kind;

static bool is_unknown(const teleai_error *error) { return (error->flags & TELEAI_ERROR_OUTCOME_UNKNOWN) != 0; }

static void nothing(void) {}

/* ---- create ---- */

static teleai_status create(teleai_error *error) {
    teleai_audio_file_input input = file(name_of_case());
    teleai_audio_file *made = NULL;
    teleai_status status = teleai_audio_file_create(client, &input, &made, error);
    CHECK((made != NULL) == (status == TELEAI_OK), "a record");
    if (made != NULL)
        CHECK(strcmp(made->file_name, name_of_case()) == 0, "%s", made->file_name);
    teleai_audio_file_free(made);
    return status;
}

static void one_row(teleai_status status, const teleai_error *error) {
    int count = files_named(name_of_case());
    if (status == TELEAI_OK)
        CHECK(count == 1, "OK, and %d rows", count);
    else if (!is_unknown(error))
        CHECK(count == 0, "%s, and %d rows", error->message, count);
    else
        CHECK(count <= 1, "%d rows", count);
}

static teleai_status create_three(teleai_error *error) {
    teleai_uuid ids[3];
    teleai_audio_file_input inputs[3];
    for (int i = 0; i < 3; i++) {
        teleai_uuid_make(&ids[2 - i]); /* not in the order in which the server would find them */
        inputs[i] = file(name_of_case());
    }
    for (int i = 0; i < 3; i++)
        inputs[i].id = &ids[i];
    teleai_audio_files *made = NULL;
    teleai_status status = teleai_audio_file_create_many(client, inputs, 3, NULL, &made, error);
    for (int i = 0; status == TELEAI_OK && i < 3; i++)
        CHECK(teleai_uuid_equal(&made->items[i]->id, &ids[i]), "out of order");
    teleai_audio_files_free(made);
    return status;
}

static void three_rows(teleai_status status, const teleai_error *error) {
    CHECK(status == TELEAI_OK && files_named(name_of_case()) == 3, "%s, and %d rows", error->message,
          files_named(name_of_case()));
}

#define COPIED 12 /* so many are copied */

static teleai_status create_by_copy(teleai_error *error) {
    teleai_audio_file_input inputs[COPIED];
    for (int i = 0; i < COPIED; i++)
        inputs[i] = file(name_of_case());
    return teleai_audio_file_create_many(client, inputs, COPIED, NULL, NULL, error);
}

static void copied_rows(teleai_status status, const teleai_error *error) {
    CHECK(status == TELEAI_OK && files_named(name_of_case()) == COPIED, "%s, and %d rows", error->message,
          files_named(name_of_case()));
}

/* Its token is made here, and never leaves this process again: the row that is there must be its own. */
static teleai_status create_session(teleai_error *error) {
    teleai_session_input input = {.struct_size = sizeof input, .user_id = &user, .user_agent = name_of_case()};
    teleai_session *made = NULL;
    teleai_identity *identity = NULL;
    teleai_status status = teleai_session_create(client, &input, &made, error);
    long passed[] = {proxy.passed[PROXY_UP], proxy.passed[PROXY_DOWN]}; /* the check below is not part of it */
    proxy.limit[PROXY_UP] = proxy.limit[PROXY_DOWN] = -1;
    teleai_error why = {0};
    CHECK(status != TELEAI_OK || teleai_session_check(client, made->token, &identity, &why) == TELEAI_OK, "%s",
          why.message);
    proxy.passed[PROXY_UP] = passed[PROXY_UP];
    proxy.passed[PROXY_DOWN] = passed[PROXY_DOWN];
    teleai_identity_free(identity);
    teleai_session_free(made);
    return status;
}

static void one_session(teleai_status status, const teleai_error *error) {
    char sql[120];
    snprintf(sql, sizeof sql, "select count(*) from sessions where user_agent = '%s'", name_of_case());
    CHECK(status == TELEAI_OK && rows(sql) == 1, "%s, and %d rows", error->message, rows(sql));
}

/* ---- delete, update ---- */

static teleai_uuid target;

static void make_target(void) {
    char sql[300], text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_make(&target);
    teleai_uuid_format(&target, text);
    char owner[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&user, owner);
    snprintf(sql, sizeof sql,
             "insert into audio_files (id, user_id, file_name, file_path, mime_type, file_size_bytes) "
             "values ('%s', '%s', 'before%d', '/x', 'audio/wav', 1) returning 1",
             text, owner, number);
    CHECK(rows(sql) == 1, "%s", PQerrorMessage(raw));
}

static teleai_status delete_it(teleai_error *error) { return teleai_audio_file_delete(client, &target, error); }

static void is_gone(teleai_status status, const teleai_error *error) {
    char sql[120], text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&target, text);
    snprintf(sql, sizeof sql, "select count(*) from audio_files where id = '%s'", text);
    CHECK(status == TELEAI_OK && rows(sql) == 0, "%s, and %d rows", error->message, rows(sql));
}

static teleai_status update_with(bool again, teleai_error *error) {
    teleai_audio_file_input input = {.struct_size = sizeof input, .file_name = name_of_case()};
    teleai_update_options options = {.struct_size = sizeof options, .repeat_if_lost = again};
    return teleai_audio_file_update(client, &target, &input, TELEAI_AUDIO_FILE_FIELD_FILE_NAME, &options, NULL, error);
}

/* Never sent again: a second time it would be refused. */
static teleai_status start_it(teleai_error *error) { return teleai_audio_file_start(client, &target, NULL, error); }

static void is_started(teleai_status status, const teleai_error *error) {
    char sql[150], text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&target, text);
    snprintf(sql, sizeof sql, "select count(*) from audio_files where id = '%s' and status = 'processing'", text);
    int started = rows(sql);
    if (status == TELEAI_OK || !is_unknown(error))
        CHECK(started == (status == TELEAI_OK), "%s, and %d are started", error->message, started);
}

static teleai_status update_again(teleai_error *error) { return update_with(true, error); }

static teleai_status update_once(teleai_error *error) { return update_with(false, error); }

/* ---- transaction ---- */

static teleai_status transact(teleai_error *error) {
    teleai_client *transaction;
    teleai_audio_file_input input = file(name_of_case());
    teleai_status status = teleai_transaction_begin(client, NULL, &transaction, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai_audio_file_create(transaction, &input, NULL, error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(transaction, error);
    else
        error->flags &= ~(uint32_t)TELEAI_ERROR_OUTCOME_UNKNOWN; /* of the statement; nothing was committed */
    teleai_close(transaction);
    return status;
}

static teleai_status add_one(teleai_client *transaction, void *unused, teleai_error *error) {
    (void)unused;
    teleai_audio_file_input input = file(name_of_case());
    return teleai_audio_file_create(transaction, &input, NULL, error);
}

static teleai_status transact_again(teleai_error *error) {
    return teleai_transaction_run(client, NULL, add_one, NULL, NULL, error);
}

/* ---- batch, scope ---- */

static teleai_status batch_of_three(bool atomic, teleai_error *error) {
    teleai_client *batch;
    teleai_batch_options options = {.struct_size = sizeof options, .atomic = atomic};
    teleai_audio_file *made[3];
    teleai_error errors[3];
    CHECK(teleai_batch_open(client, &options, &batch, error) == TELEAI_OK, "%s", error->message);
    for (int i = 0; i < 3; i++) {
        teleai_audio_file_input input = file(name_of_case());
        CHECK(teleai_audio_file_create(batch, &input, &made[i], &errors[i]) == TELEAI_OK, "%s", errors[i].message);
    }
    teleai_status status = teleai_batch_flush(batch, error);
    for (int i = 0; i < 3; i++) {
        CHECK((made[i] != NULL) == (errors[i].status == TELEAI_OK), "a record");
        CHECK(status != TELEAI_OK || errors[i].status == TELEAI_OK, "%s", errors[i].message);
        teleai_audio_file_free(made[i]);
    }
    teleai_close(batch);
    return status;
}

static teleai_status batch_three(teleai_error *error) { return batch_of_three(false, error); }

static teleai_status batch_atomic(teleai_error *error) { return batch_of_three(true, error); }

static void three_or_none(teleai_status status, const teleai_error *error) {
    int count = files_named(name_of_case());
    if (status == TELEAI_OK)
        CHECK(count == 3, "OK, and %d rows", count);
    else
        CHECK(count == 0 || (count == 3 && is_unknown(error)), "%s, and %d rows", error->message, count);
}

static teleai_status create_in_scope(teleai_error *error) {
    teleai_client *scope, *root = client;
    teleai_scope_options options = {.struct_size = sizeof options, .actor_id = &user};
    CHECK(teleai_scope_open(root, &options, &scope, error) == TELEAI_OK, "%s", error->message);
    client = scope;
    teleai_status status = create(error);
    client = root;
    teleai_close(scope);
    return status;
}

/* ---- the cases ---- */

static const write_kind kinds[] = {
    {"create", true, 1, nothing, create, one_row},
    {"create three", true, 5, nothing, create_three, three_rows},
    {"create twelve, copied", true, 7, nothing, create_by_copy, copied_rows},
    {"create a session", true, 2, nothing, create_session, one_session},
    {"delete", true, 1, make_target, delete_it, is_gone},
    {"start", false, 1, make_target, start_it, is_started},
    {"update, to be repeated", true, 2, make_target, update_again, one_row},
    {"update", false, 1, make_target, update_once, one_row},
    {"transaction", false, 2, nothing, transact, one_row},
    {"transaction, run again", false, 3, nothing, transact_again, one_row},
    {"batch of three", true, 5, nothing, batch_three, three_rows},
    {"batch of three, atomic", false, 5, nothing, batch_atomic, three_or_none},
    {"create in a scope", true, 3, nothing, create_in_scope, one_row},
};

static bool run_case(const write_kind *kind, int direction, long bytes) {
    teleai_error error;
    number++;
    kind->before();
    GIVES(teleai_ping(client, &error), TELEAI_OK); /* a sound connection to begin with */
    proxy_cut_after(direction, bytes);
    teleai_status status = kind->do_it(&error);
    proxy.limit[PROXY_UP] = proxy.limit[PROXY_DOWN] = -1;
    if (kind->certain)
        CHECK(status == TELEAI_OK, "%s cut after %ld bytes: %s", kind->name, bytes, error.message);
    int before = check_failures;
    kind->check(status, &error);
    CHECK(check_failures == before, "%s cut after %ld bytes %s", kind->name, bytes,
          direction == PROXY_UP ? "up" : "down");
    return status == TELEAI_OK;
}

static void cut_everywhere(const write_kind *kind) {
    run_case(kind, PROXY_UP, -1); /* prepares the statements */
    int cases = 0, fine = 0, cuts = proxy.cuts;
    for (int direction = PROXY_UP; direction <= PROXY_DOWN; direction++) {
        int missed = 0; /* past the end: how much goes over the wire depends on what had to be prepared again */
        for (long bytes = 0; missed < 3; bytes += kind->step, cases++) {
            int before = proxy.cuts;
            fine += run_case(kind, direction, bytes);
            missed = proxy.cuts == before ? missed + 1 : 0;
        }
    }
    cuts = proxy.cuts - cuts;
    printf("  %s: cut %d times in %d calls, %d answered OK\n", kind->name, cuts, cases, fine);
    CHECK(cuts > 80 && cuts * 10 > cases * 8, "nothing was put to the test");
}

int main(void) {
    if (!harness_has_server())
        return 77;
    setvbuf(stdout, NULL, _IOLBF, 0);
    raw = harness_connect();
    harness_sql("alter database %s set synchronous_commit = off", PQdb(raw));
    proxy_start(PQhost(raw), PQport(raw));
    char connection[800];
    snprintf(connection, sizeof connection, "%s host=%s", harness_database(), proxy.folder);
    teleai_options options = {.struct_size = sizeof options, .max_connections = 1, .timeout_ms = 20000};
    teleai_error error;
    if (!GIVES(teleai_open(connection, &options, &client, &error), TELEAI_OK))
        return 1;
    harness_user(client, &user);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cut_everywhere(&kinds[i]);
    teleai_close(client);
    proxy_stop();
    PQfinish(raw);
    harness_drop();
    printf("%d checks failed\n", (int)check_failures);
    return check_failures == 0 ? 0 : 1;
}
