/* Audio files on a real server: every function, its errors included. */
#include "paging.h"

SERVER_SUITE(audio_file);

static teleai_uuid user;

static teleai_audio_file_input minimal(void) {
    if (teleai_uuid_equal(&user, &(teleai_uuid){{0}})) /* each test runs in a process of its own */
        harness_user(db, &user);
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .user_id = &user,
                                     .file_name = "call.wav",
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1};
}

/* Every field, other than in minimal(). */
static teleai_audio_file_input complete(void) {
    teleai_audio_file_input input = minimal();
    input.file_name = "gespräch.flac";
    input.file_path = "s3://bucket/ä b.flac?x='1'";
    input.mime_type = "audio/flac";
    input.error_message = "it \"broke\"";
    input.metadata_json = "{\"campaign\": \"spring\", \"n\": 1.50}";
    input.file_size_bytes = (INT64_C(1) << 53) - 1;
    input.duration_ms = 90120;
    input.has_duration = true;
    input.upload_completed_at_us = 1700000000123456;
    input.has_upload_completed_at = true;
    input.processing_started_at_us = -1;
    input.has_processing_started_at = true;
    input.processing_completed_at_us = 0;
    input.has_processing_completed_at = true;
    input.sample_rate_hz = 16000;
    input.has_sample_rate = true;
    input.channels = 2;
    input.has_channels = true;
    input.bit_rate_bps = INT32_MAX;
    input.has_bit_rate = true;
    input.status = TELEAI_AUDIO_FILE_ERROR;
    return input;
}

static teleai_audio_file *made(const teleai_audio_file_input *input) {
    teleai_audio_file *file;
    OK(teleai_audio_file_create(db, input, &file, &error));
    return file;
}

static void is_complete(const teleai_audio_file *file) {
    SAME_ID(&file->user_id, &user);
    SAME_TEXT(file->file_name, "gespräch.flac");
    SAME_TEXT(file->file_path, "s3://bucket/ä b.flac?x='1'");
    SAME_TEXT(file->mime_type, "audio/flac");
    SAME_TEXT(file->error_message, "it \"broke\"");
    SAME_TEXT(file->metadata_json, "{\"n\": 1.50, \"campaign\": \"spring\"}");
    cr_assert(file->file_size_bytes == (INT64_C(1) << 53) - 1);
    cr_assert(file->has_duration && file->duration_ms == 90120);
    cr_assert(file->has_upload_completed_at && file->upload_completed_at_us == 1700000000123456);
    cr_assert(file->has_processing_started_at && file->processing_started_at_us == -1);
    cr_assert(file->has_processing_completed_at && file->processing_completed_at_us == 0);
    cr_assert(file->has_sample_rate && file->sample_rate_hz == 16000);
    cr_assert(file->has_channels && file->channels == 2);
    cr_assert(file->has_bit_rate && file->bit_rate_bps == INT32_MAX);
    cr_assert(file->status == TELEAI_AUDIO_FILE_ERROR);
}

static void is_minimal(const teleai_audio_file *file) {
    SAME_TEXT(file->file_name, "call.wav");
    SAME_TEXT(file->metadata_json, "{}");
    cr_assert(file->file_size_bytes == 1 && file->error_message == NULL);
    cr_assert(!file->has_duration && !file->has_upload_completed_at && !file->has_processing_started_at);
    cr_assert(!file->has_processing_completed_at && !file->has_sample_rate && !file->has_channels &&
              !file->has_bit_rate);
    cr_assert(file->duration_ms == 0 && file->sample_rate_hz == 0 && file->processing_started_at_us == 0);
    cr_assert(file->status == TELEAI_AUDIO_FILE_UPLOADED);
}

Test(audio_file, create_and_get_give_every_field) {
    int64_t before = now_us();
    teleai_audio_file_input input = complete();
    teleai_uuid id;
    teleai_uuid_make(&id);
    input.id = &id;
    teleai_audio_file *first = made(&input), *read;
    OK(teleai_audio_file_get(db, &id, &read, &error));
    for (int i = 0; i < 2; i++) {
        const teleai_audio_file *file = i == 0 ? first : read;
        SAME_ID(&file->id, &id);
        is_complete(file);
        JUST_NOW(file->created_at_us, before);
        cr_assert(file->updated_at_us == file->created_at_us);
    }
    teleai_audio_file_free(first);
    teleai_audio_file_free(read);
}

