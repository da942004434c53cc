/*
 * Tenancy comes to a database in use: one that the older tooling made, adopted by teleai_migrate_adopt(), with software
 * that knows no tenants writing and reading all the while. Nobody may get an error, and no row may be lost. Of the times
 * only the figure matters, on a quiet machine; what is checked is generous.
 */
#include <pthread.h>

#include "schema/migration_steps.h"
#include "own_server.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROWS 20000
#else
#define ROWS 200000
#endif
#define WRITERS 4
#define MOST_STALL_MS 5000

/* ---- the older database ---- */

static PGconn *raw;

static void run(const char *sql) {
    PGresult *result = PQexec(raw, sql);
    ExecStatusType status = PQresultStatus(result);
    if (!CHECK(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%.300s: %s", sql, PQerrorMessage(raw))) {
        server_remove();
        exit(1);
    }
    PQclear(result);
}

static char *read_file(const char *name) {
    char path[1000], *text = calloc(1, 200000);
    snprintf(path, sizeof path, "%s/%s", getenv("TELEAI_SOURCE_DIR"), name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fread(text, 1, 199999, file) > 0, "%s", path);
    if (file != NULL)
        fclose(file);
    return text;
}

static void run_file(const char *name) {
    char *text = read_file(name);
    run(text);
    free(text);
}

/* What bench/older_schema.sql leaves out, and the views in their older form. */
static const char older_rest[] =
    "create type analysis_status as enum ('pending', 'processing', 'completed', 'failed');"
    "create table sessions (id uuid primary key default uuid_generate_v4(), user_id uuid not null references users "
    "(id) "
    "on delete cascade, token_hash varchar(255) not null unique, ip_address inet, user_agent text, expires_at "
    "timestamptz not null, created_at timestamptz not null default now(), updated_at timestamptz not null default "
    "now());"
    "create table analyses (id uuid primary key default uuid_generate_v4(), transcription_id uuid not null constraint "
    "older_name references transcriptions (id) on delete cascade, audio_file_id uuid not null references audio_files "
    "(id) on delete cascade, user_id uuid not null references users (id) on delete cascade, analysis_type varchar(100) "
    "not null, sentiment_score numeric(3,2), sentiment_label varchar(20), key_phrases text[], entities jsonb default "
    "'[]', topics jsonb default '[]', summary text, insights jsonb default '{}', status analysis_status not null "
    "default 'pending', engine varchar(50) not null, engine_version varchar(20), processing_started_at timestamptz, "
    "processing_completed_at timestamptz, processing_duration_ms integer, error_message text, metadata jsonb default "
    "'{}', created_at timestamptz not null default now(), updated_at timestamptz not null default now());"
    "create index on analyses (transcription_id);"
    "create index on analyses (audio_file_id);"
    "create index on analyses (user_id);"
    "create index on analyses (status);"
    "alter index transcriptions_to_tsvector_idx rename to transcriptions_transcription_text_idx;"
    "create view user_file_stats as select u.id as user_id, count(f.id) as total_files from users u left join "
    "audio_files f on f.user_id = u.id group by u.id;"
    "create materialized view daily_usage_stats as select date(created_at) as date, count(*) as total_uploads from "
    "audio_files group by 1;"
    "create view recent_user_activity as select user_id, id as resource_id from audio_files;"
    "create view processing_queue_status as select status, count(*) from audio_files group by status;"
    "create view file_processing_pipeline as select id as audio_file_id, status from audio_files;";

/* Half of the keys are random, half begin with the time, as those of newer software. */
static const char rows[] =
    "set session_replication_role = replica;"
    "create function make_id(i bigint) returns uuid language sql volatile as $$ select case when i %% 2 = 0 then "
    "uuid_generate_v4() else (lpad(to_hex(1700000000000 + i), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || "
    "'8' || substr(md5(random()::text), 1, 15))::uuid end $$;"
    "create temporary table u as select i, make_id(i) as id from generate_series(1, %d / 100) i;"
    "create temporary table n as select make_id(k) as f, make_id(k) as t, make_id(k) as a, u.id as u from "
    "generate_series(1, %d) k join u on u.i = k %% (%d / 100) + 1;"
    "insert into users (id, email, password_hash, full_name) select id, 'u' || i || '@example.org', 'x', 'U' from u;"
    "insert into sessions (user_id, token_hash, expires_at) select id, 's' || i, now() + interval '1 day' from u;"
    "insert into audio_files (id, user_id, file_name, file_path, file_size_bytes, duration_seconds, mime_type, status) "
    "select f, u, 'call.wav', '/x', 1000, 5, 'audio/wav', 'ready' from n;"
    "insert into transcriptions (id, audio_file_id, user_id, transcription_text, language_code, engine) select t, f, "
    "u, "
    "'heart rate', 'en', 'test' from n;"
    "insert into analyses (id, transcription_id, audio_file_id, user_id, analysis_type, engine) select a, t, f, u, "
    "'mood', 'test' from n;"
    "drop function make_id(bigint); reset session_replication_role";

static void make_older(void) {
    run_file("bench/older_schema.sql");
    run(older_rest);
    char sql[4000];
    snprintf(sql, sizeof sql, rows, ROWS, ROWS, ROWS);
    run(sql);
    run("analyze");
}

static void adopt(void) {
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    teleai_client *client = NULL;
    teleai_adoption *did = NULL;
    teleai_error error;
    if (!GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK))
        return;
    if (GIVES(teleai_migrate_adopt(client, NULL, &did, &error), TELEAI_OK))
        CHECK(did->count > 10, "%zu steps", did->count);
    teleai_adoption_free(did);
    if (GIVES(teleai_migrate_adopt(client, NULL, &did, &error), TELEAI_OK))
        CHECK(did->count == 0, "%zu steps the second time", did->count);
    teleai_adoption_free(did);
    teleai_close(client);
}

