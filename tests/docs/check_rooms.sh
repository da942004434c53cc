#!/usr/bin/env bash
# src/README.md names every file of the library, each in its room, and none that is not there; nor does docs/engine.md;
# tests/README.md names every group of tests.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
bad=0
complain() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; bad=1; }; }
rooms=(base wire pool record run table schema api)
names() { grep -oE '`[a-z_/]+\.[ch]`' | tr -d '`' | sort -u; }
for room in "${rooms[@]}"; do
    line=$(grep "^| \`$room/\`" src/README.md) || { echo "src/README.md has no line for $room/"; exit 1; }
    there=$(cd "src/$room" && ls -- *.c *.h)
    complain "src/README.md names what is not in src/$room" "$(comm -23 <(names <<<"$line") <(sort <<<"$there"))"
    # A header goes without saying beside its source.
    complain "src/README.md does not name these of src/$room" "$(comm -13 <(names <<<"$line") <(
        sort <<<"$there" | while read -r file; do
            if [ "${file%.h}" = "$file" ] || [ ! -e "src/$room/${file%.h}.c" ]; then echo "$file"; fi
        done) | grep -v '^user\.h$' || true)"
done
for document in docs/engine.md CONTRIBUTING.md src/README.md; do
    complain "$document names what is not there" "$(grep -oP '(?<![\w/])(src|include|tests|cmake|examples)/[A-Za-z0-9_/.-]+\.(c|h|sh|py|cmake)\b' "$document" | sort -u |
        while read -r file; do [ -e "$file" ] || [[ $file == *speaker* ]] || echo "$file"; done)"
done
# tests/README.md: the groups of ctest with their tests and cases, which are at least as many as it says and not many more; and
# tests that are there.
cases() {
    local count
    count=$(cat "tests/$1"/*.c "tests/$1"/*.py $([ "$1" != python ] || echo bindings/python/tests/*.py) 2>/dev/null |
        grep -cE '^(Parameterized)?Test\(|^ *(async )?def test_') || true
    echo "$count"
}
table=$(grep -E '^\| `[a-z]+` \| [0-9]+ \|' tests/README.md)
complain "tests/README.md does not have the groups of tests/CMakeLists.txt (< there, > described)" "$(diff \
    <(sed -nE 's/^foreach\(group IN ITEMS (.*)\)$/\1/p' tests/CMakeLists.txt | tr ' ' '\n' | sort) \
    <(cut -d'`' -f2 <<<"$table" | sort))"
while IFS='|' read -r _ group programs said _; do
    group=$(tr -d '` ' <<<"$group")
    there=$(find "tests/$group" -maxdepth 1 -name 'test_*' -o -maxdepth 1 -name 'check_*' | wc -l)
    [ "$there" -ge "$((programs))" ] && [ "$((there * 4))" -le "$((programs * 5))" ] ||
        complain "tests/README.md, tests of $group" "$there are there, it says $programs"
    [ -n "${said// /}" ] || continue
    there=$(cases "$group")
    [ "$there" -ge "$((said))" ] && [ "$((there * 4))" -le "$((said * 5))" ] ||
        complain "tests/README.md, cases of $group" "$there are there, it says $said"
done <<<"$table"
complain "tests/README.md names what is not there" "$(grep -oE '`[A-Za-z0-9_/.-]+\.(c|sh|py)\b' tests/README.md | tr -d '`' | sort -u |
    while read -r file; do [ -e "tests/$file" ] || [ -e "$file" ] || echo "$file"; done)"
complain "tests/README.md counts other fuzzers than there are" "$(diff <(grep -oE '[0-9]+ programs' tests/README.md) \
    <(echo "$(ls tests/fuzz/fuzz_*.c | wc -l) programs"))"
[ "$bad" = 0 ] && echo "the rooms are as they are described"
exit "$bad"
