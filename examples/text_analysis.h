/*
 * What analyze.c knows about language, which is little: it counts words. Key phrases by RAKE (Rose et al. 2010,
 * "Automatic keyword extraction from individual documents"), topics by tf-idf, sentiment by a word list, names and
 * numbers by rule.
 */
#ifndef EXAMPLES_TEXT_ANALYSIS_H
#define EXAMPLES_TEXT_ANALYSIS_H

#include <math.h>
#include <stdio.h>

#include <teleai.h>

#include "lexicon.h"
#include "words.h"

enum { MAX_PHRASES = 4, MAX_TOPICS = 3, MAX_ENTITIES = 16, PHRASE_WORDS = 4 };

/* ---- words with a number ---------------------------------------------------------------------------------------- */

typedef struct scored {
    const char *text;
    double score;
} scored;

typedef struct scores {
    scored *items;
    size_t count;
} scores;

static int by_text(const void *a, const void *b) {
    return strcmp(((const scored *)a)->text, ((const scored *)b)->text);
}

static int by_score(const void *a, const void *b) {
    double left = ((const scored *)a)->score, right = ((const scored *)b)->score;
    return left < right ? 1 : left > right ? -1 : by_text(a, b);
}

/* Makes one of all entries with the same text, with the sum or the mean of their scores. Leaves them sorted by text. */
static void merge(scores *list, bool mean) {
    qsort(list->items, list->count, sizeof *list->items, by_text);
    size_t kept = 0;
    for (size_t i = 0; i < list->count;) {
        scored one = list->items[i];
        size_t same = i + 1;
        for (; same < list->count && by_text(&one, &list->items[same]) == 0; same++)
            one.score += list->items[same].score;
        one.score /= mean ? (double)(same - i) : 1;
        list->items[kept++] = one;
        i = same;
    }
    list->count = kept;
}

/* The score of a text in a merged list; 0 where it is not. */
static double score_of(const scores *list, const char *text) {
    scored wanted = {.text = text};
    const scored *found = list->count > 0 ? bsearch(&wanted, list->items, list->count, sizeof wanted, by_text) : NULL;
    return found != NULL ? found->score : 0;
}

/* In how many of these texts each word stands. The result points into `split`, of which there are text_count. */
static inline bool count_words(const words *split, size_t text_count, scores *out) {
    size_t total = 0;
    for (size_t i = 0; i < text_count; i++)
        total += split[i].count;
    *out = (scores){.items = malloc((total + 1) * sizeof *out->items)};
    if (out->items == NULL)
        return false;
    for (size_t i = 0; i < text_count; i++) {
        scores own = {.items = out->items + out->count};
        for (size_t j = 0; j < split[i].count; j++)
            own.items[own.count++] = (scored){split[i].items[j], 1};
        merge(&own, true); /* each word once a text */
        out->count += own.count;
    }
    merge(out, false);
    return true;
}

/* ---- one text --------------------------------------------------------------------------------------------------- */

typedef struct findings {
    words text;
    char *room; /* of the phrases and names, put together from words */
    size_t used;
    const char *phrases[MAX_PHRASES];
    teleai_topic topics[MAX_TOPICS];
    teleai_entity entities[MAX_ENTITIES];
    size_t phrase_count;
    size_t topic_count;
    size_t entity_count;
    double sentiment_score;
    int32_t sentiment_label;
    char insights[160];
} findings;

static const char *join(findings *out, size_t start, size_t end) {
    char *text = out->room + out->used;
    for (size_t i = start; i < end; i++)
        out->used += (size_t)sprintf(out->room + out->used, "%s%s", i > start ? " " : "", out->text.items[i]);
    out->used++;
    return text;
}

static bool has_topic(const char *word) {
    return !IS_IN(word, stop_words) && !IS_IN(word, number_words) && !IS_IN(word, titles);
}

/* The end of the run of words for which `belongs` is true; `start` itself where there is none. */
static size_t run_end(const words *text, size_t start, size_t longest, bool (*belongs)(const char *)) {
    size_t end = start;
    while (end < text->count && end - start < longest && belongs(text->items[end]))
        end++;
    return end;
}

