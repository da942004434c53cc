/* teleai stats: gathers the figures, and hands them to who shows them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/stats.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

#define DAY_US (INT64_C(86400) * 1000000)
#define MOST_DAYS 3660
#define MOST_PEOPLE 1000 /* users that are looked at for the list of those who store most */
#define PEOPLE_SHOWN 10

const teleai_queue_status *stats_part(const stats *of, int32_t kind, size_t place) {
    static const row_state order[STATE_COUNT] = {STATE_DONE, STATE_WORKING, STATE_WAITING, STATE_FAILED};
    for (int state = 0; state < STATE_COUNT; state++) {
        for (size_t i = 0; i < of->queues->count; i++) {
            const teleai_queue_status *queue = of->queues->items[i];
            if (queue->queue_type == kind && state_of(queue) == order[state] && place-- == 0)
                return queue;
        }
    }
    return NULL;
}

/* Everything in one round trip; the first failure. */
static teleai_status ask(teleai_client *client, stats *of, teleai_daily_usages **days, teleai_error *error) {
    teleai_client *batch = NULL;
    teleai_error errors[7];
    teleai_page page = {.struct_size = sizeof page, .limit = MOST_PEOPLE};
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status != TELEAI_OK)
        return status;
    teleai_user_count(batch, NULL, &of->users, &errors[0]);
    teleai_audio_file_count(batch, NULL, &of->files, &errors[1]);
    teleai_transcription_count(batch, NULL, &of->transcriptions, &errors[2]);
    teleai_analysis_count(batch, NULL, &of->analyses, &errors[3]);
    teleai_daily_usage_list(batch, 0, 0, days, &errors[4]);
    teleai_queue_status_list(batch, &of->queues, &errors[5]);
    teleai_user_stats_list(batch, &page, &of->people, &errors[6]);
    teleai_batch_flush(batch, NULL);
    teleai_close(batch);
    for (int i = 0; i < 7; i++) {
        if (errors[i].status != TELEAI_OK) {
            *error = errors[i];
            return errors[i].status;
        }
    }
    return TELEAI_OK;
}

/* The days from one to another, with those on which nothing was. */
static bool fill_days(stats *of, const teleai_daily_usages *days, int64_t from_us, int64_t until_us) {
    of->count = (size_t)((until_us - from_us) / DAY_US);
    of->days = calloc(of->count + 1, sizeof *of->days);
    if (of->days == NULL)
        return false;
    for (size_t i = 0; i < of->count; i++) {
        time_t seconds = (time_t)((from_us + (int64_t)i * DAY_US) / 1000000);
        struct tm utc;
        gmtime_r(&seconds, &utc);
        strftime(of->days[i].date, sizeof of->days[i].date, "%Y-%m-%d", &utc);
    }
    for (size_t i = 0; i < days->count; i++) {
        const teleai_daily_usage *day = days->items[i];
        of->counted += day->total_uploads;
        if (day->day_us < from_us || day->day_us >= until_us)
            continue;
        stats_day *to = &of->days[(day->day_us - from_us) / DAY_US];
        to->uploads = day->total_uploads;
        to->bytes = day->total_bytes_uploaded;
        to->audio_ms = day->total_audio_ms;
        to->users = day->active_users;
        of->sum.uploads = stats_sum(of->sum.uploads, to->uploads);
        of->sum.bytes = stats_sum(of->sum.bytes, to->bytes);
        of->sum.audio_ms = stats_sum(of->sum.audio_ms, to->audio_ms);
        if (to->users > of->sum.users)
            of->sum.users = to->users;
    }
    return true;
}

static int by_storage(const void *a, const void *b) {
    const teleai_user_stats *one = *(const teleai_user_stats *const *)a, *other = *(const teleai_user_stats *const *)b;
    if (one->total_storage_bytes != other->total_storage_bytes)
        return one->total_storage_bytes < other->total_storage_bytes ? 1 : -1;
    return one->total_files < other->total_files ? 1 : one->total_files > other->total_files ? -1 : 0;
}

