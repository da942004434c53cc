-- What the library sends, one of each name. Written by tests/db/test_statements.c.

-- user_create
insert into users (tenant_id, id, email, full_name, password_hash, role, is_active)
values ($1, $2, $3, $4, $5, coalesce($6::user_role, 'user'::user_role), coalesce($7, true))
returning id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id;

-- user_create_many
insert into users (tenant_id, id, email, full_name, password_hash, role, is_active)
select $1, id, email, full_name, password_hash, coalesce(role::user_role, 'user'::user_role), coalesce(is_active, true)
  from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
       with ordinality as given (id, email, full_name, password_hash, role, is_active, position)
 order by position
returning id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id;

-- user_get
select id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id
  from users
 where tenant_id = $1
   and id = $2;

-- user_get_many
select id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id
  from users
 where tenant_id = $1
   and id = any($2);

-- user_get_by_email
select id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id
  from users
 where tenant_id = $1
   and lower(email::text collate "C") = lower($2::text collate "C")
 order by email <> $2::text, id
 limit 1;

-- user_login
select u.id, u.email, u.full_name, u.role, u.is_active, u.last_login_at, u.created_at, u.updated_at, u.tenant_id, u.password_hash
  from users u
  join tenants n on n.id = u.tenant_id
 where ($1::uuid is null or u.tenant_id = $1)
   and n.status = 'active'
   and lower(u.email::text collate "C") = lower($2::text collate "C")
 order by u.email <> $2::text, u.id
 limit 1;

-- user_login_note
update users
   set last_login_at = clock_timestamp(),
       password_hash = coalesce($4, password_hash)
 where tenant_id = $1
   and id = $2
   and is_active
   and password_hash = $3
returning id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id;

-- user_update
update users
       set email = $3
 where tenant_id = $1
   and id = $2
returning id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id;

-- user_count
select count(*)
  from users
 where tenant_id = $1;

-- user_list
select id, email, full_name, role, is_active, last_login_at, created_at, updated_at, tenant_id
  from users
 where tenant_id = $1
 order by created_at desc, id desc
 limit $2;

-- session_create
insert into sessions (tenant_id, id, user_id, token_hash, ip_address, user_agent, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
returning id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at;

-- session_check
select s.id, s.user_id, abbrev(s.ip_address) as ip_address, s.user_agent, s.expires_at, s.created_at, s.updated_at, u.id, u.email, u.full_name, u.role, u.is_active, u.last_login_at, u.created_at, u.updated_at, u.tenant_id
  from sessions s
  join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
  join tenants n on n.id = s.tenant_id
 where s.tenant_id = $1
   and s.token_hash = $2
   and s.expires_at > clock_timestamp()
   and u.is_active
   and n.status = 'active';

-- session_get
select id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at
  from sessions
 where tenant_id = $1
   and id = $2;

-- session_update
update sessions
       set expires_at = $3
 where tenant_id = $1
   and id = $2
returning id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at;

-- session_get_many
select id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at
  from sessions
 where tenant_id = $1
   and id = any($2);

-- session_count
select count(*)
  from sessions
 where tenant_id = $1
   and expires_at > $2;

-- session_list
select id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at
  from sessions
 where tenant_id = $1
   and expires_at > $3
 order by created_at desc, id desc
 limit $2;

-- session_revoke
delete from sessions
 where tenant_id = $1
   and id = $2;

-- session_create_many
insert into sessions (tenant_id, id, user_id, token_hash, ip_address, user_agent, expires_at)
select $1, id, user_id, token_hash, ip_address::inet, user_agent, expires_at
  from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
       with ordinality as given (id, user_id, token_hash, ip_address, user_agent, expires_at, position)
 order by position
returning id, user_id, abbrev(ip_address) as ip_address, user_agent, expires_at, created_at, updated_at;

-- session_revoke_all
with gone as (
    delete from sessions
     where tenant_id = $1
       and user_id = $2
    returning id
)
select count(*)
  from gone;

-- session_purge_expired
with gone as (
    delete from sessions
     where tenant_id = $1
       and expires_at <= clock_timestamp()
    returning id
)
select count(*)
  from gone;

-- audio_file_create
insert into audio_files (tenant_id, id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::audio_file_status, 'uploaded'), $13, $14, $15, $16, coalesce($17::jsonb, '{}'::jsonb))
returning id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at;

