/* api/snippet: any text between any two marks. */
#include "api/snippet.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const marks[] = {"", "[", "]", "<b class=\"match\">", "\xc2\xab"};
    fuzz_bytes from = {data, size};
    const char *start = marks[fuzz_take(&from) % 5], *end = marks[fuzz_take(&from) % 5];
    char *text = fuzz_text(&from);
    teleai_search_hit *hit = teleai__arena_make(sizeof *hit, 0);
    MUST(hit != NULL);
    hit->snippet_marked = text;
    MUST(teleai__snippet_split(teleai__arena_of(hit), hit, start, end));
    size_t plain = strlen(hit->snippet), place = 0;
    MUST(strpbrk(hit->snippet, "\002\003") == NULL && strpbrk(hit->snippet_marked, "\002\003") == NULL);
    MUST(strlen(hit->snippet_marked) == plain + hit->mark_count * (strlen(start) + strlen(end)));
    for (size_t i = 0; i < hit->mark_count; i++) {
        MUST(hit->marks[i].start >= (int32_t)place && hit->marks[i].end >= hit->marks[i].start);
        place = (size_t)hit->marks[i].end;
        MUST(place <= plain);
    }
    teleai__arena_free(hit);
    free(text);
    return 0;
}
