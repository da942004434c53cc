/* Logging in on a real server: what is let in, what is refused and that all refusals look alike, renewing hashes. */
#include "nouns.h"

SERVER_SUITE(login);

static void add_ann(teleai_uuid *id) {
    teleai_uuid_make(id);
    teleai_user_input input = {.struct_size = sizeof input,
                               .id = id,
                               .email = "Ann@example.org",
                               .full_name = "Ann",
                               .password = "correct horse"};
    OK(teleai_user_create(db, &input, NULL, &error));
}

static teleai_client *open_with(int32_t memory_kib, int32_t passes) {
    teleai_options options = {
        .struct_size = sizeof options, .password_memory_kib = memory_kib, .password_passes = passes};
    teleai_client *client;
    OK(teleai_open(harness_database(), &options, &client, &error));
    return client;
}

Test(login, right_password_is_let_in_and_noted) {
    teleai_uuid id;
    add_ann(&id);
    int64_t before = now_us();
    teleai_user *user;
    OK(teleai_user_login(db, "aNN@EXAMPLE.org", "correct horse", &user, &error));
    SAME_ID(&user->id, &id);
    SAME_TEXT(user->email, "Ann@example.org");
    cr_assert(user->has_last_login_at);
    JUST_NOW(user->last_login_at_us, before);
    int64_t first = user->last_login_at_us;
    teleai_user_free(user);
    OK(teleai_user_login(db, "ann@example.org", "correct horse", &user, &error));
    cr_assert(user->last_login_at_us > first);
    teleai_user *read;
    OK(teleai_user_get(db, &id, &read, &error));
    cr_assert(read->last_login_at_us == user->last_login_at_us);
    teleai_user_free(user);
    teleai_user_free(read);
    OK(teleai_user_login(db, "ann@example.org", "correct horse", NULL, &error));
}

Test(login, every_refusal_is_the_same) {
    teleai_uuid ann, idle, bare;
    add_ann(&ann);
    teleai_uuid_make(&idle);
    teleai_uuid_make(&bare);
    teleai_user_input inputs[] = {
        {.struct_size = sizeof inputs[0],
         .id = &idle,
         .email = "idle@example.org",
         .full_name = "Idle",
         .password = "correct horse",
         .has_is_active = true},
        {.struct_size = sizeof inputs[0], .id = &bare, .email = "bare@example.org", .full_name = "Bare"},
    };
    OK(teleai_user_create_many(db, inputs, 2, NULL, NULL, &error));
    static const char *const tries[][2] = {
        {"ann@example.org", "wrong horse"},
        {"ann@example.org", ""},
        {"ann@example.org", "Correct horse"},
        {"ann@example.org", "correct horse "},
        {"nobody@example.org", "correct horse"},
        {"idle@example.org", "correct horse"},
        {"idle@example.org", "wrong horse"},
        {"bare@example.org", "correct horse"},
        {"bare@example.org", "!"},
        {"bare@example.org", ""},
        {"not an address", "correct horse"},
    };
    teleai_error first = {0};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        teleai_user *user = (teleai_user *)&first;
        FAILS(teleai_user_login(db, tries[i][0], tries[i][1], &user, &error), TELEAI_UNAUTHENTICATED, "");
        cr_assert(user == NULL);
        if (i == 0)
            first = error;
        cr_assert(memcmp(&first, &error, sizeof error) == 0, "%s / %s is refused in another way", tries[i][0],
                  tries[i][1]);
    }
    SAME_TEXT(harness_sql("select count(*) from users where last_login_at is not null"), "0");
}

