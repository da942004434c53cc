/* Search: what a query finds, what it refuses, how filters restrict it, and what a hit shows. */
#include <stdio.h>
#include <stdlib.h>

#include "criterion_harness.h"

static teleai_client *db;
static teleai_error error;
static teleai_uuid user, file, ids[26];
static size_t text_count;

/* Texts are called a, b, c ... in the order they were added. */
static void add(const char *text) { harness_transcription(db, &user, &file, text, &ids[text_count++]); }

static void set_up(void) {
    if (!harness_has_server())
        cr_skip_test("no PostgreSQL server programs");
    db = harness_open();
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    text_count = 0;
}

static void tear_down(void) {
    teleai_close(db);
    if (harness_has_server())
        harness_drop();
}

TestSuite(search, .init = set_up, .fini = tear_down, .timeout = 120);

static void add_the_usual_texts(void) {
    static const char *const texts[] = {
        "The heart rate was high after the fire drill.",         /* a */
        "Heart rates vary with age, and hearts grow old.",       /* b */
        "A fire drill interrupted the lecture on the heart.",    /* c */
        "The pulse rate is taken at the wrist.",                 /* d */
        "Cardiology, cardiac arrest and the like.",              /* e */
        "New running shoes, and the runner's delight.",          /* f */
        "The rate of the heart is known; the fire was no drill", /* g */
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add(texts[i]);
}

static char name_of(const teleai_uuid *id) {
    for (size_t i = 0; i < text_count; i++)
        if (teleai_uuid_equal(id, &ids[i]))
            return (char)('a' + i);
    return '?';
}

/* The names of what was found, in their order or sorted. */
static const char *names(const teleai_search_hits *hits, bool sorted) {
    static char found[64];
    size_t count = hits->count < sizeof found ? hits->count : sizeof found - 1;
    for (size_t i = 0; i < count; i++)
        found[i] = name_of(&hits->items[i]->transcription_id);
    found[count] = '\0';
    for (size_t i = 1; sorted && i < count; i++)
        for (size_t k = i; k > 0 && found[k - 1] > found[k]; k--) {
            char other = found[k];
            found[k] = found[k - 1];
            found[k - 1] = other;
        }
    return found;
}

static teleai_search_hits *search(const char *query, const teleai_search_options *options) {
    teleai_search_hits *hits = NULL;
    teleai_status status = teleai_search_transcriptions(db, query, options, &hits, &error);
    cr_assert(status == TELEAI_OK, "%s: %s: %s", query, teleai_status_name(status), error.message);
    return hits;
}

/* In both orders, which find the same. */
static void finds(const char *query, const char *expected) {
    for (int32_t order = TELEAI_SEARCH_RANKED; order <= TELEAI_SEARCH_NEWEST_FIRST; order++) {
        teleai_search_options options = {.struct_size = sizeof options, .order = order};
        teleai_search_hits *hits = search(query, &options);
        cr_assert(strcmp(names(hits, true), expected) == 0, "%s: found \"%s\", \"%s\" was expected; understood as %s",
                  query, names(hits, true), expected, hits->parsed_query);
        cr_assert(hits->total == (int64_t)strlen(expected) && hits->total_is_exact && hits->next_cursor == NULL);
        teleai_search_hits_free(hits);
    }
}

static void refuses(const char *query) {
    teleai_search_hits *hits = (teleai_search_hits *)&error;
    FAILS(teleai_search_transcriptions(db, query, NULL, &hits, &error), TELEAI_INVALID_ARGUMENT, "query");
    cr_assert(hits == NULL);
}

Test(search, words_phrases_alternatives_exclusions_and_prefixes) {
    add_the_usual_texts();
    finds("heart rate", "abg");
    finds("rate heart", "abg");
    finds("HEARTS rated", "abg");
    finds("\"heart rate\"", "ab");
    finds("\"rate of the heart\"", "g");
    finds("\"rate heart\"", "");
    finds("heart or pulse", "abcdg");
    finds("Pulse OR cardiac", "de");
    finds("or heart or or pulse or", "abcdg");
    finds("heart -drill", "b");
    finds("-drill heart", "b");
    finds("heart -\"fire drill\"", "bg");
    finds("heart -rate -lecture or pulse", "d");
    finds("cardi*", "e");
    finds("run*", "f");
    finds("heart lect*", "c");
    finds("heart -lect*", "abg");
    finds("\"fire drill\" or cardi* -delight", "ace");
    finds("heart rate or pulse wrist", "abdg");
    finds("\"fire drill\" high", "a");
    finds("nothing", "");
    finds("heart pulse", "");
}

Test(search, stop_words_find_nothing_and_say_so) {
    add_the_usual_texts();
    static const char *const queries[] = {"the", "the of and", "\"of the\"", "the -of",  "-",
                                          "...", "\"\"",       "*",          "the or of"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        finds(queries[i], "");
        teleai_search_hits *hits = search(queries[i], NULL);
        SAME_TEXT(hits->parsed_query, "");
        teleai_search_hits_free(hits);
    }
    finds("the heart", "abcg");
    finds("heart -the", "abcg");
    finds("the -drill", ""); /* what is left only excludes */
}

Test(search, only_exclusions_and_unfinished_queries_are_refused) {
    add_the_usual_texts();
    static const char *const queries[] = {"-drill",
                                          "-drill -heart",
                                          "-\"fire drill\"",
                                          "-cardi*",
                                          "heart or -drill",
                                          "-drill or heart",
                                          "\"heart",
                                          "heart \"",
                                          "heart -\"drill",
                                          "",
                                          " ",
                                          " \t\n ",
                                          "or",
                                          "or OR",
                                          "\xff",
                                          "heart \xc3"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        refuses(queries[i]);
    refuses(NULL);
    FAILS(teleai_search_transcriptions(db, "heart", NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
}

Test(search, sixty_four_terms_and_4096_bytes_are_the_most) {
    add_the_usual_texts();
    char query[4200] = "";
    for (int i = 0; i < 64; i++)
        strcat(query, i % 2 ? "-nowhere " : "heart ");
    finds(query, "abcg");
    strcat(query, "heart");
    refuses(query);
    /* The longest statement: each term of the longest kind, in every alternative. */
    query[0] = '\0';
    for (int i = 0; i < 64; i++)
        strcat(query, i == 0 ? "\"heart rate\"" : i % 2 ? " -\"no where\"" : " or \"heart rate\"");
    finds(query, "ab");

    memset(query, 'x', 4096);
    query[4096] = '\0';
    finds(query, "");
    query[4095] = '*';
    finds(query, "");
    memset(query, ' ', 4096);
    memcpy(query + 4090, "pulse ", 6);
    finds(query, "d");
    query[4096] = ' ';
    query[4097] = '\0';
    refuses(query);
}

Test(search, nothing_in_a_query_is_taken_as_syntax_of_the_server) {
    add_the_usual_texts();
    add("Seven o'clock at C:\\temp, na\xc3\xafve \xf0\x9f\x92\x97 Gr\xc3\xb6\xc3\x9f"
        "e"); /* h */
    finds("it's", "");
    finds("heart'", "abcg");
    finds("'heart'", "abcg");
    finds("heart:*", "abcg");
    finds("heart:*b", "");
    finds("hea:*", "abcg"); /* words that begin so */
    finds("!heart", "abcg");
    finds("!(heart)", "abcg");
    finds("heart&rate", "abg");
    finds("heart|rate", "abg"); /* both words: a bar means nothing here */
    finds("heart <-> rate", "abg");
    finds("(heart", "abcg");
    finds("o'clock", "h");
    finds("o'cl*", "h");
    finds("\"seven o'clock\"", "h");
    finds("temp\\", "h");
    finds("c:\\te*", "h");
    finds("na\xc3\xafve", "h");
    finds("gr\xc3\xb6*", "h");
    finds("heart'; drop table users; --", "");
    static const char *const queries[] = {"'",
                                          "''",
                                          "'*",
                                          "\\",
                                          "\\*",
                                          "\\'*",
                                          "'\\*",
                                          "a\\",
                                          "\\\\'''*",
                                          ":*",
                                          ":",
                                          "&",
                                          "|",
                                          "!",
                                          "!!",
                                          "()",
                                          "<->",
                                          "<2>",
                                          "&|!()",
                                          "%s%n%d",
                                          "$1",
                                          "$?",
                                          "a$?*",
                                          "\x01\x02\x03",
                                          "\x7f",
                                          "--",
                                          "-*",
                                          "--heart",
                                          "/*",
                                          "*/",
                                          "E'\\''",
                                          "heart\\:*",
                                          "'heart':*",
                                          "\xe2\x80\x8b*",
                                          "a**",
                                          "\xf0\x9f\x92\x97*",
                                          "\xf0\x9f\x92\x97",
                                          "\xd0\xbd\xd0\xb0*",
                                          "user@example.org*",
                                          "http://a.b/c?d=e*",
                                          "-5.3e7*",
                                          "1,000*",
                                          "a_b*"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        teleai_search_hits *hits;
        teleai_status status = teleai_search_transcriptions(db, queries[i], NULL, &hits, &error);
        cr_assert(status == TELEAI_OK || (status == TELEAI_INVALID_ARGUMENT && strcmp(error.field, "query") == 0),
                  "%s: %s", queries[i], error.message);
        teleai_search_hits_free(hits);
    }
    SAME_TEXT(harness_sql("select count(*) from users"), "1");
}

Test(search, every_short_text_of_hostile_characters_is_answered) {
    add_the_usual_texts();
    static const char alphabet[] = "a'\\:*&|!()<>-\" ";
    const int letters = (int)sizeof alphabet - 1;
    srand(7);
    for (int i = 0; i < 400; i++) {
        char query[16];
        int length = 1 + rand() % 10;
        for (int k = 0; k < length; k++)
            query[k] = alphabet[rand() % letters];
        query[length] = '\0';
        teleai_search_hits *hits;
        teleai_status status = teleai_search_transcriptions(db, query, NULL, &hits, &error);
        cr_assert(status == TELEAI_OK || (status == TELEAI_INVALID_ARGUMENT && strcmp(error.field, "query") == 0),
                  "%s: %s", query, error.message);
        teleai_search_hits_free(hits);
    }
}

/* ---- filters ---- */

static void filtered(const teleai_search_options *options, const char *expected) {
    teleai_search_options with = *options;
    for (with.order = 0; with.order <= 1; with.order++) {
        teleai_search_hits *hits = search("heart", &with);
        cr_assert(strcmp(names(hits, true), expected) == 0, "found \"%s\", \"%s\" was expected", names(hits, true),
                  expected);
        cr_assert(hits->total == (int64_t)strlen(expected));
        teleai_search_hits_free(hits);
    }
}

#define FILTERED(expected, ...) \
    filtered(&(teleai_search_options){.struct_size = sizeof(teleai_search_options), __VA_ARGS__}, expected)

Test(search, each_filter_restricts) {
    teleai_uuid other;
    harness_user(db, &other);
    teleai_transcription_input input = {.struct_size = sizeof input,
                                        .audio_file_id = &file,
                                        .user_id = &user,
                                        .text = "heart",
                                        .language_code = "en",
                                        .engine = "test",
                                        .status = TELEAI_TRANSCRIPTION_COMPLETED};
    teleai_transcription_input all[6];
    for (size_t i = 0; i < 6; i++) {
        all[i] = input;
        teleai_uuid_make(&ids[i]);
        all[i].id = &ids[i];
    }
    text_count = 6;
    all[1].user_id = &other;
    all[2].language_code = "pt-BR";
    all[3].engine = "whisper";
    all[4].confidence = 0.75;
    all[4].has_confidence = true;
    all[5].status = TELEAI_TRANSCRIPTION_FAILED;
    OK(teleai_transcription_create_many(db, all, 6, NULL, NULL, &error));
    for (int i = 0; i < 6; i++) {
        char id[TELEAI_UUID_TEXT_BYTES];
        teleai_uuid_format(&ids[i], id);
        harness_sql("update transcriptions set created_at = to_timestamp(1000 + %d) where id = '%s'", i, id);
    }
    FILTERED("abcde", .limit = 0);
    FILTERED("acde", .user_id = &user);
    FILTERED("b", .user_id = &other);
    FILTERED("c", .language_code = "pt-BR");
    FILTERED("", .language_code = "pt");
    FILTERED("d", .engine = "whisper");
    FILTERED("e", .min_confidence = 0.75, .has_min_confidence = true);
    FILTERED("", .min_confidence = 0.76, .has_min_confidence = true);
    FILTERED("f", .status = TELEAI_TRANSCRIPTION_FAILED);
    FILTERED("cde", .created_from_us = 1002000000);
    FILTERED("ab", .created_until_us = 1002000000);
    FILTERED("cd", .created_from_us = 1002000000, .created_until_us = 1004000000);
    FILTERED("e", .user_id = &user, .language_code = "en", .engine = "test", .min_confidence = 0,
             .has_min_confidence = true, .created_from_us = 1000000000, .created_until_us = 2000000000,
             .status = TELEAI_TRANSCRIPTION_COMPLETED);
}

#define REFUSED(at_field, ...)                                                                               \
    do {                                                                                                     \
        teleai_search_options options_ = {.struct_size = sizeof options_, __VA_ARGS__};                      \
        teleai_search_hits *none_;                                                                           \
        FAILS(teleai_search_transcriptions(db, "heart", &options_, &none_, &error), TELEAI_INVALID_ARGUMENT, \
              at_field);                                                                                     \
    } while (0)

Test(search, wrong_options_are_named) {
    add("heart");
    REFUSED("limit", .limit = -1);
    REFUSED("limit", .limit = 1001);
    REFUSED("order", .order = 2);
    REFUSED("order", .order = -1);
    REFUSED("status", .status = 5);
    REFUSED("min_confidence", .min_confidence = 1.01, .has_min_confidence = true);
    REFUSED("language_code", .language_code = "not a language");
    REFUSED("engine", .engine = "\xff");
    REFUSED("mark_start", .mark_start = "\xff");
    REFUSED("mark_end", .mark_end = "\xff");
    REFUSED("cursor", .cursor = "not one");
    REFUSED("cursor", .cursor = "");
}

/* ---- what a hit shows ---- */

Test(search, a_hit_has_every_field) {
    teleai_transcription_input input = {.struct_size = sizeof input,
                                        .audio_file_id = &file,
                                        .user_id = &user,
                                        .text = "two hearts",
                                        .language_code = "pt-BR",
                                        .engine = "whisper",
                                        .confidence = 0.5,
                                        .has_confidence = true,
                                        .status = TELEAI_TRANSCRIPTION_FAILED};
    teleai_transcription *made;
    OK(teleai_transcription_create(db, &input, &made, &error));
    teleai_search_options options = {.struct_size = sizeof options, .status = TELEAI_TRANSCRIPTION_FAILED};
    teleai_search_hits *hits = search("heart", &options);
    cr_assert(hits->count == 1);
    const teleai_search_hit *hit = hits->items[0];
    cr_assert(teleai_uuid_equal(&hit->transcription_id, &made->id) && teleai_uuid_equal(&hit->audio_file_id, &file) &&
              teleai_uuid_equal(&hit->user_id, &user));
    SAME_TEXT(hit->file_name, "call.wav");
    SAME_TEXT(hit->language_code, "pt-BR");
    SAME_TEXT(hit->engine, "whisper");
    SAME_TEXT(hit->snippet, "two hearts");
    SAME_TEXT(hit->snippet_marked, "two [hearts]");
    cr_assert(hit->created_at_us == made->created_at_us && hit->has_confidence && hit->confidence == 0.5);
    cr_assert(hit->status == TELEAI_TRANSCRIPTION_FAILED && hit->rank > 0);
    SAME_TEXT(hits->parsed_query, "'heart'");
    teleai_search_hits_free(hits);
    teleai_transcription_free(made);
    hits = search("heart -drill", NULL);
    SAME_TEXT(hits->parsed_query, "'heart' & !'drill'");
    teleai_search_hits_free(hits);
    add("unsure hearts");
    hits = search("heart", NULL);
    cr_assert(hits->count == 1 && !hits->items[0]->has_confidence);
    teleai_search_hits_free(hits);
}

/* The words that the marks point to, joined by bars. */
static const char *marked_words(const teleai_search_hit *hit) {
    static char words[1000];
    words[0] = '\0';
    int32_t last = 0, length = (int32_t)strlen(hit->snippet);
    for (size_t i = 0; i < hit->mark_count; i++) {
        const teleai_search_mark *mark = &hit->marks[i];
        cr_assert(mark->start >= last && mark->start < mark->end && mark->end <= length);
        last = mark->end;
        size_t used = strlen(words);
        snprintf(words + used, sizeof words - used, "%s%.*s", used == 0 ? "" : "|", (int)(mark->end - mark->start),
                 hit->snippet + mark->start);
    }
    return words;
}

static void shows(const char *query, const char *mark_start, const char *mark_end, const char *snippet,
                  const char *marked, const char *words) {
    teleai_search_options options = {.struct_size = sizeof options, .mark_start = mark_start, .mark_end = mark_end};
    teleai_search_hits *hits = search(query, &options);
    cr_assert(hits->count == 1);
    SAME_TEXT(hits->items[0]->snippet, snippet);
    SAME_TEXT(hits->items[0]->snippet_marked, marked);
    SAME_TEXT(marked_words(hits->items[0]), words);
    teleai_search_hits_free(hits);
}

Test(search, marks_point_to_the_words_that_match) {
    add("Gr\xc3\xb6\xc3\x9f"
        "e \xf0\x9f\x92\x97 of hearts: the heart rate");
    const char *text = "Gr\xc3\xb6\xc3\x9f"
                       "e \xf0\x9f\x92\x97 of hearts: the heart rate";
    shows("heart", NULL, NULL, text,
          "Gr\xc3\xb6\xc3\x9f"
          "e \xf0\x9f\x92\x97 of [hearts]: the [heart] rate",
          "hearts|heart");
    shows("heart", "<b>", "</b>", text,
          "Gr\xc3\xb6\xc3\x9f"
          "e \xf0\x9f\x92\x97 of <b>hearts</b>: the <b>heart</b> rate",
          "hearts|heart");
    shows("heart", "", "", text, text, "hearts|heart");
    shows("gr\xc3\xb6* rate", "\xc2\xbb", "\xc2\xab", text,
          "\xc2\xbbGr\xc3\xb6\xc3\x9f"
          "e\xc2\xab \xf0\x9f\x92\x97 of hearts: the heart \xc2\xbbrate\xc2\xab",
          "Gr\xc3\xb6\xc3\x9f"
          "e|rate");
}

Test(search, characters_that_mark_inside_are_taken_out_of_texts) {
    add("a \x02"
        "heart\x03 and\x03 a \x02\x02rate, StopSel=\"x\", MaxWords=1");
    shows("heart rate", NULL, NULL, "a heart and a rate, StopSel=\"x\", MaxWords",
          "a [heart] and a [rate], StopSel=\"x\", MaxWords", "heart|rate");
}

Test(search, a_talk_of_20000_words_is_found_by_its_last_and_shown_in_part) {
    char *text = malloc(400000), *end = text + sprintf(text, "the eagle has landed, ");
    srand(11);
    for (int i = 0; i < 20000; i++)
        end += sprintf(end, "%s%c%c%c%d ", i % 17 == 0 ? "the " : "", 'b' + rand() % 20, 'a' + rand() % 20,
                       'b' + rand() % 20, rand() % 500);
    strcpy(end, "and at the very end tranquility base");
    add(text);
    teleai_search_hits *hits = search("tranquility", NULL);
    cr_assert(hits->count == 1);
    cr_assert(strlen(hits->items[0]->snippet) < 1000);
    SAME_TEXT(marked_words(hits->items[0]), "tranquility");
    teleai_search_hits_free(hits);
    hits = search("\"eagle has landed\" -nowhere base", NULL);
    cr_assert(hits->count == 1);
    /* From 16 on the server shows where the other words are as well, in a second part. */
    bool shows_more = atoi(harness_sql("select current_setting('server_version_num')::integer / 10000")) >= 16;
    SAME_TEXT(marked_words(hits->items[0]), shows_more ? "eagle|landed|base" : "eagle|landed");
    teleai_search_hits_free(hits);
    free(text);
}

Test(search, a_match_beyond_what_snippets_look_at_is_found_without_marks) {
    size_t length = 1000000;
    char *text = malloc(length + 100);
    for (size_t i = 0; i < length; i++)
        text[i] = i % 5 == 4 ? ' ' : "word"[i % 5];
    strcpy(text + length, " tranquility");
    add(text);
    free(text);
    teleai_search_hits *hits = search("tranquility", NULL);
    cr_assert(hits->count == 1 && hits->items[0]->mark_count == 0);
    cr_assert(strlen(hits->items[0]->snippet) > 0 && strlen(hits->items[0]->snippet) < 1000);
    SAME_TEXT(hits->items[0]->snippet_marked, hits->items[0]->snippet);
    teleai_search_hits_free(hits);
}
