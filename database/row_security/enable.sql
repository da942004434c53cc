-- Row security, enabled: a role it binds sees and writes the rows of the tenant that it has told the server, and no others.
-- teleai: step by step
-- Each step is a transaction of its own, which waits for its locks at most 0.3 s and can be run again: after a failure, run
-- the file again (the library does so by itself). psql must stop at the first error: -v ON_ERROR_STOP=1.
-- Run it as a superuser, or from PostgreSQL 16 on as the owner of the tables with CREATEROLE and BYPASSRLS.

-- Step: look where the database stands.
begin;
do $$
begin
    if coalesce((select max(version) from schema_migrations where not dirty), 0) < 20 then
        raise exception 'row security needs schema version 20 or newer'
            using errcode = 'object_not_in_prerequisite_state', hint = 'Bring the schema up to date first.';
    end if;
end
$$;
commit;

-- Step: the roles, where they are missing. They belong to the whole server.
begin;
do $$
declare
    wanted text[];
    member name;
begin
    -- Somebody may make them at the same time, for another database.
    foreach wanted slice 1 in array array[['teleai_owner', 'nologin'], ['teleai_app', 'login'], ['teleai_admin', 'login bypassrls']]
    loop
        if not exists (select from pg_roles where rolname = wanted[1]) then
            begin
                execute format('create role %I %s', wanted[1], wanted[2]);
            exception
                when duplicate_object or unique_violation then null;
            end;
        end if;
    end loop;
    -- Who owned the tables, and who runs this, goes on as before: not bound.
    for member in
        select current_user
         union
        select pg_get_userbyid(relowner) from pg_class where oid in (to_regclass('users'), to_regclass('audio_files'))
    loop
        if not pg_has_role(member, 'teleai_owner', 'usage') then
            execute format('grant teleai_owner to %I', member);
        end if;
    end loop;
    if not pg_has_role('teleai_admin', 'teleai_owner', 'usage') then
        grant teleai_owner to teleai_admin; -- refreshing a materialized view is its owner's
    end if;
    if exists (select from pg_roles where rolname = 'teleai_app' and (rolsuper or rolbypassrls)) or pg_has_role('teleai_app', 'teleai_owner', 'member') then
        raise exception 'the role teleai_app must be no superuser, have no BYPASSRLS and be no member of teleai_owner'
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    execute format('grant usage, create on schema %I to teleai_owner', current_schema());
    execute format('grant usage on schema %I to teleai_app, teleai_admin', current_schema());
    -- A function of somebody's in this schema could be called by ours, with the owner's rights.
    execute format('revoke create on schema %I from public, teleai_app', current_schema());
end
$$;
commit;

