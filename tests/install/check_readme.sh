#!/usr/bin/env bash
# The README's lines for installing, packing and building against the library, and those of examples/README.md, run as
# they are written, in a private view of this system (see private.sh): nothing is added, neither variables nor options.
set -euo pipefail
command -v python3 >/dev/null || { echo "no Python"; [ -z "${CI:-}" ] || exit 1; exit 77; }
if grep -q '^TELEAI_SANITIZE:STRING=.' "$TELEAI_BUILD_DIR/CMakeCache.txt"; then echo "not for sanitizer builds"; exit 77; fi
. "$TELEAI_SOURCE_DIR/tests/install/private.sh"
block() { python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/$1" "$2"; }
say() { # FOLDER COMMAND
    echo "== $2"
    inside "$@" >"$TELEAI_PRIVATE_ROOT/log" 2>&1 || { cat "$TELEAI_PRIVATE_ROOT/log"; exit 1; }
}
fail() { echo "$1"; exit 1; }
examples=$TELEAI_SOURCE_DIR/examples
libdir=$(sed -n 's/^CMAKE_INSTALL_LIBDIR:[A-Z]*=//p' "$TELEAI_BUILD_DIR/CMakeCache.txt")

# What a user does with it, in a folder of an ordinary user who may run a database.
user=nobody
if getent passwd postgres >/dev/null; then user=postgres; fi
use() {
    rm -rf "$root/home/program"
    mkdir -p "$root/home/program/cmake"
    cp "$examples/quickstart.c" "$root/home/program/program.c"
    cp "$examples/quickstart.c" "$examples/quickstart.py" "$root/home/program"
    cp "$examples/quickstart.c" "$root/home/program/cmake"
    cp "$examples/quickstart.c" "$root/home/program/cmake/program.c"
    chown -R "$user" "$root/home/program"
    as="setpriv --reuid=$user --regid=$(id -g $user) --clear-groups --"
    say /home/program "$(block README.md compile)"
    [[ $(inside /home/program ldd a.out) == *"libteleai.so.0 => $1"* ]] || fail "not linked to the library in $1"
    say /home/program "$as ./a.out"
    grep -q '\[heart\] \[rate\]' "$TELEAI_PRIVATE_ROOT/log" || fail "the program says something else"
    say /home/program "$(block README.md compile | sed 's/ *#.*//; s/teleai)/teleai-static)/') && $as ./a.out"
    [[ $(inside /home/program ldd a.out) != *libteleai* ]] || fail "teleai-static links to the shared library"
    say /home/program "$(sed -n 's/^    \(cc -o quickstart .*\)/\1/p' "$examples/README.md") && $as ./quickstart"
    for document in README.md examples/README.md; do
        { printf 'cmake_minimum_required(VERSION 3.18)\nproject(program LANGUAGES C)\n'
          if ! block "$document" cmake | grep -q add_executable; then echo 'add_executable(program program.c)'; fi
          block "$document" cmake; } >"$root/home/program/cmake/CMakeLists.txt"
        say /home/program/cmake "rm -rf build && cmake -S . -B build && cmake --build build && ldd build/program build/quickstart || true"
        grep -q "libteleai.so.0 => $1" "$TELEAI_PRIVATE_ROOT/log" || { cat "$TELEAI_PRIVATE_ROOT/log"; fail "CMake takes another library"; }
    done
    say /home/program "$as teleai --version && $as teleai user list -d local:./data"
    grep -q ann@example.org "$TELEAI_PRIVATE_ROOT/log" || fail "the command does not see what the program wrote"
}

say /root/project "$(block README.md install)"
for file in include/teleai.h share/teleai/migrations/001_create_initial_tables.up.sql share/teleai/row_security/enable.sql \
    share/teleai/teleai-api.json \
    share/man/man3/teleai_open.3 share/doc/teleai/html/index.html bin/teleai share/man/man1/teleai.1; do
    [ -e "$root/usr/local/$file" ] || fail "$file was not installed"
done
use "/usr/local/$libdir"

# Python, in an environment as the README makes it, finds the library by itself.
if inside /root/project "python3 -m venv /tmp/try && /tmp/try/bin/pip download -q --no-deps -d /tmp/reached setuptools" >/dev/null 2>&1; then
    say /root/project "$(block README.md pip) && cd /home/program && mkdir python && cd python && python ../quickstart.py"
    grep -q '\[heart\] \[rate\]' "$TELEAI_PRIVATE_ROOT/log" || fail "the Python program says something else"
else
    echo "pip reaches no package index: the Python package is not tried"
    [ -z "${CI:-}" ] || exit 1
fi

# Packages, of the same build; what was installed before is taken away, so that theirs is used.
if command -v dpkg-shlibdeps >/dev/null; then
    say /root/project "$(block README.md package)"
    [ "$(ls "$project"/build/packages/*.deb | wc -l)" = 4 ] || fail "not four packages"
    inside /root/project "xargs rm -f <build/install_manifest.txt && ldconfig"
    say /root/project "$(block README.md install-packages)"
    use "/lib/$(inside / cc -print-multiarch)"
else
    echo "no dpkg-shlibdeps: packages are not tried"
    [ -z "${CI:-}" ] || exit 1
fi
