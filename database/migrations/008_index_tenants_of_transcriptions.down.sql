-- 008, undone: no such index. Where a constraint has taken it over, it is gone already.
-- teleai: step by step

-- Step: no index of transcriptions by tenant.
-- Locks: transcriptions share update exclusive.
drop index concurrently if exists transcriptions_tenant_id_id_key;
