/*
 * What all nouns do alike: a noun gives its table, columns and fields once, and gets create, get, list, count, update
 * and delete from here. SQL that is the same but for names is put together from these; the rest stands beside the noun.
 */
#ifndef TELEAI_TABLE_TABLE_H
#define TELEAI_TABLE_TABLE_H

#include "run/operation.h"
#include "table/sql.h"
#include "teleai/stream.h"

/* The names of one noun's operations, for errors and prepared statements. */
typedef struct teleai__names {
    const char *create, *create_many, *get, *get_many, *update, *delete_, *list, *count;
} teleai__names;

typedef struct teleai__table {
    const char *noun;    /* "audio file" */
    const char *name;    /* of the table */
    const char *columns; /* those of `row`, for select and returning */
    const char *get_sql, *get_many_sql, *delete_sql;
    bool of_no_tenant; /* the rows belong to none: its statements do not name one */
    teleai__names names;
    const teleai__row *row;
    const teleai__field *fields; /* of the input; the first is the id */
    size_t field_count;
    size_t input_size;
    const teleai__field *filters;
    size_t filter_count;
    size_t filter_size;
    uint8_t cursor_kind;
    /* Completes a copied input before it is checked: what is given typed becomes JSON, what follows from it is set.
     * `fields` is what an update sets (prepare may add to it), or one of the two below. Memory comes from the arena,
     * which outlives the call. NULL: nothing to do. */
    teleai_status (*prepare)(void *input, uint64_t *fields, teleai__arena *arena, teleai_error *error);
} teleai__table;

#define TELEAI__FIELDS_NEW UINT64_MAX           /* prepare: for a create */
#define TELEAI__FIELDS_RESULT (UINT64_MAX >> 1) /* prepare: for a completion */
#define TELEAI__LARGEST_INPUT 512               /* bytes of any input or filter */

/* What is alike for all nouns whose rows belong to a tenant: their names, and statements that differ in these alone.
 * `removal`: how the noun calls its delete. */
#define TELEAI__TABLE_OF_TENANTS(word, table, list, removal)                                         \
    .name = table, .columns = list,                                                                  \
    .get_sql = "select " list "\n  from " table "\n where tenant_id = $1\n   and id = $2",           \
    .get_many_sql = "select " list "\n  from " table "\n where tenant_id = $1\n   and id = any($2)", \
    .delete_sql = "delete from " table "\n where tenant_id = $1\n   and id = $2",                    \
    .names = {word "_create", word "_create_many", word "_get",  word "_get_many",                   \
              word "_update", word "_" removal,    word "_list", word "_count"}

/* Begins the parameters: with the tenant, where the rows have one. */
static inline void teleai__table_begin(const teleai__table *table, teleai__params *params,
                                       const teleai_client *client) {
    if (table->of_no_tenant)
        teleai__params_init(params);
    else
        teleai__params_begin(params, client);
}

/* What a create adds to the record, or list, that comes back: see teleai__operation. */
typedef struct teleai__addition {
    bool (*finish)(const teleai__operation *operation, void *made);
    void (*drop)(void *made);
    const char *secret;
    size_t secret_bytes;
    const teleai_error *refused; /* create_many: inputs that are known to be bad, an error each; NULL: none is */
} teleai__addition;

teleai_status teleai__create(teleai_client *client, const teleai__table *table, const void *input,
                             const teleai__addition *addition, void *out, teleai_error *error);
/* In many.c. */
teleai_status teleai__create_many(teleai_client *client, const teleai__table *table, const void *inputs, size_t count,
                                  const teleai_create_many_options *options, const teleai__addition *addition,
                                  void *out, teleai_error *error);
teleai_status teleai__get(teleai_client *client, const teleai__table *table, const teleai_uuid *id, void *out,
                          teleai_error *error);
teleai_status teleai__get_many(teleai_client *client, const teleai__table *table, const teleai_uuid *ids, size_t count,
                               void *out, teleai_error *error);
teleai_status teleai__update(teleai_client *client, const teleai__table *table, const teleai_uuid *id,
                             const void *input, uint64_t fields, const teleai_update_options *options, void *out,
                             teleai_error *error);
teleai_status teleai__delete(teleai_client *client, const teleai__table *table, const teleai_uuid *id,
                             teleai_error *error);
teleai_status teleai__list_page(teleai_client *client, const teleai__table *table, const void *filter,
                                const teleai_page *page, void *out, teleai_error *error);
/* The same as a stream; read it with teleai__stream_next(). */
teleai_status teleai__list_stream(teleai_client *client, const teleai__table *table, const void *filter,
                                  const teleai_page *page, teleai_stream **out, teleai_error *error);
teleai_status teleai__count(teleai_client *client, const teleai__table *table, const void *filter, int64_t *out,
                            teleai_error *error);

/* The input at this place of an array, whose members' size the first one's struct_size gives; all must give the
 * same. */
teleai_status teleai__input_at(const void *inputs, size_t item, const void **out, teleai_error *error);

/* For a noun that converts its inputs first: whether one that cannot be converted is passed over. */
bool teleai__keeps_good(const teleai_create_many_options *options);
/* Notes one that could not be converted, in an array for teleai__addition.refused that is made with the first. */
teleai_status teleai__refuse_input(teleai_error **refused, size_t item, size_t count, const teleai_error *why,
                                   teleai__arena *arena, teleai_error *error);

/* An operation of this noun with one of its statements; by default it reads one record. */
teleai__operation teleai__operation_of(const teleai__table *table, const char *name, const char *sql,
                                       teleai__params *params);
/* Of the ids that the caller has added to the parameters as an array. */
teleai__operation teleai__get_many_operation(const teleai__table *table, const teleai_uuid *ids, size_t count,
                                             void *out, teleai__params *params);
void teleai__operation_add(teleai__operation *operation, const teleai__addition *addition); /* which may be NULL */
/* An input to be read: itself, where that can be read as it is, or a copy of it at `room`, prepared. Its fields are still
 * to be checked, and it may have no id. */
teleai_status teleai__take_new(const teleai__table *table, const void *input, void *room, teleai__arena *arena,
                               const void **out, teleai_error *error);
/* The same, checked, as a copy with an id, which *minted holds where the caller gave none. */
teleai_status teleai__read_new(const teleai__table *table, const void *input, void *copy, teleai_uuid *minted,
                               teleai__arena *arena, teleai_error *error);
/* Sets a record pointer that is to be filled to NULL. */
void teleai__forget_out(void *out);

#endif
