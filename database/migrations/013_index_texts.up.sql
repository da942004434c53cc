-- 013: the texts' index, built anew while others write: its list of pending entries stays short, so that the planner never
-- takes reading all texts for cheaper.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: psql leaves it at that of the file before,
-- golang-migrate and the library write it themselves. After a failure drop the index, which is invalid then, and run the
-- file again; the library does so by itself.

-- Step: index the words of the texts.
-- Locks: transcriptions share update exclusive.
create index concurrently if not exists transcriptions_text_search_idx on transcriptions using gin (to_tsvector('english', transcription_text)) with (gin_pending_list_limit = 64);
