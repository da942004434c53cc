/* teleai doctor: what endangers or slows down the database, and what puts it right. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

static const char *const severities[] = {"?", "ok", "notice", "warning", "critical"};
static const paint_style styles[] = {PAINT_NONE, PAINT_GREEN, PAINT_BLUE, PAINT_YELLOW, PAINT_RED};

static int known(int32_t severity) {
    return severity >= TELEAI_HEALTH_OK && severity <= TELEAI_HEALTH_CRITICAL ? severity : 0;
}

static void print_rows(const arguments *given, const teleai_health_finding *const *findings, size_t count) {
    static const column columns[] = {{"severity", "Severity", false, false},
                                     {"check", "Check", false, false},
                                     {"subject", "Subject", false, true},
                                     {"message", "Finding", false, true},
                                     {"remedy", "Remedy", false, true}};
    table *rows = table_new("findings", columns, 5);
    for (size_t i = 0; i < count; i++) {
        cell_text(rows, severities[known(findings[i]->severity)]);
        cell_text(rows, findings[i]->check);
        cell_text(rows, findings[i]->subject);
        cell_words(rows, findings[i]->message);
        cell_words(rows, findings[i]->remedy);
    }
    table_print(rows, given, "");
    table_free(rows);
}

/* A remedy is one line, however long, so that it can be copied. */
static void print_finding(const teleai_health_finding *each) {
    int severity = known(each->severity);
    printf("%s%-8s%s  %s%s%s  ", paint(styles[severity]), severities[severity], paint(PAINT_NONE), paint(PAINT_BOLD),
           each->check, paint(PAINT_NONE));
    print_safe(stdout, each->subject, false);
    printf("\n          ");
    print_words(each->message, 10, 10);
    char *remedy = words_of_text(each->remedy);
    if (remedy != NULL) {
        printf("          %s->%s ", paint(PAINT_DIM), paint(PAINT_NONE));
        print_safe(stdout, remedy, false);
        putchar('\n');
    }
    free(remedy);
    putchar('\n');
}

/* What is well, in one sentence. */
static void print_fine(const teleai_health_finding *const *findings, size_t count) {
    char text[600] = "";
    size_t fine = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(text);
        if (findings[i]->severity != TELEAI_HEALTH_OK)
            continue;
        snprintf(text + length, sizeof text - length, "%s%s", fine++ == 0 ? "" : ", ", findings[i]->check);
    }
    if (fine == 0)
        return;
    printf("%sok%s        ", paint(PAINT_GREEN), paint(PAINT_NONE));
    print_wrapped(text, 10, 10);
}

static int show(const arguments *given, const teleai_health_findings *found) {
    const teleai_health_finding **sorted = calloc(found->count + 1, sizeof *sorted);
    if (sorted == NULL) {
        report("out of memory");
        return EXIT_FAILED;
    }
    size_t count = 0; /* worst first, those of one severity in the order of the checks */
    for (int32_t severity = TELEAI_HEALTH_CRITICAL; severity >= 0; severity--)
        for (size_t i = 0; i < found->count; i++)
            if (known(found->items[i]->severity) == severity)
                sorted[count++] = found->items[i];
    bool quiet = is_given(given, "quiet");
    if (quiet)
        for (size_t i = 0; i < count; i++)
            if (sorted[i]->severity < TELEAI_HEALTH_WARNING)
                count = i;
    if (is_given(given, "json") || is_given(given, "csv")) {
        print_rows(given, sorted, count);
    } else {
        for (size_t i = 0; i < count; i++)
            if (sorted[i]->severity != TELEAI_HEALTH_OK)
                print_finding(sorted[i]);
        print_fine(sorted, count);
    }
    free(sorted);
    return found->worst == TELEAI_HEALTH_CRITICAL  ? EXIT_CRITICAL
           : found->worst == TELEAI_HEALTH_WARNING ? EXIT_WARNINGS
                                                   : EXIT_OK;
}