-- Step: users are kept apart.
-- Locks: users access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table users owner to teleai_owner;
drop policy if exists teleai_tenant on users;
create policy teleai_tenant on users
    using (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table users enable row level security;
grant select, insert, update, delete on users to teleai_app, teleai_admin;
commit;

-- Step: sessions are kept apart.
-- Locks: sessions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table sessions owner to teleai_owner;
drop policy if exists teleai_tenant on sessions;
create policy teleai_tenant on sessions
    using (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table sessions enable row level security;
grant select, insert, update, delete on sessions to teleai_app, teleai_admin;
commit;

-- Step: audio_files are kept apart.
-- Locks: audio_files access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table audio_files owner to teleai_owner;
drop policy if exists teleai_tenant on audio_files;
create policy teleai_tenant on audio_files
    using (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table audio_files enable row level security;
grant select, insert, update, delete on audio_files to teleai_app, teleai_admin;
commit;

-- Step: transcriptions are kept apart.
-- Locks: transcriptions access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table transcriptions owner to teleai_owner;
drop policy if exists teleai_tenant on transcriptions;
create policy teleai_tenant on transcriptions
    using (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table transcriptions enable row level security;
grant select, insert, update, delete on transcriptions to teleai_app, teleai_admin;
commit;

-- Step: analyses are kept apart.
-- Locks: analyses access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table analyses owner to teleai_owner;
drop policy if exists teleai_tenant on analyses;
create policy teleai_tenant on analyses
    using (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table analyses enable row level security;
grant select, insert, update, delete on analyses to teleai_app, teleai_admin;
commit;

-- Step: a tenant sees itself, and what it uses.
-- Locks: tenants access exclusive; tenant_usage access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter table tenants owner to teleai_owner;
drop policy if exists teleai_tenant on tenants;
create policy teleai_tenant on tenants
    using (id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table tenants enable row level security;
grant select on tenants to teleai_app;
grant select, insert, update, delete on tenants to teleai_admin;
alter table tenant_usage owner to teleai_owner;
drop policy if exists teleai_tenant on tenant_usage;
create policy teleai_tenant on tenant_usage
    using (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid);
alter table tenant_usage enable row level security;
grant select on tenant_usage to teleai_app;
grant select, insert, update, delete on tenant_usage to teleai_admin;
alter table schema_migrations owner to teleai_owner;
grant select on schema_migrations to teleai_app, teleai_admin;
alter function teleai_add_usage(uuid, bigint, numeric, numeric, boolean) owner to teleai_owner;
alter function teleai_count_users() owner to teleai_owner;
alter function teleai_count_audio_files() owner to teleai_owner;
alter function teleai_recount_audio_file() owner to teleai_owner;
alter function teleai_begin_usage() owner to teleai_owner;
alter function teleai_is_counting() owner to teleai_owner;
alter function teleai_enable_counting() owner to teleai_owner;
alter function teleai_recount_usage(uuid) owner to teleai_owner;
alter function teleai_begin_counting() owner to teleai_owner;
grant execute on function teleai_recount_usage(uuid), teleai_begin_counting() to teleai_admin;
-- As a trigger of a table of somebody's own they would count, with the owner's rights, for whichever tenant its rows say.
revoke all on function teleai_count_users(), teleai_count_audio_files(), teleai_recount_audio_file(), teleai_begin_usage() from public, teleai_app;
commit;

-- Step: user_file_stats shows what the asker may see. From PostgreSQL 15 on a view can read with the asker's rights; before,
-- the view of that name is one over the whole, which is put aside.
-- Locks: user_file_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view user_file_stats owner to teleai_owner;
        alter view user_file_stats set (security_invoker = true);
    elsif to_regclass('all_user_file_stats') is null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on user_file_stats to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement,
               case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('user_file_stats')
           and g.grantee <> c.relowner;
        alter view user_file_stats rename to all_user_file_stats;
        alter view all_user_file_stats owner to teleai_owner;
        create view user_file_stats with (security_barrier = true) as
        select * from all_user_file_stats where tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid;
        alter view user_file_stats owner to teleai_owner;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
        for kept in select distinct grantee from kept_grants loop
            execute 'revoke all on all_user_file_stats from ' || kept;
        end loop;
        grant select on all_user_file_stats to teleai_admin;
    end if;
end
$$;
grant select on user_file_stats to teleai_app, teleai_admin;
commit;

-- Step: recent_user_activity shows what the asker may see. From PostgreSQL 15 on a view can read with the asker's rights; before,
-- the view of that name is one over the whole, which is put aside.
-- Locks: recent_user_activity access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view recent_user_activity owner to teleai_owner;
        alter view recent_user_activity set (security_invoker = true);
    elsif to_regclass('all_recent_user_activity') is null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on recent_user_activity to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement,
               case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('recent_user_activity')
           and g.grantee <> c.relowner;
        alter view recent_user_activity rename to all_recent_user_activity;
        alter view all_recent_user_activity owner to teleai_owner;
        create view recent_user_activity with (security_barrier = true) as
        select * from all_recent_user_activity where tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid;
        alter view recent_user_activity owner to teleai_owner;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
        for kept in select distinct grantee from kept_grants loop
            execute 'revoke all on all_recent_user_activity from ' || kept;
        end loop;
        grant select on all_recent_user_activity to teleai_admin;
    end if;
end
$$;
grant select on recent_user_activity to teleai_app, teleai_admin;
commit;

-- Step: processing_queue_status shows what the asker may see. From PostgreSQL 15 on a view can read with the asker's rights; before,
-- the view of that name is one over the whole, which is put aside.
-- Locks: processing_queue_status access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view processing_queue_status owner to teleai_owner;
        alter view processing_queue_status set (security_invoker = true);
    elsif to_regclass('all_processing_queue_status') is null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on processing_queue_status to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement,
               case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('processing_queue_status')
           and g.grantee <> c.relowner;
        alter view processing_queue_status rename to all_processing_queue_status;
        alter view all_processing_queue_status owner to teleai_owner;
        create view processing_queue_status with (security_barrier = true) as
        select * from all_processing_queue_status where tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid;
        alter view processing_queue_status owner to teleai_owner;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
        for kept in select distinct grantee from kept_grants loop
            execute 'revoke all on all_processing_queue_status from ' || kept;
        end loop;
        grant select on all_processing_queue_status to teleai_admin;
    end if;
end
$$;
grant select on processing_queue_status to teleai_app, teleai_admin;
commit;

-- Step: file_processing_pipeline shows what the asker may see. From PostgreSQL 15 on a view can read with the asker's rights; before,
-- the view of that name is one over the whole, which is put aside.
-- Locks: file_processing_pipeline access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
do $$
declare
    kept text;
begin
    if current_setting('server_version_num')::integer >= 150000 then
        alter view file_processing_pipeline owner to teleai_owner;
        alter view file_processing_pipeline set (security_invoker = true);
    elsif to_regclass('all_file_processing_pipeline') is null then
        create temporary table kept_grants on commit drop as
        select format('grant %s on file_processing_pipeline to %s', g.privilege_type, case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end) as statement,
               case when g.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
          from pg_class c
         cross join lateral aclexplode(c.relacl) g
          left join pg_roles r on r.oid = g.grantee
         where c.oid = to_regclass('file_processing_pipeline')
           and g.grantee <> c.relowner;
        alter view file_processing_pipeline rename to all_file_processing_pipeline;
        alter view all_file_processing_pipeline owner to teleai_owner;
        create view file_processing_pipeline with (security_barrier = true) as
        select * from all_file_processing_pipeline where tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid;
        alter view file_processing_pipeline owner to teleai_owner;
        for kept in select statement from kept_grants loop
            execute kept;
        end loop;
        for kept in select distinct grantee from kept_grants loop
            execute 'revoke all on all_file_processing_pipeline from ' || kept;
        end loop;
        grant select on all_file_processing_pipeline to teleai_admin;
    end if;
end
$$;
grant select on file_processing_pipeline to teleai_app, teleai_admin;
commit;

-- Step: the days of use of the asker's tenant. A materialized view knows no policies: only those who see all may read it.
-- Locks: daily_usage_stats access exclusive.
begin;
set local lock_timeout = '300ms';
set local client_min_messages = warning;
alter materialized view daily_usage_stats owner to teleai_owner;
revoke all on daily_usage_stats from public, teleai_app;
grant select on daily_usage_stats to teleai_admin;
create or replace view teleai_daily_usage_stats with (security_barrier = true) as
select date, active_users, total_uploads, total_bytes_uploaded, total_audio_seconds, avg_audio_duration, tenant_id
  from daily_usage_stats
 where tenant_id = nullif(current_setting('teleai.tenant_id', true), '')::uuid;
alter view teleai_daily_usage_stats owner to teleai_owner;
grant select on teleai_daily_usage_stats to teleai_app, teleai_admin;
comment on view teleai_daily_usage_stats is 'daily_usage_stats of the tenant in the setting teleai.tenant_id; there while row security is enabled.';
commit;

-- Step: look-ups that a policy would keep from their index, as functions with the owner's rights. They call and compare
-- by full names: what somebody else puts in a schema is never meant.
begin;
create or replace function teleai_user_of_email(address text)
returns uuid
language sql
stable
security definer
as $$
    select u.id
      from users u
     where pg_catalog.lower(u.email::pg_catalog.text collate "C") operator(pg_catalog.=) pg_catalog.lower(address collate "C")
       and u.tenant_id operator(pg_catalog.=) nullif(pg_catalog.current_setting('teleai.tenant_id', true), '')::pg_catalog.uuid
     order by (u.email operator(pg_catalog.<>) address), u.id
     limit 1
$$;
comment on function teleai_user_of_email(text) is 'The account with this e-mail address in the tenant of the setting teleai.tenant_id.';

-- Which tenant an address belongs to is for those to know who know its password too: the first of these gives what a hash is made
-- with, and the second the tenant, for the hash that the password makes.
create or replace function teleai_login_salt(address text)
returns text
language sql
stable
security definer
as $$
    select pg_catalog.regexp_replace(u.password_hash::pg_catalog.text, '[^$]*$', '')
      from users u
     where pg_catalog.lower(u.email::pg_catalog.text collate "C") operator(pg_catalog.=) pg_catalog.lower(address collate "C")
     order by (u.email operator(pg_catalog.<>) address), u.id
     limit 1
$$;
comment on function teleai_login_salt(text) is 'How the password of the account with this e-mail address is hashed: its hash without the last part.';

create or replace function teleai_login_tenant(address text, hashes text[])
returns uuid
language sql
stable
security definer
as $$
    select l.tenant_id
      from (
            select u.tenant_id, u.password_hash
              from users u
             where pg_catalog.lower(u.email::pg_catalog.text collate "C") operator(pg_catalog.=) pg_catalog.lower(address collate "C")
             order by (u.email operator(pg_catalog.<>) address), u.id
             limit 1
           ) l
     where l.password_hash::pg_catalog.text operator(pg_catalog.=) any (hashes)
       and pg_catalog.length(l.password_hash) operator(pg_catalog.>) 1
$$;
comment on function teleai_login_tenant(text, text[]) is 'Which tenant the account with this e-mail address belongs to, where one of these is the hash of its password: for logging in, before the tenant is known.';
drop function if exists teleai_tenant_of_email(text);

-- Planned for each query: a rare word and a common one are not found the same way.
create or replace function teleai_search(query tsquery)
returns table (id uuid, tenant_id uuid, user_id uuid, language_code varchar(10), engine varchar(50), created_at timestamptz, confidence_score numeric(3,2), status transcription_status)
language plpgsql
stable
security definer
rows 200
as $$
begin
    return query execute
        'select t.id, t.tenant_id, t.user_id, t.language_code, t.engine, t.created_at, t.confidence_score, t.status
           from transcriptions t
          where (t.tenant_id operator(pg_catalog.=) $1) is true
            and pg_catalog.to_tsvector(''pg_catalog.english'', t.transcription_text) operator(pg_catalog.@@) $2
            and teleai_by_index(t.id) is not null'
        using nullif(pg_catalog.current_setting('teleai.tenant_id', true), '')::pg_catalog.uuid, query;
end
$$;
comment on function teleai_search(tsquery) is 'The transcriptions, of the tenant in the setting teleai.tenant_id, whose text matches.';

do $$
declare
    of_ours text;
begin
    foreach of_ours in array array['teleai_user_of_email(text)', 'teleai_login_salt(text)', 'teleai_login_tenant(text, text[])', 'teleai_search(tsquery)']
    loop
        execute format('alter function %s owner to teleai_owner', of_ours);
        execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', of_ours, current_schema());
        execute format('revoke all on function %s from public', of_ours);
        execute format('grant execute on function %s to teleai_app, teleai_admin', of_ours);
    end loop;
end
$$;
commit;
