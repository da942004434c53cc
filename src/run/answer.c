/* Reading answers: what operations name as their decode(). */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"
#include "run/operation.h"
#include "wire/result.h"

static teleai_status not_found(const teleai__operation *operation, teleai_error *error) {
    return teleai__fail(error, TELEAI_NOT_FOUND, "%s: there is no such %s", operation->statement.name, operation->noun);
}

/* Completes what was read, and hands it out. */
static teleai_status hand_out(const teleai__operation *operation, void *made, teleai_error *error) {
    if (operation->finish != NULL && !operation->finish(operation, made)) {
        operation->drop(made);
        return teleai__fail_memory(error);
    }
    memcpy(operation->out, &made, sizeof made);
    return TELEAI_OK;
}

/* Where there is no row: that of an answer of another form tells nothing. */
static teleai_status no_row(const teleai__operation *operation, PGresult *result, int first_column,
                            teleai_error *error) {
    teleai_status status = teleai__row_check(operation->row, result, first_column, error);
    PQclear(result);
    return status == TELEAI_OK ? not_found(operation, error) : status;
}

static teleai_status fail_rows(const teleai__operation *operation, PGresult *result, int expected,
                               teleai_error *error) {
    teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: the server sent %d rows, %d were expected",
                 operation->statement.name, teleai__answer_rows(result), expected);
    PQclear(result);
    return TELEAI_SCHEMA_MISMATCH;
}

static teleai_status keep_record(const teleai__operation *operation, PGresult *result, int first_column,
                                 teleai_error *error) {
    if (teleai__answer_rows(result) != 1)
        return fail_rows(operation, result, 1, error);
    if (operation->out == NULL) {
        teleai_status status = teleai__row_check(operation->row, result, first_column, error);
        PQclear(result);
        return status;
    }
    void *made;
    teleai_status status = teleai__row_decode_one(operation->row, result, first_column, &made, error);
    return status == TELEAI_OK ? hand_out(operation, made, error) : status;
}

teleai_status teleai__decode_one(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (teleai__answer_rows(result) == 0)
        return no_row(operation, result, 0, error);
    return keep_record(operation, result, 0, error);
}

/* The server's own time, where that is beyond what a record can say. */
static int64_t time_beyond(const teleai__row *row, const PGresult *result, int at) {
    int64_t time = 0;
    for (int i = 0; i < row->count; i++)
        if (row->columns[i].kind == TELEAI__TIME && teleai__answer_int64(result, at, i, &time) && time < INT64_MAX &&
            teleai__time_read(time) == TELEAI__LAST_TIME_US)
            return time;
    return teleai__time_write(TELEAI__LAST_TIME_US);
}

bool teleai__list_add_cursor(teleai__list *list, const teleai__row *row, uint8_t kind, const PGresult *last, int at) {
    teleai__cursor cursor = {.kind = kind};
    row->key(list->items[list->count - 1], &cursor);
    cursor.time_us =
        cursor.time_us == TELEAI__LAST_TIME_US ? time_beyond(row, last, at) : teleai__time_write(cursor.time_us);
    char *text = teleai__arena_alloc(teleai__arena_of(list), TELEAI__CURSOR_TEXT_BYTES);
    if (text == NULL)
        return false;
    teleai__cursor_format(&cursor, text);
    list->next_cursor = text;
    return true;
}

/* A page was asked for with one row more than it shows: that there is one tells that there is a next page. */
teleai_status teleai__decode_list(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (operation->out == NULL) {
        teleai_status status = teleai__row_check(operation->row, result, 0, error);
        PQclear(result);
        return status;
    }
    bool more = teleai__answer_rows(result) > operation->limit && operation->cursor_kind != 0;
    teleai__list *list;
    teleai_status status = teleai__row_decode_list(operation->row, result, operation->limit, &list, error);
    if (status != TELEAI_OK)
        return status;
    if (more && !teleai__list_add_cursor(list, operation->row, operation->cursor_kind, result, (int)list->count - 1)) {
        teleai__arena_free(list);
        return teleai__fail_memory(error);
    }
    return hand_out(operation, list, error);
}

teleai_status teleai__decode_made(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (teleai__answer_rows(result) != operation->limit)
        return fail_rows(operation, result, operation->limit, error);
    return teleai__decode_list(operation, result, error);
}

/* Where in a table of so many slots (a power of two) to begin looking for an id. Its end is random in every version. */
static size_t slot_of(const void *id, size_t slots) {
    uint64_t end;
    memcpy(&end, (const char *)id + 8, sizeof end);
    return (size_t)((end ^ end >> 32) & (slots - 1));
}

