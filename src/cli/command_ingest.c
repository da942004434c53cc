/* teleai ingest: files of sound, registered. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/ingest.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

enum { CHUNK = 100, MOST_READERS = 64, SETTLE_SECONDS = 3 };

/* ---- what is printed ---- */

static const char *const states[FILE_STATES] = {"left",  "left", "left", "new", "updated",
                                                "known", "copy", "busy", "bad"};

typedef struct sums {
    size_t of[FILE_STATES];
    int64_t bytes, ms; /* of the new ones */
} sums;

static bool is_taken(const ingest_file *file) { return file->state == FILE_NEW || file->state == FILE_UPDATED; }

static sums count_up(const ingest *it) {
    sums all = {.bytes = 0};
    for (size_t i = 0; i < it->count; i++) {
        const ingest_file *file = &it->files[i];
        all.of[file->state]++;
        if (file->state != FILE_NEW)
            continue;
        all.bytes += file->bytes;
        all.ms += file->sound.duration_ms;
    }
    return all;
}

static table *new_table(const char *title) {
    static column columns[] = {{"path", "File", false, false},         {"why", NULL, false, true},
                               {"state", NULL, false, false},          {"id", NULL, false, false},
                               {"sha256", NULL, false, false},         {"mime_type", NULL, false, false},
                               {"file_size_bytes", NULL, true, false}, {"duration_ms", NULL, true, false},
                               {"sample_rate_hz", NULL, true, false},  {"channels", NULL, true, false},
                               {"bit_rate_bps", NULL, true, false}};
    columns[1].title = title;
    return table_new("files", columns, sizeof columns / sizeof *columns);
}

static void add_row(table *rows, const ingest *it, const ingest_file *file) {
    const audio *sound = &file->sound;
    bool is_new = is_taken(file), has_row = file->state == FILE_KNOWN || (is_new && !it->dry_run);
    cell_text(rows, file->found->path);
    cell_text(rows, file->why[0] != 0 ? file->why : NULL);
    cell_text(rows, states[file->state]);
    cell_id_or_none(rows, has_row, &file->id);
    cell_text(rows, file->sha256[0] != 0 ? file->sha256 : NULL);
    cell_text(rows, is_new ? sound->mime_type : NULL);
    cell_bytes(rows, file->sha256[0] != 0 ? file->bytes : file->found->bytes);
    cell_duration(rows, is_new, sound->duration_ms);
    const int64_t numbers[] = {sound->sample_rate_hz, sound->channels, sound->bit_rate_bps};
    for (int n = 0; n < 3; n++) {
        if (is_new && numbers[n] > 0)
            cell_number(rows, numbers[n]);
        else
            cell_text(rows, NULL);
    }
}

/* For programs: every file. */
static void print_all(const arguments *given, const ingest *it) {
    table *rows = new_table("");
    for (size_t i = 0; i < it->count; i++)
        add_row(rows, it, &it->files[i]);
    table_print(rows, given, "");
    table_free(rows);
}

/* For eyes: the files in one state, or those that were taken though something is strange, so many at most. */
static void print_some(const ingest *it, file_state state, const char *title, size_t most) {
    table *rows = new_table(title);
    size_t found = 0;
    for (size_t i = 0; i < it->count; i++) {
        const ingest_file *file = &it->files[i];
        if (file->why[0] == 0 || (state == FILE_NEW ? !is_taken(file) : file->state != state))
            continue;
        if (found++ < most)
            add_row(rows, it, file);
    }
    if (found > 0)
        putchar('\n');
    table_print_for_eyes(rows);
    table_free(rows);
    if (found > most)
        printf("... and %zu more; --json has all\n", found - most);
}

static void print_count(size_t count, const char *one, const char *many) {
    short_text number;
    if (count > 0)
        printf("%s %s.\n", human_number((int64_t)count, number), count == 1 ? one : many);
}

enum { MOST_SHOWN = 20 };

static void print_sums(const ingest *it, const sums *all) {
    short_text size, length;
    printf("%s%zu of %zu files", it->dry_run ? "Would register " : "Registered ", all->of[FILE_NEW], it->count);
    if (all->of[FILE_NEW] > 0)
        printf(" (%s, %s of sound)", human_bytes(all->bytes, size), human_duration(all->ms, length));
    printf(".\n");
    print_count(all->of[FILE_UPDATED], it->dry_run ? "has changed" : "has changed, and its row with it",
                it->dry_run ? "have changed" : "have changed, and their rows with them");
    print_count(all->of[FILE_KNOWN], "was registered before", "were registered before");
    print_count(all->of[FILE_COPY], "is the same as another one here", "are the same as others here");
    print_count(all->of[FILE_BUSY], "is left for the next time, since it is being written",
                "are left for the next time, since they are being written");
    print_count(all->of[FILE_BAD], "cannot be registered", "cannot be registered");
    print_some(it, FILE_NEW, "Registered, but", MOST_SHOWN);
    print_some(it, FILE_COPY, "Not registered again", MOST_SHOWN);
    print_some(it, FILE_BUSY, "Left for the next time, since", SIZE_MAX);
    print_some(it, FILE_BAD, "Not registered, because", SIZE_MAX);
}

