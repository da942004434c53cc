/* Limits of tenants: kept by every way in, at once by all who come, and by the count being right whatever happens. */
#include <pthread.h>

#include "tenants.h"

SERVER_SUITE(tenant_limits);

static teleai_uuid tenant;
static teleai_client *scope;

#define INPUT(...) \
    &(teleai_tenant_input) { .struct_size = sizeof(teleai_tenant_input), __VA_ARGS__ }

static void begin(const teleai_tenant_input *limits) {
    teleai_tenant_input input = *limits;
    teleai_uuid_make(&tenant);
    input.id = &tenant;
    input.name = input.slug = "acme";
    OK(teleai_tenant_create(db, &input, NULL, &error));
    scope = scope_of(db, &tenant);
}

static void end(void) { teleai_close(scope); }

static teleai_status add_user_to(teleai_client *client, teleai_uuid *id, teleai_error *why) {
    static _Atomic int count;
    char email[40];
    teleai_uuid made;
    teleai_uuid_make(&made);
    if (id != NULL)
        *id = made;
    snprintf(email, sizeof email, "u%d@example.org", ++count);
    teleai_user_input input = {.struct_size = sizeof input, .id = &made, .email = email, .full_name = "U"};
    return teleai_user_create(client, &input, NULL, why);
}

static teleai_status add_user(teleai_uuid *id) { return add_user_to(scope, id, &error); }

static teleai_audio_file_input file_of(const teleai_uuid *user, int64_t bytes, int64_t ms) {
    return (teleai_audio_file_input){.struct_size = sizeof(teleai_audio_file_input),
                                     .user_id = user,
                                     .file_name = "call.wav",
                                     .file_path = "/calls/call.wav",
                                     .mime_type = "audio/wav",
                                     .file_size_bytes = bytes,
                                     .duration_ms = ms,
                                     .has_duration = ms > 0};
}

static teleai_status add_file(const teleai_uuid *user, int64_t bytes, int64_t ms, teleai_uuid *id) {
    teleai_audio_file_input input = file_of(user, bytes, ms);
    if (id != NULL)
        teleai_uuid_make(id);
    input.id = id;
    return teleai_audio_file_create(scope, &input, NULL, &error);
}

#define USAGE(expected)                                                                                           \
    SAME_TEXT(harness_sql("select user_count || ' ' || storage_bytes || ' ' || audio_seconds from tenant_usage"), \
              expected)

/* The call is refused, and says by which limit. */
#define LIMITED(call, at_field, says)                                                         \
    do {                                                                                      \
        FAILS(call, TELEAI_LIMIT_EXCEEDED, at_field);                                         \
        cr_assert(strstr(error.message, says) != NULL, "%s", error.message);                  \
        SAME_TEXT(error.sqlstate, "53400");                                                   \
        SAME_TEXT(error.constraint, "tenants_" at_field);                                     \
        cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) == 0, "trying again does not help"); \
    } while (0)

/* ---- each limit, by each way in ---- */

Test(tenant_limits, users) {
    begin(INPUT(.max_users = 2, .has_max_users = true));
    teleai_uuid first;
    OK(add_user(&first));
    OK(add_user(NULL));
    LIMITED(add_user(NULL), "max_users", "the tenant may have 2 users");
    USAGE("2 0 0.00");
    /* Others have their own. */
    OK(add_user_to(db, NULL, &error));
    OK(teleai_user_delete(scope, &first, &error));
    USAGE("1 0 0.00");
    OK(add_user(NULL));
    LIMITED(add_user(NULL), "max_users", "2 users");
    ROWS("users", 3);
    end();
}

Test(tenant_limits, none_at_all) {
    begin(INPUT(.max_users = 0, .has_max_users = true));
    LIMITED(add_user(NULL), "max_users", "0 users");
    end();
}

Test(tenant_limits, storage) {
    begin(INPUT(.max_storage_bytes = 1000, .has_max_storage = true));
    teleai_uuid user;
    OK(add_user(&user));
    OK(add_file(&user, 600, 0, NULL));
    OK(add_file(&user, 400, 0, NULL));
    LIMITED(add_file(&user, 1, 0, NULL), "max_storage_bytes", "the tenant may store 1000 bytes");
    USAGE("1 1000 0.00");
    /* With its user go its files. */
    OK(teleai_user_delete(scope, &user, &error));
    USAGE("0 0 0.00");
    end();
}

