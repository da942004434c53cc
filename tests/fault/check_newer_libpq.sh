#!/usr/bin/env bash
# Tests that depend on libpq, with a newer one than the system's: what it can do more is then used.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../support/archive.sh"
version=18.4.0-beta.17
archive=$(teleai_archive "$version") || teleai_archive_lacks "$version"
place=$(mktemp -d /tmp/teleai-libpq.XXXXXX)
trap 'rm -rf "$place"' EXIT
tar -xzf "$archive" -C "$place" --strip-components=3 --wildcards 'package/native/lib/libpq.so.5*' \
    'package/native/lib/libssl.so*' 'package/native/lib/libcrypto.so*'
ln -s "$(basename "$place"/libpq.so.5.*)" "$place/libpq.so.5"
export LD_LIBRARY_PATH=$place
for test in fault_local_alone fault_cancel fault_pooler fault_path fault_pool fault_care db_batch db_bulk db_stream db_bad_server; do
    case $(ldd "$TELEAI_BUILD_DIR/tests/$test") in
        *"$place/libpq.so.5"*) ;;
        *) echo "$test does not take it"; exit 1 ;;
    esac
    "$TELEAI_BUILD_DIR/tests/$test" >"$place/log" 2>&1 ||
        { [ $? = 77 ] && echo "$test: skipped" && continue; cat "$place/log"; echo "$test failed"; exit 1; }
    echo "$test passed"
done
