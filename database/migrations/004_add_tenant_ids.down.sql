-- 004, undone: rows belong to no tenant. Refused while there are others than the default one.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again (the library does so by itself). psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    if state not in ('4', '5', '6', '7', '8', '9', '3 dirty') then
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
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (3, false);
commit;
