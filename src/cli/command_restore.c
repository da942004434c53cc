/* teleai restore: a dump back into a database, by pg_restore. */
#include <inttypes.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/report.h"
#include "cli/scratch.h"
#include "cli/terminal.h"
#include "cli/words.h"

/* ---- what the dump needs ---- */

typedef struct roles {
    char names[32][70]; /* as SQL writes them */
    size_t count;
    bool too_many;
} roles;

static void add_role(roles *to, const char *begin, const char *end) {
    size_t length = (size_t)(end - begin);
    if (length == 0 || length >= sizeof to->names[0] || (length == 6 && strncasecmp(begin, "public", 6) == 0))
        return;
    for (size_t i = 0; i < to->count; i++)
        if (strlen(to->names[i]) == length && strncmp(to->names[i], begin, length) == 0)
            return;
    to->too_many |= to->count == sizeof to->names / sizeof *to->names;
    if (!to->too_many)
        snprintf(to->names[to->count++], sizeof to->names[0], "%.*s", (int)length, begin);
}

/* A role's name is the last word of "ALTER ... OWNER TO x;" and "GRANT ... TO x;" as pg_restore writes them. */
static void find_role(void *data, char *line) {
    if (line == NULL)
        return;
    bool owner = strncmp(line, "ALTER ", 6) == 0, grant = strncmp(line, "GRANT ", 6) == 0;
    const char *before = owner ? " OWNER TO " : " TO ", *begin = NULL;
    for (const char *at = line; owner || grant;) {
        at = strstr(at, before);
        if (at == NULL)
            break;
        begin = at += strlen(before);
    }
    size_t length = begin == NULL ? 0 : strlen(begin);
    static const char option[] = " WITH GRANT OPTION;";
    if (length > sizeof option && strcmp(begin + length - (sizeof option - 1), option) == 0)
        add_role(data, begin, begin + length - (sizeof option - 1));
    else if (length > 1 && begin[length - 1] == ';')
        add_role(data, begin, begin + length - 1);
}

/* Whether the server has every role that the dump gives something to. */
static bool has_roles(const char *pg_restore, const place *at, const char *file) {
    roles needed = {.count = 0};
    const char *const words[] = {pg_restore, "--schema-only", "--file=-", file, NULL};
    run it = {.arguments = words, .line = find_role, .data = &needed};
    if (!program_run(&it, "the dump cannot be read"))
        return false;
    char missing[32 * 72] = "";
    for (size_t i = 0; i < needed.count; i++) {
        char sql[200];
        psql_answer answer;
        snprintf(sql, sizeof sql, "select to_regrole($teleai$%s$teleai$) is null", needed.names[i]);
        if (!psql_ask(at, sql, &answer))
            return false;
        size_t length = strlen(missing);
        if (strcmp(answer.text, "t") == 0)
            snprintf(missing + length, sizeof missing - length, "%s%s", length == 0 ? "" : ", ", needed.names[i]);
    }
    if (missing[0] == 0)
        return true;
    report("the dump gives things to roles that this server does not have: %s", missing);
    hint("make them first (create role ...; or pg_dumpall --roles-only on the old server); or --no-roles leaves owners "
         "and "
         "rights out: everything will be yours");
    return false;
}

/* ---- the target ---- */

static const char count_sql[] =
    "select count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and not exists (select from "
    "pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid "
    "and d.deptype = 'e')";

static bool is_empty_or_clean(const arguments *given, const place *at) {
    psql_answer answer;
    if (!psql_ask(at, count_sql, &answer))
        return false;
    if (strcmp(answer.text, "0") == 0 || is_given(given, "clean"))
        return true;
    report("the database is not empty: it has %s tables, indexes and so on", answer.text);
    hint("--create NAME makes a new one beside it; --clean drops first what the dump brings, with all rows");
    return false;
}

static bool create(const place *at, const char *name) {
    psql_answer answer;
    char sql[300] = "create database \"";
    size_t length = strlen(sql);
    for (const char *from = name; *from != 0 && length < sizeof sql - 40; from++) {
        if (*from == '"')
            sql[length++] = '"';
        sql[length++] = *from;
    }
    snprintf(sql + length, sizeof sql - length, "\" template template0");
    return psql_ask(at, sql, &answer);
}

/* ---- afterwards ---- */

/* Statistics are not in a dump; nor is a materialized view that was never filled. */
static const char finish_sql[] = "do $$ begin if exists (select from pg_catalog.pg_class where oid = "
                                 "to_regclass('daily_usage_stats') and not relispopulated) "
                                 "then refresh materialized view daily_usage_stats; end if; end $$; analyze";

