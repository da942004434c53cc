/*
 * Searches transcriptions and shows what was found, with the matches marked.
 *
 *     search CONNECTION QUERY...
 *
 * Each argument is a query of its own, in the language that people use on the web: heart rate, "heart rate",
 * heart or pulse, heart -drill, cardi*
 */
#include "common.h"

#include <unistd.h>

static int search(teleai_client *client, const char *query) {
    bool colours = isatty(STDOUT_FILENO);
    teleai_error error;
    teleai_search_hits *hits = NULL;
    teleai_search_options options = {.struct_size = sizeof options,
                                     .mark_start = colours ? "\033[1;32m" : "[",
                                     .mark_end = colours ? "\033[0m" : "]",
                                     .limit = 5};
    if (teleai_search_transcriptions(client, query, &options, &hits, &error) != TELEAI_OK)
        return fail(query, &error);

    printf("%s   (%s%lld found; understood as %s)\n", query, hits->total_is_exact ? "" : "more than ",
           (long long)hits->total, hits->parsed_query);
    for (size_t i = 0; i < hits->count; i++) {
        const teleai_search_hit *hit = hits->items[i];
        printf("    %-20s  rank %.3f  confidence %.2f  %s\n", tail(hit->file_name, 20), hit->rank, hit->confidence,
               hit->snippet_marked);
    }
    if (hits->next_cursor != NULL)
        printf("    ...\n");
    teleai_search_hits_free(hits);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: %s CONNECTION QUERY...\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open(argv[1], NULL, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);
    int result = 0;
    for (int i = 2; i < argc; i++)
        result |= search(client, argv[i]);
    teleai_close(client);
    return result;
}
