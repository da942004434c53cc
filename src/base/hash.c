#include "base/hash.h"

#include <sodium.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(teleai__sha256), "room for libsodium's state");
_Static_assert(TELEAI__SHA256_BYTES == 2 * crypto_hash_sha256_BYTES + 1, "room for the hash");

static crypto_hash_sha256_state *state_of(teleai__sha256 *hash) { return (crypto_hash_sha256_state *)hash->state; }

void teleai__sha256_begin(teleai__sha256 *hash) { crypto_hash_sha256_init(state_of(hash)); }

void teleai__sha256_add(teleai__sha256 *hash, const void *bytes, size_t count) {
    crypto_hash_sha256_update(state_of(hash), bytes, count);
}

void teleai__sha256_end(teleai__sha256 *hash, char *out) {
    unsigned char bytes[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(state_of(hash), bytes);
    sodium_bin2hex(out, TELEAI__SHA256_BYTES, bytes, sizeof bytes);
}
