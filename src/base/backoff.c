#include "base/backoff.h"

int64_t teleai__backoff_next_us(teleai__backoff *it) {
    if (it->at_once) {
        it->at_once = false;
        return 0;
    }
    it->span_us = it->span_us == 0 ? it->shortest_us : 2 * it->span_us;
    if (it->span_us > it->longest_us)
        it->span_us = it->longest_us;
    return it->span_us - teleai__random_below(it->span_us / 2);
}

bool teleai__backoff_sleep(teleai__backoff *it, teleai__deadline deadline) {
    return teleai__deadline_sleep(deadline, (int)(teleai__backoff_next_us(it) / 1000));
}
