/* Times as people write them. */
#include "cli/times.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A time ago: a number and s, m, h, d or w. */
static bool read_ago(const char *value, int64_t *out_us) {
    char *end;
    long long number = strtoll(value, &end, 10);
    static const char units[] = "smhdw";
    static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
    const char *unit = *end != 0 && end[1] == 0 ? strchr(units, *end) : NULL;
    if (end == value || unit == NULL || number < 0 || number > 1000000)
        return false;
    *out_us = ((int64_t)time(NULL) - number * seconds[unit - units]) * 1000000;
    return true;
}

/* So many digits as a number; moves on behind them. */
static bool read_digits(const char **at, int least, int most, int *out) {
    int digits = 0;
    *out = 0;
    for (; digits < most && **at >= '0' && **at <= '9'; digits++, ++*at)
        *out = *out * 10 + (**at - '0');
    return digits >= least;
}

/* "Z", "+01", "+01:00", "-0330", or nothing. */
static bool read_zone(const char **at, bool *is_there, int *seconds) {
    int hours, minutes = 0, sign = **at == '-' ? -1 : 1;
    *seconds = 0;
    *is_there = **at == 'Z' || **at == 'z' || **at == '+' || **at == '-';
    if (**at == 'Z' || **at == 'z')
        return ++*at, true;
    if (!*is_there)
        return true;
    ++*at;
    if (!read_digits(at, 2, 2, &hours))
        return false;
    if (**at == ':')
        ++*at;
    if (**at != 0 && !read_digits(at, 2, 2, &minutes))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

/* A date, perhaps with a time of day, a fraction and a zone, as ISO 8601 has them and --json and tables print them. */
static bool read_time(const char *at, bool is_utc, int64_t *out_us) {
    int year, month, day, hour = 0, minute = 0, second = 0, offset;
    int64_t fraction = 0;
    bool has_zone;
    if (!read_digits(&at, 4, 4, &year) || *at++ != '-' || !read_digits(&at, 2, 2, &month) || *at++ != '-' ||
        !read_digits(&at, 2, 2, &day))
        return false;
    if (*at == 'T' || *at == 't' || *at == ' ') {
        at++;
        if (!read_digits(&at, 2, 2, &hour) || *at++ != ':' || !read_digits(&at, 2, 2, &minute))
            return false;
        if (*at == ':' && (at++, !read_digits(&at, 2, 2, &second)))
            return false;
        if (*at == '.' || *at == ',') {
            int digits = 0;
            for (at++; *at >= '0' && *at <= '9'; at++, digits++)
                fraction = digits < 6 ? fraction * 10 + (*at - '0') : fraction;
            if (digits == 0)
                return false;
            for (; digits < 6; digits++)
                fraction *= 10;
        }
    }
    if (!read_zone(&at, &has_zone, &offset) || *at != 0 || hour > 23 || minute > 59 || second > 60)
        return false;
    struct tm read = {.tm_year = year - 1900,
                      .tm_mon = month - 1,
                      .tm_mday = day,
                      .tm_hour = hour,
                      .tm_min = minute,
                      .tm_sec = second,
                      .tm_isdst = -1};
    time_t seconds = is_utc || has_zone ? timegm(&read) : mktime(&read);
    if (read.tm_mday != day && second < 60) /* the 31st of a month that has none */
        return false;
    *out_us = ((int64_t)seconds - offset) * 1000000 + fraction;
    return month >= 1 && month <= 12;
}

bool time_read(const char *text, bool is_utc, int64_t *out_us) {
    return read_ago(text, out_us) || read_time(text, is_utc, out_us);
}