static int look_at_schema(const place *at) {
    const teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    teleai_client *client = NULL;
    teleai_migration_status *now = NULL;
    teleai_error error = {0};
    char *connection = place_connection(at);
    int status = EXIT_FAILED;
    if (connection != NULL && teleai_open(connection, &options, &client, &error) == TELEAI_OK &&
        teleai_migrate_status(client, &now, &error) == TELEAI_OK) {
        status = EXIT_OK;
        printf("The schema has version %" PRId64 ".\n", now->current_version);
        if (now->current_version == 0)
            report("there is no teleai schema in this dump"), status = EXIT_WARNINGS;
        else if (now->current_version < now->library_version)
            printf("This program needs %" PRId64 ": `teleai migrate up` brings it up to date.\n", now->library_version);
        else if (now->current_version > now->library_version)
            printf("This program is older, it needs %" PRId64 ": update it.\n", now->library_version);
    } else if (connection != NULL) {
        fail_with(&error);
    }
    place_forget(connection);
    teleai_migration_status_free(now);
    teleai_close(client);
    return status;
}

static int restore(const arguments *given, place *at) {
    char pg_restore[PATH_MAX], jobs[32];
    const char *file = operand(given, 0), *wanted = value_of(given, "create");
    int64_t workers;
    psql_answer answer;
    if (!number_of(given, "jobs", 1, 64, 1, &workers))
        return EXIT_USAGE;
    if (!program_find("pg_restore", pg_restore, sizeof pg_restore))
        return EXIT_FAILED;
    if (!is_given(given, "no-roles") && !has_roles(pg_restore, at, file))
        return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
    if (wanted != NULL) {
        if (!create(at, wanted))
            return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
        at->database = wanted;
    } else if (!is_empty_or_clean(given, at)) {
        return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
    }
    if (!psql_ask(at, "select current_database()", &answer))
        return EXIT_FAILED;
    snprintf(jobs, sizeof jobs, "--jobs=%" PRId64, workers);
    const char *words[16] = {pg_restore, "--exit-on-error", "--verbose", "--no-password", "--dbname", answer.text};
    int count = 6;
    words[count++] = workers > 1 ? jobs : "--single-transaction"; /* all of it or nothing */
    if (is_given(given, "clean"))
        words[count++] = "--clean", words[count++] = "--if-exists";
    if (is_given(given, "no-roles"))
        words[count++] = "--no-owner", words[count++] = "--no-privileges";
    words[count++] = file;
    if (!restore_run(words, at, file)) {
        if (workers == 1)
            hint("nothing was changed%s", wanted != NULL ? "; the new database is empty" : "");
        else
            hint("a part of it may be there: begin again with --clean");
        return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
    }
    psql_answer nothing;
    if (!psql_ask(at, finish_sql, &nothing))
        return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
    say("%s is restored into the database %s.", file, answer.text);
    return look_at_schema(at);
}

static bool is_dump(const char *path) {
    char head[5] = "";
    FILE *file = fopen(path, "rb");
    bool opened = file != NULL, read = opened && fread(head, 1, sizeof head, file) == sizeof head;
    int error = errno;
    if (opened)
        fclose(file);
    if (read && memcmp(head, "PGDMP", 5) == 0)
        return true;
    if (!opened)
        report("%s cannot be opened: %s", path, strerror(error));
    else
        report("%s is not a dump of `teleai backup` (or pg_dump --format=custom)", path);
    return false;
}

static int run_restore(const arguments *given) {
    if (!is_dump(operand(given, 0)))
        return EXIT_USAGE;
    int status;
    teleai_error error;
    teleai_local_status *local = NULL;
    place at = {connection_of(given), NULL};
    teleai_client *client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (client == NULL)
        return status;
    if (!client_is_direct(client, "restore")) {
        client_close(client);
        return EXIT_FAILED;
    }
    bool good = true;
    if (strncmp(at.connection, "local:", 6) == 0) {
        good = teleai_local_status_get(at.connection, NULL, &local, &error) == TELEAI_OK;
        if (good)
            at.connection = local->connection;
    }
    status = good ? restore(given, &at) : fail_with(&error);
    client_close(client);
    teleai_local_status_free(local);
    return status;
}

static const option_spec options[] = {
    {"create", 0, "NAME", "make a new database of this name, on the server that the connection names",
     .excludes = "clean"},
    {"clean", 0, NULL, "drop first what the dump brings, with all rows"},
    {"jobs", 'j', "N", "restore N tables at once; then it is not all or nothing"},
    {"no-roles", 0, NULL, "leave owners and rights out"},
    {0},
};

const command restore_command = {
    .name = "restore",
    .summary = "bring a backup back into a database",
    .operands = "FILE",
    .description =
        "Restores a FILE of `teleai backup` into a database that is empty, all of it or nothing. Afterwards statistics "
        "are "
        "collected, the daily statistics are filled where they were not, and the schema's version is told.\n\n"
        "Programs must not use the database meanwhile. A dump names the roles that own things and have rights, but "
        "does not "
        "hold them: they are looked for first. Under row security these are teleai_owner, teleai_app and teleai_admin.",
    .examples = "teleai restore teleai-2026-11-26T101500Z.dump --create teleai_restored\n"
                "teleai restore -d local:./other before.dump\nteleai restore --clean --jobs 4 before.dump",
    .options = options,
    .least = 1,
    .most = 1,
    .run = run_restore,
};
