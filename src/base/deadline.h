/* A point on the monotonic clock by which a call must be over. Made once per call, passed down by value. */
#ifndef TELEAI_BASE_DEADLINE_H
#define TELEAI_BASE_DEADLINE_H

#include <stdint.h>
#include <time.h>

typedef struct teleai__deadline {
    int64_t at_us; /* on CLOCK_MONOTONIC */
} teleai__deadline;

static inline int64_t teleai__clock_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t teleai__monotonic_us(void) { return teleai__clock_us(CLOCK_MONOTONIC); }
/* The same clock a few milliseconds behind, at a fraction of the price: for what is compared with tenths of seconds. */
static inline int64_t teleai__monotonic_coarse_us(void) {
#ifdef CLOCK_MONOTONIC_COARSE
    return teleai__clock_us(CLOCK_MONOTONIC_COARSE);
#else
    return teleai__clock_us(CLOCK_MONOTONIC);
#endif
}
/* Microseconds since 1970 UTC. */
static inline int64_t teleai__wall_clock_us(void) { return teleai__clock_us(CLOCK_REALTIME); }

static inline teleai__deadline teleai__deadline_in(int32_t timeout_ms) {
    return (teleai__deadline){teleai__monotonic_us() + (int64_t)timeout_ms * 1000};
}
/* Milliseconds left, rounded up, never negative: what poll(2) takes. */
int teleai__deadline_left_ms(teleai__deadline deadline);
struct timespec teleai__deadline_timespec(teleai__deadline deadline);
/* A number from 0 to below - 1 for jitter, not for secrets; 0 when below is 0. */
int64_t teleai__random_below(int64_t below);
/* Sleeps for so many milliseconds, or until the deadline if that comes first. */
void teleai__deadline_sleep(teleai__deadline deadline, int milliseconds);

#endif
