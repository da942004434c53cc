/*
 * The row engine and every decode: public functions are called, and in place of a server's the answer is made of the given
 * bytes. --wrap=teleai__run puts that between. The columns are mostly as they should be, or nothing would come further
 * than their check.
 */
#include <libpq-fe.h>
#include <pthread.h>

#include "api/labels.h"
#include "api/user.h"
#include "base/secret.h"
#include "wire/result.h"
#include "run/operation.h"
#include "fuzz.h"
#include "teleai.h"

static fuzz_bytes given;

/* ---- made-up answers ---- */

static Oid type_of(enum teleai__kind kind) {
    static const Oid types[] = {
        [TELEAI__UUID] = 2950, [TELEAI__TEXT] = 25,     [TELEAI__BODY] = 25,      [TELEAI__JSON] = 3802,
        [TELEAI__INET] = 869,  [TELEAI__TEXTS] = 1009,  [TELEAI__BOOL] = 16,      [TELEAI__INT32] = 23,
        [TELEAI__INT64] = 20,  [TELEAI__DOUBLE] = 701,  [TELEAI__CENTI] = 1700,   [TELEAI__SECONDS] = 1700,
        [TELEAI__TIME] = 1184, [TELEAI__LABEL] = 20000, [TELEAI__PHRASES] = 1009, [TELEAI__MARKS] = 0,
    };
    return types[kind];
}

#define MOST_COLUMNS 40
static Oid types[MOST_COLUMNS];
static int type_count;

static void add_type(Oid type) {
    if (type_count < MOST_COLUMNS)
        types[type_count++] = type;
}

static void add_row(const teleai__row *row) {
    for (int i = 0; row != NULL && i < row->count; i++)
        add_type(type_of((enum teleai__kind)row->columns[i].kind));
}

/* What the statement's answer has, where the operation does not say it. */
static void choose_types(const teleai__operation *operation) {
    static const Oid hits[] = {20, 25, 1184, 2950, 2950, 2950, 2950, 25, 25, 25, 20000, 1700, 1184, 701, 25};
    static const Oid session[] = {2950, 2950, 25, 25, 1184, 1184, 1184};
    const char *name = operation->statement.name;
    type_count = 0;
    if (operation->decode == teleai__decode_guarded)
        add_type(25);
    if (operation->decode == teleai__decode_count) {
        add_type(20);
    } else if (strcmp(name, "search_transcriptions") == 0) {
        for (size_t i = 0; i < sizeof hits / sizeof *hits; i++)
            add_type(hits[i]);
    } else if (strcmp(name, "session_check") == 0) {
        for (size_t i = 0; i < sizeof session / sizeof *session; i++)
            add_type(session[i]);
        add_row(&teleai__user_row);
    } else if (strcmp(name, "user_login") == 0) {
        add_row(&teleai__user_row);
        add_type(25);
    } else {
        add_row(operation->row);
    }
}

static const char *some_text(void) {
    static const char *const texts[] = {"",         "words",      "completed",
                                        "positive", "\2a\3 \3\2", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                        "\xff",     "2026-01-01"};
    return texts[fuzz_take(&given) % 8];
}

static const char *some_json(void) {
    static const char *const texts[] = {"\1{}",
                                        "\1[]",
                                        "\1[{\"text\": \"x\", \"confidence\": 0.5, \"start_ms\": 1}]",
                                        "\1[{\"name\": \"x\", \"score\": 1e400}, 5, null]",
                                        "\1[[[[[[[[{}]]]]]]]]",
                                        "\1[{\"text\": \"\\u00e4\\ud83d\\ude00\"}",
                                        "\1[",
                                        "\2{}"};
    return texts[fuzz_take(&given) % 8];
}

