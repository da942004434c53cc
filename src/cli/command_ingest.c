/* teleai ingest: files of sound, registered. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/ingest.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"

enum { CHUNK = 100, MOST_READERS = 64 };

/* ---- what is printed ---- */

static const char *const states[] = {"left", "new", "known", "copy", "bad"};

typedef struct sums {
    size_t of[5];
    int64_t bytes, ms; /* of the new ones */
} sums;

static sums count_up(const ingest *it) {
    sums all = {{0}, 0, 0};
    for (size_t i = 0; i < it->count; i++) {
        all.of[it->files[i].state]++;
        if (it->files[i].state != FILE_NEW)
            continue;
        all.bytes += it->files[i].found->bytes;
        all.ms += it->files[i].sound.duration_ms;
    }
    return all;
}

/* For programs every file, for eyes those that could not be registered. */
static void print_files(const arguments *given, const ingest *it, bool machine) {
    static const column columns[] = {
        {"path", "File", false, false},         {"why", "Not registered, because", false, true},
        {"state", NULL, false, false},          {"id", NULL, false, false},
        {"sha256", NULL, false, false},         {"mime_type", NULL, false, false},
        {"file_size_bytes", NULL, true, false}, {"duration_ms", NULL, true, false},
        {"sample_rate_hz", NULL, true, false},  {"channels", NULL, true, false},
        {"bit_rate_bps", NULL, true, false}};
    table *rows = table_new("files", columns, 11);
    for (size_t i = 0; i < it->count; i++) {
        const ingest_file *file = &it->files[i];
        const audio *sound = &file->sound;
        bool is_new = file->state == FILE_NEW, has_row = is_new ? !it->dry_run : file->state == FILE_KNOWN;
        if (!machine && file->state != FILE_BAD)
            continue;
        cell_text(rows, file->found->path);
        cell_text(rows, file->why[0] != 0 ? file->why : NULL);
        cell_text(rows, states[file->state]);
        if (has_row)
            cell_id(rows, &file->id);
        else
            cell_text(rows, NULL);
        cell_text(rows, file->sha256[0] != 0 ? file->sha256 : NULL);
        cell_text(rows, is_new ? sound->mime_type : NULL);
        cell_bytes(rows, file->found->bytes);
        cell_duration(rows, is_new, sound->duration_ms);
        const int64_t numbers[] = {sound->sample_rate_hz, sound->channels, sound->bit_rate_bps};
        for (int n = 0; n < 3; n++) {
            if (is_new && numbers[n] > 0)
                cell_number(rows, numbers[n]);
            else
                cell_text(rows, NULL);
        }
    }
    table_print(rows, given, "");
    table_free(rows);
}

static void print_sums(const ingest *it, const sums *all) {
    short_text size, length;
    printf("%s%zu of %zu files", it->dry_run ? "Would register " : "Registered ", all->of[FILE_NEW], it->count);
    if (all->of[FILE_NEW] > 0)
        printf(" (%s, %s of sound)", human_bytes(all->bytes, size), human_duration(all->ms, length));
    printf(".\n");
    if (all->of[FILE_KNOWN] > 0)
        printf("%zu %s registered before.\n", all->of[FILE_KNOWN], all->of[FILE_KNOWN] == 1 ? "was" : "were");
    if (all->of[FILE_COPY] > 0)
        printf("%zu %s the same as another one here.\n", all->of[FILE_COPY], all->of[FILE_COPY] == 1 ? "is" : "are");
    if (all->of[FILE_BAD] > 0)
        printf("%zu cannot be registered:\n\n", all->of[FILE_BAD]);
}

static int finish(const arguments *given, const ingest *it, teleai_status status, const teleai_error *error) {
    const sums all = count_up(it);
    bool machine = is_given(given, "json") || is_given(given, "csv");
    progress_clear();
    if (!machine)
        print_sums(it, &all);
    if (machine || all.of[FILE_BAD] > 0)
        print_files(given, it, machine);
    if (status != TELEAI_OK) {
        int code = fail_with(error);
        hint("what is registered stays; the same command goes on from there");
        return code;
    }
    if (it->cannot_read) {
        report("no process can be started to read files with; %zu are left", all.of[FILE_LEFT]);
        return EXIT_FAILED;
    }
    if (interrupted()) {
        report("interrupted, with %zu files left; the same command goes on from there", all.of[FILE_LEFT]);
        return EXIT_INTERRUPTED;
    }
    return all.of[FILE_BAD] > 0 ? EXIT_WARNINGS : EXIT_OK;
}

/* ---- what is done ---- */

