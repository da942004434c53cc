/*
 * The row engine: turns a result into records. Each noun has one static array of columns: name, kind, and where in the
 * record the value goes. One function does the rest, column by column.
 */
#ifndef TELEAI_DB_ROW_H
#define TELEAI_DB_ROW_H

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "db/kind.h"

typedef struct teleai__column {
    const char *name;
    uint8_t kind;
    uint16_t offset;
    uint16_t beside; /* offset of has_..., of the length or of the count; 0: none */
    const teleai__labels *labels;
    const char *member; /* of the record */
    uint8_t flags;
} teleai__column;

enum {
    TELEAI__OR_NULL = 1, /* the server may send NULL; of all others that is refused */
    TELEAI__COUNTS = 2   /* a number that is never negative */
};

typedef struct teleai__row {
    const char *noun; /* for errors: "audio file" */
    size_t size;      /* of the record */
    const teleai__column *columns;
    int count; /* of columns that the server sends */
    int made;  /* of columns behind these that are made from them */
    /* The key that pages of these go by, time and id. NULL: not listed in pages. */
    void (*key)(const void *record, teleai__cursor *cursor);
    /* Completes a record after its columns are filled. NULL: nothing to do. Returns OK, OUT_OF_MEMORY, or SCHEMA_MISMATCH
     * with *wrong the column whose value was none of its type. */
    teleai_status (*finish)(teleai__arena *arena, void *record, const PGresult *result, int row, int first_column,
                            int *wrong);
} teleai__row;

/* All lists look like this. */
typedef struct teleai__list {
    size_t count;
    const void **items;
    const char *next_cursor;
} teleai__list;

/* Whether the columns of an answer, from first_column on, are those of the shape, in number, type and form: also of an
 * answer without rows. */
teleai_status teleai__row_check(const teleai__row *shape, const PGresult *result, int first_column,
                                teleai_error *error);

/* Fills a record, which is zeros before, from a row of the result, whose columns begin at first_column. Texts point into
 * the result, which must be kept by the arena. */
teleai_status teleai__row_decode(const teleai__row *shape, teleai__arena *arena, void *record, const PGresult *result,
                                 int row, int first_column, teleai_error *error);

/* Makes a record of its own; takes the result. */
teleai_status teleai__row_decode_one(const teleai__row *shape, PGresult *result, int first_column, void **out,
                                     teleai_error *error);
/* Makes a list of up to `limit` rows; takes the result. */
teleai_status teleai__row_decode_list(const teleai__row *shape, PGresult *result, int limit, teleai__list **out,
                                      teleai_error *error);

/* The same of results with one row each; takes these, and the array, which was malloc'ed. */
teleai_status teleai__row_decode_rows(const teleai__row *shape, PGresult **rows, int count, teleai__list **out,
                                      teleai_error *error);

