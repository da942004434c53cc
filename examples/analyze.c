/*
 * Analyses what has been transcribed and not analysed yet, and shows what is known of each recording.
 *
 *     analyze CONNECTION
 *
 * Plain counting, no model (text_analysis.h), and the stored engine says so: "rake+tfidf+lexicon".
 */
#include "common.h"

#include <stdlib.h>

#include "text_analysis.h"

enum { BATCH = 100, CORPUS = 1000 };

/* What a word is worth depends on how common it is here: counted over the newest transcriptions. */
typedef struct corpus {
    words split[CORPUS];
    size_t text_count;
    scores texts_with;
} corpus;

static bool corpus_read(teleai_client *client, corpus *out) {
    teleai_error error;
    teleai_transcriptions *texts = NULL;
    teleai_transcription_filter completed = {.struct_size = sizeof completed, .status = TELEAI_TRANSCRIPTION_COMPLETED};
    teleai_page page = {.struct_size = sizeof page, .limit = CORPUS};
    if (teleai_transcription_list(client, &completed, &page, &texts, &error) != TELEAI_OK) {
        fail("reading the transcriptions", &error);
        return false;
    }
    bool good = true;
    for (; good && out->text_count < texts->count; out->text_count++)
        good = words_split(&out->split[out->text_count], texts->items[out->text_count]->text);
    teleai_transcriptions_free(texts);
    return good && count_words(out->split, out->text_count, &out->texts_with);
}

static void corpus_free(corpus *all) {
    for (size_t i = 0; i < all->text_count; i++)
        words_free(&all->split[i]);
    free(all->texts_with.items);
}

/* Analyses and stores one batch in one statement: all or none. */
static bool store(teleai_client *client, const teleai_transcriptions *batch, const corpus *all) {
    findings found[BATCH] = {0};
    teleai_analysis_input inputs[BATCH];
    size_t count = 0;
    bool good = true;
    for (size_t i = 0; i < batch->count && good; i++) {
        const teleai_transcription *text = batch->items[i];
        if (text == NULL) /* deleted since it was listed */
            continue;
        int64_t started_us = now_us();
        good = analyse(text->text, &all->texts_with, all->text_count, &found[count]);
        inputs[count] = (teleai_analysis_input){.struct_size = sizeof inputs[count],
                                                .transcription_id = &text->id,
                                                .audio_file_id = &text->audio_file_id,
                                                .user_id = &text->user_id,
                                                .analysis_type = "text",
                                                .engine = "rake+tfidf+lexicon",
                                                .engine_version = "1",
                                                .key_phrases = found[count].phrases,
                                                .key_phrase_count = found[count].phrase_count,
                                                .entities = found[count].entities,
                                                .entity_count = found[count].entity_count,
                                                .topics = found[count].topics,
                                                .topic_count = found[count].topic_count,
                                                .insights_json = found[count].insights,
                                                .sentiment_score = found[count].sentiment_score,
                                                .has_sentiment_score = true,
                                                .sentiment_label = found[count].sentiment_label,
                                                .processing_started_at_us = started_us,
                                                .has_processing_started_at = true,
                                                .processing_completed_at_us = now_us(),
                                                .has_processing_completed_at = true,
                                                .status = TELEAI_ANALYSIS_COMPLETED};
        count++;
    }
    teleai_error error;
    if (good && count > 0 && teleai_analysis_create_many(client, inputs, count, NULL, NULL, &error) != TELEAI_OK) {
        fail("storing the analyses", &error);
        good = false;
    }
    for (size_t i = 0; i < count; i++)
        findings_free(&found[i]);
    return good;
}

/* Takes the next batch of what is transcribed and not analysed. Returns how many there were, -1 on failure. */
static int work(teleai_client *client, const corpus *all) {
    teleai_error error;
    teleai_pipelines *waiting = NULL;
    teleai_pipeline_filter filter = {.struct_size = sizeof filter,
                                     .pipeline_status = TELEAI_PIPELINE_TRANSCRIPTION_COMPLETED};
    teleai_page page = {.struct_size = sizeof page, .limit = BATCH, .order = TELEAI_ORDER_OLDEST_FIRST};
    if (teleai_pipeline_list(client, &filter, &page, &waiting, &error) != TELEAI_OK) {
        fail("reading what waits", &error);
        return -1;
    }
    teleai_uuid ids[BATCH];
    for (size_t i = 0; i < waiting->count; i++)
        ids[i] = waiting->items[i]->transcription_id;
    int count = (int)waiting->count;
    teleai_pipelines_free(waiting);
    if (count == 0)
        return 0;

    teleai_transcriptions *batch = NULL;
    if (teleai_transcription_get_many(client, ids, (size_t)count, &batch, &error) != TELEAI_OK) {
        fail("reading the texts", &error);
        return -1;
    }
    bool stored = store(client, batch, all);
    teleai_transcriptions_free(batch);
    return stored ? count : -1;
}

static void print_analysis(const teleai_analysis *analysis, const teleai_audio_file *file) {
    static const char *const labels[] = {"-", "positive", "negative", "neutral", "mixed"};
    bool known = analysis->sentiment_label > 0 && (size_t)analysis->sentiment_label < COUNT(labels);
    printf("%-20s %-8s %+5.2f ", file != NULL ? tail(file->file_name, 20) : "?",
           labels[known ? analysis->sentiment_label : 0], analysis->sentiment_score);
    printf("  phrases:");
    for (size_t i = 0; i < analysis->key_phrase_count; i++)
        printf("%s %s", i > 0 ? "," : "", analysis->key_phrases[i]);
    printf("  topics:");
    for (size_t i = 0; i < analysis->topic_count; i++)
        printf("%s %s %.2f", i > 0 ? "," : "", analysis->topics[i].name, analysis->topics[i].score);
    for (size_t i = 0; i < analysis->entity_count; i++)
        printf("  %s: %s", analysis->entities[i].type, analysis->entities[i].text);
    printf("\n");
}

/* Reads back what is stored, with the names of the recordings in one more round trip. */
static int show(teleai_client *client) {
    teleai_error error;
    teleai_analyses *list = NULL;
    teleai_audio_files *files = NULL;
    teleai_uuid ids[BATCH];
    teleai_analysis_filter filter = {.struct_size = sizeof filter, .analysis_type = "text"};
    teleai_page page = {.struct_size = sizeof page, .limit = BATCH, .order = TELEAI_ORDER_OLDEST_FIRST};
    if (teleai_analysis_list(client, &filter, &page, &list, &error) != TELEAI_OK)
        return fail("reading the analyses", &error);
    for (size_t i = 0; i < list->count; i++)
        ids[i] = list->items[i]->audio_file_id;
    int result = 0;
    if (teleai_audio_file_get_many(client, ids, list->count, &files, &error) != TELEAI_OK)
        result = fail("reading the recordings", &error);
    else
        for (size_t i = 0; i < list->count; i++)
            print_analysis(list->items[i], files->items[i]);
    teleai_audio_files_free(files);
    teleai_analyses_free(list);
    return result;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s CONNECTION\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open(argv[1], NULL, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);

    static corpus all;
    int count = corpus_read(client, &all) ? 1 : -1;
    int total = 0;
    while (count > 0) {
        count = work(client, &all);
        total += count > 0 ? count : 0;
    }
    if (count == 0)
        printf("%d text(s) analysed now\n", total);
    int result = count == 0 ? show(client) : 1;
    corpus_free(&all);
    teleai_close(client);
    return result;
}
