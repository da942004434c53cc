/* What several example programs share: saying what went wrong, the clock, and finding a recording by its content. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#define _POSIX_C_SOURCE 200809L /* clock_gettime and others, also with -std=c11: include this file first */

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <teleai.h>

/* Prints what failed and why; returns what main() should return. */
static inline int fail(const char *doing, const teleai_error *error) {
    fprintf(stderr, "%s: %s (%s)\n", doing, error->message, teleai_status_name(error->status));
    return 1;
}

static inline int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Shortens a name to `width` columns, keeping its end, which is what tells file names apart. */
static inline const char *tail(const char *text, size_t width) {
    size_t length = strlen(text);
    const char *start = length > width ? text + length - width : text;
    while (((unsigned char)*start & 0xC0) == 0x80) /* not in the middle of a UTF-8 character */
        start++;
    return start;
}

/*
 * The recording with this SHA-256, or an empty list. Recordings are known by content, not by path: moving a file or
 * registering a folder twice does not make a second one.
 */
static inline teleai_status find_recording(teleai_client *client, const teleai_uuid *user_id, const char *sha256,
                                           teleai_audio_files **out, teleai_error *error) {
    char metadata[128];
    snprintf(metadata, sizeof metadata, "{\"sha256\": \"%s\"}", sha256);
    teleai_audio_file_filter filter = {
        .struct_size = sizeof filter, .user_id = user_id, .metadata_contains_json = metadata};
    teleai_page first = {.struct_size = sizeof first, .limit = 1};
    return teleai_audio_file_list(client, &filter, &first, out, error);
}

#endif
