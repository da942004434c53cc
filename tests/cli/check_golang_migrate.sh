#!/usr/bin/env bash
# Beside the real golang-migrate: we wait while it is at work and it waits for us; whichever comes first, one schema is
# made and no version stays dirty. RACES: how many of each kind.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"
. "$source/tests/support/tools.sh"
migrate=$(teleai_golang_migrate) || teleai_tool_lacks golang-migrate go
races=${RACES:-4}
newest=$(ls "$source"/database/migrations/*.up.sql | wc -l)

connection=$(cat "$TELEAI_TEST_SERVER/connection")
url_of() { sed -E "s#^host=([^ ]+) user=([^ ]+).*#postgres://\2@/$1?host=\1\&sslmode=disable#" <<<"$connection"; }
golang() { "$migrate" -path "$source/database/migrations" -database "$url" "$@"; }
make_database() { # name, template; what it is called in $name
    database "$1" "$2"
    name=$1; url=$(url_of "cli_$1_$$")
}
state() { sql "select version || case when dirty then ' dirty' else '' end from schema_migrations"; }
invalid() { sql "select count(*) from pg_index where not indisvalid"; }
locks() { sql "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"; }
key() { python3 -c "import sys, zlib; print(zlib.crc32(('public\0schema_migrations\0' + sys.argv[1]).encode()) * 1486364155 % 2 ** 32)" "$1"; }
fill() { # rows, so that the later files take their time
    sql "insert into users (email, password_hash, full_name) select 'u' || n || '@example.org', '!', 'U' from generate_series(1, $1) n;
        insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type)
        select id, 'a', 'a', 1, 'audio/wav' from users, generate_series(1, 5)"
}
# A session that has the lock of a key, and does nothing; it lets go when its input ends.
holder=
hold() {
    mkfifo "$work/held.$1"
    psql -X -q -A -t -d "$TELEAI_DATABASE_URL" <"$work/held.$1" >"$work/held" 2>&1 &
    holder=$!
    exec 7>"$work/held.$1"
    echo "select pg_advisory_lock($1);" >&7
    becomes 1 locks
}
let_go() { exec 7>&-; wait "$holder"; }

# ---- as database/README.md prints it ----

make_database printed template0
python3 "$source/tests/docs/blocks.py" show "$source/database/README.md" golang-migrate >"$work/printed.sh"
(cd "$source" && PATH=$(dirname "$migrate"):$PATH DATABASE_URL=$url bash -euo pipefail "$work/printed.sh") >"$work/said" 2>&1 ||
    complain "the commands of database/README.md: $(cat "$work/said")"
equal "$(state)" $((newest - 1))

# ---- both of its keys are kept ----

make_database keys template0
for path in "/cli_keys_$$" "cli_keys_$$"; do
    hold "$(key "$path")"
    expect 1 teleai migrate up --timeout 1
    says "another migration of this database, which is at work (process"
    says_not "force"
    equal "$(sql "select to_regclass('users') is null")" t
    teleai migrate up --timeout 60 >"$work/waited" 2>&1 7>&- &
    waiting=$!
    becomes 1 locks # it tries, and has none
    let_go
    wait "$waiting" || complain "it did not go on: $(cat "$work/waited")"
    equal "$(state)" "$newest"
    expect 0 teleai migrate to 0 --yes
done

# ---- dirty: at work, or failed half-way ----

make_database dirty template0
expect 0 teleai migrate to 3
sql "update schema_migrations set version = 4, dirty = true"
hold "$(key "/cli_dirty_$$")"
expect 5 teleai migrate status
says "golang-migrate is at work now"
expect 1 teleai migrate up --timeout 1
says "golang-migrate, which is at work"
says_not "force"
expect 1 teleai user list --timeout 1
says_not "force"
expect 6 teleai doctor --json
says "a migration is at work now"
teleai migrate up --timeout 60 >"$work/waited" 2>&1 7>&- &
waiting=$!
sql "update schema_migrations set version = 3, dirty = false" # what it was at has ended well
let_go
wait "$waiting" || complain "it did not go on: $(cat "$work/waited")"
equal "$(state)" "$newest"
sql "update schema_migrations set version = 4, dirty = true"
expect 1 teleai migrate up
says "failed half-way"
says "teleai migrate force"
says_not "migrate up\` brings"
expect 5 teleai migrate status
says "teleai migrate force 3"
expect 1 teleai migrate force "$newest" # it asks, and nobody answers
says "--yes"
equal "$(state)" "4 dirty"
expect 2 teleai migrate force $((newest + 1)) --yes
expect 2 teleai migrate force five --yes
expect 0 teleai migrate force "$newest" --yes
equal "$(state)" "$newest"
expect 0 teleai migrate up

# ---- what it leaves when it is several ----

# An index whose building was broken off is built anew by the next way up, though its version is written.
make_database broken template0
expect 0 teleai migrate to 4
sql "insert into users (id, email, password_hash, full_name) values ('00000000-0000-0000-0000-000000000001', 'a@example.org', '!', 'A')"
sql "create unique index users_tenant_id_id_key on users (tenant_id, id);
    update pg_index set indisvalid = false where indexrelid = 'users_tenant_id_id_key'::regclass"
expect 0 teleai migrate force 5 --yes
expect 0 teleai migrate up
equal "$(state)" "$newest"
equal "$(invalid)" 0

# ---- races ----

# Ours and theirs at once, one time ours and one time theirs a little earlier. Ours must succeed. A single one of theirs, too;
# of several some may be told that the lock was not to be had, and then have done nothing.
race() { # races, rows, how many of theirs
    local round each ours theirs
    for round in $(seq "$1"); do
        make_database "race$round" template0
        [ "$2" = 0 ] || { teleai migrate to 3 >"$work/said" 2>&1 || complain "to 3"; fill "$2"; }
        theirs=()
        [ $((round % 2)) = 0 ] || { teleai migrate up --timeout 120 >"$work/ours" 2>&1 & ours=$!; }
        for each in $(seq "$3"); do
            golang up >"$work/theirs.$each" 2>&1 & theirs+=($!)
        done
        [ $((round % 2)) != 0 ] || { teleai migrate up --timeout 120 >"$work/ours" 2>&1 & ours=$!; }
        wait "$ours" || complain "ours failed: $(cat "$work/ours"); theirs: $(cat "$work"/theirs.*)"
        for each in $(seq "$3"); do
            wait "${theirs[each - 1]}" || { [ "$3" != 1 ] && grep -qE 'pg_advisory_lock|try lock failed|deadlock detected|user request' "$work/theirs.$each"; } ||
                complain "theirs failed: $(cat "$work/theirs.$each")"
        done
        equal "$(state)" "$newest"
        equal "$(invalid)" 0
        equal "$(locks)" 0
        psql -X -q -d "$connection dbname=postgres" -c "drop database cli_race${round}_$$"
    done
}
race "$races" 0 1
race "$races" 3000 1
race 2 0 2
race 2 3000 2
echo "$races races on empty databases and $races on filled ones, and some with several of theirs: none dirty"
