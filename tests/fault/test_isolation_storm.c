/*
 * Fifty tenants, 64 threads on one client with eight connections, each call in the scope of some tenant, while connections
 * break, time runs out, calls are cancelled and fail on purpose: no answer ever has anything of another tenant, and in the end
 * each has what was written for it. By statements alone and under row security, on a server and behind PgBouncer in
 * transaction mode. Runs under ThreadSanitizer as well.
 */
#include <pthread.h>

#include "own_server.h"

#include "own_pooler.h"

#include "run/client.h"
#include "storm_reads.h"

#define CONNECTIONS 8
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SECONDS 2
#else
#define SECONDS 5
#endif

static teleai_client *root;
static int64_t until_ms;
static _Atomic int64_t killed, cancelled;

/* For its time, and on a busy machine until it deserves the name. */
static bool goes_on(void) {
    int64_t now_ms = check_now_ms();
    return now_ms < until_ms || ((killed <= 3 || cancelled <= 10) && now_ms < until_ms + 60000);
}
static _Atomic int64_t calls;
static _Atomic int names; /* of users that are made */

static worker workers[THREADS];

/* ---- writing ---- */

static void add_rows(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_uuid id;
    teleai_session *session = NULL;
    char email[60];
    teleai_session_input input = {.struct_size = sizeof input, .user_id = &own->user, .user_agent = own->mark};
    snprintf(email, sizeof email, "u%d@%s.org", ++names, own->mark);
    switch (pick(self, 6)) {
    case 0:
        WELL(own, make_user(db, own, email, &id, &error));
        tally_made(own, USERS, error.status, &error, 1);
        break;
    case 1:
        if (WELL(own, teleai_session_create(db, &input, &session, &error)))
            OWN(own, session->user_agent, "session");
        tally_made(own, SESSIONS, error.status, &error, 1);
        teleai_session_free(session);
        break;
    case 2:
        WELL(own, make_transcription(db, own, &id, &error));
        tally_made(own, TRANSCRIPTIONS, error.status, &error, 1);
        break;
    case 3:
        WELL(own, make_analysis(db, own, &id, &error));
        tally_made(own, ANALYSES, error.status, &error, 1);
        break;
    default:
        if (WELL(own, make_file(db, own, &id, &error)) && self->count < 20) {
            self->owners[self->count] = (int)(own - tenants);
            self->files[self->count++] = id;
        }
        tally_made(own, FILES, error.status, &error, 1);
    }
}

static void add_many(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_audio_file_input inputs[30];
    teleai_audio_files *made = NULL;
    for (int i = 0; i < 30; i++)
        inputs[i] = file_of(own);
    size_t count = pick(self, 2) == 0 ? 3 : 30;
    if (WELL(own, teleai_audio_file_create_many(db, inputs, count, NULL, count == 3 ? &made : NULL, &error)) &&
        count == 3)
        EACH(made, file_name, "made");
    tally_made(own, FILES, error.status, &error, (int64_t)count);
    teleai_audio_files_free(made);
}

static void change_rows(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    char text[40];
    snprintf(text, sizeof text, "%s %d", own->mark, pick(self, 1000));
    teleai_user_input user = {.struct_size = sizeof user, .full_name = text};
    teleai_audio_file_input file = {.struct_size = sizeof file, .file_name = text};
    teleai_analysis_input analysis = {.struct_size = sizeof analysis, .summary = text};
    teleai_audio_file *changed = NULL;
    switch (pick(self, 4)) {
    case 0:
        WELL(own, teleai_user_update(db, &own->user, &user, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error));
        break;
    case 1:
        if (WELL(own, teleai_audio_file_update(db, &own->file, &file, TELEAI_AUDIO_FILE_FIELD_FILE_NAME, NULL, &changed,
                                               &error)))
            OWN(own, changed->file_name, "changed");
        teleai_audio_file_free(changed);
        break;
    case 2:
        WELL(own,
             teleai_analysis_update(db, &own->analysis, &analysis, TELEAI_ANALYSIS_FIELD_SUMMARY, NULL, NULL, &error));
        break;
    default:
        if (self->count == 0)
            break;
        self->count--; /* of whichever tenant it is: only there it can be deleted */
        if (&tenants[self->owners[self->count]] != own) {
            /* When its connection is lost it is sent again, and that nothing is there is then as it should be. */
            (void)teleai_audio_file_delete(db, &self->files[self->count], &error);
            CHECK(error.status == TELEAI_OK || error.status == TELEAI_NOT_FOUND || is_weather(error.status), "%s",
                  error.message);
            (void)noted(own, error.status, &error, "delete of another tenant's");
            break;
        }
        WELL(own, teleai_audio_file_delete(db, &self->files[self->count], &error));
        tally_gone(own, FILES, error.status, &error, 1);
    }
}

