#include "record/row.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "wire/params.h"
#include "wire/result.h"

_Static_assert(sizeof(bool) == 1, "has_... members are one byte");

/* NaN and the infinities have signs of their own (utils/adt/numeric.c): nothing that a record could hold, so as
 * NULL. */
static bool is_no_number(const char *bytes, int length) {
    return length >= 8 && (teleai__take16(bytes + 4) & 0xC000) == 0xC000;
}

/* numeric as hundredths, rounded half away from zero; see params.c for the form. False when it is none (NaN, infinite)
 * or does not fit. */
static bool take_numeric_centi(const char *bytes, int length, int64_t *out) {
    if (length < 8)
        return false;
    int count = (int16_t)teleai__take16(bytes), weight = (int16_t)teleai__take16(bytes + 2);
    uint16_t sign = teleai__take16(bytes + 4);
    if (count < 0 || length != 8 + 2 * count || (sign != 0 && sign != 0x4000))
        return false;
    int64_t value = 0; /* in 10000ths */
    for (int i = 0; i <= weight + 1; i++) {
        int64_t digit = i < count ? teleai__take16(bytes + 8 + 2 * i) : 0; /* zeros at the end are not sent */
        if (digit > 9999 || __builtin_mul_overflow(value, 10000, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    if (__builtin_add_overflow(value, 50, &value))
        return false;
    value /= 100;
    *out = sign == 0 ? value : -value;
    return true;
}

static void put(char *record, const teleai__column *column, const void *value, size_t bytes) {
    memcpy(record + column->offset, value, bytes);
}

/* Gets the length of a value, passes over a NULL where there may be one, refuses a value of another length than its type
 * has. */
#define TAKE_VALUE(right_length)                                  \
    int length = teleai__cell_length(result, row, number);        \
    if (length == 0 && teleai__cell_is_null(result, row, number)) \
        return (column->flags & TELEAI__OR_NULL) != 0;            \
    if (!(right_length))                                          \
        return false;                                             \
    const char *bytes = teleai__cell_bytes(result, row, number)

/* What is handed on as it is has to be text: a reader of another language would stumble over anything else. */
static bool is_text(const char *bytes, int length) {
    size_t characters, bad;
    int at = 0;
    while (length < 8 && at < length && (unsigned char)(bytes[at] - 1) < 0x7F)
        at++; /* a few plain letters */
    return at == length || teleai__utf8_check(bytes, (size_t)length, &characters, &bad);
}

/* Most have nothing in them. */
static bool is_json(const char *bytes, int length) {
    return (length == 2 && bytes[0] == '{' && bytes[1] == '}') || teleai__json_is_whole(bytes, (size_t)length);
}

/* 0: one that a newer server has; -1: no text at all. */
static int32_t take_label(const teleai__labels *labels, const char *name, int length) {
    for (int32_t i = 0; i < labels->count; i++)
        if (labels->names[i][0] == name[0] && strcmp(labels->names[i], name) == 0)
            return i + 1;
    return is_text(name, length) ? 0 : -1;
}

/* One cell into a record, which is zeros before: what a NULL leaves. False: the value does not have the form that its
 * kind has, or does not fit. Always inline: where `kind` is a
 * constant, little is left of it. */
__attribute__((always_inline)) static inline bool take(enum teleai__kind kind, const teleai__column *column,
                                                       const PGresult *result, int row, int number, char *record) {
    int64_t value;
    switch (kind) {
    case TELEAI__UUID: {
        TAKE_VALUE(length == 16);
        put(record, column, bytes, 16);
        break;
    }
    case TELEAI__BODY: {
        TAKE_VALUE(true);
        if (!is_text(bytes, length))
            return false;
        value = length;
        memcpy(record + column->beside, &value, sizeof value);
        put(record, column, &bytes, sizeof bytes);
        return true;
    }
    case TELEAI__TEXT: {
        TAKE_VALUE(true);
        if (!is_text(bytes, length))
            return false;
        put(record, column, &bytes, sizeof bytes);
        return true;
    }
    case TELEAI__JSON: { /* jsonb: a version number, then the text */
        TAKE_VALUE(length > 1);
        if (*bytes++ != 1 || !is_json(bytes, length - 1))
            return false;
        put(record, column, &bytes, sizeof bytes);
        return true;
    }
    case TELEAI__BOOL: {
        TAKE_VALUE(length == 1);
        record[column->offset] = *bytes != 0;
        return true;
    }
    case TELEAI__INT32: {
        TAKE_VALUE(length == 4);
        uint32_t small = teleai__take32(bytes);
        put(record, column, &small, sizeof small);
        break;
    }
    case TELEAI__INT64:
    case TELEAI__DOUBLE: {
        TAKE_VALUE(length == 8);
        value = (int64_t)teleai__take64(bytes);
        if ((column->flags & TELEAI__COUNTS) != 0 && value < 0)
            return false;
        put(record, column, &value, sizeof value);
        break;
    }
    case TELEAI__TIME: {
        TAKE_VALUE(length == 8);
        value = teleai__time_read((int64_t)teleai__take64(bytes));
        put(record, column, &value, sizeof value);
        break;
    }
    case TELEAI__CENTI: {
        TAKE_VALUE(true);
        if (is_no_number(bytes, length))
            return true;
        if (!take_numeric_centi(bytes, length, &value))
            return false;
        double hundredths = (double)value / 100;
        put(record, column, &hundredths, sizeof hundredths);
        break;
    }
    case TELEAI__SECONDS: {
        TAKE_VALUE(true);
        if (is_no_number(bytes, length))
            return true;
        if (!take_numeric_centi(bytes, length, &value) || __builtin_mul_overflow(value, 10, &value))
            return false;
        put(record, column, &value, sizeof value);
        break;
    }
    case TELEAI__LABEL: {
        TAKE_VALUE(true);
        int32_t code = take_label(column->labels, bytes, length);
        if (code < 0)
            return false;
        put(record, column, &code, sizeof code);
        return true;
    }
    case TELEAI__PHRASES:
        return true;
    case TELEAI__INET:
    case TELEAI__TEXTS: /* these only go in */
    case TELEAI__MARKS:
        return false;
    default:
        __builtin_unreachable(); /* kinds stand in our own tables */
    }
    if (column->beside != 0)
        record[column->beside] = true;
    return true;
}

/* Which rows: `count` from `row` on, whose columns begin at `column`, into records that lie `stride` bytes apart. */
typedef struct cells {
    const PGresult *result;
    int row, count, column;
    char *records;
    size_t stride;
} cells;

/* One column of all rows: the kind is looked at once, not for every value. */
static bool fill(const teleai__column *column, const cells *it, int number) {
    const teleai__column here = *column; /* which nobody else can change: it is not read anew for every value */
    const PGresult *result = it->result;
    const size_t stride = it->stride;
    const int end = it->row + it->count;
    int row = it->row;
    char *record = it->records;
    switch ((enum teleai__kind)here.kind) {
#define EACH_ROW_OF(kind)                                        \
    case kind:                                                   \
        for (; row < end; row++, record += stride)               \
            if (!take(kind, &here, result, row, number, record)) \
                return false;                                    \
        return true
        EACH_ROW_OF(TELEAI__UUID);
        EACH_ROW_OF(TELEAI__TEXT);
        EACH_ROW_OF(TELEAI__BODY);
        EACH_ROW_OF(TELEAI__JSON);
        EACH_ROW_OF(TELEAI__BOOL);
        EACH_ROW_OF(TELEAI__INT32);
        EACH_ROW_OF(TELEAI__INT64);
        EACH_ROW_OF(TELEAI__DOUBLE);
        EACH_ROW_OF(TELEAI__CENTI);
        EACH_ROW_OF(TELEAI__SECONDS);
        EACH_ROW_OF(TELEAI__TIME);
        EACH_ROW_OF(TELEAI__LABEL);
#undef EACH_ROW_OF
    case TELEAI__PHRASES:
        return true;
    case TELEAI__INET:
    case TELEAI__TEXTS:
    case TELEAI__MARKS:
        return false;
    }
    return false;
}

/* Rows that are filled column by column before the next ones are begun: so that they stay in the processor's cache. */
#define ROWS_AT_ONCE 64

/* The numbers of built-in types never change (the server's pg_type.dat). Enumerations get one from 16384 on when they are
 * created; their values arrive as text. */
static const Oid types[TELEAI__MARKS + 1] = {
    [TELEAI__UUID] = 2950,    [TELEAI__TEXT] = 25,   [TELEAI__BODY] = 25,  [TELEAI__JSON] = 3802,
    [TELEAI__BOOL] = 16,      [TELEAI__INT32] = 23,  [TELEAI__INT64] = 20, [TELEAI__DOUBLE] = 701,
    [TELEAI__CENTI] = 1700,   [TELEAI__TIME] = 1184, [TELEAI__LABEL] = 25, [TELEAI__SECONDS] = 1700,
    [TELEAI__PHRASES] = 1009,
};

/* varchar, char, name; labels are of types that were made there. */
static bool is_as_text(uint8_t kind, Oid type) {
    enum { FIRST_OWN = 16384 };
    if (kind == TELEAI__LABEL && type >= FIRST_OWN)
        return true;
    return (kind == TELEAI__TEXT || kind == TELEAI__BODY || kind == TELEAI__LABEL) &&
           (type == 1043 || type == 1042 || type == 19);
}

teleai_status teleai__row_check(const teleai__row *shape, const PGresult *result, int first_column,
                                teleai_error *error) {
    if (teleai__answer_columns(result) < first_column + shape->count)
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: the server sent %d columns, %d were expected",
                            shape->noun, teleai__answer_columns(result), first_column + shape->count);
    bool binary = teleai__answer_is_all_binary(result);
    for (int i = 0; i < shape->count; i++) {
        const teleai__column *column = &shape->columns[i];
        Oid type = teleai__answer_type(result, first_column + i);
        if ((!binary && !teleai__answer_is_binary(result, first_column + i)) ||
            (type != types[column->kind] && !is_as_text(column->kind, type)))
            return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                                "%s: the database's column %s has another type than this library expects", shape->noun,
                                column->name);
    }
    return TELEAI_OK;
}

static teleai_status check_count(const teleai__row *shape, const PGresult *result, int row, int first_column,
                                 teleai_error *error) {
    if (row >= teleai__answer_rows(result))
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: the server sent no row, one was expected", shape->noun);
    return teleai__row_check(shape, result, first_column, error);
}

static teleai_status fail_value(const teleai__row *shape, const teleai__column *column, teleai_error *error) {
    return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                        "%s: the server sent %sa value that it cannot have in the column %s", shape->noun,
                        (column->flags & TELEAI__OR_NULL) != 0 ? "" : "NULL or ", column->name);
}