/* RAKE: a word scores the mean length of the phrases it stands in, a phrase the sum of its words. */
static void find_phrases(findings *out, scores *scratch, scores *candidates) {
    scratch->count = candidates->count = 0;
    for (size_t i = 0, end; i<out->text.count; i = end> i ? end : i + 1) {
        end = run_end(&out->text, i, PHRASE_WORDS, has_topic);
        for (size_t j = i; j < end; j++)
            scratch->items[scratch->count++] = (scored){out->text.items[j], (double)(end - i)};
    }
    merge(scratch, true);
    for (size_t i = 0, end; i<out->text.count; i = end> i ? end : i + 1) {
        end = run_end(&out->text, i, PHRASE_WORDS, has_topic);
        double score = 0;
        for (size_t j = i; j < end; j++)
            score += score_of(scratch, out->text.items[j]);
        if (end > i)
            candidates->items[candidates->count++] = (scored){join(out, i, end), score};
    }
    merge(candidates, true);
    qsort(candidates->items, candidates->count, sizeof *candidates->items, by_score);
    for (size_t i = 0; i < candidates->count && i < MAX_PHRASES; i++)
        out->phrases[out->phrase_count++] = candidates->items[i].text;
}

/* tf-idf: words that are frequent here and rare elsewhere; the best one scores 1. */
static void find_topics(findings *out, const scores *texts_with, size_t text_count, scores *scratch) {
    scratch->count = 0;
    for (size_t i = 0; i < out->text.count; i++)
        if (has_topic(out->text.items[i]) && strlen(out->text.items[i]) > 2)
            scratch->items[scratch->count++] = (scored){out->text.items[i], 1};
    merge(scratch, false);
    for (size_t i = 0; i < scratch->count; i++) {
        double texts = score_of(texts_with, scratch->items[i].text);
        scratch->items[i].score *= log((1 + (double)text_count) / (1 + texts)) + 1;
    }
    qsort(scratch->items, scratch->count, sizeof *scratch->items, by_score);
    for (size_t i = 0; i < scratch->count && i < MAX_TOPICS; i++)
        out->topics[out->topic_count++] = (teleai_topic){.name = scratch->items[i].text,
                                                         .score = scratch->items[i].score / scratch->items[0].score,
                                                         .has_score = true};
}

static bool is_number(const char *word) { return IS_IN(word, number_words); }

static bool is_title(const char *word) { return IS_IN(word, titles); }

/* "thirty three" is a number; the two words after a title are taken for a person's name. */
static void find_entities(findings *out) {
    for (size_t i = 0, end; i < out->text.count && out->entity_count<MAX_ENTITIES; i = end> i ? end : i + 1) {
        const char *type = "number";
        end = run_end(&out->text, i, SIZE_MAX, is_number);
        if (end == i && is_title(out->text.items[i])) {
            type = "person";
            end = run_end(&out->text, i + 1, 2, has_topic);
            end = end > i + 1 ? end : i;
        }
        if (end > i)
            out->entities[out->entity_count++] = (teleai_entity){.text = join(out, i, end), .type = type};
    }
}

/* The weights of the words, turned where one of the three words before negates; squeezed into -1 to 1. */
static void find_sentiment(findings *out) {
    double sum = 0;
    int good = 0, bad = 0;
    for (size_t i = 0; i < out->text.count; i++) {
        double weight = weight_of(out->text.items[i]);
        for (size_t j = i > 3 ? i - 3 : 0; j < i; j++)
            if (weight != 0 && IS_IN(out->text.items[j], negations))
                weight *= -0.5; /* "not bad" is not yet good */
        sum += weight;
        good += weight > 0;
        bad += weight < 0;
    }
    out->sentiment_score = sum / sqrt(sum * sum + 15);
    out->sentiment_label = good > 0 && bad > 0 && fabs(out->sentiment_score) < 0.3 ? TELEAI_SENTIMENT_MIXED
                           : out->sentiment_score > 0.05                           ? TELEAI_SENTIMENT_POSITIVE
                           : out->sentiment_score < -0.05                          ? TELEAI_SENTIMENT_NEGATIVE
                                                                                   : TELEAI_SENTIMENT_NEUTRAL;
    snprintf(out->insights, sizeof out->insights, "{\"words\": %zu, \"positive_words\": %d, \"negative_words\": %d}",
             out->text.count, good, bad);
}

/* False: out of memory. */
static inline bool analyse(const char *text, const scores *texts_with, size_t text_count, findings *out) {
    *out = (findings){0};
    /* Each word stands in one phrase and one name at most, so twice the text is room enough. */
    out->room = malloc(2 * strlen(text) + 2);
    bool good = words_split(&out->text, text) && out->room != NULL;
    scores first = {.items = malloc((out->text.count + 1) * sizeof(scored))};
    scores second = {.items = malloc((out->text.count + 1) * sizeof(scored))};
    good = good && first.items != NULL && second.items != NULL;
    if (good) {
        find_phrases(out, &first, &second);
        find_topics(out, texts_with, text_count, &first);
        find_entities(out);
        find_sentiment(out);
    }
    free(first.items);
    free(second.items);
    return good;
}

static inline void findings_free(findings *one) {
    words_free(&one->text);
    free(one->room);
}

#endif
