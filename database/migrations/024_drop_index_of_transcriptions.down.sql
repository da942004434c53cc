-- 024, undone: the index of the transcriptions of a user that leaves out the id, which is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: golang-migrate and the library write it
-- themselves. After a failure drop the index, which is invalid then, and run the file again; the library does so by itself.

-- Step: index the transcriptions of a user as before.
-- Locks: transcriptions share update exclusive.
create index concurrently if not exists transcriptions_user_id_created_at_idx on transcriptions (user_id, created_at);
