/* A clock that can be put forward, as the library sees it: link with -Wl,--wrap=clock_gettime. */
#ifndef TELEAI_TESTS_CLOCK_H
#define TELEAI_TESTS_CLOCK_H

#include <stdatomic.h>
#include <time.h>

static _Atomic int ahead_s; /* of the monotonic clock */

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out) {
    int result = __real_clock_gettime(clock, out);
    if (clock != CLOCK_REALTIME)
        out->tv_sec += ahead_s;
    return result;
}

#endif
