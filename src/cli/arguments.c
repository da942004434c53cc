/* The command line, parsed by what a command says it takes. */
#include "cli/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "cli/times.h"

typedef struct given_option {
    const option_spec *option;
    const char *value;
} given_option;

struct arguments {
    const command *of;
    const char *path;
    given_option *options;
    int option_count;
    const char **operands;
    int operand_count;
};

typedef struct suggestion {
    const char *typed, *best;
    size_t distance;
} suggestion;

static void suggest(const option_spec *option, void *data) {
    suggestion *to = data;
    size_t found = name_distance(to->typed, option->name);
    if (found >= to->distance)
        return;
    to->distance = found;
    to->best = option->name;
}

static bool unknown(const arguments *given, const char *word) {
    suggestion wanted = {word + strspn(word, "-"), NULL, 3};
    if (word[1] == '-')
        command_options(given->of, suggest, &wanted);
    if (wanted.best != NULL)
        report("unknown option %s; did you mean --%s?", word, wanted.best);
    else
        report("unknown option %s; see `%s --help`. Put -- before what begins with - and is not an option", word,
               given->path);
    return false;
}

/* Whether a value is one of those that there are; says which these are. `what` is the option; NULL: it is an operand. */
static bool is_choice(name_function *choices, const char *what, const char *value) {
    char all[160] = "";
    const char *like = NULL;
    size_t least = 3, length = 0;
    const char *each;
    for (int32_t i = 1; choices != NULL && (each = choices(i)) != NULL; i++) {
        const char *before = i == 1 ? "" : choices(i + 1) == NULL ? " or " : ", ";
        size_t found = name_distance(value, each);
        if (strcmp(value, each) == 0)
            return true;
        if (found < least) {
            least = found;
            like = each;
        }
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", before, each);
    }
    if (choices == NULL)
        return true;
    if (what == NULL && like != NULL)
        report("unexpected argument %s; did you mean %s? %s was expected", value, like, all);
    else if (what == NULL)
        report("unexpected argument %s; %s was expected", value, all);
    else if (like != NULL)
        report("%s is %s; did you mean %s? %s was expected", what, value, like, all);
    else
        report("%s is %s; %s was expected", what, value, all);
    return false;
}

static bool add(arguments *given, const option_spec *option, const char *value) {
    given->options[given->option_count++] = (given_option){option, value};
    return true;
}

/* One word that begins with two dashes; *next is how many words it took. */
static bool parse_long(arguments *given, char **words, int left, int *took) {
    char name[64];
    const char *equals = strchr(words[0], '=');
    size_t length = equals != NULL ? (size_t)(equals - words[0] - 2) : strlen(words[0] + 2);
    *took = 1;
    if (length >= sizeof name)
        return unknown(given, words[0]);
    memcpy(name, words[0] + 2, length);
    name[length] = 0;
    const option_spec *option = command_option(given->of, name, 0);
    if (option == NULL) {
        char word[70];
        snprintf(word, sizeof word, "--%s", name);
        return unknown(given, word);
    }
    if (option->value == NULL) {
        if (equals != NULL)
            return report("--%s takes no value", name), false;
        return add(given, option, "");
    }
    if (equals != NULL)
        return add(given, option, equals + 1);
    if (left < 2)
        return report("--%s needs a value: --%s %s", name, name, option->value), false;
    *took = 2;
    return add(given, option, words[1]);
}

/* Whether a word with one dash is text in a command that takes such: -drill leaves out a word that -d would take for its
 * value. A value that stands at its letter must then be a number, or look like a connection or an address. */
static bool is_text(const command *of, const char *word) {
    if (!of->is_text || word[1] == '-')
        return false;
    size_t length = strcspn(word, " \t\n"), digits = strspn(word + 2, "0123456789") + 2;
    return command_option(of, NULL, word[1]) == NULL ||
           (word[2] != 0 && digits != length && strcspn(word, ":=/@") >= length);
}

/* One word that begins with one dash: switches, and perhaps an option with its value. */
static bool parse_short(arguments *given, char **words, int left, int *took) {
    *took = 1;
    for (const char *letter = words[0] + 1; *letter != 0; letter++) {
        const option_spec *option = command_option(given->of, NULL, *letter);
        if (option == NULL)
            return unknown(given, words[0]);
        if (option->value == NULL) {
            add(given, option, "");
            continue;
        }
        if (letter[1] != 0)
            return add(given, option, letter + 1);
        if (left < 2)
            return report("-%c needs a value: -%c %s", *letter, *letter, option->value), false;
        *took = 2;
        return add(given, option, words[1]);
    }
    return true;
}

static bool check_operands(const arguments *given) {
    const command *of = given->of;
    if (is_given(given, "help"))
        return true;
    if (given->operand_count < of->least) { /* which of them, where there are several */
        const char *missing = of->operands;
        for (int i = 0; i < given->operand_count; i++)
            missing += strcspn(missing, " ") + 1;
        char what[80] = "";
        for (size_t i = 0, length = 0; i < strcspn(missing, " ") && length + 5 < sizeof what; i++)
            length += (size_t)sprintf(what + length, missing[i] == '|' ? " or " : "%c", missing[i]);
        report("%s is missing: %s %s", what, given->path, of->operands);
        return false;
    }
    if (of->most >= 0 && given->operand_count > of->most) {
        report("unexpected argument %s; `%s` takes %s", given->operands[of->most], given->path,
               of->operands == NULL ? "none" : of->operands);
        if (of->most > 1)
            hint("put what has blanks in it between quotation marks");
        return false;
    }
    return true;
}

