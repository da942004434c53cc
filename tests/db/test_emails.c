/* E-mail addresses: one form for the library and the schema, compared as ASCII in every database, and what becomes of those
 * that older rules let in. */
#include "nouns.h"

SERVER_SUITE(emails);

static bool schema_takes(const char *email) {
    PGconn *raw = harness_connect();
    const char *const values[] = {email};
    PGresult *result = PQexecParams(raw, "insert into users (email, password_hash, full_name) values ($1, '!', 'A')", 1,
                                    NULL, values, NULL, NULL, 0);
    bool taken = PQresultStatus(result) == PGRES_COMMAND_OK;
    cr_assert(taken || strcmp(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME), "users_email_check") == 0, "%s",
              PQresultErrorMessage(result));
    PQclear(result);
    PQfinish(raw);
    harness_sql("delete from users");
    return taken;
}

static void try_one(const char *email, bool right) {
    teleai_user_input input = {.struct_size = sizeof input, .email = email, .full_name = "A"};
    teleai_status status = teleai_user_create(db, &input, NULL, &error);
    cr_expect(status == (right ? TELEAI_OK : TELEAI_INVALID_ARGUMENT), "the library, \"%s\": %s", email,
              teleai_status_name(status));
    cr_expect(right || strcmp(error.field, "email") == 0);
    harness_sql("delete from users");
    cr_expect(schema_takes(email) == right, "the schema, \"%s\"", email);
}

Test(emails, the_library_and_the_schema_say_the_same) {
#define RIGHT(text) try_one(text, true);
#define WRONG(text) try_one(text, false);
#include "emails.h"
}

/* ---- what older rules let in ---- */

