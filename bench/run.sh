#!/usr/bin/env bash
# Measures teleai against bare libpq and other clients on a PostgreSQL of its own, also over a slow network, and writes
# RESULTS.md and results.json beside this file. Some half an hour; installs what is missing.
#   bash bench/run.sh                 everything
#   bash bench/run.sh --quick         teleai and libpq, a minute; writes into build/bench/
#   bash bench/run.sh --counts-only   instructions, allocations, round trips; writes into build/bench/
#   bash bench/run.sh --no-peers      without the other clients
#   bash bench/run.sh --python        teleai, its Python package, psycopg and asyncpg; writes into build/bench/
#   bash bench/run.sh --only=W1,W7    these workloads; writes into build/bench/
# TELEAI_BENCH_TRANSCRIPTS says how many transcriptions are searched (20000).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$PWD/build/bench
mkdir -p "$build"
. tests/support/packages.sh
teleai_packages test

# What the peers need; one that cannot be had is left out, and the results say so.
peers() {
    local entry
    for entry in valgrind=command:valgrind g++=command:c++ python3-venv=file:/usr/share/doc/python3-venv \
        python3-dev=library:python3 nodejs=command:node npm=command:npm libzdb-dev=library:zdb \
        libpqxx-dev=library:libpqxx libsoci-dev=file:/usr/include/soci/soci.h \
        libboost-dev=file:/usr/include/boost/version.hpp; do
        _teleai_has "${entry#*=}" && continue
        echo "Installing ${entry%%=*} (apt)"
        _teleai_install "${entry%%=*}" 2>/dev/null || echo "${entry%%=*} cannot be installed"
    done
    [ -x "$build/venv/bin/pip" ] || python3 -m venv "$build/venv" || true
    for package in "psycopg[c] psycopg-pool" psycopg2 "asyncpg uvloop"; do
        # shellcheck disable=SC2086
        "$build/venv/bin/pip" install -q --disable-pip-version-check $package >>"$build/peers.log" 2>&1 ||
            echo "$package cannot be installed (build/bench/peers.log)"
    done
    mkdir -p "$build/node"
    npm install --silent --no-audit --no-fund --prefix "$build/node" pg postgres >>"$build/peers.log" 2>&1 ||
        echo "pg and postgres cannot be installed (build/bench/peers.log)"
}
case " $* " in
    *" --python "*) peers ;;
    *" --quick "* | *" --no-peers "*) ;;
    *) peers ;;
esac

cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DTELEAI_BUILD_BENCH=ON -DTELEAI_BUILD_CLI=OFF >"$build.log" 2>&1 ||
    { cat "$build.log" >&2; exit 1; }
cmake --build "$build" -j "$(nproc)" >>"$build.log" 2>&1 || { tail -20 "$build.log" >&2; exit 1; }
trap 'bash tests/support/server.sh stop "$build/server"' EXIT
bash tests/support/server.sh start "$build/server"
python3 -B bench/compare.py --build "$build" --server "$build/server" "$@"
