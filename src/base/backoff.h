/* Pauses between attempts, to connect or to run a statement. The span doubles from the shortest to the longest; each pause is
 * a random part of it, half at least, so that many callers do not come back together. */
#ifndef TELEAI_BASE_BACKOFF_H
#define TELEAI_BASE_BACKOFF_H

#include "base/deadline.h"

typedef struct teleai__backoff {
    int64_t shortest_us, longest_us;
    bool at_once;    /* the next attempt needs no pause */
    int64_t span_us; /* of the last pause; 0: there was none */
} teleai__backoff;

/* Of what a lost connection cuts off, and of connecting anew: half a second at most, so that a server that has come back is
 * noticed soon. */
#define TELEAI__RESEND_BACKOFF ((teleai__backoff){.shortest_us = 20000, .longest_us = 500000, .at_once = true})

/* The next pause. */
int64_t teleai__backoff_next_us(teleai__backoff *backoff);

/* Sleeps for the next pause, or until the deadline if that comes first. False: the caller wants the call to end. */
bool teleai__backoff_sleep(teleai__backoff *backoff, teleai__deadline deadline);

/* An attempt has succeeded; `at_once`: the first one after the next failure needs no pause. */
static inline void teleai__backoff_reset(teleai__backoff *backoff, bool at_once) {
    backoff->at_once = at_once;
    backoff->span_us = 0;
}

#endif
