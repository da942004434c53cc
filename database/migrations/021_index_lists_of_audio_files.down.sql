-- 021, undone: no such index.
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
    -- Tools that keep versions of their own have noted none here, nor has the down file of 022: then the index is there that
    -- the file at work has made, and the version of the file before it written.
    if state not in ('21', '20 dirty')
       and not (state = '20' and to_regclass('audio_files_user_id_created_at_id_idx') is not null)
       and not (state = '22' and to_regclass('audio_files_user_id_created_at_idx') is not null) then
        raise exception 'migration 021 down needs schema version 21; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
drop index if exists audio_files_user_id_created_at_id_idx;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (20, false);
commit;
