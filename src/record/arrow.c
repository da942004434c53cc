#include "record/arrow.h"

#include <stdlib.h>
#include <string.h>

#include "base/arrow.h"
#include "base/error.h"
#include "teleai/search.h"

/* A column of a list, and what becomes of it. */
typedef struct cells {
    const teleai__column *column;
    const char *const *records; /* NULL: no such row */
    size_t count;
    int64_t most;
    struct ArrowArray *array;
    const char *format;        /* of the array, */
    const char *inside_format; /* and of a list's items */
} cells;

/* ---- values of one size ---- */

/* Always inline, with a constant size: so that copying a value is one instruction. */
__attribute__((always_inline)) static inline size_t copy(const cells *it, size_t size) {
    const size_t offset = it->column->offset, beside = it->column->beside;
    char *to = (char *)(uintptr_t)it->array->buffers[1];
    size_t there = 0;
    for (size_t i = 0; i < it->count; i++, to += size) {
        const char *record = it->records[i];
        if (record == NULL || (beside != 0 && !record[beside]))
            continue;
        memcpy(to, record + offset, size);
        teleai__arrow_set_there(it->array, i);
        there++;
    }
    return there;
}

static bool make_values(cells *it, size_t size, const char *format) {
    const size_t sizes[] = {(it->count + 7) / 8, it->count * size};
    it->format = format;
    if (!teleai__arrow_array(it->array, it->count, 2, sizes, 0, false))
        return false;
    teleai__arrow_count_nulls(it->array, size == 16 ? copy(it, 16) : size == 8 ? copy(it, 8) : copy(it, 4));
    return true;
}

static bool make_bools(cells *it) {
    const size_t sizes[] = {(it->count + 7) / 8, (it->count + 7) / 8};
    it->format = "b";
    if (!teleai__arrow_array(it->array, it->count, 2, sizes, 0, false))
        return false;
    uint8_t *bits = (uint8_t *)(uintptr_t)it->array->buffers[1];
    size_t there = 0;
    for (size_t i = 0; i < it->count; i++) {
        if (it->records[i] == NULL)
            continue;
        teleai__arrow_set_there(it->array, i);
        there++;
        if (it->records[i][it->column->offset])
            bits[i / 8] = (uint8_t)(bits[i / 8] | 1 << i % 8);
    }
    teleai__arrow_count_nulls(it->array, there);
    return true;
}

/* Codes from 0, and what they are called. A code without a name, of a newer server, is NULL. */
static bool make_labels(cells *it) {
    const teleai__labels *labels = it->column->labels;
    const size_t sizes[] = {(it->count + 7) / 8, it->count};
    it->format = "c";
    if (!teleai__arrow_array(it->array, it->count, 2, sizes, 0, true))
        return false;
    int8_t *codes = (int8_t *)(uintptr_t)it->array->buffers[1];
    size_t there = 0;
    for (size_t i = 0; i < it->count; i++) {
        int32_t code = 0;
        if (it->records[i] != NULL)
            memcpy(&code, it->records[i] + it->column->offset, sizeof code);
        if (code < 1 || code > labels->count)
            continue;
        codes[i] = (int8_t)(code - 1);
        teleai__arrow_set_there(it->array, i);
        there++;
    }
    teleai__arrow_count_nulls(it->array, there);
    const char *format;
    return teleai__arrow_texts(it->array->dictionary, labels->names, (size_t)labels->count, INT32_MAX, &format);
}

/* ---- texts and lists ---- */

static const void *pointer_in(const cells *it, size_t row) {
    const void *pointer = NULL;
    if (it->records[row] != NULL)
        memcpy(&pointer, it->records[row] + it->column->offset, sizeof pointer);
    return pointer;
}

static bool make_texts(cells *it) {
    const char **texts = malloc((it->count + 1) * sizeof *texts);
    if (texts == NULL)
        return false;
    for (size_t i = 0; i < it->count; i++)
        texts[i] = pointer_in(it, i);
    bool made = teleai__arrow_texts(it->array, texts, it->count, it->most, &it->format);
    free(texts);
    return made;
}

