#!/usr/bin/env bash
# The sources are as clang-format leaves them. Of its versions only 14, Debian 12's, is asked: others differ in details.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
format=$(command -v clang-format-14 || command -v clang-format || true)
[ -n "$format" ] && [[ $("$format" --version) == *"version 14."* ]] || { echo "no clang-format 14"; exit 77; }
"$format" --dry-run --Werror $(find src -name '*.[ch]') include/*.h include/teleai/*.h tests/*/*.[ch] bench/*.[ch] examples/*.[ch]
