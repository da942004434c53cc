/*
 * Somebody who runs SQL of his choice with the rights of teleai_app, and whose setting says tenant A: what functions, operators
 * and tables of his own, the planner's statistics and the server's messages tell him of tenant B. That he can set another
 * tenant whose id he knows is said in teleai/row_security.h.
 */
#include "criterion_harness.h"

SERVER_SUITE(hostile_sql);

#include "hostile_sql.h"

/* What he may read, and the rest. */
#define NAME(name) #name,
static const char *const tables[] = {TELEAI__TENANT_TABLES(NAME) "tenants"};
static const char *const others[] = {"user_file_stats",          "recent_user_activity",     "processing_queue_status",
                                     "file_processing_pipeline", "teleai_daily_usage_stats", "tenant_usage"};
static const char *const functions[] = {"teleai_search(plainto_tsquery('english', 'heart'))",
                                        "teleai_search(to_tsquery('english', 'brav:*'))",
                                        "teleai_user_of_email('" B_WORD "@" B_WORD ".org')"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *relation(size_t i) { return i < COUNT(tables) ? tables[i] : others[i - COUNT(tables)]; }
#define RELATIONS (COUNT(tables) + COUNT(others))

/* Nothing that he may read is missing above. */
Test(hostile_sql, what_he_may_read_is_known) {
    begin();
    SAYS("", "select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = "
             "'public'::regnamespace and "
             "relkind in ('r', 'v', 'm', 'p', 'f') and has_any_column_privilege(oid, 'select')");
    SAYS(
        "",
        "select string_agg(proname, ' ' order by proname) from pg_proc where pronamespace = 'public'::regnamespace and "
        "prosecdef and has_function_privilege(oid, 'execute')");
    cr_assert(is_heard("analyses audio_files file_processing_pipeline processing_queue_status recent_user_activity "
                       "schema_migrations sessions teleai_daily_usage_stats tenant_usage tenants transcriptions "
                       "user_file_stats users\n"),
              "%s", heard);
    cr_assert(is_heard("teleai_login_salt teleai_login_tenant teleai_search teleai_user_of_email\n"), "%s", heard);
    SAYS(DENIED, "select * from daily_usage_stats");
    for (size_t i = 0; i < COUNT(others); i++)
        says("select * from all_%s", others[i]); /* before PostgreSQL 15 these are views */
    check_no_word_of_b("tables");
    end();
}

/* ---- functions that tell ---- */

static void make_telling_functions(void) {
    SAYS("", "create function pg_temp.tells(text) returns boolean language plpgsql cost 0.0000001 as "
             "$$ begin raise notice 'told %%', $1; return true; end $$");
    SAYS("",
         "create function pg_temp.tells_less(text, text) returns boolean language plpgsql immutable cost 0.0000001 as "
         "$$ begin raise notice 'told %% %%', $1, $2; return $1 < $2; end $$");
}

static const char *const plans[] = {
    "reset all",
    "set enable_seqscan = off",
    "set enable_indexscan = off; set enable_indexonlyscan = off",
    "set enable_seqscan = off; set enable_bitmapscan = off",
    "set enable_hashjoin = off; set enable_mergejoin = off; set enable_nestloop = on",
    "set enable_nestloop = off; set enable_hashagg = off; set enable_sort = off",
    "set force_parallel_mode = on; set parallel_setup_cost = 0; set parallel_tuple_cost = 0"};

static void have_told(const char *from, bool has_words) {
    forget();
    SAYS("", "select count(*) from %s r where pg_temp.tells(r::text)", from);
    cr_expect(!has_words || is_heard(A_WORD) || is_heard(uuid_text(&a.tenant)), "%s: it does not tell", from);
    SAYS("", "select count(*) from %s r join %s q on pg_temp.tells(r::text || q::text) limit 1", from, from);
    SAYS("", "select r from %s r where pg_temp.tells(r::text) or pg_temp.tells_less('~' || r::text, 'x') limit 2",
         from);
    SAYS("", "select r from %s r where r::text = any (array(select q::text from %s q where pg_temp.tells(q::text)))",
         from, from);
    SAYS("", "select r::text from %s r group by r::text having pg_temp.tells(max(r::text))", from);
    if (strstr(from, B_WORD) == NULL) /* which the plan would repeat */
        SAYS("", "explain (analyze, verbose) select r from %s r where pg_temp.tells(r::text)", from);
    says("select r from %s r where (r::text)::integer = 0", from); /* the error has the value */
    check_no_word_of_b(from);
}

Test(hostile_sql, cheap_functions_that_tell_see_nothing) {
    begin();
    for (size_t p = 0; p < COUNT(plans); p++) {
        says("discard temp");
        says("%s", plans[p]);
        set_tenant(&a);
        make_telling_functions();
        for (size_t i = 0; i < RELATIONS; i++)
            have_told(relation(i),
                      strcmp(relation(i), "processing_queue_status") != 0 && strcmp(relation(i), "tenant_usage") != 0);
        for (size_t i = 0; i < COUNT(functions); i++)
            have_told(functions[i], i == 0);
        forget();
        for (size_t i = 0; i < COUNT(tables) - 1; i++) { /* in writes, each undone */
            SAYS("", "begin");
            says("update %s r set id = id where pg_temp.tells(r::text) returning r", tables[i]);
            says("rollback; begin");
            SAYS("", "delete from %s r where pg_temp.tells(r::text) returning r", tables[i]);
            SAYS("", "rollback");
            SAYS("", "copy %s to stdout", tables[i]);
            says("select r from %s r for update", tables[i]);
        }
        cr_expect(is_heard(A_WORD));
        check_no_word_of_b("writes");
    }
    end();
}

/* The planner calls operators with values from its statistics. */
Test(hostile_sql, operators_that_tell_see_nothing_of_statistics) {
    begin();
    make_telling_functions();
    SAYS("",
         "create function pg_temp.tells_same(text, text) returns boolean language plpgsql immutable cost 0.0000001 as "
         "$$ begin raise notice 'told %% %%', $1, $2; return $1 = $2; end $$");
    static const char *const estimators[][2] = {{"tells_less", "scalarltsel"}, {"tells_less", "scalarlesel"},
                                                {"tells_same", "eqsel"},       {"tells_same", "neqsel"},
                                                {"tells_less", "scalargtsel"}, {"tells_same", "matchingsel"}};
    for (size_t e = 0; e < COUNT(estimators); e++) {
        says("drop operator if exists pg_temp.<<< (text, text)");
        forget();
        if (says("create operator pg_temp.<<< (procedure = pg_temp.%s, leftarg = text, rightarg = text, restrict = %s)",
                 estimators[e][0], estimators[e][1])[0] != '\0')
            continue; /* matchingsel came with 13 */
        static const char *const places[][2] = {{"users", "email"},
                                                {"users", "full_name"},
                                                {"sessions", "user_agent"},
                                                {"audio_files", "file_name"},
                                                {"transcriptions", "transcription_text"},
                                                {"transcriptions", "engine"},
                                                {"analyses", "analysis_type"},
                                                {"analyses", "summary"},
                                                {"user_file_stats", "email"},
                                                {"user_file_stats", "full_name"},
                                                {"recent_user_activity", "resource_name"},
                                                {"file_processing_pipeline", "file_name"},
                                                {"file_processing_pipeline", "analysis_type"},
                                                {"tenants", "name"}};
        for (size_t i = 0; i < COUNT(places); i++) {
            SAYS("", "explain select * from %s r where r.%s::text operator(pg_temp.<<<) 'm'", places[i][0],
                 places[i][1]);
            SAYS("", "select * from %s r where r.%s::text operator(pg_temp.<<<) 'm'", places[i][0], places[i][1]);
        }
        check_no_word_of_b(estimators[e][1]);
    }
    /* On the days of use, where what tells them apart is the number of bytes. */
    harness_sql("update audio_files set file_size_bytes = 424242 where tenant_id = '%s'", uuid_text(&b.tenant));
    OK(teleai_daily_usage_refresh(db, &error));
    harness_sql("analyze daily_usage_stats");
    SAYS("", "create function pg_temp.tells_number(bigint, bigint) returns boolean language plpgsql immutable cost "
             "0.0000001 "
             "as $$ begin raise notice 'told %% %%', $1, $2; return $1 < $2; end $$");
    SAYS("", "create operator pg_temp.<<< (procedure = pg_temp.tells_number, leftarg = bigint, rightarg = bigint, "
             "restrict = "
             "scalarltsel)");
    forget();
    SAYS("",
         "explain select * from teleai_daily_usage_stats where total_bytes_uploaded operator(pg_temp.<<<) 5::bigint");
    SAYS("", "select * from teleai_daily_usage_stats where total_bytes_uploaded operator(pg_temp.<<<) 5::bigint");
    cr_expect(is_heard("told") && !is_heard("424242"), "%s", heard);
    end();
}

Test(hostile_sql, statistics_are_not_shown) {
    begin();
    SAYS("", "select 'tables: ' || coalesce(string_agg(distinct tablename, ' '), '') from pg_stats where schemaname = "
             "'public' and "
             "tablename <> 'schema_migrations'");
    cr_expect(is_heard("tables: \n"), "%s", heard);
    SAYS(DENIED, "select * from pg_statistic");
    says("select * from pg_stats_ext");
    says("select * from pg_stats_ext_exprs");
    says("select * from pg_statistic_ext_data");
    check_no_word_of_b("statistics");
    end();
}

/* ---- no tenant, another one ---- */

static void check_no_rows(const char *setting) {
    for (size_t i = 0; i < RELATIONS + COUNT(functions); i++) {
        const char *from = i < RELATIONS ? relation(i) : functions[i - RELATIONS];
        forget();
        const char *state = says("select 'rows: ' || count(r) from %s r", from);
        cr_expect(state[0] != '\0' || is_heard("rows: 0\n"), "%s with '%s': %s", from, setting, heard);
        cr_expect(state[0] == '\0' || strcmp(state, "22P02") == 0, "%s with '%s': %s", from, setting, state);
        check_no_word_of_b(from);
    }
}

Test(hostile_sql, without_a_tenant_there_are_no_rows) {
    begin();
    PQreset(he);
    PQsetNoticeReceiver(he, hear_notice, NULL);
    check_no_rows("(never set)");
    static const char *const settings[] = {"''",
                                           "' '",
                                           "'x'",
                                           "'null'",
                                           "'%'",
                                           "'00000000-0000-0000-0000-000000000000'",
                                           "'00000000-0000-7000-8000-000000000001 or true'"};
    for (size_t i = 0; i < COUNT(settings); i++) {
        SAYS("", "set teleai.tenant_id = %s", settings[i]);
        check_no_rows(settings[i]);
    }
    SAYS("", "begin; set local teleai.tenant_id = '%s'; commit", uuid_text(&a.tenant));
    SAYS("", "reset teleai.tenant_id");
    check_no_rows("(reset)");
    end();
}

Test(hostile_sql, rows_of_another_tenant_cannot_be_written) {
    char before[400];
    begin();
    snprintf(before, sizeof before, "%s", hashes_of(&b.tenant));
    const char *of_b = uuid_text(&b.tenant);
    SAYS(DENIED, "insert into users (tenant_id, email, password_hash, full_name) values ('%s', 'n@n.org', '!', 'N')",
         of_b);
    SAYS(DENIED,
         "insert into sessions (tenant_id, user_id, token_hash, expires_at) values ('%s', '%s', 'n', 'infinity')", of_b,
         uuid_text(&b.user));
    for (size_t i = 0; i < 5; i++) {
        forget();
        SAYS(DENIED, "update %s set tenant_id = '%s'", tables[i], of_b);
        SAYS("",
             "with done as (update %s set tenant_id = tenant_id where tenant_id = '%s' returning 1) select 'changed: ' "
             "|| "
             "count(*) from done",
             tables[i], of_b);
        SAYS(
            "",
            "with done as (delete from %s where tenant_id = '%s' returning 1) select 'deleted: ' || count(*) from done",
            tables[i], of_b);
        cr_expect(is_heard("changed: 0\n") && is_heard("deleted: 0\n"), "%s: %s", tables[i], heard);
        SAYS(DENIED, "truncate %s cascade", tables[i]);
    }
    SAYS(DENIED,
         "insert into users (id, tenant_id, email, password_hash, full_name) values ('%s', '%s', 'n@n.org', '!', 'N') "
         "on conflict (id) do update set full_name = excluded.full_name returning *",
         uuid_text(&b.user), uuid_text(&a.tenant));
    forget();
    SAYS("0A000", "copy users from stdin"); /* not to be had under row security */
    SAYS(DENIED, "update tenants set status = 'suspended'");
    SAYS(DENIED, "insert into tenants (name, slug) values ('n', 'n')");
    SAYS(DENIED, "delete from tenant_usage");
    cr_expect(strcmp(before, hashes_of(&b.tenant)) == 0);
    check_no_word_of_b("writes");
    end();
}

/* The answer, with the id left out. */
static const char *answer_without(const char *id) {
    static char texts[2][1000];
    static int next;
    char *text = texts[next++ % 2];
    snprintf(text, sizeof texts[0], "%s", heard);
    for (char *at; (at = strstr(text, id)) != NULL;)
        memset(at, '#', strlen(id));
    return text;
}

Test(hostile_sql, a_parent_of_another_tenant_is_as_one_that_is_not) {
    begin();
    teleai_uuid nobody;
    teleai_uuid_make(&nobody);
    static const char *const children[] = {
        "insert into sessions (tenant_id, user_id, token_hash, expires_at) values ('%s', '%s', 'n', 'infinity')",
        "insert into audio_files (tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) values ('%s', "
        "'%s', 'n', 'n', 1, 'audio/wav')",
        "insert into transcriptions (tenant_id, audio_file_id, language_code, engine, user_id) select '%s', '%s', "
        "'en', 'n', id from users limit 1",
        "insert into analyses (tenant_id, transcription_id, analysis_type, engine, audio_file_id, user_id) select "
        "'%s', '%s', 'n', 'n', f.id, u.id from users u, audio_files f limit 1",
    };
    const teleai_uuid *const parents[] = {&b.user, &b.user, &b.file, &b.transcription};
    for (size_t i = 0; i < COUNT(children); i++) {
        const char *answers[2];
        for (int j = 0; j < 2; j++) {
            const char *parent = uuid_text(j == 0 ? parents[i] : &nobody);
            char sql[1000];
            forget();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(sql, sizeof sql, children[i], uuid_text(&a.tenant), parent);
#pragma GCC diagnostic pop
            SAYS("23503", "%s", sql);
            answers[j] = answer_without(parent);
        }
        cr_expect(strcmp(answers[0], answers[1]) == 0, "%s\n%s", answers[0], answers[1]);
    }
    SAYS(DENIED, "create table mine (id uuid references users)");
    says("create temporary table mine (id uuid references users)");
    end();
}

/* ---- getting out ---- */

Test(hostile_sql, nothing_can_be_switched_off) {
    begin();
    static const char *const tries[] = {"set role teleai_owner",
                                        "set role teleai_admin",
                                        "set role teleai",
                                        "set session authorization teleai_owner",
                                        "alter table users disable row level security",
                                        "alter table users owner to teleai_app",
                                        "drop policy teleai_tenant on users",
                                        "alter policy teleai_tenant on users using (true)",
                                        "create policy mine on users using (true)",
                                        "drop table sessions",
                                        "create function mine() returns int language sql as 'select 1'",
                                        "create table mine (id int)",
                                        "create view mine as select * from users",
                                        "create schema mine",
                                        "create trigger mine before insert on users execute function set_updated_at()",
                                        "create or replace function teleai_user_of_email(address text) returns uuid "
                                        "language sql as 'select null::uuid'",
                                        "alter function teleai_search(tsquery) set search_path = pg_temp",
                                        "select teleai_add_usage(null, 1::bigint, 1::bigint, 1::numeric, true)",
                                        "refresh materialized view daily_usage_stats",
                                        "alter role teleai_app bypassrls",
                                        "alter role teleai_app superuser",
                                        "grant teleai_owner to teleai_app",
                                        "copy users to program 'cat'",
                                        "select pg_read_file('/etc/passwd')",
                                        "create rule mine as on select to users do instead select 1",
                                        "alter view user_file_stats set (security_invoker = false)"};
    for (size_t i = 0; i < COUNT(tries); i++) {
        const char *state = says("%s", tries[i]);
        cr_expect(strcmp(state, DENIED) == 0, "%s: '%s'", tries[i], state);
    }
    forget();
    SAYS("", "set row_security = off");
    for (size_t i = 0; i < COUNT(tables); i++)
        SAYS(DENIED, "select * from %s", tables[i]);
    cr_expect(!is_heard(A_WORD) && !is_heard(B_WORD));
    end();
}

/* Functions with the owner's rights cannot be made to call his, nor to read tables of his. */
Test(hostile_sql, functions_of_the_schema_use_nothing_of_his) {
    begin();
    static const char *const his[] = {
        "create function pg_temp.lower(varchar) returns text language plpgsql as $$ begin raise notice 'his'; return "
        "'x'; end $$",
        "create function pg_temp.lower(text) returns text language plpgsql as $$ begin raise notice 'his'; return 'x'; "
        "end $$",
        "create function pg_temp.current_setting(text, boolean) returns text language plpgsql as $$ begin raise notice "
        "'his'; return null; end $$",
        "create function pg_temp.to_tsvector(text, text) returns tsvector language plpgsql as $$ begin raise notice "
        "'his'; return ''; end $$",
        "create function pg_temp.teleai_add_usage(uuid, bigint, numeric, numeric, boolean) returns void language "
        "plpgsql as $$ begin raise notice 'his'; end $$",
        "create function pg_temp.teleai_add_usage(uuid, bigint, integer, integer, boolean) returns void language "
        "plpgsql as $$ begin raise notice 'his'; end $$",
        "create function pg_temp.clock_timestamp() returns timestamptz language plpgsql as $$ begin raise notice "
        "'his'; return now(); end $$",
        "create function pg_temp.same(uuid, uuid) returns boolean language plpgsql as $$ begin raise notice 'his'; "
        "return true; end $$",
        "create operator pg_temp.= (procedure = pg_temp.same, leftarg = uuid, rightarg = uuid)",
        "create temporary table users (id uuid, tenant_id uuid, email varchar(255))",
        "insert into pg_temp.users values ('00000000-0000-4000-8000-000000000001', "
        "'00000000-0000-4000-8000-000000000002', 'his@his.org')",
        "create temporary table transcriptions (like public.transcriptions)",
        "create temporary table tenant_usage (like public.tenant_usage)",
        "create temporary table tenants (like public.tenants)",
    };
    for (size_t i = 0; i < COUNT(his); i++)
        SAYS("", "%s", his[i]);
    harness_sql("update tenants set max_users = 100, max_storage_bytes = 1000000");
    SAYS("", "set search_path = pg_temp, public");
    forget();
    SAYS("", "select 'found: ' || count(*) from teleai_search(plainto_tsquery('english', 'heart'))");
    SAYS("",
         "select 'tenant: ' || teleai_login_tenant('%s', array[(select password_hash from public.users where email = "
         "'%s')])",
         a.email, a.email);
    SAYS("", "select 'salt: ' || count(*) from teleai_login_salt('%s')", a.email);
    SAYS("", "select 'user: ' || teleai_user_of_email('%s')", a.email);
    SAYS("", "select 'none: ' || count(teleai_login_salt('his@his.org')) from generate_series(1, 1)");
    SAYS("", "insert into public.users (tenant_id, email, password_hash, full_name) values ('%s', 'n@n.org', '!', 'N')",
         uuid_text(&a.tenant));
    SAYS("",
         "insert into public.audio_files (tenant_id, user_id, file_name, file_path, file_size_bytes, mime_type) values "
         "('%s', '%s', 'n', 'n', 1, 'audio/wav')",
         uuid_text(&a.tenant), uuid_text(&a.user));
    SAYS("", "update public.audio_files set file_size_bytes = 2 where file_name = 'n'");
    SAYS("", "delete from public.audio_files where file_name = 'n'");
    SAYS("", "delete from public.users where email = 'n@n.org'");
    cr_expect(!is_heard("his\n"), "%s", heard);
    cr_expect(is_heard("found: 3\n") && is_heard("none: 0\n") && is_heard(uuid_text(&a.user)), "%s", heard);
    SAYS("", "select 'left: ' || count(*) from pg_temp.tenant_usage");
    cr_expect(is_heard("left: 0\n"));
    end();
}

/* They are for the tables of the schema: as triggers of his own tables they would count for whichever tenant he says. */
Test(hostile_sql, trigger_functions_cannot_be_put_on_tables_of_his) {
    begin();
    harness_sql("update tenants set max_users = 100, max_storage_bytes = 1000000");
    char before[4096];
    snprintf(before, sizeof before, "%s",
             harness_sql("select string_agg(u::text, ' ' order by u) from tenant_usage u"));
    SAYS("", "create temporary table his (id uuid, tenant_id uuid, file_size_bytes bigint, duration_seconds numeric, "
             "max_users "
             "bigint, max_storage_bytes bigint, max_audio_seconds numeric)");
    static const char *const triggers[] = {
        "create trigger t after insert on his referencing new table as changed for each statement execute function "
        "teleai_count_users()",
        "create trigger t after insert on his referencing new table as changed for each statement execute function "
        "teleai_count_audio_files()",
        "create trigger t after update on his for each row execute function teleai_recount_audio_file()",
        "create trigger t after insert on his for each row execute function teleai_begin_usage()"};
    for (size_t i = 0; i < COUNT(triggers); i++) {
        SAYS(DENIED, "%s", triggers[i]);
        says(
            "insert into his (id, tenant_id, file_size_bytes) select '%s', '%s', 10000000 from generate_series(1, 200)",
            uuid_text(&b.tenant), uuid_text(&b.tenant));
        says("drop trigger if exists t on his");
    }
    SAME_TEXT(harness_sql("select string_agg(u::text, ' ' order by u) from tenant_usage u"), before);
    end();
}
