#!/usr/bin/env bash
# The tests' own PostgreSQL: a fresh cluster in a temporary folder, reached by a unix socket, with a template database
# that has the schema. Run by ctest as a fixture, or by hand:
#   server.sh start FOLDER     writes FOLDER/connection; without PostgreSQL it skips (exit 77), in CI it fails
#   server.sh stop FOLDER
set -euo pipefail
action=$1 folder=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/packages.sh"

# PostgreSQL refuses to run as root.
as_user() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    local user=nobody
    getent passwd postgres >/dev/null && user=postgres
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
}

stop() {
    [ -e "$folder/place" ] || return 0
    local place; place=$(cat "$folder/place")
    local running
    for running in "$place"/*/postmaster.pid; do # the tests' own, and a standby that a test has made there
        (cd / && as_user "$(cat "$folder/bindir")/pg_ctl" -D "${running%/*}" -m immediate -w stop >/dev/null 2>&1) || true
    done
    rm -rf "$place" "$folder/place" "$folder/connection" "$folder/bindir"
}

start() {
    mkdir -p "$folder"
    stop
    local bindir place
    if ! bindir=${TELEAI_PG_BINDIR:-$(teleai_postgres_bindir)}; then
        echo "no PostgreSQL server programs found: the tests that need a server are skipped" >&2
        [ -z "${CI:-}" ] || exit 1
        exit 77
    fi
    place=$(mktemp -d /tmp/teleai-test.XXXXXX) # not in the build folder: a socket's path must be short
    chmod 755 "$place"
    echo "$place" >"$folder/place"
    echo "$bindir" >"$folder/bindir"
    mkdir "$place/cluster"
    [ "$(id -u)" != 0 ] || chown "$(as_user id -u)" "$place" "$place/cluster"
    cd /
    as_user "$bindir/initdb" -D "$place/cluster" --username=teleai --auth=trust --encoding=UTF8 --locale=C --lc-ctype=C.UTF-8 \
        --no-sync >"$place/initdb.log" 2>&1 || { cat "$place/initdb.log" >&2; exit 1; }
    # Durability is not what these tests are about: those that are make their own server.
    cat >>"$place/cluster/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$place'
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
password_encryption = 'scram-sha-256' # the default from 14 on
shared_buffers = 128MB
jit = off
CONF
    as_user "$bindir/pg_ctl" -D "$place/cluster" -l "$place/server.log" -w -t 60 start >/dev/null ||
        { cat "$place/server.log" >&2; exit 1; }
    local psql=(psql -X -q -v ON_ERROR_STOP=1 -h "$place" -U teleai)
    "${psql[@]}" -d postgres -c 'create database teleai_template'
    for file in "$here"/../../database/migrations/*.up.sql; do
        "${psql[@]}" -d teleai_template -f "$file"
    done
    echo "host=$place user=teleai" >"$folder/connection"
}

"$action"
