/* Tenants: SQL, columns, fields, functions. */
#include "teleai/tenant.h"

#include <string.h>

#include "api/labels.h"
#include "base/error.h"
#include "base/json.h"
#include "base/tenant.h"
#include "base/text.h"
#include "record/arrow.h"
#include "table/table.h"
#include "table/transition.h"

#define COLUMN_LIST(COLUMN)                                                        \
    COLUMN(TEXT, "name", name)                                                     \
    COLUMN(TEXT, "slug", slug)                                                     \
    COLUMN(LABEL, "status", status, teleai__tenant_statuses)                       \
    COLUMN(JSON, "settings", settings_json)                                        \
    COLUMN(INT64_OR_NULL, "max_users", max_users, has_max_users)                   \
    COLUMN(INT64_OR_NULL, "max_storage_bytes", max_storage_bytes, has_max_storage) \
    COLUMN(SECONDS_OR_NULL, "max_audio_seconds", max_audio_ms, has_max_audio)      \
    COLUMN(TIME, "created_at", created_at_us)                                      \
    COLUMN(TIME, "updated_at", updated_at_us)
#define COLUMNS TELEAI__COLUMN_NAMES(COLUMN_LIST)

#define RECORD teleai_tenant
static const teleai__column columns[] = {TELEAI__COLUMNS(COLUMN_LIST)};
#undef RECORD

static void key(const void *record, teleai__cursor *cursor) {
    const teleai_tenant *tenant = record;
    cursor->time_us = tenant->created_at_us;
    cursor->id = tenant->id;
}

static const teleai__row row = {
    .noun = "tenant",
    .size = sizeof(teleai_tenant),
    .columns = columns,
    .count = (int)TELEAI__COUNT(columns),
    .key = key,
};

#define MOST_AUDIO_MS INT64_C(999999999999990) /* numeric(14,2) in seconds */

#define INPUT teleai_tenant_input
#define BIT(name) .bit = TELEAI_TENANT_FIELD_##name
static const teleai__field fields[] = {
    {"id", "id", TELEAI__FIELD_UUID(id, 0)},
    {"name", "name", TELEAI__FIELD_TEXT(name, TELEAI__REQUIRED), .least = 1, .most = 255, BIT(NAME)},
    {"slug", "slug", TELEAI__FIELD_TEXT(slug, TELEAI__REQUIRED), .least = 1, .most = 63,
     .expected = teleai__slug_expected, BIT(SLUG)},
    {"settings_json", "settings", TELEAI__FIELD_JSON(settings_json, TELEAI__JSON_OBJECT, 0), BIT(SETTINGS),
     .absent = "'{}'::jsonb"},
    {"max_users", "max_users", TELEAI__FIELD_INT64(max_users, has_max_users), .most = INT64_MAX, BIT(MAX_USERS)},
    {"max_storage_bytes", "max_storage_bytes", TELEAI__FIELD_INT64(max_storage_bytes, has_max_storage),
     .most = INT64_MAX, BIT(MAX_STORAGE)},
    {"max_audio_ms", "max_audio_seconds", TELEAI__FIELD_SECONDS(max_audio_ms, has_max_audio), .most = MOST_AUDIO_MS,
     BIT(MAX_AUDIO)},
};
#undef BIT
#undef INPUT

#define INPUT teleai_tenant_filter
static const teleai__field filters[] = {
    {"created_from_us", "created_at >= $?", .flags = TELEAI__FROM, TELEAI__FIELD_TIME_OR_ZERO(created_from_us)},
    {"created_until_us", "created_at < $?", .flags = TELEAI__UNTIL, TELEAI__FIELD_TIME_OR_ZERO(created_until_us)},
    {"status", "status = $?", TELEAI__FIELD_LABEL(status, teleai__tenant_statuses)},
};
#undef INPUT

static const char get_sql[] = "select " COLUMNS "\n"
                              "  from tenants\n"
                              " where id = $1";

static const char get_by_slug_sql[] = "select " COLUMNS "\n"
                                      "  from tenants\n"
                                      " where slug = $1";

