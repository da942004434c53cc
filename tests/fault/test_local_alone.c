/*
 * A private server on a machine that is set up for another database: whatever libpq's variables, service files and
 * password files say, local:DIR is opened as ever, and the environment is afterwards what it was. Needs PostgreSQL's
 * server programs (exit code 77 without them).
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <teleai.h>

#include "check.h"

static char base[] = "/tmp/teleai-alone.XXXXXX", local[200];

/* Opens it, writes and reads, on several connections. */
static void works(const char *under) {
    teleai_client *client = NULL, *batch = NULL;
    teleai_error error;
    teleai_options options = {.struct_size = sizeof options, .timeout_ms = 30000, .password_memory_kib = 19456};
    int64_t users[2] = {-1, -1};
    if (!CHECK(teleai_open(local, &options, &client, &error) == TELEAI_OK, "%s: %s", under, error.message))
        return;
    teleai_error errors[2];
    CHECK(teleai_batch_open(client, NULL, &batch, &error) == TELEAI_OK, "%s: %s", under, error.message);
    for (int i = 0; i < 2; i++)
        CHECK(teleai_user_count(batch, NULL, &users[i], &errors[i]) == TELEAI_OK, "%s: %s", under, errors[i].message);
    CHECK(teleai_batch_flush(batch, &error) == TELEAI_OK, "%s: %s", under, error.message);
    teleai_close(batch);
    CHECK(users[0] == 0 && users[1] == 0, "%s: %d users", under, (int)users[0]);
    teleai_close(client);
}

static void put(const char *name, const char *text) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", base, name);
    FILE *file = fopen(path, "w");
    if (CHECK(file != NULL, "%s", path)) {
        fputs(text, file);
        fclose(file);
        chmod(path, 0644); /* which libpq warns of, where it is a password file */
    }
}

static void is_unimpressed(const char *name, const char *value) {
    char said[300];
    const char *before = getenv(name);
    char *saved = before == NULL ? NULL : strdup(before);
    snprintf(said, sizeof said, "%s=%s", name, value);
    setenv(name, value, 1);
    works(said);
    CHECK(getenv(name) != NULL && strcmp(getenv(name), value) == 0, "%s is another afterwards", name);
    if (saved == NULL)
        unsetenv(name);
    else
        setenv(name, saved, 1);
    free(saved);
}

/* Every variable that the loaded libpq knows, with a text that no setting takes, with none, and with harmful ones. */
static void each_variable(void) {
    PQconninfoOption *options = PQconninfoParse("", NULL);
    int count = 0;
    for (const PQconninfoOption *each = options; each != NULL && each->keyword != NULL; each++) {
        if (each->envvar == NULL)
            continue;
        is_unimpressed(each->envvar, "nonsense");
        is_unimpressed(each->envvar, "");
        count++;
    }
    PQconninfoFree(options);
    CHECK(count > 20, "%d variables", count);
    printf("%d variables of libpq %d\n", count, PQlibVersion());
}

static void harmful_ones(void) {
    static const char *const each[][2] = {
        {"PGSERVICE", "company"},
        {"PGOPTIONS", "-c search_path=company -c default_transaction_read_only=on -c statement_timeout=1"},
        {"PGTARGETSESSIONATTRS", "standby"},
        {"PGCHANNELBINDING", "require"},
        {"PGGSSENCMODE", "require"},
        {"PGSSLMODE", "verify-full"},
        {"PGSSLROOTCERT", "system"},
        {"PGREQUIRESSL", "1"},
        {"PGREQUIREPEER", "dba"},
        {"PGREQUIREAUTH", "scram-sha-256"},
        {"PGHOST", "db.example.org"},
        {"PGHOSTADDR", "192.0.2.1"},
        {"PGUSER", "app"},
        {"PGDATABASE", "company"},
        {"PGPORT", "6432"},
        {"PGLOADBALANCEHOSTS", "random"},
        {"PGMINPROTOCOLVERSION", "3.2"},
        {"PGCLIENTENCODING", "LATIN1"},
        {"PGCONNECT_TIMEOUT", "soon"},
        {"PGDATESTYLE", "Vulcan"},
        {"PGTZ", "Nowhere/AtAll"},
        {"PGGEQO", "perhaps"},
        {"PGSYSCONFDIR", "/nowhere"},
        {"PGSERVICEFILE", "/nowhere/at/all"},
        {"HOME", "/nowhere"},
        {"PGDATA", "/nowhere"},
        {"TZ", "Nowhere/AtAll"},
        {"LC_ALL", "xx_XX.nonsense"},
    };
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        setenv(each[i][0], each[i][1], 1);
    works("all of them");
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        CHECK(getenv(each[i][0]) != NULL && strcmp(getenv(each[i][0]), each[i][1]) == 0, "%s is gone", each[i][0]);
        unsetenv(each[i][0]);
    }
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        is_unimpressed(each[i][0], each[i][1]);
}

