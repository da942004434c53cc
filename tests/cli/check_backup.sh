#!/usr/bin/env bash
# teleai backup and restore: what comes back is what was there; what is damaged is noticed; nothing half is left.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
database backup
name=${databases[0]}
sql "insert into users (id, email, full_name, password_hash) values ('01900000-0000-7000-8000-000000000001', 'ann@example.org', 'Ann', 'x');
    insert into audio_files (id, user_id, file_name, file_path, file_size_bytes, mime_type, status, metadata)
        select md5(n::text)::uuid, '01900000-0000-7000-8000-000000000001', n || '.wav', '/a/' || n, n, 'audio/wav', 'ready', '{\"Ä\": \"ü\"}'
          from generate_series(1, 3000) n;
    insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine)
        select id, user_id, repeat(md5(id::text), 20), 'en', 'test' from audio_files"
if ! teleai backup probe.dump >"$work/said" 2>&1 && grep -q "too old for this server" "$work/said"; then
    echo "no pg_dump as new as the server: backup and restore are not tried"
    exit 77
fi
left_over() { sql "select count(*) from pg_database where datname like 'teleai_verify%'"; }

# ---- backup ----

expect 0 teleai backup
dump=$(ls teleai-????-??-??T??????Z.dump)
equal "$(stat -c %a "$dump")" 600
mkdir folder
expect 0 teleai backup --verify folder
says "the same"
says_not "DIFFERENT"
equal "$(ls folder | wc -l)" 1
expect 0 teleai backup --verify one.dump --json
says '"verified"'
says '"table": "transcriptions", "rows": 3000, "restored_rows": 3000'
expect 2 teleai backup one.dump
says "is there already"
expect 0 teleai backup --force one.dump
expect 2 teleai backup --verify --scratch nowhere two.dump
expect 1 teleai backup no/such/folder/x.dump
[ ! -e no ] || complain "something is left"
expect 0 teleai backup --verify --scratch local local.dump
equal "$(left_over)" 0
equal "$(ls -d /tmp/teleai-verify-* 2>/dev/null | wc -l)" 0

# A role that may not make databases gets a private server for it.
sql "do \$\$ begin create role teleai_cli_reader login; exception when duplicate_object or unique_violation then null; end \$\$"
sql "grant select on all tables in schema public to teleai_cli_reader; grant select on all sequences in schema public to teleai_cli_reader"
all=$TELEAI_DATABASE_URL
export TELEAI_DATABASE_URL="$all user=teleai_cli_reader"
expect 0 teleai backup --verify reader.dump
expect 5 teleai backup --verify --scratch server reader.dump --force
says "permission denied"
export TELEAI_DATABASE_URL=$all

# ---- programs that fail, or take their time ----

mkdir bin
for each in pg_dump pg_restore psql; do ln -s "$(readlink -f "$bindir/$each")" "bin/$each"; done
as_wrapper() { # program, what is done instead of running it as it is; $real runs it
    rm -f "bin/$1"
    printf '#!/bin/bash\nreal=%q\ncase "$*" in --version|*--list*) exec "$real" "$@" ;; esac\n%s\n' "$(readlink -f "$bindir/$1")" "$2" >"bin/$1"
    chmod +x "bin/$1"
}
as_it_is() { rm -f "bin/$1"; ln -s "$(readlink -f "$bindir/$1")" "bin/$1"; }
with_programs() { TELEAI_PG_BINDIR=$work/bin "$program" "$@"; }

# The password goes the way that others cannot see.
as_wrapper pg_dump "printf '%s\n' \"\$*\" >>'$work/arguments'; printf '%s\n' \"\$PGPASSWORD\" >'$work/password'; exec \"\$real\" \"\$@\""
TELEAI_DATABASE_URL="$all password='geheim is it' keepalives=1" expect 0 with_programs backup secret.dump
! grep -q geheim arguments || complain "the password is among the arguments"
equal "$(cat password)" "geheim is it"

