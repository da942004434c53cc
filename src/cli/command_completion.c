/* teleai completion: what shells source, made of the same descriptions as the help. */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/report.h"

static void print_long(const option_spec *option, void *data) {
    (void)data;
    printf(" --%s", option->name);
}

static void each_command(void (*each)(const command *of, const command *parent)) {
    for (const command *const *at = commands; *at != NULL; at++) {
        each(*at, NULL);
        for (const command *const *sub = (*at)->subcommands; sub != NULL && *sub != NULL; sub++)
            each(*sub, *at);
    }
}

/* ---- bash ---- */

static void bash_path(const command *of, const command *parent) {
    printf(" | \"%s%s%s\"", parent ? parent->name : "", parent ? " " : "", of->name);
}

static void bash_case(const command *of, const command *parent) {
    printf("        \"%s%s%s\")\n            commands=\"", parent ? parent->name : "", parent ? " " : "", of->name);
    for (const command *const *sub = of->subcommands; sub != NULL && *sub != NULL; sub++)
        printf("%s ", (*sub)->name);
    printf("\"\n            options=\"");
    command_options(of, print_long, NULL);
    printf("\" ;;\n");
}

/* Options where a word begins with a dash, else commands, else what the shell offers: files. */
static void print_bash(void) {
    printf("# bash completion for teleai\n"
           "_teleai() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} at=\"\" commands=\"\" options=\"\" word\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case \"${at:+$at }$word\" in\n"
           "            \"\"");
    each_command(bash_path);
    printf(") at=\"${at:+$at }$word\" ;;\n"
           "        esac\n"
           "    done\n"
           "    case $at in\n"
           "        \"\")\n            commands=\"");
    for (const command *const *at = commands; *at != NULL; at++)
        printf("%s ", (*at)->name);
    printf("help\"\n            options=\"--help --version\" ;;\n");
    each_command(bash_case);
    printf("    esac\n"
           "    [[ $current == -* ]] && commands=$options\n"
           "    COMPREPLY=($(compgen -W \"$commands\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -o bashdefault -F _teleai teleai\n");
}

/* ---- fish ---- */

static const command *fish_parent, *fish_of;

static void fish_option(const option_spec *option, void *data) {
    (void)data;
    printf("complete -c teleai -n '__fish_seen_subcommand_from %s", fish_parent ? fish_parent->name : fish_of->name);
    if (fish_parent != NULL)
        printf("; and __fish_seen_subcommand_from %s", fish_of->name);
    printf("' -l %s%s -d \"%s\"", option->name, option->value ? " -r" : "", option->help);
    if (option->letter != 0)
        printf(" -s %c", option->letter);
    printf("\n");
}

static void fish_command(const command *of, const command *parent) {
    printf("complete -c teleai -f -n '");
    if (parent == NULL)
        printf("__fish_use_subcommand");
    else
        printf("__fish_seen_subcommand_from %s", parent->name);
    printf("' -a %s -d \"%s\"\n", of->name, of->summary);
    fish_parent = parent;
    fish_of = of;
    if (of->subcommands == NULL)
        command_options(of, fish_option, NULL);
}

static void print_fish(void) {
    printf("# fish completion for teleai\n");
    each_command(fish_command);
}

/* ---- zsh ---- */

/* "name:what it is", in quotes. */
static void zsh_word(const char *dashes, const char *name, const char *what) {
    printf(" '%s%s:", dashes, name);
    for (; *what != 0; what++)
        fputs(*what == '\'' ? "'\\''" : (char[]){*what, 0}, stdout);
    printf("'");
}

static void zsh_option(const option_spec *option, void *data) {
    (void)data;
    zsh_word("--", option->name, option->help);
}

static void zsh_case(const command *of, const command *parent) {
    printf("    (\"%s%s%s\")\n        commands=(", parent ? parent->name : "", parent ? " " : "", of->name);
    for (const command *const *sub = of->subcommands; sub != NULL && *sub != NULL; sub++)
        zsh_word("", (*sub)->name, (*sub)->summary);
    printf(")\n        options=(");
    command_options(of, zsh_option, NULL);
    printf(") ;;\n");
}

/* A file for $fpath: zsh makes a function of it. */
static void print_zsh(void) {
    printf("#compdef teleai\n"
           "local at=\"\" word\n"
           "local -a commands options\n"
           "for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
           "    case \"${at:+$at }$word\" in\n"
           "    (\"\"");
    each_command(bash_path);
    printf(") at=\"${at:+$at }$word\" ;;\n"
           "    esac\n"
           "done\n"
           "case $at in\n"
           "    (\"\")\n        commands=(");
    for (const command *const *at = commands; *at != NULL; at++)
        zsh_word("", (*at)->name, (*at)->summary);
    zsh_word("", "help", "tell more about a command");
    printf(")\n        options=(");
    zsh_word("--", "help", "print the overview");
    zsh_word("--", "version", "print the version");
    printf(") ;;\n");
    each_command(zsh_case);
    printf("esac\n"
           "if [[ $PREFIX == -* ]]; then\n"
           "    _describe -o option options\n"
           "elif (( $#commands )); then\n"
           "    _describe command commands\n"
           "else\n"
           "    _files\n"
           "fi\n");
}

static int run(const arguments *given) {
    const char *shell = operand(given, 0);
    if (strcmp(shell, "bash") == 0)
        print_bash();
    else if (strcmp(shell, "zsh") == 0)
        print_zsh();
    else if (strcmp(shell, "fish") == 0)
        print_fish();
    else {
        report("%s is no shell that is known; bash, zsh or fish was expected", shell);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

const command completion_command = {
    .name = "completion",
    .summary = "print what makes a shell complete commands and options",
    .operands = "bash|zsh|fish",
    .description =
        "Prints completion for a shell. Packages install it; by hand, source it from the shell's own startup "
        "file.",
    .examples = "source <(teleai completion bash)\n"
                "teleai completion zsh > ~/.zfunc/_teleai\n"
                "teleai completion fish > ~/.config/fish/completions/teleai.fish",
    .least = 1,
    .most = 1,
    .offline = true,
    .run = run,
};
