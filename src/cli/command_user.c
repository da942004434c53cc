/* teleai user: who may log in. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/names.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

#define PASSWORD_BYTES 1026 /* the longest that is allowed, a CR and NUL */

/* Says what is wrong with a line that was read as a password. */
static bool is_right(line_read how, const char *whence) {
    if (how == LINE_HAS_NUL)
        report("%s: the password has a NUL character in it, which no password can have", whence);
    else if (how == LINE_TOO_LONG)
        report("%s: the line is too long for a password; at most %d bytes were expected", whence, PASSWORD_BYTES - 2);
    return how == LINE_READ;
}

/* A password: a line of stdin with --password-stdin, else asked for twice on the terminal. */
static bool read_password(const arguments *given, char *out) {
    if (is_given(given, "password-stdin")) {
        line_read how = read_line(STDIN_FILENO, out, PASSWORD_BYTES);
        if (interrupted())
            report("interrupted");
        else if (how == LINE_NONE)
            report("--password-stdin: a line with the password was expected on standard input");
        return is_right(how, "--password-stdin") && !interrupted();
    }
    char again[PASSWORD_BYTES] = "";
    bool is_there;
    line_read first = read_hidden("Password: ", out, PASSWORD_BYTES, &is_there), second = LINE_NONE;
    if (first == LINE_READ)
        second = read_hidden("Once more: ", again, PASSWORD_BYTES, &is_there);
    bool same = second == LINE_READ && strcmp(out, again) == 0;
    sodium_memzero(again, sizeof again);
    if (interrupted())
        report("interrupted");
    else if (!is_there)
        report("there is no terminal to ask for a password; --password-stdin takes it from a pipe");
    else if (is_right(first, "the terminal") && !same)
        report("the passwords are not the same; nothing was changed");
    return same && !interrupted();
}

static void add_row(table *rows, const teleai_user *user) {
    cell_text(rows, user->email);
    cell_text(rows, user->full_name);
    cell_text(rows, teleai_role_name(user->role));
    cell_bool(rows, user->is_active);
    if (!user->is_active)
        cell_paint(rows, PAINT_YELLOW);
    cell_time(rows, user->has_last_login_at, user->last_login_at_us);
    cell_time(rows, true, user->created_at_us);
    cell_id(rows, &user->id);
}

static table *user_table(void) {
    static const column columns[] = {
        {"email", "E-mail", false, true},
        {"full_name", "Name", false, true},
        {"role", "Role", false, false},
        {"is_active", "Active", false, false},
        {"last_login_at", "Last log-in", false, false},
        {"created_at", "Created", false, false},
        {"id", NULL, false, false},
    };
    return table_new("users", columns, 7);
}

static int print_one(const arguments *given, const teleai_user *user, const char *what) {
    if (is_given(given, "json") || is_given(given, "csv")) {
        table *rows = user_table();
        add_row(rows, user);
        table_print(rows, given, "");
        table_free(rows);
        return EXIT_OK;
    }
    char id[TELEAI_UUID_TEXT_BYTES];
    teleai_uuid_format(&user->id, id);
    print_safe(stdout, user->email, false);
    printf(" %s (id %s)\n", what, id);
    return EXIT_OK;
}

static int run_add(const arguments *given) {
    int status = EXIT_USAGE;
    char password[PASSWORD_BYTES] = "";
    teleai_error error;
    teleai_user *user = NULL;
    teleai_user_input input = {.struct_size = sizeof input, .email = operand(given, 0), .full_name = operand(given, 1)};
    input.role = code_of(given, "role", teleai_role_name);
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    bool right = is_given(given, "no-password") || read_password(given, password);
    input.password = is_given(given, "no-password") ? NULL : password;
    if (!right)
        status = interrupted() ? EXIT_INTERRUPTED : EXIT_USAGE;
    else if (teleai_user_create(client, &input, &user, &error) != TELEAI_OK)
        status = fail_with(&error);
    else
        status = print_one(given, user, "was added");
    sodium_memzero(password, sizeof password);
    teleai_user_free(user);
    client_close(client);
    return status;
}

static int run_list(const arguments *given) {
    int status = EXIT_USAGE;
    int64_t limit;
    teleai_error error;
    teleai_users *list = NULL;
    teleai_user_filter filter = {.struct_size = sizeof filter};
    filter.role = code_of(given, "role", teleai_role_name);
    if (!number_of(given, "limit", 1, 10000, 50, &limit))
        return EXIT_USAGE;
    filter.has_is_active = is_given(given, "active") || is_given(given, "inactive");
    filter.is_active = is_given(given, "active");
    teleai_page page = {.struct_size = sizeof page, .limit = (int32_t)limit, .cursor = value_of(given, "cursor")};
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    status = EXIT_OK;
    if (teleai_user_list(client, &filter, &page, &list, &error) != TELEAI_OK) {
        status = fail_with(&error);
    } else {
        table *rows = user_table();
        for (size_t i = 0; i < list->count; i++)
            add_row(rows, list->items[i]);
        table_member(rows, "next_cursor", list->next_cursor);
        table_print(rows, given, "There are no users; `teleai user add EMAIL NAME` makes one.");
        table_free(rows);
        if (list->next_cursor != NULL && !is_given(given, "json") && !is_given(given, "csv"))
            printf("\nMore follow: --cursor %s\n", list->next_cursor);
    }
    teleai_users_free(list);
    client_close(client);
    return status;
}

