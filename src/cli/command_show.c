/* teleai show: the row that an id, an e-mail address or a name stands for, and the rows that belong to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/lookup.h"
#include "cli/report.h"
#include "cli/show_tables.h"
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

/* What hangs on it: the newest of a kind. */
typedef struct related {
    table *rows;
    const char *title, *total_key;
    const column *columns; /* for eyes */
    int column_count;
    int64_t total;
} related;

/* A user's other rows are only counted. */
enum { COUNTED_TRANSCRIPTIONS, COUNTED_ANALYSES, COUNTED_SESSIONS, COUNTED };

typedef struct surroundings {
    related of[2];
    int count;
    int64_t counted[COUNTED];
} surroundings;

static const column file_columns[] = {{"file_name", "Name", false, true},
                                      {"duration_ms", "Duration", true, false},
                                      {"status", "Status", false, false},
                                      {"created_at", "Created", false, false},
                                      {"id", "Id", false, false}};
static const column transcription_columns[] = {{"engine", "Engine", false, true},
                                               {"language_code", "Language", false, false},
                                               {"status", "Status", false, false},
                                               {"created_at", "Created", false, false},
                                               {"id", "Id", false, false}};
static const column analysis_columns[] = {{"analysis_type", "Type", false, true},
                                          {"engine", "Engine", false, true},
                                          {"status", "Status", false, false},
                                          {"created_at", "Created", false, false},
                                          {"id", "Id", false, false}};
#define COLUMNS_OF(rows) rows, (int)(sizeof(rows) / sizeof *(rows))

/* What is asked for in one round trip. */
typedef struct answers {
    teleai_audio_files *files;
    teleai_transcriptions *transcriptions;
    teleai_analyses *analyses;
    int64_t total_files, total_transcriptions, total_analyses, total_sessions;
    teleai_error errors[6];
    int asked;
} answers;

static void ask(teleai_client *batch, const found *what, int64_t limit, answers *to) {
    const teleai_page page = {.struct_size = sizeof page, .limit = (int32_t)limit};
    teleai_transcription_filter heard = {.struct_size = sizeof heard};
    teleai_analysis_filter made = {.struct_size = sizeof made};
    if (what->user != NULL) {
        const teleai_uuid *id = &what->user->id;
        const teleai_audio_file_filter file = {.struct_size = sizeof file, .user_id = id};
        const teleai_session_filter session = {.struct_size = sizeof session, .user_id = id};
        heard.user_id = made.user_id = id;
        teleai_audio_file_list(batch, &file, &page, &to->files, &to->errors[to->asked++]);
        teleai_audio_file_count(batch, &file, &to->total_files, &to->errors[to->asked++]);
        teleai_session_count(batch, &session, &to->total_sessions, &to->errors[to->asked++]);
        teleai_transcription_count(batch, &heard, &to->total_transcriptions, &to->errors[to->asked++]);
        teleai_analysis_count(batch, &made, &to->total_analyses, &to->errors[to->asked++]);
        return;
    }
    if (what->file != NULL) {
        heard.audio_file_id = made.audio_file_id = &what->file->id;
        teleai_transcription_list(batch, &heard, &page, &to->transcriptions, &to->errors[to->asked++]);
        teleai_transcription_count(batch, &heard, &to->total_transcriptions, &to->errors[to->asked++]);
    }
    if (what->transcription != NULL)
        made.transcription_id = &what->transcription->id;
    teleai_analysis_list(batch, &made, &page, &to->analyses, &to->errors[to->asked++]);
    teleai_analysis_count(batch, &made, &to->total_analyses, &to->errors[to->asked++]);
}

static void keep(answers *from, const found *what, surroundings *to) {
    related *next = to->of;
    if (what->user != NULL) {
        *next =
            (related){file_table(), "Audio files", "audio_files_total", COLUMNS_OF(file_columns), from->total_files};
        for (size_t i = 0; i < from->files->count; i++)
            add_file(next->rows, from->files->items[i]);
        next++;
        to->counted[COUNTED_TRANSCRIPTIONS] = from->total_transcriptions;
        to->counted[COUNTED_ANALYSES] = from->total_analyses;
        to->counted[COUNTED_SESSIONS] = from->total_sessions;
    }
    if (from->transcriptions != NULL) {
        *next = (related){transcription_table(), "Transcriptions", "transcriptions_total",
                          COLUMNS_OF(transcription_columns), from->total_transcriptions};
        for (size_t i = 0; i < from->transcriptions->count; i++)
            add_transcription(next->rows, from->transcriptions->items[i]);
        next++;
    }
    if (from->analyses != NULL) {
        *next = (related){analysis_table(), "Analyses", "analyses_total", COLUMNS_OF(analysis_columns),
                          from->total_analyses};
        for (size_t i = 0; i < from->analyses->count; i++)
            add_analysis(next->rows, from->analyses->items[i]);
        next++;
    }
    to->count = (int)(next - to->of);
    for (int i = 0; i < to->count; i++)
        table_member_number(to->of[i].rows, to->of[i].total_key, to->of[i].total);
}

/* What hangs on a user, file or transcription. */
static teleai_status look_around(teleai_client *client, const found *what, int64_t limit, surroundings *out,
                                 teleai_error *error) {
    teleai_client *batch = NULL;
    answers all = {0};
    if (what->user == NULL && what->file == NULL && what->transcription == NULL)
        return TELEAI_OK;
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status == TELEAI_OK) {
        ask(batch, what, limit, &all);
        status = teleai_batch_flush(batch, error);
        teleai_close(batch);
    }
    for (int i = 0; status == TELEAI_OK && i < all.asked; i++)
        if (all.errors[i].status != TELEAI_OK)
            *error = all.errors[i], status = error->status;
    if (status == TELEAI_OK)
        keep(&all, what, out);
    teleai_audio_files_free(all.files);
    teleai_transcriptions_free(all.transcriptions);
    teleai_analyses_free(all.analyses);
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

