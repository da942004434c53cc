#!/usr/bin/env bash
# Builds libFuzzer's programs with clang and lets each run: through its seeds, and on from there for three seconds, or for as
# many as FUZZ_SECONDS says. What it finds on the way is kept in build/fuzz/corpus. Names as arguments: only these.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
build=${TELEAI_BUILD_DIR:-build}/fuzz
seconds=${FUZZ_SECONDS:-3}
[ $# -gt 0 ] || set -- rows json snippet texts query connection files audio command
skip() {
    echo "skipped: $1"
    [ -z "${CI:-}" ] || exit 1
    exit 77
}
command -v clang >/dev/null || skip "no clang"
[ -e "$(clang -print-file-name=lib)/../lib/linux/libclang_rt.fuzzer-$(uname -m).a" ] ||
    [ -e "$(clang -print-resource-dir)/lib/linux/libclang_rt.fuzzer-$(uname -m).a" ] ||
    skip "clang lacks libFuzzer; Debian's package is libclang-rt-14-dev"
mkdir -p "$build"
cmake -S . -B "$build" -DCMAKE_C_COMPILER=clang -DTELEAI_BUILD_FUZZERS=ON -DTELEAI_BUILD_CLI=OFF -DTELEAI_INSTALL=OFF \
    >"$build.log" 2>&1 && cmake --build "$build" -j "$(nproc)" --target fuzzers >>"$build.log" 2>&1 ||
    { tail -n 30 "$build.log"; exit 1; }
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=16
for name; do
    mkdir -p "$build/corpus/$name"
    status=0
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -rss_limit_mb=1024 -artifact_prefix="$build/$name-" \
        "$build/corpus/$name" "tests/fuzz/seeds/$name" >"$build/$name.log" 2>&1 || status=$?
    [ "$status" = 0 ] || { grep -v '^#\|NEW_FUNC' "$build/$name.log" | tail -n 40; exit 1; }
    echo "fuzz_$name: $(grep -c . <<<"$(ls "tests/fuzz/seeds/$name")") seeds, $(sed -n 's/^#\([0-9]*\)\tDONE.*/\1/p' "$build/$name.log") runs"
done
