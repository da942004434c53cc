#!/usr/bin/env bash
# The shared library shows exactly the functions of symbols.txt: none more, so that nothing of ours collides with a
# program's names, and none fewer, so that no program loses one. After adding a function: --write.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=$TELEAI_BUILD_DIR/libteleai.so
[ -e "$library" ] || { echo "no shared library here"; exit 77; }
shown=$(nm -D --defined-only "$library" | awk '$2 ~ /[A-Z]/ {print $3}' | grep -v '^__\(asan\|ubsan\|tsan\|odr_asan\)' | LC_ALL=C sort)
if [ "${1:-}" = --write ]; then echo "$shown" >"$here/symbols.txt"; exit; fi
diff "$here/symbols.txt" <(echo "$shown") || { echo "symbols.txt and libteleai.so differ (< promised, > shown)"; exit 1; }
declared=$(grep -hoE '\bteleai_[a-z_]+\(' "$TELEAI_SOURCE_DIR"/include/teleai/*.h | tr -d '(' | LC_ALL=C sort -u)
missing=$(LC_ALL=C comm -13 <(echo "$declared") <(echo "$shown"))
[ -z "$missing" ] || { echo "shown but in no header: $missing"; exit 1; }
echo "$(wc -l <<<"$shown") functions shown, all promised"
