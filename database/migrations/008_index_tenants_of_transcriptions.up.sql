-- 008: the key (transcriptions: tenant, row) that references name, as an index that is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: psql leaves it at that of the file before,
-- golang-migrate and the library write it themselves. After a failure drop the index, which is invalid then, and run the
-- file again; the library does so by itself.

-- Step: index transcriptions by tenant.
-- Locks: transcriptions share update exclusive.
create unique index concurrently if not exists transcriptions_tenant_id_id_key on transcriptions (tenant_id, id);
