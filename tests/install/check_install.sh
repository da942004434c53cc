#!/usr/bin/env bash
# Installs into an empty folder, moves that folder, and builds a stranger's program through pkg-config and find_package,
# shared and static, in C and C++. Programs and the command find the library where it has moved to.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$TELEAI_BUILD_DIR" --prefix "$work/first" >"$work/log"
mv "$work/first" "$work/prefix" # an installed tree may be moved
prefix=$work/prefix
pc=$(find "$prefix" -name teleai.pc)
libdir=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH=$libdir/pkgconfig # no place that pkg-config knows
unset LD_LIBRARY_PATH
cc=${CC:-cc} cxx=$(command -v "${CXX:-c++}" || true)

cmp "$prefix/share/teleai/teleai-api.json" "$TELEAI_SOURCE_DIR/bindings/teleai-api.json"
[ "$(pkg-config --modversion teleai)" = "$(sed -n 's/^Version: //p' "$pc")" ]
"$cc" -std=c99 "$here/stranger.c" -o "$work/shared" $(pkg-config --cflags --libs teleai)
"$work/shared"
in_libdir() { [ "$(realpath "$(ldd "$1" | sed -n 's/.*libteleai.so.0 => \(.*\) (.*/\1/p')")" = "$(realpath "$libdir/libteleai.so.0")" ]; }
in_libdir "$work/shared" || { echo "not linked to the installed library"; exit 1; }
if [ -e "$prefix/bin/teleai" ]; then
    in_libdir "$prefix/bin/teleai" && "$prefix/bin/teleai" --version || { echo "the command does not find its library"; exit 1; }
fi
"$cc" -std=c99 "$here/stranger.c" -o "$work/static" $(pkg-config --cflags --libs teleai-static)
"$work/static"
if [ -n "$cxx" ]; then
    "$cxx" -std=c++11 -x c++ "$here/stranger.c" -o "$work/cpp" $(pkg-config --cflags --libs teleai)
    "$work/cpp"
    cmake -S "$here" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    cmake --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    for program in stranger_c stranger_cpp stranger_static; do "$work/build/$program"; done
elif [ -n "${CI:-}" ]; then
    echo "no C++ compiler"; exit 1
fi
