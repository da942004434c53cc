#!/usr/bin/env bash
# The README's lines for installing and building against the library, and those of examples/README.md, run as they are
# written, on a copy of the sources; sudo and the place that is installed to are the test's own.
set -euo pipefail
command -v python3 >/dev/null || { echo "no Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
block() { python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/$1" "$2"; }
mkdir "$work/source" "$work/program" "$work/cmake" "$work/tools"
tar -C "$TELEAI_SOURCE_DIR" --exclude=./build --exclude=./.git -cf - . | tar -C "$work/source" -xf -
printf '#!/bin/sh\nexec "$@"\n' >"$work/tools/sudo"
chmod +x "$work/tools/sudo"
export PATH="$work/tools:$PATH" DESTDIR=$work/root CMAKE_BUILD_PARALLEL_LEVEL=2

say() { echo "== $1"; (cd "$2" && bash -e -c "$1") >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }
say "$(block README.md install)" "$work/source"
unset DESTDIR
prefix=$work/root/usr/local
for file in include/teleai.h share/teleai/migrations/001_create_initial_tables.up.sql share/teleai/row_security/enable.sql \
    share/man/man3/teleai_open.3 share/doc/teleai/html/index.html; do
    [ -e "$prefix/$file" ] || { echo "$file was not installed"; exit 1; }
done
[ ! -x "$work/source/build/src/cli/teleai" ] || [ -x "$prefix/bin/teleai" ] && [ -e "$prefix/share/man/man1/teleai.1" ]

export PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name teleai.pc)")
export LD_LIBRARY_PATH=${PKG_CONFIG_PATH%/pkgconfig}
cp "$TELEAI_SOURCE_DIR/examples/quickstart.c" "$work/program/program.c"
say "$(block README.md compile)" "$work/program"
[[ $(ldd "$work/program/a.out") == *"libteleai.so.0 => $LD_LIBRARY_PATH"* ]]
say "$(block README.md compile | sed 's/ *#.*//; s/teleai)/teleai-static)/')" "$work/program"
for document in README.md examples/README.md; do
    cp "$TELEAI_SOURCE_DIR/examples/quickstart.c" "$work/cmake/program.c"
    cp "$TELEAI_SOURCE_DIR/examples/quickstart.c" "$work/cmake/quickstart.c"
    { printf 'cmake_minimum_required(VERSION 3.18)\nproject(program LANGUAGES C)\n'
      if ! block "$document" cmake | grep -q add_executable; then echo 'add_executable(program program.c)'; fi
      block "$document" cmake; } >"$work/cmake/CMakeLists.txt"
    say "cmake -S . -B build-$(dirname "$document") -DCMAKE_PREFIX_PATH=$prefix && cmake --build build-$(dirname "$document")" "$work/cmake"
done