Test(audio_file, create_has_defaults) {
    teleai_audio_file_input input = minimal();
    teleai_audio_file *file = made(&input);
    is_minimal(file);
    cr_assert(file->id.bytes[6] >> 4 == 7);
    teleai_audio_file_free(file);
    OK(teleai_audio_file_create(db, &input, NULL, &error));
    ROWS("audio_files", 2);
}

Test(audio_file, durations_are_kept_in_hundredths_of_a_second) {
    static const int64_t given_kept[][2] = {
        {5, 10},
        {10, 10},
        {14, 10},
        {15, 20},
        {994, 990},
        {995, 1000},
        {1000, 1000},
        {90125, 90130},
        {99999990, 99999990},
        {100000000, 100000000},
        {99999999990, 99999999990},
    };
    teleai_audio_file_input input = minimal();
    input.has_duration = true;
    for (size_t i = 0; i < sizeof given_kept / sizeof *given_kept; i++) {
        input.duration_ms = given_kept[i][0];
        teleai_audio_file *file = made(&input);
        cr_assert(file->duration_ms == given_kept[i][1], "%lld was kept as %lld", (long long)given_kept[i][0],
                  (long long)file->duration_ms);
        SAME_TEXT(harness_sql("select duration_seconds * 1000 = %lld from audio_files where id = '%s'",
                              (long long)given_kept[i][1], id_text(&file->id)),
                  "t");
        teleai_audio_file_free(file);
    }
}

