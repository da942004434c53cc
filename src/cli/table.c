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
    int lines; /* of a value that is stacked, at most; 0: any number */
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

/* What is not ASCII stands in texts only, so this serves whole values as well. */
static void print_json_rest(FILE *file, const char *text, int32_t value, size_t bytes) {
    if (value < 0)
        fputs("\\ufffd", file); /* in a path, say: JSON is UTF-8 */
    else if (is_harmful(value))
        fprintf(file, "\\u%04x", (unsigned)value);
    else
        fwrite(text, 1, bytes, file);
}

/* A value that is JSON already, with nothing in it that harms who looks at it. NULL without memory. */
static char *safe_json(const char *value) {
    char *made = NULL;
    size_t bytes, length;
    FILE *to = open_memstream(&made, &length);
    if (to == NULL)
        return NULL;
    for (; *value != 0; value += bytes) {
        int32_t letter = text_character(value, &bytes);
        if (letter >= 0 && letter < 0x20) /* between values */
            fputc(letter, to);
        else
            print_json_rest(to, value, letter, bytes);
    }
    fclose(to);
    return made;
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
    char *kept = machine == NULL ? NULL : is_text ? strdup(machine) : safe_json(machine);
    to->cells[to->count++] = (cell){safe_text(human, false), kept, is_text, 0};
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
    size_t bytes;
    fputc('"', file);
    for (; *text != 0; text += bytes) {
        int32_t value = text_character(text, &bytes);
        if (value == '"' || value == '\\')
            fputc('\\', file);
        print_json_rest(file, text, value, bytes);
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

/* A spreadsheet takes what begins so for a formula, also behind blanks and in the wide and small forms of East Asia, and
 * would run it: an apostrophe in front stops that. */
static bool is_formula(const char *text) {
    static const int32_t signs[] = {'=',    '+',    '-',    '@',    0xff1d, 0xff0b, 0xff0d,
                                    0xff20, 0xfe66, 0xfe62, 0xfe63, 0xfe6b, 0x2212};
    static const int32_t blanks[] = {' ',    '\t',   '\n',   '\v',   '\f',   '\r',  0xa0,
                                     0x3000, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff};
    size_t bytes;
    if (*text == '\t' || *text == '\r' || *text == '\n')
        return true;
    for (; *text != 0; text += bytes) {
        int32_t value = text_character(text, &bytes);
        bool is_blank = false;
        for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
            if (value == signs[i])
                return true;
        for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
            is_blank |= value == blanks[i];
        if (!is_blank)
            return false;
    }
    return false;
}

static void print_csv_value(const char *value, bool is_text) {
    char *safe = safe_field(value);
    if (safe == NULL)
        return;
    bool is_run = is_text && is_formula(value);
    if (is_run || strpbrk(safe, ",\"\r\n") != NULL) {
        fputs(is_run ? "\"'" : "\"", stdout);
        for (const char *letter = safe; *letter != 0; letter++) {
            if (*letter == '"')
                putchar('"');
            putchar(*letter);
        }
        putchar('"');
    } else {
        fputs(safe, stdout);
    }
    free(safe);
}

static void print_csv(const table *of) {
    for (int i = 0; i < of->column_count; i++)
        printf("%s%s", i == 0 ? "" : ",", of->columns[i].key);
    printf("\r\n");
    for (size_t i = 0; i < of->count; i++) {
        const cell *at = &of->cells[i];
        if (at->machine != NULL)
            print_csv_value(at->machine, at->is_text);
        fputs((i + 1) % (size_t)of->column_count == 0 ? "\r\n" : ",", stdout);
    }
}

/* ---- for eyes ---- */

#define LEAST_COLUMNS 8 /* what a column that shrinks keeps */

static const char *human_of(const cell *at) { return at->human == NULL ? "?" : at->human; }

/* The widths of the columns; false when they do not fit even shrunk. What goes to a pipe or a file is never cut. */
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
    for (total -= 2; terminal_is_one() && total > terminal_width(); total--) {
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

/* The last column is not cut: it goes on below, within its own width. */
static void print_last(const table *of, const int *widths, int last, const char *text, int style) {
    int before = 0;
    for (int i = 0; i < last; i++)
        before += widths[i] < 0 ? 0 : widths[i] + 2;
    while (text_width(text) > widths[last]) {
        size_t next, length = text_line(text, widths[last], &next);
        printf("%s%.*s%s\n%*s", style ? paint((paint_style)style) : "", (int)length, text,
               style ? paint(PAINT_NONE) : "", before, "");
        text += next;
    }
    print_padded(text, widths[last], of->columns[last].right, true, style);
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
        if (i == last)
            print_last(of, widths, last, human_of(at), at->style);
        else if (widths[i] >= 0)
            print_padded(human_of(at), widths[i], of->columns[i].right, false, at->style);
        if (i == of->column_count - 1)
            putchar('\n');
    }
}

/* A text in lines that fit, in this column, up to `lines` of them. */
static void print_brief(const char *text, int place, int lines) {
    int width = terminal_width() - place, most = width < 20 ? 20 * lines : width * lines;
    char *cut = lines > 0 && text_width(text) > most ? strndup(text, text_fit(text, most - 20)) : NULL;
    char *last = cut == NULL ? NULL : strrchr(cut, ' ');
    if (last != NULL)
        *last = 0;
    char *dotted = NULL;
    if (cut != NULL && asprintf(&dotted, "%s %s", cut, terminal_is_utf8() ? "\u2026" : "...") < 0)
        dotted = NULL;
    print_wrapped(dotted != NULL ? dotted : text, place, place);
    free(dotted);
    free(cut);
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
        print_brief(human_of(&of->cells[cell_at]), title + 2, of->lines);
    }
}

void table_stack(table *of, int lines) {
    if (of == NULL)
        return;
    of->stacked = true;
    of->lines = lines;
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

void table_print_some(const table *of, const column *columns, int count) {
    size_t rows = table_rows(of), width = of == NULL ? 0 : (size_t)of->column_count;
    table shown = {.columns = columns, .column_count = count, .cells = calloc(rows * (size_t)count + 1, sizeof(cell))};
    for (size_t row = 0; shown.cells != NULL && row < rows; row++)
        for (int i = 0; i < count; i++)
            for (size_t j = 0; j < width; j++)
                if (strcmp(of->columns[j].key, columns[i].key) == 0)
                    shown.cells[shown.count++] = of->cells[row * width + j];
    table_print_for_eyes(&shown);
    free(shown.cells); /* and not what is in them */
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
