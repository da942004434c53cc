#include "base/deadline.h"

#include <errno.h>

int teleai__deadline_left_ms(teleai__deadline deadline) {
    int64_t left = deadline.at_us - teleai__monotonic_us();
    if (left <= 0)
        return 0;
    left = (left + 999) / 1000;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

struct timespec teleai__deadline_timespec(teleai__deadline deadline) {
    return (struct timespec){.tv_sec = deadline.at_us / 1000000, .tv_nsec = (deadline.at_us % 1000000) * 1000};
}

int64_t teleai__random_below(int64_t below) {
    uint64_t mixed = (uint64_t)teleai__monotonic_us() * UINT64_C(0x9E3779B97F4A7C15);
    return below <= 0 ? 0 : (int64_t)((mixed >> 33) % (uint64_t)below);
}

void teleai__deadline_sleep(teleai__deadline deadline, int milliseconds) {
    int left = teleai__deadline_left_ms(deadline);
    if (milliseconds > left)
        milliseconds = left;
    struct timespec pause = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&pause, &pause) == -1 && errno == EINTR)
        ;
}
