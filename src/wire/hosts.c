#include "wire/hosts.h"

#include <libpq-fe.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- the connection string ---- */

/* A password with / or @ that was not percent-encoded makes a URL read as another one: the rest of it is then taken
 * for a port, a host or a database. */
static bool is_misread(const PQconninfoOption *option, bool is_url) {
    if (option->val == NULL)
        return false;
    if (strcmp(option->keyword, "port") == 0)
        return option->val[strspn(option->val, "0123456789,")] != '\0';
    if (strcmp(option->keyword, "host") == 0)
        return strchr(option->val, '@') != NULL && option->val[0] != '@'; /* an abstract socket begins with it */
    return is_url && strcmp(option->keyword, "dbname") == 0 && strchr(option->val, '@') != NULL;
}

bool teleai__connection_string_is_valid(const char *text) {
    char *said = NULL;
    PQconninfoOption *parsed = PQconninfoParse(text, &said);
    bool is_url = strstr(text, "://") != NULL;
    bool valid =
        parsed != NULL || said == NULL || strncmp(said, "out of memory", 13) == 0; /* which connecting will say */
    for (const PQconninfoOption *each = parsed; valid && each != NULL && each->keyword != NULL; each++)
        valid = !is_misread(each, is_url);
    PQconninfoFree(parsed);
    PQfreemem(said);
    return valid;
}

/* What the string says, or else the environment. */
static const char *given(const PQconninfoOption *options, const char *keyword, const char *variable) {
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0 && options->val != NULL)
            return options->val;
    return variable == NULL ? NULL : getenv(variable);
}

/* One of a list with commas. False when it is empty or too long. */
static bool part(const char *list, int32_t number, char *out, size_t room) {
    for (; number > 0; number--) {
        list = strchr(list, ',');
        if (list == NULL)
            return false;
        list++;
    }
    size_t length = strcspn(list, ",");
    if (length == 0 || length >= room)
        return false;
    memcpy(out, list, length);
    out[length] = '\0';
    return true;
}

static int32_t parts(const char *list) {
    int32_t count = list != NULL;
    for (; list != NULL && *list != '\0'; list++)
        count += *list == ',';
    return count;
}

/* Another number of names or ports than of hosts is a mistake. */
static bool fits(const char *list, int32_t count) { return list == NULL || parts(list) == count; }

/* We try them one by one: libpq would spend all the time on the first that does not answer. It keeps those lists whose
 * order means more than that, what a service file says, and lists that do not fit together, which it refuses. */
void teleai__hosts_read(const char *connection, teleai__hosts *out) {
    *out = (teleai__hosts){0};
    PQconninfoOption *options = PQconninfoParse(connection, NULL);
    if (options == NULL)
        return; /* connecting says what is wrong */
    const char *names = given(options, "host", "PGHOST"), *addresses = given(options, "hostaddr", "PGHOSTADDR");
    const char *ports = given(options, "port", "PGPORT"), *balance = given(options, "load_balance_hosts", NULL);
    const char *target = given(options, "target_session_attrs", "PGTARGETSESSIONATTRS");
    int32_t count = parts(addresses != NULL ? addresses : names);
    bool ours = count >= 1 && count <= TELEAI__MOST_HOSTS && given(options, "service", "PGSERVICE") == NULL &&
                fits(names, count) && (parts(ports) <= 1 || fits(ports, count)) &&
                (count == 1 || target == NULL || strcmp(target, "prefer-standby") != 0) &&
                (balance == NULL || strcmp(balance, "disable") == 0);
    for (int32_t i = 0; ours && i < count; i++) {
        teleai__place *to = &out->items[i];
        ours = (names == NULL || part(names, i, to->name, sizeof to->name)) &&
               (addresses == NULL || part(addresses, i, to->address, sizeof to->address)) &&
               (ports == NULL || part(ports, parts(ports) == 1 ? 0 : i, to->port, sizeof to->port));
    }
    out->count = ours ? count : 0;
    out->several = count > 1;
    out->names_target = target != NULL;
    PQconninfoFree(options);
}

/* ---- addresses ---- */

int32_t teleai__host_resolve(const teleai__place *host, teleai__place out[TELEAI__MOST_ADDRESSES]) {
    out[0] = *host;
    if (host->name[0] == '\0' || host->name[0] == '/' || host->name[0] == '@' || host->address[0] != '\0')
        return 1; /* a socket in the file system, or known already */
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(host->name, NULL, &hints, &found) != 0)
        return 1; /* connecting says so */
    int32_t count = 0;
    for (const struct addrinfo *each = found; each != NULL && count < TELEAI__MOST_ADDRESSES; each = each->ai_next) {
        out[count] = *host;
        if (getnameinfo(each->ai_addr, each->ai_addrlen, out[count].address, sizeof out[count].address, NULL, 0,
                        NI_NUMERICHOST) == 0)
            count++;
    }
    freeaddrinfo(found);
    if (count == 0)
        out[0] = *host;
    return count == 0 ? 1 : count;
}
