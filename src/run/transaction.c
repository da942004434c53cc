/* Transactions: clients that keep one connection. Inner ones are savepoints on the same connection. */
#include "teleai/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/options.h"
#include "run/client.h"

static teleai_status command(teleai__connection *connection, const char *name, const char *sql,
                             teleai__deadline deadline, teleai_error *error) {
    PGresult *result = NULL;
    teleai_status status = teleai__connection_command(connection, name, sql, deadline, &result, error);
    PQclear(result);
    return status;
}

/* ---- stacks: a transaction with its inner ones ---- */

static teleai__stack *stack_make(teleai__core *core, teleai__connection *connection) {
    teleai__stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL || pthread_mutex_init(&stack->mutex, NULL) != 0) {
        free(stack);
        return NULL;
    }
    stack->connection = connection;
    connection->in_transaction = true;
    pthread_mutex_lock(&core->mutex);
    stack->next = core->stacks;
    if (core->stacks != NULL)
        core->stacks->previous = stack;
    core->stacks = stack;
    pthread_mutex_unlock(&core->mutex);
    return stack;
}

static void stack_drop(teleai__core *core, teleai__stack *stack) {
    if (atomic_fetch_sub(&stack->clients, 1) != 1)
        return;
    pthread_mutex_lock(&core->mutex);
    if (stack->previous != NULL)
        stack->previous->next = stack->next;
    else
        core->stacks = stack->next;
    if (stack->next != NULL)
        stack->next->previous = stack->previous;
    pthread_mutex_unlock(&core->mutex);
    pthread_mutex_destroy(&stack->mutex);
    free(stack);
}

/* Ends a transaction and those inside it; NULL ends all. The connection goes back when none is left. Mutex held. */
static void end(teleai__core *core, teleai__stack *stack, const teleai_client *last,
                enum teleai__transaction_state state) {
    for (teleai_client *each = NULL; stack->top != NULL && (each == NULL || each != last);) {
        each = stack->top;
        stack->top = each->parent;
        each->parent = NULL;
        each->state = state;
    }
    if (stack->top != NULL || stack->connection == NULL)
        return;
    stack->connection->in_transaction = false;
    teleai__pool_release(core->pool, stack->connection, NULL, 0);
    stack->connection = NULL;
}

/* Whatever the server answers, it keeps nothing. Mutex held; the transaction is open. */
static void roll_back(teleai_client *transaction) {
    teleai__stack *stack = transaction->stack;
    char sql[96] = "rollback";
    if (transaction->depth > 0)
        snprintf(sql, sizeof sql, "rollback to savepoint teleai_%d; release savepoint teleai_%d",
                 (int)transaction->depth, (int)transaction->depth);
    teleai__deadline deadline = teleai__deadline_firm(teleai__client_deadline(transaction));
    if (command(stack->connection, "transaction_rollback", sql, deadline, NULL) == TELEAI_OK) {
        end(transaction->core, stack, transaction, TELEAI__ROLLED_BACK);
        return;
    }
    stack->connection->broken = true;
    end(transaction->core, stack, transaction, TELEAI__ROLLED_BACK);
    end(transaction->core, stack, NULL, TELEAI__LOST);
}

void teleai__transaction_lost(teleai__core *core, teleai__stack *stack) { end(core, stack, NULL, TELEAI__LOST); }

/* ---- begin ---- */

static teleai_status begin_outermost(teleai_client *root, const teleai_transaction_options *options,
                                     teleai_client *made, teleai_error *error) {
    static const char *const levels[] = {"", " isolation level read committed", " isolation level repeatable read",
                                         " isolation level serializable"};
    teleai__deadline deadline = teleai__client_deadline(root);
    teleai__ticket ticket;
    teleai_status status = teleai__pool_acquire(root->core->pool, &ticket, "transaction", made, NULL, deadline, error);
    if (status != TELEAI_OK)
        return status;
    teleai__connection *connection = ticket.connection;
    char sql[80];
    int32_t most_ms = teleai__deadline_left_ms(teleai__client_deadline(root)); /* of a call in it */
    snprintf(sql, sizeof sql, "begin%s%s", levels[options->isolation], options->read_only ? " read only" : "");
    status = teleai__scope_begin(connection, &root->scope, "transaction_begin", sql, most_ms < 1 ? 1 : most_ms,
                                 teleai__client_deadline(root), error);
    if (status != TELEAI_OK && error != NULL) { /* nothing has happened yet: begin again */
        error->flags &= ~(uint32_t)TELEAI_ERROR_OUTCOME_UNKNOWN;
        if (status == TELEAI_UNAVAILABLE || status == TELEAI_TIMEOUT)
            error->flags |= TELEAI_ERROR_RETRYABLE;
    }
    if (status == TELEAI_OK && (made->stack = stack_make(root->core, connection)) == NULL) {
        connection->broken = true; /* it has a transaction open */
        status = teleai__fail_memory(error);
    }
    if (status != TELEAI_OK) {
        teleai__pool_release(root->core->pool, connection, NULL, 0);
        return status;
    }
    made->stack->holder = made;
    made->stack->top = made;
    return TELEAI_OK;
}

