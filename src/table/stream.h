/* Lists of any length, read piece by piece. */
#ifndef TELEAI_TABLE_STREAM_H
#define TELEAI_TABLE_STREAM_H

#include "table/table.h"
#include "teleai/arrow.h"

typedef struct teleai__arrow_source teleai__arrow_source;

/* `sql` lists what the page's limit does not bound. */
teleai_status teleai__stream_open(teleai_client *client, const teleai__table *table, const char *sql,
                                  const teleai__params *params, int32_t piece, uint8_t cursor_kind, teleai_stream **out,
                                  teleai_error *error);
/* The next piece; *out is NULL at the end. */
teleai_status teleai__stream_next(teleai_stream *stream, const teleai__table *table, void *out, teleai_error *error);

/* ---- as Arrow's ---- */

/* The next piece as a batch; released at the end. */
teleai_status teleai__stream_next_array(teleai_stream *stream, struct ArrowArray *out, teleai_error *error);
/* Its columns, and where it notes who reads it as Arrow's, which is NULL at first and given back by the close. */
const teleai__row *teleai__stream_row(const teleai_stream *stream);
teleai__arrow_source **teleai__stream_arrow(teleai_stream *stream);
/* Closes it for good. */
void teleai__stream_end(teleai_stream *stream);
/* In arrow_stream.c: the stream is closed. False: a reader is in it, who ends the stream when the read is over. */
bool teleai__arrow_source_leave(teleai__arrow_source *source);

#endif
