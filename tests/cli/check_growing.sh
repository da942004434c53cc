#!/usr/bin/env bash
# teleai ingest: files that are still being written are left; one that has changed keeps its row; two runs at once register
# each file once.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
if [ ! -x "$TELEAI_BUILD_DIR/tests/make_audio" ]; then
    echo "no libavformat, without which nothing is registered"
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi
database growing
sql "insert into users (email, full_name, password_hash) values ('ann@example.org', 'Ann', 'x')"
ann() { teleai ingest --user ann@example.org "$@"; }
rows() { sql "select count(*) from audio_files"; }
old() { touch -d '1 hour ago' "$@"; }
# A header that does not know how long the sound is, which is one second of its own.
begin() { printf 'RIFF\377\377\377\377WAVEfmt \020\0\0\0\001\0\001\0\100\037\0\0\200\076\0\0\002\0\020\0data\377\377\377\377'; }
second() { head -c 16000 /dev/urandom; }

# ---- one that is being written ----

mkdir calls
exec 8>calls/call.wav
begin >&8
for n in 1 2 3; do
    second >&8
    old calls/call.wav # however old: who writes it has it open
    expect 5 ann calls
    says "another program has it open for writing"
    says "1 is left for the next time"
    equal "$(rows)" 0
done
expect 5 ann calls --json
says '"state": "busy"'
exec 8>&-
old calls/call.wav
expect 0 ann calls
equal "$(sql "select duration_seconds from audio_files")" 3.00

# One that is opened, written and closed again and again.
begin >calls/steps.wav
(while [ ! -e stop ]; do second >>calls/steps.wav; done) &
writer=$!
expect 5 ann calls --settle 1
says "1 is left for the next time"
touch stop
wait "$writer"
equal "$(rows)" 1
rm calls/steps.wav

# One that was changed just now, and is not any more.
{ begin; second; } >calls/fresh.wav
touch -d '10 minutes' calls/fresh.wav # by a clock that is ahead
expect 0 ann calls --settle 1
equal "$(rows)" 2
exec 8>>calls/fresh.wav
second >&8
expect 0 ann calls --settle 0 # as it is
exec 8>&-
equal "$(rows)" 2

# ---- one that has changed ----

sql "update audio_files set metadata = metadata || '{\"call\": 7}' where file_name = 'call.wav'"
second >>calls/call.wav
old calls/call.wav
expect 0 ann calls
says "1 has changed, and its row with it."
equal "$(rows)" 2
equal "$(sql "select duration_seconds || ' ' || file_size_bytes || ' ' || (metadata ->> 'call') || ' ' || (metadata ->> 'sha256') from audio_files where file_name = 'call.wav'")" \
    "4.00 $(stat -c %s calls/call.wav) 7 $(sha256sum calls/call.wav | cut -d' ' -f1)"
expect 0 ann calls
says "2 were registered before."
sql "update audio_files set status = 'ready' where file_name = 'call.wav'"
second >>calls/call.wav
old calls/call.wav
expect 5 ann calls
says "it has changed since it was registered and worked on"
equal "$(rows)" 2

# ---- two runs at once ----

mkdir many
for n in $(seq 130); do { begin; second; } >"many/$n.wav"; done
old many/*
for round in 1 2 3 4 5; do
    sql "delete from audio_files"
    "$program" ingest --user ann@example.org many >said.1 2>&1 &
    one=$!
    "$program" ingest --user ann@example.org many >said.2 2>&1 &
    other=$!
    wait "$one" || complain "$(cat said.1)"
    wait "$other" || complain "$(cat said.2)"
    equal "$(sql "select count(*) || ' ' || count(distinct file_path) from audio_files")" "130 130"
    equal "$(sed -n 's/^Registered \([0-9]*\) of 130.*/\1/p' said.1 said.2 | paste -sd+ | bc 2>/dev/null || echo 130)" 130
done
echo "files that are being written are left, and no file is registered twice"
