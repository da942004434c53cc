/*
 * The library against one server, for check_versions.sh: versions CONNECTION FILE, on an empty database. Migrates up,
 * down and up, uses every noun, search and statistics, writes to FILE what the schema is made of, and takes
 * everything back.
 */
#include "../fault/check.h"
#include "harness.h"

static teleai_client *db;
static teleai_client *owner; /* under row security: somebody it does not bind */
static teleai_error error;
static const char *connection;

/* The schema as the server describes it, in whose words views and defaults come out; names and order do not depend on it. */
static char *describe(void) {
    static const char sql[] =
        "select string_agg(x, e'\\n' order by x) from (\n"
        "select format('table %s: %s', relname, array_remove(reloptions, "
        "'autovacuum_vacuum_insert_scale_factor=0.02')) from pg_class where "
        "relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm') union all\n"
        "select format('column %s.%s: %s %s %s %s, %s', relname, attname, row_number() over (partition by c.oid order "
        "by "
        "attnum), format_type(atttypid, atttypmod), "
        "attnotnull, "
        "pg_get_expr(adbin, adrelid), col_description(c.oid, attnum)) from pg_attribute a join pg_class c on c.oid = "
        "attrelid left join "
        "pg_attrdef on adrelid = attrelid and adnum = attnum where relnamespace = 'public'::regnamespace and attnum > "
        "0 and not attisdropped and relkind in ('r', "
        "'v', 'm') union all\n"
        "select format('constraint %s.%s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from "
        "pg_constraint where connamespace = "
        "'public'::regnamespace and contype <> 'n' union all\n"
        "select format('index %s: %s, %s', relname, pg_get_indexdef(oid), obj_description(oid)) from pg_class where "
        "relnamespace = "
        "'public'::regnamespace and relkind = 'i' union all\n"
        "select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal union all\n"
        "select format('enumeration %s: %s', enumtypid::regtype, string_agg(enumlabel, ' ' order by enumsortorder)) "
        "from pg_enum group by "
        "enumtypid union all\n"
        "select format('extension %s: %s', extname, obj_description(oid)) from pg_extension where extname <> 'plpgsql' "
        "union all\n"
        "select format('view %s: %s', viewname, replace(definition, e'\\n', ' ')) from pg_views where schemaname = "
        "'public' union all\n"
        "select format('function %s: %s %s %s', proname, prosecdef, proconfig, prosrc) from pg_proc where proname = "
        "'set_updated_at' or proname like 'teleai%') all_there "
        "(x)";
    PGconn *raw = PQconnectdb(connection);
    PGresult *result = PQexec(raw, sql);
    CHECK(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(raw));
    char *text = strdup(PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(raw);
    return text;
}

static void migrate(const char *file) {
    char *before = describe();
    GIVES(teleai_migrate_up(db, &error), TELEAI_OK);
    char *first = describe();
    CHECK(strstr(first, "index transcriptions_text_search_idx") != NULL &&
              strstr(first, "table daily_usage_stats") != NULL &&
              strstr(first, "constraint analyses.analyses_tenant_audio_file_id_fkey") != NULL &&
              strstr(first, "function teleai_count_users: t") != NULL,
          "%s", first);
    for (int64_t version = harness_newest_version() - 1; version >= 2; version--)
        GIVES(teleai_migrate_down(db, &error), TELEAI_OK);
    GIVES(teleai_migrate_up(db, &error), TELEAI_OK);
    char *second = describe();
    CHECK(strcmp(first, second) == 0, "down to 002 and up changed the schema");
    GIVES(teleai_migrate_to(db, 0, &error), TELEAI_OK);
    char *emptied = describe();
    CHECK(strcmp(before, emptied) == 0, "left behind: %s", emptied);
    GIVES(teleai_migrate_up(db, &error), TELEAI_OK);
    char *third = describe();
    CHECK(strcmp(first, third) == 0, "all down and up changed the schema");
    FILE *out = fopen(file, "w");
    if (CHECK(out != NULL, "%s", file)) {
        fprintf(out, "%s\n", third);
        fclose(out);
    }
    free(before), free(first), free(second), free(emptied), free(third);
}

static void use_users_and_sessions(teleai_uuid *id) {
    teleai_user_input input = {
        .struct_size = sizeof input, .email = "ann@example.org", .full_name = "Ann", .password = "correct horse"};
    teleai_user *made = NULL, *found = NULL;
    if (!GIVES(teleai_user_create(db, &input, &made, &error), TELEAI_OK))
        exit(1);
    *id = made->id;
    GIVES(teleai_user_login(db, "ANN@example.org", "correct horse", &found, &error), TELEAI_OK);
    teleai_user_free(found);
    teleai_update_options guarded = {.struct_size = sizeof guarded, .if_unchanged_since_us = made->updated_at_us};
    input.full_name = "Ann Other";
    GIVES(teleai_user_update(db, id, &input, TELEAI_USER_FIELD_FULL_NAME, &guarded, &found, &error), TELEAI_CONFLICT);
    GIVES(teleai_user_update(db, id, &input, TELEAI_USER_FIELD_FULL_NAME, NULL, &found, &error), TELEAI_OK);
    CHECK(found != NULL && strcmp(found->full_name, "Ann Other") == 0, "not updated");
    teleai_user_free(found);
    teleai_user_free(made);
    GIVES(teleai_user_create(db, &input, NULL, &error), TELEAI_ALREADY_EXISTS);
    CHECK(strcmp(error.constraint, "users_email_key") == 0, "%s", error.constraint);

    teleai_session_input login = {.struct_size = sizeof login, .user_id = id, .ip_address = "2001:db8::1"};
    teleai_session *session = NULL;
    teleai_identity *identity = NULL;
    GIVES(teleai_session_create(db, &login, &session, &error), TELEAI_OK);
    GIVES(teleai_session_check(db, session->token, &identity, &error), TELEAI_OK);
    CHECK(identity != NULL && strcmp(identity->session->ip_address, "2001:db8::1") == 0, "address");
    teleai_identity_free(identity);
    teleai_session_free(session);
}

static void use_files_to_analyses(const teleai_uuid *user, teleai_uuid *file, teleai_uuid *transcription) {
    harness_audio_file(db, user, file);
    GIVES(teleai_audio_file_start(db, file, NULL, &error), TELEAI_OK);
    GIVES(teleai_audio_file_complete(db, file, NULL, &error), TELEAI_OK);
    GIVES(teleai_audio_file_complete(db, file, NULL, &error), TELEAI_CONFLICT);
    teleai_transcription_input input = {
        .struct_size = sizeof input, .audio_file_id = file, .user_id = user, .language_code = "en", .engine = "test"};
    teleai_transcription_input result = {
        .struct_size = sizeof result, .text = "The heart rate was high", .confidence = 0.9, .has_confidence = true};
    teleai_transcription *made = NULL;
    GIVES(teleai_transcription_create(db, &input, &made, &error), TELEAI_OK);
    *transcription = made->id;
    teleai_transcription_free(made);
    GIVES(teleai_transcription_start(db, transcription, NULL, &error), TELEAI_OK);
    GIVES(teleai_transcription_complete(db, transcription, &result, &made, &error), TELEAI_OK);
    CHECK(made != NULL && made->word_count == 5 && made->confidence == 0.9, "not completed");
    teleai_transcription_free(made);
    const char *const phrases[] = {"heart rate", "high \"up\"", NULL};
    teleai_analysis_input analysis = {.struct_size = sizeof analysis,
                                      .transcription_id = transcription,
                                      .audio_file_id = file,
                                      .user_id = user,
                                      .analysis_type = "mood",
                                      .engine = "test",
                                      .key_phrases = phrases,
                                      .key_phrase_count = 3,
                                      .entities_json = "[{\"text\": \"heart\", \"start_ms\": 5}]"};
    teleai_analysis *kept = NULL;
    GIVES(teleai_analysis_create(db, &analysis, &kept, &error), TELEAI_OK);
    CHECK(kept != NULL && kept->key_phrase_count == 3 && kept->key_phrases[2] == NULL &&
              strcmp(kept->key_phrases[1], "high \"up\"") == 0 && kept->entity_count == 1 &&
              kept->entities[0].start_ms == 5,
          "not as it was given");
    teleai_analysis_free(kept);
    teleai_transcription_input many[2] = {input, input};
    teleai_transcriptions *list = NULL;
    GIVES(teleai_transcription_create_many(db, many, 2, NULL, &list, &error), TELEAI_OK);
    CHECK(list != NULL && list->count == 2, "not two");
    teleai_transcriptions_free(list);
}

static void use_search_and_statistics(const teleai_uuid *user, const teleai_uuid *transcription) {
    teleai_transcriptions *list = NULL;
    for (int32_t order = 0; order <= 1; order++) {
        teleai_search_options options = {.struct_size = sizeof options, .order = order, .user_id = user};
        teleai_search_hits *hits = NULL;
        GIVES(teleai_search_transcriptions(db, "\"heart rates\" or puls* -nothing", &options, &hits, &error),
              TELEAI_OK);
        CHECK(hits != NULL && hits->count == 1 && teleai_uuid_equal(&hits->items[0]->transcription_id, transcription) &&
                  strcmp(hits->items[0]->snippet_marked, "The [heart] [rate] was high") == 0,
              "%s", hits == NULL || hits->count == 0 ? "nothing" : hits->items[0]->snippet_marked);
        teleai_search_hits_free(hits);
    }
    GIVES(teleai_search_keywords(db, "rate heart", NULL, &list, &error), TELEAI_OK);
    CHECK(list != NULL && list->count == 1, "not one");
    teleai_transcriptions_free(list);

    teleai_user_stats *stats = NULL;
    teleai_daily_usages *days = NULL;
    teleai_activities *activities = NULL;
    teleai_queue_statuses *queues = NULL;
    teleai_pipelines *pipelines = NULL;
    teleai_page pairs = {.struct_size = sizeof pairs, .limit = 2};
    GIVES(teleai_user_stats_get(db, user, &stats, &error), TELEAI_OK);
    CHECK(stats != NULL && stats->total_files == 1 && stats->total_transcriptions == 3 &&
              stats->total_storage_bytes == 1000,
          "totals");
    GIVES(teleai_daily_usage_refresh(owner == NULL ? db : owner, &error), TELEAI_OK);
    GIVES(teleai_daily_usage_list(db, 0, 0, &days, &error), TELEAI_OK);
    CHECK(days != NULL && days->count == 1 && days->items[0]->total_uploads == 1, "days");
    GIVES(teleai_activity_list(db, user, &pairs, &activities, &error), TELEAI_OK);
    CHECK(activities != NULL && activities->count == 2 && activities->next_cursor != NULL, "activities");
    GIVES(teleai_queue_status_list(db, &queues, &error), TELEAI_OK);
    CHECK(queues != NULL && queues->count == 4, "queues");
    GIVES(teleai_pipeline_list(db, NULL, &pairs, &pipelines, &error), TELEAI_OK);
    CHECK(pipelines != NULL && pipelines->count == 2 && pipelines->next_cursor != NULL, "pipelines");
    teleai_user_stats_free(stats);
    teleai_daily_usages_free(days);
    teleai_activities_free(activities);
    teleai_queue_statuses_free(queues);
    teleai_pipelines_free(pipelines);
}

static void use_transactions(const teleai_uuid *user) {
    teleai_transaction_options options = {.struct_size = sizeof options, .isolation = TELEAI_ISOLATION_SERIALIZABLE};
    teleai_client *outer = NULL, *inner = NULL;
    teleai_uuid file;
    int64_t count = 0;
    GIVES(teleai_transaction_begin(db, &options, &outer, &error), TELEAI_OK);
    harness_audio_file(outer, user, &file);
    GIVES(teleai_transaction_begin(outer, NULL, &inner, &error), TELEAI_OK);
    harness_audio_file(inner, user, &file);
    GIVES(teleai_transaction_rollback(inner, &error), TELEAI_OK);
    GIVES(teleai_transaction_commit(outer, &error), TELEAI_OK);
    teleai_close(inner);
    teleai_close(outer);
    GIVES(teleai_audio_file_count(db, NULL, &count, &error), TELEAI_OK);
    CHECK(count == 2, "%d files", (int)count);
}

/* Every check can be made, by whoever may see all; rows can be summed up. */
static void use_care(void) {
    teleai_health_findings *findings = NULL;
    teleai_table_checksums *sums = NULL;
    if (GIVES(teleai_health_check(db, NULL, &findings, &error), TELEAI_OK))
        for (size_t i = 0; i < findings->count; i++)
            CHECK(strstr(findings->items[i]->message, "could not be looked at") == NULL || owner != NULL, "%s: %s",
                  findings->items[i]->check, findings->items[i]->message);
    if (GIVES(teleai_table_checksum_list(owner == NULL ? db : owner, &sums, &error), TELEAI_OK))
        CHECK(sums->count >= 8, "%zu", sums->count);
    teleai_health_findings_free(findings);
    teleai_table_checksums_free(sums);
}

static void use_everything(void) {
    teleai_uuid user, file, transcription;
    use_care();
    use_users_and_sessions(&user);
    use_files_to_analyses(&user, &file, &transcription);
    use_search_and_statistics(&user, &transcription);
    use_transactions(&user);
    GIVES(teleai_user_delete(db, &user, &error), TELEAI_OK);
}

/* The same in a tenant of its own, as the role that the server keeps to it. */
static void use_everything_under_row_security(void) {
    char as_app[600];
    teleai_tenant *tenant = NULL;
    teleai_tenant_input input = {.struct_size = sizeof input, .name = "Acme", .slug = "acme"};
    if (!GIVES(teleai_tenant_create(db, &input, &tenant, &error), TELEAI_OK))
        return;
    teleai_options options = {.struct_size = sizeof options,
                              .password_memory_kib = 19456,
                              .tenant_id = &tenant->id,
                              .require_row_security = true};
    GIVES(teleai_row_security_enable(db, &error), TELEAI_OK);
    snprintf(as_app, sizeof as_app, "%s user=teleai_app", connection);
    owner = db;
    if (GIVES(teleai_open(as_app, &options, &db, &error), TELEAI_OK)) {
        use_everything();
        teleai_close(db);
    }
    db = owner;
    owner = NULL;
    GIVES(teleai_row_security_disable(db, &error), TELEAI_OK);
    teleai_tenant_job *job = NULL;
    teleai_tenant_progress progress = {0};
    GIVES(teleai_tenant_delete_open(db, &tenant->id, &job, &error), TELEAI_OK);
    while (job != NULL && !progress.done && GIVES(teleai_tenant_job_step(job, &progress, &error), TELEAI_OK))
        continue;
    teleai_tenant_job_close(job);
    teleai_tenant_free(tenant);
}

/* On a server whose extensions are not installed: said so, with what to install, and nothing is left half-made. */
static void meet_missing_extension(void) {
    GIVES(teleai_migrate_up(db, &error), TELEAI_UNSUPPORTED);
    CHECK(strstr(error.message, "uuid-ossp") != NULL && strstr(error.message, "postgresql-contrib") != NULL, "%s",
          error.message);
    teleai_migration_status *status;
    if (GIVES(teleai_migrate_status(db, &status, &error), TELEAI_OK))
        CHECK(status->current_version == 0 && !status->dirty, "version %d", (int)status->current_version);
    teleai_migration_status_free(status);
    GIVES(teleai_ping(db, &error), TELEAI_OK);
}

int main(int count, char **arguments) {
    if (count != 3)
        return 2;
    connection = arguments[1];
    teleai_options options = {
        .struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE, .password_memory_kib = 19456};
    if (!GIVES(teleai_open(connection, &options, &db, &error), TELEAI_OK))
        return 1;
    if (strcmp(arguments[2], "--without-extension") == 0) {
        meet_missing_extension();
        teleai_close(db);
        return check_failures > 0;
    }
    migrate(arguments[2]);
    use_everything();
    use_everything_under_row_security();
    GIVES(teleai_migrate_to(db, 0, &error), TELEAI_OK);
    teleai_close(db);
    return check_failures > 0;
}
