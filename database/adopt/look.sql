-- What makes a database of earlier tooling one that is at version 2, for `teleai migrate adopt`. It is sent in a transaction
-- that is rolled back, after that has made, in a schema teleai_adopting, what migrations 001 and 002 make. The schema that is
-- looked at is told by teleai.adopting_schema, its search_path by teleai.adopting_path. What comes of it are three tables:
--   refusals  what cannot be adopted; where there is one, nothing is done
--   steps     what is to be done, in order, each a piece of a file that goes step by step
--   notes     what stays as it is, and should be known
-- Things are known by what they are, whatever they are called.

create table teleai_adopting.refusals (n serial, message text);
create table teleai_adopting.steps    (n serial, description text, locks text, sql text);
create table teleai_adopting.notes    (n serial, subject text, message text, remedy text);

create table teleai_adopting.tables      (side text, t text, id oid, kind "char", owner oid, options text[]);
create table teleai_adopting.columns     (side text, t text, c text, type text, needed boolean, initial text, made boolean);
create table teleai_adopting.constraints (side text, t text, name text, id oid, kind "char", columns text, definition text, meaning text, expression text, valid boolean, parent text);
create table teleai_adopting.indexes     (side text, t text, name text, id oid, method text, keys text, condition text, is_unique boolean, valid boolean,
                                          of_constraint boolean, plain boolean, bound boolean, definition text, options text[]);
create table teleai_adopting.triggers    (side text, t text, name text, type smallint, function text, body text);
create table teleai_adopting.views       (side text, name text, id oid, kind "char", definition text, columns text);
create table teleai_adopting.enums       (side text, name text, labels text);

-- Reads what is in a schema. The search_path is that of the side: so the same things come out in the same words.
create function teleai_adopting.read(of_side text, of_schema text)
returns void
language plpgsql
as $read$
declare
    place oid := (select oid from pg_namespace where nspname = of_schema);
    ours text[] := array['users', 'sessions', 'audio_files', 'transcriptions', 'analyses'];
begin
    insert into teleai_adopting.tables
    select of_side, relname, oid, relkind, relowner, coalesce(reloptions, '{}')
      from pg_class
     where relnamespace = place and relname = any (ours) and relkind not in ('i', 'I', 'c', 't', 'S');

    insert into teleai_adopting.columns
    select of_side, t, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
           a.attgenerated <> '' or a.attidentity <> ''
      from teleai_adopting.tables
      join pg_attribute a on a.attrelid = id and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where side = of_side;

    insert into teleai_adopting.constraints
    select of_side, t, c.conname, c.oid, c.contype,
           (select string_agg(a.attname, ',' order by a.attname) from pg_attribute a where a.attrelid = id and a.attnum = any (c.conkey)),
           replace(pg_get_constraintdef(c.oid), ' NOT VALID', ''),
           -- The server's own words, read back by it, come out with other casts.
           regexp_replace(replace(pg_get_constraintdef(c.oid), ' NOT VALID', ''), '::(character varying|text)(\[\])?|[()\s]', '', 'g'),
           pg_get_expr(c.conbin, c.conrelid), c.convalidated,
           (select relname from pg_class p where p.oid = c.confrelid)
      from teleai_adopting.tables
      join pg_constraint c on c.conrelid = id and c.contype in ('c', 'f', 'p', 'u')
     where side = of_side and c.conname not like 'teleai\_adopt\_%';

    insert into teleai_adopting.indexes
    select of_side, t, x.relname, x.oid, m.amname,
           (
               select string_agg(pg_get_indexdef(x.oid, k, true) || case when o.opcdefault then '' else ' ' || o.opcname end
                                 || case i.indoption[k - 1] when 0 then '' else ' ' || i.indoption[k - 1] end, ', ' order by k)
                 from generate_series(1, i.indnkeyatts) k
                 join pg_opclass o on o.oid = i.indclass[k - 1]
           ),
           coalesce(pg_get_expr(i.indpred, i.indrelid), ''), i.indisunique, i.indisvalid,
           exists (select from pg_constraint c where c.conindid = x.oid and c.contype in ('p', 'u', 'x')),
           i.indnatts = i.indnkeyatts and not i.indisreplident and not i.indisclustered,
           exists (select from pg_constraint c where c.conindid = x.oid and c.contype = 'f'),
           regexp_replace(pg_get_indexdef(x.oid), '^CREATE (UNIQUE )?INDEX (\S+) ON (ONLY )?\S+ ', ''),
           coalesce(x.reloptions, '{}')
      from teleai_adopting.tables
      join pg_index i on i.indrelid = id
      join pg_class x on x.oid = i.indexrelid
      join pg_am m on m.oid = x.relam
     where side = of_side;

    insert into teleai_adopting.triggers
    select of_side, t, g.tgname, g.tgtype, p.proname, p.prosrc
      from teleai_adopting.tables
      join pg_trigger g on g.tgrelid = id and not g.tgisinternal
      join pg_proc p on p.oid = g.tgfoid
     where side = of_side;

    insert into teleai_adopting.views
    select of_side, relname, c.oid, relkind, pg_get_viewdef(c.oid),
           (select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = c.oid and attnum > 0)
      from pg_class c
     where relnamespace = place
       and relkind in ('v', 'm')
       and relname in ('user_file_stats', 'daily_usage_stats', 'recent_user_activity', 'processing_queue_status', 'file_processing_pipeline');

    insert into teleai_adopting.enums
    select of_side, y.typname, string_agg(e.enumlabel, ', ' order by e.enumlabel)
      from pg_type y
      join pg_enum e on e.enumtypid = y.oid
     where y.typnamespace = place
     group by y.typname;
