/* teleai --manual: the manual page, in man(7)'s language; made at build time. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "teleai/base.h"

/* Text with what the language takes for its own made plain. */
static void put(const char *text) {
    bool begins = true;
    for (; *text != 0; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        begins = *text == '\n';
    }
}

static void put_option(const option_spec *option, void *data) {
    (void)data;
    printf(".TP\n");
    if (option->letter != 0)
        printf("\\fB\\-%c\\fR, ", option->letter);
    printf("\\fB\\-\\-");
    put(option->name);
    printf("\\fR%s", option->value != NULL ? " \\fI" : "");
    if (option->value != NULL) {
        put(option->value);
        printf("\\fR");
    }
    printf("\n");
    put(option->help);
    printf(".\n");
}

/* Its own options; those that all commands share stand at the end of the page. */
static void put_command(const command *of, const char *path) {
    printf(".SS ");
    put(path);
    if (of->operands != NULL) {
        printf(" ");
        put(of->operands);
    }
    printf("\n");
    put(of->description != NULL ? of->description : of->summary);
    printf(of->description != NULL ? "\n" : ".\n");
    for (const option_spec *option = of->options; option != NULL && option->name != NULL; option++)
        put_option(option, NULL);
    if (of->examples == NULL)
        return;
    printf(".PP\nExamples:\n.PP\n.nf\n.RS\n");
    put(of->examples);
    printf("\n.RE\n.fi\n");
}

static int run(const arguments *given) {
    (void)given;
    printf(".TH TELEAI 1 \"%s\" \"teleai %s\" \"User Commands\"\n", TELEAI_BUILD_DATE, teleai_version());
    printf(".SH NAME\nteleai \\- users, recordings, transcriptions and analyses in PostgreSQL\n"
           ".SH SYNOPSIS\n\\fBteleai\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
           ".SH DESCRIPTION\n"
           "Looks after the database of an audio transcription platform, and shows what is in it.\n"
           "The database is named by \\fB\\-\\-database\\fR, by TELEAI_DATABASE_URL, or by libpq's own variables.\n"
           "\\fBlocal:\\fIDIR\\fR is a private PostgreSQL in a folder, made when it is first used.\n"
           ".SH COMMANDS\n");
    for (const command *const *at = commands; *at != NULL; at++) {
        char path[80];
        if ((*at)->subcommands == NULL) {
            snprintf(path, sizeof path, "teleai %s", (*at)->name);
            put_command(*at, path);
        }
        for (const command *const *sub = (*at)->subcommands; sub != NULL && *sub != NULL; sub++) {
            snprintf(path, sizeof path, "teleai %s %s", (*at)->name, (*sub)->name);
            put_command(*sub, path);
        }
    }
    printf(".SH COMMON OPTIONS\n");
    for (const option_spec *option = database_options; option->name != NULL; option++)
        put_option(option, NULL);
    for (const option_spec *option = list_options; option->name != NULL; option++)
        put_option(option, NULL);
    for (const option_spec *option = common_options; option->name != NULL; option++)
        put_option(option, NULL);
    printf(".SH ENVIRONMENT\n"
           ".TP\n.B TELEAI_DATABASE_URL\nThe database: a libpq connection string, or local:DIR.\n"
           ".TP\n.BR PGHOST \", \" PGDATABASE \", \" PGUSER \", \" PGPASSWORD \", \" PGPASSFILE \", \" PGSERVICE \" "
           "...\"\n"
           "As libpq takes them. Passwords are never taken from the command line.\n"
           ".TP\n.B NO_COLOR\nWhen it is set and not empty, no colours.\n"
           ".TP\n.B COLUMNS\nThe width to print for.\n"
           ".SH EXIT STATUS\n"
           ".TP\n0\nDone.\n.TP\n1\nThe server or the file system refused.\n.TP\n2\nThe command line is wrong.\n"
           ".TP\n3\nWhat was asked for does not exist, or nothing was found.\n.TP\n4\nNo connection.\n"
           ".TP\n5\nDone, with something to look at.\n.TP\n6\nData is in danger (doctor).\n.TP\n130\nInterrupted.\n"
           ".SH SEE ALSO\n.BR psql (1),\n.BR teleai (3)\n");
    return EXIT_OK;
}

const command manual_command = {.name = "--manual", .summary = "print the manual page", .offline = true, .run = run};
