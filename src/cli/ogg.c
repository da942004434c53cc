/*
 * Pages of Ogg (RFC 3533). libavformat reads a chain as one stream with the clock of the first, which goes wrong where the
 * rates or codecs differ. Headers: Vorbis I section 4.2, RFC 7845 (Opus), the Speex manual, "Ogg FLAC mapping".
 */
#include "cli/ogg.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_BYTES = 27 + 255, BEGINS = 2, MOST_STREAMS = 8, LOOK_BYTES = 1 << 16 };

typedef struct stream {
    uint32_t serial;
    int64_t rate_hz, from, until; /* in samples; until -1: none yet */
} stream;

/* Those that play at the same time: one recording of the chain. */
typedef struct recording {
    stream streams[MOST_STREAMS];
    int count;
    bool has_sound;
} recording;

static uint32_t number(const uint8_t *at, int bytes) {
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

/* What a stream that begins says of itself; rate 0: no sound. */
static stream describe(uint32_t serial, const uint8_t *head, size_t bytes) {
    stream made = {.serial = serial, .until = -1};
    if (bytes >= 16 && memcmp(head, "\x01vorbis", 7) == 0)
        made.rate_hz = number(head + 12, 4);
    else if (bytes >= 40 && memcmp(head, "Speex   ", 8) == 0)
        made.rate_hz = number(head + 36, 4);
    else if (bytes >= 30 && memcmp(head,
                                   "\x7f"
                                   "FLAC",
                                   5) == 0)
        made.rate_hz = (int64_t)head[27] << 12 | (int64_t)head[28] << 4 | head[29] >> 4;
    else if (bytes >= 12 && memcmp(head, "OpusHead", 8) == 0) {
        made.rate_hz = 48000;
        made.from = number(head + 10, 2);
    }
    return made;
}

static int64_t ms_of(const recording *of) {
    int64_t longest = 0;
    for (int i = 0; i < of->count; i++) {
        const stream *each = &of->streams[i];
        int64_t samples = each->until - each->from;
        if (each->rate_hz <= 0 || each->until < 0 || samples <= 0 || samples > INT64_MAX / 1000)
            continue;
        int64_t ms = samples * 1000 / each->rate_hz;
        longest = ms > longest ? ms : longest;
    }
    return longest;
}

/* Pages may say any number: no more than this, which no recording has. */
#define MOST_MS (INT64_MAX / 4)

static void add(int64_t *to, int64_t ms) { *to = ms > MOST_MS - *to ? MOST_MS : *to + ms; }

/* A page of a stream that ends at a sample. One whose first page ends after half a minute was not recorded from its
 * beginning. */
static void take_page(recording *to, uint32_t serial, int64_t until) {
    for (int i = 0; i < to->count; i++) {
        stream *each = &to->streams[i];
        if (each->serial != serial || until < 0)
            continue;
        if (each->until < 0 && each->rate_hz > 0 && until > 30 * each->rate_hz)
            each->from = until;
        if (until > each->until)
            each->until = until;
    }
}

/* Where the next page begins, from a place on; -1: there is none. */
static int64_t find_page(int file, int64_t at) {
    uint8_t some[LOOK_BYTES];
    ssize_t got;
    for (; (got = pread(file, some, sizeof some, at)) >= 4; at += got - 3) {
        const uint8_t *found = memmem(some, (size_t)got, "OggS", 4);
        if (found != NULL)
            return at + (found - some);
    }
    return -1;
}

int ogg_chain(int file, int64_t size, int64_t *ms) {
    uint8_t page[PAGE_BYTES + 64];
    recording now = {.count = 0};
    bool is_beginning = false;
    int links = 0;
    *ms = 0;
    if (pread(file, page, 4, 0) != 4 || memcmp(page, "OggS", 4) != 0)
        return 0;
    for (int64_t at = 0; at >= 0 && at < size;) {
        ssize_t got = pread(file, page, sizeof page, at);
        if (got < 27 || memcmp(page, "OggS", 4) != 0) {
            at = find_page(file, at + 1);
            continue;
        }
        uint32_t serial = number(page + 14, 4);
        int64_t body = 27 + page[26], bytes = body;
        for (int i = 0; i < page[26] && 27 + i < got; i++)
            bytes += page[27 + i];
        if ((page[5] & BEGINS) != 0) {
            if (!is_beginning) { /* the one before has ended */
                add(ms, ms_of(&now));
                now = (recording){.count = 0};
            }
            is_beginning = true;
            size_t there = got > body ? (size_t)(got - body) : 0;
            stream begun = describe(serial, page + body, there);
            if (begun.rate_hz > 0 && now.count < MOST_STREAMS) {
                links += !now.has_sound;
                now.has_sound = true;
                now.streams[now.count++] = begun;
            }
        } else {
            is_beginning = false;
            take_page(&now, serial, (int64_t)((uint64_t)number(page + 10, 4) << 32 | number(page + 6, 4)));
        }
        at += bytes;
    }
    add(ms, ms_of(&now));
    return links;
}
