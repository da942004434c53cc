#include "table/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/tenant.h"
#include "table/insert.h"
#include "table/stream.h"

/* ---- arguments ---- */

void teleai__forget_out(void *out) {
    if (out != NULL)
        memset(out, 0, sizeof(void *));
}

static const teleai_uuid *id_of(const teleai__table *table, const void *input) {
    const teleai_uuid *id;
    memcpy(&id, (const char *)input + table->fields[0].offset, sizeof id);
    return id;
}

teleai_status teleai__take_new(const teleai__table *table, const void *input, void *room, teleai__arena *arena,
                               const void **out, teleai_error *error) {
    size_t size = 0;
    if (input != NULL)
        memcpy(&size, input, sizeof size);
    *out = input;
    if (table->prepare == NULL && size == table->input_size)
        return TELEAI_OK;
    *out = room;
    uint64_t all = TELEAI__FIELDS_NEW;
    teleai_status status = teleai__read_input(room, table->input_size, input, "input", error);
    return status == TELEAI_OK && table->prepare != NULL ? table->prepare(room, &all, arena, error) : status;
}

teleai_status teleai__read_new(const teleai__table *table, const void *input, void *copy, teleai_uuid *minted,
                               teleai__arena *arena, teleai_error *error) {
    const void *taken;
    teleai_status status = teleai__take_new(table, input, copy, arena, &taken, error);
    if (status == TELEAI_OK)
        status = teleai__fields_check(table->fields, table->field_count, taken, error);
    if (status != TELEAI_OK)
        return status;
    if (taken != copy)
        memcpy(copy, taken, table->input_size);
    if (id_of(table, copy) == NULL) {
        teleai_uuid_make(minted);
        memcpy((char *)copy + table->fields[0].offset, &minted, sizeof minted);
    }
    return TELEAI_OK;
}

/* ---- operations ---- */

teleai__operation teleai__operation_of(const teleai__table *table, const char *name, const char *sql,
                                       teleai__params *params) {
    return (teleai__operation){
        .statement = {.key = sql, .name = name, .sql = sql},
        .params = params,
        .row = table->row,
        .noun = table->noun,
        .decode = teleai__decode_one,
    };
}

/* Made where it is to be: it is too large to be handed around for every get. */
static void make_get(teleai__operation *it, const teleai_client *client, const teleai__table *table,
                     const teleai_uuid *id, void *out, teleai__params *params) {
    teleai__table_begin(table, params, client);
    teleai__params_add(params, teleai__value_uuid(id), TELEAI__OID_UUID);
    *it = (teleai__operation){
        .statement = {.key = table->get_sql, .name = table->names.get, .sql = table->get_sql},
        .params = params,
        .repeatable = true,
        .brief = true,
        .row = table->row,
        .noun = table->noun,
        .decode = teleai__decode_one,
        .out = out,
    };
}

teleai__operation teleai__get_many_operation(const teleai__table *table, const teleai_uuid *ids, size_t count,
                                             void *out, teleai__params *params) {
    teleai__operation operation = teleai__operation_of(table, table->names.get_many, table->get_many_sql, params);
    operation.repeatable = true;
    operation.decode = teleai__decode_in_order;
    operation.limit = (int)count;
    operation.more = ids;
    operation.more_bytes = count * sizeof *ids;
    operation.out = out;
    return operation;
}

void teleai__operation_add(teleai__operation *operation, const teleai__addition *addition) {
    if (addition == NULL)
        return;
    operation->finish = addition->finish;
    operation->drop = addition->drop;
    operation->secret = addition->secret;
    operation->secret_bytes = addition->secret_bytes;
}

teleai_status teleai__create(teleai_client *client, const teleai__table *table, const void *input,
                             const teleai__addition *addition, void *out, teleai_error *error) {
    teleai__forget_out(out);
    _Alignas(max_align_t) unsigned char room[TELEAI__LARGEST_INPUT];
    void *scratch = table->prepare == NULL ? NULL : teleai__arena_make(0, 1024);
    if (table->prepare != NULL && scratch == NULL)
        return teleai__fail_memory(error);
    const void *taken;
    teleai__params params;
    teleai__table_begin(table, &params, client);
    teleai_uuid minted;
    const teleai_uuid *id = &minted;
    teleai_status status =
        teleai__take_new(table, input, room, scratch == NULL ? NULL : teleai__arena_of(scratch), &taken, error);
    if (status == TELEAI_OK) {
        if (id_of(table, taken) != NULL)
            id = id_of(table, taken);
        else
            teleai_uuid_make(&minted);
        teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_INFER);
        status = teleai__params_read_fields(&params, table->fields + 1, table->field_count - 1, taken, error);
    }
    if (status == TELEAI_OK) {
        teleai__operation operation = teleai__operation_of(table, table->names.create, NULL, &params);
        operation.statement.key = table->names.create;
        operation.statement.write = teleai__insert_write;
        operation.statement.of = table;
        operation.statement.writes = true;
        operation.out = out;
        teleai__params own_id;
        teleai__operation earlier;
        make_get(&earlier, client, table, id, out, &own_id);
        operation.repeatable = true;
        operation.earlier = &earlier;
        teleai__operation_add(&operation, addition);
        teleai__operation_add(&earlier, addition);
        status = teleai__run(client, &operation, error);
    }
    teleai__arena_free(scratch);
    return status;
}

