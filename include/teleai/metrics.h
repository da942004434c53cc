/* Seeing inside: counters, histograms, a hook for each call, and which calls were slow. */
#ifndef TELEAI_METRICS_H
#define TELEAI_METRICS_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes what has been counted in the text format of Prometheus (version 0.0.4), for a page such as /metrics:
 *
 *     teleai_calls_total{operation,status}                       calls
 *     teleai_call_duration_seconds{operation}                    histogram: from the call to its return; in a batch, to
 *                                                                its answer
 *     teleai_phase_duration_seconds{phase}                       histogram: wait (for a connection), connect, query (the
 *                                                                server and the way there and back), decode
 *     teleai_rows_total, teleai_bytes_total {operation}          of the answers; bytes as they lie in memory
 *     teleai_retries_total, teleai_cancels_total                 statements sent again; calls of teleai_cancel()
 *     teleai_slow_calls_total                                    with slow_call_ms
 *     teleai_pool_...{pool}                                      the counters of teleai_pool_stats; of "primary" and,
 *                                                                where there is one, "replica"
 *
 * Without options.metrics only the last group. What it counts costs a few clock readings a call; when nothing of this
 * header is asked for in the options, nothing.
 * Returns: OK, INVALID_ARGUMENT, CLOSED, OUT_OF_MEMORY.
 * Owns: you; free *out with teleai_text_free().
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_metrics_text(teleai_client *client, char **out, teleai_error *error);

/** In which format. */
enum {
    TELEAI_METRICS_PROMETHEUS = 1, /**< version 0.0.4: Content-Type text/plain; version=0.0.4 */
    TELEAI_METRICS_OPENMETRICS = 2 /**< Content-Type application/openmetrics-text; version=1.0.0; charset=utf-8 */
};

/**
 * The same in a format of choice: a scraper that asks for OpenMetrics reads nothing else, since counters are called
 * without their _total there and the text has an end.
 * Returns: OK, INVALID_ARGUMENT, CLOSED, OUT_OF_MEMORY.
 * Owns: you; free *out with teleai_text_free().
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_metrics_text_as(teleai_client *client, int32_t format, char **out, teleai_error *error);

/** Calls that took longer than options.slow_call_ms: the last 128, latest first. */
typedef struct teleai_slow_calls {
    size_t count;
    const teleai_call *const *items;
} teleai_slow_calls;

/**
 * The calls that were slow. The operation says which statement it was; no value of it is kept.
 * Returns: OK, INVALID_ARGUMENT, CLOSED, OUT_OF_MEMORY.
 * Owns: you; free *out with teleai_slow_calls_free().
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_slow_calls_list(teleai_client *client, teleai_slow_calls **out, teleai_error *error);

/**
 * Frees what teleai_slow_calls_list() gave; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_slow_calls_free(teleai_slow_calls *list);

/**
 * Frees a text that a function handed out; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_text_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
