#include "table/transition.h"

#include <string.h>

#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"

static teleai_status run(teleai_client *client, const teleai__table *table, const char *name, const char *sql,
                         teleai__params *params, const char *refused, void *out, teleai_error *error) {
    teleai__operation operation = teleai__operation_of(table, name, sql, params);
    operation.statement.writes = true;
    operation.decode = teleai__decode_guarded;
    operation.more = refused;
    operation.out = out;
    return teleai__run(client, &operation, error);
}

teleai_status teleai__transition(teleai_client *client, const teleai__table *table, const char *name, const char *sql,
                                 const teleai_uuid *id, const char *refused, void *out, teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__id_check("id", id, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__table_begin(table, &params, client);
    teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
    return run(client, table, name, sql, &params, refused, out, error);
}

teleai_status teleai__transition_fail(teleai_client *client, const teleai__table *table, const char *name,
                                      const char *sql, const teleai_uuid *id, const char *message, void *out,
                                      teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__id_check("id", id, error);
    if (status == TELEAI_OK)
        status = teleai__text_check("error_message", message, 1, 0, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__table_begin(table, &params, client);
    teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
    teleai__params_add(&params, teleai__value_text(message, strlen(message)), TELEAI__OID_INFER);
    return run(client, table, name, sql, &params, "cannot be marked as failed", out, error);
}

teleai_status teleai__complete(teleai_client *client, const teleai__table *table, const char *name, const char *sql,
                               const teleai_uuid *id, const void *result, void *out, teleai_error *error) {
    teleai__forget_out(out);
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    teleai_status status = teleai__id_check("id", id, error);
    if (status == TELEAI_OK)
        status = teleai__read_input(copy, table->input_size, result, "result", error);
    if (status != TELEAI_OK)
        return status;
    void *scratch = teleai__arena_make(0, 1024);
    if (scratch == NULL)
        return teleai__fail_memory(error);
    uint64_t fields = TELEAI__FIELDS_RESULT;
    status = table->prepare(copy, &fields, teleai__arena_of(scratch), error);
    teleai__params params;
    teleai__table_begin(table, &params, client);
    teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
    for (size_t i = 0; status == TELEAI_OK && i < table->field_count; i++) {
        const teleai__field *field = &table->fields[i];
        if (field->flags & TELEAI__RESULT) {
            teleai__value value;
            status = teleai__field_read(field, copy, teleai__params_scratch(&params), &value, error);
            if (status == TELEAI_OK)
                teleai__params_add(&params, value, TELEAI__OID_INFER);
        } else if (teleai__field_is_given(field, copy)) {
            status = teleai__fail_field(error, field->name, "%s is not part of a result; leave it zero", field->name);
        }
    }
    if (status == TELEAI_OK)
        status = run(client, table, name, sql, &params, "cannot be completed", out, error);
    teleai__arena_free(scratch);
    return status;
}
