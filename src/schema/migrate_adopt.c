/*
 * Taking over a database of earlier tooling. database/adopt/look.sql tells what differs from what migrations 001 and 002
 * make; those are run beforehand, in a schema of their own and in the same transaction, which is rolled back. What it says
 * is run as a file that goes step by step; then it is asked again, until it says nothing more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/options.h"
#include "run/client.h"
#include "schema/migrate.h"
#include "schema/migration_run.h"
#include "schema/migration_steps.h"
#include "wire/result.h"

#define NAME "migrate_adopt"
#define FOREVER_MS INT32_MAX
#define ADOPTED 2
#define MOST_ROUNDS 3

typedef struct work {
    bool dry_run;
    char *script;    /* all that was, or would be, run */
    PGresult *notes; /* of the first look */
} work;

/* ---- looking ---- */

static teleai_status ask(teleai__connection *connection, const char *sql, PGresult **out, teleai_error *error) {
    return teleai__connection_command(connection, NAME, sql, teleai__deadline_in(FOREVER_MS), out, error);
}

static teleai_status command(teleai__connection *connection, const char *sql, teleai_error *error) {
    PGresult *result;
    teleai_status status = ask(connection, sql, &result, error);
    PQclear(result);
    return status;
}

/* What a file that is one transaction does, without its begin and commit. */
static teleai_status run_inside(teleai__connection *connection, const char *file, teleai_error *error) {
    static const char first[] = "\nbegin;\n", last[] = "\ncommit;\n";
    const char *start = strstr(file, first), *end = NULL;
    for (const char *at = file; (at = strstr(at, last)) != NULL; at++)
        end = at;
    if (start == NULL || end == NULL || end < start)
        return teleai__fail(error, TELEAI_SERVER_ERROR, NAME ": a migration was expected to be one transaction");
    start += sizeof first - 1;
    char *inside = strndup(start, (size_t)(end - start));
    if (inside == NULL)
        return teleai__fail_memory(error);
    teleai_status status = command(connection, inside, error);
    free(inside);
    return status;
}

static teleai_status look(teleai__connection *connection, teleai_error *error) {
    static const char place[] =
        "begin; set local client_min_messages = warning;"
        "select set_config('teleai.adopting_path', current_setting('search_path'), true),"
        "       set_config('teleai.adopting_schema', current_schema(), true);"
        "create schema teleai_adopting;"
        "select set_config('search_path', 'teleai_adopting, ' || current_setting('search_path'), true)";
    teleai_status status = command(connection, place, error);
    for (int i = 0; i < ADOPTED && status == TELEAI_OK; i++)
        status = run_inside(connection, teleai__migration_files[i].up, error);
    return status == TELEAI_OK ? command(connection, teleai__adopt_look_sql, error) : status;
}

static const char *value(const PGresult *result, int row, int column) {
    const char *text = teleai__answer_text(result, row, column);
    return text == NULL ? "" : text;
}

static teleai_status refuse(teleai__connection *connection, teleai_error *error) {
    PGresult *result;
    teleai_status status =
        ask(connection, "select left(string_agg(message, '; ' order by n), 380) from teleai_adopting.refusals", &result,
            error);
    if (status == TELEAI_OK && value(result, 0, 0)[0] != '\0')
        status = teleai__fail(error, TELEAI_SCHEMA_MISMATCH, NAME ": this database cannot be adopted: %s",
                              value(result, 0, 0));
    PQclear(result);
    return status;
}

/* Reads the steps as a file that goes step by step; *out is NULL where there is none. */
static teleai_status read_steps(teleai__connection *connection, char **out, teleai_error *error) {
    static const char sql[] =
        "select string_agg(format(e'-- Step: %s.\\n%s%s\\n\\n', translate(description, e'\\r\\n', '  '),\n"
        "                         case when locks <> '' then format(e'-- Locks: %s.\\n', translate(locks, e'\\r\\n', ' "
        " ')) end,\n"
        "                         sql), '' order by n)\n"
        "  from teleai_adopting.steps";
    PGresult *result;
    *out = NULL;
    teleai_status status = ask(connection, sql, &result, error);
    if (status == TELEAI_OK && value(result, 0, 0)[0] != '\0' && (*out = strdup(value(result, 0, 0))) == NULL)
        status = teleai__fail_memory(error);
    PQclear(result);
    return status;
}

/* What is to be done now. All that looking made is gone afterwards. */
static teleai_status find_steps(teleai__connection *connection, work *it, char **steps, teleai_error *error) {
    *steps = NULL;
    teleai_status status = look(connection, error);
    if (status == TELEAI_OK)
        status = refuse(connection, error);
    if (status == TELEAI_OK)
        status = read_steps(connection, steps, error);
    if (status == TELEAI_OK && it->notes == NULL)
        status =
            ask(connection, "select subject, message, remedy from teleai_adopting.notes order by n", &it->notes, error);
    if (!connection->broken)
        (void)command(connection, "rollback", NULL);
    return status;
}

/* ---- doing ---- */

static teleai_status append(work *it, const char *steps, teleai_error *error) {
    static const char header[] = "-- teleai: step by step\n\n";
    size_t before = it->script == NULL ? 0 : strlen(it->script), room = before + strlen(steps) + sizeof header;
    char *longer = realloc(it->script, room);
    if (longer == NULL)
        return teleai__fail_memory(error);
    it->script = longer;
    snprintf(longer + before, room - before, "%s%s", before == 0 ? header : "", steps);
    return TELEAI_OK;
}

