#include "db/operation.h"

#include <string.h>

#include "base/cursor.h"
#include "base/error.h"
#include "db/binary.h"

static teleai_status send_once(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                               PGresult **result, bool *lost, teleai_error *error) {
    teleai__connection *connection;
    teleai_status status = teleai__client_borrow(client, operation->statement.name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__connection_run(connection, &operation->statement, operation->params, deadline, result, error);
    *lost = status == TELEAI_UNAVAILABLE && connection->broken;
    teleai__client_return(client, connection);
    return status;
}

teleai_status teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    teleai__deadline deadline = teleai__deadline_in(client->core->settings.timeout_ms);
    PGresult *result = NULL;
    bool lost = false;
    status = send_once(client, operation, deadline, &result, &lost, error);
    if (lost && operation->repeatable && !teleai__is_transaction(client))
        status = send_once(client, operation, deadline, &result, &lost, error);
    if (status == TELEAI_OK)
        status = operation->decode(operation, result, error);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

/* ---- reading the answer ---- */

static teleai_status not_found(const teleai__operation *operation, teleai_error *error) {
    return teleai__fail(error, TELEAI_NOT_FOUND, "%s: there is no such %s", operation->statement.name, operation->noun);
}

static teleai_status keep_record(const teleai__operation *operation, PGresult *result, int first_column,
                                 teleai_error *error) {
    if (operation->out == NULL) {
        PQclear(result);
        return TELEAI_OK;
    }
    return teleai__row_decode_one(operation->row, result, first_column, operation->out, error);
}

teleai_status teleai__decode_one(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (PQntuples(result) == 0) {
        PQclear(result);
        return not_found(operation, error);
    }
    return keep_record(operation, result, 0, error);
}

/* A page was asked for with one row more than it shows: that there is one tells that there is a next page. */
teleai_status teleai__decode_list(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (operation->out == NULL) {
        PQclear(result);
        return TELEAI_OK;
    }
    bool more = PQntuples(result) > operation->limit && operation->cursor_kind != 0;
    teleai__list *list;
    teleai_status status = teleai__row_decode_list(operation->row, result, operation->limit, &list, error);
    if (status != TELEAI_OK)
        return status;
    if (more) {
        teleai__cursor cursor = {.kind = operation->cursor_kind};
        operation->row->key(list->items[list->count - 1], &cursor);
        char *text = teleai__arena_alloc(teleai__arena_of(list), TELEAI__CURSOR_TEXT_BYTES);
        if (text == NULL) {
            teleai__arena_free(list);
            return teleai__fail_memory(error);
        }
        teleai__cursor_format(&cursor, text);
        list->next_cursor = text;
    }
    memcpy(operation->out, &list, sizeof list);
    return TELEAI_OK;
}

teleai_status teleai__decode_count(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    bool right = PQntuples(result) == 1 && PQgetlength(result, 0, 0) == 8;
    int64_t count = right ? (int64_t)teleai__take64(PQgetvalue(result, 0, 0)) : 0;
    PQclear(result);
    if (!right)
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: the server sent no count", operation->statement.name);
    if (operation->out != NULL)
        memcpy(operation->out, &count, sizeof count);
    return TELEAI_OK;
}

teleai_status teleai__decode_nothing(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    (void)operation;
    (void)error;
    PQclear(result);
    return TELEAI_OK;
}

teleai_status teleai__decode_affected(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    bool none = strcmp(PQcmdTuples(result), "0") == 0;
    PQclear(result);
    return none ? not_found(operation, error) : TELEAI_OK;
}

teleai_status teleai__decode_guarded(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if (PQntuples(result) == 0) {
        PQclear(result);
        return not_found(operation, error);
    }
    if (PQgetisnull(result, 0, 1)) {
        teleai__fail(error, TELEAI_CONFLICT, "%s: the %s %s; its state is: %.60s", operation->statement.name,
                     operation->noun, (const char *)operation->more, PQgetvalue(result, 0, 0));
        PQclear(result);
        return TELEAI_CONFLICT;
    }
    return keep_record(operation, result, 1, error);
}
