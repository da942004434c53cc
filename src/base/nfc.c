/*
 * Normalization form C (Unicode Standard Annex 15), by tables of our own: they are 60 kB of data that does not change, where a
 * library would be one more to install on every machine, and a server's normalize() would be told the password.
 */
#include "base/nfc.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

typedef struct decomposition {
    uint32_t whole, first, second; /* second 0: it is another character's other code */
} decomposition;

typedef struct composition {
    uint32_t first, second, whole;
} composition;

typedef struct combining_class {
    uint32_t character;
    uint8_t value;
} combining_class;

#include "base/nfc_tables.inc"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Hangul syllables are made by arithmetic: section 3.12 of the Unicode standard. */
enum { S = 0xAC00, L = 0x1100, V = 0x1161, T = 0x11A7, LS = 19, VS = 21, TS = 28, SS = LS * VS * TS };

static int by_whole(const void *key, const void *row) {
    uint32_t a = *(const uint32_t *)key, b = ((const decomposition *)row)->whole;
    return a < b ? -1 : a > b;
}

static int by_character(const void *key, const void *row) {
    uint32_t a = *(const uint32_t *)key, b = ((const combining_class *)row)->character;
    return a < b ? -1 : a > b;
}

static int by_pair(const void *key, const void *row) {
    const composition *a = key, *b = row;
    return a->first != b->first ? (a->first < b->first ? -1 : 1) : a->second < b->second ? -1 : a->second > b->second;
}

static uint8_t class_of(uint32_t c) {
    const combining_class *row = bsearch(&c, combining_classes, COUNT(combining_classes), sizeof *row, by_character);
    return row == NULL ? 0 : row->value;
}

/* The one character that these two are, or 0. */
static uint32_t compose(uint32_t a, uint32_t b) {
    if (a >= L && a < L + LS && b >= V && b < V + VS)
        return S + ((a - L) * VS + (b - V)) * TS;
    if (a >= S && a < S + SS && (a - S) % TS == 0 && b > T && b < T + TS)
        return a + (b - T);
    composition key = {a, b, 0};
    const composition *row = bsearch(&key, compositions, COUNT(compositions), sizeof *row, by_pair);
    return row == NULL ? 0 : row->whole;
}

static size_t decompose(uint32_t c, uint32_t *out) {
    if (c >= S && c < S + SS) {
        uint32_t at = c - S;
        out[0] = L + at / (VS * TS);
        out[1] = V + at % (VS * TS) / TS;
        out[2] = T + at % TS;
        return at % TS == 0 ? 2 : 3;
    }
    const decomposition *row =
        c < 0xC0 ? NULL : bsearch(&c, decompositions, COUNT(decompositions), sizeof *row, by_whole);
    if (row == NULL) {
        *out = c;
        return 1;
    }
    size_t count = decompose(row->first, out);
    return row->second == 0 ? count : count + decompose(row->second, out + count);
}

static uint32_t read_character(const unsigned char **at) {
    const unsigned char *s = *at;
    int more = s[0] < 0x80 ? 0 : s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;
    uint32_t c = more == 0 ? s[0] : s[0] & (0x3FU >> more);
    for (int i = 1; i <= more; i++)
        c = c << 6 | (s[i] & 0x3F);
    *at += more + 1;
    return c;
}

static char *write_character(char *out, uint32_t c) {
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = {0, 0xC0, 0xE0, 0xF0};
    *out++ = (char)(heads[more] | c >> (6 * more));
    while (more-- > 0)
        *out++ = (char)(0x80 | (c >> (6 * more) & 0x3F));
    return out;
}

/* Category Zs but for the ASCII one: none was added since Unicode 6.3, and U+180E went. */
static bool is_other_space(uint32_t c) {
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Marks behind a letter stand by their class, and in the order they came within one. */
static void order_marks(uint32_t *all, size_t count) {
    for (size_t i = 1; i < count; i++) {
        uint32_t c = all[i];
        uint8_t class = class_of(c);
        size_t at = i;
        for (; class != 0 && at > 0 && class_of(all[at - 1]) > class; at--)
            all[at] = all[at - 1];
        all[at] = c;
    }
}

static size_t compose_all(uint32_t *all, size_t count) {
    size_t kept = 0, starter = SIZE_MAX;
    uint8_t last = 0; /* class of what was kept last behind the starter */
    for (size_t i = 0; i < count; i++) {
        uint32_t c = all[i];
        uint8_t class = class_of(c);
        bool blocked = starter != SIZE_MAX && kept > starter + 1 && last >= class;
        uint32_t whole = starter == SIZE_MAX || blocked ? 0 : compose(all[starter], c);
        if (whole != 0) {
            all[starter] = whole;
            continue;
        }
        if (class == 0)
            starter = kept;
        last = class;
        all[kept++] = c;
    }
    return kept;
}

bool teleai__nfc(const char *text, size_t bytes, bool spaces, char *out, size_t *out_bytes, size_t *characters) {
    /* The longest decomposition of one character has four. */
    size_t room = (bytes + 1) * 4, count = 0;
    uint32_t *all = malloc(room * sizeof *all);
    if (all == NULL)
        return false;
    for (const unsigned char *at = (const unsigned char *)text, *end = at + bytes; at < end;) {
        uint32_t c = read_character(&at);
        count += decompose(spaces && is_other_space(c) ? ' ' : c, all + count);
    }
    order_marks(all, count);
    count = compose_all(all, count);
    char *end = out;
    for (size_t i = 0; i < count; i++)
        end = write_character(end, all[i]);
    *end = '\0';
    *out_bytes = (size_t)(end - out);
    *characters = count;
    teleai__secret_wipe(all, room * sizeof *all);
    free(all);
    return true;
}

bool teleai__has_control(const char *text, size_t bytes) {
    for (const unsigned char *at = (const unsigned char *)text, *end = at + bytes; at < end;) {
        uint32_t c = read_character(&at);
        if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            return true;
    }
    return false;
}
