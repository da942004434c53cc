/* Migrating through a transaction pooler, where locks and settings of a session would stay behind in sessions of others:
 * refused, with the way out, and nothing stays behind. Straight to the server it works, beside the pooler's traffic. */
#include "own_pooler.h"

static teleai_error error;

static teleai_client *open_as(const char *connection, int32_t pooler, int32_t schema, teleai_status expected) {
    teleai_options options = {.struct_size = sizeof options, .pooler = pooler, .schema = schema, .timeout_ms = 20000};
    teleai_client *client = NULL;
    GIVES(teleai_open(connection, &options, &client, &error), expected);
    return client;
}

static void refused(void) {
    CHECK(strstr(error.message, "transaction pooler") != NULL &&
              strstr(error.message, "straight to the server") != NULL,
          "%s", error.message);
}

/* Each session that the pooler has at the server: no lock, and the settings that it began with. */
static void nothing_is_left(void) {
    CHECK(strcmp(harness_sql("select count(*) from pg_locks where locktype = 'advisory' and database = (select oid "
                             "from pg_database where datname = current_database())"),
                 "0") == 0,
          "a lock is left");
    PGconn *several[2];
    for (int i = 0; i < pooler_sessions; i++) {
        several[i] = PQconnectdb(through);
        PQclear(PQexec(several[i], "begin")); /* so each has a session of its own */
        PGresult *result = PQexec(several[i], "select current_setting('statement_timeout') || ' ' || "
                                              "current_setting('lock_timeout')");
        CHECK(PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "0 0") == 0, "left: %s",
              PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : PQerrorMessage(several[i]));
        PQclear(result);
    }
    for (int i = 0; i < pooler_sessions; i++)
        PQfinish(several[i]);
}

static void every_way_is_refused(int32_t pooler) {
    teleai_client *client = open_as(through, pooler, TELEAI_SCHEMA_IGNORE, TELEAI_OK);
    teleai_migration_plan *plan = NULL;
    GIVES(teleai_migrate_up(client, &error), TELEAI_UNSUPPORTED);
    refused();
    GIVES(teleai_migrate_to(client, 3, &error), TELEAI_UNSUPPORTED);
    GIVES(teleai_migrate_down(client, &error), TELEAI_UNSUPPORTED);
    GIVES(teleai_migrate_force(client, 3, &error), TELEAI_UNSUPPORTED);
    refused();
    GIVES(teleai_row_security_enable(client, &error), TELEAI_UNSUPPORTED);
    refused();
    GIVES(teleai_row_security_disable(client, &error), TELEAI_UNSUPPORTED);
    GIVES(teleai_migrate_plan(client, -1, &plan, &error), TELEAI_OK); /* only looks */
    teleai_migration_plan_free(plan);
    teleai_close(client);
    CHECK(open_as(through, pooler, TELEAI_SCHEMA_MIGRATE, TELEAI_UNSUPPORTED) == NULL, "a client");
    refused();
    nothing_is_left();
}

/* Where nothing is to be done, a program that asks for it at each start goes on as ever. */
static void what_is_there_already_is_fine(int32_t pooler) {
    teleai_uuid user;
    teleai_client *client = open_as(through, pooler, TELEAI_SCHEMA_MIGRATE, TELEAI_OK);
    if (client == NULL)
        return;
    GIVES(teleai_migrate_up(client, &error), TELEAI_OK);
    GIVES(teleai_migrate_down(client, &error), TELEAI_UNSUPPORTED);
    harness_user(client, &user);
    teleai_close(client);
    nothing_is_left();
}

int main(void) {
    if (!harness_has_server() || access(POOLER_PROGRAM, X_OK) != 0) {
        printf("no PostgreSQL server programs, or no " POOLER_PROGRAM "\n");
        return harness_has_server() ? check_skip() : 77;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    harness_empty_database();
    pooler_start();
    every_way_is_refused(TELEAI_POOLER_DETECT);
    every_way_is_refused(TELEAI_POOLER_TRANSACTION);
    CHECK(strcmp(harness_sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0") == 0,
          "something was made");
    teleai_client *straight = open_as(harness_database(), TELEAI_POOLER_DETECT, TELEAI_SCHEMA_MIGRATE, TELEAI_OK);
    teleai_close(straight);
    what_is_there_already_is_fine(TELEAI_POOLER_DETECT);
    what_is_there_already_is_fine(TELEAI_POOLER_TRANSACTION);
    pooler_stop();
    harness_drop();
    printf("%d failures\n", check_failures);
    return check_failures > 0;
}
