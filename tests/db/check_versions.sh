#!/usr/bin/env bash
# The library and its schema on the oldest and the newest PostgreSQL that it is for, from npm's packages of ready programs.
# Skips where there is no npm or no network; in CI, with npm, everything must work.
set -euo pipefail
versions=(12.22.0-beta.15 18.4.0-beta.17)
program=$TELEAI_BUILD_DIR/tests/db_versions
. "$(dirname "${BASH_SOURCE[0]}")/../support/archive.sh"

place=$(mktemp -d /tmp/teleai-versions.XXXXXX) # not in the cache: the server's user must be able to read it
running=
user=$(id -un)
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    user=nobody
    getent passwd postgres >/dev/null && user=postgres
fi
as_user() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
}
finish() {
    [ -z "$running" ] || as_user "$running/native/bin/pg_ctl" -D "$running/cluster" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap finish EXIT
chmod 755 "$place"

for version in "${versions[@]}"; do
    archive=$(teleai_archive "$version") || teleai_archive_lacks "$version"
    major=${version%%.*}
    at=$place/$major
    mkdir "$at" "$at/cluster"
    teleai_unpack "$archive" "$at"
    [ "$(id -u)" != 0 ] || chown "$user" "$at" "$at/cluster"
    cd "$at"
    as_user native/bin/initdb -D "$at/cluster" --username=teleai --auth=trust --encoding=UTF8 --locale=C --no-sync \
        >"$at.log" 2>&1 || { cat "$at.log" >&2; exit 1; }
    running=$at
    as_user native/bin/pg_ctl -D "$at/cluster" -w -t 60 \
        -o "-c listen_addresses= -c unix_socket_directories=$at -c fsync=off" start >"$at.log" 2>&1 </dev/null ||
        { cat "$at.log" >&2; exit 1; }
    "$program" "host=$at user=teleai dbname=postgres" "$place/schema-$major" || { echo "failed on PostgreSQL $version"; exit 1; }
    find "$at/native" -name 'uuid-ossp.control' -exec rm {} + # of a copy: a server that lacks the extension
    "$program" "host=$at user=teleai dbname=postgres" --without-extension || { echo "failed on PostgreSQL $version without extensions"; exit 1; }
    as_user native/bin/pg_ctl -D "$at/cluster" -m fast -w stop >/dev/null
    running=
    echo "PostgreSQL $version: $(wc -l <"$place/schema-$major") things in the schema, all as they should be"
done

# What 12 and 18 made is the same, but for the texts of views, which each tells in its own words.
diff <(grep -v '^view ' "$place/schema-12" | sort) <(grep -v '^view ' "$place/schema-18" | sort) &&
    echo "the schema is the same on both"
