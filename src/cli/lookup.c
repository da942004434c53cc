/* Looking up the row that an operand stands for; see lookup.h. */
#include "cli/lookup.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/words.h"

enum {
    LEAST_DIGITS = 4, /* of an id: of fewer there are always many */
    MOST_LISTED = 10
};

const char *kind_name(row_kind kind) {
    static const char *const names[ROW_KINDS] = {"user", "session", "audio file", "transcription", "analysis"};
    return names[kind];
}

typedef struct candidate {
    row_kind kind;
    teleai_uuid id;
    char what[200];
} candidate;

typedef struct candidates {
    candidate items[MOST_LISTED];
    size_t count;
    bool more;
} candidates;

__attribute__((format(printf, 4, 5))) static void add(candidates *to, row_kind kind, const teleai_uuid *id,
                                                      const char *format, ...) {
    for (size_t i = 0; i < to->count; i++)
        if (teleai_uuid_equal(&to->items[i].id, id) && to->items[i].kind == kind)
            return;
    if (to->count == MOST_LISTED) {
        to->more = true;
        return;
    }
    candidate *made = &to->items[to->count++];
    va_list values;
    made->kind = kind;
    made->id = *id;
    va_start(values, format);
    vsnprintf(made->what, sizeof made->what, format, values);
    va_end(values);
}

/* ---- by the beginning of an id ---- */

typedef struct id_range {
    teleai_uuid from, until;
    bool has_until; /* otherwise up to the last id there can be */
    int digits;
} id_range;

