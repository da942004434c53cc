-- 023: the transcriptions of a user in the order of lists, which ends in the id, as an index that is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: psql leaves it at that of the file before,
-- golang-migrate and the library write it themselves. After a failure drop the index, which is invalid then, and run the
-- file again; the library does so by itself.

-- Step: index the transcriptions of a user in the order of lists.
-- Locks: transcriptions share update exclusive.
create index concurrently if not exists transcriptions_user_id_created_at_id_idx on transcriptions (user_id, created_at, id);
