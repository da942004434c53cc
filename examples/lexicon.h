/*
 * The word lists of analyze.c. Small, written by hand for these examples, and sorted because bsearch() looks them up:
 * enough to show how an analysis is stored, not enough to judge anybody's mood by.
 */
#ifndef EXAMPLES_LEXICON_H
#define EXAMPLES_LEXICON_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Words that carry no topic of their own, and so divide a text into phrases. */
static const char *const stop_words[] = {
    "a",        "about",      "above",   "after",   "again",  "against",  "ain't",  "all",     "also",    "am",
    "an",       "and",        "any",     "are",     "aren't", "as",       "at",     "be",      "because", "been",
    "before",   "being",      "below",   "between", "both",   "but",      "by",     "can",     "can't",   "could",
    "couldn't", "did",        "didn't",  "do",      "does",   "doesn't",  "doing",  "don't",   "down",    "during",
    "each",     "even",       "few",     "for",     "from",   "further",  "had",    "hadn't",  "has",     "hasn't",
    "have",     "haven't",    "having",  "he",      "her",    "here",     "hers",   "herself", "him",     "himself",
    "his",      "how",        "i",       "if",      "in",     "into",     "is",     "isn't",   "it",      "it's",
    "its",      "itself",     "just",    "let",     "like",   "made",     "make",   "many",    "may",     "me",
    "might",    "more",       "most",    "much",    "must",   "my",       "myself", "no",      "nor",     "not",
    "now",      "of",         "off",     "oh",      "on",     "once",     "only",   "or",      "other",   "our",
    "ours",     "ourselves",  "out",     "over",    "own",    "rather",   "same",   "shall",   "she",     "should",
    "so",       "some",       "still",   "such",    "than",   "that",     "that's", "the",     "their",   "theirs",
    "them",     "themselves", "then",    "there",   "these",  "they",     "this",   "those",   "through", "to",
    "too",      "under",      "unless",  "until",   "up",     "upon",     "us",     "very",    "was",     "wasn't",
    "we",       "were",       "weren't", "what",    "when",   "where",    "which",  "while",   "who",     "whom",
    "why",      "will",       "with",    "won't",   "would",  "wouldn't", "yes",    "yet",     "you",     "your",
    "yours",    "yourself",
};

static const char *const number_words[] = {
    "eight",  "eighteen",  "eighty",  "eleven",  "fifteen", "fifty",    "five",   "forty",
    "four",   "fourteen",  "hundred", "million", "nine",    "nineteen", "ninety", "one",
    "seven",  "seventeen", "seventy", "six",     "sixteen", "sixty",    "ten",    "thirteen",
    "thirty", "thousand",  "three",   "twelve",  "twenty",  "two",      "zero",
};

/* Words that stand before a name. */
static const char *const titles[] = {
    "doctor", "dr",  "lady", "lord",   "madam",    "master",    "miss", "mister",
    "mr",     "mrs", "ms",   "prince", "princess", "professor", "sir",
};

/* Words that turn the feeling of what follows. */
static const char *const negations[] = {
    "ain't",   "aren't",   "barely",  "can't",   "cannot",  "couldn't", "didn't",   "doesn't", "don't",
    "hardly",  "isn't",    "neither", "never",   "no",      "nobody",   "none",     "nor",     "not",
    "nothing", "scarcely", "wasn't",  "weren't", "without", "won't",    "wouldn't",
};

typedef struct feeling {
    const char *word;
    int weight; /* -3 very bad to 3 very good */
} feeling;

