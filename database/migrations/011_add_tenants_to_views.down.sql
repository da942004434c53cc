-- 011, undone: the views know no tenants. Refused while there are others than the default one.
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
    -- Half undone, or half made, it is at the version before.
    if state not in ('11', '10 dirty') and not (state = '10' and to_regclass('teleai_begun_011') is not null) then
        raise exception 'migration 011 down needs schema version 11; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 011 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
create table if not exists teleai_begun_011 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 10;
commit;

-- Step: file_processing_pipeline without the tenant, with the rights that were given on it.
-- Locks: file_processing_pipeline access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create temporary table kept_grants on commit drop as
select format('grant %s on %s to %s%s', g.privilege_type, 'file_processing_pipeline', case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end,
              case when g.is_grantable then ' with grant option' else '' end) as statement
  from pg_class c
 cross join lateral aclexplode(c.relacl) g
  left join pg_roles r on r.oid = g.grantee
 where c.oid = to_regclass('file_processing_pipeline')
   and g.grantee <> c.relowner;
drop view file_processing_pipeline;
create view file_processing_pipeline as
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
       end             as pipeline_status
  from audio_files f
  left join transcriptions t on t.audio_file_id = f.id
  left join analyses a       on a.transcription_id = t.id;
comment on view file_processing_pipeline is 'How far each recording has come: one row per file, transcription of it and analysis of that.';
comment on column file_processing_pipeline.audio_file_id            is 'The audio file.';
comment on column file_processing_pipeline.user_id                  is 'Its owner.';
comment on column file_processing_pipeline.file_name                is 'Its name to show.';
comment on column file_processing_pipeline.audio_status             is 'Its status.';
comment on column file_processing_pipeline.audio_uploaded_at        is 'When its row was made.';
comment on column file_processing_pipeline.transcription_id         is 'A transcription of it; null when it has none.';
comment on column file_processing_pipeline.transcription_status     is 'Status of the transcription; null without one.';
comment on column file_processing_pipeline.transcription_created_at is 'When the transcription was made; null without one.';
comment on column file_processing_pipeline.analysis_id              is 'An analysis of that transcription; null when it has none.';
comment on column file_processing_pipeline.analysis_status          is 'Status of the analysis; null without one.';
comment on column file_processing_pipeline.analysis_type            is 'Type of the analysis; null without one.';
comment on column file_processing_pipeline.analysis_created_at      is 'When the analysis was made; null without one.';
comment on column file_processing_pipeline.pipeline_status          is 'failed, completed, analysis_in_progress, transcription_completed, transcription_in_progress, audio_ready, audio_processing or uploaded; something that only waits (pending) leaves the stage before it.';
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

-- Step: processing_queue_status without the tenant, with the rights that were given on it.
-- Locks: processing_queue_status access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create temporary table kept_grants on commit drop as
select format('grant %s on %s to %s%s', g.privilege_type, 'processing_queue_status', case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end,
              case when g.is_grantable then ' with grant option' else '' end) as statement
  from pg_class c
 cross join lateral aclexplode(c.relacl) g
  left join pg_roles r on r.oid = g.grantee
 where c.oid = to_regclass('processing_queue_status')
   and g.grantee <> c.relowner;
drop view processing_queue_status;
create view processing_queue_status as
select 'audio_files'::text as queue_type,
       status::text        as status,
       count(*)            as count,
       min(created_at)     as oldest_item,
       max(created_at)     as newest_item
  from audio_files
 group by audio_files.status
 union all
select 'transcriptions'::text,
       status::text,
       count(*),
       min(created_at),
       max(created_at)
  from transcriptions
 group by transcriptions.status
 union all
select 'analyses'::text,
       status::text,
       count(*),
       min(created_at),
       max(created_at)
  from analyses
 group by analyses.status;
comment on view processing_queue_status is 'How many items stand where. Counts every row: for a dashboard, not for every request.';
comment on column processing_queue_status.queue_type  is 'audio_files, transcriptions or analyses.';
comment on column processing_queue_status.status      is 'A status of that table; statuses without items have no row.';
comment on column processing_queue_status.count       is 'Items of that status.';
comment on column processing_queue_status.oldest_item is 'When the oldest of them was made.';
comment on column processing_queue_status.newest_item is 'When the newest of them was made.';
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

-- Step: recent_user_activity without the tenant, with the rights that were given on it.
-- Locks: recent_user_activity access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create temporary table kept_grants on commit drop as
select format('grant %s on %s to %s%s', g.privilege_type, 'recent_user_activity', case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end,
              case when g.is_grantable then ' with grant option' else '' end) as statement
  from pg_class c
 cross join lateral aclexplode(c.relacl) g
  left join pg_roles r on r.oid = g.grantee
 where c.oid = to_regclass('recent_user_activity')
   and g.grantee <> c.relowner;