-- audio_file_create_many
insert into audio_files (tenant_id, id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata)
select $1, id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, coalesce(status::audio_file_status, 'uploaded'), upload_completed_at, processing_started_at, processing_completed_at, error_message, coalesce(metadata::jsonb, '{}'::jsonb)
  from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::numeric[], $8::text[], $9::integer[], $10::integer[], $11::integer[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::timestamptz[], $16::text[], $17::text[])
       with ordinality as given (id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, position)
 order by position
returning id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at;

-- audio_file_get
select id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
  from audio_files
 where tenant_id = $1
   and id = $2;

-- audio_file_get_many
select id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
  from audio_files
 where tenant_id = $1
   and id = any($2);

-- audio_file_update
update audio_files
       set file_name = $3
 where tenant_id = $1
   and id = $2
returning id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at;

-- audio_file_count
select count(*)
  from audio_files
 where tenant_id = $1;

-- audio_file_list
select id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
  from audio_files
 where tenant_id = $1
 order by created_at desc, id desc
 limit $2;

-- audio_file_start
with target as (
    select id as target_id,
           status as was
      from audio_files
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update audio_files
       set status = 'processing', processing_started_at = clock_timestamp(), processing_completed_at = null, error_message = null
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('uploaded', 'error'))
    returning id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
)
select was::text, id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- audio_file_fail
with target as (
    select id as target_id,
           status as was
      from audio_files
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update audio_files
       set status = 'error', processing_completed_at = clock_timestamp(), error_message = $3
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('uploaded', 'processing'))
    returning id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
)
select was::text, id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- audio_file_complete
with target as (
    select id as target_id,
           status as was
      from audio_files
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update audio_files
       set status = 'ready', processing_completed_at = clock_timestamp()
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was = 'processing')
    returning id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
)
select was::text, id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, sample_rate, channels, bit_rate, status, upload_completed_at, processing_started_at, processing_completed_at, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- transcription_create
insert into transcriptions (tenant_id, id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata)
values ($1, $2, $3, $4, coalesce($5, ''), $6, $7, $8, coalesce($9::transcription_status, 'pending'), $10, $11, $12, $13, $14, $15, coalesce($16::jsonb, '{}'::jsonb))
returning id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at;

-- transcription_create_many
insert into transcriptions (tenant_id, id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata)
select $1, id, audio_file_id, user_id, coalesce(transcription_text, ''), language_code, confidence_score, word_count, coalesce(status::transcription_status, 'pending'), engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, coalesce(metadata::jsonb, '{}'::jsonb)
  from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::numeric[], $8::integer[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[], $14::integer[], $15::text[], $16::text[])
       with ordinality as given (id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, position)
 order by position
returning id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at;

-- transcription_get
select id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from transcriptions
 where tenant_id = $1
   and id = $2;

-- transcription_get_many
select id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from transcriptions
 where tenant_id = $1
   and id = any($2);

-- transcription_update
update transcriptions
       set transcription_text = coalesce($3, ''),
           word_count = $4
 where tenant_id = $1
   and id = $2
returning id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at;

-- transcription_count
select count(*)
  from transcriptions
 where tenant_id = $1;

-- transcription_list
select id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from transcriptions
 where tenant_id = $1
 order by created_at desc, id desc
 limit $2;

