/*
 * A transcription worker: takes what is pending, oldest first, recognizes it with PocketSphinx, and stores the result.
 *
 *     worker CONNECTION [NAME]                run until nothing is pending; NAME marks its lines of output
 *     worker CONNECTION --reclaim SECONDS     give up on what has been in work for longer: its worker has died
 *
 * Any number of workers may run at once, on any number of machines. They need no lock and no message broker:
 * teleai_transcription_start() lets exactly one of them have each transcription, the others get CONFLICT and go on.
 * A failed transcription is tried again by the next run.
 */
#include "common.h"

#include <pocketsphinx.h>
#include <signal.h>
#include <sphinxbase/err.h>

#include "wav.h"

/* The model hears a recording as one utterance, whose search space must fit into memory. */
enum { LONGEST_MS = 10 * 60 * 1000, MODEL_RATE_HZ = 16000 };

static volatile sig_atomic_t stopping;

static void stop(int signal_number) {
    (void)signal_number;
    stopping = 1;
}

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- recognizing ------------------------------------------------------------------------------------------------ */

typedef struct heard {
    const char *text;    /* the recognizer's, until its next utterance */
    char *metadata_json; /* free() it */
    double confidence;
    double seconds; /* how long it took */
} heard;

static ps_decoder_t *recognizer_make(void) {
    err_set_logfp(NULL); /* it would print every parameter it has */
    cmd_ln_t *config = cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", POCKETSPHINX_MODELS "/en-us/en-us", "-lm",
                                   POCKETSPHINX_MODELS "/en-us/en-us.lm.bin", "-dict",
                                   POCKETSPHINX_MODELS "/en-us/cmudict-en-us.dict", "-logfn", "/dev/null", NULL);
    ps_decoder_t *recognizer = config != NULL ? ps_init(config) : NULL;
    cmd_ln_free_r(config);
    return recognizer;
}

/*
 * Confidence is the mean of the words' posterior probabilities: how sure the recognizer is of each word against the
 * others it considered in its place. The posterior of the whole sentence, which it also has, is a product over all
 * words: next to 0 for any long sentence, however good. It goes into the metadata, with the words and their times.
 */
static bool describe(ps_decoder_t *recognizer, heard *out) {
    logmath_t *logs = ps_get_logmath(recognizer);
    int frames_per_second = (int)cmd_ln_int32_r(ps_get_config(recognizer), "-frate");
    size_t bytes = 0;
    FILE *json = open_memstream(&out->metadata_json, &bytes);
    if (json == NULL)
        return false;
    fprintf(json, "{\"model\": \"en-us\", \"utterance_posterior\": %.3g, \"words\": [",
            logmath_exp(logs, ps_get_prob(recognizer)));
    double sum = 0;
    int count = 0;
    for (ps_seg_t *segment = ps_seg_iter(recognizer); segment != NULL; segment = ps_seg_next(segment)) {
        const char *word = ps_seg_word(segment);
        if (strchr("<[", *word) != NULL || strpbrk(word, "\"\\") != NULL) /* silence, noise */
            continue;
        int first, last;
        ps_seg_frames(segment, &first, &last);
        double posterior = logmath_exp(logs, ps_seg_prob(segment, NULL, NULL, NULL));
        /* "the(2)" is the second way to pronounce "the". */
        fprintf(json, "%s{\"word\": \"%.*s\", \"start_ms\": %d, \"end_ms\": %d, \"confidence\": %.3f}",
                count > 0 ? ", " : "", (int)strcspn(word, "("), word, first * 1000 / frames_per_second,
                (last + 1) * 1000 / frames_per_second, posterior);
        sum += posterior;
        count++;
    }
    fprintf(json, "]}");
    out->confidence = count > 0 ? sum / count : 0;
    if (out->confidence > 1) /* the logarithms are rounded */
        out->confidence = 1;
    return fclose(json) == 0;
}

