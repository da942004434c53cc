/*
 * A server that lies: every kind of operation meets every trick, through a proxy in front of a real server that changes one
 * answer. Each call ends in time with an error that fits, or with what is sound; what it gave back is whole; the client is
 * of use afterwards; and nothing grows without bound.
 */
#include <sys/resource.h>

#include "hostile_operations.h"
#include "hostile_tricks.h"

#define TIMEOUT_MS 3000 /* a busy machine has its time, */
#define SLOW_MS 300     /* where the lie takes all that there is, too */
#define SLACK_MS 2500   /* telling a server that does not answer to stop, twice half a second, and a busy machine */

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#define MOST_KIB (1200 * 1024) /* freed memory is kept for a while */
#else
#define MOST_KIB (300 * 1024)
#define __lsan_disable() ((void)0)
#define __lsan_enable() ((void)0)
#endif

static teleai_client *honest; /* straight to the server */
static char connection[300];

static teleai_client *open_proxied(int32_t timeout_ms) {
    teleai_options options = {
        .struct_size = sizeof options, .timeout_ms = timeout_ms, .max_connections = 2, .password_memory_kib = 19456};
    teleai_client *client = NULL;
    teleai_error error;
    if (!GIVES(teleai_open(connection, &options, &client, &error), TELEAI_OK))
        exit(1);
    return client;
}

/* ---- rows ---- */

static void must(teleai_status status, const teleai_error *error) {
    if (CHECK(status == TELEAI_OK, "%s", error->message))
        return;
    exit(1);
}

static void make_rows(void) {
    teleai_error error;
    teleai_uuid id;
    teleai_uuid_make(&user);
    must(teleai_user_create(
             honest,
             IN(user, .id = &user, .email = "login@example.org", .full_name = "Ann", .password = "correct horse"), NULL,
             &error),
         &error);
    harness_audio_file(honest, &user, &file);
    harness_transcription(honest, &user, &file, "the heart rate is going up, and the heart beats", &transcription);
    for (int i = 0; i < 4; i++) {
        harness_audio_file(honest, &user, &id);
        harness_transcription(honest, &user, &file, "my heart", &id);
        must(teleai_audio_file_create(honest, NEW_FILE, NULL, &error), &error);
        teleai_uuid_make(&analysis);
        teleai_analysis_input input = *NEW_ANALYSIS;
        input.id = &analysis;
        must(teleai_analysis_create(honest, &input, NULL, &error), &error);
    }
    must(teleai_daily_usage_refresh(honest, &error), &error);
    teleai_session *session;
    must(teleai_session_create(honest, NEW_SESSION, &session, &error), &error);
    snprintf(token, sizeof token, "%s", session->token);
    teleai_session_free(session);
}

/* Rows that a call may change or delete. */
static void make_fresh(int count) {
    teleai_error error;
    teleai_client *batch;
    must(teleai_batch_open(honest, NULL, &batch, &error), &error);
    char email[64];
    snprintf(email, sizeof email, "other%d@example.org", count);
    teleai_uuid_make(&fresh_user);
    teleai_uuid_make(&fresh_file);
    teleai_uuid_make(&fresh_transcription);
    teleai_uuid_make(&fresh_analysis);
    teleai_uuid_make(&fresh_session);
    teleai_audio_file_input f = *NEW_FILE;
    f.id = &fresh_file;
    teleai_transcription_input t = *NEW_TRANSCRIPTION;
    t.id = &fresh_transcription;
    t.status = TELEAI_TRANSCRIPTION_PROCESSING;
    t.text = NULL;
    teleai_analysis_input a = *NEW_ANALYSIS;
    a.id = &fresh_analysis;
    a.status = TELEAI_ANALYSIS_PROCESSING;
    teleai_session_input s = *NEW_SESSION;
    s.id = &fresh_session;
    teleai_user_create(batch, IN(user, .id = &fresh_user, .email = email, .full_name = "Ann"), NULL, NULL);
    teleai_audio_file_create(batch, &f, NULL, NULL);
    teleai_transcription_create(batch, &t, NULL, NULL);
    teleai_analysis_create(batch, &a, NULL, NULL);
    teleai_session *session = NULL;
    teleai_session_create(batch, &s, &session, NULL);
    must(teleai_batch_flush(batch, &error), &error);
    teleai_session_free(session);
    teleai_close(batch);
}

