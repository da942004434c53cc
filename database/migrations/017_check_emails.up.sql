-- 017: e-mail addresses have the form of RFC 5321; where the key of their comparison must wait is found out.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_017.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    if state not in ('16', '17 dirty') then
        raise exception 'migration 017 up needs schema version 16; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_017 ();
commit;

-- A dot-atom of at most 64 characters, and a host name whose last label is of letters, or an encoded one (xn--).
-- A check is asked at every update of a row, so those that break the rule are named in it: their accounts go on as before.
-- Step: new addresses have the form of RFC 5321.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
do $$
declare
    rule constant text := $rule$
        octet_length(email) <= 254
        and strpos(email, '@') <= 65
        and email::text collate "C" ~ '^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9])$'$rule$;
    broken uuid[];
begin
    execute 'select coalesce(array_agg(id), ''{}'') from users where not (' || rule || ')' into broken;
    alter table users drop constraint if exists users_email_check;
    if broken = '{}' then
        execute 'alter table users add constraint users_email_check check (' || rule || ') not valid';
    else
        execute format('alter table users add constraint users_email_check check (%s or id = any (%L::uuid[])) not valid', '(' || rule || ')', broken);
        raise warning '% e-mail addresses do not have the form that users_email_check asks for: they stay, and new ones must have it', cardinality(broken)
            using hint = 'teleai doctor lists them, and tells how to put it right.';
    end if;
end
$$;
commit;

-- Who waits for this lock stands in no writer's way.
-- Step: look through the addresses that are there.
-- Locks: users share update exclusive.
begin;
set local lock_timeout = '300ms';
do $$
begin
    if pg_get_constraintdef((select oid from pg_constraint where conrelid = to_regclass('users') and conname = 'users_email_check')) !~ 'ANY' then
        alter table users validate constraint users_email_check;
    end if;
exception
    when check_violation then
        raise warning 'an e-mail address does not have the form that users_email_check asks for; it stays' using hint = 'teleai doctor tells more.';
end
$$;
commit;

-- Addresses are ASCII, and compared as that, whatever the database's collation makes of letters: for a Turkish one I and i are
-- two. Where such a database has let in both, the unique index of the next file could not be built: an index of its name that
-- is not unique keeps it from being built, and the present one stays.
-- Step: look for addresses that differ in case alone; where there are, writers of users wait for their index.
begin;
set local lock_timeout = '300ms';
do $$
declare
    twice bigint;
begin
    select count(*) into twice
      from (select from users group by lower(email::text collate "C") having count(*) > 1) same;
    if twice > 0 then
        raise warning '% e-mail addresses have more than one account, which differ in case alone: they stay, and each logs in as it is written', twice
            using hint = 'teleai doctor lists them, and tells how to make addresses unique again once they are put right.';
        if to_regclass('users_email_next') is null then
            create index users_email_next on users (lower(email::text collate "C"));
        end if;
    end if;
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (17, false);
drop table if exists teleai_begun_017;
commit;
