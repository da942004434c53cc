/* The figures of `teleai stats` for eyes: bars, a sparkline, stacked bars. */
#include <stdio.h>
#include <string.h>

#include "cli/stats.h"
#include "cli/table.h"
#include "cli/terminal.h"

#define MOST_BARS 31 /* more days than that are shown by the week */

/* A bar of up to `columns`, in eighths of one where the terminal has such characters. */
static void print_bar(int64_t value, int64_t most, int columns, paint_style style) {
    static const char *const eighths[] = {"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"};
    int parts = most <= 0 ? 0 : (int)((double)value / (double)most * columns * 8 + 0.5);
    if (parts == 0 && value > 0)
        parts = 1;
    int full = parts / 8, rest = parts % 8;
    printf("%s", paint(style));
    for (int i = 0; i < full; i++)
        fputs(terminal_is_utf8() ? "\u2588" : "#", stdout);
    if (rest > 0)
        fputs(terminal_is_utf8() ? eighths[rest] : (rest >= 4 || full == 0) ? "#" : " ", stdout);
    printf("%s%*s", *paint(style) ? paint(PAINT_NONE) : "", columns - full - (rest > 0), "");
}

static void print_sparkline(const stats *of, int columns) {
    static const char *const utf8[] = {"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
    size_t from = of->count > (size_t)columns ? of->count - (size_t)columns : 0;
    int64_t most = 1;
    for (size_t i = from; i < of->count; i++)
        most = of->days[i].uploads > most ? of->days[i].uploads : most;
    printf("%s", paint(PAINT_BLUE));
    for (size_t i = from; i < of->count; i++) {
        int level = (int)(of->days[i].uploads * 7 / most);
        if (terminal_is_utf8())
            fputs(utf8[level], stdout);
        else
            putchar("_.-:=+*#"[level]);
    }
    printf("%s", paint(PAINT_NONE));
}

/* Days, or weeks of seven days, as bars. */
static void print_days(const stats *of) {
    size_t step = of->count > MOST_BARS ? 7 : 1;
    bool narrow = terminal_width() < 70;
    int columns = terminal_width() - (narrow ? 22 : 46);
    int64_t most = 0;
    for (size_t i = 0; i < of->count; i += step) {
        int64_t uploads = 0;
        for (size_t day = i; day < i + step && day < of->count; day++)
            uploads += of->days[day].uploads;
        most = uploads > most ? uploads : most;
    }
    for (size_t i = 0; i < of->count; i += step) {
        stats_day sum = {0};
        short_text number, bytes, audio;
        for (size_t day = i; day < i + step && day < of->count; day++) {
            sum.uploads = stats_sum(sum.uploads, of->days[day].uploads);
            sum.bytes = stats_sum(sum.bytes, of->days[day].bytes);
            sum.audio_ms = stats_sum(sum.audio_ms, of->days[day].audio_ms);
        }
        printf("%s ", of->days[i].date);
        print_bar(sum.uploads, most, columns < 8 ? 8 : columns, PAINT_BLUE);
        printf(" %8s", human_number(sum.uploads, number));
        if (!narrow)
            printf(" %9s  %s", sum.uploads > 0 ? human_bytes(sum.bytes, bytes) : "",
                   sum.uploads > 0 ? human_duration(sum.audio_ms, audio) : "");
        putchar('\n');
    }
}

static const paint_style state_styles[STATE_COUNT] = {PAINT_YELLOW, PAINT_BLUE, PAINT_GREEN, PAINT_RED};
static const char *const state_marks_utf8[STATE_COUNT] = {"\u2591", "\u2592", "\u2588", "\u2593"};
static const char state_marks[STATE_COUNT] = {'.', '-', '#', '!'};

/* One kind of rows: a bar whose parts are the statuses, and what they are. */
static void print_kind(const stats *of, int32_t kind) {
    int64_t total = 0;
    for (size_t i = 0; stats_part(of, kind, i) != NULL; i++)
        total += stats_part(of, kind, i)->count;
    if (total == 0)
        return;
    int columns = terminal_width() < 70 ? terminal_width() - 16 : 40;
    printf("%-14s ", queue_title(kind));
    for (size_t i = 0; stats_part(of, kind, i) != NULL; i++) {
        const teleai_queue_status *queue = stats_part(of, kind, i);
        row_state state = state_of(queue);
        int part = (int)(queue->count * columns / total);
        printf("%s", paint(state_styles[state]));
        for (int drawn = 0; drawn < (part == 0 ? 1 : part); drawn++)
            printf("%.*s", terminal_is_utf8() ? 4 : 1,
                   terminal_is_utf8() ? state_marks_utf8[state] : &state_marks[state]);
        printf("%s", paint(PAINT_NONE));
    }
    printf("\n%15s", "");
    bool first = true;
    for (size_t i = 0; stats_part(of, kind, i) != NULL; i++) {
        const teleai_queue_status *queue = stats_part(of, kind, i);
        row_state state = state_of(queue);
        short_text number;
        printf("%s%s", first ? "" : terminal_width() < 70 ? "\n               " : "   ", paint(state_styles[state]));
        printf("%.*s%s ", terminal_is_utf8() ? 4 : 1,
               terminal_is_utf8() ? state_marks_utf8[state] : &state_marks[state], paint(PAINT_NONE));
        print_safe(stdout, queue->status_name, false);
        printf(" %s", human_number(queue->count, number));
        first = false;
    }
    putchar('\n');
}

static void print_people(const stats *of) {
    static const column columns[] = {{"email", "Stores most", false, true},
                                     {"files", "Files", true, false},
                                     {"bytes", "Size", true, false},
                                     {"audio", "Audio", true, false}};
    table *rows = table_new("top_users", columns, 4);
    for (size_t i = 0; i < of->people_shown; i++) {
        cell_text(rows, of->order[i]->email);
        cell_number(rows, of->order[i]->total_files);
        cell_bytes(rows, of->order[i]->total_storage_bytes);
        cell_duration(rows, true, of->order[i]->total_duration_ms);
    }
    putchar('\n');
    table_print_for_eyes(rows);
    table_free(rows);
    if (of->more_people)
        printf("(of the %zu users that were looked at; there are more)\n", of->people->count);
}

void stats_print(const stats *of) {
    short_text a, b, c, d;
    char line[200];
    snprintf(line, sizeof line, "%s user%s, %s audio file%s, %s transcription%s, %s analys%s",
             human_number(of->users, a), of->users == 1 ? "" : "s", human_number(of->files, b),
             of->files == 1 ? "" : "s", human_number(of->transcriptions, c), of->transcriptions == 1 ? "" : "s",
             human_number(of->analyses, d), of->analyses == 1 ? "is" : "es");
    print_wrapped(line, 0, 0);
    putchar('\n');
    printf("%sReady files%s%s%s to %s (UTC)%s", paint(PAINT_BOLD), paint(PAINT_NONE),
           terminal_width() < 60 ? "\n" : ", ", of->days[0].date, of->days[of->count - 1].date,
           of->count > MOST_BARS ? ", by the week" : "");
    if (terminal_width() >= 80 && of->sum.uploads > 0) {
        printf("  ");
        print_sparkline(of, terminal_width() - 70);
    }
    printf("\n");
    if (of->sum.uploads > 0)
        print_days(of);
    if (of->sum.uploads > 0)
        snprintf(line, sizeof line, "%s ready file%s, %s, %s of audio", human_number(of->sum.uploads, a),
                 of->sum.uploads == 1 ? "" : "s", human_bytes(of->sum.bytes, b), human_duration(of->sum.audio_ms, c));
    else
        snprintf(line, sizeof line, "none");
    print_wrapped(line, 0, 0);
    if (of->ready > of->counted) {
        snprintf(line, sizeof line,
                 of->ready - of->counted == 1 ? "%s ready file is not counted there yet: --refresh counts it"
                                              : "%s ready files are not counted there yet: --refresh counts them",
                 human_number(of->ready - of->counted, a));
        print_wrapped(line, 0, 0);
    }
    if (of->queues->count > 0)
        printf("\n%sPipeline%s\n", paint(PAINT_BOLD), paint(PAINT_NONE));
    for (int32_t kind = 1; kind <= 3; kind++)
        print_kind(of, kind);
    if (of->people_shown > 0)
        print_people(of);
}
