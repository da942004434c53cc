/* Clients: made, borrowed from, closed; and the functions of the pool. */
#include "run/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/error.h"
#include "base/tenant.h"
#include "run/operation.h"

teleai_status teleai__client_check(const teleai_client *client, teleai_error *error) {
    if (client == NULL)
        return teleai__fail(error, TELEAI_CLOSED, "the client is NULL: it was never opened, or is closed already");
    if (!teleai__fork_mark_is_mine(&client->core->process))
        return teleai__fail(error, TELEAI_CLOSED,
                            "the client belongs to the parent process; open one of your own after fork()");
    if (client->core->closed)
        return teleai__fail(error, TELEAI_CLOSED, "the client is closed");
    return TELEAI_OK;
}

const void *teleai__client_holder(const teleai_client *client) {
    if (teleai__is_root(client))
        return NULL;
    return teleai__is_transaction(client) ? client->stack->holder : client;
}

teleai__deadline teleai__client_deadline(const teleai_client *client) {
    return teleai__scope_deadline(&client->scope, &client->core->settings);
}

teleai_client *teleai__client_derive(teleai_client *from) {
    teleai_client *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->core = from->core;
    made->core->clients++;
    made->references = 1;
    made->scope = from->scope;
    return made;
}

void teleai__client_drop(teleai_client *client) {
    if (atomic_fetch_sub(&client->references, 1) != 1)
        return;
    teleai__core *core = client->core;
    if (client->stack != NULL)
        teleai__transaction_free(client);
    free(client);
    teleai__core_drop(core);
}

bool teleai__client_may_visit(const teleai_client *client, const teleai_uuid *tenant) {
    if (teleai_uuid_equal(&client->scope.tenant_id, tenant))
        return true;
    bool has_told = client->core->row_security && (teleai__is_transaction(client) || client->batch != NULL);
    return !client->scope.has_tenant && !has_told;
}

teleai_status teleai__client_visit(teleai_client *client, const teleai_uuid *tenant, teleai_client **out,
                                   teleai_error *error) {
    *out = client;
    if (!client->core->row_security || teleai_uuid_equal(&client->scope.tenant_id, tenant))
        return TELEAI_OK;
    teleai_client *made = teleai__client_derive(client);
    if (made == NULL)
        return teleai__fail_memory(error);
    made->is_scope = true;
    made->scope.tenant_id = *tenant;
    *out = made;
    return TELEAI_OK;
}

void teleai__client_leave(const teleai_client *client, teleai_client *visitor) {
    if (visitor != client)
        teleai__client_drop(visitor);
}

/* Waits until no other call of the transaction runs. */
static teleai_status lock_by(pthread_mutex_t *mutex, const char *operation, teleai__deadline deadline,
                             teleai_error *error) {
    for (;;) {
        struct timespec until = {0};
        clock_gettime(CLOCK_REALTIME, &until); /* the clock that pthread_mutex_timedlock() takes */
        int64_t left_ms = teleai__deadline_left_ms(teleai__deadline_next(deadline));
        int64_t until_ns = until.tv_nsec + left_ms * 1000000;
        until.tv_sec += until_ns / 1000000000;
        until.tv_nsec = until_ns % 1000000000;
        if (pthread_mutex_timedlock(mutex, &until) == 0)
            return TELEAI_OK;
        if (teleai__deadline_is_interrupted(deadline))
            return teleai__fail(error, TELEAI_CANCELLED, "%s: it was cancelled before it began", operation);
        if (teleai__deadline_left_ms(deadline) == 0)
            return teleai__fail(error, TELEAI_TIMEOUT, "%s: another call on the same transaction did not end in time",
                                operation);
    }
}

teleai_status teleai__client_borrow(teleai_client *client, const char *operation, teleai__deadline deadline,
                                    teleai__connection **out, teleai_error *error) {
    *out = NULL;
    if (!teleai__is_transaction(client)) {
        teleai__ticket ticket;
        teleai_status granted =
            teleai__pool_acquire(client->core->pool, &ticket, operation, client, NULL, deadline, error);
        if (granted == TELEAI_OK)
            *out = ticket.connection;
        return granted;
    }
    teleai__stack *stack = client->stack;
    teleai_status status = lock_by(&stack->mutex, operation, deadline, error);
    if (status != TELEAI_OK)
        return status;
    if (client->state == TELEAI__LOST)
        status = teleai__fail(error, TELEAI_ABORTED, "%s: the transaction's connection was lost; nothing was kept",
                              operation);
    else if (client->state != TELEAI__OPEN)
        status = teleai__fail(error, TELEAI_CLOSED, "%s: the transaction is over (%s)", operation,
                              client->state == TELEAI__COMMITTED ? "committed" : "rolled back");
    else if (stack->top != client)
        status = teleai__fail(error, TELEAI_CONFLICT,
                              "%s: an inner transaction is open; commit or roll back that one first", operation);
    if (status != TELEAI_OK) {
        pthread_mutex_unlock(&stack->mutex);
        return status;
    }
    *out = stack->connection;
    stack->connection->interrupted = false; /* an earlier call perhaps was */
    return TELEAI_OK;
}

