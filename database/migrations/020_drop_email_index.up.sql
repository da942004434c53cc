-- 020: no index of e-mail addresses by the collation of the database.
-- teleai: step by step

-- Step: the old index goes.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Its down file notes no version: then the index is there, and this version still written.
    if state not in ('19', '20 dirty') and not (state = '20' and to_regclass('users_email_old') is not null) then
        raise exception 'migration 020 up needs schema version 19; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;
drop index if exists users_email_old;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (20, false);
commit;
