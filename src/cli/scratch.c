/* Trying a backup; see scratch.h. */
#include "cli/scratch.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

enum { LONG_MS = 86400000 };

/* ---- pg_restore ---- */

typedef struct steps {
    progress shown;
    int64_t done;
    char note[100];
} steps;

/* Of what pg_restore says, the lines that begin something. */
static void follow(void *data, char *line) {
    steps *to = data;
    if (line != NULL && strncmp(line, "pg_restore: ", 12) == 0) {
        to->done++;
        snprintf(to->note, sizeof to->note, "%s", line + 12);
    }
    progress_show(&to->shown, to->done, to->note);
}

static void count_entry(void *data, char *line) {
    int64_t *entries = data;
    if (line != NULL && *line != ';' && *line != 0)
        ++*entries;
}

bool restore_run(const char *const *words, const place *at, const char *dump) {
    int64_t entries = 0;
    const char *const listing[] = {words[0], "--list", dump, NULL};
    run list = {.arguments = listing, .line = count_entry, .data = &entries};
    if (!program_run(&list, "the dump cannot be read"))
        return false;
    steps so_far = {.shown = progress_begin("steps", entries)};
    run it = {.arguments = words, .at = at, .line = follow, .data = &so_far};
    bool good = program_run(&it, "the dump cannot be restored");
    progress_clear();
    return good;
}

/* ---- the scratch database ---- */

typedef struct scratch {
    place at;
    char name[64];
    /* In a private server: */
    char folder[64], local[96];
    teleai_client *holder;
    teleai_local_status *status;
} scratch;

static bool make_on_server(scratch *it, const place *server, bool must) {
    char sql[160];
    psql_answer answer;
    snprintf(it->name, sizeof it->name, "teleai_verify_%lld_%d", (long long)time(NULL), (int)getpid());
    snprintf(sql, sizeof sql, "create database %s template template0", it->name);
    it->at = (place){server->connection, it->name};
    /* Ctrl-C waits for the answer: whoever does not know whether the database was made cannot take it away. */
    if (psql_try(server, sql, true, &answer))
        return !interrupted();
    if (strstr(answer.text, "ERROR:") != NULL || strstr(answer.text, "FATAL:") != NULL)
        it->name[0] = 0; /* the server has refused; else it may be there */
    if (must || strstr(answer.text, "permission denied") == NULL || interrupted()) {
        report("the scratch database cannot be made: %s", interrupted() ? "interrupted" : answer.text);
        hint("--scratch local uses a private server instead");
    }
    return false;
}

static bool make_local(scratch *it) {
    const teleai_options options = {
        .struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE, .timeout_ms = 120000};
    teleai_error error;
    snprintf(it->folder, sizeof it->folder, "/tmp/teleai-verify-XXXXXX");
    if (mkdtemp(it->folder) == NULL) {
        report("no folder can be made in /tmp for the scratch database");
        it->folder[0] = 0;
        return false;
    }
    snprintf(it->local, sizeof it->local, "local:%s/data", it->folder);
    if (teleai_open(it->local, &options, &it->holder, &error) != TELEAI_OK ||
        teleai_local_status_get(it->local, NULL, &it->status, &error) != TELEAI_OK) {
        fail_with(&error);
        return false;
    }
    it->at = (place){it->status->connection, NULL};
    return true;
}

static void drop(scratch *it, const place *server) {
    char sql[160];
    psql_answer answer;
    if (it->name[0] != 0) { /* the server may not have noticed yet that pg_restore was ended */
        snprintf(sql, sizeof sql, "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'",
                 it->name);
        psql_try(server, sql, true, &answer);
    }
    snprintf(sql, sizeof sql, "drop database if exists %s", it->name);
    if (it->name[0] != 0 && !psql_try(server, sql, true, &answer))
        report("the scratch database is left over, %s; drop it by hand: drop database %s;", answer.text, it->name);
    teleai_close(it->holder);
    teleai_local_status_free(it->status);
    const char *const words[] = {"/bin/rm", "-rf", "--", it->folder, NULL};
    run removal = {.arguments = words, .uninterrupted = true};
    if (it->folder[0] != 0)
        program_run(&removal, "the scratch folder is left over");
}

