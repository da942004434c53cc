/*
 * Brings a database's schema up to date and shows which migrations it has.
 *
 *     migrate CONNECTION [--dry-run | --hold]
 *
 * --dry-run only shows what would be done, step by step, with the locks that each step takes on tables in use.
 * --hold keeps the client open until standard input ends. A local: database runs as long as somebody has it open, so a
 * script that runs many short programs saves a start and stop of the server for each.
 */
#include "common.h"

static int show(teleai_client *client) {
    teleai_error error;
    teleai_migration_status *status = NULL;
    if (teleai_migrate_status(client, &status, &error) != TELEAI_OK)
        return fail("reading the migrations", &error);
    printf("schema version %lld, the library needs %lld\n", (long long)status->current_version,
           (long long)status->library_version);
    for (size_t i = 0; i < status->count; i++)
        printf("  %3lld  %-8s %s\n", (long long)status->items[i]->version,
               status->items[i]->applied ? "applied" : "missing", status->items[i]->name);
    teleai_migration_status_free(status);
    return 0;
}

static int show_plan(teleai_client *client) {
    teleai_error error;
    teleai_migration_plan *plan = NULL;
    if (teleai_migrate_plan(client, -1, &plan, &error) != TELEAI_OK)
        return fail("planning", &error);
    printf("from schema version %lld to %lld: %zu step%s\n", (long long)plan->from_version, (long long)plan->to_version,
           plan->count, plan->count == 1 ? "" : "s");
    for (size_t i = 0; i < plan->count; i++) {
        const teleai_migration_step *step = plan->items[i];
        if (i == 0 || plan->items[i - 1]->version != step->version)
            printf("\n%03lld %s\n", (long long)step->version, step->migration);
        printf("  %3zu  %s\n", i + 1, step->description);
        if (step->locks[0] != '\0')
            printf("       locks %s\n", step->locks);
    }
    teleai_migration_plan_free(plan);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s CONNECTION [--dry-run | --hold]\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    /* Without IGNORE, opening would refuse the very database that is to be brought up to date. */
    teleai_options options = {
        .struct_size = sizeof options, .application_name = "migrate", .schema = TELEAI_SCHEMA_IGNORE};
    if (teleai_open(argv[1], &options, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);

    int result = 0;
    if (argc > 2 && strcmp(argv[2], "--dry-run") == 0)
        result = show_plan(client);
    else if (teleai_migrate_up(client, &error) != TELEAI_OK)
        result = fail("migrating", &error);
    else
        result = show(client);

    if (result == 0 && argc > 2 && strcmp(argv[2], "--hold") == 0) {
        printf("ready\n");
        fflush(stdout);
        while (getchar() != EOF)
            continue;
    }
    teleai_close(client);
    return result;
}
