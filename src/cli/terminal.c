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

int32_t text_character(const char *text, size_t *bytes) {
    const unsigned char *at = (const unsigned char *)text;
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
    if ((count == 3 && (value < 0x800 || (value >= 0xd800 && value < 0xe000))) ||
        (count == 4 && (value < 0x10000 || value > 0x10ffff)))
        return -1;
    *bytes = count;
    return value;
}

bool is_harmful(int32_t character) {
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x61c || character == 0x200e ||
           character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x206f);
}

static int columns_of(int32_t value) {
    int columns = wcwidth((wchar_t)value);
    return columns < 0 ? 1 : columns;
}

int text_width(const char *text) {
    int columns = 0;
    size_t bytes;
    for (; *text != 0; text += bytes)
        columns += columns_of(text_character(text, &bytes));
    return columns;
}

size_t text_fit(const char *text, int columns) {
    const char *at = text;
    size_t bytes;
    for (; *at != 0; at += bytes) {
        columns -= columns_of(text_character(at, &bytes));
        if (columns < 0)
            break;
    }
    return (size_t)(at - text);
}

size_t text_line(const char *text, int columns, size_t *next) {
    size_t fits = text_fit(text, columns), words = fits;
    if (fits == 0) /* not even one character */
        text_character(text, &fits);
    if (text[fits] == 0 || text[fits] == ' ')
        words = fits;
    else
        while (words > 0 && text[words - 1] != ' ')
            words--;
    size_t length = words > 0 ? words : fits;
    *next = length + strspn(text + length, " ");
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return length;
}

/* Line ends and tabs stay where `lines` says so, a carriage return before a line feed where `returns` does. */
static char *make_safe(const char *text, bool lines, bool returns) {
    char *made = calloc(strlen(text) + 1, 8), *out = made;
    size_t bytes;
    if (made == NULL)
        return NULL;
    for (; *text != 0; text += bytes) {
        int32_t value = text_character(text, &bytes);
        bool stays = (lines && (value == '\n' || value == '\t')) || (returns && value == '\r' && text[1] == '\n');
        if (stays || (value >= 0 && !is_harmful(value))) {
            memcpy(out, text, bytes);
            out += bytes;
        } else if (value < 0x80)
            out += sprintf(out, "\\x%02x", (unsigned)(unsigned char)*text);
        else
            out += sprintf(out, "\\u%04x", (unsigned)value);
    }
    *out = 0;
    return made;
}

char *safe_text(const char *text, bool lines) { return make_safe(text, lines, false); }

char *safe_field(const char *text) { return make_safe(text, true, true); }

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
