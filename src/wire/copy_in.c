#include "wire/copy_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/wait.h"

/* Reads what comes before the data. 1: the server wants it, 0: the deadline passed, -1: it does not, or is gone; *refusal is
 * what it said, if it did. */
static int await_start(teleai__connection *connection, teleai__deadline deadline, PGresult **refusal) {
    PGconn *pg = connection->pg;
    *refusal = NULL;
    for (;;) {
        int state = teleai__connection_wait_result(connection, deadline);
        if (state != 1)
            return state;
        PGresult *result = PQgetResult(pg);
        if (result == NULL)
            return -1;
        bool wants = PQresultStatus(result) == PGRES_COPY_IN, copies = teleai__is_copy(result);
        if (!wants && *refusal == NULL && teleai__is_failure(result))
            *refusal = result;
        else
            PQclear(result); /* of the settings in front */
        if (wants)
            return 1;
        if (*refusal != NULL && PQresultErrorField(*refusal, PG_DIAG_SQLSTATE) == NULL)
            copies = true; /* it is libpq's, of an answer that it cannot read */
        if (copies) {
            connection->broken = true;
            return -1;
        }
    }
}

/* As above; *status is that of the rows' source, which ends the COPY with a failure when it is not OK. */
static int send_rows(teleai__connection *connection, const teleai__copy *copy, teleai__deadline deadline,
                     teleai_status *status, teleai_error *error) {
    PGconn *pg = connection->pg;
    for (bool first = true;; first = false) {
        const unsigned char *bytes;
        size_t length;
        *status = copy->next(copy->source, first, &bytes, &length, error);
        if (*status != TELEAI_OK)
            return PQputCopyEnd(pg, "a row is wrong") == 1 ? 1 : -1;
        if (length == 0)
            return PQputCopyEnd(pg, NULL) == 1 ? 1 : -1;
        if (PQputCopyData(pg, (const char *)bytes, (int)length) != 1)
            return -1;
        bool read;
        int sent = teleai__connection_flush(connection, deadline, &read);
        if (sent != 1)
            return sent;
    }
}

teleai_status teleai__copy_run(teleai__connection *connection, const char *name, const teleai__copy *copy,
                               teleai__deadline deadline, PGresult **out, teleai_error *error) {
    *out = NULL;
    PGconn *pg = connection->pg;
    connection->statements_run++;
    if (!PQsendQuery(pg, copy->sql))
        return teleai__fail_lost(connection, name, false, error);
    teleai_status made = TELEAI_OK;
    teleai_error why;
    PGresult *refusal;
    int state = await_start(connection, deadline, &refusal);
    if (state == 1)
        state = send_rows(connection, copy, deadline, &made, &why);
    if (refusal != NULL && PQresultErrorField(refusal, PG_DIAG_SQLSTATE) != NULL) {
        connection->broken |= state == 0 || PQstatus(pg) != CONNECTION_OK; /* the end of the answer is missing */
        teleai_status status = teleai__fail_answer(connection, name, refusal, error);
        PQclear(refusal);
        return status;
    }
    PQclear(refusal);
    if (state == 0)
        return teleai__fail_wait(connection, name, true, state, error);
    if (state < 0)
        connection->broken |= PQstatus(pg) != CONNECTION_OK;
    if (connection->broken)
        return teleai__fail_lost(connection, name, false, error);
    teleai_status status =
        teleai__connection_receive(connection, name, deadline, out, made == TELEAI_OK ? error : NULL);
    if (made == TELEAI_OK || connection->broken)
        return made == TELEAI_OK ? status : teleai__fail_lost(connection, name, false, error);
    if (error != NULL)
        *error = why;
    return made;
}

/* ---- rows ---- */

/* Signature, flags, and the length of what a later form may put behind those. */
static const unsigned char header[19] = "PGCOPY\n\377\r\n";

/* Room for so many bytes in all. */
__attribute__((cold, noinline)) static bool grow(teleai__rows *it, size_t bytes) {
    size_t room = it->room == 0 ? 65536 : it->room;
    while (room < bytes)
        room *= 2;
    unsigned char *grown = it->failed ? NULL : realloc(it->bytes, room);
    if (grown == NULL) {
        it->failed = true;
        return false;
    }
    it->bytes = grown;
    it->room = room;
    return true;
}

/* The place behind the first `used` bytes, with room for so many more. */
static unsigned char *reserve(teleai__rows *it, size_t used, size_t more) {
    return used + more <= it->room || grow(it, used + more) ? it->bytes + used : NULL;
}

void teleai__rows_begin(teleai__rows *it) {
    unsigned char *place = reserve(it, it->length, sizeof header);
    if (place == NULL)
        return;
    memcpy(place, header, sizeof header);
    it->length += sizeof header;
}

#define MOST_OF_VALUE (4 + TELEAI__VALUE_SCRATCH) /* that is not copied */

unsigned char *teleai__rows_begin_row(teleai__rows *it, size_t columns) {
    unsigned char *place = reserve(it, it->length, 2 + columns * MOST_OF_VALUE);
    if (place == NULL)
        return NULL;
    teleai__put16(place, (uint16_t)columns);
    return place + 2;
}

unsigned char *teleai__rows_copy(teleai__rows *it, unsigned char *place, const teleai__value *value,
                                 unsigned char version, size_t left) {
    size_t length = (size_t)value->length + (version != 0);
    place = reserve(it, (size_t)(place - it->bytes), 4 + length + left * MOST_OF_VALUE);
    if (place == NULL)
        return NULL;
    teleai__put32(place, (uint32_t)length);
    if (version != 0)
        place[4] = version;
    memcpy(place + 4 + (version != 0), value->bytes, (size_t)value->length);
    return place + 4 + length;
}

void teleai__rows_end(teleai__rows *it) {
    unsigned char *place = reserve(it, it->length, 2);
    if (place == NULL)
        return;
    teleai__put16(place, UINT16_MAX);
    it->length += 2;
}

void teleai__rows_free(teleai__rows *it) { free(it->bytes); }

bool teleai__rows_next(const teleai__rows *it, size_t column, size_t *at, const unsigned char **bytes,
                       int32_t *length) {
    if (*at == 0)
        *at = sizeof header;
    size_t columns = teleai__take16((const char *)it->bytes + *at);
    if (columns == UINT16_MAX)
        return false;
    *at += 2;
    for (size_t i = 0; i < columns; i++) {
        int32_t bytes_of_it = (int32_t)teleai__take32((const char *)it->bytes + *at);
        if (i == column) {
            *bytes = it->bytes + *at + 4;
            *length = bytes_of_it;
        }
        *at += 4 + (size_t)(bytes_of_it < 0 ? 0 : bytes_of_it);
    }
    return true;
}
