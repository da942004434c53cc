/* Numbers in network byte order, as PostgreSQL's binary formats have them. */
#ifndef TELEAI_WIRE_BINARY_H
#define TELEAI_WIRE_BINARY_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* PostgreSQL counts microseconds from 2000-01-01 UTC, we from 1970-01-01. */
#define TELEAI__EPOCH_US INT64_C(946684800000000)

/* Infinity is the largest and -infinity the smallest number, there and here. The server's calendar ends in the year 294276,
 * ours in 294247: a later time is read as our last one before infinity. */
#define TELEAI__LAST_TIME_US (INT64_MAX - 1)

static inline int64_t teleai__time_read(int64_t servers) {
    if (servers == INT64_MAX || servers == INT64_MIN)
        return servers;
    return servers >= TELEAI__LAST_TIME_US - TELEAI__EPOCH_US ? TELEAI__LAST_TIME_US : servers + TELEAI__EPOCH_US;
}

/* What is before the server's calendar stays so, and is refused there. */
static inline int64_t teleai__time_write(int64_t ours) {
    if (ours == INT64_MAX || ours == INT64_MIN)
        return ours;
    return ours < INT64_MIN + 1 + TELEAI__EPOCH_US ? INT64_MIN + 1 : ours - TELEAI__EPOCH_US;
}

/* memcpy() for alignment; compilers make one load or store and a byte swap of each of these. */
static inline void teleai__put16(unsigned char *out, uint16_t value) {
    value = htobe16(value);
    memcpy(out, &value, sizeof value);
}

static inline void teleai__put32(unsigned char *out, uint32_t value) {
    value = htobe32(value);
    memcpy(out, &value, sizeof value);
}

static inline void teleai__put64(unsigned char *out, uint64_t value) {
    value = htobe64(value);
    memcpy(out, &value, sizeof value);
}

static inline uint16_t teleai__take16(const void *in) {
    uint16_t value;
    memcpy(&value, in, sizeof value);
    return be16toh(value);
}

static inline uint32_t teleai__take32(const void *in) {
    uint32_t value;
    memcpy(&value, in, sizeof value);
    return be32toh(value);
}

static inline uint64_t teleai__take64(const void *in) {
    uint64_t value;
    memcpy(&value, in, sizeof value);
    return be64toh(value);
}

#endif
