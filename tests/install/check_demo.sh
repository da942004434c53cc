#!/usr/bin/env bash
# The README's demo, as it is written there, on a copy of the sources. Where its packages are missing it is skipped, since
# it would install them; in CI they are there.
set -euo pipefail
. "$TELEAI_SOURCE_DIR/tests/support/packages.sh"
command -v python3 >/dev/null || { echo "no Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
for entry in "${TELEAI_PACKAGES_BUILD[@]}" "${TELEAI_PACKAGES_DEMO[@]}"; do
    _teleai_has "${entry#*=}" && continue
    echo "${entry%%=*} is missing"
    [ -z "${CI:-}" ] || exit 1
    exit 77
done
work=$(mktemp -d /tmp/teleai-demo.XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
tar -C "$TELEAI_SOURCE_DIR" --exclude=./build --exclude=./.git -cf - . | tar -C "$work" -xf -
command=$(python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/README.md" demo)
(cd "$work" && bash -e -c "$command") >"$work/log" 2>&1 </dev/null || { tail -n 60 "$work/log"; exit 1; }
[ "$(grep -c '^== ' "$work/log")" -ge 5 ] || { cat "$work/log"; exit 1; }
echo "$(grep -c '^== ' "$work/log") steps of the demo run"
