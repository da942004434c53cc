/* Upkeep: statements find the tasks, with the SQL that does each; then they run one by one. */
#include "teleai/maintain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/labels.h"
#include "api/maintain.h"
#include "base/error.h"
#include "base/options.h"
#include "schema/tables.h"
#include "table/table.h"
#include "teleai/health.h"
#include "teleai/stats.h"
#include "teleai/tenant.h"

#define NAME "maintain"
#define SESSIONS_AT_ONCE "10000" /* so that no delete holds its locks for long */
#define SESSIONS_AT_ONCE_NUMBER 10000

/* Each statement finds tasks: `sql` is what does one, NULL where it is not needed or not allowed. $1: only what is due. */

#define MAY_NOT "format('only %s, who owns it, may do this', owner)"

#define TABLES                                                                                                 \
    "with used as (\n"                                                                                         \
    "    select t.place, c.oid, c.oid::regclass::text as name, pg_has_role(c.relowner, 'usage') as is_mine,\n" \
    "           pg_get_userbyid(c.relowner) as owner, greatest(c.reltuples, 0)::bigint as known_rows,\n"       \
    "           coalesce(s.n_live_tup, 0) as rows, coalesce(s.n_dead_tup, 0) as dead,\n"                       \
    "           coalesce(s.n_mod_since_analyze, 0) as changed,\n"                                              \
    "           coalesce(s.last_vacuum, s.last_autovacuum) is null as never_vacuumed\n"                        \
    "      from unnest(" TELEAI__TABLES_SQL ") with ordinality as t (name, place)\n"                           \
    "      join pg_catalog.pg_class c on c.oid = to_regclass(t.name)\n"                                        \
    "      left join pg_catalog.pg_stat_user_tables s on s.relid = c.oid\n"                                    \
    ")"

static const char sessions_sql[] =
    "select 'sessions' as task, 'sessions' as subject,\n"
    "       case when not may then 'skipped' when any_expired then 'done' else 'not_needed' end as outcome,\n"
    "       case when not may then 'this role may not delete sessions'\n"
    "            when any_expired then 'expired sessions are deleted'\n"
    "            else 'no session has expired' end as message,\n"
    "       case when may and any_expired then\n"
    "            'with gone as (delete from sessions where id in (select id from sessions where expires_at <= now() "
    "limit " SESSIONS_AT_ONCE ") returning id) select count(*) from gone' end as sql\n"
    "  from (\n"
    "           select has_table_privilege('sessions', 'delete') as may,\n"
    "                  exists (select from sessions where expires_at <= now()) as any_expired\n"
    "       ) s\n"
    " where $1 is not null";

static const char tables_sql[] = TABLES
    ", wished as (\n"
    "    select *, never_vacuumed and rows >= 1000 or dead > 50 + 0.2 * rows as wants_vacuum,\n"
    "           changed > 50 + 0.1 * known_rows as wants_analyze\n"
    "      from used\n"
    ")\n"
    "select case when wants_vacuum then 'vacuum' else 'statistics' end as task, name as subject,\n"
    "       case when not wants_vacuum and not wants_analyze then 'not_needed'\n"
    "            when is_mine then 'done' else 'skipped' end as outcome,\n"
    "       case when not wants_vacuum and not wants_analyze then 'few rows have changed'\n"
    "            when is_mine then format('%s rows, %s of them dead, %s changed since the last analyze', rows, dead, "
    "changed)\n"
    "            else " MAY_NOT " end as message,\n"
    "       case when is_mine and wants_vacuum then format('vacuum (skip_locked, analyze) %s', name)\n"
    "            when is_mine and wants_analyze then format('analyze (skip_locked) %s', name) end as sql\n"
    "  from wished\n"
    " where $1 is not null\n"
    " order by place";

