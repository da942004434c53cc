/* A batch from inside. */
#ifndef TELEAI_RUN_BATCH_H
#define TELEAI_RUN_BATCH_H

#include "run/operation.h"
#include "teleai/batch.h"

/* Queues a copy of the operation. */
teleai_status teleai__batch_add(teleai_client *client, const teleai__operation *operation, teleai_error *error);

#endif
