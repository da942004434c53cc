/* wire/local_connection: the string of a private server, with all that libpq would look for elsewhere. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/secret.h"
#include "teleai.h"
#include "wire/local_connection.h"

#define ALONE "host='/tmp/x' hostaddr='' "

static void says(const char *connection, const char *keyword, const char *value) {
    teleai_connection_settings *settings;
    cr_assert(teleai__secret_ready() && teleai__connection_is_alone(connection));
    char *longer = teleai__connection_describe_alone(connection);
    cr_assert(teleai_connection_settings_read(longer, &settings, NULL) == TELEAI_OK, "%s", longer);
    const char *found = NULL;
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i]->keyword, keyword) == 0)
            found = settings->items[i]->value;
    cr_assert(found != NULL && strcmp(found, value) == 0, "%s", found);
    teleai_connection_settings_free(settings);
    teleai__secret_free(longer);
}

Test(local_connection, what_is_not_said_is_filled_in) {
    says(ALONE, "passfile", "/dev/null/none");
    says(ALONE, "application_name", "teleai");
    says(ALONE "application_name=x", "application_name", "x");
}

Test(local_connection, what_is_said_last_is_left_as_it_is) {
    says(ALONE "dbname=", "dbname", "");
    says(ALONE "dbname=", "passfile", "/dev/null/none");
    says(ALONE "dbname=x\\", "dbname", "x");
}

Test(local_connection, others_are_not_alone) {
    cr_assert(!teleai__connection_is_alone("host=/tmp/x"));
    cr_assert(!teleai__connection_is_alone("host=db hostaddr=''"));
    cr_assert(!teleai__connection_is_alone("postgresql://me:hostaddr=''@/x?host=/tmp/x&hostaddr="));
}
