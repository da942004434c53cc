#!/usr/bin/env bash
# Every exported function has a comment right above it that says what it Returns, whether it Blocks, and, when it hands
# something out, who Owns it.
set -euo pipefail
awk '
    /^\/\*\*/ { comment = ""; inside = 1 }
    inside { comment = comment "\n" $0; if (/\*\//) { inside = 0; fresh = 1 } next }
    /^TELEAI_API / { declaration = $0; while (declaration !~ /;/ && (getline line) > 0) declaration = declaration " " line
        match(declaration, /teleai_[a-z_0-9]+\(/)
        name = substr(declaration, RSTART, RLENGTH - 1)
        count++
        wanted = "Returns:|Blocks:"
        if (declaration ~ /\*\*out/ || declaration ~ /^TELEAI_API const char/) wanted = wanted "|Owns:"
        n = split(wanted, parts, "|")
        for (i = 1; i <= n; i++)
            if (!fresh || index(comment, parts[i]) == 0) { print FILENAME ": " name " does not say " parts[i]; bad = 1 }
        fresh = 0
        next
    }
    NF { fresh = 0 }
    END { if (count < 90) { print "only " count " functions found"; bad = 1 } print count " functions documented"; exit bad }
' "$TELEAI_SOURCE_DIR"/include/teleai/*.h
