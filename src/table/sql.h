/*
 * The text of statements that depend on what was asked for: conditions of a filter, the place and order of a page.
 * Values never become part of the text; they are parameters.
 */
#ifndef TELEAI_TABLE_SQL_H
#define TELEAI_TABLE_SQL_H

#include "base/cursor.h"
#include "record/field.h"

/* Puts together the text of a statement in somebody's buffer; what does not fit makes it `failed`. */
typedef struct teleai__sql {
    char *text;
    size_t length, room;
    bool failed;
    bool has_condition; /* the next one begins with "and" */
} teleai__sql;

#define TELEAI__SQL_BYTES TELEAI__STATEMENT_BYTES /* enough for every statement but a search */

void teleai__sql_init(teleai__sql *sql, char *buffer, size_t room);
void teleai__sql_add(teleai__sql *sql, const char *text);
/* Adds a text in which $? stands for this parameter. */
void teleai__sql_add_param(teleai__sql *sql, const char *text, int number);
/* Begins a condition: " where ", or " and " behind others that were begun so. */
void teleai__sql_and(teleai__sql *sql);
/* Adds the conditions of a filter that are given, with their parameters; tells which. */
uint64_t teleai__sql_add_filter(teleai__sql *sql, const teleai__field *filters, size_t count, const void *filter,
                                teleai__params *params);

/* ---- pages ---- */

/* Checks a page and reads its cursor. */
typedef struct teleai__page {
    int32_t limit;
    bool oldest_first;
    bool by_id;   /* by the id alone */
    bool bounded; /* and so are ranges of times */
    bool has_cursor;
    uint8_t cursor_kind;
    teleai__cursor cursor;
} teleai__page;

/* `by_id`: the two orders by time are by the id as well. */
teleai_status teleai__page_read(const teleai_page *page, uint8_t cursor_kind, bool by_id, teleai__page *out,
                                teleai_error *error);
/* The same for lists that have no orders by id. */
teleai_status teleai__page_read_by_time(const teleai_page *page, uint8_t cursor_kind, teleai__page *out,
                                        teleai_error *error);

/* Adds what makes a page of a list: that it begins after the cursor, its order, and its limit, the parameter of that
 * number (0: no limit). */
void teleai__page_add(const teleai__page *page, teleai__sql *sql, teleai__params *params, const char *time,
                      const char *id, int limit);
/* Where the caller chose an order by id a range of times is also one of ids: what the filter gives. */
void teleai__page_add_bounds(const teleai__page *page, const teleai__field *filters, size_t count, const void *filter,
                             teleai__sql *sql, teleai__params *params);

#endif
