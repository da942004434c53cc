#!/usr/bin/env bash
# teleai local: a private server that is started, looked at, used by psql, stopped.
. "$(dirname "${BASH_SOURCE[0]}")/service.sh"

expect 3 teleai local status data
says "there is no private server in data"
expect 3 teleai local psql data
expect 3 teleai local stop data
[ ! -e data ] || complain "looking made the folder"

expect 0 teleai local start data
says "goes on until"
expect 0 teleai local status data --json
says '"running": true'
says '"kept": true'
says '"in_use": false'
expect 0 teleai migrate status -d local:data # which closes it, and leaves it running
expect 0 teleai local start local:data
expect 0 teleai local psql data -- -A -t -c 'select version from schema_migrations'
equal "$(cat said)" "$(ls "$source"/database/migrations/*.up.sql | wc -l)"
expect 0 teleai local status data --csv
connection=$(tail -n 1 said | sed -E "s/.*,(host=.*)/\1/" | tr -d '\r"')
equal "$(psql -X -A -t -d "$connection" -c 'select 1')" 1

expect 0 teleai local stop data
says "It is stopped."
expect 3 teleai local status data
expect 0 teleai local stop data

# psql starts it for its own time, with its standard input, and its exit status is psql's.
equal "$(echo "select 6 * 7" | teleai local psql data -- -X -A -t)" 42
expect 1 teleai local psql data -- --no-such-option
expect 1 teleai local psql data -- -X -c nonsense
becomes "false false" sh -c "'$program' local status data --json | sed -nE 's/.*\"running\": ([a-z]+), \"kept\": [a-z]+, \"in_use\": ([a-z]+).*/\1 \2/p'"

# While a program has it open.
teleai local psql data -- -X -q -c "select pg_sleep(60)" >/dev/null 2>&1 &
sleeper=$!
becomes true sh -c "'$program' local status data --json | sed -nE 's/.*\"running\": ([a-z]+).*/\1/p'"
expect 0 teleai local start data
expect 0 teleai local stop data
says "stops when the last of them closes"
expect 0 teleai local stop --now data
says "It is stopped."
wait "$sleeper" && complain "psql did not notice"

mkdir other && touch other/thing
expect 2 teleai local start other
says "holds other things"
expect 2 teleai local start
echo "a private server starts, stays and stops"
