/* The kinds of values that fields of inputs, filters and records have, and the names of enumeration values. */
#ifndef TELEAI_RECORD_KIND_H
#define TELEAI_RECORD_KIND_H

#include <stddef.h>
#include <stdint.h>

#include "teleai/base.h"

/* Member types: what the C struct has there. Column types: what the server has. */
enum teleai__kind {
    TELEAI__UUID,    /* teleai_uuid (record) or const teleai_uuid * (input); uuid */
    TELEAI__TEXT,    /* const char *; text, varchar */
    TELEAI__BODY,    /* const char * and its length beside it; text */
    TELEAI__JSON,    /* const char *; jsonb */
    TELEAI__INET,    /* const char *, input only; inet */
    TELEAI__TEXTS,   /* const char * with an array literal, input only; text[] */
    TELEAI__BOOL,    /* bool; boolean */
    TELEAI__INT32,   /* int32_t; integer */
    TELEAI__INT64,   /* int64_t; bigint */
    TELEAI__DOUBLE,  /* double; double precision */
    TELEAI__CENTI,   /* double; numeric with two decimals */
    TELEAI__SECONDS, /* int64_t, milliseconds; numeric seconds with two decimals */
    TELEAI__TIME,    /* int64_t, microseconds since 1970 UTC; timestamptz */
    TELEAI__LABEL,   /* int32_t; an enumeration, or text with few values */
    TELEAI__PHRASES, /* const char *const *, their number beside; text[], left to the row's finish() */
    TELEAI__MARKS,   /* const teleai_search_mark *, their number beside; no column of the server */
};

/* The values of an enumeration: names[code - 1]. */
typedef struct teleai__labels {
    const char *type; /* of the server */
    const char *const *names;
    int32_t count;
} teleai__labels;

#define TELEAI__COUNT(array) (sizeof(array) / sizeof *(array))
#define TELEAI__LABELS(type, names) \
    { type, names, (int32_t)TELEAI__COUNT(names) }

/* The offset of a member, refused by the compiler unless it has the type that the kind needs. */
#define TELEAI__IS(struct_type, member, member_type) \
    ((uint16_t)(offsetof(struct_type, member) + 0 * _Generic(((struct_type *)0)->member, member_type : 0)))

#endif
