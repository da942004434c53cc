/* teleai backup: a dump by pg_dump, and whether it is whole. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/scratch.h"
#include "cli/table.h"
#include "cli/words.h"

enum { LONG_MS = 86400000 };

/* ---- the file ---- */

/* FILE as it is, in a folder or for none a name made of the date. False, having said why. */
static bool choose_file(const arguments *given, output *out) {
    const char *wanted = operand(given, 0) != NULL ? operand(given, 0) : ".";
    struct stat status;
    time_t now = time(NULL);
    struct tm utc;
    char name[64], path[PATH_MAX];
    gmtime_r(&now, &utc);
    strftime(name, sizeof name, "teleai-%Y-%m-%dT%H%M%SZ.dump", &utc);
    size_t length = strlen(wanted);
    if (stat(wanted, &status) != 0 || !S_ISDIR(status.st_mode))
        name[0] = 0;
    const char *between = name[0] != 0 && length > 0 && wanted[length - 1] != '/' ? "/" : "";
    if (snprintf(path, sizeof path, "%s%s%s", wanted, between, name) + sizeof ".part" > sizeof path) {
        report("the path of the file is too long");
        return false;
    }
    if (!output_find(out, path)) {
        report("%s cannot be written: %s", path, strerror(errno));
        return false;
    }
    if (out->exists && !is_given(given, "force")) {
        report("%s is there already", path);
        hint("name another file, or say --force to replace it when the new one is whole");
        return false;
    }
    if (out->is_stream && is_given(given, "verify")) {
        report("%s cannot be read again, which --verify needs: a plain file was expected", path);
        return false;
    }
    if (out->is_stdout && isatty(STDOUT_FILENO)) {
        report("a backup is not printed on a terminal; send it to a file or a pipe: `teleai backup - > FILE`");
        return false;
    }
    return true;
}

/* ---- pg_dump ---- */

typedef struct dump {
    progress shown;
    const char *part; /* NULL: it is a stream */
    char note[120];
    char mismatch[200]; /* what it says of versions that do not go together */
} dump;

static int64_t size_of(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_size : 0;
}

static void follow(void *data, char *line) {
    dump *to = data;
    static const char contents[] = "pg_dump: dumping contents of table ";
    if (line != NULL && strncmp(line, contents, sizeof contents - 1) == 0)
        snprintf(to->note, sizeof to->note, "%s", line + sizeof contents - 1);
    if (line != NULL && strstr(line, "server version: ") != NULL)
        snprintf(to->mismatch, sizeof to->mismatch, "%s", strstr(line, "server version: "));
    progress_show(&to->shown, to->part == NULL ? 0 : size_of(to->part) / 1000000, to->note);
}

/* Dumps into a file or a stream, from a snapshot where there is one, summing its rows up at the same time. */
static bool dump_into(const char *part, int stream, const place *at, teleai_client *snapshot_of, const char *snapshot,
                      teleai_table_checksums **sums) {
    char pg_dump[PATH_MAX], from[128];
    if (!program_find("pg_dump", pg_dump, sizeof pg_dump))
        return false;
    const char *words[8] = {pg_dump, "--format=custom", "--verbose", "--no-password"};
    int count = 4;
    if (part != NULL)
        words[count++] = "--file", words[count++] = part;
    snprintf(from, sizeof from, "--snapshot=%s", snapshot == NULL ? "" : snapshot);
    if (snapshot != NULL)
        words[count++] = from;
    dump so_far = {.shown = progress_begin("MB", 0), .part = part};
    run it = {.arguments = words, .at = at, .into = stream, .line = follow, .data = &so_far};
    if (!program_start(&it))
        return false;
    teleai_error error = {0};
    teleai_status status = snapshot == NULL ? TELEAI_OK : teleai_table_checksum_list(snapshot_of, sums, &error);
    int code = program_wait(&it);
    progress_clear();
    if (interrupted()) {
        report(part != NULL ? "interrupted; nothing is left of the dump" : "interrupted; the dump is cut short");
        return false;
    }
    if (code != 0 && so_far.mismatch[0] != 0) {
        report("%s is too old for this server: %s", pg_dump, so_far.mismatch);
        hint("install the client programs of the server's version (Debian: apt-get install postgresql-client-VERSION), "
             "or "
             "name their folder in TELEAI_PG_BINDIR");
        return false;
    }
    if (code != 0) {
        report("the dump failed: %s", it.last);
        return false;
    }
    if (status != TELEAI_OK)
        fail_with(&error);
    return status == TELEAI_OK;
}

/* ---- the command ---- */

typedef struct work {
    const arguments *given;
    teleai_client *client;
    teleai_local_status *local; /* of local:DIR */
    place at;
    output to;
    char part[PATH_MAX + 8];
    teleai_table_checksums *sums;
} work;

/* In the snapshot of a transaction that others may wait in for hours. */
static bool dump_with_sums(work *it) {
    const teleai_scope_options lasting = {.struct_size = sizeof lasting, .timeout_ms = LONG_MS};
    const teleai_transaction_options options = {
        .struct_size = sizeof options, .isolation = TELEAI_ISOLATION_REPEATABLE_READ, .read_only = true};
    teleai_client *scope = NULL, *transaction = NULL;
    teleai_snapshot *snapshot = NULL;
    teleai_error error;
    teleai_status status = teleai_scope_open(it->client, &lasting, &scope, &error);
    if (status == TELEAI_OK)
        status = teleai_transaction_begin(scope, &options, &transaction, &error);
    if (status == TELEAI_OK)
        status = teleai_snapshot_export(transaction, &snapshot, &error);
    if (status != TELEAI_OK)
        fail_with(&error);
    bool good = status == TELEAI_OK && dump_into(it->part, 0, &it->at, transaction, snapshot->id, &it->sums);
    teleai_snapshot_free(snapshot);
    teleai_close(transaction);
    teleai_close(scope);
    return good;
}

