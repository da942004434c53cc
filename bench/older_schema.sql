-- What the loads are measured against: the three tables as the older tooling made them, with its indexes, those that
-- another covers included, and no storage settings.

create extension "uuid-ossp";

create type user_role            as enum ('admin', 'user', 'viewer');
create type audio_file_status    as enum ('uploaded', 'processing', 'ready', 'error');
create type transcription_status as enum ('pending', 'processing', 'completed', 'failed');

create table users (
    id            uuid primary key default uuid_generate_v4(),
    email         varchar(255) unique not null check (email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z|]{2,}$'),
    password_hash varchar(255) not null,
    full_name     varchar(255) not null,
    role          user_role    not null default 'user',
    is_active     boolean      not null default true,
    last_login_at timestamptz,
    created_at    timestamptz  not null default now(),
    updated_at    timestamptz  not null default now()
);

create table audio_files (
    id                      uuid primary key default uuid_generate_v4(),
    user_id                 uuid              not null references users (id) on delete cascade,
    file_name               varchar(500)      not null,
    file_path               text              not null,
    file_size_bytes         bigint            not null check (file_size_bytes > 0),
    duration_seconds        numeric(10,2) check (duration_seconds is null or duration_seconds > 0),
    mime_type               varchar(100)      not null check (
        mime_type in ('audio/mpeg', 'audio/wav', 'audio/ogg', 'audio/webm', 'audio/aac', 'audio/flac')
    ),
    sample_rate             integer,
    channels                integer,
    bit_rate                integer,
    status                  audio_file_status not null default 'uploaded',
    upload_completed_at     timestamptz,
    processing_started_at   timestamptz,
    processing_completed_at timestamptz,
    error_message           text,
    metadata                jsonb             default '{}',
    created_at              timestamptz       not null default now(),
    updated_at              timestamptz       not null default now()
);

create index on audio_files (user_id);
create index on audio_files (user_id, created_at);
create index on audio_files (created_at);
create index on audio_files (status);
create index on audio_files using gin (metadata);

create table transcriptions (
    id                      uuid primary key default uuid_generate_v4(),
    audio_file_id           uuid                 not null references audio_files (id) on delete cascade,
    user_id                 uuid                 not null references users (id) on delete cascade,
    transcription_text      text                 not null,
    language_code           varchar(10)          not null,
    confidence_score        numeric(3,2) check (confidence_score is null or confidence_score between 0 and 1),
    word_count              integer check (word_count is null or word_count >= 0),
    status                  transcription_status not null default 'pending',
    engine                  varchar(50)          not null,
    engine_version          varchar(20),
    processing_started_at   timestamptz,
    processing_completed_at timestamptz,
    processing_duration_ms  integer check (processing_duration_ms is null or processing_duration_ms > 0),
    error_message           text,
    metadata                jsonb                default '{}',
    created_at              timestamptz          not null default now(),
    updated_at              timestamptz          not null default now()
);

create index on transcriptions (audio_file_id);
create index on transcriptions (user_id);
create index on transcriptions (user_id, created_at);
create index on transcriptions (created_at);
create index on transcriptions (status);
create index on transcriptions (language_code);
create index on transcriptions using gin (metadata);
create index on transcriptions using gin (to_tsvector('english', transcription_text));
