#include "wire/local_connection.h"

#include <libpq-fe.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"

extern char **environ;

static const char *value_of(const PQconninfoOption *options, const char *keyword) {
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val;
    return NULL;
}

bool teleai__connection_is_alone(const char *connection) {
    bool is_url = strncmp(connection, "postgresql://", 13) == 0 || strncmp(connection, "postgres://", 11) == 0;
    if (is_url || strstr(connection, "hostaddr=''") == NULL)
        return false;
    PQconninfoOption *options = PQconninfoParse(connection, NULL);
    const char *host = options == NULL ? NULL : value_of(options, "host");
    const char *address = options == NULL ? NULL : value_of(options, "hostaddr");
    bool alone = host != NULL && host[0] == '/' && address != NULL && address[0] == '\0';
    PQconninfoFree(options);
    return alone;
}

/* ---- what a string can say ---- */

/* What stands for "nothing said" where that is neither libpq's default nor the empty text. */
static const char *neutral(const PQconninfoOption *option) {
    static const char *const known[][2] = {
        {"application_name", "teleai"},  {"connect_timeout", "0"},   {"min_protocol_version", "3.0"},
        {"max_protocol_version", "3.0"}, {"sslcertmode", "disable"}, {"passfile", "/dev/null/none"},
        /* a password file that is there, and open to others, makes libpq print a warning */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(option->keyword, known[i][0]) == 0)
            return known[i][1];
    return option->compiled == NULL ? "" : option->compiled;
}

/* Of whatever libpq is loaded: it tells which settings it looks for in the environment. */
static bool is_left_open(const PQconninfoOption *option) {
    return option->val == NULL && option->envvar != NULL && strcmp(option->keyword, "service") != 0 &&
           strcmp(option->keyword, "servicefile") != 0;
}

char *teleai__connection_describe_alone(const char *connection) {
    PQconninfoOption *options = PQconninfoParse(connection, NULL);
    if (options == NULL)
        return NULL;
    size_t bytes = strlen(connection) + 1;
    for (const PQconninfoOption *each = options; each->keyword != NULL; each++)
        if (is_left_open(each))
            bytes += strlen(each->keyword) + strlen(neutral(each)) + strlen(" =''");
    char *made = malloc(bytes);
    char *to = made;
    for (const PQconninfoOption *each = options; to != NULL && each->keyword != NULL; each++) {
        if (!is_left_open(each))
            continue;
        to = stpcpy(stpcpy(to, each->keyword), "='");
        to = stpcpy(stpcpy(to, neutral(each)), "' "); /* none of them has a quote in it */
    }
    if (to != NULL)
        stpcpy(to, connection); /* last: behind one that ends with = or a backslash the next would be its value */
    PQconninfoFree(options);
    char *secret = made == NULL ? NULL : teleai__secret_copy(made);
    free(made);
    return secret;
}

/* ---- what only the environment can say ---- */

/*
 * A service that is named has to be defined somewhere, and the other three are sent to the server, which refuses what it
 * cannot read. So their entries are exchanged for others of no meaning while libpq looks. Only pointers in `environ` are
 * changed, never a text: what other threads read meanwhile is there as ever, but for these four.
 */
enum { HIDDEN = 4 };
static const char *const hidden[HIDDEN] = {"PGSERVICE=", "PGDATESTYLE=", "PGTZ=", "PGGEQO="};
static char placeholders[HIDDEN][20] = {
    "TELEAI_PRIVATE_0=", "TELEAI_PRIVATE_1=", "TELEAI_PRIVATE_2=", "TELEAI_PRIVATE_3="};
static char *originals[HIDDEN];
static _Atomic(intmax_t) holder; /* the process whose thread is between the two; 0: none */

static void bring_back(void) {
    for (int i = 0; i < HIDDEN; i++) {
        for (char **each = environ; originals[i] != NULL && each != NULL && *each != NULL; each++)
            if (*each == placeholders[i])
                *each = originals[i];
        originals[i] = NULL;
    }
}

void teleai__environment_leave(void) {
    intmax_t me = getpid(), found = 0;
    while (!atomic_compare_exchange_weak(&holder, &found, me)) {
        if (found == 0 || found == me || !atomic_compare_exchange_strong(&holder, &found, me)) {
            found = 0;
            sched_yield();
            continue;
        }
        bring_back(); /* a thread of the parent was here when this process was forked off */
        break;
    }
    for (int i = 0; i < HIDDEN; i++)
        for (char **each = environ; originals[i] == NULL && each != NULL && *each != NULL; each++)
            if (strncmp(*each, hidden[i], strlen(hidden[i])) == 0) {
                originals[i] = *each;
                *each = placeholders[i];
            }
}

void teleai__environment_return(void) {
    bring_back();
    atomic_store(&holder, 0);
}
