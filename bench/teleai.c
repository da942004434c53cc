/* The same work through teleai. */
#include "subject.h"

#include <stdlib.h>
#include <string.h>
#include <teleai.h>

const char subject_version[] = "teleai";

static teleai_client *client, *batch;

static void must(teleai_status status, const teleai_error *error) {
    if (status != TELEAI_OK)
        subject_die(teleai_status_name(status), error->message);
}

void subject_open(void) {
    teleai_error error;
    teleai_options options = {.struct_size = sizeof options, .max_connections = POOL_CONNECTIONS};
    must(teleai_open("", &options, &client, &error), &error);
    must(teleai_batch_open(client, NULL, &batch, &error), &error);
}

void subject_close(void) {
    teleai_close(batch);
    teleai_close(client);
}

static const teleai_uuid *as_uuid(const subject_id *id) { return (const teleai_uuid *)id->bytes; }

/* ---- reading ---- */

static size_t get(size_t turn) {
    teleai_error error;
    teleai_audio_file *file;
    must(teleai_audio_file_get(client, as_uuid(subject_file(turn)), &file, &error), &error);
    size_t rows = file->file_name != NULL;
    teleai_audio_file_free(file);
    return rows;
}

static size_t list(size_t turn) {
    teleai_error error;
    teleai_audio_files *newest;
    teleai_audio_file_filter filter = {.struct_size = sizeof filter, .user_id = as_uuid(subject_user(turn))};
    must(teleai_audio_file_list(client, &filter, NULL, &newest, &error), &error);
    size_t rows = newest->count;
    teleai_audio_files_free(newest);
    return rows;
}

/* Streamed: no more than two pieces are held. */
static size_t read_long(size_t turn) {
    (void)turn;
    teleai_error error;
    teleai_stream *stream;
    must(teleai_transcription_stream(client, NULL, NULL, &stream, &error), &error);
    size_t rows = 0;
    for (teleai_transcriptions *piece; rows < READ_ROWS; teleai_transcriptions_free(piece)) {
        must(teleai_transcription_stream_next(stream, &piece, &error), &error);
        if (piece == NULL)
            break;
        rows += piece->count;
    }
    teleai_stream_close(stream);
    return rows;
}

static size_t get_batch(size_t turn) {
    const subject_id *ids = subject_gets(turn);
    teleai_error error, errors[GETS];
    teleai_audio_file *files[GETS];
    for (size_t i = 0; i < GETS; i++)
        must(teleai_audio_file_get(batch, as_uuid(&ids[i]), &files[i], &errors[i]), &errors[i]);
    must(teleai_batch_flush(batch, &error), &error);
    size_t rows = 0;
    for (size_t i = 0; i < GETS; i++) {
        must(errors[i].status, &errors[i]);
        rows += files[i]->file_name != NULL;
        teleai_audio_file_free(files[i]);
    }
    return rows;
}

static size_t get_many(size_t turn) {
    const subject_id *first = subject_gets(turn);
    teleai_uuid ids[GETS];
    for (size_t i = 0; i < GETS; i++)
        ids[i] = *as_uuid(&first[i]);
    teleai_error error;
    teleai_audio_files *files;
    must(teleai_audio_file_get_many(client, ids, GETS, &files, &error), &error);
    size_t rows = files->count;
    teleai_audio_files_free(files);
    return rows;
}

static size_t search(size_t turn) {
    (void)turn;
    teleai_error error;
    teleai_search_hits *hits;
    must(teleai_search_transcriptions(client, SEARCHED_WORD, NULL, &hits, &error), &error);
    size_t rows = hits->count;
    teleai_search_hits_free(hits);
    return rows;
}

/* ---- writing ---- */

static size_t create(size_t turn) {
    teleai_error error;
    teleai_audio_file *file;
    teleai_audio_file_input input = {.struct_size = sizeof input,
                                     .user_id = as_uuid(subject_user(turn)),
                                     .file_name = "call.wav",
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1843200,
                                     .sample_rate_hz = 16000,
                                     .has_sample_rate = true,
                                     .channels = 1,
                                     .has_channels = true};
    must(teleai_audio_file_create(client, &input, &file, &error), &error);
    teleai_audio_file_free(file);
    return 1;
}

static size_t create_many(size_t turn) {
    (void)turn;
    static teleai_audio_file_input inputs[AUDIO_ROWS];
    const subject_audio *rows = subject_audio_rows();
    for (size_t i = 0; i < AUDIO_ROWS; i++)
        inputs[i] = (teleai_audio_file_input){.struct_size = sizeof *inputs,
                                              .user_id = as_uuid(rows[i].user),
                                              .file_name = rows[i].name,
                                              .file_path = rows[i].path,
                                              .mime_type = "audio/wav",
                                              .metadata_json = AUDIO_METADATA,
                                              .file_size_bytes = rows[i].size,
                                              .duration_ms = rows[i].duration_ms,
                                              .has_duration = true,
                                              .upload_completed_at_us = UPLOADED_AT_US,
                                              .has_upload_completed_at = true,
                                              .sample_rate_hz = 16000,
                                              .has_sample_rate = true,
                                              .channels = 1,
                                              .has_channels = true,
                                              .bit_rate_bps = 256000,
                                              .has_bit_rate = true,
                                              .status = TELEAI_AUDIO_FILE_READY};
    teleai_error error;
    must(teleai_audio_file_create_many(client, inputs, AUDIO_ROWS, NULL, NULL, &error), &error);
    return AUDIO_ROWS;
}

static size_t create_transcriptions(size_t turn) {
    static teleai_transcription_input inputs[SPEECH_ROWS];
    const subject_speech *rows = subject_speech_rows(turn);
    for (size_t i = 0; i < SPEECH_ROWS; i++)
        inputs[i] = (teleai_transcription_input){.struct_size = sizeof *inputs,
                                                 .audio_file_id = as_uuid(rows[i].file),
                                                 .user_id = as_uuid(rows[i].user),
                                                 .text = rows[i].text,
                                                 .language_code = "en",
                                                 .engine = "bench",
                                                 .confidence = 0.93,
                                                 .has_confidence = true,
                                                 .word_count = 300,
                                                 .has_word_count = true,
                                                 .status = TELEAI_TRANSCRIPTION_COMPLETED};
    teleai_error error;
    must(teleai_transcription_create_many(client, inputs, SPEECH_ROWS, NULL, NULL, &error), &error);
    return SPEECH_ROWS;
}

static size_t load_transcriptions(size_t turn) {
    (void)turn; /* the same texts again: they are not made while time is taken */
    return create_transcriptions(0);
}

const subject_work subject_works[] = {
    {"W1", get},
    {"W2", get},
    {"W3", list},
    {"W4", create},
    {"W5", create_many},
    {"W6", read_long},
    {"W7", get_batch},
    {"W7_get_many", get_many},
    {"search_ranked_common", search},
    {"load_audio_files", create_many},
    {"load_transcriptions", load_transcriptions},
    {"fill", create_transcriptions},
    {NULL, NULL},
};