Test(tenant_limits, audio) {
    begin(INPUT(.max_audio_ms = 10000, .has_max_audio = true));
    teleai_uuid user;
    OK(add_user(&user));
    OK(add_file(&user, 1, 9990, NULL));
    OK(add_file(&user, 1, 0, NULL));
    LIMITED(add_file(&user, 1, 20, NULL), "max_audio_seconds", "the tenant may have 10.00 seconds of audio");
    OK(add_file(&user, 1, 10, NULL));
    OK(add_file(&user, 1, 0, NULL));
    USAGE("1 4 10.00");
    end();
}

Test(tenant_limits, many_at_once) {
    static const size_t counts[] = {5, 500};
    for (size_t c = 0; c < 2; c++) {
        for (int records = 0; records <= 1; records++) {
            size_t count = counts[c];
            begin(INPUT(.max_storage_bytes = (int64_t)count - 1, .has_max_storage = true));
            teleai_uuid user;
            OK(add_user(&user));
            teleai_audio_file_input *inputs = calloc(count, sizeof *inputs);
            for (size_t i = 0; i < count; i++)
                inputs[i] = file_of(&user, 1, 0);
            teleai_audio_files *made = NULL;
            LIMITED(teleai_audio_file_create_many(scope, inputs, count, NULL, records ? &made : NULL, &error),
                    "max_storage_bytes", "the tenant may store");
            cr_assert(made == NULL);
            ROWS("audio_files", 0);
            OK(teleai_audio_file_create_many(scope, inputs, count - 1, NULL, records ? &made : NULL, &error));
            teleai_audio_files_free(made);
            LIMITED(add_file(&user, 1, 0, NULL), "max_storage_bytes", "the tenant may store");
            SAME_TEXT(harness_sql("select storage_bytes from tenant_usage"), count == 5 ? "4" : "499");
            free(inputs);
            end();
            harness_sql("delete from users; delete from tenants where slug = 'acme'");
        }
    }
}

Test(tenant_limits, of_many_the_first_that_fit) {
    begin(INPUT(.max_storage_bytes = 3, .has_max_storage = true));
    teleai_uuid user;
    OK(add_user(&user));
    teleai_audio_file_input inputs[5];
    teleai_error errors[5];
    for (size_t i = 0; i < 5; i++)
        inputs[i] = file_of(&user, 1, 0);
    teleai_create_many_options keep = {.struct_size = sizeof keep, .errors = errors, .keep_good = true};
    OK(teleai_audio_file_create_many(scope, inputs, 5, &keep, NULL, &error));
    for (size_t i = 0; i < 5; i++)
        cr_assert(errors[i].status == (i < 3 ? TELEAI_OK : TELEAI_LIMIT_EXCEEDED), "%zu: %s", i, errors[i].message);
    USAGE("1 3 0.00");
    end();
}

Test(tenant_limits, in_a_batch) {
    begin(INPUT(.max_users = 2, .has_max_users = true));
    for (int atomic = 1; atomic >= 0; atomic--) {
        teleai_client *batch;
        teleai_error errors[4];
        char emails[4][24];
        teleai_batch_options options = {.struct_size = sizeof options, .atomic = atomic != 0};
        OK(teleai_batch_open(scope, &options, &batch, &error));
        for (int i = 0; i < 4; i++) {
            snprintf(emails[i], sizeof emails[i], "b%d@example.org", i);
            teleai_user_input input = {.struct_size = sizeof input, .email = emails[i], .full_name = "B"};
            cr_assert(teleai_user_create(batch, &input, NULL, &errors[i]) == TELEAI_OK);
        }
        (void)teleai_batch_flush(batch, &error);
        if (atomic) {
            cr_assert(errors[2].status == TELEAI_LIMIT_EXCEEDED, "%s", errors[2].message);
            ROWS("users", 0);
            USAGE("0 0 0.00");
        } else {
            for (int i = 0; i < 4; i++)
                cr_assert(errors[i].status == (i < 2 ? TELEAI_OK : TELEAI_LIMIT_EXCEEDED), "%d: %s", i,
                          errors[i].message);
            SAME_TEXT(errors[3].field, "max_users");
            USAGE("2 0 0.00");
        }
        teleai_close(batch);
    }
    end();
}

