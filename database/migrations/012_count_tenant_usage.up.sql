-- 012: limits of tenants are kept: where a tenant has one, its use is counted with every change, and what goes beyond is refused.
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
    if state not in ('11', '12 dirty') then
        raise exception 'migration 012 up needs schema version 11; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_012 ();
commit;

-- Step: a place to count in.
-- Locks: tenants share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
create table if not exists tenant_usage (
    tenant_id     uuid          not null,
    users         bigint        not null,
    storage_bytes numeric       not null,
    audio_seconds numeric(20,2) not null,

    constraint tenant_usage_pkey           primary key (tenant_id),
    constraint tenant_usage_tenant_id_fkey foreign key (tenant_id) references tenants (id) on delete cascade
);
comment on table tenant_usage is 'What the tenants that have a limit use now; kept by triggers. The others are not counted, and have no row.';
comment on column tenant_usage.tenant_id     is 'The tenant.';
comment on column tenant_usage.users         is 'Its users.';
comment on column tenant_usage.storage_bytes is 'Size of its audio files, in bytes.';
comment on column tenant_usage.audio_seconds is 'Length of its audio files, in seconds.';
commit;

-- Step: how it is counted.
begin;
-- Adds what has come and takes off what has gone; what comes by an insert must be within the limits. The row of
-- tenant_usage is locked until the transaction ends: two that come at once cannot both take the last place.
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

create or replace function teleai_count_users()
returns trigger
language plpgsql
security definer
as $$
begin
    if tg_op = 'INSERT' then
        perform teleai_add_usage(c.tenant_id, c.users, 0::numeric, 0::numeric, true)
           from (select tenant_id, count(*) as users from changed group by tenant_id order by tenant_id) c;
    else
        perform teleai_add_usage(c.tenant_id, -c.users, 0::numeric, 0::numeric, false)
           from (select tenant_id, count(*) as users from changed group by tenant_id order by tenant_id) c;
    end if;
    return null;
end
$$;
comment on function teleai_count_users() is 'Statement trigger: counts users that have come or gone.';

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

-- They do what their owner may, whoever writes; so the names in them must mean the tables here and nothing else, and what
-- they call fits exactly: a function of somebody's with types that fit better would be called in its place.
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
revoke all on function teleai_add_usage(uuid, bigint, numeric, numeric, boolean) from public;
-- As a trigger of a table of somebody's own they would count for whichever tenant its rows say.
revoke all on function teleai_count_users(), teleai_count_audio_files(), teleai_recount_audio_file(), teleai_begin_usage() from public;
commit;

-- Step: users are counted, once somebody has a limit.
-- Locks: users share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_trigger where tgrelid = to_regclass('users') and tgname = 'users_count_inserted') then
        create trigger users_count_inserted after insert on users
            referencing new table as changed for each statement execute function teleai_count_users();
        alter table users disable trigger users_count_inserted;
    end if;
    if not exists (select from pg_trigger where tgrelid = to_regclass('users') and tgname = 'users_count_deleted') then
        create trigger users_count_deleted after delete on users
            referencing old table as changed for each statement execute function teleai_count_users();
        alter table users disable trigger users_count_deleted;
    end if;
end
$$;
commit;

-- Step: audio files are counted, once somebody has a limit.
-- Locks: audio_files share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_trigger where tgrelid = to_regclass('audio_files') and tgname = 'audio_files_count_inserted') then
        create trigger audio_files_count_inserted after insert on audio_files
            referencing new table as changed for each statement execute function teleai_count_audio_files();
        alter table audio_files disable trigger audio_files_count_inserted;
    end if;
    if not exists (select from pg_trigger where tgrelid = to_regclass('audio_files') and tgname = 'audio_files_count_deleted') then
        create trigger audio_files_count_deleted after delete on audio_files
            referencing old table as changed for each statement execute function teleai_count_audio_files();
        alter table audio_files disable trigger audio_files_count_deleted;
    end if;
    if not exists (select from pg_trigger where tgrelid = to_regclass('audio_files') and tgname = 'audio_files_recount') then
        create trigger audio_files_recount after update on audio_files
            for each row
            when (old.file_size_bytes <> new.file_size_bytes or old.duration_seconds is distinct from new.duration_seconds)
            execute function teleai_recount_audio_file();
        alter table audio_files disable trigger audio_files_recount;
    end if;
end
$$;
commit;

-- Only now, when nothing escapes the count any more.
-- Step: limits are noticed.
-- Locks: tenants share row exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if not exists (select from pg_trigger where tgrelid = to_regclass('tenants') and tgname = 'tenants_begin_usage') then
        create trigger tenants_begin_usage
            after insert or update of max_users, max_storage_bytes, max_audio_seconds on tenants
            for each row
            execute function teleai_begin_usage();
    end if;
end
$$;
commit;

-- Step: count for the tenants that have a limit already.
-- Locks: users share row exclusive; audio_files share row exclusive (both only where there is such a tenant).
begin;
set local lock_timeout = '300ms';
update tenants
   set max_users = max_users
 where num_nonnulls(max_users, max_storage_bytes, max_audio_seconds) > 0
   and not exists (select from tenant_usage u where u.tenant_id = tenants.id);
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (12, false);
drop table if exists teleai_begun_012;
commit;
