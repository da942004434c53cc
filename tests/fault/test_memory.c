/*
 * Out of memory: each allocation of a call fails in turn, those of the libraries below included. Whatever comes of
 * it, the call ends with a status, gives nothing back that would have to be freed, loses no memory, and the client
 * works on.
 */
#include <errno.h>
#include <pthread.h>

#include "check.h"
#include "harness.h"

#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int main(void) {
    printf("malloc() belongs to somebody else here\n");
    return 77;
}

#else

/* ---- malloc() ---- */

/* Seen by the shared libraries too. */
#define SHOWN __attribute__((visibility("default")))
SHOWN void *malloc(size_t size);
SHOWN void *calloc(size_t count, size_t size);
SHOWN void *realloc(void *old, size_t size);
SHOWN void *aligned_alloc(size_t alignment, size_t size);
SHOWN void free(void *old);

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static bool armed;
static long allocations, fail_at, outstanding;

static bool is_refused(void) {
    if (!armed || ++allocations != fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    void *made = is_refused() ? NULL : __libc_malloc(size);
    outstanding += made != NULL;
    return made;
}

void *calloc(size_t count, size_t size) {
    void *made = is_refused() ? NULL : __libc_calloc(count, size);
    outstanding += made != NULL;
    return made;
}

void *realloc(void *old, size_t size) {
    if (is_refused())
        return NULL;
    void *made = __libc_realloc(old, size);
    outstanding += (made != NULL) - (old != NULL);
    return made;
}

void *aligned_alloc(size_t alignment, size_t size) {
    void *made = is_refused() ? NULL : __libc_memalign(alignment, size);
    outstanding += made != NULL;
    return made;
}

void free(void *old) {
    outstanding -= old != NULL;
    __libc_free(old);
}

/* ---- calls ---- */

static teleai_client *db;
static teleai_error error;
static teleai_uuid user, file, transcription;

/* Each makes one call, frees what came back, and gives its status. */
static teleai_status call_create(void) {
    const char *const phrases[] = {"heart", "rate \"x\""};
    const teleai_entity entities[] = {{.text = "heart", .type = "organ", .extra_json = "{\"a\": [1, 2]}"}};
    const teleai_topic topics[] = {{.name = "health", .score = 0.5, .has_score = true}};
    teleai_analysis_input input = {.struct_size = sizeof input,
                                   .transcription_id = &transcription,
                                   .audio_file_id = &file,
                                   .user_id = &user,
                                   .analysis_type = "mood",
                                   .engine = "test",
                                   .key_phrases = phrases,
                                   .key_phrase_count = 2,
                                   .entities = entities,
                                   .entity_count = 1,
                                   .topics = topics,
                                   .topic_count = 1,
                                   .insights_json = "{\"a\": {\"b\": null}}"};
    teleai_analysis *out = (teleai_analysis *)&error;
    teleai_status status = teleai_analysis_create(db, &input, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_analysis_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_create_many(void) {
    teleai_audio_file_input input = {.struct_size = sizeof input,
                                     .user_id = &user,
                                     .file_name = "a",
                                     .file_path = "/a",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1,
                                     .metadata_json = "{\"a\": 1}"};
    teleai_audio_file_input inputs[] = {input, input, input};
    teleai_audio_files *out = (teleai_audio_files *)&error;
    teleai_status status = teleai_audio_file_create_many(db, inputs, 3, NULL, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_audio_files_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_get_many(void) {
    teleai_users *out = (teleai_users *)&error;
    teleai_status status = teleai_user_get_many(db, &user, 1, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_users_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_list(void) {
    teleai_analysis_filter filter = {
        .struct_size = sizeof filter, .user_id = &user, .entities_contains_json = "[{\"type\": \"organ\"}]"};
    teleai_page page = {.struct_size = sizeof page, .limit = 2};
    teleai_analyses *out = (teleai_analyses *)&error;
    teleai_status status = teleai_analysis_list(db, &filter, &page, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_analyses_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_columns(void) {
    teleai_analyses *list = NULL;
    teleai_status status = teleai_analysis_list(db, NULL, NULL, &list, &error);
    if (status != TELEAI_OK)
        return status;
    struct ArrowSchema schema;
    struct ArrowArray array;
    status = teleai_analyses_to_arrow(list, &schema, &array, &error);
    teleai_analyses_free(list);
    CHECK((schema.release != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    CHECK((array.release != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    if (status != TELEAI_OK)
        return status;
    schema.release(&schema);
    array.release(&array);
    return status;
}

/* What a callback of Arrow's said, as one of ours would. */
static teleai_status said(struct ArrowArrayStream *arrow, int number) {
    if (number == 0)
        return TELEAI_OK;
    const char *message = arrow->get_last_error(arrow);
    error.status = number == ENOMEM ? TELEAI_OUT_OF_MEMORY : TELEAI_UNAVAILABLE; /* libpq does not always tell why */
    snprintf(error.message, sizeof error.message, "%s", message == NULL ? "" : message);
    return error.status;
}

/* Rows that are missing are told of, wherever memory ends. */
static teleai_status call_arrow_stream(void) {
    teleai_page page = {.struct_size = sizeof page, .limit = 1};
    teleai_stream *stream = NULL;
    teleai_status status = teleai_transcription_stream(db, NULL, &page, &stream, &error);
    if (status != TELEAI_OK)
        return status;
    struct ArrowArrayStream arrow;
    struct ArrowSchema schema = {.release = NULL};
    struct ArrowArray array;
    int64_t rows = 0;
    status = teleai_stream_to_arrow(stream, &arrow, &error);
    CHECK((arrow.release != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    if (status == TELEAI_OK)
        status = said(&arrow, arrow.get_schema(&arrow, &schema));
    while (status == TELEAI_OK) {
        status = said(&arrow, arrow.get_next(&arrow, &array));
        if (array.release == NULL)
            break;
        rows += array.length;
        array.release(&array);
    }
    CHECK(status != TELEAI_OK || rows == 2, "%lld rows", (long long)rows);
    teleai_arrow_schema_release(&schema);
    teleai_arrow_stream_release(&arrow);
    teleai_stream_close(stream);
    return status;
}

static teleai_status call_batch_stream(void) {
    const teleai_audio_files nothing = {0};
    struct ArrowSchema schema, again = {.release = NULL};
    struct ArrowArray array;
    struct ArrowArrayStream arrow;
    teleai_status status = teleai_audio_files_to_arrow(&nothing, &schema, &array, &error);
    if (status != TELEAI_OK)
        return status;
    status = teleai_arrow_batch_to_stream(&schema, &array, &arrow, &error);
    if (status == TELEAI_OK)
        status = said(&arrow, arrow.get_schema(&arrow, &again));
    CHECK((again.release != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_arrow_schema_release(&again);
    teleai_arrow_schema_release(&schema);
    teleai_arrow_array_release(&array);
    teleai_arrow_stream_release(&arrow);
    return status;
}

static teleai_status call_update(void) {
    teleai_transcription_input input = {.struct_size = sizeof input, .text = "the heart rate", .metadata_json = "{}"};
    teleai_transcription *out = (teleai_transcription *)&error;
    teleai_status status = teleai_transcription_update(
        db, &transcription, &input, TELEAI_TRANSCRIPTION_FIELD_TEXT | TELEAI_TRANSCRIPTION_FIELD_METADATA, NULL, &out,
        &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_transcription_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_login(void) {
    teleai_user *out = (teleai_user *)&error;
    teleai_status status = teleai_user_login(db, "ann@example.org", "correct horse", &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_user_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_session(void) {
    teleai_session_input input = {.struct_size = sizeof input, .user_id = &user};
    teleai_session *made = (teleai_session *)&error;
    teleai_identity *identity = (teleai_identity *)&error;
    teleai_status status = teleai_session_create(db, &input, &made, &error);
    CHECK((made != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    if (status != TELEAI_OK)
        return status;
    status = teleai_session_check(db, made->token, &identity, &error);
    CHECK((identity != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_identity_free(status == TELEAI_OK ? identity : NULL);
    teleai_session_free(made);
    return status;
}

static teleai_status call_search(void) {
    char mark[101]; /* long ones, so that hits take more than one block */
    memset(mark, '*', 100);
    mark[100] = '\0';
    teleai_search_options options = {
        .struct_size = sizeof options, .user_id = &user, .limit = 1, .mark_start = mark, .mark_end = mark};
    teleai_search_hits *out = (teleai_search_hits *)&error;
    teleai_status status = teleai_search_transcriptions(db, "\"heart rate\" or puls* -drill", &options, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_search_hits_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_statistics(void) {
    teleai_page page = {.struct_size = sizeof page, .limit = 1};
    teleai_activities *out = (teleai_activities *)&error;
    teleai_status status = teleai_activity_list(db, &user, &page, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_activities_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_migrations(void) {
    teleai_migration_status *out = (teleai_migration_status *)&error;
    teleai_status status = teleai_migrate_status(db, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_migration_status_free(status == TELEAI_OK ? out : NULL);
    return status == TELEAI_OK ? teleai_migrate_up(db, &error) : status;
}

static teleai_status call_plan(void) {
    teleai_migration_plan *out = (teleai_migration_plan *)&error;
    teleai_status status = teleai_migrate_plan(db, 3, &out, &error);
    CHECK((out != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    teleai_migration_plan_free(status == TELEAI_OK ? out : NULL);
    return status;
}

static teleai_status call_transaction(void) {
    teleai_client *outer = db, *inner = db;
    teleai_status status = teleai_transaction_begin(db, NULL, &outer, &error);
    CHECK((outer != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    if (status != TELEAI_OK)
        return status;
    teleai_uuid id;
    teleai_uuid_make(&id);
    teleai_audio_file_input input = {.struct_size = sizeof input,
                                     .id = &id,
                                     .user_id = &user,
                                     .file_name = "a",
                                     .file_path = "/a",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1};
    teleai_error kept;
    status = teleai_transaction_begin(outer, NULL, &inner, &error);
    CHECK((inner != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    if (status == TELEAI_OK)
        status = teleai_audio_file_create(inner, &input, NULL, &error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, &error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(outer, &error);
    kept = error;
    teleai_close(inner);
    teleai_close(outer);
    error = kept;
    return status;
}

/* A client of its own, with a first call on it. */
static teleai_status call_open(void) {
    teleai_options options = {.struct_size = sizeof options, .application_name = "memory", .max_connections = 2};
    teleai_client *client = db;
    teleai_status status = teleai_open(harness_database(), &options, &client, &error);
    CHECK((client != NULL) == (status == TELEAI_OK), "%s", teleai_status_name(status));
    if (status != TELEAI_OK)
        return status;
    int64_t count;
    status = teleai_user_count(client, NULL, &count, &error);
    teleai_error kept = error;
    teleai_close(client);
    error = kept;
    return status;
}

/* ---- one allocation after the other ---- */

static long out_of_memory, unavailable;

static void fail_each(const char *name, teleai_status (*call)(void)) {
    GIVES(call(), TELEAI_OK);
    GIVES(call(), TELEAI_OK); /* what is allocated once is, and statements are prepared */
    long failing = 0;
    for (bool more = true; more && failing < 5000 && check_failures < 20;) {
        allocations = 0;
        fail_at = ++failing;
        armed = true;
        teleai_status status = call();
        armed = false;
        more = allocations >= fail_at;
        bool told = error.status == status && (error.message[0] == '\0') == (status == TELEAI_OK);
        CHECK(told, "%s, allocation %ld: %s: %s", name, failing, teleai_status_name(status), error.message);
        CHECK(more || status == TELEAI_OK, "%s without a failure: %s", name, error.message);
        /* libpq does not always tell why it cannot go on. */
        /* An inner transaction may be released with the connection's last breath: the outer one is lost then. */
        CHECK(status == TELEAI_OK || status == TELEAI_OUT_OF_MEMORY || status == TELEAI_UNAVAILABLE ||
                  (status == TELEAI_ABORTED && call == call_transaction),
              "%s, allocation %ld: %s: %s", name, failing, teleai_status_name(status), error.message);
        out_of_memory += status == TELEAI_OUT_OF_MEMORY;
        unavailable += status == TELEAI_UNAVAILABLE;
        GIVES(teleai_ping(db, &error), TELEAI_OK);
    }
    printf("%s: %ld allocations\n", name, failing - 1);
}

/* With a new client each time, of which nothing may be left, whatever failed. */
static void count_what_is_left(const char *name, teleai_status (*call)(void)) {
    teleai_client *shared = db;
    for (long failing = 0, more = 1; more && failing < 5000 && check_failures < 20;) {
        db = NULL;
        long before = outstanding;
        db = harness_open();
        GIVES(call(), TELEAI_OK);
        allocations = 0;
        fail_at = ++failing;
        armed = true;
        (void)call();
        armed = false;
        more = allocations >= fail_at;
        teleai_close(db);
        CHECK(outstanding == before, "%s, allocation %ld: %ld blocks are left", name, failing, outstanding - before);
    }
    db = shared;
}

int main(void) {
    if (!harness_has_server()) {
        printf("no PostgreSQL server programs\n");
        return 77;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    db = harness_open();
    teleai_user_input ann = {
        .struct_size = sizeof ann, .email = "ann@example.org", .full_name = "Ann", .password = "correct horse"};
    teleai_user *made = NULL;
    GIVES(teleai_user_create(db, &ann, &made, &error), TELEAI_OK);
    user = made->id;
    teleai_user_free(made);
    harness_audio_file(db, &user, &file);
    harness_transcription(db, &user, &file, "the heart rate and the pulse", &transcription);
    harness_transcription(db, &user, &file, "heart rate heart rate heart rate heart rate heart rate", &transcription);
    static const struct {
        const char *name;
        teleai_status (*call)(void);
    } calls[] = {
        {"create", call_create},
        {"create many", call_create_many},
        {"get many", call_get_many},
        {"list", call_list},
        {"columns", call_columns},
        {"stream of columns", call_arrow_stream},
        {"stream of one batch", call_batch_stream},
        {"update", call_update},
        {"session", call_session},
        {"search", call_search},
        {"statistics", call_statistics},
        {"login", call_login},
        {"transaction", call_transaction},
        {"migrations", call_migrations},
        {"open", call_open},
        {"plan", call_plan},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        fail_each(calls[i].name, calls[i].call);
        if (calls[i].call != call_open)
            count_what_is_left(calls[i].name, calls[i].call);
    }
    CHECK(out_of_memory > 30, "%ld times out of memory", out_of_memory);
    teleai_close(db);
    harness_drop();
    printf("%ld times OUT_OF_MEMORY, %ld times UNAVAILABLE; %d failures\n", out_of_memory, unavailable, check_failures);
    return check_failures > 0;
}

#endif
