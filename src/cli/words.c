/* What the library says, said for the terminal; see words.h. */
#include "cli/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/interrupt.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"

static const command *current; /* a process runs one command line */
static const arguments *typed;

void words_about(const command *of, const arguments *given) {
    current = of;
    typed = given;
}

/* ---- fields ---- */

/* What a field of the C interface is called here, and where its value was typed: in an option, or else as the command's first
 * or second word. */
typedef struct name {
    const char *field, *called, *option;
    int place; /* -1: no operand is it */
    bool
        is_common; /* a word that also means something else: it is only the field's name at the beginning of a message */
} name;

static const name names[] = {
    {"email", "the e-mail address", NULL, 0, true},
    {"full_name", "the name", NULL, 1, false},
    {"password", "the password", NULL, -1, true},
    {"role", "--role", "role", -1, true},
    {"user_id", "the user", "user", 0, false},
    {"tenant_id", "the tenant", "tenant", -1, false},
    {"slug", "the tenant", "tenant", -1, true},
    {"id", "the id", NULL, 0, true},
    {"query", "the search", NULL, -1, true},
    {"cursor", "--cursor", "cursor", -1, true},
    {"limit", "--limit", "limit", -1, true},
    {"language_code", "--language", "language", -1, false},
    {"engine", "--engine", "engine", -1, true},
    {"created_from_us", "--from", "from", -1, false},
    {"created_until_us", "--until", "until", -1, false},
    {"min_confidence", "--min-confidence", "min-confidence", -1, false},
    {"timeout_ms", "--timeout", "timeout", -1, false},
    {"version", "the version", NULL, 0, true},
    {"file_name", "the file name", NULL, -1, false},
    {"file_path", "the path", NULL, -1, false},
    {"mime_type", "the type of the file", NULL, -1, false},
    {"file_size_bytes", "the size of the file", NULL, -1, false},
    {"duration_ms", "the duration", NULL, -1, false},
    {"sample_rate_hz", "the sample rate", NULL, -1, false},
    {"bit_rate_bps", "the bit rate", NULL, -1, false},
    {"channels", "the number of channels", NULL, -1, true},
    {"metadata_json", "the metadata", NULL, -1, false},
    {"metadata", "the metadata", NULL, -1, true},
    {"upload_completed_at_us", "the time of the file", NULL, -1, false},
    {"audio_file_id", "the audio file", NULL, 0, false},
    {"transcription_id", "the transcription", NULL, 0, false},
};

static const name *name_of_field(const char *field, size_t length) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].field) == length && strncmp(names[i].field, field, length) == 0)
            return &names[i];
    return NULL;
}

/* What was typed for a field; NULL when nothing was. */
static const char *value_typed(const char *field) {
    const name *of = name_of_field(field, strlen(field));
    if (of == NULL || typed == NULL)
        return NULL;
    if (of->option != NULL && command_option(current, of->option, 0) != NULL)
        return value_of(typed, of->option);
    return of->place >= 0 ? operand(typed, of->place) : NULL;
}

/* ---- texts ---- */

/* What is said otherwise here, the longer before what it contains. */
static const char *const instead[][2] = {
    {"`teleai migrate up`, teleai_migrate_up() or options.schema = TELEAI_SCHEMA_MIGRATE", "`teleai migrate up`"},
    {"`teleai migrate up` or teleai_migrate_up()", "`teleai migrate up`"},
    {"teleai migrate up # or call teleai_migrate_up()", "teleai migrate up"},
    {"see teleai_migrate_up()", "`teleai migrate status` shows where it stands"},
    {"with teleai_migrate_up()", "with `teleai migrate up`"},
    {"`teleai migrate adopt` (teleai_migrate_adopt())", "`teleai migrate adopt`"},
    {"`teleai migrate force VERSION`, teleai_migrate_force()", "`teleai migrate force VERSION`"},
    {"call teleai_row_security_enable() (or _disable()) again",
     "run database/row_security/enable.sql (or disable.sql) again"},
    {"teleai_row_security_enable()", "database/row_security/enable.sql"},
    {"teleai_tenant_usage_recount() with NULL, or: ", ""},
    {"or call teleai_session_purge_expired() now and then", "or run `teleai maintain` now and then"},
    {"the schema is not the one this library needs", "the schema is not the one that this version of teleai needs"},
    {"this library needs", "this version of teleai needs"},
    {"than this library's ", "than this version of teleai knows, "},
    {"this library", "this version of teleai"},
    {"libteleai", "teleai"},
    {"; password_memory_kib sets how much it takes", ""},
    {". Close transactions sooner or raise max_connections", ""},
    {", or with a longer timeout_ms", ""},
    {"within timeout_ms", "in time"},
    {"a longer timeout_ms", "more time"},
    {"the next_cursor of an earlier page of this one", "what an earlier page of this list printed"},
    {"the next_cursor of an earlier page", "what an earlier page printed"},
    {"; -1 to ", "; 0 to "}, /* -1 stands for the newest version only in the C interface */
};

