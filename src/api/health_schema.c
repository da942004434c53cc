/*
 * What health checks ask of the schema. Each row is a finding that is not OK.
 * The indexes are those that the migrations make, with statements that make them again; a test holds them against each other.
 */
#include "api/health_sql.h"

const teleai__health_index teleai__health_indexes[] = {
    {"tenants", "tenants_pkey", "alter table tenants add constraint tenants_pkey primary key (id);"},
    {"tenants", "tenants_slug_key", "alter table tenants add constraint tenants_slug_key unique (slug);"},
    {"tenant_usage", "tenant_usage_pkey",
     "alter table tenant_usage add constraint tenant_usage_pkey primary key (tenant_id);"},
    {"users", "users_pkey", "alter table users add constraint users_pkey primary key (id);"},
    {"users", "users_email_key",
     "create unique index concurrently users_email_key on users (lower(email::text collate \"C\"));"},
    {"users", "users_tenant_id_id_key",
     "alter table users add constraint users_tenant_id_id_key unique (tenant_id, id);"},
    {"sessions", "sessions_pkey", "alter table sessions add constraint sessions_pkey primary key (id);"},
    {"sessions", "sessions_tenant_id_id_key",
     "alter table sessions add constraint sessions_tenant_id_id_key unique (tenant_id, id);"},
    {"sessions", "sessions_token_hash_key",
     "alter table sessions add constraint sessions_token_hash_key unique (token_hash);"},
    {"sessions", "sessions_expires_at_idx",
     "create index concurrently sessions_expires_at_idx on sessions (expires_at);"},
    {"sessions", "sessions_user_id_idx", "create index concurrently sessions_user_id_idx on sessions (user_id);"},
    {"audio_files", "audio_files_pkey", "alter table audio_files add constraint audio_files_pkey primary key (id);"},
    {"audio_files", "audio_files_tenant_id_id_key",
     "alter table audio_files add constraint audio_files_tenant_id_id_key unique (tenant_id, id);"},
    {"audio_files", "audio_files_created_at_idx",
     "create index concurrently audio_files_created_at_idx on audio_files (created_at);"},
    {"audio_files", "audio_files_metadata_idx",
     "create index concurrently audio_files_metadata_idx on audio_files using gin (metadata) with "
     "(gin_pending_list_limit = 64);"},
    {"audio_files", "audio_files_status_created_at_idx",
     "create index concurrently audio_files_status_created_at_idx on audio_files (status, created_at);"},
    {"audio_files", "audio_files_user_id_created_at_idx",
     "create index concurrently audio_files_user_id_created_at_idx on audio_files (user_id, created_at);"},
    {"transcriptions", "transcriptions_pkey",
     "alter table transcriptions add constraint transcriptions_pkey primary key (id);"},
    {"transcriptions", "transcriptions_tenant_id_id_key",
     "alter table transcriptions add constraint transcriptions_tenant_id_id_key unique (tenant_id, id);"},
    {"transcriptions", "transcriptions_audio_file_id_idx",
     "create index concurrently transcriptions_audio_file_id_idx on transcriptions (audio_file_id);"},
    {"transcriptions", "transcriptions_created_at_idx",
     "create index concurrently transcriptions_created_at_idx on transcriptions (created_at);"},
    {"transcriptions", "transcriptions_language_code_idx",
     "create index concurrently transcriptions_language_code_idx on transcriptions (language_code);"},
    {"transcriptions", "transcriptions_metadata_idx",
     "create index concurrently transcriptions_metadata_idx on transcriptions using gin (metadata) with "
     "(gin_pending_list_limit = 64);"},
    {"transcriptions", "transcriptions_status_created_at_idx",
     "create index concurrently transcriptions_status_created_at_idx on transcriptions (status, created_at);"},
    {"transcriptions", "transcriptions_text_search_idx",
     "create index concurrently transcriptions_text_search_idx on transcriptions using gin "
     "(to_tsvector('english', transcription_text)) with (gin_pending_list_limit = 64);"},
    {"transcriptions", "transcriptions_user_id_created_at_idx",
     "create index concurrently transcriptions_user_id_created_at_idx on transcriptions (user_id, created_at);"},
    {"analyses", "analyses_pkey", "alter table analyses add constraint analyses_pkey primary key (id);"},
    {"analyses", "analyses_tenant_id_id_key",
     "alter table analyses add constraint analyses_tenant_id_id_key unique (tenant_id, id);"},
    {"analyses", "analyses_analysis_type_idx",
     "create index concurrently analyses_analysis_type_idx on analyses (analysis_type);"},
    {"analyses", "analyses_audio_file_id_idx",
     "create index concurrently analyses_audio_file_id_idx on analyses (audio_file_id);"},
    {"analyses", "analyses_created_at_idx",
     "create index concurrently analyses_created_at_idx on analyses (created_at);"},
    {"analyses", "analyses_entities_idx",
     "create index concurrently analyses_entities_idx on analyses using gin (entities jsonb_path_ops) with "
     "(gin_pending_list_limit = 64);"},
    {"analyses", "analyses_insights_idx",
     "create index concurrently analyses_insights_idx on analyses using gin (insights jsonb_path_ops) with "
     "(gin_pending_list_limit = 64);"},
    {"analyses", "analyses_metadata_idx",
     "create index concurrently analyses_metadata_idx on analyses using gin (metadata) with "
     "(gin_pending_list_limit = 64);"},
    {"analyses", "analyses_sentiment_label_idx",
     "create index concurrently analyses_sentiment_label_idx on analyses (sentiment_label);"},
    {"analyses", "analyses_status_created_at_idx",
     "create index concurrently analyses_status_created_at_idx on analyses (status, created_at);"},
    {"analyses", "analyses_topics_idx",
     "create index concurrently analyses_topics_idx on analyses using gin (topics jsonb_path_ops) with "
     "(gin_pending_list_limit = 64);"},
    {"analyses", "analyses_transcription_id_idx",
     "create index concurrently analyses_transcription_id_idx on analyses (transcription_id);"},
    {"analyses", "analyses_user_id_created_at_idx",
     "create index concurrently analyses_user_id_created_at_idx on analyses (user_id, created_at);"},
    {"daily_usage_stats", "daily_usage_stats_tenant_id_date_key",
     "create unique index concurrently daily_usage_stats_tenant_id_date_key on daily_usage_stats (tenant_id, date);"},
};
const size_t teleai__health_index_count = sizeof teleai__health_indexes / sizeof *teleai__health_indexes;

