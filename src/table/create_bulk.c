/* Creating many rows at once: as arrays that one INSERT unnests, or, where that is faster and no records are wanted back, as
 * COPY; and finding out which row is at fault. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "table/create_bulk.h"
#include "table/insert.h"

#define PIECE_BYTES ((size_t)64 << 10)
/* COPY takes one round trip more, and this much less for each row (measured; the fewer columns and indexes, the more). */
#define COPY_SAVES_US 8
#define COPY_LEAST_ROWS 10

void teleai__bulk_drop(teleai__bulk *it) {
    for (size_t f = 0; it->arrays != NULL && f < it->table->field_count; f++)
        teleai__array_free(&it->arrays[f]);
    free(it->arrays);
    it->arrays = NULL;
    teleai__rows_free(&it->rows);
    it->rows = (teleai__rows){0};
    teleai__arena_free(it->ids);
    it->ids = NULL;
}

/* ---- encoding ---- */

/* What the column gets when a field that is not NULL then is absent: the text between the quotes of its SQL. */
static teleai__value absent_value(const teleai__field *field, unsigned char *scratch) {
    const char *start = strchr(field->absent, '\'');
    if (field->kind == TELEAI__BOOL)
        return teleai__value_bool(field->absent[0] == 't', scratch);
    if (start == NULL)
        return teleai__value_null(TELEAI__OID_TEXT);
    return teleai__value_text(start + 1, strcspn(start + 1, "'"));
}

/* Checks the fields of an input, and adds them to a row for COPY, */
static teleai_status add_row(teleai__bulk *it, const teleai_uuid *id, const void *input, teleai_error *error) {
    const teleai__field *field = it->table->fields;
    size_t left = it->table->field_count;
    bool of_tenant = !it->table->of_no_tenant;
    unsigned char *place = teleai__rows_begin_row(&it->rows, left + of_tenant);
    teleai__value value = teleai__value_uuid(it->tenant);
    if (place != NULL && of_tenant)
        place = teleai__rows_copy(&it->rows, place, &value, 0, left);
    value = teleai__value_uuid(id);
    if (place != NULL)
        place = teleai__rows_copy(&it->rows, place, &value, 0, --left);
    for (field++; place != NULL && left > 0; field++) {
        unsigned char *scratch = teleai__rows_scratch(place);
        teleai_status status = teleai__field_read(field, input, scratch, &value, error);
        if (status != TELEAI_OK)
            return status;
        if (value.bytes == NULL && field->absent != NULL)
            value = absent_value(field, scratch);
        left--;
        if (value.bytes == scratch || value.bytes == NULL)
            place = teleai__rows_add(place, &value);
        else
            place = teleai__rows_copy(&it->rows, place, &value, field->kind == TELEAI__JSON ? 1 : 0, left);
    }
    if (place == NULL)
        return teleai__fail_memory(error);
    teleai__rows_end_row(&it->rows, place);
    return TELEAI_OK;
}

/* or to the arrays. */
static teleai_status add_to_arrays(teleai__bulk *it, const teleai_uuid *id, const void *input, teleai_error *error) {
    unsigned char scratch[TELEAI__VALUE_SCRATCH];
    teleai__array_add(&it->arrays[0], teleai__value_uuid(id));
    for (size_t f = 1; f < it->table->field_count; f++) {
        teleai__value value;
        teleai_status status = teleai__field_read(&it->table->fields[f], input, scratch, &value, error);
        if (status != TELEAI_OK)
            return status;
        teleai__array_add(&it->arrays[f], value);
    }
    return TELEAI_OK;
}

static teleai_status fail_encoding(const teleai__bulk *it, teleai_error *error) {
    for (size_t f = 0; !it->as_copy && f < it->table->field_count; f++)
        if (it->arrays[f].failed && it->arrays[f].too_large)
            return teleai__fail(error, TELEAI_LIMIT_EXCEEDED, "%s: over 1 GB of %s; send fewer at a time",
                                it->table->names.create_many, it->table->fields[f].name);
    return teleai__fail_memory(error);
}

static teleai_status encode_row(teleai__bulk *it, size_t item, teleai_error *error) {
    _Alignas(max_align_t) unsigned char room[TELEAI__LARGEST_INPUT];
    const void *input;
    const teleai_uuid *id = &it->ids[item]; /* the same each time it is encoded */
    teleai_status status =
        teleai__take_new(it->table, it->inputs[item], room, teleai__arena_of(it->ids), &input, error);
    if (status == TELEAI_OK)
        status = it->as_copy ? add_row(it, id, input, error) : add_to_arrays(it, id, input, error);
    if (status != TELEAI_OK && status != TELEAI_OUT_OF_MEMORY)
        teleai__at_item(error, item);
    return status;
}