static teleai_status finish(const teleai__row *shape, teleai__arena *arena, void *record, const PGresult *result,
                            int row, int first_column, teleai_error *error) {
    int wrong = 0;
    teleai_status status = shape->finish(arena, record, result, row, first_column, &wrong);
    if (status == TELEAI_OUT_OF_MEMORY)
        return teleai__fail_memory(error);
    return status == TELEAI_OK ? status : fail_value(shape, &shape->columns[wrong], error);
}

static teleai_status decode_rows(const teleai__row *shape, teleai__arena *arena, const cells *all,
                                 teleai_error *error) {
    teleai_status status = all->count == 0 ? teleai__row_check(shape, all->result, all->column, error)
                                           : check_count(shape, all->result, all->row, all->column, error);
    if (status != TELEAI_OK)
        return status;
    for (int done = 0; done < all->count; done += ROWS_AT_ONCE) {
        cells some = *all;
        some.row += done;
        some.count = all->count - done < ROWS_AT_ONCE ? all->count - done : ROWS_AT_ONCE;
        some.records += (size_t)done * all->stride;
        for (int i = 0; i < some.count; i++)
            memset(some.records + (size_t)i * some.stride, 0, shape->size);
        for (int i = 0; i < shape->count; i++) {
            const teleai__column *column = &shape->columns[i];
            if (!fill(column, &some, some.column + i))
                return fail_value(shape, column, error);
        }
        for (int i = 0; shape->finish != NULL && status == TELEAI_OK && i < some.count; i++)
            status = finish(shape, arena, some.records + (size_t)i * some.stride, some.result, some.row + i,
                            all->column, error);
        if (status != TELEAI_OK)
            return status;
    }
    return TELEAI_OK;
}

