#!/usr/bin/env bash
# The commands of "Point-in-time recovery" in database/README.md, as they stand there, on a server of their own: after them
# it has what was there at the chosen time, and nothing of what came later.
set -euo pipefail
source=${TELEAI_SOURCE_DIR:?}
. "$source/tests/support/packages.sh"
if ! bindir=${TELEAI_PG_BINDIR:-$(teleai_postgres_bindir)}; then
    echo "no PostgreSQL server programs found"
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi
[[ $("$bindir/postgres" --version) != *" 12."* ]] || { echo "base backups are verified from PostgreSQL 13 on"; exit 77; }
command -v python3 >/dev/null || { echo "no Python"; exit 77; }
for program in pg_basebackup pg_verifybackup psql; do
    [ -x "$bindir/$program" ] || { echo "no $program in $bindir"; exit 77; }
done

place=$(mktemp -d /tmp/teleai-recovery.XXXXXX)
as_user() {
    if [ "$(id -u)" != 0 ]; then "$@"; return; fi
    local user=nobody
    getent passwd postgres >/dev/null && user=postgres
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
}
[ "$(id -u)" != 0 ] || chown "$(as_user id -u)" "$place"
export DATA=$place/data BACKUP=$place/backup PGHOST=$place PGUSER=teleai PATH=$bindir:$PATH HOME=$place
unset PGDATABASE PGPORT PGSERVICE PGHOSTADDR
trap 'as_user "$bindir/pg_ctl" -D "$DATA" -m immediate -w stop >/dev/null 2>&1 || true; rm -rf "$place"' EXIT
cd "$place"

block() { python3 "$source/tests/docs/blocks.py" show "$source/database/README.md" "$1"; }
run() { # what, commands
    as_user bash -euo pipefail -c "$2" >"$place/said" 2>&1 </dev/null || { echo "$1 failed:"; cat "$place/said"; exit 1; }
}
sql() { as_user psql -X -A -t -q -v ON_ERROR_STOP=1 -d postgres -c "$1"; }
becomes_true() {
    for _ in $(seq 300); do
        [ "$(sql "$1")" = t ] && return
        sleep 0.1
    done
    echo "never true: $1"
    exit 1
}

as_user initdb -D "$DATA" --username=teleai --auth=trust >"$place/initdb.log" 2>&1 || { cat "$place/initdb.log"; exit 1; }
as_user sh -c "printf '%s\n' \"listen_addresses = ''\" \"unix_socket_directories = '$place'\" >>'$DATA/postgresql.conf'"
as_user pg_ctl -D "$DATA" -l "$place/server.log" -w start >/dev/null

# The server's log goes to a file here, for otherwise nobody would read what it says.
run "setting up" "$(block archive | sed "s|^pg_ctl .* restart|& -l $place/server.log|")"
sql "create table events as select 'before the base backup' as what"
run "the base backup" "$(block base-backup)"
run "the base backup, again on the same day" "$(block base-backup)"
today=$(ls -d "$BACKUP"/base-????-??-?? | tail -n 1) # it may be past midnight by now
for day in 01 02 03 04 05 06 07 08; do as_user cp -a "$today" "$BACKUP/base-2001-01-$day"; done
run "cleaning up" "$(block clean-up)"
[ "$(ls -d "$BACKUP"/base-????-??-?? | wc -l)" = 7 ] && [ -d "$today" ] ||
    { echo "not the seven latest base backups are left"; ls "$BACKUP"; exit 1; }
sql "insert into events values ('before the accident')"
target=$(sql "select clock_timestamp()")
sql "select pg_sleep(0.05)" >/dev/null
sql "delete from events; insert into events values ('the accident')"

recovery=$(block recover | sed -e "s|^TARGET=.*|TARGET='$target'|" -e "s|^BASE=.*|BASE=$today|" \
    -e "s|^pg_ctl .* start|& -l $place/server.log|")
grep -q "^TARGET='$target'" <<<"$recovery" && grep -q "^BASE=$today" <<<"$recovery"
run "the recovery" "$recovery"
[ -e "$DATA.broken" ]
becomes_true "select pg_is_wal_replay_paused()"
events="before the base backup,before the accident"
as_of=$(sql "select string_agg(what, ',') from events")
[ "$as_of" = "$events" ] || { echo "as of that time there is: $as_of"; exit 1; }
run "opening" "$(block reopen)"
becomes_true "select not pg_is_in_recovery()"
sql "insert into events values ('afterwards')"
as_user pg_ctl -D "$DATA" -l "$place/server.log" -w restart >/dev/null
as_of=$(sql "select string_agg(what, ',') from events")
[ "$as_of" = "$events,afterwards" ] || { echo "afterwards there is: $as_of"; exit 1; }
[ -z "$(sql "select setting from pg_settings where name = 'recovery_target_time' and setting <> ''")" ]
echo "the server came back as of the chosen time"