/* Puts the records found in the order of the ids asked for, NULL where one is missing. A record begins with its id. */
static teleai_status put_in_order(teleai__list *list, const teleai_uuid *ids, size_t count, teleai_error *error) {
    size_t slots = 16;
    while (slots < 2 * list->count)
        slots *= 2;
    const void **table = calloc(slots, sizeof *table);
    const void **ordered = teleai__arena_alloc(teleai__arena_of(list), count * sizeof *ordered);
    if (table == NULL || ordered == NULL) {
        free(table);
        return teleai__fail_memory(error);
    }
    for (size_t i = 0; i < list->count; i++) {
        size_t slot = slot_of(list->items[i], slots);
        while (table[slot] != NULL)
            slot = (slot + 1) & (slots - 1);
        table[slot] = list->items[i];
    }
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_of(&ids[i], slots);
        while (table[slot] != NULL && memcmp(table[slot], &ids[i], sizeof ids[i]) != 0)
            slot = (slot + 1) & (slots - 1);
        ordered[i] = table[slot];
    }
    free(table);
    list->items = ordered;
    list->count = count;
    return TELEAI_OK;
}

teleai_status teleai__decode_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    teleai__operation unordered = *operation;
    teleai__list *list = NULL;
    unordered.out = &list;
    unordered.finish = NULL;
    teleai_status status = teleai__decode_list(&unordered, result, error);
    if (status != TELEAI_OK)
        return status;
    status = put_in_order(list, operation->more, operation->more_bytes / sizeof(teleai_uuid), error);
    if (status == TELEAI_OK && operation->out != NULL)
        return hand_out(operation, list, error);
    teleai__arena_free(list);
    return status;
}

teleai_status teleai__decode_all_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if ((size_t)teleai__answer_rows(result) == operation->more_bytes / sizeof(teleai_uuid))
        return teleai__decode_in_order(operation, result, error);
    PQclear(result);
    return not_found(operation, error);
}

teleai_status teleai__decode_count(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    int64_t count = 0;
    bool right = teleai__answer_rows(result) == 1 && teleai__answer_int64(result, 0, 0, &count) && count >= 0;
    PQclear(result);
    if (!right)
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: the server sent no count", operation->statement.name);
    if (operation->out != NULL)
        memcpy(operation->out, &count, sizeof count);
    return TELEAI_OK;
}

teleai_status teleai__decode_nothing(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    bool ran = PQresultStatus(result) != PGRES_EMPTY_QUERY;
    PQclear(result);
    return ran ? TELEAI_OK
               : teleai__fail(error, TELEAI_SERVER_ERROR, "%s: the server did not run the statement",
                              operation->statement.name);
}

/* How many rows a command was about, as the server tells it at the end: digits, and few enough. */
static teleai_status take_changed(const teleai__operation *operation, PGresult *result, int64_t *out,
                                  teleai_error *error) {
    const char *text = PQcmdTuples(result);
    size_t digits = strspn(text, "0123456789");
    bool right = digits > 0 && digits < 19 && text[digits] == '\0';
    *out = right ? strtoll(text, NULL, 10) : 0;
    PQclear(result);
    return right ? TELEAI_OK
                 : teleai__fail(error, TELEAI_SERVER_ERROR, "%s: the server did not tell how many rows it was about",
                                operation->statement.name);
}

teleai_status teleai__decode_affected(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    int64_t rows;
    teleai_status status = take_changed(operation, result, &rows, error);
    return status == TELEAI_OK && rows == 0 ? not_found(operation, error) : status;
}

teleai_status teleai__decode_changed(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    int64_t rows;
    teleai_status status = take_changed(operation, result, &rows, error);
    if (status == TELEAI_OK)
        memcpy(operation->out, &rows, sizeof rows);
    return status;
}

teleai_status teleai__decode_guarded(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (teleai__answer_rows(result) == 0)
        return no_row(operation, result, 1, error);
    const char *state = teleai__answer_text(result, 0, 0);
    if (state != NULL && teleai__answer_is_null(result, 0, 1) && teleai__answer_columns(result) > 1) {
        teleai__fail(error, TELEAI_CONFLICT, "%s: the %s %s; its state is: %.60s", operation->statement.name,
                     operation->noun, (const char *)operation->more, state);
        PQclear(result);
        return TELEAI_CONFLICT;
    }
    return keep_record(operation, result, 1, error);
}
