#!/usr/bin/env bash
# The sources as a part of another project, by add_subdirectory as the README has it and by FetchContent: its program is
# built and run, and what is the other project's stays so: targets, tests, options, packages, and what is installed.
set -euo pipefail
command -v python3 >/dev/null || { echo "no Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$1"; exit 1; }
quietly() { "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }; }
block=$(python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/README.md" subproject)
mkdir -p "$work/host/teleai"
tar -C "$TELEAI_SOURCE_DIR" --exclude=./build --exclude=./.git -cf - . | tar -C "$work/host/teleai" -xf -
cp "$TELEAI_SOURCE_DIR/tests/install/stranger.c" "$work/host/program.c"
cat >"$work/host/host.cmake" <<'CMAKE'
add_executable(program program.c)
# Names that the other project has taken for itself.
add_custom_target(docs COMMAND ${CMAKE_COMMAND} -E echo "the host's documents")
add_executable(teleai program.c)
set_target_properties(teleai PROPERTIES OUTPUT_NAME other)
set(LIBPQ_FOUND "the host's")
option(BUILD_TESTING "The host's" ON)
include(CTest)
add_test(NAME host COMMAND program)
install(TARGETS program COMPONENT runtime)
CMAKE
cat >"$work/host/after.cmake" <<'CMAKE'
target_link_libraries(teleai PRIVATE teleai::teleai_static)
set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_NAME host)
include(CPack)
CMAKE

try() { # NAME, and what brings the library in on standard input
    local host=$work/$1
    cp -r "$work/host" "$host"
    { printf 'cmake_minimum_required(VERSION 3.18)\nproject(host VERSION 2.0 LANGUAGES C)\ninclude(host.cmake)\n'
      cat
      echo 'include(after.cmake)'; } >"$host/CMakeLists.txt"
    cd "$host"
    quietly cmake -S . -B build
    quietly cmake --build build -j2
    (cd build && ./program >/dev/null && ./other >/dev/null) || fail "$1: its programs do not run"
    [ "$(sed -n 's/^CMAKE_BUILD_TYPE:[A-Z]*=//p' build/CMakeCache.txt)" = "" ] || fail "$1: its kind of build was changed"
    [ "$(ctest --test-dir build -N | sed -n 's/^Total Tests: //p')" = 1 ] || fail "$1: tests that are not its own"
    quietly cmake --install build --prefix "$host/installed"
    [ "$(cd installed && find . -type f)" = ./bin/program ] || fail "$1 installs $(cd installed && find . -type f | head -3)"
    quietly cmake --build build --target package
    [ "$(tar -tzf build/host-2.0-Linux.tar.gz | grep -v '/$')" = host-2.0-Linux/bin/program ] || fail "$1: its package is another"
    [ ! -e build/teleai/packages ] || fail "$1: packages of teleai"
    cd "$work"
}

try subdirectory <<<"$block"
try fetched <<CMAKE
include(FetchContent)
FetchContent_Declare(teleai SOURCE_DIR $work/host/teleai)
FetchContent_MakeAvailable(teleai)
${block#*$'\n'}
CMAKE
echo "a part of another project, which stays its own"