static const char pending_limit_sql[] = TABLES
    ", texts as (\n"
    "    select i.indexrelid::regclass::text as name, u.is_mine, u.owner, greatest(u.rows, u.known_rows) as rows,\n"
    "           coalesce((select option_value\n"
    "                       from pg_options_to_table(c.reloptions)\n"
    "                      where option_name = 'gin_pending_list_limit'),\n"
    "                    (select setting\n"
    "                       from pg_catalog.pg_settings\n"
    "                      where pg_settings.name = 'gin_pending_list_limit')) as now_kb\n"
    "      from used u\n"
    "      join pg_catalog.pg_index i on i.indrelid = u.oid and i.indisvalid\n"
    "      join pg_catalog.pg_class c on c.oid = i.indexrelid\n"
    "      join pg_catalog.pg_am a on a.oid = c.relam and a.amname = 'gin'\n"
    "     where pg_get_expr(i.indexprs, i.indrelid) like 'to_tsvector(%'\n"
    "), fitted as (\n"
    "    select *, case when rows >= 10000 then '1024' when rows < 5000 then '64' else now_kb end as kb\n"
    "      from texts\n"
    ")\n"
    "select 'pending_limit' as task, name as subject,\n"
    "       case when kb = now_kb then 'not_needed' when is_mine then 'done' else 'skipped' end as outcome,\n"
    "       case when kb = now_kb then format('%s kB for %s rows', kb, rows)\n"
    "            when is_mine then format('%s kB instead of %s, for %s rows', kb, now_kb, rows)\n"
    "            else " MAY_NOT " end as message,\n"
    "       case when kb <> now_kb and is_mine then\n"
    "            format('do $$ begin perform set_config(''lock_timeout'', ''300ms'', true); alter index %s set "
    "(gin_pending_list_limit = %s); end $$', name, kb) end as sql\n"
    "  from fitted\n"
    " where $1 is not null";

static const char pending_entries_sql[] = TABLES
    "select 'pending_entries' as task, i.indexrelid::regclass::text as subject,\n"
    "       case when is_mine then 'done' else 'skipped' end as outcome,\n"
    "       case when is_mine then 'searches find its entries at once' else " MAY_NOT " end as message,\n"
    "       case when is_mine then format('select gin_clean_pending_list(%L::regclass)', i.indexrelid::regclass) end "
    "as sql\n"
    "  from used u\n"
    "  join pg_catalog.pg_index i on i.indrelid = u.oid and i.indisvalid\n"
    "  join pg_catalog.pg_class c on c.oid = i.indexrelid\n"
    "  join pg_catalog.pg_am a on a.oid = c.relam and a.amname = 'gin'\n"
    " where u.changed > 0\n"
    "    or not $1\n"
    " order by u.place, subject";

static const char daily_usage_sql[] =
    "select 'daily_usage' as task, c.oid::regclass::text as subject,\n"
    "       case when pg_has_role(c.relowner, 'usage') then 'done' else 'skipped' end as outcome,\n"
    "       case when pg_has_role(c.relowner, 'usage') then 'the days are counted'\n"
    "            else format('only %s, who owns it, may do this', pg_get_userbyid(c.relowner)) end as message,\n"
    "       case when pg_has_role(c.relowner, 'usage') then 'refresh' end as sql\n"
    "  from pg_catalog.pg_class c\n"
    " where c.oid = to_regclass('daily_usage_stats')\n"
    "   and (not $1 or not c.relispopulated)";

/* Statistics come before what goes by them. */
static const char *const finders[] = {sessions_sql, tables_sql, pending_limit_sql, pending_entries_sql,
                                      daily_usage_sql};

/* A task as the statement finds it. */
typedef struct found_task {
    const char *task, *subject, *message, *sql;
    int32_t outcome;
} found_task;

typedef struct found_tasks {
    size_t count;
    const found_task *const *items;
    const char *next_cursor;
} found_tasks;

#define RECORD found_task
static const teleai__column columns[] = {
    TELEAI__COLUMN_TEXT("task", task),
    TELEAI__COLUMN_TEXT("subject", subject),
    TELEAI__COLUMN_LABEL("outcome", outcome, teleai__task_outcomes),
    TELEAI__COLUMN_TEXT_OR_NULL("message", message),
    TELEAI__COLUMN_TEXT_OR_NULL("sql", sql),
};
#undef RECORD

static const teleai__row row = {
    .noun = "task", .size = sizeof(found_task), .columns = columns, .count = (int)TELEAI__COUNT(columns)};