static bool order_people(stats *of) {
    of->order = calloc(of->people->count + 1, sizeof *of->order);
    if (of->order == NULL)
        return false;
    for (size_t i = 0; i < of->people->count; i++)
        of->order[i] = of->people->items[i];
    qsort(of->order, of->people->count, sizeof *of->order, by_storage);
    while (of->people_shown < of->people->count && of->people_shown < PEOPLE_SHOWN &&
           of->order[of->people_shown]->total_files > 0)
        of->people_shown++;
    of->more_people = of->people->next_cursor != NULL;
    return true;
}

static table *day_table(const stats *of) {
    static const column columns[] = {{"date", "", false, false},
                                     {"uploads", "", true, false},
                                     {"bytes", "", true, false},
                                     {"audio_ms", "", true, false},
                                     {"active_users", "", true, false}};
    table *rows = table_new("days", columns, 5);
    for (size_t i = 0; i < of->count; i++) {
        cell_text(rows, of->days[i].date);
        cell_number(rows, of->days[i].uploads);
        cell_number(rows, of->days[i].bytes);
        cell_number(rows, of->days[i].audio_ms);
        cell_number(rows, of->days[i].users);
    }
    return rows;
}

static table *total_table(const stats *of) {
    static const column columns[] = {{"users", "", true, false},
                                     {"audio_files", "", true, false},
                                     {"transcriptions", "", true, false},
                                     {"analyses", "", true, false}};
    table *rows = table_new("totals", columns, 4);
    cell_number(rows, of->users);
    cell_number(rows, of->files);
    cell_number(rows, of->transcriptions);
    cell_number(rows, of->analyses);
    return rows;
}

static table *queue_table(const stats *of) {
    static const column columns[] = {
        {"queue", "", false, false}, {"status", "", false, false}, {"count", "", true, false}};
    table *rows = table_new("pipeline", columns, 3);
    for (size_t i = 0; i < of->queues->count; i++) {
        const teleai_queue_status *queue = of->queues->items[i];
        cell_text(rows, teleai_queue_type_name(queue->queue_type));
        cell_text(rows, queue->status_name);
        cell_number(rows, queue->count);
    }
    return rows;
}

static table *people_table(const stats *of) {
    static const column columns[] = {{"user_id", "", false, false},      {"email", "", false, false},
                                     {"full_name", "", false, false},    {"audio_files", "", true, false},
                                     {"storage_bytes", "", true, false}, {"audio_ms", "", true, false}};
    table *rows = table_new("top_users", columns, 6);
    for (size_t i = 0; i < of->people_shown; i++) {
        cell_id(rows, &of->order[i]->user_id);
        cell_text(rows, of->order[i]->email);
        cell_text(rows, of->order[i]->full_name);
        cell_number(rows, of->order[i]->total_files);
        cell_number(rows, of->order[i]->total_storage_bytes);
        cell_number(rows, of->order[i]->total_duration_ms);
    }
    return rows;
}

static void print_for_machines(const stats *of, const arguments *given) {
    table *tables[] = {total_table(of), day_table(of), queue_table(of), people_table(of)};
    if (is_given(given, "csv"))
        table_print(tables[1], given, "");
    else
        tables_print_json((const table *const *)tables, 4);
    for (int i = 0; i < 4; i++)
        table_free(tables[i]);
}

static bool write_page(const stats *of, const char *path, output *to) {
    FILE *file = output_find(to, path) ? output_open(to) : NULL;
    if (file != NULL)
        stats_write_html(of, file);
    if (file != NULL && output_close(to, file))
        return true;
    report("%s cannot be written: %s", path, strerror(errno));
    return false;
}