void teleai__client_return(teleai_client *client, teleai__connection *connection) {
    if (!teleai__is_transaction(client)) {
        teleai__pool_release(client->core->pool, connection, NULL, 0);
        return;
    }
    if (connection->broken)
        teleai__transaction_lost(client->core, client->stack);
    pthread_mutex_unlock(&client->stack->mutex);
}

static teleai__settings settings_of(const teleai_options *options, char *connection) {
    teleai__settings settings = {
        .connection = connection,
        .timeout_ms = options->timeout_ms,
        .pooler = options->pooler,
        .refresh = options->connection_hook,
        .refresh_data = options->connection_hook_data,
        .interrupt = {options->interrupt_hook, options->interrupt_hook_data},
    };
    if (options->application_name != NULL)
        snprintf(settings.application_name, sizeof settings.application_name, "%s", options->application_name);
    return settings;
}

static void free_core(teleai__core *core, bool abandon) {
    teleai__pool_free(core->pool, abandon);
    teleai__pool_free(core->replica, abandon);
    teleai__metrics_free(core->metrics);
    teleai__secret_free(core->settings.connection);
    teleai__secret_free(core->replica_settings.connection);
    free(core);
}

teleai_status teleai__client_make(const char *connection, const teleai_options *options, teleai_client **out,
                                  teleai_error *error) {
    teleai_client *client = calloc(1, sizeof *client);
    teleai__core *core = calloc(1, sizeof *core);
    teleai_status status = client == NULL || core == NULL ? teleai__fail_memory(error) : TELEAI_OK;
    if (status == TELEAI_OK) {
        core->settings = settings_of(options, teleai__secret_copy(connection));
        status = core->settings.connection == NULL ? teleai__fail_memory(error)
                                                   : teleai__pool_make(&core->settings, options, &core->pool, error);
    }
    if (status == TELEAI_OK && options->replica_connection != NULL) {
        core->replica_settings = settings_of(options, teleai__secret_copy(options->replica_connection));
        core->replica_settings.refresh = NULL;
        core->replica_settings.any_host = true;
        status = core->replica_settings.connection == NULL
                     ? teleai__fail_memory(error)
                     : teleai__pool_make(&core->replica_settings, options, &core->replica, error);
    }
    if (status == TELEAI_OK && !teleai__metrics_make(options, &core->metrics))
        status = teleai__fail_memory(error);
    if (status == TELEAI_OK && pthread_mutex_init(&core->mutex, NULL) != 0)
        status = teleai__fail_memory(error);
    if (status != TELEAI_OK) {
        if (core != NULL)
            free_core(core, false);
        free(client);
        return status;
    }
    core->clients = 1;
    teleai__fork_mark_make(&core->process);
    core->password_cost = (teleai__password_cost){
        .memory_bytes = (size_t)options->password_memory_kib * 1024,
        .passes = (unsigned long long)options->password_passes,
    };
    client->core = core;
    client->scope.has_tenant = options->tenant_id != NULL;
    client->scope.tenant_id = options->tenant_id != NULL ? *options->tenant_id : teleai__default_tenant;
    *out = client;
    return TELEAI_OK;
}

void teleai__core_drop(teleai__core *core) {
    if (atomic_fetch_sub(&core->clients, 1) != 1)
        return;
    bool abandon = !teleai__fork_mark_is_mine(&core->process);
    void (*release)(void *, bool) = core->release;
    void *kept = core->kept;
    teleai__fork_mark_free(&core->process);
    pthread_mutex_destroy(&core->mutex);
    free_core(core, abandon); /* the connections go before the server that they lead to */
    if (release != NULL)
        release(kept, abandon);
}

void teleai__client_release(teleai_client *client) {
    teleai__core *core = client->core;
    if (teleai__fork_mark_is_mine(&core->process)) {
        core->closed = true;
        teleai__transactions_end(core);
        teleai__pool_close(core->pool);
        if (core->replica != NULL)
            teleai__pool_close(core->replica);
        if (core->clients > 1 && core->release != NULL) {
            /* Left-over transactions hold no connection any more: a local: server need not wait for them. */
            core->release(core->kept, false);
            core->release = NULL;
        }
    }
    teleai__core_drop(core);
    free(client);
}

/* ---- for callers ---- */

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
        if (client->core->upkeep != NULL && teleai__fork_mark_is_mine(&client->core->process))
            client->core->upkeep(client);
        teleai__client_release(client);
    }
}

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
        status = teleai__range_check("max_connections", max_connections, 1, TELEAI__MOST_CONNECTIONS, error);
    if (status == TELEAI_OK)
        status = teleai__range_check("min_connections", min_connections, 0, max_connections, error);
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
        status = teleai__range_check("timeout_ms", timeout_ms, 0, INT32_MAX, error);
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
        return teleai__fail_out("counters", error);
    memset(out, 0, sizeof *out);
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__pool_stats(client->core->pool, out);
    return teleai__ok(error);
}
