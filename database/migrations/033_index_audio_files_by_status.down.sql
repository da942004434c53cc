-- 033, undone: no such index.
-- teleai: step by step

-- Step: no index of audio_files that ends in the id.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Tools that keep versions of their own have noted none here, nor has the down file of 034: then the index is there that
    -- the file at work has made, and the version of the file before it written.
    if state not in ('33', '32 dirty')
       and not (state = '32' and to_regclass('audio_files_status_created_at_id_idx') is not null)
       and not (state = '34' and to_regclass('audio_files_status_created_at_idx') is not null) then
        raise exception 'migration 033 down needs schema version 33; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
drop index if exists audio_files_status_created_at_id_idx;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (32, false);
commit;
