#!/usr/bin/env bash
# What the server sends is read in one place, src/db/answer.h, which looks before it believes; the row decoder alone reads
# without bounds, through names of their own, what it has counted before.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
bad=0
found=$(grep -nE '\bPQ(getvalue|getlength|getisnull|ntuples|nfields|ftype|fformat|binaryTuples)\b' src/*/*.[ch] | grep -v '^src/db/answer\.h:' || true)
[ -z "$found" ] || { printf 'an answer is read by hand; use src/db/answer.h:\n%s\n' "$found"; bad=1; }
found=$(grep -nE '\bteleai__cell_(bytes|length|is_null)\b' src/*/*.[ch] | grep -vE '^src/db/(answer\.h|row\.c):' || true)
[ -z "$found" ] || { printf 'only the row decoder reads cells without bounds:\n%s\n' "$found"; bad=1; }
[ "$bad" = 0 ] && echo "answers are read in one place"
exit "$bad"
