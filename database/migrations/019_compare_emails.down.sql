-- 019, undone: e-mail addresses are compared by the collation of the database.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_019.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('19', '20', '18 dirty') and not (state in ('17', '18') and to_regclass('teleai_begun_019') is not null) then
        raise exception 'migration 019 down needs schema version 19; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    if to_regclass('users_email_old') is null and to_regclass('users_email_idx') is null and to_regclass('users_email_next') is null then
        raise exception 'migration 019 down: there is no index users_email_old'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run 020_drop_email_index.down.sql first: it builds the index.';
    end if;
end
$$;
create table if not exists teleai_begun_019 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 18;
commit;

-- Step: functions of row security, where it is enabled, as before.
begin;
set local client_min_messages = warning;
do $$
begin
    if to_regprocedure('teleai_user_of_email(text)') is null then
        return; -- row security is not enabled
    end if;
    execute $sql$
create or replace function teleai_tenant_of_email(address text)
returns uuid
language sql
stable
security definer
as $f$
    select u.tenant_id from users u where pg_catalog.lower(u.email::pg_catalog.text) operator(pg_catalog.=) pg_catalog.lower(address)
$f$;
comment on function teleai_tenant_of_email(text) is 'Which tenant the account with this e-mail address belongs to: for logging in, before the tenant is known.';

create or replace function teleai_user_of_email(address text)
returns uuid
language sql
stable
security definer
as $f$
    select u.id
      from users u
     where pg_catalog.lower(u.email::pg_catalog.text) operator(pg_catalog.=) pg_catalog.lower(address)
       and u.tenant_id operator(pg_catalog.=) nullif(pg_catalog.current_setting('teleai.tenant_id', true), '')::pg_catalog.uuid
$f$;
do $do$
declare
    of_ours text;
begin
    foreach of_ours in array array['teleai_tenant_of_email(text)', 'teleai_user_of_email(text)']
    loop
        execute format('alter function %s owner to teleai_owner', of_ours);
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', of_ours, current_schema());
        execute format('revoke all on function %s from public', of_ours);
        execute format('grant execute on function %s to teleai_app, teleai_admin', of_ours);
    end loop;
end
$do$;
drop function if exists teleai_login_tenant(text, text[]);
drop function if exists teleai_login_salt(text);
$sql$;
end
$$;
commit;

-- Step: the old index has its name again.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if to_regclass('users_email_idx') is not null then
        alter index users_email_idx rename to users_email_next;
        drop index if exists users_email_old;
    elsif to_regclass('users_email_old') is not null then
        alter index if exists users_email_key rename to users_email_next;
        alter index users_email_old rename to users_email_key;
        comment on index users_email_key is 'One account per address whatever its case; look up with lower(email) = lower($1).';
    end if;
    comment on index users_email_next is null;
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (18, false);
drop table if exists teleai_begun_019;
commit;
