-- 010, undone: the references name no tenant. Refused while there are others than the default one.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_010.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.
-- Looking through has no lock_timeout: who waits for its locks stands in no writer's way, and an autovacuum that has them
-- makes room after a second.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('10', '9 dirty') and not (state in ('4', '5', '6', '7', '8', '9') and to_regclass('teleai_begun_010') is not null) then
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
create table if not exists teleai_begun_010 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 9;
commit;

-- Step: what the steps are made of.
begin;
-- Writers take the two tables in either order, so whichever we take first, somebody may hold the other one and wait for us;
-- then this try is in vain, and the sooner we give up the less they wait. Mostly it is the parent that they take first.
create or replace function teleai_step_lock_both(child text, parent text, mode text)
returns void
language plpgsql
as $$
begin
    for try in 1..20 loop
        begin
            perform set_config('lock_timeout', (array['10ms', '30ms', '80ms', '150ms'])[1 + floor(random() * 4)::integer], true);
            if random() < 0.75 then
                execute format('lock table %I, %I in %s mode', parent, child, mode);
            else
                execute format('lock table %I, %I in %s mode', child, parent, mode);
            end if;
            perform set_config('lock_timeout', '300ms', true);
            return;
        exception
            when lock_not_available or deadlock_detected then
                if try = 20 then
                    raise;
                end if;
        end;
        -- Nothing is locked now.
        perform pg_sleep(0.02 + 0.1 * random());
    end loop;
end
$$;

-- Unless there is one already, whatever it is called.
create or replace function teleai_step_add_reference(of_table text, key text, parent text)
returns void
language plpgsql
as $$
begin
    if not exists (
        select from pg_constraint c
          join pg_attribute a on a.attrelid = c.conrelid and a.attname = key and c.conkey = array[a.attnum]
         where c.conrelid = to_regclass(of_table)
           and c.contype = 'f'
    ) then
        perform teleai_step_lock_both(of_table, parent, 'share row exclusive');
        execute format('alter table %I add constraint %I foreign key (%I) references %I (id) on delete cascade not valid',
                       of_table, format('%s_%s_fkey', of_table, key), key, parent);
    end if;
end
$$;

create or replace function teleai_step_look_through(of_table text, key text)
returns void
language plpgsql
as $$
declare
    unseen name;
begin
    for unseen in
        select c.conname
          from pg_constraint c
          join pg_attribute a on a.attrelid = c.conrelid and a.attname = key and c.conkey = array[a.attnum]
         where c.conrelid = to_regclass(of_table)
           and c.contype = 'f'
           and not c.convalidated
    loop
        execute format('alter table %I validate constraint %I', of_table, unseen);
    end loop;
end
$$;

create or replace function teleai_step_drop_tenant_reference(of_table text, of_name text)
returns void
language plpgsql
as $$
declare
    parent name;
begin
    select p.relname into parent
      from pg_constraint c
      join pg_class p on p.oid = c.confrelid
     where c.conrelid = to_regclass(of_table)
       and c.conname = of_name;
    if found then
        perform teleai_step_lock_both(of_table, parent, 'access exclusive');
        execute format('alter table %I drop constraint %I', of_table, of_name);
    end if;
end
$$;
commit;

-- Step: analyses refer to their user.
-- Locks: analyses share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('analyses', 'user_id', 'users'); end $$;
commit;

-- Step: look through analyses (user).
-- Locks: analyses share update exclusive; users row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('analyses', 'user_id'); end $$;
commit;

-- Step: the reference of analyses that names the tenant (user) is not needed any more.
-- Locks: analyses access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('analyses', 'analyses_tenant_user_id_fkey'); end $$;
commit;

-- Step: analyses refer to their audio file.
-- Locks: analyses share row exclusive; audio_files share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('analyses', 'audio_file_id', 'audio_files'); end $$;
commit;

-- Step: look through analyses (audio file).
-- Locks: analyses share update exclusive; audio_files row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('analyses', 'audio_file_id'); end $$;
commit;

