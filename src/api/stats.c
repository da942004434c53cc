/* Statistics: the five views. */
#include "teleai/stats.h"

#include <stdio.h>
#include <string.h>

#include "api/labels.h"
#include "base/argument.h"
#include "base/error.h"
#include "base/options.h"
#include "record/arrow.h"
#include "table/table.h"

/* A statement that these views are read with, and what comes back. */
static teleai_status run_list(teleai_client *client, const char *name, teleai__sql *sql, const void *key,
                              uint64_t variant, teleai__params *params, const teleai__row *shape,
                              const teleai__page *page, void *out, teleai_error *error) {
    teleai__operation operation = {
        .statement = {.key = key, .variant = variant, .name = name, .sql = sql->text},
        .params = params,
        .repeatable = true,
        .decode = teleai__decode_list,
        .out = out,
        .row = shape,
        .noun = shape->noun,
        .limit = page == NULL ? INT32_MAX : page->limit,
        .cursor_kind = page == NULL ? 0 : page->cursor_kind,
    };
    return teleai__run(client, &operation, error);
}

/* Pages of these: which of the four forms a statement has. */
static uint64_t page_variant(const teleai__page *page) {
    return (uint64_t)page->has_cursor << 60 | (uint64_t)page->oldest_first << 61;
}

static int add_limit(teleai__params *params, const teleai__page *page) {
    return teleai__params_add(params, teleai__value_int8(page->limit + 1, teleai__params_scratch(params)),
                              TELEAI__OID_INT8);
}

/* ---- by user ---- */

#define USER_STATS                                                                                               \
    "select user_id, email, full_name, total_files, total_transcriptions, total_analyses, total_storage_bytes, " \
    "total_duration_seconds, last_upload_at\n"                                                                   \
    "  from user_file_stats"

#define RECORD teleai_user_stats
static const teleai__column user_columns[] = {
    TELEAI__COLUMN_UUID("user_id", user_id),
    TELEAI__COLUMN_TEXT("email", email),
    TELEAI__COLUMN_TEXT("full_name", full_name),
    TELEAI__COLUMN_COUNT("total_files", total_files),
    TELEAI__COLUMN_COUNT("total_transcriptions", total_transcriptions),
    TELEAI__COLUMN_COUNT("total_analyses", total_analyses),
    TELEAI__COLUMN_COUNT("total_storage_bytes", total_storage_bytes),
    TELEAI__COLUMN_SECONDS("total_duration_seconds", total_duration_ms),
    TELEAI__COLUMN_TIME_OR_NULL("last_upload_at", last_upload_at_us, has_last_upload_at),
};
#undef RECORD

static void user_key(const void *record, teleai__cursor *cursor) {
    const teleai_user_stats *stats = record;
    cursor->id = stats->user_id;
}

static const teleai__row user_row = {.noun = "user",
                                     .size = sizeof(teleai_user_stats),
                                     .columns = user_columns,
                                     .count = (int)TELEAI__COUNT(user_columns),
                                     .key = user_key};

