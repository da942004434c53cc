/* base/text: UTF-8, and the forms that some texts have. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- UTF-8 ---- */

/* So many plain characters go before, so that every place within a step of eight bytes is tried. */
static void is_utf8(const char *text, size_t bytes, size_t expected) {
    for (size_t before = 0; before < 17; before++) {
        char all[300];
        memset(all, 'x', before);
        memcpy(all + before, text, bytes);
        size_t characters = 999, bad = 999;
        cr_assert(teleai__utf8_check(all, before + bytes, &characters, &bad), "%s after %zu: byte %zu", text, before,
                  bad);
        cr_assert(characters == before + expected, "%s has %zu characters", text, characters - before);
        for (size_t after = 1; after < 10; after++) {
            memset(all + before + bytes, 'y', after);
            cr_assert(teleai__utf8_check(all, before + bytes + after, &characters, &bad) &&
                      characters == before + expected + after);
        }
    }
}

static void is_bad(const char *text, size_t bytes, size_t at) {
    for (size_t before = 0; before < 17; before++) {
        for (size_t after = 0; after < 10; after++) {
            char all[300];
            memset(all, 'x', sizeof all);
            memcpy(all + before, text, bytes);
            size_t characters = 999, bad = 999;
            cr_assert(!teleai__utf8_check(all, before + bytes + after, &characters, &bad), "\"%s\" was let through",
                      text);
            cr_assert(bad == before + at, "wrong at byte %zu, not %zu", bad, before + at);
        }
    }
}

Test(text, utf8_that_is_right) {
    is_utf8("", 0, 0);
    is_utf8("a\x7f\x01", 3, 3);
    is_utf8("\xc2\x80\xdf\xbf", 4, 2);
    is_utf8("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 12, 4);
    is_utf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8, 2);
    is_utf8("Grüße, 世界 \U0001F600!", strlen("Grüße, 世界 \U0001F600!"), 12);
    is_utf8("\xef\xbb\xbf", 3, 1);
    is_utf8("abcdefghijklmnopqrstuvwxyzäabcdefgh", strlen("abcdefghijklmnopqrstuvwxyzäabcdefgh"), 35);
}

