-- 006, undone: no such index, nor the key that 010 has made of it.
-- teleai: step by step

-- Step: no index of sessions by tenant.
-- Locks: sessions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Tools that keep versions of their own have noted none here: then the index is there, and an earlier version written.
    if state not in ('6', '5 dirty') and not (state in ('4', '5') and to_regclass('sessions_tenant_id_id_key') is not null) then
        raise exception 'migration 006 down needs schema version 6; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;
alter table sessions drop constraint if exists sessions_tenant_id_id_key;
drop index if exists sessions_tenant_id_id_key;
update schema_migrations
   set version = least(version, 5),
       dirty   = false;
commit;
