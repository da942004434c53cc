/* One connection to the server: opening it by a deadline, running statements, remembering which are prepared. */
#ifndef TELEAI_WIRE_CONNECTION_H
#define TELEAI_WIRE_CONNECTION_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "base/deadline.h"
#include "wire/hosts.h"
#include "wire/params.h"
#include "teleai/client.h"

/* How connections are made; the same for all of a pool. */
typedef struct teleai__settings {
    char *connection; /* a libpq connection string, in secret memory */
    char application_name[64];
    int32_t timeout_ms;
    int32_t pooler;     /* TELEAI_POOLER_... */
    bool any_host;      /* of several, the first that answers, even one that only reads */
    teleai__place only; /* where it says something, this server and no other */
    bool (*refresh)(void *data, char *out, size_t bytes); /* where not NULL, gives a connection string each time */
    void *refresh_data;
    teleai__interrupt interrupt; /* where it asks somebody, waiting calls do */
} teleai__settings;

#define TELEAI__STATEMENT_BYTES 6144

/* A statement as it goes to the server. */
typedef struct teleai__statement {
    const void *key; /* what the text was made from; with `variant` it tells statements apart. NULL: never prepared */
    uint64_t variant;
    const char *name;                          /* of the operation: "user_get" */
    const char *sql;                           /* NULL: */
    void (*write)(const void *of, char *text); /* writes it, when it is prepared: TELEAI__STATEMENT_BYTES are enough */
    const void *of;
    bool writes; /* whether a lost connection leaves the outcome unknown */
} teleai__statement;

typedef struct teleai__prepared {
    const void *key;
    uint64_t variant;
    char name[60]; /* below the 63 bytes of an identifier */
} teleai__prepared;

#define TELEAI__PREPARED_SLOTS 256 /* a power of two; when three quarters are taken, further statements go unprepared */

typedef struct teleai__connection {
    PGconn *pg;
    const teleai__settings *settings;
    bool prepare;
    bool behind_pooler;     /* each transaction may run in another session of the server */
    int64_t round_trip_us;  /* to the server, as the system knows it; 0: on the same machine */
    bool broken;            /* must be closed, not used again */
    bool read_only;         /* the server refused a write because it is: broken too */
    bool in_transaction;    /* one of a caller's is open on it */
    bool forget;            /* statements are to be prepared anew, under new names: */
    int32_t forgotten;      /* how often they were */
    bool deallocate;        /* the server still has those of the old names: it is told with the next that is prepared */
    _Atomic bool cancelled; /* somebody asked for it to stop; cleared when it goes back */
    bool interrupted;       /* and so did the caller of the present call, who was asked */
    int32_t prepared_count;
    int64_t opened_us, last_used_us;
    int64_t asked_us;                            /* when a caller was last asked whether to go on */
    int32_t overtime;                            /* reads since the deadline */
    int64_t expires_us;                          /* the pool's: when it is to be replaced */
    struct teleai__slot *slot;                   /* the pool's: where it stands */
    int64_t statements_run, statements_prepared; /* since the pool last looked */
    char detail[320], context[160]; /* of the last failure: they quote values, so they never leave the library */
    teleai__prepared prepared[TELEAI__PREPARED_SLOTS];
} teleai__connection;

void teleai__connection_close(teleai__connection *connection);
/* In a forked child: frees without a word to the server, whose session is the parent's. */
void teleai__connection_abandon(teleai__connection *connection);

/* Errors that end a connection. */
teleai_status teleai__fail_lost(teleai__connection *connection, const char *name, bool writes, teleai_error *error)
    __attribute__((cold));
teleai_status teleai__fail_late(teleai__connection *connection, const char *name, bool writes, teleai_error *error)
    __attribute__((cold));
/* After a wait (wire/wait.h) that gave 0, or -1: tells the server to stop, and is late; or lost. */
teleai_status teleai__fail_wait(teleai__connection *connection, const char *name, bool writes, int state,
                                teleai_error *error) __attribute__((cold));
/* The error of a failed answer; what it says of the connection is noted there. */
teleai_status teleai__fail_answer(teleai__connection *connection, const char *name, const PGresult *result,
                                  teleai_error *error) __attribute__((cold));
bool teleai__is_failure(const PGresult *result);
/* The beginning of a COPY, which libpq gives again and again until it is over. Where none was asked for there is no way on
 * with the connection. */
static inline bool teleai__is_copy(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}
/* The deadline of a statement outside of any call's time: that of the settings. */
static inline teleai__deadline teleai__connection_deadline(const teleai__connection *connection) {
    return teleai__deadline_until(&connection->settings->interrupt, connection->settings->timeout_ms);
}
/* Whether somebody has ended what runs on it. */
static inline bool teleai__connection_is_cancelled(const teleai__connection *connection) {
    return connection->interrupted || connection->cancelled;
}

#define TELEAI__CANCEL_GRACE_MS 500 /* for telling the server to stop, and again for its answer to that */

/* Has the server stop what the connection runs, or end its session. False when it could not be told. */
bool teleai__connection_cancel(const teleai__connection *connection, bool whole_session);
/* A session as it can be told from others, also by another thread than the one that uses it. */
typedef struct teleai__session {
    const teleai__settings *settings;
    teleai__place place; /* another server may have a process of the same number */
    int process;         /* 0: behind a pooler nobody knows it */
    PGcancel *plain;
    struct pg_cancel_conn *request; /* NULL: the libpq that runs has none that does not block */
} teleai__session;

/* Pass it to teleai__session_stop(), which frees what it holds. */
teleai__session teleai__connection_session(const teleai__connection *connection);
bool teleai__session_stop(teleai__session *session, bool whole_session);

/* Runs one statement with parameters. On success *out is a PGRES_TUPLES_OK or PGRES_COMMAND_OK result to PQclear(). */
teleai_status teleai__connection_run(teleai__connection *connection, const teleai__statement *statement,
                                     const teleai__params *params, teleai__deadline deadline, PGresult **out,
                                     teleai_error *error);
/* Runs SQL text without parameters, several statements if need be; gives the last result, or the first failure. */
teleai_status teleai__connection_command(teleai__connection *connection, const char *name, const char *sql,
                                         teleai__deadline deadline, PGresult **out, teleai_error *error);
/* Waits for the answer to what was sent otherwise, and may have been a write. */
teleai_status teleai__connection_receive(teleai__connection *connection, const char *name, teleai__deadline deadline,
                                         PGresult **out, teleai_error *error);

#endif
