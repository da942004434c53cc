/* Snapshots that others read from, and checksums of tables: the same for the same rows, different for any other. */
#include <stdio.h>

#include "criterion_harness.h"

SERVER_SUITE(backup);

static teleai_table_checksums *sums;

static const teleai_table_checksum *of(const char *table) {
    for (size_t i = 0; i < sums->count; i++)
        if (strcmp(sums->items[i]->table, table) == 0)
            return sums->items[i];
    return NULL;
}

static void sum_up(teleai_client *client) {
    teleai_table_checksums_free(sums);
    OK(teleai_table_checksum_list(client, &sums, &error));
}

/* The checksum of a table, which lives until the next call but three. */
static const char *sum_of(const char *table) {
    static char texts[4][64];
    static unsigned next;
    char *text = texts[next++ % 4];
    sum_up(db);
    snprintf(text, sizeof texts[0], "%s", of(table)->checksum);
    return text;
}

static teleai_client *begin(void) {
    const teleai_transaction_options options = {.struct_size = sizeof options,
                                                .isolation = TELEAI_ISOLATION_REPEATABLE_READ};
    teleai_client *transaction;
    OK(teleai_transaction_begin(db, &options, &transaction, &error));
    return transaction;
}

Test(backup, a_snapshot_shows_others_the_same_rows) {
    teleai_uuid user;
    teleai_client *transaction = begin();
    teleai_snapshot *snapshot;
    OK(teleai_snapshot_export(transaction, &snapshot, &error));
    harness_user(db, &user); /* later than the snapshot */
    PGconn *other = harness_connect();
    char sql[200];
    snprintf(sql, sizeof sql,
             "begin isolation level repeatable read; set transaction snapshot '%s'; select count(*) from users",
             snapshot->id);
    PGresult *result = PQexec(other, sql);
    cr_assert(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(other));
    SAME_TEXT(PQgetvalue(result, 0, 0), "0");
    PQclear(result);
    PQfinish(other);
    sum_up(transaction);
    cr_assert(of("users")->rows == 0);
    sum_up(db);
    cr_assert(of("users")->rows == 1);
    teleai_close(transaction);
    teleai_snapshot_free(snapshot);
    teleai_snapshot_free(NULL);
    teleai_table_checksums_free(sums);
}

Test(backup, snapshots_are_of_transactions) {
    teleai_snapshot *none = (void *)1;
    teleai_client *transaction = begin(), *inner, *batch;
    FAILS(teleai_snapshot_export(db, &none, &error), TELEAI_CONFLICT, "");
    cr_assert(none == NULL);
    FAILS(teleai_snapshot_export(NULL, &none, &error), TELEAI_CLOSED, "");
    OK(teleai_transaction_begin(transaction, NULL, &inner, &error));
    FAILS(teleai_snapshot_export(inner, &none, &error), TELEAI_CONFLICT, "");
    teleai_close(inner);
    OK(teleai_snapshot_export(transaction, NULL, &error));
    teleai_close(transaction);
    OK(teleai_batch_open(db, NULL, &batch, &error));
    teleai_table_checksums *nothing = (void *)1;
    FAILS(teleai_table_checksum_list(batch, &nothing, &error), TELEAI_INVALID_ARGUMENT, "client");
    cr_assert(nothing == NULL);
    FAILS(teleai_table_checksum_list(db, NULL, &error), TELEAI_INVALID_ARGUMENT, "out");
    teleai_close(batch);
}