end
$read$;

create function teleai_adopting.refuse(message text)
returns void
language sql
as 'insert into teleai_adopting.refusals (message) values (message)';

create function teleai_adopting.note(subject text, message text, remedy text)
returns void
language sql
as 'insert into teleai_adopting.notes (subject, message, remedy) values (subject, message, remedy)';

create function teleai_adopting.alone(description text, locks text, sql text)
returns void
language sql
as $$insert into teleai_adopting.steps (description, locks, sql) values (description, locks, sql || ';')$$;

-- A short transaction, which waits for its locks at most 0.3 s.
create function teleai_adopting.step(description text, locks text, sql text)
returns void
language sql
as $$insert into teleai_adopting.steps (description, locks, sql)
     values (description, locks, format(e'begin;\nset local client_min_messages = warning;\n%s;\ncommit;', sql))$$;

create function teleai_adopting.count(sql text)
returns bigint
language plpgsql
as $$declare found bigint; begin execute sql into found; return found; end$$;

select teleai_adopting.read('wanted', 'teleai_adopting');
-- Rows are read by the names that their programs use.
select set_config('search_path', current_setting('teleai.adopting_path'), true);
select teleai_adopting.read('found', current_setting('teleai.adopting_schema'));

-- What cannot be adopted -------------------------------------------------------------------------

do $$
declare
    it record;
    place text := current_setting('teleai.adopting_schema');
