/* What a text may look like: UTF-8, JSON, e-mail addresses and the other forms that fields have. */
#ifndef TELEAI_BASE_TEXT_H
#define TELEAI_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Checks UTF-8 (RFC 3629) without NUL. Gives the number of characters; on failure, at which byte it went wrong. */
bool teleai__utf8_check(const char *text, size_t bytes, size_t *characters, size_t *bad_byte);

/* Makes of anything a text that is UTF-8 and can be shown: what is none, and control characters other than tabs and ends of
 * lines, becomes '?'. */
void teleai__text_clean(char *text);

/* The length of a text, or the most bytes of it that are no more than this and end with a whole character. */
size_t teleai__utf8_cut(const char *text, size_t most);

/* Each returns NULL when the text is right, otherwise what was expected, as an error would say it. */
const char *teleai__email_expected(const char *text);
const char *teleai__language_code_expected(const char *text);
const char *teleai__mime_type_expected(const char *text);
const char *teleai__ip_address_expected(const char *text);
const char *teleai__slug_expected(const char *text);

/* The media type that is stored for this one: the usual other names, parameters and case aside. NULL: for none. */
const char *teleai__mime_type(const char *text);

/* Runs of characters between Unicode white space. */
size_t teleai__word_count(const char *text, size_t bytes);

#endif
