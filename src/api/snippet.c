#include "api/snippet.h"

#include <string.h>

bool teleai__snippet_split(teleai__arena *arena, teleai_search_hit *hit, const char *mark_start, const char *mark_end) {
    const char *marked = hit->snippet_marked;
    size_t length = strlen(marked), marks = 0;
    for (const char *c = marked; *c != '\0'; c++)
        marks += *c == TELEAI__MARK_END; /* of those that count each has one */
    size_t start_bytes = strlen(mark_start), end_bytes = strlen(mark_end);
    char *plain = teleai__arena_alloc(arena, length + 1);
    char *shown = teleai__arena_alloc(arena, length + marks * (start_bytes + end_bytes) + 1);
    teleai_search_mark *places = teleai__arena_alloc(arena, (marks + 1) * sizeof *places);
    if (plain == NULL || shown == NULL || places == NULL)
        return false;
    size_t at = 0, written = 0, place = 0;
    bool inside = false;
    const char *last_end = strrchr(marked, TELEAI__MARK_END);
    for (const char *c = marked; *c != '\0'; c++) {
        if (*c == TELEAI__MARK_START) {
            if (inside || last_end == NULL || c > last_end)
                continue;
            inside = true;
            memcpy(shown + written, mark_start, start_bytes);
            written += start_bytes;
            places[place].start = (int32_t)at;
        } else if (*c == TELEAI__MARK_END) {
            if (!inside)
                continue;
            inside = false;
            memcpy(shown + written, mark_end, end_bytes);
            written += end_bytes;
            places[place++].end = (int32_t)at;
        } else {
            plain[at++] = *c;
            shown[written++] = *c;
        }
    }
    hit->snippet = plain;
    hit->snippet_marked = shown;
    hit->marks = places;
    hit->mark_count = place;
    return true;
}
