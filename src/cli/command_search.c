/* teleai search: transcriptions by their words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

static bool read_options(const arguments *given, teleai_search_options *options) {
    int64_t limit;
    *options = (teleai_search_options){.struct_size = sizeof *options,
                                       .language_code = value_of(given, "language"),
                                       .engine = value_of(given, "engine"),
                                       .cursor = value_of(given, "cursor"),
                                       .order = is_given(given, "newest") ? TELEAI_SEARCH_NEWEST_FIRST : 0};
    options->status = code_of(given, "status", teleai_transcription_status_name);
    if (!number_of(given, "limit", 1, 1000, 20, &limit) ||
        !fraction_of(given, "min-confidence", &options->min_confidence, &options->has_min_confidence) ||
        !time_of(given, "from", false, &options->created_from_us) ||
        !time_of(given, "until", false, &options->created_until_us))
        return false;
    options->limit = (int32_t)limit;
    return true;
}

/* Whether a byte of the snippet is in a match. */
static bool is_marked(const teleai_search_hit *hit, int32_t at) {
    for (size_t i = 0; i < hit->mark_count; i++) {
        if (at >= hit->marks[i].start && at < hit->marks[i].end)
            return true;
    }
    return false;
}

/* The snippet in lines that fit, its matches in colour, or between brackets where there are no colours. */
static void print_snippet(const teleai_search_hit *hit) {
    if (*paint(PAINT_BOLD) == 0) {
        print_wrapped(hit->snippet_marked, 2, 2);
        return;
    }
    int place = 2;
    for (int32_t at = 0; hit->snippet[at] != 0;) {
        int32_t length = (int32_t)strcspn(hit->snippet + at, " \n");
        char *word = strndup(hit->snippet + at, (size_t)length);
        int columns = word == NULL ? 0 : text_width(word);
        if (place > 2 && place + 1 + columns > terminal_width()) {
            printf("\n  ");
            place = 2;
        } else if (place > 2) {
            putchar(' ');
            place++;
        }
        for (int32_t i = 0; word != NULL && i < length;) { /* parts that are marked, or are not */
            int32_t part = i;
            while (part < length && is_marked(hit, at + part) == is_marked(hit, at + i))
                part++;
            char *same = strndup(word + i, (size_t)(part - i));
            fputs(is_marked(hit, at + i) ? paint(PAINT_BOLD) : "", stdout);
            print_safe(stdout, same == NULL ? "" : same, false);
            fputs(is_marked(hit, at + i) ? paint(PAINT_NONE) : "", stdout);
            free(same);
            i = part;
        }
        place += columns;
        free(word);
        at += length + (hit->snippet[at + length] != 0);
    }
    putchar('\n');
}

static void print_hits(const teleai_search_hits *hits) {
    bool is_narrow = terminal_width() < 90;
    for (size_t i = 0; i < hits->count; i++) {
        const teleai_search_hit *hit = hits->items[i];
        char id[TELEAI_UUID_TEXT_BYTES];
        short_text when;
        teleai_uuid_format(&hit->transcription_id, id);
        printf("%s", paint(PAINT_BLUE));
        print_safe(stdout, hit->file_name, false);
        printf("%s%s%s%s, ", paint(PAINT_NONE), is_narrow ? "\n  " : "  ", paint(PAINT_DIM),
               human_time(hit->created_at_us, when));
        print_safe(stdout, hit->language_code, false);
        printf(",%s%s%s\n  ", is_narrow ? "\n  " : " ", id, paint(PAINT_NONE));
        print_snippet(hit);
    }
    short_text number;
    printf("\n%s%s found", hits->total_is_exact ? "" : "more than ", human_number(hits->total, number));
    if (hits->next_cursor != NULL)
        printf("; more: --cursor %s", hits->next_cursor);
    printf("\n");
}

