/* What a connection string says, for whoever runs PostgreSQL's programs. */
#include <libpq-fe.h>
#include <string.h>

#include "base/arena.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/secret.h"
#include "teleai/backup.h"

static bool is_said(const PQconninfoOption *option) { return option->val != NULL; }

/* One block, so that it can be wiped. */
static teleai_connection_settings *gather(const PQconninfoOption *options) {
    size_t count = 0, bytes = 0;
    for (const PQconninfoOption *each = options; each->keyword != NULL; each++) {
        if (!is_said(each))
            continue;
        count++;
        bytes += strlen(each->keyword) + strlen(each->val) + (each->envvar == NULL ? 0 : strlen(each->envvar)) + 3 * 16;
    }
    teleai_connection_settings *made =
        teleai__arena_make(sizeof *made, bytes + count * (sizeof(teleai_connection_setting) + sizeof(void *)) + 64);
    if (made == NULL)
        return NULL;
    teleai__arena *arena = teleai__arena_of(made);
    teleai_connection_setting *settings = teleai__arena_alloc(arena, count * sizeof *settings);
    const teleai_connection_setting **items = teleai__arena_alloc(arena, count * sizeof *items);
    bool good = settings != NULL && items != NULL;
    for (const PQconninfoOption *each = options; good && each->keyword != NULL; each++) {
        if (!is_said(each))
            continue;
        teleai_connection_setting *to = &settings[made->count];
        to->keyword = teleai__arena_text(arena, each->keyword, strlen(each->keyword));
        to->value = teleai__arena_text(arena, each->val, strlen(each->val));
        if (each->envvar != NULL)
            to->variable = teleai__arena_text(arena, each->envvar, strlen(each->envvar));
        to->secret = strcmp(each->dispchar, "*") == 0;
        items[made->count++] = to;
        good = to->keyword != NULL && to->value != NULL && (each->envvar == NULL || to->variable != NULL);
    }
    made->items = items;
    if (good)
        return made;
    teleai__arena_free(made);
    return NULL;
}

teleai_status teleai_connection_settings_read(const char *connection, teleai_connection_settings **out,
                                              teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("settings", error);
    *out = NULL;
    if (connection == NULL)
        return teleai__fail_field(error, "connection", "connection is NULL; a connection string was expected");
    char *said = NULL;
    PQconninfoOption *options = PQconninfoParse(connection, &said);
    bool no_memory = options == NULL && said == NULL;
    PQfreemem(said); /* it may quote a part of the string: a password perhaps */
    if (no_memory)
        return teleai__fail_memory(error);
    if (options == NULL)
        return teleai__fail_field(
            error, "connection",
            "the connection string cannot be read; one such as \"host=db user=app dbname=teleai\" or "
            "\"postgresql://app@db/teleai\" was expected");
    *out = gather(options);
    for (PQconninfoOption *each = options; each->keyword != NULL; each++)
        if (each->val != NULL)
            teleai__secret_wipe(each->val, strlen(each->val));
    PQconninfoFree(options);
    return *out == NULL ? teleai__fail_memory(error) : teleai__ok(error);
}

void teleai_connection_settings_free(teleai_connection_settings *settings) {
    for (size_t i = 0; settings != NULL && i < settings->count; i++)
        teleai__secret_wipe((char *)(uintptr_t)settings->items[i]->value, strlen(settings->items[i]->value));
    teleai__arena_free(settings);
}
