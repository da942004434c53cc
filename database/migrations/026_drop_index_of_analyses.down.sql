-- 026, undone: the index of the analyses of a user that leaves out the id, which is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: golang-migrate and the library write it
-- themselves. After a failure drop the index, which is invalid then, and run the file again; the library does so by itself.

-- Step: index the analyses of a user as before.
-- Locks: analyses share update exclusive.
create index concurrently if not exists analyses_user_id_created_at_idx on analyses (user_id, created_at);