-- Step: the reference of analyses that names the tenant (audio file) is not needed any more.
-- Locks: analyses access exclusive; audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('analyses', 'analyses_tenant_audio_file_id_fkey'); end $$;
commit;

-- Step: analyses refer to their transcription.
-- Locks: analyses share row exclusive; transcriptions share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('analyses', 'transcription_id', 'transcriptions'); end $$;
commit;

-- Step: look through analyses (transcription).
-- Locks: analyses share update exclusive; transcriptions row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('analyses', 'transcription_id'); end $$;
commit;

-- Step: the reference of analyses that names the tenant (transcription) is not needed any more.
-- Locks: analyses access exclusive; transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('analyses', 'analyses_tenant_transcription_id_fkey'); end $$;
commit;

-- Step: transcriptions refer to their user.
-- Locks: transcriptions share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('transcriptions', 'user_id', 'users'); end $$;
commit;

-- Step: look through transcriptions (user).
-- Locks: transcriptions share update exclusive; users row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('transcriptions', 'user_id'); end $$;
commit;

-- Step: the reference of transcriptions that names the tenant (user) is not needed any more.
-- Locks: transcriptions access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('transcriptions', 'transcriptions_tenant_user_id_fkey'); end $$;
commit;

-- Step: transcriptions refer to their audio file.
-- Locks: transcriptions share row exclusive; audio_files share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('transcriptions', 'audio_file_id', 'audio_files'); end $$;
commit;

-- Step: look through transcriptions (audio file).
-- Locks: transcriptions share update exclusive; audio_files row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('transcriptions', 'audio_file_id'); end $$;
commit;

-- Step: the reference of transcriptions that names the tenant (audio file) is not needed any more.
-- Locks: transcriptions access exclusive; audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('transcriptions', 'transcriptions_tenant_audio_file_id_fkey'); end $$;
commit;

-- Step: audio_files refer to their user.
-- Locks: audio_files share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('audio_files', 'user_id', 'users'); end $$;
commit;

-- Step: look through audio_files (user).
-- Locks: audio_files share update exclusive; users row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('audio_files', 'user_id'); end $$;
commit;

-- Step: the reference of audio_files that names the tenant (user) is not needed any more.
-- Locks: audio_files access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('audio_files', 'audio_files_tenant_user_id_fkey'); end $$;
commit;

-- Step: sessions refer to their user.
-- Locks: sessions share row exclusive; users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_add_reference('sessions', 'user_id', 'users'); end $$;
commit;

-- Step: look through sessions (user).
-- Locks: sessions share update exclusive; users row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
do $$ begin perform teleai_step_look_through('sessions', 'user_id'); end $$;
commit;

-- Step: the reference of sessions that names the tenant (user) is not needed any more.
-- Locks: sessions access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('sessions', 'sessions_tenant_user_id_fkey'); end $$;
commit;

-- Step: users refer to no tenant.
-- Locks: users access exclusive; tenants access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_tenant_reference('users', 'users_tenant_id_fkey'); end $$;
commit;

-- Step: clear up.
begin;
set local client_min_messages = warning;
drop function if exists teleai_step_add_reference(text, text, text);
drop function if exists teleai_step_look_through(text, text);
drop function if exists teleai_step_drop_tenant_reference(text, text);
drop function if exists teleai_step_lock_both(text, text, text);
-- Those of the way up, if it stopped half-way.
drop function if exists teleai_step_use_index(text);
drop function if exists teleai_step_drop_reference(text, text);
commit;

-- Step: the planner forgets who owns sessions.
-- Locks: sessions share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop statistics if exists sessions_tenant_id_dependencies;
commit;

-- Step: the planner forgets who owns audio_files.
-- Locks: audio_files share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop statistics if exists audio_files_tenant_id_dependencies;
commit;

-- Step: the planner forgets who owns transcriptions.
-- Locks: transcriptions share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop statistics if exists transcriptions_tenant_id_dependencies;
commit;

-- Step: the planner forgets who owns analyses.
-- Locks: analyses share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop statistics if exists analyses_tenant_id_dependencies;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (9, false);
drop table if exists teleai_begun_010;
commit;
