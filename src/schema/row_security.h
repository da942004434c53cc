/* Row security: the server's own lock between tenants, beside the statements that name them. */
#ifndef TELEAI_SCHEMA_ROW_SECURITY_H
#define TELEAI_SCHEMA_ROW_SECURITY_H

#include "run/client.h"
#include "teleai/row_security.h"

/* Looks whether the server keeps this role to one tenant; if so, every call tells it which. PERMISSION_DENIED where it does
 * not and `required` says that it must. For teleai_open(). */
teleai_status teleai__row_security_look(teleai_client *client, bool required, teleai_error *error);

#endif
