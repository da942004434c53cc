#!/usr/bin/env bash
# Measures teleai against bare libpq on a PostgreSQL of its own and prints a table: times as ratios in interleaved
# rounds, client and server on the same processor (an idle one would have to be woken), and, where valgrind is installed,
# client instructions and allocations a call, which do not depend on the machine's mood.
#   bash bench/run.sh [--counts-only]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tests/support/packages.sh
teleai_packages test
build=build/bench
mkdir -p build
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DTELEAI_BUILD_BENCH=ON >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
cmake --build "$build" -j "$(nproc)" >>"$build.log" 2>&1 || { tail -20 "$build.log" >&2; exit 1; }
pin=()
command -v taskset >/dev/null && pin=(taskset -c 0)
"${pin[@]}" bash tests/support/server.sh start "$PWD/$build/server"
trap 'bash tests/support/server.sh stop "$PWD/$build/server"' EXIT
connection="$(cat "$build/server/connection") dbname=teleai_template"
"$build/bench/bench" "$connection" load
if [ "${1:-}" != --counts-only ]; then
    "${pin[@]}" "$build/bench/bench" "$connection" time
    echo
fi
command -v valgrind >/dev/null || { echo "valgrind is not installed: no counts"; exit 0; }

# Instructions of N calls and of 2 N: the difference is what N calls take, start-up aside.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/bench/bench" "$connection" count "$1" "$2" "$3" \
        2>&1 >/dev/null | sed -n 's/.*Collected : //p'
}
echo "| workload | libpq instructions | teleai instructions | libpq allocations | teleai allocations |"
echo "|---|---|---|---|---|"
for work in W1 W3 W4 W7; do
    n=200
    row="| $work |"
    for subject in libpq teleai; do
        one=$(instructions "$work" "$subject" $n)
        two=$(instructions "$work" "$subject" $((2 * n)))
        row="$row $(((two - one) / n)) |"
    done
    for subject in libpq teleai; do
        row="$row $("$build/bench/bench" "$connection" count "$work" "$subject" $n) |"
    done
    echo "$row"
done
