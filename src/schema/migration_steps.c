#include "schema/migration_steps.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"

static const char header[] = "-- teleai: step by step";

/* ---- lines and words ---- */

static const char *line_end(const char *at) { return at + strcspn(at, "\n"); }

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Of a name, as far as it can stand without quotes. */
static bool is_part(char c) { return is_letter(c) || is_digit(c) || c == '$'; }

static size_t word_length(const char *at) {
    size_t length = 0;
    while (is_part(at[length]))
        length++;
    return length;
}

static bool is_word(const char *at, const char *word) {
    return word_length(at) == strlen(word) && strncasecmp(at, word, strlen(word)) == 0;
}

bool teleai__migration_is_stepwise(const char *file) {
    for (const char *at = file; *at != '\0'; at = line_end(at), at += *at == '\n')
        if (strncmp(at, header, sizeof header - 1) == 0 && line_end(at) == at + sizeof header - 1)
            return true;
    return false;
}

/* ---- what can hide a semicolon ---- */

static const char *skip_block_comment(const char *at) {
    int depth = 0;
    do {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            depth--;
            at += 2;
        } else {
            at++;
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

/* Behind the quote that ends what begins here; a doubled one is none, nor, where `escapes`, one after a backslash. */
static const char *skip_quoted(const char *at, char quote, bool escapes) {
    for (at++; *at != '\0'; at++) {
        if (escapes && *at == '\\' && at[1] != '\0')
            at++;
        else if (*at == quote && at[1] == quote)
            at++;
        else if (*at == quote)
            return at + 1;
    }
    return at;
}

/* Behind the text between $$ or $tag$; NULL when none begins here. */
static const char *skip_dollar_quoted(const char *at) {
    size_t length = 1;
    if (is_digit(at[1]))
        return NULL;
    while (is_letter(at[length]) || is_digit(at[length]))
        length++;
    if (at[length] != '$')
        return NULL;
    length++;
    for (const char *end = at + length; *end != '\0'; end++)
        if (strncmp(end, at, length) == 0)
            return end + length;
    return at + strlen(at);
}

/* Behind the next piece: a comment, a quoted text, a word, or one character. */
static const char *skip_piece(const char *at) {
    if (at[0] == '-' && at[1] == '-')
        return line_end(at);
    if (at[0] == '/' && at[1] == '*')
        return skip_block_comment(at);
    if (*at == '\'' || *at == '"')
        return skip_quoted(at, *at, false);
    if ((*at == 'e' || *at == 'E') && at[1] == '\'')
        return skip_quoted(at + 1, '\'', true);
    const char *end = *at == '$' ? skip_dollar_quoted(at) : NULL;
    if (end != NULL)
        return end;
    return is_letter(*at) || is_digit(*at) ? at + word_length(at) : at + 1;
}

static bool is_comment(const char *at) { return (at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'); }

static const char *skip_space_and_comments(const char *at) {
    while (is_space(*at) || is_comment(at))
        at = is_space(*at) ? at + 1 : skip_piece(at);
    return at;
}

/* Behind the semicolon, or at the end of the text. */
static const char *skip_statement(const char *at) {
    while (*at != '\0' && *at != ';')
        at = skip_piece(at);
    return *at == ';' ? at + 1 : at;
}

/* ---- steps ---- */

typedef struct found {
    const char *description, *locks; /* where their text begins in the file; NULL: not said */
    const char *start, *end;
    bool alone;
} found;

/* Notes what the comments say that begin in this line. */
static void read_comment(const char *at, found *step) {
    static const char says[] = "-- Step: ", locks[] = "-- Locks: ";
    if (strncmp(at, says, sizeof says - 1) == 0)
        step->description = at + sizeof says - 1;
    else if (strncmp(at, locks, sizeof locks - 1) == 0)
        step->locks = at + sizeof locks - 1;
}

/* The next step of a file at or behind `at`; false when there is none. */
static bool find_step(const char *at, found *step) {
    *step = (found){0};
    while (is_space(*at) || is_comment(at) || *at == ';') {
        read_comment(at, step);
        at = is_comment(at) ? skip_piece(at) : at + 1;
    }
    if (*at == '\0')
        return false;
    step->start = at;
    step->alone = !is_word(at, "begin") && !(is_word(at, "start"));
    at = skip_statement(at);
    while (!step->alone) {
        const char *next = skip_space_and_comments(at);
        if (*next == '\0')
            break;
        at = skip_statement(next);
        if (is_word(next, "commit") || is_word(next, "end"))
            break;
    }
    step->end = at;
    return true;
}

/* A copy without the remark at the end and the full stop; "" for NULL. */
static const char *copy_line(teleai__arena *arena, const char *line, bool remark) {
    if (line == NULL)
        return "";
    size_t length = (size_t)(line_end(line) - line);
    while (length > 0 && (is_space(line[length - 1]) || line[length - 1] == '.'))
        length--;
    const char *open = memchr(line, '(', length);
    if (remark && open != NULL && length > 0 && line[length - 1] == ')')
        for (length = (size_t)(open - line); length > 0 && is_space(line[length - 1]);)
            length--;
    return teleai__arena_text(arena, line, length);
}

/* The index that `create [unique] index concurrently [if not exists] name` makes. */
static const char *copy_index(teleai__arena *arena, const char *sql) {
    static const struct {
        const char *word;
        bool must;
    } words[] = {{"create", true}, {"unique", false}, {"index", true},  {"concurrently", true},
                 {"if", false},    {"not", false},    {"exists", false}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is_word(sql, words[i].word))
            sql = skip_space_and_comments(sql + strlen(words[i].word));
        else if (words[i].must)
            return NULL;
    }
    const char *end = sql;
    while (is_letter(*end) || is_digit(*end) || *end == '.' || *end == '"')
        end = *end == '"' ? skip_quoted(end, '"', false) : end + 1;
    if (is_word(sql, "on")) /* it has no name */
        return NULL;
    return teleai__arena_text(arena, sql, (size_t)(end - sql));
}

/* What the first line says behind "-- 003: ". */
static const char *first_line(const char *file) {
    if (strncmp(file, "-- ", 3) != 0)
        return NULL;
    const char *colon = memchr(file, ':', (size_t)(line_end(file) - file));
    return colon != NULL && is_digit(file[3]) ? colon + 1 + strspn(colon + 1, " ") : file + 3;
}

static bool fill(teleai__arena *arena, teleai__migration_step *item, const found *step) {
    *item = (teleai__migration_step){
        .description = copy_line(arena, step->description, false),
        .locks = copy_line(arena, step->locks, true),
        .sql = teleai__arena_text(arena, step->start, (size_t)(step->end - step->start)),
        .index = step->alone ? copy_index(arena, step->start) : NULL,
        .alone = step->alone,
    };
    return item->description != NULL && item->locks != NULL && item->sql != NULL;
}

teleai__migration_steps *teleai__migration_split(const char *file) {
    bool stepwise = teleai__migration_is_stepwise(file);
    size_t count = stepwise ? 0 : 1;
    found step;
    for (const char *at = file; stepwise && find_step(at, &step); at = step.end)
        count++;
    teleai__migration_steps *steps =
        teleai__arena_make(sizeof *steps, count * sizeof *steps->items + 2 * strlen(file) + 128);
    if (steps == NULL)
        return NULL;
    teleai__arena *arena = teleai__arena_of(steps);
    steps->items = teleai__arena_alloc(arena, count * sizeof *steps->items);
    bool fine = steps->items != NULL;
    if (!stepwise) {
        step = (found){.description = first_line(file), .start = file, .end = file + strlen(file)};
        fine = fine && fill(arena, &steps->items[steps->count++], &step);
    }
    for (const char *at = file; fine && stepwise && find_step(at, &step); at = step.end)
        fine = fill(arena, &steps->items[steps->count++], &step);
    if (!fine) {
        teleai__arena_free(steps);
        return NULL;
    }
    return steps;
}

void teleai__migration_steps_free(teleai__migration_steps *steps) { teleai__arena_free(steps); }