static void work_in_transaction(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_client *transaction;
    teleai_uuid ids[2];
    bool keep = pick(self, 3) > 0;
    if (!WELL(own, teleai_transaction_begin(db, NULL, &transaction, &error)))
        return;
    if (WELL(own, make_file(transaction, own, &ids[0], &error)) &&
        WELL(own, make_file(transaction, own, &ids[1], &error))) {
        list_rows(self, transaction, own);
        if (keep) {
            WELL(own, teleai_transaction_commit(transaction, &error));
            tally_made(own, FILES, error.status, &error, 2);
        } else {
            WELL(own, teleai_transaction_rollback(transaction, &error));
        }
    }
    teleai_close(transaction);
}

static void work_in_batch(worker *self, teleai_client *db, tenant *own) {
    teleai_error error, errors[9];
    teleai_batch_options options = {.struct_size = sizeof options, .atomic = pick(self, 2) == 0};
    teleai_client *batch;
    teleai_uuid ids[3];
    teleai_audio_files *files[3] = {NULL};
    teleai_search_hits *hits[3] = {NULL};
    const tenant *other = &tenants[pick(self, TENANTS)];
    if (!WELL(own, teleai_batch_open(db, &options, &batch, &error)))
        return;
    for (int i = 0; i < 3; i++) {
        (void)make_file(batch, own, &ids[i], &errors[3 * i]);
        (void)teleai_audio_file_list(batch, NULL, NULL, &files[i], &errors[3 * i + 1]);
        (void)teleai_search_transcriptions(batch, i == 1 ? other->mark : "heart", NULL, &hits[i], &errors[3 * i + 2]);
    }
    (void)teleai_batch_flush(batch, &error);
    for (int i = 0; i < 9; i++)
        well(own, errors[i].status, &errors[i], "in a batch", __LINE__);
    for (int i = 0; i < 3; i++) {
        tally_made(own, FILES, errors[3 * i].status, &errors[3 * i], 1);
        for (size_t j = 0; files[i] != NULL && j < files[i]->count; j++)
            OWN(own, files[i]->items[j]->file_name, "files in a batch");
        for (size_t j = 0; hits[i] != NULL && j < hits[i]->count; j++)
            OWN(own, hits[i]->items[j]->snippet, "hits in a batch");
        teleai_audio_files_free(files[i]);
        teleai_search_hits_free(hits[i]);
    }
    teleai_close(batch);
}

/* ---- what is to fail ---- */

static void fail_on_purpose(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    const tenant *other = &tenants[(own - tenants + 1 + pick(self, TENANTS - 1)) % TENANTS];
    teleai_audio_file_input file = file_of(own);
    teleai_user_input user = {.struct_size = sizeof user, .email = other->email, .full_name = own->mark};
    teleai_identity *identity = NULL;
    switch (pick(self, 7)) {
    case 0:
        /* One's own: when the connection is lost it is sent again, and taken for what the first sending made. */
        file.id = pick(self, 2) == 0 ? &other->file : &own->file;
        (void)teleai_audio_file_create(db, &file, NULL, &error);
        CHECK(error.status == TELEAI_ALREADY_EXISTS || is_weather(error.status) ||
                  (error.status == TELEAI_OK && file.id == &own->file),
              "%s: %s", teleai_status_name(error.status), error.message);
        (void)noted(own, error.status, &error, "create of what is there");
        break;
    case 1:
        file.user_id = &other->user;
        REFUSED(own, teleai_audio_file_create(db, &file, NULL, &error), TELEAI_PARENT_NOT_FOUND);
        break;
    case 2:
        REFUSED(own, teleai_user_create(db, &user, NULL, &error), TELEAI_ALREADY_EXISTS);
        break;
    case 3:
        REFUSED(own, teleai_transcription_get(db, &other->transcription, NULL, &error), TELEAI_NOT_FOUND);
        break;
    case 4:
        REFUSED(own, teleai_user_update(db, &other->user, &user, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error),
                TELEAI_NOT_FOUND);
        break;
    case 5:
        REFUSED(own, teleai_session_check(db, other->token, NULL, &error), TELEAI_UNAUTHENTICATED);
        break;
    default: /* on the client that has chosen no tenant, the token finds its own */
        if (WELL(other, teleai_session_check(root, other->token, &identity, &error)))
            OWN(other, identity->user->email, "session's user");
        teleai_identity_free(identity);
    }
}

static void *work(void *argument) {
    static void (*const works[])(worker *, teleai_client *, tenant *) = {
        read_rows,   list_rows, search_rows, read_statistics,     stream_rows,   add_rows,
        change_rows, add_many,  add_rows,    work_in_transaction, work_in_batch, fail_on_purpose};
    worker *self = argument;
    while (goes_on()) {
        tenant *own = &tenants[pick(self, TENANTS)];
        bool hurried = pick(self, 12) == 0;
        teleai_scope_options options = {
            .struct_size = sizeof options, .tenant_id = &own->id, .timeout_ms = hurried ? 1 + pick(self, 20) : 0};
        teleai_error error;
        teleai_client *scope;
        if (!GIVES(teleai_scope_open(root, &options, &scope, &error), TELEAI_OK))
            break;
        pthread_mutex_lock(&self->mutex);
        self->scope = scope;
        pthread_mutex_unlock(&self->mutex);
        works[pick(self, sizeof works / sizeof *works)](self, scope, own);
        pthread_mutex_lock(&self->mutex);
        self->scope = NULL;
        pthread_mutex_unlock(&self->mutex);
        teleai_close(scope);
        calls++;
    }
    return NULL;
}

