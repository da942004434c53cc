#include "base/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nfc.h"
#include "base/tenant.h"
#include "base/text.h"

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

/* ---- passwords ---- */

bool teleai__password_read(const char *text, teleai__password *out) {
    size_t bytes = strlen(text), characters, bad, length;
    *out = (teleai__password){0};
    char *normal = sodium_malloc(bytes * TELEAI__NFC_GROWTH + 1);
    out->forms[0] = normal;
    if (normal == NULL)
        return false;
    if (!teleai__utf8_check(text, bytes, &characters, &bad)) {
        memcpy(normal, text, bytes + 1);
        return true;
    }
    bool made = teleai__nfc(text, bytes, true, normal, &length, &out->characters);
    if (made && (length != bytes || memcmp(normal, text, bytes) != 0))
        made = (out->forms[1] = teleai__secret_copy(text)) != NULL;
    if (!made)
        teleai__password_wipe(out);
    return made;
}

void teleai__password_wipe(teleai__password *password) {
    for (int i = 0; i < 2; i++)
        sodium_free(password->forms[i]);
    *password = (teleai__password){0};
}

/* The parts of a hash as libsodium writes it: $argon2id$v=19$m=<KiB>,t=<passes>,p=1$<salt>$<tag>. */
typedef struct parts {
    teleai__password_cost cost;
    unsigned char salt[crypto_pwhash_argon2id_SALTBYTES];
} parts;
#define TAG_BYTES 32
#define HEAD "$argon2id$v=19$m="

/* The last part may be missing; where it is there, it must be as long as ours. */
static bool take_apart(const char *hash, parts *out) {
    static const char head[] = HEAD, lanes[] = ",p=1$";
    char *end;
    size_t length;
    const char *rest;
    unsigned char tag[TAG_BYTES];
    if (hash == NULL || strncmp(hash, head, sizeof head - 1) != 0)
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
    if (*rest == '\0')
        return true;
    return sodium_base642bin(tag, sizeof tag, rest, strlen(rest), NULL, &length, &rest,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           length == sizeof tag && *rest == '\0';
}

static bool make_tag(const char *form, const parts *with, unsigned char *tag) {
    return crypto_pwhash_argon2id(tag, TAG_BYTES, form, strlen(form), with->salt, with->cost.passes,
                                  with->cost.memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
}

static void write_hash(const parts *of, const unsigned char *tag, char *out) {
    char salt[sodium_base64_ENCODED_LEN(crypto_pwhash_argon2id_SALTBYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    char end[sodium_base64_ENCODED_LEN(TAG_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    sodium_bin2base64(salt, sizeof salt, of->salt, sizeof of->salt, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    sodium_bin2base64(end, sizeof end, tag, TAG_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    snprintf(out, TELEAI__PASSWORD_HASH_BYTES, HEAD "%zu,t=%llu,p=1$%s$%s", of->cost.memory_bytes / 1024,
             of->cost.passes, salt, end);
    sodium_memzero(end, sizeof end);
}

bool teleai__password_hash(const char *form, teleai__password_cost cost, char *out) {
    parts with = {.cost = cost};
    unsigned char tag[TAG_BYTES];
    if (!teleai__secret_ready())
        return false;
    with.cost.memory_bytes -= cost.memory_bytes % 1024; /* what its text form can say */
    randombytes_buf(with.salt, sizeof with.salt);
    bool made = make_tag(form, &with, tag);
    if (made)
        write_hash(&with, tag, out);
    sodium_memzero(tag, sizeof tag);
    return made;
}

/* Work is memory filled, times passes. What a cheaper hash has left of it is done with a salt of no account: whole passes over as
 * much memory as is asked for, and one over the remainder. */
static bool work_off(const char *form, teleai__password_cost done, teleai__password_cost cost) {
    unsigned long long wanted = cost.memory_bytes * cost.passes, had = done.memory_bytes * done.passes;
    if (had >= wanted)
        return true;
    unsigned char tag[TAG_BYTES];
    parts with = {.cost = {cost.memory_bytes, (wanted - had) / cost.memory_bytes}};
    bool told = with.cost.passes == 0 || make_tag(form, &with, tag);
    with.cost = (teleai__password_cost){(wanted - had) % cost.memory_bytes, 1};
    if (told && with.cost.memory_bytes >= crypto_pwhash_argon2id_MEMLIMIT_MIN)
        told = make_tag(form, &with, tag);
    sodium_memzero(tag, sizeof tag);
    return told;
}

bool teleai__password_hash_like(const char *like, const teleai__password *password, teleai__password_cost cost,
                                char out[2][TELEAI__PASSWORD_HASH_BYTES]) {
    parts with;
    bool known = take_apart(like, &with), told = teleai__secret_ready();
    out[0][0] = out[1][0] = '\0';
    for (int i = 0; i < 2 && told && password->forms[i] != NULL; i++) {
        unsigned char tag[TAG_BYTES];
        if (known && (told = make_tag(password->forms[i], &with, tag)))
            write_hash(&with, tag, out[i]);
        if (told)
            told = work_off(password->forms[i], known ? with.cost : (teleai__password_cost){0}, cost);
        sodium_memzero(tag, sizeof tag);
    }
    return told;
}

int teleai__password_find(const char *hash, char hashes[2][TELEAI__PASSWORD_HASH_BYTES]) {
    size_t length = strlen(hash);
    int found = -1;
    for (int i = 0; i < 2; i++)
        if (strlen(hashes[i]) == length && length > 0 && sodium_memcmp(hashes[i], hash, length) == 0 && found < 0)
            found = i;
    return found;
}

int teleai__password_verify(const char *hash, const teleai__password *password, teleai__password_cost cost,
                            bool *told) {
    char made[2][TELEAI__PASSWORD_HASH_BYTES];
    parts with;
    int found = -1;
    if (hash != NULL && !take_apart(hash, &with) &&
        crypto_pwhash_argon2id_str_needs_rehash(hash, cost.passes, cost.memory_bytes) != -1) {
        /* Another program's form. This calls a lack of memory a wrong password. */
        *told = true;
        for (int i = 0; i < 2 && password->forms[i] != NULL; i++)
            if (crypto_pwhash_argon2id_str_verify(hash, password->forms[i], strlen(password->forms[i])) == 0 &&
                found < 0)
                found = i;
        return found;
    }
    *told = teleai__password_hash_like(hash, password, cost, made);
    if (*told && hash != NULL)
        found = teleai__password_find(hash, made);
    sodium_memzero(made, sizeof made);
    return found;
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

/* sodium_base642bin() takes some bytes above 0x7F for letters of its alphabet. */
static bool is_url_safe(const char *text, size_t length) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return strspn(text, alphabet) >= length;
}

bool teleai__token_read(const char *token, teleai_uuid *tenant, char *out) {
    size_t length = token == NULL ? 0 : strnlen(token, TELEAI__TOKEN_BYTES), bytes;
    *tenant = teleai__default_tenant;
    if (length < SECRET_CHARACTERS || !is_url_safe(token + length - SECRET_CHARACTERS, SECRET_CHARACTERS))
        return false;
    if (length == TENANT_CHARACTERS + 1 + SECRET_CHARACTERS) {
        if (token[TENANT_CHARACTERS] != '.' || !is_url_safe(token, TENANT_CHARACTERS) ||
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
