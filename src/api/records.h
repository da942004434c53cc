/* What more than one noun needs to read: the names of enumeration values, and the shape of a user. */
#ifndef TELEAI_API_RECORDS_H
#define TELEAI_API_RECORDS_H

#include "db/row.h"

extern const teleai__labels teleai__user_roles;
extern const teleai__labels teleai__audio_file_statuses;
extern const teleai__labels teleai__transcription_statuses;
extern const teleai__labels teleai__analysis_statuses;

/* The columns of a user, each after the table's name, and where they go. */
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
