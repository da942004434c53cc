#include "wire/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define LARGE_BYTES (1 << 28) /* of values; libpq's buffer grows by doubling, up to 2 GB */

static teleai__prepared *find(teleai__connection *connection, const teleai__statement *statement) {
    if (!connection->prepare || statement->key == NULL)
        return NULL;
    uint64_t hash = ((uint64_t)(uintptr_t)statement->key + statement->variant) * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(hash >> 32) & (TELEAI__PREPARED_SLOTS - 1);
    teleai__prepared *entry;
    for (;; slot = (slot + 1) & (TELEAI__PREPARED_SLOTS - 1)) {
        entry = &connection->prepared[slot];
        if (entry->key == statement->key && entry->variant == statement->variant)
            return entry;
        if (entry->key == NULL)
            break;
    }
    if (connection->prepared_count >= TELEAI__PREPARED_SLOTS * 3 / 4)
        return NULL;
    int length = snprintf(entry->name, sizeof entry->name, "%.34s", statement->name);
    if (statement->variant != 0)
        length += snprintf(entry->name + length, sizeof entry->name - (size_t)length, "_%" PRIx64, statement->variant);
    if (connection->forgotten != 0)
        snprintf(entry->name + length, sizeof entry->name - (size_t)length, "_%d", (int)connection->forgotten);
    return entry;
}

/* The old ones go with the next flight that prepares something: no round trip for them. Until then, and in what is in flight,
 * they keep their names. */
static void forget(teleai__connection *connection) {
    connection->deallocate |= connection->prepared_count > 0;
    memset(connection->prepared, 0, sizeof connection->prepared);
    connection->prepared_count = 0;
    connection->forgotten++;
    connection->forget = false;
}

teleai__sending teleai__statement_find(teleai__connection *connection, const teleai__statement *statement) {
    if (connection->forget)
        forget(connection);
    teleai__prepared *entry = find(connection, statement);
    bool prepares = entry != NULL && entry->key == NULL;
    return (teleai__sending){
        .entry = entry,
        .before = prepares + (prepares && connection->deallocate),
        .reused = entry != NULL && !prepares,
    };
}

const char *teleai__statement_text(const teleai__statement *statement, char *room) {
    if (statement->sql == NULL)
        statement->write(statement->of, room);
    return statement->sql == NULL ? room : statement->sql;
}

__attribute__((noinline)) static bool prepare(teleai__connection *connection, const teleai__statement *statement,
                                              const teleai__values *values, const teleai__sending *sending) {
    PGconn *pg = connection->pg;
    teleai__prepared *entry = sending->entry;
    if (sending->before > 1 && !PQsendQueryParams(pg, "deallocate all", 0, NULL, NULL, NULL, NULL, 1))
        return false;
    connection->deallocate = false;
    connection->statements_prepared++;
    entry->key = statement->key; /* for what follows in this flight, too */
    entry->variant = statement->variant;
    connection->prepared_count++;
    char room[TELEAI__STATEMENT_BYTES];
    return PQsendPrepare(pg, entry->name, teleai__statement_text(statement, room), values->count, values->types) == 1;
}

__attribute__((noinline)) static bool send_unprepared(PGconn *pg, const teleai__statement *statement,
                                                      const teleai__values *values) {
    char room[TELEAI__STATEMENT_BYTES];
    return PQsendQueryParams(pg, teleai__statement_text(statement, room), values->count, values->types, values->values,
                             values->lengths, values->formats, 1) == 1;
}

bool teleai__statement_send(teleai__connection *connection, const teleai__statement *statement,
                            const teleai__values *values, const teleai__sending *sending) {
    if (sending->before > 0 && !prepare(connection, statement, values, sending))
        return false;
    connection->statements_run++;
    if (sending->entry == NULL)
        return send_unprepared(connection->pg, statement, values);
    return PQsendQueryPrepared(connection->pg, sending->entry->name, values->count, values->values, values->lengths,
                               values->formats, 1) == 1;
}

teleai_status teleai__fail_unsent(teleai__connection *connection, const teleai__statement *statement,
                                  const teleai__values *values, teleai_error *error) {
    if (PQstatus(connection->pg) != CONNECTION_OK)
        return teleai__fail_lost(connection, statement->name, false, error);
    connection->broken = true; /* libpq could not buffer it */
    int64_t bytes = 0;
    for (int i = 0; i < values->count; i++)
        bytes += values->lengths[i];
    if (bytes < LARGE_BYTES)
        return teleai__fail_memory(error);
    return teleai__fail(error, TELEAI_LIMIT_EXCEEDED, "%s: the values are too large to send together (1 GB)",
                        statement->name);
}

void teleai__statement_failed(teleai__connection *connection, const teleai__sending *sending, int results) {
    if (results >= sending->before)
        return;
    connection->deallocate |= sending->before > 1 && results == 0;
    sending->entry->key = NULL; /* nothing was entered since, so nothing was passed over for it */
    connection->prepared_count--;
}

/* Codes of what a change of the schema does to a plan (cached plan must not change result type; cache lookup failed,
 * XX000, where a type was made anew), and of a statement that was deallocated: forgetting all and preparing again
 * heals it. */
static bool is_stale(const char *sqlstate) {
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0 || strcmp(sqlstate, "XX000") == 0;
}

bool teleai__statement_is_stale(teleai__connection *connection, bool reused, const char *sqlstate) {
    bool stale = reused && is_stale(sqlstate);
    connection->forget |= stale;
    return stale;
}

teleai_status teleai__fail_stale(const char *name, teleai_error *error) {
    char sqlstate[sizeof error->sqlstate];
    memcpy(sqlstate, error->sqlstate, sizeof sqlstate);
    teleai__fail(error, TELEAI_ABORTED,
                 "%s: the schema has changed since this connection prepared the statement; roll back and run the "
                 "transaction again",
                 name);
    error->flags = TELEAI_ERROR_RETRYABLE;
    memcpy(error->sqlstate, sqlstate, sizeof sqlstate);
    return TELEAI_ABORTED;
}