/* ---- the matrix ---- */

static void try(teleai_client *client, const hostile_operation *operation, const hostile_trick *trick, int answer,
                int32_t timeout_ms) {
    static int count;
    teleai_error error;
    snprintf(at_present, sizeof at_present, "%s, answer %d: %s", operation->name, answer, trick->name);
    snprintf(fresh_email, sizeof fresh_email, "fresh%d@example.org", ++count);
    if (operation->fresh)
        make_fresh(count);
    hostile_arm(trick, answer, 2);
    if (trick->libpq_leaks)
        __lsan_disable();
    int64_t start = check_now_ms();
    teleai_status status = operation->call(client, &error);
    int64_t took = check_now_ms() - start;
    hostile_arm(NULL, 0, 2);
    if (getenv("TIMES") != NULL && took > SLOW_MS / 2)
        printf("SLOW %d ms %s %s\n", (int)took, at_present, error.message);
    CHECK(took < timeout_ms + SLACK_MS, "%s: %d ms", at_present, (int)took);
    CHECK(error.status == status && (error.message[0] == '\0') == (status == TELEAI_OK), "%s: %s, %s", at_present,
          teleai_status_name(status), error.message);
    CHECK(status == TELEAI_OK || (trick->allowed & MAY(status)) != 0, "%s: %s: %s", at_present,
          teleai_status_name(status), error.message);
    sound_text(error.message);
    sound_text(error.constraint);
    sound_text(error.field);
    sound_text(error.sqlstate);
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    if (trick->libpq_leaks)
        __lsan_enable();
}

/* TRICK, OPERATION: only these. ALL: each operation meets each trick. */
static void all_tricks(const hostile_trick *list, size_t count, size_t times_every, int32_t timeout_ms) {
    teleai_client *client = open_proxied(timeout_ms);
    const char *only_trick = getenv("TRICK"), *only_operation = getenv("OPERATION");
    bool all = only_trick != NULL || only_operation != NULL || getenv("ALL") != NULL;
    for (size_t o = 0; o < sizeof operations / sizeof *operations; o++) {
        const hostile_operation *operation = &operations[o];
        size_t every = all ? 1 : (size_t)operation->every * times_every;
        int64_t start = check_now_ms();
        if (only_operation != NULL && strcmp(only_operation, operation->name) != 0)
            continue;
        for (size_t t = 0; t < count; t++)
            for (int answer = 0; answer < operation->answers; answer++)
                if ((o + t) % every == 0 && (only_trick == NULL || strcmp(only_trick, list[t].name) == 0))
                    try(client, operation, &list[t], answer, timeout_ms);
        harness_sql("delete from audio_files where file_path = '/a.wav' and id not in (select id from audio_files "
                    "order by id limit 6)"); /* what thousands of rows cost is not the question */
        if (getenv("TIMES") != NULL)
            printf("%6d ms %s\n", (int)(check_now_ms() - start), operation->name);
    }
    teleai_close(client);
}

/* ---- opening ---- */

/* The welcome, and the answer to the settings of a session. */
static const hostile_trick welcomes[] = {
    {"a question for a password in the clear", replaced, .type = 'R', LONG("R\0\0\0\3")},
    {"a question for MD5 without salt", replaced, .type = 'R', LONG("R\0\0\0\5")},
    {"a question for Kerberos", replaced, .type = 'R', LONG("R\0\0\0\2")},
    {"a question for GSSAPI", replaced, .type = 'R', LONG("R\0\0\0\7")},
    {"a question for what does not exist", replaced, .type = 'R', LONG("R\x7f\xff\xff\xff")},
    {"a question of two bytes", replaced, .type = 'R', LONG("R\0\0")},
    {"SASL without a mechanism", replaced, .type = 'R', LONG("R\0\0\0\12\0")},
    {"SASL with an unknown mechanism", replaced, .type = 'R', LONG("R\0\0\0\12NONSENSE\0\0")},
    {"SASL without an end", replaced, .type = 'R', LONG("R\0\0\0\12SCRAM-SHA-256")},
    {"SASL that goes on", replaced, .type = 'R', LONG("R\0\0\0\13r=x,s=x,i=2147483647")},
    {"SASL that ends", replaced, .type = 'R', LONG("R\0\0\0\14v=x")},
    {"no version of the server", times, .type = 'S', .number = 0},
    {"nonsense for the version", inserted, .type = 'Z', LONG("Sserver_version\0nonsense\0")},
    {"a version of long ago", inserted, .type = 'Z', LONG("Sserver_version\09.1\0")},
    {"a version of 40 digits", inserted, .type = 'Z',
     LONG("Sserver_version\09999999999999999999999999999999999999999\0")},
    {"no key", times, .type = 'K', .number = 0},
};