static void print_plain(const work *it, int64_t bytes) {
    static const column columns[] = {{"file", "File", false, false}, {"bytes", "Size", true, false}};
    table *rows = table_new("backups", columns, 2);
    cell_text(rows, it->to.path);
    cell_bytes(rows, bytes);
    table_print(rows, it->given, "");
    table_free(rows);
}

static int verify(work *it, int64_t bytes) {
    teleai_table_checksums *restored = scratch_restore(&it->at, value_of(it->given, "scratch"), it->to.path);
    if (restored == NULL) {
        report("%s is written, but not verified", it->to.path);
        return interrupted() ? EXIT_INTERRUPTED : EXIT_WARNINGS;
    }
    bool same = scratch_compare(it->given, it->sums, restored, it->to.path, bytes);
    teleai_table_checksums_free(restored);
    if (!same) {
        report("%s does not hold what the database held: keep an older backup, and look into the server's log",
               it->to.path);
        return EXIT_WARNINGS;
    }
    if (!is_given(it->given, "json") && !is_given(it->given, "csv")) {
        short_text size;
        putchar('\n');
        say("%s (%s) was restored, and holds the same.", it->to.path, human_bytes(bytes, size));
    }
    return EXIT_OK;
}

static int make_stream(work *it) {
    int stream = output_open_stream(&it->to);
    if (stream < 0)
        report("%s cannot be written: %s", it->to.path, interrupted() ? "interrupted" : strerror(errno));
    bool good = stream >= 0 && dump_into(NULL, stream, &it->at, NULL, NULL, NULL);
    if (stream >= 0)
        close(stream);
    return interrupted() ? EXIT_INTERRUPTED : good ? EXIT_OK : EXIT_FAILED;
}

static int make(work *it) {
    bool verified = is_given(it->given, "verify");
    bool good = verified ? dump_with_sums(it) : dump_into(it->part, 0, &it->at, NULL, NULL, NULL);
    if (good && rename(it->part, it->to.path) != 0) {
        report("%s cannot be renamed to %s: %s", it->part, it->to.path, strerror(errno));
        good = false;
    }
    if (!good) {
        unlink(it->part);
        return interrupted() ? EXIT_INTERRUPTED : EXIT_FAILED;
    }
    int64_t bytes = size_of(it->to.path);
    if (verified)
        return verify(it, bytes);
    print_plain(it, bytes);
    return EXIT_OK;
}

static int run_backup(const arguments *given) {
    work it = {.given = given};
    if (!choose_file(given, &it.to))
        return EXIT_USAGE;
    snprintf(it.part, sizeof it.part, "%s.part", it.to.path);
    int status;
    teleai_error error;
    it.at.connection = connection_of(given);
    it.client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (it.client == NULL)
        return status;
    if (!client_is_direct(it.client, "backup")) {
        client_close(it.client);
        return EXIT_FAILED;
    }
    bool good = true;
    if (strncmp(it.at.connection, "local:", 6) == 0) {
        good = teleai_local_status_get(it.at.connection, NULL, &it.local, &error) == TELEAI_OK;
        if (good)
            it.at.connection = it.local->connection;
    }
    status = !good ? fail_with(&error) : it.to.is_stream ? make_stream(&it) : make(&it);
    client_close(it.client);
    teleai_table_checksums_free(it.sums);
    teleai_local_status_free(it.local);
    return status;
}

static const char *scratch_name(int32_t code) {
    static const char *const names[] = {"server", "local"};
    return NAME_IN(names, code);
}

static const option_spec options[] = {
    {"verify", 0, NULL, "restore it into a scratch database and compare every row"},
    {"scratch", 0, "WHERE", "where that is: server (needs the right to make databases) or local (a private server)",
     scratch_name},
    {"force", 'f', NULL, "replace the file when it is there already"},
    {0},
};

const command backup_command = {
    .name = "backup",
    .summary = "write the whole database into a file, and verify it",
    .operands = "[FILE|DIR|-]",
    .description =
        "Writes the database, all tenants, into one compressed file, consistent, while everybody works on. "
        "Without a FILE it "
        "is named by the date, in DIR or here. The file is there when it is whole: it is written beside, as "
        "FILE.part, and "
        "only its owner can read it. A pipe or a device is written through, and - is standard output; neither "
        "can be verified. pg_dump does the work: the newest that is installed, which must not be "
        "older than the "
        "server.\n\n"
        "With --verify the rows of every table are counted and summed up in the very snapshot that is "
        "dumped, the file is "
        "restored into a scratch database, summed up again, and compared. The exit status is 5 when "
        "something differs or "
        "it cannot be verified; the file stays.\n\n"
        "Roles and their passwords are not in it: `pg_dumpall --roles-only` writes these. Under row "
        "security it must be run "
        "as a role that sees all rows.",
    .examples = "teleai backup --verify /var/backups/teleai\nteleai backup -d local:./data before.dump\n"
                "teleai backup --verify --scratch local --json\nteleai backup - | ssh vault 'cat > teleai.dump'",
    .options = options,
    .most = 1,
    .lists = true,
    .run = run_backup,
};
