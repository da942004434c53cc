-- 004, undone: rows belong to no tenant. Refused while there are others than the default one.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_004.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('4', '5', '6', '7', '8', '9', '3 dirty') and not (state = '3' and to_regclass('teleai_begun_004') is not null) then
        raise exception 'migration 004 down needs schema version 4; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 004 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
create table if not exists teleai_begun_004 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 3;
commit;

-- Step: analyses belong to nobody. The indexes that begin with the column go with it.
-- Locks: analyses access exclusive; tenants share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
lock table tenants in share mode;
do $$
begin
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 004 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
alter table analyses drop column if exists tenant_id;
commit;

-- Step: transcriptions belong to nobody. The indexes that begin with the column go with it.
-- Locks: transcriptions access exclusive; tenants share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
lock table tenants in share mode;
do $$
begin
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 004 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
alter table transcriptions drop column if exists tenant_id;
commit;

-- Step: audio_files belong to nobody. The indexes that begin with the column go with it.
-- Locks: audio_files access exclusive; tenants share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
lock table tenants in share mode;
do $$
begin
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 004 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
alter table audio_files drop column if exists tenant_id;
commit;

-- Step: sessions belong to nobody. The indexes that begin with the column go with it.
-- Locks: sessions access exclusive; tenants share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
lock table tenants in share mode;
do $$
begin
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 004 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
alter table sessions drop column if exists tenant_id;
commit;

-- Step: users belong to nobody. The indexes that begin with the column go with it.
-- Locks: users access exclusive; tenants share.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
lock table tenants in share mode;
do $$
begin
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 004 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;
alter table users drop column if exists tenant_id;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (3, false);
drop table if exists teleai_begun_004;
commit;
