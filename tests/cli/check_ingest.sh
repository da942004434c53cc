#!/usr/bin/env bash
# teleai ingest: files are what their content says; each is registered once; what cannot be is told of.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
make=$TELEAI_BUILD_DIR/tests/make_audio
if [ ! -x "$make" ]; then
    echo "no libavformat, whose library makes the sound"
    [ -z "${CI:-}" ] || exit 1
    exit 77
fi
database ingest
sql "insert into users (email, full_name, password_hash) values ('ann@example.org', 'Ann', 'x'), ('bob@example.org', 'Bob', 'x')"
ann() { teleai ingest --user ann@example.org --settle 0 "$@"; } # files here are just made
registered() { sql "select count(*) from audio_files"; }

# ---- what a file is ----

mkdir sound
make_sound() { # name, format, encoder ...
    "$make" "sound/$1" "${@:2}" 2>/dev/null && return 0
    [ $? = 77 ] && { echo "(libavcodec has no $3)"; return 1; }
    complain "make_audio $*"
}
kinds=()
while read -r name type format encoder rest; do
    make_sound "$name" "$format" "$encoder" $rest && kinds+=("$name $type")
done <<'LIST'
a.mp3 audio/mpeg mp3 libmp3lame 44100
b.wav audio/wav wav pcm_s16le 16000 1
c.ogg audio/ogg ogg libvorbis
d.opus audio/ogg ogg libopus
e.webm audio/webm webm libopus
f.aac audio/aac adts aac
g.m4a audio/aac mp4 aac
h.flac audio/flac flac flac
i.wav audio/wav wav pcm_mulaw 8000 1
LIST
[ "${#kinds[@]}" -ge 5 ] || complain "hardly anything could be made"
expect 0 ann sound
for each in "${kinds[@]}"; do
    equal "$(sql "select mime_type from audio_files where file_name = '${each% *}'")" "${each#* }"
done
equal "$(sql "select duration_seconds between 1.00 and 1.10 and sample_rate = 16000 and channels = 1 and bit_rate = 256000 and status = 'uploaded' and
    file_path = '$work/sound/b.wav' and file_size_bytes = $(stat -c %s sound/b.wav) and metadata ->> 'sha256' = '$(sha256sum sound/b.wav | cut -d' ' -f1)'
    and floor(extract(epoch from upload_completed_at)) = $(stat -c %Y sound/b.wav) from audio_files where file_name = 'b.wav'")" t
equal "$(sql "select count(*) from audio_files where duration_seconds not between 0.95 and 1.15")" 0

# ---- each once ----

count=$(registered)
expect 0 ann sound
says "Registered 0 of $count files."
says "$count were registered before."
equal "$(registered)" "$count"
mkdir -p more/deep/.hidden
"$make" more/deep/one.wav wav pcm_s16le 22050 2>/dev/null
cp more/deep/one.wav more/two.mp3     # the same under a name that lies
cp sound/b.wav more/three.flac        # known, under another name
cp more/deep/one.wav more/.hidden.wav # hidden
cp more/deep/one.wav more/deep/.hidden/x.wav
ln -s .. more/deep/up
ln -s . more/loop
expect 0 ann more --dry-run
says "Would register 1 of 3 files"
equal "$(registered)" "$count"
says "the same as $work/more/deep/one.wav"
expect 0 ann more --json
says '"state": "known"'
says '"state": "copy"'
says '"state": "new"'
equal "$(registered)" $((count + 1))
equal "$(sql "select mime_type from audio_files where file_path = '$work/more/deep/one.wav'")" audio/wav
expect 0 teleai ingest --user bob@example.org --settle 0 more # his own
equal "$(registered)" $((count + 3))
expect 0 ann sound/b.wav sound more/deep/one.wav --jobs 1
equal "$(registered)" $((count + 3))

# By path and size, unread: what has changed in place is missed, as it says.
"$make" more/deep/one.wav wav pcm_s16le 22050 2 2>/dev/null
head -c "$(stat -c %s more/deep/one.wav)" /dev/zero | tail -c 1000 | dd of=more/deep/one.wav bs=1 seek=2000 conv=notrunc 2>/dev/null
expect 0 ann --trust-paths more/deep/one.wav
says "1 was registered before."
expect 0 ann more/deep/one.wav
says "1 has changed, and its row with it."

