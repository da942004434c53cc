#include "wire/params.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST_ARRAY_BYTES ((size_t)1000 << 20) /* below the server's 1 GB limit for one value */

teleai__value teleai__value_float8(double value, unsigned char *scratch) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    teleai__put64(scratch, bits);
    return teleai__value_binary(scratch, 8, TELEAI__OID_FLOAT8);
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
    return teleai__value_binary(scratch, (size_t)(next - scratch), TELEAI__OID_NUMERIC);
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

void teleai__array_add_uuids(teleai__array *array, const teleai_uuid *uuids, size_t count) {
    const size_t each = 4 + sizeof *uuids;
    if (!reserve(array, count * each))
        return;
    array->element = TELEAI__OID_UUID;
    for (size_t i = 0; i < count; i++) {
        unsigned char *place = array->bytes + array->length + i * each;
        teleai__put32(place, sizeof *uuids);
        memcpy(place + 4, &uuids[i], sizeof *uuids);
    }
    array->length += count * each;
    array->count += (int32_t)count;
}

teleai__value teleai__array_value(teleai__array *array) {
    teleai__put32(array->bytes, 1);
    teleai__put32(array->bytes + 4, array->has_null);
    teleai__put32(array->bytes + 8, array->element);
    teleai__put32(array->bytes + 12, (uint32_t)array->count);
    teleai__put32(array->bytes + 16, 1);
    return teleai__value_binary(array->bytes, array->length, TELEAI__OID_INFER);
}

void teleai__array_free(teleai__array *array) { free(array->bytes); }