/* The lists themselves, and all their items, each of which has so many bytes, one after the other. */
static void *make_lists(cells *it, size_t item_bytes, size_t *total) {
    size_t items = 0, there = 0, number;
    for (size_t i = 0; i < it->count; i++)
        if (pointer_in(it, i) != NULL) {
            memcpy(&number, it->records[i] + it->column->beside, sizeof number);
            items += number;
        }
    const size_t sizes[] = {(it->count + 7) / 8, (it->count + 1) * sizeof(int32_t)};
    char *all = items <= INT32_MAX ? malloc(items * item_bytes + 1) : NULL;
    it->format = "+l";
    if (all == NULL || !teleai__arrow_array(it->array, it->count, 2, sizes, 1, false)) {
        free(all);
        return NULL;
    }
    int32_t *ends = (int32_t *)(uintptr_t)it->array->buffers[1] + 1;
    size_t done = 0;
    for (size_t i = 0; i < it->count; i++) {
        const void *list = pointer_in(it, i);
        if (list != NULL) {
            memcpy(&number, it->records[i] + it->column->beside, sizeof number);
            memcpy(all + done * item_bytes, list, number * item_bytes);
            teleai__arrow_set_there(it->array, i);
            there++;
            done += number;
        }
        ends[i] = (int32_t)done;
    }
    teleai__arrow_count_nulls(it->array, there);
    *total = done;
    return all;
}

static bool make_phrases(cells *it) {
    size_t count = 0;
    const char **all = make_lists(it, sizeof *all, &count);
    bool made = all != NULL && teleai__arrow_texts(it->array->children[0], all, count, it->most, &it->inside_format);
    free(all);
    return made;
}

static bool make_marks(cells *it) {
    size_t count = 0;
    const size_t no_sizes[] = {0};
    teleai_search_mark *all = make_lists(it, sizeof *all, &count);
    const size_t sizes[] = {0, count * sizeof(int32_t)};
    bool made = all != NULL && teleai__arrow_array(it->array->children[0], count, 1, no_sizes, 2, false);
    for (int side = 0; made && side < 2; side++) {
        struct ArrowArray *numbers = it->array->children[0]->children[side];
        made = teleai__arrow_array(numbers, count, 2, sizes, 0, false);
        for (size_t i = 0; made && i < count; i++)
            ((int32_t *)(uintptr_t)numbers->buffers[1])[i] = side == 0 ? all[i].start : all[i].end;
        if (made)
            teleai__arrow_count_nulls(numbers, count);
    }
    if (made)
        teleai__arrow_count_nulls(it->array->children[0], count);
    free(all);
    return made;
}

/* ---- a column ---- */

static bool make_array(cells *it) {
    switch ((enum teleai__kind)it->column->kind) {
    case TELEAI__UUID:
        return make_values(it, 16, "w:16");
    case TELEAI__INT32:
        return make_values(it, 4, "i");
    case TELEAI__INT64:
    case TELEAI__SECONDS:
        return make_values(it, 8, "l");
    case TELEAI__DOUBLE:
    case TELEAI__CENTI:
        return make_values(it, 8, "g");
    case TELEAI__TIME:
        return make_values(it, 8, "tsu:UTC");
    case TELEAI__BOOL:
        return make_bools(it);
    case TELEAI__LABEL:
        return make_labels(it);
    case TELEAI__TEXT:
    case TELEAI__BODY:
    case TELEAI__JSON:
        return make_texts(it);
    case TELEAI__PHRASES:
        return make_phrases(it);
    case TELEAI__MARKS:
        return make_marks(it);
    case TELEAI__INET:
    case TELEAI__TEXTS:
        break; /* these only go in */
    }
    return false;
}

