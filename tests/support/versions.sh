# Running tests on other versions of PostgreSQL. To be sourced, after packages.sh:
#   teleai_on_servers VERSION|all BUILD-FOLDER JOBS [what goes to ctest]
. "${BASH_SOURCE[0]%/*}/archive.sh"

# The tests that have to do with a server, unless ctest is told which.
TELEAI_ON_SERVERS=(-L '^(db|fault|cli|docs|python)$' -E '^(db_versions|docs_(manual|pages|blocks))$')

_teleai_on_server() { # VERSION BUILD JOBS ...
    local version=$1 build=$2 jobs=$3 place bindir status=0
    shift 3
    place=$(mktemp -d /tmp/teleai-server-"$version".XXXXXX) # readable by the user that a server runs as
    chmod 755 "$place"
    if ! bindir=$(teleai_server_programs "$version" "$place"); then
        rm -rf "$place"
        [ -z "${CI:-}" ] || return 1
        echo "PostgreSQL $version is not to be had: its tests are skipped"
        return 77
    fi
    echo "== testing on PostgreSQL $version"
    TELEAI_PG_BINDIR=$bindir PATH=$bindir:$PATH TELEAI_SERVER_MAJOR=$version \
        ctest --test-dir "$build" --output-on-failure -j "$jobs" "$@" || status=$?
    rm -rf "$place"
    return "$status"
}

teleai_on_servers() {
    local which=$1 build=$2 jobs=$3 version versions=() status failed=0 log began table=
    shift 3
    [ $# -gt 0 ] || set -- "${TELEAI_ON_SERVERS[@]}"
    for version in "${TELEAI_SERVER_VERSIONS[@]}"; do
        version=${version%%.*}
        [ "$which" != all ] && [ "$which" != "$version" ] || versions+=("$version")
    done
    for version in "${versions[@]}"; do
        log=$build/server-$version.log status=0 began=$SECONDS
        _teleai_on_server "$version" "$build" "$jobs" "$@" 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
        [ "$status" = 77 ] || bash tests/support/skipped.sh "$build" "$log" | tee -a "$log"
        [ "$status" = 0 ] || [ "$status" = 77 ] || failed=1
        table+=$(_teleai_row "$version" "$status" "$log" $((SECONDS - began)))$'\n'
    done
    if [ "$which" = all ]; then
        printf '\n%-11s %-8s %-8s %-8s %-8s %s\n' PostgreSQL passed failed skipped seconds "which failed"
        printf '%s' "$table"
    fi
    return "$failed"
}

_teleai_row() { # VERSION STATUS LOG SECONDS
    local passed failed skipped names
    if [ "$2" = 77 ]; then
        printf '%-11s %s' "$1" "not to be had"
        return
    fi
    passed=$(grep -cE '^ *[0-9]+/[0-9]+ Test .* Passed ' "$3" || true)
    skipped=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped ' "$3" || true)
    names=$(sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([a-z_]+) .*\*\*\*(Failed|Timeout|Exception|Not Run).*/\1/p' "$3" | sort -u | tr '\n' ' ')
    failed=$(wc -w <<<"$names")
    [ "$2" = 0 ] || [ "$failed" -gt 0 ] || names="ctest ended with $2"
    printf '%-11s %-8s %-8s %-8s %-8s %s' "$1" "$passed" "$failed" "$skipped" "$4" "$names"
}