begin
    if not exists (select from teleai_adopting.tables where side = 'found') then
        perform teleai_adopting.refuse(format('there are no tables of earlier TeleAI Pro tooling in the schema %s; in an empty database `teleai migrate up` makes them', place));
        return;
    end if;
    for it in
        select w.t, f.kind
          from teleai_adopting.tables w
          left join teleai_adopting.tables f on f.side = 'found' and f.t = w.t
         where w.side = 'wanted' and f.kind is distinct from 'r'
    loop
        perform teleai_adopting.refuse(case when it.kind is null then format('the table %s is missing', it.t)
                                            else format('%s is no ordinary table', it.t) end);
    end loop;
    for it in
        select distinct owner::regrole::text as owner
          from teleai_adopting.tables
         where side = 'found' and not pg_has_role(owner, 'usage')
    loop
        perform teleai_adopting.refuse(format('the tables belong to the role %s: connect as that role, or as a member of it', it.owner));
    end loop;
    for it in
        select w.t, w.c, w.type, f.type as is_type, f.made
          from teleai_adopting.columns w
          join teleai_adopting.tables t on t.side = 'found' and t.t = w.t
          left join teleai_adopting.columns f on f.side = 'found' and f.t = w.t and f.c = w.c
         where w.side = 'wanted' and (f.type is distinct from w.type or f.made)
    loop
        perform teleai_adopting.refuse(case when it.is_type is null then format('the column %s.%s is missing; %s was expected', it.t, it.c, it.type)
                                            when it.made then format('the column %s.%s is generated; a plain one was expected', it.t, it.c)
                                            else format('the column %s.%s is %s; %s was expected', it.t, it.c, it.is_type, it.type) end);
    end loop;
    for it in
        select f.t, f.c
          from teleai_adopting.columns f
         where f.side = 'found' and f.needed and f.initial is null and not f.made
           and not exists (select from teleai_adopting.columns w where w.side = 'wanted' and w.t = f.t and w.c = f.c)
    loop
        perform teleai_adopting.refuse(format('the column %s.%s is not of this schema, not null and without a default: rows made by the library could not be stored', it.t, it.c));
    end loop;
    for it in
        select w.name, w.labels, f.labels as is_labels
          from teleai_adopting.enums w
          join teleai_adopting.enums f on f.side = 'found' and f.name = w.name
         where w.side = 'wanted' and f.labels <> w.labels
    loop
        perform teleai_adopting.refuse(format('the type %s has the values %s; %s were expected', it.name, it.is_labels, it.labels));
    end loop;
    for it in
        select w.t
          from teleai_adopting.tables w
         where w.side = 'wanted'
           and exists (select from teleai_adopting.tables f where f.side = 'found' and f.t = w.t)
           and not exists (select from teleai_adopting.constraints f where f.side = 'found' and f.t = w.t and f.kind = 'p' and f.columns = 'id')
    loop
        perform teleai_adopting.refuse(format('the primary key of %s is not its column id', it.t));
    end loop;
    if to_regclass(format('%I.tenants', place)) is not null then
        perform teleai_adopting.refuse('there is a table tenants, which migration 003 makes: the database was adopted already. If its version is lost, write it with `teleai migrate force`');
    end if;
end
$$;

-- Columns, the function that keeps updated_at, extensions ------------------------------------------

do $$
declare
    it record;
    many bigint;
