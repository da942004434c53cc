/*
 * Somebody in tenant A who knows every id, address, token, word and cursor of tenant B is answered, by every function, as he
 * would be for what does not exist; and B's rows stay as they are. By statements alone, and under row security.
 */
#include "criterion_harness.h"

SERVER_SUITE(isolation);

#include <pthread.h>
#include <unistd.h>

#include "base/secret.h"
#include "hostile_calls.h"

/* One that is not there, and that is like B: at the same place in every index. */
static belongings ghost_of(const belongings *of) {
    belongings it = *of;
    teleai_uuid *const ids[] = {&it.user, &it.session, &it.file, &it.transcription, &it.analysis};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        ids[i]->bytes[15] ^= 0x5a;
    it.word = "ghostx";
    snprintf(it.email, sizeof it.email, "%s@%s.org", it.word, it.word);
    teleai__token_make(&of->tenant, it.token);
    return it;
}

/* ---- opening ---- */

static teleai_client *open_as(const char *role, const teleai_uuid *tenant, bool required) {
    teleai_options options = {.struct_size = sizeof options,
                              .password_memory_kib = 19456,
                              .tenant_id = tenant,
                              .require_row_security = required};
    teleai_client *client;
    OK(teleai_open(role == NULL ? harness_database() : harness_database_as(role), &options, &client, &error));
    return client;
}

static teleai_client *scope_of(teleai_client *client, const teleai_uuid *tenant) {
    teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = tenant};
    teleai_client *scope;
    OK(teleai_scope_open(client, &options, &scope, &error));
    return scope;
}

/* ---- everything ---- */

static void be_hostile(bool secured, enum way how, bool by_options) {
    furnish_two(db);
    if (secured)
        OK(teleai_row_security_enable(db, &error));
    belongings ghost = ghost_of(&b);
    teleai_client *root = open_as(secured ? "teleai_app" : NULL, by_options ? &a.tenant : NULL, secured);
    teleai_client *of_a = by_options ? root : scope_of(root, &a.tenant);
    char before[400], own[400];
    snprintf(before, sizeof before, "%s", hashes_of(&b.tenant));
    snprintf(own, sizeof own, "%s", hashes_of(&a.tenant));
    record of_b = {0}, of_ghost = {0};
    const belongings *const whose[] = {&b, &ghost};
    for (int i = 0; i < 2; i++) {
        way = how;
        place = of_a;
        if (how == IN_TRANSACTION)
            OK(teleai_transaction_begin(of_a, NULL, &place, &error));
        else if (how == IN_BATCH)
            OK(teleai_batch_open(of_a, NULL, &place, &error));
        try_everything(whose[i], i == 0 ? &of_b : &of_ghost);
        if (how == IN_TRANSACTION)
            OK(teleai_transaction_commit(place, &error));
        if (place != of_a)
            teleai_close(place);
    }
    compare_records(&of_b, &of_ghost);
    cr_expect(strcmp(before, hashes_of(&b.tenant)) == 0, "B's rows were\n%sand are\n%s", before, hashes_of(&b.tenant));
    cr_expect(strcmp(own, hashes_of(&a.tenant)) == 0, "A's rows were\n%sand are\n%s", own, hashes_of(&a.tenant));
    cr_expect(of_b.count > 600 && count_status(&of_b, TELEAI_NOT_FOUND) > 140 &&
                  count_status(&of_b, TELEAI_PARENT_NOT_FOUND) > 30,
              "%zu calls, %zu found nothing, %zu no parent", of_b.count, count_status(&of_b, TELEAI_NOT_FOUND),
              count_status(&of_b, TELEAI_PARENT_NOT_FOUND));
    forget(&of_b);
    forget(&of_ghost);
    if (of_a != root)
        teleai_close(of_a);
    teleai_close(root);
}

