# A database of its own for a test of a binding, with the schema, on the server of the test suite. To be sourced; it sets
# TELEAI_DATABASE_URL, and drops the database when the script ends.
teleai_bindings_connection=$(cat "$TELEAI_TEST_SERVER/connection")
teleai_bindings_database=bindings_$$
teleai_bindings_sql() { psql -X -q -v ON_ERROR_STOP=1 -d "$teleai_bindings_connection dbname=postgres" -c "$1"; }
teleai_bindings_drop() { teleai_bindings_sql "drop database if exists $teleai_bindings_database" || true; }
teleai_bindings_sql "create database $teleai_bindings_database template teleai_template"
trap teleai_bindings_drop EXIT
export TELEAI_DATABASE_URL="$teleai_bindings_connection dbname=$teleai_bindings_database"