# ---- what is no sound, or damaged ----

mkdir bad
: >bad/empty.wav
head -c 100000 /dev/urandom >bad/random.wav
head -c 3000 /dev/urandom >bad/random.mp3
head -c 100000 /dev/zero >bad/zeros.flac
echo "not sound" >bad/text.txt
for each in "${kinds[@]}"; do
    file=${each% *}
    head -c $(($(stat -c %s "sound/$file") / 3)) "sound/$file" >"bad/short-$file"
    cp "sound/$file" "bad/holes-$file"
    head -c 200 /dev/urandom | dd of="bad/holes-$file" bs=1 seek=8 conv=notrunc 2>/dev/null
done
"$make" bad/k.aiff aiff pcm_s16be 2>/dev/null
mkfifo bad/pipe
ln -s nowhere bad/broken
ln -s b bad/a && ln -s a bad/b
mkdir bad/closed && cp sound/b.wav bad/closed/ && chmod 000 bad/closed
before=$(registered)
expect 5 ann bad
says "bad/empty.wav"
for each in random.wav random.mp3 zeros.flac text.txt; do
    grep -q "bad/$each *not a file of sound" said || complain "$each"
done
grep -q "bad/k.aiff *Audio IFF; MP3, WAV" said || complain "k.aiff"
grep -q "bad/short-b.wav *damaged: " said || complain "short-b.wav"
grep -q "bad/short-h.flac *damaged: " said || complain "short-h.flac"
grep -q "bad/pipe *no plain file" said || complain "pipe"
grep -q "bad/broken *a link that leads nowhere" said || complain "broken"
if [ "$(id -u)" != 0 ]; then
    grep -q "bad/closed *Permission denied" said || complain "closed"
else
    says_not "Permission denied"
fi
chmod 700 bad/closed
expect 3 ann bad no_such_folder
says "no_such_folder: No such file or directory"
says "not a file of sound" # the others are taken
expect 3 ann no_such_folder
equal "$(cat said)" "teleai: no_such_folder: No such file or directory"
expect 2 ann
expect 2 teleai ingest sound
says "--user is missing"
expect 3 teleai ingest --user nobody@example.org sound
mkdir nothing
expect 3 ann nothing
says "there are no files"

# A file name that the database does not take.
cp more/deep/one.wav "$(printf 'bad-\377-name.wav')"
printf 'x' >>"$(printf 'bad-\377-name.wav')"
expect 5 ann "$(printf 'bad-\377-name.wav')"
says "UTF-8"

# ---- a reader that dies ----

# As a hostile file could make it: the file is told of, the others are registered.
mkdir many
for i in $(seq 1 400); do { cat sound/b.wav; printf '%s' "$i"; } >"many/$(printf %03d "$i").wav"; done
truncate -s 50G many/000-large.wav # which takes long to read
before=$(registered)
"$program" ingest --user ann@example.org --settle 0 many --jobs 1 >said 2>&1 &
ingest=$!
reads_large() { ls -l "/proc/$(pgrep -P "$ingest")/fd" 2>/dev/null | grep -c large; }
becomes 1 reads_large
kill -KILL "$(pgrep -P "$ingest")"
status=0
wait "$ingest" || status=$?
equal "$status" 5
says "damaged: what reads it crashed"
equal "$(registered)" $((before + 400))
rm many/000-large.wav
expect 0 ann many
equal "$(registered)" $((before + 400))

# ---- Ctrl-C ----

# In the third hundred lies a file that takes long to read. What was registered stays, and the same command goes on.
sql "delete from audio_files where file_path like '%/many/%'"
before=$(registered)
truncate -s 50G many/250-large.wav
"$program" ingest --user ann@example.org --settle 0 many --jobs 1 >said 2>&1 &
ingest=$!
becomes $((before + 200)) registered
end_with INT "$ingest"
equal "$status" 130
says "Registered 200 of 401 files"
says "the same command goes on from there"
equal "$(registered)" $((before + 200))
equal "$(pgrep -c -P "$ingest" || true)" 0
rm many/250-large.wav
expect 0 ann many
says "Registered 200 of 400 files"
equal "$(registered)" $((before + 400))
equal "$(sql "select count(distinct metadata ->> 'sha256') from audio_files where file_path like '%/many/%'")" 400
echo "files are registered by what they are, each once"