/* A value of this type: mostly of its length, of the bytes that come. */
static int some_value(Oid type, char *out) {
    uint8_t how = fuzz_take(&given);
    if (how % 16 == 15)
        return -1; /* NULL */
    size_t length = type == 2950                                ? 16
                    : type == 20 || type == 701 || type == 1184 ? 8
                    : type == 23                                ? 4
                    : type == 16                                ? 1
                    : type == 1700                              ? 8 + 2 * (size_t)(how / 16 % 4)
                                                                : how / 4u;
    const char *ready = how % 4 != 0                  ? NULL
                        : type == 25 || type == 20000 ? some_text()
                        : type == 3802                ? some_json()
                                                      : NULL;
    if (ready != NULL) {
        length = strlen(ready);
        memcpy(out, ready, length + 1);
        return (int)length;
    }
    if (how % 16 == 14) /* another length */
        length = fuzz_take(&given) % 64;
    size_t count;
    const uint8_t *bytes = fuzz_take_some(&given, length, &count);
    memset(out, 0, length);
    if (count > 0)
        memcpy(out, bytes, count);
    if (type == 1700 && how % 8 < 6) /* a header that fits */
        memcpy(out, (char[]){0, (char)((length - 8) / 2), 0}, length < 8 ? 0 : 3);
    return (int)length;
}

static PGresult *some_answer(const teleai__operation *operation) {
    static char names[] = "column";
    PGresAttDesc attributes[MOST_COLUMNS] = {{0}};
    choose_types(operation);
    uint8_t how = fuzz_take(&given);
    int columns = type_count;
    if (how % 16 == 1 && columns > 0)
        columns--;
    for (int i = 0; i < columns; i++)
        attributes[i] = (PGresAttDesc){.name = names, .typid = types[i], .format = 1, .typlen = -1, .atttypmod = -1};
    if (how % 16 == 2 && columns > 0)
        attributes[fuzz_take(&given) % columns].typid = fuzz_take(&given);
    if (how % 16 == 3 && columns > 0)
        attributes[fuzz_take(&given) % columns].format = 0;
    ExecStatusType status = columns == 0 ? PGRES_COMMAND_OK : PGRES_TUPLES_OK;
    PGresult *result = PQmakeEmptyPGresult(NULL, how % 16 == 4 ? PGRES_EMPTY_QUERY : status);
    MUST(result != NULL && (columns == 0 || PQsetResultAttrs(result, columns, attributes)));
    int rows = columns == 0 ? 0 : how / 16 < 10 ? 1 : how / 16 - 10;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            char value[128];
            int length = some_value(types[c], value);
            MUST(PQsetvalue(result, r, c, length < 0 ? NULL : value, length));
        }
    return result;
}

teleai_status __wrap_teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error);
teleai_status __wrap_teleai__run(teleai_client *client, const teleai__operation *operation, teleai_error *error) {
    (void)client;
    memset(error, 0, sizeof *error);
    return operation->decode(operation, some_answer(operation), error);
}

/* ---- calls ---- */

static void text(const char *it) { MUST(it == NULL || fuzz_is_text(it)); }

/* What is given back is whole, and can be handed on to Arrow. */
#define LIST(type, call, arrow)                                                         \
    do {                                                                                \
        teleai_##type *list = NULL;                                                     \
        struct ArrowSchema schema;                                                      \
        struct ArrowArray array;                                                        \
        status = (call);                                                                \
        if (status == TELEAI_OK && arrow(list, &schema, &array, &error) == TELEAI_OK) { \
            schema.release(&schema);                                                    \
            array.release(&array);                                                      \
        }                                                                               \
        teleai_##type##_free(list);                                                     \
    } while (0)

#define ONE(type, call, member)   \
    do {                          \
        teleai_##type *it = NULL; \
        status = (call);          \
        if (it != NULL)           \
            text(it->member);     \
        teleai_##type##_free(it); \
    } while (0)

static teleai_status no_arrow(const void *list, struct ArrowSchema *schema, struct ArrowArray *array,
                              teleai_error *error) {
    (void)list, (void)schema, (void)array, (void)error;
    return TELEAI_CONFLICT;
}

