#!/usr/bin/env bash
# check_adopt.sh on the oldest and the newest PostgreSQL, from npm's packages; VERSIONS names others.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../support/archive.sh"
command -v psql >/dev/null || { echo "no psql"; exit 77; }

place=$(mktemp -d /tmp/teleai-adopt.XXXXXX)
running=
as_user() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    local user=nobody
    getent passwd postgres >/dev/null && user=postgres
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
}
finish() {
    [ -z "$running" ] || as_user "$running/native/bin/pg_ctl" -D "$running/cluster" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap finish EXIT
chmod 755 "$place"

for version in ${VERSIONS:-12.22.0-beta.15 18.4.0-beta.17}; do
    archive=$(teleai_archive "$version") || teleai_archive_lacks "$version"
    at=$place/${version%%.*}
    mkdir "$at" "$at/cluster"
    tar -xzf "$archive" -C "$at" --strip-components=1
    # Links are not in a package: a list of them is.
    tr '}' '\n' <"$at/native/pg-symlinks.json" | sed -nE 's/.*"source":"([^"]+)","target":"([^"]+)".*/\1 \2/p' |
        while read -r source target; do ln -sf "$at/$source" "$at/$target"; done
    chmod -R a+rX "$at"
    chmod a+x "$at"/native/bin/*
    [ "$(id -u)" != 0 ] || chown "$(as_user id -u)" "$at" "$at/cluster"
    (cd "$at" && as_user native/bin/initdb -D "$at/cluster" --username=teleai --auth=trust --encoding=UTF8 --locale=C --no-sync >"$at.log" 2>&1) ||
        { cat "$at.log"; exit 1; }
    running=$at
    (cd "$at" && as_user native/bin/pg_ctl -D "$at/cluster" -w -t 60 -o "-c listen_addresses= -c unix_socket_directories=$at -c fsync=off" start \
        >"$at.log" 2>&1 </dev/null) || { cat "$at.log"; exit 1; }
    psql -X -q -h "$at" -U teleai -d postgres -c "create database teleai_template"
    for file in "$here"/../../database/migrations/*.up.sql; do
        psql -X -q -v ON_ERROR_STOP=1 -h "$at" -U teleai -d teleai_template -f "$file"
    done
    echo "host=$at user=teleai" >"$at/connection"
    TELEAI_TEST_SERVER=$at bash "$here/check_adopt.sh" || { echo "failed on PostgreSQL $version"; exit 1; }
    as_user "$at/native/bin/pg_ctl" -D "$at/cluster" -m fast -w stop >/dev/null
    running=
    echo "PostgreSQL $version: adopted"
done
