/*
 * The figures of `teleai stats` as one page: HTML, CSS and SVG in one file, no script, nothing from the network. It follows
 * the reader's choice of light and dark, and fits a telephone. All text from the database is escaped.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/stats.h"
#include "cli/table.h"
#include "cli/terminal.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1a2230;--soft:#5c6778;--line:#e3e7ee;--page:#f5f7fa;--card:#fff;"
    "--bar:#3867d6;--done:#2a9d6f;--work:#3867d6;--wait:#e0a526;--fail:#d64550}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8ecf3;--soft:#98a3b5;--line:#2c3544;--page:#12171f;--card:#1a212c;"
    "--bar:#6d94f2;--done:#48bd8d;--work:#6d94f2;--wait:#e8b94a;--fail:#ef6a74}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);"
    "font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "main{max-width:1080px;margin:0 auto;padding:32px 20px 48px}h1{font-size:26px;margin:0}h2{font-size:16px;margin:0 "
    "0 14px}\n"
    ".sub{color:var(--soft);margin:4px 0 24px}.card{background:var(--card);border:1px solid "
    "var(--line);border-radius:12px;"
    "padding:20px;margin-bottom:18px}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:14px;margin-bottom:18px}"
    ".tile{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}"
    ".tile "
    "b{display:block;overflow-wrap:anywhere;font-size:22px;line-height:1.3;font-variant-numeric:tabular-nums}.tile "
    "span{color:var(--soft);font-size:13px}\n"
    ".two "
    ".card{margin:0}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(300px,100%),1fr));gap:18px}\n"
    "svg{display:block;width:100%;height:auto;overflow:visible}svg.small{display:none}svg "
    "text{fill:var(--soft);font-size:11px}"
    ".grid{stroke:var(--line);stroke-width:1}.bar{fill:var(--bar)}.bar:hover{opacity:.75}\n"
    ".s0{fill:var(--wait);background:var(--wait)}.s1{fill:var(--work);background:var(--work)}"
    ".s2{fill:var(--done);background:var(--done)}.s3{fill:var(--fail);background:var(--fail)}\n"
    ".kind{margin-bottom:16px}.kind:last-child{margin:0}.key{display:flex;flex-wrap:wrap;gap:4px "
    "16px;color:var(--soft);"
    "margin-top:6px;font-size:13px}.key "
    "i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}\n"
    "table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}th{color:var(--soft);font-weight:500;"
    "text-align:right;padding:4px 0 8px 12px}td{text-align:right;padding:7px 0 7px 12px;border-top:1px solid "
    "var(--line);"
    "white-space:nowrap}th:first-child,td:first-child{text-align:left;padding-left:0;overflow-wrap:anywhere;"
    "white-space:normal}.note{color:var(--soft);font-size:13px;margin:10px 0 0}\n"
    "@media(max-width:560px){main{padding:20px 14px}.card{padding:16px 14px}.big{display:none}"
    "table{font-size:13px}th,td{padding-left:8px}"
    "svg.small{display:block}svg text{font-size:15px}}\n"
    "@media print{body{background:none}.card,.tile{break-inside:avoid}}\n";

static void put_text(FILE *to, const char *text) {
    char *safe = safe_text(text, false);
    for (const char *at = safe == NULL ? "?" : safe; *at != 0; at++) {
        switch (*at) {
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '&':
            fputs("&amp;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        default:
            fputc(*at, to);
        }
    }
    free(safe);
}

static void put_tile(FILE *to, const char *value, const char *what) {
    fprintf(to, "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n", value, what);
}

/* A duration in one unit: of two, the second would not fit, nor say much. */
static const char *round_duration(int64_t ms, short_text out) {
    short_text hours;
    if (ms >= INT64_C(36000000))
        snprintf(out, sizeof(short_text), "%.30s h", human_number(ms / 3600000, hours));
    else if (ms >= 3600000)
        snprintf(out, sizeof(short_text), "%.1f h", (double)ms / 3600000);
    else if (ms >= 60000)
        snprintf(out, sizeof(short_text), "%d min", (int)((ms + 30000) / 60000));
    else
        human_duration(ms, out);
    return out;
}

