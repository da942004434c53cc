-- 001: the five tables, their enumerations, indexes and storage settings.
-- One transaction: it applies whole or not at all, whichever tool sends it.

begin;

set local client_min_messages = warning;

-- Version ----------------------------------------------------------------------------------------

-- The same table golang-migrate keeps, so that any tool continues where another stopped.
create table if not exists schema_migrations (
    version bigint  not null,
    dirty   boolean not null,
    constraint schema_migrations_pkey primary key (version)
);

-- Two migrators at once: the second one waits here, then meets the check below.
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
    -- '1 dirty' is golang-migrate announcing the file it is about to run.
    if state not in ('none', '1 dirty') then
        raise exception 'migration 001 up needs an empty database; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Migration 001 is applied already: run only the files that come after the recorded version.';
    end if;

    if to_regclass(format('%I.users', current_schema())) is not null then
        raise exception 'migration 001 up needs an empty database; found a table named users'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'To adopt a database made by earlier TeleAI Pro tooling, see "Adopting an existing database" in database/README.md.';
    end if;
end
$$;

comment on table schema_migrations is 'Which migration this database is at. One row, or none; the format is the one of golang-migrate.';
comment on column schema_migrations.version is 'Number of the last migration applied.';
comment on column schema_migrations.dirty is 'True only while golang-migrate runs a file, or after that file failed.';

-- Extensions -------------------------------------------------------------------------------------

-- The comment marks what this file installed: the way down removes those and no others.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['uuid-ossp', 'pgcrypto']
    loop
        if not exists (select from pg_extension where extname = wanted) then
            execute format('create extension %I', wanted);
            execute format('comment on extension %I is %L', wanted, 'Installed by teleai migration 001, which also removes it.');
        end if;
    end loop;
end
$$;

-- Where the extension was installed into a schema of its own, its function is looked for there too. Defaults keep the function
-- itself, whatever the search_path is later.
do $$
begin
    perform set_config('search_path', current_setting('search_path') || ', ' || quote_ident(n.nspname), true)
       from pg_extension e
       join pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'uuid-ossp'
        and to_regprocedure('uuid_generate_v4()') is null;
end
$$;

-- Enumerations -----------------------------------------------------------------------------------

create type user_role            as enum ('admin', 'user', 'viewer');
create type audio_file_status    as enum ('uploaded', 'processing', 'ready', 'error');
create type transcription_status as enum ('pending', 'processing', 'completed', 'failed');
create type analysis_status      as enum ('pending', 'processing', 'completed', 'failed');

comment on type user_role            is 'What an account may do: administer, work, or only look.';
comment on type audio_file_status    is 'Where an audio file stands: uploaded, processing, then ready or error.';
comment on type transcription_status is 'Where a transcription stands: pending, processing, then completed or failed.';
comment on type analysis_status      is 'Where an analysis stands: pending, processing, then completed or failed.';

-- updated_at -------------------------------------------------------------------------------------

-- clock_timestamp(), not now(): now() stands still within a transaction, so two updates in one
-- transaction would share a time and "unchanged since I read it" could not tell them apart.
create function set_updated_at()
returns trigger
language plpgsql
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function set_updated_at() is 'Row trigger: sets updated_at to the time of this very update, whatever the statement gave.';

-- users ------------------------------------------------------------------------------------------