static bool is_of_name(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_';
}

static size_t length_of_name(const char *at) {
    size_t length = 0;
    while (is_of_name(at[length]))
        length++;
    return length;
}

/* What stands for the text that begins here, and how much of it that is. NULL: it stays. */
static const char *otherwise(const char *text, const char *at, bool about_input, size_t *bytes) {
    for (size_t i = 0; i < sizeof instead / sizeof *instead; i++) {
        *bytes = strlen(instead[i][0]);
        if (strncmp(at, instead[i][0], *bytes) == 0)
            return instead[i][1];
    }
    if ((strncmp(at, " (constraint ", 13) == 0 || strncmp(at, " (SQLSTATE ", 11) == 0) &&
        (*bytes = strcspn(at, ")") + 1) < 90)
        return "";
    if (at > text && is_of_name(at[-1]))
        return NULL;
    *bytes = length_of_name(at);
    const name *field = name_of_field(at, *bytes);
    bool is_input = about_input || strcmp(field == NULL ? "" : field->field, "timeout_ms") == 0;
    return field != NULL && is_input && (at == text || !field->is_common) ? field->called : NULL;
}

/* Of "user_create: ..." what follows: which operation it was those know who typed the command. */
static const char *behind_operation(const char *text) {
    static const char *const plain[] = {"local", "open", "listen", "cancel", "maintain", "migrate", "migration"};
    size_t length = length_of_name(text);
    if (text[length] != ':' || text[length + 1] != ' ')
        return text;
    bool is_one = memchr(text, '_', length) != NULL && name_of_field(text, length) == NULL;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        is_one |= strlen(plain[i]) == length && strncmp(text, plain[i], length) == 0;
    return is_one ? text + length + 2 : text;
}

/* `about_input`: names are of what was typed; elsewhere they are of columns, which are called the same here. */
static char *words_of(const char *text, bool about_input) {
    if (text == NULL)
        return NULL;
    size_t room = 2 * strlen(text) + 100,
           length = 0; /* nothing is replaced by what is more than twice as long, and 100 */
    char *made = malloc(room);
    const char *start = behind_operation(text);
    for (const char *at = start; made != NULL && *at != 0;) {
        size_t bytes;
        const char *other = otherwise(start, at, about_input, &bytes);
        if (other == NULL) {
            other = at;
            bytes = 1;
        }
        size_t added = other == at ? 1 : strlen(other);
        if (length + added + 1 >= room)
            break;
        memcpy(made + length, other, added);
        length += added;
        at += bytes;
    }
    if (made != NULL)
        made[length] = 0;
    return made;
}

char *words_of_text(const char *text) { return words_of(text, false); }

void cell_words(table *to, const char *text) {
    char *said = words_of_text(text);
    cell_text(to, said);
    free(said);
}

void print_words(const char *text, int first, int other) {
    char *said = words_of_text(text);
    print_wrapped(said == NULL ? "" : said, first, other);
    free(said);
}

/* ---- errors ---- */

/* In `says` and the hints % stands for what was typed for the field. */
typedef struct phrase {
    int32_t status;
    const char *operation; /* what the message begins with; NULL: any */
    const char *field;     /* NULL: any */
    const char *sqlstate;  /* NULL: any */
    const char *part;      /* what the message has in it; NULL: anything */
    const char *value;     /* the field whose value is meant; NULL: `field` */
    const char *says;      /* NULL: what the library says, in words of the terminal */
    const char *hints[2];
} phrase;

#define NO_USER "`teleai user list` shows who there is; `teleai user add` makes one"
#define NO_TENANT "--tenant takes the slug of a tenant, or its id; without it the default tenant is meant"

