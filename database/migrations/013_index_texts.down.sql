-- 013, undone: no second index of the texts.
-- teleai: step by step

-- Step: no such index.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Tools that keep versions of their own have noted none here: then the index is there, and the version before written.
    if state not in ('13', '12 dirty') and not (state = '12' and to_regclass('transcriptions_text_search_idx') is not null) then
        raise exception 'migration 013 down needs schema version 13; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
drop index if exists transcriptions_text_search_idx;
update schema_migrations
   set version = least(version, 12),
       dirty   = false;
commit;