/* ---- the weather ---- */

static void *make_weather(void *unused) {
    (void)unused;
    worker self = {.seed = 99};
    PGconn *raw = PQconnectdb(harness_database());
    for (int i = 0; goes_on(); i++) {
        if (i % 6 == 0) {
            PGresult *result = PQexec(raw, "select pg_terminate_backend(pid) from pg_stat_activity where datname = "
                                           "current_database() and pid <> pg_backend_pid() order by random() limit 1");
            killed += PQntuples(result);
            PQclear(result);
        }
        worker *whose = &workers[pick(&self, THREADS)];
        teleai_error error;
        pthread_mutex_lock(&whose->mutex);
        if (whose->scope != NULL) {
            (void)teleai_cancel(whose->scope, &error);
            cancelled++;
        }
        pthread_mutex_unlock(&whose->mutex);
        check_pause_ms(20);
    }
    PQfinish(raw);
    return NULL;
}

/* ---- afterwards ---- */

/* No connection that the client has tells the server a tenant any more. */
static void check_connections(bool pooled) {
    teleai__connection *held[CONNECTIONS];
    teleai_error error;
    int count = 0;
    while (count < CONNECTIONS &&
           teleai__client_borrow(root, "look", teleai__deadline_in(20000), &held[count], &error) == TELEAI_OK)
        count++;
    CHECK(count == CONNECTIONS, "%d connections", count);
    for (int round = 0; round < (pooled ? 20 : 1); round++)
        for (int i = 0; i < count; i++) {
            PGresult *result = PQexec(held[i]->pg, "select coalesce(current_setting('teleai.tenant_id', true), '') || "
                                                   "coalesce(current_setting('teleai.actor_id', true), '')");
            CHECK(PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == '\0', "connection %d: %s%s", i,
                  PQerrorMessage(held[i]->pg), PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
            PQclear(result);
        }
    for (int i = 0; i < count; i++)
        teleai__client_return(root, held[i]);
}

static void print_outcomes(const char *form) {
    printf("  %s: %lld rounds, %lld killed, %lld cancelled;", form, (long long)calls, (long long)killed,
           (long long)cancelled);
    for (int i = 0; i < STATUSES; i++)
        if (outcomes[i] > 0)
            printf(" %s %lld", teleai_status_name(i), (long long)outcomes[i]);
    printf("\n");
}

static void storm(const char *form, bool secured, bool pooled) {
    teleai_options options = {.struct_size = sizeof options,
                              .max_connections = CONNECTIONS,
                              .timeout_ms = 20000,
                              .require_row_security = secured};
    pthread_t threads[THREADS], weather;
    teleai_error error;
    harness_database();
    teleai_client *owner = server_open(2, 30000);
    make_tenants(owner);
    GIVES(teleai_daily_usage_refresh(owner, &error), TELEAI_OK);
    if (secured)
        GIVES(teleai_row_security_enable(owner, &error), TELEAI_OK);
    teleai_close(owner);
    pooler_role = secured ? "teleai_app" : "teleai";
    if (pooled)
        pooler_start();
    const char *connection = pooled ? through : secured ? harness_database_as("teleai_app") : harness_database();
    if (!GIVES(teleai_open(connection, &options, &root, &error), TELEAI_OK))
        return;
    calls = killed = cancelled = 0;
    for (int i = 0; i < STATUSES; i++)
        outcomes[i] = 0;
    until_ms = check_now_ms() + SECONDS * 1000;
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.seed = (unsigned int)i + 1};
        pthread_mutex_init(&workers[i].mutex, NULL);
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            abort();
    }
    if (pthread_create(&weather, NULL, make_weather, NULL) != 0)
        abort();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_join(weather, NULL);
    print_outcomes(form);
    CHECK(outcomes[TELEAI_OK] > calls / 2 && killed > 3 && cancelled > 10, "the storm was none");
    check_connections(pooled);
    check_tallies();
    teleai_close(root);
    if (pooled)
        pooler_stop();
    harness_drop();
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    server_make();
    pooler_sessions = 4;
    bool has_pooler = access(POOLER_PROGRAM, X_OK) == 0;
    storm("statements", false, false);
    storm("row security", true, false);
    if (has_pooler) {
        storm("statements, pooled", false, true);
        storm("row security, pooled", true, true);
    } else {
        printf("no " POOLER_PROGRAM "\n");
        CHECK(check_skip() == 77, "the pooler is missing");
    }
    server_remove();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
