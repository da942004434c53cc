/* For test_pooler.c: every noun, with triggers that look at the settings each write came with. */
#ifndef TELEAI_TESTS_FAULT_POOLER_NOUNS_H
#define TELEAI_TESTS_FAULT_POOLER_NOUNS_H

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
        CHECK(identity != NULL && teleai_uuid_equal(&identity->user->id, user), "the session of another user");
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
    CHECK(user != NULL && strcmp(user->full_name, name) == 0, "another user");
    teleai_user_free(user);
    GIVES(teleai_user_get_by_email(db, email, &user, &error), TELEAI_OK);
    CHECK(user != NULL && teleai_uuid_equal(&user->id, &id), "another user");
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

#endif
