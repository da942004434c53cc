/* Status, error, identifiers and paging: what every other part uses. */
#ifndef TELEAI_BASE_H
#define TELEAI_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TELEAI_API __attribute__((visibility("default")))
#else
#define TELEAI_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version ---------------------------------------------------------------------------------------------------- */

#define TELEAI_VERSION_MAJOR 0
#define TELEAI_VERSION_MINOR 1
#define TELEAI_VERSION_PATCH 0

/**
 * The version of the library that runs, which may be newer than this header.
 * Returns: text such as "0.1.0", never NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_version(void);

/* ---- status ----------------------------------------------------------------------------------------------------- */

/** How a call went, told apart by what you would do next. Values are never reused. */
typedef int32_t teleai_status;

enum {
    TELEAI_OK = 0,
    TELEAI_INVALID_ARGUMENT = 1,  /**< your input is wrong: error.field says which, the message what was expected */
    TELEAI_NOT_FOUND = 2,         /**< there is no such row */
    TELEAI_ALREADY_EXISTS = 3,    /**< a row with this id, e-mail or token is there: error.constraint says which */
    TELEAI_PARENT_NOT_FOUND = 4,  /**< the row that yours belongs to (error.field) does not exist */
    TELEAI_CONFLICT = 5,          /**< the row is not in the state this needs, or was changed since you read it */
    TELEAI_UNAUTHENTICATED = 6,   /**< log-in or session refused; the reason is not told, on purpose */
    TELEAI_PERMISSION_DENIED = 7, /**< the user's role, or the database role you connected as, may not do this */
    TELEAI_UNAVAILABLE = 8,       /**< no connection: server away, restarting, refusing, or all connections in use */
    TELEAI_TIMEOUT = 9,           /**< timeout_ms passed first */
    TELEAI_ABORTED = 10,          /**< the transaction is lost: roll back and, if RETRYABLE, run it again */
    TELEAI_SCHEMA_MISMATCH = 11,  /**< the database's schema is older or newer than this library needs, or what it sent
                                       is none of what was asked for */
    TELEAI_UNSUPPORTED = 12,      /**< this server cannot do it: too old, or an extension is missing */
    TELEAI_LIMIT_EXCEEDED = 13,   /**< too large for the server: disk, memory, row or index size */
    TELEAI_CLOSED = 14,           /**< the client is NULL, closed, finished, or belongs to the parent process */
    TELEAI_OUT_OF_MEMORY = 15,    /**< this process has no memory left */
    TELEAI_SERVER_ERROR = 16,     /**< anything else the server said: see error.sqlstate */
    TELEAI_CANCELLED = 17,        /**< teleai_cancel() ended it; nothing has happened, unless OUTCOME_UNKNOWN */
    TELEAI_QUEUED = 18            /**< only in error.status: the operation waits in a batch, and is not answered yet */
};

/**
 * The name of a status, such as "NOT_FOUND"; "UNKNOWN" for a number that is none.
 * Returns: text, never NULL.
 * Owns: the library; do not free.
 * Blocks: no.
 */
TELEAI_API const char *teleai_status_name(teleai_status status);

/* ---- error ------------------------------------------------------------------------------------------------------ */

/** Bits of teleai_error.flags. */
enum {
    TELEAI_ERROR_RETRYABLE = 1,       /**< the same call, or the whole transaction, may well work when tried again */
    TELEAI_ERROR_OUTCOME_UNKNOWN = 2, /**< the connection was lost after sending, or the answer cannot be read: the
                                           write may have happened or not */
    TELEAI_ERROR_HAS_ITEM = 4         /**< error.item is the index of the input at fault, in a call that takes many */
};

/**
 * What went wrong. Yours: on your stack or in your struct, no need to clear it first; every call that takes one fills
 * it whole. Always 512 bytes.
 */
typedef struct teleai_error {
    int32_t status;      /**< the same as the call returned */
    uint32_t flags;      /**< TELEAI_ERROR_... bits */
    uint64_t item;       /**< with HAS_ITEM: index into the array of inputs, from 0 */
    char sqlstate[8];    /**< five characters from the server, or "" when it did not come from the server */
    char constraint[64]; /**< name of the violated constraint, or "" */
    char field[64];      /**< name of the field or argument at fault as in the header, or "" */
    char reserved[8];    /**< zero */
    char message[352];   /**< for people: what we were doing, what was wrong, how to put it right */
} teleai_error;

