#!/usr/bin/env bash
# database/flyway.toml with the real Flyway and database/changelog.yaml with the real Liquibase: an empty database, one that
# has its schema already, and back down. They speak TCP alone, so this has a server of its own.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
. "$source/tests/support/tools.sh"
flyway_jars=$(teleai_flyway) || teleai_tool_lacks Flyway mvn
liquibase_jars=$(teleai_liquibase) || teleai_tool_lacks Liquibase mvn
newest=$(ls "$source"/database/migrations/*.up.sql | wc -l)

as_user() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    setpriv --reuid="$(id -u postgres)" --regid="$(id -g postgres)" --clear-groups -- "$@"
}
mkdir "$work/server"
chmod 755 "$work"
[ "$(id -u)" != 0 ] || chown postgres "$work/server"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_user "$bindir/initdb" -D "$work/server" --username=teleai --auth=trust --encoding=UTF8 --locale=C --no-sync >"$work/said" 2>&1 || complain initdb
as_user "$bindir/pg_ctl" -D "$work/server" -w -l "$work/server/log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/server -c fsync=off" start >"$work/said" 2>&1 ||
    complain "no server"
trap 'status=$?; as_user "$bindir/pg_ctl" -D "$work/server" -m immediate -w stop >/dev/null 2>&1; rm -rf "$work"; exit $status' EXIT

new_database() { # name
    psql -X -q -h 127.0.0.1 -p "$port" -U teleai -d postgres -c "create database $1"
    export TELEAI_DATABASE_URL="host=127.0.0.1 port=$port user=teleai dbname=$1"
    url=jdbc:postgresql://127.0.0.1:$port/$1
}
state() { sql "select version || case when dirty then ' dirty' else '' end from schema_migrations"; }
flyway_program() { (cd "$source" && timeout 120 java -cp "$flyway_jars/*" org.flywaydb.commandline.Main "$@"); }
liquibase_program() {
    (cd "$source" && timeout 240 java -cp "$liquibase_jars/*" liquibase.integration.commandline.LiquibaseCommandLine --username=teleai "$@")
}
flyway() { flyway_program -configFiles=database/flyway.toml -url="$url" -user=teleai "$@"; }
liquibase() {
    liquibase_program --changelog-file=changelog.yaml --search-path=database --url="$url" --show-banner=false --log-level=severe "$@"
}
whole() {
    equal "$(state)" "$newest"
    equal "$(sql "select count(*) from pg_index where not indisvalid")" 0
    expect 0 teleai migrate up # nothing to do
    says "already"
}

# The commands of database/README.md, but for the server's address and the user.
printed() ( # block
    python3 "$source/tests/docs/blocks.py" show "$source/database/README.md" "$1" |
        sed "s|jdbc:postgresql://db.example.org/teleai|$url|; s|teleai_owner|teleai|" >"$work/printed.sh"
    flyway() { flyway_program "$@"; }
    liquibase() { liquibase_program "$@"; }
    . "$work/printed.sh"
)

# ---- Flyway ----

new_database flyway_empty
expect 0 printed flyway
whole
expect 0 flyway migrate
expect 0 flyway validate
new_database flyway_there
expect 0 teleai migrate to 9
expect 0 flyway -baselineOnMigrate=true -baselineVersion=9 migrate
whole

# ---- Liquibase ----

new_database liquibase_empty
expect 0 printed liquibase # up, and the newest file back
equal "$(sql "select count(*) from databasechangelog")" $((newest - 1)) # its down file writes no version
expect 0 liquibase update
whole
expect 0 liquibase update
expect 0 liquibase rollback-count "$newest"
equal "$(sql "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'databasechangelog%'")" 0
expect 0 liquibase update-count 9 # the last of them writes no version
expect 0 liquibase rollback-count 3
expect 0 liquibase update
whole
new_database liquibase_there
expect 0 teleai migrate up
expect 0 liquibase changelog-sync
expect 0 liquibase update
whole
expect 0 liquibase rollback-count 2 # the last file may write no version
equal "$(state)" $((newest - 2))
echo "up, taken over, and (Liquibase) down, by the real programs"
