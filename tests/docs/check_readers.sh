#!/usr/bin/env bash
# The readers of docs/reference, which need no library, read the headers and the guides as pycparser and markdown-it-py do.
set -euo pipefail
skip() {
    echo "skipped: $1"
    [ -z "${CI:-}" ] || exit 1
    exit 77
}
command -v cc >/dev/null || skip "no C compiler"
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import sys, pycparser, markdown_it; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
        exec "$python" -B "$TELEAI_SOURCE_DIR/tests/docs/readers.py" "$TELEAI_SOURCE_DIR"
    fi
done
skip "no pycparser and markdown-it-py (Debian's packages are python3-pycparser and python3-markdown-it)"
