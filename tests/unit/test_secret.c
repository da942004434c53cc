/* base/secret: tokens, password hashes, and that a missing hash takes as much work as a wrong password. */
#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include "base/secret.h"
#include "base/tenant.h"

static const teleai__password_cost cheap = {19456 * 1024, 2};

static void make_ready(void) { cr_assert(teleai__secret_ready() && teleai__secret_ready()); }

TestSuite(secret, .init = make_ready);

#define URL_SAFE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Test(secret, tokens_are_random_and_can_stand_in_a_url) {
    char tokens[200][TELEAI__TOKEN_BYTES];
    for (int i = 0; i < 200; i++) {
        memset(tokens[i], '#', TELEAI__TOKEN_BYTES);
        teleai__token_make(&teleai__default_tenant, tokens[i]);
        cr_assert(tokens[i][43] == '\0' && strlen(tokens[i]) == 43);
        cr_assert(strspn(tokens[i], URL_SAFE) == 43, "%s", tokens[i]);
        for (int j = 0; j < i; j++)
            cr_assert(strcmp(tokens[i], tokens[j]) != 0);
    }
}

Test(secret, a_token_says_which_tenant_it_is_of) {
    char token[TELEAI__TOKEN_BYTES], other[TELEAI__TOKEN_BYTES];
    char hash[TELEAI__TOKEN_HASH_BYTES], other_hash[TELEAI__TOKEN_HASH_BYTES];
    teleai_uuid tenant, read;
    teleai_uuid_make(&tenant);
    teleai__token_make(&tenant, token);
    cr_assert(strlen(token) == 66 && token[22] == '.' && strspn(token, URL_SAFE) == 22 &&
                  strspn(token + 23, URL_SAFE) == 43,
              "%s", token);
    cr_assert(teleai__token_read(token, &read, hash) && teleai_uuid_equal(&read, &tenant));
    /* Another tenant in front of the same secret is another token. */
    teleai_uuid_make(&tenant);
    teleai__token_make(&tenant, other);
    strcpy(other + 23, token + 23);
    cr_assert(teleai__token_read(other, &read, other_hash) && teleai_uuid_equal(&read, &tenant));
    cr_assert_str_neq(hash, other_hash);
    teleai__token_make(&teleai__default_tenant, token);
    cr_assert(teleai__token_read(token, &read, hash) && teleai_uuid_equal(&read, &teleai__default_tenant));
}

Test(secret, token_hashes_are_sha_256) {
    char hash[TELEAI__TOKEN_HASH_BYTES];
    teleai_uuid tenant;
    cr_assert(teleai__token_read("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &tenant, hash));
    cr_assert_str_eq(hash, "66d34fba71f8f450f7e45598853e53bfc23bbd129027cbb131a2f4ffd7878cd0");
    char again[TELEAI__TOKEN_HASH_BYTES];
    cr_assert(teleai__token_read("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", &tenant, again) &&
              strcmp(hash, again) != 0);
}

Test(secret, what_cannot_be_a_token_has_no_hash) {
    static const char *const bad[] = {
        NULL,
        "",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",  /* no full stop */
        "aaaaaaaaaaaaaaaaaaaaa!.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",  /* no base64 */
        "aaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* one too many */
    };
    char hash[TELEAI__TOKEN_HASH_BYTES] = "untouched";
    teleai_uuid tenant;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert(!teleai__token_read(bad[i], &tenant, hash), "%zu", i);
        cr_assert(teleai_uuid_equal(&tenant, &teleai__default_tenant));
    }
    cr_assert_str_eq(hash, "untouched");
}

Test(secret, passwords_verify_against_their_own_hash_alone) {
    char hash[TELEAI__PASSWORD_HASH_BYTES], other[TELEAI__PASSWORD_HASH_BYTES];
    cr_assert(teleai__password_hash("correct horse", cheap, hash) &&
              teleai__password_hash("correct horse", cheap, other));
    cr_assert(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", hash);
    cr_assert(strcmp(hash, other) != 0, "each has a salt of its own");
    cr_assert(teleai__password_verify(hash, "correct horse", cheap, NULL) &&
              teleai__password_verify(other, "correct horse", cheap, NULL));
    static const char *const wrong[] = {"", "correct hors", "correct horse ", "Correct horse", "correct horsf"};
    for (size_t i = 0; i < 5; i++)
        cr_assert(!teleai__password_verify(hash, wrong[i], cheap, NULL), "%s", wrong[i]);
    hash[strlen(hash) - 2] ^= 1;
    cr_assert(!teleai__password_verify(hash, "correct horse", cheap, NULL));
}

Test(secret, what_is_no_hash_lets_nobody_in) {
    static const char *const hashes[] = {NULL,
                                         "",
                                         "!",
                                         "correct horse",
                                         "$argon2id$",
                                         "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA",
                                         "$argon2id$v=19$m=19456,t=2,p=1$",
                                         "$2b$10$abcdefghijklmnopqrstuv"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        cr_assert(!teleai__password_verify(hashes[i], "correct horse", cheap, NULL));
        cr_assert(!teleai__password_verify(hashes[i], hashes[i] == NULL ? "" : hashes[i], cheap, NULL));
    }
}

Test(secret, a_hash_is_outdated_when_it_was_cheaper) {
    char hash[TELEAI__PASSWORD_HASH_BYTES];
    cr_assert(teleai__password_hash("correct horse", (teleai__password_cost){32768 * 1024, 3}, hash));
    cr_assert(!teleai__password_outdated(hash, (teleai__password_cost){32768 * 1024, 3}));
    cr_assert(teleai__password_outdated(hash, (teleai__password_cost){65536 * 1024, 3}));
    cr_assert(teleai__password_outdated(hash, (teleai__password_cost){32768 * 1024, 4}));
    cr_assert(!teleai__password_outdated(hash, (teleai__password_cost){19456 * 1024, 2}),
              "it is dearer than asked for");
}

static double seconds_of(const char *hash) {
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < 5; i++)
        cr_assert(!teleai__password_verify(hash, "wrong horse", cheap, NULL));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Loosely: that no hash is not answered at once, not that nobody can measure a difference. */
Test(secret, no_hash_takes_as_much_work_as_a_wrong_password) {
    char hash[TELEAI__PASSWORD_HASH_BYTES];
    cr_assert(teleai__password_hash("correct horse", cheap, hash));
    (void)seconds_of(hash);
    double wrong = seconds_of(hash);
    static const char *const none[] = {NULL, "!", "", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$x$y"};
    for (size_t i = 0; i < 5; i++) {
        double without = seconds_of(none[i]);
        cr_expect(without > wrong / 3 && without < wrong * 3, "\"%s\" takes %.4f s, a wrong password %.4f s",
                  none[i] == NULL ? "NULL" : none[i], without, wrong);
    }
}

Test(secret, copies_are_copies_and_are_wiped) {
    char *copy = teleai__secret_copy("password=s3cret");
    cr_assert_str_eq(copy, "password=s3cret");
    teleai__secret_wipe(copy, strlen(copy));
    cr_assert(copy[0] == '\0' && memcmp(copy, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15) == 0);
    teleai__secret_free(copy);
    teleai__secret_free(NULL);
}