static int finish(const arguments *given, const ingest *it, teleai_status status, const teleai_error *error) {
    const sums all = count_up(it);
    size_t left = all.of[FILE_LEFT] + all.of[FILE_FRESH] + all.of[FILE_READ];
    progress_clear();
    if (is_given(given, "json") || is_given(given, "csv"))
        print_all(given, it);
    else
        print_sums(it, &all);
    if (status != TELEAI_OK) {
        int code = fail_with(error);
        hint("what is registered stays; the same command goes on from there");
        return code;
    }
    if (it->cannot_read) {
        report("no process can be started to read files with; %zu are left", left);
        return EXIT_FAILED;
    }
    if (interrupted()) {
        report("interrupted, with %zu files left; the same command goes on from there", left);
        return EXIT_INTERRUPTED;
    }
    return all.of[FILE_BAD] + all.of[FILE_BUSY] > 0 ? EXIT_WARNINGS : EXIT_OK;
}

/* ---- what is done ---- */

static teleai_status take_chunks(ingest *it, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    it->looked_at = 0;
    for (size_t first = 0; first < it->count && status == TELEAI_OK && !interrupted() && !it->cannot_read;
         first += CHUNK)
        status = ingest_chunk(it, first, it->count - first < CHUNK ? it->count - first : CHUNK, error);
    return status;
}

static int take_all(const arguments *given, ingest *it, int64_t settle_s) {
    teleai_error error = {0};
    teleai_status status = is_given(given, "trust-paths") ? ingest_trust_paths(it, &error) : TELEAI_OK;
    it->shown = progress_begin("files", (int64_t)it->count);
    bool set_aside = ingest_set_aside(it, settle_s);
    if (status == TELEAI_OK)
        status = take_chunks(it, &error);
    if (set_aside && status == TELEAI_OK) {
        ingest_settle(it, settle_s);
        status = take_chunks(it, &error);
    }
    int code = finish(given, it, status, &error);
    for (size_t i = 0; i < it->count; i++)
        free(it->files[i].older.metadata);
    known_paths_free(it->paths);
    return code;
}

static int take_files(const arguments *given, ingest *it, const found_files *found, int64_t settle_s) {
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
        status = take_all(given, it, settle_s);
    teleai_user_free(user);
    client_close(it->client);
    return status;
}

static int run_ingest(const arguments *given) {
    int64_t jobs, settle_s, processors = sysconf(_SC_NPROCESSORS_ONLN);
    found_files found = {0};
    if (!audio_can_read()) {
        report("this program was built without libavformat, which tells what a file of sound is");
        hint("build it again with libavformat-dev (Debian) or ffmpeg-devel (Fedora)");
        return EXIT_FAILED;
    }
    if (value_of(given, "user") == NULL) {
        report("--user is missing: whose files are these? It takes an e-mail address, or the id of a user");
        return EXIT_USAGE;
    }
    if (!number_of(given, "jobs", 1, MOST_READERS,
                   processors < 1              ? 1
                   : processors > MOST_READERS ? MOST_READERS
                                               : processors,
                   &jobs) ||
        !number_of(given, "settle", 0, 86400, SETTLE_SECONDS, &settle_s))
        return EXIT_USAGE;
    ingest it = {.dry_run = is_given(given, "dry-run"), .all = readers_start((int)jobs, settle_s > 0)};
    if (it.all == NULL)
        return EXIT_FAILED;
    bool all_there = true;
    for (int i = 0; i < operand_count(given); i++) {
        if (walk(&found, operand(given, i)))
            continue;
        report("%s: %s", operand(given, i), strerror(errno));
        all_there = false;
    }
    int status = EXIT_NOTHING;
    if (interrupted())
        status = EXIT_INTERRUPTED;
    else if (found.count > 0)
        status = take_files(given, &it, &found, settle_s);
    else if (all_there)
        report("there are no files");
    if (!all_there && (status == EXIT_OK || status == EXIT_WARNINGS))
        status = EXIT_NOTHING;
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
    {"settle", 0, "SECONDS", "wait until files were not changed for so long, 3; 0 takes them as they are"},
    {"trust-paths", 0, NULL,
     "take files for known, unread, whose path and size are registered; changed ones are missed"},
    {0},
};

const command ingest_command = {
    .name = "ingest",
    .summary = "register files of sound, whole folders of them",
    .operands = "PATH...",
    .description =
        "Registers files for a user. Folders are walked in the order of names; hidden files are passed "
        "over, links to folders "
        "not followed. What a file is, how long, and so on is told from its content, never from its name: "
        "MP3, WAV (PCM, A-law, mu-law, GSM and others for speech), Ogg (Vorbis, Opus, FLAC, Speex), WebM, AAC "
        "(also in MP4) and FLAC are taken. Where the header says less than what is there, what is there "
        "counts, and that is told.\n\n"
        "A file whose content (SHA-256, kept in the metadata) the user has already is not registered again, "
        "wherever it lies, also by two runs at the same time; other users' files do not count. So the same "
        "command can be run again, after an interruption too, and takes what is missing: it reads all files "
        "for that, or with --trust-paths only those that are not registered by path and size.\n\n"
        "A file that is being written is left for the next time: one that another program has open for "
        "writing, where the system tells, and one that changes while it is looked at or read. Those that "
        "were changed in the last three seconds (--settle) are therefore taken last, when they are as old. "
        "A file that has changed since it was registered takes its row along while nobody has worked on "
        "that; afterwards it is told of.\n\n"
        "Files that are empty, damaged, or of another kind are told of at the end, and the exit status is 5 "
        "then, as for those that are left; it is 3 where a PATH does not exist.",
    .examples = "teleai ingest --user ann@example.org recordings/\nteleai ingest -u ann@example.org --dry-run --json "
                "a.wav b.mp3",
    .options = options,
    .least = 1,
    .most = -1,
    .lists = true,
    .run = run_ingest,
};
