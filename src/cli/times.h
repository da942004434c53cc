/* Times as people write them. */
#ifndef CLI_TIMES_H
#define CLI_TIMES_H

#include <stdbool.h>
#include <stdint.h>

/* Reads a time such as 2026-11-26, 2026-11-26T10:15:00.5+01:00, or 30d (ago). One without a zone is UTC or local. */
bool time_read(const char *text, bool is_utc, int64_t *out_us);

#endif
