/* A private server that is kept: started, told of, opened and closed by others, stopped. Needs PostgreSQL's programs. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <teleai.h>

#include "check.h"

static char base[32], folder[160], local[200];

static teleai_local_status *look(void) {
    teleai_local_status *status = NULL;
    teleai_error error;
    if (!GIVES(teleai_local_status_get(folder, NULL, &status, &error), TELEAI_OK))
        exit(1);
    return status;
}

/* running, kept, in use */
static void is(bool running, bool kept, bool in_use) {
    teleai_local_status *status = look();
    CHECK(status->exists && status->running == running && status->kept == kept && status->in_use == in_use,
          "exists %d running %d kept %d in use %d", status->exists, status->running, status->kept, status->in_use);
    CHECK((status->process_id > 0) == running && (status->started_at_us > 0) == running &&
              (status->connection != NULL) == running,
          "process %lld", (long long)status->process_id);
    CHECK(!running || kill((pid_t)status->process_id, 0) == 0, "process %lld", (long long)status->process_id);
    teleai_local_status_free(status);
}

static teleai_client *open_it(void) {
    teleai_client *client = NULL;
    teleai_error error;
    GIVES(teleai_open(local, NULL, &client, &error), TELEAI_OK);
    return client;
}

static void test_nothing_there(void) {
    teleai_local_status *status = look();
    teleai_error error;
    bool running = true;
    CHECK(!status->exists && !status->running && !status->kept && status->folder == NULL, "exists %d", status->exists);
    teleai_local_status_free(status);
    GIVES(teleai_local_stop(folder, NULL, &running, &error), TELEAI_NOT_FOUND);
    CHECK(!running, "running");
    CHECK(access(folder, F_OK) != 0, "looking made the folder");
    GIVES(teleai_local_start("", NULL, &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_local_start(NULL, NULL, &error), TELEAI_INVALID_ARGUMENT);
    GIVES(teleai_local_status_get(folder, NULL, NULL, &error), TELEAI_INVALID_ARGUMENT);
    teleai_local_options bad = {.struct_size = sizeof bad, .timeout_ms = -1};
    GIVES(teleai_local_start(folder, &bad, &error), TELEAI_INVALID_ARGUMENT);
    CHECK(strcmp(error.field, "timeout_ms") == 0, "%s", error.field);
    GIVES(teleai_local_start(base, NULL, &error), TELEAI_INVALID_ARGUMENT); /* holds other things */
    GIVES(teleai_local_stop(base, NULL, NULL, &error), TELEAI_NOT_FOUND);
    teleai_local_status_free(NULL);
}

static void test_kept(void) {
    teleai_error error;
    if (!GIVES(teleai_local_start(local, NULL, &error), TELEAI_OK))
        exit(1);
    is(true, true, false);
    teleai_local_status *status = look();
    char data[200], connection[400];
    snprintf(data, sizeof data, "%s/cluster", status->folder);
    snprintf(connection, sizeof connection, "%s application_name=other", status->connection);
    CHECK(strcmp(status->data_directory, data) == 0 && access(data, F_OK) == 0, "%s", status->data_directory);
    CHECK(status->major_version >= 12 && status->major_version < 100, "%d", status->major_version);
    CHECK(status->size_bytes > 10 << 20 && status->size_bytes < 1 << 30, "%lld", (long long)status->size_bytes);
    int64_t age = (int64_t)time(NULL) - status->started_at_us / 1000000;
    CHECK(age >= 0 && age < 600, "%lld", (long long)age);
    int64_t process = status->process_id;

    teleai_client *client = open_it(); /* which makes the schema */
    is(true, true, true);
    teleai_close(client);
    is(true, true, false);
    GIVES(teleai_open(connection, NULL, &client, &error), TELEAI_OK); /* not as an opener of the folder */
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    teleai_close(client);
    GIVES(teleai_local_start(folder, NULL, &error), TELEAI_OK);
    teleai_local_status *again = look();
    CHECK(again->process_id == process, "another server");
    teleai_local_status_free(again);
    teleai_local_status_free(status);

    bool running = true;
    GIVES(teleai_local_stop(folder, NULL, &running, &error), TELEAI_OK);
    CHECK(!running, "running");
    is(false, false, false);
    GIVES(teleai_local_stop(folder, NULL, NULL, &error), TELEAI_OK);
}

static void test_in_use(void) {
    teleai_error error;
    bool running = false;
    teleai_client *client = open_it();
    GIVES(teleai_local_start(folder, NULL, &error), TELEAI_OK);
    GIVES(teleai_local_stop(folder, NULL, &running, &error), TELEAI_OK);
    CHECK(running, "it does not say that the server goes on");
    is(true, false, true);
    GIVES(teleai_ping(client, &error), TELEAI_OK);
    teleai_close(client);
    is(false, false, false);

    client = open_it();
    GIVES(teleai_local_start(folder, NULL, &error), TELEAI_OK);
    const teleai_local_options options = {.struct_size = sizeof options, .stop_in_use = true};
    GIVES(teleai_local_stop(folder, &options, &running, &error), TELEAI_OK);
    CHECK(!running, "running");
    is(false, false, true);
    GIVES(teleai_ping(client, &error), TELEAI_UNAVAILABLE);
    teleai_close(client);
}

/* As after a power cut: the next opener starts it, and it is kept as before. */
static void test_killed(void) {
    teleai_error error;
    GIVES(teleai_local_start(folder, NULL, &error), TELEAI_OK);
    teleai_local_status *status = look();
    pid_t server = (pid_t)status->process_id;
    teleai_local_status_free(status);
    if (!CHECK(server > 1, "process %d", (int)server)) /* 0 would be all of us */
        return;
    kill(server, SIGKILL);
    for (int i = 0; i < 500 && kill(server, 0) == 0; i++)
        check_pause_ms(10);
    is(false, true, false);
    teleai_close(open_it());
    is(true, true, false);
    GIVES(teleai_local_stop(folder, NULL, NULL, &error), TELEAI_OK);
    is(false, false, false);
}

/* Its socket is reached through a link elsewhere, which stays as long as the server is kept. */
static void test_long_name(void) {
    char longer[400], kept[160];
    teleai_error error;
    snprintf(kept, sizeof kept, "%s", folder);
    snprintf(longer, sizeof longer, "mv '%s' '%s/%080d'", folder, base, 0);
    CHECK(system(longer) == 0, "mv");
    snprintf(folder, sizeof folder, "%s/%080d", base, 0);
    GIVES(teleai_local_start(folder, NULL, &error), TELEAI_OK);
    teleai_local_status *status = look();
    if (!CHECK(status->connection != NULL && strstr(status->connection, "'/tmp/teleai-") != NULL, "%s",
               status->connection == NULL ? "none" : status->connection)) {
        teleai_local_status_free(status);
        return;
    }
    teleai_client *client = NULL;
    GIVES(teleai_open(status->connection, NULL, &client, &error), TELEAI_OK);
    teleai_close(client);
    char link[100];
    snprintf(link, sizeof link, "%.*s", (int)strcspn(status->connection + 6, "'"), status->connection + 6);
    CHECK(access(link, F_OK) == 0, "%s", link);
    teleai_local_status_free(status);
    GIVES(teleai_local_stop(folder, NULL, NULL, &error), TELEAI_OK);
    CHECK(access(link, F_OK) != 0, "%s is still there", link);
    is(false, false, false);
    CHECK(access(link, F_OK) != 0, "%s is there again", link);
    snprintf(folder, sizeof folder, "%s", kept);
}

static bool has_statistics(const char *connection) {
    PGconn *raw = PQconnectdb(connection);
    PGresult *result = PQexec(raw, "select reltuples >= 300 from pg_class where oid = to_regclass('users')");
    bool yes = PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    PQfinish(raw);
    return yes;
}

/* Nobody vacuums or analyzes a private database but the programs that close it. What sessions have changed is counted when
 * they end, so it may be the next program that does it. */
static void test_maintained(void) {
    enum { PEOPLE = 300 };
    static teleai_user_input people[PEOPLE];
    static char emails[PEOPLE][40];
    teleai_error error;
    GIVES(teleai_local_start(folder, NULL, &error), TELEAI_OK);
    teleai_local_status *status = look();
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(emails[i], sizeof emails[i], "user%d@example.org", i);
        people[i] =
            (teleai_user_input){.struct_size = sizeof people[i], .email = emails[i], .full_name = "One of many"};
    }
    teleai_client *client = open_it();
    GIVES(teleai_user_create_many(client, people, PEOPLE, NULL, NULL, &error), TELEAI_OK);
    teleai_close(client);
    for (int i = 0; i < 200 && !has_statistics(status->connection); i++)
        teleai_close(open_it());
    CHECK(has_statistics(status->connection), "never analyzed");
    teleai_local_status_free(status);
    GIVES(teleai_local_stop(folder, NULL, NULL, &error), TELEAI_OK);
}

int main(void) {
    snprintf(base, sizeof base, "/tmp/teleai-keep-XXXXXX");
    if (mkdtemp(base) == NULL || chmod(base, 0755) != 0)
        return 1;
    snprintf(folder, sizeof folder, "%s/data", base);
    snprintf(local, sizeof local, "local:%s", folder);
    teleai_client *first = NULL;
    teleai_error error;
    char trial[200];
    snprintf(trial, sizeof trial, "local:%s/trial", base);
    teleai_status status = teleai_open(trial, NULL, &first, &error);
    teleai_close(first);
    if (status == TELEAI_UNSUPPORTED) {
        printf("skipped: %s\n", error.message);
        return check_skip();
    }
    test_nothing_there();
    test_kept();
    test_in_use();
    test_killed();
    test_maintained();
    test_long_name();
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", base);
    CHECK(system(command) == 0, "rm");
    return check_failures > 0;
}
