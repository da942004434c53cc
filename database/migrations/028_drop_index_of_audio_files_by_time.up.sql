-- 028: no index of all files that leaves out the id: the one that ends in it serves all that this one did.
-- teleai: step by step

-- Step: the old index goes.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- 26: psql has run 027, which notes no version. 28: the down file of this one notes none; then its index is there.
    if state not in ('26', '27', '28 dirty') and not (state = '28' and to_regclass('audio_files_created_at_idx') is not null) then
        raise exception 'migration 028 up needs schema version 27; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
    if not exists (select from pg_index where indexrelid = to_regclass('audio_files_created_at_id_idx') and indisvalid) then
        raise exception 'migration 028 up needs the index of migration 027, audio_files_created_at_id_idx; it is not there, or invalid'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Drop the index where it is invalid, and run the file of migration 027 first.';
    end if;
end
$$;
drop index if exists audio_files_created_at_idx;
comment on index audio_files_created_at_id_idx is 'Newest files of all, in the order of lists, and ranges of days.';
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (28, false);
commit;
