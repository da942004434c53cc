/* Opening and closing clients: what the connection string means, which options are right, whether the schema fits. */
#include "teleai/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/maintain.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "db/client.h"
#include "db/field.h"
#include "db/hosts.h"
#include "db/migrate.h"
#include "db/operation.h"
#include "db/row_security.h"
#include "local/local.h"

#define MOST_CONNECTIONS 10000
#define LOCAL_PREFIX "local:"
#define LOWEST_MEMORY_KIB 19456 /* OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB and 2 passes at least */

#define QUOTE(text) #text
#define DOTTED(major, minor, patch) QUOTE(major) "." QUOTE(minor) "." QUOTE(patch)

const char *teleai_version(void) { return DOTTED(TELEAI_VERSION_MAJOR, TELEAI_VERSION_MINOR, TELEAI_VERSION_PATCH); }

/* ---- options ---- */

static teleai_status check_range(const char *name, int32_t value, int32_t least, int32_t most, teleai_error *error) {
    if (value >= least && value <= most)
        return TELEAI_OK;
    return teleai__fail_field(error, name, "%s is %" PRId32 "; %" PRId32 " to %" PRId32 " was expected", name, value,
                              least, most);
}

static teleai_status read_options(const teleai_options *given, teleai_options *out, teleai_error *error) {
    teleai_status status = teleai__read_options(out, sizeof *out, given, "options", error);
    if (status != TELEAI_OK)
        return status;
    if (out->max_connections == 0)
        out->max_connections = 8;
    if (out->max_waiting == 0)
        out->max_waiting = 1000;
    if (out->idle_timeout_ms == 0)
        out->idle_timeout_ms = 600000;
    if (out->max_lifetime_ms == 0)
        out->max_lifetime_ms = 1800000;
    if (out->timeout_ms == 0)
        out->timeout_ms = 30000;
    if (out->password_memory_kib == 0)
        out->password_memory_kib = 65536;
    if (out->password_passes == 0)
        out->password_passes = 2;
    status = check_range("max_connections", out->max_connections, 1, MOST_CONNECTIONS, error);
    if (status == TELEAI_OK)
        status = check_range("min_connections", out->min_connections, 0, out->max_connections, error);
    if (status == TELEAI_OK)
        status = check_range("max_waiting", out->max_waiting, 1, INT32_MAX, error);
    if (status == TELEAI_OK)
        status = check_range("idle_timeout_ms", out->idle_timeout_ms, -1, INT32_MAX, error);
    if (status == TELEAI_OK)
        status = check_range("max_lifetime_ms", out->max_lifetime_ms, -1, INT32_MAX, error);
    if (status == TELEAI_OK)
        status = check_range("timeout_ms", out->timeout_ms, 1, INT32_MAX, error);
    if (status == TELEAI_OK)
        status = check_range("pooler", out->pooler, TELEAI_POOLER_DETECT, TELEAI_POOLER_TRANSACTION, error);
    if (status == TELEAI_OK)
        status = check_range("slow_call_ms", out->slow_call_ms, 0, INT32_MAX, error);
    if (status == TELEAI_OK)
        status = check_range("schema", out->schema, TELEAI_SCHEMA_CHECK, TELEAI_SCHEMA_MIGRATE, error);
    if (status == TELEAI_OK)
        status = check_range("password_memory_kib", out->password_memory_kib, LOWEST_MEMORY_KIB, 4194303, error);
    if (status == TELEAI_OK)
        status = check_range("password_passes", out->password_passes, 2, 1000, error);
    if (status == TELEAI_OK && out->application_name != NULL)
        status = teleai__text_check("application_name", out->application_name, 1, 63, error);
    return status;
}

/* ---- opening ---- */

/* libpq's own parser, whose message may quote a part of the string: a password perhaps. So only that it is wrong. */
static teleai_status check_connection(const char *name, const char *connection, teleai_error *error) {
    size_t characters, bad;
    if (!teleai__utf8_check(connection, strlen(connection), &characters, &bad))
        return teleai__fail_field(error, name, "the connection string is not valid UTF-8 at byte %zu", bad);
    if (teleai__connection_string_is_valid(connection))
        return TELEAI_OK;
    return teleai__fail_field(
        error, name,
        "the connection string cannot be read; one such as \"host=db user=app dbname=teleai\", "
        "\"postgresql://app@db/teleai\" or \"local:./data\" was expected (special characters in a "
        "postgresql:// URL must be percent-encoded)");
}

static void release_local(void *local, bool abandon) {
    if (abandon)
        teleai__local_abandon(local);
    else
        teleai__local_close(local);
}

static teleai_status check_schema(teleai_client *client, int32_t wish, bool is_local, teleai_error *error) {
    if (wish == TELEAI_SCHEMA_IGNORE)
        return teleai_ping(client, error);
    if (wish == TELEAI_SCHEMA_MIGRATE)
        return teleai_migrate_up(client, error);
    /* An empty private database is ours to fill: nobody else makes its schema. */
    return teleai__migrate_check(client, is_local, error);
}

