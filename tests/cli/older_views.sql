-- The views of earlier tooling, where they were made: sizes are multiplied, and no view can be refreshed concurrently.
create view user_file_stats as
select u.id as user_id, u.email, u.full_name, count(distinct f.id) as total_files, count(distinct t.id) as total_transcriptions,
       count(distinct a.id) as total_analyses, coalesce(sum(f.file_size_bytes), 0) as total_storage_bytes,
       coalesce(sum(f.duration_seconds), 0) as total_duration_seconds, max(f.created_at) as last_upload_at
  from users u
  left join audio_files f on f.user_id = u.id
  left join transcriptions t on t.user_id = u.id
  left join analyses a on a.user_id = u.id
 group by u.id, u.email, u.full_name;
create materialized view daily_usage_stats as
select date(created_at) as date, count(distinct user_id) as active_users, count(*) as total_uploads, sum(file_size_bytes) as total_bytes_uploaded,
       sum(duration_seconds) as total_audio_seconds, avg(duration_seconds) as avg_audio_duration
  from audio_files
 group by date(created_at);
create view processing_queue_status as
select 'audio_files' as queue_type, status::text as status, count(*) as count, min(created_at) as oldest_item, max(created_at) as newest_item
  from audio_files
 group by status;
create role :"reader";
grant select on user_file_stats, daily_usage_stats to :"reader";
