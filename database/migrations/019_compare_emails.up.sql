-- 019: e-mail addresses are compared as ASCII, whatever the collation of the database.
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
    if state not in ('18', '17', '19 dirty') then
        raise exception 'migration 019 up needs schema version 18; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_019 ();
commit;

-- Step: the new index takes the name of the old one, which keeps it where there are addresses that differ in case alone.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if (select indisunique and indisvalid from pg_index where indexrelid = to_regclass('users_email_next')) then
        alter index if exists users_email_key rename to users_email_old;
        alter index users_email_next rename to users_email_key;
        comment on index users_email_key is 'One account per address whatever its case; look up with lower(email collate "C") = lower($1 collate "C").';
    elsif to_regclass('users_email_next') is not null then
        alter index users_email_next rename to users_email_idx;
        comment on index users_email_idx is 'Finds an address whatever its case; stands for users_email_key until addresses are unique as ASCII.';
    end if;
end
$$;
commit;

-- Step: functions of row security, where it is enabled, compare alike, and tell a tenant only for a password.
begin;
set local client_min_messages = warning;
do $$
begin
    if to_regprocedure('teleai_user_of_email(text)') is null then
        return; -- row security is not enabled
    end if;
    execute $sql$
create or replace function teleai_user_of_email(address text)
returns uuid
language sql
stable
security definer
as $f$
    select u.id
      from users u
     where pg_catalog.lower(u.email::pg_catalog.text collate "C") operator(pg_catalog.=) pg_catalog.lower(address collate "C")
       and u.tenant_id operator(pg_catalog.=) nullif(pg_catalog.current_setting('teleai.tenant_id', true), '')::pg_catalog.uuid
     order by (u.email operator(pg_catalog.<>) address), u.id
     limit 1
$f$;
comment on function teleai_user_of_email(text) is 'The account with this e-mail address in the tenant of the setting teleai.tenant_id.';

-- Which tenant an address belongs to is for those to know who know its password too: the first of these gives what a hash is made
-- with, and the second the tenant, for the hash that the password makes.
create or replace function teleai_login_salt(address text)
returns text
language sql
stable
security definer
as $f$
    select pg_catalog.regexp_replace(u.password_hash::pg_catalog.text, '[^$]*$', '')
      from users u
     where pg_catalog.lower(u.email::pg_catalog.text collate "C") operator(pg_catalog.=) pg_catalog.lower(address collate "C")
     order by (u.email operator(pg_catalog.<>) address), u.id
     limit 1
$f$;
comment on function teleai_login_salt(text) is 'How the password of the account with this e-mail address is hashed: its hash without the last part.';

create or replace function teleai_login_tenant(address text, hashes text[])
returns uuid
language sql
stable
security definer
as $f$
    select l.tenant_id
      from (
            select u.tenant_id, u.password_hash
              from users u
             where pg_catalog.lower(u.email::pg_catalog.text collate "C") operator(pg_catalog.=) pg_catalog.lower(address collate "C")
             order by (u.email operator(pg_catalog.<>) address), u.id
             limit 1
           ) l
     where l.password_hash::pg_catalog.text operator(pg_catalog.=) any (hashes)
       and pg_catalog.length(l.password_hash) operator(pg_catalog.>) 1
$f$;
comment on function teleai_login_tenant(text, text[]) is 'Which tenant the account with this e-mail address belongs to, where one of these is the hash of its password: for logging in, before the tenant is known.';
do $do$
declare
    of_ours text;
begin
    foreach of_ours in array array['teleai_user_of_email(text)', 'teleai_login_salt(text)', 'teleai_login_tenant(text, text[])']
    loop
        execute format('alter function %s owner to teleai_owner', of_ours);
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', of_ours, current_schema());
        execute format('revoke all on function %s from public', of_ours);
        execute format('grant execute on function %s to teleai_app, teleai_admin', of_ours);
    end loop;
end
$do$;
drop function if exists teleai_tenant_of_email(text);
$sql$;
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (19, false);
drop table if exists teleai_begun_019;
commit;
