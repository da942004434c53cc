/* The private PostgreSQL of local:DIR, kept running for programs that come and go. */
#ifndef TELEAI_LOCAL_H
#define TELEAI_LOCAL_H

#include "client.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A private server starts with the first program that opens local:DIR and stops with the last one that closes it. What
 * follows lets it go on in between, and tells how it is. `folder` is DIR, with or without "local:" before it.
 */

/** Options of the functions below. NULL or all zero gives the defaults named here. */
typedef struct teleai_local_options {
    size_t struct_size; /**< sizeof(teleai_local_options) */
    int32_t timeout_ms; /**< longest the call may take; default 60000 */
    bool stop_in_use; /**< stopping: also when programs have the folder open, whose calls then fail with UNAVAILABLE */
    uint8_t reserved[3];                  /**< zero */
    teleai_interrupt_hook interrupt_hook; /**< asked while the call waits, as in teleai_options; NULL: none */
    void *interrupt_hook_data;            /**< handed to it */
} teleai_local_options;

/**
 * Makes the private server of a folder where there is none, starts it where it does not run, and leaves it running when
 * the last program closes: until teleai_local_stop(), or the machine goes down (the next opener then starts it, and it
 * goes on as before). The schema comes with the first teleai_open(). Starting one that is kept already does no harm.
 * Returns: OK, INVALID_ARGUMENT (field "connection": no such place, or a folder with other things in it), PERMISSION_DENIED
 *   (somebody else's folder), UNSUPPORTED (no server programs of PostgreSQL 12 or newer, or not of the version that made
 *   the folder), UNAVAILABLE (the server does not start; the message says where its log is), LIMIT_EXCEEDED, TIMEOUT,
 *   CANCELLED (by interrupt_hook; a server that is being started goes on to start), OUT_OF_MEMORY.
 * Blocks: until the server takes connections: at once, or a few seconds where it has to be made.
 */
TELEAI_API teleai_status teleai_local_start(const char *folder, const teleai_local_options *options,
                                            teleai_error *error);

/**
 * Ends that: the server stops now, or, where programs have the folder open and stop_in_use is not set, when the last of
 * them closes. `out_running` (may be NULL) tells whether it goes on for these.
 * Returns: OK (also when it did not run), NOT_FOUND (there is no private server in this folder), PERMISSION_DENIED,
 *   UNSUPPORTED (the programs of its version are gone), UNAVAILABLE, TIMEOUT (it is still stopping), CANCELLED (it
 *   still stops, where it had been told to), OUT_OF_MEMORY.
 * Blocks: until it has stopped.
 */
TELEAI_API teleai_status teleai_local_stop(const char *folder, const teleai_local_options *options, bool *out_running,
                                           teleai_error *error);

/** How the private server of a folder is. */
typedef struct teleai_local_status {
    bool exists;                /**< there is one; without it everything below is empty */
    bool running;               /**< it takes connections */
    bool kept;                  /**< teleai_local_start() was called: it goes on when the last program closes */
    bool in_use;                /**< programs have the folder open */
    int32_t major_version;      /**< of PostgreSQL, such as 15 */
    int64_t process_id;         /**< of the server; 0 when it does not run */
    int64_t started_at_us;      /**< since when it runs; 0 when it does not */
    int64_t size_bytes;         /**< that the folder takes on the disk */
    const char *folder;         /**< its real path */
    const char *data_directory; /**< the cluster in it, for PostgreSQL's programs */
    const char *connection;     /**< a connection string for psql and others, while it runs; holds no secret */
} teleai_local_status;

/**
 * Looks how the private server of a folder is. Makes, starts and changes nothing.
 * Returns: OK (also when there is none), INVALID_ARGUMENT, PERMISSION_DENIED, UNAVAILABLE, TIMEOUT (another process was
 *   opening or closing the folder all the while), CANCELLED, OUT_OF_MEMORY.
 * Owns: you; free with teleai_local_status_free().
 * Blocks: while another process opens or closes the folder.
 */
TELEAI_API teleai_status teleai_local_status_get(const char *folder, const teleai_local_options *options,
                                                 teleai_local_status **out, teleai_error *error);

/**
 * Frees a status; NULL is fine.
 * Returns: nothing; cannot fail.
 * Blocks: no.
 */
TELEAI_API void teleai_local_status_free(teleai_local_status *status);

#ifdef __cplusplus
}
#endif

#endif
