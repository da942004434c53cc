-- 015, undone: tenants are counted once, with their first limit.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_015.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('15', '14 dirty') and not (state in ('14') and to_regclass('teleai_begun_015') is not null) then
        raise exception 'migration 015 down needs schema version 15; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_015 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 14;
commit;

-- Step: the count as it was.
-- Locks: tenant_usage access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if exists (select from pg_attribute where attrelid = to_regclass('tenant_usage') and attname = 'user_count' and not attisdropped) then
        alter table tenant_usage rename column user_count to users;
    end if;
end
$$;
create or replace function teleai_add_usage(of_tenant uuid, more_users bigint, more_bytes numeric, more_seconds numeric, limited boolean)
returns void
language plpgsql
as $$
declare
    used tenant_usage;
    allowed tenants;
begin
    -- A snapshot may be older than a limit: this fails then (40001), and the transaction is to be run again.
    if current_setting('transaction_isolation') <> 'read committed' then
        perform from tenants where id = of_tenant for share;
    end if;
    update tenant_usage
       set users         = users + more_users,
           storage_bytes = storage_bytes + more_bytes,
           audio_seconds = audio_seconds + more_seconds
     where tenant_id = of_tenant
    returning * into used;
    if not found or not limited then
        return;
    end if;
    select * into allowed from tenants where id = of_tenant;
    if more_users > 0 and used.users > allowed.max_users then
        raise exception 'the tenant may have % users', allowed.max_users
            using errcode = 'configuration_limit_exceeded', constraint = 'tenants_max_users', column = 'max_users', table = 'tenants';
    elsif more_bytes > 0 and used.storage_bytes > allowed.max_storage_bytes then
        raise exception 'the tenant may store % bytes', allowed.max_storage_bytes
            using errcode = 'configuration_limit_exceeded', constraint = 'tenants_max_storage_bytes', column = 'max_storage_bytes', table = 'tenants';
    elsif more_seconds > 0 and used.audio_seconds > allowed.max_audio_seconds then
        raise exception 'the tenant may have % seconds of audio', allowed.max_audio_seconds
            using errcode = 'configuration_limit_exceeded', constraint = 'tenants_max_audio_seconds', column = 'max_audio_seconds', table = 'tenants';
    end if;
end
$$;
comment on function teleai_add_usage(uuid, bigint, numeric, numeric, boolean) is 'Counts what a tenant uses, and refuses what goes beyond its limits.';

create or replace function teleai_count_audio_files()
returns trigger
language plpgsql
security definer
as $$
begin
    if tg_op = 'INSERT' then
        perform teleai_add_usage(c.tenant_id, 0::bigint, c.bytes, c.seconds, true)
           from (
                 select tenant_id, sum(file_size_bytes) as bytes, coalesce(sum(duration_seconds), 0::numeric) as seconds
                   from changed
                  group by tenant_id
                  order by tenant_id
                ) c;
    else
        perform teleai_add_usage(c.tenant_id, 0::bigint, -c.bytes, -c.seconds, false)
           from (
                 select tenant_id, sum(file_size_bytes) as bytes, coalesce(sum(duration_seconds), 0::numeric) as seconds
                   from changed
                  group by tenant_id
                  order by tenant_id
                ) c;
    end if;
    return null;
end
$$;
comment on function teleai_count_audio_files() is 'Statement trigger: counts audio files that have come or gone.';

-- A length that is measured later, or a corrected size: counted, and never refused.
create or replace function teleai_recount_audio_file()
returns trigger
language plpgsql
security definer
as $$
begin
    perform teleai_add_usage(old.tenant_id, 0::bigint, -old.file_size_bytes::numeric, -coalesce(old.duration_seconds, 0::numeric), false);
    perform teleai_add_usage(new.tenant_id, 0::bigint, new.file_size_bytes::numeric, coalesce(new.duration_seconds, 0::numeric), false);
    return null;
end
$$;
comment on function teleai_recount_audio_file() is 'Row trigger: counts what a change of an audio file makes more or less.';

-- The first limit of a tenant begins the count of it, the end of the last one ends it. The triggers that count cost every
-- insert something, so they are off while nobody has a limit. While they are turned on or off, or while the rows of a
-- tenant are counted, the writers of both tables wait.
create or replace function teleai_begin_usage()
returns trigger
language plpgsql
security definer
set lock_timeout = '300ms'
as $$
declare
    unlimited boolean := new.max_users is null and new.max_storage_bytes is null and new.max_audio_seconds is null;
    known boolean;
    counting boolean;
begin
    -- One such change at a time, whichever tenant it is about.
    perform pg_advisory_xact_lock(to_regclass('tenant_usage')::oid::bigint);
    known    := exists (select from tenant_usage where tenant_id = new.id);
    counting := exists (select from pg_trigger where tgrelid = to_regclass('users') and tgname = 'users_count_inserted' and tgenabled <> 'D');
    if unlimited and not known or not unlimited and known and counting then
        return null;
    end if;
    if tg_op = 'UPDATE' and current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'the first limit of a tenant, or its last one, is to be changed in a read committed transaction'
            using errcode = 'feature_not_supported';
    end if;
    if not (counting and tg_op = 'INSERT') then -- a new tenant has no rows to count
        lock table users, audio_files in share row exclusive mode;
    end if;
    if unlimited then
        delete from tenant_usage where tenant_id = new.id;
    elsif not known then
        insert into tenant_usage (tenant_id, users, storage_bytes, audio_seconds)
        select new.id,
               (select count(*) from users where tenant_id = new.id),
               coalesce(sum(file_size_bytes), 0),
               coalesce(sum(duration_seconds), 0)
          from audio_files
         where tenant_id = new.id;
    end if;
    if not unlimited and not counting then
        alter table users enable trigger users_count_inserted;
        alter table users enable trigger users_count_deleted;
        alter table audio_files enable trigger audio_files_count_inserted;
        alter table audio_files enable trigger audio_files_count_deleted;
        alter table audio_files enable trigger audio_files_recount;
    elsif unlimited and not exists (select from tenant_usage) then
        alter table users disable trigger users_count_inserted;
        alter table users disable trigger users_count_deleted;
        alter table audio_files disable trigger audio_files_count_inserted;
        alter table audio_files disable trigger audio_files_count_deleted;
        alter table audio_files disable trigger audio_files_recount;
    end if;
    return null;
end
$$;
comment on function teleai_begin_usage() is 'Row trigger: begins to count what a tenant uses with its first limit, and ends with the last.';

do $$
declare
    of_ours text;
begin
    foreach of_ours in array array['teleai_count_users()', 'teleai_count_audio_files()', 'teleai_recount_audio_file()', 'teleai_begin_usage()']
    loop
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', of_ours, current_schema());
    end loop;
end
$$;
drop function if exists teleai_begin_counting();
drop function if exists teleai_recount_usage(uuid);
drop function if exists teleai_enable_counting();
drop function if exists teleai_is_counting();
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (14, false);
drop table if exists teleai_begun_015;
commit;
