/* Numbers, sizes, durations and times as people write them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/table.h"

const char *human_bytes(int64_t bytes, short_text out) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 999.95 && unit < 6; unit++)
        value /= 1000;
    snprintf(out, sizeof(short_text), unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return out;
}

const char *human_duration(int64_t ms, short_text out) {
    int64_t seconds = ms / 1000;
    if (seconds < 10)
        snprintf(out, sizeof(short_text), "%.1f s", (double)ms / 1000);
    else if (seconds < 60)
        snprintf(out, sizeof(short_text), "%lld s", (long long)seconds);
    else if (seconds < 3600)
        snprintf(out, sizeof(short_text), "%lld min %02lld s", (long long)(seconds / 60), (long long)(seconds % 60));
    else if (seconds < 100 * 3600)
        snprintf(out, sizeof(short_text), "%lld h %02lld min", (long long)(seconds / 3600),
                 (long long)(seconds / 60 % 60));
    else
        snprintf(out, sizeof(short_text), "%lld h", (long long)(seconds / 3600));
    return out;
}

const char *human_time(int64_t us, short_text out) {
    time_t seconds = (time_t)(us / 1000000 - (us % 1000000 < 0));
    struct tm local;
    char text[24];
    if (localtime_r(&seconds, &local) == NULL || strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local) == 0) {
        snprintf(out, sizeof(short_text), "?");
        return out;
    }
    long minutes = labs(local.tm_gmtoff) / 60;
    snprintf(out, sizeof(short_text), minutes % 60 == 0 ? "%s%c%02ld" : "%s%c%02ld:%02ld", text,
             local.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return out;
}

const char *human_age(int64_t us, short_text out) {
    int64_t seconds = (int64_t)time(NULL) - us / 1000000;
    if (seconds >= 172800)
        snprintf(out, sizeof(short_text), "%lld days", (long long)(seconds / 86400));
    else
        human_duration(seconds < 0 ? 0 : seconds * 1000, out);
    return out;
}

const char *human_number(int64_t value, short_text out) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)value), at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

const char *iso_time(int64_t us, short_text out) {
    int64_t rest = us % 1000000;
    time_t seconds = (time_t)(us / 1000000);
    if (rest < 0) {
        rest += 1000000;
        seconds--;
    }
    struct tm utc;
    char text[28];
    if (gmtime_r(&seconds, &utc) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) == 0)
        snprintf(text, sizeof text, "?");
    snprintf(out, sizeof(short_text), "%s.%06dZ", text, (int)rest);
    return out;
}
