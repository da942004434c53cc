#include "db/operation.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/error.h"
#include "db/binary.h"

#define LONGEST_PAUSE_MS 500 /* between two sendings */

static teleai_status send_once(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                               PGresult **result, bool *lost, bool *refused, teleai_error *error) {
    *lost = *refused = false;
    teleai__connection *connection;
    teleai_status status = teleai__client_borrow(client, operation->statement.name, deadline, &connection, error);
    if (status != TELEAI_OK)
        return status;
    status = teleai__connection_run(connection, &operation->statement, operation->params, deadline, result, error);
    *lost = status == TELEAI_UNAVAILABLE && connection->broken;
    *refused = connection->read_only;
    teleai__client_return(client, connection);
    return status;
}

/* What a repeated write meets of its earlier sending. */
static teleai_status settle(teleai_client *client, const teleai__operation *operation, teleai_status status,
                            teleai__deadline deadline, teleai_error *error);

/* Sends it, and reads the answer. A lost connection is answered by sending again what may be repeated: a read until a
 * new connection is lost or refused too, a write, whose outcome somebody wants to know, until the deadline. */
static teleai_status run_by(teleai_client *client, const teleai__operation *operation, teleai__deadline deadline,
                            teleai_error *error) {
    PGresult *result = NULL;
    bool lost, refused, again = false, in_doubt = false;
    teleai_status status = send_once(client, operation, deadline, &result, &lost, &refused, error);
    if (refused) /* nothing has happened: any write may go to the new primary */
        status = send_once(client, operation, deadline, &result, &lost, &refused, error);
    for (int pause_ms = 0; (lost || (in_doubt && status == TELEAI_UNAVAILABLE)) && operation->repeatable &&
                           !teleai__is_transaction(client) && teleai__deadline_left_ms(deadline) > 0;
         pause_ms = pause_ms == 0                 ? 20
                    : pause_ms < LONGEST_PAUSE_MS ? 2 * pause_ms
                                                  : pause_ms) {
        if (again && !operation->statement.writes)
            break;
        in_doubt = operation->statement.writes;
        again = true;
        teleai__deadline_sleep(deadline, pause_ms);
        status = send_once(client, operation, deadline, &result, &lost, &refused, error);
    }
    if (status == TELEAI_OK)
        status = operation->decode(operation, result, error);
    if (in_doubt)
        status = settle(client, operation, status, deadline, error);
    return status;
}

static teleai_status settle(teleai_client *client, const teleai__operation *operation, teleai_status status,
                            teleai__deadline deadline, teleai_error *error) {
    if (status == TELEAI_NOT_FOUND && operation->deletes)
        return TELEAI_OK;
    if (status == TELEAI_ALREADY_EXISTS && operation->earlier != NULL) {
        teleai_error met;
        teleai_status found = run_by(client, operation->earlier, deadline, &met);
        if (found == TELEAI_NOT_FOUND)
            return status; /* another row stands in its way */
        if (error != NULL)
            *error = met;
        status = found;
    }
    /* No answer to the repetition either. */
    if (error != NULL && (status == TELEAI_UNAVAILABLE || status == TELEAI_TIMEOUT || status == TELEAI_CLOSED))
        error->flags = TELEAI_ERROR_OUTCOME_UNKNOWN;
    return status;
}

teleai_status teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = run_by(client, operation, teleai__deadline_in(client->core->settings.timeout_ms), error);
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

/* Where in a table of so many slots (a power of two) to begin looking for an id. Its end is random in every version. */
static size_t slot_of(const void *id, size_t slots) {
    uint64_t end;
    memcpy(&end, (const char *)id + 8, sizeof end);
    return (size_t)((end ^ end >> 32) & (slots - 1));
}

/* Puts the records found in the order of the ids asked for, NULL where one is missing. A record begins with its id. */
static teleai_status put_in_order(teleai__list *list, const teleai_uuid *ids, size_t count, teleai_error *error) {
    size_t slots = 16;
    while (slots < 2 * list->count)
        slots *= 2;
    const void **table = calloc(slots, sizeof *table);
    const void **ordered = teleai__arena_alloc(teleai__arena_of(list), count * sizeof *ordered);
    if (table == NULL || ordered == NULL) {
        free(table);
        return teleai__fail_memory(error);
    }
    for (size_t i = 0; i < list->count; i++) {
        size_t slot = slot_of(list->items[i], slots);
        while (table[slot] != NULL)
            slot = (slot + 1) & (slots - 1);
        table[slot] = list->items[i];
    }
    for (size_t i = 0; i < count; i++) {
        size_t slot = slot_of(&ids[i], slots);
        while (table[slot] != NULL && memcmp(table[slot], &ids[i], sizeof ids[i]) != 0)
            slot = (slot + 1) & (slots - 1);
        ordered[i] = table[slot];
    }
    free(table);
    list->items = ordered;
    list->count = count;
    return TELEAI_OK;
}

teleai_status teleai__decode_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    teleai__operation unordered = *operation;
    teleai__list *list;
    unordered.out = &list;
    teleai_status status = teleai__decode_list(&unordered, result, error);
    if (status != TELEAI_OK)
        return status;
    status = put_in_order(list, operation->more, operation->more_count, error);
    if (status == TELEAI_OK && operation->out != NULL)
        memcpy(operation->out, &list, sizeof list);
    else
        teleai__arena_free(list);
    return status;
}

teleai_status teleai__decode_all_in_order(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    if ((size_t)PQntuples(result) == operation->more_count)
        return teleai__decode_in_order(operation, result, error);
    PQclear(result);
    return not_found(operation, error);
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
