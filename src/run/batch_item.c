#include "run/batch_item.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static size_t value_bytes(const teleai__values *v, int i) {
    if (v->values[i] == NULL)
        return 0;
    return v->formats[i] == 1 ? (size_t)v->lengths[i] : strlen(v->values[i]) + 1;
}

static bool has_own_text(const teleai__statement *statement) {
    return statement->sql != NULL && statement->key != statement->sql;
}

static size_t bytes_of(const teleai__operation *operation, const teleai__values *v) {
    size_t bytes = (size_t)v->count * (sizeof(char *) + sizeof(Oid) + 2 * sizeof(int)) + 16;
    for (int i = 0; i < v->count; i++)
        bytes += value_bytes(v, i);
    if (has_own_text(&operation->statement))
        bytes += strlen(operation->statement.sql) + 1;
    return bytes + operation->more_bytes + 16 + operation->secret_bytes;
}

static void *put(char **at, const void *bytes, size_t count) {
    void *place = *at;
    memcpy(place, bytes, count);
    *at += count;
    return place;
}

static void align(char **at) { *at += (16 - (uintptr_t)*at % 16) % 16; }

static void copy(const teleai__operation *from, const teleai__values *v, teleai__operation *to, char **at) {
    *to = *from;
    to->params = NULL;
    align(at);
    to->values.count = v->count;
    const char **values = (const char **)(void *)put(at, v->values, (size_t)v->count * sizeof *v->values);
    to->values.values = values;
    to->values.types = put(at, v->types, (size_t)v->count * sizeof *v->types);
    to->values.lengths = put(at, v->lengths, (size_t)v->count * sizeof *v->lengths);
    to->values.formats = put(at, v->formats, (size_t)v->count * sizeof *v->formats);
    if (from->more_bytes > 0) {
        align(at);
        to->more = put(at, from->more, from->more_bytes);
    }
    for (int i = 0; i < v->count; i++)
        if (v->values[i] != NULL)
            values[i] = put(at, v->values[i], value_bytes(v, i));
    if (has_own_text(&from->statement))
        to->statement.sql = put(at, from->statement.sql, strlen(from->statement.sql) + 1);
    if (from->secret_bytes > 0)
        to->secret = put(at, from->secret, from->secret_bytes);
}

teleai__batch_item *teleai__batch_item_make(const teleai__operation *operation, teleai_error *error) {
    teleai__values values = teleai__params_values(operation->params), of_earlier = {0};
    size_t bytes = sizeof(teleai__batch_item) + bytes_of(operation, &values);
    if (operation->earlier != NULL) {
        of_earlier = teleai__params_values(operation->earlier->params);
        bytes += bytes_of(operation->earlier, &of_earlier);
    }
    teleai__batch_item *queued = malloc(bytes);
    if (queued == NULL)
        return NULL;
    memset(queued, 0, sizeof *queued);
    char *at = (char *)(queued + 1);
    copy(operation, &values, &queued->operation, &at);
    if (operation->earlier != NULL) {
        copy(operation->earlier, &of_earlier, &queued->earlier, &at);
        queued->operation.earlier = &queued->earlier;
    }
    queued->bytes = bytes;
    queued->error = error;
    queued->request.owner = queued;
    return queued;
}

void teleai__batch_item_free(teleai__batch_item *queued) {
    if (queued == NULL)
        return;
    PQclear(queued->request.result);
    if (queued->operation.secret_bytes > 0)
        teleai__secret_wipe((char *)(uintptr_t)queued->operation.secret, queued->operation.secret_bytes);
    if (queued->earlier.secret_bytes > 0)
        teleai__secret_wipe((char *)(uintptr_t)queued->earlier.secret, queued->earlier.secret_bytes);
    free(queued);
}

const teleai__operation *teleai__batch_item_operation(const teleai__batch_item *queued) {
    return queued->attempt.earlier ? &queued->earlier : &queued->operation;
}