begin
    if exists (select from teleai_adopting.refusals) then
        return;
    end if;
    for it in
        select e.name
          from unnest(array['uuid-ossp', 'pgcrypto']) as e (name)
         where not exists (select from pg_extension x where x.extname = e.name and x.extnamespace <> 'teleai_adopting'::regnamespace)
    loop
        perform teleai_adopting.step(format('install the extension %s', it.name), '', format('create extension if not exists %I', it.name));
    end loop;
    if not exists (
        select from pg_proc p
         where p.pronamespace = to_regnamespace(quote_ident(current_setting('teleai.adopting_schema')))
           and p.proname = 'set_updated_at'
           and p.prosrc = (select prosrc from pg_proc where oid = 'teleai_adopting.set_updated_at()'::regprocedure)
    ) then
        perform teleai_adopting.step('make the function that keeps updated_at', '',
                                     replace(rtrim(pg_get_functiondef('teleai_adopting.set_updated_at()'::regprocedure), e'\n'), 'teleai_adopting.', ''));
    end if;
    for it in
        select w.t, string_agg(case when w.initial is not null and f.initial is distinct from w.initial then format('alter column %I set default %s', w.c, w.initial) end, ', ' order by w.c) as defaults,
               string_agg(case when f.needed and not w.needed then format('alter column %I drop not null', w.c) end, ', ' order by w.c) as looser
          from teleai_adopting.columns w
          join teleai_adopting.columns f on f.side = 'found' and f.t = w.t and f.c = w.c
         where w.side = 'wanted'
         group by w.t
    loop
        if it.defaults is not null or it.looser is not null then
            perform teleai_adopting.step(format('%s: the defaults of its columns', it.t), format('%s access exclusive', it.t),
                                         format('alter table %I %s', it.t, concat_ws(', ', it.defaults, it.looser)));
        end if;
    end loop;
    for it in
        select w.t, w.c
          from teleai_adopting.columns w
          join teleai_adopting.columns f on f.side = 'found' and f.t = w.t and f.c = w.c
         where w.side = 'wanted' and w.needed and not f.needed
         order by w.t, w.c
    loop
        many := teleai_adopting.count(format('select count(*) from %I where %I is null', it.t, it.c));
        if many > 0 then
            perform teleai_adopting.note(format('%s.%s', it.t, it.c), format('%s rows have none, where one is needed: the column stays as it is, and those rows cannot be read', many),
                                         format('update %I set %I = ... where %I is null; -- then: alter table %I alter column %I set not null', it.t, it.c, it.c, it.t, it.c));
        else
            perform teleai_adopting.step(format('%s: new rows have a %s', it.t, it.c), format('%s access exclusive', it.t),
                                         format(e'alter table %1$I drop constraint if exists %2$I;\nalter table %1$I add constraint %2$I check (%3$I is not null) not valid', it.t, format('teleai_adopt_%s', it.c), it.c));
            perform teleai_adopting.step(format('look through %s (%s)', it.t, it.c), format('%s share update exclusive', it.t),
                                         format('alter table %I validate constraint %I', it.t, format('teleai_adopt_%s', it.c)));
            perform teleai_adopting.step(format('%s: %s is never null', it.t, it.c), format('%s access exclusive', it.t),
                                         format('alter table %1$I alter column %3$I set not null, drop constraint %2$I', it.t, format('teleai_adopt_%s', it.c), it.c));
        end if;
    end loop;
    for it in
        select w.t, string_agg(replace(o, '=', ' = '), ', ') as options
          from teleai_adopting.tables w
          join teleai_adopting.tables f on f.side = 'found' and f.t = w.t
         cross join unnest(w.options) o
         where w.side = 'wanted' and o <> all (f.options)
         group by w.t
    loop
        perform teleai_adopting.step(format('%s: how it is stored', it.t), format('%s share update exclusive', it.t),
                                     format('alter table %I set (%s)', it.t, it.options));
    end loop;
end
$$;

-- Checks and references -----------------------------------------------------------------------------

do $$
declare
    it record;
    others text;
    free text;
    many bigint;
