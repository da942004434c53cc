/* Passwords, tokens and connection strings: hashed, made, and kept out of core dumps and freed memory. */
#ifndef TELEAI_BASE_SECRET_H
#define TELEAI_BASE_SECRET_H

#include "teleai/base.h"

/* Argon2id needs this; safe to call often and from many threads. False when the system gives no random numbers. */
bool teleai__secret_ready(void);

/* From the system's generator; from any thread, and in a forked child too. */
void teleai__random_bytes(void *bytes, size_t size);

/* A copy that is locked into memory where the system allows, left out of core dumps, and wiped by free. */
char *teleai__secret_copy(const char *text);
void teleai__secret_free(char *text); /* NULL is fine */
void teleai__secret_wipe(void *bytes, size_t size);

typedef struct teleai__password_cost {
    size_t memory_bytes;
    unsigned long long passes;
} teleai__password_cost;

#define TELEAI__PASSWORD_HASH_BYTES 128 /* its NUL included */
#define TELEAI__PASSWORD_MIN_BYTES 8
#define TELEAI__PASSWORD_MAX_BYTES 1024

/* Argon2id (RFC 9106) in libsodium's text form. False when out of memory. */
bool teleai__password_hash(const char *password, teleai__password_cost cost, char *out);
/* Whether the password gives this hash. Does the same work when hash is NULL (no such user) or malformed. Sets
 * *no_memory, where not NULL, when there was not enough to tell. */
bool teleai__password_verify(const char *hash, const char *password, teleai__password_cost cost, bool *no_memory);
/* Whether the hash costs less than this, and in no respect more. */
bool teleai__password_outdated(const char *hash, teleai__password_cost cost);

#define TELEAI__TOKEN_BYTES 67      /* its NUL included */
#define TELEAI__TOKEN_HASH_BYTES 65 /* SHA-256 in hexadecimal, its NUL included */

/* A token is 256 random bits as URL-safe base64 without padding: 43 characters. Before them stand, where the tenant is
 * not the default one, its id in the same form and a full stop: 23 more. That part is no secret; it says where to look.
 * The hash is of the whole. */
void teleai__token_make(const teleai_uuid *tenant, char *out);
/* False when the text cannot be a token. */
bool teleai__token_read(const char *token, teleai_uuid *tenant, char *hash);

#endif
