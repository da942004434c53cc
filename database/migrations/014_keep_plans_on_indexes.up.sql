-- 014: searches keep to their indexes, whatever the tables hold and whether or not anybody vacuums them.
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
    -- 12: psql has run 013, which notes no version.
    if state not in ('12', '13', '14 dirty') then
        raise exception 'migration 014 up needs schema version 13; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
    if to_regclass('transcriptions_text_search_idx') is null and to_regclass('transcriptions_transcription_text_idx') is null then
        raise exception 'migration 014 up needs the index of migration 013, transcriptions_text_search_idx; it is not there'
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run the file of migration 013 first.';
    end if;
end
$$;
create table if not exists teleai_begun_014 ();
commit;

-- Step: one index of the texts, the new one.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
begin
    if exists (select from pg_index where indexrelid = to_regclass('transcriptions_text_search_idx') and indisvalid) then
        drop index if exists transcriptions_transcription_text_idx;
    elsif to_regclass('transcriptions_transcription_text_idx') is not null then
        -- 013 was undone in part, or its index could not be built: the one that is there serves as well.
        drop index if exists transcriptions_text_search_idx;
        alter index transcriptions_transcription_text_idx rename to transcriptions_text_search_idx;
    end if;
end
$$;
commit;

-- The planner reads a GIN index with all its pending entries, at the price of as many random pages, and takes a text for as
-- large as the pointer to it. With a long list it therefore reads and splits all texts instead. It does the same for a word
-- that many texts have, where it knows of that: without statistics of its own the index counts as selective, and ANALYZE
-- need not split the texts that it samples.
-- Step: the texts' index is cheap and selective to the planner.
begin;
set local lock_timeout = '300ms';
alter index transcriptions_text_search_idx set (gin_pending_list_limit = 64);
alter index transcriptions_text_search_idx alter column 1 set statistics 0;
comment on index transcriptions_text_search_idx is 'English full-text search; a query must repeat to_tsvector(''english'', transcription_text) to use it.';
commit;

-- Step: short lists of pending entries in the indexes of audio_files.
begin;
set local lock_timeout = '300ms';
alter index if exists audio_files_metadata_idx set (gin_pending_list_limit = 64);
commit;

-- Step: short lists of pending entries in the other indexes of transcriptions.
begin;
set local lock_timeout = '300ms';
alter index if exists transcriptions_metadata_idx set (gin_pending_list_limit = 64);
commit;

-- Step: short lists of pending entries in the indexes of analyses.
begin;
set local lock_timeout = '300ms';
alter index if exists analyses_metadata_idx set (gin_pending_list_limit = 64);
alter index if exists analyses_entities_idx set (gin_pending_list_limit = 64);
alter index if exists analyses_topics_idx   set (gin_pending_list_limit = 64);
alter index if exists analyses_insights_idx set (gin_pending_list_limit = 64);
commit;

-- Step: a condition that only an index can afford.
begin;
create or replace function teleai_by_index(id uuid)
returns boolean
language plpgsql
immutable
parallel restricted
cost 5000
as 'begin return true; end';
comment on function teleai_by_index(uuid) is 'True of every row. Its price makes a plan that asks it of all rows lose against one that finds the rows by an index: searches add it to their conditions as "teleai_by_index(id) is not null".';
commit;

-- Step: note the version.
begin;
set local client_min_messages = warning;
delete from schema_migrations;
insert into schema_migrations (version, dirty)
values (14, false);
drop table if exists teleai_begun_014;
commit;
