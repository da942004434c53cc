#!/usr/bin/env bash
# The walk through the command in docs/command.md works as it stands, from its first line to its last.
set -euo pipefail
. "$TELEAI_SOURCE_DIR/tests/docs/programs.sh"
[ -x "$work/bin/teleai" ] || skip "built without the command"
command -v pg_dump >/dev/null || [ -x "$bindir/pg_dump" ] || skip "no pg_dump"
mkdir -p "$work/blocks" "$work/walk/recordings"
python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" shell "$TELEAI_SOURCE_DIR/docs/command.md" "$work/blocks"
python3 -c '
import sys, wave
with wave.open(sys.argv[1], "wb") as file:
    file.setparams((1, 2, 16000, 0, "NONE", ""))
    file.writeframes(bytes(32000))
' "$work/walk/recordings/silence.wav"
cat "$work"/blocks/*.sh >"$work/walk.sh"
[ "$(grep -c '^teleai\|| teleai' "$work/walk.sh")" -ge 10 ] || { echo "the walk is short"; cat "$work/walk.sh"; exit 1; }
[ "$(id -u)" != 0 ] || chown -R "$user" "$work/walk"
walk() { as_user bash -c 'cd walk && bash -euo pipefail -x ../walk.sh' </dev/null >"$work/log" 2>&1; }
walk || { cat "$work/log"; as_user "$bindir/pg_ctl" stop -m fast -D walk/data/cluster >/dev/null 2>&1 || true; exit 1; }
[ -s "$work/walk/report.html" ] && [ -s "$work/walk/stats.json" ] && [ -s "$work/walk/backups" ]
echo "$(grep -c '^+* teleai' "$work/log") commands of docs/command.md run"