/* The next number that an axis may end with, so that a quarter of it is round too, or even whole. */
static double round_up(double value, bool is_whole) {
    static const double ends[] = {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10, 12};
    if (is_whole && value < 4)
        return 4;
    double step = value <= 0 ? 1 : pow(10, floor(log10(value)));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        double end = ends[i] * step, quarter = end / 4;
        if (value <= end && (!is_whole || fabs(quarter - round(quarter)) < 1e-9))
            return end;
    }
    return step * 20;
}

/* A chart is drawn twice, and shown as the window is: for wide ones, and so that it can be read on a telephone. */
typedef struct chart {
    const char *class;
    int width, height, left, bottom, labels;
} chart;

static const chart charts[] = {{"big", 1000, 240, 56, 30, 7}, {"small", 480, 260, 52, 34, 4}};
#define TOP 10

typedef struct measure {
    const char *title, *unit;
    bool is_whole;
} measure;

static const measure uploads = {"Ready files by day of upload", "ready files", true};
static const measure hours = {"Hours of ready audio by day of upload", "hours", false};

static double value_of_day(const measure *what, const stats_day *day) {
    return what == &uploads ? (double)day->uploads : (double)day->audio_ms / 3600000;
}

static void put_axis(FILE *to, const chart *in, const measure *what, double most) {
    for (int line = 0; line <= 4; line++) {
        double value = most * line / 4, y = TOP + (in->height - TOP - in->bottom) * (1 - line / 4.0);
        int digits = what->is_whole || most >= 40 ? 0 : most < 4 ? 2 : 1;
        fprintf(to, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", in->left, in->width, y, y);
        fprintf(to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.*f</text>\n", in->left - 8, y + 4, digits, value);
    }
}

/* A bar a day, with its figures as a title that shows when one points at it. */
static void put_chart(FILE *to, const stats *of, const chart *in, const measure *what, double most) {
    double step = (double)(in->width - in->left) / (double)of->count;
    double room = in->height - TOP - in->bottom, width = step > 4 ? step * 0.72 : step;
    size_t every = of->count / (size_t)in->labels + 1; /* labels that do not run into each other */
    fprintf(to, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", in->class, in->width,
            in->height, what->title);
    put_axis(to, in, what, most);
    for (size_t i = 0; i < of->count; i++) {
        const stats_day *day = &of->days[i];
        double value = value_of_day(what, day), height = value / most * room;
        double x = in->left + (double)i * step + (step - width) / 2;
        if (value > 0)
            fprintf(to,
                    "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"><title>%s: "
                    "%.*f %s</title></rect>\n",
                    x, TOP + room - height, width, height, width > 8 ? 2.0 : 0.0, day->date, what->is_whole ? 0 : 1,
                    value, what->unit);
        if ((of->count - 1 - i) % every == 0 && x + width / 2 > in->left + 24) /* the last day has one */
            fprintf(to, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
                    i + 1 == of->count ? in->width : x + width / 2, in->height - 6,
                    i + 1 == of->count ? "end" : "middle", day->date + 5);
    }
    fprintf(to, "</svg>\n");
}

static void put_charts(FILE *to, const stats *of, const measure *what) {
    double most = 0;
    for (size_t i = 0; i < of->count; i++)
        most = fmax(most, value_of_day(what, &of->days[i]));
    most = round_up(most, what->is_whole);
    fprintf(to, "<section class=\"card\"><h2>%s</h2>\n", what->title);
    for (size_t i = 0; i < sizeof charts / sizeof *charts; i++)
        put_chart(to, of, &charts[i], what, most);
    fprintf(to, "</section>\n");
}

static void put_kind(FILE *to, const stats *of, int32_t kind) {
    int64_t total = 0;
    double x = 0;
    short_text number;
    for (size_t i = 0; stats_part(of, kind, i) != NULL; i++)
        total += stats_part(of, kind, i)->count;
    if (total == 0)
        return;
    fprintf(
        to,
        "<div class=\"kind\"><div>%s <span style=\"color:var(--soft)\">%s</span></div>\n<svg viewBox=\"0 0 1000 22\" "
        "preserveAspectRatio=\"none\" style=\"height:16px;margin-top:6px;border-radius:5px;overflow:hidden\" "
        "role=\"img\" aria-label=\"%s by status\">\n",
        queue_title(kind), human_number(total, number), queue_title(kind));
    for (size_t i = 0; stats_part(of, kind, i) != NULL; i++) {
        const teleai_queue_status *queue = stats_part(of, kind, i);
        double width = (double)queue->count / (double)total * 1000;
        fprintf(to, "<rect class=\"s%d\" x=\"%.1f\" width=\"%.1f\" height=\"22\"><title>", state_of(queue), x, width);
        put_text(to, queue->status_name);
        fprintf(to, ": %s</title></rect>\n", human_number(queue->count, number));
        x += width;
    }
    fprintf(to, "</svg><div class=\"key\">");
    for (size_t i = 0; stats_part(of, kind, i) != NULL; i++) {
        const teleai_queue_status *queue = stats_part(of, kind, i);
        fprintf(to, "<span><i class=\"s%d\"></i>", state_of(queue));
        put_text(to, queue->status_name);
        fprintf(to, " %s</span>", human_number(queue->count, number));
    }
    fprintf(to, "</div></div>\n");
}

static void put_people(FILE *to, const stats *of) {
    short_text files, bytes, audio;
    fprintf(to, "<section class=\"card\"><h2>Who stores most</h2>\n<table><tr><th>User</th><th>Files</th><th>Size</th>"
                "<th>Audio</th></tr>\n");
    for (size_t i = 0; i < of->people_shown; i++) {
        const teleai_user_stats *person = of->order[i];
        fprintf(to, "<tr><td title=\"");
        put_text(to, person->full_name);
        fprintf(to, "\">");
        put_text(to, person->email);
        fprintf(to, "</td><td>%s</td><td>%s</td><td>%s</td></tr>\n", human_number(person->total_files, files),
                human_bytes(person->total_storage_bytes, bytes), human_duration(person->total_duration_ms, audio));
    }
    fprintf(to, "</table>");
    if (of->more_people)
        fprintf(to, "<p class=\"note\">Of the %zu users that were looked at; there are more.</p>", of->people->count);
    fprintf(to, "</section>\n");
}

void stats_write_html(const stats *of, FILE *to) {
    short_text a, now;
    const char *title = of->name != NULL ? of->name : "Audio transcription";
    fprintf(to, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    put_text(to, title);
    fprintf(to, "</title>\n<style>\n%s</style>\n</head>\n<body><main>\n<h1>", style);
    put_text(to, title);
    fprintf(to, "</h1>\n<p class=\"sub\">%s to %s (UTC), written %s</p>\n<div class=\"tiles\">\n", of->days[0].date,
            of->days[of->count - 1].date, human_time((int64_t)time(NULL) * 1000000, now));
    put_tile(to, human_number(of->sum.uploads, a), of->sum.uploads == 1 ? "ready file" : "ready files");
    put_tile(to, round_duration(of->sum.audio_ms, a), "of ready audio");
    put_tile(to, human_bytes(of->sum.bytes, a), "of ready files");
    put_tile(to, human_number(of->users, a), of->users == 1 ? "user" : "all users");
    put_tile(to, human_number(of->transcriptions, a), of->transcriptions == 1 ? "transcription" : "all transcriptions");
    put_tile(to, human_number(of->analyses, a), of->analyses == 1 ? "analysis" : "all analyses");
    fprintf(to, "</div>\n");
    put_charts(to, of, &uploads);
    put_charts(to, of, &hours);
    if (of->ready > of->counted)
        fprintf(to, "<p class=\"note\">%s ready %s not counted yet: the days are as of the last refresh.</p>\n",
                human_number(of->ready - of->counted, a), of->ready - of->counted == 1 ? "file is" : "files are");
    fprintf(to, "<div class=\"two\">\n<section class=\"card\"><h2>Pipeline</h2>\n");
    for (int32_t kind = 1; kind <= 3; kind++)
        put_kind(to, of, kind);
    if (of->queues->count == 0)
        fprintf(to, "<p class=\"note\">Nothing yet.</p>");
    fprintf(to, "</section>\n");
    put_people(to, of);
    fprintf(to, "</div>\n</main></body>\n</html>\n");
}
