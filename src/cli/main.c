/* The `teleai` command: finds what is asked for, parses its arguments, runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "teleai/base.h"

const command *const commands[] = {
    &migrate_command, &local_command,    &user_command,       &ingest_command,  &search_command,
    &show_command,    &queue_command,    &stats_command,      &backup_command,  &restore_command,
    &doctor_command,  &maintain_command, &completion_command, &version_command, NULL,
};

static void print_overview(void) {
    printf("%steleai%s: users, recordings, transcriptions and analyses in PostgreSQL\n\n", paint(PAINT_BOLD),
           paint(PAINT_NONE));
    for (const command *const *at = commands; *at != NULL; at++) {
        printf("  %-12s", (*at)->name);
        print_wrapped((*at)->summary, 14, 14);
    }
    printf("\n");
    print_wrapped("`teleai COMMAND --help` tells more, with examples. What all commands share, such as --database, may "
                  "also stand before the command. The database is named by --database (-d), by "
                  "TELEAI_DATABASE_URL, or by libpq's own variables (PGHOST, PGDATABASE ...); local:DIR is a private "
                  "one in a folder, made when it is first used.",
                  0, 0);
    printf("\nTo begin:\n"
           "  export TELEAI_DATABASE_URL=local:./data\n"
           "  teleai migrate up\n"
           "  teleai user add ann@example.org 'Ann Example'\n\n");
    print_wrapped("Exit status: 0 done; 1 failed; 2 wrong usage; 3 not found; 4 no connection; 5 warnings; 6 data in "
                  "danger; 130 interrupted.",
                  0, 0);
}

/* That there is no command of this name, and what there is instead. */
static void report_unknown(const command *const *among, const char *path, const char *word) {
    const char *like = command_like(among, word);
    if (like != NULL) {
        report("unknown command %s; did you mean `%s %s`?", word, path, like);
        return;
    }
    for (const command *const *at = among == commands ? commands : NULL; at != NULL && *at != NULL; at++) {
        if (command_find((*at)->subcommands, word) == NULL)
            continue;
        report("unknown command %s; did you mean `%s %s %s`?", word, path, (*at)->name, word);
        return;
    }
    char all[300] = "";
    for (size_t length = 0; *among != NULL; among++)
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", length == 0 ? "" : ", ", (*among)->name);
    report("unknown command %s; `%s` has: %s", word, path, all);
}

/* A command line with the words that name a command taken out. */
typedef struct line {
    const command *found;
    char path[80];
    char **words; /* the options, wherever they stood, and the operands */
    int count;
    bool asks_help;
} line;

/* Finds the command, as deep as words name one; the options that all share may stand before and between these. False,
 * having said why. */
static bool find(int count, char **words, line *out) {
    const command *const *among = commands;
    int at = 0;
    snprintf(out->path, sizeof out->path, "teleai");
    while (at < count && among != NULL && strcmp(words[at], "--") != 0) {
        if (words[at][0] == '-' && words[at][1] != 0) {
            int took = arguments_take(&global_command, count - at, words + at);
            if (took == 0)
                return false;
            while (took-- > 0)
                out->words[out->count++] = words[at++];
            continue;
        }
        if (out->found == NULL && !out->asks_help && strcmp(words[at], "help") == 0) {
            out->asks_help = true;
            at++;
            continue;
        }
        const command *next = command_find(among, words[at]);
        if (next == NULL) {
            report_unknown(among, out->path, words[at]);
            return false;
        }
        size_t length = strlen(out->path);
        snprintf(out->path + length, sizeof out->path - length, " %s", next->name);
        out->found = next;
        among = next->subcommands;
        at++;
    }
    while (at < count)
        out->words[out->count++] = words[at++];
    return true;
}

static int run(const command *of, const char *path, int count, char **words) {
    arguments *given = arguments_parse(of, path, count, words);
    if (given == NULL)
        return EXIT_USAGE;
    int status = EXIT_USAGE;
    if (!terminal_begin(value_of(given, "color")))
        report("--color is %s; auto, always or never was expected", value_of(given, "color"));
    else if (is_given(given, "help"))
        command_help(of, path), status = EXIT_OK;
    else if (of->run == NULL)
        report("%s needs a command; see `%s --help`", path, path);
    else
        words_about(of, given), status = of->run(given);
    words_about(NULL, NULL);
    arguments_free(given);
    return status;
}

static int print_version(const arguments *given) {
    (void)given;
    printf("teleai %s\n", teleai_version());
    return EXIT_OK;
}

const command version_command = {.name = "version",
                                 .summary = "print the version",
                                 .examples = "teleai version",
                                 .offline = true,
                                 .run = print_version};

/* The exit status, when what was printed arrived. */
static int end(int status) {
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (interrupted() && (lost || status != EXIT_OK))
        return EXIT_INTERRUPTED;
    if (!lost)
        return status;
    report("the output could not be written");
    return status == EXIT_OK ? EXIT_FAILED : status;
}

static int run_line(const line *given) {
    bool is_help = given->count == 0;
    for (int i = 0; i < given->count; i++)
        is_help |= strcmp(given->words[i], "--help") == 0 || strcmp(given->words[i], "-h") == 0;
    if (given->found == NULL && is_help) {
        print_overview();
        return EXIT_OK;
    }
    if (given->found == NULL) {
        report("no command is given; see `teleai --help`");
        return EXIT_USAGE;
    }
    if (given->asks_help) {
        command_help(given->found, given->path);
        return EXIT_OK;
    }
    return run(given->found, given->path, given->count, given->words);
}

int main(int count, char **words) {
    interrupts_watch();
    terminal_begin(NULL);
    count--, words++;
    if (count > 0 && (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-V") == 0))
        return end(version_command.run(NULL));
    if (count > 0 && strcmp(words[0], manual_command.name) == 0)
        return end(manual_command.run(NULL));
    line given = {.words = calloc((size_t)count + 1, sizeof(char *))};
    int status = given.words != NULL && find(count, words, &given) ? run_line(&given) : EXIT_USAGE;
    free(given.words);
    return end(status);
}
