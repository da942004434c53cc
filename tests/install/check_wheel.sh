#!/usr/bin/env bash
# The wheel that carries libteleai: installed alone in a clean environment it loads nothing of the system's but the C
# library, and reaches a server by TLS with a checked certificate and SCRAM. Skipped where it cannot be made, except in CI.
set -euo pipefail
skip() { echo "$1"; [ -n "${CI:-}" ] && exit 1; exit 77; }
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
support=$TELEAI_SOURCE_DIR/tests/support
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || skip "needs Python 3.10 with venv"
command -v openssl >/dev/null || skip "needs openssl, for a certificate"
work=$(mktemp -d)
trap 'bash "$support/server.sh" stop "$work/server"; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps -d "$work/reached" auditwheel >/dev/null 2>&1 ||
    skip "pip reaches no package index"
wheel=$(bash "$TELEAI_SOURCE_DIR/bindings/python/build_wheel.sh" "$work/dist")
[[ $wheel == *-py3-none-manylinux_* ]] || { echo "no platform wheel: $wheel"; exit 1; }
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-index "$wheel"

bash "$support/server.sh" start "$work/server"
place=$(cat "$work/server/place") bindir=$(cat "$work/server/bindir")
psql -X -q -h "$place" -U teleai -d postgres -c "set password_encryption = 'scram-sha-256'" \
    -c "create role ann superuser login password 'correct horse'"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$place/cluster/server.key" -out "$place/cluster/server.crt" 2>/dev/null
cp "$place/cluster/server.crt" "$work/root.crt"
chmod 600 "$place/cluster/server.key"
chown "$(stat -c %u:%g "$place/cluster")" "$place"/cluster/server.{key,crt}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf "listen_addresses = '127.0.0.1'\nport = %s\nssl = on\n" "$port" >>"$place/cluster/postgresql.conf"
echo "hostssl all all 127.0.0.1/32 scram-sha-256" >"$place/cluster/pg_hba.conf"
owner=()
[ "$(id -u)" != 0 ] || owner=(setpriv --reuid="$(stat -c %u "$place/cluster")" --regid="$(stat -c %g "$place/cluster")" --clear-groups --)
(cd / && "${owner[@]}" "$bindir/pg_ctl" -D "$place/cluster" -l "$place/server.log" -w restart >/dev/null)

cat >"$work/try.py" <<'PYTHON'
import re
import sys

import teleai

here = sys.prefix
with teleai.open(sys.argv[1]) as db:
    ann = db.users.create(email="ann@example.org", full_name="Ann", password="correct horse battery")
    assert db.users.login("ANN@example.org", "correct horse battery").id == ann.id
    assert [user.id for user in db.users.list()] == [ann.id]
try:
    teleai.open(sys.argv[1].replace("correct", "wrong"), timeout=5).users.list()
    sys.exit("a wrong password was let in")
except teleai.Error as error:
    assert "password" in error.message, error
with open("/proc/self/maps", encoding="utf-8") as file:
    loaded = {line.split()[-1] for line in file if ".so" in line}
for library in "pq json-c sodium krb5 ldap sasl2 ssl crypto uuid".split():
    found = {name for name in loaded if re.search(rf"/lib{library}[-.]", name)}
    ours = {name for name in found if name.startswith(here)}
    assert ours, f"the wheel's {library} is not loaded: {found}"
    assert found == ours or library in ("ssl", "crypto", "uuid"), found  # these may be there for Python's own modules
PYTHON
cd /
env -i PATH=/usr/bin:/bin HOME="$work" "$work/venv/bin/python" -I "$work/try.py" \
    "host=localhost hostaddr=127.0.0.1 port=$port user=ann password='correct horse' dbname=teleai_template sslmode=verify-full sslrootcert=$work/root.crt"

notice=$("$work/venv/bin/python" -I -c 'import pathlib, teleai; print((pathlib.Path(teleai.__file__).parent / "NOTICE").read_text())')
for library in "$work"/venv/lib/python*/site-packages/teleai.libs/*; do
    name=$(basename "$library"); name=${name%%-[0-9a-f]*}
    grep -q "^$name" <<<"$notice" || { echo "NOTICE does not name $name"; exit 1; }
done
grep -qi "openssl" <<<"$notice" && grep -q "PostgreSQL" <<<"$notice"
echo "$(basename "$wheel") stands alone"