Test(emails, addresses_that_differ_in_case_alone_stay_until_they_are_put_right) {
    /* As in a database whose collation tells I from i: its unique index lets both in. */
    OK(teleai_migrate_to(db, 16, &error));
    harness_sql(
        "drop index users_email_key; create unique index users_email_key on users (lower(replace(email, 'I', 'X')))");
    harness_sql("insert into users (id, email, password_hash, full_name, created_at) values "
                "('00000000-0000-4000-8000-000000000001', 'IRINA@example.org', '!', 'Irina', '2020-01-01'), "
                "('00000000-0000-4000-8000-000000000002', 'irina@example.org', '!', 'Somebody else', '2021-01-01')");
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select string_agg(indexrelid::regclass::text || ' ' || indisunique, ', ' order by "
                          "indexrelid::regclass::text) from pg_index where "
                          "indrelid = 'users'::regclass and indexrelid::regclass::text like 'users_email%%'"),
              "users_email_idx false, users_email_key true");
    teleai_user *found;
    OK(teleai_user_get_by_email(db, "IRINA@example.org", &found, &error));
    SAME_TEXT(found->full_name, "Irina");
    teleai_user_free(found);
    OK(teleai_user_get_by_email(db, "irina@example.org", &found, &error));
    SAME_TEXT(found->full_name, "Somebody else");
    /* Their passwords are changed, and each logs in as it is written. */
    teleai_user_input input = {.struct_size = sizeof input, .password = "correct horse"};
    OK(teleai_user_update(db, &found->id, &input, TELEAI_USER_FIELD_PASSWORD, NULL, NULL, &error));
    teleai_user_free(found);
    OK(teleai_user_login(db, "irina@example.org", "correct horse", NULL, &error));
    FAILS(teleai_user_login(db, "IRINA@example.org", "correct horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
    /* Put right, as health says. */
    teleai_health_options only = {.struct_size = sizeof only, .only = "emails"};
    teleai_health_findings *findings;
    OK(teleai_health_check(db, &only, &findings, &error));
    cr_assert(findings->count == 2 && findings->worst == TELEAI_HEALTH_WARNING, "%zu", findings->count);
    SAME_TEXT(findings->items[0]->subject,
              "users 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002");
    SAME_TEXT(findings->items[1]->subject, "users_email_key");
    harness_sql("update users set email = 'irina.else@example.org' where full_name = 'Somebody else'");
    char remedy[1000];
    snprintf(remedy, sizeof remedy, "%s", findings->items[1]->remedy);
    teleai_health_findings_free(findings);
    for (char *at = remedy, *end; (end = strstr(at, "; ")) != NULL; at = end + 2) {
        *end = '\0';
        harness_sql("%s", at);
    }
    OK(teleai_health_check(db, &only, &findings, &error));
    cr_assert(findings->count == 1 && findings->worst == TELEAI_HEALTH_OK, "%s", findings->items[0]->message);
    teleai_health_findings_free(findings);
    input = (teleai_user_input){.struct_size = sizeof input, .email = "irina@example.org", .full_name = "Third"};
    FAILS(teleai_user_create(db, &input, NULL, &error), TELEAI_ALREADY_EXISTS, "email");
    OK(teleai_migrate_to(db, 16, &error));
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select indisunique from pg_index where indexrelid = 'users_email_key'::regclass"), "t");
    SAME_TEXT(harness_sql("select count(*) from pg_class where relname like 'users_email%%'"), "1");
}

Test(emails, accounts_whose_address_has_an_older_form_go_on) {
    OK(teleai_migrate_to(db, 16, &error));
    harness_sql(
        "insert into users (id, email, password_hash, full_name) values ('00000000-0000-4000-8000-000000000001', "
        "'a..b@example.org', '!', 'A'), ('00000000-0000-4000-8000-000000000002', 'good@example.org', '!', 'G')");
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select convalidated from pg_constraint where conname = 'users_email_check'"), "f");
    teleai_user *found;
    OK(teleai_user_get_by_email(db, "A..B@example.org", &found, &error));
    teleai_user_input input = {.struct_size = sizeof input, .password = "correct horse", .full_name = "Anna"};
    OK(teleai_user_update(db, &found->id, &input, TELEAI_USER_FIELD_PASSWORD | TELEAI_USER_FIELD_FULL_NAME, NULL, NULL,
                          &error));
    teleai_user_free(found);
    OK(teleai_user_login(db, "a..b@example.org", "correct horse", NULL, &error));
    cr_assert(!schema_takes("b..c@example.org")); /* which deletes the users */
    OK(teleai_migrate_to(db, 16, &error));
    harness_sql(
        "insert into users (id, email, password_hash, full_name) values ('00000000-0000-4000-8000-000000000001', "
        "'a..b@example.org', '!', 'A')");
    OK(teleai_migrate_up(db, &error));
    teleai_health_options only = {.struct_size = sizeof only, .only = "emails"};
    teleai_health_findings *findings;
    OK(teleai_health_check(db, &only, &findings, &error));
    cr_assert(findings->count == 2 && findings->worst == TELEAI_HEALTH_NOTICE);
    SAME_TEXT(findings->items[0]->subject, "user 00000000-0000-4000-8000-000000000001");
    cr_assert(strstr(findings->items[0]->message, "a..b") == NULL, "an address is told");
    harness_sql("update users set email = 'a.b@example.org'");
    harness_sql("%s", findings->items[1]->remedy);
    teleai_health_findings_free(findings);
    OK(teleai_health_check(db, &only, &findings, &error));
    cr_assert(findings->count == 1 && findings->worst == TELEAI_HEALTH_OK);
    teleai_health_findings_free(findings);
    cr_assert(!schema_takes("a..b@example.org") && schema_takes("a.b@example.org"));
    harness_sql("insert into users (email, password_hash, full_name) values ('o''brien@example.ie', '!', 'O')");
    OK(teleai_migrate_to(db, 16, &error)); /* whose rule that breaks */
    OK(teleai_migrate_up(db, &error));
    SAME_TEXT(harness_sql("select convalidated from pg_constraint where conname = 'users_email_check'"), "t");
    ROWS("users", 1);
}

/* ---- a database whose letters are Turkish ---- */

Test(emails, letters_of_the_database_have_nothing_to_do_with_addresses) {
    if (atoi(harness_sql("show server_version_num")) < 150000)
        cr_skip_test("no such database before PostgreSQL 15");
    char name[64], connection[600], *at;
    snprintf(name, sizeof name, "%s_tr", harness_sql("select current_database()"));
    harness_sql(
        "create database %s template template0 encoding 'UTF8' locale_provider icu icu_locale 'tr-TR' locale 'C'",
        name);
    snprintf(connection, sizeof connection, "%s", harness_database());
    at = strstr(connection, "dbname=");
    cr_assert(at != NULL, "%s", connection);
    char rest[300];
    snprintf(rest, sizeof rest, "%s", at + strcspn(at, " "));
    snprintf(at, sizeof connection - (size_t)(at - connection), "dbname=%s%s", name, rest);
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_MIGRATE};
    teleai_client *turkish;
    OK(teleai_open(connection, &options, &turkish, &error));
    teleai_user_input input = {
        .struct_size = sizeof input, .email = "IRINA@example.org", .full_name = "Irina", .password = "correct horse"};
    OK(teleai_user_create(turkish, &input, NULL, &error));
    OK(teleai_user_login(turkish, "irina@example.org", "correct horse", NULL, &error));
    input.email = "irina@EXAMPLE.org";
    FAILS(teleai_user_create(turkish, &input, NULL, &error), TELEAI_ALREADY_EXISTS, "email");
    teleai_user *found;
    OK(teleai_user_get_by_email(turkish, "irina@example.org", &found, &error));
    SAME_TEXT(found->email, "IRINA@example.org");
    teleai_user_free(found);
    /* There older versions let both in: they stay, through all ways up and down. */
    OK(teleai_migrate_to(turkish, 16, &error));
    PGconn *raw = PQconnectdb(connection);
    PGresult *result =
        PQexec(raw, "insert into users (email, password_hash, full_name) values ('irina@example.org', '!', "
                    "'Somebody else')");
    cr_assert(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(raw));
    PQclear(result);
    PQfinish(raw);
    OK(teleai_migrate_up(turkish, &error));
    OK(teleai_migrate_to(turkish, 16, &error));
    OK(teleai_migrate_up(turkish, &error));
    OK(teleai_user_login(turkish, "IRINA@example.org", "correct horse", NULL, &error));
    OK(teleai_user_get_by_email(turkish, "irina@example.org", &found, &error));
    SAME_TEXT(found->full_name, "Somebody else");
    teleai_user_free(found);
    int64_t count;
    OK(teleai_user_count(turkish, NULL, &count, &error));
    cr_assert(count == 2);
    /* Before 18, which asks ICU, its letters have no case for full-text search: health tells it. */
    teleai_health_options only = {.struct_size = sizeof only, .only = "encoding"};
    teleai_health_findings *findings;
    OK(teleai_health_check(turkish, &only, &findings, &error));
    bool asks_icu = strcmp(harness_sql("select current_setting('server_version_num')::int >= 180000"), "t") == 0;
    cr_expect(findings->worst == (asks_icu ? TELEAI_HEALTH_OK : TELEAI_HEALTH_WARNING));
    SAME_TEXT(findings->items[0]->subject, asks_icu ? "" : "LC_CTYPE");
    teleai_health_findings_free(findings);
    teleai_close(turkish);
    harness_sql("drop database %s", name);
}

