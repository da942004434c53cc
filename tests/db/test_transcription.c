/* Transcriptions on a real server: create, get, update, delete, words and bytes. */
#include "nouns.h"

SERVER_SUITE(transcription);

static teleai_uuid user, file;

static teleai_transcription_input minimal(void) {
    if (teleai_uuid_equal(&user, &(teleai_uuid){{0}})) { /* each test runs in a process of its own */
        harness_user(db, &user);
        harness_audio_file(db, &user, &file);
    }
    return (teleai_transcription_input){.struct_size = sizeof(teleai_transcription_input),
                                        .audio_file_id = &file,
                                        .user_id = &user,
                                        .language_code = "en",
                                        .engine = "pocketsphinx"};
}

static teleai_transcription_input complete(void) {
    teleai_transcription_input input = minimal();
    input.text = "Grüß Gott,\n\"Welt\" \\ 'x' \U0001F600";
    input.language_code = "zh-Hant-TW";
    input.engine = "whisper";
    input.engine_version = "5-prealpha+2024.1";
    input.error_message = "none really";
    input.metadata_json = "{\"beam\": [1, 2]}";
    input.processing_started_at_us = 1700000000000001;
    input.has_processing_started_at = true;
    input.processing_completed_at_us = 1700000001000002;
    input.has_processing_completed_at = true;
    input.confidence = 0.875;
    input.has_confidence = true;
    input.word_count = 77;
    input.has_word_count = true;
    input.processing_duration_ms = 1000;
    input.has_processing_duration = true;
    input.status = TELEAI_TRANSCRIPTION_FAILED;
    return input;
}

static teleai_transcription *made(const teleai_transcription_input *input) {
    teleai_transcription *transcription;
    OK(teleai_transcription_create(db, input, &transcription, &error));
    return transcription;
}

static void is_complete(const teleai_transcription *it) {
    SAME_ID(&it->audio_file_id, &file);
    SAME_ID(&it->user_id, &user);
    SAME_TEXT(it->text, "Grüß Gott,\n\"Welt\" \\ 'x' \U0001F600");
    cr_assert(it->text_bytes == (int64_t)strlen(it->text));
    SAME_TEXT(it->language_code, "zh-Hant-TW");
    SAME_TEXT(it->engine, "whisper");
    SAME_TEXT(it->engine_version, "5-prealpha+2024.1");
    SAME_TEXT(it->error_message, "none really");
    SAME_TEXT(it->metadata_json, "{\"beam\": [1, 2]}");
    cr_assert(it->has_processing_started_at && it->processing_started_at_us == 1700000000000001);
    cr_assert(it->has_processing_completed_at && it->processing_completed_at_us == 1700000001000002);
    cr_assert(it->has_confidence && it->confidence == 0.88, "%.17g", it->confidence);
    cr_assert(it->has_word_count && it->word_count == 77);
    cr_assert(it->has_processing_duration && it->processing_duration_ms == 1000);
    cr_assert(it->status == TELEAI_TRANSCRIPTION_FAILED);
}

static void is_minimal(const teleai_transcription *it) {
    SAME_TEXT(it->text, "");
    SAME_TEXT(it->metadata_json, "{}");
    cr_assert(it->text_bytes == 0 && it->engine_version == NULL && it->error_message == NULL);
    cr_assert(!it->has_confidence && !it->has_word_count && !it->has_processing_duration);
    cr_assert(!it->has_processing_started_at && !it->has_processing_completed_at);
    cr_assert(it->status == TELEAI_TRANSCRIPTION_PENDING);
}

Test(transcription, create_and_get_give_every_field) {
    int64_t before = now_us();
    teleai_transcription_input input = complete();
    teleai_uuid id;
    teleai_uuid_make(&id);
    input.id = &id;
    teleai_transcription *first = made(&input), *read;
    OK(teleai_transcription_get(db, &id, &read, &error));
    for (int i = 0; i < 2; i++) {
        const teleai_transcription *it = i == 0 ? first : read;
        SAME_ID(&it->id, &id);
        is_complete(it);
        JUST_NOW(it->created_at_us, before);
        cr_assert(it->updated_at_us == it->created_at_us);
    }
    teleai_transcription_free(first);
    teleai_transcription_free(read);
}

Test(transcription, create_has_defaults) {
    teleai_transcription_input input = minimal();
    teleai_transcription *it = made(&input);
    is_minimal(it);
    SAME_TEXT(it->engine, "pocketsphinx");
    SAME_TEXT(it->language_code, "en");
    cr_assert(it->id.bytes[6] >> 4 == 7);
    teleai_transcription_free(it);
}