/* ---- identifiers ------------------------------------------------------------------------------------------------ */

/** A UUID as 16 bytes in network order (RFC 9562). */
typedef struct teleai_uuid {
    uint8_t bytes[16];
} teleai_uuid;

/** Room for the text form of a UUID, its NUL included. */
#define TELEAI_UUID_TEXT_BYTES 37

/**
 * Makes a new UUID version 7 (RFC 9562 section 5.7): ordered by time, later calls in this process give larger values.
 * Every row that is created without an id gets one of these.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_uuid_make(teleai_uuid *out);

/**
 * Reads the text form, 36 characters with hyphens in either case.
 * Returns: OK, INVALID_ARGUMENT.
 * Blocks: no.
 */
TELEAI_API teleai_status teleai_uuid_parse(const char *text, teleai_uuid *out, teleai_error *error);

/**
 * Writes the text form in lower case into at least TELEAI_UUID_TEXT_BYTES bytes.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_uuid_format(const teleai_uuid *uuid, char *out);

/**
 * Whether two UUIDs are the same. NULL equals only NULL.
 * Returns: true or false.
 * Blocks: no.
 */
TELEAI_API bool teleai_uuid_equal(const teleai_uuid *a, const teleai_uuid *b);

/* ---- paging ----------------------------------------------------------------------------------------------------- */

/**
 * Orders of a list. The first two are by created_at in the default tenant, and for the rows of one user anywhere. Of any
 * other tenant as a whole they are by id, which is the same for ids that this library makes (UUIDv7): a page then costs
 * what it shows, however many tenants there are. Rows with other ids of your own come in no order of time there.
 * The last two are by id everywhere, and make ranges of times (created_from_us, created_until_us) ranges of ids as well,
 * an hour wider for clocks that differ: the fastest, and only for rows whose ids are UUIDv7 made when the row was; rows
 * with other ids (of older tooling, of a recorder that was offline for a day) may be missed by such a range.
 * Lists of statistics have the first two, by the times they show.
 */
enum {
    TELEAI_ORDER_NEWEST_FIRST = 0,    /**< latest first */
    TELEAI_ORDER_OLDEST_FIRST = 1,    /**< earliest first */
    TELEAI_ORDER_NEWEST_ID_FIRST = 2, /**< by id, highest first */
    TELEAI_ORDER_OLDEST_ID_FIRST = 3  /**< by id, lowest first */
};

/**
 * Which part of a list to return; NULL means the first 50, newest first. Pages are found by key, not by counting, so
 * they cost the same at any depth and stay put while rows are added or removed: nothing is shown twice, nothing is
 * skipped. To go on, pass the list's next_cursor with the same filter and order.
 */
typedef struct teleai_page {
    size_t struct_size; /**< sizeof(teleai_page) */
    const char *cursor; /**< next_cursor of the page before; NULL for the first page */
    int32_t limit;      /**< rows at most, 1 to 10000; 0 means 50 */
    int32_t order;      /**< TELEAI_ORDER_... */
} teleai_page;

/* ---- many at once ------------------------------------------------------------------------------------------------ */

/** Options of every create_many; NULL means: all or nothing. */
typedef struct teleai_create_many_options {
    size_t struct_size;   /**< sizeof(teleai_create_many_options) */
    teleai_error *errors; /**< NULL, or an array of `count`: what became of each input */
    bool keep_good;       /**< write those that are right even though others are not */
    uint8_t reserved[7];  /**< zero */
} teleai_create_many_options;

/* ---- updates ---------------------------------------------------------------------------------------------------- */

/** Options of every update; NULL means none. */
typedef struct teleai_update_options {
    size_t struct_size;            /**< sizeof(teleai_update_options) */
    int64_t if_unchanged_since_us; /**< updated_at_us of the record you read, else CONFLICT; 0: do not ask */
    bool
        repeat_if_lost; /**< send it again when the connection is lost before the answer, even though that may undo what
                              somebody else has set in between; not together with if_unchanged_since_us */
    uint8_t reserved[7]; /**< zero */
} teleai_update_options;

#ifdef __cplusplus
}
#endif

#endif
