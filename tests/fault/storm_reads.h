/* For test_isolation_storm.c: everything that can be read, each text held against the mark of the tenant that asked. */
#ifndef TELEAI_TESTS_STORM_READS_H
#define TELEAI_TESTS_STORM_READS_H

#include <pthread.h>

#include "storm_tenants.h"

#define THREADS 64
#define MOST_ROWS 60

typedef struct worker {
    unsigned int seed;
    pthread_mutex_t mutex; /* guards the scope, for who cancels */
    teleai_client *scope;  /* in which it is now, or NULL */
    teleai_uuid files[20]; /* made by this thread, */
    int owners[20], count; /* and whose they are */
} worker;

static int pick(worker *self, int below) { return (int)((unsigned int)rand_r(&self->seed) % (unsigned int)below); }

static void read_rows(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_user *user = NULL;
    teleai_audio_file *file = NULL;
    teleai_transcription *text = NULL;
    teleai_analysis *analysis = NULL;
    switch (pick(self, 4)) {
    case 0:
        if (WELL(own, teleai_user_get_by_email(db, own->email, &user, &error)))
            OWN(own, user->email, "user");
        break;
    case 1:
        if (WELL(own, teleai_audio_file_get(db, &own->file, &file, &error)))
            OWN(own, file->file_name, "file");
        break;
    case 2:
        if (WELL(own, teleai_transcription_get(db, &own->transcription, &text, &error)))
            OWN(own, text->text, "transcription");
        break;
    default:
        if (WELL(own, teleai_analysis_get(db, &own->analysis, &analysis, &error)))
            OWN(own, analysis->summary, "analysis");
    }
    teleai_user_free(user);
    teleai_audio_file_free(file);
    teleai_transcription_free(text);
    teleai_analysis_free(analysis);
}

#define EACH(list, text, what)                 \
    for (size_t i = 0; i < (list)->count; i++) \
    OWN(own, (list)->items[i]->text, what)

static void list_rows(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_page page = {.struct_size = sizeof page, .limit = MOST_ROWS, .order = pick(self, 4)};
    teleai_users *users = NULL;
    teleai_sessions *sessions = NULL;
    teleai_audio_files *files = NULL;
    teleai_transcriptions *texts = NULL;
    teleai_analyses *analyses = NULL;
    switch (pick(self, 5)) {
    case 0:
        if (WELL(own, teleai_user_list(db, NULL, &page, &users, &error)))
            EACH(users, email, "users");
        CHECK(users == NULL || users->count > 0, "no users");
        break;
    case 1:
        if (WELL(own, teleai_session_list(db, NULL, &page, &sessions, &error)))
            EACH(sessions, user_agent, "sessions");
        break;
    case 2:
        if (WELL(own, teleai_audio_file_list(db, NULL, &page, &files, &error)))
            EACH(files, file_name, "files");
        CHECK(files == NULL || files->count > 0, "no files");
        break;
    case 3:
        if (WELL(own, teleai_transcription_list(db, NULL, &page, &texts, &error)))
            EACH(texts, text, "transcriptions");
        break;
    default:
        if (WELL(own, teleai_analysis_list(db, NULL, &page, &analyses, &error)))
            EACH(analyses, summary, "analyses");
    }
    teleai_users_free(users);
    teleai_sessions_free(sessions);
    teleai_audio_files_free(files);
    teleai_transcriptions_free(texts);
    teleai_analyses_free(analyses);
}

