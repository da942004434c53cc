/* Passwords as RFC 8265 wants them compared (profile OpaqueString): all spaces are the ASCII one, and what can be written
 * composed or decomposed is composed (Unicode's normalization form C). */
#ifndef TELEAI_BASE_NFC_H
#define TELEAI_BASE_NFC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No text grows to more than three times its bytes (Unicode Standard Annex 15, section 12). */
#define TELEAI__NFC_GROWTH 3

/* Form C of UTF-8 text that was checked; `out` has room for TELEAI__NFC_GROWTH times `bytes`, and a NUL. Gives its bytes and
 * its characters. False when out of memory. */
bool teleai__nfc(const char *text, size_t bytes, bool spaces, char *out, size_t *out_bytes, size_t *characters);

/* Whether the text has a control character (Unicode's category Cc), which no password may have. */
bool teleai__has_control(const char *text, size_t bytes);

#endif