Test(tenant_limits, in_a_transaction) {
    begin(INPUT(.max_users = 2, .has_max_users = true));
    teleai_client *transaction;
    OK(teleai_transaction_begin(scope, NULL, &transaction, &error));
    OK(add_user_to(transaction, NULL, &error));
    OK(add_user_to(transaction, NULL, &error));
    LIMITED(add_user_to(transaction, NULL, &error), "max_users", "2 users");
    OK(teleai_transaction_rollback(transaction, &error));
    teleai_close(transaction);
    USAGE("0 0 0.00");
    OK(teleai_transaction_begin(scope, NULL, &transaction, &error));
    teleai_uuid gone;
    OK(add_user_to(transaction, &gone, &error));
    OK(teleai_user_delete(transaction, &gone, &error));
    OK(add_user_to(transaction, NULL, &error));
    OK(add_user_to(transaction, NULL, &error));
    OK(teleai_transaction_commit(transaction, &error));
    teleai_close(transaction);
    USAGE("2 0 0.00");
    end();
}

/* ---- what is counted and never refused ---- */

Test(tenant_limits, changes_count_and_are_not_refused) {
    begin(INPUT(.max_storage_bytes = 1000, .has_max_storage = true, .max_audio_ms = 10000, .has_max_audio = true));
    teleai_uuid user, file;
    OK(add_user(&user));
    OK(add_file(&user, 1000, 0, &file));
    teleai_audio_file_input measured = file_of(&user, 5000, 60000);
    OK(teleai_audio_file_update(scope, &file, &measured, TELEAI_AUDIO_FILE_FIELD_DURATION, NULL, NULL, &error));
    USAGE("1 1000 60.00");
    OK(teleai_audio_file_update(scope, &file, &measured, TELEAI_AUDIO_FILE_FIELD_FILE_SIZE, NULL, NULL, &error));
    USAGE("1 5000 60.00");
    LIMITED(add_file(&user, 1, 0, NULL), "max_storage_bytes", "1000 bytes");
    OK(teleai_audio_file_start(scope, &file, NULL, &error));
    USAGE("1 5000 60.00");
    measured = file_of(&user, 10, 0);
    OK(teleai_audio_file_update(scope, &file, &measured,
                                TELEAI_AUDIO_FILE_FIELD_FILE_SIZE | TELEAI_AUDIO_FILE_FIELD_DURATION, NULL, NULL,
                                &error));
    USAGE("1 10 0.00");
    OK(add_file(&user, 990, 10000, NULL));
    /* A limit may be set below what is there: deleting goes on. */
    OK(teleai_tenant_update(db, &tenant, INPUT(.has_max_storage = true), TELEAI_TENANT_FIELD_MAX_STORAGE, NULL, NULL,
                            &error));
    OK(teleai_audio_file_delete(scope, &file, &error));
    USAGE("1 990 10.00");
    LIMITED(add_file(&user, 1, 0, NULL), "max_storage_bytes", "0 bytes");
    end();
}

Test(tenant_limits, one_that_is_taken_away_or_raised) {
    begin(INPUT(.max_users = 1, .has_max_users = true));
    OK(add_user(NULL));
    LIMITED(add_user(NULL), "max_users", "1 users");
    OK(teleai_tenant_update(db, &tenant, INPUT(.max_users = 2, .has_max_users = true), TELEAI_TENANT_FIELD_MAX_USERS,
                            NULL, NULL, &error));
    OK(add_user(NULL));
    LIMITED(add_user(NULL), "max_users", "2 users");
    OK(teleai_tenant_update(db, &tenant, INPUT(0), TELEAI_TENANT_FIELD_MAX_USERS, NULL, NULL, &error));
    ROWS("tenant_usage", 0);
    for (int i = 0; i < 5; i++)
        OK(add_user(NULL));
    end();
}

Test(tenant_limits, the_first_one_counts_what_is_there) {
    begin(INPUT(0));
    teleai_uuid user;
    OK(add_user(&user));
    OK(add_user(NULL));
    OK(add_file(&user, 700, 1500, NULL));
    OK(add_file(&user, 300, 0, NULL));
    OK(add_user_to(db, NULL, &error));
    ROWS("tenant_usage", 0);
    OK(teleai_tenant_update(db, &tenant, INPUT(.max_users = 2, .has_max_users = true), TELEAI_TENANT_FIELD_MAX_USERS,
                            NULL, NULL, &error));
    USAGE("2 1000 1.50");
    LIMITED(add_user(NULL), "max_users", "2 users");
    OK(teleai_tenant_update(db, &tenant, INPUT(.max_storage_bytes = 1500, .has_max_storage = true),
                            TELEAI_TENANT_FIELD_MAX_STORAGE, NULL, NULL, &error));
    OK(add_file(&user, 500, 0, NULL));
    LIMITED(add_file(&user, 1, 0, NULL), "max_storage_bytes", "1500 bytes");
    end();
}

