-- 003, undone: no tenants. Refused while there are others than the default one.
-- One transaction: it applies whole or not at all, whichever tool sends it.

begin;

set local client_min_messages = warning;

-- Version ----------------------------------------------------------------------------------------

lock table schema_migrations in share row exclusive mode;

do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- '2 dirty' is golang-migrate announcing where it is about to go.
    if state not in ('3', '2 dirty') then
        raise exception 'migration 003 down needs schema version 3; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    lock table tenants in share mode;
    if exists (select from tenants where id <> '00000000-0000-7000-8000-000000000001') then
        raise exception 'migration 003 down: there are other tenants than the default one'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Export and delete them first: without tenants their rows would be everybody''s.';
    end if;
end
$$;

-- tenants ----------------------------------------------------------------------------------------

drop table tenants;
drop type tenant_status;

-- Done -------------------------------------------------------------------------------------------

delete from schema_migrations;

insert into schema_migrations (version, dirty)
values (2, false);

commit;