begin
    if exists (select from teleai_adopting.refusals) then
        return;
    end if;
    for it in
        select w.*, f.name as is_name, f.valid as is_valid, f.id as is_id
          from teleai_adopting.constraints w
          left join lateral (
                   select *
                     from teleai_adopting.constraints f
                    where f.side = 'found' and f.t = w.t and f.kind = w.kind and f.meaning = w.meaning
                    order by f.name <> w.name, f.name
                    limit 1
               ) f on true
         where w.side = 'wanted' and w.kind in ('c', 'f', 'p')
         order by w.kind, w.t, w.name
    loop
        -- A thing of another meaning that has the name.
        free := (select format(e'alter table %I rename constraint %I to %I;\n', o.t, o.name, left(o.name, 59) || '_old')
                   from teleai_adopting.constraints o
                  where o.side = 'found' and o.t = it.t and o.name = it.name and o.id is distinct from it.is_id
                    and not (it.is_name is null and o.kind = it.kind and o.columns = it.columns));
        if it.is_name is not null and it.is_name <> it.name then
            perform teleai_adopting.step(format('%s: the constraint %s is called %s', it.t, it.is_name, it.name), format('%s access exclusive', it.t),
                                         concat(free, format('alter table %I rename constraint %I to %I', it.t, it.is_name, it.name)));
        end if;
        if it.kind = 'p' then
            continue;
        end if;
        if it.is_name is null then
            -- The older form of the same rule.
            others := (select string_agg(format('drop constraint %I, ', o.name), '' order by o.name)
                         from teleai_adopting.constraints o
                        where o.side = 'found' and o.t = it.t and o.kind = it.kind and o.columns = it.columns
                          and not exists (select from teleai_adopting.constraints w where w.side = 'wanted' and w.t = o.t and w.meaning = o.meaning));
        end if;
        if it.is_name is null or not it.is_valid then
            many := case it.kind
                        when 'c' then teleai_adopting.count(format('select count(*) from %I where (%s) is false', it.t, it.expression))
                        else teleai_adopting.count(format('select count(*) from %I c where c.%I is not null and not exists (select from %I p where p.id = c.%I)', it.t, it.columns, it.parent, it.columns))
                    end;
        else
            many := 0;
        end if;
        if it.kind = 'f' and many > 0 then
            perform teleai_adopting.refuse(format('%s rows of %s have a %s that is not in %s: delete them first', many, it.t, it.columns, it.parent));
            continue;
        end if;
        if it.is_name is null then
            perform teleai_adopting.step(
                case it.kind when 'c' then format('%s: %s is checked', it.t, it.columns) else format('%s refer to %s, and go with what they refer to', it.t, it.parent) end,
                case when it.kind = 'c' then format('%s access exclusive', it.t)
                     when others is null then format('%s share row exclusive; %s share row exclusive', it.t, it.parent)
                     else format('%s access exclusive; %s access exclusive', it.t, it.parent) end,
                concat(free, case when it.kind = 'f' then format(e'lock table %I, %I in %s mode;\n', it.parent, it.t, case when others is null then 'share row exclusive' else 'access exclusive' end) end,
                       format('alter table %I %sadd constraint %I %s not valid', it.t, others, it.name, it.definition)));
        end if;
        if many > 0 then
            perform teleai_adopting.note(format('%s.%s', it.t, it.columns), format('%s rows do not keep to the rule %s; they stay as they are, and new ones must keep to it', many, it.name),
                                         format('select id from %I where (%s) is false; -- once they are right: alter table %I validate constraint %I', it.t, it.expression, it.t, it.name));
        elsif it.is_name is null or not it.is_valid then
            perform teleai_adopting.step(format('look through %s (%s)', it.t, it.columns), format('%s share update exclusive', it.t),
                                         format('alter table %I validate constraint %I', it.t, it.name));
        end if;
    end loop;
end
$$;

-- Indexes --------------------------------------------------------------------------------------------

do $$
declare
    it record;
    old record;
    taker record;
    free text;
    many bigint;
    new_name text;
    place oid := (select oid from pg_namespace where nspname = current_setting('teleai.adopting_schema'));
    used oid[] := '{}';
    doubled boolean := false;
