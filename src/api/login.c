/*
 * Logging in. Under row security the tenant must be known before anything can be read, and the schema tells it only to those
 * who know the password: first it says how the account's password is hashed, then, for the hash, which tenant it is.
 */
#include <string.h>

#include "api/labels.h"
#include "api/user.h"
#include "base/error.h"
#include "base/text.h"
#include "table/table.h"
#include "wire/result.h"
#include "teleai/user.h"

#define NAME "user_login"

static const char salt_sql[] = "select teleai_login_salt($1) as salt";
static const char tenant_sql[] = "select teleai_login_tenant($1, array[$2, $3]) as tenant_id";

/* Without a tenant in whichever it is: addresses are unique in all of them. */
static const char read_sql[] = "select " TELEAI__USER_COLUMNS("u.") ", u.password_hash\n"
                                                                    "  from users u\n"
                                                                    "  join tenants n on n.id = u.tenant_id\n"
                                                                    " where ($1::uuid is null or u.tenant_id = $1)\n"
                                                                    "   and n.status = 'active'\n"
                                                                    "   and " TELEAI__ACCOUNT_OF("u.", "$2");

static const char read_secured_sql[] = "select " TELEAI__USER_COLUMNS("u.") ", u.password_hash\n"
                                                                            "  from users u\n"
                                                                            "  join tenants n on n.id = u.tenant_id\n"
                                                                            " where u.tenant_id = $1\n"
                                                                            "   and u.id = teleai_user_of_email($2)\n"
                                                                            "   and n.status = 'active'";

/* Again only if nothing that mattered has changed since it was read. */
static const char note_sql[] = "update users\n"
                               "   set last_login_at = clock_timestamp(),\n"
                               "       password_hash = coalesce($4, password_hash)\n"
                               " where tenant_id = $1\n"
                               "   and id = $2\n"
                               "   and is_active\n"
                               "   and password_hash = $3\n"
                               "returning " TELEAI__USER_COLUMNS("");

/* One log-in on its way. */
typedef struct login {
    const char *email;
    teleai__password password;
    teleai__password_cost cost;
    char made[2][TELEAI__PASSWORD_HASH_BYTES]; /* under row security: the hashes that were asked with */
    teleai_user *user;                         /* NULL: there is none */
    char hash[256];
} login;

/* The same words and the same error for every reason. */
static teleai_status refuse(teleai_error *error) {
    return teleai__fail(error, TELEAI_UNAUTHENTICATED, "user_login: e-mail address or password is wrong");
}

static teleai_status fail_memory(teleai_error *error) {
    return teleai__fail(error, TELEAI_OUT_OF_MEMORY,
                        "no memory for the password's hash; password_memory_kib sets how much it takes");
}

static teleai_status fail_answer(const teleai__operation *operation, teleai_error *error) {
    return teleai__fail(error, TELEAI_SCHEMA_MISMATCH, "%s: the server sent another answer than expected",
                        operation->statement.name);
}

static void add_text(teleai__params *params, const char *text) {
    teleai__params_add(params, teleai__value_text(text, text == NULL ? 0 : strlen(text)), TELEAI__OID_TEXT);
}

/* ---- which tenant ---- */

static teleai_status decode_text(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    char *out = operation->out;
    teleai__cell text = teleai__answer_cell(result, 0, 0);
    bool right = teleai__answer_columns(result) == 1 && text.length < TELEAI__PASSWORD_HASH_BYTES;
    if (right && text.bytes != NULL)
        memcpy(out, text.bytes, (size_t)text.length + 1);
    PQclear(result);
    return right ? TELEAI_OK : fail_answer(operation, error);
}

static teleai_status decode_tenant(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    bool right = teleai__answer_columns(result) == 1 &&
                 (teleai__answer_is_null(result, 0, 0) || teleai__answer_uuid(result, 0, 0, operation->out));
    PQclear(result);
    return right ? TELEAI_OK : fail_answer(operation, error);
}

static teleai_status ask(teleai_client *client, const char *name, const char *sql, teleai__params *params,
                         teleai_status (*decode)(const teleai__operation *, PGresult *, teleai_error *), void *out,
                         teleai_error *error) {
    teleai__operation operation = {
        .statement = {.key = sql, .name = name, .sql = sql},
        .params = params,
        .repeatable = true,
        .no_batch = true,
        .decode = decode,
        .out = out,
    };
    return teleai__run(client, &operation, error);
}

/* *tenant stays as it is where the password is wrong, or the tenant must not be another. */
static teleai_status find_tenant(teleai_client *client, login *it, teleai_uuid *tenant, teleai_error *error) {
    teleai_uuid found = *tenant;
    char salt[TELEAI__PASSWORD_HASH_BYTES] = "";
    teleai__params params;
    teleai__params_init(&params);
    add_text(&params, it->email);
    teleai_status status = ask(client, "user_login_salt", salt_sql, &params, decode_text, salt, error);
    if (status != TELEAI_OK)
        return status;
    if (!teleai__password_hash_like(salt, &it->password, it->cost, it->made))
        return fail_memory(error);
    teleai__params_init(&params);
    add_text(&params, it->email);
    for (int i = 0; i < 2; i++)
        add_text(&params, it->made[i]);
    status = ask(client, "user_login_tenant", tenant_sql, &params, decode_tenant, &found, error);
    if (status == TELEAI_OK && teleai__client_may_visit(client, &found))
        *tenant = found;
    return status;
}