static teleai_status find_tasks(teleai_client *client, const char *sql, bool only_due, found_tasks **out,
                                teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_bool(only_due, teleai__params_scratch(&params)), TELEAI__OID_BOOL);
    teleai__operation operation = {
        .statement = {.name = NAME, .sql = sql},
        .params = &params,
        .repeatable = true,
        .no_batch = true,
        .decode = teleai__decode_list,
        .out = out,
        .row = &row,
        .noun = row.noun,
        .limit = INT32_MAX,
    };
    return teleai__run(client, &operation, error);
}

/* ---- doing them ---- */

static teleai_status run_sql(teleai_client *client, const char *sql, int64_t *count, teleai_error *error) {
    teleai__params params;
    teleai__params_init(&params);
    teleai__operation operation = {
        .statement = {.name = NAME, .sql = sql, .writes = true},
        .params = &params,
        .repeatable = true,
        .no_batch = true,
        .decode = count == NULL ? teleai__decode_nothing : teleai__decode_count,
        .out = count,
    };
    return teleai__run(client, &operation, error);
}

static teleai_status do_task(teleai_client *client, const found_task *task, int64_t *count, teleai_error *error) {
    if (strcmp(task->task, "daily_usage") == 0)
        return teleai_daily_usage_refresh(client, error);
    if (strcmp(task->task, "tenant_usage") == 0)
        return teleai_tenant_usage_recount(client, NULL, count, error);
    if (strcmp(task->task, "pending_entries") == 0)
        return run_sql(client, task->sql, count, error);
    if (strcmp(task->task, "sessions") != 0)
        return run_sql(client, task->sql, NULL, error);
    teleai_status status;
    int64_t gone;
    do {
        gone = 0;
        status = run_sql(client, task->sql, &gone, error);
        *count += gone;
    } while (status == TELEAI_OK && gone == SESSIONS_AT_ONCE_NUMBER);
    return status;
}

/* Whether no other task would fare better. */
static bool ends_it(teleai_status status) {
    return status == TELEAI_UNAVAILABLE || status == TELEAI_UNAUTHENTICATED || status == TELEAI_CANCELLED ||
           status == TELEAI_CLOSED || status == TELEAI_OUT_OF_MEMORY;
}

static const char *copy(teleai_maintenance *made, const char *text) {
    return teleai__arena_text(teleai__arena_of(made), text, strlen(text));
}

static teleai_status run_task(teleai_client *client, const found_task *task, teleai_maintenance *made,
                              teleai_maintenance_task *out, teleai_error *error) {
    teleai_error why = {0};
    int64_t start_us = teleai__monotonic_us();
    out->outcome = task->outcome;
    const char *message = task->message;
    if (task->sql != NULL) {
        teleai_status status = do_task(client, task, &out->count, &why);
        if (ends_it(status)) {
            if (error != NULL)
                *error = why;
            return status;
        }
        if (status != TELEAI_OK) {
            out->outcome = TELEAI_TASK_SKIPPED;
            message = why.message;
        }
    }
    out->duration_us = teleai__monotonic_us() - start_us;
    out->task = copy(made, task->task);
    out->subject = copy(made, task->subject);
    out->message = copy(made, message);
    if (out->task == NULL || out->subject == NULL || out->message == NULL)
        return teleai__fail_memory(error);
    return TELEAI_OK;
}

/* Tasks in the making: how many there will be shows on the way. */
typedef struct report {
    teleai_client *client;
    teleai_maintain_options options;
    teleai_maintenance *made;
    const teleai_maintenance_task **items;
    size_t room;
} report;

static teleai_status add_task(report *it, const found_task *found, teleai_error *error) {
    if (it->made->count == it->room) {
        size_t room = it->room == 0 ? 32 : it->room * 2;
        const teleai_maintenance_task **items = realloc(it->items, room * sizeof *items);
        if (items == NULL)
            return teleai__fail_memory(error);
        it->items = items;
        it->room = room;
    }
    teleai_maintenance_task *task = teleai__arena_alloc(teleai__arena_of(it->made), sizeof *task);
    if (task == NULL)
        return teleai__fail_memory(error);
    *task = (teleai_maintenance_task){0};
    teleai_status status = run_task(it->client, found, it->made, task, error);
    if (status != TELEAI_OK)
        return status;
    it->items[it->made->count++] = task;
    it->made->skipped += task->outcome == TELEAI_TASK_SKIPPED;
    if (it->options.hook != NULL)
        it->options.hook(it->options.hook_data, task);
    return TELEAI_OK;
}