static teleai_table_checksums *sum_up(const scratch *it) {
    const teleai_options options = {
        .struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE, .timeout_ms = LONG_MS};
    char *connection = place_connection(&it->at);
    teleai_table_checksums *sums = NULL;
    teleai_client *client = NULL;
    teleai_error error;
    teleai_status status = TELEAI_OUT_OF_MEMORY;
    if (connection != NULL)
        status = teleai_open(connection, &options, &client, &error);
    place_forget(connection);
    interrupts_cancel(client);
    if (status == TELEAI_OK)
        status = teleai_table_checksum_list(client, &sums, &error);
    if (status != TELEAI_OK && connection != NULL)
        fail_with(&error);
    interrupts_cancel(NULL);
    teleai_close(client);
    return sums;
}

teleai_table_checksums *scratch_restore(const place *server, const char *where, const char *dump) {
    char pg_restore[PATH_MAX];
    if (!program_find("pg_restore", pg_restore, sizeof pg_restore))
        return NULL;
    scratch it = {.name = ""};
    bool local = where != NULL && strcmp(where, "local") == 0, only_server = where != NULL && !local;
    bool made = !local && make_on_server(&it, server, only_server);
    if (!made && !only_server && !interrupted())
        made = make_local(&it);
    const char *const words[] = {pg_restore,   "--exit-on-error",
                                 "--verbose",  "--no-password",
                                 "--no-owner", "--no-privileges",
                                 "--dbname",   it.at.database != NULL ? it.at.database : "teleai",
                                 dump,         NULL};
    teleai_table_checksums *sums = NULL;
    if (made && restore_run(words, &it.at, dump))
        sums = sum_up(&it);
    drop(&it, server);
    return sums;
}

/* ---- comparing ---- */

static const teleai_table_checksum *find(const teleai_table_checksums *in, const char *name) {
    for (size_t i = 0; i < in->count; i++)
        if (strcmp(in->items[i]->table, name) == 0)
            return in->items[i];
    return NULL;
}

static void add_number(table *rows, const teleai_table_checksum *of) {
    if (of != NULL)
        cell_number(rows, of->rows);
    else
        cell_any(rows, "none", NULL, false);
}

static bool add_row(table *rows, const teleai_table_checksum *there, const teleai_table_checksum *restored) {
    bool same = there != NULL && restored != NULL && there->rows == restored->rows &&
                strcmp(there->checksum, restored->checksum) == 0;
    cell_text(rows, there != NULL ? there->table : restored->table);
    add_number(rows, there);
    add_number(rows, restored);
    cell_text(rows, there != NULL ? there->checksum : NULL);
    cell_text(rows, restored != NULL ? restored->checksum : NULL);
    cell_any(rows, same ? "the same" : "DIFFERENT", same ? "true" : "false", false);
    cell_paint(rows, same ? PAINT_GREEN : PAINT_RED);
    return same;
}

bool scratch_compare(const arguments *given, const teleai_table_checksums *there,
                     const teleai_table_checksums *restored, const char *file, int64_t bytes) {
    static const column columns[] = {{"table", "Table", false, false},           {"rows", "Rows", true, false},
                                     {"restored_rows", "Restored", true, false}, {"checksum", NULL, false, false},
                                     {"restored_checksum", NULL, false, false},  {"same", "Contents", false, false}};
    table *rows = table_new("tables", columns, 6);
    bool same = true;
    for (size_t i = 0; i < there->count; i++)
        same &= add_row(rows, there->items[i], find(restored, there->items[i]->table));
    for (size_t i = 0; i < restored->count; i++)
        if (find(there, restored->items[i]->table) == NULL)
            same &= add_row(rows, NULL, restored->items[i]);
    table_member_bool(rows, "verified", same);
    table_member_number(rows, "bytes", bytes);
    table_member(rows, "file", file);
    table_print(rows, given, "");
    table_free(rows);
    return same;
}