Test(backup, every_table_is_summed_up_and_every_change_shows) {
    teleai_uuid user, file, transcription;
    harness_user(db, &user);
    harness_audio_file(db, &user, &file);
    harness_transcription(db, &user, &file, "the heart", &transcription);
    harness_sql(
        "create table \"Some 'one''s own\" (t text, amount money, at timestamptz, share float8, bytes bytea, lasts "
        "interval);"
        "insert into \"Some 'one''s own\" values (null, 12.5, '2026-07-01 12:00+02', 0.1, '\\x00ff', '90 minutes'), "
        "('b', 1, 'infinity', 'nan', '', '1 year')");
    sum_up(db);
    cr_assert(sums->count == (size_t)atoi(harness_sql("select count(*) from pg_tables where schemaname = 'public'")));
    cr_assert(of("users")->rows == 1 && of("audio_files")->rows == 1 && of("analyses")->rows == 0);
    cr_assert(of("tenants")->rows == 1 && of("schema_migrations")->rows == 1 && of("Some 'one''s own")->rows == 2);
    for (size_t i = 0; i < sums->count; i++)
        cr_assert(strlen(sums->items[i]->checksum) == 32);
    const char *before = sum_of("transcriptions");
    harness_sql("update transcriptions set transcription_text = 'the Heart'");
    cr_assert(strcmp(before, sum_of("transcriptions")) != 0);
    harness_sql(
        "alter table transcriptions disable trigger all; update transcriptions set transcription_text = 'the heart', "
        "updated_at = created_at; update transcriptions set updated_at = created_at");
    before = sum_of("transcriptions");
    harness_sql("create table kept as table transcriptions; delete from transcriptions");
    cr_assert(strcmp(before, sum_of("transcriptions")) != 0);
    harness_sql("insert into transcriptions select * from kept");
    SAME_TEXT(sum_of("transcriptions"), before);
    /* Two rows that change places are the same rows, two that swap a value are not. */
    before = sum_of("Some 'one''s own");
    harness_sql("create table other as table \"Some 'one''s own\"; truncate \"Some 'one''s own\";"
                "insert into \"Some 'one''s own\" select * from other order by t desc nulls last");
    SAME_TEXT(sum_of("Some 'one''s own"), before);
    harness_sql(
        "update \"Some 'one''s own\" x set amount = (select amount from other o where o.t is distinct from x.t)");
    cr_assert(strcmp(before, sum_of("Some 'one''s own")) != 0);
    teleai_table_checksums_free(sums);
}

/* What a role has set for itself changes nothing, and is as before afterwards. */
Test(backup, settings_make_no_difference) {
    harness_sql("create table odd as select 12.5::money as amount, timestamptz '2026-07-01 12:00+02' as at, "
                "0.1::float8 / 3 as share, "
                "'\\x00ff'::bytea as bytes, interval '90 minutes' as lasts");
    const char *before = sum_of("odd");
    harness_sql("do $$ begin execute format('alter role teleai in database %%I set timezone = ''Asia/Tokyo''', "
                "current_database());"
                "execute format('alter role teleai in database %%I set extra_float_digits = -3', current_database());"
                "execute format('alter role teleai in database %%I set bytea_output = escape', current_database());"
                "execute format('alter role teleai in database %%I set datestyle = ''SQL, DMY''', current_database());"
                "execute format('alter role teleai in database %%I set intervalstyle = postgres_verbose', "
                "current_database()); end $$");
    teleai_close(db);
    OK(teleai_open(harness_database(), NULL, &db, &error));
    SAME_TEXT(sum_of("odd"), before);
    teleai_client *transaction = begin();
    sum_up(transaction);
    SAME_TEXT(of("odd")->checksum, before);
    OK(teleai_ping(transaction, &error));
    teleai_close(transaction);
    teleai_table_checksums_free(sums);
}

/* Rather none than those of one tenant's rows. */
Test(backup, row_security_refuses) {
    OK(teleai_row_security_enable(db, &error));
    teleai_client *bound, *transaction;
    OK(teleai_open(harness_database_as("teleai_app"), NULL, &bound, &error));
    FAILS(teleai_table_checksum_list(bound, &sums, &error), TELEAI_PERMISSION_DENIED, "");
    cr_assert(sums == NULL);
    OK(teleai_transaction_begin(bound, NULL, &transaction, &error));
    FAILS(teleai_table_checksum_list(transaction, &sums, &error), TELEAI_PERMISSION_DENIED, "");
    OK(teleai_ping(transaction, &error)); /* it goes on */
    teleai_close(transaction);
    teleai_close(bound);
    OK(teleai_row_security_disable(db, &error));
}

Test(backup, no_schema) {
    teleai_close(db);
    teleai_options options = {.struct_size = sizeof options, .schema = TELEAI_SCHEMA_IGNORE};
    OK(teleai_open(harness_empty_database(), &options, &db, &error));
    FAILS(teleai_table_checksum_list(db, &sums, &error), TELEAI_NOT_FOUND, "");
}
