/* The answers of a flight: each operation of a group gets its own, or is left to be sent again. */
#ifndef TELEAI_RUN_BATCH_ANSWERS_H
#define TELEAI_RUN_BATCH_ANSWERS_H

#include "run/batch_run.h"

/* What was not answered, or badly, and may be sent again, in its order. */
typedef struct teleai__leftover {
    teleai__batch_item *first, *last;
} teleai__leftover;

/* A whole group, as the pipeline gives it back. */
void teleai__batch_answer_group(teleai__batch *batch, teleai__request *group, teleai__leftover *rest);
/* One answer: completes the operation, or leaves it. */
void teleai__batch_answer(teleai__batch *batch, teleai__batch_item *queued, teleai_status status, bool lost,
                          teleai_error *error, teleai__leftover *rest);
/* The end of an operation: fills its caller's error, and frees it. */
void teleai__batch_complete(teleai__batch *batch, teleai__batch_item *queued, teleai_status status,
                            teleai_error *error);

/* What was set in front of a group. */
void teleai__drop_prelude(teleai__request *request);
void teleai__drop_answer(teleai__request *request);

#endif
