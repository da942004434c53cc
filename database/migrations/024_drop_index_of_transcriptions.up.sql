-- 024: no index of the transcriptions of a user that leaves out the id: the one that ends in it serves all that this one did.
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
    -- 22: psql has run 023, which notes no version. 24: the down file of this one notes none; then its index is there.
    if state not in ('22', '23', '24 dirty') and not (state = '24' and to_regclass('transcriptions_user_id_created_at_idx') is not null) then
        raise exception 'migration 024 up needs schema version 23; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
    if not exists (select from pg_index where indexrelid = to_regclass('transcriptions_user_id_created_at_id_idx') and indisvalid) then
        raise exception 'migration 024 up needs the index of migration 023, transcriptions_user_id_created_at_id_idx; it is not there, or invalid'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Drop the index where it is invalid, and run the file of migration 023 first.';
    end if;
end
$$;
drop index if exists transcriptions_user_id_created_at_idx;
comment on index transcriptions_user_id_created_at_id_idx is 'Newest transcriptions of a user, in the order of lists; also serves the foreign key and the views by user.';
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (24, false);
commit;
