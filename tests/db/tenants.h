/* What the tests of tenants share. */
#ifndef TELEAI_TESTS_DB_TENANTS_H
#define TELEAI_TESTS_DB_TENANTS_H

#include "nouns.h"

/* A tenant without limits. */
static inline void add_tenant(teleai_client *client, const char *slug, teleai_uuid *id) {
    teleai_error why;
    teleai_uuid_make(id);
    teleai_tenant_input input = {.struct_size = sizeof input, .id = id, .name = slug, .slug = slug};
    cr_assert(teleai_tenant_create(client, &input, NULL, &why) == TELEAI_OK, "%s", why.message);
}

static inline teleai_client *scope_of(teleai_client *client, const teleai_uuid *tenant) {
    teleai_error why;
    teleai_client *scope = NULL;
    teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = tenant};
    cr_assert(teleai_scope_open(client, &options, &scope, &why) == TELEAI_OK, "%s", why.message);
    return scope;
}

/* Users and files of them, and of each file a transcription with an analysis, in a scope; and a session each. */
static inline void fill_tenant(teleai_client *scope, int users, int files_each) {
    for (int u = 0; u < users; u++) {
        teleai_uuid user, file, transcription;
        teleai_error why;
        harness_user(scope, &user);
        teleai_session_input session = {.struct_size = sizeof session,
                                        .user_id = &user,
                                        .ip_address = "192.0.2.1",
                                        .expires_at_us = now_us() + INT64_C(3600000000)};
        teleai_session *made = NULL;
        cr_assert(teleai_session_create(scope, &session, &made, &why) == TELEAI_OK, "%s", why.message);
        teleai_session_free(made);
        for (int f = 0; f < files_each; f++) {
            harness_audio_file(scope, &user, &file);
            /* Everything that COPY writes with a backslash. */
            harness_transcription(scope, &user, &file, "a\ttab, a\\ backslash,\r\n a line, \\N and \\. \"ü\"",
                                  &transcription);
            teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                              .user_id = &user,
                                              .audio_file_id = &file,
                                              .transcription_id = &transcription,
                                              .analysis_type = "mood",
                                              .engine = "test",
                                              .metadata_json = "{\"n\": 1.50, \"t\": \"a\\n\\\\b\"}"};
            cr_assert(teleai_analysis_create(scope, &analysis, NULL, &why) == TELEAI_OK, "%s", why.message);
        }
    }
}

#endif
