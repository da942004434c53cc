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
#define TELEAI__PASSWORD_MIN_CHARACTERS 8
#define TELEAI__PASSWORD_MAX_BYTES 1024

/* A password as it is hashed (see nfc.h), and as it came where that is another text: older hashes were made of that. */
typedef struct teleai__password {
    char *forms[2]; /* [1] NULL: there is no other */
    size_t characters;
} teleai__password;

/* Of UTF-8 text of at most TELEAI__PASSWORD_MAX_BYTES; what is no UTF-8 is taken as it is. False when out of memory. */
bool teleai__password_read(const char *text, teleai__password *out);
void teleai__password_wipe(teleai__password *password);

/* Argon2id (RFC 9106) in libsodium's text form. False when out of memory. */
bool teleai__password_hash(const char *form, teleai__password_cost cost, char *out);
/* The hash that each form gives with the salt and cost of `like`, a hash which may lack its last part. It costs the same work
 * whatever `like` is: where that is NULL (no such user), malformed or cheaper, the rest is done in vain. `out` has "" where
 * there is none. False when there was not enough memory to tell. */
bool teleai__password_hash_like(const char *like, const teleai__password *password, teleai__password_cost cost,
                                char out[2][TELEAI__PASSWORD_HASH_BYTES]);
/* Which form gives this hash: 0 or 1, or -1 for none. Work and *told, which is false when memory lacked, as above. */
int teleai__password_verify(const char *hash, const teleai__password *password, teleai__password_cost cost, bool *told);
/* Which of these is this hash: in a time that does not depend on where they differ. */
int teleai__password_find(const char *hash, char hashes[2][TELEAI__PASSWORD_HASH_BYTES]);
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
