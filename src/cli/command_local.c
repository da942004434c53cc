/* teleai local: the private server of a folder. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/program.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/words.h"
#include "teleai.h"

/* ---- start, stop, status ---- */

static char *opening(const char *folder) {
    bool has_prefix = strncmp(folder, "local:", 6) == 0;
    char *name = malloc(strlen(folder) + 8);
    if (name != NULL)
        sprintf(name, "%s%s", has_prefix ? "" : "local:", folder);
    return name;
}

static int run_start(const arguments *given) {
    teleai_error error;
    const char *folder = operand(given, 0);
    if (teleai_local_start(folder, NULL, &error) != TELEAI_OK)
        return fail_with(&error);
    char *name = opening(folder);
    teleai_client *client = NULL; /* which makes the schema where there is none; another version is left alone */
    teleai_status status = name == NULL ? TELEAI_OUT_OF_MEMORY : teleai_open(name, NULL, &client, &error);
    teleai_close(client);
    free(name);
    teleai_local_status *now = NULL;
    if (status != TELEAI_OK && status != TELEAI_SCHEMA_MISMATCH)
        return fail_with(&error);
    if (status == TELEAI_SCHEMA_MISMATCH)
        fail_with(&error);
    if (teleai_local_status_get(folder, NULL, &now, &error) != TELEAI_OK)
        return fail_with(&error);
    say("PostgreSQL %d runs in %s, and goes on until `teleai local stop`.", (int)now->major_version, now->folder);
    teleai_local_status_free(now);
    return EXIT_OK;
}

static int run_stop(const arguments *given) {
    const teleai_local_options options = {.struct_size = sizeof options, .stop_in_use = is_given(given, "now")};
    teleai_error error;
    bool running;
    if (teleai_local_stop(operand(given, 0), &options, &running, &error) != TELEAI_OK)
        return fail_with(&error);
    printf(running ? "Programs have it open: it stops when the last of them closes. --now stops it at once.\n"
                   : "It is stopped.\n");
    return EXIT_OK;
}

static int run_status(const arguments *given) {
    static const column columns[] = {
        {"running", "Running", false, false},      {"kept", "Kept", false, false},
        {"in_use", "In use", false, false},        {"major_version", "PostgreSQL", true, false},
        {"process_id", "Process", true, false},    {"started_at", "Since", false, false},
        {"size_bytes", "Size", true, false},       {"data_directory", "Data", false, false},
        {"connection", "Connection", false, false}};
    teleai_local_status *now = NULL;
    teleai_error error;
    if (teleai_local_status_get(operand(given, 0), NULL, &now, &error) != TELEAI_OK)
        return fail_with(&error);
    short_text process;
    if (!now->exists) {
        teleai_local_status_free(now);
        report("there is no private server in %s", operand(given, 0));
        hint("`teleai local start %s` makes one", operand(given, 0));
        return EXIT_NOTHING;
    }
    snprintf(process, sizeof process, "%" PRId64, now->process_id);
    table *rows = table_new("servers", columns, 9);
    cell_bool(rows, now->running);
    cell_bool(rows, now->kept);
    cell_bool(rows, now->in_use);
    cell_number(rows, now->major_version);
    cell_any(rows, now->running ? process : "", now->running ? process : NULL, false);
    cell_time(rows, now->running, now->started_at_us);
    cell_bytes(rows, now->size_bytes);
    cell_text(rows, now->data_directory);
    cell_text(rows, now->connection);
    table_print(rows, given, "");
    table_free(rows);
    int status = now->running ? EXIT_OK : EXIT_NOTHING;
    teleai_local_status_free(now);
    return status;
}

/* ---- psql ---- */

/*
 * psql takes this process over, so that it has the terminal and its signals to itself. What keeps the server running
 * meanwhile is a child in a session of its own, which ends when psql, by ending, closes the pipe that it was left.
 */
