#!/usr/bin/env bash
# src/README.md names every file of the library, each in its room, and none that is not there; nor does docs/engine.md.
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
[ "$bad" = 0 ] && echo "the rooms are as they are described"
exit "$bad"
