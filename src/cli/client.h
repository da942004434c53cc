/* Opening the database that the arguments or the environment name. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "cli/arguments.h"
#include "teleai.h"

/*
 * Opens it, in the tenant of --tenant; `schema` is TELEAI_SCHEMA_.... NULL, having said why, when that fails; then
 * *status is the exit status. Close it with client_close().
 */
teleai_client *client_open(const arguments *given, int32_t schema, int *status);
void client_close(teleai_client *client);

/* As teleai_open(); a Ctrl-C while a server is waited for ends the command. */
teleai_status client_connect(const char *connection, const teleai_options *options, teleai_client **out,
                             teleai_error *error);

/* Whether it leads to the server itself, as PostgreSQL's programs need it: what they set for their session, an empty
 * search_path above all, a transaction pooler hands on to others. False, having said so; `what` is about to be done. */
bool client_is_direct(teleai_client *client, const char *what);

/* The connection string that is used; "" when it is left to libpq's environment. NULL, having said why, when the one on
 * the command line has a password in it. */
const char *connection_of(const arguments *given);

/* A user by e-mail address or id. NULL, having said why. */
teleai_user *user_of(teleai_client *client, const char *name, int *status);

#endif
