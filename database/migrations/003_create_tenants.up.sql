-- 003: tenants, with the default one that everything belongs to until somebody makes others.
-- One transaction: it applies whole or not at all, whichever tool sends it.

begin;

set local client_min_messages = warning;

-- Version ----------------------------------------------------------------------------------------

lock table schema_migrations in share row exclusive mode;

do $$
declare
    state text := coalesce((select string_agg(version || case when dirty then ' dirty' else '' end, ', ') from schema_migrations), 'none');
begin
    if state not in ('2', '3 dirty') then
        raise exception 'migration 003 up needs schema version 2; found version: %', state
            using errcode = 'object_not_in_prerequisite_state',
                  hint    = 'Run migrations one by one, oldest first: begin with the file after the recorded version.';
    end if;
end
$$;

-- Where the extension was installed into a schema of its own, its function is looked for there too. Defaults keep the function
-- itself, whatever the search_path is later.
do $$
begin
    perform set_config('search_path', current_setting('search_path') || ', ' || quote_ident(n.nspname), true)
       from pg_extension e
       join pg_namespace n on n.oid = e.extnamespace
      where e.extname = 'uuid-ossp'
        and to_regprocedure('uuid_generate_v4()') is null;
end
$$;

-- tenants ----------------------------------------------------------------------------------------

create type tenant_status as enum ('active', 'suspended', 'deleting');

comment on type tenant_status is 'Whether the users of a tenant may log in: active, suspended, or deleting while its rows are being removed.';

create table tenants (
    id                uuid          not null default uuid_generate_v4(),
    name              varchar(255)  not null,
    slug              varchar(63)   not null,
    status            tenant_status not null default 'active',
    settings          jsonb         not null default '{}',
    max_users         bigint,
    max_storage_bytes bigint,
    max_audio_seconds numeric(14,2),
    created_at        timestamptz   not null default now(),
    updated_at        timestamptz   not null default now(),

    constraint tenants_pkey                    primary key (id),
    constraint tenants_slug_key                unique (slug),
    constraint tenants_name_check              check (name <> ''),
    constraint tenants_slug_check              check (slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'),
    constraint tenants_max_users_check         check (max_users >= 0),
    constraint tenants_max_storage_bytes_check check (max_storage_bytes >= 0),
    constraint tenants_max_audio_seconds_check check (max_audio_seconds >= 0)
);

create trigger tenants_set_updated_at
    before update on tenants
    for each row
    execute function set_updated_at();

comment on table tenants is 'Organisations that share this database. Every other row belongs to one.';
comment on column tenants.id                is 'Key. The library makes it (UUIDv7); the default serves plain SQL.';
comment on column tenants.name              is 'Name to show.';
comment on column tenants.slug              is 'Short name, unique: lower-case letters, digits and hyphens, fit for a host name.';
comment on column tenants.status            is 'Whether its users may log in.';
comment on column tenants.settings          is 'Anything the application wants to keep, as a JSON object.';
comment on column tenants.max_users         is 'Most users; null: no limit.';
comment on column tenants.max_storage_bytes is 'Most bytes in audio files; null: no limit.';
comment on column tenants.max_audio_seconds is 'Most seconds in audio files; null: no limit.';
comment on column tenants.created_at        is 'When the row was made.';
comment on column tenants.updated_at        is 'When the row last changed; kept by a trigger.';

-- Its key is the same in every database: the columns that follow have it as their default.
insert into tenants (id, name, slug)
values ('00000000-0000-7000-8000-000000000001', 'Default', 'default');

-- Done -------------------------------------------------------------------------------------------

delete from schema_migrations;

insert into schema_migrations (version, dirty)
values (3, false);

commit;
