#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/migrate.h"

static char server[512], connection[600], database[64];

static void give_up(const char *what, const char *why) {
    fprintf(stderr, "harness: %s: %s\n", what, why);
    abort();
}

bool harness_has_server(void) {
    const char *folder = getenv("TELEAI_TEST_SERVER");
    char path[400];
    snprintf(path, sizeof path, "%s/connection", folder == NULL ? "." : folder);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    bool fine = fgets(server, sizeof server, file) != NULL;
    fclose(file);
    server[strcspn(server, "\n")] = '\0';
    return fine;
}

static PGconn *connect_to(const char *name) {
    char text[700];
    snprintf(text, sizeof text, "%s dbname=%s", server, name);
    PGconn *raw = PQconnectdb(text);
    /* A server that a test has just killed, or that killed itself over a process of its own, takes a moment to return. */
    for (int i = 0;
         i < 100 && PQstatus(raw) != CONNECTION_OK &&
         (strstr(PQerrorMessage(raw), "recovery mode") != NULL || strstr(PQerrorMessage(raw), "starting up") != NULL ||
          strstr(PQerrorMessage(raw), "not yet accepting") != NULL);
         i++) {
        PQfinish(raw);
        usleep(100000);
        raw = PQconnectdb(text);
    }
    if (PQstatus(raw) != CONNECTION_OK)
        give_up("connect", PQerrorMessage(raw));
    return raw;
}

static void administer(const char *sql) {
    PGconn *raw = connect_to("postgres");
    PGresult *result = PQexec(raw, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        give_up(sql, PQerrorMessage(raw));
    PQclear(result);
    PQfinish(raw);
}

static const char *make(const char *template) {
    static int count;
    if (!harness_has_server())
        give_up("no server", "call harness_has_server() first");
    char sql[200];
    snprintf(database, sizeof database, "test_%d_%d", (int)getpid(), ++count);
    snprintf(sql, sizeof sql, "create database %s template %s", database, template);
    administer(sql);
    snprintf(connection, sizeof connection, "%s dbname=%s", server, database);
    return connection;
}

const char *harness_database(void) { return database[0] != '\0' ? connection : make("teleai_template"); }

const char *harness_database_as(const char *role) {
    static char as[sizeof connection + 80];
    snprintf(as, sizeof as, "%s user=%s", harness_database(), role);
    return as;
}

const char *harness_empty_database(void) { return make("template0"); }

void harness_drop_named(const char *name) {
    char sql[200];
    snprintf(sql, sizeof sql, "drop database if exists %s", name);
    PGconn *raw = connect_to("postgres");
    /* Connections that were just closed may take a moment to end. */
    char end[200];
    snprintf(end, sizeof end, "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'", name);
    for (int i = 0; i < 100; i++) {
        PQclear(PQexec(raw, end));
        PGresult *result = PQexec(raw, sql);
        bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        if (done)
            break;
        usleep(20000);
    }
    PQfinish(raw);
}

void harness_drop(void) {
    if (database[0] != '\0')
        harness_drop_named(database);
    database[0] = '\0';
}

teleai_client *harness_open(void) {
    teleai_options options = {.struct_size = sizeof options, .password_memory_kib = 19456};
    teleai_client *client = NULL;
    teleai_error error;
    if (teleai_open(harness_database(), &options, &client, &error) != TELEAI_OK)
        give_up("teleai_open", error.message);
    return client;
}

PGconn *harness_connect(void) {
    harness_database();
    return connect_to(database);
}

const char *harness_sql(const char *format, ...) {
    static char values[4][4096];
    static int next;
    char sql[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    PGconn *raw = harness_connect();
    PGresult *result = PQexec(raw, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        give_up(sql, PQerrorMessage(raw));
    char *value = values[next++ % 4];
    snprintf(value, sizeof values[0], "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(raw);
    return value;
}

bool harness_becomes(const char *value, const char *sql) {
    for (int i = 0; i < 1000; i++) {
        if (strcmp(harness_sql("%s", sql), value) == 0)
            return true;
        usleep(20000);
    }
    return false;
}

void harness_user(teleai_client *client, teleai_uuid *id) {
    static int count;
    char email[64];
    snprintf(email, sizeof email, "user%d.%d@example.org", (int)getpid(), ++count);
    teleai_uuid_make(id);
    teleai_user_input input = {.struct_size = sizeof input, .id = id, .email = email, .full_name = "Test User"};
    teleai_error error;
    if (teleai_user_create(client, &input, NULL, &error) != TELEAI_OK)
        give_up("user", error.message);
}

void harness_audio_file(teleai_client *client, const teleai_uuid *user_id, teleai_uuid *id) {
    teleai_uuid_make(id);
    teleai_audio_file_input input = {.struct_size = sizeof input,
                                     .id = id,
                                     .user_id = user_id,
                                     .file_name = "call.wav",
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = 1000};
    teleai_error error;
    if (teleai_audio_file_create(client, &input, NULL, &error) != TELEAI_OK)
        give_up("audio file", error.message);
}

void harness_transcription(teleai_client *client, const teleai_uuid *user_id, const teleai_uuid *audio_file_id,
                           const char *text, teleai_uuid *id) {
    teleai_uuid_make(id);
    teleai_transcription_input input = {.struct_size = sizeof input,
                                        .id = id,
                                        .audio_file_id = audio_file_id,
                                        .user_id = user_id,
                                        .text = text,
                                        .language_code = "en",
                                        .engine = "test",
                                        .status = TELEAI_TRANSCRIPTION_COMPLETED};
    teleai_error error;
    if (teleai_transcription_create(client, &input, NULL, &error) != TELEAI_OK)
        give_up("transcription", error.message);
}

int64_t harness_newest_version(void) { return (int64_t)teleai__migration_file_count; }
