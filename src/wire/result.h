/*
 * Reading an answer of the server. What it sends is looked at before it is believed: whether there are such a row and
 * column, whether the value is NULL, whether it has the length of its type. Nothing else reads a PGresult by hand; a check
 * (tests/abi/check_answers.sh) holds that.
 */
#ifndef TELEAI_WIRE_RESULT_H
#define TELEAI_WIRE_RESULT_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "base/text.h"
#include "wire/binary.h"
#include "teleai/base.h"

/* One value, as it was sent. `bytes` NULL: it is NULL, or not there at all. A NUL stands behind the last byte. */
typedef struct teleai__cell {
    const char *bytes;
    int32_t length;
} teleai__cell;

static inline int teleai__answer_rows(const PGresult *result) { return result == NULL ? 0 : PQntuples(result); }
static inline int teleai__answer_columns(const PGresult *result) { return result == NULL ? 0 : PQnfields(result); }

static inline teleai__cell teleai__answer_cell(const PGresult *result, int row, int column) {
    if (row < 0 || column < 0 || row >= teleai__answer_rows(result) || column >= teleai__answer_columns(result) ||
        PQgetisnull(result, row, column))
        return (teleai__cell){NULL, 0};
    return (teleai__cell){PQgetvalue(result, row, column), PQgetlength(result, row, column)};
}

/* The same for loops over rows and columns that were counted before. */
static inline int teleai__cell_length(const PGresult *result, int row, int column) {
    return PQgetlength(result, row, column);
}
static inline bool teleai__cell_is_null(const PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) != 0;
}
static inline const char *teleai__cell_bytes(const PGresult *result, int row, int column) {
    return PQgetvalue(result, row, column);
}

/* What a column is said to be: its type's number, and whether its values are in binary form. */
static inline Oid teleai__answer_type(const PGresult *result, int column) { return PQftype(result, column); }
static inline bool teleai__answer_is_all_binary(const PGresult *result) { return PQbinaryTuples(result) != 0; }
static inline bool teleai__answer_is_binary(const PGresult *result, int column) {
    return PQfformat(result, column) == 1;
}

static inline bool teleai__answer_is_null(const PGresult *result, int row, int column) {
    return teleai__answer_cell(result, row, column).bytes == NULL;
}

/* Text, or what is sent as such. NULL: there is none, or it is no UTF-8, or has a NUL in it. */
static inline const char *teleai__answer_text(const PGresult *result, int row, int column) {
    teleai__cell cell = teleai__answer_cell(result, row, column);
    size_t characters, bad;
    return cell.bytes != NULL && teleai__utf8_check(cell.bytes, (size_t)cell.length, &characters, &bad) ? cell.bytes
                                                                                                        : NULL;
}

/* Each of these is false, and leaves *out alone, when there is no value or none of this type, in binary form. */
static inline bool teleai__answer_int64(const PGresult *result, int row, int column, int64_t *out) {
    teleai__cell cell = teleai__answer_cell(result, row, column);
    if (cell.bytes == NULL || cell.length != 8 || !teleai__answer_is_binary(result, column))
        return false;
    *out = (int64_t)teleai__take64(cell.bytes);
    return true;
}

static inline bool teleai__answer_bool(const PGresult *result, int row, int column, bool *out) {
    teleai__cell cell = teleai__answer_cell(result, row, column);
    if (cell.bytes == NULL || cell.length != 1 || !teleai__answer_is_binary(result, column))
        return false;
    *out = *cell.bytes != 0;
    return true;
}

static inline bool teleai__answer_uuid(const PGresult *result, int row, int column, teleai_uuid *out) {
    teleai__cell cell = teleai__answer_cell(result, row, column);
    if (cell.bytes == NULL || cell.length != (int32_t)sizeof out->bytes || !teleai__answer_is_binary(result, column))
        return false;
    memcpy(out->bytes, cell.bytes, sizeof out->bytes);
    return true;
}

static inline bool teleai__answer_time(const PGresult *result, int row, int column, int64_t *out) {
    int64_t time;
    if (!teleai__answer_int64(result, row, column, &time))
        return false;
    *out = teleai__time_read(time);
    return true;
}

#endif
