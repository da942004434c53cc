#!/usr/bin/env bash
# The program whose parts docs/grow.md shows works on a database in a folder, through a PgBouncer that is set up as the text
# says (but for its addresses and its passwords), and with several hosts in the connection string.
set -euo pipefail
[ -x /usr/sbin/pgbouncer ] || { echo "no PgBouncer"; [ -z "${CI:-}" ] || exit 1; exit 77; }
. "$TELEAI_SOURCE_DIR/tests/docs/programs.sh"
block() { python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/docs/grow.md" "$1"; }

block pgbouncer | sed -E "s|host=[^ ]+|host=$work/data user=teleai|; s|^listen_addr = .*|unix_socket_dir = $work|
    s|^auth_type = .*|auth_type = any|; /^auth_file/d" >"$work/pgbouncer.ini"
echo "logfile = $work/pgbouncer.log" >>"$work/pgbouncer.ini"
hosts=$(block failover | sed -E "s|db1[^,]*,db2[^,]*,db3[^ ]*|/nowhere,$work/data,/nowhere/else|; s|teleai_app|teleai|")
[[ $hosts == host=/nowhere,* ]] || { echo "the hosts are not as expected: $hosts"; exit 1; }
chmod a+rw "$work/pgbouncer.ini"

grow() {
    as_user pgbouncer -q pgbouncer.ini >"$work/pgbouncer.out" 2>&1 &
    local pooler=$! status=0
    for ((i = 0; i < 100; i++)); do
        as_user psql -Xqc 'select 1' "host=$work port=6432 user=teleai dbname=teleai" >/dev/null 2>&1 && break
        sleep 0.1
    done
    as_user growing "$hosts" "host=$work/data user=teleai dbname=teleai" >"$work/log" 2>&1 || status=1
    as_user growing "host=$work port=6432 user=teleai dbname=teleai" "$hosts" >>"$work/log" 2>&1 || status=1
    kill "$pooler" $(pgrep -P "$pooler") 2>/dev/null || true
    wait "$pooler" 2>/dev/null || true
    return "$status"
}
held grow || { cat "$work/log" "$work/pgbouncer.out" "$work/pgbouncer.log"; exit 1; }
grep -q 'ERROR\|FATAL\|unrecognized' "$work/pgbouncer.log" && { cat "$work/pgbouncer.log"; exit 1; }
[ "$(grep -c 'replica        11 recordings' "$work/log")" = 2 ] || { cat "$work/log"; exit 1; }
echo "grown: $(grep -c . "$work/log") answers"