drop view recent_user_activity;
create view recent_user_activity as
select x.user_id,
       u.email,
       u.full_name,
       x.activity_type,
       x.resource_id,
       x.resource_name,
       x.activity_timestamp
  from (
        select user_id,
               'audio_upload'::text as activity_type,
               id                   as resource_id,
               file_name::text      as resource_name,
               created_at           as activity_timestamp
          from audio_files
         union all
        select user_id,
               'transcription'::text,
               id,
               (select f.file_name::text from audio_files f where f.id = transcriptions.audio_file_id),
               created_at
          from transcriptions
         union all
        select user_id,
               'analysis'::text,
               id,
               analysis_type::text,
               created_at
          from analyses
       ) x
  join users u on u.id = x.user_id;
comment on view recent_user_activity is 'What accounts did, one row per thing made, in no order: add order by activity_timestamp desc and a limit.';
comment on column recent_user_activity.user_id            is 'The account.';
comment on column recent_user_activity.email              is 'Its e-mail address.';
comment on column recent_user_activity.full_name          is 'Its name to show.';
comment on column recent_user_activity.activity_type      is 'audio_upload, transcription or analysis.';
comment on column recent_user_activity.resource_id        is 'Key of the audio file, transcription or analysis.';
comment on column recent_user_activity.resource_name      is 'File name of the recording; for an analysis its type.';
comment on column recent_user_activity.activity_timestamp is 'When it was made.';
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

-- Step: user_file_stats without the tenant, with the rights that were given on it.
-- Locks: user_file_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create temporary table kept_grants on commit drop as
select format('grant %s on %s to %s%s', g.privilege_type, 'user_file_stats', case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end,
              case when g.is_grantable then ' with grant option' else '' end) as statement
  from pg_class c
 cross join lateral aclexplode(c.relacl) g
  left join pg_roles r on r.oid = g.grantee
 where c.oid = to_regclass('user_file_stats')
   and g.grantee <> c.relowner;
drop view user_file_stats;
create view user_file_stats as
select u.id as user_id,
       u.email,
       u.full_name,
       f.total_files,
       t.total_transcriptions,
       a.total_analyses,
       f.total_storage_bytes,
       f.total_duration_seconds,
       f.last_upload_at
  from users u
 cross join lateral (
        select count(*)                                  as total_files,
               coalesce(sum(file_size_bytes), 0)::bigint as total_storage_bytes,
               coalesce(sum(duration_seconds), 0)        as total_duration_seconds,
               max(created_at)                           as last_upload_at
          from audio_files
         where user_id = u.id
       ) f
 cross join lateral (
        select count(*) as total_transcriptions
          from transcriptions
         where user_id = u.id
       ) t
 cross join lateral (
        select count(*) as total_analyses
          from analyses
         where user_id = u.id
       ) a;
comment on view user_file_stats is 'What each account holds, one row per account; an account without files has zeros.';
comment on column user_file_stats.user_id                is 'The account.';
comment on column user_file_stats.email                  is 'Its e-mail address.';
comment on column user_file_stats.full_name              is 'Its name to show.';
comment on column user_file_stats.total_files            is 'Audio files.';
comment on column user_file_stats.total_transcriptions   is 'Transcriptions.';
comment on column user_file_stats.total_analyses         is 'Analyses.';
comment on column user_file_stats.total_storage_bytes    is 'Size of all its audio files, in bytes.';
comment on column user_file_stats.total_duration_seconds is 'Length of all its audio files, in seconds; files not yet measured count 0.';
comment on column user_file_stats.last_upload_at         is 'When its newest audio file was made; null when it has none.';
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

-- Step: count the days for all, beside the present view.
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
       round(avg(duration_seconds), 2)         as avg_audio_duration
  from audio_files
 where status = 'ready'
 group by (created_at at time zone 'UTC')::date;
create unique index daily_usage_stats_next_key on daily_usage_stats_next (date);
comment on materialized view daily_usage_stats_next is 'Uploads that became ready, by UTC day. A stored result: refresh it with refresh materialized view concurrently daily_usage_stats.';
comment on column daily_usage_stats_next.date                 is 'UTC day on which the files were made.';
comment on column daily_usage_stats_next.active_users         is 'Accounts that made at least one of them.';
comment on column daily_usage_stats_next.total_uploads        is 'Files.';
comment on column daily_usage_stats_next.total_bytes_uploaded is 'Their size, in bytes.';
comment on column daily_usage_stats_next.total_audio_seconds  is 'Their length, in seconds; files without one count 0.';
comment on column daily_usage_stats_next.avg_audio_duration   is 'Mean length in seconds, to two places, of the files that have one; null when none has.';
comment on index daily_usage_stats_next_key is 'One row per day; refresh ... concurrently asks for a unique index.';
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
drop materialized view daily_usage_stats;
alter materialized view daily_usage_stats_next rename to daily_usage_stats;
alter index daily_usage_stats_next_key rename to daily_usage_stats_date_key;
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
values (10, false);
drop table if exists teleai_begun_011;
commit;