# Damage, of both kinds.
as_wrapper pg_dump 'for w in "$@"; do case $before in --file) file=$w ;; esac; before=$w; done
"$real" "$@" && printf %0300d 0 | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") * 2 / 3)) conv=notrunc 2>/dev/null'
expect 5 with_programs backup --verify damaged.dump
says "is written, but not verified"
as_wrapper pg_dump 'exec "$real" --exclude-table-data=transcriptions "$@"'
expect 5 with_programs backup --verify short.dump
grep -q '^transcriptions  *3,000  *0  *DIFFERENT' said || complain "the table is not named"
says "does not hold what the database held"
equal "$(left_over)" 0

as_wrapper pg_dump 'echo "pg_dump: error: aborting because of server version mismatch" >&2
echo "pg_dump: detail: server version: 15.1; pg_dump version: 11.2" >&2; exit 1'
expect 1 with_programs backup old.dump
says "is too old for this server: server version: 15.1; pg_dump version: 11.2"
as_wrapper pg_dump 'for w in "$@"; do case $before in --file) file=$w ;; esac; before=$w; done; echo half >"$file"
echo "pg_dump: error: disk full" >&2; exit 1'
expect 1 with_programs backup full.dump
says "disk full"
equal "$(ls | grep -c 'full.dump\|old.dump')" 0
rm bin/pg_dump
expect 1 with_programs backup none.dump
says "has no pg_dump"
as_it_is pg_dump

# ---- Ctrl-C ----

# While it waits for a lock.
psql -X -q -d "$TELEAI_DATABASE_URL" -c "begin; lock table transcriptions in access exclusive mode; select pg_sleep(60)" >/dev/null 2>&1 &
locker=$!
becomes 1 sql "select count(*) from pg_locks where relation = 'transcriptions'::regclass and mode = 'AccessExclusiveLock' and granted"
"$program" backup interrupted.dump >said 2>&1 &
backup=$!
becomes 1 sql "select count(*) from pg_stat_activity where application_name = 'pg_dump' and wait_event_type = 'Lock' and datname = '$name'"
end_with INT "$backup"
equal "$status" 130
says "interrupted"
equal "$(ls | grep -c interrupted || true)" 0
becomes 0 sql "select count(*) from pg_stat_activity where application_name = 'pg_dump' and datname = '$name'"
sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and datname = '$name'" >/dev/null
wait "$locker" || true

# While it tries the dump: the scratch database goes.
as_wrapper pg_restore 'exec sleep 60'
TELEAI_PG_BINDIR=$work/bin "$program" backup --verify tried.dump >said 2>&1 &
backup=$!
becomes 1 left_over
becomes 1 pgrep -c -P "$backup"
end_with INT "$backup"
equal "$status" 130
equal "$(left_over)" 0
[ -e tried.dump ] || complain "the dump, which is whole, is gone"
as_it_is pg_restore

# While it makes the scratch database: the server has it, and psql has not told yet.
mkfifo go
exec 7<>go
as_wrapper psql "\"\$real\" \"\$@\"; status=\$?; case \"\$*\" in *'create database'*) read -r _ <'$work/go' ;; esac; exit \$status"
sed -i '2s/^/case "$*" in --version) sleep 0.3 ;; esac; /' bin/psql # slower than we are woken once interrupted
TELEAI_PG_BINDIR=$work/bin "$program" backup --verify made.dump >said 2>&1 &
backup=$!
becomes 1 left_over
kill -INT "$backup"
echo >&7
status=0
wait "$backup" || status=$?
equal "$status" 130
equal "$(left_over)" 0
[ -e made.dump ] || complain "the dump, which is whole, is gone"
as_it_is psql
exec 7>&-

# ---- restore ----

