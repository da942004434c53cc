/* Registering files, chunk by chunk: hashed, looked up, listened to, registered. */
#include "cli/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
            file->state = result->busy ? FILE_BUSY : FILE_BAD;
            snprintf(file->why, sizeof file->why, "%s", result->why);
        } else if (what == READ_HASH) {
            file->bytes = result->bytes;
            file->modified_us = result->modified_us;
            for (size_t byte = 0; byte < sizeof result->sha256; byte++)
                sprintf(file->sha256 + 2 * byte, "%02x", result->sha256[byte]);
        } else if (result->bytes != file->bytes || result->modified_us != file->modified_us) {
            file->state = FILE_BUSY;
            snprintf(file->why, sizeof file->why, "it changed while it was read");
        } else {
            file->sound = result->sound;
            file->state = FILE_READ;
            snprintf(file->why, sizeof file->why, "%s", result->sound.note);
        }
    }
    return wanted;
}

/* Whether a file of this run has the same content; else it is noted. */
static bool is_copy(ingest *it, size_t place) {
    ingest_file *file = &it->files[place];
    char some[16]; /* as good as random */
    snprintf(some, sizeof some, "%.15s", file->sha256);
    size_t at = (size_t)strtoull(some, NULL, 16);
    for (at %= it->seen_room; it->seen[at] != 0; at = (at + 1) % it->seen_room) {
        const ingest_file *other = &it->files[it->seen[at] - 1];
        if (strcmp(other->sha256, file->sha256) != 0 || other->state == FILE_BAD || other->state == FILE_BUSY)
            continue;
        snprintf(file->why, sizeof file->why, "the same as %.300s", other->found->path);
        return true;
    }
    it->seen[at] = place + 1;
    return false;
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
        status = ingest_look_up(it, it->client, files, count, FILE_LEFT, error);
        if (status == TELEAI_OK)
            status = ingest_find_older(it, files, count, error);
        if (status == TELEAI_OK) {
            read_files(it, files, count, READ_SOUND, tasks, places);
            status = ingest_register(it, files, count, error);
        }
    } else {
        *error = (teleai_error){.status = status, .message = "out of memory"};
    }
    free(tasks);
    free(places);
    return status;
}