Test(isolation, of_statements) { be_hostile(false, PLAIN, false); }
Test(isolation, of_statements_in_a_transaction) { be_hostile(false, IN_TRANSACTION, false); }
Test(isolation, of_statements_in_a_batch) { be_hostile(false, IN_BATCH, false); }
Test(isolation, of_statements_of_a_client_of_the_tenant) { be_hostile(false, PLAIN, true); }
Test(isolation, under_row_security) { be_hostile(true, PLAIN, false); }
Test(isolation, under_row_security_in_a_transaction) { be_hostile(true, IN_TRANSACTION, false); }
Test(isolation, under_row_security_in_a_batch) { be_hostile(true, IN_BATCH, false); }
Test(isolation, under_row_security_of_a_client_of_the_tenant) { be_hostile(true, PLAIN, true); }

/* ---- what is taken ---- */

/* Keys and addresses are unique in all tenants: what B has is refused, in the words for what A has itself. */
static void take_ids(const belongings *whose, const char *email, record *into) {
    recording = into;
    hidden = whose->word;
    teleai_user_input user = {.struct_size = sizeof user, .id = &whose->user, .email = "n@n.org", .full_name = "N"};
    teleai_session_input session = {.struct_size = sizeof session, .id = &whose->session, .user_id = &a.user};
    teleai_audio_file_input file = {.struct_size = sizeof file,
                                    .id = &whose->file,
                                    .user_id = &a.user,
                                    .file_name = "n",
                                    .file_path = "n",
                                    .mime_type = "audio/wav",
                                    .file_size_bytes = 1};
    teleai_transcription_input text = {.struct_size = sizeof text,
                                       .id = &whose->transcription,
                                       .user_id = &a.user,
                                       .audio_file_id = &a.file,
                                       .language_code = "en",
                                       .engine = "n"};
    teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                      .id = &whose->analysis,
                                      .user_id = &a.user,
                                      .audio_file_id = &a.file,
                                      .transcription_id = &a.transcription,
                                      .analysis_type = "n",
                                      .engine = "n"};
    static teleai_audio_file_input many[MANY];
    for (size_t i = 0; i < MANY; i++) {
        many[i] = file;
        many[i].id = i == 1 ? &whose->file : NULL;
    }
    teleai_session *made;
    TRY(teleai_user_create(at, &user, NULL, &error));
    TRY(teleai_user_create_many(at, &user, 1, NULL, NULL, &error));
    TRY(teleai_session_create(at, &session, &made, &error));
    TRY(teleai_audio_file_create(at, &file, NULL, &error));
    TRY(teleai_audio_file_create_many(at, many, 3, NULL, NULL, &error));
    TRY(teleai_audio_file_create_many(at, many, MANY, NULL, NULL, &error));
    TRY(teleai_transcription_create(at, &text, NULL, &error));
    TRY(teleai_analysis_create(at, &analysis, NULL, &error));
    user = (teleai_user_input){.struct_size = sizeof user, .email = email, .full_name = "N"};
    TRY(teleai_user_create(at, &user, NULL, &error));
    TRY(teleai_user_update(at, &a.user, &user, TELEAI_USER_FIELD_EMAIL, NULL, NULL, &error));
    for (size_t i = 0; i < into->count; i++)
        cr_assert(into->lines[i].status == TELEAI_ALREADY_EXISTS, "%s: %s: %s", into->lines[i].call,
                  teleai_status_name(into->lines[i].status), into->lines[i].error.message);
}

