/* Rows of anything, for eyes, as JSON, as CSV. */
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

typedef struct cell {
    char *human;   /* safe to print */
    char *machine; /* NULL: nothing */
    bool is_text;
    int style;
} cell;

typedef struct member {
    const char *key;
    char *value;
    bool is_text;
    struct member *next;
} member;

struct table {
    const char *rows;
    const column *columns;
    int column_count;
    cell *cells;
    size_t count, room;
    member *members;
    bool stacked;
};

table *table_new(const char *rows, const column *columns, int count) {
    table *made = calloc(1, sizeof *made);
    if (made != NULL)
        *made = (table){.rows = rows, .columns = columns, .column_count = count};
    return made;
}

void table_free(table *of) {
    if (of == NULL)
        return;
    for (size_t i = 0; i < of->count; i++) {
        free(of->cells[i].human);
        free(of->cells[i].machine);
    }
    for (member *at = of->members, *next; at != NULL; at = next) {
        next = at->next;
        free(at->value);
        free(at);
    }
    free(of->cells);
    free(of);
}

void cell_any(table *to, const char *human, const char *machine, bool is_text) {
    if (to == NULL)
        return;
    if (to->count == to->room) {
        size_t room = to->room * 2 + 256;
        cell *cells = realloc(to->cells, room * sizeof *cells);
        if (cells == NULL)
            return;
        to->cells = cells;
        to->room = room;
    }
    to->cells[to->count++] = (cell){safe_text(human, false), machine == NULL ? NULL : strdup(machine), is_text, 0};
}

void cell_paint(table *to, int style) {
    if (to != NULL && to->count > 0)
        to->cells[to->count - 1].style = style;
}

void cell_text(table *to, const char *text) { cell_any(to, text == NULL ? "" : text, text, true); }

void cell_id(table *to, const teleai_uuid *id) {
    char text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(id, text);
    cell_any(to, text, text, true);
}

void cell_id_or_none(table *to, bool is_there, const teleai_uuid *id) {
    if (is_there)
        cell_id(to, id);
    else
        cell_any(to, "", NULL, true);
}

void cell_number(table *to, int64_t value) {
    short_text human, machine;
    snprintf(machine, sizeof machine, "%lld", (long long)value);
    cell_any(to, human_number(value, human), machine, false);
}

void cell_fraction(table *to, bool is_there, double value) {
    short_text text;
    snprintf(text, sizeof text, "%.2f", value);
    cell_any(to, is_there ? text : "", is_there ? text : NULL, false);
}

void cell_bool(table *to, bool value) { cell_any(to, value ? "yes" : "no", value ? "true" : "false", false); }

void cell_bytes(table *to, int64_t bytes) {
    short_text human, machine;
    snprintf(machine, sizeof machine, "%lld", (long long)bytes);
    cell_any(to, human_bytes(bytes, human), machine, false);
}

void cell_time(table *to, bool is_there, int64_t us) {
    short_text human, machine;
    cell_any(to, is_there ? human_time(us, human) : "", is_there ? iso_time(us, machine) : NULL, true);
}

void cell_duration(table *to, bool is_there, int64_t ms) {
    short_text human, machine;
    snprintf(machine, sizeof machine, "%lld", (long long)ms);
    cell_any(to, is_there ? human_duration(ms, human) : "", is_there ? machine : NULL, false);
}

static void add_member(table *to, const char *key, const char *value, bool is_text) {
    member *made = to == NULL ? NULL : malloc(sizeof *made);
    if (made == NULL)
        return;
    *made = (member){key, value == NULL ? NULL : strdup(value), is_text, to->members};
    to->members = made;
}

void table_member(table *to, const char *key, const char *value) { add_member(to, key, value, true); }

void table_member_number(table *to, const char *key, int64_t value) {
    short_text text;
    snprintf(text, sizeof text, "%lld", (long long)value);
    add_member(to, key, text, false);
}

void table_member_bool(table *to, const char *key, bool value) { add_member(to, key, value ? "true" : "false", false); }

/* ---- JSON and CSV ---- */

void print_json_text(FILE *file, const char *text) {
    fputc('"', file);
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(file, "\\%c", *at);
        else if (*at < 0x20 || *at == 0x7f)
            fprintf(file, "\\u%04x", *at);
        else
            fputc(*at, file);
    }
    fputc('"', file);
}

static void print_json_value(const char *value, bool is_text) {
    if (value == NULL)
        fputs("null", stdout);
    else if (is_text)
        print_json_text(stdout, value);
    else
        fputs(value, stdout);
}

/* `line` is what stands between rows: a line end or nothing. */
static void print_json_rows(const table *of, const char *line) {
    printf("\"%s\": [", of->rows);
    size_t width = (size_t)of->column_count;
    for (size_t first = 0; first + width <= of->count; first += width) {
        printf("%s%s{", first == 0 ? "" : ",", line);
        for (size_t i = 0; i < width; i++) {
            printf("%s\"%s\": ", i == 0 ? "" : ", ", of->columns[i].key);
            print_json_value(of->cells[first + i].machine, of->cells[first + i].is_text);
        }
        printf("}");
    }
    printf("%s]", of->count == 0 || *line == 0 ? "" : "\n");
}

static void print_json(const table *const *tables, int count, const char *line) {
    printf("{");
    for (int i = 0; i < count; i++) {
        for (const member *at = tables[i] == NULL ? NULL : tables[i]->members; at != NULL; at = at->next) {
            printf("\"%s\": ", at->key);
            print_json_value(at->value, at->is_text);
            printf(", ");
        }
        if (tables[i] != NULL)
            print_json_rows(tables[i], line);
        if (i + 1 < count)
            printf(",\n");
    }
    printf("}\n");
}

