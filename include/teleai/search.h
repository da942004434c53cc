/* Search: finding transcriptions by their words. */
#ifndef TELEAI_SEARCH_H
#define TELEAI_SEARCH_H

#include "transcription.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TELEAI_SEARCH_RANKED = 0,      /**< best matches first (PostgreSQL's ts_rank_cd) */
    TELEAI_SEARCH_NEWEST_FIRST = 1 /**< latest transcriptions first */
};

/** How and where to search; NULL or all zero means: ranked, in everything that is completed, the first 20. */
typedef struct teleai_search_options {
    size_t struct_size;         /**< sizeof(teleai_search_options) */
    const teleai_uuid *user_id; /**< only transcriptions of this user */
    const char *language_code;
    const char *engine;
    const char *cursor;       /**< next_cursor of the page before, for the same query and options */
    const char *mark_start;   /**< put before each match in snippet_marked; NULL: "[" */
    const char *mark_end;     /**< put after each match; NULL: "]" */
    int64_t created_from_us;  /**< created at or after; 0: any */
    int64_t created_until_us; /**< created before; 0: any */
    double min_confidence;    /**< with has_min_confidence; 0 to 1 */
    int32_t status;           /**< TELEAI_TRANSCRIPTION_...; 0: completed */
    int32_t order;            /**< TELEAI_SEARCH_... */
    int32_t limit;            /**< hits at most, 1 to 1000; 0 means 20 */
    bool has_min_confidence;
    uint8_t reserved[3]; /**< zero */
} teleai_search_options;

/** Where a match lies in a snippet: bytes from start up to, not including, end. */
typedef struct teleai_search_mark {
    int32_t start;
    int32_t end;
} teleai_search_mark;

/** A transcription that was found. */
typedef struct teleai_search_hit {
    teleai_uuid transcription_id;
    teleai_uuid audio_file_id;
    teleai_uuid user_id;
    const char *file_name; /**< of the audio file */
    const char *language_code;
    const char *engine;
    const char *snippet;             /**< some words around the matches; 16 and newer show more of long texts */
    const char *snippet_marked;      /**< the same with each match between mark_start and mark_end */
    const teleai_search_mark *marks; /**< mark_count of them, where the matches lie in snippet */
    size_t mark_count;
    int64_t created_at_us;
    double confidence;
    double rank;    /**< larger is better; 0 when newest first */
    int32_t status; /**< TELEAI_TRANSCRIPTION_... */
    bool has_confidence;
    uint8_t reserved[3];
} teleai_search_hit;

/** What a search found. */
typedef struct teleai_search_hits {
    size_t count;
    const teleai_search_hit *const *items;
    const char *next_cursor;  /**< for the next page; NULL when this is the last one */
    const char *parsed_query; /**< as the server understood it; "" when it was only stop words, which find nothing */
    int64_t total;            /**< how many match in all, pages before and after included; not counted beyond 1000 */
    bool total_is_exact;      /**< false: there are more than `total` */
    uint8_t reserved[7];
} teleai_search_hits;

/**
 * Searches the text of transcriptions, as people search the web:
 *
 *     heart rate            both words, in any form ("rates") and place
 *     "heart rate"          next to each other
 *     heart or pulse        one of them; `or` binds less than words side by side
 *     -drill  -"fire drill" without it; at least one word must be wanted
 *     cardi*                words that begin so
 *
 * Texts are taken as English whatever their language_code: that is what the index holds. It knows the place of a word
 * only up to the 16383rd, so that in longer texts phrases are found at the beginning alone; single words are found
 * everywhere.
 *
 * Ranked order is taken among the newest 1000 matches, which bounds its cost (ranking reads each text anew); when there
 * are more, total_is_exact is false and newest first reaches the others. Later pages go on in the state of the first:
 * newer transcriptions do not move them.
 *
 * Returns: OK, INVALID_ARGUMENT (query empty, only exclusions, over 64 terms or 4096 bytes, unfinished "phrase");
 *   usual.
 * Owns: you; free *out with teleai_search_hits_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_search_transcriptions(teleai_client *client, const char *query,
                                                      const teleai_search_options *options, teleai_search_hits **out,
                                                      teleai_error *error);

/**
 * Finds transcriptions that hold all the given words, in any form and order, by the documented keyword query:
 * to_tsvector('english', transcription_text) @@ plainto_tsquery('english', words). Newest first, in any status.
 * Returns: OK, INVALID_ARGUMENT (words empty or over 4096 bytes); usual.
 * Owns: you; free *out with teleai_transcriptions_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_search_keywords(teleai_client *client, const char *words, const teleai_page *page,
                                                teleai_transcriptions **out, teleai_error *error);

/**
 * Frees hits; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_search_hits_free(teleai_search_hits *hits);

#ifdef __cplusplus
}
#endif

#endif
