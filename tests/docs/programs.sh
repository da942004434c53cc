# For the tests that run what the documents say: a folder of the user that a PostgreSQL server may run as, with the library
# and the command installed in it, programs built against them, and a database in data/. To be sourced; sets `work`, and defines as_user and held.
. "$TELEAI_SOURCE_DIR/tests/support/packages.sh"

skip() {
    echo "$*"
    [ -z "${CI:-}" ] || exit 1
    exit 77
}

command -v python3 >/dev/null || skip "no Python"
bindir=${TELEAI_PG_BINDIR:-$(teleai_postgres_bindir)} || skip "no PostgreSQL server programs"
[ -e "$TELEAI_BUILD_DIR/libteleai.so" ] || skip "no shared library here"
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
export TELEAI_PG_BINDIR=$bindir
unset "${!PG@}"

work=$(mktemp -d /tmp/teleai-docs.XXXXXX) # a socket's path must be short
user=$(id -un)
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    user=nobody
    if getent passwd postgres >/dev/null; then user=postgres; fi
fi

# As that user, in the folder, with the examples and PostgreSQL's programs at hand.
as_user() {
    local how=(env "PATH=$work/bin:$bindir:/usr/sbin:$PATH" "TELEAI_PG_BINDIR=$bindir")
    if [ "$(id -u)" = 0 ]; then
        how=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "${how[@]}")
    fi
    (cd "$work" && "${how[@]}" "$@")
}

# The same while a program has data/ open, so that its server runs.
held() {
    coproc holder { as_user hold; }
    local pid=$holder_PID to=${holder[1]} status=0 line
    read -r line <&"${holder[0]}" || return 1
    "$@" || status=$?
    eval "exec $to>&-"
    wait "$pid" || status=1
    return "$status"
}

build_programs() {
    local cc=${CC:-cc} name
    cmake --install "$TELEAI_BUILD_DIR" --prefix "$work" >"$work/install.log"
    export PKG_CONFIG_PATH=$(dirname "$(find "$work" -name teleai.pc)")
    mkdir -p "$work/bin"
    for program in "$TELEAI_SOURCE_DIR"/examples/{quickstart,growing}.c "$TELEAI_SOURCE_DIR"/tests/docs/hold.c; do
        name=$(basename "$program" .c)
        "$cc" -std=c11 -Wall -Wextra -Werror "$program" -o "$work/bin/$name" $(pkg-config --cflags --libs teleai)
    done
    [ "$(id -u)" != 0 ] || chown -R "$user" "$work"
    as_user quickstart >"$work/quickstart.log"
    grep -q '\[heart\] \[rate\]' "$work/quickstart.log"
}

clean() {
    as_user "$bindir/pg_ctl" stop -m immediate -D data/cluster >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean EXIT
build_programs
