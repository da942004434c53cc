/*
 * Clients from inside: what a root client and the transactions that came from it share, and who may run now.
 */
#ifndef TELEAI_DB_CLIENT_H
#define TELEAI_DB_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/fork.h"
#include "base/secret.h"
#include "db/pool.h"
#include "teleai/client.h"

/* Lives until the last client that uses it is closed. */
typedef struct teleai__core {
    _Atomic int32_t clients;
    _Atomic bool closed;       /* the root was closed */
    teleai__fork_mark process; /* that opened it */
    teleai__settings settings;
    teleai__password_cost password_cost;
    teleai__pool *pool;
    pthread_mutex_t mutex; /* guards the list of transactions */
    struct teleai__stack *stacks;
    void *kept; /* what must outlive the connections: a local: server */
    void (*release)(void *kept, bool abandon);
} teleai__core;

/* What a transaction and its inner ones share: the connection, and who may use it now. */
typedef struct teleai__stack {
    pthread_mutex_t mutex;          /* one call at a time */
    teleai__connection *connection; /* NULL once the outermost one has ended */
    teleai_client *top;             /* the innermost open one; from there by parent to the outermost */
    _Atomic int32_t clients;
    struct teleai__stack *next, *previous; /* in core->stacks */
} teleai__stack;

enum teleai__transaction_state { TELEAI__OPEN, TELEAI__COMMITTED, TELEAI__ROLLED_BACK, TELEAI__LOST };

struct teleai_client {
    teleai__core *core;
    teleai__stack *stack;  /* NULL in a root client */
    teleai_client *parent; /* while open: the one around it, or NULL */
    enum teleai__transaction_state state;
    int32_t depth; /* 0: outermost */
};

static inline bool teleai__is_transaction(const teleai_client *client) { return client->stack != NULL; }

/* Refuses NULL, closed clients and other processes. */
teleai_status teleai__client_check(const teleai_client *client, teleai_error *error);

/* Gets the connection on which the next statement of a client runs, and gives it back. A root client borrows one
 * from the pool, a transaction locks its own. The client has passed teleai__client_check(). */
teleai_status teleai__client_borrow(teleai_client *client, const char *operation, teleai__deadline deadline,
                                    teleai__connection **out, teleai_error *error);
void teleai__client_return(teleai_client *client, teleai__connection *connection);

/* Makes a root client without connecting; takes the connection string over. */
teleai_status teleai__client_make(char *connection, const teleai_options *options, teleai_client **out,
                                  teleai_error *error);
void teleai__client_release(teleai_client *client); /* root only */
void teleai__core_drop(teleai__core *core);

/* In transaction.c: for teleai_close(), for the closing of the root, and for a lost connection (mutex held). */
void teleai__transaction_close(teleai_client *transaction);
void teleai__transactions_end(teleai__core *core);
void teleai__transaction_lost(teleai__core *core, teleai__stack *stack);

#endif
