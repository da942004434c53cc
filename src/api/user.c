/* Users: SQL, columns, fields, functions; permissions. Logging in is in login.c. */
#include "teleai/user.h"

#include <string.h>

#include "api/labels.h"
#include "api/user.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/nfc.h"
#include "base/options.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/stream.h"
#include "table/table.h"
#include "wire/result.h"

#define COLUMNS TELEAI__USER_COLUMNS("")

#define RECORD teleai_user
static const teleai__column columns[] = {
    TELEAI__COLUMN_UUID("id", id),
    TELEAI__COLUMN_TEXT("email", email),
    TELEAI__COLUMN_TEXT("full_name", full_name),
    TELEAI__COLUMN_LABEL("role", role, teleai__user_roles),
    TELEAI__COLUMN_BOOL("is_active", is_active),
    TELEAI__COLUMN_TIME_OR_NULL("last_login_at", last_login_at_us, has_last_login_at),
    TELEAI__COLUMN_TIME("created_at", created_at_us),
    TELEAI__COLUMN_TIME("updated_at", updated_at_us),
    TELEAI__COLUMN_UUID("tenant_id", tenant_id),
};

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_user *user = record;
    cursor->time_us = user->created_at_us;
    cursor->id = user->id;
}

const teleai__row teleai__user_row = {
    .noun = "user",
    .size = sizeof(teleai_user),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
};

/* A user as the table has it: the caller's input with the password hashed. */
typedef struct user_input {
    size_t struct_size;
    const teleai_uuid *id;
    const char *email;
    const char *full_name;
    const char *password_hash;
    int32_t role;
    bool is_active, has_is_active;
} user_input;

#define INPUT user_input
#define BIT(name) .bit = TELEAI_USER_FIELD_##name
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"email", "email", TELEAI__FIELD_TEXT(email, TELEAI__REQUIRED), .least = 3, .most = 255,
     .expected = teleai__email_expected, BIT(EMAIL)},
    {"full_name", "full_name", TELEAI__FIELD_TEXT(full_name, TELEAI__REQUIRED), .least = 1, .most = 255,
     BIT(FULL_NAME)},
    {"password", "password_hash", TELEAI__FIELD_TEXT(password_hash, TELEAI__REQUIRED), BIT(PASSWORD)},
    {"role", "role", TELEAI__FIELD_LABEL(role, teleai__user_roles), BIT(ROLE), .absent = "'user'::user_role"},
    {"is_active", "is_active", TELEAI__FIELD_BOOL(is_active, has_is_active), BIT(IS_ACTIVE), .absent = "true"},
};
#undef BIT
#undef INPUT

#define INPUT teleai_user_filter
static const teleai__field filters[] = {
    {"created_from_us", "created_at >= $?", .flags = TELEAI__FROM, TELEAI__FIELD_TIME_OR_ZERO(created_from_us)},
    {"created_until_us", "created_at < $?", .flags = TELEAI__UNTIL, TELEAI__FIELD_TIME_OR_ZERO(created_until_us)},
    {"role", "role = $?", TELEAI__FIELD_LABEL(role, teleai__user_roles)},
    {"is_active", "is_active = $?", TELEAI__FIELD_BOOL(is_active, has_is_active)},
    {"id_from", "id >= $?", TELEAI__FIELD_UUID(id_from, 0)},
    {"id_until", "id < $?", TELEAI__FIELD_UUID(id_until, 0)},
};
#undef INPUT

static const char get_by_email_sql[] = "select " COLUMNS "\n"
                                       "  from users\n"
                                       " where tenant_id = $1\n"
                                       "   and " TELEAI__ACCOUNT_OF("", "$2");

/* Under row security lower() would be looked at in every row: the server does not know that lower() keeps a secret. */
static const char get_by_email_secured_sql[] = "select " COLUMNS "\n"
                                               "  from users\n"
                                               " where tenant_id = $1\n"
                                               "   and id = teleai_user_of_email($2)";

static const teleai__table table = {
    .noun = "user",
    TELEAI__TABLE_OF_TENANTS("user", "users", COLUMNS, "delete"),
    .row = &teleai__user_row,
    .fields = fields,
    .field_count = TELEAI__COUNT(fields),
    .input_size = sizeof(user_input),
    .filters = filters,
    .filter_count = TELEAI__COUNT(filters),
    .filter_size = sizeof(teleai_user_filter),
    .cursor_kind = TELEAI__CURSOR_USERS,
};

/* ---- passwords ---- */

/* What stands for a hash where there is no password: no password ever gives it. */
static const char no_password[] = "!";

static teleai_status fail_hash(teleai_error *error) {
    return teleai__fail(error, TELEAI_OUT_OF_MEMORY,
                        "no memory for the password's hash; password_memory_kib sets how much it takes");
}

