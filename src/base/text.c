#include "base/text.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Length of the well-formed character that starts here, or 0 (table 3-7 of the Unicode standard, chapter 3). */
static size_t character_bytes(const unsigned char *s, size_t left) {
    unsigned char first = s[0];
    if (first < 0x80)
        return first == 0 ? 0 : 1;
    size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                    : first >= 0xE0 && first <= 0xEF ? 3
                    : first >= 0xF0 && first <= 0xF4 ? 4
                                                     : 0;
    if (length == 0 || length > left)
        return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* Whether eight bytes are ASCII, and none of them NUL. */
static bool are_plain(const unsigned char *s) {
    uint64_t word;
    memcpy(&word, s, 8);
    return (((word - UINT64_C(0x0101010101010101)) | word) & UINT64_C(0x8080808080808080)) == 0;
}

/* The rest from where it is not plain. */
static bool check_rest(const unsigned char *s, size_t bytes, size_t at, size_t *characters, size_t *bad_byte) {
    size_t count = at;
    while (at < bytes) {
        while (bytes - at >= 8 && are_plain(s + at)) {
            at += 8;
            count += 8;
        }
        if (at == bytes)
            break;
        size_t length = character_bytes(s + at, bytes - at);
        if (length == 0) {
            *bad_byte = at;
            return false;
        }
        at += length;
        count++;
    }
    *characters = count;
    return true;
}

/* Most texts are plain: eight bytes at a time, the last ones together with some that were looked at before. */
bool teleai__utf8_check(const char *text, size_t bytes, size_t *characters, size_t *bad_byte) {
    const unsigned char *s = (const unsigned char *)text;
    size_t at = 0;
    while (bytes - at >= 8 && are_plain(s + at))
        at += 8;
    if (bytes - at >= 8 || bytes < 8 || !are_plain(s + bytes - 8))
        return check_rest(s, bytes, at, characters, bad_byte);
    *characters = bytes;
    return true;
}

size_t teleai__utf8_cut(const char *text, size_t most) {
    size_t length = strnlen(text, most + 1);
    if (length <= most)
        return length;
    /* text[most] is the first byte that does not fit: go back to where its character begins, if it is one. */
    size_t start = most;
    while (start > 0 && most - start < 3 && ((unsigned char)text[start] & 0xC0) == 0x80)
        start--;
    return ((unsigned char)text[start] & 0xC0) == 0x80 ? most : start;
}

void teleai__text_clean(char *text) {
    for (size_t left = strlen(text), length; left > 0; text += length, left -= length) {
        unsigned char *s = (unsigned char *)text;
        length = character_bytes(s, left);
        bool controls = (length == 1 && ((*s < ' ' && *s != '\t' && *s != '\n') || *s == 0x7F)) ||
                        (length == 2 && s[0] == 0xC2 && s[1] < 0xA0);
        if (length == 0 || controls) {
            *text = '?';
            length = 1;
        }
    }
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static char lowered(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* What an atom of a local part is made of: RFC 5322, section 3.2.3. */
static bool is_atom(char c) { return is_letter(c) || is_digit(c) || (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~-", c)); }

/* The length of a host name's label: letters, digits, and hyphens within (RFC 1123, section 2.1). 0: it is none. */
static size_t label_length(const char *text) {
    size_t length = 0;
    while (is_letter(text[length]) || is_digit(text[length]) || text[length] == '-')
        length++;
    return length > 63 || (length > 0 && (text[0] == '-' || text[length - 1] == '-')) ? 0 : length;
}

/* The last label: letters, or those that stand for other scripts (RFC 5890: xn--...). */
static bool is_top_label(const char *text, size_t length) {
    if (length > 4 && lowered(text[0]) == 'x' && lowered(text[1]) == 'n' && text[2] == '-' && text[3] == '-')
        return true;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(text[i]))
            return false;
    return length >= 2;
}

/* As the check constraint on users.email: a dot-atom, at most 64 characters of it, @, and a host name of two labels or
 * more; all together at most 254 (RFC 5321, sections 4.1.2 and 4.5.3.1). */
const char *teleai__email_expected(const char *text) {
    static const char expected[] = "an e-mail address such as ann@example.org";
    const char *at = text;
    for (bool after_dot = true; *at != '@'; at++) {
        bool dot = *at == '.';
        if (dot ? after_dot || at[1] == '@' : !is_atom(*at))
            return expected;
        after_dot = dot;
    }
    if (at == text || at - text > 64 || strlen(text) > 254)
        return expected;
    const char *label = at + 1;
    for (int labels = 1;; labels++) {
        size_t length = label_length(label);
        if (length == 0)
            return expected;
        if (label[length] == '\0')
            return labels >= 2 && is_top_label(label, length) ? NULL : expected;
        if (label[length] != '.')
            return expected;
        label += length + 1;
    }
}

/* As the check constraint on tenants.slug, and so fit for a host name (RFC 1123, section 2.1). */
const char *teleai__slug_expected(const char *text) {
    static const char expected[] =
        "lower-case letters, digits and hyphens, with no hyphen at either end, such as acme-2,";
    size_t length = strlen(text);
    for (const char *c = text; *c != '\0'; c++)
        if (!(*c >= 'a' && *c <= 'z') && !is_digit(*c) && *c != '-')
            return expected;
    return length > 0 && text[0] != '-' && text[length - 1] != '-' ? NULL : expected;
}

/* BCP 47: a language of two or three letters, then subtags of one to eight letters or digits. */
const char *teleai__language_code_expected(const char *text) {
    static const char expected[] = "a language code such as en or pt-BR";
    size_t letters = 0;
    while (is_letter(text[letters]))
        letters++;
    if (letters < 2 || letters > 3)
        return expected;
    const char *rest = text + letters;
    while (*rest == '-') {
        size_t length = 0;
        while (is_letter(rest[1 + length]) || is_digit(rest[1 + length]))
            length++;
        if (length < 1 || length > 8)
            return expected;
        rest += 1 + length;
    }
    return *rest == '\0' ? NULL : expected;
}

/* What browsers, phones and the registry of media types (IANA) call the six that are stored. MP4 audio is AAC as good as
 * always; what is said in Ogg, Opus or Vorbis, is in the parameters and in the file. */
static const struct {
    const char *name, *stored;
} media_types[] = {
    {"audio/mpeg", "audio/mpeg"},       {"audio/mp3", "audio/mpeg"},       {"audio/x-mp3", "audio/mpeg"},
    {"audio/mpeg3", "audio/mpeg"},      {"audio/x-mpeg", "audio/mpeg"},    {"audio/x-mpeg-3", "audio/mpeg"},
    {"audio/mpg", "audio/mpeg"},        {"audio/x-mpg", "audio/mpeg"},     {"audio/wav", "audio/wav"},
    {"audio/x-wav", "audio/wav"},       {"audio/wave", "audio/wav"},       {"audio/vnd.wave", "audio/wav"},
    {"audio/x-pn-wav", "audio/wav"},    {"audio/ogg", "audio/ogg"},        {"application/ogg", "audio/ogg"},
    {"application/x-ogg", "audio/ogg"}, {"audio/x-ogg", "audio/ogg"},      {"audio/opus", "audio/ogg"},
    {"audio/vorbis", "audio/ogg"},      {"audio/x-opus+ogg", "audio/ogg"}, {"audio/x-vorbis+ogg", "audio/ogg"},
    {"audio/webm", "audio/webm"},       {"audio/aac", "audio/aac"},        {"audio/x-aac", "audio/aac"},
    {"audio/aacp", "audio/aac"},        {"audio/mp4", "audio/aac"},        {"audio/m4a", "audio/aac"},
    {"audio/x-m4a", "audio/aac"},       {"audio/mp4a-latm", "audio/aac"},  {"audio/flac", "audio/flac"},
    {"audio/x-flac", "audio/flac"},
};

const char *teleai__mime_type(const char *text) {
    static const char *const stored[] = {"wav", "mpeg", "ogg", "webm", "aac", "flac"};
    static const char *const whole[] = {"audio/wav",  "audio/mpeg", "audio/ogg",
                                        "audio/webm", "audio/aac",  "audio/flac"};
    if (strncmp(text, "audio/", 6) == 0) /* nearly always it is one of the six as it stands */
        for (size_t i = 0; i < sizeof stored / sizeof *stored; i++)
            if (strcmp(text + 6, stored[i]) == 0)
                return whole[i];
    while (is_blank(*text))
        text++;
    size_t length = strcspn(text, ";");
    while (length > 0 && is_blank(text[length - 1]))
        length--;
    for (size_t i = 0; i < sizeof media_types / sizeof *media_types; i++) {
        const char *name = media_types[i].name;
        size_t same = 0;
        while (same < length && name[same] != '\0' && lowered(text[same]) == name[same])
            same++;
        if (same == length && name[same] == '\0')
            return media_types[i].stored;
    }
    return NULL;
}

const char *teleai__mime_type_expected(const char *text) {
    return teleai__mime_type(text) != NULL ? NULL
                                           : "one of audio/mpeg, audio/wav, audio/ogg, audio/webm, audio/aac, "
                                             "audio/flac, or another name of these,";
}

const char *teleai__ip_address_expected(const char *text) {
    static const char expected[] = "an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1, with or without /prefix";
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (length >= sizeof address)
        return expected;
    memcpy(address, text, length);
    address[length] = '\0';
    unsigned char parsed[16];
    int bits = inet_pton(AF_INET, address, parsed) == 1 ? 32 : inet_pton(AF_INET6, address, parsed) == 1 ? 128 : 0;
    if (bits == 0)
        return expected;
    if (slash == NULL)
        return NULL;
    size_t digits = strspn(slash + 1, "0123456789");
    return digits >= 1 && digits <= 3 && slash[1 + digits] == '\0' && strtol(slash + 1, NULL, 10) <= bits ? NULL
                                                                                                          : expected;
}

/* The characters with the Unicode property White_Space. */
static size_t white_space_bytes(const unsigned char *s, size_t left) {
    if (s[0] == ' ' || (s[0] >= 0x09 && s[0] <= 0x0D))
        return 1;
    if (left >= 2 && s[0] == 0xC2 && (s[1] == 0x85 || s[1] == 0xA0))
        return 2;
    if (left < 3)
        return 0;
    if (s[0] == 0xE1 && s[1] == 0x9A && s[2] == 0x80)
        return 3;
    if (s[0] == 0xE2 && s[1] == 0x80 &&
        ((s[2] >= 0x80 && s[2] <= 0x8A) || s[2] == 0xA8 || s[2] == 0xA9 || s[2] == 0xAF))
        return 3;
    if (s[0] == 0xE2 && s[1] == 0x81 && s[2] == 0x9F)
        return 3;
    return s[0] == 0xE3 && s[1] == 0x80 && s[2] == 0x80 ? 3 : 0;
}

size_t teleai__word_count(const char *text, size_t bytes) {
    const unsigned char *s = (const unsigned char *)text;
    size_t count = 0;
    bool inside = false;
    for (size_t at = 0; at < bytes;) {
        size_t space = white_space_bytes(s + at, bytes - at);
        if (space == 0 && !inside)
            count++;
        inside = space == 0;
        at += space == 0 ? 1 : space;
    }
    return count;
}
