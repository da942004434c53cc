#!/usr/bin/env bash
# teleai migrate adopt: databases of earlier tooling, under several names, with and without views and versions, become the
# newest version with all their rows, beside programs that use them; a second time nothing is done.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
here=$source/tests/cli

older() { # name; p=, email_key=, email_check=, expires_check=, f=
    local each arguments=()
    database "$1" template0
    shift
    for each in p=idx_ email_key=users_email_key email_check=email_format expires_check=valid_expiration f=update_updated_at_column "$@"; do
        arguments+=(-v "$each")
    done
    psql -X -q -v ON_ERROR_STOP=1 -d "$TELEAI_DATABASE_URL" "${arguments[@]}" -f "$here/older_database.sql" >"$work/said" 2>&1 || complain "the older database"
}
# What the schema is made of, for comparing.
catalogue() {
    sql "select md5(string_agg(x, e'\n' order by x)) from (
        select 'class ' || oid || relname || relkind::text || coalesce(reloptions::text, '') from pg_class where relnamespace = 'public'::regnamespace union all
        select 'constraint ' || oid || conname || convalidated from pg_constraint union all select 'trigger ' || oid || tgname from pg_trigger union all
        select 'default ' || oid || pg_get_expr(adbin, adrelid) from pg_attrdef union all select 'proc ' || oid || prosrc from pg_proc where pronamespace = 'public'::regnamespace union all
        select 'rule ' || oid || pg_get_ruledef(oid) from pg_rewrite where ev_class >= 16384) x (x)"
}
rows() { sql "select (select count(*) from users) || ' ' || (select count(*) from sessions) || ' ' || (select count(*) from audio_files) || ' ' || (select count(*) from transcriptions) || ' ' || (select count(*) from analyses)"; }
# Names of constraints, indexes and triggers on the five tables that a database made by the migrations has, and this one lacks.
lacking() {
    local names="select string_agg(n, e'\n' order by n) from (select conrelid::regclass || '.' || conname || ' ' || regexp_replace(pg_get_constraintdef(oid), '::(character varying|text)(\[\])?|[()\s]', '', 'g') from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u')
        union all select i.indrelid::regclass || '.' || i.indexrelid::regclass from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = 'public'::regnamespace
        union all select tgrelid::regclass || '.' || tgname || ' ' || tgfoid::regproc from pg_trigger where not tgisinternal
        union all select relname || ' ' || pg_get_viewdef(oid) from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace
        union all select attrelid::regclass || '.' || attname || ' ' || pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum) x (n)"
    diff <(psql -X -A -t -q -d "$(cat "$TELEAI_TEST_SERVER/connection") dbname=teleai_template" -c "$names" | sort) <(sql "$names" | sort) | grep '^<' || true
}
adopted() { # rows that it has
    expect 0 teleai migrate adopt --dry-run
    local before; before=$(catalogue)
    equal "$before" "$(catalogue)"
    expect 0 teleai migrate adopt
    says "at version 2 now"
    equal "$(sql 'select version || dirty::text from schema_migrations')" 2false
    before=$(catalogue)
    expect 0 teleai migrate adopt
    says "Nothing to adopt"
    equal "$(catalogue)" "$before"
    expect 0 teleai migrate up
    equal "$(rows)" "$1"
    teleai doctor --json >"$work/said" 2>&1 || true
    python3 -c '
import json, sys
bad = [f for f in json.load(open("said"))["findings"] if f["check"] in ("missing_index", "schema", "extensions", "daily_usage") and f["severity"] not in ("ok", "notice")]
sys.exit("%s" % bad if bad else 0)' || complain "doctor finds something missing"
    equal "$(lacking)" ""
    before=$(catalogue)
    expect 0 teleai migrate adopt
    says "Nothing to adopt"
    equal "$(catalogue)" "$before"
}
full="200 200 1000 1000 1000"

# ---- as the tooling names things ----

older plain
before=$(catalogue)
expect 0 teleai migrate adopt --dry-run
says "steps would be taken"
says "users: addresses stay unique"
expect 0 teleai migrate adopt --dry-run --json
equal "$(catalogue)" "$before"
adopted "$full"
expect 0 teleai search "heart rates" --limit 1
for address in user7@example.org USER7@example.org; do
    expect 1 sql "insert into users (email, password_hash, full_name) values ('$address', '!', 'A')"
grep -qE "users_email_(exact_)?key" said || complain "it does not name the index of addresses"
done
older other p=ix_ email_key=uq_users email_check=users_email_check expires_check=sessions_expires_at_check f=touch
adopted "$full"
# Names that ours need, on other things.
older taken p=sessions_ email_key=users_email_key email_check=users_pkey_check f=set_updated_at
adopted "$full"

# ---- views, versions of other tools ----

