/* The layout that programs were compiled against: each public struct's size on 64-bit systems, its members in order, and no
 * gaps between them. Appending a member changes a size here; nothing else may ever change. */
#include <criterion/criterion.h>
#include <string.h>

#include "teleai.h"

typedef struct member {
    const char *name;
    size_t offset, size;
} member;

/* Of STRUCT, which each test defines. */
#define M(member) \
    { #member, offsetof(STRUCT, member), sizeof(((STRUCT *)0)->member) }

static void check(const char *name, size_t size, size_t expected, const member *members, size_t count) {
    size_t end = 0;
    cr_expect(size == expected, "%s has %zu bytes, %zu were expected", name, size, expected);
    for (size_t i = 0; i < count; i++) {
        cr_expect(members[i].offset == end, "%s.%s begins at %zu, %zu was expected", name, members[i].name,
                  members[i].offset, end);
        end = members[i].offset + members[i].size;
    }
    cr_expect(end == size, "%s has %zu bytes behind its last member", name, size - end);
}

#define LAYOUT(bytes, ...)                                                                        \
    do {                                                                                          \
        static const member members[] = {__VA_ARGS__};                                            \
        check(NAME_OF(STRUCT), sizeof(STRUCT), bytes, members, sizeof members / sizeof *members); \
    } while (0)
#define NAME_OF(name) NAME(name)
#define NAME(name) #name

Test(layout, teleai_error) {
#define STRUCT teleai_error
    LAYOUT(512, M(status), M(flags), M(item), M(sqlstate), M(constraint), M(field), M(reserved), M(message));
#undef STRUCT
}

Test(layout, teleai_uuid) {
#define STRUCT teleai_uuid
    LAYOUT(16, M(bytes));
#undef STRUCT
}

Test(layout, teleai_page) {
#define STRUCT teleai_page
    LAYOUT(24, M(struct_size), M(cursor), M(limit), M(order));
#undef STRUCT
}

Test(layout, teleai_update_options) {
#define STRUCT teleai_update_options
    LAYOUT(24, M(struct_size), M(if_unchanged_since_us), M(repeat_if_lost), M(reserved));
#undef STRUCT
}

Test(layout, teleai_options) {
#define STRUCT teleai_options
    LAYOUT(128, M(struct_size), M(application_name), M(max_connections), M(min_connections), M(max_waiting),
           M(idle_timeout_ms), M(max_lifetime_ms), M(timeout_ms), M(schema), M(password_memory_kib), M(password_passes),
           M(pooler), M(connection_hook), M(connection_hook_data), M(replica_connection), M(call_hook),
           M(call_hook_data), M(slow_call_ms), M(metrics), M(require_row_security), M(reserved), M(tenant_id),
           M(interrupt_hook), M(interrupt_hook_data));
#undef STRUCT
}

Test(layout, teleai_local) {
#define STRUCT teleai_local_options
    LAYOUT(32, M(struct_size), M(timeout_ms), M(stop_in_use), M(reserved), M(interrupt_hook), M(interrupt_hook_data));
#undef STRUCT
#define STRUCT teleai_local_status
    LAYOUT(56, M(exists), M(running), M(kept), M(in_use), M(major_version), M(process_id), M(started_at_us),
           M(size_bytes), M(folder), M(data_directory), M(connection));
#undef STRUCT
}

Test(layout, teleai_health) {
#define STRUCT teleai_health_options
    LAYOUT(48, M(struct_size), M(long_transaction_ms), M(stale_ms), M(unused_index_ms), M(dead_rows_percent),
           M(connections_percent), M(only));
#undef STRUCT
#define STRUCT teleai_health_finding
    LAYOUT(40, M(check), M(subject), M(message), M(remedy), M(severity), M(reserved));
#undef STRUCT
#define STRUCT teleai_health_findings
    LAYOUT(24, M(count), M(items), M(worst), M(reserved));
#undef STRUCT
}

Test(layout, teleai_maintain) {
#define STRUCT teleai_maintenance_task
    LAYOUT(48, M(task), M(subject), M(message), M(count), M(duration_us), M(outcome), M(reserved));
#undef STRUCT
#define STRUCT teleai_maintenance
    LAYOUT(24, M(count), M(items), M(skipped));
#undef STRUCT
#define STRUCT teleai_maintain_options
    LAYOUT(32, M(struct_size), M(hook), M(hook_data), M(only_due), M(reserved));
#undef STRUCT
}

Test(layout, teleai_backup) {
#define STRUCT teleai_snapshot
    LAYOUT(8, M(id));
#undef STRUCT
#define STRUCT teleai_table_checksum
    LAYOUT(24, M(table), M(rows), M(checksum));
#undef STRUCT
#define STRUCT teleai_table_checksums
    LAYOUT(16, M(count), M(items));
#undef STRUCT
#define STRUCT teleai_connection_setting
    LAYOUT(32, M(keyword), M(value), M(variable), M(secret), M(reserved));
#undef STRUCT
#define STRUCT teleai_connection_settings
    LAYOUT(16, M(count), M(items));
#undef STRUCT
}

Test(layout, teleai_scope_options) {
#define STRUCT teleai_scope_options
    LAYOUT(48, M(struct_size), M(timeout_ms), M(total_ms), M(actor_id), M(tenant_id), M(traceparent), M(read_from),
           M(max_lag_ms));
#undef STRUCT
}

Test(layout, teleai_batch_options) {
#define STRUCT teleai_batch_options
    LAYOUT(16, M(struct_size), M(atomic), M(reserved));
#undef STRUCT
}

Test(layout, teleai_pool_stats) {
#define STRUCT teleai_pool_stats
    LAYOUT(144, M(max_connections), M(open_connections), M(idle_connections), M(waiting_calls), M(acquired), M(waited),
           M(wait_total_us), M(timed_out), M(opened), M(open_failures), M(discarded), M(statements_run),
           M(statements_prepared), M(rode), M(retired), M(behind_pooler), M(reserved));
#undef STRUCT
}

Test(layout, teleai_migration) {
#define STRUCT teleai_migration
    LAYOUT(24, M(version), M(name), M(applied), M(reserved));
#undef STRUCT
}

Test(layout, teleai_migration_status) {
#define STRUCT teleai_migration_status
    LAYOUT(40, M(current_version), M(library_version), M(dirty), M(at_work), M(foreign), M(reserved), M(count),
           M(items));
#undef STRUCT
}

Test(layout, teleai_migration_step) {
#define STRUCT teleai_migration_step
    LAYOUT(48, M(version), M(migration), M(description), M(locks), M(sql), M(up), M(reserved));
#undef STRUCT
}

Test(layout, teleai_migration_plan) {
#define STRUCT teleai_migration_plan
    LAYOUT(32, M(from_version), M(to_version), M(count), M(items));
#undef STRUCT
}

Test(layout, teleai_adoption) {
#define STRUCT teleai_adoption
    LAYOUT(32, M(count), M(items), M(note_count), M(notes));
#undef STRUCT
}

Test(layout, teleai_adoption_note) {
#define STRUCT teleai_adoption_note
    LAYOUT(24, M(subject), M(message), M(remedy));
#undef STRUCT
}

Test(layout, teleai_adopt_options) {
#define STRUCT teleai_adopt_options
    LAYOUT(16, M(struct_size), M(dry_run), M(reserved));
#undef STRUCT
}

Test(layout, teleai_transaction_options) {
#define STRUCT teleai_transaction_options
    LAYOUT(16, M(struct_size), M(isolation), M(read_only), M(reserved));
#undef STRUCT
}

Test(layout, teleai_user) {
#define STRUCT teleai_user
    LAYOUT(80, M(id), M(email), M(full_name), M(last_login_at_us), M(created_at_us), M(updated_at_us), M(role),
           M(is_active), M(has_last_login_at), M(reserved), M(tenant_id));
#undef STRUCT
}

Test(layout, teleai_users) {
#define STRUCT teleai_users
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_user_input) {
#define STRUCT teleai_user_input
    LAYOUT(48, M(struct_size), M(id), M(email), M(full_name), M(password), M(role), M(is_active), M(has_is_active),
           M(reserved));
#undef STRUCT
}

Test(layout, teleai_user_filter) {
#define STRUCT teleai_user_filter
    LAYOUT(48, M(struct_size), M(created_from_us), M(created_until_us), M(role), M(is_active), M(has_is_active),
           M(reserved), M(id_from), M(id_until));
#undef STRUCT
}

Test(layout, teleai_session) {
#define STRUCT teleai_session
    LAYOUT(80, M(id), M(user_id), M(token), M(ip_address), M(user_agent), M(expires_at_us), M(created_at_us),
           M(updated_at_us));
#undef STRUCT
}

Test(layout, teleai_sessions) {
#define STRUCT teleai_sessions
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_identity) {
#define STRUCT teleai_identity
    LAYOUT(16, M(session), M(user));
#undef STRUCT
}

Test(layout, teleai_session_input) {
#define STRUCT teleai_session_input
    LAYOUT(48, M(struct_size), M(id), M(user_id), M(ip_address), M(user_agent), M(expires_at_us));
#undef STRUCT
}

Test(layout, teleai_session_filter) {
#define STRUCT teleai_session_filter
    LAYOUT(56, M(struct_size), M(user_id), M(created_from_us), M(created_until_us), M(include_expired), M(reserved),
           M(id_from), M(id_until));
#undef STRUCT
}

Test(layout, teleai_audio_file) {
#define STRUCT teleai_audio_file
    LAYOUT(152, M(id), M(user_id), M(file_name), M(file_path), M(mime_type), M(error_message), M(metadata_json),
           M(file_size_bytes), M(duration_ms), M(upload_completed_at_us), M(processing_started_at_us),
           M(processing_completed_at_us), M(created_at_us), M(updated_at_us), M(sample_rate_hz), M(channels),
           M(bit_rate_bps), M(status), M(has_duration), M(has_upload_completed_at), M(has_processing_started_at),
           M(has_processing_completed_at), M(has_sample_rate), M(has_channels), M(has_bit_rate), M(reserved));
#undef STRUCT
}

Test(layout, teleai_audio_files) {
#define STRUCT teleai_audio_files
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_audio_file_input) {
#define STRUCT teleai_audio_file_input
    LAYOUT(128, M(struct_size), M(id), M(user_id), M(file_name), M(file_path), M(mime_type), M(error_message),
           M(metadata_json), M(file_size_bytes), M(duration_ms), M(upload_completed_at_us), M(processing_started_at_us),
           M(processing_completed_at_us), M(sample_rate_hz), M(channels), M(bit_rate_bps), M(status), M(has_duration),
           M(has_upload_completed_at), M(has_processing_started_at), M(has_processing_completed_at), M(has_sample_rate),
           M(has_channels), M(has_bit_rate), M(reserved));
#undef STRUCT
}

Test(layout, teleai_audio_file_filter) {
#define STRUCT teleai_audio_file_filter
    LAYOUT(88, M(struct_size), M(user_id), M(mime_type), M(metadata_contains_json), M(created_from_us),
           M(created_until_us), M(status), M(reserved), M(id_from), M(id_until), M(file_name), M(file_path));
#undef STRUCT
}

Test(layout, teleai_transcription) {
#define STRUCT teleai_transcription
    LAYOUT(168, M(id), M(audio_file_id), M(user_id), M(text), M(language_code), M(engine), M(engine_version),
           M(error_message), M(metadata_json), M(text_bytes), M(processing_started_at_us),
           M(processing_completed_at_us), M(created_at_us), M(updated_at_us), M(confidence), M(word_count),
           M(processing_duration_ms), M(status), M(has_confidence), M(has_word_count), M(has_processing_started_at),
           M(has_processing_completed_at), M(has_processing_duration), M(reserved));
#undef STRUCT
}

Test(layout, teleai_transcriptions) {
#define STRUCT teleai_transcriptions
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_transcription_input) {
#define STRUCT teleai_transcription_input
    LAYOUT(136, M(struct_size), M(id), M(audio_file_id), M(user_id), M(text), M(text_bytes), M(language_code),
           M(engine), M(engine_version), M(error_message), M(metadata_json), M(processing_started_at_us),
           M(processing_completed_at_us), M(confidence), M(word_count), M(processing_duration_ms), M(status),
           M(has_confidence), M(has_word_count), M(has_processing_started_at), M(has_processing_completed_at),
           M(has_processing_duration), M(reserved));
#undef STRUCT
}

Test(layout, teleai_transcription_filter) {
#define STRUCT teleai_transcription_filter
    LAYOUT(96, M(struct_size), M(user_id), M(audio_file_id), M(language_code), M(engine), M(metadata_contains_json),
           M(created_from_us), M(created_until_us), M(min_confidence), M(status), M(has_min_confidence), M(reserved),
           M(id_from), M(id_until));
#undef STRUCT
}

Test(layout, teleai_entity) {
#define STRUCT teleai_entity
    LAYOUT(56, M(text), M(type), M(extra_json), M(confidence), M(start_ms), M(end_ms), M(has_confidence), M(has_start),
           M(has_end), M(reserved));
#undef STRUCT
}

Test(layout, teleai_topic) {
#define STRUCT teleai_topic
    LAYOUT(32, M(name), M(extra_json), M(score), M(has_score), M(reserved));
#undef STRUCT
}

Test(layout, teleai_analysis) {
#define STRUCT teleai_analysis
    LAYOUT(248, M(id), M(transcription_id), M(audio_file_id), M(user_id), M(analysis_type), M(summary), M(engine),
           M(engine_version), M(error_message), M(key_phrases), M(key_phrases_json), M(entities), M(entities_json),
           M(topics), M(topics_json), M(insights_json), M(metadata_json), M(key_phrase_count), M(entity_count),
           M(topic_count), M(processing_started_at_us), M(processing_completed_at_us), M(created_at_us),
           M(updated_at_us), M(sentiment_score), M(sentiment_label), M(processing_duration_ms), M(status),
           M(has_sentiment_score), M(has_processing_started_at), M(has_processing_completed_at),
           M(has_processing_duration));
#undef STRUCT
}

Test(layout, teleai_analyses) {
#define STRUCT teleai_analyses
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_analysis_input) {
#define STRUCT teleai_analysis_input
    LAYOUT(208, M(struct_size), M(id), M(transcription_id), M(audio_file_id), M(user_id), M(analysis_type), M(summary),
           M(engine), M(engine_version), M(error_message), M(key_phrases), M(key_phrases_json), M(entities),
           M(entities_json), M(topics), M(topics_json), M(insights_json), M(metadata_json), M(key_phrase_count),
           M(entity_count), M(topic_count), M(processing_started_at_us), M(processing_completed_at_us),
           M(sentiment_score), M(sentiment_label), M(processing_duration_ms), M(status), M(has_sentiment_score),
           M(has_processing_started_at), M(has_processing_completed_at), M(has_processing_duration));
#undef STRUCT
}

Test(layout, teleai_analysis_filter) {
#define STRUCT teleai_analysis_filter
    LAYOUT(120, M(struct_size), M(user_id), M(audio_file_id), M(transcription_id), M(analysis_type), M(engine),
           M(metadata_contains_json), M(entities_contains_json), M(topics_contains_json), M(insights_contains_json),
           M(created_from_us), M(created_until_us), M(status), M(sentiment_label), M(id_from), M(id_until));
#undef STRUCT
}

Test(layout, teleai_search_options) {
#define STRUCT teleai_search_options
    LAYOUT(96, M(struct_size), M(user_id), M(language_code), M(engine), M(cursor), M(mark_start), M(mark_end),
           M(created_from_us), M(created_until_us), M(min_confidence), M(status), M(order), M(limit),
           M(has_min_confidence), M(reserved));
#undef STRUCT
}

Test(layout, teleai_search_mark) {
#define STRUCT teleai_search_mark
    LAYOUT(8, M(start), M(end));
#undef STRUCT
}

Test(layout, teleai_search_hit) {
#define STRUCT teleai_search_hit
    LAYOUT(136, M(transcription_id), M(audio_file_id), M(user_id), M(file_name), M(language_code), M(engine),
           M(snippet), M(snippet_marked), M(marks), M(mark_count), M(created_at_us), M(confidence), M(rank), M(status),
           M(has_confidence), M(reserved));
#undef STRUCT
}

Test(layout, teleai_search_hits) {
#define STRUCT teleai_search_hits
    LAYOUT(48, M(count), M(items), M(next_cursor), M(parsed_query), M(total), M(total_is_exact), M(reserved));
#undef STRUCT
}

Test(layout, teleai_user_stats) {
#define STRUCT teleai_user_stats
    LAYOUT(88, M(user_id), M(email), M(full_name), M(total_files), M(total_transcriptions), M(total_analyses),
           M(total_storage_bytes), M(total_duration_ms), M(last_upload_at_us), M(has_last_upload_at), M(reserved));
#undef STRUCT
}

Test(layout, teleai_users_stats) {
#define STRUCT teleai_users_stats
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_daily_usage) {
#define STRUCT teleai_daily_usage
    LAYOUT(56, M(date), M(day_us), M(active_users), M(total_uploads), M(total_bytes_uploaded), M(total_audio_ms),
           M(avg_audio_ms));
#undef STRUCT
}

Test(layout, teleai_daily_usages) {
#define STRUCT teleai_daily_usages
    LAYOUT(16, M(count), M(items));
#undef STRUCT
}

Test(layout, teleai_activity) {
#define STRUCT teleai_activity
    LAYOUT(72, M(user_id), M(resource_id), M(email), M(full_name), M(resource_name), M(activity_at_us),
           M(activity_type), M(reserved));
#undef STRUCT
}

Test(layout, teleai_activities) {
#define STRUCT teleai_activities
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_queue_status) {
#define STRUCT teleai_queue_status
    LAYOUT(40, M(status_name), M(count), M(oldest_item_us), M(newest_item_us), M(queue_type), M(status));
#undef STRUCT
}

Test(layout, teleai_queue_statuses) {
#define STRUCT teleai_queue_statuses
    LAYOUT(16, M(count), M(items));
#undef STRUCT
}

Test(layout, teleai_pipeline) {
#define STRUCT teleai_pipeline
    LAYOUT(128, M(audio_file_id), M(user_id), M(transcription_id), M(analysis_id), M(file_name), M(analysis_type),
           M(audio_uploaded_at_us), M(transcription_created_at_us), M(analysis_created_at_us), M(audio_status),
           M(transcription_status), M(analysis_status), M(pipeline_status), M(has_transcription), M(has_analysis),
           M(reserved));
#undef STRUCT
}

Test(layout, teleai_pipelines) {
#define STRUCT teleai_pipelines
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_pipeline_filter) {
#define STRUCT teleai_pipeline_filter
    LAYOUT(24, M(struct_size), M(user_id), M(pipeline_status), M(unfinished), M(reserved));
#undef STRUCT
}

Test(layout, teleai_create_many_options) {
#define STRUCT teleai_create_many_options
    LAYOUT(24, M(struct_size), M(errors), M(keep_good), M(reserved));
#undef STRUCT
}

Test(layout, teleai_call) {
#define STRUCT teleai_call
    LAYOUT(88, M(operation), M(started_at_us), M(duration_us), M(wait_us), M(connect_us), M(query_us), M(decode_us),
           M(rows), M(bytes), M(status), M(attempts), M(sqlstate));
#undef STRUCT
}

Test(layout, teleai_slow_calls) {
#define STRUCT teleai_slow_calls
    LAYOUT(16, M(count), M(items));
#undef STRUCT
}

Test(layout, teleai_notification) {
#define STRUCT teleai_notification
    LAYOUT(24, M(channel), M(payload), M(may_have_missed), M(reserved));
#undef STRUCT
}

Test(layout, teleai_tenant) {
#define STRUCT teleai_tenant
    LAYOUT(88, M(id), M(name), M(slug), M(settings_json), M(max_users), M(max_storage_bytes), M(max_audio_ms),
           M(created_at_us), M(updated_at_us), M(status), M(has_max_users), M(has_max_storage), M(has_max_audio),
           M(reserved));
#undef STRUCT
}

Test(layout, teleai_tenants) {
#define STRUCT teleai_tenants
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_tenant_input) {
#define STRUCT teleai_tenant_input
    LAYOUT(72, M(struct_size), M(id), M(name), M(slug), M(settings_json), M(max_users), M(max_storage_bytes),
           M(max_audio_ms), M(has_max_users), M(has_max_storage), M(has_max_audio), M(reserved));
#undef STRUCT
}

Test(layout, teleai_tenant_filter) {
#define STRUCT teleai_tenant_filter
    LAYOUT(32, M(struct_size), M(created_from_us), M(created_until_us), M(status), M(reserved));
#undef STRUCT
}

Test(layout, teleai_tenant_stats) {
#define STRUCT teleai_tenant_stats
    LAYOUT(104, M(tenant_id), M(name), M(slug), M(total_users), M(open_sessions), M(total_files),
           M(total_transcriptions), M(total_analyses), M(total_storage_bytes), M(total_duration_ms),
           M(last_upload_at_us), M(status), M(has_last_upload_at), M(reserved));
#undef STRUCT
}

Test(layout, teleai_tenants_stats) {
#define STRUCT teleai_tenants_stats
    LAYOUT(24, M(count), M(items), M(next_cursor));
#undef STRUCT
}

Test(layout, teleai_tenant_progress) {
#define STRUCT teleai_tenant_progress
    LAYOUT(128, M(rows_done), M(rows_total), M(bytes_done), M(users), M(sessions), M(audio_files), M(transcriptions),
           M(analyses), M(done), M(reserved));
#undef STRUCT
}
