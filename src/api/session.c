/* Sessions: SQL, columns, fields, functions. */
#include "teleai/session.h"

#include <string.h>

#include "api/labels.h"
#include "api/user.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/stream.h"
#include "table/table.h"
#include "wire/result.h"

#define DEFAULT_LIFE_US (INT64_C(8) * 3600 * 1000000)

/* By hand, for the address is written in PostgreSQL's short form, and check_sql has them under another name. */
#define COLUMNS "id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at"

#define RECORD teleai_session
static const teleai__column columns[] = {
    TELEAI__COLUMN_UUID("id", id),
    TELEAI__COLUMN_UUID("user_id", user_id),
    TELEAI__COLUMN_TEXT_OR_NULL("ip_address", ip_address),
    TELEAI__COLUMN_TEXT_OR_NULL("user_agent", user_agent),
    TELEAI__COLUMN_TIME("expires_at", expires_at_us),
    TELEAI__COLUMN_TIME("created_at", created_at_us),
    TELEAI__COLUMN_TIME("updated_at", updated_at_us),
};

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_session *session = record;
    cursor->time_us = session->created_at_us;
    cursor->id = session->id;
}

static const teleai__row row = {
    .noun = "session",
    .size = sizeof(teleai_session),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
};

/* A session as the table has it: the caller's input with the hash of a token. */
typedef struct session_input {
    size_t struct_size;
    const teleai_uuid *id, *user_id;
    const char *token_hash, *ip_address, *user_agent;
    int64_t expires_at_us;
} session_input;

#define INPUT session_input
#define BIT(name) .bit = TELEAI_SESSION_FIELD_##name
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"user_id", "user_id", TELEAI__FIELD_UUID(user_id, TELEAI__REQUIRED)},
    {"token", "token_hash", TELEAI__FIELD_TEXT(token_hash, TELEAI__REQUIRED)},
    {"ip_address", "ip_address", .kind = TELEAI__INET, .offset = TELEAI__IS(INPUT, ip_address, const char *),
     .least = 2, .most = 49, .expected = teleai__ip_address_expected, BIT(IP_ADDRESS)},
    {"user_agent", "user_agent", TELEAI__FIELD_TEXT(user_agent, 0), BIT(USER_AGENT)},
    {"expires_at_us", "expires_at", TELEAI__FIELD_TIME_OR_ZERO(expires_at_us), BIT(EXPIRES_AT)},
};
#undef BIT
#undef INPUT

/* include_expired is no condition: it takes one away. */
typedef struct session_filter {
    teleai_session_filter given;
    int64_t valid_after_us;
} session_filter;

#define INPUT session_filter
static const teleai__field filters[] = {
    {"user_id", "user_id = $?", TELEAI__FIELD_UUID(given.user_id, TELEAI__OWNER)},
    {"created_from_us", "created_at >= $?", .flags = TELEAI__FROM, TELEAI__FIELD_TIME_OR_ZERO(given.created_from_us)},
    {"created_until_us", "created_at < $?", .flags = TELEAI__UNTIL, TELEAI__FIELD_TIME_OR_ZERO(given.created_until_us)},
    {"valid_after_us", "expires_at > $?", TELEAI__FIELD_TIME_OR_ZERO(valid_after_us)},
    {"id_from", "id >= $?", TELEAI__FIELD_UUID(given.id_from, 0)},
    {"id_until", "id < $?", TELEAI__FIELD_UUID(given.id_until, 0)},
};
#undef INPUT

static const char check_sql[] =
    "select s.id, s.user_id, abbrev(s.ip_address) as ip_address, s.user_agent, s.expires_at, s.created_at, "
    "s.updated_at, " TELEAI__USER_COLUMNS("u.") "\n"
                                                "  from sessions s\n"
                                                "  join users u on u.tenant_id = s.tenant_id and u.id = s.user_id\n"
                                                "  join tenants n on n.id = s.tenant_id\n"
                                                " where s.tenant_id = $1\n"
                                                "   and s.token_hash = $2\n"
                                                "   and s.expires_at > clock_timestamp()\n"
                                                "   and u.is_active\n"
                                                "   and n.status = 'active'";

static const char revoke_all_sql[] = "with gone as (\n"
                                     "    delete from sessions\n"
                                     "     where tenant_id = $1\n"
                                     "       and user_id = $2\n"
                                     "    returning id\n"
                                     ")\n"
                                     "select count(*)\n"
                                     "  from gone";

static const char purge_sql[] = "with gone as (\n"
                                "    delete from sessions\n"
                                "     where tenant_id = $1\n"
                                "       and expires_at <= clock_timestamp()\n"
                                "    returning id\n"
                                ")\n"
                                "select count(*)\n"
                                "  from gone";

