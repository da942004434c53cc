/* Lists as columns in memory: the records of a list, by the columns of their noun, as an Arrow array. */
#ifndef TELEAI_RECORD_ARROW_H
#define TELEAI_RECORD_ARROW_H

#include "record/row.h"
#include "teleai/arrow.h"

#define TELEAI__ARROW_MOST_BYTES INT32_MAX /* of a column's texts, before its offsets need 64 bits */

/* `list` looks like teleai__list; either out may be NULL. `most` is TELEAI__ARROW_MOST_BYTES, but in tests. */
teleai_status teleai__list_to_arrow(const teleai__row *shape, const void *list, int64_t most,
                                    struct ArrowSchema *schema, struct ArrowArray *array, teleai_error *error);
/* The same of a list that is one batch of many, all with the schema of an empty list: what does not fit that is refused
 * (LIMIT_EXCEEDED). */
teleai_status teleai__piece_to_arrow(const teleai__row *shape, const void *list, int64_t most, struct ArrowArray *array,
                                     teleai_error *error);

#endif
