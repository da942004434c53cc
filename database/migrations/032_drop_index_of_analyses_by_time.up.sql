-- 032: no index of all analyses that leaves out the id: the one that ends in it serves all that this one did.
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
    -- 30: psql has run 031, which notes no version. 32: the down file of this one notes none; then its index is there.
    if state not in ('30', '31', '32 dirty') and not (state = '32' and to_regclass('analyses_created_at_idx') is not null) then
        raise exception 'migration 032 up needs schema version 31; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
    if not exists (select from pg_index where indexrelid = to_regclass('analyses_created_at_id_idx') and indisvalid) then
        raise exception 'migration 032 up needs the index of migration 031, analyses_created_at_id_idx; it is not there, or invalid'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Drop the index where it is invalid, and run the file of migration 031 first.';
    end if;
end
$$;
drop index if exists analyses_created_at_idx;
comment on index analyses_created_at_id_idx is 'Newest analyses of all, in the order of lists, and ranges of days.';
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (32, false);
commit;
