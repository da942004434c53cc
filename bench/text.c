/* Made-up talk: Zipf's law over 60,000 words and their share of English function words. */
#include "subject.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 300
#define VOCABULARY 60000

static double fraction(uint64_t *state) { /* splitmix64 */
    uint64_t bits = *state += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return (double)((bits ^ bits >> 31) >> 11) / 9007199254740992.0;
}

static char *put(char *at, const char *word) {
    size_t length = strlen(word);
    memcpy(at, word, length);
    at[length] = ' ';
    return at + length + 1;
}

static char *put_made_up(char *at, unsigned rank) {
    static const char first[] = "bdfgklmnprstvz", second[] = "aeiou";
    do {
        *at++ = first[rank % 14];
        *at++ = second[rank / 14 % 5];
        rank /= 70;
    } while (rank > 0);
    *at++ = 'k';
    *at++ = ' ';
    return at;
}

char *subject_text(uint64_t number) {
    static const char *const function_words[] = {"the", "of", "and", "to", "in", "that", "it", "is", "was", "we"};
    uint64_t state = number * 0x2545f4914f6cdd1d + 1;
    char *text = malloc(WORDS * 12), *at = text;
    double wanted = fraction(&state) < 0.31 ? 1 + fraction(&state) * 6 : 0;
    for (int i = 0; i < WORDS; i++) {
        if (fraction(&state) * (WORDS - i) < wanted) {
            at = put(at, SEARCHED_WORD);
            wanted -= 1;
        } else if (fraction(&state) < 0.35) {
            at = put(at, function_words[(int)(fraction(&state) * 10)]);
        } else {
            at = put_made_up(at, (unsigned)exp(fraction(&state) * log(VOCABULARY)));
        }
    }
    at[-1] = 0;
    return text;
}
