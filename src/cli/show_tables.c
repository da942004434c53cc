/* Tables of whole records; see show_tables.h. */
#include "cli/show_tables.h"

#include <stdio.h>
#include <string.h>

#include "cli/names.h"

/* Columns of a table that is made for one place alone. */
#define TABLE(rows, columns) table_new(rows, columns, (int)(sizeof(columns) / sizeof *(columns)))
#define COLUMN(key, title) \
    { key, title, false, true }

table *user_table(const teleai_user *user) {
    static const column columns[] = {
        COLUMN("id", "User"),
        COLUMN("email", "E-mail"),
        COLUMN("full_name", "Name"),
        COLUMN("role", "Role"),
        COLUMN("is_active", "Active"),
        COLUMN("last_login_at", "Last log-in"),
        COLUMN("created_at", "Created"),
        COLUMN("updated_at", "Changed"),
        COLUMN("tenant_id", NULL),
    };
    table *made = TABLE("users", columns);
    cell_id(made, &user->id);
    cell_text(made, user->email);
    cell_text(made, user->full_name);
    cell_text(made, teleai_role_name(user->role));
    cell_bool(made, user->is_active);
    cell_time(made, user->has_last_login_at, user->last_login_at_us);
    cell_time(made, true, user->created_at_us);
    cell_time(made, true, user->updated_at_us);
    cell_id(made, &user->tenant_id);
    return made;
}

table *session_table(const teleai_session *session) {
    static const column columns[] = {COLUMN("id", "Session"),         COLUMN("user_id", "User"),
                                     COLUMN("ip_address", "Address"), COLUMN("user_agent", "Agent"),
                                     COLUMN("expires_at", "Ends"),    COLUMN("created_at", "Created")};
    table *made = TABLE("sessions", columns);
    cell_id(made, &session->id);
    cell_id(made, &session->user_id);
    cell_text(made, session->ip_address);
    cell_text(made, session->user_agent);
    cell_time(made, true, session->expires_at_us);
    cell_time(made, true, session->created_at_us);
    return made;
}

table *file_table(void) {
    static const column columns[] = {
        COLUMN("id", "Audio file"),        COLUMN("user_id", "User"),
        COLUMN("file_name", "Name"),       COLUMN("file_path", "Path"),
        COLUMN("mime_type", "Type"),       COLUMN("file_size_bytes", "Size"),
        COLUMN("duration_ms", "Duration"), COLUMN("sample_rate_hz", "Sample rate"),
        COLUMN("channels", "Channels"),    COLUMN("bit_rate_bps", "Bit rate"),
        COLUMN("status", "Status"),        COLUMN("error_message", "Error"),
        COLUMN("metadata", "Metadata"),    COLUMN("created_at", "Created"),
        COLUMN("updated_at", "Changed"),
    };
    return TABLE("audio_files", columns);
}

static void add_count(table *to, bool is_there, int32_t value) {
    if (is_there)
        cell_number(to, value);
    else
        cell_any(to, "", NULL, false);
}

/* A number of units in a second. */
static void add_rate(table *to, bool is_there, int32_t value, const char *unit, int scale) {
    short_text human, number, machine;
    snprintf(machine, sizeof machine, "%d", (int)value);
    if (value % scale == 0)
        snprintf(human, sizeof human, "%.20s %s", human_number(value / scale, number), unit);
    else
        snprintf(human, sizeof human, "%.1f %s", (double)value / scale, unit);
    cell_any(to, is_there ? human : "", is_there ? machine : NULL, false);
}