/* Columns. The record type is `RECORD`, which the file that uses these defines. */
#define TELEAI__COLUMN_UUID(name, member) \
    { name, TELEAI__UUID, TELEAI__IS(RECORD, member, teleai_uuid), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_UUID_OR_NULL(name, member, has)                                                             \
    {                                                                                                              \
        name, TELEAI__UUID, TELEAI__IS(RECORD, member, teleai_uuid), TELEAI__IS(RECORD, has, bool), NULL, #member, \
            TELEAI__OR_NULL                                                                                        \
    }
#define TELEAI__COLUMN_TEXT(name, member) \
    { name, TELEAI__TEXT, TELEAI__IS(RECORD, member, const char *), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_TEXT_OR_NULL(name, member) \
    { name, TELEAI__TEXT, TELEAI__IS(RECORD, member, const char *), 0, NULL, #member, TELEAI__OR_NULL }
#define TELEAI__COLUMN_BODY(name, member, bytes)                                                                \
    {                                                                                                           \
        name, TELEAI__BODY, TELEAI__IS(RECORD, member, const char *), TELEAI__IS(RECORD, bytes, int64_t), NULL, \
            #member, 0                                                                                          \
    }
#define TELEAI__COLUMN_JSON(name, member) \
    { name, TELEAI__JSON, TELEAI__IS(RECORD, member, const char *), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_BOOL(name, member) \
    { name, TELEAI__BOOL, TELEAI__IS(RECORD, member, bool), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_BOOL_OR_NULL(name, member) \
    { name, TELEAI__BOOL, TELEAI__IS(RECORD, member, bool), 0, NULL, #member, TELEAI__OR_NULL }
#define TELEAI__COLUMN_INT64(name, member) \
    { name, TELEAI__INT64, TELEAI__IS(RECORD, member, int64_t), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_COUNT(name, member) \
    { name, TELEAI__INT64, TELEAI__IS(RECORD, member, int64_t), 0, NULL, #member, TELEAI__COUNTS }
#define TELEAI__COLUMN_INT64_OR_NULL(name, member, has)                                                         \
    {                                                                                                           \
        name, TELEAI__INT64, TELEAI__IS(RECORD, member, int64_t), TELEAI__IS(RECORD, has, bool), NULL, #member, \
            TELEAI__OR_NULL                                                                                     \
    }
#define TELEAI__COLUMN_DOUBLE(name, member) \
    { name, TELEAI__DOUBLE, TELEAI__IS(RECORD, member, double), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_TIME(name, member) \
    { name, TELEAI__TIME, TELEAI__IS(RECORD, member, int64_t), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_TIME_OR_NULL(name, member, has)                                                         \
    {                                                                                                          \
        name, TELEAI__TIME, TELEAI__IS(RECORD, member, int64_t), TELEAI__IS(RECORD, has, bool), NULL, #member, \
            TELEAI__OR_NULL                                                                                    \
    }
#define TELEAI__COLUMN_INT32_OR_NULL(name, member, has)                                                         \
    {                                                                                                           \
        name, TELEAI__INT32, TELEAI__IS(RECORD, member, int32_t), TELEAI__IS(RECORD, has, bool), NULL, #member, \
            TELEAI__OR_NULL                                                                                     \
    }
#define TELEAI__COLUMN_CENTI_OR_NULL(name, member, has)                                                        \
    {                                                                                                          \
        name, TELEAI__CENTI, TELEAI__IS(RECORD, member, double), TELEAI__IS(RECORD, has, bool), NULL, #member, \
            TELEAI__OR_NULL                                                                                    \
    }
#define TELEAI__COLUMN_SECONDS(name, member) \
    { name, TELEAI__SECONDS, TELEAI__IS(RECORD, member, int64_t), 0, NULL, #member, 0 }
#define TELEAI__COLUMN_SECONDS_OR_ZERO(name, member) \
    { name, TELEAI__SECONDS, TELEAI__IS(RECORD, member, int64_t), 0, NULL, #member, TELEAI__OR_NULL }
#define TELEAI__COLUMN_SECONDS_OR_NULL(name, member, has)                                                         \
    {                                                                                                             \
        name, TELEAI__SECONDS, TELEAI__IS(RECORD, member, int64_t), TELEAI__IS(RECORD, has, bool), NULL, #member, \
            TELEAI__OR_NULL                                                                                       \
    }
#define TELEAI__COLUMN_PHRASES(name, member, number)                                                                \
    {                                                                                                               \
        name, TELEAI__PHRASES, TELEAI__IS(RECORD, member, const char *const *), TELEAI__IS(RECORD, number, size_t), \
            NULL, #member, TELEAI__OR_NULL                                                                          \
    }
#define TELEAI__COLUMN_LABEL(name, member, labels) \
    { name, TELEAI__LABEL, TELEAI__IS(RECORD, member, int32_t), 0, &(labels), #member, 0 }
#define TELEAI__COLUMN_LABEL_OR_NULL(name, member, labels) \
    { name, TELEAI__LABEL, TELEAI__IS(RECORD, member, int32_t), 0, &(labels), #member, TELEAI__OR_NULL }

#endif
