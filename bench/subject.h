/*
 * What every measured program shares: a persistent process that reads lines "WORK TIMES", does that work so often and
 * answers "SECONDS P99_US ALLOCATIONS". It begins with two lines: what it is, and the works it knows. The connection is
 * told by libpq's environment variables; the only argument is a folder with the ids to read, one a line.
 */
#ifndef TELEAI_BENCH_SUBJECT_H
#define TELEAI_BENCH_SUBJECT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GETS 64            /* of one W7 */
#define AUDIO_ROWS 5000    /* of one W5 and one load of audio files */
#define SPEECH_ROWS 500    /* of one load of transcriptions */
#define READ_ROWS 20000    /* of one W6 */
#define NEWEST 50          /* of one W3 */
#define POOL_CONNECTIONS 4 /* of W2 */
#define POOL_THREADS 8
#define SEARCHED_WORD "telemetry"

#define AUDIO_COLUMNS                                                                                   \
    "id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, "    \
    "channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, " \
    "error_message, metadata, created_at, updated_at"
#define SPEECH_COLUMNS                                                                                              \
    "id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, " \
    "engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, "       \
    "metadata, created_at, updated_at"
#define NEWEST_OF_USER \
    "select " AUDIO_COLUMNS " from audio_files where user_id = $1 order by created_at desc, id desc limit $2"
#define READ_ALL "select " SPEECH_COLUMNS " from transcriptions order by created_at desc, id desc limit 20000"

typedef struct subject_id {
    unsigned char bytes[16];
    char text[37];
} subject_id;

typedef struct subject_ids {
    size_t count;
    subject_id *items;
} subject_ids;

extern subject_ids subject_users, subject_files;

/** The id whose turn it is; all subjects read the same ones in the same order. */
const subject_id *subject_user(size_t turn);
const subject_id *subject_file(size_t turn);
/** The first of GETS ids. */
const subject_id *subject_gets(size_t turn);

/** One row of W5 and of the loads; everybody writes the same ones. */
typedef struct subject_audio {
    const subject_id *user;
    char name[32], path[48];
    int64_t size, duration_ms;
} subject_audio;

typedef struct subject_speech {
    const subject_id *user, *file;
    char *text;
} subject_speech;

const subject_audio *subject_audio_rows(void);
const subject_speech *subject_speech_rows(size_t turn); /* SPEECH_ROWS, others each turn */
#define AUDIO_METADATA "{\"campaign\": \"spring\", \"agent\": 17}"
#define UPLOADED_AT_US 1767225600000000

/** Some 300 words by a natural law of frequencies, in 31 % of texts SEARCHED_WORD among them. Malloc'ed. */
char *subject_text(uint64_t number);

/** Does the work whose turn it is and returns the number of rows it read or wrote. */
typedef size_t subject_run(size_t turn);

typedef struct subject_work {
    const char *name; /* NULL after the last */
    subject_run *run;
} subject_work;

/* What a subject supplies. W2 is run by POOL_THREADS threads. */
extern const char subject_version[];
extern const subject_work subject_works[];
void subject_open(void);
void subject_close(void);

/** Ends the program. */
#ifdef __GNUC__
__attribute__((noreturn))
#endif
void subject_die(const char *what, const char *why);

#ifdef __cplusplus
}
#endif

#endif
