#include "base/deadline.h"

#include <poll.h>

int teleai__deadline_left_ms(teleai__deadline deadline) {
    int64_t left = deadline.at_us - teleai__monotonic_us();
    if (left <= 0)
        return 0;
    left = (left + 999) / 1000;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

teleai__deadline teleai__deadline_next(teleai__deadline deadline) {
    if (deadline.interrupt == NULL)
        return deadline;
    teleai__deadline next = teleai__deadline_part(deadline, TELEAI__ASK_MS);
    return next.at_us < deadline.at_us ? next : deadline;
}

int teleai__deadline_poll(int socket, short events, teleai__deadline deadline) {
    struct pollfd watched = {.fd = socket, .events = events};
    return poll(&watched, 1, teleai__deadline_left_ms(teleai__deadline_next(deadline)));
}

struct timespec teleai__deadline_timespec(teleai__deadline deadline) {
    return (struct timespec){.tv_sec = deadline.at_us / 1000000, .tv_nsec = (deadline.at_us % 1000000) * 1000};
}

int64_t teleai__random_below(int64_t below) {
    uint64_t mixed = (uint64_t)teleai__monotonic_us() * UINT64_C(0x9E3779B97F4A7C15);
    return below <= 0 ? 0 : (int64_t)((mixed >> 33) % (uint64_t)below);
}

bool teleai__deadline_sleep(teleai__deadline deadline, int milliseconds) {
    teleai__deadline end = teleai__deadline_part(deadline, milliseconds);
    if (deadline.at_us < end.at_us)
        end = deadline;
    while (teleai__deadline_left_ms(end) > 0) {
        teleai__deadline_poll(-1, 0, end); /* which passes over it, and a signal is no end */
        if (teleai__deadline_is_interrupted(end))
            return false;
    }
    return true;
}