Test(text, utf8_that_is_wrong) {
    static const struct {
        const char *text;
        size_t bytes, at;
    } cases[] = {
        {"\x80", 1, 0}, /* continuation alone */
        {"\xbf", 1, 0},
        {"a\x80", 2, 1},
        {"\xc0\x80", 2, 0}, /* overlong NUL */
        {"\xc1\xbf", 2, 0},
        {"\xe0\x80\x80", 3, 0},
        {"\xe0\x9f\xbf", 3, 0}, /* overlong, three bytes */
        {"\xf0\x80\x80\x80", 4, 0},
        {"\xf0\x8f\xbf\xbf", 4, 0}, /* overlong, four bytes */
        {"\xed\xa0\x80", 3, 0},
        {"\xed\xbf\xbf", 3, 0},
        {"\xed\xad\xbf", 3, 0}, /* surrogates */
        {"\xf4\x90\x80\x80", 4, 0},
        {"\xf5\x80\x80\x80", 4, 0},
        {"\xff", 1, 0},
        {"\xfe", 1, 0}, /* beyond U+10FFFF */
        {"\xf8\x88\x80\x80\x80", 5, 0},
        {"\xc3\x28", 2, 0},
        {"\xe2\x28\xa1", 3, 0},
        {"\xe2\x82\x28", 3, 0},
        {"\xf0\x28\x8c\xbc", 4, 0},
        {"\xf0\x90\x28\xbc", 4, 0},
        {"\xf0\x90\x8c\x28", 4, 0},
        {"\xc3\xa4\xc3", 3, 2},
        {"\xe2\x82", 2, 0},
        {"\xf0\x9f\x98", 3, 0}, /* cut off, then an x or the end */
        {"", 1, 0},
        {"a\0b", 3, 1},
        {"\xc3\xa4\0", 3, 2}, /* NUL */
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        is_bad(cases[i].text, cases[i].bytes, cases[i].at);
}

Test(text, every_character_and_no_surrogate) {
    for (unsigned int c = 1; c <= 0x110000; c++) {
        char text[4];
        size_t bytes, characters = 0, bad = 0;
        if (c < 0x80) {
            text[0] = (char)c;
            bytes = 1;
        } else if (c < 0x800) {
            text[0] = (char)(0xC0 | c >> 6);
            text[1] = (char)(0x80 | (c & 0x3F));
            bytes = 2;
        } else if (c < 0x10000) {
            text[0] = (char)(0xE0 | c >> 12);
            text[1] = (char)(0x80 | (c >> 6 & 0x3F));
            text[2] = (char)(0x80 | (c & 0x3F));
            bytes = 3;
        } else {
            text[0] = (char)(0xF0 | c >> 18);
            text[1] = (char)(0x80 | (c >> 12 & 0x3F));
            text[2] = (char)(0x80 | (c >> 6 & 0x3F));
            text[3] = (char)(0x80 | (c & 0x3F));
            bytes = 4;
        }
        bool right = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        if (teleai__utf8_check(text, bytes, &characters, &bad) != right || (right && characters != 1))
            cr_assert_fail("U+%04X", c);
    }
}

/* ---- forms ---- */

typedef const char *(*form)(const char *text);

static void all_right(form expected, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        cr_expect(expected(texts[i]) == NULL, "\"%s\" was refused: %s", texts[i], expected(texts[i]));
}

static void all_wrong(form expected, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        cr_expect(expected(texts[i]) != NULL, "\"%s\" was let through", texts[i]);
}

Test(text, emails) {
    static const char *const right[] = {
#define RIGHT(text) text,
#define WRONG(text)
#include "emails.h"
    };
    static const char *const wrong[] = {
#undef RIGHT
#undef WRONG
#define RIGHT(text)
#define WRONG(text) text,
#include "emails.h"
    };
    all_right(teleai__email_expected, right, COUNT(right));
    all_wrong(teleai__email_expected, wrong, COUNT(wrong));
}

Test(text, slugs) {
    static const char *const right[] = {"a", "7", "acme", "acme-2", "a--b", "0-0"};
    static const char *const wrong[] = {"",    "-", "-a",    "a-",     "A",     "acmE", "a b", "a_b", "a.b",
                                        "a/b", "ä", "acme ", "acme\n", " acme", "a\tb", "`",   "{",   "/"};
    all_right(teleai__slug_expected, right, COUNT(right));
    all_wrong(teleai__slug_expected, wrong, COUNT(wrong));
}

Test(text, language_codes) {
    static const char *const right[] = {"en", "EN", "deu", "pt-BR", "zh-Hant-TW", "de-1996", "en-x-a", "sl-rozaj"};
    static const char *const wrong[] = {"",      "e",  "engl",         "e1",    "en-",    "-en",  "en--GB",
                                        "en_GB", "12", "en-123456789", "en GB", "en-GB ", "en-ü", "ün"};
    all_right(teleai__language_code_expected, right, COUNT(right));
    all_wrong(teleai__language_code_expected, wrong, COUNT(wrong));
}

Test(text, mime_types) {
    static const char *const right[][8] = {
        {"audio/mpeg", "audio/mpeg", "AUDIO/MP3", "audio/x-mpeg", "audio/mpeg; charset=binary", "audio/x-mp3"},
        {"audio/wav", "audio/wav", "Audio/WAV", "audio/x-wav", "audio/wave", "audio/vnd.wave; codec=1",
         "audio/x-pn-wav"},
        {"audio/ogg", "audio/ogg", "audio/ogg; codecs=opus", "audio/opus", "application/ogg",
         "audio/ogg;codecs=\"a;b\"", "audio/vorbis"},
        {"audio/webm", "audio/webm", "audio/webm;codecs=opus", " audio/webm ", "audio/webm\t; x"},
        {"audio/aac", "audio/aac", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/aacp",
         "audio/mp4; codecs=\"mp4a.40.2\""},
        {"audio/flac", "audio/flac", "audio/x-flac", "audio/X-FLAC;"},
    };
    static const char *const wrong[] = {
        "",          "audio",     "audio/",      "audio/wa",   "audio/wavx",  "video/ogg",
        "video/mp4", "audio/amr", "audio/basic", ";audio/wav", "x;audio/wav", "audio / wav",
        " ",         ";",         "\xff"};
    for (size_t i = 0; i < COUNT(right); i++)
        for (size_t j = 1; j < COUNT(right[i]) && right[i][j] != NULL; j++) {
            cr_expect_str_eq(teleai__mime_type(right[i][j]), right[i][0], "%s", right[i][j]);
            cr_expect(teleai__mime_type_expected(right[i][j]) == NULL);
        }
    all_wrong(teleai__mime_type_expected, wrong, COUNT(wrong));
    for (size_t i = 0; i < COUNT(right); i++)
        cr_expect(strstr(teleai__mime_type_expected(""), right[i][0]) != NULL, "%s is not named", right[i][0]);
}

Test(text, ip_addresses) {
    static const char *const right[] = {"0.0.0.0",
                                        "255.255.255.255",
                                        "10.1.2.3/8",
                                        "10.1.2.3/32",
                                        "1.2.3.4/0",
                                        "::",
                                        "::1",
                                        "2001:DB8::a",
                                        "2001:db8::/32",
                                        "::1/128",
                                        "::ffff:1.2.3.4",
                                        "1:2:3:4:5:6:7:8",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128"};
    static const char *const wrong[] = {"",
                                        "1",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.256",
                                        "1.2.3.4/",
                                        "1.2.3.4/33",
                                        "1.2.3.4/-1",
                                        "1.2.3.4/8x",
                                        "1.2.3.4/ 8",
                                        "::1/129",
                                        "::1/1000",
                                        ":::",
                                        "1::2::3",
                                        "g::",
                                        "fe80::1%lo",
                                        "localhost",
                                        " 1.2.3.4",
                                        "1.2.3.4 ",
                                        "/8",
                                        "1.2.3.4/4294967296",
                                        "0x1.2.3.4",
                                        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd"};
    all_right(teleai__ip_address_expected, right, COUNT(right));
    all_wrong(teleai__ip_address_expected, wrong, COUNT(wrong));
}

/* ---- words ---- */

Test(text, words_between_white_space) {
    static const struct {
        const char *text;
        size_t words;
    } cases[] = {
        {"", 0},
        {" ", 0},
        {"a", 1},
        {" a ", 1},
        {"a b", 2},
        {"a\tb\nc\vd\fe\rf", 6},
        {"don't stop-now, ok?", 3},
        {"ä ö", 2},
        /* Every character with the Unicode property White_Space beyond ASCII. */
        {"a\xc2\x85"
         "b",
         2},
        {"a\u00A0b", 2},
        {"a\u1680b", 2},
        {"a\u2000b", 2},
        {"a\u2005b", 2},
        {"a\u200Ab", 2},
        {"a\u2028b", 2},
        {"a\u2029b", 2},
        {"a\u202Fb", 2},
        {"a\u205Fb", 2},
        {"a\u3000b", 2},
        {"\u3000\u3000a\u3000\u3000b\u3000", 2},
        /* Neighbours of those, and characters that only look empty. */
        {"a\xc2\x84"
         "b",
         1},
        {"a\u200Bb", 1},
        {"a\u2060b", 1},
        {"a\uFEFFb", 1},
        {"a\u1681b", 1},
        {"a\u3001b", 1},
        {"a\u2027b", 1},
        {"世界", 1},
        {"\U0001F600 \U0001F600", 2},
        {"a\x1f"
         "b",
         1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t words = teleai__word_count(cases[i].text, strlen(cases[i].text));
        cr_expect(words == cases[i].words, "\"%s\" has %zu words, %zu were expected", cases[i].text, words,
                  cases[i].words);
    }
    cr_assert(teleai__word_count("one two three", 7) == 2);
    cr_assert(teleai__word_count("a\xe3\x80", 3) == 1, "a space cut off at the end is none");
}
