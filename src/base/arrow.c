#include "base/arrow.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64 /* what the format recommends for buffers */

static size_t aligned(size_t bytes) { return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1); }

/* ---- schemas ---- */

/* What a schema owns lies in one block, private_data: pointers to its children, these, its dictionary, its name. A child
 * that was moved out has no release() any more, and is left alone. */
static void release_schema(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++)
        teleai_arrow_schema_release(schema->children[i]);
    teleai_arrow_schema_release(schema->dictionary);
    free(schema->private_data);
    schema->release = NULL;
}

static char *make_schema(struct ArrowSchema *out, const char *format, const char *name, size_t name_bytes,
                         int64_t children, bool dictionary, size_t more) {
    size_t parts = (size_t)children + dictionary;
    char *block = calloc(1, (size_t)children * sizeof *out->children + parts * sizeof *out + name_bytes + 1 + more);
    if (block == NULL)
        return NULL;
    struct ArrowSchema **pointers = (struct ArrowSchema **)block;
    struct ArrowSchema *schemas = (struct ArrowSchema *)(pointers + children);
    for (int64_t i = 0; i < children; i++)
        pointers[i] = &schemas[i];
    char *text = memcpy((char *)(schemas + parts), name, name_bytes);
    *out = (struct ArrowSchema){
        .format = format,
        .name = text,
        .flags = ARROW_FLAG_NULLABLE,
        .n_children = children,
        .children = children > 0 ? pointers : NULL,
        .dictionary = dictionary ? schemas + children : NULL,
        .release = release_schema,
        .private_data = block,
    };
    return text + name_bytes + 1;
}

bool teleai__arrow_schema(struct ArrowSchema *out, const char *format, const char *name, size_t name_bytes,
                          int64_t children, bool dictionary) {
    return make_schema(out, format, name, name_bytes, children, dictionary, 0) != NULL;
}

/* Metadata: how many pairs, then each one's key and value, both after their length. */
bool teleai__arrow_uuid_schema(struct ArrowSchema *out, const char *name, size_t name_bytes) {
    static const char *const texts[] = {"ARROW:extension:name", "arrow.uuid", "ARROW:extension:metadata", ""};
    const int32_t pairs = 2;
    char *metadata = make_schema(out, "w:16", name, name_bytes, 0, false, 100);
    if (metadata == NULL)
        return false;
    char *at = memcpy(metadata, &pairs, sizeof pairs);
    at += sizeof pairs;
    for (int i = 0; i < 2 * pairs; i++) {
        int32_t length = (int32_t)strlen(texts[i]);
        memcpy(at, &length, sizeof length);
        memcpy(at + sizeof length, texts[i], (size_t)length);
        at += sizeof length + (size_t)length;
    }
    out->metadata = metadata;
    return true;
}

/* The size of any producer's metadata: see above. */
static size_t metadata_bytes(const char *metadata) {
    if (metadata == NULL)
        return 0;
    int32_t pairs, length;
    memcpy(&pairs, metadata, sizeof pairs);
    size_t bytes = sizeof pairs;
    for (int64_t i = 0; i < 2 * (int64_t)pairs; i++) {
        memcpy(&length, metadata + bytes, sizeof length);
        bytes += sizeof length + (size_t)length;
    }
    return bytes;
}

bool teleai__arrow_schema_copy(struct ArrowSchema *out, const struct ArrowSchema *schema) {
    const char *name = schema->name == NULL ? "" : schema->name;
    const size_t metadata = metadata_bytes(schema->metadata), format = strlen(schema->format) + 1;
    char *more = make_schema(out, schema->format, name, strlen(name), schema->n_children, schema->dictionary != NULL,
                             metadata + format);
    if (more == NULL) {
        out->release = NULL;
        return false;
    }
    out->flags = schema->flags;
    out->format = memcpy(more + metadata, schema->format, format);
    if (metadata > 0)
        out->metadata = memcpy(more, schema->metadata, metadata);
    bool made = schema->dictionary == NULL || teleai__arrow_schema_copy(out->dictionary, schema->dictionary);
    for (int64_t i = 0; made && i < schema->n_children; i++)
        made = teleai__arrow_schema_copy(out->children[i], schema->children[i]);
    if (!made)
        teleai_arrow_schema_release(out);
    return made;
}

