#!/usr/bin/env bash
# database/changelog.yaml, Liquibase's list, names each migration once, in order, with its way back.
set -euo pipefail
database=$(dirname "${BASH_SOURCE[0]}")/../../database
wanted() {
    local up name
    for up in "$database"/migrations/*.up.sql; do
        name=$(basename "$up" .up.sql)
        printf '%s\n%s\n%s\n' "id: \"${name%%_*}\"" "migrations/$name.up.sql" "migrations/$name.down.sql"
    done
}
diff <(wanted) <(grep -oE 'id: "[0-9]+"|migrations/[^,]+\.sql' "$database/changelog.yaml") ||
    { echo "database/changelog.yaml lacks what database/migrations has (< wanted, > listed): add a change set for each file"; exit 1; }
echo "$(grep -c changeSet: "$database/changelog.yaml") migrations, all listed"
