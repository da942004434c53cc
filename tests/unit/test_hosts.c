/* wire/hosts: which hosts a connection string names, and what is left to libpq. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "wire/hosts.h"

static teleai__hosts hosts;

static int32_t count_of(const char *connection) {
    static const char *const variables[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGTARGETSESSIONATTRS"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    teleai__hosts_read(connection, &hosts);
    return hosts.count;
}

Test(hosts, lists_are_read_side_by_side) {
    cr_assert(count_of("host=a,b hostaddr=192.0.2.1,192.0.2.2 port=5432,5433") == 2);
    cr_assert_str_eq(hosts.items[1].name, "b");
    cr_assert_str_eq(hosts.items[1].address, "192.0.2.2");
    cr_assert_str_eq(hosts.items[1].port, "5433");
    cr_assert(count_of("host=a,b port=5433") == 2);
    cr_assert_str_eq(hosts.items[1].port, "5433");
}

/* libpq refuses them, and must be the one to see them. */
Test(hosts, lists_that_do_not_fit_together_are_left_to_libpq) {
    cr_assert(count_of("host=a,b hostaddr=192.0.2.1") == 0);
    cr_assert(count_of("host=a hostaddr=192.0.2.1,192.0.2.2") == 0);
    cr_assert(count_of("host=a port=5432,5433") == 0);
    cr_assert(count_of("host=a,b,c port=5432,5433") == 0);
    cr_assert(count_of("host=a,b port=1,2,3") == 0);
}

/* One that cannot be read is never handed to libpq, whose message would quote it. */
Test(hosts, strings_that_libpq_refuses_are_not_valid) {
    cr_assert(teleai__connection_string_is_valid("host=a password=x"));
    cr_assert(!teleai__connection_string_is_valid("host=a password"));
    cr_assert(!teleai__connection_string_is_valid("host=a out of memory"));
    cr_assert(!teleai__connection_string_is_valid("postgresql://app@db/x?out of memory=1"));
    cr_assert(!teleai__connection_string_is_valid("postgres://app:p/w@db/teleai"));
}
