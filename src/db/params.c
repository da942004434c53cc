#include "db/params.h"

#include <stdlib.h>
#include <string.h>

#include "db/binary.h"

#define LARGEST_ARRAY_BYTES ((size_t)1000 << 20) /* below the server's 1 GB limit for one value */

static teleai__value binary(const void *bytes, int length, Oid type) {
    return (teleai__value){.bytes = bytes, .length = length, .binary = 1, .type = type};
}

teleai__value teleai__value_null(Oid type) { return (teleai__value){.binary = 1, .type = type}; }

teleai__value teleai__value_uuid(const teleai_uuid *uuid) {
    return uuid == NULL ? teleai__value_null(TELEAI__OID_UUID) : binary(uuid->bytes, 16, TELEAI__OID_UUID);
}

/* Text is the same in binary and text form; as binary its length is known and libpq need not look for the NUL. */
teleai__value teleai__value_text(const char *text, size_t bytes) {
    return text == NULL ? teleai__value_null(TELEAI__OID_TEXT) : binary(text, (int)bytes, TELEAI__OID_TEXT);
}

teleai__value teleai__value_bool(bool value, unsigned char *scratch) {
    scratch[0] = value;
    return binary(scratch, 1, TELEAI__OID_BOOL);
}

teleai__value teleai__value_int4(int32_t value, unsigned char *scratch) {
    teleai__put32(scratch, (uint32_t)value);
    return binary(scratch, 4, TELEAI__OID_INT4);
}

teleai__value teleai__value_int8(int64_t value, unsigned char *scratch) {
    teleai__put64(scratch, (uint64_t)value);
    return binary(scratch, 8, TELEAI__OID_INT8);
}

teleai__value teleai__value_float8(double value, unsigned char *scratch) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    teleai__put64(scratch, bits);
    return binary(scratch, 8, TELEAI__OID_FLOAT8);
}

teleai__value teleai__value_time(int64_t unix_us, unsigned char *scratch) {
    teleai__put64(scratch, (uint64_t)unix_us - (uint64_t)TELEAI__EPOCH_US); /* wraps around, never overflows */
    return binary(scratch, 8, TELEAI__OID_TIMESTAMPTZ);
}

/* numeric: count of digits to base 10000, weight of the first, sign, decimals to show, digits (utils/adt/numeric.c). */
teleai__value teleai__value_numeric_centi(int64_t hundredths, unsigned char *scratch) {
    uint64_t magnitude = hundredths < 0 ? -(uint64_t)hundredths : (uint64_t)hundredths;
    uint64_t whole = magnitude / 100;
    uint16_t digits[6];
    int count = 0;
    for (; whole > 0; whole /= 10000)
        digits[count++] = (uint16_t)(whole % 10000);
    int weight = count - 1;
    uint16_t fraction = (uint16_t)(magnitude % 100 * 100);
    teleai__put16(scratch, (uint16_t)(count + (fraction > 0)));
    teleai__put16(scratch + 2, (uint16_t)(int16_t)(count == 0 && fraction == 0 ? 0 : weight));
    teleai__put16(scratch + 4, hundredths < 0 ? 0x4000 : 0);
    teleai__put16(scratch + 6, 2);
    unsigned char *next = scratch + 8;
    while (count > 0) {
        teleai__put16(next, digits[--count]);
        next += 2;
    }
    if (fraction > 0) {
        teleai__put16(next, fraction);
        next += 2;
    }
    return binary(scratch, (int)(next - scratch), TELEAI__OID_NUMERIC);
}

void teleai__params_init(teleai__params *params) { params->count = 0; }

unsigned char *teleai__params_scratch(teleai__params *params) { return params->scratch[params->count]; }

int teleai__params_add(teleai__params *params, teleai__value value, Oid type) {
    int i = params->count++;
    params->types[i] = type;
    params->values[i] = value.bytes;
    params->lengths[i] = value.length;
    params->formats[i] = value.binary;
    return i + 1;
}

/* ---- arrays ---- */

#define ARRAY_HEADER 20 /* dimensions, whether there are NULLs, element type, length, lower bound */

static bool reserve(teleai__array *array, size_t more) {
    if (array->length == 0)
        array->length = ARRAY_HEADER;
    if (array->failed || more > LARGEST_ARRAY_BYTES || array->length + more > LARGEST_ARRAY_BYTES) {
        array->too_large |= !array->failed;
        array->failed = true;
        return false;
    }
    if (array->length + more <= array->room)
        return true;
    size_t room = array->room == 0 ? 256 : array->room;
    while (room < array->length + more)
        room *= 2;
    unsigned char *bytes = realloc(array->bytes, room);
    if (bytes == NULL) {
        array->failed = true;
        return false;
    }
    array->bytes = bytes;
    array->room = room;
    return true;
}

void teleai__array_add(teleai__array *array, teleai__value value) {
    size_t length = value.bytes == NULL ? 0 : (size_t)value.length;
    if (!reserve(array, 4 + length))
        return;
    array->element = value.type;
    teleai__put32(array->bytes + array->length, value.bytes == NULL ? UINT32_MAX : (uint32_t)length);
    if (length > 0)
        memcpy(array->bytes + array->length + 4, value.bytes, length);
    array->has_null |= value.bytes == NULL;
    array->length += 4 + length;
    array->count++;
}

teleai__value teleai__array_value(teleai__array *array) {
    teleai__put32(array->bytes, 1);
    teleai__put32(array->bytes + 4, array->has_null);
    teleai__put32(array->bytes + 8, array->element);
    teleai__put32(array->bytes + 12, (uint32_t)array->count);
    teleai__put32(array->bytes + 16, 1);
    return binary(array->bytes, (int)array->length, TELEAI__OID_INFER);
}

void teleai__array_free(teleai__array *array) { free(array->bytes); }