expect 1 teleai restore one.dump
says "is not empty"
database target template0
expect 0 teleai restore one.dump
says "The schema has version"
equal "$(sql "select count(*) from transcriptions")" 3000
equal "$(sql "select relispopulated from pg_class where relname = 'daily_usage_stats'")" t
equal "$(sql "select reltuples::int from pg_class where relname = 'transcriptions'")" 3000
expect 1 teleai restore one.dump
sql "delete from transcriptions"
expect 0 teleai restore one.dump --clean
equal "$(sql "select count(*) from transcriptions")" 3000
expect 0 teleai restore one.dump --clean --jobs 2
equal "$(sql "select count(*) from transcriptions")" 3000
sql "delete from transcriptions"
expect 1 teleai restore damaged.dump --clean
says "nothing was changed"
equal "$(sql "select count(*) from transcriptions")" 0
databases+=("cli_made_$$")
expect 0 teleai restore one.dump --create "cli_made_$$"
says "cli_made_$$"
expect 1 teleai restore one.dump --create "cli_made_$$"
says "already exists"
expect 2 teleai restore one.dump --create x --clean
expect 2 teleai restore "$source/README.md"
says "is not a dump"
expect 2 teleai restore no_such_file
expect 0 teleai restore -d local:data one.dump
equal "$(teleai local psql data -- -X -A -t -c "select count(*) from transcriptions")" 3000

# Roles are named in a dump, and not in it.
database roles
sql "create role teleai_cli_gone; create role \"Gone too\"; alter table analyses owner to teleai_cli_gone; grant select on users to \"Gone too\""
expect 0 teleai backup roles.dump
sql "alter table analyses owner to teleai; revoke all on users from \"Gone too\"; drop role teleai_cli_gone; drop role \"Gone too\""
database roles_target template0
expect 1 teleai restore roles.dump
says 'to roles that this server does not have: teleai_cli_gone, "Gone too"'
expect 0 teleai restore --no-roles roles.dump
equal "$(sql "select pg_get_userbyid(relowner) from pg_class where relname = 'analyses'")" teleai

# Row security comes back, and a dump of one tenant's rows is none.
database secured
psql -X -q -v ON_ERROR_STOP=1 -d "$TELEAI_DATABASE_URL" -f "$source/database/row_security/enable.sql" >/dev/null
sql "insert into users (email, full_name, password_hash) values ('bob@example.org', 'Bob', 'x')"
expect 0 teleai backup --verify secured.dump
all=$TELEAI_DATABASE_URL
export TELEAI_DATABASE_URL="$all user=teleai_app"
expect 1 teleai backup bound.dump
[ ! -e bound.dump ] || complain "a dump of some rows"
export TELEAI_DATABASE_URL=$all
database secured_target template0
expect 0 teleai restore secured.dump
equal "$(sql "select relrowsecurity from pg_class where relname = 'users'")" t
equal "$(psql -X -A -t -d "$TELEAI_DATABASE_URL user=teleai_app" -c "select count(*) from users")" 0
equal "$(sql "select count(*) from users")" 1

# Through a transaction pooler neither is begun: the settings of these programs would stay behind in sessions of others.
if [ -x /usr/sbin/pgbouncer ]; then
    export TELEAI_DATABASE_URL=$all
    mkdir pooler
    chmod 755 "$work"
    cat >pooler/ini <<END
[databases]
* = host=$(sql "show unix_socket_directories") user=teleai
[pgbouncer]
unix_socket_dir = $work/pooler
listen_port = 6432
auth_type = any
pool_mode = transaction
pidfile = $work/pooler/pid
logfile = $work/pooler/log
END
    as=()
    if [ "$(id -u)" = 0 ]; then
        owner=$(getent passwd postgres >/dev/null && echo postgres || echo nobody)
        chown -R "$owner" pooler
        as=(setpriv --reuid="$owner" --clear-groups --)
    fi
    "${as[@]}" /usr/sbin/pgbouncer -q -d pooler/ini
    direct=$TELEAI_DATABASE_URL
    export TELEAI_DATABASE_URL="host=$work/pooler port=6432 user=teleai dbname=${direct##*dbname=}"
    becomes 1 sql "select 1"
    expect 1 teleai backup pooled.dump
    says "backup does not go through a transaction pooler"
    says "straight to the server"
    expect 1 teleai restore --clean secured.dump
    says "restore does not go through a transaction pooler"
    [ ! -e pooled.dump ] && [ ! -e pooled.dump.part ] || complain "something is left"
    equal "$(sql "show search_path")" '"$user", public'
    kill "$(cat pooler/pid)"
    export TELEAI_DATABASE_URL=$direct
fi
echo "backups come back as they were"