static const teleai__table table = {
    .noun = "session",
    TELEAI__TABLE_OF_TENANTS("session", "sessions", COLUMNS, "revoke"),
    .row = &row,
    .fields = fields,
    .field_count = TELEAI__COUNT(fields),
    .input_size = sizeof(session_input),
    .filters = filters,
    .filter_count = TELEAI__COUNT(filters),
    .filter_size = sizeof(session_filter),
    .cursor_kind = TELEAI__CURSOR_SESSIONS,
};

/* The caller's input as the table has it. The end is checked against this machine's clock: a mistake of units shows. */
static teleai_status convert(const void *input, uint64_t fields_set, session_input *out, teleai_error *error) {
    teleai_session_input given;
    teleai_status status = teleai__read_input(&given, sizeof given, input, "input", error);
    if (status != TELEAI_OK)
        return status;
    int64_t now = teleai__wall_clock_us();
    if (given.expires_at_us == 0)
        given.expires_at_us = now + DEFAULT_LIFE_US;
    if (given.expires_at_us <= now && (fields_set & TELEAI_SESSION_FIELD_EXPIRES_AT) != 0)
        return teleai__fail_field(error, "expires_at_us", "expires_at_us is in the past; a later time was expected");
    *out = (session_input){
        .struct_size = sizeof *out,
        .id = given.id,
        .user_id = given.user_id,
        .ip_address = given.ip_address,
        .user_agent = given.user_agent,
        .expires_at_us = given.expires_at_us,
    };
    return TELEAI_OK;
}

/* The token comes to the record from the operation, since the table has only its hash. */
static bool give_token(const teleai__operation *operation, void *made) {
    teleai_session *session = made;
    session->token = teleai__arena_text(teleai__arena_of(session), operation->secret, strlen(operation->secret));
    return session->token != NULL;
}

static void drop_session(void *made) { teleai_session_free(made); }

static bool give_tokens(const teleai__operation *operation, void *made) {
    teleai_sessions *list = made;
    teleai__arena *arena = teleai__arena_of(list);
    for (size_t i = 0; i < list->count; i++) {
        teleai_session *session = (teleai_session *)(uintptr_t)list->items[i]; /* not handed out yet: ours to write */
        const char *token = operation->secret + i * TELEAI__TOKEN_BYTES;
        session->token = teleai__arena_text(arena, token, strlen(token));
        if (session->token == NULL)
            return false;
    }
    return true;
}

static void drop_sessions(void *made) { teleai_sessions_free(made); }

teleai_status teleai_session_create(teleai_client *client, const teleai_session_input *input, teleai_session **out,
                                    teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; the session's token comes only there");
    *out = NULL;
    session_input converted;
    teleai_status status = convert(input, TELEAI__FIELDS_NEW, &converted, error);
    if (status != TELEAI_OK)
        return status;
    char token[TELEAI__TOKEN_BYTES], hash[TELEAI__TOKEN_HASH_BYTES];
    teleai__token_make(teleai__client_tenant(client), token);
    teleai_uuid tenant;
    (void)teleai__token_read(token, &tenant, hash);
    converted.token_hash = hash;
    const teleai__addition with_token = {give_token, drop_session, token, sizeof token, NULL};
    status = teleai__create(client, &table, &converted, &with_token, out, error);
    teleai__secret_wipe(token, sizeof token);
    return status;
}

/* What many sessions need while they are made. */
typedef struct batch {
    session_input *inputs;
    char (*tokens)[TELEAI__TOKEN_BYTES];
    char (*hashes)[TELEAI__TOKEN_HASH_BYTES];
} batch;

static bool make_batch(teleai__arena *arena, size_t count, batch *out) {
    out->inputs = teleai__arena_alloc(arena, count * sizeof *out->inputs);
    out->tokens = teleai__arena_alloc(arena, count * sizeof *out->tokens);
    out->hashes = teleai__arena_alloc(arena, count * sizeof *out->hashes);
    return out->inputs != NULL && out->tokens != NULL && out->hashes != NULL;
}