/* Makes room, and the ids: those that the inputs have, and new ones. */
static teleai_status begin(teleai__bulk *it, teleai_error *error) {
    const size_t offset = it->table->fields[0].offset;
    it->arrays = calloc(it->table->field_count, sizeof *it->arrays);
    it->ids = teleai__arena_make(it->count * sizeof *it->ids, 1024);
    if (it->arrays == NULL || it->ids == NULL)
        return teleai__fail_memory(error);
    for (size_t i = 0; i < it->count; i++) {
        const teleai_uuid *id = NULL;
        size_t size;
        memcpy(&size, it->inputs[i], sizeof size);
        if (size >= offset + sizeof id)
            memcpy(&id, (const char *)it->inputs[i] + offset, sizeof id);
        if (id != NULL)
            it->ids[i] = *id;
        else
            teleai_uuid_make(&it->ids[i]);
    }
    return TELEAI_OK;
}

static teleai_status encode(teleai__bulk *it, teleai_error *error) {
    for (size_t i = 0; i < it->count; i++) {
        teleai_status status = encode_row(it, i, error);
        if (status != TELEAI_OK)
            return status;
    }
    for (size_t f = 0; f < it->table->field_count; f++)
        if (it->arrays[f].failed)
            return fail_encoding(it, error);
    return TELEAI_OK;
}

/* The next rows for COPY, made while the server works on those before. */
static teleai_status next_rows(void *source, bool first, const unsigned char **bytes, size_t *length,
                               teleai_error *error) {
    teleai__bulk *it = source;
    teleai__rows_clear(&it->rows);
    if (first) {
        it->sent = 0;
        teleai__rows_begin(&it->rows);
    }
    bool ended = !first && it->sent == it->count;
    while (it->sent < it->count && it->rows.length < PIECE_BYTES) {
        teleai_status status = encode_row(it, it->sent, error);
        if (status != TELEAI_OK)
            return status;
        it->sent++;
    }
    if (!ended && it->sent == it->count)
        teleai__rows_end(&it->rows);
    if (it->rows.failed)
        return teleai__fail_memory(error);
    *bytes = it->rows.bytes;
    *length = ended ? 0 : it->rows.length;
    return TELEAI_OK;
}

/* Whether COPY is the faster way. PgBouncer loses its thread when COPY fails while rows are still on their way (its issues
 * 57 and 1470), and under row security there is no COPY FROM. */
static bool pays(const teleai_client *client, size_t rows) {
    teleai__path path = teleai__pool_path(client->core->pool);
    return !path.behind_pooler && !teleai__client_is_secured(client) && rows >= COPY_LEAST_ROWS &&
           (int64_t)rows * COPY_SAVES_US >= path.round_trip_us;
}

/* Whether all columns have a form that we can write; the others, only the server makes from text. */
static bool is_copyable(const teleai__table *table) {
    for (size_t f = 0; f < table->field_count; f++)
        if (table->fields[f].kind == TELEAI__INET || table->fields[f].kind == TELEAI__TEXTS)
            return false;
    return true;
}

/* ---- which one ---- */

static bool same_text(const char *a, const unsigned char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (tolower((unsigned char)a[i]) != tolower(b[i]))
            return false;
    return true;
}

