#!/usr/bin/env bash
# Every block of code in the documents is from a file that is compiled, or is run by a test: it cannot grow stale.
set -euo pipefail
command -v python3 >/dev/null || { echo "no Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" check "$TELEAI_SOURCE_DIR"
