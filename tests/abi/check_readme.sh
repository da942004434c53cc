#!/usr/bin/env bash
# The C program in the README is examples/quickstart.c to the letter, which is compiled: it cannot grow stale.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
block=$(awk '/^```c$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md)
diff <(sed 1d examples/quickstart.c) <(echo "$block")
echo "the README's program is examples/quickstart.c"