teleai_status teleai__input_at(const void *inputs, size_t item, const void **out, teleai_error *error) {
    size_t stride, size;
    memcpy(&stride, inputs, sizeof stride);
    if (stride < sizeof stride || stride % sizeof stride != 0 || stride > 4096)
        return teleai__fail_field(error, "struct_size", "inputs[0].struct_size is %zu; set it to sizeof the struct",
                                  stride);
    *out = (const char *)inputs + item * stride;
    memcpy(&size, *out, sizeof size);
    if (size == stride)
        return TELEAI_OK;
    return teleai__fail_field(error, "struct_size", "inputs[%zu].struct_size is %zu, that of inputs[0] is %zu", item,
                              size, stride);
}

teleai_status teleai__get(teleai_client *client, const teleai__table *table, const teleai_uuid *id, void *out,
                          teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__id_check("id", id, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__operation operation;
    make_get(&operation, client, table, id, out, &params);
    return teleai__run(client, &operation, error);
}

teleai_status teleai__get_many(teleai_client *client, const teleai__table *table, const teleai_uuid *ids, size_t count,
                               void *out, teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__count_check(table->names.get_many, ids, "ids", count, error);
    if (status != TELEAI_OK)
        return status;
    teleai__array array = {0};
    teleai__array_add_uuids(&array, ids, count);
    if (array.failed) {
        teleai__array_free(&array);
        return teleai__fail_memory(error);
    }
    teleai__params params;
    teleai__table_begin(table, &params, client);
    teleai__params_add(&params, teleai__array_value(&array), TELEAI__OID_INFER);
    teleai__operation operation = teleai__get_many_operation(table, ids, count, out, &params);
    status = teleai__run(client, &operation, error);
    teleai__array_free(&array);
    return status;
}

/* ---- update, delete ---- */

static teleai_status check_mask(const teleai__table *table, uint64_t fields, teleai_error *error) {
    uint64_t known = 0;
    for (size_t i = 0; i < table->field_count; i++)
        known |= table->fields[i].bit;
    if (fields != 0 && (fields & ~known) == 0)
        return TELEAI_OK;
    return teleai__fail_field(error, "fields",
                              "fields is %#" PRIx64 "; one or more TELEAI_..._FIELD_... bits were expected", fields);
}

/* Checks what `fields` names and writes " column = $n" for each. */
static teleai_status add_assignments(const teleai__table *table, const void *input, uint64_t fields, teleai__sql *sql,
                                     teleai__params *params, teleai_error *error) {
    bool first = true;
    for (size_t i = 0; i < table->field_count; i++) {
        const teleai__field *field = &table->fields[i];
        if ((fields & field->bit) == 0)
            continue;
        teleai__value value;
        teleai_status status = teleai__field_read(field, input, teleai__params_scratch(params), &value, error);
        if (status != TELEAI_OK)
            return status;
        int number = teleai__params_add(params, value, TELEAI__OID_INFER);
        teleai__sql_add(sql, first ? "" : ",\n           ");
        teleai__sql_add(sql, field->column);
        teleai__sql_add_param(sql, field->absent == NULL ? " = $?" : " = coalesce($?, ", number);
        if (field->absent != NULL) {
            teleai__sql_add(sql, field->absent);
            teleai__sql_add(sql, ")");
        }
        first = false;
    }
    return TELEAI_OK;
}

teleai_status teleai__update(teleai_client *client, const teleai__table *table, const teleai_uuid *id,
                             const void *input, uint64_t fields, const teleai_update_options *options, void *out,
                             teleai_error *error) {
    teleai__forget_out(out);
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    teleai_update_options with;
    teleai_status status = teleai__id_check("id", id, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&with, sizeof with, options, "options", error);
    if (status == TELEAI_OK)
        status = teleai__read_input(copy, table->input_size, input, "input", error);
    if (status != TELEAI_OK)
        return status;
    void *scratch = teleai__arena_make(0, 1024);
    if (scratch == NULL)
        return teleai__fail_memory(error);
    status = check_mask(table, fields, error);
    if (status == TELEAI_OK && table->prepare != NULL)
        status = table->prepare(copy, &fields, teleai__arena_of(scratch), error);

    bool guarded = with.if_unchanged_since_us != 0;
    if (status == TELEAI_OK && guarded && with.repeat_if_lost)
        status = teleai__fail_field(error, "repeat_if_lost",
                                    "repeat_if_lost cannot be had together with if_unchanged_since_us: the repetition "
                                    "would find the row changed, by its own first sending");
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__params params;
    teleai__sql_init(&sql, text, sizeof text);
    teleai__table_begin(table, &params, client);
    int row = teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID), since = 0;
    const char *where = table->of_no_tenant ? "\n where id = $?" : "\n where tenant_id = $1\n   and id = $?";
    if (guarded) {
        since =
            teleai__params_add(&params, teleai__value_time(with.if_unchanged_since_us, teleai__params_scratch(&params)),
                               TELEAI__OID_TIMESTAMPTZ);
        teleai__sql_add(&sql, "with target as (\nselect id as target_id,\n       updated_at as was\n  from ");
        teleai__sql_add(&sql, table->name);
        teleai__sql_add_param(&sql, where, row);
        teleai__sql_add(&sql, "\n   for update\n), changed as (\n");
    }
    teleai__sql_add(&sql, "update ");
    teleai__sql_add(&sql, table->name);
    teleai__sql_add(&sql, "\n       set ");
    if (status == TELEAI_OK)
        status = add_assignments(table, copy, fields, &sql, &params, error);
    if (status == TELEAI_OK) {
        teleai__sql_add_param(&sql, where, row);
        if (guarded)
            teleai__sql_add_param(&sql, "\n   and id = (select target_id from target where was = $?)", since);
        teleai__sql_add(&sql, "\nreturning ");
        teleai__sql_add(&sql, table->columns);
        if (guarded) {
            /* By their names: an expression among the columns has been computed by now. */
            teleai__sql_add(&sql, "\n)\nselect was::text");
            for (int i = 0; i < table->row->count; i++) {
                teleai__sql_add(&sql, ", ");
                teleai__sql_add(&sql, table->row->columns[i].name);
            }
            teleai__sql_add(&sql, "\n  from target\n  left join changed on true");
        }
        teleai__operation operation = teleai__operation_of(table, table->names.update, sql.text, &params);
        operation.statement.key = table;
        operation.statement.variant = fields | (uint64_t)guarded << 63 | UINT64_C(1) << 62;
        operation.statement.writes = true;
        operation.repeatable = with.repeat_if_lost;
        operation.out = out;
        if (guarded) {
            operation.decode = teleai__decode_guarded;
            operation.more = "was changed since you read it";
        }
        status = sql.failed
                     ? teleai__fail(error, TELEAI_SERVER_ERROR, "%s: the statement is too long", table->names.update)
                     : teleai__run(client, &operation, error);
    }
    teleai__arena_free(scratch);
    return status;
}

