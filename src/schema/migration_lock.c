#include "schema/migration_lock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "wire/result.h"

#define PAUSE_MS 50
#define FOREVER_MS INT32_MAX

/* CRC-32 as in ISO 3309 and zlib. */
static uint32_t crc32(const char *bytes, size_t length) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* golang-migrate, database/util.go: GenerateAdvisoryLockId. */
static uint32_t key_of(const char *schema, const char *slash, const char *database) {
    char name[256];
    int length = snprintf(name, sizeof name, "%s%c%s%c%s%s", schema, 0, "schema_migrations", 0, slash, database);
    return crc32(name, (size_t)length) * UINT32_C(1486364155);
}

teleai__migration_lock teleai__migration_lock_of(const char *schema, const char *database) {
    return (teleai__migration_lock){{key_of(schema, "/", database), key_of(schema, "", database)}};
}

/* Sends a command; gives the first value of its answer as text, "" for none. */
static teleai_status ask(teleai__connection *connection, const char *sql, char *out, size_t size, teleai_error *error) {
    PGresult *result;
    teleai_status status =
        teleai__connection_command(connection, "migrate", sql, teleai__connection_deadline(connection), &result, error);
    const char *said = status == TELEAI_OK ? teleai__answer_text(result, 0, 0) : NULL;
    snprintf(out, size, "%s", said == NULL ? "" : said);
    PQclear(result);
    return status;
}

/* ---- who else ---- */

static void of_others(const teleai__migration_lock *it, bool granted, const char *what, char *out, size_t room) {
    snprintf(out, room,
             "select %s\n"
             "  from pg_catalog.pg_locks l\n"
             "  left join pg_catalog.pg_stat_activity a on a.pid = l.pid\n"
             " where l.locktype = 'advisory'\n"
             "   and l.database = (select oid from pg_catalog.pg_database where datname = current_database())\n"
             "   and l.classid = 0 and l.objsubid = 1\n"
             "   and l.objid in (%" PRIu32 ", %" PRIu32 ")\n"
             "   and %sl.granted\n"
             "   and l.pid <> pg_backend_pid()",
             what, it->keys[0], it->keys[1], granted ? "" : "not ");
}

void teleai__migration_lock_count_sql(const teleai__migration_lock *it, bool granted, char *out, size_t room) {
    of_others(it, granted, "count(distinct l.pid)", out, room);
}

static teleai_status fail_busy(teleai__connection *connection, const teleai__migration_lock *it, teleai_error *error) {
    char sql[1024], who[160];
    of_others(it, true,
              "string_agg(distinct format('process %s of the server, application %s', l.pid, "
              "coalesce(nullif(quote_literal(left(a.application_name, 60)), ''''''), 'without a name')), ' and ')",
              sql, sizeof sql);
    if (ask(connection, sql, who, sizeof who, NULL) != TELEAI_OK)
        who[0] = '\0';
    teleai__fail(error, TELEAI_TIMEOUT,
                 "waited in vain for another migration of this database, which is at work%s%s%s; try again later, or "
                 "allow more time",
                 who[0] == '\0' ? "" : " (", who, who[0] == '\0' ? "" : ")");
    if (error != NULL)
        error->flags = TELEAI_ERROR_RETRYABLE;
    return TELEAI_TIMEOUT;
}

/* ---- taking and giving back ---- */

static teleai_status try_key(teleai__connection *connection, uint32_t key, bool *got, teleai_error *error) {
    char sql[96], answer[8];
    snprintf(sql, sizeof sql, "select pg_try_advisory_lock(%" PRIu32 ")", key);
    teleai_status status = ask(connection, sql, answer, sizeof answer, error);
    *got = answer[0] == 't';
    return status;
}

static void give_back(teleai__connection *connection, uint32_t key) {
    char sql[96];
    PGresult *result;
    if (connection->broken)
        return;
    snprintf(sql, sizeof sql, "select pg_advisory_unlock(%" PRIu32 ")", key);
    (void)teleai__connection_command(connection, "migrate", sql, teleai__deadline_in(FOREVER_MS), &result, NULL);
    PQclear(result);
}

/* Tried again and again rather than waited for: a waiting statement holds a snapshot, for which a CREATE INDEX
 * CONCURRENTLY of whoever has the lock would wait for ever. */
static teleai_status take(teleai__connection *connection, teleai__deadline deadline, const teleai__migration_lock *it,
                          teleai_error *error) {
    for (;;) {
        bool first = false, second = false;
        teleai_status status = try_key(connection, it->keys[0], &first, error);
        if (first)
            status = try_key(connection, it->keys[1], &second, error);
        if (second || status != TELEAI_OK)
            return status;
        if (first)
            give_back(connection, it->keys[0]);
        if (teleai__deadline_left_ms(deadline) == 0)
            return fail_busy(connection, it, error);
        if (!teleai__deadline_sleep(deadline, PAUSE_MS))
            return teleai__fail(error, TELEAI_CANCELLED,
                                "it was cancelled while it waited for another migration of this database");
    }
}

teleai_status teleai__migration_lock_take(teleai__connection *connection, teleai__deadline deadline,
                                          teleai__migration_lock *out, teleai_error *error) {
    char schema[64], database[64];
    teleai_status status = ask(connection, "select current_schema()", schema, sizeof schema, error);
    if (status == TELEAI_OK)
        status = ask(connection, "select current_database()", database, sizeof database, error);
    if (status != TELEAI_OK)
        return status;
    if (schema[0] == '\0')
        return teleai__fail(error, TELEAI_SCHEMA_MISMATCH,
                            "there is no schema to put tables into: none of the search_path exists");
    *out = teleai__migration_lock_of(schema, database);
    return take(connection, deadline, out, error);
}

void teleai__migration_lock_release(teleai__connection *connection, const teleai__migration_lock *it) {
    give_back(connection, it->keys[1]);
    give_back(connection, it->keys[0]);
}

teleai_status teleai__migration_lock_make_way(teleai__connection *connection, const teleai__migration_lock *it,
                                              teleai__deadline deadline, bool *gave_way, teleai_error *error) {
    char sql[1024], count[32];
    *gave_way = false;
    teleai__migration_lock_count_sql(it, false, sql, sizeof sql);
    teleai_status status = ask(connection, sql, count, sizeof count, error);
    long waiting = strtol(count, NULL, 10);
    if (status != TELEAI_OK || waiting == 0)
        return status;
    if (waiting > 1) {
        of_others(it, false, "count(pg_cancel_backend(l.pid))", sql, sizeof sql);
        (void)ask(connection, sql, count, sizeof count, NULL); /* of another role's we may not, and try all the same */
        return TELEAI_OK;
    }
    *gave_way = true;
    teleai__migration_lock_release(connection, it);
    return take(connection, deadline, it, error);
}
