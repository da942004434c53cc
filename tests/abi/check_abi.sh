#!/usr/bin/env bash
# What programs are compiled against has not changed: functions with their parameters, and public structs with their layout,
# against the description in libteleai.abi.xml (libabigail; of x86-64, alike of gcc and clang, optimized or not). Values of
# enumerations are not in it: the functions take them as numbers. A change that is meant is written down by --write, and is named in CHANGELOG.md if it breaks
# programs that are compiled.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=$TELEAI_BUILD_DIR/libteleai.so
described=$here/libteleai.abi.xml
skip() { echo "skipped: $1"; exit 77; }
[ -e "$library" ] || skip "no shared library here"
[ "$(uname -m)" = x86_64 ] || skip "the description is of x86-64"
if ! command -v abidw >/dev/null; then
    echo "skipped: no libabigail (Debian's package abigail-tools)"
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi
readelf -S --wide "$library" | grep -q '\.debug_info' || skip "the library is built without debug information"

# Without what the description can do without: it is read again as the same.
describe() {
    abidw --suppressions "$here/private.suppr" --type-id-style hash --no-show-locs --no-corpus-path --no-comp-dir-path \
        --no-elf-needed --exported-interfaces-only --no-parameter-names --no-write-default-sizes "$library" |
        sed -E "s/^ +//; s/ visibility='default'//; s/ access='public'//; s/ mangled-name='[^']*'//; s/path='[.\/]*/path='/"
}
if [ "${1:-}" = --write ]; then describe >"$described"; exit; fi
now=$(mktemp --suffix=.xml)
trap 'rm -f "$now"' EXIT
describe >"$now"
if ! abidiff "$described" "$now"; then
    echo
    echo "The binary interface has changed. If that is meant: TELEAI_BUILD_DIR=$TELEAI_BUILD_DIR bash tests/abi/check_abi.sh --write,"
    echo "and a line in CHANGELOG.md unless the change only adds functions, or members where there was room for them."
    exit 1
fi
echo "$(grep -c '<elf-symbol ' "$now") functions and $(grep -c '<class-decl' "$now") structs, as they are described"