teleai_status teleai__delete(teleai_client *client, const teleai__table *table, const teleai_uuid *id,
                             teleai_error *error) {
    teleai_status status = teleai__id_check("id", id, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__table_begin(table, &params, client);
    teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
    teleai__operation operation = teleai__operation_of(table, table->names.delete_, table->delete_sql, &params);
    operation.statement.writes = true;
    operation.repeatable = operation.deletes = true;
    operation.decode = teleai__decode_affected;
    return teleai__run(client, &operation, error);
}

/* ---- list, count ---- */

static teleai_status read_filter(const teleai__table *table, const void *filter, void *copy, teleai_error *error) {
    teleai_status status = teleai__read_options(copy, table->filter_size, filter, "filter", error);
    return status != TELEAI_OK ? status : teleai__fields_check(table->filters, table->filter_count, copy, error);
}

/* Newest first is by created_at in the default tenant, which may have rows of older tooling with ids of no order, and for
 * the rows of a user, which an index has in that order. In any other tenant as a whole it is by id: its rows come by its
 * key, and a page costs what it shows however many tenants there are. */
static bool goes_by_id(const teleai_client *client, const teleai__table *table, const void *filter) {
    if (table->of_no_tenant || teleai_uuid_equal(teleai__client_tenant(client), &teleai__default_tenant))
        return false;
    for (size_t i = 0; i < table->filter_count; i++)
        if ((table->filters[i].flags & TELEAI__OWNER) != 0 && teleai__field_is_given(&table->filters[i], filter))
            return false;
    return true;
}

#define LIST_CURSOR (UINT64_C(1) << 60)
#define LIST_OLDEST (UINT64_C(1) << 61)
#define LIST_BY_ID (UINT64_C(1) << 59)
#define LIST_BOUNDED (UINT64_C(1) << 58)

static void add_tenant(const teleai__table *table, teleai__sql *sql) {
    if (table->of_no_tenant)
        return;
    teleai__sql_and(sql);
    teleai__sql_add(sql, "tenant_id = $1");
}

/* Writes the statement of a list. Returns its variant. */
static uint64_t write_list(const teleai_client *client, const teleai__table *table, const void *filter,
                           const teleai__page *page, bool limited, teleai__sql *sql, teleai__params *params) {
    int limit = 0;
    teleai__table_begin(table, params, client);
    if (limited)
        limit = teleai__params_add(params, teleai__value_int8(page->limit + 1, teleai__params_scratch(params)),
                                   TELEAI__OID_INT8);
    teleai__sql_add(sql, "select ");
    teleai__sql_add(sql, table->columns);
    teleai__sql_add(sql, "\n  from ");
    teleai__sql_add(sql, table->name);
    add_tenant(table, sql);
    uint64_t variant = teleai__sql_add_filter(sql, table->filters, table->filter_count, filter, params);
    teleai__page_add_bounds(page, table->filters, table->filter_count, filter, sql, params);
    teleai__page_add(page, sql, params, "created_at", "id", limit);
    return variant | (page->has_cursor ? LIST_CURSOR : 0) | (page->oldest_first ? LIST_OLDEST : 0) |
           (page->by_id ? LIST_BY_ID : 0) | (page->bounded ? LIST_BOUNDED : 0);
}

teleai_status teleai__list_page(teleai_client *client, const teleai__table *table, const void *filter,
                                const teleai_page *page, void *out, teleai_error *error) {
    teleai__forget_out(out);
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    teleai__page with;
    teleai_status status = read_filter(table, filter, copy, error);
    if (status == TELEAI_OK)
        status = teleai__page_read(page, table->cursor_kind, goes_by_id(client, table, copy), &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__params params;
    teleai__sql_init(&sql, text, sizeof text);
    uint64_t variant = write_list(client, table, copy, &with, true, &sql, &params);
    teleai__operation operation = teleai__operation_of(table, table->names.list, sql.text, &params);
    operation.statement.key = table;
    operation.statement.variant = variant;
    operation.repeatable = true;
    operation.decode = teleai__decode_list;
    operation.limit = with.limit;
    operation.cursor_kind = with.cursor_kind;
    operation.out = out;
    return teleai__run(client, &operation, error);
}

#define ROWS_OF_A_PIECE 32 /* long texts of more do not stay in the cache: 500 take 1.7 times as long */

teleai_status teleai__list_stream(teleai_client *client, const teleai__table *table, const void *filter,
                                  const teleai_page *page, teleai_stream **out, teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("stream", error);
    *out = NULL;
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    teleai__page with;
    teleai_status status = read_filter(table, filter, copy, error);
    if (status == TELEAI_OK)
        status = teleai__page_read(page, table->cursor_kind, goes_by_id(client, table, copy), &with, error);
    if (status != TELEAI_OK)
        return status;
    if (page == NULL || page->limit == 0)
        with.limit = ROWS_OF_A_PIECE;
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__params params;
    teleai__sql_init(&sql, text, sizeof text);
    (void)write_list(client, table, copy, &with, false, &sql, &params);
    return teleai__stream_open(client, table, sql.text, &params, with.limit, with.cursor_kind, out, error);
}

teleai_status teleai__count(teleai_client *client, const teleai__table *table, const void *filter, int64_t *out,
                            teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("count", error);
    *out = 0;
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    teleai_status status = read_filter(table, filter, copy, error);
    if (status != TELEAI_OK)
        return status;
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__params params;
    teleai__sql_init(&sql, text, sizeof text);
    teleai__table_begin(table, &params, client);
    teleai__sql_add(&sql, "select count(*)\n  from ");
    teleai__sql_add(&sql, table->name);
    add_tenant(table, &sql);
    uint64_t variant = teleai__sql_add_filter(&sql, table->filters, table->filter_count, copy, &params);
    teleai__operation operation = teleai__operation_of(table, table->names.count, sql.text, &params);
    operation.statement.key = table->names.count;
    operation.statement.variant = variant;
    operation.repeatable = true;
    operation.decode = teleai__decode_count;
    operation.out = out;
    return teleai__run(client, &operation, error);
}