teleai_status teleai_session_create_many(teleai_client *client, const teleai_session_input *inputs, size_t count,
                                         const teleai_create_many_options *options, teleai_sessions **out,
                                         teleai_error *error) {
    if (out == NULL)
        return teleai__fail_field(error, "out", "out is NULL; the sessions' tokens come only there");
    *out = NULL;
    teleai_status status = teleai__count_check("session_create_many", inputs, "inputs", count, error);
    if (status != TELEAI_OK)
        return status;
    void *scratch = teleai__arena_make(0, 0);
    batch made;
    if (scratch == NULL || !make_batch(teleai__arena_of(scratch), count, &made)) {
        teleai__arena_free(scratch);
        return teleai__fail_memory(error);
    }
    bool keeps_good = teleai__keeps_good(options);
    teleai_error *refused = NULL;
    for (size_t i = 0; status == TELEAI_OK && i < count; i++) {
        const void *input = NULL;
        teleai_error why;
        status = teleai__input_at(inputs, i, &input, &why);
        if (status == TELEAI_OK)
            status = convert(input, TELEAI__FIELDS_NEW, &made.inputs[i], &why);
        if (keeps_good && status == TELEAI_INVALID_ARGUMENT) {
            made.inputs[i] = (session_input){.struct_size = sizeof made.inputs[i]};
            status = teleai__refuse_input(&refused, i, count, &why, teleai__arena_of(scratch), error);
        } else if (status != TELEAI_OK) {
            if (error != NULL)
                *error = why;
            teleai__at_item(error, i);
        }
        teleai_uuid tenant;
        teleai__token_make(teleai__client_tenant(client), made.tokens[i]);
        (void)teleai__token_read(made.tokens[i], &tenant, made.hashes[i]);
        made.inputs[i].token_hash = made.hashes[i];
    }
    const teleai__addition with_tokens = {give_tokens, drop_sessions, (const char *)made.tokens,
                                          count * sizeof *made.tokens, refused};
    if (status == TELEAI_OK)
        status = teleai__create_many(client, &table, made.inputs, count, options, &with_tokens, out, error);
    teleai__secret_wipe(made.tokens, count * sizeof *made.tokens);
    teleai__arena_free(scratch);
    return status;
}

/* ---- checking a token ---- */

static teleai_status decode_identity(const teleai__operation *operation, PGresult *result, teleai_error *error) {
    teleai_identity **out = operation->out;
    if (teleai__answer_rows(result) == 0) {
        teleai_status other = teleai__row_check(&row, result, 0, error);
        PQclear(result);
        return other != TELEAI_OK ? other
                                  : teleai__fail(error, TELEAI_UNAUTHENTICATED,
                                                 "session_check: the session is over or never was; log in");
    }
    /* One block for all: a record of its own with the two records behind it. */
    static const teleai__row shape = {.noun = "session", .size = sizeof(teleai_identity)};
    teleai_identity *identity;
    teleai_status status = teleai__row_decode_one(&shape, result, 0, (void **)&identity, error);
    if (status != TELEAI_OK)
        return status;
    teleai__arena *arena = teleai__arena_of(identity);
    teleai_session *session = teleai__arena_alloc(arena, sizeof *session);
    teleai_user *user = teleai__arena_alloc(arena, sizeof *user);
    if (session == NULL || user == NULL)
        status = teleai__fail_memory(error);
    if (status == TELEAI_OK)
        status = teleai__row_decode(&row, arena, session, result, 0, 0, error);
    if (status == TELEAI_OK)
        status = teleai__row_decode(&teleai__user_row, arena, user, result, 0, row.count, error);
    if (status != TELEAI_OK) {
        teleai__arena_free(identity);
        return status;
    }
    identity->session = session;
    identity->user = user;
    if (out != NULL)
        *out = identity;
    else
        teleai__arena_free(identity);
    return TELEAI_OK;
}

teleai_status teleai_session_check(teleai_client *client, const char *token, teleai_identity **out,
                                   teleai_error *error) {
    teleai__forget_out(out);
    char hash[TELEAI__TOKEN_HASH_BYTES] = "";
    teleai_status status = teleai__client_check(client, error);
    if (status != TELEAI_OK)
        return status;
    /* What cannot be a token, or is another tenant's, is looked for all the same, as the empty hash that no session has. */
    teleai_uuid tenant;
    (void)teleai__token_read(token, &tenant, hash);
    teleai_client *there;
    if (!teleai__client_may_visit(client, &tenant)) {
        hash[0] = '\0';
        tenant = client->scope.tenant_id;
    }
    status = teleai__client_visit(client, &tenant, &there, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(&tenant), TELEAI__OID_UUID);
    teleai__params_add(&params, teleai__value_text(hash, strlen(hash)), TELEAI__OID_TEXT);
    teleai__operation operation = teleai__operation_of(&table, "session_check", check_sql, &params);
    operation.repeatable = operation.brief = true;
    operation.decode = decode_identity;
    operation.out = out;
    status = teleai__run(there, &operation, error);
    teleai__client_leave(client, there);
    return status;
}