static int value_of_digit(char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

/* The ids that begin with this text, with or without hyphens. False when it is no such beginning. */
static bool read_range(const char *text, id_range *out) {
    *out = (id_range){.has_until = true};
    for (const char *at = text; *at != 0; at++) {
        bool may_be_hyphen = out->digits == 8 || out->digits == 12 || out->digits == 16 || out->digits == 20;
        if (*at == '-' && may_be_hyphen && at[-1] != '-')
            continue;
        if (!isxdigit((unsigned char)*at) || out->digits == 32)
            return false;
        out->from.bytes[out->digits / 2] |= (uint8_t)(value_of_digit(*at) << (out->digits % 2 == 0 ? 4 : 0));
        out->digits++;
    }
    if (out->digits < LEAST_DIGITS)
        return false;
    /* One more in the last digit, with what is carried. */
    out->until = out->from;
    int last = (out->digits - 1) / 2, more = out->digits % 2 == 0 ? 1 : 16;
    for (; last >= 0 && more > 0; last--) {
        more += out->until.bytes[last];
        out->until.bytes[last] = (uint8_t)more;
        more >>= 8;
    }
    out->has_until = more == 0;
    return true;
}

/* The lists of all kinds; of a batch. */
typedef struct answers {
    teleai_users *users;
    teleai_sessions *sessions;
    teleai_audio_files *files, *files_at;
    teleai_transcriptions *transcriptions;
    teleai_analyses *analyses;
    teleai_error errors[ROW_KINDS];
} answers;

static void add_files(candidates *to, const teleai_audio_files *files) {
    short_text when;
    for (size_t i = 0; files != NULL && i < files->count; i++)
        add(to, ROW_FILE, &files->items[i]->id, "%.120s, %s", files->items[i]->file_name,
            human_time(files->items[i]->created_at_us, when));
    to->more |= files != NULL && files->next_cursor != NULL;
}

static void add_answers(candidates *to, const answers *from) {
    short_text when;
    for (size_t i = 0; from->users != NULL && i < from->users->count; i++)
        add(to, ROW_USER, &from->users->items[i]->id, "%.120s", from->users->items[i]->email);
    add_files(to, from->files_at);
    add_files(to, from->files);
    for (size_t i = 0; from->transcriptions != NULL && i < from->transcriptions->count; i++) {
        const teleai_transcription *each = from->transcriptions->items[i];
        add(to, ROW_TRANSCRIPTION, &each->id, "%.40s by %.60s, %s", each->language_code, each->engine,
            human_time(each->created_at_us, when));
    }
    for (size_t i = 0; from->analyses != NULL && i < from->analyses->count; i++) {
        const teleai_analysis *each = from->analyses->items[i];
        add(to, ROW_ANALYSIS, &each->id, "%.60s by %.60s, %s", each->analysis_type, each->engine,
            human_time(each->created_at_us, when));
    }
    for (size_t i = 0; from->sessions != NULL && i < from->sessions->count; i++)
        add(to, ROW_SESSION, &from->sessions->items[i]->id, "%s",
            human_time(from->sessions->items[i]->created_at_us, when));
    to->more |= (from->users != NULL && from->users->next_cursor != NULL) ||
                (from->sessions != NULL && from->sessions->next_cursor != NULL) ||
                (from->transcriptions != NULL && from->transcriptions->next_cursor != NULL) ||
                (from->analyses != NULL && from->analyses->next_cursor != NULL);
}

static void free_answers(answers *all) {
    teleai_users_free(all->users);
    teleai_sessions_free(all->sessions);
    teleai_audio_files_free(all->files);
    teleai_audio_files_free(all->files_at);
    teleai_transcriptions_free(all->transcriptions);
    teleai_analyses_free(all->analyses);
}

/* Sends a batch, and takes what came of it. */
static teleai_status settle(teleai_client *batch, answers *all, candidates *out, teleai_error *error) {
    teleai_status status = teleai_batch_flush(batch, error);
    for (int i = 0; status == TELEAI_OK && i < ROW_KINDS; i++)
        if (all->errors[i].status != TELEAI_OK)
            *error = all->errors[i], status = all->errors[i].status;
    teleai_close(batch);
    if (status == TELEAI_OK)
        add_answers(out, all);
    free_answers(all);
    return status;
}

static teleai_status find_by_id(teleai_client *client, const id_range *range, candidates *out, teleai_error *error) {
    const teleai_uuid *from = &range->from, *until = range->has_until ? &range->until : NULL;
    const teleai_page page = {.struct_size = sizeof page, .limit = MOST_LISTED, .order = TELEAI_ORDER_NEWEST_ID_FIRST};
    const teleai_user_filter user = {.struct_size = sizeof user, .id_from = from, .id_until = until};
    const teleai_session_filter session = {
        .struct_size = sizeof session, .id_from = from, .id_until = until, .include_expired = true};
    const teleai_audio_file_filter file = {.struct_size = sizeof file, .id_from = from, .id_until = until};
    const teleai_transcription_filter heard = {.struct_size = sizeof heard, .id_from = from, .id_until = until};
    const teleai_analysis_filter analysis = {.struct_size = sizeof analysis, .id_from = from, .id_until = until};
    teleai_client *batch = NULL;
    answers all = {0};
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status != TELEAI_OK)
        return status;
    teleai_user_list(batch, &user, &page, &all.users, &all.errors[ROW_USER]);
    teleai_session_list(batch, &session, &page, &all.sessions, &all.errors[ROW_SESSION]);
    teleai_audio_file_list(batch, &file, &page, &all.files, &all.errors[ROW_FILE]);
    teleai_transcription_list(batch, &heard, &page, &all.transcriptions, &all.errors[ROW_TRANSCRIPTION]);
    teleai_analysis_list(batch, &analysis, &page, &all.analyses, &all.errors[ROW_ANALYSIS]);
    return settle(batch, &all, out, error);
}

/* ---- by a name ---- */

