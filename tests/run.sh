#!/usr/bin/env bash
# Builds the library with warnings as errors and runs all tests. Installs what is missing (Debian, Ubuntu).
#   bash tests/run.sh                        all tests
#   bash tests/run.sh --sanitize=address     the same under AddressSanitizer and UndefinedBehaviorSanitizer
#   bash tests/run.sh --sanitize=thread      the tests about threads under ThreadSanitizer
#   bash tests/run.sh --server=12            what needs a server, on PostgreSQL 12 (to 18; from npm, which must be there)
#   bash tests/run.sh --server=all           the same on each of them, with a table at the end
#   bash tests/run.sh -- -R session          what follows -- goes to ctest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sanitize='' server=''
while [ $# -gt 0 ]; do
    case $1 in
        --sanitize=address | --sanitize=thread) sanitize=${1#--sanitize=} ;;
        --server=1[2-8] | --server=all) server=${1#--server=} ;;
        --) shift; break ;;
        *) sed -n '2,8s/^# //p' "$0"; exit 2 ;;
    esac
    shift
done

. tests/support/packages.sh
teleai_packages test

mkdir -p build
build=build/test${sanitize:+-$sanitize}
jobs=$(nproc 2>/dev/null || echo 2)
echo "== building in $build"
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTELEAI_WARNINGS_AS_ERRORS=ON -DTELEAI_BUILD_TESTS=ON \
    -DTELEAI_SANITIZE="$sanitize" >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
built=0
cmake --build "$build" -j "$jobs" -- --quiet >"$build.log" 2>&1 || built=$?
grep -v '^\[\|^ninja: no work' "$build.log" || true
[ "$built" = 0 ] || exit "$built"

if [ -n "$server" ]; then
    . tests/support/versions.sh
    teleai_on_servers "$server" "$build" "$jobs" "$@"
    exit
fi
echo "== testing${sanitize:+ under the $sanitize sanitizer}"
status=0
ctest --test-dir "$build" --output-on-failure -j "$jobs" "$@" 2>&1 | tee "$build/ctest.log" || status=${PIPESTATUS[0]}
bash tests/support/skipped.sh "$build" "$build/ctest.log"
exit "$status"
