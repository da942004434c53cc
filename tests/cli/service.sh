# What the tests of local, doctor, backup, restore and ingest share. To be sourced: makes $work, a folder that goes away in
# the end; runs the command that was built.
set -euo pipefail
source=${TELEAI_SOURCE_DIR:?}
program=${TELEAI_BUILD_DIR:?}/src/cli/teleai
[ -x "$program" ] || { echo "the command is not built"; exit 77; }
. "$source/tests/support/packages.sh"
unset TELEAI_DATABASE_URL PGHOST PGDATABASE PGUSER PGPORT PGSERVICE PGHOSTADDR PGPASSWORD
export NO_COLOR=1 COLUMNS=200 LC_ALL=C.UTF-8
bindir=${TELEAI_PG_BINDIR:-$(teleai_postgres_bindir || true)}
if [ -z "$bindir" ]; then
    echo "no PostgreSQL server programs found"
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi

work=$(mktemp -d /tmp/teleai-cli.XXXXXX)
databases=()
finish() {
    local status=$? name
    for name in "${databases[@]}"; do
        psql -X -q -d "$(cat "$TELEAI_TEST_SERVER/connection") dbname=postgres" -c "drop database if exists $name" >/dev/null 2>&1 || true
    done
    [ ! -e "$work/pooler/pid" ] || kill "$(cat "$work/pooler/pid")" 2>/dev/null || true
    for name in "$work"/*/cluster; do
        [ ! -e "$name" ] || "$program" local stop --now "${name%/cluster}" >/dev/null 2>&1 || true
    done
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
cd "$work"

teleai() { "$program" "$@"; }

# A new database with the schema on the tests' server becomes the one that is worked on.
database() {
    local name=cli_$1_$$
    databases+=("$name")
    psql -X -q -d "$(cat "$TELEAI_TEST_SERVER/connection") dbname=postgres" -c "create database $name template ${2:-teleai_template}"
    export TELEAI_DATABASE_URL="$(cat "$TELEAI_TEST_SERVER/connection") dbname=$name"
}
sql() { psql -X -A -t -q -v ON_ERROR_STOP=1 -d "$TELEAI_DATABASE_URL" -c "$1"; }

complain() {
    echo "FAILED line ${BASH_LINENO[1]}: $*"
    [ ! -e "$work/said" ] || sed 's/^/    /' "$work/said"
    exit 1
}
# expect STATUS COMMAND...: it exits with that; what it says is in $work/said.
expect() {
    local wanted=$1 status=0
    shift
    "$@" >"$work/said" 2>&1 </dev/null || status=$?
    [ "$status" = "$wanted" ] || complain "exit status $status, $wanted was expected: $*"
}
says() { grep -qF -- "$1" "$work/said" || complain "it does not say: $1"; }
says_not() { ! grep -qF -- "$1" "$work/said" || complain "it says: $1"; }
equal() { [ "$1" = "$2" ] || complain "'$1', '$2' was expected"; }
becomes() { # value, command...
    local wanted=$1 i
    shift
    for i in $(seq 300); do
        [ "$("$@" 2>/dev/null)" = "$wanted" ] && return
        sleep 0.1
    done
    complain "never $wanted: $*"
}
# Sends a signal to a command in the background, and gives its exit status in $status.
end_with() {
    kill "-$1" "$2"
    status=0
    wait "$2" || status=$?
}
