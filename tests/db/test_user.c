/* Users on a real server: every function but logging in (test_login.c), the errors included. */
#include "paging.h"

SERVER_SUITE(user);

static teleai_user *made_user(const char *email) {
    teleai_user_input input = {.struct_size = sizeof input, .email = email, .full_name = "Somebody"};
    teleai_user *made;
    OK(teleai_user_create(db, &input, &made, &error));
    return made;
}

Test(user, create_and_get_give_every_field) {
    int64_t before = now_us();
    teleai_uuid id;
    teleai_uuid_make(&id);
    teleai_user_input input = {
        .struct_size = sizeof input,
        .id = &id,
        .email = "Ann.O'Hara+x@Example.org",
        .full_name = "Ann Ó Hara 安",
        .password = "correct horse",
        .role = TELEAI_ROLE_ADMIN,
        .is_active = false,
        .has_is_active = true,
    };
    input.email = "Ann.OHara+x@Mail.Example.org";
    teleai_user *made, *read;
    OK(teleai_user_create(db, &input, &made, &error));
    OK(teleai_user_get(db, &id, &read, &error));
    for (int i = 0; i < 2; i++) {
        const teleai_user *user = i == 0 ? made : read;
        SAME_ID(&user->id, &id);
        SAME_TEXT(user->email, "Ann.OHara+x@Mail.Example.org");
        SAME_TEXT(user->full_name, "Ann Ó Hara 安");
        cr_assert(user->role == TELEAI_ROLE_ADMIN);
        cr_assert(!user->is_active);
        cr_assert(!user->has_last_login_at && user->last_login_at_us == 0);
        JUST_NOW(user->created_at_us, before);
        cr_assert(user->updated_at_us == user->created_at_us);
    }
    teleai_user_free(made);
    teleai_user_free(read);
}

Test(user, create_has_defaults) {
    teleai_user *user = made_user("ann@example.org");
    cr_assert(user->role == TELEAI_ROLE_USER);
    cr_assert(user->is_active);
    cr_assert(user->id.bytes[6] >> 4 == 7, "a UUIDv7 was expected: %s", id_text(&user->id));
    SAME_TEXT(harness_sql("select password_hash from users"), "!");
    teleai_user_free(user);
}

Test(user, create_works_without_out_and_without_error) {
    teleai_user_input input = {.struct_size = sizeof input, .email = "ann@example.org", .full_name = "Ann"};
    cr_assert(teleai_user_create(db, &input, NULL, NULL) == TELEAI_OK);
    cr_assert(teleai_user_create(db, &input, NULL, NULL) == TELEAI_ALREADY_EXISTS);
    ROWS("users", 1);
}