begin
    if exists (select from teleai_adopting.refusals) then
        return;
    end if;
    for old in
        select f.*
          from teleai_adopting.indexes f
         where f.side = 'found' and not f.valid and not f.of_constraint
           and exists (select from teleai_adopting.indexes w where w.side = 'wanted' and w.t = f.t and w.keys = f.keys and w.name <> f.name)
    loop
        perform teleai_adopting.alone(format('drop %s, whose making was broken off', old.name), format('%s share update exclusive', old.t),
                                      format('drop index concurrently if exists %I', old.name));
    end loop;
    for it in
        select w.*, f.name as is_name, f.id as is_id, f.of_constraint as is_of_constraint, f.options as is_options
          from teleai_adopting.indexes w
          left join lateral (
                   select *
                     from teleai_adopting.indexes f
                    where f.side = 'found' and f.valid and f.t = w.t and f.method = w.method and f.condition = w.condition
                      and f.is_unique = w.is_unique and (w.of_constraint or not f.of_constraint)
                      and (f.keys = w.keys or w.method = 'gin' and f.keys = replace(w.keys, ' jsonb_path_ops', ''))
                    order by f.keys <> w.keys, f.of_constraint <> w.of_constraint, f.name <> w.name, f.name
                    limit 1
               ) f on true
         where w.side = 'wanted'
           and not exists (select from teleai_adopting.constraints p where p.side = 'wanted' and p.t = w.t and p.name = w.name and p.kind = 'p')
         order by w.t, w.name
    loop
        used := used || it.is_id;
        if it.is_id is not null and it.is_name = it.name and it.is_of_constraint = it.of_constraint and it.options <@ it.is_options then
            continue;
        end if;
        if it.is_id is null and it.is_unique then
            many := teleai_adopting.count(format('select count(*) from (select from %I group by %s having count(*) > 1) d', it.t, it.keys));
            if many > 0 then
                doubled := doubled or it.t = 'users';
                perform teleai_adopting.note(it.t, format('%s values of %s are there more than once, and should be unique: the index %s is not made', many, it.keys, it.name),
                                             format('select %1$s, array_agg(id) from %2$I group by %1$s having count(*) > 1; -- once they differ, run `teleai migrate adopt` again', it.keys, it.t));
                if not exists (select from teleai_adopting.indexes f where f.side = 'found' and f.valid and f.t = it.t and f.keys = it.keys) then
                    perform teleai_adopting.alone(format('index %s by %s', it.t, it.keys), format('%s share update exclusive', it.t),
                                                  format('create index concurrently if not exists %I on %I %s', it.t || '_lower_email_idx', it.t, it.definition));
                end if;
                continue;
            end if;
        end if;
        -- The name may be taken: by the older key of e-mail addresses, which goes further below, or by something else.
        select x.oid, x.relname, c.conname, c.conrelid::regclass::text as of_table
          into taker
          from pg_class x
          left join pg_constraint c on c.conindid = x.oid and c.contype in ('p', 'u', 'x')
         where x.relnamespace = place and x.relname = it.name and x.oid is distinct from it.is_id
           and not exists (select from pg_index i where i.indexrelid = x.oid and not i.indisvalid);
        free := case when taker.oid is null then ''
                     when taker.conname is not null then format(e'alter table %s rename constraint %I to %I;\n', taker.of_table, taker.conname, left(it.name, 59) || '_old')
                     else format(e'alter index %I rename to %I;\n', it.name, left(it.name, 59) || '_old') end;
        new_name := coalesce(it.is_name, case when taker.oid is not null or it.of_constraint then 'teleai_adopt_' || it.name else it.name end);
        if it.is_id is null then
            perform teleai_adopting.alone(format('index %s by %s', it.t, it.keys), format('%s share update exclusive', it.t),
                                          format('create %sindex concurrently if not exists %I on %I %s', case when it.is_unique then 'unique ' else '' end, new_name, it.t, it.definition));
        end if;
        if it.of_constraint and not coalesce(it.is_of_constraint, false) then
            perform teleai_adopting.step(format('%s: the index %s becomes a key', it.t, it.name), format('%s access exclusive', it.t),
                                         concat(free, format('alter table %I add constraint %I unique using index %I', it.t, it.name, new_name)));
        elsif new_name <> it.name then
            perform teleai_adopting.step(format('%s: the index %s is called %s', it.t, new_name, it.name), format('%s share update exclusive', it.t),
                                         concat(free, case when it.is_of_constraint
                                                           then format('alter table %I rename constraint %I to %I', it.t, new_name, it.name)
                                                           else format('alter index %I rename to %I', new_name, it.name) end));
        end if;
        if it.is_id is not null and not it.options <@ it.is_options then
            perform teleai_adopting.step(format('%s: how its index %s is kept', it.t, it.name), format('%s share update exclusive', it.t),
                                         format('alter index %I set (%s)', it.name, (select string_agg(replace(o, '=', ' = '), ', ') from unnest(it.options) o)));
        end if;
    end loop;

    -- Addresses were unique as they are written. The new key is wider; but programs may say "on conflict (email)", for which
    -- there must be an index on just that. It is a newer one, so that the server names users_email_key first.
    for old in
        select f.*
          from teleai_adopting.indexes f
         where f.side = 'found' and f.valid and f.t = 'users' and f.keys = 'email' and f.condition = '' and f.is_unique
           and f.name <> 'users_email_exact_key' and not f.bound and not doubled
         order by f.name
    loop
        if not exists (select from teleai_adopting.steps where sql like '%users_email_exact_key%') then
            perform teleai_adopting.alone('users: addresses stay unique as they are written too', 'users share update exclusive',
                                          'create unique index concurrently if not exists users_email_exact_key on users (email)');
        end if;
        -- By now it may have got another name.
        perform teleai_adopting.step('users: the older key of addresses is not needed any more', 'users access exclusive',
                                     case when old.of_constraint
                                          then format(e'alter table users drop constraint if exists %I', case when old.name = 'users_email_key' then 'users_email_key_old' else old.name end)
                                          else format('drop index if exists %I', case when old.name = 'users_email_key' then 'users_email_key_old' else old.name end) end);
        perform teleai_adopting.note('users.email', 'addresses are unique whatever their case from now on; the index users_email_exact_key serves programs that say "on conflict (email)" or look for an address as it is written',
                                     'drop index concurrently users_email_exact_key; -- once no program does');
    end loop;

    -- What another one covers costs every write.
    for old in
        select distinct f.t, f.name
          from teleai_adopting.indexes f
          join teleai_adopting.indexes w on w.t = f.t and w.method = f.method and w.condition = ''
         where f.side = 'found' and f.valid and not f.is_unique and not f.of_constraint and f.condition = '' and f.plain and f.id <> all (used)
           and (
                w.side = 'wanted' and left(w.keys || ', ', length(f.keys) + 2) = f.keys || ', '
                or w.is_unique and left(f.keys || ', ', length(w.keys) + 2) = w.keys || ', '
               )
           and not (doubled and f.t = 'users' and f.keys like 'lower(%')
         order by f.t, f.name
    loop
        perform teleai_adopting.alone(format('drop the index %s, which another one covers', old.name), format('%s access exclusive, while nobody uses it', old.t),
                                      format('drop index concurrently if exists %I', old.name));
    end loop;