/* ---- the account ---- */

/* Reads a user together with the hash, which stands behind the user's columns and never leaves this file. */
static teleai_status decode_login(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    login *out = operation->out;
    int at = teleai__user_row.count;
    teleai_status status = teleai__row_check(&teleai__user_row, result, 0, error);
    if (status == TELEAI_OK && (teleai__answer_columns(result) <= at || teleai__answer_rows(result) > 1))
        status = fail_answer(operation, error);
    if (status != TELEAI_OK || teleai__answer_rows(result) == 0) {
        PQclear(result);
        return status;
    }
    teleai__cell hash = teleai__answer_cell(result, 0, at);
    if (hash.bytes != NULL && (size_t)hash.length < sizeof out->hash)
        memcpy(out->hash, hash.bytes, (size_t)hash.length + 1);
    if (hash.bytes != NULL)
        teleai__secret_wipe((void *)(uintptr_t)hash.bytes, (size_t)hash.length);
    return teleai__row_decode_one(&teleai__user_row, result, 0, (void **)&out->user, error);
}

/* `tenant` NULL: whichever it is. */
static teleai_status read_account(teleai_client *client, const teleai_uuid *tenant, login *it, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(tenant), TELEAI__OID_UUID);
    add_text(&params, it->email);
    const char *sql = teleai__client_is_secured(client) ? read_secured_sql : read_sql;
    return ask(client, NAME, sql, &params, decode_login, it, error);
}

static teleai_status note_login(teleai_client *client, const login *found, const char *new_hash, teleai_user **out,
                                teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(&found->user->tenant_id), TELEAI__OID_UUID);
    teleai__params_add(&params, teleai__value_uuid(&found->user->id), TELEAI__OID_UUID);
    add_text(&params, found->hash);
    add_text(&params, new_hash);
    teleai__operation operation = {
        .statement = {.key = note_sql, .name = "user_login_note", .sql = note_sql, .writes = true},
        .params = &params,
        .row = &teleai__user_row,
        .noun = teleai__user_row.noun,
        .decode = teleai__decode_one,
        .out = out,
    };
    teleai_status status = teleai__run(client, &operation, error);
    return status == TELEAI_NOT_FOUND ? refuse(error) : status;
}

/* ---- public ---- */

/* Lets in who was read, if the password is right; a hash that is cheaper than it should be, or was made of the password as it
 * came, is made anew. */
static teleai_status let_in(teleai_client *there, login *it, bool secured, teleai_user **out, teleai_error *error) {
    bool told = true;
    int form = secured ? it->user == NULL ? -1 : teleai__password_find(it->hash, it->made)
                       : teleai__password_verify(it->user == NULL ? NULL : it->hash, &it->password, it->cost, &told);
    if (!told)
        return fail_memory(error);
    if (form < 0 || it->user == NULL || !it->user->is_active)
        return refuse(error);
    char renewed[TELEAI__PASSWORD_HASH_BYTES];
    bool renew = (form > 0 || teleai__password_outdated(it->hash, it->cost)) &&
                 teleai__password_hash(it->password.forms[0], it->cost, renewed);
    teleai_status status = note_login(there, it, renew ? renewed : NULL, out, error);
    teleai__secret_wipe(renewed, sizeof renewed);
    return status;
}

static teleai_status log_in(teleai_client *client, login *it, teleai_user **out, teleai_error *error) {
    bool secured = teleai__client_is_secured(client);
    teleai_uuid tenant = client->scope.tenant_id;
    teleai_client *there;
    teleai_status status = secured ? find_tenant(client, it, &tenant, error) : TELEAI_OK;
    if (status == TELEAI_OK)
        status = teleai__client_visit(client, &tenant, &there, error);
    if (status != TELEAI_OK)
        return status;
    status = read_account(there, secured || client->scope.has_tenant ? &tenant : NULL, it, error);
    if (status == TELEAI_OK)
        status = let_in(there, it, secured, out, error);
    teleai__client_leave(client, there);
    return status;
}

teleai_status teleai_user_login(teleai_client *client, const char *email, const char *password, teleai_user **out,
                                teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__text_check("email", email, 1, 255, error);
    if (status == TELEAI_OK && password == NULL)
        status = teleai__fail_field(error, "password", "password is NULL; a password was expected");
    if (status == TELEAI_OK && strnlen(password, TELEAI__PASSWORD_MAX_BYTES + 1) > TELEAI__PASSWORD_MAX_BYTES)
        status = teleai__fail_field(error, "password", "password is longer than %d bytes", TELEAI__PASSWORD_MAX_BYTES);
    if (status == TELEAI_OK)
        status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    login it = {.email = email, .cost = client->core->password_cost};
    if (!teleai__password_read(password, &it.password))
        return fail_memory(error);
    status = log_in(client, &it, out, error);
    teleai__password_wipe(&it.password);
    teleai__secret_wipe(it.made, sizeof it.made);
    teleai__secret_wipe(it.hash, sizeof it.hash);
    teleai__arena_free(it.user);
    return status;
}
