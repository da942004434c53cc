/* Streams: lists of any length, read piece by piece. */
#ifndef TELEAI_STREAM_H
#define TELEAI_STREAM_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A list under way; made by teleai_user_stream(), teleai_audio_file_stream() and so on, for one thread at a time.
 *
 * It takes the filter and page of the list function of its noun: page->limit is the rows of a piece (0: 32), and
 * page->cursor where it begins. The pieces are ordinary lists, of one snapshot of the database; the server
 * sends on while you work on one, and memory holds no more than that. Every piece has a next_cursor, also the last,
 * with which a new stream goes on behind it, after a lost connection for example.
 *
 * Until it is closed a stream holds a connection of the pool and a read-only transaction, which keeps the server from
 * cleaning up: do not let it lie about. On a transaction it is part of that, reads one piece at a time, and the
 * transaction can be used meanwhile. A batch has no streams. teleai_stream_to_arrow() (arrow.h) gives it as columns.
 */
typedef struct teleai_stream teleai_stream;

/**
 * Closes a stream, at its end or before, and frees it; NULL is fine. The connection can be used again by others.
 * Returns: nothing; cannot fail.
 * Blocks: one round trip; before the end, also to tell the server to stop, half a second at most.
 */
TELEAI_API void teleai_stream_close(teleai_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
