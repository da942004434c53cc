/* The rows of files: looking them up by content, and making them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ingest.h"
#include "cli/words.h"

/* Asks for all of a chunk in one round trip. */
teleai_status ingest_look_up(const ingest *it, teleai_client *client, ingest_file *files, size_t count,
                             file_state state, teleai_error *error) {
    teleai_client *batch = NULL;
    teleai_audio_files **lists = calloc(count, sizeof *lists);
    teleai_error *errors = calloc(count, sizeof *errors);
    teleai_status status = TELEAI_OUT_OF_MEMORY;
    if (lists != NULL && errors != NULL)
        status = teleai_batch_open(client, NULL, &batch, error);
    else
        *error = (teleai_error){.status = status, .message = "out of memory"};
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        char metadata[96];
        const teleai_audio_file_filter filter = {
            .struct_size = sizeof filter, .user_id = &it->user->id, .metadata_contains_json = metadata};
        const teleai_page page = {.struct_size = sizeof page, .limit = 1};
        snprintf(metadata, sizeof metadata, "{\"sha256\": \"%s\"}", files[i].sha256);
        if (files[i].state == state && files[i].sha256[0] != 0)
            status = teleai_audio_file_list(batch, &filter, &page, &lists[i], &errors[i]);
        if (status != TELEAI_OK)
            *error = errors[i];
    }
    if (status == TELEAI_OK)
        status = teleai_batch_flush(batch, error);
    for (size_t i = 0; lists != NULL && i < count; i++) {
        if (status == TELEAI_OK && lists[i] != NULL && lists[i]->count > 0) {
            files[i].state = FILE_KNOWN;
            files[i].id = lists[i]->items[0]->id;
        }
        teleai_audio_files_free(lists[i]);
    }
    teleai_close(batch);
    free(lists);
    free(errors);
    return status;
}

/* ---- registering ---- */

/* What a row has of its own stays; of two members of one name JSON in PostgreSQL keeps the last. */
static char *metadata_of(const ingest_file *file) {
    const char *older = file->older.metadata == NULL ? "{}" : file->older.metadata;
    size_t length = strlen(older), room = length + 160;
    char *made = malloc(room);
    while (length > 0 && older[length - 1] != '}')
        length--;
    if (made != NULL)
        snprintf(made, room, "%.*s%s\"sha256\": \"%s\", \"codec\": \"%s\"}", (int)length - 1, older,
                 length > 2 ? ", " : "", file->sha256, file->sound.codec);
    return made;
}

static teleai_audio_file_input describe(const ingest *it, const ingest_file *file, const char *metadata) {
    const char *name = strrchr(file->found->path, '/');
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .id = &file->id,
                                     .user_id = &it->user->id,
                                     .file_name = name == NULL ? file->found->path : name + 1,
                                     .file_path = file->found->path,
                                     .mime_type = file->sound.mime_type,
                                     .metadata_json = metadata,
                                     .file_size_bytes = file->bytes,
                                     .duration_ms = file->sound.duration_ms >= 5 ? file->sound.duration_ms : 0,
                                     .has_duration = file->sound.duration_ms >= 5,
                                     .upload_completed_at_us = file->modified_us,
                                     .has_upload_completed_at = true,
                                     .sample_rate_hz = file->sound.sample_rate_hz > 0 ? file->sound.sample_rate_hz : 0,
                                     .has_sample_rate = file->sound.sample_rate_hz > 0,
                                     .channels = file->sound.channels > 0 ? file->sound.channels : 0,
                                     .has_channels = file->sound.channels > 0,
                                     .bit_rate_bps = file->sound.bit_rate_bps > 0 ? file->sound.bit_rate_bps : 0,
                                     .has_bit_rate = file->sound.bit_rate_bps > 0};
}

/* Gives the row that has the path of a file what the file is now. */
static teleai_status update_older(const ingest *it, ingest_file *file, teleai_error *error) {
    const teleai_update_options options = {.struct_size = sizeof options,
                                           .if_unchanged_since_us = file->older.updated_at_us};
    const uint64_t fields = TELEAI_AUDIO_FILE_FIELD_MIME_TYPE | TELEAI_AUDIO_FILE_FIELD_METADATA |
                            TELEAI_AUDIO_FILE_FIELD_FILE_SIZE | TELEAI_AUDIO_FILE_FIELD_DURATION |
                            TELEAI_AUDIO_FILE_FIELD_SAMPLE_RATE | TELEAI_AUDIO_FILE_FIELD_CHANNELS |
                            TELEAI_AUDIO_FILE_FIELD_BIT_RATE | TELEAI_AUDIO_FILE_FIELD_UPLOAD_COMPLETED_AT;
    char *metadata = metadata_of(file);
    teleai_audio_file_input input = describe(it, file, metadata);
    teleai_status status =
        it->dry_run ? TELEAI_OK
                    : teleai_audio_file_update(it->client, &file->older.id, &input, fields, &options, NULL, error);
    free(metadata);
    file->state = status == TELEAI_OK ? FILE_UPDATED : FILE_LEFT;
    if (status != TELEAI_CONFLICT && status != TELEAI_NOT_FOUND)
        return status;
    file->state = FILE_BUSY;
    snprintf(file->why, sizeof file->why, "its row is being changed by another program");
    return TELEAI_OK;
}

