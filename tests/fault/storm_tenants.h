/* For test_isolation_storm.c: fifty tenants whose every text carries their mark, and what the threads believe they have written. */
#ifndef TELEAI_TESTS_STORM_TENANTS_H
#define TELEAI_TESTS_STORM_TENANTS_H

#include "check.h"
#include "harness.h"

#define TENANTS 50
#define MARK_CHARACTERS 5 /* t017x */

/* Rows of one kind: those known to be there, those that may be there too, those that may have gone. */
typedef struct tally {
    _Atomic int64_t sure, unknown, unsure_gone;
} tally;

enum kind { USERS, SESSIONS, FILES, TRANSCRIPTIONS, ANALYSES, KINDS };
static const char *const kind_tables[KINDS] = {"users", "sessions", "audio_files", "transcriptions", "analyses"};

typedef struct tenant {
    teleai_uuid id, user, file, transcription, analysis; /* rows that stay */
    char mark[MARK_CHARACTERS + 1], email[40], token[80];
    tally tallies[KINDS];
} tenant;

static tenant tenants[TENANTS];

/* ---- marks ---- */

/* Whether a text carries its tenant's mark and nobody else's. */
static bool is_marked(const tenant *own, const char *text, bool must) {
    int marks = 0;
    for (const char *at = text; at != NULL && (at = strchr(at, 't')) != NULL; at++) {
        if (strspn(at + 1, "0123456789") != 3 || at[4] != 'x')
            continue;
        if (strncmp(at, own->mark, MARK_CHARACTERS) != 0)
            return false;
        marks++;
    }
    return marks > 0 || !must;
}

#define OWN(tenant, text, what) \
    CHECK(is_marked(tenant, text, true), "%s of %s: %s", what, (tenant)->mark, (text) == NULL ? "NULL" : (text))

/* ---- outcomes ---- */

#define STATUSES 32
static _Atomic int64_t outcomes[STATUSES];

/* Notes how a call went, and looks at its message. What a storm may do to any call is no failure of the test. */
static bool noted(const tenant *own, teleai_status status, const teleai_error *error, const char *call) {
    outcomes[status]++;
    CHECK(error->status == status, "%s: error.status is %d, %d was returned", call, (int)error->status, (int)status);
    CHECK(is_marked(own, error->message, false) && is_marked(own, error->constraint, false) &&
              is_marked(own, error->field, false),
          "%s of %s: %s", call, own->mark, error->message);
    return status == TELEAI_OK;
}

static bool is_weather(teleai_status status) {
    return status == TELEAI_UNAVAILABLE || status == TELEAI_TIMEOUT || status == TELEAI_CANCELLED ||
           status == TELEAI_ABORTED;
}

/* Whether the call was well; anything but that and the weather is a failure. */
#define WELL(own, call) well(own, (call), &error, #call, __LINE__)
static bool well(const tenant *own, teleai_status status, const teleai_error *error, const char *call, int line) {
    check_condition(status == TELEAI_OK || is_weather(status), call, line, "%s: %s: %s", own->mark,
                    teleai_status_name(status), error->message);
    return noted(own, status, error, call);
}

/* The call is refused in this way, the weather permitting. */
#define REFUSED(own, call, expected) refused(own, (call), expected, &error, #call, __LINE__)
static void refused(const tenant *own, teleai_status status, teleai_status expected, const teleai_error *error,
                    const char *call, int line) {
    check_condition(status == expected || is_weather(status), call, line, "%s: %s: %s", own->mark,
                    teleai_status_name(status), error->message);
    (void)noted(own, status, error, call);
}

static void tally_made(tenant *own, enum kind kind, teleai_status status, const teleai_error *error, int64_t rows) {
    if (status == TELEAI_OK)
        own->tallies[kind].sure += rows;
    else if ((error->flags & TELEAI_ERROR_OUTCOME_UNKNOWN) != 0)
        own->tallies[kind].unknown += rows;
}

static void tally_gone(tenant *own, enum kind kind, teleai_status status, const teleai_error *error, int64_t rows) {
    if (status == TELEAI_OK)
        own->tallies[kind].sure -= rows;
    else if ((error->flags & TELEAI_ERROR_OUTCOME_UNKNOWN) != 0)
        own->tallies[kind].unsure_gone += rows;
}

/* ---- rows ---- */

static teleai_status make_user(teleai_client *client, const tenant *own, const char *email, teleai_uuid *id,
                               teleai_error *error) {
    teleai_uuid_make(id);
    teleai_user_input input = {.struct_size = sizeof input, .id = id, .email = email, .full_name = own->mark};
    return teleai_user_create(client, &input, NULL, error);
}

static teleai_audio_file_input file_of(const tenant *own) {
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .user_id = &own->user,
                                     .file_name = own->mark,
                                     .file_path = own->mark,
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1000,
                                     .status = TELEAI_AUDIO_FILE_READY};
}

