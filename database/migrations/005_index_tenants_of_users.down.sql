-- 005, undone: no such index. Where a constraint has taken it over, it is gone already.
-- teleai: step by step

-- Step: no index of users by tenant.
-- Locks: users share update exclusive.
drop index concurrently if exists users_tenant_id_id_key;
