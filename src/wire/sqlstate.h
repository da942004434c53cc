/* What the server's error codes mean to a caller. One table, exact codes before classes. */
#ifndef TELEAI_WIRE_SQLSTATE_H
#define TELEAI_WIRE_SQLSTATE_H

#include <libpq-fe.h>

#include "teleai/base.h"

typedef struct teleai__meaning {
    char code[6]; /* five characters, or two for a whole class */
    teleai_status status;
    uint32_t flags;
    bool quote;       /* whether the server's own message may be shown: it never holds values in this class */
    const char *says; /* for people, after "could not <operation>: " */
} teleai__meaning;

/* Never NULL: what is in no row is a SERVER_ERROR. */
const teleai__meaning *teleai__sqlstate_meaning(const char *sqlstate);

/* Fills the error from a failed result of the operation with this name. */
teleai_status teleai__fail_result(teleai_error *error, const char *operation, const PGresult *result);

#endif
