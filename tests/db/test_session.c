/* Sessions on a real server: every function, the errors included. */
#include "paging.h"

SERVER_SUITE(session);

#define HOUR_US INT64_C(3600000000)

static teleai_session *made_session(const teleai_uuid *user) {
    teleai_session_input input = {.struct_size = sizeof input, .user_id = user};
    teleai_session *made;
    OK(teleai_session_create(db, &input, &made, &error));
    return made;
}

static void expire(const teleai_uuid *id) {
    harness_sql(
        "update sessions set created_at = now() - interval '2 h', expires_at = now() - interval '1 s' where id = '%s'",
        id_text(id));
}

Test(session, create_and_get_give_every_field) {
    teleai_uuid user, id;
    harness_user(db, &user);
    teleai_uuid_make(&id);
    int64_t before = now_us();
    teleai_session_input input = {
        .struct_size = sizeof input,
        .id = &id,
        .user_id = &user,
        .ip_address = "2001:DB8:0::1",
        .user_agent = "Bröwser/1.0",
        .expires_at_us = before / 1000000 * 1000000 + HOUR_US + 123456,
    };
    teleai_session *made, *read;
    OK(teleai_session_create(db, &input, &made, &error));
    cr_assert(made->token != NULL && strlen(made->token) == 43);
    OK(teleai_session_get(db, &id, &read, &error));
    cr_assert(read->token == NULL, "the token is told once");
    for (int i = 0; i < 2; i++) {
        const teleai_session *session = i == 0 ? made : read;
        SAME_ID(&session->id, &id);
        SAME_ID(&session->user_id, &user);
        SAME_TEXT(session->ip_address, "2001:db8::1");
        SAME_TEXT(session->user_agent, "Bröwser/1.0");
        cr_assert(session->expires_at_us == input.expires_at_us);
        JUST_NOW(session->created_at_us, before);
        cr_assert(session->updated_at_us == session->created_at_us);
    }
    teleai_session_free(made);
    teleai_session_free(read);
}

Test(session, create_has_defaults) {
    teleai_uuid user;
    harness_user(db, &user);
    int64_t before = now_us();
    teleai_session *made = made_session(&user);
    cr_assert(made->expires_at_us >= before + 8 * HOUR_US && made->expires_at_us <= now_us() + 8 * HOUR_US);
    cr_assert(made->ip_address == NULL && made->user_agent == NULL);
    cr_assert(made->id.bytes[6] >> 4 == 7);
    teleai_session_free(made);
}

Test(session, ip_addresses_come_back_as_they_are) {
    teleai_uuid user;
    harness_user(db, &user);
    static const char *const addresses[] = {"192.0.2.1",     "10.0.0.0/8", "192.0.2.7/24",     "0.0.0.0",        "::1",
                                            "2001:db8::/32", "fe80::1/64", "::ffff:192.0.2.1", "255.255.255.255"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        teleai_session_input input = {.struct_size = sizeof input, .user_id = &user, .ip_address = addresses[i]};
        teleai_session *made;
        OK(teleai_session_create(db, &input, &made, &error));
        SAME_TEXT(made->ip_address, addresses[i]);
        teleai_session_free(made);
    }
}

Test(session, the_token_is_stored_as_a_hash_only) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session *a = made_session(&user), *b = made_session(&user);
    cr_assert(strcmp(a->token, b->token) != 0);
    SAME_TEXT(harness_sql("select count(*) from sessions s where strpos(s::text, '%s') > 0", a->token), "0");
    SAME_TEXT(harness_sql("select token_hash = encode(sha256('%s'), 'hex') from sessions where id = '%s'", a->token,
                          id_text(&a->id)),
              "t");
    teleai_session_free(a);
    teleai_session_free(b);
}

