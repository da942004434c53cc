-- 030: no index of all transcriptions that leaves out the id: the one that ends in it serves all that this one did.
-- teleai: step by step

-- Step: the old index goes.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- 28: psql has run 029, which notes no version. 30: the down file of this one notes none; then its index is there.
    if state not in ('28', '29', '30 dirty') and not (state = '30' and to_regclass('transcriptions_created_at_idx') is not null) then
        raise exception 'migration 030 up needs schema version 29; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
    if not exists (select from pg_index where indexrelid = to_regclass('transcriptions_created_at_id_idx') and indisvalid) then
        raise exception 'migration 030 up needs the index of migration 029, transcriptions_created_at_id_idx; it is not there, or invalid'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Drop the index where it is invalid, and run the file of migration 029 first.';
    end if;
end
$$;
drop index if exists transcriptions_created_at_idx;
comment on index transcriptions_created_at_id_idx is 'Newest transcriptions of all, in the order of lists, and ranges of days.';
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (30, false);
commit;