static bool is_value(const teleai__field *field, const char *text, size_t text_length, const unsigned char *bytes,
                     int32_t length) {
    teleai_uuid id;
    char copy[TELEAI_UUID_TEXT_BYTES];
    if (field->kind != TELEAI__UUID)
        return length >= 0 && (size_t)length == text_length && same_text(text, bytes, text_length);
    if (text_length != sizeof copy - 1 || length != 16)
        return false;
    memcpy(copy, text, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    return teleai_uuid_parse(copy, &id, NULL) == TELEAI_OK && memcmp(id.bytes, bytes, 16) == 0;
}

/* The values of one column, from an array as it is sent; begin with *at 0. */
static bool next_of_array(const char *array, int32_t bytes, size_t *at, const unsigned char **value, int32_t *length) {
    if (*at == 0)
        *at = 20; /* the header: see params.c */
    if (*at + 4 > (size_t)bytes)
        return false;
    memcpy(length, array + *at, 4);
    *length = (int32_t)__builtin_bswap32((uint32_t)*length);
    *value = (const unsigned char *)array + *at + 4;
    *at += 4 + (size_t)(*length < 0 ? 0 : *length);
    return true;
}

/* COPY has let go of the rows: all of them once more. */
static bool encode_again(teleai__bulk *it) {
    teleai__rows_clear(&it->rows);
    teleai__rows_begin(&it->rows);
    for (size_t i = 0; i < it->count; i++)
        if (encode_row(it, i, NULL) != TELEAI_OK)
            return false;
    teleai__rows_end(&it->rows);
    return !it->rows.failed;
}

/* The last input with this value: of two that are alike, the second is at fault. */
static void find_value(const teleai__operation *operation, size_t f, const char *text, size_t text_length,
                       teleai_error *error) {
    const teleai__table *table = operation->origin;
    const teleai__bulk *it = operation->origin_data;
    teleai__values v = operation->params == NULL ? operation->values : teleai__params_values(operation->params);
    size_t at = 0, item = 0, found = SIZE_MAX;
    const unsigned char *bytes = NULL;
    int32_t length = -1;
    bool copied = operation->copy != NULL;
    if (copied && !encode_again((teleai__bulk *)(uintptr_t)it))
        return;
    size_t column = f + !table->of_no_tenant; /* the first is the tenant */
    while (copied ? teleai__rows_next(&it->rows, column, &at, &bytes, &length)
                  : next_of_array(v.values[column], v.lengths[column], &at, &bytes, &length)) {
        if (is_value(&table->fields[f], text, text_length, bytes, length))
            found = item;
        item++;
    }
    if (found != SIZE_MAX)
        teleai__at_item(error, found);
}

/* "Key (column)=(value) ...", "Failing row contains (id, ...", or of COPY "COPY table, line 3, ...", whatever language the
 * words are in. */
static void locate(const teleai__operation *operation, const teleai__connection *connection, teleai_error *error) {
    const teleai__table *table = operation->origin;
    static const char of_tenant[] = "(tenant_id, ";
    const char *name = strchr(connection->detail, '('), *value = name == NULL ? NULL : strstr(name, ")=(");
    const char *start = value == NULL ? NULL : value + 3;
    if (value != NULL && strncmp(name, of_tenant, sizeof of_tenant - 1) == 0) { /* what is behind the tenant */
        name += sizeof of_tenant - 2;
        start = strstr(start, ", ");
        start = start == NULL ? value + 3 : start + 2;
    }
    const char *number = strpbrk(connection->context, "0123456789");
    if (operation->copy != NULL && strncmp(connection->context, "COPY ", 5) == 0 && number != NULL) {
        long line = strtol(number, NULL, 10);
        if (line > 0)
            teleai__at_item(error, (size_t)line - 1);
    } else if (value != NULL) {
        const char *end = strrchr(value, ')');
        for (size_t f = 0; f < table->field_count; f++) {
            size_t length = strlen(table->fields[f].column);
            const char *place = strstr(name, table->fields[f].column);
            /* Alone, or within an expression: lower(email::text). */
            if (place != NULL && place < value && (place[-1] == '(' || place[-1] == ' ') &&
                !isalnum((unsigned char)place[length]) && place[length] != '_') {
                find_value(operation, f, start, (size_t)(end - start), error);
                return;
            }
        }
    } else if (name != NULL) {
        find_value(operation, 0, name + 1, strcspn(name + 1, ",)"), error);
    }
}

/* ---- creating ---- */

teleai_status teleai__bulk_create(teleai_client *client, teleai__bulk *it, void *out, teleai_error *error) {
    const teleai__table *table = it->table;
    char text[900];
    it->tenant = teleai__client_tenant(client);
    it->as_copy = out == NULL && client->batch == NULL && is_copyable(table) && pays(client, it->count) &&
                  teleai__insert_write_copy(table, text, sizeof text);
    teleai_status status = begin(it, error);
    if (status == TELEAI_OK && !it->as_copy)
        status = encode(it, error);
    if (status != TELEAI_OK)
        return status;
    teleai__array id_array = {0};
    teleai__array_add_uuids(&id_array, it->ids, it->count);
    if (id_array.failed) {
        teleai__array_free(&id_array);
        return teleai__fail_memory(error);
    }
    teleai__params params, own_ids;
    teleai__table_begin(table, &own_ids, client);
    teleai__params_add(&own_ids, teleai__array_value(&id_array), TELEAI__OID_INFER);
    teleai__operation earlier = teleai__get_many_operation(table, it->ids, it->count, out, &own_ids);
    earlier.decode = teleai__decode_all_in_order;
    teleai__table_begin(table, &params, client);
    teleai__operation operation = teleai__operation_of(table, table->names.create_many, NULL, &params);
    operation.statement.key = table->names.create_many;
    operation.statement.write = teleai__insert_many_write;
    operation.statement.of = table;
    teleai__copy copy = {.sql = text, .next = next_rows, .source = it};
    if (it->as_copy)
        operation.copy = &copy;
    for (size_t f = 0; !it->as_copy && f < table->field_count; f++)
        teleai__params_add(&params, teleai__array_value(&it->arrays[f]), TELEAI__OID_INFER);
    operation.statement.writes = true;
    operation.decode = it->as_copy ? teleai__decode_nothing : teleai__decode_made;
    operation.limit = (int)it->count;
    operation.out = out;
    operation.repeatable = true;
    operation.earlier = &earlier;
    operation.locate = locate;
    operation.origin = table;
    operation.origin_data = it;
    teleai__operation_add(&operation, it->addition);
    teleai__operation_add(&earlier, it->addition);
    status = teleai__run(client, &operation, error);
    teleai__array_free(&id_array);
    return status;
}
