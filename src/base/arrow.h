/* Arrays and schemas of the Arrow C data interface: making them, and the texts in them. What is made owns its memory and
 * is freed by its release(), part by part, since who takes it may move parts out and keep them longer than the whole. */
#ifndef TELEAI_BASE_ARROW_H
#define TELEAI_BASE_ARROW_H

#include "teleai/arrow.h"

/* Makes a schema, nullable, with room for so many children, which the caller makes, and, with `dictionary`, for that.
 * `format` must last, `name` is copied. False: out of memory. */
bool teleai__arrow_schema(struct ArrowSchema *out, const char *format, const char *name, size_t name_bytes,
                          int64_t children, bool dictionary);
/* The same for a UUID: 16 bytes, of the extension type arrow.uuid. */
bool teleai__arrow_uuid_schema(struct ArrowSchema *out, const char *name, size_t name_bytes);

/* Makes the same again, of whosever it is; what `schema` holds is not needed any more. False: out of memory, and there is
 * nothing to release. */
bool teleai__arrow_schema_copy(struct ArrowSchema *out, const struct ArrowSchema *schema);

#define TELEAI__ARROW_BUFFERS 3 /* at most */

/* Makes an array of this length, without NULLs, with `count` buffers of so many bytes. They are zeros, but for the last of
 * three, the bytes of texts. */
bool teleai__arrow_array(struct ArrowArray *out, size_t length, int count, const size_t *sizes, int64_t children,
                         bool dictionary);
/* For arrays whose first buffer tells which values there are: one is there; all that are there have been told. */
static inline void teleai__arrow_set_there(const struct ArrowArray *array, size_t row) {
    uint8_t *bits = (uint8_t *)(uintptr_t)array->buffers[0];
    bits[row / 8] = (uint8_t)(bits[row / 8] | 1 << row % 8);
}
void teleai__arrow_count_nulls(struct ArrowArray *array, size_t there);

/* Makes an array of texts, NULL where they are. When they have more than `most` bytes together, large_utf8. */
bool teleai__arrow_texts(struct ArrowArray *out, const char *const *texts, size_t count, int64_t most,
                         const char **format);

#endif