/* RFC 8265, section 4.2: spaces and composed letters are brought to one form, control characters are refused. */
static teleai_status check_password(const char *password, teleai_error *error) {
    size_t bytes = strlen(password), characters, bad;
    if (bytes > TELEAI__PASSWORD_MAX_BYTES)
        return teleai__fail_field(error, "password", "password has %zu bytes; at most %d were expected", bytes,
                                  TELEAI__PASSWORD_MAX_BYTES);
    if (!teleai__utf8_check(password, bytes, &characters, &bad))
        return teleai__fail_field(error, "password", "password is not valid UTF-8 at byte %zu", bad);
    if (teleai__has_control(password, bytes))
        return teleai__fail_field(error, "password",
                                  "password has a control character, such as a tab or the end of a line; leave it out");
    teleai__password read;
    if (!teleai__password_read(password, &read))
        return fail_hash(error);
    characters = read.characters;
    teleai__password_wipe(&read);
    if (characters < TELEAI__PASSWORD_MIN_CHARACTERS)
        return teleai__fail_field(error, "password", "password has %zu characters; at least %d were expected",
                                  characters, TELEAI__PASSWORD_MIN_CHARACTERS);
    return TELEAI_OK;
}

static teleai_status hash_password(const teleai_client *client, const char *password, char *hash, teleai_error *error) {
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK && password == NULL) {
        memcpy(hash, no_password, sizeof no_password);
        return TELEAI_OK;
    }
    teleai__password read;
    if (status == TELEAI_OK && !teleai__password_read(password, &read))
        return fail_hash(error);
    if (status == TELEAI_OK) {
        if (!teleai__password_hash(read.forms[0], client->core->password_cost, hash))
            status = fail_hash(error);
        teleai__password_wipe(&read);
    }
    return status;
}

/* Checks what an update or create gives and turns it into the table's form. `fields_set` tells whether it has a new
 * password; hashing comes last, since it is what costs. */
static teleai_status convert(const teleai_client *client, const teleai_user_input *input, uint64_t fields_set,
                             user_input *out, char *hash, teleai_error *error) {
    teleai_user_input given;
    teleai_status status = teleai__read_input(&given, sizeof given, input, "input", error);
    if (status != TELEAI_OK)
        return status;
    *out = (user_input){
        .struct_size = sizeof *out,
        .id = given.id,
        .email = given.email,
        .full_name = given.full_name,
        .password_hash = no_password,
        .role = given.role,
        .is_active = given.is_active,
        .has_is_active = given.has_is_active,
    };
    bool sets_password = (fields_set & TELEAI_USER_FIELD_PASSWORD) != 0;
    if (sets_password && given.password != NULL)
        status = check_password(given.password, error);
    for (size_t i = 0; status == TELEAI_OK && i < TELEAI__COUNT(fields); i++)
        if (fields_set == TELEAI__FIELDS_NEW || (fields[i].bit & fields_set) != 0)
            status = teleai__field_check(&fields[i], out, error);
    if (status == TELEAI_OK && sets_password) {
        status = hash_password(client, given.password, hash, error);
        out->password_hash = hash;
    }
    return status;
}

/* ---- functions ---- */

teleai_status teleai_user_create(teleai_client *client, const teleai_user_input *input, teleai_user **out,
                                 teleai_error *error) {
    teleai__forget_out(out);
    user_input converted;
    char hash[TELEAI__PASSWORD_HASH_BYTES];
    teleai_status status = convert(client, input, TELEAI__FIELDS_NEW, &converted, hash, error);
    return status != TELEAI_OK ? status : teleai__create(client, &table, &converted, NULL, out, error);
}

teleai_status teleai_user_create_many(teleai_client *client, const teleai_user_input *inputs, size_t count,
                                      const teleai_create_many_options *options, teleai_users **out,
                                      teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__count_check("user_create_many", inputs, "inputs", count, error);
    if (status == TELEAI_OK)
        status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    void *scratch = teleai__arena_make(0, 0);
    if (scratch == NULL)
        return teleai__fail_memory(error);
    teleai__arena *arena = teleai__arena_of(scratch);
    user_input *converted = teleai__arena_alloc(arena, count * sizeof *converted);
    char *hashes = teleai__arena_alloc(arena, count * TELEAI__PASSWORD_HASH_BYTES);
    status = converted == NULL || hashes == NULL ? teleai__fail_memory(error) : TELEAI_OK;
    bool keeps_good = teleai__keeps_good(options);
    teleai_error *refused = NULL;
    teleai__deadline deadline = teleai__client_deadline(client);
    int64_t asked_us = teleai__monotonic_coarse_us();
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        const void *input = NULL;
        teleai_error why;
        status = teleai__input_at(inputs, i, &input, &why);
        if (status == TELEAI_OK)
            status = convert(client, input, TELEAI__FIELDS_NEW, &converted[i], hashes + i * TELEAI__PASSWORD_HASH_BYTES,
                             &why);
        if (status == TELEAI_OK && teleai__deadline_ask(deadline, false, &asked_us)) /* each hash takes a while */
            status =
                teleai__fail(&why, TELEAI_CANCELLED, "user_create_many: it was cancelled before anything was sent");
        if (status == TELEAI_OK)
            continue;
        converted[i] = (user_input){.struct_size = sizeof converted[i]};
        if (keeps_good && status == TELEAI_INVALID_ARGUMENT) {
            status = teleai__refuse_input(&refused, i, count, &why, arena, error);
            continue;
        }
        if (error != NULL)
            *error = why;
        teleai__at_item(error, i);
    }
    const teleai__addition addition = {.refused = refused};
    if (status == TELEAI_OK)
        status = teleai__create_many(client, &table, converted, count, options, &addition, out, error);
    teleai__arena_free(scratch);
    return status;
}

