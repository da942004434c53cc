#!/usr/bin/env bash
# clang's static analyzer and clang-tidy's checks for likely bugs find nothing; .clang-tidy says which are asked.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
command -v clang-tidy >/dev/null || { echo "no clang-tidy"; exit 77; }
[ -e "$TELEAI_BUILD_DIR/compile_commands.json" ]
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "once, in the plain build"; exit 77; fi
clang-tidy -p "$TELEAI_BUILD_DIR" --quiet $(find src -name '*.c') 2>/dev/null
