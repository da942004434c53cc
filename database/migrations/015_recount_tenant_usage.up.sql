-- 015: what tenants use can be counted anew; the column of tenant_usage that shared its name with a table has another.
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
    if state not in ('14', '15 dirty') then
        raise exception 'migration 015 up needs schema version 14; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_015 ();
commit;

-- The functions of triggers name the column: both change at once.
-- Step: users of a tenant are counted in user_count, and lengths that are no number are passed over.
-- Locks: tenant_usage access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if exists (select from pg_attribute where attrelid = to_regclass('tenant_usage') and attname = 'users' and not attisdropped) then
        alter table tenant_usage rename column users to user_count;
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
       set user_count    = user_count + more_users,
           storage_bytes = storage_bytes + more_bytes,
           audio_seconds = audio_seconds + more_seconds
     where tenant_id = of_tenant
    returning * into used;
    if not found or not limited then
        return;
    end if;
    select * into allowed from tenants where id = of_tenant;
    if more_users > 0 and used.user_count > allowed.max_users then
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
                 select tenant_id, sum(file_size_bytes) as bytes, coalesce(sum(nullif(duration_seconds, 'NaN'::numeric)), 0::numeric) as seconds
                   from changed
                  group by tenant_id
                  order by tenant_id
                ) c;
    else
        perform teleai_add_usage(c.tenant_id, 0::bigint, -c.bytes, -c.seconds, false)
           from (
                 select tenant_id, sum(file_size_bytes) as bytes, coalesce(sum(nullif(duration_seconds, 'NaN'::numeric)), 0::numeric) as seconds
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
    perform teleai_add_usage(old.tenant_id, 0::bigint, -old.file_size_bytes::numeric, -coalesce(nullif(old.duration_seconds, 'NaN'::numeric), 0::numeric), false);
    perform teleai_add_usage(new.tenant_id, 0::bigint, new.file_size_bytes::numeric, coalesce(nullif(new.duration_seconds, 'NaN'::numeric), 0::numeric), false);
    return null;
end
$$;
comment on function teleai_recount_audio_file() is 'Row trigger: counts what a change of an audio file makes more or less.';

-- Whether what is written is counted: whether the five triggers fire for all writers but those who apply what was counted
-- elsewhere (session_replication_role = replica).
create or replace function teleai_is_counting()
returns boolean
language sql
stable
as $$
    select count(*) = 5
      from pg_trigger
     where tgrelid in (to_regclass('users'), to_regclass('audio_files'))
       and tgname in ('users_count_inserted', 'users_count_deleted', 'audio_files_count_inserted', 'audio_files_count_deleted', 'audio_files_recount')
       and tgenabled in ('O', 'A')
$$;
comment on function teleai_is_counting() is 'Whether the triggers that count what tenants use are all enabled.';

create or replace function teleai_enable_counting()
returns void
language plpgsql
as $$
begin
    alter table users enable trigger users_count_inserted;
    alter table users enable trigger users_count_deleted;
    alter table audio_files enable trigger audio_files_count_inserted;
    alter table audio_files enable trigger audio_files_count_deleted;
    alter table audio_files enable trigger audio_files_recount;
end
$$;
comment on function teleai_enable_counting() is 'Enables the triggers that count what tenants use.';

-- Counts what one tenant uses, beside writers. The row of tenant_usage is locked first: who has counted something already
-- ends before it is ours, and is seen; who has not waits behind us with rows that are not seen, and adds them to our count.
create or replace function teleai_recount_usage(of_tenant uuid)
returns boolean
language plpgsql
security definer
as $$
declare
    was tenant_usage;
    more record;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'what a tenant uses is to be counted in a read committed transaction'
            using errcode = 'feature_not_supported';
    end if;
    select * into was from tenant_usage where tenant_id = of_tenant for update;
    if not found then
        return false;
    end if;
    select (select count(*) from users where tenant_id = of_tenant) as user_count,
           coalesce(sum(file_size_bytes), 0::numeric) as storage_bytes,
           coalesce(sum(nullif(duration_seconds, 'NaN'::numeric)), 0::numeric) as audio_seconds
      into more
      from audio_files
     where tenant_id = of_tenant;
    if was.user_count = more.user_count and was.storage_bytes = more.storage_bytes and was.audio_seconds = more.audio_seconds then
        return false;
    end if;
    update tenant_usage
       set user_count    = more.user_count,
           storage_bytes = more.storage_bytes,
           audio_seconds = more.audio_seconds
     where tenant_id = of_tenant;
    return true;
end
$$;
comment on function teleai_recount_usage(uuid) is 'Counts what a tenant uses anew; true where the count was wrong.';

-- Rows of tenant_usage and triggers as the limits want them. A tenant whose row was missing has one of nothing then, which is
-- to be counted: from now on nothing escapes.
create or replace function teleai_begin_counting()
returns bigint
language plpgsql
security definer
set lock_timeout = '300ms'
as $$
declare
    begun bigint;
begin
    perform pg_advisory_xact_lock(to_regclass('tenant_usage')::oid::bigint);
    delete from tenant_usage
     where not exists (select from tenants t where t.id = tenant_id and num_nonnulls(t.max_users, t.max_storage_bytes, t.max_audio_seconds) > 0);
    select count(*) into begun
      from tenants t
     where num_nonnulls(t.max_users, t.max_storage_bytes, t.max_audio_seconds) > 0
       and not exists (select from tenant_usage u where u.tenant_id = t.id);
    if begun = 0 and (teleai_is_counting() or not exists (select from tenant_usage)) then
        return 0;
    end if;
    lock table users, audio_files in share row exclusive mode;
    insert into tenant_usage (tenant_id, user_count, storage_bytes, audio_seconds)
    select t.id, 0, 0, 0
      from tenants t
     where num_nonnulls(t.max_users, t.max_storage_bytes, t.max_audio_seconds) > 0
        on conflict (tenant_id) do nothing;
    if not teleai_is_counting() then
        perform teleai_enable_counting();
    end if;
    return greatest(begun, 1);
end
$$;
comment on function teleai_begin_counting() is 'Counts from now on what the tenants that have a limit use; what they use already is to be counted by teleai_recount_usage().';

-- The first limit of a tenant begins the count of it, the end of the last one ends it. The triggers that count cost every
-- insert something, so they are off while nobody has a limit. While they are turned on or off, or while the rows of a
-- tenant are counted for the first time, the writers of both tables wait. A limit that is set again counts again, beside them.
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
    counting := teleai_is_counting();
    if unlimited and not known then
        return null;
    end if;
    if not unlimited and known and counting then
        if current_setting('transaction_isolation') = 'read committed' then
            begin
                perform teleai_recount_usage(new.id);
            exception
                when lock_not_available then null; -- a long transaction of this tenant counts: that is well
            end;
        end if;
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
        insert into tenant_usage (tenant_id, user_count, storage_bytes, audio_seconds)
        values (new.id, 0, 0, 0);
    end if;
    if not unlimited and tg_op = 'UPDATE' then
        perform teleai_recount_usage(new.id);
    end if;
    if not unlimited and not counting then
        perform teleai_enable_counting();
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
    of_owner name := (select pg_get_userbyid(relowner) from pg_class where oid = to_regclass('tenant_usage'));
begin
    foreach of_ours in array array['teleai_count_users()', 'teleai_count_audio_files()', 'teleai_recount_audio_file()', 'teleai_begin_usage()', 'teleai_is_counting()', 'teleai_enable_counting()', 'teleai_recount_usage(uuid)', 'teleai_begin_counting()']
    loop
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', of_ours, current_schema());
        execute format('revoke all on function %s from public', of_ours);
        if (select pg_get_userbyid(proowner) from pg_proc where oid = to_regprocedure(of_ours)) <> of_owner then
            execute format('alter function %s owner to %I', of_ours, of_owner);
        end if;
        if of_ours in ('teleai_recount_usage(uuid)', 'teleai_begin_counting()') and exists (select from pg_roles where rolname = 'teleai_admin') then
            execute format('grant execute on function %s to teleai_admin', of_ours);
        end if;
    end loop;
end
$$;
commit;

-- Step: count those anew that a length without a number has spoilt.
begin;
set local lock_timeout = '300ms';
do $$
begin
    perform teleai_recount_usage(tenant_id)
       from tenant_usage
      where audio_seconds = 'NaN';
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (15, false);
drop table if exists teleai_begun_015;
commit;
