/*
 * The small readers of texts. The first byte picks one; the rest is the text. What is read is written again, and that is
 * what was read; what is checked is what it says it is.
 */
#include <sodium.h>

#include "base/cursor.h"
#include "base/nfc.h"
#include "base/secret.h"
#include "base/tenant.h"
#include "fuzz.h"
#include "run/client.h"
#include "teleai/scope.h"
#include "wire/sqlstate.h"

/* ---- UTF-8 ---- */

/* The strict decoder of RFC 3629, section 4, written from the ranges of code points rather than of bytes; 0: malformed. */
static size_t decode(const unsigned char *s, size_t left) {
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80             ? 1
                    : (s[0] & 0xE0) == 0xC0 ? 2
                    : (s[0] & 0xF0) == 0xE0 ? 3
                    : (s[0] & 0xF8) == 0xF0 ? 4
                                            : 0;
    if (length == 0 || length > left)
        return 0;
    uint32_t point = length == 1 ? s[0] : s[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        point = point << 6 | (s[i] & 0x3F);
    }
    return point >= least[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF) ? length : 0;
}

static void utf8(char *text, size_t bytes) {
    size_t at = 0, count = 0, characters = 0, bad = 0;
    for (size_t length = 1; at < bytes && length > 0; at += length, count += length > 0)
        length = decode((unsigned char *)text + at, bytes - at);
    bool whole = teleai__utf8_check(text, bytes, &characters, &bad);
    MUST(whole == (at == bytes));
    MUST(whole ? characters == count : bad == at);
    size_t length = strlen(text);
    for (size_t most = 0; most <= length + 1 && most < 40; most++) {
        size_t cut = teleai__utf8_cut(text, most);
        MUST(cut <= most && cut <= length && (cut == length || cut + 4 > most));
        MUST(!fuzz_is_text(text) || teleai__utf8_check(text, cut, &characters, &bad));
    }
    MUST(teleai__word_count(text, bytes) <= (bytes + 1) / 2);
    teleai__text_clean(text);
    MUST(strlen(text) == length && fuzz_is_text(text));
    char *again = strdup(text);
    MUST(again != NULL);
    teleai__text_clean(again);
    MUST(strcmp(again, text) == 0);
    free(again);
}

/* ---- forms of fields ---- */

static void lower(char *text) {
    for (; *text != '\0'; text++)
        *text = *text >= 'A' && *text <= 'Z' ? (char)(*text + 'a' - 'A') : *text;
}

static void email(char *text, size_t bytes) {
    (void)bytes;
    if (teleai__email_expected(text) != NULL)
        return;
    const char *at = strchr(text, '@');
    MUST(at != NULL && at != text && strchr(at + 1, '@') == NULL && strchr(at, '.') != NULL && strlen(text) <= 254);
    MUST(fuzz_is_text(text) && strpbrk(text, " \t\r\n\"(),:;<>[\\]") == NULL);
    lower(text);
    MUST(teleai__email_expected(text) == NULL);
}

static void language(char *text, size_t bytes) {
    (void)bytes;
    if (teleai__language_code_expected(text) != NULL)
        return;
    MUST(strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(text));
    lower(text);
    MUST(teleai__language_code_expected(text) == NULL);
}

static void slug(char *text, size_t bytes) {
    (void)bytes;
    if (teleai__slug_expected(text) != NULL)
        return;
    char host[300];
    MUST(*text != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text));
    if (strlen(text) <= 63) { /* it is a label of a host name */
        snprintf(host, sizeof host, "a@%s.org", text);
        MUST(teleai__email_expected(host) == NULL);
    }
}

static void media_type(char *text, size_t bytes) {
    (void)bytes;
    const char *stored = teleai__mime_type(text);
    MUST((stored != NULL) == (teleai__mime_type_expected(text) == NULL));
    MUST(stored == NULL || strcmp(teleai__mime_type(stored), stored) == 0);
}

static void ip_address(char *text, size_t bytes) {
    (void)bytes;
    if (teleai__ip_address_expected(text) == NULL)
        MUST(strspn(text, "0123456789abcdefABCDEF:./") == strlen(text));
}

/* ---- ids, cursors, tokens ---- */

static void uuid(char *text, size_t bytes) {
    teleai_uuid id;
    teleai_error error;
    char again[TELEAI_UUID_TEXT_BYTES];
    (void)bytes;
    if (teleai_uuid_parse(text, &id, &error) != TELEAI_OK)
        return;
    teleai_uuid_format(&id, again);
    lower(text);
    MUST(strcmp(again, text) == 0);
}

static void cursor(char *text, size_t bytes) {
    unsigned char kind = 0;
    teleai__cursor found;
    teleai_error error;
    char again[TELEAI__CURSOR_TEXT_BYTES];
    (void)sodium_hex2bin(&kind, 1, text, bytes < 2 ? bytes : 2, NULL, NULL, NULL);
    if (teleai__cursor_parse(text, kind, &found, &error) != TELEAI_OK)
        return;
    teleai__cursor_format(&found, again);
    lower(text);
    MUST(strcmp(again, text) == 0);
    MUST(teleai__cursor_parse(text, (uint8_t)(kind + 1), &found, &error) != TELEAI_OK);
}

