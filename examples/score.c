/*
 * Word error rate: how far what was recognized is from what was said.
 *
 *     score CONNECTION LIST
 *
 * LIST is the list of register.c with a fourth column: the words that were really spoken, written down by a person.
 * Recordings without it are left out. The rate is the least number of words that must be replaced, left out or put in
 * to get from one text to the other (Levenshtein distance), divided by the number of words spoken. Both texts are
 * compared in lower case without punctuation, and "mr" counts as "mister", which is how the same word is written in the
 * recognizer's dictionary and in the references. Nothing else is smoothed over.
 */
#include "common.h"

#include <stdlib.h>

#include "words.h"

static bool same_word(const char *a, const char *b) {
    a = strcmp(a, "mr") == 0 ? "mister" : a;
    b = strcmp(b, "mr") == 0 ? "mister" : b;
    return strcmp(a, b) == 0;
}

/* -1: out of memory. One row of the usual table is enough: row[j] is the distance to the first j words of b. */
static int distance(const words *a, const words *b) {
    int *row = malloc((b->count + 1) * sizeof *row);
    if (row == NULL)
        return -1;
    for (size_t j = 0; j <= b->count; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a->count; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b->count; j++) {
            int replaced = diagonal + (same_word(a->items[i - 1], b->items[j - 1]) ? 0 : 1);
            int removed = row[j] + 1;
            int inserted = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replaced < removed ? replaced : removed;
            row[j] = inserted < row[j] ? inserted : row[j];
        }
    }
    int result = row[b->count];
    free(row);
    return result;
}

/* The newest completed transcription of the recording with this content, in a list of one or none. */
static teleai_transcriptions *find_heard(teleai_client *client, const char *sha256) {
    teleai_error error;
    teleai_audio_files *files = NULL;
    teleai_transcriptions *heard = NULL;
    if (find_recording(client, NULL, sha256, &files, &error) != TELEAI_OK) {
        fail("looking for a recording", &error);
    } else if (files->count > 0) {
        teleai_transcription_filter filter = {.struct_size = sizeof filter,
                                              .audio_file_id = &files->items[0]->id,
                                              .engine = "pocketsphinx",
                                              .status = TELEAI_TRANSCRIPTION_COMPLETED};
        teleai_page newest = {.struct_size = sizeof newest, .limit = 1};
        if (teleai_transcription_list(client, &filter, &newest, &heard, &error) != TELEAI_OK)
            fail("looking for a transcription", &error);
    }
    teleai_audio_files_free(files);
    return heard;
}

typedef struct totals {
    int recordings;
    int words;
    int errors;
    int missing;
} totals;

static bool score(teleai_client *client, const char *sha256, const char *path, const char *spoken, totals *sum) {
    teleai_transcriptions *heard = find_heard(client, sha256);
    if (heard == NULL || heard->count == 0) {
        sum->missing++;
        teleai_transcriptions_free(heard);
        return true;
    }
    const teleai_transcription *found = heard->items[0];
    words reference, hypothesis;
    bool split = words_split(&reference, spoken);
    split = words_split(&hypothesis, found->text) && split;
    int errors = split && reference.count > 0 ? distance(&reference, &hypothesis) : -1;
    if (errors >= 0) {
        const char *slash = strrchr(path, '/');
        printf("%-20s %5zu %6d %8.1f%% %10.2f", tail(slash != NULL ? slash + 1 : path, 20), reference.count, errors,
               100.0 * errors / (double)reference.count, found->confidence);
        if (errors == 0)
            printf("   %s\n", spoken);
        else
            printf("\n    said   %s\n    heard  %s\n", spoken, found->text);
        sum->recordings++;
        sum->words += (int)reference.count;
        sum->errors += errors;
    }
    words_free(&reference);
    words_free(&hypothesis);
    teleai_transcriptions_free(heard);
    return errors >= 0;
}

int main(int argc, char **argv) {
    FILE *list = argc == 3 ? fopen(argv[2], "r") : NULL;
    if (list == NULL) {
        fprintf(stderr, "usage: %s CONNECTION LIST\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open(argv[1], NULL, &client, &error) != TELEAI_OK) {
        fclose(list);
        return fail("opening the database", &error);
    }
    printf("%-20s %5s %6s %9s %10s\n", "recording", "words", "errors", "rate", "confidence");
    totals sum = {0};
    bool good = true;
    char line[4096];
    while (good && fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *path = strchr(line, '\t');
        char *source = path != NULL ? strchr(path + 1, '\t') : NULL;
        char *spoken = source != NULL ? strchr(source + 1, '\t') : NULL;
        if (spoken == NULL || spoken[1] == '\0')
            continue;
        *path = *source = *spoken = '\0';
        good = score(client, line, path + 1, spoken + 1, &sum);
    }
    if (sum.words > 0)
        printf("%-20s %5d %6d %8.1f%%\n", "all together", sum.words, sum.errors, 100.0 * sum.errors / sum.words);
    if (sum.missing > 0)
        printf("%d recording(s) have no completed transcription\n", sum.missing);
    fclose(list);
    teleai_close(client);
    return good ? 0 : 1;
}
