#!/usr/bin/env bash
# Every exported function, type and value has a place in the browsable pages and in their index, every link leads to a
# place that is there, nothing is fetched from a network, and every page is well formed.
set -euo pipefail
[ -d "$TELEAI_BUILD_DIR/docs/html" ] || { echo "built without Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
exec python3 "$TELEAI_SOURCE_DIR/tests/docs/pages.py" "$TELEAI_BUILD_DIR/docs/html" "$TELEAI_SOURCE_DIR"