/* Returns NULL, or what went wrong. */
static const char *recognize(ps_decoder_t *recognizer, const wav *sound, heard *out) {
    double start = seconds_now();
    /* The whole recording at once: the recognizer then adapts to its loudness before it begins, not on the way. */
    if (ps_start_stream(recognizer) < 0 || ps_start_utt(recognizer) < 0 ||
        ps_process_raw(recognizer, sound->samples, sound->sample_count, FALSE, TRUE) < 0 || ps_end_utt(recognizer) < 0)
        return "the recognizer failed on this recording";
    out->text = ps_get_hyp(recognizer, NULL);
    if (out->text == NULL || *out->text == '\0')
        return "no speech was recognized";
    if (!describe(recognizer, out))
        return "not enough memory for the result";
    out->seconds = seconds_now() - start;
    return NULL;
}

/* ---- one transcription ------------------------------------------------------------------------------------------ */

static int64_t count_in_status(teleai_client *client, int32_t status) {
    teleai_transcription_filter filter = {.struct_size = sizeof filter, .engine = "pocketsphinx", .status = status};
    int64_t count = 0;
    teleai_transcription_count(client, &filter, &count, NULL);
    return count;
}

static const char *usable(const char *problem, const wav *sound, char *room, size_t room_bytes) {
    if (problem != NULL)
        return problem;
    if (sound->channels != 1 || sound->sample_rate_hz != MODEL_RATE_HZ)
        snprintf(room, room_bytes, "the model needs 1 channel at %d Hz, this recording has %d at %d Hz", MODEL_RATE_HZ,
                 sound->channels, sound->sample_rate_hz);
    else if (sound->duration_ms > LONGEST_MS)
        snprintf(room, room_bytes, "the recording is longer than the %d minutes this worker takes", LONGEST_MS / 60000);
    else
        return NULL;
    return room;
}

/* Works on a transcription that is ours. False: the database failed us. */
static bool work_on(teleai_client *client, ps_decoder_t *recognizer, const teleai_transcription *mine,
                    const char *worker_name) {
    teleai_error error;
    teleai_audio_file *file = NULL;
    if (teleai_audio_file_get(client, &mine->audio_file_id, &file, &error) != TELEAI_OK) {
        fail("reading the audio file", &error);
        return false;
    }
    wav sound;
    heard result = {0};
    char room[160];
    const char *problem = usable(wav_read(file->file_path, &sound, true), &sound, room, sizeof room);
    if (problem == NULL)
        problem = recognize(recognizer, &sound, &result);

    teleai_status status;
    if (problem != NULL) {
        status = teleai_transcription_fail(client, &mine->id, problem, NULL, &error);
    } else {
        teleai_transcription_input input = {.struct_size = sizeof input,
                                            .text = result.text,
                                            .engine_version = POCKETSPHINX_VERSION,
                                            .metadata_json = result.metadata_json,
                                            .confidence = result.confidence,
                                            .has_confidence = true,
                                            .processing_duration_ms = (int32_t)(result.seconds * 1000) + 1,
                                            .has_processing_duration = true};
        status = teleai_transcription_complete(client, &mine->id, &input, NULL, &error);
    }

    if (status != TELEAI_OK) {
        fail(file->file_name, &error);
    } else {
        double audio = (double)sound.duration_ms / 1000;
        int64_t done = count_in_status(client, TELEAI_TRANSCRIPTION_COMPLETED) +
                       count_in_status(client, TELEAI_TRANSCRIPTION_FAILED);
        printf("%-3s %3lld of %-3lld %-20s ", worker_name, (long long)done, (long long)count_in_status(client, 0),
               tail(file->file_name, 20));
        if (problem != NULL)
            printf("failed: %s\n", problem);
        else
            printf("%4.1f s of audio, %4.2f x real time, confidence %.2f: %s\n", audio, result.seconds / audio,
                   result.confidence, result.text);
    }
    free(result.metadata_json);
    free(sound.samples);
    teleai_audio_file_free(file);
    /* CONFLICT: somebody reclaimed it while we worked. Theirs now; ours is lost, and that is in order. */
    return status == TELEAI_OK || status == TELEAI_CONFLICT;
}

/* ---- the queue -------------------------------------------------------------------------------------------------- */