teleai_status teleai__row_decode(const teleai__row *shape, teleai__arena *arena, void *record, const PGresult *result,
                                 int row, int first_column, teleai_error *error) {
    teleai_status status = check_count(shape, result, row, first_column, error);
    if (status != TELEAI_OK)
        return status;
    for (int i = 0; i < shape->count; i++) {
        const teleai__column *column = &shape->columns[i];
        if (!take((enum teleai__kind)column->kind, column, result, row, first_column + i, record))
            return fail_value(shape, column, error);
    }
    return shape->finish == NULL ? TELEAI_OK : finish(shape, arena, record, result, row, first_column, error);
}

static size_t stride_of(const teleai__row *shape) { return (shape->size + 15) & ~(size_t)15; }

static void clear(void *result) { PQclear(result); }

teleai_status teleai__row_decode_one(const teleai__row *shape, PGresult *result, int first_column, void **out,
                                     teleai_error *error) {
    void *record = teleai__arena_make(shape->size, 0);
    if (record == NULL) {
        PQclear(result);
        return teleai__fail_memory(error);
    }
    teleai__arena *arena = teleai__arena_of(record);
    teleai__arena_keep(arena, result, clear);
    teleai_status status = teleai__row_decode(shape, arena, record, result, 0, first_column, error);
    if (status == TELEAI_OK)
        *out = record;
    else
        teleai__arena_free(record);
    return status;
}

