/* How far something long is. */
#include "cli/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/table.h"
#include "cli/terminal.h"

static bool on_screen;

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool rewrites(void) {
    const char *term = getenv("TERM");
    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

progress progress_begin(const char *what, int64_t total) {
    int64_t now = now_ms();
    return (progress){what, total, now, now - (rewrites() ? 1000 : 0), 0};
}

void progress_show(progress *of, int64_t done, const char *note) {
    int64_t now = now_ms(), passed = now - of->begun_ms;
    if (now - of->shown_ms < (rewrites() ? 100 : 10000))
        return;
    of->shown_ms = now;
    short_text number, total, left;
    char line[256];
    double rate = passed < 500 ? 0 : (double)done * 1000 / (double)passed;
    int length = snprintf(line, sizeof line, "%s", human_number(done, number));
    if (of->total > 0)
        length += snprintf(line + length, sizeof line - (size_t)length, " of %s %s (%d %%)",
                           human_number(of->total, total), of->what, (int)(100 * done / of->total));
    else
        length += snprintf(line + length, sizeof line - (size_t)length, " %s", of->what);
    if (rate > 0)
        length +=
            snprintf(line + length, sizeof line - (size_t)length, ", %.*f %s/s", rate < 10 ? 1 : 0, rate, of->what);
    if (rate > 0 && of->total > done)
        length += snprintf(line + length, sizeof line - (size_t)length, ", %s left",
                           human_duration((int64_t)((double)(of->total - done) / rate * 1000), left));
    if (note != NULL)
        snprintf(line + length, sizeof line - (size_t)length, "  %s", note);
    char *safe = safe_text(line, false);
    if (safe == NULL)
        return;
    if (rewrites()) {
        fprintf(stderr, "\r\033[K%.*s", (int)text_fit(safe, terminal_width() - 1), safe);
        on_screen = true;
    } else {
        fprintf(stderr, "%s\n", safe);
    }
    fflush(stderr);
    free(safe);
}

void progress_clear(void) {
    if (!on_screen)
        return;
    fputs("\r\033[K", stderr);
    on_screen = false;
}
