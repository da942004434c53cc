-- 004: every row belongs to a tenant. Rows that are there, and those of software that knows no tenants, to the default one.
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
    if state not in ('3', '4 dirty') then
        raise exception 'migration 004 up needs schema version 3; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_004 ();
commit;

-- Step: users belong to a tenant.
-- Locks: users access exclusive (no rewrite: a constant default is kept beside the table).
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table users add column if not exists tenant_id uuid not null default '00000000-0000-7000-8000-000000000001';
comment on column users.tenant_id is 'The tenant it belongs to; the default one where nobody says.';
commit;

-- Step: sessions belong to a tenant.
-- Locks: sessions access exclusive (no rewrite: a constant default is kept beside the table).
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table sessions add column if not exists tenant_id uuid not null default '00000000-0000-7000-8000-000000000001';
comment on column sessions.tenant_id is 'The tenant it belongs to; the default one where nobody says.';
commit;

-- Step: audio_files belong to a tenant.
-- Locks: audio_files access exclusive (no rewrite: a constant default is kept beside the table).
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table audio_files add column if not exists tenant_id uuid not null default '00000000-0000-7000-8000-000000000001';
comment on column audio_files.tenant_id is 'The tenant it belongs to; the default one where nobody says.';
commit;

-- Step: transcriptions belong to a tenant.
-- Locks: transcriptions access exclusive (no rewrite: a constant default is kept beside the table).
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions add column if not exists tenant_id uuid not null default '00000000-0000-7000-8000-000000000001';
comment on column transcriptions.tenant_id is 'The tenant it belongs to; the default one where nobody says.';
commit;

-- Step: analyses belong to a tenant.
-- Locks: analyses access exclusive (no rewrite: a constant default is kept beside the table).
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses add column if not exists tenant_id uuid not null default '00000000-0000-7000-8000-000000000001';
comment on column analyses.tenant_id is 'The tenant it belongs to; the default one where nobody says.';
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (4, false);
drop table if exists teleai_begun_004;
commit;