-- transcription_start
with target as (
    select id as target_id,
           status as was
      from transcriptions
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update transcriptions
       set status = 'processing', processing_started_at = clock_timestamp(), processing_completed_at = null, processing_duration_ms = null, error_message = null
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('pending', 'failed'))
    returning id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
)
select was::text, id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- transcription_fail
with target as (
    select id as target_id,
           status as was
      from transcriptions
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update transcriptions
       set status = 'failed', processing_completed_at = clock_timestamp(), error_message = $3, processing_duration_ms = case when processing_started_at is not null then greatest(1, least(2147483647, extract(epoch from clock_timestamp() - processing_started_at) * 1000))::integer end
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('pending', 'processing'))
    returning id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
)
select was::text, id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- transcription_complete
with target as (
    select id as target_id,
           status as was
      from transcriptions
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update transcriptions
       set status = 'completed', transcription_text = $3, confidence_score = $4, word_count = $5, engine_version = coalesce($6, engine_version), processing_completed_at = clock_timestamp(), processing_duration_ms = coalesce($7, case when processing_started_at is not null then greatest(1, least(2147483647, extract(epoch from clock_timestamp() - processing_started_at) * 1000))::integer end), metadata = coalesce($8::jsonb, metadata), error_message = null
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('pending', 'processing'))
    returning id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
)
select was::text, id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- analysis_create
insert into analyses (tenant_id, id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8::text, $9, coalesce($10::jsonb, '[]'::jsonb), coalesce($11::jsonb, '[]'::jsonb), $12, coalesce($13::jsonb, '{}'::jsonb), coalesce($14::analysis_status, 'pending'), $15, $16, $17, $18, $19, $20, coalesce($21::jsonb, '{}'::jsonb))
returning id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at;

-- analysis_create_many
insert into analyses (tenant_id, id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata)
select $1, id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label::text, key_phrases::text[], coalesce(entities::jsonb, '[]'::jsonb), coalesce(topics::jsonb, '[]'::jsonb), summary, coalesce(insights::jsonb, '{}'::jsonb), coalesce(status::analysis_status, 'pending'), engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, coalesce(metadata::jsonb, '{}'::jsonb)
  from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::numeric[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::timestamptz[], $18::timestamptz[], $19::integer[], $20::text[], $21::text[])
       with ordinality as given (id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, position)
 order by position
returning id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at;

-- analysis_get
select id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from analyses
 where tenant_id = $1
   and id = $2;

-- analysis_get_many
select id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from analyses
 where tenant_id = $1
   and id = any($2);

-- analysis_update
update analyses
       set summary = $3
 where tenant_id = $1
   and id = $2
returning id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at;

-- analysis_count
select count(*)
  from analyses
 where tenant_id = $1;

-- analysis_list
select id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from analyses
 where tenant_id = $1
 order by created_at desc, id desc
 limit $2;

-- analysis_start
with target as (
    select id as target_id,
           status as was
      from analyses
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update analyses
       set status = 'processing', processing_started_at = clock_timestamp(), processing_completed_at = null, processing_duration_ms = null, error_message = null
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('pending', 'failed'))
    returning id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
)
select was::text, id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- analysis_fail
with target as (
    select id as target_id,
           status as was
      from analyses
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update analyses
       set status = 'failed', processing_completed_at = clock_timestamp(), error_message = $3, processing_duration_ms = case when processing_started_at is not null then greatest(1, least(2147483647, extract(epoch from clock_timestamp() - processing_started_at) * 1000))::integer end
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('pending', 'processing'))
    returning id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
)
select was::text, id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- analysis_complete
with target as (
    select id as target_id,
           status as was
      from analyses
     where tenant_id = $1
       and id = $2
       for update
), changed as (
    update analyses
       set status = 'completed', sentiment_score = $3, sentiment_label = $4, key_phrases = $5, entities = coalesce($6::jsonb, '[]'), topics = coalesce($7::jsonb, '[]'), summary = $8, insights = coalesce($9::jsonb, '{}'), engine_version = coalesce($10, engine_version), processing_completed_at = clock_timestamp(), processing_duration_ms = coalesce($11, case when processing_started_at is not null then greatest(1, least(2147483647, extract(epoch from clock_timestamp() - processing_started_at) * 1000))::integer end), metadata = coalesce($12::jsonb, metadata), error_message = null
     where tenant_id = $1
       and id = $2
       and id = (select target_id from target where was in ('pending', 'processing'))
    returning id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
)
select was::text, id, transcription_id, audio_file_id, user_id, analysis_type, sentiment_score, sentiment_label, key_phrases, entities, topics, summary, insights, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from target
  left join changed on true;

