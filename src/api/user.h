/* The shape of a user, for sessions and logging in, which read users too. */
#ifndef TELEAI_API_USER_H
#define TELEAI_API_USER_H

#include "record/row.h"

/* The columns of a user, each after the table's name. By hand, beside user.c: sessions and logging in read them under another
 * name. */
#define TELEAI__USER_COLUMNS(t)                                                                                       \
    t "id, " t "email, " t "full_name, " t "role, " t "is_active, " t "last_login_at, " t "created_at, " t "updated_" \
      "at, " t "tenant_id"
extern const teleai__row teleai__user_row;

/* Addresses are ASCII and compared as that: what the database's collation makes of letters has nothing to do with them. One
 * that older rules let in twice, in another case, is found as it is written. */
#define TELEAI__ACCOUNT_OF(of, address)                                                              \
    "lower(" of "email::text collate \"C\") = lower(" address "::text collate \"C\")\n order by " of \
    "email <> " address "::text, " of "id\n limit 1"

#endif
