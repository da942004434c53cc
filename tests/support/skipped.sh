#!/usr/bin/env bash
# What the last run of ctest skipped, in one line: which tests, and why, as each said last.
#   skipped.sh BUILD-FOLDER WHAT-CTEST-PRINTED
set -euo pipefail
log=$1/Testing/Temporary/LastTest.log
[ -e "$log" ] && [ -e "$2" ] || exit 0
# ctest's own log has the reasons, but takes a skipped test for one that passed.
awk '
    FNR == NR { if (/\*\*\*Skipped/ && match($0, /#[0-9]+: [^ ]+/)) { split(substr($0, RSTART, RLENGTH), part, " "); skipped[part[2]] = 1 }; next }
    / Testing: / { name = $3; said = ""; inside = 0 }
    /^<end of output>$/ { inside = 0; if (name in skipped) { why[++count] = name " (" (said == "" ? "no reason given" : said) ")"; delete skipped[name] } }
    inside && NF && !/^-+$/ { said = $0 }
    /^Output:$/ { inside = 1 }
    END {
        if (count == 0) exit
        printf "%d %s skipped: ", count, count == 1 ? "test was" : "tests were"
        for (i = 1; i <= count; i++) printf "%s%s", why[i], i < count ? ", " : "\n"
    }' "$2" "$log"
