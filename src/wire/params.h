/* Parameters of a statement: typed values in, what libpq sends out. */
#ifndef TELEAI_WIRE_PARAMS_H
#define TELEAI_WIRE_PARAMS_H

#include <libpq-fe.h>

#include "wire/binary.h"
#include "teleai/base.h"

#define TELEAI__MAX_PARAMS 96

/* Types by their fixed numbers in every PostgreSQL (pg_type.dat). 0 lets the server infer. */
enum {
    TELEAI__OID_INFER = 0,
    TELEAI__OID_BOOL = 16,
    TELEAI__OID_INT8 = 20,
    TELEAI__OID_INT4 = 23,
    TELEAI__OID_TEXT = 25,
    TELEAI__OID_FLOAT8 = 701,
    TELEAI__OID_TIMESTAMPTZ = 1184,
    TELEAI__OID_NUMERIC = 1700,
    TELEAI__OID_UUID = 2950,
};

/* An encoded value. It may point into the input it was made from. */
typedef struct teleai__value {
    const void *bytes; /* NULL: SQL NULL */
    int length;
    int binary;
    Oid type; /* what an array of these has as its element type */
} teleai__value;

#define TELEAI__VALUE_SCRATCH 24 /* what a number needs */

/* Encoders; `scratch` has TELEAI__VALUE_SCRATCH bytes and must live as long as the value. Most are inline: they are a
 * few instructions, and run for every field of every row. */
static inline teleai__value teleai__value_binary(const void *bytes, size_t length, Oid type) {
    return (teleai__value){.bytes = bytes, .length = (int)length, .binary = 1, .type = type};
}

static inline teleai__value teleai__value_null(Oid type) { return teleai__value_binary(NULL, 0, type); }

static inline teleai__value teleai__value_uuid(const teleai_uuid *uuid) {
    return teleai__value_binary(uuid, uuid == NULL ? 0 : sizeof *uuid, TELEAI__OID_UUID);
}

/* Text is the same in binary and text form; as binary its length is known and libpq need not look for the NUL. */
static inline teleai__value teleai__value_text(const char *text, size_t bytes) {
    return teleai__value_binary(text, text == NULL ? 0 : bytes, TELEAI__OID_TEXT);
}

static inline teleai__value teleai__value_bool(bool value, unsigned char *scratch) {
    scratch[0] = value;
    return teleai__value_binary(scratch, 1, TELEAI__OID_BOOL);
}

static inline teleai__value teleai__value_int4(int32_t value, unsigned char *scratch) {
    teleai__put32(scratch, (uint32_t)value);
    return teleai__value_binary(scratch, 4, TELEAI__OID_INT4);
}

static inline teleai__value teleai__value_int8(int64_t value, unsigned char *scratch) {
    teleai__put64(scratch, (uint64_t)value);
    return teleai__value_binary(scratch, 8, TELEAI__OID_INT8);
}

static inline teleai__value teleai__value_time(int64_t unix_us, unsigned char *scratch) {
    teleai__put64(scratch, (uint64_t)teleai__time_write(unix_us));
    return teleai__value_binary(scratch, 8, TELEAI__OID_TIMESTAMPTZ);
}

/* The time of a cursor, which is one of the server's in any case: see teleai__cursor. */
static inline teleai__value teleai__value_cursor_time(int64_t time, unsigned char *scratch) {
    teleai__put64(scratch, (uint64_t)time);
    return teleai__value_binary(scratch, 8, TELEAI__OID_TIMESTAMPTZ);
}

teleai__value teleai__value_float8(double value, unsigned char *scratch);
teleai__value teleai__value_numeric_centi(int64_t hundredths, unsigned char *scratch); /* numeric with two decimals */

/* The parameters of one statement. Values are borrowed: what they point to must live until it has run. */
typedef struct teleai__params {
    int count;
    Oid types[TELEAI__MAX_PARAMS];
    const char *values[TELEAI__MAX_PARAMS];
    int lengths[TELEAI__MAX_PARAMS];
    int formats[TELEAI__MAX_PARAMS];
    unsigned char scratch[TELEAI__MAX_PARAMS][TELEAI__VALUE_SCRATCH];
} teleai__params;

/* The same as libpq takes it, wherever the arrays lie. */
typedef struct teleai__values {
    int count;
    const Oid *types;
    const char *const *values;
    const int *lengths;
    const int *formats;
} teleai__values;

static inline teleai__values teleai__params_values(const teleai__params *params) {
    return (teleai__values){params->count, params->types, params->values, params->lengths, params->formats};
}

static inline void teleai__params_init(teleai__params *params) { params->count = 0; }

/* Scratch for the next parameter. */
static inline unsigned char *teleai__params_scratch(teleai__params *params) { return params->scratch[params->count]; }

/* Adds a value and returns its number, from 1. `type` may be TELEAI__OID_INFER. */
static inline int teleai__params_add(teleai__params *params, teleai__value value, Oid type) {
    int i = params->count++;
    params->types[i] = type;
    params->values[i] = value.bytes;
    params->lengths[i] = value.length;
    params->formats[i] = value.binary;
    return i + 1;
}

/* An array in PostgreSQL's binary form, grown value by value. All values have one type. */
typedef struct teleai__array {
    unsigned char *bytes;
    size_t length, room;
    Oid element;
    int32_t count;
    bool has_null, failed; /* failed: out of memory, or over 1 GB */
    bool too_large;
} teleai__array;

void teleai__array_add(teleai__array *array, teleai__value value);
void teleai__array_add_uuids(teleai__array *array, const teleai_uuid *uuids, size_t count);
/* Valid until teleai__array_free(). A failed array must not be used. */
teleai__value teleai__array_value(teleai__array *array);
void teleai__array_free(teleai__array *array);

#endif
