/* Sessions on a real server: in bulk with every field, and each bit of an update. */
#include "nouns.h"

SERVER_SUITE(session_update);

#define HOUR_US INT64_C(3600000000)

static teleai_uuid user;

static teleai_session_input minimal(void) {
    if (teleai_uuid_equal(&user, &(teleai_uuid){{0}})) /* each test runs in a process of its own */
        harness_user(db, &user);
    return (teleai_session_input){.struct_size = sizeof(teleai_session_input), .user_id = &user};
}

static teleai_session *made(const teleai_session_input *input) {
    teleai_session *session;
    OK(teleai_session_create(db, input, &session, &error));
    return session;
}

static void lets_in(const char *token, const teleai_uuid *id) {
    teleai_identity *identity;
    OK(teleai_session_check(db, token, &identity, &error));
    SAME_ID(&identity->session->id, id);
    teleai_identity_free(identity);
}

Test(session_update, create_many_keeps_order_and_gives_each_its_token) {
    enum { COUNT = 12 };
    teleai_session_input inputs[COUNT];
    char agents[COUNT][20];
    int64_t before = now_us();
    for (int i = 0; i < COUNT; i++) {
        snprintf(agents[i], sizeof agents[i], "agent %d", i);
        inputs[i] = minimal();
        inputs[i].user_agent = agents[i];
        inputs[i].ip_address = i % 2 == 0 ? "192.0.2.1" : NULL;
        inputs[i].expires_at_us = i % 3 == 0 ? 0 : before + (i + 1) * HOUR_US;
    }
    teleai_uuid id;
    teleai_uuid_make(&id);
    inputs[5].id = &id;
    teleai_sessions *list;
    OK(teleai_session_create_many(db, inputs, COUNT, NULL, &list, &error));
    cr_assert(list->count == COUNT && list->next_cursor == NULL);
    SAME_ID(&list->items[5]->id, &id);
    for (int i = 0; i < COUNT; i++) {
        const teleai_session *it = list->items[i];
        SAME_TEXT(it->user_agent, agents[i]);
        cr_assert(same_text(it->ip_address, i % 2 == 0 ? "192.0.2.1" : NULL));
        cr_assert(strlen(it->token) == 43);
        lets_in(it->token, &it->id);
        if (i % 3 == 0)
            cr_assert(it->expires_at_us >= before + 8 * HOUR_US && it->expires_at_us <= now_us() + 8 * HOUR_US);
        else
            cr_assert(it->expires_at_us == inputs[i].expires_at_us);
    }
    teleai_sessions_free(list);
}