const char teleai__health_begun_sql[] =
    "select c.relname::text as subject,\n"
    "       'warning' as severity,\n"
    "       format('migration %s was interrupted half-way', right(c.relname, 3)) as message,\n"
    "       'teleai migrate up # or call teleai_migrate_up(): it goes on where it stopped' as remedy\n"
    "  from pg_catalog.pg_class c\n"
    " where c.relnamespace = (select relnamespace from pg_catalog.pg_class where oid = "
    "to_regclass('schema_migrations'))\n"
    "   and c.relname ~ '^teleai_begun_[0-9]{3}$'";

const char teleai__health_missing_index_sql[] =
    "with ours as (\n"
    "    select to_regclass(name)::oid as oid\n"
    "      from unnest(array['users', 'sessions', 'audio_files', 'transcriptions', 'analyses', 'tenants', "
    "'tenant_usage', 'schema_migrations', 'daily_usage_stats']) as t (name)\n"
    ")\n"
    "select w.name as subject,\n"
    "       case when w.definition ~ ' (unique|primary key) ' then 'critical' else 'warning' end as severity,\n"
    "       format('the index is gone from %s', w.of) as message,\n"
    "       w.definition as remedy\n"
    "  from unnest($1::text[], $2::text[], $3::text[]) as w (of, name, definition)\n"
    "  join pg_catalog.pg_class t on t.oid = to_regclass(w.of)\n"
    " where not exists (\n"
    "           select\n"
    "             from pg_catalog.pg_index i\n"
    "             join pg_catalog.pg_class c on c.oid = i.indexrelid\n"
    "            where i.indrelid = t.oid\n"
    "              and c.relname = w.name\n"
    "       )\n"
    " union all\n"
    "select i.indexrelid::regclass::text,\n"
    "       case when i.indisunique then 'critical' else 'warning' end,\n"
    "       format('the index on %s is invalid: making it was interrupted, and no query uses it', "
    "i.indrelid::regclass),\n"
    "       case when c.relname ~ '_cc(new|old)[0-9]*$' then format('drop index concurrently %s;', "
    "i.indexrelid::regclass)\n"
    "            else format('reindex index concurrently %s;', i.indexrelid::regclass) end\n"
    "  from pg_catalog.pg_index i\n"
    "  join pg_catalog.pg_class c on c.oid = i.indexrelid\n"
    " where i.indrelid in (select oid from ours)\n"
    "   and not i.indisvalid\n"
    "   and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.relid = i.indrelid)";