teleai_status teleai_user_stats_get(teleai_client *client, const teleai_uuid *user_id, teleai_user_stats **out,
                                    teleai_error *error) {
    static const char sql[] = USER_STATS "\n where tenant_id = $1\n   and user_id = $2";
    teleai__forget_out(out);
    teleai_status status = teleai__id_check("user_id", user_id, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    teleai__params_add(&params, teleai__value_uuid(user_id), TELEAI__OID_UUID);
    teleai__operation operation = {
        .statement = {.key = sql, .name = "user_stats_get", .sql = sql},
        .params = &params,
        .repeatable = true,
        .decode = teleai__decode_one,
        .out = out,
        .row = &user_row,
        .noun = "user",
    };
    return teleai__run(client, &operation, error);
}

/* By id alone: a page of users is picked first, then summed, so that a page costs what its users cost. */
teleai_status teleai_user_stats_list(teleai_client *client, const teleai_page *page, teleai_users_stats **out,
                                     teleai_error *error) {
    static const char key[] = "user_stats_list";
    teleai__forget_out(out);
    teleai__page with;
    teleai_status status = teleai__page_read_by_time(page, TELEAI__CURSOR_USER_STATS, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    int limit = add_limit(&params, &with);
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__sql_init(&sql, text, sizeof text);
    teleai__sql_add(&sql, USER_STATS "\n where tenant_id = $1");
    sql.has_condition = with.by_id = true;
    teleai__page_add(&with, &sql, &params, NULL, "user_id", limit);
    return run_list(client, key, &sql, key, page_variant(&with), &params, &user_row, &with, out, error);
}

void teleai_user_stats_free(teleai_user_stats *stats) { teleai__arena_free(stats); }

teleai_status teleai_users_stats_to_arrow(const teleai_users_stats *list, struct ArrowSchema *schema,
                                          struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&user_row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_users_stats_free(teleai_users_stats *list) { teleai__arena_free(list); }

/* ---- by day ---- */

#define RECORD teleai_daily_usage
static const teleai__column day_columns[] = {
    TELEAI__COLUMN_TEXT("date", date),
    TELEAI__COLUMN_TIME("day", day_us),
    TELEAI__COLUMN_COUNT("active_users", active_users),
    TELEAI__COLUMN_COUNT("total_uploads", total_uploads),
    TELEAI__COLUMN_COUNT("total_bytes_uploaded", total_bytes_uploaded),
    TELEAI__COLUMN_SECONDS_OR_ZERO("total_audio_seconds", total_audio_ms),
    TELEAI__COLUMN_SECONDS_OR_ZERO("avg_audio_duration", avg_audio_ms),
};
#undef RECORD

static const teleai__row day_row = {.noun = "day",
                                    .size = sizeof(teleai_daily_usage),
                                    .columns = day_columns,
                                    .count = (int)TELEAI__COUNT(day_columns)};

teleai_status teleai_daily_usage_list(teleai_client *client, int64_t from_us, int64_t until_us,
                                      teleai_daily_usages **out, teleai_error *error) {
#define DAILY_USAGE_FROM(relation)                                                                          \
    "select to_char(date, 'YYYY-MM-DD') as date, date::timestamp at time zone 'UTC' as day, active_users, " \
    "total_uploads, total_bytes_uploaded, total_audio_seconds, avg_audio_duration\n"                        \
    "  from " relation "\n"                                                                                 \
    " where tenant_id = $1\n"                                                                               \
    "   and date between '0001-01-01' and '9999-12-31'\n"                                                   \
    "   and ($2::timestamptz is null or date >= ($2::timestamptz at time zone 'UTC')::date)\n"              \
    "   and ($3::timestamptz is null or date < ($3::timestamptz at time zone 'UTC')::date)\n"               \
    " order by date"
    /* A materialized view knows no row security; the other shows of it what the role may see. */
    static const char plain_text[] = DAILY_USAGE_FROM("daily_usage_stats");
    static const char secured_text[] = DAILY_USAGE_FROM("teleai_daily_usage_stats");
    const char *text = teleai__client_is_secured(client) ? secured_text : plain_text;
    teleai__forget_out(out);
    teleai_status status = teleai__bounds_check("from_us", from_us, "until_us", until_us, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    teleai__value none = teleai__value_null(TELEAI__OID_TIMESTAMPTZ);
    teleai__params_add(&params, from_us == 0 ? none : teleai__value_time(from_us, teleai__params_scratch(&params)),
                       TELEAI__OID_TIMESTAMPTZ);
    teleai__params_add(&params, until_us == 0 ? none : teleai__value_time(until_us, teleai__params_scratch(&params)),
                       TELEAI__OID_TIMESTAMPTZ);
    teleai__sql sql = {.text = (char *)(uintptr_t)text};
    return run_list(client, "daily_usage_list", &sql, text, 0, &params, &day_row, NULL, out, error);
}

teleai_status teleai_daily_usage_refresh(teleai_client *client, teleai_error *error) {
    /* One that was never filled, as after a restore of the schema alone, cannot be refreshed beside its readers. */
    static const char sql[] = "do $$\n"
                              "begin\n"
                              "    if (select not relispopulated from pg_catalog.pg_class where oid = "
                              "to_regclass('daily_usage_stats')) then\n"
                              "        refresh materialized view daily_usage_stats;\n"
                              "    else\n"
                              "        refresh materialized view concurrently daily_usage_stats;\n"
                              "    end if;\n"
                              "end\n"
                              "$$";
    teleai__params params;
    teleai__params_init(&params);
    teleai__operation operation = {
        .statement = {.name = "daily_usage_refresh", .sql = sql, .writes = true},
        .params = &params,
        .decode = teleai__decode_nothing,
    };
    return teleai__run(client, &operation, error);
}

teleai_status teleai_daily_usages_to_arrow(const teleai_daily_usages *list, struct ArrowSchema *schema,
                                           struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&day_row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_daily_usages_free(teleai_daily_usages *list) { teleai__arena_free(list); }

/* ---- what users did ---- */

static const char *const activity_types[] = {"audio_upload", "transcription", "analysis"};
static const teleai__labels activity_labels = TELEAI__LABELS("text", activity_types);

const char *teleai_activity_type_name(int32_t type) { return teleai__label_name(&activity_labels, type); }

#define RECORD teleai_activity
static const teleai__column activity_columns[] = {
    TELEAI__COLUMN_UUID("user_id", user_id),
    TELEAI__COLUMN_TEXT("email", email),
    TELEAI__COLUMN_TEXT("full_name", full_name),
    TELEAI__COLUMN_LABEL("activity_type", activity_type, activity_labels),
    TELEAI__COLUMN_UUID("resource_id", resource_id),
    TELEAI__COLUMN_TEXT("resource_name", resource_name),
    TELEAI__COLUMN_TIME("activity_timestamp", activity_at_us),
};
#undef RECORD

static void activity_key(const void *record, teleai__cursor *cursor) {
    const teleai_activity *activity = record;
    cursor->time_us = activity->activity_at_us;
    cursor->id = activity->resource_id;
}

static const teleai__row activity_row = {.noun = "activity",
                                         .size = sizeof(teleai_activity),
                                         .columns = activity_columns,
                                         .count = (int)TELEAI__COUNT(activity_columns),
                                         .key = activity_key};

teleai_status teleai_activity_list(teleai_client *client, const teleai_uuid *user_id, const teleai_page *page,
                                   teleai_activities **out, teleai_error *error) {
    static const char key[] = "activity_list";
    teleai__forget_out(out);
    teleai__page with;
    teleai_status status = teleai__page_read_by_time(page, TELEAI__CURSOR_ACTIVITY, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    int limit = add_limit(&params, &with);
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__sql_init(&sql, text, sizeof text);
    teleai__sql_add(&sql, "select user_id, email, full_name, activity_type, resource_id, resource_name, "
                          "activity_timestamp\n"
                          "  from recent_user_activity\n"
                          " where tenant_id = $1");
    sql.has_condition = true;
    if (user_id != NULL)
        teleai__sql_add_param(&sql, "\n   and user_id = $?",
                              teleai__params_add(&params, teleai__value_uuid(user_id), TELEAI__OID_UUID));
    teleai__page_add(&with, &sql, &params, "activity_timestamp", "resource_id", limit);
    return run_list(client, key, &sql, key, page_variant(&with) | (user_id != NULL), &params, &activity_row, &with, out,
                    error);
}

teleai_status teleai_activities_to_arrow(const teleai_activities *list, struct ArrowSchema *schema,
                                         struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&activity_row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_activities_free(teleai_activities *list) { teleai__arena_free(list); }

/* ---- what waits ---- */

static const char *const queue_types[] = {"audio_files", "transcriptions", "analyses"};
static const teleai__labels queue_labels = TELEAI__LABELS("text", queue_types);

const char *teleai_queue_type_name(int32_t type) { return teleai__label_name(&queue_labels, type); }

#define RECORD teleai_queue_status
static const teleai__column queue_columns[] = {
    TELEAI__COLUMN_LABEL("queue_type", queue_type, queue_labels),
    TELEAI__COLUMN_TEXT("status", status_name),
    TELEAI__COLUMN_COUNT("count", count),
    TELEAI__COLUMN_TIME("oldest_item", oldest_item_us),
    TELEAI__COLUMN_TIME("newest_item", newest_item_us),
};
#undef RECORD

/* The code of the status depends on the kind of queue. */
static teleai_status finish_queue(teleai__arena *arena, void *record, const PGresult *result, int at, int first_column,
                                  int *wrong) {
    (void)arena, (void)result, (void)at, (void)first_column, (void)wrong;
    teleai_queue_status *queue = record;
    const teleai__labels *labels = queue->queue_type == TELEAI_QUEUE_AUDIO_FILES      ? &teleai__audio_file_statuses
                                   : queue->queue_type == TELEAI_QUEUE_TRANSCRIPTIONS ? &teleai__transcription_statuses
                                                                                      : &teleai__analysis_statuses;
    for (int32_t i = 0; queue->status_name != NULL && i < labels->count; i++)
        if (strcmp(labels->names[i], queue->status_name) == 0)
            queue->status = i + 1;
    return TELEAI_OK;
}

static const teleai__row queue_row = {.noun = "queue",
                                      .size = sizeof(teleai_queue_status),
                                      .columns = queue_columns,
                                      .count = (int)TELEAI__COUNT(queue_columns),
                                      .finish = finish_queue};

teleai_status teleai_queue_status_list(teleai_client *client, teleai_queue_statuses **out, teleai_error *error) {
    static const char text[] = "select queue_type, status, count, oldest_item, newest_item\n"
                               "  from processing_queue_status\n"
                               " where tenant_id = $1\n"
                               " order by queue_type, status";
    teleai__forget_out(out);
    teleai__params params;
    teleai__params_begin(&params, client);
    teleai__sql sql = {.text = (char *)(uintptr_t)text};
    return run_list(client, "queue_status_list", &sql, text, 0, &params, &queue_row, NULL, out, error);
}

teleai_status teleai_queue_statuses_to_arrow(const teleai_queue_statuses *list, struct ArrowSchema *schema,
                                             struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&queue_row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_queue_statuses_free(teleai_queue_statuses *list) { teleai__arena_free(list); }

/* ---- how far each file is ---- */

static const char *const pipeline_statuses[] = {"failed",
                                                "completed",
                                                "analysis_in_progress",
                                                "transcription_completed",
                                                "transcription_in_progress",
                                                "audio_ready",
                                                "audio_processing",
                                                "uploaded"};
static const teleai__labels pipeline_labels = TELEAI__LABELS("text", pipeline_statuses);

const char *teleai_pipeline_status_name(int32_t status) { return teleai__label_name(&pipeline_labels, status); }

#define RECORD teleai_pipeline
static const teleai__column pipeline_columns[] = {
    TELEAI__COLUMN_UUID("audio_file_id", audio_file_id),
    TELEAI__COLUMN_UUID("user_id", user_id),
    TELEAI__COLUMN_TEXT("file_name", file_name),
    TELEAI__COLUMN_LABEL("audio_status", audio_status, teleai__audio_file_statuses),
    TELEAI__COLUMN_TIME("audio_uploaded_at", audio_uploaded_at_us),
    TELEAI__COLUMN_UUID_OR_NULL("transcription_id", transcription_id, has_transcription),
    TELEAI__COLUMN_LABEL_OR_NULL("transcription_status", transcription_status, teleai__transcription_statuses),
    TELEAI__COLUMN_TIME_OR_NULL("transcription_created_at", transcription_created_at_us, has_transcription),
    TELEAI__COLUMN_UUID_OR_NULL("analysis_id", analysis_id, has_analysis),
    TELEAI__COLUMN_LABEL_OR_NULL("analysis_status", analysis_status, teleai__analysis_statuses),
    TELEAI__COLUMN_TEXT_OR_NULL("analysis_type", analysis_type),
    TELEAI__COLUMN_TIME_OR_NULL("analysis_created_at", analysis_created_at_us, has_analysis),
    TELEAI__COLUMN_LABEL("pipeline_status", pipeline_status, pipeline_labels),
};
#undef RECORD

/* A file has a row for each transcription and analysis: the innermost id there is tells rows apart. */
static void pipeline_key(const void *record, teleai__cursor *cursor) {
    const teleai_pipeline *pipeline = record;
    cursor->time_us = pipeline->audio_uploaded_at_us;
    cursor->id = pipeline->has_analysis        ? pipeline->analysis_id
                 : pipeline->has_transcription ? pipeline->transcription_id
                                               : pipeline->audio_file_id;
}

static const teleai__row pipeline_row = {.noun = "pipeline",
                                         .size = sizeof(teleai_pipeline),
                                         .columns = pipeline_columns,
                                         .count = (int)TELEAI__COUNT(pipeline_columns),
                                         .key = pipeline_key};

#define INPUT teleai_pipeline_filter
static const teleai__field pipeline_filters[] = {
    {"user_id", "user_id = $?", TELEAI__FIELD_UUID(user_id, 0)},
    {"pipeline_status", "pipeline_status = $?", TELEAI__FIELD_LABEL(pipeline_status, pipeline_labels)},
};
#undef INPUT

teleai_status teleai_pipeline_list(teleai_client *client, const teleai_pipeline_filter *filter, const teleai_page *page,
                                   teleai_pipelines **out, teleai_error *error) {
    static const char key[] = "pipeline_list";
    teleai__forget_out(out);
    teleai_pipeline_filter given;
    teleai__page with;
    teleai_status status = teleai__read_options(&given, sizeof given, filter, "filter", error);
    if (status == TELEAI_OK)
        status = teleai__fields_check(pipeline_filters, TELEAI__COUNT(pipeline_filters), &given, error);
    if (status == TELEAI_OK)
        status = teleai__page_read_by_time(page, TELEAI__CURSOR_PIPELINE, &with, error);
    if (status != TELEAI_OK)
        return status;
    teleai__params params;
    teleai__params_begin(&params, client);
    int limit = add_limit(&params, &with);
    teleai__sql sql;
    char text[TELEAI__SQL_BYTES];
    teleai__sql_init(&sql, text, sizeof text);
    teleai__sql_add(&sql,
                    "select audio_file_id, user_id, file_name, audio_status, audio_uploaded_at, transcription_id, "
                    "transcription_status, transcription_created_at, analysis_id, analysis_status, analysis_type, "
                    "analysis_created_at, pipeline_status\n"
                    "  from file_processing_pipeline\n"
                    " where tenant_id = $1");
    sql.has_condition = true;
    uint64_t variant = teleai__sql_add_filter(&sql, pipeline_filters, TELEAI__COUNT(pipeline_filters), &given, &params);
    if (given.unfinished) {
        teleai__sql_and(&sql);
        teleai__sql_add(&sql, "pipeline_status <> 'completed'");
        variant |= UINT64_C(1) << 8;
    }
    teleai__page_add(&with, &sql, &params, "audio_uploaded_at",
                     "coalesce(analysis_id, transcription_id, audio_file_id)", limit);
    return run_list(client, key, &sql, key, variant | page_variant(&with), &params, &pipeline_row, &with, out, error);
}

teleai_status teleai_pipelines_to_arrow(const teleai_pipelines *list, struct ArrowSchema *schema,
                                        struct ArrowArray *array, teleai_error *error) {
    return teleai__list_to_arrow(&pipeline_row, list, TELEAI__ARROW_MOST_BYTES, schema, array, error);
}

void teleai_pipelines_free(teleai_pipelines *list) { teleai__arena_free(list); }
