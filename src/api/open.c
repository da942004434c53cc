/* Opening and closing clients: what the connection string means, which options are right, whether the schema fits. */
#include "teleai/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/maintain.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "local/local.h"
#include "record/field.h"
#include "run/client.h"
#include "run/operation.h"
#include "schema/migrate.h"
#include "schema/row_security.h"
#include "wire/hosts.h"

#define LOCAL_PREFIX "local:"
#define LOWEST_MEMORY_KIB 19456 /* OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB and 2 passes at least */

#define QUOTE(text) #text
#define DOTTED(major, minor, patch) QUOTE(major) "." QUOTE(minor) "." QUOTE(patch)

const char *teleai_version(void) { return DOTTED(TELEAI_VERSION_MAJOR, TELEAI_VERSION_MINOR, TELEAI_VERSION_PATCH); }

/* ---- options ---- */

/* Numbers among the options: what stands for 0, and what may be given. */
static const struct {
    const char *name;
    size_t offset;
    int32_t absent, least, most;
} numbers[] = {
#define NUMBER(member) #member, TELEAI__IS(teleai_options, member, int32_t)
    {NUMBER(max_connections), 8, 1, TELEAI__MOST_CONNECTIONS},
    {NUMBER(min_connections), 0, 0, INT32_MAX},
    {NUMBER(max_waiting), 1000, 1, INT32_MAX},
    {NUMBER(idle_timeout_ms), 600000, -1, INT32_MAX},
    {NUMBER(max_lifetime_ms), 1800000, -1, INT32_MAX},
    {NUMBER(timeout_ms), 30000, 1, INT32_MAX},
    {NUMBER(pooler), 0, TELEAI_POOLER_DETECT, TELEAI_POOLER_TRANSACTION},
    {NUMBER(slow_call_ms), 0, 0, INT32_MAX},
    {NUMBER(schema), 0, TELEAI_SCHEMA_CHECK, TELEAI_SCHEMA_MIGRATE},
    {NUMBER(password_memory_kib), 65536, LOWEST_MEMORY_KIB, 4194303},
    {NUMBER(password_passes), 2, 2, 1000},
#undef NUMBER
};

static teleai_status read_options(const teleai_options *given, teleai_options *out, teleai_error *error) {
    teleai_status status = teleai__read_options(out, sizeof *out, given, "options", error);
    for (size_t i = 0; status == TELEAI_OK && i < TELEAI__COUNT(numbers); i++) {
        int32_t value;
        memcpy(&value, (char *)out + numbers[i].offset, sizeof value);
        if (value == 0)
            value = numbers[i].absent;
        memcpy((char *)out + numbers[i].offset, &value, sizeof value);
        status = teleai__range_check(numbers[i].name, value, numbers[i].least, numbers[i].most, error);
    }
    if (status == TELEAI_OK)
        status = teleai__range_check("min_connections", out->min_connections, 0, out->max_connections, error);
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
    /* An empty private database is ours to fill: no other program makes its schema. */
    return teleai__migrate_check(client, is_local, error);
}

teleai_status teleai_open(const char *connection, const teleai_options *options, teleai_client **out,
                          teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("client", error);
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
    client->core->upkeep = is_local ? teleai__maintain_local : NULL;
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
