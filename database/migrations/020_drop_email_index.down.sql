-- 020, undone: the index of e-mail addresses by the collation of the database, which is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: golang-migrate and the library write it
-- themselves. After a failure drop the index, which is invalid then, and run the file again; the library does so by itself.

-- Step: index the addresses as before.
-- Locks: users share update exclusive.
create unique index concurrently if not exists users_email_old on users (lower(email));
