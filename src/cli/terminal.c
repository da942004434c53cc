/* What the terminal can show. */
#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

static int width;
static bool is_terminal, is_utf8, has_colors;

bool terminal_begin(const char *color) {
    setlocale(LC_CTYPE, "");
    is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    is_terminal = isatty(STDOUT_FILENO);
    const char *columns = getenv("COLUMNS"), *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    struct winsize size;
    width = columns != NULL ? (int)strtol(columns, NULL, 10) : 0;
    if (width <= 0)
        width = is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
    if (width < 20)
        width = 20;
    has_colors = is_terminal && (no_color == NULL || *no_color == 0) && term != NULL && strcmp(term, "dumb") != 0;
    if (color == NULL || strcmp(color, "auto") == 0)
        return true;
    has_colors = strcmp(color, "always") == 0;
    return has_colors || strcmp(color, "never") == 0;
}

int terminal_width(void) { return width; }

bool terminal_is_one(void) { return is_terminal; }

bool terminal_is_utf8(void) { return is_utf8; }

const char *paint(paint_style style) {
    static const char *const sequences[PAINT_COUNT] = {
        "\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m", "\033[34m",
    };
    return has_colors ? sequences[style] : "";
}

/* The character that begins here, and its bytes; a byte that begins none is one of its own, value -1. */
static int32_t character(const unsigned char *at, size_t *bytes) {
    *bytes = 1;
    if (at[0] < 0x80)
        return at[0];
    size_t count = at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc2 ? 2 : 0;
    if (count == 0 || at[0] >= 0xf5)
        return -1;
    int32_t value = at[0] & (0x7f >> count);
    for (size_t i = 1; i < count; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return -1;
        value = value << 6 | (at[i] & 0x3f);
    }
    *bytes = count;
    return value;
}

/* Controls of both kinds, and what turns the direction of writing round. */
static bool is_harmful(int32_t value) {
    return value < 0x20 || (value >= 0x7f && value < 0xa0) || (value >= 0x202a && value <= 0x202e) ||
           (value >= 0x2066 && value <= 0x2069) || value == 0x200e || value == 0x200f;
}

static int columns_of(int32_t value) {
    int columns = wcwidth((wchar_t)value);
    return columns < 0 ? 1 : columns;
}

int text_width(const char *text) {
    int columns = 0;
    size_t bytes;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at += bytes)
        columns += columns_of(character(at, &bytes));
    return columns;
}

size_t text_fit(const char *text, int columns) {
    const unsigned char *at = (const unsigned char *)text;
    size_t bytes;
    for (; *at != 0; at += bytes) {
        columns -= columns_of(character(at, &bytes));
        if (columns < 0)
            break;
    }
    return (size_t)(at - (const unsigned char *)text);
}

char *safe_text(const char *text, bool lines) {
    char *made = calloc(strlen(text) + 1, 8), *out = made;
    size_t bytes;
    if (made == NULL)
        return NULL;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at += bytes) {
        int32_t value = character(at, &bytes);
        if (value < 0 || (value < 0x20 && !(lines && (value == '\n' || value == '\t'))) || value == 0x7f)
            out += sprintf(out, "\\x%02x", (unsigned)*at);
        else if (value >= 0x20 && is_harmful(value))
            out += sprintf(out, "\\u%04x", (unsigned)value);
        else {
            memcpy(out, at, bytes);
            out += bytes;
        }
    }
    *out = 0;
    return made;
}

void print_safe(FILE *file, const char *text, bool lines) {
    char *safe = safe_text(text, lines);
    fputs(safe != NULL ? safe : "?", file);
    free(safe);
}

/* One paragraph, without its line end; blanks at its beginning stay. */
static void wrap_line(const char *line, int length, int first, int indent) {
    int at_column = first, room = width > indent + 10 ? width : indent + 10;
    for (int at = 0; at < length;) {
        int blanks = 0, word = 0;
        while (at + blanks < length && line[at + blanks] == ' ')
            blanks++;
        at += blanks;
        while (at + word < length && line[at + word] != ' ')
            word++;
        char *part = strndup(line + at, (size_t)word);
        int columns = part == NULL ? 0 : text_width(part);
        if (at_column > indent && at_column + blanks + columns > room) {
            printf("\n%*s", indent, "");
            at_column = indent;
            blanks = 0;
        }
        printf("%*s%s", blanks, "", part == NULL ? "" : part);
        free(part);
        at_column += blanks + columns;
        at += word;
    }
}

void print_wrapped(const char *text, int first, int indent) {
    char *safe = safe_text(text, true);
    if (safe == NULL)
        return;
    const char *at = safe;
    do {
        int length = (int)strcspn(at, "\n");
        wrap_line(at, length, first, indent);
        putchar('\n');
        at += length;
        if (*at == '\n') {
            at++;
            if (*at != 0 && *at != '\n')
                printf("%*s", indent, "");
            first = indent;
        }
    } while (*at != 0);
    free(safe);
}
