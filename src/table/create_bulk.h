/* One create of many rows, for bulk.c, which makes it, and many.c, which decides what is to be made. */
#ifndef TELEAI_TABLE_CREATE_BULK_H
#define TELEAI_TABLE_CREATE_BULK_H

#include "table/table.h"

/* What is to be created: the inputs that are (still) thought to be good. */
typedef struct teleai__bulk {
    const teleai__table *table;
    const void **inputs;
    size_t count;
    const teleai__addition *addition;
    const teleai_uuid *tenant;
    teleai_uuid *ids;      /* begins an arena, which also has what the inputs become */
    teleai__array *arrays; /* one a field, or */
    teleai__rows rows;
    bool as_copy;
    size_t sent; /* COPY: inputs whose rows were made */
} teleai__bulk;

/* Creates them all, in one statement: encodes them, which fails with the first that is wrong, and runs it. */
teleai_status teleai__bulk_create(teleai_client *client, teleai__bulk *bulk, void *out, teleai_error *error);
void teleai__bulk_drop(teleai__bulk *bulk);

#endif
