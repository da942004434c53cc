/* The `teleai` command: finds what is asked for, parses its arguments, runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "teleai/base.h"

const command *const commands[] = {
    &migrate_command,    &local_command, &user_command,   &ingest_command,  &search_command, &show_command,
    &queue_command,      &stats_command, &backup_command, &restore_command, &doctor_command, &maintain_command,
    &completion_command, NULL,
};

static void print_overview(void) {
    printf("%steleai%s: users, recordings, transcriptions and analyses in PostgreSQL\n\n", paint(PAINT_BOLD),
           paint(PAINT_NONE));
    for (const command *const *at = commands; *at != NULL; at++) {
        printf("  %-12s", (*at)->name);
        print_wrapped((*at)->summary, 14, 14);
    }
    printf("\n");
    print_wrapped("`teleai COMMAND --help` tells more, with examples. The database is named by --database (-d), by "
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

/* The command that words name, as deep as they go; *used tells how many words that is. NULL, having said why. */
static const command *find(int count, char **words, int *used, char *path, size_t bytes) {
    const command *const *among = commands;
    const command *found = NULL;
    snprintf(path, bytes, "teleai");
    for (*used = 0; *used < count && among != NULL && words[*used][0] != '-'; (*used)++) {
        const command *next = command_find(among, words[*used]);
        if (next == NULL) {
            const char *like = command_like(among, words[*used]);
            if (like != NULL)
                report("%s is no command; did you mean `%s %s`?", words[*used], path, like);
            else
                report("%s is no command; see `%s --help`", words[*used], path);
            return NULL;
        }
        size_t length = strlen(path);
        snprintf(path + length, bytes - length, " %s", next->name);
        found = next;
        among = next->subcommands;
    }
    return found;
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
        status = of->run(given);
    arguments_free(given);
    return status;
}

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

int main(int count, char **words) {
    interrupts_watch();
    terminal_begin(NULL);
    count--, words++;
    if (count > 0 && (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-V") == 0)) {
        printf("teleai %s\n", teleai_version());
        return end(EXIT_OK);
    }
    bool asks_help = count > 0 && strcmp(words[0], "help") == 0;
    if (asks_help)
        count--, words++;
    if (count == 0 || (asks_help && strcmp(words[0], "help") == 0) || strcmp(words[0], "--help") == 0 ||
        strcmp(words[0], "-h") == 0) {
        print_overview();
        return end(EXIT_OK);
    }
    if (strcmp(words[0], manual_command.name) == 0)
        return end(manual_command.run(NULL));
    int used, status;
    char path[80];
    const command *found = find(count, words, &used, path, sizeof path);
    if (found == NULL && used == 0 && words[0][0] == '-')
        report("unknown option %s; options follow the command, see `teleai --help`", words[0]);
    if (found == NULL)
        return EXIT_USAGE;
    if (asks_help)
        command_help(found, path), status = EXIT_OK;
    else
        status = run(found, path, count - used, words + used);
    return end(status);
}
