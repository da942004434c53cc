/* teleai migrate: the schema's version. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

/* Asks before rows are lost: on a terminal only; elsewhere --yes is needed. */
static bool may(const arguments *given, const char *what) {
    if (is_given(given, "yes"))
        return true;
    if (!isatty(STDIN_FILENO)) {
        report("%s; add --yes to do it", what);
        return false;
    }
    fprintf(stderr, "%s. Go on? [y/N] ", what);
    char answer[16];
    bool answered = fgets(answer, sizeof answer, stdin) != NULL;
    if (interrupted())
        report("interrupted");
    return answered && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Who may migrate is another one than who may use the tables. */
static int fail_migration(const teleai_error *error) {
    int status = fail_with(error);
    if (error->status == TELEAI_PERMISSION_DENIED) {
        hint("migrations are for the role that owns the tables: name it by --database, \"... user=OWNER\";");
        hint("where there are none yet: grant create on schema public, and on the database, to the role");
    }
    return status;
}

static void print_steps(const teleai_migration_plan *plan) {
    for (size_t i = 0; i < plan->count; i++) {
        const teleai_migration_step *step = plan->items[i];
        if (i == 0 || plan->items[i - 1]->version != step->version)
            printf("%s%s %03" PRId64 " %s%s\n", paint(PAINT_BOLD), step->up ? "apply" : "take back", step->version,
                   step->migration, paint(PAINT_NONE));
        printf("  ");
        print_wrapped(step->description, 2, 4);
        if (step->locks[0] != 0) {
            printf("    %slocks: %s", paint(PAINT_DIM), paint(PAINT_NONE));
            print_wrapped(step->locks, 11, 6);
        }
    }
}

/* The plan as rows, for programs. */
static void print_plan(const teleai_migration_plan *plan, const arguments *given) {
    static const column columns[] = {{"version", "Version", true, false},
                                     {"migration", "Migration", false, true},
                                     {"up", "Up", false, false},
                                     {"description", "Step", false, true},
                                     {"locks", "Locks", false, true}};
    table *rows = table_new("steps", columns, 5);
    for (size_t i = 0; i < plan->count; i++) {
        const teleai_migration_step *step = plan->items[i];
        cell_number(rows, step->version);
        cell_text(rows, step->migration);
        cell_bool(rows, step->up);
        cell_text(rows, step->description);
        cell_text(rows, step->locks);
    }
    table_print(rows, given, "Nothing to do.");
    table_free(rows);
}

/* Goes to a version, or shows how; -1 is the newest. */
static int go_to(const arguments *given, teleai_client *client, int64_t version) {
    teleai_error error;
    teleai_migration_plan *plan = NULL;
    if (teleai_migrate_plan(client, version, &plan, &error) != TELEAI_OK)
        return fail_migration(&error);
    int64_t from = plan->from_version, to = plan->to_version;
    int status = EXIT_OK;
    if (is_given(given, "json") || is_given(given, "csv"))
        print_plan(plan, given);
    else if (is_given(given, "dry-run"))
        print_steps(plan);
    if (from == to && !is_given(given, "json") && !is_given(given, "csv"))
        printf("The database is at version %" PRId64 " already.\n", from);
    teleai_migration_plan_free(plan);
    if (from == to || is_given(given, "dry-run"))
        return EXIT_OK;
    char what[160];
    snprintf(what, sizeof what,
             "Going from version %" PRId64 " down to %" PRId64 " drops what it takes back, with its rows", from, to);
    if (to < from && !may(given, what))
        return EXIT_FAILED;
    if (teleai_migrate_to(client, to, &error) != TELEAI_OK)
        status = fail_migration(&error);
    else if (!is_given(given, "json") && !is_given(given, "csv"))
        printf("The database is at version %" PRId64 " now (it was at %" PRId64 ").\n", to, from);
    return status;
}

/* Before there are rows: an encoding cannot be changed afterwards. What cannot be looked at is for doctor to say. */
static void warn_of_encoding(teleai_client *client) {
    const teleai_health_options only = {.struct_size = sizeof only, .only = "encoding"};
    teleai_health_findings *found = NULL;
    if (teleai_health_check(client, &only, &found, NULL) != TELEAI_OK)
        return;
    for (size_t i = 0; i < found->count; i++) {
        if (found->items[i]->severity < TELEAI_HEALTH_NOTICE)
            continue;
        char *message = words_of_text(found->items[i]->message), *remedy = words_of_text(found->items[i]->remedy);
        report("warning: %s", message == NULL ? found->items[i]->subject : message);
        if (remedy != NULL)
            hint("%s", remedy);
        free(message);
        free(remedy);
    }
    teleai_health_findings_free(found);
}

static int run_to(const arguments *given, int64_t version) {
    int status;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (client == NULL)
        return status;
    if (version != 0)
        warn_of_encoding(client);
    status = go_to(given, client, version);
    client_close(client);
    return status;
}

static int run_up(const arguments *given) { return run_to(given, -1); }

static bool read_version(const arguments *given, int64_t *out) {
    char *end;
    *out = strtol(operand(given, 0), &end, 10);
    if (*end == 0 && end != operand(given, 0) && *out >= 0)
        return true;
    report("%s is not a version; a number such as 12 was expected", operand(given, 0));
    return false;
}

static int run_to_version(const arguments *given) {
    int64_t version;
    return read_version(given, &version) ? run_to(given, version) : EXIT_USAGE;
}

/* Writes a version and does nothing else. */
static int run_force(const arguments *given) {
    int status;
    int64_t version;
    teleai_error error;
    if (!read_version(given, &version))
        return EXIT_USAGE;
    char what[240];
    snprintf(what, sizeof what,
             "This only writes that the database is at version %" PRId64
             ", and changes nothing in it: where that is not so, later migrations fail",
             version);
    if (!may(given, what))
        return EXIT_FAILED;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (client == NULL)
        return status;
    status = teleai_migrate_force(client, version, &error) == TELEAI_OK ? EXIT_OK : fail_migration(&error);
    if (status == EXIT_OK)
        printf("The database is written to be at version %" PRId64 " now, and not dirty.\n", version);
    client_close(client);
    return status;
}

static int run_down(const arguments *given) {
    int status;
    teleai_error error;
    teleai_migration_status *now = NULL;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (client == NULL)
        return status;
    if (teleai_migrate_status(client, &now, &error) != TELEAI_OK)
        status = fail_migration(&error);
    else if (now->current_version == 0)
        report("no migration is applied, so there is none to take back"), status = EXIT_NOTHING;
    else
        status = go_to(given, client, now->current_version - 1);
    teleai_migration_status_free(now);
    client_close(client);
    return status;
}

static int print_status(const arguments *given, const teleai_migration_status *now) {
    static const column columns[] = {
        {"version", "Version", true, false}, {"name", "Migration", false, true}, {"applied", "Applied", false, false}};
    table *rows = table_new("migrations", columns, 3);
    for (size_t i = 0; i < now->count; i++) {
        cell_number(rows, now->items[i]->version);
        cell_text(rows, now->items[i]->name);
        cell_bool(rows, now->items[i]->applied);
        cell_paint(rows, now->items[i]->applied ? PAINT_GREEN : PAINT_YELLOW);
    }
    table_member_number(rows, "current_version", now->current_version);
    table_print(rows, given, "");
    table_free(rows);
    bool behind = now->current_version<now->library_version, ahead = now->current_version> now->library_version;
    if (is_given(given, "json") || is_given(given, "csv"))
        return now->dirty || behind || ahead ? EXIT_WARNINGS : EXIT_OK;
    if (now->at_work)
        printf("\n%sgolang-migrate is at work now.%s\n", paint(PAINT_YELLOW), paint(PAINT_NONE));
    else if (now->dirty)
        printf(
            "\n%sgolang-migrate failed half-way, and no migrator is at work now.%s Put right what it met, say where it "
            "began with\n`teleai migrate force %" PRId64 "` if it went up, or `teleai migrate force %" PRId64
            "` if it went down, and run it again.\n",
            paint(PAINT_RED), paint(PAINT_NONE), now->current_version > 0 ? now->current_version - 1 : 0,
            now->current_version + 1);
    else if (now->foreign)
        printf("\nThe table schema_migrations is another tool's. `teleai migrate adopt --dry-run` tells whether the "
               "database "
               "can be\ntaken over.\n");
    else if (ahead)
        printf("\nThe database is newer (%" PRId64 ") than this program (%" PRId64 "): update the program.\n",
               now->current_version, now->library_version);
    else if (behind)
        printf("\n%" PRId64 " to apply: `teleai migrate up`, or `teleai migrate up --dry-run` to see how.\n",
               now->library_version - now->current_version);
    return now->dirty || behind || ahead ? EXIT_WARNINGS : EXIT_OK;
}

static int run_status(const arguments *given) {
    int status;
    teleai_error error;
    teleai_migration_status *now = NULL;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (client == NULL)
        return status;
    if (teleai_migrate_status(client, &now, &error) != TELEAI_OK)
        status = fail_migration(&error);
    else
        status = print_status(given, now);
    teleai_migration_status_free(now);
    client_close(client);
    return status;
}

static const option_spec options[] = {
    {"dry-run", 'n', NULL, "show the steps and the locks they take, and do nothing"},
    {"yes", 'y', NULL, "do not ask before rows are dropped"},
    {0},
};

static const command up = {
    .name = "up",
    .summary = "apply all migrations that are missing",
    .description =
        "Applies all migrations that are missing, in short transactions, beside running programs. Safe to run "
        "from many places at once, and to interrupt: run it again to go on.",
    .examples = "teleai migrate up\nteleai migrate up --dry-run",
    .options = options,
    .lists = true,
    .run = run_up,
};

static const command down = {
    .name = "down",
    .summary = "take the newest migration back",
    .description = "Takes the newest migration back. What it made is dropped with all rows.",
    .examples = "teleai migrate down --dry-run\nteleai migrate down --yes",
    .options = options,
    .lists = true,
    .run = run_down,
};

static const command to = {
    .name = "to",
    .summary = "go up or down to a version",
    .operands = "VERSION",
    .description = "Goes up or down to a version; 0 takes everything back, with all rows.",
    .examples = "teleai migrate to 12\nteleai migrate to 0 --dry-run",
    .options = options,
    .least = 1,
    .most = 1,
    .lists = true,
    .run = run_to_version,
};

static const command status_command = {
    .name = "status",
    .summary = "show which migrations the database has",
    .description =
        "Shows which migrations the database has. The exit status is 5 when it is not as this program needs it.",
    .examples = "teleai migrate status\nteleai migrate status --json",
    .lists = true,
    .run = run_status,
};

/* ---- adopt ---- */

static void print_adoption(const teleai_adoption *did, bool dry_run) {
    for (size_t i = 0; i < did->count; i++) {
        printf("  ");
        print_wrapped(did->items[i]->description, 2, 4);
        if (did->items[i]->locks[0] != 0) {
            printf("    %slocks: %s", paint(PAINT_DIM), paint(PAINT_NONE));
            print_wrapped(did->items[i]->locks, 11, 6);
        }
    }
    for (size_t i = 0; i < did->note_count; i++) {
        printf("%snote%s ", paint(PAINT_YELLOW), paint(PAINT_NONE));
        char text[1200];
        snprintf(text, sizeof text, "%s: %s", did->notes[i]->subject, did->notes[i]->message);
        print_wrapped(text, 5, 4);
        printf("    ");
        print_wrapped(did->notes[i]->remedy, 4, 4);
    }
    if (did->count == 0)
        printf("Nothing to adopt: the database is as migrations 001 and 002 make it, or newer.\n");
    else if (dry_run)
        printf("%zu steps would be taken; nothing was done.\n", did->count);
    else
        printf("The database is adopted, and at version 2 now: go on with `teleai migrate up`.\n");
}

static void print_adoption_rows(const teleai_adoption *did, const arguments *given) {
    static const column columns[] = {{"kind", "Kind", false, false},
                                     {"description", "What", false, true},
                                     {"locks", "Locks", false, true},
                                     {"sql", "SQL", false, true}};
    table *rows = table_new("steps", columns, 4);
    for (size_t i = 0; i < did->count; i++) {
        cell_text(rows, "step");
        cell_text(rows, did->items[i]->description);
        cell_text(rows, did->items[i]->locks);
        cell_text(rows, did->items[i]->sql);
    }
    for (size_t i = 0; i < did->note_count; i++) {
        char text[1200];
        snprintf(text, sizeof text, "%s: %s", did->notes[i]->subject, did->notes[i]->message);
        cell_text(rows, "note");
        cell_text(rows, text);
        cell_text(rows, "");
        cell_text(rows, did->notes[i]->remedy);
    }
    table_print(rows, given, "");
    table_free(rows);
}

static int run_adopt(const arguments *given) {
    int status;
    teleai_error error;
    teleai_adoption *did = NULL;
    const teleai_adopt_options how = {.struct_size = sizeof how, .dry_run = is_given(given, "dry-run")};
    teleai_client *client = client_open(given, TELEAI_SCHEMA_IGNORE, &status);
    if (client == NULL)
        return status;
    status = teleai_migrate_adopt(client, &how, &did, &error) == TELEAI_OK ? EXIT_OK : fail_migration(&error);
    if (status == EXIT_OK && (is_given(given, "json") || is_given(given, "csv")))
        print_adoption_rows(did, given);
    else if (status == EXIT_OK)
        print_adoption(did, how.dry_run);
    teleai_adoption_free(did);
    client_close(client);
    return status;
}

static const option_spec adopt_options[] = {
    {"dry-run", 'n', NULL, "show the steps and the locks they take, and do nothing"}, {0}};

static const command adopt = {
    .name = "adopt",
    .summary = "take over a database of earlier TeleAI Pro tooling",
    .description = "Makes of a database of earlier TeleAI Pro tooling one that is at version 2, beside running "
                   "programs, with all its "
                   "rows: what is there is known by what it is, whatever it is called; what differs is changed in "
                   "short transactions. "
                   "Rows that break a stricter rule are told, and left. Safe to interrupt and to run again. Then "
                   "`teleai migrate up` "
                   "brings it up to date.",
    .examples = "teleai migrate adopt --dry-run\nteleai migrate adopt\nteleai migrate up",
    .options = adopt_options,
    .lists = true,
    .run = run_adopt,
};

/* ---- force ---- */

static const option_spec force_options[] = {{"yes", 'y', NULL, "do not ask"}, {0}};

static const command force = {
    .name = "force",
    .summary = "write a version after golang-migrate failed half-way",
    .operands = "VERSION",
    .description =
        "Writes that the database is at a version, and that it is not dirty, and changes nothing else. It is for a "
        "database "
        "that golang-migrate left dirty: put right what it met, write the version that it began from, and run the same "
        "migration again. With a wrong version later migrations fail, or parts of the schema are never made.",
    .examples = "teleai migrate status\nteleai migrate force 9\nteleai migrate up",
    .options = force_options,
    .least = 1,
    .most = 1,
    .run = run_force,
};

static const command *const subcommands[] = {&up, &down, &to, &status_command, &adopt, &force, NULL};

const command migrate_command = {
    .name = "migrate",
    .summary = "bring the database's schema up to date",
    .subcommands = subcommands,
};