void tables_print_json(const table *const *tables, int count) { print_json(tables, count, "\n  "); }

/* A spreadsheet takes what begins so for a formula, and would run it: an apostrophe in front stops that. */
static bool is_formula(const cell *at) {
    return at->is_text && at->machine != NULL && *at->machine != 0 && strchr("=+-@\t\r", *at->machine) != NULL;
}

static void print_csv(const table *of) {
    for (int i = 0; i < of->column_count; i++)
        printf("%s%s", i == 0 ? "" : ",", of->columns[i].key);
    printf("\r\n");
    for (size_t i = 0; i < of->count; i++) {
        const cell *at = &of->cells[i];
        if (at->machine != NULL && (is_formula(at) || strpbrk(at->machine, ",\"\r\n") != NULL)) {
            fputs(is_formula(at) ? "\"'" : "\"", stdout);
            for (const char *letter = at->machine; *letter != 0; letter++)
                fputs(*letter == '"' ? "\"\"" : (char[]){*letter, 0}, stdout);
            putchar('"');
        } else if (at->machine != NULL) {
            fputs(at->machine, stdout);
        }
        fputs((i + 1) % (size_t)of->column_count == 0 ? "\r\n" : ",", stdout);
    }
}

/* ---- for eyes ---- */

#define LEAST_COLUMNS 8 /* what a column that shrinks keeps */

static const char *human_of(const cell *at) { return at->human == NULL ? "?" : at->human; }

/* The widths of the columns; false when they do not fit even shrunk. */
static bool fit(const table *of, int *widths) {
    int total = 0;
    for (int i = 0; i < of->column_count; i++) {
        widths[i] = of->columns[i].title == NULL ? -1 : text_width(of->columns[i].title);
        for (size_t row = (size_t)i; widths[i] >= 0 && row < of->count; row += (size_t)of->column_count) {
            int width = text_width(human_of(&of->cells[row]));
            if (width > widths[i])
                widths[i] = width;
        }
        total += widths[i] < 0 ? 0 : widths[i] + 2;
    }
    for (total -= 2; total > terminal_width(); total--) {
        int widest = -1;
        for (int i = 0; i < of->column_count; i++) {
            if (of->columns[i].shrinks && widths[i] > LEAST_COLUMNS && (widest < 0 || widths[i] > widths[widest]))
                widest = i;
        }
        if (widest < 0)
            return false;
        widths[widest]--;
    }
    return true;
}

static void print_padded(const char *text, int width, bool right, bool last, int style) {
    int columns = text_width(text);
    const char *dots = terminal_is_utf8() ? "\u2026" : "~";
    if (columns > width) {
        size_t bytes = text_fit(text, width - 1);
        printf("%s%.*s%s%s", paint(style), (int)bytes, text, dots, paint(PAINT_NONE));
        columns = width;
    } else {
        printf("%*s%s%s%s", right ? width - columns : 0, "", style ? paint((paint_style)style) : "", text,
               style ? paint(PAINT_NONE) : "");
    }
    if (!last)
        printf("%*s", (right ? 0 : width - columns) + 2, "");
}

static int last_shown(const table *of) {
    int last = 0;
    for (int i = 0; i < of->column_count; i++)
        last = of->columns[i].title == NULL ? last : i;
    return last;
}

static void print_columns(const table *of, const int *widths) {
    int last = last_shown(of);
    for (int i = 0; i < of->column_count; i++) {
        if (widths[i] >= 0)
            print_padded(of->columns[i].title, widths[i], of->columns[i].right, i == last, PAINT_BOLD);
    }
    putchar('\n');
    for (size_t cell_at = 0; cell_at < of->count; cell_at++) {
        int i = (int)(cell_at % (size_t)of->column_count);
        const cell *at = &of->cells[cell_at];
        if (widths[i] >= 0)
            print_padded(human_of(at), widths[i], of->columns[i].right, i == last, at->style);
        if (i == of->column_count - 1)
            putchar('\n');
    }
}

static void print_records(const table *of) {
    int title = 0;
    for (int i = 0; i < of->column_count; i++) {
        if (of->columns[i].title != NULL && text_width(of->columns[i].title) > title)
            title = text_width(of->columns[i].title);
    }
    for (size_t cell_at = 0; cell_at < of->count; cell_at++) {
        int i = (int)(cell_at % (size_t)of->column_count);
        if (i == 0 && cell_at > 0)
            putchar('\n');
        if (of->columns[i].title == NULL || *human_of(&of->cells[cell_at]) == 0)
            continue;
        printf("%s%-*s%s  ", paint(PAINT_BOLD), title, of->columns[i].title, paint(PAINT_NONE));
        print_wrapped(human_of(&of->cells[cell_at]), title + 2, title + 2);
    }
}

void table_stack(table *of) {
    if (of != NULL)
        of->stacked = true;
}

size_t table_rows(const table *of) { return of == NULL ? 0 : of->count / (size_t)of->column_count; }

void table_print_for_eyes(const table *of) {
    int widths[32] = {0};
    if (of == NULL || of->count == 0)
        return;
    if (!of->stacked && fit(of, widths))
        print_columns(of, widths);
    else
        print_records(of);
}

void table_print(const table *of, const arguments *given, const char *nothing) {
    if (of == NULL)
        return;
    if (is_given(given, "json"))
        print_json(&of, 1, is_given(given, "watch") ? "" : "\n  ");
    else if (is_given(given, "csv"))
        print_csv(of);
    else if (of->count == 0)
        printf("%s\n", nothing);
    else
        table_print_for_eyes(of);
}
