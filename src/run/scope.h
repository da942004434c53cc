/* What a scope says about the calls made in it, and how that reaches the server: as settings of the one transaction that
 * they belong to, in front of the statement and in the same flight, so that the next borrower never sees them. */
#ifndef TELEAI_RUN_SCOPE_H
#define TELEAI_RUN_SCOPE_H

#include "wire/copy_in.h"
#include "wire/pipeline.h"
#include "teleai/scope.h"

typedef struct teleai__scope {
    bool is_set;        /* something is to be told to the server with each statement */
    int32_t timeout_ms; /* of a call; 0: the client's */
    int64_t until_us;   /* end of all, on the monotonic clock; 0: none */
    int32_t read_from;  /* TELEAI_READ_... */
    int32_t max_lag_ms;
    bool has_actor;
    bool has_tenant;   /* somebody chose it; else it is the default one */
    bool sends_tenant; /* as a setting too: row security looks at it */
    teleai_uuid actor_id, tenant_id;
    char traceparent[56]; /* "": none */
} teleai__scope;

teleai__deadline teleai__scope_deadline(const teleai__scope *scope, const teleai__settings *settings);

#define TELEAI__PRELUDE_BYTES 576 /* of the text of its statement */

/* The statement that makes the settings, with the memory of its values. It points into itself, and is not to be copied. */
typedef struct teleai__prelude {
    teleai__request request;
    teleai__statement statement;
    char texts[4][56];
    Oid types[4];
    const char *values[4];
    int lengths[4], formats[4];
} teleai__prelude;

/* Whether statements on this connection need a prelude. */
static inline bool teleai__scope_needs_prelude(const teleai__scope *scope, const teleai__connection *connection) {
    return scope->is_set || connection->behind_pooler;
}
void teleai__prelude_make(teleai__prelude *prelude, const teleai__scope *scope, bool behind_pooler,
                          teleai__deadline deadline);
/* With a time limit of its own; 0 is none, which is to be set. False: there is nothing to set. */
bool teleai__prelude_make_for(teleai__prelude *prelude, const teleai__scope *scope, bool behind_pooler,
                              int32_t timeout_ms);
/* Begins a transaction (`sql`: "begin ...") with the settings, in one flight. Which tenant it is goes as a parameter: the text
 * of a statement is for others to read, in pg_stat_activity. */
teleai_status teleai__scope_begin(teleai__connection *connection, const teleai__scope *scope, const char *name,
                                  const char *sql, int32_t timeout_ms, teleai__deadline deadline, teleai_error *error);
/* teleai__copy_run(), with the settings in front where there are any; `scope` may be NULL. */
teleai_status teleai__scope_copy(teleai__connection *connection, const char *name, const teleai__copy *copy,
                                 const teleai__scope *scope, teleai__deadline deadline, PGresult **out,
                                 teleai_error *error);

#endif
