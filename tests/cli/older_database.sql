-- A database of earlier tooling: the same tables under other names for what belongs to them, made up from its description.
-- The names are psql variables, so that none is relied upon: p is what indexes begin with, k what constraints end with.
create extension if not exists "uuid-ossp";
create extension if not exists pgcrypto;

create type user_role            as enum ('admin', 'user', 'viewer');
create type audio_file_status    as enum ('uploaded', 'processing', 'ready', 'error');
create type transcription_status as enum ('pending', 'processing', 'completed', 'failed');
create type analysis_status      as enum ('pending', 'processing', 'completed', 'failed');

create table users (
    id            uuid primary key default uuid_generate_v4(),
    email         varchar(255) not null,
    password_hash varchar(255) not null,
    full_name     varchar(255) not null,
    role          user_role    not null default 'user',
    is_active     boolean      not null default true,
    last_login_at timestamp with time zone,
    created_at    timestamp with time zone not null default current_timestamp,
    updated_at    timestamp with time zone not null default current_timestamp,
    constraint :"email_key" unique (email),
    constraint :"email_check" check (email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Z|a-z]{2,}$')
);
create table sessions (
    id         uuid primary key default uuid_generate_v4(),
    user_id    uuid not null references users (id) on delete cascade,
    token_hash varchar(255) not null unique,
    ip_address inet,
    user_agent text,
    expires_at timestamp with time zone not null,
    created_at timestamp with time zone not null default current_timestamp,
    updated_at timestamp with time zone not null default current_timestamp,
    constraint :"expires_check" check (expires_at > created_at)
);
create table audio_files (
    id                      uuid primary key default uuid_generate_v4(),
    user_id                 uuid not null references users (id) on delete cascade,
    file_name               varchar(500) not null,
    file_path               text not null,
    file_size_bytes         bigint not null,
    duration_seconds        numeric(10, 2),
    mime_type               varchar(100) not null,
    sample_rate             integer,
    channels                integer,
    bit_rate                integer,
    status                  audio_file_status not null default 'uploaded',
    upload_completed_at     timestamp with time zone,
    processing_started_at   timestamp with time zone,
    processing_completed_at timestamp with time zone,
    error_message           text,
    metadata                jsonb not null default '{}'::jsonb,
    created_at              timestamp with time zone not null default current_timestamp,
    updated_at              timestamp with time zone not null default current_timestamp,
    constraint valid_size check (file_size_bytes > 0),
    constraint valid_duration check (duration_seconds is null or duration_seconds > 0),
    constraint valid_mime check (mime_type in ('audio/mpeg', 'audio/wav', 'audio/ogg', 'audio/webm', 'audio/aac', 'audio/flac'))
);
create table transcriptions (
    id                      uuid primary key default uuid_generate_v4(),
    audio_file_id           uuid not null references audio_files (id) on delete cascade,
    user_id                 uuid not null references users (id) on delete cascade,
    transcription_text      text not null,
    language_code           varchar(10) not null,
    confidence_score        numeric(3, 2) check (confidence_score is null or (confidence_score >= 0 and confidence_score <= 1)),
    word_count              integer check (word_count is null or word_count >= 0),
    status                  transcription_status not null default 'pending',
    engine                  varchar(50) not null,
    engine_version          varchar(20),
    processing_started_at   timestamp with time zone,
    processing_completed_at timestamp with time zone,
    processing_duration_ms  integer check (processing_duration_ms is null or processing_duration_ms > 0),
    error_message           text,
    metadata                jsonb not null default '{}'::jsonb,
    created_at              timestamp with time zone not null default current_timestamp,
    updated_at              timestamp with time zone not null default current_timestamp
);
create table analyses (
    id                      uuid primary key default uuid_generate_v4(),
    transcription_id        uuid not null references transcriptions (id) on delete cascade,
    audio_file_id           uuid not null references audio_files (id) on delete cascade,
    user_id                 uuid not null references users (id) on delete cascade,
    analysis_type           varchar(100) not null,
    sentiment_score         numeric(3, 2) check (sentiment_score is null or (sentiment_score >= -1 and sentiment_score <= 1)),
    sentiment_label         varchar(20) check (sentiment_label is null or sentiment_label in ('positive', 'negative', 'neutral', 'mixed')),
    key_phrases             text[],
    entities                jsonb not null default '[]'::jsonb,
    topics                  jsonb not null default '[]'::jsonb,
    summary                 text,
    insights                jsonb not null default '{}'::jsonb,
    status                  analysis_status not null default 'pending',
    engine                  varchar(50) not null,
    engine_version          varchar(20),
    processing_started_at   timestamp with time zone,
    processing_completed_at timestamp with time zone,
    processing_duration_ms  integer check (processing_duration_ms is null or processing_duration_ms > 0),
    error_message           text,
    metadata                jsonb not null default '{}'::jsonb,
    created_at              timestamp with time zone not null default current_timestamp,
    updated_at              timestamp with time zone not null default current_timestamp
);