older views
psql -X -q -v ON_ERROR_STOP=1 -v reader="cli_reader_$$" -d "$TELEAI_DATABASE_URL" -f "$here/older_views.sql"
sql "create table schema_migrations (version bigint not null primary key, dirty boolean not null); insert into schema_migrations values (2, true)"
expect 0 teleai migrate adopt
says "note version 2 (it says 2 dirty)"
equal "$(sql "set role cli_reader_$$; select total_storage_bytes from user_file_stats limit 1")" 5000
equal "$(sql "set role cli_reader_$$; select sum(total_uploads) from daily_usage_stats")" 1000
adopted_before=$(catalogue)
expect 0 teleai migrate adopt
equal "$(catalogue)" "$adopted_before"
expect 0 teleai migrate up
sql "drop owned by cli_reader_$$; drop role cli_reader_$$"
older foreign
sql "create table schema_migrations (version varchar(255) primary key); insert into schema_migrations values ('20190101000000')"
expect 1 teleai migrate up
says "teleai migrate adopt"
adopted "$full"
equal "$(sql 'select version from schema_migrations_old')" 20190101000000
older dependent
psql -X -q -v ON_ERROR_STOP=1 -v reader="cli_reader_$$" -d "$TELEAI_DATABASE_URL" -f "$here/older_views.sql"
sql "drop owned by cli_reader_$$; drop role cli_reader_$$; create view mine as select * from daily_usage_stats"
before=$(catalogue)
expect 1 teleai migrate adopt
says "mine depends on it"
equal "$(catalogue)" "$before"

# ---- rows that break stricter rules ----

older strict
sql "insert into users (email, password_hash, full_name) values ('a@example.o|g', '!', 'A'), ('USER1@example.org', '!', 'B'); alter table audio_files drop constraint valid_size; update audio_files set file_size_bytes = 0 where id in (select id from audio_files limit 3)"
expect 0 teleai migrate adopt
says "1 rows do not keep to the rule users_email_check"
says "3 rows do not keep to the rule audio_files_file_size_bytes_check"
says "1 values of lower(email::text) are there more than once"
before=$(catalogue)
expect 0 teleai migrate adopt
equal "$(catalogue)" "$before"
equal "$(rows)" "202 200 1000 1000 1000"
sql "update users set email = 'b@example.org' where email = 'USER1@example.org'; update users set email = 'a@example.org' where email like 'a@%'; update audio_files set file_size_bytes = 1 where file_size_bytes = 0"
adopted "202 200 1000 1000 1000"

# ---- refused, with nothing changed ----

refused() { # what it says, SQL
    older refused$((++refusals))
    sql "$2"
    local before; before=$(catalogue)
    expect 1 teleai migrate adopt
    says "cannot be adopted"
    says "$1"
    expect 1 teleai migrate adopt --dry-run
    says "$1"
    equal "$(catalogue)" "$before"
}
refusals=0
refused "the table sessions is missing" "drop table sessions"
refused "the column users.full_name is missing" "alter table users drop column full_name"
refused "audio_files.created_at is timestamp without time zone; timestamp with time zone was expected" "alter table audio_files alter column created_at type timestamp"
refused "the type user_role has the values admin, guest, user, viewer; admin, user, viewer were expected" "alter type user_role add value 'guest'"
refused "users.badge is not of this schema, not null and without a default" "alter table users add column badge text not null default ''; alter table users alter column badge drop default"
refused "5 rows of analyses have a transcription_id that is not in transcriptions" "alter table analyses drop constraint analyses_transcription_id_fkey; update analyses set transcription_id = uuid_generate_v4() where id in (select id from analyses limit 5)"
database empty template0
expect 1 teleai migrate adopt
says "no tables of earlier TeleAI Pro tooling"

# ---- interrupted at every step, and beside programs that use it ----

older busy
cat >"$work/writer.sql" <<'SQL'
\set n random(1, 1000000000)
begin;
insert into users (email, password_hash, full_name) values ('w' || :n || '-' || :client_id || '@example.org', '!', 'W') on conflict (email) do update set full_name = 'again' returning id \gset
insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type) values (':id', 'w', 'w', 1, 'audio/wav') returning id as file \gset
insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine) values (':file', ':id', 'text', 'en', 'w');
update users set is_active = true where id = ':id';
commit;
SQL
cat >"$work/reader.sql" <<'SQL'
select count(*) from audio_files f join transcriptions t on t.audio_file_id = f.id join users u on u.id = f.user_id where u.email = 'user7@example.org';
SQL
if command -v pgbench >/dev/null || [ -x "$bindir/pgbench" ]; then
    PATH=$bindir:$PATH
    connection=$(cat "$TELEAI_TEST_SERVER/connection")
    host=$(sed -E 's/^host=([^ ]+).*/\1/' <<<"$connection")
    for kind in writer reader; do
        pgbench -n -h "$host" -U teleai -c 2 -T 600 -f "$work/$kind.sql" "cli_busy_$$" >"$work/$kind.log" 2>&1 &
        eval "$kind=$!"
    done
    becomes t sql "select count(*) > 230 from users"
    for round in 1 2 3 4; do # cut short at another step each time
        steps=$(teleai migrate adopt --dry-run | tail -n 1 | cut -d ' ' -f 1)
        teleai migrate adopt >"$work/adopting" 2>&1 &
        adopting=$!
        becomes t sql "select to_regproc('set_updated_at') is not null"
        kill -KILL "$adopting" 2>/dev/null || true
        wait "$adopting" 2>/dev/null || true
        becomes 0 sql "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
    done
    expect 0 teleai migrate adopt --timeout 60
    before=$(sql "select count(*) from users")
    expect 0 teleai migrate up --timeout 60
    becomes t sql "select count(*) > $before + 20 from users"
    kill -0 "$writer" && kill -0 "$reader" || complain "a program stopped: $(cat "$work/writer.log" "$work/reader.log")"
    kill "$writer" "$reader" # an INT is ignored in the background
    wait "$writer" || true
    wait "$reader" || true
    ! grep -i error "$work/writer.log" "$work/reader.log" || complain "a program failed"
    equal "$(sql "select count(*) from pg_index where not indisvalid")" 0
    equal "$(lacking)" ""
fi
echo "adopted"