/* ---- arrays ---- */

/* The same as with schemas; behind the parts lie the pointers to the buffers, and these. */
static void release_array(struct ArrowArray *array) {
    for (int64_t i = 0; i < array->n_children; i++)
        teleai_arrow_array_release(array->children[i]);
    teleai_arrow_array_release(array->dictionary);
    free(array->private_data);
    array->release = NULL;
}

bool teleai__arrow_array(struct ArrowArray *out, size_t length, int count, const size_t *sizes, int64_t children,
                         bool dictionary) {
    size_t parts = (size_t)children + dictionary;
    size_t begin = aligned((size_t)children * sizeof *out->children + parts * sizeof *out +
                           TELEAI__ARROW_BUFFERS * sizeof *out->buffers);
    size_t bytes = begin, zeros = begin;
    for (int i = 0; i < count; i++) {
        bytes += aligned(sizes[i]);
        zeros = i < 2 ? bytes : zeros;
    }
    char *block = aligned_alloc(ALIGNMENT, bytes);
    if (block == NULL)
        return false;
    memset(block, 0, zeros);
    struct ArrowArray **pointers = (struct ArrowArray **)block;
    struct ArrowArray *arrays = (struct ArrowArray *)(pointers + children);
    for (int64_t i = 0; i < children; i++)
        pointers[i] = &arrays[i];
    const void **buffers = (const void **)(arrays + parts);
    char *at = block + begin;
    for (int i = 0; i < count; i++) {
        buffers[i] = at;
        at += aligned(sizes[i]);
    }
    *out = (struct ArrowArray){
        .length = (int64_t)length,
        .n_buffers = count,
        .n_children = children,
        .buffers = buffers,
        .children = children > 0 ? pointers : NULL,
        .dictionary = dictionary ? arrays + children : NULL,
        .release = release_array,
        .private_data = block,
    };
    return true;
}

void teleai__arrow_count_nulls(struct ArrowArray *array, size_t there) {
    array->null_count = array->length - (int64_t)there;
    if (array->null_count == 0)
        array->buffers[0] = NULL;
}

/* ---- texts ---- */

bool teleai__arrow_texts(struct ArrowArray *out, const char *const *texts, size_t count, int64_t most,
                         const char **format) {
    size_t *lengths = malloc((count + 1) * sizeof *lengths);
    if (lengths == NULL)
        return false;
    size_t bytes = 0, there = 0;
    for (size_t i = 0; i < count; i++)
        bytes += lengths[i] = texts[i] == NULL ? 0 : strlen(texts[i]);
    bool large = bytes > (uint64_t)most;
    const size_t sizes[] = {(count + 7) / 8, (count + 1) * (large ? 8 : 4), bytes};
    bool made = teleai__arrow_array(out, count, 3, sizes, 0, false);
    if (made) {
        int32_t *ends = (int32_t *)(uintptr_t)out->buffers[1] + 1;
        int64_t *large_ends = (int64_t *)(uintptr_t)out->buffers[1] + 1;
        char *begin = (char *)(uintptr_t)out->buffers[2], *at = begin;
        for (size_t i = 0; i < count; i++) {
            if (texts[i] != NULL) {
                teleai__arrow_set_there(out, i);
                there++;
                memcpy(at, texts[i], lengths[i]);
                at += lengths[i];
            }
            if (large)
                large_ends[i] = at - begin;
            else
                ends[i] = (int32_t)(at - begin);
        }
        teleai__arrow_count_nulls(out, there);
        *format = large ? "U" : "u";
    }
    free(lengths);
    return made;
}

/* ---- releasing ---- */

void teleai_arrow_schema_release(struct ArrowSchema *schema) {
    if (schema != NULL && schema->release != NULL)
        schema->release(schema);
}

void teleai_arrow_array_release(struct ArrowArray *array) {
    if (array != NULL && array->release != NULL)
        array->release(array);
}

void teleai_arrow_stream_release(struct ArrowArrayStream *stream) {
    if (stream != NULL && stream->release != NULL)
        stream->release(stream);
}
