/* Lists of any length, read piece by piece. */
#ifndef TELEAI_DB_STREAM_H
#define TELEAI_DB_STREAM_H

#include "db/table.h"
#include "teleai/stream.h"

/* `sql` lists what the page's limit does not bound. */
teleai_status teleai__stream_open(teleai_client *client, const teleai__table *table, const char *sql,
                                  const teleai__params *params, int32_t piece, uint8_t cursor_kind, teleai_stream **out,
                                  teleai_error *error);
/* The next piece; *out is NULL at the end. */
teleai_status teleai__stream_next(teleai_stream *stream, const teleai__table *table, void *out, teleai_error *error);

#endif