end
$$;

-- Triggers ---------------------------------------------------------------------------------------------

do $$
declare
    it record;
    old text;
    same text;
begin
    if exists (select from teleai_adopting.refusals) then
        return;
    end if;
    for it in select * from teleai_adopting.triggers where side = 'wanted' order by t
    loop
        same := (select name from teleai_adopting.triggers f where f.side = 'found' and f.t = it.t and f.type = it.type and f.function = it.function order by f.name <> it.name limit 1);
        -- Those that do nothing but to set updated_at.
        old := (select string_agg(format(e'drop trigger %I on %I;\n', f.name, f.t), '')
                  from teleai_adopting.triggers f
                 where f.side = 'found' and f.t = it.t and f.type = it.type and f.function <> it.function
                   and f.body ~* '^\s*begin\s+new\.updated_at\s*:?=\s*[a-z_() ]+;\s*return\s+new\s*;\s*end\s*;?\s*$');
        if same is null or old is not null then
            perform teleai_adopting.step(format('%s: its trigger keeps updated_at by the clock', it.t), format('%s access exclusive', it.t),
                                         rtrim(concat(old, case when same is null then format('create trigger %I before update on %I for each row execute function set_updated_at()', it.name, it.t) end), e';\n'));
        end if;
        if same <> it.name then
            perform teleai_adopting.step(format('%s: the trigger %s is called %s', it.t, same, it.name), format('%s access exclusive', it.t),
                                         format('alter trigger %I on %I rename to %I', same, it.t, it.name));
        end if;
    end loop;
end
$$;

-- Views ------------------------------------------------------------------------------------------------

do $$
declare
    it record;
    rights text;
    needing text;
    kept text;
