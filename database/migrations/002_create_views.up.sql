-- 002: five views for reports and dashboards.
-- One transaction: it applies whole or not at all, whichever tool sends it.

begin;

set local client_min_messages = warning;

-- Version ----------------------------------------------------------------------------------------

create table if not exists schema_migrations (
    version bigint  not null,
    dirty   boolean not null,
    constraint schema_migrations_pkey primary key (version)
);

lock table schema_migrations in share row exclusive mode;

do $$
declare
    state text := coalesce(
        (
            select string_agg(version || case when dirty then ' dirty' else '' end, ', ')
              from schema_migrations
        ),
        'none'
    );
begin
    -- '2 dirty' is golang-migrate announcing the file it is about to run.
    if state not in ('1', '2 dirty') then
        raise exception 'migration 002 up needs schema version 1; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;

-- user_file_stats --------------------------------------------------------------------------------

-- Each table is summed on its own: joining them first would count a file once for every
-- transcription and analysis of it. Lateral rather than grouped sub-queries: each sum is known to be
-- one row and is always read by (user_id, created_at), whether one asks by user_id, e-mail or a list.
-- Grouped ones list all accounts faster, but were estimated at billions of rows for one large account.
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

-- daily_usage_stats ------------------------------------------------------------------------------

-- Days in UTC, so that the result does not depend on who refreshes it.
create materialized view daily_usage_stats as
select (created_at at time zone 'UTC')::date   as date,
       count(distinct user_id)                 as active_users,
       count(*)                                as total_uploads,
       sum(file_size_bytes)::bigint            as total_bytes_uploaded,
       coalesce(sum(duration_seconds), 0)      as total_audio_seconds,
       round(avg(duration_seconds), 2)         as avg_audio_duration
  from audio_files
 where status = 'ready'
 group by (created_at at time zone 'UTC')::date;

create unique index daily_usage_stats_date_key on daily_usage_stats (date);

comment on materialized view daily_usage_stats is 'Uploads that became ready, by UTC day. A stored result: refresh it with refresh materialized view concurrently daily_usage_stats.';
comment on column daily_usage_stats.date                 is 'UTC day on which the files were made.';
comment on column daily_usage_stats.active_users         is 'Accounts that made at least one of them.';
comment on column daily_usage_stats.total_uploads        is 'Files.';
comment on column daily_usage_stats.total_bytes_uploaded is 'Their size, in bytes.';
comment on column daily_usage_stats.total_audio_seconds  is 'Their length, in seconds; files without one count 0.';
comment on column daily_usage_stats.avg_audio_duration   is 'Mean length in seconds, to two places, of the files that have one; null when none has.';

comment on index daily_usage_stats_date_key is 'One row per day; refresh ... concurrently asks for a unique index.';

-- recent_user_activity ---------------------------------------------------------------------------

-- Not ordered here: "where user_id = ... order by activity_timestamp desc limit 20" merges the three
-- (user_id, created_at) indexes and stops after 20 rows. Two things keep it so: each branch reads one
-- table (a join in it would have to be sorted, hence the name by sub-query and users outside), and
-- the casts to text give the branches equal column types.
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

-- processing_queue_status ------------------------------------------------------------------------

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

-- file_processing_pipeline -----------------------------------------------------------------------

-- The first condition that holds wins: from failed, through the latest stage reached, back to uploaded.
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

-- Done -------------------------------------------------------------------------------------------

delete from schema_migrations;

insert into schema_migrations (version, dirty)
values (2, false);

commit;
