/*
 * Rows of anything, printed for eyes (columns that fit the terminal, or a record a row where it is too narrow), as JSON
 * or as CSV. The same cells serve all three: each has a text for people and one for machines.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdio.h>

#include "cli/arguments.h"
#include "teleai/base.h"

typedef struct column {
    const char *key;   /* in JSON and CSV; of a time without _us, it is ISO 8601 there */
    const char *title; /* for people; NULL: only for machines */
    bool right;        /* numbers stand on the right */
    bool shrinks;      /* is cut where a terminal has no room; the last one goes on below */
} column;

typedef struct table table;

/* `rows` names the array in JSON. NULL without memory, which all functions below bear. */
table *table_new(const char *rows, const column *columns, int count);
void table_free(table *of);

/* Cells, in the order of the columns. NULL text is nothing, null in JSON. */
void cell_text(table *to, const char *text);
void cell_id(table *to, const teleai_uuid *id);
void cell_id_or_none(table *to, bool is_there, const teleai_uuid *id);
void cell_number(table *to, int64_t value);
void cell_fraction(table *to, bool is_there, double value);
void cell_bool(table *to, bool value);
void cell_bytes(table *to, int64_t bytes);
void cell_time(table *to, bool is_there, int64_t us);
void cell_duration(table *to, bool is_there, int64_t ms);
/* Any: `human` for eyes, `machine` as a JSON value (quoted is done here, where is_text). */
void cell_any(table *to, const char *human, const char *machine, bool is_text);
/* Colours the last cell. */
void cell_paint(table *to, int style);

/* A member of the JSON object beside the rows, such as next_cursor. */
void table_member(table *to, const char *key, const char *value);
void table_member_number(table *to, const char *key, int64_t value);
void table_member_bool(table *to, const char *key, bool value);

/* Prints it as --json (with --watch, an object a line), --csv or for eyes, and `nothing` where there are no rows for eyes. */
void table_print(const table *of, const arguments *given, const char *nothing);

void table_print_for_eyes(const table *of);
/* A record a row for eyes, whether or not columns would fit; what is nothing is left out, and what is longer than so many
 * lines is cut (0: nothing is). */
void table_stack(table *of, int lines);
/* For eyes, only the columns with these keys, in this order and under these titles. */
void table_print_some(const table *of, const column *columns, int count);
size_t table_rows(const table *of);
/* Several tables, which may be NULL, as one JSON object. */
void tables_print_json(const table *const *tables, int count);

/* JSON text of a string, quoted. Shared with other printers of JSON. */
void print_json_text(FILE *file, const char *text);

/* For eyes: "1.8 MB", "1 h 02 min", "2026-11-26 10:15+01" (where one is), "3 days". Into `out`, which is returned. */
typedef char short_text[40];
const char *human_bytes(int64_t bytes, short_text out);
const char *human_duration(int64_t ms, short_text out);
const char *human_time(int64_t us, short_text out);
const char *human_age(int64_t us, short_text out);
const char *human_number(int64_t value, short_text out);
/* ISO 8601 in UTC, with microseconds. */
const char *iso_time(int64_t us, short_text out);

#endif