static void search_rows(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_search_hits *hits = NULL;
    teleai_transcriptions *found = NULL;
    const tenant *other = &tenants[pick(self, TENANTS)];
    teleai_search_options options = {.struct_size = sizeof options, .order = pick(self, 2), .limit = MOST_ROWS};
    switch (pick(self, 3)) {
    case 0:
        if (WELL(own, teleai_search_transcriptions(db, "heart rate", &options, &hits, &error)))
            for (size_t i = 0; i < hits->count; i++) {
                OWN(own, hits->items[i]->snippet, "snippet");
                OWN(own, hits->items[i]->file_name, "file of a hit");
                OWN(own, hits->items[i]->engine, "engine of a hit");
            }
        CHECK(hits == NULL || hits->total > 0, "no hits");
        break;
    case 1:
        if (WELL(own, teleai_search_transcriptions(db, other->mark, &options, &hits, &error)))
            CHECK((hits->total == 0) == (other != own), "%lld of %s in %s", (long long)hits->total, other->mark,
                  own->mark);
        break;
    default:
        if (WELL(own, teleai_search_keywords(db, "heart", NULL, &found, &error)))
            EACH(found, text, "found");
    }
    teleai_search_hits_free(hits);
    teleai_transcriptions_free(found);
}

static void read_statistics(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_page page = {.struct_size = sizeof page, .limit = MOST_ROWS};
    teleai_user_stats *stats = NULL;
    teleai_users_stats *all = NULL;
    teleai_activities *feed = NULL;
    teleai_pipelines *pipelines = NULL;
    teleai_queue_statuses *queues = NULL;
    teleai_daily_usages *days = NULL;
    int64_t count = 0;
    switch (pick(self, 7)) {
    case 0:
        if (WELL(own, teleai_user_stats_get(db, &own->user, &stats, &error)))
            OWN(own, stats->email, "statistics");
        break;
    case 1:
        if (WELL(own, teleai_user_stats_list(db, &page, &all, &error)))
            EACH(all, email, "statistics of all");
        break;
    case 2:
        if (WELL(own, teleai_activity_list(db, NULL, &page, &feed, &error)))
            EACH(feed, resource_name, "activities");
        break;
    case 3:
        if (WELL(own, teleai_pipeline_list(db, NULL, &page, &pipelines, &error)))
            EACH(pipelines, file_name, "pipeline");
        break;
    case 4:
        if (WELL(own, teleai_queue_status_list(db, &queues, &error)))
            for (size_t i = 0; i < queues->count; i++)
                CHECK(queues->items[i]->queue_type != TELEAI_QUEUE_TRANSCRIPTIONS ||
                          queues->items[i]->status == TELEAI_TRANSCRIPTION_COMPLETED,
                      "a status that it has not");
        break;
    case 5:
        if (WELL(own, teleai_daily_usage_list(db, 0, 0, &days, &error)))
            CHECK(days->count == 1 && days->items[0]->total_uploads == 1 && days->items[0]->active_users == 1,
                  "%zu days", days->count);
        break;
    default:
        /* They are only ever added, one by one: no more than are noted, and those that threads are about to note. */
        if (WELL(own, teleai_analysis_count(db, NULL, &count, &error)))
            CHECK(count >= 1 && count <= own->tallies[ANALYSES].sure + own->tallies[ANALYSES].unknown + THREADS,
                  "%lld analyses", (long long)count);
    }
    teleai_user_stats_free(stats);
    teleai_users_stats_free(all);
    teleai_activities_free(feed);
    teleai_pipelines_free(pipelines);
    teleai_queue_statuses_free(queues);
    teleai_daily_usages_free(days);
}

static void stream_rows(worker *self, teleai_client *db, tenant *own) {
    teleai_error error;
    teleai_stream *stream = NULL;
    teleai_page page = {.struct_size = sizeof page, .limit = 5, .order = pick(self, 2)};
    if (!WELL(own, teleai_audio_file_stream(db, NULL, &page, &stream, &error)))
        return;
    for (int piece = 0; piece < 4; piece++) {
        teleai_audio_files *files = NULL;
        if (!WELL(own, teleai_audio_file_stream_next(stream, &files, &error)) || files == NULL)
            break;
        EACH(files, file_name, "stream");
        teleai_audio_files_free(files);
    }
    teleai_stream_close(stream);
}

#endif
