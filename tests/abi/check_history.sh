#!/usr/bin/env bash
# Commits say what changed and why: "area: what" within 72 characters, a blank line, and a body where more than a few lines
# change. Asked of all commits since the one from which on this holds; merges only of their length.
set -euo pipefail
cd "$TELEAI_SOURCE_DIR"
since=d013be8932ca2072ca375485659b7b6b38e49d88
few=10
skip() { echo "skipped: $1"; exit 77; }
command -v git >/dev/null || skip "no git"
[ "$(git rev-parse --show-prefix 2>/dev/null || echo none)" = "" ] || skip "not a checkout of the project"
git merge-base --is-ancestor "$since" HEAD 2>/dev/null || skip "the history does not reach back to ${since:0:7}"

# Who holds the rules: a commit's parents, its message on standard input, and how many lines it changes.
faults_of() { # parents lines
    awk -v merge="$((${1:-1} > 1))" -v lines="$2" -v few="$few" '
        NR == 1 && length($0) > 72 { print "its subject has " length($0) " characters, 72 are allowed" }
        NR == 1 && !merge && $0 !~ /^[a-z][a-z0-9_.\/, -]*: [^ ]/ { print "its subject is not \"area: what changed\"" }
        NR == 2 && $0 != "" { print "its second line is not blank" }
        NR > 2 && $0 != "" { body = 1 }
        END { if (!merge && !body && lines > few) print "it changes " lines " lines, and has no body that says why" }'
}

# The rules are kept and broken as they should be.
holds() { [ "$(printf "$3" | LC_ALL=C.UTF-8 faults_of "$1" "$2")" = "$4" ] || { echo "the check itself is wrong about: $3"; exit 1; }; }
holds 1 10 'pool: a word\n' ""
holds 1 11 'pool: a word\n' "it changes 11 lines, and has no body that says why"
holds 1 11 'pool: a word\n\nBecause.\n' ""
holds 1 11 'pool: a word\nBecause.\n\nMore.\n' "its second line is not blank"
holds 1 1 'A word\n' 'its subject is not "area: what changed"'
holds 2 900 'Merge a branch\n' ""
holds 1 1 "pool: $(printf '%070d' 0)\n" "its subject has 76 characters, 72 are allowed"

bad=0 count=0
for commit in $(git rev-list "$since..HEAD"); do
    lines=$(git show --format= --numstat "$commit" | awk '{ all += $1 + $2 } END { print all + 0 }')
    parents=$(git show --no-patch --format=%P "$commit" | wc -w)
    faults=$(git show --no-patch --format=%B "$commit" | LC_ALL=C.UTF-8 faults_of "$parents" "$lines")
    count=$((count + 1))
    [ -z "$faults" ] && continue
    git show --no-patch --format='%h %s' "$commit"
    sed 's/^/    /' <<<"$faults"
    bad=1
done
[ "$bad" = 0 ] && echo "$count commits say what and why"
exit "$bad"