/* ---- for eyes ---- */

/* When it was made has no room beside an id on a terminal of 80 columns. */
static void print_rows(const related *rows) {
    column shown[8];
    int count = 0;
    for (int i = 0; i < rows->column_count; i++)
        if (strcmp(rows->columns[i].key, "created_at") != 0 || !terminal_is_one() || terminal_width() >= 100)
            shown[count++] = rows->columns[i];
    table_print_some(rows->rows, shown, count);
}

enum { LINES_OF_A_TEXT = 6 };

static void print_related(const related *rows) {
    size_t shown = table_rows(rows->rows);
    short_text total;
    if (rows->total == 0)
        return;
    printf("\n%s%s%s  %s%s\n", paint(PAINT_BOLD), rows->title, paint(PAINT_NONE), human_number(rows->total, total),
           (int64_t)shown < rows->total ? shown == 1 ? ", the newest:" : ", the newest of them:" : "");
    if (rows->total == 1) {
        table_stack(rows->rows, LINES_OF_A_TEXT);
        table_print_for_eyes(rows->rows);
        return;
    }
    print_rows(rows);
    if ((int64_t)shown < rows->total)
        printf("%zu are shown; --limit %lld shows %s\n", shown, (long long)(rows->total < 10000 ? rows->total : 10000),
               rows->total <= 10000 ? "all" : "more");
}

static const char *plural(int64_t count, const char *one, const char *many) { return count == 1 ? one : many; }

static void print_counted(const int64_t counted[COUNTED]) {
    short_text a, b, c;
    char line[200];
    int64_t heard = counted[COUNTED_TRANSCRIPTIONS], made = counted[COUNTED_ANALYSES], open = counted[COUNTED_SESSIONS];
    snprintf(line, sizeof line, "%s %s, %s %s, %s open %s", human_number(heard, a),
             plural(heard, "transcription", "transcriptions"), human_number(made, b),
             plural(made, "analysis", "analyses"), human_number(open, c), plural(open, "session", "sessions"));
    printf("%sHas%s          ", paint(PAINT_BOLD), paint(PAINT_NONE)); /* below the titles of the user */
    print_wrapped(line, 13, 13);
}

static void print_all(const arguments *given, const found *what, table *own, surroundings *all) {
    if (is_given(given, "json")) {
        const table *tables[] = {own, all->of[0].rows, all->of[1].rows};
        tables_print_json(tables, 1 + all->count);
        return;
    }
    table_stack(own, 0);
    table_print(own, given, "");
    if (is_given(given, "csv"))
        return;
    if (what->user != NULL)
        print_counted(all->counted);
    for (int i = 0; i < all->count; i++)
        print_related(&all->of[i]);
}

static int show(const arguments *given, teleai_client *client, const teleai_uuid *id, int64_t limit) {
    teleai_error error;
    found what = {0};
    surroundings around = {0};
    int result = EXIT_OK;
    teleai_status status = look(client, id, &what, &error);
    if (status == TELEAI_NOT_FOUND) { /* it was there a moment ago */
        report("%s is not there any more", operand(given, 0));
        return EXIT_NOTHING;
    }
    if (status == TELEAI_OK)
        status = look_around(client, &what, limit, &around, &error);
    if (status == TELEAI_OK) {
        table *own = own_table(&what);
        if (what.user != NULL) {
            table_member_number(own, "transcriptions_total", around.counted[COUNTED_TRANSCRIPTIONS]);
            table_member_number(own, "analyses_total", around.counted[COUNTED_ANALYSES]);
            table_member_number(own, "open_sessions_total", around.counted[COUNTED_SESSIONS]);
        }
        print_all(given, &what, own, &around);
        table_free(own);
    } else {
        result = fail_with(&error);
    }
    for (int i = 0; i < around.count; i++)
        table_free(around.of[i].rows);
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
    if (!number_of(given, "limit", 1, 10000, 10, &limit))
        return EXIT_USAGE;
    teleai_client *client = client_open(given, TELEAI_SCHEMA_CHECK, &status);
    if (client == NULL)
        return status;
    if (look_up(client, operand(given, 0), &id, &status))
        status = show(given, client, &id, limit);
    client_close(client);
    return status;
}

static const option_spec options[] = {
    {"limit", 'n', "ROWS", "of what hangs on it, the newest ROWS of each kind; 10"},
    {0},
};

const command show_command = {
    .name = "show",
    .summary = "show a user, a file or what else an id is of, with what hangs on it",
    .operands = "ID|EMAIL|FILE",
    .description =
        "Shows a user, session, audio file, transcription or analysis with all its fields and what hangs on it: a "
        "file with its transcriptions and analyses, a user with the newest files. What is meant is told by the id or "
        "its beginning (4 digits or more), by a user's e-mail address, by the name of an audio file, whatever its "
        "case, or by its path. Where several begin so, or are called so, they are listed, and the exit status is 2.",
    .examples = "teleai show ann@example.org\nteleai show call.wav\nteleai show 01a2176c-584d\n"
                "teleai show 01a2176c-584d-71b4-913c-438196854194 --json",
    .options = options,
    .least = 1,
    .most = 1,
    .lists = true,
    .run = run,
};