Test(tenant_limits, the_first_one_waits_for_writers_and_gives_up_soon) {
    begin(INPUT(0));
    teleai_client *writer;
    OK(teleai_transaction_begin(scope, NULL, &writer, &error));
    OK(add_user_to(writer, NULL, &error));
    int64_t start = now_us();
    FAILS(teleai_tenant_update(db, &tenant, INPUT(.max_users = 1, .has_max_users = true), TELEAI_TENANT_FIELD_MAX_USERS,
                               NULL, NULL, &error),
          TELEAI_TIMEOUT, "");
    cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) != 0 && now_us() - start < 5000000);
    OK(teleai_transaction_commit(writer, &error));
    teleai_close(writer);
    OK(teleai_tenant_update(db, &tenant, INPUT(.max_users = 1, .has_max_users = true), TELEAI_TENANT_FIELD_MAX_USERS,
                            NULL, NULL, &error));
    USAGE("1 0 0.00");
    LIMITED(add_user(NULL), "max_users", "1 users");
    end();
}

/* One that began before the limit does not see that it counts: it must not write past it. */
Test(tenant_limits, an_old_snapshot_does_not_pass_them_by) {
    for (int32_t isolation = TELEAI_ISOLATION_REPEATABLE_READ; isolation <= TELEAI_ISOLATION_SERIALIZABLE;
         isolation++) {
        begin(INPUT(0));
        teleai_client *old;
        teleai_transaction_options options = {.struct_size = sizeof options, .isolation = isolation};
        int64_t count;
        teleai_uuid user;
        OK(add_user(&user));
        OK(teleai_transaction_begin(scope, &options, &old, &error));
        OK(teleai_user_count(old, NULL, &count, &error));
        OK(teleai_tenant_update(db, &tenant, INPUT(.max_users = 1, .has_max_users = true),
                                TELEAI_TENANT_FIELD_MAX_USERS, NULL, NULL, &error));
        FAILS(add_user_to(old, NULL, &error), TELEAI_ABORTED, "");
        cr_assert((error.flags & TELEAI_ERROR_RETRYABLE) != 0);
        teleai_close(old);
        /* Run again it is refused, as it should be; and what it deletes is counted. */
        OK(teleai_transaction_begin(scope, &options, &old, &error));
        LIMITED(add_user_to(old, NULL, &error), "max_users", "1 users");
        teleai_close(old);
        OK(teleai_transaction_begin(scope, &options, &old, &error));
        OK(teleai_user_delete(old, &user, &error));
        OK(add_user_to(old, NULL, &error));
        OK(teleai_transaction_commit(old, &error));
        teleai_close(old);
        USAGE("1 0 0.00");
        end();
        harness_sql("delete from users; delete from tenants where slug = 'acme'");
    }
}

/* ---- all at once ---- */

#define THREADS 8
#define EACH 10
#define PLACES 20

typedef struct comer {
    pthread_barrier_t *barrier;
    int made, limited, others;
} comer;

static void *come(void *argument) {
    comer *self = argument;
    pthread_barrier_wait(self->barrier);
    for (int i = 0; i < EACH; i++) {
        teleai_error why;
        teleai_status status = add_user_to(scope, NULL, &why);
        if (status == TELEAI_OK)
            self->made++;
        else if (status == TELEAI_LIMIT_EXCEEDED && strcmp(why.field, "max_users") == 0)
            self->limited++;
        else
            self->others++;
    }
    return NULL;
}

