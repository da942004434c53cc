-- 017, undone: e-mail addresses as before.
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
    -- Half undone, or half made, it is at the version before.
    if state not in ('17', '16 dirty') and not (state in ('16') and to_regclass('teleai_begun_017') is not null) then
        raise exception 'migration 017 down needs schema version 17; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
create table if not exists teleai_begun_017 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 16;
commit;

-- Step: the index that has taken no place goes.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop index if exists users_email_next;
commit;

-- A check is asked at every update of a row, so those that break the rule are named in it: their accounts go on as before.
-- Step: new addresses have the form they had.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
do $$
declare
    rule constant text := $rule$
        email ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'$rule$;
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

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (16, false);
drop table if exists teleai_begun_017;
commit;
