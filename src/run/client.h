/*
 * Clients from inside: what a root client and the transactions that came from it share, and who may run now.
 */
#ifndef TELEAI_RUN_CLIENT_H
#define TELEAI_RUN_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/fork.h"
#include "base/secret.h"
#include "pool/pool.h"
#include "run/metrics.h"
#include "run/scope.h"
#include "teleai/client.h"

/* Lives until the last client that uses it is closed. */
typedef struct teleai__core {
    _Atomic int32_t clients;
    _Atomic bool closed;       /* the root was closed */
    teleai__fork_mark process; /* that opened it */
    teleai__settings settings;
    teleai__password_cost password_cost;
    teleai__pool *pool;
    teleai__settings replica_settings; /* as far as there is a replica */
    teleai__pool *replica;             /* NULL: none */
    teleai__metrics *metrics;          /* NULL: nobody wants to know */
    pthread_mutex_t mutex;             /* guards the list of transactions */
    struct teleai__stack *stacks;
    bool row_security; /* the server keeps this role to the tenant that it is told */
    void *kept;        /* what must outlive the connections: a local: server */
    void (*release)(void *kept, bool abandon);
    void (*upkeep)(teleai_client *root); /* done before the root closes; NULL: nothing */
} teleai__core;

/* What a transaction and its inner ones share: the connection, and who may use it now. */
typedef struct teleai__stack {
    pthread_mutex_t mutex;          /* one call at a time */
    teleai__connection *connection; /* NULL once the outermost one has ended */
    const void *holder;             /* for the pool: the outermost client */
    teleai_client *top;             /* the innermost open one; from there by parent to the outermost */
    _Atomic int32_t clients;
    struct teleai__stack *next, *previous; /* in core->stacks */
} teleai__stack;

/* The most that a pool may have. */
#define TELEAI__MOST_CONNECTIONS 10000

enum teleai__transaction_state { TELEAI__OPEN, TELEAI__COMMITTED, TELEAI__ROLLED_BACK, TELEAI__LOST };

struct teleai_client {
    teleai__core *core;
    _Atomic int32_t references; /* the caller's, and a batch's on its transaction */
    _Atomic int32_t cancels;    /* how often its calls were cancelled */
    bool is_scope;
    teleai__scope scope;
    struct teleai__batch *batch; /* NULL but in a batch */
    teleai__stack *stack;        /* NULL but in a transaction */
    teleai_client *parent;       /* while open: the one around it, or NULL */
    enum teleai__transaction_state state;
    int32_t depth; /* 0: outermost */
};

static inline bool teleai__is_transaction(const teleai_client *client) { return client->stack != NULL; }
static inline bool teleai__is_root(const teleai_client *client) {
    return client->stack == NULL && client->batch == NULL && !client->is_scope;
}

/* Whose rows its calls are about. */
static inline const teleai_uuid *teleai__client_tenant(const teleai_client *client) {
    static const teleai_uuid none; /* the call is going to be refused */
    return client == NULL ? &none : &client->scope.tenant_id;
}

/* Whether statements must do with what row security lets through by an index. */
static inline bool teleai__client_is_secured(const teleai_client *client) {
    return client != NULL && client->core->row_security;
}

/* Refuses NULL, closed clients and other processes. */
teleai_status teleai__client_check(const teleai_client *client, teleai_error *error);
/* For whom the pool notes a connection; NULL: for everybody. */
const void *teleai__client_holder(const teleai_client *client);
/* The deadline of a call that begins now. */
teleai__deadline teleai__client_deadline(const teleai_client *client);

/* Gets a connection for a client and gives it back. A root client or scope borrows one from the pool, a transaction locks
 * its own. The client has passed teleai__client_check(). */
teleai_status teleai__client_borrow(teleai_client *client, const char *operation, teleai__deadline deadline,
                                    teleai__connection **out, teleai_error *error);
void teleai__client_return(teleai_client *client, teleai__connection *connection);

/* For look-ups that find the tenant themselves, by an address or a token: whether that may be another than the client's own.
 * It may not where somebody chose one; nor, under row security, in a transaction or batch, which have told theirs. */
bool teleai__client_may_visit(const teleai_client *client, const teleai_uuid *tenant);
/* The client to run such a call with: itself, or under row security one that tells that tenant. Leave it afterwards. */
teleai_status teleai__client_visit(teleai_client *client, const teleai_uuid *tenant, teleai_client **out,
                                   teleai_error *error);
void teleai__client_leave(const teleai_client *client, teleai_client *visitor);

/* A client that shares another one's core; starts with one reference. NULL: out of memory. */
teleai_client *teleai__client_derive(teleai_client *from);
/* Frees a derived client with its last reference. */
void teleai__client_drop(teleai_client *client);

/* Makes a root client without connecting. */
teleai_status teleai__client_make(const char *connection, const teleai_options *options, teleai_client **out,
                                  teleai_error *error);
void teleai__client_release(teleai_client *client); /* root only */
void teleai__core_drop(teleai__core *core);

/* In transaction.c: for teleai_close(), for the last reference, for the closing of the root, and for a lost connection (mutex held). */
void teleai__transaction_close(teleai_client *transaction);
void teleai__transaction_free(teleai_client *transaction);
/* In batch.c: for teleai_close(). */
void teleai__batch_close(teleai_client *batch);
void teleai__transactions_end(teleai__core *core);
void teleai__transaction_lost(teleai__core *core, teleai__stack *stack);

#endif
