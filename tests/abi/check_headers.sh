#!/usr/bin/env bash
# Each public header compiles alone, as C99 pedantic and as C++, and includes nothing but stddef, stdint and stdbool.
set -euo pipefail
include=$TELEAI_SOURCE_DIR/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc} cxx=$(command -v "${CXX:-c++}" || true)
for header in "$include/teleai.h" "$include"/teleai/*.h; do
    name=${header#"$include/"}
    printf '#include <%s>\nint main(void) { return 0; }\n' "$name" >"$work/test.c"
    "$cc" -std=c99 -pedantic -Wall -Wextra -Wpadded -Werror -I"$include" -fsyntax-only "$work/test.c"
    [ -z "$cxx" ] || "$cxx" -x c++ -std=c++11 -pedantic -Wall -Wextra -Werror -I"$include" -fsyntax-only "$work/test.c"
done
foreign=$(grep -nE '^#include <' "$include"/teleai/*.h | grep -vE '<(stddef|stdint|stdbool)\.h>' || true)
[ -z "$foreign" ] || { echo "$foreign"; exit 1; }
echo "headers compile alone as C99${cxx:+ and C++}"
