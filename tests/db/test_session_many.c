/* Sessions in bulk, and their updates. */
#include "criterion_harness.h"

#include <time.h>

SERVER_SUITE(session_many);

#define NOW_US ((int64_t)time(NULL) * 1000000)

static teleai_session_input input_of(const teleai_uuid *user) {
    return (teleai_session_input){.struct_size = sizeof(teleai_session_input),
                                  .user_id = user,
                                  .ip_address = "192.0.2.7",
                                  .user_agent = "softphone/2",
                                  .expires_at_us = NOW_US + 60000000};
}

Test(session_many, create_many_gives_each_session_a_token_that_works) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session_input inputs[3] = {input_of(&user), input_of(&user), input_of(&user)};
    inputs[1].ip_address = NULL;
    teleai_sessions *made;
    OK(teleai_session_create_many(db, inputs, 3, NULL, &made, &error));
    cr_assert(made->count == 3);
    for (size_t i = 0; i < 3; i++) {
        teleai_identity *identity;
        OK(teleai_session_check(db, made->items[i]->token, &identity, &error));
        cr_assert(teleai_uuid_equal(&identity->session->id, &made->items[i]->id));
        teleai_identity_free(identity);
    }
    cr_assert(made->items[1]->ip_address == NULL);
    SAME_TEXT(made->items[2]->ip_address, "192.0.2.7");
    SAME_TEXT(harness_sql("select count(distinct token_hash) from sessions"), "3");
    teleai_sessions_free(made);
}

Test(session_many, create_many_is_all_or_nothing_and_names_the_item) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session_input inputs[2] = {input_of(&user), input_of(&user)};
    inputs[1].expires_at_us = 1000;
    teleai_sessions *made;
    FAILS(teleai_session_create_many(db, inputs, 2, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "expires_at_us");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) && error.item == 1 && made == NULL);
    FAILS(teleai_session_create_many(db, inputs, 2, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    FAILS(teleai_session_create_many(db, NULL, 2, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "inputs");
    FAILS(teleai_session_create_many(db, inputs, 0, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "count");
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    inputs[1] = input_of(&nobody);
    FAILS(teleai_session_create_many(db, inputs, 2, NULL, &made, &error), TELEAI_PARENT_NOT_FOUND, "user_id");
    SAME_TEXT(harness_sql("select count(*) from sessions"), "0");
}

Test(session_many, get_many_keeps_the_order_and_shows_what_is_missing) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session_input inputs[2] = {input_of(&user), input_of(&user)};
    teleai_sessions *made, *read;
    OK(teleai_session_create_many(db, inputs, 2, NULL, &made, &error));
    teleai_uuid ids[3] = {made->items[1]->id, {{0}}, made->items[0]->id};
    OK(teleai_session_get_many(db, ids, 3, &read, &error));
    cr_assert(read->count == 3 && read->items[1] == NULL);
    cr_assert(teleai_uuid_equal(&read->items[0]->id, &ids[0]) && teleai_uuid_equal(&read->items[2]->id, &ids[2]));
    cr_assert(read->items[0]->token == NULL, "a token is shown once");
    teleai_sessions_free(made);
    teleai_sessions_free(read);
}

Test(session_many, update_prolongs_a_session_and_keeps_its_token) {
    teleai_uuid user;
    harness_user(db, &user);
    teleai_session_input input = input_of(&user);
    teleai_session *made, *changed;
    OK(teleai_session_create(db, &input, &made, &error));
    teleai_session_input later = {.struct_size = sizeof later, .expires_at_us = NOW_US + 3600000000};
    OK(teleai_session_update(db, &made->id, &later, TELEAI_SESSION_FIELD_EXPIRES_AT, NULL, &changed, &error));
    cr_assert(changed->expires_at_us == later.expires_at_us);
    SAME_TEXT(changed->ip_address, "192.0.2.7");
    teleai_identity *identity;
    OK(teleai_session_check(db, made->token, &identity, &error));
    teleai_identity_free(identity);

    teleai_update_options unless = {.struct_size = sizeof unless, .if_unchanged_since_us = made->updated_at_us};
    later.ip_address = "2001:db8::1";
    FAILS(teleai_session_update(db, &made->id, &later, TELEAI_SESSION_FIELD_IP_ADDRESS, &unless, NULL, &error),
          TELEAI_CONFLICT, "");
    unless.if_unchanged_since_us = changed->updated_at_us;
    teleai_session_free(changed);
    OK(teleai_session_update(db, &made->id, &later, TELEAI_SESSION_FIELD_IP_ADDRESS | TELEAI_SESSION_FIELD_USER_AGENT,
                             &unless, &changed, &error));
    SAME_TEXT(changed->ip_address, "2001:db8::1");
    cr_assert(changed->user_agent == NULL);
    teleai_session_free(changed);
    teleai_session_free(made);
    later.expires_at_us = 5;
    FAILS(teleai_session_update(db, &user, &later, TELEAI_SESSION_FIELD_EXPIRES_AT, NULL, NULL, &error),
          TELEAI_INVALID_ARGUMENT, "expires_at_us");
    later.expires_at_us = 0;
    FAILS(teleai_session_update(db, &user, &later, TELEAI_SESSION_FIELD_EXPIRES_AT, NULL, NULL, &error),
          TELEAI_NOT_FOUND, "");
}