static const phrase phrases[] = {
    {TELEAI_ALREADY_EXISTS, NULL, "email", .says = "the e-mail address % is taken",
     .hints = {"`teleai user passwd %` changes the password of the account that is there, `teleai show %` shows it"}},
    {TELEAI_ALREADY_EXISTS, .says = "it is there already"},
    {TELEAI_NOT_FOUND, "user_", .value = "user_id", .says = "there is no user %", .hints = {NO_USER}},
    {TELEAI_NOT_FOUND, "tenant_", .value = "tenant_id", .says = "there is no tenant %", .hints = {NO_TENANT}},
    {TELEAI_NOT_FOUND, "local: there is no private server", .value = "id",
     .hints = {"`teleai local start %` makes one"}},
    {TELEAI_PARENT_NOT_FOUND, NULL, "tenant_id", .says = "there is no tenant %", .hints = {NO_TENANT}},
    {TELEAI_PARENT_NOT_FOUND, NULL, "user_id", .says = "there is no user %", .hints = {NO_USER}},
    {TELEAI_PARENT_NOT_FOUND, NULL, "audio_file_id", .says = "there is no audio file %"},
    {TELEAI_PARENT_NOT_FOUND, NULL, "transcription_id", .says = "there is no transcription %"},
    {TELEAI_INVALID_ARGUMENT, NULL, "email", .part = "not of the right form",
     .says = "% is not an e-mail address; one such as ann@example.org was expected"},
    {TELEAI_INVALID_ARGUMENT, NULL, "email", "23514", .says = "the database does not take the e-mail address %",
     .hints = {"a rule of the table users refuses it; `teleai migrate status` shows whether the schema is up to date"}},
    {TELEAI_INVALID_ARGUMENT, NULL, "language_code", .part = "not of the right form",
     .says = "--language is %; a code such as en or pt-BR was expected"},
    {TELEAI_INVALID_ARGUMENT, NULL, "cursor", .part = "cursor is none",
     .says = "% is not a cursor; --cursor takes what the page before printed"},
    {TELEAI_INVALID_ARGUMENT, NULL, "cursor", .part = "another list",
     .says = "--cursor is of another list, or of this one in another order; use it with the options of the page that "
             "printed "
             "it"},
    {TELEAI_INVALID_ARGUMENT, NULL, "created_until_us", .part = "later than",
     .says = "--from is later than --until: nothing can lie between them"},
    {TELEAI_INVALID_ARGUMENT, NULL, "query", .part = "only excludes",
     .says = "the search only leaves words out; on each side of `or` at least one word to look for was expected"},
    {TELEAI_INVALID_ARGUMENT, NULL, "version", .part = "was expected", .says = "there is no version %",
     .hints = {"`teleai migrate status` lists the versions"}},
    {TELEAI_LIMIT_EXCEEDED, NULL, "max_users", .says = "the tenant has as many users as it may have",
     .hints = {"an administrator of the database can raise the limit"}},
    {TELEAI_LIMIT_EXCEEDED, NULL, "max_storage_bytes", .says = "the tenant has stored as much as it may",
     .hints = {"an administrator of the database can raise the limit"}},
    {TELEAI_LIMIT_EXCEEDED, NULL, "max_audio_seconds", .says = "the tenant has as many hours of audio as it may have",
     .hints = {"an administrator of the database can raise the limit"}},
    {TELEAI_PERMISSION_DENIED, NULL, NULL, "42501", "must be owner",
     .hints = {"no grant gives that: name the owner of the tables by --database, \"... user=OWNER\""}},
    {TELEAI_PERMISSION_DENIED, NULL, NULL, "25006",
     .says = "the server takes no changes: it is a standby, or the connection is read-only",
     .hints =
         {"name the primary by --database, TELEAI_DATABASE_URL or PGHOST (target_session_attrs=read-write finds it)"}},
    {TELEAI_SCHEMA_MISMATCH, .part = "no teleai schema",
     .says = "the database has no teleai schema yet: run `teleai migrate up`",
     .hints = {"where it has one, the role may not use it, or it is not in the search_path"}},
    {TELEAI_SCHEMA_MISMATCH, .part = "the server sent",
     .hints = {"`teleai migrate status` shows where the database stands"}},
    {TELEAI_SCHEMA_MISMATCH, .part = "has another type",
     .hints = {"`teleai migrate status` shows where the database stands"}},
    {TELEAI_UNAVAILABLE, "local:", .says = NULL},
    {TELEAI_UNAVAILABLE, NULL, NULL, "3D000",
     .hints = {"`createdb NAME` makes a database, `teleai migrate up` its schema"}},
    {TELEAI_UNAVAILABLE, NULL, NULL, "53300",
     .hints = {"other programs have all of them; try again when one has ended"}},
    {TELEAI_UNAVAILABLE, NULL, NULL, "57P03", .hints = {"try again in a moment"}},
    {TELEAI_UNAVAILABLE, "could not connect",
     .hints = {"the database is given by --database, by TELEAI_DATABASE_URL, or by PGHOST, PGDATABASE and so on;",
               "`--database local:DIR` needs none: it makes and starts a private one in that folder"}},
    {TELEAI_UNAUTHENTICATED, .hints = {"a password comes from PGPASSWORD, or from ~/.pgpass (PGPASSFILE)"}},
};

static const phrase *phrase_of(const teleai_error *error) {
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        const phrase *each = &phrases[i];
        if (each->status == error->status && (each->field == NULL || strcmp(each->field, error->field) == 0) &&
            (each->sqlstate == NULL || strcmp(each->sqlstate, error->sqlstate) == 0) &&
            (each->operation == NULL || strncmp(error->message, each->operation, strlen(each->operation)) == 0) &&
            (each->part == NULL || strstr(error->message, each->part) != NULL))
            return each;
    }
    return NULL;
}

