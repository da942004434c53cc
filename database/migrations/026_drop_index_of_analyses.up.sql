-- 026: no index of the analyses of a user that leaves out the id: the one that ends in it serves all that this one did.
-- teleai: step by step

-- Step: the old index goes.
-- Locks: analyses access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- 24: psql has run 025, which notes no version. 26: the down file of this one notes none; then its index is there.
    if state not in ('24', '25', '26 dirty') and not (state = '26' and to_regclass('analyses_user_id_created_at_idx') is not null) then
        raise exception 'migration 026 up needs schema version 25; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
    if not exists (select from pg_index where indexrelid = to_regclass('analyses_user_id_created_at_id_idx') and indisvalid) then
        raise exception 'migration 026 up needs the index of migration 025, analyses_user_id_created_at_id_idx; it is not there, or invalid'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Drop the index where it is invalid, and run the file of migration 025 first.';
    end if;
end
$$;
drop index if exists analyses_user_id_created_at_idx;
comment on index analyses_user_id_created_at_id_idx is 'Newest analyses of a user, in the order of lists; also serves the foreign key and the views by user.';
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (26, false);
commit;