/* ---- the rest ---- */

teleai_status teleai_session_get(teleai_client *client, const teleai_uuid *id, teleai_session **out,
                                 teleai_error *error) {
    return teleai__get(client, &table, id, out, error);
}

teleai_status teleai_session_get_many(teleai_client *client, const teleai_uuid *ids, size_t count,
                                      teleai_sessions **out, teleai_error *error) {
    return teleai__get_many(client, &table, ids, count, out, error);
}

teleai_status teleai_session_update(teleai_client *client, const teleai_uuid *id, const teleai_session_input *input,
                                    uint64_t fields_set, const teleai_update_options *options, teleai_session **out,
                                    teleai_error *error) {
    teleai__forget_out(out);
    session_input converted;
    teleai_status status = convert(input, fields_set, &converted, error);
    return status != TELEAI_OK ? status
                               : teleai__update(client, &table, id, &converted, fields_set, options, out, error);
}

static teleai_status read_filter(const teleai_session_filter *filter, session_filter *out, teleai_error *error) {
    memset(out, 0, sizeof *out);
    teleai_status status = teleai__read_options(&out->given, sizeof out->given, filter, "filter", error);
    out->given.struct_size = sizeof *out; /* it begins with `given`, and so with its struct_size */
    if (!out->given.include_expired)
        out->valid_after_us = teleai__wall_clock_us();
    return status;
}

teleai_status teleai_session_list(teleai_client *client, const teleai_session_filter *filter, const teleai_page *page,
                                  teleai_sessions **out, teleai_error *error) {
    teleai__forget_out(out);
    session_filter with;
    teleai_status status = read_filter(filter, &with, error);
    return status != TELEAI_OK ? status : teleai__list_page(client, &table, &with, page, out, error);
}

teleai_status teleai_session_stream(teleai_client *client, const teleai_session_filter *filter, const teleai_page *page,
                                    teleai_stream **out, teleai_error *error) {
    session_filter with;
    teleai_status status = read_filter(filter, &with, error);
    return status != TELEAI_OK ? status : teleai__list_stream(client, &table, &with, page, out, error);
}

teleai_status teleai_session_stream_next(teleai_stream *stream, teleai_sessions **out, teleai_error *error) {
    return teleai__stream_next(stream, &table, out, error);
}

teleai_status teleai_session_count(teleai_client *client, const teleai_session_filter *filter, int64_t *out,
                                   teleai_error *error) {
    if (out != NULL)
        *out = 0;
    session_filter with;
    teleai_status status = read_filter(filter, &with, error);
    return status != TELEAI_OK ? status : teleai__count(client, &table, &with, out, error);
}

teleai_status teleai_session_revoke(teleai_client *client, const teleai_uuid *id, teleai_error *error) {
    return teleai__delete(client, &table, id, error);
}

static teleai_status delete_many(teleai_client *client, const char *name, const char *sql, teleai__params *params,
                                 int64_t *count, teleai_error *error) {
    teleai__operation operation = teleai__operation_of(&table, name, sql, params);
    operation.statement.writes = true;
    operation.decode = teleai__decode_count;
    operation.out = count;
    return teleai__run(client, &operation, error);
}

teleai_status teleai_session_revoke_all(teleai_client *client, const teleai_uuid *user_id, int64_t *count,
                                        teleai_error *error) {
    if (count != NULL)
        *count = 0;
    teleai_status status = teleai__id_check("user_id", user_id, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    teleai__params_add(&params, teleai__value_uuid(user_id), TELEAI__OID_UUID);
    return delete_many(client, "session_revoke_all", revoke_all_sql, &params, count, error);
}

teleai_status teleai_session_purge_expired(teleai_client *client, int64_t *count, teleai_error *error) {
    if (count != NULL)
        *count = 0;
    teleai__params params;
    teleai__params_begin(&params, client);
    return delete_many(client, "session_purge_expired", purge_sql, &params, count, error);
}

static void wipe_token(const teleai_session *session) {
    if (session != NULL && session->token != NULL)
        teleai__secret_wipe((char *)(uintptr_t)session->token, strlen(session->token));
}

void teleai_session_free(teleai_session *session) {
    wipe_token(session);
    teleai__arena_free(session);
}

teleai_status teleai_sessions_to_arrow(const teleai_sessions *list, struct ArrowSchema *schema,
                                       struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_sessions_free(teleai_sessions *list) {
    for (size_t i = 0; list != NULL && i < list->count; i++)
        wipe_token(list->items[i]);
    teleai__arena_free(list);
}

void teleai_identity_free(teleai_identity *identity) { teleai__arena_free(identity); }