static int take_all(const arguments *given, ingest *it) {
    teleai_error error = {0};
    teleai_status status = is_given(given, "trust-paths") ? ingest_trust_paths(it, &error) : TELEAI_OK;
    it->shown = progress_begin("files", (int64_t)it->count);
    for (size_t first = 0; first < it->count && status == TELEAI_OK && !interrupted() && !it->cannot_read;
         first += CHUNK)
        status = ingest_chunk(it, first, it->count - first < CHUNK ? it->count - first : CHUNK, &error);
    return finish(given, it, status, &error);
}

static int take_files(const arguments *given, ingest *it, const found_files *found) {
    it->count = found->count;
    it->seen_room = found->count * 2 + 1;
    it->files = calloc(found->count, sizeof *it->files);
    it->seen = calloc(it->seen_room, sizeof *it->seen);
    if (it->files == NULL || it->seen == NULL || found->no_memory) {
        report("out of memory");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < found->count; i++) {
        it->files[i].found = &found->items[i];
        if (found->items[i].why == NULL)
            continue;
        it->files[i].state = FILE_BAD;
        snprintf(it->files[i].why, sizeof it->files[i].why, "%s", found->items[i].why);
    }
    int status;
    it->client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (it->client == NULL)
        return status;
    interrupts_cancel(NULL); /* what was begun is ended in good order */
    teleai_user *user = user_of(it->client, value_of(given, "user"), &status);
    it->user = user;
    if (user != NULL)
        status = take_all(given, it);
    teleai_user_free(user);
    client_close(it->client);
    return status;
}

static int run_ingest(const arguments *given) {
    int64_t jobs, processors = sysconf(_SC_NPROCESSORS_ONLN);
    found_files found = {0};
    if (!audio_can_read()) {
        report("this program was built without libavformat, which tells what a file of sound is");
        hint("build it again with libavformat-dev (Debian) or ffmpeg-devel (Fedora)");
        return EXIT_FAILED;
    }
    if (value_of(given, "user") == NULL) {
        report("whose files are these? --user EMAIL, or the id of a user");
        return EXIT_USAGE;
    }
    if (!number_of(given, "jobs", 1, MOST_READERS,
                   processors < 1              ? 1
                   : processors > MOST_READERS ? MOST_READERS
                                               : processors,
                   &jobs))
        return EXIT_USAGE;
    ingest it = {.dry_run = is_given(given, "dry-run"), .all = readers_start((int)jobs)};
    if (it.all == NULL)
        return EXIT_FAILED;
    for (int i = 0; i < operand_count(given); i++)
        walk(&found, operand(given, i));
    int status = EXIT_NOTHING;
    if (interrupted())
        status = EXIT_INTERRUPTED;
    else if (found.count > 0)
        status = take_files(given, &it, &found);
    else
        report("there are no files");
    readers_stop(it.all);
    free(it.files);
    free(it.seen);
    found_files_free(&found);
    return status;
}

static const option_spec options[] = {
    {"user", 'u', "USER", "whose they are: e-mail address or id; required"},
    {"jobs", 'j', "N", "read N files at once; otherwise as many as there are processors"},
    {"dry-run", 'n', NULL, "read and look up, but register nothing"},
    {"trust-paths", 0, NULL,
     "take files for known, unread, whose path and size are registered; changed ones are missed"},
    {0},
};

const command ingest_command = {
    .name = "ingest",
    .summary = "register files of sound, whole folders of them",
    .operands = "PATH...",
    .description = "Registers files for a user. Folders are walked in the order of names; hidden files are passed "
                   "over, links to folders "
                   "not followed. What a file is, how long, and so on is told from its content, never from its name: "
                   "MP3, WAV (PCM), "
                   "Ogg (Vorbis, Opus, FLAC, Speex), WebM, AAC (also in MP4) and FLAC are taken.\n\n"
                   "A file whose content (SHA-256, kept in the metadata) the user has already is not registered again, "
                   "wherever it lies; "
                   "other users' files do not count. So the same command can be run again, after an interruption too, "
                   "and takes what "
                   "is missing: it reads all files for that, or with --trust-paths only those that are not registered "
                   "by path and size.\n\n"
                   "Files that are empty, damaged, or of another kind are told of at the end, and the exit status is 5 "
                   "then. Two runs at "
                   "the same time may register the same file twice.",
    .examples = "teleai ingest --user ann@example.org recordings/\nteleai ingest -u ann@example.org --dry-run --json "
                "a.wav b.mp3",
    .options = options,
    .least = 1,
    .most = -1,
    .lists = true,
    .run = run_ingest,
};