void add_file(table *to, const teleai_audio_file *file) {
    cell_id(to, &file->id);
    cell_id(to, &file->user_id);
    cell_text(to, file->file_name);
    cell_text(to, file->file_path);
    cell_text(to, file->mime_type);
    cell_bytes(to, file->file_size_bytes);
    cell_duration(to, file->has_duration, file->duration_ms);
    add_rate(to, file->has_sample_rate, file->sample_rate_hz, "Hz", 1);
    add_count(to, file->has_channels, file->channels);
    add_rate(to, file->has_bit_rate, file->bit_rate_bps, "kbit/s", 1000);
    cell_text(to, teleai_audio_file_status_name(file->status));
    cell_text(to, file->error_message);
    cell_any(to, strcmp(file->metadata_json, "{}") == 0 ? "" : file->metadata_json, file->metadata_json, false);
    cell_time(to, true, file->created_at_us);
    cell_time(to, true, file->updated_at_us);
}

table *transcription_table(void) {
    static const column columns[] = {
        COLUMN("id", "Transcription"),      COLUMN("audio_file_id", NULL),       COLUMN("user_id", NULL),
        COLUMN("engine", "Engine"),         COLUMN("language_code", "Language"), COLUMN("status", "Status"),
        COLUMN("confidence", "Confidence"), COLUMN("word_count", "Words"),       COLUMN("error_message", "Error"),
        COLUMN("created_at", "Created"),    COLUMN("metadata", "Metadata"),      COLUMN("text", "Text"),
    };
    return TABLE("transcriptions", columns);
}

void add_transcription(table *to, const teleai_transcription *heard) {
    cell_id(to, &heard->id);
    cell_id(to, &heard->audio_file_id);
    cell_id(to, &heard->user_id);
    cell_text(to, heard->engine);
    cell_text(to, heard->language_code);
    cell_text(to, teleai_transcription_status_name(heard->status));
    cell_fraction(to, heard->has_confidence, heard->confidence);
    add_count(to, heard->has_word_count, heard->word_count);
    cell_text(to, heard->error_message);
    cell_time(to, true, heard->created_at_us);
    cell_any(to, strcmp(heard->metadata_json, "{}") == 0 ? "" : heard->metadata_json, heard->metadata_json, false);
    cell_text(to, heard->text);
}

table *analysis_table(void) {
    static const column columns[] = {
        COLUMN("id", "Analysis"),           COLUMN("transcription_id", NULL),
        COLUMN("audio_file_id", NULL),      COLUMN("user_id", NULL),
        COLUMN("analysis_type", "Type"),    COLUMN("engine", "Engine"),
        COLUMN("status", "Status"),         COLUMN("sentiment_label", "Sentiment"),
        COLUMN("sentiment_score", "Score"), COLUMN("error_message", "Error"),
        COLUMN("created_at", "Created"),    COLUMN("key_phrases", "Key phrases"),
        COLUMN("entities", "Entities"),     COLUMN("topics", "Topics"),
        COLUMN("insights", "Insights"),     COLUMN("summary", "Summary"),
    };
    return TABLE("analyses", columns);
}

/* A JSON value; nothing for eyes where it is empty. */
static void add_json(table *to, const char *json) {
    bool is_empty = json == NULL || strcmp(json, "[]") == 0 || strcmp(json, "{}") == 0;
    cell_any(to, is_empty ? "" : json, json, false);
}

void add_analysis(table *to, const teleai_analysis *analysis) {
    cell_id(to, &analysis->id);
    cell_id(to, &analysis->transcription_id);
    cell_id(to, &analysis->audio_file_id);
    cell_id(to, &analysis->user_id);
    cell_text(to, analysis->analysis_type);
    cell_text(to, analysis->engine);
    cell_text(to, teleai_analysis_status_name(analysis->status));
    cell_text(to, teleai_sentiment_name(analysis->sentiment_label));
    cell_fraction(to, analysis->has_sentiment_score, analysis->sentiment_score);
    cell_text(to, analysis->error_message);
    cell_time(to, true, analysis->created_at_us);
    add_json(to, analysis->key_phrases_json);
    add_json(to, analysis->entities_json);
    add_json(to, analysis->topics_json);
    add_json(to, analysis->insights_json);
    cell_text(to, analysis->summary);
}
