/* What a server may send as a snippet, and as JSON: nothing is read or written beyond it. The sanitizers look on. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "api/snippet.h"
#include "base/json.h"

static void split(const char *marked, const char *plain, const char *shown, size_t marks) {
    teleai_search_hit *hit = teleai__arena_make(sizeof *hit, 0);
    hit->snippet_marked = marked;
    cr_assert(teleai__snippet_split(teleai__arena_of(hit), hit, "<<<<", ">>>>>>>>"));
    cr_assert_str_eq(hit->snippet, plain);
    cr_assert_str_eq(hit->snippet_marked, shown);
    cr_assert(hit->mark_count == marks, "%zu marks", hit->mark_count);
    for (size_t i = 0; i < hit->mark_count; i++)
        cr_assert(hit->marks[i].start <= hit->marks[i].end && (size_t)hit->marks[i].end <= strlen(plain));
    teleai__arena_free(hit);
}

Test(snippet, marks_are_split_off) {
    split("a \002word\003 b", "a word b", "a <<<<word>>>>>>>> b", 1);
    split("", "", "", 0);
}

Test(snippet, marks_without_their_other_half_are_left_out) {
    split("\003\003\003\003\003\003\003\003", "", "", 0);
    split("\002\002\002\002", "", "", 0);
    split("a\003b\002c", "abc", "abc", 0);
    split("\002\002a\003\003b\002", "ab", "<<<<a>>>>>>>>b", 1);
}

Test(snippet, what_is_no_json_ends_the_walk) {
    static const char *const texts[] = {"",        "[",      "{",        "{\"",    "{\"a",      "{\"a\"",
                                        "{\"a\":", "[\"a\\", "[\"\\\"",  "[[[[[[", "[{\"a\": ", "[1 2 3",
                                        "[,,,,]",  "{1:2}",  "{\"a\"1}", "[}",     "\\",        "[\"x"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *exactly = strdup(texts[i]); /* so that what stands behind it is noticed */
        for (int named = 0; named < 2; named++) {
            const char *at = exactly;
            teleai__json_slice name, value;
            int steps = 0;
            while (teleai__json_next(&at, named ? &name : NULL, &value)) {
                cr_assert(++steps < 10, "%s does not end", texts[i]);
                cr_assert(value.start + value.length <= exactly + strlen(exactly));
            }
        }
        free(exactly);
    }
}