static teleai_status begin_inner(teleai_client *parent, teleai_client *made, teleai_error *error) {
    teleai__connection *connection;
    teleai__deadline deadline = teleai__client_deadline(parent);
    teleai_status status = teleai__client_borrow(parent, "transaction_begin", deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    made->depth = parent->depth + 1;
    char sql[48];
    snprintf(sql, sizeof sql, "savepoint teleai_%d", (int)made->depth);
    status = command(connection, "transaction_begin", sql, deadline, error);
    if (status == TELEAI_OK) {
        made->stack = parent->stack;
        made->parent = parent;
        made->stack->top = made;
    }
    teleai__client_return(parent, connection);
    return status;
}

teleai_status teleai_transaction_begin(teleai_client *client, const teleai_transaction_options *options,
                                       teleai_client **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("transaction", error);
    *out = NULL;
    teleai_transaction_options with;
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&with, sizeof with, options, "options", error);
    if (status != TELEAI_OK)
        return status;
    if (with.isolation < TELEAI_ISOLATION_DEFAULT || with.isolation > TELEAI_ISOLATION_SERIALIZABLE)
        return teleai__fail_field(error, "isolation", "isolation is %d; 0 to 3 was expected", (int)with.isolation);
    if (teleai__is_transaction(client) && (with.isolation != 0 || with.read_only))
        return teleai__fail_field(error, "options",
                                  "an inner transaction has the isolation of the outer one; options must be NULL");
    if (client->batch != NULL)
        return teleai__fail_field(error, "client",
                                  "transaction_begin: a batch cannot hold a transaction; open the batch "
                                  "on the transaction");
    teleai_client *made = teleai__client_derive(client);
    if (made == NULL)
        return teleai__fail_memory(error);
    teleai__watch watch;
    teleai__metrics *metrics = client->core->metrics;
    if (metrics != NULL)
        teleai__watch_start(&watch);
    status =
        teleai__is_transaction(client) ? begin_inner(client, made, error) : begin_outermost(client, &with, made, error);
    if (metrics != NULL)
        teleai__watch_end(&watch, metrics, "transaction_begin", status, error);
    if (status != TELEAI_OK) {
        teleai__client_drop(made);
        return status;
    }
    made->stack->clients++;
    *out = made;
    return teleai__ok(error);
}

/* ---- commit, roll back, close ---- */

static teleai_status require_transaction(const teleai_client *client, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK && !teleai__is_transaction(client))
        return teleai__fail_field(error, "transaction",
                                  "the client is no transaction; one from teleai_transaction_begin() was expected");
    return status;
}

