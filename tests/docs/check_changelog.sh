#!/usr/bin/env bash
# database/changelog.yaml, Liquibase's list, names each migration once, in order, with its way back. --write makes it so.
set -euo pipefail
database=$(dirname "${BASH_SOURCE[0]}")/../../database
wanted() {
    local up name
    cat <<'HEAD'
# Liquibase on these files: liquibase --changelog-file=changelog.yaml --search-path=database ... update
# One change set a file, sent whole and in no transaction of Liquibase's: the files have their own. Written by
# tests/docs/check_changelog.sh --write; includeAll cannot be used, since it would take the down files for changes, too.
databaseChangeLog:
HEAD
    for up in "$database"/migrations/*.up.sql; do
        name=$(basename "$up" .up.sql)
        cat <<SET
  - changeSet:
      id: "${name%%_*}"
      author: teleai
      runInTransaction: false
      changes:
        - sqlFile: {path: migrations/$name.up.sql, relativeToChangelogFile: true, splitStatements: false, stripComments: false}
      rollback:
        - sqlFile: {path: migrations/$name.down.sql, relativeToChangelogFile: true, splitStatements: false, stripComments: false}
SET
        [ -e "$database/migrations/$name.down.sql" ] || { echo "$up has no way back" >&2; return 1; }
    done
}
if [ "${1:-}" = --write ]; then
    wanted >"$database/changelog.yaml.new" && mv "$database/changelog.yaml.new" "$database/changelog.yaml"
    exit
fi
wanted | diff - "$database/changelog.yaml" ||
    { echo "database/changelog.yaml is not what database/migrations has (< wanted, > listed): run $0 --write"; exit 1; }
echo "$(grep -c changeSet: "$database/changelog.yaml") migrations, all listed"
