/* Analyses on a real server: create, get, update, delete. Their JSON: test_analysis_json.c. */
#include "analyses.h"

SERVER_SUITE(analysis);

static teleai_analysis_input minimal(void) { return minimal_analysis(db); }

static const char *const phrases[] = {"press one", NULL, "ätsch"};

static teleai_analysis_input complete(void) {
    teleai_analysis_input input = minimal();
    input.analysis_type = "sentiment über alles";
    input.summary = "It went\nwell.";
    input.engine = "vader";
    input.engine_version = "3.3.2";
    input.error_message = "nothing";
    input.key_phrases = phrases;
    input.key_phrase_count = 3;
    input.entities_json = "[{\"text\": \"Ann\", \"type\": \"person\"}]";
    input.topics_json = "[{\"name\": \"sale\"}, 7]";
    input.insights_json = "{\"mood\": \"up\"}";
    input.metadata_json = "{\"run\": 5}";
    input.processing_started_at_us = 1700000000000001;
    input.has_processing_started_at = true;
    input.processing_completed_at_us = 1700000001000002;
    input.has_processing_completed_at = true;
    input.sentiment_score = -0.755;
    input.has_sentiment_score = true;
    input.sentiment_label = TELEAI_SENTIMENT_MIXED;
    input.processing_duration_ms = 12;
    input.has_processing_duration = true;
    input.status = TELEAI_ANALYSIS_COMPLETED;
    return input;
}

static teleai_analysis *made(const teleai_analysis_input *input) {
    teleai_analysis *analysis;
    OK(teleai_analysis_create(db, input, &analysis, &error));
    return analysis;
}

static void is_complete(const teleai_analysis *it) {
    SAME_ID(&it->transcription_id, &transcription);
    SAME_ID(&it->audio_file_id, &file);
    SAME_ID(&it->user_id, &user);
    SAME_TEXT(it->analysis_type, "sentiment über alles");
    SAME_TEXT(it->summary, "It went\nwell.");
    SAME_TEXT(it->engine, "vader");
    SAME_TEXT(it->engine_version, "3.3.2");
    SAME_TEXT(it->error_message, "nothing");
    cr_assert(it->key_phrase_count == 3);
    for (size_t i = 0; i < 3; i++)
        cr_assert(same_text(it->key_phrases[i], phrases[i]));
    SAME_TEXT(it->key_phrases_json, "[\"press one\",null,\"ätsch\"]");
    SAME_TEXT(it->entities_json, "[{\"text\": \"Ann\", \"type\": \"person\"}]");
    cr_assert(it->entity_count == 1);
    SAME_TEXT(it->entities[0].text, "Ann");
    SAME_TEXT(it->topics_json, "[{\"name\": \"sale\"}, 7]");
    cr_assert(it->topic_count == 2);
    SAME_TEXT(it->topics[0].name, "sale");
    SAME_TEXT(it->insights_json, "{\"mood\": \"up\"}");
    SAME_TEXT(it->metadata_json, "{\"run\": 5}");
    cr_assert(it->has_processing_started_at && it->processing_started_at_us == 1700000000000001);
    cr_assert(it->has_processing_completed_at && it->processing_completed_at_us == 1700000001000002);
    cr_assert(it->has_sentiment_score && it->sentiment_score == -0.76, "%.17g", it->sentiment_score);
    cr_assert(it->sentiment_label == TELEAI_SENTIMENT_MIXED);
    cr_assert(it->has_processing_duration && it->processing_duration_ms == 12);
    cr_assert(it->status == TELEAI_ANALYSIS_COMPLETED);
}

static void is_minimal(const teleai_analysis *it) {
    SAME_TEXT(it->analysis_type, "call");
    cr_assert(it->summary == NULL && it->engine_version == NULL && it->error_message == NULL);
    cr_assert(it->key_phrases == NULL && it->key_phrases_json == NULL && it->key_phrase_count == 0);
    SAME_TEXT(it->entities_json, "[]");
    SAME_TEXT(it->topics_json, "[]");
    SAME_TEXT(it->insights_json, "{}");
    SAME_TEXT(it->metadata_json, "{}");
    cr_assert(it->entity_count == 0 && it->topic_count == 0);
    cr_assert(!it->has_sentiment_score && it->sentiment_label == 0 && !it->has_processing_duration);
    cr_assert(!it->has_processing_started_at && !it->has_processing_completed_at);
    cr_assert(it->status == TELEAI_ANALYSIS_PENDING);
}

