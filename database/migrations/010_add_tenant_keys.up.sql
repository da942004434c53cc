-- 010: a row cannot point into another tenant: the references name the tenant too.
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
    if state not in ('9', '4', '5', '6', '7', '8', '10 dirty') then
        raise exception 'migration 010 up needs schema version 9; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_010 ();
commit;

-- Step: what the steps are made of.
begin;
create or replace function teleai_step_use_index(of_table text)
returns void
language plpgsql
as $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass(of_table) and conname = of_table || '_tenant_id_id_key') then
        execute format('alter table %I add constraint %I unique using index %I', of_table, of_table || '_tenant_id_id_key', of_table || '_tenant_id_id_key');
    end if;
end
$$;

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

create or replace function teleai_step_add_reference(of_table text, key text, parent text)
returns void
language plpgsql
as $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass(of_table) and conname = format('%s_tenant_%s_fkey', of_table, key)) then
        perform teleai_step_lock_both(of_table, parent, 'share row exclusive');
        execute format('alter table %I add constraint %I foreign key (tenant_id, %I) references %I (tenant_id, id) on delete cascade not valid',
                       of_table, format('%s_tenant_%s_fkey', of_table, key), key, parent);
    end if;
end
$$;

-- Whatever the older reference is called.
create or replace function teleai_step_drop_reference(of_table text, key text)
returns void
language plpgsql
as $$
declare
    old    name;
    parent name;
begin
    for old, parent in
        select c.conname, p.relname
          from pg_constraint c
          join pg_attribute a on a.attrelid = c.conrelid and a.attname = key and c.conkey = array[a.attnum]
          join pg_class p on p.oid = c.confrelid
         where c.conrelid = to_regclass(of_table)
           and c.contype = 'f'
    loop
        perform teleai_step_lock_both(of_table, parent, 'access exclusive');
        execute format('alter table %I drop constraint %I', of_table, old);
    end loop;
end
$$;
commit;

-- Step: the index on users becomes a key.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_use_index('users'); end $$;
commit;

-- Step: the index on sessions becomes a key.
-- Locks: sessions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_use_index('sessions'); end $$;
commit;

-- Step: the index on audio_files becomes a key.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_use_index('audio_files'); end $$;
commit;

-- Step: the index on transcriptions becomes a key.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_use_index('transcriptions'); end $$;
commit;

-- Step: the index on analyses becomes a key.
-- Locks: analyses access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_use_index('analyses'); end $$;
commit;

-- Step: users refer to their tenant.
-- Locks: users share row exclusive; tenants share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_constraint where conrelid = to_regclass('users') and conname = 'users_tenant_id_fkey') then
        perform teleai_step_lock_both('users', 'tenants', 'share row exclusive');
        alter table users add constraint users_tenant_id_fkey foreign key (tenant_id) references tenants (id) not valid;
    end if;
end
$$;
commit;

-- Step: look through users (their tenants).
-- Locks: users share update exclusive; tenants row share.
begin;
set local lock_timeout = 0;
set local client_min_messages = warning;
alter table users validate constraint users_tenant_id_fkey;
commit;

-- Step: sessions refer to the user of their own tenant.
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
alter table sessions validate constraint sessions_tenant_user_id_fkey;
commit;

-- Step: the older reference of sessions (user) is not needed any more.
-- Locks: sessions access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('sessions', 'user_id'); end $$;
commit;

-- Step: audio_files refer to the user of their own tenant.
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
alter table audio_files validate constraint audio_files_tenant_user_id_fkey;
commit;

-- Step: the older reference of audio_files (user) is not needed any more.
-- Locks: audio_files access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('audio_files', 'user_id'); end $$;
commit;

-- Step: transcriptions refer to the audio file of their own tenant.
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
alter table transcriptions validate constraint transcriptions_tenant_audio_file_id_fkey;
commit;

-- Step: the older reference of transcriptions (audio file) is not needed any more.
-- Locks: transcriptions access exclusive; audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('transcriptions', 'audio_file_id'); end $$;
commit;

-- Step: transcriptions refer to the user of their own tenant.
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
alter table transcriptions validate constraint transcriptions_tenant_user_id_fkey;
commit;

-- Step: the older reference of transcriptions (user) is not needed any more.
-- Locks: transcriptions access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('transcriptions', 'user_id'); end $$;
commit;

-- Step: analyses refer to the transcription of their own tenant.
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
alter table analyses validate constraint analyses_tenant_transcription_id_fkey;
commit;

-- Step: the older reference of analyses (transcription) is not needed any more.
-- Locks: analyses access exclusive; transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('analyses', 'transcription_id'); end $$;
commit;

-- Step: analyses refer to the audio file of their own tenant.
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
alter table analyses validate constraint analyses_tenant_audio_file_id_fkey;
commit;

-- Step: the older reference of analyses (audio file) is not needed any more.
-- Locks: analyses access exclusive; audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('analyses', 'audio_file_id'); end $$;
commit;

-- Step: analyses refer to the user of their own tenant.
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
alter table analyses validate constraint analyses_tenant_user_id_fkey;
commit;

-- Step: the older reference of analyses (user) is not needed any more.
-- Locks: analyses access exclusive; users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$ begin perform teleai_step_drop_reference('analyses', 'user_id'); end $$;
commit;

-- Step: the planner learns (with the next analyze) that who owns sessions has one tenant; else it takes the two conditions
-- for independent, and expects next to no rows.
-- Locks: sessions share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create statistics if not exists sessions_tenant_id_dependencies (dependencies) on tenant_id, user_id from sessions;
commit;

-- Step: the planner learns (with the next analyze) that who owns audio_files has one tenant; else it takes the two conditions
-- for independent, and expects next to no rows.
-- Locks: audio_files share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create statistics if not exists audio_files_tenant_id_dependencies (dependencies) on tenant_id, user_id from audio_files;
commit;

-- Step: the planner learns (with the next analyze) that who owns transcriptions has one tenant; else it takes the two conditions
-- for independent, and expects next to no rows.
-- Locks: transcriptions share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create statistics if not exists transcriptions_tenant_id_dependencies (dependencies) on tenant_id, user_id, audio_file_id from transcriptions;
commit;

-- Step: the planner learns (with the next analyze) that who owns analyses has one tenant; else it takes the two conditions
-- for independent, and expects next to no rows.
-- Locks: analyses share update exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create statistics if not exists analyses_tenant_id_dependencies (dependencies) on tenant_id, user_id, audio_file_id, transcription_id from analyses;
commit;

-- Step: clear up.
begin;
set local client_min_messages = warning;
drop function if exists teleai_step_use_index(text);
drop function if exists teleai_step_lock_both(text, text, text);
drop function if exists teleai_step_add_reference(text, text, text);
drop function if exists teleai_step_drop_reference(text, text);
-- Those of the way down, if it stopped half-way.
drop function if exists teleai_step_look_through(text, text);
drop function if exists teleai_step_drop_tenant_reference(text, text);
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (10, false);
drop table if exists teleai_begun_010;
commit;
