/* Statistics of tenants: counted when asked for, each tenant's rows by their index (tenant_id, id). */
#include "api/labels.h"
#include "base/argument.h"
#include "base/error.h"
#include "record/arrow.h"
#include "table/table.h"
#include "teleai/tenant.h"

#define RECORD teleai_tenant_stats
static const teleai__column columns[] = {
    TELEAI__COLUMN_UUID("tenant_id", tenant_id),
    TELEAI__COLUMN_TEXT("name", name),
    TELEAI__COLUMN_TEXT("slug", slug),
    TELEAI__COLUMN_LABEL("status", status, teleai__tenant_statuses),
    TELEAI__COLUMN_COUNT("total_users", total_users),
    TELEAI__COLUMN_COUNT("open_sessions", open_sessions),
    TELEAI__COLUMN_COUNT("total_files", total_files),
    TELEAI__COLUMN_COUNT("total_transcriptions", total_transcriptions),
    TELEAI__COLUMN_COUNT("total_analyses", total_analyses),
    TELEAI__COLUMN_COUNT("total_storage_bytes", total_storage_bytes),
    TELEAI__COLUMN_SECONDS("total_duration_seconds", total_duration_ms),
    TELEAI__COLUMN_TIME_OR_NULL("last_upload_at", last_upload_at_us, has_last_upload_at),
};
#undef RECORD

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_tenant_stats *stats = record;
    cursor->id = stats->tenant_id;
}

static const teleai__row row = {
    .noun = "tenant",
    .size = sizeof(teleai_tenant_stats),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
};

/* The tenants stand between these two, picked before anything is counted, so that a page costs what its tenants cost. */
#define STATS_OF                                                                                                    \
    "select t.id as tenant_id, t.name, t.slug, t.status, u.total_users, s.open_sessions, f.total_files, "           \
    "r.total_transcriptions, a.total_analyses, f.total_storage_bytes, f.total_duration_seconds, f.last_upload_at\n" \
    "  from (\n"                                                                                                    \
    "select id, name, slug, status\n"                                                                               \
    "  from tenants"
#define STATS_ARE                                                                                                   \
    "\n"                                                                                                            \
    "       ) t\n"                                                                                                  \
    " cross join lateral (select count(*) as total_users from users where tenant_id = t.id) u\n"                    \
    " cross join lateral (select count(*) as open_sessions from sessions where tenant_id = t.id and expires_at > "  \
    "now()) s\n"                                                                                                    \
    " cross join lateral (\n"                                                                                       \
    "       select count(*) as total_files,\n"                                                                      \
    "              least(coalesce(sum(file_size_bytes), 0), 9223372036854775807)::bigint as total_storage_bytes,\n" \
    "              least(coalesce(sum(nullif(duration_seconds, 'NaN')), 0), 86399999999999.99) as "                 \
    "total_duration_seconds,\n"                                                                                     \
    "              max(created_at) as last_upload_at\n"                                                             \
    "         from audio_files\n"                                                                                   \
    "        where tenant_id = t.id\n"                                                                              \
    "       ) f\n"                                                                                                  \
    " cross join lateral (select count(*) as total_transcriptions from transcriptions where tenant_id = t.id) r\n"  \
    " cross join lateral (select count(*) as total_analyses from analyses where tenant_id = t.id) a"

teleai_status teleai_tenant_stats_get(teleai_client *client, const teleai_uuid *id, teleai_tenant_stats **out,
                                      teleai_error *error) {
    static const char sql[] = STATS_OF "\n where id = $1" STATS_ARE;
    teleai__forget_out(out);
    teleai_status status = teleai__id_check("id", id, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_uuid(id), TELEAI__OID_UUID);
    teleai__operation operation = {
        .statement = {.key = sql, .name = "tenant_stats_get", .sql = sql},
        .params = &params,
        .repeatable = true,
        .decode = teleai__decode_one,
        .out = out,
        .row = &row,
        .noun = row.noun,
    };
    return teleai__run(client, &operation, error);
}

teleai_status teleai_tenant_stats_list(teleai_client *client, const teleai_page *page, teleai_tenants_stats **out,
                                       teleai_error *error) {
    static const char name[] = "tenant_stats_list";
    teleai__forget_out(out);
    teleai__page with;
    teleai_status status = teleai__page_read_by_time(page, TELEAI__CURSOR_TENANT_STATS, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_init(&params);
    int limit = teleai__params_add(&params, teleai__value_int8(with.limit + 1, teleai__params_scratch(&params)),
                                   TELEAI__OID_INT8);
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__sql_init(&sql, text, sizeof text);
    teleai__sql_add(&sql, STATS_OF);
    with.by_id = true;
    teleai__page_add(&with, &sql, &params, NULL, "id", limit);
    teleai__sql_add(&sql, STATS_ARE "\n order by tenant_id");
    teleai__sql_add(&sql, with.oldest_first ? "" : " desc");
    teleai__operation operation = {
        .statement = {.key = name,
                      .variant = (uint64_t)with.has_cursor << 1 | (uint64_t)with.oldest_first,
                      .name = name,
                      .sql = sql.text},
        .params = &params,
        .repeatable = true,
        .decode = teleai__decode_list,
        .out = out,
        .row = &row,
        .noun = row.noun,
        .limit = with.limit,
        .cursor_kind = with.cursor_kind,
    };
    return teleai__run(client, &operation, error);
}

void teleai_tenant_stats_free(teleai_tenant_stats *stats) { teleai__arena_free(stats); }

teleai_status teleai_tenants_stats_to_arrow(const teleai_tenants_stats *list, struct ArrowSchema *schema,
                                            struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_tenants_stats_free(teleai_tenants_stats *list) { teleai__arena_free(list); }
