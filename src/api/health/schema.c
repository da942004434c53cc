/*
 * What health checks ask of the schema. Each row is a finding that is not OK.
 * Indexes are known by what they index, whatever they are called: a longer one, or a unique one, serves as well.
 */
#include "api/health/indexes.h"
#include "api/health/sql.h"
#include "schema/tables.h"

#pragma GCC diagnostic ignored "-Woverlength-strings" /* ISO C promises 4095 bytes a string; gcc and clang take any */

/* Those that there should be, those that there are, and which of these serves as which of those. */
#define WITH_INDEXES                                                                                                   \
    "with wanted (of, name, method, keys, condition, is_unique, definition) as (\n"                                    \
    "values\n" TELEAI__HEALTH_INDEXES "\n"                                                                             \
    "), there as (\n"                                                                                                  \
    "    select i.indrelid, i.indexrelid, i.indisunique, a.amname, coalesce(pg_get_expr(i.indpred, i.indrelid), '') "  \
    "as condition,\n"                                                                                                  \
    "           (select string_agg(pg_get_indexdef(i.indexrelid, k, true) || case when o.opcdefault then '' else ' ' " \
    "|| o.opcname end\n"                                                                                               \
    "                              || case when i.indoption[k - 1] & 1 = 1 then ' desc' else '' end\n"                 \
    "                              || case when i.indoption[k - 1] & 2 = 2 then ' nulls first' else '' end, ', ' "     \
    "order by k)\n"                                                                                                    \
    "              from generate_series(1, i.indnkeyatts) k\n"                                                         \
    "              join pg_catalog.pg_opclass o on o.oid = i.indclass[k - 1]) as keys\n"                               \
    "      from pg_catalog.pg_index i\n"                                                                               \
    "      join pg_catalog.pg_class c on c.oid = i.indexrelid\n"                                                       \
    "      join pg_catalog.pg_am a on a.oid = c.relam\n"                                                               \
    "     where i.indrelid in (select to_regclass(of)::oid from wanted)\n"                                             \
    "), serving as (\n"                                                                                                \
    "    select w.name, t.indexrelid\n"                                                                                \
    "      from wanted w\n"                                                                                            \
    "      join there t\n"                                                                                             \
    "        on t.indrelid = to_regclass(w.of)\n"                                                                      \
    "       and t.amname = w.method\n"                                                                                 \
    "       and t.condition in (w.condition, case when w.is_unique then w.condition else '' end)\n"                    \
    "       and case when w.is_unique then t.indisunique and t.keys = w.keys\n"                                        \
    "                when w.method = 'gin' then t.keys in (w.keys, replace(w.keys, ' jsonb_path_ops', ''))\n"          \
    "                else left(t.keys || ', ', length(w.keys) + 2) = w.keys || ', ' end\n"                             \
    ")\n"

const char teleai__health_begun_sql[] =
    "select c.relname::text as subject,\n"
    "       'warning' as severity,\n"
    "       format('migration %s was interrupted half-way', right(c.relname, 3)) as message,\n"
    "       'teleai migrate up # or call teleai_migrate_up(): it goes on where it stopped' as remedy\n"
    "  from pg_catalog.pg_class c\n"
    " where c.relnamespace = (select relnamespace from pg_catalog.pg_class where oid = "
    "to_regclass('schema_migrations'))\n"
    "   and c.relname ~ '^teleai_begun_[0-9]{3}$'";

const char teleai__health_missing_index_sql[] = WITH_INDEXES
    "select w.name as subject,\n"
    "       case when w.is_unique then 'critical' else 'warning' end as severity,\n"
    "       format('the index is gone from %s', w.of) as message,\n"
    "       w.definition as remedy\n"
    "  from wanted w\n"
    " where to_regclass(w.of) is not null\n"
    "   and not exists (select from serving s where s.name = w.name)\n"
    "   and (w.name <> 'users_email_key' or to_regclass('users_email_idx') is null) -- the check of e-mails tells it\n"
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
    " where i.indrelid in (select indrelid from there)\n"
    "   and not i.indisvalid\n"
    "   and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.relid = i.indrelid)";

const char teleai__health_unused_index_sql[] = WITH_INDEXES
    "select s.indexrelid::regclass::text as subject,\n"
    "       'notice' as severity,\n"
    "       format('nobody has used this index on %s since %s, on this server; it takes %s', s.relid::regclass,\n"
    "              to_char(coalesce(d.stats_reset, pg_postmaster_start_time()) at time zone 'UTC', 'YYYY-MM-DD'), "
    "pg_size_pretty(pg_relation_size(s.indexrelid))) as message,\n"
    "       format('drop index concurrently %s;', s.indexrelid::regclass) as remedy\n"
    "  from pg_catalog.pg_stat_user_indexes s\n"
    "  join pg_catalog.pg_index i on i.indexrelid = s.indexrelid\n"
    "  join pg_catalog.pg_stat_database d on d.datname = current_database()\n"
    " where s.relid in (select indrelid from there)\n"
    "   and s.idx_scan = 0\n"
    "   and i.indisvalid\n"
    "   and not i.indisunique\n"
    "   and s.indexrelid not in (select indexrelid from serving)\n"
    "   and coalesce(d.stats_reset, pg_postmaster_start_time()) < now() - $1::bigint * interval '1 millisecond'";

#define WITH_TABLES                                                                                              \
    "with ours as (\n"                                                                                           \
    "    select to_regclass(name)::oid as oid\n"                                                                 \
    "      from unnest(" TELEAI__TABLES_SQL " || array['schema_migrations', 'daily_usage_stats']) as t (name)\n" \
    ")\n"

const char teleai__health_tables_sql[] = WITH_TABLES
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

const char teleai__health_pending_sql[] = WITH_TABLES
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
