/* The measure: the same work through bare libpq, prepared once, binary both ways, every column decoded. */
#ifndef TELEAI_BENCH_LIBPQ_H
#define TELEAI_BENCH_LIBPQ_H

#include <libpq-fe.h>
#include <teleai.h>

/* Connects and prepares; ends the program when that fails. */
PGconn *raw_open(const char *connection);
/* Each gives the number of rows it decoded. */
size_t raw_get(PGconn *raw, const teleai_uuid *id);
size_t raw_list(PGconn *raw, const teleai_uuid *user_id);
size_t raw_get_many(PGconn *raw, const teleai_uuid *ids, size_t count);
size_t raw_create(PGconn *raw, const teleai_uuid *user_id);

#endif