/* Named as the member of the record; a time's unit is told by its type. */
static bool make_schema(const cells *it, struct ArrowSchema *out) {
    const char *name = it->column->member;
    size_t length = strlen(name);
    switch ((enum teleai__kind)it->column->kind) {
    case TELEAI__UUID:
        return teleai__arrow_uuid_schema(out, name, length);
    case TELEAI__TIME:
        return teleai__arrow_schema(out, it->format, name, length - strlen("_us"), 0, false);
    case TELEAI__LABEL:
        return teleai__arrow_schema(out, it->format, name, length, 0, true) &&
               teleai__arrow_schema(out->dictionary, "u", "", 0, 0, false);
    case TELEAI__PHRASES:
        return teleai__arrow_schema(out, it->format, name, length, 1, false) &&
               teleai__arrow_schema(out->children[0], it->inside_format, "item", 4, 0, false);
    case TELEAI__MARKS:
        return teleai__arrow_schema(out, it->format, name, length, 1, false) &&
               teleai__arrow_schema(out->children[0], "+s", "item", 4, 2, false) &&
               teleai__arrow_schema(out->children[0]->children[0], "i", "start", 5, 0, false) &&
               teleai__arrow_schema(out->children[0]->children[1], "i", "end", 3, 0, false);
    default:
        return teleai__arrow_schema(out, it->format, name, length, 0, false);
    }
}

/* ---- a list ---- */

teleai_status teleai__list_to_arrow(const teleai__row *shape, const void *list, int64_t most,
                                    struct ArrowSchema *schema, struct ArrowArray *array, teleai_error *error) {
    const teleai__list *rows = list;
    const int count = shape->count + shape->made;
    const size_t no_sizes[] = {0};
    if (schema != NULL)
        schema->release = NULL;
    if (array != NULL)
        array->release = NULL;
    if (list == NULL)
        return teleai__fail_field(error, "list", "list is NULL; a list that a call gave was expected");
    struct ArrowSchema columns = {.release = NULL};
    struct ArrowArray values = {.release = NULL};
    bool made = teleai__arrow_schema(&columns, "+s", "", 0, count, false) &&
                teleai__arrow_array(&values, rows->count, 1, no_sizes, count, false);
    for (int i = 0; made && i < count; i++) {
        cells it = {.column = &shape->columns[i],
                    .records = (const char *const *)rows->items,
                    .count = rows->count,
                    .most = most,
                    .array = values.children[i]};
        made = make_array(&it) && make_schema(&it, columns.children[i]);
    }
    if (!made) {
        teleai_arrow_schema_release(&columns);
        teleai_arrow_array_release(&values);
        return teleai__fail_memory(error);
    }
    /* A row that is not there is a row of NULLs: many programs take no batch whose rows themselves are NULL. */
    teleai__arrow_count_nulls(&values, rows->count);
    if (schema != NULL)
        *schema = columns, columns.release = NULL;
    if (array != NULL)
        *array = values, values.release = NULL;
    teleai_arrow_schema_release(&columns);
    teleai_arrow_array_release(&values);
    return teleai__ok(error);
}

/* ---- a batch of a stream ---- */

/* Whether a column, or what is in it, has texts whose offsets need 64 bits. */
static const struct ArrowSchema *find_large(const struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        const struct ArrowSchema *column = schema->children[i];
        if (strcmp(column->format, "U") == 0 || find_large(column) != NULL)
            return column;
    }
    return NULL;
}

teleai_status teleai__piece_to_arrow(const teleai__row *shape, const void *list, int64_t most, struct ArrowArray *array,
                                     teleai_error *error) {
    struct ArrowSchema schema;
    teleai_status status = teleai__list_to_arrow(shape, list, most, &schema, array, error);
    if (status != TELEAI_OK)
        return status;
    const struct ArrowSchema *large = find_large(&schema);
    if (large != NULL) {
        status = teleai__fail(error, TELEAI_LIMIT_EXCEEDED,
                              "the texts of %s have more than 2 GiB in this piece; read with a smaller page->limit",
                              large->name);
        teleai_arrow_array_release(array);
    }
    teleai_arrow_schema_release(&schema);
    return status;
}