teleai_status teleai_user_get(teleai_client *client, const teleai_uuid *id, teleai_user **out, teleai_error *error) {
    return teleai__get(client, &table, id, out, error);
}

teleai_status teleai_user_get_many(teleai_client *client, const teleai_uuid *ids, size_t count, teleai_users **out,
                                   teleai_error *error) {
    return teleai__get_many(client, &table, ids, count, out, error);
}

teleai_status teleai_user_get_by_email(teleai_client *client, const char *email, teleai_user **out,
                                       teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__text_check("email", email, 1, 255, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    teleai__params_add(&params, teleai__value_text(email, strlen(email)), TELEAI__OID_TEXT);
    const char *sql = teleai__client_is_secured(client) ? get_by_email_secured_sql : get_by_email_sql;
    teleai__operation operation = teleai__operation_of(&table, "user_get_by_email", sql, &params);
    operation.repeatable = operation.brief = true;
    operation.out = out;
    return teleai__run(client, &operation, error);
}

teleai_status teleai_user_update(teleai_client *client, const teleai_uuid *id, const teleai_user_input *input,
                                 uint64_t fields_set, const teleai_update_options *options, teleai_user **out,
                                 teleai_error *error) {
    teleai__forget_out(out);
    user_input converted;
    char hash[TELEAI__PASSWORD_HASH_BYTES];
    teleai_status status = teleai__id_check("id", id, error);
    if (status == TELEAI_OK)
        status = convert(client, input, fields_set, &converted, hash, error);
    return status != TELEAI_OK ? status
                               : teleai__update(client, &table, id, &converted, fields_set, options, out, error);
}

teleai_status teleai_user_delete(teleai_client *client, const teleai_uuid *id, teleai_error *error) {
    return teleai__delete(client, &table, id, error);
}

teleai_status teleai_user_list(teleai_client *client, const teleai_user_filter *filter, const teleai_page *page,
                               teleai_users **out, teleai_error *error) {
    return teleai__list_page(client, &table, filter, page, out, error);
}

teleai_status teleai_user_stream(teleai_client *client, const teleai_user_filter *filter, const teleai_page *page,
                                 teleai_stream **out, teleai_error *error) {
    return teleai__list_stream(client, &table, filter, page, out, error);
}

teleai_status teleai_user_stream_next(teleai_stream *stream, teleai_users **out, teleai_error *error) {
    return teleai__stream_next(stream, &table, out, error);
}

teleai_status teleai_user_count(teleai_client *client, const teleai_user_filter *filter, int64_t *out,
                                teleai_error *error) {
    return teleai__count(client, &table, filter, out, error);
}

void teleai_user_free(teleai_user *user) { teleai__arena_free(user); }

teleai_status teleai_users_to_arrow(const teleai_users *list, struct ArrowSchema *schema, struct ArrowArray *array,
                                    teleai_error *error) {
    return teleai__list_to_arrow(&teleai__user_row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_users_free(teleai_users *list) { teleai__arena_free(list); }
/* ---- permissions ---- */

teleai_status teleai_user_check_permission(const teleai_user *user, int32_t action, const teleai_uuid *owner_id,
                                           teleai_error *error) {
    /* By role, then action: 0 never, 1 for what is one's own, 2 for everything. The table of teleai/user.h. */
    static const uint8_t allowed[][6] = {
        [TELEAI_ROLE_ADMIN] = {0, 2, 2, 2, 2, 2},
        [TELEAI_ROLE_USER] = {0, 1, 1, 1, 0, 1},
        [TELEAI_ROLE_VIEWER] = {0, 1, 0, 0, 0, 1},
    };
    static const char *const names[] = {"", "read", "write", "delete", "manage users", "read statistics"};
    if (user == NULL)
        return teleai__fail_field(error, "user", "user is NULL; a user was expected");
    if (action < TELEAI_ACTION_READ || action > TELEAI_ACTION_READ_STATISTICS)
        return teleai__fail_field(error, "action", "action is %d; 1 to 5 was expected", (int)action);
    bool known = user->role >= TELEAI_ROLE_ADMIN && user->role <= TELEAI_ROLE_VIEWER;
    int reach = known && user->is_active ? allowed[user->role][action] : 0;
    if (reach == 2 || (reach == 1 && teleai_uuid_equal(&user->id, owner_id)))
        return teleai__ok(error);
    return teleai__fail(error, TELEAI_PERMISSION_DENIED, "this user may not %s%s", names[action],
                        reach == 1 ? " what belongs to somebody else" : "");
}
