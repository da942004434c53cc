/* Creating many rows at once: as arrays that one INSERT unnests, or, from a certain number on and when no records are
 * wanted back, as COPY; and finding out which row is at fault. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "base/secret.h"
#include "db/table.h"
#include "teleai/transaction.h"

#define COPY_FROM_ROWS 200 /* below, one round trip less is worth more */
#define ROWS_OF_A_TRY 1000 /* keep_good: so many are tried again after one that failed */

/* What is to be created: the inputs that are (still) thought to be good. */
typedef struct bulk {
    const teleai__table *table;
    const void **inputs;
    size_t count;
    const teleai__addition *addition;
    teleai_uuid *ids;      /* begins an arena, which also has what the inputs become */
    teleai__array *arrays; /* one a field, or */
    teleai__rows rows;
    bool as_copy;
} bulk;

static void drop(bulk *it) {
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

/* What the column gets when the field is absent: the text between the quotes of its SQL. */
static teleai__value absent_value(const teleai__field *field, unsigned char *scratch) {
    const char *start = field->absent == NULL ? NULL : strchr(field->absent, '\'');
    if (field->kind == TELEAI__BOOL && field->absent != NULL)
        return teleai__value_bool(field->absent[0] == 't', scratch);
    if (start == NULL)
        return teleai__value_null(TELEAI__OID_TEXT);
    return teleai__value_text(start + 1, strcspn(start + 1, "'"));
}

/* False: it has a form that only the server makes from text. */
static bool add_copied(bulk *it, const teleai__field *field, const void *copy, unsigned char *scratch) {
    bool given = teleai__field_is_given(field, copy);
    if (given && (field->kind == TELEAI__INET || field->kind == TELEAI__TEXTS))
        return false;
    teleai__value value = given ? teleai__field_encode(field, copy, scratch) : absent_value(field, scratch);
    teleai__rows_add_value(&it->rows, value, field->kind == TELEAI__JSON ? 1 : 0);
    return true;
}

static teleai_status fail_encoding(const bulk *it, teleai_error *error) {
    for (size_t f = 0; !it->as_copy && f < it->table->field_count; f++)
        if (it->arrays[f].failed && it->arrays[f].too_large)
            return teleai__fail(error, TELEAI_LIMIT_EXCEEDED, "%s: over 1 GB of %s; send fewer at a time",
                                it->table->names.create_many, it->table->fields[f].name);
    return teleai__fail_memory(error);
}

static teleai_status encode_row(bulk *it, size_t item, bool *copyable, teleai_error *error) {
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    unsigned char scratch[TELEAI__VALUE_SCRATCH];
    const teleai__table *table = it->table;
    teleai_uuid minted;
    teleai_status status = teleai__read_new(table, it->inputs[item], copy, &minted, teleai__arena_of(it->ids), error);
    if (status != TELEAI_OK) {
        teleai__at_item(error, item);
        return status;
    }
    it->ids[item] = *teleai__id_of(table, copy);
    if (it->as_copy)
        teleai__rows_add_row(&it->rows, table->field_count);
    for (size_t f = 0; f < table->field_count; f++)
        if (!it->as_copy)
            teleai__array_add(&it->arrays[f], teleai__field_encode(&table->fields[f], copy, scratch));
        else if (!add_copied(it, &table->fields[f], copy, scratch))
            *copyable = false;
    return TELEAI_OK;
}

static teleai_status encode(bulk *it, teleai_error *error) {
    bool copyable = true;
    it->arrays = calloc(it->table->field_count, sizeof *it->arrays);
    it->ids = teleai__arena_make(it->count * sizeof *it->ids, 1024);
    if (it->arrays == NULL || it->ids == NULL)
        return teleai__fail_memory(error);
    if (it->as_copy)
        teleai__rows_begin(&it->rows);
    for (size_t i = 0; copyable && i < it->count; i++) {
        teleai_status status = encode_row(it, i, &copyable, error);
        if (status != TELEAI_OK)
            return status;
    }
    if (!copyable) {
        drop(it);
        it->as_copy = false;
        return encode(it, error);
    }
    teleai__rows_end(&it->rows);
    bool failed = it->as_copy && it->rows.failed;
    for (size_t f = 0; !it->as_copy && f < it->table->field_count; f++)
        failed |= it->arrays[f].failed;
    return failed ? fail_encoding(it, error) : TELEAI_OK;
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

/* The last input with this value: of two that are alike, the second is at fault. */
static void find_value(const teleai__operation *operation, size_t f, const char *text, size_t text_length,
                       teleai_error *error) {
    const teleai__table *table = operation->origin;
    const bulk *it = operation->origin_data;
    teleai__values v = operation->params == NULL ? operation->values : teleai__params_values(operation->params);
    size_t at = 0, item = 0, found = SIZE_MAX;
    const unsigned char *bytes = NULL;
    int32_t length = -1;
    bool copied = operation->copy != NULL;
    while (copied ? teleai__rows_next(&it->rows, f, &at, &bytes, &length)
                  : next_of_array(v.values[f], v.lengths[f], &at, &bytes, &length)) {
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
    const char *name = strchr(connection->detail, '('), *value = name == NULL ? NULL : strstr(name, ")=(");
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
            if (place != NULL && place < value && (place[-1] == '(') && !isalnum((unsigned char)place[length]) &&
                place[length] != '_') {
                find_value(operation, f, value + 3, (size_t)(end - value) - 3, error);
                return;
            }
        }
    } else if (name != NULL) {
        find_value(operation, 0, name + 1, strcspn(name + 1, ",)"), error);
    }
}

/* ---- creating ---- */

/* "copy audio_files (id, ...) from stdin (format binary)" */
static bool write_copy(const teleai__table *table, char *text, size_t room) {
    teleai__sql sql;
    teleai__sql_init(&sql, text, room);
    teleai__sql_add(&sql, "copy ");
    teleai__sql_add(&sql, table->name);
    for (size_t f = 0; f < table->field_count; f++) {
        teleai__sql_add(&sql, f == 0 ? " (" : ", ");
        teleai__sql_add(&sql, table->fields[f].column);
    }
    teleai__sql_add(&sql, ") from stdin (format binary)");
    return !sql.failed;
}

/* Creates them all, in one statement. */
static teleai_status create(teleai_client *client, bulk *it, void *out, teleai_error *error) {
    const teleai__table *table = it->table;
    char text[900];
    it->as_copy =
        out == NULL && client->batch == NULL && it->count >= COPY_FROM_ROWS && write_copy(table, text, sizeof text);
    teleai_status status = encode(it, error);
    if (status != TELEAI_OK)
        return status;
    teleai__array id_array = {0};
    for (size_t i = 0; i < it->count; i++)
        teleai__array_add(&id_array, teleai__value_uuid(&it->ids[i]));
    if (id_array.failed) {
        teleai__array_free(&id_array);
        return teleai__fail_memory(error);
    }
    teleai__params params, own_ids;
    teleai__params_init(&own_ids);
    teleai__params_add(&own_ids, teleai__array_value(&id_array), TELEAI__OID_INFER);
    teleai__operation earlier = teleai__get_many_operation(table, it->ids, it->count, out, &own_ids);
    earlier.decode = teleai__decode_all_in_order;
    teleai__params_init(&params);
    teleai__operation operation =
        teleai__operation_of(table, table->names.create_many, table->create_many_sql, &params);
    teleai__copy copy = {.sql = text, .bytes = it->rows.bytes, .length = it->rows.length};
    if (it->as_copy)
        operation.copy = &copy;
    for (size_t f = 0; !it->as_copy && f < table->field_count; f++)
        teleai__params_add(&params, teleai__array_value(&it->arrays[f]), TELEAI__OID_INFER);
    operation.statement.writes = true;
    operation.decode = it->as_copy ? teleai__decode_nothing : teleai__decode_list;
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

/* ---- which ones are bad ---- */

/* Whether it is a row's own fault, and not the connection's or the server's. */
static bool is_of_a_row(teleai_status status) {
    return status == TELEAI_ALREADY_EXISTS || status == TELEAI_PARENT_NOT_FOUND || status == TELEAI_INVALID_ARGUMENT ||
           status == TELEAI_LIMIT_EXCEEDED;
}

/* Those that are good so far, and where they stand among the caller's inputs. */
typedef struct chosen {
    const bulk *all;
    const void **inputs;
    size_t *places, count;
    teleai_error *errors; /* of all, by the caller's places */
} chosen;

/* Tries some of them in a savepoint of their own. */
static teleai_status try_some(teleai_client *transaction, const chosen *of, size_t from, size_t count,
                              teleai_error *error) {
    teleai_client *inner;
    teleai_status status = teleai_transaction_begin(transaction, NULL, &inner, error);
    if (status != TELEAI_OK)
        return status;
    bulk some = {.table = of->all->table, .inputs = of->inputs + from, .count = count};
    status = create(inner, &some, NULL, error);
    drop(&some);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, error);
    teleai_close(inner);
    return status;
}

/* Finds the bad ones among them, which get their errors. Fails only for another reason than a row. */
static teleai_status try_all(teleai_client *transaction, const chosen *of, size_t from, size_t count,
                             teleai_error *error) {
    teleai_error why;
    while (count > 0) {
        teleai_status status = try_some(transaction, of, from, count, &why);
        if (status == TELEAI_OK)
            return status;
        if (!is_of_a_row(status)) {
            if (error != NULL)
                *error = why;
            return status;
        }
        bool located = (why.flags & TELEAI_ERROR_HAS_ITEM) != 0 && why.item < count;
        if (!located && count > 1) { /* the server has not told which: halve */
            status = try_all(transaction, of, from, count / 2, error);
            if (status != TELEAI_OK)
                return status;
            from += count / 2;
            count -= count / 2;
            continue;
        }
        size_t bad = located ? (size_t)why.item : 0;
        why.flags &= ~(uint32_t)TELEAI_ERROR_HAS_ITEM;
        why.item = 0;
        of->errors[of->places[from + bad]] = why;
        status = try_all(transaction, of, from, bad, error);
        if (status != TELEAI_OK)
            return status;
        from += bad + 1;
        count -= bad + 1;
    }
    return TELEAI_OK;
}

/* Finds the bad ones with a transaction that is not kept. */
static teleai_status find_bad(teleai_client *client, const chosen *good, teleai_error *error) {
    teleai_client *trial;
    teleai_status status = teleai_transaction_begin(client, NULL, &trial, error);
    for (size_t from = 0; status == TELEAI_OK && from < good->count; from += ROWS_OF_A_TRY)
        status =
            try_all(trial, good, from, good->count - from < ROWS_OF_A_TRY ? good->count - from : ROWS_OF_A_TRY, error);
    teleai_close(trial);
    return status;
}

/* ---- only the good ones ---- */

/* Takes those out that have an error. */
static void choose(chosen *it) {
    size_t kept = 0;
    for (size_t i = 0; i < it->count; i++)
        if (it->errors[it->places[i]].status == TELEAI_OK) {
            it->places[kept] = it->places[i];
            it->inputs[kept++] = it->inputs[i];
        }
    it->count = kept;
}

/* In a transaction a failure would be the end of it: there it happens in a savepoint. */
static teleai_status create_apart(teleai_client *client, bulk *it, void *out, teleai_error *error) {
    if (!teleai__is_transaction(client))
        return create(client, it, out, error);
    teleai_client *inner;
    teleai_status status = teleai_transaction_begin(client, NULL, &inner, error);
    if (status == TELEAI_OK)
        status = create(inner, it, out, error);
    if (status == TELEAI_OK)
        status = teleai_transaction_commit(inner, error);
    teleai_close(inner);
    return status;
}

static teleai_status nothing_left(void *out, teleai_error *error) {
    teleai__list *none = out == NULL ? NULL : teleai__arena_make(sizeof *none, 0);
    if (out != NULL && none == NULL)
        return teleai__fail_memory(error);
    if (out != NULL)
        memcpy(out, &none, sizeof none);
    return teleai__ok(error);
}

/* What the addition keeps secret is one piece for each input: those of the good ones, in their order. */
static char *pick_secrets(const teleai__addition *addition, const chosen *good, size_t count, size_t *bytes) {
    size_t each = addition->secret_bytes / count;
    *bytes = each * good->count;
    char *picked = malloc(*bytes == 0 ? 1 : *bytes);
    for (size_t i = 0; picked != NULL && i < good->count; i++)
        memcpy(picked + i * each, addition->secret + good->places[i] * each, each);
    return picked;
}

static teleai_status create_chosen(teleai_client *client, const bulk *all, const chosen *good, void *out,
                                   teleai_error *error) {
    bulk some = {.table = all->table, .inputs = good->inputs, .count = good->count};
    teleai__addition addition = {0};
    char *secrets = NULL;
    size_t bytes = 0;
    if (all->addition != NULL) {
        secrets = pick_secrets(all->addition, good, all->count, &bytes);
        if (secrets == NULL)
            return teleai__fail_memory(error);
        addition = *all->addition;
        addition.secret = secrets;
        addition.secret_bytes = bytes;
        some.addition = &addition;
    }
    teleai_status status = create_apart(client, &some, out, error);
    drop(&some);
    if (secrets != NULL)
        teleai__secret_wipe(secrets, bytes);
    free(secrets);
    return status;
}

/* Checks them all, and tries those that are left until the server takes them: others may write meanwhile, so what was good
 * a moment ago may have become bad. */
static teleai_status keep_good(teleai_client *client, const bulk *all, chosen *good, void *out, teleai_error *error) {
    _Alignas(max_align_t) unsigned char copy[TELEAI__LARGEST_INPUT];
    for (size_t i = 0; i < all->count; i++) {
        teleai_error *its = &good->errors[i];
        void *scratch = teleai__arena_make(0, 1024);
        teleai_uuid minted;
        if (scratch == NULL)
            return teleai__fail_memory(error);
        if (all->addition != NULL && all->addition->refused != NULL && all->addition->refused[i].status != TELEAI_OK)
            *its = all->addition->refused[i];
        else if (teleai__read_new(all->table, all->inputs[i], copy, &minted, teleai__arena_of(scratch), its) ==
                 TELEAI_OK)
            teleai__ok(its);
        teleai__arena_free(scratch);
    }
    teleai_status status = TELEAI_OK;
    for (int tries = 0; tries < 3; tries++) {
        size_t before = good->count;
        choose(good);
        if (good->count == 0)
            return nothing_left(out, error);
        if (tries > 0 && good->count == before)
            return status; /* whatever it is, it is none of them */
        status = create_chosen(client, all, good, out, error);
        if (status == TELEAI_OK || !is_of_a_row(status))
            return status;
        teleai_status found = find_bad(client, good, error);
        if (found != TELEAI_OK)
            return found;
    }
    return status;
}

/* ---- all or nothing ---- */

static teleai_status create_all(teleai_client *client, bulk *all, chosen *good, void *out, teleai_error *error) {
    teleai_error why;
    teleai_status status = create(client, all, out, &why);
    bool told = (why.flags & TELEAI_ERROR_HAS_ITEM) != 0;
    if (status != TELEAI_OK && is_of_a_row(status) && !told && all->count > 1 && client->batch == NULL &&
        !teleai__is_transaction(client) && find_bad(client, good, NULL) == TELEAI_OK) {
        for (size_t i = 0; i < all->count && !told; i++) {
            told = good->errors[i].status == status;
            if (told)
                teleai__at_item(&why, i);
        }
    }
    for (size_t i = 0; i < all->count; i++) {
        teleai__ok(&good->errors[i]);
        if (status != TELEAI_OK && told && i == why.item)
            good->errors[i] = why;
        else if (status != TELEAI_OK)
            teleai__fail(&good->errors[i], TELEAI_ABORTED, "%s: nothing was written, since the call failed",
                         all->table->names.create_many);
    }
    if (error != NULL)
        *error = why;
    return status;
}

static teleai_status check_options(const teleai_client *client, const teleai__table *table,
                                   const teleai_create_many_options *given, teleai_error *error) {
    if (given->keep_good && given->errors == NULL)
        return teleai__fail_field(
            error, "errors",
            "%s: keep_good needs errors, an array of as many as there are inputs; nobody else tells "
            "which were not good",
            table->names.create_many);
    if (client->batch != NULL && (given->keep_good || given->errors != NULL))
        return teleai__fail_field(error, "client", "%s: keep_good and errors cannot go into a batch",
                                  table->names.create_many);
    return TELEAI_OK;
}

bool teleai__keeps_good(const teleai_create_many_options *options) {
    teleai_create_many_options given;
    return teleai__read_options(&given, sizeof given, options, "options", NULL) == TELEAI_OK && given.keep_good;
}

teleai_status teleai__refuse_input(teleai_error **refused, size_t item, size_t count, const teleai_error *why,
                                   teleai__arena *arena, teleai_error *error) {
    if (*refused == NULL)
        *refused = teleai__arena_alloc(arena, count * sizeof **refused);
    if (*refused == NULL)
        return teleai__fail_memory(error);
    (*refused)[item] = *why;
    return TELEAI_OK;
}

teleai_status teleai__create_many(teleai_client *client, const teleai__table *table, const void *inputs, size_t count,
                                  const teleai_create_many_options *options, const teleai__addition *addition,
                                  void *out, teleai_error *error) {
    teleai__forget_out(out);
    teleai_create_many_options with;
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__count_check(table->names.create_many, inputs, "inputs", count, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&with, sizeof with, options, "options", error);
    if (status == TELEAI_OK)
        status = check_options(client, table, &with, error);
    if (status != TELEAI_OK)
        return status;
    bulk all = {.table = table, .count = count, .addition = addition};
    chosen good = {.all = &all, .count = count, .errors = with.errors};
    all.inputs = calloc(count, sizeof *all.inputs);
    good.inputs = calloc(count, sizeof *good.inputs);
    good.places = calloc(count, sizeof *good.places);
    status = all.inputs == NULL || good.inputs == NULL || good.places == NULL ? teleai__fail_memory(error) : TELEAI_OK;
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        good.places[i] = i;
        status = teleai__input_at(inputs, i, &all.inputs[i], error);
        good.inputs[i] = all.inputs[i];
        if (status != TELEAI_OK)
            teleai__at_item(error, i);
    }
    if (status == TELEAI_OK && with.keep_good)
        status = keep_good(client, &all, &good, out, error);
    else if (status == TELEAI_OK && with.errors != NULL)
        status = create_all(client, &all, &good, out, error);
    else if (status == TELEAI_OK)
        status = create(client, &all, out, error);
    drop(&all);
    free(all.inputs);
    free(good.inputs);
    free(good.places);
    return status;
}
