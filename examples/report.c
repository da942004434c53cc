/*
 * The statistics as tables: users, days, activity, queues, pipeline, and the client's own connection pool.
 *
 *     report CONNECTION
 *
 * A tool for operators, who have the database's keys. A server that answers users asks teleai_user_check_permission()
 * first, as session.c shows.
 */
#include "common.h"

typedef struct moment {
    char text[32];
} moment;

static moment utc(int64_t time_us) {
    moment out;
    struct tm parts;
    time_t seconds = (time_t)(time_us / 1000000);
    strftime(out.text, sizeof out.text, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &parts));
    return out;
}

static void bar(int64_t value, int64_t largest) {
    enum { WIDTH = 30 };
    int length = largest > 0 ? (int)(value * WIDTH / largest) : 0;
    for (int i = 0; i < (length > 0 ? length : 1); i++)
        fputs("█", stdout);
    putchar('\n');
}

static int users(teleai_client *client) {
    teleai_error error;
    teleai_users_stats *list = NULL;
    if (teleai_user_stats_list(client, NULL, &list, &error) != TELEAI_OK)
        return fail("reading the users' statistics", &error);
    printf("\nUsers\n  %-22s %6s %15s %9s %10s %9s  %s\n", "e-mail", "files", "transcriptions", "analyses",
           "stored KiB", "audio s", "last upload (UTC)");
    for (size_t i = 0; i < list->count; i++) {
        const teleai_user_stats *user = list->items[i];
        printf("  %-22s %6lld %15lld %9lld %10.1f %9.1f  %s\n", user->email, (long long)user->total_files,
               (long long)user->total_transcriptions, (long long)user->total_analyses,
               (double)user->total_storage_bytes / 1024, (double)user->total_duration_ms / 1000,
               user->has_last_upload_at ? utc(user->last_upload_at_us).text : "-");
    }
    teleai_users_stats_free(list);
    return 0;
}

static int days(teleai_client *client) {
    teleai_error error;
    teleai_daily_usages *list = NULL;
    /* The days are kept in a materialized view: cheap to read at any size, as new as its last refresh. */
    if (teleai_daily_usage_refresh(client, &error) != TELEAI_OK ||
        teleai_daily_usage_list(client, 0, 0, &list, &error) != TELEAI_OK)
        return fail("reading the daily usage", &error);
    int64_t largest = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->total_audio_ms > largest)
            largest = list->items[i]->total_audio_ms;
    printf("\nDaily usage (UTC)\n  %-10s %6s %8s %10s %9s %9s  %s\n", "day", "users", "uploads", "KiB", "audio s",
           "average s", "audio");
    for (size_t i = 0; i < list->count; i++) {
        const teleai_daily_usage *day = list->items[i];
        printf("  %-10s %6lld %8lld %10.1f %9.1f %9.1f  ", day->date, (long long)day->active_users,
               (long long)day->total_uploads, (double)day->total_bytes_uploaded / 1024,
               (double)day->total_audio_ms / 1000, (double)day->avg_audio_ms / 1000);
        bar(day->total_audio_ms, largest);
    }
    teleai_daily_usages_free(list);
    return 0;
}

static bool same_activity(const teleai_activity *a, const teleai_activity *b) {
    return a->activity_type == b->activity_type && teleai_uuid_equal(&a->user_id, &b->user_id) &&
           strcmp(a->resource_name, b->resource_name) == 0;
}

static int activity(teleai_client *client) {
    static const char *const kinds[] = {"?", "upload", "transcription", "analysis"};
    teleai_error error;
    teleai_activities *list = NULL;
    teleai_page page = {.struct_size = sizeof page, .limit = 20};
    if (teleai_activity_list(client, NULL, &page, &list, &error) != TELEAI_OK)
        return fail("reading the activity", &error);
    printf("\nLatest activity\n  %-19s  %-13s %-22s %s\n", "when (UTC)", "what", "who", "name");
    for (size_t i = 0; i < list->count; i++) {
        const teleai_activity *item = list->items[i];
        bool known = item->activity_type > 0 && item->activity_type < 4;
        int times = 1; /* a batch of analyses is one line */
        while (i + 1 < list->count && same_activity(item, list->items[i + 1])) {
            times++;
            i++;
        }
        printf("  %-19s  %-13s %-22s %s", utc(item->activity_at_us).text, kinds[known ? item->activity_type : 0],
               item->email, item->resource_name);
        if (times > 1)
            printf(", %d times", times);
        printf("\n");
    }
    teleai_activities_free(list);
    return 0;
}