static bool keep_open(const char *folder) {
    int alive[2], ready[2];
    char byte = 0;
    if (pipe(alive) != 0 || pipe(ready) != 0)
        return false;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(alive[1]);
        close(ready[0]);
        setsid();
        char *name = opening(folder);
        teleai_client *client = NULL;
        teleai_error error;
        const teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_CHECK};
        teleai_status status = name == NULL ? TELEAI_OUT_OF_MEMORY : teleai_open(name, &options, &client, &error);
        if (status == TELEAI_SCHEMA_MISMATCH) { /* psql may be wanted for just that */
            const teleai_options any = {.struct_size = sizeof any, .schema = TELEAI_SCHEMA_IGNORE};
            status = teleai_open(name, &any, &client, &error);
        }
        if (status != TELEAI_OK) {
            fail_with(&error);
            _exit(1);
        }
        byte = write(ready[1], "+", 1) == 1 ? 0 : 1;
        close(ready[1]);
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        while (read(alive[0], &byte, 1) > 0)
            ;
        teleai_close(client);
        _exit(0);
    }
    close(alive[0]);
    close(ready[1]);
    bool good = child > 0 && read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    return good;
}

static int run_psql(const arguments *given) {
    char psql[PATH_MAX];
    const char *folder = operand(given, 0);
    teleai_local_status *now = NULL;
    teleai_error error;
    if (!program_find("psql", psql, sizeof psql))
        return EXIT_FAILED;
    if (teleai_local_status_get(folder, NULL, &now, &error) != TELEAI_OK)
        return fail_with(&error);
    bool exists = now->exists;
    teleai_local_status_free(now);
    if (!exists) {
        report("there is no private server in %s", folder);
        hint("`teleai local start %s` makes one", folder);
        return EXIT_NOTHING;
    }
    if (!keep_open(folder))
        return EXIT_FAILED;
    if (teleai_local_status_get(folder, NULL, &now, &error) != TELEAI_OK)
        return fail_with(&error);
    const char **words = calloc((size_t)operand_count(given) + 2, sizeof *words);
    if (words != NULL) {
        const place at = {now->connection, NULL};
        words[0] = psql;
        for (int i = 1; i < operand_count(given); i++)
            words[i] = operand(given, i);
        program_become(words, &at);
    }
    free(words);
    teleai_local_status_free(now);
    return EXIT_FAILED;
}

/* ---- the commands ---- */

static const command start = {
    .name = "start",
    .summary = "start it, and leave it running",
    .operands = "DIR",
    .description =
        "Starts the private server of a folder and leaves it running when no program has it open. Where there is "
        "none it is made, with the schema in it.",
    .examples = "teleai local start ./data",
    .least = 1,
    .most = 1,
    .offline = true,
    .run = run_start,
};

static const option_spec stop_options[] = {
    {"now", 0, NULL, "also when programs have it open: their calls fail then"},
    {0},
};

static const command stop = {
    .name = "stop",
    .summary = "stop it",
    .operands = "DIR",
    .description = "Stops the private server of a folder, or has the last program that closes it do so.",
    .examples = "teleai local stop ./data\nteleai local stop --now ./data",
    .options = stop_options,
    .least = 1,
    .most = 1,
    .offline = true,
    .run = run_stop,
};

static const command status_command = {
    .name = "status",
    .summary = "show whether it runs, since when, how large it is",
    .operands = "DIR",
    .description = "Shows how the private server of a folder is. The exit status is 3 when it does not run.",
    .examples = "teleai local status ./data\nteleai local status --json ./data",
    .least = 1,
    .most = 1,
    .offline = true,
    .lists = true,
    .run = run_status,
};

static const command psql_command = {
    .name = "psql",
    .summary = "PostgreSQL's own shell in it",
    .operands = "DIR [-- ARGUMENT...]",
    .description =
        "Runs psql in the database of the folder, whose server it starts for that time where it does not run. What "
        "follows -- goes to psql.",
    .examples = "teleai local psql ./data\nteleai local psql ./data -- -c 'select count(*) from users'",
    .least = 1,
    .most = -1,
    .offline = true,
    .run = run_psql,
};

static const command *const subcommands[] = {&start, &stop, &status_command, &psql_command, NULL};

const command local_command = {
    .name = "local",
    .summary = "a private PostgreSQL in a folder: start, stop, status, psql",
    .subcommands = subcommands,
};
