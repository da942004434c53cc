#!/usr/bin/env bash
# What the last run of ctest skipped, in one line: which tests, and why, as each said last.
#   skipped.sh BUILD-FOLDER
set -euo pipefail
log=$1/Testing/Temporary/LastTest.log
[ -e "$log" ] || exit 0
awk '
    /^[0-9]+\/[0-9]+ Testing: / { name = $3; said = ""; inside = 0 }
    /^<end of output>$/ { inside = 0 }
    inside && NF && !/^-+$/ { said = $0 }
    /^Output:$/ { inside = 1 }
    /^Test Skipped\.$/ { skipped[++count] = name " (" (said == "" ? "no reason given" : said) ")" }
    END {
        if (count == 0) exit
        printf "%d %s skipped: ", count, count == 1 ? "test was" : "tests were"
        for (i = 1; i <= count; i++) printf "%s%s", skipped[i], i < count ? ", " : "\n"
    }' "$log"
