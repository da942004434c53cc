/* SHA-256 of what comes piece by piece. */
#ifndef TELEAI_BASE_HASH_H
#define TELEAI_BASE_HASH_H

#include <stddef.h>

#define TELEAI__SHA256_BYTES 65 /* in hexadecimal, its NUL included */

typedef struct teleai__sha256 {
    _Alignas(max_align_t) unsigned char state[128]; /* libsodium's */
} teleai__sha256;

void teleai__sha256_begin(teleai__sha256 *hash);
void teleai__sha256_add(teleai__sha256 *hash, const void *bytes, size_t count);
void teleai__sha256_end(teleai__sha256 *hash, char *out);

#endif
