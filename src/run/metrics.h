/* What is counted about calls; made only when the options ask for any of it. */
#ifndef TELEAI_RUN_METRICS_H
#define TELEAI_RUN_METRICS_H

#include "wire/result.h"
#include "teleai/metrics.h"

typedef struct teleai__metrics teleai__metrics;

/* A call under way. Zero it; everything but the start may stay zero. */
typedef struct teleai__watch {
    int64_t start_us, start_wall_us; /* monotonic, and of the system's clock */
    int64_t wait_us, connect_us, query_us, decode_us;
    int64_t rows, bytes;
    int32_t attempts;
} teleai__watch;

/* *out is NULL when nothing is asked for. False: out of memory. */
bool teleai__metrics_make(const teleai_options *options, teleai__metrics **out);
void teleai__metrics_free(teleai__metrics *metrics);

void teleai__watch_start(teleai__watch *watch);
/* Notes the size of an answer. */
void teleai__watch_result(teleai__watch *watch, const PGresult *result);
/* The call is over. `operation` is a text that is never freed. */
void teleai__watch_end(const teleai__watch *watch, teleai__metrics *metrics, const char *operation,
                       teleai_status status, const teleai_error *error);
void teleai__metrics_note_retry(teleai__metrics *metrics); /* NULL is fine in these two */
void teleai__metrics_note_cancel(teleai__metrics *metrics);

#endif
