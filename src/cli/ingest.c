/* Registering files, chunk by chunk: hashed, looked up, listened to, registered. */
#include "cli/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- those whose path and size are known ---- */

typedef struct known_path {
    char *path;
    int64_t bytes;
    teleai_uuid id;
} known_path;

typedef struct known_paths {
    known_path *items;
    size_t count, room;
} known_paths;

static int by_path(const void *a, const void *b) {
    return strcmp(((const known_path *)a)->path, ((const known_path *)b)->path);
}

static bool add_known(known_paths *to, const teleai_audio_file *file) {
    if (to->count == to->room) {
        size_t room = to->room * 2 + 256;
        known_path *items = realloc(to->items, room * sizeof *items);
        if (items == NULL)
            return false;
        to->items = items;
        to->room = room;
    }
    to->items[to->count] = (known_path){strdup(file->file_path), file->file_size_bytes, file->id};
    return to->items[to->count].path != NULL && ++to->count > 0;
}

static teleai_status read_known(const ingest *it, known_paths *to, teleai_error *error) {
    const teleai_audio_file_filter filter = {.struct_size = sizeof filter, .user_id = &it->user->id};
    const teleai_page page = {.struct_size = sizeof page, .limit = 1000, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_stream *stream = NULL;
    teleai_audio_files *piece = NULL;
    teleai_status status = teleai_audio_file_stream(it->client, &filter, &page, &stream, error);
    while (status == TELEAI_OK && (status = teleai_audio_file_stream_next(stream, &piece, error)) == TELEAI_OK &&
           piece != NULL) {
        for (size_t i = 0; i < piece->count && status == TELEAI_OK; i++)
            if (!add_known(to, piece->items[i]))
                status = TELEAI_OUT_OF_MEMORY;
        teleai_audio_files_free(piece);
        piece = NULL;
    }
    if (status == TELEAI_OUT_OF_MEMORY)
        *error = (teleai_error){.status = TELEAI_OUT_OF_MEMORY, .message = "out of memory"};
    teleai_stream_close(stream);
    return status;
}

teleai_status ingest_trust_paths(ingest *it, teleai_error *error) {
    known_paths known = {0};
    teleai_status status = read_known(it, &known, error);
    if (status == TELEAI_OK && known.count > 0)
        qsort(known.items, known.count, sizeof *known.items, by_path);
    for (size_t i = 0; status == TELEAI_OK && known.count > 0 && i < it->count; i++) {
        const known_path wanted = {.path = it->files[i].found->path};
        const known_path *found = bsearch(&wanted, known.items, known.count, sizeof wanted, by_path);
        if (it->files[i].state != FILE_LEFT || found == NULL || found->bytes != it->files[i].found->bytes)
            continue;
        it->files[i].state = FILE_KNOWN;
        it->files[i].id = found->id;
    }
    for (size_t i = 0; i < known.count; i++)
        free(known.items[i].path);
    free(known.items);
    return status;
}

/* ---- reading ---- */

static void tick(void *data, const read_task *done) {
    ingest *it = data;
    it->looked_at += done != NULL;
    progress_show(&it->shown, it->looked_at, done != NULL ? done->path : NULL);
}

static void tick_quietly(void *data, const read_task *done) {
    ingest *it = data;
    (void)done;
    progress_show(&it->shown, it->looked_at, NULL);
}

/* Reads those files of a chunk that are not settled; places tells which these are. */
static size_t read_files(ingest *it, ingest_file *files, size_t count, enum reading what, read_task *tasks,
                         size_t *places) {
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (files[i].state != FILE_LEFT || (what == READ_SOUND && files[i].sha256[0] == 0))
            continue;
        tasks[wanted] = (read_task){.path = files[i].found->path, .bytes = files[i].found->bytes};
        places[wanted++] = i;
    }
    it->cannot_read |= !readers_run(it->all, what, tasks, wanted, what == READ_HASH ? tick : tick_quietly, it);
    for (size_t i = 0; i < wanted; i++) {
        ingest_file *file = &files[places[i]];
        const read_result *result = &tasks[i].result;
        if (!tasks[i].done)
            continue;
        if (!result->good) {
            file->state = FILE_BAD;
            snprintf(file->why, sizeof file->why, "%s", result->why);
        } else if (what == READ_HASH) {
            file->modified_us = result->modified_us;
            for (size_t byte = 0; byte < sizeof result->sha256; byte++)
                sprintf(file->sha256 + 2 * byte, "%02x", result->sha256[byte]);
        } else {
            file->sound = result->sound;
            file->state = FILE_NEW;
        }
    }
    return wanted;
}

/* ---- what is there already ---- */

/* Whether a file of this run has the same content; else it is noted. */
static bool is_copy(ingest *it, size_t place) {
    ingest_file *file = &it->files[place];
    char some[16]; /* as good as random */
    snprintf(some, sizeof some, "%.15s", file->sha256);
    size_t at = (size_t)strtoull(some, NULL, 16);
    for (at %= it->seen_room; it->seen[at] != 0; at = (at + 1) % it->seen_room) {
        const ingest_file *other = &it->files[it->seen[at] - 1];
        if (strcmp(other->sha256, file->sha256) != 0 || other->state == FILE_BAD)
            continue;
        snprintf(file->why, sizeof file->why, "the same as %.300s", other->found->path);
        return true;
    }
    it->seen[at] = place + 1;
    return false;
}

