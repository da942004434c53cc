/* Two tenants with rows of every kind: the same words in both, and in every text of each a word that only it has. */
#ifndef TELEAI_TESTS_DB_TWO_TENANTS_H
#define TELEAI_TESTS_DB_TWO_TENANTS_H

#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"
#include "schema/tables.h"

#define A_WORD "alphax"
#define B_WORD "bravox"
#define PASSWORD "correct horse"

/* What somebody may know of a tenant. The rows named are those that wait; beside each is one that is done. */
typedef struct belongings {
    const char *word;
    teleai_uuid tenant, user, session, file, transcription, analysis;
    int64_t user_at_us, session_at_us, file_at_us, transcription_at_us, analysis_at_us; /* updated_at */
    int64_t created_at_us;                                                              /* of the transcription */
    char email[80], token[80];
} belongings;

static belongings a, b;

static inline const char *uuid_text(const teleai_uuid *id) {
    static char texts[8][TELEAI_UUID_TEXT_BYTES];
    static int next;
    char *text = texts[next++ % 8];
    teleai_uuid_format(id, text);
    return text;
}

static inline void add_users_of(teleai_client *there, belongings *it) {
    teleai_error error;
    teleai_user *user;
    teleai_session *session;
    char agent[80], other[90];
    snprintf(it->email, sizeof it->email, "%s@%s.org", it->word, it->word);
    snprintf(other, sizeof other, "other@%s.org", it->word);
    teleai_user_input input = {.struct_size = sizeof input,
                               .email = it->email,
                               .full_name = it->word,
                               .password = PASSWORD,
                               .role = TELEAI_ROLE_ADMIN};
    OK(teleai_user_create(there, &input, &user, &error));
    it->user = user->id;
    it->user_at_us = user->updated_at_us;
    teleai_user_free(user);
    input.email = other;
    input.password = NULL;
    OK(teleai_user_create(there, &input, NULL, &error));
    snprintf(agent, sizeof agent, "agent %s", it->word);
    teleai_session_input at = {
        .struct_size = sizeof at, .user_id = &it->user, .user_agent = agent, .ip_address = "192.0.2.1"};
    OK(teleai_session_create(there, &at, &session, &error));
    teleai_session_free(session);
    OK(teleai_session_create(there, &at, &session, &error));
    it->session = session->id;
    it->session_at_us = session->updated_at_us;
    snprintf(it->token, sizeof it->token, "%s", session->token);
    teleai_session_free(session);
}

static inline void add_works_of(teleai_client *there, belongings *it, bool done) {
    teleai_error error;
    teleai_audio_file *file;
    teleai_transcription *transcription;
    teleai_analysis *analysis;
    char text[100], json[100], list[100], name[40];
    snprintf(text, sizeof text, "the heart rate of %s", it->word);
    snprintf(json, sizeof json, "{\"mark\": \"%s\"}", it->word);
    snprintf(list, sizeof list, "[{\"text\": \"%s\", \"name\": \"%s\"}]", it->word, it->word);
    snprintf(name, sizeof name, "%s.wav", it->word);
    teleai_audio_file_input of_file = {.struct_size = sizeof of_file,
                                       .user_id = &it->user,
                                       .file_name = name,
                                       .file_path = name,
                                       .mime_type = "audio/wav",
                                       .metadata_json = json,
                                       .file_size_bytes = 1000,
                                       .duration_ms = 5000,
                                       .has_duration = true,
                                       .status = done ? TELEAI_AUDIO_FILE_READY : 0};
    OK(teleai_audio_file_create(there, &of_file, &file, &error));
    teleai_transcription_input of_text = {.struct_size = sizeof of_text,
                                          .audio_file_id = &file->id,
                                          .user_id = &it->user,
                                          .text = text,
                                          .language_code = "en",
                                          .engine = it->word,
                                          .metadata_json = json,
                                          .status = done ? TELEAI_TRANSCRIPTION_COMPLETED : 0};
    OK(teleai_transcription_create(there, &of_text, &transcription, &error));
    teleai_analysis_input of_analysis = {.struct_size = sizeof of_analysis,
                                         .transcription_id = &transcription->id,
                                         .audio_file_id = &file->id,
                                         .user_id = &it->user,
                                         .analysis_type = it->word,
                                         .summary = text,
                                         .engine = it->word,
                                         .key_phrases = (const char *const[]){it->word},
                                         .key_phrase_count = 1,
                                         .entities_json = list,
                                         .topics_json = list,
                                         .insights_json = json,
                                         .metadata_json = json,
                                         .status = done ? TELEAI_ANALYSIS_COMPLETED : 0};
    OK(teleai_analysis_create(there, &of_analysis, &analysis, &error));
    it->file = file->id;
    it->file_at_us = file->updated_at_us;
    it->transcription = transcription->id;
    it->transcription_at_us = transcription->updated_at_us;
    it->created_at_us = transcription->created_at_us;
    it->analysis = analysis->id;
    it->analysis_at_us = analysis->updated_at_us;
    teleai_audio_file_free(file);
    teleai_transcription_free(transcription);
    teleai_analysis_free(analysis);
}

/* The tenant, and what belongs to it, by a client that sees all. */
static inline void furnish(teleai_client *client, const char *word, belongings *it) {
    teleai_error error;
    teleai_client *there;
    *it = (belongings){.word = word};
    teleai_uuid_make(&it->tenant);
    harness_sql("insert into tenants (id, name, slug) values ('%s', '%s', '%s')", uuid_text(&it->tenant), word, word);
    teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = &it->tenant};
    OK(teleai_scope_open(client, &options, &there, &error));
    add_users_of(there, it);
    add_works_of(there, it, true);
    add_works_of(there, it, false);
    teleai_close(there);
    /* A session that is over, for who would purge it. */
    harness_sql("update sessions set created_at = '2020-01-01', expires_at = '2020-01-02' where tenant_id = '%s' and "
                "id <> '%s'",
                uuid_text(&it->tenant), uuid_text(&it->session));
}

/* Of A some rows are older and some newer than those of B. */
static inline void furnish_two(teleai_client *client) {
    teleai_error error;
    teleai_client *there;
    furnish(client, A_WORD, &a);
    furnish(client, B_WORD, &b);
    belongings later = a;
    teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = &a.tenant};
    OK(teleai_scope_open(client, &options, &there, &error));
    add_works_of(there, &later, true);
    teleai_close(there);
    harness_sql("delete from sessions where tenant_id = '%s' and expires_at < now()", uuid_text(&a.tenant));
    OK(teleai_daily_usage_refresh(client, &error));
}

/* Everything that a tenant has, as one hash a table; overwritten by the next call but one. */
static inline const char *hashes_of(const teleai_uuid *tenant) {
    static char texts[2][400];
    static int next;
    char *text = texts[next++ % 2];
    size_t at = 0;
    for (size_t i = 0; i < TELEAI__TENANT_TABLE_COUNT; i++)
        at += (size_t)snprintf(
            text + at, sizeof texts[0] - at, "%s %s\n", teleai__tenant_tables[i],
            harness_sql(
                "select count(*) || ' ' || md5(string_agg(t::text, '|' order by id)) from %s t where tenant_id = '%s'",
                teleai__tenant_tables[i], uuid_text(tenant)));
    return text;
}

#endif