static void take(bool secured) {
    furnish_two(db);
    if (secured)
        OK(teleai_row_security_enable(db, &error));
    teleai_client *root = open_as(secured ? "teleai_app" : NULL, NULL, secured);
    place = scope_of(root, &a.tenant);
    char before[400], other[100];
    snprintf(before, sizeof before, "%s", hashes_of(&b.tenant));
    snprintf(other, sizeof other, "other@%s.org", a.word);
    for (way = PLAIN; way < WAYS; way++) {
        record of_b = {0}, of_a = {0};
        teleai_client *scope = place;
        if (way == IN_TRANSACTION)
            OK(teleai_transaction_begin(scope, NULL, &place, &error));
        else if (way == IN_BATCH)
            OK(teleai_batch_open(scope, NULL, &place, &error));
        take_ids(&b, b.email, &of_b);
        take_ids(&a, other, &of_a);
        if (place != scope)
            teleai_close(place);
        place = scope;
        compare_records(&of_b, &of_a);
        forget(&of_b);
        forget(&of_a);
    }
    cr_expect(strcmp(before, hashes_of(&b.tenant)) == 0);
    teleai_close(place);
    teleai_close(root);
}

Test(isolation, of_ids_and_addresses_that_are_taken) { take(false); }
Test(isolation, of_ids_and_addresses_that_are_taken_under_row_security) { take(true); }

/* ---- who is it ---- */

static teleai_status log_in(teleai_client *client, const belongings *who, teleai_uuid *tenant) {
    teleai_user *user = NULL;
    teleai_status status = teleai_user_login(client, who->email, PASSWORD, &user, &error);
    if (user != NULL)
        *tenant = user->tenant_id;
    teleai_user_free(user);
    return status;
}

static teleai_status check(teleai_client *client, const belongings *who, teleai_uuid *tenant) {
    teleai_identity *identity = NULL;
    teleai_status status = teleai_session_check(client, who->token, &identity, &error);
    if (teleai_batch_pending(client) > 0)
        status = teleai_batch_flush(client, NULL);
    if (identity != NULL)
        *tenant = identity->user->tenant_id;
    teleai_identity_free(identity);
    return status;
}

