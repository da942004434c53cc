/* teleai show: whatever an id is of, with what hangs on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"

/* What an id may be of; one of these at most is not NULL. */
typedef struct found {
    teleai_user *user;
    teleai_session *session;
    teleai_audio_file *file;
    teleai_transcription *transcription;
    teleai_analysis *analysis;
} found;

/* Columns of a table that is made for one place alone. */
#define TABLE(rows, columns) table_new(rows, columns, (int)(sizeof(columns) / sizeof *(columns)))
#define COLUMN(key, title) \
    { key, title, false, true }

static table *user_table(const teleai_user *user) {
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
    cell_text(made, name_of(&role_names, user->role));
    cell_bool(made, user->is_active);
    cell_time(made, user->has_last_login_at, user->last_login_at_us);
    cell_time(made, true, user->created_at_us);
    cell_time(made, true, user->updated_at_us);
    cell_id(made, &user->tenant_id);
    return made;
}

static table *session_table(const teleai_session *session) {
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

static table *file_table(void) {
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

static void add_file(table *to, const teleai_audio_file *file) {
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
    cell_text(to, name_of(&file_status_names, file->status));
    cell_text(to, file->error_message);
    cell_any(to, strcmp(file->metadata_json, "{}") == 0 ? "" : file->metadata_json, file->metadata_json, false);
    cell_time(to, true, file->created_at_us);
    cell_time(to, true, file->updated_at_us);
}

static table *transcription_table(void) {
    static const column columns[] = {
        COLUMN("id", "Transcription"),      COLUMN("audio_file_id", NULL),       COLUMN("user_id", NULL),
        COLUMN("engine", "Engine"),         COLUMN("language_code", "Language"), COLUMN("status", "Status"),
        COLUMN("confidence", "Confidence"), COLUMN("word_count", "Words"),       COLUMN("error_message", "Error"),
        COLUMN("created_at", "Created"),    COLUMN("metadata", "Metadata"),      COLUMN("text", "Text"),
    };
    return TABLE("transcriptions", columns);
}

static void add_transcription(table *to, const teleai_transcription *heard) {
    cell_id(to, &heard->id);
    cell_id(to, &heard->audio_file_id);
    cell_id(to, &heard->user_id);
    cell_text(to, heard->engine);
    cell_text(to, heard->language_code);
    cell_text(to, name_of(&status_names, heard->status));
    cell_fraction(to, heard->has_confidence, heard->confidence);
    add_count(to, heard->has_word_count, heard->word_count);
    cell_text(to, heard->error_message);
    cell_time(to, true, heard->created_at_us);
    cell_any(to, strcmp(heard->metadata_json, "{}") == 0 ? "" : heard->metadata_json, heard->metadata_json, false);
    cell_text(to, heard->text);
}

static table *analysis_table(void) {
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

static void add_analysis(table *to, const teleai_analysis *analysis) {
    cell_id(to, &analysis->id);
    cell_id(to, &analysis->transcription_id);
    cell_id(to, &analysis->audio_file_id);
    cell_id(to, &analysis->user_id);
    cell_text(to, analysis->analysis_type);
    cell_text(to, analysis->engine);
    cell_text(to, name_of(&status_names, analysis->status));
    cell_text(to, analysis->sentiment_label == 0 ? NULL : name_of(&sentiment_names, analysis->sentiment_label));
    cell_fraction(to, analysis->has_sentiment_score, analysis->sentiment_score);
    cell_text(to, analysis->error_message);
    cell_time(to, true, analysis->created_at_us);
    add_json(to, analysis->key_phrases_json);
    add_json(to, analysis->entities_json);
    add_json(to, analysis->topics_json);
    add_json(to, analysis->insights_json);
    cell_text(to, analysis->summary);
}

/* What hangs on it, which may be more than is shown. */
typedef struct related {
    table *tables[4];
    int count;
    bool more;
} related;

static teleai_status add_related(teleai_client *client, const found *what, int64_t limit, related *to,
                                 teleai_error *error) {
    teleai_page page = {.struct_size = sizeof page, .limit = (int32_t)limit};
    teleai_transcription_filter heard = {.struct_size = sizeof heard};
    teleai_analysis_filter made = {.struct_size = sizeof made};
    teleai_audio_files *files = NULL;
    teleai_transcriptions *transcriptions = NULL;
    teleai_analyses *analyses = NULL;
    teleai_audio_file_filter of_user = {.struct_size = sizeof of_user};
    teleai_status status = TELEAI_OK;
    if (what->user != NULL) {
        of_user.user_id = &what->user->id;
        status = teleai_audio_file_list(client, &of_user, &page, &files, error);
    } else if (what->file != NULL) {
        heard.audio_file_id = made.audio_file_id = &what->file->id;
        status = teleai_transcription_list(client, &heard, &page, &transcriptions, error);
    } else if (what->transcription != NULL) {
        made.transcription_id = &what->transcription->id;
    }
    if (status == TELEAI_OK && (what->file != NULL || what->transcription != NULL))
        status = teleai_analysis_list(client, &made, &page, &analyses, error);
    if (status == TELEAI_OK && files != NULL) {
        to->tables[to->count++] = file_table();
        for (size_t i = 0; i < files->count; i++)
            add_file(to->tables[to->count - 1], files->items[i]);
        to->more = files->next_cursor != NULL;
    }
    if (status == TELEAI_OK && transcriptions != NULL) {
        to->tables[to->count++] = transcription_table();
        for (size_t i = 0; i < transcriptions->count; i++)
            add_transcription(to->tables[to->count - 1], transcriptions->items[i]);
        to->more |= transcriptions->next_cursor != NULL;
    }
    if (status == TELEAI_OK && analyses != NULL) {
        to->tables[to->count++] = analysis_table();
        for (size_t i = 0; i < analyses->count; i++)
            add_analysis(to->tables[to->count - 1], analyses->items[i]);
        to->more |= analyses->next_cursor != NULL;
    }
    teleai_audio_files_free(files);
    teleai_transcriptions_free(transcriptions);
    teleai_analyses_free(analyses);
    return status;
}

static table *own_table(const found *what) {
    table *made = NULL;
    if (what->user != NULL)
        return user_table(what->user);
    if (what->session != NULL)
        return session_table(what->session);
    if (what->file != NULL)
        add_file(made = file_table(), what->file);
    if (what->transcription != NULL)
        add_transcription(made = transcription_table(), what->transcription);
    if (what->analysis != NULL)
        add_analysis(made = analysis_table(), what->analysis);
    return made;
}

static void print_all(const arguments *given, related *all) {
    if (is_given(given, "json")) {
        tables_print_json((const table *const *)all->tables, all->count);
        return;
    }
    for (int i = 0; i < (is_given(given, "csv") ? 1 : all->count); i++) {
        if (i > 0 && table_rows(all->tables[i]) > 0)
            putchar('\n');
        table_stack(all->tables[i]);
        if (i == 0 || table_rows(all->tables[i]) > 0)
            table_print(all->tables[i], given, "");
    }
    if (all->more && !is_given(given, "csv"))
        printf("\nThere is more than --limit allows.\n");
}

/* Asks for all that an id may be of, in one round trip. */
static teleai_status look(teleai_client *client, const teleai_uuid *id, found *out, teleai_error *error) {
    teleai_client *batch = NULL;
    teleai_error errors[5];
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status != TELEAI_OK)
        return status;
    teleai_user_get(batch, id, &out->user, &errors[0]);
    teleai_session_get(batch, id, &out->session, &errors[1]);
    teleai_audio_file_get(batch, id, &out->file, &errors[2]);
    teleai_transcription_get(batch, id, &out->transcription, &errors[3]);
    teleai_analysis_get(batch, id, &out->analysis, &errors[4]);
    teleai_batch_flush(batch, NULL);
    teleai_close(batch);
    for (int i = 0; i < 5; i++) {
        if (errors[i].status == TELEAI_OK)
            return TELEAI_OK;
        if (errors[i].status != TELEAI_NOT_FOUND) {
            *error = errors[i];
            return errors[i].status;
        }
    }
    return TELEAI_NOT_FOUND;
}

static int show(const arguments *given, teleai_client *client, const teleai_uuid *id, int64_t limit) {
    teleai_error error;
    found what = {0};
    related all = {0};
    int result = EXIT_OK;
    teleai_status status = look(client, id, &what, &error);
    if (status == TELEAI_NOT_FOUND) {
        report("no user, session, audio file, transcription or analysis has this id");
        hint("a row of another tenant is shown with --tenant");
        return EXIT_NOTHING;
    }
    if (status == TELEAI_OK) {
        all.tables[all.count++] = own_table(&what);
        status = add_related(client, &what, limit, &all, &error);
    }
    if (status == TELEAI_OK)
        print_all(given, &all);
    else
        result = fail_with(&error);
    for (int i = 0; i < all.count; i++)
        table_free(all.tables[i]);
    teleai_user_free(what.user);
    teleai_session_free(what.session);
    teleai_audio_file_free(what.file);
    teleai_transcription_free(what.transcription);
    teleai_analysis_free(what.analysis);
    return result;
}

static int run(const arguments *given) {
    int status;
    int64_t limit;
    teleai_uuid id;
    teleai_user *user = NULL;
    bool is_email = strchr(operand(given, 0), '@') != NULL;
    if (!number_of(given, "limit", 1, 10000, 20, &limit) || (!is_email && !operand_id(given, 0, &id)))
        return EXIT_USAGE;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    if (is_email && (user = user_of(client, operand(given, 0), &status)) != NULL)
        id = user->id;
    if (!is_email || user != NULL)
        status = show(given, client, &id, limit);
    teleai_user_free(user);
    client_close(client);
    return status;
}

static const option_spec options[] = {
    {"limit", 'n', "ROWS", "of what hangs on it, rows at most of each kind; 20"},
    {0},
};

const command show_command = {
    .name = "show",
    .summary = "show what an id is of, with what hangs on it",
    .operands = "ID|EMAIL",
    .description =
        "Shows a user, session, audio file, transcription or analysis, whichever has the id, with all its fields "
        "and what hangs on it: a file with its transcriptions and analyses, a user with the latest files.",
    .examples = "teleai show 01a2176c-584d-71b4-913c-438196854194\nteleai show ann@example.org --json",
    .options = options,
    .least = 1,
    .most = 1,
    .lists = true,
    .run = run,
};
