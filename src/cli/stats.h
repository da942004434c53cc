/* The figures of `teleai stats`, gathered once and shown in several ways. */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <stdio.h>

#include "cli/names.h"
#include "teleai.h"

/* A day, also one without uploads. */
typedef struct stats_day {
    char date[12];
    int64_t uploads, bytes, audio_ms, users;
} stats_day;

typedef struct stats {
    int64_t users, files, transcriptions, analyses; /* all there are */
    stats_day *days;                                /* `count` of them, without gaps, earliest first */
    size_t count;
    stats_day sum; /* of these days; users: the most on one day */
    teleai_queue_statuses *queues;
    teleai_users_stats *people; /* those who store most first, in `order` */
    const teleai_user_stats **order;
    size_t people_shown;
    bool more_people;       /* there are more than were looked at */
    int64_t ready, counted; /* ready files, and how many of them the days know of: fewer when they are not fresh */
    const char *name;       /* of what the page is about */
} stats;

/* A sum, or the largest number there is: one file may count 2^53 bytes. */
static inline int64_t stats_sum(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* The statuses of a kind of rows, what is done first and what failed last; NULL behind the last one. */
const teleai_queue_status *stats_part(const stats *of, int32_t kind, size_t place);

/* For eyes, on the terminal. */
void stats_print(const stats *of);
/* One page with charts that needs nothing else. */
void stats_write_html(const stats *of, FILE *to);

#endif