static const char suspend_sql[] =
    TELEAI__GUARDED_SQL_OF_NO_TENANT("tenants", "status = 'suspended'", "was = 'active'", COLUMNS);

static const char resume_sql[] =
    TELEAI__GUARDED_SQL_OF_NO_TENANT("tenants", "status = 'active'", "was in ('suspended', 'deleting')", COLUMNS);

static const teleai__table table = {
    .noun = "tenant",
    .name = "tenants",
    .columns = COLUMNS,
    .of_no_tenant = true,
    .get_sql = get_sql,
    .names = {.create = "tenant_create",
              .get = "tenant_get",
              .update = "tenant_update",
              .list = "tenant_list",
              .count = "tenant_count"},
    .row = &row,
    .fields = fields,
    .field_count = TELEAI__COUNT(fields),
    .input_size = sizeof(teleai_tenant_input),
    .filters = filters,
    .filter_count = TELEAI__COUNT(filters),
    .filter_size = sizeof(teleai_tenant_filter),
    .cursor_kind = TELEAI__CURSOR_TENANTS,
};

/* ---- functions ---- */

void teleai_tenant_default_id(teleai_uuid *out) {
    if (out != NULL)
        *out = teleai__default_tenant;
}

teleai_status teleai_tenant_create(teleai_client *client, const teleai_tenant_input *input, teleai_tenant **out,
                                   teleai_error *error) {
    return teleai__create(client, &table, input, NULL, out, error);
}

teleai_status teleai_tenant_get(teleai_client *client, const teleai_uuid *id, teleai_tenant **out,
                                teleai_error *error) {
    return teleai__get(client, &table, id, out, error);
}

teleai_status teleai_tenant_get_by_slug(teleai_client *client, const char *slug, teleai_tenant **out,
                                        teleai_error *error) {
    teleai__forget_out(out);
    teleai_status status = teleai__text_check("slug", slug, 1, 63, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_init(&params);
    teleai__params_add(&params, teleai__value_text(slug, strlen(slug)), TELEAI__OID_TEXT);
    teleai__operation operation = teleai__operation_of(&table, "tenant_get_by_slug", get_by_slug_sql, &params);
    operation.repeatable = operation.brief = true;
    operation.out = out;
    return teleai__run(client, &operation, error);
}

teleai_status teleai_tenant_update(teleai_client *client, const teleai_uuid *id, const teleai_tenant_input *input,
                                   uint64_t fields_set, const teleai_update_options *options, teleai_tenant **out,
                                   teleai_error *error) {
    return teleai__update(client, &table, id, input, fields_set, options, out, error);
}

teleai_status teleai_tenant_suspend(teleai_client *client, const teleai_uuid *id, teleai_tenant **out,
                                    teleai_error *error) {
    return teleai__transition(client, &table, "tenant_suspend", suspend_sql, id, "cannot be suspended", out, error);
}

teleai_status teleai_tenant_resume(teleai_client *client, const teleai_uuid *id, teleai_tenant **out,
                                   teleai_error *error) {
    return teleai__transition(client, &table, "tenant_resume", resume_sql, id, "cannot be resumed", out, error);
}

teleai_status teleai_tenant_list(teleai_client *client, const teleai_tenant_filter *filter, const teleai_page *page,
                                 teleai_tenants **out, teleai_error *error) {
    return teleai__list_page(client, &table, filter, page, out, error);
}

teleai_status teleai_tenant_count(teleai_client *client, const teleai_tenant_filter *filter, int64_t *out,
                                  teleai_error *error) {
    return teleai__count(client, &table, filter, out, error);
}

void teleai_tenant_free(teleai_tenant *tenant) { teleai__arena_free(tenant); }

teleai_status teleai_tenants_to_arrow(const teleai_tenants *list, struct ArrowSchema *schema, struct ArrowArray *array,
                                      teleai_error *error) {
    return teleai__list_to_arrow(&row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_tenants_free(teleai_tenants *list) { teleai__arena_free(list); }
