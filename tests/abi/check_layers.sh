#!/usr/bin/env bash
# Which room may use which, so that data flows one way. Asked of the objects, by symbol, and of the includes. A room uses
# itself and those of its line; so there is no circle across rooms.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
objects=$(find "$TELEAI_BUILD_DIR" -path '*teleai_objects.dir/src' -type d | head -n 1)
[ -n "$objects" ] || { echo "the library is not built in $TELEAI_BUILD_DIR"; exit 1; }
bad=0
complain() { [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; bad=1; }; }

declare -A may=(
    [base]=""
    [wire]="base"
    [pool]="base wire"
    [record]="base wire"
    [run]="base wire pool record"
    [table]="base wire pool record run"
    [schema]="base wire pool record run"
    [local]="base"
    [api]="base wire pool record run table schema local"
)
rules=$(for room in "${!may[@]}"; do for used in ${may[$room]}; do echo "$room $used"; done; done)

# ---- by symbol ----

uses=$(cd "$objects" && find . -name '*.c.o' ! -path './cli/*' | while read -r object; do
    [ ! -e "$TELEAI_SOURCE_DIR/src/${object%.o}" ] || echo "$object" # else it is of a file that is gone
done | xargs nm --print-file-name | sed 's|^\./||; s|\.o:| |' | awk '
    NF == 4 && $3 ~ /[TDBRVW]/ { defined[$4] = $1 }
    $(NF - 1) == "U" { user[++count] = $1; symbol[count] = $NF }
    END {
        for (i = 1; i <= count; i++)
            if (symbol[i] in defined && defined[symbol[i]] != user[i])
                print user[i], defined[symbol[i]], symbol[i]
    }')
[ "$(wc -l <<<"$uses")" -gt 500 ] || { echo "the objects use hardly anything of each other: they are not those of the library"; exit 1; }
complain "a room uses one that it may not" "$(awk '
    NR == FNR { may[$1 " " $2] = 1; next }
    { split($1, from, "/"); split($2, to, "/") }
    from[1] != to[1] && !((from[1] " " to[1]) in may) { print "src/" $1 " uses " $3 " of src/" $2 }' <(echo "$rules") <(echo "$uses"))"
# A session's user comes with it.
nouns='api/(tenant/tenant|user|session|audio_file|transcription|analysis)\.c'
complain "a noun uses another noun" "$(awk -v noun="^$nouns\$" '$1 ~ noun && $2 ~ noun && $3 != "teleai__user_row" { print "src/" $1 " uses " $3 " of src/" $2 }' <<<"$uses")"

# ---- by include ----

includes() { grep -nE "^#include [<\"]($1)" "${@:2}" || true; }
files() { find src -name '*.[ch]' -path "$1" | sort; }
complain "a header of a room that may not be used" "$(grep -rnoE '^#include "(base|wire|pool|record|run|table|schema|local|api|cli)/' src --include=*.[ch] |
    sed -E 's|^src/([a-z]+)/(.*):([0-9]+):#include "([a-z]+)/|\1 \4 src/\1/\2:\3|' | awk '
    NR == FNR { may[$1 " " $2] = 1; next }
    $1 != $2 && !(($1 " " $2) in may) { print $3 " includes " $2 "/" }' <(echo "$rules") -)"
complain "only wire includes libpq" "$(includes 'libpq' $(files 'src/*' | grep -v '^src/wire/'))"
complain "only base and api/analysis_json.c include json-c" "$(includes 'json-c' $(files 'src/*' | grep -vE '^src/(base/|api/analysis_json\.c)'))"
complain "only base includes libsodium and libuuid" "$(includes 'sodium|uuid/uuid' $(files 'src/*' | grep -vE '^src/(base|cli)/'))"
complain "only api/open.c includes local" "$(includes 'local/' $(files 'src/api/*') | grep -v '^src/api/open.c' || true)"
complain "examples, bench and the public headers stay outside" \
    "$(includes '(base|wire|pool|record|run|table|schema|local|api|cli)/' examples/*.[ch] bench/*.[ch] include/teleai.h include/teleai/*.h)"

# ---- beside ----

complain "tests that take CI set to nothing for CI" "$(grep -rnE 'getenv\("CI"\)|\$\{?CI\+|\$\{CI-|"CI" (not )?in |environ\["CI"\]' tests bench examples bindings .ci \
    --include=*.[ch] --include=*.sh --include=*.py --include=run | grep -vE '^tests/(fault/check.h|abi/check_layers.sh):' || true)"
complain "the list of tables is src/schema/tables.h" "$(grep -rnE "sessions['\"), (to_regclass]+audio_files" src --include=*.[ch])"
complain "files over 500 lines" "$(find src include -name '*.[ch]' -exec wc -l {} + | awk '$2 != "total" && $1 > 500')"
[ "$bad" = 0 ] && echo "layers are kept"
exit "$bad"