static bool check_options(const arguments *given) {
    for (int i = 0; i < given->option_count; i++) {
        const option_spec *option = given->options[i].option;
        char name[40];
        snprintf(name, sizeof name, "--%s", option->name);
        if (!is_choice(option->choices, name, given->options[i].value))
            return false;
        if (option->excludes != NULL && is_given(given, option->excludes)) {
            report("--%s and --%s do not go together", option->name, option->excludes);
            return false;
        }
    }
    const char *first = operand(given, 0);
    return first == NULL || is_given(given, "help") || is_choice(given->of->choices, NULL, first);
}

int arguments_take(const command *of, int left, char **words) {
    arguments given = {.of = of, .path = of->name, .options = calloc(strlen(words[0]) + 1, sizeof(given_option))};
    int took = 0;
    bool right = given.options != NULL && (words[0][1] == '-' ? parse_long(&given, words, left, &took)
                                                              : parse_short(&given, words, left, &took));
    free(given.options);
    return right ? took : 0;
}

arguments *arguments_parse(const command *of, const char *path, int count, char **words) {
    arguments *given = calloc(1, sizeof *given);
    if (given == NULL)
        return NULL;
    size_t letters = 1; /* each letter may be a switch */
    for (int i = 0; i < count; i++)
        letters += strlen(words[i]) + 1;
    given->of = of;
    given->path = path;
    given->options = calloc(letters, sizeof *given->options);
    given->operands = calloc((size_t)count + 1, sizeof *given->operands);
    bool right = given->options != NULL && given->operands != NULL, only_operands = false;
    for (int i = 0, took = 1; right && i < count; i += took) {
        took = 1;
        if (only_operands || words[i][0] != '-' || words[i][1] == 0 || is_text(of, words[i]))
            given->operands[given->operand_count++] = words[i];
        else if (strcmp(words[i], "--") == 0)
            only_operands = true;
        else if (words[i][1] == '-')
            right = parse_long(given, words + i, count - i, &took);
        else
            right = parse_short(given, words + i, count - i, &took);
    }
    if (right && check_operands(given) && check_options(given))
        return given;
    arguments_free(given);
    return NULL;
}

void arguments_free(arguments *given) {
    if (given == NULL)
        return;
    free(given->options);
    free(given->operands);
    free(given);
}

bool is_given(const arguments *given, const char *option) { return value_of(given, option) != NULL; }

const char *value_of(const arguments *given, const char *option) {
    for (int i = given->option_count - 1; i >= 0; i--) { /* the last one counts */
        if (strcmp(given->options[i].option->name, option) == 0)
            return given->options[i].value;
    }
    return NULL;
}

bool number_of(const arguments *given, const char *option, int64_t least, int64_t most, int64_t otherwise,
               int64_t *out) {
    const char *value = value_of(given, option);
    *out = otherwise;
    if (value == NULL)
        return true;
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno == 0 && end != value && *end == 0 && number >= least && number <= most) {
        *out = number;
        return true;
    }
    report("--%s is %s; a number from %lld to %lld was expected", option, value, (long long)least, (long long)most);
    return false;
}

bool fraction_of(const arguments *given, const char *option, double *out, bool *is_there) {
    const char *value = value_of(given, option);
    *is_there = value != NULL;
    if (value == NULL)
        return true;
    char *end;
    *out = strtod(value, &end);
    if (end != value && *end == 0 && *out >= 0 && *out <= 1)
        return true;
    report("--%s is %s; a number from 0 to 1 was expected", option, value);
    return false;
}

bool time_of(const arguments *given, const char *option, bool is_utc, int64_t *out_us) {
    const char *value = value_of(given, option);
    *out_us = 0;
    if (value == NULL || time_read(value, is_utc, out_us))
        return true;
    report("--%s is %s; a time such as 2026-11-26, 2026-11-26T10:15, 2026-11-26T10:15:00.5+01:00 or 30d (ago) was "
           "expected",
           option, value);
    return false;
}

int operand_count(const arguments *given) { return given->operand_count; }

const char *operand(const arguments *given, int place) {
    return place < given->operand_count ? given->operands[place] : NULL;
}

char *operands_joined(const arguments *given) {
    size_t room = 1;
    for (int i = 0; i < given->operand_count; i++)
        room += strlen(given->operands[i]) + 1;
    char *joined = calloc(1, room), *at = joined;
    for (int i = 0; joined != NULL && i < given->operand_count; i++)
        at += snprintf(at, room - (size_t)(at - joined), "%s%s", i > 0 ? " " : "", given->operands[i]);
    return joined;
}

const char *path_of(const arguments *given) { return given->path; }
