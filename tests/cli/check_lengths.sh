#!/usr/bin/env bash
# teleai ingest: how long a recording is. What is really there counts; no whole file is called damaged.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
make=$TELEAI_BUILD_DIR/tests/make_audio
if [ ! -x "$make" ]; then
    echo "no libavformat, whose library makes the sound"
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi
database lengths
sql "insert into users (email, full_name, password_hash) values ('ann@example.org', 'Ann', 'x')"
ann() { teleai ingest --user ann@example.org --settle 0 "$@"; }
length_of() { sql "select coalesce((duration_seconds * 1000)::bigint, 0) from audio_files where file_name = '$1'"; }

python3 -B "$source/tests/cli/make_wav.py" >lengths
grep -v '^silent' lengths >each_once # silence of one length is the same, whatever
expect 0 ann made
says_not damaged
while read -r name ms; do
    got=$(length_of "$name.wav")
    [ $((got - ms)) -le 5 ] && [ $((ms - got)) -le 5 ] || complain "$name: $got ms, $ms were expected"
    case $name in told-*) says "made/$name.wav" ;; esac
done <each_once
says "its header says 1.000 s, and 5.000 s are there"
equal "$(sql "select metadata ->> 'codec' || ' ' || sample_rate || ' ' || bit_rate from audio_files where file_name = 'gsm.wav'")" "gsm_ms 8000 13000"
equal "$(sql "select metadata ->> 'codec' from audio_files where file_name = 'extensible.wav'")" pcm_s24le
equal "$(sql "select metadata ->> 'codec' from audio_files where file_name = 'rifx.wav'")" pcm_s16be

# Cut short is what has less than its header says.
mkdir cut
head -c 60000 made/rf64.wav >cut/rf64.wav
head -c 60000 made/before-160000-0.wav >cut/plain.wav
expect 5 ann cut
says "damaged: 1.8"
equal "$(grep -c 'damaged: 1.8.* s are there of 5.000 s' said)" 2

# Recordings in a row.
mkdir row parts
parts=()
for part in "a ogg libvorbis 44100 2 5" "b ogg libvorbis 44100 2 20" "c ogg libvorbis 22050 1 3" "d ogg libopus 48000 2 4" "e ogg flac 44100 2 6" "f mp3 libmp3lame 44100 2 5" "g mp3 libmp3lame 44100 2 20"; do
    read -r name rest <<<"$part"
    "$make" "parts/$name" $rest 2>/dev/null && parts+=("$name") || [ $? = 77 ] || complain "make_audio $part"
done
row() { # seconds, part...
    local seconds=$1 name part
    shift
    name=$(printf '%s' "$@")
    for part in "$@"; do [ -e "parts/$part" ] || return 0; done
    (cd parts && cat "$@") >"row/$name"
    expect 0 ann "row/$name"
    equal "$(sql "select round(duration_seconds) from audio_files where file_name = '$name'")" "$seconds"
    [ "$name" = fg ] || says "$# recordings in a row" # MP3 does not say how long it is
}
row 25 a b
row 25 b a
row 30 a b a
row 8 a c
row 8 c a
row 9 a d
row 12 e e
row 25 f g
echo "recordings are as long as they are"
