/* What going to a version would do: the steps of its files, and the locks they say. */
#include <string.h>

#include "base/arena.h"
#include "base/argument.h"
#include "base/error.h"
#include "run/client.h"
#include "schema/migrate.h"
#include "schema/migration_steps.h"

typedef struct counted {
    size_t steps;
    teleai_migration_step *out; /* NULL: only count */
    teleai__arena *arena;
} counted;

static const char *copy(teleai__arena *arena, const char *text) {
    return teleai__arena_text(arena, text, strlen(text));
}

/* Adds the steps of a file. */
static teleai_status plan_file(counted *plan, const teleai__migration_file *file, bool up, teleai_error *error) {
    teleai__migration_steps *steps = teleai__migration_split(up ? file->up : file->down);
    if (steps == NULL)
        return teleai__fail_memory(error);
    teleai_status status = TELEAI_OK;
    for (size_t i = 0; i < steps->count && status == TELEAI_OK; i++, plan->steps++) {
        if (plan->out == NULL)
            continue;
        teleai_migration_step *step = &plan->out[plan->steps];
        *step = (teleai_migration_step){
            .version = file->version,
            .migration = file->name,
            .description = copy(plan->arena, steps->items[i].description),
            .locks = copy(plan->arena, steps->items[i].locks),
            .sql = copy(plan->arena, steps->items[i].sql),
            .up = up,
        };
        if (step->description == NULL || step->locks == NULL || step->sql == NULL)
            status = teleai__fail_memory(error);
    }
    teleai__migration_steps_free(steps);
    return status;
}

static teleai_status plan_files(counted *plan, int64_t from, int64_t wanted, teleai_error *error) {
    teleai_status status = TELEAI_OK;
    for (int64_t at = from; at < wanted && status == TELEAI_OK; at++)
        status = plan_file(plan, &teleai__migration_files[at], true, error);
    for (int64_t at = from; at > wanted && status == TELEAI_OK; at--)
        status = plan_file(plan, &teleai__migration_files[at - 1], false, error);
    return status;
}

teleai_status teleai_migrate_plan(teleai_client *client, int64_t version, teleai_migration_plan **out,
                                  teleai_error *error) {
    if (out == NULL)
        return teleai__fail_out("plan", error);
    *out = NULL;
    if (version < -1 || version > (int64_t)teleai__migration_file_count)
        return teleai__migrate_refuse_version(version, -1, error);
    int64_t wanted = version == -1 ? (int64_t)teleai__migration_file_count : version;
    teleai__migration_state now;
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__migration_state_settle(client, teleai__client_deadline(client), &now, error);
    if (status == TELEAI_OK)
        status = teleai__migrate_refuse(&now, error);
    int64_t from = status == TELEAI_OK ? teleai__migrate_start(&now, wanted) : 0;
    counted plan = {0};
    if (status == TELEAI_OK)
        status = plan_files(&plan, from, wanted, error);
    if (status != TELEAI_OK)
        return status;
    size_t count = plan.steps;
    teleai_migration_plan *made =
        teleai__arena_make(sizeof *made, count * (sizeof(teleai_migration_step) + sizeof(void *) + 1024));
    if (made == NULL)
        return teleai__fail_memory(error);
    plan = (counted){.arena = teleai__arena_of(made)};
    const teleai_migration_step **items = teleai__arena_alloc(plan.arena, count * sizeof *items);
    plan.out = teleai__arena_alloc(plan.arena, count * sizeof *plan.out);
    if (items == NULL || plan.out == NULL)
        status = teleai__fail_memory(error);
    else
        status = plan_files(&plan, from, wanted, error);
    if (status != TELEAI_OK) {
        teleai__arena_free(made);
        return status;
    }
    for (size_t i = 0; i < count; i++)
        items[i] = &plan.out[i];
    *made = (teleai_migration_plan){.from_version = now.version, .to_version = wanted, .count = count, .items = items};
    *out = made;
    return teleai__ok(error);
}

void teleai_migration_plan_free(teleai_migration_plan *plan) { teleai__arena_free(plan); }
