/* A point on the monotonic clock by which a call must be over, and who may end it sooner. Made once per call, passed down
 * by value. */
#ifndef TELEAI_BASE_DEADLINE_H
#define TELEAI_BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A caller's function, which tells whether the call is to end. */
typedef struct teleai__interrupt {
    bool (*ask)(void *data);
    void *data;
} teleai__interrupt;

#define TELEAI__ASK_MS 50 /* how often it is asked at least */

typedef struct teleai__deadline {
    int64_t at_us;                      /* on CLOCK_MONOTONIC */
    const teleai__interrupt *interrupt; /* NULL: nobody is asked */
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
    return (teleai__deadline){.at_us = teleai__monotonic_us() + (int64_t)timeout_ms * 1000};
}
/* The same for a call that somebody may end. */
static inline teleai__deadline teleai__deadline_until(const teleai__interrupt *interrupt, int32_t timeout_ms) {
    teleai__deadline deadline = teleai__deadline_in(timeout_ms);
    deadline.interrupt = interrupt == NULL || interrupt->ask == NULL ? NULL : interrupt;
    return deadline;
}
/* Of a part of the call: so much sooner. */
static inline teleai__deadline teleai__deadline_part(teleai__deadline whole, int32_t timeout_ms) {
    return teleai__deadline_until(whole.interrupt, timeout_ms);
}
/* For what must be done after the call was ended, or as its end: nobody is asked. */
static inline teleai__deadline teleai__deadline_firm(teleai__deadline deadline) {
    return (teleai__deadline){.at_us = deadline.at_us};
}
/* Whether somebody wants the call to end now: asks. */
static inline bool teleai__deadline_is_interrupted(teleai__deadline deadline) {
    return deadline.interrupt != NULL && deadline.interrupt->ask(deadline.interrupt->data);
}
/* Milliseconds left, rounded up, never negative: what poll(2) takes. */
int teleai__deadline_left_ms(teleai__deadline deadline);
/* Asks whether the call is to end, but no more often than is promised unless `at_once`; *asked_us is when it last did. For
 * loops of short waits. */
static inline bool teleai__deadline_ask(teleai__deadline deadline, bool at_once, int64_t *asked_us) {
    int64_t now_us = deadline.interrupt == NULL ? 0 : teleai__monotonic_coarse_us();
    if (deadline.interrupt == NULL || (!at_once && now_us - *asked_us < TELEAI__ASK_MS * 1000))
        return false;
    *asked_us = now_us;
    return teleai__deadline_is_interrupted(deadline);
}
/* The same point, or an earlier one when somebody is to be asked. */
teleai__deadline teleai__deadline_next(teleai__deadline deadline);
/* As poll(2) with one descriptor, until the deadline or until somebody is to be asked; without asking. */
int teleai__deadline_poll(int socket, short events, teleai__deadline deadline);
struct timespec teleai__deadline_timespec(teleai__deadline deadline);
/* A number from 0 to below - 1 for jitter, not for secrets; 0 when below is 0. */
int64_t teleai__random_below(int64_t below);
/* Sleeps for so many milliseconds, or until the deadline if that comes first. False: somebody wants the call to end. */
bool teleai__deadline_sleep(teleai__deadline deadline, int milliseconds);

#endif
