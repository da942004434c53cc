/* For test_migrate.c: what a database holds, as text. */
#ifndef TELEAI_TESTS_DB_DATABASE_CONTENT_H
#define TELEAI_TESTS_DB_DATABASE_CONTENT_H

/* Everything that a migration could leave behind, in one short text. */
static const char *catalogue(void) {
    return harness_sql("select md5(string_agg(x, e'\\n' order by x)) from ("
                       "select 'class ' || oid || relname || relkind::text || coalesce(relacl::text, '') from pg_class "
                       "where relnamespace <> "
                       "'pg_toast'::regnamespace union all select 'type ' || oid || typname from pg_type union all "
                       "select 'proc ' || oid || "
                       "proname from pg_proc union all select 'extension ' || oid || extname from pg_extension union "
                       "all select 'namespace ' "
                       "|| oid || nspname from pg_namespace where nspname !~ '^pg_' union all select 'constraint ' || "
                       "oid || conname from "
                       "pg_constraint union all select 'cast ' || oid from pg_cast union all select 'description ' || "
                       "objoid || description "
                       "from pg_description) x (x)");
}

static char *dump(void) {
    const char *folder = getenv("TELEAI_TEST_SERVER");
    char command[2000];
    snprintf(
        command, sizeof command,
        "PATH=\"$(cat '%s/bindir' 2>/dev/null):$PATH\" pg_dump -d \"%s\" 2>&1 | grep -v '^\\\\\\(un\\)\\?restrict '",
        folder, harness_database());
    FILE *pipe = popen(command, "r");
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, pipe);
    cr_assert(pclose(pipe) == 0 && length > 0);
    return text;
}

/* The times of the default tenant are those of its making. */
static void set_times(void) {
    harness_sql("set session_replication_role = replica;"
                "update tenants set created_at = '2030-01-01', updated_at = '2030-01-01'");
}

#endif
