/* teleai maintain: the upkeep that a database wants now and then. */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

static const char *const outcomes[] = {"?", "done", "not needed", "skipped"};
static const paint_style styles[] = {PAINT_NONE, PAINT_GREEN, PAINT_DIM, PAINT_YELLOW};

static int known(int32_t outcome) {
    return outcome >= TELEAI_TASK_DONE && outcome <= TELEAI_TASK_SKIPPED ? outcome : 0;
}

/* A line a task, as soon as the task is over. What was not needed is left out unless --all. */
static void print_task(void *data, const teleai_maintenance_task *task) {
    const arguments *given = data;
    if (task->outcome == TELEAI_TASK_NOT_NEEDED && !is_given(given, "all"))
        return;
    int outcome = known(task->outcome);
    printf("%s%-10s%s  %s%s%s  ", paint(styles[outcome]), outcomes[outcome], paint(PAINT_NONE), paint(PAINT_BOLD),
           task->task, paint(PAINT_NONE));
    print_safe(stdout, task->subject, false);
    short_text number, duration;
    if (task->count > 0)
        printf(", %s", human_number(task->count, number));
    if (task->duration_us >= 1000000)
        printf(", %s", human_duration(task->duration_us / 1000, duration));
    printf("\n            ");
    print_words(task->message, 12, 12);
    fflush(stdout);
}

static void print_rows(const arguments *given, const teleai_maintenance *made) {
    static const column columns[] = {{"outcome", "Outcome", false, false}, {"task", "Task", false, false},
                                     {"subject", "Subject", false, true},  {"message", "Message", false, true},
                                     {"count", "Count", true, false},      {"duration_us", "Time", true, false}};
    table *rows = table_new("tasks", columns, 6);
    for (size_t i = 0; i < made->count; i++) {
        cell_text(rows, outcomes[known(made->items[i]->outcome)]);
        cell_text(rows, made->items[i]->task);
        cell_text(rows, made->items[i]->subject);
        cell_words(rows, made->items[i]->message);
        cell_number(rows, made->items[i]->count);
        cell_number(rows, made->items[i]->duration_us);
    }
    table_print(rows, given, "");
    table_free(rows);
}

static int run_maintain(const arguments *given) {
    int status = EXIT_OK;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    interrupts_cancel(client);
    bool for_machines = is_given(given, "json") || is_given(given, "csv");
    teleai_maintain_options options = {
        .struct_size = sizeof options, .hook = for_machines ? NULL : print_task, .hook_data = (void *)(uintptr_t)given};
    teleai_maintenance *made = NULL;
    teleai_error error;
    if (teleai_maintain(client, &options, &made, &error) != TELEAI_OK) {
        status = fail_with(&error);
    } else {
        if (for_machines)
            print_rows(given, made);
        if (made->skipped > 0)
            status = EXIT_WARNINGS;
    }
    teleai_maintenance_free(made);
    client_close(client);
    return status;
}

static const option_spec options[] = {
    {"all", 'a', NULL, "print also the tasks that were not needed"},
    {0},
};

const command maintain_command = {
    .name = "maintain",
    .summary = "do the upkeep: expired sessions, statistics, pending entries, daily usage",
    .description =
        "Deletes expired sessions, vacuums and analyzes tables that want it, fits and empties the pending lists of the "
        "indexes that searches use, and brings the daily usage up to date. Readers and writers go on; several at once "
        "do no harm. Run it as the owner of the tables, every few minutes to once a day, from cron or any scheduler. A "
        "task that the role may not carry out, or that does not end within --timeout, is skipped and said.\n\n"
        "A local: database needs it only after large loads: it is maintained when a program closes it.\n\n"
        "Exit status: 0 all done, 5 something was skipped.",
    .examples = "teleai maintain\nteleai maintain --json\nteleai maintain --timeout 3600",
    .options = options,
    .lists = true,
    .run = run_maintain,
};
