#!/usr/bin/env bash
# Who may include whom, so that data flows one way: api -> db -> base, local -> base. Only db sees libpq, only base and
# api/analysis_json.c see json-c, only base sees libsodium and libuuid. A noun's file includes no other noun's.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
bad=0
complain() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; bad=1; }; }
includes() { grep -nE "^#include [<\"]($1)" "${@:2}" || true; }
complain "base may include only base and the public headers" "$(includes 'db/|api/|local/|libpq' src/base/*.[ch])"
complain "local may include only base" "$(includes 'db/|api/|libpq' src/local/*.[ch])"
complain "db may include only base" "$(includes 'api/|local/' src/db/*.[ch])"
complain "only db includes libpq" "$(includes 'libpq' src/base/*.[ch] src/api/*.[ch] src/local/*.[ch])"
complain "only api/client.c includes local" "$(includes 'local/' src/api/*.[ch] | grep -v '^src/api/client.c' || true)"
complain "only base and api/analysis_json.c include json-c" \
    "$(includes 'json-c' src/db/*.[ch] src/api/*.[ch] src/local/*.[ch] | grep -v '^src/api/analysis_json.c' || true)"
complain "only base includes libsodium and libuuid" "$(includes 'sodium|uuid/uuid' src/db/*.[ch] src/api/*.[ch] src/local/*.[ch])"
nouns='tenant|user|session|audio_file|transcription|analysis'
for noun in tenant user session audio_file transcription analysis; do
    complain "api/$noun.c includes another noun" "$(includes "(teleai|api)/($nouns)\.h" "src/api/$noun.c" | grep -v "/$noun\.h" || true)"
done
complain "the command may include only its own room and the public headers" \
    "$(includes '(base|db|api|local)/|libpq|json-c' src/cli/*.[ch])"
complain "examples, bench and the public headers stay outside" \
    "$(includes '(base|db|api|local)/' examples/*.[ch] bench/*.[ch] include/teleai.h include/teleai/*.h)"
complain "tests that take CI set to nothing for CI" "$(grep -rnE 'getenv\("CI"\)|\$\{?CI\+|\$\{CI-|"CI" (not )?in |environ\["CI"\]' tests bench examples bindings .ci \
    --include=*.[ch] --include=*.sh --include=*.py --include=run | grep -vE '^tests/(fault/check.h|abi/check_layers.sh):' || true)"
complain "files over 500 lines" "$(wc -l src/*/*.[ch] include/teleai/*.h | awk '$2 != "total" && $1 > 500')"
[ "$bad" = 0 ] && echo "layers are kept"
exit "$bad"
