/* For test_transaction.c: every kind of operation, in a transaction. */
#ifndef TELEAI_TESTS_DB_TRANSACTION_USES_H
#define TELEAI_TESTS_DB_TRANSACTION_USES_H

/* ---- every kind of operation ---- */

static void use_users(teleai_client *in, teleai_uuid *id) {
    teleai_user_input ann = {
        .struct_size = sizeof ann, .email = "ann@example.org", .full_name = "Ann", .password = "correct horse"};
    teleai_user_input others[] = {{.struct_size = sizeof ann, .email = "bob@example.org", .full_name = "Bob"},
                                  {.struct_size = sizeof ann, .email = "cid@example.org", .full_name = "Cid"}};
    teleai_user *made, *user;
    teleai_users *list;
    OK(teleai_user_create(in, &ann, &made, &error));
    *id = made->id;
    OK(teleai_user_create_many(in, others, 2, NULL, &list, &error));
    teleai_uuid bob = list->items[0]->id;
    teleai_users_free(list);
    OK(teleai_user_get(in, id, &user, &error));
    teleai_user_free(user);
    OK(teleai_user_get_many(in, id, 1, &list, &error));
    cr_assert(list->items[0] != NULL);
    teleai_users_free(list);
    OK(teleai_user_login(in, "ann@example.org", "correct horse", &user, &error));
    cr_assert(user->has_last_login_at);
    teleai_user_free(user);
    ann.full_name = "Ann Other";
    OK(teleai_user_update(in, id, &ann, TELEAI_USER_FIELD_FULL_NAME, NULL, &user, &error));
    SAME_TEXT(user->full_name, "Ann Other");
    teleai_user_free(user);
    OK(teleai_user_delete(in, &bob, &error));
    OK(teleai_user_list(in, NULL, NULL, &list, &error));
    cr_assert(list->count == 2);
    teleai_users_free(list);
    teleai_user_free(made);

    teleai_session_input login = {.struct_size = sizeof login, .user_id = id};
    teleai_session *session;
    teleai_identity *identity;
    int64_t count = 0;
    OK(teleai_session_create(in, &login, &session, &error));
    OK(teleai_session_check(in, session->token, &identity, &error));
    cr_assert(teleai_uuid_equal(&identity->user->id, id));
    OK(teleai_session_revoke_all(in, id, &count, &error));
    cr_assert(count == 1);
    teleai_identity_free(identity);
    teleai_session_free(session);
}

static void use_the_rest(teleai_client *in, const teleai_uuid *user) {
    teleai_uuid file, transcription;
    harness_audio_file(in, user, &file);
    harness_transcription(in, user, &file, "the heart rate was high", &transcription);
    OK(teleai_audio_file_start(in, &file, NULL, &error));
    OK(teleai_audio_file_complete(in, &file, NULL, &error));
    teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                      .transcription_id = &transcription,
                                      .audio_file_id = &file,
                                      .user_id = user,
                                      .analysis_type = "sentiment",
                                      .engine = "test"};
    OK(teleai_analysis_create(in, &analysis, NULL, &error));

    teleai_search_hits *hits;
    OK(teleai_search_transcriptions(in, "heart", NULL, &hits, &error));
    cr_assert(hits->count == 1);
    teleai_search_hits_free(hits);
    teleai_transcriptions *found;
    OK(teleai_search_keywords(in, "rates", NULL, &found, &error));
    cr_assert(found->count == 1);
    teleai_transcriptions_free(found);
    teleai_user_stats *stats;
    OK(teleai_user_stats_get(in, user, &stats, &error));
    cr_assert(stats->total_files == 1 && stats->total_transcriptions == 1 && stats->total_analyses == 1);
    teleai_user_stats_free(stats);
    teleai_daily_usages *days;
    OK(teleai_daily_usage_refresh(in, &error));
    OK(teleai_daily_usage_list(in, 0, 0, &days, &error));
    cr_assert(days->count == 1);
    teleai_daily_usages_free(days);
    teleai_activities *activities;
    OK(teleai_activity_list(in, user, NULL, &activities, &error));
    cr_assert(activities->count == 3);
    teleai_activities_free(activities);
    teleai_queue_statuses *queues;
    OK(teleai_queue_status_list(in, &queues, &error));
    cr_assert(queues->count == 3);
    teleai_queue_statuses_free(queues);
    teleai_pipelines *pipelines;
    OK(teleai_pipeline_list(in, NULL, NULL, &pipelines, &error));
    cr_assert(pipelines->count == 1);
    teleai_pipelines_free(pipelines);
    OK(teleai_ping(in, &error));
}

#endif
