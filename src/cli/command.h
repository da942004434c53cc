/*
 * What a command is. This room is the `teleai` program: it includes the public header and nothing else of the library.
 *
 * To add a command: write command_NAME.c with one `const command NAME_command` (and one for each subcommand in its array
 * `subcommands`), declare it in commands.h and name it in main.c's list. Help, the manual page and completion are made
 * of what is said there. run() gets the parsed arguments and returns an exit status: open the database with
 * client_open() (client.h), print rows with a table (table.h), which also does --json and --csv, report what fails with
 * fail_with() (words.h), and look at interrupted() in loops (interrupt.h).
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; part of what users rely on, and told by `teleai help`. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,      /* the server or the file system refused, or something else went wrong */
    EXIT_USAGE = 2,       /* the command line, or a value in it, is wrong */
    EXIT_NOTHING = 3,     /* what was asked for does not exist, or nothing was found */
    EXIT_UNREACHABLE = 4, /* no connection: server away, password refused, nothing configured */
    EXIT_WARNINGS = 5,    /* doctor: something to look at; ingest, backup --verify: not everything is right */
    EXIT_CRITICAL = 6,    /* doctor: data is in danger */
    EXIT_INTERRUPTED = 130
};

/* Gives the names of values, counted from 1, and NULL behind the last one: teleai_role_name() and its like. */
typedef const char *name_function(int32_t code);
#define NAME_IN(names, code) \
    ((code) >= 1 && (size_t)(code) <= sizeof(names) / sizeof *(names) ? (names)[(code)-1] : NULL)

/* An option; arrays of these end with one without a name. */
typedef struct option_spec {
    const char *name;  /* without dashes */
    char letter;       /* 0: none */
    const char *value; /* what its value is called in help; NULL: it is a switch */
    const char *help;
    name_function *choices; /* its values; NULL: any */
    const char *excludes;   /* another option that it does not go with */
} option_spec;

typedef struct arguments arguments;

typedef struct command {
    const char *name;
    const char *summary;     /* half a line */
    const char *operands;    /* as in help: "PATH..."; NULL: none */
    const char *description; /* paragraphs, for help and the manual page; NULL: the summary says it all */
    const char *examples;    /* a command a line, without the prompt */
    const option_spec *options;
    int least, most;        /* operands; most -1: any number */
    name_function *choices; /* of the operand; NULL: any */
    bool is_text;           /* its operands are words that may begin with a dash */
    bool offline;           /* has no options for a database */
    bool lists;             /* has --json and --csv */
    int (*run)(const arguments *given);
    const struct command *const *subcommands; /* ends with NULL; then there is no run() */
} command;

/* Options that commands share; see command.c. */
extern const option_spec database_options[];
extern const option_spec list_options[];
extern const option_spec common_options[];

/* What stands for all of them before a command: the shared options. */
extern const struct command global_command;
const char *color_name(int32_t code);

/* Calls `each` for every option that a command takes, its own first. */
void command_options(const command *of, void (*each)(const option_spec *option, void *data), void *data);
/* The option of this name or letter; NULL when there is none. */
const option_spec *command_option(const command *of, const char *name, char letter);
/* The subcommand of this name. */
const command *command_find(const command *const *among, const char *name);
/* The name of those that is most like `name`, for "did you mean"; NULL when none is. */
const char *command_like(const command *const *among, const char *name);
/* How far a name that was typed is from one that there is: letters that differ, 0 where it is the beginning; more than 2 is
 * another name. */
size_t name_distance(const char *typed, const char *name);

/* Prints a command's help, `path` being how it is called: "teleai migrate up". */
void command_help(const command *of, const char *path);

#endif