/* Asks for all of a chunk in one round trip. */
static teleai_status look_up(ingest *it, ingest_file *files, size_t count, teleai_error *error) {
    teleai_client *batch = NULL;
    teleai_audio_files **lists = calloc(count, sizeof *lists);
    teleai_error *errors = calloc(count, sizeof *errors);
    teleai_status status = TELEAI_OUT_OF_MEMORY;
    if (lists != NULL && errors != NULL)
        status = teleai_batch_open(it->client, NULL, &batch, error);
    else
        *error = (teleai_error){.status = status, .message = "out of memory"};
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        char metadata[96];
        const teleai_audio_file_filter filter = {
            .struct_size = sizeof filter, .user_id = &it->user->id, .metadata_contains_json = metadata};
        const teleai_page page = {.struct_size = sizeof page, .limit = 1};
        snprintf(metadata, sizeof metadata, "{\"sha256\": \"%s\"}", files[i].sha256);
        if (files[i].state == FILE_LEFT && files[i].sha256[0] != 0)
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

static void describe(const ingest *it, ingest_file *file, teleai_audio_file_input *out, char *metadata, size_t room) {
    const char *name = strrchr(file->found->path, '/');
    snprintf(metadata, room, "{\"sha256\": \"%s\", \"codec\": \"%s\"}", file->sha256, file->sound.codec);
    teleai_uuid_make(&file->id);
    *out = (teleai_audio_file_input){.struct_size = sizeof *out,
                                     .id = &file->id,
                                     .user_id = &it->user->id,
                                     .file_name = name == NULL ? file->found->path : name + 1,
                                     .file_path = file->found->path,
                                     .mime_type = file->sound.mime_type,
                                     .metadata_json = metadata,
                                     .file_size_bytes = file->found->bytes,
                                     .duration_ms = file->sound.duration_ms,
                                     .has_duration = file->sound.duration_ms >= 5,
                                     .upload_completed_at_us = file->modified_us,
                                     .has_upload_completed_at = true,
                                     .sample_rate_hz = file->sound.sample_rate_hz,
                                     .has_sample_rate = file->sound.sample_rate_hz > 0,
                                     .channels = file->sound.channels,
                                     .has_channels = file->sound.channels > 0,
                                     .bit_rate_bps = file->sound.bit_rate_bps,
                                     .has_bit_rate = file->sound.bit_rate_bps > 0};
}

typedef struct wanted {
    teleai_audio_file_input *inputs;
    teleai_error *errors;
    char (*metadata)[160];
    size_t *places;
} wanted;

static teleai_status create(ingest *it, ingest_file *files, size_t count, const wanted *room, teleai_error *error) {
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++) {
        if (files[i].state != FILE_NEW)
            continue;
        room->places[chosen] = i;
        describe(it, &files[i], &room->inputs[chosen], room->metadata[chosen], sizeof room->metadata[chosen]);
        chosen++;
    }
    if (chosen == 0 || it->dry_run)
        return TELEAI_OK;
    const teleai_create_many_options options = {
        .struct_size = sizeof options, .errors = room->errors, .keep_good = true};
    teleai_status status = teleai_audio_file_create_many(it->client, room->inputs, chosen, &options, NULL, error);
    for (size_t i = 0; i < chosen; i++) {
        ingest_file *file = &files[room->places[i]];
        if (status != TELEAI_OK)
            file->state = FILE_LEFT;
        else if (room->errors[i].status != TELEAI_OK) {
            file->state = FILE_BAD;
            snprintf(file->why, sizeof file->why, "%s", room->errors[i].message);
        }
    }
    return status;
}

static teleai_status register_files(ingest *it, ingest_file *files, size_t count, teleai_error *error) {
    const wanted room = {calloc(count, sizeof(teleai_audio_file_input)), calloc(count, sizeof(teleai_error)),
                         calloc(count, sizeof(char[160])), calloc(count, sizeof(size_t))};
    teleai_status status = TELEAI_OUT_OF_MEMORY;
    if (room.inputs != NULL && room.errors != NULL && room.metadata != NULL && room.places != NULL)
        status = create(it, files, count, &room, error);
    else
        *error = (teleai_error){.status = status, .message = "out of memory"};
    free(room.inputs);
    free(room.errors);
    free(room.metadata);
    free(room.places);
    return status;
}

teleai_status ingest_chunk(ingest *it, size_t first, size_t count, teleai_error *error) {
    ingest_file *files = it->files + first;
    read_task *tasks = calloc(count, sizeof *tasks);
    size_t *places = calloc(count, sizeof *places);
    teleai_status status = TELEAI_OUT_OF_MEMORY;
    if (tasks != NULL && places != NULL) {
        size_t settled = count - read_files(it, files, count, READ_HASH, tasks, places);
        it->looked_at += (int64_t)settled;
        for (size_t i = 0; i < count; i++)
            if (files[i].state == FILE_LEFT && files[i].sha256[0] != 0 && is_copy(it, first + i))
                files[i].state = FILE_COPY;
        status = look_up(it, files, count, error);
        if (status == TELEAI_OK) {
            read_files(it, files, count, READ_SOUND, tasks, places);
            status = register_files(it, files, count, error);
        }
    } else {
        *error = (teleai_error){.status = status, .message = "out of memory"};
    }
    free(tasks);
    free(places);
    return status;
}
