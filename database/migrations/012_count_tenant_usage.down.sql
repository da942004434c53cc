-- 012, undone: limits of tenants are not kept. Refused while there are others than the default one.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_012.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('12', '11 dirty') and not (state = '11' and to_regclass('teleai_begun_012') is not null) then
        raise exception 'migration 012 down needs schema version 12; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    -- What comes after this file could not be undone.
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 012 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
    if (select relrowsecurity from pg_class where oid = to_regclass('users')) then
        raise exception 'migration 012 down: row security is enabled'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Disable it first: teleai_row_security_disable(), or database/row_security/disable.sql.';
    end if;
end
$$;
create table if not exists teleai_begun_012 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 11;
commit;

-- First, and with what was counted: should this file stop half-way and be made undone, the count begins anew.
-- Step: limits are not noticed.
-- Locks: tenants access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop trigger if exists tenants_begin_usage on tenants;
do $$
begin
    if to_regclass('tenant_usage') is not null then
        delete from tenant_usage;
    end if;
end
$$;
commit;

-- Step: audio files are not counted.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop trigger if exists audio_files_count_inserted on audio_files;
drop trigger if exists audio_files_count_deleted on audio_files;
drop trigger if exists audio_files_recount on audio_files;
commit;

-- Step: users are not counted.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop trigger if exists users_count_inserted on users;
drop trigger if exists users_count_deleted on users;
commit;

-- Step: nothing to count in.
-- Locks: tenants access exclusive; tenant_usage access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop function if exists teleai_begin_usage();
drop function if exists teleai_recount_audio_file();
drop function if exists teleai_count_audio_files();
drop function if exists teleai_count_users();
drop function if exists teleai_add_usage(uuid, bigint, numeric, numeric, boolean);
drop table if exists tenant_usage;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (11, false);
drop table if exists teleai_begun_012;
commit;
