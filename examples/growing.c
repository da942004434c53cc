/* One program as its platform grows: behind a pooler, with a replica, after a failover, for many tenants. What changes is
 * how it opens, and the scope that a request gets; the operations stay as they are. docs/grow.md shows the parts. */
#include "common.h"

/* One PostgreSQL, one process, any number of threads. */
static teleai_status open_alone(const char *connection, teleai_client **client, teleai_error *error) {
    teleai_options options = {.struct_size = sizeof options,
                              .max_connections = 8, /* of this process; its threads share them */
                              .max_waiting = 200,   /* more calls than that fail at once rather than pile up */
                              .timeout_ms = 5000};
    return teleai_open(connection, &options, client, error);
}

/* Many processes in front of one PgBouncer in transaction mode. */
static teleai_status open_behind_pooler(const char *connection, teleai_client **client, teleai_error *error) {
    teleai_options options = {.struct_size = sizeof options,
                              .pooler = TELEAI_POOLER_TRANSACTION, /* PgBouncer is also found without this */
                              .max_connections = 4,
                              .timeout_ms = 5000};
    return teleai_open(connection, &options, client, error);
}

/* A primary that may change its host, and a replica to read from. */
static teleai_status open_with_replica(const char *primary, const char *replica, teleai_client **client,
                                       teleai_error *error) {
    teleai_options options = {
        .struct_size = sizeof options, .replica_connection = replica, .max_connections = 8, .timeout_ms = 5000};
    return teleai_open(primary, &options, client, error);
}

/* Many tenants, with row security as a second lock: opens only as a role that the server holds to one tenant. */
static teleai_status open_locked(const char *connection, teleai_client **client, teleai_error *error) {
    teleai_options options = {.struct_size = sizeof options, .require_row_security = true, .timeout_ms = 5000};
    return teleai_open(connection, &options, client, error);
}

/* A page that may be half a second old. */
static teleai_status list_from_replica(teleai_client *client, teleai_audio_files **files, teleai_error *error) {
    teleai_client *scope = NULL;
    teleai_scope_options options = {
        .struct_size = sizeof options, .read_from = TELEAI_READ_FROM_REPLICA, .max_lag_ms = 500};
    teleai_status status = teleai_scope_open(client, &options, &scope, error);
    if (status == TELEAI_OK)
        status = teleai_audio_file_list(scope, NULL, NULL, files, error);
    teleai_close(scope);
    return status;
}

/* One request of a web application: whose it is, and by when it must be answered. */
static teleai_status serve(teleai_client *client, const char *host_name, teleai_audio_files **files,
                           teleai_error *error) {
    teleai_tenant *tenant = NULL;
    teleai_client *scope = NULL;
    teleai_status status = teleai_tenant_get_by_slug(client, host_name, &tenant, error);
    if (status == TELEAI_OK) {
        teleai_scope_options options = {.struct_size = sizeof options, .tenant_id = &tenant->id, .total_ms = 2000};
        status = teleai_scope_open(client, &options, &scope, error);
    }
    if (status == TELEAI_OK)
        status = teleai_audio_file_list(scope, NULL, NULL, files, error); /* that tenant's, and no others */
    teleai_close(scope);
    teleai_tenant_free(tenant);
    return status;
}

/* Many recordings in one round trip. */
static teleai_status add_recordings(teleai_client *client, const teleai_audio_file_input *files, size_t count,
                                    teleai_audio_file **made, teleai_error *errors, teleai_error *error) {
    teleai_client *batch = NULL;
    teleai_status status = teleai_batch_open(client, NULL, &batch, error);
    if (status != TELEAI_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        teleai_audio_file_create(batch, &files[i], &made[i], &errors[i]); /* queued: nothing is sent yet */
    status = teleai_batch_flush(batch, error);                            /* every made[i] and errors[i] is filled */
    teleai_close(batch);
    return status;
}

static void show(const char *what, teleai_audio_files *files) {
    printf("%-14s %zu recordings\n", what, files->count);
    teleai_audio_files_free(files);
}

static int fill(teleai_client *client, const char *email) {
    teleai_error error, errors[10];
    teleai_user *user = NULL;
    teleai_user_input person = {.struct_size = sizeof person, .email = email, .full_name = "Grown Up"};
    if (teleai_user_create(client, &person, &user, &error) == TELEAI_ALREADY_EXISTS)
        return 0; /* an earlier run did it */
    if (user == NULL)
        return fail("making a user", &error);
    teleai_audio_file_input files[10];
    teleai_audio_file *made[10] = {NULL};
    for (size_t i = 0; i < 10; i++)
        files[i] = (teleai_audio_file_input){.struct_size = sizeof *files,
                                             .user_id = &user->id,
                                             .file_name = "call.wav",
                                             .file_path = "/recordings/call.wav",
                                             .mime_type = "audio/wav",
                                             .file_size_bytes = 1843200};
    teleai_status status = add_recordings(client, files, 10, made, errors, &error);
    for (size_t i = 0; i < 10; i++)
        teleai_audio_file_free(made[i]);
    teleai_user_free(user);
    return status == TELEAI_OK ? 0 : fail("adding recordings", &error);
}

static int run(teleai_client *client, const char *primary, const char *replica) {
    teleai_error error;
    teleai_client *other = NULL;
    teleai_audio_files *files = NULL;
    if (fill(client, "grown@example.org") != 0)
        return 1;

    if (open_behind_pooler(primary, &other, &error) != TELEAI_OK)
        return fail("opening as behind a pooler", &error);
    teleai_status status = teleai_audio_file_list(other, NULL, NULL, &files, &error);
    teleai_close(other);
    if (status != TELEAI_OK)
        return fail("reading as behind a pooler", &error);
    show("pooler", files);

    if (replica != NULL) {
        if (open_with_replica(primary, replica, &other, &error) != TELEAI_OK)
            return fail("opening with a replica", &error);
        status = list_from_replica(other, &files, &error);
        teleai_close(other);
        if (status != TELEAI_OK)
            return fail("reading from the replica", &error);
        show("replica", files);
    }

    teleai_tenant_input tenant = {.struct_size = sizeof tenant, .name = "Grown", .slug = "grown"};
    status = teleai_tenant_create(client, &tenant, NULL, &error);
    if (status != TELEAI_OK && status != TELEAI_ALREADY_EXISTS)
        return fail("making a tenant", &error);
    if (serve(client, "grown", &files, &error) != TELEAI_OK)
        return fail("serving a tenant", &error);
    show("tenant", files);

    status = open_locked(primary, &other, &error); /* refused here, unless the role is bound */
    teleai_close(other);
    printf("%-14s %s\n", "row security", status == TELEAI_OK ? "on" : error.message);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s CONNECTION [REPLICA]\n", argv[0]);
        return 2;
    }
    teleai_error error;
    teleai_client *client = NULL;
    if (open_alone(argv[1], &client, &error) != TELEAI_OK)
        return fail("opening the database", &error);
    int result = run(client, argv[1], argc == 3 ? argv[2] : NULL);
    teleai_close(client);
    return result;
}