-- search_transcriptions
with found as materialized (
select t.id, t.created_at
  from transcriptions t
 where (t.tenant_id = $1) is true
   and (t.status = $7) is true
   and to_tsvector('english', t.transcription_text) @@ ((plainto_tsquery('english', $2)) || (phraseto_tsquery('english', $3) && to_tsquery('english', $4) && !!plainto_tsquery('english', $5)))
   and teleai_by_index(t.id) is not null
   and querytree(((plainto_tsquery('english', $2)) || (phraseto_tsquery('english', $3) && to_tsquery('english', $4) && !!plainto_tsquery('english', $5)))) not in ('', 'T')
 order by t.created_at desc, t.id desc
 limit 1000 + 1
), ranked as materialized (
select newest.id, newest.created_at,
       ts_rank_cd(to_tsvector('english', t.transcription_text), ((plainto_tsquery('english', $2)) || (phraseto_tsquery('english', $3) && to_tsquery('english', $4) && !!plainto_tsquery('english', $5))), 1)::float8 as rank
  from (select id, created_at
          from found
         order by created_at desc, id desc
         limit 1000) newest
 cross join lateral (select transcription_text
                       from transcriptions
                      where tenant_id = $1
                        and id = newest.id
                      limit 1) t
), page as (
select id, created_at, rank
  from ranked
 order by rank desc, created_at desc, id desc
 limit $6
), head as (
select (select count(*) from found) as total,
       (select created_at from found order by created_at desc, id desc limit 1) as as_of_time,
       (select id from found order by created_at desc, id desc limit 1) as as_of_id,
       ((plainto_tsquery('english', $2)) || (phraseto_tsquery('english', $3) && to_tsquery('english', $4) && !!plainto_tsquery('english', $5)))::text as parsed
)
select head.total, head.parsed, head.as_of_time, head.as_of_id, t.id, t.audio_file_id, t.user_id, f.file_name, t.language_code, t.engine, t.status, t.confidence_score, t.created_at, page.rank,
       ts_headline('english', translate(left(t.transcription_text, 1000000), chr(2) || chr(3), ''), ((plainto_tsquery('english', $2)) || (phraseto_tsquery('english', $3) && to_tsquery('english', $4) && !!plainto_tsquery('english', $5))), 'StartSel=' || chr(2) || ', StopSel=' || chr(3) || ', MaxFragments=2, MaxWords=20, MinWords=6, ShortWord=0, FragmentDelimiter=" ... "') as snippet
  from head
  left join page on true
  left join lateral (select id, audio_file_id, user_id, language_code, engine, status, confidence_score, created_at,
                            transcription_text
                       from transcriptions
                      where tenant_id = $1
                        and id = page.id
                      limit 1) t on true
  left join lateral (select file_name
                       from audio_files
                      where tenant_id = $1
                        and id = t.audio_file_id
                      limit 1) f on true
 order by page.rank desc, page.created_at desc, page.id desc;

-- search_keywords
select id, audio_file_id, user_id, transcription_text, language_code, confidence_score, word_count, status, engine, engine_version, processing_started_at, processing_completed_at, processing_duration_ms, error_message, metadata, created_at, updated_at
  from transcriptions
 where (tenant_id = $1) is true
   and to_tsvector('english', transcription_text) @@ plainto_tsquery('english', $2)
   and teleai_by_index(id) is not null
 order by created_at desc, id desc
 limit $3;

-- user_stats_get
select user_id, email, full_name, total_files, total_transcriptions, total_analyses, total_storage_bytes, total_duration_seconds, last_upload_at
  from user_file_stats
 where tenant_id = $1
   and user_id = $2;

-- user_stats_list
select user_id, email, full_name, total_files, total_transcriptions, total_analyses, total_storage_bytes, total_duration_seconds, last_upload_at
  from user_file_stats
 where tenant_id = $1
 order by user_id desc
 limit $2;

-- daily_usage_refresh
do $$
begin
    if (select not relispopulated from pg_catalog.pg_class where oid = to_regclass('daily_usage_stats')) then
        refresh materialized view daily_usage_stats;
    else
        refresh materialized view concurrently daily_usage_stats;
    end if;
end
$$;

