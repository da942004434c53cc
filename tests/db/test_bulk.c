/* Creating many: which one is at fault, and only the good ones; as an INSERT and, from some hundred on, as COPY. */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(bulk);

#define MOST 2500

static teleai_uuid user, nobody;
static teleai_audio_file_input inputs[MOST];
static teleai_uuid ids[MOST];
static teleai_error errors[MOST];

static void make_inputs(size_t count) {
    harness_user(db, &user);
    teleai_uuid_make(&nobody);
    for (size_t i = 0; i < count; i++) {
        teleai_uuid_make(&ids[i]);
        inputs[i] = (teleai_audio_file_input){.struct_size = sizeof inputs[i],
                                              .id = &ids[i],
                                              .user_id = &user,
                                              .file_name = "call.wav",
                                              .file_path = "/calls/call.wav",
                                              .mime_type = "audio/wav",
                                              .file_size_bytes = 1000 + (int64_t)i};
    }
}

static const char *count_rows(void) { return harness_sql("select count(*) from audio_files"); }

static void blames(size_t count, bool records, teleai_status expected, size_t item) {
    teleai_audio_files *made = NULL;
    teleai_status status = teleai_audio_file_create_many(db, inputs, count, NULL, records ? &made : NULL, &error);
    cr_assert(status == expected && made == NULL, "%s: %s", teleai_status_name(status), error.message);
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == item, "%zu rows: %llu, %zu was expected: %s",
              count, (unsigned long long)error.item, item, error.message);
    SAME_TEXT(count_rows(), "0");
}

Test(bulk, says_which_one_is_at_fault) {
    static const size_t counts[] = {1, 5, 250, MOST};
    for (size_t c = 0; c < 4; c++) {
        size_t count = counts[c], bad = count / 2;
        for (int records = 0; records <= 1; records++) {
            make_inputs(count);
            inputs[bad].user_id = &nobody;
            blames(count, records, TELEAI_PARENT_NOT_FOUND, bad);
            SAME_TEXT(error.field, "user_id");
            make_inputs(count);
            if (count > 1) {
                inputs[bad].id = &ids[0];
                blames(count, records, TELEAI_ALREADY_EXISTS, bad);
                SAME_TEXT(error.field, "id");
            }
            make_inputs(count);
            inputs[bad].mime_type = "text/html";
            blames(count, records, TELEAI_INVALID_ARGUMENT, bad);
            SAME_TEXT(error.field, "mime_type");
            harness_sql("delete from users");
        }
    }
}

/* A rule of somebody's own: the server tells the row, not the column. */
Test(bulk, says_which_one_broke_a_check) {
    harness_sql("alter table audio_files add constraint own check (file_size_bytes <> 1003)");
    for (int records = 0; records <= 1; records++) {
        make_inputs(300);
        blames(300, records, TELEAI_INVALID_ARGUMENT, 3);
        harness_sql("delete from users");
    }
}

/* All kinds of values, through COPY: the same comes back as through an INSERT. */
Test(bulk, says_why_a_copy_was_refused) {
    make_inputs(250);
    harness_sql("alter table audio_files rename column mime_type to mime_type_");
    cr_assert(teleai_audio_file_create_many(db, inputs, 250, NULL, NULL, &error) == TELEAI_SCHEMA_MISMATCH, "%s",
              error.message);
    SAME_TEXT(error.sqlstate, "42703");
    teleai_pool_stats stats;
    OK(teleai_pool_stats_get(db, &stats, &error));
    cr_assert(stats.opened == 1 && stats.discarded == 0, "the connection was not kept");
}

