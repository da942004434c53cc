#!/usr/bin/env bash
# bindings/example.py, which docs/bindings.md prints, on a real server: it holds every layout in teleai-api.json, and finds
# every function in the library. Whether the file is what the headers say is asked in bindings/python/tests/test_ffi.py.
set -euo pipefail
. "$TELEAI_SOURCE_DIR/tests/bindings/database.sh"
said=$(python3 "$TELEAI_SOURCE_DIR/bindings/example.py" "$TELEAI_BUILD_DIR/libteleai.so.0" "$TELEAI_DATABASE_URL")
[[ $said =~ ^[0-9a-f]{32}\ Zoë\ [0-9]{16}$ ]] || { echo "it says: $said"; exit 1; }
