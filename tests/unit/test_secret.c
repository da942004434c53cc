/* base/secret: tokens, password hashes, and that a missing hash takes as much work as a wrong password. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <sodium.h>
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
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",                         /* no base64 */
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xd9",
        "aaaaaaaaaaaaaaaaaaaa\xd9g.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* which libsodium takes for base64 */
    };
    char hash[TELEAI__TOKEN_HASH_BYTES] = "untouched";
    teleai_uuid tenant;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert(!teleai__token_read(bad[i], &tenant, hash), "%zu", i);
        cr_assert(teleai_uuid_equal(&tenant, &teleai__default_tenant));
    }
    cr_assert_str_eq(hash, "untouched");
}

/* ---- passwords ---- */

/* What is asked of Argon2id: memory, in bytes, times passes. This stands before libsodium's own, which it calls. */
static unsigned long long work;

int crypto_pwhash_argon2id(unsigned char *out, unsigned long long out_bytes, const char *password,
                           unsigned long long password_bytes, const unsigned char *salt, unsigned long long passes,
                           size_t memory, int algorithm) {
    typedef int hash(unsigned char *, unsigned long long, const char *, unsigned long long, const unsigned char *,
                     unsigned long long, size_t, int);
    hash *real;
    *(void **)&real = dlsym(RTLD_NEXT, "crypto_pwhash_argon2id");
    work += memory * passes;
    return real(out, out_bytes, password, password_bytes, salt, passes, memory, algorithm);
}

/* Which form is right, and how much work it took to tell. */
static int verify_at(const char *hash, const char *password, teleai__password_cost cost) {
    teleai__password read;
    bool told;
    cr_assert(teleai__password_read(password, &read));
    work = 0;
    int form = teleai__password_verify(hash, &read, cost, &told);
    cr_assert(told);
    teleai__password_wipe(&read);
    return form;
}

static int verify(const char *hash, const char *password) { return verify_at(hash, password, cheap); }

Test(secret, passwords_verify_against_their_own_hash_alone) {
    char hash[TELEAI__PASSWORD_HASH_BYTES], other[TELEAI__PASSWORD_HASH_BYTES];
    cr_assert(teleai__password_hash("correct horse", cheap, hash) &&
              teleai__password_hash("correct horse", cheap, other));
    cr_assert(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0, "%s", hash);
    cr_assert(strcmp(hash, other) != 0, "each has a salt of its own");
    cr_assert(crypto_pwhash_argon2id_str_verify(hash, "correct horse", 13) == 0, "as libsodium writes it");
    cr_assert(verify(hash, "correct horse") == 0 && verify(other, "correct horse") == 0);
    static const char *const wrong[] = {"", "correct hors", "correct horse ", "Correct horse", "correct horsf"};
    for (size_t i = 0; i < 5; i++)
        cr_assert(verify(hash, wrong[i]) == -1, "%s", wrong[i]);
    cr_assert(crypto_pwhash_argon2id_str(other, "correct horse", 13, 2, 19456 * 1024) == 0);
    cr_assert(verify(other, "correct horse") == 0);
    hash[strlen(hash) - 2] ^= 1;
    cr_assert(verify(hash, "correct horse") == -1);
}

Test(secret, what_is_no_hash_lets_nobody_in) {
    static const char *const hashes[] = {NULL,
                                         "",
                                         "!",
                                         "correct horse",
                                         "$argon2id$",
                                         "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA",
                                         "$argon2id$v=19$m=19456,t=2,p=1$",
                                         "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
                                         "$2b$10$abcdefghijklmnopqrstuv"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        cr_assert(verify(hashes[i], "correct horse") == -1);
        cr_assert(verify(hashes[i], hashes[i] == NULL ? "" : hashes[i]) == -1);
    }
}

