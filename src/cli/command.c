/* Looking commands and options up, and help. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

const option_spec database_options[] = {
    {"database", 'd', "CONNECTION",
     "connection string, or local:DIR; otherwise TELEAI_DATABASE_URL, or PGHOST and so on"},
    {"tenant", 0, "TENANT", "the tenant whose rows it is about: slug or id; otherwise the default one"},
    {"timeout", 0, "SECONDS", "longest a statement may take; 30"},
    {0},
};

const option_spec list_options[] = {
    {"json", 0, NULL, "print JSON, for programs", .excludes = "csv"},
    {"csv", 0, NULL, "print CSV (RFC 4180)"},
    {0},
};

const char *color_name(int32_t code) {
    static const char *const names[] = {"auto", "always", "never"};
    return NAME_IN(names, code);
}

const option_spec common_options[] = {
    {"color", 0, "WHEN", "auto, always or never; NO_COLOR is heeded", color_name},
    {"help", 'h', NULL, "print this help"},
    {0},
};

const command global_command = {.name = "teleai", .lists = true};

static void each_of(const option_spec *options, void (*each)(const option_spec *, void *), void *data) {
    for (; options != NULL && options->name != NULL; options++)
        each(options, data);
}

void command_options(const command *of, void (*each)(const option_spec *option, void *data), void *data) {
    each_of(of->options, each, data);
    if (of->lists)
        each_of(list_options, each, data);
    if (!of->offline && of->subcommands == NULL)
        each_of(database_options, each, data);
    each_of(common_options, each, data);
}

typedef struct search {
    const char *name;
    char letter;
    const option_spec *found;
} search;

static void look_at(const option_spec *option, void *data) {
    search *wanted = data;
    if (wanted->found == NULL && ((wanted->name != NULL && strcmp(option->name, wanted->name) == 0) ||
                                  (wanted->letter != 0 && option->letter == wanted->letter)))
        wanted->found = option;
}

const option_spec *command_option(const command *of, const char *name, char letter) {
    search wanted = {name, letter, NULL};
    command_options(of, look_at, &wanted);
    return wanted.found;
}

const command *command_find(const command *const *among, const char *name) {
    for (; among != NULL && *among != NULL; among++) {
        if (strcmp((*among)->name, name) == 0)
            return *among;
    }
    return NULL;
}

/* The number of letters to change, add, leave out or swap with the next (Damerau, Levenshtein), for names of up to 31. */
static size_t distance(const char *a, const char *b) {
    size_t rows[32][32], m = strlen(a), n = strlen(b);
    if (n > 31 || m > 31)
        return 99;
    for (size_t i = 0; i <= m; i++) {
        for (size_t j = 0; j <= n; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            size_t best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (rows[i - 1][j] + 1 < best)
                best = rows[i - 1][j] + 1;
            if (rows[i][j - 1] + 1 < best)
                best = rows[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && rows[i - 2][j - 2] + 1 < best)
                best = rows[i - 2][j - 2] + 1;
            rows[i][j] = best;
        }
    }
    return rows[m][n];
}

size_t name_distance(const char *typed, const char *name) {
    size_t length = strlen(typed), most = strlen(name) > 3 ? 2 : 1;
    if (length >= 3 && strncmp(typed, name, length) == 0)
        return 0;
    size_t found = distance(typed, name);
    return found <= most && found < strlen(name) ? found : 99;
}

const char *command_like(const command *const *among, const char *name) {
    const char *best = NULL;
    for (size_t least = 3; among != NULL && *among != NULL; among++) {
        size_t found = name_distance(name, (*among)->name);
        if (found >= least)
            continue;
        least = found;
        best = (*among)->name;
    }
    return best;
}

/* ---- help ---- */

#define OPTION_COLUMN 28

static void print_option(const option_spec *option, void *data) {
    (void)data;
    char left[80];
    int length = snprintf(left, sizeof left, "  %c%c%s --%s%s%s", option->letter ? '-' : ' ',
                          option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                          option->value ? " " : "", option->value ? option->value : "");
    int column = terminal_width() >= 70 ? OPTION_COLUMN : 8;
    if (length + 2 > column)
        printf("%s\n%*s", left, column, "");
    else
        printf("%-*s", column, left);
    print_wrapped(option->help, column, column);
}

static void print_examples(const char *examples) {
    printf("\n%sExamples%s\n", paint(PAINT_BOLD), paint(PAINT_NONE));
    while (*examples != 0) {
        int length = (int)strcspn(examples, "\n");
        printf("  %.*s\n", length, examples);
        examples += length + (examples[length] == '\n');
    }
}

void command_help(const command *of, const char *path) {
    printf("%s%s%s", paint(PAINT_BOLD), path, paint(PAINT_NONE));
    if (of->subcommands != NULL)
        printf(" COMMAND");
    printf(" [OPTION...]%s%s\n\n", of->operands ? " " : "", of->operands ? of->operands : "");
    print_wrapped(of->description != NULL ? of->description : of->summary, 0, 0);
    if (of->subcommands != NULL) {
        printf("\n%sCommands%s\n", paint(PAINT_BOLD), paint(PAINT_NONE));
        for (const command *const *sub = of->subcommands; *sub != NULL; sub++) {
            printf("  %-12s", (*sub)->name);
            print_wrapped((*sub)->summary, 14, 14);
        }
    }
    printf("\n%sOptions%s\n", paint(PAINT_BOLD), paint(PAINT_NONE));
    command_options(of, print_option, NULL);
    if (of->examples != NULL)
        print_examples(of->examples);
}
