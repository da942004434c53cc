/* teleai queue: what waits, and for how long. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/names.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

/* Whether rows in this status wait for somebody to do something. */
static bool is_waiting(const teleai_queue_status *queue) {
    return state_of(queue) == STATE_WAITING || state_of(queue) == STATE_WORKING;
}

static void add_row(table *rows, const teleai_queue_status *queue) {
    short_text age, machine;
    bool waits = is_waiting(queue);
    cell_any(rows, queue_title(queue->queue_type), teleai_queue_type_name(queue->queue_type), true);
    cell_text(rows, queue->status_name);
    if (state_of(queue) == STATE_FAILED)
        cell_paint(rows, PAINT_RED);
    else if (waits)
        cell_paint(rows, PAINT_YELLOW);
    cell_number(rows, queue->count);
    snprintf(machine, sizeof machine, "%lld", (long long)(time(NULL) - queue->oldest_item_us / 1000000));
    cell_any(rows, waits ? human_age(queue->oldest_item_us, age) : "", machine, false);
    cell_time(rows, true, queue->oldest_item_us);
    cell_time(rows, true, queue->newest_item_us);
}

static int print_queues(const arguments *given, teleai_client *client) {
    static const column columns[] = {
        {"queue", "Queue", false, false},      {"status", "Status", false, false},
        {"count", "Rows", true, false},        {"oldest_age_s", "Waiting for", true, false},
        {"oldest_at", "Oldest", false, false}, {"newest_at", "Newest", false, false},
    };
    teleai_error error;
    teleai_queue_statuses *queues = NULL;
    if (teleai_queue_status_list(client, &queues, &error) != TELEAI_OK)
        return fail_with(&error);
    table *rows = table_new("queues", columns, 6);
    for (size_t i = 0; i < queues->count; i++) {
        if (!is_given(given, "waiting") || is_waiting(queues->items[i]))
            add_row(rows, queues->items[i]);
    }
    table_print(rows, given, "Nothing waits.");
    table_free(rows);
    teleai_queue_statuses_free(queues);
    return EXIT_OK;
}

/* The files that are not through, the latest first: a row a transcription and analysis of each. */
static int print_files(const arguments *given, teleai_client *client, int32_t limit) {
    static const column columns[] = {
        {"file_name", "File", false, true},        {"stage", "Stage", false, false},
        {"uploaded_at", "Uploaded", false, false}, {"audio_file_id", "Id", false, false},
        {"transcription_id", NULL, false, false},  {"analysis_id", NULL, false, false},
    };
    teleai_error error;
    teleai_pipelines *files = NULL;
    const teleai_pipeline_filter unfinished = {.struct_size = sizeof unfinished, .unfinished = true};
    const teleai_page page = {.struct_size = sizeof page, .limit = limit, .cursor = value_of(given, "cursor")};
    if (teleai_pipeline_list(client, &unfinished, &page, &files, &error) != TELEAI_OK)
        return fail_with(&error);
    table *rows = table_new("files", columns, 6);
    for (size_t i = 0; i < files->count; i++) {
        const teleai_pipeline *file = files->items[i];
        cell_text(rows, file->file_name);
        cell_text(rows, teleai_pipeline_status_name(file->pipeline_status));
        if (file->pipeline_status == TELEAI_PIPELINE_FAILED)
            cell_paint(rows, PAINT_RED);
        cell_time(rows, true, file->audio_uploaded_at_us);
        cell_id(rows, &file->audio_file_id);
        cell_id_or_none(rows, file->has_transcription, &file->transcription_id);
        cell_id_or_none(rows, file->has_analysis, &file->analysis_id);
    }
    table_member(rows, "next_cursor", files->next_cursor);
    table_print(rows, given, "Every file is through.");
    table_free(rows);
    if (files->next_cursor != NULL && !is_given(given, "json") && !is_given(given, "csv"))
        printf("\nMore follow: --cursor %s\n", files->next_cursor);
    teleai_pipelines_free(files);
    return EXIT_OK;
}

static int print(const arguments *given, teleai_client *client, int64_t limit) {
    return is_given(given, "files") ? print_files(given, client, (int32_t)limit) : print_queues(given, client);
}

static int run(const arguments *given) {
    int status;
    int64_t seconds, limit;
    if (!number_of(given, "watch", 1, 86400, 0, &seconds) || !number_of(given, "limit", 1, 10000, 50, &limit))
        return EXIT_USAGE;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    status = print(given, client, limit);
    while (status == EXIT_OK && seconds > 0 && !interrupted()) {
        fflush(stdout);
        for (int64_t tenth = 0; tenth < seconds * 10 && !interrupted(); tenth++)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        if (interrupted())
            break;
        short_text now;
        if (!is_given(given, "json") && !is_given(given, "csv"))
            printf("\n%s%s%s\n", paint(PAINT_DIM), human_time((int64_t)time(NULL) * 1000000, now), paint(PAINT_NONE));
        status = print(given, client, limit);
    }
    client_close(client);
    return interrupted() ? EXIT_INTERRUPTED : status;
}

static const option_spec options[] = {
    {"waiting", 'w', NULL, "only what waits to be done"},
    {"files", 0, NULL, "the files that are not through, and how far each is"},
    {"limit", 'n', "ROWS", "of files, rows at most; 50"},
    {"cursor", 0, "CURSOR", "of files, go on behind an earlier page"},
    {"watch", 0, "SECONDS", "print it again and again; with --json, an object a line"},
    {0},
};

const command queue_command = {
    .name = "queue",
    .summary = "show what waits, and for how long",
    .description =
        "Shows how many audio files, transcriptions and analyses are in which status, and how long the oldest of "
        "those that wait has waited. Looks at every row: for people, not for workers.",
    .examples = "teleai queue\nteleai queue --waiting --watch 10\nteleai queue --files",
    .options = options,
    .lists = true,
    .run = run,
};
