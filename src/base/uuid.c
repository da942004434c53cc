/* UUIDs: libuuid reads and writes them; version 7 is laid out here (libuuid has it from 2.41 on). The random bits come from
 * the system a page at a time: asking for each costs more than a row's whole way through COPY. */
#include <endian.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <uuid/uuid.h>

#include "base/argument.h"
#include "base/error.h"
#include "base/secret.h"
#include "teleai/base.h"

_Static_assert(sizeof(teleai_uuid) == 16, "a UUID is 16 bytes");

/* Milliseconds since 1970 times 4096, plus the fraction of the millisecond in 4096ths (RFC 9562 section 6.2, method 3);
 * never the same twice in a process, so ids made later are larger. */
static uint64_t next_tick(void) {
    static _Atomic uint64_t last;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    uint64_t fraction = ((uint64_t)now.tv_nsec % 1000000) * 4096 / 1000000;
    uint64_t tick = milliseconds << 12 | fraction;
    uint64_t seen = atomic_load_explicit(&last, memory_order_relaxed);
    do {
        if (tick <= seen)
            tick = seen + 1;
    } while (!atomic_compare_exchange_weak_explicit(&last, &seen, tick, memory_order_relaxed, memory_order_relaxed));
    return tick;
}

/* Lies in a page that the system clears in a forked child, lock and all: a child never uses its parent's bits. */
typedef struct reserve {
    _Atomic uint32_t locked;
    uint32_t left; /* bytes */
    unsigned char bytes[4088];
} reserve;

static reserve *kept; /* NULL: the system cannot clear pages */

static void make_reserve(void) {
#ifdef MADV_WIPEONFORK
    void *page = mmap(NULL, sizeof *kept, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED && madvise(page, sizeof *kept, MADV_WIPEONFORK) == 0)
        kept = page;
    else if (page != MAP_FAILED)
        munmap(page, sizeof *kept);
#endif
}

static void random_bytes(unsigned char *out, uint32_t count) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_reserve);
    if (kept == NULL) {
        teleai__random_bytes(out, count);
        return;
    }
    while (atomic_exchange_explicit(&kept->locked, 1, memory_order_acquire) != 0)
        sched_yield();
    if (kept->left < count) {
        teleai__random_bytes(kept->bytes, sizeof kept->bytes);
        kept->left = sizeof kept->bytes;
    }
    kept->left -= count;
    memcpy(out, kept->bytes + kept->left, count);
    atomic_store_explicit(&kept->locked, 0, memory_order_release);
}

void teleai_uuid_make(teleai_uuid *out) {
    uint64_t tick = next_tick();
    uint64_t first = htobe64(tick >> 12 << 16 | 0x7000 | (tick & 0xFFF)); /* milliseconds, version, fraction */
    memcpy(out->bytes, &first, sizeof first);
    random_bytes(out->bytes + 8, 8);
    out->bytes[8] = (uint8_t)(0x80 | (out->bytes[8] & 0x3F));
}

teleai_status teleai_uuid_parse(const char *text, teleai_uuid *out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("UUID", error);
    memset(out, 0, sizeof *out);
    if (text == NULL)
        return teleai__fail_field(error, "text", "text is NULL; a UUID of 36 characters was expected");
    if (strnlen(text, 37) != 36 || uuid_parse(text, out->bytes) != 0)
        return teleai__fail_field(error, "text",
                                  "text is no UUID; 36 characters such as 0190163d-8694-739b-aea5-966c26f8ad91 were "
                                  "expected");
    return teleai__ok(error);
}

void teleai_uuid_format(const teleai_uuid *uuid, char *out) { uuid_unparse_lower(uuid->bytes, out); }

bool teleai_uuid_equal(const teleai_uuid *a, const teleai_uuid *b) {
    return a == NULL || b == NULL ? a == b : memcmp(a, b, sizeof *a) == 0;
}