/* Whether the counts are right is asked where health asks it: counting keeps writers waiting. */
static teleai_status add_usage(report *it, teleai_error *error) {
    teleai_health_options limits = {.struct_size = sizeof limits, .only = "limits"};
    teleai_health_findings *found = NULL;
    teleai_status status = teleai_health_check(it->client, &limits, &found, error);
    if (status != TELEAI_OK)
        return status;
    const found_task task = {
        .task = "tenant_usage",
        .subject = "tenant_usage",
        .outcome = found->worst >= TELEAI_HEALTH_WARNING ? TELEAI_TASK_DONE : TELEAI_TASK_NOT_NEEDED,
        .message = found->worst >= TELEAI_HEALTH_WARNING ? "what tenants use is counted anew" : "the counts are right",
        .sql = found->worst >= TELEAI_HEALTH_WARNING ? "" : NULL,
    };
    teleai_health_findings_free(found);
    return add_task(it, &task, error);
}

static teleai_status run_tasks(report *it, teleai_error *error) {
    for (size_t i = 0; i < TELEAI__COUNT(finders); i++) {
        found_tasks *found = NULL;
        teleai_status status = find_tasks(it->client, finders[i], it->options.only_due, &found, error);
        for (size_t k = 0; status == TELEAI_OK && k < found->count; k++)
            status = add_task(it, found->items[k], error);
        teleai__arena_free(found);
        if (status != TELEAI_OK)
            return status;
    }
    teleai_status status = it->options.only_due ? TELEAI_OK : add_usage(it, error);
    if (status != TELEAI_OK)
        return status;
    const teleai_maintenance_task **items =
        teleai__arena_alloc(teleai__arena_of(it->made), (it->made->count + 1) * sizeof *items);
    if (items == NULL)
        return teleai__fail_memory(error);
    if (it->made->count > 0)
        memcpy(items, it->items, it->made->count * sizeof *items);
    it->made->items = items;
    return TELEAI_OK;
}

/* ---- public ---- */

teleai_status teleai_maintain(teleai_client *client, const teleai_maintain_options *options, teleai_maintenance **out,
                              teleai_error *error) {
    if (out != NULL)
        *out = NULL;
    report it = {.client = client};
    teleai_status status = teleai__client_check(client, error);
    if (status == TELEAI_OK)
        status = teleai__read_options(&it.options, sizeof it.options, options, "options", error);
    if (status != TELEAI_OK)
        return status;
    if (teleai__is_transaction(client))
        return teleai__fail(error, TELEAI_CONFLICT, NAME ": VACUUM cannot run in a transaction; use the root client");
    if (client->batch != NULL)
        return teleai__fail_field(error, "client", NAME ": it cannot go into a batch; use the root client");
    it.made = teleai__arena_make(sizeof *it.made, 4096);
    if (it.made == NULL)
        return teleai__fail_memory(error);
    status = run_tasks(&it, error);
    free(it.items);
    if (status == TELEAI_OK && out != NULL)
        *out = it.made;
    else
        teleai__arena_free(it.made);
    return status == TELEAI_OK ? teleai__ok(error) : status;
}

void teleai_maintenance_free(teleai_maintenance *maintenance) { teleai__arena_free(maintenance); }

/* A server that ends with its last client sees no autovacuum. Errors are nobody's: the next close tries again. */
void teleai__maintain_local(teleai_client *client) {
    teleai_pool_stats pool;
    teleai__pool_stats(client->core->pool, &pool);
    if (pool.open_connections - pool.idle_connections >= pool.max_connections)
        return; /* transactions that were left open have all of them */
    teleai__pool_resize(client->core->pool, 0, pool.max_connections);
    teleai_maintain_options due = {.struct_size = sizeof due, .only_due = true};
    (void)teleai_maintain(client, &due, NULL, NULL);
}
