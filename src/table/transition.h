/* Moving a row from one status to another: start, complete, fail. */
#ifndef TELEAI_TABLE_TRANSITION_H
#define TELEAI_TABLE_TRANSITION_H

#include "table/table.h"

/*
 * A guarded update: locks the row, changes it only when the condition on its status holds, and answers with the status
 * before and, when it was changed, the row. So one round trip tells not found, refused (and why) and done apart.
 */
#define TELEAI__GUARDED_SQL(table, set, condition, columns) \
    TELEAI__GUARDED_SQL_OF(table, "tenant_id = $1\n       and id = $2", set, condition, columns)
/* The same of a table whose rows belong to no tenant. */
#define TELEAI__GUARDED_SQL_OF_NO_TENANT(table, set, condition, columns) \
    TELEAI__GUARDED_SQL_OF(table, "id = $1", set, condition, columns)
#define TELEAI__GUARDED_SQL_OF(table, row, set, condition, columns)        \
    "with target as (\n"                                                   \
    "    select id as target_id,\n"                                        \
    "           status as was\n"                                           \
    "      from " table "\n"                                               \
    "     where " row "\n"                                                 \
    "       for update\n"                                                  \
    "), changed as (\n"                                                    \
    "    update " table "\n"                                               \
    "       set " set "\n"                                                 \
    "     where " row "\n"                                                 \
    "       and id = (select target_id from target where " condition ")\n" \
    "    returning " columns "\n"                                          \
    ")\n"                                                                  \
    "select was::text, " columns "\n"                                      \
    "  from target\n"                                                      \
    "  left join changed on true"

/* Time since the row was started, for processing_duration_ms; NULL when it never was. */
#define TELEAI__ELAPSED_MS                                                            \
    "case when processing_started_at is not null then greatest(1, least(2147483647, " \
    "extract(epoch from clock_timestamp() - processing_started_at) * 1000))::integer end"

/* A transition with tenant (where there is one) and id as its only parameters; `refused` ends the error's sentence "the audio file ...". */
teleai_status teleai__transition(teleai_client *client, const teleai__table *table, const char *name, const char *sql,
                                 const teleai_uuid *id, const char *refused, void *out, teleai_error *error);
/* With the error's message as the third. */
teleai_status teleai__transition_fail(teleai_client *client, const teleai__table *table, const char *name,
                                      const char *sql, const teleai_uuid *id, const char *message, void *out,
                                      teleai_error *error);
/* With the fields that are marked TELEAI__RESULT, in their order; any other field in the input is refused. */
teleai_status teleai__complete(teleai_client *client, const teleai__table *table, const char *name, const char *sql,
                               const teleai_uuid *id, const void *result, void *out, teleai_error *error);

#endif