Test(secret, a_password_has_one_form_however_it_is_typed) {
    static const struct {
        const char *typed, *hashed;
        size_t characters;
        bool other;
    } cases[] = {
        {"correct horse", "correct horse", 13, false},
        {"p\303\244ssw\303\266rd", "p\303\244ssw\303\266rd", 8, false},
        {"pa\314\210sswo\314\210rd", "p\303\244ssw\303\266rd", 8, true},
        {"\342\204\253", "\303\205", 1, true},                                              /* Angstrom sign */
        {"\341\204\222\341\205\241\341\206\253", "\355\225\234", 1, true},                  /* Hangul */
        {"a\302\240b\343\200\200c\341\232\200d", "a b c d", 7, true},                       /* spaces */
        {"a\314\243\314\207", "\341\272\241\314\207", 2, true},                             /* marks in order */
        {"a\314\207\314\243", "\341\272\241\314\207", 2, true},                             /* and out of it */
        {"\360\237\230\200\360\237\230\200", "\360\237\230\200\360\237\230\200", 2, false}, /* two emoji */
        {"        ", "        ", 8, false},
        {"\357\254\201", "\357\254\201", 1, false}, /* a ligature is another text: only form KC would take it apart */
        {"", "", 0, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai__password read;
        cr_assert(teleai__password_read(cases[i].typed, &read));
        cr_expect_str_eq(read.forms[0], cases[i].hashed, "%zu: %s", i, read.forms[0]);
        cr_expect(read.characters == cases[i].characters && (read.forms[1] != NULL) == cases[i].other, "%zu", i);
        cr_expect(read.forms[1] == NULL || strcmp(read.forms[1], cases[i].typed) == 0);
        teleai__password_wipe(&read);
    }
    char hash[TELEAI__PASSWORD_HASH_BYTES];
    cr_assert(teleai__password_hash("pa\314\210sswo\314\210rd", cheap, hash)); /* as older ones were made */
    cr_assert(verify(hash, "pa\314\210sswo\314\210rd") == 1);
    cr_assert(teleai__password_hash("p\303\244ssw\303\266rd", cheap, hash));
    cr_assert(verify(hash, "pa\314\210sswo\314\210rd") == 0 && verify(hash, "p\303\244ssw\303\266rd") == 0);
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

/* No measuring of time: the work itself is counted. */
Test(secret, every_refusal_takes_the_same_work_and_so_does_letting_in) {
    const teleai__password_cost cost = {19456 * 1024, 2};
    const unsigned long long wanted = 2ULL * 19456 * 1024;
    static const char *const none[] = {NULL, "!", "", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$x$y"};
    for (size_t i = 0; i < 5; i++) {
        cr_assert(verify_at(none[i], "correct horse", cost) == -1);
        cr_expect(work == wanted, "none %zu: %llu of %llu", i, work, wanted);
        (void)verify_at(none[i], "pa\314\210ssword", cost); /* which has two forms */
        cr_expect(work == 2 * wanted, "none %zu, twice: %llu of %llu", i, work, 2 * wanted);
    }
    static const teleai__password_cost older[] = {
        {19456 * 1024, 2}, {19456 * 1024, 1}, {8192, 1}, {8192 * 1024, 3}, {12345 * 1024, 1}, {9728 * 1024, 4},
    };
    for (size_t i = 0; i < sizeof older / sizeof *older; i++) {
        char hash[TELEAI__PASSWORD_HASH_BYTES];
        cr_assert(teleai__password_hash("correct horse", older[i], hash));
        cr_assert(verify_at(hash, "wrong horse", cost) == -1);
        cr_expect(work > wanted - 8192 && work <= wanted, "wrong %zu: %llu of %llu", i, work, wanted);
        cr_assert(verify_at(hash, "correct horse", cost) == 0);
        cr_expect(work > wanted - 8192 && work <= wanted, "right %zu: %llu of %llu", i, work, wanted);
        cr_assert(verify_at(hash, "wro\314\210ng", cost) == -1);
        cr_expect(work > 2 * (wanted - 8192) && work <= 2 * wanted, "two forms %zu: %llu", i, work);
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
