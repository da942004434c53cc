/* Arrow: lists of records as columns, for pyarrow, pandas, polars, DuckDB and others. */
#ifndef TELEAI_ARROW_H
#define TELEAI_ARROW_H

#include "analysis.h"
#include "audio_file.h"
#include "search.h"
#include "session.h"
#include "stats.h"
#include "stream.h"
#include "tenant.h"
#include "transcription.h"
#include "user.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Every list of records can be had as an Arrow array, which others take as it is, without a copy
 * (https://arrow.apache.org/docs/format/CDataInterface.html).
 *
 * What a list becomes is an array of structs, a record batch, with one child a member of the record:
 *
 *     UUID               fixed-size binary of 16 bytes, with the extension type arrow.uuid
 *     ..._at_us, ..._us  timestamp in microseconds, UTC, under the name without _us (infinite times: the first and the
 *                        last that there are)
 *     ..._ms, _bytes     int64 or int32, as in the record
 *     enumeration        dictionary of utf8: the value's name, such as "ready"; NULL: none, or one not known here
 *     text, ..._json     utf8; large_utf8 when the texts of a column have more than 2 GiB together
 *     key_phrases        list of utf8
 *     marks              list of struct {start, end}
 *     double, bool       float64, bool
 *
 * A value that the record says is absent (has_... false, text NULL) is NULL, and so is all of a row whose item is NULL in
 * a list from get_many. has_... members, lengths, counts and what is there as JSON already have no columns of their own,
 * and secrets have none: not a session's token. All columns may be NULL as far as the schema tells, whose columns are
 * always the same for a kind of list; newer versions append some.
 */

/* The structs of the Arrow C data interface, under the name by which everybody guards them: whichever header comes first
 * defines them, the same in all programs for ever. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

/* The same of its C stream interface (https://arrow.apache.org/docs/format/CStreamInterface.html). */
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif

/*
 * All of these are alike. What they give is a copy that needs neither the list nor the client any more. It is yours:
 * hand it to a consumer, who takes it over, or release it: `if (array.release != NULL) array.release(&array);`. Moving it
 * is copying the struct and setting release to NULL in the old one; children may be moved out as well. Which thread
 * releases it does not matter. Either of schema and array may be NULL, when it is known or not wanted; what they held
 * before is overwritten, not released. On failure there is nothing to release (release is NULL).
 */

/* ---- lists ---- */

/**
 * Makes columns of users.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_users_to_arrow(const teleai_users *list, struct ArrowSchema *schema,
                                               struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of sessions, without their tokens.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_sessions_to_arrow(const teleai_sessions *list, struct ArrowSchema *schema,
                                                  struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of audio files.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_audio_files_to_arrow(const teleai_audio_files *list, struct ArrowSchema *schema,
                                                     struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of transcriptions.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_transcriptions_to_arrow(const teleai_transcriptions *list, struct ArrowSchema *schema,
                                                        struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of analyses; entities and topics are there as JSON.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_analyses_to_arrow(const teleai_analyses *list, struct ArrowSchema *schema,
                                                  struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of tenants.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_tenants_to_arrow(const teleai_tenants *list, struct ArrowSchema *schema,
                                                 struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of tenants' statistics.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_tenants_stats_to_arrow(const teleai_tenants_stats *list, struct ArrowSchema *schema,
                                                       struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of users' statistics.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_users_stats_to_arrow(const teleai_users_stats *list, struct ArrowSchema *schema,
                                                     struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of days.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_daily_usages_to_arrow(const teleai_daily_usages *list, struct ArrowSchema *schema,
                                                      struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of activities.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_activities_to_arrow(const teleai_activities *list, struct ArrowSchema *schema,
                                                    struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of queues; the status is there by its name.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_queue_statuses_to_arrow(const teleai_queue_statuses *list, struct ArrowSchema *schema,
                                                        struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of how far files are.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_pipelines_to_arrow(const teleai_pipelines *list, struct ArrowSchema *schema,
                                                   struct ArrowArray *array, teleai_error *error);

/**
 * Makes columns of what a search found.
 * Returns: OK, INVALID_ARGUMENT (list is NULL), OUT_OF_MEMORY.
 * Owns: you; release both.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_search_hits_to_arrow(const teleai_search_hits *list, struct ArrowSchema *schema,
                                                     struct ArrowArray *array, teleai_error *error);

/* ---- streams ---- */

/**
 * Hands a stream to who reads Arrow's: the rest of its rows, a record batch a piece (page->limit rows, when it was opened;
 * thousands are better here than the usual 32), with the columns of its noun's list.
 *
 * The stream stays yours, and is closed as ever, by teleai_stream_close(): before the release or after it, on whatever
 * thread. From then on get_next says "the stream is closed"; a piece that is being read at that moment is still given, and
 * the connection goes back when it has been. What was given stays. It can be handed out once at a time: again when it was
 * released, and then goes on behind what has been read.
 *
 * get_next blocks as the stream's own next does, until its timeout, and asks the client's interrupt_hook while it waits; the
 * others do not block. For one thread at a time, as the stream itself, but not always the same one. All give 0, or an
 * errno: ENOMEM, EINVAL, ECANCELED (interrupted), EBUSY (another thread is reading), else EIO: get_last_error has the
 * teleai_error's message, until the next call. An end is told only behind the last row: after a failure there is none, but
 * EIO again and again. EIO also tells of a piece of which one column has more than 2 GiB: read with a smaller page->limit.
 * Returns: OK, INVALID_ARGUMENT (stream or out is NULL; the stream is handed out and was not released), OUT_OF_MEMORY.
 * Owns: you; release it, or hand it to a consumer, who does. On failure there is nothing to release.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_stream_to_arrow(teleai_stream *stream, struct ArrowArrayStream *out,
                                                teleai_error *error);

/**
 * Makes a stream of one record batch, such as a list's, for consumers who take nothing else. It takes both structs over:
 * afterwards their release is NULL. For one thread at a time; get_schema gives 0 or ENOMEM, get_next 0.
 * Returns: OK, INVALID_ARGUMENT (one is NULL or was released), OUT_OF_MEMORY; on failure both stay yours.
 * Owns: you; release it, or hand it to a consumer, who does.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_arrow_batch_to_stream(struct ArrowSchema *schema, struct ArrowArray *array,
                                                      struct ArrowArrayStream *out, teleai_error *error);

/* ---- releasing ---- */

/**
 * Releases a schema of any producer. NULL and a schema that was released are fine. The struct itself stays.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_arrow_schema_release(struct ArrowSchema *schema);

/**
 * Releases an array, as teleai_arrow_schema_release() does a schema.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_arrow_array_release(struct ArrowArray *array);

/**
 * Releases a stream of Arrow's, as teleai_arrow_schema_release() does a schema. This does not close a teleai_stream.
 * Returns: nothing; cannot fail.
 * Blocks: as its producer says; a stream of this library does not.
 */
TELEAI_API void teleai_arrow_stream_release(struct ArrowArrayStream *stream);

#ifdef __cplusplus
}
#endif

#endif
