/* Connection strings taken apart, for PostgreSQL's programs. */
#include <criterion/criterion.h>
#include <string.h>

#include "teleai.h"

static teleai_connection_settings *settings;
static teleai_error error;

static const teleai_connection_setting *said(const char *keyword) {
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i]->keyword, keyword) == 0)
            return settings->items[i];
    return NULL;
}

static void reads(const char *connection) {
    cr_assert(teleai_connection_settings_read(connection, &settings, &error) == TELEAI_OK, "%s", error.message);
    cr_assert(error.status == TELEAI_OK);
}

Test(settings, both_forms_say_the_same) {
    static const char *const forms[] = {"host=db port=6432 user=app password='x\\' y' dbname=teleai keepalives=1",
                                        "postgresql://app:x%27%20y@db:6432/teleai?keepalives=1"};
    for (int i = 0; i < 2; i++) {
        reads(forms[i]);
        cr_assert(settings->count == 6, "%zu", settings->count);
        cr_assert_str_eq(said("host")->value, "db");
        cr_assert_str_eq(said("host")->variable, "PGHOST");
        cr_assert_str_eq(said("dbname")->variable, "PGDATABASE");
        cr_assert_str_eq(said("password")->value, "x' y");
        cr_assert_str_eq(said("password")->variable, "PGPASSWORD");
        cr_assert(said("password")->secret && !said("host")->secret);
        cr_assert(said("keepalives")->variable == NULL);
        teleai_connection_settings_free(settings);
    }
}

Test(settings, what_is_empty_is_said_too) {
    reads("");
    cr_assert(settings->count == 0);
    teleai_connection_settings_free(settings);
    reads("hostaddr='' user=app");
    cr_assert_str_eq(said("hostaddr")->value, "");
    teleai_connection_settings_free(settings);
    teleai_connection_settings_free(NULL);
}

Test(settings, errors_quote_nothing) {
    settings = (void *)1;
    cr_assert(teleai_connection_settings_read("password=secret nonsense", &settings, &error) ==
              TELEAI_INVALID_ARGUMENT);
    cr_assert(settings == NULL && strcmp(error.field, "connection") == 0);
    cr_assert(strstr(error.message, "secret") == NULL && strstr(error.message, "nonsense") == NULL, "%s",
              error.message);
    cr_assert(teleai_connection_settings_read(NULL, &settings, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert(teleai_connection_settings_read("", NULL, &error) == TELEAI_INVALID_ARGUMENT);
}