Test(transcription, words_are_counted_unless_told) {
    static const struct {
        const char *text;
        int32_t words;
    } cases[] = {
        {"", 0}, {" \t\n", 0}, {"one", 1}, {" two  words ", 2}, {"don't-stop, now", 2}, {"a\u00A0b\u3000c\u2003d", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai_transcription_input input = minimal();
        input.text = cases[i].text;
        teleai_transcription *it = made(&input);
        cr_assert(it->has_word_count && it->word_count == cases[i].words, "\"%s\" has %d words", cases[i].text,
                  it->word_count);
        teleai_transcription_free(it);
        input.word_count = 0;
        input.has_word_count = true;
        it = made(&input);
        cr_assert(it->has_word_count && it->word_count == 0);
        teleai_transcription_free(it);
    }
}

Test(transcription, confidences_are_kept_in_hundredths) {
    static const double given_kept[][2] = {{0, 0},       {-0.0, 0},     {0.004, 0}, {0.005, 0.01},
                                           {0.5, 0.5},   {0.994, 0.99}, {0.995, 1}, {1, 1},
                                           {0.07, 0.07}, {0.29, 0.29},  {1e-300, 0}};
    for (size_t i = 0; i < sizeof given_kept / sizeof *given_kept; i++) {
        teleai_transcription_input input = minimal();
        input.confidence = given_kept[i][0];
        input.has_confidence = true;
        teleai_transcription *it = made(&input);
        cr_assert(it->has_confidence && it->confidence == given_kept[i][1], "%g was kept as %g", given_kept[i][0],
                  it->confidence);
        teleai_transcription_free(it);
    }
}

Test(transcription, text_bytes_say_where_the_text_ends) {
    teleai_transcription_input input = minimal();
    input.text = "three words here and more";
    input.text_bytes = 11;
    teleai_transcription *it = made(&input);
    SAME_TEXT(it->text, "three words");
    cr_assert(it->text_bytes == 11 && it->word_count == 2);
    teleai_transcription_free(it);
    /* A NUL among the bytes is no text; nor is half a character, or a length without a text. */
    input.text = "three\0words";
    FAILS(teleai_transcription_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "text");
    cr_assert(strstr(error.message, "byte 5") != NULL, "%s", error.message);
    input.text = "\u00e9";
    input.text_bytes = 1;
    FAILS(teleai_transcription_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "text");
    input.text = NULL;
    FAILS(teleai_transcription_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "text_bytes");
    ROWS("transcriptions", 1);
}

Test(transcription, a_completed_one_has_a_text) {
    teleai_transcription_input input = minimal();
    input.status = TELEAI_TRANSCRIPTION_COMPLETED;
    FAILS(teleai_transcription_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "text");
    input.text = ""; /* silence is a text */
    teleai_transcription *it = made(&input);
    cr_assert(it->status == TELEAI_TRANSCRIPTION_COMPLETED && it->text_bytes == 0 && it->word_count == 0);
    teleai_transcription_free(it);
}

Test(transcription, create_refuses) {
    teleai_transcription_input input = minimal();
    teleai_transcription *it = made(&input), *refused = it;
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    input.id = &it->id;
    FAILS(teleai_transcription_create(db, &input, &refused, &error), TELEAI_ALREADY_EXISTS, "id");
    cr_assert(refused == NULL);
    input = minimal();
    input.audio_file_id = &nobody;
    FAILS(teleai_transcription_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "audio_file_id");
    SAME_TEXT(error.constraint, "transcriptions_tenant_audio_file_id_fkey");
    input = minimal();
    input.user_id = &nobody;
    FAILS(teleai_transcription_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    ROWS("transcriptions", 1);
    teleai_transcription_free(it);
}

Test(transcription, create_many_keeps_order_and_every_field) {
    teleai_transcription_input inputs[] = {minimal(), complete(), minimal()};
    inputs[2].text = "four words are here, not five";
    inputs[2].text_bytes = 20;
    teleai_transcriptions *list;
    OK(teleai_transcription_create_many(db, inputs, 3, NULL, &list, &error));
    cr_assert(list->count == 3);
    is_minimal(list->items[0]);
    is_complete(list->items[1]);
    SAME_TEXT(list->items[2]->text, "four words are here,");
    cr_assert(list->items[2]->word_count == 4);
    teleai_transcriptions_free(list);
}

Test(transcription, create_many_is_all_or_nothing) {
    teleai_transcription_input inputs[] = {minimal(), minimal(), minimal()};
    teleai_uuid id, nobody;
    teleai_uuid_make(&id);
    teleai_uuid_make(&nobody);
    teleai_transcriptions *list;
    inputs[0].id = inputs[1].id = &id;
    FAILS(teleai_transcription_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_ALREADY_EXISTS, "id");
    inputs[0].id = NULL;
    inputs[2].audio_file_id = &nobody;
    FAILS(teleai_transcription_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_PARENT_NOT_FOUND,
          "audio_file_id");
    inputs[2] = minimal();
    inputs[2].status = TELEAI_TRANSCRIPTION_COMPLETED;
    FAILS(teleai_transcription_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "text");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 2 && list == NULL);
    ROWS("transcriptions", 0);
}

Test(transcription, get_and_get_many_tell_what_is_not_there) {
    teleai_transcription_input input = minimal();
    teleai_transcription *a = made(&input), *b = made(&input), *read;
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_transcription_get(db, &missing, &read, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_transcription_get(db, NULL, &read, &error), TELEAI_INVALID_ARGUMENT, "id");
    const teleai_uuid ids[] = {b->id, missing, a->id};
    teleai_transcriptions *list;
    OK(teleai_transcription_get_many(db, ids, 3, &list, &error));
    cr_assert(list->count == 3 && list->items[1] == NULL);
    SAME_ID(&list->items[0]->id, &b->id);
    SAME_ID(&list->items[2]->id, &a->id);
    teleai_transcriptions_free(list);
    teleai_transcription_free(a);
    teleai_transcription_free(b);
}

/* ---- update, delete ---- */

#define BIT(name) TELEAI_TRANSCRIPTION_FIELD_##name

static void only_changed(const teleai_transcription *a, const teleai_transcription *b, uint64_t changed) {
    CHANGED_ONLY(same_text(a->text, b->text) && a->text_bytes == b->text_bytes, BIT(TEXT), "text");
    CHANGED_ONLY(same_text(a->language_code, b->language_code), BIT(LANGUAGE_CODE), "language_code");
    CHANGED_ONLY(same_text(a->engine, b->engine), BIT(ENGINE), "engine");
    CHANGED_ONLY(same_text(a->engine_version, b->engine_version), BIT(ENGINE_VERSION), "engine_version");
    CHANGED_ONLY(same_text(a->metadata_json, b->metadata_json), BIT(METADATA), "metadata");
    CHANGED_ONLY(a->has_confidence == b->has_confidence && a->confidence == b->confidence, BIT(CONFIDENCE),
                 "confidence");
    CHANGED_ONLY(a->has_word_count == b->has_word_count && a->word_count == b->word_count, BIT(WORD_COUNT) | BIT(TEXT),
                 "word_count");
    cr_assert(a->has_processing_started_at == b->has_processing_started_at);
    cr_assert(a->has_processing_completed_at == b->has_processing_completed_at);
    cr_assert(a->has_processing_duration == b->has_processing_duration);
    cr_assert(a->status == b->status && same_text(a->error_message, b->error_message));
    cr_assert(teleai_uuid_equal(&a->audio_file_id, &b->audio_file_id) && teleai_uuid_equal(&a->user_id, &b->user_id));
    cr_assert(a->created_at_us == b->created_at_us && b->updated_at_us > a->updated_at_us);
}

Test(transcription, update_sets_what_is_named_and_nothing_else) {
    teleai_transcription_input input = minimal(), other = complete();
    for (int bit = 0; bit < 7; bit++) {
        teleai_transcription *before = made(&input), *after, *read;
        OK(teleai_transcription_update(db, &before->id, &other, UINT64_C(1) << bit, NULL, &after, &error));
        only_changed(before, after, UINT64_C(1) << bit);
        OK(teleai_transcription_get(db, &before->id, &read, &error));
        only_changed(before, read, UINT64_C(1) << bit);
        teleai_transcription_free(before);
        teleai_transcription_free(after);
        teleai_transcription_free(read);
    }
}

Test(transcription, a_new_text_brings_its_word_count_unless_that_is_named) {
    teleai_transcription_input input = complete();
    teleai_transcription *it = made(&input), *after;
    teleai_transcription_input other = {
        .struct_size = sizeof other, .text = "just three words", .word_count = 9, .has_word_count = true};
    OK(teleai_transcription_update(db, &it->id, &other, BIT(TEXT), NULL, &after, &error));
    cr_assert(after->word_count == 3);
    teleai_transcription_free(after);
    OK(teleai_transcription_update(db, &it->id, &other, BIT(TEXT) | BIT(WORD_COUNT), NULL, &after, &error));
    cr_assert(after->word_count == 9);
    teleai_transcription_free(after);
    other.text_bytes = 10;
    OK(teleai_transcription_update(db, &it->id, &other, BIT(TEXT), NULL, &after, &error));
    SAME_TEXT(after->text, "just three");
    cr_assert(after->word_count == 2);
    teleai_transcription_free(after);
    teleai_transcription_free(it);
}

Test(transcription, update_of_an_absent_field_gives_null_or_its_default) {
    teleai_transcription_input full = complete(), nothing = {.struct_size = sizeof nothing};
    teleai_transcription *before = made(&full), *after;
    uint64_t fields = BIT(TEXT) | BIT(ENGINE_VERSION) | BIT(METADATA) | BIT(CONFIDENCE) | BIT(WORD_COUNT);
    OK(teleai_transcription_update(db, &before->id, &nothing, fields, NULL, &after, &error));
    only_changed(before, after, fields);
    SAME_TEXT(after->text, "");
    SAME_TEXT(after->metadata_json, "{}");
    cr_assert(after->engine_version == NULL && !after->has_confidence && !after->has_word_count);
    FAILS(teleai_transcription_update(db, &before->id, &nothing, BIT(ENGINE), NULL, NULL, &error),
          TELEAI_INVALID_ARGUMENT, "engine");
    FAILS(teleai_transcription_update(db, &before->id, &nothing, BIT(LANGUAGE_CODE), NULL, NULL, &error),
          TELEAI_INVALID_ARGUMENT, "language_code");
    teleai_transcription_free(before);
    teleai_transcription_free(after);
}

Test(transcription, update_refuses) {
    teleai_transcription_input input = minimal();
    teleai_transcription *before = made(&input), *after = before;
    static const uint64_t wrong[] = {0,          1 << 7,         UINT64_C(1) << 62, BIT(ENGINE) | UINT64_C(1) << 63,
                                     UINT64_MAX, UINT64_MAX >> 1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        FAILS(teleai_transcription_update(db, &before->id, &input, wrong[i], NULL, &after, &error),
              TELEAI_INVALID_ARGUMENT, "fields");
    cr_assert(after == NULL);
    teleai_update_options unchanged = {.struct_size = sizeof unchanged, .if_unchanged_since_us = before->updated_at_us};
    input.engine = "first";
    OK(teleai_transcription_update(db, &before->id, &input, BIT(ENGINE), &unchanged, &after, &error));
    input.engine = "second";
    FAILS(teleai_transcription_update(db, &before->id, &input, BIT(ENGINE), &unchanged, NULL, &error), TELEAI_CONFLICT,
          "");
    unchanged.if_unchanged_since_us = after->updated_at_us;
    OK(teleai_transcription_update(db, &before->id, &input, BIT(ENGINE), &unchanged, NULL, &error));
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_transcription_update(db, &missing, &input, BIT(ENGINE), &unchanged, NULL, &error), TELEAI_NOT_FOUND,
          "");
    FAILS(teleai_transcription_update(db, &missing, &input, BIT(ENGINE), NULL, NULL, &error), TELEAI_NOT_FOUND, "");
    teleai_transcription_free(before);
    teleai_transcription_free(after);
}

Test(transcription, delete_takes_the_analyses) {
    teleai_transcription_input input = minimal();
    teleai_transcription *pair[2] = {made(&input), made(&input)};
    for (int i = 0; i < 2; i++) {
        teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                          .user_id = &user,
                                          .audio_file_id = &file,
                                          .transcription_id = &pair[i]->id,
                                          .analysis_type = "x",
                                          .engine = "y"};
        OK(teleai_analysis_create(db, &analysis, NULL, &error));
    }
    OK(teleai_transcription_delete(db, &pair[0]->id, &error));
    ROWS("audio_files", 1);
    ROWS("transcriptions", 1);
    ROWS("analyses", 1);
    FAILS(teleai_transcription_delete(db, &pair[0]->id, &error), TELEAI_NOT_FOUND, "");
    for (int i = 0; i < 2; i++)
        teleai_transcription_free(pair[i]);
}
