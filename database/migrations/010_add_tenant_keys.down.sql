-- 010, undone: the references name no tenant. Refused while there are others than the default one.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again (the library does so by itself). psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    if state not in ('10', '9 dirty') then
        raise exception 'migration 010 down needs schema version 10; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 010 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
commit;

-- Step: analyses refer to their user.
-- Locks: analyses share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('analyses') and conname = 'analyses_user_id_fkey') then
        alter table analyses add constraint analyses_user_id_fkey foreign key (user_id) references users (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through analyses (user).
-- Locks: analyses share update exclusive; users row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses validate constraint analyses_user_id_fkey;
commit;

-- Step: the reference of analyses that names the tenant (user) is not needed any more.
-- Locks: analyses access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses drop constraint if exists analyses_tenant_user_id_fkey;
commit;

-- Step: analyses refer to their audio file.
-- Locks: analyses share row exclusive; audio_files share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('analyses') and conname = 'analyses_audio_file_id_fkey') then
        alter table analyses add constraint analyses_audio_file_id_fkey foreign key (audio_file_id) references audio_files (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through analyses (audio file).
-- Locks: analyses share update exclusive; audio_files row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses validate constraint analyses_audio_file_id_fkey;
commit;

-- Step: the reference of analyses that names the tenant (audio file) is not needed any more.
-- Locks: analyses access exclusive; audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses drop constraint if exists analyses_tenant_audio_file_id_fkey;
commit;

-- Step: analyses refer to their transcription.
-- Locks: analyses share row exclusive; transcriptions share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('analyses') and conname = 'analyses_transcription_id_fkey') then
        alter table analyses add constraint analyses_transcription_id_fkey foreign key (transcription_id) references transcriptions (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through analyses (transcription).
-- Locks: analyses share update exclusive; transcriptions row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses validate constraint analyses_transcription_id_fkey;
commit;

-- Step: the reference of analyses that names the tenant (transcription) is not needed any more.
-- Locks: analyses access exclusive; transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses drop constraint if exists analyses_tenant_transcription_id_fkey;
commit;

-- Step: transcriptions refer to their user.
-- Locks: transcriptions share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('transcriptions') and conname = 'transcriptions_user_id_fkey') then
        alter table transcriptions add constraint transcriptions_user_id_fkey foreign key (user_id) references users (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through transcriptions (user).
-- Locks: transcriptions share update exclusive; users row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions validate constraint transcriptions_user_id_fkey;
commit;

-- Step: the reference of transcriptions that names the tenant (user) is not needed any more.
-- Locks: transcriptions access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions drop constraint if exists transcriptions_tenant_user_id_fkey;
commit;

-- Step: transcriptions refer to their audio file.
-- Locks: transcriptions share row exclusive; audio_files share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('transcriptions') and conname = 'transcriptions_audio_file_id_fkey') then
        alter table transcriptions add constraint transcriptions_audio_file_id_fkey foreign key (audio_file_id) references audio_files (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through transcriptions (audio file).
-- Locks: transcriptions share update exclusive; audio_files row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions validate constraint transcriptions_audio_file_id_fkey;
commit;

-- Step: the reference of transcriptions that names the tenant (audio file) is not needed any more.
-- Locks: transcriptions access exclusive; audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions drop constraint if exists transcriptions_tenant_audio_file_id_fkey;
commit;

-- Step: audio_files refer to their user.
-- Locks: audio_files share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('audio_files') and conname = 'audio_files_user_id_fkey') then
        alter table audio_files add constraint audio_files_user_id_fkey foreign key (user_id) references users (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through audio_files (user).
-- Locks: audio_files share update exclusive; users row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table audio_files validate constraint audio_files_user_id_fkey;
commit;

-- Step: the reference of audio_files that names the tenant (user) is not needed any more.
-- Locks: audio_files access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table audio_files drop constraint if exists audio_files_tenant_user_id_fkey;
commit;

-- Step: sessions refer to their user.
-- Locks: sessions share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('sessions') and conname = 'sessions_user_id_fkey') then
        alter table sessions add constraint sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade not valid;
    end if;
end
$$;
commit;

-- Step: look through sessions (user).
-- Locks: sessions share update exclusive; users row share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table sessions validate constraint sessions_user_id_fkey;
commit;

-- Step: the reference of sessions that names the tenant (user) is not needed any more.
-- Locks: sessions access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table sessions drop constraint if exists sessions_tenant_user_id_fkey;
commit;

-- Step: users refer to no tenant.
-- Locks: users access exclusive; tenants access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table users drop constraint if exists users_tenant_id_fkey;
commit;

-- Step: analyses have no key by tenant.
-- Locks: analyses access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses drop constraint if exists analyses_tenant_id_id_key;
commit;

-- Step: transcriptions have no key by tenant.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions drop constraint if exists transcriptions_tenant_id_id_key;
commit;

-- Step: audio_files have no key by tenant.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table audio_files drop constraint if exists audio_files_tenant_id_id_key;
commit;

-- Step: sessions have no key by tenant.
-- Locks: sessions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table sessions drop constraint if exists sessions_tenant_id_id_key;
commit;

-- Step: users have no key by tenant.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table users drop constraint if exists users_tenant_id_id_key;
commit;

-- Step: note the version.
begin;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (9, false);
commit;