-- daily_usage_list
select to_char(date, 'YYYY-MM-DD') as date, date::timestamp at time zone 'UTC' as day, active_users, total_uploads, total_bytes_uploaded, total_audio_seconds, avg_audio_duration
  from daily_usage_stats
 where tenant_id = $1
   and date between '0001-01-01' and '9999-12-31'
   and ($2::timestamptz is null or date >= ($2::timestamptz at time zone 'UTC')::date)
   and ($3::timestamptz is null or date < ($3::timestamptz at time zone 'UTC')::date)
 order by date;

-- activity_list
select user_id, email, full_name, activity_type, resource_id, resource_name, activity_timestamp
  from recent_user_activity
 where tenant_id = $1
 order by activity_timestamp desc, resource_id desc
 limit $2;

-- queue_status_list
select queue_type, status, count, oldest_item, newest_item
  from processing_queue_status
 where tenant_id = $1
 order by queue_type, status;

-- pipeline_list
select audio_file_id, user_id, file_name, audio_status, audio_uploaded_at, transcription_id, transcription_status, transcription_created_at, analysis_id, analysis_status, analysis_type, analysis_created_at, pipeline_status
  from file_processing_pipeline
 where tenant_id = $1
 order by audio_uploaded_at desc, coalesce(analysis_id, transcription_id, audio_file_id) desc
 limit $2;

-- tenant_create
insert into tenants (id, name, slug, settings, max_users, max_storage_bytes, max_audio_seconds)
values ($1, $2, $3, coalesce($4::jsonb, '{}'::jsonb), $5, $6, $7)
returning id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at;

-- tenant_get
select id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
  from tenants
 where id = $1;

-- tenant_get_by_slug
select id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
  from tenants
 where slug = $1;

-- tenant_update
update tenants
       set name = $2
 where id = $1
returning id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at;

-- tenant_count
select count(*)
  from tenants;

-- tenant_list
select id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
  from tenants
 order by created_at desc, id desc
 limit $1;

-- tenant_suspend
with target as (
    select id as target_id,
           status as was
      from tenants
     where id = $1
       for update
), changed as (
    update tenants
       set status = 'suspended'
     where id = $1
       and id = (select target_id from target where was = 'active')
    returning id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
)
select was::text, id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
  from target
  left join changed on true;

-- tenant_resume
with target as (
    select id as target_id,
           status as was
      from tenants
     where id = $1
       for update
), changed as (
    update tenants
       set status = 'active'
     where id = $1
       and id = (select target_id from target where was in ('suspended', 'deleting'))
    returning id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
)
select was::text, id, name, slug, status, settings, max_users, max_storage_bytes, max_audio_seconds, created_at, updated_at
  from target
  left join changed on true;

-- tenant_stats_get
select t.id as tenant_id, t.name, t.slug, t.status, u.total_users, s.open_sessions, f.total_files, r.total_transcriptions, a.total_analyses, f.total_storage_bytes, f.total_duration_seconds, f.last_upload_at
  from (
select id, name, slug, status
  from tenants
 where id = $1
       ) t
 cross join lateral (select count(*) as total_users from users where tenant_id = t.id) u
 cross join lateral (select count(*) as open_sessions from sessions where tenant_id = t.id and expires_at > now()) s
 cross join lateral (
       select count(*) as total_files,
              least(coalesce(sum(file_size_bytes), 0), 9223372036854775807)::bigint as total_storage_bytes,
              least(coalesce(sum(nullif(duration_seconds, 'NaN')), 0), 86399999999999.99) as total_duration_seconds,
              max(created_at) as last_upload_at
         from audio_files
        where tenant_id = t.id
       ) f
 cross join lateral (select count(*) as total_transcriptions from transcriptions where tenant_id = t.id) r
 cross join lateral (select count(*) as total_analyses from analyses where tenant_id = t.id) a;

