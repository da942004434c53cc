/*
 * Registers recordings: what is known of each, and a pending transcription that waits for a worker.
 *
 *     TELEAI_TOKEN=... register CONNECTION LIST
 *
 * LIST is a file with one recording a line: its SHA-256, a tab, its path, a tab, where it comes from; what follows a
 * further tab is not for this program. They will belong to the user of the session (see session.c).
 */
#include "common.h"

#include <stdlib.h>

#include "wav.h"

enum outcome { ADDED, KNOWN, UNUSABLE, FAILED };

/* The file and its pending transcription are stored together or not at all: no file is ever left without work to do. */
static bool store(teleai_client *client, const teleai_audio_file_input *file, teleai_error *error) {
    teleai_client *transaction = NULL;
    teleai_audio_file *stored = NULL;
    bool done = false;
    if (teleai_transaction_begin(client, NULL, &transaction, error) == TELEAI_OK &&
        teleai_audio_file_create(transaction, file, &stored, error) == TELEAI_OK) {
        teleai_transcription_input pending = {.struct_size = sizeof pending,
                                              .audio_file_id = &stored->id,
                                              .user_id = file->user_id,
                                              .language_code = "en-US",
                                              .engine = "pocketsphinx"};
        done = teleai_transcription_create(transaction, &pending, NULL, error) == TELEAI_OK &&
               teleai_transaction_commit(transaction, error) == TELEAI_OK;
    }
    teleai_audio_file_free(stored);
    teleai_close(transaction); /* rolls back what was not committed */
    return done;
}

static enum outcome add(teleai_client *client, const teleai_uuid *user_id, const char *sha256, const char *path,
                        const char *source) {
    teleai_error error;
    teleai_audio_files *found = NULL;
    if (find_recording(client, user_id, sha256, &found, &error) != TELEAI_OK) {
        fail("looking for the recording", &error);
        return FAILED;
    }
    bool known = found->count > 0;
    teleai_audio_files_free(found);
    if (known)
        return KNOWN;

    wav sound;
    const char *problem = wav_read(path, &sound, false);
    if (problem != NULL) {
        fprintf(stderr, "%s: %s\n", path, problem);
        return UNUSABLE;
    }
    const char *slash = strrchr(path, '/');
    char metadata[256];
    snprintf(metadata, sizeof metadata, "{\"sha256\": \"%s\", \"source\": \"%s\"}", sha256, source);
    teleai_audio_file_input file = {.struct_size = sizeof file,
                                    .user_id = user_id,
                                    .file_name = slash != NULL ? slash + 1 : path,
                                    .file_path = path,
                                    .mime_type = "audio/wav",
                                    .metadata_json = metadata,
                                    .file_size_bytes = sound.file_bytes,
                                    .duration_ms = sound.duration_ms >= 5 ? sound.duration_ms : 0,
                                    .has_duration = sound.duration_ms >= 5, /* what the column can hold */
                                    .sample_rate_hz = sound.sample_rate_hz,
                                    .has_sample_rate = true,
                                    .channels = sound.channels,
                                    .has_channels = true,
                                    .bit_rate_bps = sound.sample_rate_hz * sound.channels * 16,
                                    .has_bit_rate = true,
                                    .upload_completed_at_us = now_us(),
                                    .has_upload_completed_at = true,
                                    .status = TELEAI_AUDIO_FILE_READY};
    if (!store(client, &file, &error)) {
        fail(path, &error);
        return FAILED;
    }
    return ADDED;
}

/* Cuts the next tab-separated column off a line; "" when there is none. */
static char *column(char **line) {
    char *start = *line;
    char *end = start + strcspn(start, "\t\n");
    *line = *end == '\t' ? end + 1 : end;
    *end = '\0';
    return start;
}

int main(int argc, char **argv) {
    const char *token = getenv("TELEAI_TOKEN");
    FILE *list = argc == 3 && token != NULL ? fopen(argv[2], "r") : NULL;
    if (list == NULL) {
        fprintf(stderr, "usage: TELEAI_TOKEN=... %s CONNECTION LIST\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    teleai_identity *identity = NULL;
    int counts[4] = {0};
    if (teleai_open(argv[1], NULL, &client, &error) != TELEAI_OK ||
        teleai_session_check(client, token, &identity, &error) != TELEAI_OK) {
        fail("opening the database and the session", &error);
        counts[FAILED]++;
        goto done;
    }
    char line[4096];
    while (counts[FAILED] == 0 && fgets(line, sizeof line, list) != NULL) {
        char *rest = line;
        const char *sha256 = column(&rest);
        const char *path = column(&rest);
        const char *source = column(&rest);
        counts[add(client, &identity->user->id, sha256, path, source)]++;
    }
    printf("%d recording(s) registered, %d known already, %d unusable\n", counts[ADDED], counts[KNOWN],
           counts[UNUSABLE]);
done:
    teleai_identity_free(identity);
    teleai_close(client);
    fclose(list);
    return counts[FAILED] == 0 ? 0 : 1;
}