static teleai_status run_steps(teleai__connection *connection, const char *steps, int32_t patience_ms,
                               teleai_error *error) {
    work only = {0};
    teleai_status status = append(&only, steps, error);
    if (status == TELEAI_OK)
        status = teleai__migration_run(connection, NAME, only.script, patience_ms, error);
    free(only.script);
    return status;
}

/* Whether the version is one that later migrations have written: then there is nothing to adopt. */
static teleai_status is_past(teleai_client *client, teleai__connection *connection, bool *out, teleai_error *error) {
    teleai__migration_state now;
    PGresult *result = NULL;
    teleai_status status = teleai__migration_state_read(client, connection, &now, error);
    if (status == TELEAI_OK)
        status = ask(connection, "select to_regclass('tenants') is not null", &result, error);
    *out = status == TELEAI_OK && value(result, 0, 0)[0] == 't' && now.version > ADOPTED && !now.dirty;
    PQclear(result);
    return status;
}

static teleai_status adopt(teleai_client *client, teleai__connection *connection, void *data, teleai_error *error) {
    work *it = data;
    bool past = false;
    char *steps = NULL;
    teleai_status status = is_past(client, connection, &past, error);
    for (int round = 0; status == TELEAI_OK && !past; round++) {
        status = find_steps(connection, it, &steps, error);
        if (status != TELEAI_OK || steps == NULL)
            break;
        if (round == MOST_ROUNDS)
            status = teleai__fail(error, TELEAI_SERVER_ERROR,
                                  NAME ": all steps were run, and this is still to be done: %.200s", steps);
        if (status == TELEAI_OK)
            status = append(it, steps, error);
        if (status == TELEAI_OK && it->dry_run)
            break;
        if (status == TELEAI_OK)
            status = run_steps(connection, steps, client->core->settings.timeout_ms, error);
        free(steps);
        steps = NULL;
    }
    free(steps);
    return status;
}

/* ---- what comes back ---- */

static const char *copy(teleai__arena *arena, const char *text) {
    return teleai__arena_text(arena, text, strlen(text));
}

static bool fill_steps(teleai__arena *arena, teleai_adoption *made, const teleai__migration_steps *steps) {
    const teleai_migration_step **items = teleai__arena_alloc(arena, steps->count * sizeof *items);
    teleai_migration_step *each = teleai__arena_alloc(arena, steps->count * sizeof *each);
    bool fine = items != NULL && each != NULL;
    for (size_t i = 0; fine && i < steps->count; i++) {
        each[i] = (teleai_migration_step){
            .version = ADOPTED,
            .migration = "adopt",
            .description = copy(arena, steps->items[i].description),
            .locks = copy(arena, steps->items[i].locks),
            .sql = copy(arena, steps->items[i].sql),
            .up = true,
        };
        fine = each[i].description != NULL && each[i].locks != NULL && each[i].sql != NULL;
        items[i] = &each[i];
    }
    made->count = steps->count;
    made->items = items;
    return fine;
}

static bool fill_notes(teleai__arena *arena, teleai_adoption *made, const PGresult *notes) {
    size_t count = (size_t)teleai__answer_rows(notes);
    const teleai_adoption_note **items = teleai__arena_alloc(arena, (count + 1) * sizeof *items);
    teleai_adoption_note *each = teleai__arena_alloc(arena, (count + 1) * sizeof *each);
    bool fine = items != NULL && each != NULL;
    for (size_t i = 0; fine && i < count; i++) {
        each[i] = (teleai_adoption_note){.subject = copy(arena, value(notes, (int)i, 0)),
                                         .message = copy(arena, value(notes, (int)i, 1)),
                                         .remedy = copy(arena, value(notes, (int)i, 2))};
        fine = each[i].subject != NULL && each[i].message != NULL && each[i].remedy != NULL;
        items[i] = &each[i];
    }
    made->note_count = count;
    made->notes = items;
    return fine;
}

static teleai_adoption *gather(const work *it) {
    teleai__migration_steps *steps =
        teleai__migration_split(it->script != NULL ? it->script : "-- teleai: step by step\n");
    if (steps == NULL)
        return NULL;
    teleai_adoption *made = teleai__arena_make(sizeof *made, 4096);
    if (made != NULL &&
        (!fill_steps(teleai__arena_of(made), made, steps) || !fill_notes(teleai__arena_of(made), made, it->notes))) {
        teleai__arena_free(made);
        made = NULL;
    }
    teleai__migration_steps_free(steps);
    return made;
}

/* ---- public ---- */

teleai_status teleai_migrate_adopt(teleai_client *client, const teleai_adopt_options *options, teleai_adoption **out,
                                   teleai_error *error) {
    teleai_adopt_options with;
    if (out != NULL)
        *out = NULL;
    teleai_status status = teleai__read_options(&with, sizeof with, options, "options", error);
    if (status != TELEAI_OK)
        return status;
    work it = {.dry_run = with.dry_run};
    const teleai__errand what = {.kind = TELEAI__ERRAND_OTHER, .name = NAME, .run = adopt, .data = &it};
    status = teleai__migrate_errand(client, &what, error);
    if (status == TELEAI_OK && out != NULL && (*out = gather(&it)) == NULL)
        status = teleai__fail_memory(error);
    free(it.script);
    PQclear(it.notes);
    return status;
}

void teleai_adoption_free(teleai_adoption *adoption) { teleai__arena_free(adoption); }
