#!/usr/bin/env bash
# The Go binding: its generated files are what the description says, and its tests and examples pass on a real server, in
# its own module and in that of a stranger. Nothing is fetched. Skipped where there is no Go 1.19, except in CI.
set -euo pipefail
skip() { echo "$1"; [ -n "${CI:-}" ] && exit 1; exit 77; }
command -v go >/dev/null || skip "no Go (golang-go)"
[[ $(go version) =~ go1\.([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 19 ] || skip "needs Go 1.19, this is $(go version)"
source=$TELEAI_SOURCE_DIR/bindings/go
python3 "$source/generate.py" --check
[ -z "$(gofmt -l "$source")" ] || { echo "run gofmt -w on: $(gofmt -l "$source")"; exit 1; }
scratch=$(mktemp -d)
. "$TELEAI_SOURCE_DIR/tests/bindings/database.sh"
trap 'teleai_bindings_drop; rm -rf "$scratch"' EXIT

# The library that was built here, as pkg-config describes one that is installed.
cat >"$scratch/teleai.pc" <<PC
Name: teleai
Description: the library in the build folder
Version: 0.1.0
Cflags: -I$TELEAI_SOURCE_DIR/include
Libs: -L$TELEAI_BUILD_DIR -lteleai -Wl,-rpath,$TELEAI_BUILD_DIR
PC
export PKG_CONFIG_PATH=$scratch GOFLAGS=-buildvcs=false GOPROXY=off GOTOOLCHAIN=local
[ -n "${HOME:-}" ] || export GOCACHE=$TELEAI_BUILD_DIR/go-cache
cd "$source"
go vet ./...
go test -count=1 ./...

mkdir "$scratch/stranger"
cd "$scratch/stranger"
{
    echo 'package main'
    python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$source/README.md" stranger
} >main.go
go mod init example.org/stranger >log 2>&1 || { cat log; exit 1; }
cp -r "$source" "$scratch/go"
python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$source/README.md" require >require.sh
PATH_TO_TELEAI=$scratch/go sh -eu require.sh
said=$(go run .)
[[ $said =~ ^0\.[0-9]+\.[0-9]+$ ]] || { echo "the stranger says: $said"; exit 1; }
