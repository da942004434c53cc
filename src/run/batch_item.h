/* An operation in a batch: a copy of all that it needs, in one block. */
#ifndef TELEAI_RUN_BATCH_ITEM_H
#define TELEAI_RUN_BATCH_ITEM_H

#include "run/operation.h"
#include "wire/pipeline.h"

typedef struct teleai__batch_item {
    teleai__request request;         /* in flight */
    struct teleai__batch_item *next; /* in a line of those that are not */
    teleai__operation operation, earlier;
    teleai__attempt attempt;
    teleai_error *error; /* the caller's, or NULL */
    uint64_t item;       /* its number since the last flush */
    teleai__watch watch; /* where somebody wants to know */
    size_t bytes;        /* of the block */
} teleai__batch_item;

/* NULL: out of memory. */
teleai__batch_item *teleai__batch_item_make(const teleai__operation *operation, teleai_error *error);
void teleai__batch_item_free(teleai__batch_item *queued);
/* What is to be sent for it now. */
const teleai__operation *teleai__batch_item_operation(const teleai__batch_item *queued);

#endif
