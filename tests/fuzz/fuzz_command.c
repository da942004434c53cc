/*
 * The command line: its words are the lines of what is given. They are parsed as by the command itself, whose main.c this
 * includes, and every option that a command takes is read as a number, a fraction and a time. Nothing is run.
 */
#define main teleai_main
#include "cli/main.c"
#undef main

#include <stdarg.h>
#include <time.h>

#include "cli/times.h"
#include "fuzz.h"

/* ---- what would be printed ---- */

static int reports;

__attribute__((format(printf, 1, 0))) static void look_at(const char *format, va_list values) {
    char text[4096];
    MUST(vsnprintf(text, sizeof text, format, values) >= 0);
    reports++;
}
__attribute__((format(printf, 1, 2))) void __wrap_report(const char *format, ...);
void __wrap_report(const char *format, ...) {
    va_list values;
    va_start(values, format);
    look_at(format, values);
    va_end(values);
}
__attribute__((format(printf, 1, 2))) void __wrap_hint(const char *format, ...);
void __wrap_hint(const char *format, ...) {
    va_list values;
    va_start(values, format);
    look_at(format, values);
    va_end(values);
}

/* ---- values ---- */

/* A date and a time of day, its fraction and its zone come to what the three come to. */
static void check_parts(const char *text, int64_t us) {
    size_t length = 10 + strcspn(text + 10, ".,Zz+-"), digits;
    const char *rest = text + length;
    char head[40];
    int64_t whole, fraction = 0;
    int hours = 0, minutes = 0;
    MUST(snprintf(head, sizeof head, "%.*sZ", (int)length, text) < (int)sizeof head && time_read(head, true, &whole));
    if (*rest == '.' || *rest == ',') {
        digits = strspn(++rest, "0123456789");
        for (size_t i = 0; i < 6; i++)
            fraction = fraction * 10 + (i < digits ? rest[i] - '0' : 0);
        rest += digits;
    }
    if ((*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d", &hours, &minutes) < 2)
        (void)sscanf(rest + 1, "%2d%2d", &hours, &minutes);
    int seconds = (*rest == '-' ? -60 : 60) * (60 * hours + minutes);
    MUST(us == whole + fraction - seconds * INT64_C(1000000));
}

/* A time that is read is written, and read again: the same. */
static void check_time(const char *text) {
    int64_t us, again;
    (void)time_read(text, false, &us);
    if (!time_read(text, true, &us) || strchr("smhdw", text[strlen(text) - 1]) != NULL) /* ago: by the clock */
        return;
    check_parts(text, us);
    time_t seconds = (time_t)(us / 1000000 - (us % 1000000 < 0));
    char written[80];
    struct tm day;
    MUST(gmtime_r(&seconds, &day) != NULL);
    if (day.tm_year + 1900 < 0 || day.tm_year + 1900 > 9999) /* a zone may lead out of it */
        return;
    snprintf(written, sizeof written, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", day.tm_year + 1900, day.tm_mon + 1,
             day.tm_mday, day.tm_hour, day.tm_min, day.tm_sec, (int)(us - (int64_t)seconds * 1000000));
    MUST(time_read(written, true, &again) && again == us);
}

static void check_option(const option_spec *option, void *data) {
    const arguments *parsed = data;
    const char *value = value_of(parsed, option->name);
    int64_t number;
    double fraction;
    bool is_there;
    MUST(is_given(parsed, option->name) == (value != NULL));
    if (number_of(parsed, option->name, -5, 1000, 7, &number))
        MUST(value == NULL ? number == 7 : number >= -5 && number <= 1000);
    if (fraction_of(parsed, option->name, &fraction, &is_there))
        MUST(!is_there || (fraction >= 0 && fraction <= 1));
    if (value != NULL && *value != '\0')
        check_time(value);
}

static void check_parsed(const arguments *parsed, const command *of) {
    size_t length = 0;
    for (int i = 0; i < operand_count(parsed); i++)
        length += strlen(operand(parsed, i)) + (i > 0);
    MUST(is_given(parsed, "help") || operand_count(parsed) >= of->least);
    MUST(is_given(parsed, "help") || of->most < 0 || operand_count(parsed) <= of->most);
    char *joined = operands_joined(parsed);
    MUST(joined != NULL && strlen(joined) == length && operand(parsed, operand_count(parsed)) == NULL);
    free(joined);
    command_options(of, check_option, (void *)(uintptr_t)parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MOST_WORDS = 40 };
    char *words[MOST_WORDS + 1], *left[MOST_WORDS + 1];
    int count = 0;
    fuzz_bytes from = {data, size};
    char *text = fuzz_text(&from), *rest = text;
    while (rest != NULL && count < MOST_WORDS)
        words[count++] = strsep(&rest, "\n");
    words[count] = NULL;
    for (int i = 0; i < count; i++)
        if (*words[i] != '\0')
            check_time(words[i]);
    line found = {.words = left};
    reports = 0;
    if (find(count, words, &found)) {
        MUST(found.count <= count);
        const command *of = found.found == NULL ? &global_command : found.found;
        arguments *parsed = arguments_parse(of, found.path, found.count, found.words);
        MUST((parsed == NULL) == (reports > 0));
        if (parsed != NULL)
            check_parsed(parsed, of);
        arguments_free(parsed);
    } else {
        MUST(reports > 0);
    }
    free(text);
    return 0;
}
