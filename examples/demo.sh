#!/usr/bin/env bash
# The whole of teleai on real speech: from a bare Debian 12 or Ubuntu to transcriptions that can be searched.
#
#     bash examples/demo.sh
#
# Installs what is missing (apt), builds the library and the examples, makes a private database in TELEAI_DEMO_DATA
# (default build/demo-data), and puts Debian's test recordings through registration, recognition, scoring, analysis,
# search and statistics. Can be run again at any time: it goes on where it stopped and makes nothing twice. Leaves no
# server running, and never touches a PostgreSQL that is there already.
set -euo pipefail
export LC_ALL=C.UTF-8
unset "${!PG@}" # whatever database the environment points at is not ours

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/demo
bin=$build/examples
data=${TELEAI_DEMO_DATA:-$PWD/build/demo-data}
speech=/usr/share/pocketsphinx/test/data
email=demo@example.org
began=${EPOCHREALTIME/[.,]/}
step=0

section() {
    local ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
    step=$((step + 1))
    printf '\n== %d  %s  (%d.%d s)\n\n' "$step" "$1" $((ms / 1000)) $((ms % 1000 / 100))
}

stop() {
    echo "$*" >&2
    exit 1
}

# Runs one of the example programs. It must not hold our lock, should it outlive us.
run() {
    "$bin/$1" "${@:2}" 9>&-
}

# ---- the recordings --------------------------------------------------------------------------------------------------

little_endian() { # NUMBER BYTES
    local i
    for ((i = 0; i < $2; i++)); do
        printf "\\x$(printf '%02x' $(($1 >> 8 * i & 255)))"
    done
}

# Puts a WAV header before bare samples: 16 kHz, 16 bits, one channel.
raw_to_wav() { # RAW WAV
    local bytes
    bytes=$(stat -Lc %s "$1")
    {
        printf RIFF
        little_endian $((bytes + 36)) 4
        printf 'WAVEfmt '
        little_endian 16 4
        little_endian 1 2
        little_endian 1 2
        little_endian 16000 4
        little_endian 32000 4
        little_endian 2 2
        little_endian 16 2
        printf data
        little_endian "$bytes" 4
        cat "$1"
    } >"$2"
}

list_one() { # PATH SOURCE REFERENCE
    printf '%s\t%s\t%s\t%s\n' "$(sha256sum "$1" | cut -d' ' -f1)" "$1" "$2" "$3"
}

# A folder with a transcription file, whose lines read: <s> the words </s> (name of the recording)
list_folder() { # FOLDER TRANSCRIPTION
    sed -nE 's/^<s> +(.*[^ ]) +<\/s> +\((.*)\)$/\2\t\1/p' "$1/$2" | while IFS=$'\t' read -r name words; do
        list_one "$1/$name.wav" "${1##*/}" "$words"
    done
}

list_raw() { # RAW SOURCE REFERENCE
    local name=${1##*/}
    local wav=$data/recordings/${name%.raw}.wav
    raw_to_wav "$1" "$wav"
    list_one "$wav" "$2" "$3"
}

# What was really said is known where the package says so, and for two more recordings from PocketSphinx's own tests.
# The last two have no published text: they are recognized, but not scored.
list_recordings() {
    list_folder "$speech/librivox" transcription
    list_folder "$speech/cards" cards.transcription
    list_raw "$speech/goforward.raw" goforward "go forward ten meters"
    list_raw "$speech/tidigits/dhd.2934z.raw" tidigits "two nine three four zero"
    list_raw "$speech/numbers.raw" numbers ""
    list_raw "$speech/something.raw" something ""
}

# ---- from here on, in order ------------------------------------------------------------------------------------------

section "Packages"
. tests/support/packages.sh
teleai_packages demo || exit 1
echo "everything needed is installed"

section "Build"
mkdir -p "$build" "$data/recordings"
data=$(cd "$data" && pwd)
{
    cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DTELEAI_BUILD_EXAMPLES=ON &&
        cmake --build "$build" --parallel "$(nproc)"
} >"$build/demo.log" 2>&1 || {
    tail -n 30 "$build/demo.log" >&2
    stop "the build failed; all of its output is in $build/demo.log"
}
echo "library and examples are in $build"

exec 9>"$data/lock"
flock -n 9 || stop "another run is at work in $data"
db=local:$data/db

section "Database"
# A local: database runs while somebody has it open. This one program keeps it open for all the others; when this script
# ends, in whatever way, its standard input ends, and it closes the database and with it the server.
coproc KEEPER {
    trap '' INT TERM
    exec "$bin/migrate" "$db" --hold 9>&-
}
keeper=$KEEPER_PID
workers=()
to_keeper=${KEEPER[1]}
finish() {
    trap '' INT TERM
    local pid
    for pid in "${workers[@]}"; do # they finish what they have begun
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    eval "exec $to_keeper>&-"
    wait "$keeper" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 130' INT TERM
while read -r line <&"${KEEPER[0]}" && [ "$line" != ready ]; do
    echo "$line"
done
[ "${line:-}" = ready ] || stop "the database cannot be used"
echo "private PostgreSQL in $data/db"

section "Account and session"
[ -s "$data/password" ] || (umask 077 && head -c 18 /dev/urandom | base64 >"$data/password")
TELEAI_TOKEN=$(TELEAI_PASSWORD=$(cat "$data/password") run session "$db" login "$email" "Demo User")
export TELEAI_TOKEN

section "Recordings"
list_recordings >"$data/recordings.list"
run register "$db" "$data/recordings.list"

section "Recognition (two workers share one queue)"
run worker "$db" --reclaim 0 # from a run that was killed: nobody else works here, we hold the lock
for name in A B; do
    run worker "$db" "$name" &
    workers+=($!)
done
failed=0
for pid in "${workers[@]}"; do
    wait "$pid" || failed=1
done
workers=()
[ "$failed" = 0 ] || stop "a worker stopped before the queue was empty"

section "Word error rate"
run score "$db" "$data/recordings.list"

section "Analysis"
run analyze "$db"

section "Search"
run search "$db" 'cold hearted' '"queen of clubs"' 'amiable or selfish' 'clubs -queen' 'respect*' 'meter' \
    'nothing like it'

section "Statistics"
run report "$db"

section "Log out"
run session "$db" logout

section "Try it yourself"
cat <<END
In the folder $PWD:

  $bin/search $db '"young man" or meters'
  $bin/report $db

With a recording of your own (16 kHz, 16 bits, one channel: arecord -f S16_LE -r 16000 -c 1 -d 5 my.wav):

  printf '%s\t%s\tmine\n' "\$(sha256sum my.wav | cut -d' ' -f1)" "\$PWD/my.wav" >my.list
  export TELEAI_TOKEN=\$(TELEAI_PASSWORD=\$(cat $data/password) $bin/session $db login $email)
  $bin/register $db my.list && $bin/worker $db && $bin/analyze $db

The programs are short and made to be read: examples/. To remove all of this: rm -r $data $build
END