static void call(teleai_client *client, int which) {
    static const teleai_uuid id = {{1}};
    static const teleai_page page = {.struct_size = sizeof page, .limit = 2};
    teleai_error error = {0};
    teleai_status status = TELEAI_OK;
    int64_t number = 0;
    switch (which) {
    case 0:
        LIST(users, teleai_user_list(client, NULL, &page, &list, &error), teleai_users_to_arrow);
        break;
    case 1:
        LIST(sessions, teleai_session_list(client, NULL, &page, &list, &error), teleai_sessions_to_arrow);
        break;
    case 2:
        LIST(audio_files, teleai_audio_file_list(client, NULL, &page, &list, &error), teleai_audio_files_to_arrow);
        break;
    case 3:
        LIST(transcriptions, teleai_transcription_list(client, NULL, &page, &list, &error),
             teleai_transcriptions_to_arrow);
        break;
    case 4:
        LIST(analyses, teleai_analysis_list(client, NULL, &page, &list, &error), teleai_analyses_to_arrow);
        break;
    case 5:
        LIST(tenants, teleai_tenant_list(client, NULL, &page, &list, &error), teleai_tenants_to_arrow);
        break;
    case 6:
        LIST(users_stats, teleai_user_stats_list(client, &page, &list, &error), teleai_users_stats_to_arrow);
        break;
    case 7:
        LIST(daily_usages, teleai_daily_usage_list(client, 0, 0, &list, &error), teleai_daily_usages_to_arrow);
        break;
    case 8:
        LIST(activities, teleai_activity_list(client, NULL, &page, &list, &error), teleai_activities_to_arrow);
        break;
    case 9:
        LIST(queue_statuses, teleai_queue_status_list(client, &list, &error), teleai_queue_statuses_to_arrow);
        break;
    case 10:
        LIST(pipelines, teleai_pipeline_list(client, NULL, &page, &list, &error), teleai_pipelines_to_arrow);
        break;
    case 11:
        LIST(search_hits, teleai_search_transcriptions(client, "heart", NULL, &list, &error),
             teleai_search_hits_to_arrow);
        break;
    case 12:
        LIST(tenants_stats, teleai_tenant_stats_list(client, &page, &list, &error), teleai_tenants_stats_to_arrow);
        break;
    case 13:
        ONE(user, teleai_user_get(client, &id, &it, &error), email);
        break;
    case 14:
        ONE(session, teleai_session_get(client, &id, &it, &error), user_agent);
        break;
    case 15:
        ONE(audio_file, teleai_audio_file_start(client, &id, &it, &error), metadata_json);
        break;
    case 16:
        ONE(transcription, teleai_transcription_get(client, &id, &it, &error), text);
        break;
    case 17:
        ONE(analysis, teleai_analysis_get(client, &id, &it, &error), key_phrases_json);
        break;
    case 18:
        ONE(identity, teleai_session_check(client, "x", &it, &error), user->email);
        break;
    case 19:
        status = teleai_user_count(client, NULL, &number, &error);
        break;
    case 20:
        status = teleai_user_delete(client, &id, &error);
        break;
    case 21:
        status = teleai_session_revoke_all(client, &id, &number, &error);
        break;
    case 22:
        status = teleai_tenant_usage_recount(client, &id, &number, &error);
        break;
    case 23:
        LIST(users, teleai_user_get_many(client, &id, 1, &list, &error), teleai_users_to_arrow);
        break;
    case 24:
        LIST(transcriptions, teleai_search_keywords(client, "heart", &page, &list, &error),
             teleai_transcriptions_to_arrow);
        break;
    case 25:
        LIST(health_findings, teleai_health_check(client, NULL, &list, &error), no_arrow);
        break;
    default:
        status = teleai_daily_usage_refresh(client, &error);
        break;
    }
    MUST(number >= 0 || status != TELEAI_OK);
    MUST(status == error.status || status == TELEAI_OK);
    MUST(status == TELEAI_OK || status == TELEAI_SCHEMA_MISMATCH || status == TELEAI_NOT_FOUND ||
         status == TELEAI_CONFLICT || status == TELEAI_SERVER_ERROR || status == TELEAI_UNAUTHENTICATED);
    text(error.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static teleai_client *client;
    teleai_error error;
    if (client == NULL) {
        teleai_options options = {.struct_size = sizeof options};
        MUST(teleai__secret_ready());
        MUST(teleai__client_make("host=/nowhere", &options, &client, &error) == TELEAI_OK);
    }
    given = (fuzz_bytes){data, size};
    call(client, fuzz_take(&given) % 27);
    return 0;
}
