#!/usr/bin/env bash
# The Node.js binding: its generated files are what the description says, its tests and examples pass on a real server, and
# programs compile against its types. koffi and TypeScript come from npm; skipped where that cannot be had, except in CI.
set -euo pipefail
skip() { echo "$1"; [ -n "${CI:-}" ] && exit 1; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || skip "no Node.js and npm (nodejs, npm)"
[[ $(node --version) =~ ^v([0-9]+)\. ]] && [ "${BASH_REMATCH[1]}" -ge 18 ] || skip "needs Node.js 18, this is $(node --version)"
source=$TELEAI_SOURCE_DIR/bindings/node
python3 "$source/generate.py" --check
scratch=$(mktemp -d)
. "$TELEAI_SOURCE_DIR/tests/bindings/database.sh"
trap 'teleai_bindings_drop; rm -rf "$scratch"' EXIT
mkdir "$scratch/bindings" # npm puts modules into the folder that it works in
cp -r "$source" "$TELEAI_SOURCE_DIR/bindings/teleai-api.json" "$scratch/bindings"
cd "$scratch/bindings/node"
rm -rf node_modules
npm install --silent --no-save --no-audit --no-fund --ignore-scripts . typescript@5.9.3 @types/node@18.19.130 >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; skip "npm reaches no registry"; }
export TELEAI_LIBRARY=$TELEAI_BUILD_DIR/libteleai.so.0
node --test test/ >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
grep -E '^(# |ℹ )(pass|fail)' "$scratch/log"
npx --no-install tsc --noEmit --strict --target es2022 --module node16 --moduleResolution node16 test/types.ts

mkdir "$scratch/stranger"
cd "$scratch/stranger"
echo '{"name": "stranger", "version": "1.0.0"}' >package.json
python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$source/README.md" install >install.sh
PATH_TO_TELEAI=$scratch/bindings/node npm_config_audit=false npm_config_ignore_scripts=true sh -eu install.sh >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; exit 1; }
said=$(node -p "require('teleai').version()")
[[ $said =~ ^0\.[0-9]+\.[0-9]+$ ]] || { echo "the stranger says: $said"; exit 1; }