static void print_rows(const teleai_search_hits *hits, const arguments *given) {
    static const column columns[] = {
        {"transcription_id", "", false, false}, {"audio_file_id", "", false, false}, {"user_id", "", false, false},
        {"file_name", "", false, false},        {"language_code", "", false, false}, {"engine", "", false, false},
        {"snippet", "", false, false},          {"confidence", "", false, false},    {"rank", "", false, false},
        {"created_at", "", false, false},
    };
    table *rows = table_new("hits", columns, 10);
    short_text number;
    for (size_t i = 0; i < hits->count; i++) {
        const teleai_search_hit *hit = hits->items[i];
        cell_id(rows, &hit->transcription_id);
        cell_id(rows, &hit->audio_file_id);
        cell_id(rows, &hit->user_id);
        cell_text(rows, hit->file_name);
        cell_text(rows, hit->language_code);
        cell_text(rows, hit->engine);
        cell_text(rows, hit->snippet_marked);
        cell_fraction(rows, hit->has_confidence, hit->confidence);
        snprintf(number, sizeof number, "%.6f", hit->rank);
        cell_any(rows, number, number, false);
        cell_time(rows, true, hit->created_at_us);
    }
    table_member(rows, "next_cursor", hits->next_cursor);
    table_member(rows, "parsed_query", hits->parsed_query);
    table_member_bool(rows, "total_is_exact", hits->total_is_exact);
    table_member_number(rows, "total", hits->total);
    table_print(rows, given, "");
    table_free(rows);
}

static int print_found(const arguments *given, const teleai_search_hits *hits) {
    if (is_given(given, "json") || is_given(given, "csv"))
        print_rows(hits, given);
    else if (hits->count > 0)
        print_hits(hits);
    else if (hits->parsed_query[0] == 0)
        report("only words such as \"the\" and \"of\", which are not indexed: nothing can be found by them");
    else
        report("nothing found");
    return hits->count > 0 ? EXIT_OK : EXIT_NOTHING;
}

static int run(const arguments *given) {
    int status;
    teleai_error error;
    teleai_search_options options;
    teleai_search_hits *hits = NULL;
    teleai_user *user = NULL;
    if (!read_options(given, &options))
        return EXIT_USAGE;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    char *query = operands_joined(given);
    const char *whose = value_of(given, "user");
    if (whose != NULL && (user = user_of(client, whose, &status)) != NULL)
        options.user_id = &user->id;
    if (whose == NULL || user != NULL) {
        if (teleai_search_transcriptions(client, query, &options, &hits, &error) != TELEAI_OK)
            status = fail_with(&error);
        else
            status = print_found(given, hits);
    }
    teleai_search_hits_free(hits);
    teleai_user_free(user);
    free(query);
    client_close(client);
    return status;
}

static const option_spec options_[] = {
    {"user", 'u', "EMAIL|ID", "only transcriptions of this user"},
    {"language", 'l', "CODE", "only in this language, such as en"},
    {"engine", 0, "ENGINE", "only of this recognizer"},
    {"status", 0, "STATUS", "pending, processing, completed (the default) or failed", teleai_transcription_status_name},
    {"min-confidence", 0, "NUMBER", "only what the recognizer was as sure of: 0 to 1"},
    {"from", 0, "TIME", "made at or after: 2026-11-26, 2026-11-26T10:15, or 30d (ago)"},
    {"until", 0, "TIME", "made before"},
    {"newest", 0, NULL, "newest first; otherwise the best matches first"},
    {"limit", 'n', "HITS", "hits at most; 20"},
    {"cursor", 0, "CURSOR", "go on behind an earlier page"},
    {0},
};

const command search_command = {
    .name = "search",
    .summary = "find transcriptions by their words",
    .operands = "QUERY...",
    .is_text = true,
    .description =
        "Finds transcriptions by their words, as people search the web: words in any form and place, "
        "\"a phrase\", this or that, -without, begin*. Options stand apart from their values here: -d DATABASE. The "
        "exit status is 3 when nothing is found.",
    .examples = "teleai search heart rate\n"
                "teleai search '\"heart rate\" -drill' --from 30d --user ann@example.org\n"
                "teleai search 'cardi* or pulse' --json",
    .options = options_,
    .least = 1,
    .most = -1,
    .lists = true,
    .run = run,
};