/* Puts a value for each %; without one, the % goes, with the blank before it. */
static void put_value(const char *text, const char *value, char *out, size_t room) {
    size_t length = 0;
    for (; *text != 0 && length + 1 < room; text++) {
        if (*text != '%') {
            out[length++] = *text;
            continue;
        }
        if (value == NULL) {
            length -= length > 0 && out[length - 1] == ' ';
            continue;
        }
        int put = snprintf(out + length, room - length, "%.200s", value);
        length += (size_t)put < room - length ? (size_t)put : room - length - 1;
    }
    out[length] = 0;
}

static const char *value_for(const phrase *of, const teleai_error *error) {
    return value_typed(of->value != NULL ? of->value : error->field);
}

const char *words_of_error(const teleai_error *error, said_text out) {
    const phrase *found = phrase_of(error);
    if (found != NULL && found->says != NULL) {
        put_value(found->says, value_for(found, error), out, sizeof(said_text));
        return out;
    }
    char *text = words_of(error->message, error->field[0] != 0);
    bool needs_code =
        error->status == TELEAI_SERVER_ERROR && error->sqlstate[0] != 0; /* nothing else tells what it was */
    snprintf(out, sizeof(said_text), "%s%s%s%s", text == NULL ? "out of memory" : text, needs_code ? " (SQLSTATE " : "",
             needs_code ? error->sqlstate : "", needs_code ? ")" : "");
    free(text);
    return out;
}

/* ---- permissions ---- */

/* "users" of "... permission denied for table users"; "" when the server named nothing. */
static void read_object(const char *message, char *out, size_t room) {
    static const char before[] = "permission denied for ";
    const char *at = strstr(message, before);
    out[0] = 0;
    if (at == NULL)
        return;
    const char *last = strrchr(at, ' ');
    if (last != NULL && (size_t)(last - at) > sizeof before - 2)
        snprintf(out, room, "%s", last + 1);
}

/* Whether a remedy grants something, on this object where one is known. */
static bool grants(const teleai_health_finding *finding, const char *object) {
    const char *on =
        finding->remedy == NULL || strncmp(finding->remedy, "grant ", 6) != 0 ? NULL : strstr(finding->remedy, " on ");
    if (on == NULL)
        return false;
    size_t length = strcspn(on + 4, " "), wanted = strlen(object);
    return wanted == 0 || (length >= wanted && strncmp(on + 4 + length - wanted, object, wanted) == 0 &&
                           (length == wanted || on[4 + length - wanted - 1] == '.'));
}

/* Who may migrate is another matter: owners, and who may create in a schema. */
static bool is_of_a_table(const char *message) {
    return strstr(message, "must be owner") == NULL && strstr(message, "denied for schema") == NULL &&
           strstr(message, "denied for database") == NULL;
}

/* What doctor says of the role that may not do what was asked for: the grants. */
static void hint_grants(const teleai_error *error) {
    const char *connection =
        typed == NULL || command_option(current, "database", 0) == NULL ? NULL : connection_of(typed);
    const teleai_options options = {
        .struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE, .max_connections = 1, .timeout_ms = 5000};
    const teleai_health_options role = {.struct_size = sizeof role, .only = "role"};
    teleai_client *client = NULL;
    teleai_health_findings *found = NULL;
    char object[80];
    size_t said = 0;
    if (connection == NULL || client_connect(connection, &options, &client, NULL) != TELEAI_OK)
        return;
    if (teleai_health_check(client, &role, &found, NULL) == TELEAI_OK) {
        read_object(error->message, object, sizeof object);
        for (size_t i = 0; i < found->count; i++)
            if (grants(found->items[i], object))
                said++, hint("%s", found->items[i]->remedy);
        if (said == 0)
            hint("`teleai doctor` shows what the role may not do, and the grants for it");
    }
    teleai_health_findings_free(found);
    teleai_close(client);
}

int fail_with(const teleai_error *error) {
    if (interrupted()) {
        report("interrupted");
        return EXIT_INTERRUPTED;
    }
    said_text text;
    report("%s", words_of_error(error, text));
    const phrase *found = phrase_of(error);
    for (int i = 0; found != NULL && i < 2 && found->hints[i] != NULL; i++) {
        put_value(found->hints[i], value_for(found, error), text, sizeof text);
        hint("%s", text);
    }
    if (strcmp(error->sqlstate, "42501") == 0 && is_of_a_table(error->message))
        hint_grants(error);
    if (error->status == TELEAI_TIMEOUT && current != NULL && command_option(current, "timeout", 0) != NULL)
        hint("--timeout SECONDS allows more time");
    return exit_status(error);
}