static const feeling feelings[] = {
    {"able", 1},         {"abuse", -3},      {"admire", 2},      {"admired", 2},       {"adore", 3},
    {"affection", 2},    {"afraid", -2},     {"agony", -3},      {"agreeable", 2},     {"alone", -1},
    {"amiable", 2},      {"amusing", 2},     {"angry", -2},      {"annoyed", -2},      {"anxious", -2},
    {"ashamed", -2},     {"awful", -3},      {"bad", -2},        {"beautiful", 2},     {"beloved", 2},
    {"benefit", 2},      {"best", 2},        {"betrayed", -3},   {"better", 1},        {"bitter", -2},
    {"blame", -2},       {"blessed", 2},     {"bored", -1},      {"boring", -1},       {"bright", 2},
    {"brilliant", 3},    {"broken", -2},     {"calm", 2},        {"calmly", 1},        {"careless", -2},
    {"catastrophe", -3}, {"charming", 2},    {"cheerful", 2},    {"clear", 1},         {"clever", 2},
    {"cold", -1},        {"comfort", 2},     {"comfortable", 2}, {"complain", -2},     {"confident", 2},
    {"courage", 2},      {"cried", -2},      {"cruel", -2},      {"cry", -2},          {"danger", -2},
    {"dangerous", -2},   {"dark", -1},       {"dead", -3},       {"dear", 2},          {"death", -3},
    {"delight", 3},      {"delighted", 3},   {"delightful", 3},  {"despair", -3},      {"despise", -3},
    {"destroyed", -3},   {"died", -3},       {"difficult", -1},  {"disagreeable", -2}, {"disappointed", -2},
    {"disaster", -3},    {"disgusting", -3}, {"dreadful", -2},   {"dull", -1},         {"dying", -2},
    {"easy", 1},         {"elegant", 2},     {"enjoy", 2},       {"enjoyed", 2},       {"error", -2},
    {"evil", -3},        {"excellent", 3},   {"exquisite", 3},   {"fail", -2},         {"failed", -2},
    {"failure", -2},     {"fair", 1},        {"faithful", 2},    {"fault", -2},        {"fear", -2},
    {"fears", -2},       {"fight", -2},      {"fine", 1},        {"foolish", -2},      {"fresh", 1},
    {"friend", 2},       {"friendly", 2},    {"friends", 2},     {"frightened", -2},   {"generous", 2},
    {"gentle", 2},       {"glad", 2},        {"gloomy", -2},     {"good", 2},          {"gracious", 2},
    {"grateful", 2},     {"greedy", -2},     {"grief", -2},      {"guilty", -2},       {"happiest", 3},
    {"happy", 2},        {"hard", -1},       {"harm", -2},       {"harsh", -2},        {"hate", -3},
    {"hated", -3},       {"hateful", -3},    {"healthy", 2},     {"hesitate", -1},     {"homeless", -2},
    {"honest", 2},       {"honour", 2},      {"hope", 2},        {"hopeful", 2},       {"horrible", -3},
    {"horror", -3},      {"hurt", -2},       {"idle", -2},       {"ignorant", -2},     {"ill", -2},
    {"injury", -2},      {"interest", 1},    {"interesting", 1}, {"jealous", -2},      {"joy", 3},
    {"kill", -2},        {"kind", 2},        {"kindness", 2},    {"laugh", 2},         {"leisure", 1},
    {"less", -1},        {"lie", -2},        {"lonely", -2},     {"lose", -2},         {"loss", -2},
    {"lost", -2},        {"love", 3},        {"loved", 3},       {"lovely", 2},        {"loves", 3},
    {"lucky", 2},        {"magnificent", 3}, {"mean", -2},       {"merry", 2},         {"miserable", -3},
    {"misery", -2},      {"mistake", -2},    {"mourn", -2},      {"murder", -3},       {"nice", 1},
    {"noble", 2},        {"odd", -1},        {"okay", 1},        {"overjoyed", 3},     {"pain", -2},
    {"painful", -2},     {"patient", 1},     {"peace", 2},       {"perfect", 3},       {"pleasant", 2},
    {"pleased", 2},      {"pleasure", 2},    {"poor", -1},       {"praise", 2},        {"pretty", 2},
    {"problem", -1},     {"problems", -1},   {"proud", 2},       {"ready", 1},         {"reject", -2},
    {"relief", 2},       {"respectable", 2}, {"rude", -2},       {"sad", -2},          {"safe", 2},
    {"selfish", -2},     {"serious", -1},    {"severe", -2},     {"shame", -2},        {"sick", -2},
    {"slow", -1},        {"smile", 2},       {"sorrow", -2},     {"sorry", -2},        {"splendid", 3},
    {"strange", -1},     {"stupid", -2},     {"success", 2},     {"successful", 2},    {"suffer", -2},
    {"suffered", -2},    {"superb", 3},      {"sweet", 2},       {"terrible", -3},     {"terrified", -3},
    {"terror", -3},      {"thank", 2},       {"thanks", 2},      {"thrilled", 3},      {"tired", -1},
    {"tragedy", -3},     {"triumph", 3},     {"trouble", -1},    {"trust", 2},         {"ugly", -2},
    {"uneasy", -1},      {"unhappy", -2},    {"unkind", -2},     {"unpleasant", -2},   {"upset", -2},
    {"useful", 1},       {"vile", -3},       {"violent", -3},    {"warm", 2},          {"weak", -1},
    {"welcome", 2},      {"well", 2},        {"wicked", -2},     {"willing", 1},       {"wise", 2},
    {"won", 2},          {"wonderful", 3},   {"worry", -2},      {"worse", -2},        {"worst", -3},
    {"wretched", -3},    {"wrong", -2},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static inline int compare_words(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline bool in_list(const char *word, const char *const *list, size_t count) {
    return bsearch(&word, list, count, sizeof *list, compare_words) != NULL;
}

#define IS_IN(word, list) in_list(word, list, COUNT(list))

/* How a word feels; 0 when the list does not know it. `word` is the first member, so comparing words is enough. */
static inline int weight_of(const char *word) {
    const feeling *found = bsearch(&word, feelings, COUNT(feelings), sizeof *feelings, compare_words);
    return found != NULL ? found->weight : 0;
}

#endif
