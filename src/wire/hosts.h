/* Where a server may be: the hosts that a connection string names, and the addresses of each. */
#ifndef TELEAI_WIRE_HOSTS_H
#define TELEAI_WIRE_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#define TELEAI__MOST_HOSTS 16
#define TELEAI__MOST_ADDRESSES 8 /* of one name; further ones are not tried */

/* As libpq takes it; "" where nothing is said. */
typedef struct teleai__place {
    char name[256], address[64], port[8];
} teleai__place;

typedef struct teleai__hosts {
    int32_t count; /* 0: libpq sees to them */
    teleai__place items[TELEAI__MOST_HOSTS];
    bool names_target; /* the string, or the environment, says what kind of server it must be */
    bool several;
} teleai__hosts;

/* Whether libpq can read it as a connection string, and as one in which no part of a password stands for something
 * else: libpq would quote that in its messages. */
bool teleai__connection_string_is_valid(const char *text);

/* Reads them from the string and libpq's environment variables. */
void teleai__hosts_read(const char *connection, teleai__hosts *out);

/* The places that one host is: one an address, or the host itself where there is nothing to look up, or that fails.
 * Returns how many; 1 at least. Blocks for as long as the system looks up a name. */
int32_t teleai__host_resolve(const teleai__place *host, teleai__place out[TELEAI__MOST_ADDRESSES]);

#endif