Test(bulk, copies_what_an_insert_writes) {
    static const char compare[] =
        "select count(distinct (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, "
        "sample_rate, "
        "channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, "
        "error_message, metadata))::text || ' ' || count(*) from audio_files";
    for (int form = 0; form < 3; form++) {
        make_inputs(600);
        for (size_t i = 0; i < 600; i++) {
            inputs[i].file_size_bytes = 77;
            if (form == 0)
                continue;
            inputs[i].duration_ms = 123450;
            inputs[i].has_duration = true;
            inputs[i].sample_rate_hz = 16000;
            inputs[i].channels = 2;
            inputs[i].bit_rate_bps = 128000;
            inputs[i].has_sample_rate = inputs[i].has_channels = inputs[i].has_bit_rate = true;
            inputs[i].metadata_json = form == 1 ? "{\"a\": [1, \"\\u00fc\"]}" : "{}";
            inputs[i].status = form == 1 ? TELEAI_AUDIO_FILE_READY : TELEAI_AUDIO_FILE_PROCESSING;
            inputs[i].upload_completed_at_us = inputs[i].processing_started_at_us =
                inputs[i].processing_completed_at_us = 1700000000123456;
            inputs[i].has_upload_completed_at = inputs[i].has_processing_started_at =
                inputs[i].has_processing_completed_at = true;
            inputs[i].error_message = "\t\\N";
        }
        teleai_audio_files *made;
        OK(teleai_audio_file_create_many(db, inputs, 300, NULL, &made, &error));
        teleai_audio_files_free(made);
        OK(teleai_audio_file_create_many(db, inputs + 300, 300, NULL, NULL, &error));
        SAME_TEXT(harness_sql(compare), "1 600");
        harness_sql("delete from users");
    }
}

static void keep(size_t count, bool records, teleai_client *client) {
    teleai_create_many_options options = {.struct_size = sizeof options, .keep_good = true, .errors = errors};
    teleai_audio_files *made = NULL;
    make_inputs(count);
    size_t good = 0;
    for (size_t i = 0; i < count; i++) {
        if (i % 100 == 7)
            inputs[i].user_id = &nobody;
        else if (i % 100 == 13)
            inputs[i].mime_type = "text/html";
        else if (i % 100 == 17)
            inputs[i].id = &ids[0];
        else
            good++;
    }
    OK(teleai_audio_file_create_many(client, inputs, count, &options, records ? &made : NULL, &error));
    cr_assert(!records || made->count == good);
    for (size_t i = 0, at = 0; i < count; i++) {
        teleai_status expected = i % 100 == 7    ? TELEAI_PARENT_NOT_FOUND
                                 : i % 100 == 13 ? TELEAI_INVALID_ARGUMENT
                                 : i % 100 == 17 ? TELEAI_ALREADY_EXISTS
                                                 : TELEAI_OK;
        cr_assert(errors[i].status == expected, "%zu: %s", i, errors[i].message);
        if (records && expected == TELEAI_OK)
            cr_assert(teleai_uuid_equal(&made->items[at++]->id, &ids[i]), "%zu is out of order", i);
    }
    teleai_audio_files_free(made);
    int64_t rows;
    OK(teleai_audio_file_count(client, NULL, &rows, &error));
    cr_assert(rows == (int64_t)good, "%lld rows", (long long)rows);
}

Test(bulk, keeps_the_good_ones) {
    keep(20, true, db);
    harness_sql("delete from users");
    keep(MOST, true, db);
    harness_sql("delete from users");
    keep(MOST, false, db);
    harness_sql("delete from users");
}

Test(bulk, keeps_the_good_ones_in_a_transaction) {
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    keep(300, true, transaction);
    OK(teleai_transaction_commit(transaction, &error));
    teleai_close(transaction);
    SAME_TEXT(count_rows(), "291");
}

Test(bulk, keeps_nothing_when_none_is_good) {
    make_inputs(3);
    for (size_t i = 0; i < 3; i++)
        inputs[i].user_id = &nobody;
    teleai_create_many_options options = {.struct_size = sizeof options, .keep_good = true, .errors = errors};
    teleai_audio_files *made;
    OK(teleai_audio_file_create_many(db, inputs, 3, &options, &made, &error));
    cr_assert(made != NULL && made->count == 0);
    teleai_audio_files_free(made);
    for (size_t i = 0; i < 3; i++)
        cr_assert(errors[i].status == TELEAI_PARENT_NOT_FOUND);
}

