/* COPY by hand, in its binary form (PostgreSQL documentation, COPY, Binary Format): the measure of bulk loads. */
#ifndef TELEAI_BENCH_LIBPQ_COPY_H
#define TELEAI_BENCH_LIBPQ_COPY_H

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

static PGresult *expect(PGresult *result, ExecStatusType status, const char *what) {
    if (PQresultStatus(result) != status)
        subject_die(what, PQresultErrorMessage(result));
    return result;
}

/* COPY's binary form, sent in pieces of some 64 kB. */
typedef struct copy {
    PGconn *connection;
    char bytes[1 << 16], *at;
} copy;

static void copy_send(copy *it) {
    if (PQputCopyData(it->connection, it->bytes, (int)(it->at - it->bytes)) != 1)
        subject_die("copy", PQerrorMessage(it->connection));
    it->at = it->bytes;
}

static void put16(copy *it, int value) {
    uint16_t bytes = htobe16((uint16_t)value);
    memcpy(it->at, &bytes, 2);
    it->at += 2;
}

static void put32(copy *it, int32_t value) {
    uint32_t bytes = htobe32((uint32_t)value);
    memcpy(it->at, &bytes, 4);
    it->at += 4;
}

static void put_int(copy *it, int32_t value) {
    put32(it, 4);
    put32(it, value);
}

static void put_long(copy *it, int64_t value) {
    uint64_t bytes = htobe64((uint64_t)value);
    put32(it, 8);
    memcpy(it->at, &bytes, 8);
    it->at += 8;
}

static void put_bytes(copy *it, const void *bytes, size_t length) {
    put32(it, (int32_t)length);
    memcpy(it->at, bytes, length);
    it->at += length;
}

static void put_text(copy *it, const char *text) { put_bytes(it, text, strlen(text)); }

static void put_nulls(copy *it, int count) {
    while (count-- > 0)
        put32(it, -1);
}

static void put_json(copy *it, const char *text) {
    size_t length = strlen(text);
    put32(it, (int32_t)length + 1);
    *it->at++ = 1;
    memcpy(it->at, text, length);
    it->at += length;
}

static void put_numeric(copy *it, int64_t hundredths) {
    put32(it, 14);
    put16(it, 3), put16(it, 1), put16(it, 0), put16(it, 2); /* digits, weight, sign, scale */
    put16(it, (int)(hundredths / 1000000)), put16(it, (int)(hundredths / 100 % 10000));
    put16(it, (int)(hundredths % 100 * 100));
}

static void copy_begin(copy *it, PGconn *connection, const char *into) {
    PQclear(expect(PQexec(connection, into), PGRES_COPY_IN, "copy"));
    it->connection = connection;
    it->at = it->bytes;
    memcpy(it->at, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    it->at += 19;
}

static size_t copy_end(copy *it) {
    put16(it, -1);
    copy_send(it);
    if (PQputCopyEnd(it->connection, NULL) != 1)
        subject_die("copy", PQerrorMessage(it->connection));
    PGresult *result = expect(PQgetResult(it->connection), PGRES_COMMAND_OK, "copy");
    size_t rows = (size_t)atoi(PQcmdTuples(result));
    PQclear(result);
    PQclear(PQgetResult(it->connection)); /* NULL: the end */
    return rows;
}

#endif
