#!/usr/bin/env bash
# Every exported function and every type has a manual page, with the words of the header; mandoc finds nothing wrong with
# any, and what one refers to is there.
set -euo pipefail
pages=$TELEAI_BUILD_DIR/docs/man/man3
[ -d "$pages" ] || { echo "built without Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
command -v mandoc >/dev/null || { echo "no mandoc"; [ -z "${CI:-}" ] || exit 1; exit 77; }
cd "$pages"
bad=0
complain() { echo "$@"; bad=1; }

while read -r function; do
    [ -f "$function.3" ] || complain "no page for $function"
done <"$TELEAI_SOURCE_DIR/tests/abi/symbols.txt"
for header in "$TELEAI_SOURCE_DIR"/include/teleai/*.h; do
    [ -f "teleai_$(basename "$header" .h).3" ] || complain "no page for $header"
done
for type in $(sed -nE 's/^\} (teleai_\w+);$/\1/p; s/^typedef struct (teleai_\w+) \1;$/\1/p' "$TELEAI_SOURCE_DIR"/include/teleai/*.h); do
    [ -f "$type.3" ] || complain "no page for $type"
done
for page in *.3; do [ -e "$page" ] || complain "$page points to nothing"; done

found=$(mandoc -T lint -W warning ./*.3 2>&1) || true
[ -z "$found" ] || complain "$found"

# Each page holds its prototype, and what the header says after Returns, Owns and Blocks. Line breaks do not count, nor
# how a page names another.
text() { sed -E 's/\(3\)/()/g' | tr -s ' \n\t' ' ' | sed 's/- /-/g'; }
checked=0
while IFS=$'\t' read -r function words; do
    page=$(mandoc -T ascii -O width=400 "$function.3" | sed 's/.\x08//g' | text)
    words=$(text <<<"$words" | tr -d '`')
    [[ $page == *"${words% }"* ]] || complain "the page of $function does not hold: $words"
    checked=$((checked + 1))
done < <(awk '
    /^\/\*\*/ { count = 0; tag = 0 }
    /^ \* (Returns|Owns|Blocks): / { said[++count] = substr($0, index($0, ": ") + 2); tag = 1; next }
    tag && /^ \* / { said[count] = said[count] " " substr($0, 4); next }
    { tag = 0 }
    /^TELEAI_API / && match($0, /teleai_[a-z_0-9]+\(/) {
        for (i = 1; i <= count; i++) print substr($0, RSTART, RLENGTH - 1) "\t" said[i]
    }' "$TELEAI_SOURCE_DIR"/include/teleai/*.h)
[ "$checked" -ge 300 ] || complain "only $checked sentences found in the headers"

# References stay within the manual.
for name in $(cat ./*.3 | grep -oE '\\fBteleai\w*\\fP\(3\)' | sed -E 's/\\fB(\w+)\\fP\(3\)/\1/' | sort -u); do
    [ -e "$name.3" ] || complain "a page refers to $name(3), which is not there"
done
[ "$bad" = 0 ] && echo "$(ls ./*.3 | wc -l) pages, $checked sentences of the headers"
exit "$bad"
