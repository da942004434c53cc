/*
 * Connections to a private server (`local:DIR`), whose string says everything: libpq's variables in the environment, a
 * service file or a password file are of some other database.
 */
#ifndef TELEAI_WIRE_LOCAL_CONNECTION_H
#define TELEAI_WIRE_LOCAL_CONNECTION_H

#include <stdbool.h>

/* Whether a connection string is such a one: the folder of a socket as its host, and hostaddr said to be nothing. */
bool teleai__connection_is_alone(const char *connection);

/* That string with all that libpq would look for elsewhere; teleai__secret_free() it. NULL: out of memory. */
char *teleai__connection_describe_alone(const char *connection);

/* Between these two libpq does not see the variables that no connection string overrules. Short, and without waiting. */
void teleai__environment_leave(void);
void teleai__environment_return(void);

#endif