static void token(char *text, size_t bytes) {
    teleai_uuid tenant, again;
    char hash[TELEAI__TOKEN_HASH_BYTES], made[TELEAI__TOKEN_BYTES];
    (void)bytes;
    if (!teleai__token_read(text, &tenant, hash)) {
        MUST(teleai_uuid_equal(&tenant, &teleai__default_tenant));
        return;
    }
    MUST(strspn(hash, "0123456789abcdef") == TELEAI__TOKEN_HASH_BYTES - 1);
    teleai__token_make(&tenant, made);
    MUST(teleai__token_read(made, &again, hash) && teleai_uuid_equal(&tenant, &again));
    if (strlen(made) == strlen(text) && strchr(made, '.') != NULL) /* one text for one tenant */
        MUST(strncmp(made, text, (size_t)(strchr(made, '.') - made) + 1) == 0);
}

static void traceparent(char *text, size_t bytes) {
    static teleai_client *root;
    teleai_client *scope = NULL;
    teleai_error error;
    teleai_options options = {.struct_size = sizeof options};
    teleai_scope_options in = {.struct_size = sizeof in, .traceparent = text};
    (void)bytes;
    if (root == NULL)
        MUST(teleai__client_make("host=/nowhere", &options, &root, &error) == TELEAI_OK);
    teleai_status status = teleai_scope_open(root, &in, &scope, &error);
    MUST(status == TELEAI_OK || status == TELEAI_INVALID_ARGUMENT);
    if (status == TELEAI_OK)
        MUST(strspn(text, "0123456789abcdef-") == 55 && strcmp(scope->scope.traceparent, text) == 0);
    teleai_close(scope);
}

static void sqlstate(char *text, size_t bytes) {
    (void)bytes;
    const teleai__meaning *found = teleai__sqlstate_meaning(text);
    MUST(found != NULL && found->status != TELEAI_OK && strncmp(found->code, text, strlen(found->code)) == 0);
}

/* ---- passwords ---- */

static void normal_form(char *text, size_t bytes) {
    teleai__password password;
    MUST(teleai__password_read(text, &password));
    MUST(password.forms[1] == NULL || strcmp(password.forms[1], text) == 0);
    teleai__password_wipe(&password);
    size_t characters, bad, length, length_again, characters_again;
    bytes = strlen(text);
    if (!teleai__utf8_check(text, bytes, &characters, &bad))
        return;
    char *normal = malloc(TELEAI__NFC_GROWTH * bytes + 1), *again = malloc(TELEAI__NFC_GROWTH * 3 * bytes + 1);
    MUST(normal != NULL && again != NULL);
    for (int spaces = 0; spaces < 2; spaces++) {
        MUST(teleai__nfc(text, bytes, spaces, normal, &length, &characters));
        MUST(length <= TELEAI__NFC_GROWTH * bytes && normal[length] == '\0' && strlen(normal) == length);
        MUST(teleai__utf8_check(normal, length, &characters_again, &bad) && characters_again == characters);
        MUST(teleai__has_control(normal, length) == teleai__has_control(text, bytes));
        MUST(teleai__nfc(normal, length, spaces, again, &length_again, &characters_again));
        MUST(length_again == length && memcmp(normal, again, length) == 0 && characters_again == characters);
    }
    free(normal);
    free(again);
}

/* In place of Argon2, which would take its time over each. */
int __wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long bytes, const char *form,
                                  unsigned long long length, const unsigned char *salt, unsigned long long passes,
                                  size_t memory, int algorithm);
int __wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long bytes, const char *form,
                                  unsigned long long length, const unsigned char *salt, unsigned long long passes,
                                  size_t memory, int algorithm) {
    (void)form, (void)length, (void)passes, (void)algorithm;
    memset(out, salt[0] ^ (int)(memory >> 10), (size_t)bytes);
    return 0;
}
int __wrap_crypto_pwhash_argon2id_str_verify(const char *hash, const char *form, unsigned long long length);
int __wrap_crypto_pwhash_argon2id_str_verify(const char *hash, const char *form, unsigned long long length) {
    (void)hash, (void)form, (void)length;
    return -1;
}

static void password_hash(char *text, size_t bytes) {
    static const teleai__password_cost cost = {1 << 20, 2};
    char made[2][TELEAI__PASSWORD_HASH_BYTES], again[2][TELEAI__PASSWORD_HASH_BYTES];
    teleai__password password;
    bool told = false;
    (void)bytes;
    MUST(teleai__password_read("a password", &password));
    (void)teleai__password_outdated(text, cost);
    MUST(teleai__password_verify(text, &password, cost, &told) <= 0 && told);
    MUST(teleai__password_hash_like(text, &password, cost, made));
    if (made[0][0] != '\0') {
        MUST(teleai__password_hash_like(made[0], &password, cost, again) && strcmp(made[0], again[0]) == 0);
        MUST(teleai__password_verify(made[0], &password, cost, &told) == 0);
    }
    teleai__password_wipe(&password);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const readers[])(char *text, size_t bytes) = {
        utf8,   email, language,    slug,     media_type,  ip_address,   uuid,
        cursor, token, traceparent, sqlstate, normal_form, password_hash};
    fuzz_bytes from = {data, size};
    MUST(teleai__secret_ready());
    uint8_t which = (uint8_t)(fuzz_take(&from) - 'a'); /* so that seeds can be read */
    size_t bytes = from.left;
    char *text = fuzz_text(&from);
    readers[which % (sizeof readers / sizeof *readers)](text, bytes);
    free(text);
    return 0;
}