#define FINDS(call, expected_tenant)                                                  \
    do {                                                                              \
        teleai_uuid tenant = {{0}};                                                   \
        teleai_status status = (call);                                                \
        cr_assert(status == TELEAI_OK, "%s: %s", #call, error.message);               \
        cr_assert(teleai_uuid_equal(&tenant, (expected_tenant)), "another tenant's"); \
    } while (0)

#define REFUSES(call)                                                                             \
    do {                                                                                          \
        teleai_uuid tenant = {{0}};                                                               \
        teleai_status status = (call);                                                            \
        cr_assert(status == TELEAI_UNAUTHENTICATED, "%s: %s", #call, teleai_status_name(status)); \
        cr_assert(error.field[0] == '\0' && error.sqlstate[0] == '\0' && tenant.bytes[0] == 0);   \
    } while (0)

static void find_people(bool secured) {
    furnish_two(db);
    if (secured)
        OK(teleai_row_security_enable(db, &error));
    teleai_client *root = open_as(secured ? "teleai_app" : NULL, NULL, secured), *inside;
    teleai_client *of_a = scope_of(root, &a.tenant), *of_b = scope_of(root, &b.tenant);
    const belongings *const both[] = {&a, &b};
    for (int i = 0; i < 2; i++) {
        FINDS(log_in(root, both[i], &tenant), &both[i]->tenant);
        FINDS(check(root, both[i], &tenant), &both[i]->tenant);
    }
    FINDS(log_in(of_a, &a, &tenant), &a.tenant);
    FINDS(check(of_b, &b, &tenant), &b.tenant);
    REFUSES(log_in(of_a, &b, &tenant));
    REFUSES(check(of_a, &b, &tenant));
    REFUSES(log_in(of_b, &a, &tenant));
    REFUSES(check(of_b, &a, &tenant));
    /* A transaction or batch has told the server its tenant: under row security it finds no other's people. */
    OK(teleai_transaction_begin(of_b, NULL, &inside, &error));
    FINDS(log_in(inside, &b, &tenant), &b.tenant);
    FINDS(check(inside, &b, &tenant), &b.tenant);
    REFUSES(log_in(inside, &a, &tenant));
    REFUSES(check(inside, &a, &tenant));
    teleai_close(inside);
    OK(teleai_transaction_begin(root, NULL, &inside, &error));
    if (secured) {
        REFUSES(log_in(inside, &b, &tenant));
        REFUSES(check(inside, &b, &tenant));
    } else {
        FINDS(log_in(inside, &b, &tenant), &b.tenant);
        FINDS(check(inside, &b, &tenant), &b.tenant);
    }
    teleai_close(inside);
    OK(teleai_batch_open(root, NULL, &inside, &error));
    if (secured)
        REFUSES(check(inside, &b, &tenant));
    else
        FINDS(check(inside, &b, &tenant), &b.tenant);
    teleai_close(inside);
    OK(teleai_batch_open(of_b, NULL, &inside, &error));
    FINDS(check(inside, &b, &tenant), &b.tenant);
    REFUSES(check(inside, &a, &tenant));
    teleai_close(inside);
    /* A tenant that is suspended lets nobody in; its neighbours go on. */
    static const char *const stops[] = {"suspended", "deleting"};
    for (int i = 0; i < 2; i++) {
        harness_sql("update tenants set status = '%s' where id = '%s'", stops[i], uuid_text(&b.tenant));
        REFUSES(log_in(root, &b, &tenant));
        REFUSES(check(root, &b, &tenant));
        REFUSES(log_in(of_b, &b, &tenant));
        REFUSES(check(of_b, &b, &tenant));
        FINDS(log_in(root, &a, &tenant), &a.tenant);
        FINDS(check(root, &a, &tenant), &a.tenant);
        harness_sql("update tenants set status = 'active' where id = '%s'", uuid_text(&b.tenant));
        FINDS(check(root, &b, &tenant), &b.tenant);
    }
    teleai_close(of_a);
    teleai_close(of_b);
    teleai_close(root);
}

Test(isolation, people_are_found_where_they_may_be) { find_people(false); }
Test(isolation, people_are_found_where_they_may_be_under_row_security) { find_people(true); }

/* ---- row security itself ---- */

static int64_t users_seen(teleai_client *client) {
    int64_t count = -1;
    OK(teleai_user_count(client, NULL, &count, &error));
    return count;
}

Test(isolation, who_chooses_no_tenant_sees_the_default_one) {
    teleai_uuid mine;
    furnish_two(db);
    harness_user(db, &mine);
    OK(teleai_row_security_enable(db, &error));
    teleai_client *root = open_as("teleai_app", NULL, true), *inside;
    teleai_scope_options brief = {.struct_size = sizeof brief, .timeout_ms = 20000};
    cr_assert(users_seen(root) == 1);
    OK(teleai_scope_open(root, &brief, &inside, &error));
    cr_assert(users_seen(inside) == 1);
    OK(teleai_user_get(inside, &mine, NULL, &error));
    FAILS(teleai_user_get(inside, &b.user, NULL, &error), TELEAI_NOT_FOUND, "");
    teleai_close(inside);
    OK(teleai_transaction_begin(root, NULL, &inside, &error));
    cr_assert(users_seen(inside) == 1);
    teleai_close(inside);
    teleai_close(root);
}

static void refused_as(const char *role, const char *reason) {
    teleai_options options = {.struct_size = sizeof options, .require_row_security = true};
    teleai_client *client = db;
    const char *connection = role == NULL ? harness_database() : harness_database_as(role);
    FAILS(teleai_open(connection, &options, &client, &error), TELEAI_PERMISSION_DENIED, "");
    cr_assert(client == NULL && strstr(error.message, reason) != NULL, "%s: %s", role, error.message);
}

/* Roles belong to the server, which other tests use too: those made here have names of this test's process. */
Test(isolation, whom_it_does_not_bind_is_refused) {
    char owner[40], member[40];
    snprintf(owner, sizeof owner, "owner_%d", (int)getpid());
    snprintf(member, sizeof member, "member_%d", (int)getpid());
    refused_as(NULL, "not enabled");
    OK(teleai_row_security_enable(db, &error));
    harness_sql(
        "create role %s login in role teleai_owner; create role %s login noinherit in role teleai_owner, teleai_app",
        owner, member);
    harness_sql("grant select on schema_migrations to %s; alter role teleai_owner login", member);
    refused_as(NULL, "superuser");
    refused_as("teleai_admin", "BYPASSRLS");
    refused_as("teleai_owner", "owns the tables");
    harness_sql("alter role teleai_owner nologin");
    refused_as(owner, "owns the tables");
    refused_as(member, "owns the tables");
    harness_sql("alter table sessions disable row level security");
    refused_as("teleai_app", "not enabled");
    harness_sql("alter table sessions enable row level security");
    teleai_close(open_as("teleai_app", NULL, true));
    OK(teleai_row_security_disable(db, &error));
    refused_as("teleai_app", "not enabled");
    harness_sql("drop owned by %s; drop role %s; drop role %s", member, member, owner);
}

Test(isolation, it_is_enabled_and_disabled_twice) {
    static const char shape[] =
        "select md5(string_agg(c.relname || c.relrowsecurity || c.relforcerowsecurity || pg_get_userbyid(c.relowner) "
        "|| "
        "coalesce(c.reloptions::text, '') || coalesce((select string_agg(x.g::text, ',' order by x.g::text) from "
        "(select g.grantee::regrole || g.privilege_type as g from aclexplode(c.relacl) g) x), '') || "
        "(select count(*) from pg_policy p where p.polrelid = c.oid), ';' order by c.relname)) from pg_class c where "
        "c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm')";
    char first[4][40];
    furnish_two(db);
    for (int i = 0; i < 4; i++) {
        OK(i < 2 ? teleai_row_security_enable(db, &error) : teleai_row_security_disable(db, &error));
        snprintf(first[i], sizeof first[i], "%s", harness_sql("%s", shape));
        cr_assert(i % 2 == 0 || strcmp(first[i], first[i - 1]) == 0, "the second time gives something else");
    }
    cr_assert(strcmp(first[0], first[2]) != 0);
    OK(teleai_row_security_enable(db, &error));
    SAME_TEXT(harness_sql("%s", shape), first[0]);
}

/* ---- while others work ---- */

static _Atomic bool over;
static _Atomic int worked;

static void *work_on(void *client) {
    teleai_error why;
    while (!over) {
        int64_t count = 0;
        teleai_user_input input = {.struct_size = sizeof input, .full_name = "changed"};
        teleai_status status = teleai_user_count(client, NULL, &count, &why);
        if (status == TELEAI_OK)
            status = teleai_user_update(client, &a.user, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, NULL, &why);
        if (status != TELEAI_OK || count != 2)
            return strdup(status == TELEAI_OK ? "another count" : why.message);
        worked++;
    }
    return NULL;
}

Test(isolation, it_is_enabled_and_disabled_while_clients_work) {
    furnish_two(db);
    OK(teleai_row_security_enable(db, &error)); /* now the role is there */
    OK(teleai_row_security_disable(db, &error));
    teleai_client *root = open_as(NULL, NULL, false);
    teleai_client *of_a = scope_of(root, &a.tenant);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work_on, of_a);
    for (int i = 0; i < 3; i++) {
        OK(teleai_row_security_enable(db, &error));
        teleai_client *bound = open_as("teleai_app", &a.tenant, true);
        cr_assert(users_seen(bound) == 2);
        teleai_close(bound);
        OK(teleai_row_security_disable(db, &error));
    }
    over = true;
    for (int i = 0; i < 4; i++) {
        void *why = NULL;
        pthread_join(threads[i], &why);
        cr_assert(why == NULL, "%s", (const char *)why);
    }
    cr_assert(worked > 20, "%d", worked);
    teleai_close(of_a);
    teleai_close(root);
}