Test(analysis, create_and_get_give_every_field) {
    int64_t before = now_us();
    teleai_analysis_input input = complete();
    teleai_uuid id;
    teleai_uuid_make(&id);
    input.id = &id;
    teleai_analysis *first = made(&input), *read;
    OK(teleai_analysis_get(db, &id, &read, &error));
    for (int i = 0; i < 2; i++) {
        const teleai_analysis *it = i == 0 ? first : read;
        SAME_ID(&it->id, &id);
        is_complete(it);
        JUST_NOW(it->created_at_us, before);
        cr_assert(it->updated_at_us == it->created_at_us);
    }
    teleai_analysis_free(first);
    teleai_analysis_free(read);
}

Test(analysis, create_has_defaults) {
    teleai_analysis_input input = minimal();
    teleai_analysis *it = made(&input);
    is_minimal(it);
    cr_assert(it->id.bytes[6] >> 4 == 7);
    teleai_analysis_free(it);
}

Test(analysis, sentiments_are_kept_in_hundredths) {
    static const double given_kept[][2] = {{0, 0},         {-0.0, 0},       {-1, -1},    {1, 1},
                                           {0.005, 0.01},  {-0.005, -0.01}, {-0.004, 0}, {0.07, 0.07},
                                           {-0.07, -0.07}, {-0.995, -1},    {-0.1, -0.1}};
    for (size_t i = 0; i < sizeof given_kept / sizeof *given_kept; i++) {
        teleai_analysis_input input = minimal();
        input.sentiment_score = given_kept[i][0];
        input.has_sentiment_score = true;
        teleai_analysis *it = made(&input);
        cr_assert(it->has_sentiment_score && it->sentiment_score == given_kept[i][1], "%g was kept as %g",
                  given_kept[i][0], it->sentiment_score);
        teleai_analysis_free(it);
    }
    for (int32_t label = 1; label <= 4; label++) {
        teleai_analysis_input input = minimal();
        input.sentiment_label = label;
        teleai_analysis *it = made(&input);
        cr_assert(it->sentiment_label == label);
        teleai_analysis_free(it);
    }
}

Test(analysis, create_refuses) {
    teleai_analysis_input input = minimal();
    teleai_analysis *it = made(&input), *refused = it;
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    input.id = &it->id;
    FAILS(teleai_analysis_create(db, &input, &refused, &error), TELEAI_ALREADY_EXISTS, "id");
    cr_assert(refused == NULL);
    input = minimal();
    input.transcription_id = &nobody;
    FAILS(teleai_analysis_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "transcription_id");
    SAME_TEXT(error.constraint, "analyses_tenant_transcription_id_fkey");
    input = minimal();
    input.audio_file_id = &nobody;
    FAILS(teleai_analysis_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "audio_file_id");
    input = minimal();
    input.user_id = &nobody;
    FAILS(teleai_analysis_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    ROWS("analyses", 1);
    teleai_analysis_free(it);
}

Test(analysis, create_many_keeps_order_and_every_field) {
    teleai_analysis_input inputs[] = {minimal(), complete(), minimal(), complete()};
    teleai_analyses *list;
    OK(teleai_analysis_create_many(db, inputs, 4, NULL, &list, &error));
    cr_assert(list->count == 4);
    is_minimal(list->items[0]);
    is_complete(list->items[1]);
    is_minimal(list->items[2]);
    is_complete(list->items[3]);
    teleai_analyses_free(list);
}

Test(analysis, create_many_is_all_or_nothing) {
    teleai_analysis_input inputs[] = {minimal(), minimal(), minimal()};
    teleai_uuid id, nobody;
    teleai_uuid_make(&id);
    teleai_uuid_make(&nobody);
    teleai_analyses *list;
    inputs[1].id = inputs[2].id = &id;
    FAILS(teleai_analysis_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_ALREADY_EXISTS, "id");
    inputs[1].id = NULL;
    inputs[0].transcription_id = &nobody;
    FAILS(teleai_analysis_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_PARENT_NOT_FOUND, "transcription_id");
    inputs[0] = minimal();
    inputs[1].insights_json = "[]";
    FAILS(teleai_analysis_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "insights_json");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1 && list == NULL);
    ROWS("analyses", 0);
}

