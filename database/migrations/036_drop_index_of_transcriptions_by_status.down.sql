-- 036, undone: the index of transcriptions of each status that leaves out the id, which is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: golang-migrate and the library write it
-- themselves. After a failure drop the index, which is invalid then, and run the file again; the library does so by itself.

-- Step: index transcriptions of each status as before.
-- Locks: transcriptions share update exclusive.
create index concurrently if not exists transcriptions_status_created_at_idx on transcriptions (status, created_at);
