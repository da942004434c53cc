#!/usr/bin/env bash
# The commands, SQL and settings of database/README.md, as printed, on a server of its own with TLS, reached as
# db.example.org. The recovery, golang-migrate, Flyway and Liquibase have tests of their own.
set -euo pipefail
. "$TELEAI_SOURCE_DIR/tests/docs/programs.sh"
[ -x "$work/bin/teleai" ] || { echo "the command is not built"; exit 77; }
for program in psql createdb dropdb pg_dump pg_restore vacuumdb; do
    [ -x "$bindir/$program" ] || skip "no $program in $bindir"
done
command -v openssl >/dev/null || skip "no openssl"

complain() { echo "FAILED: $*"; [ ! -e "$work/said" ] || sed 's/^/    /' "$work/said"; exit 1; }
# A block of the document, as it is printed, to a file.
block() {
    python3 "$TELEAI_SOURCE_DIR/tests/docs/blocks.py" show "$TELEAI_SOURCE_DIR/database/README.md" "$1" >"$work/block.$1"
    chmod a+r "$work/block.$1"
    [ -s "$work/block.$1" ] || complain "there is no block $1"
}
run() { as_user env HOME="$work" PGHOST="$work" PGPORT="$port" PGUSER=teleai "$@" >"$work/said" 2>&1 </dev/null || complain "$*"; }
run_shell() { # block, settings
    block "$1"
    run "${@:2}" bash -euo pipefail "$work/block.$1"
}
run_sql() { # block, user, database
    block "$1"
    run psql -XAtq -v ON_ERROR_STOP=1 -U "$2" -d "$3" -f "$work/block.$1"
}
sql() { run psql -XAtq -v ON_ERROR_STOP=1 -U "$1" -d teleai -c "$2"; }
as() { echo "TELEAI_DATABASE_URL=host=$work port=$port user=$1 dbname=$2"; } # user, database
says() { grep -qF -- "$1" "$work/said" || complain "it does not say '$1'"; }
refused() { # user, statement
    if as_user psql -Xq -h "$work" -p "$port" -U "$1" -d teleai -c "$2" >"$work/said" 2>&1; then complain "$1 may $2"; fi
    says "permission denied"
}
trap 'as_user "$bindir/pg_ctl" -D server -m immediate -w stop >/dev/null 2>&1; clean' EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
newest=$(ls "$TELEAI_SOURCE_DIR"/database/migrations/*.up.sql | wc -l)
# The paths of its commands begin at the project's root.
cp -r "$TELEAI_SOURCE_DIR/database" "$work/database"
chmod -R a+rX "$work/database"

# The server, with the settings and the rules of the document.
run initdb -D server --username=teleai --auth=trust --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-sync
run openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=db.example.org -addext subjectAltName=DNS:db.example.org \
    -keyout server/server.key -out server/server.crt
run chmod 600 server/server.key
run cp server/server.crt root.crt
block tls
block host-rules
run sh -c "cat block.tls >>server/postgresql.conf && { echo 'local all all trust'; cat block.host-rules; } >server/pg_hba.conf"
run pg_ctl -D server -w -l server.log -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work" start

# psql runs the migrations, and two of them back.
run_shell psql
sql teleai "select version, dirty from schema_migrations"
says "$((newest - 2))|f"

# Files that note no version can be undone and done again.
for file in 024_drop_index_of_transcriptions.down 023_index_lists_of_transcriptions.down 022_drop_index_of_audio_files.down \
    021_index_lists_of_audio_files.down 020_drop_email_index.down 019_compare_emails.down \
    018_index_emails.down 018_index_emails.up 018_index_emails.down 018_index_emails.up 019_compare_emails.up \
    020_drop_email_index.up 020_drop_email_index.down 020_drop_email_index.up \
    021_index_lists_of_audio_files.up 021_index_lists_of_audio_files.down 021_index_lists_of_audio_files.up \
    022_drop_index_of_audio_files.up 022_drop_index_of_audio_files.down 022_drop_index_of_audio_files.up \
    022_drop_index_of_audio_files.down 021_index_lists_of_audio_files.down; do
    run psql -Xq -v ON_ERROR_STOP=1 -d teleai -f "database/migrations/$file.sql"
done
run env "$(as teleai teleai)" teleai migrate up

# Each member that the drawing shows is a column.
block model
awk '/^    [a-z_]+ \{$/ { table = $1 } /^        / { print "(\x27" table "\x27, \x27" $2 "\x27)" }' "$work/block.model" | paste -sd, >"$work/drawn"
[ "$(tr -cd '(' <"$work/drawn" | wc -c)" -ge 20 ] || complain "the drawing has too few members: $(cat "$work/drawn")"
sql teleai "select * from (values $(cat "$work/drawn")) drawn except select table_name, column_name from information_schema.columns"
[ ! -s "$work/said" ] || complain "the drawing shows what is not there"

# An index whose building failed.
sql teleai "create index broken on users (full_name)"
sql teleai "update pg_index set indisvalid = false where indexrelid = 'broken'::regclass"
run_sql invalid-indexes teleai teleai
says "drop index concurrently broken"
sql teleai "$(cat "$work/said")"

run_sql tenant-indexes teleai teleai
sql teleai "select count(*) from pg_indexes where indexdef like '%(tenant_id, created_at)'"
says 3
run dropdb teleai

# Three roles, and what each may do.
run_sql roles teleai postgres
block schema-rights
[[ $("$bindir/postgres" --version) != *" 12."* ]] || sed -i 's/^-- \(create extension\)/\1/' "$work/block.schema-rights"
run psql -Xq -v ON_ERROR_STOP=1 -d teleai -f "$work/block.schema-rights"
for role in teleai_owner teleai_app teleai_readonly; do sql teleai "alter role $role password 'secret'"; done
run env "$(as teleai_owner teleai)" teleai migrate up
run_sql grants teleai_owner teleai
run env "$(as teleai_app teleai)" teleai user add ann@example.org Ann --no-password
refused teleai_app "delete from tenants"
refused teleai_app "create table mine (id int)"
sql teleai_readonly "select count(id) from users"
says 1
for view in user_file_stats daily_usage_stats recent_user_activity; do sql teleai_readonly "select count(*) from $view"; done
refused teleai_readonly "select password_hash from users"
refused teleai_readonly "select * from sessions"
refused teleai_readonly "delete from audio_files"

# Over the network with TLS alone, which psql checks.
run_shell tls-client PGHOSTADDR=127.0.0.1 PGPASSWORD=secret
says " t   | TLSv1."
if as_user env HOME="$work" PGHOSTADDR=127.0.0.1 PGPORT="$port" PGPASSWORD=secret psql "host=db.example.org dbname=teleai user=teleai_app sslmode=disable" \
    -c "select 1" >"$work/said" 2>&1; then complain "without TLS it connects"; fi
says "pg_hba.conf rejects"

# Backups, by the command and by hand.
run_shell backup "$(as teleai_owner teleai)"
[ -s "$work/teleai.dump" ] || complain "no backup"
run_shell backup-by-hand
says "$newest | f"

# Row security binds the application.
run_shell row-security
sql teleai_app "select count(*) from users"
[ "$(cat "$work/said")" = 0 ] || complain "without a tenant it sees rows"
run env "$(as teleai_app teleai)" teleai user list
says "ann@example.org"

# A database of the older tooling.
run createdb older
run env "$(as teleai older)" teleai migrate to 2
run psql -Xq -d older -c "drop table schema_migrations; alter index users_email_key rename to users_email"
run_shell adopt "$(as teleai older)"
run psql -XAtq -d older -c "select version from schema_migrations"
says "$newest"
echo "$(ls "$work"/block.* | wc -l) blocks of database/README.md run"
