#!/usr/bin/env bash
# What the server sends is read in one place, src/wire/result.h, which looks before it believes; the row decoder alone reads
# without bounds, through names of their own, what it has counted before.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
bad=0
found=$(grep -nE '\bPQ(getvalue|getlength|getisnull|ntuples|nfields|ftype|fformat|binaryTuples)\b' $(find src -name '*.[ch]') | grep -v '^src/wire/result\.h:' || true)
[ -z "$found" ] || { printf 'an answer is read by hand; use src/wire/result.h:\n%s\n' "$found"; bad=1; }
found=$(grep -nE '\bteleai__cell_(bytes|length|is_null)\b' $(find src -name '*.[ch]') | grep -vE '^src/(wire/result\.h|record/row\.c):' || true)
[ -z "$found" ] || { printf 'only the row decoder reads cells without bounds:\n%s\n' "$found"; bad=1; }
[ "$bad" = 0 ] && echo "answers are read in one place"
exit "$bad"