/* ---- software that knows no tenants ---- */

enum phase { BEFORE, UP, DOWN, AGAIN, PHASES };

static _Atomic int phase;
static _Atomic bool stop;
static _Atomic int64_t writer_stall[PHASES], reader_stall[PHASES], statements[PHASES];
static _Atomic int64_t kept_users, kept_sessions, kept_files, kept_transcriptions, kept_analyses;

static void note(_Atomic int64_t *longest, int64_t ms) {
    int64_t before = *longest;
    while (ms > before && !atomic_compare_exchange_weak(longest, &before, ms))
        continue;
}

/* Runs a statement, with one parameter where it is not NULL; gives its first value if that is wanted. */
static bool send(PGconn *pg, _Atomic int64_t *stall, const char *sql, const char *value, char *out) {
    int during = phase;
    int64_t start = check_now_ms();
    PGresult *result = value == NULL ? PQexec(pg, sql) : PQexecParams(pg, sql, 1, NULL, &value, NULL, NULL, 0);
    note(&stall[during], check_now_ms() - start);
    statements[during]++;
    ExecStatusType status = PQresultStatus(result);
    bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    CHECK(fine, "%s: %s", sql, PQerrorMessage(pg));
    if (out != NULL)
        snprintf(out, 40, "%s", fine && PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return fine;
}

typedef struct writer {
    PGconn *pg;
    unsigned int seed;
    char user[40], files[8][40]; /* the rows it knows; "" for none */
} writer;

static bool says(writer *me, const char *sql, const char *value, char *out) {
    return send(me->pg, writer_stall, sql, value, out);
}

static bool make_file(writer *me, char *file) {
    return says(me,
                "insert into audio_files (user_id, file_name, file_path, file_size_bytes, mime_type) values ($1, "
                "'new.wav', '/x', 5, 'audio/wav') returning id",
                me->user, file) &&
           says(me,
                "insert into transcriptions (audio_file_id, user_id, transcription_text, language_code, engine) select "
                "id, user_id, 'new', 'en', 'test' from audio_files where id = $1",
                file, NULL) &&
           says(me,
                "insert into analyses (transcription_id, audio_file_id, user_id, analysis_type, engine) select id, "
                "audio_file_id, user_id, 'mood', 'test' from transcriptions where audio_file_id = $1",
                file, NULL);
}

/* A user with a session and a first file, in one transaction. */
static bool make_user(writer *me) {
    char sql[300];
    snprintf(sql, sizeof sql,
             "insert into users (email, password_hash, full_name) values ('w' || '%x' || $1 || '@example.org', 'x', "
             "'W') returning id",
             (unsigned int)rand_r(&me->seed));
    return says(me, "begin", NULL, NULL) && says(me, sql, me->seed % 2 ? "a" : "b", me->user) &&
           says(me,
                "insert into sessions (user_id, token_hash, expires_at) values ($1, uuid_generate_v4()::text, now() + "
                "interval '1 hour')",
                me->user, NULL) &&
           make_file(me, me->files[0]) && says(me, "commit", NULL, NULL);
}

static void count_files(int more) {
    kept_files += more;
    kept_transcriptions += more;
    kept_analyses += more;
}

static void count_user(int more, int files) {
    kept_users += more;
    kept_sessions += more;
    count_files(more * files);
}

static bool change(writer *me, const char *file, bool child_first) {
    static const char *const both[] = {
        "update analyses set status = 'processing', sentiment_score = 0.5 where audio_file_id = $1",
        "update audio_files set status = 'ready', metadata = '{\"a\": 1}' where id = $1"};
    return says(me, "begin", NULL, NULL) && says(me, both[!child_first], file, NULL) &&
           says(me, "update transcriptions set transcription_text = 'changed' where audio_file_id = $1", file, NULL) &&
           says(me, both[child_first], file, NULL) && says(me, "commit", NULL, NULL);
}

static int file_count(const writer *me) {
    int count = 0;
    for (int i = 0; i < 8; i++)
        count += me->files[i][0] != '\0';
    return count;
}

static bool work(writer *me) {
    int choice = rand_r(&me->seed) % 10, at = rand_r(&me->seed) % 8;
    char *file = me->files[at];
    if (me->user[0] == '\0') {
        if (!make_user(me))
            return false;
        count_user(1, 1);
    } else if (choice == 0) {
        if (!says(me, "delete from users where id = $1", me->user, NULL))
            return false;
        count_user(-1, file_count(me));
        memset(me->user, 0, sizeof me->user);
        memset(me->files, 0, sizeof me->files);
    } else if (file[0] == '\0') {
        char made[40];
        if (!says(me, "begin", NULL, NULL) || !make_file(me, made) || !says(me, "commit", NULL, NULL))
            return false;
        memcpy(file, made, sizeof made);
        count_files(1);
    } else if (choice < 3) {
        if (!says(me, "delete from audio_files where id = $1", file, NULL))
            return false;
        file[0] = '\0';
        count_files(-1);
    } else if (choice < 4) {
        return says(me, "update users set last_login_at = now() where id = $1", me->user, NULL) &&
               says(me, "update sessions set updated_at = now() where user_id = $1", me->user, NULL);
    } else {
        return change(me, file, choice % 2);
    }
    return true;
}

static void *write_on(void *number) {
    writer me = {.pg = PQconnectdb(harness_database()), .seed = (unsigned int)(size_t)number * 7919};
    for (int failures = 0; !stop && failures < 5;) {
        if (!work(&me)) {
            failures++;
            PQclear(PQexec(me.pg, "rollback"));
        } else {
            check_pause_ms(1);
        }
    }
    PQfinish(me.pg);
    return NULL;
}

static const char *const questions[] = {
    "select user_id, email, total_files, total_analyses, last_upload_at from user_file_stats where user_id = $1",
    "select resource_id, activity_timestamp from recent_user_activity where user_id = $1 order by activity_timestamp "
    "desc limit 20",
    "select audio_file_id, pipeline_status from file_processing_pipeline where user_id = $1",
    "select date, total_uploads, active_users from daily_usage_stats where $1::text <> ''",
    "select queue_type, status, count from processing_queue_status where $1::text <> ''",
    "select count(*) from transcriptions where to_tsvector('english', transcription_text) @@ to_tsquery('changed') and "
    "user_id = $1"};
#define QUESTIONS (sizeof questions / sizeof *questions)

static void *read_on(void *unused) {
    (void)unused;
    PGconn *pg = PQconnectdb(harness_database());
    char user[40], name[20];
    send(pg, reader_stall, "select id from users where email = 'u7@example.org'", NULL, user);
    for (size_t i = 0; i < QUESTIONS; i++) {
        snprintf(name, sizeof name, "q%zu", i);
        PQclear(PQprepare(pg, name, questions[i], 0, NULL));
    }
    for (size_t i = 0; !stop; i++) {
        const char *value = user;
        if (i % 2 == 0) {
            send(pg, reader_stall, questions[i / 2 % QUESTIONS], user, NULL);
            continue;
        }
        snprintf(name, sizeof name, "q%zu", i / 2 % QUESTIONS);
        int during = phase;
        int64_t start = check_now_ms();
        PGresult *result = PQexecPrepared(pg, name, 1, &value, NULL, NULL, 0);
        note(&reader_stall[during], check_now_ms() - start);
        CHECK(PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s", name, PQerrorMessage(pg));
        PQclear(result);
    }
    PQfinish(pg);
    return NULL;
}

/* ---- migrating ---- */

static teleai_client *open_client(void) {
    teleai_options options = {
        .struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE, .timeout_ms = 120000, .max_connections = 2};
    teleai_client *client = NULL;
    teleai_error error;
    if (!GIVES(teleai_open(harness_database(), &options, &client, &error), TELEAI_OK)) {
        server_remove();
        exit(1);
    }
    return client;
}

static void *migrate_up(void *client) {
    teleai_error error;
    GIVES(teleai_migrate_up(client, &error), TELEAI_OK);
    return NULL;
}

static void migrate_both(teleai_client **clients) {
    pthread_t other;
    pthread_create(&other, NULL, migrate_up, clients[1]);
    migrate_up(clients[0]);
    pthread_join(other, NULL);
}

static void check_count(const char *table, int64_t expected) {
    int64_t count = atoll(harness_sql("select count(*) from %s", table));
    CHECK(count == expected, "%s: %lld rows, the writers left %lld", table, (long long)count, (long long)expected);
}

static void tenancy_comes_and_goes_while_others_write(teleai_client **clients) {
    pthread_t writers[WRITERS], reader;
    teleai_error error;
    int64_t times[PHASES] = {0}, start = check_now_ms();
    for (size_t i = 0; i < WRITERS; i++)
        pthread_create(&writers[i], NULL, write_on, (void *)(i + 1)); /* NOLINT: a number, not a place */
    pthread_create(&reader, NULL, read_on, NULL);
    for (phase = BEFORE; phase < PHASES - 1;) {
        check_pause_ms(1000); /* what follows a migration counts as well */
        phase++;
        start = check_now_ms();
        if (phase == UP)
            migrate_both(clients);
        else if (phase == DOWN)
            GIVES(teleai_migrate_to(clients[0], 2, &error), TELEAI_OK);
        else
            GIVES(teleai_migrate_up(clients[0], &error), TELEAI_OK);
        times[phase] = check_now_ms() - start;
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%d false", phase == DOWN ? 2 : (int)harness_newest_version());
        const char *version = harness_sql("select version || ' ' || dirty from schema_migrations");
        CHECK(strcmp(version, wanted) == 0, "version %s, not %s", version, wanted);
    }
    check_pause_ms(500);
    stop = true;
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    pthread_join(reader, NULL);
    check_count("users", kept_users + ROWS / 100);
    check_count("sessions", kept_sessions + ROWS / 100);
    check_count("audio_files", kept_files + ROWS);
    check_count("transcriptions", kept_transcriptions + ROWS);
    check_count("analyses", kept_analyses + ROWS);
    for (int i = 0; i < PHASES; i++) {
        CHECK(statements[i] > 20, "only %lld statements in phase %d", (long long)statements[i], i);
        CHECK(writer_stall[i] < MOST_STALL_MS, "a writer waited %lld ms in phase %d", (long long)writer_stall[i], i);
    }
    printf("%d rows a table, %d writers, PostgreSQL %s: %lld ms up, %lld ms down, %lld ms up again\n", ROWS, WRITERS,
           harness_sql("show server_version"), (long long)times[UP], (long long)times[DOWN], (long long)times[AGAIN]);
    printf("longest stall of a writer: %lld ms up, %lld ms down, %lld ms up again (%lld ms without a migration)\n",
           (long long)writer_stall[UP], (long long)writer_stall[DOWN], (long long)writer_stall[AGAIN],
           (long long)writer_stall[BEFORE]);
    printf("longest answer to a reader: %lld ms up, %lld ms down, %lld ms up again (%lld ms without)\n",
           (long long)reader_stall[UP], (long long)reader_stall[DOWN], (long long)reader_stall[AGAIN],
           (long long)reader_stall[BEFORE]);
}

/* One never waits the second after which an autovacuum would make room; it is made to. */
static void an_autovacuum_is_no_obstacle(teleai_client *client) {
    teleai_error error;
    GIVES(teleai_migrate_to(client, 10, &error), TELEAI_OK);
    /* There are three workers, and what the writers left in other tables keeps them busy for longer than is waited here. */
    run("alter table users set (autovacuum_enabled = off); alter table sessions set (autovacuum_enabled = off);"
        "alter table audio_files set (autovacuum_enabled = off);"
        "alter table transcriptions set (autovacuum_enabled = off)");
    run("alter table analyses set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0, "
        "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)");
    run("alter system set autovacuum_naptime = '1s'");
    run("select pg_reload_conf()");
    run("update analyses set sentiment_score = 0.1 where ctid in (select ctid from analyses limit 5000)");
    static const char at_work[] =
        "select count(*) from pg_stat_activity where query like 'autovacuum: VACUUM%analyses%'";
    CHECK(harness_becomes("1", at_work), "no autovacuum came");
    run("alter system set autovacuum_naptime = '1h'");
    run("select pg_reload_conf()");
    check_pause_ms(1500);
    CHECK(harness_becomes("1", at_work), "it is gone already: this tests nothing");
    int64_t start = check_now_ms();
    GIVES(teleai_migrate_to(client, 9, &error), TELEAI_OK);
    printf("in spite of an autovacuum: %lld ms\n", (long long)(check_now_ms() - start));
}

int main(void) {
    server_make();
    harness_empty_database();
    raw = harness_connect();
    run("alter system set full_page_writes = off"); /* what is durable is not the matter here */
    run("alter system set synchronous_commit = off");
    run("alter system set max_wal_size = '4GB'");
    run("select pg_reload_conf()");
    int64_t start = check_now_ms();
    make_older();
    adopt();
    printf("older database made and adopted: %lld ms\n", (long long)(check_now_ms() - start));
    teleai_client *clients[] = {open_client(), open_client()};
    tenancy_comes_and_goes_while_others_write(clients);
    an_autovacuum_is_no_obstacle(clients[0]);
    teleai_close(clients[0]);
    teleai_close(clients[1]);
    PQfinish(raw);
    harness_drop();
    server_remove();
    return check_failures > 0;
}