static teleai_status make_file(teleai_client *client, const tenant *own, teleai_uuid *id, teleai_error *error) {
    teleai_audio_file_input input = file_of(own);
    teleai_uuid_make(id);
    input.id = id;
    return teleai_audio_file_create(client, &input, NULL, error);
}

static teleai_status make_transcription(teleai_client *client, const tenant *own, teleai_uuid *id,
                                        teleai_error *error) {
    char text[80];
    snprintf(text, sizeof text, "the heart rate of %s", own->mark);
    teleai_uuid_make(id);
    teleai_transcription_input input = {.struct_size = sizeof input,
                                        .id = id,
                                        .audio_file_id = &own->file,
                                        .user_id = &own->user,
                                        .text = text,
                                        .language_code = "en",
                                        .engine = own->mark,
                                        .status = TELEAI_TRANSCRIPTION_COMPLETED};
    return teleai_transcription_create(client, &input, NULL, error);
}

static teleai_status make_analysis(teleai_client *client, const tenant *own, teleai_uuid *id, teleai_error *error) {
    teleai_uuid_make(id);
    teleai_analysis_input input = {.struct_size = sizeof input,
                                   .id = id,
                                   .transcription_id = &own->transcription,
                                   .audio_file_id = &own->file,
                                   .user_id = &own->user,
                                   .analysis_type = own->mark,
                                   .engine = own->mark,
                                   .summary = own->mark};
    return teleai_analysis_create(client, &input, NULL, error);
}

/* With one row of each kind that stays, by a client that sees all. */
static void make_tenants(teleai_client *client) {
    teleai_error error;
    for (int i = 0; i < TENANTS; i++) {
        tenant *own = &tenants[i];
        teleai_client *there;
        char id[TELEAI_UUID_TEXT_BYTES];
        memset(own, 0, sizeof *own);
        teleai_uuid_make(&own->id);
        teleai_uuid_format(&own->id, id);
        snprintf(own->mark, sizeof own->mark, "t%03dx", i);
        snprintf(own->email, sizeof own->email, "%s@%s.org", own->mark, own->mark);
        harness_sql("insert into tenants (id, name, slug) values ('%s', '%s', '%s')", id, own->mark, own->mark);
        teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = &own->id};
        GIVES(teleai_scope_open(client, &options, &there, &error), TELEAI_OK);
        GIVES(make_user(there, own, own->email, &own->user, &error), TELEAI_OK);
        GIVES(make_file(there, own, &own->file, &error), TELEAI_OK);
        GIVES(make_transcription(there, own, &own->transcription, &error), TELEAI_OK);
        GIVES(make_analysis(there, own, &own->analysis, &error), TELEAI_OK);
        teleai_session *session;
        teleai_session_input input = {.struct_size = sizeof input, .user_id = &own->user, .user_agent = own->mark};
        if (GIVES(teleai_session_create(there, &input, &session, &error), TELEAI_OK))
            snprintf(own->token, sizeof own->token, "%s", session->token);
        teleai_session_free(session);
        for (int kind = 0; kind < KINDS; kind++)
            own->tallies[kind].sure = 1;
        teleai_close(there);
    }
}

/* What is there in the end is what was written, each row with the mark of its tenant. */
static void check_tallies(void) {
    int64_t unknown = 0;
    for (int i = 0; i < TENANTS; i++)
        for (int kind = 0; kind < KINDS; kind++) {
            tally *it = &tenants[i].tallies[kind];
            char id[TELEAI_UUID_TEXT_BYTES];
            teleai_uuid_format(&tenants[i].id, id);
            int64_t rows = atoll(harness_sql("select count(*) from %s where tenant_id = '%s'", kind_tables[kind], id));
            CHECK(rows >= it->sure - it->unsure_gone && rows <= it->sure + it->unknown,
                  "%s of %s: %lld rows, %lld sure, %lld unknown, %lld perhaps gone", kind_tables[kind], tenants[i].mark,
                  (long long)rows, (long long)it->sure, (long long)it->unknown, (long long)it->unsure_gone);
            unknown += it->unknown + it->unsure_gone;
        }
    static const char *const texts[KINDS] = {"email || full_name", "user_agent", "file_name || file_path",
                                             "transcription_text || engine", "summary || analysis_type"};
    for (int kind = 0; kind < KINDS; kind++)
        CHECK(strcmp(harness_sql(
                         "select count(*) from %s r left join tenants n on n.id = r.tenant_id where n.name is null or "
                         "replace(%s, n.name, '') ~ 't[0-9]{3}x' or (%s) not like '%%' || n.name || '%%'",
                         kind_tables[kind], texts[kind], texts[kind]),
                     "0") == 0,
              "%s with another tenant's mark", kind_tables[kind]);
    printf("    %lld rows whose outcome was unknown\n", (long long)unknown);
}

#endif
