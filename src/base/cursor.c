#include "base/cursor.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

/* kind, time, id; and for searches by rank: rank, as of: time and id. In network order, as hexadecimal digits. */
#define LIST_BYTES (1 + 8 + 16)
#define RANKED_BYTES (LIST_BYTES + 8 + 8 + 16)

_Static_assert(2 * RANKED_BYTES + 1 <= TELEAI__CURSOR_TEXT_BYTES, "room for a cursor");

static size_t bytes_of(uint8_t kind) { return kind == TELEAI__CURSOR_SEARCH_RANKED ? RANKED_BYTES : LIST_BYTES; }

static void put(unsigned char *out, uint64_t value) {
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> (56 - 8 * i));
}

static uint64_t take(const unsigned char *in) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | in[i];
    return value;
}

void teleai__cursor_format(const teleai__cursor *cursor, char *out) {
    unsigned char bytes[RANKED_BYTES];
    uint64_t rank;
    memcpy(&rank, &cursor->rank, sizeof rank);
    bytes[0] = cursor->kind;
    put(bytes + 1, (uint64_t)cursor->time_us);
    memcpy(bytes + 9, cursor->id.bytes, 16);
    put(bytes + 25, rank);
    put(bytes + 33, (uint64_t)cursor->as_of_us);
    memcpy(bytes + 41, cursor->as_of_id.bytes, 16);
    sodium_bin2hex(out, TELEAI__CURSOR_TEXT_BYTES, bytes, bytes_of(cursor->kind));
}

teleai_status teleai__cursor_parse(const char *text, uint8_t kind, teleai__cursor *out, teleai_error *error) {
    unsigned char bytes[RANKED_BYTES] = {0};
    size_t length = strnlen(text, TELEAI__CURSOR_TEXT_BYTES), taken = 0;
    if (sodium_hex2bin(bytes, sizeof bytes, text, length, NULL, &taken, NULL) != 0 || 2 * taken != length ||
        taken < LIST_BYTES || taken != bytes_of(bytes[0]))
        return teleai__fail_field(error, "cursor", "cursor is none; the next_cursor of an earlier page was expected");
    if (bytes[0] != kind)
        return teleai__fail_field(error, "cursor",
                                  "cursor is from another list or another order; the next_cursor of an earlier page of "
                                  "this one was expected");
    uint64_t rank = take(bytes + 25);
    out->kind = bytes[0];
    out->time_us = (int64_t)take(bytes + 1);
    memcpy(out->id.bytes, bytes + 9, 16);
    memcpy(&out->rank, &rank, sizeof rank);
    out->as_of_us = (int64_t)take(bytes + 33);
    memcpy(out->as_of_id.bytes, bytes + 41, 16);
    return TELEAI_OK;
}
