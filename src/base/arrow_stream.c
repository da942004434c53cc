/* A stream of one batch. Schemas can be asked for again, so that each is a copy; the batch goes to who asks first. */
#include <errno.h>
#include <stdlib.h>

#include "base/arrow.h"
#include "base/error.h"

typedef struct one_batch {
    struct ArrowSchema schema;
    struct ArrowArray array;
    const char *message; /* of the last callback */
} one_batch;

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
    one_batch *it = stream->private_data;
    bool made = teleai__arrow_schema_copy(out, &it->schema);
    it->message = made ? NULL : "out of memory";
    return made ? 0 : ENOMEM;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
    one_batch *it = stream->private_data;
    it->message = NULL;
    *out = it->array;
    it->array.release = NULL;
    return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
    return ((const one_batch *)stream->private_data)->message;
}

static void release(struct ArrowArrayStream *stream) {
    one_batch *it = stream->private_data;
    stream->release = NULL;
    teleai_arrow_schema_release(&it->schema);
    teleai_arrow_array_release(&it->array);
    free(it);
}

teleai_status teleai_arrow_batch_to_stream(struct ArrowSchema *schema, struct ArrowArray *array,
                                           struct ArrowArrayStream *out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for Arrow's stream was expected");
    out->release = NULL;
    if (schema == NULL || schema->release == NULL)
        return teleai__fail_field(error, "schema", "schema is %s; the one of the batch was expected",
                                  schema == NULL ? "NULL" : "released");
    if (array == NULL || array->release == NULL)
        return teleai__fail_field(error, "array", "array is %s; a batch was expected",
                                  array == NULL ? "NULL" : "released");
    one_batch *it = calloc(1, sizeof *it);
    if (it == NULL)
        return teleai__fail_memory(error);
    it->schema = *schema;
    it->array = *array;
    schema->release = NULL;
    array->release = NULL;
    *out = (struct ArrowArrayStream){.get_schema = get_schema,
                                     .get_next = get_next,
                                     .get_last_error = get_last_error,
                                     .release = release,
                                     .private_data = it};
    return teleai__ok(error);
}
