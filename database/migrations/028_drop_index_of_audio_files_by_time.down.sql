-- 028, undone: the index of all files that leaves out the id, which is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: golang-migrate and the library write it
-- themselves. After a failure drop the index, which is invalid then, and run the file again; the library does so by itself.

-- Step: index all files as before.
-- Locks: audio_files share update exclusive.
create index concurrently if not exists audio_files_created_at_idx on audio_files (created_at);
