#!/usr/bin/env bash
# What health checks know of the schema's indexes is what the migrations make. After a migration that makes, changes or
# drops one: --write, by hand, which starts a server of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/../../src/api/health/indexes.h
if [ "${1:-}" = --write ]; then
    export TELEAI_TEST_SERVER; TELEAI_TEST_SERVER=$(mktemp -d /tmp/teleai-indexes.XXXXXX)
    bash "$here/../support/server.sh" start "$TELEAI_TEST_SERVER"
    trap 'bash "$here/../support/server.sh" stop "$TELEAI_TEST_SERVER"; rm -rf "$TELEAI_TEST_SERVER"' EXIT
fi
[ -e "$TELEAI_TEST_SERVER/connection" ] || { echo "no server"; exit 77; }

made() {
    psql -X -A -t -q -v ON_ERROR_STOP=1 -d "$(cat "$TELEAI_TEST_SERVER/connection") dbname=teleai_template" <<'SQL' | sed 's/COLLATE "C"/COLLATE \\"C\\"/g'
with keys as (
    select i.indexrelid,
           string_agg(pg_get_indexdef(i.indexrelid, k, true)
                      || case when o.opcdefault then '' else ' ' || o.opcname end
                      || case when i.indoption[k - 1] & 1 = 1 then ' desc' else '' end
                      || case when i.indoption[k - 1] & 2 = 2 then ' nulls first' else '' end, ', ' order by k) as keys
      from pg_index i
     cross join generate_series(1, i.indnkeyatts) k
      join pg_opclass o on o.oid = i.indclass[k - 1]
     group by i.indexrelid
)
select format('    "%s(%L, %L, %L, %L, %L, %s, %L)"',
              case when row_number() over (order by t.relname, x.relname) = 1 then '' else ',' end,
              t.relname, x.relname, a.amname, k.keys, coalesce(pg_get_expr(i.indpred, i.indrelid), ''), i.indisunique::text,
              case when c.oid is not null
                   then format('alter table %s add constraint %s %s;', t.relname, c.conname,
                               replace(replace(pg_get_constraintdef(c.oid), 'PRIMARY KEY', 'primary key'), 'UNIQUE', 'unique'))
                   else regexp_replace(regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX (\S+) ON \S+ USING',
                               format('create %sindex concurrently \2 on %s using', case when i.indisunique then 'unique ' else '' end, t.relname)),
                               'using btree ', '') || ';' end)
  from pg_index i
  join pg_class x on x.oid = i.indexrelid
  join pg_class t on t.oid = i.indrelid
  join pg_am a on a.oid = x.relam
  join keys k on k.indexrelid = i.indexrelid
  left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
 where t.relnamespace = 'public'::regnamespace
 order by t.relname, x.relname;
SQL
}

text() {
    cat <<'HEAD'
/* The indexes that the migrations make: table, name, access method, keys, condition, whether unique, and what makes it
 * again. Written by tests/db/check_indexes.sh --write. */
#ifndef TELEAI_API_HEALTH_INDEXES_H
#define TELEAI_API_HEALTH_INDEXES_H

/* clang-format off */
#define TELEAI__HEALTH_INDEXES \
HEAD
    made | sed 's/$/ \\/; $s/ \\$//'
    printf '/* clang-format on */\n\n#endif\n'
}

if [ "${1:-}" = --write ]; then
    text >"$list.new" && mv "$list.new" "$list"
    exit
fi
text | diff "$list" - || { echo "src/api/health/indexes.h is not what the migrations make (< listed, > made): run $0 --write"; exit 1; }
echo "$(grep -c '^    "' "$list") indexes, all as the migrations make them"
