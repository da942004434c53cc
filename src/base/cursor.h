/* Cursors: where a page ended, as an opaque text that callers can keep, send to a browser and bring back. */
#ifndef TELEAI_BASE_CURSOR_H
#define TELEAI_BASE_CURSOR_H

#include "teleai/base.h"

typedef struct teleai__cursor {
    uint8_t kind;    /* of which list and order, so that one is not used for another */
    int64_t time_us; /* the key of the last row, as the server counts: its calendar is longer than ours */
    teleai_uuid id;
    double rank;      /* searches by rank */
    int64_t as_of_us; /* searches by rank: the newest row they look at */
    teleai_uuid as_of_id;
} teleai__cursor;

/* Kinds: even is newest first, one more is oldest first; and so many more: in the order of the ids alone. */
enum {
    TELEAI__CURSOR_USERS = 2,
    TELEAI__CURSOR_SESSIONS = 4,
    TELEAI__CURSOR_AUDIO_FILES = 6,
    TELEAI__CURSOR_TRANSCRIPTIONS = 8,
    TELEAI__CURSOR_ANALYSES = 10,
    TELEAI__CURSOR_KEYWORDS = 12,
    TELEAI__CURSOR_USER_STATS = 14,
    TELEAI__CURSOR_ACTIVITY = 16,
    TELEAI__CURSOR_PIPELINE = 18,
    TELEAI__CURSOR_SEARCH_RANKED = 20,
    TELEAI__CURSOR_SEARCH_NEWEST = 22,
    TELEAI__CURSOR_TENANTS = 24,
    TELEAI__CURSOR_TENANT_STATS = 26,
    TELEAI__CURSOR_BY_ID = 64,
};

#define TELEAI__CURSOR_TEXT_BYTES 128

void teleai__cursor_format(const teleai__cursor *cursor, char *out);
/* Refuses what is no cursor, or one of another kind. */
teleai_status teleai__cursor_parse(const char *text, uint8_t kind, teleai__cursor *out, teleai_error *error);

#endif