Test(bulk, tells_what_became_of_each) {
    make_inputs(5);
    inputs[2].user_id = &nobody;
    teleai_create_many_options options = {.struct_size = sizeof options, .errors = errors};
    teleai_audio_files *made;
    cr_assert(teleai_audio_file_create_many(db, inputs, 5, &options, &made, &error) == TELEAI_PARENT_NOT_FOUND);
    cr_assert(error.item == 2);
    for (size_t i = 0; i < 5; i++)
        cr_assert(errors[i].status == (i == 2 ? TELEAI_PARENT_NOT_FOUND : TELEAI_ABORTED));
    inputs[2].user_id = &user;
    OK(teleai_audio_file_create_many(db, inputs, 5, &options, NULL, &error));
    for (size_t i = 0; i < 5; i++)
        cr_assert(errors[i].status == TELEAI_OK);
}

Test(bulk, keeps_the_good_sessions_with_their_tokens) {
    harness_user(db, &user);
    teleai_uuid_make(&nobody);
    teleai_session_input sessions[6];
    for (size_t i = 0; i < 6; i++)
        sessions[i] = (teleai_session_input){.struct_size = sizeof sessions[i], .user_id = i == 1 ? &nobody : &user};
    sessions[3].expires_at_us = 1;
    teleai_create_many_options options = {.struct_size = sizeof options, .keep_good = true, .errors = errors};
    teleai_sessions *made;
    OK(teleai_session_create_many(db, sessions, 6, &options, &made, &error));
    cr_assert(made->count == 4 && errors[1].status == TELEAI_PARENT_NOT_FOUND &&
              errors[3].status == TELEAI_INVALID_ARGUMENT);
    for (size_t i = 0; i < 4; i++) {
        teleai_identity *identity;
        OK(teleai_session_check(db, made->items[i]->token, &identity, &error));
        cr_assert(teleai_uuid_equal(&identity->session->id, &made->items[i]->id));
        teleai_identity_free(identity);
    }
    teleai_sessions_free(made);
}

Test(bulk, wants_to_tell_somebody) {
    make_inputs(2);
    teleai_create_many_options options = {.struct_size = sizeof options, .keep_good = true};
    FAILS(teleai_audio_file_create_many(db, inputs, 2, &options, NULL, &error), TELEAI_INVALID_ARGUMENT, "errors");
    options.errors = errors;
    teleai_client *batch;
    OK(teleai_batch_open(db, NULL, &batch, &error));
    FAILS(teleai_audio_file_create_many(batch, inputs, 2, &options, NULL, &error), TELEAI_INVALID_ARGUMENT, "client");
    OK(teleai_audio_file_create_many(db, inputs, 2, NULL, NULL, &error));
    teleai_error of_it;
    cr_assert(teleai_audio_file_create_many(batch, inputs, 2, NULL, NULL, &of_it) == TELEAI_OK);
    cr_assert(teleai_batch_flush(batch, &error) == TELEAI_ALREADY_EXISTS);
    cr_assert(of_it.status == TELEAI_ALREADY_EXISTS && of_it.item == 0 && (of_it.flags & TELEAI_ERROR_HAS_ITEM) != 0);
    teleai_close(batch);
}

Test(bulk, copies_in_a_scope) {
    make_inputs(300);
    harness_sql("alter table audio_files alter column error_message set default 'x'");
    teleai_uuid actor;
    teleai_uuid_make(&actor);
    teleai_scope_options options = {.struct_size = sizeof options, .actor_id = &actor, .timeout_ms = 20000};
    teleai_client *scope;
    OK(teleai_scope_open(db, &options, &scope, &error));
    OK(teleai_audio_file_create_many(scope, inputs, 300, NULL, NULL, &error));
    SAME_TEXT(count_rows(), "300");
    teleai_close(scope);
}
