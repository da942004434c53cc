/* Tenants on a real server: their functions, what suspending one does, and that limits are kept whoever comes how. */
#include "paging.h"
#include "tenants.h"

SERVER_SUITE(tenant);

#define INPUT(...) \
    &(teleai_tenant_input) { .struct_size = sizeof(teleai_tenant_input), __VA_ARGS__ }

static teleai_tenant *made_tenant(const teleai_tenant_input *input) {
    teleai_tenant *made = NULL;
    OK(teleai_tenant_create(db, input, &made, &error));
    return made;
}

/* ---- create, get, update ---- */

Test(tenant, create_and_get_give_every_field) {
    int64_t before = now_us();
    teleai_uuid id;
    teleai_uuid_make(&id);
    teleai_tenant *read[3];
    read[0] = made_tenant(INPUT(.id = &id, .name = "Acmé & Söhne", .slug = "acme-2",
                                .settings_json = "{\"theme\": \"dark\", \"n\": 1.50}", .max_users = 0,
                                .has_max_users = true, .max_storage_bytes = INT64_MAX, .has_max_storage = true,
                                .max_audio_ms = 999999999999990, .has_max_audio = true));
    OK(teleai_tenant_get(db, &id, &read[1], &error));
    OK(teleai_tenant_get_by_slug(db, "acme-2", &read[2], &error));
    for (int i = 0; i < 3; i++) {
        SAME_ID(&read[i]->id, &id);
        SAME_TEXT(read[i]->name, "Acmé & Söhne");
        SAME_TEXT(read[i]->slug, "acme-2");
        SAME_TEXT(read[i]->settings_json, "{\"n\": 1.50, \"theme\": \"dark\"}");
        cr_assert(read[i]->has_max_users && read[i]->max_users == 0);
        cr_assert(read[i]->has_max_storage && read[i]->max_storage_bytes == INT64_MAX);
        cr_assert(read[i]->has_max_audio && read[i]->max_audio_ms == 999999999999990);
        cr_assert(read[i]->status == TELEAI_TENANT_ACTIVE);
        JUST_NOW(read[i]->created_at_us, before);
        cr_assert(read[i]->updated_at_us == read[i]->created_at_us);
        teleai_tenant_free(read[i]);
    }
}

Test(tenant, create_has_defaults) {
    teleai_tenant *tenant = made_tenant(INPUT(.name = "A", .slug = "a"));
    cr_assert(tenant->id.bytes[6] >> 4 == 7, "a UUIDv7 was expected: %s", id_text(&tenant->id));
    SAME_TEXT(tenant->settings_json, "{}");
    cr_assert(!tenant->has_max_users && !tenant->has_max_storage && !tenant->has_max_audio);
    cr_assert(tenant->max_users == 0 && tenant->max_storage_bytes == 0 && tenant->max_audio_ms == 0);
    teleai_tenant_free(tenant);
    cr_assert(teleai_tenant_create(db, INPUT(.name = "B", .slug = "b"), NULL, NULL) == TELEAI_OK);
    ROWS("tenants", 3);
    ROWS("tenant_usage", 0);
}

Test(tenant, the_default_one_is_there) {
    teleai_uuid id;
    teleai_tenant *tenant;
    teleai_tenant_default_id(&id);
    teleai_tenant_default_id(NULL);
    SAME_TEXT(id_text(&id), "00000000-0000-7000-8000-000000000001");
    OK(teleai_tenant_get(db, &id, &tenant, &error));
    SAME_TEXT(tenant->slug, "default");
    teleai_tenant_free(tenant);
}

Test(tenant, ids_and_slugs_are_unique) {
    teleai_tenant *first = made_tenant(INPUT(.name = "A", .slug = "a")), *none = first;
    FAILS(teleai_tenant_create(db, INPUT(.name = "B", .slug = "a"), &none, &error), TELEAI_ALREADY_EXISTS, "slug");
    cr_assert(none == NULL);
    SAME_TEXT(error.constraint, "tenants_slug_key");
    FAILS(teleai_tenant_create(db, INPUT(.id = &first->id, .name = "B", .slug = "b"), NULL, &error),
          TELEAI_ALREADY_EXISTS, "id");
    teleai_uuid other;
    add_tenant(db, "b", &other);
    FAILS(teleai_tenant_update(db, &other, INPUT(.slug = "a"), TELEAI_TENANT_FIELD_SLUG, NULL, NULL, &error),
          TELEAI_ALREADY_EXISTS, "slug");
    teleai_tenant_free(first);
    ROWS("tenants", 3);
}