Test(emails, encodings_that_lack_characters_are_told) {
    static const struct {
        const char *encoding, *subject;
    } cases[] = {{"LATIN1", "LATIN1"}, {"SQL_ASCII", "SQL_ASCII"}, {"UTF8", "LC_CTYPE"}};
    teleai_health_options only = {.struct_size = sizeof only, .only = "encoding"};
    for (size_t i = 0; i < 3; i++) {
        char name[64], connection[600], rest[300], *at;
        snprintf(name, sizeof name, "%s_%zu", harness_sql("select current_database()"), i);
        harness_sql("create database %s template template0 encoding '%s' lc_collate 'C' lc_ctype 'C'", name,
                    cases[i].encoding);
        snprintf(connection, sizeof connection, "%s", harness_database());
        at = strstr(connection, "dbname=");
        snprintf(rest, sizeof rest, "%s", at + strcspn(at, " "));
        snprintf(at, sizeof connection - (size_t)(at - connection), "dbname=%s%s", name, rest);
        teleai_client *client;
        teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
        OK(teleai_open(connection, &options, &client, &error)); /* before there is a schema, too */
        teleai_health_findings *findings;
        OK(teleai_health_check(client, &only, &findings, &error));
        cr_expect(findings->worst == TELEAI_HEALTH_WARNING && strcmp(findings->items[0]->check, "encoding") == 0, "%s",
                  cases[i].encoding);
        cr_expect_str_eq(findings->items[0]->subject, cases[i].subject);
        cr_expect(strstr(findings->items[0]->remedy, "createdb --template=template0 --encoding=UTF8") != NULL);
        teleai_health_findings_free(findings);
        teleai_close(client);
        harness_sql("drop database %s", name);
    }
    teleai_health_findings *findings;
    OK(teleai_health_check(db, &only, &findings, &error)); /* the tests' own, which is UTF8 */
    cr_assert(findings->count == 1 && strcmp(findings->items[0]->subject, "UTF8") != 0);
    teleai_health_findings_free(findings);
    only.only = "encodings";
    FAILS(teleai_health_check(db, &only, &findings, &error), TELEAI_INVALID_ARGUMENT, "only");
}
