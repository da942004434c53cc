/* Search over many hits: order, pages, totals, the keyword query, and real transcripts where a folder of them is given. */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

SERVER_SUITE(search_pages);

static teleai_uuid user, file;

static void add_owner(void) {
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
}

/* Rows numbered from..to by their word count. `text` is SQL in which n is the number; several share a time of creation. */
static void add_rows(int from, int to, const char *text) {
    char user_text[TELEAI_UUID_TEXT_BYTES], file_text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&user, user_text);
    teleai_uuid_format(&file, file_text);
    harness_sql(
        "insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, status, engine, "
        "word_count, "
        "created_at) select '%s', '%s', %s, 'en', 'completed', 'test', n, '2020-01-01'::timestamptz + n / 4 * interval "
        "'1 second' from generate_series(%d, %d) n",
        file_text, user_text, text, from, to);
}

/* Read anew when an id is not known yet. */
static int number_of(const teleai_uuid *id) {
    static PGresult *rows;
    char text[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(id, text);
    for (int i = 0; i < PQntuples(rows); i++)
        if (strcmp(PQgetvalue(rows, i, 0), text) == 0)
            return atoi(PQgetvalue(rows, i, 1));
    PQclear(rows);
    PGconn *raw = harness_connect();
    rows = PQexec(raw, "select id, word_count from transcriptions");
    PQfinish(raw);
    for (int i = 0; i < PQntuples(rows); i++)
        if (strcmp(PQgetvalue(rows, i, 0), text) == 0)
            return atoi(PQgetvalue(rows, i, 1));
    return -1;
}

#define MOST 2000

/* Reads all pages of a query and counts how often each row was there; `between` runs after each page. Checks the order. */
static int read_pages(const char *query, int32_t order, int32_t limit, int64_t total, void (*between)(int page),
                      int seen[MOST]) {
    teleai_search_options options = {.struct_size = sizeof options, .order = order, .limit = limit};
    char cursor[200];
    int pages = 0;
    double last_rank = 1e9;
    int64_t last_time = INT64_MAX;
    teleai_uuid last_id;
    memset(&last_id, 0xff, sizeof last_id);
    for (;;) {
        teleai_search_hits *hits;
        OK(teleai_search_transcriptions(db, query, &options, &hits, &error));
        cr_assert(hits->count <= (size_t)limit && (hits->next_cursor == NULL || hits->count == (size_t)limit));
        cr_assert(total < 0 || hits->total == total, "page %d: total %lld", pages, (long long)hits->total);
        for (size_t i = 0; i < hits->count; i++) {
            const teleai_search_hit *hit = hits->items[i];
            int later = hit->rank != last_rank            ? hit->rank < last_rank
                        : hit->created_at_us != last_time ? hit->created_at_us < last_time
                                                          : memcmp(&hit->transcription_id, &last_id, 16) < 0;
            cr_assert(later, "page %d: hit %zu is out of order", pages, i);
            cr_assert(order == TELEAI_SEARCH_RANKED ? hit->rank > 0 : hit->rank == 0);
            last_rank = hit->rank;
            last_time = hit->created_at_us;
            last_id = hit->transcription_id;
            int number = number_of(&hit->transcription_id);
            cr_assert(number >= 0 && number < MOST);
            seen[number]++;
        }
        pages++;
        bool more = hits->next_cursor != NULL;
        snprintf(cursor, sizeof cursor, "%s", more ? hits->next_cursor : "");
        teleai_search_hits_free(hits);
        if (!more)
            return pages;
        options.cursor = cursor;
        if (between != NULL)
            between(pages);
    }
}

static void check_each_once(const int seen[MOST], int from, int to) {
    for (int i = 0; i < MOST; i++)
        cr_assert(seen[i] == (i >= from && i <= to), "row %d was there %d times", i, seen[i]);
}

/* Of different rank, and many of the same. */
#define HEARTS "repeat('heart ', 1 + n % 3) || repeat('filler ', n % 5)"

Test(search_pages, pages_of_both_orders_hold_every_hit_once) {
    add_owner();
    add_rows(0, 56, HEARTS);
    add_rows(100, 120, "'nothing of it'");
    for (int32_t order = 0; order <= 1; order++) {
        for (int32_t limit = 1; limit <= 57; limit += 7) {
            int seen[MOST] = {0};
            int pages = read_pages("heart", order, limit, 57, NULL, seen);
            cr_assert(pages == (57 + limit - 1) / limit, "%d pages of %d", pages, (int)limit);
            check_each_once(seen, 0, 56);
        }
    }
}

static void add_newer_ones(int page) { add_rows(1000 + 10 * page, 1009 + 10 * page, "'heart heart heart heart'"); }

Test(search_pages, pages_stay_put_while_newer_and_better_ones_are_added) {
    add_owner();
    add_rows(0, 39, HEARTS);
    for (int32_t order = 0; order <= 1; order++) {
        int seen[MOST] = {0};
        read_pages("heart", order, 7, order == TELEAI_SEARCH_RANKED ? 40 : -1, add_newer_ones, seen);
        check_each_once(seen, 0, 39);
        harness_sql("delete from transcriptions where word_count >= 1000");
    }
}

static void remove_some(int page) { harness_sql("delete from transcriptions where word_count = %d", 3 * page); }

Test(search_pages, pages_skip_nothing_while_others_are_removed) {
    add_owner();
    add_rows(0, 39, "repeat('heart ', 1 + n % 3)");
    for (int32_t order = 0; order <= 1; order++) {
        int seen[MOST] = {0};
        read_pages("heart", order, 5, -1, remove_some, seen);
        for (int i = 0; i < 40; i++)
            cr_assert(
                seen[i] <= 1 &&
                    (seen[i] == 1 ||
                     strcmp(harness_sql("select count(*) from transcriptions where word_count = %d", i), "0") == 0),
                "row %d was there %d times", i, seen[i]);
    }
}

Test(search_pages, a_cursor_of_one_order_is_refused_in_the_other) {
    add_owner();
    add_rows(0, 5, "'heart'");
    teleai_search_options options = {.struct_size = sizeof options, .limit = 2};
    teleai_search_hits *ranked, *newest, *none;
    OK(teleai_search_transcriptions(db, "heart", &options, &ranked, &error));
    options.order = TELEAI_SEARCH_NEWEST_FIRST;
    OK(teleai_search_transcriptions(db, "heart", &options, &newest, &error));
    options.cursor = ranked->next_cursor;
    FAILS(teleai_search_transcriptions(db, "heart", &options, &none, &error), TELEAI_INVALID_ARGUMENT, "cursor");
    options.order = TELEAI_SEARCH_RANKED;
    options.cursor = newest->next_cursor;
    FAILS(teleai_search_transcriptions(db, "heart", &options, &none, &error), TELEAI_INVALID_ARGUMENT, "cursor");
    teleai_search_hits_free(ranked);
    teleai_search_hits_free(newest);
}

Test(search_pages, more_and_closer_words_rank_higher) {
    add_owner();
    add_rows(1, 1, "'the heart ' || repeat('filler ', 50) || 'rate'");
    add_rows(2, 2, "'heart rate, heart rate, heart rate again'");
    add_rows(3, 3, "'the heart rate'");
    add_rows(4, 4, "'rate is a word here, and heart as well ' || repeat('filler ', 200)");
    teleai_search_hits *hits;
    OK(teleai_search_transcriptions(db, "heart rate", NULL, &hits, &error));
    cr_assert(hits->count == 4);
    cr_assert(number_of(&hits->items[0]->transcription_id) == 2);
    cr_assert(number_of(&hits->items[1]->transcription_id) == 3);
    for (size_t i = 1; i < 4; i++)
        cr_assert(hits->items[i]->rank <= hits->items[i - 1]->rank && hits->items[i]->rank > 0);
    teleai_search_hits_free(hits);
}

Test(search_pages, totals_are_exact_up_to_1000) {
    add_owner();
    add_rows(0, 999, "'heart'");
    for (int32_t order = 0; order <= 1; order++) {
        teleai_search_options options = {.struct_size = sizeof options, .order = order, .limit = 1};
        teleai_search_hits *hits;
        OK(teleai_search_transcriptions(db, "heart", &options, &hits, &error));
        cr_assert(hits->total == 1000 && hits->total_is_exact);
        teleai_search_hits_free(hits);
    }
    add_rows(1000, 1004, "'heart heart heart'");
    for (int32_t order = 0; order <= 1; order++) {
        teleai_search_options options = {.struct_size = sizeof options, .order = order, .limit = 1000};
        teleai_search_hits *hits, *rest;
        OK(teleai_search_transcriptions(db, "heart", &options, &hits, &error));
        cr_assert(hits->total == 1000 && !hits->total_is_exact && hits->count == 1000);
        if (order == TELEAI_SEARCH_RANKED) {
            cr_assert(hits->next_cursor == NULL, "the newest 1000 and no more");
        } else {
            options.cursor = hits->next_cursor;
            OK(teleai_search_transcriptions(db, "heart", &options, &rest, &error));
            cr_assert(rest->count == 5 && rest->next_cursor == NULL && rest->total == 1000 && !rest->total_is_exact);
            teleai_search_hits_free(rest);
        }
        teleai_search_hits_free(hits);
    }
}

/* ---- the keyword query ---- */

static int keyword_pages(const char *words, int32_t order, int32_t limit, int seen[MOST]) {
    teleai_page page = {.struct_size = sizeof page, .limit = limit, .order = order};
    char cursor[200];
    int pages = 0, last = order == TELEAI_ORDER_NEWEST_FIRST ? MOST : -4;
    for (;;) {
        teleai_transcriptions *list;
        OK(teleai_search_keywords(db, words, &page, &list, &error));
        for (size_t i = 0; i < list->count; i++) {
            int number = list->items[i]->word_count;
            cr_assert(order == TELEAI_ORDER_NEWEST_FIRST ? number / 4 <= last / 4 : number / 4 >= last / 4, "order");
            last = number;
            seen[number]++;
        }
        pages++;
        snprintf(cursor, sizeof cursor, "%s", list->next_cursor == NULL ? "" : list->next_cursor);
        teleai_transcriptions_free(list);
        if (cursor[0] == '\0')
            return pages;
        page.cursor = cursor;
    }
}

Test(search_pages, keywords_find_all_words_in_any_status_page_by_page) {
    add_owner();
    add_rows(0, 49, "'hearts and their rates'");
    add_rows(60, 69, "'hearts alone'");
    harness_sql("update transcriptions set status = 'failed' where word_count %% 2 = 0");
    for (int32_t order = 0; order <= 1; order++) {
        int seen[MOST] = {0};
        cr_assert(keyword_pages("rate heart", order, 7, seen) == 8);
        check_each_once(seen, 0, 49);
    }
    int none[MOST] = {0}, bars[MOST] = {0};
    keyword_pages("the of", 0, 0, none);
    keyword_pages("heart & pulse | !'", 0, 0, none);
    keyword_pages("   ", 0, 0, none);
    check_each_once(none, 1, 0);
    keyword_pages("heart -| rate:*", 0, 10, bars);
    check_each_once(bars, 0, 49);
}

Test(search_pages, keywords_are_checked) {
    teleai_transcriptions *list;
    char words[4200];
    memset(words, 'x', sizeof words);
    words[4096] = '\0';
    OK(teleai_search_keywords(db, words, NULL, &list, &error));
    cr_assert(list->count == 0);
    teleai_transcriptions_free(list);
    words[4096] = 'x';
    words[4097] = '\0';
    FAILS(teleai_search_keywords(db, words, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "words");
    for (size_t i = 0; i < 2050; i++)
        memcpy(words + 2 * i, "\xc3\xb6", 2); /* 2050 characters in 4100 bytes */
    words[4100] = '\0';
    FAILS(teleai_search_keywords(db, words, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "words");
    FAILS(teleai_search_keywords(db, "", NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "words");
    FAILS(teleai_search_keywords(db, NULL, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "words");
    FAILS(teleai_search_keywords(db, "\xff", NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "words");
    teleai_page page = {.struct_size = sizeof page, .cursor = "none"};
    FAILS(teleai_search_keywords(db, "heart", &page, &list, &error), TELEAI_INVALID_ARGUMENT, "cursor");
}

/* ---- real transcripts: TELEAI_TEST_DATA/missions/a11/TEC and queries.tsv (kind, query, mission, times it is said at) ---- */

typedef struct utterance {
    char time[16];
    teleai_uuid id;
    char *text;
} utterance;

static utterance *utterances;
static size_t utterance_count;

static void read_mission(FILE *in) {
    static char line[16384];
    char time[16] = "";
    bool speech = false;
    while (fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *colon = strchr(line, ':');
        if (line[0] == '[' && strchr(line, ']') != NULL && colon != NULL) {
            snprintf(time, sizeof time, "%.*s", (int)strcspn(line + 1, "]"), line + 1);
            speech = false;
        } else if ((line[0] == ' ' || line[0] == '\t') && speech) {
            utterance *last = &utterances[utterance_count - 1];
            size_t bytes = strlen(last->text) + strlen(line) + 2;
            last->text = realloc(last->text, bytes);
            strcat(strcat(last->text, " "), line + strspn(line, " \t"));
        } else if (line[0] == '_' || line[0] == '#' || line[0] == '\0') {
            speech = false;
        } else if (colon != NULL) {
            utterances = realloc(utterances, (utterance_count + 1) * sizeof *utterances);
            utterance *made = &utterances[utterance_count++];
            snprintf(made->time, sizeof made->time, "%s", time);
            teleai_uuid_make(&made->id);
            made->text = strdup(colon + 1);
            speech = true;
        }
    }
}

static void store_utterances(void) {
    teleai_transcription_input *inputs = calloc(utterance_count, sizeof *inputs);
    for (size_t i = 0; i < utterance_count; i++)
        inputs[i] = (teleai_transcription_input){.struct_size = sizeof *inputs,
                                                 .id = &utterances[i].id,
                                                 .audio_file_id = &file,
                                                 .user_id = &user,
                                                 .text = utterances[i].text,
                                                 .language_code = "en",
                                                 .engine = "people",
                                                 .status = TELEAI_TRANSCRIPTION_COMPLETED};
    for (size_t at = 0; at < utterance_count; at += 2000) {
        size_t count = utterance_count - at < 2000 ? utterance_count - at : 2000;
        OK(teleai_transcription_create_many(db, inputs + at, count, NULL, NULL, &error));
    }
    free(inputs);
}

static int compare_times(const void *a, const void *b) { return strcmp(a, b); }

/* The times at which something is said that the query finds, each once, in order. */
static const char *times_found(const char *query) {
    static char times[MOST][16], text[MOST * 16];
    teleai_search_options options = {.struct_size = sizeof options, .order = TELEAI_SEARCH_NEWEST_FIRST, .limit = 1000};
    teleai_search_hits *hits;
    OK(teleai_search_transcriptions(db, query, &options, &hits, &error));
    cr_assert(hits->next_cursor == NULL, "%s is too common to be compared", query);
    for (size_t i = 0; i < hits->count; i++)
        for (size_t k = 0; k < utterance_count; k++)
            if (teleai_uuid_equal(&utterances[k].id, &hits->items[i]->transcription_id))
                memcpy(times[i], utterances[k].time, sizeof times[i]);
    qsort(times, hits->count, sizeof times[0], compare_times);
    text[0] = '\0';
    for (size_t i = 0; i < hits->count; i++)
        if (i == 0 || strcmp(times[i], times[i - 1]) != 0)
            strcat(strcat(text, text[0] == '\0' ? "" : ","), times[i]);
    teleai_search_hits_free(hits);
    return text;
}

Test(search_pages, real_talk_is_found_at_the_times_it_was_said) {
    const char *folder = getenv("TELEAI_TEST_DATA");
    char path[2][1000];
    snprintf(path[0], sizeof path[0], "%s/missions/a11/TEC", folder == NULL ? "." : folder);
    snprintf(path[1], sizeof path[1], "%s/queries.tsv", folder == NULL ? "." : folder);
    FILE *mission = fopen(path[0], "r"), *queries = fopen(path[1], "r");
    if (folder == NULL || mission == NULL || queries == NULL)
        cr_skip_test("TELEAI_TEST_DATA names no folder with missions/a11/TEC and queries.tsv");
    add_owner();
    read_mission(mission);
    cr_assert(utterance_count > 5000, "%zu", utterance_count);
    store_utterances();
    static char line[32768];
    int compared = 0;
    while (fgets(line, sizeof line, queries) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = line, *kind = strsep(&rest, "\t"), *query = strsep(&rest, "\t"), *of = strsep(&rest, "\t");
        if (of == NULL || rest == NULL || strcmp(of, "a11") != 0)
            continue;
        char quoted[300];
        snprintf(quoted, sizeof quoted, strcmp(kind, "phrase") == 0 && query[0] != '"' ? "\"%s\"" : "%s", query);
        SAME_TEXT(times_found(quoted), rest);
        compared++;
    }
    cr_assert(compared > 10);
    fclose(mission);
    fclose(queries);
}
