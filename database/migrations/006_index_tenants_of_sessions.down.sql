-- 006, undone: no such index. Where a constraint has taken it over, it is gone already.
-- teleai: step by step

-- Step: no index of sessions by tenant.
-- Locks: sessions share update exclusive.
drop index concurrently if exists sessions_tenant_id_id_key;