Test(analysis, get_and_get_many_tell_what_is_not_there) {
    teleai_analysis_input input = minimal();
    teleai_analysis *a = made(&input), *b = made(&input), *read;
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_analysis_get(db, &missing, &read, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_analysis_get(db, NULL, &read, &error), TELEAI_INVALID_ARGUMENT, "id");
    const teleai_uuid ids[] = {b->id, a->id, missing};
    teleai_analyses *list;
    OK(teleai_analysis_get_many(db, ids, 3, &list, &error));
    cr_assert(list->count == 3 && list->items[2] == NULL);
    SAME_ID(&list->items[0]->id, &b->id);
    SAME_ID(&list->items[1]->id, &a->id);
    teleai_analyses_free(list);
    teleai_analysis_free(a);
    teleai_analysis_free(b);
}

/* ---- update, delete ---- */

#define BIT(name) TELEAI_ANALYSIS_FIELD_##name

static void only_changed(const teleai_analysis *a, const teleai_analysis *b, uint64_t changed) {
    CHANGED_ONLY(same_text(a->summary, b->summary), BIT(SUMMARY), "summary");
    CHANGED_ONLY(same_text(a->engine, b->engine), BIT(ENGINE), "engine");
    CHANGED_ONLY(same_text(a->engine_version, b->engine_version), BIT(ENGINE_VERSION), "engine_version");
    CHANGED_ONLY(same_text(a->key_phrases_json, b->key_phrases_json), BIT(KEY_PHRASES), "key_phrases");
    CHANGED_ONLY(same_text(a->entities_json, b->entities_json), BIT(ENTITIES), "entities");
    CHANGED_ONLY(same_text(a->topics_json, b->topics_json), BIT(TOPICS), "topics");
    CHANGED_ONLY(same_text(a->insights_json, b->insights_json), BIT(INSIGHTS), "insights");
    CHANGED_ONLY(same_text(a->metadata_json, b->metadata_json), BIT(METADATA), "metadata");
    CHANGED_ONLY(a->has_sentiment_score == b->has_sentiment_score && a->sentiment_score == b->sentiment_score,
                 BIT(SENTIMENT_SCORE), "sentiment_score");
    CHANGED_ONLY(a->sentiment_label == b->sentiment_label, BIT(SENTIMENT_LABEL), "sentiment_label");
    cr_assert(same_text(a->analysis_type, b->analysis_type) && same_text(a->error_message, b->error_message));
    cr_assert(a->status == b->status && a->has_processing_duration == b->has_processing_duration);
    cr_assert(a->has_processing_started_at == b->has_processing_started_at);
    cr_assert(a->has_processing_completed_at == b->has_processing_completed_at);
    cr_assert(teleai_uuid_equal(&a->transcription_id, &b->transcription_id));
    cr_assert(a->created_at_us == b->created_at_us && b->updated_at_us > a->updated_at_us);
}

Test(analysis, update_sets_what_is_named_and_nothing_else) {
    teleai_analysis_input input = minimal(), other = complete();
    for (int bit = 0; bit < 10; bit++) {
        teleai_analysis *before = made(&input), *after, *read;
        OK(teleai_analysis_update(db, &before->id, &other, UINT64_C(1) << bit, NULL, &after, &error));
        only_changed(before, after, UINT64_C(1) << bit);
        OK(teleai_analysis_get(db, &before->id, &read, &error));
        only_changed(before, read, UINT64_C(1) << bit);
        teleai_analysis_free(before);
        teleai_analysis_free(after);
        teleai_analysis_free(read);
    }
}