Test(tenant, wrong_input_is_refused) {
    const struct {
        teleai_tenant_input input;
        const char *field;
    } cases[] = {
#define SIZE .struct_size = sizeof(teleai_tenant_input)
#define GOOD SIZE, .name = "A", .slug = "a"
        {{SIZE, .slug = "a"}, "name"},
        {{SIZE, .slug = "a", .name = ""}, "name"},
        {{SIZE, .slug = "a", .name = repeat("é", 256)}, "name"},
        {{SIZE, .slug = "a", .name = "a\xff"}, "name"},
        {{SIZE, .name = "A"}, "slug"},
        {{SIZE, .name = "A", .slug = ""}, "slug"},
        {{SIZE, .name = "A", .slug = "A"}, "slug"},
        {{SIZE, .name = "A", .slug = "-a"}, "slug"},
        {{SIZE, .name = "A", .slug = "a-"}, "slug"},
        {{SIZE, .name = "A", .slug = "a_b"}, "slug"},
        {{SIZE, .name = "A", .slug = "ä"}, "slug"},
        {{SIZE, .name = "A", .slug = repeat("a", 64)}, "slug"},
        {{GOOD, .settings_json = "[]"}, "settings_json"},
        {{GOOD, .settings_json = "{"}, "settings_json"},
        {{GOOD, .settings_json = "{\"a\": \"\\u0000\"}"}, "settings_json"},
        {{GOOD, .max_users = -1, .has_max_users = true}, "max_users"},
        {{GOOD, .max_storage_bytes = INT64_MIN, .has_max_storage = true}, "max_storage_bytes"},
        {{GOOD, .max_audio_ms = -1, .has_max_audio = true}, "max_audio_ms"},
        {{GOOD, .max_audio_ms = 999999999999991, .has_max_audio = true}, "max_audio_ms"},
        {{.struct_size = 4}, "struct_size"},
#undef GOOD
#undef SIZE
    };
    uint64_t all = 63;
    teleai_uuid id;
    add_tenant(db, "good", &id);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai_tenant *made = (teleai_tenant *)&id;
        FAILS(teleai_tenant_create(db, &cases[i].input, &made, &error), TELEAI_INVALID_ARGUMENT, cases[i].field);
        cr_assert(made == NULL);
        made = (teleai_tenant *)&id;
        FAILS(teleai_tenant_update(db, &id, &cases[i].input, all, NULL, &made, &error), TELEAI_INVALID_ARGUMENT,
              cases[i].field);
        cr_assert(made == NULL);
    }
    FAILS(teleai_tenant_create(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "input");
    FAILS(teleai_tenant_create(NULL, INPUT(.name = "A", .slug = "a"), NULL, &error), TELEAI_CLOSED, "");
    FAILS(teleai_tenant_update(db, &id, INPUT(.name = "A"), 64, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "fields");
    FAILS(teleai_tenant_update(db, &id, INPUT(.name = "A"), 0, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "fields");
    FAILS(teleai_tenant_get(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_tenant_get_by_slug(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "slug");
    FAILS(teleai_tenant_get_by_slug(db, "", NULL, &error), TELEAI_INVALID_ARGUMENT, "slug");
    FAILS(teleai_tenant_get_by_slug(db, "none", NULL, &error), TELEAI_NOT_FOUND, "");
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_tenant_get(db, &missing, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_tenant_update(db, &missing, INPUT(.name = "A"), 1, NULL, NULL, &error), TELEAI_NOT_FOUND, "");
    ROWS("tenants", 2);
    /* The longest of both. */
    teleai_tenant *longest = made_tenant(INPUT(.name = repeat("é", 255), .slug = repeat("a", 63)));
    SAME_TEXT(longest->slug, repeat("a", 63));
    teleai_tenant_free(longest);
}

/* Whether the library takes it for one; nothing is changed. */
static bool is_slug(const char *slug) {
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    return teleai_tenant_update(db, &nobody, INPUT(.slug = slug), TELEAI_TENANT_FIELD_SLUG, NULL, NULL, &error) ==
           TELEAI_NOT_FOUND;
}

Test(tenant, what_the_library_takes_for_a_slug_the_database_does_too) {
    static const char *const around[][2] = {{"", ""}, {"a", "a"}, {"", "a"}, {"a", ""}};
    for (size_t form = 0; form < 4; form++) {
        char ours[128] = "";
        for (char c = 1; c < 127; c++) {
            char slug[4], one[2] = {c, '\0'};
            snprintf(slug, sizeof slug, "%s%c%s", around[form][0], c, around[form][1]);
            if (is_slug(slug))
                strcat(ours, one);
        }
        cr_assert(strlen(ours) >= 36);
        SAME_TEXT(harness_sql("select string_agg(chr(c), '' order by c) from generate_series(1, 126) c where "
                              "'%s' || chr(c) || '%s' ~ (select substring(pg_get_constraintdef(oid) from '''(.*?)''') "
                              "from pg_constraint where conname = 'tenants_slug_check')",
                              around[form][0], around[form][1]),
                  ours);
    }
}

Test(tenant, update_changes_what_is_named_only) {
    for (int bit = 0; bit < 6; bit++) {
        char slug[16];
        snprintf(slug, sizeof slug, "t%d", bit);
        teleai_tenant *old = made_tenant(INPUT(.name = "Old", .slug = slug, .settings_json = "{\"a\": 1}",
                                               .max_users = 1, .has_max_users = true, .max_storage_bytes = 1,
                                               .has_max_storage = true, .max_audio_ms = 10, .has_max_audio = true)),
                      *new;
        snprintf(slug, sizeof slug, "n%d", bit);
        teleai_uuid other;
        teleai_uuid_make(&other);
        uint64_t changed = UINT64_C(1) << bit;
        OK(teleai_tenant_update(db, &old->id,
                                INPUT(.id = &other, .name = "New", .slug = slug, .settings_json = "{}", .max_users = 2,
                                      .has_max_users = true, .max_storage_bytes = 2, .has_max_storage = true,
                                      .max_audio_ms = 14, .has_max_audio = true),
                                changed, NULL, &new, &error));
        SAME_ID(&new->id, &old->id);
        CHANGED_ONLY(same_text(old->name, new->name), TELEAI_TENANT_FIELD_NAME, "name");
        CHANGED_ONLY(same_text(old->slug, new->slug), TELEAI_TENANT_FIELD_SLUG, "slug");
        CHANGED_ONLY(same_text(old->settings_json, new->settings_json), TELEAI_TENANT_FIELD_SETTINGS, "settings");
        CHANGED_ONLY(new->max_users == 1, TELEAI_TENANT_FIELD_MAX_USERS, "max_users");
        CHANGED_ONLY(new->max_storage_bytes == 1, TELEAI_TENANT_FIELD_MAX_STORAGE, "max_storage");
        cr_assert(new->max_audio_ms == 10, "14 ms are rounded to 10: %lld", (long long)new->max_audio_ms);
        cr_assert(new->created_at_us == old->created_at_us &&new->updated_at_us > old->updated_at_us);
        teleai_update_options since = {.struct_size = sizeof since, .if_unchanged_since_us = old->updated_at_us};
        FAILS(teleai_tenant_update(db, &old->id, INPUT(.name = "Late"), TELEAI_TENANT_FIELD_NAME, &since, NULL, &error),
              TELEAI_CONFLICT, "");
        since.if_unchanged_since_us = new->updated_at_us;
        OK(teleai_tenant_update(db, &old->id, INPUT(.name = "In time"), TELEAI_TENANT_FIELD_NAME, &since, NULL,
                                &error));
        teleai_tenant_free(old);
        teleai_tenant_free(new);
    }
}

Test(tenant, what_an_update_names_without_a_value_is_taken_away) {
    teleai_tenant *old = made_tenant(INPUT(.name = "A", .slug = "a", .settings_json = "{\"a\": 1}", .max_users = 1,
                                           .has_max_users = true, .max_storage_bytes = 1, .has_max_storage = true,
                                           .max_audio_ms = 10, .has_max_audio = true)),
                  *new;
    ROWS("tenant_usage", 1);
    OK(teleai_tenant_update(db, &old->id, INPUT(.name = "A"), 4 | 8 | 16 | 32, NULL, &new, &error));
    cr_assert(!new->has_max_users && !new->has_max_storage && !new->has_max_audio &&new->max_users == 0);
    SAME_TEXT(new->settings_json, "{}");
    ROWS("tenant_usage", 0);
    FAILS(teleai_tenant_update(db, &old->id, INPUT(0), TELEAI_TENANT_FIELD_NAME, NULL, NULL, &error),
          TELEAI_INVALID_ARGUMENT, "name");
    teleai_tenant_free(old);
    teleai_tenant_free(new);
}

/* ---- lists ---- */

/* All but the default one. */
static teleai_status list(const teleai_page *page, void *out, teleai_error *why) {
    static int64_t from_us;
    if (from_us == 0)
        from_us = atoll(harness_sql("select (extract(epoch from created_at) * 1000000)::bigint + 1 from tenants "
                                    "where slug = 'default'"));
    teleai_tenant_filter filter = {.struct_size = sizeof filter, .created_from_us = from_us};
    return teleai_tenant_list(db, &filter, page, out, why);
}

static void add(teleai_uuid *id) {
    static int count;
    char slug[16];
    snprintf(slug, sizeof slug, "t%d", ++count);
    add_tenant(db, slug, id);
}

static void remove_it(const teleai_uuid *id) { harness_sql("delete from tenants where id = '%s'", id_text(id)); }

static const paging pages = {.list = list,
                             .free = (void (*)(void *))teleai_tenants_free,
                             .created_at = offsetof(teleai_tenant, created_at_us),
                             .add = add,
                             .remove = remove_it};

PAGING_TESTS(tenant, &pages)

Test(tenant, filters) {
    teleai_uuid a, b;
    add_tenant(db, "a", &a);
    add_tenant(db, "b", &b);
    OK(teleai_tenant_suspend(db, &b, NULL, &error));
    int64_t at =
        atoll(harness_sql("select (extract(epoch from created_at) * 1000000)::bigint from tenants where slug = "
                          "'b'"));
    const struct {
        teleai_tenant_filter filter;
        int64_t count;
    } cases[] = {
#define SIZE .struct_size = sizeof(teleai_tenant_filter)
        {{SIZE}, 3},
        {{SIZE, .status = TELEAI_TENANT_ACTIVE}, 2},
        {{SIZE, .status = TELEAI_TENANT_SUSPENDED}, 1},
        {{SIZE, .status = TELEAI_TENANT_DELETING}, 0},
        {{SIZE, .created_from_us = at}, 1},
        {{SIZE, .created_until_us = at}, 2},
        {{SIZE, .created_until_us = at, .status = TELEAI_TENANT_SUSPENDED}, 0},
#undef SIZE
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        teleai_tenants *found;
        int64_t count;
        OK(teleai_tenant_list(db, &cases[i].filter, NULL, &found, &error));
        OK(teleai_tenant_count(db, &cases[i].filter, &count, &error));
        cr_assert((int64_t)found->count == cases[i].count && count == cases[i].count, "case %zu: %zu, %lld", i,
                  found->count, (long long)count);
        teleai_tenants_free(found);
    }
    teleai_tenant_filter wrong = {.struct_size = sizeof wrong, .status = 4};
    int64_t count = 7;
    FAILS(teleai_tenant_list(db, &wrong, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "status");
    FAILS(teleai_tenant_count(db, &wrong, &count, &error), TELEAI_INVALID_ARGUMENT, "status");
    cr_assert(count == 0);
    teleai_tenants_free(NULL);
    teleai_tenant_free(NULL);
}

/* ---- suspending ---- */

static teleai_user *add_login(teleai_client *client, const char *email) {
    teleai_user *made;
    teleai_user_input input = {
        .struct_size = sizeof input, .email = email, .full_name = "Ann", .password = "correct horse"};
    OK(teleai_user_create(client, &input, &made, &error));
    return made;
}

static teleai_session *log_in(teleai_client *client, const teleai_user *user) {
    teleai_session *session;
    teleai_session_input input = {
        .struct_size = sizeof input, .user_id = &user->id, .expires_at_us = now_us() + INT64_C(3600000000)};
    OK(teleai_session_create(client, &input, &session, &error));
    return session;
}

Test(tenant, nobody_of_a_suspended_one_gets_in) {
    static const char *const emails[] = {"ann@a.example.org", "ann@b.example.org"};
    teleai_uuid ids[2];
    teleai_user *users[2], *user;
    teleai_session *sessions[2];
    teleai_client *scopes[2];
    teleai_tenant *tenant;
    for (int i = 0; i < 2; i++) {
        add_tenant(db, i == 0 ? "a" : "b", &ids[i]);
        scopes[i] = scope_of(db, &ids[i]);
        users[i] = add_login(scopes[i], emails[i]);
        sessions[i] = log_in(scopes[i], users[i]);
    }
    /* One lets its own in, and not the other's; the root client lets everybody in. */
    for (int i = 0; i < 2; i++)
        for (int s = 0; s < 3; s++) {
            teleai_client *client = s == 2 ? db : scopes[s];
            if (s == 2 || s == i) {
                OK(teleai_user_login(client, emails[i], "correct horse", NULL, &error));
                OK(teleai_session_check(client, sessions[i]->token, NULL, &error));
            } else {
                FAILS(teleai_user_login(client, emails[i], "correct horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
                FAILS(teleai_session_check(client, sessions[i]->token, NULL, &error), TELEAI_UNAUTHENTICATED, "");
            }
        }
    OK(teleai_tenant_suspend(db, &ids[0], &tenant, &error));
    cr_assert(tenant->status == TELEAI_TENANT_SUSPENDED && tenant->updated_at_us > tenant->created_at_us);
    teleai_tenant_free(tenant);
    for (int deleting = 0; deleting <= 1; deleting++) {
        for (int s = 0; s < 2; s++) {
            teleai_client *client = s == 0 ? db : scopes[0];
            FAILS(teleai_user_login(client, emails[0], "correct horse", NULL, &error), TELEAI_UNAUTHENTICATED, "");
            FAILS(teleai_session_check(client, sessions[0]->token, NULL, &error), TELEAI_UNAUTHENTICATED, "");
        }
        OK(teleai_user_get(scopes[0], &users[0]->id, &user, &error));
        teleai_user_free(user);
        OK(teleai_session_get(scopes[0], &sessions[0]->id, NULL, &error));
        OK(teleai_user_login(db, emails[1], "correct horse", NULL, &error));
        OK(teleai_session_check(db, sessions[1]->token, NULL, &error));
        FAILS(teleai_tenant_suspend(db, &ids[0], NULL, &error), TELEAI_CONFLICT, "");
        cr_assert(strstr(error.message, deleting ? "deleting" : "suspended") != NULL, "%s", error.message);
        OK(teleai_tenant_resume(db, &ids[0], &tenant, &error));
        cr_assert(tenant->status == TELEAI_TENANT_ACTIVE);
        teleai_tenant_free(tenant);
        OK(teleai_user_login(db, emails[0], "correct horse", NULL, &error));
        OK(teleai_session_check(scopes[0], sessions[0]->token, NULL, &error));
        FAILS(teleai_tenant_resume(db, &ids[0], NULL, &error), TELEAI_CONFLICT, "");
        harness_sql("update tenants set status = 'deleting' where slug = 'a'");
    }
    teleai_uuid missing;
    teleai_uuid_make(&missing);
    FAILS(teleai_tenant_suspend(db, &missing, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_tenant_resume(db, &missing, NULL, &error), TELEAI_NOT_FOUND, "");
    FAILS(teleai_tenant_suspend(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    FAILS(teleai_tenant_resume(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    for (int i = 0; i < 2; i++) {
        teleai_close(scopes[i]);
        teleai_user_free(users[i]);
        teleai_session_free(sessions[i]);
    }
}

static teleai_status suspend(teleai_client *client, const teleai_uuid *id, teleai_error *why) {
    return teleai_tenant_suspend(client, id, NULL, why);
}

Test(tenant, of_two_who_suspend_one_does) {
    teleai_uuid ids[20];
    for (int i = 0; i < 20; i++)
        add(&ids[i]);
    exactly_one_of_two(db, suspend, ids, 20);
}

Test(tenant, the_functions_heed_no_scope) {
    teleai_uuid a, b;
    add_tenant(db, "a", &a);
    add_tenant(db, "b", &b);
    teleai_client *scope = scope_of(db, &a);
    int64_t count;
    OK(teleai_tenant_get(scope, &b, NULL, &error));
    OK(teleai_tenant_count(scope, NULL, &count, &error));
    cr_assert(count == 3);
    OK(teleai_tenant_suspend(scope, &b, NULL, &error));
    teleai_close(scope);
}

/* ---- statistics ---- */

Test(tenant, statistics) {
    teleai_uuid a, b, missing;
    add_tenant(db, "a", &a);
    add_tenant(db, "b", &b);
    teleai_client *scope = scope_of(db, &a);
    fill_tenant(scope, 3, 2);
    harness_sql("update audio_files set duration_seconds = 1.25, created_at = '2001-01-01' where id = (select "
                "min(id::text)::uuid from audio_files)");
    harness_sql(
        "update sessions set expires_at = now() - interval '1 s', created_at = now() - interval '2 s' where id = "
        "(select min(id::text)::uuid from sessions)");
    teleai_tenant_stats *stats;
    OK(teleai_tenant_stats_get(db, &a, &stats, &error));
    SAME_ID(&stats->tenant_id, &a);
    SAME_TEXT(stats->name, "a");
    SAME_TEXT(stats->slug, "a");
    cr_assert(stats->total_users == 3 && stats->open_sessions == 2 && stats->total_files == 6);
    cr_assert(stats->total_transcriptions == 6 && stats->total_analyses == 6);
    cr_assert(stats->total_storage_bytes == 6000 && stats->total_duration_ms == 1250);
    cr_assert(stats->has_last_upload_at && stats->last_upload_at_us > now_us() - INT64_C(60000000));
    cr_assert(stats->status == TELEAI_TENANT_ACTIVE);
    teleai_tenant_stats_free(stats);
    OK(teleai_tenant_suspend(db, &b, NULL, &error));
    OK(teleai_tenant_stats_get(scope, &b, &stats, &error));
    cr_assert(stats->total_users == 0 && stats->total_files == 0 && stats->total_storage_bytes == 0);
    cr_assert(!stats->has_last_upload_at && stats->status == TELEAI_TENANT_SUSPENDED);
    teleai_tenant_stats_free(stats);
    teleai_uuid_make(&missing);
    FAILS(teleai_tenant_stats_get(db, &missing, &stats, &error), TELEAI_NOT_FOUND, "");
    cr_assert(stats == NULL);
    FAILS(teleai_tenant_stats_get(db, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT, "id");
    teleai_tenant_stats_free(NULL);
    teleai_tenants_stats_free(NULL);
    teleai_close(scope);
}

Test(tenant, statistics_of_all_come_in_pages_by_id) {
    teleai_uuid ids[6];
    teleai_tenant_default_id(&ids[0]);
    for (int i = 1; i < 6; i++)
        add(&ids[i]);
    teleai_client *scope = scope_of(db, &ids[4]);
    fill_tenant(scope, 1, 1);
    teleai_close(scope);
    for (int32_t order = 0; order <= 1; order++) {
        char cursor[128] = "";
        size_t seen = 0;
        do {
            teleai_page page = {
                .struct_size = sizeof page, .cursor = seen == 0 ? NULL : cursor, .limit = 4, .order = order};
            teleai_tenants_stats *some;
            OK(teleai_tenant_stats_list(db, &page, &some, &error));
            cr_assert(some->count == (seen == 0 ? 4 : 2) && (some->next_cursor != NULL) == (seen == 0));
            snprintf(cursor, sizeof cursor, "%s", some->next_cursor == NULL ? "" : some->next_cursor);
            for (size_t i = 0; i < some->count; i++, seen++) {
                size_t which = order == 0 ? 5 - seen : seen;
                SAME_ID(&some->items[i]->tenant_id, &ids[which]);
                cr_assert(some->items[i]->total_files == (which == 4));
            }
            teleai_tenants_stats_free(some);
        } while (seen < 6);
    }
    teleai_page wrong = {.struct_size = sizeof wrong, .order = 2};
    FAILS(teleai_tenant_stats_list(db, &wrong, NULL, &error), TELEAI_INVALID_ARGUMENT, "order");
    wrong = (teleai_page){.struct_size = sizeof wrong, .cursor = "00"};
    FAILS(teleai_tenant_stats_list(db, &wrong, NULL, &error), TELEAI_INVALID_ARGUMENT, "cursor");
}
