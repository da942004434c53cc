-- 018: one account for an address, whatever its case and the database's collation: an index that is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: psql leaves it at that of the file before,
-- golang-migrate and the library write it themselves. After a failure drop the index, which is invalid then, and run the
-- file again; the library does so by itself.

-- Step: index the addresses.
-- Locks: users share update exclusive.
create unique index concurrently if not exists users_email_next on users (lower(email::text collate "C"));