/* That there is no connection is a finding too, the only one. */
static int show_finding(const arguments *given, const char *message, const char *remedy) {
    const teleai_health_finding finding = {
        .check = "connection", .subject = "", .message = message, .remedy = remedy, .severity = TELEAI_HEALTH_CRITICAL};
    const teleai_health_finding *const items[] = {&finding};
    const teleai_health_findings found = {.count = 1, .items = items, .worst = TELEAI_HEALTH_CRITICAL};
    show(given, &found);
    return EXIT_UNREACHABLE;
}

static const char *remedy_of(const teleai_error *error) {
    if (strcmp(error->sqlstate, "3D000") == 0)
        return "createdb NAME, then: teleai migrate up";
    if (error->status == TELEAI_UNAUTHENTICATED)
        return "put the password into ~/.pgpass or PGPASSWORD; pg_hba.conf on the server tells who gets in how";
    if (strcmp(error->sqlstate, "53300") == 0)
        return "end programs that hold connections, or raise max_connections on the server and restart it";
    if (error->status == TELEAI_UNSUPPORTED)
        return "apt-get install postgresql (Fedora: dnf install postgresql-server; macOS: brew install postgresql)";
    return "start the server, or name another: --database, TELEAI_DATABASE_URL, or PGHOST, PGPORT, PGDATABASE; "
           "pg_isready "
           "tells whether one answers";
}

static int show_unreachable(const arguments *given, const teleai_error *error) {
    said_text text;
    return show_finding(given, words_of_error(error, text), remedy_of(error));
}

static int check(const arguments *given, const char *connection, int32_t timeout_ms) {
    const teleai_options options = {.struct_size = sizeof options,
                                    .application_name = path_of(given),
                                    .schema = TELEAI_SCHEMA_IGNORE,
                                    .timeout_ms = timeout_ms};
    teleai_client *client = NULL;
    teleai_health_findings *found = NULL;
    teleai_error error;
    if (client_connect(connection, &options, &client, &error) != TELEAI_OK)
        return interrupted() || error.status == TELEAI_INVALID_ARGUMENT ? fail_with(&error)
                                                                        : show_unreachable(given, &error);
    interrupts_cancel(client);
    int status = teleai_health_check(client, NULL, &found, &error) == TELEAI_OK ? show(given, found)
                 : exit_status(&error) == EXIT_UNREACHABLE                      ? show_unreachable(given, &error)
                                                                                : fail_with(&error);
    teleai_health_findings_free(found);
    client_close(client);
    return status;
}

static int run_doctor(const arguments *given) {
    int64_t seconds;
    const char *connection = connection_of(given);
    if (connection == NULL || !number_of(given, "timeout", 1, 86400, 30, &seconds))
        return EXIT_USAGE;
    if (strncmp(connection, "local:", 6) == 0) { /* which opening would make */
        teleai_local_status *local = NULL;
        teleai_error error;
        if (teleai_local_status_get(connection, NULL, &local, &error) != TELEAI_OK)
            return show_unreachable(given, &error);
        bool exists = local->exists;
        teleai_local_status_free(local);
        if (!exists)
            return show_finding(given, "there is no private server in this folder", "teleai local start DIR");
    }
    return check(given, connection, (int32_t)(seconds * 1000));
}

static const option_spec options[] = {
    {"quiet", 'q', NULL, "print warnings and worse only"},
    {0},
};

const command doctor_command = {
    .name = "doctor",
    .summary = "look the database over, and say what to do",
    .description = "Looks over the server, its settings, the role, the schema, indexes, tables, connections and "
                   "transactions, and prints "
                   "what is not as it should be, the worst first, each with the command or SQL that puts it right. Any "
                   "role will do; what "
                   "it may not look at is said. It changes nothing and reads no large table as a whole.\n\n"
                   "The exit status is for monitoring: 0 nothing to do (there may be notices), 5 warnings, 6 data is "
                   "in danger, 4 no "
                   "connection.",
    .examples = "teleai doctor\nteleai doctor --quiet\nteleai doctor --json",
    .options = options,
    .lists = true,
    .run = run_doctor,
};