Test(session_update, create_many_is_all_or_nothing) {
    teleai_session_input inputs[] = {minimal(), minimal(), minimal()};
    teleai_uuid id, nobody;
    teleai_uuid_make(&id);
    teleai_uuid_make(&nobody);
    teleai_sessions *list = (teleai_sessions *)&id;
    inputs[0].id = inputs[2].id = &id;
    FAILS(teleai_session_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_ALREADY_EXISTS, "id");
    cr_assert(list == NULL);
    inputs[0].id = NULL;
    inputs[1].user_id = &nobody;
    FAILS(teleai_session_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    inputs[1] = minimal();
    inputs[2].ip_address = "nowhere";
    FAILS(teleai_session_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "ip_address");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 2);
    inputs[1].expires_at_us = 1;
    FAILS(teleai_session_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "expires_at_us");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1);
    inputs[1] = inputs[2] = minimal();
    inputs[1].struct_size -= 8;
    FAILS(teleai_session_create_many(db, inputs, 3, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1);
    FAILS(teleai_session_create_many(db, inputs, 0, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "count");
    FAILS(teleai_session_create_many(db, NULL, 2, NULL, &list, &error), TELEAI_INVALID_ARGUMENT, "inputs");
    FAILS(teleai_session_create_many(db, inputs, 1, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    ROWS("sessions", 0);
}

Test(session_update, get_many_answers_in_order_with_gaps) {
    teleai_session_input input = minimal();
    teleai_session *a = made(&input), *b = made(&input);
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    const teleai_uuid ids[] = {b->id, missing, a->id};
    teleai_sessions *list;
    OK(teleai_session_get_many(db, ids, 3, &list, &error));
    cr_assert(list->count == 3 && list->items[1] == NULL);
    SAME_ID(&list->items[0]->id, &b->id);
    SAME_ID(&list->items[2]->id, &a->id);
    cr_assert(list->items[0]->token == NULL);
    teleai_sessions_free(list);
    FAILS(teleai_session_get_many(db, ids, 0, &list, &error), TELEAI_INVALID_ARGUMENT, "count");
    FAILS(teleai_session_get_many(db, NULL, 3, &list, &error), TELEAI_INVALID_ARGUMENT, "ids");
    teleai_session_free(a);
    teleai_session_free(b);
}

/* ---- update ---- */

static void only_changed(const teleai_session *a, const teleai_session *b, uint64_t changed) {
    SAME_ID(&a->id, &b->id);
    SAME_ID(&a->user_id, &b->user_id);
    CHANGED_ONLY(a->expires_at_us == b->expires_at_us, TELEAI_SESSION_FIELD_EXPIRES_AT, "expires_at");
    CHANGED_ONLY(same_text(a->ip_address, b->ip_address), TELEAI_SESSION_FIELD_IP_ADDRESS, "ip_address");
    CHANGED_ONLY(same_text(a->user_agent, b->user_agent), TELEAI_SESSION_FIELD_USER_AGENT, "user_agent");
    cr_assert(b->token == NULL && a->created_at_us == b->created_at_us && b->updated_at_us > a->updated_at_us);
}

Test(session_update, update_sets_what_is_named_and_nothing_else) {
    teleai_session_input input = minimal();
    input.ip_address = "192.0.2.1";
    input.user_agent = "old";
    teleai_session_input other = {.struct_size = sizeof other,
                                  .ip_address = "2001:db8::1",
                                  .user_agent = "new",
                                  .expires_at_us = now_us() + 100 * HOUR_US};
    for (int bit = 0; bit < 3; bit++) {
        teleai_session *before = made(&input), *after, *read;
        OK(teleai_session_update(db, &before->id, &other, UINT64_C(1) << bit, NULL, &after, &error));
        only_changed(before, after, UINT64_C(1) << bit);
        OK(teleai_session_get(db, &before->id, &read, &error));
        only_changed(before, read, UINT64_C(1) << bit);
        lets_in(before->token, &before->id); /* the token stays */
        teleai_session_free(before);
        teleai_session_free(after);
        teleai_session_free(read);
    }
}

Test(session_update, update_of_an_absent_field_gives_null_or_its_default) {
    teleai_session_input input = minimal(), nothing = {.struct_size = sizeof nothing};
    input.ip_address = "192.0.2.1";
    input.user_agent = "old";
    input.expires_at_us = now_us() + 100 * HOUR_US;
    teleai_session *before = made(&input), *after;
    int64_t start = now_us();
    OK(teleai_session_update(db, &before->id, &nothing, 7, NULL, &after, &error));
    only_changed(before, after, 7);
    cr_assert(after->ip_address == NULL && after->user_agent == NULL);
    cr_assert(after->expires_at_us >= start + 8 * HOUR_US && after->expires_at_us <= now_us() + 8 * HOUR_US);
    teleai_session_free(before);
    teleai_session_free(after);
}

Test(session_update, update_refuses) {
    teleai_session_input input = minimal();
    teleai_session *before = made(&input), *after = before;
    static const uint64_t wrong[] = {0, 1 << 3, UINT64_C(1) << 62, 1 | UINT64_C(1) << 63};
    for (size_t i = 0; i < 4; i++)
        FAILS(teleai_session_update(db, &before->id, &input, wrong[i], NULL, &after, &error), TELEAI_INVALID_ARGUMENT,
              "fields");
    cr_assert(after == NULL);
    teleai_session_input bad = {.struct_size = sizeof bad, .expires_at_us = 1};
    FAILS(teleai_session_update(db, &before->id, &bad, 1, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT,
          "expires_at_us");
    bad = (teleai_session_input){.struct_size = sizeof bad, .ip_address = "nowhere"};
    FAILS(teleai_session_update(db, &before->id, &bad, 2, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "ip_address");
    teleai_update_options unchanged = {.struct_size = sizeof unchanged, .if_unchanged_since_us = before->updated_at_us};
    OK(teleai_session_update(db, &before->id, &input, 4, &unchanged, &after, &error));
    FAILS(teleai_session_update(db, &before->id, &input, 4, &unchanged, NULL, &error), TELEAI_CONFLICT, "");
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_session_update(db, &missing, &input, 4, &unchanged, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_session_update(db, &missing, &input, 4, NULL, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_session_update(db, NULL, &input, 4, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_session_update(db, &before->id, NULL, 4, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "input");
    teleai_session_free(before);
    teleai_session_free(after);
}

/* What is not named is not looked at: an expiry that has passed is no reason to refuse another agent. */
Test(session_update, update_looks_only_at_what_is_named) {
    teleai_session_input input = minimal();
    teleai_session *before = made(&input), *after;
    teleai_session_input other = {
        .struct_size = sizeof other, .user_agent = "new", .ip_address = "nowhere", .expires_at_us = 1};
    OK(teleai_session_update(db, &before->id, &other, TELEAI_SESSION_FIELD_USER_AGENT, NULL, &after, &error));
    SAME_TEXT(after->user_agent, "new");
    teleai_session_free(before);
    teleai_session_free(after);
}