teleai_status teleai_open(const char *connection, const teleai_options *options, teleai_client **out,
                          teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the client was expected");
    *out = NULL;
    if (connection == NULL)
        return teleai__fail_field(error, "connection", "connection is NULL; a connection string was expected");
    teleai_options with;
    teleai_status status = read_options(options, &with, error);
    if (status != TELEAI_OK)
        return status;
    if (with.replica_connection != NULL)
        status = check_connection("replica_connection", with.replica_connection, error);
    if (status != TELEAI_OK)
        return status;
    if (!teleai__secret_ready())
        return teleai__fail(error, TELEAI_UNSUPPORTED, "the system gives no random numbers");
    teleai__local *local = NULL;
    bool is_local = strncmp(connection, LOCAL_PREFIX, strlen(LOCAL_PREFIX)) == 0;
    if (is_local) {
        teleai__interrupt interrupt = {with.interrupt_hook, with.interrupt_hook_data};
        teleai__deadline deadline = teleai__deadline_until(&interrupt, with.timeout_ms);
        status = teleai__local_open(connection + strlen(LOCAL_PREFIX), deadline, &local, error);
        if (status != TELEAI_OK)
            return status;
        connection = teleai__local_connection(local);
    } else if ((status = check_connection("connection", connection, error)) != TELEAI_OK) {
        return status;
    }
    teleai_client *client = NULL;
    status = teleai__client_make(connection, &with, &client, error);
    if (status != TELEAI_OK) {
        teleai__local_close(local);
        return status;
    }
    client->core->kept = local;
    client->core->release = is_local ? release_local : NULL;
    status = check_schema(client, with.schema, is_local, error);
    if (status == TELEAI_OK)
        status = teleai__row_security_look(client, with.require_row_security, error);
    if (status != TELEAI_OK) {
        teleai__client_release(client);
        return status;
    }
    *out = client;
    return teleai__ok(error);
}

void teleai_close(teleai_client *client) {
    if (client == NULL)
        return;
    if (teleai__is_transaction(client))
        teleai__transaction_close(client);
    else if (client->batch != NULL)
        teleai__batch_close(client);
    else if (client->is_scope)
        teleai__client_drop(client);
    else {
        if (client->core->release != NULL && teleai__fork_mark_is_mine(&client->core->process))
            teleai__maintain_local(client);
        teleai__client_release(client);
    }
}

/* ---- the pool ---- */

teleai_status teleai_cancel(teleai_client *client, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    client->cancels++;
    teleai__metrics_note_cancel(client->core->metrics);
    const void *holder = teleai__client_holder(client);
    status = teleai__pool_cancel(client->core->pool, holder, error);
    if (client->core->replica != NULL) {
        teleai_status there = teleai__pool_cancel(client->core->replica, holder, status == TELEAI_OK ? error : NULL);
        status = status == TELEAI_OK ? there : status;
    }
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

static teleai_status check_root(const teleai_client *client, const char *operation, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK || teleai__is_root(client))
        return status;
    return teleai__fail_field(error, "client", "%s: the client from teleai_open() was expected", operation);
}

teleai_status teleai_pool_maintain(teleai_client *client, teleai_error *error) {
    teleai_status status = check_root(client, "pool_maintain", error);
    if (status == TELEAI_OK)
        status = teleai__pool_maintain(client->core->pool, teleai__client_deadline(client), error);
    if (status == TELEAI_OK && client->core->replica != NULL)
        status = teleai__pool_maintain(client->core->replica, teleai__client_deadline(client), error);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

teleai_status teleai_pool_resize(teleai_client *client, int32_t min_connections, int32_t max_connections,
                                 teleai_error *error) {
    teleai_status status = check_root(client, "pool_resize", error);
    if (status == TELEAI_OK)
        status = check_range("max_connections", max_connections, 1, MOST_CONNECTIONS, error);
    if (status == TELEAI_OK)
        status = check_range("min_connections", min_connections, 0, max_connections, error);
    if (status != TELEAI_OK)
        return status;
    teleai__pool_resize(client->core->pool, min_connections, max_connections);
    if (client->core->replica != NULL)
        teleai__pool_resize(client->core->replica, min_connections, max_connections);
    return teleai__ok(error);
}

teleai_status teleai_pool_drain(teleai_client *client, int32_t timeout_ms, teleai_error *error) {
    teleai_status status = check_root(client, "pool_drain", error);
    if (status == TELEAI_OK)
        status = check_range("timeout_ms", timeout_ms, 0, INT32_MAX, error);
    if (status != TELEAI_OK)
        return status;
    teleai__deadline deadline = teleai__deadline_until(&client->core->settings.interrupt, timeout_ms);
    status = teleai__pool_drain(client->core->pool, deadline, error);
    if (status == TELEAI_OK && client->core->replica != NULL)
        status = teleai__pool_drain(client->core->replica, deadline, error);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

teleai_status teleai_ping(teleai_client *client, teleai_error *error) {
    static const char sql[] = "select 1::bigint";
    teleai__params params;
    teleai__params_init(&params);
    teleai__operation operation = {
        .statement = {.key = sql, .name = "ping", .sql = sql},
        .params = &params,
        .repeatable = true,
        .brief = true,
        .decode = teleai__decode_nothing,
    };
    return teleai__run(client, &operation, error);
}

teleai_status teleai_pool_stats_get(teleai_client *client, teleai_pool_stats *out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; a place for the counters was expected");
    memset(out, 0, sizeof *out);
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__pool_stats(client->core->pool, out);
    return teleai__ok(error);
}
