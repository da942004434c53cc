-- 011: the views join within a tenant and tell which, in a last column.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_011.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    if state not in ('10', '11 dirty') then
        raise exception 'migration 011 up needs schema version 10; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_011 ();
commit;

-- Step: user_file_stats with the tenant.
-- Locks: user_file_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create or replace view user_file_stats as
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
       ) a;
comment on column user_file_stats.tenant_id is 'Its tenant.';
commit;

-- Step: recent_user_activity with the tenant.
-- Locks: recent_user_activity access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
-- The account by sub-queries: the planner takes a join on two columns for one that leaves next to nothing, and would sort
-- all there is instead of merging the three indexes.
create or replace view recent_user_activity as
select x.user_id,
       (
           select u.email
             from users u
            where u.tenant_id = x.tenant_id
              and u.id = x.user_id
       ) as email,
       (
           select u.full_name
             from users u
            where u.tenant_id = x.tenant_id
              and u.id = x.user_id
       ) as full_name,
       x.activity_type,
       x.resource_id,
       x.resource_name,
       x.activity_timestamp,
       x.tenant_id
  from (
        select user_id,
               'audio_upload'::text as activity_type,
               id                   as resource_id,
               file_name::text      as resource_name,
               created_at           as activity_timestamp,
               tenant_id
          from audio_files
         union all
        select user_id,
               'transcription'::text,
               id,
               (
                   select f.file_name::text
                     from audio_files f
                    where f.tenant_id = transcriptions.tenant_id
                      and f.id = transcriptions.audio_file_id
               ),
               created_at,
               tenant_id
          from transcriptions
         union all
        select user_id,
               'analysis'::text,
               id,
               analysis_type::text,
               created_at,
               tenant_id
          from analyses
       ) x;
comment on column recent_user_activity.tenant_id is 'Its tenant.';
commit;

-- Step: processing_queue_status with the tenant.
-- Locks: processing_queue_status access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create or replace view processing_queue_status as
select 'audio_files'::text as queue_type,
       status::text        as status,
       count(*)            as count,
       min(created_at)     as oldest_item,
       max(created_at)     as newest_item,
       tenant_id
  from audio_files
 group by tenant_id, audio_files.status
 union all
select 'transcriptions'::text,
       status::text,
       count(*),
       min(created_at),
       max(created_at),
       tenant_id
  from transcriptions
 group by tenant_id, transcriptions.status
 union all
select 'analyses'::text,
       status::text,
       count(*),
       min(created_at),
       max(created_at),
       tenant_id
  from analyses
 group by tenant_id, analyses.status;
comment on column processing_queue_status.tenant_id is 'The tenant; each has rows of its own.';
commit;

-- Step: file_processing_pipeline with the tenant.
-- Locks: file_processing_pipeline access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create or replace view file_processing_pipeline as
select f.id            as audio_file_id,
       f.user_id,
       f.file_name,
       f.status        as audio_status,
       f.created_at    as audio_uploaded_at,
       t.id            as transcription_id,
       t.status        as transcription_status,
       t.created_at    as transcription_created_at,
       a.id            as analysis_id,
       a.status        as analysis_status,
       a.analysis_type,
       a.created_at    as analysis_created_at,
       case
           when f.status = 'error'      then 'failed'
           when t.status = 'failed'     then 'failed'
           when a.status = 'failed'     then 'failed'
           when a.status = 'completed'  then 'completed'
           when a.status = 'processing' then 'analysis_in_progress'
           when t.status = 'completed'  then 'transcription_completed'
           when t.status = 'processing' then 'transcription_in_progress'
           when f.status = 'ready'      then 'audio_ready'
           when f.status = 'processing' then 'audio_processing'
           else 'uploaded'
       end             as pipeline_status,
       f.tenant_id
  from audio_files f
  left join transcriptions t on t.tenant_id = f.tenant_id and t.audio_file_id = f.id
  left join analyses a       on a.tenant_id = t.tenant_id and a.transcription_id = t.id;
comment on column file_processing_pipeline.tenant_id is 'Its tenant.';
commit;

-- Step: count the days by tenant, beside the present view.
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
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (11, false);
drop table if exists teleai_begun_011;
commit;