/* A path is looked for as it is, and as the system knows it, which is how it was registered; else it is a name. */
static teleai_status find_file(teleai_client *client, const char *text, candidates *out, teleai_error *error) {
    bool is_path = strchr(text, '/') != NULL;
    char *real = is_path ? realpath(text, NULL) : NULL;
    const teleai_page page = {.struct_size = sizeof page, .limit = MOST_LISTED};
    const teleai_audio_file_filter named = {
        .struct_size = sizeof named, .file_name = is_path ? NULL : text, .file_path = is_path ? text : NULL};
    const teleai_audio_file_filter at = {.struct_size = sizeof at, .file_path = real};
    teleai_client *batch = NULL;
    answers all = {0};
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status == TELEAI_OK) {
        teleai_audio_file_list(batch, &named, &page, &all.files, &all.errors[ROW_FILE]);
        if (real != NULL)
            teleai_audio_file_list(batch, &at, &page, &all.files_at, &all.errors[ROW_USER]);
        status = settle(batch, &all, out, error);
    }
    free(real);
    return status;
}

static teleai_status find_by_email(teleai_client *client, const char *text, candidates *out, teleai_error *error) {
    teleai_user *user = NULL;
    teleai_status status = teleai_user_get_by_email(client, text, &user, error);
    if (status == TELEAI_OK)
        add(out, ROW_USER, &user->id, "%.120s", user->email);
    teleai_user_free(user);
    return status == TELEAI_NOT_FOUND || status == TELEAI_INVALID_ARGUMENT ? TELEAI_OK : status;
}

/* ---- what was found ---- */

static int say_none(const char *text, bool is_id, int digits) {
    bool is_hex = *text != 0 && text[strspn(text, "0123456789abcdefABCDEF-")] == 0;
    if (strchr(text, '@') != NULL)
        report("no user has the e-mail address %s, and no audio file that name", text);
    else if (strchr(text, '/') != NULL)
        report("no audio file has the path %s", text);
    else if (digits == 32)
        report("no user, session, audio file, transcription or analysis has the id %s", text);
    else if (is_id)
        report("no id begins with %s, and no audio file has that name", text);
    else
        report("no audio file is called %s", text);
    if (is_hex && !is_id)
        hint("of an id the first %d digits are needed, or more", LEAST_DIGITS);
    if (strchr(text, '/') != NULL)
        hint("`teleai show NAME` finds a file by its name alone, wherever it lies");
    if (strchr(text, '@') != NULL)
        hint("`teleai user list` shows who there is");
    hint("what belongs to another tenant is shown with --tenant");
    return EXIT_NOTHING;
}

static int say_several(const char *text, const candidates *found, bool is_id) {
    if (is_id)
        report("%s%zu ids begin with %s; type more of the one that is meant:", found->more ? "over " : "", found->count,
               text);
    else
        report("%s%zu audio files are called %s; name one by its id:", found->more ? "over " : "", found->count, text);
    for (size_t i = 0; i < found->count; i++) {
        char id[TELEAI_UUID_TEXT_BYTES];
        teleai_uuid_format(&found->items[i].id, id);
        hint("%s  %-13s  %s", id, kind_name(found->items[i].kind), found->items[i].what);
    }
    if (found->more)
        hint("...");
    return EXIT_USAGE;
}

bool look_up(teleai_client *client, const char *text, teleai_uuid *out, int *status) {
    id_range range;
    candidates found = {0};
    teleai_error error;
    bool is_id = read_range(text, &range);
    teleai_status came = TELEAI_OK;
    if (is_id)
        came = find_by_id(client, &range, &found, &error);
    else if (strchr(text, '@') != NULL)
        came = find_by_email(client, text, &found, &error);
    bool by_id = found.count > 0;
    if (came == TELEAI_OK && found.count == 0)
        came = find_file(client, text, &found, &error);
    if (came != TELEAI_OK)
        *status = fail_with(&error);
    else if (found.count == 0)
        *status = say_none(text, is_id, range.digits);
    else if (found.count > 1 || found.more)
        *status = say_several(text, &found, by_id);
    else
        *out = found.items[0].id;
    return came == TELEAI_OK && found.count == 1 && !found.more;
}