Test(tenant_limits, of_eight_who_come_at_once_as_many_get_in_as_there_are_places) {
    begin(INPUT(.max_users = PLACES, .has_max_users = true));
    pthread_t threads[THREADS];
    comer comers[THREADS];
    pthread_barrier_t barrier;
    int made = 0, limited = 0;
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        comers[i] = (comer){.barrier = &barrier};
        cr_assert(pthread_create(&threads[i], NULL, come, &comers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        made += comers[i].made;
        limited += comers[i].limited;
        cr_assert(comers[i].others == 0);
    }
    pthread_barrier_destroy(&barrier);
    cr_assert(made == PLACES && limited == THREADS * EACH - PLACES, "%d got in, %d did not", made, limited);
    ROWS("users", PLACES);
    USAGE("20 0 0.00");
    end();
}

/* ---- counting anew ---- */

static int64_t recount(const teleai_uuid *of) {
    int64_t wrong = -1;
    OK(teleai_tenant_usage_recount(db, of, &wrong, &error));
    return wrong;
}

static const teleai_health_findings *look_at_limits(void) {
    static teleai_health_findings *findings;
    teleai_health_options only = {.struct_size = sizeof only, .only = "limits"};
    teleai_health_findings_free(findings);
    OK(teleai_health_check(db, &only, &findings, &error));
    return findings;
}

/* Rows that come as a replica's, and rows that come while triggers are off, are not counted. */
Test(tenant_limits, what_was_not_counted_is_counted_anew) {
    begin(INPUT(.max_users = 9, .has_max_users = true));
    cr_assert(recount(NULL) == 0 && look_at_limits()->worst == TELEAI_HEALTH_OK);
    harness_sql(
        "set session_replication_role = replica; insert into users (tenant_id, email, password_hash, full_name) "
        "values ('%s', 'a@example.org', '!', 'A'); set session_replication_role = origin",
        id_text(&tenant));
    SAME_TEXT(harness_sql("select user_count from tenant_usage"), "0");
    const teleai_health_findings *found = look_at_limits();
    cr_assert(found->count == 1 && found->worst == TELEAI_HEALTH_WARNING);
    cr_assert(strstr(found->items[0]->subject, id_text(&tenant)) != NULL);
    harness_sql("%s", found->items[0]->remedy);
    SAME_TEXT(harness_sql("select user_count from tenant_usage"), "1");
    cr_assert(look_at_limits()->worst == TELEAI_HEALTH_OK);
    harness_sql("update tenant_usage set user_count = 7, storage_bytes = -1, audio_seconds = 'NaN'");
    cr_assert(look_at_limits()->worst == TELEAI_HEALTH_WARNING);
    cr_assert(recount(&tenant) == 1 && recount(&tenant) == 0);
    USAGE("1 0 0.00");
    /* A limit that is set again counts again. */
    harness_sql("update tenant_usage set user_count = 7");
    OK(teleai_tenant_update(db, &tenant, INPUT(.max_users = 9, .has_max_users = true), TELEAI_TENANT_FIELD_MAX_USERS,
                            NULL, NULL, &error));
    USAGE("1 0 0.00");
    /* Triggers that are off, or a replica's alone, and a row that is not there. */
    static const char *const spoilt[] = {
        "alter table users disable trigger users_count_inserted",
        "alter table audio_files enable replica trigger audio_files_recount",
        "delete from tenant_usage",
    };
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        harness_sql("%s", spoilt[i]);
        found = look_at_limits();
        cr_assert(found->worst == TELEAI_HEALTH_WARNING, "%s", spoilt[i]);
        if (i < 2)
            SAME_TEXT(found->items[0]->subject, "triggers");
        cr_assert(recount(NULL) == (i == 2), "%s", spoilt[i]);
        cr_assert(look_at_limits()->worst == TELEAI_HEALTH_OK, "%s", spoilt[i]);
        USAGE("1 0 0.00");
    }
    teleai_uuid none;
    teleai_uuid_make(&none);
    FAILS(teleai_tenant_usage_recount(db, &none, NULL, &error), TELEAI_NOT_FOUND, "");
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, NULL, &transaction, &error));
    FAILS(teleai_tenant_usage_recount(transaction, NULL, NULL, &error), TELEAI_CONFLICT, "");
    teleai_close(transaction);
    OK(teleai_tenant_update(db, &tenant, INPUT(.name = "A"), TELEAI_TENANT_FIELD_MAX_USERS, NULL, NULL, &error));
    ROWS("tenant_usage", 0);
    cr_assert(recount(NULL) == 0);
    end();
}

/* Beside writers who go on: spoilt and counted again and again, the count is right in the end. */
Test(tenant_limits, counting_anew_loses_nobody_who_comes_meanwhile) {
    begin(INPUT(.max_users = 10000, .has_max_users = true));
    pthread_t threads[THREADS];
    comer comers[THREADS];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
        comers[i] = (comer){.barrier = &barrier};
        cr_assert(pthread_create(&threads[i], NULL, come, &comers[i]) == 0);
    }
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 10; i++) {
        harness_sql("update tenant_usage set user_count = -5");
        (void)recount(i % 2 == 0 ? NULL : &tenant);
    }
    int made = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        made += comers[i].made;
        cr_assert(comers[i].others == 0);
    }
    pthread_barrier_destroy(&barrier);
    cr_assert(made == THREADS * EACH);
    USAGE("80 0 0.00");
    end();
}
