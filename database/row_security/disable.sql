-- Row security, disabled: statements alone keep tenants apart. Roles, owners and grants stay.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again (the library does so by itself). psql must stop at the first error: -v ON_ERROR_STOP=1.

-- Step: users are kept apart by statements alone.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on users;
alter table users disable row level security;
commit;

-- Step: sessions are kept apart by statements alone.
-- Locks: sessions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on sessions;
alter table sessions disable row level security;
commit;

-- Step: audio_files are kept apart by statements alone.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on audio_files;
alter table audio_files disable row level security;
commit;

-- Step: transcriptions are kept apart by statements alone.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on transcriptions;
alter table transcriptions disable row level security;
commit;

-- Step: analyses are kept apart by statements alone.
-- Locks: analyses access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on analyses;
alter table analyses disable row level security;
commit;

-- Step: tenants are kept apart by statements alone.
-- Locks: tenants access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on tenants;
alter table tenants disable row level security;
commit;

-- Step: tenant_usage are kept apart by statements alone.
-- Locks: tenant_usage access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop policy if exists teleai_tenant on tenant_usage;
alter table tenant_usage disable row level security;
commit;

-- Step: user_file_stats shows all.
-- Locks: user_file_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view user_file_stats reset (security_invoker);
    elsif to_regclass('all_user_file_stats') is not null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on user_file_stats to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('user_file_stats')
           and g.grantee <> c.relowner;
        drop view user_file_stats;
        alter view all_user_file_stats rename to user_file_stats;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
    end if;
end
$$;
commit;

-- Step: recent_user_activity shows all.
-- Locks: recent_user_activity access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view recent_user_activity reset (security_invoker);
    elsif to_regclass('all_recent_user_activity') is not null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on recent_user_activity to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('recent_user_activity')
           and g.grantee <> c.relowner;
        drop view recent_user_activity;
        alter view all_recent_user_activity rename to recent_user_activity;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
    end if;
end
$$;
commit;

-- Step: processing_queue_status shows all.
-- Locks: processing_queue_status access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view processing_queue_status reset (security_invoker);
    elsif to_regclass('all_processing_queue_status') is not null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on processing_queue_status to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('processing_queue_status')
           and g.grantee <> c.relowner;
        drop view processing_queue_status;
        alter view all_processing_queue_status rename to processing_queue_status;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
    end if;
end
$$;
commit;

-- Step: file_processing_pipeline shows all.
-- Locks: file_processing_pipeline access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view file_processing_pipeline reset (security_invoker);
    elsif to_regclass('all_file_processing_pipeline') is not null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on file_processing_pipeline to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('file_processing_pipeline')
           and g.grantee <> c.relowner;
        drop view file_processing_pipeline;
        alter view all_file_processing_pipeline rename to file_processing_pipeline;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
    end if;
end
$$;
commit;

-- Step: what was there for it.
-- Locks: daily_usage_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
drop view if exists teleai_daily_usage_stats;
drop function if exists teleai_search(tsquery);
drop function if exists teleai_user_of_email(text);
drop function if exists teleai_login_tenant(text, text[]);
drop function if exists teleai_login_salt(text);
do $$
begin
    if exists (select from pg_roles where rolname = 'teleai_app') then
        grant select on daily_usage_stats to teleai_app;
    end if;
end
$$;
commit;
