/* teleai completion: what shells source, made of the same descriptions as the help. */
#include <stdio.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/commands.h"

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

static void print_choices(name_function *choices) {
    const char *each;
    for (int32_t i = 1; choices != NULL && (each = choices(i)) != NULL; i++)
        printf("%s%s", i == 1 ? "" : " ", each);
}

/* The values of an option, as an arm of a case. */
static void bash_values(const option_spec *option, void *data) {
    if (option->choices == NULL)
        return;
    printf("%s--%s) values=\"", (const char *)data, option->name);
    print_choices(option->choices);
    printf("\" ;;\n");
}

static void bash_case(const command *of, const command *parent) {
    static char indent[] = "                ";
    printf("        \"%s%s%s\")\n            case $option in\n", parent ? parent->name : "", parent ? " " : "",
           of->name);
    command_options(of, bash_values, indent);
    printf("            esac\n            commands=\"");
    for (const command *const *sub = of->subcommands; sub != NULL && *sub != NULL; sub++)
        printf("%s ", (*sub)->name);
    print_choices(of->choices);
    printf("\"\n            options=\"");
    command_options(of, print_long, NULL);
    printf("\" ;;\n");
}

/* Options where a word begins with a dash, else commands, else what the shell offers: files. */
static void print_bash(void) {
    printf("# bash completion for teleai\n"
           "_teleai() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} at=\"\" commands=\"\" options=\"\" values=\"\" skip=\"\" word\n"
           "    local option=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    if [[ $current == = ]]; then current=\"\"\n" /* a word of its own */
           "    elif [[ $option == = ]]; then option=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        if [[ -n $skip ]]; then skip=\"\"; continue; fi\n"
           "        case $word in -d|--database|--tenant|--timeout|--color) skip=yes; continue ;; esac\n"
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
    printf("help\"\n            options=\"--version");
    command_options(&global_command, print_long, NULL);
    printf("\"\n            case $option in\n");
    command_options(&global_command, bash_values, (char[]){"                "});
    printf("            esac ;;\n");
    each_command(bash_case);
    printf("    esac\n"
           "    [[ $current == -* ]] && commands=$options\n"
           "    [[ -n $values ]] && commands=$values\n"
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
    printf("' -l %s%s -d \"%s\"", option->name, option->choices ? " -x" : option->value ? " -r" : "", option->help);
    if (option->choices != NULL) {
        printf(" -a '");
        print_choices(option->choices);
        printf("'");
    }
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
    if (of->choices != NULL) {
        printf("complete -c teleai -f -n '__fish_seen_subcommand_from %s' -a '", of->name);
        print_choices(of->choices);
        printf("'\n");
    }
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

/* The values of an option, as an arm of a case. */
static void zsh_values(const option_spec *option, void *data) {
    (void)data;
    if (option->choices == NULL)
        return;
    printf("            (--%s) values=(", option->name);
    print_choices(option->choices);
    printf(") ;;\n");
}

static void zsh_case(const command *of, const command *parent) {
    printf("    (\"%s%s%s\")\n        commands=(", parent ? parent->name : "", parent ? " " : "", of->name);
    for (const command *const *sub = of->subcommands; sub != NULL && *sub != NULL; sub++)
        zsh_word("", (*sub)->name, (*sub)->summary);
    print_choices(of->choices);
    printf(")\n        options=(");
    command_options(of, zsh_option, NULL);
    printf(")\n        case $option in\n");
    command_options(of, zsh_values, NULL);
    printf("        esac ;;\n");
}

/* A file for $fpath: zsh makes a function of it. */
static void print_zsh(void) {
    printf("#compdef teleai\n"
           "local at=\"\" word skip=\"\" option=${words[CURRENT-1]}\n"
           "local -a commands options values\n"
           "if [[ $PREFIX == --*=* ]]; then option=${PREFIX%%%%=*}; compset -P '*='; fi\n"
           "for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
           "    if [[ -n $skip ]]; then skip=\"\"; continue; fi\n"
           "    case $word in (-d|--database|--tenant|--timeout|--color) skip=yes; continue ;; esac\n"
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
    zsh_word("--", "version", "print the version");
    command_options(&global_command, zsh_option, NULL);
    printf(")\n        case $option in\n");
    command_options(&global_command, zsh_values, NULL);
    printf("        esac ;;\n");
    each_command(zsh_case);
    printf("esac\n"
           "if (( $#values )); then\n"
           "    _describe value values\n"
           "elif [[ $PREFIX == -* ]]; then\n"
           "    _describe -o option options\n"
           "elif (( $#commands )); then\n"
           "    _describe command commands\n"
           "else\n"
           "    _files\n"
           "fi\n");
}

static const char *shell_name(int32_t code) {
    static const char *const names[] = {"bash", "zsh", "fish"};
    return NAME_IN(names, code);
}

static int run(const arguments *given) {
    static void (*const print[])(void) = {print_bash, print_zsh, print_fish};
    for (int32_t i = 1; shell_name(i) != NULL; i++)
        if (strcmp(operand(given, 0), shell_name(i)) == 0)
            print[i - 1]();
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
    .choices = shell_name,
    .least = 1,
    .most = 1,
    .offline = true,
    .run = run,
};