/* Changes a user and, with `revokes`, ends the sessions. */
static int change(const arguments *given, const teleai_user_input *input, uint64_t fields, bool revokes,
                  const char *what) {
    int status;
    teleai_error error;
    teleai_user *changed = NULL;
    int64_t ended = 0;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    teleai_user *user = user_of(client, operand(given, 0), &status);
    if (user != NULL) {
        if (teleai_user_update(client, &user->id, input, fields, NULL, &changed, &error) != TELEAI_OK ||
            (revokes && teleai_session_revoke_all(client, &user->id, &ended, &error) != TELEAI_OK))
            status = fail_with(&error);
        else
            status = print_one(given, changed, what);
        if (status == EXIT_OK && revokes && !is_given(given, "json") && !is_given(given, "csv"))
            printf("%lld session%s ended\n", (long long)ended, ended == 1 ? " was" : "s were");
    }
    teleai_user_free(changed);
    teleai_user_free(user);
    client_close(client);
    return status;
}

static int run_passwd(const arguments *given) {
    int status;
    char password[PASSWORD_BYTES] = "";
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    teleai_user *user = client == NULL ? NULL : user_of(client, operand(given, 0), &status);
    bool exists = user != NULL; /* before a password is asked for */
    teleai_user_free(user);
    client_close(client);
    if (!exists)
        return status;
    if (!read_password(given, password))
        return interrupted() ? EXIT_INTERRUPTED : EXIT_USAGE;
    teleai_user_input input = {.struct_size = sizeof input, .password = password};
    status = change(given, &input, TELEAI_USER_FIELD_PASSWORD, true, "has a new password");
    sodium_memzero(password, sizeof password);
    return status;
}

static int run_deactivate(const arguments *given) {
    teleai_user_input input = {.struct_size = sizeof input, .is_active = false, .has_is_active = true};
    return change(given, &input, TELEAI_USER_FIELD_IS_ACTIVE, true, "cannot log in any more");
}

static int run_activate(const arguments *given) {
    teleai_user_input input = {.struct_size = sizeof input, .is_active = true, .has_is_active = true};
    return change(given, &input, TELEAI_USER_FIELD_IS_ACTIVE, false, "can log in again");
}

#define PASSWORD_STDIN \
    { "password-stdin", 0, NULL, "read the password from the first line of standard input" }

static const option_spec add_options[] = {
    {"role", 0, "ROLE", "admin, user (the default) or viewer", teleai_role_name},
    PASSWORD_STDIN,
    {"no-password", 0, NULL, "a user who does not log in with a password", .excludes = "password-stdin"},
    {0},
};
static const command add = {
    .name = "add",
    .summary = "add a user",
    .operands = "EMAIL NAME",
    .description = "Adds a user. The password is asked for twice, or read from standard input; never from the command "
                   "line, which others can see.",
    .examples = "teleai user add ann@example.org 'Ann Example'\n"
                "teleai user add bot@example.org 'Recorder 7' --role viewer --no-password\n"
                "pass show teleai/ann | teleai user add ann@example.org 'Ann Example' --password-stdin",
    .options = add_options,
    .least = 2,
    .most = 2,
    .lists = true,
    .run = run_add,
};

static const option_spec user_list_options[] = {
    {"role", 0, "ROLE", "only admin, user or viewer", teleai_role_name},
    {"active", 0, NULL, "only those who can log in", .excludes = "inactive"},
    {"inactive", 0, NULL, "only those who cannot"},
    {"limit", 'n', "ROWS", "rows at most; 50"},
    {"cursor", 0, "CURSOR", "go on behind an earlier page"},
    {0},
};
static const command list = {
    .name = "list",
    .summary = "list users, latest first",
    .examples = "teleai user list\nteleai user list --role admin --json",
    .options = user_list_options,
    .lists = true,
    .run = run_list,
};

static const option_spec passwd_options[] = {PASSWORD_STDIN, {0}};
static const command passwd = {
    .name = "passwd",
    .summary = "give a user a new password, and end the sessions",
    .operands = "EMAIL|ID",
    .examples = "teleai user passwd ann@example.org",
    .options = passwd_options,
    .least = 1,
    .most = 1,
    .lists = true,
    .run = run_passwd,
};

static const command deactivate = {
    .name = "deactivate",
    .summary = "let a user in no more, and end the sessions",
    .operands = "EMAIL|ID",
    .description = "Lets a user in no more, and ends the sessions. What belongs to the user stays.",
    .examples = "teleai user deactivate ann@example.org",
    .least = 1,
    .most = 1,
    .lists = true,
    .run = run_deactivate,
};

static const command activate = {
    .name = "activate",
    .summary = "let a user in again",
    .operands = "EMAIL|ID",
    .examples = "teleai user activate ann@example.org",
    .least = 1,
    .most = 1,
    .lists = true,
    .run = run_activate,
};

static const command *const subcommands[] = {&add, &list, &passwd, &deactivate, &activate, NULL};

const command user_command = {
    .name = "user",
    .summary = "add users, list them, change passwords, keep them out",
    .subcommands = subcommands,
};
