/* Connection strings: what they say, which hosts they name, and whether they are of a private server. */
#include <libpq-fe.h>
#include <unistd.h>

#include "base/secret.h"
#include "fuzz.h"
#include "teleai/backup.h"
#include "wire/hosts.h"
#include "wire/local_connection.h"

extern char **environ;

static const char *value_of(const teleai_connection_settings *all, const char *keyword) {
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->items[i]->keyword, keyword) == 0)
            return all->items[i]->value;
    return NULL;
}

/* What `all` says `other` says too. */
static void must_have(const teleai_connection_settings *all, const teleai_connection_settings *other) {
    for (size_t i = 0; i < all->count; i++) {
        const char *value = value_of(other, all->items[i]->keyword);
        MUST(value != NULL && strcmp(value, all->items[i]->value) == 0);
    }
}

/* Written again as keywords and values, and read: the same. */
static void there_and_back(const teleai_connection_settings *all) {
    size_t room = 1;
    for (size_t i = 0; i < all->count; i++)
        room += strlen(all->items[i]->keyword) + 2 * strlen(all->items[i]->value) + 4;
    char *text = malloc(room), *to = text;
    MUST(text != NULL);
    for (size_t i = 0; i < all->count; i++) {
        to = stpcpy(stpcpy(to, all->items[i]->keyword), "='");
        for (const char *c = all->items[i]->value; *c != '\0'; *to++ = *c++)
            if (*c == '\'' || *c == '\\')
                *to++ = '\\';
        to = stpcpy(to, "' ");
    }
    *to = '\0';
    teleai_connection_settings *again;
    MUST(teleai_connection_settings_read(text, &again, NULL) == TELEAI_OK && again->count == all->count);
    must_have(all, again);
    teleai_connection_settings_free(again);
    free(text);
}

/* The parts of a list, joined again; a list of one port is for all hosts. */
static void must_be_list(const teleai__hosts *hosts, size_t offset, const char *list) {
    char joined[TELEAI__MOST_HOSTS * 257] = "", *to = joined;
    for (int32_t i = 0; i < hosts->count; i++)
        to = stpcpy(stpcpy(to, i == 0 ? "" : ","), (const char *)&hosts->items[i] + offset);
    if (list == NULL || strchr(list, ',') != NULL || hosts->count == 1)
        MUST(list == NULL ? strspn(joined, ",") == strlen(joined) : strcmp(joined, list) == 0);
}

/* A private server's: all that it says stands in the longer one, and that says something of everything. */
static void check_alone(const char *text, const teleai_connection_settings *all) {
    char *longer = teleai__connection_describe_alone(text);
    teleai_connection_settings *more;
    MUST(longer != NULL && teleai__connection_string_is_valid(longer));
    MUST(teleai_connection_settings_read(longer, &more, NULL) == TELEAI_OK);
    must_have(all, more);
    MUST(value_of(more, "sslmode") != NULL && value_of(more, "passfile") != NULL);
    teleai_connection_settings_free(more);
    teleai__secret_free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char *nothing[] = {NULL};
    environ = nothing; /* a string is all that is looked at */
    MUST(teleai__secret_ready());
    fuzz_bytes from = {data, size};
    char *text = fuzz_text(&from);
    teleai_connection_settings *all = NULL;
    teleai__hosts hosts;
    teleai_error error = {0};
    teleai_status status = teleai_connection_settings_read(text, &all, &error);
    bool valid = teleai__connection_string_is_valid(text), alone = teleai__connection_is_alone(text);
    teleai__hosts_read(text, &hosts);
    MUST(hosts.count >= 0 && hosts.count <= TELEAI__MOST_HOSTS);
    if (status == TELEAI_OK) {
        there_and_back(all);
        if (hosts.count > 0) {
            must_be_list(&hosts, offsetof(teleai__place, name), value_of(all, "host"));
            must_be_list(&hosts, offsetof(teleai__place, address), value_of(all, "hostaddr"));
            must_be_list(&hosts, offsetof(teleai__place, port), value_of(all, "port"));
        }
        if (alone && valid)
            check_alone(text, all);
    } else {
        MUST(status == TELEAI_INVALID_ARGUMENT && !valid && !alone && hosts.count == 0);
        MUST(strstr(error.message, "cannot be read") != NULL); /* and nothing of the string: it may hold a password */
    }
    teleai_connection_settings_free(all);
    free(text);
    return 0;
}