Test(analysis, update_of_an_absent_field_gives_null_or_its_default) {
    teleai_analysis_input full = complete(), nothing = {.struct_size = sizeof nothing};
    teleai_analysis *before = made(&full), *after;
    uint64_t fields = 0x3FF & ~(uint64_t)BIT(ENGINE);
    OK(teleai_analysis_update(db, &before->id, &nothing, fields, NULL, &after, &error));
    only_changed(before, after, fields);
    cr_assert(after->summary == NULL && after->engine_version == NULL && after->key_phrases == NULL);
    SAME_TEXT(after->entities_json, "[]");
    SAME_TEXT(after->topics_json, "[]");
    SAME_TEXT(after->insights_json, "{}");
    SAME_TEXT(after->metadata_json, "{}");
    cr_assert(!after->has_sentiment_score && after->sentiment_label == 0);
    FAILS(teleai_analysis_update(db, &before->id, &nothing, BIT(ENGINE), NULL, NULL, &error), TELEAI_INVALID_ARGUMENT,
          "engine");
    teleai_analysis_free(before);
    teleai_analysis_free(after);
}

Test(analysis, update_takes_typed_arrays) {
    teleai_analysis_input input = minimal();
    teleai_analysis *before = made(&input), *after;
    const teleai_entity entities[] = {{.text = "Ann", .start_ms = 5, .has_start = true}};
    const teleai_topic topics[] = {{.name = "sale"}};
    teleai_analysis_input other = {.struct_size = sizeof other,
                                   .entities = entities,
                                   .entity_count = 1,
                                   .topics = topics,
                                   .topic_count = 1,
                                   .key_phrases = phrases,
                                   .key_phrase_count = 1};
    uint64_t fields = BIT(ENTITIES) | BIT(TOPICS) | BIT(KEY_PHRASES);
    OK(teleai_analysis_update(db, &before->id, &other, fields, NULL, &after, &error));
    only_changed(before, after, fields);
    SAME_TEXT(after->entities_json, "[{\"text\": \"Ann\", \"start_ms\": 5}]");
    SAME_TEXT(after->topics_json, "[{\"name\": \"sale\"}]");
    SAME_TEXT(after->key_phrases_json, "[\"press one\"]");
    teleai_analysis_free(before);
    teleai_analysis_free(after);
}

Test(analysis, update_refuses) {
    teleai_analysis_input input = minimal();
    teleai_analysis *before = made(&input), *after = before;
    static const uint64_t wrong[] = {0,          1 << 10,        UINT64_C(1) << 62, BIT(ENGINE) | UINT64_C(1) << 63,
                                     UINT64_MAX, UINT64_MAX >> 1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        FAILS(teleai_analysis_update(db, &before->id, &input, wrong[i], NULL, &after, &error), TELEAI_INVALID_ARGUMENT,
              "fields");
    cr_assert(after == NULL);
    teleai_update_options unchanged = {.struct_size = sizeof unchanged, .if_unchanged_since_us = before->updated_at_us};
    input.engine = "first";
    OK(teleai_analysis_update(db, &before->id, &input, BIT(ENGINE), &unchanged, &after, &error));
    input.engine = "second";
    FAILS(teleai_analysis_update(db, &before->id, &input, BIT(ENGINE), &unchanged, NULL, &error), TELEAI_CONFLICT, "");
    unchanged.if_unchanged_since_us = after->updated_at_us;
    OK(teleai_analysis_update(db, &before->id, &input, BIT(ENGINE), &unchanged, NULL, &error));
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_analysis_update(db, &missing, &input, BIT(ENGINE), &unchanged, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_analysis_update(db, &missing, &input, BIT(ENGINE), NULL, NULL, &error), TELEAI_NOT_FOUND, "");
    teleai_analysis_free(before);
    teleai_analysis_free(after);
}

Test(analysis, delete_takes_it_alone) {
    teleai_analysis_input input = minimal();
    teleai_analysis *a = made(&input), *b = made(&input);
    OK(teleai_analysis_delete(db, &a->id, &error));
    FAILS(teleai_analysis_delete(db, &a->id, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_analysis_delete(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    SAME_TEXT(harness_sql("select id from analyses"), id_text(&b->id));
    ROWS("transcriptions", 1);
    teleai_analysis_free(a);
    teleai_analysis_free(b);
}