/* A list with room for so many records, which lie at *records; the arena keeps what they point into. */
static teleai__list *make_list(const teleai__row *shape, int count, void *kept, void (*release)(void *),
                               char **records) {
    size_t stride = stride_of(shape);
    teleai__list *list = teleai__arena_make(sizeof *list, (size_t)count * (stride + sizeof *list->items) + 128);
    if (list == NULL) {
        release(kept);
        return NULL;
    }
    teleai__arena *arena = teleai__arena_of(list);
    teleai__arena_keep(arena, kept, release);
    list->items = teleai__arena_alloc(arena, (size_t)count * sizeof *list->items);
    *records = teleai__arena_alloc_raw(arena, (size_t)count * stride);
    if (list->items == NULL || *records == NULL) {
        teleai__arena_free(list);
        return NULL;
    }
    for (int i = 0; i < count; i++)
        list->items[i] = *records + (size_t)i * stride;
    list->count = (size_t)count;
    return list;
}

static teleai_status hand_out(teleai__list *list, teleai_status status, teleai__list **out) {
    if (status == TELEAI_OK)
        *out = list;
    else
        teleai__arena_free(list);
    return status;
}

teleai_status teleai__row_decode_list(const teleai__row *shape, PGresult *result, int limit, teleai__list **out,
                                      teleai_error *error) {
    int count = teleai__answer_rows(result) < limit ? teleai__answer_rows(result) : limit;
    char *records;
    teleai__list *list = make_list(shape, count, result, clear, &records);
    if (list == NULL)
        return teleai__fail_memory(error);
    cells all = {.result = result, .count = count, .records = records, .stride = stride_of(shape)};
    return hand_out(list, decode_rows(shape, teleai__arena_of(list), &all, error), out);
}

typedef struct kept_rows {
    int count;
    PGresult **rows;
} kept_rows;

static void clear_rows(void *kept) {
    kept_rows *it = kept;
    for (int i = 0; i < it->count; i++)
        PQclear(it->rows[i]);
    free(it->rows);
    free(it);
}

teleai_status teleai__row_decode_rows(const teleai__row *shape, PGresult **rows, int count, teleai__list **out,
                                      teleai_error *error) {
    kept_rows *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        for (int i = 0; i < count; i++)
            PQclear(rows[i]);
        free(rows);
        return teleai__fail_memory(error);
    }
    *kept = (kept_rows){count, rows};
    char *records;
    teleai__list *list = make_list(shape, count, kept, clear_rows, &records);
    if (list == NULL)
        return teleai__fail_memory(error);
    teleai_status status = TELEAI_OK;
    for (int i = 0; status == TELEAI_OK && i < count; i++) {
        void *record = memset(records + (size_t)i * stride_of(shape), 0, shape->size);
        status = teleai__row_decode(shape, teleai__arena_of(list), record, rows[i], 0, 0, error);
    }
    return hand_out(list, status, out);
}