static teleai_status commit(teleai_client *transaction, teleai_error *error) {
    teleai_status status;
    teleai__core *core = transaction->core;
    teleai__deadline deadline = teleai__client_deadline(transaction);
    teleai__connection *connection;
    status = teleai__client_borrow(transaction, "transaction_commit", deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    bool outermost = transaction->depth == 0;
    char sql[48] = "commit";
    if (!outermost)
        snprintf(sql, sizeof sql, "release savepoint teleai_%d", (int)transaction->depth);
    PGresult *result = NULL;
    status = teleai__connection_command(connection, "transaction_commit", sql, deadline, &result, error);
    /* The server answers the commit of a failed transaction with ROLLBACK, and calls that a success. */
    if (status == TELEAI_OK && outermost && strcmp(PQcmdStatus(result), "ROLLBACK") == 0) {
        status =
            teleai__fail(error, TELEAI_ABORTED,
                         "transaction_commit: an earlier operation of this transaction failed, so nothing was kept");
    } else if (status == TELEAI_OK && outermost && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        status = teleai__fail(error, TELEAI_SERVER_ERROR,
                              "transaction_commit: the server did not say what became of the transaction; look "
                              "whether it happened before doing it again");
        if (error != NULL)
            error->flags = TELEAI_ERROR_OUTCOME_UNKNOWN;
    }
    PQclear(result);
    if (connection->broken)
        teleai__transaction_lost(core, transaction->stack);
    else if (status == TELEAI_OK)
        end(core, transaction->stack, transaction, TELEAI__COMMITTED);
    else if (outermost)
        end(core, transaction->stack, transaction, TELEAI__ROLLED_BACK);
    pthread_mutex_unlock(&transaction->stack->mutex);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

teleai_status teleai_transaction_commit(teleai_client *transaction, teleai_error *error) {
    teleai_status status = require_transaction(transaction, error);
    if (status != TELEAI_OK)
        return status;
    teleai__watch watch;
    teleai__metrics *metrics = transaction->core->metrics;
    if (metrics != NULL)
        teleai__watch_start(&watch);
    status = commit(transaction, error);
    if (metrics != NULL)
        teleai__watch_end(&watch, metrics, "transaction_commit", status, error);
    return status;
}

teleai_status teleai_transaction_rollback(teleai_client *transaction, teleai_error *error) {
    teleai_status status = require_transaction(transaction, error);
    if (status != TELEAI_OK)
        return status;
    teleai__watch watch;
    teleai__metrics *metrics = transaction->core->metrics;
    if (metrics != NULL)
        teleai__watch_start(&watch);
    pthread_mutex_lock(&transaction->stack->mutex);
    bool committed = transaction->state == TELEAI__COMMITTED;
    if (transaction->state == TELEAI__OPEN)
        roll_back(transaction);
    pthread_mutex_unlock(&transaction->stack->mutex);
    if (metrics != NULL && !committed)
        teleai__watch_end(&watch, metrics, "transaction_rollback", TELEAI_OK, NULL);
    if (committed)
        return teleai__fail(error, TELEAI_CLOSED, "transaction_rollback: the transaction is committed");
    return teleai__ok(error);
}

void teleai__transaction_close(teleai_client *transaction) {
    if (teleai__fork_mark_is_mine(
            &transaction->core->process)) { /* a child must not speak on its parent's connection */
        pthread_mutex_lock(&transaction->stack->mutex);
        if (transaction->state == TELEAI__OPEN)
            roll_back(transaction);
        pthread_mutex_unlock(&transaction->stack->mutex);
    }
    teleai__client_drop(transaction);
}

void teleai__transaction_free(teleai_client *transaction) {
    if (teleai__fork_mark_is_mine(&transaction->core->process))
        stack_drop(transaction->core, transaction->stack);
}

/* ---- run ---- */

/* One try. */
static teleai_status run_body(teleai_client *client, const teleai_transaction_options *options,
                              teleai_transaction_body body, void *data, teleai_error *error) {
    teleai_client *transaction;
    teleai_status status = teleai_transaction_begin(client, options, &transaction, error);
    if (status != TELEAI_OK)
        return status;
    teleai__ok(error);
    status = body(transaction, data, error);
    if (status != TELEAI_OK) {
        if (status == TELEAI_UNAVAILABLE) /* before the commit: whatever was lost is rolled back */
            error->flags = TELEAI_ERROR_RETRYABLE;
        error->status = status; /* also of a body that filled in nothing */
    } else {
        status = teleai_transaction_commit(transaction, error);
    }
    teleai_close(transaction);
    return status;
}

teleai_status teleai_transaction_run(teleai_client *client, const teleai_transaction_options *options,
                                     teleai_transaction_body body, void *data, int32_t *attempts, teleai_error *error) {
    teleai_error local;
    if (error == NULL)
        error = &local; /* the flags decide */
    if (attempts != NULL)
        *attempts = 0;
    if (body == NULL)
        return teleai__fail_field(error, "body", "body is NULL; a function was expected");
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__deadline deadline = teleai__client_deadline(client);
    teleai__backoff backoff = {.shortest_us = 10000, .longest_us = 500000};
    for (;;) {
        if (attempts != NULL)
            ++*attempts;
        status = run_body(client, options, body, data, error);
        const uint32_t known = error->flags & (TELEAI_ERROR_RETRYABLE | TELEAI_ERROR_OUTCOME_UNKNOWN);
        bool again = (status == TELEAI_ABORTED || status == TELEAI_UNAVAILABLE) && known == TELEAI_ERROR_RETRYABLE &&
                     !teleai__is_transaction(client);
        if (!again || teleai__deadline_left_ms(deadline) == 0)
            return status;
        if (!teleai__backoff_sleep(&backoff, deadline))
            return teleai__fail(error, TELEAI_CANCELLED, "transaction_run: it was cancelled, and nothing has happened");
    }
}

/* ---- the end of the root ---- */

/* The root is being closed: ends what is open, so that nothing half-done lives on. */
void teleai__transactions_end(teleai__core *core) {
    pthread_mutex_lock(&core->mutex);
    for (teleai__stack *each = core->stacks; each != NULL; each = each->next) {
        pthread_mutex_lock(&each->mutex);
        teleai_client *outermost = each->top;
        while (outermost != NULL && outermost->parent != NULL)
            outermost = outermost->parent;
        if (outermost != NULL)
            roll_back(outermost);
        pthread_mutex_unlock(&each->mutex);
    }
    pthread_mutex_unlock(&core->mutex);
}
