-- 014, undone: the indexes are as 001 has made them. Refused while row security is enabled.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again before any other (the library does so by itself). Until it is through there is a table teleai_begun_014.
-- psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: look where the database stands.
begin;
set local client_min_messages = warning;
do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    -- Half undone, or half made, it is at the version before.
    if state not in ('14', '13 dirty') and not (state = '13' and to_regclass('teleai_begun_014') is not null) then
        raise exception 'migration 014 down needs schema version 14; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Undo migrations one by one, newest first: run the down file of the recorded version.';
    end if;
    -- Its function teleai_search() asks teleai_by_index().
    if (select relrowsecurity from pg_class where oid = to_regclass('users')) then
        raise exception 'migration 014 down: row security is enabled'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Disable it first: teleai_row_security_disable(), or database/row_security/disable.sql.';
    end if;
end
$$;
create table if not exists teleai_begun_014 ();
-- From now on it is not whole any more.
update schema_migrations
   set version = 13;
commit;

-- Step: no condition that only an index can afford.
begin;
drop function if exists teleai_by_index(uuid);
commit;

-- Step: the lists of pending entries in the indexes of analyses are as long as the server has it.
begin;
set local lock_timeout = '300ms';
alter index if exists analyses_metadata_idx reset (gin_pending_list_limit);
alter index if exists analyses_entities_idx reset (gin_pending_list_limit);
alter index if exists analyses_topics_idx   reset (gin_pending_list_limit);
alter index if exists analyses_insights_idx reset (gin_pending_list_limit);
commit;

-- Step: the same in the other indexes of transcriptions.
begin;
set local lock_timeout = '300ms';
alter index if exists transcriptions_metadata_idx reset (gin_pending_list_limit);
commit;

-- Step: the same in the indexes of audio_files.
begin;
set local lock_timeout = '300ms';
alter index if exists audio_files_metadata_idx reset (gin_pending_list_limit);
commit;

-- Step: the texts' index has the name, the list and the statistics that 001 gave it.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if to_regclass('transcriptions_transcription_text_idx') is null then
        alter index transcriptions_text_search_idx rename to transcriptions_transcription_text_idx;
        alter index transcriptions_transcription_text_idx set (gin_pending_list_limit = 16384);
        alter index transcriptions_transcription_text_idx alter column 1 set statistics -1;
    end if;
end
$$;
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (13, false);
drop table if exists teleai_begun_014;
commit;
