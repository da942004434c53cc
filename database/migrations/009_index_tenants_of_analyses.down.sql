-- 009, undone: no such index. Where a constraint has taken it over, it is gone already.
-- teleai: step by step

-- Step: no index of analyses by tenant.
-- Locks: analyses share update exclusive.
drop index concurrently if exists analyses_tenant_id_id_key;