Test(login, what_cannot_be_is_invalid) {
    static const char *const emails[] = {NULL, "", "a\xff@example.org"};
    for (size_t i = 0; i < 3; i++)
        FAILS(teleai_user_login(db, emails[i], "correct horse", NULL, &error), TELEAI_INVALID_ARGUMENT, "email");
    FAILS(teleai_user_login(db, repeat("x", 256), "correct horse", NULL, &error), TELEAI_INVALID_ARGUMENT, "email");
    FAILS(teleai_user_login(db, "a@example.org", NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "password");
    FAILS(teleai_user_login(db, "a@example.org", repeat("x", 1025), NULL, &error), TELEAI_INVALID_ARGUMENT, "password");
}

Test(login, passwords_have_8_to_1024_bytes) {
    teleai_user_input input = {.struct_size = sizeof input, .email = "a@example.org", .full_name = "A"};
    const char *const wrong[] = {"", "1234567", repeat("x", 1025), "12345678\xff"};
    for (size_t i = 0; i < 4; i++) {
        input.password = wrong[i];
        FAILS(teleai_user_create(db, &input, NULL, &error), TELEAI_INVALID_ARGUMENT, "password");
        cr_assert(wrong[i][0] == '\0' || strstr(error.message, wrong[i]) == NULL);
    }
    ROWS("users", 0);
    input.password = "12345678";
    OK(teleai_user_create(db, &input, NULL, &error));
    OK(teleai_user_login(db, "a@example.org", "12345678", NULL, &error));
    input.email = "b@example.org";
    input.password = repeat("ü", 512);
    OK(teleai_user_create(db, &input, NULL, &error));
    OK(teleai_user_login(db, "b@example.org", repeat("ü", 512), NULL, &error));
    FAILS(teleai_user_login(db, "b@example.org", repeat("ü", 511), NULL, &error), TELEAI_UNAUTHENTICATED, "");
}

Test(login, a_changed_password_counts_at_once) {
    teleai_uuid id;
    add_ann(&id);
    teleai_user_input input = {.struct_size = sizeof input, .password = "battery staple"};
    OK(teleai_user_update(db, &id, &input, TELEAI_USER_FIELD_PASSWORD, NULL, NULL, &error));
    FAILS(teleai_user_login(db, "ann@example.org", "correct horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
    OK(teleai_user_login(db, "ann@example.org", "battery staple", NULL, &error));
    input.password = "short";
    FAILS(teleai_user_update(db, &id, &input, TELEAI_USER_FIELD_PASSWORD, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT,
          "password");
    OK(teleai_user_login(db, "ann@example.org", "battery staple", NULL, &error));
}

static bool hash_begins(const char *expected) {
    return strncmp(harness_sql("select password_hash from users"), expected, strlen(expected)) == 0;
}

Test(login, a_higher_cost_renews_the_hash) {
    teleai_uuid id;
    add_ann(&id);
    char old[200];
    snprintf(old, sizeof old, "%s", harness_sql("select password_hash from users"));
    OK(teleai_user_login(db, "ann@example.org", "correct horse", NULL, &error));
    SAME_TEXT(harness_sql("select password_hash from users"), old); /* the same cost: nothing to renew */
    teleai_client *dearer = open_with(32768, 3);
    FAILS(teleai_user_login(dearer, "ann@example.org", "wrong horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
    SAME_TEXT(harness_sql("select password_hash from users"), old);
    OK(teleai_user_login(dearer, "ann@example.org", "correct horse", NULL, &error));
    cr_assert(hash_begins("$argon2id$v=19$m=32768,t=3,p=1$"), "%s", harness_sql("select password_hash from users"));
    OK(teleai_user_login(dearer, "ann@example.org", "correct horse", NULL, &error));
    teleai_close(dearer);
}

Test(login, a_lower_cost_leaves_the_hash) {
    teleai_client *dearer = open_with(32768, 3);
    teleai_user_input input = {
        .struct_size = sizeof input, .email = "ann@example.org", .full_name = "Ann", .password = "correct horse"};
    OK(teleai_user_create(dearer, &input, NULL, &error));
    teleai_close(dearer);
    OK(teleai_user_login(db, "ann@example.org", "correct horse", NULL, &error));
    cr_assert(hash_begins("$argon2id$v=19$m=32768,t=3,p=1$"), "a cheaper client made the hash weaker: %s",
              harness_sql("select password_hash from users"));
}

Test(login, works_inside_a_transaction) {
    teleai_uuid id;
    add_ann(&id);
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    OK(teleai_user_login(transaction, "ann@example.org", "correct horse", NULL, &error));
    FAILS(teleai_user_login(transaction, "ann@example.org", "wrong horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
    OK(teleai_transaction_rollback(transaction, &error));
    teleai_close(transaction);
    SAME_TEXT(harness_sql("select last_login_at from users"), "");
}

Test(login, a_hash_of_another_kind_lets_nobody_in) {
    teleai_uuid id;
    add_ann(&id);
    static const char *const hashes[] = {"",
                                         "plain",
                                         "correct horse",
                                         "$2b$12$abcdefghijklmnopqrstuv",
                                         "$argon2id$",
                                         "$argon2id$v=19$m=19456,t=2,p=1$x$y"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        harness_sql("update users set password_hash = '%s'", hashes[i]);
        FAILS(teleai_user_login(db, "ann@example.org", "correct horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
        FAILS(teleai_user_login(db, "ann@example.org", hashes[i], NULL, &error), TELEAI_UNAUTHENTICATED, "");
    }
}