select format('create index %I on %s using %s', :'p' || t || '_' || n, t, def)
  from (values
        ('users', 'email', 'btree (email)'), ('users', 'composite', 'btree (id, created_at)'), ('users', 'created_at', 'btree (created_at)'),
        ('sessions', 'user_id', 'btree (user_id)'), ('sessions', 'token_hash', 'btree (token_hash)'), ('sessions', 'expires_at', 'btree (expires_at)'),
        ('audio_files', 'user_id', 'btree (user_id)'), ('audio_files', 'status', 'btree (status)'), ('audio_files', 'created_at', 'btree (created_at)'),
        ('audio_files', 'metadata', 'gin (metadata)'), ('audio_files', 'composite', 'btree (user_id, created_at)'),
        ('transcriptions', 'audio_file_id', 'btree (audio_file_id)'), ('transcriptions', 'user_id', 'btree (user_id)'), ('transcriptions', 'status', 'btree (status)'),
        ('transcriptions', 'language_code', 'btree (language_code)'), ('transcriptions', 'created_at', 'btree (created_at)'), ('transcriptions', 'metadata', 'gin (metadata)'),
        ('transcriptions', 'text', 'gin (to_tsvector(''english'', transcription_text))'),
        ('analyses', 'transcription_id', 'btree (transcription_id)'), ('analyses', 'audio_file_id', 'btree (audio_file_id)'), ('analyses', 'user_id', 'btree (user_id)'),
        ('analyses', 'analysis_type', 'btree (analysis_type)'), ('analyses', 'sentiment_label', 'btree (sentiment_label)'), ('analyses', 'status', 'btree (status)'),
        ('analyses', 'created_at', 'btree (created_at)'), ('analyses', 'entities', 'gin (entities)'), ('analyses', 'topics', 'gin (topics)'),
        ('analyses', 'insights', 'gin (insights)'), ('analyses', 'metadata', 'gin (metadata)')
       ) as i (t, n, def) \gexec

create function :"f"()
returns trigger
as $$
begin
    new.updated_at = current_timestamp;
    return new;
end;
$$ language plpgsql;

select format('create trigger %I before update on %s for each row execute function %I()', 'update_' || t || '_updated_at', t, :'f')
  from unnest(array['users', 'sessions', 'audio_files', 'transcriptions', 'analyses']) as t \gexec

insert into users (email, password_hash, full_name) select 'user' || n || '@example.org', '!', 'User ' || n from generate_series(1, 200) n;
insert into sessions (user_id, token_hash, expires_at) select id, 'hash of ' || id, now() + interval '1 day' from users;
insert into audio_files (user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, status)
select id, 'a.wav', '/a.wav', 1000, 1.5, 'audio/wav', 'ready' from users, generate_series(1, 5);
insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine, status)
select id, user_id, 'the heart rate was high', 'en', 'older', 'completed' from audio_files;
insert into analyses (transcription_id, audio_file_id, user_id, analysis_type, engine) select id, audio_file_id, user_id, 'mood', 'older' from transcriptions;