Test(audio_file, create_refuses) {
    teleai_audio_file_input input = minimal();
    teleai_audio_file *file = made(&input), *refused = file;
    input.id = &file->id;
    FAILS(teleai_audio_file_create(db, &input, &refused, &error), TELEAI_ALREADY_EXISTS, "id");
    SAME_TEXT(error.constraint, "audio_files_pkey");
    cr_assert(refused == NULL);
    input = minimal();
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    input.user_id = &nobody;
    FAILS(teleai_audio_file_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    SAME_TEXT(error.constraint, "audio_files_tenant_user_id_fkey");
    SAME_TEXT(error.sqlstate, "23503");
    ROWS("audio_files", 1);
    teleai_audio_file_free(file);
}

Test(audio_file, create_many_keeps_order_and_every_field) {
    teleai_audio_file_input inputs[] = {minimal(), complete(), minimal(), complete()};
    teleai_uuid id;
    teleai_uuid_make(&id);
    inputs[2].id = &id;
    teleai_audio_files *list;
    OK(teleai_audio_file_create_many(db, inputs, 4, NULL, &list, &error));
    cr_assert(list->count == 4 && list->next_cursor == NULL);
    is_minimal(list->items[0]);
    is_complete(list->items[1]);
    is_minimal(list->items[2]);
    is_complete(list->items[3]);
    SAME_ID(&list->items[2]->id, &id);
    teleai_audio_files_free(list);
    OK(teleai_audio_file_create_many(db, inputs, 1, NULL, NULL, &error));
    ROWS("audio_files", 5);
}

Test(audio_file, create_many_is_all_or_nothing) {
    teleai_audio_file_input inputs[] = {minimal(), minimal(), minimal()};
    teleai_uuid id, nobody;
    teleai_uuid_make(&id);
    teleai_uuid_make(&nobody);
    inputs[0].id = inputs[2].id = &id;
    teleai_audio_files *list;
    FAILS(teleai_audio_file_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_ALREADY_EXISTS, "id");
    cr_assert(list == NULL && (error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 2);
    inputs[2].id = NULL;
    inputs[1].user_id = &nobody;
    FAILS(teleai_audio_file_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    inputs[1].user_id = &user;
    inputs[2].file_size_bytes = -5;
    FAILS(teleai_audio_file_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT,
          "file_size_bytes");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 2);
    inputs[0].mime_type = "audio/midi";
    FAILS(teleai_audio_file_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "mime_type");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 0);
    inputs[0] = inputs[2] = minimal();
    inputs[1].struct_size -= 8;
    FAILS(teleai_audio_file_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1);
    FAILS(teleai_audio_file_create_many(db, inputs, 0, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "count");
    FAILS(teleai_audio_file_create_many(db, NULL, 1, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "inputs");
    ROWS("audio_files", 0);
}

Test(audio_file, get_and_get_many_tell_what_is_not_there) {
    teleai_audio_file_input input = minimal();
    teleai_audio_file *a = made(&input), *b = made(&input), *read;
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_audio_file_get(db, &missing, &read, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_audio_file_get(db, NULL, &read, &error), TELEAI_INVALID_ARGUMENT, "id");
    const teleai_uuid ids[] = {missing, b->id, a->id, missing, b->id};
    teleai_audio_files *list;
    OK(teleai_audio_file_get_many(db, ids, 5, &list, &error));
    cr_assert(list->count == 5 && list->items[0] == NULL && list->items[3] == NULL);
    SAME_ID(&list->items[1]->id, &b->id);
    SAME_ID(&list->items[2]->id, &a->id);
    SAME_ID(&list->items[4]->id, &b->id);
    teleai_audio_files_free(list);
    FAILS(teleai_audio_file_get_many(db, ids, 0, &list, &error), TELEAI_INVALID_ARGUMENT, "count");
    FAILS(teleai_audio_file_get_many(db, NULL, 1, &list, &error), TELEAI_INVALID_ARGUMENT, "ids");
    teleai_audio_file_free(a);
    teleai_audio_file_free(b);
}

/* ---- update, delete ---- */

static void only_changed(const teleai_audio_file *a, const teleai_audio_file *b, uint64_t changed) {
#define BIT(name) TELEAI_AUDIO_FILE_FIELD_##name
#define NUMBER(member, has) (a->has == b->has && a->member == b->member)
    CHANGED_ONLY(same_text(a->file_name, b->file_name), BIT(FILE_NAME), "file_name");
    CHANGED_ONLY(same_text(a->file_path, b->file_path), BIT(FILE_PATH), "file_path");
    CHANGED_ONLY(same_text(a->mime_type, b->mime_type), BIT(MIME_TYPE), "mime_type");
    CHANGED_ONLY(same_text(a->metadata_json, b->metadata_json), BIT(METADATA), "metadata");
    CHANGED_ONLY(a->file_size_bytes == b->file_size_bytes, BIT(FILE_SIZE), "file_size_bytes");
    CHANGED_ONLY(NUMBER(duration_ms, has_duration), BIT(DURATION), "duration_ms");
    CHANGED_ONLY(NUMBER(sample_rate_hz, has_sample_rate), BIT(SAMPLE_RATE), "sample_rate_hz");
    CHANGED_ONLY(NUMBER(channels, has_channels), BIT(CHANNELS), "channels");
    CHANGED_ONLY(NUMBER(bit_rate_bps, has_bit_rate), BIT(BIT_RATE), "bit_rate_bps");
    CHANGED_ONLY(NUMBER(upload_completed_at_us, has_upload_completed_at), BIT(UPLOAD_COMPLETED_AT),
                 "upload_completed_at");
    cr_assert(NUMBER(processing_started_at_us, has_processing_started_at));
    cr_assert(NUMBER(processing_completed_at_us, has_processing_completed_at));
    cr_assert(a->status == b->status && same_text(a->error_message, b->error_message));
    cr_assert(teleai_uuid_equal(&a->id, &b->id) && teleai_uuid_equal(&a->user_id, &b->user_id));
    cr_assert(a->created_at_us == b->created_at_us && b->updated_at_us > a->updated_at_us);
#undef NUMBER
#undef BIT
}

Test(audio_file, update_sets_what_is_named_and_nothing_else) {
    teleai_audio_file_input input = minimal(), other = complete();
    for (int bit = 0; bit < 10; bit++) {
        teleai_audio_file *before = made(&input), *after, *read;
        OK(teleai_audio_file_update(db, &before->id, &other, UINT64_C(1) << bit, NULL, &after, &error));
        only_changed(before, after, UINT64_C(1) << bit);
        OK(teleai_audio_file_get(db, &before->id, &read, &error));
        only_changed(before, read, UINT64_C(1) << bit);
        teleai_audio_file_free(before);
        teleai_audio_file_free(after);
        teleai_audio_file_free(read);
    }
}

Test(audio_file, update_of_an_absent_field_gives_null_or_its_default) {
    teleai_audio_file_input full = complete(), nothing = {.struct_size = sizeof nothing};
    teleai_audio_file *before = made(&full), *after;
    uint64_t fields = TELEAI_AUDIO_FILE_FIELD_METADATA | TELEAI_AUDIO_FILE_FIELD_DURATION |
                      TELEAI_AUDIO_FILE_FIELD_SAMPLE_RATE | TELEAI_AUDIO_FILE_FIELD_CHANNELS |
                      TELEAI_AUDIO_FILE_FIELD_BIT_RATE | TELEAI_AUDIO_FILE_FIELD_UPLOAD_COMPLETED_AT;
    OK(teleai_audio_file_update(db, &before->id, &nothing, fields, NULL, &after, &error));
    only_changed(before, after, fields);
    SAME_TEXT(after->metadata_json, "{}");
    cr_assert(!after->has_duration && !after->has_sample_rate && !after->has_channels && !after->has_bit_rate);
    cr_assert(!after->has_upload_completed_at);
    static const struct {
        uint64_t bit;
        const char *field;
    } required[] = {{TELEAI_AUDIO_FILE_FIELD_FILE_NAME, "file_name"},
                    {TELEAI_AUDIO_FILE_FIELD_FILE_PATH, "file_path"},
                    {TELEAI_AUDIO_FILE_FIELD_MIME_TYPE, "mime_type"},
                    {TELEAI_AUDIO_FILE_FIELD_FILE_SIZE, "file_size_bytes"}};
    for (size_t i = 0; i < 4; i++)
        FAILS(teleai_audio_file_update(db, &before->id, &nothing, required[i].bit, NULL, NULL, &error),
              TELEAI_INVALID_ARGUMENT, required[i].field);
    teleai_audio_file_free(before);
    teleai_audio_file_free(after);
}

Test(audio_file, update_refuses) {
    teleai_audio_file_input input = minimal();
    teleai_audio_file *before = made(&input), *after = before;
    static const uint64_t wrong[] = {0, 1 << 30, UINT64_C(1) << 62, 1 | UINT64_C(1) << 63};
    for (size_t i = 0; i < 4; i++)
        FAILS(teleai_audio_file_update(db, &before->id, &input, wrong[i], NULL, &after, &error),
              TELEAI_INVALID_ARGUMENT, "fields");
    cr_assert(after == NULL);
    teleai_update_options unchanged = {.struct_size = sizeof unchanged, .if_unchanged_since_us = before->updated_at_us};
    input.file_name = "first";
    OK(teleai_audio_file_update(db, &before->id, &input, 1, &unchanged, &after, &error));
    input.file_name = "second";
    FAILS(teleai_audio_file_update(db, &before->id, &input, 1, &unchanged, NULL, &error), TELEAI_CONFLICT, "");
    unchanged.if_unchanged_since_us = after->updated_at_us;
    OK(teleai_audio_file_update(db, &before->id, &input, 1, &unchanged, NULL, &error));
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_audio_file_update(db, &missing, &input, 1, &unchanged, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_audio_file_update(db, &missing, &input, 1, NULL, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_audio_file_update(db, NULL, &input, 1, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_audio_file_update(db, &before->id, NULL, 1, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "input");
    SAME_TEXT(harness_sql("select file_name from audio_files"), "second");
    teleai_audio_file_free(before);
    teleai_audio_file_free(after);
}

Test(audio_file, if_unchanged_since_takes_any_time) {
    teleai_audio_file_input input = minimal();
    teleai_audio_file *before = made(&input);
    static const int64_t times[] = {1, -1, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        teleai_update_options options = {.struct_size = sizeof options, .if_unchanged_since_us = times[i]};
        teleai_status status = teleai_audio_file_update(db, &before->id, &input, 1, &options, NULL, &error);
        cr_assert(status == TELEAI_CONFLICT || status == TELEAI_INVALID_ARGUMENT, "%lld: %s", (long long)times[i],
                  error.message);
    }
    teleai_audio_file_free(before);
}

Test(audio_file, delete_takes_transcriptions_and_analyses) {
    teleai_uuid files[2], transcriptions[2];
    (void)minimal();
    for (int i = 0; i < 2; i++) {
        harness_audio_file(db, &user, &files[i]);
        harness_transcription(db, &user, &files[i], "words", &transcriptions[i]);
        teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                          .user_id = &user,
                                          .audio_file_id = &files[i],
                                          .transcription_id = &transcriptions[i],
                                          .analysis_type = "x",
                                          .engine = "y"};
        OK(teleai_analysis_create(db, &analysis, NULL, &error));
    }
    OK(teleai_audio_file_delete(db, &files[0], &error));
    ROWS("users", 1);
    ROWS("audio_files", 1);
    ROWS("transcriptions", 1);
    ROWS("analyses", 1);
    FAILS(teleai_audio_file_delete(db, &files[0], &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_audio_file_delete(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
}

/* PostgreSQL lets NaN through a check for more than 0: an old row may have one, and must not spoil a list. */
Test(audio_file, a_duration_that_is_no_number_is_read_as_none) {
    teleai_uuid user, id;
    harness_user(db, &user);
    harness_audio_file(db, &user, &id);
    harness_sql("update audio_files set duration_seconds = 'NaN'");
    teleai_audio_files *list;
    OK(teleai_audio_file_list(db, NULL, NULL, &list, &error));
    cr_assert(list->count == 1 && !list->items[0]->has_duration);
    teleai_audio_files_free(list);
}
