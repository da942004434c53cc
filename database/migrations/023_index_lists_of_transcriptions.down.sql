-- 023, undone: no such index.
-- teleai: step by step

-- Step: no index of transcriptions that ends in the id.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Tools that keep versions of their own have noted none here, nor has the down file of 024: then the index is there that
    -- the file at work has made, and the version of the file before it written.
    if state not in ('23', '22 dirty')
       and not (state = '22' and to_regclass('transcriptions_user_id_created_at_id_idx') is not null)
       and not (state = '24' and to_regclass('transcriptions_user_id_created_at_idx') is not null) then
        raise exception 'migration 023 down needs schema version 23; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
drop index if exists transcriptions_user_id_created_at_id_idx;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (22, false);
commit;
