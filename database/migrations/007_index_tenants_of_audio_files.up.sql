-- 007: the key (audio_files: tenant, row) that references name, as an index that is built while others write.
-- teleai: step by step
-- PostgreSQL wants this statement sent alone, so this file notes no version: psql leaves it at that of the file before,
-- golang-migrate and the library write it themselves. After a failure drop the index, which is invalid then, and run the
-- file again; the library does so by itself.

-- Step: index audio_files by tenant.
-- Locks: audio_files share update exclusive.
create unique index concurrently if not exists audio_files_tenant_id_id_key on audio_files (tenant_id, id);