const char teleai__health_unused_index_sql[] =
    "with ours as (\n"
    "    select to_regclass(name)::oid as oid\n"
    "      from unnest(array['users', 'sessions', 'audio_files', 'transcriptions', 'analyses', 'tenants', "
    "'tenant_usage', 'schema_migrations', 'daily_usage_stats']) as t (name)\n"
    ")\n"
    "select s.indexrelid::regclass::text as subject,\n"
    "       'notice' as severity,\n"
    "       format('nobody has used this index on %s since %s, on this server; it takes %s', s.relid::regclass,\n"
    "              to_char(coalesce(d.stats_reset, pg_postmaster_start_time()) at time zone 'UTC', 'YYYY-MM-DD'), "
    "pg_size_pretty(pg_relation_size(s.indexrelid))) as message,\n"
    "       format('drop index concurrently %s;', s.indexrelid::regclass) as remedy\n"
    "  from pg_catalog.pg_stat_user_indexes s\n"
    "  join pg_catalog.pg_index i on i.indexrelid = s.indexrelid\n"
    "  join pg_catalog.pg_stat_database d on d.datname = current_database()\n"
    " where s.relid in (select oid from ours)\n"
    "   and s.idx_scan = 0\n"
    "   and i.indisvalid\n"
    "   and not i.indisunique\n"
    "   and s.indexrelname <> all ($2::text[])\n"
    "   and coalesce(d.stats_reset, pg_postmaster_start_time()) < now() - $1::bigint * interval '1 millisecond'";

const char teleai__health_tables_sql[] =
    "with ours as (\n"
    "    select to_regclass(name)::oid as oid\n"
    "      from unnest(array['users', 'sessions', 'audio_files', 'transcriptions', 'analyses', 'tenants', "
    "'tenant_usage', 'schema_migrations', 'daily_usage_stats']) as t (name)\n"
    ")\n"
    "select s.relid::regclass::text as subject,\n"
    "       case when s.n_dead_tup >= s.n_live_tup then 'warning' else 'notice' end as severity,\n"
    "       format('%s %% of its rows are dead (%s); last vacuumed: %s', s.n_dead_tup * 100 / (s.n_live_tup + "
    "s.n_dead_tup), s.n_dead_tup,\n"
    "              coalesce(to_char(greatest(s.last_vacuum, s.last_autovacuum) at time zone 'UTC', 'YYYY-MM-DD HH24:MI "
    "\"UTC\"'), 'never')) as message,\n"
    "       format('vacuum (analyze) %s;', s.relid::regclass) as remedy\n"
    "  from pg_catalog.pg_stat_user_tables s\n"
    " where s.relid in (select oid from ours)\n"
    "   and s.n_dead_tup >= 1000\n"
    "   and s.n_dead_tup * 100 >= $1::bigint * (s.n_live_tup + s.n_dead_tup)\n"
    " union all\n"
    "select s.relid::regclass::text,\n"
    "       'notice',\n"
    "       format('nothing is known of its %s rows: plans are guesses', s.n_live_tup),\n"
    "       format('analyze %s;', s.relid::regclass)\n"
    "  from pg_catalog.pg_stat_user_tables s\n"
    " where s.relid in (select oid from ours)\n"
    "   and s.n_live_tup >= 1000\n"
    "   and s.last_analyze is null\n"
    "   and s.last_autoanalyze is null";

const char teleai__health_has_pgstattuple_sql[] = "select count(*)\n"
                                                  "  from pg_catalog.pg_proc\n"
                                                  " where oid = to_regprocedure('pgstatginindex(regclass)')\n"
                                                  "   and has_function_privilege(oid, 'execute')";