Test(session, create_refuses) {
    teleai_uuid user, nobody;
    harness_user(db, &user);
    teleai_uuid_make(&nobody);
    teleai_session *made = made_session(&user), *refused;
    teleai_session_input input = {.struct_size = sizeof input, .user_id = &nobody};
    FAILS(teleai_session_create(db, &input, &refused, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    SAME_TEXT(error.constraint, "sessions_tenant_user_id_fkey");
    cr_assert(refused == NULL);
    input = (teleai_session_input){.struct_size = sizeof input, .user_id = &user, .id = &made->id};
    FAILS(teleai_session_create(db, &input, &refused, &error), TELEAI_ALREADY_EXISTS, "id");
    input = (teleai_session_input){.struct_size = sizeof input};
    FAILS(teleai_session_create(db, &input, &refused, &error), TELEAI_INVALID_ARGUMENT, "user_id");
    input.user_id = &user;
    FAILS(teleai_session_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    static const int64_t times[] = {-1, 1, 1700000000000000};
    for (size_t i = 0; i < 3; i++) {
        input.expires_at_us = times[i];
        FAILS(teleai_session_create(db, &input, &refused, &error), TELEAI_INVALID_ARGUMENT, "expires_at_us");
    }
    input.expires_at_us = INT64_MAX;
    FAILS(teleai_session_create(db, &input, &refused, &error), TELEAI_INVALID_ARGUMENT, "expires_at_us");
    ROWS("sessions", 1);
    teleai_session_free(made);
}

/* ---- checking ---- */

Test(session, check_gives_the_session_and_its_user) {
    teleai_uuid user;
    harness_user(db, &user);
    harness_sql("update users set role = 'viewer', full_name = 'Ann', last_login_at = now()");
    teleai_session_input input = {
        .struct_size = sizeof input, .user_id = &user, .ip_address = "192.0.2.1", .user_agent = "agent"};
    teleai_session *made;
    OK(teleai_session_create(db, &input, &made, &error));
    teleai_identity *identity;
    OK(teleai_session_check(db, made->token, &identity, &error));
    SAME_ID(&identity->session->id, &made->id);
    SAME_ID(&identity->session->user_id, &user);
    SAME_TEXT(identity->session->ip_address, "192.0.2.1");
    SAME_TEXT(identity->session->user_agent, "agent");
    cr_assert(identity->session->token == NULL);
    cr_assert(identity->session->expires_at_us == made->expires_at_us);
    cr_assert(identity->session->created_at_us == made->created_at_us);
    SAME_ID(&identity->user->id, &user);
    SAME_TEXT(identity->user->full_name, "Ann");
    SAME_TEXT(identity->user->email, harness_sql("select email from users"));
    cr_assert(identity->user->role == TELEAI_ROLE_VIEWER && identity->user->is_active);
    cr_assert(identity->user->has_last_login_at && identity->user->created_at_us > 0);
    teleai_identity_free(identity);
    teleai_session_free(made);
}

static void refused(const char *token) {
    static teleai_error first;
    teleai_identity *identity = (teleai_identity *)&first;
    FAILS(teleai_session_check(db, token, &identity, &error), TELEAI_UNAUTHENTICATED, "");
    cr_assert(identity == NULL);
    if (first.status == TELEAI_OK)
        first = error;
    cr_assert(memcmp(&first, &error, sizeof error) == 0, "refused in another way: %s", error.message);
}

Test(session, every_refusal_is_the_same) {
    teleai_uuid user, idle;
    harness_user(db, &user);
    harness_user(db, &idle);
    teleai_session *good = made_session(&user), *revoked = made_session(&user), *expired = made_session(&user);
    teleai_session *of_idle = made_session(&idle);
    OK(teleai_session_revoke(db, &revoked->id, &error));
    expire(&expired->id);
    harness_sql("update users set is_active = false where id = '%s'", id_text(&idle));
    refused(revoked->token);
    refused(expired->token);
    refused(of_idle->token);
    refused("unknownunknownunknownunknownunknownunknownX");
    refused("");
    refused(NULL);
    refused("x");
    refused(repeat("x", 8000));
    refused("\xff\xfe' or true --");
    char almost[44];
    snprintf(almost, sizeof almost, "%s", good->token);
    almost[20] = almost[20] == 'A' ? 'B' : 'A';
    refused(almost);
    refused(harness_sql("select token_hash from sessions where id = '%s'", id_text(&good->id)));
    OK(teleai_session_check(db, good->token, NULL, &error));
    teleai_identity *identity;
    OK(teleai_session_check(db, good->token, &identity, &error));
    teleai_identity_free(identity);
    teleai_session_free(good);
    teleai_session_free(revoked);
    teleai_session_free(expired);
    teleai_session_free(of_idle);
}

Test(session, an_expired_session_can_still_be_read) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session *made = made_session(&user), *read;
    expire(&made->id);
    OK(teleai_session_get(db, &made->id, &read, &error));
    cr_assert(read->expires_at_us < now_us());
    teleai_session_free(read);
    teleai_session_free(made);
}

/* ---- ending ---- */

Test(session, revoke_ends_one) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session *a = made_session(&user), *b = made_session(&user), *read;
    OK(teleai_session_revoke(db, &a->id, &error));
    FAILS(teleai_session_revoke(db, &a->id, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_session_get(db, &a->id, &read, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_session_revoke(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    OK(teleai_session_get(db, &b->id, &read, &error));
    teleai_session_free(read);
    teleai_session_free(a);
    teleai_session_free(b);
}

Test(session, revoke_all_ends_those_of_one_user) {
    teleai_uuid ann, bob;
    harness_user(db, &ann);
    harness_user(db, &bob);
    for (int i = 0; i < 3; i++)
        teleai_session_free(made_session(&ann));
    teleai_session *of_bob = made_session(&bob);
    int64_t count = -1;
    OK(teleai_session_revoke_all(db, &ann, &count, &error));
    cr_assert(count == 3, "%lld", (long long)count);
    ROWS("sessions", 1);
    OK(teleai_session_revoke_all(db, &ann, &count, &error));
    cr_assert(count == 0);
    OK(teleai_session_revoke_all(db, &bob, NULL, &error));
    ROWS("sessions", 0);
    count = 7;
    FAILS(teleai_session_revoke_all(db, NULL, &count, &error), TELEAI_INVALID_ARGUMENT, "user_id");
    cr_assert(count == 0, "a failed call gives 0");
    teleai_session_free(of_bob);
}

Test(session, purge_deletes_what_has_expired) {
    teleai_uuid ann, bob;
    harness_user(db, &ann);
    harness_user(db, &bob);
    teleai_session *old[2] = {made_session(&ann), made_session(&bob)}, *good = made_session(&ann);
    for (int i = 0; i < 2; i++)
        expire(&old[i]->id);
    int64_t count = -1;
    OK(teleai_session_purge_expired(db, &count, &error));
    cr_assert(count == 2);
    SAME_TEXT(harness_sql("select id from sessions"), id_text(&good->id));
    OK(teleai_session_purge_expired(db, NULL, &error));
    ROWS("sessions", 1);
    for (int i = 0; i < 2; i++)
        teleai_session_free(old[i]);
    teleai_session_free(good);
}

/* ---- list, count ---- */

Test(session, filters) {
    teleai_uuid ann, bob;
    harness_user(db, &ann);
    harness_user(db, &bob);
    teleai_session *made[4] = {made_session(&ann), made_session(&ann), made_session(&bob), made_session(&bob)};
    harness_sql("update sessions set expires_at = now() - interval '1 us', created_at = created_at - interval '1 day' "
                "where id = '%s'",
                id_text(&made[0]->id));
    const size_t size = sizeof(teleai_session_filter);
    const struct {
        teleai_session_filter filter;
        const char *found; /* which of made[], oldest first */
    } cases[] = {
        {{.struct_size = size}, "123"},
        {{.struct_size = size, .include_expired = true}, "0123"},
        {{.struct_size = size, .user_id = &ann}, "1"},
        {{.struct_size = size, .user_id = &ann, .include_expired = true}, "01"},
        {{.struct_size = size, .created_from_us = made[2]->created_at_us}, "23"},
        {{.struct_size = size, .created_until_us = made[2]->created_at_us, .include_expired = true}, "01"},
        {{.struct_size = size, .user_id = &bob, .created_until_us = made[3]->created_at_us}, "2"},
    };
    for (size_t c = 0; c <= sizeof cases / sizeof *cases; c++) {
        const teleai_session_filter *filter = c == 0 ? NULL : &cases[c - 1].filter;
        const char *expected = c == 0 ? "123" : cases[c - 1].found;
        teleai_page page = {.struct_size = sizeof page, .order = TELEAI_ORDER_OLDEST_FIRST};
        teleai_sessions *list;
        char found[16] = "";
        OK(teleai_session_list(db, filter, &page, &list, &error));
        for (size_t i = 0; i < list->count; i++) {
            cr_assert(list->items[i]->token == NULL);
            for (int m = 0; m < 4; m++)
                if (teleai_uuid_equal(&list->items[i]->id, &made[m]->id))
                    snprintf(found + strlen(found), 2, "%d", m);
        }
        SAME_TEXT(found, expected);
        int64_t count = -1;
        OK(teleai_session_count(db, filter, &count, &error));
        cr_assert(count == (int64_t)strlen(expected), "case %zu counted %lld", c, (long long)count);
        teleai_sessions_free(list);
    }
    teleai_session_filter wrong = {0};
    int64_t count = 7;
    FAILS(teleai_session_count(db, &wrong, &count, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    cr_assert(count == 0, "a failed call gives 0");
    for (int i = 0; i < 4; i++)
        teleai_session_free(made[i]);
}

static teleai_status list_sessions(const teleai_page *page, void *out, teleai_error *why) {
    return teleai_session_list(db, NULL, page, out, why);
}
static void free_sessions(void *list) { teleai_sessions_free(list); }
static void add_session(teleai_uuid *id) {
    static teleai_uuid owner; /* each test runs in a process of its own */
    if (teleai_uuid_equal(&owner, &(teleai_uuid){{0}}))
        harness_user(db, &owner);
    teleai_session *made = made_session(&owner);
    *id = made->id;
    teleai_session_free(made);
}
static void remove_session(const teleai_uuid *id) { OK(teleai_session_revoke(db, id, &error)); }

static const paging session_paging = {list_sessions, free_sessions, offsetof(teleai_session, created_at_us),
                                      add_session, remove_session};
PAGING_TESTS(session, &session_paging)
