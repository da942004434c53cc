/* Streams as Arrow's. Two know of one: who opened it and closes it, and who reads and releases Arrow's; either may go first,
 * on a thread of its own. What they share is counted, and its state says which of them has the stream. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"
#include "record/arrow.h"
#include "table/stream.h"

enum { IDLE, READING, LEFT /* closed while it is read: the reader ends it */, CLOSED };

struct teleai__arrow_source {
    _Atomic int32_t references, state;
    atomic_bool released;
    teleai_stream *stream;  /* of who has it */
    const teleai__row *row; /* lasts */
    teleai_error error;     /* of the last callback */
};

static void drop(teleai__arrow_source *it) {
    if (it != NULL && atomic_fetch_sub(&it->references, 1) == 1)
        free(it);
}

static int errno_of(teleai_status status) {
    switch (status) {
    case TELEAI_OK:
        return 0;
    case TELEAI_OUT_OF_MEMORY:
        return ENOMEM;
    case TELEAI_INVALID_ARGUMENT:
        return EINVAL;
    case TELEAI_CANCELLED:
        return ECANCELED;
    default:
        return EIO;
    }
}

static int get_schema(struct ArrowArrayStream *arrow, struct ArrowSchema *out) {
    teleai__arrow_source *it = arrow->private_data;
    const teleai__list nothing = {.count = 0};
    return errno_of(teleai__list_to_arrow(it->row, &nothing, TELEAI__ARROW_MOST_BYTES, out, NULL, &it->error));
}

static int get_next(struct ArrowArrayStream *arrow, struct ArrowArray *out) {
    teleai__arrow_source *it = arrow->private_data;
    int32_t state = IDLE;
    out->release = NULL;
    if (!atomic_compare_exchange_strong(&it->state, &state, READING)) {
        if (state != CLOSED)
            return EBUSY; /* the error is the other thread's */
        return errno_of(teleai__fail(&it->error, TELEAI_CLOSED, "the stream is closed"));
    }
    teleai_status status = teleai__stream_next_array(it->stream, out, &it->error);
    state = READING;
    if (!atomic_compare_exchange_strong(&it->state, &state, IDLE)) {
        teleai__stream_end(it->stream);
        atomic_store(&it->state, CLOSED);
    }
    return errno_of(status);
}

static const char *get_last_error(struct ArrowArrayStream *arrow) {
    const teleai__arrow_source *it = arrow->private_data;
    return it->error.status == TELEAI_OK ? NULL : it->error.message;
}

static void release(struct ArrowArrayStream *arrow) {
    teleai__arrow_source *it = arrow->private_data;
    arrow->release = NULL;
    atomic_store(&it->released, true);
    drop(it);
}

teleai_status teleai_stream_to_arrow(teleai_stream *stream, struct ArrowArrayStream *out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for Arrow's stream was expected");
    out->release = NULL;
    if (stream == NULL)
        return teleai__fail_field(error, "stream", "stream is NULL; an open one was expected");
    teleai__arrow_source **place = teleai__stream_arrow(stream);
    if (*place != NULL && !atomic_load(&(*place)->released))
        return teleai__fail_field(error, "stream", "stream was handed to Arrow before, and is not released yet");
    teleai__arrow_source *it = calloc(1, sizeof *it);
    if (it == NULL)
        return teleai__fail_memory(error);
    it->references = 2; /* the stream's, and Arrow's */
    it->state = IDLE;
    it->stream = stream;
    it->row = teleai__stream_row(stream);
    drop(*place);
    *place = it;
    *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                     .get_next = get_next,
                                     .get_last_error = get_last_error,
                                     .release = release,
                                     .private_data = it};
    return teleai__ok(error);
}

bool teleai__arrow_source_leave(teleai__arrow_source *it) {
    int32_t state = atomic_load(&it->state);
    while (!atomic_compare_exchange_weak(&it->state, &state, state == READING ? LEFT : CLOSED))
        continue;
    drop(it);
    return state == IDLE;
}
