/* Files whose path is registered already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ingest.h"
#include "cli/names.h"

typedef struct known_path {
    char *path;
    int64_t bytes;
    teleai_uuid id;
} known_path;

struct known_paths {
    known_path *items;
    size_t count, room;
};

static teleai_status no_memory(teleai_error *error) {
    *error = (teleai_error){.status = TELEAI_OUT_OF_MEMORY, .message = "out of memory"};
    return TELEAI_OUT_OF_MEMORY;
}

/* Of rows with the same path the latest one comes last. */
static int by_path(const void *a, const void *b) {
    const known_path *one = a, *other = b;
    int order = strcmp(one->path, other->path);
    return order != 0 ? order : memcmp(&one->id, &other->id, sizeof one->id);
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

/* Reads all of them, once. */
static teleai_status read_known(ingest *it, teleai_error *error) {
    if (it->paths != NULL)
        return TELEAI_OK;
    it->paths = calloc(1, sizeof *it->paths);
    if (it->paths == NULL)
        return no_memory(error);
    const teleai_audio_file_filter filter = {.struct_size = sizeof filter, .user_id = &it->user->id};
    const teleai_page page = {.struct_size = sizeof page, .limit = 1000, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_stream *stream = NULL;
    teleai_audio_files *piece = NULL;
    teleai_status status = teleai_audio_file_stream(it->client, &filter, &page, &stream, error);
    while (status == TELEAI_OK && (status = teleai_audio_file_stream_next(stream, &piece, error)) == TELEAI_OK &&
           piece != NULL) {
        for (size_t i = 0; i < piece->count && status == TELEAI_OK; i++)
            if (!add_known(it->paths, piece->items[i]))
                status = no_memory(error);
        teleai_audio_files_free(piece);
        piece = NULL;
    }
    teleai_stream_close(stream);
    if (status == TELEAI_OK && it->paths->count > 0)
        qsort(it->paths->items, it->paths->count, sizeof *it->paths->items, by_path);
    return status;
}

static const known_path *find(const known_paths *among, const char *path) {
    size_t low = 0, high = among->count; /* the last one with the path */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(among->items[middle].path, path) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && strcmp(among->items[low - 1].path, path) == 0 ? &among->items[low - 1] : NULL;
}

void known_paths_free(known_paths *all) {
    for (size_t i = 0; all != NULL && i < all->count; i++)
        free(all->items[i].path);
    free(all == NULL ? NULL : all->items);
    free(all);
}

teleai_status ingest_trust_paths(ingest *it, teleai_error *error) {
    teleai_status status = read_known(it, error);
    for (size_t i = 0; status == TELEAI_OK && i < it->count; i++) {
        ingest_file *file = &it->files[i];
        const known_path *row = find(it->paths, file->found->path);
        if ((file->state != FILE_LEFT && file->state != FILE_FRESH) || row == NULL || row->bytes != file->found->bytes)
            continue;
        file->state = FILE_KNOWN;
        file->id = row->id;
    }
    return status;
}

/* A row that nobody has worked on yet may take the new content. */
static void note_older(ingest_file *file, const teleai_audio_file *row) {
    char id[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&row->id, id);
    file->id = row->id;
    if (row->status == TELEAI_AUDIO_FILE_UPLOADED) {
        file->older = (older_row){true, row->id, row->updated_at_us, strdup(row->metadata_json)};
        return;
    }
    file->state = FILE_BAD;
    snprintf(file->why, sizeof file->why,
             "it has changed since it was registered and worked on (%s, %s); give the new one a name of its own", id,
             teleai_audio_file_status_name(row->status));
}

teleai_status ingest_find_older(ingest *it, ingest_file *files, size_t count, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        if (files[i].state != FILE_LEFT || files[i].sha256[0] == 0)
            continue;
        status = read_known(it, error);
        const known_path *known = status == TELEAI_OK ? find(it->paths, files[i].found->path) : NULL;
        teleai_audio_file *row = NULL;
        if (known == NULL)
            continue;
        status = teleai_audio_file_get(it->client, &known->id, &row, error);
        if (status == TELEAI_OK)
            note_older(&files[i], row);
        if (status == TELEAI_NOT_FOUND) /* deleted since */
            status = TELEAI_OK;
        teleai_audio_file_free(row);
    }
    return status;
}
