#!/usr/bin/env bash
# Writes again whatever is committed and made from something else: after a change of migrations, headers or statements. The
# tests compare each with what it is made from. Needs pycparser, and abidw, gofmt where they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export TELEAI_SOURCE_DIR=$PWD TELEAI_BUILD_DIR=$PWD/build/test
python=python3
if ! python3 -c 'import pycparser' 2>/dev/null; then
    python=$TELEAI_BUILD_DIR/python-environment/bin/python # made by the test python_package
    [ -x "$python" ] || { echo "needs pycparser (python3-pycparser)"; exit 1; }
fi
build() {
    cmake -S . -B build/test -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTELEAI_BUILD_TESTS=ON >build/generate.log
    cmake --build build/test -j "$(nproc)" >build/generate.log 2>&1 || { cat build/generate.log; exit 1; }
}
mkdir -p build
bash tests/docs/check_changelog.sh --write
bash tests/db/check_indexes.sh --write
"$python" bindings/generate.py
for tool in make_ffi make_types make_forms; do "$python" "bindings/python/tools/$tool.py"; done
"$python" bindings/go/generate.py
"$python" bindings/node/generate.py
if command -v gofmt >/dev/null; then gofmt -w bindings/go/*_gen.go; else echo "no gofmt: bindings/go is as it was written"; fi
build
bash tests/abi/check_symbols.sh --write
if command -v abidw >/dev/null; then bash tests/abi/check_abi.sh --write; else echo "no abidw: tests/abi/libteleai.abi.xml is as it was"; fi
TELEAI_WRITE_STATEMENTS=1 ctest --test-dir build/test -R '^db_statements$' >build/generate.log || { cat build/generate.log; exit 1; }
git status --short 2>/dev/null || true