Test(user, the_password_is_stored_as_a_hash_only) {
    teleai_user_input input = {
        .struct_size = sizeof input, .email = "ann@example.org", .full_name = "Ann", .password = "correct horse"};
    OK(teleai_user_create(db, &input, NULL, &error));
    const char *hash = harness_sql("select password_hash from users");
    cr_assert(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", hash);
    SAME_TEXT(harness_sql("select count(*) from users u where u::text like '%%correct horse%%'"), "0");
}

Test(user, emails_are_unique_without_case) {
    teleai_user_free(made_user("ann@example.org"));
    teleai_user_input again = {.struct_size = sizeof again, .email = "ANN@Example.ORG", .full_name = "Other"};
    teleai_user *made = (teleai_user *)&again;
    FAILS(teleai_user_create(db, &again, &made, &error), TELEAI_ALREADY_EXISTS, "email");
    cr_assert(made == NULL);
    SAME_TEXT(error.constraint, "users_email_key");
    SAME_TEXT(error.sqlstate, "23505");
    cr_assert(strstr(error.message, "xample") == NULL, "a message holds no values: %s", error.message);
    ROWS("users", 1);
}

Test(user, ids_are_unique) {
    teleai_user *first = made_user("ann@example.org");
    teleai_user_input again = {
        .struct_size = sizeof again, .id = &first->id, .email = "bob@example.org", .full_name = "Bob"};
    FAILS(teleai_user_create(db, &again, NULL, &error), TELEAI_ALREADY_EXISTS, "id");
    SAME_TEXT(error.constraint, "users_pkey");
    teleai_user_free(first);
}

Test(user, create_many_keeps_the_order) {
    enum { COUNT = 25 };
    char emails[COUNT][40], names[COUNT][20];
    teleai_user_input inputs[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(emails[i], sizeof emails[i], "u%d@example.org", (i * 7) % COUNT);
        snprintf(names[i], sizeof names[i], "Name %d", i);
        inputs[i] = (teleai_user_input){.struct_size = sizeof inputs[i],
                                        .email = emails[i],
                                        .full_name = names[i],
                                        .role = i % 4,
                                        .is_active = i % 6 == 0,
                                        .has_is_active = i % 2 == 0};
    }
    inputs[3].password = "correct horse";
    teleai_users *made;
    OK(teleai_user_create_many(db, inputs, COUNT, NULL, &made, &error));
    cr_assert(made->count == COUNT && made->next_cursor == NULL);
    for (int i = 0; i < COUNT; i++) {
        SAME_TEXT(made->items[i]->email, emails[i]);
        SAME_TEXT(made->items[i]->full_name, names[i]);
        cr_assert(made->items[i]->role == (i % 4 == 0 ? TELEAI_ROLE_USER : i % 4));
        cr_assert(made->items[i]->is_active == (i % 2 == 0 ? i % 3 == 0 : true));
    }
    teleai_users_free(made);
    SAME_TEXT(harness_sql("select count(*) from users where password_hash like '$argon2id$%%'"), "1");
    OK(teleai_user_login(db, emails[3], "correct horse", NULL, &error));
}

Test(user, create_many_is_all_or_nothing) {
    teleai_user_input inputs[3] = {
        {.struct_size = sizeof inputs[0], .email = "a@example.org", .full_name = "A"},
        {.struct_size = sizeof inputs[0], .email = "b@example.org", .full_name = "B"},
        {.struct_size = sizeof inputs[0], .email = "A@EXAMPLE.ORG", .full_name = "C"},
    };
    teleai_users *made;
    FAILS(teleai_user_create_many(db, inputs, 3, NULL, &made, &error), TELEAI_ALREADY_EXISTS, "email");
    cr_assert(made == NULL);
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 2, "%d", (int)error.item);
    ROWS("users", 0);
    inputs[2].email = "c.example.org";
    FAILS(teleai_user_create_many(db, inputs, 3, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "email");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 2);
    inputs[1].password = "short";
    FAILS(teleai_user_create_many(db, inputs, 3, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "password");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1);
    ROWS("users", 0);
    FAILS(teleai_user_create_many(db, inputs, 0, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "count");
    FAILS(teleai_user_create_many(db, NULL, 3, NULL, &made, &error), TELEAI_INVALID_ARGUMENT, "inputs");
}

Test(user, create_many_wants_one_struct_size) {
    teleai_user_input inputs[2] = {
        {.struct_size = sizeof inputs[0], .email = "a@example.org", .full_name = "A"},
        {.struct_size = sizeof inputs[0] - 8, .email = "b@example.org", .full_name = "B"},
    };
    FAILS(teleai_user_create_many(db, inputs, 2, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    cr_assert((error.flags & TELEAI_ERROR_HAS_ITEM) != 0 && error.item == 1);
    inputs[0].struct_size = 0;
    FAILS(teleai_user_create_many(db, inputs, 2, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "struct_size");
    ROWS("users", 0);
}

Test(user, get_tells_what_is_not_there) {
    teleai_uuid id;
    teleai_uuid_make(&id);
    teleai_user *read = (teleai_user *)&id;
    FAILS(teleai_user_get(db, &id, &read, &error), TELEAI_NOT_FOUND, "");
    cr_assert(read == NULL);
    FAILS(teleai_user_get(db, NULL, &read, &error), TELEAI_INVALID_ARGUMENT, "id");
}

Test(user, get_many_answers_in_order_with_gaps) {
    teleai_user *a = made_user("a@example.org"), *b = made_user("b@example.org");
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    const teleai_uuid ids[] = {b->id, missing, a->id, b->id};
    teleai_users *list;
    OK(teleai_user_get_many(db, ids, 4, &list, &error));
    cr_assert(list->count == 4 && list->next_cursor == NULL);
    SAME_TEXT(list->items[0]->email, "b@example.org");
    cr_assert(list->items[1] == NULL);
    SAME_TEXT(list->items[2]->email, "a@example.org");
    SAME_TEXT(list->items[3]->email, "b@example.org");
    teleai_users_free(list);
    OK(teleai_user_get_many(db, &missing, 1, &list, &error));
    cr_assert(list->count == 1 && list->items[0] == NULL);
    teleai_users_free(list);
    OK(teleai_user_get_many(db, ids, 4, NULL, &error));
    FAILS(teleai_user_get_many(db, ids, 0, &list, &error), TELEAI_INVALID_ARGUMENT, "count");
    FAILS(teleai_user_get_many(db, NULL, 4, &list, &error), TELEAI_INVALID_ARGUMENT, "ids");
    cr_assert(list == NULL);
    teleai_user_free(a);
    teleai_user_free(b);
}

Test(user, get_by_email_looks_without_case) {
    teleai_user *made = made_user("Ann@Example.org"), *read;
    OK(teleai_user_get_by_email(db, "aNN@exAMPLE.ORG", &read, &error));
    SAME_ID(&read->id, &made->id);
    SAME_TEXT(read->email, "Ann@Example.org");
    teleai_user_free(read);
    FAILS(teleai_user_get_by_email(db, "ann@example.com", &read, &error), TELEAI_NOT_FOUND, "");
    cr_assert(read == NULL);
    FAILS(teleai_user_get_by_email(db, "an_@example.org", &read, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_user_get_by_email(db, NULL, &read, &error), TELEAI_INVALID_ARGUMENT, "email");
    FAILS(teleai_user_get_by_email(db, "ann\xff", &read, &error), TELEAI_INVALID_ARGUMENT, "email");
    teleai_user_free(made);
}

/* ---- update ---- */

static void only_changed(const teleai_user *a, const teleai_user *b, uint64_t changed) {
    SAME_ID(&a->id, &b->id);
    CHANGED_ONLY(same_text(a->email, b->email), TELEAI_USER_FIELD_EMAIL, "email");
    CHANGED_ONLY(same_text(a->full_name, b->full_name), TELEAI_USER_FIELD_FULL_NAME, "full_name");
    CHANGED_ONLY(a->role == b->role, TELEAI_USER_FIELD_ROLE, "role");
    CHANGED_ONLY(a->is_active == b->is_active, TELEAI_USER_FIELD_IS_ACTIVE, "is_active");
    cr_assert(a->created_at_us == b->created_at_us && a->has_last_login_at == b->has_last_login_at);
    cr_assert(b->updated_at_us > a->updated_at_us, "updated_at did not move");
}

Test(user, update_sets_what_is_named_and_nothing_else) {
    const teleai_user_input other = {.struct_size = sizeof other,
                                     .email = "new@example.org",
                                     .full_name = "New Name",
                                     .password = "battery staple",
                                     .role = TELEAI_ROLE_VIEWER,
                                     .has_is_active = true};
    for (int bit = 0; bit < 5; bit++) {
        char email[40];
        snprintf(email, sizeof email, "user%d@example.org", bit);
        teleai_user *before = made_user(email), *after, *read;
        char hash[200];
        snprintf(hash, sizeof hash, "%s",
                 harness_sql("select password_hash from users where id = '%s'", id_text(&before->id)));
        OK(teleai_user_update(db, &before->id, &other, UINT64_C(1) << bit, NULL, &after, &error));
        only_changed(before, after, UINT64_C(1) << bit);
        OK(teleai_user_get(db, &before->id, &read, &error));
        only_changed(before, read, UINT64_C(1) << bit);
        bool same =
            strcmp(hash, harness_sql("select password_hash from users where id = '%s'", id_text(&before->id))) == 0;
        cr_assert(same == (1 << bit != TELEAI_USER_FIELD_PASSWORD), "password_hash, bit %d", bit);
        teleai_user_free(before);
        teleai_user_free(after);
        teleai_user_free(read);
    }
}

Test(user, update_sets_several_at_once) {
    teleai_user *before = made_user("ann@example.org"), *after;
    teleai_user_input other = {
        .struct_size = sizeof other, .full_name = "New", .role = TELEAI_ROLE_ADMIN, .has_is_active = true};
    uint64_t fields = TELEAI_USER_FIELD_FULL_NAME | TELEAI_USER_FIELD_ROLE | TELEAI_USER_FIELD_IS_ACTIVE;
    OK(teleai_user_update(db, &before->id, &other, fields, NULL, &after, &error));
    only_changed(before, after, fields);
    SAME_TEXT(after->full_name, "New");
    cr_assert(after->role == TELEAI_ROLE_ADMIN && !after->is_active);
    teleai_user_free(before);
    teleai_user_free(after);
}

Test(user, update_of_an_absent_field_gives_its_default) {
    teleai_user_input input = {.struct_size = sizeof input,
                               .email = "ann@example.org",
                               .full_name = "Ann",
                               .password = "correct horse",
                               .role = TELEAI_ROLE_ADMIN,
                               .has_is_active = true};
    teleai_user *made, *after;
    OK(teleai_user_create(db, &input, &made, &error));
    teleai_user_input nothing = {.struct_size = sizeof nothing};
    OK(teleai_user_update(db, &made->id, &nothing,
                          TELEAI_USER_FIELD_ROLE | TELEAI_USER_FIELD_IS_ACTIVE | TELEAI_USER_FIELD_PASSWORD, NULL,
                          &after, &error));
    cr_assert(after->role == TELEAI_ROLE_USER && after->is_active);
    teleai_user_free(after);
    FAILS(teleai_user_login(db, "ann@example.org", "correct horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
    FAILS(teleai_user_update(db, &made->id, &nothing, TELEAI_USER_FIELD_EMAIL, NULL, &after, &error),
          TELEAI_INVALID_ARGUMENT, "email");
    cr_assert(after == NULL);
    FAILS(teleai_user_update(db, &made->id, &nothing, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error),
          TELEAI_INVALID_ARGUMENT, "full_name");
    teleai_user_free(made);
}

Test(user, update_refuses_unknown_bits_and_none) {
    teleai_user *made = made_user("ann@example.org");
    teleai_user_input input = {.struct_size = sizeof input, .email = "x@example.org", .full_name = "X"};
    static const uint64_t wrong[] = {0, 1 << 5, UINT64_C(1) << 62, TELEAI_USER_FIELD_EMAIL | UINT64_C(1) << 63};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        FAILS(teleai_user_update(db, &made->id, &input, wrong[i], NULL, NULL, &error), TELEAI_INVALID_ARGUMENT,
              "fields");
    SAME_TEXT(harness_sql("select email from users"), "ann@example.org");
    teleai_user_free(made);
}

Test(user, update_refuses_an_email_that_is_taken) {
    teleai_user *ann = made_user("ann@example.org"), *bob = made_user("bob@example.org");
    teleai_user_input input = {.struct_size = sizeof input, .email = "ANN@example.org"};
    FAILS(teleai_user_update(db, &bob->id, &input, TELEAI_USER_FIELD_EMAIL, NULL, NULL, &error), TELEAI_ALREADY_EXISTS,
          "email");
    OK(teleai_user_update(db, &ann->id, &input, TELEAI_USER_FIELD_EMAIL, NULL, NULL,
                          &error)); /* one's own, in other case */
    teleai_user_free(ann);
    teleai_user_free(bob);
}

Test(user, update_can_ask_that_nobody_was_faster) {
    teleai_user *read = made_user("ann@example.org"), *after, *refused;
    teleai_user_input input = {.struct_size = sizeof input, .full_name = "First"};
    teleai_update_options unchanged = {.struct_size = sizeof unchanged, .if_unchanged_since_us = read->updated_at_us};
    OK(teleai_user_update(db, &read->id, &input, TELEAI_USER_FIELD_FULL_NAME, &unchanged, &after, &error));
    SAME_TEXT(after->full_name, "First");
    input.full_name = "Second";
    FAILS(teleai_user_update(db, &read->id, &input, TELEAI_USER_FIELD_FULL_NAME, &unchanged, &refused, &error),
          TELEAI_CONFLICT, "");
    cr_assert(refused == NULL);
    SAME_TEXT(harness_sql("select full_name from users"), "First");
    unchanged.if_unchanged_since_us = after->updated_at_us + 1; /* nobody can have read that */
    FAILS(teleai_user_update(db, &read->id, &input, TELEAI_USER_FIELD_FULL_NAME, &unchanged, NULL, &error),
          TELEAI_CONFLICT, "");
    unchanged.if_unchanged_since_us = after->updated_at_us;
    OK(teleai_user_update(db, &read->id, &input, TELEAI_USER_FIELD_FULL_NAME, &unchanged, NULL, &error));
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_user_update(db, &missing, &input, TELEAI_USER_FIELD_FULL_NAME, &unchanged, NULL, &error),
          TELEAI_NOT_FOUND, "");
    FAILS(teleai_user_update(db, &missing, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &error), TELEAI_NOT_FOUND,
          "");
    teleai_user_free(read);
    teleai_user_free(after);
}

/* ---- delete, list, count ---- */

Test(user, delete_takes_all_that_belongs_to_the_user) {
    teleai_uuid users[2], files[2], transcriptions[2];
    for (int i = 0; i < 2; i++) {
        harness_user(db, &users[i]);
        harness_audio_file(db, &users[i], &files[i]);
        harness_transcription(db, &users[i], &files[i], "some words", &transcriptions[i]);
        teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                          .user_id = &users[i],
                                          .audio_file_id = &files[i],
                                          .transcription_id = &transcriptions[i],
                                          .analysis_type = "x",
                                          .engine = "y"};
        OK(teleai_analysis_create(db, &analysis, NULL, &error));
        teleai_session_input session = {.struct_size = sizeof session, .user_id = &users[i]};
        teleai_session *made;
        OK(teleai_session_create(db, &session, &made, &error));
        teleai_session_free(made);
    }
    OK(teleai_user_delete(db, &users[0], &error));
    static const char *const tables[] = {"users", "sessions", "audio_files", "transcriptions", "analyses"};
    for (size_t i = 0; i < 5; i++)
        ROWS(tables[i], 1);
    FAILS(teleai_user_delete(db, &users[0], &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_user_delete(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
}

static void finds(const teleai_user_filter *filter, const char *emails) {
    teleai_page page = {.struct_size = sizeof page, .order = TELEAI_ORDER_OLDEST_FIRST};
    teleai_users *list;
    char found[200] = "";
    int64_t count = -1;
    OK(teleai_user_list(db, filter, &page, &list, &error));
    for (size_t i = 0; i < list->count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%.1s", list->items[i]->email);
    SAME_TEXT(found, emails);
    OK(teleai_user_count(db, filter, &count, &error));
    cr_assert(count == (int64_t)strlen(emails), "counted %lld of %s", (long long)count, emails);
    teleai_users_free(list);
}

Test(user, filters) {
    static const char *const emails[] = {"a@example.org", "b@example.org", "c@example.org", "d@example.org"};
    int64_t times[4];
    for (int i = 0; i < 4; i++) {
        teleai_user_input input = {.struct_size = sizeof input,
                                   .email = emails[i],
                                   .full_name = "X",
                                   .role = i == 0   ? TELEAI_ROLE_ADMIN
                                           : i == 3 ? TELEAI_ROLE_VIEWER
                                                    : 0,
                                   .is_active = i != 1,
                                   .has_is_active = true};
        teleai_user *made;
        OK(teleai_user_create(db, &input, &made, &error));
        times[i] = made->created_at_us;
        teleai_user_free(made);
    }
#define FILTER(...) &(teleai_user_filter){.struct_size = sizeof(teleai_user_filter), __VA_ARGS__}
    finds(NULL, "abcd");
    finds(FILTER(0), "abcd");
    finds(FILTER(.role = TELEAI_ROLE_ADMIN), "a");
    finds(FILTER(.role = TELEAI_ROLE_USER), "bc");
    teleai_users *none;
    FAILS(teleai_user_list(db, FILTER(.is_active = true), NULL, &none, &error), TELEAI_INVALID_ARGUMENT, "is_active");
    finds(FILTER(.is_active = true, .has_is_active = true), "acd");
    finds(FILTER(.has_is_active = true), "b");
    finds(FILTER(.created_from_us = times[1]), "bcd");
    finds(FILTER(.created_until_us = times[1]), "a");
    finds(FILTER(.created_from_us = times[1], .created_until_us = times[3]), "bc");
    finds(FILTER(.role = TELEAI_ROLE_USER, .is_active = true, .has_is_active = true, .created_from_us = times[0]), "c");
    finds(FILTER(.role = TELEAI_ROLE_VIEWER, .has_is_active = true), "");
    FAILS(teleai_user_list(db, FILTER(.role = 4), NULL, &(teleai_users *){NULL}, &error), TELEAI_INVALID_ARGUMENT,
          "role");
    int64_t count = 7;
    FAILS(teleai_user_count(db, FILTER(.role = -1), &count, &error), TELEAI_INVALID_ARGUMENT, "role");
    cr_assert(count == 0);
    FAILS(teleai_user_count(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
}

static teleai_status list_users(const teleai_page *page, void *out, teleai_error *why) {
    return teleai_user_list(db, NULL, page, out, why);
}
static void free_users(void *list) { teleai_users_free(list); }
static void add_user(teleai_uuid *id) { harness_user(db, id); }
static void remove_user(const teleai_uuid *id) { OK(teleai_user_delete(db, id, &error)); }

static const paging user_paging = {list_users, free_users, offsetof(teleai_user, created_at_us), add_user, remove_user};
PAGING_TESTS(user, &user_paging)