typedef struct chosen {
    ingest *it;
    ingest_file *files; /* of a chunk */
    size_t *places, count, room;
    teleai_audio_file_input *inputs;
    teleai_error *errors;
    char **metadata;
} chosen;

/*
 * In a serializable transaction: of several runs that look for the same content at the same time, find none and register
 * it, the server lets one through; the others begin anew, and find it.
 */
static teleai_status create(teleai_client *transaction, void *data, teleai_error *error) {
    chosen *of = data;
    size_t count = 0;
    for (size_t i = 0; i < of->count; i++)
        of->files[of->places[i]].state = FILE_READ;
    teleai_status status = ingest_look_up(of->it, transaction, of->files, of->room, FILE_READ, error);
    for (size_t i = 0; status == TELEAI_OK && i < of->count; i++) {
        const ingest_file *file = &of->files[of->places[i]];
        if (file->state == FILE_READ)
            of->inputs[count++] = describe(of->it, file, of->metadata[i]);
    }
    if (status != TELEAI_OK || count == 0)
        return status;
    const teleai_create_many_options options = {.struct_size = sizeof options, .errors = of->errors, .keep_good = true};
    status = teleai_audio_file_create_many(transaction, of->inputs, count, &options, NULL, error);
    for (size_t i = 0, input = 0; status == TELEAI_OK && i < of->count; i++) {
        ingest_file *file = &of->files[of->places[i]];
        if (file->state != FILE_READ)
            continue;
        const teleai_error *came = &of->errors[input++];
        if (came->status == TELEAI_ABORTED) { /* all of it has to be done again */
            *error = *came;
            return came->status;
        }
        if (came->status == TELEAI_OK)
            continue;
        file->state = FILE_BAD;
        said_text text;
        snprintf(file->why, sizeof file->why, "%s", words_of_error(came, text));
    }
    return status;
}

static teleai_status create_all(chosen *of, teleai_error *error) {
    const teleai_transaction_options options = {.struct_size = sizeof options,
                                                .isolation = TELEAI_ISOLATION_SERIALIZABLE};
    bool has_memory = true;
    for (size_t i = 0; i < of->count; i++) {
        ingest_file *file = &of->files[of->places[i]];
        teleai_uuid_make(&file->id);
        of->metadata[i] = metadata_of(file);
        has_memory &= of->metadata[i] != NULL;
    }
    teleai_status status = TELEAI_OUT_OF_MEMORY;
    if (has_memory)
        status = teleai_transaction_run(of->it->client, &options, create, of, NULL, error);
    else
        *error = (teleai_error){.status = status, .message = "out of memory"};
    for (size_t i = 0; i < of->count; i++) {
        free(of->metadata[i]);
        file_state *state = &of->files[of->places[i]].state;
        if (status != TELEAI_OK)
            *state = FILE_LEFT;
        else if (*state == FILE_READ)
            *state = FILE_NEW;
    }
    return status;
}

teleai_status ingest_register(ingest *it, ingest_file *files, size_t count, teleai_error *error) {
    chosen all = {it,
                  files,
                  calloc(count, sizeof(size_t)),
                  0,
                  count,
                  calloc(count, sizeof(teleai_audio_file_input)),
                  calloc(count, sizeof(teleai_error)),
                  calloc(count, sizeof(char *))};
    teleai_status status = TELEAI_OK;
    if (all.places == NULL || all.inputs == NULL || all.errors == NULL || all.metadata == NULL) {
        status = TELEAI_OUT_OF_MEMORY;
        *error = (teleai_error){.status = status, .message = "out of memory"};
    }
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        if (files[i].state != FILE_READ)
            continue;
        if (files[i].older.is_there)
            status = update_older(it, &files[i], error);
        else if (it->dry_run)
            files[i].state = FILE_NEW;
        else
            all.places[all.count++] = i;
    }
    if (status == TELEAI_OK && all.count > 0)
        status = create_all(&all, error);
    free(all.places);
    free(all.inputs);
    free(all.errors);
    free(all.metadata);
    return status;
}