static int queues(teleai_client *client) {
    static const char *const kinds[] = {"?", "audio files", "transcriptions", "analyses"};
    teleai_error error;
    teleai_queue_statuses *list = NULL;
    if (teleai_queue_status_list(client, &list, &error) != TELEAI_OK)
        return fail("reading the queues", &error);
    printf("\nQueues\n  %-15s %-11s %6s  %-19s  %s\n", "of", "status", "count", "oldest (UTC)", "newest (UTC)");
    for (size_t i = 0; i < list->count; i++) {
        const teleai_queue_status *queue = list->items[i];
        bool known = queue->queue_type > 0 && queue->queue_type < 4;
        printf("  %-15s %-11s %6lld  %-19s  %s\n", kinds[known ? queue->queue_type : 0], queue->status_name,
               (long long)queue->count, utc(queue->oldest_item_us).text, utc(queue->newest_item_us).text);
    }
    teleai_queue_statuses_free(list);
    return 0;
}

static int pipeline(teleai_client *client) {
    static const char *const stages[] = {
        "?",           "failed",           "completed", "being analysed", "transcribed", "transcribing",
        "audio ready", "audio processing", "uploaded",
    };
    teleai_error error;
    teleai_pipelines *list = NULL;
    teleai_page page = {.struct_size = sizeof page, .limit = 100};
    if (teleai_pipeline_list(client, NULL, &page, &list, &error) != TELEAI_OK)
        return fail("reading the pipeline", &error);
    printf("\nPipeline\n  %-20s %-17s %-19s  %-19s  %s\n", "recording", "stage", "uploaded (UTC)", "transcription",
           "analysis");
    for (size_t i = 0; i < list->count; i++) {
        const teleai_pipeline *file = list->items[i];
        bool known = file->pipeline_status > 0 && file->pipeline_status <= TELEAI_PIPELINE_UPLOADED;
        printf("  %-20s %-17s %-19s  %-19s  %s\n", tail(file->file_name, 20), stages[known ? file->pipeline_status : 0],
               utc(file->audio_uploaded_at_us).text,
               file->has_transcription ? utc(file->transcription_created_at_us).text : "-",
               file->has_analysis ? utc(file->analysis_created_at_us).text : "-");
    }
    if (list->next_cursor != NULL)
        printf("  ...\n");
    teleai_pipelines_free(list);
    return 0;
}

static int pool(teleai_client *client) {
    teleai_error error;
    teleai_pool_stats stats;
    if (teleai_pool_stats_get(client, &stats, &error) != TELEAI_OK)
        return fail("reading the pool's counters", &error);
    printf("\nConnection pool of this program\n");
    printf("  connections   %d open of at most %d, %d idle; %lld opened, %lld failed to open, %lld broke\n",
           stats.open_connections, stats.max_connections, stats.idle_connections, (long long)stats.opened,
           (long long)stats.open_failures, (long long)stats.discarded);
    printf("  calls         %lld took a connection, %lld had to wait (%.1f ms together), %lld gave up\n",
           (long long)stats.acquired, (long long)stats.waited, (double)stats.wait_total_us / 1000,
           (long long)stats.timed_out);
    printf("  statements    %lld run, %lld of them prepared first\n", (long long)stats.statements_run,
           (long long)stats.statements_prepared);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s CONNECTION\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (teleai_open(argv[1], NULL, &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);
    int (*const tables[])(teleai_client *) = {users, days, activity, queues, pipeline, pool};
    int result = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        result |= tables[i](client);
    teleai_close(client);
    return result;
}
