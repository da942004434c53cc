/* Opening the database that the arguments or the environment name. */
#include "cli/client.h"

#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/words.h"

/* Whether a connection string tells a password: everybody on the machine can read a command line. */
static bool tells_password(const char *connection) {
    teleai_connection_settings *settings = NULL;
    if (teleai_connection_settings_read(connection, &settings, NULL) != TELEAI_OK)
        return false; /* it is local:, or opening it tells what is wrong */
    bool found = false;
    for (size_t i = 0; i < settings->count; i++)
        found |= settings->items[i]->secret;
    teleai_connection_settings_free(settings);
    return found;
}

const char *connection_of(const arguments *given) {
    const char *connection = value_of(given, "database");
    if (connection != NULL && tells_password(connection)) {
        report("--database has a password in it, which everybody on this machine could read");
        hint("put it into ~/.pgpass or PGPASSWORD, or the whole string into TELEAI_DATABASE_URL");
        return NULL;
    }
    if (connection == NULL)
        connection = getenv("TELEAI_DATABASE_URL");
    return connection == NULL ? "" : connection;
}

teleai_status client_connect(const char *connection, const teleai_options *options, teleai_client **out,
                             teleai_error *error) {
    bool is_local = strncmp(connection, "local:", 6) == 0; /* its server may have to be stopped again */
    interrupts_end_at_once(!is_local);
    teleai_status status = teleai_open(connection, options, out, error);
    interrupts_end_at_once(false);
    return status;
}

static bool nothing_is_said(const char *connection) {
    static const char *const variables[] = {"PGHOST", "PGDATABASE", "PGSERVICE", "PGUSER", "PGPORT", "PGHOSTADDR"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        if (getenv(variables[i]) != NULL)
            return false;
    }
    return *connection == 0;
}

/* The tenant of --tenant, by its slug or id. */
static bool find_tenant(teleai_client *client, const char *name, teleai_uuid *out, int *status) {
    teleai_error error;
    teleai_tenant *tenant = NULL;
    if (teleai_uuid_parse(name, out, NULL) == TELEAI_OK)
        return true;
    if (teleai_tenant_get_by_slug(client, name, &tenant, &error) != TELEAI_OK) {
        *status = fail_with(&error);
        return false;
    }
    *out = tenant->id;
    teleai_tenant_free(tenant);
    return true;
}

/* A client whose default is that tenant: opened again, so that scopes and jobs heed it too. */
static teleai_client *in_tenant(teleai_client *client, const char *connection, const teleai_options *as,
                                const char *name, int *status) {
    teleai_options options = *as;
    teleai_uuid tenant;
    teleai_error error;
    bool found = find_tenant(client, name, &tenant, status);
    teleai_client *made = NULL;
    options.tenant_id = &tenant;
    if (found && client_connect(connection, &options, &made, &error) != TELEAI_OK)
        *status = fail_with(&error);
    teleai_close(client);
    return made;
}

teleai_client *client_open(const arguments *given, int32_t schema, int *status) {
    int64_t seconds;
    const char *connection = connection_of(given);
    *status = EXIT_USAGE;
    if (connection == NULL || !number_of(given, "timeout", 1, 86400, 30, &seconds))
        return NULL;
    teleai_options options = {.struct_size = sizeof options,
                              .application_name = path_of(given),
                              .schema = schema,
                              .max_connections = 2,
                              .timeout_ms = (int32_t)(seconds * 1000)};
    teleai_client *client = NULL;
    teleai_error error;
    if (client_connect(connection, &options, &client, &error) != TELEAI_OK) {
        *status = fail_with(&error);
        if (nothing_is_said(connection))
            hint("(nothing named a database, so libpq's defaults were tried)");
        return NULL;
    }
    const char *tenant = value_of(given, "tenant");
    if (tenant != NULL)
        client = in_tenant(client, connection, &options, tenant, status);
    interrupts_cancel(client);
    return client;
}

void client_close(teleai_client *client) {
    interrupts_cancel(NULL);
    teleai_close(client);
}

bool client_is_direct(teleai_client *client, const char *what) {
    teleai_pool_stats stats;
    teleai_error error;
    if (teleai_pool_stats_get(client, &stats, &error) != TELEAI_OK) {
        fail_with(&error);
        return false;
    }
    if (stats.behind_pooler) {
        report(
            "%s does not go through a transaction pooler: the settings of %s would stay behind in sessions of others",
            what, strcmp(what, "backup") == 0 ? "pg_dump" : "pg_restore");
        hint("connect straight to the server, or to a pooler in session mode");
    }
    return !stats.behind_pooler;
}

teleai_user *user_of(teleai_client *client, const char *name, int *status) {
    teleai_uuid id;
    teleai_user *user = NULL;
    teleai_error error;
    teleai_status got = teleai_uuid_parse(name, &id, NULL) == TELEAI_OK
                            ? teleai_user_get(client, &id, &user, &error)
                            : teleai_user_get_by_email(client, name, &user, &error);
    if (got != TELEAI_OK)
        *status = fail_with(&error);
    return user;
}
