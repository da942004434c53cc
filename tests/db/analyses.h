/* What the tests of analyses share: rows to belong to, and inputs with nothing and with everything in them. */
#ifndef TELEAI_TESTS_DB_ANALYSES_H
#define TELEAI_TESTS_DB_ANALYSES_H

#include "paging.h"

static teleai_uuid user, file, transcription;

static inline void make_parents(teleai_client *client) {
    if (!teleai_uuid_equal(&user, &(teleai_uuid){{0}})) /* each test runs in a process of its own */
        return;
    harness_user(client, &user);
    harness_audio_file(client, &user, &file);
    harness_transcription(client, &user, &file, "words", &transcription);
}

static inline teleai_analysis_input minimal_analysis(teleai_client *client) {
    make_parents(client);
    return (teleai_analysis_input){.struct_size = sizeof(teleai_analysis_input),
                                   .transcription_id = &transcription,
                                   .audio_file_id = &file,
                                   .user_id = &user,
                                   .analysis_type = "call",
                                   .engine = "lexicon"};
}

#endif
