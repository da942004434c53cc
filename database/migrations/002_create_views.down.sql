-- 002, undone: the five views. No data is lost.
-- One transaction: it applies whole or not at all, whichever tool sends it.

begin;

set local client_min_messages = warning;

-- Version ----------------------------------------------------------------------------------------

create table if not exists schema_migrations (
    version bigint  not null,
    dirty   boolean not null,
    constraint schema_migrations_pkey primary key (version)
);

lock table schema_migrations in share row exclusive mode;

do $$
declare
    state text := coalesce(
        (
            select string_agg(version || case when dirty then ' dirty' else '' end, ', ')
              from schema_migrations
        ),
        'none'
    );
begin
    -- '1 dirty' is golang-migrate announcing where it is about to go.
    if state not in ('2', '1 dirty') then
        raise exception 'migration 002 down needs schema version 2; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;

-- Views ------------------------------------------------------------------------------------------

drop view file_processing_pipeline;
drop view processing_queue_status;
drop view recent_user_activity;
drop materialized view daily_usage_stats;
drop view user_file_stats;

-- Done -------------------------------------------------------------------------------------------

delete from schema_migrations;

insert into schema_migrations (version, dirty)
values (1, false);

commit;
