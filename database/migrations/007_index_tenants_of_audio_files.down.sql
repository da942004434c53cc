-- 007, undone: no such index. Where a constraint has taken it over, it is gone already.
-- teleai: step by step

-- Step: no index of audio_files by tenant.
-- Locks: audio_files share update exclusive.
drop index concurrently if exists audio_files_tenant_id_id_key;
