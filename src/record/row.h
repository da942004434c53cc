/*
 * The row engine: turns a result into records. Each noun has one static array of columns: name, kind, and where in the
 * record the value goes. One function does the rest, column by column.
 */
#ifndef TELEAI_RECORD_ROW_H
#define TELEAI_RECORD_ROW_H

#include "base/arena.h"
#include "base/cursor.h"
#include "record/kind.h"
#include "wire/result.h"

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
#define TELEAI__COLUMN(name, kind, member, type, flags) \
    { name, kind, TELEAI__IS(RECORD, member, type), 0, NULL, #member, flags }
/* With a member beside it: has_..., a length or a count. */
#define TELEAI__COLUMN_BESIDE(name, kind, member, type, beside, beside_type, flags) \
    { name, kind, TELEAI__IS(RECORD, member, type), TELEAI__IS(RECORD, beside, beside_type), NULL, #member, flags }
#define TELEAI__COLUMN_UUID(name, member) TELEAI__COLUMN(name, TELEAI__UUID, member, teleai_uuid, 0)
#define TELEAI__COLUMN_UUID_OR_NULL(name, member, has) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__UUID, member, teleai_uuid, has, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_TEXT(name, member) TELEAI__COLUMN(name, TELEAI__TEXT, member, const char *, 0)
#define TELEAI__COLUMN_TEXT_OR_NULL(name, member) \
    TELEAI__COLUMN(name, TELEAI__TEXT, member, const char *, TELEAI__OR_NULL)
#define TELEAI__COLUMN_BODY(name, member, bytes) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__BODY, member, const char *, bytes, int64_t, 0)
#define TELEAI__COLUMN_JSON(name, member) TELEAI__COLUMN(name, TELEAI__JSON, member, const char *, 0)
#define TELEAI__COLUMN_BOOL(name, member) TELEAI__COLUMN(name, TELEAI__BOOL, member, bool, 0)
#define TELEAI__COLUMN_BOOL_OR_NULL(name, member) TELEAI__COLUMN(name, TELEAI__BOOL, member, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_INT64(name, member) TELEAI__COLUMN(name, TELEAI__INT64, member, int64_t, 0)
#define TELEAI__COLUMN_COUNT(name, member) TELEAI__COLUMN(name, TELEAI__INT64, member, int64_t, TELEAI__COUNTS)
#define TELEAI__COLUMN_INT64_OR_NULL(name, member, has) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__INT64, member, int64_t, has, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_DOUBLE(name, member) TELEAI__COLUMN(name, TELEAI__DOUBLE, member, double, 0)
#define TELEAI__COLUMN_TIME(name, member) TELEAI__COLUMN(name, TELEAI__TIME, member, int64_t, 0)
#define TELEAI__COLUMN_TIME_OR_NULL(name, member, has) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__TIME, member, int64_t, has, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_INT32_OR_NULL(name, member, has) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__INT32, member, int32_t, has, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_CENTI_OR_NULL(name, member, has) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__CENTI, member, double, has, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_SECONDS(name, member) TELEAI__COLUMN(name, TELEAI__SECONDS, member, int64_t, 0)
#define TELEAI__COLUMN_SECONDS_OR_ZERO(name, member) \
    TELEAI__COLUMN(name, TELEAI__SECONDS, member, int64_t, TELEAI__OR_NULL)
#define TELEAI__COLUMN_SECONDS_OR_NULL(name, member, has) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__SECONDS, member, int64_t, has, bool, TELEAI__OR_NULL)
#define TELEAI__COLUMN_PHRASES(name, member, number) \
    TELEAI__COLUMN_BESIDE(name, TELEAI__PHRASES, member, const char *const *, number, size_t, TELEAI__OR_NULL)
#define TELEAI__COLUMN_LABEL(name, member, labels) \
    { name, TELEAI__LABEL, TELEAI__IS(RECORD, member, int32_t), 0, &(labels), #member, 0 }
#define TELEAI__COLUMN_LABEL_OR_NULL(name, member, labels) \
    { name, TELEAI__LABEL, TELEAI__IS(RECORD, member, int32_t), 0, &(labels), #member, TELEAI__OR_NULL }

/* One list says the columns of a record and of the statements that read it: LIST(COLUMN) has a COLUMN(TEXT, "name", member)
 * for each but the id, which comes first. */
#define TELEAI__COLUMNS(LIST) TELEAI__COLUMN_UUID("id", id), LIST(TELEAI__OF_RECORD)
#define TELEAI__OF_RECORD(kind, ...) TELEAI__COLUMN_##kind(__VA_ARGS__),
#define TELEAI__COLUMN_NAMES(LIST) "id" LIST(TELEAI__OF_STATEMENT)
#define TELEAI__OF_STATEMENT(kind, name, ...) ", " name

#endif
