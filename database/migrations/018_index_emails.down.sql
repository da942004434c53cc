-- 018, undone: no such index.
-- teleai: step by step

-- Step: no index of addresses as ASCII.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Tools that keep versions of their own have noted none here: then the index is there, and the version before written.
    if state not in ('18', '17 dirty') and not (state = '17' and to_regclass('users_email_next') is not null) then
        raise exception 'migration 018 down needs schema version 18; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
drop index if exists users_email_next;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (17, false);
commit;