static bool list_oldest(teleai_client *client, int32_t status, teleai_transcriptions **out) {
    teleai_error error;
    teleai_transcription_filter filter = {.struct_size = sizeof filter, .engine = "pocketsphinx", .status = status};
    teleai_page page = {.struct_size = sizeof page, .limit = 100, .order = TELEAI_ORDER_OLDEST_FIRST};
    if (teleai_transcription_list(client, &filter, &page, out, &error) == TELEAI_OK)
        return true;
    fail("reading the queue", &error);
    return false;
}

/* Works through what is in this status now. Returns how many there were, -1 on failure. */
static int work_through(teleai_client *client, ps_decoder_t **recognizer, int32_t status, const char *worker_name) {
    teleai_transcriptions *waiting = NULL;
    if (!list_oldest(client, status, &waiting))
        return -1;
    int count = (int)waiting->count;
    if (count > 0 && *recognizer == NULL) { /* half a second and 100 MB, only when there is something to do */
        *recognizer = recognizer_make();
        if (*recognizer == NULL) {
            fprintf(stderr, "the speech model in %s cannot be loaded\n", POCKETSPHINX_MODELS);
            count = -1;
        }
    }
    for (int i = 0; i < count && !stopping; i++) {
        teleai_error error;
        teleai_transcription *mine = NULL;
        teleai_status started = teleai_transcription_start(client, &waiting->items[i]->id, &mine, &error);
        if (started == TELEAI_CONFLICT || started == TELEAI_NOT_FOUND)
            continue; /* another worker was faster, or it was deleted */
        if (started != TELEAI_OK)
            fail("starting a transcription", &error);
        if (started != TELEAI_OK || !work_on(client, *recognizer, mine, worker_name))
            count = -1;
        teleai_transcription_free(mine);
    }
    teleai_transcriptions_free(waiting);
    return count;
}

static int reclaim(teleai_client *client, int64_t seconds) {
    teleai_transcriptions *in_work = NULL;
    if (!list_oldest(client, TELEAI_TRANSCRIPTION_PROCESSING, &in_work))
        return 1;
    int64_t deadline = now_us() - seconds * 1000000;
    int result = 0;
    for (size_t i = 0; i < in_work->count; i++) {
        teleai_error error;
        const teleai_transcription *item = in_work->items[i];
        if (item->processing_started_at_us > deadline)
            continue;
        if (teleai_transcription_fail(client, &item->id, "its worker stopped half-way", NULL, &error) != TELEAI_OK)
            result = fail("reclaiming a transcription", &error);
        else
            printf("reclaimed one from a worker that is gone\n");
    }
    teleai_transcriptions_free(in_work);
    return result;
}

int main(int argc, char **argv) {
    bool reclaiming = argc == 4 && strcmp(argv[2], "--reclaim") == 0;
    if (argc < 2 || (argc > 3 && !reclaiming)) {
        fprintf(stderr, "usage: %s CONNECTION [NAME | --reclaim SECONDS]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* whole lines, also when several workers write to one place */
    /* Asked to stop, a worker finishes what it has begun: nothing is left "in work" for ever. */
    sigaction(SIGINT, &(struct sigaction){.sa_handler = stop}, NULL);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = stop}, NULL);

    teleai_error error;
    teleai_client *client = NULL;
    teleai_options options = {.struct_size = sizeof options, .application_name = "worker", .max_connections = 1};
    if (teleai_open(argv[1], &options, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);

    int result = 0;
    if (reclaiming) {
        result = reclaim(client, atoll(argv[3]));
    } else {
        const char *name = argc > 2 ? argv[2] : "";
        ps_decoder_t *recognizer = NULL;
        int count = work_through(client, &recognizer, TELEAI_TRANSCRIPTION_FAILED, name); /* each once a run */
        if (count >= 0)
            do
                count = work_through(client, &recognizer, TELEAI_TRANSCRIPTION_PENDING, name);
            while (count > 0 && !stopping);
        if (count == 0)
            printf("%-3s nothing is pending; %lld of %lld are recognized\n", name,
                   (long long)count_in_status(client, TELEAI_TRANSCRIPTION_COMPLETED),
                   (long long)count_in_status(client, 0));
        result = count == 0 ? 0 : 1;
        if (recognizer != NULL)
            ps_free(recognizer);
    }
    teleai_close(client);
    return result;
}
