#!/usr/bin/env bash
# The shell commands of docs/local.md do what it says, in its order. Those that start or use a server of their own (pg_ctl,
# teleai local) run with the folder closed, the others while a program has it open.
set -euo pipefail
. "$TELEAI_SOURCE_DIR/tests/docs/programs.sh"
mkdir "$work/blocks"
python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" shell "$TELEAI_SOURCE_DIR/docs/local.md" "$work/blocks"
sed -i "s|/usr/lib/postgresql/15/bin/|$bindir/|" "$work"/blocks/*.sh
chmod -R a+rX "$work/blocks"
count=0
for block in "$work"/blocks/*.sh; do
    how=held
    if grep -qE 'pg_ctl|teleai local' "$block"; then how=; fi
    if grep -q '^teleai ' "$block" && [ ! -x "$work/bin/teleai" ]; then continue; fi
    $how as_user bash -e "$block" </dev/null >"$work/log" 2>&1 || { cat "$block" "$work/log"; exit 1; }
    count=$((count + 1))
done
[ "$count" -ge 3 ] || { echo "only $count blocks found"; exit 1; }
[ -s "$work/teleai.dump" ]
rows() { as_user psql -XAtq -h "$work/data" -U teleai -c 'select count(*) from audio_files' teleai; }
[ "$(held rows)" = 1 ] || { echo "what was dumped and restored is not what was there"; exit 1; }
echo "$count blocks of docs/local.md run"
