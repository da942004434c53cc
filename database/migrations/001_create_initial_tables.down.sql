-- 001, undone: every table and every row of it, the enumerations, the function, our extensions.
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
    -- '-1 dirty' is golang-migrate announcing that it is about to undo the first file.
    if state not in ('1', '-1 dirty') then
        raise exception 'migration 001 down needs schema version 1; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
end
$$;

-- Tables -----------------------------------------------------------------------------------------

drop table analyses;
drop table transcriptions;
drop table audio_files;
drop table sessions;
drop table users;

-- "if exists": a database made by earlier tooling has another function.
drop function if exists set_updated_at();

drop type analysis_status;
drop type transcription_status;
drop type audio_file_status;
drop type user_role;

-- Extensions -------------------------------------------------------------------------------------

-- Only those that migration 001 installed, and only if nothing else has come to need them.
do $$
declare
    ours text;
begin
    for ours in
        select extname
          from pg_extension
         where extname in ('uuid-ossp', 'pgcrypto')
           and obj_description(oid, 'pg_extension') = 'Installed by teleai migration 001, which also removes it.'
    loop
        begin
            execute format('drop extension %I', ours);
        exception
            when dependent_objects_still_exist then
                raise warning 'extension % stays: other objects depend on it', ours;
        end;
    end loop;
end
$$;

-- Done -------------------------------------------------------------------------------------------

-- golang-migrate writes to its table once more after this file: leave it the table, without rows.
do $$
begin
    if exists (select from schema_migrations where dirty) then
        delete from schema_migrations;
    else
        drop table schema_migrations;
    end if;
end
$$;

commit;
