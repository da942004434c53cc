#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/tenant.h"

_Static_assert(TELEAI__PASSWORD_HASH_BYTES == crypto_pwhash_argon2id_STRBYTES, "room for the hash");
_Static_assert(TELEAI__TOKEN_HASH_BYTES == 2 * crypto_hash_sha256_BYTES + 1, "room for the token's hash");

bool teleai__secret_ready(void) { return sodium_init() >= 0; }

void teleai__random_bytes(void *bytes, size_t size) {
    if (sodium_init() >= 0) /* it cannot fail where getrandom(2) is */
        randombytes_buf(bytes, size);
}

char *teleai__secret_copy(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = sodium_malloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void teleai__secret_free(char *text) { sodium_free(text); }

void teleai__secret_wipe(void *bytes, size_t size) { sodium_memzero(bytes, size); }

bool teleai__password_hash(const char *password, teleai__password_cost cost, char *out) {
    return crypto_pwhash_argon2id_str(out, password, strlen(password), cost.passes, cost.memory_bytes) == 0;
}

/* The parts of a hash as libsodium writes it: $argon2id$v=19$m=<KiB>,t=<passes>,p=1$<salt>$<tag>. */
typedef struct parts {
    teleai__password_cost cost;
    unsigned char salt[crypto_pwhash_argon2id_SALTBYTES], tag[32];
} parts;

static bool take_apart(const char *hash, parts *out) {
    static const char head[] = "$argon2id$v=19$m=", lanes[] = ",p=1$";
    char *end;
    size_t length;
    const char *rest;
    if (strncmp(hash, head, sizeof head - 1) != 0)
        return false;
    out->cost.memory_bytes = strtoul(hash + sizeof head - 1, &end, 10) * 1024;
    if (strncmp(end, ",t=", 3) != 0)
        return false;
    out->cost.passes = strtoull(end + 3, &end, 10);
    if (strncmp(end, lanes, sizeof lanes - 1) != 0)
        return false;
    rest = end + sizeof lanes - 1;
    if (sodium_base642bin(out->salt, sizeof out->salt, rest, strlen(rest), NULL, &length, &rest,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
        length != sizeof out->salt || *rest++ != '$')
        return false;
    return sodium_base642bin(out->tag, sizeof out->tag, rest, strlen(rest), NULL, &length, &rest,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           length == sizeof out->tag && *rest == '\0';
}

bool teleai__password_verify(const char *hash, const char *password, teleai__password_cost cost, bool *no_memory) {
    parts known;
    bool right = false, told = true;
    if (hash != NULL && take_apart(hash, &known)) {
        /* Not by crypto_pwhash_str_verify(), which calls a lack of memory a wrong password. */
        unsigned char tag[sizeof known.tag];
        told = crypto_pwhash_argon2id(tag, sizeof tag, password, strlen(password), known.salt, known.cost.passes,
                                      known.cost.memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
        right = told && sodium_memcmp(tag, known.tag, sizeof tag) == 0;
        sodium_memzero(tag, sizeof tag);
    } else if (hash != NULL && crypto_pwhash_argon2id_str_needs_rehash(hash, cost.passes, cost.memory_bytes) != -1) {
        right = crypto_pwhash_argon2id_str_verify(hash, password, strlen(password)) == 0; /* another program's form */
    } else {
        /* Nobody to compare with: take as long as a comparison would. */
        char unused[TELEAI__PASSWORD_HASH_BYTES];
        told = teleai__password_hash(password, cost, unused);
        sodium_memzero(unused, sizeof unused);
    }
    if (no_memory != NULL)
        *no_memory = !told;
    return right;
}

bool teleai__password_outdated(const char *hash, teleai__password_cost cost) {
    /* $argon2id$v=19$m=<KiB>,t=<passes>,p=1$...: a hash that costs more in one respect is left as it is. */
    const char *costs = strstr(hash, "$m=");
    char *end;
    if (costs == NULL)
        return false;
    unsigned long long memory = strtoull(costs + 3, &end, 10) * 1024;
    unsigned long long passes = strncmp(end, ",t=", 3) == 0 ? strtoull(end + 3, NULL, 10) : cost.passes;
    return memory <= cost.memory_bytes && passes <= cost.passes && (memory < cost.memory_bytes || passes < cost.passes);
}

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define SECRET_CHARACTERS 43
#define TENANT_CHARACTERS 22
_Static_assert(SECRET_CHARACTERS + 1 == sodium_base64_ENCODED_LEN(32, VARIANT) &&
                   TENANT_CHARACTERS + 1 == sodium_base64_ENCODED_LEN(16, VARIANT) &&
                   TELEAI__TOKEN_BYTES == TENANT_CHARACTERS + 1 + SECRET_CHARACTERS + 1,
               "room for the token");

void teleai__token_make(const teleai_uuid *tenant, char *out) {
    unsigned char random[32];
    if (!teleai_uuid_equal(tenant, &teleai__default_tenant)) {
        sodium_bin2base64(out, TENANT_CHARACTERS + 1, tenant->bytes, sizeof tenant->bytes, VARIANT);
        out[TENANT_CHARACTERS] = '.';
        out += TENANT_CHARACTERS + 1;
    }
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(out, SECRET_CHARACTERS + 1, random, sizeof random, VARIANT);
    sodium_memzero(random, sizeof random);
}

bool teleai__token_read(const char *token, teleai_uuid *tenant, char *out) {
    size_t length = token == NULL ? 0 : strnlen(token, TELEAI__TOKEN_BYTES), bytes;
    *tenant = teleai__default_tenant;
    if (length == TENANT_CHARACTERS + 1 + SECRET_CHARACTERS) {
        if (token[TENANT_CHARACTERS] != '.' ||
            sodium_base642bin(tenant->bytes, sizeof tenant->bytes, token, TENANT_CHARACTERS, NULL, &bytes, NULL,
                              VARIANT) != 0 ||
            bytes != sizeof tenant->bytes) {
            *tenant = teleai__default_tenant;
            return false;
        }
    } else if (length != SECRET_CHARACTERS) {
        return false;
    }
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)token, length);
    sodium_bin2hex(out, TELEAI__TOKEN_HASH_BYTES, hash, sizeof hash);
    sodium_memzero(hash, sizeof hash);
    return true;
}
