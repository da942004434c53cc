/* teleai_user_check_permission(): the table in teleai/user.h, cell by cell. */
#include <criterion/criterion.h>
#include <string.h>

#include "teleai/user.h"

static const teleai_uuid own = {{1}}, other = {{2}};

/* On one's own rows, on somebody else's, on the whole platform: + may, - may not. */
static const struct {
    int32_t role, action;
    const char *may;
} table[] = {
    {TELEAI_ROLE_ADMIN, TELEAI_ACTION_READ, "+++"},
    {TELEAI_ROLE_ADMIN, TELEAI_ACTION_WRITE, "+++"},
    {TELEAI_ROLE_ADMIN, TELEAI_ACTION_DELETE, "+++"},
    {TELEAI_ROLE_ADMIN, TELEAI_ACTION_MANAGE_USERS, "+++"},
    {TELEAI_ROLE_ADMIN, TELEAI_ACTION_READ_STATISTICS, "+++"},
    {TELEAI_ROLE_USER, TELEAI_ACTION_READ, "+--"},
    {TELEAI_ROLE_USER, TELEAI_ACTION_WRITE, "+--"},
    {TELEAI_ROLE_USER, TELEAI_ACTION_DELETE, "+--"},
    {TELEAI_ROLE_USER, TELEAI_ACTION_MANAGE_USERS, "---"},
    {TELEAI_ROLE_USER, TELEAI_ACTION_READ_STATISTICS, "+--"},
    {TELEAI_ROLE_VIEWER, TELEAI_ACTION_READ, "+--"},
    {TELEAI_ROLE_VIEWER, TELEAI_ACTION_WRITE, "---"},
    {TELEAI_ROLE_VIEWER, TELEAI_ACTION_DELETE, "---"},
    {TELEAI_ROLE_VIEWER, TELEAI_ACTION_MANAGE_USERS, "---"},
    {TELEAI_ROLE_VIEWER, TELEAI_ACTION_READ_STATISTICS, "+--"},
};

static void check(const teleai_user *user, int32_t action, const char *may) {
    const teleai_uuid *const owners[] = {&own, &other, NULL};
    for (int i = 0; i < 3; i++) {
        teleai_error error;
        memset(&error, 0xAA, sizeof error);
        teleai_status expected = may[i] == '+' ? TELEAI_OK : TELEAI_PERMISSION_DENIED;
        teleai_status status = teleai_user_check_permission(user, action, owners[i], &error);
        cr_expect(status == expected, "role %d, action %d, owner %d: %s", (int)user->role, (int)action, i,
                  teleai_status_name(status));
        cr_expect(error.status == status && (error.message[0] == '\0') == (status == TELEAI_OK));
        cr_expect(teleai_user_check_permission(user, action, owners[i], NULL) == expected);
    }
}

Test(permission, every_cell_of_the_table) {
    cr_assert(sizeof table / sizeof *table == 15);
    for (size_t i = 0; i < 15; i++) {
        teleai_user user = {.id = own, .role = table[i].role, .is_active = true};
        check(&user, table[i].action, table[i].may);
    }
}

Test(permission, inactive_users_may_nothing) {
    for (size_t i = 0; i < 15; i++) {
        teleai_user user = {.id = own, .role = table[i].role, .is_active = false};
        check(&user, table[i].action, "---");
    }
}

Test(permission, unknown_roles_may_nothing) {
    static const int32_t roles[] = {0, -1, 4, INT32_MAX, INT32_MIN};
    for (size_t r = 0; r < 5; r++)
        for (int32_t action = TELEAI_ACTION_READ; action <= TELEAI_ACTION_READ_STATISTICS; action++) {
            teleai_user user = {.id = own, .role = roles[r], .is_active = true};
            check(&user, action, "---");
        }
}

Test(permission, wrong_arguments) {
    teleai_user user = {.id = own, .role = TELEAI_ROLE_ADMIN, .is_active = true};
    static const int32_t actions[] = {0, 6, -1, INT32_MAX, INT32_MIN};
    teleai_error error;
    for (size_t i = 0; i < 5; i++) {
        cr_assert(teleai_user_check_permission(&user, actions[i], &own, &error) == TELEAI_INVALID_ARGUMENT);
        cr_assert_str_eq(error.field, "action");
    }
    cr_assert(teleai_user_check_permission(NULL, TELEAI_ACTION_READ, &own, &error) == TELEAI_INVALID_ARGUMENT);
    cr_assert_str_eq(error.field, "user");
}
