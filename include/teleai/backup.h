/* What a backup that can be verified needs: a snapshot to share with pg_dump, checksums of what it holds, and how pg_dump
 * reaches the database. */
#ifndef TELEAI_BACKUP_H
#define TELEAI_BACKUP_H

#include "transaction.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A snapshot that others may read from too. */
typedef struct teleai_snapshot {
    const char *id; /**< for `pg_dump --snapshot` and SET TRANSACTION SNAPSHOT */
} teleai_snapshot;

/**
 * Exports the snapshot of a transaction, so that pg_dump, or other transactions of this database, see the very rows that
 * it sees. It can be used until the transaction ends. Begin that with TELEAI_ISOLATION_REPEATABLE_READ: otherwise its own
 * later statements see newer rows.
 * Returns: OK, CONFLICT (not a transaction, or an inner one, whose snapshot cannot be exported); usual.
 * Owns: you; free with teleai_snapshot_free().
 * Blocks: one round trip.
 */
TELEAI_API teleai_status teleai_snapshot_export(teleai_client *transaction, teleai_snapshot **out, teleai_error *error);

/**
 * Frees a snapshot's name; NULL is fine. The snapshot itself goes with its transaction.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_snapshot_free(teleai_snapshot *snapshot);

/** What a table holds. */
typedef struct teleai_table_checksum {
    const char *table;    /**< its name, without the schema */
    int64_t rows;         /**< of all tenants */
    const char *checksum; /**< 32 hexadecimal digits; the same for the same rows in any order */
} teleai_table_checksum;

/** Those of all tables, by name. */
typedef struct teleai_table_checksums {
    size_t count;
    const teleai_table_checksum *const *items;
} teleai_table_checksums;

/**
 * Counts and sums up every table of the schema that the library's tables lie in: all columns of all rows of all tenants,
 * tables of your own there included. Two databases agree when each table has the same rows, whatever their order, the
 * version of PostgreSQL, or the time zone and other settings of the role.
 *
 * A row's sum is the md5 of its text form, halved into two numbers of 64 bits; each half is added up over the table; the
 * checksum is the md5 of these two totals and the count. The settings that the text form depends on (bytea_output,
 * DateStyle, IntervalStyle, TimeZone, extra_float_digits, lc_monetary) are made the same for the time of the call. It tells
 * damage and losses; against somebody who makes up rows to fit it is no proof.
 *
 * Reads every table as a whole, in one snapshot: that of the transaction it is called on, or its own.
 * Returns: OK, PERMISSION_DENIED (the role may not read a table, or row security keeps rows from it), INVALID_ARGUMENT (on
 *   a batch), NOT_FOUND (there is no schema); usual. A failure leaves a transaction as it was.
 * Owns: you; free with teleai_table_checksums_free().
 * Blocks: two round trips for each table, each at most timeout_ms.
 */
TELEAI_API teleai_status teleai_table_checksum_list(teleai_client *client, teleai_table_checksums **out,
                                                    teleai_error *error);

/**
 * Frees checksums; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_table_checksums_free(teleai_table_checksums *checksums);

/** One thing that a connection string says. */
typedef struct teleai_connection_setting {
    const char *keyword; /**< libpq's, such as "host" */
    const char *value;
    const char *variable; /**< the environment variable of this meaning, such as "PGHOST"; NULL: there is none */
    bool secret;          /**< a password */
    uint8_t reserved[7];
} teleai_connection_setting;

/** What a connection string says. */
typedef struct teleai_connection_settings {
    size_t count;
    const teleai_connection_setting *const *items;
} teleai_connection_settings;

/**
 * Takes a connection string apart, of either form, so that pg_dump and PostgreSQL's other programs can be run on the same
 * database with the password in their environment, not in their arguments, which all users of the machine can read. For
 * local:DIR pass teleai_local_status.connection.
 * Returns: OK, INVALID_ARGUMENT, OUT_OF_MEMORY.
 * Owns: you; free with teleai_connection_settings_free(), which wipes them.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_connection_settings_read(const char *connection, teleai_connection_settings **out,
                                                         teleai_error *error);

/**
 * Wipes and frees settings; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_connection_settings_free(teleai_connection_settings *settings);

#ifdef __cplusplus
}
#endif

#endif