/* A service that is there, with settings that would lead elsewhere; files of a user that are there, too. */
static void files(void) {
    put("service", "[company]\nhost=db.example.org\nhostaddr=192.0.2.1\nport=6432\noptions=-c search_path=company\n"
                   "target_session_attrs=standby\nsslmode=verify-full\nrequirepeer=dba\nclient_encoding=LATIN1\n");
    put("pgpass", "*:*:*:*:secret\n");
    char service[300], passwords[300];
    snprintf(service, sizeof service, "%s/service", base);
    snprintf(passwords, sizeof passwords, "%s/pgpass", base);
    setenv("PGSERVICEFILE", service, 1);
    is_unimpressed("PGSERVICE", "company");
    is_unimpressed("PGSERVICE", "another");
    unsetenv("PGSERVICEFILE");

    /* libpq would print a warning about that file; this library prints nothing. */
    char said[300], text[16] = "";
    snprintf(said, sizeof said, "%s/said", base);
    int before = dup(2);
    fflush(stderr);
    CHECK(freopen(said, "w", stderr) != NULL, "%s", said);
    is_unimpressed("PGPASSFILE", passwords);
    fflush(stderr);
    dup2(before, 2);
    close(before);
    FILE *file = fopen(said, "r");
    CHECK(file == NULL || fgets(text, sizeof text, file) == NULL, "said: %s", text);
    if (file != NULL)
        fclose(file);
}

static void *opens(void *unused) {
    (void)unused;
    for (int i = 0; i < 5; i++)
        works("many threads");
    return NULL;
}

static void threads(void) {
    setenv("PGSERVICE", "company", 1);
    setenv("PGTZ", "Nowhere/AtAll", 1);
    pthread_t each[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&each[i], NULL, opens, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(each[i], NULL);
    CHECK(strcmp(getenv("PGSERVICE"), "company") == 0 && strcmp(getenv("PGTZ"), "Nowhere/AtAll") == 0, "they are gone");
    unsetenv("PGSERVICE");
    unsetenv("PGTZ");
}

/* A connection string of another server still takes from the environment what it does not say. */
static void others_are_as_ever(void) {
    char text[300];
    teleai_client *client = NULL;
    teleai_error error;
    snprintf(text, sizeof text, "host=%s/data user=teleai dbname=teleai", base);
    is_unimpressed("PGAPPNAME", "somebody");
    setenv("PGOPTIONS", "-c no_such_setting=1", 1);
    teleai_status status = teleai_open(text, NULL, &client, &error);
    CHECK(status != TELEAI_OK, "PGOPTIONS is not heeded");
    teleai_close(client);
    unsetenv("PGOPTIONS");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (mkdtemp(base) == NULL || chmod(base, 0755) != 0)
        return 1;
    snprintf(local, sizeof local, "local:%s/data", base);
    teleai_error error;
    teleai_status status = teleai_local_start(local, NULL, &error);
    if (status == TELEAI_UNSUPPORTED) {
        printf("skipped: %s\n", error.message);
        rmdir(base);
        return check_skip();
    }
    CHECK(status == TELEAI_OK, "%s", error.message);
    works("nothing");
    each_variable();
    harmful_ones();
    files();
    threads();
    others_are_as_ever();
    CHECK(teleai_local_stop(local, NULL, NULL, &error) == TELEAI_OK, "%s", error.message);
    setenv("PGSERVICE", "company", 1); /* and where nothing runs yet */
    setenv("PGOPTIONS", "-c search_path=company", 1);
    setenv("PGDATA", "/nowhere", 1);
    snprintf(local, sizeof local, "local:%s/fresh", base);
    works("made and started");
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", base);
    CHECK(system(command) == 0, "rm");
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