static int present(const stats *of, const arguments *given) {
    const char *page = value_of(given, "html");
    output to = {.is_stdout = false};
    if (page != NULL && !write_page(of, page, &to))
        return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
    if (is_given(given, "json") || is_given(given, "csv"))
        print_for_machines(of, given);
    else if (page == NULL)
        stats_print(of);
    else if (!to.is_stream)
        say("%s is written; open it in a browser.", page);
    return EXIT_OK;
}

/* The first moment of the day, in UTC, that a time is in. */
static int64_t day_of(int64_t us) { return us - (us % DAY_US + DAY_US) % DAY_US; }

static bool read_range(const arguments *given, int64_t *from_us, int64_t *until_us) {
    int64_t days;
    if (!number_of(given, "days", 1, MOST_DAYS, 30, &days) || !time_of(given, "from", true, from_us) ||
        !time_of(given, "until", true, until_us))
        return false;
    if (*until_us == 0)
        *until_us = (int64_t)time(NULL) * 1000000 + DAY_US; /* today is the last day */
    *until_us = day_of(*until_us);
    *from_us = *from_us == 0 ? *until_us - days * DAY_US : day_of(*from_us);
    if (*from_us < *until_us && *until_us - *from_us <= MOST_DAYS * DAY_US)
        return true;
    report("--from must be a day before --until, and at most %d days before it", MOST_DAYS);
    return false;
}

static int run(const arguments *given) {
    int status;
    const char *page = value_of(given, "html");
    if (page != NULL && strcmp(page, "-") == 0 && (is_given(given, "json") || is_given(given, "csv"))) {
        report("--html - is the page on standard output, where --json or --csv cannot be as well");
        return EXIT_USAGE;
    }
    int64_t from_us, until_us;
    teleai_error error;
    teleai_daily_usages *days = NULL;
    stats all = {.name = value_of(given, "title")};
    if (!read_range(given, &from_us, &until_us))
        return EXIT_USAGE;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    if ((is_given(given, "refresh") && teleai_daily_usage_refresh(client, &error) != TELEAI_OK) ||
        ask(client, &all, &days, &error) != TELEAI_OK) {
        status = fail_with(&error);
    } else if (!fill_days(&all, days, from_us, until_us) || !order_people(&all)) {
        report("out of memory");
        status = EXIT_FAILED;
    } else {
        for (size_t i = 0; i < all.queues->count; i++) {
            const teleai_queue_status *queue = all.queues->items[i];
            if (queue->queue_type == TELEAI_QUEUE_AUDIO_FILES && queue->status == TELEAI_AUDIO_FILE_READY)
                all.ready = queue->count;
        }
        status = present(&all, given);
    }
    free(all.days);
    free(all.order);
    teleai_daily_usages_free(days);
    teleai_queue_statuses_free(all.queues);
    teleai_users_stats_free(all.people);
    client_close(client);
    return status;
}

static const option_spec options[] = {
    {"days", 0, "DAYS", "so many days, today included; 30"},
    {"from", 0, "TIME", "from this day on: 2026-11-01, or 90d (ago)"},
    {"until", 0, "TIME", "up to, not including, this day"},
    {"refresh", 0, NULL, "compute the days anew first; else they are as of the last refresh"},
    {"html", 0, "FILE", "write a page with charts, which needs no network, into a file; - is standard output"},
    {"title", 0, "TEXT", "the title of that page"},
    {0},
};

const command stats_command = {
    .name = "stats",
    .summary = "show what was uploaded, and how far it is",
    .description = "Shows how many files were uploaded each day and are ready, how far files, transcriptions and "
                   "analyses are, and "
                   "who stores most. Days are UTC; --csv prints the days, --json everything.",
    .examples = "teleai stats\n"
                "teleai stats --days 90 --refresh\n"
                "teleai stats --from 2026-11-01 --until 2026-12-01 --html november.html\n"
                "teleai stats --json",
    .options = options,
    .lists = true,
    .run = run,
};