const char teleai__health_cannot_pending_sql[] =
    "select 'pgstattuple' as subject,\n"
    "       'notice' as severity,\n"
    "       case when to_regprocedure('pgstatginindex(regclass)') is null then 'the extension is not there (in the "
    "search_path), which tells how long the lists of pending entries are'\n"
    "            else 'this role may not ask the extension how long the lists of pending entries are' end as message,\n"
    "       case when to_regprocedure('pgstatginindex(regclass)') is null then 'create extension pgstattuple;'\n"
    "            else format('grant pg_stat_scan_tables to %I;', current_user) end as remedy";

const char teleai__health_pending_sql[] =
    "with ours as (\n"
    "    select to_regclass(name)::oid as oid\n"
    "      from unnest(array['users', 'sessions', 'audio_files', 'transcriptions', 'analyses', 'tenants', "
    "'tenant_usage', 'schema_migrations', 'daily_usage_stats']) as t (name)\n"
    ")\n"
    "select i.indexrelid::regclass::text as subject,\n"
    "       'notice' as severity,\n"
    "       format('%s of entries are pending, its limit is %s: every search reads them one by one', "
    "pg_size_pretty(p.pending_pages * current_setting('block_size')::bigint),\n"
    "              pg_size_pretty(l.kilobytes * 1024)) as message,\n"
    "       format('select gin_clean_pending_list(%L); -- as the owner of the table', i.indexrelid::regclass) as "
    "remedy\n"
    "  from pg_catalog.pg_index i\n"
    "  join pg_catalog.pg_class c on c.oid = i.indexrelid\n"
    "  join pg_catalog.pg_am a on a.oid = c.relam and a.amname = 'gin'\n"
    " cross join lateral (\n"
    "           select coalesce((select option_value::bigint from pg_options_to_table(c.reloptions) where option_name "
    "= 'gin_pending_list_limit'),\n"
    "                           (select setting::bigint from pg_catalog.pg_settings where name = "
    "'gin_pending_list_limit')) as kilobytes\n"
    "       ) l\n"
    " cross join lateral pgstatginindex(i.indexrelid) p\n"
    " where i.indrelid in (select oid from ours)\n"
    "   and i.indisvalid\n"
    "   and p.pending_pages * current_setting('block_size')::bigint > l.kilobytes * 1024";

const char teleai__health_is_filled_sql[] = "select count(*)\n"
                                            "  from pg_catalog.pg_class\n"
                                            " where oid = to_regclass('daily_usage_stats')\n"
                                            "   and relispopulated";

const char teleai__health_not_filled_sql[] =
    "select 'daily_usage_stats' as subject,\n"
    "       'warning' as severity,\n"
    "       'it was never filled, as after a restore without it: daily usage cannot be read' as message,\n"
    "       'refresh materialized view daily_usage_stats;' as remedy\n"
    " where to_regclass('daily_usage_stats') is not null";

const char teleai__health_daily_usage_sql[] =
    "select 'daily_usage_stats' as subject,\n"
    "       'warning' as severity,\n"
    "       format('uploads of %s and later are not counted: it was not refreshed since', min(f.created_at at time "
    "zone 'UTC')::date) as message,\n"
    "       'refresh materialized view concurrently daily_usage_stats;' as remedy\n"
    "  from (\n"
    "           select tenant_id, created_at\n"
    "             from audio_files\n"
    "            where status = 'ready'\n"
    "              and created_at < now() - $1::bigint * interval '1 millisecond'\n"
    "              and coalesce(processing_completed_at, created_at) < now() - $1::bigint * interval '1 millisecond'\n"
    "            order by created_at desc\n"
    "            limit 1000\n"
    "       ) f\n"
    " where not exists (select from daily_usage_stats d where d.tenant_id = f.tenant_id and d.date = (f.created_at at "
    "time zone 'UTC')::date)\n"
    "having count(*) > 0";

const char teleai__health_sessions_sql[] =
    "select 'sessions' as subject,\n"
    "       'notice' as severity,\n"
    "       format('%s expired more than a day ago and are still stored', case when e.count > 10000 then 'over 10000' "
    "else e.count::text end) as message,\n"
    "       'delete from sessions where expires_at < now(); -- or call teleai_session_purge_expired() now and then' as "
    "remedy\n"
    "  from (select count(*) as count from (select from sessions where expires_at < now() - interval '1 day' limit "
    "10001) s) e\n"
    " where e.count > 0";