static void open_once(const hostile_trick *trick, int least_answers) {
    teleai_options options = {
        .struct_size = sizeof options, .timeout_ms = SLOW_MS, .max_connections = 1, .schema = TELEAI_SCHEMA_IGNORE};
    teleai_client *client = NULL;
    teleai_error error;
    snprintf(at_present, sizeof at_present, "opening, answer %d: %s", least_answers, trick->name);
    hostile_arm(trick, 0, least_answers);
    int64_t start = check_now_ms();
    teleai_status status = teleai_open(connection, &options, &client, &error);
    int64_t took = check_now_ms() - start;
    hostile_arm(NULL, 0, 2);
    CHECK(took < SLOW_MS + SLACK_MS, "%s: %d ms", at_present, (int)took);
    CHECK((status == TELEAI_OK) == (client != NULL), "%s: %s", at_present, error.message);
    CHECK(status == TELEAI_OK || status == TELEAI_UNAVAILABLE || status == TELEAI_TIMEOUT ||
              status == TELEAI_UNAUTHENTICATED || status == TELEAI_UNSUPPORTED || (trick->allowed & MAY(status)) != 0,
          "%s: %s: %s", at_present, teleai_status_name(status), error.message);
    CHECK(status == TELEAI_OK || error.message[0] != '\0', "%s", at_present);
    sound_text(error.message);
    teleai_close(client);
}

static void all_openings(void) {
    for (size_t t = 0; t < (sizeof welcomes / sizeof *welcomes); t++)
        open_once(&welcomes[t], 0);
    for (size_t t = 0; t < (sizeof tricks / sizeof *tricks); t++)
        for (int answer = 0; answer < 2; answer++)
            open_once(&tricks[t], answer);
    for (size_t t = 0; t < (sizeof slow_tricks / sizeof *slow_tricks); t++)
        open_once(&slow_tricks[t], (int)t % 2);
}

/* ---- what stays ---- */

/* Behind a pooler an earlier client of the session may have said LISTEN: its notifications must be dropped. */
static void notifications_are_let_go(void) {
    static const hostile_trick said = {"notifications", flood, .type = 'A', .text = "channel%d", .number = 1000};
    teleai_client *client = open_proxied(TIMEOUT_MS);
    teleai_error error;
    struct rusage before, after;
    for (int i = 0; i < 120; i++) {
        if (i == 20)
            getrusage(RUSAGE_SELF, &before);
        hostile_arm(&said, 0, 2);
        GIVES(teleai_ping(client, &error), TELEAI_OK);
    }
    getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_maxrss - before.ru_maxrss < 20 * 1024 || MOST_KIB > 300 * 1024, "%ld kB more",
          after.ru_maxrss - before.ru_maxrss);
    teleai_close(client);
}

int main(void) {
    if (!harness_has_server())
        return check_skip();
    setvbuf(stdout, NULL, _IOLBF, 0);
    honest = harness_open();
    PGconn *raw = harness_connect();
    hostile_proxy(PQhost(raw), PQport(raw));
    PQfinish(raw);
    snprintf(connection, sizeof connection, "%s host=127.0.0.1 port=%d sslmode=disable gssencmode=disable",
             harness_database(), hostile.port);
    make_rows();
    notifications_are_let_go();
    all_openings();
    all_tricks(tricks, (sizeof tricks / sizeof *tricks), 1, TIMEOUT_MS);
    all_tricks(slow_tricks, (sizeof slow_tricks / sizeof *slow_tricks), 8, SLOW_MS);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    CHECK(used.ru_maxrss < MOST_KIB, "%ld kB", used.ru_maxrss);
    hostile_stop();
    teleai_close(honest);
    harness_drop();
    return check_failures > 0;
}
