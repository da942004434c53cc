#!/usr/bin/env bash
# teleai doctor: what is broken is found, its remedy works as printed, and the exit status tells how bad it is.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"

# A member of the first finding of a check, from JSON.
finding() { # check, member
    python3 -c '
import json, sys
for each in json.load(open("said"))["findings"]:
    if each["check"] == sys.argv[1] and each["severity"] != "ok":
        print(each[sys.argv[2]])
        break' "$1" "$2"
}
command -v python3 >/dev/null || { echo "no python3"; exit 77; }

# Private, and as it was made: nothing worse than notices.
expect 4 teleai doctor -d local:data
says "teleai local start"
[ ! -e data ] || complain "looking made the folder"
teleai local start data >/dev/null
export TELEAI_DATABASE_URL=local:data
healthy=0
# Of a version that PostgreSQL itself no longer mends, the doctor warns each time.
case $(teleai doctor 2>&1 || true) in *"gets no corrections"*) healthy=5 ;; esac
expect "$healthy" teleai doctor
says "ok "
[ "$healthy" = 5 ] || says_not "warning"
expect "$healthy" teleai doctor --quiet
[ "$healthy" = 5 ] || equal "$(cat said)" ""

private() { teleai local psql data -- -X -A -t -q -v ON_ERROR_STOP=1 -c "$1"; }
private "drop index audio_files_created_at_id_idx"
expect 5 teleai doctor --quiet
says "missing_index"
says "audio_files_created_at_id_idx"
expect 5 teleai doctor --json
private "$(finding missing_index remedy)"
expect "$healthy" teleai doctor
private "drop index users_email_key"
expect 6 teleai doctor --json
equal "$(finding missing_index severity)" critical
private "$(finding missing_index remedy)"
expect "$healthy" teleai doctor --csv
says "severity,check,subject,message,remedy"

# The tests' server is not made to last.
database doctor
expect 6 teleai doctor
head -n 1 said | grep -q '^critical  durability  fsync$' || complain "the worst is not told first"
says "alter system set fsync = 'on'; select pg_reload_conf();"
expect 6 teleai doctor --json
equal "$(finding durability remedy)" "alter system set fsync = 'on'; select pg_reload_conf();"
sql "insert into users (id, email, full_name, password_hash) values ('01900000-0000-7000-8000-000000000001', 'ann@example.org', 'Ann', 'x');
    insert into sessions (user_id, token_hash, created_at, expires_at) values ('01900000-0000-7000-8000-000000000001',
        repeat('a', 64), now() - interval '9 days', now() - interval '2 days')"
expect 6 teleai doctor --json
equal "$(finding sessions subject)" sessions
sql "$(finding sessions remedy)"
expect 6 teleai doctor --json
equal "$(finding sessions remedy)" ""
sql "drop extension pgcrypto"
expect 6 teleai doctor --json
equal "$(finding extensions subject)" pgcrypto
sql "$(finding extensions remedy)"
expect 6 teleai doctor --json
equal "$(finding extensions subject)" ""

# A role with few rights: it works, and tells what is missing.
sql "do \$\$ begin create role teleai_cli_weak login; exception when duplicate_object or unique_violation then null; end \$\$"
all=$TELEAI_DATABASE_URL
export TELEAI_DATABASE_URL="$all user=teleai_cli_weak"
expect 6 teleai doctor
says "could not be looked at"
says "->"
export TELEAI_DATABASE_URL=$all

# No connection is a finding too.
expect 4 teleai doctor -d "host=$work/nowhere dbname=x" --json
equal "$(finding connection severity)" critical
expect 4 teleai doctor -d "$(cat "$TELEAI_TEST_SERVER/connection") dbname=no_such_database"
says "createdb"
expect 2 teleai doctor -d "nonsense nonsense"
echo "the doctor finds what is broken"