begin
    if exists (select from teleai_adopting.refusals) then
        return;
    end if;
    for it in
        select w.*, f.id as is_id, f.kind as is_kind, f.definition as is_definition, f.columns as is_columns
          from teleai_adopting.views w
          left join teleai_adopting.views f on f.side = 'found' and f.name = w.name
         where w.side = 'wanted'
         order by w.name
    loop
        kept := rtrim(it.definition, '; ');
        if it.is_kind = it.kind and it.is_definition = it.definition then
            if it.kind = 'm' and not exists (select from pg_index where indrelid = it.is_id and indisunique and indisvalid) then
                perform teleai_adopting.alone(format('%s: one row a day', it.name), '', 'create unique index concurrently if not exists daily_usage_stats_date_key on daily_usage_stats (date)');
            end if;
            continue;
        end if;
        if it.kind = 'v' and it.is_kind = 'v' and it.is_columns = it.columns then
            perform teleai_adopting.step(format('correct the view %s', it.name), format('%s access exclusive', it.name), format('create or replace view %I as %s', it.name, kept));
            continue;
        end if;
        needing := (select string_agg(distinct r.ev_class::regclass::text, ', ')
                      from pg_depend d
                      join pg_rewrite r on r.oid = d.objid
                     where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = it.is_id and r.ev_class <> it.is_id);
        if needing is not null then
            perform teleai_adopting.refuse(format('the view %s has to be made anew, and %s depends on it: drop that first', it.name, needing));
            continue;
        end if;
        rights := (select string_agg(format(e';\ngrant %s on %I to %s', lower(a.privilege_type), it.name, case when a.grantee = 0 then 'public' else a.grantee::regrole::text end), '')
                     from pg_class c
                    cross join aclexplode(c.relacl) a
                    where c.oid = it.is_id and a.grantee <> c.relowner);
        if it.kind = 'm' then
            perform teleai_adopting.step(format('make the view %s', it.name), case when it.is_id is null then '' else format('%s access exclusive, once the new one is filled', it.name) end,
                concat(format(e'create materialized view teleai_adopt_%1$s as %2$s;\ncreate unique index teleai_adopt_daily_usage_stats_date_key on teleai_adopt_%1$s (date);\n', it.name, kept),
                       case when it.is_id is not null then format(e'drop %sview %I;\n', case when it.is_kind = 'm' then 'materialized ' else '' end, it.name) end,
                       format(e'alter materialized view teleai_adopt_%1$s rename to %1$s;\nalter index teleai_adopt_daily_usage_stats_date_key rename to daily_usage_stats_date_key', it.name), rights));
        else
            perform teleai_adopting.step(format('make the view %s', it.name), case when it.is_id is null then '' else format('%s access exclusive', it.name) end,
                concat(case when it.is_id is not null then format(e'drop %sview %I;\n', case when it.is_kind = 'm' then 'materialized ' else '' end, it.name) end,
                       format('create view %I as %s', it.name, kept), rights));
        end if;
    end loop;
end
$$;

-- The version, last ------------------------------------------------------------------------------------

do $$
declare
    place text := current_setting('teleai.adopting_schema');
    is_ours boolean := (
        select count(*) = 2
          from pg_attribute
         where attrelid = to_regclass(format('%I.schema_migrations', place))
           and (attname = 'version' and atttypid = 'bigint'::regtype or attname = 'dirty' and atttypid = 'boolean'::regtype)
    );
    is_there boolean := to_regclass(format('%I.schema_migrations', place)) is not null;
    said text;
    note text := e'delete from schema_migrations;\ninsert into schema_migrations (version, dirty) values (2, false)';
begin
    if exists (select from teleai_adopting.refusals) then
        return;
    end if;
    if is_there and is_ours then
        execute 'select string_agg(version || case when dirty then '' dirty'' else '''' end, '', '') from schema_migrations' into said;
        if said is distinct from '2' then
            perform teleai_adopting.step(format('note version 2 (it says %s)', coalesce(said, 'none')), '', note);
        end if;
        return;
    end if;
    if is_there then
        perform teleai_adopting.note('schema_migrations', 'the table is another tool''s: it is called schema_migrations_old from now on', 'drop table schema_migrations_old; -- once no tool needs it');
    end if;
    perform teleai_adopting.step('note version 2', '', concat(
        case when is_there then e'alter table schema_migrations rename to schema_migrations_old;\nalter index if exists schema_migrations_pkey rename to schema_migrations_old_pkey;\n' end,
        e'create table schema_migrations (\n    version bigint  not null,\n    dirty   boolean not null,\n    constraint schema_migrations_pkey primary key (version)\n);\n', note));
end
$$;