create table users (
    id            uuid         not null default uuid_generate_v4(),
    email         varchar(255) not null,
    password_hash varchar(255) not null,
    full_name     varchar(255) not null,
    role          user_role    not null default 'user',
    is_active     boolean      not null default true,
    last_login_at timestamptz,
    created_at    timestamptz  not null default now(),
    updated_at    timestamptz  not null default now(),

    constraint users_pkey        primary key (id),
    constraint users_email_check check (email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$')
);

-- An index, not a constraint: a constraint cannot say lower(). Violations still carry this name.
create unique index users_email_key on users (lower(email));

create trigger users_set_updated_at
    before update on users
    for each row
    execute function set_updated_at();

comment on table users is 'Accounts.';
comment on column users.id            is 'Key. The library makes it (UUIDv7); the default serves plain SQL.';
comment on column users.email         is 'Login name, unique without regard to case; kept as it was typed.';
comment on column users.password_hash is 'Hash of the password, never the password; the algorithm is named in the hash.';
comment on column users.full_name     is 'Name to show.';
comment on column users.role          is 'What the account may do.';
comment on column users.is_active     is 'False: the account is kept but may not log in.';
comment on column users.last_login_at is 'Last successful login; null before the first.';
comment on column users.created_at    is 'When the row was made.';
comment on column users.updated_at    is 'When the row last changed; kept by a trigger.';

comment on index users_email_key is 'One account per address whatever its case; look up with lower(email) = lower($1).';

-- sessions ---------------------------------------------------------------------------------------

create table sessions (
    id         uuid         not null default uuid_generate_v4(),
    user_id    uuid         not null,
    token_hash varchar(255) not null,
    ip_address inet,
    user_agent text,
    expires_at timestamptz  not null,
    created_at timestamptz  not null default now(),
    updated_at timestamptz  not null default now(),

    constraint sessions_pkey             primary key (id),
    constraint sessions_user_id_fkey     foreign key (user_id) references users (id) on delete cascade,
    constraint sessions_token_hash_key   unique (token_hash),
    constraint sessions_expires_at_check check (expires_at > created_at)
);

create index sessions_user_id_idx    on sessions (user_id);
create index sessions_expires_at_idx on sessions (expires_at);

create trigger sessions_set_updated_at
    before update on sessions
    for each row
    execute function set_updated_at();

comment on table sessions is 'Logins that are open, or were until they expired.';
comment on column sessions.id         is 'Key. The library makes it (UUIDv7); the default serves plain SQL.';
comment on column sessions.user_id    is 'Whose login; the session goes when the account goes.';
comment on column sessions.token_hash is 'Hash of the session token, never the token.';
comment on column sessions.ip_address is 'Address the login came from; null when unknown.';
comment on column sessions.user_agent is 'Client software as it named itself; null when unknown.';
comment on column sessions.expires_at is 'From this time on the session counts no more; always later than created_at.';
comment on column sessions.created_at is 'When the row was made.';
comment on column sessions.updated_at is 'When the row last changed; kept by a trigger.';

comment on index sessions_expires_at_idx is 'Serves the purge of expired sessions.';

-- audio_files ------------------------------------------------------------------------------------

-- fillfactor: room in the page for the status and metadata changes every row goes through.
create table audio_files (
    id                      uuid              not null default uuid_generate_v4(),
    user_id                 uuid              not null,
    file_name               varchar(500)      not null,
    file_path               text              not null,
    file_size_bytes         bigint            not null,
    duration_seconds        numeric(10,2),
    mime_type               varchar(100)      not null,
    sample_rate             integer,
    channels                integer,
    bit_rate                integer,
    status                  audio_file_status not null default 'uploaded',
    upload_completed_at     timestamptz,
    processing_started_at   timestamptz,
    processing_completed_at timestamptz,
    error_message           text,
    metadata                jsonb             not null default '{}',
    created_at              timestamptz       not null default now(),
    updated_at              timestamptz       not null default now(),

    constraint audio_files_pkey                   primary key (id),
    constraint audio_files_user_id_fkey           foreign key (user_id) references users (id) on delete cascade,
    constraint audio_files_file_size_bytes_check  check (file_size_bytes > 0),
    constraint audio_files_duration_seconds_check check (duration_seconds > 0),
    constraint audio_files_mime_type_check        check (
        mime_type in ('audio/mpeg', 'audio/wav', 'audio/ogg', 'audio/webm', 'audio/aac', 'audio/flac')
    )
)
with (fillfactor = 85);

create index audio_files_user_id_created_at_idx on audio_files (user_id, created_at);
create index audio_files_created_at_idx         on audio_files (created_at);
create index audio_files_status_created_at_idx  on audio_files (status, created_at);
create index audio_files_metadata_idx           on audio_files using gin (metadata);

create trigger audio_files_set_updated_at
    before update on audio_files
    for each row
    execute function set_updated_at();

comment on table audio_files is 'Recordings: where the file lies and what is known of it. The sound itself is not in the database.';
comment on column audio_files.id                      is 'Key. The library makes it (UUIDv7); the default serves plain SQL.';
comment on column audio_files.user_id                 is 'Owner; the recording goes when the account goes.';
comment on column audio_files.file_name               is 'Name to show, as uploaded.';
comment on column audio_files.file_path               is 'Where the file lies: a path or an object-store key.';
comment on column audio_files.file_size_bytes         is 'Size in bytes, more than 0.';
comment on column audio_files.duration_seconds        is 'Length in seconds, more than 0; null until measured.';
comment on column audio_files.mime_type               is 'Media type, one of the six supported.';
comment on column audio_files.sample_rate             is 'Samples per second; null when unknown.';
comment on column audio_files.channels                is 'Number of channels; null when unknown.';
comment on column audio_files.bit_rate                is 'Bits per second; null when unknown.';
comment on column audio_files.status                  is 'Where the file stands.';
comment on column audio_files.upload_completed_at     is 'When the last byte arrived; null until then.';
comment on column audio_files.processing_started_at   is 'When processing began; null until then.';
comment on column audio_files.processing_completed_at is 'When processing ended, well or not; null until then.';
comment on column audio_files.error_message           is 'Why the status is error; otherwise null.';
comment on column audio_files.metadata                is 'Anything else the application wants to keep, as a JSON object.';
comment on column audio_files.created_at              is 'When the row was made.';
comment on column audio_files.updated_at              is 'When the row last changed; kept by a trigger.';

comment on index audio_files_user_id_created_at_idx is 'Newest files of a user, in order; also serves the foreign key and the views by user.';
comment on index audio_files_status_created_at_idx  is 'Serves status alone, and the oldest waiting file first.';

-- transcriptions ---------------------------------------------------------------------------------

-- toast_tuple_target moves the text out of line, so the row stays small and, with the room that
-- fillfactor leaves, an update of unindexed columns need not touch any index.
create table transcriptions (
    id                      uuid                 not null default uuid_generate_v4(),
    audio_file_id           uuid                 not null,
    user_id                 uuid                 not null,
    transcription_text      text                 not null default '',
    language_code           varchar(10)          not null,
    confidence_score        numeric(3,2),
    word_count              integer,
    status                  transcription_status not null default 'pending',
    engine                  varchar(50)          not null,
    engine_version          varchar(20),
    processing_started_at   timestamptz,
    processing_completed_at timestamptz,
    processing_duration_ms  integer,
    error_message           text,
    metadata                jsonb                not null default '{}',
    created_at              timestamptz          not null default now(),
    updated_at              timestamptz          not null default now(),

    constraint transcriptions_pkey                         primary key (id),
    constraint transcriptions_audio_file_id_fkey           foreign key (audio_file_id) references audio_files (id) on delete cascade,
    constraint transcriptions_user_id_fkey                 foreign key (user_id) references users (id) on delete cascade,
    constraint transcriptions_confidence_score_check       check (confidence_score between 0 and 1),
    constraint transcriptions_word_count_check             check (word_count >= 0),
    constraint transcriptions_processing_duration_ms_check check (processing_duration_ms > 0)
)
with (fillfactor = 90, toast_tuple_target = 256);

create index transcriptions_audio_file_id_idx      on transcriptions (audio_file_id);
create index transcriptions_user_id_created_at_idx on transcriptions (user_id, created_at);
create index transcriptions_created_at_idx         on transcriptions (created_at);
create index transcriptions_status_created_at_idx  on transcriptions (status, created_at);
create index transcriptions_language_code_idx      on transcriptions (language_code);
create index transcriptions_metadata_idx           on transcriptions using gin (metadata);

-- 16 MB of pending entries instead of 4 halves the WAL of bulk loads.
create index transcriptions_transcription_text_idx
    on transcriptions
    using gin (to_tsvector('english', transcription_text))
    with (gin_pending_list_limit = 16384);

create trigger transcriptions_set_updated_at
    before update on transcriptions
    for each row
    execute function set_updated_at();

comment on table transcriptions is 'What was said: the text of a recording by one engine. A recording may have several.';
comment on column transcriptions.id                      is 'Key. The library makes it (UUIDv7); the default serves plain SQL.';
comment on column transcriptions.audio_file_id           is 'The recording; the transcription goes when it goes.';
comment on column transcriptions.user_id                 is 'Owner; the transcription goes when the account goes.';
comment on column transcriptions.transcription_text      is 'The text; empty until the transcription is completed.';
comment on column transcriptions.language_code           is 'Language spoken, as a BCP 47 tag such as en or en-GB.';
comment on column transcriptions.confidence_score        is 'How sure the engine is, 0 to 1; null when it does not say.';
comment on column transcriptions.word_count              is 'Words in the text, 0 or more; null until counted.';
comment on column transcriptions.status                  is 'Where the transcription stands.';
comment on column transcriptions.engine                  is 'Speech engine, by name.';
comment on column transcriptions.engine_version          is 'Version of the engine; null when unknown.';
comment on column transcriptions.processing_started_at   is 'When the engine began; null until then.';
comment on column transcriptions.processing_completed_at is 'When the engine ended, well or not; null until then.';
comment on column transcriptions.processing_duration_ms  is 'How long the engine took, in milliseconds, more than 0; null until it ended.';
comment on column transcriptions.error_message           is 'Why the status is failed; otherwise null.';
comment on column transcriptions.metadata                is 'Anything else the application wants to keep, as a JSON object.';
comment on column transcriptions.created_at              is 'When the row was made.';
comment on column transcriptions.updated_at              is 'When the row last changed; kept by a trigger.';

comment on index transcriptions_user_id_created_at_idx is 'Newest transcriptions of a user, in order; also serves the foreign key and the views by user.';
comment on index transcriptions_status_created_at_idx  is 'Serves status alone, and the oldest waiting transcription first.';
comment on index transcriptions_transcription_text_idx is 'English full-text search; a query must repeat to_tsvector(''english'', transcription_text) to use it.';

-- analyses ---------------------------------------------------------------------------------------

create table analyses (
    id                      uuid            not null default uuid_generate_v4(),
    transcription_id        uuid            not null,
    audio_file_id           uuid            not null,
    user_id                 uuid            not null,
    analysis_type           varchar(100)    not null,
    sentiment_score         numeric(3,2),
    sentiment_label         varchar(20),
    key_phrases             text[],
    entities                jsonb           not null default '[]',
    topics                  jsonb           not null default '[]',
    summary                 text,
    insights                jsonb           not null default '{}',
    status                  analysis_status not null default 'pending',
    engine                  varchar(50)     not null,
    engine_version          varchar(20),
    processing_started_at   timestamptz,
    processing_completed_at timestamptz,
    processing_duration_ms  integer,
    error_message           text,
    metadata                jsonb           not null default '{}',
    created_at              timestamptz     not null default now(),
    updated_at              timestamptz     not null default now(),

    constraint analyses_pkey                         primary key (id),
    constraint analyses_transcription_id_fkey        foreign key (transcription_id) references transcriptions (id) on delete cascade,
    constraint analyses_audio_file_id_fkey           foreign key (audio_file_id) references audio_files (id) on delete cascade,
    constraint analyses_user_id_fkey                 foreign key (user_id) references users (id) on delete cascade,
    constraint analyses_sentiment_score_check        check (sentiment_score between -1 and 1),
    constraint analyses_sentiment_label_check        check (sentiment_label in ('positive', 'negative', 'neutral', 'mixed')),
    constraint analyses_processing_duration_ms_check check (processing_duration_ms > 0)
)
with (fillfactor = 85);

create index analyses_transcription_id_idx   on analyses (transcription_id);
create index analyses_audio_file_id_idx      on analyses (audio_file_id);
create index analyses_user_id_created_at_idx on analyses (user_id, created_at);
create index analyses_created_at_idx         on analyses (created_at);
create index analyses_status_created_at_idx  on analyses (status, created_at);
create index analyses_analysis_type_idx      on analyses (analysis_type);
create index analyses_sentiment_label_idx    on analyses (sentiment_label);
create index analyses_metadata_idx           on analyses using gin (metadata);
create index analyses_entities_idx           on analyses using gin (entities jsonb_path_ops);
create index analyses_topics_idx             on analyses using gin (topics jsonb_path_ops);
create index analyses_insights_idx           on analyses using gin (insights jsonb_path_ops);

create trigger analyses_set_updated_at
    before update on analyses
    for each row
    execute function set_updated_at();

comment on table analyses is 'What it means: sentiment, phrases, entities, topics, summary of one transcription. It may have several, by type.';
comment on column analyses.id                      is 'Key. The library makes it (UUIDv7); the default serves plain SQL.';
comment on column analyses.transcription_id        is 'The transcription; the analysis goes when it goes.';
comment on column analyses.audio_file_id           is 'The recording; the analysis goes when it goes.';
comment on column analyses.user_id                 is 'Owner; the analysis goes when the account goes.';
comment on column analyses.analysis_type           is 'Kind of analysis, named by the application.';
comment on column analyses.sentiment_score         is 'From -1 (negative) to 1 (positive); null when not measured.';
comment on column analyses.sentiment_label         is 'positive, negative, neutral or mixed; null when not measured.';
comment on column analyses.key_phrases             is 'Phrases that stand out; null when not looked for.';
comment on column analyses.entities                is 'People, places, things named, as a JSON array.';
comment on column analyses.topics                  is 'What it is about, as a JSON array.';
comment on column analyses.summary                 is 'Summary in prose; null when not made.';
comment on column analyses.insights                is 'Further findings, as a JSON object.';
comment on column analyses.status                  is 'Where the analysis stands.';
comment on column analyses.engine                  is 'Analysis engine, by name.';
comment on column analyses.engine_version          is 'Version of the engine; null when unknown.';
comment on column analyses.processing_started_at   is 'When the engine began; null until then.';
comment on column analyses.processing_completed_at is 'When the engine ended, well or not; null until then.';
comment on column analyses.processing_duration_ms  is 'How long the engine took, in milliseconds, more than 0; null until it ended.';
comment on column analyses.error_message           is 'Why the status is failed; otherwise null.';
comment on column analyses.metadata                is 'Anything else the application wants to keep, as a JSON object.';
comment on column analyses.created_at              is 'When the row was made.';
comment on column analyses.updated_at              is 'When the row last changed; kept by a trigger.';

comment on index analyses_user_id_created_at_idx is 'Newest analyses of a user, in order; also serves the foreign key and the views by user.';
comment on index analyses_status_created_at_idx  is 'Serves status alone, and the oldest waiting analysis first.';
comment on index analyses_metadata_idx           is 'Serves @>, @? and also ? (is there such a key).';
comment on index analyses_entities_idx           is 'Serves @> and @?; smaller than the default, and does not serve ?.';
comment on index analyses_topics_idx             is 'Serves @> and @?; smaller than the default, and does not serve ?.';
comment on index analyses_insights_idx           is 'Serves @> and @?; smaller than the default, and does not serve ?.';

-- Vacuum -----------------------------------------------------------------------------------------

-- Tables that mostly grow: vacuum after 2 % new rows, so index-only scans stay so.
-- PostgreSQL 12 does not know this setting.
do $$
begin
    if current_setting('server_version_num')::integer >= 130000 then
        alter table audio_files    set (autovacuum_vacuum_insert_scale_factor = 0.02);
        alter table transcriptions set (autovacuum_vacuum_insert_scale_factor = 0.02);
        alter table analyses       set (autovacuum_vacuum_insert_scale_factor = 0.02);
    end if;
end
$$;

-- Done -------------------------------------------------------------------------------------------

delete from schema_migrations;

insert into schema_migrations (version, dirty)
values (1, false);

commit;