-- tenant_stats_list
select t.id as tenant_id, t.name, t.slug, t.status, u.total_users, s.open_sessions, f.total_files, r.total_transcriptions, a.total_analyses, f.total_storage_bytes, f.total_duration_seconds, f.last_upload_at
  from (
select id, name, slug, status
  from tenants
 order by id desc
 limit $1
       ) t
 cross join lateral (select count(*) as total_users from users where tenant_id = t.id) u
 cross join lateral (select count(*) as open_sessions from sessions where tenant_id = t.id and expires_at > now()) s
 cross join lateral (
       select count(*) as total_files,
              least(coalesce(sum(file_size_bytes), 0), 9223372036854775807)::bigint as total_storage_bytes,
              least(coalesce(sum(nullif(duration_seconds, 'NaN')), 0), 86399999999999.99) as total_duration_seconds,
              max(created_at) as last_upload_at
         from audio_files
        where tenant_id = t.id
       ) f
 cross join lateral (select count(*) as total_transcriptions from transcriptions where tenant_id = t.id) r
 cross join lateral (select count(*) as total_analyses from analyses where tenant_id = t.id) a
 order by tenant_id desc;

-- tenant_usage_recount
select teleai_begin_counting() as count;

-- tenant_export_open
select set_config('datestyle', 'ISO, YMD', true),
       set_config('intervalstyle', 'iso_8601', true),
       set_config('timezone', 'UTC', true),
       set_config('extra_float_digits', '1', true),
       set_config('bytea_output', 'hex', true),
       set_config('statement_timeout', '0', true);

-- tenant_delete_open
update tenants
   set status = 'deleting'
 where id = $1;

-- tenant_delete
with deleting as materialized (
    select id from tenants where id = $1 and status = 'deleting' for share
)
delete from analyses
 where tenant_id = (select id from deleting)
   and id in (select id from analyses where tenant_id = $1 order by id limit 1000);

-- ping
select 1::bigint;

-- notify
select pg_catalog.pg_notify($1, $2);

-- migrate_status
select count(*) * 2 - count(*) filter (where v.atttypid = 'bigint'::regtype and d.atttypid = 'boolean'::regtype)
  from pg_catalog.pg_class c
  left join pg_catalog.pg_attribute v on v.attrelid = c.oid and v.attname = 'version' and not v.attisdropped
  left join pg_catalog.pg_attribute d on d.attrelid = c.oid and d.attname = 'dirty' and not d.attisdropped
 where c.oid = to_regclass('schema_migrations');

-- health_check
select 'PostgreSQL ' || current_setting('server_version') as subject,
       case when major < 12 then 'critical' else 'warning' end as severity,
       case when major < 12 then 'this library needs PostgreSQL 12 or newer'
            else format('PostgreSQL %s gets no corrections since November %s', major, 2012 + major) end as message,
       'move to a newer major version, see https://www.postgresql.org/docs/current/upgrading.html' as remedy
  from (select current_setting('server_version_num')::integer / 10000 as major) v
 where major < 12
    or now() >= make_date(2012 + major, 11, 15);

-- maintain
select 'sessions' as task, 'sessions' as subject,
       case when not may then 'skipped' when any_expired then 'done' else 'not_needed' end as outcome,
       case when not may then 'this role may not delete sessions'
            when any_expired then 'expired sessions are deleted'
            else 'no session has expired' end as message,
       case when may and any_expired then
            'with gone as (delete from sessions where id in (select id from sessions where expires_at <= now() limit 10000) returning id) select count(*) from gone' end as sql
  from (
           select has_table_privilege('sessions', 'delete') as may,
                  exists (select from sessions where expires_at <= now()) as any_expired
       ) s
 where $1 is not null;

-- snapshot_export
select pg_export_snapshot() as id;

-- table_checksum_list
select set_config('bytea_output', 'hex', true),
       set_config('datestyle', 'ISO, YMD', true),
       set_config('intervalstyle', 'iso_8601', true),
       set_config('timezone', 'UTC', true),
       set_config('extra_float_digits', '1', true),
       set_config('lc_monetary', 'C', true),
       set_config('row_security', 'off', true);

-- analysis_delete
delete from analyses
 where tenant_id = $1
   and id = $2;

-- transcription_delete
delete from transcriptions
 where tenant_id = $1
   and id = $2;

-- audio_file_delete
delete from audio_files
 where tenant_id = $1
   and id = $2;

-- user_delete
delete from users
 where tenant_id = $1
   and id = $2;
