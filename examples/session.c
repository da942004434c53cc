/*
 * Logging in and out.
 *
 *     session CONNECTION login EMAIL [NAME]   prints a token; the password is read from TELEAI_PASSWORD
 *     session CONNECTION logout               ends the session whose token is in TELEAI_TOKEN
 *
 * With NAME, an account is made when there is none. What is for people goes to standard error, so that a script can
 * take the token from standard output. Secrets come by environment: arguments are visible to everybody on the machine.
 */
#include "common.h"

#include <stdlib.h>

static int ensure_account(teleai_client *client, const char *email, const char *name, const char *password) {
    teleai_error error;
    teleai_user_input input = {
        .struct_size = sizeof input, .email = email, .full_name = name, .password = password, .role = TELEAI_ROLE_USER};
    switch (teleai_user_create(client, &input, NULL, &error)) {
    case TELEAI_OK:
        fprintf(stderr, "account        made for %s <%s>\n", name, email);
        return 0;
    case TELEAI_ALREADY_EXISTS:
        fprintf(stderr, "account        <%s> is there already\n", email);
        return 0;
    default:
        return fail("making the account", &error);
    }
}

/* What the role lets this user do, as a program would ask before it carries out a request. */
static void show_permissions(const teleai_user *user) {
    const struct {
        const char *what;
        int32_t action;
        const teleai_uuid *owner; /* NULL: the whole platform */
    } questions[] = {
        {"read own recordings", TELEAI_ACTION_READ, &user->id},
        {"delete own recordings", TELEAI_ACTION_DELETE, &user->id},
        {"read everybody's statistics", TELEAI_ACTION_READ_STATISTICS, NULL},
        {"manage users", TELEAI_ACTION_MANAGE_USERS, NULL},
    };
    fprintf(stderr, "may           ");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        bool may = teleai_user_check_permission(user, questions[i].action, questions[i].owner, NULL) == TELEAI_OK;
        fprintf(stderr, " %s: %s%s", questions[i].what, may ? "yes" : "no", i < 3 ? "," : "\n");
    }
}

static int login(teleai_client *client, const char *email, const char *password) {
    teleai_error error;
    teleai_user *user = NULL;
    teleai_session *session = NULL;
    teleai_identity *identity = NULL;
    int result = 1;
    if (teleai_user_login(client, email, password, &user, &error) != TELEAI_OK) {
        fail("logging in", &error);
        goto done;
    }
    teleai_session_input input = {.struct_size = sizeof input,
                                  .user_id = &user->id,
                                  .user_agent = "teleai example",
                                  .expires_at_us = now_us() + INT64_C(3600) * 1000000};
    if (teleai_session_create(client, &input, &session, &error) != TELEAI_OK) {
        fail("creating a session", &error);
        goto done;
    }
    /* What a server does at every request: from the token to the user, in one round trip. */
    if (teleai_session_check(client, session->token, &identity, &error) != TELEAI_OK) {
        fail("checking the token", &error);
        goto done;
    }
    fprintf(stderr, "logged in      as %s; the session ends in an hour\n", identity->user->full_name);
    show_permissions(identity->user);
    printf("%s\n", session->token);
    result = 0;
done:
    teleai_identity_free(identity);
    teleai_session_free(session);
    teleai_user_free(user);
    return result;
}

static int logout(teleai_client *client, const char *token) {
    teleai_error error;
    teleai_identity *identity = NULL;
    int64_t purged = 0;
    if (teleai_session_check(client, token, &identity, &error) != TELEAI_OK)
        return fail("checking the token", &error);
    int result = 0;
    if (teleai_session_revoke(client, &identity->session->id, &error) != TELEAI_OK)
        result = fail("ending the session", &error);
    else if (teleai_session_purge_expired(client, &purged, &error) != TELEAI_OK)
        result = fail("removing old sessions", &error);
    else
        fprintf(stderr, "logged out     %s; %lld session(s) that had expired are removed\n", identity->user->full_name,
                (long long)purged);
    teleai_identity_free(identity);
    if (result == 0 && teleai_session_check(client, token, &identity, &error) == TELEAI_UNAUTHENTICATED)
        fprintf(stderr, "the same token once more: %s (%s)\n", error.message, teleai_status_name(error.status));
    return result;
}

int main(int argc, char **argv) {
    const char *password = getenv("TELEAI_PASSWORD");
    const char *token = getenv("TELEAI_TOKEN");
    bool in = argc >= 4 && strcmp(argv[2], "login") == 0 && password != NULL;
    bool out = argc == 3 && strcmp(argv[2], "logout") == 0 && token != NULL;
    if (!in && !out) {
        fprintf(stderr,
                "usage: TELEAI_PASSWORD=... %s CONNECTION login EMAIL [NAME]\n"
                "       TELEAI_TOKEN=... %s CONNECTION logout\n",
                argv[0], argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open(argv[1], NULL, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);
    int result = 0;
    if (in && argc > 4)
        result = ensure_account(client, argv[3], argv[4], password);
    if (result == 0)
        result = in ? login(client, argv[3], password) : logout(client, token);
    teleai_close(client);
    return result;
}
