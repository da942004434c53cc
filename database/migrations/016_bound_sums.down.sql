-- 016, undone: the views sum as they did.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_016.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('16', '15 dirty') and not (state in ('15') and to_regclass('teleai_begun_016') is not null) then
        raise exception 'migration 016 down needs schema version 16; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_016 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 15;
commit;

-- Step: user_file_stats as it was.
-- Locks: user_file_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $do$
declare
    -- Under row security before PostgreSQL 15 the view of this name is one over the whole, which is put aside.
    target  regclass := coalesce(to_regclass('all_user_file_stats'), to_regclass('user_file_stats'));
    options text := (select ' with (' || array_to_string(reloptions, ', ') || ')' from pg_class where oid = target);
begin
    execute format('create or replace view %s%s as ', target, options) || $view$
select u.id as user_id,
       u.email,
       u.full_name,
       f.total_files,
       t.total_transcriptions,
       a.total_analyses,
       f.total_storage_bytes,
       f.total_duration_seconds,
       f.last_upload_at,
       u.tenant_id
  from users u
 cross join lateral (
        select count(*)                                  as total_files,
               coalesce(sum(file_size_bytes), 0)::bigint as total_storage_bytes,
               coalesce(sum(duration_seconds), 0)        as total_duration_seconds,
               max(created_at)                           as last_upload_at
          from audio_files
         where tenant_id = u.tenant_id
           and user_id = u.id
       ) f
 cross join lateral (
        select count(*) as total_transcriptions
          from transcriptions
         where tenant_id = u.tenant_id
           and user_id = u.id
       ) t
 cross join lateral (
        select count(*) as total_analyses
          from analyses
         where tenant_id = u.tenant_id
           and user_id = u.id
       ) a$view$;
end
$do$;
commit;

-- Step: count the days as before, beside the present view.
-- Locks: audio_files access share.
begin;
set local client_min_messages = warning;
drop materialized view if exists daily_usage_stats_next;
create materialized view daily_usage_stats_next as
select (created_at at time zone 'UTC')::date   as date,
       count(distinct user_id)                 as active_users,
       count(*)                                as total_uploads,
       sum(file_size_bytes)::bigint            as total_bytes_uploaded,
       coalesce(sum(duration_seconds), 0)      as total_audio_seconds,
       round(avg(duration_seconds), 2)         as avg_audio_duration,
       tenant_id
  from audio_files
 where status = 'ready'
 group by tenant_id, (created_at at time zone 'UTC')::date;
create unique index daily_usage_stats_next_key on daily_usage_stats_next (tenant_id, date);
comment on materialized view daily_usage_stats_next is 'Uploads that became ready, by tenant and UTC day. A stored result: refresh it with refresh materialized view concurrently daily_usage_stats.';
comment on column daily_usage_stats_next.date                 is 'UTC day on which the files were made.';
comment on column daily_usage_stats_next.active_users         is 'Accounts that made at least one of them.';
comment on column daily_usage_stats_next.total_uploads        is 'Files.';
comment on column daily_usage_stats_next.total_bytes_uploaded is 'Their size, in bytes.';
comment on column daily_usage_stats_next.total_audio_seconds  is 'Their length, in seconds; files without one count 0.';
comment on column daily_usage_stats_next.avg_audio_duration   is 'Mean length in seconds, to two places, of the files that have one; null when none has.';
comment on column daily_usage_stats_next.tenant_id is 'The tenant; each has rows of its own.';
comment on index daily_usage_stats_next_key is 'One row per tenant and day; refresh ... concurrently asks for a unique index.';
commit;

-- Step: they take its place, with the rights that were given on it.
-- Locks: daily_usage_stats access exclusive; daily_usage_stats_next access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create temporary table kept_grants on commit drop as
select format('grant %s on %s to %s%s', g.privilege_type, 'daily_usage_stats', case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end,
              case when g.is_grantable then ' with grant option' else '' end) as statement
  from pg_class c
 cross join lateral aclexplode(c.relacl) g
  left join pg_roles r on r.oid = g.grantee
 where c.oid = to_regclass('daily_usage_stats')
   and g.grantee <> c.relowner;
create temporary table kept_owner on commit drop as
select pg_get_userbyid(c.relowner) as owner, to_regclass('teleai_daily_usage_stats') is not null as secured
  from pg_class c
 where c.oid = to_regclass('daily_usage_stats');
drop view if exists teleai_daily_usage_stats;
drop materialized view if exists daily_usage_stats;
alter materialized view daily_usage_stats_next rename to daily_usage_stats;
alter index daily_usage_stats_next_key rename to daily_usage_stats_tenant_id_date_key;
do $$
declare
    kept text;
begin
    for kept in select statement from kept_grants loop
        execute kept;
    end loop;
    -- As database/row_security/enable.sql has it.
    if (select secured from kept_owner) then
        create view teleai_daily_usage_stats with (security_barrier = true) as
        select date, active_users, total_uploads, total_bytes_uploaded, total_audio_seconds, avg_audio_duration, tenant_id
          from daily_usage_stats
         where tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid;
        alter view teleai_daily_usage_stats owner to teleai_owner;
        grant select on teleai_daily_usage_stats to teleai_app, teleai_admin;
        comment on view teleai_daily_usage_stats is 'daily_usage_stats of the tenant in the setting teleai.tenant_id; there while row security is enabled.';
    end if;
    for kept in select format('alter materialized view daily_usage_stats owner to %I', owner) from kept_owner where owner <> current_user loop
        execute kept;
    end loop;
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (15, false);
drop table if exists teleai_begun_016;
commit;
